/* The quickest ways between one place and everywhere: for stations and hospitals, which every call asks about. How long it
 * takes is one look into memory; where on such a way a unit is, is a short walk through the tree, by shortcuts of sixteen nodes.
 *
 * 12 bytes a node and sweep; made once, read by all replications. Kept by rank in the contraction hierarchy, not by node:
 * neighbours in space are neighbours in memory then. */
#ifndef MINGDI_SIM_SWEEP_H
#define MINGDI_SIM_SWEEP_H

#include "sim/roads.h"

enum sweep_direction {
    SWEEP_FROM, /* ways from the place: ticks from it, next is the node before */
    SWEEP_TO,   /* ways to the place: ticks to it, next is the node after */
};

struct sweep_step {
    road_ticks ticks; /* between the place (its own seed's ticks included) and here; ROAD_INFINITY: no way */
    uint32_t next;    /* rank of the neighbour on the way, in the direction of the place; ROAD_NONE at the last */
    uint32_t far;     /* sixteen such steps on, or ROAD_NONE */
};

struct sweep {
    struct sweep_step *steps;          /* NULL: not made */
    const uint32_t *rank_of, *node_at; /* the hierarchy's */
};

/* Scratch for making several of one profile and direction. */
struct sweep_maker;
enum status sweep_maker_create(const struct roads *roads, enum road_profile profile, enum sweep_direction direction,
                               struct sweep_maker **maker, struct error *error) MUST_USE;
void sweep_maker_destroy(struct sweep_maker *maker);
enum status sweep_create(struct sweep_maker *maker, const struct spot *place, struct sweep *sweep, struct error *error) MUST_USE;
void sweep_free(struct sweep *sweep);

static inline road_ticks sweep_ticks(const struct sweep *sweep, uint32_t node)
{
    return sweep->steps[sweep->rank_of[node]].ticks;
}
/* Between the place and the seeds of another; ROAD_INFINITY without a way. *node (may be NULL): of the seed that it is by. */
road_ticks sweep_seeds(const struct sweep *sweep, const struct road_seeds *seeds, uint32_t *node);

/* The ticks of several sweeps side by side, so that what one node has to do with all of them lies in one or two lines of memory.
 * 4 bytes a node and sweep. */
struct sweep_table {
    road_ticks *ticks; /* [rank][column] */
    uint32_t columns;
    const uint32_t *rank_of;
};

/* A column a sweep, in their order; those that were not made hold ROAD_INFINITY. */
enum status sweep_table_create(const struct sweep *const *sweeps, uint32_t count, uint32_t node_count, struct sweep_table *table,
                               struct error *error) MUST_USE;
void sweep_table_free(struct sweep_table *table);
/* As sweep_seeds for the sweep of that column, without the node. */
static inline road_ticks sweep_table_seeds(const struct sweep_table *table, uint32_t column, const struct road_seeds *seeds)
{
    road_ticks least = ROAD_INFINITY;
    for (uint32_t i = 0; i < seeds->count; i++) {
        const road_ticks *row = table->ticks + (size_t)table->rank_of[seeds->seed[i].node] * table->columns;
        road_ticks ticks = row[column] + seeds->seed[i].ticks;
        least = ticks < least ? ticks : least;
    }
    return least;
}

/* SWEEP_TO: the first node on the way from node at which at most left ticks are left; the last of the way if all have more. */
uint32_t sweep_ahead_to(const struct sweep *sweep, uint32_t node, road_ticks left);
/* SWEEP_FROM: the first node on the way to node that is reached when elapsed ticks have passed or later; node itself if that is
 * reached before. */
uint32_t sweep_ahead_from(const struct sweep *sweep, uint32_t node, road_ticks elapsed);

#endif
