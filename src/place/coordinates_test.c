#include "place/coordinates.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool reads(const char *text, struct coordinates *read)
{
    char *copy = malloc(strlen(text) + 1); /* without the terminator: what stands behind must not matter */
    assert_non_null(copy);
    memcpy(copy, text, strlen(text));
    bool good = coordinates_read(copy, strlen(text), read);
    free(copy);
    return good;
}

static void assert_at(struct geo_point point, double lon, double lat, const char *text)
{
    if (fabs(geo_lon(point) - lon) > 2e-7 || fabs(geo_lat(point) - lat) > 2e-7) {
        fail_msg("%s: %.7f %.7f, not %.7f %.7f", text, geo_lon(point), geo_lat(point), lon, lat);
    }
}

/* 39 54 31.32 = 39.9087, 116 23 51 = 116.3975: sums of sixtieths. */
static void test_usual_writings(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "39.9087, 116.3975",
        "39.9087 116.3975",
        "116.3975,39.9087",
        "116.3975 39.9087",
        "39,9087; 116,3975",
        "39,9087 116,3975",
        "116,3975, 39,9087",
        "39.9087N 116.3975E",
        "N39.9087 E116.3975",
        "E 116.3975, N 39.9087",
        "39.9087° N, 116.3975° E",
        "39°54'31.32\"N 116°23'51\"E",
        "39°54′31.32″ 116°23′51″",
        "39 54 31.32 N, 116 23 51 E",
        "N39 54.522 E116 23.85",
        "39d54m31.32s N 116d23m51s E",
        "39°54.522' 116°23.85'",
        "北纬39.9087度 东经116.3975度",
        "北纬39度54分31.32秒，东经116度23分51秒",
        "东经116.3975，北纬39.9087",
        "geo:39.9087,116.3975",
        "lat=39.9087, lon=116.3975",
        "经度：116.3975 纬度：39.9087",
        "(39.9087, 116.3975)",
        " +39.9087  +116.3975 ",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct coordinates read;
        if (!reads(texts[i], &read)) {
            fail_msg("%s is not read", texts[i]);
        }
        assert_at(read.point, 116.3975, 39.9087, texts[i]);
        assert_false(read.is_ambiguous);
    }
}

static void test_south_and_west(void **state)
{
    (void)state;
    static const char *const texts[] = { "-23.5505, -146.6333",          "23.5505S 146.6333W",
                                         "23.5505 s 146.6333 w",         "S23.5505 W146.6333",
                                         "23°33'1.8\"S 146°37'59.88\"W", "南纬23.5505 西经146.6333",
                                         "−23.5505 −146.6333",           "-146.6333 -23.5505" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct coordinates read;
        if (!reads(texts[i], &read)) {
            fail_msg("%s is not read", texts[i]);
        }
        assert_at(read.point, -146.6333, -23.5505, texts[i]);
    }
}

static void test_either_order_is_told(void **state)
{
    (void)state;
    struct coordinates read;
    assert_true(reads("41.1496, -8.6109", &read));
    assert_true(read.is_ambiguous);
    assert_at(read.point, -8.6109, 41.1496, "41.1496, -8.6109");
    assert_at(read.exchanged, 41.1496, -8.6109, "41.1496, -8.6109");
    assert_true(reads("41.1496N, 8.6109W", &read));
    assert_false(read.is_ambiguous);
}

static void test_what_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = { "",
                                         " ",
                                         "25 4",
                                         "rua 25 de abril",
                                         "39.9087",
                                         "39.9087,",
                                         "91.5 181.5",
                                         "39.9 200.1",
                                         "39.9N 116.4N",
                                         "39.9 N 116.4",
                                         "39.75.2 116.4",
                                         "39 75 1 N 116 1 1 E",
                                         "1 2 3 4 5 6 7.5",
                                         "39.5 54 12 N 116 1 1 E",
                                         "39°54°31 116°1",
                                         "--3.5 4.5",
                                         "3.5 - 4.5",
                                         "1.5 2.5 3.5",
                                         "1e5 3.5",
                                         "nan nan",
                                         "123456789012345.5 1",
                                         "中山路 39.9",
                                         "N E",
                                         "39.9 116.4 x" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct coordinates read;
        if (reads(texts[i], &read)) {
            fail_msg("%s is read as %.7f %.7f", texts[i], geo_lon(read.point), geo_lat(read.point));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_writings),
        cmocka_unit_test(test_south_and_west),
        cmocka_unit_test(test_either_order_is_told),
        cmocka_unit_test(test_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
