#include "sim/homing.h"

#include <stdlib.h>

#include "base/check.h"
#include "road/dijkstra.h"

enum { FAR_NODES = 16 };

struct homing_maker {
    enum road_profile profile;
    const struct cch *cch;
    struct road_graph turned; /* every arc from its head to its tail */
    uint32_t *first_out, *tail, *head;
    road_ticks *weights;
    struct dijkstra *dijkstra;
};

static void turn_round(const struct road_graph *graph, const road_ticks *weights, struct homing_maker *maker)
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

enum status homing_maker_create(const struct roads *roads, enum road_profile profile, struct homing_maker **maker,
                                struct error *error)
{
    const struct road_graph *graph = city_graph(roads_city(roads));
    struct homing_maker *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the ways home");
    }
    made->profile = profile;
    made->cch = city_cch(roads_city(roads));
    made->first_out = calloc((size_t)graph->node_count + 2, sizeof *made->first_out);
    made->tail = calloc((size_t)graph->arc_count + 1, sizeof *made->tail);
    made->head = calloc((size_t)graph->arc_count + 1, sizeof *made->head);
    made->weights = calloc((size_t)graph->arc_count + 1, sizeof *made->weights);
    enum status status = STATUS_OK;
    if (made->first_out == NULL || made->tail == NULL || made->head == NULL || made->weights == NULL) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for the ways home");
    } else {
        turn_round(graph, city_weights(roads_city(roads), profile), made);
        made->turned = (struct road_graph){ .node_count = graph->node_count,
                                            .arc_count = graph->arc_count,
                                            .first_out = made->first_out,
                                            .tail = made->tail,
                                            .head = made->head,
                                            .point = graph->point };
        status = dijkstra_create(&made->turned, &made->dijkstra, error);
    }
    if (status != STATUS_OK) {
        homing_maker_destroy(made);
        return status;
    }
    *maker = made;
    return STATUS_OK;
}

void homing_maker_destroy(struct homing_maker *maker)
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

static void link_nodes(const struct homing_maker *maker, struct homing_step *steps)
{
    uint32_t count;
    const uint32_t *settled = dijkstra_settled(maker->dijkstra, &count), *rank_of = maker->cch->rank_of;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t arc = dijkstra_arc_to(maker->dijkstra, settled[i]);
        steps[rank_of[settled[i]]] = (struct homing_step){ .left = dijkstra_ticks(maker->dijkstra, settled[i]),
                                                           .next = arc == ROAD_NONE ? ROAD_NONE
                                                                                    : rank_of[maker->turned.tail[arc]],
                                                           .far = ROAD_NONE };
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t rank = rank_of[settled[i]];
        for (int hops = 0; hops < FAR_NODES && rank != ROAD_NONE; hops++) {
            rank = steps[rank].next;
        }
        steps[rank_of[settled[i]]].far = rank;
    }
}

enum status homing_create(struct homing_maker *maker, const struct spot *place, struct homing *homing, struct error *error)
{
    const struct dijkstra_search search = { .weights = maker->weights,
                                            .from = &place->reaching[maker->profile],
                                            .limit = ROAD_INFINITY };
    TRY(dijkstra_run(maker->dijkstra, &search, error));
    uint32_t node_count = maker->turned.node_count;
    struct homing_step *steps = malloc(((size_t)node_count + 1) * sizeof *steps);
    if (steps == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the ways home");
    }
    for (uint32_t node = 0; node < node_count; node++) {
        steps[node] = (struct homing_step){ .left = ROAD_INFINITY, .next = ROAD_NONE, .far = ROAD_NONE };
    }
    link_nodes(maker, steps);
    *homing = (struct homing){ .steps = steps, .rank_of = maker->cch->rank_of, .node_at = maker->cch->node_at };
    return STATUS_OK;
}

void homing_free(struct homing *homing)
{
    free(homing->steps);
    homing->steps = NULL;
}

uint32_t homing_ahead(const struct homing *homing, uint32_t node, road_ticks left)
{
    const struct homing_step *steps = homing->steps;
    uint32_t rank = homing->rank_of[node];
    while (steps[rank].far != ROAD_NONE && steps[steps[rank].far].left > left) {
        rank = steps[rank].far;
    }
    while (steps[rank].left > left && steps[rank].next != ROAD_NONE) {
        rank = steps[rank].next;
    }
    return homing->node_at[rank];
}
