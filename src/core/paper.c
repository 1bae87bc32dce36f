/* Cases that were worked on paper while the server was gone, entered afterwards. Such a case is over: it is a closed call, a
 * closed incident and ended missions from the start. No timer, no question, no order, no alarm comes of it, and no unit, queue or
 * bed is touched, whatever they are doing now. Some hundred after an outage, one command each. */
#include "core/entities.h"

enum { FORM_MODULUS = 97, STAGES = 11 };

/* ---- checks ---- */

/* ISO 7064, MOD 97-10, as the forms are numbered (host/paper_number.h). */
static bool form_is_valid(int64_t form) { return form % FORM_MODULUS == 1; }

static const struct entered_form *find_form(const struct core *core, int64_t form)
{
    uint32_t kept = core->head->form_count < core->head->limits.calls ? core->head->form_count : core->head->limits.calls;
    for (uint32_t i = 0; i < kept; i++) {
        if (core->forms[i].form == form) {
            return &core->forms[i];
        }
    }
    return NULL;
}

static bool result_fits(const struct command_paper_enter *command)
{
    bool has_place = command->place.lon_e7 != 0 || command->place.lat_e7 != 0;
    bool has_seat_times = !instant_is_none(command->answered_at) || !instant_is_none(command->triaged_at);
    bool is_incident = command->result == PAPER_RESULT_INCIDENT;
    bool wants = command->units_wanted > 0 && command->units_short <= command->units_wanted && has_place;
    bool needs_nobody = command->units_wanted == 0 && command->units_short == 0 && command->count == 0;
    return command->count <= PAPER_MISSIONS_MAX && (is_incident ? wants : needs_nobody) &&
           (command->result == PAPER_RESULT_LINKED) == (command->linked_to.v != 0) &&
           (command->result != PAPER_RESULT_HUNG_UP || !has_seat_times);
}

static void stages_of(const struct paper_mission *mission, struct instant stages[STAGES])
{
    const struct instant at[STAGES] = { mission->assigned_at,   mission->notified_at,    mission->acknowledged_at,
                                        mission->departed_at,   mission->on_scene_at,    mission->at_patient_at,
                                        mission->left_scene_at, mission->at_facility_at, mission->handed_over_at,
                                        mission->available_at,  mission->back_at_post_at };
    for (int i = 0; i < STAGES; i++) {
        stages[i] = at[i];
    }
}

/* Each is known or not; those that are known follow one another, from the first on, up to now. */
static enum refusal check_order(struct instant from, const struct instant *times, uint32_t count, struct instant now)
{
    enum refusal refusal = REFUSED_NONE;
    for (uint32_t i = 0; i < count; i++) {
        if (instant_is_none(times[i])) {
            continue;
        }
        if (instant_before(now, times[i])) {
            return REFUSED_OCCURRED_IN_FUTURE;
        }
        refusal = instant_before(times[i], from) ? REFUSED_TIMES_OUT_OF_ORDER : refusal;
        from = times[i];
    }
    return refusal;
}

static enum refusal check_outage(const struct decision *decision, const struct command_paper_enter *command)
{
    struct instant begin = command->outage_begun_at, end = command->outage_ended_at;
    struct instant earliest = instant_add(decision->now, duration_seconds(-PAST_TOLERANCE_S));
    if (instant_is_none(begin) || instant_is_none(end) || instant_before(begin, earliest) || instant_before(decision->now, end) ||
        !instant_before(begin, end) || instant_since(end, begin).us > OUTAGE_DAYS_MAX * US_PER_DAY) {
        return REFUSED_OUTSIDE_OUTAGE;
    }
    bool within = !instant_before(decision->occurred_at, begin) && instant_before(decision->occurred_at, end);
    return within ? REFUSED_NONE : REFUSED_OUTSIDE_OUTAGE;
}

/* What lies in the future is told first, wherever it stands on the form. */
static enum refusal check_times(const struct decision *decision, const struct command_paper_enter *command)
{
    const struct instant seat[] = { command->answered_at, command->triaged_at };
    const struct instant arrest[] = { command->answered_at, command->recognised_at };
    const struct instant chest[] = { command->answered_at, command->compressions_at };
    struct instant from = decision->occurred_at;
    enum refusal found = REFUSED_NONE;
    const enum refusal of_call[] = { check_order(from, seat, 2, decision->now), check_order(from, arrest, 2, decision->now),
                                     check_order(from, chest, 2, decision->now),
                                     check_order(from, &command->located_at, 1, decision->now) };
    for (uint32_t i = 0; i < command->count + ARRAY_LENGTH(of_call); i++) {
        enum refusal refusal = i < ARRAY_LENGTH(of_call) ? of_call[i] : REFUSED_NONE;
        if (i >= ARRAY_LENGTH(of_call)) {
            struct instant stages[STAGES];
            stages_of(&command->items[i - ARRAY_LENGTH(of_call)], stages);
            refusal = check_order(from, stages, STAGES, decision->now);
        }
        if (refusal == REFUSED_OCCURRED_IN_FUTURE) {
            return refusal;
        }
        found = refusal != REFUSED_NONE ? refusal : found;
    }
    return found;
}

/* ---- who was where ---- */

struct span {
    struct instant from, to; /* INSTANT_NEVER: not over */
};

/* As far as it is known; INSTANT_NONE where nothing is. */
static struct span span_of_paper(const struct paper_mission *mission)
{
    struct instant stages[STAGES];
    struct span span = { INSTANT_NONE, INSTANT_NONE };
    stages_of(mission, stages);
    for (int i = 0; i < STAGES - 1; i++) { /* on the way back the unit may be sent on */
        span.from = instant_is_none(span.from) ? stages[i] : span.from;
        span.to = instant_max(span.to, stages[i]);
    }
    return span;
}

static struct span span_of_mission(const struct mission *mission)
{
    if (mission->state != MISSION_STATE_ENDED) {
        return (struct span){ mission->assigned_at, INSTANT_NEVER };
    }
    struct instant last = instant_max(mission->assigned_at, mission->departed_at);
    last = instant_max(instant_max(last, mission->on_scene_at), instant_max(mission->at_facility_at, mission->handed_over_at));
    return (struct span){ mission->assigned_at, last };
}

static bool overlap(struct span a, struct span b)
{
    return !instant_is_none(a.from) && !instant_is_none(b.from) && instant_before(a.from, b.to) && instant_before(b.from, a.to);
}

/* Against the missions that the state still holds, and those of the same form. A mistyped unit shows here. */
static bool unit_was_elsewhere(const struct core *core, const struct command_paper_enter *command, uint32_t which)
{
    struct unit_id unit = command->items[which].unit;
    struct span span = span_of_paper(&command->items[which]);
    for (uint32_t i = 0; i < which; i++) {
        if (command->items[i].unit.v == unit.v && overlap(span, span_of_paper(&command->items[i]))) {
            return true;
        }
    }
    for (uint32_t slot = 0; slot <= core->mission_mask; slot++) {
        const struct mission *mission = &core->missions[slot];
        if (mission->id != 0 && mission->unit.v == unit.v && overlap(span, span_of_mission(mission))) {
            return true;
        }
    }
    return false;
}

/* In the order of the refusals: all units, all facilities, then who was where. */
static enum refusal check_missions(const struct core *core, const struct command_paper_enter *command)
{
    for (uint32_t i = 0; i < command->count; i++) {
        if (core_unit(core, command->items[i].unit) == NULL) {
            return REFUSED_UNKNOWN_UNIT;
        }
    }
    for (uint32_t i = 0; i < command->count; i++) {
        if (command->items[i].taken_to.v != 0 && core_facility(core, command->items[i].taken_to) == NULL) {
            return REFUSED_UNKNOWN_FACILITY;
        }
    }
    for (uint32_t i = 0; i < command->count; i++) {
        if (unit_was_elsewhere(core, command, i)) {
            return REFUSED_UNIT_WAS_ELSEWHERE;
        }
    }
    return REFUSED_NONE;
}

static enum refusal check_all(struct decision *decision, const struct command_paper_enter *command)
{
    const struct core *core = decision->core;
    if (!core->head->opened) {
        return REFUSED_CENTRE_NOT_OPEN;
    }
    if (!result_fits(command) || instant_is_none(command->head.occurred_at)) {
        return REFUSED_MALFORMED;
    }
    if (!form_is_valid(command->form)) {
        return REFUSED_FORM_INVALID;
    }
    const struct entered_form *known = find_form(core, command->form);
    if (known != NULL) {
        return refused_after(decision, &known->entered, REFUSED_FORM_ENTERED);
    }
    enum refusal refusal = check_outage(decision, command);
    refusal = refusal != REFUSED_NONE ? refusal : check_times(decision, command);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    if (!point_is_valid(command->place)) {
        return REFUSED_POINT_INVALID;
    }
    if (command->linked_to.v != 0 && core_incident(core, command->linked_to) == NULL) {
        return REFUSED_UNKNOWN_INCIDENT;
    }
    return check_missions(core, command);
}

/* ---- decide ---- */

DECIDE(paper_enter)
{
    const struct core *core = decision->core;
    enum refusal refusal = check_all(decision, command);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    bool is_incident = command->result == PAPER_RESULT_INCIDENT;
    uint32_t call = core_next_call(core), incident = is_incident ? core_next_incident(core) : command->linked_to.v;
    uint32_t mission = command->count > 0 ? core_next_missions(core, command->count) : 0;
    if (call == 0 || (is_incident && incident == 0) || (command->count > 0 && mission == 0)) {
        return REFUSED_TABLE_FULL;
    }
    uint32_t list_size = command->count * (uint32_t)sizeof command->items[0];
    struct event_paper_entered *event = decision_emit(decision, EVENT_PAPER_ENTERED, sizeof *event, list_size);
    event->call.v = call;
    event->incident.v = incident;
    event->mission.v = mission;
    event->form = command->form;
    event->caller = command->caller;
    event->offered_at = decision->occurred_at;
    event->answered_at = command->answered_at;
    event->located_at = command->located_at;
    event->triaged_at = command->triaged_at;
    event->recognised_at = command->recognised_at;
    event->compressions_at = command->compressions_at;
    event->point = command->place;
    event->district = command->district;
    event->seat = command->answered_by;
    event->needs = command->needs;
    event->result = command->result;
    event->priority = command->priority;
    event->units_wanted = command->units_wanted;
    event->units_short = command->units_short;
    event->shortfall_reason = command->shortfall_reason;
    event->call_outcome = command->call_outcome;
    event->count = command->count;
    memcpy(event->items, command->items, list_size);
    return REFUSED_NONE;
}

/* ---- apply ---- */

static void keep_call(struct core *core, const struct entry_head *entry, const struct event_paper_entered *event)
{
    static const uint8_t states[PAPER_RESULT_COUNT] = { [PAPER_RESULT_INCIDENT] = CALL_STATE_TRIAGED,
                                                        [PAPER_RESULT_LINKED] = CALL_STATE_LINKED,
                                                        [PAPER_RESULT_NO_UNIT] = CALL_STATE_CLOSED,
                                                        [PAPER_RESULT_HUNG_UP] = CALL_STATE_CLOSED };
    struct call *call = &core->calls[event->call.v & (core->head->limits.calls - 1)];
    *call = (struct call){ .id = event->call.v,
                           .timer.due = INSTANT_NEVER,
                           .caller = event->caller,
                           .offered_at = event->offered_at,
                           .answered_at = event->answered_at,
                           .located_at = event->located_at,
                           .ended_at = instant_max(event->offered_at, instant_max(event->answered_at, event->triaged_at)),
                           .point = event->point,
                           .form = event->form,
                           .incident = event->incident,
                           .district = event->district,
                           .seat = event->seat,
                           .state = states[event->result],
                           .outcome = event->result == PAPER_RESULT_HUNG_UP ? CALL_OUTCOME_NOT_REACHED : event->call_outcome };
    note_change(entry, &call->revision, &call->last_change);
    core->head->next_call = event->call.v + 1;
    struct entered_form *form = &core->forms[core->head->form_count & (core->head->limits.calls - 1)];
    *form = (struct entered_form){ .form = event->form, .entered = call->last_change, .call = call->id };
    core->head->form_count += 1;
}

/* A time that nobody noted stays empty: where the patient was taken tells it as well. */
static bool took_somebody(const struct paper_mission *mission)
{
    return mission->taken_to.v != 0 || !instant_is_none(mission->left_scene_at) || !instant_is_none(mission->at_facility_at) ||
           !instant_is_none(mission->handed_over_at);
}

static bool was_there(const struct paper_mission *mission)
{
    return took_somebody(mission) || !instant_is_none(mission->on_scene_at) || !instant_is_none(mission->at_patient_at) ||
           mission->end_reason == MISSION_END_REASON_COMPLETED;
}

static void keep_incident(struct core *core, const struct entry_head *entry, const struct event_paper_entered *event)
{
    struct incident *incident = &core->incidents[event->incident.v & (core->head->limits.incidents - 1)];
    *incident = (struct incident){ .id = event->incident.v,
                                   .timer.due = INSTANT_NEVER,
                                   .call = event->call,
                                   .needs = event->needs,
                                   .district = event->district,
                                   .point = event->point,
                                   .marks = (instant_is_none(event->recognised_at) ? 0 : MARK_ARREST_RECOGNISED) |
                                            (instant_is_none(event->compressions_at) ? 0 : MARK_COMPRESSIONS_BEGUN),
                                   .offered_at = event->offered_at,
                                   .opened_at = event->triaged_at,
                                   .queued_since = INSTANT_NONE,
                                   .units_wanted = event->units_wanted,
                                   .units_assigned = (uint16_t)event->count,
                                   .units_short = event->units_short,
                                   .state = INCIDENT_STATE_CLOSED,
                                   .priority = event->priority,
                                   .is_set_by_person = 1,
                                   .priority_by_person = event->priority };
    for (uint32_t i = 0; i < event->count; i++) {
        incident->arrived = (uint16_t)(incident->arrived + was_there(&event->items[i]));
        incident->transported = (uint16_t)(incident->transported + took_somebody(&event->items[i]));
    }
    incident->outcome = (uint8_t)incident_outcome_now(incident);
    note_change(entry, &incident->revision, &incident->last_change);
    core->head->next_incident = event->incident.v + 1;
}

static void keep_mission(struct core *core, const struct entry_head *entry, const struct event_paper_entered *event,
                         uint32_t which)
{
    const struct paper_mission *paper = &event->items[which];
    uint32_t id = event->mission.v + which;
    struct mission *mission = &core->missions[id & core->mission_mask];
    *mission = (struct mission){ .id = id,
                                 .timer.due = INSTANT_NEVER,
                                 .prealert_timer.due = INSTANT_NEVER,
                                 .incident = event->incident,
                                 .unit = paper->unit,
                                 .facility = paper->taken_to,
                                 .assigned_at = paper->assigned_at,
                                 .departed_at = paper->departed_at,
                                 .on_scene_at = paper->on_scene_at,
                                 .at_facility_at = paper->at_facility_at,
                                 .handed_over_at = paper->handed_over_at,
                                 .silent_since = INSTANT_NONE,
                                 .expected_at = INSTANT_NONE,
                                 .facility_eta = DURATION_UNREACHABLE,
                                 .prealert_at = INSTANT_NONE,
                                 .prealert_acknowledged_at = INSTANT_NONE,
                                 .patient = { .described_at = INSTANT_NONE, .age_years = PATIENT_AGE_UNKNOWN },
                                 .state = MISSION_STATE_ENDED,
                                 .end_reason = paper->end_reason };
    note_change(entry, &mission->revision, &mission->last_change);
    mission->ordered = mission->last_change;
}

APPLY(paper_entered)
{
    keep_call(core, entry, event);
    if (event->result == PAPER_RESULT_INCIDENT) {
        keep_incident(core, entry, event);
    }
    for (uint32_t i = 0; i < event->count; i++) {
        keep_mission(core, entry, event, i);
    }
    if (event->count > 0) {
        core->head->next_mission = event->mission.v + event->count;
    }
}
