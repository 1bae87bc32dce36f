/* Workload: some hundred entries a second of one to ten events; a ring of some ten thousand entries. stream_touch_test.c compares
 * the state before and after each entry of random runs, byte by byte, with what is said here. */
#include "host/stream_touch.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

const char *const STREAM_LISTS[STREAM_KIND_COUNT] = { "calls", "incidents",  "missions", "units",
                                                      "posts", "facilities", "alarms",   "messages" };

static uint32_t one(stream_key *keys, enum stream_kind kind, uint32_t id)
{
    keys[0] = stream_key_of(kind, id);
    return 1;
}

static uint32_t and (stream_key * keys, uint32_t count, enum stream_kind kind, uint32_t id)
{
    keys[count] = stream_key_of(kind, id);
    return count + 1;
}

#define ABOUT(name, KIND, field) one(keys, STREAM_##KIND, ((const struct event_##name *)event)->field.v)
#define ID(name, field) (((const struct event_##name *)event)->field.v)

static uint32_t touch_call(const struct event_head *event, stream_key *keys)
{
    switch (event->kind) {
    case EVENT_CALL_OFFERED: return ABOUT(call_offered, CALL, call);
    case EVENT_CALL_ANSWERED: return ABOUT(call_answered, CALL, call);
    case EVENT_CALL_ABANDONED: return ABOUT(call_abandoned, CALL, call);
    case EVENT_CALL_LOCATED: return ABOUT(call_located, CALL, call);
    case EVENT_CALL_LINKED: /* whose marks the incident takes over */
        return and(keys, ABOUT(call_linked, CALL, call), STREAM_INCIDENT, ID(call_linked, incident));
    case EVENT_CALL_CLOSED: return ABOUT(call_closed, CALL, call);
    default: return 0;
    }
}

/* Marks are shown by the call and by its incident. */
static uint32_t touch_triage(const struct event_head *event, stream_key *keys)
{
    switch (event->kind) {
    case EVENT_TRIAGE_BEGUN: return ABOUT(triage_begun, CALL, call);
    case EVENT_QUESTION_ASKED: return ABOUT(question_asked, CALL, call);
    case EVENT_ANSWER_GIVEN: return ABOUT(answer_given, CALL, call);
    case EVENT_TRIAGE_PROPOSED: return ABOUT(triage_proposed, CALL, call);
    case EVENT_TRIAGE_ENDED: return ABOUT(triage_ended, CALL, call);
    case EVENT_MILESTONE_REACHED:
        return and(keys, ABOUT(milestone_reached, CALL, call), STREAM_INCIDENT, ID(milestone_reached, incident));
    case EVENT_ANSWER_WITHDRAWN:
        return and(keys, ABOUT(answer_withdrawn, CALL, call), STREAM_INCIDENT, ID(answer_withdrawn, incident));
    default: return 0;
    }
}

/* Missions show the priority of their incident. */
static uint32_t with_missions(const struct core *core, struct incident_id id, stream_key *keys, uint32_t count)
{
    const struct incident *incident = core_incident(core, id);
    const struct mission *mission = incident == NULL ? NULL : core_mission(core, incident->first_mission);
    for (; mission != NULL && count < STREAM_EVENT_KEYS_MAX; mission = core_mission(core, mission->next_of_incident)) {
        count = and(keys, count, STREAM_MISSION, mission->id);
    }
    return count;
}

static uint32_t touch_incident(const struct core *core, const struct event_head *event, stream_key *keys)
{
    switch (event->kind) {
    case EVENT_INCIDENT_OPENED:
        return and(keys, ABOUT(incident_opened, INCIDENT, incident), STREAM_CALL, ID(incident_opened, call));
    case EVENT_TRAVEL_ASKED: return ABOUT(travel_asked, INCIDENT, incident);
    case EVENT_UNITS_RECOMMENDED: return ABOUT(units_recommended, INCIDENT, incident);
    case EVENT_INCIDENT_QUEUED: return ABOUT(incident_queued, INCIDENT, incident);
    case EVENT_INCIDENT_PRIORITISED:
        return with_missions(core, ((const struct event_incident_prioritised *)event)->incident, keys,
                             ABOUT(incident_prioritised, INCIDENT, incident));
    case EVENT_UNITS_REQUESTED: return ABOUT(units_requested, INCIDENT, incident);
    case EVENT_SHORTFALL_RECORDED: return ABOUT(shortfall_recorded, INCIDENT, incident);
    case EVENT_INCIDENT_CLOSED: return ABOUT(incident_closed, INCIDENT, incident);
    default: return 0;
    }
}

/* A report is a sign of life of the unit; and the incident counts who has arrived and whom they have handed over. */
static uint32_t with_others(const struct core *core, struct mission_id id, stream_key *keys, uint32_t count)
{
    const struct mission *mission = core_mission(core, id);
    if (mission == NULL) {
        return count;
    }
    count = and(keys, count, STREAM_INCIDENT, mission->incident.v);
    return and(keys, count, STREAM_UNIT, mission->unit.v);
}

static uint32_t touch_mission(const struct core *core, const struct event_head *event, stream_key *keys)
{
    uint32_t count = 0;
    switch (event->kind) {
    case EVENT_UNIT_ASSIGNED:
        count = and(keys, ABOUT(unit_assigned, MISSION, mission), STREAM_INCIDENT, ID(unit_assigned, incident));
        return and(keys, count, STREAM_UNIT, ID(unit_assigned, unit));
    case EVENT_MISSION_ENDED:
        count = and(keys, ABOUT(mission_ended, MISSION, mission), STREAM_INCIDENT, ID(mission_ended, incident));
        return and(keys, count, STREAM_UNIT, ID(mission_ended, unit));
    case EVENT_MISSION_PROGRESSED:
        return with_others(core, ((const struct event_mission_progressed *)event)->mission, keys,
                           ABOUT(mission_progressed, MISSION, mission));
    case EVENT_FACILITY_ASKED:
        return with_others(core, ((const struct event_facility_asked *)event)->mission, keys,
                           ABOUT(facility_asked, MISSION, mission));
    case EVENT_DESTINATION_RECOMMENDED: return ABOUT(destination_recommended, MISSION, mission);
    case EVENT_DESTINATION_CHOSEN: return ABOUT(destination_chosen, MISSION, mission);
    case EVENT_PATIENT_DESCRIBED:
        return with_others(core, ((const struct event_patient_described *)event)->mission, keys,
                           ABOUT(patient_described, MISSION, mission));
    case EVENT_PREALERT_ACKNOWLEDGED: return ABOUT(prealert_acknowledged, MISSION, mission);
    default: return 0;
    }
}

static uint32_t touch_resource(const struct event_head *event, stream_key *keys)
{
    switch (event->kind) {
    case EVENT_POST_ADDED: return ABOUT(post_added, POST, post);
    case EVENT_POST_EDITED: return ABOUT(post_edited, POST, post);
    case EVENT_UNIT_ADDED: return ABOUT(unit_added, UNIT, unit);
    case EVENT_UNIT_EDITED: return ABOUT(unit_edited, UNIT, unit);
    case EVENT_UNIT_CHANGED: return ABOUT(unit_changed, UNIT, unit);
    case EVENT_UNIT_MOVED: return ABOUT(unit_moved, UNIT, unit);
    case EVENT_SHIFT_END_REQUESTED: return ABOUT(shift_end_requested, UNIT, unit);
    case EVENT_SHIFT_END_WITHDRAWN: return ABOUT(shift_end_withdrawn, UNIT, unit);
    case EVENT_FACILITY_ADDED: return ABOUT(facility_added, FACILITY, facility);
    case EVENT_FACILITY_EDITED: return ABOUT(facility_edited, FACILITY, facility);
    case EVENT_BEDS_COUNTED: return ABOUT(beds_counted, FACILITY, facility);
    case EVENT_BED_CHANGED: return ABOUT(bed_changed, FACILITY, facility);
    case EVENT_FACILITY_CHANGED: return ABOUT(facility_changed, FACILITY, facility);
    default: return 0;
    }
}

/* What the alarm is about shows it. */
static uint32_t alarm_and_subject(struct alarm_id alarm, uint8_t subject_kind, uint32_t subject, stream_key *keys)
{
    static const enum stream_kind kinds[] = {
        [SUBJECT_CALL] = STREAM_CALL, [SUBJECT_INCIDENT] = STREAM_INCIDENT, [SUBJECT_MISSION] = STREAM_MISSION,
        [SUBJECT_UNIT] = STREAM_UNIT, [SUBJECT_FACILITY] = STREAM_FACILITY,
    };
    return and(keys, one(keys, STREAM_ALARM, alarm.v), kinds[subject_kind], subject);
}

static uint32_t touch_alarm(const struct event_head *event, stream_key *keys)
{
    const struct event_alarm_raised *raised = (const struct event_alarm_raised *)event;
    const struct event_alarm_cleared *cleared = (const struct event_alarm_cleared *)event;
    switch (event->kind) {
    case EVENT_ALARM_RAISED: return alarm_and_subject(raised->alarm, raised->subject_kind, raised->subject, keys);
    case EVENT_ALARM_ACKNOWLEDGED: return ABOUT(alarm_acknowledged, ALARM, alarm);
    case EVENT_ALARM_CLEARED: return alarm_and_subject(cleared->alarm, cleared->subject_kind, cleared->subject, keys);
    default: return 0;
    }
}

/* The oldest message makes room for a new one; what a crew does is a sign of life of its unit. */
static uint32_t touch_message(const struct core *core, const struct event_head *event, stream_key *keys)
{
    const struct event_message_sent *sent = (const struct event_message_sent *)event;
    const struct event_message_read *read = (const struct event_message_read *)event;
    const struct message *message;
    uint32_t count;
    switch (event->kind) {
    case EVENT_MESSAGE_SENT:
        count = ABOUT(message_sent, MESSAGE, message);
        count = sent->message.v > core->message_mask + 1
                    ? and(keys, count, STREAM_MESSAGE, sent->message.v - (core->message_mask + 1))
                    : count;
        return sent->to_crew ? count : and(keys, count, STREAM_UNIT, sent->unit.v);
    case EVENT_MESSAGE_READ:
        message = core_message(core, read->message);
        count = ABOUT(message_read, MESSAGE, message);
        return message == NULL || !message->to_crew ? count : and(keys, count, STREAM_UNIT, message->unit.v);
    default: return 0;
    }
}

/* A case from paper brings its call, its incident and its missions into being, all over. */
static uint32_t touch_paper(const struct event_head *event, stream_key *keys)
{
    const struct event_paper_entered *paper = (const struct event_paper_entered *)event;
    if (event->kind != EVENT_PAPER_ENTERED) {
        return 0;
    }
    uint32_t count = one(keys, STREAM_CALL, paper->call.v);
    if (paper->result == PAPER_RESULT_INCIDENT) {
        count = and(keys, count, STREAM_INCIDENT, paper->incident.v);
    }
    for (uint32_t i = 0; i < paper->count; i++) {
        count = and(keys, count, STREAM_MISSION, paper->mission.v + i);
    }
    return count;
}

uint32_t stream_touch_event(const struct core *core, const struct event_head *event, stream_key keys[STREAM_EVENT_KEYS_MAX])
{
    uint32_t count = touch_call(event, keys);
    count = count != 0 ? count : touch_triage(event, keys);
    count = count != 0 ? count : touch_incident(core, event, keys);
    count = count != 0 ? count : touch_mission(core, event, keys);
    count = count != 0 ? count : touch_resource(event, keys);
    count = count != 0 ? count : touch_message(core, event, keys);
    count = count != 0 ? count : touch_paper(event, keys);
    return count != 0 ? count : touch_alarm(event, keys);
}

bool stream_event_is_position(const struct event_head *event)
{
    return event->kind == EVENT_UNIT_POSITIONED || event->kind == EVENT_UNITS_POSITIONED;
}

bool stream_event_changes_all(const struct event_head *event) { return event->kind == EVENT_POLICY_CHANGED; }

static int compare_keys(const void *a, const void *b)
{
    stream_key left = *(const stream_key *)a, right = *(const stream_key *)b;
    return left < right ? -1 : left > right;
}

uint32_t stream_keys_sort(stream_key *keys, uint32_t count)
{
    if (count == 0) {
        return 0;
    }
    qsort(keys, count, sizeof *keys, compare_keys);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < count; i++) {
        if (keys[i] != keys[kept - 1]) {
            keys[kept++] = keys[i];
        }
    }
    return kept;
}

/* ---- the ring ----
 *
 * Entries have sequences without gaps, so the entry of a sequence sits at sequence % entries_max; it holds where its keys end in
 * the ring of keys, counted from the beginning of time. Keys are taken without being looked through for repeats: one entry rarely
 * has many. */

struct stream_ring {
    uint32_t entries_max;
    uint64_t keys_max;
    uint64_t first, last; /* sequences remembered; first = last + 1: none */
    uint64_t keys_begin, keys_end;
    uint64_t *ends;         /* [sequence % entries_max] */
    uint64_t *fingerprints; /* [sequence % (entries_max + 1)]: that of the entry before the first as well */
    stream_key *keys;
};

static uint64_t *fingerprint_at(const struct stream_ring *ring, uint64_t sequence)
{
    return &ring->fingerprints[sequence % ((uint64_t)ring->entries_max + 1)];
}

struct stream_ring *stream_ring_create(uint32_t entries, uint64_t sequence, uint64_t fingerprint)
{
    struct stream_ring *ring = calloc(1, sizeof *ring);
    if (ring == NULL) {
        return NULL;
    }
    *ring = (struct stream_ring){ .entries_max = entries < 1 ? 1 : entries, .first = sequence + 1, .last = sequence };
    ring->keys_max = (uint64_t)ring->entries_max * STREAM_RING_KEYS_AN_ENTRY;
    ring->ends = calloc(ring->entries_max, sizeof *ring->ends);
    ring->keys = calloc(ring->keys_max, sizeof *ring->keys);
    ring->fingerprints = calloc((size_t)ring->entries_max + 1, sizeof *ring->fingerprints);
    if (ring->ends == NULL || ring->keys == NULL || ring->fingerprints == NULL) {
        stream_ring_destroy(ring);
        return NULL;
    }
    *fingerprint_at(ring, sequence) = fingerprint;
    return ring;
}

void stream_ring_destroy(struct stream_ring *ring)
{
    if (ring != NULL) {
        free(ring->ends);
        free(ring->keys);
        free(ring->fingerprints);
        free(ring);
    }
}

static void forget_first(struct stream_ring *ring)
{
    ring->keys_begin = ring->ends[ring->first % ring->entries_max];
    ring->first += 1;
}

void stream_ring_skip(struct stream_ring *ring, uint64_t sequence, uint64_t fingerprint)
{
    ring->first = sequence + 1;
    ring->last = sequence;
    ring->keys_begin = ring->keys_end;
    *fingerprint_at(ring, sequence) = fingerprint;
}

bool stream_ring_add(struct stream_ring *ring, const struct core *core, const struct entry_head *entry)
{
    CHECK(ring->entries_max > 0 && ring->keys_max > 0);
    bool follows = entry->sequence == ring->last + 1;
    if (!follows) {
        stream_ring_skip(ring, entry->sequence - 1, 0);
    }
    if (ring->last + 1 - ring->first == ring->entries_max) {
        forget_first(ring);
    }
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        stream_key keys[STREAM_EVENT_KEYS_MAX];
        if (stream_event_changes_all(event)) {
            stream_ring_skip(ring, entry->sequence, entry_fingerprint(entry));
            return false;
        }
        uint32_t count = stream_touch_event(core, event, keys);
        for (uint32_t k = 0; k < count; k++) {
            while (ring->keys_end - ring->keys_begin == ring->keys_max && ring->first <= ring->last) {
                forget_first(ring);
            }
            if (ring->keys_end - ring->keys_begin == ring->keys_max) {
                /* one entry fills it all: from here on nothing before is known */
                stream_ring_skip(ring, entry->sequence, entry_fingerprint(entry));
                return false;
            }
            ring->keys[ring->keys_end++ % ring->keys_max] = keys[k];
        }
    }
    ring->last = entry->sequence;
    ring->ends[ring->last % ring->entries_max] = ring->keys_end;
    *fingerprint_at(ring, ring->last) = entry_fingerprint(entry);
    return follows;
}

uint64_t stream_ring_last(const struct stream_ring *ring) { return ring->last; }

bool stream_ring_reaches(const struct stream_ring *ring, uint64_t sequence)
{
    return sequence + 1 >= ring->first && sequence <= ring->last;
}

uint64_t stream_ring_fingerprint(const struct stream_ring *ring, uint64_t sequence)
{
    return stream_ring_reaches(ring, sequence) ? *fingerprint_at(ring, sequence) : 0;
}

bool stream_ring_since(const struct stream_ring *ring, uint64_t sequence, stream_key *keys, uint32_t maximum, uint32_t *count)
{
    CHECK(stream_ring_reaches(ring, sequence));
    uint64_t begin = sequence < ring->first ? ring->keys_begin : ring->ends[sequence % ring->entries_max];
    uint64_t found = ring->keys_end - begin;
    *count = 0;
    if (found > maximum) {
        return false;
    }
    for (uint64_t i = 0; i < found; i++) {
        keys[i] = ring->keys[(begin + i) % ring->keys_max];
    }
    *count = stream_keys_sort(keys, (uint32_t)found);
    return true;
}
