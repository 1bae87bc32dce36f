/* Hostile WebSocket frames: the outlet must answer or close, give whole valid messages only, and end when the client does.
 *
 * The input is a row of records: one byte of what to do, one of length, then that many bytes. 0: they are written as they
 * are. 1: they are the payload of a frame whose first byte is the first of them, masked as a client must. 2: the server sends
 * them. 3: the server closes. */
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "host/http_private.h"

enum { MESSAGE_MAX = 1024, WAITING_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct fuzzed {
    struct event_base *base;
    struct http_server *http;
    struct outlet *outlet;
};

static void on_message(void *context, const char *bytes, size_t length)
{
    struct fuzzed *fuzzed = context;
    CHECK(length <= MESSAGE_MAX && utf8_is_valid(bytes, length));
    struct frame *frame = frame_create(bytes, length);
    CHECK(frame != NULL);
    (void)!outlet_send(fuzzed->outlet, frame);
    frame_release(frame);
}

static void on_drained(void *context)
{
    struct fuzzed *fuzzed = context;
    CHECK(outlet_waiting(fuzzed->outlet) == 0);
}

static void on_closed(void *context) { ((struct fuzzed *)context)->outlet = NULL; }

static void handle(void *context, struct http_request *request)
{
    struct fuzzed *fuzzed = context;
    const struct outlet_setup setup = { .events = { .message = on_message, .drained = on_drained, .closed = on_closed },
                                        .context = context,
                                        .waiting_max = WAITING_MAX,
                                        .message_size_max = MESSAGE_MAX,
                                        .ping_every_s = 60 };
    fuzzed->outlet = outlet_open_websocket(request, &setup);
    CHECK(fuzzed->outlet != NULL);
}

static void turn(struct fuzzed *fuzzed, int client)
{
    char sink[65536];
    for (int i = 0; i < 4; i++) {
        (void)event_base_loop(fuzzed->base, EVLOOP_NONBLOCK);
        while (recv(client, sink, sizeof sink, MSG_DONTWAIT) > 0) {
        }
    }
}

static void write_frame(int client, const uint8_t *bytes, size_t size)
{
    uint8_t frame[512] = { size > 0 ? bytes[0] : 0x81 };
    size_t length = size > 0 ? size - 1 : 0;
    size_t at = 2;
    frame[1] = (uint8_t)(0x80 | (length < 126 ? length : 126));
    if (length >= 126) {
        frame[at++] = 0;
        frame[at++] = (uint8_t)length;
    }
    at += 4; /* a mask of zeros */
    if (length > 0) {
        memcpy(frame + at, bytes + 1, length);
    }
    (void)!send(client, frame, at + length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void act(struct fuzzed *fuzzed, int client, uint8_t what, const uint8_t *bytes, size_t size)
{
    if (what % 4 == 0) {
        (void)!send(client, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    } else if (what % 4 == 1) {
        write_frame(client, bytes, size);
    } else if (what % 4 == 2 && fuzzed->outlet != NULL) {
        struct frame *frame = frame_create((const char *)bytes, size);
        CHECK(frame != NULL);
        (void)!outlet_send(fuzzed->outlet, frame);
        frame_release(frame);
    } else if (what % 4 == 3 && fuzzed->outlet != NULL) {
        outlet_close(fuzzed->outlet, 1001, "going");
    }
    if (what < 128) {
        turn(fuzzed, client);
    }
}

static int begin(struct fuzzed *fuzzed)
{
    static const char handshake[] = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    struct error error;
    int pair[2];
    struct http_setup setup = { .address = "127.0.0.1",
                                .connections_max = 8,
                                .connections_per_address_max = 8,
                                .body_bytes_max = 4096,
                                .idle_timeout_s = 60,
                                .handle = handle,
                                .context = fuzzed };
    fuzzed->base = event_base_new();
    CHECK(fuzzed->base != NULL && http_create(fuzzed->base, &setup, &fuzzed->http, &error) == STATUS_OK);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    CHECK(http_adopt(fuzzed->http, pair[1]));
    CHECK(send(pair[0], handshake, sizeof handshake - 1, MSG_NOSIGNAL) == sizeof handshake - 1);
    return pair[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzzed fuzzed = { 0 };
    int client = begin(&fuzzed);
    while (size >= 2) {
        size_t length = bytes[1] < size - 2 ? bytes[1] : size - 2;
        act(&fuzzed, client, bytes[0], bytes + 2, length);
        bytes += 2 + length;
        size -= 2 + length;
    }
    turn(&fuzzed, client);
    (void)close(client);
    struct http_figures figures;
    do {
        (void)event_base_loop(fuzzed.base, EVLOOP_NONBLOCK);
        http_figures(fuzzed.http, &figures);
    } while (figures.connections_open > 0);
    CHECK(fuzzed.outlet == NULL);
    http_destroy(fuzzed.http);
    event_base_free(fuzzed.base);
    return 0;
}
