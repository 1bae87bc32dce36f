/* Coverage: seeds of up to ROAD_SEEDS_MAX ends share one sweep, the smallest over all sweeps stays. */
#include "sim/coverage.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "road/cch.h"

const int COVERAGE_MINUTES[COVERAGE_STEPS] = { 4, 8, 12 };

struct covering {
    const struct scenario *scenario;
    const struct city *city;
    const road_ticks *weights;
    struct cch_query *query;
    road_ticks *sweep, *nearest; /* node_count each */
    uint32_t node_count;
};

static void run_sweep(struct covering *covering, const struct road_seeds *seeds)
{
    if (seeds->count == 0) {
        return;
    }
    cch_from_one_to_all(covering->query, seeds, covering->sweep);
    for (uint32_t node = 0; node < covering->node_count; node++) {
        if (covering->sweep[node] < covering->nearest[node]) {
            covering->nearest[node] = covering->sweep[node];
        }
    }
}

static enum status sweep_posts(struct covering *covering, const bool *has_unit, uint32_t *post_count, struct error *error)
{
    struct road_seeds gathered = { 0 };
    *post_count = 0;
    for (uint32_t i = 0; i < covering->scenario->station_count; i++) {
        if (!has_unit[i]) {
            continue;
        }
        struct road_place place;
        TRY(city_snap(covering->city, ROAD_EMERGENCY, covering->scenario->stations[i].point, covering->scenario->snap_limit_m,
                      &place, error));
        struct road_seeds seeds;
        city_seeds_leaving(covering->city, covering->weights, &place, &seeds);
        road_ticks off_road = city_off_road_ticks(covering->city, ROAD_EMERGENCY, &place);
        if (gathered.count + seeds.count > ROAD_SEEDS_MAX) {
            run_sweep(covering, &gathered);
            gathered.count = 0;
        }
        for (uint32_t seed = 0; seed < seeds.count; seed++) {
            gathered.seed[gathered.count++] = (struct road_seed){ seeds.seed[seed].node, seeds.seed[seed].ticks + off_road };
        }
        (*post_count)++;
    }
    run_sweep(covering, &gathered);
    return STATUS_OK;
}

static double ticks_to_s(const struct city *city, road_ticks ticks) { return (double)ticks / city_ticks_per_second(city); }

/* Seconds to a place off the nodes: over the cheapest of its seeds. */
static double place_seconds(const struct covering *covering, struct geo_point point)
{
    struct road_place place;
    struct error ignored; /* a place far from every road counts as unreachable */
    if (city_snap(covering->city, ROAD_EMERGENCY, point, covering->scenario->snap_limit_m, &place, &ignored) != STATUS_OK) {
        return INFINITY;
    }
    struct road_seeds seeds;
    city_seeds_reaching(covering->city, covering->weights, &place, &seeds);
    uint64_t best = ROAD_INFINITY;
    for (uint32_t seed = 0; seed < seeds.count; seed++) {
        uint64_t ticks = (uint64_t)covering->nearest[seeds.seed[seed].node] + seeds.seed[seed].ticks;
        best = ticks < best ? ticks : best;
    }
    if (best >= ROAD_INFINITY) {
        return INFINITY;
    }
    return ticks_to_s(covering->city, (road_ticks)best) +
           ticks_to_s(covering->city, city_off_road_ticks(covering->city, ROAD_EMERGENCY, &place));
}

struct demand_sums {
    double all, within[COVERAGE_STEPS];
};

static void weigh(struct coverage *coverage, struct demand_sums *districts, struct demand_sums *total, double *reached,
                  double seconds, double weight, uint32_t district)
{
    total->all += weight;
    if (isfinite(seconds)) {
        *reached += weight;
        coverage->mean_s += weight * seconds;
    }
    if (district < coverage->district_count) {
        districts[district].all += weight;
    }
    for (int step = 0; step < COVERAGE_STEPS; step++) {
        if (seconds <= 60.0 * COVERAGE_MINUTES[step]) {
            total->within[step] += weight;
            if (district < coverage->district_count) {
                districts[district].within[step] += weight;
            }
        }
    }
}

static void weigh_demand(const struct covering *covering, const struct coverage_place *places, uint32_t place_count,
                         struct demand_sums *districts, struct coverage *coverage)
{
    const struct scenario *scenario = covering->scenario;
    bool by_cells = scenario->cell_count > 0;
    uint32_t count = by_cells ? scenario->cell_count : place_count;
    uint32_t step = (count + COVERAGE_CELLS_MAX - 1) / COVERAGE_CELLS_MAX;
    struct demand_sums total = { 0 };
    double reached = 0;
    coverage->mean_s = 0;
    for (uint32_t i = 0; i < count; i += step) {
        struct geo_point point = by_cells ? scenario->cells[i].point : places[i].point;
        double weight = by_cells ? (double)scenario->cells[i].weight : places[i].weight;
        uint32_t district = by_cells ? scenario->cells[i].district : places[i].district;
        weigh(coverage, districts, &total, &reached, place_seconds(covering, point), weight, district);
        coverage->place_count++;
    }
    coverage->mean_s = reached > 0 ? coverage->mean_s / reached : NAN;
    coverage->unreachable = total.all > 0 ? (total.all - reached) / total.all : NAN;
    for (int i = 0; i < COVERAGE_STEPS; i++) {
        coverage->within[i] = total.all > 0 ? total.within[i] / total.all : NAN;
        for (uint32_t district = 0; district < coverage->district_count; district++) {
            double all = districts[district].all;
            coverage->district_within[district * COVERAGE_STEPS + (uint32_t)i] = all > 0 ? districts[district].within[i] / all
                                                                                         : NAN;
        }
    }
}

static void keep_node_times(const struct covering *covering, struct coverage *coverage)
{
    for (uint32_t node = 0; node < covering->node_count; node++) {
        road_ticks ticks = covering->nearest[node];
        coverage->node_s[node] = ticks < ROAD_INFINITY ? (float)ticks_to_s(covering->city, ticks) : INFINITY;
    }
}

static bool *posts_with_units(const struct scenario *scenario)
{
    bool *has_unit = calloc((size_t)scenario->station_count + 1, sizeof *has_unit);
    for (uint32_t unit = 0; has_unit != NULL && unit < scenario->unit_count; unit++) {
        has_unit[scenario->units[unit].station] = true;
    }
    return has_unit;
}

enum status coverage_compute(const struct scenario *scenario, const struct city *city, const struct coverage_place *places,
                             uint32_t place_count, struct coverage *coverage, struct error *error)
{
    enum status status = STATUS_OK;
    struct covering covering = { .scenario = scenario, .city = city, .weights = city_weights(city, ROAD_EMERGENCY) };
    struct coverage made = { .node_count = city_graph(city)->node_count, .district_count = scenario->district_count };
    covering.node_count = made.node_count;
    struct cch_metric *metric = NULL;
    covering.sweep = malloc(((size_t)made.node_count + 1) * sizeof *covering.sweep);
    covering.nearest = malloc(((size_t)made.node_count + 1) * sizeof *covering.nearest);
    made.node_s = malloc(((size_t)made.node_count + 1) * sizeof *made.node_s);
    made.district_within = malloc(((size_t)made.district_count + 1) * COVERAGE_STEPS * sizeof *made.district_within);
    struct demand_sums *districts = calloc((size_t)made.district_count + 1, sizeof *districts);
    bool *has_unit = posts_with_units(scenario);
    if (covering.sweep == NULL || covering.nearest == NULL || made.node_s == NULL || made.district_within == NULL ||
        districts == NULL || has_unit == NULL) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for the coverage of %u nodes", made.node_count);
        goto out;
    }
    for (uint32_t node = 0; node < made.node_count; node++) {
        covering.nearest[node] = ROAD_INFINITY;
    }
    TRY_GOTO(cch_metric_create(city_cch(city), city_graph(city), covering.weights, NULL, &metric, error), out);
    TRY_GOTO(cch_query_create(metric, &covering.query, error), out);
    TRY_GOTO(sweep_posts(&covering, has_unit, &made.post_count, error), out);
    keep_node_times(&covering, &made);
    weigh_demand(&covering, places, place_count, districts, &made);
    *coverage = made;
out:
    cch_query_destroy(covering.query);
    cch_metric_destroy(metric);
    free(covering.sweep);
    free(covering.nearest);
    free(districts);
    free(has_unit);
    if (status != STATUS_OK) {
        coverage_free(&made);
    }
    return status;
}

void coverage_free(struct coverage *coverage)
{
    free(coverage->node_s);
    free(coverage->district_within);
    *coverage = (struct coverage){ 0 };
}
