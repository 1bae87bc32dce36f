/* The state that a journal leads to, for who proves a copy: entries are applied to an engine, from the first one or from the
 * newest snapshot. Workload: a million entries a second; a year of a large city in half a minute. */
#ifndef MINGDI_HOST_JOURNAL_STATE_H
#define MINGDI_HOST_JOURNAL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "core/journal.h"

struct journal_state {
    uint64_t sequence; /* of the last entry applied */
    struct instant entered_at;
    uint64_t hash;   /* of the state */
    uint64_t layout; /* of the state: hashes of different layouts cannot be compared */
    bool mark_reached;
    uint64_t mark_hash; /* at the sequence that was marked */
};

/* Applies entries up to last (UINT64_MAX: all). use_snapshot: begins at the newest sound snapshot up to last, where this program
 * can read it. mark: a sequence on the way whose hash is wanted too; 0 none. STATUS_NOT_FOUND for an empty journal. */
enum status journal_state_read(const struct journal *journal, uint64_t last, bool use_snapshot, uint64_t mark,
                               struct journal_state *state, struct error *error) MUST_USE;

/* The same, from the newest snapshot, and the engine itself, whose state it is: the caller's to destroy. */
struct engine;
enum status journal_state_engine(const struct journal *journal, struct journal_state *state, struct engine **engine,
                                 struct error *error) MUST_USE;

/* The last entry that was entered at or before the instant; 0: all came later. */
enum status journal_state_find(const struct journal *journal, struct instant at, uint64_t *sequence, struct error *error)
    MUST_USE;

#endif
