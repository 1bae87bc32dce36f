#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    int64_t us;
    const char *text;
} formatted[] = {
    { 0, "1970-01-01T00:00:00.000Z" },
    { -1, "1969-12-31T23:59:59.999Z" },
    { -1000000, "1969-12-31T23:59:59.000Z" },
    { 951782400000000 - 1, "2000-02-28T23:59:59.999Z" },
    { 951782400000000, "2000-02-29T00:00:00.000Z" },
    { 1795296605123999, "2026-11-21T21:30:05.123Z" },
    { 253402300799999999, "9999-12-31T23:59:59.999Z" },
    { 253402300800000000, "?" },
    { -62167219200000000, "0000-01-01T00:00:00.000Z" },
    { -62167219200000001, "?" },
    { INT64_MAX, "?" },
    { INT64_MIN, "?" },
};

static void test_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof formatted / sizeof *formatted; i++) {
        char text[INSTANT_TEXT_SIZE];
        instant_format((struct instant){ formatted[i].us }, text);
        assert_string_equal(text, formatted[i].text);
    }
}

static void test_arithmetic(void **state)
{
    (void)state;
    struct instant noon = { 12 * US_PER_HOUR };
    assert_int_equal(instant_add(noon, duration_seconds(90)).us, 12 * US_PER_HOUR + 90 * US_PER_SECOND);
    assert_int_equal(instant_since(instant_add(noon, duration_us(7)), noon).us, 7);
    assert_int_equal(duration_add(duration_seconds(1), duration_us(-1)).us, 999999);
    assert_true(instant_before(INSTANT_NONE, noon));
    assert_true(instant_before(noon, INSTANT_NEVER));
    assert_false(instant_before(noon, noon));
    assert_int_equal(instant_max(noon, INSTANT_NONE).us, noon.us);
    assert_true(instant_is_none(INSTANT_NONE));
    assert_false(instant_is_none(noon));
}

static void test_seconds_are_rounded_to_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(duration_from_seconds(1.0000004).us, 1000000);
    assert_int_equal(duration_from_seconds(1.0000006).us, 1000001);
    assert_int_equal(duration_from_seconds(-1.0000006).us, -1000001);
    assert_int_equal(duration_from_seconds(0.1).us, 100000);
    assert_true(duration_to_seconds(duration_us(2500000)) == 2.5);
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } right[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "2026-11-21T21:30:05.123Z", INT64_C(1795296605123000) }, /* date -d ... +%s */
        { "2026-11-22T05:30:05.123+08:00", INT64_C(1795296605123000) },
        { "2026-11-21T16:00:05.123456-05:30", INT64_C(1795296605123456) },
        { "2024-02-29T12:00:00Z", INT64_C(1709208000000000) },
        { "1969-12-31T23:59:59.5Z", -500000 },
    };
    static const char *const wrong[] = {
        "",
        "2026-11-21",
        "2026-11-21T21:30:05",
        "2026-11-21 21:30:05Z",
        "2026-02-29T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-00-01T12:00:00Z",
        "2026-01-00T12:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T21:30:05.Z",
        "2026-11-21T21:30:05.1234567Z",
        "2026-11-21T21:30:05+0800",
        "2026-11-21T21:30:05Zx",
    };
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct instant at = { 1 };
        assert_true(instant_parse(right[i].text, &at));
        assert_int_equal(at.us, right[i].us);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct instant at = { 1 };
        assert_false(instant_parse(wrong[i], &at));
        assert_int_equal(at.us, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_seconds_are_rounded_to_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
