#include "sim/roads.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"

struct roads {
    const struct city *city;
    int64_t tick_us;
    struct cch_metric *metric[DRIVING_PROFILES];
    struct cch_labels *labels[DRIVING_PROFILES];
};

enum status roads_create(const struct city *city, struct roads **roads, struct error *error)
{
    struct roads *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the roads");
    }
    made->city = city;
    CHECK(US_PER_SECOND % city_ticks_per_second(city) == 0);
    made->tick_us = US_PER_SECOND / city_ticks_per_second(city);
    enum status status = STATUS_OK;
    for (int profile = 0; profile < DRIVING_PROFILES && status == STATUS_OK; profile++) {
        if (!city_has_profile(city, (enum road_profile)profile)) {
            status = ERROR(error, STATUS_BAD_INPUT, "the city has no roads for the profile that ambulances drive by");
            break;
        }
        status = cch_metric_create(city_cch(city), city_graph(city), city_weights(city, (enum road_profile)profile), NULL,
                                   &made->metric[profile], error);
        if (status == STATUS_OK) {
            status = cch_labels_create(made->metric[profile], &made->labels[profile], error);
        }
    }
    if (status != STATUS_OK) {
        roads_destroy(made);
        return status;
    }
    *roads = made;
    return STATUS_OK;
}

void roads_destroy(struct roads *roads)
{
    if (roads == NULL) {
        return;
    }
    for (int profile = 0; profile < DRIVING_PROFILES; profile++) {
        if (roads->labels[profile] != NULL) {
            cch_labels_destroy(roads->labels[profile]);
        }
        if (roads->metric[profile] != NULL) {
            cch_metric_destroy(roads->metric[profile]);
        }
    }
    free(roads);
}

const struct city *roads_city(const struct roads *roads) { return roads->city; }

int64_t roads_tick_us(const struct roads *roads) { return roads->tick_us; }

static void add_ticks(struct road_seeds *seeds, road_ticks ticks)
{
    for (uint32_t i = 0; i < seeds->count; i++) {
        seeds->seed[i].ticks += ticks;
    }
}

enum status roads_spot(const struct roads *roads, struct geo_point at, double limit_m, struct spot *spot, struct error *error)
{
    for (int p = 0; p < DRIVING_PROFILES; p++) {
        enum road_profile profile = (enum road_profile)p;
        const road_ticks *weights = city_weights(roads->city, profile);
        TRY(city_snap(roads->city, profile, at, limit_m, &spot->place[p], error));
        spot->off_road[p] = city_off_road_ticks(roads->city, profile, &spot->place[p]);
        city_seeds_leaving(roads->city, weights, &spot->place[p], &spot->leaving[p]);
        city_seeds_reaching(roads->city, weights, &spot->place[p], &spot->reaching[p]);
        add_ticks(&spot->leaving[p], spot->off_road[p]);
        add_ticks(&spot->reaching[p], spot->off_road[p]);
    }
    return STATUS_OK;
}

road_ticks roads_ticks(const struct roads *roads, enum road_profile profile, const struct road_seeds *from,
                       const struct road_seeds *to)
{
    const struct cch_labels *labels = roads->labels[profile];
    if (from->count == 1 && to->count == 1) {
        road_ticks between = cch_labels_distance(labels, from->seed[0].node, to->seed[0].node);
        road_ticks whole = between >= ROAD_INFINITY ? ROAD_INFINITY : between + from->seed[0].ticks + to->seed[0].ticks;
        return whole < ROAD_INFINITY ? whole : ROAD_INFINITY;
    }
    return cch_labels_seeds(labels, from, to);
}

road_ticks roads_spot_ticks(const struct roads *roads, enum road_profile profile, const struct spot *from, const struct spot *to)
{
    road_ticks by_nodes = roads_ticks(roads, profile, &from->leaving[profile], &to->reaching[profile]);
    road_ticks direct = city_direct_ticks(roads->city, city_weights(roads->city, profile), &from->place[profile],
                                          &to->place[profile]);
    if (direct >= ROAD_INFINITY) {
        return by_nodes;
    }
    direct += from->off_road[profile] + to->off_road[profile];
    return direct < by_nodes ? direct : by_nodes;
}

/* ---- ways ---- */

VEC_TYPE(node_vec, uint32_t);
VEC_TYPE(ticks_vec, road_ticks);

struct road_ways {
    const struct roads *roads;
    struct cch_query *query[DRIVING_PROFILES];
    struct node_vec nodes;
    struct ticks_vec at;
};

enum status road_ways_create(const struct roads *roads, struct road_ways **ways, struct error *error)
{
    struct road_ways *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for finding ways");
    }
    made->roads = roads;
    for (int profile = 0; profile < DRIVING_PROFILES; profile++) {
        enum status status = cch_query_create(roads->metric[profile], &made->query[profile], error);
        if (status != STATUS_OK) {
            road_ways_destroy(made);
            return status;
        }
    }
    *ways = made;
    return STATUS_OK;
}

void road_ways_destroy(struct road_ways *ways)
{
    if (ways == NULL) {
        return;
    }
    for (int profile = 0; profile < DRIVING_PROFILES; profile++) {
        if (ways->query[profile] != NULL) {
            cch_query_destroy(ways->query[profile]);
        }
    }
    vec_free(&ways->nodes);
    vec_free(&ways->at);
    free(ways);
}

static road_ticks seed_ticks(const struct road_seeds *seeds, uint32_t node)
{
    road_ticks least = ROAD_INFINITY;
    for (uint32_t i = 0; i < seeds->count; i++) {
        if (seeds->seed[i].node == node && seeds->seed[i].ticks < least) {
            least = seeds->seed[i].ticks;
        }
    }
    return least;
}

enum status road_ways_find(struct road_ways *ways, enum road_profile profile, const struct road_seeds *from,
                           const struct road_seeds *to, struct way *way, struct error *error)
{
    struct cch_path path;
    TRY(cch_query_path(ways->query[profile], from, to, &path, error));
    *way = (struct way){ .total = path.ticks };
    if (path.ticks >= ROAD_INFINITY) {
        return STATUS_OK;
    }
    if (!vec_reserve(&ways->nodes, path.arc_count + 1) || !vec_reserve(&ways->at, path.arc_count + 1)) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a way of %u arcs", path.arc_count);
    }
    const struct road_graph *graph = city_graph(ways->roads->city);
    const road_ticks *weights = cch_metric_weights(ways->roads->metric[profile]);
    road_ticks at = seed_ticks(from, path.from_node);
    ways->nodes.items[0] = path.from_node;
    ways->at.items[0] = at;
    for (uint32_t i = 0; i < path.arc_count; i++) {
        at += weights[path.arcs[i]];
        ways->nodes.items[i + 1] = graph->head[path.arcs[i]];
        ways->at.items[i + 1] = at;
    }
    way->node_count = path.arc_count + 1;
    way->nodes = ways->nodes.items;
    way->at = ways->at.items;
    return STATUS_OK;
}
