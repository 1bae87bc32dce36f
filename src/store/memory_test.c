#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "store/memory.h"
#include "store/sample.h"

enum { SEED = 7 };

struct seen {
    uint64_t next, count, stop_at;
};

static enum status look(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct seen *seen = visitor;
    assert_true(entry->sequence == seen->next);
    assert_true(sample_equals(entry, SEED));
    seen->next++;
    seen->count++;
    return entry->sequence == seen->stop_at ? ERROR(error, STATUS_NOT_FOUND, "stopped") : STATUS_OK;
}

static struct journal filled(uint64_t count)
{
    struct journal journal;
    struct error error;
    struct sample sample;
    assert_int_equal(journal_memory_create(&journal, UINT64_MAX, &error), STATUS_OK);
    for (uint64_t i = 1; i <= count; i++) {
        assert_int_equal(journal.append(journal.context, sample_entry(&sample, i, SEED), &error), STATUS_OK);
    }
    return journal;
}

static uint64_t read_from(const struct journal *journal, uint64_t from)
{
    struct error error;
    struct seen seen = { .next = from > 0 ? from : 1 };
    assert_int_equal(journal->read(journal->context, from, look, &seen, &error), STATUS_OK);
    return seen.count;
}

static void empty_journal_reads_nothing(void **state)
{
    (void)state;
    struct error error;
    struct journal journal = filled(0);
    uint64_t durable = 99, sequence = 99;
    void *bytes = &durable;
    size_t size = 99;
    assert_int_equal(read_from(&journal, 0), 0);
    assert_int_equal(journal.commit(journal.context, &durable, &error), STATUS_OK);
    assert_int_equal(durable, 0);
    assert_int_equal(journal.snapshot_read(journal.context, &sequence, &bytes, &size, &error), STATUS_OK);
    assert_true(size == 0 && bytes == NULL);
    journal.close(journal.context);
}

/* 40,000 entries fill several chunks; every place to begin reading near a chunk's edge is met by stepping through. */
static void entries_come_back_in_order(void **state)
{
    (void)state;
    enum { COUNT = 40000 };
    struct journal journal = filled(COUNT);
    assert_true(journal_memory_bytes(&journal) > 3u * JOURNAL_MEMORY_CHUNK_SIZE);
    assert_int_equal(journal_memory_count(&journal), COUNT);
    assert_int_equal(read_from(&journal, 0), COUNT);
    for (uint64_t from = 1; from <= COUNT; from += 997) {
        assert_int_equal(read_from(&journal, from), COUNT - from + 1);
    }
    assert_int_equal(read_from(&journal, COUNT + 1), 0);
    journal.close(journal.context);
}

static void a_visit_that_fails_stops_the_reading(void **state)
{
    (void)state;
    struct error error;
    struct journal journal = filled(10);
    struct seen seen = { .next = 1, .stop_at = 4 };
    assert_int_equal(journal.read(journal.context, 1, look, &seen, &error), STATUS_NOT_FOUND);
    assert_int_equal(seen.count, 4);
    assert_string_equal(error.text, "stopped");
    journal.close(journal.context);
}

static void a_reset_journal_is_as_new(void **state)
{
    (void)state;
    struct error error;
    struct sample sample;
    struct journal journal = filled(20000);
    uint64_t bytes = journal_memory_bytes(&journal);
    assert_int_equal(journal.snapshot_write(journal.context, 20000, "x", 1, &error), STATUS_OK);
    journal_memory_reset(&journal);
    assert_int_equal(journal_memory_bytes(&journal), 0);
    assert_int_equal(read_from(&journal, 0), 0);
    for (uint64_t i = 1; i <= 20000; i++) {
        assert_int_equal(journal.append(journal.context, sample_entry(&sample, i, SEED), &error), STATUS_OK);
    }
    assert_int_equal(journal_memory_bytes(&journal), bytes);
    assert_int_equal(read_from(&journal, 0), 20000);
    uint64_t sequence = 0;
    void *snapshot = NULL;
    size_t size = 9;
    assert_int_equal(journal.snapshot_read(journal.context, &sequence, &snapshot, &size, &error), STATUS_OK);
    assert_int_equal(size, 0);
    journal.close(journal.context);
}

static void a_full_journal_refuses_and_stays_readable(void **state)
{
    (void)state;
    struct error error;
    struct sample sample;
    struct journal journal;
    assert_int_equal(journal_memory_create(&journal, 1000, &error), STATUS_OK);
    uint64_t count = 0;
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        status = journal.append(journal.context, sample_entry_200(&sample, count + 1), &error);
        count += status == STATUS_OK;
    }
    assert_int_equal(status, STATUS_FULL);
    assert_int_equal(count, 5);
    assert_int_equal(journal_memory_bytes(&journal), 1000);
    assert_string_equal(error.text, "journal in memory: entry 6 does not fit: the limit is 1000 bytes and 1000 are used");
    uint64_t durable = 0;
    assert_int_equal(journal.commit(journal.context, &durable, &error), STATUS_OK);
    assert_int_equal(durable, 5);
    journal.close(journal.context);
}

static void the_newest_snapshot_comes_back(void **state)
{
    (void)state;
    struct error error;
    struct journal journal = filled(9);
    assert_int_equal(journal.snapshot_write(journal.context, 3, "three", 6, &error), STATUS_OK);
    assert_int_equal(journal.snapshot_write(journal.context, 9, "nine", 5, &error), STATUS_OK);
    uint64_t sequence = 0;
    void *bytes = NULL;
    size_t size = 0;
    assert_int_equal(journal.snapshot_read(journal.context, &sequence, &bytes, &size, &error), STATUS_OK);
    assert_int_equal(sequence, 9);
    assert_int_equal(size, 5);
    assert_string_equal(bytes, "nine");
    free(bytes);
    journal.close(journal.context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_journal_reads_nothing),
        cmocka_unit_test(entries_come_back_in_order),
        cmocka_unit_test(a_visit_that_fails_stops_the_reading),
        cmocka_unit_test(a_reset_journal_is_as_new),
        cmocka_unit_test(a_full_journal_refuses_and_stays_readable),
        cmocka_unit_test(the_newest_snapshot_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
