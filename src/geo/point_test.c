#include "geo/point.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct geo_point at(double lon, double lat)
{
    struct geo_point point;
    assert_true(geo_point_from_degrees(lon, lat, &point));
    return point;
}

static void test_degrees_are_rounded_and_bounded(void **state)
{
    (void)state;
    assert_int_equal(at(11.97456785, 0).lon_e7, 119745679);
    assert_int_equal(at(-180, -90).lon_e7, -1800000000);
    assert_int_equal(at(180, 90).lat_e7, 900000000);
    struct geo_point untouched = { 1, 2 };
    assert_false(geo_point_from_degrees(180.0001, 0, &untouched));
    assert_false(geo_point_from_degrees(0, -90.0001, &untouched));
    assert_false(geo_point_from_degrees(NAN, 0, &untouched));
    assert_false(geo_point_from_degrees(0, INFINITY, &untouched));
    assert_int_equal(untouched.lon_e7, 1);
    assert_int_equal(untouched.lat_e7, 2);
}

/* On a sphere of 6,371,008.8 m: a degree along a meridian or the equator is 111,195.08 m, a quarter of a great circle
 * 10,007,557.2 m; a degree of longitude at 60 N shrinks to very nearly a half. */
static void test_distances_that_are_known(void **state)
{
    (void)state;
    assert_true(fabs(geo_distance_m(at(0, 0), at(0, 1)) - 111195.080) < 0.001);
    assert_true(fabs(geo_distance_m(at(10, 0), at(11, 0)) - 111195.080) < 0.001);
    assert_true(fabs(geo_distance_m(at(0, 0), at(0, 90)) - 10007557.2) < 0.1);
    assert_true(fabs(geo_distance_m(at(-90, 0), at(90, 0)) - 2 * 10007557.2) < 0.2);
    assert_true(fabs(geo_distance_m(at(179.5, 0), at(-179.5, 0)) - 111195.080) < 0.001);
    assert_true(fabs(geo_distance_m(at(0, 60), at(1, 60)) / 55597.54 - 1) < 2e-5);
    assert_true(geo_distance_m(at(12, 57), at(12, 57)) == 0);
    assert_true(fabs(geo_metres_per_lat_degree() - 111195.080) < 0.001);
    assert_true(fabs(geo_metres_per_lon_degree(60) - 55597.540) < 0.001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_degrees_are_rounded_and_bounded),
        cmocka_unit_test(test_distances_that_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
