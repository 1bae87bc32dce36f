/* Help and the man page, written from the table of verbs. */
#ifndef MINGDI_CLI_HELP_H
#define MINGDI_CLI_HELP_H

#include "base/status.h"
#include "base/text.h"
#include "cli/verb.h"

/* The list of all verbs; of those of one group ("city") if group is not NULL. */
void help_overview(struct text *out, const char *group);
/* Everything about one verb, for a terminal of 80 columns. */
void help_verb(struct text *out, const struct verb *verb);
/* mingdi(1) in roff, man macros. */
void help_man_page(struct text *out);
/* Text for roff: backslashes and hyphens escaped, no line that looks like a request. */
void help_roff(struct text *out, const char *string, size_t length);
/* Write the text to standard output and release it. */
enum status help_print(struct text *out, struct error *error) MUST_USE;

enum { HELP_TEXT_MAX = 1 << 20 };

#endif
