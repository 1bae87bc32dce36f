/* Alarms from the raise to the end: who owns them, who acknowledges them, what clears each kind, and what happens when the table
 * is full. When each is due is told in story_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_engine.h"

/* Lets the next timer come due; the id of the one alarm that it raises. */
static uint32_t raise_next(struct centre *centre, enum alarm_kind kind, uint32_t subject)
{
    assert_true(engine_next_timer(centre->engine).us != INSTANT_NEVER.us);
    centre->now = instant_max(centre->now, engine_next_timer(centre->engine));
    DO(centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(centre, EVENT_ALARM_RAISED), 1);
    const struct event_alarm_raised *raised = centre_event(centre, EVENT_ALARM_RAISED);
    assert_int_equal(raised->kind, kind);
    assert_int_equal(raised->subject, subject);
    const struct alarm *alarm = alarm_of(centre, raised->alarm.v);
    assert_non_null(alarm);
    assert_int_equal(alarm->state, ALARM_STATE_RAISED);
    assert_true(alarm->raised_at.us == centre->now.us && instant_is_none(alarm->cleared_at));
    return raised->alarm.v;
}

/* The last command cleared this alarm and no other. */
static void expect_cleared(const struct centre *centre, uint32_t alarm, enum alarm_end end)
{
    assert_int_equal(centre_events(centre, EVENT_ALARM_CLEARED), 1);
    const struct event_alarm_cleared *cleared = centre_event(centre, EVENT_ALARM_CLEARED);
    assert_int_equal(cleared->alarm.v, alarm);
    assert_int_equal(cleared->end, end);
    assert_int_equal(alarm_of(centre, alarm)->state, ALARM_STATE_CLEARED);
    assert_int_equal(alarm_of(centre, alarm)->end, end);
    assert_true(alarm_of(centre, alarm)->cleared_at.us == centre->now.us);
    assert_int_equal(centre->core->head->alarms_open, 0);
}

static void expect_standing(const struct centre *centre, uint32_t alarm)
{
    assert_int_equal(centre_events(centre, EVENT_ALARM_CLEARED), 0);
    assert_int_not_equal(alarm_of(centre, alarm)->state, ALARM_STATE_CLEARED);
}

/* ---- calls ---- */

static void an_unanswered_ring(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    uint32_t alarm = raise_next(&centre, ALARM_KIND_RING_UNANSWERED, call);
    assert_int_equal(alarm_of(&centre, alarm)->owner, DESK_CALL_TAKER);
    assert_int_equal(alarm_of(&centre, alarm)->seat, 0);
    DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call }, .seat = 7);
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);

    call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    alarm = raise_next(&centre, ALARM_KIND_RING_UNANSWERED, call);
    DO(&centre, CALL_ABANDON, call_abandon, SYSTEM, .call = { call });
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    alarm = raise_next(&centre, ALARM_KIND_CALL_BACK_DUE, call);
    DO(&centre, CALL_BACK, call_back, SEAT, .call = { call }, .seat = 7);
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);

    call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    DO(&centre, CALL_ABANDON, call_abandon, SYSTEM, .call = { call });
    alarm = raise_next(&centre, ALARM_KIND_CALL_BACK_DUE, call);
    DO(&centre, CALL_CLOSE, call_close, SEAT, .call = { call }, .outcome = CALL_OUTCOME_NOT_REACHED);
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    centre_destroy(&centre);
}

/* ---- incidents ---- */

static void a_question_without_an_answer(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    uint32_t alarm = raise_next(&centre, ALARM_KIND_TRAVEL_TIMES_SILENT, incident);
    /* The call was answered at seat 1 and lies in district 3. */
    assert_int_equal(alarm_of(&centre, alarm)->seat, 1);
    assert_int_equal(alarm_of(&centre, alarm)->district, 3);
    assert_int_equal(alarm_of(&centre, alarm)->owner, DESK_DISPATCHER);
    MUST(&centre, centre_times_all(&centre, incident));
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);

    alarm = raise_next(&centre, ALARM_KIND_RECOMMENDATION_UNDECIDED, incident);
    DO(&centre, INCIDENT_RECONSIDER, incident_reconsider, SEAT, .incident = { incident });
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    alarm = raise_next(&centre, ALARM_KIND_TRAVEL_TIMES_SILENT, incident);
    DO(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { incident });
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    centre_destroy(&centre);
}

static void a_decision_that_nobody_took(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 3, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 2);
    MUST(&centre, centre_times_all(&centre, incident));
    uint32_t alarm = raise_next(&centre, ALARM_KIND_RECOMMENDATION_UNDECIDED, incident);
    DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 1 });
    expect_standing(&centre, alarm); /* the second unit is still to be decided on */
    DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 2 });
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);

    uint32_t other = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    MUST(&centre, centre_times_all(&centre, other));
    alarm = raise_next(&centre, ALARM_KIND_RECOMMENDATION_UNDECIDED, other);
    DO(&centre, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = { other }, .reason = SHORTFALL_REASON_REFERRED);
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);
    centre_destroy(&centre);
}

static void an_incident_that_waits_too_long(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    DO(&centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 });
    uint32_t incident = centre_incident(&centre, PRIORITY_CRITICAL, 0, 1);
    uint32_t alarm = raise_next(&centre, ALARM_KIND_QUEUE_OVERDUE, incident);
    assert_int_equal(alarm_of(&centre, alarm)->owner, DESK_DUTY_COMMANDER);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT);
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);
    centre_destroy(&centre);
}

/* ---- missions ---- */

static void a_crew_that_does_not_answer(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_SEVERE, 0, 1), 1);
    uint32_t alarm = raise_next(&centre, ALARM_KIND_ORDER_UNACKNOWLEDGED, mission);
    assert_int_equal(alarm_of(&centre, alarm)->seat, 1);
    assert_int_equal(alarm_of(&centre, alarm)->district, 3);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_NOTIFY));
    expect_standing(&centre, alarm); /* the vehicle has it, the crew has not said so */
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ACKNOWLEDGE));
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);
    alarm = raise_next(&centre, ALARM_KIND_DEPARTURE_LATE, mission);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_DEPART));
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    alarm = raise_next(&centre, ALARM_KIND_SCENE_SILENT, mission);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);

    mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_SEVERE, 0, 1), 2);
    alarm = raise_next(&centre, ALARM_KIND_ORDER_UNACKNOWLEDGED, mission);
    DO(&centre, MISSION_CANCEL, mission_cancel, SEAT, .mission = { mission });
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    centre_destroy(&centre);
}

/* ---- units and facilities ---- */

static struct instant silent_after(const struct centre *centre)
{
    return instant_add(centre->now, duration_seconds(TEST_UNIT_SILENT_S));
}

/* Each of these is a sign of life, and puts the alarm off. */
static void signs_of_life(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    centre_rules_with(&centre, 0, TEST_UNIT_SILENT_S, 0);
    assert_true(engine_next_timer(centre.engine).us == silent_after(&centre).us); /* the limit holds for those on duty already */
#define SIGN(command)                                                                \
    do {                                                                             \
        centre_wait(&centre, 7);                                                     \
        command;                                                                     \
        assert_true(centre.core->units[1].timer.due.us == silent_after(&centre).us); \
    } while (0)
    SIGN(DO(&centre, UNIT_POSITION, unit_position, CREW, .unit = { 1 }));
    SIGN(MUST(&centre, centre_fixes(&centre, &(struct fix){ .unit = { 1 }, .occurred_at = centre.now }, 1)));
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_SEVERE, 0, 1), 1);
    SIGN(MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_NOTIFY)));
    SIGN(MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE)));
    SIGN(DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }));
    SIGN(DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT));
    SIGN(DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT));
    SIGN(MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END)));
    SIGN(DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_REACH_POST));
#undef SIGN
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_BREAK_DOWN);
    assert_true(centre.core->units[1].timer.due.us == INSTANT_NEVER.us); /* it stands in a workshop */
    centre_destroy(&centre);
}

static void a_silent_unit(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    centre_rules_with(&centre, 0, TEST_UNIT_SILENT_S, 0);
    uint32_t alarm = raise_next(&centre, ALARM_KIND_UNIT_SILENT, 1);
    assert_int_equal(alarm_of(&centre, alarm)->owner, DESK_DISPATCHER);
    assert_true(engine_next_timer(centre.engine).us == INSTANT_NEVER.us); /* once, until it is heard of */
    centre_wait(&centre, 1000);
    DO(&centre, UNIT_POSITION, unit_position, CREW, .unit = { 1 });
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);
    alarm = raise_next(&centre, ALARM_KIND_UNIT_SILENT, 1);
    DO(&centre, UNIT_REPORT, unit_report, ADMIN, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT);
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    assert_true(engine_next_timer(centre.engine).us == INSTANT_NEVER.us);

    /* Two events of one command concern the unit: one alarm, cleared once. */
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_SEVERE, 0, 1), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT);
    alarm = raise_next(&centre, ALARM_KIND_UNIT_SILENT, 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);
    centre_destroy(&centre);
}

/* A thousand silent units are heard of at once: the largest entry that there is. */
static void a_thousand_units_come_back(void **state)
{
    (void)state;
    struct centre centre;
    struct limits limits = TEST_LIMITS;
    limits.units = POSITIONS_MAX;
    limits.alarms = POSITIONS_MAX;
    centre_create(&centre, limits);
    DO(&centre, CENTRE_OPEN, centre_open, ADMIN);
    centre_rules_with(&centre, 0, TEST_UNIT_SILENT_S, 0);
    DO(&centre, POST_ADD, post_add, ADMIN);
    static struct fix fixes[POSITIONS_MAX];
    for (uint32_t i = 0; i < POSITIONS_MAX; i++) {
        DO(&centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 });
        DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { i + 1 }, .what = UNIT_EVENT_START_SHIFT);
        fixes[i] = (struct fix){ .unit = { i + 1 }, .occurred_at = INSTANT_NONE };
    }
    centre.now = silent_after(&centre);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(&centre, EVENT_ALARM_RAISED), ALARMS_A_STEP_MAX);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre.core->head->alarms_open, POSITIONS_MAX);
    MUST(&centre, centre_fixes(&centre, fixes, POSITIONS_MAX));
    assert_int_equal(centre_events(&centre, EVENT_ALARM_CLEARED), POSITIONS_MAX);
    assert_int_equal(centre.core->head->alarms_open, 0);
    centre_destroy(&centre);
}

static void stale_beds(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 2);
    centre_rules_with(&centre, 0, 0, TEST_BEDS_STALE_S);
    assert_true(engine_next_timer(centre.engine).us == INSTANT_NEVER.us); /* nobody has promised a count */
    DO(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 2 }, .kind = BED_KIND_ICU, .available = 2);
    uint32_t alarm = raise_next(&centre, ALARM_KIND_BEDS_STALE, 2);
    assert_int_equal(alarm_of(&centre, alarm)->owner, DESK_HOSPITAL);
    DO(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 2 }, .kind = BED_KIND_WARD, .available = 2);
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);
    alarm = raise_next(&centre, ALARM_KIND_BEDS_STALE, 2);
    DO(&centre, BED_CHANGE, bed_change, FACILITY, .facility = { 2 }, .kind = BED_KIND_ICU, .what = BED_EVENT_OCCUPY,
       .from = BED_STATE_AVAILABLE);
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);

    /* A bed that the centre itself reserves is no word from the facility. */
    alarm = raise_next(&centre, ALARM_KIND_BEDS_STALE, 2);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_SEVERE, 0, 1), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .bed_kind = BED_KIND_ICU);
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 2 });
    assert_int_equal(facility_of(&centre, 2)->beds[BED_KIND_ICU][BED_STATE_RESERVED], 1);
    expect_standing(&centre, alarm);
    DO(&centre, FACILITY_REPORT, facility_report, FACILITY, .facility = { 2 }, .what = FACILITY_EVENT_SHUT);
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    DO(&centre, FACILITY_REPORT, facility_report, FACILITY, .facility = { 2 }, .what = FACILITY_EVENT_REOPEN);
    centre_rules_with(&centre, 0, 0, 2 * TEST_BEDS_STALE_S);
    struct instant due = instant_add(centre.now, duration_seconds(2 * TEST_BEDS_STALE_S));
    assert_true(facility_of(&centre, 2)->timer.due.us == due.us);
    centre_rules(&centre, 0);
    assert_true(facility_of(&centre, 2)->timer.due.us == INSTANT_NEVER.us);
    centre_destroy(&centre);
}

/* ---- the question for facilities ---- */

static uint32_t asking_mission(struct centre *centre)
{
    uint32_t mission = centre_assign(centre, centre_incident(centre, PRIORITY_SEVERE, 0, 1), 1);
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_ARRIVE));
    DO(centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    return mission;
}

static void facilities_without_an_answer(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    uint32_t mission = asking_mission(&centre);
    uint32_t alarm = raise_next(&centre, ALARM_KIND_FACILITY_TIMES_SILENT, mission);
    assert_int_equal(alarm_of(&centre, alarm)->owner, DESK_DISPATCHER);
    assert_int_equal(alarm_of(&centre, alarm)->subject_kind, SUBJECT_MISSION);
    assert_int_equal(alarm_of(&centre, alarm)->seat, 1);
    assert_int_equal(alarm_of(&centre, alarm)->district, 3);
    DO(&centre, ALARM_ACKNOWLEDGE, alarm_acknowledge, SEAT, .alarm = { alarm });
    MUST(&centre, centre_facility_times_as(&centre, mission, 1));
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);

    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    alarm = raise_next(&centre, ALARM_KIND_FACILITY_TIMES_SILENT, mission);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    alarm = raise_next(&centre, ALARM_KIND_FACILITY_TIMES_SILENT, mission);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_REACH_PATIENT));
    expect_standing(&centre, alarm); /* nobody has answered yet */
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    expect_standing(&centre, alarm);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    expect_standing(&centre, alarm);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_REACH_FACILITY));
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));

    mission = asking_mission(&centre);
    alarm = raise_next(&centre, ALARM_KIND_FACILITY_TIMES_SILENT, mission);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END)); /* without the answer */
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    mission = asking_mission(&centre);
    alarm = raise_next(&centre, ALARM_KIND_FACILITY_TIMES_SILENT, mission);
    DO(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = mission_of(&centre, mission)->incident);
    expect_cleared(&centre, alarm, ALARM_END_LAPSED);
    centre_destroy(&centre);
}

/* A crew that asks for a facility is not silent: its alarm is over, and its silence counts from the question. */
static void a_silent_crew_asks_for_a_facility(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_SEVERE, 0, 1), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    uint32_t alarm = raise_next(&centre, ALARM_KIND_SCENE_SILENT, mission);
    centre_wait(&centre, 50);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);
    struct instant due = instant_add(centre.now, duration_seconds(TEST_SCENE_S));
    centre_wait(&centre, 2);
    MUST(&centre, centre_facility_times(&centre, mission));
    assert_true(mission_of(&centre, mission)->timer.due.us == due.us);
    (void)raise_next(&centre, ALARM_KIND_SCENE_SILENT, mission);
    centre_destroy(&centre);
}

/* Where the centre wants no alarm about the roads, a question leaves the timer of the stage alone. */
static void a_question_without_a_limit(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    struct command_policy_set rules;
    COMMAND_BEGIN(&rules, POLICY_SET, ACTOR_KIND_ADMIN);
    rules.scene_limit_s = 60;
    MUST(&centre, centre_send(&centre, &rules.head, sizeof rules));
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_SEVERE, 0, 1), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    struct instant due = instant_add(centre.now, duration_seconds(60));
    centre_wait(&centre, 10);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    assert_true(mission_of(&centre, mission)->timer.due.us == due.us);
    uint32_t alarm = raise_next(&centre, ALARM_KIND_SCENE_SILENT, mission);
    assert_true(centre.now.us == due.us);
    MUST(&centre, centre_facility_times(&centre, mission)); /* no word from the crew */
    expect_standing(&centre, alarm);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    expect_cleared(&centre, alarm, ALARM_END_HAPPENED);
    due = instant_add(centre.now, duration_seconds(60));
    assert_true(mission_of(&centre, mission)->timer.due.us == due.us);
    centre_destroy(&centre);
}

/* ---- acknowledging ---- */

static void somebody_sees_to_it(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    uint32_t id = raise_next(&centre, ALARM_KIND_RING_UNANSWERED, call);
    struct command_alarm_acknowledge command;
    COMMAND_BEGIN(&command, ALARM_ACKNOWLEDGE, ACTOR_KIND_SEAT);
    command.head.actor = 31;
    command.alarm.v = id;
    command.revision = alarm_of(&centre, id)->revision;
    centre_wait(&centre, 4);
    MUST(&centre, centre_send(&centre, &command.head, sizeof command));
    const struct alarm *alarm = alarm_of(&centre, id);
    assert_int_equal(alarm->state, ALARM_STATE_ACKNOWLEDGED);
    assert_int_equal(alarm->acknowledged_by, 31);
    assert_int_equal(alarm->acknowledged_kind, ACTOR_KIND_SEAT);
    assert_true(alarm->acknowledged_at.us == centre.now.us);
    assert_int_equal(centre.core->head->alarms_open, 1); /* it still rings */

    /* The second one is told who was first. */
    command.head.actor = 32;
    assert_int_equal(centre_send(&centre, &command.head, sizeof command), REFUSED_STALE_REVISION);
    assert_int_equal(centre.last.stale_subject, STALE_ALARM);
    assert_int_equal(centre.last.first.actor, 31);
    assert_true(centre.last.first.at.us == centre.now.us && centre.last.first.sequence == centre.log.count);
    DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call });
    expect_cleared(&centre, id, ALARM_END_HAPPENED);
    assert_int_equal(alarm_of(&centre, id)->acknowledged_by, 31);
    centre_destroy(&centre);
}

/* ---- the table ---- */

static void the_oldest_makes_room(void **state)
{
    (void)state;
    struct centre centre;
    struct limits limits = TEST_LIMITS;
    limits.alarms = 4;
    centre_create(&centre, limits);
    DO(&centre, CENTRE_OPEN, centre_open, ADMIN);
    centre_rules(&centre, 0);
    for (int i = 0; i < 7; i++) {
        DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    }
    centre_wait(&centre, TEST_RING_S);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(&centre, EVENT_ALARM_RAISED), 4); /* as many as there is room for */
    DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { 2 });
    assert_int_equal(alarm_of(&centre, 2)->end, ALARM_END_HAPPENED);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(&centre, EVENT_ALARM_RAISED), 1);
    assert_int_equal(centre_events(&centre, EVENT_ALARM_CLEARED), 0);
    assert_null(alarm_of(&centre, 2)); /* its slot is used again, and only its */
    assert_int_equal(alarm_of(&centre, 6)->subject, 5);
    for (uint32_t oldest = 1; oldest <= 3; oldest += 2) {
        assert_int_equal(alarm_of(&centre, oldest)->state, ALARM_STATE_RAISED);
        DO(&centre, TIME_PASSED, time_passed, SYSTEM);
        assert_int_equal(centre_events(&centre, EVENT_ALARM_RAISED), 1);
        const struct event_alarm_cleared *cleared = centre_event(&centre, EVENT_ALARM_CLEARED);
        assert_int_equal(cleared->alarm.v, oldest);
        assert_int_equal(cleared->end, ALARM_END_OVERFLOW);
    }
    assert_int_equal(centre.core->head->alarms_open, 4);
    assert_true(engine_next_timer(centre.engine).us == INSTANT_NEVER.us); /* all seven rings were told of */
    DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { 1 });           /* its alarm had made room */
    assert_int_equal(centre_events(&centre, EVENT_ALARM_CLEARED), 0);
    centre_destroy(&centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unanswered_ring),
        cmocka_unit_test(a_question_without_an_answer),
        cmocka_unit_test(a_decision_that_nobody_took),
        cmocka_unit_test(an_incident_that_waits_too_long),
        cmocka_unit_test(a_crew_that_does_not_answer),
        cmocka_unit_test(signs_of_life),
        cmocka_unit_test(a_silent_unit),
        cmocka_unit_test(a_thousand_units_come_back),
        cmocka_unit_test(stale_beds),
        cmocka_unit_test(facilities_without_an_answer),
        cmocka_unit_test(a_silent_crew_asks_for_a_facility),
        cmocka_unit_test(a_question_without_a_limit),
        cmocka_unit_test(somebody_sees_to_it),
        cmocka_unit_test(the_oldest_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
