/* Where a simulated unit is: standing at a spot, or under way on a trip, and how soon it could be elsewhere. This is the world's
 * truth; the core is told only what it asks for.
 *
 * The rules are those of node/arc models (docs/validation.md): a unit under way goes on to the node ahead in the time that is
 * left, then takes the quickest way in the profile of its new trip. Before the first node of a trip the node ahead is that first
 * node. On the last stretch, off the road, it goes back to the last node, in the time it has spent there, rescaled to the new
 * profile's off-road speed; where places lie on arcs (cities from maps) it goes on to the place instead. */
#ifndef MINGDI_SIM_MOTION_H
#define MINGDI_SIM_MOTION_H

#include "base/time.h"
#include "sim/sweep.h"

/* A place with its sweeps, where they were made. */
struct base {
    struct spot spot;
    struct sweep from[DRIVING_PROFILES];                  /* ways out, by profile */
    struct sweep home;                                    /* ways back, in the profile of trips back */
    const struct sweep_table *from_all[DRIVING_PROFILES]; /* of the ways out of all bases; this one's column is: */
    uint32_t column;
};

struct motion {
    bool moving;
    enum road_profile profile;
    struct instant began, ends;
    struct road_seeds from, to; /* of the trip under way */
    struct spot standing;       /* where it stands, or will stand when the trip ends */
    road_ticks total;
    const struct base *at_base; /* it stands at a base, or will when the trip ends; NULL: elsewhere */
    /* A trip is followed in a sweep, where there is one. */
    const struct sweep *sweep;
    enum sweep_direction direction;
    uint32_t sweep_node;    /* SWEEP_TO: the node last found ahead; SWEEP_FROM: the last node of the trip */
    road_ticks sweep_ticks; /* SWEEP_TO: from the start to the first node; SWEEP_FROM: to the last node */
    /* The last answer of motion_seeds, which is asked for again when the unit is sent. */
    struct instant seeds_at;
    enum road_profile seeds_profile;
    struct road_seeds seeds;
};

/* Standing at the base. */
void motion_stand(struct motion *motion, const struct base *base);
/* The seeds from which a new trip in the profile would begin at now. */
void motion_seeds(struct motion *motion, const struct roads *roads, enum road_profile profile, struct instant now,
                  struct road_seeds *seeds);
/* Ticks to the spot if it were sent there at now; ROAD_INFINITY if there is no way. */
road_ticks motion_ticks_to(struct motion *motion, const struct roads *roads, enum road_profile profile, const struct spot *to,
                           struct instant now);
/* Sets out for the spot, arriving at motion->ends. False, and nothing changed, if it cannot be reached. */
bool motion_go(struct motion *motion, const struct roads *roads, enum road_profile profile, const struct spot *to,
               struct instant now) __attribute__((warn_unused_result));
/* The same to a base, in the profile of its ways back. */
bool motion_go_home(struct motion *motion, const struct roads *roads, enum road_profile profile, const struct base *base,
                    struct instant now) __attribute__((warn_unused_result));
/* The trip is over: stands where it led. */
void motion_arrive(struct motion *motion);

#endif
