/* The seam for tables: every test runs on SQLite, and on a PostgreSQL server of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/interrupt.h"
#include "store/migration.h"
#include "store/sql_test.h"

static struct postgres_server server;

static int setup_sqlite(void **state)
{
    *state = test_make(NULL, store_tables_open);
    return 0;
}

static int setup_postgres(void **state)
{
    if (server.postmaster == 0) {
        *state = NULL;
        return 0;
    }
    *state = test_make(&server, store_tables_open);
    return 0;
}

static void run(struct test *test, const char *text)
{
    must(test, sql_run(test->sql, text, SQL_NO_PARAMETERS, NULL, &test->error));
}

static int64_t ask(struct test *test, struct sql *sql, const char *text)
{
    int64_t value = -1;
    must(test, sql_query(sql, text, SQL_NO_PARAMETERS, test_take_int, &value, NULL, &test->error));
    return value;
}

#define SETTING "INSERT INTO setting(name, value, changed_by, changed_at) VALUES($1, $2, $3, $4)"

static enum status put_setting(struct test *test, const char *name, int64_t at)
{
    return sql_run(test->sql, SETTING, SQL_PARAMETERS(sql_text(name), sql_text("v"), sql_int(1), sql_int(at)), NULL,
                   &test->error);
}

/* ---- values ---- */

static const unsigned char BYTES[] = { 0, 1, 0xFF, '\'', 0, 0x80 };

static enum status look_at_values(void *context, const struct sql_row *row, struct error *error)
{
    (void)context;
    (void)error;
    size_t size = 0;
    assert_int_equal(sql_row_int(row, 0), INT64_MIN);
    assert_string_equal(sql_row_text(row, 1), "急救'; DROP TABLE person; --");
    assert_memory_equal(sql_row_blob(row, 2, &size), BYTES, sizeof BYTES);
    assert_int_equal(size, sizeof BYTES);
    assert_true(sql_row_is_null(row, 3));
    assert_int_equal(sql_row_int(row, 3), 0);
    assert_string_equal(sql_row_text(row, 3), "");
    assert_false(sql_row_is_null(row, 0));
    return STATUS_OK;
}

static void values_come_back_as_they_went(void **state)
{
    struct test *test = need(state);
    int64_t rows = 0;
    int64_t changed = 0;
    must(test,
         sql_run(test->sql,
                 "INSERT INTO personal(reference, call, key_wrapped, nonce, box, created_at) VALUES($1, $2, $3, $4, $5, $6)",
                 SQL_PARAMETERS(sql_int(7), sql_int(INT64_MIN), sql_blob(BYTES, sizeof BYTES), sql_blob("", 0), sql_null(),
                                sql_int(INT64_MAX)),
                 &changed, &test->error));
    assert_int_equal(changed, 1);
    must(test,
         sql_query(test->sql,
                   "SELECT call, CAST($1 AS text), key_wrapped, incident FROM personal WHERE reference = $2 AND $2 = reference",
                   SQL_PARAMETERS(sql_text("急救'; DROP TABLE person; --"), sql_int(7)), look_at_values, NULL, &rows,
                   &test->error));
    assert_int_equal(rows, 1);
    assert_int_equal(ask(test, test->sql, "SELECT created_at FROM personal"), INT64_MAX);
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM personal WHERE box IS NULL AND length(nonce) = 0"), 1);
}

static enum status take_real(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(double *)context = sql_row_real(row, 0);
    return STATUS_OK;
}

static void sums_are_integers_and_reals_real(void **state)
{
    struct test *test = need(state);
    double real = 0;
    static const int64_t values[] = { 123456789012345, -20001, 30000, 5 };
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%zu", i);
        must(test, put_setting(test, name, values[i]));
        sum += values[i];
    }
    assert_int_equal(ask(test, test->sql, "SELECT sum(changed_at) FROM setting"), sum);
    assert_int_equal(ask(test, test->sql, "SELECT sum(changed_at) FROM setting WHERE changed_at < 0"), -20001);
    assert_int_equal(ask(test, test->sql, "SELECT sum(changed_at) FROM setting WHERE changed_at = 30000"), 30000);
    must(test, sql_query(test->sql, "SELECT CAST($1 AS double precision) * 2", SQL_PARAMETERS(sql_real(-0.375)), take_real, &real,
                         NULL, &test->error));
    assert_true(real == -0.75);
    must(test, sql_query(test->sql, "SELECT avg(changed_at) FROM setting WHERE changed_at IN (5, 30000)", SQL_NO_PARAMETERS,
                         take_real, &real, NULL, &test->error));
    assert_true(real == 15002.5);
}

static void bad_texts_are_refused(void **state)
{
    struct test *test = need(state);
    static const char *const texts[] = { "\xFF", "a\0b", "\xED\xA0\x80" };
    for (size_t i = 0; i < 3; i++) {
        enum status status = sql_run(test->sql, SETTING,
                                     SQL_PARAMETERS(sql_text_n(texts[i], i == 0 ? 1 : 3), sql_text(""), sql_int(1), sql_int(1)),
                                     NULL, &test->error);
        assert_int_equal(status, STATUS_BAD_INPUT);
    }
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 0);
}

static void promises_of_tables_are_kept(void **state)
{
    struct test *test = need(state);
    must(test, put_setting(test, "n", 1));
    assert_int_equal(put_setting(test, "n", 2), STATUS_BAD_INPUT);
    assert_true(sql_is_conflict(test->sql));
    assert_null(strstr(test->error.text, "(n)")); /* no value of a row in a message */
    assert_int_equal(
        sql_run(test->sql, SETTING, SQL_PARAMETERS(sql_text("m"), sql_null(), sql_int(1), sql_int(1)), NULL, &test->error),
        STATUS_BAD_INPUT);
    assert_false(sql_is_conflict(test->sql));
    assert_int_equal(sql_run(test->sql, "INSERT INTO person_grant(person, role, scope) VALUES($1, $2, $3)",
                             SQL_PARAMETERS(sql_int(99), sql_text("crew"), sql_text("unit")), NULL, &test->error),
                     STATUS_BAD_INPUT); /* there is no such person */
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 1);
}

static void what_both_understand(void **state)
{
    struct test *test = need(state);
    int64_t id = 0;
    int64_t changed = -1;
    static const char insert[] = "INSERT INTO person(name, display, password_hash, created_at, changed_at)"
                                 " VALUES($1, $2, '', $3, $3) RETURNING id";
    must(test, sql_query(test->sql, insert, SQL_PARAMETERS(sql_text("a"), sql_text("A"), sql_int(5)), test_take_int, &id, NULL,
                         &test->error));
    assert_int_equal(id, 1);
    must(test, sql_query(test->sql, insert, SQL_PARAMETERS(sql_text("b"), sql_text("B"), sql_int(5)), test_take_int, &id, NULL,
                         &test->error));
    assert_int_equal(id, 2);
    run(test, "DELETE FROM person WHERE id = 2");
    must(test, sql_query(test->sql, insert, SQL_PARAMETERS(sql_text("c"), sql_text("C"), sql_int(5)), test_take_int, &id, NULL,
                         &test->error));
    assert_int_equal(id, 3); /* a number is never given twice */
    static const char upsert[] = "INSERT INTO setting(name, value, changed_by, changed_at) VALUES($1, $2, 1, 1)"
                                 " ON CONFLICT(name) DO UPDATE SET value = excluded.value WHERE setting.value <> excluded.value";
    static const int64_t expected[] = { 1, 0, 1 };
    static const char *const values[] = { "x", "x", "y" };
    for (size_t i = 0; i < 3; i++) {
        must(test, sql_run(test->sql, upsert, SQL_PARAMETERS(sql_text("s"), sql_text(values[i])), &changed, &test->error));
        assert_int_equal(changed, expected[i]);
    }
    must(test, sql_run(test->sql, "DELETE FROM person WHERE id > $1", SQL_PARAMETERS(sql_int(0)), &changed, &test->error));
    assert_int_equal(changed, 2);
}

/* ---- rows and statements ---- */

static enum status stop_at_third(void *context, const struct sql_row *row, struct error *error)
{
    (void)row;
    return ++*(int *)context == 3 ? ERROR(error, STATUS_FULL, "enough") : STATUS_OK;
}

static void a_visit_ends_the_reading(void **state)
{
    struct test *test = need(state);
    int count = 0;
    for (int i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        must(test, put_setting(test, name, i));
    }
    assert_int_equal(sql_query(test->sql, "SELECT name FROM setting ORDER BY name", SQL_NO_PARAMETERS, stop_at_third, &count,
                               NULL, &test->error),
                     STATUS_FULL);
    assert_int_equal(count, 3);
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 5);
}

/* More texts than a connection keeps, some of them twice, with other types the second time. */
static void statements_make_room_for_others(void **state)
{
    struct test *test = need(state);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3 * SQL_STATEMENTS_MAX / 2; i++) {
            char text[64];
            snprintf(text, sizeof text, "SELECT coalesce($1, %d)", i);
            int64_t value = -1;
            must(test, sql_query(test->sql, text, SQL_PARAMETERS(round == 0 ? sql_int(7) : sql_null()), test_take_int, &value,
                                 NULL, &test->error));
            assert_int_equal(value, round == 0 ? 7 : i);
        }
    }
}

/* ---- transactions ---- */

static void a_transaction_is_all_or_nothing(void **state)
{
    struct test *test = need(state);
    must(test, sql_begin(test->sql, &test->error));
    must(test, put_setting(test, "a", 1));
    sql_rollback(test->sql);
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 0);
    must(test, sql_begin(test->sql, &test->error));
    must(test, put_setting(test, "a", 1));
    must(test, sql_commit(test->sql, &test->error));
    must(test, sql_begin(test->sql, &test->error));
    must(test, put_setting(test, "b", 1));
    assert_int_equal(put_setting(test, "a", 1), STATUS_BAD_INPUT);
    assert_int_equal(put_setting(test, "c", 1), STATUS_IO); /* a failed one takes nothing more */
    assert_int_equal(sql_commit(test->sql, &test->error), STATUS_IO);
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 1);
}

static void a_reader_sees_one_moment_and_cannot_write(void **state)
{
    struct test *test = need(state);
    struct sql *reader = NULL;
    must(test, put_setting(test, "a", 1));
    must(test, store_tables_open(&test->store, SQL_CENTRE, true, &reader, &test->error));
    must(test, sql_begin(reader, &test->error));
    assert_int_equal(ask(test, reader, "SELECT count(*) FROM setting"), 1);
    must(test, put_setting(test, "b", 1));
    assert_int_equal(ask(test, reader, "SELECT count(*) FROM setting"), 1);
    must(test, sql_commit(reader, &test->error));
    assert_int_equal(ask(test, reader, "SELECT count(*) FROM setting"), 2);
    assert_int_not_equal(sql_run(reader, "DELETE FROM setting", SQL_NO_PARAMETERS, NULL, &test->error), STATUS_OK);
    assert_int_equal(ask(test, reader, "SELECT count(*) FROM setting"), 2);
    sql_close(reader);
}

/* ---- SQLite only ---- */

/* Whether a byte string stands anywhere in the files of the folder. */
static bool folder_holds(const char *folder, const char *needle)
{
    static const char *const names[] = { "centre.db", "centre.db-wal", "centre.db-shm" };
    bool found = false;
    for (size_t i = 0; i < 3; i++) {
        char *path = file_join(folder, names[i]);
        struct file_view view;
        struct error error;
        if (file_view_open(&view, path, &error) == STATUS_OK) {
            found = found || memmem(view.bytes, view.size, needle, strlen(needle)) != NULL;
            file_view_close(&view);
        }
        free(path);
    }
    return found;
}

static void what_is_forgotten_is_gone(void **state)
{
    struct test *test = need(state);
    static const char secret[] = "13800138000-zhangsan";
    must(test, sql_run(test->sql, SETTING, SQL_PARAMETERS(sql_text("s"), sql_text(secret), sql_int(1), sql_int(1)), NULL,
                       &test->error));
    if (test->store.kind == STORE_FOLDER) {
        assert_true(folder_holds(test->folder, secret));
    }
    run(test, "DELETE FROM setting");
    must(test, sql_forget(test->sql, "setting", &test->error));
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 0);
    assert_false(folder_holds(test->folder, secret));
}

static void files_are_for_their_owner_only(void **state)
{
    struct test *test = need(state);
    static const char *const names[] = { "centre.db", "centre.db-wal", "centre.db-shm" };
    must(test, put_setting(test, "a", 1));
    for (size_t i = 0; i < 3; i++) {
        char *path = file_join(test->folder, names[i]);
        struct stat facts;
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(facts.st_mode & 07777, 0600);
        free(path);
    }
    char *path = file_join(test->folder, "centre.db");
    assert_int_equal(chmod(path, 0644), 0); /* as a copy may come back */
    struct sql *again = NULL;
    must(test, sql_open(&test->store, SQL_CENTRE, false, &again, &test->error));
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    sql_close(again);
    free(path);
}

/* The disk takes no more, as a limit on the size of files plays it: the transaction fails whole, and later all is well. */
static void a_full_disk_loses_no_more_than_the_transaction(void **state)
{
    struct test *test = need(state);
    struct rlimit before;
    must(test, put_setting(test, "kept", 1));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = { .rlim_cur = 512 << 10, .rlim_max = before.rlim_max };
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    char *large = malloc(100000);
    memset(large, 'x', 100000);
    enum status status = sql_begin(test->sql, &test->error);
    for (int i = 0; status == STATUS_OK && i < 20; i++) {
        status = sql_run(test->sql, SETTING,
                         SQL_PARAMETERS(sql_text(&"abcdefghijklmnopqrstu"[i]), sql_text_n(large, 100000), sql_int(1), sql_int(1)),
                         NULL, &test->error);
    }
    if (status == STATUS_OK) {
        status = sql_commit(test->sql, &test->error);
    }
    sql_rollback(test->sql);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    free(large);
    assert_int_equal(status, STATUS_IO);
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 1);
    must(test, put_setting(test, "more", 1));
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 2);
}

static void a_missing_file_is_not_made_by_a_reader(void **state)
{
    struct test *test = need(state);
    struct sql *reader = NULL;
    assert_int_equal(sql_open(&test->store, SQL_REPORT, true, &reader, &test->error), STATUS_NOT_FOUND);
}

/* ---- PostgreSQL only ---- */

static void cut_connections(const char *application)
{
    char text[256];
    snprintf(text, sizeof text, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '%s'",
             application);
    postgres_server_sql(&server, text, NULL, 0);
}

/* Nothing was under way, so that nobody needs to notice; whether the hang-up has arrived already is the network's matter. */
static void a_cut_connection_is_made_again(void **state)
{
    struct test *test = need(state);
    must(test, put_setting(test, "a", 1));
    cut_connections("mingdi tables");
    enum status status = put_setting(test, "b", 1);
    if (status != STATUS_OK) {
        assert_int_equal(status, STATUS_IO);
        assert_non_null(strstr(test->error.text, "lost"));
        must(test, put_setting(test, "b", 1));
    }
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 2);
}

static void a_transaction_does_not_survive_its_connection(void **state)
{
    struct test *test = need(state);
    must(test, sql_begin(test->sql, &test->error));
    must(test, put_setting(test, "a", 1));
    cut_connections("mingdi tables");
    assert_int_equal(put_setting(test, "b", 1), STATUS_IO);
    assert_non_null(strstr(test->error.text, "lost"));
    assert_int_equal(put_setting(test, "c", 1), STATUS_IO);
    assert_int_equal(sql_commit(test->sql, &test->error), STATUS_IO);
    assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), 0);
}

static void a_restart_in_a_transaction_loses_it_whole(void **state)
{
    struct test *test = need(state);
    static const int signals[] = { SIGINT, SIGQUIT, SIGKILL };
    for (size_t i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "kept%zu", i);
        must(test, put_setting(test, name, 1));
        must(test, sql_begin(test->sql, &test->error));
        must(test, put_setting(test, "lost", 1));
        postgres_server_restart(&server, signals[i]);
        assert_int_equal(put_setting(test, "more", 1), STATUS_IO);
        sql_rollback(test->sql);
        assert_int_equal(ask(test, test->sql, "SELECT count(*) FROM setting"), (int)i + 1);
    }
}

static void a_server_that_is_gone_is_said_to_be(void **state)
{
    struct test *test = need(state);
    postgres_server_end(&server, SIGINT);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(put_setting(test, "a", 1), STATUS_IO);
        assert_non_null(strstr(test->error.text, "127.0.0.1"));
    }
    postgres_server_launch(&server);
    must(test, put_setting(test, "a", 1));
}

static void a_server_that_loses_is_refused(void **state)
{
    struct test *test = need(state);
    static const char *const settings[] = { "fsync=off", "full_page_writes=off", "synchronous_commit=off",
                                            "synchronous_commit=local" };
    static const char *const named[] = { "fsync", "full_page_writes", "synchronous_commit", "synchronous_commit" };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct sql *sql = NULL;
        postgres_server_end(&server, SIGINT);
        postgres_server_launch_with(&server, settings[i]);
        assert_int_equal(sql_open(&test->store, SQL_CENTRE, false, &sql, &test->error), STATUS_BAD_INPUT);
        assert_non_null(strstr(test->error.text, named[i]));
        must(test, sql_open(&test->store, SQL_CENTRE, true, &sql, &test->error)); /* reading loses nothing */
        sql_close(sql);
    }
    postgres_server_end(&server, SIGINT);
    postgres_server_launch(&server);
}

int main(void)
{
#define BOTH(name)                                                     \
    { #name " (SQLite)", name, setup_sqlite, test_remove, NULL },      \
    {                                                                  \
#name " (PostgreSQL)", name, setup_postgres, test_remove, NULL \
    }
#define SQLITE(name) cmocka_unit_test_setup_teardown(name, setup_sqlite, test_remove)
#define POSTGRES(name) cmocka_unit_test_setup_teardown(name, setup_postgres, test_remove)
    const struct CMUnitTest tests[] = {
        BOTH(values_come_back_as_they_went),
        BOTH(sums_are_integers_and_reals_real),
        BOTH(bad_texts_are_refused),
        BOTH(promises_of_tables_are_kept),
        BOTH(what_both_understand),
        BOTH(a_visit_ends_the_reading),
        BOTH(statements_make_room_for_others),
        BOTH(a_transaction_is_all_or_nothing),
        BOTH(a_reader_sees_one_moment_and_cannot_write),
        BOTH(what_is_forgotten_is_gone),
        SQLITE(files_are_for_their_owner_only),
        SQLITE(a_full_disk_loses_no_more_than_the_transaction),
        SQLITE(a_missing_file_is_not_made_by_a_reader),
        POSTGRES(a_cut_connection_is_made_again),
        POSTGRES(a_transaction_does_not_survive_its_connection),
        POSTGRES(a_restart_in_a_transaction_loses_it_whole),
        POSTGRES(a_server_that_is_gone_is_said_to_be),
        POSTGRES(a_server_that_loses_is_refused),
    };
    if (!postgres_server_start(&server)) {
        printf("skipped: the tests of PostgreSQL: there are no binaries of PostgreSQL 15\n");
    }
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    postgres_server_stop(&server);
    return failures;
}
