/* Ways cut into edges between junctions: what lies between is shape, kept for drawing and snapping, and its signals, crossings
 * and gates are added to the time of the edge. A node that closes the road to some profile (a bollard) is split: each arm gets a
 * node of its own, joined to the first by an edge of no length that is closed to those profiles. */
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "road/import_map.h"

struct cutter {
    struct map *map;
    const struct map_way *way;
    uint32_t edge_first; /* where the edges of the way begin */
    double way_m;        /* length of the way, for ferries */
    /* the edge being drawn */
    uint32_t start; /* place in map->nodes */
    uint32_t point_first;
    double length_m;
    double penalty_s[ROAD_DIRECTIONS][ROAD_PROFILE_COUNT];
};

static const struct node_costs *costs_of(const struct map *map, uint32_t node)
{
    size_t low = 0, high = map->costs.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (map->costs.items[middle].node < node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < map->costs.count && map->costs.items[low].node == node ? &map->costs.items[low].costs : NULL;
}

static bool there(const struct map *map, uint32_t node) { return map->uses[node] > 0; }

static void use(struct map *map, uint32_t node, unsigned times)
{
    if (there(map, node)) {
        unsigned uses = map->uses[node] + times;
        map->uses[node] = (uint8_t)(uses > 250 ? 250 : uses);
    }
}

/* uses: 1 for being in the file, one a passage, two an end. So a junction has more than 2. */
static void count_uses(struct map *map)
{
    for (size_t i = 0; i + 1 < map->ways.count; i++) {
        uint32_t first = map->ways.items[i].first, end = map->ways.items[i + 1].first;
        for (uint32_t at = first; at < end; at++) {
            bool is_end = at == first || at + 1 == end || !there(map, map->nodes[at - 1]) || !there(map, map->nodes[at + 1]);
            use(map, map->nodes[at], is_end ? 2 : 1);
        }
    }
}

static bool new_node(struct map *map, uint32_t node, uint32_t *number)
{
    *number = (uint32_t)map->network->nodes.count;
    return vec_push(&map->network->nodes, map->points[node]);
}

static bool make_graph_nodes(struct map *map)
{
    size_t count = map->ids.count;
    map->graph_node = malloc(count * sizeof *map->graph_node);
    map->is_barrier = calloc(count, 1);
    if (map->graph_node == NULL || map->is_barrier == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->costs.count; i++) {
        if (map->costs.items[i].costs.closed != 0) {
            map->is_barrier[map->costs.items[i].node] = 1;
        }
    }
    for (uint32_t node = 0; node < count; node++) {
        map->graph_node[node] = ROAD_NONE;
        /* A barrier gets its first node when its first arm comes. */
        if (map->uses[node] > 2 && !map->is_barrier[node] && !new_node(map, node, &map->graph_node[node])) {
            return false;
        }
    }
    return true;
}

static bool is_cut(const struct map *map, uint32_t node) { return map->uses[node] > 2 || map->is_barrier[node]; }

static road_ticks ticks_of(double seconds, uint32_t ticks_per_second)
{
    double ticks = seconds * ticks_per_second;
    return ticks < ROAD_INFINITY / 4 ? (ticks < 1 ? 1 : (road_ticks)(ticks + 0.5)) : ROAD_INFINITY;
}

static bool is_open(const struct network_edge *edge)
{
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        if (edge->ticks[ROAD_FORWARD][profile] != ROAD_INFINITY || edge->ticks[ROAD_BACKWARD][profile] != ROAD_INFINITY) {
            return true;
        }
    }
    return false;
}

/* The end of an edge at a barrier: the barrier's own node for the first arm, a new one joined to it for the others. */
static bool arm_of_barrier(struct map *map, uint32_t node, uint8_t class_byte, uint32_t *end)
{
    struct network *network = map->network;
    if (map->graph_node[node] == ROAD_NONE) {
        bool made = new_node(map, node, &map->graph_node[node]);
        *end = map->graph_node[node];
        return made;
    }
    const struct node_costs *costs = costs_of(map, node);
    CHECK(costs != NULL);
    struct network_edge gap = {
        .from = map->graph_node[node], .point_first = (uint32_t)network->points.count, .point_count = 2, .class_byte = class_byte
    };
    if (!new_node(map, node, end) || !vec_push(&network->points, map->points[node]) ||
        !vec_push(&network->points, map->points[node])) {
        return false;
    }
    gap.to = *end;
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        bool closed = (costs->closed >> profile & 1) != 0;
        road_ticks ticks = closed ? ROAD_INFINITY : ticks_of(costs->penalty_ds[profile] / 10.0, network->meta.ticks_per_second);
        gap.ticks[ROAD_FORWARD][profile] = gap.ticks[ROAD_BACKWARD][profile] = ticks;
    }
    /* A wall that nobody passes is no edge at all. */
    return !is_open(&gap) || vec_push(&network->edges, gap);
}

static bool end_node(struct map *map, uint32_t node, uint8_t class_byte, uint32_t *end)
{
    if (map->is_barrier[node]) {
        return arm_of_barrier(map, node, class_byte, end);
    }
    *end = map->graph_node[node];
    return true;
}

/* The cost of coming upon a node while travelling: charged on arrival, so once a passage. */
static void charge(struct cutter *cutter, uint32_t node, bool arriving_forward, bool arriving_backward)
{
    const struct node_costs *costs = costs_of(cutter->map, node);
    if (costs == NULL || cutter->map->is_barrier[node]) {
        return;
    }
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        double seconds = costs->penalty_ds[profile] / 10.0;
        cutter->penalty_s[ROAD_FORWARD][profile] += arriving_forward && costs->direction != 2 ? seconds : 0;
        cutter->penalty_s[ROAD_BACKWARD][profile] += arriving_backward && costs->direction != 1 ? seconds : 0;
    }
}

static road_ticks edge_ticks(const struct cutter *cutter, int direction, int profile)
{
    const struct way_costs *costs = &cutter->way->costs;
    double per_m = costs->seconds_per_m[profile][direction];
    if (per_m <= 0) {
        return ROAD_INFINITY;
    }
    double seconds = costs->ferry_s > 0 ? costs->ferry_s * (cutter->way_m > 0 ? cutter->length_m / cutter->way_m : 1)
                                        : cutter->length_m * per_m;
    return ticks_of(seconds + cutter->penalty_s[direction][profile], cutter->map->network->meta.ticks_per_second);
}

static bool finish_edge(struct cutter *cutter, uint32_t end)
{
    struct map *map = cutter->map;
    struct network *network = map->network;
    struct network_edge edge = {
        .point_first = cutter->point_first,
        .point_count = (uint32_t)network->points.count - cutter->point_first,
        .name = cutter->way->name,
        .alternatives = cutter->way->alternatives,
        .class_byte = cutter->way->class_byte,
    };
    for (int direction = 0; direction < ROAD_DIRECTIONS; direction++) {
        for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
            edge.ticks[direction][profile] = edge_ticks(cutter, direction, profile);
        }
    }
    if (cutter->length_m >= 1e7 || !is_open(&edge)) {
        network->dropped[DROP_EDGE_TOO_LONG] += 1;
        network->points.count = cutter->point_first;
        return true;
    }
    edge.length_dm = (uint32_t)lround(cutter->length_m * 10);
    return end_node(map, map->nodes[cutter->start], edge.class_byte, &edge.from) &&
           end_node(map, map->nodes[end], edge.class_byte, &edge.to) && vec_push(&network->edges, edge);
}

static bool start_edge(struct cutter *cutter, uint32_t at)
{
    struct map *map = cutter->map;
    cutter->start = at;
    cutter->point_first = (uint32_t)map->network->points.count;
    cutter->length_m = 0;
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        cutter->penalty_s[ROAD_FORWARD][profile] = cutter->penalty_s[ROAD_BACKWARD][profile] = 0;
    }
    charge(cutter, map->nodes[at], false, true);
    return vec_push(&map->network->points, map->points[map->nodes[at]]);
}

/* Goes on from the node at cutter's point to the next; at a junction the edge ends and the next begins. */
static bool go_on(struct cutter *cutter, uint32_t at, bool last)
{
    struct map *map = cutter->map;
    uint32_t node = map->nodes[at];
    const struct point_vec *points = &map->network->points;
    struct geo_point point = map->points[node];
    cutter->length_m += geo_distance_m(points->items[points->count - 1], point);
    bool cut = is_cut(map, node);
    charge(cutter, node, true, !cut);
    if (!vec_push(&map->network->points, point)) {
        return false;
    }
    return !cut || (finish_edge(cutter, at) && (last || start_edge(cutter, at)));
}

static double length_of(const struct map *map, uint32_t first, uint32_t end)
{
    double metres = 0;
    for (uint32_t at = first + 1; at < end; at++) {
        if (there(map, map->nodes[at - 1]) && there(map, map->nodes[at])) {
            metres += geo_distance_m(map->points[map->nodes[at - 1]], map->points[map->nodes[at]]);
        }
    }
    return metres;
}

/* A way with nodes that the file does not hold falls into runs of those that it does. */
static bool cut_run(struct cutter *cutter, uint32_t first, uint32_t end)
{
    struct map *map = cutter->map;
    uint32_t last = end - 1;
    while (last > first && map->nodes[last] == map->nodes[last - 1]) {
        last--; /* so that the last node that counts is an end */
    }
    if (last == first) {
        map->network->dropped[DROP_WAY_TOO_SHORT] += 1;
        return true;
    }
    if (!start_edge(cutter, first)) {
        return false;
    }
    for (uint32_t at = first + 1; at <= last; at++) {
        if (map->nodes[at] == map->nodes[at - 1]) {
            map->network->dropped[DROP_NODE_REPEATED] += 1;
        } else if (!go_on(cutter, at, at == last)) {
            return false;
        }
    }
    return true;
}

static bool cut_way(struct cutter *cutter, uint32_t first, uint32_t end)
{
    struct map *map = cutter->map;
    cutter->way_m = cutter->way->costs.ferry_s > 0 ? length_of(map, first, end) : 0;
    for (uint32_t at = first; at < end;) {
        uint32_t run = at;
        while (run < end && there(map, map->nodes[run])) {
            run++;
        }
        if (run > at && !cut_run(cutter, at, run)) {
            return false;
        }
        map->network->dropped[DROP_NODE_MISSING] += run < end;
        at = run + 1;
    }
    return true;
}

enum status map_cut_edges(struct map *map, struct error *error)
{
    count_uses(map);
    if (!make_graph_nodes(map)) {
        return network_no_memory(map->network, error);
    }
    struct cutter cutter = { .map = map };
    for (size_t i = 0; i + 1 < map->ways.count; i++) {
        cutter.way = &map->ways.items[i];
        map->ways.items[i].edge_first = (uint32_t)map->network->edges.count;
        if (!cut_way(&cutter, map->ways.items[i].first, map->ways.items[i + 1].first)) {
            return network_no_memory(map->network, error);
        }
        if (map->network->edges.count > NETWORK_EDGES_MAX || map->network->points.count > UINT32_MAX / 2) {
            return ERROR(error, STATUS_FULL, "more than %d pieces of road: cut the map down to the area that is served",
                         NETWORK_EDGES_MAX);
        }
    }
    map->ways.items[map->ways.count - 1].edge_first = (uint32_t)map->network->edges.count;
    return map->network->edges.count > 0
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "the ways refer to no node that the file holds: it has no roads");
}
