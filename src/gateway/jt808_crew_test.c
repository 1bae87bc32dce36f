/* What makes a press the same press. */
#include "gateway/jt808_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "base/check.h"

static const uint8_t DEPART[] = { 0xF0, 2 }, ARRIVE[] = { 0xF0, 3 };

static struct press_name of_a_press(void)
{
    return (struct press_name){ .number = "13800138000",
                                .id = JT808_DATA_UP,
                                .serial = 7,
                                .content = DEPART,
                                .length = sizeof DEPART,
                                .hour = 490000,
                                .subject = 12 };
}

static void the_same_press_has_the_same_key(void **state)
{
    (void)state;
    char first[PRESS_KEY_SIZE], second[PRESS_KEY_SIZE];
    struct press_name name = of_a_press();
    jt808_press_key(&name, first);
    const uint8_t copy[] = { 0xF0, 2 };
    name.content = copy;
    jt808_press_key(&name, second);
    assert_string_equal(first, second);
    assert_true(strlen(first) <= 64); /* what an Idempotency-Key may have */
    for (const char *at = first; *at != '\0'; at++) {
        assert_true(isgraph((unsigned char)*at));
    }
}

static void whatever_differs_makes_another_key(void **state)
{
    (void)state;
    char keys[9][PRESS_KEY_SIZE];
    struct press_name names[9];
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        names[i] = of_a_press();
    }
    names[1].number = "13800138001";
    names[2].id = JT808_EVENT;
    names[3].serial = 8;
    names[4].content = ARRIVE;
    names[5].hour += 1;
    names[6].subject = 13; /* another mission, in the same hour, after the terminal has restarted */
    names[7].turn = 1;
    names[8].hour = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        jt808_press_key(&names[i], keys[i]);
        for (size_t before = 0; before < i; before++) {
            assert_string_not_equal(keys[before], keys[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_press_has_the_same_key),
        cmocka_unit_test(whatever_differs_makes_another_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
