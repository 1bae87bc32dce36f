#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "wire/parse.h"

static enum status parse(const char *bytes, struct error *error)
{
    json_t *root = NULL;
    enum status status = wire_parse_object(bytes, strlen(bytes), &root, error);
    assert_int_equal(status == STATUS_OK, root != NULL); /* on failure nothing is there to be freed, not even once more */
    if (status == STATUS_OK) {
        json_decref(root);
    }
    return status;
}

static void test_what_is_not_json(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",    "{",           "{\"a\":1,}",          "{'a':1}",          "{\"a\":1}x", "{\"a\":1,\"a\":2}",
        "nul", "{\"a\":NaN}", "{\"a\":\"\\u0000\"}", "{\"\xC0\x80\":1}", "{\"a\":01}", "{\"a\":99999999999999999999}"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct error error;
        assert_int_equal(parse(bad[i], &error), STATUS_CORRUPT);
        assert_non_null(strstr(error.text, "the body"));
    }
    struct error error;
    assert_int_equal(parse("[1]", &error), STATUS_BAD_INPUT);
    assert_int_equal(parse("{\"a\":[{}]}", &error), STATUS_OK);
}

/* {"a":[[...]]} of so many levels in all. */
static enum status parse_deep(int depth)
{
    char bytes[4096] = "{\"a\":";
    size_t length = strlen(bytes);
    memset(bytes + length, '[', (size_t)depth - 1);
    memset(bytes + length + (size_t)depth - 1, ']', (size_t)depth - 1);
    bytes[length + 2 * ((size_t)depth - 1)] = '}';
    struct error error;
    return parse(bytes, &error);
}

static void test_depth(void **state)
{
    (void)state;
    assert_int_equal(parse_deep(WIRE_DEPTH_MAX), STATUS_OK);
    assert_int_equal(parse_deep(WIRE_DEPTH_MAX + 1), STATUS_CORRUPT);
    struct error error;
    assert_int_equal(parse("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[\"}", &error), STATUS_OK);
}

/* What was sent must not stand in the text: it may be personal. */
static void test_texts_keep_quiet_about_values(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(parse("{\"name\":\"Smith\" \"home\":\"Main St 1\"}", &error), STATUS_CORRUPT);
    assert_null(strstr(error.text, "Smith"));
    assert_null(strstr(error.text, "Main"));
    assert_non_null(strstr(error.text, "line 1, column"));
}

static void test_members(void **state)
{
    (void)state;
    static const char *const names[] = { "number", "name", NULL };
    struct error error;
    json_t *root;
    const char *text = NULL;
    int64_t number = 5;
    bool flag = false;
    const char *body = "{\"name\":\"x\",\"count\":7,\"flag\":true,\"none\":null}";
    assert_int_equal(wire_parse_object(body, strlen(body), &root, &error), STATUS_OK);
    assert_int_equal(wire_text(root, (struct wire_member){ "name", false }, 2, &text, &error), STATUS_OK);
    assert_string_equal(text, "x");
    assert_int_equal(wire_text(root, (struct wire_member){ "name", false }, 1, &text, &error), STATUS_BAD_INPUT);
    assert_int_equal(wire_text(root, (struct wire_member){ "none", false }, 9, &text, &error), STATUS_BAD_INPUT);
    assert_string_equal(error.text, "none is missing");
    assert_int_equal(wire_int(root, (struct wire_member){ "none", true }, 0, 9, &number, &error), STATUS_OK);
    assert_int_equal(number, 5);
    assert_int_equal(wire_int(root, (struct wire_member){ "count", true }, 0, 6, &number, &error), STATUS_BAD_INPUT);
    assert_string_equal(error.text, "count must be a whole number from 0 to 6");
    assert_int_equal(wire_int(root, (struct wire_member){ "count", true }, 0, 7, &number, &error), STATUS_OK);
    assert_int_equal(number, 7);
    assert_int_equal(wire_bool(root, (struct wire_member){ "flag", false }, &flag, &error), STATUS_OK);
    assert_true(flag);
    assert_int_equal(wire_bool(root, (struct wire_member){ "count", false }, &flag, &error), STATUS_BAD_INPUT);
    assert_int_equal(wire_only_members(root, "", names, &error), STATUS_BAD_INPUT);
    json_decref(root);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = { "call_answer", "call_abandon", "unit_assign", NULL };
    assert_string_equal(wire_nearest("call_anwser", names), "call_answer");
    assert_string_equal(wire_nearest("unit_asign", names), "unit_assign");
    assert_null(wire_nearest("zzz", names));
    assert_null(wire_nearest("", names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_json),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_texts_keep_quiet_about_values),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
