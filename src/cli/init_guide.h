/* The questions of mingdi init on a terminal: each answer is checked at once, and asked again with the reason when it will not
 * do. */
#ifndef MINGDI_CLI_INIT_GUIDE_H
#define MINGDI_CLI_INIT_GUIDE_H

#include <signal.h>

#include "base/status.h"

enum { GUIDE_LINE_MAX = 1024 };

struct guide {
    const volatile sig_atomic_t *stop;
    char folder[256]; /* a temporary one that becomes a setup; removed by guide_end */
    char admin_name[GUIDE_LINE_MAX], admin_display[GUIDE_LINE_MAX], admin_password[GUIDE_LINE_MAX];
};

/* Asks everything. A failure (the person leaves with Ctrl-D or Ctrl-C, the terminal goes) needs guide_end all the same. */
enum status guide_run(struct guide *guide, const char *data, const volatile sig_atomic_t *stop, struct error *error) MUST_USE;
void guide_end(struct guide *guide);

#endif
