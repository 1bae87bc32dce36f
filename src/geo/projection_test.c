#include "geo/projection.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A place read as WGS-84 and its GCJ-02; the same numbers read as GCJ-02 and its BD-09. Answers of the JavaScript package
 * coordtransform 2.1.2, an independent program. */
static const struct {
    struct geo_degrees place, gcj02, bd09;
} known[] = {
    { { 116.404, 39.915 }, { 116.41024449916938, 39.91640428150164 }, { 116.41036949371029, 39.92133699351022 } },
    { { 121.4737, 31.2304 }, { 121.47822305927693, 31.22845773757727 }, { 121.48023740342614, 31.236334819793708 } },
    { { 87.6168, 43.8256 }, { 87.61964994946926, 43.82680539311119 }, { 87.62323360789793, 43.831776257793095 } },
    { { 113.2644, 23.1291 }, { 113.26972959210308, 23.126423339922844 }, { 113.27083292703821, 23.13532860729331 } },
    { { 103.8343, 36.0611 }, { 103.83670310913949, 36.060772717206014 }, { 103.84082306435074, 36.067030079230285 } },
    { { 126.535, 45.8038 }, { 126.54104035015793, 45.80578152514843 }, { 126.54161490510698, 45.8094268777196 } },
    { { 91.1409, 29.6456 }, { 91.14242933648593, 29.642863987365978 }, { 91.14749433480691, 29.651328668751127 } },
};

static void assert_near(struct geo_degrees a, struct geo_degrees b, double tolerance)
{
    assert_true(fabs(a.lon - b.lon) < tolerance);
    assert_true(fabs(a.lat - b.lat) < tolerance);
}

static void test_forward_equals_another_program(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_near(geo_gcj02_from_wgs84(known[i].place), known[i].gcj02, 1e-10);
        assert_near(geo_bd09_from_gcj02(known[i].place), known[i].bd09, 1e-10);
    }
}

static void test_there_and_back_over_all_china(void **state)
{
    (void)state;
    for (int column = 0; column < 170; column++) {
        for (int row = 0; row < 124; row++) {
            struct geo_degrees at = { 73 + column * 0.37, 3 + row * 0.41 };
            assert_near(geo_wgs84_from_gcj02(geo_gcj02_from_wgs84(at)), at, 1e-7);
            assert_near(geo_gcj02_from_bd09(geo_bd09_from_gcj02(at)), at, 1e-7);
            assert_near(geo_wgs84_from_bd09(geo_bd09_from_wgs84(at)), at, 1e-7);
        }
    }
}

static void test_outside_china_is_left_alone(void **state)
{
    (void)state;
    const struct geo_degrees places[] = { { 11.97, 57.7 }, { -74, 40.7 }, { 174.7, -36.8 },
                                          { 71.9, 35 },    { 138, 35 },   { 100, 0.5 } };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        assert_false(geo_in_gcj02_box(places[i]));
        assert_near(geo_gcj02_from_wgs84(places[i]), places[i], 1e-300);
        assert_near(geo_wgs84_from_gcj02(places[i]), places[i], 1e-300);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forward_equals_another_program),
        cmocka_unit_test(test_there_and_back_over_all_china),
        cmocka_unit_test(test_outside_china_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
