/* The centres of one process: of a city its only one, of a province all of them. Each has a thread with a loop of its own, in
 * which it is opened, runs (server.h) and is closed; the main thread hears the signals, tells the service manager how things are,
 * and, of several, answers what can be known of all (region_overview.c).
 *
 * A centre alone is the process: what it cannot go on from ends it. One of several that cannot be opened, or ends, is opened
 * again after a while, and the others go on. What is a bug (CHECK) ends them all: memory cannot be believed then, and other
 * processes take over.
 *
 * SIGTERM and SIGINT stop all, SIGHUP reads all settings again and tries at once what could not be opened. */
#ifndef MINGDI_HOST_REGION_H
#define MINGDI_HOST_REGION_H

#include <stdbool.h>
#include <stdint.h>

#include "host/server.h"

enum { REGION_NAME_SIZE = 48, REGION_CENTRES_MAX = 256 };

struct region_member {
    char name[REGION_NAME_SIZE]; /* in the log and the figures; "" where it is alone */
    struct server_setup setup;   /* commons is set by region_run */
};

/* Where a centre takes requests. */
struct region_address {
    const char *name, *address; /* as its settings say */
    uint16_t port;
};

struct region_setup {
    const struct region_member *members;
    uint32_t count;
    bool several;           /* also one member may be "several": then it is opened again, and there is an overview */
    uint16_t overview_port; /* on 127.0.0.1; 0: any free one */
    /* Called in the main thread each time that a centre takes requests. */
    void (*listening)(void *context, const struct region_member *member, const struct region_address *address);
    /* Of several: once, when the overview answers. */
    void (*overlooking)(void *context, uint16_t port);
    void *context;
};

/* Returns when all have stopped: STATUS_OK after a clean stop. */
enum status region_run(const struct region_setup *setup, struct error *error) MUST_USE;

#endif
