#include "sim/sweep.h"

#include <stdlib.h>

#include "base/check.h"
#include "road/dijkstra.h"

enum { FAR_NODES = 16 };

struct sweep_maker {
    enum road_profile profile;
    enum sweep_direction direction;
    const struct cch *cch;
    struct road_graph graph; /* the city's, or for ways to a place that with every arc turned round */
    const road_ticks *arc_weights;
    uint32_t *first_out, *tail, *head; /* of the turned graph, NULL for the city's own */
    road_ticks *weights;
    struct dijkstra *dijkstra;
};

static void turn_round(const struct road_graph *graph, const road_ticks *weights, struct sweep_maker *maker)
{
    uint32_t *first = maker->first_out;
    for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
        first[graph->head[arc] + 1] += 1;
    }
    for (uint32_t node = 0; node < graph->node_count; node++) {
        first[node + 1] += first[node];
    }
    /* Fill from the back, so that first[] ends where each node's arcs begin. */
    for (uint32_t arc = graph->arc_count; arc-- > 0;) {
        uint32_t place = --first[graph->head[arc] + 1];
        maker->tail[place] = graph->head[arc];
        maker->head[place] = graph->tail[arc];
        maker->weights[place] = weights[arc];
    }
    for (uint32_t node = 0; node < graph->node_count; node++) {
        first[node] = first[node + 1];
    }
    first[graph->node_count] = graph->arc_count;
}

static enum status make_turned(const struct road_graph *graph, const road_ticks *weights, struct sweep_maker *maker,
                               struct error *error)
{
    maker->first_out = calloc((size_t)graph->node_count + 2, sizeof *maker->first_out);
    maker->tail = calloc((size_t)graph->arc_count + 1, sizeof *maker->tail);
    maker->head = calloc((size_t)graph->arc_count + 1, sizeof *maker->head);
    maker->weights = calloc((size_t)graph->arc_count + 1, sizeof *maker->weights);
    if (maker->first_out == NULL || maker->tail == NULL || maker->head == NULL || maker->weights == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the ways to places");
    }
    turn_round(graph, weights, maker);
    maker->graph.first_out = maker->first_out;
    maker->graph.tail = maker->tail;
    maker->graph.head = maker->head;
    maker->arc_weights = maker->weights;
    return STATUS_OK;
}

enum status sweep_maker_create(const struct roads *roads, enum road_profile profile, enum sweep_direction direction,
                               struct sweep_maker **maker, struct error *error)
{
    const struct road_graph *graph = city_graph(roads_city(roads));
    struct sweep_maker *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the ways to and from places");
    }
    made->profile = profile;
    made->direction = direction;
    made->cch = city_cch(roads_city(roads));
    made->graph = *graph;
    made->arc_weights = city_weights(roads_city(roads), profile);
    enum status status = direction == SWEEP_FROM ? STATUS_OK : make_turned(graph, made->arc_weights, made, error);
    if (status == STATUS_OK) {
        status = dijkstra_create(&made->graph, &made->dijkstra, error);
    }
    if (status != STATUS_OK) {
        sweep_maker_destroy(made);
        return status;
    }
    *maker = made;
    return STATUS_OK;
}

void sweep_maker_destroy(struct sweep_maker *maker)
{
    if (maker == NULL) {
        return;
    }
    if (maker->dijkstra != NULL) {
        dijkstra_destroy(maker->dijkstra);
    }
    free(maker->first_out);
    free(maker->tail);
    free(maker->head);
    free(maker->weights);
    free(maker);
}

static void link_nodes(const struct sweep_maker *maker, struct sweep_step *steps)
{
    uint32_t count;
    const uint32_t *settled = dijkstra_settled(maker->dijkstra, &count), *rank_of = maker->cch->rank_of;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t arc = dijkstra_arc_to(maker->dijkstra, settled[i]);
        steps[rank_of[settled[i]]] = (struct sweep_step){ .ticks = dijkstra_ticks(maker->dijkstra, settled[i]),
                                                          .next = arc == ROAD_NONE ? ROAD_NONE : rank_of[maker->graph.tail[arc]],
                                                          .far = ROAD_NONE };
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t rank = rank_of[settled[i]];
        for (int hops = 0; hops < FAR_NODES && rank != ROAD_NONE; hops++) {
            /* Whatever lies on the way to a settled node is settled, so written above. NOLINTNEXTLINE(clang-analyzer-core.*) */
            rank = steps[rank].next;
        }
        steps[rank_of[settled[i]]].far = rank;
    }
}

enum status sweep_create(struct sweep_maker *maker, const struct spot *place, struct sweep *sweep, struct error *error)
{
    const struct dijkstra_search search = {
        .weights = maker->arc_weights,
        .from = maker->direction == SWEEP_FROM ? &place->leaving[maker->profile] : &place->reaching[maker->profile],
        .limit = ROAD_INFINITY,
    };
    TRY(dijkstra_run(maker->dijkstra, &search, error));
    uint32_t node_count = maker->graph.node_count;
    struct sweep_step *steps = malloc(((size_t)node_count + 1) * sizeof *steps);
    if (steps == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the ways to and from places");
    }
    for (uint32_t node = 0; node < node_count; node++) {
        steps[node] = (struct sweep_step){ .ticks = ROAD_INFINITY, .next = ROAD_NONE, .far = ROAD_NONE };
    }
    link_nodes(maker, steps);
    *sweep = (struct sweep){ .steps = steps, .rank_of = maker->cch->rank_of, .node_at = maker->cch->node_at };
    return STATUS_OK;
}

void sweep_free(struct sweep *sweep)
{
    free(sweep->steps);
    sweep->steps = NULL;
}

road_ticks sweep_seeds(const struct sweep *sweep, const struct road_seeds *seeds, uint32_t *node)
{
    road_ticks least = ROAD_INFINITY;
    for (uint32_t i = 0; i < seeds->count; i++) {
        road_ticks ticks = sweep_ticks(sweep, seeds->seed[i].node) + seeds->seed[i].ticks;
        if (ticks < least) {
            least = ticks;
            if (node != NULL) {
                *node = seeds->seed[i].node;
            }
        }
    }
    return least;
}

enum status sweep_table_create(const struct sweep *const *sweeps, uint32_t count, uint32_t node_count, struct sweep_table *table,
                               struct error *error)
{
    road_ticks *ticks = malloc(((size_t)node_count * count + 1) * sizeof *ticks);
    if (ticks == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the ways to and from %u places", count);
    }
    *table = (struct sweep_table){ .ticks = ticks, .columns = count };
    for (uint32_t column = 0; column < count; column++) {
        const struct sweep *sweep = sweeps[column];
        table->rank_of = sweep->steps != NULL ? sweep->rank_of : table->rank_of;
        for (uint32_t rank = 0; rank < node_count; rank++) {
            ticks[(size_t)rank * count + column] = sweep->steps != NULL ? sweep->steps[rank].ticks : ROAD_INFINITY;
        }
    }
    return STATUS_OK;
}

void sweep_table_free(struct sweep_table *table)
{
    free(table->ticks);
    *table = (struct sweep_table){ 0 };
}

uint32_t sweep_ahead_to(const struct sweep *sweep, uint32_t node, road_ticks left)
{
    const struct sweep_step *steps = sweep->steps;
    uint32_t rank = sweep->rank_of[node];
    while (steps[rank].far != ROAD_NONE && steps[steps[rank].far].ticks > left) {
        rank = steps[rank].far;
    }
    while (steps[rank].ticks > left && steps[rank].next != ROAD_NONE) {
        rank = steps[rank].next;
    }
    return sweep->node_at[rank];
}

uint32_t sweep_ahead_from(const struct sweep *sweep, uint32_t node, road_ticks elapsed)
{
    const struct sweep_step *steps = sweep->steps;
    uint32_t rank = sweep->rank_of[node];
    while (steps[rank].far != ROAD_NONE && steps[steps[rank].far].ticks >= elapsed) {
        rank = steps[rank].far;
    }
    while (steps[rank].next != ROAD_NONE && steps[steps[rank].next].ticks >= elapsed) {
        rank = steps[rank].next;
    }
    return sweep->node_at[rank];
}
