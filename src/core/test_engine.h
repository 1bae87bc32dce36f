/* For the tests of this layer: a small centre on a journal of its own that can fail on demand, the plainest policy, and one
 * macro that sends a command. Every command sent checks what must always hold: a refusal leaves the state hash and the journal as
 * they were, an acceptance leaves a sound state and one sound entry more. */
#ifndef MINGDI_CORE_TEST_ENGINE_H
#define MINGDI_CORE_TEST_ENGINE_H

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "core/engine.h"
#include "core/need.h"

/* ---- a journal: entries one after another ---- */

struct test_journal {
    unsigned char *bytes;
    size_t size, room;
    uint64_t count;   /* entries */
    uint64_t fail_at; /* the append of this sequence fails; 0: none */
    bool fail_commit;
};

static inline enum status test_journal_append(void *context, const struct entry_head *entry, struct error *error)
{
    struct test_journal *journal = context;
    CHECK(entry_is_sound(entry, entry->size));
    if (entry->sequence == journal->fail_at) {
        return ERROR(error, STATUS_IO, "the disk is full, says the test");
    }
    if (journal->size + entry->size > journal->room) {
        journal->room = 2 * (journal->room + entry->size);
        journal->bytes = realloc(journal->bytes, journal->room);
        CHECK(journal->bytes != NULL);
    }
    memcpy(journal->bytes + journal->size, entry, entry->size);
    journal->size += entry->size;
    journal->count += 1;
    CHECK(entry->sequence == journal->count);
    return STATUS_OK;
}

static inline enum status test_journal_commit(void *context, uint64_t *durable_sequence, struct error *error)
{
    const struct test_journal *journal = context;
    if (journal->fail_commit) {
        return ERROR(error, STATUS_IO, "the disk does not sync, says the test");
    }
    *durable_sequence = journal->count;
    return STATUS_OK;
}

/* The entry of a sequence; aligned, because entries are multiples of 8. */
static inline const struct entry_head *test_journal_entry(const struct test_journal *journal, uint64_t sequence)
{
    size_t at = 0;
    while (at < journal->size) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(journal->bytes + at);
        if (entry->sequence == sequence) {
            return entry;
        }
        at += entry->size;
    }
    return NULL;
}

/* ---- a policy: soonest, then lowest id ---- */

static inline void test_rank_units(const struct core *core, const struct incident *incident, const struct travel_time *times,
                                   uint32_t count, struct instant now, struct unit_ranking *ranking)
{
    (void)now;
    *ranking = (struct unit_ranking){ .count = 0 };
    uint32_t able = 0;
    for (uint32_t id = 1; id <= core_unit_count(core); id++) {
        if (core->units[id].retired) {
            continue;
        }
        enum exclusion exclusion = core_unit_exclusion(core, incident, &core->units[id]);
        able += exclusion == EXCLUSION_COUNT;
        if (exclusion != EXCLUSION_COUNT) {
            ranking->excluded[exclusion] += 1;
            continue;
        }
        for (uint32_t i = 0; i < count; i++) {
            if (times[i].unit.v != id) {
                continue;
            }
            able -= 1;
            if (times[i].eta.us == DURATION_UNREACHABLE.us) {
                ranking->excluded[EXCLUSION_NO_WAY] += 1;
                break;
            }
            uint32_t place = ranking->count < RECOMMENDED_MAX ? ranking->count++ : RECOMMENDED_MAX;
            for (; place > 0 && times[i].eta.us < ranking->candidates[place - 1].eta.us; place--) {
                if (place < RECOMMENDED_MAX) {
                    ranking->candidates[place] = ranking->candidates[place - 1];
                }
            }
            if (place < RECOMMENDED_MAX) {
                const struct incident *left = core_unit_heading_to(core, &core->units[id]);
                ranking->candidates[place] = (struct candidate){
                    .unit = { id }, .eta = times[i].eta, .lost_by_rule = 1, .diverts_from = { left == NULL ? 0 : left->id }
                };
            }
            ranking->fit += 1;
            break;
        }
    }
    ranking->excluded[EXCLUSION_UNASKED] = able;
}

static inline void test_rank_facilities(const struct core *core, const struct mission *mission, const struct facility_time *times,
                                        uint32_t count, struct instant now, struct facility_ranking *ranking)
{
    (void)now;
    *ranking = (struct facility_ranking){ .count = 0 };
    for (uint32_t i = 0; i < count; i++) {
        const struct facility *facility = core_facility(core, times[i].facility);
        if (facility->state == FACILITY_STATE_SHUT) {
            ranking->excluded[FACILITY_EXCLUSION_SHUT] += 1;
        } else if ((mission->needs & ~facility->capabilities) != 0) {
            ranking->excluded[FACILITY_EXCLUSION_INCAPABLE] += 1;
        } else if (ranking->count < RECOMMENDED_MAX) {
            uint32_t place = ranking->count++;
            for (; place > 0 && times[i].eta.us < ranking->candidates[place - 1].eta.us; place--) {
                ranking->candidates[place] = ranking->candidates[place - 1];
            }
            ranking->candidates[place] = (struct facility_candidate){ .facility = times[i].facility,
                                                                      .eta = times[i].eta,
                                                                      .lost_by_rule = 1 };
        }
    }
}

static const struct policy test_policy = { "test", 1, 0, test_rank_units, test_rank_facilities };

/* Whose engines test_engine makes; a test of a higher layer puts its own in place before it includes this file. */
#ifndef TEST_POLICY
#define TEST_POLICY (&test_policy)
#endif

/* ---- a centre ---- */

struct centre {
    struct engine *engine;
    struct test_journal log;
    struct journal journal;
    struct limits limits;
    struct instant now;
    struct step_result last;
    const struct core *core;
};

#define TEST_LIMITS                           \
    ((struct limits){ .calls = 64,            \
                      .incidents = 64,        \
                      .units = 16,            \
                      .posts = 4,             \
                      .facilities = 8,        \
                      .keys = 16,             \
                      .alarms = 64,           \
                      .reserved_percent = 10, \
                      .protocols = 4,         \
                      .protocol_answers = 16 })
#define TEST_BEGIN_S INT64_C(1000000)

static inline struct engine *test_engine(const struct limits *limits, const struct journal *journal)
{
    struct engine *engine = NULL;
    struct error error;
    CHECK(engine_create(limits, TEST_POLICY, journal, &engine, &error) == STATUS_OK);
    return engine;
}

/* An engine that knows nothing yet. */
static inline void centre_create(struct centre *centre, struct limits limits)
{
    *centre = (struct centre){ .limits = limits, .now = { TEST_BEGIN_S * US_PER_SECOND } };
    centre->journal = (struct journal){ .context = &centre->log, .append = test_journal_append, .commit = test_journal_commit };
    centre->engine = test_engine(&limits, &centre->journal);
    centre->core = engine_core(centre->engine);
}

static inline void centre_destroy(struct centre *centre)
{
    engine_destroy(centre->engine);
    free(centre->log.bytes);
}

static inline enum refusal centre_send(struct centre *centre, const struct command_head *command, size_t size)
{
    struct error error;
    uint64_t hash = engine_state_hash(centre->engine), count = centre->log.count;
    CHECK(engine_step(centre->engine, command, size, centre->now, &centre->last, &error) == STATUS_OK);
    if (centre->last.refusal != REFUSED_NONE || centre->last.repeated) {
        CHECK(engine_state_hash(centre->engine) == hash && centre->log.count == count);
    } else {
        CHECK(centre->log.count == count + 1 && centre->last.sequence == count + 1);
        core_check(centre->core);
    }
    return centre->last.refusal;
}

/* SEND(&centre, CALL_ANSWER, call_answer, SEAT, .call = { 1 }, .seat = 7): the refusal. Its head may be changed in SEND_AS. */
#define SEND(centre, NAME, name, ACTOR, ...)                                               \
    centre_send((centre),                                                                  \
                &(struct command_##name){ .head = { .kind = COMMAND_##NAME,                \
                                                    .version = COMMAND_##NAME##_VERSION,   \
                                                    .actor_kind = ACTOR_KIND_##ACTOR,      \
                                                    .size = sizeof(struct command_##name), \
                                                    .occurred_at = INSTANT_NONE },         \
                                          ##__VA_ARGS__ }                                  \
                     .head,                                                                \
                sizeof(struct command_##name))

/* The same with an idempotency key. */
#define SEND_KEYED(centre, KEY, NAME, name, ACTOR, ...)                                    \
    centre_send((centre),                                                                  \
                &(struct command_##name){ .head = { .kind = COMMAND_##NAME,                \
                                                    .version = COMMAND_##NAME##_VERSION,   \
                                                    .actor_kind = ACTOR_KIND_##ACTOR,      \
                                                    .size = sizeof(struct command_##name), \
                                                    .key_low = (KEY),                      \
                                                    .key_high = 77,                        \
                                                    .occurred_at = INSTANT_NONE },         \
                                          ##__VA_ARGS__ }                                  \
                     .head,                                                                \
                sizeof(struct command_##name))

/* Sends and must be accepted; the id that was made, or 0. */
#define DO(centre, NAME, name, ACTOR, ...) \
    centre_must((centre), SEND(centre, NAME, name, ACTOR, ##__VA_ARGS__), __FILE__, __LINE__)

static inline uint32_t centre_must(const struct centre *centre, enum refusal refusal, const char *file, int line)
{
    if (refusal != REFUSED_NONE) {
        check_failed(refusal_name(refusal), file, line);
    }
    return centre->last.made;
}

/* The refusal of another helper must be none. */
#define MUST(centre, refusal) (void)centre_must((centre), (refusal), __FILE__, __LINE__)

static inline void centre_wait(struct centre *centre, int64_t seconds) { centre->now.us += seconds * US_PER_SECOND; }

/* travel_times with one time for each unit given: eta_s[i] of unit ids[i]; a negative eta is no way. */
static inline enum refusal centre_times(struct centre *centre, uint32_t incident, const uint32_t *ids, const int64_t *eta_s,
                                        uint32_t count)
{
    _Alignas(8) unsigned char bytes[sizeof(struct command_travel_times) + 64 * sizeof(struct travel_time)];
    CHECK(count <= 64);
    struct command_travel_times *command = (struct command_travel_times *)(void *)bytes;
    COMMAND_BEGIN(command, TRAVEL_TIMES, ACTOR_KIND_ROAD);
    command->head.size += count * (uint32_t)sizeof(struct travel_time);
    command->incident.v = incident;
    command->count = count;
    for (uint32_t i = 0; i < count; i++) {
        command->items[i] = (struct travel_time){ .eta = eta_s[i] < 0 ? DURATION_UNREACHABLE : duration_seconds(eta_s[i]),
                                                  .unit = { ids[i] } };
    }
    return centre_send(centre, &command->head, command->head.size);
}

/* Times of every unit, 100 s for unit 1, 110 s for unit 2 and so on. */
static inline enum refusal centre_times_all(struct centre *centre, uint32_t incident)
{
    uint32_t ids[16];
    int64_t eta_s[16];
    uint32_t count = core_unit_count(centre->core);
    CHECK(count <= 16);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = i + 1;
        eta_s[i] = 100 + 10 * (int64_t)i;
    }
    return centre_times(centre, incident, ids, eta_s, count);
}

/* facility_times: facility 1 is 300 s away, facility 2 310 s and so on. */
static inline enum refusal centre_facility_times_as(struct centre *centre, uint32_t mission, uint8_t estimated)
{
    _Alignas(8) unsigned char bytes[sizeof(struct command_facility_times) + 16 * sizeof(struct facility_time)];
    struct command_facility_times *command = (struct command_facility_times *)(void *)bytes;
    uint32_t count = core_facility_count(centre->core);
    CHECK(count <= 16);
    COMMAND_BEGIN(command, FACILITY_TIMES, ACTOR_KIND_ROAD);
    command->head.size += count * (uint32_t)sizeof(struct facility_time);
    command->mission.v = mission;
    command->estimated = estimated;
    command->count = count;
    for (uint32_t i = 0; i < count; i++) {
        command->items[i] = (struct facility_time){ .eta = duration_seconds(300 + 10 * (int64_t)i), .facility = { i + 1 } };
    }
    return centre_send(centre, &command->head, command->head.size);
}

static inline enum refusal centre_facility_times(struct centre *centre, uint32_t mission)
{
    return centre_facility_times_as(centre, mission, 0);
}

/* protocol_load with answers as they are given; the fingerprint follows from the version. */
static inline enum refusal centre_protocol(struct centre *centre, uint32_t number, uint32_t version, uint8_t entry,
                                           const struct protocol_answer *answers, uint32_t count)
{
    _Alignas(8) unsigned char bytes[sizeof(struct command_protocol_load) + 32 * sizeof(struct protocol_answer)];
    struct command_protocol_load *command = (struct command_protocol_load *)(void *)bytes;
    CHECK(count <= 32);
    COMMAND_BEGIN(command, PROTOCOL_LOAD, ACTOR_KIND_SYSTEM);
    command->head.size += count * (uint32_t)sizeof *answers;
    command->protocol = number;
    command->version = version;
    command->fingerprint = UINT64_C(0x1000) + version;
    command->entry = entry;
    command->count = count;
    if (count > 0) {
        memcpy(command->items, answers, count * sizeof *answers);
    }
    return centre_send(centre, &command->head, command->head.size);
}

/* units_position with fixes as they are given. */
static inline enum refusal centre_fixes(struct centre *centre, const struct fix *fixes, uint32_t count)
{
    size_t size = sizeof(struct command_units_position) + count * sizeof fixes[0];
    struct command_units_position *command = malloc(size);
    CHECK(command != NULL);
    COMMAND_BEGIN(command, UNITS_POSITION, ACTOR_KIND_SYSTEM);
    command->head.size = (uint32_t)size;
    command->count = count;
    memcpy(command->items, fixes, count * sizeof fixes[0]);
    enum refusal refusal = centre_send(centre, &command->head, size);
    free(command);
    return refusal;
}

/* Critical may take units from urgent and non-urgent, severe from non-urgent. */
#define TEST_MATRIX                                                                                          \
    (1u << (4 * PRIORITY_URGENT + PRIORITY_CRITICAL) | 1u << (4 * PRIORITY_NON_URGENT + PRIORITY_CRITICAL) | \
     1u << (4 * PRIORITY_NON_URGENT + PRIORITY_SEVERE))

/* Limits of alarms, seconds; the response targets are 480, 600, 900 and 1800 s. */
enum {
    TEST_RING_S = 10,
    TEST_CALL_BACK_S = 120,
    TEST_TRAVEL_S = 5,
    TEST_DECISION_S = 30,
    TEST_ACKNOWLEDGE_S = 60,
    TEST_DEPART_S = 180,
    TEST_SCENE_S = 1800,
    TEST_PREALERT_S = 90,
    TEST_UNIT_SILENT_S = 300, /* these two only where a test asks for them */
    TEST_BEDS_STALE_S = 3600,
};

static inline void centre_rules_with(struct centre *centre, uint8_t queue_rule, uint32_t unit_silent_limit_s,
                                     uint32_t beds_stale_limit_s)
{
    static const int64_t target_s[PRIORITY_COUNT] = { 480, 600, 900, 1800 };
    _Alignas(8) unsigned char bytes[sizeof(struct command_policy_set) + PRIORITY_COUNT * sizeof(struct priority_rule)];
    struct command_policy_set *command = (struct command_policy_set *)(void *)bytes;
    COMMAND_BEGIN(command, POLICY_SET, ACTOR_KIND_ADMIN);
    command->head.size = sizeof bytes;
    command->divert_matrix = TEST_MATRIX;
    command->queue_rule = queue_rule;
    command->ring_limit_s = TEST_RING_S;
    command->call_back_limit_s = TEST_CALL_BACK_S;
    command->travel_times_limit_s = TEST_TRAVEL_S;
    command->decision_limit_s = TEST_DECISION_S;
    command->acknowledge_limit_s = TEST_ACKNOWLEDGE_S;
    command->depart_limit_s = TEST_DEPART_S;
    command->scene_limit_s = TEST_SCENE_S;
    command->unit_silent_limit_s = unit_silent_limit_s;
    command->beds_stale_limit_s = beds_stale_limit_s;
    command->prealert_limit_s = TEST_PREALERT_S;
    command->count = PRIORITY_COUNT;
    for (uint8_t i = 0; i < PRIORITY_COUNT; i++) {
        command->items[i] = (struct priority_rule){ .response_target = duration_seconds(target_s[i]), .priority = i };
    }
    MUST(centre, centre_send(centre, &command->head, command->head.size));
}

/* Units may be silent and beds uncounted for as long as they like. */
static inline void centre_rules(struct centre *centre, uint8_t queue_rule) { centre_rules_with(centre, queue_rule, 0, 0); }

/* Open, with two posts, units that have begun their shift, and facilities of tier 1 and up. */
static inline void centre_begin(struct centre *centre, uint32_t units, uint32_t facilities)
{
    centre_create(centre, TEST_LIMITS);
    DO(centre, CENTRE_OPEN, centre_open, ADMIN, .city_fingerprint = 1, .policy_version = 1);
    centre_rules(centre, 0);
    DO(centre, POST_ADD, post_add, ADMIN, .point = { 10, 20 });
    DO(centre, POST_ADD, post_add, ADMIN, .point = { 30, 40 });
    for (uint32_t i = 0; i < units; i++) {
        uint32_t id = DO(centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = NEED_BASIC);
        DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { id }, .what = UNIT_EVENT_START_SHIFT);
    }
    for (uint32_t i = 0; i < facilities; i++) {
        DO(centre, FACILITY_ADD, facility_add, ADMIN, .point = { 50, 60 }, .capabilities = NEED_STROKE, .tier = TIER_TIER_1);
    }
}

/* A call that rings, is answered and has a place; its id. */
static inline uint32_t centre_located_call(struct centre *centre)
{
    uint32_t call = DO(centre, CALL_OFFER, call_offer, SYSTEM, .caller = 5);
    DO(centre, CALL_ANSWER, call_answer, SEAT, .call = { call }, .seat = 1);
    DO(centre, CALL_LOCATE, call_locate, SEAT, .call = { call }, .point = { 70, 80 }, .district = 3);
    return call;
}

/* The incident of a new call: asking if a unit could go, queued if none. Its id. */
static inline uint32_t centre_incident(struct centre *centre, enum priority priority, uint32_t needs, uint8_t units_wanted)
{
    uint32_t call = centre_located_call(centre);
    return DO(centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .needs = needs, .priority = (uint8_t)priority,
              .units_wanted = units_wanted);
}

static inline uint32_t centre_assign(struct centre *centre, uint32_t incident, uint32_t unit)
{
    return DO(centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { unit },
              .override = OVERRIDE_REASON_LOCAL_KNOWLEDGE);
}

static inline enum refusal centre_report(struct centre *centre, uint32_t mission, enum mission_event stage)
{
    return SEND(centre, MISSION_REPORT, mission_report, CREW, .mission = { mission }, .stage = (uint8_t)stage);
}

/* What replay --verify does: every command is decided again, by an engine that knows what was before it, and becomes the same
 * events; they lead to the same state. */
static inline void centre_prove(const struct centre *centre)
{
    struct engine *again = test_engine(&centre->limits, &centre->journal);
    struct error error;
    for (uint64_t sequence = 1; sequence <= centre->log.count; sequence++) {
        const struct entry_head *entry = test_journal_entry(&centre->log, sequence), *decided;
        bool same;
        engine_decide_again(again, entry, &same, &decided);
        CHECK(same);
        CHECK(engine_apply_entry(again, entry, &error) == STATUS_OK);
    }
    CHECK(engine_state_hash(again) == engine_state_hash(centre->engine));
    engine_destroy(again);
}

/* ---- looking ---- */

static inline const struct call *call_of(const struct centre *centre, uint32_t id)
{
    return core_call(centre->core, (struct call_id){ id });
}

static inline const struct incident *incident_of(const struct centre *centre, uint32_t id)
{
    return core_incident(centre->core, (struct incident_id){ id });
}

static inline const struct mission *mission_of(const struct centre *centre, uint32_t id)
{
    return core_mission(centre->core, (struct mission_id){ id });
}

static inline const struct unit *unit_of(const struct centre *centre, uint32_t id)
{
    return core_unit(centre->core, (struct unit_id){ id });
}

static inline const struct alarm *alarm_of(const struct centre *centre, uint32_t id)
{
    return core_alarm(centre->core, (struct alarm_id){ id });
}

static inline const struct facility *facility_of(const struct centre *centre, uint32_t id)
{
    return core_facility(centre->core, (struct facility_id){ id });
}

/* How many events of a kind the last entry holds. */
static inline uint32_t centre_events(const struct centre *centre, uint16_t kind)
{
    const struct entry_head *entry = test_journal_entry(&centre->log, centre->log.count);
    const struct event_head *event = entry_first_event(entry);
    uint32_t found = 0;
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        found += event->kind == kind;
    }
    return found;
}

/* The first event of a kind in the last entry, or NULL. */
static inline const void *centre_event(const struct centre *centre, uint16_t kind)
{
    const struct entry_head *entry = test_journal_entry(&centre->log, centre->log.count);
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (event->kind == kind) {
            return event;
        }
    }
    return NULL;
}

#endif
