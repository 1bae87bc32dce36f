/* What a fitted log says: tables beside the data for people, and files for a scenario. */
#ifndef MINGDI_SIM_FIT_REPORT_H
#define MINGDI_SIM_FIT_REPORT_H

#include "base/text.h"
#include "sim/fit_log.h"

/* Fewer durations than this are not fitted: they are shown, and their priority uses the fit of all priorities. */
enum { FIT_SAMPLES_MIN = 30 };
/* Above this distance no family is trusted, and the data's own quantiles are taken. */
#define FIT_KS_MAX 0.1

/* Cleaning, arrivals by hour, and for each stage, by priority and by quarter of the day: n, mean, P50, P90, P95 of the data and
 * of each fitted family, with AIC and KS; the chosen one is marked. */
void fit_report_print(const struct fit_log *log, const char *name, struct text *out);
/* service.csv, rate.csv, priorities.csv and, where calls have places, demand.csv, into the folder, which is made; existing files
 * of these names are replaced one by one, each whole. The rest of a scenario is the planner's. */
enum status fit_report_write(const struct fit_log *log, const char *name, const char *folder, struct error *error) MUST_USE;

#endif
