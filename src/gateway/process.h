/* What every gateway process is made of, whatever it speaks: a loop that ends with SIGTERM or SIGINT, rights that are given up,
 * and the log of what was counted. */
#ifndef MINGDI_GATEWAY_PROCESS_H
#define MINGDI_GATEWAY_PROCESS_H

#include <stdint.h>

#include "base/status.h"
#include "gateway/link.h"
#include "gateway/positions.h"

struct event;

struct gateway_process {
    struct event_base *base;
    struct event *ends[2], *figures;
    void (*tell)(void *context);
    void *context;
};

/* A loop; tell is called every so many seconds. To be ended whatever comes of it. */
enum status gateway_process_begin(struct gateway_process *process, uint32_t figures_s, void (*tell)(void *context), void *context,
                                  struct error *error) MUST_USE;
/* Becomes the user (NULL: stays who it is), and gives up what confine.h says. */
enum status gateway_process_confine(const char *user, struct error *error) MUST_USE;
/* Until a signal ends it; what was counted is told a last time. */
void gateway_process_run(struct gateway_process *process);
void gateway_process_end(struct gateway_process *process);

/* The log line "centre so far". */
void gateway_process_tell_centre(const struct gateway_link *link, const struct gateway_positions *positions,
                                 uint32_t orders_waiting);

#endif
