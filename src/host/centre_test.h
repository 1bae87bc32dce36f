/* What the tests of the centre share: the small town of tests/cli/town as a city file, a folder for the journal, a centre on it,
 * and commands sent and waited for as the I/O thread would. For *_test.c only; cmocka.h must have been included before. */
#ifndef MINGDI_HOST_CENTRE_TEST_H
#define MINGDI_HOST_CENTRE_TEST_H

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "core/engine.h"
#include "host/centre_private.h"
#include "policy/policies.h"
#include "road/import.h"
#include "store/sqlite.h"

enum { TEST_WAIT_MS = 120000, TEST_UNITS = 3 };

#define TEST_TOWN MINGDI_SOURCE_DIR "/tests/cli/town"
#define TEST_LIMITS                     \
    ((struct limits){ .calls = 1024,    \
                      .incidents = 512, \
                      .units = 16,      \
                      .posts = 8,       \
                      .facilities = 8,  \
                      .keys = 1024,     \
                      .alarms = 256,    \
                      .reserved_percent = 5 })

struct test_centre {
    char folder[64], city_path[96];
    struct city *city;
    struct clock *clock;
    struct centre_setup setup;
    struct centre *centre; /* NULL: not running */
};

static inline void test_must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fail_msg("%s", error->text);
    }
}

/* The town and a folder; nothing runs. */
static inline void test_centre_make(struct test_centre *test)
{
    struct error error;
    *test = (struct test_centre){ .centre = NULL };
    const char *base = getenv("TMPDIR");
    snprintf(test->folder, sizeof test->folder, "%s/mingdi-centre-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
    assert_non_null(mkdtemp(test->folder));
    snprintf(test->city_path, sizeof test->city_path, "%s/city.mingdi", test->folder);
    const struct import_options options = { .geojson = TEST_TOWN "/roads.geojson", .output = test->city_path };
    test_must(import_city(&options, &error), &error);
    test_must(city_open(test->city_path, &test->city, &error), &error);
    test->clock = clock_create(false, INSTANT_NONE, 1);
    test->setup = (struct centre_setup){ .limits = TEST_LIMITS,
                                         .policy = policy_find("standard"),
                                         .city = test->city,
                                         .clock = test->clock,
                                         .road_threads = 2,
                                         .queue_bytes_max = 1 << 20,
                                         .group_commands_max = 64,
                                         .mobilisation = { { 60000000 }, { 60000000 }, { 60000000 }, { 60000000 } },
                                         .estimate_speed = { 120000000 },
                                         .may_create = true };
    test_must(store_parse(test->folder, NULL, false, &test->setup.store, &error), &error);
}

static inline void test_centre_start_on(struct test_centre *test, const struct centre_source *source)
{
    struct error error;
    test_must(centre_create_on(&test->setup, source, &test->centre, &error), &error);
}

static inline void test_centre_start(struct test_centre *test) { test_centre_start_on(test, NULL); }

static inline void test_pump_once(struct test_centre *test)
{
    struct pollfd waited = { .fd = centre_fd(test->centre), .events = POLLIN };
    if (poll(&waited, 1, TEST_WAIT_MS) != 1) {
        fail_msg("nothing has come from the core thread for %d ms", TEST_WAIT_MS);
    }
    centre_deliver(test->centre);
}

/* Pumps until the condition holds; each turn waits for something to come. */
#define TEST_PUMP_UNTIL(test, condition) \
    do {                                 \
        while (!(condition)) {           \
            test_pump_once(test);        \
        }                                \
    } while (0)

static inline void test_centre_drain(struct test_centre *test)
{
    centre_drain(test->centre);
    TEST_PUMP_UNTIL(test, centre_state(test->centre) == CENTRE_STOPPED);
}

static inline void test_centre_stop(struct test_centre *test)
{
    centre_destroy(test->centre);
    test->centre = NULL;
}

static inline void test_remove_journal(const char *folder)
{
    static const char *const names[] = { "journal.db", "journal.db-wal", "journal.db-shm", "journal.db-lock" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = file_join(folder, names[i]);
        (void)unlink(path);
        free(path);
    }
}

static inline void test_centre_free(struct test_centre *test)
{
    centre_destroy(test->centre);
    clock_destroy(test->clock);
    city_close(test->city);
    char *drill = file_join(test->folder, "drill");
    test_remove_journal(drill);
    (void)rmdir(drill);
    free(drill);
    test_remove_journal(test->folder);
    (void)unlink(test->city_path);
    assert_int_equal(rmdir(test->folder), 0);
}

/* ---- commands ---- */

struct test_answer {
    int count;
    struct centre_answer answer;
    uint64_t mirror_sequence; /* as the mirror was when the answer came */
    const struct centre *centre;
};

static inline void test_answered(void *context, const struct centre_answer *answer)
{
    struct test_answer *test = context;
    test->count += 1;
    test->answer = *answer;
    test->mirror_sequence = centre_core(test->centre)->head->sequence;
}

/* Sends and waits. What is accepted is in the mirror when the answer comes. */
static inline struct centre_answer test_send(struct test_centre *test, const struct command_head *command)
{
    struct test_answer answer = { .centre = test->centre };
    assert_int_equal(centre_submit(test->centre, command, test_answered, &answer), CENTRE_TAKEN);
    TEST_PUMP_UNTIL(test, answer.count > 0);
    assert_int_equal(answer.count, 1);
    if (answer.answer.outcome == CENTRE_DONE && answer.answer.result.refusal == REFUSED_NONE) {
        assert_true(answer.mirror_sequence >= answer.answer.result.sequence);
    }
    return answer.answer;
}

/* TEST_COMMAND(CALL_ANSWER, call_answer, SEAT, .call = { 1 }): the command on the stack. */
#define TEST_COMMAND(NAME, name, ACTOR, ...)                                    \
    &((struct command_##name){ .head = { .kind = COMMAND_##NAME,                \
                                         .version = COMMAND_##NAME##_VERSION,   \
                                         .actor_kind = ACTOR_KIND_##ACTOR,      \
                                         .size = sizeof(struct command_##name), \
                                         .occurred_at = INSTANT_NONE },         \
                               __VA_ARGS__ })                                   \
         .head

/* Sends what must be accepted; the id that it made. */
static inline uint32_t test_do(struct test_centre *test, const struct command_head *command)
{
    struct centre_answer answer = test_send(test, command);
    assert_int_equal(answer.outcome, CENTRE_DONE);
    if (answer.result.refusal != REFUSED_NONE) {
        fail_msg("%s is refused: %s", command_kind(command->kind)->name, refusal_name(answer.result.refusal));
    }
    return answer.result.made;
}

#define TEST_DO(test, NAME, name, ACTOR, ...) test_do((test), TEST_COMMAND(NAME, name, ACTOR, __VA_ARGS__))

static inline struct geo_point test_point(int32_t lon_e7, int32_t lat_e7) { return (struct geo_point){ lon_e7, lat_e7 }; }

#define TEST_WEST test_point(119601000, 577001000)
#define TEST_EAST test_point(119760000, 577080000)
#define TEST_HOSPITAL test_point(119680000, 577040000)
#define TEST_NEAR_WEST test_point(119620000, 577020000) /* on a road */

static inline void test_policy(struct test_centre *test, uint32_t travel_times_limit_s)
{
    const size_t size = sizeof(struct command_policy_set) + PRIORITY_COUNT * sizeof(struct priority_rule);
    struct command_policy_set *command = calloc(1, size);
    assert_non_null(command);
    COMMAND_BEGIN(command, POLICY_SET, ACTOR_KIND_ADMIN);
    command->head.size = (uint32_t)size;
    command->count = PRIORITY_COUNT;
    for (uint8_t i = 0; i < PRIORITY_COUNT; i++) {
        command->items[i] = (struct priority_rule){ .priority = i, .response_target = { 600 * US_PER_SECOND } };
    }
    command->travel_times_limit_s = travel_times_limit_s;
    test_do(test, &command->head);
    free(command);
}

/* The centre's first entries: two posts, three units on duty (two in the west, one in the east), a hospital. */
static inline void test_open_centre(struct test_centre *test)
{
    TEST_DO(test, CENTRE_OPEN, centre_open, ADMIN, .city_fingerprint = city_fingerprint(test->city),
            .policy_version = test->setup.policy->version, .drill = test->setup.drill);
    test_policy(test, 3600);
    TEST_DO(test, POST_ADD, post_add, ADMIN, .point = TEST_WEST);
    TEST_DO(test, POST_ADD, post_add, ADMIN, .point = TEST_EAST);
    for (uint32_t i = 1; i <= TEST_UNITS; i++) {
        TEST_DO(test, UNIT_ADD, unit_add, ADMIN, .post = { i == 2 ? 2 : 1 }, .skills = 1);
        TEST_DO(test, UNIT_REPORT, unit_report, CREW, .unit = { i }, .what = UNIT_EVENT_START_SHIFT);
    }
    TEST_DO(test, FACILITY_ADD, facility_add, ADMIN, .point = TEST_HOSPITAL, .tier = TIER_TIER_3, .capabilities = 1);
}

/* From the ring to the question who can go: the incident. */
static inline uint32_t test_incident(struct test_centre *test, struct geo_point point, enum priority priority)
{
    uint32_t call = TEST_DO(test, CALL_OFFER, call_offer, SYSTEM, .caller = 0);
    TEST_DO(test, CALL_ANSWER, call_answer, SEAT, .call = { call }, .seat = 7);
    TEST_DO(test, CALL_LOCATE, call_locate, SEAT, .call = { call }, .point = point);
    return TEST_DO(test, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .needs = 1, .priority = (uint8_t)priority,
                   .units_wanted = 1);
}

static inline const struct incident *test_incident_of(const struct test_centre *test, uint32_t id)
{
    return core_incident(centre_core(test->centre), (struct incident_id){ id });
}

/* ---- proof ---- */

/* The hash that another engine reaches by reading the journal from its first entry. */
static inline enum status test_apply(void *visitor, const struct entry_head *entry, struct error *error)
{
    return engine_apply_entry(visitor, entry, error);
}

static inline uint64_t test_replayed_hash(const struct test_centre *test)
{
    struct journal journal;
    struct error error;
    struct engine *engine;
    const struct journal_options options = { 0 };
    test_must(store_journal_open(&test->setup.store, JOURNAL_READ, &options, &journal, &error), &error);
    test_must(engine_create(&test->setup.limits, test->setup.policy, NULL, &engine, &error), &error);
    test_must(journal.read(journal.context, 1, test_apply, engine, &error), &error);
    uint64_t hash = engine_state_hash(engine);
    core_check(engine_core(engine));
    engine_destroy(engine);
    journal.close(journal.context);
    return hash;
}

static inline uint64_t test_mirror_hash(const struct test_centre *test) { return engine_state_hash(test->centre->mirror.engine); }

/* ---- a sender that does not give up ---- */

enum { TEST_CALLS = 12 };

struct test_tries {
    uint32_t not_durable, not_ready;
};

/* Until it is done, with the same key. While the journal is failed the centre's own news is waited for. */
static inline struct step_result test_insist(struct test_centre *test, uint32_t number, struct test_tries *tries)
{
    struct command_call_offer command;
    COMMAND_BEGIN(&command, CALL_OFFER, ACTOR_KIND_SYSTEM);
    command.head.key_low = number;
    command.external = number;
    for (;;) {
        struct test_answer answer = { .centre = test->centre };
        if (centre_submit(test->centre, &command.head, test_answered, &answer) != CENTRE_TAKEN) {
            tries->not_ready += 1;
            test_pump_once(test);
            continue;
        }
        TEST_PUMP_UNTIL(test, answer.count > 0);
        if (answer.answer.outcome == CENTRE_DONE) {
            assert_int_equal(answer.answer.result.refusal, REFUSED_NONE);
            return answer.answer.result;
        }
        assert_int_equal(centre_state(test->centre), CENTRE_JOURNAL_FAILED);
        tries->not_durable += 1;
    }
}

static inline uint64_t test_sequence(const struct test_centre *test) { return centre_core(test->centre)->head->sequence; }

/* Every call was made once, and the mirror is what the journal says. */
static inline void test_calls_once(struct test_centre *test, uint64_t before, uint32_t calls)
{
    assert_int_equal(test_sequence(test), before + calls);
    bool seen[TEST_CALLS + 1] = { false };
    for (uint32_t id = 1; id <= calls; id++) {
        const struct call *call = core_call(centre_core(test->centre), (struct call_id){ id });
        assert_true(call != NULL && call->external >= 1 && call->external <= calls && !seen[call->external]);
        seen[call->external] = true;
    }
    test_centre_drain(test);
    assert_int_equal(test_mirror_hash(test), test_replayed_hash(test));
}

#endif
