/* A crew's phone: the stages of a mission are pressed as they happen, with network or without; what has been pressed waits in the
 * outbox with its true time, by a clock that may be wrong. Where the patient goes is asked for, and taken from the screen. */
#include "torture/torture_private.h"

/* What is pressed next, and how long it takes until then, seconds. */
static const struct {
    enum mission_event press;
    double least_s, most_s;
} STAGES[MISSION_STATE_COUNT] = {
    [MISSION_STATE_ASSIGNED] = { MISSION_EVENT_ACKNOWLEDGE, 3, 40 },
    [MISSION_STATE_NOTIFIED] = { MISSION_EVENT_ACKNOWLEDGE, 3, 40 },
    [MISSION_STATE_ACKNOWLEDGED] = { MISSION_EVENT_DEPART, 10, 90 },
    [MISSION_STATE_DEPARTED] = { MISSION_EVENT_ARRIVE, 90, 500 },
    [MISSION_STATE_ON_SCENE] = { MISSION_EVENT_REACH_PATIENT, 20, 120 },
    [MISSION_STATE_AT_PATIENT] = { MISSION_EVENT_LEAVE_SCENE, 60, 500 },
    [MISSION_STATE_LEFT_SCENE] = { MISSION_EVENT_REACH_FACILITY, 90, 600 },
    [MISSION_STATE_AT_FACILITY] = { MISSION_EVENT_HAND_OVER, 30, 300 },
    [MISSION_STATE_HANDED_OVER] = { MISSION_EVENT_END, 30, 200 },
};

enum { WAIT_FOR_ADVICE_S = 120 };

static void wait_for_stage(struct torture *torture, struct edge *edge)
{
    edge->press_at_us = torture->now_us +
                        torture_between_us(&edge->stream, STAGES[edge->stage].least_s, STAGES[edge->stage].most_s);
}

static void press(struct torture *torture, struct edge *edge, enum mission_event what)
{
    EDGE_PUT(torture, edge, true, MISSION_REPORT, mission_report, CREW, .mission = { edge->mission }, .stage = (uint8_t)what);
    uint8_t next = mission_transition[edge->stage][what];
    edge->stage = next == TRANSITION_REFUSED ? (uint32_t)MISSION_STATE_ENDED : next;
    if (edge->stage == MISSION_STATE_ENDED) {
        edge->mission = 0;
    } else {
        wait_for_stage(torture, edge);
    }
}

/* At the patient it needs to know where to, unless nobody is taken anywhere. */
void crew_wake(struct torture *torture, struct edge *edge)
{
    if (edge->mission == 0 || torture->now_us < edge->press_at_us || edge->outbox_count > OUTBOX_MAX / 2) {
        return;
    }
    enum mission_event next = STAGES[edge->stage].press;
    if (edge->stage == MISSION_STATE_AT_PATIENT) {
        if (!edge->transports) {
            press(torture, edge, MISSION_EVENT_END);
        }
        return; /* else crew_act goes on, once the screen shows a facility */
    }
    if (edge->stage == MISSION_STATE_ASSIGNED && torture_chance(&edge->stream, 0.4)) {
        next = MISSION_EVENT_NOTIFY;
    } else if (edge->stage <= MISSION_STATE_ACKNOWLEDGED && torture_chance(&edge->stream, 0.1)) {
        next = MISSION_EVENT_DEPART; /* a button forgotten */
    }
    press(torture, edge, next);
}

/* ---- with a screen ---- */

static void describe(struct torture *torture, struct edge *edge)
{
    edge->described = true;
    EDGE_PUT(torture, edge, true, PATIENT_DESCRIBE, patient_describe, CREW, .mission = { edge->mission },
             .age_years = (uint8_t)torture_below(&edge->stream, 100), .sex = SEX_FEMALE, .consciousness = CONSCIOUSNESS_ALERT,
             .pulse = (uint16_t)(40 + torture_below(&edge->stream, 100)));
}

static void choose_facility(struct torture *torture, struct edge *edge, const struct mission *mission)
{
    bool other = mission->recommended_count == 0 || torture_chance(&edge->stream, 0.1);
    uint32_t facility = other ? 1 + torture_below(&edge->stream, HOSPITALS) : mission->recommended[0].v;
    EDGE_PUT(torture, edge, true, DESTINATION_SET, destination_set, CREW, .mission = { edge->mission }, .facility = { facility },
             .override = other ? OVERRIDE_REASON_CREW_REQUEST : OVERRIDE_REASON_NONE);
}

static void find_facility(struct torture *torture, struct edge *edge, const struct mission *mission)
{
    bool lost_patience = torture->now_us - edge->facility_asked_us > WAIT_FOR_ADVICE_S * US_PER_SECOND;
    if (mission->facility.v != 0) {
        if (!edge->described) {
            describe(torture, edge);
        } else if (torture_chance(&edge->stream, 0.1)) {
            choose_facility(torture, edge, mission); /* another one after all */
        } else {
            press(torture, edge, MISSION_EVENT_LEAVE_SCENE);
        }
    } else if (edge->facility_asked_us == 0) {
        edge->facility_asked_us = torture->now_us;
        EDGE_PUT(torture, edge, true, TRANSPORT_REQUEST, transport_request, CREW, .mission = { edge->mission },
                 .bed_kind = (uint8_t)torture_below(&edge->stream, BED_KIND_COUNT));
    } else if (mission->recommended_count > 0 || lost_patience) {
        choose_facility(torture, edge, mission);
    }
}

static void begin_mission(struct torture *torture, struct edge *edge, const struct mission *mission)
{
    edge->mission = mission->id;
    edge->stage = mission->state;
    edge->transports = mission->facility.v != 0 || torture_chance(&edge->stream, 0.7);
    edge->described = false;
    edge->facility_asked_us = 0;
    wait_for_stage(torture, edge);
}

static void on_mission(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    const struct mission *mission = &sight->mission;
    if (edge->mission != mission->id) {
        begin_mission(torture, edge, mission);
        return;
    }
    if (edge->stage != mission->state) { /* a refusal, or somebody else has told */
        edge->stage = mission->state;
        wait_for_stage(torture, edge);
    }
    if (edge->stage == MISSION_STATE_AT_PATIENT && edge->transports && torture->now_us >= edge->press_at_us) {
        find_facility(torture, edge, mission);
    } else if (torture_chance(&edge->stream, 0.002)) {
        EDGE_PUT(torture, edge, true, UNITS_REQUEST, units_request, CREW, .incident = mission->incident, .more = 1,
                 .needs = NEED_ADVANCED);
    }
}

static void report(struct torture *torture, struct edge *edge, enum unit_event what)
{
    EDGE_PUT(torture, edge, true, UNIT_REPORT, unit_report, CREW, .unit = { edge->number }, .what = (uint8_t)what);
}

static void between_missions(struct torture *torture, struct edge *edge, const struct unit *unit)
{
    struct random_stream *stream = &edge->stream;
    switch ((enum unit_state)unit->state) {
    case UNIT_STATE_OFF_DUTY:
        if (!unit->retired && torture_chance(stream, 0.1)) {
            report(torture, edge, UNIT_EVENT_START_SHIFT);
        }
        return;
    case UNIT_STATE_OUT_OF_SERVICE:
        if (torture_chance(stream, 0.05)) {
            report(torture, edge, UNIT_EVENT_REPAIR);
        }
        return;
    case UNIT_STATE_RETURNING:
        if (torture_chance(stream, 0.05)) {
            report(torture, edge, UNIT_EVENT_REACH_POST);
        }
        return;
    default:
        if (!torture->calm && torture_chance(stream, 0.002)) {
            report(torture, edge, torture_chance(stream, 0.5) ? UNIT_EVENT_BREAK_DOWN : UNIT_EVENT_END_SHIFT);
        }
    }
}

void crew_act(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    if (sight->unit.id == 0) {
        return;
    }
    if (sight->message.id != 0 && torture_chance(&edge->stream, 0.3)) {
        EDGE_PUT(torture, edge, true, MESSAGE_READ, message_read, CREW, .message = { sight->message.id });
    }
    if (sight->mission.id != 0) {
        bool breaks_down = !torture->calm && torture_chance(&edge->stream, 0.0008);
        if (breaks_down) {
            report(torture, edge, UNIT_EVENT_BREAK_DOWN);
        } else {
            on_mission(torture, edge, sight);
        }
    } else {
        edge->mission = 0;
        between_missions(torture, edge, &sight->unit);
    }
}
