/* A unit outside its missions: shifts, posts, breakdowns, positions. Positions are the commonest command of a live centre. */
#include <string.h>

#include "core/entities.h"

bool unit_owes_signs(enum unit_state state) { return state != UNIT_STATE_OFF_DUTY && state != UNIT_STATE_OUT_OF_SERVICE; }

void unit_heard(struct core *core, struct unit_id id, struct instant now)
{
    if (unit_owes_signs((enum unit_state)unit_at(core, id)->state)) {
        timer_set(core, ALARM_KIND_UNIT_SILENT, id.v, now, core->head->rules.limit_s[ALARM_KIND_UNIT_SILENT]);
    } else {
        timer_clear(core, SUBJECT_UNIT, id.v);
    }
}

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
        return refused_after(decision, &unit->last_change, REFUSED_TRANSITION);
    }
    if (unit->retired) { /* off duty, so that this is a shift that would start */
        return refused_after(decision, &unit->last_change, REFUSED_UNIT_RETIRED);
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
    struct unit *unit = unit_at(core, event->unit);
    CHECK(unit_transition[unit->state][event->what] == event->state);
    unit->state = event->state;
    unit->changed_at = event->occurred_at;
    note_change(entry, &unit->revision, &unit->last_change);
    if (event->state == UNIT_STATE_OFF_DUTY) {
        unit->shift_ends = 0;
        unit->crew_since = event->occurred_at;
    }
    unit_heard(core, event->unit, entry->entered_at);
}

APPLY(shift_end_requested)
{
    struct unit *unit = unit_at(core, event->unit);
    unit->shift_ends = 1;
    note_change(entry, &unit->revision, &unit->last_change);
    unit_heard(core, event->unit, entry->entered_at);
}

APPLY(shift_end_withdrawn)
{
    struct unit *unit = unit_at(core, event->unit);
    unit->shift_ends = 0;
    note_change(entry, &unit->revision, &unit->last_change);
    unit_heard(core, event->unit, entry->entered_at);
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
    struct unit *unit = unit_at(core, event->unit);
    unit->point = event->point;
    unit->positioned_at = event->occurred_at;
    unit_heard(core, event->unit, entry->entered_at);
}

static enum refusal check_fix(const struct decision *decision, const struct fix *fix)
{
    if (core_unit(decision->core, fix->unit) == NULL) {
        return REFUSED_UNKNOWN_UNIT;
    }
    if (!point_is_valid(fix->point)) {
        return REFUSED_POINT_INVALID;
    }
    if (instant_is_none(fix->occurred_at)) {
        return REFUSED_NONE;
    }
    return core_check_occurred(fix->occurred_at, decision->now);
}

static enum refusal check_fixes(const struct decision *decision, const struct command_units_position *command)
{
    if (command->count > POSITIONS_MAX) {
        return REFUSED_MALFORMED;
    }
    for (uint32_t i = 0; i < command->count; i++) {
        enum refusal refusal = check_fix(decision, &command->items[i]);
        if (refusal != REFUSED_NONE) {
            return refusal;
        }
    }
    return REFUSED_NONE;
}

/* The newest fix of each unit that is not older than what is known of it, in the order in which the units first come; *older is
 * how many are left out. Of two that are equally old the later one counts. */
static uint32_t choose_fixes(const struct decision *decision, const struct command_units_position *command, struct fix *chosen,
                             uint32_t *older)
{
    uint16_t place[UNITS_CEILING + 1]; /* of the unit among the chosen, from 1 */
    memset(place, 0, sizeof place[0] * (decision->core->head->unit_count + 1));
    uint32_t count = 0;
    *older = 0;
    for (uint32_t i = 0; i < command->count; i++) {
        struct fix fix = { .point = command->items[i].point, .unit = command->items[i].unit };
        fix.occurred_at = instant_is_none(command->items[i].occurred_at) ? decision->occurred_at : command->items[i].occurred_at;
        uint16_t *at = &place[fix.unit.v];
        struct instant known = *at != 0 ? chosen[*at - 1].occurred_at : core_unit(decision->core, fix.unit)->positioned_at;
        *older += *at != 0; /* one of the two is left out */
        if (!instant_is_none(known) && instant_before(fix.occurred_at, known)) {
            *older += *at == 0;
            continue;
        }
        if (*at == 0) {
            count += 1;
            *at = (uint16_t)count;
        }
        chosen[*at - 1] = fix;
    }
    return count;
}

DECIDE(units_position)
{
    enum refusal refusal = check_fixes(decision, command);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    struct fix chosen[POSITIONS_MAX];
    uint32_t older;
    uint32_t count = choose_fixes(decision, command, chosen, &older);
    uint32_t list_size = count * (uint32_t)sizeof chosen[0];
    struct event_units_positioned *event = decision_emit(decision, EVENT_UNITS_POSITIONED, sizeof *event, list_size);
    event->older = older;
    event->count = count;
    memcpy(event->items, chosen, list_size);
    return REFUSED_NONE;
}

APPLY(units_positioned)
{
    for (uint32_t i = 0; i < event->count; i++) {
        struct unit *unit = unit_at(core, event->items[i].unit);
        unit->point = event->items[i].point;
        unit->positioned_at = event->items[i].occurred_at;
        unit_heard(core, event->items[i].unit, entry->entered_at);
    }
}

enum refusal unit_check_home(struct decision *decision, const struct unit *unit, struct post_id post, uint32_t revision_seen)
{
    if (unit == NULL) {
        return REFUSED_UNKNOWN_UNIT;
    }
    if (core_post(decision->core, post) == NULL) {
        return REFUSED_UNKNOWN_POST;
    }
    return revision_is_stale(decision, STALE_UNIT, revision_seen, unit->revision, &unit->last_change) ? REFUSED_STALE_REVISION
                                                                                                      : REFUSED_NONE;
}

DECIDE(unit_move)
{
    const struct unit *unit = core_unit(decision->core, command->unit);
    enum refusal refusal = unit_check_home(decision, unit, command->post, command->revision);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    struct event_unit_moved *event = EMIT(decision, UNIT_MOVED, unit_moved);
    event->unit = command->unit;
    event->post = command->post;
    return REFUSED_NONE;
}

void unit_take_post(struct unit *unit, struct post_id post)
{
    if (unit->state == UNIT_STATE_AT_POST && unit->post.v != post.v) {
        unit->state = unit_transition[unit->state][UNIT_EVENT_MOVE];
    }
    unit->post = post;
}

APPLY(unit_moved)
{
    struct unit *unit = unit_at(core, event->unit);
    unit_take_post(unit, event->post);
    note_change(entry, &unit->revision, &unit->last_change);
}
