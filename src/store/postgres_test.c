/* The journal in PostgreSQL, on a server of the test's own that is restarted, killed and cut off. MINGDI_LONG=1 kills it 40 times
 * under load instead of 4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "store/postgres_server_test.h"
#include "store/store.h"
#include "store/store_test.h"

static struct postgres_server server;
static int schema_number;

struct test {
    struct store store;
    char schema[32];
    struct error error;
};

static int setup(void **state)
{
    struct test *test = calloc(1, sizeof *test);
    char url[256];
    snprintf(test->schema, sizeof test->schema, "j%d", ++schema_number);
    postgres_server_url(&server, test->schema, url, sizeof url);
    assert_int_equal(store_parse(NULL, url, false, &test->store, &test->error), STATUS_OK);
    *state = test;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static struct journal open_with(struct test *test, enum journal_access access, struct journal_options options)
{
    struct journal journal;
    if (store_journal_open(&test->store, access, &options, &journal, &test->error) != STATUS_OK) {
        fail_msg("%s", test->error.text);
    }
    return journal;
}

static struct journal open_journal(struct test *test, enum journal_access access)
{
    return open_with(test, access, (struct journal_options){ 0 });
}

static enum status open_fails(struct test *test, enum journal_access access)
{
    struct journal journal;
    struct journal_options options = { .wait_ms = 100 };
    enum status status = store_journal_open(&test->store, access, &options, &journal, &test->error);
    if (status == STATUS_OK) {
        journal.close(journal.context);
    }
    return status;
}

/* A journal of count entries in commits of ten, closed. */
static void make(struct test *test, uint64_t count)
{
    struct journal journal = open_journal(test, JOURNAL_WRITE_OR_CREATE);
    for (uint64_t first = 1; first <= count; first += 10) {
        uint64_t last = first + 9 < count ? first + 9 : count;
        test_append(&journal, first, last);
        test_commit(&journal, last);
    }
    journal.close(journal.context);
}

static enum status verify(struct test *test, struct journal_report *report)
{
    struct journal journal = open_journal(test, JOURNAL_READ);
    enum status status = store_journal_verify(&journal, report, &test->error);
    journal.close(journal.context);
    return status;
}

static struct journal_report assert_sound(struct test *test, uint64_t entries)
{
    struct journal_report report = { 0 };
    if (verify(test, &report) != STATUS_OK) {
        fail_msg("%s", test->error.text);
    }
    assert_int_equal(report.entries, entries);
    assert_int_equal(report.last_sequence, entries);
    return report;
}

static void assert_says(const struct test *test, const char *text)
{
    if (strstr(test->error.text, text) == NULL) {
        fail_msg("'%s' does not say '%s'", test->error.text, text);
    }
}

/* Behind the journal's back, in its schema. */
static void tamper(const struct test *test, const char *sql)
{
    char text[1024];
    snprintf(text, sizeof text, "SET search_path = %s; %s", test->schema, sql);
    postgres_server_sql(&server, text, NULL, 0);
}

/* ---- as a file does ---- */

static void committed_entries_come_back(void **state)
{
    struct test *test = *state;
    make(test, 95);
    struct journal journal = open_journal(test, JOURNAL_READ);
    assert_int_equal(test_read(&journal, 0), 95);
    for (uint64_t from = 1; from <= 97; from++) {
        assert_int_equal(test_read(&journal, from), from <= 95 ? 96 - from : 0);
    }
    assert_int_equal(journal.append(journal.context, NULL, &test->error), STATUS_IO);
    journal.close(journal.context);
    assert_sound(test, 95);
}

static void uncommitted_entries_are_dropped(void **state)
{
    struct test *test = *state;
    struct journal journal = open_with(test, JOURNAL_CREATE, (struct journal_options){ .flush_bytes = 2000 });
    test_append(&journal, 1, 5);
    test_commit(&journal, 5);
    test_append(&journal, 6, 9);
    assert_int_equal(test_read(&journal, 1), 9); /* the writer sees them */
    test_append(&journal, 10, 100);              /* many rows, in a transaction that nobody commits */
    assert_int_equal(test_read(&journal, 1), 100);
    assert_sound(test, 5); /* a reader beside it does not */
    journal.close(journal.context);
    assert_sound(test, 5);
    journal = open_with(test, JOURNAL_WRITE, (struct journal_options){ .flush_bytes = 2000 });
    test_append(&journal, 6, 100);
    test_commit(&journal, 100);
    test_commit(&journal, 100);
    journal.close(journal.context);
    assert_sound(test, 100);
}

/* Reading goes by pages: more rows than one looks at, and rows of which one fills it. */
static void long_journals_are_read_by_pages(void **state)
{
    struct test *test = *state;
    struct journal journal = open_with(test, JOURNAL_CREATE, (struct journal_options){ .flush_bytes = 8 << 20 });
    for (uint64_t i = 1; i <= 1500; i++) {
        test_append(&journal, i, i);
        test_commit(&journal, i);
    }
    for (uint64_t i = 0; i < 4; i++) {
        test_append(&journal, 1501 + 10000 * i, 1500 + 10000 * (i + 1));
        test_commit(&journal, 1500 + 10000 * (i + 1));
    }
    journal.close(journal.context);
    struct journal_report report = assert_sound(test, 41500);
    assert_int_equal(report.groups, 1504);
    assert_true(report.bytes > 12 << 20);
    journal = open_journal(test, JOURNAL_READ);
    assert_int_equal(test_read(&journal, 1400), 41500 - 1399);
    assert_int_equal(test_read(&journal, 20000), 41500 - 19999);
    journal.close(journal.context);
}

static void access_is_what_was_asked_for(void **state)
{
    struct test *test = *state;
    assert_int_equal(open_fails(test, JOURNAL_READ), STATUS_NOT_FOUND);
    assert_int_equal(open_fails(test, JOURNAL_WRITE), STATUS_NOT_FOUND);
    make(test, 0);
    assert_sound(test, 0);
    assert_int_equal(open_fails(test, JOURNAL_CREATE), STATUS_BAD_INPUT);
    make(test, 10);
    assert_int_equal(open_fails(test, JOURNAL_CREATE), STATUS_BAD_INPUT);
    assert_sound(test, 10);
}

static void facts_are_kept(void **state)
{
    struct test *test = *state;
    const struct limits limits = { .calls = 64, .incidents = 64, .units = 8, .posts = 2, .keys = 64, .reserved_percent = 5 };
    struct journal_options options = { .created_by = "mingdi 1", .policy = "standard", .limits = &limits };
    struct journal_facts facts;
    struct journal journal = open_with(test, JOURNAL_CREATE, options);
    test_append(&journal, 1, 3);
    assert_int_equal(store_journal_set_final(&journal, 0xABCDEF, &test->error), STATUS_OK);
    journal.close(journal.context);
    journal = open_journal(test, JOURNAL_READ);
    store_journal_facts(&journal, &facts);
    assert_string_equal(facts.created_by, "mingdi 1");
    assert_string_equal(facts.policy, "standard");
    assert_true(facts.limits_known && memcmp(&facts.limits, &limits, sizeof limits) == 0);
    assert_true(facts.final_known && !facts.drill);
    assert_int_equal(facts.final_sequence, 3);
    assert_int_equal(facts.final_state_hash, 0xABCDEF);
    assert_int_equal(facts.last_sequence, 3);
    journal.close(journal.context);
    tamper(test, "DELETE FROM journal_group");
    struct journal_report report;
    assert_int_equal(verify(test, &report), STATUS_CORRUPT);
    assert_says(test, "entry 1 is missing");
    assert_int_equal(open_fails(test, JOURNAL_WRITE), STATUS_CORRUPT);
}

static void drills_and_centres_keep_apart(void **state)
{
    struct test *test = *state;
    struct test drill = *test;
    char url[256];
    postgres_server_url(&server, test->schema, url, sizeof url);
    assert_int_equal(store_parse(NULL, url, true, &drill.store, &test->error), STATUS_OK);
    struct journal journal = open_journal(&drill, JOURNAL_CREATE);
    test_append(&journal, 1, 2);
    test_commit(&journal, 2);
    journal.close(journal.context);
    assert_int_equal(open_fails(test, JOURNAL_READ), STATUS_NOT_FOUND); /* another schema */
    drill.store.drill = false;
    assert_int_equal(open_fails(&drill, JOURNAL_WRITE), STATUS_BAD_INPUT); /* the same one, as if it were live */
    assert_says(&drill, "drill");
}

static void snapshots_come_back_newest_first(void **state)
{
    struct test *test = *state;
    struct journal journal = open_journal(test, JOURNAL_CREATE);
    size_t large = 20 << 20;
    unsigned char *bytes = malloc(large);
    for (uint64_t i = 1; i <= 4; i++) {
        memset(bytes, (int)i, large);
        test_append(&journal, i, i);
        assert_int_equal(journal.snapshot_write(journal.context, i, bytes, i == 3 ? large : 100, &test->error), STATUS_OK);
    }
    test_commit(&journal, 4);
    char count[16];
    char text[128];
    snprintf(text, sizeof text, "SELECT count(*) FROM %s.journal_snapshot", test->schema);
    postgres_server_sql(&server, text, count, sizeof count);
    assert_string_equal(count, "2");
    void *back = NULL;
    size_t size = 0;
    uint64_t sequence = 0;
    assert_int_equal(journal.snapshot_read(journal.context, &sequence, &back, &size, &test->error), STATUS_OK);
    assert_true(sequence == 4 && size == 100 && memcmp(back, bytes, 100) == 0);
    free(back);
    /* A damaged one is passed over. */
    tamper(test, "UPDATE journal_snapshot SET bytes = set_byte(bytes, 50, 0) WHERE sequence = 4");
    memset(bytes, 3, large);
    assert_int_equal(journal.snapshot_read(journal.context, &sequence, &back, &size, &test->error), STATUS_OK);
    assert_true(sequence == 3 && size == large && memcmp(back, bytes, large) == 0);
    free(back);
    free(bytes);
    journal.close(journal.context);
    struct journal_report report;
    assert_int_equal(verify(test, &report), STATUS_CORRUPT);
    assert_says(test, "the snapshot after entry 4");
}

/* ---- the chain ---- */

static void the_chain_is_that_of_a_file(void **state)
{
    struct test *test = *state;
    struct test_folder folder = { .folder = "" };
    struct journal_report in_postgres;
    struct journal_report in_file;
    test_folder_make(&folder);
    struct journal file = test_open(folder.path,
                                    (struct journal_sqlite_options){ .access = JOURNAL_CREATE, .flush_bytes = 4000 });
    struct journal journal = open_with(test, JOURNAL_CREATE, (struct journal_options){ .flush_bytes = 4000 });
    for (uint64_t first = 1; first <= 200; first += 25) {
        test_append(&file, first, first + 24);
        test_append(&journal, first, first + 24);
        test_commit(&file, first + 24);
        test_commit(&journal, first + 24);
    }
    assert_int_equal(store_journal_verify(&file, &in_file, &test->error), STATUS_OK);
    assert_int_equal(store_journal_verify(&journal, &in_postgres, &test->error), STATUS_OK);
    assert_true(in_file.groups > 8);
    assert_string_equal(in_file.chain, in_postgres.chain);
    assert_int_equal(in_file.groups, in_postgres.groups);
    assert_int_equal(in_file.bytes, in_postgres.bytes);
    assert_int_equal(in_file.events, in_postgres.events);
    file.close(file.context);
    journal.close(journal.context);
    test_folder_remove(&folder);
}

static void any_changed_row_is_named(void **state)
{
    struct test *test = *state;
    static const struct {
        const char *sql, *text;
    } cases[] = {
        { "UPDATE journal_group SET entries = set_byte(entries, 60, get_byte(entries, 60) # 1) WHERE first_sequence = 21",
          "entry 21 (row 21 of journal_group)" },
        { "DELETE FROM journal_group WHERE first_sequence = 11", "entry 11 (row 21 of journal_group)" },
        { "DELETE FROM journal_group WHERE first_sequence = 1", "entry 1 (row 11 of journal_group)" },
        { "UPDATE journal_group SET hash = decode(repeat('11', 32), 'hex') WHERE first_sequence = 11", "row 11" },
        { "UPDATE journal_group SET hash = decode('1111', 'hex') WHERE first_sequence = 31", "not 32 bytes" },
        { "UPDATE journal_group SET previous_hash = decode(repeat('00', 32), 'hex') WHERE first_sequence = 31", "row 31" },
        { "UPDATE journal_group SET entries = '' WHERE first_sequence = 31", "holds no bytes" },
        { "UPDATE journal_group SET last_sequence = 39 WHERE first_sequence = 31", "row 31" },
        { "INSERT INTO journal_group SELECT first_sequence + 1, last_sequence, previous_hash, hash, entries FROM journal_group"
          " WHERE first_sequence = 31",
          "row 32" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct journal_report report;
        make(test, 40);
        tamper(test, cases[i].sql);
        assert_int_equal(verify(test, &report), STATUS_CORRUPT);
        assert_says(test, cases[i].text);
        char drop[64];
        snprintf(drop, sizeof drop, "DROP SCHEMA %s CASCADE", test->schema);
        postgres_server_sql(&server, drop, NULL, 0);
    }
}

/* ---- one writer ---- */

static void cut(const char *application)
{
    char text[256];
    snprintf(text, sizeof text,
             "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE application_name = '%s'", application);
    postgres_server_sql(&server, text, NULL, 0);
}

static void assert_dead(struct test *test, struct journal *journal, uint64_t next)
{
    struct sample sample;
    uint64_t durable = 0;
    assert_int_equal(journal->append(journal->context, sample_entry(&sample, next, TEST_SEED), &test->error), STATUS_IO);
    assert_int_equal(journal->commit(journal->context, &durable, &test->error), STATUS_IO);
    assert_int_equal(journal->snapshot_write(journal->context, 1, "x", 1, &test->error), STATUS_IO);
}

static void a_second_writer_is_kept_out(void **state)
{
    struct test *test = *state;
    struct journal journal = open_journal(test, JOURNAL_CREATE);
    assert_int_equal(open_fails(test, JOURNAL_WRITE), STATUS_IO);
    assert_says(test, "already writes");
    test_append(&journal, 1, 3);
    test_commit(&journal, 3);
    assert_sound(test, 3); /* a reader is not kept out */
    journal.close(journal.context);
    make(test, 0);
}

static void a_writer_that_was_cut_off_adds_nothing(void **state)
{
    struct test *test = *state;
    uint64_t durable = 0;
    struct journal first = open_journal(test, JOURNAL_CREATE);
    test_append(&first, 1, 3);
    test_commit(&first, 3);
    test_append(&first, 4, 5);
    cut("mingdi journal");
    struct journal second = open_journal(test, JOURNAL_WRITE);
    test_append(&second, 4, 4);
    test_commit(&second, 4);
    assert_int_equal(first.commit(first.context, &durable, &test->error), STATUS_IO);
    assert_says(test, "lost");
    assert_dead(test, &first, 6);
    first.close(first.context);
    test_append(&second, 5, 8);
    test_commit(&second, 8);
    second.close(second.context);
    assert_sound(test, 8);
}

/* As if the lock had been lost without the connection, which a pooler between can bring about. */
static void a_writer_of_an_older_epoch_adds_nothing(void **state)
{
    struct test *test = *state;
    static const char *const acts[] = { "commit", "snapshot", "final", "flush" };
    struct journal journal;
    make(test, 10);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        uint64_t durable = 0;
        journal = open_with(test, JOURNAL_WRITE, (struct journal_options){ .flush_bytes = 400 });
        tamper(test, "UPDATE journal_writer SET epoch = epoch + 1");
        struct sample sample;
        enum status status = STATUS_OK;
        if (strcmp(acts[i], "flush") == 0) {
            for (uint64_t n = 11; status == STATUS_OK && n < 30; n++) {
                status = journal.append(journal.context, sample_entry(&sample, n, TEST_SEED), &test->error);
            }
        } else if (strcmp(acts[i], "commit") == 0) {
            assert_int_equal(journal.append(journal.context, sample_entry_200(&sample, 11), &test->error), STATUS_OK);
            status = journal.commit(journal.context, &durable, &test->error);
        } else if (strcmp(acts[i], "snapshot") == 0) {
            status = journal.snapshot_write(journal.context, 10, "x", 1, &test->error);
        } else {
            status = store_journal_set_final(&journal, 1, &test->error);
        }
        assert_int_equal(status, STATUS_IO);
        assert_says(test, "taken over");
        assert_dead(test, &journal, 40);
        journal.close(journal.context);
        struct journal_report report = assert_sound(test, 10);
        assert_int_equal(report.snapshots, 0);
    }
}

/* Another one raises the epoch while our commit is under way: it waits for the other's end, and then finds out. */
static void a_takeover_in_the_middle_of_a_commit_wins(void **state)
{
    struct test *test = *state;
    char text[256];
    uint64_t durable = 0;
    make(test, 10);
    struct journal journal = open_journal(test, JOURNAL_WRITE);
    PGconn *other = postgres_server_connect(&server);
    snprintf(text, sizeof text, "BEGIN; UPDATE %s.journal_writer SET epoch = epoch + 1", test->schema);
    PQclear(PQexec(other, text));
    assert_int_equal(PQsendQuery(other, "SELECT pg_sleep(0.2); COMMIT"), 1);
    test_append(&journal, 11, 12);
    assert_int_equal(journal.commit(journal.context, &durable, &test->error), STATUS_IO);
    assert_says(test, "taken over");
    PQfinish(other);
    journal.close(journal.context);
    assert_sound(test, 10);
}

static void a_foreign_row_is_noticed_before_writing(void **state)
{
    struct test *test = *state;
    uint64_t durable = 0;
    make(test, 20);
    struct journal journal = open_journal(test, JOURNAL_WRITE);
    tamper(test, "DELETE FROM journal_group WHERE first_sequence = 11");
    test_append(&journal, 21, 22);
    assert_int_equal(journal.commit(journal.context, &durable, &test->error), STATUS_IO);
    journal.close(journal.context);
    assert_sound(test, 10);
}

/* ---- the server ends, and comes back ---- */

static void nothing_committed_is_lost_by_a_restart(void **state)
{
    struct test *test = *state;
    static const int signals[] = { SIGKILL, SIGQUIT, SIGINT };
    uint64_t last = 0;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        uint64_t durable = 0;
        struct journal journal = open_with(test, JOURNAL_WRITE_OR_CREATE, (struct journal_options){ .flush_bytes = 2000 });
        test_append(&journal, last + 1, last + 7);
        test_commit(&journal, last + 7);
        test_append(&journal, last + 8, last + 60); /* rows of a transaction, and some that are in none */
        postgres_server_restart(&server, signals[i]);
        last += 7;
        assert_int_equal(journal.commit(journal.context, &durable, &test->error), STATUS_IO);
        assert_dead(test, &journal, last + 54);
        journal.close(journal.context);
        assert_sound(test, last);
    }
}

static void a_reader_outlives_its_connection(void **state)
{
    struct test *test = *state;
    make(test, 10);
    struct journal reader = open_journal(test, JOURNAL_READ);
    assert_int_equal(test_read(&reader, 1), 10);
    postgres_server_restart(&server, SIGQUIT);
    assert_int_equal(test_read(&reader, 1), 10);
    cut("mingdi journal");
    struct journal writer = open_journal(test, JOURNAL_WRITE);
    test_append(&writer, 11, 15);
    test_commit(&writer, 15);
    assert_int_equal(test_read(&reader, 8), 8);
    writer.close(writer.context);
    reader.close(reader.context);
}

static void a_server_that_is_gone_is_said_to_be(void **state)
{
    struct test *test = *state;
    make(test, 10);
    postgres_server_end(&server, SIGINT);
    assert_int_equal(open_fails(test, JOURNAL_WRITE), STATUS_IO);
    assert_says(test, "no connection");
    postgres_server_launch(&server);
    assert_sound(test, 10);
}

/* The child: goes on from where the journal ends, opens it again when the server went, and tells each durable sequence. */
static void write_until_killed(struct test *test, uint64_t seed, int pipe_end)
{
    struct journal journal;
    struct journal_facts facts;
    struct sample sample;
    struct journal_options options = { .flush_bytes = 4096 };
    if (store_journal_open(&test->store, JOURNAL_WRITE_OR_CREATE, &options, &journal, &test->error) != STATUS_OK) {
        fprintf(stderr, "%s\n", test->error.text);
        _exit(EXIT_FAILURE);
    }
    store_journal_facts(&journal, &facts);
    for (uint64_t i = facts.last_sequence + 1;; i++) {
        uint64_t draw = hash64(&i, sizeof i, seed);
        uint64_t durable = 0;
        enum status status = journal.append(journal.context, sample_entry(&sample, i, TEST_SEED), &test->error);
        if (status == STATUS_OK && draw % 50 == 0) {
            status = journal.snapshot_write(journal.context, i, &i, sizeof i, &test->error);
        }
        if (status == STATUS_OK && draw % 7 == 0) {
            status = journal.commit(journal.context, &durable, &test->error);
            if (status == STATUS_OK && write(pipe_end, &durable, sizeof durable) != (ssize_t)sizeof durable) {
                _exit(EXIT_FAILURE);
            }
        }
        if (status != STATUS_OK) {
            _exit(EXIT_SUCCESS); /* the server is gone */
        }
    }
}

/* Kills the writer or the server after so many acknowledgements, and returns the last one that was sent. */
static uint64_t kill_after(struct test *test, bool kill_server, uint64_t seed, uint64_t acknowledgements)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        write_until_killed(test, seed, ends[1]);
    }
    close(ends[1]);
    uint64_t last = 0;
    uint64_t count = 0;
    while (read(ends[0], &last, sizeof last) == (ssize_t)sizeof last) {
        if (++count == acknowledgements && kill_server) {
            postgres_server_restart(&server, SIGKILL);
        } else if (count == acknowledgements) {
            assert_int_equal(kill(child, SIGKILL), 0);
        }
    }
    close(ends[0]);
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(kill_server ? WIFEXITED(result) && WEXITSTATUS(result) == 0 : WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL);
    return last;
}

static void kills_under_load_lose_nothing(void **state)
{
    struct test *test = *state;
    const char *wish = getenv("MINGDI_LONG");
    int rounds = wish != NULL && strcmp(wish, "1") == 0 ? 80 : 8;
    for (int round = 1; round <= rounds; round++) {
        uint64_t seed = hash64(&round, sizeof round, 15);
        uint64_t acknowledged = kill_after(test, round % 2 == 0, seed, 1 + seed % 40);
        struct journal_report report;
        if (verify(test, &report) != STATUS_OK) {
            fail_msg("round %d: %s", round, test->error.text);
        }
        assert_true(acknowledged > 0 && report.last_sequence >= acknowledged);
        struct journal reader = open_journal(test, JOURNAL_READ);
        assert_int_equal(test_read(&reader, 1), report.last_sequence);
        reader.close(reader.context);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(committed_entries_come_back),
        TEST(uncommitted_entries_are_dropped),
        TEST(long_journals_are_read_by_pages),
        TEST(access_is_what_was_asked_for),
        TEST(facts_are_kept),
        TEST(drills_and_centres_keep_apart),
        TEST(snapshots_come_back_newest_first),
        TEST(the_chain_is_that_of_a_file),
        TEST(any_changed_row_is_named),
        TEST(a_second_writer_is_kept_out),
        TEST(a_writer_that_was_cut_off_adds_nothing),
        TEST(a_writer_of_an_older_epoch_adds_nothing),
        TEST(a_takeover_in_the_middle_of_a_commit_wins),
        TEST(a_foreign_row_is_noticed_before_writing),
        TEST(nothing_committed_is_lost_by_a_restart),
        TEST(a_reader_outlives_its_connection),
        TEST(a_server_that_is_gone_is_said_to_be),
        TEST(kills_under_load_lose_nothing),
    };
    if (!postgres_server_start(&server)) {
        printf("skipped: there are no binaries of PostgreSQL 15\n");
        return 77;
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    postgres_server_stop(&server);
    return failures;
}
