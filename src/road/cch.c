/* Building and checking the topology of the contraction hierarchy.
 *
 * Workload: once a city. 10,000 to 5,000,000 nodes; the completion of a road network with a good order has 2 to 4 up arcs a
 * node. All steps are linear in the size of the result. */
#include "road/cch.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "road/cch_private.h"

VEC_TYPE(head_vec, uint32_t);

enum { UP_ARCS_MAX = 1 << 30 };

struct cch_owned {
    uint32_t *arrays[9];
    uint8_t *arc_is_upward;
};

/* Scratch of one build. Pairs are the graph's arcs as (low, high) ranks, bucketed by one end. */
struct build {
    const struct road_graph *graph;
    uint32_t *rank_of;    /* owned copy, renumbered on the way */
    uint32_t *pair_first; /* node_count + 1 */
    uint32_t *pair_other; /* arc_count */
    uint32_t *parent, *size, *start, *work;
    struct head_vec heads; /* upward neighbours, unsorted */
    uint32_t *head_first;  /* node_count + 1 */
};

static void *allocate(size_t count, size_t size) { return calloc(count == 0 ? 1 : count, size); }

static void build_free(struct build *build)
{
    free(build->pair_first);
    free(build->pair_other);
    free(build->size);
    free(build->start);
    free(build->work);
    vec_free(&build->heads);
    free(build->head_first);
}

/* Bucket the arcs by their higher (or lower) end; pair_other is the other end. Self-loops are left out. */
static void bucket_pairs(struct build *build, bool by_high)
{
    const struct road_graph *graph = build->graph;
    uint32_t *first = build->pair_first;
    memset(first, 0, ((size_t)graph->node_count + 1) * sizeof *first);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
            uint32_t a = build->rank_of[graph->tail[arc]], b = build->rank_of[graph->head[arc]];
            if (a == b) {
                continue;
            }
            bool key_is_a = (a > b) == by_high;
            uint32_t key = key_is_a ? a : b, other = key_is_a ? b : a;
            if (pass == 0) {
                first[key]++;
            } else {
                build->pair_other[--first[key]] = other;
            }
        }
        if (pass == 0) {
            uint32_t sum = 0;
            for (uint32_t v = 0; v <= graph->node_count; v++) {
                sum += v < graph->node_count ? first[v] : 0;
                first[v] = sum;
            }
        }
    }
}

/* Liu's algorithm: the elimination tree without the fill, by path compression. */
static void find_elimination_tree(struct build *build)
{
    uint32_t *ancestor = build->work, *parent = build->parent;
    for (uint32_t v = 0; v < build->graph->node_count; v++) {
        parent[v] = ancestor[v] = ROAD_NONE;
        for (uint32_t i = build->pair_first[v]; i < build->pair_first[v + 1]; i++) {
            uint32_t w = build->pair_other[i];
            while (ancestor[w] != ROAD_NONE && ancestor[w] != v) {
                uint32_t next = ancestor[w];
                ancestor[w] = v;
                w = next;
            }
            if (ancestor[w] == ROAD_NONE) {
                ancestor[w] = parent[w] = v;
            }
        }
    }
}

/* Renumber so that each subtree is a run of ranks that ends in its root, the largest child's just before its parent. Any such
 * order gives the same hierarchy. start[v] is first the offset within the parent, then the first rank of the subtree. */
static void number_in_post_order(struct build *build)
{
    uint32_t count = build->graph->node_count;
    uint32_t *size = build->size, *start = build->start, *used = build->work, *parent = build->parent;
    uint32_t *bucket = build->pair_first, *by_size = build->head_first;
    for (uint32_t v = 0; v < count; v++) {
        size[v] = 1;
        used[v] = 0;
    }
    for (uint32_t v = 0; v < count; v++) {
        if (parent[v] != ROAD_NONE) {
            size[parent[v]] += size[v];
        }
    }
    memset(bucket, 0, ((size_t)count + 1) * sizeof *bucket);
    for (uint32_t v = 0; v < count; v++) {
        bucket[size[v] - 1]++;
    }
    for (uint32_t s = 0, sum = 0; s < count; s++) {
        uint32_t here = bucket[s];
        bucket[s] = sum;
        sum += here;
    }
    for (uint32_t v = 0; v < count; v++) {
        by_size[bucket[size[v] - 1]++] = v;
    }
    uint32_t roots_used = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = by_size[i], *slot = parent[v] == ROAD_NONE ? &roots_used : &used[parent[v]];
        start[v] = *slot;
        *slot += size[v];
    }
    for (uint32_t v = count; v-- > 0;) {
        start[v] += parent[v] == ROAD_NONE ? 0 : start[parent[v]];
    }
    for (uint32_t v = 0; v < count; v++) {
        by_size[v] = start[v] + size[v] - 1; /* new rank */
    }
    for (uint32_t v = 0; v < count; v++) {
        used[by_size[v]] = parent[v] == ROAD_NONE ? ROAD_NONE : by_size[parent[v]];
        build->rank_of[v] = by_size[build->rank_of[v]];
    }
    memcpy(parent, used, count * sizeof *parent);
}

/* The upward neighbours of each rank: its own and its children's, less itself. Filled into heads, unsorted. Children of v are
 * found by walking down from v - 1, each subtree being a run of ranks. */
static enum status complete(struct build *build, struct error *error)
{
    uint32_t count = build->graph->node_count, *mark = build->work, *size = build->size;
    for (uint32_t v = 0; v < count; v++) {
        mark[v] = ROAD_NONE;
        size[v] = 1;
    }
    for (uint32_t v = 0; v < count; v++) {
        build->head_first[v] = (uint32_t)build->heads.count;
        mark[v] = v;
        for (uint32_t i = build->pair_first[v]; i < build->pair_first[v + 1]; i++) {
            uint32_t head = build->pair_other[i];
            if (mark[head] != v) {
                mark[head] = v;
                if (!vec_push(&build->heads, head)) {
                    return ERROR(error, STATUS_NO_MEMORY, "no memory for the hierarchy's arcs");
                }
            }
        }
        for (uint32_t child = v - 1; v > 0 && build->parent[child] == v; child -= size[child]) {
            size[v] += size[child];
            for (uint32_t i = build->head_first[child]; i < build->head_first[child + 1]; i++) {
                uint32_t head = build->heads.items[i];
                if (mark[head] != v) {
                    mark[head] = v;
                    if (!vec_push(&build->heads, head)) {
                        return ERROR(error, STATUS_NO_MEMORY, "no memory for the hierarchy's arcs");
                    }
                }
            }
            if (child < size[child]) {
                break;
            }
        }
        if (build->heads.count > UP_ARCS_MAX) {
            return ERROR(error, STATUS_FULL, "the hierarchy has more than %d arcs: the network has no small separators",
                         UP_ARCS_MAX);
        }
        build->head_first[v + 1] = (uint32_t)build->heads.count;
    }
    return STATUS_OK;
}

/* Two transpositions sort every list: heads by tail into transposed, then back in ascending order of head. */
static void sort_heads(struct build *build, uint32_t *up_head, uint32_t *up_tail, uint32_t *transposed)
{
    uint32_t count = build->graph->node_count, *first = build->pair_first, *next = build->work;
    uint32_t arc_count = (uint32_t)build->heads.count;
    memset(first, 0, ((size_t)count + 1) * sizeof *first);
    for (uint32_t i = 0; i < arc_count; i++) {
        first[build->heads.items[i] + 1]++;
    }
    for (uint32_t v = 0; v < count; v++) {
        first[v + 1] += first[v];
        next[v] = first[v];
    }
    for (uint32_t v = 0; v < count; v++) {
        for (uint32_t i = build->head_first[v]; i < build->head_first[v + 1]; i++) {
            transposed[next[build->heads.items[i]]++] = v;
        }
    }
    memcpy(next, build->head_first, count * sizeof *next);
    for (uint32_t head = 0; head < count; head++) {
        for (uint32_t i = first[head]; i < first[head + 1]; i++) {
            uint32_t tail = transposed[i];
            up_tail[next[tail]] = tail;
            up_head[next[tail]++] = head;
        }
    }
}

static void map_input_arcs(const struct road_graph *graph, const struct cch *cch, uint32_t *arc_up, uint8_t *arc_is_upward,
                           uint32_t *input_first, uint32_t *input_list)
{
    for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
        uint32_t tail = cch->rank_of[graph->tail[arc]], head = cch->rank_of[graph->head[arc]];
        arc_is_upward[arc] = tail < head;
        arc_up[arc] = tail == head ? ROAD_NONE : cch_find_up_arc(cch, cch_min(tail, head), tail < head ? head : tail);
        CHECK(tail == head || arc_up[arc] != ROAD_NONE);
        if (arc_up[arc] != ROAD_NONE) {
            input_first[arc_up[arc]]++;
        }
    }
    uint32_t sum = 0;
    for (uint32_t u = 0; u <= cch->up_arc_count; u++) {
        sum += u < cch->up_arc_count ? input_first[u] : 0;
        input_first[u] = sum;
    }
    for (uint32_t arc = graph->arc_count; arc-- > 0;) {
        if (arc_up[arc] != ROAD_NONE) {
            input_list[--input_first[arc_up[arc]]] = arc;
        }
    }
}

static enum status build_topology(struct build *build, struct cch *cch, struct error *error)
{
    uint32_t count = build->graph->node_count;
    bucket_pairs(build, true);
    find_elimination_tree(build);
    number_in_post_order(build);
    bucket_pairs(build, false);
    TRY(complete(build, error));
    struct cch_owned *owned = cch->owned;
    uint32_t up_arc_count = (uint32_t)build->heads.count;
    uint32_t *up_head = owned->arrays[3] = allocate(up_arc_count, sizeof *up_head);
    uint32_t *up_tail = owned->arrays[4] = allocate(up_arc_count, sizeof *up_tail);
    uint32_t *input_first = owned->arrays[7] = allocate((size_t)up_arc_count + 1, sizeof *input_first);
    if (up_head == NULL || up_tail == NULL || input_first == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the hierarchy's %u arcs", up_arc_count);
    }
    sort_heads(build, up_head, up_tail, input_first);
    memset(input_first, 0, ((size_t)up_arc_count + 1) * sizeof *input_first);
    memcpy(owned->arrays[2], build->head_first, ((size_t)count + 1) * sizeof *owned->arrays[2]);
    for (uint32_t v = 0; v < count; v++) {
        owned->arrays[1][build->rank_of[v]] = v;
    }
    cch->up_arc_count = up_arc_count;
    cch->up_head = up_head;
    cch->up_tail = up_tail;
    cch->input_first = input_first;
    map_input_arcs(build->graph, cch, owned->arrays[6], owned->arc_is_upward, input_first, owned->arrays[8]);
    return STATUS_OK;
}

static enum status check_permutation(const uint32_t *rank_of, uint32_t count, struct error *error)
{
    uint8_t *seen = allocate(count, 1);
    if (seen == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to check an order of %u nodes", count);
    }
    enum status status = STATUS_OK;
    for (uint32_t v = 0; v < count && status == STATUS_OK; v++) {
        if (rank_of[v] >= count || seen[rank_of[v]]) {
            status = ERROR(error, STATUS_CORRUPT, "the contraction order is not a permutation (node %u)", v);
        } else {
            seen[rank_of[v]] = 1;
        }
    }
    free(seen);
    return status;
}

enum status cch_build(const struct road_graph *graph, const uint32_t *rank_of, struct cch *cch, struct error *error)
{
    uint32_t count = graph->node_count;
    TRY(check_permutation(rank_of, count, error));
    struct cch_owned *owned = calloc(1, sizeof *owned);
    struct cch made = { .node_count = count, .owned = owned };
    struct build build = { .graph = graph };
    enum status status = ERROR(error, STATUS_NO_MEMORY, "no memory for a hierarchy of %u nodes", count);
    if (owned == NULL) {
        return status;
    }
    made.rank_of = build.rank_of = owned->arrays[0] = allocate(count, sizeof(uint32_t));
    made.node_at = owned->arrays[1] = allocate(count, sizeof(uint32_t));
    made.up_first = owned->arrays[2] = allocate((size_t)count + 1, sizeof(uint32_t));
    made.parent = build.parent = owned->arrays[5] = allocate(count, sizeof(uint32_t));
    made.arc_up = owned->arrays[6] = allocate(graph->arc_count, sizeof(uint32_t));
    made.input_list = owned->arrays[8] = allocate(graph->arc_count, sizeof(uint32_t));
    made.arc_is_upward = owned->arc_is_upward = allocate(graph->arc_count, 1);
    build.pair_first = allocate((size_t)count + 1, sizeof(uint32_t));
    build.pair_other = allocate(graph->arc_count, sizeof(uint32_t));
    build.size = allocate(count, sizeof(uint32_t));
    build.start = allocate(count, sizeof(uint32_t));
    build.work = allocate(count, sizeof(uint32_t));
    build.head_first = allocate((size_t)count + 1, sizeof(uint32_t));
    bool complete_set = made.rank_of && made.node_at && made.up_first && made.parent && made.arc_up && made.input_list &&
                        made.arc_is_upward && build.pair_first && build.pair_other && build.size && build.start && build.work &&
                        build.head_first;
    if (complete_set) {
        memcpy(build.rank_of, rank_of, count * sizeof *rank_of);
        status = build_topology(&build, &made, error);
    }
    build_free(&build);
    if (status != STATUS_OK) {
        cch_free(&made);
        return status;
    }
    *cch = made;
    return STATUS_OK;
}

void cch_free(struct cch *cch)
{
    struct cch_owned *owned = cch->owned;
    if (owned != NULL) {
        for (size_t i = 0; i < ARRAY_LENGTH(owned->arrays); i++) {
            free(owned->arrays[i]);
        }
        free(owned->arc_is_upward);
        free(owned);
    }
    *cch = (struct cch){ 0 };
}

/* Offsets start at 0, never fall and end at total. */
static bool offsets_hold(const uint32_t *first, uint32_t count, uint32_t total)
{
    if (first[0] != 0 || first[count] != total) {
        return false;
    }
    for (uint32_t v = 0; v < count; v++) {
        if (first[v] > first[v + 1]) {
            return false;
        }
    }
    return true;
}

/* Each rank's upward arcs: right tail, heads above it and rising; the first is the parent; the others are also the parent's. That
 * closure, by induction along the tree, is all that triangles and depth-indexed arrays rely on. */
static bool up_arcs_hold(const struct cch *cch)
{
    for (uint32_t v = 0; v < cch->node_count; v++) {
        uint32_t first = cch->up_first[v], last = cch->up_first[v + 1], below = v;
        for (uint32_t u = first; u < last; u++) {
            if (cch->up_tail[u] != v || cch->up_head[u] <= below || cch->up_head[u] >= cch->node_count) {
                return false;
            }
            below = cch->up_head[u];
        }
        if (cch->parent[v] != (first < last ? cch->up_head[first] : ROAD_NONE)) {
            return false;
        }
        if (first == last) {
            continue;
        }
        uint32_t of_parent = cch->up_first[cch->parent[v]], parent_last = cch->up_first[cch->parent[v] + 1];
        for (uint32_t u = first + 1; u < last; u++) {
            while (of_parent < parent_last && cch->up_head[of_parent] < cch->up_head[u]) {
                of_parent++;
            }
            if (of_parent == parent_last || cch->up_head[of_parent] != cch->up_head[u]) {
                return false;
            }
        }
    }
    return true;
}

/* Post-order: when a rank comes, its children are the last open subtrees. size is scratch. */
static bool subtrees_are_runs(const struct cch *cch, uint32_t *size)
{
    uint32_t closed = 0, roots = 0;
    for (uint32_t v = 0; v < cch->node_count; v++) {
        size[v] = 1;
        roots += cch->parent[v] == ROAD_NONE;
        while (v >= size[v] && cch->parent[v - size[v]] == v) {
            closed++;
            size[v] += size[v - size[v]];
        }
    }
    return closed + roots == cch->node_count;
}

static bool inputs_hold(const struct cch *cch, const struct road_graph *graph)
{
    uint32_t loops = 0;
    for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
        uint32_t tail = cch->rank_of[graph->tail[arc]], head = cch->rank_of[graph->head[arc]], up = cch->arc_up[arc];
        loops += tail == head;
        if (tail == head ? up != ROAD_NONE : up >= cch->up_arc_count) {
            return false;
        }
        if (tail != head && (cch->up_tail[up] != cch_min(tail, head) || cch->up_head[up] != (tail < head ? head : tail) ||
                             cch->arc_is_upward[arc] != (tail < head))) {
            return false;
        }
    }
    uint32_t listed = graph->arc_count - loops;
    if (!offsets_hold(cch->input_first, cch->up_arc_count, listed)) {
        return false;
    }
    for (uint32_t up = 0; up < cch->up_arc_count; up++) {
        for (uint32_t i = cch->input_first[up]; i < cch->input_first[up + 1]; i++) {
            bool rises = i == cch->input_first[up] || cch->input_list[i - 1] < cch->input_list[i];
            if (!rises || cch->input_list[i] >= graph->arc_count || cch->arc_up[cch->input_list[i]] != up) {
                return false;
            }
        }
    }
    return true; /* rising and each in its own list, as many as there are: every arc stands exactly once */
}

enum status cch_check(const struct cch *cch, const struct road_graph *graph, struct error *error)
{
    if (cch->node_count != graph->node_count || cch->up_arc_count > UP_ARCS_MAX) {
        return ERROR(error, STATUS_CORRUPT, "the contraction hierarchy is not this network's (%u nodes, %u wanted)",
                     cch->node_count, graph->node_count);
    }
    TRY(check_permutation(cch->rank_of, cch->node_count, error));
    for (uint32_t v = 0; v < cch->node_count; v++) {
        if (cch->node_at[cch->rank_of[v]] != v) {
            return ERROR(error, STATUS_CORRUPT, "the contraction order and its inverse disagree (node %u)", v);
        }
    }
    if (!offsets_hold(cch->up_first, cch->node_count, cch->up_arc_count) || !up_arcs_hold(cch)) {
        return ERROR(error, STATUS_CORRUPT, "the upward arcs of the contraction hierarchy are damaged");
    }
    uint32_t *size = allocate(cch->node_count, sizeof *size);
    if (size == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to check a hierarchy of %u nodes", cch->node_count);
    }
    bool runs = subtrees_are_runs(cch, size);
    free(size);
    if (!runs) {
        return ERROR(error, STATUS_CORRUPT, "the elimination tree of the contraction hierarchy is not in post-order");
    }
    if (!inputs_hold(cch, graph)) {
        return ERROR(error, STATUS_CORRUPT, "the contraction hierarchy does not fit the arcs of the network");
    }
    return STATUS_OK;
}
