/* Commands at random, valid and invalid, from a seed: the state stays sound after each, nothing is done twice, and whatever way
 * the state is reached again (replay, snapshot and the rest), it is the same to the byte. Then the journal fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/test_random.h"

enum { SEEDS = 40, STEPS = 2500, KEYS = 24 };

/* What the test itself remembers of the keys that it has used. */
struct keys {
    struct {
        uint64_t sequence, order; /* order: how many keys had been remembered before it; sequence 0: never */
        uint32_t made;
    } used[KEYS];
    uint64_t count;
};

struct tally {
    uint32_t accepted[COMMAND_KIND_MAX + 1];
    uint32_t refused[REFUSED_COUNT];
    uint32_t repeated;
    uint32_t raised[ALARM_KIND_COUNT], ended[ALARM_END_COUNT];
    uint32_t estimated[2]; /* destinations that are recommended not by estimates, and by them */
};

/* Small tables, so that they fill and their slots are used again. */
static void random_begin(struct centre *centre, uint64_t *seed)
{
    centre_create(centre, (struct limits){ .calls = 16,
                                           .incidents = 8,
                                           .units = 6,
                                           .posts = 3,
                                           .facilities = 4,
                                           .keys = 8,
                                           .alarms = 4,
                                           .reserved_percent = 25,
                                           .protocols = 3,
                                           .protocol_answers = 20 });
    DO(centre, CENTRE_OPEN, centre_open, ADMIN, .city_fingerprint = 1);
    centre_rules_with(centre, (uint8_t)random_below(seed, 2), random_below(seed, 2) * 60, random_below(seed, 2) * 120);
    DO(centre, POST_ADD, post_add, ADMIN, .point = { 1, 1 });
    for (uint32_t i = 0; i < 4; i++) {
        DO(centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = 3);
        DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { i + 1 }, .what = UNIT_EVENT_START_SHIFT);
    }
    DO(centre, FACILITY_ADD, facility_add, ADMIN, .capabilities = 3, .tier = TIER_TIER_3);
}

static void sum_beds(const struct core *core, uint32_t sums[])
{
    for (uint32_t id = 1; id <= core_facility_count(core); id++) {
        for (uint32_t kind = 0; kind < BED_KIND_COUNT; kind++) {
            uint32_t *sum = &sums[id * BED_KIND_COUNT + kind];
            *sum = 0;
            for (uint32_t bed_state = 0; bed_state < BED_STATE_COUNT; bed_state++) {
                *sum += core->facilities[id].beds[kind][bed_state];
            }
        }
    }
}

/* A key that is still among the newest limits.keys is answered from memory, with the first answer. */
static void check_key(const struct centre *centre, struct keys *keys, uint32_t key)
{
    const bool known = keys->used[key].sequence != 0 && keys->count - keys->used[key].order <= centre->limits.keys;
    if (centre->last.refusal != REFUSED_NONE) {
        assert_false(centre->last.repeated);
        return;
    }
    assert_int_equal(centre->last.repeated, known);
    if (known) {
        assert_int_equal(centre->last.sequence, keys->used[key].sequence);
        assert_int_equal(centre->last.made, keys->used[key].made);
        return;
    }
    keys->used[key].sequence = centre->last.sequence;
    keys->used[key].made = centre->last.made;
    keys->used[key].order = keys->count++;
}

static void drain_effects(struct centre *centre, uint64_t durable)
{
    struct effect effect;
    uint64_t last = 0;
    while (engine_next_effect(centre->engine, &effect)) {
        assert_true(effect.sequence <= durable && effect.sequence >= last);
        last = effect.sequence;
    }
}

static void tally_events(const struct centre *centre, struct tally *tally)
{
    const struct entry_head *entry = test_journal_entry(&centre->log, centre->log.count);
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (event->kind == EVENT_ALARM_RAISED) {
            tally->raised[((const struct event_alarm_raised *)event)->kind] += 1;
        } else if (event->kind == EVENT_ALARM_CLEARED) {
            tally->ended[((const struct event_alarm_cleared *)event)->end] += 1;
        } else if (event->kind == EVENT_DESTINATION_RECOMMENDED) {
            tally->estimated[((const struct event_destination_recommended *)event)->estimated] += 1;
        }
    }
}

/* Often the clock, where a timer is due; else what a busy centre would send, or anything. */
static struct command_head *random_next(struct centre *centre, uint64_t *seed, unsigned char *bytes)
{
    bool due = !instant_before(centre->now, engine_next_timer(centre->engine));
    if (due && random_below(seed, 4) == 0) {
        return random_aimed(seed, centre->core, COMMAND_TIME_PASSED, "", 0, bytes);
    }
    return random_below(seed, 4) == 0 ? random_command(seed, centre->core, random_kind(seed), bytes)
                                      : random_sensible(seed, centre->core, bytes);
}

static void random_step(struct centre *centre, uint64_t *seed, struct keys *keys, struct tally *tally)
{
    _Alignas(8) unsigned char bytes[RANDOM_COMMAND_SIZE];
    uint32_t before[5 * BED_KIND_COUNT], after[5 * BED_KIND_COUNT];
    centre->now.us += (int64_t)random_below(seed, 20) * US_PER_SECOND;
    struct command_head *head = random_next(centre, seed, bytes);
    uint32_t key = random_below(seed, 10 * KEYS);
    if (key < KEYS) {
        head->key_low = 1 + key;
        head->key_middle = 9;
    }
    if (random_below(seed, 5) == 0) {
        head->occurred_at.us = centre->now.us + ((int64_t)random_below(seed, 4000) - 3600) * US_PER_SECOND;
    }
    uint32_t facility_count = core_facility_count(centre->core);
    sum_beds(centre->core, before);
    enum refusal refusal = centre_send(centre, head, head->size);
    sum_beds(centre->core, after);
    if (head->kind != COMMAND_BEDS_SET && core_facility_count(centre->core) == facility_count) {
        size_t at = BED_KIND_COUNT, size = sizeof before[0] * facility_count * BED_KIND_COUNT;
        assert_memory_equal(&before[at], &after[at], size); /* beds are conserved */
    }
    if (key < KEYS) {
        check_key(centre, keys, key);
    }
    tally->refused[refusal] += 1;
    tally->repeated += centre->last.repeated;
    if (refusal == REFUSED_NONE && !centre->last.repeated) {
        tally->accepted[head->kind] += 1;
        tally_events(centre, tally);
    }
    if (random_below(seed, 10) == 0) {
        struct error error;
        assert_int_equal(engine_commit(centre->engine, &error), STATUS_OK);
        drain_effects(centre, centre->log.count);
    }
}

/* Applies the entries after the engine's own sequence; with verify, decides each command again first. */
static void replay(struct engine *engine, const struct test_journal *log, bool verify)
{
    struct error error;
    size_t at = 0;
    while (at < log->size) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(log->bytes + at);
        at += entry->size;
        if (entry->sequence <= engine_core(engine)->head->sequence) {
            continue;
        }
        if (verify) {
            bool same = false;
            const struct entry_head *decided = NULL;
            uint64_t hash = engine_state_hash(engine);
            engine_decide_again(engine, entry, &same, &decided);
            assert_true(same && decided != NULL);
            assert_true(engine_state_hash(engine) == hash);
        }
        assert_int_equal(engine_apply_entry(engine, entry, &error), STATUS_OK);
    }
}

static void check_ways_back(const struct centre *centre, const unsigned char *snapshot, size_t snapshot_size)
{
    struct error error;
    uint64_t hash = engine_state_hash(centre->engine);
    struct engine *again = test_engine(&centre->limits, NULL);
    replay(again, &centre->log, true);
    assert_true(engine_state_hash(again) == hash);
    engine_destroy(again);

    again = test_engine(&centre->limits, NULL);
    assert_int_equal(engine_restore(again, snapshot, snapshot_size, &error), STATUS_OK);
    assert_true(engine_core(again)->head->sequence < centre->log.count);
    replay(again, &centre->log, true);
    assert_true(engine_state_hash(again) == hash);
    core_check(engine_core(again));
    engine_destroy(again);
}

static void run_seed(uint64_t seed, struct tally *tally)
{
    struct centre centre;
    struct keys keys = { .count = 0 };
    unsigned char *snapshot = NULL;
    size_t snapshot_size = 0;
    random_begin(&centre, &seed);
    for (int step = 0; step < STEPS; step++) {
        random_step(&centre, &seed, &keys, tally);
        if (step == STEPS / 2) {
            const void *bytes;
            engine_snapshot(centre.engine, &bytes, &snapshot_size);
            snapshot = malloc(snapshot_size);
            CHECK(snapshot != NULL);
            memcpy(snapshot, bytes, snapshot_size);
        }
    }
    check_ways_back(&centre, snapshot, snapshot_size);
    free(snapshot);
    centre_destroy(&centre);
}

static void random_commands_keep_every_promise(void **state)
{
    (void)state;
    struct tally tally = { .repeated = 0 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        run_seed(seed * 7919, &tally);
    }
    for (uint16_t code = 1; code <= COMMAND_KIND_MAX; code++) {
        if (command_kind(code) != NULL && code != COMMAND_CENTRE_OPEN) {
            print_message("%-22s accepted %u\n", command_kind(code)->name, tally.accepted[code]);
            assert_true(tally.accepted[code] > 0); /* else the trial tried nothing */
        }
    }
    for (uint32_t i = 0; i < REFUSED_COUNT; i++) {
        print_message("%-22s %u\n", refusal_name((enum refusal)i), tally.refused[i]);
    }
    for (int kind = 0; kind < ALARM_KIND_COUNT; kind++) {
        print_message("%-22s raised %u\n", alarm_kind_name((enum alarm_kind)kind), tally.raised[kind]);
        assert_true(tally.raised[kind] > 0);
    }
    for (int end = ALARM_END_HAPPENED; end < ALARM_END_COUNT; end++) {
        assert_true(tally.ended[end] > 0);
    }
    assert_true(tally.repeated > 0 && tally.estimated[0] > 0 && tally.estimated[1] > 0);
}

/* The same seed gives the same journal, byte for byte. */
static void the_same_commands_give_the_same_journal(void **state)
{
    (void)state;
    struct centre centres[2];
    for (int i = 0; i < 2; i++) {
        uint64_t seed = 4711;
        struct keys keys = { .count = 0 };
        struct tally tally = { .repeated = 0 };
        random_begin(&centres[i], &seed);
        for (int step = 0; step < 1000; step++) {
            random_step(&centres[i], &seed, &keys, &tally);
        }
    }
    assert_int_equal(centres[0].log.size, centres[1].log.size);
    assert_memory_equal(centres[0].log.bytes, centres[1].log.bytes, centres[0].log.size);
    centre_destroy(&centres[0]);
    centre_destroy(&centres[1]);
}

/* Runs a fixed story with the append of one sequence failing; false when the story ended before it. */
static bool fails_at(uint64_t fail_at)
{
    struct centre centre;
    uint64_t seed = 31;
    random_begin(&centre, &seed);
    centre.log.fail_at = centre.log.count + fail_at;
    struct error error = { .status = STATUS_OK };
    _Alignas(8) unsigned char bytes[RANDOM_COMMAND_SIZE];
    uint64_t hash = engine_state_hash(centre.engine);
    enum status status = STATUS_OK;
    for (int step = 0; step < 400 && status == STATUS_OK; step++) {
        hash = engine_state_hash(centre.engine);
        struct command_head *head = random_command(&seed, centre.core, random_kind(&seed), bytes);
        status = engine_step(centre.engine, head, head->size, centre.now, &centre.last, &error);
    }
    if (status != STATUS_OK) {
        /* Nothing was done, nothing is released, and no further command is taken. */
        struct effect effect;
        assert_int_equal(status, STATUS_IO);
        assert_non_null(strstr(error.text, "disk is full"));
        assert_true(engine_state_hash(centre.engine) == hash);
        assert_int_equal(engine_commit(centre.engine, &error), STATUS_IO);
        assert_false(engine_next_effect(centre.engine, &effect));
        struct command_time_passed tick;
        COMMAND_BEGIN(&tick, TIME_PASSED, ACTOR_KIND_SYSTEM);
        assert_int_equal(engine_step(centre.engine, &tick.head, sizeof tick, centre.now, &centre.last, &error), STATUS_IO);
        struct engine *again = test_engine(&centre.limits, NULL);
        replay(again, &centre.log, true);
        assert_true(engine_state_hash(again) == hash); /* a restart is the truth */
        engine_destroy(again);
    }
    centre_destroy(&centre);
    return status != STATUS_OK;
}

static void a_failing_journal_stops_the_engine_wherever_it_fails(void **state)
{
    (void)state;
    uint64_t at = 1;
    while (fails_at(at)) {
        at++;
    }
    assert_true(at > 20); /* the story was long enough to fail in */
}

static void nothing_leaves_before_it_is_durable(void **state)
{
    (void)state;
    struct centre centre;
    struct effect effect;
    struct error error;
    centre_begin(&centre, 1, 0);
    assert_int_equal(engine_commit(centre.engine, &error), STATUS_OK);
    while (engine_next_effect(centre.engine, &effect)) {
    }
    DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    assert_false(engine_next_effect(centre.engine, &effect));
    assert_int_equal(engine_commit(centre.engine, &error), STATUS_OK);
    assert_true(engine_next_effect(centre.engine, &effect));
    assert_int_equal(effect.kind, EFFECT_RING);
    assert_int_equal(effect.subject, 1);
    assert_false(engine_next_effect(centre.engine, &effect));
    DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    centre.log.fail_commit = true;
    assert_int_equal(engine_commit(centre.engine, &error), STATUS_IO);
    assert_false(engine_next_effect(centre.engine, &effect));
    centre.log.fail_commit = false;
    assert_int_equal(engine_commit(centre.engine, &error), STATUS_IO); /* it has stopped for good */
    centre_destroy(&centre);
}

/* A journal that jumps, a snapshot of other limits: refused, nothing changed. */
static void what_does_not_fit_is_not_restored(void **state)
{
    (void)state;
    struct centre centre;
    struct error error;
    centre_begin(&centre, 1, 1);
    struct engine *again = test_engine(&centre.limits, NULL);
    uint64_t hash = engine_state_hash(again);
    assert_int_equal(engine_apply_entry(again, test_journal_entry(&centre.log, 2), &error), STATUS_CORRUPT);
    const void *bytes;
    size_t size;
    engine_snapshot(centre.engine, &bytes, &size);
    assert_int_equal(engine_restore(again, bytes, sizeof(struct core_head) - 1, &error), STATUS_CORRUPT);
    assert_int_equal(engine_restore(again, bytes, size - 8, &error), STATUS_VERSION);
    assert_true(engine_state_hash(again) == hash);
    unsigned char *foreign = malloc(size);
    CHECK(foreign != NULL);
    memcpy(foreign, bytes, size);
    foreign[offsetof(struct core_head, layout)] ^= 1; /* of a program that lays out its state otherwise */
    assert_int_equal(engine_restore(again, foreign, size, &error), STATUS_VERSION);
    free(foreign);
    assert_true(engine_state_hash(again) == hash);
    struct limits limits, others = TEST_LIMITS;
    assert_int_equal(engine_snapshot_limits(bytes, size, &limits, &error), STATUS_OK);
    assert_memory_equal(&limits, &others, sizeof limits);
    others.calls *= 2;
    struct engine *other = test_engine(&others, NULL);
    assert_int_equal(engine_restore(other, bytes, size, &error), STATUS_VERSION);
    engine_destroy(other);
    engine_destroy(again);
    centre_destroy(&centre);
}

/* The checker of replay can fail: a changed byte of an event is seen, and so is a changed command. */
static void a_changed_entry_is_seen(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    const struct entry_head *entry = test_journal_entry(&centre.log, 1);
    _Alignas(8) unsigned char copy[512];
    CHECK(entry->size <= sizeof copy);
    memcpy(copy, entry, entry->size);
    struct entry_head *changed = (struct entry_head *)(void *)copy;
    copy[entry->size - 8] ^= 1; /* drill, in the event */
    assert_false(entry_is_sound(changed, entry->size));
    entry_seal(changed);
    struct engine *again = test_engine(&centre.limits, NULL);
    bool same = true;
    const struct entry_head *decided;
    engine_decide_again(again, changed, &same, &decided);
    assert_false(same);
    assert_non_null(decided);
    engine_destroy(again);
    centre_destroy(&centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_commands_keep_every_promise),
        cmocka_unit_test(the_same_commands_give_the_same_journal),
        cmocka_unit_test(a_failing_journal_stops_the_engine_wherever_it_fails),
        cmocka_unit_test(nothing_leaves_before_it_is_durable),
        cmocka_unit_test(what_does_not_fit_is_not_restored),
        cmocka_unit_test(a_changed_entry_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
