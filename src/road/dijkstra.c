/* See dijkstra.h. A 4-ary heap without decrease-key: a node may wait in it more than once, and the copies that are late are
 * dropped as they come up, which on road networks (few neighbours) is faster than keeping positions.
 *
 * Workload: whole cities of up to 5,000,000 nodes; a search of Porto (66,000 nodes) takes some 5 to 12 ms. */
#include "road/dijkstra.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"

struct waiting {
    uint64_t key; /* ticks above, length below */
    uint32_t node;
};
VEC_TYPE(waiting_vec, struct waiting);

enum { UNKNOWN = 0, WAITING = 1, SETTLED = 2 };

struct dijkstra {
    const struct road_graph *graph;
    uint64_t *key; /* of nodes whose state is not UNKNOWN */
    uint32_t *arc_to;
    uint32_t *settled, settled_count;
    uint32_t *touched, touched_count; /* nodes whose state is not UNKNOWN */
    uint8_t *state, *is_target;
    struct waiting_vec heap;
};

enum status dijkstra_create(const struct road_graph *graph, struct dijkstra **dijkstra, struct error *error)
{
    size_t count = (size_t)graph->node_count + 1;
    struct dijkstra *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->graph = graph;
        made->key = malloc(count * sizeof *made->key);
        made->arc_to = malloc(count * sizeof *made->arc_to);
        made->settled = malloc(count * sizeof *made->settled);
        made->touched = malloc(count * sizeof *made->touched);
        made->state = calloc(count, 1);
        made->is_target = calloc(count, 1);
    }
    if (made == NULL || !made->key || !made->arc_to || !made->settled || !made->touched || !made->state || !made->is_target) {
        dijkstra_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory to search %u nodes", graph->node_count);
    }
    *dijkstra = made;
    return STATUS_OK;
}

void dijkstra_destroy(struct dijkstra *dijkstra)
{
    if (dijkstra != NULL) {
        free(dijkstra->key);
        free(dijkstra->arc_to);
        free(dijkstra->settled);
        free(dijkstra->touched);
        free(dijkstra->state);
        free(dijkstra->is_target);
        vec_free(&dijkstra->heap);
        free(dijkstra);
    }
}

static bool heap_push(struct waiting_vec *heap, struct waiting item)
{
    if (!vec_push(heap, item)) {
        return false;
    }
    size_t at = heap->count - 1;
    while (at > 0 && heap->items[(at - 1) / 4].key > item.key) {
        heap->items[at] = heap->items[(at - 1) / 4];
        at = (at - 1) / 4;
    }
    heap->items[at] = item;
    return true;
}

static struct waiting heap_pop(struct waiting_vec *heap)
{
    struct waiting top = heap->items[0], last = heap->items[--heap->count];
    size_t at = 0, count = heap->count;
    for (;;) {
        size_t child = 4 * at + 1, end = child + 4 < count ? child + 4 : count, least = child;
        if (child >= count) {
            break;
        }
        for (size_t i = child + 1; i < end; i++) {
            least = heap->items[i].key < heap->items[least].key ? i : least;
        }
        if (heap->items[least].key >= last.key) {
            break;
        }
        heap->items[at] = heap->items[least];
        at = least;
    }
    if (count > 0) {
        heap->items[at] = last;
    }
    return top;
}

static bool improve(struct dijkstra *dijkstra, uint32_t node, uint64_t key, uint32_t arc)
{
    if (dijkstra->state[node] == UNKNOWN) {
        dijkstra->touched[dijkstra->touched_count++] = node;
        dijkstra->state[node] = WAITING;
    } else if (key >= dijkstra->key[node]) {
        return true;
    }
    dijkstra->key[node] = key;
    dijkstra->arc_to[node] = arc;
    return heap_push(&dijkstra->heap, (struct waiting){ key, node });
}

static void forget(struct dijkstra *dijkstra)
{
    for (uint32_t i = 0; i < dijkstra->touched_count; i++) {
        dijkstra->state[dijkstra->touched[i]] = UNKNOWN;
    }
    dijkstra->touched_count = dijkstra->settled_count = 0;
    dijkstra->heap.count = 0;
}

/* Keys along a path never fall, so a settled node is settled for good, also with arcs of no weight. */
static bool settle(struct dijkstra *dijkstra, const struct dijkstra_search *search, uint32_t targets_left)
{
    const struct road_graph *graph = dijkstra->graph;
    uint64_t end = (uint64_t)(search->limit < ROAD_INFINITY ? search->limit + 1 : ROAD_INFINITY) << 32;
    while (dijkstra->heap.count > 0) {
        struct waiting next = heap_pop(&dijkstra->heap);
        uint32_t node = next.node;
        if (next.key >= end) {
            return true;
        }
        if (next.key != dijkstra->key[node] || dijkstra->state[node] == SETTLED) {
            continue;
        }
        dijkstra->state[node] = SETTLED;
        dijkstra->settled[dijkstra->settled_count++] = node;
        if (dijkstra->is_target[node] && --targets_left == 0) {
            return true;
        }
        for (uint32_t arc = graph->first_out[node]; arc < graph->first_out[node + 1]; arc++) {
            uint64_t over = next.key + ((uint64_t)search->weights[arc] << 32);
            over += search->lengths_dm == NULL ? 0 : search->lengths_dm[arc];
            if (over < end && !improve(dijkstra, graph->head[arc], over, arc)) {
                return false;
            }
        }
    }
    return true;
}

static bool begin_at(struct dijkstra *dijkstra, const struct road_seeds *from)
{
    bool fits = true;
    for (uint32_t i = 0; i < from->count && fits; i++) {
        const struct road_seed *seed = &from->seed[i];
        CHECK(seed->node < dijkstra->graph->node_count);
        fits = seed->ticks >= ROAD_INFINITY || improve(dijkstra, seed->node, (uint64_t)seed->ticks << 32, ROAD_NONE);
    }
    return fits;
}

enum status dijkstra_run(struct dijkstra *dijkstra, const struct dijkstra_search *search, struct error *error)
{
    forget(dijkstra);
    bool fits = true;
    for (uint32_t set = 0; set <= search->more_from && fits; set++) {
        fits = begin_at(dijkstra, &search->from[set]);
    }
    uint32_t targets_left = 0;
    for (uint32_t i = 0; i < search->target_count; i++) {
        targets_left += !dijkstra->is_target[search->targets[i]];
        dijkstra->is_target[search->targets[i]] = 1;
    }
    fits = fits && settle(dijkstra, search, targets_left);
    for (uint32_t i = 0; i < search->target_count; i++) {
        dijkstra->is_target[search->targets[i]] = 0;
    }
    return fits ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory to search %u nodes", dijkstra->graph->node_count);
}

road_ticks dijkstra_ticks(const struct dijkstra *dijkstra, uint32_t node)
{
    return dijkstra->state[node] == SETTLED ? (road_ticks)(dijkstra->key[node] >> 32) : ROAD_INFINITY;
}

uint32_t dijkstra_length_dm(const struct dijkstra *dijkstra, uint32_t node) { return (uint32_t)dijkstra->key[node]; }

uint32_t dijkstra_arc_to(const struct dijkstra *dijkstra, uint32_t node) { return dijkstra->arc_to[node]; }

const uint32_t *dijkstra_settled(const struct dijkstra *dijkstra, uint32_t *count)
{
    *count = dijkstra->settled_count;
    return dijkstra->settled;
}
