/* Stories of a centre, told as commands with what must follow from each: events, effects, states, times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_engine.h"

/* ---- what a story expects ---- */

/* The next effect that leaves, once what was done is durable. */
static void expect_effect(struct centre *centre, enum effect_kind kind, uint32_t subject, uint32_t detail)
{
    struct effect effect = { .kind = UINT32_MAX };
    struct error error;
    assert_int_equal(engine_commit(centre->engine, &error), STATUS_OK);
    assert_true(engine_next_effect(centre->engine, &effect));
    assert_int_equal(effect.kind, kind);
    assert_int_equal(effect.subject, subject);
    assert_int_equal(effect.detail, detail);
}

static void expect_no_effect(struct centre *centre)
{
    struct effect effect;
    struct error error;
    assert_int_equal(engine_commit(centre->engine, &error), STATUS_OK);
    assert_false(engine_next_effect(centre->engine, &effect));
}

static void forget_effects(struct centre *centre)
{
    struct effect effect;
    struct error error;
    assert_int_equal(engine_commit(centre->engine, &error), STATUS_OK);
    while (engine_next_effect(centre->engine, &effect)) {
    }
}

static void expect_incident(const struct centre *centre, uint32_t incident, enum incident_state state)
{
    assert_int_equal(incident_of(centre, incident)->state, state);
}

static void expect_unit(const struct centre *centre, uint32_t unit, enum unit_state state)
{
    assert_int_equal(unit_of(centre, unit)->state, state);
}

/* A stage reported now that happened seconds ago. */
static void report_late(struct centre *centre, uint32_t mission, enum mission_event stage, int64_t seconds_ago)
{
    struct command_mission_report report;
    COMMAND_BEGIN(&report, MISSION_REPORT, ACTOR_KIND_CREW);
    report.head.occurred_at = (struct instant){ centre->now.us - seconds_ago * US_PER_SECOND };
    report.mission.v = mission;
    report.stage = (uint8_t)stage;
    MUST(centre, centre_send(centre, &report.head, sizeof report));
}

/* ---- one call, from the ring to the hospital bed ---- */

static uint32_t from_ring_to_order(struct centre *centre)
{
    uint32_t call = DO(centre, CALL_OFFER, call_offer, SYSTEM, .caller = 5, .external = 42);
    expect_effect(centre, EFFECT_RING, call, 0);
    centre_wait(centre, 8);
    DO(centre, CALL_ANSWER, call_answer, SEAT, .call = { call }, .seat = 3);
    centre_wait(centre, 20);
    DO(centre, CALL_LOCATE, call_locate, SEAT, .call = { call }, .point = { 70, 80 }, .district = 3);
    centre_wait(centre, 30);
    uint32_t incident = DO(centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .needs = NEED_BASIC,
                           .priority = PRIORITY_SEVERE, .units_wanted = 1);
    assert_int_equal(call_of(centre, call)->incident.v, incident);
    assert_int_equal(incident_of(centre, incident)->district, 3);
    assert_int_equal(incident_of(centre, incident)->point.lat_e7, 80);
    assert_int_equal(incident_of(centre, incident)->offered_at.us, TEST_BEGIN_S * US_PER_SECOND);
    expect_effect(centre, EFFECT_ASK_TRAVEL, incident, 0);
    MUST(centre, centre_times(centre, incident, (const uint32_t[]){ 1, 2 }, (const int64_t[]){ 200, 150 }, 2));
    expect_effect(centre, EFFECT_RECOMMENDED, incident, 0);
    const struct event_units_recommended *recommended = centre_event(centre, EVENT_UNITS_RECOMMENDED);
    assert_int_equal(recommended->count, 2);
    assert_int_equal(recommended->items[0].unit.v, 2);
    assert_int_equal(recommended->items[1].unit.v, 1);
    assert_int_equal(recommended->excluded_out_of_service, 1);
    centre_wait(centre, 5);
    uint32_t mission = DO(centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 2 });
    const struct event_unit_assigned *assigned = centre_event(centre, EVENT_UNIT_ASSIGNED);
    assert_int_equal(assigned->rank, 1);
    assert_int_equal(assigned->unit_was, UNIT_STATE_AT_POST);
    expect_effect(centre, EFFECT_ORDER_UNIT, mission, 0);
    expect_incident(centre, incident, INCIDENT_STATE_SERVED);
    return mission;
}

static void from_order_to_patient(struct centre *centre, uint32_t mission)
{
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_NOTIFY));
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_ACKNOWLEDGE));
    centre_wait(centre, 60);
    report_late(centre, mission, MISSION_EVENT_DEPART, 7);
    assert_int_equal(mission_of(centre, mission)->departed_at.us, centre->now.us - 7 * US_PER_SECOND);
    centre_wait(centre, 150);
    report_late(centre, mission, MISSION_EVENT_ARRIVE, 2);
    assert_int_equal(mission_of(centre, mission)->on_scene_at.us, centre->now.us - 2 * US_PER_SECOND);
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_REACH_PATIENT));
}

static void from_patient_to_bed(struct centre *centre, uint32_t mission)
{
    DO(centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .needs = NEED_STROKE,
       .bed_kind = BED_KIND_EMERGENCY, .tier_min = TIER_TIER_1);
    expect_effect(centre, EFFECT_ASK_FACILITIES, mission, 0);
    MUST(centre, centre_facility_times(centre, mission));
    expect_effect(centre, EFFECT_DESTINATION_RECOMMENDED, mission, 0);
    DO(centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    const struct event_destination_chosen *chosen = centre_event(centre, EVENT_DESTINATION_CHOSEN);
    assert_true(chosen->rank == 1 && chosen->bed_reserved == 1 && chosen->before.v == 0);
    assert_int_equal(facility_of(centre, 1)->beds[BED_KIND_EMERGENCY][BED_STATE_RESERVED], 1);
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_LEAVE_SCENE));
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_REACH_FACILITY));
    MUST(centre, centre_report(centre, mission, MISSION_EVENT_HAND_OVER));
    assert_int_equal(facility_of(centre, 1)->beds[BED_KIND_EMERGENCY][BED_STATE_RESERVED], 0);
    assert_int_equal(facility_of(centre, 1)->beds[BED_KIND_EMERGENCY][BED_STATE_OCCUPIED], 3);
}

static void one_call(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 3, 2);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 3 }, .what = UNIT_EVENT_BREAK_DOWN);
    DO(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 1 }, .kind = BED_KIND_EMERGENCY, .available = 4, .occupied = 2);
    uint32_t mission = from_ring_to_order(&centre);
    from_order_to_patient(&centre, mission);
    from_patient_to_bed(&centre, mission);
    uint32_t incident = mission_of(&centre, mission)->incident.v;
    expect_incident(&centre, incident, INCIDENT_STATE_SERVED);
    centre_wait(&centre, 600);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
    expect_incident(&centre, incident, INCIDENT_STATE_CLOSED);
    assert_int_equal(incident_of(&centre, incident)->outcome, INCIDENT_OUTCOME_TRANSPORTED);
    expect_unit(&centre, 2, UNIT_STATE_RETURNING);
    assert_int_equal(unit_of(&centre, 2)->mission.v, 0);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 2 }, .what = UNIT_EVENT_REACH_POST);
    expect_unit(&centre, 2, UNIT_STATE_AT_POST);
    expect_no_effect(&centre); /* an order that was completed is not called off */
    assert_true(engine_next_timer(centre.engine).us == INSTANT_NEVER.us);
    assert_int_equal(centre.core->head->incidents_open, 0);
    assert_int_equal(centre.core->head->calls_open, 0);
    centre_destroy(&centre);
}

/* ---- calls ---- */

static void abandoned_and_called_back(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    DO(&centre, CALL_ABANDON, call_abandon, SYSTEM, .call = { call });
    assert_int_equal(centre.core->head->calls_open, 1); /* it is owed a call back */
    centre_wait(&centre, 40);
    DO(&centre, CALL_BACK, call_back, SEAT, .call = { call }, .seat = 2);
    assert_int_equal(((const struct event_call_answered *)centre_event(&centre, EVENT_CALL_ANSWERED))->called_back, 1);
    DO(&centre, CALL_LOCATE, call_locate, SEAT, .call = { call });
    uint32_t incident = DO(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .units_wanted = 1);
    assert_int_equal(incident_of(&centre, incident)->offered_at.us, TEST_BEGIN_S * US_PER_SECOND); /* since the first ring */

    uint32_t lost = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    DO(&centre, CALL_ABANDON, call_abandon, SYSTEM, .call = { lost });
    DO(&centre, CALL_CLOSE, call_close, SEAT, .call = { lost }, .outcome = CALL_OUTCOME_NOT_REACHED);
    assert_int_equal(call_of(&centre, lost)->outcome, CALL_OUTCOME_NOT_REACHED);
    assert_int_equal(centre.core->head->calls_open, 0);
    centre_destroy(&centre);
}

static void a_second_call_about_the_same(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    uint32_t revision = incident_of(&centre, incident)->revision;
    uint32_t second = centre_located_call(&centre);
    DO(&centre, CALL_LINK, call_link, SEAT, .call = { second }, .incident = { incident });
    assert_int_equal(call_of(&centre, second)->incident.v, incident);
    assert_int_equal(incident_of(&centre, incident)->call.v, 1); /* the first that told of it */
    assert_int_equal(incident_of(&centre, incident)->revision, revision);
    assert_int_equal(centre.core->head->incidents_open, 1);
    centre_destroy(&centre);
}

/* Ended calls make room; those that wait for somebody keep their slots. */
static void slots_of_ended_calls_are_used_again(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    uint32_t waiting = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    for (int i = 0; i < 200; i++) {
        uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
        DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call });
        DO(&centre, CALL_CLOSE, call_close, SEAT, .call = { call }, .outcome = CALL_OUTCOME_ADVICE);
    }
    assert_non_null(call_of(&centre, waiting));
    assert_null(call_of(&centre, waiting + 1)); /* its slot has another */
    centre_destroy(&centre);
}

/* ---- several units ---- */

static void two_units_for_one_incident(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 3, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 2);
    MUST(&centre, centre_times_all(&centre, incident));
    uint32_t first = DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 1 });
    expect_incident(&centre, incident, INCIDENT_STATE_RECOMMENDED); /* the same advice holds for the second */
    uint32_t second = DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 2 });
    expect_incident(&centre, incident, INCIDENT_STATE_SERVED);
    MUST(&centre, centre_report(&centre, first, MISSION_EVENT_ARRIVE));
    MUST(&centre, centre_report(&centre, first, MISSION_EVENT_END));
    expect_incident(&centre, incident, INCIDENT_STATE_SERVED);
    MUST(&centre, centre_report(&centre, second, MISSION_EVENT_ARRIVE));
    MUST(&centre, centre_report(&centre, second, MISSION_EVENT_END));
    expect_incident(&centre, incident, INCIDENT_STATE_CLOSED);
    assert_int_equal(incident_of(&centre, incident)->outcome, INCIDENT_OUTCOME_TREATED);
    centre_destroy(&centre);
}

static void the_crew_asks_for_more(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t special = DO(&centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = NEED_BASIC | NEED_ADVANCED);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { special }, .what = UNIT_EVENT_START_SHIFT);
    uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    uint32_t mission = centre_assign(&centre, incident, 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    forget_effects(&centre);
    DO(&centre, UNITS_REQUEST, units_request, CREW, .incident = { incident }, .more = 1, .needs = NEED_ADVANCED);
    expect_incident(&centre, incident, INCIDENT_STATE_ASKING);
    expect_effect(&centre, EFFECT_ASK_TRAVEL, incident, 0);
    MUST(&centre, centre_times_all(&centre, incident));
    assert_int_equal(incident_of(&centre, incident)->recommended_count, 1); /* unit 2 lacks the skill */
    assert_int_equal(incident_of(&centre, incident)->recommended[0].v, special);
    DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { special });
    expect_incident(&centre, incident, INCIDENT_STATE_SERVED);
    assert_int_equal(incident_of(&centre, incident)->units_wanted, 2);
    centre_destroy(&centre);
}

/* ---- the queue ---- */

static void the_most_urgent_and_then_the_longest_waiting_is_first(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t busy = centre_assign(&centre, centre_incident(&centre, PRIORITY_CRITICAL, 0, 1), 1);
    MUST(&centre, centre_report(&centre, busy, MISSION_EVENT_ARRIVE));
    uint32_t late_call = centre_located_call(&centre); /* rings first, is triaged last */
    centre_wait(&centre, 10);
    uint32_t urgent = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    centre_wait(&centre, 10);
    uint32_t severe = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    uint32_t needy = centre_incident(&centre, PRIORITY_CRITICAL, NEED_NEONATAL, 1); /* first of all, but not for this unit */
    uint32_t earlier = DO(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { late_call }, .priority = PRIORITY_SEVERE,
                          .units_wanted = 1);
    const uint32_t expected[] = { earlier, severe, urgent };
    uint32_t mission = busy;
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        forget_effects(&centre);
        centre_wait(&centre, 60);
        MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
        expect_effect(&centre, EFFECT_ASK_TRAVEL, expected[i], 0);
        expect_no_effect(&centre);
        assert_int_equal(incident_of(&centre, expected[i])->asked_unit.v, 1);
        MUST(&centre, centre_times_all(&centre, expected[i]));
        mission = DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { expected[i] }, .unit = { 1 });
        MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    }
    expect_incident(&centre, needy, INCIDENT_STATE_QUEUED);
    assert_int_equal(incident_of(&centre, needy)->queue_reason, SHORTFALL_REASON_NO_UNIT_FIT);
    centre_destroy(&centre);
}

/* queue_rule 1: whoever can go is asked, not only the unit that became free. */
static void the_head_of_the_queue_may_choose(void **state)
{
    (void)state;
    for (uint8_t rule = 0; rule <= 1; rule++) {
        struct centre centre;
        centre_begin(&centre, 1, 0);
        centre_rules(&centre, rule);
        uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
        MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
        uint32_t waiting = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
        MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
        expect_incident(&centre, waiting, INCIDENT_STATE_ASKING);
        assert_int_equal(incident_of(&centre, waiting)->asked_unit.v, rule == 0 ? 1 : 0);
        centre_destroy(&centre);
    }
}

static void nobody_can_reach_the_place(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    /* Only one of two was answered: the other is asked for again, not forgotten. */
    MUST(&centre, centre_times(&centre, incident, (const uint32_t[]){ 1 }, (const int64_t[]){ -1 }, 1));
    expect_incident(&centre, incident, INCIDENT_STATE_ASKING);
    MUST(&centre, centre_times(&centre, incident, (const uint32_t[]){ 1, 2 }, (const int64_t[]){ -1, -1 }, 2));
    expect_incident(&centre, incident, INCIDENT_STATE_QUEUED);
    assert_int_equal(incident_of(&centre, incident)->queue_reason, SHORTFALL_REASON_NO_WAY);
    /* Neither the same priority again nor a lower one makes a way. */
    DO(&centre, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { incident }, .priority = PRIORITY_URGENT);
    DO(&centre, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { incident }, .priority = PRIORITY_NON_URGENT);
    expect_incident(&centre, incident, INCIDENT_STATE_QUEUED);
    DO(&centre, INCIDENT_RECONSIDER, incident_reconsider, SEAT, .incident = { incident });
    expect_incident(&centre, incident, INCIDENT_STATE_ASKING);
    centre_destroy(&centre);
}

/* The unit that was asked for is sent elsewhere before the answer comes. */
static void an_answer_that_comes_too_late(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t first = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    uint32_t second = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    MUST(&centre, centre_times_all(&centre, second));
    DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { second }, .unit = { 1 });
    MUST(&centre, centre_times_all(&centre, first));
    expect_incident(&centre, first, INCIDENT_STATE_QUEUED);
    assert_int_equal(incident_of(&centre, first)->queue_reason, SHORTFALL_REASON_NO_UNIT_FREE);
    centre_destroy(&centre);
}

/* ---- diversion and re-triage ---- */

static void a_unit_is_diverted_to_the_more_urgent(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t minor = centre_incident(&centre, PRIORITY_NON_URGENT, 0, 1);
    uint32_t left = centre_assign(&centre, minor, 1);
    MUST(&centre, centre_report(&centre, left, MISSION_EVENT_DEPART));
    uint32_t critical = centre_incident(&centre, PRIORITY_CRITICAL, 0, 1);
    expect_incident(&centre, critical, INCIDENT_STATE_ASKING); /* the unit on its way could turn */
    MUST(&centre, centre_times_all(&centre, critical));
    assert_int_equal(
        ((const struct event_units_recommended *)centre_event(&centre, EVENT_UNITS_RECOMMENDED))->items[0].diverts_from.v, minor);
    forget_effects(&centre);
    centre_wait(&centre, 5);
    uint32_t taken = DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { critical }, .unit = { 1 });
    expect_effect(&centre, EFFECT_STAND_DOWN, left, MISSION_END_REASON_DIVERTED);
    expect_effect(&centre, EFFECT_ORDER_UNIT, taken, 0);
    expect_no_effect(&centre);
    assert_int_equal(mission_of(&centre, left)->end_reason, MISSION_END_REASON_DIVERTED);
    expect_incident(&centre, critical, INCIDENT_STATE_SERVED);
    expect_incident(&centre, minor, INCIDENT_STATE_QUEUED); /* at the same instant, considered again */
    assert_int_equal(incident_of(&centre, minor)->queued_since.us, centre.now.us);
    assert_int_equal(incident_of(&centre, minor)->units_assigned, 0);
    MUST(&centre, centre_report(&centre, taken, MISSION_EVENT_ARRIVE));
    MUST(&centre, centre_report(&centre, taken, MISSION_EVENT_END));
    expect_incident(&centre, minor, INCIDENT_STATE_ASKING);
    centre_destroy(&centre);
}

/* The incident left behind takes a free unit, if there is one. */
static void the_one_left_behind_is_asked_for_at_once(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t minor = centre_incident(&centre, PRIORITY_NON_URGENT, 0, 1);
    centre_assign(&centre, minor, 1);
    uint32_t critical = centre_incident(&centre, PRIORITY_CRITICAL, 0, 1);
    MUST(&centre, centre_times_all(&centre, critical));
    DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { critical }, .unit = { 1 });
    expect_incident(&centre, minor, INCIDENT_STATE_ASKING);
    MUST(&centre, centre_times_all(&centre, minor));
    assert_int_equal(incident_of(&centre, minor)->recommended[0].v, 2);
    centre_destroy(&centre);
}

static void a_waiting_incident_gets_worse(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    centre_assign(&centre, centre_incident(&centre, PRIORITY_NON_URGENT, 0, 1), 1);
    uint32_t waiting = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    uint32_t other = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    expect_incident(&centre, waiting, INCIDENT_STATE_QUEUED);
    DO(&centre, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { other }, .priority = PRIORITY_NON_URGENT);
    expect_incident(&centre, other, INCIDENT_STATE_QUEUED); /* less urgent now: nothing to ask */
    DO(&centre, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { waiting }, .priority = PRIORITY_CRITICAL);
    expect_incident(&centre, waiting, INCIDENT_STATE_ASKING); /* the unit on its way may be diverted to it now */
    assert_int_equal(incident_of(&centre, waiting)->priority, PRIORITY_CRITICAL);
    centre_destroy(&centre);
}

/* ---- endings ---- */

/* Three units are stood down; two incidents wait; each waiting one is asked for once, each unit asked for one. */
static void a_cancelled_incident_sets_its_units_free(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 3, 0);
    uint32_t large = centre_incident(&centre, PRIORITY_SEVERE, 0, 4);
    uint32_t missions[3];
    for (uint32_t unit = 1; unit <= 3; unit++) {
        missions[unit - 1] = centre_assign(&centre, large, unit);
    }
    expect_incident(&centre, large, INCIDENT_STATE_QUEUED); /* for the fourth */
    uint32_t waiting[] = { centre_incident(&centre, PRIORITY_SEVERE, 0, 1), centre_incident(&centre, PRIORITY_URGENT, 0, 1) };
    forget_effects(&centre);
    DO(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { large });
    expect_incident(&centre, large, INCIDENT_STATE_CLOSED);
    assert_int_equal(incident_of(&centre, large)->outcome, INCIDENT_OUTCOME_CANCELLED);
    assert_int_equal(centre_events(&centre, EVENT_TRAVEL_ASKED), 2);
    for (uint32_t unit = 1; unit <= 3; unit++) {
        expect_unit(&centre, unit, UNIT_STATE_RETURNING);
        assert_int_equal(mission_of(&centre, missions[unit - 1])->end_reason, MISSION_END_REASON_CANCELLED);
    }
    expect_incident(&centre, waiting[0], INCIDENT_STATE_ASKING);
    expect_incident(&centre, waiting[1], INCIDENT_STATE_ASKING);
    assert_int_not_equal(incident_of(&centre, waiting[0])->asked_unit.v, incident_of(&centre, waiting[1])->asked_unit.v);
    centre_destroy(&centre);
}

/* One crew has handed its patient over already: its mission ends by itself, and only then is the incident over. */
static void cancelled_when_a_patient_is_in_hospital(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 1);
    uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 3);
    uint32_t done = centre_assign(&centre, incident, 1);
    uint32_t going = centre_assign(&centre, incident, 2);
    MUST(&centre, centre_report(&centre, done, MISSION_EVENT_ARRIVE));
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { done }, .facility = { 1 });
    MUST(&centre, centre_report(&centre, done, MISSION_EVENT_LEAVE_SCENE));
    MUST(&centre, centre_report(&centre, done, MISSION_EVENT_HAND_OVER));
    DO(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { incident });
    expect_incident(&centre, incident, INCIDENT_STATE_SERVED);
    assert_int_equal(mission_of(&centre, going)->state, MISSION_STATE_ENDED);
    expect_unit(&centre, 1, UNIT_STATE_ON_MISSION);
    MUST(&centre, centre_report(&centre, done, MISSION_EVENT_END));
    expect_incident(&centre, incident, INCIDENT_STATE_CLOSED);
    assert_int_equal(incident_of(&centre, incident)->outcome, INCIDENT_OUTCOME_TRANSPORTED);
    centre_destroy(&centre);
}

static void one_unit_is_stood_down(void **state)
{
    (void)state;
    for (uint8_t still_needed = 0; still_needed <= 1; still_needed++) {
        struct centre centre;
        centre_begin(&centre, 2, 0);
        uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
        uint32_t mission = centre_assign(&centre, incident, 1);
        forget_effects(&centre);
        DO(&centre, MISSION_CANCEL, mission_cancel, SEAT, .mission = { mission }, .still_needed = still_needed);
        expect_effect(&centre, EFFECT_STAND_DOWN, mission, MISSION_END_REASON_CANCELLED);
        expect_incident(&centre, incident, still_needed ? INCIDENT_STATE_ASKING : INCIDENT_STATE_CLOSED);
        assert_int_equal(incident_of(&centre, incident)->outcome, still_needed ? 0 : INCIDENT_OUTCOME_CANCELLED);
        expect_unit(&centre, 1, UNIT_STATE_RETURNING);
        centre_destroy(&centre);
    }
}

static void a_call_that_got_no_unit(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_URGENT, 0, 2);
    expect_incident(&centre, incident, INCIDENT_STATE_QUEUED);
    DO(&centre, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = { incident }, .reason = SHORTFALL_REASON_CALLER_LEFT);
    const struct event_shortfall_recorded *shortfall = centre_event(&centre, EVENT_SHORTFALL_RECORDED);
    assert_true(shortfall->units == 2 && shortfall->reason == SHORTFALL_REASON_CALLER_LEFT);
    expect_incident(&centre, incident, INCIDENT_STATE_CLOSED);
    assert_int_equal(incident_of(&centre, incident)->outcome, INCIDENT_OUTCOME_SHORTFALL);
    assert_int_equal(centre.core->head->incidents_queued, 0);
    centre_destroy(&centre);
}

/* One of two was given: the shortfall is one unit, and the incident goes on with the one that came. */
static void a_shortfall_of_one_unit(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_URGENT, 0, 2);
    uint32_t mission = centre_assign(&centre, incident, 1);
    expect_incident(&centre, incident, INCIDENT_STATE_QUEUED);
    DO(&centre, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = { incident });
    assert_int_equal(incident_of(&centre, incident)->units_short, 1);
    expect_incident(&centre, incident, INCIDENT_STATE_SERVED);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
    expect_incident(&centre, incident, INCIDENT_STATE_CLOSED);
    assert_int_equal(incident_of(&centre, incident)->outcome, INCIDENT_OUTCOME_TREATED);
    centre_destroy(&centre);
}

/* ---- units ---- */

/* With a patient on board and a bed reserved: the bed is given back, the incident waits again, the crew can be repaired. */
static void a_breakdown_on_the_way_to_hospital(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    DO(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 1 }, .kind = BED_KIND_EMERGENCY, .available = 1);
    uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    uint32_t mission = centre_assign(&centre, incident, 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    assert_int_equal(facility_of(&centre, 1)->beds[BED_KIND_EMERGENCY][BED_STATE_AVAILABLE], 0);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_BREAK_DOWN);
    expect_unit(&centre, 1, UNIT_STATE_OUT_OF_SERVICE);
    assert_int_equal(mission_of(&centre, mission)->end_reason, MISSION_END_REASON_BROKE_DOWN);
    assert_int_equal(facility_of(&centre, 1)->beds[BED_KIND_EMERGENCY][BED_STATE_AVAILABLE], 1);
    expect_incident(&centre, incident, INCIDENT_STATE_QUEUED);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_REPAIR);
    expect_incident(&centre, incident, INCIDENT_STATE_ASKING);
    centre_destroy(&centre);
}

/* The patient is in the facility's care already: nobody needs another unit. */
static void a_breakdown_after_the_hand_over(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 1);
    uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    uint32_t mission = centre_assign(&centre, incident, 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_HAND_OVER));
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_BREAK_DOWN);
    expect_unit(&centre, 1, UNIT_STATE_OUT_OF_SERVICE);
    expect_incident(&centre, incident, INCIDENT_STATE_CLOSED);
    assert_int_equal(incident_of(&centre, incident)->outcome, INCIDENT_OUTCOME_TRANSPORTED);
    centre_destroy(&centre);
}

/* It finishes its work, is not diverted and not sent on, and is off duty then. */
static void a_shift_ends_on_a_mission(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_NON_URGENT, 0, 1), 1);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT);
    expect_unit(&centre, 1, UNIT_STATE_ON_MISSION);
    uint32_t critical = centre_incident(&centre, PRIORITY_CRITICAL, 0, 1);
    expect_incident(&centre, critical, INCIDENT_STATE_QUEUED);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
    expect_unit(&centre, 1, UNIT_STATE_OFF_DUTY);
    expect_incident(&centre, critical, INCIDENT_STATE_QUEUED);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT);
    expect_incident(&centre, critical, INCIDENT_STATE_ASKING);
    assert_int_equal(unit_of(&centre, 1)->shift_ends, 0);
    centre_destroy(&centre);
}

/* The mission ran over the whole break: the crew that comes next takes the unit over, and nobody is sent home. */
static void the_next_shift_begins_on_a_mission(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_NON_URGENT, 0, 1), 1);
    assert_int_equal(SEND(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT),
                     REFUSED_TRANSITION); /* it has one already */
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT);
    assert_int_equal(centre_events(&centre, EVENT_SHIFT_END_WITHDRAWN), 1);
    expect_unit(&centre, 1, UNIT_STATE_ON_MISSION);
    assert_int_equal(unit_of(&centre, 1)->shift_ends, 0);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
    expect_unit(&centre, 1, UNIT_STATE_RETURNING);
    centre_destroy(&centre);
}

/* A shift that was to end with the mission ends in the workshop: the repaired unit has no crew to send. */
static void a_shift_ends_in_the_workshop(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_NON_URGENT, 0, 1);
    centre_assign(&centre, incident, 1);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_BREAK_DOWN);
    expect_unit(&centre, 1, UNIT_STATE_OUT_OF_SERVICE);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_REPAIR);
    expect_unit(&centre, 1, UNIT_STATE_OFF_DUTY);
    expect_incident(&centre, incident, INCIDENT_STATE_QUEUED);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT);
    expect_incident(&centre, incident, INCIDENT_STATE_ASKING);
    centre_destroy(&centre);
}

/* returning_waits: a unit is free only at its post, neither when its mission ends nor when it is repaired on the road. */
static void a_unit_that_must_first_return(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    struct command_policy_set rules;
    COMMAND_BEGIN(&rules, POLICY_SET, ACTOR_KIND_ADMIN);
    rules.returning_waits = 1;
    MUST(&centre, centre_send(&centre, &rules.head, sizeof rules));
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    uint32_t waiting = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
    expect_unit(&centre, 1, UNIT_STATE_RETURNING);
    expect_incident(&centre, waiting, INCIDENT_STATE_QUEUED);
    assert_int_equal(SEND(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { waiting }, .unit = { 1 }),
                     REFUSED_UNIT_NOT_AVAILABLE);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_BREAK_DOWN);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_REPAIR);
    expect_incident(&centre, waiting, INCIDENT_STATE_QUEUED);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_REACH_POST);
    expect_incident(&centre, waiting, INCIDENT_STATE_ASKING);
    centre_destroy(&centre);
}

/* ---- beds ---- */

static uint32_t beds(const struct centre *centre, uint32_t facility, enum bed_kind kind, enum bed_state bed_state)
{
    return facility_of(centre, facility)->beds[kind][bed_state];
}

static void the_destination_changes_on_the_way(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 2);
    for (uint32_t facility = 1; facility <= 2; facility++) {
        DO(&centre, BEDS_SET, beds_set, FACILITY, .facility = { facility }, .kind = BED_KIND_ICU, .available = 2);
        DO(&centre, BEDS_SET, beds_set, FACILITY, .facility = { facility }, .kind = BED_KIND_WARD, .available = 2);
    }
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_SEVERE, 0, 1), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .bed_kind = BED_KIND_WARD);
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 }); /* again: no second bed */
    assert_int_equal(beds(&centre, 1, BED_KIND_WARD, BED_STATE_RESERVED), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 2 });
    assert_int_equal(beds(&centre, 1, BED_KIND_WARD, BED_STATE_AVAILABLE), 2);
    assert_int_equal(beds(&centre, 2, BED_KIND_WARD, BED_STATE_RESERVED), 1);
    /* The patient gets worse: another kind of bed at the same place. Until it is set, the old bed is kept. */
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .bed_kind = BED_KIND_ICU);
    assert_int_equal(mission_of(&centre, mission)->bed_kind, BED_KIND_ICU); /* what the policy looks for */
    assert_int_equal(beds(&centre, 2, BED_KIND_WARD, BED_STATE_RESERVED), 1);
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 2 });
    assert_int_equal(beds(&centre, 2, BED_KIND_WARD, BED_STATE_AVAILABLE), 2);
    assert_int_equal(beds(&centre, 2, BED_KIND_ICU, BED_STATE_RESERVED), 1);
    /* A count by the facility leaves the reservation alone. */
    DO(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 2 }, .kind = BED_KIND_ICU, .available = 7);
    assert_int_equal(beds(&centre, 2, BED_KIND_ICU, BED_STATE_RESERVED), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END)); /* the patient died on the way: the bed is free again */
    assert_int_equal(beds(&centre, 2, BED_KIND_ICU, BED_STATE_AVAILABLE), 8);
    centre_destroy(&centre);
}

/* ---- alarms ---- */

/* The timer is due at seconds from now: not before, then once, with this alarm and no other. */
static void expect_alarm(struct centre *centre, int64_t seconds, enum alarm_kind alarm, uint32_t subject)
{
    forget_effects(centre);
    uint32_t id = centre->core->head->next_alarm;
    struct instant due = { centre->now.us + seconds * US_PER_SECOND };
    assert_int_equal(engine_next_timer(centre->engine).us, due.us);
    centre->now = (struct instant){ due.us - 1 };
    DO(centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(centre, EVENT_ALARM_RAISED), 0);
    centre->now = due;
    DO(centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(centre, EVENT_ALARM_RAISED), 1);
    expect_effect(centre, EFFECT_ALARM, id, alarm);
    assert_int_equal(alarm_of(centre, id)->state, ALARM_STATE_RAISED);
    assert_int_equal(alarm_of(centre, id)->kind, alarm);
    assert_int_equal(alarm_of(centre, id)->subject, subject);
    assert_true(alarm_of(centre, id)->raised_at.us == due.us);
    DO(centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(centre, EVENT_ALARM_RAISED), 0);
}

static void each_alarm_is_raised_when_it_is_due(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    expect_alarm(&centre, TEST_RING_S, ALARM_KIND_RING_UNANSWERED, call);
    DO(&centre, CALL_ABANDON, call_abandon, SYSTEM, .call = { call });
    expect_alarm(&centre, TEST_CALL_BACK_S, ALARM_KIND_CALL_BACK_DUE, call);
    DO(&centre, CALL_BACK, call_back, SEAT, .call = { call });
    DO(&centre, CALL_LOCATE, call_locate, SEAT, .call = { call });
    uint32_t incident = DO(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .priority = PRIORITY_SEVERE,
                           .units_wanted = 1);
    expect_alarm(&centre, TEST_TRAVEL_S, ALARM_KIND_TRAVEL_TIMES_SILENT, incident);
    MUST(&centre, centre_times_all(&centre, incident));
    expect_alarm(&centre, TEST_DECISION_S, ALARM_KIND_RECOMMENDATION_UNDECIDED, incident);
    uint32_t mission = DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 1 });
    expect_alarm(&centre, TEST_ACKNOWLEDGE_S, ALARM_KIND_ORDER_UNACKNOWLEDGED, mission);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ACKNOWLEDGE));
    expect_alarm(&centre, TEST_DEPART_S - TEST_ACKNOWLEDGE_S, ALARM_KIND_DEPARTURE_LATE, mission); /* since the order */
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    expect_alarm(&centre, TEST_SCENE_S, ALARM_KIND_SCENE_SILENT, mission);
    uint32_t waiting = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    expect_alarm(&centre, 900, ALARM_KIND_QUEUE_OVERDUE, waiting); /* the response target of its priority */
    assert_true(engine_next_timer(centre.engine).us == INSTANT_NEVER.us);
    centre_destroy(&centre);
}

/* When the mission's one timer is due, and what for. */
static void expect_timer(const struct centre *centre, uint32_t mission, enum alarm_kind alarm, int64_t due_us)
{
    assert_int_equal(mission_of(centre, mission)->timer.kind, alarm);
    assert_true(mission_of(centre, mission)->timer.due.us == due_us);
    assert_true(engine_next_timer(centre->engine).us == due_us);
}

/* The question for facilities borrows the mission's timer; after the answer its stage waits on, as if nobody had asked. */
static void a_question_for_facilities_that_nobody_answers(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    int64_t scene_due = centre.now.us + TEST_SCENE_S * US_PER_SECOND;
    expect_timer(&centre, mission, ALARM_KIND_SCENE_SILENT, scene_due);
    centre_wait(&centre, 100);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    expect_timer(&centre, mission, ALARM_KIND_FACILITY_TIMES_SILENT, centre.now.us + TEST_TRAVEL_S * US_PER_SECOND);
    centre_wait(&centre, 3);
    MUST(&centre, centre_facility_times(&centre, mission));
    assert_int_equal(
        ((const struct event_destination_recommended *)centre_event(&centre, EVENT_DESTINATION_RECOMMENDED))->estimated, 0);
    expect_timer(&centre, mission, ALARM_KIND_SCENE_SILENT, scene_due);

    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    expect_alarm(&centre, TEST_TRAVEL_S, ALARM_KIND_FACILITY_TIMES_SILENT, mission);
    assert_true(engine_next_timer(centre.engine).us == INSTANT_NEVER.us);
    MUST(&centre, centre_facility_times_as(&centre, mission, 1));
    assert_int_equal(
        ((const struct event_destination_recommended *)centre_event(&centre, EVENT_DESTINATION_RECOMMENDED))->estimated, 1);
    expect_timer(&centre, mission, ALARM_KIND_SCENE_SILENT, scene_due);
    expect_effect(&centre, EFFECT_DESTINATION_RECOMMENDED, mission, 0);
    centre_destroy(&centre);
}

/* Stages go on while the question is open: it is waited for as long as its answer is taken. */
static void the_crew_goes_on_before_the_answer(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    int64_t answer_due = centre.now.us + TEST_TRAVEL_S * US_PER_SECOND;
    centre_wait(&centre, 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_REACH_PATIENT));
    expect_timer(&centre, mission, ALARM_KIND_FACILITY_TIMES_SILENT, answer_due);
    int64_t scene_due = centre.now.us + TEST_SCENE_S * US_PER_SECOND;
    centre_wait(&centre, 1);
    MUST(&centre, centre_facility_times(&centre, mission));
    expect_timer(&centre, mission, ALARM_KIND_SCENE_SILENT, scene_due); /* since the patient was reached */

    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    answer_due = centre.now.us + TEST_TRAVEL_S * US_PER_SECOND;
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    expect_timer(&centre, mission, ALARM_KIND_FACILITY_TIMES_SILENT, answer_due);
    MUST(&centre, centre_facility_times(&centre, mission));
    assert_true(mission_of(&centre, mission)->timer.due.us ==
                INSTANT_NEVER.us); /* on the way it owes nothing; the facility does */
    assert_true(engine_next_timer(centre.engine).us == mission_of(&centre, mission)->prealert_timer.due.us);

    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    assert_int_equal(mission_of(&centre, mission)->facility_asked, 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_REACH_FACILITY));
    assert_int_equal(mission_of(&centre, mission)->facility_asked, 0);
    assert_true(engine_next_timer(centre.engine).us == INSTANT_NEVER.us);
    centre_destroy(&centre);
}

/* Many timers, set in one order, cleared in another: always the soonest is next, and each is raised once. */
static void timers_come_in_order(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    uint32_t calls[40];
    for (int i = 0; i < 40; i++) {
        calls[i] = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
        centre.now.us += US_PER_SECOND / 10;
    }
    for (int i = 0; i < 40; i += 3) {
        DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { calls[i] });
    }
    struct instant last = { 0 };
    uint32_t raised = 0;
    while (engine_next_timer(centre.engine).us != INSTANT_NEVER.us) {
        struct instant due = engine_next_timer(centre.engine);
        assert_true(last.us < due.us);
        last = centre.now = due;
        DO(&centre, TIME_PASSED, time_passed, SYSTEM);
        assert_int_equal(centre_events(&centre, EVENT_ALARM_RAISED), 1);
        const struct event_alarm_raised *alarm = centre_event(&centre, EVENT_ALARM_RAISED);
        assert_true((alarm->subject - calls[0]) % 3 != 0);
        raised++;
    }
    assert_int_equal(raised, 40 - 14);
    centre_destroy(&centre);
}

/* The clock comes late: everything that is due is raised at once, what is not due is left. */
static void several_timers_at_once(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    for (int i = 0; i < 5; i++) {
        DO(&centre, CALL_OFFER, call_offer, SYSTEM);
        centre_wait(&centre, 1);
    }
    (void)centre_incident(&centre, PRIORITY_CRITICAL, 0, 1);
    centre.now = (struct instant){ (TEST_BEGIN_S + TEST_RING_S + 3) * US_PER_SECOND };
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(&centre, EVENT_ALARM_RAISED), 4);
    centre_wait(&centre, 3600);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
    assert_int_equal(centre_events(&centre, EVENT_ALARM_RAISED), 2); /* the fifth ring and the queue */
    centre_destroy(&centre);
}

/* A limit that was shortened holds for the new timers and keeps the order with the old ones. */
static void a_limit_is_shortened(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    uint32_t patient = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    struct command_policy_set rules;
    COMMAND_BEGIN(&rules, POLICY_SET, ACTOR_KIND_ADMIN);
    rules.ring_limit_s = 2;
    MUST(&centre, centre_send(&centre, &rules.head, sizeof rules));
    uint32_t hasty = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    forget_effects(&centre);
    expect_alarm(&centre, 2, ALARM_KIND_RING_UNANSWERED, hasty);
    expect_alarm(&centre, TEST_RING_S - 2, ALARM_KIND_RING_UNANSWERED, patient);
    centre_destroy(&centre);
}

/* ---- positions ---- */

static void expect_fix(const struct fix *fix, uint32_t unit, int32_t lon_e7, int64_t at_us)
{
    assert_int_equal(fix->unit.v, unit);
    assert_int_equal(fix->point.lon_e7, lon_e7);
    assert_true(fix->occurred_at.us == at_us);
}

/* For each unit the latest counts, wherever it stands in the list; of two of the same instant the later in the list. */
static void many_positions_at_once(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 4, 0);
    int64_t now = centre.now.us;
    DO(&centre, UNIT_POSITION, unit_position, CREW, .unit = { 3 }, .point = { 99, 0 });
    uint32_t revision = unit_of(&centre, 1)->revision;
    const struct fix fixes[] = {
        { .unit = { 2 }, .point = { 1, 0 }, .occurred_at = { now - 5 } },
        { .unit = { 1 }, .point = { 2, 0 }, .occurred_at = { now } },
        { .unit = { 2 }, .point = { 3, 0 }, .occurred_at = { now - 2 } },
        { .unit = { 2 }, .point = { 4, 0 }, .occurred_at = { now - 3 } },
        { .unit = { 3 }, .point = { 5, 0 }, .occurred_at = { now - 1 } },
        { .unit = { 1 }, .point = { 6, 0 }, .occurred_at = { now } },
        { .unit = { 4 }, .point = { 7, 0 }, .occurred_at = INSTANT_NONE },
    };
    MUST(&centre, centre_fixes(&centre, fixes, ARRAY_LENGTH(fixes)));
    const struct event_units_positioned *event = centre_event(&centre, EVENT_UNITS_POSITIONED);
    assert_int_equal(event->count, 3);
    assert_int_equal(event->older, 4);
    expect_fix(&event->items[0], 2, 3, now - 2);
    expect_fix(&event->items[1], 1, 6, now);
    expect_fix(&event->items[2], 4, 7, now);
    assert_int_equal(unit_of(&centre, 1)->point.lon_e7, 6);
    assert_int_equal(unit_of(&centre, 2)->point.lon_e7, 3);
    assert_int_equal(unit_of(&centre, 3)->point.lon_e7, 99);
    assert_true(unit_of(&centre, 4)->positioned_at.us == now);
    assert_int_equal(unit_of(&centre, 1)->revision, revision); /* nothing that a dispatcher could conflict with */
    centre_destroy(&centre);
}

/* ---- recovery ---- */

/* The entry that an incident and a mission name holds the recommendation that stands. */
static void the_evidence_is_found_in_the_journal(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 2, 1);
    uint32_t incident = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    assert_int_equal(incident_of(&centre, incident)->recommended_sequence, 0);
    MUST(&centre, centre_times_all(&centre, incident));
    uint64_t sequence = incident_of(&centre, incident)->recommended_sequence;
    assert_int_equal(sequence, centre.log.count);
    const struct event_head *event = entry_first_event(test_journal_entry(&centre.log, sequence));
    assert_int_equal(event->kind, EVENT_UNITS_RECOMMENDED);
    uint32_t mission = DO(&centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 1 });
    assert_int_equal(incident_of(&centre, incident)->recommended_sequence, sequence); /* what it was decided on */
    DO(&centre, UNITS_REQUEST, units_request, CREW, .incident = { incident }, .more = 1);
    assert_int_equal(incident_of(&centre, incident)->recommended_sequence, 0);

    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    assert_int_equal(mission_of(&centre, mission)->recommended_sequence, 0);
    MUST(&centre, centre_facility_times(&centre, mission));
    assert_int_equal(mission_of(&centre, mission)->recommended_sequence, centre.log.count);
    event = entry_first_event(test_journal_entry(&centre.log, centre.log.count));
    assert_int_equal(event->kind, EVENT_DESTINATION_RECOMMENDED);
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    assert_int_equal(mission_of(&centre, mission)->recommended_sequence, 0);
    centre_destroy(&centre);
}

/* A process that read the journal asks and orders once more what was on its way; what had been done stays done. */
static void what_was_on_its_way_is_released_again(void **state)
{
    (void)state;
    struct centre centre;
    struct error error;
    centre_begin(&centre, 2, 1);
    uint32_t first = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    uint32_t on_scene = centre_assign(&centre, first, 1);
    MUST(&centre, centre_report(&centre, on_scene, MISSION_EVENT_ARRIVE));
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { on_scene });
    uint32_t ordered = centre_assign(&centre, centre_incident(&centre, PRIORITY_SEVERE, 0, 1), 2);
    DO(&centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = NEED_BASIC);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 3 }, .what = UNIT_EVENT_START_SHIFT);
    uint32_t asking = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    uint32_t recommended = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    MUST(&centre, centre_times_all(&centre, recommended));
    uint32_t ringing = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    centre_wait(&centre, TEST_RING_S);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM); /* the ring and the questions are late */
    DO(&centre, ALARM_ACKNOWLEDGE, alarm_acknowledge, SEAT, .alarm = { 1 });

    struct engine *again = test_engine(&centre.limits, &centre.journal);
    for (uint64_t sequence = 1; sequence <= centre.log.count; sequence++) {
        assert_int_equal(engine_apply_entry(again, test_journal_entry(&centre.log, sequence), &error), STATUS_OK);
    }
    engine_destroy(centre.engine);
    centre.engine = again;
    centre.core = engine_core(again);
    engine_resume(again);
    expect_effect(&centre, EFFECT_ASK_TRAVEL, asking, 0);
    expect_effect(&centre, EFFECT_RECOMMENDED, recommended, 0);
    expect_effect(&centre, EFFECT_ASK_FACILITIES, on_scene, 0);
    expect_effect(&centre, EFFECT_ORDER_UNIT, ordered, 0);
    expect_effect(&centre, EFFECT_RING, ringing, 0);
    expect_effect(&centre, EFFECT_ALARM, 2, ALARM_KIND_TRAVEL_TIMES_SILENT);
    expect_effect(&centre, EFFECT_ALARM, 3, ALARM_KIND_FACILITY_TIMES_SILENT);
    expect_no_effect(&centre);
    MUST(&centre, centre_facility_times(&centre, on_scene)); /* and life goes on */
    forget_effects(&centre);
    engine_resume(again);
    expect_effect(&centre, EFFECT_ASK_TRAVEL, asking, 0);
    expect_effect(&centre, EFFECT_RECOMMENDED, recommended, 0);
    expect_effect(&centre, EFFECT_DESTINATION_RECOMMENDED, on_scene, 0);
    centre_destroy(&centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call),
        cmocka_unit_test(abandoned_and_called_back),
        cmocka_unit_test(a_second_call_about_the_same),
        cmocka_unit_test(slots_of_ended_calls_are_used_again),
        cmocka_unit_test(two_units_for_one_incident),
        cmocka_unit_test(the_crew_asks_for_more),
        cmocka_unit_test(the_most_urgent_and_then_the_longest_waiting_is_first),
        cmocka_unit_test(the_head_of_the_queue_may_choose),
        cmocka_unit_test(nobody_can_reach_the_place),
        cmocka_unit_test(an_answer_that_comes_too_late),
        cmocka_unit_test(a_unit_is_diverted_to_the_more_urgent),
        cmocka_unit_test(the_one_left_behind_is_asked_for_at_once),
        cmocka_unit_test(a_waiting_incident_gets_worse),
        cmocka_unit_test(a_cancelled_incident_sets_its_units_free),
        cmocka_unit_test(cancelled_when_a_patient_is_in_hospital),
        cmocka_unit_test(one_unit_is_stood_down),
        cmocka_unit_test(a_call_that_got_no_unit),
        cmocka_unit_test(a_shortfall_of_one_unit),
        cmocka_unit_test(a_breakdown_on_the_way_to_hospital),
        cmocka_unit_test(a_breakdown_after_the_hand_over),
        cmocka_unit_test(a_shift_ends_on_a_mission),
        cmocka_unit_test(the_next_shift_begins_on_a_mission),
        cmocka_unit_test(a_shift_ends_in_the_workshop),
        cmocka_unit_test(a_unit_that_must_first_return),
        cmocka_unit_test(the_destination_changes_on_the_way),
        cmocka_unit_test(each_alarm_is_raised_when_it_is_due),
        cmocka_unit_test(a_question_for_facilities_that_nobody_answers),
        cmocka_unit_test(the_crew_goes_on_before_the_answer),
        cmocka_unit_test(timers_come_in_order),
        cmocka_unit_test(several_timers_at_once),
        cmocka_unit_test(a_limit_is_shortened),
        cmocka_unit_test(many_positions_at_once),
        cmocka_unit_test(the_evidence_is_found_in_the_journal),
        cmocka_unit_test(what_was_on_its_way_is_released_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
