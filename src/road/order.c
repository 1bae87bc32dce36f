/* The contraction order: nested dissection with small separators.
 *
 * First what needs no separator: leaves, then nodes with two neighbours, every other one of a chain in turn, so that a chain of n
 * nodes gives a tree of depth log n. What remains (the core: junctions of three and more ways) is cut by separators
 * (order_separator.c) into pieces, the separators ranking above the pieces, until pieces are small; those are ordered by minimum
 * degree with the nodes around them taken into account.
 *
 * Workload: once a city, 10,000 to 5,000,000 nodes; seconds. Deterministic. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "road/cch.h"
#include "road/order_private.h"

enum { SMALL_PIECE = 60, HALO_MAX = 256, ROW_WORDS = HALO_MAX / 64 };

struct segment {
    uint32_t begin, end; /* of permutation */
};
VEC_TYPE(segment_vec, struct segment);

struct ordering {
    const struct road_graph *graph;
    uint32_t node_count;
    uint32_t *first;    /* node_count + 1: room of each node in adjacent */
    uint32_t *degree;   /* neighbours that are left */
    uint32_t *adjacent; /* undirected, simple */
    uint32_t *rank_of;
    uint32_t next_rank;    /* of the nodes ordered from the bottom */
    uint32_t *permutation; /* the core; ends up in ascending rank */
    uint32_t core_count;
    uint32_t *local_of; /* node -> number within the piece at hand, else ROAD_NONE */
    uint32_t *queue, *component;
    struct piece piece;
    struct separator_finder *finder;
    struct segment_vec segments;
};

static void ordering_free(struct ordering *ordering)
{
    free(ordering->first);
    free(ordering->degree);
    free(ordering->adjacent);
    free(ordering->permutation);
    free(ordering->local_of);
    free(ordering->queue);
    free(ordering->component);
    free(ordering->piece.first);
    free(ordering->piece.adjacent);
    free(ordering->piece.x);
    free(ordering->piece.y);
    separator_finder_destroy(ordering->finder);
    vec_free(&ordering->segments);
}

static bool ordering_allocate(struct ordering *ordering)
{
    size_t n = (size_t)ordering->node_count + 1, m = 2 * (size_t)ordering->graph->arc_count + 1;
    ordering->first = calloc(n, sizeof(uint32_t));
    ordering->degree = calloc(n, sizeof(uint32_t));
    ordering->adjacent = malloc(m * sizeof(uint32_t));
    ordering->rank_of = malloc(n * sizeof(uint32_t));
    ordering->permutation = malloc(n * sizeof(uint32_t));
    ordering->local_of = malloc(n * sizeof(uint32_t));
    ordering->queue = malloc(n * sizeof(uint32_t));
    ordering->component = malloc(n * sizeof(uint32_t));
    return ordering->first && ordering->degree && ordering->adjacent && ordering->rank_of && ordering->permutation &&
           ordering->local_of && ordering->queue && ordering->component;
}

/* Undirected, without self-loops and doubles. */
static void make_simple(struct ordering *ordering)
{
    const struct road_graph *graph = ordering->graph;
    uint32_t count = ordering->node_count, *first = ordering->first, *mark = ordering->local_of;
    for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
        first[graph->tail[arc]]++;
        first[graph->head[arc]]++;
    }
    uint32_t sum = 0;
    for (uint32_t v = 0; v <= count; v++) {
        sum += v < count ? first[v] : 0;
        first[v] = sum;
    }
    for (uint32_t arc = graph->arc_count; arc-- > 0;) {
        ordering->adjacent[--first[graph->tail[arc]]] = graph->head[arc];
        ordering->adjacent[--first[graph->head[arc]]] = graph->tail[arc];
    }
    memset(mark, 0xFF, count * sizeof *mark);
    for (uint32_t v = 0; v < count; v++) {
        uint32_t kept = first[v];
        mark[v] = v;
        for (uint32_t i = first[v]; i < first[v + 1]; i++) {
            uint32_t w = ordering->adjacent[i];
            if (mark[w] != v) {
                mark[w] = v;
                ordering->adjacent[kept++] = w;
            }
        }
        ordering->degree[v] = kept - first[v];
    }
    memset(mark, 0xFF, count * sizeof *mark);
}

/* ---- leaves and chains ---- */

static uint32_t position_of(const struct ordering *ordering, uint32_t node, uint32_t neighbour)
{
    for (uint32_t i = ordering->first[node]; i < ordering->first[node] + ordering->degree[node]; i++) {
        if (ordering->adjacent[i] == neighbour) {
            return i;
        }
    }
    return ROAD_NONE;
}

static void remove_neighbour(struct ordering *ordering, uint32_t node, uint32_t neighbour)
{
    uint32_t at = position_of(ordering, node, neighbour), last = ordering->first[node] + --ordering->degree[node];
    ordering->adjacent[at] = ordering->adjacent[last];
}

/* Contract a node of at most two neighbours: the next rank; its neighbours become neighbours of each other. */
static void contract(struct ordering *ordering, uint32_t node)
{
    const uint32_t *around = ordering->adjacent + ordering->first[node];
    if (ordering->degree[node] == 1) {
        remove_neighbour(ordering, around[0], node);
    } else if (ordering->degree[node] == 2) {
        uint32_t a = around[0], b = around[1];
        if (position_of(ordering, a, b) != ROAD_NONE) {
            remove_neighbour(ordering, a, node);
            remove_neighbour(ordering, b, node);
        } else {
            ordering->adjacent[position_of(ordering, a, node)] = b;
            ordering->adjacent[position_of(ordering, b, node)] = a;
        }
    }
    ordering->degree[node] = ROAD_NONE;
    ordering->rank_of[node] = ordering->next_rank++;
}

/* Contract the node if it is a leaf, then what becomes one. Returns the node that has just come down to two neighbours and so
 * may be of a chain now, or ROAD_NONE. */
static uint32_t strip_leaves(struct ordering *ordering, uint32_t node)
{
    while (ordering->degree[node] <= 1) {
        uint32_t next = ordering->degree[node] == 1 ? ordering->adjacent[ordering->first[node]] : ROAD_NONE;
        contract(ordering, node);
        if (next == ROAD_NONE) {
            return ROAD_NONE;
        }
        node = next;
        if (ordering->degree[node] == 2) {
            return node;
        }
    }
    return ROAD_NONE;
}

/* Contract every candidate whose neighbours were left alone in this round; the others wait in deferred. Returns how many. Degrees
 * only fall, so that a node comes down to two but once and the lists never outgrow the nodes. */
static uint32_t contract_chain_round(struct ordering *ordering, const uint32_t *candidates, uint32_t count, uint32_t round,
                                     uint32_t *touched, uint32_t *deferred)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = candidates[i], *degree = ordering->degree;
        if (degree[v] <= 1) {
            uint32_t next = strip_leaves(ordering, v);
            if (next != ROAD_NONE) {
                deferred[left++] = next;
            }
        } else if (degree[v] == 2 && touched[v] == round) {
            deferred[left++] = v;
        } else if (degree[v] == 2) {
            uint32_t ends[2] = { ordering->adjacent[ordering->first[v]], ordering->adjacent[ordering->first[v] + 1] };
            uint32_t before[2] = { degree[ends[0]], degree[ends[1]] };
            contract(ordering, v);
            for (int end = 0; end < 2; end++) {
                touched[ends[end]] = round;
                if (before[end] == 3 && degree[ends[end]] == 2) {
                    deferred[left++] = ends[end];
                }
            }
        }
    }
    return left;
}

static void contract_leaves_and_chains(struct ordering *ordering)
{
    uint32_t count = ordering->node_count, *candidates = ordering->queue, *deferred = ordering->permutation, left = 0;
    for (uint32_t v = 0; v < count; v++) {
        (void)strip_leaves(ordering, v);
    }
    for (uint32_t v = 0; v < count; v++) {
        while (ordering->degree[v] <= 1) { /* a strip that paused at two neighbours and lost another since */
            (void)strip_leaves(ordering, v);
        }
        ordering->component[v] = 0;
    }
    for (uint32_t v = 0; v < count; v++) {
        if (ordering->degree[v] == 2) {
            candidates[left++] = v;
        }
    }
    for (uint32_t round = 1; left > 0; round++) {
        left = contract_chain_round(ordering, candidates, left, round, ordering->component, deferred);
        uint32_t *swap = candidates;
        candidates = deferred;
        deferred = swap;
    }
}

/* ---- the core ---- */

/* Spread the low 16 bits of a number over the even bits. */
static uint32_t spread(uint32_t value)
{
    value = (value | value << 8) & 0x00FF00FF;
    value = (value | value << 4) & 0x0F0F0F0F;
    value = (value | value << 2) & 0x33333333;
    return (value | value << 1) & 0x55555555;
}

struct placed_node {
    uint32_t place, node; /* place: along the Z curve */
};

static int compare_placed(const void *left, const void *right)
{
    const struct placed_node *a = left, *b = right;
    int by_place = (a->place > b->place) - (a->place < b->place);
    return by_place != 0 ? by_place : (a->node > b->node) - (a->node < b->node);
}

/* The nodes that are left, along a Z curve, so that what is near in the plane is near in memory. */
static enum status collect_core(struct ordering *ordering, struct error *error)
{
    struct placed_node *placed = malloc(((size_t)ordering->node_count + 1) * sizeof *placed);
    if (placed == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to order %u nodes", ordering->node_count);
    }
    for (uint32_t v = 0; v < ordering->node_count; v++) {
        if (ordering->degree[v] != ROAD_NONE) {
            struct geo_point point = ordering->graph->point[v];
            uint32_t x = (uint32_t)(((int64_t)point.lon_e7 + 1800000000) >> 8) & 0xFFFF;
            uint32_t y = (uint32_t)(((int64_t)point.lat_e7 + 900000000) >> 8) & 0xFFFF;
            placed[ordering->core_count++] = (struct placed_node){ spread(x) | spread(y) << 1, v };
        }
    }
    qsort(placed, ordering->core_count, sizeof *placed, compare_placed);
    for (uint32_t i = 0; i < ordering->core_count; i++) {
        ordering->permutation[i] = placed[i].node;
    }
    free(placed);
    return STATUS_OK;
}

static enum status allocate_piece(struct ordering *ordering, struct error *error)
{
    size_t n = (size_t)ordering->core_count + 1, m = 1;
    for (uint32_t i = 0; i < ordering->core_count; i++) {
        m += ordering->degree[ordering->permutation[i]];
    }
    struct piece *piece = &ordering->piece;
    piece->first = malloc(n * sizeof *piece->first);
    piece->adjacent = malloc(m * sizeof *piece->adjacent);
    piece->x = malloc(n * sizeof *piece->x);
    piece->y = malloc(n * sizeof *piece->y);
    ordering->finder = separator_finder_create(ordering->core_count);
    if (!piece->first || !piece->adjacent || !piece->x || !piece->y || ordering->finder == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to order %u nodes", ordering->node_count);
    }
    return STATUS_OK;
}

/* local_of numbers the segment; cleared again by forget_segment. */
static void number_segment(struct ordering *ordering, struct segment segment)
{
    for (uint32_t i = segment.begin; i < segment.end; i++) {
        ordering->local_of[ordering->permutation[i]] = i - segment.begin;
    }
}

static void forget_segment(struct ordering *ordering, struct segment segment)
{
    for (uint32_t i = segment.begin; i < segment.end; i++) {
        ordering->local_of[ordering->permutation[i]] = ROAD_NONE;
    }
}

static void extract_piece(struct ordering *ordering, struct segment segment)
{
    struct piece *piece = &ordering->piece;
    double shrink = cos(geo_lat(ordering->graph->point[ordering->permutation[segment.begin]]) * 3.14159265358979323846 / 180);
    uint32_t used = 0;
    piece->count = segment.end - segment.begin;
    for (uint32_t i = 0; i < piece->count; i++) {
        uint32_t node = ordering->permutation[segment.begin + i];
        struct geo_point point = ordering->graph->point[node];
        piece->first[i] = used;
        piece->x[i] = (int32_t)(point.lon_e7 * shrink);
        piece->y[i] = point.lat_e7;
        for (uint32_t j = ordering->first[node]; j < ordering->first[node] + ordering->degree[node]; j++) {
            uint32_t local = ordering->local_of[ordering->adjacent[j]];
            if (local != ROAD_NONE) {
                piece->adjacent[used++] = local;
            }
        }
    }
    piece->first[piece->count] = used;
}

/* ---- small pieces: minimum degree ---- */

/* The piece with the nodes around it as bit rows; rows of the nodes around are not needed. */
struct small_piece {
    uint32_t count, total;
    uint64_t row[HALO_MAX][ROW_WORDS];
};

static void fill_rows(struct ordering *ordering, struct segment segment, struct small_piece *small, uint32_t *halo)
{
    small->count = small->total = segment.end - segment.begin;
    memset(small->row, 0, small->count * sizeof small->row[0]);
    for (uint32_t i = 0; i < small->count; i++) {
        uint32_t node = ordering->permutation[segment.begin + i];
        for (uint32_t j = ordering->first[node]; j < ordering->first[node] + ordering->degree[node]; j++) {
            uint32_t neighbour = ordering->adjacent[j], local = ordering->local_of[neighbour];
            if (local == ROAD_NONE && small->total < HALO_MAX) {
                halo[small->total] = neighbour;
                local = ordering->local_of[neighbour] = small->total++;
            }
            if (local != ROAD_NONE) {
                small->row[i][local / 64] |= UINT64_C(1) << (local % 64);
            }
        }
    }
    for (uint32_t i = small->count; i < small->total; i++) {
        ordering->local_of[halo[i]] = ROAD_NONE;
    }
}

static uint32_t row_degree(const uint64_t *row)
{
    uint32_t degree = 0;
    for (uint32_t word = 0; word < ROW_WORDS; word++) {
        degree += (uint32_t)__builtin_popcountll(row[word]);
    }
    return degree;
}

static void order_small(struct ordering *ordering, struct segment segment)
{
    struct small_piece small;
    uint32_t halo[HALO_MAX], nodes[SMALL_PIECE];
    bool done[SMALL_PIECE] = { false };
    number_segment(ordering, segment);
    fill_rows(ordering, segment, &small, halo);
    forget_segment(ordering, segment);
    for (uint32_t i = 0; i < small.count; i++) {
        nodes[i] = ordering->permutation[segment.begin + i];
    }
    for (uint32_t position = 0; position < small.count; position++) {
        uint32_t best = ROAD_NONE, best_degree = UINT32_MAX;
        for (uint32_t i = 0; i < small.count; i++) {
            uint32_t degree = done[i] ? UINT32_MAX : row_degree(small.row[i]);
            if (degree < best_degree) {
                best = i;
                best_degree = degree;
            }
        }
        CHECK(best != ROAD_NONE); /* position < count: one at least is not done */
        done[best] = true;
        ordering->permutation[segment.begin + position] = nodes[best];
        for (uint32_t i = 0; i < small.count; i++) {
            if (small.row[best][i / 64] >> (i % 64) & 1) {
                for (uint32_t word = 0; word < ROW_WORDS; word++) {
                    small.row[i][word] |= small.row[best][word];
                }
                small.row[i][i / 64] &= ~(UINT64_C(1) << (i % 64));
                small.row[i][best / 64] &= ~(UINT64_C(1) << (best % 64));
            }
        }
    }
}

/* ---- dissection ---- */

/* Rearrange the segment by components (numbered by local_of) and push each; true if there was more than one. */
static bool split_components(struct ordering *ordering, struct segment segment, bool *fits)
{
    uint32_t count = segment.end - segment.begin, *queue = ordering->queue, filled = 0, parts = 0;
    const struct piece *piece = &ordering->piece;
    uint32_t *reached = ordering->component;
    memset(reached, 0, count * sizeof *reached);
    for (uint32_t root = 0; root < count; root++) {
        if (reached[root]) {
            continue;
        }
        uint32_t begin = filled;
        reached[root] = 1;
        queue[filled++] = root;
        for (uint32_t at = begin; at < filled; at++) {
            for (uint32_t i = piece->first[queue[at]]; i < piece->first[queue[at] + 1]; i++) {
                if (!reached[piece->adjacent[i]]) {
                    reached[piece->adjacent[i]] = 1;
                    queue[filled++] = piece->adjacent[i];
                }
            }
        }
        if (filled - begin == count) {
            return false;
        }
        parts++;
        *fits = *fits && vec_push(&ordering->segments, (struct segment){ segment.begin + begin, segment.begin + filled });
    }
    for (uint32_t i = 0; i < count; i++) {
        reached[i] = ordering->permutation[segment.begin + queue[i]];
    }
    memcpy(ordering->permutation + segment.begin, reached, count * sizeof *reached);
    return parts > 1;
}

/* Move the separator to the end of the segment, keeping the order of the others. Returns how many others there are. */
static uint32_t move_separator_up(struct ordering *ordering, struct segment segment, const uint32_t *separator, uint32_t count)
{
    uint32_t *nodes = ordering->permutation + segment.begin, total = segment.end - segment.begin, kept = 0;
    uint32_t *is_separator = ordering->component, *moved = ordering->queue + count;
    memset(is_separator, 0, total * sizeof *is_separator);
    for (uint32_t i = 0; i < count; i++) {
        is_separator[separator[i]] = 1;
    }
    uint32_t taken = 0;
    for (uint32_t i = 0; i < total; i++) {
        if (is_separator[i]) {
            moved[taken++] = nodes[i];
        } else {
            nodes[kept++] = nodes[i];
        }
    }
    memcpy(nodes + kept, moved, taken * sizeof *moved);
    return kept;
}

static enum status dissect(struct ordering *ordering, struct error *error)
{
    bool fits = vec_push(&ordering->segments, (struct segment){ 0, ordering->core_count });
    while (fits && ordering->segments.count > 0) {
        struct segment segment = ordering->segments.items[--ordering->segments.count];
        uint32_t count = segment.end - segment.begin;
        if (count <= SMALL_PIECE) {
            order_small(ordering, segment);
            continue;
        }
        number_segment(ordering, segment);
        extract_piece(ordering, segment);
        forget_segment(ordering, segment);
        if (split_components(ordering, segment, &fits)) {
            continue;
        }
        uint32_t size = find_separator(ordering->finder, &ordering->piece, ordering->queue);
        if (size == 0 || size * 2 > count) {
            size = 1; /* too dense to be cut: take nodes off the top one by one, which is right for a clique */
            ordering->queue[0] = count - 1;
        }
        uint32_t rest = move_separator_up(ordering, segment, ordering->queue, size);
        fits = vec_push(&ordering->segments, (struct segment){ segment.begin, segment.begin + rest });
    }
    return fits ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory to order %u nodes", ordering->node_count);
}

enum status cch_order(const struct road_graph *graph, uint32_t **rank_of, struct error *error)
{
    struct ordering ordering = { .graph = graph, .node_count = graph->node_count };
    enum status status = STATUS_OK;
    if (!ordering_allocate(&ordering)) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory to order %u nodes", graph->node_count);
        goto done;
    }
    make_simple(&ordering);
    contract_leaves_and_chains(&ordering);
    TRY_GOTO(collect_core(&ordering, error), done);
    TRY_GOTO(allocate_piece(&ordering, error), done);
    TRY_GOTO(dissect(&ordering, error), done);
    for (uint32_t i = 0; i < ordering.core_count; i++) {
        ordering.rank_of[ordering.permutation[i]] = ordering.next_rank + i;
    }
    CHECK(ordering.next_rank + ordering.core_count == graph->node_count);
    *rank_of = ordering.rank_of;
done:
    if (status != STATUS_OK) {
        free(ordering.rank_of);
    }
    ordering_free(&ordering);
    return status;
}
