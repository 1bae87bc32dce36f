/* Traces with known truth, for tests, benchmarks and rehearsals: trips over a city's roads, told as fixes with noise.
 *
 * A maker has a taste of its own: each road seems 0.75 to 1.35 times as long to it as it is, drawn from its seed, so that trips
 * are not the very ways that a matcher thinks of. A trip goes from one random place to another, at least TRACE_METRES_MIN away,
 * with the speeds of the weights given; fixes lie off the true place by a normal distribution, each way alone. */
#ifndef MINGDI_ROAD_TRACE_MADE_H
#define MINGDI_ROAD_TRACE_MADE_H

#include "road/match.h"

enum { TRACE_METRES_MIN = 1000 };

VEC_TYPE(match_fixes, struct match_fix);
VEC_TYPE(match_sides, uint32_t);

struct made_trip {
    struct match_fixes fixes;
    struct match_parts parts; /* what was driven */
    struct match_sides at;    /* the side (match_side_of_arc) that each fix is of */
    struct duration duration;
};

struct made_rules {
    const road_ticks *weights; /* how long each arc takes it */
    double arc_spread;         /* each arc takes 1 - spread to 1 + spread times as long, trip by trip */
    struct instant start;
    double interval_s, noise_m;
};

struct trace_maker;
enum status trace_maker_create(const struct city *city, enum road_profile profile, uint64_t seed, struct trace_maker **maker,
                               struct error *error) MUST_USE;
void trace_maker_destroy(struct trace_maker *maker);
/* The trip of a number; trip is emptied first, and freed by made_trip_free. */
enum status trace_maker_trip(struct trace_maker *maker, uint32_t number, const struct made_rules *rules, struct made_trip *trip,
                             struct error *error) MUST_USE;
/* Adds what of the driven metres parts have, and what they have that was not driven: road by road, each in its direction. */
struct made_score {
    double driven_m, right_m, wrong_m;
};
enum status made_trip_score(const struct city *city, const struct made_trip *trip, const struct match_parts *parts,
                            struct made_score *score, struct error *error) MUST_USE;
void made_trip_free(struct made_trip *trip);

#endif
