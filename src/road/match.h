/* Map matching: which road a vehicle that tells its place now and then was on. A hidden Markov model after Newson and Krumm
 * ("Hidden Markov map matching through noise and sparseness", ACM GIS 2009): states are places on directed roads near a fix, a
 * fix lies off its road by a normal distribution, and of two fixes the way by road is about as long as the straight line.
 *
 *   cost of a state       off_m^2 / (2 noise_m^2)
 *   cost of a transition  |way - straight| / slack_m, slack_m = SLACK_M + SLACK_M_PER_S * seconds between the fixes
 *
 * The way is the quickest of the profile and its length; it begins along the state's road in the state's direction, so that
 * turning round costs the way to where one can. Being set back on the same road by noise costs as much as standing.
 * The best sequence is found exactly (Viterbi) over all fixes (lag MATCH_WHOLE), or decided lag fixes later (live).
 *
 * A fix within 3 noise_m of the last used one says nothing new and is passed over (so is one out of order); one that no road is
 * near, or that cannot have been reached, is left out; after OUTLIERS_MAX such in a row or GAP_MAX_S the matching begins anew.
 *
 * Workload: traces of 10 to 10,000 fixes, 1 to 30 s apart, some 20 states a fix; 100 to 1,000 distances between two fixes. */
#ifndef MINGDI_ROAD_MATCH_H
#define MINGDI_ROAD_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "base/vec.h"
#include "road/cch.h"
#include "road/city.h"

/* ---- what all matchers of a city and profile share, read-only ---- */
struct match_net;

/* A metric with lengths and its labels: about twice the memory of the labels of a profile (sim/roads.h). Not for an arc CSV city.
 * The city outlives it. */
enum status match_net_create(const struct city *city, enum road_profile profile, struct match_net **net, struct error *error)
    MUST_USE;
void match_net_destroy(struct match_net *net);

/* ---- matching ---- */
struct match_fix {
    struct instant at;
    struct geo_point point;
};

enum { MATCH_WHOLE = 0 };

struct match_rules {
    double noise_m; /* standard deviation of a fix, each way; 1 .. 100 */
    uint32_t lag;   /* fixes that a decision waits for, 1 .. 64; MATCH_WHOLE: until match_finish */
};
#define MATCH_NOISE_M 8
#define MATCH_RULES_DEFAULT                          \
    {                                                \
        .noise_m = MATCH_NOISE_M, .lag = MATCH_WHOLE \
    }

/* Where a fix was put. */
struct match_point {
    uint32_t fix; /* its number, from 0 */
    uint32_t arc; /* in the direction of driving */
    float fraction;
    float off_m;
    bool begins; /* nothing leads here from the point before */
};
VEC_TYPE(match_points, struct match_point);

struct matcher; /* of one trace; one thread */

/* Net outlives it. CHECKs the rules' ranges. */
enum status matcher_create(const struct match_net *net, const struct match_rules *rules, struct matcher **matcher,
                           struct error *error) MUST_USE;
void matcher_destroy(struct matcher *matcher);
/* Begins a new trace. */
void matcher_reset(struct matcher *matcher);
/* The next fix; what is decided by it is appended to points, in order. Fails only for want of memory. */
enum status matcher_add(struct matcher *matcher, const struct match_fix *fix, struct match_points *points, struct error *error)
    MUST_USE;
/* The trace has ended (or: the best answer at this moment): what was not decided is. A reset comes next. */
enum status matcher_finish(struct matcher *matcher, struct match_points *points, struct error *error) MUST_USE;

/* ---- the way between two points ---- */

/* Part of an arc that was driven, from fraction to fraction. */
struct match_part {
    uint32_t arc;
    float from, to;
};
VEC_TYPE(match_parts, struct match_part);

struct match_ways; /* scratch of one thread */
enum status match_ways_create(const struct match_net *net, struct match_ways **ways, struct error *error) MUST_USE;
void match_ways_destroy(struct match_ways *ways);
/* The parts between two points of a matching that follow each other, the second of which does not begin; appended to parts. None
 * where the second lies a little behind the first; none between points of other origin that no way joins. */
enum status match_ways_between(struct match_ways *ways, const struct match_point *from, const struct match_point *to,
                               struct match_parts *parts, struct error *error) MUST_USE;

/* The edge of an arc and the direction along it, 2 * edge + (1 if against): the same for all copies of an arc. */
uint32_t match_side_of_arc(const struct city *city, uint32_t arc);

#endif
