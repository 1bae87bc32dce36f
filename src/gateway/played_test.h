/* A centre that a test plays, in the loop of what it tests: each request is given to a function of the test's, which says what is
 * answered. No time is measured: the loop is turned until a condition holds, with a bound that only a failure reaches. */
#ifndef MINGDI_GATEWAY_PLAYED_TEST_H
#define MINGDI_GATEWAY_PLAYED_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/link.h"
#include "host/clock.h"

enum { PLAYED_WAIT_S = 300 };

/* The whole request, ended by a zero; its body is behind the empty line. "" closes the connection without a word. */
typedef const char *played_answer(void *context, const char *request, const char *body);

struct played {
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *tick; /* so that a turn of the loop never waits for long */
    played_answer *answer;
    void *context;
    int requests;
    char url[64];
};

/* Texts of an answer: PLAYED("200 OK", "{\"made\":1}"). */
#define PLAYED(status, body) "HTTP/1.1 " status "\r\nX-Played: 1\r\n\r\n" body

static inline size_t played_whole(struct evbuffer *in, size_t *head)
{
    size_t length = evbuffer_get_length(in);
    const char *bytes = (const char *)evbuffer_pullup(in, -1);
    const char *end = bytes != NULL && length > 0 ? memmem(bytes, length, "\r\n\r\n", 4) : NULL;
    if (end == NULL) {
        return 0;
    }
    const char *field = memmem(bytes, (size_t)(end - bytes), "Content-Length: ", 16);
    size_t body = field != NULL ? strtoul(field + 16, NULL, 10) : 0;
    *head = (size_t)(end - bytes) + 4;
    return *head + body <= length ? *head + body : 0;
}

static inline void played_bytes(struct bufferevent *connection, void *context)
{
    struct played *played = context;
    struct evbuffer *in = bufferevent_get_input(connection);
    size_t length, head;
    while ((length = played_whole(in, &head)) > 0) {
        char *request = calloc(1, length + 1);
        assert_non_null(request);
        (void)evbuffer_remove(in, request, length);
        played->requests += 1;
        const char *answer = played->answer(played->context, request, request + head);
        free(request);
        const char *body = strstr(answer, "\r\n\r\n");
        if (body == NULL) {
            bufferevent_free(connection);
            return;
        }
        assert_int_equal(evbuffer_add_printf(bufferevent_get_output(connection), "%.*s\r\nContent-Length: %zu\r\n\r\n%s",
                                             (int)(body - answer), answer, strlen(body + 4), body + 4) > 0,
                         1);
    }
}

static inline void played_end_of_one(struct bufferevent *connection, short what, void *context)
{
    (void)what, (void)context;
    bufferevent_free(connection);
}

static inline void played_connection(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
                                     void *context)
{
    struct played *played = context;
    (void)listener, (void)address, (void)length;
    struct bufferevent *connection = bufferevent_socket_new(played->base, fd, BEV_OPT_CLOSE_ON_FREE);
    assert_non_null(connection);
    bufferevent_setcb(connection, played_bytes, NULL, played_end_of_one, played);
    bufferevent_enable(connection, EV_READ | EV_WRITE);
}

static inline void played_tick(evutil_socket_t fd, short what, void *context) { (void)fd, (void)what, (void)context; }

/* played stays where it is until played_end. */
static inline void played_begin(struct played *played, played_answer *answer, void *context)
{
    static const struct timeval interval = { 0, 20000 };
    *played = (struct played){ .base = event_base_new(), .answer = answer, .context = context };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    played->listener = evconnlistener_new_bind(played->base, played_connection, played, LEV_OPT_CLOSE_ON_FREE, 16,
                                               (struct sockaddr *)&address, sizeof address);
    played->tick = event_new(played->base, -1, EV_PERSIST, played_tick, played);
    assert_true(played->listener != NULL && played->tick != NULL && event_add(played->tick, &interval) == 0);
    assert_int_equal(getsockname(evconnlistener_get_fd(played->listener), (struct sockaddr *)&address, &size), 0);
    (void)snprintf(played->url, sizeof played->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
}

static inline void played_heard(void *context, const json_t *message) { (void)context, (void)message; }

static inline struct gateway_link *played_link(struct played *played)
{
    struct gateway_link *link;
    struct error error;
    const struct gateway_link_setup setup = { played->base, played->url, "mgd_secret", played_heard, NULL };
    assert_int_equal(gateway_link_create(&setup, &link, &error), STATUS_OK);
    return link;
}

/* The link is gone already. */
static inline void played_end(struct played *played)
{
    evconnlistener_free(played->listener);
    event_base_loop(played->base, EVLOOP_NONBLOCK); /* its connections see that they have ended */
    event_free(played->tick);
    event_base_free(played->base);
}

/* Turns the loop until holds says so; fails after PLAYED_WAIT_S. */
static inline void played_until(struct played *played, bool (*holds)(const void *context), const void *context)
{
    int64_t end_us = clock_monotonic_us() + (int64_t)PLAYED_WAIT_S * 1000000;
    while (!holds(context)) {
        assert_true(clock_monotonic_us() < end_us);
        assert_int_equal(event_base_loop(played->base, EVLOOP_ONCE), 0);
    }
}

#endif
