/* What will happen in the simulated world, in order of time; equal times in the order in which they were put down. A binary heap:
 * a few entries a unit and one a waiting call, so some hundred at most. */
#ifndef MINGDI_SIM_AGENDA_H
#define MINGDI_SIM_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"

struct agenda_item {
    struct instant at;
    uint64_t sequence;
    uint32_t kind, subject;
    uint32_t generation; /* the subject's when it was put down: an item of an older one is void */
};

struct agenda {
    struct agenda_item *items;
    size_t count, capacity;
    uint64_t sequence;
};

enum status agenda_add(struct agenda *agenda, struct instant at, uint32_t kind, uint32_t subject, uint32_t generation,
                       struct error *error) MUST_USE;
/* INSTANT_NEVER when empty. */
struct instant agenda_next(const struct agenda *agenda);
struct agenda_item agenda_take(struct agenda *agenda); /* not empty */
void agenda_free(struct agenda *agenda);

#endif
