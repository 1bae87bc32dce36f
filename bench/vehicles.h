/* What the benchmarks of gateways share: processes that end with the benchmark, a centre that answers at once, and figures of
 * what was measured. Each is one program of one file, so this is all static. */
#ifndef MINGDI_BENCH_VEHICLES_H
#define MINGDI_BENCH_VEHICLES_H

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"

enum { PAGE = 500, UNITS = 8000 };

static double now_s(clockid_t clock)
{
    struct timespec now = { 0, 0 };
    CHECK(clock_gettime(clock, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The last processor that there is. */
static void pin_to_one(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static int listen_here(uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 1024) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static int said_to; /* the pipe on which a server tells its port */

static void say(const char *line)
{
    const char *port = strstr(line, "port ");
    CHECK(port != NULL && write(said_to, port + 5, strlen(port + 5)) > 0);
    (void)close(said_to);
}

/* ---- processes ---- */

/* A process of the benchmark, which serves for ever and says its port first; on one processor if it is measured. */
static pid_t start(void (*serve)(void *context), void *context, bool is_measured, uint16_t *port)
{
    int pipes[2];
    char text[16] = "";
    CHECK(pipe2(pipes, O_CLOEXEC) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody outlives the benchmark, however that ends */
        if (is_measured) {
            pin_to_one();
        }
        said_to = pipes[1];
        serve(context);
        _exit(1);
    }
    (void)close(pipes[1]);
    CHECK(read(pipes[0], text, sizeof text - 1) > 0);
    (void)close(pipes[0]);
    *port = (uint16_t)strtoul(text, NULL, 10);
    return child;
}

/* ---- the centre ---- */

static uint32_t terminal_count;
static const char *terminal_kind;

static void write_page(struct evbuffer *out, uint32_t after)
{
    struct evbuffer *body = evbuffer_new();
    uint32_t last = after + PAGE < terminal_count ? after + PAGE : terminal_count;
    evbuffer_add_printf(body, "{\"items\":[");
    for (uint32_t id = after + 1; id <= last; id++) {
        evbuffer_add_printf(body, "%s{\"id\":%u,\"kind\":\"%s\",\"number\":\"138%08u\",\"device\":\"\",\"unit\":%u}",
                            id > after + 1 ? "," : "", id, terminal_kind, id, id % UNITS + 1);
    }
    evbuffer_add_printf(body, "],\"next\":");
    evbuffer_add_printf(body, last < terminal_count ? "%u" : "null", last);
    evbuffer_add_printf(body, ",\"version\":1}");
    evbuffer_add_printf(out, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", evbuffer_get_length(body));
    (void)evbuffer_add_buffer(out, body);
    evbuffer_free(body);
}

static void answer_request(struct bufferevent *connection, const char *head)
{
    static const char stream[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                                 "data: {\"type\":\"snapshot\",\"sequence\":1,\"state\":{}}\n\n";
    static const char taken[] = "HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n{\"refused\":[],\"taken\":100,\"older\":0}";
    struct evbuffer *out = bufferevent_get_output(connection);
    const char *after = strstr(head, "after=");
    if (strncmp(head, "GET /api/v1/terminals", 21) == 0) {
        write_page(out, after != NULL ? (uint32_t)strtoul(after + 6, NULL, 10) : 0);
    } else if (strncmp(head, "GET /api/v1/events", 18) == 0) {
        (void)evbuffer_add(out, stream, sizeof stream - 1);
    } else {
        (void)evbuffer_add(out, taken, sizeof taken - 1);
    }
}

static void on_request(struct bufferevent *connection, void *context)
{
    struct evbuffer *in = bufferevent_get_input(connection);
    char head[1024];
    (void)context;
    for (;;) {
        struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
        if (end.pos < 0 || (size_t)end.pos >= sizeof head) {
            return;
        }
        (void)evbuffer_copyout(in, head, (size_t)end.pos);
        head[end.pos] = '\0';
        const char *field = strstr(head, "Content-Length: ");
        size_t whole = (size_t)end.pos + 4 + (field != NULL ? strtoul(field + 16, NULL, 10) : 0);
        if (evbuffer_get_length(in) < whole) {
            return;
        }
        (void)evbuffer_drain(in, whole);
        answer_request(connection, head);
    }
}

static void on_request_end(struct bufferevent *connection, short what, void *context)
{
    (void)what, (void)context;
    bufferevent_free(connection);
}

static void on_client(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length, void *base)
{
    (void)listener, (void)address, (void)length;
    struct bufferevent *connection = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    CHECK(bufferevent_set_max_single_read(connection, 1 << 20) == 0);
    bufferevent_setcb(connection, on_request, NULL, on_request_end, NULL);
    (void)bufferevent_enable(connection, EV_READ | EV_WRITE);
}

static void serve_centre(void *context)
{
    uint16_t port;
    char line[32];
    (void)context;
    struct event_base *base = event_base_new();
    struct evconnlistener *listener = evconnlistener_new(base, on_client, base, LEV_OPT_CLOSE_ON_FREE, 0, listen_here(&port));
    CHECK(listener != NULL);
    (void)snprintf(line, sizeof line, "port %u", port);
    say(line);
    (void)event_base_dispatch(base);
    _exit(0);
}

/* ---- figures ---- */

struct samples {
    uint32_t *us;
    size_t count, room;
};

static void add_sample(struct samples *samples, double seconds)
{
    if (samples->count < samples->room) {
        samples->us[samples->count++] = (uint32_t)(seconds * 1e6);
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double share_ms(struct samples *samples, double share)
{
    if (samples->count == 0) {
        return 0;
    }
    qsort(samples->us, samples->count, sizeof *samples->us, by_size);
    return samples->us[(size_t)((double)(samples->count - 1) * share)] / 1e3;
}

static double memory_of(pid_t process)
{
    char path[64], line[256];
    double kb = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtod(line + 6, NULL);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return kb / 1024;
}

#endif
