#include "geo/grid.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"

enum { POINTS = 600, QUESTIONS = 200, WANTED = 17 };

static struct geo_point random_point(struct random_stream *stream, double lon, double lat, double size)
{
    struct geo_point point;
    assert_true(
        geo_point_from_degrees(lon + (random_uniform(stream) - 0.5) * size, lat + (random_uniform(stream) - 0.5) * size, &point));
    return point;
}

static int by_distance(const void *a, const void *b)
{
    const struct geo_hit *x = a, *y = b;
    if (x->distance_m != y->distance_m) {
        return x->distance_m < y->distance_m ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static uint32_t by_hand(const struct geo_point *points, uint32_t count, struct geo_point at, double maximum_m,
                        struct geo_hit *hits)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        double distance_m = geo_distance_m(at, points[i]);
        if (distance_m <= maximum_m) {
            hits[found++] = (struct geo_hit){ i, distance_m };
        }
    }
    qsort(hits, found, sizeof *hits, by_distance);
    return found;
}

struct collected {
    uint32_t count;
    struct geo_hit hits[POINTS];
};

static void collect(void *context, struct geo_hit hit)
{
    struct collected *collected = context;
    collected->hits[collected->count++] = hit;
}

static void compare(const struct geo_grid *grid, const struct geo_point *points, struct geo_point at, double maximum_m)
{
    struct geo_hit expected[POINTS], found[WANTED];
    uint32_t within = by_hand(points, POINTS, at, maximum_m, expected);
    uint32_t count = geo_grid_nearest(grid, at, maximum_m, WANTED, found);
    assert_int_equal(count, within < WANTED ? within : WANTED);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(found[i].index, expected[i].index);
    }
    static struct collected collected;
    collected.count = 0;
    geo_grid_within(grid, at, maximum_m, collect, &collected);
    assert_int_equal(collected.count, within);
    qsort(collected.hits, collected.count, sizeof *collected.hits, by_distance);
    for (uint32_t i = 0; i < within; i++) {
        assert_int_equal(collected.hits[i].index, expected[i].index);
    }
}

/* Cities at several latitudes, a region, and questions from inside, beside and far away; every answer against the plain loop. */
static void test_equals_the_plain_loop(void **state)
{
    (void)state;
    const double places[][3] = { { 11.97, 57.7, 0.3 }, { -70, 0, 20 }, { 25, 62, 22 }, { 139, -80, 8 }, { 0, 0, 0.00001 } };
    struct random_stream stream;
    random_open(&stream, 1, 2, 3);
    for (size_t place = 0; place < sizeof places / sizeof *places; place++) {
        double lon = places[place][0], lat = places[place][1], size = places[place][2];
        struct geo_point points[POINTS];
        for (int i = 0; i < POINTS; i++) {
            points[i] = random_point(&stream, lon, lat, size);
        }
        points[7] = points[3]; /* equal distances go by index */
        struct geo_grid *grid;
        struct error error;
        assert_int_equal(geo_grid_create(points, POINTS, &grid, &error), STATUS_OK);
        for (int question = 0; question < QUESTIONS; question++) {
            struct geo_point at = random_point(&stream, lon, lat, size * (question % 3 == 0 ? 2.4 : 1));
            compare(grid, points, at, question % 2 == 0 ? INFINITY : random_uniform(&stream) * size * 40000);
        }
        compare(grid, points, points[3], 0);
        geo_grid_destroy(grid);
    }
}

static void test_points_in_a_line_and_one_point(void **state)
{
    (void)state;
    struct geo_point points[POINTS];
    for (int32_t i = 0; i < POINTS; i++) {
        points[i] = (struct geo_point){ 119700000 + i * 1000, 577000000 };
    }
    struct geo_grid *grid;
    struct error error;
    assert_int_equal(geo_grid_create(points, POINTS, &grid, &error), STATUS_OK);
    compare(grid, points, (struct geo_point){ 119700000 + 300 * 1000 + 400, 577000000 }, INFINITY);
    compare(grid, points, (struct geo_point){ 118000000, 560000000 }, 200000);
    geo_grid_destroy(grid);

    struct geo_hit hit;
    assert_int_equal(geo_grid_create(points, 1, &grid, &error), STATUS_OK);
    assert_int_equal(geo_grid_nearest(grid, points[5], 1000, 1, &hit), 1);
    assert_int_equal(hit.index, 0);
    assert_int_equal(geo_grid_nearest(grid, points[5], 1, 1, &hit), 0);
    geo_grid_destroy(grid);

    assert_int_equal(geo_grid_create(points, 0, &grid, &error), STATUS_OK);
    assert_int_equal(geo_grid_nearest(grid, points[5], INFINITY, 1, &hit), 0);
    geo_grid_destroy(grid);
}

static void test_refuses_half_the_earth(void **state)
{
    (void)state;
    const struct geo_point wide[] = { { 0, 0 }, { 1000000000, 0 } };
    const struct geo_point pole[] = { { 0, 0 }, { 0, 899000000 } };
    struct geo_grid *grid = NULL;
    struct error error;
    assert_int_equal(geo_grid_create(wide, 2, &grid, &error), STATUS_BAD_INPUT);
    assert_int_equal(geo_grid_create(pole, 2, &grid, &error), STATUS_BAD_INPUT);
    assert_null(grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_the_plain_loop),
        cmocka_unit_test(test_points_in_a_line_and_one_point),
        cmocka_unit_test(test_refuses_half_the_earth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
