/* The seam between the core and where its entries are kept (src/store), and the form of an entry.
 *
 * An entry is one accepted command with the events that it became:
 *   struct entry_head | command, exactly as received | events, one after another
 * All parts are multiples of 8 bytes. Entries are the truth: state is snapshot + apply(events). */
#ifndef MINGDI_CORE_JOURNAL_H
#define MINGDI_CORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "core/schema.h"

struct entry_head {
    uint32_t size; /* of the entry, head included, bytes */
    uint32_t event_count;
    uint64_t sequence;         /* from 1, no gaps */
    struct instant entered_at; /* never before that of the entry before */
    uint32_t command_size;
    uint32_t checksum; /* low half of hash64 of the head before this field, then of all that follows it */
};
_Static_assert(sizeof(struct entry_head) == 32, "no hidden padding");

/* The command and the events of an entry; valid while its bytes are. */
const struct command_head *entry_command(const struct entry_head *entry);
const struct event_head *entry_first_event(const struct entry_head *entry);
const struct event_head *event_next(const struct event_head *event);
void entry_seal(struct entry_head *entry); /* computes the checksum */
/* Tells the entry from any other that another branch of the journal has under the same sequence: of the head of a sealed entry,
 * and so of its moment and of all that is in it. Never 0. */
uint64_t entry_fingerprint(const struct entry_head *entry);
/* Size, checksum, well-formed command and events, counts: whether size bytes at entry (8-byte aligned) are one whole entry. */
bool entry_is_sound(const struct entry_head *entry, size_t size);

/* Where entries go. One writer. All functions return STATUS_OK or fill the error; after a failure the core must stop: nothing
 * that was not yet durable has been answered, so a restart from the journal is the truth. */
struct journal {
    void *context;
    /* Takes a copy of the entry (entry->size bytes). Need not be durable yet. */
    enum status (*append)(void *context, const struct entry_head *entry, struct error *error);
    /* Makes everything appended durable; *durable_sequence is the last sequence that is. */
    enum status (*commit)(void *context, uint64_t *durable_sequence, struct error *error);
    /* Calls visit for each entry from sequence on, in order; a visit that fails stops the reading with its status. */
    enum status (*read)(void *context, uint64_t from_sequence,
                        enum status (*visit)(void *visitor, const struct entry_head *entry, struct error *error), void *visitor,
                        struct error *error);
    /* Keeps a snapshot (bytes of engine_snapshot) that holds everything up to sequence, and the newest one back:
     * *size 0 where there is none; the caller frees *bytes. */
    enum status (*snapshot_write)(void *context, uint64_t sequence, const void *bytes, size_t size, struct error *error);
    enum status (*snapshot_read)(void *context, uint64_t *sequence, void **bytes, size_t *size, struct error *error);
    void (*close)(void *context);
};

#endif
