#include "host/terminals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/stream_test.h"

static const struct instant NOON = { INT64_C(1795348800000000) };

struct answers {
    int count;
    enum terminals_outcome outcome;
    uint32_t id;
};

static void answered(void *context, enum terminals_outcome outcome, uint32_t id)
{
    struct answers *answers = context;
    *answers = (struct answers){ answers->count + 1, outcome, id };
}

static struct terminal terminal_of(const char *number, const char *device, uint32_t unit)
{
    struct terminal terminal = { .kind = TERMINAL_JT808, .unit = unit, .added_at = NOON };
    (void)snprintf(terminal.number, sizeof terminal.number, "%s", number);
    (void)snprintf(terminal.device, sizeof terminal.device, "%s", device);
    return terminal;
}

static struct answers add(struct test_tables *test, struct terminals *terminals, const char *number, uint32_t unit)
{
    struct answers answers = { .count = 0 };
    struct terminal terminal = terminal_of(number, "", unit);
    terminals_add(terminals, &terminal, 7, false, answered, &answers);
    test_clerk_wait(test, &answers.count, 1);
    return answers;
}

static struct answers take_out(struct test_tables *test, struct terminals *terminals, uint32_t id)
{
    struct answers answers = { .count = 0 };
    terminals_remove(terminals, id, 7, false, answered, &answers);
    test_clerk_wait(test, &answers.count, 1);
    return answers;
}

static struct terminals *open_list(struct test_tables *test)
{
    struct terminals *terminals;
    struct error error;
    test_ok(terminals_create(test->sql, test->clerk, NOON, &terminals, &error), &error);
    return terminals;
}

static void check_json(const struct terminals *terminals, uint32_t after, uint32_t limit, const char *wanted)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 20);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    terminals_write_json(terminals, &json, after, limit);
    json_object_end(&json);
    assert_string_equal(text.bytes, wanted);
    text_free(&text);
}

#define ROW(id, number, unit)                                                                        \
    "{\"id\":" id ",\"kind\":\"jt808\",\"number\":\"" number "\",\"device\":\"\",\"unit\":" unit "," \
    "\"added_at\":\"2026-11-22T12:00:00.000000Z\"}"

static void a_list_that_outlives_a_restart(void **state)
{
    (void)state;
    struct test_tables test;
    test_tables_make(&test, 1, 1);
    struct terminals *terminals = open_list(&test);
    int64_t version = terminals_version(terminals);
    struct answers first = add(&test, terminals, "13800138000", 1), second = add(&test, terminals, "13800138001", 2);
    assert_int_equal(first.outcome, TERMINALS_DONE);
    assert_int_equal(second.id, first.id + 1);
    assert_true(terminals_version(terminals) > version);
    version = terminals_version(terminals);
    assert_int_equal(add(&test, terminals, "13800138000", 2).outcome, TERMINALS_NUMBER_TAKEN);
    assert_int_equal(take_out(&test, terminals, 99).outcome, TERMINALS_NOT_THERE);
    assert_int_equal(terminals_version(terminals), version);
    terminals_destroy(terminals);

    terminals = open_list(&test);
    check_json(terminals, 0, 1, "{\"items\":[" ROW("1", "13800138000", "1") "],\"next\":1}");
    check_json(terminals, 1, 1, "{\"items\":[" ROW("2", "13800138001", "2") "],\"next\":null}");
    assert_int_equal(take_out(&test, terminals, first.id).outcome, TERMINALS_DONE);
    assert_int_equal(terminals_count(terminals), 1);
    assert_int_equal(add(&test, terminals, "13800138000", 2).outcome, TERMINALS_DONE);
    terminals_destroy(terminals);
    test_tables_free(&test);
}

static void forms_of_numbers(void **state)
{
    (void)state;
    struct terminal terminal = terminal_of("00000000013800138000", "A1-x", 1);
    assert_true(terminal_is_sound(&terminal));
    assert_string_equal(terminal.number, "13800138000");
    static const char *const wrong[] = { "", "000", "1380 0138000", "+8613800138000", "123456789012345678901" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        terminal = terminal_of(wrong[i], "", 1);
        assert_false(terminal_is_sound(&terminal));
    }
    terminal = terminal_of("1", "a b", 1);
    assert_false(terminal_is_sound(&terminal));
}

static void note(struct terminals *terminals, const char *number)
{
    struct terminal_unknown unknown = { .kind = TERMINAL_JT808, .seen_at = NOON };
    (void)snprintf(unknown.number, sizeof unknown.number, "%s", number);
    terminals_note_unknown(terminals, &unknown);
}

static void unknown_ones(void **state)
{
    (void)state;
    struct test_tables test;
    test_tables_make(&test, 1, 1);
    struct terminals *terminals = open_list(&test);
    for (int i = 0; i < TERMINALS_UNKNOWN_MAX + 10; i++) {
        char number[32];
        (void)snprintf(number, sizeof number, "9%d", i);
        note(terminals, number);
    }
    assert_int_equal(terminals_unknown_count(terminals), TERMINALS_UNKNOWN_MAX);
    note(terminals, "9200");
    assert_int_equal(terminals_unknown_count(terminals), TERMINALS_UNKNOWN_MAX);
    struct text text;
    struct json json;
    text_init(&text, 1 << 20);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    terminals_write_unknown(terminals, &json);
    json_object_end(&json);
    static const char begin[] =
        "{\"items\":[{\"kind\":\"jt808\",\"number\":\"9200\",\"device\":\"\",\"plate\":\"\","
        "\"seen_at\":\"2026-11-22T12:00:00.000000Z\",\"times\":2},{\"kind\":\"jt808\",\"number\":\"9265\"";
    assert_memory_equal(text.bytes, begin, strlen(begin));
    text_free(&text);
    assert_int_equal(add(&test, terminals, "9200", 1).outcome, TERMINALS_DONE);
    assert_int_equal(terminals_unknown_count(terminals), TERMINALS_UNKNOWN_MAX - 1);
    note(terminals, "9200");
    assert_int_equal(terminals_unknown_count(terminals), TERMINALS_UNKNOWN_MAX - 1);
    terminals_destroy(terminals);
    test_tables_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_outlives_a_restart),
        cmocka_unit_test(forms_of_numbers),
        cmocka_unit_test(unknown_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
