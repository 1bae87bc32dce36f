/* mingdi simulate: a scenario served for days, and what the figures say. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "cli/verb.h"
#include "policy/policies.h"
#include "sim/output.h"
#include "sim/report.h"
#include "sim/simulate.h"

#ifdef MINGDI_COMMIT
#define PROGRAM_VERSION MINGDI_VERSION " (" MINGDI_COMMIT ")"
#else
#define PROGRAM_VERSION MINGDI_VERSION /* configured outside a checkout */
#endif

/* ---- what was asked for ---- */

struct request {
    const char *scenario, *calls, *out;
    const struct policy *policy;
    struct simulate_options options;
};

static enum status parse_policy(const struct arguments *arguments, const struct scenario *scenario, struct request *request,
                                struct error *error)
{
    const char *name = argument(arguments, "--policy", scenario->policy_name);
    request->policy = policy_find(name);
    if (request->policy == NULL) {
        return ERROR(error, STATUS_USAGE, "there is no policy '%s'; there are: %s", name, policy_names());
    }
    return STATUS_OK;
}

static enum status check_calls_or_days(const struct arguments *arguments, const struct scenario *scenario, struct error *error)
{
    bool listed = argument_count(arguments, "--calls") > 0;
    if (listed) {
        for (size_t i = 0; i < 3; i++) {
            static const char *const not_with_calls[] = { "--days", "--warmup-days", "--replications" };
            if (argument_count(arguments, not_with_calls[i]) > 0) {
                return ERROR(error, STATUS_USAGE, "%s is for random calls; --calls gives them all", not_with_calls[i]);
            }
        }
        return STATUS_OK;
    }
    if (scenario->calls_per_day_mean <= 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: has no rate.csv, so it has no random calls; give a list with --calls",
                     scenario->folder);
    }
    return STATUS_OK;
}

static enum status parse_numbers(const struct arguments *arguments, const struct scenario *scenario, struct request *request,
                                 struct error *error)
{
    struct simulate_options *options = &request->options;
    long long replications, seed, jobs;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    TRY(argument_double(arguments, "--days", 0.01, 36500, scenario->days, &options->days, error));
    TRY(argument_double(arguments, "--warmup-days", 0, 3650, scenario->warmup_days, &options->warmup_days, error));
    TRY(argument_int(arguments, "--replications", 1, REPLICATIONS_MAX, scenario->replications, &replications, error));
    TRY(argument_int(arguments, "--seed", 0, INT64_MAX, (long long)scenario->seed, &seed, error));
    TRY(argument_int(arguments, "--jobs", 1, JOBS_MAX, cores < 1 ? 1 : cores > JOBS_MAX ? JOBS_MAX : cores, &jobs, error));
    options->replications = request->calls != NULL ? 1 : (uint32_t)replications;
    options->seed = (uint64_t)seed;
    options->jobs = (uint32_t)jobs;
    return STATUS_OK;
}

/* ---- progress ---- */

struct progress {
    bool terminal;
    double began_s, next_line_s;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A bar with the time left on a terminal; a line every ten seconds where there is none. */
static void show_progress(void *context, double done)
{
    enum { BAR_WIDTH = 40 };
    struct progress *progress = context;
    double spent_s = now_s() - progress->began_s;
    double left_s = done > 0.001 ? spent_s / done * (1 - done) : NAN;
    if (progress->terminal) {
        char bar[BAR_WIDTH + 1];
        int filled = (int)(done * BAR_WIDTH);
        memset(bar, '#', (size_t)filled);
        memset(bar + filled, '.', (size_t)(BAR_WIDTH - filled));
        bar[BAR_WIDTH] = '\0';
        fprintf(stderr, isnan(left_s) ? "\r[%s] %3.0f %%            " : "\r[%s] %3.0f %%  %.0f s left   ", bar, 100 * done,
                left_s);
    } else if (spent_s >= progress->next_line_s) {
        progress->next_line_s = spent_s + 10;
        fprintf(stderr, "simulating: %.0f %% done, %.0f s so far\n", 100 * done, spent_s);
    }
}

static void end_progress(const struct progress *progress)
{
    if (progress->terminal) {
        fprintf(stderr, "\r%70s\r", "");
    }
}

/* ---- the run ---- */

static void print_headline(const struct request *request, const struct simulate_outcome *outcome)
{
    const struct measure_summary *summary = &outcome->summary;
    struct estimate response = measure_estimate(summary, place_figure(&summary->layout, FIGURE_RESPONSE_MEAN_S, group_all()));
    struct estimate within = measure_estimate(summary, place_figure(&summary->layout, FIGURE_WITHIN_TARGET, group_all()));
    if (!isnan(response.mean)) {
        printf("mean response %.1f s", response.mean);
        if (!isnan(response.half_width)) {
            printf(" +- %.1f (95 %%)", response.half_width);
        }
        printf(", ");
    }
    if (!isnan(within.mean)) {
        printf("within target %.2f %%; ", 100 * within.mean);
    }
    struct estimate satisfied = measure_estimate(summary, place_figure(&summary->layout, FIGURE_SATISFACTION, group_all()));
    if (satisfied.mean < 1) {
        printf("%.2f %% got no unit; ", 100 * (1 - satisfied.mean));
    }
    printf("%llu calls counted of %llu simulated\n", (unsigned long long)summary->calls,
           (unsigned long long)outcome->calls_simulated);
    if (outcome->without_bed > 0) {
        printf("no facility had a bed or was fit for %llu patients: the nearest took them\n",
               (unsigned long long)outcome->without_bed);
    }
    printf("%.0f calls a second on one core (%.2f s of processor time, %.2f s by the clock)\n",
           (double)outcome->calls_simulated / fmax(outcome->cpu_s, 1e-9), outcome->cpu_s, outcome->wall_s);
    printf("%s/report.html\n", request->out);
}

static struct report_facts facts_of(const struct request *request, const struct scenario *scenario,
                                    const struct simulate_outcome *outcome)
{
    return (struct report_facts){ .program_version = PROGRAM_VERSION,
                                  .policy_name = request->policy->name,
                                  .policy_version = request->policy->version,
                                  .calls_file = request->calls,
                                  .data_notice = scenario->attribution[0] != '\0' ? scenario->attribution : NULL,
                                  .seed = request->options.seed,
                                  .days = request->calls != NULL ? 0 : request->options.days,
                                  .warmup_days = request->calls != NULL ? 0 : request->options.warmup_days,
                                  .calls_simulated = outcome->calls_simulated,
                                  .without_bed = outcome->without_bed,
                                  .wall_s = outcome->wall_s,
                                  .journal_bytes = outcome->journal_bytes,
                                  .journal_kind = "sqlite",
                                  .has_state_hash = true,
                                  .state_hash = outcome->state_hash };
}

/* Where the scenario has no demand cells, coverage is told of the listed calls. */
static enum status compute_coverage(const struct world_setting *setting, const struct call_list *list, struct coverage *coverage,
                                    struct error *error)
{
    const struct scenario *scenario = setting->scenario;
    uint32_t count = list != NULL ? list->count : 0;
    struct coverage_place *places = calloc((size_t)count + 1, sizeof *places);
    if (places == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the places of %u calls", count);
    }
    for (uint32_t i = 0; i < count; i++) {
        places[i] = (struct coverage_place){ .point = list->calls[i].point, .weight = 1, .district = list->calls[i].district };
    }
    enum status status = coverage_compute(scenario, roads_city(setting->roads), places, count, coverage, error);
    free(places);
    return status;
}

static enum status write_output(const struct request *request, const struct world_setting *setting, const struct output *output,
                                const struct simulate_outcome *outcome, struct error *error)
{
    struct coverage coverage;
    TRY(compute_coverage(setting, request->options.list, &coverage, error));
    struct report_input input = { .scenario = setting->scenario,
                                  .city = roads_city(setting->roads),
                                  .coverage = &coverage,
                                  .summary = &outcome->summary,
                                  .sampled = outcome->sampled,
                                  .sampled_count = outcome->sampled_count,
                                  .facts = facts_of(request, setting->scenario, outcome) };
    char created_at[INSTANT_TEXT_SIZE];
    instant_format((struct instant){ (int64_t)time(NULL) * US_PER_SECOND }, created_at);
    input.facts.created_at = created_at;
    enum status status = report_write(&input, output->working, error);
    coverage_free(&coverage);
    return status == STATUS_OK ? output_write_calls(output, setting->scenario, outcome, error) : status;
}

static enum status run_to_output(struct request *request, const struct world_setting *setting, struct output *output,
                                 struct error *error)
{
    struct progress progress = { .terminal = isatty(STDERR_FILENO) == 1, .began_s = now_s(), .next_line_s = 10 };
    char *journal = output_path(output, "journal.db");
    struct simulate_options options = request->options;
    options.journal_path = journal;
    options.created_by = "mingdi " PROGRAM_VERSION;
    options.progress = show_progress;
    options.context = &progress;
    struct simulate_outcome outcome;
    enum status status = simulate(setting, &options, &outcome, error);
    end_progress(&progress);
    if (status == STATUS_OK) {
        status = write_output(request, setting, output, &outcome, error);
        if (status == STATUS_OK) {
            print_headline(request, &outcome);
        }
        simulate_outcome_free(&outcome);
    }
    free(journal);
    return status;
}

static enum status run_with_setting(struct request *request, const struct world_setting *setting, struct error *error)
{
    struct output output;
    TRY(output_open(&output, request->out, error));
    enum status status = run_to_output(request, setting, &output, error);
    if (status != STATUS_OK) {
        output_abandon(&output);
        return status;
    }
    return output_commit(&output, error);
}

static enum status run_with_roads(struct request *request, const struct scenario *scenario, const struct roads *roads,
                                  struct error *error)
{
    struct call_list list = { 0 };
    if (request->calls != NULL) {
        TRY(call_list_load(request->calls, scenario, &list, error));
        request->options.list = &list;
    }
    struct world_setting setting;
    enum status status = world_setting_create(scenario, roads, request->policy, &setting, error);
    if (status == STATUS_OK) {
        status = run_with_setting(request, &setting, error);
        world_setting_free(&setting);
    }
    request->options.list = NULL;
    call_list_free(&list);
    return status;
}

static enum status run_with_scenario(const struct arguments *arguments, struct request *request, const struct scenario *scenario,
                                     struct error *error)
{
    TRY(check_calls_or_days(arguments, scenario, error));
    TRY(parse_policy(arguments, scenario, request, error));
    TRY(parse_numbers(arguments, scenario, request, error));
    struct city *city;
    TRY(city_open(scenario->city_path, &city, error));
    struct roads *roads = NULL;
    enum status status = scenario_check_places(scenario, city, error);
    if (status == STATUS_OK) {
        status = roads_create(city, &roads, error);
    }
    if (status == STATUS_OK) {
        status = run_with_roads(request, scenario, roads, error);
    }
    roads_destroy(roads);
    city_close(city);
    return status;
}

static enum status run_simulate(const struct arguments *arguments, struct error *error)
{
    struct request request = { .scenario = arguments->positionals[0],
                               .calls = argument(arguments, "--calls", NULL),
                               .out = argument(arguments, "-o", NULL) };
    if (request.out == NULL) {
        return ERROR(error, STATUS_USAGE, "-o OUT is missing: the folder for the report");
    }
    struct scenario *scenario;
    TRY(scenario_load(request.scenario, &scenario, error));
    enum status status = run_with_scenario(arguments, &request, scenario, error);
    scenario_free(scenario);
    return status;
}

static const struct verb_option SIMULATE_OPTIONS[] = {
    { "--days", "N", "days that count; default: the scenario's", NULL },
    { "--warmup-days", "W", "days before them; default: the scenario's", NULL },
    { "--replications", "R", "independent runs, for confidence intervals; default: the scenario's", NULL },
    { "--calls", "CALLS.csv", "these calls instead of random ones (.csv or .csv.gz)", NULL },
    { "--seed", "S", "of the random calls; the same seed gives the same calls under every policy", NULL },
    { "--policy", "P", "who goes and where to, 'standard' or 'nearest'; default: the scenario's", NULL },
    { "--jobs", "J", "replications at a time; default: one a processor", NULL },
    { "-o", "OUT", "folder for report.json, report.html, journal.db and calls.csv", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_simulate = {
    .name = "simulate",
    .summary = "serve a scenario's calls for days and report",
    .synopsis = "simulate SCENARIO (--days N [--warmup-days W] [--replications R] | --calls CALLS.csv) [--seed S] [--policy P] "
                "[--jobs J] -o OUT",
    .details =
        "Every call goes through the same core that a live centre runs, with a simulated world of callers, crews and hospitals "
        "around it. OUT gets report.html (open it in a browser), report.json (the same figures, docs/report.md), journal.db (the "
        "first replication's commands and events; see 'mingdi replay' and 'mingdi journal show') and calls.csv (what became of "
        "each call of the first replication).\n\n"
        "CALLS.csv has the columns call,priority,lon,lat,arrival_s,delay_s,on_scene_s,transport,handover_s; more are ignored.",
    .options = SIMULATE_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_simulate,
};
