/* A unit outside its missions: shifts, posts, breakdowns, positions. Positions are the commonest command of a live centre. */
#include "core/entities.h"

static void emit_changed(struct decision *decision, const struct unit *unit, enum unit_event what, enum unit_state state)
{
    struct event_unit_changed *event = EMIT(decision, UNIT_CHANGED, unit_changed);
    event->unit.v = unit->id;
    event->what = (uint8_t)what;
    event->state = (uint8_t)state;
    event->occurred_at = decision->occurred_at;
}

/* A unit that breaks down on a mission leaves its incident without it, so another is needed: unless its patient has been
 * handed over already. */
static void decide_breakdown(struct decision *decision, const struct unit *unit)
{
    const struct core *core = decision->core;
    const struct mission *mission = core_mission(core, unit->mission);
    const struct incident *incident = core_incident(core, mission->incident);
    bool still_needed = mission->state != MISSION_STATE_HANDED_OVER;
    decide_mission_end(decision, mission, MISSION_END_REASON_BROKE_DOWN, still_needed);
    emit_changed(decision, unit, UNIT_EVENT_BREAK_DOWN, UNIT_STATE_OUT_OF_SERVICE);
    if (still_needed) {
        decide_consider(decision, incident, incident->needs, incident->priority, (struct unit_id){ unit->id });
    } else {
        decide_one_unit_less(decision, incident, mission);
    }
}

DECIDE(unit_report)
{
    const struct unit *unit = core_unit(decision->core, command->unit);
    if (unit == NULL) {
        return REFUSED_UNKNOWN_UNIT;
    }
    if (command->what == UNIT_EVENT_ASSIGN || command->what == UNIT_EVENT_RELEASE || command->what == UNIT_EVENT_MOVE) {
        return REFUSED_NOT_A_REPORT;
    }
    if (command->what == UNIT_EVENT_END_SHIFT && unit->state == UNIT_STATE_ON_MISSION) {
        struct event_shift_end_requested *event = EMIT(decision, SHIFT_END_REQUESTED, shift_end_requested);
        event->unit = command->unit;
        return REFUSED_NONE;
    }
    if (command->what == UNIT_EVENT_START_SHIFT && unit->state == UNIT_STATE_ON_MISSION && unit->shift_ends) {
        struct event_shift_end_withdrawn *event = EMIT(decision, SHIFT_END_WITHDRAWN, shift_end_withdrawn);
        event->unit = command->unit;
        return REFUSED_NONE;
    }
    uint8_t state = unit_transition[unit->state][command->what];
    if (state == TRANSITION_REFUSED) {
        return REFUSED_TRANSITION;
    }
    if (unit->state == UNIT_STATE_ON_MISSION) {
        decide_breakdown(decision, unit);
        return REFUSED_NONE;
    }
    emit_changed(decision, unit, command->what, state);
    if (command->what == UNIT_EVENT_REPAIR && unit->shift_ends) {
        emit_changed(decision, unit, UNIT_EVENT_END_SHIFT, UNIT_STATE_OFF_DUTY); /* its crew went home meanwhile */
        return REFUSED_NONE;
    }
    enum unit_event frees = decision->core->head->rules.returning_waits ? UNIT_EVENT_REACH_POST : UNIT_EVENT_REPAIR;
    if (command->what == UNIT_EVENT_START_SHIFT || command->what == frees) {
        decide_next_waiting(decision, unit, NULL, 0);
    }
    return REFUSED_NONE;
}

APPLY(unit_changed)
{
    (void)entry;
    struct unit *unit = unit_at(core, event->unit);
    CHECK(unit_transition[unit->state][event->what] == event->state);
    unit->state = event->state;
    unit->changed_at = event->occurred_at;
    unit->revision += 1;
    if (event->state == UNIT_STATE_OFF_DUTY) {
        unit->shift_ends = 0;
    }
}

APPLY(shift_end_requested)
{
    (void)entry;
    struct unit *unit = unit_at(core, event->unit);
    unit->shift_ends = 1;
    unit->revision += 1;
}

APPLY(shift_end_withdrawn)
{
    (void)entry;
    struct unit *unit = unit_at(core, event->unit);
    unit->shift_ends = 0;
    unit->revision += 1;
}

DECIDE(unit_position)
{
    const struct unit *unit = core_unit(decision->core, command->unit);
    if (unit == NULL) {
        return REFUSED_UNKNOWN_UNIT;
    }
    if (!point_is_valid(command->point)) {
        return REFUSED_POINT_INVALID;
    }
    if (!instant_is_none(unit->positioned_at) && instant_before(decision->occurred_at, unit->positioned_at)) {
        return REFUSED_POSITION_OLDER;
    }
    struct event_unit_positioned *event = EMIT(decision, UNIT_POSITIONED, unit_positioned);
    event->unit = command->unit;
    event->point = command->point;
    event->occurred_at = decision->occurred_at;
    return REFUSED_NONE;
}

/* A position is no change of the unit that a dispatcher could conflict with, so the revision stays. */
APPLY(unit_positioned)
{
    (void)entry;
    struct unit *unit = unit_at(core, event->unit);
    unit->point = event->point;
    unit->positioned_at = event->occurred_at;
}

DECIDE(unit_move)
{
    const struct unit *unit = core_unit(decision->core, command->unit);
    if (unit == NULL) {
        return REFUSED_UNKNOWN_UNIT;
    }
    if (core_post(decision->core, command->post) == NULL) {
        return REFUSED_UNKNOWN_POST;
    }
    if (revision_is_stale(decision, STALE_UNIT, command->revision, unit->revision)) {
        return REFUSED_STALE_REVISION;
    }
    struct event_unit_moved *event = EMIT(decision, UNIT_MOVED, unit_moved);
    event->unit = command->unit;
    event->post = command->post;
    return REFUSED_NONE;
}

/* A unit that waited at its old post is on its way now. */
APPLY(unit_moved)
{
    (void)entry;
    struct unit *unit = unit_at(core, event->unit);
    if (unit->state == UNIT_STATE_AT_POST && unit->post.v != event->post.v) {
        unit->state = unit_transition[unit->state][UNIT_EVENT_MOVE];
    }
    unit->post = event->post;
    unit->revision += 1;
}
