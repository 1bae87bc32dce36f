/* Which entities an entry of the journal changed, and a memory of that for the newest entries: so that a client who was away is
 * told what has changed since, once each, whatever happened in between.
 *
 * An entity is known by its key: what it is and its id in one number, so that keys sort by kind and then id. */
#ifndef MINGDI_HOST_STREAM_TOUCH_H
#define MINGDI_HOST_STREAM_TOUCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/journal.h"
#include "core/state.h"

/* In the order in which messages list them. */
enum stream_kind {
    STREAM_CALL,
    STREAM_INCIDENT,
    STREAM_MISSION,
    STREAM_UNIT,
    STREAM_POST,
    STREAM_FACILITY,
    STREAM_ALARM,
    STREAM_MESSAGE,
    STREAM_KIND_COUNT,
};
extern const char *const STREAM_LISTS[STREAM_KIND_COUNT]; /* "calls", "incidents" ... */

typedef uint64_t stream_key;

static inline stream_key stream_key_of(enum stream_kind kind, uint32_t id) { return (uint64_t)kind << 32 | id; }
static inline enum stream_kind stream_key_kind(stream_key key) { return (enum stream_kind)(key >> 32); }
static inline uint32_t stream_key_id(stream_key key) { return (uint32_t)key; }

enum { STREAM_EVENT_KEYS_MAX = INCIDENT_MISSIONS_MAX + 4 };

/* The entities that one event changed, the one that it is about first; core has applied it. Returns how many. New positions
 * change no entity here: they go their own way (positions.h). */
uint32_t stream_touch_event(const struct core *core, const struct event_head *event, stream_key keys[STREAM_EVENT_KEYS_MAX]);
bool stream_event_is_position(const struct event_head *event);
/* After it nothing looks as it did: the rules are in what is shown of every incident. */
bool stream_event_changes_all(const struct event_head *event);

/* Sorts and drops what stands twice; returns how many are left. */
uint32_t stream_keys_sort(stream_key *keys, uint32_t count);

/* ---- the ring ---- */

struct stream_ring;

/* Remembers the newest entries, at most that many, and STREAM_RING_KEYS_AN_ENTRY times as many keys. sequence and fingerprint
 * (core/journal.h; 0: not known): of the last entry so far. NULL when memory is refused. */
enum { STREAM_RING_KEYS_AN_ENTRY = 8 };
struct stream_ring *stream_ring_create(uint32_t entries, uint64_t sequence, uint64_t fingerprint);
void stream_ring_destroy(struct stream_ring *ring);
/* The entry that follows the last one; one that does not (a gap), or that changes all, makes the ring begin anew and is false. */
bool stream_ring_add(struct stream_ring *ring, const struct core *core, const struct entry_head *entry);
/* Begins anew: nothing up to sequence is known, but for the fingerprint of that entry (0: not known). */
void stream_ring_skip(struct stream_ring *ring, uint64_t sequence, uint64_t fingerprint);
uint64_t stream_ring_last(const struct stream_ring *ring);
/* Whether everything after sequence is still known (sequence itself being the last or before it). */
bool stream_ring_reaches(const struct stream_ring *ring, uint64_t sequence);
/* Of that entry; 0: not known. */
uint64_t stream_ring_fingerprint(const struct stream_ring *ring, uint64_t sequence);
/* The keys touched after sequence, sorted, each once; the ring reaches there. False when there are more than maximum, repeats
 * counted. */
bool stream_ring_since(const struct stream_ring *ring, uint64_t sequence, stream_key *keys, uint32_t maximum, uint32_t *count)
    MUST_USE;

#endif
