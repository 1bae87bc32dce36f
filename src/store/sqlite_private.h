/* What sqlite.c (entries in and out) and sqlite_file.c (the file, its lock, its tables) share. */
#ifndef MINGDI_STORE_SQLITE_PRIVATE_H
#define MINGDI_STORE_SQLITE_PRIVATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "store/group.h"
#include "store/sqlite.h"

/* Bytes of one group, the head in front of the entries. */
struct group_buffer {
    struct group_head *head; /* malloc aligns it, and with it the entries */
    size_t used, capacity;   /* of the entries */
};

struct sqlite_journal {
    sqlite3 *database;
    char *path, *lock_path;
    int lock; /* file descriptor, -1: none */
    enum journal_access access;
    bool bulk;
    bool in_transaction; /* rows are written that no commit has made durable */
    bool failed;
    struct error failure; /* that stopped the writing */
    size_t flush_bytes;
    struct group_buffer open_group; /* entries appended and in no row; head.first_sequence of the first one */
    struct group_cursor tail;       /* after the last entry appended */
    struct group_hash tail_hash;    /* of the last row */
    uint64_t durable_sequence;
    sqlite3_stmt *insert, *begin, *commit;
    struct journal_facts facts;
};

/* Fills the error from what SQLite says; doing is what was being done: "cannot write". Text and status are for people. */
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
