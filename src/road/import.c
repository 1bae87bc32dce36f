#include "road/import.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "road/arc_csv.h"
#include "road/geojson.h"
#include "road/import_map.h"

static const double FOOT_OFF_ROAD_KMH = 5;

/* "maps/porto.osm.pbf" -> "porto". */
static void name_from_path(const char *path, char name[CITY_NAME_MAX])
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        length--;
    }
    size_t begin = length;
    while (begin > 0 && path[begin - 1] != '/') {
        begin--;
    }
    size_t end = begin;
    while (end < length && (path[end] != '.' || end == begin)) {
        end++;
    }
    snprintf(name, CITY_NAME_MAX, "%.*s", (int)(end - begin < CITY_NAME_MAX ? end - begin : CITY_NAME_MAX - 1), path + begin);
}

static void describe(struct network *network, const struct import_options *options, const char *path, const char *form)
{
    const struct profile_rules *rules = options->rules == NULL ? PROFILES : options->rules;
    struct city_meta *meta = &network->meta;
    if (options->name != NULL) {
        snprintf(meta->name, sizeof meta->name, "%s", options->name);
    } else {
        name_from_path(path, meta->name);
    }
    snprintf(meta->source, sizeof meta->source, "%s: %s", form, path);
    for (int i = 0; i < ROAD_PROFILE_COUNT; i++) {
        meta->off_road_m_per_s[i] = (rules[i].off_road_kmh > 0 ? rules[i].off_road_kmh : FOOT_OFF_ROAD_KMH) / 3.6;
    }
}

static void apply_speeds(const struct import_options *options, struct network *network)
{
    for (size_t i = 0; i < network->edges.count && options->speeds != NULL; i++) {
        struct network_edge *edge = &network->edges.items[i];
        enum road_class class = edge->class_byte & CITY_CLASS_MASK;
        for (int direction = 0; direction < ROAD_DIRECTIONS; direction++) {
            for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
                road_ticks *ticks = &edge->ticks[direction][profile];
                *ticks = speeds_ticks(options->speeds, (enum road_profile)profile, options->band, class, *ticks);
            }
        }
    }
}

static enum status read_map(struct map *map, const char *path, map_reader read, struct error *error)
{
    struct network *network = map->network;
    if (!map->coordinates_are_ids) { /* GeoJSON has no relations */
        TRY(map_read_multipolygons(map, path, read, error));
    }
    TRY(map_read_ways(map, path, read, error));
    network_phase(network, "read_ways");
    TRY(map_read_nodes(map, path, read, error));
    network_phase(network, "read_nodes");
    if (map_cut_edges(map, error) != STATUS_OK) {
        return error->status == STATUS_BAD_INPUT ? error_prefix(error, "%s: ", path) : error->status;
    }
    TRY(map_find_turns(map, error));
    return map_finish_shapes(map, error);
}

static enum status import_map(struct network *network, const struct import_options *options, struct error *error)
{
    const char *path = options->osm != NULL ? options->osm : options->geojson;
    describe(network, options, path, options->osm != NULL ? "OpenStreetMap file" : "GeoJSON file");
    network->meta.ticks_per_second = 1000;
    for (int i = 0; i < ROAD_PROFILE_COUNT; i++) {
        network->meta.profile[i].present = 1;
    }
    struct map map = {
        .rules = options->rules == NULL ? PROFILES : options->rules,
        .network = network,
        .coordinates_are_ids = options->geojson != NULL,
    };
    map_init(&map);
    enum status status = read_map(&map, path, options->osm != NULL ? osm_read : geojson_read, error);
    map_free(&map);
    TRY(status);
    apply_speeds(options, network);
    return network_sort_nodes(network) ? STATUS_OK : network_no_memory(network, error);
}

static enum status import_arcs(struct network *network, const struct import_options *options, struct error *error)
{
    describe(network, options, options->arcs, "node and arc tables");
    TRY(arc_csv_read(options->arcs, network, error));
    network_phase(network, "read_ways");
    return STATUS_OK;
}

enum status import_city(const struct import_options *options, struct error *error)
{
    CHECK((options->osm != NULL) + (options->geojson != NULL) + (options->arcs != NULL) == 1 && options->output != NULL);
    struct network network;
    network_init(&network);
    enum status status = options->arcs != NULL ? import_arcs(&network, options, error) : import_map(&network, options, error);
    if (status == STATUS_OK) {
        status = network_write(&network, options->output, error);
    }
    network_free(&network);
    return status;
}
