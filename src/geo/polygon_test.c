#include "geo/polygon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/check.h"

/* A square of 10 with a hole of 4 in its middle, and an island of 1 in that; all run the same way. */
static const struct geo_point nested_points[] = {
    { 0, 0 }, { 10, 0 }, { 10, 10 }, { 0, 10 }, { 3, 3 }, { 7, 3 }, { 7, 7 }, { 3, 7 }, { 5, 5 }, { 6, 5 }, { 6, 6 }, { 5, 6 },
};
static const uint32_t nested_starts[] = { 0, 4, 8, 12 };
static const struct geo_polygon nested = { nested_points, nested_starts, 3 };

static struct geo_point at(int32_t lon_e7, int32_t lat_e7) { return (struct geo_point){ lon_e7, lat_e7 }; }

static void test_even_odd_sees_holes_and_islands(void **state)
{
    (void)state;
    assert_true(geo_polygon_contains(&nested, at(1, 1)));
    assert_false(geo_polygon_contains(&nested, at(4, 4)));
    assert_false(geo_polygon_contains(&nested, at(11, 5)));
    assert_false(geo_polygon_contains(&nested, at(-1, 5)));
    assert_false(geo_polygon_contains(&nested, at(5, -1)));
    assert_false(geo_polygon_contains(&nested, at(4, 6)));
}

static void test_border_belongs_to_the_polygon(void **state)
{
    (void)state;
    for (int32_t i = 0; i <= 10; i++) {
        assert_true(geo_polygon_contains(&nested, at(i, 0)));
        assert_true(geo_polygon_contains(&nested, at(i, 10)));
        assert_true(geo_polygon_contains(&nested, at(0, i)));
        assert_true(geo_polygon_contains(&nested, at(10, i)));
    }
    assert_true(geo_polygon_contains(&nested, at(3, 5))); /* of the hole */
}

/* The counting of pixels by another rule: a triangle with integer corners contains as many lattice points as Pick says. */
static void test_lattice_points_of_a_triangle_follow_pick(void **state)
{
    (void)state;
    const struct geo_point corners[] = { { 0, 0 }, { 60, 7 }, { 23, 51 } };
    const uint32_t starts[] = { 0, 3 };
    const struct geo_polygon triangle = { corners, starts, 1 };
    int inside_or_on = 0;
    for (int32_t x = -2; x <= 62; x++) {
        for (int32_t y = -2; y <= 53; y++) {
            inside_or_on += geo_polygon_contains(&triangle, at(x, y));
        }
    }
    /* Twice the area 60*51 - 23*7 = 2899; border points gcd(60,7) + gcd(37,44) + gcd(23,51) = 3; Pick: A = I + B/2 - 1. */
    int twice_area = 2899, border = 3;
    assert_int_equal(inside_or_on, (twice_area - border + 2) / 2 + border);
}

static void test_corners_at_the_height_of_the_point(void **state)
{
    (void)state;
    const struct geo_point star[] = { { 0, 0 }, { 5, 5 }, { 10, 0 }, { 15, 5 }, { 20, 0 }, { 20, 10 }, { 0, 10 } };
    const uint32_t starts[] = { 0, 7 };
    const struct geo_polygon polygon = { star, starts, 1 };
    assert_false(geo_polygon_contains(&polygon, at(-3, 5)));
    assert_true(geo_polygon_contains(&polygon, at(1, 5)));
    assert_true(geo_polygon_contains(&polygon, at(10, 5)));
    assert_false(geo_polygon_contains(&polygon, at(5, 3)));
    assert_false(geo_polygon_contains(&polygon, at(-3, 0)));
    assert_false(geo_polygon_contains(&polygon, at(-3, 10)));
    assert_false(geo_polygon_contains(&polygon, at(23, 0)));
}

static void test_the_whole_earth_does_not_overflow(void **state)
{
    (void)state;
    const struct geo_point earth[] = {
        { -1800000000, -900000000 }, { 1800000000, -900000000 }, { 1800000000, 900000000 }, { -1800000000, 900000000 }
    };
    const uint32_t starts[] = { 0, 4 };
    const struct geo_polygon polygon = { earth, starts, 1 };
    assert_true(geo_polygon_contains(&polygon, at(1799999999, 899999999)));
    assert_true(geo_polygon_contains(&polygon, at(-1799999999, -899999999)));
}

static void test_empty_polygon_contains_nothing(void **state)
{
    (void)state;
    const uint32_t starts[] = { 0, 0 };
    const struct geo_polygon none = { nested_points, starts, 0 };
    const struct geo_polygon empty_ring = { nested_points, starts, 1 };
    assert_false(geo_polygon_contains(&none, at(0, 0)));
    assert_false(geo_polygon_contains(&empty_ring, at(0, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_even_odd_sees_holes_and_islands),
        cmocka_unit_test(test_border_belongs_to_the_polygon),
        cmocka_unit_test(test_lattice_points_of_a_triangle_follow_pick),
        cmocka_unit_test(test_corners_at_the_height_of_the_point),
        cmocka_unit_test(test_the_whole_earth_does_not_overflow),
        cmocka_unit_test(test_empty_polygon_contains_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
