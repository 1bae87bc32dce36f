/* Every point that is left out lies within the tolerance of what is left in, whatever the line; known lines as by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "geo/simplify.h"

static void straight_lines_keep_their_ends(void **state)
{
    struct geo_plane_point points[5] = { { 0, 0 }, { 1, 0 }, { 2, 0.4 }, { 3, 0 }, { 4, 0 } };
    uint8_t keep[5];
    (void)state;
    geo_simplify(points, 5, 0.5, keep);
    assert_memory_equal(keep, ((uint8_t[]){ 1, 0, 0, 0, 1 }), 5);
    geo_simplify(points, 5, 0.3, keep);
    assert_memory_equal(keep, ((uint8_t[]){ 1, 0, 1, 0, 1 }), 5);
    geo_simplify(points, 1, 0.3, keep);
    assert_int_equal(keep[0], 1);
}

/* Distance to a segment by walking along it in small steps: slower and another way than the module's. */
static double distance(struct geo_plane_point point, struct geo_plane_point a, struct geo_plane_point b)
{
    double best = INFINITY;
    for (int i = 0; i <= 1000; i++) {
        double share = i / 1000.0;
        best = fmin(best, hypot(a.x + share * (b.x - a.x) - point.x, a.y + share * (b.y - a.y) - point.y));
    }
    return best;
}

static void what_is_left_out_is_near(void **state)
{
    enum { COUNT = 700 };
    struct geo_plane_point points[COUNT];
    uint8_t keep[COUNT];
    struct random_stream stream;
    (void)state;
    random_open(&stream, 5, 1, 0);
    for (int round = 0; round < 5; round++) {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < COUNT; i++) {
            points[i] = (struct geo_plane_point){ i, (double)(random_u64(&stream) % 100) / (round + 2) };
        }
        geo_simplify(points, COUNT, 8, keep);
        assert_true(keep[0] && keep[COUNT - 1]);
        for (uint32_t i = 0, before = 0; i < COUNT; i++) {
            kept += keep[i];
            if (keep[i]) {
                for (uint32_t j = before + 1; j < i; j++) {
                    assert_true(distance(points[j], points[before], points[i]) < 8.01);
                }
                before = i;
            }
        }
        assert_true(kept > 2 && kept < COUNT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straight_lines_keep_their_ends),
        cmocka_unit_test(what_is_left_out_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
