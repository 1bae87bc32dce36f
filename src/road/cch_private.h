/* What the files of the contraction hierarchy share and nobody else may see: the inside of a metric.
 *
 * "Depth": a root of the elimination tree has depth 0. All upward neighbours of a node are its ancestors, and no two ancestors
 * share a depth: so the distances of one node to its ancestors fit in a short array indexed by depth, which stays in the
 * first-level cache. Customization, labels and updates all rest on that. */
#ifndef MINGDI_ROAD_CCH_PRIVATE_H
#define MINGDI_ROAD_CCH_PRIVATE_H

#include <stdint.h>

#include "road/cch.h"
#include "road/cch_kernels.h"

struct cch_metric {
    const struct cch *cch;
    uint32_t arc_count;                /* of the graph */
    road_ticks *weights;               /* of the graph arcs */
    uint32_t *lengths;                 /* of the graph arcs, NULL without lengths */
    road_ticks *up, *down;             /* of the up arcs: from the lower to the higher end, and back */
    uint32_t *up_length, *down_length; /* decimetres of the paths that up and down stand for; NULL without lengths */
    /* derived from the cch once */
    uint32_t level_count; /* largest depth + 1 */
    uint32_t *depth;      /* of each rank */
    uint32_t *up_depth;   /* depth of the head of each up arc */
    uint32_t *down_first; /* node_count + 1: the up arcs that end in each rank ... */
    uint32_t *down_arc;   /* ... sorted by tail */
    /* scratch of customization and update */
    const struct cch_kernels *kernels;
    uint64_t *gather_up, *gather_down; /* level_count */
    uint16_t *triangle;                /* the third arc of each triangle, as push_triangles in cch_kernels.h takes it */
    uint64_t triangle_count;
    uint64_t *triangle_first;      /* of each rank: where its triangles begin */
    uint64_t *key;                 /* of the up arcs, up and down side by side; NULL without lengths */
    uint64_t *pair;                /* of the up arcs: up in the low half, down in the high; NULL with lengths */
    uint64_t *dirty, *dirty_words; /* a bit an up arc; a bit a word of dirty */
    uint32_t *changed;             /* level_count: up arcs of the node at hand */
    uint8_t *dirty_why;            /* of each up arc */
    uint64_t work;                 /* steps of the update so far */
};

/* Weight and length as one number that orders by weight, then by length: the minimum over all paths is then one path's, whatever
 * the order of computation, and a partial update agrees with a full one. Sums do not overflow while paths are shorter than
 * 2^32 decimetres; beyond, lengths would be wrong but nothing breaks. */
static inline uint64_t cch_key(road_ticks weight, uint32_t length) { return (uint64_t)weight << 32 | length; }
#define CCH_KEY_INFINITY ((uint64_t)ROAD_INFINITY << 32)

static inline uint32_t cch_min(uint32_t a, uint32_t b) { return a < b ? a : b; }
static inline uint64_t cch_min_key(uint64_t a, uint64_t b) { return a < b ? a : b; }

static inline uint64_t cch_up_key(const struct cch_metric *metric, uint32_t up_arc)
{
    return cch_key(metric->up[up_arc], metric->up_length == NULL ? 0 : metric->up_length[up_arc]);
}

static inline uint64_t cch_down_key(const struct cch_metric *metric, uint32_t up_arc)
{
    return cch_key(metric->down[up_arc], metric->down_length == NULL ? 0 : metric->down_length[up_arc]);
}

/* The up arc between two ranks, low < high, or ROAD_NONE. */
static inline uint32_t cch_find_up_arc(const struct cch *cch, uint32_t low, uint32_t high)
{
    uint32_t first = cch->up_first[low], last = cch->up_first[low + 1];
    while (first < last) {
        uint32_t middle = first + (last - first) / 2;
        if (cch->up_head[middle] < high) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    return first < cch->up_first[low + 1] && cch->up_head[first] == high ? first : ROAD_NONE;
}

/* Graph arcs of the path that an up arc stands for, in driving order, appended to a list of the caller's. */
struct cch_arc_list {
    uint32_t *items;
    size_t count, capacity;
};
/* False when memory is refused. upward: from the lower to the higher end. */
bool cch_unpack(const struct cch_metric *metric, uint32_t up_arc, bool upward, struct cch_arc_list *path);
/* Of the same path only the graph arc that is being driven when after ticks have passed, or just ended then, without the others:
 * a dozen triangles instead of hundreds. *begun: when it begins. after is at most the whole path's ticks. */
uint32_t cch_arc_at(const struct cch_metric *metric, uint32_t up_arc, bool upward, road_ticks after, road_ticks *begun);

#endif
