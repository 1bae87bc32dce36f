#include "wire/positions_json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/random.h"

enum { ITEMS_MAX = 64 };

/* The bytes in a block of exactly their length, so that a byte too far is found. */
static char *copy_exactly(const char *text, size_t length)
{
    char *bytes = malloc(length + (length == 0));
    assert_non_null(bytes);
    memcpy(bytes, text, length);
    return bytes;
}

static enum status read_exactly(const char *text, struct position_report *items, uint32_t maximum, uint32_t *count,
                                struct error *error)
{
    size_t length = strlen(text);
    char *bytes = copy_exactly(text, length);
    enum status status = positions_json_read(bytes, length, items, maximum, count, error);
    free(bytes);
    return status;
}

static void test_what_is_said(void **state)
{
    (void)state;
    struct position_report items[ITEMS_MAX];
    struct error error;
    uint32_t count;
    const char *text = " [ {\"unit\":12,\"lon\":11.97,\"lat\":57.7,\"at\":\"2026-11-22T08:30:00Z\"},\r\n"
                       "\t{\"at\":null,\"lat\":-0.00000004,\"lon\":-179.99999995,\"unit\":4294967295} ,"
                       "{\"unit\":1,\"lon\":1.25e1,\"lat\":-5E-1,\"at\":\"2026-11-22T09:30:00.5+01:00\"},"
                       "{\"unit\":2,\"lon\":213.9999999,\"lat\":0}] ";
    assert_int_equal(read_exactly(text, items, ITEMS_MAX, &count, &error), STATUS_OK);
    assert_int_equal(count, 4);
    assert_int_equal(items[0].unit, 12);
    assert_int_equal(items[0].point.lon_e7, 119700000);
    assert_int_equal(items[0].point.lat_e7, 577000000);
    assert_int_equal(items[0].at.us, INT64_C(1795336200000000)); /* date -d 2026-11-22T08:30:00Z +%s */
    assert_int_equal(items[1].unit, UINT32_MAX);
    assert_int_equal(items[1].point.lon_e7, -1800000000);
    assert_int_equal(items[1].point.lat_e7, 0);
    assert_true(instant_is_none(items[1].at));
    assert_int_equal(items[2].point.lon_e7, 125000000);
    assert_int_equal(items[2].point.lat_e7, -5000000);
    assert_int_equal(items[2].at.us, items[0].at.us + 500000);
    assert_int_equal(items[3].point.lon_e7, 2139999999);
    assert_true(instant_is_none(items[3].at));
    assert_int_equal(read_exactly("[]", items, ITEMS_MAX, &count, &error), STATUS_OK);
    assert_int_equal(count, 0);
}

static const struct {
    const char *text, *wrong;
} refused[] = {
    { "", "position 1, byte 0: a list" },
    { "{}", "position 1, byte 0: a list" },
    { "[", "position 1, byte 1: an object" },
    { "[1]", "position 1, byte 1: an object" },
    { "[{}]", "a string" },
    { "[{\"unit\"}]", "a colon" },
    { "[{\"unit\":}]", "unit is a whole" },
    { "[{\"unit\":0,\"lon\":1,\"lat\":1}]", "unit is a whole" },
    { "[{\"unit\":01,\"lon\":1,\"lat\":1}]", "unit is a whole" },
    { "[{\"unit\":-1,\"lon\":1,\"lat\":1}]", "unit is a whole" },
    { "[{\"unit\":4294967296,\"lon\":1,\"lat\":1}]", "unit is a whole" },
    { "[{\"unit\":99999999999999999999999,\"lon\":1,\"lat\":1}]", "unit is a whole" },
    { "[{\"unit\":1.0,\"lon\":1,\"lat\":1}]", "unit is a whole" },
    { "[{\"unit\":1e0,\"lon\":1,\"lat\":1}]", "unit is a whole" },
    { "[{\"unit\":\"1\",\"lon\":1,\"lat\":1}]", "unit is a whole" },
    { "[{\"unit\":1,\"lon\":.5,\"lat\":1}]", "degrees" },
    { "[{\"unit\":1,\"lon\":5.,\"lat\":1}]", "digits" },
    { "[{\"unit\":1,\"lon\":+5,\"lat\":1}]", "degrees" },
    { "[{\"unit\":1,\"lon\":05,\"lat\":1}]", "degrees" },
    { "[{\"unit\":1,\"lon\":--5,\"lat\":1}]", "degrees" },
    { "[{\"unit\":1,\"lon\":214,\"lat\":1}]", "no coordinate" },
    { "[{\"unit\":1,\"lon\":1e400,\"lat\":1}]", "no coordinate" },
    { "[{\"unit\":1,\"lon\":1e,\"lat\":1}]", "degrees" },
    { "[{\"unit\":1,\"lon\":NaN,\"lat\":1}]", "degrees" },
    { "[{\"unit\":1,\"lon\":null,\"lat\":1}]", "degrees" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1,\"at\":1}]", "a string" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1,\"at\":\"now\"}]", "RFC 3339" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1,\"at\":\"2026-11-22T08:30:00\"}]", "RFC 3339" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1,\"at\":\"2026-11-22T08:30:00Z]", "does not end" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1,\"speed\":9}]", "the members are" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1,\"l\\u0061t\":9}]", "plain letters" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1,\"\xC3\xA9\":9}]", "plain letters" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1,\"lat\":2}]", "twice" },
    { "[{\"unit\":1,\"lon\":1}]", "are needed" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1,}]", "a string" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1 \"at\":null}]", "end of the object" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1},]", "position 2, byte 28: an object" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1}", "end of the list" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1}]]", "nothing may follow" },
    { "[{\"unit\":1,\"lon\":1,\"lat\":1}{\"unit\":1,\"lon\":1,\"lat\":1}]", "end of the list" },
};

static void test_what_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct position_report items[ITEMS_MAX];
        struct error error;
        uint32_t count = 7;
        assert_int_equal(read_exactly(refused[i].text, items, ITEMS_MAX, &count, &error), STATUS_BAD_INPUT);
        assert_int_equal(count, 0);
        if (strstr(error.text, refused[i].wrong) == NULL) {
            fail_msg("%s: %s", refused[i].text, error.text);
        }
    }
}

static void test_too_many(void **state)
{
    (void)state;
    struct position_report items[2];
    struct error error;
    uint32_t count;
    const char *three = "[{\"unit\":1,\"lon\":1,\"lat\":1},{\"unit\":1,\"lon\":1,\"lat\":1},{\"unit\":1,\"lon\":1,\"lat\":1}]";
    assert_int_equal(read_exactly(three, items, 2, &count, &error), STATUS_FULL);
    assert_int_equal(count, 0);
}

/* Every beginning of a good text is refused, and nothing behind its end is looked at. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    const char *text = "[{\"unit\":12,\"lon\":-1.5e1,\"lat\":57.25,\"at\":\"2026-11-22T08:30:00.123Z\"}]";
    for (size_t length = 0; length < strlen(text); length++) {
        char cut[128];
        struct position_report items[ITEMS_MAX];
        struct error error;
        uint32_t count;
        memcpy(cut, text, length);
        cut[length] = '\0';
        assert_int_equal(read_exactly(cut, items, ITEMS_MAX, &count, &error), STATUS_BAD_INPUT);
    }
}

/* Random numbers in all their spellings, against what jansson and rounding by the C library make of them. */
static void test_numbers_against_jansson(void **state)
{
    (void)state;
    static const char *const formats[] = { "%.0f", "%.1f", "%.5f", "%.7f", "%.8f", "%.15f", "%.17g", "%.3e", "%.25f" };
    struct random_stream stream;
    random_open(&stream, 120, 1, 0);
    for (int i = 0; i < 20000; i++) {
        char number[80], text[160];
        double value = (random_uniform(&stream) - 0.5) * (i % 3 == 0 ? 1e-5 : 426);
        snprintf(number, sizeof number, formats[i % 9], value);
        snprintf(text, sizeof text, "[{\"unit\":1,\"lon\":%s,\"lat\":0}]", number);
        struct position_report item;
        struct error error;
        uint32_t count;
        assert_int_equal(read_exactly(text, &item, 1, &count, &error), STATUS_OK);
        json_t *root = json_loads(text, 0, NULL);
        double wanted = json_number_value(json_object_get(json_array_get(root, 0), "lon")) * 1e7;
        json_decref(root);
        /* Halves may go either way: the double is not the decimal. */
        assert_true(fabs((double)item.point.lon_e7 - wanted) <= 0.5 + 1e-4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_said), cmocka_unit_test(test_what_is_refused),         cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_cut_anywhere), cmocka_unit_test(test_numbers_against_jansson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
