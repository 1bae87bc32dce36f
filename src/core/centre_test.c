/* What was entered is changed: posts, units and facilities, and what follows for those who work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_engine.h"

static void a_post_moves(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    DO(&centre, POST_CHANGE, post_change, ADMIN, .post = { 2 }, .point = { -5, 6 });
    assert_true(core_post(centre.core, (struct post_id){ 2 })->point.lon_e7 == -5);
    assert_true(core_post(centre.core, (struct post_id){ 2 })->point.lat_e7 == 6);
    assert_true(core_post(centre.core, (struct post_id){ 1 })->point.lon_e7 == 10);
    /* Two look at it, and the second is told that he is late. */
    uint32_t seen = core_post(centre.core, (struct post_id){ 1 })->revision;
    DO(&centre, POST_CHANGE, post_change, ADMIN, .post = { 1 }, .revision = seen, .point = { 3, 4 });
    struct change first = core_post(centre.core, (struct post_id){ 1 })->last_change;
    assert_int_equal(SEND(&centre, POST_CHANGE, post_change, ADMIN, .post = { 1 }, .revision = seen, .point = { 5, 6 }),
                     REFUSED_STALE_REVISION);
    assert_int_equal(centre.last.stale_subject, STALE_POST);
    assert_int_equal(centre.last.revision_now, seen + 1);
    assert_int_equal(centre.last.first.sequence, first.sequence);
    assert_int_equal(core_post(centre.core, (struct post_id){ 1 })->point.lon_e7, 3);
    centre_destroy(&centre);
}

/* A unit that waits at its post and gets another one is on its way there; one that works keeps working. */
static void a_unit_gets_another_home(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 2);
    for (uint32_t id = 1; id <= 2; id++) {
        DO(&centre, UNIT_CHANGE, unit_change, ADMIN, .unit = { id }, .post = { 2 }, .skills = NEED_ADVANCED);
        assert_true(unit_of(&centre, id)->post.v == 2 && unit_of(&centre, id)->skills == NEED_ADVANCED);
    }
    assert_int_equal(unit_of(&centre, 1)->state, UNIT_STATE_RETURNING);
    assert_true(unit_of(&centre, 2)->state == UNIT_STATE_ON_MISSION && unit_of(&centre, 2)->mission.v == mission);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_REACH_POST);
    DO(&centre, UNIT_CHANGE, unit_change, ADMIN, .unit = { 1 }, .post = { 2 }, .skills = NEED_BASIC);
    assert_int_equal(unit_of(&centre, 1)->state, UNIT_STATE_AT_POST); /* the same post: it stays */
    centre_destroy(&centre);
}

static void a_unit_that_exists_no_more(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT);
    DO(&centre, UNIT_CHANGE, unit_change, ADMIN, .unit = { 1 }, .post = { 1 }, .retired = 1);
    uint32_t incident = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    MUST(&centre, centre_times_all(&centre, incident));
    const struct event_units_recommended *event = centre_event(&centre, EVENT_UNITS_RECOMMENDED);
    assert_true(event->count == 1 && event->items[0].unit.v == 2 && event->excluded_off_duty == 0);
    assert_int_equal(SEND(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 1 },
                          .override = OVERRIDE_REASON_LOCAL_KNOWLEDGE),
                     REFUSED_UNIT_NOT_AVAILABLE);
    DO(&centre, UNIT_CHANGE, unit_change, ADMIN, .unit = { 1 }, .post = { 1 }, .skills = NEED_BASIC);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT);
    (void)centre_assign(&centre, incident, 1);
    centre_destroy(&centre);
}

static void a_facility_learns(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .needs = NEED_BURN);
    MUST(&centre, centre_facility_times(&centre, mission));
    const struct event_destination_recommended *event = centre_event(&centre, EVENT_DESTINATION_RECOMMENDED);
    assert_true(event->count == 0 && event->excluded_incapable == 1);
    DO(&centre, FACILITY_CHANGE, facility_change, ADMIN, .facility = { 1 }, .point = { 9, 9 }, .capabilities = NEED_BURN,
       .tier = TIER_TIER_3);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .needs = NEED_BURN);
    MUST(&centre, centre_facility_times(&centre, mission));
    event = centre_event(&centre, EVENT_DESTINATION_RECOMMENDED);
    assert_true(event->count == 1 && event->items[0].facility.v == 1);
    assert_true(facility_of(&centre, 1)->tier == TIER_TIER_3 && facility_of(&centre, 1)->point.lon_e7 == 9);
    centre_destroy(&centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_moves),
        cmocka_unit_test(a_unit_gets_another_home),
        cmocka_unit_test(a_unit_that_exists_no_more),
        cmocka_unit_test(a_facility_learns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
