/* report.html: the page as a reader goes through it, from the one figure to the details. Every part can do without data: no
 * calls, one replication, nobody transported, a priority that never came. */
#include "sim/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "sim/report_charts.h"
#include "sim/report_map.h"
#include "sim/report_style.h"
#include "sim/report_svg.h"

static const char *const PRIORITY_TITLES[PRIORITY_COUNT] = { "Critical", "Severe", "Urgent", "Non-urgent" };
static const char *const PRIORITY_ZH[PRIORITY_COUNT] = { "濒危", "危重", "急症", "非急症" };

static const struct measure_layout *layout_of(const struct report_input *input) { return &input->summary->layout; }

static struct estimate figure_of(const struct report_input *input, enum figure figure, uint32_t group)
{
    return measure_estimate(input->summary, place_figure(layout_of(input), figure, group));
}

static struct estimate system_of(const struct report_input *input, enum system_figure figure)
{
    return measure_estimate(input->summary, place_system(layout_of(input), figure));
}

static double sample_of(const struct report_input *input, enum interval interval, uint32_t group, enum sample_statistic statistic)
{
    size_t place = place_sample(layout_of(input), interval, group, statistic);
    bool is_count = statistic <= SAMPLE_AFTERWARDS;
    return is_count ? measure_sum(input->summary, place) : measure_estimate(input->summary, place).mean;
}

/* ---- parts of text ---- */

static void heading(struct text *out, const char *id, const char *title, const char *zh)
{
    text_printf(out, "<h2 id=\"%s\">%s <span lang=\"zh\">%s</span></h2>\n", id, title, zh);
}

static void put_percent(struct text *out, struct estimate estimate)
{
    char mean[FORMATTED_SIZE], half[FORMATTED_SIZE];
    text_puts(out, format_percent(mean, estimate.mean));
    if (isfinite(estimate.half_width)) {
        text_printf(out, " <small>±\u202f%s</small>", format_percent(half, estimate.half_width));
    }
}

static void put_clock(struct text *out, struct estimate estimate)
{
    char mean[FORMATTED_SIZE], half[FORMATTED_SIZE];
    text_puts(out, format_clock(mean, estimate.mean));
    if (isfinite(estimate.half_width)) {
        text_printf(out, " <small>±\u202f%s\u202fs</small>",
                    format_number(half, estimate.half_width, estimate.half_width < 9.95 ? 1 : 0));
    }
}

static void put_number(struct text *out, struct estimate estimate, int decimals)
{
    char mean[FORMATTED_SIZE], half[FORMATTED_SIZE];
    text_puts(out, format_number(mean, estimate.mean, decimals));
    if (isfinite(estimate.half_width)) {
        text_printf(out, " <small>±\u202f%s</small>", format_number(half, estimate.half_width, decimals));
    }
}

static void put_count(struct text *out, double count)
{
    char number[FORMATTED_SIZE];
    text_puts(out, format_number(number, count, 0));
}

static void card(struct text *out, const char *title, const char *zh, const char *value, const char *below)
{
    text_printf(out, "<div><dt>%s <span lang=\"zh\">%s</span></dt><dd>%s<small>%s</small></dd></div>\n", title, zh, value, below);
}

static void open_table(struct text *out, const char *caption, const char *const *columns)
{
    text_puts(out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"");
    html_text(out, caption);
    bool narrow = columns[1] == NULL || columns[2] == NULL;
    text_puts(out, narrow ? "\"><table class=\"narrow\"><caption><span>" : "\"><table><caption><span>");
    html_text(out, caption);
    text_puts(out, "</span></caption><thead><tr>");
    for (size_t i = 0; columns[i] != NULL; i++) {
        bool left = columns[i][0] == '<'; /* a column of text */
        text_printf(out, left ? "<th scope=\"col\" class=\"t\">%s</th>" : "<th scope=\"col\">%s</th>", columns[i] + left);
    }
    text_puts(out, "</tr></thead><tbody>\n");
}

static void close_table(struct text *out) { text_puts(out, "</tbody></table></div>\n"); }

static void open_details(struct text *out, const char *summary) { text_printf(out, "<details><summary>%s</summary>\n", summary); }

/* ---- head ---- */

static void write_run_line(const struct report_input *input, struct text *out)
{
    const struct report_facts *facts = &input->facts;
    char number[FORMATTED_SIZE];
    text_puts(out, "<p class=\"soft\">");
    if (facts->calls_file != NULL) {
        text_puts(out, "Calls from the list ");
        html_text(out, facts->calls_file);
    } else {
        text_printf(out, "%s simulated days", format_number(number, facts->days, facts->days == floor(facts->days) ? 0 : 2));
        text_printf(out, " after %s of warm-up",
                    format_number(number, facts->warmup_days, facts->warmup_days == floor(facts->warmup_days) ? 0 : 2));
    }
    text_printf(out, " · %u replication%s", input->summary->replications, input->summary->replications == 1 ? "" : "s");
    text_printf(out, " · %s calls counted", format_number(number, (double)input->summary->calls, 0));
    text_printf(out, " · seed %" PRIu64, facts->seed);
    if (facts->policy_name != NULL) {
        text_puts(out, " · policy ");
        html_text(out, facts->policy_name);
    }
    text_puts(out, "</p>\n");
    if (input->summary->replications < 2) {
        text_puts(
            out,
            "<p class=\"note\">One replication: no confidence intervals can be told. Give <code>--replications 10</code> for "
            "them.</p>\n");
    }
}

static void write_head(const struct report_input *input, struct text *out)
{
    text_puts(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                   "content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><title>");
    html_text(out, input->scenario->name);
    text_puts(out, " – emergency service report</title>\n<style>\n");
    text_puts(out, REPORT_STYLE);
    text_puts(out, "</style></head><body>\n<header><h1>");
    html_text(out, input->scenario->name);
    text_puts(out, "</h1>\n<p>Emergency medical service, simulated <span lang=\"zh\">院前急救服务仿真报告</span></p>\n");
    write_run_line(input, out);
    text_puts(out, "<nav class=\"noprint\" aria-label=\"Contents\"><ul><li><a href=\"#indicators\">Targets</a></li><li><a "
                   "href=\"#response\">"
                   "Response</a></li><li><a href=\"#hours\">By hour</a></li><li><a href=\"#coverage\">Coverage</a></li><li><a "
                   "href=\"#queue\">"
                   "Queue</a></li><li><a href=\"#units\">Units</a></li><li><a href=\"#facilities\">Hospitals</a></li><li><a "
                   "href=\"#districts\">Districts</a></li><li><a href=\"#stages\">Stages</a></li><li><a "
                   "href=\"#run\">Run</a></li></ul></nav>\n");
    text_puts(out, "</header>\n<main>\n");
}

static const char *plus_minus(char target[FORMATTED_SIZE * 2], double half, double scale, int decimals, const char *unit)
{
    char number[FORMATTED_SIZE];
    target[0] = '\0';
    if (isfinite(half)) {
        snprintf(target, FORMATTED_SIZE * 2, "± %s %s", format_number(number, half * scale, decimals), unit);
    }
    return target;
}

static void write_cards(const struct report_input *input, struct text *out)
{
    char value[FORMATTED_SIZE], number[FORMATTED_SIZE], below[FORMATTED_SIZE * 2], percent[FORMATTED_SIZE + 16];
    struct estimate mean = figure_of(input, FIGURE_RESPONSE_MEAN_S, 0), p90 = figure_of(input, FIGURE_RESPONSE_P90_S, 0);
    struct estimate within = figure_of(input, FIGURE_WITHIN_TARGET, 0), calls = figure_of(input, FIGURE_CALLS_PER_DAY, 0);
    struct estimate busy = system_of(input, SYSTEM_BUSY), queued = figure_of(input, FIGURE_QUEUED, 0);
    text_puts(out, "<dl class=\"cards\">\n");
    card(out, "Mean response", "平均反应时间", format_clock(value, mean.mean), plus_minus(below, mean.half_width, 1, 1, "s"));
    card(out, "90th percentile", "第 90 百分位", format_clock(value, p90.mean), plus_minus(below, p90.half_width, 1, 1, "s"));
    snprintf(percent, sizeof percent, isfinite(within.mean) ? "%s\u202f%%" : "%s", format_percent(number, within.mean));
    card(out, "Within target", "达标率", percent, plus_minus(below, within.half_width, 100, 2, "points"));
    snprintf(percent, sizeof percent, isfinite(busy.mean) ? "%s\u202f%%" : "%s", format_percent(number, busy.mean));
    card(out, "Units busy", "车组忙碌率", percent, plus_minus(below, busy.half_width, 100, 2, "points"));
    snprintf(percent, sizeof percent, isfinite(queued.mean) ? "%s\u202f%%" : "%s", format_percent(number, queued.mean));
    card(out, "Calls that waited", "排队呼叫", percent, plus_minus(below, queued.half_width, 100, 2, "points"));
    card(out, "Calls a day", "日均呼叫", format_number(value, calls.mean, 1), plus_minus(below, calls.half_width, 1, 1, ""));
    text_puts(out, "</dl>\n");
    text_puts(out, "<p class=\"soft\">Response: from the call's arrival to the first unit on scene, minutes:seconds. ± is the "
                   "half width of the "
                   "95\u202f% confidence interval over the replications.</p>\n");
}

/* ---- indicators ---- */

static void put_indicator(struct text *out, const struct indicator_definition *definition, struct estimate estimate)
{
    if (indicator_in_seconds(definition)) {
        put_clock(out, estimate);
    } else {
        put_percent(out, estimate);
        text_puts(out, isfinite(estimate.mean) ? "\u202f%" : "");
    }
}

static void put_target(struct text *out, const struct indicator_definition *definition)
{
    char number[FORMATTED_SIZE];
    if (!definition->has_target) {
        text_puts(out, "\u2013");
        return;
    }
    text_puts(out, definition->high_is_better ? "≥ " : "≤ ");
    if (indicator_in_seconds(definition)) {
        text_puts(out, format_clock(number, definition->target));
    } else {
        text_printf(out, "%s\u202f%%", format_number(number, 100 * definition->target, 0));
    }
}

static void put_missing(struct text *out, double n, double missing)
{
    char number[FORMATTED_SIZE];
    if (n + missing > 0) {
        text_printf(out, "%s\u202f%%", format_percent(number, missing / (n + missing)));
    } else {
        text_puts(out, "\u2013");
    }
}

static void write_indicator_row(const struct report_input *input, struct text *out, enum indicator indicator)
{
    const struct indicator_definition *definition = &INDICATORS[indicator];
    const struct measure_layout *layout = layout_of(input);
    uint32_t group = definition->priority < PRIORITY_COUNT ? group_priority(definition->priority) : group_all();
    struct estimate value = measure_estimate(input->summary, place_indicator(layout, indicator, group, INDICATOR_VALUE));
    double n = measure_sum(input->summary, place_indicator(layout, indicator, group, INDICATOR_N));
    double missing = measure_sum(input->summary, place_indicator(layout, indicator, group, INDICATOR_MISSING));
    text_puts(out, "<tr><th scope=\"row\" class=\"w\">");
    html_text(out, definition->title);
    text_printf(out, " <span lang=\"zh\">%s</span></th><td>", definition->zh);
    bool modelled = sample_of(input, (enum interval)definition->interval, group_all(), SAMPLE_MEAN_S) != 0;
    if (modelled) {
        put_indicator(out, definition, value);
    } else { /* always met, but nothing to be proud of */
        text_puts(out, "\u2013");
    }
    text_puts(out, "</td><td>");
    put_target(out, definition);
    if (!modelled) {
        text_puts(out, "</td><td class=\"t\"><small>not modelled</small>");
    } else if (!definition->has_target || !isfinite(value.mean)) {
        text_puts(out, isfinite(value.mean) ? "</td><td class=\"t\">\u2013" : "</td><td class=\"t\">no data");
    } else if (indicator_is_met(definition, value.mean)) {
        text_puts(out, "</td><td class=\"t met\">✓ met");
    } else {
        text_puts(out, "</td><td class=\"t missed\">✗ missed");
    }
    text_puts(out, "</td><td>");
    put_count(out, n);
    text_puts(out, "</td><td>");
    put_missing(out, n, missing);
    text_printf(out, "</td><td class=\"t w\"><small>%s</small></td></tr>\n", definition->who);
}

static void write_indicators(const struct report_input *input, struct text *out)
{
    static const char *const columns[] = {
        "Indicator", "Value", "Target", "<Result", "Sample", "Missing", "<Whose target", NULL
    };
    heading(out, "indicators", "Indicators against targets", "指标与目标");
    open_table(out,
               "A time that nobody reported counts as missing, never as zero; a call that got no unit is not within its target. "
               "Not modelled: the scenario gives this stage no time.",
               columns);
    for (unsigned indicator = 0; indicator < INDICATOR_COUNT; indicator++) {
        write_indicator_row(input, out, (enum indicator)indicator);
    }
    close_table(out);
}

/* ---- response ---- */

static void write_priority_row(const struct report_input *input, struct text *out, uint32_t group)
{
    char number[FORMATTED_SIZE];
    double target = group == 0 ? 0 : input->scenario->priorities[group - 1].target_s;
    if (group == 0) {
        text_puts(out, "<tr><th scope=\"row\">All <span lang=\"zh\">全部</span></th><td>");
    } else {
        text_printf(out, "<tr><th scope=\"row\">%s <span lang=\"zh\">%s</span></th><td>", PRIORITY_TITLES[group - 1],
                    PRIORITY_ZH[group - 1]);
    }
    put_count(out, sample_of(input, INTERVAL_RESPONSE, group, SAMPLE_N));
    text_puts(out, "</td><td>");
    put_clock(out, figure_of(input, FIGURE_RESPONSE_MEAN_S, group));
    for (unsigned statistic = SAMPLE_P50_S; statistic <= SAMPLE_P99_S; statistic++) {
        text_printf(out, "</td><td>%s",
                    format_clock(number, sample_of(input, INTERVAL_RESPONSE, group, (enum sample_statistic)statistic)));
    }
    text_printf(out, "</td><td>%s</td><td>", target > 0 ? format_clock(number, target) : "\u2013");
    put_percent(out, figure_of(input, FIGURE_WITHIN_TARGET, group));
    text_puts(out, "</td><td>");
    put_missing(out, sample_of(input, INTERVAL_RESPONSE, group, SAMPLE_N),
                sample_of(input, INTERVAL_RESPONSE, group, SAMPLE_MISSING));
    text_puts(out, "</td></tr>\n");
}

static void write_fate_row(const struct report_input *input, struct text *out, const char *title, enum figure figure, int kind)
{
    text_printf(out, "<tr><th scope=\"row\">%s</th>", title);
    for (uint32_t group = 0; group <= PRIORITY_COUNT; group++) {
        if (group > 0 && !input->scenario->priorities[group - 1].used) {
            continue;
        }
        text_puts(out, "<td>");
        struct estimate estimate = figure_of(input, figure, group);
        if (kind == 's') {
            put_clock(out, estimate);
        } else if (kind == '%') {
            put_percent(out, estimate);
        } else {
            put_number(out, estimate, 2);
        }
        text_puts(out, "</td>");
    }
    text_puts(out, "</tr>\n");
}

static void write_fates(const struct report_input *input, struct text *out)
{
    static const struct {
        const char *title;
        enum figure figure;
        int kind;
    } rows[] = {
        { "Calls a day", FIGURE_CALLS_PER_DAY, 'n' },
        { "Had to wait in the queue, %", FIGURE_QUEUED, '%' },
        { "Mean wait over all calls", FIGURE_QUEUE_ALL_S, 's' },
        { "Mean wait of those that waited", FIGURE_QUEUE_QUEUED_S, 's' },
        { "Lost their unit to another call, %", FIGURE_LOST_UNIT, '%' },
        { "Diversions suffered for 100 calls", FIGURE_DIVERSIONS_PER_100, 'n' },
        { "Reached by a unit from its post, %", FIGURE_REACHED_FROM_POST, '%' },
        { "Reached by a returning unit, %", FIGURE_REACHED_RETURNING, '%' },
        { "Reached by a unit just freed, %", FIGURE_REACHED_FREED, '%' },
        { "Reached by a diverted unit, %", FIGURE_REACHED_DIVERTED, '%' },
        { "Trip of the unit that came", FIGURE_TRIP_S, 's' },
        { "Taken to a facility, %", FIGURE_TRANSPORTED, '%' },
        { "Trip to the facility", FIGURE_TRANSPORT_TRIP_S, 's' },
        { "From the call to the unit's release", FIGURE_SERVICE_S, 's' },
        { "Call satisfaction rate, %", FIGURE_SATISFACTION, '%' },
    };
    const char *columns[PRIORITY_COUNT + 3] = { "Figure", "All" };
    size_t count = 2;
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        if (input->scenario->priorities[priority].used) {
            columns[count++] = PRIORITY_TITLES[priority];
        }
    }
    columns[count] = NULL;
    open_table(out, "By priority; times in minutes:seconds", columns);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        write_fate_row(input, out, rows[i].title, rows[i].figure, rows[i].kind);
    }
    close_table(out);
}

static void write_response(const struct report_input *input, struct text *out)
{
    static const char *const columns[] = { "Priority", "Sample", "Mean",      "P50",     "P90", "P95",
                                           "P99",      "Target", "Within, %", "Missing", NULL };
    heading(out, "response", "Response time", "反应时间");
    report_chart_response(input, out);
    open_table(out, "Response from the call's arrival to the first unit on scene, minutes:seconds", columns);
    for (uint32_t group = 0; group <= PRIORITY_COUNT; group++) {
        if (group == 0 || input->scenario->priorities[group - 1].used) {
            write_priority_row(input, out, group);
        }
    }
    close_table(out);
    text_puts(out, "<h3>What became of the calls <span lang=\"zh\">呼叫去向</span></h3>\n");
    write_fates(input, out);
}

/* ---- by hour ---- */

static void write_hours(const struct report_input *input, struct text *out)
{
    static const char *const columns[] = { "Hour", "Calls", "Within target, %", "Mean", "P90", "Missing", NULL };
    char number[FORMATTED_SIZE];
    heading(out, "hours", "By hour of the day", "分时段");
    report_chart_hours(input, out);
    open_details(out, "Table: by hour");
    open_table(out, "By the local hour in which the call came", columns);
    for (unsigned hour = 0; hour < 24; hour++) {
        uint32_t group = group_hour(hour);
        double n = sample_of(input, INTERVAL_RESPONSE, group, SAMPLE_N),
               missing = sample_of(input, INTERVAL_RESPONSE, group, SAMPLE_MISSING);
        text_printf(out, "<tr><th scope=\"row\">%02u:00</th><td>", hour);
        put_count(out, n + missing);
        text_puts(out, "</td><td>");
        put_percent(out, measure_estimate(input->summary, place_indicator(layout_of(input), INDICATOR_WITHIN_OWN_TARGET, group,
                                                                          INDICATOR_VALUE)));
        text_printf(out, "</td><td>%s", format_clock(number, sample_of(input, INTERVAL_RESPONSE, group, SAMPLE_MEAN_S)));
        text_printf(out, "</td><td>%s</td><td>", format_clock(number, sample_of(input, INTERVAL_RESPONSE, group, SAMPLE_P90_S)));
        put_missing(out, n, missing);
        text_puts(out, "</td></tr>\n");
    }
    close_table(out);
    text_puts(out, "</details>\n");
}

/* ---- coverage ---- */

static void write_coverage_table(const struct report_input *input, struct text *out)
{
    const struct coverage *coverage = input->coverage;
    char number[FORMATTED_SIZE];
    text_printf(out,
                "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Coverage\"><table><caption>Share of the %s "
                "within reach, %%"
                "</caption><thead><tr><th scope=\"col\">District <span lang=\"zh\">区县</span></th>",
                input->scenario->cell_count > 0 ? "demand" : "calls");
    for (int step = 0; step < COVERAGE_STEPS; step++) {
        text_printf(out, "<th scope=\"col\">%d min</th>", COVERAGE_MINUTES[step]);
    }
    text_puts(out, "</tr></thead><tbody>\n<tr><th scope=\"row\">All</th>");
    for (int step = 0; step < COVERAGE_STEPS; step++) {
        text_printf(out, "<td>%s</td>", format_percent(number, coverage->within[step]));
    }
    text_puts(out, "</tr>\n");
    for (uint32_t district = 0; coverage->district_count > 1 && district < coverage->district_count; district++) {
        text_puts(out, "<tr class=\"of\"><th scope=\"row\">");
        html_text(out, input->scenario->districts[district].name);
        text_puts(out, "</th>");
        for (uint32_t step = 0; step < COVERAGE_STEPS; step++) {
            text_printf(out, "<td>%s</td>", format_percent(number, coverage->district_within[district * COVERAGE_STEPS + step]));
        }
        text_puts(out, "</tr>\n");
    }
    close_table(out);
}

static void write_map_key(struct text *out)
{
    static const char *const classes[] = { "reach4", "reach8", "reach12", "reach-later" };
    text_puts(out, "<ul class=\"key\">");
    for (int step = 0; step <= COVERAGE_STEPS; step++) {
        text_printf(out,
                    "<li><svg viewBox=\"0 0 30 16\" aria-hidden=\"true\"><path class=\"%s\" style=\"stroke-width:%.1f\" d=\"M0 "
                    "8h30\"/></svg>",
                    classes[step], 4.5 - step);
        if (step < COVERAGE_STEPS) {
            text_printf(out, "within %d min</li>", COVERAGE_MINUTES[step]);
        } else {
            text_puts(out, "later or never</li>");
        }
    }
    static const struct {
        const char *box, *drawing, *title;
    } signs[] = {
        { "-15 -8 30 16", "<g class=\"station\"><path d=\"M0-7 7 6H-7Z\"/></g>", "station <span lang=\"zh\">急救站</span>" },
        { "-15 -8 30 16", "<g class=\"station-empty\"><path d=\"M0-7 7 6H-7Z\"/></g>", "station without a unit" },
        { "-15 -8 30 16", "<g class=\"facility\"><path d=\"M-3-8h6v5h5v6h-5v5h-6v-5h-5v-6h5Z\"/></g>",
          "facility <span lang=\"zh\">医疗机构</span>" },
        { "0 0 30 16", "<path class=\"call-in-time\" d=\"M15 8h0\"/>", "call reached within target" },
        { "0 0 30 16", "<path class=\"call-late\" d=\"M12 5l6 6m0-6l-6 6\"/>", "call not within target" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(signs); i++) {
        text_printf(out, "<li><svg viewBox=\"%s\" aria-hidden=\"true\">%s</svg>%s</li>", signs[i].box, signs[i].drawing,
                    signs[i].title);
    }
    text_puts(out, "</ul>\n");
}

static void write_coverage(const struct report_input *input, struct text *out)
{
    char number[FORMATTED_SIZE];
    heading(out, "coverage", "Coverage from the posts", "覆盖范围");
    if (input->coverage == NULL || input->city == NULL) {
        text_puts(out, "<p>No road network was given, so there is no map.</p>\n");
        return;
    }
    const struct coverage *coverage = input->coverage;
    text_printf(out,
                "<p>Driving time with lights from the nearest of %u posts with units, all units at home. Call handling and "
                "mobilisation are "
                "not in it, and busy units count as at home: it is the best that the sites allow. Mean %s",
                coverage->post_count, format_clock(number, coverage->mean_s));
    if (coverage->unreachable > 0) {
        text_printf(out, "; %s\u202f%% of the demand has no way", format_percent(number, coverage->unreachable));
    }
    text_puts(out, ".</p>\n<figure>\n");
    report_map_write(input, out);
    write_map_key(out);
    if (input->sampled_count > 0) {
        text_puts(out, "<figcaption>The calls are some of the first replication, taken evenly over the run.</figcaption>");
    }
    text_puts(out, "</figure>\n");
    write_coverage_table(input, out);
}

/* ---- queue, units, facilities ---- */

static void write_queue(const struct report_input *input, struct text *out)
{
    heading(out, "queue", "Calls at work and in the queue", "在办与排队");
    report_chart_queue(input, out);
    text_puts(out, "<p>Mean number waiting for a unit: ");
    put_number(out, system_of(input, SYSTEM_QUEUE_LENGTH), 3);
    text_puts(out, "; most at once, mean over the replications: ");
    put_number(out, system_of(input, SYSTEM_QUEUE_MOST), 1);
    text_puts(out, ". Mean number of calls between arrival and release: ");
    put_number(out, system_of(input, SYSTEM_CALLS_IN_SYSTEM), 3);
    text_puts(out, ".</p>\n");
    static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };
    static const char *const columns[] = { "Hour", "Calls an hour", "Waiting", "At work", NULL };
    open_details(out, "Table: by hour of the week");
    open_table(out, "Time means over each local hour of the week", columns);
    for (unsigned hour = 0; hour < 168; hour++) {
        struct estimate calls = measure_estimate(input->summary, place_week_hour(layout_of(input), hour, WEEK_CALLS_PER_HOUR));
        if (calls.replications == 0) {
            continue;
        }
        text_printf(out, "<tr><th scope=\"row\">%s %02u:00</th><td>", days[hour / 24], hour % 24);
        put_number(out, calls, 2);
        text_puts(out, "</td><td>");
        put_number(out, measure_estimate(input->summary, place_week_hour(layout_of(input), hour, WEEK_QUEUE_LENGTH)), 3);
        text_puts(out, "</td><td>");
        put_number(out, measure_estimate(input->summary, place_week_hour(layout_of(input), hour, WEEK_CALLS_IN_SYSTEM)), 2);
        text_puts(out, "</td></tr>\n");
    }
    close_table(out);
    text_puts(out, "</details>\n");
}

static void write_system_row(const struct report_input *input, struct text *out, const char *title, const char *zh,
                             enum system_figure figure, int kind)
{
    text_printf(out, "<tr><th scope=\"row\">%s <span lang=\"zh\">%s</span></th><td>", title, zh);
    if (kind == '%') {
        put_percent(out, system_of(input, figure));
        text_puts(out, "\u202f%");
    } else {
        put_number(out, system_of(input, figure), 2);
    }
    text_puts(out, "</td></tr>\n");
}

static void write_unit_rows(const struct report_input *input, struct text *out)
{
    char number[FORMATTED_SIZE];
    for (uint32_t i = 0; i < input->scenario->unit_count && i < layout_of(input)->unit_count; i++) {
        text_puts(out, "<tr><th scope=\"row\">");
        html_text(out, input->scenario->units[i].name);
        text_puts(out, "</th><td class=\"t\">");
        html_text(out, input->scenario->stations[input->scenario->units[i].station].name);
        text_puts(out, "</td>");
        for (unsigned activity = ACTIVITY_OUT_OF_SERVICE; activity < ACTIVITY_COUNT; activity++) {
            double hours = measure_estimate(input->summary, place_unit(layout_of(input), i + 1, (enum activity)activity)).mean;
            text_printf(out, "<td>%s</td>", format_number(number, hours, 2));
        }
        text_puts(out, "</tr>\n");
    }
}

static void write_units(const struct report_input *input, struct text *out)
{
    static const char *const columns[] = { "Time on duty", "Share", NULL };
    static const char *const unit_columns[] = { "Unit",     "<Station", "Out of service", "At post",     "Returning",
                                                "To scene", "At scene", "To facility",    "At facility", NULL };
    heading(out, "units", "What the units' hours went into", "车组时间分配");
    report_chart_units(input, out);
    open_table(out, "Of the units' time on duty", columns);
    write_system_row(input, out, "Busy: to the scene, there, to the facility, there", "忙碌", SYSTEM_BUSY, '%');
    write_system_row(input, out, "To the scene", "赴现场", SYSTEM_TO_SCENE, '%');
    write_system_row(input, out, "At the scene", "在现场", SYSTEM_AT_SCENE, '%');
    write_system_row(input, out, "To the facility", "转运中", SYSTEM_TO_FACILITY, '%');
    write_system_row(input, out, "At the facility", "在医院", SYSTEM_AT_FACILITY, '%');
    write_system_row(input, out, "Returning, can be sent", "返站", SYSTEM_RETURNING, '%');
    write_system_row(input, out, "At its post", "待命", SYSTEM_AT_POST, '%');
    write_system_row(input, out, "Out of service", "停用", SYSTEM_OUT_OF_SERVICE, '%');
    write_system_row(input, out, "Units on duty, mean", "在岗车组", SYSTEM_UNITS_ON_DUTY, 'n');
    write_system_row(input, out, "Dispatches a day", "日均派车", SYSTEM_DISPATCHES_PER_DAY, 'n');
    write_system_row(input, out, "Dispatches from a post", "站内派车", SYSTEM_DISPATCHES_FROM_POST, '%');
    write_system_row(input, out, "Dispatches of returning units", "返程派车", SYSTEM_DISPATCHES_RETURNING, '%');
    write_system_row(input, out, "Dispatches from the queue, on becoming free", "空闲即派", SYSTEM_DISPATCHES_FREED, '%');
    write_system_row(input, out, "Dispatches of units going elsewhere", "改派", SYSTEM_DISPATCHES_DIVERTED, '%');
    close_table(out);
    open_details(out, "Table: hours a day of each unit");
    open_table(out, "Hours a day, mean", unit_columns);
    write_unit_rows(input, out);
    close_table(out);
    text_puts(out, "</details>\n");
}

static void write_facilities(const struct report_input *input, struct text *out)
{
    static const char *const columns[] = { "Facility", "Patients a day", "Share of transports, %", "Units there, mean", NULL };
    const struct measure_layout *layout = layout_of(input);
    heading(out, "facilities", "Load of the facilities", "医院负荷");
    report_chart_facilities(input, out);
    open_details(out, "Table: facilities");
    open_table(out, "Patients brought by the service", columns);
    for (uint32_t i = 0; i < input->scenario->facility_count && i < layout->facility_count; i++) {
        text_puts(out, "<tr><th scope=\"row\" class=\"w\">");
        html_text(out, input->scenario->facilities[i].name);
        text_puts(out, "</th><td>");
        put_number(out, measure_estimate(input->summary, place_facility(layout, i + 1, FACILITY_PER_DAY)), 2);
        text_puts(out, "</td><td>");
        put_percent(out, measure_estimate(input->summary, place_facility(layout, i + 1, FACILITY_SHARE)));
        text_puts(out, "</td><td>");
        put_number(out, measure_estimate(input->summary, place_facility(layout, i + 1, FACILITY_UNITS_THERE)), 3);
        text_puts(out, "</td></tr>\n");
    }
    close_table(out);
    text_puts(out, "</details>\n");
}

/* ---- districts, stages, run ---- */

static void write_district_row(const struct report_input *input, struct text *out, uint32_t group, const char *title,
                               bool is_part)
{
    char number[FORMATTED_SIZE];
    double n = sample_of(input, INTERVAL_RESPONSE, group, SAMPLE_N),
           missing = sample_of(input, INTERVAL_RESPONSE, group, SAMPLE_MISSING);
    if (n + missing == 0) {
        return;
    }
    text_puts(out, is_part ? "<tr class=\"of\"><th scope=\"row\">" : "<tr><th scope=\"row\">");
    html_text(out, title);
    text_puts(out, "</th><td>");
    put_count(out, n);
    text_puts(out, "</td><td>");
    put_clock(out, measure_estimate(input->summary, place_sample(layout_of(input), INTERVAL_RESPONSE, group, SAMPLE_MEAN_S)));
    for (unsigned statistic = SAMPLE_P50_S; statistic <= SAMPLE_P99_S; statistic++) {
        text_printf(out, "</td><td>%s",
                    format_clock(number, sample_of(input, INTERVAL_RESPONSE, group, (enum sample_statistic)statistic)));
    }
    text_puts(out, "</td><td>");
    put_percent(out, measure_estimate(input->summary,
                                      place_indicator(layout_of(input), INDICATOR_WITHIN_OWN_TARGET, group, INDICATOR_VALUE)));
    text_puts(out, "</td><td>");
    put_missing(out, n, missing);
    text_puts(out, "</td></tr>\n");
}

static void write_districts(const struct report_input *input, struct text *out)
{
    static const char *const columns[] = { "District and priority", "Sample",  "Mean", "P50", "P90", "P95", "P99",
                                           "Within target, %",      "Missing", NULL };
    heading(out, "districts", "By district and priority", "分区县、分病情");
    open_table(out, "Response from the call's arrival to the first unit on scene, minutes:seconds", columns);
    for (uint32_t district = 1; district <= layout_of(input)->district_count + 1; district++) {
        bool known = district <= layout_of(input)->district_count && district <= input->scenario->district_count;
        uint32_t number = district <= layout_of(input)->district_count ? district : 0;
        write_district_row(input, out, group_district(number), known ? input->scenario->districts[district - 1].name : "Unknown",
                           false);
        for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
            write_district_row(input, out, group_district_priority(number, priority), PRIORITY_TITLES[priority], true);
        }
    }
    close_table(out);
    if (input->summary->calls == 0) {
        text_puts(out, "<p>No calls were counted.</p>\n");
    }
}

static void write_stages(const struct report_input *input, struct text *out)
{
    static const char *const columns[] = { "From, to", "Sample", "Missing", "Mean", "P50", "P90", "P95", "P99", NULL };
    char number[FORMATTED_SIZE];
    heading(out, "stages", "Times between the stages", "各环节用时");
    open_table(out, "Minutes:seconds; percentiles are exact within each replication and averaged over replications", columns);
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        double n = sample_of(input, (enum interval)i, 0, SAMPLE_N),
               missing = sample_of(input, (enum interval)i, 0, SAMPLE_MISSING);
        text_puts(out, "<tr><th scope=\"row\" class=\"w\">");
        html_text(out, INTERVALS[i].title);
        text_printf(out, " <span lang=\"zh\">%s</span></th><td>", INTERVALS[i].zh);
        put_count(out, n);
        text_puts(out, "</td><td>");
        put_missing(out, n, missing);
        text_puts(out, "</td><td>");
        put_clock(out, measure_estimate(input->summary, place_sample(layout_of(input), (enum interval)i, 0, SAMPLE_MEAN_S)));
        for (unsigned statistic = SAMPLE_P50_S; statistic <= SAMPLE_P99_S; statistic++) {
            text_printf(out, "</td><td>%s",
                        format_clock(number, sample_of(input, (enum interval)i, 0, (enum sample_statistic)statistic)));
        }
        text_puts(out, "</td></tr>\n");
    }
    close_table(out);
}

static void fact(struct text *out, const char *title, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        text_printf(out, "<tr><th scope=\"row\">%s</th><td class=\"t w\">", title);
        html_text(out, value);
        text_puts(out, "</td></tr>\n");
    }
}

static void fact_number(struct text *out, const char *title, double value, int decimals, const char *unit)
{
    char number[FORMATTED_SIZE], told[FORMATTED_SIZE * 2];
    snprintf(told, sizeof told, "%s %s", format_number(number, value, decimals), unit);
    fact(out, title, told);
}

static void fact_hash(struct text *out, const char *title, uint64_t hash)
{
    char told[17];
    snprintf(told, sizeof told, "%016" PRIx64, hash);
    fact(out, title, told);
}

static void write_run(const struct report_input *input, struct text *out)
{
    static const char *const columns[] = { "Fact", "<Value", NULL };
    const struct report_facts *facts = &input->facts;
    char told[FORMATTED_SIZE * 2];
    heading(out, "run", "How these figures came about", "运行记录");
    open_table(out, "The run", columns);
    fact(out, "Scenario", input->scenario->name);
    fact(out, "Road network", input->city == NULL ? NULL : city_name(input->city));
    if (input->city != NULL) {
        fact_hash(out, "Fingerprint of the network", city_fingerprint(input->city));
    }
    snprintf(told, sizeof told, "%s, version %u", facts->policy_name == NULL ? "?" : facts->policy_name, facts->policy_version);
    fact(out, "Policy", told);
    snprintf(told, sizeof told, "%" PRIu64, facts->seed);
    fact(out, "Seed", told);
    fact(out, "Calls", facts->calls_file == NULL ? "drawn from the demand of the scenario" : facts->calls_file);
    fact_number(out, "Calls simulated, warm-up included", (double)facts->calls_simulated, 0, "");
    if (facts->without_bed > 0) {
        fact_number(out, "Patients for whom no facility had a bed or was fit; the nearest took them", (double)facts->without_bed,
                    0, "");
    }
    fact_number(out, "Events measured", (double)input->summary->events, 0, "");
    fact_number(out, "Time of the simulation", facts->wall_s, 2, "s");
    if (facts->wall_s > 0) {
        fact_number(out, "Calls a second", (double)facts->calls_simulated / facts->wall_s, 0, "");
    }
    if (facts->journal_bytes > 0) {
        fact_number(out, "Journal", (double)facts->journal_bytes / 1e6, 1, "MB");
    }
    fact(out, "Journal kept in", facts->journal_kind);
    if (facts->has_state_hash) {
        fact_hash(out, "State at the end of the first replication", facts->state_hash);
    }
    fact(out, "Mingdi", facts->program_version);
    fact(out, "Written", facts->created_at);
    fact(out, "Data", facts->data_notice);
    close_table(out);
}

void report_html_write(const struct report_input *input, struct text *out)
{
    write_head(input, out);
    write_cards(input, out);
    write_indicators(input, out);
    write_response(input, out);
    write_hours(input, out);
    write_coverage(input, out);
    write_queue(input, out);
    write_units(input, out);
    write_facilities(input, out);
    write_districts(input, out);
    write_stages(input, out);
    write_run(input, out);
    text_puts(out, "</main>\n<footer><p>A simulation: figures hold for the scenario and the rules named above. Indicators: "
                   "docs/indicators.md of "
                   "Mingdi. This file asks nothing of the network.</p></footer>\n</body></html>\n");
}
