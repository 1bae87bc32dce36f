/* A facility: whether it receives patients, and its beds. Bed figures are conserved: every change moves one bed from one state to
 * another, and only a new count by the facility itself changes the sum. */
#include "core/entities.h"

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
    facility->revision += 1;
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
    (void)entry;
    struct facility *facility = facility_at(core, event->facility);
    uint16_t *beds = facility->beds[event->kind];
    CHECK(beds[event->from] > 0 && beds[event->to] < UINT16_MAX);
    beds[event->from] -= 1;
    beds[event->to] += 1;
    facility->revision += 1;
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
    struct event_facility_changed *event = EMIT(decision, FACILITY_CHANGED, facility_changed);
    event->facility = command->facility;
    event->state = state;
    event->until = command->what == FACILITY_EVENT_DIVERT ? command->until : INSTANT_NONE;
    return REFUSED_NONE;
}

APPLY(facility_changed)
{
    (void)entry;
    struct facility *facility = facility_at(core, event->facility);
    facility->state = event->state;
    facility->diverting_until = event->until;
    facility->revision += 1;
}
