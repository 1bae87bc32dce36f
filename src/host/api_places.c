/* GET /places and /places/at: finding places by what is typed, and what a point is called. The search itself is done by the
 * searching thread (places.h); districts are told by the directory, which is the I/O thread's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/api_private.h"
#include "host/places.h"
#include "host/point_form.h"
#include "place/around.h"
#include "wire/form.h"

enum { FOUND_DEFAULT = 10 };

/* ---- GET /places ---- */

/* Kept with the exchange. */
struct search_job {
    struct exchange *exchange;
    struct own_names *names;
    struct place_query query;
    char text[PLACE_QUERY_MAX];
    uint32_t count;
    struct place_found found[PLACE_FOUND_MAX];
};

static void write_district(const struct exchange *exchange, struct json *json, struct geo_point point)
{
    const struct directory *directory = exchange->api->setup.directory;
    uint32_t id = directory_district_of(directory, point);
    const struct directory_entry *district = directory_find(directory, DIRECTORY_DISTRICT, id);
    if (id == 0) {
        json_none(json, "district");
        json_none(json, "district_name");
    } else {
        json_int(json, "district", id);
        json_text(json, "district_name", district != NULL ? district->name : "");
    }
}

static void write_found(const struct search_job *job, struct json *json)
{
    json_array_begin(json, "items");
    for (uint32_t i = 0; i < job->count; i++) {
        const struct place_found *found = &job->found[i];
        json_object_begin(json, NULL);
        json_text(json, "kind", PLACE_KIND_NAMES[found->kind]);
        json_text(json, "name", found->name);
        json_text(json, "detail", found->detail);
        json_text(json, "matched", found->matched);
        form_point(json, "point", found->point);
        write_district(job->exchange, json, found->point);
        if (job->query.has_near) {
            json_number(json, "distance_m", found->distance_m, 0);
        } else {
            json_none(json, "distance_m");
        }
        json_object_end(json);
    }
    json_array_end(json);
}

static void end_with(struct exchange *exchange, enum status status, const struct error *error)
{
    exchange->status = status;
    if (status != STATUS_OK) {
        snprintf(exchange->why, sizeof exchange->why, "%.*s", (int)sizeof exchange->why - 1, error->text);
    }
}

static void answer_trouble(struct exchange *exchange)
{
    if (exchange->status == STATUS_BAD_INPUT) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s", exchange->why);
    } else {
        exchange_problem_text(exchange, PROBLEM_BUSY, "%s", exchange->why[0] != '\0' ? exchange->why : "The server stops.");
    }
}

static void search(void *kept)
{
    struct search_job *job = kept;
    const struct places *places = job->exchange->api->setup.places;
    struct error error = { .text = "" };
    const struct place_index *indexes[] = { own_names_index(job->names, &error), places_of_city(places) };
    enum status status = indexes[0] != NULL ? place_search(indexes, 2, &job->query, job->found, &job->count, &error)
                                            : STATUS_NO_MEMORY;
    end_with(job->exchange, status, &error);
}

static void searched(void *kept)
{
    struct search_job *job = kept;
    struct exchange *exchange = job->exchange;
    places_release(job->names);
    if (exchange->status != STATUS_OK) {
        answer_trouble(exchange);
        return;
    }
    write_found(job, exchange_object(exchange));
    exchange_send(exchange, 200);
}

/* False: answered. */
static bool read_point(struct exchange *exchange, const char *name, bool is_required, bool *given, struct geo_point *point)
{
    const char *text = http_parameter(exchange->request, name);
    *given = text != NULL;
    if ((text == NULL && !is_required) || (text != NULL && point_form_read(text, point))) {
        return true;
    }
    exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s must be LON,LAT in degrees, such as 11.9746,57.7089.", name);
    return false;
}

static bool read_search(struct exchange *exchange, struct search_job *job)
{
    const char *text = http_parameter(exchange->request, "q"), *datum = http_parameter(exchange->request, "datum");
    int64_t limit = FOUND_DEFAULT;
    if (text == NULL || strlen(text) > PLACE_QUERY_MAX) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "q must be what was typed, at most %d bytes.",
                              PLACE_QUERY_MAX);
        return false;
    }
    if (datum != NULL && strcmp(datum, "wgs84") != 0 && strcmp(datum, "gcj02") != 0) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "datum must be wgs84 or gcj02.");
        return false;
    }
    if (!read_point(exchange, "near", false, &job->query.has_near, &job->query.near) ||
        !exchange_number(exchange, "limit", 1, PLACE_FOUND_MAX, &limit)) {
        return false;
    }
    job->query.length = strlen(text);
    memcpy(job->text, text, job->query.length);
    job->query.text = job->text;
    job->query.limit = (uint32_t)limit;
    job->query.is_gcj02 = datum != NULL && strcmp(datum, "gcj02") == 0;
    return true;
}

void api_find_places(struct exchange *exchange)
{
    const struct api_setup *setup = &exchange->api->setup;
    struct search_job *job = calloc(1, sizeof *job);
    exchange->kept = job;
    exchange->status = STATUS_IO; /* until the work has been done */
    if (job == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    job->exchange = exchange;
    if (!read_search(exchange, job)) {
        return;
    }
    job->names = places_hold(setup->places, exchange_core(exchange), setup->directory);
    if (job->names == NULL || !workers_give(places_searchers(setup->places), search, searched, job)) {
        places_release(job->names);
        exchange_problem_of(exchange, PROBLEM_BUSY);
    }
}

/* ---- GET /places/at ---- */

struct around_job {
    struct exchange *exchange;
    struct geo_point point;
    struct place_around around;
};

static void look_around(void *kept)
{
    struct around_job *job = kept;
    place_around_find(places_of_city(job->exchange->api->setup.places), job->point, &job->around);
    job->exchange->status = STATUS_OK;
}

static void write_name(struct json *json, const char *member, const char *name)
{
    if (name != NULL) {
        json_text(json, member, name);
    } else {
        json_none(json, member);
    }
}

static void looked_around(void *kept)
{
    const struct around_job *job = kept;
    struct exchange *exchange = job->exchange;
    if (exchange->status != STATUS_OK) {
        answer_trouble(exchange);
        return;
    }
    struct json *json = exchange_object(exchange);
    write_name(json, "road", job->around.road);
    write_name(json, "cross", job->around.cross);
    write_name(json, "place", job->around.place);
    write_district(exchange, json, job->point);
    exchange_send(exchange, 200);
}

/* The two parameters as the point that LON,LAT would be. */
static bool read_lon_lat(struct exchange *exchange, struct geo_point *point)
{
    const char *lon = http_parameter(exchange->request, "lon"), *lat = http_parameter(exchange->request, "lat");
    char both[64];
    int length = lon != NULL && lat != NULL ? snprintf(both, sizeof both, "%s,%s", lon, lat) : -1;
    if (length < 0 || length >= (int)sizeof both || !point_form_read(both, point)) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER,
                              "lon and lat must be degrees, such as lon=11.9746&lat=57.7089.");
        return false;
    }
    return true;
}

void api_name_point(struct exchange *exchange)
{
    struct around_job *job = calloc(1, sizeof *job);
    exchange->kept = job;
    exchange->status = STATUS_IO;
    if (job == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    job->exchange = exchange;
    if (read_lon_lat(exchange, &job->point) &&
        !workers_give(places_searchers(exchange->api->setup.places), look_around, looked_around, job)) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
    }
}
