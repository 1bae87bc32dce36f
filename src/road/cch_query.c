/* Queries on a customized hierarchy: pairs, paths, one to many, many to many, one to all.
 *
 * Every quickest path climbs from its start along up arcs to a highest node and descends to its end; what a node can climb to are
 * its ancestors in the elimination tree. So a search needs no queue: it walks the ancestors in rising rank.
 *
 * Workload: from single pairs (microseconds) to matrices of 1,000 x 1,000. A matrix cuts the part of the hierarchy out that lies
 * above its ends and sweeps 16 starts at a time over it. Scratch: 17 bytes a node, and the cut-out parts while a matrix runs. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "road/cch.h"
#include "road/cch_kernels.h"
#include "road/cch_private.h"

VEC_TYPE(rank_vec, uint32_t);

/* A search from one end: distances in rank space, infinite wherever nothing was visited, and what was visited, rising. */
struct climb {
    road_ticks *distance;
    struct rank_vec visited;
};

/* The same with keys and the way back, for paths. */
struct traced_climb {
    uint64_t *key;
    uint32_t *by_arc; /* up arc that led to the rank; ROAD_NONE at a seed */
    struct rank_vec visited;
};

struct cch_query {
    const struct cch_metric *metric;
    const struct cch *cch;
    const struct cch_kernels *kernels;
    struct climb forward, backward;
    struct traced_climb traced[2]; /* arrays made at the first path */
    uint64_t *marked;              /* a bit a rank */
    uint32_t *index_of;            /* of marked ranks within a cut-out part; made at the first matrix */
    struct cch_arc_list path;
};

enum status cch_query_create(const struct cch_metric *metric, struct cch_query **query, struct error *error)
{
    uint32_t count = metric->cch->node_count;
    struct cch_query *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->metric = metric;
        made->cch = metric->cch;
        made->kernels = cch_kernels();
        made->forward.distance = malloc(((size_t)count + 1) * sizeof(road_ticks));
        made->backward.distance = malloc(((size_t)count + 1) * sizeof(road_ticks));
        made->marked = calloc(count / 64 + 1, sizeof *made->marked);
    }
    size_t visited_max = (size_t)metric->level_count * ROAD_SEEDS_MAX + 1; /* so that climbs never allocate */
    if (made == NULL || !made->forward.distance || !made->backward.distance || !made->marked ||
        !vec_reserve(&made->forward.visited, visited_max) || !vec_reserve(&made->backward.visited, visited_max)) {
        cch_query_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for queries on %u nodes", count);
    }
    for (uint32_t rank = 0; rank < count; rank++) {
        made->forward.distance[rank] = made->backward.distance[rank] = ROAD_INFINITY;
    }
    *query = made;
    return STATUS_OK;
}

void cch_query_destroy(struct cch_query *query)
{
    if (query == NULL) {
        return;
    }
    free(query->forward.distance);
    free(query->backward.distance);
    vec_free(&query->forward.visited);
    vec_free(&query->backward.visited);
    for (int side = 0; side < 2; side++) {
        free(query->traced[side].key);
        free(query->traced[side].by_arc);
        vec_free(&query->traced[side].visited);
    }
    free(query->marked);
    free(query->index_of);
    vec_free(&query->path);
    free(query);
}

/* ---- walking the ancestors of several seeds in rising rank ---- */

struct ancestry {
    uint32_t count;
    uint32_t rank[ROAD_SEEDS_MAX]; /* next of each line, distinct */
};

static struct ancestry ancestry_of(const struct cch *cch, const struct road_seeds *seeds)
{
    struct ancestry ancestry = { 0 };
    CHECK(seeds->count <= ROAD_SEEDS_MAX);
    for (uint32_t i = 0; i < seeds->count; i++) {
        CHECK(seeds->seed[i].node < cch->node_count);
        uint32_t rank = cch->rank_of[seeds->seed[i].node], j = 0;
        while (j < ancestry.count && ancestry.rank[j] != rank) {
            j++;
        }
        ancestry.rank[j] = rank;
        ancestry.count += j == ancestry.count;
    }
    return ancestry;
}

/* The lowest rank that has not been given out, or ROAD_NONE. Lines that meet become one. */
static uint32_t next_ancestor(const struct cch *cch, struct ancestry *ancestry)
{
    if (ancestry->count == 0) {
        return ROAD_NONE;
    }
    uint32_t lowest = 0;
    for (uint32_t i = 1; i < ancestry->count; i++) {
        lowest = ancestry->rank[i] < ancestry->rank[lowest] ? i : lowest;
    }
    uint32_t rank = ancestry->rank[lowest], parent = cch->parent[rank];
    bool ends = parent == ROAD_NONE;
    for (uint32_t i = 0; i < ancestry->count && !ends; i++) {
        ends = ancestry->rank[i] == parent;
    }
    if (ends) {
        ancestry->rank[lowest] = ancestry->rank[--ancestry->count];
    } else {
        ancestry->rank[lowest] = parent;
    }
    return rank;
}

static void plant_seeds(const struct cch *cch, const struct road_seeds *seeds, road_ticks *distance)
{
    for (uint32_t i = 0; i < seeds->count; i++) {
        road_ticks *target = &distance[cch->rank_of[seeds->seed[i].node]];
        *target = cch_min(*target, seeds->seed[i].ticks);
    }
}

/* Distances from the seeds to all their ancestors over up arcs of the given weights. */
static void climb(const struct cch *cch, const struct road_seeds *seeds, const road_ticks *weights, struct climb *result)
{
    struct ancestry ancestry = ancestry_of(cch, seeds);
    road_ticks *distance = result->distance;
    result->visited.count = 0;
    plant_seeds(cch, seeds, distance);
    for (uint32_t rank = next_ancestor(cch, &ancestry); rank != ROAD_NONE; rank = next_ancestor(cch, &ancestry)) {
        result->visited.items[result->visited.count++] = rank;
        road_ticks here = distance[rank];
        if (here >= ROAD_INFINITY) {
            continue;
        }
        for (uint32_t u = cch->up_first[rank]; u < cch->up_first[rank + 1]; u++) {
            uint32_t head = cch->up_head[u];
            distance[head] = cch_min(distance[head], here + weights[u]);
        }
    }
}

static void forget_climb(struct climb *result)
{
    for (size_t i = 0; i < result->visited.count; i++) {
        result->distance[result->visited.items[i]] = ROAD_INFINITY;
    }
    result->visited.count = 0;
}

road_ticks cch_query_distance(struct cch_query *query, const struct road_seeds *from, const struct road_seeds *to)
{
    climb(query->cch, from, query->metric->up, &query->forward);
    climb(query->cch, to, query->metric->down, &query->backward);
    road_ticks least = ROAD_INFINITY;
    for (size_t i = 0; i < query->backward.visited.count; i++) {
        uint32_t rank = query->backward.visited.items[i];
        least = cch_min(least, query->forward.distance[rank] + query->backward.distance[rank]);
    }
    forget_climb(&query->forward);
    forget_climb(&query->backward);
    return least;
}

/* ---- paths ---- */

static bool make_traced(struct traced_climb *traced, const struct cch_metric *metric)
{
    if (traced->key != NULL) {
        return true;
    }
    uint32_t count = metric->cch->node_count;
    uint64_t *key = malloc(((size_t)count + 1) * sizeof *key);
    uint32_t *by_arc = malloc(((size_t)count + 1) * sizeof *by_arc);
    if (key == NULL || by_arc == NULL || !vec_reserve(&traced->visited, (size_t)metric->level_count * ROAD_SEEDS_MAX + 1)) {
        free(key);
        free(by_arc);
        return false;
    }
    for (uint32_t rank = 0; rank < count; rank++) {
        key[rank] = CCH_KEY_INFINITY;
    }
    traced->key = key;
    traced->by_arc = by_arc;
    return true;
}

static void climb_traced(const struct cch_metric *metric, const struct road_seeds *seeds, bool upward,
                         struct traced_climb *traced)
{
    const struct cch *cch = metric->cch;
    struct ancestry ancestry = ancestry_of(cch, seeds);
    traced->visited.count = 0;
    for (uint32_t i = 0; i < seeds->count; i++) {
        uint32_t rank = cch->rank_of[seeds->seed[i].node];
        traced->key[rank] = cch_min_key(traced->key[rank], cch_key(cch_min(seeds->seed[i].ticks, ROAD_INFINITY), 0));
        traced->by_arc[rank] = ROAD_NONE;
    }
    for (uint32_t rank = next_ancestor(cch, &ancestry); rank != ROAD_NONE; rank = next_ancestor(cch, &ancestry)) {
        traced->visited.items[traced->visited.count++] = rank;
        uint64_t here = traced->key[rank];
        for (uint32_t u = cch->up_first[rank]; u < cch->up_first[rank + 1] && here < CCH_KEY_INFINITY; u++) {
            uint64_t over = here + (upward ? cch_up_key(metric, u) : cch_down_key(metric, u));
            if (over < traced->key[cch->up_head[u]]) {
                traced->key[cch->up_head[u]] = over;
                traced->by_arc[cch->up_head[u]] = u;
            }
        }
    }
}

static void forget_traced(struct traced_climb *traced)
{
    for (size_t i = 0; i < traced->visited.count; i++) {
        traced->key[traced->visited.items[i]] = CCH_KEY_INFINITY;
    }
    traced->visited.count = 0;
}

/* The rank where the quickest path turns from climbing to descending, or ROAD_NONE. */
static uint32_t find_top(const struct cch_query *query, road_ticks *ticks)
{
    uint64_t least = CCH_KEY_INFINITY;
    uint32_t top = ROAD_NONE;
    for (size_t i = 0; i < query->traced[1].visited.count; i++) {
        uint32_t rank = query->traced[1].visited.items[i];
        uint64_t sum = query->traced[0].key[rank] + query->traced[1].key[rank];
        if (sum < least) {
            least = sum;
            top = rank;
        }
    }
    *ticks = (road_ticks)(least >> 32);
    return top;
}

/* Appends the way from a seed up to the top (then from_node is that seed's node) and down again. False without memory. */
static bool trace(struct cch_query *query, uint32_t top, uint32_t *from_node, uint32_t *to_node)
{
    const struct cch *cch = query->cch;
    struct rank_vec climbed = { 0 };
    uint32_t rank = top, u;
    bool fits = true;
    while (fits && (u = query->traced[0].by_arc[rank]) != ROAD_NONE) {
        fits = vec_push(&climbed, u);
        rank = cch->up_tail[u];
    }
    *from_node = cch->node_at[rank];
    while (fits && climbed.count > 0) {
        fits = cch_unpack(query->metric, climbed.items[--climbed.count], true, &query->path);
    }
    for (rank = top; fits && (u = query->traced[1].by_arc[rank]) != ROAD_NONE; rank = cch->up_tail[u]) {
        fits = cch_unpack(query->metric, u, false, &query->path);
    }
    *to_node = cch->node_at[rank];
    vec_free(&climbed);
    return fits;
}

enum status cch_query_path(struct cch_query *query, const struct road_seeds *from, const struct road_seeds *to,
                           struct cch_path *path, struct error *error)
{
    const struct cch_metric *metric = query->metric;
    if (!make_traced(&query->traced[0], metric) || !make_traced(&query->traced[1], metric)) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for paths on %u nodes", query->cch->node_count);
    }
    *path = (struct cch_path){ .ticks = ROAD_INFINITY, .from_node = ROAD_NONE, .to_node = ROAD_NONE };
    query->path.count = 0;
    climb_traced(metric, from, true, &query->traced[0]);
    climb_traced(metric, to, false, &query->traced[1]);
    uint32_t top = find_top(query, &path->ticks);
    bool fits = top == ROAD_NONE || trace(query, top, &path->from_node, &path->to_node);
    forget_traced(&query->traced[0]);
    forget_traced(&query->traced[1]);
    if (!fits) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a path");
    }
    path->arcs = query->path.items;
    path->arc_count = (uint32_t)query->path.count;
    return STATUS_OK;
}

/* ---- one end fixed, many others ---- */

static void mark_ancestors(const struct cch *cch, const struct road_seeds *seeds, uint64_t *marked)
{
    for (uint32_t i = 0; i < seeds->count; i++) {
        CHECK(seeds->seed[i].node < cch->node_count);
        uint32_t rank = cch->rank_of[seeds->seed[i].node];
        while (rank != ROAD_NONE && !(marked[rank / 64] >> (rank % 64) & 1)) {
            marked[rank / 64] |= UINT64_C(1) << (rank % 64);
            rank = cch->parent[rank];
        }
    }
}

static inline road_ticks least_over_heads(const struct cch *cch, const road_ticks *weights, const road_ticks *distance,
                                          uint32_t rank)
{
    road_ticks least = distance[rank];
    for (uint32_t u = cch->up_first[rank]; u < cch->up_first[rank + 1]; u++) {
        least = cch_min(least, distance[cch->up_head[u]] + weights[u]);
    }
    return least;
}

static road_ticks at_seeds(const struct cch *cch, const struct road_seeds *seeds, const road_ticks *distance)
{
    road_ticks least = ROAD_INFINITY;
    for (uint32_t i = 0; i < seeds->count; i++) {
        least = cch_min(least, distance[cch->rank_of[seeds->seed[i].node]] + cch_min(seeds->seed[i].ticks, ROAD_INFINITY));
    }
    return least;
}

/* Climb from one, then settle all ancestors of the others from the top down, by the weights of the opposite direction. */
static void one_and_many(struct cch_query *query, const struct road_seeds *one, const road_ticks *climb_weights,
                         const struct road_seeds *many, uint32_t many_count, const road_ticks *sweep_weights, road_ticks *ticks)
{
    const struct cch *cch = query->cch;
    road_ticks *distance = query->forward.distance;
    climb(cch, one, climb_weights, &query->forward);
    for (uint32_t i = 0; i < many_count; i++) {
        mark_ancestors(cch, &many[i], query->marked);
    }
    for (size_t word = cch->node_count / 64 + 1; word-- > 0;) {
        for (uint64_t bits = query->marked[word]; bits != 0;) {
            uint32_t bit = 63 - (uint32_t)__builtin_clzll(bits), rank = (uint32_t)word * 64 + bit;
            bits &= ~(UINT64_C(1) << bit);
            distance[rank] = least_over_heads(cch, sweep_weights, distance, rank);
        }
    }
    for (uint32_t i = 0; i < many_count; i++) {
        ticks[i] = at_seeds(cch, &many[i], distance);
    }
    for (size_t word = 0; word <= cch->node_count / 64; word++) {
        for (uint64_t bits = query->marked[word]; bits != 0; bits &= bits - 1) {
            distance[word * 64 + (size_t)__builtin_ctzll(bits)] = ROAD_INFINITY;
        }
        query->marked[word] = 0;
    }
    forget_climb(&query->forward);
}

void cch_one_to_many(struct cch_query *query, const struct road_seeds *from, const struct road_seeds *to, uint32_t to_count,
                     road_ticks *ticks)
{
    one_and_many(query, from, query->metric->up, to, to_count, query->metric->down, ticks);
}

void cch_many_to_one(struct cch_query *query, const struct road_seeds *from, uint32_t from_count, const struct road_seeds *to,
                     road_ticks *ticks)
{
    one_and_many(query, to, query->metric->down, from, from_count, query->metric->up, ticks);
}

/* ---- one to all ---- */

static void one_and_all(struct cch_query *query, const struct road_seeds *one, const road_ticks *climb_weights,
                        const road_ticks *sweep_weights, road_ticks *ticks)
{
    const struct cch *cch = query->cch;
    road_ticks *distance = query->forward.distance;
    climb(cch, one, climb_weights, &query->forward);
    for (uint32_t rank = cch->node_count; rank-- > 0;) {
        distance[rank] = least_over_heads(cch, sweep_weights, distance, rank);
    }
    for (uint32_t node = 0; node < cch->node_count; node++) {
        ticks[node] = distance[cch->rank_of[node]];
    }
    for (uint32_t rank = 0; rank < cch->node_count; rank++) {
        distance[rank] = ROAD_INFINITY;
    }
    query->forward.visited.count = 0;
}

void cch_from_one_to_all(struct cch_query *query, const struct road_seeds *from, road_ticks *ticks)
{
    one_and_all(query, from, query->metric->up, query->metric->down, ticks);
}

void cch_from_all_to_one(struct cch_query *query, const struct road_seeds *to, road_ticks *ticks)
{
    one_and_all(query, to, query->metric->down, query->metric->up, ticks);
}

/* ---- many to many ---- */

/* The part of the hierarchy above some ends, renumbered: index rises with rank. */
struct part {
    uint32_t count;
    uint32_t *rank;
    uint32_t *first, *head; /* up arcs, heads as indices */
    road_ticks *weight;
    road_ticks *distance; /* count x 16, aligned to 64 bytes */
    void *memory;
};

static void part_free(struct part *part)
{
    free(part->memory);
    free(part->distance);
}

/* Cut out what lies above the ends; leaves marked clear and index_of set for the part's ranks. */
static bool cut_out(struct cch_query *query, const struct road_seeds *ends, uint32_t end_count, const road_ticks *weights,
                    struct part *part)
{
    const struct cch *cch = query->cch;
    size_t nodes = 0, arcs = 0, at = 0;
    for (uint32_t i = 0; i < end_count; i++) {
        mark_ancestors(cch, &ends[i], query->marked);
    }
    for (uint32_t word = 0; word <= cch->node_count / 64; word++) {
        for (uint64_t bits = query->marked[word]; bits != 0; bits &= bits - 1) {
            uint32_t rank = word * 64 + (uint32_t)__builtin_ctzll(bits);
            query->index_of[rank] = (uint32_t)nodes++;
            arcs += cch->up_first[rank + 1] - cch->up_first[rank];
        }
    }
    *part = (struct part){ .count = (uint32_t)nodes };
    part->memory = malloc((2 * nodes + 2 * arcs + 2) * sizeof(uint32_t));
    part->distance = aligned_alloc(64, (nodes + 1) * SWEEP_LANES * sizeof(road_ticks));
    if (part->memory == NULL || part->distance == NULL) {
        memset(query->marked, 0, ((size_t)cch->node_count / 64 + 1) * sizeof *query->marked);
        return false;
    }
    part->rank = part->memory;
    part->first = part->rank + nodes;
    part->head = part->first + nodes + 1;
    part->weight = part->head + arcs;
    nodes = 0;
    for (uint32_t word = 0; word <= cch->node_count / 64; word++) {
        for (uint64_t bits = query->marked[word]; bits != 0; bits &= bits - 1) {
            uint32_t rank = word * 64 + (uint32_t)__builtin_ctzll(bits);
            part->rank[nodes] = rank;
            part->first[nodes++] = (uint32_t)at;
            for (uint32_t u = cch->up_first[rank]; u < cch->up_first[rank + 1]; u++) {
                part->head[at] = query->index_of[cch->up_head[u]];
                part->weight[at++] = weights[u];
            }
        }
        query->marked[word] = 0;
    }
    part->first[nodes] = (uint32_t)at;
    for (size_t i = 0; i < nodes * SWEEP_LANES; i++) {
        part->distance[i] = ROAD_INFINITY;
    }
    return true;
}

struct matrix_run {
    struct cch_query *query;
    struct part sources, targets;
    uint32_t *source_of;             /* targets.count: index of the same rank in sources, or ROAD_NONE */
    uint32_t *from_order;            /* starts sorted by rank, so that a batch climbs much the same ancestors */
    uint32_t *from_index, *to_index; /* of each seed in its part, ROAD_SEEDS_MAX apart */
    uint64_t *marked;                /* a bit an index of sources: what the batch climbs */
};

struct ranked_end {
    uint32_t rank, end;
};

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked_end *a = left, *b = right;
    int by_rank = (a->rank > b->rank) - (a->rank < b->rank);
    return by_rank != 0 ? by_rank : (a->end > b->end) - (a->end < b->end);
}

static void index_seeds(const struct cch_query *query, const struct road_seeds *ends, uint32_t count, uint32_t *index)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t s = 0; s < ends[i].count; s++) {
            index[(size_t)i * ROAD_SEEDS_MAX + s] = query->index_of[query->cch->rank_of[ends[i].seed[s].node]];
        }
    }
}

static bool sort_starts(struct matrix_run *run, const struct road_seeds *from, uint32_t from_count)
{
    struct ranked_end *ranked = malloc(((size_t)from_count + 1) * sizeof *ranked);
    if (ranked == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < from_count; i++) {
        ranked[i] = (struct ranked_end){ from[i].count == 0 ? 0 : run->query->cch->rank_of[from[i].seed[0].node], i };
    }
    qsort(ranked, from_count, sizeof *ranked, compare_ranked);
    for (uint32_t i = 0; i < from_count; i++) {
        run->from_order[i] = ranked[i].end;
    }
    free(ranked);
    return true;
}

static bool prepare_run(struct matrix_run *run, const struct road_seeds *from, uint32_t from_count, const struct road_seeds *to,
                        uint32_t to_count)
{
    struct cch_query *query = run->query;
    size_t nodes = query->cch->node_count;
    if (query->index_of == NULL && (query->index_of = malloc((nodes + 1) * sizeof(uint32_t))) == NULL) {
        return false;
    }
    run->from_order = malloc(((size_t)from_count + 1) * sizeof(uint32_t));
    run->from_index = malloc(((size_t)from_count * ROAD_SEEDS_MAX + 1) * sizeof(uint32_t));
    run->to_index = malloc(((size_t)to_count * ROAD_SEEDS_MAX + 1) * sizeof(uint32_t));
    if (!run->from_order || !run->from_index || !run->to_index || !sort_starts(run, from, from_count) ||
        !cut_out(query, to, to_count, query->metric->down, &run->targets)) {
        return false;
    }
    index_seeds(query, to, to_count, run->to_index);
    if (!cut_out(query, from, from_count, query->metric->up, &run->sources)) {
        return false;
    }
    index_seeds(query, from, from_count, run->from_index);
    run->source_of = malloc(((size_t)run->targets.count + 1) * sizeof(uint32_t));
    run->marked = calloc(run->sources.count / 64 + 1, sizeof *run->marked);
    if (run->source_of == NULL || run->marked == NULL) {
        return false;
    }
    uint32_t source = 0;
    for (uint32_t i = 0; i < run->targets.count; i++) {
        while (source < run->sources.count && run->sources.rank[source] < run->targets.rank[i]) {
            source++;
        }
        bool same = source < run->sources.count && run->sources.rank[source] == run->targets.rank[i];
        run->source_of[i] = same ? source : ROAD_NONE;
    }
    return true;
}

static void free_run(struct matrix_run *run)
{
    part_free(&run->sources);
    part_free(&run->targets);
    free(run->source_of);
    free(run->from_order);
    free(run->from_index);
    free(run->to_index);
    free(run->marked);
}

/* Plant up to 16 starts in their lanes and climb the union of their ancestors. */
static void climb_batch(struct matrix_run *run, const struct road_seeds *from, const uint32_t *batch, uint32_t lanes)
{
    struct part *part = &run->sources;
    for (uint32_t lane = 0; lane < lanes; lane++) {
        const struct road_seeds *seeds = &from[batch[lane]];
        for (uint32_t s = 0; s < seeds->count; s++) {
            uint32_t index = run->from_index[(size_t)batch[lane] * ROAD_SEEDS_MAX + s];
            road_ticks *distance = &part->distance[(size_t)index * SWEEP_LANES + lane];
            *distance = cch_min(*distance, seeds->seed[s].ticks);
            while (!(run->marked[index / 64] >> (index % 64) & 1)) {
                run->marked[index / 64] |= UINT64_C(1) << (index % 64);
                if (part->first[index] == part->first[index + 1]) {
                    break;
                }
                index = part->head[part->first[index]];
            }
        }
    }
    for (uint32_t word = 0; word <= part->count / 64; word++) {
        for (uint64_t bits = run->marked[word]; bits != 0; bits &= bits - 1) {
            uint32_t index = word * 64 + (uint32_t)__builtin_ctzll(bits);
            run->query->kernels->relax_heads(part->distance + (size_t)index * SWEEP_LANES, part->distance, part->head,
                                             part->weight, part->first[index], part->first[index + 1]);
        }
    }
}

static void sweep_batch(struct matrix_run *run)
{
    struct part *part = &run->targets;
    for (uint32_t index = part->count; index-- > 0;) {
        road_ticks *node = part->distance + (size_t)index * SWEEP_LANES;
        uint32_t source = run->source_of[index];
        for (uint32_t lane = 0; lane < SWEEP_LANES; lane++) {
            node[lane] = source == ROAD_NONE ? ROAD_INFINITY : run->sources.distance[(size_t)source * SWEEP_LANES + lane];
        }
        run->query->kernels->gather_heads(node, part->distance, part->head, part->weight, part->first[index],
                                          part->first[index + 1]);
    }
}

static void forget_batch(struct matrix_run *run)
{
    for (uint32_t word = 0; word <= run->sources.count / 64; word++) {
        for (uint64_t bits = run->marked[word]; bits != 0; bits &= bits - 1) {
            size_t index = word * 64 + (size_t)__builtin_ctzll(bits);
            for (uint32_t lane = 0; lane < SWEEP_LANES; lane++) {
                run->sources.distance[index * SWEEP_LANES + lane] = ROAD_INFINITY;
            }
        }
        run->marked[word] = 0;
    }
}

static void write_batch(const struct matrix_run *run, const uint32_t *batch, uint32_t lanes, const struct road_seeds *to,
                        uint32_t to_count, road_ticks *ticks)
{
    for (uint32_t j = 0; j < to_count; j++) {
        road_ticks least[SWEEP_LANES];
        for (uint32_t lane = 0; lane < SWEEP_LANES; lane++) {
            least[lane] = ROAD_INFINITY;
        }
        for (uint32_t s = 0; s < to[j].count; s++) {
            const road_ticks *distance = run->targets.distance +
                                         (size_t)run->to_index[(size_t)j * ROAD_SEEDS_MAX + s] * SWEEP_LANES;
            road_ticks more = cch_min(to[j].seed[s].ticks, ROAD_INFINITY);
            for (uint32_t lane = 0; lane < SWEEP_LANES; lane++) {
                least[lane] = cch_min(least[lane], distance[lane] + more);
            }
        }
        for (uint32_t lane = 0; lane < lanes; lane++) {
            ticks[(size_t)batch[lane] * to_count + j] = least[lane];
        }
    }
}

enum status cch_many_to_many(struct cch_query *query, const struct road_seeds *from, uint32_t from_count,
                             const struct road_seeds *to, uint32_t to_count, road_ticks *ticks, struct error *error)
{
    if (from_count == 0 || to_count == 0) {
        return STATUS_OK;
    }
    if (from_count == 1) {
        cch_one_to_many(query, from, to, to_count, ticks);
        return STATUS_OK;
    }
    if (to_count == 1) {
        cch_many_to_one(query, from, from_count, to, ticks);
        return STATUS_OK;
    }
    struct matrix_run run = { .query = query };
    if (!prepare_run(&run, from, from_count, to, to_count)) {
        free_run(&run);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a matrix of %u x %u", from_count, to_count);
    }
    for (uint32_t first = 0; first < from_count; first += SWEEP_LANES) {
        uint32_t lanes = cch_min(SWEEP_LANES, from_count - first);
        climb_batch(&run, from, run.from_order + first, lanes);
        sweep_batch(&run); /* NOLINT(clang-analyzer-unix.Malloc): free_run frees run.from_order, which no sweep touches */
        write_batch(&run, run.from_order + first, lanes, to, to_count, ticks);
        forget_batch(&run);
    }
    free_run(&run);
    return STATUS_OK;
}
