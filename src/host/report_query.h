/* Questions to the report tables: the indicators of a period, and its calls one by one. What an indicator means is measure's
 * matter: the rows of the period are fed to it, and the same arithmetic as in a simulation makes the figures.
 *
 * Workload: a person asks now and then; a year of a large city is a million rows and takes seconds, so this belongs into a
 * worker. */
#ifndef MINGDI_HOST_REPORT_QUERY_H
#define MINGDI_HOST_REPORT_QUERY_H

#include "base/json.h"
#include "core/schema.h"
#include "store/sql.h"

enum {
    REPORT_CALLS_MAX = 2000000, /* of a period that figures are made of */
    REPORT_PAGE_MAX = 500,
};

struct report_question {
    struct instant from, to;                /* calls that rang in [from, to) */
    uint32_t district;                      /* of one district only; 0: the whole centre, told by district as well */
    uint32_t district_count;                /* districts are numbered from 1; others are told as unknown */
    struct duration target[PRIORITY_COUNT]; /* response, as the policy has it; 0: none */
    uint64_t reached; /* entry that the projector had come to when the question was asked: without a row to write it does not
                         store how far it is; 0: not known */
};

/* Members into an object that is open: from, to, district, sequence (up to which entry the tables are), calls (how many, by
 * result), indicators and intervals, each with n, missing and value, of all, by priority and by district. Calls that are not
 * over are in none. On failure nothing was written. STATUS_BAD_INPUT: the period is empty, longer than a hundred years, or
 * holds more than REPORT_CALLS_MAX calls. */
enum status report_indicators(struct sql *sql, const struct report_question *question, struct json *json, struct error *error)
    MUST_USE;
/* Members items and next into an object that is open: at most limit (1 to REPORT_PAGE_MAX) calls in the order in which they
 * rang, after the call with the id after (0: from the first); next is what to give as after for the next page, null after the
 * last. */
enum status report_calls(struct sql *sql, const struct report_question *question, uint32_t after, uint32_t limit,
                         struct json *json, struct error *error) MUST_USE;

#endif
