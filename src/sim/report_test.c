/* The reports of a service that is lived through event by event: valid JSON with the promised fields, a page that needs nothing
 * from outside, and every empty case. With MINGDI_DATA, a map and coverage of Manhattan. REPORT_TEST_KEEP=folder keeps the files
 * of each case there, to be looked at. */
#include "base/test_data.h"
#include "sim/report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "sim/import_jemss.h"
#include "sim/report_svg.h"

enum { SAMPLED_MAX = 300 };

/* What happens in a made-up run. */
struct plan {
    uint32_t calls_per_day, days, replications;
    double transported;
    unsigned priority_count; /* used, from critical on */
};

struct live {
    struct measure *measure;
    struct random_stream draws;
    const struct scenario *scenario;
    uint32_t call;
    double *free_at; /* of each unit, from 1 */
};

static struct instant at_s(double s) { return (struct instant){ (int64_t)(s * 1e6) }; }

#define EVENT(live, now_s, NAME, name, ...)                                                       \
    do {                                                                                          \
        struct event_##name event_ = { .head = { EVENT_##NAME, 1, sizeof event_ }, __VA_ARGS__ }; \
        measure_event((live)->measure, &event_.head, at_s(now_s));                                \
    } while (0)

static double draw(struct live *live, double mean) { return random_exponential(&live->draws, mean); }

static void report_stage(struct live *live, enum mission_event stage, double s)
{
    EVENT(live, s, MISSION_PROGRESSED, mission_progressed, .mission = { live->call }, .stage = (uint8_t)stage,
          .occurred_at = at_s(s));
}

static double transport_patient(struct live *live, double s)
{
    uint32_t facility = 1 +
                        (uint32_t)(random_uniform(&live->draws) * random_uniform(&live->draws) * live->scenario->facility_count);
    EVENT(live, s, DESTINATION_CHOSEN, destination_chosen, .mission = { live->call }, .facility = { facility });
    report_stage(live, MISSION_EVENT_LEAVE_SCENE, s);
    s += 120 + draw(live, 300);
    report_stage(live, MISSION_EVENT_REACH_FACILITY, s);
    s += 300 + draw(live, 400);
    report_stage(live, MISSION_EVENT_HAND_OVER, s);
    return s;
}

static struct geo_point draw_point(struct live *live)
{
    const struct scenario *scenario = live->scenario;
    if (scenario->cell_count > 0) {
        return scenario->cells[(uint32_t)(random_uniform(&live->draws) * scenario->cell_count)].point;
    }
    return (struct geo_point){ (int32_t)(1210000000 + random_uniform(&live->draws) * 2e6),
                               (int32_t)(312000000 + random_uniform(&live->draws) * 1e6) };
}

/* One call from arrival to the unit's return. Calls do not overlap for one unit; the queue fills when all are at work. */
static void live_call(struct live *live, const struct plan *plan, double arrival)
{
    uint32_t id = ++live->call, unit = 1;
    for (uint32_t other = 2; other <= live->scenario->unit_count; other++) {
        unit = live->free_at[other] < live->free_at[unit] ? other : unit;
    }
    uint8_t priority = (uint8_t)(random_uniform(&live->draws) * plan->priority_count);
    uint32_t district = 1 + (uint32_t)(random_uniform(&live->draws) * live->scenario->district_count);
    struct geo_point point = draw_point(live);
    double now = arrival + 4 + draw(live, 3);
    EVENT(live, arrival, CALL_OFFERED, call_offered, .call = { id }, .external = id, .occurred_at = at_s(arrival));
    EVENT(live, now, CALL_ANSWERED, call_answered, .call = { id }, .occurred_at = at_s(now));
    now += 20 + draw(live, 20);
    EVENT(live, now, CALL_LOCATED, call_located, .call = { id }, .district = district, .point = point, .occurred_at = at_s(now));
    EVENT(live, now, INCIDENT_OPENED, incident_opened, .incident = { id }, .call = { id }, .district = district, .point = point,
          .offered_at = at_s(arrival), .triaged_at = at_s(now), .priority = priority, .units_wanted = 1);
    enum unit_state was = UNIT_STATE_AT_POST;
    if (live->free_at[unit] > now) {
        EVENT(live, now, INCIDENT_QUEUED, incident_queued, .incident = { id });
        now = live->free_at[unit];
        was = UNIT_STATE_RETURNING;
    }
    EVENT(live, now, UNIT_ASSIGNED, unit_assigned, .mission = { id }, .incident = { id }, .unit = { unit }, .rank = 1,
          .unit_was = (uint8_t)was);
    now += 40 + draw(live, 40);
    report_stage(live, MISSION_EVENT_DEPART, now);
    now += 60 + draw(live, 200) + draw(live, 150);
    report_stage(live, MISSION_EVENT_ARRIVE, now);
    now += 600 + draw(live, 300);
    if (random_uniform(&live->draws) < plan->transported) {
        now = transport_patient(live, now);
    }
    EVENT(live, now, MISSION_ENDED, mission_ended, .mission = { id }, .incident = { id }, .unit = { unit },
          .occurred_at = at_s(now));
    EVENT(live, now, INCIDENT_CLOSED, incident_closed, .incident = { id }, .outcome = INCIDENT_OUTCOME_TREATED);
    live->free_at[unit] = now;
    now += 60;
    if (random_uniform(&live->draws) < 0.3) { /* the others are sent on from the road, as the record has it */
        EVENT(live, now, UNIT_CHANGED, unit_changed, .unit = { unit }, .what = UNIT_EVENT_REACH_POST, .state = UNIT_STATE_AT_POST,
              .occurred_at = at_s(now));
    }
}

static void live_replication(struct live *live, const struct plan *plan, uint32_t replication)
{
    live->call = 0;
    random_open(&live->draws, 11, 1, replication);
    live->free_at = calloc((size_t)live->scenario->unit_count + 2, sizeof *live->free_at);
    assert_non_null(live->free_at);
    for (uint32_t unit = 1; unit <= live->scenario->unit_count; unit++) {
        EVENT(live, 0, UNIT_ADDED, unit_added, .unit = { unit });
        EVENT(live, 0, UNIT_CHANGED, unit_changed, .unit = { unit }, .what = UNIT_EVENT_START_SHIFT, .state = UNIT_STATE_AT_POST,
              .occurred_at = at_s(0));
    }
    double now = 0, end = plan->days * 86400.0;
    while (plan->calls_per_day > 0) {
        double by_hour = 1 + 0.7 * sin((fmod(now, 86400) / 86400 - 0.35) * 2 * 3.14159265);
        now += draw(live, 86400.0 / plan->calls_per_day / by_hour);
        if (now >= end) {
            break;
        }
        live_call(live, plan, now);
    }
    free(live->free_at);
}

static void measure_plan(const struct scenario *scenario, const struct plan *plan, struct measure_summary *summary,
                         struct sampled_call *sampled, uint32_t *sampled_count)
{
    struct measure_setup setup = { .limits = LIMITS_DEFAULT,
                                   .district_count = scenario->district_count,
                                   .end = at_s(plan->days * 86400.0) };
    for (unsigned priority = 0; priority < PRIORITY_COUNT; priority++) {
        setup.target[priority] = duration_from_seconds(scenario->priorities[priority].target_s);
    }
    struct error error;
    struct live live = { .scenario = scenario };
    struct measure_layout layout = measure_layout(scenario->district_count, scenario->facility_count, scenario->unit_count);
    assert_int_equal(measure_create(&setup, &live.measure, &error), STATUS_OK);
    assert_int_equal(measure_summary_create(&layout, summary, &error), STATUS_OK);
    for (uint32_t replication = 0; replication < plan->replications; replication++) {
        measure_reset(live.measure);
        live_replication(&live, plan, replication);
        assert_int_equal(measure_finish(live.measure, setup.end, &error), STATUS_OK);
        struct measure_result result;
        assert_int_equal(measure_compute(live.measure, &layout, &result, &error), STATUS_OK);
        measure_summary_add(summary, &result);
        measure_result_free(&result);
        if (replication == 0) {
            *sampled_count = measure_sample_calls(live.measure, sampled, SAMPLED_MAX);
        }
    }
    measure_destroy(live.measure);
}

/* A scenario in memory: two stations, four units, two facilities with names that must be escaped. */
struct made_up {
    struct scenario scenario;
    struct scenario_station stations[2];
    struct scenario_unit units[4];
    struct scenario_facility facilities[2];
    struct scenario_district districts[3];
};

static void make_up(struct made_up *made, uint32_t districts, unsigned priorities)
{
    *made = (struct made_up){ .scenario = { .name = "Sample <City> & \"Co\"",
                                            .station_count = 2,
                                            .unit_count = 4,
                                            .facility_count = 2,
                                            .district_count = districts } };
    made->scenario.stations = made->stations;
    made->scenario.units = made->units;
    made->scenario.facilities = made->facilities;
    made->scenario.districts = made->districts;
    for (uint32_t i = 0; i < 4; i++) {
        snprintf(made->units[i].id, sizeof made->units[i].id, "A%u", i + 1);
        snprintf(made->units[i].name, sizeof made->units[i].name, "Ambulance %u", i + 1);
        made->units[i].station = i / 2;
    }
    for (uint32_t i = 0; i < 2; i++) {
        snprintf(made->stations[i].name, sizeof made->stations[i].name, "Station <%u>", i + 1);
        snprintf(made->facilities[i].name, sizeof made->facilities[i].name, "St. Mary's & <All> %u", i + 1);
        snprintf(made->facilities[i].id, sizeof made->facilities[i].id, "H%u", i + 1);
    }
    for (uint32_t i = 0; i < 3; i++) {
        snprintf(made->districts[i].id, sizeof made->districts[i].id, "D%u", i + 1);
        snprintf(made->districts[i].name, sizeof made->districts[i].name, "District \xE6\x9D\xB1%u", i + 1);
    }
    for (unsigned priority = 0; priority < priorities; priority++) {
        made->scenario.priorities[priority] = (struct scenario_priority){ .used = true, .target_s = 480 + 120 * priority };
    }
}

static void keep(const char *name, const char *suffix, const struct text *text)
{
    const char *folder = getenv("REPORT_TEST_KEEP");
    if (folder == NULL) {
        return;
    }
    char path[512];
    struct error error;
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, suffix);
    assert_int_equal(file_write_whole(path, text->bytes, text->length, &error), STATUS_OK);
}

static json_t *checked_json(const struct report_input *input, const char *name)
{
    struct text out;
    json_error_t problem;
    text_init(&out, 64 << 20);
    report_json_write(input, &out);
    assert_false(out.failed);
    keep(name, "json", &out);
    json_t *root = json_loadb(out.bytes, out.length, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        fail_msg("report.json line %d: %s", problem.line, problem.text);
    }
    text_free(&out);
    return root;
}

/* Elements opened and closed must match; only void elements may stay open. */
static void assert_well_nested(const char *html)
{
    static const char *const void_elements[] = { "meta", "br", "!doctype", NULL };
    char open[64][32];
    size_t depth = 0;
    for (const char *at = strchr(html, '<'); at != NULL; at = strchr(at + 1, '<')) {
        bool closing = at[1] == '/';
        const char *name = at + 1 + closing, *end = strchr(at, '>');
        assert_non_null(end);
        size_t length = strcspn(name, " >/\n");
        assert_true(length > 0 && length < sizeof open[0]);
        bool is_void = end[-1] == '/';
        for (size_t i = 0; void_elements[i] != NULL; i++) {
            is_void = is_void || (strlen(void_elements[i]) == length && strncmp(name, void_elements[i], length) == 0);
        }
        if (is_void) {
            continue;
        }
        if (!closing) {
            assert_true(depth < 64);
            memcpy(open[depth], name, length);
            open[depth++][length] = '\0';
            continue;
        }
        if (depth == 0 || strlen(open[depth - 1]) != length || strncmp(open[depth - 1], name, length) != 0) {
            fail_msg("</%.*s> closes <%s> at: %.120s", (int)length, name, depth == 0 ? "" : open[depth - 1], at);
        }
        depth--;
    }
    assert_int_equal(depth, 0);
}

static void assert_self_contained(const char *html)
{
    static const char *const forbidden[] = { "http:", "https:",  "<script",     "src=",    "@import", "url(",
                                             "<link", "<iframe", "javascript:", " onload", " onclick" };
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        if (strstr(html, forbidden[i]) != NULL) {
            fail_msg("the page holds '%s'", forbidden[i]);
        }
    }
    assert_null(strstr(html, "nan"));
    assert_null(strstr(html, "inf\""));
}

static void assert_unique_ids(const char *html)
{
    for (const char *at = strstr(html, " id=\""); at != NULL; at = strstr(at + 5, " id=\"")) {
        char whole[80];
        size_t length = strcspn(at + 5, "\"");
        assert_true(length > 0 && length < 60);
        snprintf(whole, sizeof whole, " id=\"%.*s\"", (int)length, at + 5);
        assert_null(strstr(at + 5, whole));
    }
}

static char *checked_html(const struct report_input *input, const char *name)
{
    struct text out;
    text_init(&out, 64 << 20);
    report_html_write(input, &out);
    assert_false(out.failed);
    keep(name, "html", &out);
    assert_true(out.length < 3 << 20);
    assert_well_nested(out.bytes);
    assert_self_contained(out.bytes);
    assert_unique_ids(out.bytes);
    return out.bytes; /* freed by the caller */
}

static json_t *get(json_t *root, const char *path)
{
    char copy[128];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *rest = copy, *part; (part = strsep(&rest, "/")) != NULL;) {
        root = json_object_get(root, part);
        if (root == NULL) {
            fail_msg("report.json has no %s (at %s)", path, part);
        }
    }
    return root;
}

static struct report_input input_of(const struct made_up *made, const struct measure_summary *summary)
{
    return (struct report_input){ .scenario = &made->scenario,
                                  .summary = summary,
                                  .facts = { .program_version = "test",
                                             .created_at = "2026-11-21T21:30:05.123Z",
                                             .policy_name = "nearest",
                                             .policy_version = 1,
                                             .seed = 11,
                                             .days = 28,
                                             .warmup_days = 1,
                                             .calls_simulated = 30000,
                                             .wall_s = 0.25,
                                             .journal_bytes = 123456789,
                                             .journal_kind = "memory",
                                             .has_state_hash = true,
                                             .state_hash = 0x0123456789abcdefU,
                                             .data_notice = "Roads \u00a9 OpenStreetMap contributors, ODbL" } };
}

static void a_month_has_every_figure(void **state)
{
    (void)state;
    struct made_up made;
    struct measure_summary summary;
    struct sampled_call sampled[SAMPLED_MAX];
    uint32_t sampled_count;
    make_up(&made, 3, 3);
    measure_plan(&made.scenario, &(struct plan){ 90, 28, 5, 0.8, 3 }, &summary, sampled, &sampled_count);
    struct report_input input = input_of(&made, &summary);
    json_t *root = checked_json(&input, "month");
    struct estimate mean = measure_estimate(&summary, place_figure(&summary.layout, FIGURE_RESPONSE_MEAN_S, 0));
    assert_true(fabs(json_number_value(get(root, "mean_response_s/mean")) - mean.mean) < 1e-5);
    assert_true(fabs(json_number_value(get(root, "mean_response_s/ci95_half")) - mean.half_width) < 1e-5);
    assert_true(mean.mean > 400 && mean.mean < 2000);
    assert_int_equal(json_array_size(get(root, "hours_of_week")), 168);
    assert_int_equal(json_array_size(get(root, "hours_of_day")), 24);
    assert_int_equal(json_array_size(get(root, "indicators")), INDICATOR_COUNT);
    assert_int_equal(json_array_size(get(root, "facilities")), 2);
    assert_int_equal(json_array_size(get(root, "intervals/response/by_district")), 3);
    assert_int_equal(json_integer_value(get(root, "run/calls_counted")), (long long)summary.calls);
    assert_int_equal(json_integer_value(get(root, "intervals/response/all/n")), (long long)summary.calls);
    assert_int_equal(json_integer_value(get(root, "intervals/at_patient/all/missing")), (long long)summary.calls);
    assert_null(json_object_get(get(root, "figures"), "non_urgent"));
    double busy = json_number_value(get(root, "system/busy/mean"));
    assert_true(busy > 0.2 && busy < 1);
    json_decref(root);
    char *html = checked_html(&input, "month");
    assert_non_null(strstr(html, "Sample &lt;City&gt; &amp; &quot;Co&quot;"));
    assert_non_null(strstr(html, "St. Mary&#39;s &amp; &lt;All&gt; 1"));
    assert_non_null(strstr(html, "Critical <span lang=\"zh\">濒危</span>"));
    assert_null(strstr(html, "Non-urgent <span"));
    assert_non_null(strstr(html, "0123456789abcdef"));
    free(html);
    measure_summary_free(&summary);
}

static void assert_empty_case(const char *name, const struct plan *plan, uint32_t districts, unsigned priorities,
                              const char *must_say)
{
    struct made_up made;
    struct measure_summary summary;
    struct sampled_call sampled[SAMPLED_MAX];
    uint32_t sampled_count;
    make_up(&made, districts, priorities);
    measure_plan(&made.scenario, plan, &summary, sampled, &sampled_count);
    struct report_input input = input_of(&made, &summary);
    json_t *root = checked_json(&input, name);
    assert_non_null(get(root, "mean_response_s/mean"));
    if (plan->replications < 2) {
        assert_true(json_is_null(get(root, "mean_response_s/ci95_half")));
    }
    json_decref(root);
    char *html = checked_html(&input, name);
    if (strstr(html, must_say) == NULL) {
        fail_msg("%s: the page does not say '%s'", name, must_say);
    }
    free(html);
    measure_summary_free(&summary);
}

static void empty_cases_say_so(void **state)
{
    (void)state;
    assert_empty_case("no-calls", &(struct plan){ 0, 7, 2, 0.5, 1 }, 1, 1, "No calls were counted");
    assert_empty_case("no-calls-ever", &(struct plan){ 0, 7, 1, 0.5, 1 }, 1, 0, "so nobody waited");
    assert_empty_case("one-replication", &(struct plan){ 50, 7, 1, 0.5, 2 }, 2, 2, "One replication: no confidence");
    assert_empty_case("no-transports", &(struct plan){ 50, 7, 2, 0, 1 }, 1, 1, "Nobody was taken to a facility");
    assert_empty_case("a-priority-never", &(struct plan){ 50, 7, 2, 0.5, 1 }, 1, 4, "Non-urgent <span");
}

static void numbers_are_told_as_people_write_them(void **state)
{
    (void)state;
    char text[FORMATTED_SIZE];
    assert_string_equal(format_clock(text, 485), "8:05");
    assert_string_equal(format_clock(text, 59.6), "1:00");
    assert_string_equal(format_clock(text, 3723), "1:02:03");
    assert_string_equal(format_clock(text, not_a_number()), "\u2013");
    assert_string_equal(format_number(text, 1234567.891, 1), "1\u202f234\u202f567.9");
    assert_string_equal(format_number(text, 1234, 0), "1234");
    assert_string_equal(format_number(text, -12345, 0), "-12\u202f345");
    assert_string_equal(format_percent(text, 0.5502), "55.0");
    assert_string_equal(format_percent(text, 0.00003), "0.003");
    assert_string_equal(format_percent(text, 0), "0.0");
    assert_string_equal(format_percent(text, not_a_number()), "\u2013");
}

static void written_whole_or_not_at_all(void **state)
{
    (void)state;
    struct made_up made;
    struct measure_summary summary;
    struct sampled_call sampled[SAMPLED_MAX];
    uint32_t sampled_count;
    make_up(&made, 1, 1);
    measure_plan(&made.scenario, &(struct plan){ 10, 2, 1, 0.5, 1 }, &summary, sampled, &sampled_count);
    struct report_input input = input_of(&made, &summary);
    char folder[] = "report_test_XXXXXX", path[64];
    struct error error;
    struct stat about;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(report_write(&input, folder, &error), STATUS_OK);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/report.%s", folder, i == 0 ? "json" : "html");
        assert_int_equal(stat(path, &about), 0);
        assert_true(about.st_size > 1000);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
    assert_int_not_equal(report_write(&input, folder, &error), STATUS_OK);
    assert_non_null(strstr(error.text, "report.json"));
    measure_summary_free(&summary);
}

static void a_real_city_has_a_map(void **state)
{
    (void)state;
    char source[512], city_path[64], folder[] = "report_city_XXXXXX";
    snprintf(source, sizeof source, "%s/jemss/manhattan", test_data_folder());
    if (!file_exists(source)) {
        print_message("skipped: no %s\n", source);
        skip();
    }
    struct error error;
    struct city *city;
    struct scenario *scenario;
    assert_non_null(mkdtemp(folder));
    char scenario_path[64], command[128];
    snprintf(scenario_path, sizeof scenario_path, "%s/scenario", folder);
    snprintf(city_path, sizeof city_path, "%s/scenario/city.mingdi", folder);
    struct text notes;
    text_init(&notes, 1 << 20);
    struct import_jemss_options options = { 0 };
    if (import_jemss(source, scenario_path, &options, &notes, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    text_free(&notes);
    assert_int_equal(city_open(city_path, &city, &error), STATUS_OK);
    if (scenario_load(scenario_path, &scenario, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    struct coverage coverage;
    if (coverage_compute(scenario, city, NULL, 0, &coverage, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    assert_true(coverage.within[0] > 0.2 && coverage.within[0] <= coverage.within[1] && coverage.within[1] <= coverage.within[2]);
    assert_true(coverage.within[2] > 0.95 && coverage.within[2] <= 1 + 1e-9);
    assert_true(coverage.mean_s > 60 && coverage.mean_s < 480);
    struct measure_summary summary;
    struct sampled_call sampled[SAMPLED_MAX];
    uint32_t sampled_count = 0;
    measure_plan(scenario, &(struct plan){ 230, 28, 5, 0.8, 3 }, &summary, sampled, &sampled_count);
    struct report_input input = {
        .scenario = scenario,
        .city = city,
        .coverage = &coverage,
        .summary = &summary,
        .sampled = sampled,
        .sampled_count = sampled_count,
        .facts = { .policy_name = "nearest", .policy_version = 1, .days = 28, .calls_simulated = 63000, .wall_s = 0.4 }
    };
    json_t *root = checked_json(&input, "manhattan");
    assert_int_equal(json_array_size(get(root, "coverage/within")), COVERAGE_STEPS);
    json_decref(root);
    char *html = checked_html(&input, "manhattan");
    assert_non_null(strstr(html, "class=\"reach4\""));
    free(html);
    measure_summary_free(&summary);
    coverage_free(&coverage);
    scenario_free(scenario);
    city_close(city);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_month_has_every_figure),
        cmocka_unit_test(empty_cases_say_so),
        cmocka_unit_test(numbers_are_told_as_people_write_them),
        cmocka_unit_test(written_whole_or_not_at_all),
        cmocka_unit_test(a_real_city_has_a_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
