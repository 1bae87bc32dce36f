/* What region.c and region_overview.c share. */
#ifndef MINGDI_HOST_REGION_PRIVATE_H
#define MINGDI_HOST_REGION_PRIVATE_H

#include <event2/event.h>
#include <pthread.h>

#include "host/http.h"
#include "host/log.h"
#include "host/region.h"

enum {
    REGION_SILENT_LOOKS = 4, /* of one that does not move: then it is taken to hang */
};

enum region_phase {
    REGION_WAITING, /* for its turn to start */
    REGION_OPENING, /* reads its journal, brings up its roads */
    REGION_RUNNING,
    REGION_CLOSING,
    REGION_FAILED, /* could not be opened, or has ended: is opened again after a while */
    REGION_ENDED,  /* for good */
};

struct region;

struct region_one {
    struct region *region;
    struct server_setup setup;
    const struct region_member *member;
    struct log_centre *log; /* NULL where it is alone */
    pthread_t thread;
    bool started;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    enum region_phase phase;
    struct server *server; /* while it is running */
    bool stop, at_once;    /* ordered; at_once: it does not wait before it is opened again */
    uint32_t openings;     /* times that it was opened */
    struct error error;    /* why it failed */
    enum status status;
    char title[CONFIG_TEXT_MAX], address[CONFIG_TEXT_MAX]; /* of its settings */
    uint16_t port;
    bool is_new; /* it takes requests, and nobody was told yet */

    /* the main thread's */
    bool was_tried; /* the first attempt is over */
    uint64_t loop_beats, core_beats;
    uint32_t openings_seen;
    uint32_t silent_looks; /* in a row in which it has not moved */
};

struct region {
    const struct region_setup *setup;
    struct commons *commons;
    struct event_base *base;
    struct region_one *ones;
    uint32_t count;
    int told; /* readable when a member has changed */
    struct event *hearing, *looking, *signals[3];
    struct http_server *http; /* of several */
    bool ready, stopping;
};

/* A copy of what is known of one. In the main thread. */
struct region_facts {
    const char *name;
    enum region_phase phase;
    bool hangs;
    uint32_t openings;
    uint16_t port;
    struct server_facts server; /* while it is running */
    char why[256];              /* what is wrong; "" nothing */
};
void region_facts(struct region_one *one, struct region_facts *facts);
bool region_is_well(const struct region_facts *facts); /* it runs: as owner or as standby */

/* region_overview.c: the handler of the overview's requests. */
void region_overview(void *context, struct http_request *request);

#endif
