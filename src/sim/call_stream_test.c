/* Random calls: rates by hour, shares, places and stages are those of the scenario; streams repeat, and differ by replication. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/call_stream.h"
#include "sim/scenario_sample.h"

static struct sample_folder folder;
static struct scenario *scenario;
static struct call_places *places;

static int set_up(void **state)
{
    (void)state;
    struct error error = { .text = "" };
    sample_make(&folder);
    if (scenario_load(folder.path, &scenario, &error) != STATUS_OK ||
        call_places_create(scenario, &places, &error) != STATUS_OK) {
        print_error("%s\n", error.text);
        return -1;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    call_places_destroy(places);
    scenario_free(scenario);
    sample_remove(&folder);
    return 0;
}

static void open_stream(struct call_stream *stream, uint64_t seed, uint32_t replication, double days)
{
    struct error error;
    assert_int_equal(call_stream_open(stream, scenario, places, seed, replication, days * 86400, &error), STATUS_OK);
}

static bool near(double got, double expected, double deviation) { return fabs(got - expected) <= 5 * deviation; }

static void arrivals_follow_the_rates(void **state)
{
    (void)state;
    enum { WEEKS = 300 };
    double counts[HOURS_A_WEEK][PRIORITY_COUNT] = { 0 };
    struct call_stream stream;
    struct call_truth call;
    int64_t last = 0;
    open_stream(&stream, 1, 0, 7.0 * WEEKS);
    while (call_stream_next(&stream, &call)) {
        assert_true(call.arrival.us >= last);
        last = call.arrival.us;
        if (call.arrival.us < WEEKS * 7 * US_PER_DAY) {
            counts[(call.arrival.us / US_PER_HOUR + scenario->start_hour_of_week) % HOURS_A_WEEK][call.priority] += 1;
        }
    }
    for (int h = 0; h < HOURS_A_WEEK; h++) {
        for (int p = 0; p < PRIORITY_COUNT; p++) {
            double expected = scenario->calls_per_day[h][p] / 24 * WEEKS;
            assert_true(near(counts[h][p], expected, sqrt(expected)));
        }
    }
}

/* What is counted over many calls. */
struct tally {
    double calls, of[PRIORITY_COUNT], transported[PRIORITY_COUNT], on_scene[PRIORITY_COUNT], stroke, trauma_critical;
    double cell[4];
};

static int cell_of(const struct call_truth *call)
{
    for (int i = 0; i < 4; i++) {
        if (labs((long)call->point.lon_e7 - scenario->cells[i].point.lon_e7) <= 50000 &&
            labs((long)call->point.lat_e7 - scenario->cells[i].point.lat_e7) <= 25000) {
            return i;
        }
    }
    fail_msg("a call outside every cell");
    return -1;
}

static void add(struct tally *tally, const struct call_truth *call)
{
    int cell = cell_of(call);
    tally->calls += 1;
    tally->of[call->priority] += 1;
    tally->transported[call->priority] += call->transport;
    tally->on_scene[call->priority] += duration_to_seconds(call->on_scene);
    tally->stroke += call->need == CARE_STROKE;
    tally->trauma_critical += call->priority == PRIORITY_CRITICAL && call->need == CARE_TRAUMA;
    tally->cell[cell] += 1;
    assert_int_equal(call->district, scenario->cells[cell].district);
    assert_true(call->delay.us == 60 * US_PER_SECOND && call->mobilisation.us == 0);
    assert_true(call->handover.us >= 300 * US_PER_SECOND && call->handover.us <= 600 * US_PER_SECOND);
}

static void places_and_stages_are_as_given(void **state)
{
    (void)state;
    struct tally t = { 0 };
    struct call_stream stream;
    struct call_truth call;
    open_stream(&stream, 2, 0, 1000);
    while (call_stream_next(&stream, &call)) {
        add(&t, &call);
    }
    assert_true(t.calls > 200000);
    static const double weights[] = { 0.3, 0.1, 0.4, 0.2 };
    for (int i = 0; i < 4; i++) {
        assert_true(near(t.cell[i] / t.calls, weights[i], sqrt(weights[i] / t.calls)));
    }
    assert_true(t.transported[PRIORITY_SEVERE] == t.of[PRIORITY_SEVERE]);
    assert_true(near(t.transported[PRIORITY_URGENT] / t.of[PRIORITY_URGENT], 0.25, sqrt(0.19 / t.of[PRIORITY_URGENT])));
    assert_true(near(t.on_scene[PRIORITY_CRITICAL] / t.of[PRIORITY_CRITICAL], 600, 424 / sqrt(t.of[PRIORITY_CRITICAL])));
    assert_true(near(t.on_scene[PRIORITY_URGENT] / t.of[PRIORITY_URGENT], 720, 720 / sqrt(t.of[PRIORITY_URGENT])));
    assert_true(near(t.stroke / t.calls, 0.1, sqrt(0.09 / t.calls)));
    assert_true(near(t.trauma_critical / t.of[PRIORITY_CRITICAL], 0.25, sqrt(0.19 / t.of[PRIORITY_CRITICAL])));
}

static void streams_repeat_and_replications_differ(void **state)
{
    (void)state;
    struct call_stream first, second, other;
    struct call_truth a, b, c;
    bool differs = false;
    open_stream(&first, 5, 3, 30);
    open_stream(&second, 5, 3, 30);
    open_stream(&other, 5, 4, 30);
    for (int i = 0; i < 1000; i++) {
        assert_true(call_stream_next(&first, &a) && call_stream_next(&second, &b) && call_stream_next(&other, &c));
        assert_true(a.arrival.us == b.arrival.us && a.point.lon_e7 == b.point.lon_e7 && a.on_scene.us == b.on_scene.us);
        assert_true(a.number == (uint64_t)i + 1);
        differs |= a.point.lon_e7 != c.point.lon_e7;
    }
    assert_true(differs);
}

/* Other service times must not move the calls: that is what common random numbers are for. */
static void one_quantity_does_not_shift_another(void **state)
{
    (void)state;
    struct call_stream first, second;
    struct call_truth a, b;
    struct scenario changed = *scenario;
    struct error error;
    changed.priorities[PRIORITY_SEVERE].on_scene = distribution_constant(1);
    open_stream(&first, 5, 0, 30);
    assert_int_equal(call_stream_open(&second, &changed, places, 5, 0, 30 * 86400, &error), STATUS_OK);
    while (call_stream_next(&first, &a)) {
        assert_true(call_stream_next(&second, &b));
        assert_true(a.arrival.us == b.arrival.us && a.handover.us == b.handover.us && a.point.lat_e7 == b.point.lat_e7);
        assert_true(a.priority == PRIORITY_SEVERE || a.on_scene.us == b.on_scene.us);
    }
    assert_false(call_stream_next(&second, &b));
}

static void the_last_call_is_the_first_after_the_end(void **state)
{
    (void)state;
    struct call_stream stream;
    struct call_truth call;
    int after = 0;
    open_stream(&stream, 9, 0, 2.1);
    while (call_stream_next(&stream, &call)) {
        after += call.arrival.us >= (int64_t)(2.1 * 86400) * US_PER_SECOND;
    }
    assert_int_equal(after, 1);
    assert_false(call_stream_next(&stream, &call));
}

static void without_rates_or_cells_it_is_refused(void **state)
{
    (void)state;
    struct scenario bare = *scenario;
    struct call_stream stream;
    struct call_places *none;
    struct error error;
    bare.calls_per_day_mean = 0;
    bare.cell_count = 0;
    assert_int_equal(call_stream_open(&stream, &bare, places, 1, 0, 1, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "rate.csv"));
    assert_int_equal(call_places_create(&bare, &none, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "demand.csv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_follow_the_rates),
        cmocka_unit_test(places_and_stages_are_as_given),
        cmocka_unit_test(streams_repeat_and_replications_differ),
        cmocka_unit_test(one_quantity_does_not_shift_another),
        cmocka_unit_test(the_last_call_is_the_first_after_the_end),
        cmocka_unit_test(without_rates_or_cells_it_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
