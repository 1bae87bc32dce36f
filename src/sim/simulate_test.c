/* Whole simulations of the small town in tests/cli/town: what may not change anything (the journal's kind, the number of threads)
 * changes nothing, and what must hold of every run holds. Real cities and exact queues: tests/cli/validation.bats, queue.bats. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "policy/policies.h"
#include "road/import.h"
#include "sim/scenario.h"
#include "sim/simulate.h"

#define TOWN MINGDI_SOURCE_DIR "/tests/cli/town"

static char folder[] = "simulate_test_XXXXXX";
static char city_path[64], journal_path[64];
static struct scenario *scenario;
static struct city *city;
static struct roads *roads;

static void must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fail_msg("%s", error->text);
    }
}

static int open_town(void **state)
{
    (void)state;
    struct error error;
    assert_non_null(mkdtemp(folder));
    snprintf(city_path, sizeof city_path, "%s/city.mingdi", folder);
    snprintf(journal_path, sizeof journal_path, "%s/journal.db", folder);
    const struct import_options options = { .geojson = TOWN "/roads.geojson", .output = city_path };
    must(import_city(&options, &error), &error);
    must(city_open(city_path, &city, &error), &error);
    must(scenario_load(TOWN "/scenario", &scenario, &error), &error);
    must(roads_create(city, &roads, &error), &error);
    return 0;
}

static int close_town(void **state)
{
    (void)state;
    roads_destroy(roads);
    scenario_free(scenario);
    city_close(city);
    unlink(city_path);
    return rmdir(folder);
}

static struct simulate_outcome run(const char *policy, struct simulate_options options)
{
    struct world_setting setting;
    struct simulate_outcome outcome;
    struct error error;
    must(world_setting_create(scenario, roads, policy_find(policy), &setting, &error), &error);
    must(simulate(&setting, &options, &outcome, &error), &error);
    world_setting_free(&setting);
    return outcome;
}

static bool same_number(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static void assert_same_calls(const struct simulate_outcome *a, const struct simulate_outcome *b)
{
    assert_int_equal(a->state_hash, b->state_hash);
    assert_int_equal(a->entries, b->entries);
    assert_int_equal(a->commands, b->commands);
    assert_int_equal(a->call_count, b->call_count);
    for (size_t i = 0; i < a->call_count; i++) {
        const struct simulate_call *x = &a->calls[i], *y = &b->calls[i];
        assert_true(x->number == y->number && x->unit == y->unit && x->facility == y->facility && x->diversions == y->diversions);
        assert_true(same_number(x->queued_s, y->queued_s) && same_number(x->response_s, y->response_s));
        assert_true(same_number(x->service_s, y->service_s));
    }
}

static void assert_same_figures(const struct simulate_outcome *a, const struct simulate_outcome *b)
{
    assert_int_equal(a->summary.layout.total, b->summary.layout.total);
    for (size_t place = 0; place < a->summary.layout.total; place++) {
        struct estimate x = measure_estimate(&a->summary, place), y = measure_estimate(&b->summary, place);
        assert_true(same_number(x.mean, y.mean) && same_number(x.half_width, y.half_width) && x.replications == y.replications);
    }
}

static void journal_in_a_file_or_in_memory(void **state)
{
    (void)state;
    struct simulate_options options = { .days = 20, .warmup_days = 1, .replications = 2, .seed = 9, .jobs = 1 };
    struct simulate_outcome memory = run("standard", options);
    options.journal_path = journal_path;
    struct simulate_outcome file = run("standard", options);
    assert_true(memory.call_count > 500 && memory.entries > 10 * memory.call_count);
    assert_same_calls(&memory, &file);
    assert_same_figures(&memory, &file);
    struct simulate_options other = options;
    other.journal_path = NULL;
    other.seed = 10;
    struct simulate_outcome another = run("standard", other);
    assert_int_not_equal(memory.state_hash, another.state_hash);
    simulate_outcome_free(&another);
    simulate_outcome_free(&memory);
    simulate_outcome_free(&file);
    assert_int_equal(unlink(journal_path), 0);
    char *lock = file_join(folder, "journal.db-lock");
    unlink(lock); /* if there is one */
    free(lock);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    struct simulate_options options = { .days = 5, .warmup_days = 1, .replications = 7, .seed = 3, .jobs = 1 };
    struct simulate_outcome one = run("nearest", options);
    for (uint32_t jobs = 2; jobs <= 8; jobs += 3) {
        options.jobs = jobs;
        struct simulate_outcome many = run("nearest", options);
        assert_same_calls(&one, &many);
        assert_same_figures(&one, &many);
        assert_int_equal(one.calls_simulated, many.calls_simulated);
        simulate_outcome_free(&many);
    }
    simulate_outcome_free(&one);
}

static double mean_response_s(const struct simulate_outcome *outcome)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < outcome->call_count; i++) {
        if (!isnan(outcome->calls[i].response_s)) {
            sum += outcome->calls[i].response_s;
            count += 1;
        }
    }
    return sum / (double)count;
}

/* A mission that runs over a whole break costs the next shift nothing: a minute's break a day is hardly felt. */
static void a_break_of_a_minute(void **state)
{
    (void)state;
    struct simulate_options options = { .days = 60, .replications = 1, .seed = 5, .jobs = 1 };
    int32_t start_s[16] = { 0 }, end_s[16] = { 0 };
    assert_true(scenario->unit_count <= 16);
    for (uint32_t i = 0; i < scenario->unit_count; i++) {
        start_s[i] = scenario->units[i].shift_start_s;
        end_s[i] = scenario->units[i].shift_end_s;
        scenario->units[i].shift_start_s = scenario->units[i].shift_end_s = 0;
    }
    struct simulate_outcome without = run("nearest", options);
    for (uint32_t i = 0; i < scenario->unit_count; i++) {
        scenario->units[i].shift_end_s = 12 * 3600;
        scenario->units[i].shift_start_s = 12 * 3600 + 60;
    }
    struct simulate_outcome with = run("nearest", options);
    for (uint32_t i = 0; i < scenario->unit_count; i++) {
        scenario->units[i].shift_start_s = start_s[i];
        scenario->units[i].shift_end_s = end_s[i];
    }
    assert_int_equal(with.call_count, without.call_count);
    double longer = mean_response_s(&with) / mean_response_s(&without);
    if (longer > 1.05) {
        fail_msg("responses take %.2f times as long", longer);
    }
    simulate_outcome_free(&with);
    simulate_outcome_free(&without);
}

/* More days are the same days first: a replication's calls do not depend on how long it goes on. */
static void a_longer_run_begins_alike(void **state)
{
    (void)state;
    struct simulate_options options = { .days = 4, .replications = 1, .seed = 3, .jobs = 1 };
    struct simulate_outcome brief = run("nearest", options);
    options.days = 12;
    struct simulate_outcome longer = run("nearest", options);
    assert_true(longer.call_count > 2 * brief.call_count);
    size_t alike = 0;
    for (size_t i = 0; i < brief.call_count; i++) {
        alike += brief.calls[i].unit == longer.calls[i].unit && brief.calls[i].response_s == longer.calls[i].response_s;
    }
    assert_true(alike + 5 >= brief.call_count); /* the last ones meet calls that the brief run has not */
    simulate_outcome_free(&brief);
    simulate_outcome_free(&longer);
}

static void every_call_is_served_once(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct simulate_options options = { .days = 30, .replications = 1, .seed = 21, .jobs = 1 };
        struct simulate_outcome outcome = run(i == 0 ? "nearest" : "standard", options);
        const struct measure_layout *layout = &outcome.summary.layout;
        assert_int_equal(outcome.call_count, outcome.calls_simulated);
        for (size_t c = 0; c < outcome.call_count; c++) {
            const struct simulate_call *call = &outcome.calls[c];
            assert_int_equal(call->number, c + 1);
            assert_true(call->unit >= 1 && call->unit <= scenario->unit_count);
            assert_true(call->response_s >= 50 + call->queued_s - 1e-5 && call->service_s > call->response_s);
        }
        assert_true(measure_estimate(&outcome.summary, place_figure(layout, FIGURE_SATISFACTION, group_all())).mean == 1);
        simulate_outcome_free(&outcome);
    }
}

/* Thousands who call within half a minute wait, and are all served. */
static void a_disaster(void **state)
{
    (void)state;
    enum { CALLS = 6000 };
    struct call_list list = { .calls = calloc(CALLS, sizeof *list.calls), .count = CALLS };
    assert_non_null(list.calls);
    for (uint32_t i = 0; i < CALLS; i++) {
        list.calls[i] = (struct call_truth){ .number = i + 1,
                                             .arrival = { (int64_t)i * 5000 },
                                             .delay = duration_seconds(30),
                                             .on_scene = duration_seconds(600),
                                             .point = scenario->stations[0].point,
                                             .priority = i % 2 == 0 ? PRIORITY_CRITICAL : PRIORITY_URGENT };
    }
    const struct simulate_options options = { .replications = 1, .list = &list, .jobs = 1 };
    struct simulate_outcome outcome = run("nearest", options);
    assert_int_equal(outcome.call_count, CALLS);
    uint32_t served = 0;
    for (size_t i = 0; i < outcome.call_count; i++) {
        served += outcome.calls[i].unit != 0;
    }
    assert_int_equal(served, CALLS);
    simulate_outcome_free(&outcome);
    free(list.calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(journal_in_a_file_or_in_memory),
        cmocka_unit_test(any_number_of_threads),
        cmocka_unit_test(a_break_of_a_minute),
        cmocka_unit_test(a_longer_run_begins_alike),
        cmocka_unit_test(every_call_is_served_once),
        cmocka_unit_test(a_disaster),
    };
    return cmocka_run_group_tests_name("sim/simulate", tests, open_town, close_town);
}
