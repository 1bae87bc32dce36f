/* A trip between two places: off the road to the street, along it, off the road again; with its time and its length.
 *
 * An end is a place made ready to be asked about many times: its seeds, the length of the piece of road at each, the time off the
 * road. The answer is the least time; of equal times the least length; so it does not depend on how it was computed. */
#ifndef MINGDI_ROAD_TRIP_H
#define MINGDI_ROAD_TRIP_H

#include <stdbool.h>

#include "road/city.h"
#include "road/graph.h"

struct trip_end {
    struct road_place place;
    bool leaving; /* made to leave from, else to reach */
    road_ticks off_road;
    uint32_t off_road_dm;
    struct road_seeds seeds;
    uint32_t seed_dm[ROAD_SEEDS_MAX]; /* along the road between the place and the seed's node */
};

struct trip {
    road_ticks ticks;   /* ROAD_INFINITY: no way */
    uint64_t length_dm; /* off the road included */
    uint64_t fine;      /* the time in 2^-32 tick: from the exact times of an arc CSV city where they were asked for (matrix.h) */
};
static const struct trip TRIP_NONE = { ROAD_INFINITY, 0, (uint64_t)ROAD_INFINITY << 32 };

double trip_seconds(const struct city *city, const struct trip *trip); /* of one that is there */

void trip_end_make(const struct city *city, enum road_profile profile, const road_ticks *weights, const struct road_place *place,
                   bool leaving, struct trip_end *end);
/* Straight along one arc, without passing a node; TRIP_NONE where the places do not lie so. Off-road parts included. */
struct trip trip_direct(const struct city *city, const road_ticks *weights, const struct trip_end *from,
                        const struct trip_end *to);
/* The better of the trip and one over a seed of each end, between which the road takes ticks and length_dm. */
struct trip trip_better(struct trip trip, const struct trip_end *from, uint32_t from_seed, const struct trip_end *to,
                        uint32_t to_seed, road_ticks ticks, uint32_t length_dm);

#endif
