/* mingdi road matrix, mingdi road route, mingdi road isochrone. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/verb.h"
#include "road/city.h"
#include "road/isochrone.h"
#include "road/matrix.h"
#include "road/place_table.h"
#include "road/profile.h"
#include "road/route.h"
#include "road/trip.h"

enum { OUTPUT_MAX = 1 << 28, ROW_TEXT_MAX = 1 << 20, WRITE_AT = 1 << 16 };

#define PROFILE_CHOICES "emergency|normal|foot"

static enum status open_city(const struct arguments *arguments, struct city **city, enum road_profile *profile,
                             struct error *error)
{
    *profile = profile_of_name(argument(arguments, "--profile", "emergency"));
    CHECK(*profile < ROAD_PROFILE_COUNT);
    TRY(city_open(arguments->positionals[0], city, error));
    if (!city_has_profile(*city, *profile)) {
        ERROR(error, STATUS_BAD_INPUT,
              "%s has no profile %s: a city made from arc tables has emergency (mode_1) and normal (mode_2)", city_name(*city),
              PROFILES[*profile].name);
        city_close(*city);
        return error->status;
    }
    return STATUS_OK;
}

static enum status required(const struct arguments *arguments, const char *name, const char *form, const char **value,
                            struct error *error)
{
    *value = argument(arguments, name, NULL);
    return *value != NULL ? STATUS_OK : ERROR(error, STATUS_USAGE, "%s: %s %s is missing", arguments->verb->name, name, form);
}

/* ---- matrix ---- */

struct matrix_output {
    struct file_writer writer;
    struct text text;
    const struct place_table *from, *to;
    const struct city *city;
};

static void put_csv_field(struct text *out, const char *field)
{
    if (strpbrk(field, ",\"\r\n") == NULL && field[0] != ' ') {
        text_puts(out, field);
        return;
    }
    text_puts(out, "\"");
    for (const char *at = field; *at != '\0'; at++) {
        text_append(out, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    }
    text_puts(out, "\"");
}

static enum status flush_text(struct matrix_output *output, struct error *error)
{
    if (output->text.failed) {
        return ERROR(error, STATUS_NO_MEMORY, "road matrix: no memory for the output");
    }
    TRY(file_writer_write(&output->writer, output->text.bytes, output->text.length, error));
    text_clear(&output->text);
    return STATUS_OK;
}

static enum status write_row(void *context, uint32_t from, const struct trip *trips, struct error *error)
{
    struct matrix_output *output = context;
    struct text *text = &output->text;
    for (uint32_t j = 0; j < output->to->count; j++) {
        put_csv_field(text, output->from->places[from].id);
        text_puts(text, ",");
        put_csv_field(text, output->to->places[j].id);
        if (trips[j].ticks >= ROAD_INFINITY) {
            text_puts(text, ",,\n");
        } else {
            text_printf(text, ",%.3f,%.3f\n", trip_seconds(output->city, &trips[j]), (double)trips[j].length_dm / 10);
        }
        if (text->length >= WRITE_AT || text->failed) {
            TRY(flush_text(output, error));
        }
    }
    return STATUS_OK;
}

static struct trip_end *make_ends(const struct city *city, enum road_profile profile, const struct place_table *table,
                                  bool leaving)
{
    struct trip_end *ends = malloc(((size_t)table->count + 1) * sizeof *ends);
    for (uint32_t i = 0; i < table->count && ends != NULL; i++) {
        trip_end_make(city, profile, city_weights(city, profile), &table->places[i].place, leaving, &ends[i]);
    }
    return ends;
}

static enum status write_matrix(const struct city *city, enum road_profile profile, enum matrix_algorithm algorithm,
                                const struct place_table *from, const struct place_table *to, const char *path,
                                struct error *error)
{
    struct matrix_output output = { .from = from, .to = to, .city = city };
    struct trip_end *leaving = make_ends(city, profile, from, true), *reaching = make_ends(city, profile, to, false);
    enum status status = leaving != NULL && reaching != NULL
                             ? file_writer_open(&output.writer, path, error)
                             : ERROR(error, STATUS_NO_MEMORY, "road matrix: no memory for %u x %u places", from->count,
                                     to->count);
    if (status == STATUS_OK) {
        text_init(&output.text, ROW_TEXT_MAX);
        text_puts(&output.text, "from,to,seconds,metres\n");
        status = matrix_compute(city, profile, algorithm, leaving, from->count, reaching, to->count, write_row, &output, error);
        if (status == STATUS_OK) {
            status = flush_text(&output, error);
        }
        if (status == STATUS_OK) {
            status = file_writer_commit(&output.writer, error);
        } else {
            file_writer_abandon(&output.writer);
        }
        text_free(&output.text);
    }
    free(leaving);
    free(reaching);
    return status;
}

static enum status run_matrix(const struct arguments *arguments, struct error *error)
{
    const char *from_path, *to_path, *path;
    TRY(required(arguments, "--from", "A.csv", &from_path, error));
    TRY(required(arguments, "--to", "B.csv", &to_path, error));
    TRY(required(arguments, "-o", "OUT.csv", &path, error));
    bool dijkstra = strcmp(argument(arguments, "--algorithm", "cch"), "dijkstra") == 0;
    struct city *city;
    enum road_profile profile;
    struct place_table from = { 0 }, to = { 0 };
    TRY(open_city(arguments, &city, &profile, error));
    enum status status = place_table_read(from_path, city, profile, &from, error);
    if (status == STATUS_OK) {
        status = place_table_read(to_path, city, profile, &to, error);
    }
    if (status == STATUS_OK) {
        status = write_matrix(city, profile, dijkstra ? MATRIX_DIJKSTRA : MATRIX_CCH, &from, &to, path, error);
    }
    place_table_free(&from);
    place_table_free(&to);
    city_close(city);
    return status;
}

/* ---- places on the command line ---- */

static enum status parse_place(const struct arguments *arguments, const char *option, const struct city *city,
                               enum road_profile profile, double degrees[2], struct road_place *place, struct error *error)
{
    const char *text;
    char *end;
    TRY(required(arguments, option, "LON,LAT", &text, error));
    errno = 0;
    degrees[0] = strtod(text, &end);
    bool good = end != text && *end == ',';
    if (good) {
        const char *second = end + 1;
        degrees[1] = strtod(second, &end);
        good = end != second && *end == '\0' && isfinite(degrees[0]) && isfinite(degrees[1]);
    }
    if (!good) {
        return ERROR(error, STATUS_USAGE, "%s %s: expected LON,LAT in degrees, such as -8.6109,41.1496", option, text);
    }
    if (place_snap(city, profile, degrees[0], degrees[1], place, error) != STATUS_OK) {
        return error_prefix(error, "%s: ", option);
    }
    return STATUS_OK;
}

static void put_position(struct json *json, double lon, double lat)
{
    json_array_begin(json, NULL);
    json_number(json, NULL, lon, 7);
    json_number(json, NULL, lat, 7);
    json_array_end(json);
}

static void put_point(struct json *json, struct geo_point point) { put_position(json, geo_lon(point), geo_lat(point)); }

static void put_point_feature(struct json *json, const char *kind, const double degrees[2], const struct road_place *place)
{
    json_object_begin(json, NULL);
    json_text(json, "type", "Feature");
    json_object_begin(json, "geometry");
    json_text(json, "type", "Point");
    json_array_begin(json, "coordinates");
    json_number(json, NULL, degrees[0], 7);
    json_number(json, NULL, degrees[1], 7);
    json_array_end(json);
    json_object_end(json);
    json_object_begin(json, "properties");
    json_text(json, "kind", kind);
    json_number(json, "off_road_metres", place->off_road_m, 1);
    json_object_end(json);
    json_object_end(json);
}

static enum status print_text(const struct text *text, const char *verb, struct error *error)
{
    if (text->failed) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for the output", verb);
    }
    if (fwrite(text->bytes, 1, text->length, stdout) != text->length || fputc('\n', stdout) == EOF || fflush(stdout) != 0) {
        return ERROR(error, STATUS_IO, "%s: cannot write to standard output: %s", verb, strerror(errno));
    }
    return STATUS_OK;
}

/* ---- route ---- */

static void put_steps(struct json *json, const struct route *route)
{
    json_array_begin(json, "steps");
    for (uint32_t i = 0; i < route->step_count; i++) {
        const struct route_step *step = &route->steps[i];
        json_object_begin(json, NULL);
        json_text(json, "street", step->street);
        json_number(json, "seconds", step->seconds, 3);
        json_number(json, "metres", step->metres, 1);
        json_int(json, "first_point", step->first_point);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_route(struct json *json, const struct city *city, enum road_profile profile, const struct route *route)
{
    json_object_begin(json, NULL);
    json_text(json, "type", "Feature");
    json_object_begin(json, "geometry");
    json_text(json, "type", "LineString");
    json_array_begin(json, "coordinates");
    for (uint32_t i = 0; i < route->point_count; i++) {
        put_point(json, route->points[i]);
    }
    if (route->point_count == 1) { /* a line has two positions at least */
        put_point(json, route->points[0]);
    }
    json_array_end(json);
    json_object_end(json);
    json_object_begin(json, "properties");
    json_text(json, "kind", "route");
    json_text(json, "city", city_name(city));
    json_text(json, "profile", PROFILES[profile].name);
    json_number(json, "seconds", (double)route->trip.ticks / city_ticks_per_second(city), 3);
    json_number(json, "metres", (double)route->trip.length_dm / 10, 1);
    put_steps(json, route);
    json_object_end(json);
    json_object_end(json);
}

static enum status print_route(const struct arguments *arguments, const struct city *city, enum road_profile profile,
                               struct error *error)
{
    double from[2], to[2];
    struct road_place from_place, to_place;
    struct route route;
    struct text text;
    struct json json;
    TRY(parse_place(arguments, "--from", city, profile, from, &from_place, error));
    TRY(parse_place(arguments, "--to", city, profile, to, &to_place, error));
    TRY(route_find(city, profile, &from_place, &to_place, &route, error));
    text_init(&text, OUTPUT_MAX);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    json_text(&json, "type", "FeatureCollection");
    json_array_begin(&json, "features");
    put_route(&json, city, profile, &route);
    put_point_feature(&json, "from", from, &from_place);
    put_point_feature(&json, "to", to, &to_place);
    json_array_end(&json);
    json_object_end(&json);
    enum status status = print_text(&text, "road route", error);
    text_free(&text);
    route_free(&route);
    return status;
}

static enum status run_route(const struct arguments *arguments, struct error *error)
{
    struct city *city;
    enum road_profile profile;
    TRY(open_city(arguments, &city, &profile, error));
    enum status status = print_route(arguments, city, profile, error);
    city_close(city);
    return status;
}

/* ---- isochrone ---- */

/* "4,8,12" to seconds; rising numbers of minutes. */
static enum status parse_minutes(const struct arguments *arguments, double *limits_s, uint32_t *count, struct error *error)
{
    const char *text;
    TRY(required(arguments, "--minutes", "4,8,12", &text, error));
    const char *at = text;
    for (*count = 0;; (*count)++) {
        char *end;
        double minutes = strtod(at, &end);
        if (end == at || (*end != ',' && *end != '\0') || !isfinite(minutes)) {
            return ERROR(error, STATUS_USAGE, "--minutes %s: expected numbers with commas between, such as 4,8,12", text);
        }
        if (minutes <= 0 || minutes * 60 > ISOCHRONE_SECONDS_MAX) {
            return ERROR(error, STATUS_USAGE, "--minutes %s: %g is not above 0 and at most %d", text, minutes,
                         ISOCHRONE_SECONDS_MAX / 60);
        }
        if (*count == ISOCHRONE_LIMITS_MAX) {
            return ERROR(error, STATUS_USAGE, "--minutes %s: at most %d limits", text, ISOCHRONE_LIMITS_MAX);
        }
        if (*count > 0 && minutes * 60 <= limits_s[*count - 1]) {
            return ERROR(error, STATUS_USAGE, "--minutes %s: the numbers must rise", text);
        }
        limits_s[*count] = minutes * 60;
        if (*end == '\0') {
            (*count)++;
            return STATUS_OK;
        }
        at = end + 1;
    }
}

static void put_area(struct json *json, const struct isochrone_area *area, double limit_s, const char *profile)
{
    json_object_begin(json, NULL);
    json_text(json, "type", "Feature");
    json_object_begin(json, "geometry");
    json_text(json, "type", "MultiPolygon");
    json_array_begin(json, "coordinates");
    for (uint32_t r = 0; r < area->ring_count; r++) {
        const struct isochrone_ring *ring = &area->rings[r];
        if (!ring->is_hole) {
            json_array_begin(json, NULL);
        }
        json_array_begin(json, NULL);
        for (uint32_t i = 0; i < ring->point_count; i++) {
            put_point(json, area->points[ring->first_point + i]);
        }
        json_array_end(json);
        if (r + 1 == area->ring_count || !area->rings[r + 1].is_hole) {
            json_array_end(json);
        }
    }
    json_array_end(json);
    json_object_end(json);
    json_object_begin(json, "properties");
    json_text(json, "kind", "isochrone");
    json_number(json, "minutes", limit_s / 60, 6);
    json_text(json, "profile", profile);
    json_number(json, "square_km", area->square_metres / 1e6, 4);
    json_int(json, "nodes_reached", area->nodes_reached);
    json_object_end(json);
    json_object_end(json);
}

static enum status print_isochrone(const struct arguments *arguments, const struct city *city, enum road_profile profile,
                                   const double *limits_s, uint32_t count, struct error *error)
{
    double at[2];
    struct road_place place;
    struct isochrone_area areas[ISOCHRONE_LIMITS_MAX];
    struct text text;
    struct json json;
    TRY(parse_place(arguments, "--at", city, profile, at, &place, error));
    TRY(isochrone_find(city, profile, &place, limits_s, count, areas, error));
    text_init(&text, OUTPUT_MAX);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    json_text(&json, "type", "FeatureCollection");
    json_array_begin(&json, "features");
    for (uint32_t i = 0; i < count; i++) {
        put_area(&json, &areas[i], limits_s[i], PROFILES[profile].name);
    }
    put_point_feature(&json, "at", at, &place);
    json_array_end(&json);
    json_object_end(&json);
    enum status status = print_text(&text, "road isochrone", error);
    text_free(&text);
    isochrone_free(areas, count);
    return status;
}

static enum status run_isochrone(const struct arguments *arguments, struct error *error)
{
    double limits_s[ISOCHRONE_LIMITS_MAX];
    uint32_t count;
    struct city *city;
    enum road_profile profile;
    TRY(parse_minutes(arguments, limits_s, &count, error));
    TRY(open_city(arguments, &city, &profile, error));
    enum status status = print_isochrone(arguments, city, profile, limits_s, count, error);
    city_close(city);
    return status;
}

/* ---- the table's rows ---- */

static const struct verb_option MATRIX_OPTIONS[] = {
    { "--from", "A.csv", "places to leave from: id,lon,lat, or id,node in a city made from arc tables", NULL },
    { "--to", "B.csv", "places to reach, in the same form", NULL },
    { "--profile", "P", "emergency (default), normal or foot", PROFILE_CHOICES },
    { "--algorithm", "NAME", "cch (default), or dijkstra to check it: the same answers, slower", "cch|dijkstra" },
    { "-o", "OUT.csv", "file to write", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_road_matrix = {
    .name = "road matrix",
    .summary = "travel times and lengths between two tables of places",
    .synopsis = "road matrix CITY --from A.csv --to B.csv [--profile P] [--algorithm cch|dijkstra] -o OUT.csv",
    .details =
        "Writes from,to,seconds,metres: one row a pair, in the order of the tables, three decimals; both numbers are empty where "
        "there is no way. Each place is taken to the nearest road that the profile uses, at most 5 km away; the way off the road "
        "counts in both numbers. In a city made from arc tables places lie on nodes.",
    .options = MATRIX_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_matrix,
};

static const struct verb_option ROUTE_OPTIONS[] = {
    { "--from", "LON,LAT", "where to leave from, in degrees", NULL },
    { "--to", "LON,LAT", "where to go", NULL },
    { "--profile", "P", "emergency (default), normal or foot", PROFILE_CHOICES },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_road_route = {
    .name = "road route",
    .summary = "the quickest way between two places, street by street",
    .synopsis = "road route CITY --from LON,LAT --to LON,LAT [--profile P]",
    .details = "Prints GeoJSON: the line with seconds, metres and the streets in order, and both places with their distance from "
               "the road.",
    .options = ROUTE_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_route,
};

static const struct verb_option ISOCHRONE_OPTIONS[] = {
    { "--at", "LON,LAT", "where to leave from, in degrees", NULL },
    { "--minutes", "4,8,12", "limits, rising, each above 0 and at most 240", NULL },
    { "--profile", "P", "emergency (default), normal or foot", PROFILE_CHOICES },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_road_isochrone = {
    .name = "road isochrone",
    .summary = "the area reached from a place within some minutes",
    .synopsis = "road isochrone CITY --at LON,LAT --minutes 4,8,12 [--profile P]",
    .details = "Prints GeoJSON: one multi-polygon a limit, each inside the next. Every road point reached in time lies inside, "
               "with a margin "
               "of 60 m, and from there as far as one walks in the time that is left, at most 100 m more.",
    .options = ISOCHRONE_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_isochrone,
};
