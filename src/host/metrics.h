/* What the server tells of itself at /metrics, in the text form of Prometheus. Figures are taken from the parts when they are
 * asked for; what is counted nowhere else (latencies) is kept here in histograms with fixed bounds. I/O thread only. */
#ifndef MINGDI_HOST_METRICS_H
#define MINGDI_HOST_METRICS_H

#include <stdint.h>

#include "base/text.h"

struct metrics;

struct metrics *metrics_create(void);
void metrics_destroy(struct metrics *metrics);
/* From the request's arrival to its answer; route is a constant text such as "commands". command and refusal ("done" where it
 * was accepted) are constants too: all are kept as pointers. At most some hundred different ones are told apart, further ones
 * count as "other". */
void metrics_request(struct metrics *metrics, const char *route, unsigned status, int64_t us);
void metrics_command(struct metrics *metrics, const char *command, const char *refusal, int64_t us);

/* Writers for the assembly of the page: a family's head, then its samples. label may be NULL. */
void metrics_family(struct text *out, const char *name, const char *type, const char *help);
void metrics_sample(struct text *out, const char *name, const char *label, const char *value, double number);
void metrics_write(const struct metrics *metrics, struct text *out); /* the histograms kept here */

#endif
