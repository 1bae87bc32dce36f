/* report.json: every figure with its mean and 95 % half width over the replications. docs/report.md is its description. */
#include "sim/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/json.h"

static const struct measure_layout *layout_of(const struct report_input *input) { return &input->summary->layout; }

static void write_estimate(struct json *json, const char *name, struct estimate estimate, int decimals)
{
    json_object_begin(json, name);
    json_number(json, "mean", estimate.mean, decimals);
    json_number(json, "ci95_half", estimate.half_width, decimals);
    json_object_end(json);
}

static void write_place(struct json *json, const char *name, const struct report_input *input, size_t place)
{
    write_estimate(json, name, measure_estimate(input->summary, place), 6);
}

static void write_hash(struct json *json, const char *name, uint64_t hash)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    json_text(json, name, text);
}

static void write_text_or_none(struct json *json, const char *name, const char *text)
{
    if (text != NULL) {
        json_text(json, name, text);
    } else {
        json_none(json, name);
    }
}

static void write_run(struct json *json, const struct report_input *input)
{
    const struct report_facts *facts = &input->facts;
    json_object_begin(json, "run");
    write_text_or_none(json, "program_version", facts->program_version);
    write_text_or_none(json, "created_at", facts->created_at);
    write_text_or_none(json, "calls_file", facts->calls_file);
    json_int(json, "seed", (int64_t)facts->seed);
    json_number(json, "days", facts->days, 6);
    json_number(json, "warmup_days", facts->warmup_days, 6);
    json_int(json, "replications", input->summary->replications);
    write_text_or_none(json, "policy", facts->policy_name);
    json_int(json, "policy_version", facts->policy_version);
    if (input->city != NULL) {
        json_text(json, "city", city_name(input->city));
        write_hash(json, "city_fingerprint", city_fingerprint(input->city));
    }
    json_int(json, "calls_simulated", (int64_t)facts->calls_simulated);
    json_int(json, "patients_without_bed", (int64_t)facts->without_bed);
    json_int(json, "calls_counted", (int64_t)input->summary->calls);
    json_int(json, "events", (int64_t)input->summary->events);
    json_number(json, "wall_s", facts->wall_s, 3);
    json_number(json, "calls_per_second", facts->wall_s > 0 ? (double)facts->calls_simulated / facts->wall_s : (double)NAN, 0);
    json_int(json, "journal_bytes", (int64_t)facts->journal_bytes);
    write_text_or_none(json, "journal", facts->journal_kind);
    if (facts->has_state_hash) {
        write_hash(json, "state_hash", facts->state_hash);
    }
    write_text_or_none(json, "data_notice", facts->data_notice);
    json_object_end(json);
}

static void write_figures(struct json *json, const struct report_input *input)
{
    json_object_begin(json, "figures");
    for (uint32_t group = 0; group <= PRIORITY_COUNT; group++) {
        if (group > 0 && !input->scenario->priorities[group - 1].used) {
            continue;
        }
        json_object_begin(json, group == 0 ? "all" : priority_name((enum priority)(group - 1)));
        for (unsigned figure = 0; figure < FIGURE_COUNT; figure++) {
            write_place(json, FIGURE_NAMES[figure], input, place_figure(layout_of(input), (enum figure)figure, group));
        }
        json_object_end(json);
    }
    json_object_end(json);
    json_object_begin(json, "system");
    for (unsigned figure = 0; figure < SYSTEM_COUNT; figure++) {
        write_place(json, SYSTEM_NAMES[figure], input, place_system(layout_of(input), (enum system_figure)figure));
    }
    json_object_end(json);
    json_object_begin(json, "call_results_per_day");
    for (unsigned result = 0; result < CALL_RESULT_COUNT; result++) {
        write_place(json, CALL_RESULT_NAMES[result], input, place_call_result(layout_of(input), (enum call_result)result));
    }
    json_object_end(json);
}

/* Counts are summed over the replications, times averaged. */
static void write_samples(struct json *json, const char *name, const struct report_input *input, enum interval interval,
                          uint32_t group)
{
    json_object_begin(json, name);
    for (unsigned statistic = 0; statistic < SAMPLE_COUNT; statistic++) {
        size_t place = place_sample(layout_of(input), interval, group, (enum sample_statistic)statistic);
        if (statistic == SAMPLE_AFTERWARDS) {
            continue; /* nobody works on paper in a simulation */
        }
        if (statistic == SAMPLE_N || statistic == SAMPLE_MISSING) {
            json_int(json, SAMPLE_NAMES[statistic], (int64_t)(measure_sum(input->summary, place) + 0.5));
        } else {
            write_estimate(json, SAMPLE_NAMES[statistic], measure_estimate(input->summary, place), 4);
        }
    }
    json_object_end(json);
}

static bool has_samples(const struct report_input *input, enum interval interval, uint32_t group)
{
    size_t n = place_sample(layout_of(input), interval, group, SAMPLE_N);
    size_t missing = place_sample(layout_of(input), interval, group, SAMPLE_MISSING);
    return measure_sum(input->summary, n) + measure_sum(input->summary, missing) > 0;
}

static const char *district_id(const struct report_input *input, uint32_t district)
{
    return district == 0 || district > input->scenario->district_count ? "unknown" : input->scenario->districts[district - 1].id;
}

static void write_interval_groups(struct json *json, const struct report_input *input, enum interval interval)
{
    json_object_begin(json, "by_priority");
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        if (has_samples(input, interval, group_priority(priority))) {
            write_samples(json, priority_name((enum priority)priority), input, interval, group_priority(priority));
        }
    }
    json_object_end(json);
    json_array_begin(json, "by_hour");
    for (unsigned hour = 0; hour < 24; hour++) {
        write_samples(json, NULL, input, interval, group_hour(hour));
    }
    json_array_end(json);
    json_array_begin(json, "by_district");
    for (uint32_t district = 0; district <= layout_of(input)->district_count; district++) {
        if (!has_samples(input, interval, group_district(district))) {
            continue;
        }
        json_object_begin(json, NULL);
        json_text(json, "district", district_id(input, district));
        write_samples(json, "all", input, interval, group_district(district));
        for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
            if (has_samples(input, interval, group_district_priority(district, priority))) {
                write_samples(json, priority_name((enum priority)priority), input, interval,
                              group_district_priority(district, priority));
            }
        }
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_intervals(struct json *json, const struct report_input *input)
{
    static const char *const populations[POPULATION_COUNT] = { "calls",      "incidents", "arrests", "missions",
                                                               "transports", "treated",   "returns" };
    json_object_begin(json, "intervals");
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        const struct interval_definition *definition = &INTERVALS[i];
        json_object_begin(json, definition->name);
        json_text(json, "title", definition->title);
        json_text(json, "zh", definition->zh);
        json_text(json, "from", STAGE_NAMES[definition->from]);
        json_text(json, "to", STAGE_NAMES[definition->to]);
        json_text(json, "of", populations[definition->population]);
        write_samples(json, "all", input, (enum interval)i, group_all());
        write_interval_groups(json, input, (enum interval)i);
        json_object_end(json);
    }
    json_object_end(json);
}

static void write_indicator_value(struct json *json, const char *name, const struct report_input *input, enum indicator indicator,
                                  uint32_t group)
{
    const struct measure_layout *layout = layout_of(input);
    struct estimate value = measure_estimate(input->summary, place_indicator(layout, indicator, group, INDICATOR_VALUE));
    json_object_begin(json, name);
    write_estimate(json, "value", value, 6);
    json_int(json, "n", (int64_t)(measure_sum(input->summary, place_indicator(layout, indicator, group, INDICATOR_N)) + 0.5));
    json_int(json, "missing",
             (int64_t)(measure_sum(input->summary, place_indicator(layout, indicator, group, INDICATOR_MISSING)) + 0.5));
    enum interval interval = (enum interval)INDICATORS[indicator].interval;
    bool modelled = measure_estimate(input->summary, place_sample(layout, interval, group_all(), SAMPLE_MEAN_S)).mean != 0;
    if (INDICATORS[indicator].has_target && is_number(value.mean) && modelled) {
        json_bool(json, "met", indicator_is_met(&INDICATORS[indicator], value.mean));
    }
    json_object_end(json);
}

static bool indicator_is_defined(const struct report_input *input, enum indicator indicator, uint32_t group)
{
    return measure_estimate(input->summary, place_indicator(layout_of(input), indicator, group, INDICATOR_VALUE)).replications >
           0;
}

static void write_indicator(struct json *json, const struct report_input *input, enum indicator indicator)
{
    const struct indicator_definition *definition = &INDICATORS[indicator];
    unsigned own = definition->priority;
    json_object_begin(json, NULL);
    json_text(json, "name", definition->name);
    json_int(json, "version", definition->version);
    json_text(json, "title", definition->title);
    json_text(json, "zh", definition->zh);
    json_text(json, "unit", indicator_in_seconds(definition) ? "s" : "share");
    json_text(json, "who", definition->who);
    json_number(json, "target", definition->has_target ? definition->target : (double)NAN, 6);
    json_text(json, "better", definition->high_is_better ? "high" : "low");
    write_indicator_value(json, "all", input, indicator, own < PRIORITY_COUNT ? group_priority(own) : group_all());
    json_object_begin(json, "by_priority");
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        if (indicator_is_defined(input, indicator, group_priority(priority))) {
            write_indicator_value(json, priority_name((enum priority)priority), input, indicator, group_priority(priority));
        }
    }
    json_object_end(json);
    json_array_begin(json, "by_district");
    for (uint32_t district = 0; district <= layout_of(input)->district_count; district++) {
        uint32_t group = own < PRIORITY_COUNT ? group_district_priority(district, own) : group_district(district);
        if (indicator_is_defined(input, indicator, group)) {
            json_object_begin(json, NULL);
            json_text(json, "district", district_id(input, district));
            write_indicator_value(json, "all", input, indicator, group);
            json_object_end(json);
        }
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_histogram(struct json *json, const struct report_input *input)
{
    json_object_begin(json, "response_histogram");
    json_int(json, "bin_s", HISTOGRAM_BIN_S);
    for (uint32_t group = 0; group <= PRIORITY_COUNT; group++) {
        if (group > 0 && !has_samples(input, INTERVAL_RESPONSE, group)) {
            continue;
        }
        json_array_begin(json, group == 0 ? "all" : priority_name((enum priority)(group - 1)));
        for (unsigned bin = 0; bin < HISTOGRAM_BINS; bin++) {
            json_int(json, NULL, (int64_t)(measure_sum(input->summary, place_histogram(layout_of(input), group, bin)) + 0.5));
        }
        json_array_end(json);
    }
    json_object_end(json);
}

static void write_hours(struct json *json, const struct report_input *input)
{
    const struct measure_layout *layout = layout_of(input);
    json_array_begin(json, "hours_of_day");
    for (unsigned hour = 0; hour < 24; hour++) {
        json_object_begin(json, NULL);
        json_int(json, "hour", hour);
        write_place(json, "within_target", input,
                    place_indicator(layout, INDICATOR_WITHIN_OWN_TARGET, group_hour(hour), INDICATOR_VALUE));
        json_object_begin(json, "units");
        for (unsigned activity = 0; activity < ACTIVITY_COUNT; activity++) {
            write_place(json, ACTIVITY_NAMES[activity], input, place_activity_hour(layout, hour, (enum activity)activity));
        }
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
    json_array_begin(json, "hours_of_week");
    for (unsigned hour = 0; hour < 168; hour++) {
        json_object_begin(json, NULL);
        json_int(json, "hour", hour);
        write_place(json, "calls_per_hour", input, place_week_hour(layout, hour, WEEK_CALLS_PER_HOUR));
        write_place(json, "queue_length", input, place_week_hour(layout, hour, WEEK_QUEUE_LENGTH));
        write_place(json, "calls_in_system", input, place_week_hour(layout, hour, WEEK_CALLS_IN_SYSTEM));
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_facilities(struct json *json, const struct report_input *input)
{
    const struct measure_layout *layout = layout_of(input);
    json_array_begin(json, "facilities");
    for (uint32_t i = 0; i < input->scenario->facility_count && i < layout->facility_count; i++) {
        json_object_begin(json, NULL);
        json_text(json, "id", input->scenario->facilities[i].id);
        json_text(json, "name", input->scenario->facilities[i].name);
        write_place(json, "share", input, place_facility(layout, i + 1, FACILITY_SHARE));
        write_place(json, "patients_per_day", input, place_facility(layout, i + 1, FACILITY_PER_DAY));
        write_place(json, "units_there", input, place_facility(layout, i + 1, FACILITY_UNITS_THERE));
        json_array_begin(json, "patients_by_hour");
        for (unsigned hour = 0; hour < 24; hour++) {
            json_number(json, NULL, measure_estimate(input->summary, place_facility_hour(layout, i + 1, hour)).mean, 6);
        }
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_units(struct json *json, const struct report_input *input)
{
    const struct measure_layout *layout = layout_of(input);
    json_array_begin(json, "units");
    for (uint32_t i = 0; i < input->scenario->unit_count && i < layout->unit_count; i++) {
        json_object_begin(json, NULL);
        json_text(json, "id", input->scenario->units[i].id);
        json_object_begin(json, "hours_per_day");
        for (unsigned activity = 0; activity < ACTIVITY_COUNT; activity++) {
            write_place(json, ACTIVITY_NAMES[activity], input, place_unit(layout, i + 1, (enum activity)activity));
        }
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_coverage(struct json *json, const struct report_input *input)
{
    const struct coverage *coverage = input->coverage;
    if (coverage == NULL) {
        json_none(json, "coverage");
        return;
    }
    json_object_begin(json, "coverage");
    json_text(json, "of", input->scenario->cell_count > 0 ? "demand" : "calls");
    json_int(json, "posts_with_units", coverage->post_count);
    json_int(json, "places", coverage->place_count);
    json_number(json, "mean_s", coverage->mean_s, 3);
    json_number(json, "unreachable", coverage->unreachable, 6);
    json_array_begin(json, "within");
    for (int step = 0; step < COVERAGE_STEPS; step++) {
        json_object_begin(json, NULL);
        json_int(json, "minutes", COVERAGE_MINUTES[step]);
        json_number(json, "share", coverage->within[step], 6);
        json_object_begin(json, "by_district");
        for (uint32_t district = 0; district < coverage->district_count; district++) {
            json_number(json, input->scenario->districts[district].id,
                        coverage->district_within[district * COVERAGE_STEPS + (uint32_t)step], 6);
        }
        json_object_end(json);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

void report_json_write(const struct report_input *input, struct text *out)
{
    struct json json;
    json_init(&json, out, 1);
    json_object_begin(&json, NULL);
    json_text(&json, "format", "mingdi report 1");
    json_text(&json, "scenario", input->scenario->name);
    write_estimate(&json, "mean_response_s",
                   measure_estimate(input->summary, place_figure(layout_of(input), FIGURE_RESPONSE_MEAN_S, group_all())), 6);
    write_run(&json, input);
    write_figures(&json, input);
    json_array_begin(&json, "indicators");
    for (unsigned indicator = 0; indicator < INDICATOR_COUNT; indicator++) {
        write_indicator(&json, input, (enum indicator)indicator);
    }
    json_array_end(&json);
    write_coverage(&json, input);
    write_facilities(&json, input);
    write_units(&json, input);
    write_hours(&json, input);
    write_histogram(&json, input);
    write_intervals(&json, input);
    json_object_end(&json);
    text_puts(out, "\n");
}
