/* Steps of tables on SQLite and on a PostgreSQL server of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/interrupt.h"
#include "store/migration.h"
#include "store/sql_test.h"

static struct postgres_server server;

static const char *const ONE[] = { "CREATE TABLE one(id {id}, bytes {blob}, share {double}){strict}",
                                   "INSERT INTO one(bytes, share) VALUES(NULL, 0.5)", NULL };
static const char *const TWO[] = { "ALTER TABLE one ADD COLUMN name text NOT NULL DEFAULT 'x'",
                                   "CREATE TABLE two(id {bigint} PRIMARY KEY){strict}", NULL };
static const char *const THREE[] = { "INSERT INTO two(id) SELECT id FROM one", NULL };
static const char *const WRONG[] = { "INSERT INTO two(id) VALUES(77)", "INSERT INTO nowhere(id) VALUES(1)", NULL };

static const struct migration_step STEPS[] = { { "first", ONE }, { "second", TWO }, { "third", THREE } };
static const struct migration_step CHANGED[] = { { "first", ONE }, { "second", THREE }, { "third", THREE } };
static const struct migration_step RENAMED[] = { { "zeroth", ONE }, { "second", TWO }, { "third", THREE } };
static const struct migration_step BROKEN[] = { { "first", ONE }, { "second", TWO }, { "wrong one", WRONG } };

#define PART(steps, count) (&(struct migration_part){ "sample", steps, count })

static int setup_sqlite(void **state)
{
    *state = test_make(NULL, sql_open);
    return 0;
}

static int setup_postgres(void **state)
{
    *state = server.postmaster != 0 ? test_make(&server, sql_open) : NULL;
    return 0;
}

static void assert_says(const struct test *test, const char *text)
{
    if (strstr(test->error.text, text) == NULL) {
        fail_msg("'%s' does not say '%s'", test->error.text, text);
    }
}

static int64_t ask(struct test *test, const char *text)
{
    int64_t value = -1;
    must(test, sql_query(test->sql, text, SQL_NO_PARAMETERS, test_take_int, &value, NULL, &test->error));
    return value;
}

static size_t applied_of(struct test *test, const struct migration_part *part)
{
    size_t applied = 99;
    must(test, migration_applied(test->sql, part, &applied, &test->error));
    return applied;
}

static void steps_are_applied_once_and_in_order(void **state)
{
    struct test *test = need(state);
    const struct migration_part *part = PART(STEPS, 3);
    assert_int_equal(applied_of(test, part), 0);
    assert_int_equal(migration_require(test->sql, part, &test->error), STATUS_VERSION);
    assert_says(test, "mingdi migrate");
    for (size_t i = 1; i <= 4; i++) {
        size_t applied = 0;
        must(test, migration_next(test->sql, part, &applied, &test->error));
        assert_int_equal(applied, i < 3 ? i : 3);
        assert_int_equal(applied_of(test, part), applied);
    }
    must(test, migration_require(test->sql, part, &test->error));
    assert_int_equal(ask(test, "SELECT id FROM two"), 1);
    assert_int_equal(ask(test, "SELECT count(*) FROM one WHERE name = 'x' AND share = 0.5"), 1);
}

static void what_is_new_is_made_at_once(void **state)
{
    struct test *test = need(state);
    must(test, migration_create(test->sql, PART(STEPS, 2), &test->error));
    assert_int_equal(applied_of(test, PART(STEPS, 3)), 2);
    must(test, migration_create(test->sql, PART(STEPS, 3), &test->error)); /* there is something: nothing is done silently */
    assert_int_equal(applied_of(test, PART(STEPS, 3)), 2);
    assert_int_equal(migration_require(test->sql, PART(STEPS, 3), &test->error), STATUS_VERSION);
}

static void a_new_store_is_made_whole_or_not_at_all(void **state)
{
    struct test *test = need(state);
    assert_int_not_equal(migration_create(test->sql, PART(BROKEN, 3), &test->error), STATUS_OK);
    assert_says(test, "wrong one");
    assert_int_equal(applied_of(test, PART(BROKEN, 3)), 0);
    must(test, migration_create(test->sql, PART(STEPS, 3), &test->error)); /* nothing of it stands in the way */
}

static void a_step_that_fails_leaves_nothing(void **state)
{
    struct test *test = need(state);
    size_t applied = 0;
    must(test, migration_create(test->sql, PART(STEPS, 2), &test->error));
    assert_int_not_equal(migration_next(test->sql, PART(BROKEN, 3), &applied, &test->error), STATUS_OK);
    assert_says(test, "wrong one");
    assert_int_equal(applied_of(test, PART(STEPS, 3)), 2);
    assert_int_equal(ask(test, "SELECT count(*) FROM two"), 0);
    must(test, migration_next(test->sql, PART(STEPS, 3), &applied, &test->error));
    assert_int_equal(applied, 3);
}

/* The process dies between the statements of the second step. */
static void die_half_way(const struct store *store)
{
    struct sql *sql = NULL;
    struct error error;
    size_t applied = 0;
    bool ready = sql_open(store, SQL_CENTRE, false, &sql, &error) == STATUS_OK &&
                 migration_next(sql, PART(STEPS, 3), &applied, &error) == STATUS_OK && applied == 1 &&
                 sql_begin(sql, &error) == STATUS_OK && sql_run(sql, TWO[0], SQL_NO_PARAMETERS, NULL, &error) == STATUS_OK;
    if (ready) {
        (void)kill(getpid(), SIGKILL);
    }
    _exit(EXIT_FAILURE);
}

static void a_killed_migration_goes_on_where_it_was(void **state)
{
    struct test *test = need(state);
    sql_close(test->sql); /* a connection must not be shared with the child */
    test->sql = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        die_half_way(&test->store);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL);
    must(test, sql_open(&test->store, SQL_CENTRE, false, &test->sql, &test->error));
    assert_int_equal(applied_of(test, PART(STEPS, 3)), 1);
    for (size_t i = 2; i <= 3; i++) {
        size_t applied = 0;
        must(test, migration_next(test->sql, PART(STEPS, 3), &applied, &test->error));
        assert_int_equal(applied, i);
    }
    assert_int_equal(ask(test, "SELECT count(*) FROM two"), 1);
}

static void a_changed_step_is_refused_by_name(void **state)
{
    struct test *test = need(state);
    size_t applied = 0;
    must(test, migration_create(test->sql, PART(STEPS, 2), &test->error));
    assert_int_equal(migration_applied(test->sql, PART(CHANGED, 3), &applied, &test->error), STATUS_VERSION);
    assert_says(test, "step 2 of 'sample' ('second')");
    assert_int_equal(migration_next(test->sql, PART(RENAMED, 3), &applied, &test->error), STATUS_VERSION);
    assert_says(test, "step 1 of 'sample' ('zeroth') is not what was applied as 'first'");
    assert_int_equal(applied_of(test, PART(STEPS, 3)), 2);
}

static void a_newer_store_is_refused(void **state)
{
    struct test *test = need(state);
    size_t applied = 0;
    must(test, migration_create(test->sql, PART(STEPS, 3), &test->error));
    assert_int_equal(migration_applied(test->sql, PART(STEPS, 2), &applied, &test->error), STATUS_VERSION);
    assert_says(test, "newer than this program: step 3 of 'sample' ('third')");
    must(test, sql_run(test->sql, "DELETE FROM mingdi_migration WHERE number = 2", SQL_NO_PARAMETERS, NULL, &test->error));
    assert_int_equal(migration_applied(test->sql, PART(STEPS, 3), &applied, &test->error), STATUS_CORRUPT);
    assert_says(test, "step 2");
}

/* The real parts, together in one store, by the way a server takes. */
static void a_centre_opens_what_it_made(void **state)
{
    struct test *test = need(state);
    for (int round = 0; round < 2; round++) {
        for (int database = SQL_CENTRE; database <= SQL_REPORT; database++) {
            struct sql *sql = NULL;
            must(test, store_tables_open(&test->store, (enum sql_database)database, false, &sql, &test->error));
            sql_close(sql);
            must(test, store_tables_open(&test->store, (enum sql_database)database, true, &sql, &test->error));
            sql_close(sql);
        }
    }
    must(test, sql_run(test->sql, "UPDATE mingdi_migration SET checksum = 'x' WHERE part = 'centre' AND number = 1",
                       SQL_NO_PARAMETERS, NULL, &test->error));
    struct sql *sql = NULL;
    assert_int_equal(store_tables_open(&test->store, SQL_CENTRE, false, &sql, &test->error), STATUS_VERSION);
    assert_says(test, "people, sessions");
}

static void what_is_not_there_is_not_made_by_a_reader(void **state)
{
    struct test *test = need(state);
    struct sql *sql = NULL;
    assert_int_equal(store_tables_open(&test->store, SQL_CENTRE, true, &sql, &test->error), STATUS_VERSION);
    assert_int_equal(applied_of(test, &MIGRATION_CENTRE), 0);
}

int main(void)
{
#define BOTH(name)                                                     \
    { #name " (SQLite)", name, setup_sqlite, test_remove, NULL },      \
    {                                                                  \
#name " (PostgreSQL)", name, setup_postgres, test_remove, NULL \
    }
    const struct CMUnitTest tests[] = {
        BOTH(steps_are_applied_once_and_in_order),
        BOTH(what_is_new_is_made_at_once),
        BOTH(a_new_store_is_made_whole_or_not_at_all),
        BOTH(a_step_that_fails_leaves_nothing),
        BOTH(a_killed_migration_goes_on_where_it_was),
        BOTH(a_changed_step_is_refused_by_name),
        BOTH(a_newer_store_is_refused),
        BOTH(a_centre_opens_what_it_made),
        BOTH(what_is_not_there_is_not_made_by_a_reader),
    };
    if (!postgres_server_start(&server)) {
        printf("skipped: the tests of PostgreSQL: there are no binaries of PostgreSQL 15\n");
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    postgres_server_stop(&server);
    return failures;
}
