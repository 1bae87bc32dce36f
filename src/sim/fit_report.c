/* See fit_report.h. Workload: six stages, some groups each; sorting the durations of a group is the cost. */
#include "sim/fit_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "sim/fit.h"
#include "sim/scenario_private.h"

enum { HOURS = 24, QUARTERS = 4, ANY = -1 };

static const char *const QUARTER_NAMES[QUARTERS] = { "00-06 h", "06-12 h", "12-18 h", "18-24 h" };

/* ---- samples ---- */

struct samples {
    double *sorted;
    size_t count;
    double mean;
};

static int compare_doubles(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

/* Those of one priority and quarter of the day, or ANY. Freed by the caller; sorted is NULL when there are none. */
static struct samples take_samples(const struct fit_durations *durations, int priority, int quarter)
{
    struct samples samples = { .sorted = malloc((durations->count + 1) * sizeof(double)) };
    CHECK(samples.sorted != NULL);
    for (size_t i = 0; i < durations->count; i++) {
        const struct fit_duration *d = &durations->items[i];
        if ((priority == ANY || d->priority == priority) && (quarter == ANY || d->hour / (HOURS / QUARTERS) == quarter)) {
            samples.sorted[samples.count++] = d->seconds;
            samples.mean += d->seconds;
        }
    }
    samples.mean /= samples.count > 0 ? (double)samples.count : 1;
    qsort(samples.sorted, samples.count, sizeof *samples.sorted, compare_doubles);
    return samples;
}

struct choice {
    struct fit fits[FIT_COUNT];
    int best;
    struct distribution taken;
    bool empirical;
};

static struct choice choose(const struct samples *samples)
{
    struct choice choice = { .best = FIT_EXPONENTIAL };
    fit_all(samples->sorted, samples->count, choice.fits);
    choice.best = fit_best(choice.fits);
    choice.empirical = choice.fits[choice.best].ks > FIT_KS_MAX;
    choice.taken = choice.empirical ? fit_empirical(samples->sorted, samples->count) : choice.fits[choice.best].distribution;
    return choice;
}

/* ---- tables ---- */

static void print_row(struct text *out, const char *what, double mean, double p50, double p90, double p95)
{
    text_printf(out, "    %-42s %8.0f %8.0f %8.0f %8.0f", what, mean, p50, p90, p95);
}

/* "weibull 1.4, 310": enough to recognise it by; the exact form stands in service.csv. */
static void short_form(const struct distribution *d, char *target, size_t size)
{
    bool one = d->kind == DISTRIBUTION_EXPONENTIAL;
    snprintf(target, size,
             one                                 ? "%s(mean %.1f s)"
             : d->kind == DISTRIBUTION_LOGNORMAL ? "%s(median %.1f s, sigma %.3f)"
                                                 : "%s(shape %.3f, scale %.1f s)",
             distribution_kind_name(d->kind), d->a, d->b);
}

static void print_fits(struct text *out, const struct choice *choice)
{
    for (int i = 0; i < FIT_COUNT; i++) {
        const struct fit *fit = &choice->fits[i];
        if (!fit->possible) {
            continue;
        }
        char form[80];
        short_form(&fit->distribution, form, sizeof form);
        print_row(out, form, distribution_mean(&fit->distribution), distribution_quantile(&fit->distribution, 0.5),
                  distribution_quantile(&fit->distribution, 0.9), distribution_quantile(&fit->distribution, 0.95));
        text_printf(out, " %12.1f %7.3f%s\n", fit->aic, fit->ks,
                    i != choice->best   ? ""
                    : choice->empirical ? "  best, but too far off: quantiles taken"
                                        : "  taken");
    }
}

static void print_group(struct text *out, const struct fit_durations *durations, const char *label, int priority, int quarter)
{
    struct samples samples = take_samples(durations, priority, quarter);
    if (samples.count > 0) {
        text_printf(out, "  %s, n = %zu\n", label, samples.count);
        print_row(out, "data", samples.mean, fit_data_quantile(samples.sorted, samples.count, 0.5),
                  fit_data_quantile(samples.sorted, samples.count, 0.9), fit_data_quantile(samples.sorted, samples.count, 0.95));
        text_puts(out, "\n");
    }
    if (samples.count >= FIT_SAMPLES_MIN) {
        struct choice choice = choose(&samples);
        print_fits(out, &choice);
    } else if (samples.count > 0) {
        text_printf(out, "    too few to fit (fewer than %d)\n", FIT_SAMPLES_MIN);
    }
    free(samples.sorted);
}

static void print_stage(struct text *out, const struct fit_log *log, enum fit_stage stage)
{
    static const char *const meanings[STAGE_COUNT] = {
        "from the call to the first unit assigned",
        "from the order to the departure",
        "from the arrival until it leaves or is free",
        "from the facility's door until it is available",
        "from the departure to the arrival (the roads give it in a simulation)",
        "from the scene to the facility (likewise)",
    };
    text_printf(out, "\n%s: %s, seconds\n    %-42s %8s %8s %8s %8s %12s %7s\n", fit_stage_name(stage), meanings[stage], "",
                "mean", "P50", "P90", "P95", "AIC", "KS");
    print_group(out, &log->stages[stage], "all", ANY, ANY);
    for (int p = 0; p < PRIORITY_COUNT; p++) {
        print_group(out, &log->stages[stage], PRIORITY_NAMES[p], p, ANY);
    }
    for (int q = 0; q < QUARTERS; q++) {
        print_group(out, &log->stages[stage], QUARTER_NAMES[q], ANY, q);
    }
}

static void count_arrivals(const struct fit_log *log, uint64_t counts[HOURS][PRIORITY_COUNT])
{
    memset(counts, 0, HOURS * sizeof *counts);
    for (size_t i = 0; i < log->incidents.count; i++) {
        counts[log->incidents.items[i].received_s % 86400 / 3600][log->incidents.items[i].priority]++;
    }
}

/* Variance over mean of the calls in one hour of the day from day to day, averaged: 1 for a Poisson process. */
static double dispersion(const struct fit_log *log)
{
    size_t cells = (size_t)log->days * HOURS;
    double *count = log->days > 1 && log->days < 40000 ? calloc(cells, sizeof *count) : NULL;
    if (count == NULL) {
        return NAN;
    }
    for (size_t i = 0; i < log->incidents.count; i++) {
        int64_t hour = log->incidents.items[i].received_s / 3600 - log->first_day * HOURS;
        count[hour] += 1;
    }
    double variance_sum = 0, mean_sum = 0;
    for (size_t h = 0; h < HOURS; h++) {
        double sum = 0, squares = 0;
        for (size_t d = 0; d < (size_t)log->days; d++) {
            sum += count[d * HOURS + h];
            squares += count[d * HOURS + h] * count[d * HOURS + h];
        }
        double mean = sum / (double)log->days;
        mean_sum += mean;
        variance_sum += (squares - sum * mean) / ((double)log->days - 1);
    }
    free(count);
    return mean_sum > 0 ? variance_sum / mean_sum : NAN;
}

static void print_arrivals(struct text *out, const struct fit_log *log)
{
    uint64_t counts[HOURS][PRIORITY_COUNT];
    count_arrivals(log, counts);
    text_printf(
        out, "\narrivals: %zu incidents in %lld days, %.1f a day; variance/mean of the hourly counts %.2f (1: Poisson)\n  hour",
        log->incidents.count, (long long)log->days, (double)log->incidents.count / (double)log->days, dispersion(log));
    for (int p = 0; p < PRIORITY_COUNT; p++) {
        text_printf(out, " %11s", PRIORITY_NAMES[p]);
    }
    text_puts(out, "    calls an hour\n");
    for (int h = 0; h < HOURS; h++) {
        double sum = 0;
        text_printf(out, "  %4d", h);
        for (int p = 0; p < PRIORITY_COUNT; p++) {
            text_printf(out, " %11llu", (unsigned long long)counts[h][p]);
            sum += (double)counts[h][p];
        }
        text_printf(out, " %16.2f\n", sum / (double)log->days);
    }
}

static void print_transported(struct text *out, const struct fit_log *log)
{
    text_puts(out, "\ntransported, of the units that arrived\n");
    for (int p = 0; p < PRIORITY_COUNT; p++) {
        if (log->arrived[p] > 0) {
            double share = (double)log->transported[p] / (double)log->arrived[p];
            text_printf(out, "  %-10s %6.1f %% +- %.1f of %llu\n", PRIORITY_NAMES[p], 100 * share,
                        196 * sqrt(share * (1 - share) / (double)log->arrived[p]), (unsigned long long)log->arrived[p]);
        }
    }
}

void fit_report_print(const struct fit_log *log, const char *name, struct text *out)
{
    text_printf(out, "%s: %llu rows, %llu missions of units that transport, %zu incidents\n", name, (unsigned long long)log->rows,
                (unsigned long long)log->used, log->incidents.count);
    for (int i = 0; i < REASON_COUNT; i++) {
        if (log->dropped[i] > 0) {
            text_printf(out, "  left out: %llu %s\n", (unsigned long long)log->dropped[i], fit_reason_text((enum fit_reason)i));
        }
    }
    print_arrivals(out, log);
    print_transported(out, log);
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        print_stage(out, log, (enum fit_stage)stage);
    }
}

/* ---- files ---- */

static enum status save(const char *folder, const char *file, struct text *out, struct error *error)
{
    char *path = file_join(folder, file);
    enum status status = out->failed ? ERROR(error, STATUS_NO_MEMORY, "%s: no memory", path)
                                     : file_write_whole(path, out->bytes, out->length, error);
    free(path);
    text_clear(out);
    return status;
}

/* Six digits: more would feign a certainty that no sample gives. */
static double tidy(double value)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.6g", value);
    return strtod(digits, NULL);
}

static void tidy_distribution(struct distribution *d)
{
    d->a = tidy(d->a);
    d->b = tidy(d->b);
    for (unsigned i = 0; i < d->point_count; i++) {
        d->value[i] = tidy(d->value[i]);
    }
}

static void service_line(struct text *out, enum fit_stage stage, const char *priority, const struct samples *samples)
{
    struct choice choice = choose(samples);
    tidy_distribution(&choice.taken);
    text_printf(out, "%s,%s,\"", fit_stage_name(stage), priority);
    distribution_format(&choice.taken, out);
    if (choice.empirical) {
        text_printf(out, "\",\"n %zu, the data's own quantiles\"\n", samples->count);
    } else {
        text_printf(out, "\",\"n %zu, KS %.3f\"\n", samples->count, choice.fits[choice.best].ks);
    }
}

static enum status write_service(const struct fit_log *log, const char *name, const char *folder, struct text *out,
                                 struct error *error)
{
    text_printf(out, "# fitted to %s\nquantity,priority,distribution,comment\n", name);
    for (int stage = 0; stage <= STAGE_HANDOVER; stage++) {
        struct samples all = take_samples(&log->stages[stage], ANY, ANY);
        bool enough = all.count >= FIT_SAMPLES_MIN;
        if (enough) {
            service_line(out, (enum fit_stage)stage, "*", &all);
        }
        free(all.sorted);
        if (!enough && stage != STAGE_MOBILISATION) {
            return ERROR(error, STATUS_BAD_INPUT, "%s: only %zu durations for %s; %d are needed for service.csv", name, all.count,
                         fit_stage_name((enum fit_stage)stage), FIT_SAMPLES_MIN);
        }
        for (int p = 0; p < PRIORITY_COUNT; p++) {
            struct samples samples = take_samples(&log->stages[stage], p, ANY);
            if (samples.count >= FIT_SAMPLES_MIN) {
                service_line(out, (enum fit_stage)stage, PRIORITY_NAMES[p], &samples);
            }
            free(samples.sorted);
        }
    }
    for (int p = 0; p < PRIORITY_COUNT; p++) {
        if (log->arrived[p] > 0) {
            text_printf(out, "transport,%s,bernoulli(%.4f),n %llu\n", PRIORITY_NAMES[p],
                        (double)log->transported[p] / (double)log->arrived[p], (unsigned long long)log->arrived[p]);
        }
    }
    return save(folder, "service.csv", out, error);
}

static enum status write_rates(const struct fit_log *log, const char *name, const char *folder, struct text *out,
                               struct error *error)
{
    uint64_t counts[HOURS][PRIORITY_COUNT], sums[PRIORITY_COUNT] = { 0 };
    count_arrivals(log, counts);
    text_printf(out, "# calls a day by hour, from %s\nday,hour,priority,calls_per_day\n", name);
    for (int h = 0; h < HOURS; h++) {
        for (int p = 0; p < PRIORITY_COUNT; p++) {
            if (counts[h][p] > 0) {
                text_printf(out, "*,%d,%s,%.4f\n", h, PRIORITY_NAMES[p], (double)counts[h][p] * HOURS / (double)log->days);
            }
            sums[p] += counts[h][p];
        }
    }
    TRY(save(folder, "rate.csv", out, error));
    text_printf(out, "# shares from %s; set target_s as the service has it\npriority,share,target_s\n", name);
    for (int p = 0; p < PRIORITY_COUNT; p++) {
        if (sums[p] > 0) {
            text_printf(out, "%s,%.6f,0\n", PRIORITY_NAMES[p], (double)sums[p] / (double)log->incidents.count);
        }
    }
    return save(folder, "priorities.csv", out, error);
}

static int compare_places(const void *a, const void *b)
{
    const struct fit_arrival *first = a, *second = b;
    if (first->lat != second->lat) {
        return first->lat < second->lat ? -1 : 1;
    }
    return first->lon < second->lon ? -1 : first->lon > second->lon;
}

/* The places of past calls, each with how many it had. */
static enum status write_demand(const struct fit_log *log, const char *name, const char *folder, struct text *out,
                                struct error *error)
{
    struct fit_arrival *placed = malloc((log->incidents.count + 1) * sizeof *placed);
    size_t count = 0;
    if (placed == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", folder);
    }
    for (size_t i = 0; i < log->incidents.count; i++) {
        if (log->incidents.items[i].placed) {
            placed[count++] = log->incidents.items[i];
        }
    }
    qsort(placed, count, sizeof *placed, compare_places);
    text_printf(out, "# places of past calls in %s\nlon,lat,weight\n", name);
    for (size_t begin = 0, end; begin < count; begin = end) {
        for (end = begin; end < count && compare_places(&placed[begin], &placed[end]) == 0; end++) {
        }
        text_printf(out, "%.7f,%.7f,%zu\n", placed[begin].lon, placed[begin].lat, end - begin);
    }
    free(placed);
    if (count == 0) {
        text_clear(out);
        return STATUS_OK;
    }
    return save(folder, "demand.csv", out, error);
}

enum status fit_report_write(const struct fit_log *log, const char *name, const char *folder, struct error *error)
{
    struct text out;
    TRY(file_make_folder(folder, error));
    text_init(&out, (size_t)1 << 30);
    enum status status = write_service(log, name, folder, &out, error);
    if (status == STATUS_OK) {
        status = write_rates(log, name, folder, &out, error);
    }
    if (status == STATUS_OK) {
        status = write_demand(log, name, folder, &out, error);
    }
    text_free(&out);
    return status;
}
