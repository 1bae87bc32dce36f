/* Five charts from the summary. */
#include "sim/report_charts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "sim/report_svg.h"

enum { CHART_WIDTH = 940 };

static const char *const PRIORITY_TITLES[PRIORITY_COUNT] = { "critical", "severe", "urgent", "non-urgent" };
static const char *const PRIORITY_ZH[PRIORITY_COUNT] = { "濒危", "危重", "急症", "非急症" };

static const struct measure_layout *layout_of(const struct report_input *input) { return &input->summary->layout; }

static double mean_of(const struct report_input *input, size_t place) { return measure_estimate(input->summary, place).mean; }

static double response_n(const struct report_input *input, uint32_t group)
{
    return measure_sum(input->summary, place_sample(layout_of(input), INTERVAL_RESPONSE, group, SAMPLE_N));
}

static double bin_sum(const struct report_input *input, uint32_t group, unsigned bin)
{
    return measure_sum(input->summary, place_histogram(layout_of(input), group, bin));
}

/* ---- distribution of the response ---- */

/* Bins shown: to the 99th percentile and a little more. */
static unsigned bins_shown(const struct report_input *input)
{
    double all = response_n(input, 0), below = 0;
    unsigned bin = 0;
    while (bin + 1 < HISTOGRAM_BINS && below < 0.99 * all) {
        below += bin_sum(input, 0, bin++);
    }
    unsigned minutes = (bin * HISTOGRAM_BIN_S + 59) / 60 + 1;
    unsigned shown = minutes * 60 / HISTOGRAM_BIN_S;
    return shown < HISTOGRAM_BINS - 1 ? shown : HISTOGRAM_BINS - 1;
}

static void draw_bars(const struct report_input *input, struct chart *chart, unsigned shown, unsigned width, double most)
{
    double all = response_n(input, 0);
    for (unsigned bin = 0; bin < shown; bin += width) {
        double in_bin = 0;
        for (unsigned i = bin; i < bin + width && i < shown; i++) {
            in_bin += bin_sum(input, 0, i);
        }
        char title[128], from[FORMATTED_SIZE], to[FORMATTED_SIZE];
        snprintf(title, sizeof title, "%s to %s: %.1f %% of the calls", format_clock(from, bin * HISTOGRAM_BIN_S),
                 format_clock(to, (bin + width) * HISTOGRAM_BIN_S), 100 * in_bin / all);
        chart_bar(chart, "bar", bin * HISTOGRAM_BIN_S / 60.0 + 0.02, (bin + width) * HISTOGRAM_BIN_S / 60.0 - 0.02, 0,
                  in_bin / most, title);
    }
}

static void draw_cumulative(const struct report_input *input, struct chart *chart, unsigned shown)
{
    static const char *const classes[PRIORITY_COUNT] = { "l0", "l1", "l2", "l3" };
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        double n = response_n(input, group_priority(priority)), below = 0;
        double x[HISTOGRAM_BINS + 1], y[HISTOGRAM_BINS + 1];
        for (unsigned bin = 0; bin <= shown; bin++) {
            x[bin] = bin * HISTOGRAM_BIN_S / 60.0;
            y[bin] = below / n;
            below += bin_sum(input, group_priority(priority), bin);
        }
        if (n > 0) {
            chart_line(chart, classes[priority], x, y, shown + 1, false);
        }
    }
}

/* The priorities that share the target of this one, in label, once for all of them: false for all but the first. */
static bool name_target(const struct report_input *input, unsigned priority, char label[128])
{
    const struct scenario_priority *priorities = input->scenario->priorities;
    double target = priorities[priority].target_s;
    if (!priorities[priority].used || target <= 0) {
        return false;
    }
    char number[FORMATTED_SIZE];
    size_t length = (size_t)snprintf(label, 128, "target %s", format_clock(number, target));
    for (unsigned other = 0; other < PRIORITY_COUNT; other++) {
        if (!priorities[other].used || fabs(priorities[other].target_s - target) >= 1) {
            continue;
        }
        if (other < priority) {
            return false;
        }
        length += (size_t)snprintf(label + length, 128 - length, "%s %s", other == priority ? ":" : ",", PRIORITY_TITLES[other]);
    }
    return true;
}

enum { TARGET_ROW = 14 }; /* height of a label; each target has a row of its own above the plot, so that none hides a curve */

static unsigned targets_shown(const struct report_input *input, double minutes)
{
    unsigned count = 0;
    char label[128];
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        count += name_target(input, priority, label) && input->scenario->priorities[priority].target_s <= 60 * minutes;
    }
    return count;
}

static void draw_targets(const struct report_input *input, struct chart *chart)
{
    double top = chart->top;
    unsigned row = 0;
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        char label[128];
        double minutes = input->scenario->priorities[priority].target_s / 60;
        if (name_target(input, priority, label) && minutes <= chart->x_max) {
            chart->top = 2 + TARGET_ROW * (double)row++;
            chart_vertical(chart, "target", minutes, label);
        }
    }
    chart->top = top;
}

static void key_of_lines(const struct report_input *input, struct text *out)
{
    text_puts(
        out,
        "<ul class=\"key\"><li><svg viewBox=\"0 0 30 16\" aria-hidden=\"true\"><rect class=\"bar\" x=\"4\" y=\"3\" width=\"22\" "
        "height=\"11\"/></svg>all calls, by response</li>");
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        if (response_n(input, group_priority(priority)) > 0) {
            text_printf(
                out,
                "<li><svg viewBox=\"0 0 30 16\" aria-hidden=\"true\"><path class=\"l%u\" d=\"M0 8h30\"/></svg>share reached, %s "
                "<span lang=\"zh\">%s</span></li>",
                priority, PRIORITY_TITLES[priority], PRIORITY_ZH[priority]);
        }
    }
    text_puts(out, "</ul>\n");
}

void report_chart_response(const struct report_input *input, struct text *out)
{
    if (response_n(input, 0) == 0) {
        text_puts(out, "<p>No call was reached by a unit, so there are no response times.</p>\n");
        return;
    }
    unsigned shown = bins_shown(input), width = shown > 120 ? 4 : shown > 60 ? 2 : 1;
    double most = 0;
    for (unsigned bin = 0; bin < shown; bin += width) {
        double in_bin = 0;
        for (unsigned i = bin; i < bin + width; i++) {
            in_bin += bin_sum(input, 0, i);
        }
        most = in_bin > most ? in_bin : most;
    }
    struct chart chart;
    double room = 16 + TARGET_ROW * (double)targets_shown(input, shown * HISTOGRAM_BIN_S / 60.0);
    text_puts(out, "<figure>\n");
    chart_begin(&chart, out, "c-response", "Distribution of the response time",
                "Bars: how the response times of all calls are distributed. Lines: share of the calls of each priority reached "
                "so far. Vertical "
                "lines: targets. The table below has the percentiles.",
                CHART_WIDTH, 344 + room);
    chart.x_max = shown * HISTOGRAM_BIN_S / 60.0;
    chart.top = room;
    chart_y_axis(&chart, 0.2, true, "share of calls reached");
    draw_bars(input, &chart, shown, width, most / 0.62);
    draw_cumulative(input, &chart, shown);
    draw_targets(input, &chart);
    double step = chart_nice_step(chart.x_max, 14, 1);
    for (double minute = 0; minute <= chart.x_max; minute += step) {
        char label[FORMATTED_SIZE];
        chart_x_label(&chart, minute, format_number(label, minute, 0));
    }
    chart_x_title(&chart, "minutes from the call's arrival to the first unit on scene");
    chart_end(&chart);
    key_of_lines(input, out);
    char share[FORMATTED_SIZE];
    text_printf(out,
                "<figcaption>Bars stand for %u s each and have a scale of their own; the highest is %s\u202f%% of the "
                "calls.</figcaption></figure>\n",
                width * HISTOGRAM_BIN_S, format_percent(share, most / response_n(input, 0)));
}

/* ---- by hour ---- */

static void hour_labels(struct chart *chart)
{
    for (unsigned hour = 0; hour <= 24; hour += 3) {
        char label[16];
        snprintf(label, sizeof label, "%02u:00", hour);
        chart_x_label(chart, hour, label);
    }
    chart_x_title(chart, "local hour of the day");
}

static void draw_interval(struct chart *chart, double x, struct estimate estimate)
{
    if (isfinite(estimate.half_width)) {
        text_printf(chart->out, "<path class=\"axis\" fill=\"none\" d=\"M%.1f %.1fV%.1f\"/>", chart_x(chart, x),
                    chart_y(chart, fmax(estimate.mean - estimate.half_width, 0)),
                    chart_y(chart, fmin(estimate.mean + estimate.half_width, 1)));
    }
}

void report_chart_hours(const struct report_input *input, struct text *out)
{
    unsigned told = 0;
    for (unsigned hour = 0; hour < 24; hour++) {
        size_t place = place_indicator(layout_of(input), INDICATOR_WITHIN_OWN_TARGET, group_hour(hour), INDICATOR_VALUE);
        told += isfinite(mean_of(input, place)) ? 1 : 0;
    }
    if (told == 0) {
        text_puts(out, "<p>No call with a target was reached, so there is no share within target to tell by hour.</p>\n");
        return;
    }
    struct chart chart;
    text_puts(out, "<figure>\n");
    chart_begin(&chart, out, "c-hours", "Share within target by hour of the day",
                "A bar for each hour: share of the calls of that hour that were reached within the target of their priority. The "
                "table below has "
                "the numbers.",
                CHART_WIDTH, 260);
    chart.x_max = 24;
    chart_y_axis(&chart, 0.2, true, "within target");
    for (unsigned hour = 0; hour < 24; hour++) {
        struct estimate share = measure_estimate(
            input->summary, place_indicator(layout_of(input), INDICATOR_WITHIN_OWN_TARGET, group_hour(hour), INDICATOR_VALUE));
        char title[128];
        snprintf(title, sizeof title, "%02u:00 to %02u:00: %.1f %% of %.0f calls", hour, hour + 1, 100 * share.mean,
                 measure_sum(input->summary,
                             place_indicator(layout_of(input), INDICATOR_WITHIN_OWN_TARGET, group_hour(hour), INDICATOR_N)));
        if (isfinite(share.mean)) {
            chart_bar(&chart, "bar", hour + 0.08, hour + 0.92, 0, share.mean, title);
            draw_interval(&chart, hour + 0.5, share);
        }
    }
    hour_labels(&chart);
    chart_end(&chart);
    text_puts(out, "<figcaption>Share of the calls reached within the target of their priority, by the hour in which the call "
                   "came; thin lines: "
                   "95\u202f% confidence.</figcaption></figure>\n");
}

/* ---- queue over the week ---- */

void report_chart_queue(const struct report_input *input, struct text *out)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    double x[168 * 2], queue[168 * 2], work[168 * 2], most = 0;
    for (unsigned i = 0; i < 168 * 2; i++) {
        unsigned hour = i / 2;
        x[i] = hour + i % 2;
        queue[i] = mean_of(input, place_week_hour(layout_of(input), hour, WEEK_QUEUE_LENGTH));
        work[i] = mean_of(input, place_week_hour(layout_of(input), hour, WEEK_CALLS_IN_SYSTEM));
        most = work[i] > most ? work[i] : most;
    }
    if (!(most > 0)) {
        text_puts(out, "<p>There were no calls, so nobody waited.</p>\n");
        return;
    }
    struct chart chart;
    text_puts(out, "<figure>\n");
    chart_begin(&chart, out, "c-queue", "Calls at work and calls waiting, over the week",
                "The line is the mean number of calls between arrival and release in each hour of the week, the filled area the "
                "mean number that "
                "waits for a unit. The table below has the numbers.",
                CHART_WIDTH, 260);
    chart.x_max = 168;
    double step = chart_nice_step(most, 5, 0.01);
    chart.y_max = ceil(most * 1.05 / step) * step;
    chart_y_axis(&chart, step, false, "calls");
    chart_area(&chart, "area", x, queue, 168 * 2);
    chart_line(&chart, "lall", x, work, 168 * 2, false);
    for (unsigned day = 0; day < 7; day++) {
        chart_x_label(&chart, day * 24 + 12, days[day]);
        if (day > 0) {
            text_printf(out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%g\" x2=\"%.1f\" y2=\"%g\"/>", chart_x(&chart, day * 24),
                        chart.top, chart_x(&chart, day * 24), chart.height - chart.bottom);
        }
    }
    chart_x_title(&chart, "local time of the week");
    chart_end(&chart);
    text_puts(
        out,
        "<ul class=\"key\"><li><svg viewBox=\"0 0 30 16\" aria-hidden=\"true\"><path class=\"lall\" d=\"M0 8h30\"/></svg>at "
        "work: from arrival "
        "to release</li><li><svg viewBox=\"0 0 30 16\" aria-hidden=\"true\"><rect class=\"area\" x=\"3\" y=\"3\" width=\"24\" "
        "height=\"11\"/></svg>waiting for a unit</li></ul></figure>\n");
}

/* ---- units ---- */

/* From the ground up: the busy ones first, so that what is left free is seen above them. */
static const struct {
    enum activity activity;
    const char *title, *zh;
} STACK[] = {
    { ACTIVITY_TO_SCENE, "to the scene", "赴现场" },       { ACTIVITY_AT_SCENE, "at the scene", "在现场" },
    { ACTIVITY_TO_FACILITY, "to the facility", "转运中" }, { ACTIVITY_AT_FACILITY, "at the facility", "在医院" },
    { ACTIVITY_RETURNING, "returning", "返站" },           { ACTIVITY_AT_POST, "at its post", "待命" },
    { ACTIVITY_OUT_OF_SERVICE, "out of service", "停用" },
};

static void key_of_stack(struct text *out)
{
    text_puts(out, "<ul class=\"key\">");
    for (size_t i = 0; i < ARRAY_LENGTH(STACK); i++) {
        text_printf(out,
                    "<li><svg viewBox=\"0 0 30 16\" aria-hidden=\"true\"><rect class=\"a%u\" x=\"3\" y=\"3\" width=\"24\" "
                    "height=\"11\"/></svg>%s "
                    "<span lang=\"zh\">%s</span></li>",
                    (unsigned)STACK[i].activity, STACK[i].title, STACK[i].zh);
    }
    text_puts(out, "</ul>\n");
}

void report_chart_units(const struct report_input *input, struct text *out)
{
    double most = 0;
    for (unsigned hour = 0; hour < 24; hour++) {
        double sum = 0;
        for (size_t i = 0; i < ARRAY_LENGTH(STACK); i++) {
            double units = mean_of(input, place_activity_hour(layout_of(input), hour, STACK[i].activity));
            sum += isfinite(units) ? units : 0;
        }
        most = sum > most ? sum : most;
    }
    if (!(most > 0)) {
        text_puts(out, "<p>No unit was on duty.</p>\n");
        return;
    }
    struct chart chart;
    text_puts(out, "<figure>\n");
    chart_begin(&chart, out, "c-units", "Units by what they do, by hour of the day",
                "A stacked bar for each hour: mean number of units on their way to a scene, there, on their way to a facility, "
                "there, returning, at "
                "their post, out of service, from the bottom up. The tables below have the numbers.",
                CHART_WIDTH, 320);
    chart.x_max = 24;
    double step = chart_nice_step(most, 6, 0.1);
    chart.y_max = ceil(most / step) * step;
    chart_y_axis(&chart, step, false, "units");
    for (unsigned hour = 0; hour < 24; hour++) {
        double below = 0;
        for (size_t i = 0; i < ARRAY_LENGTH(STACK); i++) {
            double units = mean_of(input, place_activity_hour(layout_of(input), hour, STACK[i].activity));
            char title[128], class[16];
            snprintf(title, sizeof title, "%02u:00, %s: %.2f units", hour, STACK[i].title, units);
            snprintf(class, sizeof class, "a%u stack", (unsigned)STACK[i].activity);
            if (units > 0) {
                chart_bar(&chart, class, hour + 0.06, hour + 0.94, below, below + units, title);
                below += units;
            }
        }
    }
    hour_labels(&chart);
    chart_end(&chart);
    key_of_stack(out);
    text_puts(out,
              "<figcaption>Mean number of units in each state, over the local hour; in the order of the key from the bottom up."
              "</figcaption></figure>\n");
}

/* ---- facilities ---- */

enum { FACILITIES_DRAWN_MAX = 30 };

struct loaded {
    uint32_t facility; /* from 1 */
    double per_day;
};

static int heavier_first(const void *a, const void *b)
{
    const struct loaded *left = a, *right = b;
    if (left->per_day != right->per_day) {
        return left->per_day > right->per_day ? -1 : 1;
    }
    return left->facility < right->facility ? -1 : 1;
}

static void draw_facilities(const struct report_input *input, struct text *out, const struct loaded *order, uint32_t count)
{
    double most = order[0].per_day, row = 26;
    struct chart chart;
    text_puts(out, "<figure>\n");
    chart_begin(&chart, out, "c-facilities", "Patients brought a day, by facility",
                "A bar for each facility, the heaviest load first. The table below has the numbers.", CHART_WIDTH,
                14 + row * count);
    chart.left = 300;
    chart.right = 160;
    chart.top = 6;
    chart.bottom = 8;
    chart.x_max = most;
    chart.y_max = count;
    for (uint32_t i = 0; i < count; i++) {
        double load = order[i].per_day, y = count - i - 1;
        char number[FORMATTED_SIZE], share[FORMATTED_SIZE];
        chart_bar(&chart, "bar", 0, load, y + 0.15, y + 0.85, NULL);
        text_printf(out, "<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">", chart.left - 8, chart_y(&chart, y + 0.5) + 4);
        html_text(out, input->scenario->facilities[order[i].facility - 1].name);
        text_printf(out, "</text><text class=\"tick\" x=\"%.1f\" y=\"%.1f\">%s a day, %s\u202f%%</text>",
                    chart_x(&chart, load) + 6, chart_y(&chart, y + 0.5) + 4, format_number(number, load, 1),
                    format_percent(share, mean_of(input, place_facility(layout_of(input), order[i].facility, FACILITY_SHARE))));
    }
    chart_end(&chart);
    text_puts(out, "</figure>\n");
}

void report_chart_facilities(const struct report_input *input, struct text *out)
{
    uint32_t count = input->scenario->facility_count < layout_of(input)->facility_count ? input->scenario->facility_count
                                                                                        : layout_of(input)->facility_count;
    struct loaded *order = malloc(((size_t)count + 1) * sizeof *order);
    if (order == NULL) {
        out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        double per_day = mean_of(input, place_facility(layout_of(input), i + 1, FACILITY_PER_DAY));
        order[i] = (struct loaded){ i + 1, isfinite(per_day) ? per_day : 0 };
    }
    qsort(order, count, sizeof *order, heavier_first);
    if (count == 0 || !(order[0].per_day > 0)) {
        text_puts(out, "<p>Nobody was taken to a facility.</p>\n");
    } else {
        draw_facilities(input, out, order, count < FACILITIES_DRAWN_MAX ? count : FACILITIES_DRAWN_MAX);
    }
    free(order);
}
