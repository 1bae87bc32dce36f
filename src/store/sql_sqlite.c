/* Tables in an SQLite file: WAL, full sync, deleted rows overwritten, for the owner's eyes only. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/hash.h"
#include "store/sql_private.h"
#include "store/sqlite_private.h"

enum { BUSY_MS = 5000 };

struct kept_statement {
    sqlite3_stmt *statement;
    uint64_t hash, used_at; /* of the text; count of uses when it was used last */
};

struct sql_sqlite {
    struct sql sql; /* first */
    sqlite3 *database;
    uint64_t uses;
    struct kept_statement kept[SQL_STATEMENTS_MAX];
};

static enum status failed(struct sql_sqlite *own, int code, const char *doing, struct error *error)
{
    if ((code & 0xFF) == SQLITE_CONSTRAINT) { /* its message names columns, never values */
        own->sql.conflict = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY;
        return ERROR(error, STATUS_BAD_INPUT, "%s: %s", own->sql.shown, sqlite3_errmsg(own->database));
    }
    return sqlite_failure(own->database, own->sql.shown, code, doing, error);
}

static enum status execute(struct sql_sqlite *own, const char *text, struct error *error)
{
    int code = sqlite3_exec(own->database, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : failed(own, code, "cannot be used", error);
}

/* ---- statements ---- */

static enum status prepare(struct sql_sqlite *own, const char *text, sqlite3_stmt **statement, struct error *error)
{
    const char *rest = NULL;
    int code = sqlite3_prepare_v3(own->database, text, -1, SQLITE_PREPARE_PERSISTENT, statement, &rest);
    if (code == SQLITE_ERROR) { /* the text is ours, so this is about tables that are not there */
        return ERROR(error, STATUS_VERSION, "%s: its tables are not those of this program: %s", own->sql.shown,
                     sqlite3_errmsg(own->database));
    }
    TRY(code == SQLITE_OK ? STATUS_OK : failed(own, code, "cannot be used", error));
    CHECK(*statement != NULL && *rest == '\0'); /* one statement a text */
    return STATUS_OK;
}

/* The prepared statement of the text: one that is kept, or a new one in the place of that used longest ago. */
static enum status find_statement(struct sql_sqlite *own, const char *text, sqlite3_stmt **statement, struct error *error)
{
    uint64_t hash = hash64(text, strlen(text), 0);
    struct kept_statement *oldest = &own->kept[0];
    own->uses++;
    for (size_t i = 0; i < SQL_STATEMENTS_MAX; i++) {
        struct kept_statement *kept = &own->kept[i];
        if (kept->statement != NULL && kept->hash == hash && strcmp(sqlite3_sql(kept->statement), text) == 0) {
            kept->used_at = own->uses;
            *statement = kept->statement;
            return STATUS_OK;
        }
        oldest = kept->used_at < oldest->used_at ? kept : oldest;
    }
    TRY(prepare(own, text, statement, error));
    sqlite3_finalize(oldest->statement);
    *oldest = (struct kept_statement){ .statement = *statement, .hash = hash, .used_at = own->uses };
    return STATUS_OK;
}

static int bind_value(sqlite3_stmt *statement, int place, const struct sql_value *value)
{
    switch (value->type) {
    case SQL_INT: return sqlite3_bind_int64(statement, place, value->integer);
    case SQL_REAL: return sqlite3_bind_double(statement, place, value->real);
    case SQL_TEXT: return sqlite3_bind_text64(statement, place, value->bytes, value->size, SQLITE_STATIC, SQLITE_UTF8);
    case SQL_BLOB: return sqlite3_bind_blob64(statement, place, value->bytes, value->size, SQLITE_STATIC);
    case SQL_NULL: return sqlite3_bind_null(statement, place);
    }
    UNREACHABLE();
}

/* SQLite takes $1 for a name, and numbers names in the order in which they come. */
static enum status bind_all(struct sql_sqlite *own, sqlite3_stmt *statement, const struct sql_call *call, struct error *error)
{
    CHECK(sqlite3_bind_parameter_count(statement) == (int)call->count);
    for (size_t i = 0; i < call->count; i++) {
        char name[24];
        snprintf(name, sizeof name, "$%zu", i + 1);
        int place = sqlite3_bind_parameter_index(statement, name);
        CHECK(place > 0);
        int code = bind_value(statement, place, &call->parameters[i]);
        TRY(code == SQLITE_OK ? STATUS_OK : failed(own, code, "cannot be used", error));
    }
    return STATUS_OK;
}

static struct sql_value column_value(sqlite3_stmt *statement, int column)
{
    struct sql_value value = { .type = SQL_NULL };
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return sql_int(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: return sql_real(sqlite3_column_double(statement, column));
    case SQLITE_TEXT: value = (struct sql_value){ .type = SQL_TEXT, .bytes = sqlite3_column_text(statement, column) }; break;
    case SQLITE_BLOB: value = (struct sql_value){ .type = SQL_BLOB, .bytes = sqlite3_column_blob(statement, column) }; break;
    default: return value;
    }
    value.size = (size_t)sqlite3_column_bytes(statement, column);
    return value;
}

static enum status give_row(struct sql_sqlite *own, sqlite3_stmt *statement, struct sql_call *call, struct error *error)
{
    call->rows++;
    if (call->row == NULL) {
        return STATUS_OK;
    }
    struct sql_row row = { .count = sqlite3_column_count(statement) };
    CHECK(row.count <= SQL_COLUMNS_MAX);
    for (int i = 0; i < row.count; i++) {
        row.values[i] = column_value(statement, i);
        if (row.values[i].type == SQL_TEXT && row.values[i].bytes == NULL) {
            return failed(own, SQLITE_NOMEM, "cannot be read", error);
        }
    }
    return call->row(call->context, &row, error);
}

static enum status step_all(struct sql_sqlite *own, sqlite3_stmt *statement, struct sql_call *call, struct error *error)
{
    int64_t before = sqlite3_total_changes64(own->database);
    int code = SQLITE_ROW;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        status = give_row(own, statement, call, error);
    }
    if (status == STATUS_OK && code != SQLITE_DONE) {
        status = failed(own, code, "cannot be used", error);
    }
    call->changed = sqlite3_total_changes64(own->database) != before ? sqlite3_changes64(own->database) : 0;
    return status;
}

static enum status sqlite_run(struct sql *sql, struct sql_call *call, struct error *error)
{
    struct sql_sqlite *own = (struct sql_sqlite *)sql;
    sqlite3_stmt *statement = NULL;
    TRY(call->once ? prepare(own, call->text, &statement, error) : find_statement(own, call->text, &statement, error));
    enum status status = bind_all(own, statement, call, error);
    if (status == STATUS_OK) {
        status = step_all(own, statement, call, error);
    }
    if (call->once) {
        sqlite3_finalize(statement);
    } else {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
    return status;
}

/* ---- transactions ---- */

static enum status sqlite_begin(struct sql *sql, struct error *error)
{
    return execute((struct sql_sqlite *)sql, sql->read_only ? "BEGIN" : "BEGIN IMMEDIATE", error);
}

static enum status sqlite_commit(struct sql *sql, struct error *error)
{
    return execute((struct sql_sqlite *)sql, "COMMIT", error);
}

static void sqlite_rollback(struct sql *sql)
{
    struct sql_sqlite *own = (struct sql_sqlite *)sql;
    (void)sqlite3_exec(own->database, "ROLLBACK", NULL, NULL, NULL); /* SQLite may have done it itself */
}

/* The pages were overwritten by secure_delete; what they were may still stand in the log. */
static enum status sqlite_forget(struct sql *sql, const char *table, struct error *error)
{
    (void)table;
    struct sql_sqlite *own = (struct sql_sqlite *)sql;
    int code = sqlite3_wal_checkpoint_v2(own->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : failed(own, code, "its log cannot be emptied", error);
}

static enum status sqlite_make_room(struct sql *sql, struct error *error)
{
    (void)sql;
    (void)error;
    return STATUS_OK;
}

/* ---- opening and closing ---- */

static void sqlite_sql_close(struct sql *sql)
{
    struct sql_sqlite *own = (struct sql_sqlite *)sql;
    for (size_t i = 0; i < SQL_STATEMENTS_MAX; i++) {
        sqlite3_finalize(own->kept[i].statement);
    }
    CHECK(sqlite3_close(own->database) == SQLITE_OK);
    free(own);
}

static const struct sql_driver SQLITE_DRIVER = {
    .run = sqlite_run,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .forget = sqlite_forget,
    .make_room = sqlite_make_room,
    .close = sqlite_sql_close,
};

/* The file before SQLite makes it: only its owner may look, and what SQLite puts beside it has the same mode. A file that is
 * there is not opened: closing it would drop the locks that SQLite holds on it for other connections of this process. */
static enum status make_private(const char *path, struct error *error)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file >= 0) {
        close(file);
        return STATUS_OK;
    }
    struct stat facts;
    if (errno != EEXIST || stat(path, &facts) != 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be opened: %s", path, strerror(errno));
    }
    bool is_private = (facts.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    if (!S_ISREG(facts.st_mode) || (!is_private && chmod(path, S_IRUSR | S_IWUSR) != 0)) {
        return ERROR(error, STATUS_IO, "%s: is no file that can be closed to other users (mode 0600)", path);
    }
    return STATUS_OK;
}

static enum status set_up(struct sql_sqlite *own, struct error *error)
{
    sqlite3_extended_result_codes(own->database, 1);
    sqlite3_busy_timeout(own->database, BUSY_MS);
    sqlite3_db_config(own->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    TRY(execute(own, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON", error));
    if (own->sql.read_only) {
        return execute(own, "PRAGMA query_only = ON", error);
    }
    return execute(own,
                   "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                   " PRAGMA journal_size_limit = 67108864",
                   error);
}

enum status sql_sqlite_open(const struct store *store, enum sql_database database, bool read_only, struct sql **sql,
                            struct error *error)
{
    struct sql_sqlite *own = calloc(1, sizeof *own);
    if (own == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", store->shown);
    }
    own->sql = (struct sql){ .driver = &SQLITE_DRIVER, .kind = STORE_FOLDER, .read_only = read_only };
    char *path = own->sql.shown;
    snprintf(path, sizeof own->sql.shown, "%s/%s", store->folder, database == SQL_CENTRE ? "centre.db" : "report.db");
    enum status status = STATUS_OK;
    if (!read_only) {
        status = make_private(path, error);
    } else if (access(path, F_OK) != 0) {
        status = ERROR(error, STATUS_NOT_FOUND, "%s: there is no such file", path);
    }
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (status == STATUS_OK) {
        int code = sqlite3_open_v2(path, &own->database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
        status = code == SQLITE_OK ? set_up(own, error) : failed(own, code, "cannot be opened", error);
    }
    if (status != STATUS_OK) {
        sqlite_sql_close(&own->sql);
        return status;
    }
    *sql = &own->sql;
    return STATUS_OK;
}
