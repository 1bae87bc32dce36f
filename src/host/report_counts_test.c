/* Counts by hour and by place, against plain loops over the rows that measure gives out of a random centre's journal. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "geo/point.h"
#include "host/report_counts.h"
#include "host/report_test.h"

enum { ENTRIES = 12000, JSON_MAX = 8 << 20, ROWS_MAX = 8192 };

/* What the engine's own entries give. */
struct rows {
    struct call_record calls[ROWS_MAX];
    struct mission_record missions[ROWS_MAX];
    size_t call_count, mission_count;
};

static struct centre city;
static struct report_test test;
static struct rows rows;

static void take_call(void *context, const struct call_record *record)
{
    (void)context;
    size_t i = 0;
    while (i < rows.call_count && rows.calls[i].call != record->call) { /* given out again: in the place of the one before */
        i++;
    }
    rows.call_count += i == rows.call_count;
    assert_true(rows.call_count <= ROWS_MAX);
    rows.calls[i] = *record;
}

static void take_mission(void *context, const struct mission_record *record)
{
    (void)context;
    size_t i = 0;
    while (i < rows.mission_count && rows.missions[i].mission != record->mission) {
        i++;
    }
    rows.mission_count += i == rows.mission_count;
    assert_true(rows.mission_count <= ROWS_MAX);
    rows.missions[i] = *record;
}

static void follow_journal(void)
{
    struct measure_setup setup = { .limits = city.limits, .finished = take_call, .closed = take_call, .completed = take_mission };
    struct measure *measure = NULL;
    struct error error;
    must(measure_create(&setup, &measure, &error), &error);
    for (size_t at = 0; at < city.log.size;) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(city.log.bytes + at);
        measure_entry(measure, entry);
        at += entry->size;
    }
    measure_destroy(measure);
}

static int make_report(void **state)
{
    (void)state;
    uint64_t seed = 777;
    random_centre_begin(&city, &seed);
    random_centre_run(&city, &seed, ENTRIES);
    report_test_make(&test);
    store_centre(&test.store, &city);
    project(&test.store, &city);
    follow_journal();
    return 0;
}

static int forget_report(void **state)
{
    (void)state;
    report_test_remove(&test);
    centre_destroy(&city);
    return 0;
}

/* ---- asking ---- */

struct asking {
    struct text text;
    struct json json;
    struct sql *sql;
};

static void ask(struct asking *asking)
{
    text_init(&asking->text, JSON_MAX);
    json_init(&asking->json, &asking->text, 0);
    json_object_begin(&asking->json, NULL);
    asking->sql = open_report(&test.store, true);
}

static json_t *told(struct asking *asking)
{
    json_object_end(&asking->json);
    json_t *answer = json_loadb(asking->text.bytes, asking->text.length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(answer);
    text_free(&asking->text);
    sql_close(asking->sql);
    return answer;
}

static bool counts(const struct report_period *period, struct instant at, uint32_t district)
{
    return !instant_before(at, period->from) && instant_before(at, period->to) &&
           (period->district == 0 || period->district == district);
}

static int64_t number_of(const json_t *object, const char *name) { return json_integer_value(json_object_get(object, name)); }

/* ---- hours ---- */

struct plain_hour {
    int64_t calls, answered, answered_10s, missions;
};

static void count_plainly(const struct report_period *period, int64_t hour, struct plain_hour *plain)
{
    struct report_period within = { .from = { period->from.us + hour * US_PER_HOUR }, .district = period->district };
    within.to.us = within.from.us + US_PER_HOUR < period->to.us ? within.from.us + US_PER_HOUR : period->to.us;
    *plain = (struct plain_hour){ 0 };
    for (size_t i = 0; i < rows.call_count; i++) {
        const struct call_record *call = &rows.calls[i];
        struct instant offered = call->at[STAGE_CALL_OFFERED], answered = call->at[STAGE_CALL_ANSWERED];
        if (counts(&within, offered, call->district)) {
            plain->calls += 1;
            plain->answered += !instant_is_none(answered);
            plain->answered_10s += !instant_is_none(answered) && answered.us - offered.us <= 10 * US_PER_SECOND;
        }
    }
    for (size_t i = 0; i < rows.mission_count; i++) {
        plain->missions += counts(&within, rows.missions[i].offered_at, rows.missions[i].district);
    }
}

static int64_t expect_hours(const struct report_period *period)
{
    struct asking asking;
    struct error error;
    int64_t calls = 0;
    ask(&asking);
    must(report_hours(asking.sql, period, &asking.json, &error), &error);
    json_t *answer = told(&asking);
    const json_t *items = json_object_get(answer, "items");
    assert_int_equal(json_array_size(items), (period->to.us - period->from.us + US_PER_HOUR - 1) / US_PER_HOUR);
    for (size_t hour = 0; hour < json_array_size(items); hour++) {
        const json_t *item = json_array_get(items, hour);
        struct plain_hour plain;
        count_plainly(period, (int64_t)hour, &plain);
        assert_int_equal(number_of(item, "calls"), plain.calls);
        assert_int_equal(number_of(item, "answered"), plain.answered);
        assert_int_equal(number_of(item, "answered_10s"), plain.answered_10s);
        assert_int_equal(number_of(item, "missions"), plain.missions);
        assert_true(number_of(item, "incidents") <= plain.calls);
        calls += plain.calls;
    }
    json_decref(answer);
    return calls;
}

static void hours_are_those_of_the_rows(void **state)
{
    (void)state;
    struct report_period period = { .from = { (TEST_BEGIN_S - 1800) * US_PER_SECOND }, .to = { city.now.us + 1 } };
    assert_true(expect_hours(&period) > 500);
    period.district = 2;
    assert_true(expect_hours(&period) > 50);
    period.from.us += 7 * US_PER_HOUR + 12345678;
    period.district = 0;
    assert_true(expect_hours(&period) > 100);
}

static void too_many_hours(void **state)
{
    (void)state;
    struct asking asking;
    struct error error;
    struct report_period period = { .from = { 0 }, .to = { (REPORT_HOURS_MAX + 1) * US_PER_HOUR } };
    ask(&asking);
    assert_int_equal(report_hours(asking.sql, &period, &asking.json, &error), STATUS_BAD_INPUT);
    period.to.us = 0;
    assert_int_equal(report_hours(asking.sql, &period, &asking.json, &error), STATUS_BAD_INPUT);
    json_decref(told(&asking));
}

/* ---- places ---- */

static json_t *ask_demand(uint32_t minimum)
{
    struct asking asking;
    struct error error;
    struct report_period period = { .from = { 0 }, .to = { city.now.us + 1 } };
    ask(&asking);
    must(report_demand(asking.sql, &period, minimum, &asking.json, &error), &error);
    return told(&asking);
}

/* All calls of random_centre_run that were located by a seat's command lie at one place; the others at random ones. */
static void cells_hold_all_calls_that_have_a_place(void **state)
{
    (void)state;
    int64_t placed = 0, counted = 0;
    for (size_t i = 0; i < rows.call_count; i++) {
        placed += !instant_is_none(rows.calls[i].at[STAGE_PLACE_KNOWN]);
    }
    json_t *all = ask_demand(1);
    size_t i;
    const json_t *cell;
    json_array_foreach(json_object_get(all, "cells"), i, cell) { counted += json_integer_value(json_array_get(cell, 2)); }
    assert_int_equal(number_of(all, "hidden"), 0);
    assert_int_equal(counted, placed);
    assert_true(placed > 100);
    /* The fullest cell holds the common place, whose middle is not farther than half a diagonal. */
    struct geo_point middle, place = { 116 * 10000000, 39 * 10000000 };
    cell = json_array_get(json_object_get(all, "cells"), 0);
    assert_true(
        geo_point_from_degrees(json_number_value(json_array_get(cell, 0)), json_number_value(json_array_get(cell, 1)), &middle));
    assert_true(geo_distance_m(middle, place) <= 0.75 * DEMAND_CELL_M);
    json_decref(all);
}

static void few_calls_are_hidden(void **state)
{
    (void)state;
    json_t *all = ask_demand(1);
    size_t i, shown = 0;
    const json_t *cell;
    int64_t hidden = 0, minimum = json_integer_value(json_array_get(json_array_get(json_object_get(all, "cells"), 0), 2));
    json_array_foreach(json_object_get(all, "cells"), i, cell)
    {
        int64_t calls = json_integer_value(json_array_get(cell, 2));
        hidden += calls < minimum ? calls : 0;
        shown += calls >= minimum;
    }
    json_decref(all);
    json_t *few = ask_demand((uint32_t)minimum);
    assert_int_equal(json_array_size(json_object_get(few, "cells")), shown);
    assert_int_equal(number_of(few, "hidden"), hidden);
    json_decref(few);
    few = ask_demand(3); /* no count that could not be three more or less */
    json_array_foreach(json_object_get(few, "cells"), i, cell)
    {
        int64_t calls = json_integer_value(json_array_get(cell, 2));
        assert_true(calls >= 3 && calls % 3 == 0);
    }
    json_decref(few);
    few = ask_demand((uint32_t)minimum + 1);
    assert_int_equal(json_array_size(json_object_get(few, "cells")), 0);
    assert_true(number_of(few, "hidden") >= minimum);
    json_decref(few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_are_those_of_the_rows),
        cmocka_unit_test(too_many_hours),
        cmocka_unit_test(cells_hold_all_calls_that_have_a_place),
        cmocka_unit_test(few_calls_are_hidden),
    };
    return cmocka_run_group_tests(tests, make_report, forget_report);
}
