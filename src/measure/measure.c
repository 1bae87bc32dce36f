/* Following events: calls, incidents and missions in slot tables as in the core, one switch over the kind of event. About 20
 * events a call, half of which need nothing but the switch. */
#include "measure/measure.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "measure/measure_private.h"

const char *const STAGE_NAMES[STAGE_COUNT] = {
    "call_offered",       "call_answered", "place_known",   "triaged",           "incident_opened", "arrest_recognised",
    "compressions_begun", "unit_assigned", "unit_notified", "unit_acknowledged", "unit_departed",   "on_scene",
    "at_patient",         "left_scene",    "at_facility",   "handed_over",       "available",       "back_at_post",
};
const char *const DISPATCH_NAMES[DISPATCH_KIND_COUNT] = { "from_post", "returning", "freed", "diverted" };
const char *const ACTIVITY_NAMES[ACTIVITY_COUNT] = {
    "off_duty", "out_of_service", "at_post", "returning", "to_scene", "at_scene", "to_facility", "at_facility",
};
const char *const CALL_RESULT_NAMES[CALL_RESULT_COUNT] = {
    "served", "shortfall", "cancelled", "linked", "no_unit", "lost", "unfinished",
};

double call_record_seconds(const struct call_record *record, enum stage from, enum stage to)
{
    if (!call_record_has(record, from) || !call_record_has(record, to)) {
        return __builtin_nan("");
    }
    return duration_to_seconds(instant_since(record->at[to], record->at[from]));
}

/* ---- the span of time ---- */

static int64_t floor_hour(int64_t us) { return us >= 0 ? us / US_PER_HOUR : -((-us + US_PER_HOUR - 1) / US_PER_HOUR); }

static uint32_t week_hour(const struct measure *measure, int64_t hour)
{
    int64_t of_week = (hour + measure->setup.start_hour_of_week) % HOURS_OF_WEEK;
    return (uint32_t)(of_week < 0 ? of_week + HOURS_OF_WEEK : of_week);
}

uint32_t measure_hour_of_week(const struct measure *measure, struct instant at) { return week_hour(measure, floor_hour(at.us)); }

void measure_add_span(const struct measure *measure, int64_t *amount, uint32_t stride, struct instant from, struct instant to)
{
    int64_t begin = from.us < measure->setup.begin.us ? measure->setup.begin.us : from.us;
    int64_t end = to.us > measure->setup.end.us ? measure->setup.end.us : to.us;
    if (begin >= end) {
        return;
    }
    int64_t hour = floor_hour(begin);
    for (; begin < end; hour++) {
        int64_t stop = (hour + 1) * US_PER_HOUR < end ? (hour + 1) * US_PER_HOUR : end;
        amount[week_hour(measure, hour) * stride] += stop - begin;
        begin = stop;
    }
}

static int64_t clipped_us(const struct measure *measure, struct instant from, struct instant to)
{
    int64_t begin = from.us < measure->setup.begin.us ? measure->setup.begin.us : from.us;
    int64_t end = to.us > measure->setup.end.us ? measure->setup.end.us : to.us;
    return begin < end ? end - begin : 0;
}

static bool in_window(const struct measure *measure, struct instant at)
{
    return !instant_before(at, measure->setup.begin) && instant_before(at, measure->setup.end);
}

/* ---- creation ---- */

enum {
    MISSIONS_PER_UNIT = 8,
    MISSIONS_MIN = 256
}; /* a multiple of the core's table: what does not collide there, does not here */

static uint32_t mission_table_size(uint32_t units)
{
    uint32_t size = MISSIONS_MIN;
    while (size < units * MISSIONS_PER_UNIT) {
        size *= 2;
    }
    return size;
}

static bool allocate_tables(struct measure *measure)
{
    const struct limits *limits = &measure->setup.limits;
    measure->calls = calloc(limits->calls, sizeof *measure->calls);
    measure->incidents = calloc(limits->incidents, sizeof *measure->incidents);
    measure->missions = calloc((size_t)measure->mission_mask + 1, sizeof *measure->missions);
    measure->units = calloc((size_t)limits->units + 1, sizeof *measure->units);
    measure->unit_activity_us = calloc(((size_t)limits->units + 1) * ACTIVITY_COUNT, sizeof *measure->unit_activity_us);
    measure->facility_us = calloc((size_t)limits->facilities + 1, sizeof *measure->facility_us);
    return measure->calls != NULL && measure->incidents != NULL && measure->missions != NULL && measure->units != NULL &&
           measure->unit_activity_us != NULL && measure->facility_us != NULL;
}

static bool is_power_of_two(uint32_t number) { return number != 0 && (number & (number - 1)) == 0; }

enum status measure_create(const struct measure_setup *setup, struct measure **measure, struct error *error)
{
    CHECK(is_power_of_two(setup->limits.calls) && is_power_of_two(setup->limits.incidents));
    CHECK(setup->start_hour_of_week >= 0 && setup->start_hour_of_week < HOURS_OF_WEEK);
    CHECK(setup->district_count < UINT16_MAX && !instant_before(setup->end, setup->begin));
    struct measure *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->setup = *setup;
        made->call_mask = setup->limits.calls - 1;
        made->incident_mask = setup->limits.incidents - 1;
        made->mission_mask = mission_table_size(setup->limits.units) - 1;
        made->finished_at = INSTANT_NONE;
    }
    if (made == NULL || !allocate_tables(made)) {
        measure_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory to measure up to %u calls at once", setup->limits.calls);
    }
    *measure = made;
    return STATUS_OK;
}

void measure_destroy(struct measure *measure)
{
    if (measure == NULL) {
        return;
    }
    free(measure->calls);
    free(measure->incidents);
    free(measure->missions);
    free(measure->units);
    free(measure->unit_activity_us);
    free(measure->facility_us);
    vec_free(&measure->call_rows);
    vec_free(&measure->mission_rows);
    free(measure);
}

void measure_reset(struct measure *measure)
{
    const struct limits *limits = &measure->setup.limits;
    memset(measure->calls, 0, sizeof *measure->calls * limits->calls);
    memset(measure->incidents, 0, sizeof *measure->incidents * limits->incidents);
    memset(measure->missions, 0, sizeof *measure->missions * ((size_t)measure->mission_mask + 1));
    memset(measure->units, 0, sizeof *measure->units * ((size_t)limits->units + 1));
    memset(measure->unit_activity_us, 0, sizeof *measure->unit_activity_us * ((size_t)limits->units + 1) * ACTIVITY_COUNT);
    memset(measure->facility_us, 0, sizeof *measure->facility_us * ((size_t)limits->facilities + 1));
    memset(measure->activity_us, 0, sizeof measure->activity_us);
    memset(measure->queued_us, 0, sizeof measure->queued_us);
    memset(measure->in_system_us, 0, sizeof measure->in_system_us);
    memset(measure->dispatches, 0, sizeof measure->dispatches);
    measure->events = measure->entries = 0;
    measure->queue_now = measure->queue_most = 0;
    measure->call_rows.count = measure->mission_rows.count = 0;
    measure->finished_at = INSTANT_NONE;
    measure->memory_refused = false;
}

/* ---- rows and records ---- */

static uint32_t row_time(struct instant at, struct instant offered_at)
{
    if (instant_is_none(at) || instant_is_none(offered_at)) {
        return ROW_MISSING;
    }
    /* A stage reported as earlier than the call (a wrong clock) is no measurement. */
    int64_t us = at.us - offered_at.us;
    if (us < 0) {
        return ROW_MISSING;
    }
    int64_t ticks = (us + ROW_TICK_US / 2) / ROW_TICK_US;
    return ticks < ROW_MISSING ? (uint32_t)ticks : ROW_MISSING - 1;
}

static uint16_t row_district(const struct measure *measure, uint32_t district)
{
    return district <= measure->setup.district_count ? (uint16_t)district : 0;
}

static void keep_call(struct measure *measure, const struct call_record *record)
{
    if (!vec_reserve(&measure->call_rows, measure->call_rows.count + 1)) {
        measure->memory_refused = true;
        return;
    }
    struct call_row *row = &measure->call_rows.items[measure->call_rows.count++];
    struct instant offered_at = record->at[STAGE_CALL_OFFERED];
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
        row->at[stage] = row_time(record->at[stage], offered_at);
    }
    row->queued = row_time(instant_add(offered_at, record->queued), offered_at);
    row->external = record->external;
    row->unit = record->unit;
    row->facility = record->facility;
    row->point = record->point;
    row->district = row_district(measure, record->district);
    row->units_needed = record->units_needed;
    row->units_short = record->units_short;
    row->diversions = record->diversions;
    row->hour_of_week = (uint8_t)measure_hour_of_week(measure, offered_at);
    row->priority = record->priority;
    row->result = record->result;
    row->reached_by = record->reached_by;
    row->was_queued = record->was_queued;
    row->transported = record->transported;
    row->in_incident = record->incident != 0 && record->result != CALL_RESULT_LINKED;
    row->protocol = record->protocol;
    row->proposed = record->proposed;
    row->opened = record->opened;
    row->reprioritised = record->reprioritised;
    row->afterwards = record->form != 0;
}

static void give_out(struct measure *measure, const struct call_record *record)
{
    if (record->counted) {
        keep_call(measure, record);
    }
    if (measure->setup.finished != NULL) {
        measure->setup.finished(measure->setup.context, record);
    }
}

static void give_out_if_over(struct measure *measure, struct incident_slot *incident)
{
    if (incident->closed && !incident->unit_busy) {
        incident->id = 0;
        give_out(measure, &incident->record);
    }
}

static void record_clear(struct call_record *record)
{
    memset(record, 0, sizeof *record);
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
        record->at[stage] = INSTANT_NONE;
    }
    record->priority = record->proposed = record->opened = PRIORITY_COUNT;
    record->reached_by = DISPATCH_KIND_COUNT;
    record->shortfall_reason = MEASURE_NO_REASON;
}

/* The time of the return is told by way of the release, so that both ways of making a row round alike. */
static uint32_t row_return(uint32_t available, struct instant available_at, struct instant back_at)
{
    uint32_t way = instant_is_none(back_at) ? ROW_MISSING : row_time(back_at, available_at);
    return available != ROW_MISSING && way < ROW_MISSING - available ? available + way : ROW_MISSING;
}

/* The row of a completed mission; 0 if it is not kept, else its number + 1. */
static uint32_t keep_mission(struct measure *measure, const struct mission_record *record)
{
    if (!vec_reserve(&measure->mission_rows, measure->mission_rows.count + 1)) {
        measure->memory_refused = true;
        return 0;
    }
    struct mission_row *row = &measure->mission_rows.items[measure->mission_rows.count++];
    for (unsigned stage = STAGE_UNIT_ASSIGNED; stage < STAGE_BACK_AT_POST; stage++) {
        row->at[stage - STAGE_UNIT_ASSIGNED] = row_time(record->at[stage], record->offered_at);
    }
    row->at[STAGE_BACK_AT_POST - STAGE_UNIT_ASSIGNED] = row_return(row->at[STAGE_AVAILABLE - STAGE_UNIT_ASSIGNED],
                                                                   record->at[STAGE_AVAILABLE], record->at[STAGE_BACK_AT_POST]);
    row->facility = record->facility;
    row->district = row_district(measure, record->district);
    row->hour_of_week = (uint8_t)measure_hour_of_week(measure, record->offered_at);
    row->priority = record->priority;
    row->transported = record->transported;
    row->afterwards = record->form != 0;
    memset(row->reserved, 0, sizeof row->reserved);
    return (uint32_t)measure->mission_rows.count;
}

void measure_add_call(struct measure *measure, const struct call_record *record)
{
    if (in_window(measure, record->at[STAGE_CALL_OFFERED])) {
        keep_call(measure, record);
    }
}

void measure_add_mission(struct measure *measure, const struct mission_record *record)
{
    if (in_window(measure, record->offered_at)) {
        (void)keep_mission(measure, record);
    }
}

/* ---- calls ---- */

static struct call_slot *call_of(struct measure *measure, struct call_id id)
{
    struct call_slot *slot = &measure->calls[id.v & measure->call_mask];
    return slot->id == id.v && id.v != 0 ? slot : NULL;
}

static void record_from_call(const struct measure *measure, const struct call_slot *call, struct call_record *record)
{
    record_clear(record);
    record->at[STAGE_CALL_OFFERED] = call->offered_at;
    record->at[STAGE_CALL_ANSWERED] = call->answered_at;
    record->at[STAGE_PLACE_KNOWN] = call->located_at;
    record->at[STAGE_ARREST_RECOGNISED] = call->recognised_at;
    record->at[STAGE_COMPRESSIONS_BEGUN] = call->compressions_at;
    record->protocol = call->protocol;
    record->proposed = call->proposed;
    record->point = call->point;
    record->call = call->id;
    record->external = call->external;
    record->district = call->district;
    record->counted = in_window(measure, call->offered_at);
}

/* A call that becomes no incident of its own. */
static void call_over(struct measure *measure, struct call_slot *call, enum call_result result, uint32_t incident,
                      struct instant at)
{
    struct call_record record;
    record_from_call(measure, call, &record);
    record.result = (uint8_t)result;
    record.incident = incident;
    measure_add_span(measure, measure->in_system_us, 1, call->offered_at, at);
    call->id = 0;
    give_out(measure, &record);
}

static void call_offered(struct measure *measure, const struct event_call_offered *event, struct instant now)
{
    struct call_slot *slot = &measure->calls[event->call.v & measure->call_mask];
    if (slot->id != 0) {
        call_over(measure, slot, CALL_RESULT_UNFINISHED, 0, now);
    }
    *slot = (struct call_slot){ .id = event->call.v,
                                .external = event->external,
                                .offered_at = event->occurred_at,
                                .answered_at = INSTANT_NONE,
                                .located_at = INSTANT_NONE,
                                .recognised_at = INSTANT_NONE,
                                .compressions_at = INSTANT_NONE,
                                .proposed = PRIORITY_COUNT };
}

static void call_answered(struct measure *measure, const struct event_call_answered *event)
{
    struct call_slot *call = call_of(measure, event->call);
    if (call != NULL && instant_is_none(call->answered_at)) {
        call->answered_at = event->occurred_at;
        call->abandoned = false;
    }
}

static void call_located(struct measure *measure, const struct event_call_located *event)
{
    struct call_slot *call = call_of(measure, event->call);
    if (call != NULL) {
        call->point = event->point;
        call->district = event->district;
        if (instant_is_none(call->located_at)) {
            call->located_at = event->occurred_at;
        }
    }
}

static void call_abandoned(struct measure *measure, const struct event_call_abandoned *event)
{
    struct call_slot *call = call_of(measure, event->call);
    if (call != NULL) {
        call->abandoned = true;
    }
}

static void call_closed(struct measure *measure, const struct event_call_closed *event, struct instant now)
{
    struct call_slot *call = call_of(measure, event->call);
    if (call != NULL) {
        call_over(measure, call, call->abandoned ? CALL_RESULT_LOST : CALL_RESULT_NO_UNIT, 0, now);
    }
}

/* ---- incidents ---- */

static struct incident_slot *incident_of(struct measure *measure, uint32_t id)
{
    struct incident_slot *slot = &measure->incidents[id & measure->incident_mask];
    return slot->id == id && id != 0 ? slot : NULL;
}

static void incident_opened(struct measure *measure, const struct event_incident_opened *event, struct instant now)
{
    struct incident_slot *slot = &measure->incidents[event->incident.v & measure->incident_mask];
    if (slot->id != 0) { /* over, but its unit was not back yet: that stage stays open */
        slot->closed = true;
        slot->unit_busy = false;
        give_out_if_over(measure, slot);
    }
    struct call_slot *call = call_of(measure, event->call);
    struct call_record *record = &slot->record;
    if (call != NULL) {
        record_from_call(measure, call, record);
        call->opened_id = call->id;
        call->incident = event->incident.v;
        call->id = 0;
    } else { /* the journal is read from the middle */
        record_clear(record);
        record->call = event->call.v;
    }
    record->at[STAGE_CALL_OFFERED] = event->offered_at;
    record->at[STAGE_TRIAGED] = event->triaged_at;
    record->at[STAGE_INCIDENT_OPENED] = now;
    record->counted = in_window(measure, event->offered_at);
    record->point = event->point;
    record->incident = event->incident.v;
    record->district = event->district;
    record->units_needed = event->units_wanted;
    record->priority = record->opened = event->priority;
    record->result = CALL_RESULT_UNFINISHED;
    slot->id = event->incident.v;
    slot->queued_since = INSTANT_NONE;
    slot->closed = slot->reached = slot->unit_busy = false;
}

static void queue_leave(struct measure *measure, struct incident_slot *incident, struct instant now)
{
    if (instant_is_none(incident->queued_since)) {
        return;
    }
    incident->record.queued = duration_add(incident->record.queued, instant_since(now, incident->queued_since));
    measure_add_span(measure, measure->queued_us, 1, incident->queued_since, now);
    incident->queued_since = INSTANT_NONE;
    measure->queue_now--;
}

static void incident_queued(struct measure *measure, const struct event_incident_queued *event, struct instant now)
{
    struct incident_slot *incident = incident_of(measure, event->incident.v);
    if (incident == NULL || !instant_is_none(incident->queued_since)) {
        return;
    }
    incident->queued_since = now;
    incident->record.was_queued = 1;
    measure->queue_now++;
    if (measure->queue_now > measure->queue_most && in_window(measure, now)) {
        measure->queue_most = measure->queue_now;
    }
}

static void incident_prioritised(struct measure *measure, const struct event_incident_prioritised *event)
{
    struct incident_slot *incident = incident_of(measure, event->incident.v);
    if (incident != NULL) {
        incident->record.priority = event->after;
        incident->record.reprioritised |= incident->record.dispatches > 0 && event->before != event->after;
    }
}

static void units_requested(struct measure *measure, const struct event_units_requested *event)
{
    struct incident_slot *incident = incident_of(measure, event->incident.v);
    if (incident != NULL) {
        incident->record.units_needed = (uint16_t)(incident->record.units_needed + event->more);
    }
}

static void shortfall_recorded(struct measure *measure, const struct event_shortfall_recorded *event, struct instant now)
{
    struct incident_slot *incident = incident_of(measure, event->incident.v);
    if (incident != NULL) {
        queue_leave(measure, incident, now);
        incident->record.units_short = (uint16_t)(incident->record.units_short + event->units);
        incident->record.shortfall_reason = event->reason;
    }
}

static void incident_closed(struct measure *measure, const struct event_incident_closed *event, struct instant now)
{
    static const uint8_t result_of[INCIDENT_OUTCOME_COUNT] = {
        [INCIDENT_OUTCOME_TREATED] = CALL_RESULT_SERVED,
        [INCIDENT_OUTCOME_TRANSPORTED] = CALL_RESULT_SERVED,
        [INCIDENT_OUTCOME_CANCELLED] = CALL_RESULT_CANCELLED,
        [INCIDENT_OUTCOME_SHORTFALL] = CALL_RESULT_SHORTFALL,
    };
    struct incident_slot *incident = incident_of(measure, event->incident.v);
    if (incident == NULL) {
        return;
    }
    queue_leave(measure, incident, now);
    measure_add_span(measure, measure->in_system_us, 1, incident->record.at[STAGE_CALL_OFFERED], now);
    incident->record.result = event->outcome < INCIDENT_OUTCOME_COUNT ? result_of[event->outcome] : CALL_RESULT_CANCELLED;
    incident->closed = true;
    if (incident->unit_busy && measure->setup.closed != NULL) {
        measure->setup.closed(measure->setup.context, &incident->record);
    }
    give_out_if_over(measure, incident);
}

/* ---- triage ---- */

static void keep_first(struct instant *at, struct instant other) { *at = instant_is_none(*at) ? other : *at; }

/* What the second caller told before it was known that both speak of the same counts from now on. */
static void call_linked(struct measure *measure, const struct event_call_linked *event, struct instant now)
{
    struct call_slot *call = call_of(measure, event->call);
    struct incident_slot *incident = incident_of(measure, event->incident.v);
    if (call != NULL && incident != NULL) {
        keep_first(&incident->record.at[STAGE_ARREST_RECOGNISED], call->recognised_at);
        keep_first(&incident->record.at[STAGE_COMPRESSIONS_BEGUN], call->compressions_at);
    }
    if (call != NULL) {
        call_over(measure, call, CALL_RESULT_LINKED, event->incident.v, now);
    }
}

/* The record of the incident that the call has become, while it is open: what is told later changes no figure. */
static struct call_record *record_opened_by(struct measure *measure, struct call_id id)
{
    const struct call_slot *slot = &measure->calls[id.v & measure->call_mask];
    struct incident_slot *incident = slot->opened_id == id.v ? incident_of(measure, slot->incident) : NULL;
    return incident != NULL && !incident->closed ? &incident->record : NULL;
}

static void triage_begun(struct measure *measure, const struct event_triage_begun *event)
{
    struct call_slot *call = call_of(measure, event->call);
    struct call_record *record = call == NULL ? record_opened_by(measure, event->call) : NULL;
    if (call != NULL && call->protocol == 0) {
        call->protocol = (uint8_t)event->protocol;
    }
    if (record != NULL && record->protocol == 0) {
        record->protocol = (uint8_t)event->protocol;
    }
}

static void triage_proposed(struct measure *measure, const struct event_triage_proposed *event)
{
    struct call_slot *call = call_of(measure, event->call);
    if (call != NULL) {
        call->proposed = event->priority_known ? event->priority : PRIORITY_COUNT;
    }
}

/* The first caller of the incident who tells it counts. */
static void milestone_reached(struct measure *measure, const struct event_milestone_reached *event)
{
    struct call_slot *call = call_of(measure, event->call);
    struct incident_slot *incident = incident_of(measure, event->incident.v);
    struct instant *recognised = NULL, *compressions = NULL;
    if (call != NULL) {
        recognised = &call->recognised_at;
        compressions = &call->compressions_at;
    } else if (incident != NULL) {
        recognised = &incident->record.at[STAGE_ARREST_RECOGNISED];
        compressions = &incident->record.at[STAGE_COMPRESSIONS_BEGUN];
    }
    if (recognised != NULL && (event->marks & MARK_ARREST_RECOGNISED) != 0) {
        keep_first(recognised, event->occurred_at);
    }
    if (compressions != NULL && (event->marks & MARK_COMPRESSIONS_BEGUN) != 0) {
        keep_first(compressions, event->occurred_at);
    }
}

static void answer_withdrawn(struct measure *measure, const struct event_answer_withdrawn *event)
{
    struct call_slot *call = call_of(measure, event->call);
    struct incident_slot *incident = incident_of(measure, event->incident.v);
    bool not_recognised = (event->marks & MARK_ARREST_RECOGNISED) != 0;
    bool no_compressions = (event->marks & MARK_COMPRESSIONS_BEGUN) != 0;
    if (call != NULL) {
        call->recognised_at = not_recognised ? INSTANT_NONE : call->recognised_at;
        call->compressions_at = no_compressions ? INSTANT_NONE : call->compressions_at;
    }
    if (incident != NULL) {
        struct instant *at = incident->record.at;
        at[STAGE_ARREST_RECOGNISED] = not_recognised ? INSTANT_NONE : at[STAGE_ARREST_RECOGNISED];
        at[STAGE_COMPRESSIONS_BEGUN] = no_compressions ? INSTANT_NONE : at[STAGE_COMPRESSIONS_BEGUN];
    }
}

/* ---- units and missions ---- */

static struct unit_slot *unit_of(struct measure *measure, struct unit_id id)
{
    return id.v != 0 && id.v <= measure->setup.limits.units ? &measure->units[id.v] : NULL;
}

static struct mission_slot *mission_of(struct measure *measure, struct mission_id id)
{
    struct mission_slot *slot = &measure->missions[id.v & measure->mission_mask];
    return slot->id == id.v && id.v != 0 ? slot : NULL;
}

static void unit_becomes(struct measure *measure, uint32_t id, struct unit_slot *unit, enum activity activity, struct instant at)
{
    if (unit->exists && instant_before(unit->since, at)) {
        measure_add_span(measure, &measure->activity_us[0][unit->activity], ACTIVITY_COUNT, unit->since, at);
        measure->unit_activity_us[id * ACTIVITY_COUNT + unit->activity] += clipped_us(measure, unit->since, at);
        unit->since = at;
    } else if (!unit->exists) {
        unit->since = at;
        unit->exists = 1;
    }
    unit->activity = (uint8_t)activity;
}

/* The unit is back at its post (at) or will not come back from its last mission (INSTANT_NONE): it was sent on or left service.
 */
static void return_is_over(struct measure *measure, struct unit_slot *unit, struct instant at)
{
    if (unit->last_row != 0 && !instant_is_none(at)) {
        struct mission_row *row = &measure->mission_rows.items[unit->last_row - 1];
        row->at[STAGE_BACK_AT_POST - STAGE_UNIT_ASSIGNED] = row_return(row->at[STAGE_AVAILABLE - STAGE_UNIT_ASSIGNED],
                                                                       unit->available_at, at);
    }
    if (measure->setup.completed != NULL && unit->last_mission != 0 && !instant_is_none(at)) {
        unit->last.at[STAGE_BACK_AT_POST] = at;
        measure->setup.completed(measure->setup.context, &unit->last);
    }
    struct incident_slot *incident = incident_of(measure, unit->last_incident);
    if (incident != NULL && incident->record.mission == unit->last_mission) {
        incident->record.at[STAGE_BACK_AT_POST] = at;
        incident->unit_busy = false;
        give_out_if_over(measure, incident);
    }
    unit->last_incident = unit->last_mission = unit->last_row = 0;
}

static void unit_added(struct measure *measure, const struct event_unit_added *event, struct instant now)
{
    struct unit_slot *unit = unit_of(measure, event->unit);
    if (unit != NULL) {
        unit_becomes(measure, event->unit.v, unit, ACTIVITY_OFF_DUTY, now);
    }
}

static void unit_changed(struct measure *measure, const struct event_unit_changed *event)
{
    static const uint8_t activity_of[UNIT_STATE_COUNT] = {
        [UNIT_STATE_OFF_DUTY] = ACTIVITY_OFF_DUTY,
        [UNIT_STATE_AT_POST] = ACTIVITY_AT_POST,
        [UNIT_STATE_ON_MISSION] = ACTIVITY_TO_SCENE,
        [UNIT_STATE_RETURNING] = ACTIVITY_RETURNING,
        [UNIT_STATE_OUT_OF_SERVICE] = ACTIVITY_OUT_OF_SERVICE,
    };
    struct unit_slot *unit = unit_of(measure, event->unit);
    if (unit == NULL || event->state >= UNIT_STATE_COUNT) {
        return;
    }
    unit_becomes(measure, event->unit.v, unit, activity_of[event->state], event->occurred_at);
    if (event->state != UNIT_STATE_RETURNING && unit->last_mission != 0) {
        return_is_over(measure, unit, event->what == UNIT_EVENT_REACH_POST ? event->occurred_at : INSTANT_NONE);
    }
}

static enum dispatch_kind dispatch_kind_of(const struct event_unit_assigned *event, const struct incident_slot *incident)
{
    switch (event->unit_was) {
    case UNIT_STATE_ON_MISSION: return DISPATCH_DIVERTED;
    case UNIT_STATE_RETURNING:
        return incident != NULL && !instant_is_none(incident->queued_since) ? DISPATCH_FREED : DISPATCH_RETURNING;
    default: return DISPATCH_FROM_POST;
    }
}

/* The record tells of this mission: the first to reach the scene, or until then the last to be sent. */
static void record_tells_of(struct call_record *record, const struct mission_slot *mission)
{
    memcpy(&record->at[STAGE_UNIT_ASSIGNED], &mission->at[STAGE_UNIT_ASSIGNED],
           sizeof record->at[0] * (STAGE_COUNT - STAGE_UNIT_ASSIGNED));
    record->mission = mission->id;
    record->unit = mission->unit;
    record->facility = mission->facility;
    record->transported = mission->left_scene;
    record->reached_by = mission->kind;
}

static void unit_assigned(struct measure *measure, const struct event_unit_assigned *event, struct instant now)
{
    struct unit_slot *unit = unit_of(measure, event->unit);
    struct incident_slot *incident = incident_of(measure, event->incident.v);
    struct mission_slot *mission = &measure->missions[event->mission.v & measure->mission_mask];
    for (unsigned stage = STAGE_UNIT_ASSIGNED; stage < STAGE_COUNT; stage++) {
        mission->at[stage] = INSTANT_NONE;
    }
    mission->at[STAGE_UNIT_ASSIGNED] = now;
    mission->id = event->mission.v;
    mission->incident = event->incident.v;
    mission->unit = event->unit.v;
    mission->facility = 0;
    mission->left_scene = false;
    mission->kind = (uint8_t)dispatch_kind_of(event, incident);
    measure->dispatches[mission->kind] += in_window(measure, now);
    if (unit != NULL) {
        if (unit->last_mission != 0) {
            return_is_over(measure, unit, INSTANT_NONE);
        }
        unit->mission = event->mission.v;
        unit_becomes(measure, event->unit.v, unit, ACTIVITY_TO_SCENE, now);
    }
    if (incident != NULL) {
        queue_leave(measure, incident, now);
        incident->record.dispatches++;
        if (!incident->reached) {
            record_tells_of(&incident->record, mission);
            incident->unit_busy = true;
        }
    }
}

static void reach_scene(struct incident_slot *incident, const struct mission_slot *mission)
{
    if (!incident->reached) {
        incident->reached = true;
        record_tells_of(&incident->record, mission);
    }
}

static void mission_progressed(struct measure *measure, const struct event_mission_progressed *event)
{
    static const struct {
        uint8_t stage, activity;
    } of_event[MISSION_EVENT_COUNT] = {
        [MISSION_EVENT_NOTIFY] = { STAGE_UNIT_NOTIFIED, ACTIVITY_TO_SCENE },
        [MISSION_EVENT_ACKNOWLEDGE] = { STAGE_UNIT_ACKNOWLEDGED, ACTIVITY_TO_SCENE },
        [MISSION_EVENT_DEPART] = { STAGE_UNIT_DEPARTED, ACTIVITY_TO_SCENE },
        [MISSION_EVENT_ARRIVE] = { STAGE_ON_SCENE, ACTIVITY_AT_SCENE },
        [MISSION_EVENT_REACH_PATIENT] = { STAGE_AT_PATIENT, ACTIVITY_AT_SCENE },
        [MISSION_EVENT_LEAVE_SCENE] = { STAGE_LEFT_SCENE, ACTIVITY_TO_FACILITY },
        [MISSION_EVENT_REACH_FACILITY] = { STAGE_AT_FACILITY, ACTIVITY_AT_FACILITY },
        [MISSION_EVENT_HAND_OVER] = { STAGE_HANDED_OVER, ACTIVITY_AT_FACILITY },
    };
    struct mission_slot *mission = mission_of(measure, event->mission);
    if (mission == NULL || event->stage > MISSION_EVENT_HAND_OVER) {
        return;
    }
    uint8_t stage = of_event[event->stage].stage, activity = of_event[event->stage].activity;
    mission->at[stage] = event->occurred_at;
    mission->left_scene = mission->left_scene || stage >= STAGE_LEFT_SCENE;
    struct unit_slot *unit = unit_of(measure, (struct unit_id){ mission->unit });
    if (unit != NULL && unit->mission == mission->id && unit->activity != activity) {
        unit_becomes(measure, mission->unit, unit, (enum activity)activity, event->occurred_at);
    }
    struct incident_slot *incident = incident_of(measure, mission->incident);
    if (incident == NULL) {
        return;
    }
    if (stage >= STAGE_ON_SCENE) {
        reach_scene(incident, mission);
    }
    if (incident->record.mission == mission->id) {
        incident->record.at[stage] = event->occurred_at;
        incident->record.transported = mission->left_scene;
    }
}

static void destination_chosen(struct measure *measure, const struct event_destination_chosen *event)
{
    struct mission_slot *mission = mission_of(measure, event->mission);
    if (mission == NULL) {
        return;
    }
    mission->facility = event->facility.v;
    struct incident_slot *incident = incident_of(measure, mission->incident);
    if (incident != NULL && incident->record.mission == mission->id) {
        incident->record.facility = mission->facility;
    }
}

static void mission_record_of(const struct mission_slot *mission, const struct call_record *call, struct mission_record *record)
{
    *record = (struct mission_record){ .offered_at = call->at[STAGE_CALL_OFFERED],
                                       .mission = mission->id,
                                       .call = call->call,
                                       .incident = call->incident,
                                       .unit = mission->unit,
                                       .facility = mission->left_scene ? mission->facility : 0,
                                       .district = call->district,
                                       .priority = call->priority,
                                       .transported = mission->left_scene,
                                       .counted = call->counted };
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
        record->at[stage] = stage < STAGE_UNIT_ASSIGNED ? INSTANT_NONE : mission->at[stage];
    }
}

static void mission_completed(struct measure *measure, struct mission_slot *mission, struct unit_slot *unit,
                              struct incident_slot *incident, struct instant at)
{
    mission->at[STAGE_AVAILABLE] = at;
    if (!instant_is_none(mission->at[STAGE_AT_FACILITY]) && mission->facility <= measure->setup.limits.facilities) {
        measure->facility_us[mission->facility] += clipped_us(measure, mission->at[STAGE_AT_FACILITY], at);
    }
    if (incident == NULL) {
        return;
    }
    struct mission_record record;
    mission_record_of(mission, &incident->record, &record);
    uint32_t row = record.counted ? keep_mission(measure, &record) : 0;
    if (incident->record.mission == mission->id) {
        incident->record.at[STAGE_AVAILABLE] = at;
    }
    if (unit != NULL) { /* the incident's record stays open until the unit is back or sent on */
        unit->last_incident = incident->id;
        unit->last_mission = mission->id;
        unit->last_row = row;
        unit->available_at = at;
    }
    if (measure->setup.completed != NULL) {
        measure->setup.completed(measure->setup.context, &record);
        if (unit != NULL) {
            unit->last = record;
        }
    }
}

static void mission_ended(struct measure *measure, const struct event_mission_ended *event)
{
    struct mission_slot *mission = mission_of(measure, event->mission);
    if (mission == NULL) {
        return;
    }
    struct unit_slot *unit = unit_of(measure, event->unit);
    struct incident_slot *incident = incident_of(measure, mission->incident);
    if (unit != NULL && unit->mission == mission->id) {
        bool broken = event->reason == MISSION_END_REASON_BROKE_DOWN;
        unit_becomes(measure, event->unit.v, unit, broken ? ACTIVITY_OUT_OF_SERVICE : ACTIVITY_RETURNING, event->occurred_at);
        unit->mission = 0;
    }
    if (incident != NULL && event->reason == MISSION_END_REASON_DIVERTED) {
        incident->record.diversions++;
    }
    if (event->reason == MISSION_END_REASON_COMPLETED) {
        mission_completed(measure, mission, unit, incident, event->occurred_at);
    } else if (incident != NULL && incident->record.mission == mission->id) {
        incident->unit_busy = false;
        give_out_if_over(measure, incident);
    }
    mission->id = 0;
}

/* ---- entered from paper ---- */

static void stages_of_paper(const struct paper_mission *paper, struct instant at[STAGE_COUNT])
{
    at[STAGE_UNIT_ASSIGNED] = paper->assigned_at;
    at[STAGE_UNIT_NOTIFIED] = paper->notified_at;
    at[STAGE_UNIT_ACKNOWLEDGED] = paper->acknowledged_at;
    at[STAGE_UNIT_DEPARTED] = paper->departed_at;
    at[STAGE_ON_SCENE] = paper->on_scene_at;
    at[STAGE_AT_PATIENT] = paper->at_patient_at;
    at[STAGE_LEFT_SCENE] = paper->left_scene_at;
    at[STAGE_AT_FACILITY] = paper->at_facility_at;
    at[STAGE_HANDED_OVER] = paper->handed_over_at;
    at[STAGE_AVAILABLE] = paper->end_reason == MISSION_END_REASON_COMPLETED ? paper->available_at : INSTANT_NONE;
    at[STAGE_BACK_AT_POST] = paper->end_reason == MISSION_END_REASON_COMPLETED ? paper->back_at_post_at : INSTANT_NONE;
}

/* From which stage on something is known; STAGE_COUNT: nothing is. */
static bool paper_knows(const struct paper_mission *paper, enum stage from)
{
    struct instant at[STAGE_COUNT];
    stages_of_paper(paper, at);
    bool known = false;
    for (unsigned stage = from; stage <= STAGE_HANDED_OVER; stage++) {
        known = known || !instant_is_none(at[stage]);
    }
    return known;
}

/* A time that nobody noted stays empty on paper: where the patient was taken, and how the mission ended, tell it as well. */
static bool paper_transported(const struct paper_mission *paper)
{
    return paper->taken_to.v != 0 || paper_knows(paper, STAGE_LEFT_SCENE);
}

static bool paper_reached(const struct paper_mission *paper)
{
    return paper_transported(paper) || paper_knows(paper, STAGE_ON_SCENE) || paper->end_reason == MISSION_END_REASON_COMPLETED;
}

static enum call_result result_of_paper(const struct event_paper_entered *event)
{
    bool reached = false;
    for (uint32_t i = 0; i < event->count; i++) {
        reached = reached || paper_reached(&event->items[i]);
    }
    switch ((enum paper_result)event->result) {
    case PAPER_RESULT_LINKED: return CALL_RESULT_LINKED;
    case PAPER_RESULT_NO_UNIT: return CALL_RESULT_NO_UNIT;
    case PAPER_RESULT_HUNG_UP: return CALL_RESULT_LOST;
    default: return reached ? CALL_RESULT_SERVED : event->units_short > 0 ? CALL_RESULT_SHORTFALL : CALL_RESULT_CANCELLED;
    }
}

/* The unit whose stages the call's record tells: the first on scene; of those without that time the first that was there at
 * all; else the last one that was sent. count: none was. */
static uint32_t first_there(const struct event_paper_entered *event)
{
    uint32_t first = event->count;
    struct instant earliest = INSTANT_NEVER;
    for (uint32_t i = 0; i < event->count; i++) {
        struct instant on_scene = event->items[i].on_scene_at;
        if (!instant_is_none(on_scene) && instant_before(on_scene, earliest)) {
            earliest = on_scene;
            first = i;
        }
    }
    for (uint32_t i = 0; first == event->count && i < event->count; i++) {
        first = paper_reached(&event->items[i]) ? i : first;
    }
    return first == event->count && event->count > 0 ? event->count - 1 : first;
}

static void record_of_paper(const struct measure *measure, const struct event_paper_entered *event, struct call_record *record)
{
    record_clear(record);
    record->at[STAGE_CALL_OFFERED] = event->offered_at;
    record->at[STAGE_CALL_ANSWERED] = event->answered_at;
    record->at[STAGE_PLACE_KNOWN] = event->located_at;
    record->at[STAGE_ARREST_RECOGNISED] = event->recognised_at;
    record->at[STAGE_COMPRESSIONS_BEGUN] = event->compressions_at;
    record->point = event->point;
    record->call = event->call.v;
    record->incident = event->incident.v;
    record->district = event->district;
    record->form = event->form;
    record->counted = in_window(measure, event->offered_at);
    record->result = (uint8_t)result_of_paper(event);
    if (event->result != PAPER_RESULT_INCIDENT) {
        return;
    }
    record->at[STAGE_TRIAGED] = record->at[STAGE_INCIDENT_OPENED] = event->triaged_at;
    record->priority = record->opened = event->priority;
    record->units_needed = event->units_wanted;
    record->units_short = event->units_short;
    record->shortfall_reason = event->units_short > 0 ? event->shortfall_reason : MEASURE_NO_REASON;
    record->dispatches = (uint16_t)event->count;
    for (uint32_t i = 0; i < event->count; i++) {
        record->diversions = (uint16_t)(record->diversions + (event->items[i].end_reason == MISSION_END_REASON_DIVERTED));
    }
}

/* One that was completed, as a live one is given out when its unit is back. */
static void mission_of_paper(struct measure *measure, const struct event_paper_entered *event, uint32_t which)
{
    const struct paper_mission *paper = &event->items[which];
    bool transported = paper_transported(paper);
    struct mission_record record = { .offered_at = event->offered_at,
                                     .mission = event->mission.v + which,
                                     .call = event->call.v,
                                     .incident = event->incident.v,
                                     .unit = paper->unit.v,
                                     .facility = transported ? paper->taken_to.v : 0,
                                     .district = event->district,
                                     .priority = event->priority,
                                     .transported = transported,
                                     .counted = in_window(measure, event->offered_at),
                                     .form = event->form };
    for (unsigned stage = 0; stage < STAGE_UNIT_ASSIGNED; stage++) {
        record.at[stage] = INSTANT_NONE;
    }
    stages_of_paper(paper, record.at);
    if (record.counted) {
        (void)keep_mission(measure, &record);
    }
    if (measure->setup.completed != NULL) {
        measure->setup.completed(measure->setup.context, &record);
    }
}

/* All of it happened before now, by its own times. What is reckoned by the clock (units' hours, queues) is not touched: nobody
 * looked then. */
static void paper_entered(struct measure *measure, const struct event_paper_entered *event)
{
    struct call_record record;
    record_of_paper(measure, event, &record);
    uint32_t first = first_there(event);
    if (first < event->count) {
        const struct paper_mission *paper = &event->items[first];
        stages_of_paper(paper, record.at);
        record.mission = event->mission.v + first;
        record.unit = paper->unit.v;
        record.facility = paper->taken_to.v;
        record.transported = paper_transported(paper);
    }
    for (uint32_t i = 0; i < event->count; i++) {
        if (event->items[i].end_reason == MISSION_END_REASON_COMPLETED) {
            mission_of_paper(measure, event, i);
        }
    }
    give_out(measure, &record);
}

/* ---- the switch ---- */

void measure_event(struct measure *measure, const struct event_head *event, struct instant entered_at)
{
#define AS(name) ((const struct event_##name *)(const void *)event)
    switch (event->kind) {
    case EVENT_UNIT_ADDED: unit_added(measure, AS(unit_added), entered_at); break;
    case EVENT_CALL_OFFERED: call_offered(measure, AS(call_offered), entered_at); break;
    case EVENT_CALL_ANSWERED: call_answered(measure, AS(call_answered)); break;
    case EVENT_CALL_ABANDONED: call_abandoned(measure, AS(call_abandoned)); break;
    case EVENT_CALL_LOCATED: call_located(measure, AS(call_located)); break;
    case EVENT_CALL_LINKED: call_linked(measure, AS(call_linked), entered_at); break;
    case EVENT_CALL_CLOSED: call_closed(measure, AS(call_closed), entered_at); break;
    case EVENT_INCIDENT_OPENED: incident_opened(measure, AS(incident_opened), entered_at); break;
    case EVENT_INCIDENT_QUEUED: incident_queued(measure, AS(incident_queued), entered_at); break;
    case EVENT_INCIDENT_PRIORITISED: incident_prioritised(measure, AS(incident_prioritised)); break;
    case EVENT_UNITS_REQUESTED: units_requested(measure, AS(units_requested)); break;
    case EVENT_SHORTFALL_RECORDED: shortfall_recorded(measure, AS(shortfall_recorded), entered_at); break;
    case EVENT_INCIDENT_CLOSED: incident_closed(measure, AS(incident_closed), entered_at); break;
    case EVENT_UNIT_ASSIGNED: unit_assigned(measure, AS(unit_assigned), entered_at); break;
    case EVENT_MISSION_PROGRESSED: mission_progressed(measure, AS(mission_progressed)); break;
    case EVENT_MISSION_ENDED: mission_ended(measure, AS(mission_ended)); break;
    case EVENT_DESTINATION_CHOSEN: destination_chosen(measure, AS(destination_chosen)); break;
    case EVENT_TRIAGE_BEGUN: triage_begun(measure, AS(triage_begun)); break;
    case EVENT_TRIAGE_PROPOSED: triage_proposed(measure, AS(triage_proposed)); break;
    case EVENT_MILESTONE_REACHED: milestone_reached(measure, AS(milestone_reached)); break;
    case EVENT_ANSWER_WITHDRAWN: answer_withdrawn(measure, AS(answer_withdrawn)); break;
    case EVENT_UNIT_CHANGED: unit_changed(measure, AS(unit_changed)); break;
    case EVENT_PAPER_ENTERED: paper_entered(measure, AS(paper_entered)); break;
    default: /* says nothing that is measured */ break;
    }
#undef AS
}

void measure_entry(struct measure *measure, const struct entry_head *entry)
{
    const unsigned char *at = (const unsigned char *)entry + sizeof *entry + entry->command_size;
    for (uint32_t i = 0; i < entry->event_count; i++) {
        const struct event_head *event = (const struct event_head *)(const void *)at;
        measure_event(measure, event, entry->entered_at);
        at += event->size;
    }
    measure->events += entry->event_count;
    measure->entries++;
}

static void finish_incident(struct measure *measure, struct incident_slot *incident, struct instant now)
{
    if (incident->id == 0) {
        return;
    }
    queue_leave(measure, incident, now);
    if (!incident->closed) {
        measure_add_span(measure, measure->in_system_us, 1, incident->record.at[STAGE_CALL_OFFERED], now);
        incident->record.result = CALL_RESULT_UNFINISHED;
        incident->closed = true;
    }
    incident->unit_busy = false;
    give_out_if_over(measure, incident);
}

enum status measure_finish(struct measure *measure, struct instant now, struct error *error)
{
    CHECK(instant_is_none(measure->finished_at));
    for (uint32_t id = 1; id <= measure->setup.limits.units; id++) {
        struct unit_slot *unit = &measure->units[id];
        if (unit->exists) {
            unit_becomes(measure, id, unit, (enum activity)unit->activity, now);
        }
    }
    for (uint32_t slot = 0; slot <= measure->incident_mask; slot++) {
        finish_incident(measure, &measure->incidents[slot], now);
    }
    for (uint32_t slot = 0; slot <= measure->call_mask; slot++) {
        if (measure->calls[slot].id != 0) {
            call_over(measure, &measure->calls[slot], CALL_RESULT_UNFINISHED, 0, now);
        }
    }
    measure->finished_at = now;
    if (measure->memory_refused) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to keep the figures of %zu calls; measure fewer days at once",
                     measure->call_rows.count);
    }
    return STATUS_OK;
}
