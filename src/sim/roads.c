#include "sim/roads.h"

#include <stdlib.h>

#include "base/check.h"

struct roads {
    const struct city *city;
    int64_t tick_us;
    const road_ticks *weights[DRIVING_PROFILES]; /* the city's, or what was learned */
    road_ticks *learned[DRIVING_PROFILES];       /* NULL: nothing was */
    struct cch_metric *metric[DRIVING_PROFILES];
    struct cch_labels *labels[DRIVING_PROFILES];
};

static enum status choose_weights(struct roads *roads, enum road_profile profile, const struct speeds *speeds,
                                  enum speed_band band, struct error *error)
{
    roads->weights[profile] = city_weights(roads->city, profile);
    if (speeds == NULL) {
        return STATUS_OK;
    }
    roads->learned[profile] = malloc(((size_t)city_graph(roads->city)->arc_count + 1) * sizeof *roads->learned[profile]);
    if (roads->learned[profile] == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the learned speeds");
    }
    speeds_weights(speeds, roads->city, profile, band, roads->learned[profile]);
    roads->weights[profile] = roads->learned[profile];
    return STATUS_OK;
}

enum status roads_create(const struct city *city, struct roads **roads, struct error *error)
{
    return roads_create_learned(city, NULL, SPEED_ALL, roads, error);
}

enum status roads_create_learned(const struct city *city, const struct speeds *speeds, enum speed_band band, struct roads **roads,
                                 struct error *error)
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
        status = choose_weights(made, (enum road_profile)profile, speeds, band, error);
        if (status == STATUS_OK) {
            status = cch_metric_create(city_cch(city), city_graph(city), made->weights[profile], NULL, &made->metric[profile],
                                       error);
        }
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
        free(roads->learned[profile]);
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
        const road_ticks *weights = roads->weights[profile];
        if (p > 0 && spot->place[0].node != ROAD_NONE) {
            spot->place[p] = spot->place[0]; /* where places are nodes, they are the same for every profile */
        } else {
            TRY(city_snap(roads->city, profile, at, limit_m, &spot->place[p], error));
        }
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

road_ticks roads_direct_ticks(const struct roads *roads, enum road_profile profile, const struct spot *from,
                              const struct spot *to)
{
    if (from->place[profile].node != ROAD_NONE) {
        return ROAD_INFINITY;
    }
    road_ticks direct = city_direct_ticks(roads->city, roads->weights[profile], &from->place[profile], &to->place[profile]);
    return direct < ROAD_INFINITY ? direct + from->off_road[profile] + to->off_road[profile] : ROAD_INFINITY;
}

road_ticks roads_spot_ticks(const struct roads *roads, enum road_profile profile, const struct spot *from, const struct spot *to)
{
    road_ticks by_nodes = roads_ticks(roads, profile, &from->leaving[profile], &to->reaching[profile]);
    road_ticks direct = roads_direct_ticks(roads, profile, from, to);
    return direct < by_nodes ? direct : by_nodes;
}

void roads_ahead(const struct roads *roads, enum road_profile profile, const struct road_seeds *from, const struct road_seeds *to,
                 road_ticks elapsed, struct cch_ahead *ahead)
{
    cch_labels_ahead(roads->labels[profile], roads->metric[profile], from, to, elapsed, ahead);
}
