/* A small server of the project's own HTTP, WebSocket and server-sent events, for tests with other programs: nginx, curl, a
 * WebSocket library.
 *
 * Prints its port and serves until it is told to stop: /echo (WebSocket), /stream (WebSocket) and /events, whose clients get
 * what is sent to POST /push; POST /body gives the body back; /address the client's address. /api/v1/ before a path is left
 * out. Behind a proxy its pings come every 2 s. */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/check.h"
#include "host/http.h"

enum { CLIENTS_MAX = 64 };

struct client {
    struct outlet *outlet;
    bool echoes;
};

static struct client clients[CLIENTS_MAX];
static uint64_t pushed;
static uint32_t ping_every_s = 60; /* not soon: a client of many megabytes on a busy machine may be silent for seconds */

static void on_message(void *context, const char *bytes, size_t length)
{
    struct client *client = context;
    struct frame *frame = frame_create(bytes, length);
    CHECK(frame != NULL);
    if (client->echoes) {
        (void)!outlet_send(client->outlet, frame);
    }
    frame_release(frame);
}

static void on_drained(void *context) { (void)context; }

static void on_closed(void *context) { *(struct client *)context = (struct client){ 0 }; }

static void open_outlet(struct http_request *request, const char *path)
{
    struct client *client = clients;
    while (client < clients + CLIENTS_MAX - 1 && client->outlet != NULL) {
        client++;
    }
    CHECK(client->outlet == NULL);
    const struct outlet_setup setup = { .events = { .message = on_message, .drained = on_drained, .closed = on_closed },
                                        .context = client,
                                        .waiting_max = 64 << 20,
                                        .message_size_max = 16 << 20,
                                        .ping_every_s = ping_every_s };
    client->echoes = strcmp(path, "/echo") == 0;
    client->outlet = strcmp(path, "/events") == 0 ? outlet_open_events(request, &setup) : outlet_open_websocket(request, &setup);
}

static void push(struct http_request *request)
{
    size_t length;
    const char *body = http_body(request, &length);
    struct frame *frame = frame_create(body, length);
    CHECK(frame != NULL);
    frame->sequence = ++pushed;
    for (int i = 0; i < CLIENTS_MAX; i++) {
        if (clients[i].outlet != NULL && !clients[i].echoes) {
            (void)!outlet_send(clients[i].outlet, frame);
        }
    }
    frame_release(frame);
    http_answer(request, 204, NULL, "", 0);
}

static void handle(void *context, struct http_request *request)
{
    (void)context;
    const char *path = http_path(request);
    path += strncmp(path, "/api/v1/", 8) == 0 ? 7 : 0;
    size_t length;
    const char *body = http_body(request, &length);
    if (strcmp(path, "/echo") == 0 || strcmp(path, "/stream") == 0 || strcmp(path, "/events") == 0) {
        open_outlet(request, path);
    } else if (strcmp(path, "/push") == 0) {
        push(request);
    } else if (strcmp(path, "/body") == 0) {
        http_answer(request, 200, "application/octet-stream", body, length);
    } else if (strcmp(path, "/address") == 0) {
        http_answer(request, 200, "text/plain", http_address(request), strlen(http_address(request)));
    } else {
        http_answer_static(request, 200, "text/plain", "hello", 5);
    }
}

int main(int argc, char **argv)
{
    const bool behind_proxy = argc > 1 && strcmp(argv[1], "--behind-proxy") == 0;
    struct event_base *base = event_base_new();
    struct http_server *server;
    struct error error;
    struct http_setup setup = { .address = "127.0.0.1",
                                .connections_max = 1000,
                                .connections_per_address_max = 1000,
                                .body_bytes_max = 1 << 20,
                                .idle_timeout_s = 60,
                                .behind_proxy = behind_proxy,
                                .handle = handle };
    ping_every_s = behind_proxy ? 2 : ping_every_s; /* the proxy's patience with both is tried */
    if (base == NULL || http_create(base, &setup, &server, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", base == NULL ? "no memory" : error.text);
        return EXIT_FAILURE;
    }
    printf("%u\n", (unsigned)http_port(server));
    fflush(stdout);
    (void)event_base_dispatch(base);
    return EXIT_SUCCESS;
}
