/* Rows of which nobody can be told from fewer than k by what an onlooker may know of an emergency: when, where, how old, what for
 * (the quasi-identifiers). What is too rare is told less exactly, step by step along one ladder, and what stays too rare at its
 * end is withheld.
 *
 *   step  hours                          age      district  complaint
 *   0     the hour of the week           5 bands  told      told
 *   1     day of the week, 4 hours       5 bands  told      told
 *   2     workday or weekend, 4 hours    5 bands  told      told
 *   3     workday or weekend, half day   3 bands  told      told
 *   4     not told                       3 bands  told      told
 *   5     not told                       3 bands  not told  told
 *   6     not told                       not told not told  told
 *   7     nothing is told
 *
 * All rows begin at step 0. Those that look alike and belong to at least k people stay there; the others go on to the next step
 * and are compared with each other again. So every row that is given out looks like others of k people at least, whatever its
 * step. That is k-anonymity (P. Samarati, L. Sweeney, 1998; L. Sweeney, "k-anonymity: a model for protecting privacy", 2002) by
 * local recoding. It says nothing of what all rows of a class have in common (docs/export.md).
 *
 * Workload: a million rows now and then; 8 sorts of what is left. */
#ifndef MINGDI_HOST_DEIDENTIFY_H
#define MINGDI_HOST_DEIDENTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/status.h"

enum {
    DEIDENTIFY_STEPS = 8,
    DEIDENTIFY_WITHHELD = DEIDENTIFY_STEPS, /* instead of a step */
    DEIDENTIFY_AGE_UNKNOWN = 255,
    DEIDENTIFY_K_MIN = 2,
    DEIDENTIFY_K_MAX = 1000,
};

struct quasi {
    uint64_t person; /* rows of one person count once; 0: not known who, counts as somebody else's */
    uint32_t district;
    uint8_t hour_of_week; /* local, 0: Monday 00:00 .. 167 */
    uint8_t age_years;
    uint8_t complaint;
};

/* What may be told of a row. */
struct quasi_shown {
    char hours[24], age[16]; /* "*": not told */
    bool district, complaint;
};

/* steps: for each row its step, or DEIDENTIFY_WITHHELD. The same rows give the same steps, in whatever order. */
enum status deidentify(const struct quasi *rows, size_t count, uint32_t k, uint8_t *steps, struct error *error) MUST_USE;
/* step: below DEIDENTIFY_STEPS. */
void deidentify_show(const struct quasi *row, uint8_t step, struct quasi_shown *shown);
/* Members of an open object: what a step tells. */
void deidentify_write_step(struct json *json, uint8_t step);

#endif
