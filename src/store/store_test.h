/* What the tests of the journal files share: a folder of their own, sample entries put in and looked at again. For *_test.c
 * only; cmocka.h must have been included before. */
#ifndef MINGDI_STORE_STORE_TEST_H
#define MINGDI_STORE_STORE_TEST_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/journal.h"
#include "store/sample.h"
#include "store/sqlite.h"

enum { TEST_SEED = 120 };

/* A fresh folder under TMPDIR, and the journal's path in it. */
struct test_folder {
    char folder[256], path[300];
};

static inline void test_folder_make(struct test_folder *test)
{
    const char *base = getenv("TMPDIR");
    snprintf(test->folder, sizeof test->folder, "%s/mingdi-store-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(test->folder));
    snprintf(test->path, sizeof test->path, "%s/journal.db", test->folder);
}

static inline void test_folder_empty(const struct test_folder *test)
{
    static const char *const suffixes[] = { "", "-wal", "-shm", "-journal", "-lock" };
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[320];
        snprintf(name, sizeof name, "%s%s", test->path, suffixes[i]);
        (void)unlink(name);
    }
}

/* Fails the test if anything is left in it that is not of a journal. */
static inline void test_folder_remove(const struct test_folder *test)
{
    test_folder_empty(test);
    assert_int_equal(rmdir(test->folder), 0);
}

static inline struct journal test_open(const char *path, struct journal_sqlite_options options)
{
    struct journal journal;
    struct error error = { 0 };
    if (journal_sqlite_open(&journal, path, &options, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return journal;
}

/* The status of an opening that must fail; the text is in error. */
static inline enum status test_open_fails(const char *path, struct journal_sqlite_options options, struct error *error)
{
    struct journal journal;
    enum status status = journal_sqlite_open(&journal, path, &options, error);
    if (status == STATUS_OK) {
        journal.close(journal.context);
    }
    return status;
}

static inline void test_append(const struct journal *journal, uint64_t first, uint64_t last)
{
    struct error error = { 0 };
    struct sample sample;
    for (uint64_t i = first; i <= last; i++) {
        if (journal->append(journal->context, sample_entry(&sample, i, TEST_SEED), &error) != STATUS_OK) {
            fail_msg("%s", error.text);
        }
    }
}

static inline void test_commit(const struct journal *journal, uint64_t expected)
{
    struct error error = { 0 };
    uint64_t durable = 0;
    if (journal->commit(journal->context, &durable, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(durable, expected);
}

struct test_reading {
    uint64_t next, count;
};

static inline enum status test_look(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct test_reading *reading = visitor;
    if (entry->sequence != reading->next || !sample_equals(entry, TEST_SEED)) {
        return error_set(error, STATUS_CORRUPT, __FILE__, __LINE__, "entry %" PRIu64 " is not what was appended", reading->next);
    }
    reading->next++;
    reading->count++;
    return STATUS_OK;
}

/* How many entries come back from there on, each compared with what was appended. */
static inline uint64_t test_read(const struct journal *journal, uint64_t from)
{
    struct error error = { 0 };
    struct test_reading reading = { .next = from > 1 ? from : 1 };
    if (journal->read(journal->context, from, test_look, &reading, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return reading.count;
}

/* Reopens for writing as after a crash, checks everything, returns the last sequence; the journal is closed again. */
static inline uint64_t test_recover(const char *path, const char *vfs)
{
    struct journal_report report;
    struct error error = { 0 };
    struct journal journal = test_open(path, (struct journal_sqlite_options){ .access = JOURNAL_WRITE_OR_CREATE, .vfs = vfs });
    if (journal_sqlite_verify(&journal, &report, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(test_read(&journal, 1), report.entries);
    assert_int_equal(report.last_sequence, report.entries);
    /* It must take more, and have them. */
    test_append(&journal, report.last_sequence + 1, report.last_sequence + 3);
    test_commit(&journal, report.last_sequence + 3);
    assert_int_equal(test_read(&journal, 1), report.entries + 3);
    journal.close(journal.context);
    return report.last_sequence;
}

#endif
