#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/store_test.h"

#define READ ((struct journal_sqlite_options){ .access = JOURNAL_READ })
#define WRITE ((struct journal_sqlite_options){ .access = JOURNAL_WRITE })
#define CREATE ((struct journal_sqlite_options){ .access = JOURNAL_CREATE })
#define BULK ((struct journal_sqlite_options){ .access = JOURNAL_CREATE, .bulk = true, .flush_bytes = 4096 })

static int setup(void **state)
{
    struct test_folder *test = malloc(sizeof *test);
    test_folder_make(test);
    *state = test;
    return 0;
}

static int teardown(void **state)
{
    test_folder_remove(*state);
    free(*state);
    return 0;
}

static const char *path_of(void **state) { return ((struct test_folder *)*state)->path; }

/* Changes the file behind the journal's back. */
static void tamper(const char *path, const char *sql)
{
    sqlite3 *database = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s", sql, message);
    }
    sqlite3_close(database);
}

/* A journal of count entries in commits of ten, closed. */
static void make(const char *path, struct journal_sqlite_options options, uint64_t count)
{
    struct journal journal = test_open(path, options);
    for (uint64_t first = 1; first <= count; first += 10) {
        uint64_t last = first + 9 < count ? first + 9 : count;
        test_append(&journal, first, last);
        test_commit(&journal, last);
    }
    journal.close(journal.context);
}

/* What verify says of the file. */
static enum status verify(const char *path, struct journal_report *report, struct error *error)
{
    struct journal journal;
    TRY(journal_sqlite_open(&journal, path, &READ, error));
    enum status status = journal_sqlite_verify(&journal, report, error);
    journal.close(journal.context);
    return status;
}

static void assert_broken(const char *path, const char *text)
{
    struct journal_report report;
    struct error error = { 0 };
    assert_int_equal(verify(path, &report, &error), STATUS_CORRUPT);
    if (strstr(error.text, text) == NULL) {
        fail_msg("'%s' does not say '%s'", error.text, text);
    }
}

static void assert_sound(const char *path, uint64_t entries)
{
    struct journal_report report = { 0 };
    struct error error = { 0 };
    if (verify(path, &report, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(report.entries, entries);
    assert_int_equal(report.last_sequence, entries);
    assert_int_equal(report.first_sequence, entries > 0);
}

static void committed_entries_come_back(void **state)
{
    const char *path = path_of(state);
    make(path, CREATE, 95);
    struct journal journal = test_open(path, READ);
    assert_int_equal(test_read(&journal, 0), 95);
    for (uint64_t from = 1; from <= 97; from++) {
        assert_int_equal(test_read(&journal, from), from <= 95 ? 96 - from : 0);
    }
    journal.close(journal.context);
    assert_sound(path, 95);
}

static void uncommitted_entries_are_dropped(void **state)
{
    const char *path = path_of(state);
    struct journal journal = test_open(path, CREATE);
    test_append(&journal, 1, 5);
    test_commit(&journal, 5);
    test_append(&journal, 6, 9);
    assert_int_equal(test_read(&journal, 1), 9); /* the writer sees them */
    assert_int_equal(test_read(&journal, 8), 2);
    journal.close(journal.context);
    assert_sound(path, 5);
}

static void groups_that_fill_up_become_rows_at_once(void **state)
{
    const char *path = path_of(state);
    struct journal_sqlite_options options = CREATE;
    options.flush_bytes = 2000;
    struct journal journal = test_open(path, options);
    test_append(&journal, 1, 100);
    assert_int_equal(test_read(&journal, 1), 100);
    test_commit(&journal, 100);
    test_append(&journal, 101, 200);
    journal.close(journal.context); /* rows that no commit followed go as well */
    assert_sound(path, 100);
}

static void a_commit_of_nothing_is_fine(void **state)
{
    struct journal journal = test_open(path_of(state), CREATE);
    test_commit(&journal, 0);
    test_append(&journal, 1, 1);
    test_commit(&journal, 1);
    test_commit(&journal, 1);
    journal.close(journal.context);
    assert_sound(path_of(state), 1);
}

static void a_reopened_journal_goes_on(void **state)
{
    const char *path = path_of(state);
    make(path, CREATE, 20);
    struct journal journal = test_open(path, WRITE);
    struct journal_facts facts;
    journal_sqlite_facts(&journal, &facts);
    assert_int_equal(facts.last_sequence, 20);
    test_append(&journal, 21, 33);
    test_commit(&journal, 33);
    journal.close(journal.context);
    assert_sound(path, 33);
}

static void an_empty_journal_is_sound(void **state)
{
    make(path_of(state), CREATE, 0);
    assert_sound(path_of(state), 0);
    struct journal journal = test_open(path_of(state), READ);
    assert_int_equal(test_read(&journal, 1), 0);
    journal.close(journal.context);
}

static void facts_are_kept(void **state)
{
    const char *path = path_of(state);
    struct limits limits = LIMITS_DEFAULT;
    limits.units = 77;
    struct journal_sqlite_options options = CREATE;
    options.limits = &limits;
    options.created_by = "a test of tests";
    options.policy = "nearest";
    struct journal journal = test_open(path, options);
    struct journal_facts facts;
    struct error error = { 0 };
    journal_sqlite_facts(&journal, &facts);
    assert_false(facts.final_known);
    test_append(&journal, 1, 4);
    assert_int_equal(journal_sqlite_set_final(&journal, UINT64_C(0xFEDCBA9876543210), &error), STATUS_OK);
    journal.close(journal.context);
    assert_sound(path, 4); /* set_final made them durable */
    journal = test_open(path, READ);
    journal_sqlite_facts(&journal, &facts);
    journal.close(journal.context);
    assert_true(facts.limits_known && facts.final_known);
    assert_memory_equal(&facts.limits, &limits, sizeof limits);
    assert_string_equal(facts.created_by, "a test of tests");
    assert_string_equal(facts.policy, "nearest");
    assert_int_equal(facts.final_sequence, 4);
    assert_true(facts.final_state_hash == UINT64_C(0xFEDCBA9876543210));
    assert_int_equal(facts.last_sequence, 4);
}

static void snapshots_come_back_newest_first(void **state)
{
    const char *path = path_of(state);
    struct error error = { 0 };
    struct journal journal = test_open(path, CREATE);
    test_append(&journal, 1, 30);
    for (uint64_t i = 10; i <= 30; i += 10) {
        char text[16];
        snprintf(text, sizeof text, "state %d", (int)i);
        assert_int_equal(journal.snapshot_write(journal.context, i, text, sizeof text, &error), STATUS_OK);
    }
    journal.close(journal.context);
    assert_sound(path, 30); /* a snapshot makes the entries durable that it holds */
    tamper(path, "UPDATE snapshot SET bytes = CAST(x'00' || substr(bytes, 2) AS BLOB) WHERE sequence = 30");
    assert_broken(path, "the snapshot after entry 30 is not what was written");
    journal = test_open(path, READ);
    uint64_t sequence = 0;
    void *bytes = NULL;
    size_t size = 0;
    assert_int_equal(journal.snapshot_read(journal.context, &sequence, &bytes, &size, &error), STATUS_OK);
    assert_int_equal(sequence, 20); /* the one before stands in */
    assert_string_equal(bytes, "state 20");
    free(bytes);
    journal.close(journal.context);
    tamper(path, "DELETE FROM snapshot WHERE sequence = 30; UPDATE snapshot SET sequence = 31");
    assert_broken(path, "entry 31 is missing: there is a snapshot after entry 31");
}

static void only_two_snapshots_are_kept(void **state)
{
    struct error error = { 0 };
    struct journal_report report;
    struct journal journal = test_open(path_of(state), CREATE);
    test_append(&journal, 1, 9);
    for (uint64_t i = 1; i <= 9; i++) {
        assert_int_equal(journal.snapshot_write(journal.context, i, "x", 1, &error), STATUS_OK);
    }
    assert_int_equal(journal_sqlite_verify(&journal, &report, &error), STATUS_OK);
    assert_int_equal(report.snapshots, 2);
    journal.close(journal.context);
}

/* Of older ones the first in each span, so that every state is near one. */
static void of_each_span_one_is_kept(void **state)
{
    struct error error = { 0 };
    struct journal_report report;
    struct journal_sqlite_options options = CREATE;
    options.snapshot_span = 10;
    struct journal journal = test_open(path_of(state), options);
    test_append(&journal, 1, 50);
    for (uint64_t i = 3; i <= 47; i += 4) { /* 3 7 11 15 19 23 27 31 35 39 43 47 */
        assert_int_equal(journal.snapshot_write(journal.context, i, &i, sizeof i, &error), STATUS_OK);
    }
    static const uint64_t nearest[][2] = { { 11, 0 },  { 12, 11 }, { 23, 11 }, { 24, 23 },         { 31, 23 },
                                           { 43, 31 }, { 44, 43 }, { 47, 43 }, { UINT64_MAX, 47 }, { 39, 31 } };
    for (size_t i = 0; i < sizeof nearest / sizeof nearest[0]; i++) {
        uint64_t sequence = 0;
        void *bytes = NULL;
        size_t size = 0;
        assert_int_equal(journal_sqlite_snapshot_before(&journal, nearest[i][0], &sequence, &bytes, &size, &error), STATUS_OK);
        assert_int_equal(sequence, nearest[i][1]);
        assert_true(sequence == 0 ? size == 0 : memcmp(bytes, &sequence, size) == 0);
        free(bytes);
    }
    assert_int_equal(journal_sqlite_verify(&journal, &report, &error), STATUS_OK);
    assert_int_equal(report.snapshots, 5); /* 11 23 31, and 43 47 */
    journal.close(journal.context);
}

static void others_read_while_one_writes(void **state)
{
    const char *path = path_of(state);
    struct error error = { 0 };
    struct journal writer = test_open(path, CREATE);
    test_append(&writer, 1, 10);
    test_commit(&writer, 10);
    struct journal reader = test_open(path, READ);
    assert_int_equal(test_read(&reader, 1), 10);
    test_append(&writer, 11, 20);
    assert_int_equal(test_read(&reader, 1), 10);
    test_commit(&writer, 20);
    assert_int_equal(test_read(&reader, 1), 20);
    struct sample sample;
    uint64_t durable = 0;
    assert_int_equal(reader.append(reader.context, sample_entry(&sample, 21, TEST_SEED), &error), STATUS_IO);
    assert_non_null(strstr(error.text, "reading only"));
    assert_int_equal(reader.commit(reader.context, &durable, &error), STATUS_IO);
    assert_int_equal(reader.snapshot_write(reader.context, 1, "x", 1, &error), STATUS_IO);
    reader.close(reader.context);
    writer.close(writer.context);
}

static void a_second_writer_is_kept_out(void **state)
{
    const char *path = path_of(state);
    struct error error = { 0 };
    struct journal writer = test_open(path, CREATE);
    assert_int_equal(test_open_fails(path, WRITE, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "in use by another process"));
    test_append(&writer, 1, 1);
    test_commit(&writer, 1);
    writer.close(writer.context);
    writer = test_open(path, WRITE);
    writer.close(writer.context);
    char lock[320];
    snprintf(lock, sizeof lock, "%s-lock", path);
    assert_false(file_exists(lock));
}

static void a_foreign_lock_is_reported(void **state)
{
    const char *path = path_of(state);
    struct error error = { 0 };
    struct journal_sqlite_options options = CREATE;
    options.wait_ms = 1;
    struct journal journal = test_open(path, options);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    test_append(&journal, 1, 1);
    uint64_t durable = 0;
    assert_int_equal(journal.commit(journal.context, &durable, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "cannot write: it is in use by another process"));
    sqlite3_close(other);
    assert_int_equal(journal.commit(journal.context, &durable, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "takes nothing more after a failure"));
    struct sample sample;
    assert_int_equal(journal.append(journal.context, sample_entry(&sample, 2, TEST_SEED), &error), STATUS_IO);
    journal.close(journal.context);
    assert_sound(path, 0);
}

/* A writer that got past the lock, as on a file system without locks. */
static void a_foreign_row_is_noticed_before_writing(void **state)
{
    const char *path = path_of(state);
    make(path, CREATE, 10);
    struct error error = { 0 };
    struct journal journal = test_open(path, WRITE);
    tamper(path, "INSERT INTO entry_group VALUES(11, 11, zeroblob(32), zeroblob(32), zeroblob(200))");
    test_append(&journal, 11, 11);
    uint64_t durable = 0;
    assert_int_equal(journal.commit(journal.context, &durable, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "another process has written"));
    journal.close(journal.context);
}

static void bulk_counts_at_commit_only(void **state)
{
    const char *path = path_of(state);
    struct error error = { 0 };
    struct journal journal = test_open(path, BULK);
    test_append(&journal, 1, 5000);
    test_commit(&journal, 5000);
    test_append(&journal, 5001, 9000);
    journal.close(journal.context);
    assert_sound(path, 5000);
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    struct journal_sqlite_options again = { .access = JOURNAL_WRITE, .bulk = true };
    journal = test_open(path, again);
    test_append(&journal, 5001, 5002);
    assert_int_equal(journal_sqlite_set_final(&journal, 1, &error), STATUS_OK);
    journal.close(journal.context);
    assert_sound(path, 5002);
    make(path, WRITE, 0); /* and a live writer may go on with it */
    assert_sound(path, 5002);
}

static void any_changed_row_is_named(void **state)
{
    const struct {
        const char *sql, *text;
    } cases[] = {
        { "UPDATE entry_group SET entries = CAST(substr(entries, 1, 40) || x'FF' || substr(entries, 42) AS BLOB) WHERE "
          "first_sequence = 31",
          "entry 31 (row 31 of entry_group): its checksum is wrong" },
        { "UPDATE entry_group SET entries = CAST(substr(entries, 1, length(entries) - 1) || x'77' AS BLOB) WHERE first_sequence "
          "= 31",
          "entry 40 (row 31 of entry_group): its checksum is wrong" },
        { "UPDATE entry_group SET entries = substr(entries, 1, length(entries) - 8) WHERE first_sequence = 31",
          "entry 40 (row 31 of entry_group): its size of" },
        { "UPDATE entry_group SET entries = CAST(entries || x'0000' AS BLOB) WHERE first_sequence = 31",
          "entry 41 (row 31 of entry_group): 2 bytes are left" },
        { "UPDATE entry_group SET entries = x'' WHERE first_sequence = 31",
          "entry 31 (row 31 of entry_group): its group holds no bytes" },
        { "UPDATE entry_group SET entries = (SELECT entries FROM entry_group WHERE first_sequence = 41) WHERE first_sequence = "
          "31",
          "entry 31 (row 31 of entry_group): entry 41 stands in its place" },
        { "UPDATE entry_group SET last_sequence = 41 WHERE first_sequence = 31",
          "entry 41 (row 31 of entry_group): its group ends before it" },
        { "UPDATE entry_group SET last_sequence = 30 WHERE first_sequence = 31", "its group is said to reach from 31 to 30" },
        { "UPDATE entry_group SET hash = zeroblob(32) WHERE first_sequence = 31",
          "entry 31 (row 31 of entry_group): the chain is broken: the hash of the group" },
        { "UPDATE entry_group SET hash = x'00' WHERE first_sequence = 31", "a hash of it is not 32 bytes" },
        { "UPDATE entry_group SET previous_hash = zeroblob(32) WHERE first_sequence = 31",
          "the chain is broken: it does not follow" },
        { "DELETE FROM entry_group WHERE first_sequence = 31",
          "entry 31 (row 41 of entry_group): the group that should hold it begins" },
        { "DELETE FROM entry_group WHERE first_sequence = 1",
          "entry 1 (row 11 of entry_group): the group that should hold it begins" },
        { "INSERT INTO entry_group SELECT -5, last_sequence, previous_hash, hash, entries FROM entry_group WHERE first_sequence "
          "= 1",
          "entry 1 (row -5 of entry_group)" },
        { "DELETE FROM entry_group WHERE first_sequence = 91", "entry 91 is missing: the journal was closed after entry 100" },
        { "DELETE FROM entry_group", "entry 1 is missing: the journal was closed after entry 100" },
    };
    const char *path = path_of(state);
    struct error error = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make(path, CREATE, 100);
        struct journal journal = test_open(path, WRITE);
        assert_int_equal(journal_sqlite_set_final(&journal, 1, &error), STATUS_OK);
        journal.close(journal.context);
        tamper(path, cases[i].sql);
        assert_broken(path, cases[i].text);
        test_folder_empty(*state);
    }
}

/* Every entry's own checksum can be made right again by a forger; only the chain then shows it. */
static void a_forged_entry_breaks_the_chain(void **state)
{
    const char *path = path_of(state);
    make(path, CREATE, 10);
    struct sample sample;
    const struct entry_head *forged = sample_entry(&sample, 1, TEST_SEED + 1);
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    struct sample honest;
    int honest_size = (int)sample_entry(&honest, 1, TEST_SEED)->size;
    assert_int_equal(sqlite3_prepare_v2(database, "UPDATE entry_group SET entries = CAST(?1 || substr(entries, ?2) AS BLOB)", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    sqlite3_bind_blob(statement, 1, forged, (int)forged->size, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, honest_size + 1);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    assert_broken(path, "the chain is broken: the hash of the group is not that of its bytes, though each entry is whole");
    struct error error = { 0 };
    assert_int_equal(test_open_fails(path, WRITE, &error), STATUS_CORRUPT); /* nothing is built on it */
}

static void reading_stops_at_the_first_broken_entry(void **state)
{
    const char *path = path_of(state);
    make(path, CREATE, 100);
    tamper(path, "UPDATE entry_group SET entries = CAST(substr(entries, 1, length(entries) - 1) || x'77' AS BLOB) WHERE "
                 "first_sequence = 51");
    struct journal journal = test_open(path, READ);
    struct error error = { 0 };
    struct test_reading reading = { .next = 1 };
    assert_int_equal(journal.read(journal.context, 1, test_look, &reading, &error), STATUS_CORRUPT);
    assert_int_equal(reading.count, 50); /* nothing of a broken group is handed on */
    assert_non_null(strstr(error.text, "entry 60"));
    reading = (struct test_reading){ .next = 61 };
    assert_int_equal(journal.read(journal.context, 61, test_look, &reading, &error), STATUS_OK);
    assert_int_equal(reading.count, 40);
    journal.close(journal.context);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    struct error error = { 0 };
    assert_int_equal(file_write_whole(path, bytes, size, &error), STATUS_OK);
}

static void what_is_no_journal_is_refused(void **state)
{
    const char *path = path_of(state);
    struct error error = { 0 };
    assert_int_equal(test_open_fails(path, READ, &error), STATUS_NOT_FOUND);
    assert_int_equal(test_open_fails(path, WRITE, &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "there is no such file"));
    write_file(path, "", 0);
    assert_int_equal(test_open_fails(path, READ, &error), STATUS_BAD_INPUT);
    char text[5000];
    memset(text, 'a', sizeof text);
    write_file(path, text, sizeof text);
    assert_int_equal(test_open_fails(path, READ, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "is no journal"));
    assert_int_equal(test_open_fails(path, CREATE, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "exists already"));
    test_folder_empty(*state);
    tamper(path, "CREATE TABLE other(x)");
    assert_int_equal(test_open_fails(path, READ, &error), STATUS_BAD_INPUT);
    assert_int_equal(test_open_fails(path, (struct journal_sqlite_options){ .access = JOURNAL_WRITE_OR_CREATE }, &error),
                     STATUS_BAD_INPUT);
    assert_int_equal(test_open_fails(((struct test_folder *)*state)->folder, READ, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "not a file"));
}

static void an_empty_file_may_be_created_over(void **state)
{
    write_file(path_of(state), "", 0);
    make(path_of(state), CREATE, 3);
    assert_sound(path_of(state), 3);
}

static void other_versions_are_refused(void **state)
{
    const struct {
        const char *sql, *text;
        enum status status;
    } cases[] = {
        { "PRAGMA application_id = 1", "a database of something else", STATUS_BAD_INPUT },
        { "PRAGMA user_version = 2", "is a journal of format 2; this program reads format 1", STATUS_VERSION },
        { "CREATE TRIGGER t AFTER INSERT ON entry_group BEGIN DELETE FROM entry_group; END", "its tables", STATUS_BAD_INPUT },
        { "DROP TABLE snapshot", "its tables", STATUS_BAD_INPUT },
        { "UPDATE meta SET value = value || 'event 9999 1 48 0 0 moon_landed' || char(10) WHERE name = 'schema'",
          "was written by a newer version: it may hold 'event 9999 1 48 0 0 moon_landed'", STATUS_VERSION },
        { "UPDATE meta SET value = replace(value, 'command 10 1 ', 'command 10 2 ') WHERE name = 'schema'", "newer version",
          STATUS_VERSION },
        { "UPDATE meta SET value = replace(value, 'command 10 1 48 ', 'command 10 1 40 ') WHERE name = 'schema'",
          "was written by another version: 'command 10 1 40", STATUS_VERSION },
        { "UPDATE meta SET value = 'nonsense' WHERE name = 'schema'", "cannot be read", STATUS_CORRUPT },
        { "DELETE FROM meta WHERE name = 'schema'", "does not tell the schema", STATUS_CORRUPT },
        { "INSERT INTO meta VALUES('limits', 'calls=-')", "'limits' in meta cannot be read", STATUS_CORRUPT },
    };
    const char *path = path_of(state);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = { 0 };
        make(path, CREATE, 10);
        tamper(path, cases[i].sql);
        assert_int_equal(test_open_fails(path, READ, &error), cases[i].status);
        if (strstr(error.text, cases[i].text) == NULL) {
            fail_msg("'%s' does not say '%s'", error.text, cases[i].text);
        }
        assert_int_equal(test_open_fails(path, WRITE, &error), cases[i].status);
        test_folder_empty(*state);
    }
}

/* A journal from before a kind was added is read, and tells the new schema once it is written to. */
static void an_older_schema_is_taken_along(void **state)
{
    const char *path = path_of(state);
    make(path, CREATE, 10);
    tamper(path, "UPDATE meta SET value = substr(value, instr(value, char(10)) + 1) WHERE name = 'schema'");
    assert_sound(path, 10);
    make(path, WRITE, 0);
    tamper(path, "CREATE TEMP TABLE t(x NOT NULL); INSERT INTO t SELECT CASE WHEN substr(value, 1, 9) = 'command 1' THEN 1 END"
                 " FROM meta WHERE name = 'schema'");
    assert_sound(path, 10);
}

/* A journal from before there were protocols gets the room for them that a new one has. */
static void older_limits_are_completed(void **state)
{
    const char *path = path_of(state);
    struct limits limits = LIMITS_DEFAULT;
    struct journal_sqlite_options options = CREATE;
    options.limits = &limits;
    struct journal journal = test_open(path, options);
    journal.close(journal.context);
    tamper(path, "UPDATE meta SET value = substr(value, 1, instr(value, ' protocols=') - 1) WHERE name = 'limits'");
    journal = test_open(path, READ);
    struct journal_facts facts;
    journal_sqlite_facts(&journal, &facts);
    journal.close(journal.context);
    assert_true(facts.limits_known);
    assert_memory_equal(&facts.limits, &limits, sizeof limits);
}

/* Strange names are names of files, never of SQLite's special databases. */
static void strange_paths_are_files(void **state)
{
    const struct test_folder *test = *state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(test->folder), 0);
    static const char *const names[] = { ":memory:", "file:x?mode=memory", "a b%c" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        make(names[i], BULK, 10);
        assert_sound(names[i], 10);
        char name[64];
        snprintf(name, sizeof name, "./%s", names[i]);
        assert_int_equal(unlink(name), 0);
    }
    assert_int_equal(chdir(before), 0);
}

static void a_journal_in_a_locked_folder_is_read(void **state)
{
    const struct test_folder *test = *state;
    if (geteuid() == 0) {
        skip(); /* root may write everywhere */
    }
    make(test->path, CREATE, 10);
    assert_int_equal(chmod(test->folder, 0555), 0);
    struct error error = { 0 };
    struct journal_report report;
    enum status status = verify(test->path, &report, &error);
    enum status writing = test_open_fails(test->path, WRITE, &error);
    assert_int_equal(chmod(test->folder, 0755), 0);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(writing, STATUS_IO);
}

/* Any byte of the file changed, and any end cut off: either the entries are what they were, or an error says otherwise; the
 * program never stumbles. Every 7th byte, so that every place of a small structure is met somewhere. */
static void damaged_bytes_are_harmless(void **state)
{
    const struct test_folder *test = *state;
    make(test->path, BULK, 40); /* one file, nothing beside it */
    tamper(test->path, "PRAGMA page_size = 1024; VACUUM");
    struct file_view view;
    struct error error = { 0 };
    assert_int_equal(file_view_open(&view, test->path, &error), STATUS_OK);
    unsigned char *bytes = malloc(view.size);
    size_t noticed = 0;
    size_t tried = 0;
    for (size_t i = 0; i < view.size; i += 7) {
        memcpy(bytes, view.bytes, view.size);
        bytes[i] ^= (unsigned char)(1u << (i / 7 % 8));
        bool cut = i % 5 == 0;
        write_file(test->path, bytes, cut ? i : view.size);
        struct journal journal;
        enum status status = journal_sqlite_open(&journal, test->path, &READ, &error);
        if (status == STATUS_OK) {
            struct test_reading reading = { .next = 1 };
            struct journal_report report;
            status = journal.read(journal.context, 1, test_look, &reading, &error);
            /* Without a clean close nobody can tell that the end is missing. */
            assert_true(status != STATUS_OK || reading.count == 40 || reading.count % 10 == 0);
            enum status verified = journal_sqlite_verify(&journal, &report, &error);
            assert_true(verified != STATUS_OK || report.entries % 10 == 0);
            journal.close(journal.context);
        }
        noticed += status != STATUS_OK;
        tried++;
    }
    assert_true(noticed > tried / 2);
    free(bytes);
    file_view_close(&view);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(committed_entries_come_back),
        TEST(uncommitted_entries_are_dropped),
        TEST(groups_that_fill_up_become_rows_at_once),
        TEST(a_commit_of_nothing_is_fine),
        TEST(a_reopened_journal_goes_on),
        TEST(an_empty_journal_is_sound),
        TEST(facts_are_kept),
        TEST(snapshots_come_back_newest_first),
        TEST(only_two_snapshots_are_kept),
        TEST(of_each_span_one_is_kept),
        TEST(others_read_while_one_writes),
        TEST(a_second_writer_is_kept_out),
        TEST(a_foreign_lock_is_reported),
        TEST(a_foreign_row_is_noticed_before_writing),
        TEST(bulk_counts_at_commit_only),
        TEST(any_changed_row_is_named),
        TEST(a_forged_entry_breaks_the_chain),
        TEST(reading_stops_at_the_first_broken_entry),
        TEST(what_is_no_journal_is_refused),
        TEST(an_empty_file_may_be_created_over),
        TEST(other_versions_are_refused),
        TEST(an_older_schema_is_taken_along),
        TEST(older_limits_are_completed),
        TEST(strange_paths_are_files),
        TEST(a_journal_in_a_locked_folder_is_read),
        TEST(damaged_bytes_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
