/* A call: from the first ring until it is an incident, belongs to one, or needs nothing. Every call of the city passes here;
 * most take offer, answer, locate, triage within two minutes. */
#include "core/entities.h"

static uint8_t next_state(const struct call *call, enum call_event event) { return call_transition[call->state][event]; }

/* The checks that commands about a call share, in their order of precedence. */
static enum refusal check_call(struct decision *decision, const struct call *call, uint32_t revision_seen, enum call_event event)
{
    if (call == NULL) {
        return REFUSED_UNKNOWN_CALL;
    }
    if (revision_is_stale(decision, STALE_CALL, revision_seen, call->revision, &call->last_change)) {
        return REFUSED_STALE_REVISION;
    }
    return next_state(call, event) == TRANSITION_REFUSED ? refused_after(decision, &call->last_change, REFUSED_TRANSITION)
                                                         : REFUSED_NONE;
}

/* Every change of a call goes through here, so that no status is set that the table does not know. */
static struct call *progress(struct core *core, const struct entry_head *entry, struct call_id id, enum call_event event)
{
    struct call *call = call_at(core, id);
    uint8_t state = next_state(call, event);
    CHECK(state != TRANSITION_REFUSED);
    call->state = state;
    note_change(entry, &call->revision, &call->last_change);
    return call;
}

DECIDE(call_offer)
{
    if (!decision->core->head->opened) {
        return REFUSED_CENTRE_NOT_OPEN;
    }
    uint32_t id = core_next_call(decision->core);
    if (id == 0) {
        return REFUSED_TABLE_FULL;
    }
    struct event_call_offered *event = EMIT(decision, CALL_OFFERED, call_offered);
    event->call.v = id;
    event->external = command->external;
    event->caller = command->caller;
    event->occurred_at = decision->occurred_at;
    return REFUSED_NONE;
}

APPLY(call_offered)
{
    core->head->next_call = event->call.v + 1;
    core->head->calls_open += 1;
    core->calls[event->call.v & (core->head->limits.calls - 1)] = (struct call){ .id = event->call.v,
                                                                                 .timer.due = INSTANT_NEVER,
                                                                                 .caller = event->caller,
                                                                                 .offered_at = event->occurred_at,
                                                                                 .answered_at = INSTANT_NONE,
                                                                                 .located_at = INSTANT_NONE,
                                                                                 .ended_at = INSTANT_NONE,
                                                                                 .external = event->external,
                                                                                 .state = CALL_STATE_OFFERED };
    struct call *call = call_at(core, event->call);
    note_change(entry, &call->revision, &call->last_change);
    timer_set(core, ALARM_KIND_RING_UNANSWERED, event->call.v, entry->entered_at,
              core->head->rules.limit_s[ALARM_KIND_RING_UNANSWERED]);
}

/* A seat speaks with the caller: it rang, or was called back. */
static enum refusal decide_answered(struct decision *decision, struct call_id id, uint32_t revision_seen, uint32_t seat,
                                    bool called_back)
{
    const struct call *call = core_call(decision->core, id);
    enum call_event what = called_back ? CALL_EVENT_CALL_BACK : CALL_EVENT_ANSWER;
    enum refusal refusal = check_call(decision, call, revision_seen, what);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    struct event_call_answered *event = EMIT(decision, CALL_ANSWERED, call_answered);
    event->call = id;
    event->seat = seat;
    event->occurred_at = decision->occurred_at;
    event->called_back = called_back;
    return REFUSED_NONE;
}

DECIDE(call_answer) { return decide_answered(decision, command->call, command->revision, command->seat, false); }

DECIDE(call_back) { return decide_answered(decision, command->call, command->revision, command->seat, true); }

APPLY(call_answered)
{
    struct call *call = progress(core, entry, event->call, event->called_back ? CALL_EVENT_CALL_BACK : CALL_EVENT_ANSWER);
    call->seat = event->seat;
    call->answered_at = event->occurred_at;
    timer_clear(core, SUBJECT_CALL, event->call.v);
}

DECIDE(call_abandon)
{
    const struct call *call = core_call(decision->core, command->call);
    enum refusal refusal = check_call(decision, call, 0, CALL_EVENT_ABANDON);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    struct event_call_abandoned *event = EMIT(decision, CALL_ABANDONED, call_abandoned);
    event->call = command->call;
    event->occurred_at = decision->occurred_at;
    return REFUSED_NONE;
}

APPLY(call_abandoned)
{
    struct call *call = progress(core, entry, event->call, CALL_EVENT_ABANDON);
    call->ended_at = event->occurred_at;
    timer_set(core, ALARM_KIND_CALL_BACK_DUE, event->call.v, entry->entered_at,
              core->head->rules.limit_s[ALARM_KIND_CALL_BACK_DUE]);
}

DECIDE(call_locate)
{
    const struct call *call = core_call(decision->core, command->call);
    enum refusal refusal = check_call(decision, call, command->revision, CALL_EVENT_LOCATE);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    if (!point_is_valid(command->point)) {
        return REFUSED_POINT_INVALID;
    }
    struct event_call_located *event = EMIT(decision, CALL_LOCATED, call_located);
    event->call = command->call;
    event->district = command->district;
    event->point = command->point;
    event->occurred_at = decision->occurred_at;
    return REFUSED_NONE;
}

APPLY(call_located)
{
    struct call *call = progress(core, entry, event->call, CALL_EVENT_LOCATE);
    call->point = event->point;
    call->district = event->district;
    call->located_at = event->occurred_at;
}

/* Room for an incident: the last part of the table is kept for critical ones. */
static bool incident_has_room(const struct core_head *head, enum priority priority)
{
    uint32_t reserved = head->limits.incidents * head->limits.reserved_percent / 100;
    uint32_t usable = priority == PRIORITY_CRITICAL ? head->limits.incidents : head->limits.incidents - reserved;
    return head->incidents_open < usable;
}

DECIDE(call_triage)
{
    const struct call *call = core_call(decision->core, command->call);
    enum refusal refusal = check_call(decision, call, command->revision, CALL_EVENT_TRIAGE);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    uint32_t id = core_next_incident(decision->core);
    if (id == 0 || !incident_has_room(decision->core->head, command->priority)) {
        return REFUSED_TABLE_FULL;
    }
    struct event_incident_opened *event = EMIT(decision, INCIDENT_OPENED, incident_opened);
    event->incident.v = id;
    event->call = command->call;
    event->needs = command->needs;
    event->district = call->district;
    event->point = call->point;
    event->offered_at = call->offered_at;
    event->triaged_at = decision->occurred_at;
    event->priority = command->priority;
    event->units_wanted = command->units_wanted;
    const struct proposal *proposal = &call->triage.proposal;
    event->by_person = !proposal->priority_known || proposal->priority != command->priority;
    const struct incident opened = { .id = id, .needs = command->needs, .priority = command->priority };
    decide_consider(decision, &opened, command->needs, command->priority, (struct unit_id){ 0 });
    return REFUSED_NONE;
}

/* The call's own part of incident_opened; the incident's part is in incident.c. */
void call_became_incident(struct core *core, const struct entry_head *entry, const struct event_incident_opened *event)
{
    struct call *call = progress(core, entry, event->call, CALL_EVENT_TRIAGE);
    call->incident = event->incident;
    call->ended_at = event->triaged_at;
    core->head->calls_open -= 1;
}

DECIDE(call_link)
{
    const struct call *call = core_call(decision->core, command->call);
    if (call == NULL) {
        return REFUSED_UNKNOWN_CALL;
    }
    const struct incident *incident = core_incident(decision->core, command->incident);
    if (incident == NULL) {
        return REFUSED_UNKNOWN_INCIDENT;
    }
    enum refusal refusal = check_call(decision, call, command->revision, CALL_EVENT_LINK);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    if (incident->state == INCIDENT_STATE_CLOSED) {
        return refused_after(decision, &incident->last_change, REFUSED_INCIDENT_CLOSED);
    }
    struct event_call_linked *event = EMIT(decision, CALL_LINKED, call_linked);
    event->call = command->call;
    event->incident = command->incident;
    decide_linked(decision, call, incident);
    return REFUSED_NONE;
}

APPLY(call_linked)
{
    struct call *call = progress(core, entry, event->call, CALL_EVENT_LINK);
    call->incident = event->incident;
    call->ended_at = entry->entered_at;
    core->head->calls_open -= 1;
    struct incident *incident = incident_at(core, event->incident);
    if ((call->triage.proposal.marks & ~incident->marks) != 0) {
        incident->marks |= call->triage.proposal.marks;
        note_change(entry, &incident->revision, &incident->last_change);
    }
}

DECIDE(call_close)
{
    const struct call *call = core_call(decision->core, command->call);
    enum refusal refusal = check_call(decision, call, command->revision, CALL_EVENT_CLOSE);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    struct event_call_closed *event = EMIT(decision, CALL_CLOSED, call_closed);
    event->call = command->call;
    event->outcome = command->outcome;
    return REFUSED_NONE;
}

APPLY(call_closed)
{
    struct call *call = progress(core, entry, event->call, CALL_EVENT_CLOSE);
    call->outcome = event->outcome;
    call->ended_at = entry->entered_at;
    core->head->calls_open -= 1;
    timer_clear(core, SUBJECT_CALL, event->call.v);
}
