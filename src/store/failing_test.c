#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/failing.h"
#include "store/memory.h"
#include "store/store_test.h"

enum { ENTRIES = 30, LOOPS_MAX = 1000 };

/* Appends ENTRIES, commits every third, keeps snapshots, reads now and then, until something fails. */
static enum status work(const struct journal *journal, struct error *error)
{
    struct sample sample;
    uint64_t durable = 0;
    for (uint64_t i = 1; i <= ENTRIES; i++) {
        TRY(journal->append(journal->context, sample_entry(&sample, i, TEST_SEED), error));
        if (i % 3 == 0) {
            TRY(journal->commit(journal->context, &durable, error));
        }
        if (i % 7 == 0) {
            TRY(journal->snapshot_write(journal->context, i, &i, sizeof i, error));
            struct test_reading reading = { .next = 1 };
            TRY(journal->read(journal->context, 1, test_look, &reading, error));
            void *bytes = NULL;
            size_t size = 0;
            TRY(journal->snapshot_read(journal->context, &durable, &bytes, &size, error));
            free(bytes);
        }
    }
    return STATUS_OK;
}

/* After the failure nothing more is taken, and what was acknowledged is there. */
static void check_after_failure(const struct journal *journal, const struct journal *inner)
{
    struct error error = { 0 };
    struct sample sample;
    uint64_t durable = 0;
    assert_int_equal(journal->append(journal->context, sample_entry(&sample, 1, TEST_SEED), &error), STATUS_IO);
    assert_int_equal(journal->commit(journal->context, &durable, &error), STATUS_IO);
    assert_int_equal(journal->snapshot_write(journal->context, 1, "x", 1, &error), STATUS_IO);
    assert_true(test_read(inner, 1) >= journal_failing_acknowledged(journal));
}

static void loop_in_memory(bool carried_out)
{
    struct error error = { 0 };
    uint64_t loops = 0;
    bool injected = true;
    while (injected) {
        struct journal inner;
        struct journal journal;
        struct journal_failing_plan plan = { .fail_at = ++loops, .carried_out = carried_out };
        assert_int_equal(journal_memory_create(&inner, UINT64_MAX, &error), STATUS_OK);
        assert_int_equal(journal_failing_create(&journal, &inner, plan, &error), STATUS_OK);
        enum status status = work(&journal, &error);
        injected = journal_failing_injected(&journal);
        assert_int_equal(status, injected ? STATUS_IO : STATUS_OK);
        if (injected) {
            assert_int_equal(journal_failing_calls(&journal), loops);
            check_after_failure(&journal, &inner);
        } else {
            assert_int_equal(test_read(&inner, 1), ENTRIES);
        }
        journal.close(journal.context);
        inner.close(inner.context);
        assert_true(loops < LOOPS_MAX);
    }
    assert_int_equal(loops, ENTRIES + ENTRIES / 3 + 3 * (ENTRIES / 7) + 1); /* every call has failed once */
}

static void every_call_fails_once_around_memory(void **state)
{
    (void)state;
    loop_in_memory(false);
    loop_in_memory(true);
}

static void a_crash_loses_what_was_not_committed(void **state)
{
    (void)state;
    struct error error = { 0 };
    struct journal inner;
    struct journal journal;
    assert_int_equal(journal_memory_create(&inner, UINT64_MAX, &error), STATUS_OK);
    assert_int_equal(journal_failing_create(&journal, &inner, (struct journal_failing_plan){ 0 }, &error), STATUS_OK);
    test_append(&journal, 1, 5);
    test_commit(&journal, 5);
    test_append(&journal, 6, 9);
    assert_int_equal(test_read(&journal, 1), 9);
    journal.close(journal.context);
    assert_int_equal(test_read(&inner, 1), 5);
    inner.close(inner.context);
}

/* The same loop around a file, which is opened again after each failure. */
static void loop_in_file(const struct test_folder *test, bool carried_out)
{
    struct error error = { 0 };
    bool injected = true;
    for (uint64_t loops = 1; injected; loops++) {
        assert_true(loops < LOOPS_MAX);
        struct journal inner = test_open(test->path, (struct journal_sqlite_options){ .access = JOURNAL_CREATE });
        struct journal journal;
        struct journal_failing_plan plan = { .fail_at = loops, .carried_out = carried_out };
        assert_int_equal(journal_failing_create(&journal, &inner, plan, &error), STATUS_OK);
        enum status status = work(&journal, &error);
        injected = journal_failing_injected(&journal);
        assert_int_equal(status, injected ? STATUS_IO : STATUS_OK);
        uint64_t acknowledged = journal_failing_acknowledged(&journal);
        journal.close(journal.context);
        inner.close(inner.context);
        uint64_t found = test_recover(test->path, NULL);
        assert_true(found >= acknowledged && found <= ENTRIES);
        test_folder_empty(test);
    }
}

static void every_call_fails_once_around_a_file(void **state)
{
    (void)state;
    struct test_folder test = { .folder = "" };
    test_folder_make(&test);
    loop_in_file(&test, false);
    loop_in_file(&test, true);
    test_folder_remove(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_fails_once_around_memory),
        cmocka_unit_test(a_crash_loses_what_was_not_committed),
        cmocka_unit_test(every_call_fails_once_around_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
