#include "store/sqlite.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "store/group.h"
#include "store/sqlite_private.h"

enum { FLUSH_BYTES_DEFAULT = 256 << 10, SNAPSHOTS_KEPT = 2 };

static enum status sqlite_append(void *context, const struct entry_head *entry, struct error *error);

static struct sqlite_journal *journal_of(const struct journal *journal)
{
    CHECK(journal->append == sqlite_append);
    return journal->context;
}

/* ---- groups in memory ---- */

static unsigned char *entries_of(const struct group_buffer *buffer)
{
    return buffer->head != NULL ? (unsigned char *)(buffer->head + 1) : NULL;
}

static enum status group_buffer_reserve(struct group_buffer *buffer, size_t size, struct error *error)
{
    if (size > buffer->capacity) {
        struct group_head *moved = realloc(buffer->head, sizeof *moved + size);
        if (moved == NULL) {
            return ERROR(error, STATUS_NO_MEMORY, "no memory for a group of %zu bytes", size);
        }
        buffer->head = moved;
        buffer->capacity = size;
    }
    return STATUS_OK;
}

static void group_buffer_free(struct group_buffer *buffer)
{
    free(buffer->head);
    *buffer = (struct group_buffer){ 0 };
}

/* ---- reading ---- */

#define SELECT_GROUPS "SELECT first_sequence, last_sequence, previous_hash, hash, entries FROM entry_group"

/* A walk over the rows, from anywhere. */
struct walk {
    const struct sqlite_journal *journal;
    sqlite3_stmt *statement;
    struct group_buffer group; /* the row at hand */
    struct group_cursor cursor;
    struct group_hash hash; /* of the row before */
    bool hash_known;
    struct journal_report report;
};

/* Names the entry, the row that holds it or should, and what is wrong. */
static enum status broken(const struct walk *walk, uint64_t sequence, int64_t row, const char *what, struct error *error)
{
    return ERROR(error, STATUS_CORRUPT, "%s: entry %" PRIu64 " (row %" PRId64 " of entry_group): %s", walk->journal->path,
                 sequence, row, what);
}

/* The columns into the buffer, where entries are aligned; hostile until checked. */
static enum status copy_row(struct walk *walk, struct group_hash *hash, struct error *error)
{
    sqlite3_stmt *row = walk->statement;
    int64_t first = sqlite3_column_int64(row, 0);
    int64_t last = sqlite3_column_int64(row, 1);
    uint64_t expected = walk->cursor.next_sequence != 0 ? walk->cursor.next_sequence : (uint64_t)first;
    const void *previous = sqlite3_column_blob(row, 2);
    const void *own = sqlite3_column_blob(row, 3);
    const void *entries = sqlite3_column_blob(row, 4);
    int size = sqlite3_column_bytes(row, 4);
    if (sqlite3_errcode(walk->journal->database) == SQLITE_NOMEM) {
        return sqlite_failed(walk->journal, SQLITE_NOMEM, "cannot read", error);
    }
    if (sqlite3_column_bytes(row, 2) != GROUP_HASH_SIZE || sqlite3_column_bytes(row, 3) != GROUP_HASH_SIZE || previous == NULL ||
        own == NULL) {
        return broken(walk, expected, first, "a hash of it is not 32 bytes", error);
    }
    if (entries == NULL || size <= 0 || size > GROUP_SIZE_MAX) {
        return broken(walk, expected, first, "its group holds no bytes, or more than a group can", error);
    }
    TRY(group_buffer_reserve(&walk->group, (size_t)size, error));
    walk->group.used = (size_t)size;
    walk->group.head->first_sequence = (uint64_t)first;
    walk->group.head->last_sequence = (uint64_t)last;
    memcpy(&walk->group.head->previous, previous, GROUP_HASH_SIZE);
    memcpy(hash, own, sizeof *hash);
    memcpy(entries_of(&walk->group), entries, (size_t)size);
    return STATUS_OK;
}

/* The entries are looked at before the hash, so that the message can name the very one. */
static enum status check_group(struct walk *walk, const struct group_hash *hash, struct error *error)
{
    const struct group_head *head = walk->group.head;
    int64_t row = (int64_t)head->first_sequence;
    struct group_fault fault;
    struct group_cursor cursor = walk->cursor;
    if (!group_check(entries_of(&walk->group), walk->group.used, head->first_sequence, head->last_sequence, &cursor, &fault)) {
        return broken(walk, fault.sequence, row, fault.what, error);
    }
    if (walk->hash_known && !group_hash_equals(&walk->hash, &head->previous)) {
        return broken(walk, head->first_sequence, row, "the chain is broken: it does not follow the group before", error);
    }
    struct group_hash computed = group_hash(head, walk->group.used);
    if (!group_hash_equals(&computed, hash)) {
        return broken(walk, head->first_sequence, row,
                      "the chain is broken: the hash of the group is not that of its bytes, though each entry is whole", error);
    }
    walk->cursor = cursor;
    walk->hash = computed;
    walk->hash_known = true;
    return STATUS_OK;
}

static enum status visit_group(struct walk *walk, uint64_t from_sequence, entry_visit visit, void *visitor, struct error *error)
{
    const unsigned char *bytes = entries_of(&walk->group);
    for (size_t offset = 0; offset < walk->group.used;) {
        const struct entry_head *entry = (const struct entry_head *)(bytes + offset);
        offset += entry->size;
        if (entry->sequence >= from_sequence) {
            TRY(visit(visitor, entry, error));
        }
    }
    return STATUS_OK;
}

/* Begins at the row that holds from_sequence. From the first row on the chain begins with zeros; from any other one, that row's
 * word for what came before is taken. */
static enum status walk_begin(struct walk *walk, const struct sqlite_journal *journal, uint64_t from_sequence,
                              struct error *error)
{
    *walk = (struct walk){ .journal = journal, .cursor = { .entered_at = INSTANT_NONE } };
    walk->report.first_entered_at = walk->report.last_entered_at = INSTANT_NONE;
    if (from_sequence <= 1) {
        walk->cursor.next_sequence = 1;
        walk->hash_known = true;
        return sqlite_prepare(journal, SELECT_GROUPS " ORDER BY first_sequence", &walk->statement, error);
    }
    TRY(sqlite_prepare(journal,
                       SELECT_GROUPS " WHERE first_sequence >= coalesce((SELECT max(first_sequence) FROM entry_group"
                                     " WHERE first_sequence <= ?1), 0) ORDER BY first_sequence",
                       &walk->statement, error));
    sqlite3_bind_int64(walk->statement, 1, from_sequence > INT64_MAX ? INT64_MAX : (int64_t)from_sequence);
    return STATUS_OK;
}

/* The next row, checked, into walk->group; *found false after the last. */
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
    struct group_hash hash;
    TRY(copy_row(walk, &hash, error));
    return check_group(walk, &hash, error);
}

static void walk_end(struct walk *walk)
{
    sqlite3_finalize(walk->statement);
    group_buffer_free(&walk->group);
}

/* A journal that was closed cleanly at a sequence must reach to it. */
static enum status check_final(const struct sqlite_journal *journal, uint64_t last_sequence, struct error *error)
{
    if (journal->facts.final_known && journal->facts.final_sequence > last_sequence) {
        return ERROR(error, STATUS_CORRUPT,
                     "%s: entry %" PRIu64 " is missing: the journal was closed after entry %" PRIu64
                     " and ends with entry %" PRIu64 "; was a -wal file left behind?",
                     journal->path, last_sequence + 1, journal->facts.final_sequence, last_sequence);
    }
    return STATUS_OK;
}

/* Entries that are in no row yet, of a journal open for writing. */
static enum status visit_open_group(const struct sqlite_journal *journal, uint64_t from_sequence, entry_visit visit,
                                    void *visitor, struct error *error)
{
    struct walk unwritten = { .group = journal->open_group };
    return visit_group(&unwritten, from_sequence, visit, visitor, error);
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
            status = visit_group(&walk, from_sequence, visit, visitor, error);
        }
    }
    if (status == STATUS_OK && walk.cursor.next_sequence != 0) {
        status = check_final(journal, walk.cursor.next_sequence - 1, error);
    }
    walk_end(&walk);
    return status == STATUS_OK ? visit_open_group(journal, from_sequence, visit, visitor, error) : status;
}

/* ---- writing ---- */

static enum status refuse_writing(const struct sqlite_journal *journal, struct error *error)
{
    if (journal->access == JOURNAL_READ) {
        return ERROR(error, STATUS_IO, "%s: is open for reading only", journal->path);
    }
    return ERROR(error, journal->failure.status, "%s: takes nothing more after a failure: %s", journal->path,
                 journal->failure.text);
}

static bool may_write(const struct sqlite_journal *journal) { return !journal->failed && journal->access != JOURNAL_READ; }

/* Remembers why, and forgets what was not durable. */
static enum status stop_writing(struct sqlite_journal *journal, const struct error *error)
{
    journal->failed = true;
    journal->failure = *error;
    (void)sqlite3_exec(journal->database, "ROLLBACK", NULL, NULL, NULL); /* SQLite may have done it itself */
    journal->in_transaction = false;
    journal->open_group.used = 0;
    return error->status;
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
    struct group_buffer *group = &journal->open_group;
    if (group->used == 0) {
        return STATUS_OK;
    }
    group->head->previous = journal->tail_hash;
    group->head->last_sequence = journal->tail.next_sequence - 1;
    struct group_hash hash = group_hash(group->head, group->used);
    sqlite3_stmt *insert = journal->insert;
    sqlite3_bind_int64(insert, 1, (int64_t)group->head->first_sequence);
    sqlite3_bind_int64(insert, 2, (int64_t)group->head->last_sequence);
    sqlite3_bind_blob(insert, 3, &group->head->previous, GROUP_HASH_SIZE, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 4, &hash, GROUP_HASH_SIZE, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 5, entries_of(group), (int)group->used, SQLITE_STATIC);
    enum status status = step_once(journal, insert, "cannot write", error);
    sqlite3_clear_bindings(insert);
    TRY(status);
    if (sqlite3_changes(journal->database) != 1) {
        return ERROR(error, STATUS_IO, "%s: cannot write: another process has written to it since it was opened", journal->path);
    }
    journal->tail_hash = hash;
    group->used = 0;
    return STATUS_OK;
}

static enum status end(struct sqlite_journal *journal, struct error *error)
{
    if (journal->in_transaction) {
        TRY(step_once(journal, journal->commit, "cannot write", error));
        journal->in_transaction = false;
    }
    journal->durable_sequence = journal->tail.next_sequence - 1;
    return STATUS_OK;
}

static enum status sqlite_append(void *context, const struct entry_head *entry, struct error *error)
{
    struct sqlite_journal *journal = context;
    struct group_buffer *group = &journal->open_group;
    if (!may_write(journal)) {
        return refuse_writing(journal, error);
    }
    CHECK(entry->sequence == journal->tail.next_sequence && entry->sequence <= INT64_MAX);
    CHECK(entry->size >= sizeof *entry && entry->size <= ENTRY_SIZE_MAX && entry->size % 8 == 0);
    if (group->used == 0) {
        group->head->first_sequence = entry->sequence;
    }
    memcpy(entries_of(group) + group->used, entry, entry->size);
    group->used += entry->size;
    journal->tail.next_sequence++;
    if (group->used < journal->flush_bytes) {
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
    *durable_sequence = journal->durable_sequence;
    return STATUS_OK;
}

/* ---- snapshots ---- */

static enum status put_snapshot(struct sqlite_journal *journal, uint64_t sequence, const void *bytes, size_t size,
                                struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, "INSERT OR REPLACE INTO snapshot(sequence, digest, bytes) VALUES(?1, ?2, ?3)", &statement,
                       error));
    struct group_hash digest = group_digest(bytes, size);
    sqlite3_bind_int64(statement, 1, (int64_t)sequence);
    sqlite3_bind_blob(statement, 2, &digest, GROUP_HASH_SIZE, SQLITE_STATIC);
    int code = sqlite3_bind_blob64(statement, 3, bytes, size, SQLITE_STATIC);
    enum status status = code == SQLITE_OK ? step_once(journal, statement, "cannot write a snapshot", error)
                                           : sqlite_failed(journal, code, "cannot write a snapshot", error);
    sqlite3_finalize(statement);
    return status;
}

static enum status drop_old_snapshots(struct sqlite_journal *journal, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal,
                       "DELETE FROM snapshot WHERE sequence NOT IN"
                       " (SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT ?1)",
                       &statement, error));
    sqlite3_bind_int(statement, 1, SNAPSHOTS_KEPT);
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
    CHECK(sequence < journal->tail.next_sequence && size > 0);
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
    if (digest == NULL || sqlite3_column_bytes(row, 1) != GROUP_HASH_SIZE || bytes == NULL || sqlite3_column_int64(row, 0) < 0) {
        return false;
    }
    struct group_hash computed = group_digest(bytes, (size_t)sqlite3_column_bytes(row, 2));
    return group_hash_equals(&computed, digest);
}

static enum status copy_snapshot(const struct sqlite_journal *journal, sqlite3_stmt *row, uint64_t *sequence, void **bytes,
                                 size_t *size, struct error *error)
{
    size_t length = (size_t)sqlite3_column_bytes(row, 2);
    void *copy = malloc(length);
    if (copy == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for a snapshot of %zu bytes", journal->path, length);
    }
    memcpy(copy, sqlite3_column_blob(row, 2), length);
    *sequence = (uint64_t)sqlite3_column_int64(row, 0);
    *bytes = copy;
    *size = length;
    return STATUS_OK;
}

/* A damaged snapshot is passed over, for it can be made again from the entries; verify tells of it. */
static enum status sqlite_snapshot_read(void *context, uint64_t *sequence, void **bytes, size_t *size, struct error *error)
{
    const struct sqlite_journal *journal = context;
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, "SELECT sequence, digest, bytes FROM snapshot ORDER BY sequence DESC", &statement, error));
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

/* ---- opening and closing ---- */

static void sqlite_close(void *context)
{
    struct sqlite_journal *journal = context;
    sqlite3_finalize(journal->insert);
    sqlite3_finalize(journal->begin);
    sqlite3_finalize(journal->commit);
    group_buffer_free(&journal->open_group);
    sqlite_file_close(journal); /* rolls back what was not committed */
    free(journal);
}

/* A writer checks the last row, which it is about to build on. A reader leaves that to read and verify, which name the first
 * fault of all. */
static enum status find_tail(struct sqlite_journal *journal, struct error *error)
{
    struct walk walk = { .journal = journal, .cursor = { .entered_at = INSTANT_NONE } };
    TRY(sqlite_prepare(journal, SELECT_GROUPS " ORDER BY first_sequence DESC LIMIT 1", &walk.statement, error));
    bool found = false;
    enum status status = STATUS_OK;
    journal->tail = (struct group_cursor){ .next_sequence = 1, .entered_at = INSTANT_NONE };
    if (journal->access == JOURNAL_READ) {
        int code = sqlite3_step(walk.statement);
        if (code == SQLITE_ROW) {
            journal->tail.next_sequence = (uint64_t)sqlite3_column_int64(walk.statement, 1) + 1;
        } else if (code != SQLITE_DONE) {
            status = sqlite_failed(journal, code, "cannot read", error);
        }
    } else {
        status = walk_next(&walk, &found, error);
    }
    if (status == STATUS_OK && found) {
        journal->tail = walk.cursor;
        journal->tail_hash = walk.hash;
    }
    walk_end(&walk);
    journal->durable_sequence = journal->tail.next_sequence - 1;
    return status == STATUS_OK && journal->access != JOURNAL_READ ? check_final(journal, journal->durable_sequence, error)
                                                                  : status;
}

static enum status prepare_writer(struct sqlite_journal *journal, struct error *error)
{
    if (journal->access == JOURNAL_READ) {
        return STATUS_OK;
    }
    TRY(group_buffer_reserve(&journal->open_group, journal->flush_bytes + ENTRY_SIZE_MAX, error));
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
    CHECK(options->flush_bytes <= GROUP_FLUSH_MAX);
    opened->flush_bytes = options->flush_bytes != 0 ? options->flush_bytes : FLUSH_BYTES_DEFAULT;
    enum status status = sqlite_file_open(opened, path, options, error);
    if (status != STATUS_OK) {
        free(opened);
        return status;
    }
    status = find_tail(opened, error);
    if (status == STATUS_OK) {
        status = prepare_writer(opened, error);
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
    facts->last_sequence = opened->failed ? opened->durable_sequence : opened->tail.next_sequence - 1;
}

enum status journal_sqlite_set_final(struct journal *journal, uint64_t state_hash, struct error *error)
{
    struct sqlite_journal *opened = journal_of(journal);
    if (!may_write(opened)) {
        return refuse_writing(opened, error);
    }
    char value[96];
    uint64_t sequence = opened->tail.next_sequence - 1;
    snprintf(value, sizeof value, "sequence=%" PRIu64 " state_hash=%016" PRIx64, sequence, state_hash);
    enum status status = begin(opened, error);
    if (status == STATUS_OK) {
        status = flush(opened, error);
    }
    if (status == STATUS_OK) {
        status = sqlite_put_meta(opened, "final", value, error);
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
    return STATUS_OK;
}

/* ---- verifying ---- */

static void count_group(struct walk *walk)
{
    struct journal_report *report = &walk->report;
    const unsigned char *bytes = entries_of(&walk->group);
    for (size_t offset = 0; offset < walk->group.used;) {
        const struct entry_head *entry = (const struct entry_head *)(bytes + offset);
        offset += entry->size;
        if (report->entries == 0) {
            report->first_sequence = entry->sequence;
            report->first_entered_at = entry->entered_at;
        }
        report->last_sequence = entry->sequence;
        report->last_entered_at = entry->entered_at;
        report->entries++;
        report->events += entry->event_count;
    }
    report->groups++;
    report->bytes += walk->group.used;
}

static enum status verify_snapshots(const struct sqlite_journal *journal, struct journal_report *report, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    TRY(sqlite_prepare(journal, "SELECT sequence, digest, bytes FROM snapshot ORDER BY sequence", &statement, error));
    enum status status = STATUS_OK;
    int code = sqlite3_step(statement);
    while (status == STATUS_OK && code == SQLITE_ROW) {
        int64_t sequence = sqlite3_column_int64(statement, 0);
        if (!snapshot_is_sound(statement)) {
            status = ERROR(error, STATUS_CORRUPT, "%s: the snapshot after entry %" PRId64 " is not what was written",
                           journal->path, sequence);
        } else if ((uint64_t)sequence > report->last_sequence) {
            status = ERROR(error, STATUS_CORRUPT, "%s: entry %" PRIu64 " is missing: there is a snapshot after entry %" PRId64,
                           journal->path, report->last_sequence + 1, sequence);
        } else {
            report->snapshots++;
            code = sqlite3_step(statement);
        }
    }
    if (status == STATUS_OK && code != SQLITE_DONE) {
        status = sqlite_failed(journal, code, "cannot read a snapshot", error);
    }
    sqlite3_finalize(statement);
    return status;
}

static void write_chain(const struct group_hash *hash, char text[65])
{
    for (int i = 0; i < GROUP_HASH_SIZE; i++) {
        snprintf(text + 2 * i, 3, "%02x", hash->bytes[i]);
    }
}

enum status journal_sqlite_verify(const struct journal *journal, struct journal_report *report, struct error *error)
{
    const struct sqlite_journal *opened = journal_of(journal);
    struct walk walk;
    TRY(walk_begin(&walk, opened, 1, error));
    enum status status = STATUS_OK;
    bool found = true;
    while (status == STATUS_OK && found) {
        status = walk_next(&walk, &found, error);
        if (status == STATUS_OK && found) {
            count_group(&walk);
        }
    }
    if (status == STATUS_OK) {
        status = check_final(opened, walk.report.last_sequence, error);
    }
    if (status == STATUS_OK) {
        status = verify_snapshots(opened, &walk.report, error);
    }
    if (status == STATUS_OK) {
        write_chain(&walk.hash, walk.report.chain);
        *report = walk.report;
    }
    walk_end(&walk);
    return status;
}
