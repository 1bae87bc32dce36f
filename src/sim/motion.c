#include "sim/motion.h"

#include "base/check.h"

void motion_stand(struct motion *motion, const struct base *base)
{
    motion->moving = false;
    motion->standing = base->spot;
    motion->at_base = base;
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

static void follow_sweep(struct motion *motion, road_ticks elapsed, uint32_t *node, road_ticks *at)
{
    if (motion->direction == SWEEP_FROM) {
        *node = sweep_ahead_from(motion->sweep, motion->sweep_node, elapsed);
        *at = sweep_ticks(motion->sweep, *node);
        return;
    }
    if (elapsed >= motion->sweep_ticks) {
        road_ticks left = elapsed < motion->total ? motion->total - elapsed : 0;
        motion->sweep_node = sweep_ahead_to(motion->sweep, motion->sweep_node, left);
    }
    *node = motion->sweep_node;
    *at = motion->total - sweep_ticks(motion->sweep, *node);
}

/* Sets the node ahead and when it is reached; false: there is none, as the stretch along one arc was quicker than any way over
 * nodes. */
static bool find_ahead(struct motion *motion, const struct roads *roads, road_ticks elapsed, uint32_t *node, road_ticks *at)
{
    if (motion->sweep != NULL) {
        follow_sweep(motion, elapsed, node, at);
        return true;
    }
    struct cch_ahead ahead;
    roads_ahead(roads, motion->profile, &motion->from, &motion->to, elapsed, &ahead);
    *node = ahead.node;
    *at = ahead.at;
    return ahead.ticks == motion->total;
}

/* Time is rounded up to ticks: a node that is reached within the running tick counts as passed. */
static void seeds_on_way(struct motion *motion, const struct roads *roads, enum road_profile profile, int64_t elapsed_us)
{
    struct road_seeds *seeds = &motion->seeds;
    int64_t tick_us = roads_tick_us(roads);
    uint32_t node = ROAD_NONE;
    road_ticks at = 0;
    bool found = find_ahead(motion, roads, (road_ticks)((elapsed_us + tick_us - 1) / tick_us), &node, &at);
    int64_t left_us = found ? (int64_t)at * tick_us - elapsed_us : -1;
    if (left_us >= 0) {
        only_seed(seeds, node, left_us, tick_us);
    } else {
        seeds_at_end(motion, profile, found ? node : ROAD_NONE, -left_us, elapsed_us, tick_us, seeds);
    }
}

void motion_seeds(struct motion *motion, const struct roads *roads, enum road_profile profile, struct instant now,
                  struct road_seeds *seeds)
{
    if (!motion->moving) {
        *seeds = motion->standing.leaving[profile];
        return;
    }
    CHECK(now.us >= motion->began.us);
    if (motion->seeds_at.us != now.us || motion->seeds_profile != profile) {
        seeds_on_way(motion, roads, profile, now.us - motion->began.us);
        motion->seeds_at = now;
        motion->seeds_profile = profile;
    }
    *seeds = motion->seeds;
}

static const struct sweep *sweep_out_of(const struct motion *motion, enum road_profile profile)
{
    bool there = !motion->moving && motion->at_base != NULL && motion->at_base->from[profile].steps != NULL;
    return there ? &motion->at_base->from[profile] : NULL;
}

road_ticks motion_ticks_to(struct motion *motion, const struct roads *roads, enum road_profile profile, const struct spot *to,
                           struct instant now)
{
    if (sweep_out_of(motion, profile) != NULL) {
        const struct base *base = motion->at_base;
        road_ticks by_nodes = sweep_table_seeds(base->from_all[profile], base->column, &to->reaching[profile]);
        road_ticks direct = roads_direct_ticks(roads, profile, &motion->standing, to);
        return by_nodes < direct ? by_nodes : direct;
    }
    if (!motion->moving) {
        return roads_spot_ticks(roads, profile, &motion->standing, to);
    }
    struct road_seeds seeds;
    motion_seeds(motion, roads, profile, now, &seeds);
    return roads_ticks(roads, profile, &seeds, &to->reaching[profile]);
}

/* The way out of the base that it stands at, if the trip is by nodes and not along one arc. */
static void follow_out(struct motion *motion, const struct sweep *out)
{
    uint32_t last;
    motion->sweep = NULL;
    if (out != NULL && sweep_seeds(out, &motion->to, &last) == motion->total) {
        motion->sweep = out;
        motion->direction = SWEEP_FROM;
        motion->sweep_node = last;
        motion->sweep_ticks = sweep_ticks(out, last);
    }
}

bool motion_go(struct motion *motion, const struct roads *roads, enum road_profile profile, const struct spot *to,
               struct instant now)
{
    road_ticks ticks = motion_ticks_to(motion, roads, profile, to, now);
    if (ticks >= ROAD_INFINITY) {
        return false;
    }
    const struct sweep *out = sweep_out_of(motion, profile);
    struct road_seeds from;
    motion_seeds(motion, roads, profile, now, &from);
    motion->moving = true;
    motion->profile = profile;
    motion->began = now;
    motion->ends = instant_add(now, duration_us((int64_t)ticks * roads_tick_us(roads)));
    motion->from = from;
    motion->to = to->reaching[profile];
    motion->standing = *to;
    motion->total = ticks;
    motion->seeds_at = INSTANT_NONE;
    motion->at_base = NULL;
    follow_out(motion, out);
    return true;
}

bool motion_go_home(struct motion *motion, const struct roads *roads, enum road_profile profile, const struct base *base,
                    struct instant now)
{
    if (!motion_go(motion, roads, profile, &base->spot, now)) {
        return false;
    }
    motion->at_base = base;
    for (uint32_t i = 0; base->home.steps != NULL && i < motion->from.count; i++) {
        const struct road_seed *seed = &motion->from.seed[i];
        if (sweep_ticks(&base->home, seed->node) == motion->total - seed->ticks) {
            motion->sweep = &base->home;
            motion->direction = SWEEP_TO;
            motion->sweep_node = seed->node;
            motion->sweep_ticks = seed->ticks;
            break;
        }
    }
    return true;
}
