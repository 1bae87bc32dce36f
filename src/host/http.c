#include "host/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/time.h"
#include "host/http_private.h"

int64_t http_now_us(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

/* ---- connections ---- */

void http_phase_begin(struct http_connection *connection, enum http_phase phase)
{
    connection->phase = phase;
    connection->since_us = http_now_us();
}

static void connection_open(struct http_server *server, struct MHD_Connection *mhd, void **socket_context)
{
    struct http_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        return; /* its first request is refused */
    }
    connection->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    connection->next = server->connections;
    connection->link = &server->connections;
    if (connection->next != NULL) {
        connection->next->link = &connection->next;
    }
    server->connections = connection;
    http_phase_begin(connection, HTTP_PHASE_HEAD);
    server->figures.connections_open++;
    server->figures.connections_total++;
    *socket_context = connection;
}

static void connection_close(struct http_server *server, struct http_connection *connection)
{
    *connection->link = connection->next;
    if (connection->next != NULL) {
        connection->next->link = connection->link;
    }
    server->figures.connections_open--;
    free(connection);
    http_wake(server); /* at its limit libmicrohttpd stops listening, and begins again only when it is run after a close */
}

static void on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_open(server, mhd, socket_context);
    } else if (*socket_context != NULL) {
        connection_close(server, *socket_context);
    }
}

static int64_t phase_seconds_max(const struct http_server *server, enum http_phase phase)
{
    switch (phase) {
    case HTTP_PHASE_HEAD: return server->setup.idle_timeout_s;
    case HTTP_PHASE_BODY:
        return server->setup.idle_timeout_s < HTTP_BODY_SECONDS ? server->setup.idle_timeout_s : HTTP_BODY_SECONDS;
    case HTTP_PHASE_ANSWERED: return HTTP_ANSWER_SECONDS;
    case HTTP_PHASE_HANDLED:
    case HTTP_PHASE_OUTLET: break;
    }
    return INT64_MAX / US_PER_SECOND;
}

/* libmicrohttpd sees the end of the stream and closes: the connection itself must be left to it. */
static void connection_expire(struct http_server *server, struct http_connection *connection)
{
    if (connection->phase == HTTP_PHASE_BODY) {
        http_refuse_raw(server, connection->fd, &http_refusal_body_slow);
        http_count_answer(connection->request, http_refusal_body_slow.status);
    }
    (void)shutdown(connection->fd, SHUT_RDWR);
    connection->since_us = INT64_MAX / 2; /* once */
}

static void on_sweep(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct http_server *server = context;
    int64_t now_us = http_now_us();
    for (struct http_connection *connection = server->connections; connection != NULL; connection = connection->next) {
        if (now_us - connection->since_us >= phase_seconds_max(server, connection->phase) * US_PER_SECOND) {
            connection_expire(server, connection);
        }
    }
}

/* ---- requests ---- */

/* The request line was read. The target is taken apart here; then the query is hidden from libmicrohttpd, whose buffer this
 * is: it would keep a record for each '&', and 0.9.75 leaves a request unanswered for which its memory is not enough. */
static void *on_request_line(void *context, const char *target, struct MHD_Connection *mhd)
{
    struct http_server *server = context;
    struct http_connection *connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    struct http_request *request = connection != NULL ? calloc(1, sizeof *request) : NULL;
    if (request == NULL) {
        return NULL;
    }
    request->server = server;
    request->mhd = mhd;
    request->connection = connection;
    request->raw_target = target;
    request->raw_target_length = strlen(target);
    request->target_fault = http_target_parse(&request->target, target);
    request->received_us = http_now_us();
    text_init(&request->body, server->setup.body_bytes_max);
    connection->request = request;
    server->figures.bytes_in += request->raw_target_length;
    char *query = strchr((char *)(uintptr_t)target, '?');
    if (query != NULL && query[1] != '\0') {
        query[1] = '\0';
    }
    return request;
}

/* The handler gets the whole request. What it does not answer at once waits, suspended. */
static void give_to_handler(struct http_request *request)
{
    struct http_server *server = request->server;
    http_phase_begin(request->connection, HTTP_PHASE_HANDLED);
    server->requests_open++;
    request->open = true;
    request->in_handler = true;
    server->setup.handle(server->setup.context, request);
    request->in_handler = false;
    if (!request->answered || request->kept) {
        request->suspended = true;
        MHD_suspend_connection(request->mhd);
    }
}

/* False when the body is too large or memory is refused: libmicrohttpd then closes, for it takes no answer here. */
static bool take_body(struct http_request *request, const char *bytes, size_t length)
{
    text_append(&request->body, bytes, length);
    request->server->figures.bytes_in += length;
    if (!request->body.failed) {
        return true;
    }
    http_refuse_raw(request->server, request->connection->fd, &http_refusal_body_too_large);
    http_count_answer(request, http_refusal_body_too_large.status);
    request->server->figures.refused_early++;
    request->lingers = true;
    return false;
}

static void take_head(struct http_request *request, const char *method, const char *version)
{
    request->seen = true;
    http_phase_begin(request->connection, HTTP_PHASE_BODY);
    const struct http_refusal *refusal = http_guard_head(request, method, version);
    http_note_address(request);
    if (refusal == NULL && request->server->destroying) {
        refusal = &http_refusal_stopping;
    }
    if (refusal != NULL) {
        request->server->figures.refused_early++;
        http_refuse(request, refusal);
    } else {
        request->lingers = false;
    }
}

/* libmicrohttpd calls it once with the head, then with each piece of the body, then once more when all has come. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *bytes, size_t *length, void **request_context)
{
    (void)context;
    (void)mhd;
    (void)url;
    struct http_request *request = *request_context;
    if (request == NULL) {
        return MHD_NO; /* memory was refused */
    }
    if (!request->seen) {
        take_head(request, method, version);
    } else if (*length > 0) {
        if (!take_body(request, bytes, *length)) {
            return MHD_NO;
        }
        *length = 0;
    } else if (!request->answered) {
        give_to_handler(request);
    }
    return MHD_YES;
}

static void on_completed(void *context, struct MHD_Connection *mhd, void **request_context, enum MHD_RequestTerminationCode code)
{
    (void)mhd;
    (void)code;
    struct http_server *server = context;
    struct http_request *request = *request_context;
    if (request == NULL) {
        return;
    }
    *request_context = NULL;
    if (request->lingers && !server->destroying) {
        http_linger_begin(server, request->connection->fd);
    }
    http_leave_open(request);
    if (request->outlet != NULL) {
        outlet_abandon(request->outlet);
    }
    http_phase_begin(request->connection, HTTP_PHASE_HEAD);
    request->connection->request = NULL;
    http_free_request(request);
}

void http_leave_open(struct http_request *request)
{
    if (request->open) {
        request->open = false;
        request->server->requests_open--;
    }
}

/* libmicrohttpd 0.9.75 wakes nobody when it has no thread of its own, nor does MHD_get_timeout tell of resumed connections: so
 * we see to it that it is run again, once for all that are resumed until then. */
void http_wake(struct http_server *server)
{
    static const struct timeval at_once = { 0 };
    server->resumed = true;
    if (!server->destroying) {
        (void)evtimer_add(server->timer, &at_once);
    }
}

void http_resume(struct http_request *request)
{
    if (request->suspended) {
        request->suspended = false;
        MHD_resume_connection(request->mhd);
        http_wake(request->server);
    }
}

/* ---- the loop ---- */

static void arm_timer(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (!server->resumed && MHD_get_timeout(server->daemon, &ms) != MHD_YES) {
        (void)evtimer_del(server->timer);
        return;
    }
    struct timeval wait = { .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000) };
    (void)evtimer_add(server->timer, &wait);
}

static void on_ready(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct http_server *server = context;
    server->resumed = false;
    (void)MHD_run(server->daemon);
    arm_timer(server);
}

/* Targets are taken apart by http_target.c. */
static size_t on_unescape(void *context, struct MHD_Connection *mhd, char *text)
{
    (void)context;
    (void)mhd;
    return strlen(text);
}

/* ---- the server ---- */

static enum status parse_address(const struct http_setup *setup, struct sockaddr_storage *address, socklen_t *length,
                                 struct error *error)
{
    struct sockaddr_in *four = (struct sockaddr_in *)address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, setup->address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(setup->port);
        *length = sizeof *four;
        return STATUS_OK;
    }
    if (inet_pton(AF_INET6, setup->address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(setup->port);
        *length = sizeof *six;
        return STATUS_OK;
    }
    return ERROR(error, STATUS_BAD_INPUT, "the address '%s' to listen on is neither IPv4 nor IPv6, such as 127.0.0.1 or ::1",
                 setup->address);
}

static enum status listen_on(struct http_server *server, const struct sockaddr_storage *address, socklen_t length,
                             struct error *error)
{
    const int one = 1;
    server->listen_fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server->listen_fd < 0) {
        return ERROR(error, STATUS_IO, "no socket to listen on %s: %s", server->setup.address, strerror(errno));
    }
    (void)setsockopt(server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (address->ss_family == AF_INET6) {
        (void)setsockopt(server->listen_fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    }
    if (bind(server->listen_fd, (const struct sockaddr *)address, length) != 0 || listen(server->listen_fd, SOMAXCONN) != 0) {
        return ERROR(error, STATUS_IO, "cannot listen on %s port %u: %s; is another server running, or is the port below 1024?",
                     server->setup.address, (unsigned)server->setup.port, strerror(errno));
    }
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } bound = { .six = { 0 } };
    socklen_t bound_length = sizeof bound;
    CHECK(getsockname(server->listen_fd, &bound.any, &bound_length) == 0);
    server->port = ntohs(bound.any.sa_family == AF_INET ? bound.four.sin_port : bound.six.sin6_port);
    return STATUS_OK;
}

/* Strictness would make libmicrohttpd refuse a missing Host, and a space in the target, with pages of its own or none; the guard
 * refuses both with a problem document. From version 1.0 on the same option means more, such as no bare line feeds. */
enum { STRICTNESS = MHD_VERSION >= 0x01000000 ? 1 : 0 };

static enum status start_daemon(struct http_server *server, struct error *error)
{
    const struct http_setup *setup = &server->setup;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE;
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server,                                              /* then the options */
        MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_STRICT_FOR_CLIENT, STRICTNESS, /* */
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)setup->connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)setup->idle_timeout_s, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        setup->behind_proxy ? 0U : (unsigned)setup->connections_per_address_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HTTP_CONNECTION_MEMORY, /* */
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, server, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_END);
    if (server->daemon == NULL) {
        return ERROR(error, STATUS_IO, "the HTTP server could not be started: %s", strerror(errno));
    }
    return STATUS_OK;
}

static enum status make_events(struct http_server *server, struct error *error)
{
    int epoll_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    const struct timeval second = { .tv_sec = 1 };
    server->ready = event_new(server->base, epoll_fd, EV_READ | EV_PERSIST, on_ready, server);
    server->timer = evtimer_new(server->base, on_ready, server);
    server->sweep = event_new(server->base, -1, EV_PERSIST, on_sweep, server);
    if (server->ready == NULL || server->timer == NULL || server->sweep == NULL || event_add(server->ready, NULL) != 0 ||
        event_add(server->sweep, &second) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the events of the HTTP server");
    }
    return STATUS_OK;
}

enum status http_create(struct event_base *base, const struct http_setup *setup, struct http_server **server, struct error *error)
{
    struct sockaddr_storage address;
    socklen_t length;
    TRY(parse_address(setup, &address, &length, error));
    struct http_server *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the HTTP server");
    }
    made->base = base;
    made->setup = *setup;
    made->listen_fd = -1;
    enum status status;
    TRY_GOTO(listen_on(made, &address, length, error), failed);
    TRY_GOTO(start_daemon(made, error), failed);
    TRY_GOTO(make_events(made, error), failed);
    *server = made;
    on_ready(-1, 0, made); /* libmicrohttpd adds the listening socket to its set when it is first run */
    return STATUS_OK;
failed:
    http_destroy(made);
    return status;
}

void http_set_body_bytes_max(struct http_server *server, uint32_t bytes) { server->setup.body_bytes_max = bytes; }

void http_quiesce(struct http_server *server)
{
    if (!server->quiesced) {
        server->quiesced = true;
        (void)MHD_quiesce_daemon(server->daemon);
        (void)close(server->listen_fd);
        server->listen_fd = -1;
        on_ready(-1, 0, server);
    }
}

uint32_t http_requests_open(const struct http_server *server) { return server->requests_open; }

/* libmicrohttpd must not be stopped while connections are suspended: what is still with the handler is answered that we stop. */
static void release_suspended(struct http_server *server)
{
    for (struct http_connection *connection = server->connections; connection != NULL; connection = connection->next) {
        if (connection->request != NULL && connection->request->suspended) {
            http_refuse(connection->request, &http_refusal_stopping);
        }
    }
}

static void stop_daemon(struct http_server *server)
{
    server->destroying = true;
    outlet_end_all(server);
    release_suspended(server);
    (void)MHD_run(server->daemon);
    MHD_stop_daemon(server->daemon);
    if (server->quiesced) {
        return;
    }
    server->listen_fd = -1; /* closed by libmicrohttpd */
}

static void free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

void http_destroy(struct http_server *server)
{
    if (server == NULL) {
        return;
    }
    free_event(server->ready);
    free_event(server->timer);
    free_event(server->sweep);
    if (server->daemon != NULL) {
        stop_daemon(server);
    }
    http_linger_end_all(server);
    if (server->listen_fd >= 0) {
        (void)close(server->listen_fd);
    }
    free(server);
}

uint16_t http_port(const struct http_server *server) { return server->port; }

void http_figures(const struct http_server *server, struct http_figures *figures) { *figures = server->figures; }

bool http_adopt(struct http_server *server, int fd)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    bool taken = MHD_add_connection(server->daemon, fd, (const struct sockaddr *)&address, sizeof address) == MHD_YES;
    on_ready(-1, 0, server);
    return taken;
}
