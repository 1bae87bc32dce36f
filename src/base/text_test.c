#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_appends(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, 100000);
    text_puts(&text, "a");
    text_printf(&text, "%d-%s", 17, "b");
    text_append(&text, "c\0d", 3);
    assert_int_equal(text.length, 8);
    assert_memory_equal(text.bytes, "a17-bc\0d", 9);
    text_clear(&text);
    assert_string_equal(text.bytes, "");
    for (int i = 0; i < 20000; i++) {
        text_puts(&text, "12345");
    }
    assert_int_equal(text.length, 100000);
    assert_false(text.failed);
    text_free(&text);
}

static void test_stops_at_its_maximum_and_stays_stopped(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, 8);
    text_puts(&text, "12345678");
    assert_false(text.failed);
    text_puts(&text, "9");
    assert_true(text.failed);
    assert_string_equal(text.bytes, "12345678");
    text_clear(&text);
    text_puts(&text, "1234567");
    text_printf(&text, "%s", "89");
    assert_true(text.failed);
    text_puts(&text, "8"); /* would fit, but something is missing before it */
    assert_string_equal(text.bytes, "1234567");
    text_free(&text);
}

static void test_utf8(void **state)
{
    (void)state;
    static const char *const good[] = { "",
                                        "a\x7F",
                                        "\xC2\x80",
                                        "\xDF\xBF",
                                        "\xE0\xA0\x80",
                                        "\xED\x9F\xBF",
                                        "\xEF\xBF\xBF",
                                        "\xF0\x90\x80\x80",
                                        "\xF4\x8F\xBF\xBF",
                                        "\xE9\xB8\xA3\xE7\xAC\x9B" };
    static const char *const bad[] = { "\x80",
                                       "\xC1\xBF",
                                       "\xC3",
                                       "\xC3(",
                                       "\xE0\x9F\xBF",
                                       "\xED\xA0\x80",
                                       "\xF0\x8F\xBF\xBF",
                                       "\xF4\x90\x80\x80",
                                       "\xF5\x80\x80\x80",
                                       "\xFF",
                                       "a\xE9\xB8" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(utf8_is_valid(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_appends),
        cmocka_unit_test(test_stops_at_its_maximum_and_stays_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
