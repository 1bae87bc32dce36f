/* mingdi city import, mingdi city info, mingdi city find. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/verb.h"
#include "place/search.h"
#include "road/city.h"
#include "road/import.h"

enum { INFO_TEXT_MAX = 1 << 20 };

static enum status import_with_speeds(const struct arguments *arguments, struct import_options *options, struct error *error)
{
    const char *path = argument(arguments, "--speeds", NULL);
    options->band = speed_band_of_name(argument(arguments, "--band", SPEED_BAND_NAMES[SPEED_ALL]));
    if (path == NULL) {
        return argument_count(arguments, "--band") == 0
                   ? import_city(options, error)
                   : ERROR(error, STATUS_USAGE, "--band says which hours of --speeds FILE, which is missing");
    }
    if (options->arcs != NULL) {
        return ERROR(error, STATUS_USAGE, "--speeds is by class of road; a city made from arc tables has none");
    }
    struct speeds speeds;
    TRY(speeds_read(path, &speeds, error));
    struct import_options with_speeds = *options;
    with_speeds.speeds = &speeds;
    return import_city(&with_speeds, error);
}

static enum status run_import(const struct arguments *arguments, struct error *error)
{
    struct import_options options = {
        .osm = argument(arguments, "--osm", NULL),
        .geojson = argument(arguments, "--geojson", NULL),
        .arcs = argument(arguments, "--arcs", NULL),
        .name = argument(arguments, "--name", NULL),
        .output = argument(arguments, "-o", NULL),
    };
    int sources = (options.osm != NULL) + (options.geojson != NULL) + (options.arcs != NULL);
    if (sources != 1) {
        return ERROR(error, STATUS_USAGE, "%s of --osm FILE, --geojson FILE and --arcs DIR",
                     sources == 0 ? "give one" : "give only one");
    }
    if (options.output == NULL) {
        return ERROR(error, STATUS_USAGE, "-o CITY says which file to write");
    }
    if (options.name != NULL && strlen(options.name) > 100) {
        return ERROR(error, STATUS_USAGE, "--name is %zu bytes long; at most 100 are allowed", strlen(options.name));
    }
    return import_with_speeds(arguments, &options, error);
}

static enum status print_info(const struct city *city, struct error *error)
{
    struct text text;
    struct json json;
    text_init(&text, INFO_TEXT_MAX);
    json_init(&json, &text, 2);
    json_object_begin(&json, NULL);
    city_describe(city, &json);
    json_object_end(&json);
    text_puts(&text, "\n");
    enum status status = STATUS_OK;
    if (text.failed) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for the text");
    } else if (fwrite(text.bytes, 1, text.length, stdout) != text.length || fflush(stdout) != 0) {
        status = ERROR(error, STATUS_IO, "cannot write to standard output");
    }
    text_free(&text);
    return status;
}

static enum status run_info(const struct arguments *arguments, struct error *error)
{
    struct city *city;
    TRY(city_open(arguments->positionals[0], &city, error));
    enum status status = print_info(city, error);
    city_close(city);
    return status;
}

/* ---- find ---- */

static enum status read_near(const struct arguments *arguments, struct place_query *query, struct error *error)
{
    const char *text = argument(arguments, "--near", NULL);
    if (text == NULL) {
        return STATUS_OK;
    }
    char *end;
    double lon = strtod(text, &end), lat = 0;
    bool good = end != text && *end == ',';
    if (good) {
        const char *second = end + 1;
        lat = strtod(second, &end);
        good = end != second && *end == '\0';
    }
    if (!good || !geo_point_from_degrees(lon, lat, &query->near)) {
        return ERROR(error, STATUS_USAGE, "--near %s: expected LON,LAT in degrees, such as -8.6109,41.1496", text);
    }
    query->has_near = true;
    return STATUS_OK;
}

static enum status print_found(const struct place_found *found, uint32_t count, struct error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct place_found *place = &found[i];
        printf("%s\t%s\t%s\t%.7f,%.7f\t%s\n", PLACE_KIND_NAMES[place->kind], place->name, place->detail, geo_lon(place->point),
               geo_lat(place->point), place->matched);
    }
    return fflush(stdout) == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "standard output: %s", strerror(errno));
}

static enum status find_in(const struct city *city, const struct place_query *query, struct error *error)
{
    struct place_index *index;
    uint32_t count = 0;
    struct place_found *found = malloc(PLACE_FOUND_MAX * sizeof *found);
    if (found == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the places found");
    }
    enum status status = place_index_of_city(city, &index, error);
    if (status == STATUS_OK) {
        status = place_search((const struct place_index *const *)&index, 1, query, found, &count, error);
        place_index_free(index);
    }
    if (status == STATUS_OK) {
        status = print_found(found, count, error);
    }
    free(found);
    return status;
}

static enum status run_find(const struct arguments *arguments, struct error *error)
{
    struct city *city;
    struct place_query query = { .text = arguments->positionals[1] };
    long long limit;
    query.length = strlen(query.text);
    query.is_gcj02 = strcmp(argument(arguments, "--datum", "wgs84"), "gcj02") == 0;
    TRY(read_near(arguments, &query, error));
    TRY(argument_int(arguments, "--limit", 1, PLACE_FOUND_MAX, 10, &limit, error));
    query.limit = (uint32_t)limit;
    TRY(city_open(arguments->positionals[0], &city, error));
    enum status status = find_in(city, &query, error);
    city_close(city);
    return status;
}

static const struct verb_option FIND_OPTIONS[] = {
    { "--near", "LON,LAT", "what lies nearer comes first; roads are given at their nearest point", NULL },
    { "--datum", "D", "of coordinates in TEXT: wgs84 (default) or gcj02", "wgs84|gcj02" },
    { "--limit", "N", "at most so many, 1 to 50 (default 10)", NULL },
    { NULL, NULL, NULL, NULL },
};

static const struct verb_option IMPORT_OPTIONS[] = {
    { "--osm", "FILE", "OpenStreetMap PBF, or XML plain, gzip or bzip2", NULL },
    { "--geojson", "FILE", "GeoJSON lines with OpenStreetMap tags", NULL },
    { "--arcs", "DIR", "folder with nodes.csv and arcs.csv, or the model folder above it", NULL },
    { "--name", "NAME", "of the city; else the name of the file", NULL },
    { "--speeds", "FILE.csv", "times by class of road as road learn found them; default: the profiles' own", NULL },
    { "--band", "BAND", "the hours of the week that they are taken of; default: all",
      "all|night|weekday_morning|weekday_day|weekday_evening|weekday_late|weekend" },
    { "-o", "CITY", "the city file to write", NULL },
    { NULL, NULL, NULL, NULL },
};

static const struct verb_option NO_OPTIONS[] = { { NULL, NULL, NULL, NULL } };

const struct verb verb_city_import = {
    .name = "city import",
    .summary = "make a city file from a map or from tables of arcs",
    .synopsis = "city import (--osm FILE | --geojson FILE | --arcs DIR) [--name NAME] [--speeds FILE.csv [--band BAND]] "
                "-o CITY",
    .details =
        "Reads the roads, applies the rules of the profiles emergency, normal and foot, builds the contraction hierarchy and "
        "writes one file that every other verb reads. Nothing is written when the input is wrong. What could not be used is "
        "counted and explained by \"mingdi city info\".\n\n"
        "Tables of arcs have the form of the JEMSS models: nodes.csv with index, x, y, offRoadAccess; arcs.csv with fromNode, "
        "toNode, mode_1 (lights and sirens) and mode_2 (normal), in days.",
    .options = IMPORT_OPTIONS,
    .run = run_import,
};

const struct verb verb_city_info = {
    .name = "city info",
    .summary = "tell what a city file holds, as JSON",
    .synopsis = "city info CITY",
    .details = "Prints nodes, arcs, the box, what each profile can use, what the import dropped and why, bytes, and how long the "
               "import took.",
    .options = NO_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_info,
};

const struct verb verb_city_find = {
    .name = "city find",
    .summary = "find roads, crossings, places and coordinates by what is typed",
    .synopsis = "city find CITY TEXT [--near LON,LAT] [--datum D] [--limit N]",
    .details = "As the console's search does: words in any order and only begun, pinyin and its initials, typing errors, "
               "crossings (\"A / B\", "
               "A与B, A路B路口), coordinates in the usual writings. Prints a line a place, the best first, parted by tabs: kind, "
               "name, class or kind "
               "in detail, LON,LAT in WGS-84, and the other name by which it was found.",
    .options = FIND_OPTIONS,
    .positionals_min = 2,
    .positionals_max = 2,
    .run = run_find,
};
