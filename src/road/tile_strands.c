/* Edges joined to longer lines: fewer points to write, room for a name, and shapes that survive simplification. */
#include <stdlib.h>
#include <string.h>

#include "road/graph.h"
#include "road/tile_private.h"

struct strand_edge {
    const char *name, *alternatives; /* equal texts are one pointer */
    uint32_t edge;
    uint32_t ends[2]; /* nodes */
    uint8_t look;     /* class, bridge, tunnel */
};

/* Where an edge of the group ends. */
struct strand_end {
    uint32_t node, item; /* item: in the group */
};

struct joiner {
    const struct city *city;
    struct strand_edge *edges; /* all, by name and look */
    struct strand_end *ends;   /* of the group at hand, by node */
    uint8_t *used;             /* of edges */
    uint32_t first, end;       /* the group */
    struct tile_u32_vec chain; /* sides: 2 * item + (1 if against) */
    struct strand_vec *strands;
    struct world_vec *points;
    struct box_vec *boxes;
};

static int compare_edges(const void *a, const void *b)
{
    const struct strand_edge *left = a, *right = b;
    return left->look != right->look                   ? (left->look < right->look ? -1 : 1)
           : left->name != right->name                 ? (left->name < right->name ? -1 : 1)
           : left->alternatives != right->alternatives ? (left->alternatives < right->alternatives ? -1 : 1)
                                                       : (left->edge < right->edge ? -1 : left->edge > right->edge);
}

static int compare_ends(const void *a, const void *b)
{
    const struct strand_end *left = a, *right = b;
    return left->node != right->node ? (left->node < right->node ? -1 : 1)
                                     : (left->item < right->item ? -1 : left->item > right->item);
}

static bool same_group(const struct strand_edge *a, const struct strand_edge *b)
{
    return a->look == b->look && a->name == b->name && a->alternatives == b->alternatives;
}

/* The other edge at a node where exactly two of the group meet; ROAD_NONE elsewhere, so that a line never turns off at a fork. */
static uint32_t next_item(const struct joiner *joiner, uint32_t node, uint32_t item)
{
    uint32_t low = 0, high = 2 * (joiner->end - joiner->first), count = high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (joiner->ends[middle].node < node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool two = low + 1 < count && joiner->ends[low + 1].node == node && (low + 2 >= count || joiner->ends[low + 2].node != node);
    if (!two) {
        return ROAD_NONE;
    }
    uint32_t other = joiner->ends[low].item == item ? joiner->ends[low + 1].item : joiner->ends[low].item;
    return other == item || joiner->used[other] ? ROAD_NONE : other;
}

static uint32_t point_count(const struct joiner *joiner, uint32_t item)
{
    uint32_t count;
    (void)city_edge_points(joiner->city, joiner->edges[item].edge, &count);
    return count;
}

/* Extends the chain from its last side on. */
static bool extend(struct joiner *joiner, uint32_t *points)
{
    for (;;) {
        uint32_t side = joiner->chain.items[joiner->chain.count - 1], item = side / 2;
        uint32_t node = joiner->edges[item].ends[side & 1 ? 0 : 1], next = next_item(joiner, node, item);
        if (next == ROAD_NONE || *points + point_count(joiner, next) > STRAND_POINTS_MAX) {
            return true;
        }
        joiner->used[next] = 1;
        *points += point_count(joiner, next);
        if (!vec_push(&joiner->chain, 2 * next + (joiner->edges[next].ends[0] != node))) {
            return false;
        }
    }
}

static void turn_round(struct tile_u32_vec *chain)
{
    for (size_t i = 0, j = chain->count; i < j; i++) {
        j--;
        uint32_t kept = chain->items[i];
        chain->items[i] = chain->items[j] ^ 1;
        chain->items[j] = i == j ? chain->items[j] : kept ^ 1;
    }
}

static bool push_side(struct joiner *joiner, uint32_t side, bool first, struct world_box *box)
{
    uint32_t count;
    const struct geo_point *points = city_edge_points(joiner->city, joiner->edges[side / 2].edge, &count);
    for (uint32_t i = first ? 0 : 1; i < count; i++) {
        struct world_point point = world_of(points[side & 1 ? count - 1 - i : i]);
        world_box_add(box, point);
        if (!vec_push(joiner->points, point)) {
            return false;
        }
    }
    return true;
}

static bool push_strand(struct joiner *joiner)
{
    struct strand strand = { .first = (uint32_t)joiner->points->count, .edge = joiner->edges[joiner->chain.items[0] / 2].edge };
    struct world_box box = world_box_none();
    for (size_t i = 0; i < joiner->chain.count; i++) {
        if (!push_side(joiner, joiner->chain.items[i], i == 0, &box)) {
            return false;
        }
    }
    strand.count = (uint32_t)joiner->points->count - strand.first;
    return vec_push(joiner->strands, strand) && vec_push(joiner->boxes, box);
}

static bool join_group(struct joiner *joiner)
{
    uint32_t count = 0;
    for (uint32_t item = joiner->first; item < joiner->end; item++) {
        joiner->ends[count++] = (struct strand_end){ joiner->edges[item].ends[0], item };
        joiner->ends[count++] = (struct strand_end){ joiner->edges[item].ends[1], item };
    }
    qsort(joiner->ends, count, sizeof *joiner->ends, compare_ends);
    for (uint32_t item = joiner->first; item < joiner->end; item++) {
        if (joiner->used[item]) {
            continue;
        }
        uint32_t points = point_count(joiner, item);
        joiner->chain.count = 0;
        joiner->used[item] = 1;
        if (!vec_push(&joiner->chain, 2 * item) || !extend(joiner, &points)) {
            return false;
        }
        turn_round(&joiner->chain);
        if (!extend(joiner, &points) || !push_strand(joiner)) {
            return false;
        }
    }
    return true;
}

static bool join_all(struct joiner *joiner, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct strand_edge *edge = &joiner->edges[i];
        unsigned structure = city_edge_is_bridge(joiner->city, i) ? 32u : 0u;
        structure |= city_edge_is_tunnel(joiner->city, i) ? 64u : 0u;
        edge->name = city_edge_name(joiner->city, i);
        edge->alternatives = city_edge_alternatives(joiner->city, i);
        edge->edge = i;
        edge->look = (uint8_t)((unsigned)city_edge_class(joiner->city, i) | structure);
        city_edge_ends(joiner->city, i, &edge->ends[0], &edge->ends[1]);
    }
    qsort(joiner->edges, count, sizeof *joiner->edges, compare_edges);
    while (joiner->end < count) {
        joiner->first = joiner->end;
        while (joiner->end < count && same_group(&joiner->edges[joiner->first], &joiner->edges[joiner->end])) {
            joiner->end++;
        }
        if (!join_group(joiner)) {
            return false;
        }
    }
    return true;
}

bool strands_make(const struct city *city, struct strand_vec *strands, struct world_vec *points, struct box_vec *boxes)
{
    uint32_t count = city_edge_count(city);
    struct joiner joiner = { .city = city, .strands = strands, .points = points, .boxes = boxes };
    joiner.edges = calloc((size_t)count + 1, sizeof *joiner.edges);
    joiner.ends = calloc(2 * (size_t)count + 1, sizeof *joiner.ends);
    joiner.used = calloc((size_t)count + 1, 1);
    bool made = joiner.edges != NULL && joiner.ends != NULL && joiner.used != NULL && join_all(&joiner, count);
    free(joiner.edges);
    free(joiner.ends);
    free(joiner.used);
    vec_free(&joiner.chain);
    return made;
}
