/* The parts of the log that are pure, so that tests can look at them without a terminal or a clock. */
#ifndef MINGDI_HOST_LOG_PRIVATE_H
#define MINGDI_HOST_LOG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "base/time.h"
#include "host/log.h"

enum {
    LOG_LINE_MAX = 4000, /* below PIPE_BUF, so that a line is never cut by another one */
    LOG_SLOTS = 64,      /* messages that are counted apart; more share */
    LOG_BURST = 20,      /* lines of one message in a window */
    LOG_WINDOW_US = 10000000,
};

struct log_slot {
    const char *part, *message; /* constants of the program */
    int64_t begins_us;          /* of the window; monotonic */
    uint32_t count, suppressed;
};

struct log_rates {
    struct log_slot slots[LOG_SLOTS];
};

/* Whether a line of this message may be written now; *suppressed is how many were not since the last one that was. */
bool log_rate(struct log_rates *rates, const char *part, const char *message, int64_t now_us, uint32_t *suppressed);

struct log_line {
    enum log_level level;
    const char *part, *message;
    const struct log_field *fields;
    int count;
    uint32_t suppressed;
    const char *centre; /* NULL: there is one in the process */
};

/* One line of JSON, without its end, at most LOG_LINE_MAX bytes: fields that do not fit are left out, and the line says so. */
void log_format(const struct log_line *line, struct instant at, struct text *out);
/* The same as fields of systemd's journal (its native protocol). */
void log_format_journal(const struct log_line *line, struct text *out);

#endif
