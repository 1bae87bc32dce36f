/* HTTP/1.1 in the I/O loop: libmicrohttpd parses, this file refuses what is not clean, bounds everything, and gives whole
 * requests to one handler, which answers at once or later.
 *
 * Refused here: both Content-Length and Transfer-Encoding, two Content-Lengths, two Hosts, header lines or targets that are
 * too long, too many headers, bodies over the limit (413), bodies that do not come within the time limit, targets that are
 * not valid UTF-8 or have encoded slashes or NULs, methods other than those known. Each is answered with a problem document
 * where HTTP still allows an answer.
 *
 * Workload: 100 clients kept open, some thousands of requests a second, bodies of 100 bytes to 256 KiB (positions). Memory a
 * connection is bounded; a connection that says nothing for idle_timeout_s is closed. */
#ifndef MINGDI_HOST_HTTP_H
#define MINGDI_HOST_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "host/frame.h"

struct event_base;
struct http_server;
struct http_request;

struct http_setup {
    const char *address; /* "127.0.0.1", "::1", ... */
    uint16_t port;       /* 0: the system chooses; http_port tells */
    uint32_t connections_max, connections_per_address_max, body_bytes_max, idle_timeout_s;
    bool behind_proxy; /* the client's address is X-Forwarded-For's last element, of requests that come from the loopback */
    bool drill;        /* every answer says so: Mingdi-Drill: 1 */
    /* Called with each whole request; answers it exactly once, now or later. */
    void (*handle)(void *context, struct http_request *request);
    /* Called when the handler's answer was given: what http_name_route said (NULL if nothing), the status, microseconds since
     * the request line came. NULL: not called. */
    void (*answered)(void *context, const char *route, unsigned status, int64_t us);
    void *context;
};

enum status http_create(struct event_base *base, const struct http_setup *setup, struct http_server **server, struct error *error)
    MUST_USE;
/* From the next request on. */
void http_set_body_bytes_max(struct http_server *server, uint32_t bytes);
/* Stops listening; requests under way are still answered, and their connections closed then. */
void http_quiesce(struct http_server *server);
/* Those with the handler, and those whose answer is not all sent. */
uint32_t http_requests_open(const struct http_server *server);
/* Closes what is open: outlets get events.closed, requests that are not answered get 503 and must not be used any more. */
void http_destroy(struct http_server *server);
uint16_t http_port(const struct http_server *server);

/* ---- the request: valid until it is answered ---- */

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_METHOD_COUNT };
enum http_method http_method(const struct http_request *request); /* HEAD is given as GET; the body is left out of the answer */
const char *http_path(const struct http_request *request);        /* decoded, without query, begins with '/' */
/* NULL if not given. A header or a parameter given twice is NULL and noted: http_is_ambiguous. */
const char *http_header(const struct http_request *request, const char *name);
const char *http_parameter(const struct http_request *request, const char *name);
bool http_is_ambiguous(const struct http_request *request);
/* Calls visit for each query parameter, so that unknown ones can be refused. */
void http_each_parameter(const struct http_request *request, void (*visit)(void *context, const char *name, const char *value),
                         void *context);
const char *http_body(const struct http_request *request, size_t *length); /* "" if none; not zero-terminated by contract */
const char *http_address(const struct http_request *request);              /* of the client, for limits and logs */
int64_t http_received_us(const struct http_request *request);              /* monotonic */
/* From any thread, until the request is answered: whether the client has closed the connection, so that long work may end. */
bool http_is_gone(const struct http_request *request);

/* ---- the answer ---- */

/* Headers are collected first; the last call sends. Security headers, Date, Mingdi-Drill and Cache-Control: no-store (unless
 * set) are added. */
void http_set_header(struct http_request *request, const char *name, const char *value);
/* Takes a copy of the body. */
void http_answer(struct http_request *request, unsigned status, const char *content_type, const char *body, size_t length);
/* The same with a body that lives as long as the program (static pages, openapi.json). */
void http_answer_static(struct http_request *request, unsigned status, const char *content_type, const void *body, size_t length);
/* What happened to requests, by status class and route name, is for metrics: the handler may name the route. */
void http_name_route(struct http_request *request, const char *route);

struct http_figures {
    uint64_t requests[6]; /* by first digit of the status */
    uint64_t refused_early, connections_open, connections_total, bytes_in, bytes_out;
};
void http_figures(const struct http_server *server, struct http_figures *figures);

/* ---- long-lived outputs: a WebSocket or a stream of server-sent events, with one face ---- */

struct outlet;

struct outlet_events {
    void (*message)(void *context, const char *bytes, size_t length); /* a whole text message came; WebSocket only */
    void (*drained)(
        void *context); /* everything queued has left: after outlet_send had said false, the client may be served again */
    void (*closed)(void *context); /* the outlet is gone; nothing more is called, outlet must not be used */
};

struct outlet_setup {
    struct outlet_events events;
    void *context;
    size_t waiting_max;        /* bytes queued beyond which outlet_send refuses */
    uint32_t message_size_max; /* of one that comes in */
    uint32_t ping_every_s;     /* WebSocket ping; a client that answers none for two of them is closed. SSE: a comment line */
};

/* Answers the request with 101 (the handshake is checked: version 13, key, upgrade; 400 or 426 otherwise) or 200 text/event-
 * stream. The request is answered by this call in any case; NULL when it was answered with a refusal. */
struct outlet *outlet_open_websocket(struct http_request *request, const struct outlet_setup *setup);
struct outlet *outlet_open_events(struct http_request *request, const struct outlet_setup *setup);
/* Queues the frame (keeps a reference). False, and nothing queued, when more than waiting_max bytes wait already: the client
 * is slow; events.drained tells when to begin anew. A frame larger than waiting_max is taken when nothing waits. */
bool outlet_send(struct outlet *outlet, struct frame *frame) __attribute__((warn_unused_result));
size_t outlet_waiting(const struct outlet *outlet);
/* Says good-bye (WebSocket close frame with code) and closes when it has left, or after 5 s. events.closed follows. */
void outlet_close(struct outlet *outlet, uint16_t code, const char *reason);
/* "websocket" or "events". */
const char *outlet_kind(const struct outlet *outlet);

#endif
