/* What the tests of the report share: a store in a folder of its own, whose journal holds what a core decided on random commands.
 * For *_test.c only; cmocka.h must have been included before. */
#ifndef MINGDI_HOST_REPORT_TEST_H
#define MINGDI_HOST_REPORT_TEST_H

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "core/test_random.h"
#include "host/projector.h"
#include "host/report_rows.h"
#include "store/store.h"

enum { WAIT_TRIES = 30000, DISTRICTS = 3 };

struct report_test {
    char folder[256];
    struct store store;
};

static inline void report_test_make(struct report_test *test)
{
    const char *base = getenv("TMPDIR");
    struct error error;
    snprintf(test->folder, sizeof test->folder, "%s/mingdi-report-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(test->folder));
    assert_int_equal(store_parse(test->folder, NULL, false, &test->store, &error), STATUS_OK);
}

static inline void report_test_unlink(const struct report_test *test, const char *file)
{
    char name[320];
    snprintf(name, sizeof name, "%s/%s", test->folder, file);
    (void)unlink(name);
}

static inline void report_test_remove(const struct report_test *test)
{
    static const char *const files[] = { "journal.db",         "journal.db-wal",    "journal.db-shm",
                                         "journal.db-journal", "report.db",         "report.db-wal",
                                         "report.db-shm",      "report.db-journal", "journal.db-lock" };
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        report_test_unlink(test, files[i]);
    }
    assert_int_equal(rmdir(test->folder), 0);
}

static inline void must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fail_msg("%s", error->text);
    }
}

/* ---- a random centre ---- */

static inline void random_centre_begin(struct centre *centre, uint64_t *seed)
{
    static const struct limits limits = { .calls = 64,
                                          .incidents = 64,
                                          .units = 12,
                                          .posts = 4,
                                          .facilities = 4,
                                          .keys = 8,
                                          .alarms = 64,
                                          .reserved_percent = 10,
                                          .protocols = 3,
                                          .protocol_answers = 20 };
    centre_create(centre, limits);
    DO(centre, CENTRE_OPEN, centre_open, ADMIN, .city_fingerprint = 1);
    centre_rules_with(centre, (uint8_t)random_below(seed, 2), 600, 0);
    DO(centre, POST_ADD, post_add, ADMIN, .point = { 1, 1 });
    for (uint32_t i = 0; i < 8; i++) {
        DO(centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = 3);
        DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { i + 1 }, .what = UNIT_EVENT_START_SHIFT);
    }
    DO(centre, FACILITY_ADD, facility_add, ADMIN, .capabilities = 3, .tier = TIER_TIER_3);
}

/* Until the journal holds so many entries. */
static inline void random_centre_run(struct centre *centre, uint64_t *seed, uint64_t entries)
{
    _Alignas(8) unsigned char bytes[RANDOM_COMMAND_SIZE];
    while (centre->log.count < entries) {
        centre->now.us += (int64_t)random_below(seed, 20) * US_PER_SECOND + random_below(seed, 1000000);
        struct command_head *head = random_sensible(seed, centre->core, bytes);
        if (head->kind == COMMAND_CALL_LOCATE) {
            struct command_call_locate *locate = (struct command_call_locate *)(void *)head;
            locate->point = (struct geo_point){ 116 * 10000000, 39 * 10000000 };
            locate->district = random_below(seed, DISTRICTS + 2);
        }
        if (random_below(seed, 5) == 0) {
            head->occurred_at.us = centre->now.us - (int64_t)random_below(seed, 60) * US_PER_SECOND;
        }
        struct step_result result;
        struct error error;
        must(engine_step(centre->engine, head, head->size, centre->now, &result, &error), &error);
    }
}

/* Puts the entries [from, to] into the journal of the store, a group each now and then. */
static inline void store_entries(const struct journal *journal, const struct centre *centre, uint64_t from, uint64_t to)
{
    struct error error;
    uint64_t durable = 0;
    size_t at = 0;
    for (uint64_t sequence = 1; sequence <= to; sequence++) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(centre->log.bytes + at);
        at += entry->size;
        if (sequence < from) {
            continue;
        }
        must(journal->append(journal->context, entry, &error), &error);
        if (sequence % 50 == 0 || sequence == to) {
            must(journal->commit(journal->context, &durable, &error), &error);
        }
    }
    assert_true(durable == to);
}

static inline struct journal store_journal_make(const struct store *store)
{
    struct error error;
    struct journal journal;
    must(store_journal_open(store, JOURNAL_CREATE, NULL, &journal, &error), &error);
    return journal;
}

/* A journal with all entries of the centre. */
static inline void store_centre(const struct store *store, const struct centre *centre)
{
    struct journal journal = store_journal_make(store);
    store_entries(&journal, centre, 1, centre->log.count);
    journal.close(journal.context);
}

/* ---- the projector ---- */

static inline void wait_a_moment(void) { nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL); }

static inline void await_reached(struct projector *projector, uint64_t sequence)
{
    char trouble[PROJECTOR_TROUBLE_SIZE] = "";
    for (int i = 0; i < WAIT_TRIES; i++) {
        if (projector_reached(projector, trouble, sizeof trouble) >= sequence) {
            return;
        }
        wait_a_moment();
    }
    fail_msg("the tables did not come to entry %llu: %s", (unsigned long long)sequence, trouble);
}

/* Brings the report of a store up to its journal. */
static inline void project(const struct store *store, const struct centre *centre)
{
    struct error error;
    struct projector *projector = NULL;
    must(projector_create(store, &centre->limits, &projector, &error), &error);
    await_reached(projector, centre->log.count);
    projector_destroy(projector);
}

static inline struct sql *open_report(const struct store *store, bool read_only)
{
    struct error error;
    struct sql *sql = NULL;
    must(store_tables_open(store, SQL_REPORT, read_only, &sql, &error), &error);
    return sql;
}

#endif
