/* The search graph: what every algorithm of this folder works on. Directed, static, compressed sparse rows.
 *
 * Nodes 0 .. node_count-1. The arcs that leave node v are first_out[v] .. first_out[v+1]-1; arc a leads from tail[a] to
 * head[a]. Parallel arcs and self-loops may occur. A node of the road where a turn restriction binds stands more than once
 * (one copy for each restricted way of having arrived), so paths in this graph are exactly the permitted ones.
 *
 * Workload: 10,000 to 5,000,000 nodes, 2.3 arcs a node; built once by the importer, read for ever after from a map.
 *
 * Weights are not part of the graph: a weight set is an array of arc_count numbers in ticks (see below); ROAD_INFINITY means
 * that the profile may not use the arc. */
#ifndef MINGDI_ROAD_GRAPH_H
#define MINGDI_ROAD_GRAPH_H

#include <stdint.h>

#include "base/time.h"
#include "geo/point.h"

/* Travel time in ticks: a city says how many ticks a second has (1,000 for cities from OpenStreetMap, 100,000 where exact arc
 * times were given). 32 bits: infinity + infinity does not wrap. */
typedef uint32_t road_ticks;
#define ROAD_INFINITY ((road_ticks)0x7FFFFFFF)
#define ROAD_NONE UINT32_MAX /* no node, no arc */

struct road_graph {
    uint32_t node_count, arc_count;
    const uint32_t *first_out;     /* node_count + 1 */
    const uint32_t *tail;          /* arc_count */
    const uint32_t *head;          /* arc_count */
    const struct geo_point *point; /* node_count */
};

/* Where a trip begins or ends between nodes: being at node costs ticks more. For a start, ticks is the way from the place to
 * the node; for an end, from the node to the place. */
struct road_seed {
    uint32_t node;
    road_ticks ticks;
};
enum { ROAD_SEEDS_MAX = 16 };
struct road_seeds {
    uint32_t count; /* 0: the place cannot be left or reached */
    struct road_seed seed[ROAD_SEEDS_MAX];
};

static inline struct duration road_ticks_duration(road_ticks ticks, uint32_t ticks_per_second)
{
    return duration_us((int64_t)ticks * US_PER_SECOND / ticks_per_second);
}

#endif
