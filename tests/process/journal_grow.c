/* Makes the journal of a centre longer: journal_grow DIR ENTRIES
 *
 * The engine is recovered from the journal in DIR, as a server would, and goes on with calls that become missions,
 * bring their patient to a facility and end: nineteen entries or so each, decided by the engine under the journal's own
 * policy and made durable in groups of a hundred. So a journal of a million entries comes about in a minute, and every
 * entry in it is one that a server could have written. The centre must have units 1 to 3, facility 1, and no server may
 * run. For recovery_test.py. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "core/engine.h"
#include "policy/policies.h"
#include "store/store.h"

enum { GROUP = 100, UNITS = 3 };

struct growth {
    struct journal journal;
    struct engine *engine;
    struct instant now;
    uint64_t wanted, committed;
    uint32_t made; /* by the last command */
};

static void must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "journal_grow: %s\n", error->text);
        exit(1);
    }
}

static enum status apply(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct growth *growth = visitor;
    return engine_apply_entry(growth->engine, entry, error);
}

static void recover(struct growth *growth, const char *folder)
{
    struct store store;
    struct journal_facts facts;
    struct error error;
    must(store_parse(folder, NULL, false, &store, &error), &error);
    must(store_journal_open(&store, JOURNAL_WRITE, NULL, &growth->journal, &error), &error);
    store_journal_facts(&growth->journal, &facts);
    CHECK(facts.limits_known && policy_find(facts.policy) != NULL);
    must(engine_create(&facts.limits, policy_find(facts.policy), &growth->journal, &growth->engine, &error), &error);
    must(growth->journal.read(growth->journal.context, 1, apply, growth, &error), &error);
}

static uint64_t sequence_of(const struct growth *growth) { return engine_core(growth->engine)->head->sequence; }

static void commit(struct growth *growth)
{
    struct effect effect;
    struct error error;
    must(engine_commit(growth->engine, &error), &error);
    growth->committed = sequence_of(growth);
    while (engine_next_effect(growth->engine, &effect)) {
    }
}

static void step(struct growth *growth, const struct command_head *command)
{
    struct step_result result;
    struct error error;
    growth->now.us += 10;
    must(engine_step(growth->engine, command, command->size, growth->now, &result, &error), &error);
    if (result.refusal != REFUSED_NONE) {
        fprintf(stderr, "journal_grow: %s refused: %s\n", command_kind(command->kind)->name, refusal_name(result.refusal));
        exit(1);
    }
    growth->made = result.made;
    if (result.sequence >= growth->committed + GROUP) {
        commit(growth);
    }
}

#define DO(growth, NAME, name, KIND, ...)                                                     \
    step((growth), &(struct command_##name){ .head = { .kind = COMMAND_##NAME,                \
                                                       .version = COMMAND_##NAME##_VERSION,   \
                                                       .actor_kind = ACTOR_KIND_##KIND,       \
                                                       .size = sizeof(struct command_##name), \
                                                       .occurred_at = INSTANT_NONE },         \
                                             __VA_ARGS__ }                                    \
                        .head)

static void answer_travel(struct growth *growth, uint32_t incident)
{
    uint64_t room[(sizeof(struct command_travel_times) + UNITS * sizeof(struct travel_time)) / sizeof(uint64_t)];
    struct command_travel_times *command = (struct command_travel_times *)room;
    COMMAND_BEGIN(command, TRAVEL_TIMES, ACTOR_KIND_ROAD);
    command->head.size = sizeof room;
    command->incident.v = incident;
    command->count = UNITS;
    for (uint32_t i = 0; i < UNITS; i++) {
        command->items[i] = (struct travel_time){ .eta = duration_seconds(60 + 60 * (int64_t)i), .unit = { i + 1 } };
    }
    step(growth, &command->head);
}

static void answer_facilities(struct growth *growth, uint32_t mission)
{
    uint64_t room[(sizeof(struct command_facility_times) + sizeof(struct facility_time)) / sizeof(uint64_t)];
    struct command_facility_times *command = (struct command_facility_times *)room;
    COMMAND_BEGIN(command, FACILITY_TIMES, ACTOR_KIND_ROAD);
    command->head.size = sizeof room;
    command->mission.v = mission;
    command->count = 1;
    command->items[0] = (struct facility_time){ .eta = duration_seconds(300), .facility = { 1 } };
    step(growth, &command->head);
}

static void report(struct growth *growth, uint32_t mission, enum mission_event stage)
{
    DO(growth, MISSION_REPORT, mission_report, CREW, .mission = { mission }, .stage = (uint8_t)stage);
}

static uint32_t ring_to_assigned(struct growth *growth, uint32_t number)
{
    static const struct geo_point place = { 119680000, 577040000 };
    DO(growth, CALL_OFFER, call_offer, SYSTEM, .external = number);
    uint32_t call = growth->made;
    DO(growth, CALL_ANSWER, call_answer, SEAT, .call = { call }, .seat = 1);
    DO(growth, CALL_LOCATE, call_locate, SEAT, .call = { call }, .point = place);
    DO(growth, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .priority = PRIORITY_URGENT, .units_wanted = 1);
    uint32_t incident = growth->made;
    answer_travel(growth, incident);
    DO(growth, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 1 + number % UNITS }, .override = 1);
    return growth->made;
}

static void one_call(struct growth *growth, uint32_t number)
{
    static const enum mission_event out[] = { MISSION_EVENT_NOTIFY, MISSION_EVENT_ACKNOWLEDGE, MISSION_EVENT_DEPART,
                                              MISSION_EVENT_ARRIVE, MISSION_EVENT_REACH_PATIENT };
    static const enum mission_event in[] = { MISSION_EVENT_LEAVE_SCENE, MISSION_EVENT_REACH_FACILITY, MISSION_EVENT_HAND_OVER,
                                             MISSION_EVENT_END };
    uint32_t mission = ring_to_assigned(growth, number);
    for (size_t i = 0; i < ARRAY_LENGTH(out); i++) {
        report(growth, mission, out[i]);
    }
    DO(growth, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .bed_kind = BED_KIND_EMERGENCY);
    answer_facilities(growth, mission);
    DO(growth, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 }, .override = 1);
    for (size_t i = 0; i < ARRAY_LENGTH(in); i++) {
        report(growth, mission, in[i]);
    }
    DO(growth, UNIT_REPORT, unit_report, CREW, .unit = { 1 + number % UNITS }, .what = UNIT_EVENT_REACH_POST);
}

int main(int count, char **words)
{
    if (count != 3) {
        fprintf(stderr, "usage: journal_grow DIR ENTRIES\n");
        return 2;
    }
    struct growth growth = { .wanted = strtoull(words[2], NULL, 10) };
    recover(&growth, words[1]);
    growth.now = instant_max((struct instant){ (int64_t)time(NULL) * US_PER_SECOND },
                             engine_core(growth.engine)->head->entered_at);
    growth.committed = sequence_of(&growth);
    for (uint32_t unit = 1; unit <= UNITS; unit++) {
        DO(&growth, UNIT_REPORT, unit_report, CREW, .unit = { unit }, .what = UNIT_EVENT_START_SHIFT);
    }
    for (uint32_t number = 1; sequence_of(&growth) < growth.wanted; number++) {
        DO(&growth, BEDS_SET, beds_set, FACILITY, .facility = { 1 }, .available = 9, .kind = BED_KIND_EMERGENCY);
        one_call(&growth, number);
    }
    commit(&growth);
    printf("%llu\n", (unsigned long long)sequence_of(&growth));
    engine_destroy(growth.engine);
    growth.journal.close(growth.journal.context);
    return 0;
}
