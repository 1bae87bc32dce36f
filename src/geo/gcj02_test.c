#include "geo/gcj02.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* A place in WGS-84 and its GCJ-02: answers of the JavaScript package coordtransform 2.1.2, an independent program. */
static const struct {
    double lon, lat, gcj02_lon, gcj02_lat;
} known[] = {
    { 116.404, 39.915, 116.41024449916938, 39.91640428150164 },    { 121.4737, 31.2304, 121.47822305927693, 31.22845773757727 },
    { 87.6168, 43.8256, 87.61964994946926, 43.82680539311119 },    { 113.2644, 23.1291, 113.26972959210308, 23.126423339922844 },
    { 103.8343, 36.0611, 103.83670310913949, 36.060772717206014 }, { 126.535, 45.8038, 126.54104035015793, 45.80578152514843 },
    { 91.1409, 29.6456, 91.14242933648593, 29.642863987365978 },
};

static void test_inverse_of_another_program(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct geo_point wgs84, gcj02;
        assert_true(geo_point_from_degrees(known[i].lon, known[i].lat, &wgs84));
        assert_true(geo_point_from_degrees(known[i].gcj02_lon, known[i].gcj02_lat, &gcj02));
        struct geo_point found = geo_wgs84_from_gcj02(gcj02);
        assert_true(abs(found.lon_e7 - wgs84.lon_e7) <= 1 && abs(found.lat_e7 - wgs84.lat_e7) <= 1);
    }
}

static void test_outside_china_is_left_alone(void **state)
{
    (void)state;
    const double places[][2] = { { 11.97, 57.7 }, { -74, 40.7 }, { 174.7, -36.8 }, { 71.9, 35 },
                                 { 138.5, 35 },   { 100, 0.5 },  { 180, 90 },      { -180, -90 } };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct geo_point at;
        assert_true(geo_point_from_degrees(places[i][0], places[i][1], &at));
        struct geo_point found = geo_wgs84_from_gcj02(at);
        assert_int_equal(found.lon_e7, at.lon_e7);
        assert_int_equal(found.lat_e7, at.lat_e7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inverse_of_another_program),
        cmocka_unit_test(test_outside_china_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
