/* What happened in a period, for research and quality control, without saying of whom: incidents, calls and missions as CSV or
 * JSON lines, with a dictionary of the columns and a report of what was told less exactly and what was withheld, and why.
 *
 *   FOLDER/incidents.csv  calls.csv  missions.csv  dictionary.csv  report.json        (or .jsonl in the place of the first three)
 *
 * Never in it: number, name, address, remarks, free text, coordinates, a moment in time, a number of the journal. Hours,
 * district, age and complaint are told so that k people at least look alike (deidentify.h). Times are seconds since the ring,
 * in steps of EXPORT_STEP_S; ids are pseudonyms under a key that is thrown away unless it is asked for; rows are in the order
 * of these. De-identified is not anonymous: docs/export.md says what is left.
 *
 * The journal is read from its first entry, while the centre works. Whoever exports is named, must have the right, and a row of
 * the audit trail is durable before the files get their name. Workload: now and then; a year of a large city in a minute. */
#ifndef MINGDI_HOST_EXPORT_H
#define MINGDI_HOST_EXPORT_H

#include "base/json.h"
#include "base/time.h"
#include "host/config.h"
#include "host/deidentify.h"
#include "store/store.h"

enum {
    EXPORT_CALLS_MAX = 1000000, /* of a period */
    EXPORT_STEP_S = 10,
    EXPORT_SECONDS_MAX = 14400, /* what lasted longer is told as this long */
    EXPORT_COUNT_MAX = 4,       /* and what was more, as this many */
    EXPORT_ID_SIZE = 17,
};

struct export_options {
    const char *folder; /* is made; NULL with dry_run */
    const struct store *store;
    const struct config *config; /* time_zone is what the process has set (TZ) */
    struct instant from, to;     /* incidents and calls that rang in [from, to) */
    uint32_t k;
    bool dry_run;         /* counts what would be told, and writes nothing */
    bool lines;           /* JSON lines instead of CSV */
    const char *key_file; /* of the pseudonyms: used, or made if it is not there; NULL: a key that nobody keeps */
    const char *by;       /* sign-in name of who exports; NULL with dry_run */
    const char *program;
};

struct export_counts {
    uint64_t rows, withheld;
    uint64_t by_step[DEIDENTIFY_STEPS];
};

struct export_report {
    char id[EXPORT_ID_SIZE];              /* of this export: the audit trail has it too */
    struct export_counts incidents, lone; /* lone: calls that became no incident */
    uint64_t calls, calls_withheld;       /* of incidents; withheld with them */
    uint64_t calls_elsewhere;             /* their incident rang before the period */
    uint64_t missions, missions_withheld;
};

/* STATUS_BAD_INPUT: the period is empty or holds too much; STATUS_USAGE: by has not the right, or the folder is there. On
 * failure nothing is left. */
enum status export_make(const struct export_options *options, struct export_report *report, struct error *error) MUST_USE;

/* Members of an open object. */
void export_write_report(const struct export_options *options, const struct export_report *report, struct json *json);

#endif
