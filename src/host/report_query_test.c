/* Answers from the report tables: figures against those that measure makes of the journal itself, one call whose figures are
 * known, pages against the whole, and questions that cannot be answered. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "host/report_query.h"
#include "host/report_test.h"
#include "measure/result.h"

enum { ENTRIES = 12000, JSON_MAX = 8 << 20 };

static struct centre city;
static struct report_test test;

static int make_report(void **state)
{
    (void)state;
    uint64_t seed = 4242;
    random_centre_begin(&city, &seed);
    random_centre_run(&city, &seed, ENTRIES);
    report_test_make(&test);
    store_centre(&test.store, &city);
    project(&test.store, &city);
    return 0;
}

static int forget_report(void **state)
{
    (void)state;
    report_test_remove(&test);
    centre_destroy(&city);
    return 0;
}

static struct report_question question_of(struct instant from, struct instant to)
{
    return (struct report_question){
        .from = from, .to = to, .district_count = DISTRICTS, .target = { { 480000000 }, { 600000000 }, { 0 }, { 1800000000 } }
    };
}

static struct report_question question_of_all(void)
{
    return question_of((struct instant){ 0 }, (struct instant){ city.now.us + US_PER_DAY });
}

static json_t *parsed(struct text *text)
{
    json_error_t error;
    json_t *json = json_loadb(text->bytes, text->length, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        fail_msg("%s at %d", error.text, error.position);
    }
    text_free(text);
    return json;
}

static json_t *ask_indicators(const struct store *store, const struct report_question *question)
{
    struct text text;
    struct json json;
    struct error error;
    struct sql *sql = open_report(store, true);
    text_init(&text, JSON_MAX);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    must(report_indicators(sql, question, &json, &error), &error);
    json_object_end(&json);
    sql_close(sql);
    return parsed(&text);
}

/* ---- figures ---- */

/* What measure makes of the entries themselves. */
static struct measure_result measured(const struct report_question *question)
{
    struct measure_setup setup = {
        .limits = city.limits, .district_count = DISTRICTS, .begin = question->from, .end = question->to
    };
    memcpy(setup.target, question->target, sizeof setup.target);
    struct measure *measure = NULL;
    struct measure_result result;
    struct error error;
    must(measure_create(&setup, &measure, &error), &error);
    for (size_t at = 0; at < city.log.size;) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(city.log.bytes + at);
        measure_entry(measure, entry);
        at += entry->size;
    }
    must(measure_finish(measure, city.now, &error), &error);
    struct measure_layout layout = measure_layout(DISTRICTS, 0, 0);
    must(measure_compute(measure, &layout, &result, &error), &error);
    measure_destroy(measure);
    return result;
}

static void expect_number(const json_t *object, const char *name, double expected)
{
    const json_t *value = json_object_get(object, name);
    assert_non_null(value);
    if (isnan(expected)) {
        assert_true(json_is_null(value));
    } else {
        assert_true(json_is_number(value) && fabs(json_number_value(value) - expected) <= 0.0006);
    }
}

static uint64_t expect_indicator(const json_t *object, const struct measure_result *result, unsigned i, uint32_t group)
{
    const double *at = &result->values[place_indicator(&result->layout, (enum indicator)i, group, INDICATOR_VALUE)];
    expect_number(object, "value", at[INDICATOR_VALUE]);
    expect_number(object, "n", isnan(at[INDICATOR_N]) ? 0 : at[INDICATOR_N]);
    expect_number(object, "missing", isnan(at[INDICATOR_MISSING]) ? 0 : at[INDICATOR_MISSING]);
    const json_t *met = json_object_get(object, "met");
    assert_true(json_is_boolean(met) == (INDICATORS[i].has_target && !isnan(at[INDICATOR_VALUE])));
    assert_true(!json_is_boolean(met) || json_is_true(met) == indicator_is_met(&INDICATORS[i], at[INDICATOR_VALUE]));
    return isnan(at[INDICATOR_N]) ? 0 : (uint64_t)at[INDICATOR_N];
}

static uint64_t expect_interval(const json_t *object, const struct measure_result *result, unsigned i, uint32_t group)
{
    const double *at = &result->values[place_sample(&result->layout, (enum interval)i, group, SAMPLE_N)];
    for (unsigned statistic = 0; statistic < SAMPLE_COUNT; statistic++) {
        expect_number(object, SAMPLE_NAMES[statistic], at[statistic]);
    }
    return (uint64_t)at[SAMPLE_N];
}

typedef uint64_t (*expect_fn)(const json_t *object, const struct measure_result *result, unsigned i, uint32_t group);

/* All, by priority, by district, by both; how many samples stand behind the first. */
static uint64_t expect_groups(const json_t *object, const struct measure_result *result, unsigned i, expect_fn expect)
{
    const json_t *districts = json_object_get(object, "districts");
    assert_int_equal(json_array_size(districts), DISTRICTS + 1);
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        const json_t *of = json_array_get(json_object_get(object, "priorities"), priority);
        assert_string_equal(json_string_value(json_object_get(of, "priority")), priority_name((enum priority)priority));
        expect(of, result, i, group_priority(priority));
    }
    for (uint32_t district = 0; district <= DISTRICTS; district++) {
        const json_t *of = json_array_get(districts, district);
        assert_int_equal(json_integer_value(json_object_get(of, "district")), district);
        expect(of, result, i, group_district(district));
        for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
            expect(json_array_get(json_object_get(of, "priorities"), priority), result, i,
                   group_district_priority(district, priority));
        }
    }
    return expect(object, result, i, group_all());
}

static uint64_t expect_same(const struct report_question *question)
{
    struct measure_result result = measured(question);
    json_t *answer = ask_indicators(&test.store, question);
    const json_t *indicators = json_object_get(answer, "indicators"), *intervals = json_object_get(answer, "intervals");
    uint64_t samples = 0;
    assert_int_equal(json_array_size(indicators), INDICATOR_COUNT);
    assert_int_equal(json_array_size(intervals), INTERVAL_COUNT);
    for (unsigned i = 0; i < INDICATOR_COUNT; i++) {
        const json_t *indicator = json_array_get(indicators, i);
        assert_string_equal(json_string_value(json_object_get(indicator, "name")), INDICATORS[i].name);
        samples += expect_groups(indicator, &result, i, expect_indicator);
    }
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        samples += expect_groups(json_array_get(intervals, i), &result, i, expect_interval);
    }
    json_decref(answer);
    measure_result_free(&result);
    return samples;
}

static void the_figures_are_those_of_the_journal(void **state)
{
    (void)state;
    struct report_question question = question_of_all();
    assert_true(expect_same(&question) > 2000);
    int64_t begin = TEST_BEGIN_S * US_PER_SECOND, length = city.now.us - begin;
    question = question_of((struct instant){ begin + length / 3 }, (struct instant){ begin + length / 2 });
    assert_true(expect_same(&question) > 200);
    question = question_of((struct instant){ 0 }, (struct instant){ begin });
    assert_int_equal(expect_same(&question), 0);
}

/* A district's own figures are those that it has among all. */
static void a_district_alone(void **state)
{
    (void)state;
    struct report_question question = question_of_all();
    struct measure_result result = measured(&question);
    question.district = 2;
    json_t *answer = ask_indicators(&test.store, &question);
    assert_int_equal(json_integer_value(json_object_get(answer, "district")), 2);
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        const json_t *interval = json_array_get(json_object_get(answer, "intervals"), i);
        assert_null(json_object_get(interval, "districts"));
        assert_true(i != INTERVAL_RESPONSE || expect_interval(interval, &result, i, group_district(2)) > 20);
        expect_interval(interval, &result, i, group_district(2));
    }
    json_decref(answer);
    measure_result_free(&result);
}

/* ---- one call ---- */

static const json_t *named(const json_t *answer, const char *list, const char *name)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(answer, list), i, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "name")), name) == 0) {
            return item;
        }
    }
    fail_msg("there is no %s", name);
    return NULL;
}

/* Rings at 0, answered at 8 s, unit ordered at 58 s, departed at 118 s, on scene at 418 s, closed without transport at 1018 s. */
static void one_call_of_known_times(void **state)
{
    (void)state;
    struct report_test one;
    struct centre centre;
    report_test_make(&one);
    centre_begin(&centre, 1, 0);
    struct instant rang = centre.now;
    uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    centre_wait(&centre, 8);
    DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call });
    centre_wait(&centre, 20);
    DO(&centre, CALL_LOCATE, call_locate, SEAT, .call = { call }, .point = { 70, 80 }, .district = 3);
    uint32_t incident = DO(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .priority = PRIORITY_CRITICAL,
                           .units_wanted = 1);
    centre_wait(&centre, 30);
    uint32_t mission = centre_assign(&centre, incident, 1);
    centre_wait(&centre, 60);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_DEPART));
    centre_wait(&centre, 300);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    centre_wait(&centre, 600);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END)); /* the unit is not back yet */
    store_centre(&one.store, &centre);
    project(&one.store, &centre);
    struct report_question question = question_of(rang, (struct instant){ rang.us + 1 });
    json_t *answer = ask_indicators(&one.store, &question);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(answer, "calls"), "served")), 1);
    expect_number(named(answer, "indicators", "answered_10s"), "value", 1);
    expect_number(named(answer, "indicators", "processing_60s"), "value", 1);
    expect_number(named(answer, "indicators", "departed_3min"), "value", 1);
    expect_number(named(answer, "indicators", "within_own_target"), "value", 1);
    expect_number(named(answer, "indicators", "response_mean"), "value", 410);
    expect_number(named(answer, "indicators", "handover_15min"), "n", 0);
    expect_number(named(answer, "intervals", "response"), "mean_s", 418);
    expect_number(named(answer, "intervals", "turnout"), "p50_s", 60);
    expect_number(named(answer, "intervals", "return"), "n", 0);
    json_decref(answer);
    /* Now it is. */
    struct journal journal;
    struct error error;
    centre_wait(&centre, 90);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_REACH_POST);
    must(store_journal_open(&one.store, JOURNAL_WRITE, NULL, &journal, &error), &error);
    store_entries(&journal, &centre, centre.log.count, centre.log.count);
    journal.close(journal.context);
    project(&one.store, &centre);
    answer = ask_indicators(&one.store, &question);
    expect_number(named(answer, "intervals", "return"), "mean_s", 90);
    json_decref(answer);
    centre_destroy(&centre);
    report_test_remove(&one);
}

/* ---- pages ---- */

static json_t *ask_calls(const struct report_question *question, uint32_t after, uint32_t limit)
{
    struct text text;
    struct json json;
    struct error error;
    struct sql *sql = open_report(&test.store, true);
    text_init(&text, JSON_MAX);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    must(report_calls(sql, question, after, limit, &json, &error), &error);
    json_object_end(&json);
    sql_close(sql);
    return parsed(&text);
}

static int64_t number_of(const json_t *object, const char *name) { return json_integer_value(json_object_get(object, name)); }

/* Page after page: how many calls, each once, in the order in which they rang. */
static uint64_t walk_pages(const struct report_question *question, uint32_t limit)
{
    uint64_t calls = 0;
    char last[32] = "";
    uint32_t after = 0;
    do {
        json_t *page = ask_calls(question, after, limit);
        const json_t *items = json_object_get(page, "items");
        assert_true(json_array_size(items) <= limit);
        for (size_t i = 0; i < json_array_size(items); i++) {
            const json_t *item = json_array_get(items, i);
            const char *offered = json_string_value(json_object_get(json_object_get(item, "at"), "call_offered"));
            assert_true(strcmp(last, offered) <= 0);
            assert_true(question->district == 0 || number_of(item, "district") == question->district);
            snprintf(last, sizeof last, "%s", offered);
            calls += 1;
        }
        after = (uint32_t)number_of(page, "next");
        assert_true(after == 0 || json_array_size(items) == limit);
        json_decref(page);
    } while (after != 0);
    return calls;
}

static void pages_are_the_whole(void **state)
{
    (void)state;
    struct report_question question = question_of_all();
    json_t *answer = ask_indicators(&test.store, &question);
    uint64_t all = (uint64_t)number_of(json_object_get(answer, "calls"), "all");
    json_decref(answer);
    assert_true(all > 500);
    assert_int_equal(walk_pages(&question, REPORT_PAGE_MAX), all);
    assert_int_equal(walk_pages(&question, 7), all);
    uint64_t by_district = 0;
    for (question.district = 1; question.district <= DISTRICTS + 1; question.district++) {
        uint64_t calls = walk_pages(&question, 50);
        assert_true(calls > 20);
        by_district += calls;
    }
    assert_true(by_district < all); /* some lie in none */
}

static void what_cannot_be_answered(void **state)
{
    (void)state;
    struct error error;
    struct text text;
    struct json json;
    struct sql *sql = open_report(&test.store, true);
    text_init(&text, JSON_MAX);
    json_init(&json, &text, 0);
    struct report_question question = question_of(city.now, city.now);
    assert_int_equal(report_indicators(sql, &question, &json, &error), STATUS_BAD_INPUT);
    assert_int_equal(report_calls(sql, &question, 0, 10, &json, &error), STATUS_BAD_INPUT);
    question = question_of(INSTANT_NONE, INSTANT_NEVER);
    assert_int_equal(report_indicators(sql, &question, &json, &error), STATUS_BAD_INPUT);
    question = question_of_all();
    assert_int_equal(report_calls(sql, &question, 4000000000, 10, &json, &error), STATUS_NOT_FOUND);
    assert_int_equal(text.length, 0);
    text_free(&text);
    sql_close(sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_figures_are_those_of_the_journal),
        cmocka_unit_test(a_district_alone),
        cmocka_unit_test(one_call_of_known_times),
        cmocka_unit_test(pages_are_the_whole),
        cmocka_unit_test(what_cannot_be_answered),
    };
    return cmocka_run_group_tests(tests, make_report, forget_report);
}
