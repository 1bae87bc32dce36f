/* mingdi city import, mingdi city info. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/verb.h"
#include "road/city.h"
#include "road/import.h"

enum { INFO_TEXT_MAX = 1 << 20 };

extern const struct verb verb_city_import, verb_city_info; /* until verb.h names them */

static enum status run_import(const struct arguments *arguments, struct error *error)
{
    const struct import_options options = {
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
    return import_city(&options, error);
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

static const struct verb_option IMPORT_OPTIONS[] = {
    { "--osm", "FILE", "OpenStreetMap PBF, or XML plain, gzip or bzip2", NULL },
    { "--geojson", "FILE", "GeoJSON lines with OpenStreetMap tags", NULL },
    { "--arcs", "DIR", "folder with nodes.csv and arcs.csv, or the model folder above it", NULL },
    { "--name", "NAME", "of the city; else the name of the file", NULL },
    { "-o", "CITY", "the city file to write", NULL },
    { NULL, NULL, NULL, NULL },
};

static const struct verb_option NO_OPTIONS[] = { { NULL, NULL, NULL, NULL } };

const struct verb verb_city_import = {
    .name = "city import",
    .summary = "make a city file from a map or from tables of arcs",
    .synopsis = "city import (--osm FILE | --geojson FILE | --arcs DIR) [--name NAME] -o CITY",
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
