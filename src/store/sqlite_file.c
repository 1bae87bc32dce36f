/* The journal file itself: its lock, its tables and the facts in meta. Runs once at each opening. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/planted.h"
#include "base/text.h"
#include "store/journal_meta.h"
#include "store/sqlite_private.h"

enum { APPLICATION_ID = 0x4D474449, FORMAT_VERSION = 1, LOCK_TRIES = 100 };

/* Written into the file as they stand here, and compared when it is opened: a file that holds triggers or views of somebody
 * else's is not ours. In the order of their names. The hashes stand before the entries, so that reading the last hash does not
 * walk through the pages of the blob. */
#define CREATE_ENTRY_GROUP                                                                         \
    "CREATE TABLE entry_group(first_sequence INTEGER PRIMARY KEY, last_sequence INTEGER NOT NULL," \
    " previous_hash BLOB NOT NULL, hash BLOB NOT NULL, entries BLOB NOT NULL) STRICT"
static const char *const TABLES[] = {
    CREATE_ENTRY_GROUP,
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE snapshot(sequence INTEGER PRIMARY KEY, digest BLOB NOT NULL, bytes BLOB NOT NULL) STRICT",
};

/* ---- errors ---- */

static const char *reason_of(sqlite3 *database, int code)
{
    int system_error = database != NULL ? sqlite3_system_errno(database) : errno;
    bool is_system = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
    if (is_system && system_error != 0) {
        return strerror(system_error);
    }
    return database != NULL ? sqlite3_errmsg(database) : sqlite3_errstr(code);
}

enum status sqlite_failure(sqlite3 *database, const char *path, int code, const char *doing, struct error *error)
{
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ERROR(error, STATUS_IO, "%s: %s: it is in use by another process", path, doing);
    case SQLITE_NOTADB: return ERROR(error, STATUS_BAD_INPUT, "%s: %s: it is not a file of SQLite's", path, doing);
    case SQLITE_CORRUPT:
        return ERROR(error, STATUS_CORRUPT, "%s: %s: the file is damaged: %s", path, doing, sqlite3_errmsg(database));
    case SQLITE_FULL: return ERROR(error, STATUS_IO, "%s: %s: the disk is full", path, doing);
    case SQLITE_NOMEM: return ERROR(error, STATUS_NO_MEMORY, "%s: %s: no memory", path, doing);
    case SQLITE_TOOBIG: return ERROR(error, STATUS_FULL, "%s: %s: larger than SQLite can hold", path, doing);
    case SQLITE_READONLY:
    case SQLITE_PERM: return ERROR(error, STATUS_IO, "%s: %s: the file or its folder may not be written", path, doing);
    default: return ERROR(error, STATUS_IO, "%s: %s: %s", path, doing, reason_of(database, code));
    }
}

enum status sqlite_failed(const struct sqlite_journal *journal, int code, const char *doing, struct error *error)
{
    if ((code & 0xFF) == SQLITE_NOTADB) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: is no journal: not a file of SQLite's", journal->path);
    }
    return sqlite_failure(journal->database, journal->path, code, doing, error);
}

enum status sqlite_execute(const struct sqlite_journal *journal, const char *sql, const char *doing, struct error *error)
{
    int code = sqlite3_exec(journal->database, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : sqlite_failed(journal, code, doing, error);
}

enum status sqlite_prepare(const struct sqlite_journal *journal, const char *sql, sqlite3_stmt **statement, struct error *error)
{
    int code = sqlite3_prepare_v3(journal->database, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    return code == SQLITE_OK ? STATUS_OK : sqlite_failed(journal, code, "cannot read", error);
}

/* ---- one writer ---- */

/* A lock on a file of its own, because a lock on the database would be dropped whenever SQLite, or we, close any descriptor of
 * it. The file is removed at the close; so one that was removed between our open and our lock is not the lock any more. */
static bool lock_is_current(int descriptor, const char *lock_path)
{
    struct stat ours;
    struct stat named;
    return fstat(descriptor, &ours) == 0 && stat(lock_path, &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
}

static enum status lock_writer(struct sqlite_journal *journal, struct error *error)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        int descriptor = open(journal->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor < 0) {
            return ERROR(error, STATUS_IO, "%s: cannot be locked: %s: %s", journal->path, journal->lock_path, strerror(errno));
        }
        /* Of the open file, not of the process: a second opening in the same process is kept out as well. */
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        if (fcntl(descriptor, F_OFD_SETLK, &whole) != 0) {
            int reason = errno;
            close(descriptor);
            if (reason == EAGAIN || reason == EACCES) {
                return ERROR(error, STATUS_IO, "%s: it is in use by another process: a journal has one writer", journal->path);
            }
            return ERROR(error, STATUS_IO, "%s: cannot be locked: %s", journal->path, strerror(reason));
        }
        if (lock_is_current(descriptor, journal->lock_path)) {
            journal->lock = descriptor;
            return STATUS_OK;
        }
        close(descriptor);
    }
    return ERROR(error, STATUS_IO, "%s: it is in use by other processes", journal->path);
}

static void unlock_writer(struct sqlite_journal *journal)
{
    if (journal->lock >= 0) {
        unlink(journal->lock_path);
        close(journal->lock);
        journal->lock = -1;
    }
}

/* ---- meta ---- */

static enum status read_meta(struct sqlite_journal *journal, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, "SELECT name, value FROM meta", &statement, error));
    enum status status = STATUS_OK;
    bool schema_seen = false;
    int code = sqlite3_step(statement);
    while (status == STATUS_OK && code == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        const char *value = (const char *)sqlite3_column_text(statement, 1);
        status = name == NULL || value == NULL
                     ? ERROR(error, STATUS_NO_MEMORY, "%s: no memory", journal->path)
                     : journal_meta_take(&journal->facts, journal->path, name, value, &schema_seen, error);
        code = sqlite3_step(statement);
    }
    if (status == STATUS_OK && code != SQLITE_DONE) {
        status = sqlite_failed(journal, code, "cannot read", error);
    }
    sqlite3_finalize(statement);
    if (status == STATUS_OK && !schema_seen) {
        status = ERROR(error, STATUS_CORRUPT, "%s: meta does not tell the schema", journal->path);
    }
    return status;
}

enum status sqlite_put_meta(const struct sqlite_journal *journal, const char *name, const char *value, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal,
                       "INSERT OR REPLACE INTO meta(name, value) SELECT ?1, ?2"
                       " WHERE NOT EXISTS(SELECT 1 FROM meta WHERE name = ?1 AND value = ?2)",
                       &statement, error));
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
    int code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? STATUS_OK : sqlite_failed(journal, code, "cannot write", error);
}

static enum status put_meta(void *context, const char *name, const char *value, struct error *error)
{
    return sqlite_put_meta(context, name, value, error);
}

/* ---- tables ---- */

static enum status pragma_number(const struct sqlite_journal *journal, const char *sql, int64_t *value, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, sql, &statement, error));
    int code = sqlite3_step(statement);
    *value = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? STATUS_OK : sqlite_failed(journal, code, "cannot read", error);
}

static enum status create_tables(struct sqlite_journal *journal, const struct journal_sqlite_options *options,
                                 struct error *error)
{
    char sql[128];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID, FORMAT_VERSION);
    TRY(sqlite_execute(journal, sql, "cannot create", error));
    for (size_t i = 0; i < ARRAY_LENGTH(TABLES); i++) {
        TRY(sqlite_execute(journal, TABLES[i], "cannot create", error));
    }
    const struct journal_options kept = { .created_by = options->created_by,
                                          .limits = options->limits,
                                          .policy = options->policy };
    return journal_meta_create(&kept, options->drill, put_meta, journal, error);
}

/* All or nothing: a process that dies in here leaves an empty file, which the next one may create again. */
static enum status create_file(struct sqlite_journal *journal, const struct journal_sqlite_options *options, struct error *error)
{
    TRY(sqlite_execute(journal, "BEGIN EXCLUSIVE", "cannot create", error));
    enum status status = create_tables(journal, options, error);
    if (status == STATUS_OK) {
        status = sqlite_execute(journal, "COMMIT", "cannot create", error);
    }
    if (status != STATUS_OK) {
        (void)sqlite3_exec(journal->database, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

static enum status check_tables(const struct sqlite_journal *journal, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, "SELECT sql FROM sqlite_schema ORDER BY name", &statement, error));
    size_t matched = 0;
    bool foreign = false;
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        const char *sql = (const char *)sqlite3_column_text(statement, 0);
        bool same = matched < ARRAY_LENGTH(TABLES) && sql != NULL && strcmp(sql, TABLES[matched]) == 0;
        matched += same;
        foreign = foreign || !same;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) {
        return sqlite_failed(journal, code, "cannot read", error);
    }
    if (foreign || matched != ARRAY_LENGTH(TABLES)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: is no journal: its tables are not those of one", journal->path);
    }
    return STATUS_OK;
}

static enum status check_identity(const struct sqlite_journal *journal, int64_t application, int64_t format, struct error *error)
{
    if (application != APPLICATION_ID) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: is no journal: %s", journal->path,
                     application == 0 && format == 0 ? "it is empty, or a database of something else"
                                                     : "it is a database of something else");
    }
    if (format != FORMAT_VERSION) {
        return ERROR(error, STATUS_VERSION, "%s: is a journal of format %lld; this program reads format %d", journal->path,
                     (long long)format, FORMAT_VERSION);
    }
    return STATUS_OK;
}

static enum status create_or_check(struct sqlite_journal *journal, const struct journal_sqlite_options *options,
                                   struct error *error)
{
    int64_t application = 0;
    int64_t format = 0;
    int64_t pages = 0;
    TRY(pragma_number(journal, "PRAGMA application_id", &application, error));
    TRY(pragma_number(journal, "PRAGMA user_version", &format, error));
    TRY(pragma_number(journal, "PRAGMA page_count", &pages, error));
    bool may_create = options->access == JOURNAL_CREATE || options->access == JOURNAL_WRITE_OR_CREATE;
    if (pages == 0 && may_create) {
        TRY(create_file(journal, options, error));
        return read_meta(journal, error);
    }
    TRY(check_identity(journal, application, format, error));
    TRY(check_tables(journal, error));
    TRY(read_meta(journal, error));
    /* The file's kinds are among ours; what we append may be of any of ours. */
    return options->access == JOURNAL_READ ? STATUS_OK : journal_meta_put_schema(put_meta, journal, error);
}

/* ---- opening ---- */

static enum status set_journal_mode(const struct sqlite_journal *journal, const char *mode, struct error *error)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", mode);
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, sql, &statement, error));
    int code = sqlite3_step(statement);
    const char *now = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bool set = now != NULL && strcmp(now, mode) == 0;
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW) {
        return sqlite_failed(journal, code, "cannot write", error);
    }
    return set ? STATUS_OK
               : ERROR(error, STATUS_IO, "%s: this file system cannot hold a journal in %s mode", journal->path, mode);
}

static enum status open_database(struct sqlite_journal *journal, const char *name, int flags,
                                 const struct journal_sqlite_options *options, struct error *error)
{
    int code = sqlite3_open_v2(name, &journal->database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, options->vfs);
    if (code != SQLITE_OK) {
        enum status status = sqlite_failed(journal, code, "cannot be opened", error);
        sqlite3_close(journal->database);
        journal->database = NULL;
        return status;
    }
    sqlite3_extended_result_codes(journal->database, 1);
    sqlite3_busy_timeout(journal->database, options->wait_ms != 0 ? (int)options->wait_ms : 2000);
    sqlite3_db_config(journal->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return sqlite_execute(journal, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", "cannot be opened", error);
}

/* In a folder that may not be written, and with no log beside it, a file in WAL mode can be read only as one that never
 * changes: SQLite has no room for its index. */
static enum status open_immutable(struct sqlite_journal *journal, const struct journal_sqlite_options *options,
                                  struct error *error)
{
    struct text name;
    text_init(&name, 3 * strlen(journal->path) + 64);
    text_puts(&name, "file:");
    for (const char *at = journal->path; *at != '\0'; at++) {
        bool plain = *at == '/' || *at == '.' || *at == '-' || *at == '_' || (*at >= '0' && *at <= '9') ||
                     ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z');
        text_printf(&name, plain ? "%c" : "%%%02X", (unsigned char)*at);
    }
    text_puts(&name, "?immutable=1");
    CHECK(!name.failed);
    enum status status = open_database(journal, name.bytes, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, options, error);
    text_free(&name);
    return status;
}

static bool sibling_exists(const struct sqlite_journal *journal, const char *suffix)
{
    struct text name;
    text_init(&name, strlen(journal->path) + 32);
    text_printf(&name, "%s%s", journal->path, suffix);
    bool exists = !name.failed && file_exists(name.bytes);
    text_free(&name);
    return exists;
}

/* A bulk writer that died leaves a rollback journal, which a reader may not play back: done here first, unless a writer lives. */
static enum status roll_back_dead_writer(struct sqlite_journal *journal, const struct journal_sqlite_options *options,
                                         struct error *error)
{
    TRY(lock_writer(journal, error));
    enum status status = open_database(journal, journal->path, SQLITE_OPEN_READWRITE, options, error);
    if (status == STATUS_OK) {
        status = sqlite_execute(journal, "SELECT count(*) FROM sqlite_schema", "cannot be rolled back", error);
    }
    sqlite3_close(journal->database);
    journal->database = NULL;
    unlock_writer(journal);
    return status;
}

static enum status open_reader(struct sqlite_journal *journal, const struct journal_sqlite_options *options, struct error *error)
{
    if (sibling_exists(journal, "-journal")) {
        TRY(roll_back_dead_writer(journal, options, error));
    }
    TRY(open_database(journal, journal->path, SQLITE_OPEN_READONLY, options, error));
    int code = sqlite3_exec(journal->database, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    bool has_no_room = (code & 0xFF) == SQLITE_CANTOPEN || (code & 0xFF) == SQLITE_READONLY;
    if (has_no_room && !sibling_exists(journal, "-wal")) {
        sqlite3_close(journal->database);
        journal->database = NULL;
        TRY(open_immutable(journal, options, error));
        code = sqlite3_exec(journal->database, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    }
    TRY(code == SQLITE_OK ? STATUS_OK : sqlite_failed(journal, code, "cannot be read", error));
    TRY(sqlite_execute(journal, "PRAGMA query_only = ON", "cannot be read", error));
    return create_or_check(journal, options, error);
}

/* What is read at the opening may be there by luck: a process that died, or whose sync failed, may have written it without the
 * disk having it. From now on senders are told that it is done, so it must be there for good: it goes into the main file, which
 * is synced; or, where a reader stands in the way of that, the -wal file is. */
static enum status keep_what_is_there(struct sqlite_journal *journal, struct error *error)
{
    int frames = 0, kept = 0;
    int code = sqlite3_wal_checkpoint_v2(journal->database, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &kept);
    if (code == SQLITE_OK && frames == kept) {
        return STATUS_OK;
    }
    sqlite3_file *wal = NULL;
    if (code == SQLITE_OK || code == SQLITE_BUSY) {
        code = sqlite3_file_control(journal->database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    }
    if (code == SQLITE_OK && wal != NULL && wal->pMethods != NULL) {
        code = wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
    }
    return code == SQLITE_OK ? STATUS_OK : sqlite_failed(journal, code, "what is in it cannot be made durable", error);
}

static enum status open_writer(struct sqlite_journal *journal, const struct journal_sqlite_options *options, struct error *error)
{
    bool may_create = options->access != JOURNAL_WRITE;
    TRY(lock_writer(journal, error));
    TRY(open_database(journal, journal->path, SQLITE_OPEN_READWRITE | (may_create ? SQLITE_OPEN_CREATE : 0), options, error));
    /* Large pages suit groups of 256 KiB, small ones single commits; a file keeps the size that it was created with. */
    TRY(sqlite_execute(journal,
                       options->bulk ? "PRAGMA page_size = 65536; PRAGMA cache_size = -16384" : "PRAGMA page_size = 4096",
                       "cannot be opened", error));
    /* EXTRA is FULL in WAL mode; in the other it syncs the folder too, without which a removed rollback journal may come back
     * after a power cut and undo what was acknowledged. */
    TRY(sqlite_execute(journal, PLANTED(NO_SYNC) ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = EXTRA", "cannot be opened",
                       error));
    TRY(sqlite_execute(journal, "PRAGMA journal_size_limit = 67108864", "cannot be opened", error));
    TRY(create_or_check(journal, options, error));
    TRY(set_journal_mode(journal, options->bulk ? "delete" : "wal", error));
    return options->bulk ? STATUS_OK : keep_what_is_there(journal, error);
}

static enum status check_path(const struct sqlite_journal *journal, const struct journal_sqlite_options *options,
                              struct error *error)
{
    bool needs_file = options->access == JOURNAL_READ || options->access == JOURNAL_WRITE;
    struct stat facts;
    if (stat(journal->path, &facts) != 0) {
        if (errno != ENOENT) {
            return ERROR(error, STATUS_IO, "%s: %s", journal->path, strerror(errno));
        }
        return needs_file ? ERROR(error, STATUS_NOT_FOUND, "%s: there is no such file", journal->path) : STATUS_OK;
    }
    if (!S_ISREG(facts.st_mode)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: is no journal: not a file", journal->path);
    }
    if (options->access == JOURNAL_CREATE && facts.st_size > 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: exists already; remove it first, or name another file", journal->path);
    }
    return STATUS_OK;
}

enum status sqlite_file_open(struct sqlite_journal *journal, const char *path, const struct journal_sqlite_options *options,
                             struct error *error)
{
    size_t length = strlen(path) + sizeof "./-lock";
    journal->path = malloc(length);
    journal->lock_path = malloc(length);
    CHECK(journal->path != NULL && journal->lock_path != NULL); /* a few bytes */
    /* SQLite takes ":memory:" and "file:..." for something else than files. */
    snprintf(journal->path, length, "%s%s", path[0] == ':' || strncmp(path, "file:", 5) == 0 ? "./" : "", path);
    snprintf(journal->lock_path, length, "%s-lock", journal->path);
    journal->lock = -1;
    journal->access = options->access;
    journal->bulk = options->bulk;
    journal->snapshot_span = options->snapshot_span != 0 ? options->snapshot_span : SNAPSHOT_SPAN_DEFAULT;
    enum status status = check_path(journal, options, error);
    if (status == STATUS_OK) {
        status = options->access == JOURNAL_READ ? open_reader(journal, options, error) : open_writer(journal, options, error);
    }
    if (status != STATUS_OK) {
        sqlite_file_close(journal);
    }
    return status;
}

void sqlite_file_close(struct sqlite_journal *journal)
{
    CHECK(sqlite3_close(journal->database) == SQLITE_OK); /* every statement has been finalized */
    unlock_writer(journal);
    free(journal->path);
    free(journal->lock_path);
    journal->database = NULL;
    journal->path = journal->lock_path = NULL;
}
