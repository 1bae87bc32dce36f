/* Labels: for each node its distances to and from all its ancestors in the elimination tree, by depth.
 *
 * Every quickest path climbs from its start to some common ancestor of both ends and descends from there, so a distance is the
 * least of up[i] + down[i] over the depths i of the common ancestors: one pass over two short arrays side by side (Ouyang et al.,
 * "When Hierarchy Meets 2-Hop-Labeling", SIGMOD 2018, build on the same observation). How many ancestors are common comes from a
 * range minimum over the depths, the ranks being in post-order.
 *
 * Workload: the simulator asks a million pairs a second of one weight set that rarely changes. Building costs some tens of
 * milliseconds a city, memory 8 bytes a node and level (16 with lengths). */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/check.h"
#include "road/cch.h"
#include "road/cch_kernels.h"
#include "road/cch_private.h"

enum { BLOCK = 16, DEPTH_MAX = UINT16_MAX - 1, ROW_PADDING = KERNEL_LANES, HUGE_PAGE = 2 << 20 };

#define NO_ROW UINT32_MAX

struct label_node {
    uint32_t row; /* in units of ROW_PADDING entries; NO_ROW where the node has none */
    uint32_t rank;
    uint16_t count;        /* ancestors and itself: depth + 1 */
    uint16_t suffix_least; /* least depth from this rank to the end of its block */
    uint16_t prefix_least; /* least depth from the begin of the block of rank - 1 to rank - 1 */
};

struct cch_labels {
    const struct cch_kernels *kernels;
    struct label_node *nodes; /* by graph node */
    uint16_t *depth;          /* by rank */
    uint16_t *block_least;    /* level l, block b: least depth over 2^l blocks from b, at l * block_count + b */
    uint32_t node_count, block_count;
    road_ticks *up, *down;             /* rows */
    uint32_t *up_length, *down_length; /* NULL without lengths */
    uint64_t bytes;
};

static uint64_t padded(uint64_t count) { return (count + ROW_PADDING - 1) / ROW_PADDING * ROW_PADDING; }

static void *allocate_rows(struct cch_labels *labels, uint64_t entries)
{
    uint64_t align = entries * sizeof(uint32_t) >= HUGE_PAGE ? HUGE_PAGE : 64;
    uint64_t bytes = (entries * sizeof(uint32_t) + align) / align * align;
    void *rows = aligned_alloc(align, bytes);
    if (rows != NULL && align == HUGE_PAGE) {
        (void)madvise(rows, bytes, MADV_HUGEPAGE); /* rows are read at random: fewer misses of the address cache */
    }
    labels->bytes += bytes;
    return rows;
}

/* Rows for the nodes whose row is 0 so far, in order of rank. Returns the number of row entries. */
static uint64_t place_rows(struct cch_labels *labels, const struct cch_metric *metric)
{
    uint64_t entries = 0;
    for (uint32_t rank = 0; rank < metric->cch->node_count; rank++) {
        struct label_node *node = &labels->nodes[metric->cch->node_at[rank]];
        if (node->row != NO_ROW) {
            node->row = (uint32_t)(entries / ROW_PADDING);
            entries += padded((uint64_t)metric->depth[rank] + 1);
        }
    }
    return entries;
}

/* Depths and the tables of the range minimum. */
static void lay_out(struct cch_labels *labels, const struct cch_metric *metric)
{
    const struct cch *cch = metric->cch;
    for (uint32_t rank = 0; rank < cch->node_count; rank++) {
        labels->depth[rank] = (uint16_t)metric->depth[rank];
    }
    uint16_t prefix = UINT16_MAX;
    for (uint32_t rank = 0; rank < cch->node_count; rank++) {
        struct label_node *node = &labels->nodes[cch->node_at[rank]];
        node->rank = rank;
        node->count = (uint16_t)(labels->depth[rank] + 1);
        node->prefix_least = prefix;
        prefix = rank % BLOCK == 0 || labels->depth[rank] < prefix ? labels->depth[rank] : prefix;
    }
    uint16_t suffix = UINT16_MAX;
    for (uint32_t rank = cch->node_count; rank-- > 0;) {
        bool ends_block = rank % BLOCK == BLOCK - 1 || rank == cch->node_count - 1;
        suffix = ends_block || labels->depth[rank] < suffix ? labels->depth[rank] : suffix;
        labels->nodes[cch->node_at[rank]].suffix_least = suffix;
        if (rank % BLOCK == 0) {
            labels->block_least[rank / BLOCK] = suffix;
        }
    }
    for (uint32_t level = 1; 1u << level <= labels->block_count; level++) {
        const uint16_t *below = labels->block_least + (size_t)(level - 1) * labels->block_count;
        uint16_t *here = labels->block_least + (size_t)level * labels->block_count;
        for (uint32_t block = 0; block + (1u << level) <= labels->block_count; block++) {
            uint16_t a = below[block], b = below[block + (1u << (level - 1))];
            here[block] = a < b ? a : b;
        }
    }
}

static void clear_row(const struct label_node *node, road_ticks *row, uint32_t *row_length)
{
    for (uint32_t i = 0; i < padded(node->count); i++) {
        row[i] = ROAD_INFINITY;
    }
    row[node->count - 1] = 0;
    if (row_length != NULL) {
        memset(row_length, 0, padded(node->count) * sizeof *row_length);
    }
}

/* All rows, from the top: a node's from its upward neighbours'. */
static void fill_rows(struct cch_labels *labels, const struct cch_metric *metric, const road_ticks *weights,
                      const uint32_t *weight_lengths, road_ticks *rows, uint32_t *rows_length)
{
    const struct cch *cch = metric->cch;
    for (uint32_t rank = cch->node_count; rank-- > 0;) {
        const struct label_node *node = &labels->nodes[cch->node_at[rank]];
        road_ticks *row = rows + (uint64_t)node->row * ROW_PADDING;
        uint32_t *row_length = rows_length == NULL ? NULL : rows_length + (uint64_t)node->row * ROW_PADDING;
        clear_row(node, row, row_length);
        for (uint32_t u = cch->up_first[rank]; u < cch->up_first[rank + 1]; u++) {
            const struct label_node *head = &labels->nodes[cch->node_at[cch->up_head[u]]];
            uint64_t head_row = (uint64_t)head->row * ROW_PADDING;
            if (weights[u] >= ROAD_INFINITY) {
                continue;
            }
            if (row_length == NULL) {
                labels->kernels->relax_row(row, rows + head_row, weights[u], head->count);
            } else {
                labels->kernels->relax_row_lengths(row, row_length, rows + head_row, rows_length + head_row, weights[u],
                                                   weight_lengths[u], head->count);
            }
        }
    }
}

/* The row of one node alone, by climbing from it. */
static void climb_row(const struct cch_metric *metric, const struct label_node *node, bool upward, road_ticks *row,
                      uint32_t *row_length)
{
    const struct cch *cch = metric->cch;
    clear_row(node, row, row_length);
    for (uint32_t rank = node->rank, depth = node->count; rank != ROAD_NONE; rank = cch->parent[rank]) {
        depth--;
        for (uint32_t u = cch->up_first[rank]; u < cch->up_first[rank + 1] && row[depth] < ROAD_INFINITY; u++) {
            uint64_t here = cch_key(row[depth], row_length == NULL ? 0 : row_length[depth]);
            uint64_t over = here + (upward ? cch_up_key(metric, u) : cch_down_key(metric, u));
            uint32_t head = metric->up_depth[u];
            if (over < cch_key(row[head], row_length == NULL ? 0 : row_length[head])) {
                row[head] = (road_ticks)(over >> 32);
                if (row_length != NULL) {
                    row_length[head] = (uint32_t)over;
                }
            }
        }
    }
}

static void fill_chosen_rows(struct cch_labels *labels, const struct cch_metric *metric)
{
    for (uint32_t v = 0; v < labels->node_count; v++) {
        const struct label_node *node = &labels->nodes[v];
        if (node->row != NO_ROW) {
            uint64_t row = (uint64_t)node->row * ROW_PADDING;
            bool with_lengths = metric->lengths != NULL;
            climb_row(metric, node, true, labels->up + row, with_lengths ? labels->up_length + row : NULL);
            climb_row(metric, node, false, labels->down + row, with_lengths ? labels->down_length + row : NULL);
        }
    }
}

static bool allocate_labels(struct cch_labels *labels, uint64_t entries, bool with_lengths)
{
    labels->up = allocate_rows(labels, entries);
    labels->down = allocate_rows(labels, entries);
    if (with_lengths) {
        labels->up_length = allocate_rows(labels, entries);
        labels->down_length = allocate_rows(labels, entries);
    }
    return labels->up && labels->down && (!with_lengths || (labels->up_length && labels->down_length));
}

/* Everything but the rows; each node has a row number of 0 or NO_ROW. */
static enum status create_empty(const struct cch_metric *metric, const uint32_t *chosen, uint32_t chosen_count,
                                struct cch_labels **labels, struct error *error)
{
    uint32_t count = metric->cch->node_count, levels = 1;
    if (metric->level_count > DEPTH_MAX) {
        return ERROR(error, STATUS_FULL, "labels need a hierarchy of at most %d levels, this has %u", DEPTH_MAX,
                     metric->level_count);
    }
    struct cch_labels *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for labels");
    }
    made->kernels = cch_kernels();
    made->node_count = count;
    made->block_count = count / BLOCK + 1;
    while (1u << levels <= made->block_count) {
        levels++;
    }
    made->nodes = calloc((size_t)count + 1, sizeof *made->nodes);
    made->depth = calloc((size_t)count + 1, sizeof *made->depth);
    made->block_least = calloc((size_t)made->block_count * levels, sizeof *made->block_least);
    made->bytes = count * (sizeof *made->nodes + sizeof *made->depth) +
                  (uint64_t)made->block_count * levels * sizeof *made->block_least;
    if (made->nodes == NULL || made->depth == NULL || made->block_least == NULL) {
        cch_labels_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for labels of %u nodes", count);
    }
    for (uint32_t v = 0; v < count && chosen != NULL; v++) {
        made->nodes[v].row = NO_ROW;
    }
    for (uint32_t i = 0; i < chosen_count; i++) {
        CHECK(chosen[i] < count);
        made->nodes[chosen[i]].row = 0;
    }
    *labels = made;
    return STATUS_OK;
}

static enum status create(const struct cch_metric *metric, const uint32_t *chosen, uint32_t chosen_count,
                          struct cch_labels **labels, struct error *error)
{
    struct cch_labels *made;
    TRY(create_empty(metric, chosen, chosen_count, &made, error));
    lay_out(made, metric);
    uint64_t entries = place_rows(made, metric);
    if (entries / ROW_PADDING >= NO_ROW || !allocate_labels(made, entries, metric->lengths != NULL)) {
        cch_labels_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for labels of %llu entries", (unsigned long long)entries);
    }
    if (chosen != NULL) {
        fill_chosen_rows(made, metric);
    } else {
        fill_rows(made, metric, metric->up, metric->up_length, made->up, made->up_length);
        fill_rows(made, metric, metric->down, metric->down_length, made->down, made->down_length);
    }
    *labels = made;
    return STATUS_OK;
}

enum status cch_labels_create(const struct cch_metric *metric, struct cch_labels **labels, struct error *error)
{
    return create(metric, NULL, 0, labels, error);
}

enum status cch_labels_create_for(const struct cch_metric *metric, const uint32_t *nodes, uint32_t count,
                                  struct cch_labels **labels, struct error *error)
{
    static const uint32_t none = 0;
    return create(metric, nodes == NULL ? &none : nodes, count, labels, error);
}

void cch_labels_destroy(struct cch_labels *labels)
{
    if (labels != NULL) {
        free(labels->nodes);
        free(labels->depth);
        free(labels->block_least);
        free(labels->up);
        free(labels->down);
        free(labels->up_length);
        free(labels->down_length);
        free(labels);
    }
}

uint64_t cch_labels_bytes(const struct cch_labels *labels) { return labels->bytes; }

/* How many ancestors, themselves included, two nodes share. Between the ranks low < high in post-order, the least depth belongs
 * to a child of the lowest common ancestor (or to a root, when there is none). */
static inline uint32_t common_count(const struct cch_labels *labels, const struct label_node *a, const struct label_node *b)
{
    if (a->rank == b->rank) {
        return a->count;
    }
    const struct label_node *low = a->rank < b->rank ? a : b, *high = a->rank < b->rank ? b : a;
    uint32_t low_block = low->rank / BLOCK, high_block = (high->rank - 1) / BLOCK;
    if (low_block == high_block) {
        uint32_t least = labels->depth[low->rank];
        for (uint32_t rank = low->rank + 1; rank < high->rank; rank++) {
            least = labels->depth[rank] < least ? labels->depth[rank] : least;
        }
        return least;
    }
    uint32_t least = low->suffix_least < high->prefix_least ? low->suffix_least : high->prefix_least;
    if (low_block + 1 < high_block) {
        uint32_t blocks = high_block - low_block - 1, level = 31 - (uint32_t)__builtin_clz(blocks);
        const uint16_t *table = labels->block_least + (size_t)level * labels->block_count;
        least = cch_min(least, cch_min(table[low_block + 1], table[high_block - (1u << level)]));
    }
    return least;
}

road_ticks cch_labels_distance(const struct cch_labels *labels, uint32_t from, uint32_t to)
{
    const struct label_node *a = &labels->nodes[from], *b = &labels->nodes[to];
    CHECK(a->row != NO_ROW && b->row != NO_ROW);
    return labels->kernels->min_sum(labels->up + (uint64_t)a->row * ROW_PADDING, labels->down + (uint64_t)b->row * ROW_PADDING,
                                    common_count(labels, a, b));
}

void cch_labels_to(const struct cch_labels *labels, const uint32_t *from, uint32_t count, uint32_t to, road_ticks *ticks)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i + 2 < count) {
            const struct label_node *soon = &labels->nodes[from[i + 2]];
            __builtin_prefetch(labels->up + (uint64_t)soon->row * ROW_PADDING);
        }
        ticks[i] = cch_labels_distance(labels, from[i], to);
    }
}

road_ticks cch_labels_distance_and_length(const struct cch_labels *labels, uint32_t from, uint32_t to, uint32_t *length_dm)
{
    CHECK(labels->up_length != NULL);
    const struct label_node *a = &labels->nodes[from], *b = &labels->nodes[to];
    CHECK(a->row != NO_ROW && b->row != NO_ROW);
    uint64_t a_row = (uint64_t)a->row * ROW_PADDING, b_row = (uint64_t)b->row * ROW_PADDING, least = CCH_KEY_INFINITY;
    const road_ticks *up = labels->up + a_row, *down = labels->down + b_row;
    const uint32_t *up_length = labels->up_length + a_row, *down_length = labels->down_length + b_row;
    uint32_t count = common_count(labels, a, b);
    for (uint32_t i = 0; i < count; i++) {
        least = cch_min_key(least, cch_key(up[i] + down[i], 0) + up_length[i] + down_length[i]);
    }
    *length_dm = (uint32_t)least;
    return (road_ticks)(least >> 32);
}

road_ticks cch_labels_seeds(const struct cch_labels *labels, const struct road_seeds *from, const struct road_seeds *to)
{
    road_ticks least = ROAD_INFINITY;
    for (uint32_t i = 0; i < from->count; i++) {
        for (uint32_t j = 0; j < to->count; j++) {
            uint64_t sum = (uint64_t)from->seed[i].ticks + to->seed[j].ticks;
            if (sum < least) {
                sum += cch_labels_distance(labels, from->seed[i].node, to->seed[j].node);
                least = sum < least ? (road_ticks)sum : least;
            }
        }
    }
    return least;
}

/* ---- the node ahead ---- */

/* The end of a graph arc. */
static uint32_t head_of(const struct cch *cch, uint32_t arc)
{
    uint32_t u = cch->arc_up[arc];
    return cch->node_at[cch->arc_is_upward[arc] ? cch->up_head[u] : cch->up_tail[u]];
}

/* One end's side of a path: rows and weights of its direction, and the depth of the ancestor where the two sides meet. */
struct side {
    const struct cch_labels *labels;
    const struct cch *cch;
    const road_ticks *rows, *weights;
    uint32_t hub;
};

static road_ticks to_hub(const struct side *side, uint32_t rank)
{
    const struct label_node *node = &side->labels->nodes[side->cch->node_at[rank]];
    return side->rows[(uint64_t)node->row * ROW_PADDING + side->hub];
}

/* The up arc that a quickest path between the rank and its hub begins or ends with. */
static uint32_t step_up(const struct side *side, uint32_t rank)
{
    road_ticks whole = to_hub(side, rank);
    for (uint32_t u = side->cch->up_first[rank]; u < side->cch->up_first[rank + 1]; u++) {
        uint32_t head = side->cch->up_head[u];
        if (side->labels->depth[head] >= side->hub && side->weights[u] + to_hub(side, head) == whole) {
            return u;
        }
    }
    UNREACHABLE(); /* a finite label stands for an up arc */
}

static void ahead_climbing(const struct side *side, const struct cch_metric *metric, uint32_t rank, road_ticks at,
                           road_ticks elapsed, struct cch_ahead *ahead)
{
    while (at < elapsed) {
        uint32_t u = step_up(side, rank);
        if (at + side->weights[u] >= elapsed) {
            road_ticks begun;
            uint32_t arc = cch_arc_at(metric, u, true, elapsed - at, &begun);
            ahead->node = head_of(side->cch, arc);
            ahead->at = at + begun + metric->weights[arc];
            return;
        }
        at += side->weights[u];
        rank = side->cch->up_head[u];
    }
    ahead->node = side->cch->node_at[rank];
    ahead->at = at;
}

/* The descent is known from its end: at is when the rank is reached, later than the moment asked for. */
static void ahead_descending(const struct side *side, const struct cch_metric *metric, uint32_t rank, road_ticks at,
                             road_ticks elapsed, struct cch_ahead *ahead)
{
    ahead->node = side->cch->node_at[rank];
    ahead->at = at;
    while (at >= elapsed) {
        uint32_t u = step_up(side, rank);
        road_ticks start = at - side->weights[u];
        if (start < elapsed) {
            road_ticks begun;
            uint32_t arc = cch_arc_at(metric, u, false, elapsed - start, &begun);
            ahead->node = head_of(side->cch, arc);
            ahead->at = start + begun + metric->weights[arc];
            return;
        }
        rank = side->cch->up_head[u];
        at = start;
    }
}

static uint32_t find_hub(const struct cch_labels *labels, const struct label_node *a, const struct label_node *b,
                         road_ticks distance)
{
    const road_ticks *up = labels->up + (uint64_t)a->row * ROW_PADDING, *down = labels->down + (uint64_t)b->row * ROW_PADDING;
    uint32_t hub = 0;
    while (up[hub] + down[hub] != distance) {
        hub++;
    }
    return hub;
}

void cch_labels_ahead(const struct cch_labels *labels, const struct cch_metric *metric, const struct road_seeds *from,
                      const struct road_seeds *to, road_ticks elapsed, struct cch_ahead *ahead)
{
    *ahead = (struct cch_ahead){ .ticks = ROAD_INFINITY, .node = ROAD_NONE };
    const struct road_seed *first = NULL, *last = NULL;
    road_ticks between = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        for (uint32_t j = 0; j < to->count; j++) {
            road_ticks distance = cch_labels_distance(labels, from->seed[i].node, to->seed[j].node);
            uint64_t sum = (uint64_t)from->seed[i].ticks + to->seed[j].ticks + distance;
            if (sum < ahead->ticks) {
                ahead->ticks = (road_ticks)sum;
                first = &from->seed[i];
                last = &to->seed[j];
                between = distance;
            }
        }
    }
    if (first == NULL) {
        return;
    }
    const struct label_node *a = &labels->nodes[first->node], *b = &labels->nodes[last->node];
    uint32_t hub = find_hub(labels, a, b, between);
    struct side climb = { labels, metric->cch, labels->up, metric->up, hub };
    struct side descent = { labels, metric->cch, labels->down, metric->down, hub };
    if (first->ticks + to_hub(&climb, a->rank) >= elapsed) {
        ahead_climbing(&climb, metric, a->rank, first->ticks, elapsed, ahead);
    } else {
        ahead_descending(&descent, metric, b->rank, first->ticks + between, elapsed, ahead);
    }
}
