#include "host/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/stream_test.h"

struct answers {
    int count;
    enum control_outcome outcome;
    uint32_t holder;
};

static void answered(void *context, enum control_outcome outcome, uint32_t holder)
{
    struct answers *answers = context;
    answers->count += 1;
    answers->outcome = outcome;
    answers->holder = holder;
}

static const struct instant NOON = { INT64_C(1795348800000000) };

/* Takes (or gives) and waits for the answer. */
static struct answers take(struct test_tables *test, enum control_kind kind, uint32_t id, uint32_t actor)
{
    struct answers answers = { .count = 0 };
    control_take(test->control, kind, id, actor, NOON, answered, &answers);
    test_clerk_wait(test, &answers.count, 1);
    return answers;
}

static struct answers give(struct test_tables *test, enum control_kind kind, uint32_t id, uint32_t actor, bool by_force)
{
    struct answers answers = { .count = 0 };
    control_give(test->control, kind, id, actor, by_force, answered, &answers);
    test_clerk_wait(test, &answers.count, 1);
    return answers;
}

static void check(struct answers answers, enum control_outcome outcome, uint32_t holder)
{
    assert_int_equal(answers.count, 1);
    assert_int_equal(answers.outcome, outcome);
    assert_int_equal(answers.holder, holder);
}

static bool always(void *context, enum control_kind kind, uint32_t id)
{
    (void)context, (void)kind, (void)id;
    return true;
}

static void check_json(const struct control *control, const char *wanted)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 20);
    json_init(&json, &text, 0);
    control_write_json(control, &json, NULL, always, NULL);
    assert_string_equal(text.bytes, wanted);
    text_free(&text);
}

static void restart(struct test_tables *test)
{
    struct error error;
    control_destroy(test->control);
    test_ok(control_create(test->sql, test->clerk, &test->control, &error), &error);
}

static void test_taken_and_given_back(void **state)
{
    (void)state;
    struct test_tables test;
    test_tables_make(&test, 1, 1);
    uint64_t version = control_version(test.control);
    check(give(&test, CONTROL_UNIT, 5, 7, false), CONTROL_NOT_HELD, 0);
    assert_int_equal(control_version(test.control), version);
    check(take(&test, CONTROL_UNIT, 5, 7), CONTROL_DONE, 7);
    assert_true(control_version(test.control) > version);
    check(take(&test, CONTROL_UNIT, 5, 7), CONTROL_DONE, 7);
    check(take(&test, CONTROL_UNIT, 5, 8), CONTROL_TAKEN_ALREADY, 7);
    check(take(&test, CONTROL_SEAT, 5, 8), CONTROL_DONE, 8);
    check(take(&test, CONTROL_UNIT, 4, 8), CONTROL_DONE, 8);
    check_json(test.control, "[{\"kind\":\"seat\",\"id\":5,\"actor\":8,\"since\":\"2026-11-22T12:00:00.000000Z\"},"
                             "{\"kind\":\"unit\",\"id\":4,\"actor\":8,\"since\":\"2026-11-22T12:00:00.000000Z\"},"
                             "{\"kind\":\"unit\",\"id\":5,\"actor\":7,\"since\":\"2026-11-22T12:00:00.000000Z\"}]");
    restart(&test);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 5), 7);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 4), 8);
    assert_int_equal(control_holder(test.control, CONTROL_SEAT, 5), 8);
    assert_int_equal(control_holder(test.control, CONTROL_FACILITY, 5), 0);
    check(give(&test, CONTROL_UNIT, 5, 8, false), CONTROL_TAKEN_ALREADY, 7);
    check(give(&test, CONTROL_UNIT, 5, 8, true), CONTROL_DONE, 0);
    check(give(&test, CONTROL_SEAT, 5, 8, false), CONTROL_DONE, 0);
    restart(&test);
    check_json(test.control, "[{\"kind\":\"unit\",\"id\":4,\"actor\":8,\"since\":\"2026-11-22T12:00:00.000000Z\"}]");
    test_tables_free(&test);
}

/* Two at once: one has it, the other is told to come again; before it is durable nobody has it. */
static void test_two_at_once(void **state)
{
    (void)state;
    struct test_tables test;
    struct answers first = { .count = 0 }, second = { .count = 0 };
    test_tables_make(&test, 1, 1);
    control_take(test.control, CONTROL_UNIT, 1, 7, NOON, answered, &first);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 1), 0);
    check_json(test.control, "[]");
    control_take(test.control, CONTROL_UNIT, 1, 8, NOON, answered, &second);
    check(second, CONTROL_NOT_STORED, 0);
    test_clerk_wait(&test, &first.count, 1);
    check(first, CONTROL_DONE, 7);
    first.count = second.count = 0;
    control_give(test.control, CONTROL_UNIT, 1, 7, false, answered, &first);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 1), 7);
    control_give(test.control, CONTROL_UNIT, 1, 7, false, answered, &second);
    check(second, CONTROL_NOT_STORED, 7);
    test_clerk_wait(&test, &first.count, 1);
    check(first, CONTROL_DONE, 0);
    test_tables_free(&test);
}

/* What cannot be stored has not happened. */
static void test_a_table_that_refuses(void **state)
{
    (void)state;
    struct test_tables test;
    struct error error;
    test_tables_make(&test, 1, 1);
    check(take(&test, CONTROL_UNIT, 2, 7), CONTROL_DONE, 7);
    test_ok(sql_run(test.sql, "ALTER TABLE control RENAME TO elsewhere", SQL_NO_PARAMETERS, NULL, &error), &error);
    uint64_t version = control_version(test.control);
    check(take(&test, CONTROL_UNIT, 1, 7), CONTROL_NOT_STORED, 0);
    check(give(&test, CONTROL_UNIT, 2, 7, false), CONTROL_NOT_STORED, 7);
    assert_int_equal(control_version(test.control), version);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 1), 0);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 2), 7);
    test_ok(sql_run(test.sql, "ALTER TABLE elsewhere RENAME TO control", SQL_NO_PARAMETERS, NULL, &error), &error);
    check(take(&test, CONTROL_UNIT, 1, 7), CONTROL_DONE, 7);
    test_tables_free(&test);
}

/* As many as there may be, and not one more; the rows are put there beforehand. */
static void test_full(void **state)
{
    (void)state;
    struct test_tables test;
    struct error error;
    test_tables_make(&test, 1, 1);
    test_ok(sql_run(test.sql,
                    "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 4096)"
                    " INSERT INTO control(kind, id, person, since) SELECT 'unit', id, 7, 0 FROM n",
                    SQL_NO_PARAMETERS, NULL, &error),
            &error);
    restart(&test);
    check(take(&test, CONTROL_SEAT, 1, 8), CONTROL_FULL, 0);
    check(take(&test, CONTROL_UNIT, 4096, 7), CONTROL_DONE, 7);
    check(give(&test, CONTROL_UNIT, 1, 7, false), CONTROL_DONE, 0);
    check(take(&test, CONTROL_SEAT, 1, 8), CONTROL_DONE, 8);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 2), 7);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 1), 0);
    test_tables_free(&test);
}

static uint32_t the_present;

static bool is_the_present(void *context, uint32_t actor)
{
    (void)context;
    return actor == the_present;
}

/* A look at that second; what it gave back is written. */
static void look(struct test_tables *test, int64_t second)
{
    control_tidy(test->control, second * US_PER_SECOND, CONTROL_ABSENT_US, is_the_present, NULL);
    struct answers last = { .count = 0 }; /* the clerk works in turn: behind this one all is written */
    control_take(test->control, CONTROL_SEAT, 9, 1, NOON, answered, &last);
    test_clerk_wait(test, &last.count, 1);
    (void)give(test, CONTROL_SEAT, 9, 1, false);
}

/* Unit 1 is held by a person who goes, unit 2 by one who reloads the page, unit 3 by a program without a stream. */
static void test_who_is_gone_gives_back(void **state)
{
    (void)state;
    struct test_tables test;
    test_tables_make(&test, 1, 1);
    check(take(&test, CONTROL_UNIT, 1, 7), CONTROL_DONE, 7);
    check(take(&test, CONTROL_UNIT, 3, 8), CONTROL_DONE, 8);
    look(&test, 1000); /* not come yet: he may take it before his page is there */
    look(&test, 2000);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 1), 7);
    the_present = 7;
    look(&test, 2001);
    the_present = 0;
    look(&test, 2002);
    look(&test, 2061);
    the_present = 7; /* back, a second before it is too late */
    look(&test, 2062);
    the_present = 0;
    look(&test, 2063);
    look(&test, 2122);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 1), 7);
    look(&test, 2123);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 1), 0);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 3), 8);
    /* Of those who had it before a restart nobody can say whether they were there. */
    check(take(&test, CONTROL_UNIT, 2, 9), CONTROL_DONE, 9);
    restart(&test);
    look(&test, 10);
    the_present = 9;
    look(&test, 40);
    look(&test, 70);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 2), 9);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 3), 0);
    restart(&test);
    assert_int_equal(control_holder(test.control, CONTROL_UNIT, 1), 0);
    test_tables_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken_and_given_back),   cmocka_unit_test(test_two_at_once),
        cmocka_unit_test(test_a_table_that_refuses),   cmocka_unit_test(test_full),
        cmocka_unit_test(test_who_is_gone_gives_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
