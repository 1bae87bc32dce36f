/* Alarms: what nobody did in time. The clock raises them, somebody acknowledges them, and they clear themselves when what was
 * missing happens: a subject has one timer (a mission two: the pre-alert waits beside its stage), so at most one alarm stands for
 * it, and every event that answers the timer clears it.
 *
 * Workload: an alarm is rare beside the events that could have caused one; the look at an event ends at its subject's timer. */
#include "core/entities.h"

/* ---- raising ---- */

/* The id of a new alarm, from id on: the next one whose slot holds none that stands; 0 when the table is full. Within one command
 * ids stay below those that share a slot with its first. */
static uint32_t next_alarm(const struct core *core, uint32_t id)
{
    uint32_t mask = core->head->limits.alarms - 1;
    for (; id - core->head->next_alarm <= mask; id++) {
        const struct alarm *alarm = &core->alarms[id & mask];
        if (alarm->id == 0 || alarm->state == ALARM_STATE_CLEARED) {
            return id;
        }
    }
    return 0;
}

static void emit_cleared(struct decision *decision, uint32_t id, enum alarm_end end)
{
    const struct alarm *alarm = core_alarm(decision->core, (struct alarm_id){ id });
    struct event_alarm_cleared *event = EMIT(decision, ALARM_CLEARED, alarm_cleared);
    event->alarm.v = id;
    event->subject = alarm->subject;
    event->subject_kind = alarm->subject_kind;
    event->end = (uint8_t)end;
}

/* Every slot holds an alarm that stands: the oldest goes. The id that takes its slot. */
static uint32_t make_room(struct decision *decision)
{
    const struct core *core = decision->core;
    uint32_t mask = core->head->limits.alarms - 1;
    uint32_t oldest = core->alarms[0].id;
    for (uint32_t slot = 1; slot <= mask; slot++) {
        oldest = core->alarms[slot].id < oldest ? core->alarms[slot].id : oldest;
    }
    emit_cleared(decision, oldest, ALARM_END_OVERFLOW);
    return core->head->next_alarm + ((oldest - core->head->next_alarm) & mask);
}

/* The call that the subject began with, and the district that it lies in. */
static void note_origin(const struct core *core, struct event_alarm_raised *event)
{
    struct incident_id incident_id = { event->subject_kind == SUBJECT_INCIDENT ? event->subject : 0 };
    struct call_id call_id = { event->subject_kind == SUBJECT_CALL ? event->subject : 0 };
    if (event->subject_kind == SUBJECT_MISSION) {
        incident_id = core_mission(core, (struct mission_id){ event->subject })->incident;
    }
    const struct incident *incident = core_incident(core, incident_id);
    if (incident != NULL) {
        call_id = incident->call;
        event->district = incident->district;
    }
    const struct call *call = core_call(core, call_id);
    if (call != NULL) {
        event->seat = call->seat;
        event->district = incident != NULL ? incident->district : call->district;
    }
}

/* A facility that never counted a bed here has nobody at a terminal who could see an alarm: the dispatcher telephones it. */
static enum desk owner_of(const struct core *core, enum alarm_kind kind, uint32_t subject)
{
    if (kind == ALARM_KIND_PREALERT_UNACKNOWLEDGED) {
        const struct mission *mission = core_mission(core, (struct mission_id){ subject });
        return facility_takes_part(core_facility(core, mission->facility)) ? DESK_HOSPITAL : DESK_DISPATCHER;
    }
    return (enum desk)alarm_kind_desk[kind];
}

static void emit_raised(struct decision *decision, uint32_t id, enum alarm_kind kind, uint32_t subject)
{
    CHECK(id < UINT32_MAX - decision->core->head->limits.alarms); /* one a second for a hundred years */
    struct event_alarm_raised *event = EMIT(decision, ALARM_RAISED, alarm_raised);
    event->alarm.v = id;
    event->subject = subject;
    event->kind = (uint8_t)kind;
    event->subject_kind = alarm_kind_subject[kind];
    event->owner = (uint8_t)owner_of(decision->core, kind, subject);
    note_origin(decision->core, event);
}

/* Raises what is due, as much of it as one command may; the clock sends the next one while anything is left. */
DECIDE(time_passed)
{
    (void)command;
    const struct core *core = decision->core;
    uint32_t alarm_id = core->head->next_alarm;
    for (int kind = 0; kind < ALARM_KIND_COUNT; kind++) {
        uint32_t subject = core->head->timers[kind].next;
        while (subject != 0 && decision->event_count < ALARMS_A_STEP_MAX) {
            const struct timer *timer = alarm_timer_of(core, (enum alarm_kind)kind, subject);
            if (instant_before(decision->now, timer->due)) {
                break;
            }
            alarm_id = next_alarm(core, alarm_id);
            if (alarm_id == 0) {
                if (decision->event_count == 0) {
                    emit_raised(decision, make_room(decision), (enum alarm_kind)kind, subject);
                }
                return REFUSED_NONE;
            }
            emit_raised(decision, alarm_id, (enum alarm_kind)kind, subject);
            alarm_id += 1;
            subject = timer->link.next;
        }
    }
    return REFUSED_NONE;
}

APPLY(alarm_raised)
{
    struct timer *timer = alarm_timer_at(core, (enum alarm_kind)event->kind, event->subject);
    timer_stop(core, timer);
    timer->raised = event->alarm.v;
    core->head->next_alarm = event->alarm.v + 1;
    core->head->alarms_open += 1;
    struct alarm *alarm = &core->alarms[event->alarm.v & (core->head->limits.alarms - 1)];
    *alarm = (struct alarm){ .id = event->alarm.v,
                             .raised_at = entry->entered_at,
                             .acknowledged_at = INSTANT_NONE,
                             .cleared_at = INSTANT_NONE,
                             .subject = event->subject,
                             .district = event->district,
                             .seat = event->seat,
                             .kind = event->kind,
                             .subject_kind = event->subject_kind,
                             .owner = event->owner,
                             .state = ALARM_STATE_RAISED };
    note_change(entry, &alarm->revision, &alarm->last_change);
}

/* ---- acknowledging ---- */

DECIDE(alarm_acknowledge)
{
    const struct alarm *alarm = core_alarm(decision->core, command->alarm);
    if (alarm == NULL) {
        return REFUSED_UNKNOWN_ALARM;
    }
    if (revision_is_stale(decision, STALE_ALARM, command->revision, alarm->revision, &alarm->last_change)) {
        return REFUSED_STALE_REVISION;
    }
    if (alarm_transition[alarm->state][ALARM_EVENT_ACKNOWLEDGE] == TRANSITION_REFUSED) {
        return refused_after(decision, &alarm->last_change, REFUSED_TRANSITION);
    }
    struct event_alarm_acknowledged *event = EMIT(decision, ALARM_ACKNOWLEDGED, alarm_acknowledged);
    event->alarm = command->alarm;
    event->actor = command->head.actor;
    event->actor_kind = command->head.actor_kind;
    return REFUSED_NONE;
}

static struct alarm *progress(struct core *core, const struct entry_head *entry, struct alarm_id id, enum alarm_event event)
{
    struct alarm *alarm = alarm_at(core, id);
    uint8_t state = alarm_transition[alarm->state][event];
    CHECK(state != TRANSITION_REFUSED);
    alarm->state = state;
    note_change(entry, &alarm->revision, &alarm->last_change);
    return alarm;
}

APPLY(alarm_acknowledged)
{
    struct alarm *alarm = progress(core, entry, event->alarm, ALARM_EVENT_ACKNOWLEDGE);
    alarm->acknowledged_at = entry->entered_at;
    alarm->acknowledged_by = event->actor;
    alarm->acknowledged_kind = event->actor_kind;
}

/* ---- clearing ---- */

APPLY(alarm_cleared)
{
    struct alarm *alarm = progress(core, entry, event->alarm, ALARM_EVENT_CLEAR);
    alarm->cleared_at = entry->entered_at;
    alarm->end = event->end;
    struct timer *timer = alarm_timer_at(core, (enum alarm_kind)alarm->kind, alarm->subject);
    CHECK(timer->raised == alarm->id);
    timer->raised = 0;
    core->head->alarms_open -= 1;
}

/* Two events of one command may concern the same subject: its alarm is cleared once. cleared: where those events begin. */
static bool is_cleared(const struct decision *decision, const struct event_head *first, uint32_t id)
{
    const struct event_head *event = first;
    for (uint32_t i = 0; i < decision->event_count; i++, event = event_next(event)) {
        if (event->kind == EVENT_ALARM_CLEARED && ((const struct event_alarm_cleared *)event)->alarm.v == id) {
            return true;
        }
    }
    return false;
}

/* What the events of one command mean for the alarms. */
struct clearing {
    struct decision *decision;
    const struct event_head *first;
};

static void clear_timer(const struct clearing *clearing, const struct timer *timer, enum alarm_end end)
{
    if (timer != NULL && timer->raised != 0 && !is_cleared(clearing->decision, clearing->first, timer->raised)) {
        emit_cleared(clearing->decision, timer->raised, end);
    }
}

static void clear(const struct clearing *clearing, enum subject subject, uint32_t id, enum alarm_end end)
{
    clear_timer(clearing, timer_of(clearing->decision->core, subject, id), end);
}

static void clear_of_prealert(const struct clearing *clearing, struct mission_id mission, enum alarm_end end)
{
    clear_timer(clearing, alarm_timer_of(clearing->decision->core, ALARM_KIND_PREALERT_UNACKNOWLEDGED, mission.v), end);
}

static void clear_of_unit(const struct clearing *clearing, struct unit_id unit)
{
    clear(clearing, SUBJECT_UNIT, unit.v, ALARM_END_HAPPENED);
}

static void clear_of_mission(const struct clearing *clearing, struct mission_id mission)
{
    clear_of_unit(clearing, core_mission(clearing->decision->core, mission)->unit);
}

/* An incident's alarm ends as what was missed: an answer, a decision, or a unit that could go. */
static void clear_of_incident(const struct clearing *clearing, struct incident_id id, uint16_t event_kind)
{
    const struct core *core = clearing->decision->core;
    const struct incident *incident = core_incident(core, id);
    if (incident == NULL || incident->timer.raised == 0) {
        return;
    }
    uint8_t kind = core_alarm(core, (struct alarm_id){ incident->timer.raised })->kind;
    bool answered = event_kind == EVENT_UNITS_RECOMMENDED || event_kind == EVENT_INCIDENT_QUEUED;
    bool decided = event_kind == EVENT_UNIT_ASSIGNED || event_kind == EVENT_SHORTFALL_RECORDED;
    bool happened = (kind == ALARM_KIND_TRAVEL_TIMES_SILENT && answered) ||
                    (kind == ALARM_KIND_RECOMMENDATION_UNDECIDED && decided) ||
                    (kind == ALARM_KIND_QUEUE_OVERDUE && (event_kind == EVENT_TRAVEL_ASKED || event_kind == EVENT_UNIT_ASSIGNED));
    clear(clearing, SUBJECT_INCIDENT, id.v, happened ? ALARM_END_HAPPENED : ALARM_END_LAPSED);
}

static void clear_after_units_positioned(const struct clearing *clearing, const struct event_units_positioned *event)
{
    for (uint32_t i = 0; i < event->count; i++) {
        clear_of_unit(clearing, event->items[i].unit);
    }
}

/* Whether the mission's alarm is about the question for facilities, and not about its stage. */
static bool awaits_answer(const struct clearing *clearing, struct mission_id mission)
{
    return core_mission(clearing->decision->core, mission)->answer_awaited != 0;
}

/* A question that is asked anew has lapsed; a silence on scene is over, for the crew has spoken. */
static void clear_after_facility_asked(const struct clearing *clearing, const struct event_facility_asked *event)
{
    bool again = awaits_answer(clearing, event->mission);
    clear(clearing, SUBJECT_MISSION, event->mission.v, again ? ALARM_END_LAPSED : ALARM_END_HAPPENED);
    clear_of_mission(clearing, event->mission);
}

static void clear_after_mission_ended(const struct clearing *clearing, const struct event_mission_ended *event)
{
    bool completed = event->reason == MISSION_END_REASON_COMPLETED;
    bool happened = completed && !awaits_answer(clearing, event->mission);
    clear(clearing, SUBJECT_MISSION, event->mission.v, happened ? ALARM_END_HAPPENED : ALARM_END_LAPSED);
    clear_of_prealert(clearing, event->mission, ALARM_END_LAPSED);
    if (completed) {
        clear_of_unit(clearing, event->unit);
    }
}

static void clear_after_unit_changed(const struct clearing *clearing, const struct event_unit_changed *event)
{
    bool owes = unit_owes_signs((enum unit_state)event->state);
    clear(clearing, SUBJECT_UNIT, event->unit.v, owes ? ALARM_END_HAPPENED : ALARM_END_LAPSED);
}

static void clear_after_mission_progressed(const struct clearing *clearing, const struct event_mission_progressed *event)
{
    if (awaits_answer(clearing, event->mission)) {
        if (event->state > MISSION_STATE_LEFT_SCENE) { /* until then the answer is still wanted */
            clear(clearing, SUBJECT_MISSION, event->mission.v, ALARM_END_LAPSED);
        }
    } else if (event->state != MISSION_STATE_NOTIFIED) { /* the vehicle has the order, the crew has not confirmed it */
        clear(clearing, SUBJECT_MISSION, event->mission.v, ALARM_END_HAPPENED);
    }
    if (event->state >= MISSION_STATE_AT_FACILITY) {
        clear_of_prealert(clearing, event->mission, ALARM_END_LAPSED);
    }
    clear_of_mission(clearing, event->mission);
}

/* What the crew says at the scene ends its silence there. */
static void clear_after_patient_described(const struct clearing *clearing, const struct event_patient_described *event)
{
    if (!awaits_answer(clearing, event->mission)) {
        clear(clearing, SUBJECT_MISSION, event->mission.v, ALARM_END_HAPPENED);
    }
    clear_of_mission(clearing, event->mission);
}

static void clear_after_message_read(const struct clearing *clearing, const struct event_message_read *event)
{
    const struct message *message = core_message(clearing->decision->core, event->message);
    if (message->to_crew) {
        clear_of_unit(clearing, message->unit);
    }
}

/* Here stands each event that stops or restarts a timer when it is applied. */
static void clear_after(const struct clearing *clearing, const struct event_head *event)
{
#define AS(name) ((const struct event_##name *)event)
    switch ((enum event_kind)event->kind) {
    case EVENT_CALL_ANSWERED: clear(clearing, SUBJECT_CALL, AS(call_answered)->call.v, ALARM_END_HAPPENED); return;
    case EVENT_CALL_ABANDONED: clear(clearing, SUBJECT_CALL, AS(call_abandoned)->call.v, ALARM_END_LAPSED); return;
    case EVENT_CALL_CLOSED: clear(clearing, SUBJECT_CALL, AS(call_closed)->call.v, ALARM_END_LAPSED); return;
    case EVENT_TRAVEL_ASKED: clear_of_incident(clearing, AS(travel_asked)->incident, event->kind); return;
    case EVENT_UNITS_RECOMMENDED: clear_of_incident(clearing, AS(units_recommended)->incident, event->kind); return;
    case EVENT_INCIDENT_QUEUED: clear_of_incident(clearing, AS(incident_queued)->incident, event->kind); return;
    case EVENT_SHORTFALL_RECORDED: clear_of_incident(clearing, AS(shortfall_recorded)->incident, event->kind); return;
    case EVENT_INCIDENT_CLOSED: clear_of_incident(clearing, AS(incident_closed)->incident, event->kind); return;
    case EVENT_UNIT_ASSIGNED:
        if (incident_missing(core_incident(clearing->decision->core, AS(unit_assigned)->incident)) == 1) {
            clear_of_incident(clearing, AS(unit_assigned)->incident, event->kind);
        }
        return;
    case EVENT_MISSION_PROGRESSED: clear_after_mission_progressed(clearing, AS(mission_progressed)); return;
    case EVENT_MISSION_ENDED: clear_after_mission_ended(clearing, AS(mission_ended)); return;
    case EVENT_FACILITY_ASKED: clear_after_facility_asked(clearing, AS(facility_asked)); return;
    case EVENT_DESTINATION_RECOMMENDED:
        if (awaits_answer(clearing, AS(destination_recommended)->mission)) {
            clear(clearing, SUBJECT_MISSION, AS(destination_recommended)->mission.v, ALARM_END_HAPPENED);
        }
        return;
    case EVENT_DESTINATION_CHOSEN:
        if (AS(destination_chosen)->before.v != AS(destination_chosen)->facility.v) {
            clear_of_prealert(clearing, AS(destination_chosen)->mission, ALARM_END_LAPSED);
        }
        return;
    case EVENT_PATIENT_DESCRIBED: clear_after_patient_described(clearing, AS(patient_described)); return;
    case EVENT_PREALERT_ACKNOWLEDGED: clear_of_prealert(clearing, AS(prealert_acknowledged)->mission, ALARM_END_HAPPENED); return;
    case EVENT_MESSAGE_SENT:
        if (!AS(message_sent)->to_crew) {
            clear_of_unit(clearing, AS(message_sent)->unit);
        }
        return;
    case EVENT_MESSAGE_READ: clear_after_message_read(clearing, AS(message_read)); return;
    case EVENT_UNIT_CHANGED: clear_after_unit_changed(clearing, AS(unit_changed)); return;
    case EVENT_UNIT_POSITIONED: clear_of_unit(clearing, AS(unit_positioned)->unit); return;
    case EVENT_UNITS_POSITIONED: clear_after_units_positioned(clearing, AS(units_positioned)); return;
    case EVENT_SHIFT_END_REQUESTED: clear_of_unit(clearing, AS(shift_end_requested)->unit); return;
    case EVENT_SHIFT_END_WITHDRAWN: clear_of_unit(clearing, AS(shift_end_withdrawn)->unit); return;
    case EVENT_BEDS_COUNTED: clear(clearing, SUBJECT_FACILITY, AS(beds_counted)->facility.v, ALARM_END_HAPPENED); return;
    case EVENT_BED_CHANGED:
        if (bed_change_is_reported(AS(bed_changed))) {
            clear(clearing, SUBJECT_FACILITY, AS(bed_changed)->facility.v, ALARM_END_HAPPENED);
        }
        return;
    case EVENT_FACILITY_CHANGED:
        if (AS(facility_changed)->state == FACILITY_STATE_SHUT) {
            clear(clearing, SUBJECT_FACILITY, AS(facility_changed)->facility.v, ALARM_END_LAPSED);
        }
        return;
    default: return;
    }
#undef AS
}

void decide_alarms_cleared(struct decision *decision, const struct event_head *first_event)
{
    if (decision->core->head->alarms_open == 0) {
        return;
    }
    const struct clearing clearing = { .decision = decision, .first = first_event };
    uint32_t decided = decision->event_count;
    const struct event_head *event = first_event;
    for (uint32_t i = 0; i < decided; i++, event = event_next(event)) {
        clear_after(&clearing, event);
    }
}
