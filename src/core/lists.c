/* Two kinds of list inside the state block: the timers that wait, and the queue of incidents.
 *
 * Timers: one list for each kind of alarm, whose subjects are all of one kind. Every alarm has one limit for all its subjects,
 * and time goes forward, so new timers belong at the end of their list: setting and clearing cost the same few writes whatever
 * the load. When a limit has been shortened, or a timer goes on that had made way for another, it walks back to its place.
 * Queue: one list for each priority, in order of the first ring, then id; newcomers are nearly always last. Both are linked by
 * id, with 0 as the end. */
#include "core/decide.h"

struct timer *timer_at(struct core *core, enum subject subject, uint32_t id)
{
    switch (subject) {
    case SUBJECT_CALL: return &call_at(core, (struct call_id){ id })->timer;
    case SUBJECT_INCIDENT: return &incident_at(core, (struct incident_id){ id })->timer;
    case SUBJECT_MISSION: return &mission_at(core, (struct mission_id){ id })->timer;
    case SUBJECT_UNIT: return &unit_at(core, (struct unit_id){ id })->timer;
    case SUBJECT_FACILITY: return &facility_at(core, (struct facility_id){ id })->timer;
    case SUBJECT_COUNT: break;
    }
    UNREACHABLE();
}

#define TIMER_OF(type, id) \
    (core_##type(core, (struct type##_id){ id }) == NULL ? NULL : &core_##type(core, (struct type##_id){ id })->timer)

const struct timer *timer_of(const struct core *core, enum subject subject, uint32_t id)
{
    switch (subject) {
    case SUBJECT_CALL: return TIMER_OF(call, id);
    case SUBJECT_INCIDENT: return TIMER_OF(incident, id);
    case SUBJECT_MISSION: return TIMER_OF(mission, id);
    case SUBJECT_UNIT: return TIMER_OF(unit, id);
    case SUBJECT_FACILITY: return TIMER_OF(facility, id);
    case SUBJECT_COUNT: break;
    }
    UNREACHABLE();
}

struct timer *alarm_timer_at(struct core *core, enum alarm_kind kind, uint32_t id)
{
    if (kind == ALARM_KIND_PREALERT_UNACKNOWLEDGED) {
        return &mission_at(core, (struct mission_id){ id })->prealert_timer;
    }
    return timer_at(core, (enum subject)alarm_kind_subject[kind], id);
}

const struct timer *alarm_timer_of(const struct core *core, enum alarm_kind kind, uint32_t id)
{
    if (kind == ALARM_KIND_PREALERT_UNACKNOWLEDGED) {
        const struct mission *mission = core_mission(core, (struct mission_id){ id });
        return mission == NULL ? NULL : &mission->prealert_timer;
    }
    return timer_of(core, (enum subject)alarm_kind_subject[kind], id);
}

static struct link *timer_link(struct core *core, uint8_t kind, uint32_t id)
{
    return id == 0 ? &core->head->timers[kind] : &alarm_timer_at(core, (enum alarm_kind)kind, id)->link;
}

static bool timer_waits(const struct timer *timer) { return timer->due.us != INSTANT_NEVER.us; }

void timer_clear(struct core *core, enum subject subject, uint32_t id) { timer_stop(core, timer_at(core, subject, id)); }

void timer_stop(struct core *core, struct timer *timer)
{
    if (!timer_waits(timer)) {
        return;
    }
    timer_link(core, timer->kind, timer->link.previous)->next = timer->link.next;
    timer_link(core, timer->kind, timer->link.next)->previous = timer->link.previous;
    timer->due = INSTANT_NEVER;
    timer->link = (struct link){ 0 };
    if (core->head->timers[timer->kind].next == 0) {
        core->head->timer_lists &= ~(1u << timer->kind);
    }
}

void timer_set(struct core *core, enum alarm_kind kind, uint32_t id, struct instant from, uint32_t limit_s)
{
    _Static_assert(ALARM_KIND_COUNT <= 32, "a bit for every list");
    struct timer *timer = alarm_timer_at(core, kind, id);
    timer_stop(core, timer);
    if (limit_s == 0) {
        return;
    }
    timer->due = instant_add(from, duration_seconds(limit_s));
    timer->kind = (uint8_t)kind;
    struct link *head = &core->head->timers[kind];
    uint32_t before = head->previous;
    while (before != 0 && instant_before(timer->due, alarm_timer_at(core, kind, before)->due)) {
        before = alarm_timer_at(core, kind, before)->link.previous;
    }
    struct link *before_link = timer_link(core, (uint8_t)kind, before);
    timer->link = (struct link){ .previous = before, .next = before_link->next };
    timer_link(core, (uint8_t)kind, before_link->next)->previous = id;
    before_link->next = id;
    core->head->timer_lists |= 1u << kind;
}

struct instant core_next_timer(const struct core *core)
{
    struct instant soonest = INSTANT_NEVER;
    for (uint32_t lists = core->head->timer_lists; lists != 0; lists &= lists - 1) {
        unsigned kind = (unsigned)__builtin_ctz(lists);
        struct instant due = alarm_timer_of(core, (enum alarm_kind)kind, core->head->timers[kind].next)->due;
        soonest = instant_before(due, soonest) ? due : soonest;
    }
    return soonest;
}

static struct link *queue_link(struct core *core, uint8_t priority, uint32_t id)
{
    return id == 0 ? &core->head->queues[priority] : &incident_at(core, (struct incident_id){ id })->queue;
}

static bool rang_before(const struct incident *a, const struct incident *b)
{
    return a->offered_at.us != b->offered_at.us ? a->offered_at.us < b->offered_at.us : a->id < b->id;
}

void queue_insert(struct core *core, struct incident *incident)
{
    struct link *head = &core->head->queues[incident->priority];
    uint32_t before = head->previous;
    while (before != 0 && rang_before(incident, incident_at(core, (struct incident_id){ before }))) {
        before = incident_at(core, (struct incident_id){ before })->queue.previous;
    }
    struct link *before_link = queue_link(core, incident->priority, before);
    incident->queue = (struct link){ .previous = before, .next = before_link->next };
    queue_link(core, incident->priority, before_link->next)->previous = incident->id;
    before_link->next = incident->id;
    core->head->incidents_queued += 1;
}

void queue_remove(struct core *core, struct incident *incident)
{
    queue_link(core, incident->priority, incident->queue.previous)->next = incident->queue.next;
    queue_link(core, incident->priority, incident->queue.next)->previous = incident->queue.previous;
    incident->queue = (struct link){ 0 };
    core->head->incidents_queued -= 1;
}

static struct incident_id first_from(const struct core *core, unsigned priority)
{
    for (; priority < PRIORITY_COUNT; priority++) {
        if (core->head->queues[priority].next != 0) {
            return (struct incident_id){ core->head->queues[priority].next };
        }
    }
    return (struct incident_id){ 0 };
}

struct incident_id queue_first(const struct core *core) { return first_from(core, 0); }

struct incident_id queue_after(const struct core *core, struct incident_id id)
{
    const struct incident *incident = core_incident(core, id);
    CHECK(incident != NULL);
    return incident->queue.next != 0 ? (struct incident_id){ incident->queue.next } : first_from(core, incident->priority + 1u);
}
