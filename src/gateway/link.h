/* A gateway's line to the centre, as a client of its API like any other: requests over some connections that are kept, the live
 * state as server-sent events. Knows nothing of what vehicles speak: every protocol of the gateway house uses this one.
 *
 * A request that gets no answer, or one that says "come again" (401, 429, 502, 503, 504), is repeated with the same idempotency
 * key for as long as its asker has patience. While the centre is silent one request at a time is tried, with back-off; the
 * others wait, as far as there is room. Nothing is ever told as done that the centre has not answered.
 *
 * After gateway_link_create no file is opened and no name looked up any more, so that the process may be confined
 * (gateway/confine.h). One thread, that of the loop. Workload: 1 to 100 requests a second, some of 100 KB; a stream of some
 * hundred messages a second. */
#ifndef MINGDI_GATEWAY_LINK_H
#define MINGDI_GATEWAY_LINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct event_base;
struct gateway_link;

enum {
    LINK_REQUESTS_AT_ONCE = 16,
    LINK_WAITING_MAX = 8192,
    LINK_ANSWER_MAX = 4 << 20, /* bytes of one answer */
    LINK_LINE_MAX = 64 << 20,  /* bytes of one message of the stream: a snapshot of a large city */
    LINK_TOKEN_MAX = 200,
};

struct gateway_link_setup {
    struct event_base *base;
    const char *url;   /* "http://127.0.0.1:8120": without TLS, so on this machine or through a tunnel of its own */
    const char *token; /* an API token with the role vehicle_gateway */
    /* Each message of the stream (docs/api.md), but for positions, hands and clocks: snapshot and change. */
    void (*heard)(void *context, const json_t *message);
    void *context;
};

/* Nothing is sent yet. The texts are copied. */
enum status gateway_link_create(const struct gateway_link_setup *setup, struct gateway_link **link, struct error *error) MUST_USE;
/* What waits is told as silent first; who is told so may not ask any more. */
void gateway_link_destroy(struct gateway_link *link);
/* Begins to follow the stream, and keeps doing so. */
void gateway_link_follow(struct gateway_link *link);
/* The stream stands: what the gateway knows of the centre is of now. */
bool gateway_link_follows(const struct gateway_link *link);

enum gateway_outcome {
    GATEWAY_DONE,    /* 2xx: durable, if it was a command */
    GATEWAY_REFUSED, /* an answer that repeating would not better */
    GATEWAY_SILENT,  /* patience is over, or a 2xx is no JSON: nobody knows, and the same may be asked again with the same key */
};

struct gateway_answer {
    enum gateway_outcome outcome;
    long http;          /* 0: none came */
    const json_t *body; /* lasts as long as the call; NULL: none, or of a refusal no JSON */
};
typedef void gateway_answered(void *context, const struct gateway_answer *answer);

struct gateway_request {
    const char *path; /* below /api/v1: "/commands/mission_report" */
    const char *body; /* JSON; NULL: GET */
    size_t body_length;
    const char *key;     /* Idempotency-Key, at most 64 visible characters; NULL: none */
    int64_t patience_ms; /* how long it is repeated */
    gateway_answered *answered;
    void *context;
};
/* Copies what it needs. answered is called once, never from here; false: too many wait, and it is never called. */
bool gateway_link_ask(struct gateway_link *link, const struct gateway_request *request) MUST_USE;

/* "unit_not_available": the name of the problem that an answer tells; "" if it tells none. */
const char *gateway_problem(const struct gateway_answer *answer);

struct gateway_link_figures {
    uint64_t requests, repeated, refused, silent, messages;
    uint32_t waiting;
};
struct gateway_link_figures gateway_link_figures(const struct gateway_link *link);

#endif
