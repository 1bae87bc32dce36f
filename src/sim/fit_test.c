/* Fits: the parameters of synthetic samples come back; logs are cleaned as told; what is written is a scenario's. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/test_data.h"
#include "sim/fit.h"
#include "sim/fit_report.h"
#include "sim/scenario_sample.h"

static int compare_doubles(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

enum { SAMPLES = 20000 };
static double sorted[SAMPLES];

static void draw(const struct distribution *d, uint32_t quantity)
{
    struct random_stream stream;
    random_open(&stream, 11, quantity, 0);
    for (int i = 0; i < SAMPLES; i++) {
        sorted[i] = distribution_sample(d, &stream);
    }
    qsort(sorted, SAMPLES, sizeof *sorted, compare_doubles);
}

static void known_parameters_come_back(void **state)
{
    (void)state;
    static const struct distribution truths[] = {
        { .kind = DISTRIBUTION_EXPONENTIAL, .a = 720 },        { .kind = DISTRIBUTION_LOGNORMAL, .a = 300, .b = 0.5 },
        { .kind = DISTRIBUTION_WEIBULL, .a = 2.5, .b = 2058 }, { .kind = DISTRIBUTION_WEIBULL, .a = 0.7, .b = 100 },
        { .kind = DISTRIBUTION_GAMMA, .a = 2, .b = 300 },      { .kind = DISTRIBUTION_GAMMA, .a = 0.4, .b = 100 },
    };
    static const int family[] = { FIT_EXPONENTIAL, FIT_LOGNORMAL, FIT_WEIBULL, FIT_WEIBULL, FIT_GAMMA, FIT_GAMMA };
    for (size_t i = 0; i < ARRAY_LENGTH(truths); i++) {
        struct fit fits[FIT_COUNT];
        draw(&truths[i], (uint32_t)i);
        fit_all(sorted, SAMPLES, fits);
        const struct fit *fit = &fits[family[i]];
        assert_int_equal(fit->distribution.kind, truths[i].kind);
        assert_true(fabs(fit->distribution.a / truths[i].a - 1) < 0.04);
        assert_true(truths[i].b == 0 || fabs(fit->distribution.b / truths[i].b - 1) < 0.04);
        assert_true(fit->ks < 1.63 / sqrt(SAMPLES)); /* the 1 % bound of Kolmogorov and Smirnov */
        int best = fit_best(fits);
        assert_true(best == family[i] || fits[best].aic > fit->aic - 6); /* the exponential is a weibull and a gamma too */
    }
}

/* At the maximum, no small change of a parameter raises the likelihood. */
static double log_likelihood(const struct distribution *d)
{
    double sum = 0;
    for (int i = 0; i < SAMPLES; i++) {
        double x = sorted[i], z = log(x / d->a) / d->b;
        sum += d->kind == DISTRIBUTION_WEIBULL ? log(d->a / d->b) + (d->a - 1) * log(x / d->b) - pow(x / d->b, d->a)
               : d->kind == DISTRIBUTION_GAMMA ? (d->a - 1) * log(x) - x / d->b - lgamma(d->a) - d->a * log(d->b)
                                               : -log(x * d->b * sqrt(2 * M_PI)) - z * z / 2;
    }
    return sum;
}

static void fits_are_at_the_maximum(void **state)
{
    (void)state;
    struct distribution truth = { .kind = DISTRIBUTION_GAMMA, .a = 1.7, .b = 100 };
    struct fit fits[FIT_COUNT];
    draw(&truth, 40);
    fit_all(sorted, SAMPLES, fits);
    for (int i = FIT_LOGNORMAL; i < FIT_COUNT; i++) {
        struct distribution d = fits[i].distribution;
        double best = log_likelihood(&d);
        assert_true(fabs(best - fits[i].log_likelihood) < 1e-6 * fabs(best));
        for (int change = 0; change < 4; change++) {
            struct distribution moved = d;
            *(change < 2 ? &moved.a : &moved.b) *= change % 2 == 0 ? 1.005 : 0.995;
            assert_true(log_likelihood(&moved) < best);
        }
    }
}

static void derivatives_of_the_gamma_function(void **state)
{
    (void)state;
    assert_true(fabs(fit_digamma(1) + 0.57721566490153286) < 1e-12);
    assert_true(fabs(fit_digamma(0.5) + 1.9635100260214235) < 1e-12);
    assert_true(fabs(fit_trigamma(1) - 1.6449340668482264) < 1e-11);
    assert_true(fabs(fit_trigamma(0.5) - 4.934802200544679) < 1e-11);
}

static void equal_durations_are_no_trouble(void **state)
{
    (void)state;
    double same[40];
    struct fit fits[FIT_COUNT];
    for (int i = 0; i < 40; i++) {
        same[i] = 60;
    }
    fit_all(same, 40, fits);
    assert_int_equal(fit_best(fits), FIT_EXPONENTIAL);
    struct distribution d = fit_empirical(same, 40);
    struct error error;
    assert_int_equal(distribution_check(&d, &error), STATUS_OK);
    assert_true(fabs(distribution_mean(&d) - 60) < 1e-9);
}

#define LOG_HEADER \
    "incident,unit,priority,call_offered,unit_assigned,unit_departed,on_scene,left_scene,at_facility,available,lon,lat\n"

static void logs_are_cleaned_and_counted(void **state)
{
    (void)state;
    static const char text[] = LOG_HEADER "1,A,critical,2020-04-07 23:59:30,2020-04-08 00:00:00,2020-04-08 00:00:40,2020-04-08 "
                                          "00:06:00,2020-04-08 00:20:00,2020-04-08 "
                                          "00:30:00,2020-04-08 00:45:00,10,50\n"
                                          "1,A,critical,2020-04-07 23:59:30,,,,,,,,\n" /* doubled */
                                          "1,B,severe,2020-04-07 23:59:00,2020-04-08T00:01:00,2020-04-08 00:00:50,,,,2020-04-08 "
                                          "00:05:00,,\n" /* departs before ordered */
                                          "2,A,urgent,2020-04-09 12:00:00,2020-04-09 12:00:00,,2020-04-09 12:10:00,,,2020-04-09 "
                                          "22:00:00,,\n" /* ten hours on scene */
                                          "3,A,high,2020-04-09 12:00:00,,,,,,,,\n"
                                          "4,A,urgent,2020-02-30 12:00:00,,,,,,,,\n"
                                          "5,A,urgent,,,,,,,,,\n";
    struct fit_log log;
    struct error error = { .text = "" };
    if (fit_log_parse("log", text, sizeof text - 1, FIT_FORMAT_GUESS, &log, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_true(log.rows == 7 && log.used == 3 && log.incidents.count == 2 && log.days == 3);
    assert_true(log.dropped[REASON_DOUBLED] == 1 && log.dropped[REASON_BACKWARDS] == 1 && log.dropped[REASON_IMPLAUSIBLE] == 1);
    assert_true(log.dropped[REASON_NO_PRIORITY] == 1 && log.dropped[REASON_BAD_TIME] == 2);
    assert_int_equal(log.stages[STAGE_DELAY].count, 2);
    assert_true(log.stages[STAGE_DELAY].items[0].seconds + log.stages[STAGE_DELAY].items[1].seconds ==
                60 + 0.5); /* across midnight */
    assert_int_equal(log.stages[STAGE_HANDOVER].count, 1);
    assert_true(log.stages[STAGE_HANDOVER].items[0].seconds == 900 && log.stages[STAGE_HANDOVER].items[0].hour == 23);
    assert_true(log.arrived[PRIORITY_CRITICAL] == 1 && log.transported[PRIORITY_CRITICAL] == 1);
    assert_true(log.incidents.items[0].priority == PRIORITY_CRITICAL && log.incidents.items[0].placed);
    fit_log_free(&log);
}

static void a_log_without_its_columns_is_refused(void **state)
{
    (void)state;
    struct fit_log log;
    struct error error = { .text = "" };
    assert_int_equal(fit_log_parse("log", "a,b\n1,2\n", 8, FIT_FORMAT_GUESS, &log, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "log:1: no column \"incident\""));
    assert_int_equal(fit_log_parse("log", LOG_HEADER, sizeof LOG_HEADER - 1, FIT_FORMAT_MINGDI, &log, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "no row that counts"));
}

/* San Francisco, two weeks of April 2020: facts of the file, and a scenario that takes what is written. */
static void san_francisco_fits_a_scenario(void **state)
{
    (void)state;
    char path[1024];
    snprintf(path, sizeof path, "%s/calls/san-francisco-2020-04.csv", test_data_folder());
    struct fit_log log;
    struct error error = { .text = "" };
    enum status status = fit_log_load(path, FIT_FORMAT_GUESS, &log, &error);
    if (status == STATUS_NOT_FOUND) {
        print_message("skipped: %s\n", error.text);
        skip();
    }
    assert_int_equal(status, STATUS_OK);
    assert_true(log.rows == 10410 && log.days == 14 && log.dropped[REASON_NOT_MEDICAL] == 10410 - 7528);
    struct sample_folder folder;
    struct scenario *scenario = NULL;
    sample_make(&folder);
    sample_write(&folder, "needs.csv", NULL);
    if (fit_report_write(&log, "sf", folder.path, &error) != STATUS_OK ||
        scenario_load(folder.path, &scenario, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    double calls = (double)log.incidents.count / 14;
    assert_true(fabs(scenario->calls_per_day_mean - calls) < 0.01);
    double fitted = distribution_mean(&scenario->priorities[PRIORITY_SEVERE].on_scene), sum = 0, count = 0;
    for (size_t i = 0; i < log.stages[STAGE_ON_SCENE].count; i++) {
        const struct fit_duration *d = &log.stages[STAGE_ON_SCENE].items[i];
        sum += d->priority == PRIORITY_SEVERE ? d->seconds : 0;
        count += d->priority == PRIORITY_SEVERE;
    }
    assert_true(fabs(fitted / (sum / count) - 1) < 0.05);
    scenario_free(scenario);
    sample_remove(&folder);
    fit_log_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_parameters_come_back),        cmocka_unit_test(fits_are_at_the_maximum),
        cmocka_unit_test(derivatives_of_the_gamma_function), cmocka_unit_test(equal_durations_are_no_trouble),
        cmocka_unit_test(logs_are_cleaned_and_counted),      cmocka_unit_test(a_log_without_its_columns_is_refused),
        cmocka_unit_test(san_francisco_fits_a_scenario),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
