/* The centre itself: what it consists of, and the rules that it decides by. Rare commands. */
#include <string.h>

#include "core/entities.h"

DECIDE(centre_open)
{
    if (decision->core->head->opened) {
        return REFUSED_CENTRE_ALREADY_OPEN;
    }
    struct event_centre_opened *event = EMIT(decision, CENTRE_OPENED, centre_opened);
    event->city_fingerprint = command->city_fingerprint;
    event->policy_version = command->policy_version;
    event->drill = command->drill;
    return REFUSED_NONE;
}

APPLY(centre_opened)
{
    (void)entry;
    core->head->opened = 1;
    core->head->city_fingerprint = event->city_fingerprint;
    core->head->policy_version = event->policy_version;
    core->head->drill = event->drill;
}

DECIDE(policy_set)
{
    if (!decision->core->head->opened) {
        return REFUSED_CENTRE_NOT_OPEN;
    }
    if (command->count > PRIORITY_COUNT) {
        return REFUSED_MALFORMED; /* a rule for each priority, once */
    }
    uint32_t list_size = command->count * (uint32_t)sizeof command->items[0];
    struct event_policy_changed *event = decision_emit(decision, EVENT_POLICY_CHANGED, sizeof *event, list_size);
    event->divert_matrix = command->divert_matrix;
    event->queue_rule = command->queue_rule;
    event->destination_rule = command->destination_rule;
    event->position_age_step_ms = command->position_age_step_ms;
    event->divert_gain_min = command->divert_gain_min;
    event->returning_waits = command->returning_waits;
    event->beds_required = command->beds_required;
    event->ring_limit_s = command->ring_limit_s;
    event->call_back_limit_s = command->call_back_limit_s;
    event->travel_times_limit_s = command->travel_times_limit_s;
    event->decision_limit_s = command->decision_limit_s;
    event->acknowledge_limit_s = command->acknowledge_limit_s;
    event->depart_limit_s = command->depart_limit_s;
    event->scene_limit_s = command->scene_limit_s;
    event->unit_silent_limit_s = command->unit_silent_limit_s;
    event->beds_stale_limit_s = command->beds_stale_limit_s;
    event->prealert_limit_s = command->prealert_limit_s;
    event->count = command->count;
    memcpy(event->items, command->items, list_size);
    return REFUSED_NONE;
}

/* A changed limit of those who are always waited for begins anew for all of them, silent ones too. */
static void wait_anew(struct core *core, struct instant now, uint32_t unit_silent_limit_s, uint32_t beds_stale_limit_s)
{
    uint32_t *limit_s = core->head->rules.limit_s;
    bool units = limit_s[ALARM_KIND_UNIT_SILENT] != unit_silent_limit_s;
    bool facilities = limit_s[ALARM_KIND_BEDS_STALE] != beds_stale_limit_s;
    limit_s[ALARM_KIND_UNIT_SILENT] = unit_silent_limit_s;
    limit_s[ALARM_KIND_BEDS_STALE] = beds_stale_limit_s;
    for (uint32_t id = 1; units && id <= core->head->unit_count; id++) {
        if (core->units[id].timer.raised == 0) {
            unit_heard(core, (struct unit_id){ id }, now);
        }
    }
    for (uint32_t id = 1; facilities && id <= core->head->facility_count; id++) {
        if (core->facilities[id].timer.raised == 0) {
            facility_heard(core, (struct facility_id){ id }, now);
        }
    }
}

APPLY(policy_changed)
{
    struct policy_rules *rules = &core->head->rules;
    rules->divert_matrix = event->divert_matrix;
    rules->queue_rule = event->queue_rule;
    rules->destination_rule = event->destination_rule;
    rules->returning_waits = event->returning_waits;
    rules->beds_required = event->beds_required;
    rules->position_age_step_ms = event->position_age_step_ms;
    rules->divert_gain_min = event->divert_gain_min;
    rules->limit_s[ALARM_KIND_RING_UNANSWERED] = event->ring_limit_s;
    rules->limit_s[ALARM_KIND_CALL_BACK_DUE] = event->call_back_limit_s;
    rules->limit_s[ALARM_KIND_TRAVEL_TIMES_SILENT] = event->travel_times_limit_s;
    rules->limit_s[ALARM_KIND_FACILITY_TIMES_SILENT] = event->travel_times_limit_s;
    rules->limit_s[ALARM_KIND_RECOMMENDATION_UNDECIDED] = event->decision_limit_s;
    rules->limit_s[ALARM_KIND_ORDER_UNACKNOWLEDGED] = event->acknowledge_limit_s;
    rules->limit_s[ALARM_KIND_DEPARTURE_LATE] = event->depart_limit_s;
    rules->limit_s[ALARM_KIND_SCENE_SILENT] = event->scene_limit_s;
    rules->limit_s[ALARM_KIND_PREALERT_UNACKNOWLEDGED] = event->prealert_limit_s;
    wait_anew(core, entry->entered_at, event->unit_silent_limit_s, event->beds_stale_limit_s);
    for (uint32_t i = 0; i < event->count; i++) {
        rules->response_target[event->items[i].priority] = event->items[i].response_target;
    }
}

DECIDE(post_add)
{
    const struct core_head *head = decision->core->head;
    if (!head->opened) {
        return REFUSED_CENTRE_NOT_OPEN;
    }
    if (head->post_count == head->limits.posts) {
        return REFUSED_TABLE_FULL;
    }
    if (!point_is_valid(command->point)) {
        return REFUSED_POINT_INVALID;
    }
    struct event_post_added *event = EMIT(decision, POST_ADDED, post_added);
    event->post.v = head->post_count + 1;
    event->external = command->external;
    event->point = command->point;
    return REFUSED_NONE;
}

APPLY(post_added)
{
    core->head->post_count += 1;
    CHECK(event->post.v == core->head->post_count);
    struct post *post = &core->posts[event->post.v];
    *post = (struct post){ .id = event->post.v, .external = event->external, .point = event->point };
    note_change(entry, &post->revision, &post->last_change);
}

DECIDE(unit_add)
{
    const struct core_head *head = decision->core->head;
    if (!head->opened) {
        return REFUSED_CENTRE_NOT_OPEN;
    }
    if (head->unit_count == head->limits.units) {
        return REFUSED_TABLE_FULL;
    }
    if (core_post(decision->core, command->post) == NULL) {
        return REFUSED_UNKNOWN_POST;
    }
    struct event_unit_added *event = EMIT(decision, UNIT_ADDED, unit_added);
    event->unit.v = head->unit_count + 1;
    event->post = command->post;
    event->external = command->external;
    event->skills = command->skills;
    return REFUSED_NONE;
}

APPLY(unit_added)
{
    core->head->unit_count += 1;
    CHECK(event->unit.v == core->head->unit_count);
    core->units[event->unit.v] = (struct unit){ .id = event->unit.v,
                                                .timer.due = INSTANT_NEVER,
                                                .post = event->post,
                                                .external = event->external,
                                                .skills = event->skills,
                                                .point = core->posts[event->post.v].point,
                                                .positioned_at = INSTANT_NONE,
                                                .changed_at = entry->entered_at,
                                                .crew_since = INSTANT_NONE,
                                                .state = UNIT_STATE_OFF_DUTY };
    note_change(entry, &core->units[event->unit.v].revision, &core->units[event->unit.v].last_change);
}

DECIDE(facility_add)
{
    const struct core_head *head = decision->core->head;
    if (!head->opened) {
        return REFUSED_CENTRE_NOT_OPEN;
    }
    if (head->facility_count == head->limits.facilities) {
        return REFUSED_TABLE_FULL;
    }
    if (!point_is_valid(command->point)) {
        return REFUSED_POINT_INVALID;
    }
    struct event_facility_added *event = EMIT(decision, FACILITY_ADDED, facility_added);
    event->facility.v = head->facility_count + 1;
    event->external = command->external;
    event->point = command->point;
    event->capabilities = command->capabilities;
    event->tier = command->tier;
    return REFUSED_NONE;
}

APPLY(facility_added)
{
    core->head->facility_count += 1;
    CHECK(event->facility.v == core->head->facility_count);
    struct facility *facility = &core->facilities[event->facility.v];
    *facility = (struct facility){ .id = event->facility.v,
                                   .timer.due = INSTANT_NEVER,
                                   .external = event->external,
                                   .capabilities = event->capabilities,
                                   .point = event->point,
                                   .diverting_until = INSTANT_NONE,
                                   .state = FACILITY_STATE_OPEN,
                                   .tier = event->tier };
    note_change(entry, &facility->revision, &facility->last_change);
    for (int kind = 0; kind < BED_KIND_COUNT; kind++) {
        facility->counted_at[kind] = INSTANT_NONE;
    }
}

/* ---- what was entered is changed ---- */

DECIDE(post_change)
{
    const struct post *post = core_post(decision->core, command->post);
    if (post == NULL) {
        return REFUSED_UNKNOWN_POST;
    }
    if (revision_is_stale(decision, STALE_POST, command->revision, post->revision, &post->last_change)) {
        return REFUSED_STALE_REVISION;
    }
    if (!point_is_valid(command->point)) {
        return REFUSED_POINT_INVALID;
    }
    struct event_post_edited *event = EMIT(decision, POST_EDITED, post_edited);
    event->post = command->post;
    event->point = command->point;
    return REFUSED_NONE;
}

APPLY(post_edited)
{
    CHECK(core_post(core, event->post) != NULL);
    struct post *post = &core->posts[event->post.v];
    post->point = event->point;
    note_change(entry, &post->revision, &post->last_change);
}

DECIDE(unit_change)
{
    const struct unit *unit = core_unit(decision->core, command->unit);
    enum refusal refusal = unit_check_home(decision, unit, command->post, command->revision);
    if (refusal != REFUSED_NONE) {
        return refusal;
    }
    if (command->retired && unit->state != UNIT_STATE_OFF_DUTY) {
        return refused_after(decision, &unit->last_change, REFUSED_UNIT_ON_DUTY);
    }
    struct event_unit_edited *event = EMIT(decision, UNIT_EDITED, unit_edited);
    event->unit = command->unit;
    event->post = command->post;
    event->skills = command->skills;
    event->retired = command->retired;
    return REFUSED_NONE;
}

APPLY(unit_edited)
{
    struct unit *unit = unit_at(core, event->unit);
    unit_take_post(unit, event->post);
    unit->skills = event->skills;
    unit->retired = event->retired;
    note_change(entry, &unit->revision, &unit->last_change);
}

DECIDE(facility_change)
{
    const struct facility *facility = core_facility(decision->core, command->facility);
    if (facility == NULL) {
        return REFUSED_UNKNOWN_FACILITY;
    }
    if (revision_is_stale(decision, STALE_FACILITY, command->revision, facility->revision, &facility->last_change)) {
        return REFUSED_STALE_REVISION;
    }
    if (!point_is_valid(command->point)) {
        return REFUSED_POINT_INVALID;
    }
    struct event_facility_edited *event = EMIT(decision, FACILITY_EDITED, facility_edited);
    event->facility = command->facility;
    event->point = command->point;
    event->capabilities = command->capabilities;
    event->tier = command->tier;
    return REFUSED_NONE;
}

APPLY(facility_edited)
{
    struct facility *facility = facility_at(core, event->facility);
    facility->point = event->point;
    facility->capabilities = event->capabilities;
    facility->tier = event->tier;
    note_change(entry, &facility->revision, &facility->last_change);
}
