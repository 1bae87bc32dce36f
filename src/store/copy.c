#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/sql.h"
#include "store/sqlite_private.h"

enum { BUSY_MS = 5000 };

/* ---- files ---- */

static enum status open_file(const char *path, int flags, sqlite3 **database, struct error *error)
{
    if ((flags & SQLITE_OPEN_CREATE) == 0 && access(path, F_OK) != 0) {
        return ERROR(error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "%s: %s", path, strerror(errno));
    }
    int code = sqlite3_open_v2(path, database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    if (code != SQLITE_OK) {
        enum status status = sqlite_failure(*database, path, code, "cannot be opened", error);
        sqlite3_close(*database);
        *database = NULL;
        return status;
    }
    sqlite3_extended_result_codes(*database, 1);
    sqlite3_busy_timeout(*database, BUSY_MS);
    sqlite3_db_config(*database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return STATUS_OK;
}

/* A new file, which nobody else may read. */
static enum status make_file(const char *path, sqlite3 **database, struct error *error)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be created: %s", path, strerror(errno));
    }
    close(file);
    enum status status = open_file(path, SQLITE_OPEN_READWRITE, database, error);
    if (status != STATUS_OK) {
        (void)unlink(path);
    }
    return status;
}

static enum status execute(sqlite3 *database, const char *path, const char *text, struct error *error)
{
    int code = sqlite3_exec(database, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : sqlite_failure(database, path, code, "cannot be written", error);
}

/* What failed leaves no file, nor what SQLite put beside it. */
static void remove_file(const char *path)
{
    static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };
    char name[STORE_PATH_MAX + 64];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if ((size_t)snprintf(name, sizeof name, "%s%s", path, suffixes[i]) < sizeof name) {
            (void)unlink(name);
        }
    }
}

/* ---- whole databases ---- */

/* All pages in one step: of a file in WAL mode that is one moment's view, and nobody waits for it. */
static enum status copy_pages(sqlite3 *source, const char *from, sqlite3 *target, const char *to, struct error *error)
{
    sqlite3_backup *copying = sqlite3_backup_init(target, "main", source, "main");
    if (copying == NULL) {
        return sqlite_failure(target, to, sqlite3_errcode(target), "cannot be written", error);
    }
    int code = sqlite3_backup_step(copying, -1);
    int finished = sqlite3_backup_finish(copying);
    if (code == SQLITE_DONE) {
        return STATUS_OK;
    }
    bool is_source = (code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB;
    code = finished != SQLITE_OK ? finished : code;
    return is_source ? sqlite_failure(source, from, code, "cannot be copied", error)
                     : sqlite_failure(target, to, code, "cannot be written", error);
}

enum status copy_database(const char *from, const char *to, struct error *error)
{
    sqlite3 *source = NULL;
    sqlite3 *target = NULL;
    enum status status;
    TRY(open_file(from, SQLITE_OPEN_READONLY, &source, error));
    TRY_GOTO(make_file(to, &target, error), close_source);
    TRY_GOTO(execute(target, to, "PRAGMA synchronous = EXTRA", error), close_target);
    TRY_GOTO(copy_pages(source, from, target, to, error), close_target);
    /* It came in WAL mode: one file, for whoever carries it elsewhere. */
    status = execute(target, to, "PRAGMA journal_mode = DELETE", error);
close_target:
    sqlite3_close(target);
    if (status != STATUS_OK) {
        remove_file(to);
    }
close_source:
    sqlite3_close(source);
    return status;
}

/* ---- hashes ---- */

struct wanted_hash {
    char *text;
    bool found;
};

static enum status take_hash(void *context, const struct sql_row *row, struct error *error)
{
    struct wanted_hash *wanted = context;
    size_t size = 0;
    const void *bytes = sql_row_blob(row, 0, &size);
    struct group_hash hash;
    if (size != sizeof hash.bytes) {
        return ERROR(error, STATUS_CORRUPT, "a group's hash has %zu bytes", size);
    }
    memcpy(hash.bytes, bytes, size);
    group_hash_write(&hash, wanted->text);
    wanted->found = true;
    return STATUS_OK;
}

static enum status hash_in_tables(const struct store *store, uint64_t last_sequence, struct wanted_hash *wanted,
                                  struct error *error)
{
    struct sql *sql = NULL;
    TRY(sql_open(store, SQL_CENTRE, true, &sql, error));
    enum status status = last_sequence == 0
                             ? sql_query(sql, "SELECT hash FROM journal_group ORDER BY first_sequence LIMIT 1", SQL_NO_PARAMETERS,
                                         take_hash, wanted, NULL, error)
                             : sql_query(sql, "SELECT hash FROM journal_group WHERE last_sequence = $1",
                                         SQL_PARAMETERS(sql_int((int64_t)last_sequence)), take_hash, wanted, NULL, error);
    sql_close(sql);
    return status;
}

/* last_sequence has no index: the row is the last that begins at or before it. */
static enum status hash_in_file(const char *path, uint64_t last_sequence, struct wanted_hash *wanted, struct error *error)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    TRY(open_file(path, SQLITE_OPEN_READONLY, &database, error));
    int code = sqlite3_prepare_v2(database,
                                  "SELECT hash, last_sequence FROM entry_group WHERE first_sequence <= ?1"
                                  " ORDER BY first_sequence DESC LIMIT 1",
                                  -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_int64(statement, 1, last_sequence == 0 ? 1 : (int64_t)last_sequence);
        code = sqlite3_step(statement);
    }
    if (code == SQLITE_ROW && sqlite3_column_bytes(statement, 0) == GROUP_HASH_SIZE &&
        (last_sequence == 0 || sqlite3_column_int64(statement, 1) == (int64_t)last_sequence)) {
        struct group_hash hash;
        memcpy(hash.bytes, sqlite3_column_blob(statement, 0), sizeof hash.bytes);
        group_hash_write(&hash, wanted->text);
        wanted->found = true;
    }
    bool is_read = code == SQLITE_ROW || code == SQLITE_DONE;
    enum status status = is_read ? STATUS_OK : sqlite_failure(database, path, code, "cannot be read", error);
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return status;
}

enum status copy_group_hash(const struct store *store, uint64_t last_sequence, char hash[COPY_HASH_TEXT], struct error *error)
{
    char path[STORE_PATH_MAX + 16];
    struct wanted_hash wanted = { .text = hash };
    snprintf(path, sizeof path, "%s/journal.db", store->folder);
    TRY(store->kind == STORE_POSTGRES ? hash_in_tables(store, last_sequence, &wanted, error)
                                      : hash_in_file(path, last_sequence, &wanted, error));
    return wanted.found ? STATUS_OK
                        : ERROR(error, STATUS_NOT_FOUND, "%s: no group of the journal ends with entry %" PRIu64, store->shown,
                                last_sequence);
}

/* ---- groups ---- */

#define GROUP_COLUMNS "first_sequence, last_sequence, previous_hash, hash, entries"

/* Rows of one file into another, in a transaction; the bounds are the statement's. */
struct moving {
    sqlite3 *source, *target;
    const char *from, *to;
    sqlite3_stmt *select, *insert;
};

static enum status move_row(struct moving *moving, struct error *error)
{
    for (int column = 0; column < 5; column++) {
        int code = sqlite3_bind_value(moving->insert, column + 1, sqlite3_column_value(moving->select, column));
        if (code != SQLITE_OK) {
            return sqlite_failure(moving->target, moving->to, code, "cannot be written", error);
        }
    }
    int code = sqlite3_step(moving->insert);
    sqlite3_reset(moving->insert);
    if ((code & 0xFF) == SQLITE_CONSTRAINT) {
        return ERROR(error, STATUS_CORRUPT, "%s: its groups are in %s already, or are not those of a journal", moving->from,
                     moving->to);
    }
    return code == SQLITE_DONE ? STATUS_OK : sqlite_failure(moving->target, moving->to, code, "cannot be written", error);
}

static enum status move_rows(struct moving *moving, uint64_t after, uint64_t last, struct error *error)
{
    int code = sqlite3_prepare_v2(moving->source,
                                  "SELECT " GROUP_COLUMNS " FROM entry_group WHERE first_sequence > ?1 AND last_sequence <= ?2"
                                  " ORDER BY first_sequence",
                                  -1, &moving->select, NULL);
    if (code != SQLITE_OK) {
        return sqlite_failure(moving->source, moving->from, code, "cannot be read", error);
    }
    code = sqlite3_prepare_v2(moving->target, "INSERT INTO entry_group(" GROUP_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5)", -1,
                              &moving->insert, NULL);
    if (code != SQLITE_OK) {
        return sqlite_failure(moving->target, moving->to, code, "cannot be written", error);
    }
    sqlite3_bind_int64(moving->select, 1, (int64_t)after);
    sqlite3_bind_int64(moving->select, 2, last > INT64_MAX ? INT64_MAX : (int64_t)last);
    while ((code = sqlite3_step(moving->select)) == SQLITE_ROW) {
        TRY(move_row(moving, error));
    }
    return code == SQLITE_DONE ? STATUS_OK : sqlite_failure(moving->source, moving->from, code, "cannot be read", error);
}

static enum status move_groups(struct moving *moving, uint64_t after, uint64_t last, struct error *error)
{
    TRY(execute(moving->target, moving->to, "PRAGMA synchronous = EXTRA; BEGIN IMMEDIATE", error));
    enum status status = move_rows(moving, after, last, error);
    sqlite3_finalize(moving->select);
    sqlite3_finalize(moving->insert);
    TRY(status); /* closing rolls back */
    return execute(moving->target, moving->to, "COMMIT", error);
}

enum status copy_groups_out(const char *journal, uint64_t after, uint64_t last, const char *to, struct error *error)
{
    struct moving moving = { .from = journal, .to = to };
    enum status status;
    TRY(open_file(journal, SQLITE_OPEN_READONLY, &moving.source, error));
    TRY_GOTO(make_file(to, &moving.target, error), close_source);
    TRY_GOTO(execute(moving.target, to,
                     "CREATE TABLE entry_group(first_sequence INTEGER PRIMARY KEY, last_sequence INTEGER NOT NULL,"
                     " previous_hash BLOB NOT NULL, hash BLOB NOT NULL, entries BLOB NOT NULL) STRICT",
                     error),
             close_target);
    status = move_groups(&moving, after, last, error);
close_target:
    sqlite3_close(moving.target);
    if (status != STATUS_OK) {
        remove_file(to);
    }
close_source:
    sqlite3_close(moving.source);
    return status;
}

enum status copy_groups_in(const char *segment, const char *journal, struct error *error)
{
    struct moving moving = { .from = segment, .to = journal };
    TRY(open_file(segment, SQLITE_OPEN_READONLY, &moving.source, error));
    enum status status = open_file(journal, SQLITE_OPEN_READWRITE, &moving.target, error);
    if (status == STATUS_OK) {
        status = move_groups(&moving, 0, INT64_MAX, error);
        sqlite3_close(moving.target);
    }
    sqlite3_close(moving.source);
    return status;
}

/* ---- cutting ---- */

static enum status take_last(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(uint64_t *)context = (uint64_t)sql_row_int(row, 0);
    return STATUS_OK;
}

static enum status cut_tables(struct sql *sql, uint64_t sequence, uint64_t *kept, struct error *error)
{
    TRY(sql_query(sql, "SELECT coalesce(max(last_sequence), 0) FROM journal_group WHERE last_sequence <= $1",
                  SQL_PARAMETERS(sql_int((int64_t)sequence)), take_last, kept, NULL, error));
    TRY(sql_run(sql, "DELETE FROM journal_group WHERE last_sequence > $1", SQL_PARAMETERS(sql_int((int64_t)*kept)), NULL, error));
    TRY(sql_run(sql, "DELETE FROM journal_snapshot WHERE sequence > $1", SQL_PARAMETERS(sql_int((int64_t)*kept)), NULL, error));
    return sql_run(sql, "DELETE FROM journal_meta WHERE name = 'final'", SQL_NO_PARAMETERS, NULL, error);
}

static enum status cut_postgres(const struct store *store, uint64_t sequence, uint64_t *kept, struct error *error)
{
    struct sql *sql = NULL;
    enum status status;
    TRY(sql_open(store, SQL_CENTRE, false, &sql, error));
    TRY_GOTO(sql_begin(sql, error), close);
    status = cut_tables(sql, sequence, kept, error);
    if (status == STATUS_OK) {
        status = sql_commit(sql, error);
    } else {
        sql_rollback(sql);
    }
close:
    sql_close(sql);
    return status;
}

static enum status cut_file(const char *path, uint64_t sequence, uint64_t *kept, struct error *error)
{
    sqlite3 *database = NULL;
    char text[512];
    TRY(open_file(path, SQLITE_OPEN_READWRITE, &database, error));
    snprintf(text, sizeof text,
             "PRAGMA synchronous = EXTRA; BEGIN IMMEDIATE;"
             " DELETE FROM entry_group WHERE last_sequence > %" PRIu64 ";"
             " DELETE FROM snapshot WHERE sequence > (SELECT coalesce(max(last_sequence), 0) FROM entry_group);"
             " DELETE FROM meta WHERE name = 'final'; COMMIT",
             sequence > INT64_MAX ? (uint64_t)INT64_MAX : sequence);
    enum status status = execute(database, path, text, error);
    sqlite3_stmt *statement = NULL;
    if (status == STATUS_OK) {
        int code = sqlite3_prepare_v2(database, "SELECT coalesce(max(last_sequence), 0) FROM entry_group", -1, &statement, NULL);
        code = code == SQLITE_OK ? sqlite3_step(statement) : code;
        *kept = code == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
        status = code == SQLITE_ROW ? STATUS_OK : sqlite_failure(database, path, code, "cannot be read", error);
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return status;
}

enum status copy_cut(const struct store *store, uint64_t sequence, uint64_t *kept, struct error *error)
{
    char path[STORE_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/journal.db", store->folder);
    TRY(store->kind == STORE_POSTGRES ? cut_postgres(store, sequence, kept, error) : cut_file(path, sequence, kept, error));
    return *kept > 0 ? STATUS_OK
                     : ERROR(error, STATUS_BAD_INPUT, "%s: nothing of the journal would be left up to entry %" PRIu64,
                             store->shown, sequence);
}

/* ---- digests ---- */

enum status copy_digest(const char *path, char hash[COPY_HASH_TEXT], uint64_t *bytes, struct error *error)
{
    struct file_view view;
    TRY(file_view_open(&view, path, error));
    const struct group_hash digest = group_digest(view.bytes, view.size);
    group_hash_write(&digest, hash);
    *bytes = view.size;
    file_view_close(&view);
    return STATUS_OK;
}
