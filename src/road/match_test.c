/* Matching on towns whose streets are known, and on made trips over a real city. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/random.h"
#include "base/test_data.h"
#include "road/import.h"
#include "road/match.h"
#include "road/reckon.h"
#include "road/snap.h"
#include "road/town_sample.h"
#include "road/trace_made.h"

/* Two long streets 111 m apart with a link at each end, and a one-way street beside. */
static const struct town LADDER = {
    .map = "abcde\n"
           "fghij\n",
    .ways = { { "abcde", "highway=primary|name=North" },
              { "fghij", "highway=primary|name=South" },
              { "af", "highway=residential|name=West" },
              { "ej", "highway=residential|name=East" } },
};

struct setting {
    char *folder;
    struct city *city;
    struct match_net *net;
    struct match_points points;
};

static void begin(struct setting *setting, const struct town *town)
{
    struct error error;
    *setting = (struct setting){ .folder = sample_folder() };
    setting->city = town_open(town, setting->folder);
    assert_int_equal(match_net_create(setting->city, ROAD_EMERGENCY, &setting->net, &error), STATUS_OK);
}

static void end(struct setting *setting)
{
    vec_free(&setting->points);
    match_net_destroy(setting->net);
    city_close(setting->city);
    sample_folder_remove(setting->folder);
}

/* Rows of columns east and rows down of the map (0.001 degree each), and seconds. */
struct told {
    double column, row, at_s;
};

static void match(struct setting *setting, uint32_t lag, const struct told *told, uint32_t count)
{
    struct match_rules rules = { .noise_m = 12, .lag = lag };
    struct matcher *matcher;
    struct error error;
    setting->points.count = 0;
    assert_int_equal(matcher_create(setting->net, &rules, &matcher, &error), STATUS_OK);
    for (uint32_t i = 0; i < count; i++) {
        struct match_fix fix = { .at = { (int64_t)(told[i].at_s * US_PER_SECOND) } };
        assert_true(geo_point_from_degrees(0.001 * told[i].column, -0.001 * told[i].row, &fix.point));
        assert_int_equal(matcher_add(matcher, &fix, &setting->points, &error), STATUS_OK);
    }
    assert_int_equal(matcher_finish(matcher, &setting->points, &error), STATUS_OK);
    matcher_destroy(matcher);
}

static void assert_street(const struct setting *setting, size_t index, const char *street, bool eastward)
{
    assert_true(index < setting->points.count);
    uint32_t arc = setting->points.items[index].arc;
    const struct road_graph *graph = city_graph(setting->city);
    assert_string_equal(city_arc_name(setting->city, arc), street);
    assert_int_equal(graph->point[graph->head[arc]].lon_e7 > graph->point[graph->tail[arc]].lon_e7, eastward);
}

/* The third fix is nearer to the other street, which could not have been driven on: the nearest road would be wrong. */
static void stays_on_its_street(void **state)
{
    (void)state;
    static const struct told told[] = { { 0.2, 0.05, 0 }, { 1.0, 0.1, 8 }, { 1.7, 0.55, 14 }, { 2.5, 0.1, 21 }, { 3.4, 0, 29 } };
    struct setting setting;
    begin(&setting, &LADDER);
    for (uint32_t lag = 0; lag <= 8; lag += 2) {
        match(&setting, lag, told, 5);
        assert_int_equal(setting.points.count, 5);
        for (size_t i = 0; i < 5; i++) {
            assert_street(&setting, i, "North", true);
            assert_int_equal(setting.points.items[i].fix, i);
            assert_int_equal(setting.points.items[i].begins, i == 0);
        }
    }
    end(&setting);
}

static void knows_the_direction(void **state)
{
    (void)state;
    static const struct told told[] = { { 3.5, 1.02, 0 }, { 2.5, 0.98, 8 }, { 1.4, 1.01, 16 } };
    struct setting setting;
    begin(&setting, &LADDER);
    match(&setting, MATCH_WHOLE, told, 3);
    assert_int_equal(setting.points.count, 3);
    assert_street(&setting, 0, "South", false);
    assert_street(&setting, 2, "South", false);
    end(&setting);
}

/* Standing says nothing, a jump is left out, and so is a fix that comes too late. */
static void passes_over_what_says_nothing(void **state)
{
    (void)state;
    static const struct told told[] = { { 0.5, 0, 0 },  { 0.51, 0, 5 },   { 0.49, 0.02, 9 }, { 1.5, 0, 17 },
                                        { 90, 90, 18 }, { 3.9, 0.9, 19 }, { 2.5, 0, 25 },    { 2.0, 0, 24 } };
    struct setting setting;
    begin(&setting, &LADDER);
    match(&setting, MATCH_WHOLE, told, 8);
    assert_int_equal(setting.points.count, 3);
    assert_int_equal(setting.points.items[0].fix, 0);
    assert_int_equal(setting.points.items[1].fix, 3);
    assert_int_equal(setting.points.items[2].fix, 6);
    end(&setting);
}

static void begins_anew_after_a_gap(void **state)
{
    (void)state;
    static const struct told told[] = { { 0.5, 0, 0 }, { 1.5, 0, 8 }, { 0.5, 1, 1000 }, { 1.5, 1, 1008 } };
    struct setting setting;
    begin(&setting, &LADDER);
    match(&setting, MATCH_WHOLE, told, 4);
    assert_int_equal(setting.points.count, 4);
    static const bool begins[] = { true, false, true, false };
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(setting.points.items[i].begins, begins[i]);
    }
    end(&setting);
}

/* Where jumps go on, they are where it is now. */
static void follows_after_many_outliers(void **state)
{
    (void)state;
    struct told told[9];
    struct setting setting;
    for (int i = 0; i < 9; i++) {
        told[i] = (struct told){ .column = 0.2 + 0.4 * i, .row = i < 3 ? 0 : 1, .at_s = i };
    }
    begin(&setting, &LADDER);
    match(&setting, MATCH_WHOLE, told, 9);
    size_t last = setting.points.count - 1;
    assert_int_equal(setting.points.items[last].fix, 8);
    assert_street(&setting, last, "South", true);
    end(&setting);
}

static void tells_the_way_between(void **state)
{
    (void)state;
    static const struct told told[] = { { 3.0, 0, 0 }, { 3.0, 1, 40 } };
    struct setting setting;
    struct match_ways *ways;
    struct match_parts parts = { 0 };
    struct error error;
    double metres = 0;
    begin(&setting, &LADDER);
    match(&setting, MATCH_WHOLE, told, 2);
    assert_int_equal(setting.points.count, 2);
    assert_int_equal(match_ways_create(setting.net, &ways, &error), STATUS_OK);
    assert_int_equal(match_ways_between(ways, &setting.points.items[0], &setting.points.items[1], &parts, &error), STATUS_OK);
    for (size_t i = 0; i < parts.count; i++) {
        metres += ((double)parts.items[i].to - (double)parts.items[i].from) * city_lengths_dm(setting.city)[parts.items[i].arc] /
                  10;
    }
    assert_true(fabs(metres - 3 * 111.19) < 0.5); /* a column east, a row south, a column back: 0.001 degree of 6,371 km each */
    vec_free(&parts);
    match_ways_destroy(ways);
    end(&setting);
}

/* ---- dead reckoning ---- */

/* b-c-d is one road without a junction; at d one can turn. */
static const struct town FORK = {
    .map = "abcde\n"
           "...f.\n",
    .ways = { { "ab", "highway=primary|name=One" },
              { "bcd", "highway=primary|name=Two" },
              { "de", "highway=primary|name=Three" },
              { "df", "highway=primary|name=Four" } },
};

static uint32_t arc_between(const struct city *city, struct geo_point from, struct geo_point to)
{
    const struct road_graph *graph = city_graph(city);
    for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
        struct geo_point tail = graph->point[graph->tail[arc]], head = graph->point[graph->head[arc]];
        if (tail.lon_e7 == from.lon_e7 && tail.lat_e7 == from.lat_e7 && head.lon_e7 == to.lon_e7 && head.lat_e7 == to.lat_e7) {
            return arc;
        }
    }
    fail();
    return ROAD_NONE;
}

static void reckons_to_the_junction_and_no_farther(void **state)
{
    (void)state;
    struct setting setting;
    begin(&setting, &FORK);
    const road_ticks *weights = city_weights(setting.city, ROAD_EMERGENCY);
    uint32_t first = arc_between(setting.city, town_point(&FORK, 'a'), town_point(&FORK, 'b'));
    double per_m = weights[first] / (city_lengths_dm(setting.city)[first] / 10.0) / city_ticks_per_second(setting.city);
    for (double metres = 0; metres < 600; metres += 50) {
        struct reckoned here = reckon_ahead(setting.city, weights, first, 0, duration_us((int64_t)(metres * per_m * 1e6)));
        double expected_m = fmin(metres, 3 * 111.19); /* a to d */
        struct geo_point at = reckon_point(setting.city, here.arc, here.fraction);
        assert_true(fabs(here.metres - expected_m) < 0.5);
        assert_true(fabs(geo_distance_m(town_point(&FORK, 'a'), at) - expected_m) < 0.5);
        assert_int_equal(here.at_junction, metres > 3 * 111.19);
    }
    end(&setting);
}

/* At the end of a road there is no way on. */
static void reckons_no_way_out_of_a_dead_end(void **state)
{
    (void)state;
    struct setting setting;
    begin(&setting, &FORK);
    uint32_t last = arc_between(setting.city, town_point(&FORK, 'd'), town_point(&FORK, 'e'));
    struct reckoned here = reckon_ahead(setting.city, city_weights(setting.city, ROAD_EMERGENCY), last, 0.5,
                                        duration_seconds(600));
    struct geo_point end_of_road = town_point(&FORK, 'e'), at = reckon_point(setting.city, here.arc, here.fraction);
    assert_true(here.at_junction && at.lon_e7 == end_of_road.lon_e7 && at.lat_e7 == end_of_road.lat_e7);
    end(&setting);
}

/* ---- a real city ---- */

static struct city *open_monaco(char *folder)
{
    char *osm = file_join(test_data_folder(), "osm/monaco.osm.pbf"), *path = file_join(folder, "map.city");
    struct import_options options = { .osm = osm, .output = path };
    struct city *city = NULL;
    struct error error;
    if (access(osm, R_OK) == 0) {
        assert_int_equal(import_city(&options, &error), STATUS_OK);
        assert_int_equal(city_open(path, &city, &error), STATUS_OK);
    }
    free(osm);
    free(path);
    return city;
}

/* The nearest of each edge by looking at all of them. */
static void near_equals_brute_force(const struct city *city)
{
    const struct city_parts *parts = city_parts_of(city);
    const struct geo_point *points = parts->bytes[CITY_EDGE_POINT];
    const uint32_t *first = city_part_u32(parts, CITY_EDGE_POINT_FIRST), *arcs = city_part_u32(parts, CITY_EDGE_ARCS);
    const uint8_t *use = parts->bytes[CITY_ARC_USE];
    struct random_stream stream;
    random_open(&stream, 9, 1, 0);
    for (int round = 0; round < 200; round++) {
        enum { HITS_MAX = 12 };
        struct geo_point at = points[random_u64(&stream) % parts->count[CITY_EDGE_POINT]];
        struct snap_hit hits[HITS_MAX];
        uint32_t count = snap_near(parts, ROAD_EMERGENCY, at, 80, hits, HITS_MAX), within = 0, nearer = 0;
        double east_m, north_m;
        snap_scale(parts->bytes[CITY_META], at, &east_m, &north_m);
        double last_m = count == HITS_MAX ? hits[count - 1].distance_m : 80;
        for (uint32_t edge = 0; edge < parts->count[CITY_EDGE_NAME]; edge++) {
            double best_m = HUGE_VAL;
            bool used = (arcs[2 * edge] != ROAD_NONE && (use[arcs[2 * edge]] & 1) != 0) ||
                        (arcs[2 * edge + 1] != ROAD_NONE && (use[arcs[2 * edge + 1]] & 1) != 0);
            for (uint32_t i = first[edge]; i + 1 < first[edge + 1] && used; i++) {
                double metres;
                (void)snap_project(at, points[i], points[i + 1], east_m, north_m, &metres);
                best_m = fmin(best_m, metres);
            }
            within += best_m <= last_m;
            nearer += best_m < last_m;
            for (uint32_t k = 0; k < count; k++) {
                assert_true(hits[k].edge != edge || (hits[k].distance_m <= best_m && hits[k].distance_m >= best_m));
                assert_true(k == 0 || hits[k - 1].distance_m <= hits[k].distance_m);
            }
        }
        assert_true(count < HITS_MAX ? within == count : within >= count && nearer < count);
    }
}

static void match_trip(const struct city *city, struct matcher *matcher, struct match_ways *ways, const struct made_trip *trip,
                       struct made_score *score)
{
    struct match_points points = { 0 };
    struct match_parts parts = { 0 };
    struct error error;
    matcher_reset(matcher);
    for (size_t i = 0; i < trip->fixes.count; i++) {
        assert_int_equal(matcher_add(matcher, &trip->fixes.items[i], &points, &error), STATUS_OK);
    }
    assert_int_equal(matcher_finish(matcher, &points, &error), STATUS_OK);
    for (size_t i = 1; i < points.count; i++) {
        if (!points.items[i].begins) {
            assert_int_equal(match_ways_between(ways, &points.items[i - 1], &points.items[i], &parts, &error), STATUS_OK);
        }
    }
    assert_int_equal(made_trip_score(city, trip, &parts, score, &error), STATUS_OK);
    vec_free(&points);
    vec_free(&parts);
}

static struct made_score share_right(const struct city *city, uint32_t lag, double interval_s)
{
    struct match_rules rules = { .noise_m = 8, .lag = lag };
    struct made_rules made = {
        .weights = city_weights(city, ROAD_EMERGENCY), .arc_spread = 0.3, .interval_s = interval_s, .noise_m = 8
    };
    struct match_net *net;
    struct match_ways *ways;
    struct matcher *matcher;
    struct trace_maker *maker;
    struct made_trip trip = { 0 };
    struct made_score score = { 0 };
    struct error error;
    assert_int_equal(match_net_create(city, ROAD_EMERGENCY, &net, &error), STATUS_OK);
    assert_int_equal(match_ways_create(net, &ways, &error), STATUS_OK);
    assert_int_equal(matcher_create(net, &rules, &matcher, &error), STATUS_OK);
    assert_int_equal(trace_maker_create(city, ROAD_EMERGENCY, 7, &maker, &error), STATUS_OK);
    for (uint32_t i = 0; i < 60; i++) {
        assert_int_equal(trace_maker_trip(maker, i, &made, &trip, &error), STATUS_OK);
        match_trip(city, matcher, ways, &trip, &score);
    }
    made_trip_free(&trip);
    trace_maker_destroy(maker);
    matcher_destroy(matcher);
    match_ways_destroy(ways);
    match_net_destroy(net);
    printf("%s, a fix every %.0f s, lag %u: %.0f km driven, %.2f%% right, %.2f%% wrong\n", city_name(city), interval_s, lag,
           score.driven_m / 1000, 100 * score.right_m / score.driven_m, 100 * score.wrong_m / score.driven_m);
    return score;
}

static void matches_made_trips_of_a_real_city(void **state)
{
    (void)state;
    char *folder = sample_folder();
    struct city *city = open_monaco(folder);
    if (city != NULL) {
        near_equals_brute_force(city);
        static const struct {
            uint32_t lag;
            double interval_s, right, wrong;
        } aims[] = {
            { MATCH_WHOLE, 1, 0.98, 0.05 }, { MATCH_WHOLE, 5, 0.98, 0.03 }, { 5, 5, 0.98, 0.03 }, { MATCH_WHOLE, 15, 0.98, 0.03 }
        };
        for (size_t i = 0; i < sizeof aims / sizeof *aims; i++) {
            struct made_score score = share_right(city, aims[i].lag, aims[i].interval_s);
            assert_true(score.right_m >= aims[i].right * score.driven_m && score.wrong_m <= aims[i].wrong * score.driven_m);
        }
    }
    bool skipped = city == NULL;
    city_close(city);
    sample_folder_remove(folder);
    if (skipped) {
        skip();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_on_its_street),
        cmocka_unit_test(knows_the_direction),
        cmocka_unit_test(passes_over_what_says_nothing),
        cmocka_unit_test(begins_anew_after_a_gap),
        cmocka_unit_test(follows_after_many_outliers),
        cmocka_unit_test(tells_the_way_between),
        cmocka_unit_test(reckons_to_the_junction_and_no_farther),
        cmocka_unit_test(reckons_no_way_out_of_a_dead_end),
        cmocka_unit_test(matches_made_trips_of_a_real_city),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
