/* Positions on their way to the centre: many in one request, one request after the other, so that those of a unit arrive in the
 * order in which they were put. What was put is answered for when the centre has answered, and not before; what it did not
 * answer is told so, and whoever sent it sends it again. */
#ifndef MINGDI_GATEWAY_POSITIONS_H
#define MINGDI_GATEWAY_POSITIONS_H

#include "base/time.h"
#include "gateway/link.h"
#include "geo/point.h"

struct gateway_positions;

struct gateway_fix {
    uint32_t unit;
    struct geo_point point;
    struct instant at;
    uint64_t ticket; /* the sender's; 0: he does not want to be told */
    bool is_part;    /* the next one that is put belongs to the same ticket, and bears it too */
};

/* Once for a ticket, when all its parts have been answered for: DONE only if each of them is; SILENT if one is, else REFUSED.
 * REFUSED: the centre does not take positions of this unit. */
typedef void gateway_settled(void *context, uint64_t ticket, enum gateway_outcome outcome);

enum { POSITIONS_WAITING_MAX = 1 << 16 };

enum status gateway_positions_create(struct event_base *base, struct gateway_link *link, gateway_settled *settled, void *context,
                                     struct gateway_positions **positions, struct error *error) MUST_USE;
void gateway_positions_destroy(struct gateway_positions *positions);
/* False: there is no room, nothing was put, and nobody is told of the ticket. */
bool gateway_positions_put(struct gateway_positions *positions, const struct gateway_fix *fix);

struct gateway_positions_figures {
    uint64_t sent, refused, silent, no_room, batches;
    uint32_t waiting;
};
struct gateway_positions_figures gateway_positions_figures(const struct gateway_positions *positions);

#endif
