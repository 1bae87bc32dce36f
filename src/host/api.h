/* The API under /api/v1 (docs/api.md, schema/generate_openapi.py): routes, rights, answers. Gets each request from http.h in
 * the I/O thread. */
#ifndef MINGDI_HOST_API_H
#define MINGDI_HOST_API_H

#include "host/audit.h"
#include "host/centre.h"
#include "host/config.h"
#include "host/console.h"
#include "host/control.h"
#include "host/directory.h"
#include "host/hands.h"
#include "host/http.h"
#include "host/map.h"
#include "host/metrics.h"
#include "host/oidc.h"
#include "host/passkey_attempts.h"
#include "host/past.h"
#include "host/people.h"
#include "host/personal.h"
#include "host/places.h"
#include "host/positions.h"
#include "host/projector.h"
#include "host/protocols.h"
#include "host/stream.h"
#include "host/terminals.h"

struct api;

/* All outlive the api. */
struct api_setup {
    struct centre *centre;
    struct clock *clock;
    struct directory *directory;
    struct people *people;
    struct audit *audit;
    struct personal *personal;
    struct positions *positions;
    struct control *control;
    struct hands *hands;
    struct terminals *terminals;
    struct places *places;
    struct stream *stream;
    struct projector *projector;
    struct metrics *metrics;
    struct http_server *const *http; /* filled after the api was made */
    struct config *config;
    struct sql *sql; /* in the clerk only */
    struct workers *clerk;
    struct workers *reports;      /* one thread: indicators, entries */
    struct sql *report_sql;       /* in reports only */
    struct past *past;            /* in past_workers only */
    struct workers *past_workers; /* one thread: a map of the past takes seconds, and figures need not wait for it */
    const struct store *store;
    struct map *map;
    const struct protocols *protocols;
    struct passkey_attempts *passkeys; /* NULL: they are switched off */
    struct oidc *oidc;                 /* NULL: people sign in with a password only */
    const struct console *console;     /* NULL: it was not built, or cannot be read */
    /* A live setting has changed: the server passes it on to the parts. */
    void (*config_changed)(void *context, const char *name);
    void *context;
    bool drill;
    /* False while another process owns the centre, or may: only health, figures and the console's files are told. */
    bool (*serves)(void *context);
    /* False while it is not sure whether it still owns it: reads go on, nothing is decided. */
    bool (*is_sure)(void *context);
};

enum status api_create(const struct api_setup *setup, struct api **api, struct error *error) MUST_USE;
void api_destroy(struct api *api);
/* This process owns the centre from now on: what it remembers of an earlier time counts no more. */
void api_begin(struct api *api);
void api_handle(void *api, struct http_request *request);

#endif
