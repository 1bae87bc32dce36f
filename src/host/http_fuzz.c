/* Hostile bytes on a connection: the server must answer, refuse or close, never crash, and must be ready for the next.
 *
 * The input is what a client writes; a zero-one-zero mark (00 01 00) cuts it into separate writes, so that a corpus tells
 * where reads end. The handler reads everything that it may ask a request for, and answers at once or, for paths with an 'l',
 * only when all has been read. */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "host/http_private.h"

enum { LATE_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct fuzzed {
    struct event_base *base;
    struct http_server *http;
    struct http_request *late[LATE_MAX];
    int late_count;
    size_t sum;
};

static void note(void *context, const char *name, const char *value)
{
    struct fuzzed *fuzzed = context;
    fuzzed->sum += strlen(name) + strlen(value);
}

static void handle(void *context, struct http_request *request)
{
    struct fuzzed *fuzzed = context;
    size_t length;
    const char *body = http_body(request, &length);
    const char *cookie = http_header(request, "Cookie");
    const char *header = http_header(request, "X");
    for (size_t i = 0; i < length; i++) {
        fuzzed->sum += (unsigned char)body[i];
    }
    fuzzed->sum += (cookie != NULL ? strlen(cookie) : 0) + (header != NULL ? strlen(header) : 0) + strlen(http_address(request));
    http_each_parameter(request, note, fuzzed);
    CHECK(http_path(request)[0] == '/' && utf8_is_valid(http_path(request), strlen(http_path(request))));
    if (strchr(http_path(request), 'l') != NULL && fuzzed->late_count < LATE_MAX) {
        fuzzed->late[fuzzed->late_count++] = request;
    } else {
        http_answer(request, 200, "text/plain", body, length);
    }
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

static void write_parts(struct fuzzed *fuzzed, int client, const uint8_t *bytes, size_t size)
{
    static const uint8_t mark[] = { 0, 1, 0 };
    while (size > 0) {
        const uint8_t *cut = memmem(bytes, size, mark, sizeof mark);
        size_t part = cut != NULL ? (size_t)(cut - bytes) : size;
        (void)!send(client, bytes, part, MSG_DONTWAIT | MSG_NOSIGNAL);
        turn(fuzzed, client);
        size_t taken = cut != NULL ? part + sizeof mark : part;
        bytes += taken;
        size -= taken;
    }
}

static void begin(struct fuzzed *fuzzed)
{
    struct error error;
    struct http_setup setup = { .address = "127.0.0.1",
                                .connections_max = 8,
                                .body_bytes_max = 4096,
                                .idle_timeout_s = 60,
                                .behind_proxy = true,
                                .handle = handle,
                                .context = fuzzed };
    fuzzed->base = event_base_new();
    CHECK(fuzzed->base != NULL && http_create(fuzzed->base, &setup, &fuzzed->http, &error) == STATUS_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzzed fuzzed = { 0 };
    int pair[2];
    begin(&fuzzed);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    CHECK(http_adopt(fuzzed.http, pair[1]));
    write_parts(&fuzzed, pair[0], bytes, size);
    while (fuzzed.late_count > 0) {
        http_answer(fuzzed.late[--fuzzed.late_count], 200, "text/plain", "late", 4);
        turn(&fuzzed, pair[0]); /* the next of a pipeline may come now, and be late as well */
    }
    (void)close(pair[0]);
    struct http_figures figures;
    do {
        (void)event_base_loop(fuzzed.base, EVLOOP_NONBLOCK);
        http_figures(fuzzed.http, &figures);
    } while (figures.connections_open > 0);
    CHECK(http_requests_open(fuzzed.http) == 0);
    http_destroy(fuzzed.http);
    event_base_free(fuzzed.base);
    return 0;
}
