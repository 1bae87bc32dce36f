/* Every call that changes a file fails once, the disk fills up at every call, and the power goes at every call: nothing that
 * was acknowledged may be lost, and the journal must open again and take more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/fault_vfs.h"
#include "store/store_test.h"

enum { ENTRIES = 40, LOOPS_MAX = 5000 };
#define VFS_NAME "mingdi-fault"

/* What the caller of a journal was told. */
struct told {
    uint64_t acknowledged;
    bool created;
};

static enum status fill(struct journal *journal, struct told *told, struct error *error)
{
    struct sample sample;
    for (uint64_t i = 1; i <= ENTRIES; i++) {
        TRY(journal->append(journal->context, sample_entry(&sample, i, TEST_SEED), error));
        if (i % 4 == 0) {
            TRY(journal->commit(journal->context, &told->acknowledged, error));
        }
        if (i % 15 == 0) {
            TRY(journal->snapshot_write(journal->context, i, &i, sizeof i, error));
            told->acknowledged = i;
        }
    }
    TRY(journal_sqlite_set_final(journal, 1, error));
    told->acknowledged = ENTRIES;
    return STATUS_OK;
}

/* After a failure it must refuse, and say so. */
static void check_refusal(struct journal *journal)
{
    struct error error = { 0 };
    struct sample sample;
    uint64_t durable = 0;
    assert_int_not_equal(journal->append(journal->context, sample_entry(&sample, 1, TEST_SEED), &error), STATUS_OK);
    assert_int_not_equal(journal->commit(journal->context, &durable, &error), STATUS_OK);
    assert_non_null(strstr(error.text, "takes nothing more after a failure"));
}

/* A whole life of a journal on a faulty disk: false when nothing went wrong. */
static bool live(const char *path, bool bulk, struct told *told)
{
    struct error error = { 0 };
    struct journal journal;
    struct journal_sqlite_options options = {
        .access = JOURNAL_CREATE, .bulk = bulk, .flush_bytes = 1024, .wait_ms = 1, .vfs = VFS_NAME
    };
    *told = (struct told){ 0 };
    if (journal_sqlite_open(&journal, path, &options, &error) != STATUS_OK) {
        assert_true(error.status == STATUS_IO && error.text[0] != '\0');
        return true;
    }
    told->created = true;
    enum status status = fill(&journal, told, &error);
    if (status != STATUS_OK) {
        assert_int_equal(status, STATUS_IO);
        check_refusal(&journal);
    }
    journal.close(journal.context);
    return status != STATUS_OK;
}

/* On a disk that is sound again; the VFS only saves the time of real syncs. */
static void check_survivors(const char *path, const struct told *told)
{
    struct fault_vfs *vfs = NULL;
    struct error error = { 0 };
    assert_int_equal(fault_vfs_create(&vfs, VFS_NAME, FAULT_IO, 0, &error), STATUS_OK);
    uint64_t found = test_recover(path, VFS_NAME);
    fault_vfs_destroy(vfs);
    if (found < told->acknowledged) {
        fail_msg("%d acknowledged, %d found", (int)told->acknowledged, (int)found);
    }
    assert_true(found <= ENTRIES);
}

static void loop(bool bulk, enum fault_kind kind, bool power_cut)
{
    struct test_folder test = { .folder = "" };
    struct error error = { 0 };
    test_folder_make(&test);
    bool injected = true;
    uint64_t failures_seen = 0;
    for (uint64_t at = 1; injected; at++) {
        assert_true(at < LOOPS_MAX);
        struct fault_vfs *vfs = NULL;
        struct told told;
        assert_int_equal(fault_vfs_create(&vfs, VFS_NAME, kind, at, &error), STATUS_OK);
        bool failed = live(test.path, bulk, &told);
        injected = fault_vfs_injected(vfs);
        assert_true(injected || !failed);
        failures_seen += failed;
        if (power_cut) {
            assert_int_equal(fault_vfs_power_cut(vfs, at, &error), STATUS_OK);
        }
        fault_vfs_destroy(vfs);
        check_survivors(test.path, &told);
        test_folder_empty(&test);
    }
    assert_true(failures_seen > 20);
    test_folder_remove(&test);
}

static void every_change_fails_once(void **state)
{
    (void)state;
    loop(false, FAULT_IO, false);
}

static void every_change_of_a_bulk_writer_fails_once(void **state)
{
    (void)state;
    loop(true, FAULT_IO, false);
}

static void the_disk_fills_up(void **state)
{
    (void)state;
    loop(false, FAULT_FULL, false);
    loop(true, FAULT_FULL, false);
}

static void the_power_goes(void **state)
{
    (void)state;
    loop(false, FAULT_DEAD, true);
}

static void the_power_goes_on_a_bulk_writer(void **state)
{
    (void)state;
    loop(true, FAULT_DEAD, true);
}

static void a_full_disk_is_named(void **state)
{
    (void)state;
    struct test_folder test = { .folder = "" };
    struct error error = { 0 };
    struct fault_vfs *vfs = NULL;
    uint64_t durable = 0;
    test_folder_make(&test);
    struct journal journal = test_open(test.path, (struct journal_sqlite_options){ .access = JOURNAL_CREATE });
    journal.close(journal.context);
    assert_int_equal(fault_vfs_create(&vfs, VFS_NAME, FAULT_FULL, 2, &error), STATUS_OK);
    /* Opening makes the -wal file, the first change; the second is the commit's. */
    journal = test_open(test.path, (struct journal_sqlite_options){ .access = JOURNAL_WRITE, .vfs = VFS_NAME });
    test_append(&journal, 1, 1);
    assert_int_equal(journal.commit(journal.context, &durable, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "the disk is full"));
    journal.close(journal.context);
    fault_vfs_destroy(vfs);
    test_folder_empty(&test);
    test_folder_remove(&test);
}

static uint64_t reopen(const char *path, struct fault_vfs *vfs)
{
    struct journal_facts facts;
    fault_vfs_arm(vfs, FAULT_IO, 0);
    struct journal journal = test_open(path, (struct journal_sqlite_options){ .access = JOURNAL_WRITE, .vfs = VFS_NAME });
    journal_sqlite_facts(&journal, &facts);
    fault_vfs_arm(vfs, FAULT_DEAD, 1); /* it dies before it has written anything */
    journal.close(journal.context);
    return facts.last_sequence;
}

/* A commit whose sync failed may be there when the journal is opened again: from then on senders are told that it is done. So
 * it must be there for good, whatever happens before the next commit. */
static void what_a_reopening_shows_survives_the_power(void **state)
{
    (void)state;
    struct test_folder test = { .folder = "" };
    struct error error = { 0 };
    uint64_t shown_though_failed = 0;
    for (uint64_t at = 1; at <= 30; at++) {
        struct fault_vfs *vfs = NULL;
        uint64_t durable = 0;
        test_folder_make(&test);
        assert_int_equal(fault_vfs_create(&vfs, VFS_NAME, FAULT_IO, 0, &error), STATUS_OK);
        struct journal journal = test_open(test.path,
                                           (struct journal_sqlite_options){ .access = JOURNAL_CREATE, .vfs = VFS_NAME });
        test_append(&journal, 1, 1);
        assert_int_equal(journal.commit(journal.context, &durable, &error), STATUS_OK);
        fault_vfs_arm(vfs, FAULT_DEAD, 1 + at % 6);
        test_append(&journal, 2, 2);
        bool failed = journal.commit(journal.context, &durable, &error) != STATUS_OK;
        journal.close(journal.context);
        uint64_t shown = reopen(test.path, vfs);
        shown_though_failed += failed && shown == 2;
        assert_int_equal(fault_vfs_power_cut(vfs, at, &error), STATUS_OK);
        assert_int_equal(reopen(test.path, vfs), shown);
        fault_vfs_destroy(vfs);
        test_folder_empty(&test);
        test_folder_remove(&test);
    }
    assert_true(shown_though_failed > 0);
}

/* The canary: on the same disk a writer that does not sync before it acknowledges is found out. */
static void a_writer_that_does_not_sync_is_found_out(void **state)
{
    (void)state;
    struct test_folder test = { .folder = "" };
    struct error error = { 0 };
    struct fault_vfs *vfs = NULL;
    test_folder_make(&test);
    bool lost = false;
    for (uint64_t seed = 1; seed <= 20 && !lost; seed++) {
        sqlite3 *database = NULL;
        assert_int_equal(fault_vfs_create(&vfs, VFS_NAME, FAULT_DEAD, 40, &error), STATUS_OK);
        assert_int_equal(sqlite3_open_v2(test.path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, VFS_NAME), SQLITE_OK);
        assert_int_equal(
            sqlite3_exec(database, "CREATE TABLE t(x); PRAGMA journal_mode = wal; PRAGMA synchronous = OFF", NULL, NULL, NULL),
            SQLITE_OK);
        int acknowledged = 0;
        while (sqlite3_exec(database, "INSERT INTO t VALUES(1)", NULL, NULL, NULL) == SQLITE_OK) {
            acknowledged++;
        }
        sqlite3_close(database);
        assert_int_equal(fault_vfs_power_cut(vfs, seed, &error), STATUS_OK);
        fault_vfs_destroy(vfs);
        sqlite3_stmt *statement = NULL;
        assert_int_equal(sqlite3_open(test.path, &database), SQLITE_OK);
        lost = sqlite3_prepare_v2(database, "SELECT count(*) FROM t", -1, &statement, NULL) != SQLITE_OK ||
               sqlite3_step(statement) != SQLITE_ROW || sqlite3_column_int(statement, 0) < acknowledged;
        sqlite3_finalize(statement);
        sqlite3_close(database);
        test_folder_empty(&test);
    }
    assert_true(lost);
    test_folder_remove(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_fails_once),
        cmocka_unit_test(every_change_of_a_bulk_writer_fails_once),
        cmocka_unit_test(the_disk_fills_up),
        cmocka_unit_test(the_power_goes),
        cmocka_unit_test(the_power_goes_on_a_bulk_writer),
        cmocka_unit_test(a_full_disk_is_named),
        cmocka_unit_test(what_a_reopening_shows_survives_the_power),
        cmocka_unit_test(a_writer_that_does_not_sync_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
