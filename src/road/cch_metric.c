/* A weight set on a contraction hierarchy: customization, partial update, unpacking.
 *
 * Workload: a full customization when a profile is loaded or congestion changes everywhere (milliseconds for a city), partial
 * updates of a few to some hundred arcs for closures. Two weights an up arc: from its lower end up, and back down. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "road/cch.h"
#include "road/cch_private.h"

static void *allocate(size_t count, size_t size) { return calloc(count == 0 ? 1 : count, size); }

/* Depths and the lists of arcs that end in each rank, from the topology. */
static void derive(struct cch_metric *metric, uint32_t *next)
{
    const struct cch *cch = metric->cch;
    metric->level_count = 0;
    for (uint32_t v = cch->node_count; v-- > 0;) {
        metric->depth[v] = cch->parent[v] == ROAD_NONE ? 0 : metric->depth[cch->parent[v]] + 1;
        if (metric->depth[v] >= metric->level_count) {
            metric->level_count = metric->depth[v] + 1;
        }
    }
    for (uint32_t u = 0; u < cch->up_arc_count; u++) {
        metric->up_depth[u] = metric->depth[cch->up_head[u]];
        metric->down_first[cch->up_head[u] + 1]++;
    }
    for (uint32_t v = 0; v < cch->node_count; v++) {
        metric->down_first[v + 1] += metric->down_first[v];
        next[v] = metric->down_first[v];
    }
    for (uint32_t u = 0; u < cch->up_arc_count; u++) {
        metric->down_arc[next[cch->up_head[u]]++] = u;
    }
}

static bool allocate_metric(struct cch_metric *metric, bool with_lengths)
{
    const struct cch *cch = metric->cch;
    size_t words = (size_t)cch->up_arc_count / 64 + 1;
    metric->weights = allocate(metric->arc_count, sizeof *metric->weights);
    metric->up = allocate(cch->up_arc_count, sizeof *metric->up);
    metric->down = allocate(cch->up_arc_count, sizeof *metric->down);
    metric->depth = allocate(cch->node_count, sizeof *metric->depth);
    metric->up_depth = allocate(cch->up_arc_count, sizeof *metric->up_depth);
    metric->down_first = allocate((size_t)cch->node_count + 1, sizeof *metric->down_first);
    metric->down_arc = allocate(cch->up_arc_count, sizeof *metric->down_arc);
    metric->pair = with_lengths ? NULL : allocate(cch->up_arc_count, sizeof *metric->pair);
    metric->kernels = cch_kernels();
    metric->dirty = allocate(words, sizeof *metric->dirty);
    metric->dirty_words = allocate(words / 64 + 1, sizeof *metric->dirty_words);
    if (with_lengths) {
        metric->lengths = allocate(metric->arc_count, sizeof *metric->lengths);
        metric->up_length = allocate(cch->up_arc_count, sizeof *metric->up_length);
        metric->down_length = allocate(cch->up_arc_count, sizeof *metric->down_length);
        if (!metric->lengths || !metric->up_length || !metric->down_length) {
            return false;
        }
    }
    return metric->weights && metric->up && metric->down && metric->depth && metric->up_depth && metric->down_first &&
           metric->down_arc && metric->dirty && metric->dirty_words && (metric->pair || with_lengths);
}

enum status cch_metric_create(const struct cch *cch, const struct road_graph *graph, const road_ticks *weights,
                              const uint32_t *lengths_dm, struct cch_metric **metric, struct error *error)
{
    struct cch_metric *made = calloc(1, sizeof *made);
    uint32_t *next = allocate(cch->node_count, sizeof *next);
    bool complete_set = made != NULL && next != NULL;
    if (complete_set) {
        made->cch = cch;
        made->arc_count = graph->arc_count;
        complete_set = allocate_metric(made, lengths_dm != NULL);
    }
    if (complete_set) {
        derive(made, next);
        made->gather_up = allocate(made->level_count, sizeof *made->gather_up);
        made->gather_down = allocate(made->level_count, sizeof *made->gather_down);
        complete_set = made->gather_up != NULL && made->gather_down != NULL;
    }
    free(next);
    if (!complete_set) {
        cch_metric_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a weight set on %u hierarchy arcs", cch->up_arc_count);
    }
    if (lengths_dm != NULL) {
        memcpy(made->lengths, lengths_dm, made->arc_count * sizeof *lengths_dm);
    }
    cch_metric_customize(made, weights);
    *metric = made;
    return STATUS_OK;
}

void cch_metric_destroy(struct cch_metric *metric)
{
    if (metric == NULL) {
        return;
    }
    void *arrays[] = { metric->weights,     metric->lengths,     metric->up,       metric->down,        metric->up_length,
                       metric->down_length, metric->depth,       metric->up_depth, metric->down_first,  metric->down_arc,
                       metric->gather_up,   metric->gather_down, metric->dirty,    metric->dirty_words, metric->pair };
    for (size_t i = 0; i < ARRAY_LENGTH(arrays); i++) {
        free(arrays[i]);
    }
    free(metric);
}

const road_ticks *cch_metric_weights(const struct cch_metric *metric) { return metric->weights; }

uint64_t cch_metric_bytes(const struct cch_metric *metric)
{
    uint64_t nodes = metric->cch->node_count, ups = metric->cch->up_arc_count, arcs = metric->arc_count;
    uint64_t more = metric->lengths == NULL ? 8 * ups : 4 * arcs + 8 * ups;
    return sizeof *metric + 4 * arcs + 16 * ups + ups / 8 + 8 * nodes + 16 * (uint64_t)metric->level_count + more;
}

/* ---- full customization ---- */

/* The weights of the graph arcs onto their up arcs; parallel arcs: the least. */
static void project_weights(struct cch_metric *metric)
{
    const struct cch *cch = metric->cch;
    for (uint32_t u = 0; u < cch->up_arc_count; u++) {
        metric->pair[u] = (uint64_t)ROAD_INFINITY << 32 | ROAD_INFINITY;
    }
    for (uint32_t arc = 0; arc < metric->arc_count; arc++) {
        if (cch->arc_up[arc] == ROAD_NONE) {
            continue;
        }
        uint64_t *pair = &metric->pair[cch->arc_up[arc]], weight = metric->weights[arc];
        if (cch->arc_is_upward[arc]) {
            *pair = weight < (uint32_t)*pair ? *pair >> 32 << 32 | weight : *pair;
        } else {
            *pair = weight < *pair >> 32 ? (uint32_t)*pair | weight << 32 : *pair;
        }
    }
}

/* Node by node from the bottom: the arcs of y take the least of themselves and of every path over a lower neighbour x. The sums
 * are gathered by the depth of the far end, both directions of an arc side by side. */
static void customize_weights(struct cch_metric *metric)
{
    const struct cch *cch = metric->cch;
    const uint32_t *up_depth = metric->up_depth;
    uint64_t *pair = metric->pair, *gather = metric->gather_up;
    for (uint32_t y = 0; y < cch->node_count; y++) {
        uint32_t first = cch->up_first[y], last = cch->up_first[y + 1];
        uint32_t sides = metric->down_first[y], side_count = metric->down_first[y + 1] - sides;
        if (side_count > 0) {
            for (uint32_t u = first; u < last; u++) {
                gather[up_depth[u]] = pair[u];
            }
            metric->kernels->gather_triangles(gather, metric->down_arc + sides, side_count, cch->up_tail, cch->up_first, up_depth,
                                              pair);
            for (uint32_t u = first; u < last; u++) {
                pair[u] = gather[up_depth[u]];
            }
        }
        for (uint32_t u = first; u < last; u++) {
            metric->up[u] = (road_ticks)pair[u];
            metric->down[u] = (road_ticks)(pair[u] >> 32);
        }
    }
}

static void project_keys(struct cch_metric *metric)
{
    const struct cch *cch = metric->cch;
    for (uint32_t u = 0; u < cch->up_arc_count; u++) {
        metric->up[u] = metric->down[u] = ROAD_INFINITY;
        metric->up_length[u] = metric->down_length[u] = 0;
    }
    for (uint32_t arc = 0; arc < metric->arc_count; arc++) {
        uint32_t u = cch->arc_up[arc];
        if (u == ROAD_NONE) {
            continue;
        }
        road_ticks *weight = (cch->arc_is_upward[arc] ? metric->up : metric->down) + u;
        uint32_t *length = (cch->arc_is_upward[arc] ? metric->up_length : metric->down_length) + u;
        if (cch_key(metric->weights[arc], metric->lengths[arc]) < cch_key(*weight, *length)) {
            *weight = metric->weights[arc];
            *length = metric->lengths[arc];
        }
    }
}

/* The keys of all up arcs of y, by the depth of their heads, into the gather arrays: from the arcs' own and the lower triangles.
 */
static void gather_keys(struct cch_metric *metric, uint32_t y)
{
    const struct cch *cch = metric->cch;
    const uint32_t *up_depth = metric->up_depth;
    uint64_t *gather_up = metric->gather_up, *gather_down = metric->gather_down;
    for (uint32_t i = metric->down_first[y]; i < metric->down_first[y + 1]; i++) {
        uint32_t side = metric->down_arc[i], end = cch->up_first[cch->up_tail[side] + 1];
        uint64_t to_x = cch_down_key(metric, side), from_x = cch_up_key(metric, side);
        for (uint32_t u = side + 1; u < end; u++) {
            uint32_t d = up_depth[u];
            gather_up[d] = cch_min_key(gather_up[d], to_x + cch_up_key(metric, u));
            gather_down[d] = cch_min_key(gather_down[d], from_x + cch_down_key(metric, u));
        }
    }
}

static void store_keys(struct cch_metric *metric, uint32_t up_arc, uint64_t up, uint64_t down)
{
    metric->up[up_arc] = (road_ticks)(up >> 32);
    metric->down[up_arc] = (road_ticks)(down >> 32);
    if (metric->lengths != NULL) {
        metric->up_length[up_arc] = (uint32_t)up;
        metric->down_length[up_arc] = (uint32_t)down;
    }
}

/* As customize_weights, with lengths. */
static void customize_keys(struct cch_metric *metric)
{
    const struct cch *cch = metric->cch;
    for (uint32_t y = 0; y < cch->node_count; y++) {
        for (uint32_t u = cch->up_first[y]; u < cch->up_first[y + 1]; u++) {
            metric->gather_up[metric->up_depth[u]] = cch_up_key(metric, u);
            metric->gather_down[metric->up_depth[u]] = cch_down_key(metric, u);
        }
        gather_keys(metric, y);
        for (uint32_t u = cch->up_first[y]; u < cch->up_first[y + 1]; u++) {
            store_keys(metric, u, metric->gather_up[metric->up_depth[u]], metric->gather_down[metric->up_depth[u]]);
        }
    }
}

void cch_metric_customize(struct cch_metric *metric, const road_ticks *weights)
{
    for (uint32_t arc = 0; arc < metric->arc_count; arc++) {
        metric->weights[arc] = cch_min(weights[arc], ROAD_INFINITY);
    }
    if (metric->lengths == NULL) {
        project_weights(metric);
        customize_weights(metric);
    } else {
        project_keys(metric);
        customize_keys(metric);
    }
}

/* ---- partial update ---- */

static void mark_dirty(struct cch_metric *metric, uint32_t up_arc)
{
    metric->dirty[up_arc / 64] |= UINT64_C(1) << (up_arc % 64);
    metric->dirty_words[up_arc / 4096] |= UINT64_C(1) << (up_arc / 64 % 64);
}

/* The key of a graph arc in this metric; infinite ones have no length. */
static uint64_t input_key(const struct cch_metric *metric, uint32_t arc)
{
    uint64_t key = cch_key(metric->weights[arc], metric->lengths == NULL ? 0 : metric->lengths[arc]);
    return cch_min_key(key, CCH_KEY_INFINITY);
}

/* Steps through the lower triangles of an up arc (y, z): common lower neighbours x of both ends, rising. */
struct triangle_walk {
    uint32_t y, y_end, z, z_end; /* positions in down_arc */
};

static struct triangle_walk triangles_of(const struct cch_metric *metric, uint32_t up_arc)
{
    uint32_t low = metric->cch->up_tail[up_arc], high = metric->cch->up_head[up_arc];
    return (struct triangle_walk){ metric->down_first[low], metric->down_first[low + 1], metric->down_first[high],
                                   metric->down_first[high + 1] };
}

static bool next_triangle(const struct cch_metric *metric, struct triangle_walk *walk, uint32_t *to_low, uint32_t *to_high)
{
    const uint32_t *tail = metric->cch->up_tail, *list = metric->down_arc;
    while (walk->y < walk->y_end && walk->z < walk->z_end) {
        uint32_t x_of_y = tail[list[walk->y]], x_of_z = tail[list[walk->z]];
        if (x_of_y == x_of_z) {
            *to_low = list[walk->y++];
            *to_high = list[walk->z++];
            return true;
        }
        walk->y += x_of_y < x_of_z;
        walk->z += x_of_y > x_of_z;
    }
    return false;
}

/* The keys of one up arc from its input arcs alone. */
static void input_keys(const struct cch_metric *metric, uint32_t up_arc, uint64_t *up_key, uint64_t *down_key)
{
    const struct cch *cch = metric->cch;
    *up_key = *down_key = CCH_KEY_INFINITY;
    for (uint32_t i = cch->input_first[up_arc]; i < cch->input_first[up_arc + 1]; i++) {
        uint32_t arc = cch->input_list[i];
        uint64_t *target = cch->arc_is_upward[arc] ? up_key : down_key;
        *target = cch_min_key(*target, input_key(metric, arc));
    }
}

/* The same with the lower triangles. The far end is looked up among the arcs of each lower neighbour of y, which are few, not
 * among those that end in z, which may be thousands. */
static void recompute(const struct cch_metric *metric, uint32_t up_arc, uint64_t *up_key, uint64_t *down_key)
{
    const struct cch *cch = metric->cch;
    uint32_t low = cch->up_tail[up_arc], high = cch->up_head[up_arc];
    uint64_t up, down;
    input_keys(metric, up_arc, &up, &down);
    for (uint32_t i = metric->down_first[low]; i < metric->down_first[low + 1]; i++) {
        uint32_t side = metric->down_arc[i], end = cch->up_first[cch->up_tail[side] + 1], u = side + 1;
        while (u < end && cch->up_head[u] < high) {
            u++;
        }
        if (u < end && cch->up_head[u] == high) {
            up = cch_min_key(up, cch_down_key(metric, side) + cch_up_key(metric, u));
            down = cch_min_key(down, cch_up_key(metric, side) + cch_down_key(metric, u));
        }
    }
    *up_key = up;
    *down_key = down;
}

/* Whether a path over a changed arc changes the weight of the arc that it may stand for: it is better now, or it was what the
 * weight stood for and is worse now. */
static bool affects(uint64_t before, uint64_t now, uint64_t target) { return now < target || (before == target && now > before); }

/* Mark the arcs that have the changed arc as a side of a lower triangle. */
static void mark_dependants(struct cch_metric *metric, uint32_t changed, uint64_t old_up, uint64_t old_down)
{
    const struct cch *cch = metric->cch;
    uint32_t y = cch->up_tail[changed], z = cch->up_head[changed];
    uint64_t new_up = cch_up_key(metric, changed), new_down = cch_down_key(metric, changed);
    uint32_t beside = cch->up_first[z]; /* walks the arcs of z while w rises above z */
    for (uint32_t other = cch->up_first[y]; other < cch->up_first[y + 1]; other++) {
        uint32_t w = cch->up_head[other], target;
        if (w == z) {
            continue;
        }
        if (w < z) {
            target = cch_find_up_arc(cch, w, z);
        } else {
            while (cch->up_head[beside] < w) {
                beside++;
            }
            target = beside;
        }
        uint64_t other_up = cch_up_key(metric, other), other_down = cch_down_key(metric, other);
        uint64_t z_to_w = w > z ? cch_up_key(metric, target) : cch_down_key(metric, target);
        uint64_t w_to_z = w > z ? cch_down_key(metric, target) : cch_up_key(metric, target);
        if (affects(old_down + other_up, new_down + other_up, z_to_w) ||
            affects(other_down + old_up, other_down + new_up, w_to_z)) {
            mark_dirty(metric, target);
        }
    }
}

static void settle_arc(struct cch_metric *metric, uint32_t up_arc, uint64_t up, uint64_t down)
{
    uint64_t old_up = cch_up_key(metric, up_arc), old_down = cch_down_key(metric, up_arc);
    if (up != old_up || down != old_down) {
        store_keys(metric, up_arc, up, down);
        mark_dependants(metric, up_arc, old_up, old_down);
    }
}

static bool is_dirty(const struct cch_metric *metric, uint32_t up_arc) { return metric->dirty[up_arc / 64] >> (up_arc % 64) & 1; }

/* Settle all dirty arcs of the node that the given one, its first, begins in: one by one when they are few, else all arcs of the
 * node in one pass over its lower triangles. */
static void settle_node(struct cch_metric *metric, uint32_t first_dirty)
{
    const struct cch *cch = metric->cch;
    uint32_t y = cch->up_tail[first_dirty], last = cch->up_first[y + 1], dirty_count = 0;
    for (uint32_t u = first_dirty; u < last; u++) {
        dirty_count += is_dirty(metric, u);
    }
    bool together = dirty_count * 2 > last - cch->up_first[y] && dirty_count > 1;
    if (together) {
        for (uint32_t u = cch->up_first[y]; u < last; u++) {
            uint32_t d = metric->up_depth[u];
            input_keys(metric, u, &metric->gather_up[d], &metric->gather_down[d]);
        }
        gather_keys(metric, y);
    }
    for (uint32_t u = first_dirty; u < last; u++) {
        if (is_dirty(metric, u)) {
            uint64_t up = metric->gather_up[metric->up_depth[u]], down = metric->gather_down[metric->up_depth[u]];
            metric->dirty[u / 64] &= ~(UINT64_C(1) << (u % 64));
            if (!together) {
                recompute(metric, u, &up, &down);
            }
            settle_arc(metric, u, up, down);
        }
    }
}

void cch_metric_update(struct cch_metric *metric, const uint32_t *arcs, const road_ticks *weights, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        CHECK(arcs[i] < metric->arc_count);
        metric->weights[arcs[i]] = cch_min(weights[i], ROAD_INFINITY);
        if (metric->cch->arc_up[arcs[i]] != ROAD_NONE) {
            mark_dirty(metric, metric->cch->arc_up[arcs[i]]);
        }
    }
    /* Up arcs are numbered by tail, and an arc depends on arcs of lower tails only: rising numbers settle each arc once. */
    size_t groups = (size_t)metric->cch->up_arc_count / 4096 + 1;
    for (size_t group = 0; group < groups; group++) {
        while (metric->dirty_words[group] != 0) {
            size_t word = group * 64 + (size_t)__builtin_ctzll(metric->dirty_words[group]);
            while (metric->dirty[word] != 0) {
                uint32_t up_arc = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(metric->dirty[word]);
                settle_node(metric, up_arc);
            }
            metric->dirty_words[group] &= metric->dirty_words[group] - 1;
        }
    }
}

/* ---- unpacking ---- */

static uint32_t find_input(const struct cch_metric *metric, uint32_t up_arc, bool upward, uint64_t key)
{
    const struct cch *cch = metric->cch;
    for (uint32_t i = cch->input_first[up_arc]; i < cch->input_first[up_arc + 1]; i++) {
        uint32_t arc = cch->input_list[i];
        if ((bool)cch->arc_is_upward[arc] == upward && input_key(metric, arc) == key) {
            return arc;
        }
    }
    return ROAD_NONE;
}

/* Pieces of path still to be unpacked, the next one last: up arc * 2 + upward. */
VEC_TYPE(piece_vec, uint64_t);

/* The lower triangle that the weight of an up arc stands for: first driven downward, then second upward. */
static void find_triangle(const struct cch_metric *metric, uint32_t up_arc, bool upward, uint64_t key, uint32_t *first,
                          uint32_t *second)
{
    struct triangle_walk walk = triangles_of(metric, up_arc);
    for (uint32_t to_low, to_high; next_triangle(metric, &walk, &to_low, &to_high);) {
        *first = upward ? to_low : to_high;
        *second = upward ? to_high : to_low;
        if (cch_down_key(metric, *first) + cch_up_key(metric, *second) == key) {
            return;
        }
    }
    UNREACHABLE(); /* a finite weight stands for an input arc or for a lower triangle */
}

static bool push_triangle(const struct cch_metric *metric, uint32_t up_arc, bool upward, uint64_t key, struct piece_vec *pieces)
{
    uint32_t first, second;
    find_triangle(metric, up_arc, upward, key, &first, &second);
    return vec_push(pieces, (uint64_t)second * 2 + 1) && vec_push(pieces, (uint64_t)first * 2);
}

bool cch_unpack(const struct cch_metric *metric, uint32_t up_arc, bool upward, struct cch_arc_list *path)
{
    struct piece_vec pieces = { 0 };
    bool fits = vec_push(&pieces, (uint64_t)up_arc * 2 + upward);
    while (fits && pieces.count > 0) {
        uint64_t piece = pieces.items[--pieces.count];
        uint32_t arc = (uint32_t)(piece / 2);
        bool piece_upward = piece % 2 == 1;
        uint64_t key = piece_upward ? cch_up_key(metric, arc) : cch_down_key(metric, arc);
        uint32_t input = find_input(metric, arc, piece_upward, key);
        fits = input != ROAD_NONE ? vec_push(path, input) : push_triangle(metric, arc, piece_upward, key, &pieces);
    }
    vec_free(&pieces);
    return fits;
}

uint32_t cch_arc_at(const struct cch_metric *metric, uint32_t up_arc, bool upward, road_ticks after, road_ticks *begun)
{
    *begun = 0;
    for (;;) {
        uint64_t key = upward ? cch_up_key(metric, up_arc) : cch_down_key(metric, up_arc);
        uint32_t input = find_input(metric, up_arc, upward, key);
        if (input != ROAD_NONE) {
            return input;
        }
        uint32_t first, second;
        find_triangle(metric, up_arc, upward, key, &first, &second);
        upward = after > *begun + metric->down[first];
        *begun += upward ? metric->down[first] : 0;
        up_arc = upward ? second : first;
    }
}
