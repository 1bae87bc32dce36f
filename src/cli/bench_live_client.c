#include "cli/bench_live_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "cli/bench_live_samples.h"

enum {
    EVENTS_A_TURN = 256,
    REQUEST_MAX = 1 << 20,
    IN_FIRST = 64 << 10,
    IN_MAX = 32 << 20,
    SEND_WAIT_MS = 10000,
    ANSWER_WAIT_MS = 30000,
    TURN_MS = 100,
    CONTROL_PAYLOAD_MAX = 125,
};

/* ---- the loop ---- */

enum status bench_loop_begin(struct bench_loop *loop, const volatile sig_atomic_t *stop, struct error *error)
{
    *loop = (struct bench_loop){ .epoll = epoll_create1(EPOLL_CLOEXEC), .stop = stop };
    return loop->epoll >= 0 ? STATUS_OK : ERROR(error, STATUS_IO, "no epoll: %s", strerror(errno));
}

void bench_loop_end(struct bench_loop *loop)
{
    if (loop->epoll >= 0) {
        close(loop->epoll);
    }
    loop->epoll = -1;
}

void bench_loop_fail(struct bench_loop *loop, const char *format, ...)
{
    if (loop->failed) {
        return; /* the first reason counts */
    }
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)ERROR(&loop->error, STATUS_IO, "%s", text);
    loop->failed = true;
}

/* ---- what goes out ---- */

/* The kernel's buffers hold a whole request: it waits only where the server does not read. */
static void send_all(struct bench_client *client, const char *bytes, size_t length)
{
    while (length > 0 && !client->loop->failed) {
        ssize_t sent = send(client->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            struct pollfd room = { .fd = client->fd, .events = POLLOUT };
            if (poll(&room, 1, SEND_WAIT_MS) <= 0) {
                bench_loop_fail(client->loop, "the server does not read what it is sent");
            }
        } else if (errno != EINTR) {
            bench_loop_fail(client->loop, "the server has hung up: %s", strerror(errno));
        }
    }
}

void bench_client_ask(struct bench_client *client, const char *method, const char *path, const char *key, const char *body,
                      size_t length)
{
    CHECK(!client->waits && !client->is_stream);
    text_clear(&client->out);
    text_printf(&client->out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s", method, path, client->credential);
    if (key != NULL) {
        text_printf(&client->out, "Idempotency-Key: %s\r\n", key);
    }
    if (body != NULL) {
        text_printf(&client->out, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n", length);
        text_append(&client->out, body, length);
    } else {
        text_puts(&client->out, "\r\n");
    }
    CHECK(!client->out.failed);
    client->waits = true;
    client->sent_ns = bench_now_ns();
    send_all(client, client->out.bytes, client->out.length);
}

void bench_client_listen(struct bench_client *client)
{
    CHECK(!client->waits);
    text_clear(&client->out);
    text_printf(&client->out,
                "GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n%sUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bWluZ2RpIGJlbmNoIGtleQ==\r\n\r\n",
                client->credential);
    client->waits = true;
    send_all(client, client->out.bytes, client->out.length);
}

/* A client's frames are masked; a mask of zeros leaves the bytes as they are. */
static void send_pong(struct bench_client *client, const char *payload, size_t length)
{
    char frame[6 + CONTROL_PAYLOAD_MAX] = { (char)0x8a, (char)(0x80 | length) };
    memcpy(frame + 6, payload, length);
    send_all(client, frame, 6 + length);
}

/* ---- what comes in ---- */

/* Room for so many more bytes; what was told is dropped. */
static bool make_room(struct bench_client *client, size_t more)
{
    size_t kept = client->in_end - client->in_begin;
    if (client->in_begin > 0) {
        memmove(client->in, client->in + client->in_begin, kept);
        client->in_begin = 0;
        client->in_end = kept;
    }
    size_t size = client->in_size > 0 ? client->in_size : IN_FIRST;
    while (size < kept + more) {
        size *= 2;
    }
    if (size > IN_MAX) {
        bench_loop_fail(client->loop, "the server has sent a message of more than %d bytes", IN_MAX);
        return false;
    }
    if (size > client->in_size) {
        char *grown = realloc(client->in, size);
        CHECK(grown != NULL);
        client->in = grown;
        client->in_size = size;
    }
    return true;
}

static void receive(struct bench_client *client)
{
    if (client->in_size - client->in_end < IN_FIRST / 2 && !make_room(client, IN_FIRST / 2)) {
        return;
    }
    ssize_t got = recv(client->fd, client->in + client->in_end, client->in_size - client->in_end, MSG_DONTWAIT);
    client->received_ns = bench_now_ns();
    if (got > 0) {
        client->in_end += (size_t)got;
        client->received_bytes += (uint64_t)got;
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        bench_loop_fail(client->loop, "the server has hung up");
    }
}

static size_t content_length(const char *head, size_t length)
{
    static const char name[] = "\r\nContent-Length: ";
    const char *found = memmem(head, length, name, sizeof name - 1);
    return found != NULL ? (size_t)strtoull(found + sizeof name - 1, NULL, 10) : 0;
}

/* False: not all of it is there. */
static bool digest_answer(struct bench_client *client)
{
    const char *bytes = client->in + client->in_begin;
    size_t length = client->in_end - client->in_begin;
    const char *end = length > 16 ? memmem(bytes, length, "\r\n\r\n", 4) : NULL;
    if (end == NULL) {
        return false;
    }
    size_t head = (size_t)(end - bytes) + 4, body = content_length(bytes, head);
    if (length < head + body) {
        return false;
    }
    long status = strtol(bytes + strlen("HTTP/1.1 "), NULL, 10);
    client->in_begin += head + body;
    client->waits = false;
    client->head = bytes;
    client->head_length = head;
    if (status == 101) {
        client->is_stream = true;
    } else if (status == 200 || status == 201) {
        client->answered(client, bytes + head, body);
    } else {
        bench_loop_fail(client->loop, "the server answered %ld: %.*s", status, body < 300 ? (int)body : 300, bytes + head);
    }
    return true;
}

static bool digest_frame(struct bench_client *client)
{
    const unsigned char *bytes = (const unsigned char *)client->in + client->in_begin;
    size_t length = client->in_end - client->in_begin;
    if (length < 2) {
        return false;
    }
    size_t more = bytes[1] < 126 ? 0 : bytes[1] == 126 ? 2 : 8, payload = more == 0 ? bytes[1] : 0;
    if (length < 2 + more) {
        return false;
    }
    for (size_t i = 0; i < more; i++) {
        payload = payload << 8 | bytes[2 + i];
    }
    if (payload > IN_MAX || length < 2 + more + payload) {
        size_t missing = payload > IN_MAX ? IN_MAX : 2 + more + payload - length;
        (void)(client->in_size - client->in_end < missing && make_room(client, missing));
        return false;
    }
    const char *message = (const char *)bytes + 2 + more;
    client->in_begin += 2 + more + payload;
    if (bytes[0] == 0x81) {
        client->heard(client, message, payload);
    } else if (bytes[0] == 0x89) {
        send_pong(client, message, payload <= CONTROL_PAYLOAD_MAX ? payload : CONTROL_PAYLOAD_MAX);
    } else {
        bench_loop_fail(client->loop, "the stream ended with a frame that begins with the byte %u", bytes[0]);
    }
    return true;
}

static void digest(struct bench_client *client)
{
    while (!client->loop->failed && client->in_begin < client->in_end) {
        if (!(client->is_stream ? digest_frame(client) : digest_answer(client))) {
            return;
        }
    }
}

/* All sockets are read before anything is looked at: what the looking takes is not part of the later ones' delay. */
bool bench_loop_turn(struct bench_loop *loop, int wait_ms)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count = loop->failed ? 0 : epoll_wait(loop->epoll, events, EVENTS_A_TURN, wait_ms);
    for (int i = 0; i < count; i++) {
        receive(events[i].data.ptr);
    }
    for (int i = 0; i < count; i++) {
        digest(events[i].data.ptr);
    }
    if (*loop->stop != 0) {
        bench_loop_fail(loop, "stopped before the end");
    }
    return !loop->failed;
}

/* ---- a client ---- */

static void ignore_answer(struct bench_client *client, const char *body, size_t length)
{
    (void)client, (void)body, (void)length;
}

bool bench_client_open(struct bench_client *client, struct bench_loop *loop, int port, const char *credential)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
    int one = 1;
    *client = (struct bench_client){ .loop = loop, .credential = credential, .answered = ignore_answer };
    text_init(&client->out, REQUEST_MAX);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool open = client->fd >= 0 && connect(client->fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
                epoll_ctl(loop->epoll, EPOLL_CTL_ADD, client->fd, &event) == 0;
    if (!open) {
        bench_loop_fail(loop, "no connection to port %d: %s", port, strerror(errno));
    }
    return open;
}

void bench_client_close(struct bench_client *client)
{
    if (client->fd > 0) {
        close(client->fd);
    }
    text_free(&client->out);
    free(client->in);
    *client = (struct bench_client){ .fd = -1 };
}

bool bench_client_await(struct bench_client *client)
{
    int64_t until_ns = bench_now_ns() + ANSWER_WAIT_MS * INT64_C(1000000);
    while (client->waits && bench_loop_turn(client->loop, TURN_MS)) {
        if (bench_now_ns() > until_ns) {
            bench_loop_fail(client->loop, "no answer within %d s", ANSWER_WAIT_MS / 1000);
        }
    }
    return !client->loop->failed;
}

int64_t bench_json_number(const char *bytes, size_t length, size_t *from, const char *name)
{
    char wanted[64];
    int size = snprintf(wanted, sizeof wanted, "\"%s\":", name);
    const char *found = *from < length ? memmem(bytes + *from, length - *from, wanted, (size_t)size) : NULL;
    if (found == NULL) {
        return -1;
    }
    size_t at = (size_t)(found - bytes) + (size_t)size;
    int64_t value = 0;
    if (at == length || bytes[at] < '0' || bytes[at] > '9') {
        return -1;
    }
    for (; at < length && bytes[at] >= '0' && bytes[at] <= '9' && value < INT64_MAX / 16; at++) {
        value = 10 * value + (bytes[at] - '0');
    }
    *from = at;
    return value;
}
