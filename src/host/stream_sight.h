/* What one set of grants lets see of the state, followed from change to change: which entities those with these grants have been
 * shown, so that they can be told what has left their sight. All clients with the same grants share one sight, and those who see
 * everything share one that needs no memory. */
#ifndef MINGDI_HOST_STREAM_SIGHT_H
#define MINGDI_HOST_STREAM_SIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "core/state.h"
#include "host/directory.h"
#include "host/identity.h"
#include "host/stream_touch.h"

/* Whether the entity is there, and whether it belongs into a snapshot: calls that wait, incidents not closed, missions not ended,
 * alarms not cleared, units not retired, and every post, facility and message. */
bool stream_exists(const struct core *core, stream_key key);
bool stream_is_open(const struct core *core, stream_key key);

/* Entities that changed together: the touched ones, and (around) those whose being seen may have changed with them. */
struct stream_batch {
    uint32_t capacity, count; /* of the arrays that follow */
    stream_key *keys;         /* sorted */
    bool *touched;
    bool *shown;      /* result of follow and since: to be sent */
    stream_key *gone; /* the same: no longer there, or out of sight; sorted */
    uint32_t gone_count;
    bool control_moved;  /* result of follow: a unit or facility has come into sight or left it, and with it who has it in hand */
    size_t *at, *length; /* of the entity's JSON in a buffer of the encoder; length 0: not written yet */
    stream_key *scratch;
};
enum status stream_batch_create(uint32_t capacity, struct stream_batch *batch, struct error *error) MUST_USE;
void stream_batch_destroy(struct stream_batch *batch);
/* Fills it with what the ring knows after sequence. around: with the neighbours, for sights that do not see all. False: too many.
 */
bool stream_batch_fill(struct stream_batch *batch, const struct stream_ring *ring, const struct core *core, uint64_t sequence,
                       bool around) MUST_USE;

struct stream_sight;

/* NULL when memory is refused. The state is that of sequence. */
struct stream_sight *stream_sight_create(const struct identity *identity, const struct core *core,
                                         const struct directory *directory, uint64_t sequence);
void stream_sight_destroy(struct stream_sight *sight);
const struct identity *stream_sight_identity(const struct stream_sight *sight);
bool stream_sight_is_all(const struct stream_sight *sight);
/* Whether the identity has the same sight. */
bool stream_sight_fits(const struct stream_sight *sight, const struct identity *identity);
bool stream_sight_sees(const struct stream_sight *sight, const struct core *core, const struct directory *directory,
                       stream_key key);
bool stream_sight_sees_control(const struct stream_sight *sight, const struct core *core, const struct directory *directory,
                               uint8_t kind, uint32_t id);

/* For those who have been told everything so far: what to show them of the batch, and what is gone; remembers both. sequence: of
 * the last entry of the batch. False when memory is refused: the sight must be made anew and its clients begin with a snapshot.
 */
bool stream_sight_follow(struct stream_sight *sight, const struct core *core, const struct directory *directory,
                         uint64_t sequence, struct stream_batch *batch) MUST_USE;
/* For one who was told everything up to from; the batch is of what came after, and the sight has followed it. False if that
 * cannot be known any more. */
bool stream_sight_since(const struct stream_sight *sight, const struct core *core, const struct directory *directory,
                        uint64_t from, struct stream_batch *batch) MUST_USE;

#endif
