/* An incident: who could go, who should, who does, who waits. The heart of the centre.
 *
 * An incident that misses a unit is always in one of three states: asking (for travel times), recommended (a dispatcher decides)
 * or queued (nobody can go). Whatever makes a unit free looks at the queue; whatever makes an incident miss a unit asks anew. */
#include <string.h>

#include "core/entities.h"

static struct incident *progress(struct core *core, const struct entry_head *entry, struct incident_id id,
                                 enum incident_event event)
{
    struct incident *incident = incident_at(core, id);
    uint8_t state = incident_transition[incident->state][event];
    CHECK(state != TRANSITION_REFUSED);
    if (incident->state == INCIDENT_STATE_QUEUED) {
        queue_remove(core, incident);
        incident->queued_since = INSTANT_NONE;
    }
    timer_clear(core, SUBJECT_INCIDENT, id.v);
    incident->state = state;
    note_change(entry, &incident->revision, &incident->last_change);
    return incident;
}

enum incident_outcome incident_outcome_now(const struct incident *incident)
{
    if (incident->transported > 0) {
        return INCIDENT_OUTCOME_TRANSPORTED;
    }
    if (incident->arrived > 0) {
        return INCIDENT_OUTCOME_TREATED;
    }
    return incident->units_short > 0 ? INCIDENT_OUTCOME_SHORTFALL : INCIDENT_OUTCOME_CANCELLED;
}

/* The checks that commands about an open incident share, in their order of precedence. */
static enum refusal check_open(struct decision *decision, const struct incident *incident, uint32_t revision_seen)
{
    if (incident == NULL) {
        return REFUSED_UNKNOWN_INCIDENT;
    }
    if (revision_is_stale(decision, STALE_INCIDENT, revision_seen, incident->revision, &incident->last_change)) {
        return REFUSED_STALE_REVISION;
    }
    return incident->state == INCIDENT_STATE_CLOSED ? refused_after(decision, &incident->last_change, REFUSED_INCIDENT_CLOSED)
                                                    : REFUSED_NONE;
}

/* What is missing when nobody can go: no unit on duty that would do, or only that all of them are at work. */
static enum shortfall_reason missing_reason(const struct core *core, uint32_t needs)
{
    for (uint32_t id = 1; id <= core->head->unit_count; id++) {
        const struct unit *unit = &core->units[id];
        bool on_duty = unit->state != UNIT_STATE_OFF_DUTY && unit->state != UNIT_STATE_OUT_OF_SERVICE;
        if (on_duty && need_unmet(needs, unit->skills) == 0) {
            return SHORTFALL_REASON_NO_UNIT_FREE;
        }
    }
    return SHORTFALL_REASON_NO_UNIT_FIT;
}

static bool someone_could_go(const struct core *core, const struct incident *incident, struct unit_id except)
{
    for (uint32_t id = 1; id <= core->head->unit_count; id++) {
        if (id != except.v && core_unit_exclusion(core, incident, &core->units[id]) == EXCLUSION_COUNT) {
            return true;
        }
    }
    return false;
}

static void emit_queued(struct decision *decision, uint32_t incident, enum shortfall_reason reason)
{
    struct event_incident_queued *event = EMIT(decision, INCIDENT_QUEUED, incident_queued);
    event->incident.v = incident;
    event->reason = (uint8_t)reason;
}

static void emit_asked(struct decision *decision, uint32_t incident, struct unit_id only)
{
    struct event_travel_asked *event = EMIT(decision, TRAVEL_ASKED, travel_asked);
    event->incident.v = incident;
    event->unit = only;
}

void decide_consider(struct decision *decision, const struct incident *incident, uint32_t needs, enum priority priority,
                     struct unit_id except)
{
    struct incident as_it_will_be = *incident;
    as_it_will_be.needs = needs;
    as_it_will_be.priority = (uint8_t)priority;
    if (someone_could_go(decision->core, &as_it_will_be, except)) {
        emit_asked(decision, incident->id, (struct unit_id){ 0 });
    } else if (incident->state != INCIDENT_STATE_QUEUED) {
        emit_queued(decision, incident->id, missing_reason(decision->core, needs));
    }
}

static bool is_claimed(struct incident_id id, const struct incident_id *claimed, uint32_t claimed_count)
{
    for (uint32_t i = 0; i < claimed_count; i++) {
        if (claimed[i].v == id.v) {
            return true;
        }
    }
    return false;
}

struct incident_id decide_next_waiting(struct decision *decision, const struct unit *unit, const struct incident_id *claimed,
                                       uint32_t claimed_count)
{
    const struct core *core = decision->core;
    for (struct incident_id id = queue_first(core); id.v != 0; id = queue_after(core, id)) {
        const struct incident *incident = core_incident(core, id);
        if (need_unmet(incident->needs, unit->skills) == 0 && !is_claimed(id, claimed, claimed_count)) {
            bool head_takes_it = core->head->rules.queue_rule == 0;
            emit_asked(decision, id.v, head_takes_it ? (struct unit_id){ unit->id } : (struct unit_id){ 0 });
            return id;
        }
    }
    return (struct incident_id){ 0 };
}

/* ---- from the first call ---- */

APPLY(incident_opened)
{
    call_became_incident(core, entry, event);
    core->head->next_incident = event->incident.v + 1;
    core->head->incidents_open += 1;
    core->incidents[event->incident.v & (core->head->limits.incidents - 1)] = (struct incident){
        .id = event->incident.v,
        .timer.due = INSTANT_NEVER,
        .call = event->call,
        .needs = event->needs,
        .marks = call_at(core, event->call)->triage.proposal.marks,
        .district = event->district,
        .point = event->point,
        .offered_at = event->offered_at,
        .opened_at = entry->entered_at,
        .queued_since = INSTANT_NONE,
        .units_wanted = event->units_wanted,
        .state = INCIDENT_STATE_ASKING,
        .priority = event->priority,
        .is_set_by_person = event->by_person,
        .priority_by_person = event->by_person ? event->priority : 0,
    };
    struct incident *incident = incident_at(core, event->incident);
    note_change(entry, &incident->revision, &incident->last_change);
}

/* ---- asking and recommending ---- */

APPLY(travel_asked)
{
    struct incident *incident = progress(core, entry, event->incident, INCIDENT_EVENT_ASK);
    incident->asked_unit = event->unit;
    incident->recommended_count = 0;
    incident->recommended_sequence = 0;
    timer_set(core, ALARM_KIND_TRAVEL_TIMES_SILENT, incident->id, entry->entered_at,
              core->head->rules.limit_s[ALARM_KIND_TRAVEL_TIMES_SILENT]);
}

static void emit_recommended(struct decision *decision, const struct command_travel_times *command,
                             const struct unit_ranking *ranking)
{
    uint32_t list_size = ranking->count * (uint32_t)sizeof(struct candidate);
    struct event_units_recommended *event = decision_emit(decision, EVENT_UNITS_RECOMMENDED, sizeof *event, list_size);
    event->incident = command->incident;
    event->asked = command->count;
    event->fit = ranking->fit;
    event->estimated = command->estimated;
    event->excluded_off_duty = (uint16_t)ranking->excluded[EXCLUSION_OFF_DUTY];
    event->excluded_out_of_service = (uint16_t)ranking->excluded[EXCLUSION_OUT_OF_SERVICE];
    event->excluded_committed = (uint16_t)ranking->excluded[EXCLUSION_COMMITTED];
    event->excluded_unfit = (uint16_t)ranking->excluded[EXCLUSION_UNFIT];
    event->excluded_no_way = (uint16_t)ranking->excluded[EXCLUSION_NO_WAY];
    event->excluded_unasked = (uint16_t)ranking->excluded[EXCLUSION_UNASKED];
    event->count = ranking->count;
    memcpy(event->items, ranking->candidates, list_size);
}

DECIDE(travel_times)
{
    const struct core *core = decision->core;
    const struct incident *incident = core_incident(core, command->incident);
    if (incident == NULL) {
        return REFUSED_UNKNOWN_INCIDENT;
    }
    if (incident->state != INCIDENT_STATE_ASKING) {
        return REFUSED_NOT_ASKED;
    }
    for (uint32_t i = 0; i < command->count; i++) {
        if (core_unit(core, command->items[i].unit) == NULL) {
            return REFUSED_UNKNOWN_UNIT;
        }
    }
    struct unit_ranking ranking;
    decision->policy->rank_units(core, incident, command->items, command->count, decision->now, &ranking);
    CHECK(ranking.count <= RECOMMENDED_MAX && ranking.count <= ranking.fit);
    if (ranking.fit > 0) {
        emit_recommended(decision, command, &ranking);
    } else if (ranking.excluded[EXCLUSION_UNASKED] > 0 && command->count > 0) {
        emit_asked(decision, incident->id, (struct unit_id){ 0 }); /* someone became free after the question */
    } else {
        bool no_way = ranking.excluded[EXCLUSION_NO_WAY] > 0;
        emit_queued(decision, incident->id, no_way ? SHORTFALL_REASON_NO_WAY : missing_reason(core, incident->needs));
    }
    return REFUSED_NONE;
}

APPLY(units_recommended)
{
    struct incident *incident = progress(core, entry, event->incident, INCIDENT_EVENT_RECOMMEND);
    incident->recommended_count = event->count;
    incident->recommended_sequence = entry->sequence;
    for (uint32_t i = 0; i < event->count; i++) {
        incident->recommended[i] = event->items[i].unit;
        incident->recommended_eta[i] = event->items[i].eta;
    }
    timer_set(core, ALARM_KIND_RECOMMENDATION_UNDECIDED, incident->id, entry->entered_at,
              core->head->rules.limit_s[ALARM_KIND_RECOMMENDATION_UNDECIDED]);
}

/* The clock runs from when it was queued, whatever its priority was then; the priority of now tells the target. */
static void wait_in_queue(struct core *core, const struct incident *incident)
{
    int64_t target_s = core->head->rules.response_target[incident->priority].us / US_PER_SECOND;
    timer_set(core, ALARM_KIND_QUEUE_OVERDUE, incident->id, incident->queued_since, (uint32_t)target_s);
}

APPLY(incident_queued)
{
    struct incident *incident = progress(core, entry, event->incident, INCIDENT_EVENT_QUEUE);
    incident->recommended_count = 0;
    incident->recommended_sequence = 0;
    incident->queued_since = entry->entered_at;
    incident->queue_reason = event->reason;
    incident->was_queued = 1;
    queue_insert(core, incident);
    wait_in_queue(core, incident);
}

DECIDE(incident_reconsider)
{
    const struct incident *incident = core_incident(decision->core, command->incident);
    enum refusal refusal = check_open(decision, incident, command->revision);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    if (incident_missing(incident) <= 0) {
        return refused_after(decision, &incident->last_change, REFUSED_ENOUGH_UNITS);
    }
    decide_consider(decision, incident, incident->needs, incident->priority, (struct unit_id){ 0 });
    return REFUSED_NONE;
}

/* ---- sending ---- */

/* Place of the unit in the standing recommendation, from 1; 0 if it is not in it. */
static uint32_t rank_of(const struct incident *incident, struct unit_id unit)
{
    for (uint32_t i = 0; i < incident->recommended_count; i++) {
        if (incident->recommended[i].v == unit.v) {
            return i + 1;
        }
    }
    return 0;
}

/* Whether the unit is among the best of the recommendation, as many as are missing. Those that have been sent elsewhere since do
 * not count: nobody has to explain why he takes the next. */
static bool is_among_first(const struct core *core, const struct incident *incident, struct unit_id unit)
{
    int better = 0;
    for (uint32_t i = 0; i < incident->recommended_count; i++) {
        if (incident->recommended[i].v == unit.v) {
            return better < incident_missing(incident);
        }
        const struct unit *other = core_unit(core, incident->recommended[i]);
        better += core_unit_exclusion(core, incident, other) == EXCLUSION_COUNT;
    }
    return incident->recommended_count == 0;
}

/* The order that keeps the unit busy, or else what made it what it is. */
static const struct change *who_has(const struct core *core, const struct unit *unit)
{
    return unit->mission.v != 0 ? &core_mission(core, unit->mission)->ordered : &unit->last_change;
}

static enum refusal check_assignment(struct decision *decision, const struct command_unit_assign *command,
                                     const struct incident *incident, const struct unit *unit)
{
    if (incident == NULL) {
        return REFUSED_UNKNOWN_INCIDENT;
    }
    if (unit == NULL) {
        return REFUSED_UNKNOWN_UNIT;
    }
    if (revision_is_stale(decision, STALE_INCIDENT, command->incident_revision, incident->revision, &incident->last_change) ||
        revision_is_stale(decision, STALE_UNIT, command->unit_revision, unit->revision, &unit->last_change)) {
        return REFUSED_STALE_REVISION;
    }
    if (incident->state == INCIDENT_STATE_CLOSED) {
        return refused_after(decision, &incident->last_change, REFUSED_INCIDENT_CLOSED);
    }
    const struct core *core = decision->core;
    enum exclusion exclusion = core_unit_exclusion(core, incident, unit);
    if (exclusion == EXCLUSION_COMMITTED && core_unit_heading_to(core, unit) != NULL) {
        return refused_after(decision, who_has(core, unit), REFUSED_DIVERT_NOT_ALLOWED);
    }
    if (exclusion != EXCLUSION_COUNT && exclusion != EXCLUSION_UNFIT) {
        return refused_after(decision, who_has(core, unit), REFUSED_UNIT_NOT_AVAILABLE);
    }
    if (incident_missing(incident) <= 0) {
        return refused_after(decision, &incident->last_change, REFUSED_ENOUGH_UNITS);
    }
    /* The dispatcher may know better, about fitness too, but says why. */
    bool as_advised = exclusion == EXCLUSION_COUNT && is_among_first(core, incident, command->unit);
    return as_advised || command->override != OVERRIDE_REASON_NONE ? REFUSED_NONE : REFUSED_OVERRIDE_NEEDS_REASON;
}

static bool another_recommended_is_free(const struct core *core, const struct incident *incident, struct unit_id except)
{
    for (uint32_t i = 0; i < incident->recommended_count; i++) {
        struct unit_id id = incident->recommended[i];
        if (id.v != except.v && core_unit_exclusion(core, incident, core_unit(core, id)) == EXCLUSION_COUNT) {
            return true;
        }
    }
    return false;
}

DECIDE(unit_assign)
{
    const struct core *core = decision->core;
    const struct incident *incident = core_incident(core, command->incident);
    const struct unit *unit = core_unit(core, command->unit);
    enum refusal refusal = check_assignment(decision, command, incident, unit);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    const struct incident *left_behind = core_unit_heading_to(core, unit);
    if (left_behind != NULL) {
        decide_mission_end(decision, core_mission(core, unit->mission), MISSION_END_REASON_DIVERTED, true);
    }
    struct event_unit_assigned *event = EMIT(decision, UNIT_ASSIGNED, unit_assigned);
    event->mission.v = core_next_mission(core);
    CHECK(event->mission.v != 0);
    event->incident = command->incident;
    event->unit = command->unit;
    event->rank = rank_of(incident, command->unit);
    event->override = command->override;
    event->unit_was = unit->state;
    if (incident_missing(incident) > 1 && !another_recommended_is_free(core, incident, command->unit)) {
        decide_consider(decision, incident, incident->needs, incident->priority, command->unit);
    }
    /* The more urgent one has its unit; now the one left behind is considered again, at the same instant. */
    if (left_behind != NULL) {
        decide_consider(decision, left_behind, left_behind->needs, left_behind->priority, command->unit);
    }
    return REFUSED_NONE;
}

static void forget_recommended(struct incident *incident, struct unit_id unit)
{
    uint32_t rank = rank_of(incident, unit);
    if (rank != 0) {
        incident->recommended_count -= 1;
        memmove(&incident->recommended[rank - 1], &incident->recommended[rank],
                (incident->recommended_count - (rank - 1)) * sizeof incident->recommended[0]);
        memmove(&incident->recommended_eta[rank - 1], &incident->recommended_eta[rank],
                (incident->recommended_count - (rank - 1)) * sizeof incident->recommended_eta[0]);
    }
}

/* The estimate was made when the unit was recommended; it holds from the order on, for a unit that waits sets off only then. */
static struct instant expected_at(const struct core *core, const struct entry_head *entry,
                                  const struct event_unit_assigned *event)
{
    const struct incident *incident = core_incident(core, event->incident);
    return event->rank == 0 ? INSTANT_NONE : arrival_after(entry->entered_at, incident->recommended_eta[event->rank - 1]);
}

static void start_mission(struct core *core, const struct entry_head *entry, const struct event_unit_assigned *event,
                          struct mission_id next_of_incident)
{
    core->head->next_mission = event->mission.v + 1;
    core->missions[event->mission.v & core->mission_mask] = (struct mission){ .id = event->mission.v,
                                                                              .timer.due = INSTANT_NEVER,
                                                                              .prealert_timer.due = INSTANT_NEVER,
                                                                              .incident = event->incident,
                                                                              .unit = event->unit,
                                                                              .next_of_incident = next_of_incident,
                                                                              .assigned_at = entry->entered_at,
                                                                              .departed_at = INSTANT_NONE,
                                                                              .on_scene_at = INSTANT_NONE,
                                                                              .at_facility_at = INSTANT_NONE,
                                                                              .handed_over_at = INSTANT_NONE,
                                                                              .silent_since = INSTANT_NONE,
                                                                              .expected_at = expected_at(core, entry, event),
                                                                              .facility_eta = DURATION_UNREACHABLE,
                                                                              .prealert_at = INSTANT_NONE,
                                                                              .prealert_acknowledged_at = INSTANT_NONE,
                                                                              .patient.described_at = INSTANT_NONE,
                                                                              .state = MISSION_STATE_ASSIGNED };
    struct mission *mission = mission_at(core, event->mission);
    note_change(entry, &mission->revision, &mission->last_change);
    mission->ordered = mission->last_change;
    timer_set(core, ALARM_KIND_ORDER_UNACKNOWLEDGED, event->mission.v, entry->entered_at,
              core->head->rules.limit_s[ALARM_KIND_ORDER_UNACKNOWLEDGED]);
}

APPLY(unit_assigned)
{
    struct incident *incident = incident_at(core, event->incident);
    start_mission(core, entry, event, incident->first_mission);
    forget_recommended(incident, event->unit);
    incident->first_mission = event->mission;
    incident->units_assigned += 1;
    if (incident_missing(incident) == 0) {
        progress(core, entry, event->incident, INCIDENT_EVENT_SERVE);
    } else {
        note_change(entry, &incident->revision, &incident->last_change);
    }
    struct unit *unit = unit_at(core, event->unit);
    uint8_t state = unit_transition[unit->state][UNIT_EVENT_ASSIGN];
    CHECK(state != TRANSITION_REFUSED && unit->mission.v == 0);
    unit->state = state;
    unit->mission = event->mission;
    unit->changed_at = entry->entered_at;
    note_change(entry, &unit->revision, &unit->last_change);
}

/* ---- what may change while it is open ---- */

DECIDE(incident_prioritise)
{
    const struct incident *incident = core_incident(decision->core, command->incident);
    enum refusal refusal = check_open(decision, incident, command->revision);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    struct event_incident_prioritised *event = EMIT(decision, INCIDENT_PRIORITISED, incident_prioritised);
    event->incident = command->incident;
    event->before = incident->priority;
    event->after = command->priority;
    event->by_person = 1;
    /* More urgent now: a unit on its way elsewhere may have come within reach. */
    if (command->priority < incident->priority && incident->state == INCIDENT_STATE_QUEUED) {
        decide_consider(decision, incident, incident->needs, command->priority, (struct unit_id){ 0 });
    }
    return REFUSED_NONE;
}

APPLY(incident_prioritised)
{
    struct incident *incident = incident_at(core, event->incident);
    bool queued = incident->state == INCIDENT_STATE_QUEUED;
    if (queued) {
        queue_remove(core, incident);
    }
    incident->priority = event->after;
    if (event->by_person) {
        incident->is_set_by_person = 1;
        incident->priority_by_person = event->after;
    }
    note_change(entry, &incident->revision, &incident->last_change);
    if (queued) {
        queue_insert(core, incident);
    }
    if (queued && incident->timer.raised == 0) {
        wait_in_queue(core, incident);
    }
}

DECIDE(units_request)
{
    const struct incident *incident = core_incident(decision->core, command->incident);
    if (incident == NULL) {
        return REFUSED_UNKNOWN_INCIDENT;
    }
    if (incident->state == INCIDENT_STATE_CLOSED) {
        return refused_after(decision, &incident->last_change, REFUSED_INCIDENT_CLOSED);
    }
    if (incident->units_wanted + command->more > UNITS_WANTED_MAX) {
        return REFUSED_TOO_MANY_UNITS;
    }
    struct event_units_requested *event = EMIT(decision, UNITS_REQUESTED, units_requested);
    event->incident = command->incident;
    event->needs = incident->needs | command->needs;
    event->more = command->more;
    decide_consider(decision, incident, event->needs, incident->priority, (struct unit_id){ 0 });
    return REFUSED_NONE;
}

APPLY(units_requested)
{
    struct incident *incident = incident_at(core, event->incident);
    incident->units_wanted = (uint16_t)(incident->units_wanted + event->more);
    incident->needs = event->needs;
    note_change(entry, &incident->revision, &incident->last_change);
}

static void emit_closed(struct decision *decision, uint32_t incident, enum incident_outcome outcome)
{
    struct event_incident_closed *event = EMIT(decision, INCIDENT_CLOSED, incident_closed);
    event->incident.v = incident;
    event->outcome = (uint8_t)outcome;
}

DECIDE(incident_shortfall)
{
    const struct incident *incident = core_incident(decision->core, command->incident);
    enum refusal refusal = check_open(decision, incident, command->revision);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    int missing = incident_missing(incident);
    if (missing <= 0) {
        return REFUSED_NOTHING_MISSING;
    }
    struct event_shortfall_recorded *event = EMIT(decision, SHORTFALL_RECORDED, shortfall_recorded);
    event->incident = command->incident;
    event->units = (uint8_t)missing;
    event->reason = command->reason;
    if (incident->first_mission.v == 0) {
        struct incident afterwards = *incident;
        afterwards.units_short = (uint16_t)(afterwards.units_short + missing);
        emit_closed(decision, incident->id, incident_outcome_now(&afterwards));
    }
    return REFUSED_NONE;
}

APPLY(shortfall_recorded)
{
    struct incident *incident = progress(core, entry, event->incident, INCIDENT_EVENT_SERVE);
    incident->units_short = (uint16_t)(incident->units_short + event->units);
    incident->recommended_count = 0;
}

DECIDE(incident_cancel)
{
    const struct core *core = decision->core;
    const struct incident *incident = core_incident(core, command->incident);
    enum refusal refusal = check_open(decision, incident, command->revision);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    struct incident_id claimed[INCIDENT_MISSIONS_MAX + 1] = { { incident->id } };
    uint32_t claimed_count = 1;
    bool all_ended = true;
    for (struct mission_id id = incident->first_mission; id.v != 0; id = core_mission(core, id)->next_of_incident) {
        const struct mission *mission = core_mission(core, id);
        if (mission_transition[mission->state][MISSION_EVENT_CANCEL] == TRANSITION_REFUSED) {
            all_ended = false; /* handed over already: it ends by itself, and closes the incident then */
            continue;
        }
        decide_mission_end(decision, mission, MISSION_END_REASON_CANCELLED, false);
        const struct unit *unit = core_unit(core, mission->unit);
        if (!unit->shift_ends && !core->head->rules.returning_waits) {
            claimed[claimed_count] = decide_next_waiting(decision, unit, claimed, claimed_count);
            claimed_count += claimed[claimed_count].v != 0;
        }
    }
    int missing = incident_missing(incident);
    if (!all_ended && missing > 0) {
        struct event_shortfall_recorded *event = EMIT(decision, SHORTFALL_RECORDED, shortfall_recorded);
        event->incident = command->incident;
        event->units = (uint8_t)missing;
        event->reason = SHORTFALL_REASON_CALLER_LEFT;
    }
    if (all_ended) {
        emit_closed(decision, incident->id, incident->arrived > 0 ? incident_outcome_now(incident) : INCIDENT_OUTCOME_CANCELLED);
    }
    return REFUSED_NONE;
}

APPLY(incident_closed)
{
    struct incident *incident = progress(core, entry, event->incident, INCIDENT_EVENT_CLOSE);
    CHECK(incident->first_mission.v == 0);
    incident->outcome = event->outcome;
    incident->recommended_count = 0;
    core->head->incidents_open -= 1;
}
