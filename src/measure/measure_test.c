/* Hand-made stories of events with known answers: one call as it should be, missing stages, a diversion with the queue, several
 * units, a shortfall, calls that become no incident, shares of time and replications; then many random calls against sorting. */
#include "measure/measure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "measure/result.h"

enum { RECORDS_MAX = 64, UNITS = 4, FACILITIES = 3, DISTRICTS = 2 };

struct story {
    struct measure *measure;
    struct call_record records[RECORDS_MAX];
    unsigned count;
};

static struct instant at_s(double s) { return (struct instant){ (int64_t)(s * 1e6) }; }

static void remember(void *context, const struct call_record *record)
{
    struct story *story = context;
    assert_true(story->count < RECORDS_MAX);
    story->records[story->count++] = *record;
}

static void open_story(struct story *story, double begin_s, double end_s)
{
    struct measure_setup setup = {
        .limits = { .calls = 8, .incidents = 8, .units = UNITS, .posts = 2, .facilities = FACILITIES, .keys = 8, .protocols = 1 },
        .district_count = DISTRICTS,
        .begin = at_s(begin_s),
        .end = at_s(end_s),
        .target = { { 480000040 }, { 600000000 }, { 0 }, { 1200000000 } },
        .finished = remember,
        .context = story,
    };
    struct error error;
    story->count = 0;
    assert_int_equal(measure_create(&setup, &story->measure, &error), STATUS_OK);
}

#define EVENT(story, now_s, NAME, name, ...)                                                      \
    do {                                                                                          \
        struct event_##name event_ = { .head = { EVENT_##NAME, 1, sizeof event_ }, __VA_ARGS__ }; \
        measure_event((story)->measure, &event_.head, at_s(now_s));                               \
    } while (0)

static void on_duty(struct story *story, uint32_t unit, double s)
{
    EVENT(story, s, UNIT_ADDED, unit_added, .unit = { unit });
    EVENT(story, s, UNIT_CHANGED, unit_changed, .unit = { unit }, .what = UNIT_EVENT_START_SHIFT, .state = UNIT_STATE_AT_POST,
          .occurred_at = at_s(s));
}

static void offer(struct story *story, uint32_t call, double s)
{
    EVENT(story, s, CALL_OFFERED, call_offered, .call = { call }, .external = 1000 + call, .occurred_at = at_s(s));
}

static void answer(struct story *story, uint32_t call, double s)
{
    EVENT(story, s, CALL_ANSWERED, call_answered, .call = { call }, .occurred_at = at_s(s));
}

static void open_incident(struct story *story, uint32_t id, double offered_s, double s, enum priority priority, uint8_t units)
{
    EVENT(story, s, CALL_LOCATED, call_located, .call = { id }, .district = 1, .occurred_at = at_s(s));
    EVENT(story, s, INCIDENT_OPENED, incident_opened, .incident = { id }, .call = { id }, .district = 1,
          .offered_at = at_s(offered_s), .triaged_at = at_s(s), .priority = (uint8_t)priority, .units_wanted = units);
}

static void assign(struct story *story, uint32_t mission, uint32_t incident, uint32_t unit, enum unit_state was, double s)
{
    EVENT(story, s, UNIT_ASSIGNED, unit_assigned, .mission = { mission }, .incident = { incident }, .unit = { unit }, .rank = 1,
          .unit_was = (uint8_t)was);
}

static void report(struct story *story, uint32_t mission, enum mission_event stage, double s)
{
    EVENT(story, s, MISSION_PROGRESSED, mission_progressed, .mission = { mission }, .stage = (uint8_t)stage,
          .occurred_at = at_s(s));
}

static void end(struct story *story, uint32_t mission, uint32_t incident, uint32_t unit, enum mission_end_reason reason, double s)
{
    EVENT(story, s, MISSION_ENDED, mission_ended, .mission = { mission }, .incident = { incident }, .unit = { unit },
          .reason = (uint8_t)reason, .occurred_at = at_s(s));
}

static void close_incident(struct story *story, uint32_t incident, enum incident_outcome outcome, double s)
{
    EVENT(story, s, INCIDENT_CLOSED, incident_closed, .incident = { incident }, .outcome = (uint8_t)outcome);
}

static void queue(struct story *story, uint32_t incident, double s)
{
    EVENT(story, s, INCIDENT_QUEUED, incident_queued, .incident = { incident });
}

static void back(struct story *story, uint32_t unit, double s)
{
    EVENT(story, s, UNIT_CHANGED, unit_changed, .unit = { unit }, .what = UNIT_EVENT_REACH_POST, .state = UNIT_STATE_AT_POST,
          .occurred_at = at_s(s));
}

static void choose(struct story *story, uint32_t mission, uint32_t facility, double s)
{
    EVENT(story, s, DESTINATION_CHOSEN, destination_chosen, .mission = { mission }, .facility = { facility });
}

static struct measure_layout finish(struct story *story, double s, struct measure_result *result)
{
    struct error error;
    assert_int_equal(measure_finish(story->measure, at_s(s), &error), STATUS_OK);
    struct measure_layout layout = measure_layout(DISTRICTS, FACILITIES, UNITS);
    assert_int_equal(measure_compute(story->measure, &layout, result, &error), STATUS_OK);
    return layout;
}

static void assert_near(double is, double should_be)
{
    if (!(fabs(is - should_be) <= 1e-9 + 1e-9 * fabs(should_be))) {
        fail_msg("%.10f is not %.10f", is, should_be);
    }
}

static void close_story(struct story *story, struct measure_result *result)
{
    measure_result_free(result);
    measure_destroy(story->measure);
}

static void mark(struct story *story, uint32_t call, uint32_t incident, uint32_t marks, double s)
{
    EVENT(story, s, MILESTONE_REACHED, milestone_reached, .call = { call }, .incident = { incident }, .marks = marks,
          .occurred_at = at_s(s));
}

static void withdraw(struct story *story, uint32_t call, uint32_t incident, uint32_t marks, double s)
{
    EVENT(story, s, ANSWER_WITHDRAWN, answer_withdrawn, .call = { call }, .incident = { incident }, .marks = marks);
}

static void ask(struct story *story, uint32_t call, uint32_t protocol, double s)
{
    EVENT(story, s, TRIAGE_BEGUN, triage_begun, .call = { call }, .protocol = protocol, .version = 1, .step = 1,
          .occurred_at = at_s(s));
}

static void propose(struct story *story, uint32_t call, enum priority priority, bool known, double s)
{
    EVENT(story, s, TRIAGE_PROPOSED, triage_proposed, .call = { call }, .priority = (uint8_t)priority, .priority_known = known);
}

/* The whole life of call 1 from 100 s on, by unit 1 to facility 2. */
static void whole_life(struct story *story)
{
    offer(story, 1, 100);
    answer(story, 1, 105);
    mark(story, 1, 0, MARK_ARREST_RECOGNISED, 125);
    open_incident(story, 1, 100, 130, PRIORITY_CRITICAL, 1);
    mark(story, 1, 1, MARK_COMPRESSIONS_BEGUN, 135);
    assign(story, 1, 1, 1, UNIT_STATE_AT_POST, 140);
    report(story, 1, MISSION_EVENT_NOTIFY, 142);
    report(story, 1, MISSION_EVENT_ACKNOWLEDGE, 150);
    report(story, 1, MISSION_EVENT_DEPART, 200);
    report(story, 1, MISSION_EVENT_ARRIVE, 500);
    report(story, 1, MISSION_EVENT_REACH_PATIENT, 560);
    choose(story, 1, 2, 900);
    report(story, 1, MISSION_EVENT_LEAVE_SCENE, 1000);
    report(story, 1, MISSION_EVENT_REACH_FACILITY, 1600);
    report(story, 1, MISSION_EVENT_HAND_OVER, 2200);
    end(story, 1, 1, 1, MISSION_END_REASON_COMPLETED, 2300);
    close_incident(story, 1, INCIDENT_OUTCOME_TRANSPORTED, 2300);
}

static void one_call_has_all_its_times(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 0, 86400);
    on_duty(&story, 1, 0);
    whole_life(&story);
    assert_int_equal(story.count, 0); /* its unit is not back */
    back(&story, 1, 2500);
    assert_int_equal(story.count, 1);
    const struct call_record *record = &story.records[0];
    static const double times[STAGE_COUNT] = { 100, 105, 130, 130, 130,  125,  135,  140,  142,
                                               150, 200, 500, 560, 1000, 1600, 2200, 2300, 2500 };
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++) {
        assert_near((double)record->at[stage].us / 1e6, times[stage]);
    }
    assert_int_equal(record->external, 1001);
    assert_int_equal(record->unit, 1);
    assert_int_equal(record->facility, 2);
    assert_int_equal(record->result, CALL_RESULT_SERVED);
    assert_int_equal(record->reached_by, DISPATCH_FROM_POST);
    assert_true(record->counted && record->transported && !record->was_queued);
    assert_near(call_record_seconds(record, STAGE_CALL_OFFERED, STAGE_ON_SCENE), 400);
    struct measure_result result;
    struct measure_layout layout = finish(&story, 86400, &result);
#define SAMPLE(interval, group, statistic) result.values[place_sample(&layout, INTERVAL_##interval, group, SAMPLE_##statistic)]
#define FIGURE(name, group) result.values[place_figure(&layout, FIGURE_##name, group)]
#define SYSTEM(name) result.values[place_system(&layout, SYSTEM_##name)]
#define INDICATOR(name, group, what) result.values[place_indicator(&layout, INDICATOR_##name, group, INDICATOR_##what)]
    assert_near(SAMPLE(ANSWER, 0, MEAN_S), 5);
    assert_near(SAMPLE(PROCESSING, 0, P90_S), 35);
    assert_near(SAMPLE(RESPONSE, group_priority(PRIORITY_CRITICAL), MEAN_S), 400);
    assert_near(SAMPLE(RESPONSE, group_district_priority(1, PRIORITY_CRITICAL), P99_S), 400);
    assert_near(SAMPLE(RESPONSE, group_hour(0), N), 1);
    assert_near(SAMPLE(RESPONSE, group_hour(1), N), 0);
    assert_false(is_number(SAMPLE(RESPONSE, group_hour(1), MEAN_S)));
    assert_false(is_number(FIGURE(RESPONSE_MEAN_S, group_priority(PRIORITY_SEVERE))));
    assert_near(SAMPLE(TURNOUT, 0, MEAN_S), 60);
    assert_near(SAMPLE(SCENE, 0, MEAN_S), 500);
    assert_near(SAMPLE(SCENE_TREATED, 0, N), 0);
    assert_near(SAMPLE(HANDOVER, 0, MEAN_S), 600);
    assert_near(SAMPLE(RETURN, 0, MEAN_S), 200);
    assert_near(SAMPLE(SERVICE, 0, MEAN_S), 2200);
    assert_near(FIGURE(WITHIN_TARGET, 0), 1);
    assert_near(FIGURE(TRIP_S, 0), 300);
    assert_near(FIGURE(TRANSPORT_TRIP_S, 0), 600);
    assert_near(FIGURE(CALLS_PER_DAY, 0), 1);
    assert_near(INDICATOR(ANSWERED_10S, 0, VALUE), 1);
    assert_near(INDICATOR(HANDOVER_15MIN, 0, VALUE), 1);
    assert_near(INDICATOR(HANDOVER_OVER_45MIN, 0, VALUE), 0);
    assert_near(INDICATOR(CRITICAL_MEAN, group_priority(PRIORITY_CRITICAL), VALUE), 400);
    assert_false(is_number(INDICATOR(CRITICAL_MEAN, group_priority(PRIORITY_URGENT), VALUE)));
    assert_near(INDICATOR(SATISFACTION, 0, VALUE), 1);
    /* by the clock: one unit on duty all day */
    assert_near(SYSTEM(BUSY), (2300 - 140) / 86400.0);
    assert_near(SYSTEM(TO_SCENE), (500 - 140) / 86400.0);
    assert_near(SYSTEM(AT_SCENE), 500 / 86400.0);
    assert_near(SYSTEM(RETURNING), 200 / 86400.0);
    assert_near(SYSTEM(AT_POST), (86400 - 2500 + 140) / 86400.0);
    assert_near(SYSTEM(UNITS_ON_DUTY), 1);
    assert_near(SYSTEM(CALLS_IN_SYSTEM), 2200 / 86400.0);
    assert_near(result.values[place_activity_hour(&layout, 0, ACTIVITY_TO_SCENE)], 360 / 3600.0);
    assert_near(result.values[place_activity_hour(&layout, 5, ACTIVITY_AT_POST)], 1);
    assert_near(result.values[place_facility(&layout, 2, FACILITY_SHARE)], 1);
    assert_near(result.values[place_facility(&layout, 1, FACILITY_SHARE)], 0);
    assert_near(result.values[place_facility(&layout, 2, FACILITY_UNITS_THERE)], 700 / 86400.0);
    assert_near(result.values[place_histogram(&layout, 0, 26)], 1); /* 390 to 405 s */
    assert_near(result.values[place_unit(&layout, 1, ACTIVITY_AT_POST)], (86400 - 2360) / 3600.0);
    close_story(&story, &result);
}

static void missing_stages_are_counted_not_zero(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 0, 86400);
    on_duty(&story, 1, 0);
    /* A crew that pressed nothing but "at the patient" and "free". */
    offer(&story, 1, 10);
    answer(&story, 1, 12);
    open_incident(&story, 1, 10, 20, PRIORITY_SEVERE, 1);
    assign(&story, 1, 1, 1, UNIT_STATE_AT_POST, 30);
    report(&story, 1, MISSION_EVENT_REACH_PATIENT, 400);
    end(&story, 1, 1, 1, MISSION_END_REASON_COMPLETED, 900);
    close_incident(&story, 1, INCIDENT_OUTCOME_TREATED, 900);
    back(&story, 1, 1000);
    struct measure_result result;
    struct measure_layout layout = finish(&story, 86400, &result);
    assert_int_equal(story.count, 1);
    assert_false(call_record_has(&story.records[0], STAGE_ON_SCENE));
    assert_int_equal(story.records[0].result, CALL_RESULT_SERVED);
    assert_near(SAMPLE(RESPONSE, 0, N), 0);
    assert_near(SAMPLE(RESPONSE, 0, MISSING), 1);
    assert_near(SAMPLE(RESPONSE, group_district(1), MISSING), 1);
    assert_false(is_number(SAMPLE(RESPONSE, 0, MEAN_S)));
    assert_near(SAMPLE(AT_PATIENT, 0, MEAN_S), 390);
    assert_near(SAMPLE(TURNOUT, 0, MISSING), 1);
    assert_near(SAMPLE(HANDOVER, 0, MISSING), 0); /* nobody was taken anywhere */
    assert_near(INDICATOR(WITHIN_OWN_TARGET, 0, MISSING), 1);
    assert_false(is_number(INDICATOR(WITHIN_OWN_TARGET, 0, VALUE)));
    assert_near(INDICATOR(DEPARTED_3MIN, 0, MISSING), 1);
    assert_near(SYSTEM(TO_SCENE), (400 - 30) / 86400.0);
    close_story(&story, &result);
}

static void diverted_call_waits_and_gets_a_freed_unit(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 0, 86400);
    on_duty(&story, 1, 0);
    on_duty(&story, 2, 0);
    offer(&story, 1, 0);
    open_incident(&story, 1, 0, 0, PRIORITY_URGENT, 1);
    assign(&story, 1, 1, 1, UNIT_STATE_AT_POST, 0);
    offer(&story, 2, 10);
    open_incident(&story, 2, 10, 10, PRIORITY_URGENT, 1);
    assign(&story, 2, 2, 2, UNIT_STATE_AT_POST, 10);
    report(&story, 2, MISSION_EVENT_ARRIVE, 50);
    /* at 100 s a critical call takes unit 1 away from call 1, which then waits for unit 2 */
    offer(&story, 3, 100);
    open_incident(&story, 3, 100, 100, PRIORITY_CRITICAL, 1);
    end(&story, 1, 1, 1, MISSION_END_REASON_DIVERTED, 100);
    assign(&story, 3, 3, 1, UNIT_STATE_ON_MISSION, 100);
    queue(&story, 1, 100);
    report(&story, 3, MISSION_EVENT_ARRIVE, 300);
    end(&story, 2, 2, 2, MISSION_END_REASON_COMPLETED, 700);
    close_incident(&story, 2, INCIDENT_OUTCOME_TREATED, 700);
    assign(&story, 4, 1, 2, UNIT_STATE_RETURNING, 700);
    assert_int_equal(story.count, 1); /* call 2: its unit was sent on */
    assert_false(call_record_has(&story.records[0], STAGE_BACK_AT_POST));
    report(&story, 4, MISSION_EVENT_ARRIVE, 900);
    end(&story, 3, 3, 1, MISSION_END_REASON_COMPLETED, 1000);
    close_incident(&story, 3, INCIDENT_OUTCOME_TREATED, 1000);
    end(&story, 4, 1, 2, MISSION_END_REASON_COMPLETED, 1200);
    close_incident(&story, 1, INCIDENT_OUTCOME_TREATED, 1200);
    struct measure_result result;
    struct measure_layout layout = finish(&story, 86400, &result);
    assert_int_equal(story.count, 3);
    const struct call_record *first = story.records[1].call == 1 ? &story.records[1] : &story.records[2];
    assert_int_equal(first->call, 1);
    assert_int_equal(first->diversions, 1);
    assert_int_equal(first->dispatches, 2);
    assert_int_equal(first->unit, 2);
    assert_int_equal(first->mission, 4);
    assert_int_equal(first->reached_by, DISPATCH_FREED);
    assert_near(duration_to_seconds(first->queued), 600);
    assert_near(call_record_seconds(first, STAGE_CALL_OFFERED, STAGE_ON_SCENE), 900);
    assert_near(FIGURE(QUEUED, 0), 1.0 / 3);
    assert_near(FIGURE(QUEUE_ALL_S, 0), 200);
    assert_near(FIGURE(QUEUE_QUEUED_S, group_priority(PRIORITY_URGENT)), 600);
    assert_false(is_number(FIGURE(QUEUE_QUEUED_S, group_priority(PRIORITY_CRITICAL))));
    assert_near(FIGURE(LOST_UNIT, 0), 1.0 / 3);
    assert_near(FIGURE(DIVERSIONS_PER_100, group_priority(PRIORITY_URGENT)), 50);
    assert_near(FIGURE(REACHED_DIVERTED, group_priority(PRIORITY_CRITICAL)), 1);
    assert_near(FIGURE(REACHED_FREED, 0), 1.0 / 3);
    assert_near(FIGURE(WITHIN_TARGET, 0), 1); /* urgent has no target, so one call speaks */
    assert_near(SYSTEM(DISPATCHES_PER_DAY), 4);
    assert_near(SYSTEM(DISPATCHES_DIVERTED), 0.25);
    assert_near(SYSTEM(DISPATCHES_FREED), 0.25);
    assert_near(SYSTEM(DISPATCHES_FROM_POST), 0.5);
    assert_near(SYSTEM(QUEUE_LENGTH), 600 / 86400.0);
    assert_near(SYSTEM(QUEUE_MOST), 1);
    assert_near(SYSTEM(CALLS_IN_SYSTEM), (1200 + 690 + 900) / 86400.0);
    assert_near(result.values[place_week_hour(&layout, 0, WEEK_QUEUE_LENGTH)], 600 / 3600.0);
    assert_near(result.values[place_week_hour(&layout, 0, WEEK_CALLS_PER_HOUR)], 3);
    /* one day's window says nothing about Tuesday */
    assert_false(is_number(result.values[place_week_hour(&layout, 24, WEEK_CALLS_PER_HOUR)]));
    close_story(&story, &result);
}

static void first_of_several_units_counts(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 0, 86400);
    for (uint32_t unit = 1; unit <= 3; unit++) {
        on_duty(&story, unit, 0);
    }
    offer(&story, 1, 0);
    open_incident(&story, 1, 0, 0, PRIORITY_CRITICAL, 2);
    assign(&story, 1, 1, 1, UNIT_STATE_AT_POST, 0);
    assign(&story, 2, 1, 2, UNIT_STATE_AT_POST, 0);
    EVENT(&story, 60, UNITS_REQUESTED, units_requested, .incident = { 1 }, .more = 2);
    assign(&story, 3, 1, 3, UNIT_STATE_AT_POST, 60);
    EVENT(&story, 61, SHORTFALL_RECORDED, shortfall_recorded, .incident = { 1 }, .units = 1,
          .reason = SHORTFALL_REASON_NO_UNIT_FREE);
    report(&story, 2, MISSION_EVENT_ARRIVE, 200);
    report(&story, 1, MISSION_EVENT_ARRIVE, 250);
    report(&story, 3, MISSION_EVENT_ARRIVE, 300);
    report(&story, 1, MISSION_EVENT_LEAVE_SCENE, 400);
    end(&story, 3, 1, 3, MISSION_END_REASON_COMPLETED, 500);
    end(&story, 2, 1, 2, MISSION_END_REASON_COMPLETED, 600);
    back(&story, 2, 650);
    assert_int_equal(story.count, 0); /* unit 1 still works */
    end(&story, 1, 1, 1, MISSION_END_REASON_COMPLETED, 800);
    close_incident(&story, 1, INCIDENT_OUTCOME_TRANSPORTED, 800);
    assert_int_equal(story.count, 1);
    back(&story, 1, 900);
    struct measure_result result;
    struct measure_layout layout = finish(&story, 86400, &result);
    const struct call_record *record = &story.records[0];
    assert_int_equal(record->unit, 2);
    assert_near(call_record_seconds(record, STAGE_CALL_OFFERED, STAGE_ON_SCENE), 200);
    assert_near(call_record_seconds(record, STAGE_CALL_OFFERED, STAGE_AVAILABLE), 600);
    assert_near(call_record_seconds(record, STAGE_AVAILABLE, STAGE_BACK_AT_POST), 50);
    assert_int_equal(record->units_needed, 4);
    assert_int_equal(record->units_short, 1);
    assert_int_equal(record->shortfall_reason, SHORTFALL_REASON_NO_UNIT_FREE);
    assert_int_equal(record->dispatches, 3);
    assert_near(FIGURE(SATISFACTION, 0), 0.75);
    assert_near(INDICATOR(SATISFACTION, 0, N), 4);
    assert_near(SAMPLE(MISSION, 0, N), 3);
    assert_near(SAMPLE(RETURN, 0, N), 2);
    assert_near(SAMPLE(RETURN, 0, MEAN_S), 75);
    close_story(&story, &result);
}

/* It waits for a second unit until that is given up, not until the first has done its work. */
static void a_shortfall_ends_the_waiting(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 0, 86400);
    on_duty(&story, 1, 0);
    offer(&story, 1, 0);
    open_incident(&story, 1, 0, 0, PRIORITY_CRITICAL, 2);
    assign(&story, 1, 1, 1, UNIT_STATE_AT_POST, 0);
    queue(&story, 1, 0);
    EVENT(&story, 300, SHORTFALL_RECORDED, shortfall_recorded, .incident = { 1 }, .units = 1,
          .reason = SHORTFALL_REASON_NO_UNIT_FREE);
    report(&story, 1, MISSION_EVENT_ARRIVE, 200);
    end(&story, 1, 1, 1, MISSION_END_REASON_COMPLETED, 800);
    close_incident(&story, 1, INCIDENT_OUTCOME_TREATED, 800);
    back(&story, 1, 900);
    struct measure_result result;
    (void)finish(&story, 86400, &result);
    assert_true(story.records[0].queued.us == 300 * US_PER_SECOND);
    close_story(&story, &result);
}

static void calls_without_a_unit(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 0, 86400);
    offer(&story, 1, 10); /* nobody could go */
    answer(&story, 1, 15);
    open_incident(&story, 1, 10, 20, PRIORITY_SEVERE, 1);
    queue(&story, 1, 20);
    EVENT(&story, 620, SHORTFALL_RECORDED, shortfall_recorded, .incident = { 1 }, .units = 1,
          .reason = SHORTFALL_REASON_CALLER_LEFT);
    close_incident(&story, 1, INCIDENT_OUTCOME_SHORTFALL, 620);
    offer(&story, 2, 30); /* advice */
    answer(&story, 2, 45);
    EVENT(&story, 90, CALL_CLOSED, call_closed, .call = { 2 }, .outcome = CALL_OUTCOME_ADVICE);
    offer(&story, 3, 40); /* hung up, not reached again */
    EVENT(&story, 60, CALL_ABANDONED, call_abandoned, .call = { 3 }, .occurred_at = at_s(60));
    EVENT(&story, 90, CALL_CLOSED, call_closed, .call = { 3 }, .outcome = CALL_OUTCOME_NOT_REACHED);
    offer(&story, 4, 50); /* the same incident again */
    answer(&story, 4, 52);
    EVENT(&story, 70, CALL_LINKED, call_linked, .call = { 4 }, .incident = { 1 });
    offer(&story, 5, 60); /* hung up, called back, cancelled */
    EVENT(&story, 80, CALL_ABANDONED, call_abandoned, .call = { 5 }, .occurred_at = at_s(80));
    answer(&story, 5, 100);
    open_incident(&story, 5, 60, 120, PRIORITY_URGENT, 1);
    close_incident(&story, 5, INCIDENT_OUTCOME_CANCELLED, 130);
    offer(&story, 6, 86399); /* still open at the end */
    struct measure_result result;
    struct measure_layout layout = finish(&story, 86400, &result);
    static const uint8_t results[] = { CALL_RESULT_NO_UNIT,   CALL_RESULT_LOST,      CALL_RESULT_LINKED,
                                       CALL_RESULT_CANCELLED, CALL_RESULT_SHORTFALL, CALL_RESULT_UNFINISHED };
    static const uint32_t calls[] = { 2, 3, 4, 5, 1, 6 };
    assert_int_equal(story.count, 6);
    unsigned seen = 0;
    for (unsigned i = 0; i < 6; i++) {
        for (unsigned j = 0; j < 6; j++) {
            if (story.records[j].call == calls[i]) {
                assert_int_equal(story.records[j].result, results[i]);
                seen++;
            }
        }
    }
    assert_int_equal(seen, 6);
    assert_near(SAMPLE(ANSWER, 0, N), 4); /* the lost one and the open one do not count */
    assert_near(SAMPLE(ANSWER, 0, MISSING), 0);
    assert_near(INDICATOR(ANSWERED_10S, 0, VALUE), 0.5);
    assert_near(SAMPLE(RESPONSE, 0, N), 0);
    assert_near(SAMPLE(RESPONSE, 0, MISSING), 0);
    assert_near(FIGURE(SATISFACTION, 0), 0); /* the cancelled one counts in neither */
    assert_near(FIGURE(WITHIN_TARGET, 0), 0);
    assert_near(INDICATOR(WITHIN_OWN_TARGET, 0, N), 1);
    assert_near(INDICATOR(SATISFACTION, 0, N), 1);
    assert_near(FIGURE(CALLS_PER_DAY, 0), 6);
    assert_near(FIGURE(QUEUE_QUEUED_S, 0), 600);
    assert_near(result.values[place_call_result(&layout, CALL_RESULT_LOST)], 1);
    assert_false(is_number(SYSTEM(BUSY))); /* no units */
    close_story(&story, &result);
}

static void only_the_window_counts(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 1000, 2000);
    on_duty(&story, 1, 0);
    whole_life(&story); /* offered at 100, before the window */
    back(&story, 1, 2500);
    struct measure_result result;
    struct measure_layout layout = finish(&story, 90000, &result);
    assert_false(story.records[0].counted);
    assert_int_equal(result.calls, 0);
    assert_near(FIGURE(CALLS_PER_DAY, 0), 0);
    assert_false(is_number(FIGURE(RESPONSE_MEAN_S, 0)));
    assert_near(SYSTEM(BUSY), 1);
    assert_near(SYSTEM(TO_FACILITY), 0.6);
    assert_near(SYSTEM(AT_FACILITY), 0.4);
    assert_near(SYSTEM(CALLS_IN_SYSTEM), 1);
    assert_near(SYSTEM(DAYS), 1000 / 86400.0);
    close_story(&story, &result);
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The definition once more, slowly. */
static double slow_quantile(const double *sorted, size_t count, double share)
{
    double h = (double)(count - 1) * share, low = floor(h);
    size_t i = (size_t)low;
    return i + 1 < count ? sorted[i] + (h - low) * (sorted[i + 1] - sorted[i]) : sorted[count - 1];
}

static void ignore(void *context, const struct call_record *record)
{
    (void)context;
    (void)record;
}

static void many_calls_agree_with_sorting(void **state)
{
    (void)state;
    enum { CALLS = 5000 };
    static double responses[1 + PRIORITY_COUNT][CALLS];
    size_t count[1 + PRIORITY_COUNT] = { 0 };
    static struct story story;
    open_story(&story, 0, 86400.0 * 365);
    struct measure_setup setup = { .limits = { .calls = 8, .incidents = 8, .units = 1, .posts = 1, .facilities = 1, .keys = 8 },
                                   .district_count = DISTRICTS,
                                   .end = INSTANT_NEVER,
                                   .finished = ignore };
    struct error error;
    measure_destroy(story.measure);
    assert_int_equal(measure_create(&setup, &story.measure, &error), STATUS_OK);
    on_duty(&story, 1, 0);
    struct random_stream draws;
    random_open(&draws, 7, 1, 0);
    double now = 0;
    for (uint32_t i = 1; i <= CALLS; i++) {
        unsigned priority = (unsigned)(random_uniform(&draws) * 3); /* non_urgent never occurs */
        double response = floor(random_exponential(&draws, 600) * 1e4) / 1e4;
        now = floor(now + 1);
        offer(&story, i, now);
        open_incident(&story, i, now, now, (enum priority)priority, 1);
        assign(&story, i, i, 1, UNIT_STATE_AT_POST, now);
        report(&story, i, MISSION_EVENT_ARRIVE, now + response);
        end(&story, i, i, 1, MISSION_END_REASON_COMPLETED, now + response);
        close_incident(&story, i, INCIDENT_OUTCOME_TREATED, now + response);
        responses[0][count[0]++] = response;
        responses[1 + priority][count[1 + priority]++] = response;
        now += response;
        back(&story, 1, now);
    }
    struct measure_result result;
    assert_int_equal(measure_finish(story.measure, at_s(now), &error), STATUS_OK);
    struct measure_layout layout = measure_layout(DISTRICTS, 1, 1);
    assert_int_equal(measure_compute(story.measure, &layout, &result, &error), STATUS_OK);
    double in_hours = 0, in_bins = 0;
    for (uint32_t group = 0; group <= PRIORITY_NON_URGENT; group++) {
        qsort(responses[group], count[group], sizeof(double), by_value);
        assert_near(SAMPLE(RESPONSE, group, N), (double)count[group]);
        static const double shares[] = { 0.50, 0.90, 0.95, 0.99 };
        for (unsigned i = 0; i < 4; i++) {
            double is = result.values[place_sample(&layout, INTERVAL_RESPONSE, group, (enum sample_statistic)(SAMPLE_P50_S + i))];
            assert_true(fabs(is - slow_quantile(responses[group], count[group], shares[i])) < 1e-3);
        }
    }
    assert_near(SAMPLE(RESPONSE, group_priority(PRIORITY_NON_URGENT), N), 0);
    for (unsigned hour = 0; hour < 24; hour++) {
        in_hours += SAMPLE(RESPONSE, group_hour(hour), N);
    }
    for (unsigned bin = 0; bin < HISTOGRAM_BINS; bin++) {
        in_bins += result.values[place_histogram(&layout, 0, bin)];
    }
    assert_near(in_hours, CALLS);
    assert_near(in_bins, CALLS);
    struct sampled_call sampled[100];
    assert_int_equal(measure_sample_calls(story.measure, sampled, 100), 100);
    close_story(&story, &result);
}

static void replications_have_mean_and_confidence(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 0, 86400);
    struct measure_summary summary = { 0 };
    struct error error;
    for (int replication = 0; replication < 3; replication++) {
        story.count = 0;
        measure_reset(story.measure);
        on_duty(&story, 1, 0);
        offer(&story, 1, 100);
        open_incident(&story, 1, 100, 100, PRIORITY_CRITICAL, 1);
        assign(&story, 1, 1, 1, UNIT_STATE_AT_POST, 100);
        report(&story, 1, MISSION_EVENT_ARRIVE, 400 + 100 * replication); /* 300, 400, 500 s */
        end(&story, 1, 1, 1, MISSION_END_REASON_COMPLETED, 1000);
        close_incident(&story, 1, INCIDENT_OUTCOME_TREATED, 1000);
        struct measure_result result;
        struct measure_layout layout = finish(&story, 86400, &result);
        if (replication == 0) {
            assert_int_equal(measure_summary_create(&layout, &summary, &error), STATUS_OK);
        }
        measure_summary_add(&summary, &result);
        measure_result_free(&result);
        if (replication == 0) {
            struct estimate one = measure_estimate(&summary, place_figure(&layout, FIGURE_RESPONSE_MEAN_S, 0));
            assert_near(one.mean, 300);
            assert_false(is_number(one.half_width));
        }
    }
    struct estimate estimate = measure_estimate(&summary, place_figure(&summary.layout, FIGURE_RESPONSE_MEAN_S, 0));
    assert_near(estimate.mean, 400);
    assert_true(fabs(estimate.half_width - 4.3026527297 * 100 / sqrt(3)) < 1e-6);
    assert_int_equal(estimate.replications, 3);
    struct estimate none = measure_estimate(&summary, place_figure(&summary.layout, FIGURE_RESPONSE_MEAN_S, group_priority(1)));
    assert_false(is_number(none.mean));
    assert_int_equal(none.replications, 0);
    assert_near(measure_sum(&summary, place_sample(&summary.layout, INTERVAL_RESPONSE, 0, SAMPLE_N)), 3);
    assert_int_equal(summary.calls, 3);
    measure_summary_free(&summary);
    measure_destroy(story.measure);
}

/* ---- records instead of events ---- */

struct listener {
    struct call_record calls[4];
    struct mission_record missions[4];
    unsigned call_count, mission_count;
};

static void hear_call(void *context, const struct call_record *record)
{
    struct listener *listener = context;
    assert_true(listener->call_count < 4);
    listener->calls[listener->call_count++] = *record;
}

static void hear_mission(void *context, const struct mission_record *record)
{
    struct listener *listener = context;
    assert_true(listener->mission_count < 4);
    listener->missions[listener->mission_count++] = *record;
}

/* Once when it is over, once more when the unit is back; fed again, the last ones give the figures of the events. */
static void records_give_the_figures_of_their_events(void **state)
{
    (void)state;
    static struct story story, again;
    static struct listener listener;
    struct error error;
    struct measure_setup setup = {
        .limits = { .calls = 8, .incidents = 8, .units = UNITS, .posts = 2, .facilities = FACILITIES, .keys = 8 },
        .district_count = DISTRICTS,
        .end = at_s(86400),
        .finished = hear_call,
        .closed = hear_call,
        .completed = hear_mission,
        .context = &listener,
    };
    assert_int_equal(measure_create(&setup, &story.measure, &error), STATUS_OK);
    on_duty(&story, 1, 0);
    whole_life(&story);
    assert_true(listener.call_count == 1 && listener.mission_count == 1);
    assert_false(call_record_has(&listener.calls[0], STAGE_BACK_AT_POST));
    assert_near((double)listener.calls[0].at[STAGE_AVAILABLE].us / 1e6, 2300);
    back(&story, 1, 2500);
    assert_true(listener.call_count == 2 && listener.mission_count == 2);
    const struct mission_record *mission = &listener.missions[1];
    assert_true(mission->call == 1 && mission->incident == 1 && mission->unit == 1 && mission->facility == 2);
    assert_true(mission->transported && mission->counted && mission->district == 1 && instant_is_none(mission->at[0]));
    assert_near((double)mission->at[STAGE_BACK_AT_POST].us / 1e6, 2500);

    struct measure_result result, other;
    struct measure_layout layout = finish(&story, 86400, &result);
    open_story(&again, 0, 86400);
    measure_add_call(again.measure, &listener.calls[1]);
    measure_add_mission(again.measure, mission);
    finish(&again, 86400, &other);
    for (size_t place = layout.intervals; place < layout.indicators; place++) {
        bool defined = is_number(result.values[place]);
        assert_true(defined == is_number(other.values[place]) && (!defined || result.values[place] == other.values[place]));
    }
    assert_near(other.values[place_sample(&layout, INTERVAL_RETURN, 0, SAMPLE_MEAN_S)], 200);
    close_story(&story, &result);
    close_story(&again, &other);
    open_story(&again, 101, 86400); /* it rang before */
    measure_add_call(again.measure, &listener.calls[1]);
    measure_add_mission(again.measure, mission);
    finish(&again, 86400, &other);
    assert_near(other.values[place_sample(&layout, INTERVAL_RESPONSE, 0, SAMPLE_N)], 0);
    assert_near(other.values[place_sample(&layout, INTERVAL_TRIP, 0, SAMPLE_N)], 0);
    close_story(&again, &other);
}

/* Four incidents. 1: proposed severe, opened critical; recognised too early, withdrawn, and again. 2: opened as proposed,
 * asked by a protocol only after a unit was sent, and lowered then. 3: nobody asked; raised before a unit was sent; its second
 * caller tells of the arrest. 4: what was proposed was withdrawn before it was opened; the arrest without compressions. */
static void triage_of_four(struct story *story)
{
    for (uint32_t call = 1; call <= 4; call++) {
        offer(story, call, 100);
        answer(story, call, 110);
    }
    ask(story, 1, 7, 111);
    ask(story, 1, 8, 112);
    mark(story, 1, 0, MARK_ARREST_RECOGNISED | MARK_SCENE_UNSAFE, 120);
    withdraw(story, 1, 0, MARK_ARREST_RECOGNISED, 125);
    mark(story, 1, 0, MARK_ARREST_RECOGNISED, 160);
    propose(story, 1, PRIORITY_SEVERE, true, 160);
    open_incident(story, 1, 100, 170, PRIORITY_CRITICAL, 1);
    propose(story, 1, PRIORITY_CRITICAL, true, 175); /* too late */
    mark(story, 1, 1, MARK_COMPRESSIONS_BEGUN, 180);
    withdraw(story, 1, 1, MARK_COMPRESSIONS_BEGUN, 185);
    mark(story, 1, 1, MARK_COMPRESSIONS_BEGUN, 310);
    mark(story, 1, 1, MARK_COMPRESSIONS_BEGUN, 400);

    propose(story, 2, PRIORITY_URGENT, true, 130);
    open_incident(story, 2, 100, 140, PRIORITY_URGENT, 1);
    assign(story, 2, 2, 2, UNIT_STATE_AT_POST, 150);
    ask(story, 2, 9, 160);
    EVENT(story, 170, INCIDENT_PRIORITISED, incident_prioritised, .incident = { 2 }, .before = PRIORITY_URGENT,
          .after = PRIORITY_NON_URGENT);

    open_incident(story, 3, 100, 140, PRIORITY_URGENT, 1);
    EVENT(story, 145, INCIDENT_PRIORITISED, incident_prioritised, .incident = { 3 }, .before = PRIORITY_URGENT,
          .after = PRIORITY_CRITICAL);
    assign(story, 3, 3, 3, UNIT_STATE_AT_POST, 150);
    offer(story, 5, 120);
    answer(story, 5, 130);
    mark(story, 5, 0, MARK_ARREST_RECOGNISED, 150);
    EVENT(story, 151, CALL_LINKED, call_linked, .call = { 5 }, .incident = { 3 });
    mark(story, 5, 3, MARK_COMPRESSIONS_BEGUN, 150);

    ask(story, 4, 7, 120);
    propose(story, 4, PRIORITY_SEVERE, true, 125);
    propose(story, 4, PRIORITY_NON_URGENT, false, 130);
    mark(story, 4, 0, MARK_ARREST_RECOGNISED, 220);
    open_incident(story, 4, 100, 230, PRIORITY_CRITICAL, 1);
    for (uint32_t id = 1; id <= 4; id++) {
        close_incident(story, id, INCIDENT_OUTCOME_CANCELLED, 500);
    }
}

static void triage_is_measured(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 0, 86400);
    triage_of_four(&story);
    struct measure_result result;
    struct measure_layout layout = finish(&story, 86400, &result);
    assert_int_equal(story.count, 5);
    static const uint8_t protocols[] = { 7, 9, 0, 7 };
    static const uint8_t proposed[] = { PRIORITY_SEVERE, PRIORITY_URGENT, PRIORITY_COUNT, PRIORITY_COUNT };
    assert_int_equal(story.records[0].result, CALL_RESULT_LINKED);
    for (uint32_t i = 1; i < 5; i++) {
        const struct call_record *record = &story.records[i];
        uint32_t call = record->call;
        assert_int_equal(record->protocol, protocols[call - 1]);
        assert_int_equal(record->proposed, proposed[call - 1]);
        assert_int_equal(record->reprioritised, call == 2);
    }
    /* 50 s, 40 s and 110 s after the answer; 200 s, 40 s and never. */
    assert_near(INDICATOR(RECOGNITION_P50, 0, VALUE), 50);
    assert_near(INDICATOR(RECOGNITION_P50, 0, N), 3);
    assert_near(INDICATOR(RECOGNISED_60S, 0, VALUE), 2.0 / 3);
    assert_near(INDICATOR(FIRST_COMPRESSION_P50, 0, VALUE), 120);
    assert_near(INDICATOR(FIRST_COMPRESSION_P50, 0, MISSING), 1);
    assert_near(INDICATOR(FIRST_COMPRESSION_150S, 0, VALUE), 0.5);
    assert_near(SAMPLE(RECOGNITION, group_priority(PRIORITY_CRITICAL), N), 3);
    assert_near(SAMPLE(RECOGNITION, group_priority(PRIORITY_NON_URGENT), MISSING), 0); /* no arrest, nothing missing */
    assert_near(INDICATOR(PROTOCOL_USED, 0, VALUE), 0.75);
    assert_near(INDICATOR(TRIAGE_DEVIATION, 0, VALUE), 0.5);
    assert_near(INDICATOR(TRIAGE_DEVIATION, 0, N), 2);
    assert_near(INDICATOR(REPRIORITISED, 0, VALUE), 0.5);
    assert_near(INDICATOR(REPRIORITISED, group_priority(PRIORITY_CRITICAL), N), 1);
    close_story(&story, &result);
}

static void entries_are_walked(void **state)
{
    (void)state;
    static struct story story;
    open_story(&story, 0, 86400);
    struct {
        struct entry_head head;
        struct command_call_offer command;
        struct event_call_offered offered;
        struct event_call_closed closed;
    } entry = { .head = { .size = sizeof entry,
                          .event_count = 2,
                          .sequence = 1,
                          .entered_at = at_s(50),
                          .command_size = sizeof entry.command },
                .offered = { .head = { EVENT_CALL_OFFERED, 1, sizeof entry.offered }, .call = { 1 }, .occurred_at = at_s(40) },
                .closed = { .head = { EVENT_CALL_CLOSED, 1, sizeof entry.closed }, .call = { 1 } } };
    measure_entry(story.measure, &entry.head);
    assert_int_equal(story.count, 1);
    assert_int_equal(story.records[0].result, CALL_RESULT_NO_UNIT);
    assert_near((double)story.records[0].at[STAGE_CALL_OFFERED].us, 40e6);
    measure_destroy(story.measure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call_has_all_its_times),
        cmocka_unit_test(missing_stages_are_counted_not_zero),
        cmocka_unit_test(diverted_call_waits_and_gets_a_freed_unit),
        cmocka_unit_test(first_of_several_units_counts),
        cmocka_unit_test(a_shortfall_ends_the_waiting),
        cmocka_unit_test(calls_without_a_unit),
        cmocka_unit_test(only_the_window_counts),
        cmocka_unit_test(many_calls_agree_with_sorting),
        cmocka_unit_test(replications_have_mean_and_confidence),
        cmocka_unit_test(records_give_the_figures_of_their_events),
        cmocka_unit_test(triage_is_measured),
        cmocka_unit_test(entries_are_walked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
