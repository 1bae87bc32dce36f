/* Geofences along made drives on a straight line: metres east of the origin, seconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "geo/point.h"
#include "host/fence.h"

struct told {
    double metres, seconds;
};

static struct geo_point at_m(double metres)
{
    struct geo_point point;
    assert_true(geo_point_from_degrees(metres / geo_metres_per_lon_degree(0), 0, &point));
    return point;
}

static struct instant at_s(double seconds) { return (struct instant){ (int64_t)(seconds * US_PER_SECOND) }; }

static struct suggestion drive(struct fence_track *track, const struct fence_watch *watch, const struct told *told, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fence_step(track, watch, at_m(told[i].metres), at_s(told[i].seconds));
    }
    return fence_suggestion(track, watch);
}

static void assert_suggests(struct suggestion suggestion, enum suggestion_kind kind, double seconds)
{
    assert_int_equal(suggestion.kind, kind);
    assert_int_equal(suggestion.crossed_at.us, at_s(seconds).us);
}

#define DRIVE(track, watch, ...) \
    drive(track, watch, (const struct told[]){ __VA_ARGS__ }, sizeof((const struct told[]){ __VA_ARGS__ }) / sizeof(struct told))

static struct fence_watch to_scene(void)
{
    return (struct fence_watch){ .key = 1, .reach = SUGGESTION_ARRIVE, .near_scene = true, .point = at_m(2000) };
}

static void arrives_when_it_stands_inside(void **state)
{
    (void)state;
    struct fence_track track = { 0 };
    struct fence_watch watch = to_scene();
    assert_int_equal(DRIVE(&track, &watch, { 0, 0 }, { 1000, 60 }).kind, SUGGESTION_NONE);
    assert_suggests(DRIVE(&track, &watch, { 1600, 100 }), SUGGESTION_NEAR_SCENE, 100);
    assert_suggests(DRIVE(&track, &watch, { 1910, 120 }), SUGGESTION_NEAR_SCENE, 100);
    assert_suggests(DRIVE(&track, &watch, { 1990, 125 }, { 2000, 130 }), SUGGESTION_NEAR_SCENE, 100); /* it stands for 5 s */
    assert_suggests(DRIVE(&track, &watch, { 2001, 135 }), SUGGESTION_ARRIVE, 120);
}

/* Past the scene at speed, as on a motorway beside it. */
static void passing_by_is_no_arrival(void **state)
{
    (void)state;
    struct fence_track track = { 0 };
    struct fence_watch watch = to_scene();
    assert_int_equal(DRIVE(&track, &watch, { 1800, 0 }, { 1900, 5 }, { 1950, 8 }, { 2050, 13 }).kind, SUGGESTION_NEAR_SCENE);
    assert_int_equal(DRIVE(&track, &watch, { 2090, 18 }, { 2200, 23 }, { 2600, 40 }, { 2800, 50 }).kind, SUGGESTION_NONE);
}

static void one_jump_takes_nothing_back_and_two_do(void **state)
{
    (void)state;
    struct fence_track track = { 0 };
    struct fence_watch watch = to_scene();
    assert_suggests(DRIVE(&track, &watch, { 1950, 0 }, { 1950, 10 }, { 1950, 20 }), SUGGESTION_ARRIVE, 0);
    assert_suggests(DRIVE(&track, &watch, { 9000, 25 }), SUGGESTION_ARRIVE, 0);
    assert_suggests(DRIVE(&track, &watch, { 1950, 30 }, { 1950, 45 }), SUGGESTION_ARRIVE, 0);
    assert_int_equal(DRIVE(&track, &watch, { 9000, 50 }, { 9000, 55 }).kind, SUGGESTION_NONE);
}

static void the_edge_does_not_flutter(void **state)
{
    (void)state;
    struct fence_track track = { 0 };
    struct fence_watch watch = to_scene();
    assert_suggests(DRIVE(&track, &watch, { 1905, 0 }, { 1895, 10 }, { 1903, 20 }, { 1890, 30 }, { 1890, 40 }), SUGGESTION_ARRIVE,
                    0);
}

static void leaves_after_two_positions_and_ten_seconds(void **state)
{
    (void)state;
    struct fence_track track = { 0 };
    struct fence_watch watch = { .key = 9, .leave = SUGGESTION_LEAVE_SCENE };
    assert_int_equal(DRIVE(&track, &watch, { 300, 0 }, { 310, 60 }, { 5000, 61 }, { 300, 62 }).kind,
                     SUGGESTION_NONE); /* a jump */
    assert_int_equal(DRIVE(&track, &watch, { 300, 90 }, { 460, 100 }, { 550, 105 }).kind, SUGGESTION_NONE);
    assert_suggests(DRIVE(&track, &watch, { 650, 110 }), SUGGESTION_LEAVE_SCENE, 100);
}

/* A scene next door: standing at the post is not yet arriving. */
static void must_leave_before_it_arrives(void **state)
{
    (void)state;
    struct fence_track track = { 0 };
    struct fence_watch watch = {
        .key = 4, .leave = SUGGESTION_DEPART, .must_leave_first = true, .reach = SUGGESTION_ARRIVE, .point = at_m(60)
    };
    assert_int_equal(DRIVE(&track, &watch, { 0, 0 }, { 0, 10 }, { 0, 20 }, { 0, 40 }).kind, SUGGESTION_NONE);
    watch.point = at_m(400);
    watch.key = 5;
    assert_suggests(DRIVE(&track, &watch, { 0, 50 }, { 200, 60 }, { 300, 70 }), SUGGESTION_DEPART, 60);
    assert_suggests(DRIVE(&track, &watch, { 400, 80 }, { 400, 95 }), SUGGESTION_ARRIVE, 70);
}

static void another_status_begins_anew(void **state)
{
    (void)state;
    struct fence_track track = { 0 };
    struct fence_watch watch = to_scene();
    assert_suggests(DRIVE(&track, &watch, { 1950, 0 }, { 1950, 10 }, { 1950, 20 }), SUGGESTION_ARRIVE, 0);
    struct fence_watch next = { .key = 2, .leave = SUGGESTION_LEAVE_SCENE };
    assert_int_equal(fence_suggestion(&track, &next).kind, SUGGESTION_NONE);
    assert_int_equal(DRIVE(&track, &next, { 1950, 30 }).kind, SUGGESTION_NONE);
    struct fence_watch nothing = { .key = 0 };
    assert_int_equal(DRIVE(&track, &nothing, { 1950, 40 }, { 1950, 60 }).kind, SUGGESTION_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrives_when_it_stands_inside),
        cmocka_unit_test(passing_by_is_no_arrival),
        cmocka_unit_test(one_jump_takes_nothing_back_and_two_do),
        cmocka_unit_test(the_edge_does_not_flutter),
        cmocka_unit_test(leaves_after_two_positions_and_ten_seconds),
        cmocka_unit_test(must_leave_before_it_arrives),
        cmocka_unit_test(another_status_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
