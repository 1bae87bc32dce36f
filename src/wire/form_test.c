#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "wire/form.h"

/* From date -u -d @seconds. */
static void test_instants_as_date_writes_them(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } known[] = {
        { 0, "1970-01-01T00:00:00.000000Z" },
        { -1, "1969-12-31T23:59:59.999999Z" },
        { INT64_C(1795336200123456), "2026-11-22T08:30:00.123456Z" },
        { INT64_C(951782400000000), "2000-02-29T00:00:00.000000Z" },
        { INT64_C(4107542399000001), "2100-02-28T23:59:59.000001Z" },
        { INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        char text[FORM_INSTANT_SIZE];
        struct instant at;
        assert_true(form_instant_text((struct instant){ known[i].us }, text));
        assert_string_equal(text, known[i].text);
        assert_true(form_instant_read(known[i].text, strlen(known[i].text), &at));
        assert_int_equal(at.us, known[i].us);
    }
}

/* The examples of RFC 3339, section 5.8, and what follows from them. */
static void test_instants_in_other_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *same;
    } pairs[] = {
        { "1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520000Z" },
        { "1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000000Z" },
        { "1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000000Z" },
        { "1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870000Z" },
        { "2026-11-22t08:30:00z", "2026-11-22T08:30:00.000000Z" },
        { "2026-11-22 16:30:00.1234567+08:00", "2026-11-22T08:30:00.123456Z" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        char text[FORM_INSTANT_SIZE];
        struct instant at;
        assert_true(form_instant_read(pairs[i].text, strlen(pairs[i].text), &at));
        assert_true(form_instant_text(at, text));
        assert_string_equal(text, pairs[i].same);
    }
}

static void test_what_is_no_instant(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "2026",
                                       "2026-11-22",
                                       "2026-11-22T08:30:00",
                                       "2026-11-22T08:30:00.Z",
                                       "2026-13-22T08:30:00Z",
                                       "2026-02-29T08:30:00Z",
                                       "2026-11-22T24:00:00Z",
                                       "2026-11-22T08:60:00Z",
                                       "2026-11-22T08:30:61Z",
                                       "0000-11-22T08:30:00Z",
                                       "2026-11-22T08:30:00+24:00",
                                       "2026-11-22T08:30:00+0800",
                                       "2026-11-22T08:30:00Z ",
                                       "+026-11-22T08:30:00Z",
                                       "2026-11-22T08:30:00.1e3Z" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct instant at = { 7 };
        assert_false(form_instant_read(bad[i], strlen(bad[i]), &at));
        assert_int_equal(at.us, 7);
    }
    char text[FORM_INSTANT_SIZE];
    assert_false(form_instant_text(INSTANT_NONE, text));
    assert_false(form_instant_text(INSTANT_NEVER, text));
}

static void write_values(struct json *json)
{
    static const struct schema_enum labels = { .name = "letters", .count = 3, .labels = { "a", NULL, "c" } };
    form_instant(json, "never", INSTANT_NEVER);
    form_instant(json, "at", (struct instant){ 0 });
    form_duration(json, "whole_s", duration_seconds(90));
    form_duration(json, "part_s", duration_us(-1500001));
    form_duration(json, "no_s", DURATION_UNREACHABLE);
    form_duration(json, "far_s", duration_us(INT64_MAX - 1));
    form_point(json, "point", (struct geo_point){ -119746000, 1 });
    form_set(json, "set", &labels, 7);
    form_set(json, "empty", &labels, 0);
    form_u64(json, "large", UINT64_C(0xfedcba9876543210));
}

static void test_values_by_hand(void **state)
{
    (void)state;
    struct text text;
    struct json json;
    text_init(&text, 4096);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    write_values(&json);
    json_object_end(&json);
    assert_string_equal(text.bytes, "{\"never\":null,\"at\":\"1970-01-01T00:00:00.000000Z\",\"whole_s\":90,\"part_s\":-1.500001,"
                                    "\"no_s\":null,\"far_s\":9223372036854,\"point\":{\"lon\":-11.9746,\"lat\":0.0000001},"
                                    "\"set\":[\"a\",\"c\"],\"empty\":[],\"large\":\"fedcba9876543210\"}");
    text_free(&text);
}

static void test_hexadecimal(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_true(form_u64_read("fedcba9876543210", 16, &value) && value == UINT64_C(0xfedcba9876543210));
    assert_true(form_u64_read("Ff", 2, &value) && value == 255);
    value = 7;
    assert_false(form_u64_read("", 0, &value));
    assert_false(form_u64_read("fedcba98765432100", 17, &value));
    assert_false(form_u64_read("0x12", 4, &value));
    assert_true(value == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instants_as_date_writes_them),
        cmocka_unit_test(test_instants_in_other_words),
        cmocka_unit_test(test_what_is_no_instant),
        cmocka_unit_test(test_values_by_hand),
        cmocka_unit_test(test_hexadecimal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
