/* The quickest ways from everywhere to one place: where units go again and again, their stations. A tree over the nodes, with
 * shortcuts of sixteen nodes, so that "where on its way home is this unit" is a short walk and no search.
 *
 * 12 bytes a node and station; made once, read by all replications. */
#ifndef MINGDI_SIM_HOMING_H
#define MINGDI_SIM_HOMING_H

#include "sim/roads.h"

/* Kept by rank in the contraction hierarchy, not by node: neighbours in space are neighbours in memory then. */
struct homing_step {
    road_ticks left; /* from here to the place; ROAD_INFINITY: no way */
    uint32_t next;   /* rank of the node after this one; ROAD_NONE at the last */
    uint32_t far;    /* sixteen nodes on, or ROAD_NONE */
};

struct homing {
    struct homing_step *steps;
    const uint32_t *rank_of, *node_at; /* the hierarchy's */
};

static inline road_ticks homing_left(const struct homing *homing, uint32_t node)
{
    return homing->steps[homing->rank_of[node]].left;
}

/* Scratch for making several: the graph turned round. */
struct homing_maker;
enum status homing_maker_create(const struct roads *roads, enum road_profile profile, struct homing_maker **maker,
                                struct error *error) MUST_USE;
void homing_maker_destroy(struct homing_maker *maker);
enum status homing_create(struct homing_maker *maker, const struct spot *place, struct homing *homing, struct error *error)
    MUST_USE;
void homing_free(struct homing *homing);

/* The first node on the way home from node at which no more than left ticks are left; the last node of the way if all have more.
 */
uint32_t homing_ahead(const struct homing *homing, uint32_t node, road_ticks left);

#endif
