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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_is_silent_is_given_up),
        cmocka_unit_test(a_long_statement_is_ended_by_the_server),
        cmocka_unit_test(failures_are_told_by_kind_and_without_values),
        cmocka_unit_test(numbers_travel_in_network_order),
        cmocka_unit_test(what_was_checked_is_held),
    };
    if (!postgres_server_start(&server)) {
        printf("skipped: there are no binaries of PostgreSQL 15\n");
        return 77;
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    postgres_server_stop(&server);
    return failures;
}
