/* What a handler sees of a request, and how it answers. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/check.h"
#include "host/http_private.h"

/* ---- what came ---- */

enum http_method http_method(const struct http_request *request) { return request->method; }

const char *http_path(const struct http_request *request) { return request->target.path; }

const char *http_first_header(const struct http_request *request, const char *name)
{
    for (int i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0) {
            return request->headers[i].value;
        }
    }
    return NULL;
}

/* Asking is reading, but what is ambiguous is noted: the only change that an accessor makes. */
static const char *note_ambiguous(const struct http_request *request)
{
    ((struct http_request *)(uintptr_t)request)->ambiguous = true;
    return NULL;
}

const char *http_header(const struct http_request *request, const char *name)
{
    const char *found = NULL;
    for (int i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0) {
            if (found != NULL) {
                return note_ambiguous(request);
            }
            found = request->headers[i].value;
        }
    }
    return found;
}

const char *http_parameter(const struct http_request *request, const char *name)
{
    const char *found = NULL;
    for (int i = 0; i < request->target.parameter_count; i++) {
        const struct http_parameter *parameter = &request->target.parameters[i];
        if (strcmp(parameter->name, name) == 0) {
            if (found != NULL) {
                return note_ambiguous(request);
            }
            found = parameter->value;
        }
    }
    return found;
}

bool http_is_ambiguous(const struct http_request *request) { return request->ambiguous; }

void http_each_parameter(const struct http_request *request, void (*visit)(void *context, const char *name, const char *value),
                         void *context)
{
    for (int i = 0; i < request->target.parameter_count; i++) {
        visit(context, request->target.parameters[i].name, request->target.parameters[i].value);
    }
}

const char *http_body(const struct http_request *request, size_t *length)
{
    *length = request->body.length;
    return request->body.bytes != NULL ? request->body.bytes : "";
}

int64_t http_received_us(const struct http_request *request) { return request->received_us; }

/* Bytes of a next request may wait there; they are left for libmicrohttpd. */
bool http_is_gone(const struct http_request *request)
{
    char byte;
    ssize_t count = recv(request->connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

bool http_header_has_token(const struct http_request *request, const char *name, const char *token)
{
    size_t length = strlen(token);
    for (int i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) != 0) {
            continue;
        }
        for (const char *at = request->headers[i].value; *at != '\0';) {
            at += strspn(at, " \t,");
            size_t element = strcspn(at, " \t,");
            if (element == length && strncasecmp(at, token, length) == 0) {
                return true;
            }
            at += element;
        }
    }
    return false;
}

/* ---- the client's address ---- */

/* The last element of the last header: what the proxy in front wrote. Anything but an address is not believed. */
static bool forwarded_address(const struct http_request *request, char address[INET6_ADDRSTRLEN])
{
    const char *header = NULL;
    for (int i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, "X-Forwarded-For") == 0) {
            header = request->headers[i].value;
        }
    }
    if (header == NULL) {
        return false;
    }
    const char *comma = strrchr(header, ',');
    const char *begin = comma != NULL ? comma + 1 : header;
    begin += strspn(begin, " \t");
    size_t length = strcspn(begin, " \t");
    if (length >= INET6_ADDRSTRLEN) {
        return false;
    }
    char text[INET6_ADDRSTRLEN] = { 0 };
    memcpy(text, begin, length);
    struct in6_addr binary;
    int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    return inet_pton(family, text, &binary) == 1 && inet_ntop(family, &binary, address, INET6_ADDRSTRLEN) != NULL;
}

bool http_is_loopback(const struct sockaddr *peer)
{
    if (peer->sa_family == AF_INET) {
        return ntohl(((const struct sockaddr_in *)(const void *)peer)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (peer->sa_family != AF_INET6) {
        return false;
    }
    const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == IN_LOOPBACKNET);
}

/* Whoever comes past the proxy may write any address into the header: so it is believed from this machine only. */
void http_note_address(struct http_request *request)
{
    const struct sockaddr *peer = MHD_get_connection_info(request->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    if (request->server->setup.behind_proxy && http_is_loopback(peer) && forwarded_address(request, request->address)) {
        return;
    }
    const void *bytes = peer->sa_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr
                                                    : (const void *)&((const struct sockaddr_in *)(const void *)peer)->sin_addr;
    if (inet_ntop(peer->sa_family, bytes, request->address, sizeof request->address) == NULL) {
        request->address[0] = '\0';
    }
}

const char *http_address(const struct http_request *request) { return request->address; }

/* ---- the answer ---- */

static const struct http_header standing_headers[] = {
    { "Cache-Control", "no-store" },
    { "Content-Security-Policy",
      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "X-Frame-Options", "DENY" },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
                            "microphone=(), midi=(), payment=(), usb=()" },
};

void http_set_header(struct http_request *request, const char *name, const char *value)
{
    CHECK(!request->answered && request->answer_header_count < HTTP_ANSWER_HEADERS_MAX);
    struct http_answer_header header = { .name = strdup(name), .value = strdup(value) };
    if (header.name == NULL || header.value == NULL) {
        free(header.name);
        free(header.value);
        return; /* memory is refused: so will be the answer */
    }
    request->answer_headers[request->answer_header_count++] = header;
}

static bool handler_has_set(const struct http_request *request, const char *name)
{
    for (int i = 0; i < request->answer_header_count; i++) {
        if (strcasecmp(request->answer_headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool http_add_headers(struct http_request *request, struct MHD_Response *response)
{
    const struct http_server *server = request->server;
    bool all = true;
    for (size_t i = 0; i < ARRAY_LENGTH(standing_headers); i++) {
        if (!handler_has_set(request, standing_headers[i].name)) {
            all = MHD_add_response_header(response, standing_headers[i].name, standing_headers[i].value) == MHD_YES && all;
        }
    }
    if (server->setup.drill) {
        all = MHD_add_response_header(response, "Mingdi-Drill", "1") == MHD_YES && all;
    }
    if (server->quiesced && !handler_has_set(request, "Connection")) {
        all = MHD_add_response_header(response, "Connection", "close") == MHD_YES && all;
    }
    for (int i = 0; i < request->answer_header_count; i++) {
        const struct http_answer_header *header = &request->answer_headers[i];
        all = MHD_add_response_header(response, header->name, header->value) == MHD_YES && all;
    }
    return all;
}

void http_write_head(struct text *out, const struct http_server *server, const char *status_line)
{
    char date[40];
    struct tm parts;
    time_t now = time(NULL);
    size_t length = strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
    CHECK(length > 0);
    text_printf(out, "HTTP/1.1 %s\r\nDate: %s\r\nConnection: close\r\n", status_line, date);
    for (size_t i = 0; i < ARRAY_LENGTH(standing_headers); i++) {
        text_printf(out, "%s: %s\r\n", standing_headers[i].name, standing_headers[i].value);
    }
    if (server->setup.drill) {
        text_puts(out, "Mingdi-Drill: 1\r\n");
    }
}

void http_count_answer(struct http_request *request, unsigned status)
{
    struct http_server *server = request->server;
    request->status = status;
    server->figures.requests[status / 100 < 6 ? status / 100 : 5]++;
    if (request->open && server->setup.answered != NULL) {
        server->setup.answered(server->setup.context, request->route, status, http_now_us() - request->received_us);
    }
}

void http_send(struct http_request *request, unsigned status, struct MHD_Response *response)
{
    CHECK(!request->answered);
    request->answered = true;
    http_count_answer(request, status);
    http_phase_begin(request->connection, HTTP_PHASE_ANSWERED);
    bool queued = response != NULL && http_add_headers(request, response) &&
                  MHD_queue_response(request->mhd, status, response) == MHD_YES;
    if (response != NULL) {
        MHD_destroy_response(response);
    }
    if (!queued) {
        (void)shutdown(request->connection->fd, SHUT_RDWR); /* memory is refused: the client sees the connection end */
    }
    http_resume(request);
}

static void answer(struct http_request *request, unsigned status, const char *type, const void *body, size_t length,
                   enum MHD_ResponseMemoryMode mode)
{
    /* Nothing is written through the pointer: libmicrohttpd only lacks the const. */
    struct MHD_Response *response = MHD_create_response_from_buffer(length, (void *)(uintptr_t)body, mode);
    if (response != NULL && type != NULL) {
        (void)MHD_add_response_header(response, "Content-Type", type);
    }
    request->server->figures.bytes_out += length;
    http_send(request, status, response);
}

void http_answer(struct http_request *request, unsigned status, const char *content_type, const char *body, size_t length)
{
    answer(request, status, content_type, body, length, MHD_RESPMEM_MUST_COPY);
}

void http_answer_static(struct http_request *request, unsigned status, const char *content_type, const void *body, size_t length)
{
    answer(request, status, content_type, body, length, MHD_RESPMEM_PERSISTENT);
}

void http_name_route(struct http_request *request, const char *route) { request->route = route; }

/* ---- refusals ---- */

/* The texts of refusals are constants of this program, without anything that JSON would escape. */
static void write_problem(struct text *out, const struct http_server *server, const struct http_refusal *refusal)
{
    text_printf(out, "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%u,\"detail\":\"%s\",\"name\":\"%s\"%s}",
                refusal->name, refusal->title, refusal->status, refusal->detail, refusal->name,
                server->setup.drill ? ",\"drill\":true" : "");
}

enum { REFUSAL_LENGTH_MAX = 4096 };

void http_refuse(struct http_request *request, const struct http_refusal *refusal)
{
    struct text body;
    text_init(&body, REFUSAL_LENGTH_MAX);
    write_problem(&body, request->server, refusal);
    if (refusal->status == 503) {
        http_set_header(request, "Retry-After", "1");
    }
    http_answer(request, refusal->status, "application/problem+json", body.bytes != NULL ? body.bytes : "", body.length);
    text_free(&body);
}

void http_refuse_raw(struct http_server *server, int fd, const struct http_refusal *refusal)
{
    struct text body;
    struct text out;
    char status_line[80];
    text_init(&body, REFUSAL_LENGTH_MAX);
    text_init(&out, 2 * REFUSAL_LENGTH_MAX);
    write_problem(&body, server, refusal);
    (void)snprintf(status_line, sizeof status_line, "%u %s", refusal->status, MHD_get_reason_phrase_for(refusal->status));
    http_write_head(&out, server, status_line);
    text_printf(&out, "Content-Type: application/problem+json\r\nContent-Length: %zu\r\n\r\n", body.length);
    text_append(&out, body.bytes != NULL ? body.bytes : "", body.length);
    if (!out.failed && !body.failed) {
        (void)!send(fd, out.bytes, out.length, MSG_DONTWAIT | MSG_NOSIGNAL); /* if it does not fit, the closing tells enough */
    }
    text_free(&body);
    text_free(&out);
}

void http_free_request(struct http_request *request)
{
    for (int i = 0; i < request->answer_header_count; i++) {
        free(request->answer_headers[i].name);
        free(request->answer_headers[i].value);
    }
    http_target_free(&request->target);
    text_free(&request->body);
    free(request);
}
