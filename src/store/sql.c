/* What does not depend on the database: the order of calls, the values of a row. */
#include "store/sql.h"

#include "base/check.h"
#include "base/text.h"
#include "store/sql_private.h"

enum status sql_open(const struct store *store, enum sql_database database, bool read_only, struct sql **sql, struct error *error)
{
    return store->kind == STORE_POSTGRES ? sql_postgres_open(store, database, read_only, sql, error)
                                         : sql_sqlite_open(store, database, read_only, sql, error);
}

void sql_close(struct sql *sql)
{
    if (sql != NULL) {
        sql_rollback(sql);
        sql->driver->close(sql);
    }
}

void sql_owner_only(struct sql *sql, const struct store *store) { sql->owner_only = store->lease != NULL && !sql->read_only; }

/* ---- rows ---- */

/* The value, or NULL for a null. Another type is a bug: the tables have one type a column. */
static const struct sql_value *value_of(const struct sql_row *row, int column, enum sql_type type)
{
    CHECK(column >= 0 && column < row->count);
    const struct sql_value *value = &row->values[column];
    CHECK(value->type == SQL_NULL || value->type == type || (value->type == SQL_INT && type == SQL_REAL));
    return value->type != SQL_NULL ? value : NULL;
}

bool sql_row_is_null(const struct sql_row *row, int column)
{
    CHECK(column >= 0 && column < row->count);
    return row->values[column].type == SQL_NULL;
}

int64_t sql_row_int(const struct sql_row *row, int column)
{
    const struct sql_value *value = value_of(row, column, SQL_INT);
    return value != NULL ? value->integer : 0;
}

double sql_row_real(const struct sql_row *row, int column)
{
    const struct sql_value *value = value_of(row, column, SQL_REAL);
    return value == NULL ? 0 : value->type == SQL_INT ? (double)value->integer : value->real;
}

const char *sql_row_text(const struct sql_row *row, int column)
{
    const struct sql_value *value = value_of(row, column, SQL_TEXT);
    return value != NULL ? value->bytes : "";
}

const void *sql_row_blob(const struct sql_row *row, int column, size_t *size)
{
    const struct sql_value *value = value_of(row, column, SQL_BLOB);
    *size = value != NULL ? value->size : 0;
    return *size > 0 ? value->bytes : "";
}

/* ---- statements ---- */

/* The two databases differ in what they say of such texts, so neither is asked. */
static enum status check_parameters(const struct sql *sql, const struct sql_call *call, struct error *error)
{
    CHECK(call->count <= SQL_PARAMETERS_MAX);
    for (size_t i = 0; i < call->count; i++) {
        const struct sql_value *value = &call->parameters[i];
        bool has_bytes = value->type == SQL_TEXT || value->type == SQL_BLOB;
        if (has_bytes && value->size > SQL_VALUE_SIZE_MAX) {
            return ERROR(error, STATUS_BAD_INPUT, "%s: a value of %zu bytes is too large", sql->shown, value->size);
        }
        bool is_bad = value->type == SQL_TEXT &&
                      (memchr(value->bytes, 0, value->size) != NULL || !utf8_is_valid(value->bytes, value->size));
        if (is_bad) {
            return ERROR(error, STATUS_BAD_INPUT, "%s: a text is not valid UTF-8, or holds a zero byte", sql->shown);
        }
    }
    return STATUS_OK;
}

/* A statement that writes without a transaction gets one, in which the owner is looked at. */
static bool needs_transaction(const struct sql *sql, const struct sql_call *call)
{
    return sql->owner_only && !sql->in_transaction && strncmp(call->text, "SELECT", strlen("SELECT")) != 0;
}

static enum status run_alone(struct sql *sql, struct sql_call *call, struct error *error)
{
    TRY(sql_begin(sql, error));
    enum status status = sql->driver->run(sql, call, error);
    bool conflict = sql->conflict;
    sql->transaction_failed = status != STATUS_OK;
    if (status == STATUS_OK) {
        status = sql_commit(sql, error);
    }
    sql_rollback(sql);
    sql->conflict = conflict;
    return status;
}

static enum status run(struct sql *sql, struct sql_call *call, struct error *error)
{
    if (sql->transaction_failed) {
        return ERROR(error, STATUS_IO, "%s: the transaction has failed, and takes nothing more", sql->shown);
    }
    sql->conflict = false;
    enum status status = check_parameters(sql, call, error);
    if (status == STATUS_OK) {
        status = needs_transaction(sql, call) ? run_alone(sql, call, error) : sql->driver->run(sql, call, error);
    }
    sql->transaction_failed = sql->in_transaction && status != STATUS_OK;
    return status;
}

enum status sql_run(struct sql *sql, const char *text, const struct sql_value *parameters, size_t count, int64_t *changed,
                    struct error *error)
{
    struct sql_call call = { .text = text, .parameters = parameters, .count = count };
    TRY(run(sql, &call, error));
    if (changed != NULL) {
        *changed = call.changed;
    }
    return STATUS_OK;
}

enum status sql_query(struct sql *sql, const char *text, const struct sql_value *parameters, size_t count, sql_row_fn row,
                      void *context, int64_t *rows, struct error *error)
{
    struct sql_call call = { .text = text, .parameters = parameters, .count = count, .row = row, .context = context };
    TRY(run(sql, &call, error));
    if (rows != NULL) {
        *rows = call.rows;
    }
    return STATUS_OK;
}

bool sql_is_conflict(const struct sql *sql) { return sql->conflict; }

enum status sql_run_once(struct sql *sql, const char *text, const struct sql_value *parameters, size_t count, struct error *error)
{
    struct sql_call call = { .text = text, .parameters = parameters, .count = count, .once = true };
    return run(sql, &call, error);
}

static enum status take_flag(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(bool *)context = sql_row_int(row, 0) != 0;
    return STATUS_OK;
}

enum status sql_table_exists(struct sql *sql, const char *table, bool *exists, struct error *error)
{
    const char *text = sql->kind == STORE_POSTGRES
                           ? "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1"
                           : "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1";
    *exists = false;
    return sql_query(sql, text, SQL_PARAMETERS(sql_text(table)), take_flag, exists, NULL, error);
}

/* ---- transactions ---- */

enum status sql_begin(struct sql *sql, struct error *error)
{
    CHECK(!sql->in_transaction);
    TRY(sql->driver->begin(sql, error));
    sql->in_transaction = true;
    sql->transaction_failed = false;
    return STATUS_OK;
}

enum status sql_commit(struct sql *sql, struct error *error)
{
    CHECK(sql->in_transaction);
    enum status status = sql->transaction_failed
                             ? ERROR(error, STATUS_IO, "%s: the transaction has failed, and cannot be committed", sql->shown)
                             : sql->driver->commit(sql, error);
    if (status != STATUS_OK) {
        sql_rollback(sql);
        return status;
    }
    sql->in_transaction = false;
    return STATUS_OK;
}

void sql_rollback(struct sql *sql)
{
    if (sql->in_transaction) {
        sql->driver->rollback(sql);
        sql->in_transaction = sql->transaction_failed = false;
    }
}

enum status sql_forget(struct sql *sql, const char *table, struct error *error)
{
    CHECK(!sql->in_transaction);
    return sql->driver->forget(sql, table, error);
}
