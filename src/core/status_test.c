/* Every state of every entity with every event, driven through real commands and held against the tables made from schema/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_engine.h"

/* ---- calls ---- */

/* A call in the state; incident 1 is open, so that it can be linked. */
static uint32_t call_in_state(struct centre *centre, enum call_state state)
{
    uint32_t incident = centre_incident(centre, PRIORITY_URGENT, 0, 1);
    if (state == CALL_STATE_OFFERED || state == CALL_STATE_ABANDONED) {
        uint32_t call = DO(centre, CALL_OFFER, call_offer, SYSTEM, .caller = 5);
        if (state == CALL_STATE_ABANDONED) {
            DO(centre, CALL_ABANDON, call_abandon, SYSTEM, .call = { call });
        }
        return call;
    }
    if (state == CALL_STATE_ANSWERED) {
        uint32_t call = DO(centre, CALL_OFFER, call_offer, SYSTEM, .caller = 5);
        DO(centre, CALL_ANSWER, call_answer, SEAT, .call = { call });
        return call;
    }
    uint32_t call = centre_located_call(centre);
    if (state == CALL_STATE_LINKED) {
        DO(centre, CALL_LINK, call_link, SEAT, .call = { call }, .incident = { incident });
    } else if (state == CALL_STATE_TRIAGED) {
        DO(centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .priority = PRIORITY_URGENT, .units_wanted = 1);
    } else if (state == CALL_STATE_CLOSED) {
        DO(centre, CALL_CLOSE, call_close, SEAT, .call = { call }, .outcome = CALL_OUTCOME_ADVICE);
    }
    return call;
}

static enum refusal call_happens(struct centre *centre, uint32_t call, enum call_event event)
{
    switch (event) {
    case CALL_EVENT_ANSWER: return SEND(centre, CALL_ANSWER, call_answer, SEAT, .call = { call });
    case CALL_EVENT_ABANDON: return SEND(centre, CALL_ABANDON, call_abandon, SYSTEM, .call = { call });
    case CALL_EVENT_CALL_BACK: return SEND(centre, CALL_BACK, call_back, SEAT, .call = { call });
    case CALL_EVENT_LOCATE: return SEND(centre, CALL_LOCATE, call_locate, SEAT, .call = { call });
    case CALL_EVENT_TRIAGE: return SEND(centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .units_wanted = 1);
    case CALL_EVENT_LINK: return SEND(centre, CALL_LINK, call_link, SEAT, .call = { call }, .incident = { 1 });
    case CALL_EVENT_CLOSE: return SEND(centre, CALL_CLOSE, call_close, SEAT, .call = { call });
    case CALL_EVENT_COUNT: break;
    }
    UNREACHABLE();
}

static void every_state_of_a_call_with_every_event(void **state)
{
    (void)state;
    for (enum call_state from = 0; from < CALL_STATE_COUNT; from++) {
        for (enum call_event event = 0; event < CALL_EVENT_COUNT; event++) {
            struct centre centre;
            centre_begin(&centre, 1, 0);
            uint32_t call = call_in_state(&centre, from);
            assert_int_equal(call_of(&centre, call)->state, from);
            uint8_t to = call_transition[from][event];
            enum refusal refusal = call_happens(&centre, call, event);
            assert_int_equal(refusal, to == TRANSITION_REFUSED ? REFUSED_TRANSITION : REFUSED_NONE);
            assert_int_equal(call_of(&centre, call)->state, to == TRANSITION_REFUSED ? from : to);
            centre_destroy(&centre);
        }
    }
}

/* ---- incidents ---- */

enum { NOBODY_HAS = NEED_NEONATAL };

/* An incident in the state that still lacks one unit (but served, closed); unit 3 is free in every state but queued, in which
 * no unit can go. */
static uint32_t incident_in_state(struct centre *centre, enum incident_state state)
{
    if (state == INCIDENT_STATE_QUEUED) {
        return centre_incident(centre, PRIORITY_URGENT, NOBODY_HAS, 1);
    }
    uint32_t incident = centre_incident(centre, PRIORITY_URGENT, 0, 1);
    if (state == INCIDENT_STATE_RECOMMENDED) {
        MUST(centre, centre_times_all(centre, incident));
    } else if (state == INCIDENT_STATE_SERVED) {
        centre_assign(centre, incident, 1);
    } else if (state == INCIDENT_STATE_CLOSED) {
        DO(centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { incident });
    }
    return incident;
}

/* Incidents change by what the core decides; this is the command that makes it decide so. For ask, somebody must be able to go;
 * for queue, nobody. */
static enum refusal incident_happens(struct centre *centre, uint32_t incident, enum incident_event event)
{
    switch (event) {
    case INCIDENT_EVENT_ASK:
        if (incident_of(centre, incident)->state == INCIDENT_STATE_QUEUED) {
            uint32_t unit = DO(centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = NOBODY_HAS);
            return SEND(centre, UNIT_REPORT, unit_report, CREW, .unit = { unit }, .what = UNIT_EVENT_START_SHIFT);
        }
        return SEND(centre, UNITS_REQUEST, units_request, CREW, .incident = { incident }, .more = 1);
    case INCIDENT_EVENT_RECOMMEND: return centre_times_all(centre, incident);
    case INCIDENT_EVENT_QUEUE:
        return SEND(centre, UNITS_REQUEST, units_request, CREW, .incident = { incident }, .more = 1, .needs = NOBODY_HAS);
    case INCIDENT_EVENT_SERVE:
        return SEND(centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 3 },
                    .override = OVERRIDE_REASON_OTHER);
    case INCIDENT_EVENT_CLOSE: return SEND(centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { incident });
    case INCIDENT_EVENT_COUNT: break;
    }
    UNREACHABLE();
}

/* The name by which each pair outside the table is refused. */
static enum refusal incident_refusal(enum incident_state from, enum incident_event event)
{
    if (event == INCIDENT_EVENT_RECOMMEND) {
        return REFUSED_NOT_ASKED;
    }
    if (from == INCIDENT_STATE_CLOSED) {
        return REFUSED_INCIDENT_CLOSED;
    }
    /* An incident that waits already is not queued again: more units are noted, and it keeps its place. */
    return event == INCIDENT_EVENT_QUEUE ? REFUSED_NONE : REFUSED_ENOUGH_UNITS;
}

static void every_state_of_an_incident_with_every_event(void **state)
{
    (void)state;
    for (enum incident_state from = 0; from < INCIDENT_STATE_COUNT; from++) {
        for (enum incident_event event = 0; event < INCIDENT_EVENT_COUNT; event++) {
            struct centre centre;
            centre_begin(&centre, 3, 0);
            uint32_t incident = incident_in_state(&centre, from);
            assert_int_equal(incident_of(&centre, incident)->state, from);
            uint8_t to = incident_transition[from][event];
            enum refusal refusal = incident_happens(&centre, incident, event);
            assert_int_equal(refusal, to == TRANSITION_REFUSED ? incident_refusal(from, event) : REFUSED_NONE);
            assert_int_equal(incident_of(&centre, incident)->state, to == TRANSITION_REFUSED ? from : to);
            if (from == INCIDENT_STATE_QUEUED && event == INCIDENT_EVENT_QUEUE) {
                assert_int_equal(centre_events(&centre, EVENT_INCIDENT_QUEUED), 0);
            }
            centre_destroy(&centre);
        }
    }
}

/* ---- missions ---- */

/* A mission of unit 1 for a non-urgent incident, brought to the state; its destination is set as soon as it can be. */
static uint32_t mission_in_state(struct centre *centre, enum mission_state state)
{
    static const enum mission_event stages[] = {
        MISSION_EVENT_NOTIFY,         MISSION_EVENT_ACKNOWLEDGE,   MISSION_EVENT_DEPART,
        MISSION_EVENT_ARRIVE,         MISSION_EVENT_REACH_PATIENT, MISSION_EVENT_LEAVE_SCENE,
        MISSION_EVENT_REACH_FACILITY, MISSION_EVENT_HAND_OVER,     MISSION_EVENT_END
    };
    uint32_t incident = centre_incident(centre, PRIORITY_NON_URGENT, 0, 1);
    uint32_t mission = centre_assign(centre, incident, 1);
    for (uint32_t i = 0; i < (uint32_t)state; i++) {
        MUST(centre, centre_report(centre, mission, stages[i]));
        if (stages[i] == MISSION_EVENT_ARRIVE) {
            DO(centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
        }
    }
    return mission;
}

static enum refusal mission_happens(struct centre *centre, uint32_t mission, enum mission_event event)
{
    if (event == MISSION_EVENT_CANCEL) {
        return SEND(centre, MISSION_CANCEL, mission_cancel, SEAT, .mission = { mission });
    }
    if (event == MISSION_EVENT_DIVERT) {
        uint32_t incident = centre_incident(centre, PRIORITY_CRITICAL, 0, 1);
        return SEND(centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 1 },
                    .override = OVERRIDE_REASON_OTHER);
    }
    return centre_report(centre, mission, event);
}

/* A unit whose mission is over is simply free: sending it elsewhere diverts nothing. */
static enum refusal mission_refusal(enum mission_state from, enum mission_event event)
{
    if (event == MISSION_EVENT_DIVERT) {
        return from == MISSION_STATE_ENDED ? REFUSED_NONE : REFUSED_UNIT_NOT_AVAILABLE;
    }
    return REFUSED_TRANSITION;
}

static void every_state_of_a_mission_with_every_event(void **state)
{
    (void)state;
    for (enum mission_state from = 0; from < MISSION_STATE_COUNT; from++) {
        for (enum mission_event event = 0; event < MISSION_EVENT_COUNT; event++) {
            struct centre centre;
            centre_begin(&centre, 1, 1);
            uint32_t mission = mission_in_state(&centre, from);
            assert_int_equal(mission_of(&centre, mission)->state, from);
            uint8_t to = mission_transition[from][event];
            enum refusal refusal = mission_happens(&centre, mission, event);
            assert_int_equal(refusal, to == TRANSITION_REFUSED ? mission_refusal(from, event) : REFUSED_NONE);
            assert_int_equal(mission_of(&centre, mission)->state, to == TRANSITION_REFUSED ? from : to);
            if (event == MISSION_EVENT_DIVERT || event == MISSION_EVENT_CANCEL) {
                assert_int_equal(centre_report(&centre, mission, event), REFUSED_NOT_A_REPORT);
            }
            centre_destroy(&centre);
        }
    }
}

/* An open question for facilities in each state that takes one, with each event: it stays open, and waited for, as long as the
 * mission is in such a state, and no longer. */
static void every_stage_with_an_open_question(void **state)
{
    (void)state;
    for (enum mission_state from = 0; from < MISSION_STATE_COUNT; from++) {
        for (enum mission_event event = 0; event < MISSION_EVENT_COUNT; event++) {
            struct centre centre;
            centre_begin(&centre, 1, 1);
            uint32_t mission = mission_in_state(&centre, from);
            bool takes = from == MISSION_STATE_ON_SCENE || from == MISSION_STATE_AT_PATIENT || from == MISSION_STATE_LEFT_SCENE;
            assert_int_equal(SEND(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }),
                             takes ? REFUSED_NONE : REFUSED_NOT_AT_SCENE);
            (void)mission_happens(&centre, mission, event);
            enum mission_state to = mission_of(&centre, mission)->state;
            bool open = takes && to >= MISSION_STATE_ON_SCENE && to <= MISSION_STATE_LEFT_SCENE;
            const struct timer *timer = &mission_of(&centre, mission)->timer;
            bool waited = timer->kind == ALARM_KIND_FACILITY_TIMES_SILENT && timer->due.us != INSTANT_NEVER.us;
            assert_int_equal(mission_of(&centre, mission)->facility_asked, open);
            assert_int_equal(waited, open);
            assert_int_equal(centre_facility_times(&centre, mission), open ? REFUSED_NONE : REFUSED_NOT_ASKED);
            centre_destroy(&centre);
        }
    }
}

/* ---- units ---- */

static void unit_to_state(struct centre *centre, enum unit_state state)
{
    switch (state) {
    case UNIT_STATE_OFF_DUTY: DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT); return;
    case UNIT_STATE_OUT_OF_SERVICE:
        DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_BREAK_DOWN);
        return;
    case UNIT_STATE_RETURNING: DO(centre, UNIT_MOVE, unit_move, SEAT, .unit = { 1 }, .post = { 2 }); return;
    case UNIT_STATE_ON_MISSION: centre_assign(centre, centre_incident(centre, PRIORITY_SEVERE, 0, 1), 1); return;
    default: return;
    }
}

static enum refusal unit_happens(struct centre *centre, enum unit_event event)
{
    const struct unit *unit = unit_of(centre, 1);
    if (event == UNIT_EVENT_ASSIGN) {
        uint32_t incident = centre_incident(centre, PRIORITY_SEVERE, 0, 1);
        return SEND(centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 1 },
                    .override = OVERRIDE_REASON_OTHER);
    }
    if (event == UNIT_EVENT_RELEASE) {
        return SEND(centre, MISSION_CANCEL, mission_cancel, SEAT, .mission = unit->mission);
    }
    if (event == UNIT_EVENT_MOVE) {
        return SEND(centre, UNIT_MOVE, unit_move, SEAT, .unit = { 1 }, .post = { unit->post.v == 1 ? 2 : 1 });
    }
    return SEND(centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = (uint8_t)event);
}

static enum refusal unit_refusal(enum unit_state from, enum unit_event event)
{
    switch (event) {
    case UNIT_EVENT_ASSIGN: return from == UNIT_STATE_ON_MISSION ? REFUSED_DIVERT_NOT_ALLOWED : REFUSED_UNIT_NOT_AVAILABLE;
    case UNIT_EVENT_RELEASE: return REFUSED_UNKNOWN_MISSION; /* it has none */
    case UNIT_EVENT_MOVE: return REFUSED_NONE;               /* its post changes, its status does not */
    case UNIT_EVENT_END_SHIFT:
        return from == UNIT_STATE_ON_MISSION ? REFUSED_NONE : REFUSED_TRANSITION; /* noted until the mission ends */
    default: return REFUSED_TRANSITION;
    }
}

static void every_state_of_a_unit_with_every_event(void **state)
{
    (void)state;
    for (enum unit_state from = 0; from < UNIT_STATE_COUNT; from++) {
        for (enum unit_event event = 0; event < UNIT_EVENT_COUNT; event++) {
            struct centre centre;
            centre_begin(&centre, 1, 0);
            unit_to_state(&centre, from);
            assert_int_equal(unit_of(&centre, 1)->state, from);
            uint8_t to = unit_transition[from][event];
            enum refusal refusal = unit_happens(&centre, event);
            assert_int_equal(refusal, to == TRANSITION_REFUSED ? unit_refusal(from, event) : REFUSED_NONE);
            assert_int_equal(unit_of(&centre, 1)->state, to == TRANSITION_REFUSED ? from : to);
            if (event == UNIT_EVENT_ASSIGN || event == UNIT_EVENT_RELEASE || event == UNIT_EVENT_MOVE) {
                assert_int_equal(SEND(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = (uint8_t)event),
                                 REFUSED_NOT_A_REPORT);
            }
            centre_destroy(&centre);
        }
    }
}

/* ---- facilities ---- */

static void every_state_of_a_facility_with_every_event(void **state)
{
    (void)state;
    for (enum facility_state from = 0; from < FACILITY_STATE_COUNT; from++) {
        for (enum facility_event event = 0; event < FACILITY_EVENT_COUNT; event++) {
            struct centre centre;
            centre_begin(&centre, 0, 1);
            if (from != FACILITY_STATE_OPEN) {
                DO(&centre, FACILITY_REPORT, facility_report, FACILITY, .facility = { 1 }, .until = INSTANT_NEVER,
                   .cause = DIVERSION_CAUSE_STAFF,
                   .what = from == FACILITY_STATE_SHUT ? FACILITY_EVENT_SHUT : FACILITY_EVENT_DIVERT);
            }
            assert_int_equal(facility_of(&centre, 1)->state, from);
            uint8_t to = facility_transition[from][event];
            enum refusal refusal = SEND(&centre, FACILITY_REPORT, facility_report, FACILITY, .facility = { 1 }, .until = { 77 },
                                        .cause = DIVERSION_CAUSE_INFECTION, .what = (uint8_t)event);
            assert_int_equal(refusal, to == TRANSITION_REFUSED ? REFUSED_TRANSITION : REFUSED_NONE);
            assert_int_equal(facility_of(&centre, 1)->state, to == TRANSITION_REFUSED ? from : to);
            if (refusal == REFUSED_NONE) {
                assert_int_equal(facility_of(&centre, 1)->diverting_until.us,
                                 event == FACILITY_EVENT_DIVERT ? 77 : INSTANT_NONE.us);
                assert_int_equal(facility_of(&centre, 1)->diverting_cause,
                                 event == FACILITY_EVENT_DIVERT ? DIVERSION_CAUSE_INFECTION : DIVERSION_CAUSE_NONE);
            }
            centre_destroy(&centre);
        }
    }
}

/* ---- beds ---- */

/* Five beds of each state but two reserved, which units 1 and 2 are taking patients to. */
static void beds_begin(struct centre *centre)
{
    centre_begin(centre, 2, 1);
    DO(centre, BEDS_SET, beds_set, FACILITY, .facility = { 1 }, .kind = BED_KIND_ICU, .available = 7, .occupied = 5, .blocked = 5,
       .converting = 5);
    for (uint32_t unit = 1; unit <= 2; unit++) {
        uint32_t mission = centre_assign(centre, centre_incident(centre, PRIORITY_SEVERE, 0, 1), unit);
        MUST(centre, centre_report(centre, mission, MISSION_EVENT_ARRIVE));
        DO(centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .bed_kind = BED_KIND_ICU);
        DO(centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    }
}

static uint32_t beds_in(const struct centre *centre, uint32_t bed_state)
{
    return facility_of(centre, 1)->beds[BED_KIND_ICU][bed_state];
}

static void every_state_of_a_bed_with_every_event(void **state)
{
    (void)state;
    for (enum bed_state from = 0; from < BED_STATE_COUNT; from++) {
        for (enum bed_event event = 0; event < BED_EVENT_COUNT; event++) {
            struct centre centre;
            beds_begin(&centre);
            uint32_t before[BED_STATE_COUNT];
            for (uint32_t i = 0; i < BED_STATE_COUNT; i++) {
                before[i] = beds_in(&centre, i);
            }
            assert_int_equal(before[BED_STATE_RESERVED], 2);
            uint8_t to = bed_transition[from][event];
            bool by_destination = event == BED_EVENT_RESERVE || event == BED_EVENT_RELEASE || from == BED_STATE_RESERVED;
            enum refusal refusal = SEND(&centre, BED_CHANGE, bed_change, FACILITY, .facility = { 1 }, .kind = BED_KIND_ICU,
                                        .what = (uint8_t)event, .from = (uint8_t)from);
            enum refusal expected = to == TRANSITION_REFUSED ? REFUSED_TRANSITION : REFUSED_NONE;
            assert_int_equal(refusal, by_destination ? REFUSED_NOT_A_REPORT : expected);
            for (uint32_t i = 0; i < BED_STATE_COUNT; i++) {
                bool moved = refusal == REFUSED_NONE;
                assert_int_equal(beds_in(&centre, i), before[i] - (moved && i == from) + (moved && i == to));
            }
            centre_destroy(&centre);
        }
    }
}

/* What destinations alone may do: reserve (done by beds_begin), release, occupy what was reserved. */
static void reserved_beds_follow_their_missions(void **state)
{
    (void)state;
    struct centre centre;
    beds_begin(&centre);
    assert_int_equal(beds_in(&centre, BED_STATE_AVAILABLE), 5);
    DO(&centre, MISSION_CANCEL, mission_cancel, SEAT, .mission = unit_of(&centre, 1)->mission);
    assert_int_equal(beds_in(&centre, bed_transition[BED_STATE_RESERVED][BED_EVENT_RELEASE]), 6);
    assert_int_equal(beds_in(&centre, BED_STATE_RESERVED), 1);
    uint32_t mission = unit_of(&centre, 2)->mission.v;
    assert_int_equal(centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE), REFUSED_NONE);
    assert_int_equal(centre_report(&centre, mission, MISSION_EVENT_HAND_OVER), REFUSED_NONE);
    assert_int_equal(beds_in(&centre, bed_transition[BED_STATE_RESERVED][BED_EVENT_OCCUPY]), 6);
    assert_int_equal(beds_in(&centre, BED_STATE_RESERVED), 0);
    assert_int_equal(bed_transition[BED_STATE_AVAILABLE][BED_EVENT_RESERVE], BED_STATE_RESERVED);
    centre_destroy(&centre);
}

/* ---- alarms ---- */

/* The one alarm of a call that nobody answered, in the state. */
static uint32_t alarm_in_state(struct centre *centre, enum alarm_state state)
{
    uint32_t call = DO(centre, CALL_OFFER, call_offer, SYSTEM);
    centre_wait(centre, TEST_RING_S);
    DO(centre, TIME_PASSED, time_passed, SYSTEM);
    if (state == ALARM_STATE_ACKNOWLEDGED) {
        DO(centre, ALARM_ACKNOWLEDGE, alarm_acknowledge, SEAT, .alarm = { 1 });
    } else if (state == ALARM_STATE_CLEARED) {
        DO(centre, CALL_ANSWER, call_answer, SEAT, .call = { call });
    }
    return 1;
}

static void every_state_of_an_alarm_with_every_event(void **state)
{
    (void)state;
    for (enum alarm_state from = 0; from < ALARM_STATE_COUNT; from++) {
        for (enum alarm_event event = 0; event < ALARM_EVENT_COUNT; event++) {
            struct centre centre;
            centre_begin(&centre, 0, 0);
            uint32_t alarm = alarm_in_state(&centre, from);
            assert_int_equal(alarm_of(&centre, alarm)->state, from);
            uint8_t to = alarm_transition[from][event];
            enum refusal refusal = event == ALARM_EVENT_ACKNOWLEDGE
                                       ? SEND(&centre, ALARM_ACKNOWLEDGE, alarm_acknowledge, SEAT, .alarm = { alarm })
                                       : SEND(&centre, CALL_ANSWER, call_answer, SEAT, .call = { 1 });
            assert_int_equal(refusal, to == TRANSITION_REFUSED ? REFUSED_TRANSITION : REFUSED_NONE);
            assert_int_equal(alarm_of(&centre, alarm)->state, to == TRANSITION_REFUSED ? from : to);
            centre_destroy(&centre);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_of_a_call_with_every_event),
        cmocka_unit_test(every_state_of_an_incident_with_every_event),
        cmocka_unit_test(every_state_of_a_mission_with_every_event),
        cmocka_unit_test(every_stage_with_an_open_question),
        cmocka_unit_test(every_state_of_a_unit_with_every_event),
        cmocka_unit_test(every_state_of_a_facility_with_every_event),
        cmocka_unit_test(every_state_of_a_bed_with_every_event),
        cmocka_unit_test(reserved_beds_follow_their_missions),
        cmocka_unit_test(every_state_of_an_alarm_with_every_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
