/* What a centre works with when its server does not: a status board and blank forms, as pages that any browser prints (A4, black
 * and white) and that need nothing else; docs/paper.md is the operator's procedure.
 *
 * The board is made of one JSON object, whichever way it came: asked from a server (its lists, as docs/api.md has them), or made
 * of the journal and the tables of a centre whose server is down. Workload: some hundred rows, once in ten minutes. */
#ifndef MINGDI_HOST_PAPER_H
#define MINGDI_HOST_PAPER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"
#include "base/time.h"
#include "store/store.h"

enum paper_language { PAPER_ENGLISH, PAPER_CHINESE };

enum {
    PAPER_FORMS_MAX = 500, /* call forms of one run */
    PAPER_TEXT_MAX = 64 << 20,
};

struct paper_source {
    /* Either of these: */
    const char *url;           /* of a server that works, with ... */
    const char *token;         /* ... an API token of somebody who sees what is to be printed */
    const volatile bool *stop; /* set when the server has been waited for long enough */
    const char *data;          /* or the folder of a centre, with ... */
    const struct store *store;
    const char *config_path; /* NULL: data/mingdi.yaml */
    bool personal;           /* callers, patients and exact places too */
    const char *telephones;  /* a table (docs/paper.md), or NULL: none */
};

/* What is known, for the pages: *board is the caller's. Readings of callers stand in the audit trail of the centre. */
enum status paper_gather(const struct paper_source *source, json_t **board, struct error *error) MUST_USE;

struct paper_options {
    enum paper_language language;
    struct instant printed_at;
    const char *program;
    const char *run; /* of paper_number.h: what the numbers of the forms begin with */
    unsigned forms;  /* call forms, and of the others what goes with so many */
};

/* A whole HTML page each; text was initialised with PAPER_TEXT_MAX. The time zone is that of the process. */
void paper_board(const struct paper_options *options, const json_t *known, struct text *html);
/* board: whose units and facilities the forms name, or NULL. */
void paper_forms(const struct paper_options *options, const json_t *board, struct text *html);

#endif
