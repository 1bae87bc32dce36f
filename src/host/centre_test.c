/* The centre from outside, on a real city and a journal in a file: one call from its ring to its end, reads, drain and restart,
 * who may not open whose journal, many senders at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "geo/point.h"
#include "host/centre_test.h"

/* ---- what is watched ---- */

struct seen {
    const struct centre *centre;
    uint64_t entries, last;
    uint32_t effects[EFFECT_ALARM + 1];
    uint32_t estimated; /* answers along straight lines */
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
    } else if (command->kind == COMMAND_FACILITY_TIMES) {
        seen->estimated += ((const struct command_facility_times *)command)->estimated;
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
    assert_true(where != NULL && where->estimated == 0 && where->count == 1 && where->items[0].facility.v == 1);
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
    assert_int_equal(test_mirror_hash(&test), test_replayed_hash(&test));
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

/* What the workers answer and nobody hears. */
struct unheard {
    atomic_uint count;
    _Alignas(8) unsigned char answers[2][1024];
};

static void say_nothing(void *context, const struct command_head *command)
{
    struct unheard *unheard = context;
    unsigned number = atomic_load(&unheard->count);
    assert_true(number < 2 && command->size <= sizeof unheard->answers[0]);
    assert_int_equal(command->kind, number == 0 ? COMMAND_TRAVEL_TIMES : COMMAND_FACILITY_TIMES);
    memcpy(unheard->answers[number], command, command->size);
    atomic_store(&unheard->count, number + 1);
}

/* The answer comes after all, and is harmless: it has the key of the question that the estimate has answered. */
static void answer_late(struct test_centre *test, struct unheard *unheard, unsigned number, uint64_t estimate)
{
    for (int waited_ms = 0; atomic_load(&unheard->count) <= number; waited_ms++) {
        assert_true(waited_ms < TEST_WAIT_MS);
        (void)poll(NULL, 0, 1);
    }
    uint64_t last = centre_core(test->centre)->head->sequence;
    struct centre_answer late = test_send(test, (const struct command_head *)(const void *)unheard->answers[number]);
    assert_int_equal(late.outcome, CENTRE_DONE);
    assert_true(late.result.refusal == REFUSED_NONE && late.result.repeated && late.result.sequence == estimate);
    assert_int_equal(centre_core(test->centre)->head->sequence, last);
}

/* Who could reach the incident, and then how far the hospital is. */
static uint32_t ask_silent_roads(struct test_centre *test, const struct seen *seen, struct unheard *unheard)
{
    uint32_t id = test_incident(test, TEST_NEAR_WEST, PRIORITY_CRITICAL);
    TEST_PUMP_UNTIL(test, test_incident_of(test, id)->state == INCIDENT_STATE_RECOMMENDED);
    const struct event_units_recommended *who = centre_recommendation(test->centre, (struct incident_id){ id });
    assert_true(who != NULL && who->estimated == 1 && seen->estimated == 1);
    TEST_PUMP_UNTIL(test, seen->effects[EFFECT_ALARM] == 1);
    answer_late(test, unheard, 0, test_incident_of(test, id)->recommended_sequence);
    uint32_t unit = test_incident_of(test, id)->recommended[0].v;
    uint32_t mission = TEST_DO(test, UNIT_ASSIGN, unit_assign, SEAT, .incident = { id }, .unit = { unit });
    TEST_DO(test, MISSION_REPORT, mission_report, CREW, .mission = { mission }, .stage = MISSION_EVENT_ARRIVE);
    TEST_DO(test, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }, .needs = 1);
    TEST_PUMP_UNTIL(test, seen->effects[EFFECT_DESTINATION_RECOMMENDED] == 1);
    return mission;
}

/* The workers answer, and nobody hears it: the alarms come, and with each the estimate, which clears it. */
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
    struct unheard unheard = { .count = 0 };
    struct road_workers *heard = test.centre->roads;
    const struct road_setup mute = { .city = test.city,
                                     .threads = 1,
                                     .units_max = TEST_LIMITS.units,
                                     .facilities_max = TEST_LIMITS.facilities,
                                     .estimate_speed = { 1 },
                                     .answer = say_nothing,
                                     .context = &unheard };
    test_must(road_workers_create(&mute, &test.centre->roads, &error), &error);
    uint32_t id = ask_silent_roads(&test, &seen, &unheard);
    const struct mission *mission = core_mission(centre_core(test.centre), (struct mission_id){ id });
    const struct event_destination_recommended *where = centre_destination_recommendation(test.centre, (struct mission_id){ id });
    assert_true(where != NULL && where->estimated == 1 && where->count == 1 && seen.estimated == 2);
    double kilometres = geo_distance_m(TEST_NEAR_WEST, TEST_HOSPITAL) / 1000; /* at 120 s each */
    double seconds = duration_to_seconds(where->items[0].eta);
    assert_true(seconds > 120 * kilometres - 0.01 && seconds < 120 * kilometres + 0.01);
    assert_true(mission->facility_asked == 0 && mission->timer.raised == 0);
    TEST_PUMP_UNTIL(&test, seen.effects[EFFECT_ALARM] == 2);
    const struct alarm *alarm = core_alarm(centre_core(test.centre), (struct alarm_id){ 2 });
    assert_true(alarm->kind == ALARM_KIND_FACILITY_TIMES_SILENT && alarm->subject == id && alarm->end == ALARM_END_HAPPENED);
    answer_late(&test, &unheard, 1, mission->recommended_sequence);
    struct centre_figures figures;
    centre_figures(test.centre, &figures);
    assert_true(figures.questions == 2 && figures.estimates == 2);
    test_centre_drain(&test);
    assert_int_equal(test_mirror_hash(&test), test_replayed_hash(&test));
    road_workers_destroy(test.centre->roads);
    test.centre->roads = heard;
    test_centre_free(&test);
}

/* ---- many senders ---- */

enum { SENDERS = 100, KEYS_EACH = 10 };

struct sender {
    struct test_centre *test;
    uint32_t number;
    pthread_t thread;
    struct test_answer answers[2 * KEYS_EACH];
};

/* Each key twice; told to come again where the queue is full. */
static void *send_twice(void *context)
{
    struct sender *sender = context;
    for (uint32_t i = 0; i < 2 * KEYS_EACH; i++) {
        struct command_call_offer command;
        COMMAND_BEGIN(&command, CALL_OFFER, ACTOR_KIND_SYSTEM);
        command.head.key_low = 1 + sender->number * KEYS_EACH + i % KEYS_EACH;
        command.external = command.head.key_low;
        sender->answers[i].centre = sender->test->centre;
        enum centre_submit submit = CENTRE_BUSY;
        while ((submit = centre_submit(sender->test->centre, &command.head, test_answered, &sender->answers[i])) == CENTRE_BUSY) {
            sched_yield();
        }
        if (submit != CENTRE_TAKEN) {
            return NULL;
        }
    }
    return sender;
}

static bool all_answered(const struct sender *senders)
{
    for (uint32_t s = 0; s < SENDERS; s++) {
        for (uint32_t i = 0; i < 2 * KEYS_EACH; i++) {
            if (senders[s].answers[i].count == 0) {
                return false;
            }
        }
    }
    return true;
}

static void a_hundred_senders_and_nothing_twice(void **state)
{
    (void)state;
    struct test_centre test;
    struct centre_figures figures;
    static struct sender senders[SENDERS];
    memset(senders, 0, sizeof senders);
    test_centre_make(&test);
    test.setup.limits.calls = 2048;
    test.setup.limits.keys = 2048;
    test_centre_start(&test);
    test_open_centre(&test);
    uint64_t before = centre_core(test.centre)->head->sequence;
    for (uint32_t s = 0; s < SENDERS; s++) {
        senders[s].test = &test;
        senders[s].number = s;
        assert_int_equal(pthread_create(&senders[s].thread, NULL, send_twice, &senders[s]), 0);
    }
    TEST_PUMP_UNTIL(&test, all_answered(senders));
    bool made[SENDERS * KEYS_EACH + 1] = { false };
    for (uint32_t s = 0; s < SENDERS; s++) {
        void *result = NULL;
        pthread_join(senders[s].thread, &result);
        assert_non_null(result);
        for (uint32_t i = 0; i < KEYS_EACH; i++) {
            const struct step_result *first = &senders[s].answers[i].answer.result;
            const struct step_result *second = &senders[s].answers[i + KEYS_EACH].answer.result;
            assert_true(first->refusal == REFUSED_NONE && second->refusal == REFUSED_NONE);
            assert_true(!first->repeated && second->repeated && first->made == second->made &&
                        first->sequence == second->sequence);
            assert_true(first->made >= 1 && first->made <= SENDERS * KEYS_EACH && !made[first->made]);
            made[first->made] = true;
        }
    }
    assert_int_equal(centre_core(test.centre)->head->sequence, before + SENDERS * KEYS_EACH);
    centre_figures(test.centre, &figures);
    assert_true(figures.repeated == SENDERS * KEYS_EACH && figures.commits < figures.entries);
    test_centre_drain(&test);
    assert_int_equal(test_mirror_hash(&test), test_replayed_hash(&test));
    test_centre_free(&test);
}

/* Positions come while questions are made. */
static void *note_often(void *context)
{
    struct test_centre *test = context;
    for (uint32_t i = 0; i < 20000; i++) {
        centre_note_position(test->centre, (struct unit_id){ 1 + i % TEST_UNITS }, i % 2 == 0 ? TEST_EAST : TEST_WEST,
                             clock_now(test->clock));
    }
    return NULL;
}

static void positions_come_all_the_time(void **state)
{
    (void)state;
    struct test_centre test;
    pthread_t thread;
    test_centre_make(&test);
    test_centre_start(&test);
    test_open_centre(&test);
    assert_int_equal(pthread_create(&thread, NULL, note_often, &test), 0);
    for (int i = 0; i < 20; i++) {
        uint32_t id = test_incident(&test, TEST_NEAR_WEST, PRIORITY_URGENT);
        TEST_PUMP_UNTIL(&test, test_incident_of(&test, id)->state == INCIDENT_STATE_RECOMMENDED);
        assert_int_equal(centre_recommendation(test.centre, (struct incident_id){ id })->fit, TEST_UNITS);
    }
    pthread_join(thread, NULL);
    test_centre_free(&test);
}

/* Nobody delivers: the core thread stops when its way out is full, senders are told to come again, and the memory of both queues
 * is all that is ever held. Then everything taken is answered. */
static void an_idle_loop_stops_the_centre(void **state)
{
    (void)state;
    enum { WAITING_MAX = 2 * OUTBOX_BYTES + BATCH_BYTES + 2 * QUEUE_BYTES_MIN };
    struct test_centre test;
    struct test_answer answer = { .centre = NULL };
    test_centre_make(&test);
    test.setup.limits.calls = 1 << 17;
    test.setup.queue_bytes_max = QUEUE_BYTES_MIN;
    test_centre_start(&test);
    test_open_centre(&test);
    answer.centre = test.centre;
    const struct command_head *command = TEST_COMMAND(CALL_OFFER, call_offer, SYSTEM, .external = 1);
    uint64_t before = centre_core(test.centre)->head->sequence, last = 0;
    int taken = 0, refused_in_a_row = 0;
    /* Full for good when the core thread has stood still while the queue was full for long. */
    while (refused_in_a_row < 400) {
        struct centre_figures figures;
        bool put = centre_submit(test.centre, command, test_answered, &answer) == CENTRE_TAKEN;
        centre_figures(test.centre, &figures);
        refused_in_a_row = put || figures.last_sequence != last ? 0 : refused_in_a_row + 1;
        last = figures.last_sequence;
        taken += put;
        assert_true((size_t)taken * command->size < WAITING_MAX);
        if (!put) {
            (void)poll(NULL, 0, 1);
        }
    }
    assert_int_equal(centre_core(test.centre)->head->sequence, before);
    TEST_PUMP_UNTIL(&test, answer.count == taken);
    assert_int_equal(centre_core(test.centre)->head->sequence, before + (uint64_t)taken);
    test_centre_free(&test);
}

/* What cannot be answered any more is answered all the same when the centre ends, and a full or closed centre says so. */
static void the_end_answers_everybody(void **state)
{
    (void)state;
    struct test_centre test;
    static struct test_answer answers[5000];
    memset(answers, 0, sizeof answers);
    test_centre_make(&test);
    test_centre_start(&test);
    test_open_centre(&test);
    uint32_t taken = 0;
    enum centre_submit submit = CENTRE_TAKEN;
    while (submit == CENTRE_TAKEN && taken < 5000) {
        answers[taken].centre = test.centre;
        submit = centre_submit(test.centre, TEST_COMMAND(CALL_OFFER, call_offer, SYSTEM, .external = taken + 1), test_answered,
                               &answers[taken]);
        taken += submit == CENTRE_TAKEN;
    }
    centre_drain(test.centre);
    assert_int_equal(centre_submit(test.centre, TEST_COMMAND(CALL_OFFER, call_offer, SYSTEM, .caller = 1), NULL, NULL),
                     CENTRE_NOT_READY);
    test_centre_stop(&test);
    for (uint32_t i = 0; i < taken; i++) {
        assert_int_equal(answers[i].count, 1);
    }
    test_centre_free(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_from_ring_to_end),
        cmocka_unit_test(the_newest_position_counts),
        cmocka_unit_test(a_place_off_all_roads_is_estimated),
        cmocka_unit_test(silent_roads_are_estimated),
        cmocka_unit_test(a_hundred_senders_and_nothing_twice),
        cmocka_unit_test(positions_come_all_the_time),
        cmocka_unit_test(an_idle_loop_stops_the_centre),
        cmocka_unit_test(the_end_answers_everybody),
    };
    return cmocka_run_group_tests_name("host/centre", tests, NULL, NULL);
}
