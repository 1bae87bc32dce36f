/* An hour twice: once all of it is told as it happens, once half of it is worked on paper and entered when the hour is over.
 * Every interval and every indicator of every group is the same; only the count of what was entered afterwards differs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_engine.h"
#include "measure/result.h"

enum { CASES = 60, DISTRICTS = 3, FACILITIES = 2, HOUR_S = 3600 };

enum fate { TRANSPORTED, TREATED, NO_UNIT, HUNG_UP, SHORT, CANCELLED, FATES };

/* One case as it happens: seconds after the beginning of the hour; -1: does not happen, or nobody notes it. */
struct story {
    enum fate fate;
    int64_t offered, answered, located, triaged, assigned, notified, departed, on_scene, at_patient, left_scene, at_facility,
        handed_over, available, back;
    uint32_t district, facility, unit;
    uint8_t priority;
};

static uint32_t dice(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % below;
}

static struct story tell(uint64_t *seed, uint32_t number)
{
    struct story story = { .fate = (enum fate)(number % FATES),
                           .offered = 50 * (int64_t)number + dice(seed, 40),
                           .district = 1 + dice(seed, DISTRICTS),
                           .facility = 1 + dice(seed, FACILITIES),
                           .unit = 1 + number,
                           .priority = (uint8_t)dice(seed, PRIORITY_COUNT) };
    story.answered = story.fate == HUNG_UP ? -1 : story.offered + 2 + dice(seed, 30);
    story.located = story.answered + 20 + dice(seed, 30);
    story.triaged = story.located + 10 + dice(seed, 50);
    story.assigned = story.triaged + 5 + dice(seed, 40);
    story.notified = story.assigned + 1 + dice(seed, 10);
    story.departed = story.notified + 30 + dice(seed, 200);
    story.on_scene = story.departed + 60 + dice(seed, 900);
    story.at_patient = dice(seed, 3) == 0 ? -1 : story.on_scene + 1 + dice(seed, 100);
    story.left_scene = story.on_scene + 300 + dice(seed, 900);
    story.at_facility = story.left_scene + 100 + dice(seed, 900);
    story.handed_over = story.at_facility + 100 + dice(seed, 2000);
    story.available = (story.fate == TREATED ? story.left_scene : story.handed_over) + 50 + dice(seed, 300);
    story.back = story.available + 200 + dice(seed, 600);
    return story;
}

/* ---- told as it happens ---- */

struct live {
    struct centre centre;
    struct instant begin;
    uint32_t calls[CASES], incidents[CASES], missions[CASES];
};

static void report(struct live *live, uint32_t number, enum mission_event stage)
{
    DO(&live->centre, MISSION_REPORT, mission_report, CREW, .mission = { live->missions[number] }, .stage = (uint8_t)stage);
}

static void begin_call(struct live *live, const struct story *story, uint32_t number, int64_t second)
{
    struct centre *centre = &live->centre;
    struct call_id call = { live->calls[number] };
    if (second == story->offered) {
        live->calls[number] = DO(centre, CALL_OFFER, call_offer, SYSTEM);
        if (story->fate == HUNG_UP) {
            call.v = live->calls[number];
            DO(centre, CALL_ABANDON, call_abandon, SYSTEM, .call = call);
            DO(centre, CALL_CLOSE, call_close, SEAT, .call = call, .outcome = CALL_OUTCOME_NOT_REACHED);
        }
    } else if (second == story->answered) {
        DO(centre, CALL_ANSWER, call_answer, SEAT, .call = call, .seat = 1);
        if (story->fate == NO_UNIT) {
            DO(centre, CALL_CLOSE, call_close, SEAT, .call = call, .outcome = CALL_OUTCOME_ADVICE);
        }
    } else if (second == story->located && story->fate != HUNG_UP && story->fate != NO_UNIT) {
        DO(centre, CALL_LOCATE, call_locate, SEAT, .call = call, .point = { 5, 6 }, .district = story->district);
    } else if (second == story->triaged && story->fate != HUNG_UP && story->fate != NO_UNIT) {
        live->incidents[number] = DO(centre, CALL_TRIAGE, call_triage, SEAT, .call = call, .priority = story->priority,
                                     .units_wanted = 1);
    }
}

static void work_on(struct live *live, const struct story *story, uint32_t number, int64_t second)
{
    struct centre *centre = &live->centre;
    struct incident_id incident = { live->incidents[number] };
    bool transports = story->fate == TRANSPORTED;
    if (incident.v == 0) {
        return;
    }
    if (second == story->assigned && story->fate == SHORT) {
        DO(centre, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = incident, .reason = SHORTFALL_REASON_NO_UNIT_FREE);
    } else if (second == story->assigned) {
        live->missions[number] = DO(centre, UNIT_ASSIGN, unit_assign, SEAT, .incident = incident, .unit = { story->unit },
                                    .override = OVERRIDE_REASON_LOCAL_KNOWLEDGE);
    }
    if (live->missions[number] == 0) {
        return;
    }
    if (second == story->notified) {
        report(live, number, MISSION_EVENT_NOTIFY);
    } else if (second == story->departed) {
        report(live, number, MISSION_EVENT_DEPART);
    } else if (story->fate == CANCELLED) {
        if (second == story->on_scene) {
            DO(centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = incident);
        }
    } else if (second == story->on_scene) {
        report(live, number, MISSION_EVENT_ARRIVE);
    } else if (second == story->at_patient) {
        report(live, number, MISSION_EVENT_REACH_PATIENT);
    } else if (second == story->left_scene && transports) {
        DO(centre, DESTINATION_SET, destination_set, SEAT, .mission = { live->missions[number] }, .facility = { story->facility },
           .override = OVERRIDE_REASON_LOCAL_KNOWLEDGE);
        report(live, number, MISSION_EVENT_LEAVE_SCENE);
    } else if (second == story->at_facility && transports) {
        report(live, number, MISSION_EVENT_REACH_FACILITY);
    } else if (second == story->handed_over && transports) {
        report(live, number, MISSION_EVENT_HAND_OVER);
    } else if (second == story->available) {
        report(live, number, MISSION_EVENT_END);
    } else if (second == story->back) {
        DO(centre, UNIT_REPORT, unit_report, CREW, .unit = { story->unit }, .what = UNIT_EVENT_REACH_POST);
    }
}

/* ---- entered afterwards ---- */

static struct instant at(const struct live *live, int64_t second)
{
    return second < 0 ? INSTANT_NONE : instant_add(live->begin, duration_seconds(second));
}

static void enter(struct live *live, const struct story *story, uint32_t number)
{
    union {
        struct command_paper_enter command;
        struct {
            uint8_t before[sizeof(struct command_paper_enter)]; /* it ends in a list, so nothing may stand behind it */
            struct paper_mission mission;
        };
    } paper;
    bool is_incident = story->fate != NO_UNIT && story->fate != HUNG_UP, was_sent = is_incident && story->fate != SHORT;
    bool arrived = story->fate == TRANSPORTED || story->fate == TREATED, transports = story->fate == TRANSPORTED;
    COMMAND_BEGIN(&paper.command, PAPER_ENTER, ACTOR_KIND_SEAT);
    paper.command.head.occurred_at = at(live, story->offered);
    paper.command.form = 97 * ((int64_t)number + 1) + 1;
    paper.command.outage_begun_at = live->begin;
    paper.command.outage_ended_at = at(live, HOUR_S);
    paper.command.result = is_incident              ? PAPER_RESULT_INCIDENT
                           : story->fate == NO_UNIT ? PAPER_RESULT_NO_UNIT
                                                    : PAPER_RESULT_HUNG_UP;
    paper.command.answered_at = at(live, story->answered);
    paper.command.located_at = is_incident ? at(live, story->located) : INSTANT_NONE;
    paper.command.triaged_at = is_incident ? at(live, story->triaged) : INSTANT_NONE;
    paper.command.recognised_at = paper.command.compressions_at = INSTANT_NONE;
    paper.command.place = is_incident ? (struct geo_point){ 5, 6 } : (struct geo_point){ 0, 0 };
    paper.command.district = is_incident ? story->district : 0;
    paper.command.priority = story->priority;
    paper.command.units_wanted = is_incident;
    paper.command.units_short = story->fate == SHORT;
    paper.command.count = was_sent;
    paper.mission = (struct paper_mission){
        .unit = { story->unit },
        .taken_to = { transports ? story->facility : 0 },
        .assigned_at = at(live, story->assigned),
        .notified_at = at(live, story->notified),
        .acknowledged_at = INSTANT_NONE,
        .departed_at = at(live, story->departed),
        .on_scene_at = arrived ? at(live, story->on_scene) : INSTANT_NONE,
        .at_patient_at = arrived ? at(live, story->at_patient) : INSTANT_NONE,
        .left_scene_at = transports ? at(live, story->left_scene) : INSTANT_NONE,
        .at_facility_at = transports ? at(live, story->at_facility) : INSTANT_NONE,
        .handed_over_at = transports ? at(live, story->handed_over) : INSTANT_NONE,
        .available_at = at(live, arrived ? story->available : story->on_scene),
        .back_at_post_at = arrived ? at(live, story->back) : INSTANT_NONE,
        .end_reason = arrived ? MISSION_END_REASON_COMPLETED : MISSION_END_REASON_CANCELLED,
    };
    size_t size = sizeof paper.command + paper.command.count * sizeof paper.mission;
    paper.command.head.size = (uint32_t)size;
    MUST(&live->centre, centre_send(&live->centre, &paper.command.head, size));
}

/* ---- both hours ---- */

static bool is_on_paper(bool half, uint32_t number) { return half && number / FATES % 2 == 1; }

static struct measure_result measured(const struct live *live)
{
    struct measure_result result;
    struct error error;
    struct measure *measure = NULL;
    const struct measure_setup setup = {
        .limits = live->centre.core->head->limits,
        .district_count = DISTRICTS,
        .begin = live->begin,
        .end = at(live, HOUR_S),
        .target = { [PRIORITY_CRITICAL] = { 600 * US_PER_SECOND }, [PRIORITY_SEVERE] = { 900 * US_PER_SECOND } }
    };
    assert_int_equal(measure_create(&setup, &measure, &error), STATUS_OK);
    for (size_t place = 0; place < live->centre.log.size;) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(live->centre.log.bytes + place);
        measure_entry(measure, entry);
        place += entry->size;
    }
    assert_int_equal(measure_finish(measure, live->centre.now, &error), STATUS_OK);
    struct measure_layout layout = measure_layout(DISTRICTS, 0, 0);
    assert_int_equal(measure_compute(measure, &layout, &result, &error), STATUS_OK);
    measure_destroy(measure);
    return result;
}

/* A unit for each case, on duty at the one post. */
static void begin_hour(struct live *live)
{
    *live = (struct live){ .begin = INSTANT_NONE };
    struct limits limits = TEST_LIMITS;
    limits.calls = limits.incidents = 128;
    limits.units = CASES;
    centre_create(&live->centre, limits);
    DO(&live->centre, CENTRE_OPEN, centre_open, ADMIN, .city_fingerprint = 1, .policy_version = 1);
    centre_rules(&live->centre, 0);
    DO(&live->centre, POST_ADD, post_add, ADMIN, .point = { 10, 20 });
    for (uint32_t i = 0; i < CASES; i++) {
        DO(&live->centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }, .skills = NEED_BASIC);
        DO(&live->centre, UNIT_REPORT, unit_report, CREW, .unit = { i + 1 }, .what = UNIT_EVENT_START_SHIFT);
    }
    for (uint32_t i = 0; i < FACILITIES; i++) {
        DO(&live->centre, FACILITY_ADD, facility_add, ADMIN, .point = { 50, 60 }, .capabilities = NEED_STROKE,
           .tier = TIER_TIER_1);
    }
    live->begin = live->centre.now;
}

static struct measure_result live_through(bool half)
{
    static struct live live;
    struct story stories[CASES];
    uint64_t seed = 20261122;
    begin_hour(&live);
    for (uint32_t i = 0; i < CASES; i++) {
        stories[i] = tell(&seed, i);
    }
    for (int64_t second = 0; second < 4 * HOUR_S; second++) {
        live.centre.now = at(&live, second);
        for (uint32_t i = 0; i < CASES; i++) {
            if (!is_on_paper(half, i)) {
                begin_call(&live, &stories[i], i, second);
                work_on(&live, &stories[i], i, second);
            }
        }
    }
    for (uint32_t i = 0; i < CASES; i++) {
        if (is_on_paper(half, i)) {
            enter(&live, &stories[i], i);
        }
    }
    struct measure_result result = measured(&live);
    centre_destroy(&live.centre);
    return result;
}

static void same(double left, double right) { assert_true((isnan(left) && isnan(right)) || left == right); }

/* How many samples stand behind all of it: nothing compared would be nothing shown. */
static void an_hour_half_on_paper_is_the_same_hour(void **state)
{
    (void)state;
    struct measure_result live = live_through(false), half = live_through(true);
    double samples = 0, afterwards = 0;
    for (uint32_t group = 0; group < live.layout.group_count; group++) {
        for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
            size_t place = place_sample(&live.layout, (enum interval)i, group, SAMPLE_N);
            for (unsigned k = 0; k < SAMPLE_COUNT; k++) {
                if (k != SAMPLE_AFTERWARDS) {
                    same(live.values[place + k], half.values[place + k]);
                }
            }
            assert_true(live.values[place + SAMPLE_AFTERWARDS] == 0);
            assert_true(half.values[place + SAMPLE_AFTERWARDS] <= half.values[place + SAMPLE_N]);
            samples += group == group_all() ? live.values[place + SAMPLE_N] : 0;
            afterwards += group == group_all() ? half.values[place + SAMPLE_AFTERWARDS] : 0;
        }
        for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
            size_t place = place_indicator(&live.layout, (enum indicator)i, group, INDICATOR_VALUE);
            same(live.values[place + INDICATOR_VALUE], half.values[place + INDICATOR_VALUE]);
            same(live.values[place + INDICATOR_N], half.values[place + INDICATOR_N]);
            same(live.values[place + INDICATOR_MISSING], half.values[place + INDICATOR_MISSING]);
        }
    }
    for (unsigned i = 0; i < CALL_RESULT_COUNT; i++) {
        size_t place = place_call_result(&live.layout, (enum call_result)i);
        same(live.values[place], half.values[place]);
    }
    /* Every second six of cases is on paper: half of the samples. */
    assert_true(samples > 200 && afterwards > samples * 0.4 && afterwards < samples * 0.6);
    size_t response = place_sample(&half.layout, INTERVAL_RESPONSE, group_all(), SAMPLE_N);
    assert_true(half.values[response + SAMPLE_N] == 20 && half.values[response + SAMPLE_AFTERWARDS] == 10);
    measure_result_free(&live);
    measure_result_free(&half);
}

/* ---- what nobody noted ---- */

struct told {
    struct call_record calls[FATES];
    struct mission_record missions[FATES];
    uint32_t call_count, mission_count;
};

static void hear_call(void *context, const struct call_record *record)
{
    struct told *told = context;
    assert_true(told->call_count < FATES);
    told->calls[told->call_count++] = *record;
}

static void hear_mission(void *context, const struct mission_record *record)
{
    struct told *told = context;
    assert_true(told->mission_count < FATES);
    told->missions[told->mission_count++] = *record;
}

static void tell_all(const struct live *live, struct told *told)
{
    struct error error;
    struct measure *measure = NULL;
    const struct measure_setup setup = { .limits = live->centre.core->head->limits,
                                         .district_count = DISTRICTS,
                                         .begin = live->begin,
                                         .end = at(live, HOUR_S),
                                         .finished = hear_call,
                                         .completed = hear_mission,
                                         .context = told };
    assert_int_equal(measure_create(&setup, &measure, &error), STATUS_OK);
    for (size_t place = 0; place < live->centre.log.size;) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(live->centre.log.bytes + place);
        measure_entry(measure, entry);
        place += entry->size;
    }
    measure_destroy(measure);
}

/* The orders' times alone are known, and the hospital where somebody was taken to it. */
static void who_was_taken_to_hospital_counts_so_without_the_times(void **state)
{
    (void)state;
    static struct live live;
    struct told told = { .call_count = 0 };
    const enum fate fates[] = { TRANSPORTED, TREATED, CANCELLED };
    begin_hour(&live);
    live.centre.now = at(&live, 4 * HOUR_S);
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t seed = 20261122;
        struct story story = tell(&seed, i);
        story.fate = fates[i];
        story.facility = 2;
        story.on_scene = story.at_patient = story.left_scene = story.at_facility = story.handed_over = -1;
        enter(&live, &story, i);
    }
    tell_all(&live, &told);
    assert_int_equal(told.call_count, 3);
    assert_int_equal(told.calls[0].result, CALL_RESULT_SERVED);
    assert_true(told.calls[0].transported && told.calls[0].facility == 2 && told.calls[0].unit == 1);
    assert_int_equal(told.calls[1].result, CALL_RESULT_SERVED);
    assert_true(!told.calls[1].transported && told.calls[1].facility == 0 && told.calls[1].unit == 2);
    assert_int_equal(told.calls[2].result, CALL_RESULT_CANCELLED);
    assert_int_equal(told.mission_count, 2); /* one that was called off is none of those that were completed */
    assert_true(told.missions[0].transported && told.missions[0].facility == 2);
    assert_true(!told.missions[1].transported && told.missions[1].facility == 0);
    centre_destroy(&live.centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_half_on_paper_is_the_same_hour),
        cmocka_unit_test(who_was_taken_to_hospital_counts_so_without_the_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
