/* A server and raw clients in one thread, for the tests of the HTTP server and its outlets: the loop is turned until a
 * condition holds, with a bound of time that only a failure reaches. */
#ifndef MINGDI_HOST_HTTP_TEST_H
#define MINGDI_HOST_HTTP_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "host/http_private.h"

enum { TEST_PENDING_MAX = 4096, TEST_WAIT_SECONDS = 120, TEST_REPLY_MAX = 16 << 20 };

struct test_outlet {
    struct outlet *outlet;
    char message[70000];
    size_t message_length;
    int messages, drained, closed;
    bool echoes;
};

struct test_server {
    struct event_base *base;
    struct event *tick;
    struct http_server *http;
    struct http_request *pending[TEST_PENDING_MAX]; /* of /late, unanswered */
    int pending_count, handled, answered;
    unsigned last_status;
    struct test_outlet outlet; /* of the newest /socket, /echo or /events */
    struct outlet_setup outlet_setup;
};

struct test_client {
    int fd;
    struct text in;
    bool ended, reset;
};

static inline void test_message(void *context, const char *bytes, size_t length)
{
    struct test_outlet *outlet = context;
    outlet->messages++;
    outlet->message_length = length;
    assert_true(length < sizeof outlet->message);
    memcpy(outlet->message, bytes, length);
    outlet->message[length] = '\0';
    if (outlet->echoes) {
        struct frame *frame = frame_create(bytes, length);
        (void)!outlet_send(outlet->outlet, frame);
        frame_release(frame);
    }
}

static inline void test_drained(void *context) { ((struct test_outlet *)context)->drained++; }

static inline void test_closed(void *context)
{
    struct test_outlet *outlet = context;
    outlet->closed++;
    outlet->outlet = NULL;
}

static inline void test_open_outlet(struct test_server *server, struct http_request *request)
{
    struct outlet_setup setup = server->outlet_setup;
    setup.events = (struct outlet_events){ .message = test_message, .drained = test_drained, .closed = test_closed };
    setup.context = &server->outlet;
    server->outlet = (struct test_outlet){ .echoes = strcmp(http_path(request), "/echo") == 0 };
    server->outlet.outlet = strcmp(http_path(request), "/events") == 0 ? outlet_open_events(request, &setup)
                                                                       : outlet_open_websocket(request, &setup);
}

/* The answer to /late?n=7 is "n=7". */
static inline void test_answer_late(struct http_request *request)
{
    char text[64];
    int length = snprintf(text, sizeof text, "n=%s", http_parameter(request, "n"));
    http_answer(request, 200, "text/plain", text, (size_t)length);
}

static inline void test_handle(void *context, struct http_request *request)
{
    struct test_server *server = context;
    const char *path = http_path(request);
    size_t length;
    const char *body = http_body(request, &length);
    server->handled++;
    http_name_route(request, "test");
    if (strcmp(path, "/late") == 0) {
        assert_true(server->pending_count < TEST_PENDING_MAX);
        server->pending[server->pending_count++] = request;
    } else if (strcmp(path, "/release") == 0) {
        while (server->pending_count > 0) { /* within the library's own run */
            test_answer_late(server->pending[--server->pending_count]);
        }
        http_answer(request, 204, NULL, "", 0);
    } else if (strcmp(path, "/body") == 0) {
        http_answer(request, 200, "application/octet-stream", body, length);
    } else if (strcmp(path, "/socket") == 0 || strcmp(path, "/echo") == 0 || strcmp(path, "/events") == 0) {
        test_open_outlet(server, request);
    } else if (strcmp(path, "/large") == 0) {
        char *large = calloc(1, 4 << 20);
        assert_non_null(large);
        http_answer(request, 200, "application/octet-stream", large, 4 << 20);
        free(large);
    } else if (strcmp(path, "/address") == 0) {
        http_answer(request, 200, "text/plain", http_address(request), strlen(http_address(request)));
    } else {
        http_set_header(request, "ETag", "\"7\"");
        http_answer_static(request, 200, "text/plain", "hello", 5);
    }
}

static inline void test_answered(void *context, const char *route, unsigned status, int64_t us)
{
    struct test_server *server = context;
    assert_true(us >= 0);
    assert_string_equal(route, "test");
    server->answered++;
    server->last_status = status;
}

static inline void test_tick(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
}

static inline struct http_setup test_setup(void)
{
    return (struct http_setup){
        .address = "127.0.0.1",
        .connections_max = 2000,
        .connections_per_address_max = 2000,
        .body_bytes_max = 65536,
        .idle_timeout_s = 60,
        .handle = test_handle,
        .answered = test_answered,
    };
}

static inline void test_begin(struct test_server *server, struct http_setup setup)
{
    const struct timeval tick = { .tv_usec = 2000 };
    struct error error;
    *server = (struct test_server){ .outlet_setup = { .waiting_max = 1 << 20, .message_size_max = 65536, .ping_every_s = 60 } };
    server->base = event_base_new();
    assert_non_null(server->base);
    server->tick = event_new(server->base, -1, EV_PERSIST, test_tick, NULL);
    assert_int_equal(event_add(server->tick, &tick), 0);
    setup.context = server;
    if (http_create(server->base, &setup, &server->http, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

static inline void test_end(struct test_server *server)
{
    http_destroy(server->http);
    event_free(server->tick);
    event_base_free(server->base);
}

static inline void test_turn(struct test_server *server) { (void)event_base_loop(server->base, EVLOOP_ONCE); }

/* Turns the loop until the condition holds. */
#define TEST_UNTIL(server, condition)                                                     \
    do {                                                                                  \
        int64_t until_us_ = http_now_us() + TEST_WAIT_SECONDS * INT64_C(1000000);         \
        while (!(condition)) {                                                            \
            if (http_now_us() > until_us_) {                                              \
                fail_msg("%s:%d: still waiting for: %s", __FILE__, __LINE__, #condition); \
            }                                                                             \
            test_turn(server);                                                            \
        }                                                                                 \
    } while (0)

/* ---- clients ---- */

static inline struct test_client test_connect(struct test_server *server)
{
    struct test_client client = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons(http_port(server->http)) };
    assert_true(client.fd >= 0);
    assert_int_equal(connect(client.fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(fcntl(client.fd, F_SETFL, O_NONBLOCK), 0);
    text_init(&client.in, TEST_REPLY_MAX);
    return client;
}

static inline void test_hang_up(struct test_client *client)
{
    (void)close(client->fd);
    text_free(&client->in);
    client->fd = -1;
}

/* Takes what has come. */
static inline void test_drain(struct test_client *client)
{
    char bytes[65536];
    for (;;) {
        ssize_t got = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got > 0) {
            text_append(&client->in, bytes, (size_t)got);
            assert_false(client->in.failed);
            continue;
        }
        client->reset = client->reset || (got < 0 && errno != EAGAIN);
        client->ended = client->ended || got == 0 || client->reset;
        return;
    }
}

static inline bool test_has(struct test_client *client, const char *needle)
{
    test_drain(client);
    return client->in.bytes != NULL && memmem(client->in.bytes, client->in.length, needle, strlen(needle)) != NULL;
}

static inline bool test_ended(struct test_client *client)
{
    test_drain(client);
    return client->ended;
}

static inline void test_send_bytes(struct test_server *server, struct test_client *client, const char *bytes, size_t length)
{
    while (length > 0 && !client->ended) {
        ssize_t sent = send(client->fd, bytes, length, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
            continue;
        }
        if (errno != EAGAIN) {
            return; /* the server has closed: what it said is what counts */
        }
        test_turn(server);
        test_drain(client);
    }
}

static inline void test_send(struct test_server *server, struct test_client *client, const char *text)
{
    test_send_bytes(server, client, text, strlen(text));
}

/* Sends, waits until the server closes, gives what it said. */
static inline void test_exchange(struct test_server *server, struct test_client *client, const char *bytes, size_t length)
{
    *client = test_connect(server);
    test_send_bytes(server, client, bytes, length);
    TEST_UNTIL(server, test_ended(client));
}

static inline int test_count(const struct test_client *client, const char *needle)
{
    int count = 0;
    const char *at = client->in.bytes;
    while (at != NULL && (at = memmem(at, client->in.length - (size_t)(at - client->in.bytes), needle, strlen(needle))) != NULL) {
        count++;
        at += strlen(needle);
    }
    return count;
}

static inline void test_raise_file_limit(void)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max < 8192 ? limit.rlim_max : 8192;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

#endif
