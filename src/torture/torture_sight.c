/* What the mirror shows: an edge gets copies of the few entities that it could do something about, drawn among those that it has
 * a hand in. So two seats often go for the same thing, and one of them comes second. */
#include "torture/torture_private.h"

static bool drawn(struct edge *edge, uint32_t *seen) { return torture_below(&edge->stream, ++*seen) == 0; }

/* ---- seats ---- */

static void show_call(const struct core *core, struct edge *edge, struct sight *sight)
{
    uint32_t seen = 0;
    for (uint32_t slot = 0; slot < core->head->limits.calls; slot++) {
        const struct call *call = &core->calls[slot];
        bool waits = call->id != 0 && (call->state == CALL_STATE_OFFERED || call->state == CALL_STATE_ABANDONED);
        bool mine = call->id != 0 && (call->state == CALL_STATE_ANSWERED || call->state == CALL_STATE_LOCATED) &&
                    call->seat == edge->number;
        if ((waits || mine) && drawn(edge, &seen)) {
            sight->call = *call;
        }
    }
    const struct triage *triage = &sight->call.triage;
    const struct protocol *protocol = core_protocol(core, triage->protocol);
    if (protocol == NULL) {
        protocol = core_protocol(core, 1);
    }
    if (protocol == NULL) {
        return;
    }
    sight->protocol = *protocol;
    for (uint32_t i = 0; i < protocol->answer_count; i++) {
        bool here = core->protocol_answers[protocol->answer_first + i].step == triage->step;
        sight->answers_here = (uint8_t)(sight->answers_here + here);
    }
}

static void show_incident(const struct core *core, struct edge *edge, struct sight *sight)
{
    uint32_t seen = 0;
    for (uint32_t slot = 0; slot < core->head->limits.incidents; slot++) {
        const struct incident *incident = &core->incidents[slot];
        if (incident->id != 0 && incident->state != INCIDENT_STATE_CLOSED && drawn(edge, &seen)) {
            sight->incident = *incident;
        }
    }
    const struct mission *mission = core_mission(core, sight->incident.first_mission);
    if (mission != NULL) {
        sight->mission = *mission;
    }
    uint32_t count = sight->incident.recommended_count;
    if (count > 0) { /* mostly the first one */
        uint32_t rank = torture_chance(&edge->stream, 0.7) ? 0 : torture_below(&edge->stream, count);
        sight->unit = *core_unit(core, sight->incident.recommended[rank]);
    }
}

static void show_alarm(const struct core *core, struct edge *edge, struct sight *sight)
{
    uint32_t seen = 0;
    for (uint32_t slot = 0; slot < core->head->limits.alarms; slot++) {
        const struct alarm *alarm = &core->alarms[slot];
        if (alarm->id != 0 && alarm->state == ALARM_STATE_RAISED && drawn(edge, &seen)) {
            sight->alarm = *alarm;
        }
    }
}

/* ---- crews and hospitals ---- */

static void show_crew(const struct core *core, const struct edge *edge, struct sight *sight)
{
    const struct unit *unit = core_unit(core, (struct unit_id){ edge->number });
    const struct mission *mission = unit != NULL ? core_mission(core, unit->mission) : NULL;
    if (unit != NULL) {
        sight->unit = *unit;
    }
    if (mission != NULL) {
        sight->mission = *mission;
        sight->incident = *core_incident(core, mission->incident);
    }
    for (uint32_t slot = 0; slot <= core->message_mask; slot++) {
        const struct message *message = &core->messages[slot];
        if (message->id != 0 && message->unit.v == edge->number && message->to_crew && message->read.sequence == 0) {
            sight->message = *message;
        }
    }
}

static void show_hospital(const struct core *core, struct edge *edge, struct sight *sight)
{
    uint32_t seen = 0;
    const struct facility *facility = core_facility(core, (struct facility_id){ edge->number });
    if (facility != NULL) {
        sight->facility = *facility;
    }
    for (uint32_t slot = 0; slot <= core->mission_mask; slot++) {
        const struct mission *mission = &core->missions[slot];
        bool comes = mission->id != 0 && mission->state != MISSION_STATE_ENDED && mission->facility.v == edge->number;
        if (comes && drawn(edge, &seen)) {
            sight->mission = *mission;
        }
    }
}

void sight_fill(const struct core *core, struct edge *edge, struct instant now, struct sight *sight)
{
    *sight = (struct sight){ .sequence = core->head->sequence, .now = now };
    if (edge->kind == EDGE_SEAT) {
        show_call(core, edge, sight);
        show_incident(core, edge, sight);
        show_alarm(core, edge, sight);
    } else if (edge->kind == EDGE_CREW) {
        show_crew(core, edge, sight);
    } else {
        show_hospital(core, edge, sight);
    }
}
