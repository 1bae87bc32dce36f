/* Isochrones and matrices between places on a town that the test draws itself: streets as GeoJSON, imported like any map. */
#include "road/isochrone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "road/dijkstra.h"
#include "road/import.h"
#include "road/matrix.h"
#include "road/place_table.h"
#include "road/route.h"
#include "road/trip.h"

enum { STREETS = 13, TEXT_MAX = 1 << 22 };

static char folder[] = "/tmp/mingdi-isochrone-XXXXXX";
static struct city *town;

static void put_street(struct text *out, int index, bool northward, const char *tags)
{
    text_printf(out,
                "%s{\"type\":\"Feature\",\"properties\":{\"highway\":\"residential\",\"name\":\"%s %d\"%s},"
                "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[",
                out->length > 60 ? "," : "", northward ? "Avenue" : "Street", index, tags);
    for (int i = 0; i < STREETS; i++) {
        double lon = 11.9 + (northward ? index : i) * 0.004, lat = 57.7 + (northward ? i : index) * 0.002;
        text_printf(out, "%s[%.6f,%.6f]", i == 0 ? "" : ",", lon, lat);
    }
    text_puts(out, "]}}");
}

/* A grid of two-way and one-way streets with a large hole in its middle where none lie: every fourth street is one-way. */
static int make_town(void **state)
{
    (void)state;
    struct text out;
    struct error error;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    char *source = file_join(folder, "town.geojson"), *target = file_join(folder, "town.city");
    text_init(&out, TEXT_MAX);
    text_puts(&out, "{\"type\":\"FeatureCollection\",\"features\":[");
    for (int i = 0; i < STREETS; i++) {
        if (i < 5 || i > 8) {
            put_street(&out, i, true, i % 4 == 1 ? ",\"oneway\":\"yes\"" : "");
            put_street(&out, i, false, i % 4 == 2 ? ",\"oneway\":\"yes\"" : "");
        }
    }
    text_puts(&out, "]}");
    const struct import_options options = { .geojson = source, .output = target };
    int failed = file_write_whole(source, out.bytes, out.length, &error) != STATUS_OK ||
                 import_city(&options, &error) != STATUS_OK || city_open(target, &town, &error) != STATUS_OK;
    if (failed) {
        fprintf(stderr, "%s\n", error.text);
    }
    text_free(&out);
    free(source);
    free(target);
    return failed ? -1 : 0;
}

static int remove_town(void **state)
{
    (void)state;
    city_close(town);
    const char *const names[] = { "town.geojson", "town.city" };
    for (int i = 0; i < 2; i++) {
        char *path = file_join(folder, names[i]);
        unlink(path);
        free(path);
    }
    return rmdir(folder);
}

static struct road_place place_at(enum road_profile profile, double lon, double lat)
{
    struct error error;
    struct road_place place;
    assert_int_equal(place_snap(town, profile, lon, lat, &place, &error), STATUS_OK);
    return place;
}

/* ---- geometry ---- */

static int64_t turn(struct geo_point a, struct geo_point b, struct geo_point c)
{
    int64_t value = ((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)c.lat_e7 - a.lat_e7) -
                    ((int64_t)b.lat_e7 - a.lat_e7) * ((int64_t)c.lon_e7 - a.lon_e7);
    return (value > 0) - (value < 0);
}

static bool same(struct geo_point a, struct geo_point b) { return a.lon_e7 == b.lon_e7 && a.lat_e7 == b.lat_e7; }

static bool overlap(int32_t a, int32_t b, int32_t c, int32_t d)
{
    return (a < b ? a : b) <= (c > d ? c : d) && (c < d ? c : d) <= (a > b ? a : b);
}

/* Segments that cross, touch or overlap; those that share an end are neighbours. */
static bool cross_each_other(struct geo_point a, struct geo_point b, struct geo_point c, struct geo_point d)
{
    if (same(a, c) || same(a, d) || same(b, c) || same(b, d)) {
        return false;
    }
    return overlap(a.lon_e7, b.lon_e7, c.lon_e7, d.lon_e7) && overlap(a.lat_e7, b.lat_e7, c.lat_e7, d.lat_e7) &&
           turn(a, b, c) * turn(a, b, d) <= 0 && turn(c, d, a) * turn(c, d, b) <= 0;
}

/* Even-odd over all rings. */
static bool contains(const struct isochrone_area *area, struct geo_point at)
{
    bool in = false;
    for (uint32_t r = 0; r < area->ring_count; r++) {
        const struct geo_point *points = area->points + area->rings[r].first_point;
        for (uint32_t i = 0; i + 1 < area->rings[r].point_count; i++) {
            struct geo_point a = points[i], b = points[i + 1];
            if ((a.lat_e7 > at.lat_e7) != (b.lat_e7 > at.lat_e7)) {
                double lon = a.lon_e7 + (double)(at.lat_e7 - a.lat_e7) * (b.lon_e7 - a.lon_e7) / (b.lat_e7 - a.lat_e7);
                in ^= at.lon_e7 < lon;
            }
        }
    }
    return in;
}

/* Inside, or on the outline as far as rounding to 1e-7 degree goes. */
static bool contains_closed(const struct isochrone_area *area, struct geo_point at)
{
    for (uint32_t r = 0; r < area->ring_count; r++) {
        const struct geo_point *points = area->points + area->rings[r].first_point;
        for (uint32_t i = 0; i + 1 < area->rings[r].point_count; i++) {
            double dx = points[i + 1].lon_e7 - points[i].lon_e7, dy = points[i + 1].lat_e7 - points[i].lat_e7;
            double px = at.lon_e7 - points[i].lon_e7, py = at.lat_e7 - points[i].lat_e7;
            double along = (px * dx + py * dy) / (dx * dx + dy * dy);
            along = along < 0 ? 0 : along > 1 ? 1 : along;
            double ex = px - along * dx, ey = py - along * dy;
            if (ex * ex + ey * ey <= 2 * 2) {
                return true;
            }
        }
    }
    return contains(area, at);
}

static void check_rings(const struct isochrone_area *area)
{
    uint32_t outer = 0;
    for (uint32_t r = 0; r < area->ring_count; r++) {
        const struct isochrone_ring *ring = &area->rings[r];
        const struct geo_point *points = area->points + ring->first_point;
        double doubled = 0;
        assert_true(ring->point_count >= 4);
        assert_true(same(points[0], points[ring->point_count - 1]));
        for (uint32_t i = 0; i + 1 < ring->point_count; i++) {
            assert_false(same(points[i], points[i + 1]));
            doubled += ((double)points[i].lon_e7 - points[0].lon_e7) * ((double)points[i + 1].lat_e7 - points[0].lat_e7) -
                       ((double)points[i + 1].lon_e7 - points[0].lon_e7) * ((double)points[i].lat_e7 - points[0].lat_e7);
        }
        assert_true(ring->is_hole ? doubled < 0 : doubled > 0);
        assert_true(ring->is_hole ? r > 0 && area->rings[r - 1].polygon == ring->polygon : ring->polygon == outer);
        outer += !ring->is_hole;
    }
    assert_int_equal(outer, area->polygon_count);
}

static void check_no_crossing(const struct isochrone_area *area)
{
    for (uint32_t i = 0; i + 1 < area->point_count; i++) {
        for (uint32_t j = i + 1; j + 1 < area->point_count; j++) {
            bool between_rings = false; /* the step from one ring's end to the next ring's begin is no segment */
            for (uint32_t r = 0; r < area->ring_count; r++) {
                uint32_t last = area->rings[r].first_point + area->rings[r].point_count - 1;
                between_rings |= i == last || j == last;
            }
            if (!between_rings) {
                assert_false(cross_each_other(area->points[i], area->points[i + 1], area->points[j], area->points[j + 1]));
            }
        }
    }
}

static void check_isochrone(enum road_profile profile, double lon, double lat, const double *limits_s, uint32_t count)
{
    struct error error;
    struct isochrone_area areas[ISOCHRONE_LIMITS_MAX];
    struct road_place place = place_at(profile, lon, lat);
    struct dijkstra *dijkstra;
    struct road_seeds seeds;
    assert_int_equal(isochrone_find(town, profile, &place, limits_s, count, areas, &error), STATUS_OK);
    assert_int_equal(dijkstra_create(city_graph(town), &dijkstra, &error), STATUS_OK);
    city_seeds_leaving(town, city_weights(town, profile), &place, &seeds);
    struct dijkstra_search search = { .weights = city_weights(town, profile), .from = &seeds, .limit = ROAD_INFINITY };
    assert_int_equal(dijkstra_run(dijkstra, &search, &error), STATUS_OK);
    uint64_t off_road = city_off_road_ticks(town, profile, &place);
    for (uint32_t k = 0; k < count; k++) {
        uint32_t reached = 0;
        check_rings(&areas[k]);
        check_no_crossing(&areas[k]);
        bool on_road_in_time = (double)off_road <= limits_s[k] * city_ticks_per_second(town);
        assert_true(contains(&areas[k], place.point) == on_road_in_time);
        assert_true((areas[k].polygon_count > 0) == on_road_in_time);
        for (uint32_t node = 0; node < city_graph(town)->node_count; node++) {
            uint64_t ticks = off_road + dijkstra_ticks(dijkstra, node);
            if ((double)ticks <= limits_s[k] * city_ticks_per_second(town)) {
                reached++;
                assert_true(contains(&areas[k], city_graph(town)->point[node]));
            }
        }
        assert_int_equal(reached, areas[k].nodes_reached);
        for (uint32_t i = 0; k > 0 && i < areas[k - 1].point_count; i++) {
            assert_true(contains_closed(&areas[k], areas[k - 1].points[i]));
        }
        assert_true(k == 0 || areas[k].square_metres > areas[k - 1].square_metres);
    }
    dijkstra_destroy(dijkstra);
    isochrone_free(areas, count);
}

static void areas_are_valid_and_nested(void **state)
{
    (void)state;
    const double limits[] = { 20, 60, 100, 170, 240 };
    check_isochrone(ROAD_EMERGENCY, 11.908, 57.704, limits, 3);
    check_isochrone(ROAD_NORMAL, 11.92, 57.7105, limits, 5);
    check_isochrone(ROAD_FOOT, 11.9011, 57.7199, limits + 1, 2);
}

static void shift_seeds(enum road_profile profile, const struct isochrone_source *source, struct road_seeds *seeds)
{
    uint64_t begin = (uint64_t)source->delay.us * city_ticks_per_second(town) / US_PER_SECOND +
                     city_off_road_ticks(town, profile, &source->place);
    city_seeds_leaving(town, city_weights(town, profile), &source->place, seeds);
    for (uint32_t i = 0; i < seeds->count; i++) {
        seeds->seed[i].ticks += (road_ticks)begin;
    }
}

/* One search from three places is the best of three searches. The third leaves too late to reach anything. */
static void several_sources_are_the_best_of_each(void **state)
{
    (void)state;
    struct error error;
    const double limits_s[] = { 60, 120 };
    const enum road_profile profile = ROAD_EMERGENCY;
    const struct isochrone_source sources[] = { { place_at(profile, 11.908, 57.704), { 0 } },
                                                { place_at(profile, 11.94, 57.72), duration_seconds(40) },
                                                { place_at(profile, 11.94, 57.704), duration_seconds(125) } };
    struct isochrone_area areas[2], alone[2];
    struct dijkstra *dijkstra;
    uint32_t nodes = city_graph(town)->node_count;
    road_ticks *reached = malloc(nodes * sizeof *reached), *best = malloc(nodes * sizeof *best);
    assert_non_null(reached);
    assert_non_null(best);
    memset(best, 0x7F, nodes * sizeof *best);
    assert_int_equal(isochrone_find_from(town, profile, sources, 3, limits_s, 2, areas, reached, &error), STATUS_OK);
    assert_int_equal(dijkstra_create(city_graph(town), &dijkstra, &error), STATUS_OK);
    for (int i = 0; i < 3; i++) {
        struct road_seeds seeds;
        shift_seeds(profile, &sources[i], &seeds);
        struct dijkstra_search search = { .weights = city_weights(town, profile), .from = &seeds, .limit = ROAD_INFINITY };
        assert_int_equal(dijkstra_run(dijkstra, &search, &error), STATUS_OK);
        for (uint32_t node = 0; node < nodes; node++) {
            road_ticks ticks = dijkstra_ticks(dijkstra, node);
            best[node] = ticks < best[node] ? ticks : best[node];
        }
    }
    uint32_t in_time = 0;
    for (uint32_t node = 0; node < nodes; node++) {
        bool is_in_time = best[node] <= 120 * city_ticks_per_second(town);
        assert_int_equal(reached[node], is_in_time ? best[node] : ROAD_INFINITY);
        in_time += is_in_time;
    }
    assert_int_equal(in_time, areas[1].nodes_reached);
    assert_int_equal(isochrone_find(town, profile, &sources[0].place, limits_s, 2, alone, &error), STATUS_OK);
    assert_true(areas[1].square_metres > alone[1].square_metres);
    assert_false(contains(&areas[1], sources[2].place.point));
    isochrone_free(alone, 2);
    isochrone_free(areas, 2);
    assert_int_equal(isochrone_find_from(town, profile, &sources[2], 1, limits_s, 2, areas, reached, &error), STATUS_OK);
    assert_int_equal(areas[1].polygon_count, 0);
    isochrone_free(areas, 2);
    dijkstra_destroy(dijkstra);
    free(reached);
    free(best);
}

static void hole_without_streets_stays_open(void **state)
{
    (void)state;
    struct error error;
    struct isochrone_area area;
    struct road_place place = place_at(ROAD_EMERGENCY, 11.92, 57.708);
    const double limit = 900;
    assert_int_equal(isochrone_find(town, ROAD_EMERGENCY, &place, &limit, 1, &area, &error), STATUS_OK);
    assert_true(contains(&area, (struct geo_point){ 119080000, 577040000 }));
    assert_false(contains(&area, (struct geo_point){ 119260000, 577130000 })); /* the middle of the empty square */
    assert_true(area.ring_count > area.polygon_count);
    isochrone_free(&area, 1);
}

static void nothing_is_reached_before_the_road(void **state)
{
    (void)state;
    struct error error;
    struct isochrone_area area;
    struct road_place place = place_at(ROAD_FOOT, 11.926, 57.713);
    const double limit = 10;
    assert_true(place.off_road_m > 300);
    assert_int_equal(isochrone_find(town, ROAD_FOOT, &place, &limit, 1, &area, &error), STATUS_NOT_FOUND);
    assert_non_null(strstr(error.text, "nothing is reached"));
}

/* ---- trips between places ---- */

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

/* Places anywhere, many on the same street: both algorithms, and the route of each pair, agree. */
static void matrix_and_routes_agree(void **state)
{
    (void)state;
    enum { COUNT = 40 };
    struct error error;
    struct random_stream stream;
    struct road_place places[COUNT];
    struct trip_end from[COUNT], to[COUNT];
    static struct trip fast[COUNT * COUNT], plain[COUNT * COUNT];
    random_open(&stream, 1, 0, 0);
    for (int i = 0; i < COUNT; i++) {
        double lon = i % 2 == 0 ? 11.9 + 0.05 * random_uniform(&stream) : 11.904 + 0.004 * random_uniform(&stream);
        places[i] = place_at(ROAD_EMERGENCY, lon, i % 2 == 0 ? 57.7 + 0.025 * random_uniform(&stream) : 57.7022);
        trip_end_make(town, ROAD_EMERGENCY, city_weights(town, ROAD_EMERGENCY), &places[i], true, &from[i]);
        trip_end_make(town, ROAD_EMERGENCY, city_weights(town, ROAD_EMERGENCY), &places[i], false, &to[i]);
    }
    struct collected collected = { fast, COUNT };
    assert_int_equal(matrix_compute(town, ROAD_EMERGENCY, MATRIX_CCH, from, COUNT, to, COUNT, collect, &collected, &error),
                     STATUS_OK);
    collected.trips = plain;
    assert_int_equal(matrix_compute(town, ROAD_EMERGENCY, MATRIX_DIJKSTRA, from, COUNT, to, COUNT, collect, &collected, &error),
                     STATUS_OK);
    for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < COUNT; j++) {
            struct trip a = fast[i * COUNT + j], b = plain[i * COUNT + j];
            assert_int_equal(a.ticks, b.ticks);
            assert_int_equal(a.length_dm, b.length_dm);
            struct route route;
            assert_int_equal(route_find(town, ROAD_EMERGENCY, &places[i], &places[j], &route, &error), STATUS_OK);
            assert_int_equal(route.trip.ticks, a.ticks);
            double drawn = 0, seconds = 0;
            for (uint32_t p = 1; p < route.point_count; p++) {
                drawn += geo_distance_m(route.points[p - 1], route.points[p]);
            }
            for (uint32_t s = 0; s < route.step_count; s++) {
                seconds += route.steps[s].seconds;
            }
            double off_road_m = places[i].off_road_m + places[j].off_road_m;
            assert_true(drawn + off_road_m - (double)route.trip.length_dm / 10 < 2 &&
                        drawn + off_road_m - (double)route.trip.length_dm / 10 > -2);
            double expected = (double)(a.ticks - from[i].off_road - to[j].off_road) / city_ticks_per_second(town);
            assert_true(seconds - expected < 0.05 && seconds - expected > -0.05);
            route_free(&route);
        }
    }
}

/* ---- tables of places ---- */

static void refused(const char *bytes, const char *why)
{
    struct error error;
    struct place_table table;
    assert_int_equal(place_table_read_bytes("a.csv", bytes, strlen(bytes), town, ROAD_EMERGENCY, &table, &error),
                     STATUS_BAD_INPUT);
    if (strstr(error.text, why) == NULL) {
        fail_msg("%s", error.text);
    }
}

static void tables_are_read_or_refused_with_line(void **state)
{
    (void)state;
    struct error error;
    struct place_table table;
    const char *good = "id,lon,lat\r\n\"a,1\",11.91,57.71\n\nb,11.92,57.704\n";
    assert_int_equal(place_table_read_bytes("a.csv", good, strlen(good), town, ROAD_EMERGENCY, &table, &error), STATUS_OK);
    assert_int_equal(table.count, 2);
    assert_string_equal(table.places[0].id, "a,1");
    place_table_free(&table);
    refused("", "a.csv:1");
    refused("id,lon\na,1\n", "id,lon,lat or id,node");
    refused("id,lon,lat,colour\na,11.91,57.71,red\n", "colour");
    refused("id,lon,lat\na,11.91,57.71\nb,11.91,fifty\n", "a.csv:3");
    refused("id,lon,lat\na,11.91,57.71\na,11.92,57.71\n", "a.csv:3: column id: 'a' stands already in line 2");
    refused("id,lon,lat\n,11.91,57.71\n", "a.csv:2");
    refused("id,lon,lat\na,57.71,11.91\n", "longitude comes first");
    refused("id,lon,lat\na,12.91,57.71\n", "5000 m");
    refused("id,lon,lat\na,12.91,157.71\n", "not on the earth");
    refused("id,node\na,1\n", "no node numbers");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_are_valid_and_nested),      cmocka_unit_test(several_sources_are_the_best_of_each),
        cmocka_unit_test(hole_without_streets_stays_open), cmocka_unit_test(nothing_is_reached_before_the_road),
        cmocka_unit_test(matrix_and_routes_agree),         cmocka_unit_test(tables_are_read_or_refused_with_line),
    };
    return cmocka_run_group_tests(tests, make_town, remove_town);
}
