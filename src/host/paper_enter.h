/* Forms that were filled in on paper, from a table into a centre: each row, or rows of one number, is a case (docs/paper.md has
 * the columns). A form that is known already is passed over, so that a table can be mended and entered again. */
#ifndef MINGDI_HOST_PAPER_ENTER_H
#define MINGDI_HOST_PAPER_ENTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"

/* What became of one form; the texts last as long as the call. */
struct paper_outcome {
    const char *form;
    int line;             /* of the table */
    int64_t call;         /* that it became; 0: none */
    bool is_known;        /* it had been entered before: */
    int64_t known_call;   /* what it became then; 0: that is not kept any more */
    const char *known_at; /* when that was */
    const char *why;      /* it was refused; "" where it was not */
};

struct paper_entering {
    const char *path, *url, *token;
    uint64_t key_seed;                 /* of idempotency keys: by chance */
    struct instant begun_at, ended_at; /* of the outage */
    const volatile bool *stop;
    void (*tell)(void *context, const struct paper_outcome *outcome);
    void *context;
};

struct paper_entered {
    unsigned entered, known, refused;
};

/* STATUS_BAD_INPUT names line and column. Nothing has been entered where a number is none, or where the lines of a form do not
 * stand together. Of any other row that cannot be read the form has not been entered, and those that stand before it have been.
 * Sets TZ to the centre's zone. */
enum status paper_enter(const struct paper_entering *given, struct paper_entered *entered, struct error *error) MUST_USE;

#endif
