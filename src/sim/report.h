/* The reports of a simulation: report.json for programs, report.html for people. docs/report.md describes the fields.
 *
 * report.html is one file that asks nothing of the network and runs no script: tables and SVG, light or dark as the reader's
 * system is, readable on paper, at 200 % and on a phone; every chart has its numbers in a table beside it. Under 3 MB: roads are
 * drawn on a grid that gets coarser until they fit. */
#ifndef MINGDI_SIM_REPORT_H
#define MINGDI_SIM_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "measure/result.h"
#include "road/city.h"
#include "sim/coverage.h"
#include "sim/scenario.h"

/* How the figures came about. Texts are borrowed; NULL where there is none. */
struct report_facts {
    const char *program_version; /* "0.1.0 (fb10cac6a8c0)" */
    const char *created_at;      /* UTC, "2026-11-21T21:30:05.123Z" */
    const char *policy_name;
    uint32_t policy_version;
    const char *calls_file; /* of a run on a list of calls; NULL: calls drawn from the demand */
    const char
        *data_notice; /* origin and licence of the data, as they must be told: "Roads: (c) OpenStreetMap contributors, ODbL" */
    uint64_t seed;
    double days, warmup_days; /* asked for; days 0 with a list of calls */
    uint64_t calls_simulated; /* all replications, warm-up included */
    uint64_t without_bed;     /* of them, patients for whom no facility was fit or had a bed; the nearest one took them */
    double wall_s;            /* of the simulation */
    uint64_t journal_bytes;   /* of all replications; 0: not kept */
    const char *journal_kind; /* "memory", "sqlite" */
    bool has_state_hash;
    uint64_t state_hash; /* of the first replication's end */
};

struct report_input {
    const struct scenario *scenario;
    const struct city *city;               /* NULL: no map, no coverage (the scenario's own checks make sure there is one) */
    const struct coverage *coverage;       /* NULL without city */
    const struct measure_summary *summary; /* districts, units, facilities: number = place in the scenario + 1 */
    const struct sampled_call *sampled;    /* of the first replication, for the map; may be none */
    uint32_t sampled_count;
    struct report_facts facts;
};

/* folder/report.json and folder/report.html; the folder must exist. On failure neither is half-written. */
enum status report_write(const struct report_input *input, const char *folder, struct error *error) MUST_USE;

/* The parts, into a text whose failure flag the caller checks. */
struct text;
void report_json_write(const struct report_input *input, struct text *out);
void report_html_write(const struct report_input *input, struct text *out);

#endif
