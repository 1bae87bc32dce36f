/* A facility: whether it receives patients, and its beds. Bed figures are conserved: every change moves one bed from one state to
 * another, and only a new count by the facility itself changes the sum. */
#include "core/entities.h"

bool facility_takes_part(const struct facility *facility)
{
    bool reports = false;
    for (int kind = 0; kind < BED_KIND_COUNT; kind++) {
        reports = reports || !instant_is_none(facility->counted_at[kind]);
    }
    return reports;
}

/* A facility that has ever counted its beds is expected to go on, unless it is shut. */
void facility_heard(struct core *core, struct facility_id id, struct instant now)
{
    const struct facility *facility = facility_at(core, id);
    if (facility_takes_part(facility) && facility->state != FACILITY_STATE_SHUT) {
        timer_set(core, ALARM_KIND_BEDS_STALE, id.v, now, core->head->rules.limit_s[ALARM_KIND_BEDS_STALE]);
    } else {
        timer_clear(core, SUBJECT_FACILITY, id.v);
    }
}

DECIDE(beds_set)
{
    if (core_facility(decision->core, command->facility) == NULL) {
        return REFUSED_UNKNOWN_FACILITY;
    }
    struct event_beds_counted *event = EMIT(decision, BEDS_COUNTED, beds_counted);
    event->facility = command->facility;
    event->kind = command->kind;
    event->available = command->available;
    event->occupied = command->occupied;
    event->blocked = command->blocked;
    event->converting = command->converting;
    return REFUSED_NONE;
}

/* Reserved beds are the centre's own knowledge of patients on the way: a count by the facility does not touch them. */
APPLY(beds_counted)
{
    struct facility *facility = facility_at(core, event->facility);
    uint16_t *beds = facility->beds[event->kind];
    beds[BED_STATE_AVAILABLE] = event->available;
    beds[BED_STATE_OCCUPIED] = event->occupied;
    beds[BED_STATE_BLOCKED] = event->blocked;
    beds[BED_STATE_CONVERTING] = event->converting;
    facility->counted_at[event->kind] = entry->entered_at;
    note_change(entry, &facility->revision, &facility->last_change);
    facility_heard(core, event->facility, entry->entered_at);
}

DECIDE(bed_change)
{
    const struct facility *facility = core_facility(decision->core, command->facility);
    if (facility == NULL) {
        return REFUSED_UNKNOWN_FACILITY;
    }
    if (command->what == BED_EVENT_RESERVE || command->what == BED_EVENT_RELEASE || command->from == BED_STATE_RESERVED) {
        return REFUSED_NOT_A_REPORT;
    }
    uint8_t to = bed_transition[command->from][command->what];
    if (to == TRANSITION_REFUSED) {
        return REFUSED_TRANSITION;
    }
    if (instant_is_none(facility->counted_at[command->kind]) || facility->beds[command->kind][command->from] == 0) {
        return REFUSED_NO_SUCH_BED;
    }
    struct event_bed_changed *event = EMIT(decision, BED_CHANGED, bed_changed);
    event->facility = command->facility;
    event->kind = command->kind;
    event->from = command->from;
    event->to = to;
    return REFUSED_NONE;
}

APPLY(bed_changed)
{
    struct facility *facility = facility_at(core, event->facility);
    uint16_t *beds = facility->beds[event->kind];
    CHECK(beds[event->from] > 0 && beds[event->to] < UINT16_MAX);
    beds[event->from] -= 1;
    beds[event->to] += 1;
    note_change(entry, &facility->revision, &facility->last_change);
    if (bed_change_is_reported(event)) {
        facility_heard(core, event->facility, entry->entered_at);
    }
}

DECIDE(facility_report)
{
    const struct facility *facility = core_facility(decision->core, command->facility);
    if (facility == NULL) {
        return REFUSED_UNKNOWN_FACILITY;
    }
    uint8_t state = facility_transition[facility->state][command->what];
    if (state == TRANSITION_REFUSED) {
        return REFUSED_TRANSITION;
    }
    bool diverts = command->what == FACILITY_EVENT_DIVERT;
    if (diverts && command->cause == DIVERSION_CAUSE_NONE) {
        return REFUSED_CAUSE_MISSING;
    }
    struct event_facility_changed *event = EMIT(decision, FACILITY_CHANGED, facility_changed);
    event->facility = command->facility;
    event->state = state;
    event->cause = diverts ? command->cause : DIVERSION_CAUSE_NONE;
    event->until = diverts ? command->until : INSTANT_NONE;
    return REFUSED_NONE;
}

APPLY(facility_changed)
{
    struct facility *facility = facility_at(core, event->facility);
    bool was_shut = facility->state == FACILITY_STATE_SHUT;
    facility->state = event->state;
    facility->diverting_cause = event->cause;
    facility->diverting_until = event->until;
    note_change(entry, &facility->revision, &facility->last_change);
    if (was_shut || event->state == FACILITY_STATE_SHUT) {
        facility_heard(core, event->facility, entry->entered_at);
    }
}
