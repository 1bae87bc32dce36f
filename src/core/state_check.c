/* What the state promises, walked and asserted. Used after recovery and by tests after every step; far too slow for every command
 * of a live centre, where each apply function asserts its own part. */
#include "core/decide.h"

/* The alarm that the subject's timer names stands, and is about it. */
static void check_raised(const struct core *core, const struct timer *timer, enum subject subject, uint32_t id)
{
    if (timer->raised != 0) {
        const struct alarm *alarm = core_alarm(core, (struct alarm_id){ timer->raised });
        CHECK(alarm != NULL && alarm->state != ALARM_STATE_CLEARED && alarm->subject_kind == subject && alarm->subject == id);
    }
}

static void check_unit(const struct core *core, const struct unit *unit)
{
    CHECK(unit->state < UNIT_STATE_COUNT && core_post(core, unit->post) != NULL);
    CHECK((unit->state == UNIT_STATE_ON_MISSION) == (unit->mission.v != 0));
    CHECK(!unit->retired || unit->state == UNIT_STATE_OFF_DUTY);
    check_raised(core, &unit->timer, SUBJECT_UNIT, unit->id);
    CHECK(unit_owes_signs((enum unit_state)unit->state) || (unit->timer.raised == 0 && unit->timer.due.us == INSTANT_NEVER.us));
    if (unit->mission.v != 0) {
        const struct mission *mission = core_mission(core, unit->mission);
        CHECK(mission != NULL && mission->unit.v == unit->id && mission->state != MISSION_STATE_ENDED);
    }
}

/* The question for facilities is open only where its answer is taken; while it is waited for, the mission's one timer or alarm is
 * about it, and about nothing else. */
static void check_question(const struct mission *mission)
{
    bool at_scene = mission->state >= MISSION_STATE_ON_SCENE && mission->state <= MISSION_STATE_LEFT_SCENE;
    CHECK(!mission->facility_asked || at_scene);
    CHECK(!mission->answer_awaited || mission->facility_asked);
    bool busy = mission->timer.due.us != INSTANT_NEVER.us || mission->timer.raised != 0;
    CHECK(!busy || (mission->timer.kind == ALARM_KIND_FACILITY_TIMES_SILENT) == (mission->answer_awaited != 0));
}

/* An acknowledgement is waited for while the patient is on the way to a destination that has not given one. */
static void check_prealert(const struct core *core, const struct mission *mission)
{
    const struct timer *timer = &mission->prealert_timer;
    bool waits = timer->due.us != INSTANT_NEVER.us || timer->raised != 0;
    bool unanswered = mission->facility.v != 0 && instant_is_none(mission->prealert_acknowledged_at);
    CHECK(!waits || (unanswered && mission->state >= MISSION_STATE_ON_SCENE && mission->state <= MISSION_STATE_LEFT_SCENE));
    /* What came from paper tells where a patient was taken, and not when that was announced. */
    CHECK(mission->state == MISSION_STATE_ENDED || (mission->facility.v == 0) == instant_is_none(mission->prealert_at));
    check_raised(core, timer, SUBJECT_MISSION, mission->id);
}

static void check_mission(const struct core *core, const struct mission *mission)
{
    check_question(mission);
    check_prealert(core, mission);
    if (mission->state == MISSION_STATE_ENDED) {
        CHECK(mission->timer.due.us == INSTANT_NEVER.us && mission->timer.raised == 0 && !mission->bed_reserved);
        return;
    }
    check_raised(core, &mission->timer, SUBJECT_MISSION, mission->id);
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
        CHECK(active == 0 && incident->timer.due.us == INSTANT_NEVER.us && incident->timer.raised == 0);
        return;
    }
    check_raised(core, &incident->timer, SUBJECT_INCIDENT, incident->id);
    /* Triage raises above what a person set, and does not lower. */
    CHECK(!incident->is_set_by_person || incident->priority <= incident->priority_by_person);
    /* An open incident has every unit that it needs, or asks, or is being decided on, or waits. */
    CHECK((incident->state == INCIDENT_STATE_SERVED) == (incident_missing(incident) <= 0));
    CHECK(incident->state != INCIDENT_STATE_SERVED || active > 0);
    CHECK(instant_is_none(incident->queued_since) == (incident->state != INCIDENT_STATE_QUEUED));
}

static void check_facility(const struct facility *facility, const uint32_t reserved[BED_KIND_COUNT])
{
    CHECK((facility->state == FACILITY_STATE_DIVERTING) == (facility->diverting_cause != DIVERSION_CAUSE_NONE));
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
        check_raised(core, &core->facilities[id].timer, SUBJECT_FACILITY, id);
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
    for (int kind = 0; kind < ALARM_KIND_COUNT; kind++) {
        struct instant last = { INT64_MIN };
        for (uint32_t id = core->head->timers[kind].next; id != 0;) {
            const struct timer *timer = alarm_timer_of(core, (enum alarm_kind)kind, id);
            CHECK(timer->kind == kind && !instant_before(timer->due, last));
            CHECK(timer->raised == 0); /* nothing is waited for while an alarm stands because it is late */
            last = timer->due;
            id = timer->link.next;
        }
        CHECK((core->head->timers[kind].next != 0) == (core->head->timer_lists >> kind & 1));
    }
}

/* Every alarm that stands is named by its subject, so it will be cleared; a subject that is over has none. */
static void check_alarms(const struct core *core)
{
    uint32_t open = 0;
    for (uint32_t slot = 0; slot < core->head->limits.alarms; slot++) {
        const struct alarm *alarm = &core->alarms[slot];
        if (alarm->id == 0) {
            continue;
        }
        bool stands = alarm->state != ALARM_STATE_CLEARED;
        open += stands;
        CHECK(alarm->id < core->head->next_alarm && alarm->state < ALARM_STATE_COUNT);
        CHECK(alarm->subject_kind == alarm_kind_subject[alarm->kind]);
        bool telephoned = alarm->kind == ALARM_KIND_PREALERT_UNACKNOWLEDGED && alarm->owner == DESK_DISPATCHER;
        CHECK(alarm->owner == alarm_kind_desk[alarm->kind] || telephoned);
        CHECK(stands == (alarm->end == ALARM_END_NONE) && stands == instant_is_none(alarm->cleared_at));
        CHECK(alarm->state != ALARM_STATE_ACKNOWLEDGED || !instant_is_none(alarm->acknowledged_at));
        if (stands) {
            const struct timer *timer = alarm_timer_of(core, (enum alarm_kind)alarm->kind, alarm->subject);
            CHECK(timer != NULL && timer->raised == alarm->id);
        }
    }
    CHECK(open == core->head->alarms_open);
}

/* The protocols lie one behind the other, and leave the rest of their tables empty. */
static void check_protocols(const struct core *core)
{
    uint32_t answers = 0;
    for (uint32_t i = 0; i < core->head->protocol_count; i++) {
        const struct protocol *protocol = &core->protocols[i];
        CHECK(core_protocol(core, protocol->number) == protocol && protocol->answer_first == answers);
        CHECK(protocol->load >= 1 && protocol->load <= core->head->protocols_loaded);
        CHECK(protocol->entry >= 1 && protocol->entry <= protocol->step_count);
        answers += protocol->answer_count;
        CHECK(core->protocol_answers[answers - 1].step == protocol->step_count);
    }
    CHECK(answers == core->head->protocol_answer_count && answers <= core->head->limits.protocol_answers);
}

/* The question that stands is one of a protocol that is held, or of one that has been replaced since. */
static void check_triage(const struct core *core, const struct call *call)
{
    const struct triage *triage = &call->triage;
    if (triage->protocol == 0) {
        CHECK(triage->step == 0 && triage->last_answer == 0 && triage->answered == 0 && triage->proposal.marks == 0);
        return;
    }
    const struct protocol *protocol = core_protocol(core, triage->protocol);
    CHECK(protocol != NULL && protocol->load >= triage->load);
    CHECK(protocol->load != triage->load || triage->step <= protocol->step_count);
    CHECK(triage->last_answer < core->head->next_answer && triage->proposal.units_wanted >= 1);
}

static void check_messages(const struct core *core)
{
    for (uint32_t slot = 0; slot <= core->message_mask; slot++) {
        const struct message *message = &core->messages[slot];
        CHECK(message->id < core->head->next_message);
        CHECK(message->id == 0 || (message->id & core->message_mask) == slot);
        CHECK(message->id == 0 || core_unit(core, message->unit) != NULL);
        CHECK(message->id == 0 || (message->read.sequence == 0) == instant_is_none(message->read_at));
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
        const struct call *call = &core->calls[slot];
        bool is_open = call->id != 0 && call->state <= CALL_STATE_ABANDONED;
        CHECK(is_open || call->timer.raised == 0);
        check_raised(core, &call->timer, SUBJECT_CALL, call->id);
        check_triage(core, call);
        calls_open += is_open;
    }
    CHECK(open == core->head->incidents_open && calls_open == core->head->calls_open);
    check_protocols(core);
    check_queue(core);
    check_timers(core);
    check_alarms(core);
    check_reservations(core);
    check_messages(core);
}
