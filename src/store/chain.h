/* The chain of groups, as any store of a journal reads and writes it: rows that are checked on the way in, a group that grows
 * until it becomes a row, and what the facts of a journal promise. The stores differ in where rows come from only. */
#ifndef MINGDI_STORE_CHAIN_H
#define MINGDI_STORE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "store/group.h"
#include "store/journal_facts.h"

/* The newest snapshots are kept, and of older ones the first in each span of entries: from there any past state is near. */
enum { FLUSH_BYTES_DEFAULT = 256 << 10, SNAPSHOTS_KEPT = 2, SNAPSHOT_SPAN_DEFAULT = 1000000 };

/* Bytes of one group, the head in front of the entries. */
struct group_buffer {
    struct group_head *head; /* malloc aligns it, and with it the entries */
    size_t used, capacity;   /* of the entries */
};

unsigned char *group_buffer_entries(const struct group_buffer *buffer); /* NULL before anything was reserved */
enum status group_buffer_reserve(struct group_buffer *buffer, size_t size, struct error *error) MUST_USE;
void group_buffer_free(struct group_buffer *buffer);
/* Calls visit for the entries from a sequence on. */
enum status group_buffer_visit(const struct group_buffer *buffer, uint64_t from_sequence, entry_visit visit, void *visitor,
                               struct error *error) MUST_USE;

/* ---- reading ---- */

/* A row as it came, hostile. */
struct chain_row {
    int64_t first_sequence, last_sequence;
    const void *previous_hash, *hash, *entries;
    size_t previous_hash_size, hash_size, entries_size;
};

/* A walk over the rows. */
struct chain_walk {
    const char *shown, *table; /* in messages: the journal, the table */
    struct group_buffer group; /* the row at hand */
    struct group_cursor cursor;
    struct group_hash hash; /* of the row before */
    bool hash_known;
    struct journal_report report; /* of the rows counted */
};

/* from_start: the chain must begin with entry 1 and a hash of zeros. From any other row on, that row's word for what came before
 * is taken. */
void chain_walk_begin(struct chain_walk *walk, const char *shown, const char *table, bool from_start);
/* Copies the row into walk->group and checks it: STATUS_CORRUPT names the entry, the row and what is wrong. */
enum status chain_walk_take(struct chain_walk *walk, const struct chain_row *row, struct error *error) MUST_USE;
void chain_walk_count(struct chain_walk *walk); /* the row at hand into the report */
void chain_walk_end(struct chain_walk *walk);

/* Of a state when unpacked: far above the largest limits. */
#define CHAIN_SNAPSHOT_SIZE_MAX ((size_t)4 << 30)

/* A journal that was closed cleanly at a sequence must reach to it. advice ends the sentence. */
enum status chain_check_final(const struct journal_facts *facts, const char *shown, uint64_t last_sequence, const char *advice,
                              struct error *error) MUST_USE;
/* Whether a snapshot is what was written. */
bool chain_snapshot_is_sound(int64_t sequence, const void *digest, size_t digest_size, const void *bytes, size_t size);
/* Holds a snapshot against the entries that were counted; counts it in the report. */
enum status chain_check_snapshot(struct journal_report *report, const char *shown, int64_t sequence, bool sound,
                                 struct error *error) MUST_USE;

/* ---- writing ---- */

struct chain_writer {
    struct group_buffer open_group; /* entries appended and in no row */
    struct group_cursor tail;       /* after the last entry appended */
    struct group_hash tail_hash;    /* of the last row */
    uint64_t durable_sequence;
    size_t flush_bytes;
    bool failed;
    struct error failure; /* that stopped the writing */
};

/* tail and tail_hash as a walk found them. */
enum status chain_writer_begin(struct chain_writer *writer, size_t flush_bytes, struct error *error) MUST_USE;
void chain_writer_end(struct chain_writer *writer);
/* Copies the entry into the open group, which is full from flush_bytes on. */
void chain_writer_append(struct chain_writer *writer, const struct entry_head *entry);
bool chain_writer_is_full(const struct chain_writer *writer);
/* The open group as the row to be written; false where it is empty. The hash lives in *hash. */
bool chain_writer_seal(struct chain_writer *writer, struct group_hash *hash, struct chain_row *row);
/* That row was written: the next group follows it. */
void chain_writer_wrote(struct chain_writer *writer, const struct group_hash *hash);
/* Remembers why, and forgets what was in no row. */
enum status chain_writer_stop(struct chain_writer *writer, const struct error *error);
/* The error of a journal that takes nothing (more). */
enum status chain_writer_refuse(const struct chain_writer *writer, bool read_only, const char *shown, struct error *error);

#endif
