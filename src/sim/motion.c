#include "sim/motion.h"

#include "base/check.h"

void motion_stand(struct motion *motion, const struct spot *spot)
{
    motion->moving = false;
    motion->standing = *spot;
}

void motion_arrive(struct motion *motion) { motion->moving = false; }

static void only_seed(struct road_seeds *seeds, uint32_t node, int64_t us, int64_t tick_us)
{
    seeds->count = 1;
    seeds->seed[0] = (struct road_seed){ .node = node, .ticks = (road_ticks)((us + tick_us / 2) / tick_us) };
}

/* On the last stretch, beyond the last node (ROAD_NONE: the trip passes none), which it passed spent_us ago. */
static void seeds_at_end(const struct motion *motion, enum road_profile profile, uint32_t last, int64_t spent_us,
                         int64_t elapsed_us, int64_t tick_us, struct road_seeds *seeds)
{
    if (last != ROAD_NONE && motion->standing.place[profile].node != ROAD_NONE) {
        road_ticks old_leg = motion->standing.off_road[motion->profile], new_leg = motion->standing.off_road[profile];
        only_seed(seeds, last, old_leg == 0 ? 0 : spent_us * new_leg / old_leg, tick_us);
        return;
    }
    *seeds = motion->standing.leaving[profile];
    int64_t left_us = (int64_t)motion->total * tick_us - elapsed_us;
    for (uint32_t i = 0; i < seeds->count; i++) {
        seeds->seed[i].ticks += (road_ticks)((left_us + tick_us / 2) / tick_us);
    }
}

/* Time is rounded up to ticks: a node that is reached within the running tick counts as passed. */
static enum status seeds_on_way(const struct motion *motion, struct road_ways *ways, enum road_profile profile,
                                int64_t elapsed_us, int64_t tick_us, struct road_seeds *seeds, struct error *error)
{
    struct cch_ahead ahead;
    road_ticks elapsed = (road_ticks)((elapsed_us + tick_us - 1) / tick_us);
    TRY(road_ways_ahead(ways, motion->profile, &motion->from, &motion->to, elapsed, &ahead, error));
    if (ahead.ticks != motion->total) { /* the stretch along one arc was quicker than any way over nodes */
        seeds_at_end(motion, profile, ROAD_NONE, 0, elapsed_us, tick_us, seeds);
        return STATUS_OK;
    }
    int64_t left_us = (int64_t)ahead.at * tick_us - elapsed_us;
    if (left_us >= 0) {
        only_seed(seeds, ahead.node, left_us, tick_us);
    } else {
        seeds_at_end(motion, profile, ahead.node, -left_us, elapsed_us, tick_us, seeds);
    }
    return STATUS_OK;
}

static void seeds_on_way_home(struct motion *motion, enum road_profile profile, int64_t elapsed_us, int64_t tick_us,
                              struct road_seeds *seeds)
{
    int64_t left_us = (int64_t)motion->total * tick_us - elapsed_us;
    if (elapsed_us >= motion->home_lead * tick_us) {
        motion->home_node = homing_ahead(motion->homing, motion->home_node, (road_ticks)(left_us / tick_us));
    }
    int64_t ahead_us = left_us - (int64_t)homing_left(motion->homing, motion->home_node) * tick_us;
    if (ahead_us >= 0) {
        only_seed(seeds, motion->home_node, ahead_us, tick_us);
    } else {
        seeds_at_end(motion, profile, motion->home_node, -ahead_us, elapsed_us, tick_us, seeds);
    }
}

enum status motion_seeds(struct motion *motion, const struct roads *roads, struct road_ways *ways, enum road_profile profile,
                         struct instant now, struct road_seeds *seeds, struct error *error)
{
    if (!motion->moving) {
        *seeds = motion->standing.leaving[profile];
        return STATUS_OK;
    }
    int64_t elapsed_us = now.us - motion->began.us;
    CHECK(elapsed_us >= 0);
    if (motion->seeds_at.us != now.us || motion->seeds_profile != profile) {
        if (motion->homing != NULL) {
            seeds_on_way_home(motion, profile, elapsed_us, roads_tick_us(roads), &motion->seeds);
        } else {
            TRY(seeds_on_way(motion, ways, profile, elapsed_us, roads_tick_us(roads), &motion->seeds, error));
        }
        motion->seeds_at = now;
        motion->seeds_profile = profile;
    }
    *seeds = motion->seeds;
    return STATUS_OK;
}

enum status motion_ticks_to(struct motion *motion, const struct roads *roads, struct road_ways *ways, enum road_profile profile,
                            const struct spot *to, struct instant now, road_ticks *ticks, struct error *error)
{
    if (!motion->moving) {
        *ticks = roads_spot_ticks(roads, profile, &motion->standing, to);
        return STATUS_OK;
    }
    struct road_seeds seeds;
    TRY(motion_seeds(motion, roads, ways, profile, now, &seeds, error));
    *ticks = roads_ticks(roads, profile, &seeds, &to->reaching[profile]);
    return STATUS_OK;
}

enum status motion_go(struct motion *motion, const struct roads *roads, struct road_ways *ways, enum road_profile profile,
                      const struct spot *to, struct instant now, bool *reachable, struct error *error)
{
    road_ticks ticks;
    struct road_seeds seeds;
    TRY(motion_ticks_to(motion, roads, ways, profile, to, now, &ticks, error));
    TRY(motion_seeds(motion, roads, ways, profile, now, &seeds, error));
    *reachable = ticks < ROAD_INFINITY;
    if (!*reachable) {
        return STATUS_OK;
    }
    motion->moving = true;
    motion->profile = profile;
    motion->began = now;
    motion->ends = instant_add(now, duration_us((int64_t)ticks * roads_tick_us(roads)));
    motion->from = seeds;
    motion->to = to->reaching[profile];
    motion->standing = *to;
    motion->total = ticks;
    motion->seeds_at = INSTANT_NONE;
    motion->homing = NULL;
    return STATUS_OK;
}

enum status motion_go_home(struct motion *motion, const struct roads *roads, struct road_ways *ways, enum road_profile profile,
                           const struct spot *home, const struct homing *homing, struct instant now, bool *reachable,
                           struct error *error)
{
    TRY(motion_go(motion, roads, ways, profile, home, now, reachable, error));
    for (uint32_t i = 0; *reachable && i < motion->from.count; i++) {
        const struct road_seed *seed = &motion->from.seed[i];
        if (homing_left(homing, seed->node) == motion->total - seed->ticks) {
            motion->homing = homing;
            motion->home_node = seed->node;
            motion->home_lead = seed->ticks;
            break;
        }
    }
    return STATUS_OK; /* without such a seed the trip stays on one arc */
}
