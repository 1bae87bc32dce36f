/* What sqlite.c (entries in and out) and sqlite_file.c (the file, its lock, its tables) share. */
#ifndef MINGDI_STORE_SQLITE_PRIVATE_H
#define MINGDI_STORE_SQLITE_PRIVATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "store/chain.h"
#include "store/sqlite.h"

struct sqlite_journal {
    sqlite3 *database;
    char *path, *lock_path;
    int lock; /* file descriptor, -1: none */
    enum journal_access access;
    bool bulk;
    uint32_t snapshot_span;
    bool in_transaction; /* rows are written that no commit has made durable */
    struct chain_writer writer;
    sqlite3_stmt *insert, *begin, *commit;
    struct journal_facts facts;
};

/* Fills the error from what SQLite says of the file at path; database may be NULL. */
enum status sqlite_failure(sqlite3 *database, const char *path, int code, const char *doing, struct error *error);
/* The same for a journal; doing is what was being done: "cannot write". Text and status are for people. */
enum status sqlite_failed(const struct sqlite_journal *journal, int code, const char *doing, struct error *error);
enum status sqlite_execute(const struct sqlite_journal *journal, const char *sql, const char *doing, struct error *error)
    MUST_USE;
enum status sqlite_prepare(const struct sqlite_journal *journal, const char *sql, sqlite3_stmt **statement, struct error *error)
    MUST_USE;

enum status sqlite_put_meta(const struct sqlite_journal *journal, const char *name, const char *value, struct error *error)
    MUST_USE;

/* Opens, locks, creates or checks the file; facts are known then. On failure everything is released. */
enum status sqlite_file_open(struct sqlite_journal *journal, const char *path, const struct journal_sqlite_options *options,
                             struct error *error) MUST_USE;
void sqlite_file_close(struct sqlite_journal *journal);

#endif
