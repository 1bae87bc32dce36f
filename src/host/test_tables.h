/* For the tests of this layer: a centre's tables, in a folder of their own or in a schema of a PostgreSQL server of the test's
 * own. cmocka.h must have been included before. */
#ifndef MINGDI_HOST_TEST_TABLES_H
#define MINGDI_HOST_TEST_TABLES_H

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/workers.h"
#include "store/postgres_server_test.h"
#include "store/sql.h"
#include "store/store.h"

static struct postgres_server test_server; /* runs in the second round of test_tables_run */
static unsigned test_schemas;

struct test_tables {
    struct store store;
    struct sql *sql;
};

static inline struct sql *test_tables_connect(const struct test_tables *tables)
{
    struct sql *sql = NULL;
    struct error error = { 0 };
    if (store_tables_open(&tables->store, SQL_CENTRE, false, &sql, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return sql;
}

static inline void test_tables_make(struct test_tables *tables)
{
    const char *base = getenv("TMPDIR");
    char folder[256];
    char url[256], schema[32];
    struct error error = { 0 };
    snprintf(folder, sizeof folder, "%s/mingdi-host-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    if (test_server.postmaster != 0) {
        snprintf(schema, sizeof schema, "t%u", ++test_schemas);
        postgres_server_url(&test_server, schema, url, sizeof url);
    }
    if (store_parse(folder, test_server.postmaster != 0 ? url : NULL, false, &tables->store, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    tables->sql = test_tables_connect(tables);
}

static inline void test_tables_remove(struct test_tables *tables)
{
    sql_close(tables->sql);
    DIR *folder = opendir(tables->store.folder);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.') {
            assert_int_equal(unlinkat(dirfd(folder), entry->d_name, 0), 0);
        }
    }
    closedir(folder);
    assert_int_equal(rmdir(tables->store.folder), 0);
}

static inline void test_run(struct sql *sql, const char *text)
{
    struct error error = { 0 };
    if (sql_run(sql, text, SQL_NO_PARAMETERS, NULL, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

static inline enum status test_take_int(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

/* The integer that a question gives. */
static inline int64_t test_int(struct sql *sql, const char *text)
{
    struct error error = { 0 };
    int64_t value = -1;
    if (sql_query(sql, text, SQL_NO_PARAMETERS, test_take_int, &value, NULL, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return value;
}

static inline struct workers *test_workers(const char *name, uint32_t threads)
{
    struct workers *workers = NULL;
    struct error error = { 0 };
    if (workers_create(name, threads, 64, &workers, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return workers;
}

/* Delivers what these workers finish until it is done; fails after a minute. */
static inline void test_wait(struct workers *const *workers, nfds_t count, const bool *done)
{
    struct pollfd watched[4];
    assert_true(count <= 4);
    for (nfds_t i = 0; i < count; i++) {
        watched[i] = (struct pollfd){ .fd = workers_fd(workers[i]), .events = POLLIN };
    }
    while (!*done) {
        assert_true(poll(watched, count, 60000) > 0);
        for (nfds_t i = 0; i < count; i++) {
            workers_deliver(workers[i]);
        }
    }
}

/* The tests twice: with SQLite, and with PostgreSQL where the machine has it. How many failed. */
static inline int test_tables_run(const struct CMUnitTest *tests, size_t count)
{
    int failures = _cmocka_run_group_tests("SQLite", tests, count, NULL, NULL);
    if (!postgres_server_start(&test_server)) {
        printf("skipped: the tests with PostgreSQL: there are no binaries of PostgreSQL 15\n");
        return failures;
    }
    failures += _cmocka_run_group_tests("PostgreSQL", tests, count, NULL, NULL);
    postgres_server_stop(&test_server);
    return failures;
}

/* What looks into the files of SQLite. */
static inline bool test_tables_are_files(const struct test_tables *tables) { return tables->store.kind == STORE_FOLDER; }

#endif
