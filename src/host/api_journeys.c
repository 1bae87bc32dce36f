/* GET /routes, /isochrones and /coverage: ways and areas by road, for people who look at a map. Each is computed in a travelling
 * thread (places.h) from copies of what it needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/api_private.h"
#include "host/places.h"
#include "host/point_form.h"
#include "road/isochrone.h"
#include "road/place_table.h"
#include "road/profile.h"
#include "road/route.h"
#include "wire/form.h"

enum { MINUTES_MAX = ISOCHRONE_SECONDS_MAX / 60, COVERAGE_DEFAULT_MIN = 8, SECONDS_A_MINUTE = 60 };

/* One question, kept with the exchange. */
struct journey {
    struct exchange *exchange;
    enum road_profile profile;
    struct geo_point from, to;
    double limits_s[ISOCHRONE_LIMITS_MAX];
    uint32_t limit_count;

    /* Of coverage: the units that can be sent, and what comes of each district. */
    uint32_t unit_count;
    struct covering_unit {
        struct geo_point point;
        struct duration delay;
    } *units;
    struct district_cover {
        double road_m, covered_m;
    } *districts; /* by district, 0: in none */
    uint32_t district_count;
};

static void free_journey(struct journey *journey)
{
    free(journey->units);
    free(journey->districts);
    journey->units = NULL;
    journey->districts = NULL;
}

/* ---- beginning and ending ---- */

static void end_journey(struct journey *journey, enum status status, const struct error *error)
{
    struct exchange *exchange = journey->exchange;
    exchange->status = status;
    if (status != STATUS_OK) {
        snprintf(exchange->why, sizeof exchange->why, "%.*s", (int)sizeof exchange->why - 1, error->text);
    }
}

static void answer_journey(void *kept)
{
    struct journey *journey = kept;
    struct exchange *exchange = journey->exchange;
    free_journey(journey);
    if (exchange->status == STATUS_OK) {
        exchange_send_body(exchange, 200);
    } else if (exchange->status == STATUS_NOT_FOUND) {
        exchange_problem_text(exchange, PROBLEM_OUT_OF_REACH, "%s", exchange->why);
    } else {
        exchange_problem_text(exchange, PROBLEM_BUSY, "%s", exchange->why[0] != '\0' ? exchange->why : "The server stops.");
    }
}

static void give_journey(struct journey *journey, void (*work)(void *job))
{
    struct exchange *exchange = journey->exchange;
    exchange->status = STATUS_IO; /* until the work has been done */
    if (!workers_give(places_travellers(exchange->api->setup.places), work, answer_journey, journey)) {
        free_journey(journey);
        exchange_problem_of(exchange, PROBLEM_BUSY);
    }
}

/* NULL: answered. */
static struct journey *begin_journey(struct exchange *exchange)
{
    struct journey *journey = calloc(1, sizeof *journey);
    const char *profile = http_parameter(exchange->request, "profile");
    exchange->kept = journey;
    if (journey == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return NULL;
    }
    journey->exchange = exchange;
    journey->profile = profile != NULL ? profile_of_name(profile) : ROAD_EMERGENCY;
    if (journey->profile == ROAD_PROFILE_COUNT || !city_has_profile(places_city(exchange->api->setup.places), journey->profile)) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER,
                              "profile must be emergency, normal or foot, and one that the city's map has.");
        return NULL;
    }
    return journey;
}

static bool read_end(struct exchange *exchange, const char *name, struct geo_point *point)
{
    const char *text = http_parameter(exchange->request, name);
    if (text == NULL || !point_form_read(text, point)) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s must be LON,LAT in degrees, such as 11.9746,57.7089.", name);
        return false;
    }
    return true;
}

static bool read_minutes(struct journey *journey, const char *fallback, uint32_t maximum)
{
    const char *text = http_parameter(journey->exchange->request, "minutes");
    text = text != NULL ? text : fallback;
    if (text == NULL || !point_form_read_rising(text, MINUTES_MAX, maximum, journey->limits_s, &journey->limit_count)) {
        exchange_problem_text(journey->exchange, PROBLEM_UNKNOWN_PARAMETER,
                              "minutes must be %s above 0 and at most %d, such as %s.",
                              maximum == 1 ? "one number" : "rising numbers, at most 16, each", MINUTES_MAX,
                              maximum == 1 ? "8" : "4,8,12");
        return false;
    }
    for (uint32_t i = 0; i < journey->limit_count; i++) {
        journey->limits_s[i] *= SECONDS_A_MINUTE;
    }
    return true;
}

static const struct city *city_of(const struct journey *journey) { return places_city(journey->exchange->api->setup.places); }

static enum status snap(const struct journey *journey, struct geo_point point, struct road_place *place, struct error *error)
{
    return city_snap(city_of(journey), journey->profile, point, PLACE_SNAP_M, place, error);
}

static void write_position(struct json *json, struct geo_point point)
{
    json_array_begin(json, NULL);
    json_e7(json, NULL, point.lon_e7);
    json_e7(json, NULL, point.lat_e7);
    json_array_end(json);
}

/* ---- GET /routes ---- */

static void write_route(const struct journey *journey, const struct route *route)
{
    struct json *json = exchange_object(journey->exchange);
    json_number(json, "seconds", trip_seconds(city_of(journey), &route->trip), 1);
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
    json_object_end(json);
}

static enum status travel(const struct journey *journey, struct error *error)
{
    struct road_place from, to;
    struct route route;
    TRY(snap(journey, journey->from, &from, error));
    TRY(snap(journey, journey->to, &to, error));
    TRY(route_find(city_of(journey), journey->profile, &from, &to, &route, error));
    write_route(journey, &route);
    route_free(&route);
    return STATUS_OK;
}

static void find_route(void *kept)
{
    struct journey *journey = kept;
    struct error error = { .text = "" };
    enum status status = travel(journey, &error);
    end_journey(journey, status, &error);
}

void api_show_route(struct exchange *exchange)
{
    struct journey *journey = begin_journey(exchange);
    if (journey != NULL && read_end(exchange, "from", &journey->from) && read_end(exchange, "to", &journey->to)) {
        give_journey(journey, find_route);
    }
}

/* ---- GET /isochrones ---- */

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
        json_number(json, "minutes", journey->limits_s[k] / SECONDS_A_MINUTE, 3);
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

static enum status spread(const struct journey *journey, struct error *error)
{
    struct isochrone_area areas[ISOCHRONE_LIMITS_MAX];
    struct road_place at;
    TRY(snap(journey, journey->from, &at, error));
    TRY(isochrone_find(city_of(journey), journey->profile, &at, journey->limits_s, journey->limit_count, areas, error));
    struct json *json = exchange_object(journey->exchange);
    write_areas(journey, json, areas);
    json_object_end(json);
    isochrone_free(areas, journey->limit_count);
    return STATUS_OK;
}

static void find_isochrones(void *kept)
{
    struct journey *journey = kept;
    struct error error = { .text = "" };
    enum status status = spread(journey, &error);
    end_journey(journey, status, &error);
}

void api_show_isochrones(struct exchange *exchange)
{
    struct journey *journey = begin_journey(exchange);
    if (journey != NULL && read_end(exchange, "at", &journey->from) &&
        read_minutes(journey, NULL, ISOCHRONE_LIMITS_MAX)) {
        give_journey(journey, find_isochrones);
    }
}

/* ---- GET /coverage ---- */

/* As core_unit_exclusion has it for an incident that diverts nobody. */
static bool can_be_sent(const struct core *core, const struct unit *unit)
{
    return unit->state == UNIT_STATE_AT_POST || (unit->state == UNIT_STATE_RETURNING && !core->head->rules.returning_waits);
}

/* At its post a unit first has to mobilise; one that never told where it is counts as there. */
static struct covering_unit covering_unit_of(const struct exchange *exchange, const struct unit *unit)
{
    const struct core *core = exchange_core(exchange);
    bool at_post = unit->state == UNIT_STATE_AT_POST;
    struct position position = positions_of(exchange->api->setup.positions, unit->id);
    struct covering_unit covering = { .point = position.point };
    if (at_post) {
        covering.delay = duration_seconds(exchange->api->setup.config->mobilisation_s);
    }
    if (instant_is_none(position.at) || (at_post && instant_before(position.at, unit->changed_at))) {
        covering.point = core_post(core, unit->post)->point;
    }
    return covering;
}

static bool gather_units(struct journey *journey)
{
    const struct core *core = exchange_core(journey->exchange);
    uint32_t count = core_unit_count(core);
    journey->district_count = directory_count(journey->exchange->api->setup.directory, DIRECTORY_DISTRICT) + 1;
    journey->units = calloc((size_t)count + 1, sizeof *journey->units);
    journey->districts = calloc(journey->district_count, sizeof *journey->districts);
    for (uint32_t id = 1; id <= count && journey->units != NULL; id++) {
        if (can_be_sent(core, &core->units[id])) {
            journey->units[journey->unit_count++] = covering_unit_of(journey->exchange, &core->units[id]);
        }
    }
    return journey->units != NULL && journey->districts != NULL;
}

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
    const struct city *city = city_of(journey);
    const struct road_graph *graph = city_graph(city);
    const road_ticks *weights = city_weights(city, journey->profile);
    const uint32_t *district_of = places_edge_districts(journey->exchange->api->setup.places);
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

static void write_coverage(const struct journey *journey, const struct isochrone_area *areas)
{
    struct json *json = exchange_object(journey->exchange);
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
    json_object_end(json);
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

static enum status cover(struct journey *journey, struct error *error)
{
    struct isochrone_area areas[1] = { { 0 } };
    struct isochrone_source *sources = calloc((size_t)journey->unit_count + 1, sizeof *sources);
    road_ticks *reached = malloc(((size_t)city_graph(city_of(journey))->node_count + 1) * sizeof *reached);
    enum status status = sources != NULL && reached != NULL ? STATUS_OK
                                                            : ERROR(error, STATUS_NO_MEMORY, "No memory for the coverage.");
    if (status == STATUS_OK) {
        uint32_t count = snap_units(journey, sources);
        status = isochrone_find_from(city_of(journey), journey->profile, sources, count, journey->limits_s, 1, areas, reached,
                                     error);
    }
    if (status == STATUS_OK) {
        status = cover_districts(journey, reached, error);
    }
    if (status == STATUS_OK) {
        write_coverage(journey, areas);
    }
    isochrone_free(areas, 1);
    free(sources);
    free(reached);
    return status;
}

static void find_coverage(void *kept)
{
    struct journey *journey = kept;
    struct error error = { .text = "" };
    enum status status = cover(journey, &error);
    end_journey(journey, status, &error);
}

void api_show_coverage(struct exchange *exchange)
{
    struct journey *journey = begin_journey(exchange);
    if (journey == NULL || !read_minutes(journey, "8", 1)) {
        return;
    }
    if (!gather_units(journey)) {
        free_journey(journey);
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    give_journey(journey, find_coverage);
}
