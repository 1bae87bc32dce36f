/* mingdi fit: a centre's own history as distributions. */
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/verb.h"
#include "sim/fit_report.h"

static enum status run_fit(const struct arguments *arguments, struct error *error)
{
    const char *path = arguments->positionals[0], *folder = argument(arguments, "-o", NULL);
    const char *format = argument(arguments, "--format", "");
    enum fit_format wanted = strcmp(format, "sffd") == 0     ? FIT_FORMAT_SFFD
                             : strcmp(format, "mingdi") == 0 ? FIT_FORMAT_MINGDI
                                                             : FIT_FORMAT_GUESS;
    struct fit_log log;
    struct text out;
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    TRY(fit_log_load(path, wanted, &log, error));
    text_init(&out, HELP_TEXT_MAX);
    fit_report_print(&log, name, &out);
    enum status status = help_print(&out, error);
    if (status == STATUS_OK && folder != NULL) {
        status = fit_report_write(&log, name, folder, error);
        if (status == STATUS_OK) {
            fprintf(stderr, "%s: service.csv, rate.csv, priorities.csv and demand.csv written for a scenario\n", folder);
        }
    }
    fit_log_free(&log);
    return status;
}

static const struct verb_option FIT_OPTIONS[] = {
    { "--format", "F", "of the log; default: seen from its columns", "sffd|mingdi" },
    { "-o", "DIR", "also write service.csv, rate.csv, priorities.csv, demand.csv there", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_fit = {
    .name = "fit",
    .summary = "fit distributions to the stage times of a log of past calls",
    .synopsis = "fit CALLS-LOG.csv [--format sffd|mingdi] [-o DIR]",
    .details =
        "Reads one row a unit, cleans (and counts what it leaves out, and why), and prints for each stage, by priority and by "
        "quarter of the day, the data beside exponential, lognormal, weibull and gamma distributions fitted by maximum "
        "likelihood: mean, P50, P90, P95, AIC and Kolmogorov-Smirnov distance. The smallest AIC is taken; where even that is "
        "farther than 0.1 from the data, the data's own quantiles are.\n\n"
        "The mingdi format has the columns incident, unit, priority, call_offered, unit_assigned, unit_departed, on_scene, "
        "left_scene, at_facility, available (times YYYY-MM-DD HH:MM:SS, local) and optionally lon, lat. The log may be .gz.",
    .options = FIT_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_fit,
};
