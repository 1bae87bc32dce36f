/* The whole process behind mingdi gateway jt808: the parts put together, rights given up, the loop, the log of what it counts. */
#ifndef MINGDI_GATEWAY_JT808_GATEWAY_H
#define MINGDI_GATEWAY_JT808_GATEWAY_H

#include <stdint.h>

#include "base/status.h"
#include "gateway/orders.h"

struct jt808_gateway_setup {
    const char *url, *token;
    const char *address; /* numeric, to listen on */
    uint16_t port;       /* 0: one that the system chooses */
    const char *buttons; /* a file; NULL: the program's own table */
    const char *user;    /* to become; NULL: stays who it is */
    enum order_language language;
    uint32_t connections_max, idle_s, frames_per_s;
    uint32_t figures_s; /* the log tells what was counted this often */
    /* The line that says where it listens. */
    void (*say)(const char *line);
};

/* Runs until SIGTERM or SIGINT. */
enum status jt808_gateway_run(const struct jt808_gateway_setup *setup, struct error *error) MUST_USE;

#endif
