#include "host/journey.h"

#include <stdlib.h>

#include "road/city_map.h"
#include "road/place_table.h"
#include "road/route.h"
#include "wire/form.h"

void journey_free(struct journey *journey)
{
    free(journey->units);
    free(journey->districts);
    journey->units = NULL;
    journey->districts = NULL;
}

static void write_position(struct json *json, struct geo_point point)
{
    json_array_begin(json, NULL);
    json_e7(json, NULL, point.lon_e7);
    json_e7(json, NULL, point.lat_e7);
    json_array_end(json);
}

static enum status snap(const struct journey *journey, struct geo_point point, struct road_place *place, struct error *error)
{
    return city_snap(journey->city, journey->profile, point, PLACE_SNAP_M, place, error);
}

/* ---- ways ---- */

static void write_route(const struct journey *journey, struct json *json, const struct route *route)
{
    json_number(json, "seconds", trip_seconds(journey->city, &route->trip), 1);
    json_number(json, "metres", (double)route->trip.length_dm / 10, 0);
    json_array_begin(json, "points");
    for (uint32_t i = 0; i < route->point_count; i++) {
        write_position(json, route->points[i]);
    }
    json_array_end(json);
    json_array_begin(json, "steps");
    for (uint32_t i = 0; i < route->step_count; i++) {
        const struct route_step *step = &route->steps[i];
        json_object_begin(json, NULL);
        json_text(json, "street", step->street);
        json_number(json, "metres", step->metres, 0);
        json_number(json, "seconds", step->seconds, 1);
        form_point(json, "point", route->points[step->first_point]);
        json_object_end(json);
    }
    json_array_end(json);
}

enum status journey_route(struct journey *journey, struct json *json, struct error *error)
{
    struct road_place from, to;
    struct route route;
    TRY(snap(journey, journey->from, &from, error));
    TRY(snap(journey, journey->to, &to, error));
    TRY(route_find(journey->city, journey->profile, &from, &to, &route, error));
    write_route(journey, json, &route);
    route_free(&route);
    return STATUS_OK;
}

/* ---- areas ---- */

static void write_ring(struct json *json, const struct isochrone_area *area, const struct isochrone_ring *ring)
{
    json_array_begin(json, NULL);
    for (uint32_t i = 0; i < ring->point_count; i++) {
        write_position(json, area->points[ring->first_point + i]);
    }
    json_array_end(json);
}

/* Each area as a feature. */
static void write_areas(const struct journey *journey, struct json *json, const struct isochrone_area *areas)
{
    json_text(json, "type", "FeatureCollection");
    json_array_begin(json, "features");
    for (uint32_t k = 0; k < journey->limit_count; k++) {
        const struct isochrone_area *area = &areas[k];
        json_object_begin(json, NULL);
        json_text(json, "type", "Feature");
        json_object_begin(json, "properties");
        json_number(json, "minutes", journey->limits_s[k] / 60, 3);
        json_object_end(json);
        json_object_begin(json, "geometry");
        json_text(json, "type", "MultiPolygon");
        json_array_begin(json, "coordinates");
        for (uint32_t i = 0; i < area->ring_count; i++) {
            if (!area->rings[i].is_hole) {
                json_array_begin(json, NULL);
            }
            write_ring(json, area, &area->rings[i]);
            if (i + 1 == area->ring_count || !area->rings[i + 1].is_hole) {
                json_array_end(json);
            }
        }
        json_array_end(json);
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

enum status journey_isochrones(struct journey *journey, struct json *json, struct error *error)
{
    struct isochrone_area areas[ISOCHRONE_LIMITS_MAX];
    struct road_place at;
    TRY(snap(journey, journey->from, &at, error));
    TRY(isochrone_find(journey->city, journey->profile, &at, journey->limits_s, journey->limit_count, areas, error));
    write_areas(journey, json, areas);
    isochrone_free(areas, journey->limit_count);
    return STATUS_OK;
}

/* ---- coverage ---- */

/* Of each place of the network, whatever turn it was reached by. */
static road_ticks *first_at_base(const struct city *city, const road_ticks *reached)
{
    road_ticks *first = malloc((size_t)city_base_count(city) * sizeof *first);
    for (uint32_t node = 0; node < city_base_count(city) && first != NULL; node++) {
        first[node] = reached[node];
    }
    for (uint32_t node = city_base_count(city); node < city_graph(city)->node_count && first != NULL; node++) {
        uint32_t base = city_base_of_node(city, node);
        first[base] = reached[node] < first[base] ? reached[node] : first[base];
    }
    return first;
}

/* The share of an edge that is reached in time, from either end as far as the time goes. */
static enum status cover_districts(struct journey *journey, const road_ticks *reached, struct error *error)
{
    const struct city *city = journey->city;
    const struct road_graph *graph = city_graph(city);
    const road_ticks *weights = city_weights(city, journey->profile);
    const uint32_t *district_of = journey->edge_districts;
    double limit = journey->limits_s[0] * city_ticks_per_second(city);
    road_ticks *first = first_at_base(city, reached);
    float *covered = calloc((size_t)city_edge_count(city) + 1, sizeof *covered), *lengths_m = NULL;
    lengths_m = calloc((size_t)city_edge_count(city) + 1, sizeof *lengths_m);
    bool possible = first != NULL && covered != NULL && lengths_m != NULL;
    for (uint32_t arc = 0; arc < graph->arc_count && possible; arc++) {
        if (graph->tail[arc] < city_base_count(city) && weights[arc] < ROAD_INFINITY) {
            double left = limit - first[graph->tail[arc]];
            double share = left <= 0 ? 0 : left >= weights[arc] ? 1 : left / weights[arc];
            uint32_t edge = city_edge_of_arc(city, arc);
            covered[edge] += (float)share;
            lengths_m[edge] = (float)city_lengths_dm(city)[arc] / 10;
        }
    }
    for (uint32_t edge = 0; edge < city_edge_count(city) && possible; edge++) {
        struct district_cover *cover = &journey->districts[district_of[edge] < journey->district_count ? district_of[edge] : 0];
        cover->road_m += lengths_m[edge];
        cover->covered_m += lengths_m[edge] * (covered[edge] < 1 ? covered[edge] : 1);
    }
    free(first);
    free(covered);
    free(lengths_m);
    return possible ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "No memory for the roads' shares.");
}

static void write_share(struct json *json, const struct district_cover *cover)
{
    json_number(json, "road_km", cover->road_m / 1000, 1);
    if (cover->road_m > 0) {
        json_number(json, "share", cover->covered_m / cover->road_m, 4);
    } else {
        json_none(json, "share");
    }
}

static void write_coverage(const struct journey *journey, struct json *json, const struct isochrone_area *areas)
{
    struct district_cover whole = { 0, 0 };
    write_areas(journey, json, areas);
    json_int(json, "units", journey->unit_count);
    json_array_begin(json, "districts");
    for (uint32_t id = 0; id < journey->district_count; id++) {
        const struct district_cover *cover = &journey->districts[id];
        whole.road_m += cover->road_m;
        whole.covered_m += cover->covered_m;
        if (id > 0) {
            json_object_begin(json, NULL);
            json_int(json, "district", id);
            write_share(json, cover);
            json_object_end(json);
        }
    }
    json_array_end(json);
    write_share(json, &whole);
}

/* A unit that stands off all roads covers nothing. */
static uint32_t snap_units(const struct journey *journey, struct isochrone_source *sources)
{
    uint32_t count = 0;
    struct error error;
    for (uint32_t i = 0; i < journey->unit_count; i++) {
        if (snap(journey, journey->units[i].point, &sources[count].place, &error) == STATUS_OK) {
            sources[count++].delay = journey->units[i].delay;
        }
    }
    return count;
}

enum status journey_coverage(struct journey *journey, struct json *json, struct error *error)
{
    struct isochrone_area areas[1] = { { 0 } };
    struct isochrone_source *sources = calloc((size_t)journey->unit_count + 1, sizeof *sources);
    road_ticks *reached = malloc(((size_t)city_graph(journey->city)->node_count + 1) * sizeof *reached);
    enum status status = sources != NULL && reached != NULL ? STATUS_OK
                                                            : ERROR(error, STATUS_NO_MEMORY, "No memory for the coverage.");
    if (status == STATUS_OK) {
        uint32_t count = snap_units(journey, sources);
        status = isochrone_find_from(journey->city, journey->profile, sources, count, journey->limits_s, 1, areas, reached,
                                     error);
    }
    if (status == STATUS_OK) {
        status = cover_districts(journey, reached, error);
    }
    if (status == STATUS_OK) {
        write_coverage(journey, json, areas);
    }
    isochrone_free(areas, 1);
    free(sources);
    free(reached);
    return status;
}
