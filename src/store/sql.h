/* The seam for tables: one way of asking SQLite and PostgreSQL 15, with the same text.
 *
 * The text of a statement is a constant of the program, never built from values: values go by parameters $1 .. $n. What both
 * databases understand is used: ON CONFLICT, RETURNING, LIMIT, CAST(... AS bigint). An integer is 64 bits. A sum of a bigint
 * column may be read as an integer from both.
 *
 * A handle is one connection, used by one thread at a time. A connection that is lost gives STATUS_IO with a text that says so;
 * outside a transaction the next use opens it again, and nothing is ever sent twice by itself: who wrote must look what came of
 * it. Writing transactions of one database take turns, so that what one reads in it holds until its commit.
 *
 * Workload: some hundred short statements a second by a clerk, some thousand rows a batch by the projector, a report's ten
 * thousand rows now and then. */
#ifndef MINGDI_STORE_SQL_H
#define MINGDI_STORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"

struct store;

enum {
    SQL_PARAMETERS_MAX = 64,
    SQL_COLUMNS_MAX = 64,
    SQL_VALUE_SIZE_MAX = 64 << 20, /* of one text or blob, in or out */
    SQL_STATEMENTS_MAX = 64,       /* prepared and kept by a connection; the one used longest ago makes room */
};

/* Which of a centre's databases: a file each in a folder, tables beside each other in a schema of PostgreSQL. */
enum sql_database {
    SQL_CENTRE, /* people, sessions, tokens, audit, personal data, directory, control, settings */
    SQL_REPORT, /* the projection: can be made again from the journal */
};

struct sql; /* opaque */

/* From now on what writes is refused with STATUS_IO unless this process owns the centre, which is looked at in the same
 * transaction (lease.h). Nothing changes where the store is not one of several processes. */
void sql_owner_only(struct sql *sql, const struct store *store);

/* Opens the connection without looking at tables; store_tables_open (store.h) is what a server uses. read_only: the database
 * must exist, and writing fails. */
enum status sql_open(const struct store *store, enum sql_database database, bool read_only, struct sql **sql, struct error *error)
    MUST_USE;
/* Rolls back what was not committed. NULL is fine. */
void sql_close(struct sql *sql);

enum sql_type { SQL_NULL, SQL_INT, SQL_TEXT, SQL_BLOB, SQL_REAL };

/* A parameter; bytes stay the caller's and must last until the call returns. */
struct sql_value {
    enum sql_type type;
    int64_t integer;
    double real;
    const void *bytes;
    size_t size;
};

static inline struct sql_value sql_null(void) { return (struct sql_value){ .type = SQL_NULL }; }
static inline struct sql_value sql_int(int64_t value) { return (struct sql_value){ .type = SQL_INT, .integer = value }; }
static inline struct sql_value sql_real(double value) { return (struct sql_value){ .type = SQL_REAL, .real = value }; }
/* UTF-8 without zero bytes. NULL is a null. */
static inline struct sql_value sql_text_n(const char *text, size_t length)
{
    return (struct sql_value){ .type = text != NULL ? SQL_TEXT : SQL_NULL, .bytes = text, .size = length };
}
static inline struct sql_value sql_text(const char *text) { return sql_text_n(text, text != NULL ? strlen(text) : 0); }
/* NULL is a null; for an empty blob give any address. */
static inline struct sql_value sql_blob(const void *bytes, size_t size)
{
    return (struct sql_value){ .type = bytes != NULL ? SQL_BLOB : SQL_NULL, .bytes = bytes, .size = size };
}

/* A row of an answer, during the call of sql_row_fn only. Columns are counted from 0. Asking for another type than the column
 * has is a bug (CHECK), but a null may be asked for as anything: it is 0, "" or no bytes; and an integer may be read as a real.
 * */
struct sql_row;
bool sql_row_is_null(const struct sql_row *row, int column);
int64_t sql_row_int(const struct sql_row *row, int column);
double sql_row_real(const struct sql_row *row, int column);
const char *sql_row_text(const struct sql_row *row, int column); /* ends in a zero byte */
/* Never NULL. */
const void *sql_row_blob(const struct sql_row *row, int column, size_t *size);

/* Anything but STATUS_OK ends the reading with that status. It must not use the same handle. */
typedef enum status (*sql_row_fn)(void *context, const struct sql_row *row, struct error *error);

/* A statement that gives no rows (INSERT, UPDATE, DELETE, DDL). *changed (may be NULL) is how many rows it touched. A broken
 * promise of the tables (unique, not null, foreign key) is STATUS_BAD_INPUT; sql_is_conflict tells whether it was uniqueness.
 * */
enum status sql_run(struct sql *sql, const char *text, const struct sql_value *parameters, size_t count, int64_t *changed,
                    struct error *error) MUST_USE;
/* A statement that gives rows (SELECT, ... RETURNING): row is called for each in order; it may be NULL. *rows (may be NULL) is
 * how many there were. PostgreSQL's answer is held in memory whole: page through what may be long. */
enum status sql_query(struct sql *sql, const char *text, const struct sql_value *parameters, size_t count, sql_row_fn row,
                      void *context, int64_t *rows, struct error *error) MUST_USE;
/* Whether the last failure of this handle was a row that exists already. */
bool sql_is_conflict(const struct sql *sql);

/* Parameters in place: sql_run(sql, "DELETE FROM session WHERE person = $1", SQL_PARAMETERS(sql_int(person)), NULL, error). */
#define SQL_PARAMETERS(...) \
    (const struct sql_value[]){ __VA_ARGS__ }, sizeof((const struct sql_value[]){ __VA_ARGS__ }) / sizeof(struct sql_value)
#define SQL_NO_PARAMETERS NULL, 0

/* A transaction. Not nested. After a failed statement in it only sql_rollback makes sense: the rest is refused. Durable when
 * sql_commit returns STATUS_OK; when it fails, nobody knows: look. */
enum status sql_begin(struct sql *sql, struct error *error) MUST_USE;
enum status sql_commit(struct sql *sql, struct error *error) MUST_USE;
/* Never fails: what was not committed is gone in any case. Fine without a transaction. */
void sql_rollback(struct sql *sql);

/* Makes what was deleted from the table disappear from the files as well, as far as the database can: SQLite empties its log
 * (the pages were overwritten when the rows went), PostgreSQL rewrites the table, during which nobody else can use it. Outside
 * a transaction. table is a constant. */
enum status sql_forget(struct sql *sql, const char *table, struct error *error) MUST_USE;

#endif
