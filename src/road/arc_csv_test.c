/* Arc CSV cities: small tables, refusals with file and line, and on the real city of MINGDI_DATA the times of another program. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/check.h"
#include "base/csv.h"
#include "base/file.h"
#include "base/test_data.h"
#include "road/arc_csv.h"
#include "road/dijkstra.h"
#include "road/import.h"
#include "road/town_sample.h"

static const char NODES[] =
    "nodes,4,,\nindex,x,y,offRoadAccess\n10.0,0,0,1.0\n3.0,0.01,0,0.0\n7.0,0.02,0,1.0\n8.0,0.02,0.01,1.0\n,\n";
static const char ARCS[] =
    "miscData,1,,\narcForm,numModes\ndirected,2\n,\narcs,3,,\nindex,fromNode,toNode,distance,mode_1,mode_2\n"
    "1,10,3,1.5,1e-5,2e-5\n2,3.0,7.0,0.5,3e-05,4e-5\n3,7,8,0,0,0\n,\n";

static enum status import_tables(const char *folder, const char *nodes, const char *arcs, struct city **city, struct error *error)
{
    char *nodes_path = file_join(folder, "nodes.csv"), *arcs_path = file_join(folder, "arcs.csv"),
         *output = file_join(folder, "x.city");
    assert_int_equal(file_write_whole(nodes_path, nodes, strlen(nodes), error), STATUS_OK);
    assert_int_equal(file_write_whole(arcs_path, arcs, strlen(arcs), error), STATUS_OK);
    remove(output);
    enum status status = import_city(&(struct import_options){ .arcs = folder, .output = output }, error);
    assert_int_equal(file_exists(output), status == STATUS_OK);
    if (status == STATUS_OK && city != NULL) {
        assert_int_equal(city_open(output, city, error), STATUS_OK);
    }
    free(nodes_path);
    free(arcs_path);
    free(output);
    return status;
}

static road_ticks ticks_between(const struct city *city, enum road_profile profile, uint32_t from, uint32_t to)
{
    struct dijkstra *search;
    struct error error;
    const struct road_seeds seeds = { .count = 1, .seed = { { from, 0 } } };
    const struct dijkstra_search question = { .weights = city_weights(city, profile), .from = &seeds, .limit = ROAD_INFINITY };
    assert_int_equal(dijkstra_create(city_graph(city), &search, &error), STATUS_OK);
    assert_int_equal(dijkstra_run(search, &question, &error), STATUS_OK);
    road_ticks ticks = dijkstra_ticks(search, to);
    dijkstra_destroy(search);
    return ticks;
}

static void times_and_numbers_are_kept(void **state)
{
    (void)state;
    char *folder = sample_folder();
    struct city *city;
    struct error error;
    assert_int_equal(import_tables(folder, NODES, ARCS, &city, &error), STATUS_OK);
    assert_int_equal(city_ticks_per_second(city), 100000);
    assert_true(city_is_from_arcs(city) && !city_has_profile(city, ROAD_FOOT));
    assert_int_equal(city_node_of_number(city, 10), 0);
    assert_int_equal(city_node_of_number(city, 8), 3);
    assert_int_equal(city_number_of_node(city, 2), 7);
    assert_int_equal(city_node_of_number(city, 9), ROAD_NONE);
    assert_int_equal(ticks_between(city, ROAD_EMERGENCY, 0, 3), 345600); /* 4e-5 days */
    assert_int_equal(ticks_between(city, ROAD_NORMAL, 0, 2), 518400);
    assert_int_equal(ticks_between(city, ROAD_NORMAL, 2, 0), ROAD_INFINITY);
    assert_int_equal(city_lengths_dm(city)[0], 15000);
    city_close(city);
    sample_folder_remove(folder);
}

static void places_are_nodes_with_access(void **state)
{
    (void)state;
    char *folder = sample_folder();
    struct city *city;
    struct error error;
    struct road_place place;
    struct road_seeds seeds;
    assert_int_equal(import_tables(folder, NODES, ARCS, &city, &error), STATUS_OK);
    /* Node 3 is nearer, but nothing may leave the road there. */
    assert_int_equal(city_snap(city, ROAD_EMERGENCY, (struct geo_point){ 96000, 0 }, 5000, &place, &error), STATUS_OK);
    assert_int_equal(city_number_of_node(city, place.node), 10);
    assert_true(place.off_road_m > 1067 && place.off_road_m < 1068);
    city_seeds_leaving(city, city_weights(city, ROAD_EMERGENCY), &place, &seeds);
    assert_true(seeds.count == 1 && seeds.seed[0].node == 0 && seeds.seed[0].ticks == 0);
    assert_int_equal(city_off_road_ticks(city, ROAD_EMERGENCY, &place), (int)(place.off_road_m / (30 / 3.6) * 100000 + 0.5));
    assert_int_equal(city_snap(city, ROAD_EMERGENCY, (struct geo_point){ 96000, 0 }, 500, &place, &error), STATUS_NOT_FOUND);
    assert_int_equal(city_snap(city, ROAD_FOOT, (struct geo_point){ 96000, 0 }, 5000, &place, &error), STATUS_NOT_FOUND);
    city_close(city);
    sample_folder_remove(folder);
}

static void undirected_arcs_go_both_ways(void **state)
{
    (void)state;
    static const char UNDIRECTED[] =
        "miscData\narcForm\nundirected\n\narcs\nfromNode,toNode,mode_1\n10,3,1e-5\n3,7,1e-5\n7,8,1e-5\n";
    char *folder = sample_folder();
    struct city *city;
    struct error error;
    assert_int_equal(import_tables(folder, NODES, UNDIRECTED, &city, &error), STATUS_OK);
    assert_int_equal(ticks_between(city, ROAD_EMERGENCY, 3, 0), 259200);
    assert_int_equal(ticks_between(city, ROAD_NORMAL, 0, 3), 259200); /* one mode serves both */
    assert_int_equal(city_lengths_dm(city)[0], 11120);                /* no distance given: straight */
    city_close(city);
    sample_folder_remove(folder);
}

static void refusals_name_file_and_line(void **state)
{
    (void)state;
#define HEAD "miscData\narcForm\ndirected\n,\narcs\nfromNode,toNode,mode_1\n"
    static const struct {
        const char *nodes, *arcs, *says;
    } CASES[] = {
        { "nodes,3\nindex,x,y\n1,0,0\n2,0,0\n", ARCS, "nodes.csv:1: table \"nodes\" says that it has 3 rows, but has 2" },
        { "nodes\nindex,x,y\n1,0,0\n1,0,1\n", ARCS, "nodes.csv: node 1 stands twice" },
        { "nodes\nindex,x,y\n1,0,91\n", ARCS, "nodes.csv:3: column \"y\" is \"91\"" },
        { "nodes\nindex,x,y\n1.5,0,1\n", ARCS, "nodes.csv:3: column \"index\" is \"1.5\"" },
        { "nodes\nindex,x\n1,0\n", ARCS, "nodes.csv:2: no column \"y\"" },
        { "nodes\nindex,x,y,offRoadAccess\n1,0,0,0\n", ARCS, "nodes.csv: no node with offRoadAccess 1" },
        { "knots\nindex,x,y\n", ARCS, "nodes.csv: no table \"nodes\"; the file has: knots" },
        { NODES, "miscData\narcForm\nroundabout\n", "arcs.csv:3: arcForm must be \"directed\" or \"undirected\"" },
        { NODES, HEAD "10,4,1e-5\n", "arcs.csv:7: column \"toNode\": there is no node 4 in nodes.csv" },
        { NODES, HEAD "10,3,-1e-5\n", "arcs.csv:7: column \"mode_1\" is \"-1e-5\"" },
        { NODES, HEAD "10,3,\n", "arcs.csv:7: column \"mode_1\" is \"\"" },
        { NODES, HEAD "10,3,1e9\n", "arcs.csv:7: column \"mode_1\" is \"1e9\"" },
        { NODES, HEAD "10,3,nan\n", "arcs.csv:7: column \"mode_1\" is \"nan\"" },
        { NODES, HEAD, "arcs.csv: no arcs" },
        { NODES, "", "arcs.csv: no table \"miscData\"" },
    };
    char *folder = sample_folder();
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        struct error error = { .text = "" };
        assert_int_not_equal(import_tables(folder, CASES[i].nodes, CASES[i].arcs, NULL, &error), STATUS_OK);
        if (strstr(error.text, CASES[i].says) == NULL) {
            fail_msg("\"%s\" instead of \"%s\"", error.text, CASES[i].says);
        }
    }
    sample_folder_remove(folder);
    struct error error;
    assert_int_equal(import_city(&(struct import_options){ .arcs = "/nonexistent", .output = "/nonexistent.city" }, &error),
                     STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "no nodes.csv in it"));
}

/* ---- the real city ---- */

static char *data_path(const char *relative)
{
    char *path = file_join(test_data_folder(), relative);
    if (!file_exists(path)) {
        printf("skipped: MINGDI_DATA has no %s\n", relative);
        free(path);
        return NULL;
    }
    return path;
}

static size_t unpack(const char *path, char *text, size_t capacity)
{
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    int size = gzread(file, text, (unsigned)capacity);
    assert_true(size > 0 && (size_t)size < capacity);
    gzclose(file);
    return (size_t)size;
}

static struct city *open_manhattan(const char *folder)
{
    char *model = data_path("jemss/manhattan"), *output = file_join(folder, "manhattan.city");
    struct error error;
    struct city *city = NULL;
    if (model != NULL) {
        assert_int_equal(import_city(&(struct import_options){ .arcs = model, .output = output }, &error), STATUS_OK);
        assert_int_equal(city_open(output, &city, &error), STATUS_OK);
    }
    free(model);
    free(output);
    return city;
}

/* One Dijkstra a source, 2,000 pairs. The answers have whole milliseconds or better. */
static void times_equal_another_program(void **state)
{
    (void)state;
    enum { TEXT_MAX = 1 << 20 };
    char *folder = sample_folder(), *path = data_path("validation/manhattan_pairs.csv.gz");
    struct city *city = open_manhattan(folder);
    if (city == NULL || path == NULL) {
        free(path);
        sample_folder_remove(folder);
        skip();
    }
    char *text = malloc(TEXT_MAX);
    assert_non_null(text);
    struct csv csv;
    struct error error;
    int columns[3], pairs = 0;
    bool row_read;
    double worst_s = 0;
    csv_open(&csv, path, text, unpack(path, text, TEXT_MAX), false);
    assert_int_equal(csv_next(&csv, &row_read, &error), STATUS_OK);
    assert_int_equal(csv_header(&csv, (const char *const[]){ "from", "to", "seconds", NULL }, columns, true, &error), STATUS_OK);
    while (csv_next(&csv, &row_read, &error) == STATUS_OK && row_read) {
        int64_t from, to;
        double seconds;
        assert_int_equal(csv_int(&csv, columns[0], "from", 1, 1000000, &from, &error), STATUS_OK);
        assert_int_equal(csv_int(&csv, columns[1], "to", 1, 1000000, &to, &error), STATUS_OK);
        assert_int_equal(csv_double(&csv, columns[2], "seconds", 0, 1e6, &seconds, &error), STATUS_OK);
        road_ticks ticks = ticks_between(city, ROAD_EMERGENCY, city_node_of_number(city, (uint64_t)from),
                                         city_node_of_number(city, (uint64_t)to));
        double difference = (double)ticks / 100000 - seconds;
        difference = difference < 0 ? -difference : difference;
        worst_s = difference > worst_s ? difference : worst_s;
        pairs++;
    }
    printf("%d pairs, largest difference %.6f s\n", pairs, worst_s);
    assert_int_equal(pairs, 2000);
    assert_true(worst_s < 0.002);
    csv_close(&csv);
    free(text);
    free(path);
    city_close(city);
    sample_folder_remove(folder);
}

static double scaled_m(struct geo_point a, struct geo_point b)
{
    double x = ((double)a.lon_e7 - b.lon_e7) * 84280e-7, y = ((double)a.lat_e7 - b.lat_e7) * 111320e-7;
    return sqrt(x * x + y * y);
}

static void the_nearest_node_is_scaled_as_the_map_says(void **state)
{
    (void)state;
    char *folder = sample_folder();
    struct city *city = open_manhattan(folder);
    if (city == NULL) {
        sample_folder_remove(folder);
        skip();
    }
    const struct road_graph *graph = city_graph(city);
    bool *access = malloc(graph->node_count * sizeof *access);
    struct geo_point south_west, north_east;
    struct road_place place;
    struct error error;
    assert_non_null(access);
    for (uint32_t node = 0; node < graph->node_count; node++) { /* a node with access is nearest to its own place */
        access[node] = city_snap(city, ROAD_NORMAL, graph->point[node], 0.001, &place, &error) == STATUS_OK;
    }
    city_bounds(city, &south_west, &north_east);
    for (int i = 0; i < 500; i++) { /* a lattice over the box, and beyond it */
        struct geo_point at = { south_west.lon_e7 + (i % 25 - 2) * ((north_east.lon_e7 - south_west.lon_e7) / 20),
                                south_west.lat_e7 + (i / 25 - 2) * ((north_east.lat_e7 - south_west.lat_e7) / 16) };
        double best_m = 1e9;
        assert_int_equal(city_snap(city, ROAD_NORMAL, at, 1e6, &place, &error), STATUS_OK);
        for (uint32_t node = 0; node < graph->node_count; node++) {
            double metres = access[node] ? scaled_m(graph->point[node], at) : 1e9;
            best_m = metres < best_m ? metres : best_m;
        }
        assert_true(place.off_road_m > best_m - 0.01 && place.off_road_m < best_m + 0.01);
    }
    free(access);
    city_close(city);
    sample_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_and_numbers_are_kept),   cmocka_unit_test(places_are_nodes_with_access),
        cmocka_unit_test(undirected_arcs_go_both_ways), cmocka_unit_test(refusals_name_file_and_line),
        cmocka_unit_test(times_equal_another_program),  cmocka_unit_test(the_nearest_node_is_scaled_as_the_map_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
