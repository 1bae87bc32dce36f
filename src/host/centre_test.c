/* The centre from outside, on a real city and a journal in a file: one call from its ring to its end, reads, drain and restart, who
 * may not open whose journal, many senders at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/engine.h"
#include "host/centre_test.h"

/* ---- what is watched ---- */

struct seen {
    const struct centre *centre;
    uint64_t entries, last;
    uint32_t effects[EFFECT_ALARM + 1];
    uint32_t estimated; /* travel times along straight lines */
};

static void see_entry(void *observer, const struct entry_head *entry)
{
    struct seen *seen = observer;
    assert_int_equal(entry->sequence, seen->last + 1);
    assert_int_equal(centre_core(seen->centre)->head->sequence, entry->sequence);
    seen->last = entry->sequence;
    seen->entries += 1;
    const struct command_head *command = entry_command(entry);
    if (command->kind == COMMAND_TRAVEL_TIMES) {
        seen->estimated += ((const struct command_travel_times *)command)->estimated;
    }
}

static void see_effect(void *observer, const struct effect *effect)
{
    struct seen *seen = observer;
    assert_true(effect->kind <= EFFECT_ALARM && effect->sequence <= seen->last);
    seen->effects[effect->kind] += 1;
}

static struct seen watch(struct test_centre *test, struct seen *seen)
{
    *seen = (struct seen){ .centre = test->centre, .last = centre_core(test->centre)->head->sequence };
    centre_observe(test->centre, see_entry, seen);
    centre_observe_effects(test->centre, see_effect, seen);
    return *seen;
}

/* The hash that another engine reaches by reading the journal from its first entry. */
static enum status apply(void *visitor, const struct entry_head *entry, struct error *error)
{
    return engine_apply_entry(visitor, entry, error);
}

static uint64_t replayed_hash(const struct test_centre *test)
{
    struct journal journal;
    struct error error;
    struct engine *engine;
    const struct journal_options options = { 0 };
    test_must(store_journal_open(&test->setup.store, JOURNAL_READ, &options, &journal, &error), &error);
    test_must(engine_create(&test->setup.limits, test->setup.policy, NULL, &engine, &error), &error);
    test_must(journal.read(journal.context, 1, apply, engine, &error), &error);
    uint64_t hash = engine_state_hash(engine);
    core_check(engine_core(engine));
    engine_destroy(engine);
    journal.close(journal.context);
    return hash;
}

static uint64_t mirror_hash(const struct test_centre *test) { return engine_state_hash(test->centre->mirror.engine); }

/* ---- stories ---- */

static void a_call_from_ring_to_end(void **state)
{
    (void)state;
    struct test_centre test;
    struct seen seen;
    test_centre_make(&test);
    test_centre_start(&test);
    watch(&test, &seen);
    test_open_centre(&test);
    uint32_t id = test_incident(&test, TEST_NEAR_WEST, PRIORITY_CRITICAL);
    TEST_PUMP_UNTIL(&test, test_incident_of(&test, id)->state == INCIDENT_STATE_RECOMMENDED);
    const struct event_units_recommended *evidence = centre_recommendation(test.centre, (struct incident_id){ id });
    assert_non_null(evidence);
    assert_true(evidence->count == TEST_UNITS && evidence->asked == TEST_UNITS && evidence->estimated == 0);
    assert_int_equal(evidence->items[0].unit.v, 1); /* of two at the same post the lower number */
    assert_int_equal(evidence->items[1].unit.v, 3);
    assert_int_equal(evidence->items[2].unit.v, 2);
    assert_true(evidence->items[0].eta.us > 60 * US_PER_SECOND); /* the mobilisation, and a way of some hundred metres */
    assert_true(evidence->items[0].eta.us < 120 * US_PER_SECOND && evidence->items[0].eta.us == evidence->items[1].eta.us);
    TEST_PUMP_UNTIL(&test, seen.effects[EFFECT_RECOMMENDED] == 1);
    uint32_t mission = TEST_DO(&test, UNIT_ASSIGN, unit_assign, SEAT, .incident = { id }, .unit = { 1 });
    TEST_PUMP_UNTIL(&test, seen.effects[EFFECT_ORDER_UNIT] == 1);
    static const uint8_t stages[] = { MISSION_EVENT_NOTIFY, MISSION_EVENT_ACKNOWLEDGE, MISSION_EVENT_DEPART,
                                      MISSION_EVENT_ARRIVE };
    for (size_t i = 0; i < sizeof stages; i++) {
        TEST_DO(&test, MISSION_REPORT, mission_report, CREW, .mission = { mission }, .stage = stages[i]);
    }
    TEST_DO(&test, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .needs = 1);
    TEST_PUMP_UNTIL(&test, seen.effects[EFFECT_DESTINATION_RECOMMENDED] == 1);
    const struct event_destination_recommended *where = centre_destination_recommendation(test.centre,
                                                                                          (struct mission_id){ mission });
    assert_true(where != NULL && where->count == 1 && where->items[0].facility.v == 1);
    assert_true(where->items[0].eta.us > 0 && where->items[0].eta.us < 300 * US_PER_SECOND);
    TEST_DO(&test, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    TEST_DO(&test, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { id });
    assert_int_equal(test_incident_of(&test, id)->state, INCIDENT_STATE_CLOSED);
    assert_null(centre_recommendation(test.centre, (struct incident_id){ id + 1 }));
    TEST_PUMP_UNTIL(&test, seen.effects[EFFECT_STAND_DOWN] == 1);
    assert_int_equal(seen.effects[EFFECT_RING], 1);
    struct centre_figures figures;
    centre_figures(test.centre, &figures);
    assert_true(figures.questions == 2 && figures.estimates == 0 && figures.entries == seen.entries);
    assert_true(figures.durable_sequence == seen.last && figures.commits > 0 && figures.journal_failures == 0);
    test_centre_drain(&test);
    assert_int_equal(mirror_hash(&test), replayed_hash(&test));
    test_centre_free(&test);
}

/* ---- positions ---- */

static struct duration eta_of(const struct test_centre *test, uint32_t incident, uint32_t unit, uint32_t *age_ms)
{
    const struct event_units_recommended *evidence = centre_recommendation(test->centre, (struct incident_id){ incident });
    assert_non_null(evidence);
    for (uint32_t i = 0; i < evidence->count; i++) {
        if (evidence->items[i].unit.v == unit) {
            *age_ms = evidence->items[i].position_age_ms;
            return evidence->items[i].eta;
        }
    }
    fail_msg("unit %u is not among the candidates", unit);
    return DURATION_ZERO;
}

/* A position that only the I/O thread knows, newer than anything in the journal: the far unit becomes the near one. An older one
 * changes nothing, one in the sea leaves the unit out. */
static void the_newest_position_counts(void **state)
{
    (void)state;
    struct test_centre test;
    uint32_t age;
    test_centre_make(&test);
    test_centre_start(&test);
    test_open_centre(&test);
    struct instant now = clock_now(test.clock);
    centre_note_position(test.centre, (struct unit_id){ 2 }, TEST_NEAR_WEST, now);
    centre_note_position(test.centre, (struct unit_id){ 2 }, TEST_EAST, (struct instant){ now.us - 1 });
    centre_note_position(test.centre, (struct unit_id){ 0 }, TEST_EAST, now);
    centre_note_position(test.centre, (struct unit_id){ 17 }, TEST_EAST, now);
    uint32_t first = test_incident(&test, TEST_NEAR_WEST, PRIORITY_CRITICAL);
    TEST_PUMP_UNTIL(&test, test_incident_of(&test, first)->state == INCIDENT_STATE_RECOMMENDED);
    struct duration near = eta_of(&test, first, 2, &age);
    assert_true(near.us >= 60 * US_PER_SECOND && near.us < 62 * US_PER_SECOND);
    assert_true(age < TEST_WAIT_MS);
    assert_int_equal(test_incident_of(&test, first)->recommended[0].v, 2);
    centre_note_position(test.centre, (struct unit_id){ 2 }, test_point(110000000, 577000000), clock_now(test.clock));
    uint32_t second = test_incident(&test, TEST_NEAR_WEST, PRIORITY_CRITICAL);
    TEST_PUMP_UNTIL(&test, test_incident_of(&test, second)->state == INCIDENT_STATE_RECOMMENDED);
    const struct event_units_recommended *evidence = centre_recommendation(test.centre, (struct incident_id){ second });
    assert_true(evidence->excluded_no_way == 1 && evidence->count == 2);
    test_centre_free(&test);
}

/* The incident lies where no road is: times are those of a straight line at the speed of the settings, and say so. */
static void a_place_off_all_roads_is_estimated(void **state)
{
    (void)state;
    struct test_centre test;
    uint32_t age;
    test_centre_make(&test);
    test_centre_start(&test);
    test_open_centre(&test);
    struct geo_point sea = test_point(119601000, 580001000); /* 0.3 degree north of the western post: 33.36 km */
    uint32_t id = test_incident(&test, sea, PRIORITY_CRITICAL);
    TEST_PUMP_UNTIL(&test, test_incident_of(&test, id)->state == INCIDENT_STATE_RECOMMENDED);
    const struct event_units_recommended *evidence = centre_recommendation(test.centre, (struct incident_id){ id });
    assert_int_equal(evidence->estimated, 1);
    double seconds = duration_to_seconds(eta_of(&test, id, 1, &age));
    double kilometres = 0.3 * 6371.0088 * 3.14159265358979 / 180;
    assert_true(seconds > 60 + 120 * kilometres - 0.01 && seconds < 60 + 120 * kilometres + 0.01);
    test_centre_free(&test);
}

/* ---- silence ---- */

static void say_nothing(void *context, const struct command_head *command)
{
    assert_int_equal(command->kind, COMMAND_TRAVEL_TIMES);
    atomic_fetch_add((atomic_uint *)context, 1);
}

/* The workers answer, and nobody hears it: the alarm comes, and with it the estimate. The late answer is harmless, for it has the key
 * of the question that the estimate has answered. */
static void silent_roads_are_estimated(void **state)
{
    (void)state;
    struct test_centre test;
    struct seen seen;
    test_centre_make(&test);
    test.setup.drill = true;
    clock_destroy(test.clock);
    test.setup.clock = test.clock = clock_create(true, INSTANT_NONE, 60);
    struct error error;
    test_must(store_parse(test.folder, NULL, true, &test.setup.store, &error), &error);
    test_centre_start(&test);
    watch(&test, &seen);
    test_open_centre(&test);
    test_policy(&test, 2);
    atomic_uint unheard = 0;
    struct road_workers *heard = test.centre->roads;
    const struct road_setup mute = { .city = test.city,
                                     .threads = 1,
                                     .units_max = TEST_LIMITS.units,
                                     .facilities_max = TEST_LIMITS.facilities,
                                     .estimate_speed = { 1 },
                                     .answer = say_nothing,
                                     .context = &unheard };
    test_must(road_workers_create(&mute, &test.centre->roads, &error), &error);
    uint32_t id = test_incident(&test, TEST_NEAR_WEST, PRIORITY_CRITICAL);
    TEST_PUMP_UNTIL(&test, test_incident_of(&test, id)->state == INCIDENT_STATE_RECOMMENDED);
    assert_int_equal(seen.estimated, 1);
    TEST_PUMP_UNTIL(&test, seen.effects[EFFECT_ALARM] == 1);
    test_centre_drain(&test);
    assert_int_equal(atomic_load(&unheard), 1);
    road_workers_destroy(test.centre->roads);
    test.centre->roads = heard;
    test_centre_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_from_ring_to_end),
        cmocka_unit_test(the_newest_position_counts),
        cmocka_unit_test(a_place_off_all_roads_is_estimated),
        cmocka_unit_test(silent_roads_are_estimated),
    };
    return cmocka_run_group_tests_name("host/centre", tests, NULL, NULL);
}
