/* The patient of a mission: described, announced, expected, handed over. All durations are those of core/test_engine.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_engine.h"

/* A mission whose crew has reached the scene 50 s after the order; its unit is 100 s away. Both facilities count beds if they
 * take part. */
static uint32_t mission_on_scene(struct centre *centre, bool taking_part)
{
    centre_begin(centre, 2, 2);
    for (uint32_t id = 1; taking_part && id <= 2; id++) {
        DO(centre, BEDS_SET, beds_set, FACILITY, .facility = { id }, .kind = BED_KIND_EMERGENCY, .available = 3);
    }
    uint32_t incident = centre_incident(centre, PRIORITY_URGENT, 0, 1);
    MUST(centre, centre_times_all(centre, incident));
    uint32_t mission = centre_assign(centre, incident, 1);
    centre_wait(centre, 50);
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_ARRIVE));
    return mission;
}

static void set_destination(struct centre *centre, uint32_t mission, uint32_t facility)
{
    DO(centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { facility },
       .override = OVERRIDE_REASON_OTHER);
}

static void acknowledge(struct centre *centre, uint32_t mission, uint32_t facility)
{
    DO(centre, PREALERT_ACKNOWLEDGE, prealert_acknowledge, FACILITY, .mission = { mission }, .facility = { facility });
}

/* The pre-alert is due seconds from now; the alarm that comes of it. */
static uint32_t expect_alarm_of(struct centre *centre, uint32_t mission, int64_t seconds, enum desk owner)
{
    const struct timer *timer = &mission_of(centre, mission)->prealert_timer;
    assert_int_equal(timer->due.us, centre->now.us + seconds * US_PER_SECOND);
    centre_wait(centre, seconds);
    DO(centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(centre, EVENT_ALARM_RAISED), 1);
    const struct event_alarm_raised *raised = centre_event(centre, EVENT_ALARM_RAISED);
    assert_int_equal(raised->kind, ALARM_KIND_PREALERT_UNACKNOWLEDGED);
    assert_int_equal(raised->subject_kind, SUBJECT_MISSION);
    assert_int_equal(raised->subject, mission);
    assert_int_equal(raised->owner, owner);
    assert_int_equal(timer->raised, raised->alarm.v);
    return raised->alarm.v;
}

static uint32_t expect_alarm(struct centre *centre, uint32_t mission, int64_t seconds)
{
    return expect_alarm_of(centre, mission, seconds, DESK_HOSPITAL);
}

static void expect_end(const struct centre *centre, uint32_t alarm, enum alarm_end end)
{
    assert_int_equal(alarm_of(centre, alarm)->state, ALARM_STATE_CLEARED);
    assert_int_equal(alarm_of(centre, alarm)->end, end);
}

static void the_crew_describes_what_it_finds(void **state)
{
    (void)state;
    struct centre centre;
    uint32_t mission = mission_on_scene(&centre, true);
    assert_true(instant_is_none(mission_of(&centre, mission)->patient.described_at));
    centre_wait(&centre, TEST_SCENE_S - 1);
    DO(&centre, PATIENT_DESCRIBE, patient_describe, CREW, .mission = { mission }, .main_problem = NEED_STROKE, .age_years = 80,
       .sex = SEX_FEMALE, .consciousness = CONSCIOUSNESS_VOICE, .pulse = 88, .systolic = 190, .spo2 = 96, .respiration = 16);
    const struct patient *patient = &mission_of(&centre, mission)->patient;
    assert_true(patient->described_at.us == centre.now.us && patient->main_problem == NEED_STROKE && patient->age_years == 80);
    assert_true(patient->sex == SEX_FEMALE && patient->consciousness == CONSCIOUSNESS_VOICE && patient->pulse == 88);
    assert_true(patient->systolic == 190 && patient->spo2 == 96 && patient->respiration == 16);
    /* Who describes is not silent. */
    assert_int_equal(mission_of(&centre, mission)->timer.kind, ALARM_KIND_SCENE_SILENT);
    assert_int_equal(mission_of(&centre, mission)->timer.due.us, centre.now.us + TEST_SCENE_S * US_PER_SECOND);
    centre_wait(&centre, TEST_SCENE_S);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
    uint32_t alarm = mission_of(&centre, mission)->timer.raised;
    assert_int_not_equal(alarm, 0);
    DO(&centre, PATIENT_DESCRIBE, patient_describe, SEAT, .mission = { mission }, .age_years = PATIENT_AGE_UNKNOWN);
    expect_end(&centre, alarm, ALARM_END_HAPPENED);
    assert_int_equal(mission_of(&centre, mission)->patient.age_years, PATIENT_AGE_UNKNOWN);
    assert_int_equal(mission_of(&centre, mission)->patient.pulse, 0); /* the new description holds, and nothing of the old one */
    centre_destroy(&centre);
}

static void the_facility_says_that_it_knows(void **state)
{
    (void)state;
    struct centre centre;
    uint32_t mission = mission_on_scene(&centre, true);
    assert_true(instant_is_none(mission_of(&centre, mission)->prealert_at));
    set_destination(&centre, mission, 1);
    assert_true(mission_of(&centre, mission)->prealert_at.us == centre.now.us);
    centre_wait(&centre, 10);
    set_destination(&centre, mission, 1); /* the same again: it has been told */
    uint32_t alarm = expect_alarm(&centre, mission, TEST_PREALERT_S - 10);
    acknowledge(&centre, mission, 1);
    expect_end(&centre, alarm, ALARM_END_HAPPENED);
    assert_true(mission_of(&centre, mission)->prealert_acknowledged_at.us == centre.now.us);
    assert_true(mission_of(&centre, mission)->prealert_timer.due.us == INSTANT_NEVER.us);
    centre_destroy(&centre);
}

/* The mission's stage waits beside the pre-alert: each has its own alarm, and one clears without the other. */
static void two_things_are_waited_for(void **state)
{
    (void)state;
    struct centre centre;
    uint32_t mission = mission_on_scene(&centre, true);
    set_destination(&centre, mission, 1);
    uint32_t unanswered = expect_alarm(&centre, mission, TEST_PREALERT_S);
    centre_wait(&centre, TEST_SCENE_S);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
    uint32_t silent = mission_of(&centre, mission)->timer.raised;
    assert_int_equal(alarm_of(&centre, silent)->kind, ALARM_KIND_SCENE_SILENT);
    assert_int_equal(centre.core->head->alarms_open, 2);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_REACH_PATIENT));
    expect_end(&centre, silent, ALARM_END_HAPPENED);
    assert_int_equal(alarm_of(&centre, unanswered)->state, ALARM_STATE_RAISED);
    acknowledge(&centre, mission, 1);
    expect_end(&centre, unanswered, ALARM_END_HAPPENED);
    assert_int_equal(centre.core->head->alarms_open, 0);
    centre_destroy(&centre);
}

static void another_destination_is_told_anew(void **state)
{
    (void)state;
    struct centre centre;
    uint32_t mission = mission_on_scene(&centre, true);
    set_destination(&centre, mission, 1);
    acknowledge(&centre, mission, 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    set_destination(&centre, mission, 2);
    assert_true(instant_is_none(mission_of(&centre, mission)->prealert_acknowledged_at));
    uint32_t second = expect_alarm(&centre, mission, TEST_PREALERT_S);
    set_destination(&centre, mission, 1);
    expect_end(&centre, second, ALARM_END_LAPSED);
    uint32_t first = expect_alarm(&centre, mission, TEST_PREALERT_S);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_REACH_FACILITY));
    expect_end(&centre, first, ALARM_END_LAPSED); /* they see him now */
    acknowledge(&centre, mission, 1);             /* late, but true */
    centre_destroy(&centre);
}

/* Somebody arrives there all the same: the dispatcher telephones, and says so. */
static void a_place_without_a_terminal_is_telephoned(void **state)
{
    (void)state;
    struct centre centre;
    uint32_t mission = mission_on_scene(&centre, false);
    set_destination(&centre, mission, 1);
    assert_false(instant_is_none(mission_of(&centre, mission)->prealert_at));
    uint32_t alarm = expect_alarm_of(&centre, mission, TEST_PREALERT_S, DESK_DISPATCHER);
    DO(&centre, PREALERT_ACKNOWLEDGE, prealert_acknowledge, SEAT, .mission = { mission }, .facility = { 1 });
    expect_end(&centre, alarm, ALARM_END_HAPPENED);
    /* From its first count on there is somebody to see the alarm. */
    DO(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 2 }, .kind = BED_KIND_WARD, .available = 1);
    set_destination(&centre, mission, 2);
    (void)expect_alarm_of(&centre, mission, TEST_PREALERT_S, DESK_HOSPITAL);
    centre_prove(&centre);
    centre_destroy(&centre);
}

static void nobody_is_waited_for_who_gets_no_patient(void **state)
{
    (void)state;
    struct centre centre;
    uint32_t mission = mission_on_scene(&centre, true);
    set_destination(&centre, mission, 1);
    uint32_t alarm = expect_alarm(&centre, mission, TEST_PREALERT_S);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
    expect_end(&centre, alarm, ALARM_END_LAPSED);
    centre_destroy(&centre);
}

static void expect_at(const struct centre *centre, uint32_t mission, int64_t seconds)
{
    assert_int_equal(mission_of(centre, mission)->expected_at.us, centre->now.us + seconds * US_PER_SECOND);
}

static void when_it_is_expected(void **state)
{
    (void)state;
    struct centre centre;
    uint32_t mission = mission_on_scene(&centre, true);
    assert_true(instant_is_none(mission_of(&centre, mission)->expected_at)); /* it is there */
    uint32_t other = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    MUST(&centre, centre_times_all(&centre, other));
    centre_wait(&centre, 7);
    uint32_t second = centre_assign(&centre, other, 2);
    expect_at(&centre, second, 110); /* unit 2 is 110 s away, from the order on */
    centre_wait(&centre, 30);
    MUST(&centre, centre_report(&centre, second, MISSION_EVENT_DEPART));
    expect_at(&centre, second, 80);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    MUST(&centre, centre_facility_times(&centre, mission));
    set_destination(&centre, mission, 2);
    assert_true(instant_is_none(mission_of(&centre, mission)->expected_at)); /* it has not left */
    centre_wait(&centre, 60);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    expect_at(&centre, mission, 310);
    centre_wait(&centre, 10);
    set_destination(&centre, mission, 1);
    expect_at(&centre, mission, 300);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    set_destination(&centre, mission, 2); /* nobody has said how far that is */
    assert_true(instant_is_none(mission_of(&centre, mission)->expected_at));
    DO(&centre, MISSION_CANCEL, mission_cancel, SEAT, .mission = { second });
    assert_true(instant_is_none(mission_of(&centre, second)->expected_at));
    centre_destroy(&centre);
}

static void the_facility_takes_the_patient_over(void **state)
{
    (void)state;
    struct centre centre;
    uint32_t mission = mission_on_scene(&centre, true);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .bed_kind = BED_KIND_EMERGENCY);
    set_destination(&centre, mission, 1);
    assert_int_equal(facility_of(&centre, 1)->beds[BED_KIND_EMERGENCY][BED_STATE_RESERVED], 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    DO(&centre, MISSION_REPORT, mission_report, FACILITY, .mission = { mission }, .stage = MISSION_EVENT_HAND_OVER);
    assert_int_equal(mission_of(&centre, mission)->state, MISSION_STATE_HANDED_OVER);
    assert_true(instant_is_none(mission_of(&centre, mission)->at_facility_at)); /* nobody said that */
    assert_true(mission_of(&centre, mission)->handed_over_at.us == centre.now.us);
    assert_int_equal(facility_of(&centre, 1)->beds[BED_KIND_EMERGENCY][BED_STATE_OCCUPIED], 1);
    assert_true(mission_of(&centre, mission)->prealert_timer.due.us == INSTANT_NEVER.us);
    centre_destroy(&centre);
}

/* Both clocks are those of the crew, told later, whatever else is reported of the mission meanwhile. */
static void the_time_at_the_door_is_kept(void **state)
{
    (void)state;
    struct centre centre;
    uint32_t id = mission_on_scene(&centre, true);
    const struct mission *mission = mission_of(&centre, id);
    set_destination(&centre, id, 1);
    MUST(&centre, centre_report(&centre, id, MISSION_EVENT_LEAVE_SCENE));
    assert_true(instant_is_none(mission->at_facility_at) && instant_is_none(mission->handed_over_at));
    centre_wait(&centre, 600);
    struct instant there = instant_add(centre.now, duration_seconds(-40));
    struct command_mission_report report;
    COMMAND_BEGIN(&report, MISSION_REPORT, ACTOR_KIND_CREW);
    report.head.occurred_at = there;
    report.mission.v = id;
    report.stage = MISSION_EVENT_REACH_FACILITY;
    MUST(&centre, centre_send(&centre, &report.head, sizeof report));
    centre_wait(&centre, 60);
    acknowledge(&centre, id, 1);
    DO(&centre, PATIENT_DESCRIBE, patient_describe, CREW, .mission = { id }, .age_years = 70);
    assert_true(mission->at_facility_at.us == there.us && instant_is_none(mission->handed_over_at));
    centre_wait(&centre, 300);
    MUST(&centre, centre_report(&centre, id, MISSION_EVENT_HAND_OVER));
    struct instant over = centre.now;
    centre_wait(&centre, 300);
    MUST(&centre, centre_report(&centre, id, MISSION_EVENT_END));
    assert_true(mission->at_facility_at.us == there.us && mission->handed_over_at.us == over.us);
    centre_destroy(&centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_crew_describes_what_it_finds),
        cmocka_unit_test(the_facility_says_that_it_knows),
        cmocka_unit_test(two_things_are_waited_for),
        cmocka_unit_test(another_destination_is_told_anew),
        cmocka_unit_test(a_place_without_a_terminal_is_telephoned),
        cmocka_unit_test(nobody_is_waited_for_who_gets_no_patient),
        cmocka_unit_test(when_it_is_expected),
        cmocka_unit_test(the_facility_takes_the_patient_over),
        cmocka_unit_test(the_time_at_the_door_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
