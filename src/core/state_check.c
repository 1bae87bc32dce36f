/* What the state promises, walked and asserted. Used after recovery and by tests after every step; far too slow for every command
 * of a live centre, where each apply function asserts its own part. */
#include "core/decide.h"

static void check_unit(const struct core *core, const struct unit *unit)
{
    CHECK(unit->state < UNIT_STATE_COUNT && core_post(core, unit->post) != NULL);
    CHECK((unit->state == UNIT_STATE_ON_MISSION) == (unit->mission.v != 0));
    if (unit->mission.v != 0) {
        const struct mission *mission = core_mission(core, unit->mission);
        CHECK(mission != NULL && mission->unit.v == unit->id && mission->state != MISSION_STATE_ENDED);
    }
}

static void check_mission(const struct core *core, const struct mission *mission)
{
    if (mission->state == MISSION_STATE_ENDED) {
        CHECK(mission->timer.due.us == INSTANT_NEVER.us && !mission->bed_reserved);
        return;
    }
    const struct unit *unit = core_unit(core, mission->unit);
    const struct incident *incident = core_incident(core, mission->incident);
    CHECK(unit != NULL && unit->mission.v == mission->id);
    CHECK(incident != NULL && incident->state != INCIDENT_STATE_CLOSED);
    CHECK(mission->state < MISSION_STATE_LEFT_SCENE || mission->facility.v != 0);
    CHECK(!mission->bed_reserved || mission->facility.v != 0);
}

static void check_incident(const struct core *core, const struct incident *incident)
{
    uint32_t active = 0;
    for (struct mission_id id = incident->first_mission; id.v != 0; active++) {
        const struct mission *mission = core_mission(core, id);
        CHECK(mission != NULL && mission->incident.v == incident->id && mission->state != MISSION_STATE_ENDED);
        CHECK(active < INCIDENT_MISSIONS_MAX);
        id = mission->next_of_incident;
    }
    CHECK(active <= incident->units_assigned);
    if (incident->state == INCIDENT_STATE_CLOSED) {
        CHECK(active == 0 && incident->timer.due.us == INSTANT_NEVER.us);
        return;
    }
    /* An open incident has every unit that it needs, or asks, or is being decided on, or waits. */
    CHECK((incident->state == INCIDENT_STATE_SERVED) == (incident_missing(incident) <= 0));
    CHECK(incident->state != INCIDENT_STATE_SERVED || active > 0);
    CHECK(instant_is_none(incident->queued_since) == (incident->state != INCIDENT_STATE_QUEUED));
}

static void check_facility(const struct facility *facility, const uint32_t reserved[BED_KIND_COUNT])
{
    for (int kind = 0; kind < BED_KIND_COUNT; kind++) {
        CHECK(facility->beds[kind][BED_STATE_RESERVED] == reserved[kind]);
    }
}

static void check_reservations(const struct core *core)
{
    for (uint32_t id = 1; id <= core->head->facility_count; id++) {
        uint32_t reserved[BED_KIND_COUNT] = { 0 };
        for (uint32_t slot = 0; slot <= core->mission_mask; slot++) {
            const struct mission *mission = &core->missions[slot];
            if (mission->id != 0 && mission->bed_reserved && mission->facility.v == id) {
                reserved[mission->bed_kind_reserved] += 1;
            }
        }
        check_facility(&core->facilities[id], reserved);
    }
}

static void check_queue(const struct core *core)
{
    uint32_t waiting = 0;
    const struct incident *before = NULL;
    for (struct incident_id id = queue_first(core); id.v != 0; id = queue_after(core, id)) {
        const struct incident *incident = core_incident(core, id);
        CHECK(incident->state == INCIDENT_STATE_QUEUED);
        CHECK(before == NULL || before->priority < incident->priority || before->offered_at.us <= incident->offered_at.us);
        before = incident;
        waiting += 1;
    }
    CHECK(waiting == core->head->incidents_queued);
}

static void check_timers(const struct core *core)
{
    for (int subject = TIMER_CALL; subject <= TIMER_MISSION; subject++) {
        for (int alarm = 0; alarm < ALARM_COUNT; alarm++) {
            struct instant last = { INT64_MIN };
            for (uint32_t id = core->head->timers[subject][alarm].next; id != 0;) {
                const struct timer *timer = timer_of(core, (enum timer_subject)subject, id);
                CHECK(timer->alarm == alarm && !instant_before(timer->due, last));
                last = timer->due;
                id = timer->link.next;
            }
        }
    }
}

void core_check(const struct core *core)
{
    uint32_t open = 0, calls_open = 0;
    for (uint32_t id = 1; id <= core->head->unit_count; id++) {
        check_unit(core, &core->units[id]);
    }
    for (uint32_t slot = 0; slot <= core->mission_mask; slot++) {
        if (core->missions[slot].id != 0) {
            check_mission(core, &core->missions[slot]);
        }
    }
    for (uint32_t slot = 0; slot < core->head->limits.incidents; slot++) {
        if (core->incidents[slot].id != 0) {
            check_incident(core, &core->incidents[slot]);
            open += core->incidents[slot].state != INCIDENT_STATE_CLOSED;
        }
    }
    for (uint32_t slot = 0; slot < core->head->limits.calls; slot++) {
        calls_open += core->calls[slot].id != 0 && core->calls[slot].state <= CALL_STATE_ABANDONED;
    }
    CHECK(open == core->head->incidents_open && calls_open == core->head->calls_open);
    check_queue(core);
    check_timers(core);
    check_reservations(core);
}
