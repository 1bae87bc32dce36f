#include "host/view.h"

#include "base/check.h"
#include "wire/form.h"

enum { ANSWERS_SHOWN_MAX = 512 };

#define LABEL(json, name, kind, code) json_text((json), (name), enum_names_##kind.labels[(code)])

/* ---- parts ---- */

/* An id with what people call it: "unit":12,"unit_code":"A12","unit_name":"..."; null where there is none. */
struct reference {
    const char *id, *code, *name; /* names of the members */
    enum directory_kind kind;
};

static const struct reference SEAT_REFERENCE = { "seat", "seat_code", "seat_name", DIRECTORY_SEAT };
static const struct reference DISTRICT_REFERENCE = { "district", "district_code", "district_name", DIRECTORY_DISTRICT };
static const struct reference UNIT_REFERENCE = { "unit", "unit_code", "unit_name", DIRECTORY_UNIT };
static const struct reference POST_REFERENCE = { "post", "post_code", "post_name", DIRECTORY_POST };
static const struct reference FACILITY_REFERENCE = { "facility", "facility_code", "facility_name", DIRECTORY_FACILITY };

static void write_id(struct json *json, const char *name, uint32_t id)
{
    if (id == 0) {
        json_none(json, name);
    } else {
        json_int(json, name, id);
    }
}

static void write_reference(const struct view *view, struct json *json, struct reference reference, uint32_t id)
{
    const struct directory_entry *entry = directory_find(view->directory, reference.kind, id);
    write_id(json, reference.id, id);
    if (entry != NULL) {
        json_text(json, reference.code, entry->code);
        json_text(json, reference.name, entry->name);
    }
}

/* The entity's own code and name, and the district that it belongs to. */
static void write_names(const struct view *view, struct json *json, enum directory_kind kind, uint32_t id)
{
    const struct directory_entry *entry = directory_find(view->directory, kind, id);
    json_text(json, "code", entry != NULL ? entry->code : "");
    json_text(json, "name", entry != NULL ? entry->name : "");
    if (kind != DIRECTORY_DISTRICT && kind != DIRECTORY_SEAT) {
        write_reference(view, json, DISTRICT_REFERENCE, entry != NULL ? entry->district : 0);
    }
}

/* Seconds since then; null if it never was, or if it is to come: a clock that runs ahead. */
static void write_age(const struct view *view, struct json *json, const char *name, struct instant at)
{
    if (instant_is_none(at) || instant_before(view->now, at)) {
        json_none(json, name);
    } else {
        form_duration(json, name, instant_since(view->now, at));
    }
}

static const char *name_of(const struct view *view, uint32_t actor)
{
    return view->people != NULL ? people_name(view->people, actor) : "";
}

static void write_actor(const struct view *view, struct json *json, const char *name, uint32_t actor)
{
    json_object_begin(json, name);
    json_int(json, "actor", actor);
    json_text(json, "name", name_of(view, actor));
    json_object_end(json);
}

static void write_change(const struct view *view, struct json *json, const char *name, const struct change *change)
{
    if (change->sequence == 0) {
        json_none(json, name);
        return;
    }
    json_object_begin(json, name);
    json_int(json, "sequence", (int64_t)change->sequence);
    form_instant(json, "at", change->at);
    json_text(json, "actor_kind", actor_kind_name((enum actor_kind)change->actor_kind));
    json_int(json, "actor", change->actor);
    json_text(json, "name", name_of(view, change->actor));
    json_object_end(json);
}

static void write_holder(const struct view *view, struct json *json, enum control_kind kind, uint32_t id)
{
    uint32_t holder = view->control != NULL ? control_holder(view->control, kind, id) : 0;
    if (holder == 0) {
        json_none(json, "held_by");
    } else {
        write_actor(view, json, "held_by", holder);
    }
}

/* What the timer waits for: so that a console can count down. */
static void write_timer(struct json *json, const struct timer *timer)
{
    form_instant(json, "due_at", timer->due);
    if (timer->due.us == INT64_MAX) {
        json_none(json, "due_alarm");
    } else {
        LABEL(json, "due_alarm", alarm_kind, timer->kind);
    }
    write_id(json, "alarm", timer->raised);
}

static void write_known_point(struct json *json, const char *name, bool known, struct geo_point point)
{
    if (known) {
        form_point(json, name, point);
    } else {
        json_none(json, name);
    }
}

/* ---- calls, incidents, missions ---- */

static void write_triage(struct json *json, const struct triage *triage)
{
    if (triage->protocol == 0) {
        json_none(json, "triage");
        return;
    }
    const struct proposal *proposal = &triage->proposal;
    json_object_begin(json, "triage");
    json_int(json, "protocol", triage->protocol);
    json_int(json, "version", triage->version);
    write_id(json, "step", triage->step);
    json_bool(json, "ended", triage->step == 0);
    form_instant(json, "begun_at", triage->begun_at);
    form_instant(json, "asked_at", triage->asked_at);
    json_int(json, "answered", triage->answered);
    if (proposal->priority_known) {
        LABEL(json, "priority", priority, proposal->priority);
    } else {
        json_none(json, "priority");
    }
    form_set(json, "needs", &enum_names_need_set, proposal->needs);
    json_int(json, "units_wanted", proposal->units_wanted);
    json_bool(json, "ready", proposal->ready != 0);
    form_set(json, "marks", &enum_names_triage_mark, proposal->marks);
    json_object_end(json);
}

void view_call(const struct view *view, struct json *json, const char *name, const struct call *call)
{
    json_object_begin(json, name);
    json_int(json, "id", call->id);
    json_int(json, "revision", call->revision);
    LABEL(json, "state", call_state, call->state);
    if (call->state == CALL_STATE_CLOSED) {
        LABEL(json, "outcome", call_outcome, call->outcome);
    }
    json_bool(json, "has_caller", call->caller != 0);
    write_id(json, "external", call->external);
    if (call->form == 0) {
        json_none(json, "form");
    } else {
        json_int(json, "form", call->form);
    }
    write_id(json, "incident", call->incident.v);
    write_reference(view, json, SEAT_REFERENCE, call->seat);
    write_known_point(json, "point", !instant_is_none(call->located_at), call->point);
    write_reference(view, json, DISTRICT_REFERENCE, call->district);
    form_instant(json, "offered_at", call->offered_at);
    form_instant(json, "answered_at", call->answered_at);
    form_instant(json, "located_at", call->located_at);
    form_instant(json, "ended_at", call->ended_at);
    write_triage(json, &call->triage);
    write_timer(json, &call->timer);
    write_change(view, json, "last_change", &call->last_change);
    json_object_end(json);
}

/* Ids of the answers that stand, newest first. False: those before them are not held any more, or do not fit. */
static bool find_answers(const struct core *core, const struct call *call, uint32_t ids[ANSWERS_SHOWN_MAX], uint32_t *count)
{
    *count = 0;
    uint32_t id = call->triage.last_answer;
    while (id != 0) {
        const struct given_answer *given = &core->given_answers[id & (core->head->limits.calls - 1)];
        if (given->id != id || *count == ANSWERS_SHOWN_MAX) {
            return false;
        }
        ids[(*count)++] = id;
        id = given->previous;
    }
    return true;
}

void view_answers(const struct view *view, struct json *json, const struct call *call)
{
    uint32_t ids[ANSWERS_SHOWN_MAX], count;
    bool complete = find_answers(view->core, call, ids, &count);
    json_array_begin(json, "items");
    while (count > 0) {
        const struct given_answer *given = &view->core->given_answers[ids[--count] & (view->core->head->limits.calls - 1)];
        json_object_begin(json, NULL);
        json_int(json, "protocol", given->protocol);
        json_int(json, "version", given->version);
        json_int(json, "step", given->step);
        json_int(json, "answer", given->answer);
        json_object_end(json);
    }
    json_array_end(json);
    json_bool(json, "complete", complete);
}

static void write_units_of_incident(const struct view *view, struct json *json, const struct incident *incident)
{
    json_array_begin(json, "missions");
    const struct mission *mission = core_mission(view->core, incident->first_mission);
    for (uint32_t i = 0; mission != NULL && i < INCIDENT_MISSIONS_MAX; i++) {
        json_object_begin(json, NULL);
        json_int(json, "id", mission->id);
        LABEL(json, "state", mission_state, mission->state);
        write_reference(view, json, UNIT_REFERENCE, mission->unit.v);
        json_object_end(json);
        mission = core_mission(view->core, mission->next_of_incident);
    }
    json_array_end(json);
    json_array_begin(json, "recommended");
    for (uint32_t i = 0; i < incident->recommended_count; i++) {
        json_int(json, NULL, incident->recommended[i].v);
    }
    json_array_end(json);
}

static void write_incident_counts(struct json *json, const struct incident *incident)
{
    json_int(json, "units_wanted", incident->units_wanted);
    json_int(json, "units_assigned", incident->units_assigned);
    json_int(json, "units_short", incident->units_short);
    json_int(json, "units_arrived", incident->arrived);
    json_int(json, "units_transported", incident->transported);
}

static void write_incident_times(const struct view *view, struct json *json, const struct incident *incident)
{
    struct duration target = view->core->head->rules.response_target[incident->priority];
    form_instant(json, "offered_at", incident->offered_at);
    form_instant(json, "opened_at", incident->opened_at);
    form_instant(json, "queued_since", incident->queued_since);
    form_duration(json, "response_target_s", target);
    form_instant(json, "response_due_at", instant_add(incident->offered_at, target));
    write_timer(json, &incident->timer);
    write_change(view, json, "last_change", &incident->last_change);
}

void view_incident(const struct view *view, struct json *json, const char *name, const struct incident *incident)
{
    json_object_begin(json, name);
    json_int(json, "id", incident->id);
    json_int(json, "revision", incident->revision);
    LABEL(json, "state", incident_state, incident->state);
    LABEL(json, "priority", priority, incident->priority);
    if (incident->is_set_by_person) {
        LABEL(json, "priority_by_person", priority, incident->priority_by_person);
    } else {
        json_none(json, "priority_by_person");
    }
    form_set(json, "needs", &enum_names_need_set, incident->needs);
    form_set(json, "marks", &enum_names_triage_mark, incident->marks);
    if (incident->state == INCIDENT_STATE_CLOSED) {
        LABEL(json, "outcome", incident_outcome, incident->outcome);
    }
    if (incident->was_queued) {
        LABEL(json, "queue_reason", shortfall_reason, incident->queue_reason);
    } else {
        json_none(json, "queue_reason");
    }
    json_int(json, "call", incident->call.v);
    form_point(json, "point", incident->point);
    write_reference(view, json, DISTRICT_REFERENCE, incident->district);
    write_id(json, "asked_unit", incident->asked_unit.v);
    write_incident_counts(json, incident);
    write_incident_times(view, json, incident);
    write_units_of_incident(view, json, incident);
    json_object_end(json);
}

static void write_destination(const struct view *view, struct json *json, const struct mission *mission)
{
    write_reference(view, json, FACILITY_REFERENCE, mission->facility.v);
    form_set(json, "needs", &enum_names_need_set, mission->needs);
    LABEL(json, "bed_kind", bed_kind, mission->bed_kind);
    LABEL(json, "tier_min", tier, mission->tier_min);
    json_bool(json, "facility_asked", mission->facility_asked != 0);
    json_bool(json, "bed_reserved", mission->bed_reserved != 0);
    if (mission->bed_reserved != 0) {
        LABEL(json, "bed_kind_reserved", bed_kind, mission->bed_kind_reserved);
    }
    json_array_begin(json, "recommended");
    for (uint32_t i = 0; i < mission->recommended_count; i++) {
        json_int(json, NULL, mission->recommended[i].v);
    }
    json_array_end(json);
}

/* A number that was not measured is null. */
static void write_measured(struct json *json, const char *name, uint32_t value, uint32_t unknown)
{
    if (value == unknown) {
        json_none(json, name);
    } else {
        json_int(json, name, value);
    }
}

static void write_patient(struct json *json, const struct patient *patient)
{
    if (instant_is_none(patient->described_at)) {
        json_none(json, "patient");
        return;
    }
    json_object_begin(json, "patient");
    form_instant(json, "described_at", patient->described_at);
    form_set(json, "main_problem", &enum_names_need_set, patient->main_problem);
    write_measured(json, "age_years", patient->age_years, PATIENT_AGE_UNKNOWN);
    LABEL(json, "sex", sex, patient->sex);
    LABEL(json, "consciousness", consciousness, patient->consciousness);
    write_measured(json, "pulse", patient->pulse, 0);
    write_measured(json, "systolic", patient->systolic, 0);
    write_measured(json, "spo2", patient->spo2, 0);
    write_measured(json, "respiration", patient->respiration, 0);
    json_object_end(json);
}

static void write_prealert(struct json *json, const struct mission *mission)
{
    form_instant(json, "prealert_at", mission->prealert_at);
    form_instant(json, "prealert_acknowledged_at", mission->prealert_acknowledged_at);
    form_instant(json, "prealert_due_at", mission->prealert_timer.due);
    write_id(json, "prealert_alarm", mission->prealert_timer.raised);
}

void view_mission(const struct view *view, struct json *json, const char *name, const struct mission *mission)
{
    const struct incident *incident = core_incident(view->core, mission->incident);
    json_object_begin(json, name);
    json_int(json, "id", mission->id);
    json_int(json, "revision", mission->revision);
    LABEL(json, "state", mission_state, mission->state);
    if (mission->state == MISSION_STATE_ENDED) {
        LABEL(json, "end_reason", mission_end_reason, mission->end_reason);
    }
    write_reference(view, json, UNIT_REFERENCE, mission->unit.v);
    json_int(json, "incident", mission->incident.v);
    if (incident != NULL) {
        LABEL(json, "priority", priority, incident->priority);
        form_point(json, "point", incident->point);
        write_reference(view, json, DISTRICT_REFERENCE, incident->district);
    }
    form_instant(json, "assigned_at", mission->assigned_at);
    form_instant(json, "departed_at", mission->departed_at);
    form_instant(json, "on_scene_at", mission->on_scene_at);
    form_instant(json, "at_facility_at", mission->at_facility_at);
    form_instant(json, "handed_over_at", mission->handed_over_at);
    form_instant(json, "expected_at", mission->expected_at);
    write_destination(view, json, mission);
    write_prealert(json, mission);
    write_patient(json, &mission->patient);
    write_timer(json, &mission->timer);
    write_change(view, json, "ordered", &mission->ordered);
    write_change(view, json, "last_change", &mission->last_change);
    json_object_end(json);
}

/* ---- units, posts, facilities, districts ---- */

static void write_position_members(const struct view *view, struct json *json, struct position position)
{
    json_e7(json, "lon", position.point.lon_e7);
    json_e7(json, "lat", position.point.lat_e7);
    form_instant(json, "at", position.at);
    write_age(view, json, "age_s", position.at);
}

static struct position position_of(const struct view *view, const struct unit *unit)
{
    return view->positions != NULL ? positions_of(view->positions, unit->id)
                                   : (struct position){ .point = unit->point, .at = unit->positioned_at };
}

static void write_position(const struct view *view, struct json *json, const struct unit *unit)
{
    struct position position = position_of(view, unit);
    if (instant_is_none(position.at)) {
        json_none(json, "position");
        return;
    }
    json_object_begin(json, "position");
    write_position_members(view, json, position);
    json_object_end(json);
}

void view_position(const struct view *view, struct json *json, uint32_t unit)
{
    json_object_begin(json, NULL);
    json_int(json, "id", unit);
    write_position_members(view, json, positions_of(view->positions, unit));
    struct suggestion suggestion = positions_suggestion(view->positions, unit);
    if (suggestion.kind == SUGGESTION_NONE) {
        json_none(json, "suggestion");
    } else {
        json_object_begin(json, "suggestion");
        json_text(json, "what", SUGGESTION_NAMES[suggestion.kind]);
        form_instant(json, "crossed_at", suggestion.crossed_at);
        json_object_end(json);
    }
    json_object_end(json);
}

void view_unit(const struct view *view, struct json *json, const char *name, const struct unit *unit)
{
    const struct mission *mission = core_mission(view->core, unit->mission);
    json_object_begin(json, name);
    json_int(json, "id", unit->id);
    json_int(json, "revision", unit->revision);
    write_names(view, json, DIRECTORY_UNIT, unit->id);
    json_int(json, "external", unit->external);
    LABEL(json, "state", unit_state, unit->state);
    form_instant(json, "changed_at", unit->changed_at);
    json_bool(json, "shift_ends", unit->shift_ends != 0);
    json_bool(json, "retired", unit->retired != 0);
    form_set(json, "skills", &enum_names_need_set, unit->skills);
    write_reference(view, json, POST_REFERENCE, unit->post.v);
    write_id(json, "mission", unit->mission.v);
    write_id(json, "incident", mission != NULL ? mission->incident.v : 0);
    write_position(view, json, unit);
    write_holder(view, json, CONTROL_UNIT, unit->id);
    write_timer(json, &unit->timer);
    write_change(view, json, "last_change", &unit->last_change);
    json_object_end(json);
}

void view_post(const struct view *view, struct json *json, const char *name, const struct post *post)
{
    json_object_begin(json, name);
    json_int(json, "id", post->id);
    json_int(json, "revision", post->revision);
    write_names(view, json, DIRECTORY_POST, post->id);
    json_int(json, "external", post->external);
    form_point(json, "point", post->point);
    write_change(view, json, "last_change", &post->last_change);
    json_object_end(json);
}

static void write_beds(const struct view *view, struct json *json, const struct facility *facility, int kind)
{
    json_object_begin(json, NULL);
    json_text(json, "kind", enum_names_bed_kind.labels[kind]);
    for (int state = 0; state < BED_STATE_COUNT; state++) {
        json_int(json, enum_names_bed_state.labels[state], facility->beds[kind][state]);
    }
    form_instant(json, "counted_at", facility->counted_at[kind]);
    write_age(view, json, "age_s", facility->counted_at[kind]);
    json_object_end(json);
}

void view_facility(const struct view *view, struct json *json, const char *name, const struct facility *facility)
{
    json_object_begin(json, name);
    json_int(json, "id", facility->id);
    json_int(json, "revision", facility->revision);
    write_names(view, json, DIRECTORY_FACILITY, facility->id);
    json_int(json, "external", facility->external);
    LABEL(json, "state", facility_state, facility->state);
    form_instant(json, "diverting_until", facility->diverting_until);
    LABEL(json, "diverting_cause", diversion_cause, facility->diverting_cause);
    LABEL(json, "tier", tier, facility->tier);
    form_set(json, "capabilities", &enum_names_need_set, facility->capabilities);
    form_point(json, "point", facility->point);
    json_array_begin(json, "beds");
    for (int kind = 0; kind < BED_KIND_COUNT; kind++) {
        if (!instant_is_none(facility->counted_at[kind])) {
            write_beds(view, json, facility, kind);
        }
    }
    json_array_end(json);
    write_holder(view, json, CONTROL_FACILITY, facility->id);
    write_timer(json, &facility->timer);
    write_change(view, json, "last_change", &facility->last_change);
    json_object_end(json);
}

void view_district(const struct view *view, struct json *json, const char *name, const struct directory_entry *district)
{
    json_object_begin(json, name);
    json_int(json, "id", district->id);
    write_names(view, json, DIRECTORY_DISTRICT, district->id);
    json_object_end(json);
}

void view_seat(const struct view *view, struct json *json, const char *name, const struct directory_entry *seat, bool with_holder)
{
    json_object_begin(json, name);
    json_int(json, "id", seat->id);
    write_names(view, json, DIRECTORY_SEAT, seat->id);
    json_text(json, "desk", seat->desk);
    if (with_holder) {
        write_holder(view, json, CONTROL_SEAT, seat->id);
    } else {
        json_none(json, "held_by");
    }
    json_object_end(json);
}

/* ---- alarms ---- */

void view_alarm(const struct view *view, struct json *json, const char *name, const struct alarm *alarm)
{
    json_object_begin(json, name);
    json_int(json, "id", alarm->id);
    json_int(json, "revision", alarm->revision);
    LABEL(json, "kind", alarm_kind, alarm->kind);
    LABEL(json, "state", alarm_state, alarm->state);
    LABEL(json, "owner", desk, alarm->owner);
    LABEL(json, "subject_kind", subject, alarm->subject_kind);
    json_int(json, "subject", alarm->subject);
    write_reference(view, json, DISTRICT_REFERENCE, alarm->district);
    write_reference(view, json, SEAT_REFERENCE, alarm->seat);
    form_instant(json, "raised_at", alarm->raised_at);
    form_instant(json, "acknowledged_at", alarm->acknowledged_at);
    if (!instant_is_none(alarm->acknowledged_at)) {
        write_actor(view, json, "acknowledged_by", alarm->acknowledged_by);
    }
    form_instant(json, "cleared_at", alarm->cleared_at);
    if (alarm->state == ALARM_STATE_CLEARED) {
        LABEL(json, "end", alarm_end, alarm->end);
    }
    write_change(view, json, "last_change", &alarm->last_change);
    json_object_end(json);
}

/* ---- messages ---- */

void view_message(const struct view *view, struct json *json, const char *name, const struct message *message)
{
    json_object_begin(json, name);
    json_int(json, "id", message->id);
    json_int(json, "revision", message->revision);
    write_reference(view, json, UNIT_REFERENCE, message->unit.v);
    write_id(json, "incident", message->incident.v);
    json_bool(json, "to_crew", message->to_crew != 0);
    form_instant(json, "sent_at", message->sent_at);
    form_instant(json, "read_at", message->read_at);
    write_change(view, json, "from", &message->sent);
    write_change(view, json, "read_by", &message->read);
    json_object_end(json);
}

/* ---- recommendations ---- */

static void write_candidate(const struct view *view, struct json *json, const struct candidate *candidate)
{
    json_object_begin(json, NULL);
    write_reference(view, json, UNIT_REFERENCE, candidate->unit.v);
    form_duration(json, "eta_s", candidate->eta);
    form_duration(json, "position_age_s", duration_us((int64_t)candidate->position_age_ms * US_PER_MS));
    write_id(json, "diverts_from", candidate->diverts_from.v);
    json_int(json, "lost_by_rule", candidate->lost_by_rule);
    json_object_end(json);
}

void view_units_recommended(const struct view *view, struct json *json, const char *name, const struct incident *incident,
                            const struct event_units_recommended *event)
{
    json_object_begin(json, name);
    json_int(json, "incident", incident->id);
    json_int(json, "incident_revision", incident->revision);
    json_int(json, "recommended_sequence", (int64_t)incident->recommended_sequence);
    json_bool(json, "estimated", event->estimated != 0);
    json_int(json, "asked", event->asked);
    json_int(json, "fit", event->fit);
    json_object_begin(json, "excluded");
    json_int(json, "off_duty", event->excluded_off_duty);
    json_int(json, "out_of_service", event->excluded_out_of_service);
    json_int(json, "committed", event->excluded_committed);
    json_int(json, "unfit", event->excluded_unfit);
    json_int(json, "no_way", event->excluded_no_way);
    json_int(json, "unasked", event->excluded_unasked);
    json_object_end(json);
    json_array_begin(json, "candidates");
    for (uint32_t i = 0; i < event->count; i++) {
        write_candidate(view, json, &event->items[i]);
    }
    json_array_end(json);
    json_object_end(json);
}

void view_destination_recommended(const struct view *view, struct json *json, const char *name, const struct mission *mission,
                                  const struct event_destination_recommended *event)
{
    json_object_begin(json, name);
    json_int(json, "mission", mission->id);
    json_int(json, "mission_revision", mission->revision);
    json_int(json, "recommended_sequence", (int64_t)mission->recommended_sequence);
    json_bool(json, "estimated", event->estimated != 0);
    json_object_begin(json, "excluded");
    json_int(json, "shut", event->excluded_shut);
    json_int(json, "diverting", event->excluded_diverting);
    json_int(json, "incapable", event->excluded_incapable);
    json_int(json, "below_tier", event->excluded_below_tier);
    json_int(json, "full", event->excluded_full);
    json_int(json, "no_way", event->excluded_no_way);
    json_object_end(json);
    json_array_begin(json, "candidates");
    for (uint32_t i = 0; i < event->count; i++) {
        json_object_begin(json, NULL);
        write_reference(view, json, FACILITY_REFERENCE, event->items[i].facility.v);
        form_duration(json, "eta_s", event->items[i].eta);
        json_int(json, "lost_by_rule", event->items[i].lost_by_rule);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}
