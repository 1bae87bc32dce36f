/* Starting again: after a clean stop, after none, from snapshots; what a centre must refuse to open; a drill's clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/centre_test.h"

static struct centre_figures figures_of(const struct test_centre *test)
{
    struct centre_figures figures;
    centre_figures(test->centre, &figures);
    return figures;
}

/* An incident with a recommendation on which nobody has decided, and one that waits for facilities. */
static void make_standing_recommendations(struct test_centre *test, uint32_t *incident, uint32_t *mission)
{
    static const uint8_t stages[] = { MISSION_EVENT_NOTIFY, MISSION_EVENT_ACKNOWLEDGE, MISSION_EVENT_DEPART,
                                      MISSION_EVENT_ARRIVE };
    uint32_t first = test_incident(test, TEST_NEAR_WEST, PRIORITY_CRITICAL);
    TEST_PUMP_UNTIL(test, test_incident_of(test, first)->state == INCIDENT_STATE_RECOMMENDED);
    *mission = TEST_DO(test, UNIT_ASSIGN, unit_assign, SEAT, .incident = { first }, .unit = { 1 });
    for (size_t i = 0; i < sizeof stages; i++) {
        TEST_DO(test, MISSION_REPORT, mission_report, CREW, .mission = { *mission }, .stage = stages[i]);
    }
    TEST_DO(test, TRANSPORT_REQUEST, transport_request, CREW, .mission = { *mission }, .needs = 1);
    TEST_PUMP_UNTIL(test, core_mission(centre_core(test->centre), (struct mission_id){ *mission })->recommended_count > 0);
    *incident = test_incident(test, TEST_EAST, PRIORITY_URGENT);
    TEST_PUMP_UNTIL(test, test_incident_of(test, *incident)->state == INCIDENT_STATE_RECOMMENDED);
}

static void count_effect(void *observer, const struct effect *effect)
{
    uint32_t *counts = observer;
    counts[effect->kind] += 1;
}

/* Cleanly or as after a crash: the same state, and with it the evidence, byte for byte; what waited for a person is told again.
 */
static void go_on_after(bool clean, uint32_t snapshot_every)
{
    struct test_centre test;
    uint32_t incident, mission, effects[EFFECT_ALARM + 1] = { 0 };
    unsigned char units[sizeof(struct unit_evidence)], facilities[sizeof(struct destination_evidence)];
    test_centre_make(&test);
    test.setup.snapshot_every = snapshot_every;
    test_centre_start(&test);
    test_open_centre(&test);
    make_standing_recommendations(&test, &incident, &mission);
    const struct event_units_recommended *who = centre_recommendation(test.centre, (struct incident_id){ incident });
    const struct event_destination_recommended *where = centre_destination_recommendation(test.centre,
                                                                                          (struct mission_id){ mission });
    size_t who_size = who->head.size, where_size = where->head.size;
    memcpy(units, who, who_size);
    memcpy(facilities, where, where_size);
    uint64_t hash = test_mirror_hash(&test), sequence = centre_core(test.centre)->head->sequence;
    if (clean) {
        test_centre_drain(&test);
    }
    test_centre_stop(&test);
    test.setup.may_create = false;
    test_centre_start(&test);
    centre_observe_effects(test.centre, count_effect, effects);
    assert_int_equal(test_mirror_hash(&test), hash);
    assert_int_equal(centre_core(test.centre)->head->sequence, sequence);
    uint64_t recovered = figures_of(&test).recovered_entries;
    assert_true(clean ? recovered == 0 : snapshot_every > 0 ? recovered < sequence / 2 : recovered == sequence);
    assert_int_equal(figures_of(&test).durable_sequence, sequence);
    who = centre_recommendation(test.centre, (struct incident_id){ incident });
    where = centre_destination_recommendation(test.centre, (struct mission_id){ mission });
    assert_true(who != NULL && where != NULL);
    assert_memory_equal(who, units, who_size);
    assert_memory_equal(where, facilities, where_size);
    TEST_PUMP_UNTIL(&test, effects[EFFECT_RECOMMENDED] == 1);
    TEST_DO(&test, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 2 });
    test_centre_drain(&test);
    assert_int_equal(test_mirror_hash(&test), test_replayed_hash(&test));
    test_centre_free(&test);
}

static void a_clean_stop_and_on(void **state)
{
    (void)state;
    go_on_after(true, 0);
}

static void no_clean_stop_and_on(void **state)
{
    (void)state;
    go_on_after(false, 0);
}

static void from_a_snapshot_and_on(void **state)
{
    (void)state;
    go_on_after(false, 1);
}

/* A question that was on its way when the process ended is asked again. */
static void a_lost_question_is_asked_again(void **state)
{
    (void)state;
    struct test_centre test;
    test_centre_make(&test);
    test_centre_start(&test);
    test_open_centre(&test);
    uint32_t id = test_incident(&test, TEST_NEAR_WEST, PRIORITY_CRITICAL);
    test_centre_stop(&test); /* the answer may or may not have come */
    test_centre_start(&test);
    TEST_PUMP_UNTIL(&test, test_incident_of(&test, id)->state == INCIDENT_STATE_RECOMMENDED);
    test_centre_free(&test);
}

/* ---- refusals ---- */

static void assert_refused(struct test_centre *test, enum status status, const char *words)
{
    struct error error = { 0 };
    assert_int_equal(centre_create(&test->setup, &test->centre, &error), status);
    if (strstr(error.text, words) == NULL) {
        fail_msg("'%s' does not say '%s'", error.text, words);
    }
    test->centre = NULL;
}

/* What centre_open said, changed; the journal is then another centre's. */
static void refuse_opening(struct command_centre_open opening, enum status status, const char *words)
{
    struct test_centre test;
    test_centre_make(&test);
    test_centre_start(&test);
    opening.city_fingerprint += city_fingerprint(test.city);
    opening.policy_version += test.setup.policy->version;
    test_do(&test, &opening.head);
    test_centre_stop(&test);
    assert_refused(&test, status, words);
    test_centre_free(&test);
}

static void what_is_not_ours_is_refused(void **state)
{
    (void)state;
    struct command_centre_open opening;
    COMMAND_BEGIN(&opening, CENTRE_OPEN, ACTOR_KIND_ADMIN);
    opening.city_fingerprint = 1;
    refuse_opening(opening, STATUS_BAD_INPUT, "belongs to the city file with the fingerprint");
    opening.city_fingerprint = 0;
    opening.policy_version = 1;
    refuse_opening(opening, STATUS_VERSION, "decided by version");
    opening.policy_version = 0;
    opening.drill = 1;
    refuse_opening(opening, STATUS_BAD_INPUT, "is that of an exercise");
}

static void another_policy_is_refused(void **state)
{
    (void)state;
    struct test_centre test;
    test_centre_make(&test);
    test.setup.may_create = false;
    assert_refused(&test, STATUS_NOT_FOUND, test.folder);
    test.setup.may_create = true;
    test_centre_start(&test);
    test_open_centre(&test);
    test_centre_drain(&test);
    test_centre_stop(&test);
    test.setup.policy = policy_find("nearest");
    assert_refused(&test, STATUS_VERSION, "the policy 'standard'");
    test.setup.policy = policy_find("standard");
    test_centre_start(&test);
    test_centre_free(&test);
}

/* ---- time ---- */

/* A drill that ran ahead of the wall goes on from where it was, not back from the wall. */
static void a_drill_goes_on(void **state)
{
    (void)state;
    struct test_centre test;
    struct error error;
    struct instant ahead = { clock_wall().us + 30 * US_PER_DAY };
    test_centre_make(&test);
    clock_destroy(test.clock);
    test.setup.clock = test.clock = clock_create(true, ahead, 60);
    test.setup.drill = true;
    test_must(store_parse(test.folder, NULL, true, &test.setup.store, &error), &error);
    test_centre_start(&test);
    test_open_centre(&test);
    struct instant last = centre_core(test.centre)->head->entered_at;
    assert_false(instant_before(last, ahead));
    test_centre_stop(&test);
    clock_destroy(test.clock);
    test.setup.clock = test.clock = clock_create(true, INSTANT_NONE, 1);
    test_centre_start(&test);
    assert_false(instant_before(clock_now(test.clock), last));
    test_centre_free(&test);
}

/* The wall clock was set back: the journal's time stands still and never goes back. */
static void a_clock_set_back(void **state)
{
    (void)state;
    struct test_centre test;
    test_centre_make(&test);
    clock_destroy(test.clock);
    struct instant ahead = { clock_wall().us + US_PER_DAY };
    test.setup.clock = test.clock = clock_create(true, ahead, 1);
    test_centre_start(&test);
    test_open_centre(&test);
    struct instant last = centre_core(test.centre)->head->entered_at;
    test_centre_stop(&test);
    clock_destroy(test.clock);
    test.setup.clock = test.clock = clock_create(false, INSTANT_NONE, 1);
    test_centre_start(&test);
    struct centre_answer answer = test_send(&test, TEST_COMMAND(CALL_OFFER, call_offer, SYSTEM, .caller = 1));
    assert_true(answer.entered_at.us > last.us && answer.entered_at.us < last.us + US_PER_HOUR);
    assert_int_equal(centre_core(test.centre)->head->entered_at.us, answer.entered_at.us);
    test_centre_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_stop_and_on),
        cmocka_unit_test(no_clean_stop_and_on),
        cmocka_unit_test(from_a_snapshot_and_on),
        cmocka_unit_test(a_lost_question_is_asked_again),
        cmocka_unit_test(what_is_not_ours_is_refused),
        cmocka_unit_test(another_policy_is_refused),
        cmocka_unit_test(a_drill_goes_on),
        cmocka_unit_test(a_clock_set_back),
    };
    return cmocka_run_group_tests_name("host/centre_recovery", tests, NULL, NULL);
}
