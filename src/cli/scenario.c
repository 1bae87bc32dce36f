/* mingdi scenario import-jemss and mingdi scenario check. */
#include <stdio.h>

#include "base/text.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "road/city.h"
#include "sim/import_jemss.h"
#include "sim/scenario.h"

enum { NOTES_MAX = 1 << 16 };

/* ---- import-jemss ---- */

static enum status run_import_jemss(const struct arguments *arguments, struct error *error)
{
    const char *target = argument(arguments, "-o", NULL);
    const struct import_jemss_options options = { .redispatch = argument(arguments, "--redispatch", NULL),
                                                  .name = argument(arguments, "--name", NULL) };
    if (target == NULL) {
        return ERROR(error, STATUS_USAGE, "-o SCENARIO is missing: the folder to make");
    }
    struct text notes;
    text_init(&notes, NOTES_MAX);
    enum status status = import_jemss(arguments->positionals[0], target, &options, &notes, error);
    fputs(notes.bytes != NULL ? notes.bytes : "", stderr);
    text_free(&notes);
    if (status == STATUS_OK) {
        fprintf(stderr, "%s: written; next: mingdi simulate %s --days 28 -o OUT\n", target, target);
    }
    return status;
}

static const struct verb_option IMPORT_JEMSS_OPTIONS[] = {
    { "-o", "SCENARIO", "folder to make; one that is a scenario already is replaced", NULL },
    { "--redispatch", "RULE", "off, a file, or the name of one in misc/redispatch (lower_to_high)", NULL },
    { "--name", "NAME", "title of the scenario; default: the city's name", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_scenario_import_jemss = {
    .name = "scenario import-jemss",
    .summary = "make a scenario from a city model of JEMSS.jl",
    .synopsis = "scenario import-jemss DIR -o SCENARIO [--redispatch RULE] [--name NAME]",
    .details =
        "DIR holds model/ as JEMSS.jl ships a city, and demand.csv.gz (lon, lat, weight of each cell) in place of the raster. "
        "The roads are imported too: the scenario is complete.\n\n"
        "A model ships several files of redispatch rules; which one counts stands in the configuration of a JEMSS run, not in "
        "the model. Unless --redispatch says it: a sim_config.xml in DIR decides; else the only file there is; else what "
        "JEMSS's own example for that city names (Auckland lower_to_high, Edmonton low_to_higher, Manhattan and Utrecht off); "
        "else lower priorities give way to the highest, as in JEMSS without a file. What was chosen is told on stderr.",
    .options = IMPORT_JEMSS_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_import_jemss,
};

/* ---- check ---- */

static void print_priorities(const struct scenario *scenario, struct text *out)
{
    for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
        const struct scenario_priority *priority = &scenario->priorities[p];
        if (!priority->used) {
            continue;
        }
        text_printf(
            out,
            "  %-10s  %5.1f %% of calls, target %.0f s, drives with %s; mean delay %.0f s, on scene %.0f s, %.0f %% transported, "
            "handover %.0f s\n",
            priority_name((enum priority)p), 100 * priority->share, priority->target_s,
            priority->profile == ROAD_EMERGENCY ? "lights" : "the traffic", distribution_mean(&priority->delay),
            distribution_mean(&priority->on_scene), 100 * distribution_mean(&priority->transport),
            distribution_mean(&priority->handover));
    }
}

static void print_scenario(const struct scenario *scenario, struct text *out)
{
    text_printf(out, "%s: fits\n", scenario->name);
    text_printf(out, "  %u stations, %u units, %u facilities, %u district%s\n", scenario->station_count, scenario->unit_count,
                scenario->facility_count, scenario->district_count, scenario->district_count == 1 ? "" : "s");
    if (scenario->calls_per_day_mean > 0) {
        text_printf(out, "  %.1f calls a day from %u cells\n", scenario->calls_per_day_mean, scenario->cell_count);
    } else {
        text_puts(out, "  no rate.csv: only lists of calls can be run (--calls)\n");
    }
    print_priorities(scenario, out);
    for (unsigned from = 0; from < PRIORITY_COUNT; from++) {
        for (unsigned to = 0; to < PRIORITY_COUNT; to++) {
            if (scenario->policy.may_divert[from][to]) {
                text_printf(out, "  diversion: a unit on its way to %s may turn to %s\n", priority_name((enum priority)from),
                            priority_name((enum priority)to));
            }
        }
    }
}

static enum status check_city(const struct scenario *scenario, struct text *out, struct error *error)
{
    struct city *city;
    TRY(city_open(scenario->city_path, &city, error));
    enum status status = scenario_check_places(scenario, city, error);
    if (status == STATUS_OK) {
        text_printf(out, "  roads: %s, %u nodes\n", city_name(city), city_graph(city)->node_count);
    }
    city_close(city);
    return status;
}

static enum status run_check(const struct arguments *arguments, struct error *error)
{
    struct scenario *scenario;
    struct text out;
    TRY(scenario_load(arguments->positionals[0], &scenario, error));
    text_init(&out, HELP_TEXT_MAX);
    print_scenario(scenario, &out);
    enum status status = check_city(scenario, &out, error);
    scenario_free(scenario);
    if (status != STATUS_OK) {
        text_free(&out);
        return status;
    }
    return help_print(&out, error);
}

const struct verb verb_scenario_check = {
    .name = "scenario check",
    .summary = "read a scenario, hold its places against the roads, tell what it says",
    .synopsis = "scenario check SCENARIO",
    .details =
        "Exit 1 with one line, file:line: what is wrong and what to do, if anything is. docs/scenario.md tells what each file "
        "holds.",
    .options = NULL,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_check,
};
