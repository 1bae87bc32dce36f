#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/random.h"

static void test_nesting_and_commas(void **state)
{
    (void)state;
    struct text text;
    struct json json;
    text_init(&text, 10000);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    json_int(&json, "a", -9223372036854775807 - 1);
    json_array_begin(&json, "b");
    json_array_end(&json);
    json_array_begin(&json, "c");
    json_bool(&json, NULL, true);
    json_none(&json, NULL);
    json_object_begin(&json, NULL);
    json_object_end(&json);
    json_array_end(&json);
    json_text(&json, "d", "\"\\\n\x01/");
    json_raw(&json, "e", "[2]!", 3);
    json_object_end(&json);
    assert_string_equal(text.bytes,
                        "{\"a\":-9223372036854775808,\"b\":[],\"c\":[true,null,{}],\"d\":\"\\\"\\\\\\u000a\\u0001/\",\"e\":[2]}");
    text_free(&text);
}

static void test_indented(void **state)
{
    (void)state;
    struct text text;
    struct json json;
    text_init(&text, 10000);
    json_init(&json, &text, 2);
    json_object_begin(&json, NULL);
    json_array_begin(&json, "a");
    json_int(&json, NULL, 1);
    json_int(&json, NULL, 2);
    json_array_end(&json);
    json_object_end(&json);
    assert_string_equal(text.bytes, "{\n  \"a\": [\n    1,\n    2\n  ]\n}");
    text_free(&text);
}

static const struct {
    double value;
    int decimals;
    const char *text;
} numbers[] = {
    { 1.5, 3, "1.5" },
    { 2.0, 3, "2" },
    { 100, 0, "100" },
    { -0.0, 2, "0" },
    { -0.0001, 2, "0" },
    { 0.1 + 0.2, 9, "0.3" },
    { 1e15, 1, "1000000000000000" },
    { NAN, 3, "null" },
    { INFINITY, 3, "null" },
    { -2.25, 1, "-2.2" },
    { 10, 2, "10" },
};

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct text text;
        struct json json;
        text_init(&text, 1000);
        json_init(&json, &text, 0);
        json_number(&json, NULL, numbers[i].value, numbers[i].decimals);
        assert_string_equal(text.bytes, numbers[i].text);
        text_free(&text);
    }
}

static void test_coordinates_without_floating_point(void **state)
{
    (void)state;
    struct text text;
    struct json json;
    text_init(&text, 1000);
    json_init(&json, &text, 0);
    json_array_begin(&json, NULL);
    const int64_t values[] = { 119745679, -86100000, 0, 1, -1, 1800000000, INT64_MIN };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        json_e7(&json, NULL, values[i]);
    }
    json_array_end(&json);
    assert_string_equal(text.bytes, "[11.9745679,-8.61,0,0.0000001,-0.0000001,180,-922337203685.4775808]");
    text_free(&text);
}

/* Random bytes, every kind of broken UTF-8 among them, must come out as JSON that a strict reader takes, and valid text must
 * come back unchanged. */
static void test_another_reader_takes_whatever_was_written(void **state)
{
    (void)state;
    struct random_stream stream;
    random_open(&stream, 4, 2, 0);
    for (int round = 0; round < 2000; round++) {
        char bytes[64];
        size_t length = random_u64(&stream) % sizeof bytes;
        for (size_t i = 0; i < length; i++) {
            uint64_t draw = random_u64(&stream);
            bytes[i] = (char)(draw % 3 == 0 ? draw >> 8 : draw % 3 == 1 ? 0x80 | (draw >> 8) : 0xE0 | (draw >> 8 & 0x1F));
        }
        struct text text;
        struct json json;
        text_init(&text, 10000);
        json_init(&json, &text, round % 3);
        json_object_begin(&json, NULL);
        json_text_n(&json, "k", bytes, length);
        json_number(&json, "n", (random_uniform(&stream) - 0.5) * pow(10, (double)(random_u64(&stream) % 40)), 6);
        json_object_end(&json);
        assert_false(text.failed);
        json_error_t why;
        json_t *read = json_loadb(text.bytes, text.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL,
                                  &why);
        assert_non_null(read);
        assert_true(json_is_string(json_object_get(read, "k")));
        json_decref(read);
        text_free(&text);
    }
}

static void test_valid_text_comes_back(void **state)
{
    (void)state;
    const char *const texts[] = {
        "鸣笛", "naïve Göteborg", "\xF0\x9F\x9A\x91", "\x7F", "a/b", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct text text;
        struct json json;
        text_init(&text, 1000);
        json_init(&json, &text, 0);
        json_array_begin(&json, NULL);
        json_text(&json, NULL, texts[i]);
        json_array_end(&json);
        json_error_t why;
        json_t *read = json_loads(text.bytes, 0, &why);
        assert_non_null(read);
        assert_string_equal(json_string_value(json_array_get(read, 0)), texts[i]);
        json_decref(read);
        text_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nesting_and_commas),
        cmocka_unit_test(test_indented),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_coordinates_without_floating_point),
        cmocka_unit_test(test_another_reader_takes_whatever_was_written),
        cmocka_unit_test(test_valid_text_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
