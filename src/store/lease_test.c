/* The lease, on a PostgreSQL server of the test's own: two processes' worth of leases, keepers, journals and tables in one. Time
 * is the database's: what has to run out is put back in its row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/hand_on.h"
#include "store/lease.h"
#include "store/postgres_server_test.h"
#include "store/store_test.h"

static struct postgres_server server;
static int schema_number;

enum { TURNS_MAX = 30 };

struct process {
    struct lease lease;
    struct store store;
    struct lease_keeper *keeper;
};

struct test {
    struct process a, b;
    char schema[32], run_out[128];
    struct error error;
};

#define must(status, error) must_at(status, error, __LINE__)

static void must_at(enum status status, const struct error *error, int line)
{
    if (status != STATUS_OK) {
        fail_msg("line %d: %s", line, error->text);
    }
}

static void make_process(struct test *test, struct process *process, const char *id, const char *address)
{
    char url[256];
    postgres_server_url(&server, test->schema, url, sizeof url);
    must(store_parse(NULL, url, false, &process->store, &test->error), &test->error);
    snprintf(process->lease.id, sizeof process->lease.id, "%s", id);
    if (address != NULL) {
        lease_set_address(&process->lease, address);
    }
    process->lease.lease_ms = 60000; /* nothing runs out by itself while the test looks */
    process->store.lease = &process->lease;
    must(lease_open(&process->store, &process->keeper, &test->error), &test->error);
}

static int setup(void **state)
{
    struct test *test = calloc(1, sizeof *test);
    struct store alone;
    struct journal journal;
    struct sql *sql = NULL;
    char url[256];
    snprintf(test->schema, sizeof test->schema, "lease%d", ++schema_number);
    snprintf(test->run_out, sizeof test->run_out, "UPDATE %s.journal_lease SET expires_at = renewed_at", test->schema);
    postgres_server_url(&server, test->schema, url, sizeof url);
    must(store_parse(NULL, url, false, &alone, &test->error), &test->error);
    must(store_journal_open(&alone, JOURNAL_CREATE, NULL, &journal, &test->error), &test->error);
    journal.close(journal.context);
    must(store_tables_open(&alone, SQL_CENTRE, false, &sql, &test->error), &test->error);
    sql_close(sql);
    make_process(test, &test->a, "aaaaaaaaaaaaaaaa", "http://a");
    make_process(test, &test->b, "bbbbbbbbbbbbbbbb", "http://b");
    *state = test;
    return 0;
}

static int teardown(void **state)
{
    struct test *test = *state;
    lease_close(test->a.keeper);
    lease_close(test->b.keeper);
    free(test);
    return 0;
}

static struct lease_view turn(struct test *test, struct process *process, bool wanted)
{
    struct lease_view view;
    must(lease_turn(process->keeper, wanted, 7, &view, &test->error), &test->error);
    return view;
}

/* As if so many seconds had gone by since the owner's last renewal. */
static void let_time_pass(const struct test *test, int seconds)
{
    char text[256], value[32];
    snprintf(text, sizeof text,
             "UPDATE %s.journal_lease SET renewed_at = renewed_at - %d * 1000000::bigint, expires_at = expires_at - %d *"
             " 1000000::bigint RETURNING epoch",
             test->schema, seconds, seconds);
    postgres_server_sql(&server, text, value, sizeof value);
}

static struct journal open_journal(struct test *test, struct process *process)
{
    struct journal journal;
    must(store_journal_open(&process->store, JOURNAL_WRITE, NULL, &journal, &test->error), &test->error);
    return journal;
}

static struct sql *open_tables(struct test *test, struct process *process)
{
    struct sql *sql = NULL;
    must(store_tables_open(&process->store, SQL_CENTRE, false, &sql, &test->error), &test->error);
    return sql;
}

static enum status write_setting(struct sql *sql, const char *name, struct error *error)
{
    return sql_run(sql, "INSERT INTO setting(name, value, changed_by, changed_at) VALUES($1, 'x', 0, 0)",
                   SQL_PARAMETERS(sql_text(name)), NULL, error);
}

static void one_has_it_at_a_time(void **state)
{
    struct test *test = *state;
    assert_int_equal(turn(test, &test->a, false).holder, LEASE_FREE);
    assert_false(lease_is_good(&test->a.lease));
    assert_int_equal(turn(test, &test->a, true).holder, LEASE_OURS);
    assert_true(lease_is_good(&test->a.lease) && lease_left_us(&test->a.lease) > 0);
    struct lease_view seen = turn(test, &test->b, true);
    assert_int_equal(seen.holder, LEASE_OTHERS);
    assert_string_equal(seen.owner, "http://a");
    assert_true(seen.free_in_us > 0 && seen.free_in_us <= 60000000);
    assert_int_equal(turn(test, &test->a, true).holder, LEASE_OURS);
    assert_int_equal(atomic_load(&test->a.lease.others), 1); /* b has told of itself */
    assert_int_equal(atomic_load(&test->b.lease.epoch), 0);
}

/* A process is there before it listens anywhere. */
static void who_stands_by_tells_its_address_once_it_has_one(void **state)
{
    struct test *test = *state;
    struct process early = { .keeper = NULL };
    char text[128], told[32];
    snprintf(text, sizeof text, "SELECT address FROM %s.journal_standby WHERE id = 'cccccccccccccccc'", test->schema);
    make_process(test, &early, "cccccccccccccccc", NULL);
    early.lease.lease_ms = 0; /* it tells of itself at each turn */
    (void)turn(test, &early, false);
    postgres_server_sql(&server, text, told, sizeof told);
    assert_string_equal(told, "");
    lease_set_address(&early.lease, "http://c");
    (void)turn(test, &early, false);
    postgres_server_sql(&server, text, told, sizeof told);
    assert_string_equal(told, "http://c");
    lease_close(early.keeper);
}

static void what_runs_out_is_taken_and_known_to_be_lost(void **state)
{
    struct test *test = *state;
    enum lease_holder holder = LEASE_OTHERS;
    (void)turn(test, &test->a, true);
    let_time_pass(test, 30);
    assert_int_equal(turn(test, &test->b, true).holder, LEASE_OTHERS); /* half of it is left, and its owner is connected */
    for (int i = 0; i < 100000 && holder != LEASE_OURS; i++) {         /* until the owner has renewed since it could know of b */
        (void)turn(test, &test->a, true);
        postgres_server_sql(&server, test->run_out, NULL, 0);
        holder = turn(test, &test->b, true).holder;
    }
    assert_int_equal(holder, LEASE_OURS);
    assert_int_equal(atomic_load(&test->a.lease.others), 1);
    assert_int_equal(turn(test, &test->a, true).holder, LEASE_OTHERS);
    assert_false(lease_is_good(&test->a.lease));
    char value[32], text[128];
    snprintf(text, sizeof text, "SELECT string_agg(owner, ' ' ORDER BY epoch) FROM %s.journal_tenure", test->schema);
    postgres_server_sql(&server, text, value, sizeof value);
    assert_memory_equal(value, "aaaaaaaaaaaaaaaa bbbbbbbbbbbbbb", 31); /* the buffer's end */
}

/* The owner takes itself to be alone, and may go on so: whoever comes new waits longer. */
static void who_cannot_know_of_the_next_one_is_left_more_time(void **state)
{
    struct test *test = *state;
    (void)turn(test, &test->a, true);
    (void)turn(test, &test->a, true);
    assert_int_equal(atomic_load(&test->a.lease.others), 0);
    let_time_pass(test, 61);
    assert_int_equal(turn(test, &test->b, true).holder, LEASE_OTHERS);
    let_time_pass(test, 181);
    assert_int_equal(turn(test, &test->b, true).holder, LEASE_OURS);
}

static void who_has_died_is_followed_sooner(void **state)
{
    struct test *test = *state;
    (void)turn(test, &test->a, true);
    (void)turn(test, &test->b, true);
    (void)turn(test, &test->a, true); /* knows that b is there */
    lease_close(test->a.keeper);
    test->a.keeper = NULL;
    assert_true(lease_left_us(&test->a.lease) <= 18000000); /* it counts on no more than b will wait */
    let_time_pass(test, 17);
    enum lease_holder holder = LEASE_OTHERS;
    for (int i = 0; i < 1000 && holder != LEASE_DYING; i++) { /* until the server has noticed */
        holder = turn(test, &test->b, true).holder;
    }
    assert_int_equal(holder, LEASE_DYING);
    let_time_pass(test, 2); /* one and a half of five turns in a minute are 18 s */
    assert_int_equal(turn(test, &test->b, true).holder, LEASE_OURS);
}

static void who_gives_it_back_is_followed_at_once(void **state)
{
    struct test *test = *state;
    bool told = false;
    (void)turn(test, &test->a, true);
    (void)turn(test, &test->b, true);
    must(lease_release(test->a.keeper, &test->error), &test->error);
    assert_false(lease_is_good(&test->a.lease));
    must(lease_wait(test->b.keeper, -1, 10000, &told, &test->error), &test->error);
    assert_true(told);
    assert_int_equal(turn(test, &test->b, true).holder, LEASE_OURS);
    must(lease_tell(test->b.keeper, &test->error), &test->error);
    must(lease_wait(test->a.keeper, -1, 10000, &told, &test->error), &test->error);
    assert_true(told);
}

static void who_does_not_own_opens_nothing_for_writing(void **state)
{
    struct test *test = *state;
    struct journal journal;
    (void)turn(test, &test->a, true);
    assert_int_equal(store_journal_open(&test->b.store, JOURNAL_WRITE, NULL, &journal, &test->error), STATUS_IO);
    assert_non_null(strstr(test->error.text, "does not own the centre"));
    struct sql *sql = open_tables(test, &test->b);
    assert_int_equal(write_setting(sql, "nobody", &test->error), STATUS_IO);
    assert_non_null(strstr(test->error.text, "does not own"));
    assert_int_equal(sql_query(sql, "SELECT count(*) FROM setting", SQL_NO_PARAMETERS, NULL, NULL, NULL, &test->error),
                     STATUS_OK);
    sql_close(sql);
}

/* A process that was frozen with everything open, and believes what it believed. */
static void a_returned_owner_writes_nothing(void **state)
{
    struct test *test = *state;
    uint64_t durable = 0;
    int64_t found = -1;
    (void)turn(test, &test->a, true);
    struct journal a = open_journal(test, &test->a);
    struct sql *tables = open_tables(test, &test->a);
    test_append(&a, 1, 10);
    test_commit(&a, 10);
    must(write_setting(tables, "first", &test->error), &test->error);
    must(sql_begin(tables, &test->error), &test->error); /* holds the row of the epoch, and the turn of the tables */
    must(write_setting(tables, "never committed", &test->error), &test->error);
    test_append(&a, 11, 12);

    let_time_pass(test, 300);
    (void)turn(test, &test->b, true);
    struct journal b = open_journal(test, &test->b); /* what a holds is taken from it, else this would wait for ever */
    assert_int_equal(test_read(&b, 1), 10);
    test_append(&b, 11, 11);
    test_commit(&b, 11);
    struct sql *others = open_tables(test, &test->b);
    must(write_setting(others, "second", &test->error), &test->error);

    assert_true(lease_is_good(&test->a.lease)); /* as it believes */
    assert_int_equal(a.commit(a.context, &durable, &test->error), STATUS_IO);
    assert_int_equal(sql_commit(tables, &test->error), STATUS_IO);
    assert_int_equal(write_setting(tables, "third", &test->error), STATUS_IO); /* by a new connection, in its old epoch */
    assert_int_equal(store_journal_open(&test->a.store, JOURNAL_WRITE, NULL, &a, &test->error), STATUS_IO);
    must(sql_query(others, "SELECT name FROM setting", SQL_NO_PARAMETERS, NULL, NULL, &found, &test->error), &test->error);
    assert_int_equal(found, 2);
    test_append(&b, 12, 12);
    test_commit(&b, 12);
    a.close(a.context);
    b.close(b.context);
    sql_close(tables);
    sql_close(others);
}

static void a_writer_waits_no_longer_than_it_owns(void **state)
{
    struct test *test = *state;
    uint64_t durable = 0;
    (void)turn(test, &test->a, true);
    (void)turn(test, &test->b, true);
    (void)turn(test, &test->a, true);
    struct journal journal = open_journal(test, &test->a);
    test_append(&journal, 1, 1);
    atomic_store(&test->a.lease.held_until_us, 1); /* long ago */
    char value[32];
    postgres_server_sql(&server, "SELECT pg_backend_pid()", value, sizeof value);
    assert_int_equal(journal.commit(journal.context, &durable, &test->error), STATUS_IO);
    journal.close(journal.context);
}

/* A session of the owner's journal, as the server sees it, that writes something and waits for its standby. */
static PGconn *write_and_wait(const struct test *test, const char *table)
{
    char text[256], application[LEASE_APPLICATION_SIZE];
    PGconn *connection = postgres_server_connect(&server);
    assert_non_null(connection);
    lease_application(&test->a.store, "journal", application);
    snprintf(text, sizeof text, "SET application_name = '%s'", application);
    PQclear(PQexec(connection, text));
    snprintf(text, sizeof text, "UPDATE %s.%s SET epoch = epoch", test->schema, table);
    assert_int_equal(PQsendQuery(connection, text), 1);
    return connection;
}

/* The owner knows why nothing becomes durable; also while whoever takes over has the lease's row for as long. */
static void a_standby_of_the_database_that_is_missing_is_told(void **state)
{
    struct test *test = *state;
    struct lease_view view = turn(test, &test->a, true);
    postgres_server_set_standbys(&server, "nobody_there");
    PGconn *journal = write_and_wait(test, "journal_writer");
    for (int i = 0; !view.replica_awaited; i++) {
        assert_true(i < POSTGRES_READY_TRIES);
        poll(NULL, 0, POSTGRES_TRY_MS);
        view = turn(test, &test->a, true);
    }
    PGconn *lease = write_and_wait(test, "journal_lease");
    postgres_server_await_waiting(&server, 2);
    for (int i = 0; i == 0 || strstr(test->error.text, "waits for a synchronous standby of the database") == NULL; i++) {
        assert_true(i < TURNS_MAX);
        lease_close(test->a.keeper); /* on a slow machine the answer may come so late that the connection was given up */
        must(lease_open(&test->a.store, &test->a.keeper, &test->error), &test->error);
        assert_int_equal(lease_turn(test->a.keeper, true, 7, &view, &test->error), STATUS_IO);
    }
    postgres_server_set_standbys(&server, "");
    PQfinish(journal);
    PQfinish(lease);
    postgres_server_await_waiting(&server, 0);
    assert_false(turn(test, &test->a, true).replica_awaited);
}

/* Whether the process has heard a wish that is meant for the lease that it has; one for another tenure wakes it all the same. */
static bool hears_a_wish(struct test *test, struct process *process)
{
    bool told = false;
    for (int i = 0; i < 60 && !told; i++) {
        must(lease_wait(process->keeper, -1, 1000, &told, &test->error), &test->error);
    }
    assert_true(told);
    return lease_is_asked_back(process->keeper);
}

static void somebody_asks_the_owner_to_hand_it_on(void **state)
{
    struct test *test = *state;
    struct hand_on *hand_on = NULL;
    struct hand_on_facts facts;
    struct store folder;
    must(store_parse("/tmp", NULL, false, &folder, &test->error), &test->error);
    assert_int_equal(hand_on_open(&folder, &hand_on, &test->error), STATUS_USAGE);
    must(hand_on_open(&test->a.store, &hand_on, &test->error), &test->error);
    must(hand_on_look(hand_on, &facts, &test->error), &test->error);
    assert_false(facts.is_owned);
    (void)turn(test, &test->a, true);
    must(hand_on_look(hand_on, &facts, &test->error), &test->error);
    assert_true(facts.is_owned && facts.warm == 0 && facts.tenure == atomic_load(&test->a.lease.epoch));
    assert_string_equal(facts.owner, "http://a");
    assert_string_equal(facts.id, test->a.lease.id);
    (void)turn(test, &test->b, true);
    must(hand_on_look(hand_on, &facts, &test->error), &test->error);
    assert_int_equal(facts.warm, 1);
    must(hand_on_ask(hand_on, facts.tenure + 1, &test->error), &test->error);
    assert_false(hears_a_wish(test, &test->a));
    must(hand_on_ask(hand_on, facts.tenure, &test->error), &test->error);
    assert_true(hears_a_wish(test, &test->a));
    assert_false(lease_is_asked_back(test->a.keeper)); /* once */
    assert_false(hears_a_wish(test, &test->b));        /* who stands by has nothing to give */
    must(lease_release(test->a.keeper, &test->error), &test->error);
    assert_int_equal(turn(test, &test->b, true).holder, LEASE_OURS);
    struct hand_on_facts after;
    must(hand_on_look(hand_on, &after, &test->error), &test->error);
    assert_true(after.is_owned && after.tenure > facts.tenure && after.writer == facts.writer);
    struct journal journal = open_journal(test, &test->b);
    must(hand_on_look(hand_on, &after, &test->error), &test->error);
    assert_true(after.writer > facts.writer);
    assert_string_equal(after.owner, "http://b");
    assert_string_equal(after.id, test->b.lease.id);
    journal.close(journal.context);
    hand_on_close(hand_on);
}

/* Who could take it over from a, as a and as one from outside see it. */
static uint32_t heirs(struct test *test, struct hand_on *hand_on)
{
    struct hand_on_facts facts;
    uint32_t count = 0;
    must(hand_on_look(hand_on, &facts, &test->error), &test->error);
    must(lease_heirs(test->a.keeper, &count, &test->error), &test->error);
    assert_int_equal(count, facts.warm);
    return count;
}

static void who_is_silent_or_gone_is_no_heir(void **state)
{
    struct test *test = *state;
    struct hand_on *hand_on = NULL;
    char text[256], value[32] = "";
    must(hand_on_open(&test->a.store, &hand_on, &test->error), &test->error);
    (void)turn(test, &test->a, true);
    (void)turn(test, &test->b, true);
    assert_int_equal(heirs(test, hand_on), 1);
    snprintf(text, sizeof text, "UPDATE %s.journal_standby SET seen_at = seen_at - 70 * 1000000::bigint RETURNING sequence",
             test->schema);
    postgres_server_sql(&server, text, value, sizeof value); /* 70 s ago, of a lease of 60: its machine has no power */
    assert_int_equal(heirs(test, hand_on), 0);
    (void)turn(test, &test->a, true);
    assert_int_equal(atomic_load(&test->a.lease.others), 1); /* whoever writes still reckons with it */
    snprintf(text, sizeof text, "UPDATE %s.journal_standby SET seen_at = seen_at + 70 * 1000000::bigint RETURNING sequence",
             test->schema);
    postgres_server_sql(&server, text, value, sizeof value);
    assert_int_equal(heirs(test, hand_on), 1);
    lease_close(test->b.keeper); /* it was killed: the server sees so a moment later */
    test->b.keeper = NULL;
    snprintf(text, sizeof text, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'mingdi lease %s %%'",
             test->b.lease.id);
    do {
        postgres_server_sql(&server, text, value, sizeof value);
    } while (strcmp(value, "0") != 0);
    assert_int_equal(heirs(test, hand_on), 0);
    hand_on_close(hand_on);
}

static void the_row_names_its_last_owner(void **state)
{
    struct test *test = *state;
    (void)turn(test, &test->a, true);
    atomic_store(&test->a.lease.epoch, 0); /* it counts on it no more, and could not say so to the server */
    struct lease_view view = turn(test, &test->a, false);
    assert_true(view.holder == LEASE_OTHERS && view.names_us);
    assert_false(turn(test, &test->b, false).names_us);
    must(lease_release(test->a.keeper, &test->error), &test->error);
    assert_true(turn(test, &test->a, false).names_us);
    assert_int_equal(turn(test, &test->b, true).holder, LEASE_OURS);
    assert_false(turn(test, &test->a, false).names_us);
}

static void where_no_centre_is_nobody_can_be_asked(void **state)
{
    struct test *test = *state;
    struct hand_on *hand_on = NULL;
    struct store store;
    char url[256];
    postgres_server_url(&server, "nowhere", url, sizeof url);
    must(store_parse(NULL, url, false, &store, &test->error), &test->error);
    assert_int_equal(hand_on_open(&store, &hand_on, &test->error), STATUS_NOT_FOUND);
    assert_non_null(strstr(test->error.text, "there is no centre in its schema \"nowhere\": --store must name"));
    assert_null(hand_on);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(somebody_asks_the_owner_to_hand_it_on),
        TEST(who_is_silent_or_gone_is_no_heir),
        TEST(the_row_names_its_last_owner),
        TEST(where_no_centre_is_nobody_can_be_asked),
        TEST(one_has_it_at_a_time),
        TEST(who_stands_by_tells_its_address_once_it_has_one),
        TEST(what_runs_out_is_taken_and_known_to_be_lost),
        TEST(who_cannot_know_of_the_next_one_is_left_more_time),
        TEST(who_has_died_is_followed_sooner),
        TEST(who_gives_it_back_is_followed_at_once),
        TEST(who_does_not_own_opens_nothing_for_writing),
        TEST(a_returned_owner_writes_nothing),
        TEST(a_writer_waits_no_longer_than_it_owns),
        TEST(a_standby_of_the_database_that_is_missing_is_told),
    };
    if (!postgres_server_start(&server)) {
        printf("skipped: there are no binaries of PostgreSQL 15\n");
        return 77;
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    postgres_server_stop(&server);
    return failures;
}
