/* Seats and hospitals: people at a desk, who do what the screen asks for, sometimes something else, and sometimes too late. */
#include "torture/torture_private.h"

enum { PATIENCE_S = 600 };

/* ---- calls ---- */

static void triage_by_hand(struct torture *torture, struct edge *edge, const struct call *call, enum priority priority)
{
    static const uint32_t needs[] = { NEED_BASIC, NEED_BASIC, NEED_BASIC, NEED_ADVANCED, NEED_ADVANCED, NEED_NEONATAL };
    struct random_stream *stream = &edge->stream;
    EDGE_PUT(torture, edge, false, CALL_TRIAGE, call_triage, SEAT, .call = { call->id }, .revision = call->revision,
             .needs = needs[torture_below(stream, ARRAY_LENGTH(needs))], .priority = (uint8_t)priority,
             .units_wanted = (uint8_t)(torture_chance(stream, 0.9) ? 1 : 2 + torture_below(stream, 3)));
}

static void triage_by_protocol(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    const struct call *call = &sight->call;
    const struct triage *triage = &call->triage;
    if (triage->protocol == 0 || triage->load != sight->protocol.load) {
        EDGE_PUT(torture, edge, false, TRIAGE_BEGIN, triage_begin, SEAT, .call = { call->id }, .revision = call->revision,
                 .protocol = 1);
    } else if (triage->step == 0) {
        triage_by_hand(torture, edge, call, (enum priority)triage->proposal.priority);
    } else if (triage->answered > 0 && torture_chance(&edge->stream, 0.1)) {
        EDGE_PUT(torture, edge, false, TRIAGE_BACK, triage_back, SEAT, .call = { call->id }, .protocol = triage->protocol,
                 .step = triage->step);
    } else {
        uint32_t answers = sight->answers_here > 0 ? sight->answers_here : 1;
        EDGE_PUT(torture, edge, false, TRIAGE_ANSWER, triage_answer, SEAT, .call = { call->id }, .protocol = triage->protocol,
                 .step = triage->step, .answer = (uint8_t)(1 + torture_below(&edge->stream, answers)));
    }
}

static void decide_call(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    const struct call *call = &sight->call;
    struct random_stream *stream = &edge->stream;
    if (torture_chance(stream, 0.06) && sight->incident.id != 0) {
        EDGE_PUT(torture, edge, false, CALL_LINK, call_link, SEAT, .call = { call->id }, .revision = call->revision,
                 .incident = { sight->incident.id });
    } else if (torture_chance(stream, 0.05)) {
        EDGE_PUT(torture, edge, false, CALL_CLOSE, call_close, SEAT, .call = { call->id }, .revision = call->revision,
                 .outcome = (uint8_t)torture_below(stream, CALL_OUTCOME_COUNT));
    } else if (sight->protocol.number != 0 && (call->triage.protocol != 0 || call->id % 2 == 0)) {
        triage_by_protocol(torture, edge, sight);
    } else {
        triage_by_hand(torture, edge, call, (enum priority)torture_below(stream, PRIORITY_COUNT));
    }
}

static void see_to_call(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    const struct call *call = &sight->call;
    struct random_stream *stream = &edge->stream;
    switch ((enum call_state)call->state) {
    case CALL_STATE_OFFERED:
        EDGE_PUT(torture, edge, false, CALL_ANSWER, call_answer, SEAT, .call = { call->id }, .revision = call->revision,
                 .seat = edge->number);
        return;
    case CALL_STATE_ABANDONED:
        if (torture_chance(stream, 0.5)) {
            EDGE_PUT(torture, edge, false, CALL_BACK, call_back, SEAT, .call = { call->id }, .revision = call->revision,
                     .seat = edge->number);
        } else {
            EDGE_PUT(torture, edge, false, CALL_CLOSE, call_close, SEAT, .call = { call->id }, .revision = call->revision,
                     .outcome = CALL_OUTCOME_NOT_REACHED);
        }
        return;
    case CALL_STATE_ANSWERED:
        EDGE_PUT(torture, edge, false, CALL_LOCATE, call_locate, SEAT, .call = { call->id }, .revision = call->revision,
                 .point = torture_place(stream), .district = 1 + torture_below(stream, 5));
        return;
    default: decide_call(torture, edge, sight);
    }
}

/* ---- incidents ---- */

static void send_unit(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    const struct incident *incident = &sight->incident;
    struct random_stream *stream = &edge->stream;
    bool another = torture_chance(stream, 0.1);
    bool is_old = torture_chance(stream, 0.15);
    if ((incident->recommended_count == 0 || is_old) && !another) { /* those who were have been sent elsewhere */
        EDGE_PUT(torture, edge, false, INCIDENT_RECONSIDER, incident_reconsider, SEAT, .incident = { incident->id },
                 .revision = incident->revision);
        return;
    }
    uint32_t unit = another ? 1 + torture_below(stream, UNITS) : sight->unit.id;
    EDGE_PUT(torture, edge, false, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident->id },
             .incident_revision = incident->revision, .unit = { unit }, .unit_revision = another ? 0 : sight->unit.revision,
             .override = another || torture_chance(stream, 0.2) ? OVERRIDE_REASON_LOCAL_KNOWLEDGE : OVERRIDE_REASON_NONE);
}

/* Once nobody comes for so long, what is missing is given up, or asked for again. */
static void see_to_queue(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    const struct incident *incident = &sight->incident;
    int64_t waited_us = instant_is_none(incident->queued_since) ? 0 : instant_since(sight->now, incident->queued_since).us;
    if (waited_us < PATIENCE_S * US_PER_SECOND) {
        return;
    }
    if (incident->queue_reason != SHORTFALL_REASON_NO_UNIT_FREE || torture_chance(&edge->stream, 0.3)) {
        EDGE_PUT(torture, edge, false, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = { incident->id },
                 .revision = incident->revision, .reason = incident->queue_reason);
    } else {
        EDGE_PUT(torture, edge, false, INCIDENT_RECONSIDER, incident_reconsider, SEAT, .incident = { incident->id },
                 .revision = incident->revision);
    }
}

/* What is done now and then about an incident that is on its way. */
static void meddle(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    const struct incident *incident = &sight->incident;
    struct random_stream *stream = &edge->stream;
    switch (torture_below(stream, 8)) {
    case 0:
        EDGE_PUT(torture, edge, false, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { incident->id },
                 .revision = incident->revision);
        return;
    case 1:
    case 2:
        EDGE_PUT(torture, edge, false, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { incident->id },
                 .revision = incident->revision, .priority = (uint8_t)torture_below(stream, PRIORITY_COUNT));
        return;
    case 3:
        EDGE_PUT(torture, edge, false, UNITS_REQUEST, units_request, SEAT, .incident = { incident->id },
                 .more = (uint8_t)(1 + torture_below(stream, 2)), .needs = NEED_BASIC);
        return;
    case 4:
    case 5:
        EDGE_PUT(torture, edge, false, MISSION_CANCEL, mission_cancel, SEAT, .mission = { sight->mission.id },
                 .still_needed = (uint8_t)torture_below(stream, 2));
        return;
    default:
        EDGE_PUT(torture, edge, true, MESSAGE_SEND, message_send, SEAT, .unit = { 1 + torture_below(stream, UNITS) },
                 .incident = { incident->id }, .to_crew = 1, .reference = random_u64(stream));
    }
}

static void see_to_incident(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    switch ((enum incident_state)sight->incident.state) {
    case INCIDENT_STATE_RECOMMENDED: send_unit(torture, edge, sight); return;
    case INCIDENT_STATE_QUEUED: see_to_queue(torture, edge, sight); return;
    default:
        if (torture_chance(&edge->stream, 0.03)) {
            meddle(torture, edge, sight);
        }
    }
}

void seat_act(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    if (sight->alarm.id != 0 && torture_chance(&edge->stream, 0.3)) {
        EDGE_PUT(torture, edge, false, ALARM_ACKNOWLEDGE, alarm_acknowledge, SEAT, .alarm = { sight->alarm.id },
                 .revision = sight->alarm.revision);
    } else if (sight->call.id != 0 && torture_chance(&edge->stream, 0.7)) {
        see_to_call(torture, edge, sight);
    } else if (sight->incident.id != 0) {
        see_to_incident(torture, edge, sight);
    }
}

/* ---- hospitals ---- */

static void count_beds(struct torture *torture, struct edge *edge)
{
    uint32_t kind = torture_below(&edge->stream, BED_KIND_COUNT);
    EDGE_PUT(torture, edge, false, BEDS_SET, beds_set, FACILITY, .facility = { edge->number }, .kind = (uint8_t)kind,
             .available = (uint16_t)torture_below(&edge->stream, 5), .occupied = (uint16_t)torture_below(&edge->stream, 20),
             .blocked = (uint16_t)torture_below(&edge->stream, 3), .converting = (uint16_t)torture_below(&edge->stream, 2));
}

static void change_bed(struct torture *torture, struct edge *edge)
{
    static const struct {
        uint8_t what, from;
    } changes[] = { { BED_EVENT_VACATE, BED_STATE_OCCUPIED },   { BED_EVENT_OCCUPY, BED_STATE_AVAILABLE },
                    { BED_EVENT_BLOCK, BED_STATE_OCCUPIED },    { BED_EVENT_UNBLOCK, BED_STATE_BLOCKED },
                    { BED_EVENT_CONVERT, BED_STATE_AVAILABLE }, { BED_EVENT_FINISH, BED_STATE_CONVERTING },
                    { BED_EVENT_VACATE, BED_STATE_RESERVED } };
    uint32_t i = torture_below(&edge->stream, ARRAY_LENGTH(changes));
    EDGE_PUT(torture, edge, false, BED_CHANGE, bed_change, FACILITY, .facility = { edge->number },
             .kind = (uint8_t)torture_below(&edge->stream, BED_KIND_COUNT), .what = changes[i].what, .from = changes[i].from);
}

void hospital_wake(struct torture *torture, struct edge *edge)
{
    if (edge_is_idle(edge) && torture->now_us >= edge->next_round_us && edge->seen_sequence > 0) {
        edge->next_round_us = torture->now_us + torture_between_us(&edge->stream, 60, 600);
        if (torture_chance(&edge->stream, 0.3)) {
            count_beds(torture, edge);
        } else {
            change_bed(torture, edge);
        }
    }
}

void hospital_act(struct torture *torture, struct edge *edge, const struct sight *sight)
{
    const struct mission *mission = &sight->mission;
    struct random_stream *stream = &edge->stream;
    if (sight->facility.id == 0) {
        return;
    }
    if (edge->seen_sequence == 0) {
        count_beds(torture, edge);
    } else if (sight->facility.state != FACILITY_STATE_OPEN && torture_chance(stream, 0.1)) {
        EDGE_PUT(torture, edge, true, FACILITY_REPORT, facility_report, FACILITY, .facility = { edge->number },
                 .what = FACILITY_EVENT_REOPEN);
    } else if (mission->id != 0 && instant_is_none(mission->prealert_acknowledged_at) && torture_chance(stream, 0.4)) {
        EDGE_PUT(torture, edge, false, PREALERT_ACKNOWLEDGE, prealert_acknowledge, FACILITY, .mission = { mission->id },
                 .facility = { edge->number });
    } else if (mission->id != 0 && mission->state == MISSION_STATE_AT_FACILITY && torture_chance(stream, 0.05)) {
        EDGE_PUT(torture, edge, true, MISSION_REPORT, mission_report, FACILITY, .mission = { mission->id },
                 .stage = MISSION_EVENT_HAND_OVER);
    } else if (!torture->calm && torture_chance(stream, 0.003)) {
        EDGE_PUT(torture, edge, true, FACILITY_REPORT, facility_report, FACILITY, .facility = { edge->number },
                 .what = torture_chance(stream, 0.8) ? FACILITY_EVENT_DIVERT : FACILITY_EVENT_SHUT, .until = INSTANT_NEVER,
                 .cause = DIVERSION_CAUSE_STAFF);
    }
}
