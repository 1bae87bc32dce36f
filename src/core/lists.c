/* Two kinds of list inside the state block: the timers that wait, and the queue of incidents.
 *
 * Timers: one list for each (subject, alarm). Every alarm has one limit for all its subjects, and time goes forward, so new
 * timers belong at the end of their list: setting and clearing cost the same few writes whatever the load. When a limit has been
 * shortened the new timer walks back to its place. Queue: one list for each priority, in order of the first ring, then id;
 * newcomers are nearly always last. Both are linked by id, with 0 as the end. */
#include "core/decide.h"

static struct timer *timer_at(struct core *core, enum timer_subject subject, uint32_t id)
{
    switch (subject) {
    case TIMER_CALL: return &call_at(core, (struct call_id){ id })->timer;
    case TIMER_INCIDENT: return &incident_at(core, (struct incident_id){ id })->timer;
    case TIMER_MISSION: return &mission_at(core, (struct mission_id){ id })->timer;
    }
    UNREACHABLE();
}

const struct timer *timer_of(const struct core *core, enum timer_subject subject, uint32_t id)
{
    switch (subject) {
    case TIMER_CALL: return &core_call(core, (struct call_id){ id })->timer;
    case TIMER_INCIDENT: return &core_incident(core, (struct incident_id){ id })->timer;
    case TIMER_MISSION: return &core_mission(core, (struct mission_id){ id })->timer;
    }
    UNREACHABLE();
}

static struct link *timer_link(struct core *core, enum timer_subject subject, uint8_t alarm, uint32_t id)
{
    return id == 0 ? &core->head->timers[subject][alarm] : &timer_at(core, subject, id)->link;
}

static uint32_t list_bit(enum timer_subject subject, uint8_t alarm)
{
    _Static_assert((TIMER_MISSION + 1) * ALARM_COUNT <= 32, "a bit for every list");
    return 1u << (ALARM_COUNT * (unsigned)subject + alarm);
}

static bool timer_waits(const struct timer *timer) { return timer->due.us != INSTANT_NEVER.us; }

void timer_clear(struct core *core, enum timer_subject subject, uint32_t id)
{
    struct timer *timer = timer_at(core, subject, id);
    if (!timer_waits(timer)) {
        return;
    }
    timer_link(core, subject, timer->alarm, timer->link.previous)->next = timer->link.next;
    timer_link(core, subject, timer->alarm, timer->link.next)->previous = timer->link.previous;
    timer->due = INSTANT_NEVER;
    timer->link = (struct link){ 0 };
    if (core->head->timers[subject][timer->alarm].next == 0) {
        core->head->timer_lists &= ~list_bit(subject, timer->alarm);
    }
}

void timer_set(struct core *core, enum timer_subject subject, uint32_t id, enum alarm alarm, struct instant from,
               uint32_t limit_s)
{
    timer_clear(core, subject, id);
    if (limit_s == 0) {
        return;
    }
    struct timer *timer = timer_at(core, subject, id);
    timer->due = instant_add(from, duration_seconds(limit_s));
    timer->alarm = (uint8_t)alarm;
    struct link *head = &core->head->timers[subject][alarm];
    uint32_t before = head->previous;
    while (before != 0 && instant_before(timer->due, timer_at(core, subject, before)->due)) {
        before = timer_at(core, subject, before)->link.previous;
    }
    struct link *before_link = timer_link(core, subject, (uint8_t)alarm, before);
    timer->link = (struct link){ .previous = before, .next = before_link->next };
    timer_link(core, subject, (uint8_t)alarm, before_link->next)->previous = id;
    before_link->next = id;
    core->head->timer_lists |= list_bit(subject, (uint8_t)alarm);
}

struct instant core_next_timer(const struct core *core)
{
    struct instant soonest = INSTANT_NEVER;
    for (uint32_t lists = core->head->timer_lists; lists != 0; lists &= lists - 1) {
        unsigned list = (unsigned)__builtin_ctz(lists);
        enum timer_subject subject = (enum timer_subject)(list / ALARM_COUNT);
        struct instant due = timer_of(core, subject, core->head->timers[subject][list % ALARM_COUNT].next)->due;
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
