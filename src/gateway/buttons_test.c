#include "gateway/buttons.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"

static const char *act_of(const struct buttons *buttons, enum button_source source, uint8_t type, const char *content)
{
    const struct button *button = buttons_find(buttons, source, type, (const uint8_t *)content, strlen(content));
    return button != NULL ? button->act : "none";
}

static void the_program_s_own_table(void **state)
{
    (void)state;
    struct buttons buttons;
    buttons_default(&buttons);
    assert_string_equal(act_of(&buttons, BUTTON_DATA, 0xF0, "\x01"), "acknowledge");
    assert_string_equal(act_of(&buttons, BUTTON_DATA, 0xF0, "\x08 and its time"), "end");
    assert_string_equal(act_of(&buttons, BUTTON_EVENT, 0, "\x0E"), "read");
    assert_string_equal(act_of(&buttons, BUTTON_DATA, 0xF0, "\x0F"), "none");
    assert_string_equal(act_of(&buttons, BUTTON_DATA, 0x41, "\x01"), "none");
    assert_string_equal(act_of(&buttons, BUTTON_DATA, 0xF0, ""), "none");
}

static enum status read_text(const char *text, struct buttons *buttons, struct error *error)
{
    char path[] = "/tmp/mingdi-buttons-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
    enum status status = buttons_read(buttons, path, error);
    assert_int_equal(unlink(path), 0);
    return status;
}

static void a_table_of_the_centre_s_own(void **state)
{
    (void)state;
    struct buttons buttons;
    struct error error = { .text = "" };
    assert_int_equal(read_text("source,type,code,act\n# the box of another maker, on the serial port\ndata,41,4131,depart\n"
                               "data,41,41,acknowledge\nevent,,07,arrive\n",
                               &buttons, &error),
                     STATUS_OK);
    assert_int_equal(buttons.count, 3);
    assert_string_equal(act_of(&buttons, BUTTON_DATA, 0x41, "A1"), "depart");
    assert_string_equal(act_of(&buttons, BUTTON_DATA, 0x41, "A2"), "acknowledge");
    assert_string_equal(act_of(&buttons, BUTTON_EVENT, 0, "\x07"), "arrive");
    assert_string_equal(act_of(&buttons, BUTTON_DATA, 0xF0, "\x01"), "none");
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        { "data,41,41,fly", "is no act" },    { "fax,41,41,depart", "source must be" }, { "data,4,41,depart", "hexadecimal" },
        { "data,41,,depart", "hexadecimal" }, { "event,41,41,depart", "hexadecimal" },  { "data,41,4g,depart", "hexadecimal" },
    };
    struct buttons buttons = { .count = 77 };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        char text[128];
        struct error error = { .text = "" };
        (void)snprintf(text, sizeof text, "source,type,code,act\n%s\n", wrong[i][0]);
        assert_int_equal(read_text(text, &buttons, &error), STATUS_BAD_INPUT);
        assert_non_null(strstr(error.text, wrong[i][1]));
        assert_non_null(strstr(error.text, ":2:"));
        assert_int_equal(buttons.count, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_s_own_table),
        cmocka_unit_test(a_table_of_the_centre_s_own),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
