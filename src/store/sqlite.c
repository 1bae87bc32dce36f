#include "store/sqlite.h"
#include "store/sparse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "store/journal_meta.h"
#include "store/sqlite_private.h"

static enum status sqlite_append(void *context, const struct entry_head *entry, struct error *error);

static struct sqlite_journal *journal_of(const struct journal *journal)
{
    CHECK(journal->append == sqlite_append);
    return journal->context;
}

/* ---- reading ---- */

#define SELECT_GROUPS "SELECT first_sequence, last_sequence, previous_hash, hash, entries FROM entry_group"

/* A walk over the rows, from anywhere. */
struct walk {
    const struct sqlite_journal *journal;
    sqlite3_stmt *statement;
    struct chain_walk chain;
};

static enum status take_row(struct walk *walk, struct error *error)
{
    sqlite3_stmt *statement = walk->statement;
    struct chain_row row = { .first_sequence = sqlite3_column_int64(statement, 0),
                             .last_sequence = sqlite3_column_int64(statement, 1),
                             .previous_hash = sqlite3_column_blob(statement, 2),
                             .hash = sqlite3_column_blob(statement, 3),
                             .entries = sqlite3_column_blob(statement, 4) };
    row.previous_hash_size = (size_t)sqlite3_column_bytes(statement, 2);
    row.hash_size = (size_t)sqlite3_column_bytes(statement, 3);
    row.entries_size = (size_t)sqlite3_column_bytes(statement, 4);
    if (sqlite3_errcode(walk->journal->database) == SQLITE_NOMEM) {
        return sqlite_failed(walk->journal, SQLITE_NOMEM, "cannot read", error);
    }
    return chain_walk_take(&walk->chain, &row, error);
}

/* Begins at the row that holds from_sequence. */
static enum status walk_begin(struct walk *walk, const struct sqlite_journal *journal, uint64_t from_sequence,
                              struct error *error)
{
    *walk = (struct walk){ .journal = journal };
    chain_walk_begin(&walk->chain, journal->path, "entry_group", from_sequence <= 1);
    if (from_sequence <= 1) {
        return sqlite_prepare(journal, SELECT_GROUPS " ORDER BY first_sequence", &walk->statement, error);
    }
    TRY(sqlite_prepare(journal,
                       SELECT_GROUPS " WHERE first_sequence >= coalesce((SELECT max(first_sequence) FROM entry_group"
                                     " WHERE first_sequence <= ?1), 0) ORDER BY first_sequence",
                       &walk->statement, error));
    sqlite3_bind_int64(walk->statement, 1, from_sequence > INT64_MAX ? INT64_MAX : (int64_t)from_sequence);
    return STATUS_OK;
}

/* The next row, checked, into walk->chain.group; *found false after the last. */
static enum status walk_next(struct walk *walk, bool *found, struct error *error)
{
    int code = sqlite3_step(walk->statement);
    *found = code == SQLITE_ROW;
    if (code == SQLITE_DONE) {
        return STATUS_OK;
    }
    if (code != SQLITE_ROW) {
        TRY(sqlite_failed(walk->journal, code, "cannot read", error));
    }
    return take_row(walk, error);
}

static void walk_end(struct walk *walk)
{
    sqlite3_finalize(walk->statement);
    chain_walk_end(&walk->chain);
}

static enum status check_final(const struct sqlite_journal *journal, uint64_t last_sequence, struct error *error)
{
    return chain_check_final(&journal->facts, journal->path, last_sequence, "was a -wal file left behind?", error);
}

static enum status sqlite_read(void *context, uint64_t from_sequence, entry_visit visit, void *visitor, struct error *error)
{
    const struct sqlite_journal *journal = context;
    struct walk walk;
    TRY(walk_begin(&walk, journal, from_sequence, error));
    enum status status = STATUS_OK;
    bool found = true;
    while (status == STATUS_OK && found) {
        status = walk_next(&walk, &found, error);
        if (status == STATUS_OK && found) {
            status = group_buffer_visit(&walk.chain.group, from_sequence, visit, visitor, error);
        }
    }
    if (status == STATUS_OK && walk.chain.cursor.next_sequence != 0) {
        status = check_final(journal, walk.chain.cursor.next_sequence - 1, error);
    }
    walk_end(&walk);
    TRY(status);
    /* Entries that are in no row yet, of a journal open for writing. */
    return group_buffer_visit(&journal->writer.open_group, from_sequence, visit, visitor, error);
}

/* ---- writing ---- */

static enum status refuse_writing(const struct sqlite_journal *journal, struct error *error)
{
    return chain_writer_refuse(&journal->writer, journal->access == JOURNAL_READ, journal->path, error);
}

static bool may_write(const struct sqlite_journal *journal) { return !journal->writer.failed && journal->access != JOURNAL_READ; }

/* Remembers why, and forgets what was not durable. */
static enum status stop_writing(struct sqlite_journal *journal, const struct error *error)
{
    (void)sqlite3_exec(journal->database, "ROLLBACK", NULL, NULL, NULL); /* SQLite may have done it itself */
    journal->in_transaction = false;
    return chain_writer_stop(&journal->writer, error);
}

static enum status step_once(const struct sqlite_journal *journal, sqlite3_stmt *statement, const char *doing,
                             struct error *error)
{
    int code = sqlite3_step(statement);
    enum status status = code == SQLITE_DONE ? STATUS_OK : sqlite_failed(journal, code, doing, error);
    sqlite3_reset(statement);
    return status;
}

static enum status begin(struct sqlite_journal *journal, struct error *error)
{
    if (!journal->in_transaction) {
        TRY(step_once(journal, journal->begin, "cannot write", error));
        journal->in_transaction = true;
    }
    return STATUS_OK;
}

/* The open group becomes a row, of the transaction if there is one, else of its own. */
static enum status flush(struct sqlite_journal *journal, struct error *error)
{
    struct chain_row row;
    struct group_hash hash;
    if (!chain_writer_seal(&journal->writer, &hash, &row)) {
        return STATUS_OK;
    }
    sqlite3_stmt *insert = journal->insert;
    sqlite3_bind_int64(insert, 1, row.first_sequence);
    sqlite3_bind_int64(insert, 2, row.last_sequence);
    sqlite3_bind_blob(insert, 3, row.previous_hash, GROUP_HASH_SIZE, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 4, row.hash, GROUP_HASH_SIZE, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 5, row.entries, (int)row.entries_size, SQLITE_STATIC);
    enum status status = step_once(journal, insert, "cannot write", error);
    sqlite3_clear_bindings(insert);
    TRY(status);
    if (sqlite3_changes(journal->database) != 1) {
        return ERROR(error, STATUS_IO, "%s: cannot write: another process has written to it since it was opened", journal->path);
    }
    chain_writer_wrote(&journal->writer, &hash);
    return STATUS_OK;
}

static enum status end(struct sqlite_journal *journal, struct error *error)
{
    if (journal->in_transaction) {
        TRY(step_once(journal, journal->commit, "cannot write", error));
        journal->in_transaction = false;
    }
    journal->writer.durable_sequence = journal->writer.tail.next_sequence - 1;
    return STATUS_OK;
}

static enum status sqlite_append(void *context, const struct entry_head *entry, struct error *error)
{
    struct sqlite_journal *journal = context;
    if (!may_write(journal)) {
        return refuse_writing(journal, error);
    }
    chain_writer_append(&journal->writer, entry);
    if (!chain_writer_is_full(&journal->writer)) {
        return STATUS_OK;
    }
    enum status status = begin(journal, error);
    if (status == STATUS_OK) {
        status = flush(journal, error);
    }
    return status == STATUS_OK ? STATUS_OK : stop_writing(journal, error);
}

static enum status sqlite_commit(void *context, uint64_t *durable_sequence, struct error *error)
{
    struct sqlite_journal *journal = context;
    if (!may_write(journal)) {
        return refuse_writing(journal, error);
    }
    enum status status = flush(journal, error);
    if (status == STATUS_OK) {
        status = end(journal, error);
    }
    if (status != STATUS_OK) {
        return stop_writing(journal, error);
    }
    *durable_sequence = journal->writer.durable_sequence;
    return STATUS_OK;
}

/* ---- snapshots ---- */

static enum status put_packed(struct sqlite_journal *journal, uint64_t sequence, const void *packed, size_t size,
                              struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, "INSERT OR REPLACE INTO snapshot(sequence, digest, bytes) VALUES(?1, ?2, ?3)", &statement,
                       error));
    struct group_hash digest = group_digest(packed, size);
    sqlite3_bind_int64(statement, 1, (int64_t)sequence);
    sqlite3_bind_blob(statement, 2, &digest, GROUP_HASH_SIZE, SQLITE_STATIC);
    int code = sqlite3_bind_blob64(statement, 3, packed, size, SQLITE_STATIC);
    enum status status = code == SQLITE_OK ? step_once(journal, statement, "cannot write a snapshot", error)
                                           : sqlite_failed(journal, code, "cannot write a snapshot", error);
    sqlite3_finalize(statement);
    return status;
}

static enum status put_snapshot(struct sqlite_journal *journal, uint64_t sequence, const void *bytes, size_t size,
                                struct error *error)
{
    void *packed = NULL;
    size_t packed_size = 0;
    TRY(sparse_pack(bytes, size, &packed, &packed_size, error));
    enum status status = put_packed(journal, sequence, packed, packed_size, error);
    free(packed);
    return status;
}

static enum status drop_old_snapshots(struct sqlite_journal *journal, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal,
                       "DELETE FROM snapshot WHERE sequence NOT IN"
                       " (SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT ?1) AND sequence NOT IN"
                       " (SELECT min(sequence) FROM snapshot WHERE sequence >= ?2 GROUP BY sequence / ?2)",
                       &statement, error));
    sqlite3_bind_int(statement, 1, SNAPSHOTS_KEPT);
    sqlite3_bind_int64(statement, 2, journal->snapshot_span);
    enum status status = step_once(journal, statement, "cannot write a snapshot", error);
    sqlite3_finalize(statement);
    return status;
}

/* In one transaction with the entries that it holds, so that it can never be newer than they are. */
static enum status sqlite_snapshot_write(void *context, uint64_t sequence, const void *bytes, size_t size, struct error *error)
{
    struct sqlite_journal *journal = context;
    if (!may_write(journal)) {
        return refuse_writing(journal, error);
    }
    CHECK(sequence < journal->writer.tail.next_sequence && size > 0);
    enum status status = begin(journal, error);
    if (status == STATUS_OK) {
        status = flush(journal, error);
    }
    if (status == STATUS_OK) {
        status = put_snapshot(journal, sequence, bytes, size, error);
    }
    if (status == STATUS_OK) {
        status = drop_old_snapshots(journal, error);
    }
    if (status == STATUS_OK) {
        status = end(journal, error);
    }
    return status == STATUS_OK ? STATUS_OK : stop_writing(journal, error);
}

/* Whether the row of "SELECT sequence, digest, bytes" is what was written. */
static bool snapshot_is_sound(sqlite3_stmt *row)
{
    const void *digest = sqlite3_column_blob(row, 1);
    const void *bytes = sqlite3_column_blob(row, 2);
    return chain_snapshot_is_sound(sqlite3_column_int64(row, 0), digest, (size_t)sqlite3_column_bytes(row, 1), bytes,
                                   (size_t)sqlite3_column_bytes(row, 2));
}

static enum status copy_snapshot(const struct sqlite_journal *journal, sqlite3_stmt *row, uint64_t *sequence, void **bytes,
                                 size_t *size, struct error *error)
{
    enum status status = sparse_unpack(sqlite3_column_blob(row, 2), (size_t)sqlite3_column_bytes(row, 2), CHAIN_SNAPSHOT_SIZE_MAX,
                                       bytes, size, error);
    if (status != STATUS_OK) {
        return error_prefix(error, "%s: a snapshot cannot be read: ", journal->path);
    }
    *sequence = (uint64_t)sqlite3_column_int64(row, 0);
    return STATUS_OK;
}

/* A damaged snapshot is passed over, for it can be made again from the entries; verify tells of it. */
static enum status snapshot_before(const struct sqlite_journal *journal, uint64_t before, uint64_t *sequence, void **bytes,
                                   size_t *size, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, "SELECT sequence, digest, bytes FROM snapshot WHERE sequence < ?1 ORDER BY sequence DESC",
                       &statement, error));
    sqlite3_bind_int64(statement, 1, before > INT64_MAX ? INT64_MAX : (int64_t)before);
    *sequence = 0;
    *bytes = NULL;
    *size = 0;
    enum status status = STATUS_OK;
    int code = sqlite3_step(statement);
    while (code == SQLITE_ROW && !snapshot_is_sound(statement)) {
        code = sqlite3_step(statement);
    }
    if (code == SQLITE_ROW) {
        status = copy_snapshot(journal, statement, sequence, bytes, size, error);
    } else if (code != SQLITE_DONE) {
        status = sqlite_failed(journal, code, "cannot read a snapshot", error);
    }
    sqlite3_finalize(statement);
    return status;
}

static enum status sqlite_snapshot_read(void *context, uint64_t *sequence, void **bytes, size_t *size, struct error *error)
{
    return snapshot_before(context, UINT64_MAX, sequence, bytes, size, error);
}

/* ---- opening and closing ---- */

static void sqlite_close(void *context)
{
    struct sqlite_journal *journal = context;
    sqlite3_finalize(journal->insert);
    sqlite3_finalize(journal->begin);
    sqlite3_finalize(journal->commit);
    chain_writer_end(&journal->writer);
    sqlite_file_close(journal); /* rolls back what was not committed */
    free(journal);
}

/* A writer checks the last row, which it is about to build on. A reader leaves that to read and verify, which name the first
 * fault of all. */
static enum status find_tail(struct sqlite_journal *journal, struct error *error)
{
    struct walk walk = { .journal = journal };
    chain_walk_begin(&walk.chain, journal->path, "entry_group", false);
    TRY(sqlite_prepare(journal, SELECT_GROUPS " ORDER BY first_sequence DESC LIMIT 1", &walk.statement, error));
    bool found = false;
    enum status status = STATUS_OK;
    journal->writer.tail = (struct group_cursor){ .next_sequence = 1, .entered_at = INSTANT_NONE };
    if (journal->access == JOURNAL_READ) {
        int code = sqlite3_step(walk.statement);
        if (code == SQLITE_ROW) {
            journal->writer.tail.next_sequence = (uint64_t)sqlite3_column_int64(walk.statement, 1) + 1;
        } else if (code != SQLITE_DONE) {
            status = sqlite_failed(journal, code, "cannot read", error);
        }
    } else {
        status = walk_next(&walk, &found, error);
    }
    if (status == STATUS_OK && found) {
        journal->writer.tail = walk.chain.cursor;
        journal->writer.tail_hash = walk.chain.hash;
    }
    walk_end(&walk);
    journal->writer.durable_sequence = journal->writer.tail.next_sequence - 1;
    return status == STATUS_OK && journal->access != JOURNAL_READ ? check_final(journal, journal->writer.durable_sequence, error)
                                                                  : status;
}

static enum status prepare_writer(struct sqlite_journal *journal, size_t flush_bytes, struct error *error)
{
    if (journal->access == JOURNAL_READ) {
        return STATUS_OK;
    }
    TRY(chain_writer_begin(&journal->writer, flush_bytes, error));
    TRY(sqlite_prepare(journal, "BEGIN IMMEDIATE", &journal->begin, error));
    TRY(sqlite_prepare(journal, "COMMIT", &journal->commit, error));
    /* Writes nothing if the file does not end with the row that we take for the last. */
    return sqlite_prepare(journal,
                          "INSERT INTO entry_group(first_sequence, last_sequence, previous_hash, hash, entries)"
                          " SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?3 = coalesce("
                          "(SELECT hash FROM entry_group ORDER BY first_sequence DESC LIMIT 1), zeroblob(32))",
                          &journal->insert, error);
}

enum status journal_sqlite_open(struct journal *journal, const char *path, const struct journal_sqlite_options *options,
                                struct error *error)
{
    struct sqlite_journal *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", path);
    }
    enum status status = sqlite_file_open(opened, path, options, error);
    if (status != STATUS_OK) {
        free(opened);
        return status;
    }
    status = find_tail(opened, error);
    if (status == STATUS_OK) {
        status = prepare_writer(opened, options->flush_bytes, error);
    }
    if (status != STATUS_OK) {
        sqlite_close(opened);
        return status;
    }
    *journal = (struct journal){ .context = opened,
                                 .append = sqlite_append,
                                 .commit = sqlite_commit,
                                 .read = sqlite_read,
                                 .snapshot_write = sqlite_snapshot_write,
                                 .snapshot_read = sqlite_snapshot_read,
                                 .close = sqlite_close };
    return STATUS_OK;
}

void journal_sqlite_facts(const struct journal *journal, struct journal_facts *facts)
{
    const struct sqlite_journal *opened = journal_of(journal);
    *facts = opened->facts;
    facts->last_sequence = opened->writer.failed ? opened->writer.durable_sequence : opened->writer.tail.next_sequence - 1;
}

static enum status put_meta(void *context, const char *name, const char *value, struct error *error)
{
    return sqlite_put_meta(context, name, value, error);
}

/* A journal that was closed cleanly is one file, which may be copied alone. SQLite does that at the last close by itself, but not
 * when the last one is a reader's; what stays in the log because somebody reads in this very moment is as durable there. */
static void fold(const struct sqlite_journal *journal)
{
    if (!journal->bulk) {
        (void)sqlite3_wal_checkpoint_v2(journal->database, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
}

enum status journal_sqlite_set_final(struct journal *journal, uint64_t state_hash, struct error *error)
{
    struct sqlite_journal *opened = journal_of(journal);
    if (!may_write(opened)) {
        return refuse_writing(opened, error);
    }
    uint64_t sequence = opened->writer.tail.next_sequence - 1;
    enum status status = begin(opened, error);
    if (status == STATUS_OK) {
        status = flush(opened, error);
    }
    if (status == STATUS_OK) {
        status = journal_meta_put_final(sequence, state_hash, put_meta, opened, error);
    }
    if (status == STATUS_OK) {
        status = end(opened, error);
    }
    if (status != STATUS_OK) {
        return stop_writing(opened, error);
    }
    opened->facts.final_known = true;
    opened->facts.final_sequence = sequence;
    opened->facts.final_state_hash = state_hash;
    fold(opened);
    return STATUS_OK;
}

/* ---- verifying ---- */

static enum status verify_snapshots(const struct sqlite_journal *journal, struct journal_report *report, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, "SELECT sequence, digest, bytes FROM snapshot ORDER BY sequence", &statement, error));
    enum status status = STATUS_OK;
    int code = sqlite3_step(statement);
    while (status == STATUS_OK && code == SQLITE_ROW) {
        status = chain_check_snapshot(report, journal->path, sqlite3_column_int64(statement, 0), snapshot_is_sound(statement),
                                      error);
        if (status == STATUS_OK) {
            code = sqlite3_step(statement);
        }
    }
    if (status == STATUS_OK && code != SQLITE_DONE) {
        status = sqlite_failed(journal, code, "cannot read a snapshot", error);
    }
    sqlite3_finalize(statement);
    return status;
}

static enum status verify_all(const struct sqlite_journal *journal, struct journal_report *report, struct error *error)
{
    struct walk walk;
    TRY(walk_begin(&walk, journal, 1, error));
    enum status status = STATUS_OK;
    bool found = true;
    while (status == STATUS_OK && found) {
        status = walk_next(&walk, &found, error);
        if (status == STATUS_OK && found) {
            chain_walk_count(&walk.chain);
        }
    }
    if (status == STATUS_OK) {
        status = check_final(journal, walk.chain.report.last_sequence, error);
    }
    if (status == STATUS_OK) {
        status = verify_snapshots(journal, &walk.chain.report, error);
    }
    if (status == STATUS_OK) {
        *report = walk.chain.report;
    }
    walk_end(&walk);
    return status;
}

enum status journal_sqlite_snapshot_before(const struct journal *journal, uint64_t before, uint64_t *sequence, void **bytes,
                                           size_t *size, struct error *error)
{
    return snapshot_before(journal_of(journal), before, sequence, bytes, size, error);
}

/* In one view of the file: who writes meanwhile adds entries and snapshots of them. */
enum status journal_sqlite_verify(const struct journal *journal, struct journal_report *report, struct error *error)
{
    const struct sqlite_journal *opened = journal_of(journal);
    bool own_view = sqlite3_get_autocommit(opened->database) != 0;
    if (own_view) {
        TRY(sqlite_execute(opened, "BEGIN", "cannot read", error));
    }
    enum status status = verify_all(opened, report, error);
    if (own_view) {
        (void)sqlite3_exec(opened->database, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}
