/* Real cities (MINGDI_DATA): the hierarchy equals Dijkstra under every profile, partial updates equal full ones, and the arc CSV
 * city of Manhattan gives the answers of an independent program. Skipped where the data is missing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/random.h"
#include "base/test_data.h"
#include "road/cch.h"
#include "road/cch_private.h"
#include "road/city.h"
#include "road/dijkstra.h"
#include "road/import.h"
#include "road/matrix.h"
#include "road/place_table.h"
#include "road/trip.h"

static char folder[] = "/tmp/mingdi-cities-XXXXXX";

static char *data_path(const char *name) { return file_join(test_data_folder(), name); }

static struct city *import(const char *name, bool arcs)
{
    struct error error;
    struct city *city = NULL;
    char *source = data_path(name), *target = file_join(folder, "test.city");
    const struct import_options options = { .osm = arcs ? NULL : source, .arcs = arcs ? source : NULL, .output = target };
    if (import_city(&options, &error) != STATUS_OK || city_open(target, &city, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.text);
        city = NULL;
    }
    unlink(target); /* the map stays */
    free(source);
    free(target);
    return city;
}

static uint32_t draw(struct random_stream *stream, uint32_t below) { return (uint32_t)(random_u64(stream) % below); }

static struct road_seeds at_node(uint32_t node) { return (struct road_seeds){ 1, { { node, 0 } } }; }

/* From some nodes to all, and thousands of single pairs with their lengths. */
static void check_profile(const struct city *city, const struct cch_metric *metric, struct random_stream *stream)
{
    const struct road_graph *graph = city_graph(city);
    struct error error;
    struct cch_query *query;
    struct cch_labels *labels;
    struct dijkstra *dijkstra;
    road_ticks *all = malloc(graph->node_count * sizeof *all);
    assert_int_equal(cch_query_create(metric, &query, &error), STATUS_OK);
    assert_int_equal(cch_labels_create(metric, &labels, &error), STATUS_OK);
    assert_int_equal(dijkstra_create(graph, &dijkstra, &error), STATUS_OK);
    for (int start = 0; start < 6; start++) {
        uint32_t from = draw(stream, graph->node_count);
        struct road_seeds seeds = at_node(from);
        struct dijkstra_search search = { cch_metric_weights(metric), city_lengths_dm(city), &seeds, ROAD_INFINITY, NULL, 0, 0 };
        assert_int_equal(dijkstra_run(dijkstra, &search, &error), STATUS_OK);
        cch_from_one_to_all(query, &seeds, all);
        for (uint32_t to = 0; to < graph->node_count; to++) {
            uint32_t length;
            assert_int_equal(all[to], dijkstra_ticks(dijkstra, to));
            assert_int_equal(cch_labels_distance(labels, from, to), all[to]);
            assert_int_equal(cch_labels_distance_and_length(labels, from, to, &length), all[to]);
            assert_int_equal(length, all[to] == ROAD_INFINITY ? 0 : dijkstra_length_dm(dijkstra, to));
        }
        for (int i = 0; i < 500; i++) {
            uint32_t to = draw(stream, graph->node_count), length = 0;
            struct road_seeds end = at_node(to);
            struct cch_path path;
            assert_int_equal(cch_query_distance(query, &seeds, &end), all[to]);
            assert_int_equal(cch_query_path(query, &seeds, &end, &path, &error), STATUS_OK);
            road_ticks sum = 0;
            for (uint32_t a = 0; a < path.arc_count; a++) {
                sum += cch_metric_weights(metric)[path.arcs[a]];
                length += city_lengths_dm(city)[path.arcs[a]];
            }
            assert_int_equal(path.ticks, all[to]);
            assert_true(all[to] == ROAD_INFINITY || (sum == all[to] && length == dijkstra_length_dm(dijkstra, to)));
        }
    }
    dijkstra_destroy(dijkstra);
    cch_labels_destroy(labels);
    cch_query_destroy(query);
    free(all);
}

/* Closures and slow traffic, then some of it undone: weight for weight as if customized anew. */
static void check_update(const struct city *city, struct cch_metric *metric, const road_ticks *imported,
                         struct random_stream *stream)
{
    const struct road_graph *graph = city_graph(city);
    struct error error;
    struct cch_metric *full;
    for (int step = 0; step < 6; step++) {
        uint32_t arcs[300], count = step < 3 ? 100 : 300;
        road_ticks weights[300];
        for (uint32_t i = 0; i < count; i++) {
            arcs[i] = draw(stream, graph->arc_count);
            uint32_t kind = draw(stream, 4);
            weights[i] = kind == 0   ? ROAD_INFINITY
                         : kind == 1 ? imported[arcs[i]]
                                     : imported[arcs[i]] / 4 * (1 + draw(stream, 9));
        }
        cch_metric_update(metric, arcs, weights, count);
    }
    assert_int_equal(cch_metric_create(city_cch(city), graph, cch_metric_weights(metric), city_lengths_dm(city), &full, &error),
                     STATUS_OK);
    uint32_t up_arcs = city_cch(city)->up_arc_count;
    assert_memory_equal(metric->up, full->up, up_arcs * sizeof *metric->up);
    assert_memory_equal(metric->down, full->down, up_arcs * sizeof *metric->down);
    assert_memory_equal(metric->up_length, full->up_length, up_arcs * sizeof *metric->up_length);
    assert_memory_equal(metric->down_length, full->down_length, up_arcs * sizeof *metric->down_length);
    cch_metric_destroy(full);
}

struct collected {
    struct trip *trips;
    uint32_t columns;
};

static enum status collect(void *context, uint32_t from, const struct trip *trips, struct error *error)
{
    (void)error;
    struct collected *collected = context;
    memcpy(collected->trips + (size_t)from * collected->columns, trips, collected->columns * sizeof *trips);
    return STATUS_OK;
}

/* Places beside the roads, some of them neighbours on one street. */
static void check_places(const struct city *city, enum road_profile profile, struct random_stream *stream)
{
    enum { COUNT = 30 };
    struct error error;
    struct trip_end from[COUNT], to[COUNT];
    static struct trip fast[COUNT * COUNT], plain[COUNT * COUNT];
    for (int i = 0; i < COUNT; i++) {
        struct geo_point at = city_graph(city)->point[draw(stream, city_graph(city)->node_count)];
        struct road_place place;
        at.lon_e7 += (int32_t)draw(stream, 4000) - 2000;
        at.lat_e7 += (int32_t)draw(stream, 4000) - 2000;
        assert_int_equal(city_snap(city, profile, at, 50000, &place, &error), STATUS_OK);
        trip_end_make(city, profile, city_weights(city, profile), &place, true, &from[i]);
        trip_end_make(city, profile, city_weights(city, profile), &place, false, &to[i]);
    }
    struct collected collected = { fast, COUNT };
    assert_int_equal(matrix_compute(city, profile, MATRIX_CCH, from, COUNT, to, COUNT, collect, &collected, &error), STATUS_OK);
    collected.trips = plain;
    assert_int_equal(matrix_compute(city, profile, MATRIX_DIJKSTRA, from, COUNT, to, COUNT, collect, &collected, &error),
                     STATUS_OK);
    for (int i = 0; i < COUNT * COUNT; i++) {
        assert_int_equal(fast[i].ticks, plain[i].ticks);
        assert_int_equal(fast[i].length_dm, plain[i].length_dm);
        assert_int_equal(fast[i].fine, plain[i].fine);
    }
}

static void check_city(const char *name, bool arcs)
{
    struct error error;
    struct random_stream stream;
    struct city *city = import(name, arcs);
    assert_non_null(city);
    random_open(&stream, 1, 0, 0);
    assert_int_equal(cch_check(city_cch(city), city_graph(city), &error), STATUS_OK);
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        struct cch_metric *metric;
        if (!city_has_profile(city, (enum road_profile)profile)) {
            continue;
        }
        const road_ticks *weights = city_weights(city, (enum road_profile)profile);
        assert_int_equal(cch_metric_create(city_cch(city), city_graph(city), weights, city_lengths_dm(city), &metric, &error),
                         STATUS_OK);
        check_profile(city, metric, &stream);
        check_update(city, metric, weights, &stream);
        check_profile(city, metric, &stream);
        check_places(city, (enum road_profile)profile, &stream);
        cch_metric_destroy(metric);
    }
    city_close(city);
}

static void porto(void **state)
{
    (void)state;
    check_city("osm/porto.osm.pbf", false);
}

static void malta(void **state)
{
    (void)state;
    check_city("osm/malta.osm.pbf", false);
}

static void monaco(void **state)
{
    (void)state;
    check_city("osm/monaco.osm.pbf", false);
}

static void auckland(void **state)
{
    (void)state;
    check_city("jemss/auckland", true);
}

static void manhattan(void **state)
{
    (void)state;
    check_city("jemss/manhattan", true);
}

/* ---- the pairs of an independent program ---- */

static size_t unpack(const char *path, char *bytes, size_t size)
{
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    int length = gzread(file, bytes, (unsigned)size);
    gzclose(file);
    assert_true(length > 0 && (size_t)length < size);
    return (size_t)length;
}

static void manhattan_pairs_are_those_of_another_program(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    static const char *const columns[] = { "from", "to", "seconds", NULL };
    struct error error;
    struct csv csv;
    int column[3], pairs = 0;
    bool row;
    char *path = data_path("validation/manhattan_pairs.csv.gz"), *bytes = malloc(SIZE);
    size_t size = unpack(path, bytes, SIZE);
    struct city *city = import("jemss/manhattan", true);
    assert_non_null(city);
    csv_open(&csv, path, bytes, size, false);
    assert_int_equal(csv_next(&csv, &row, &error), STATUS_OK);
    assert_int_equal(csv_header(&csv, columns, column, true, &error), STATUS_OK);
    while (csv_next(&csv, &row, &error) == STATUS_OK && row) {
        int64_t numbers[2];
        double seconds;
        struct trip trip = TRIP_NONE;
        struct collected collected = { &trip, 1 };
        struct trip_end ends[2];
        assert_int_equal(csv_double(&csv, column[2], "seconds", 0, 1e6, &seconds, &error), STATUS_OK);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(csv_int(&csv, column[i], columns[i], 0, INT64_MAX, &numbers[i], &error), STATUS_OK);
            struct road_place place = city_place_at_node(city, city_node_of_number(city, (uint64_t)numbers[i]));
            trip_end_make(city, ROAD_EMERGENCY, city_weights(city, ROAD_EMERGENCY), &place, i == 0, &ends[i]);
        }
        assert_int_equal(matrix_compute(city, ROAD_EMERGENCY, MATRIX_CCH, &ends[0], 1, &ends[1], 1, collect, &collected, &error),
                         STATUS_OK);
        double ours = trip_seconds(city, &trip);
        char expected_text[32], our_text[32];
        snprintf(expected_text, sizeof expected_text, "%.3f", seconds);
        snprintf(our_text, sizeof our_text, "%.3f", ours);
        assert_string_equal(our_text, expected_text);
        pairs++;
    }
    assert_int_equal(pairs, 2000);
    csv_close(&csv);
    city_close(city);
    free(bytes);
    free(path);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monaco),   cmocka_unit_test(malta),     cmocka_unit_test(porto),
        cmocka_unit_test(auckland), cmocka_unit_test(manhattan), cmocka_unit_test(manhattan_pairs_are_those_of_another_program),
    };
    char *data = data_path("osm/monaco.osm.pbf");
    bool there = file_exists(data);
    free(data);
    if (!there) {
        printf("skipped: no cities in MINGDI_DATA\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
