/* Tables, fresh for each test, on SQLite or on a PostgreSQL server of the test's own. For *_test.c only; cmocka.h must have
 * been included before. */
#ifndef MINGDI_STORE_SQL_TEST_H
#define MINGDI_STORE_SQL_TEST_H

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "store/postgres_server_test.h"
#include "store/store.h"

struct test {
    char folder[256];
    struct store store;
    struct sql *sql;
    struct error error;
};

/* server: NULL for SQLite. open: how the tables are to be opened. */
static inline struct test *test_make(const struct postgres_server *server,
                                     enum status (*open)(const struct store *, enum sql_database, bool, struct sql **,
                                                         struct error *))
{
    static int schema_number;
    struct test *test = calloc(1, sizeof *test);
    char url[256];
    assert_non_null(test);
    snprintf(test->folder, sizeof test->folder, "/tmp/mingdi-sql-XXXXXX");
    assert_non_null(mkdtemp(test->folder));
    if (server != NULL) {
        char schema[32];
        snprintf(schema, sizeof schema, "t%d", ++schema_number);
        postgres_server_url(server, schema, url, sizeof url);
    }
    assert_int_equal(store_parse(test->folder, server != NULL ? url : NULL, false, &test->store, &test->error), STATUS_OK);
    if (open(&test->store, SQL_CENTRE, false, &test->sql, &test->error) != STATUS_OK) {
        fail_msg("%s", test->error.text);
    }
    return test;
}

static inline int test_remove(void **state)
{
    struct test *test = *state;
    if (test != NULL) {
        sql_close(test->sql);
        (void)folder_remove(test->folder);
        free(test);
    }
    return 0;
}

/* Skips where there is no server. */
static inline struct test *need(void **state)
{
    if (*state == NULL) {
        skip();
    }
    return *state;
}

static inline void must(struct test *test, enum status status)
{
    if (status != STATUS_OK) {
        fail_msg("%s", test->error.text);
    }
}

static inline enum status test_take_int(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

#endif
