#include "store/chain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* ---- groups in memory ---- */

unsigned char *group_buffer_entries(const struct group_buffer *buffer)
{
    return buffer->head != NULL ? (unsigned char *)(buffer->head + 1) : NULL;
}

enum status group_buffer_reserve(struct group_buffer *buffer, size_t size, struct error *error)
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

void group_buffer_free(struct group_buffer *buffer)
{
    free(buffer->head);
    *buffer = (struct group_buffer){ 0 };
}

enum status group_buffer_visit(const struct group_buffer *buffer, uint64_t from_sequence, entry_visit visit, void *visitor,
                               struct error *error)
{
    const unsigned char *bytes = group_buffer_entries(buffer);
    for (size_t offset = 0; offset < buffer->used;) {
        const struct entry_head *entry = (const struct entry_head *)(bytes + offset);
        offset += entry->size;
        if (entry->sequence >= from_sequence) {
            TRY(visit(visitor, entry, error));
        }
    }
    return STATUS_OK;
}

/* ---- reading ---- */

void chain_walk_begin(struct chain_walk *walk, const char *shown, const char *table, bool from_start)
{
    *walk = (struct chain_walk){ .shown = shown, .table = table, .cursor = { .entered_at = INSTANT_NONE } };
    walk->report.first_entered_at = walk->report.last_entered_at = INSTANT_NONE;
    if (from_start) {
        walk->cursor.next_sequence = 1;
        walk->hash_known = true;
    }
}

void chain_walk_end(struct chain_walk *walk) { group_buffer_free(&walk->group); }

/* Names the entry, the row that holds it or should, and what is wrong. */
static enum status broken(const struct chain_walk *walk, uint64_t sequence, int64_t row, const char *what, struct error *error)
{
    return ERROR(error, STATUS_CORRUPT, "%s: entry %" PRIu64 " (row %" PRId64 " of %s): %s", walk->shown, sequence, row,
                 walk->table, what);
}

/* Into the buffer, where entries are aligned; hostile until checked. */
static enum status copy_row(struct chain_walk *walk, const struct chain_row *row, struct error *error)
{
    uint64_t expected = walk->cursor.next_sequence != 0 ? walk->cursor.next_sequence : (uint64_t)row->first_sequence;
    if (row->previous_hash_size != GROUP_HASH_SIZE || row->hash_size != GROUP_HASH_SIZE || row->previous_hash == NULL ||
        row->hash == NULL) {
        return broken(walk, expected, row->first_sequence, "a hash of it is not 32 bytes", error);
    }
    if (row->entries == NULL || row->entries_size == 0 || row->entries_size > GROUP_SIZE_MAX) {
        return broken(walk, expected, row->first_sequence, "its group holds no bytes, or more than a group can", error);
    }
    TRY(group_buffer_reserve(&walk->group, row->entries_size, error));
    walk->group.used = row->entries_size;
    walk->group.head->first_sequence = (uint64_t)row->first_sequence;
    walk->group.head->last_sequence = (uint64_t)row->last_sequence;
    memcpy(&walk->group.head->previous, row->previous_hash, GROUP_HASH_SIZE);
    memcpy(group_buffer_entries(&walk->group), row->entries, row->entries_size);
    return STATUS_OK;
}

/* The entries are looked at before the hash, so that the message can name the very one. */
enum status chain_walk_take(struct chain_walk *walk, const struct chain_row *row, struct error *error)
{
    TRY(copy_row(walk, row, error));
    const struct group_head *head = walk->group.head;
    struct group_fault fault;
    struct group_cursor cursor = walk->cursor;
    if (!group_check(group_buffer_entries(&walk->group), walk->group.used, head->first_sequence, head->last_sequence, &cursor,
                     &fault)) {
        return broken(walk, fault.sequence, row->first_sequence, fault.what, error);
    }
    if (walk->hash_known && !group_hash_equals(&walk->hash, &head->previous)) {
        return broken(walk, head->first_sequence, row->first_sequence, "the chain is broken: it does not follow the group before",
                      error);
    }
    struct group_hash computed = group_hash(head, walk->group.used);
    if (!group_hash_equals(&computed, row->hash)) {
        return broken(walk, head->first_sequence, row->first_sequence,
                      "the chain is broken: the hash of the group is not that of its bytes, though each entry is whole", error);
    }
    walk->cursor = cursor;
    walk->hash = computed;
    walk->hash_known = true;
    return STATUS_OK;
}

void chain_walk_count(struct chain_walk *walk)
{
    struct journal_report *report = &walk->report;
    const unsigned char *bytes = group_buffer_entries(&walk->group);
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
    group_hash_write(&walk->hash, report->chain);
}

enum status chain_check_final(const struct journal_facts *facts, const char *shown, uint64_t last_sequence, const char *advice,
                              struct error *error)
{
    if (facts->final_known && facts->final_sequence > last_sequence) {
        return ERROR(error, STATUS_CORRUPT,
                     "%s: entry %" PRIu64 " is missing: the journal was closed after entry %" PRIu64
                     " and ends with entry %" PRIu64 "; %s",
                     shown, last_sequence + 1, facts->final_sequence, last_sequence, advice);
    }
    return STATUS_OK;
}

bool chain_snapshot_is_sound(int64_t sequence, const void *digest, size_t digest_size, const void *bytes, size_t size)
{
    if (digest == NULL || digest_size != GROUP_HASH_SIZE || bytes == NULL || size == 0 || sequence < 0) {
        return false;
    }
    struct group_hash computed = group_digest(bytes, size);
    return group_hash_equals(&computed, digest);
}

enum status chain_check_snapshot(struct journal_report *report, const char *shown, int64_t sequence, bool sound,
                                 struct error *error)
{
    if (!sound) {
        return ERROR(error, STATUS_CORRUPT, "%s: the snapshot after entry %" PRId64 " is not what was written", shown, sequence);
    }
    if ((uint64_t)sequence > report->last_sequence) {
        return ERROR(error, STATUS_CORRUPT, "%s: entry %" PRIu64 " is missing: there is a snapshot after entry %" PRId64, shown,
                     report->last_sequence + 1, sequence);
    }
    report->snapshots++;
    return STATUS_OK;
}

/* ---- writing ---- */

enum status chain_writer_begin(struct chain_writer *writer, size_t flush_bytes, struct error *error)
{
    CHECK(flush_bytes <= GROUP_FLUSH_MAX);
    writer->flush_bytes = flush_bytes != 0 ? flush_bytes : FLUSH_BYTES_DEFAULT;
    return group_buffer_reserve(&writer->open_group, writer->flush_bytes + ENTRY_SIZE_MAX, error);
}

void chain_writer_end(struct chain_writer *writer) { group_buffer_free(&writer->open_group); }

void chain_writer_append(struct chain_writer *writer, const struct entry_head *entry)
{
    struct group_buffer *group = &writer->open_group;
    CHECK(entry->sequence == writer->tail.next_sequence && entry->sequence <= INT64_MAX);
    CHECK(entry->size >= sizeof *entry && entry->size <= ENTRY_SIZE_MAX && entry->size % 8 == 0);
    CHECK(group->used + entry->size <= group->capacity);
    if (group->used == 0) {
        group->head->first_sequence = entry->sequence;
    }
    memcpy(group_buffer_entries(group) + group->used, entry, entry->size);
    group->used += entry->size;
    writer->tail.next_sequence++;
}

bool chain_writer_is_full(const struct chain_writer *writer) { return writer->open_group.used >= writer->flush_bytes; }

bool chain_writer_seal(struct chain_writer *writer, struct group_hash *hash, struct chain_row *row)
{
    struct group_buffer *group = &writer->open_group;
    if (group->used == 0) {
        return false;
    }
    group->head->previous = writer->tail_hash;
    group->head->last_sequence = writer->tail.next_sequence - 1;
    *hash = group_hash(group->head, group->used);
    *row = (struct chain_row){ .first_sequence = (int64_t)group->head->first_sequence,
                               .last_sequence = (int64_t)group->head->last_sequence,
                               .previous_hash = &group->head->previous,
                               .previous_hash_size = GROUP_HASH_SIZE,
                               .hash = hash,
                               .hash_size = GROUP_HASH_SIZE,
                               .entries = group_buffer_entries(group),
                               .entries_size = group->used };
    return true;
}

void chain_writer_wrote(struct chain_writer *writer, const struct group_hash *hash)
{
    writer->tail_hash = *hash;
    writer->open_group.used = 0;
}

enum status chain_writer_stop(struct chain_writer *writer, const struct error *error)
{
    writer->failed = true;
    writer->failure = *error;
    writer->open_group.used = 0;
    return error->status;
}

enum status chain_writer_refuse(const struct chain_writer *writer, bool read_only, const char *shown, struct error *error)
{
    if (read_only) {
        return ERROR(error, STATUS_IO, "%s: is open for reading only", shown);
    }
    return ERROR(error, writer->failure.status, "%s: takes nothing more after a failure: %s", shown, writer->failure.text);
}
