/* A connection to a PostgreSQL server of the test's own: what is done when it fails, and that no wait is without an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/postgres_link.h"
#include "store/postgres_server_test.h"

static struct postgres_server server;

static struct postgres_link open_link(int statement_ms)
{
    struct store store;
    struct error error;
    struct postgres_link link = { .connection = NULL };
    if (store_parse(NULL, server.url, false, &store, &error) != STATUS_OK ||
        postgres_link_open(&link, &store, "link test", true, statement_ms, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return link;
}

static int backend_of(struct postgres_link *link) { return PQbackendPID(link->connection); }

static void a_server_that_is_silent_is_given_up(void **state)
{
    (void)state;
    struct error error;
    struct postgres_link link = open_link(200);
    int backend = backend_of(&link);
    assert_int_equal(kill(backend, SIGSTOP), 0);
    assert_int_equal(postgres_execute(&link, "SELECT 1", NULL, "cannot be read", &error), STATUS_IO);
    assert_non_null(strstr(error.text, "does not answer in time"));
    assert_int_equal(kill(backend, SIGCONT), 0);
    assert_true(postgres_link_is_lost(&link)); /* a late answer must not be taken for that of another question */
    assert_int_equal(postgres_execute(&link, "SELECT 1", NULL, "cannot be read", &error), STATUS_IO);
    postgres_link_close(&link);
}

static void a_long_statement_is_ended_by_the_server(void **state)
{
    (void)state;
    struct error error;
    struct postgres_link link = open_link(200);
    assert_int_equal(postgres_execute(&link, "SELECT pg_sleep(30)", NULL, "cannot be read", &error), STATUS_IO);
    assert_string_equal(link.sqlstate, "57014");
    assert_false(postgres_link_is_lost(&link));
    assert_int_equal(postgres_execute(&link, "SELECT 1", NULL, "cannot be read", &error), STATUS_OK);
    postgres_link_close(&link);
}

/* The connection is good for more after each. */
static void failures_are_told_by_kind_and_without_values(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status status;
    } cases[] = {
        { "SELECT * FROM nowhere", STATUS_VERSION },
        { "CREATE TEMP TABLE t(n bigint UNIQUE CHECK (n < 10000000000)); INSERT INTO t VALUES(7707077077); INSERT INTO t "
          "VALUES(7707077077)",
          STATUS_BAD_INPUT },
        { "CREATE TEMP TABLE t(n bigint CHECK (n < 10)); INSERT INTO t VALUES(7707077077)", STATUS_BAD_INPUT },
        { "SELECT 7707077077 / 0", STATUS_BAD_INPUT },
        { "SELECT wrong grammar here", STATUS_IO },
        { "COPY pg_class TO STDOUT", STATUS_IO }, /* ends the connection: that is no question of ours */
    };
    struct postgres_link link = open_link(5000);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error;
        PGresult *result = NULL;
        assert_int_equal(postgres_execute(&link, cases[i].text, NULL, "cannot be used", &error), cases[i].status);
        assert_null(strstr(error.text, "7707077077"));
        assert_null(strchr(error.text, '\n'));
        if (i + 1 < sizeof cases / sizeof cases[0]) {
            assert_int_equal(postgres_execute(&link, "SELECT 'a'; SELECT 'b'", &result, "cannot be used", &error), STATUS_OK);
            assert_string_equal(PQgetvalue(result, 0, 0), "b"); /* of several, the last one's answer */
            PQclear(result);
        }
    }
    assert_true(postgres_link_is_lost(&link));
    postgres_link_close(&link);
}

static void numbers_travel_in_network_order(void **state)
{
    (void)state;
    static const int64_t values[] = { 0, 1, -1, INT64_MAX, INT64_MIN, INT64_C(0x0102030405060708) };
    static const Oid types[] = { POSTGRES_INT8, POSTGRES_TEXT };
    struct postgres_link link = open_link(5000);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct error error;
        char text[32];
        PGresult *result = NULL;
        struct postgres_number number = postgres_number(values[i]);
        snprintf(text, sizeof text, "%lld", (long long)values[i]); /* the server itself tells whether they are the same */
        const struct postgres_value parameters[] = { { number.bytes, 8 }, { text, (int)strlen(text) } };
        assert_int_equal(postgres_run_once(&link, "SELECT $1, CAST($1 = CAST($2 AS bigint) AS int), CAST(-2 AS smallint)",
                                           parameters, types, 2, &result, "cannot be used", &error),
                         STATUS_OK);
        assert_int_equal(postgres_integer(result, 0, 0), values[i]);
        assert_int_equal(postgres_integer(result, 0, 1), 1);
        assert_int_equal(postgres_integer(result, 0, 2), -2);
        PQclear(result);
    }
    postgres_link_close(&link);
}

/* What an administrator changes later does not reach a session that has begun. */
static void what_was_checked_is_held(void **state)
{
    (void)state;
    struct error error;
    PGresult *result = NULL;
    struct postgres_link link = open_link(5000);
    postgres_server_sql(&server, "ALTER SYSTEM SET synchronous_commit = off", NULL, 0);
    postgres_server_sql(&server, "SELECT pg_reload_conf()", NULL, 0);
    char now[16] = "on";
    for (int i = 0; strcmp(now, "off") != 0; i++) {
        assert_true(i < POSTGRES_READY_TRIES);
        postgres_server_sql(&server, "SHOW synchronous_commit", now, sizeof now);
    }
    assert_int_equal(postgres_execute(&link, "SHOW synchronous_commit", &result, "cannot be used", &error), STATUS_OK);
    assert_string_equal(PQgetvalue(result, 0, 0), "on");
    PQclear(result);
    postgres_link_close(&link);
    postgres_server_sql(&server, "ALTER SYSTEM RESET synchronous_commit", NULL, 0);
    postgres_server_sql(&server, "SELECT pg_reload_conf()", NULL, 0);
}

/* ---- several hosts ---- */

static enum status open_hosts(const char *format, int a, int b, int c, struct lease *lease, struct error *error)
{
    char url[256];
    struct store store;
    struct postgres_link link = { .connection = NULL };
    snprintf(url, sizeof url, format, a, b, c);
    if (store_parse(NULL, url, false, &store, error) != STATUS_OK) {
        fail_msg("%s", error->text);
    }
    store.lease = lease;
    enum status status = postgres_link_open(&link, &store, "link test", false, 5000, error);
    postgres_link_close(&link);
    return status;
}

/* The one that was the primary last is asked first; whoever is not there is passed over. */
static void the_primary_is_found_among_hosts(void **state)
{
    (void)state;
    static const char ports[] = "postgres://mingdi@127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d/postgres";
    static const char one_port[] = "postgres://mingdi@127.0.0.1,127.0.0.1/postgres?port=%d&application_name=n%d%d";
    struct lease lease = { .lease_ms = 1500 };
    struct error error = { .text = "" };
    int free_port = 1; /* nobody listens there */
    assert_int_equal(open_hosts(ports, free_port, free_port, server.port, &lease, &error), STATUS_OK);
    assert_int_equal(atomic_load(&lease.host), 2);
    assert_int_equal(open_hosts(ports, free_port, free_port, server.port, &lease, &error), STATUS_OK);
    assert_int_equal(atomic_load(&lease.host), 2);
    assert_int_equal(open_hosts(ports, free_port, server.port, free_port, &lease, &error), STATUS_OK);
    assert_int_equal(atomic_load(&lease.host), 1);
    assert_int_equal(open_hosts(ports, server.port, free_port, free_port, NULL, &error), STATUS_OK);
    assert_int_equal(open_hosts(one_port, server.port, 1, 2, &lease, &error), STATUS_OK);
    assert_int_equal(open_hosts(ports, free_port, free_port, free_port, &lease, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "no primary among 3 hosts"));
    assert_null(strchr(error.text, '\n'));
    assert_null(strchr(error.text, '\t'));
}

/* One that would not be written to is none, unless the URL wants any. */
static void who_cannot_be_written_to_is_no_primary(void **state)
{
    (void)state;
    static const char role[] = "postgres://reader@127.0.0.1:%d,127.0.0.1:%d/postgres?connect_timeout=%d";
    static const char any[] = "postgres://reader@127.0.0.1:%d,127.0.0.1:%d/postgres?target_session_attrs=any&connect_timeout=%d";
    struct error error = { .text = "" };
    postgres_server_sql(&server, "CREATE ROLE reader LOGIN", NULL, 0);
    postgres_server_sql(&server, "ALTER ROLE reader SET default_transaction_read_only = on", NULL, 0);
    assert_int_equal(open_hosts(role, server.port, server.port, 5, NULL, &error), STATUS_IO);
    assert_non_null(strstr(error.text, "session is read-only"));
    assert_int_equal(open_hosts(any, server.port, server.port, 5, NULL, &error), STATUS_OK);
}

/* ---- a synchronous standby that is not there ---- */

/* In the server, meanwhile: waits until the backend waits for the standby, and ends that by a function of PostgreSQL's. */
static PGconn *end_wait(int backend, const char *by)
{
    char text[512];
    PGconn *connection = postgres_server_connect(&server);
    assert_non_null(connection);
    snprintf(text, sizeof text,
             "DO $$ BEGIN LOOP PERFORM pg_stat_clear_snapshot(); EXIT WHEN EXISTS (SELECT 1 FROM pg_stat_activity"
             " WHERE pid = %d AND wait_event = 'SyncRep'); PERFORM pg_sleep(0.01); END LOOP; PERFORM %s(%d); END $$",
             backend, by, backend);
    assert_int_equal(PQsendQuery(connection, text), 1);
    return connection;
}

/* The statement is committed on the server and nowhere else: that is no success. */
static void kept_by_nobody_else_is_not_kept(void **state)
{
    (void)state;
    static const char *const ways[] = { "pg_cancel_backend", "pg_terminate_backend" };
    static const Oid types[] = { POSTGRES_INT8 };
    char count[16];
    struct error error;
    postgres_server_sql(&server, "CREATE TABLE kept(n bigint)", NULL, 0);
    for (int i = 0; i < 4; i++) {
        struct postgres_link link = open_link(60000);
        struct postgres_number number = postgres_number(i);
        const struct postgres_value value = { number.bytes, 8 };
        postgres_server_set_standbys(&server, "nobody_there");
        PGconn *ending = end_wait(backend_of(&link), ways[i % 2]);
        enum status status = i < 2 ? postgres_execute(&link, "INSERT INTO public.kept VALUES(0)", NULL, "cannot write", &error)
                                   : postgres_run_once(&link, "INSERT INTO public.kept VALUES($1)", &value, types, 1, NULL,
                                                       "cannot write", &error);
        assert_int_equal(status, STATUS_IO);
        assert_non_null(strstr(error.text, i % 2 == 0 ? "the wait for its synchronous standby was ended" : "is lost"));
        assert_true(postgres_link_is_lost(&link));
        PQfinish(ending);
        postgres_link_close(&link);
        postgres_server_set_standbys(&server, "");
        postgres_server_sql(&server, "SELECT count(*) FROM kept", count, sizeof count);
        assert_int_equal(strtol(count, NULL, 10), i + 1); /* it was committed all the same: nobody can know */
    }
}

/* Any other warning is none of that. */
static void a_warning_is_no_failure(void **state)
{
    (void)state;
    struct error error;
    struct postgres_link link = open_link(5000);
    assert_int_equal(postgres_execute(&link, "DO $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; END $$",
                                      NULL, "cannot write", &error),
                     STATUS_OK);
    assert_int_equal(postgres_execute(&link, "ROLLBACK", NULL, "cannot write", &error), STATUS_OK); /* warns: no transaction */
    assert_false(postgres_link_is_lost(&link));
    postgres_link_close(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_is_silent_is_given_up),
        cmocka_unit_test(a_long_statement_is_ended_by_the_server),
        cmocka_unit_test(failures_are_told_by_kind_and_without_values),
        cmocka_unit_test(numbers_travel_in_network_order),
        cmocka_unit_test(what_was_checked_is_held),
        cmocka_unit_test(the_primary_is_found_among_hosts),
        cmocka_unit_test(who_cannot_be_written_to_is_no_primary),
        cmocka_unit_test(kept_by_nobody_else_is_not_kept),
        cmocka_unit_test(a_warning_is_no_failure),
    };
    if (!postgres_server_start(&server)) {
        printf("skipped: there are no binaries of PostgreSQL 15\n");
        return 77;
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    postgres_server_stop(&server);
    return failures;
}
