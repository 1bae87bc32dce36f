/* What the files of the HTTP server share: the server, its connections and requests.
 *
 * Life of a request: libmicrohttpd reads the request line (begin), the head (guard: refused at once, or taken), the body;
 * then the handler has it. Not answered when the handler returns, the connection is suspended: libmicrohttpd does not touch
 * it until it is answered and resumed. The request is freed when libmicrohttpd says that the exchange is over.
 *
 * A connection has a deadline for each phase, counted from the beginning of the phase and not from its last byte, so that a
 * client that sends a byte now and then is not served for ever. A sweep once a second is enough for some hundreds of
 * connections. */
#ifndef MINGDI_HOST_HTTP_PRIVATE_H
#define MINGDI_HOST_HTTP_PRIVATE_H

#include <event2/event.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include "host/http.h"
#include "host/http_target.h"

enum {
    HTTP_HEADERS_MAX = 64,
    HTTP_HEADER_LENGTH_MAX = 8192, /* of one: name and value */
    HTTP_HEAD_LENGTH_MAX = 16384,  /* of all */
    HTTP_ANSWER_HEADERS_MAX = 16,
    HTTP_CONNECTION_MEMORY = 32768, /* of libmicrohttpd: holds the head, a part of the body, the head of the answer */
    HTTP_BODY_SECONDS = 30,         /* from the head to the end of the body */
    HTTP_ANSWER_SECONDS = 120,      /* from the answer to its last byte taken by the client's side */
    HTTP_LINGERING_MAX = 64,        /* connections refused in the middle of a body, whose answer is still on its way */
    HTTP_LINGER_SECONDS = 2,
    HTTP_LINGER_BYTES_MAX = 1 << 20,
};

struct http_refusal {
    unsigned status;
    const char *name, *title, *detail;
};

enum http_phase { HTTP_PHASE_HEAD, HTTP_PHASE_BODY, HTTP_PHASE_HANDLED, HTTP_PHASE_ANSWERED, HTTP_PHASE_OUTLET };

struct http_connection {
    struct http_connection *next, **link; /* of the server's list */
    struct http_request *request;
    int fd;
    enum http_phase phase;
    int64_t since_us;
};

struct http_header {
    const char *name, *value; /* in the connection's memory, valid as long as the request */
};

struct http_answer_header {
    char *name, *value;
};

struct http_request {
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct http_connection *connection;
    const char *raw_target; /* in the connection's memory */
    size_t raw_target_length;
    enum http_target_fault target_fault;
    struct http_target target;
    struct http_header headers[HTTP_HEADERS_MAX];
    int header_count;
    struct http_answer_header answer_headers[HTTP_ANSWER_HEADERS_MAX];
    int answer_header_count;
    struct text body;
    enum http_method method;
    bool seen, open, ambiguous, suspended, in_handler, answered, lingers;
    bool is_head, is_old; /* the method was HEAD; the version is HTTP/1.0 */
    bool kept;            /* answered, but suspended: an outlet writes to the socket */
    char address[INET6_ADDRSTRLEN];
    const char *route;
    unsigned status;
    int64_t received_us;
    struct outlet *outlet; /* that waits for the socket */
};

struct http_linger {
    struct event *event;
    int fd;
    size_t bytes;
    int64_t begun_us;
};

struct http_server {
    struct event_base *base;
    struct http_setup setup;
    struct MHD_Daemon *daemon;
    struct event *ready, *timer, *sweep;
    struct http_connection *connections;
    struct http_linger lingering[HTTP_LINGERING_MAX];
    struct outlet *outlets;
    int listen_fd;
    uint16_t port;
    bool quiesced, destroying, resumed; /* resumed: some connection was, and libmicrohttpd has not been run since */
    uint32_t requests_open;
    struct http_figures figures;
};

int64_t http_now_us(void);

/* ---- http.c ---- */

/* Takes a connected socket as if it had been accepted. */
bool http_adopt(struct http_server *server, int fd);
void http_phase_begin(struct http_connection *connection, enum http_phase phase);
/* libmicrohttpd is run soon. */
void http_wake(struct http_server *server);
/* The request no longer counts as one that the handler owes an answer. */
void http_leave_open(struct http_request *request);
/* A suspended request goes on after something was queued for it. */
void http_resume(struct http_request *request);

/* ---- http_guard.c ---- */

/* Takes the headers into the request. NULL when the head is sound. version: as libmicrohttpd gives it. */
const struct http_refusal *http_guard_head(struct http_request *request, const char *method, const char *version);
extern const struct http_refusal http_refusal_body_too_large, http_refusal_body_slow, http_refusal_stopping;

/* ---- http_request.c ---- */

/* The first header of the name, also where there are several; NULL if none. */
const char *http_first_header(const struct http_request *request, const char *name);
/* Is the token an element of a header that is a list, such as Connection? Not case-sensitive. */
bool http_header_has_token(const struct http_request *request, const char *name, const char *token);
/* Whether it is this machine, where the proxy runs. */
bool http_is_loopback(const struct sockaddr *peer);
void http_note_address(struct http_request *request);
void http_free_request(struct http_request *request);
/* Answers with a problem document. */
void http_refuse(struct http_request *request, const struct http_refusal *refusal);
/* Writes the refusal to the socket past libmicrohttpd, which takes no answer in the middle of a body. The connection must be
 * closed next. */
void http_refuse_raw(struct http_server *server, int fd, const struct http_refusal *refusal);
/* Adds the headers that every answer has, unless the handler set them. False when memory is refused. */
bool http_add_headers(struct http_request *request, struct MHD_Response *response);
/* The status line and the headers of an answer that libmicrohttpd does not write, without the empty line at the end. */
void http_write_head(struct text *out, const struct http_server *server, const char *status_line);
/* Queues the response, resumes the connection if need be, and gives the response up. */
void http_send(struct http_request *request, unsigned status, struct MHD_Response *response);
void http_count_answer(struct http_request *request, unsigned status);

/* ---- http_linger.c ---- */

/* Keeps a copy of the socket for a while and reads what still comes, so that the refusal is not lost to a reset. */
void http_linger_begin(struct http_server *server, int fd);
void http_linger_end_all(struct http_server *server);

/* ---- outlets ---- */

/* The request is over before its outlet got the socket. */
void outlet_abandon(struct outlet *outlet);
void outlet_end_all(struct http_server *server);

#endif
