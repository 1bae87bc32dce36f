/* Snapping against brute force, and the seeds of places against what the map says. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/file.h"
#include "base/random.h"
#include "base/test_data.h"
#include "road/city_file.h"
#include "road/dijkstra.h"
#include "road/import.h"
#include "road/snap.h"
#include "road/town_sample.h"

/* Every piece of every edge that serves the profile, one after the other. */
static double nearest_m(const struct city_parts *parts, enum road_profile profile, struct geo_point at, uint32_t *edge_of_best)
{
    const struct geo_point *points = parts->bytes[CITY_EDGE_POINT];
    const uint32_t *first = city_part_u32(parts, CITY_EDGE_POINT_FIRST), *arcs = city_part_u32(parts, CITY_EDGE_ARCS);
    const uint8_t *use = parts->bytes[CITY_ARC_USE];
    double east_m, north_m, best_m = HUGE_VAL;
    snap_scale(parts->bytes[CITY_META], at, &east_m, &north_m);
    for (uint32_t edge = 0; edge < parts->count[CITY_EDGE_NAME]; edge++) {
        bool serves = false, has_length = false;
        for (uint32_t side = 2 * edge; side < 2 * edge + 2; side++) {
            serves |= arcs[side] != ROAD_NONE && (use[arcs[side]] >> profile & 1) != 0;
        }
        for (uint32_t i = first[edge]; i + 1 < first[edge + 1]; i++) {
            has_length |= memcmp(&points[i], &points[i + 1], sizeof *points) != 0;
        }
        for (uint32_t i = first[edge]; i + 1 < first[edge + 1] && serves && has_length; i++) {
            double metres;
            (void)snap_project(at, points[i], points[i + 1], east_m, north_m, &metres);
            if (metres < best_m) {
                best_m = metres;
                *edge_of_best = edge;
            }
        }
    }
    return best_m;
}

static void compare_with_brute_force(const char *path, int rounds)
{
    struct file_view view;
    struct city_parts parts;
    struct error error;
    struct random_stream stream;
    random_open(&stream, 5, 1, 0);
    assert_int_equal(file_view_open(&view, path, &error), STATUS_OK);
    assert_int_equal(city_file_read(path, view.bytes, view.size, &parts, &error), STATUS_OK);
    const struct city_meta *meta = parts.bytes[CITY_META];
    double width = (double)meta->east_e7 - meta->west_e7, height = (double)meta->north_e7 - meta->south_e7;
    for (int i = 0; i < rounds; i++) { /* within the box and a fifth of it around */
        struct geo_point at = { (int32_t)(meta->west_e7 + width * (random_uniform(&stream) * 1.4 - 0.2)),
                                (int32_t)(meta->south_e7 + height * (random_uniform(&stream) * 1.4 - 0.2)) };
        enum road_profile profile = (enum road_profile)(i % ROAD_PROFILE_COUNT);
        struct snap_hit hit;
        uint32_t edge = ROAD_NONE;
        double expected_m = nearest_m(&parts, profile, at, &edge);
        assert_true(snap_find(&parts, profile, at, 1e7, &hit));
        assert_true(hit.distance_m >= expected_m && hit.distance_m <= expected_m);
        assert_int_equal(hit.edge, edge); /* the lowest of equals, as the loop above finds it */
        assert_false(snap_find(&parts, profile, at, expected_m * 0.999 - 0.001, &hit));
        assert_true(snap_find(&parts, profile, at, expected_m, &hit));
    }
    file_view_close(&view);
}

static const struct town TOWN = {
    .map = "ab   c\n d e  \nf    g\n  h   \n",
    .ways = { { "abec", "highway=primary" },
              { "fdb", "highway=residential|oneway=yes" },
              { "fh", "highway=footway" },
              { "hg", "highway=residential" },
              { "gc", "highway=residential" } },
};

static void the_nearest_is_found(void **state)
{
    (void)state;
    char *folder = sample_folder(), *path = file_join(folder, "town.city");
    city_close(town_open(&TOWN, folder));
    compare_with_brute_force(path, 3000);
    free(path);
    sample_folder_remove(folder);
}

static void the_nearest_is_found_in_real_cities(void **state)
{
    (void)state;
    static const char *const MAPS[] = { "osm/monaco.osm.pbf", "osm/malta.osm.pbf", "osm/porto.osm.pbf" };
    char *folder = sample_folder(), *output = file_join(folder, "x.city");
    bool found = false;
    for (size_t i = 0; i < ARRAY_LENGTH(MAPS); i++) {
        char *map = file_join(test_data_folder(), MAPS[i]);
        struct error error;
        if (file_exists(map)) {
            found = true;
            assert_int_equal(import_city(&(struct import_options){ .osm = map, .output = output }, &error), STATUS_OK);
            compare_with_brute_force(output, 300);
        }
        free(map);
    }
    free(output);
    sample_folder_remove(folder);
    if (!found) {
        printf("skipped: MINGDI_DATA has no maps\n");
        skip();
    }
}

/* ---- places ---- */

static struct road_place place_near(const struct city *city, enum road_profile profile, double column, double row)
{
    struct road_place place;
    struct error error;
    struct geo_point at = { (int32_t)(column * 10000), (int32_t)(-row * 10000) };
    assert_int_equal(city_snap(city, profile, at, 1000, &place, &error), STATUS_OK);
    return place;
}

/* Seconds from place to place, without the way off the road. */
static double seconds_between(const struct city *city, enum road_profile profile, const struct road_place *from,
                              const struct road_place *to)
{
    const road_ticks *weights = city_weights(city, profile);
    struct road_seeds leaving, reaching;
    struct dijkstra *search;
    struct error error;
    city_seeds_leaving(city, weights, from, &leaving);
    city_seeds_reaching(city, weights, to, &reaching);
    road_ticks best = city_direct_ticks(city, weights, from, to);
    assert_int_equal(dijkstra_create(city_graph(city), &search, &error), STATUS_OK);
    const struct dijkstra_search question = { .weights = weights, .from = &leaving, .limit = ROAD_INFINITY };
    assert_int_equal(dijkstra_run(search, &question, &error), STATUS_OK);
    for (uint32_t i = 0; i < reaching.count; i++) {
        road_ticks ticks = dijkstra_ticks(search, reaching.seed[i].node);
        if (ticks < ROAD_INFINITY && ticks + reaching.seed[i].ticks < best) {
            best = ticks + reaching.seed[i].ticks;
        }
    }
    dijkstra_destroy(search);
    return best == ROAD_INFINITY ? -1 : (double)best / city_ticks_per_second(city);
}

static void near(double value, double expected)
{
    if (value < expected - 0.02 || value > expected + 0.02) {
        fail_msg("%g instead of %g", value, expected);
    }
}

/* One step of the map at 30 km/h, the default of a residential street in ordinary traffic. */
static const double STEP_S = 111.195 / (30 / 3.6);

static void places_lie_on_the_road_not_only_on_nodes(void **state)
{
    (void)state;
    static const struct town LINE = { .map = "a    b    c\n",
                                      .ways = { { "ab", "highway=residential" }, { "bc", "highway=residential|oneway=yes" } } };
    char *folder = sample_folder();
    struct city *city = town_open(&LINE, folder);
    /* The one-way street is a trap for cars: they cannot come back from it, so it is not served; walkers use it all. */
    struct road_place first = place_near(city, ROAD_NORMAL, 1, 0.5), second = place_near(city, ROAD_NORMAL, 4, -0.2);
    assert_true(first.off_road_m > 55 && first.off_road_m < 56);
    assert_int_equal(first.point.lon_e7, 10000);
    assert_int_equal(first.point.lat_e7, 0);
    near(seconds_between(city, ROAD_NORMAL, &first, &second), 3 * STEP_S);
    near(seconds_between(city, ROAD_NORMAL, &second, &first), 3 * STEP_S);
    near(seconds_between(city, ROAD_NORMAL, &first, &first), 0);
    struct road_place trapped = place_near(city, ROAD_NORMAL, 8, 0);
    assert_int_equal(trapped.point.lon_e7, 50000);
    struct road_place far = place_near(city, ROAD_FOOT, 8, 0);
    assert_int_equal(far.point.lon_e7, 80000);
    near(seconds_between(city, ROAD_FOOT, &first, &far), 7 * 111.195 / (5 / 3.6));
    near(seconds_between(city, ROAD_FOOT, &far, &first), 7 * 111.195 / (5 / 3.6));
    near((double)city_off_road_ticks(city, ROAD_FOOT, &first) / 1000, first.off_road_m / (5 / 3.6));
    city_close(city);
    sample_folder_remove(folder);
}

static void one_ways_and_restrictions_count_from_the_middle(void **state)
{
    (void)state;
    static const struct town RING = { .map = "abc\nfed\n",
                                      .ways = { { "abc", "highway=residential|oneway=yes" },
                                                { "cd", "highway=residential" },
                                                { "def", "highway=residential" },
                                                { "fa", "highway=residential" } } };
    char *folder = sample_folder();
    struct city *city = town_open(&RING, folder);
    struct road_place begin = place_near(city, ROAD_NORMAL, 0.5, 0), end = place_near(city, ROAD_NORMAL, 1.5, 0);
    near(seconds_between(city, ROAD_NORMAL, &begin, &end), STEP_S);
    near(seconds_between(city, ROAD_NORMAL, &end, &begin), 5 * STEP_S); /* round the block */
    city_close(city);
    static const struct town TURN = {
        .map = "abc\n d \n e \n",
        .ways = { { "ab", "highway=residential" }, { "bc", "highway=residential" }, { "bde", "highway=residential" } },
        .restrictions = { { "ab", "b", "bde", "restriction=no_right_turn" } }
    };
    city = town_open(&TURN, folder);
    begin = place_near(city, ROAD_NORMAL, 0.5, 0);
    end = place_near(city, ROAD_NORMAL, 1, 1.5);
    near(seconds_between(city, ROAD_NORMAL, &begin, &end), 4 * STEP_S); /* on to c, back, and down */
    near(seconds_between(city, ROAD_NORMAL, &end, &begin), 2 * STEP_S);
    near(seconds_between(city, ROAD_EMERGENCY, &begin, &end), 2 * STEP_S / 1.3);
    city_close(city);
    sample_folder_remove(folder);
}

static void copies_are_at_their_base(void **state)
{
    (void)state;
    static const struct town TURN = {
        .map = "abc\n d \n",
        .ways = { { "ab", "highway=residential" }, { "bc", "highway=residential" }, { "bd", "highway=residential" } },
        .restrictions = { { "ab", "b", "bd", "restriction=no_right_turn" }, { "bc", "b", "bd", "restriction=no_left_turn" } }
    };
    char *folder = sample_folder();
    struct city *city = town_open(&TURN, folder);
    const struct road_graph *graph = city_graph(city);
    assert_int_equal(graph->node_count, city_base_count(city) + 2);
    for (uint32_t node = 0; node < graph->node_count; node++) {
        uint32_t base = city_base_of_node(city, node);
        assert_true(base < city_base_count(city) && (node >= city_base_count(city) || base == node));
        assert_memory_equal(&graph->point[node], &graph->point[base], sizeof graph->point[0]);
        struct road_place place = city_place_at_node(city, node);
        struct road_seeds seeds;
        city_seeds_reaching(city, city_weights(city, ROAD_NORMAL), &place, &seeds);
        assert_int_equal(seeds.count, graph->point[node].lon_e7 == 10000 && graph->point[node].lat_e7 == 0 ? 3 : 1);
    }
    city_close(city);
    sample_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_is_found),
        cmocka_unit_test(the_nearest_is_found_in_real_cities),
        cmocka_unit_test(places_lie_on_the_road_not_only_on_nodes),
        cmocka_unit_test(one_ways_and_restrictions_count_from_the_middle),
        cmocka_unit_test(copies_are_at_their_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
