#include "road/town_sample.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "road/dijkstra.h"
#include "road/import.h"

enum { STEP_E7 = 10000, POINTS_MAX = 64 };

struct geo_point town_point(const struct town *town, char node)
{
    struct geo_point point = { 0, 0 };
    for (const char *at = town->map; *at != '\0'; at++) {
        if (*at == node) {
            return point;
        }
        point.lon_e7 = *at == '\n' ? 0 : point.lon_e7 + STEP_E7;
        point.lat_e7 -= *at == '\n' ? STEP_E7 : 0;
    }
    fprintf(stderr, "no node %c on the map\n", node);
    abort();
}

static void put_tags(struct text *xml, const char *tags)
{
    while (tags != NULL && *tags != '\0') {
        size_t key = strcspn(tags, "="), value = strcspn(tags + key + 1, "|");
        text_printf(xml, "<tag k='%.*s' v='%.*s'/>", (int)key, tags, (int)value, tags + key + 1);
        tags += key + 1 + value;
        tags += *tags == '|';
    }
}

static int way_number(const struct town *town, const char *nodes)
{
    for (int i = 0; i < TOWN_PARTS_MAX && town->ways[i].nodes != NULL; i++) {
        if (strcmp(town->ways[i].nodes, nodes) == 0) {
            return 1000 + i;
        }
    }
    return 999; /* a way that is not in the file */
}

static void put_restrictions(const struct town *town, struct text *xml)
{
    for (int i = 0; i < TOWN_PARTS_MAX && town->restrictions[i].tags != NULL; i++) {
        const char *via = town->restrictions[i].via;
        text_printf(xml, "<relation id='%d'><tag k='type' v='restriction'/>", i + 1);
        put_tags(xml, town->restrictions[i].tags);
        text_printf(xml, "<member type='way' ref='%d' role='from'/>", way_number(town, town->restrictions[i].from));
        text_printf(xml, "<member type='way' ref='%d' role='to'/>", way_number(town, town->restrictions[i].to));
        bool node = via[0] != '\0' && via[1] == '\0';
        text_printf(xml, "<member type='%s' ref='%d' role='via'/></relation>\n", node ? "node" : "way",
                    node ? via[0] : way_number(town, via));
    }
}

void town_xml(const struct town *town, struct text *xml)
{
    text_puts(xml, "<osm version='0.6'>\n");
    for (const char *at = town->map; *at != '\0'; at++) {
        if (*at == ' ' || *at == '\n') {
            continue;
        }
        struct geo_point point = town_point(town, *at);
        text_printf(xml, "<node id='%d' lon='%.7f' lat='%.7f'>", *at, geo_lon(point), geo_lat(point));
        for (int i = 0; i < TOWN_PARTS_MAX && town->nodes[i].node != NULL; i++) {
            put_tags(xml, town->nodes[i].node[0] == *at ? town->nodes[i].tags : NULL);
        }
        text_puts(xml, "</node>\n");
    }
    for (int i = 0; i < TOWN_PARTS_MAX && town->ways[i].nodes != NULL; i++) {
        text_printf(xml, "<way id='%d'>", 1000 + i);
        for (const char *node = town->ways[i].nodes; *node != '\0'; node++) {
            text_printf(xml, "<nd ref='%d'/>", *node);
        }
        put_tags(xml, town->ways[i].tags);
        text_puts(xml, "</way>\n");
    }
    put_restrictions(town, xml);
    text_puts(xml, "</osm>\n");
}

char *sample_folder(void)
{
    const char *parent = getenv("TMPDIR");
    char *folder = file_join(parent == NULL ? "/tmp" : parent, "mingdi-test-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    return folder;
}

void sample_folder_remove(char *folder)
{
    DIR *directory = opendir(folder);
    CHECK(directory != NULL);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        char *path = file_join(folder, entry->d_name);
        if (entry->d_name[0] != '.') {
            unlink(path);
        }
        free(path);
    }
    closedir(directory);
    rmdir(folder);
    free(folder);
}

static void demand(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "%s\n", error->text);
        abort();
    }
}

struct city *town_open(const struct town *town, const char *folder)
{
    struct text xml;
    struct error error;
    struct city *city;
    char *map = file_join(folder, "town.osm"), *output = file_join(folder, "town.city");
    text_init(&xml, 1 << 20);
    town_xml(town, &xml);
    demand(file_write_whole(map, xml.bytes, xml.length, &error), &error);
    const struct import_options options = { .osm = map, .output = output };
    demand(import_city(&options, &error), &error);
    demand(city_open(output, &city, &error), &error);
    text_free(&xml);
    free(map);
    free(output);
    return city;
}

/* The arms of a closed barrier stand at one point: any of them will do. */
static uint32_t nodes_at(const struct city *city, struct geo_point point, uint32_t nodes[ROAD_SEEDS_MAX])
{
    const struct road_graph *graph = city_graph(city);
    uint32_t count = 0;
    for (uint32_t node = 0; node < graph->node_count && count < ROAD_SEEDS_MAX; node++) {
        if (graph->point[node].lon_e7 == point.lon_e7 && graph->point[node].lat_e7 == point.lat_e7) {
            nodes[count++] = node;
        }
    }
    return count;
}

static char letter_at(const struct town *town, struct geo_point point)
{
    for (const char *at = town->map; *at != '\0'; at++) {
        if (*at != ' ' && *at != '\n') {
            struct geo_point candidate = town_point(town, *at);
            if (candidate.lon_e7 == point.lon_e7 && candidate.lat_e7 == point.lat_e7) {
                return *at;
            }
        }
    }
    return '?';
}

static void spell(const struct town *town, const struct city *city, const struct dijkstra *search, uint32_t node, char route[64])
{
    char backwards[64];
    size_t count = 0;
    for (uint32_t arc; (arc = dijkstra_arc_to(search, node)) != ROAD_NONE; node = city_graph(city)->tail[arc]) {
        struct geo_point points[POINTS_MAX];
        uint32_t points_count = city_arc_points(city, arc, points, POINTS_MAX);
        for (uint32_t i = points_count; i-- > 0 && count < sizeof backwards;) {
            char letter = letter_at(town, points[i]);
            if (count == 0 || backwards[count - 1] != letter) {
                backwards[count++] = letter;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        route[i] = backwards[count - 1 - i];
    }
    route[count < 64 ? count : 63] = '\0';
}

void town_route(const struct town *town, const struct city *city, enum road_profile profile, char from, char to, char route[64],
                double *seconds)
{
    struct dijkstra *search;
    struct error error;
    struct road_seeds seeds = { 0 };
    uint32_t starts[ROAD_SEEDS_MAX], ends[ROAD_SEEDS_MAX], best = ROAD_NONE;
    uint32_t start_count = nodes_at(city, town_point(town, from), starts), end_count = nodes_at(city, town_point(town, to), ends);
    for (uint32_t i = 0; i < start_count; i++) {
        if (starts[i] < city_base_count(city)) { /* whoever begins here has not arrived from anywhere */
            seeds.seed[seeds.count++] = (struct road_seed){ starts[i], 0 };
        }
    }
    demand(dijkstra_create(city_graph(city), &search, &error), &error);
    const struct dijkstra_search question = { .weights = city_weights(city, profile), .from = &seeds, .limit = ROAD_INFINITY };
    demand(dijkstra_run(search, &question, &error), &error);
    for (uint32_t i = 0; i < end_count; i++) {
        if (best == ROAD_NONE || dijkstra_ticks(search, ends[i]) < dijkstra_ticks(search, best)) {
            best = ends[i];
        }
    }
    route[0] = '\0';
    bool reached = best != ROAD_NONE && dijkstra_ticks(search, best) < ROAD_INFINITY;
    if (reached) {
        spell(town, city, search, best, route);
    }
    if (seconds != NULL) {
        *seconds = reached ? (double)dijkstra_ticks(search, best) / city_ticks_per_second(city) : -1;
    }
    dijkstra_destroy(search);
}
