/* A mission: one unit's work on one incident, stage by stage, and where the patient goes. About fifteen commands a call end here:
 * the busiest file of the core. */
#include <string.h>

#include "base/planted.h"
#include "core/entities.h"

/* Where to is still open: on scene, or on the way and able to turn. */
static bool is_at_scene(const struct mission *mission)
{
    return mission->state == MISSION_STATE_ON_SCENE || mission->state == MISSION_STATE_AT_PATIENT ||
           mission->state == MISSION_STATE_LEFT_SCENE;
}

/* The question for facilities is answered, or nobody needs the answer any more. */
static void close_question(struct mission *mission)
{
    mission->facility_asked = 0;
    mission->answer_awaited = 0;
}

/* ---- ending, for whatever reason ---- */

static void emit_bed(struct decision *decision, struct facility_id facility, uint8_t kind, enum bed_state from, enum bed_state to)
{
    struct event_bed_changed *event = EMIT(decision, BED_CHANGED, bed_changed);
    event->facility = facility;
    event->kind = kind;
    event->from = (uint8_t)from;
    event->to = (uint8_t)to;
}

void decide_mission_end(struct decision *decision, const struct mission *mission, enum mission_end_reason reason,
                        bool still_needed)
{
    for (int i = 0; mission->bed_reserved && i < 1 + PLANTED(BED_RELEASED_TWICE); i++) {
        emit_bed(decision, mission->facility, mission->bed_kind_reserved, BED_STATE_RESERVED, BED_STATE_AVAILABLE);
    }
    struct event_mission_ended *event = EMIT(decision, MISSION_ENDED, mission_ended);
    event->mission.v = mission->id;
    event->incident = mission->incident;
    event->unit = mission->unit;
    event->reason = (uint8_t)reason;
    event->still_needed = still_needed;
    event->occurred_at = decision->occurred_at;
    const struct unit *unit = core_unit(decision->core, mission->unit);
    if (unit->shift_ends && reason != MISSION_END_REASON_DIVERTED && reason != MISSION_END_REASON_BROKE_DOWN) {
        struct event_unit_changed *shift = EMIT(decision, UNIT_CHANGED, unit_changed);
        shift->unit = mission->unit;
        shift->what = UNIT_EVENT_END_SHIFT;
        shift->state = UNIT_STATE_OFF_DUTY;
        shift->occurred_at = decision->occurred_at;
    }
}

static void unlink_from_incident(struct core *core, struct incident *incident, const struct mission *mission)
{
    struct mission_id *link = &incident->first_mission;
    while (link->v != mission->id) {
        CHECK(link->v != 0);
        link = &mission_at(core, *link)->next_of_incident;
    }
    *link = mission->next_of_incident;
}

APPLY(mission_ended)
{
    struct mission *mission = mission_at(core, event->mission);
    timer_clear(core, SUBJECT_MISSION, event->mission.v);
    prealert_stop(core, mission);
    mission->expected_at = INSTANT_NONE;
    mission->state = MISSION_STATE_ENDED;
    mission->end_reason = event->reason;
    mission->bed_reserved = 0;
    close_question(mission);
    note_change(entry, &mission->revision, &mission->last_change);

    struct incident *incident = incident_at(core, event->incident);
    unlink_from_incident(core, incident, mission);
    mission->next_of_incident.v = 0;
    note_change(entry, &incident->revision, &incident->last_change);
    if (event->reason != MISSION_END_REASON_COMPLETED) {
        incident->units_assigned -= 1;
        incident->units_wanted = (uint16_t)(incident->units_wanted - !event->still_needed);
    }

    struct unit *unit = unit_at(core, event->unit);
    uint8_t state = unit_transition[unit->state][UNIT_EVENT_RELEASE];
    CHECK(state != TRANSITION_REFUSED && unit->mission.v == event->mission.v);
    unit->state = state;
    unit->mission.v = 0;
    unit->changed_at = event->occurred_at;
    if (event->reason == MISSION_END_REASON_COMPLETED) { /* the crew said so */
        unit_heard(core, event->unit, entry->entered_at);
    }
    note_change(entry, &unit->revision, &unit->last_change);
}

/* The incident is over when this was its last mission and nothing is missing. */
static void close_if_over(struct decision *decision, const struct incident *incident, const struct mission *ending,
                          const struct incident *afterwards)
{
    bool last = incident->first_mission.v == ending->id && ending->next_of_incident.v == 0;
    if (last && incident_missing(afterwards) <= 0) {
        struct event_incident_closed *event = EMIT(decision, INCIDENT_CLOSED, incident_closed);
        event->incident.v = incident->id;
        event->outcome = (uint8_t)incident_outcome_now(afterwards);
    }
}

void decide_one_unit_less(struct decision *decision, const struct incident *incident, const struct mission *ending)
{
    struct incident afterwards = *incident;
    afterwards.units_assigned -= 1;
    afterwards.units_wanted -= 1;
    close_if_over(decision, incident, ending, &afterwards);
}

static void decide_free_unit(struct decision *decision, const struct unit *unit)
{
    if (!unit->shift_ends && !decision->core->head->rules.returning_waits) {
        decide_next_waiting(decision, unit, NULL, 0);
    }
}

/* ---- reports ---- */

static void decide_completed(struct decision *decision, const struct mission *mission)
{
    const struct core *core = decision->core;
    const struct incident *incident = core_incident(core, mission->incident);
    decide_mission_end(decision, mission, MISSION_END_REASON_COMPLETED, false);
    close_if_over(decision, incident, mission, incident);
    decide_free_unit(decision, core_unit(core, mission->unit));
}

DECIDE(mission_report)
{
    const struct mission *mission = core_mission(decision->core, command->mission);
    if (mission == NULL) {
        return REFUSED_UNKNOWN_MISSION;
    }
    if (command->head.actor_kind == ACTOR_KIND_FACILITY && command->stage != MISSION_EVENT_HAND_OVER) {
        return REFUSED_WRONG_ACTOR;
    }
    if (command->stage == MISSION_EVENT_DIVERT || command->stage == MISSION_EVENT_CANCEL) {
        return REFUSED_NOT_A_REPORT;
    }
    uint8_t state = mission_transition[mission->state][command->stage];
    if (state == TRANSITION_REFUSED) {
        return refused_after(decision, &mission->last_change, REFUSED_TRANSITION);
    }
    if (command->stage == MISSION_EVENT_LEAVE_SCENE && mission->facility.v == 0) {
        return REFUSED_NO_DESTINATION;
    }
    if (command->stage == MISSION_EVENT_END) {
        decide_completed(decision, mission);
        return REFUSED_NONE;
    }
    struct event_mission_progressed *event = EMIT(decision, MISSION_PROGRESSED, mission_progressed);
    event->mission = command->mission;
    event->stage = command->stage;
    event->state = state;
    event->occurred_at = decision->occurred_at;
    if (command->stage == MISSION_EVENT_HAND_OVER && mission->bed_reserved) {
        emit_bed(decision, mission->facility, mission->bed_kind_reserved, BED_STATE_RESERVED, BED_STATE_OCCUPIED);
    }
    return REFUSED_NONE;
}

/* What a stage starts or stops waiting for. A question for facilities borrows the timer; after it the stage waits on as if nobody
 * had asked. */
static void set_stage_timer(struct core *core, const struct mission *mission)
{
    const uint32_t *limit_s = core->head->rules.limit_s;
    switch ((enum mission_state)mission->state) {
    case MISSION_STATE_NOTIFIED: return; /* still waits for the acknowledgement */
    case MISSION_STATE_ACKNOWLEDGED:
        timer_set(core, ALARM_KIND_DEPARTURE_LATE, mission->id, mission->assigned_at, limit_s[ALARM_KIND_DEPARTURE_LATE]);
        return;
    case MISSION_STATE_ON_SCENE:
    case MISSION_STATE_AT_PATIENT:
        timer_set(core, ALARM_KIND_SCENE_SILENT, mission->id, mission->silent_since, limit_s[ALARM_KIND_SCENE_SILENT]);
        return;
    default: timer_clear(core, SUBJECT_MISSION, mission->id);
    }
}

void mission_heard(struct core *core, struct mission *mission, struct instant now)
{
    if (is_at_scene(mission)) {
        mission->silent_since = now;
    }
    if (!mission->answer_awaited) {
        set_stage_timer(core, mission);
    }
    unit_heard(core, mission->unit, now);
}

/* On the way to the scene the estimate of the recommendation stands; from the scene on, that of the destination. */
static void expect_arrival(struct core *core, struct mission *mission, struct instant occurred_at)
{
    if (mission->state >= MISSION_STATE_ON_SCENE) {
        bool leaves = mission->state == MISSION_STATE_LEFT_SCENE;
        mission->expected_at = leaves ? arrival_after(occurred_at, mission->facility_eta) : INSTANT_NONE;
    }
    if (mission->state >= MISSION_STATE_AT_FACILITY) {
        prealert_stop(core, mission);
    }
}

APPLY(mission_progressed)
{
    struct mission *mission = mission_at(core, event->mission);
    CHECK(mission_transition[mission->state][event->stage] == event->state);
    bool was_before_scene = mission->state <= MISSION_STATE_DEPARTED;
    mission->state = event->state;
    expect_arrival(core, mission, event->occurred_at);
    note_change(entry, &mission->revision, &mission->last_change);
    if (event->stage == MISSION_EVENT_DEPART) {
        mission->departed_at = event->occurred_at;
    }
    if (was_before_scene && event->state >= MISSION_STATE_ON_SCENE) {
        mission->on_scene_at = event->occurred_at;
        incident_at(core, mission->incident)->arrived += 1;
    }
    if (event->stage == MISSION_EVENT_REACH_FACILITY) {
        mission->at_facility_at = event->occurred_at;
    }
    if (event->stage == MISSION_EVENT_HAND_OVER) {
        mission->handed_over_at = event->occurred_at;
        incident_at(core, mission->incident)->transported += 1;
        mission->bed_reserved = 0; /* the bed_changed event that follows makes it occupied */
    }
    if (!is_at_scene(mission)) {
        close_question(mission);
    }
    mission_heard(core, mission, entry->entered_at);
}

DECIDE(mission_cancel)
{
    const struct core *core = decision->core;
    const struct mission *mission = core_mission(core, command->mission);
    if (mission == NULL) {
        return REFUSED_UNKNOWN_MISSION;
    }
    if (mission_transition[mission->state][MISSION_EVENT_CANCEL] == TRANSITION_REFUSED) {
        return refused_after(decision, &mission->last_change, REFUSED_TRANSITION);
    }
    const struct incident *incident = core_incident(core, mission->incident);
    const struct unit *unit = core_unit(core, mission->unit);
    decide_mission_end(decision, mission, MISSION_END_REASON_CANCELLED, command->still_needed != 0);
    if (command->still_needed) {
        decide_consider(decision, incident, incident->needs, incident->priority, mission->unit);
    } else {
        decide_one_unit_less(decision, incident, mission);
    }
    decide_free_unit(decision, unit);
    return REFUSED_NONE;
}

/* ---- where to ---- */

DECIDE(transport_request)
{
    const struct mission *mission = core_mission(decision->core, command->mission);
    if (mission == NULL) {
        return REFUSED_UNKNOWN_MISSION;
    }
    if (!is_at_scene(mission)) {
        return REFUSED_NOT_AT_SCENE;
    }
    struct event_facility_asked *event = EMIT(decision, FACILITY_ASKED, facility_asked);
    event->mission = command->mission;
    event->needs = command->needs;
    event->bed_kind = command->bed_kind;
    event->tier_min = command->tier_min;
    return REFUSED_NONE;
}

/* The mission's timer is the question's until it is answered, if there is a limit. An alarm about the silence on scene is over,
 * for the crew has spoken: its silence counts from here. */
static void wait_for_answer(struct core *core, struct mission *mission, struct instant now)
{
    if (mission->timer.raised != 0 && !mission->answer_awaited) {
        mission->silent_since = now;
    }
    uint32_t limit_s = core->head->rules.limit_s[ALARM_KIND_FACILITY_TIMES_SILENT];
    mission->facility_asked = 1;
    mission->answer_awaited = limit_s > 0;
    if (mission->answer_awaited) {
        timer_set(core, ALARM_KIND_FACILITY_TIMES_SILENT, mission->id, now, limit_s);
    } else {
        set_stage_timer(core, mission);
    }
}

APPLY(facility_asked)
{
    struct mission *mission = mission_at(core, event->mission);
    mission->needs = event->needs;
    mission->bed_kind = event->bed_kind; /* a bed that is reserved stays so until the destination is set again */
    mission->tier_min = event->tier_min;
    mission->recommended_count = 0;
    mission->recommended_sequence = 0;
    wait_for_answer(core, mission, entry->entered_at);
    note_change(entry, &mission->revision, &mission->last_change);
    unit_heard(core, mission->unit, entry->entered_at);
}

DECIDE(facility_times)
{
    const struct core *core = decision->core;
    const struct mission *mission = core_mission(core, command->mission);
    if (mission == NULL) {
        return REFUSED_UNKNOWN_MISSION;
    }
    if (!mission->facility_asked || !is_at_scene(mission)) {
        return REFUSED_NOT_ASKED;
    }
    for (uint32_t i = 0; i < command->count; i++) {
        if (core_facility(core, command->items[i].facility) == NULL) {
            return REFUSED_UNKNOWN_FACILITY;
        }
    }
    struct facility_ranking ranking;
    decision->policy->rank_facilities(core, mission, command->items, command->count, decision->now, &ranking);
    CHECK(ranking.count <= RECOMMENDED_MAX);
    uint32_t list_size = ranking.count * (uint32_t)sizeof(struct facility_candidate);
    struct event_destination_recommended *event = decision_emit(decision, EVENT_DESTINATION_RECOMMENDED, sizeof *event,
                                                                list_size);
    event->mission = command->mission;
    event->estimated = command->estimated;
    event->excluded_shut = (uint16_t)ranking.excluded[FACILITY_EXCLUSION_SHUT];
    event->excluded_diverting = (uint16_t)ranking.excluded[FACILITY_EXCLUSION_DIVERTING];
    event->excluded_incapable = (uint16_t)ranking.excluded[FACILITY_EXCLUSION_INCAPABLE];
    event->excluded_below_tier = (uint16_t)ranking.excluded[FACILITY_EXCLUSION_BELOW_TIER];
    event->excluded_full = (uint16_t)ranking.excluded[FACILITY_EXCLUSION_FULL];
    event->excluded_no_way = (uint16_t)ranking.excluded[FACILITY_EXCLUSION_NO_WAY];
    event->count = ranking.count;
    memcpy(event->items, ranking.candidates, list_size);
    return REFUSED_NONE;
}

APPLY(destination_recommended)
{
    struct mission *mission = mission_at(core, event->mission);
    bool awaited = mission->answer_awaited;
    close_question(mission);
    if (awaited) {
        set_stage_timer(core, mission);
    }
    mission->recommended_count = event->count;
    mission->recommended_sequence = entry->sequence;
    for (uint32_t i = 0; i < event->count; i++) {
        mission->recommended[i] = event->items[i].facility;
        mission->recommended_eta[i] = event->items[i].eta;
    }
    note_change(entry, &mission->revision, &mission->last_change);
}

static uint32_t rank_of(const struct mission *mission, struct facility_id facility)
{
    for (uint32_t i = 0; i < mission->recommended_count; i++) {
        if (mission->recommended[i].v == facility.v) {
            return i + 1;
        }
    }
    return 0;
}

static bool can_reserve(const struct facility *facility, uint8_t kind)
{
    return !instant_is_none(facility->counted_at[kind]) && facility->beds[kind][BED_STATE_AVAILABLE] > 0;
}

DECIDE(destination_set)
{
    const struct core *core = decision->core;
    const struct mission *mission = core_mission(core, command->mission);
    if (mission == NULL) {
        return REFUSED_UNKNOWN_MISSION;
    }
    const struct facility *facility = core_facility(core, command->facility);
    if (facility == NULL) {
        return REFUSED_UNKNOWN_FACILITY;
    }
    if (!is_at_scene(mission)) {
        return REFUSED_NOT_AT_SCENE;
    }
    if (facility->state == FACILITY_STATE_SHUT) {
        return REFUSED_FACILITY_SHUT;
    }
    uint32_t rank = rank_of(mission, command->facility);
    if (mission->recommended_count > 0 && rank != 1 && command->override == OVERRIDE_REASON_NONE) {
        return REFUSED_OVERRIDE_NEEDS_REASON;
    }
    bool keeps_bed = mission->bed_reserved && mission->facility.v == command->facility.v &&
                     mission->bed_kind_reserved == mission->bed_kind;
    if (mission->bed_reserved && !keeps_bed) {
        emit_bed(decision, mission->facility, mission->bed_kind_reserved, BED_STATE_RESERVED, BED_STATE_AVAILABLE);
    }
    bool reserves = !keeps_bed && can_reserve(facility, mission->bed_kind);
    if (reserves) {
        emit_bed(decision, command->facility, mission->bed_kind, BED_STATE_AVAILABLE, BED_STATE_RESERVED);
    }
    struct event_destination_chosen *event = EMIT(decision, DESTINATION_CHOSEN, destination_chosen);
    event->mission = command->mission;
    event->facility = command->facility;
    event->before = mission->facility;
    event->rank = rank;
    event->bed_kind = mission->bed_kind;
    event->bed_reserved = reserves || keeps_bed;
    event->override = command->override;
    return REFUSED_NONE;
}

APPLY(destination_chosen)
{
    struct mission *mission = mission_at(core, event->mission);
    bool other = mission->facility.v != event->facility.v;
    mission->facility = event->facility;
    mission->bed_reserved = event->bed_reserved;
    mission->bed_kind_reserved = event->bed_kind;
    if (event->rank != 0 || other) {
        mission->facility_eta = event->rank != 0 ? mission->recommended_eta[event->rank - 1] : DURATION_UNREACHABLE;
        expect_arrival(core, mission, entry->entered_at);
    }
    if (other) {
        prealert_begin(core, mission, entry->entered_at);
    }
    note_change(entry, &mission->revision, &mission->last_change);
}
