/* mingdi version: what was built, from what, by what. */
#include "base/planted.h"
#include "base/text.h"
#include "cli/help.h"
#include "cli/verb.h"

#ifndef MINGDI_COMMIT
#define MINGDI_COMMIT "" /* configured outside a checkout */
#endif

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static enum status run_version(const struct arguments *arguments, struct error *error)
{
    (void)arguments;
    struct text out;
    text_init(&out, HELP_TEXT_MAX);
    text_puts(&out, "mingdi " MINGDI_VERSION "\n");
    if (MINGDI_COMMIT[0] != '\0') {
        text_puts(&out, "commit " MINGDI_COMMIT "\n");
    }
    text_puts(&out, "compiler " COMPILER "\n");
    if (!PLANTED(NONE)) {
        text_puts(&out, "with a planted bug: for the torture alone, never for a centre\n");
    }
    return help_print(&out, error);
}

const struct verb verb_version = {
    .name = "version",
    .summary = "print the version, the commit and the compiler",
    .synopsis = "version",
    .details = "",
    .options = NULL,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run_version,
};
