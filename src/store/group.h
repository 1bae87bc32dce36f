/* A group: the entries that one commit made durable, as the bytes and hashes of one row of the journal file.
 *
 * hash = SHA-256(previous hash | first sequence | last sequence | entries), sequences as 8 bytes little-endian; the group before
 * the first has a hash of zeros. So each group answers for all before it, and a change anywhere shows. FIPS 180-4.
 * The bytes of a group read from a file are hostile until group_check has passed. */
#ifndef MINGDI_STORE_GROUP_H
#define MINGDI_STORE_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "core/journal.h"
#include "core/limits.h"

enum {
    ENTRY_SIZE_MAX = 32 + COMMAND_SIZE_MAX + EVENTS_SIZE_MAX,
    GROUP_FLUSH_MAX = 8 << 20,                         /* a writer ends a group at this size at the latest */
    GROUP_SIZE_MAX = GROUP_FLUSH_MAX + ENTRY_SIZE_MAX, /* a reader refuses a larger one */
    GROUP_HASH_SIZE = 32,
};

/* As in struct journal: called for each entry in order. */
typedef enum status (*entry_visit)(void *visitor, const struct entry_head *entry, struct error *error);

struct group_hash {
    unsigned char bytes[GROUP_HASH_SIZE];
};

/* Stands in memory before the entries of a group, so that one call hashes it all. */
struct group_head {
    struct group_hash previous;
    uint64_t first_sequence, last_sequence;
};
_Static_assert(sizeof(struct group_head) == 48, "no hidden padding");

/* Of the head and the size bytes of entries that follow it. */
struct group_hash group_hash(const struct group_head *head, size_t size);
/* Plain SHA-256 of the bytes. */
struct group_hash group_digest(const void *bytes, size_t size);
/* In hexadecimal. */
void group_hash_write(const struct group_hash *hash, char text[2 * GROUP_HASH_SIZE + 1]);
bool group_hash_equals(const struct group_hash *a, const void *bytes);

/* Where a walk over groups stands: what the next entry must be. */
struct group_cursor {
    uint64_t next_sequence;    /* 0: any */
    struct instant entered_at; /* of the entry before, INSTANT_NONE before the first */
};

enum { GROUP_FAULT_MAX = 200 };

/* What is wrong with a group: the first entry that is. */
struct group_fault {
    uint64_t sequence; /* that the entry has or should have */
    size_t offset;     /* of it in the group's bytes */
    char what[GROUP_FAULT_MAX];
};

/* Whether size bytes at entries (8-byte aligned) are whole, sound entries numbered first to last without gaps, entered in
 * order. Advances the cursor over them; false with the fault filled and the cursor unchanged. Safe on any bytes. */
bool group_check(const void *entries, size_t size, uint64_t first_sequence, uint64_t last_sequence, struct group_cursor *cursor,
                 struct group_fault *fault);

#endif
