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

/* The third arc of each triangle: z stands among the heads of y because up arcs are closed. Offsets fit in 16 bits, for a node
 * of 65,536 up arcs would have 2^31 above it, more than a hierarchy may have. */
static bool list_triangles(struct cch_metric *metric)
{
    const struct cch *cch = metric->cch;
    for (uint32_t x = 0; x < cch->node_count; x++) {
        uint64_t degree = cch->up_first[x + 1] - cch->up_first[x];
        metric->triangle_first[x] = metric->triangle_count;
        metric->triangle_count += degree * (degree - (degree > 0)) / 2;
    }
    uint16_t *next = metric->triangle = allocate(metric->triangle_count, sizeof *metric->triangle);
    for (uint32_t x = 0; x < cch->node_count && next != NULL; x++) {
        for (uint32_t to_y = cch->up_first[x]; to_y < cch->up_first[x + 1]; to_y++) {
            uint32_t first = cch->up_first[cch->up_head[to_y]], at = first;
            for (uint32_t to_z = to_y + 1; to_z < cch->up_first[x + 1]; to_z++) {
                while (cch->up_head[at] < cch->up_head[to_z]) {
                    at++;
                }
                *next++ = (uint16_t)(at - first);
            }
        }
    }
    return metric->triangle != NULL;
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
    metric->triangle_first = allocate(cch->node_count, sizeof *metric->triangle_first);
    metric->dirty_why = allocate(cch->up_arc_count, sizeof *metric->dirty_why);
    if (with_lengths) {
        metric->lengths = allocate(metric->arc_count, sizeof *metric->lengths);
        metric->up_length = allocate(cch->up_arc_count, sizeof *metric->up_length);
        metric->down_length = allocate(cch->up_arc_count, sizeof *metric->down_length);
        metric->key = allocate(2 * (size_t)cch->up_arc_count, sizeof *metric->key);
        if (!metric->key || !metric->lengths || !metric->up_length || !metric->down_length) {
            return false;
        }
    }
    return metric->weights && metric->up && metric->down && metric->depth && metric->up_depth && metric->down_first &&
           metric->down_arc && metric->dirty && metric->dirty_words && metric->dirty_why && metric->triangle_first &&
           (metric->pair || with_lengths);
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
        made->changed = allocate(made->level_count, sizeof *made->changed);
        made->gather_down = allocate(made->level_count, sizeof *made->gather_down);
        complete_set = made->gather_up != NULL && made->gather_down != NULL && made->changed != NULL && list_triangles(made);
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
    void *arrays[] = { metric->weights,     metric->lengths,     metric->up,        metric->down,           metric->up_length,
                       metric->down_length, metric->depth,       metric->up_depth,  metric->down_first,     metric->down_arc,
                       metric->gather_up,   metric->gather_down, metric->dirty,     metric->dirty_words,    metric->pair,
                       metric->key,         metric->triangle,    metric->dirty_why, metric->triangle_first, metric->changed };
    for (size_t i = 0; i < ARRAY_LENGTH(arrays); i++) {
        free(arrays[i]);
    }
    free(metric);
}

const road_ticks *cch_metric_weights(const struct cch_metric *metric) { return metric->weights; }

uint64_t cch_metric_bytes(const struct cch_metric *metric)
{
    uint64_t nodes = metric->cch->node_count, ups = metric->cch->up_arc_count, arcs = metric->arc_count;
    uint64_t more = 2 * metric->triangle_count + (metric->lengths == NULL ? 8 * ups : 4 * arcs + 24 * ups);
    return sizeof *metric + 4 * arcs + 17 * ups + ups / 8 + 16 * nodes + 20 * (uint64_t)metric->level_count + more;
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

/* From the bottom: when a node's turn comes, its arcs have taken all that lies below them. Both directions of an arc are one
 * pair, and the third arc of each triangle is known beforehand: so this is one pass over the triangles as they lie in memory. */
static void customize_weights(struct cch_metric *metric)
{
    const struct cch *cch = metric->cch;
    metric->kernels->push_triangles(metric->pair, cch->up_first, cch->up_head, metric->triangle, cch->node_count);
    for (uint32_t u = 0; u < cch->up_arc_count; u++) {
        metric->up[u] = (road_ticks)metric->pair[u];
        metric->down[u] = (road_ticks)(metric->pair[u] >> 32);
    }
}

static void project_keys(struct cch_metric *metric)
{
    const struct cch *cch = metric->cch;
    for (size_t u = 0; u < 2 * (size_t)cch->up_arc_count; u++) {
        metric->key[u] = CCH_KEY_INFINITY;
    }
    for (uint32_t arc = 0; arc < metric->arc_count; arc++) {
        if (cch->arc_up[arc] != ROAD_NONE) {
            uint64_t *target = &metric->key[2 * (size_t)cch->arc_up[arc] + !cch->arc_is_upward[arc]];
            *target = cch_min_key(*target, cch_key(metric->weights[arc], metric->lengths[arc]));
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
    const uint16_t *offset = metric->triangle;
    uint64_t *key = metric->key;
    for (uint32_t x = 0; x < cch->node_count; x++) {
        uint32_t last = cch->up_first[x + 1];
        for (uint32_t to_y = cch->up_first[x]; to_y < last; to_y++) {
            uint64_t from_x = key[2 * (size_t)to_y], to_x = key[2 * (size_t)to_y + 1];
            uint64_t *of_y = key + 2 * (size_t)cch->up_first[cch->up_head[to_y]];
            for (uint32_t to_z = to_y + 1; to_z < last; to_z++) {
                uint64_t *target = of_y + 2 * (size_t)*offset++;
                target[0] = cch_min_key(target[0], to_x + key[2 * (size_t)to_z]);
                target[1] = cch_min_key(target[1], from_x + key[2 * (size_t)to_z + 1]);
            }
        }
    }
    for (uint32_t u = 0; u < cch->up_arc_count; u++) {
        store_keys(metric, u, key[2 * (size_t)u], key[2 * (size_t)u + 1]);
    }
}

static void customize_all(struct cch_metric *metric)
{
    if (metric->lengths == NULL) {
        project_weights(metric);
        customize_weights(metric);
    } else {
        project_keys(metric);
        customize_keys(metric);
    }
}

void cch_metric_customize(struct cch_metric *metric, const road_ticks *weights)
{
    for (uint32_t arc = 0; arc < metric->arc_count; arc++) {
        metric->weights[arc] = cch_min(weights[arc], ROAD_INFINITY);
    }
    customize_all(metric);
}

/* ---- partial update ---- */

/* How many steps of an update take as long as a full customization: a step costs some 9 ns, a triangle of a full one 1.3, an up
 * arc 4. An update that is not done by then begins anew as a full one, and so never takes more than twice as long. */
static uint64_t steps_worth_a_full(const struct cch_metric *metric)
{
    return (metric->triangle_count + 3 * (uint64_t)metric->cch->up_arc_count) / 6;
}

enum {
    STALE = 1,   /* may have grown: to be computed anew from its input arcs and lower triangles */
    LOWERED = 2, /* has been given a lesser weight already: only what depends on it is left to do */
};

static void mark_dirty(struct cch_metric *metric, uint32_t up_arc, uint8_t why)
{
    metric->dirty_why[up_arc] |= why;
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
static void recompute(struct cch_metric *metric, uint32_t up_arc, uint64_t *up_key, uint64_t *down_key)
{
    const struct cch *cch = metric->cch;
    uint32_t low = cch->up_tail[up_arc], high = cch->up_head[up_arc];
    uint64_t up, down;
    input_keys(metric, up_arc, &up, &down);
    metric->work += metric->down_first[low + 1] - metric->down_first[low];
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

/* The weights before the update: customization leaves them in pair or key, and an arc's follow when it is settled. */
static uint64_t up_before(const struct cch_metric *metric, uint32_t up_arc)
{
    return metric->key != NULL ? metric->key[2 * (size_t)up_arc] : cch_key((road_ticks)metric->pair[up_arc], 0);
}

static uint64_t down_before(const struct cch_metric *metric, uint32_t up_arc)
{
    return metric->key != NULL ? metric->key[2 * (size_t)up_arc + 1] : cch_key((road_ticks)(metric->pair[up_arc] >> 32), 0);
}

/* What a path over a changed arc means for the arc that it may stand for. Better than the weight: take it. It was the weight and
 * is worse now: compute anew. What is taken is final, for all arcs below are settled; so a lowered arc never grows afterwards. */
static void offer(struct cch_metric *metric, uint32_t target, bool upward, uint64_t before, uint64_t now)
{
    uint64_t weight = upward ? cch_up_key(metric, target) : cch_down_key(metric, target);
    if (now < weight) {
        uint64_t up = upward ? now : cch_up_key(metric, target), down = upward ? cch_down_key(metric, target) : now;
        store_keys(metric, target, up, down);
        mark_dirty(metric, target, LOWERED);
    } else if (before == weight && now > before) {
        mark_dirty(metric, target, STALE);
    }
}

static bool has_changed(const struct cch_metric *metric, uint32_t up_arc)
{
    return up_before(metric, up_arc) != cch_up_key(metric, up_arc) || down_before(metric, up_arc) != cch_down_key(metric, up_arc);
}

/* Offer both paths between z and w, z below w, over y, to the arc between them. The arcs of y have their new weights. */
static void offer_both(struct cch_metric *metric, uint32_t target, uint32_t to_z, uint32_t to_w)
{
    offer(metric, target, true, down_before(metric, to_z) + up_before(metric, to_w),
          cch_down_key(metric, to_z) + cch_up_key(metric, to_w));
    offer(metric, target, false, down_before(metric, to_w) + up_before(metric, to_z),
          cch_down_key(metric, to_w) + cch_up_key(metric, to_z));
}

/* Offer all paths over y that have a changed arc on either side. */
static void offer_to_dependants(struct cch_metric *metric, uint32_t y)
{
    const struct cch *cch = metric->cch;
    uint32_t first = cch->up_first[y], last = cch->up_first[y + 1], degree = last - first, changed_count = 0;
    uint32_t *changed = metric->changed;
    for (uint32_t u = first; u < last; u++) {
        if (metric->dirty_why[u] != 0 && has_changed(metric, u)) {
            changed[changed_count++] = u;
        }
    }
    const uint16_t *offset = metric->triangle + metric->triangle_first[y];
    uint32_t next = 0; /* of changed: the first after to_z */
    for (uint32_t to_z = first; to_z < last && changed_count > 0; to_z++) {
        uint32_t of_z = cch->up_first[cch->up_head[to_z]];
        bool all = next < changed_count && changed[next] == to_z;
        next += all;
        uint32_t count = all ? last - to_z - 1 : changed_count - next;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t to_w = all ? to_z + 1 + i : changed[next + i];
            offer_both(metric, of_z + offset[to_w - to_z - 1], to_z, to_w);
        }
        offset += last - to_z - 1;
    }
    metric->work += (uint64_t)changed_count * degree;
}

/* New weights for the stale arcs of y: one by one when they are few, else together in one pass over the lower triangles. */
static void compute_stale(struct cch_metric *metric, uint32_t y, uint32_t first_dirty)
{
    const struct cch *cch = metric->cch;
    uint32_t first = cch->up_first[y], last = cch->up_first[y + 1], stale = 0;
    for (uint32_t u = first_dirty; u < last; u++) {
        stale += metric->dirty_why[u] & STALE;
    }
    bool together = stale * 2 > last - first && stale > 1;
    if (together) {
        for (uint32_t u = first; u < last; u++) {
            uint32_t d = metric->up_depth[u];
            input_keys(metric, u, &metric->gather_up[d], &metric->gather_down[d]);
        }
        gather_keys(metric, y);
        metric->work += (uint64_t)(metric->down_first[y + 1] - metric->down_first[y]) * (last - first) / 2;
    }
    for (uint32_t u = first_dirty; u < last; u++) {
        if (metric->dirty_why[u] & STALE) {
            uint64_t up = metric->gather_up[metric->up_depth[u]], down = metric->gather_down[metric->up_depth[u]];
            if (!together) {
                recompute(metric, u, &up, &down);
            }
            store_keys(metric, u, up, down);
        }
    }
}

/* Settle all dirty arcs of the node that the given one, its first, begins in. */
static void settle_node(struct cch_metric *metric, uint32_t first_dirty)
{
    uint32_t y = metric->cch->up_tail[first_dirty], last = metric->cch->up_first[y + 1];
    compute_stale(metric, y, first_dirty);
    offer_to_dependants(metric, y);
    for (uint32_t u = first_dirty; u < last; u++) {
        if (metric->dirty_why[u] == 0) {
            continue;
        }
        metric->dirty_why[u] = 0;
        metric->dirty[u / 64] &= ~(UINT64_C(1) << (u % 64));
        if (metric->key != NULL) {
            metric->key[2 * (size_t)u] = cch_up_key(metric, u);
            metric->key[2 * (size_t)u + 1] = cch_down_key(metric, u);
        } else {
            metric->pair[u] = (uint64_t)metric->down[u] << 32 | metric->up[u];
        }
    }
}

/* Nothing is dirty any more, from a word of dirty_words on. */
static void forget_dirty(struct cch_metric *metric, size_t first_group)
{
    size_t groups = (size_t)metric->cch->up_arc_count / 4096 + 1;
    for (size_t group = first_group; group < groups; group++) {
        for (; metric->dirty_words[group] != 0; metric->dirty_words[group] &= metric->dirty_words[group] - 1) {
            size_t word = group * 64 + (size_t)__builtin_ctzll(metric->dirty_words[group]);
            for (; metric->dirty[word] != 0; metric->dirty[word] &= metric->dirty[word] - 1) {
                metric->dirty_why[word * 64 + (size_t)__builtin_ctzll(metric->dirty[word])] = 0;
            }
        }
    }
}

void cch_metric_update(struct cch_metric *metric, const uint32_t *arcs, const road_ticks *weights, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        CHECK(arcs[i] < metric->arc_count);
        metric->weights[arcs[i]] = cch_min(weights[i], ROAD_INFINITY);
        if (metric->cch->arc_up[arcs[i]] != ROAD_NONE) {
            mark_dirty(metric, metric->cch->arc_up[arcs[i]], STALE);
        }
    }
    /* Up arcs are numbered by tail, and an arc depends on arcs of lower tails only: rising numbers settle each arc once. */
    size_t groups = (size_t)metric->cch->up_arc_count / 4096 + 1;
    metric->work = 0;
    for (size_t group = 0; group < groups; group++) {
        while (metric->dirty_words[group] != 0) {
            size_t word = group * 64 + (size_t)__builtin_ctzll(metric->dirty_words[group]);
            while (metric->dirty[word] != 0) {
                uint32_t up_arc = (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(metric->dirty[word]);
                settle_node(metric, up_arc);
            }
            metric->dirty_words[group] &= metric->dirty_words[group] - 1;
            if (metric->work > steps_worth_a_full(metric)) {
                forget_dirty(metric, group);
                customize_all(metric);
                return;
            }
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
