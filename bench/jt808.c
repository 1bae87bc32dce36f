/* What one gateway takes on one core: terminals of JT/T 808 with a position a second each and a heartbeat every thirty, beside a
 * server that sends back what comes, over the same event loop, with the same clients. The centre is played by a process that
 * answers at once, so the figures are the gateway's own: parsing, sessions, batches to the centre, replies.
 *
 * usage: bench_jt808 [TERMINALS [SECONDS]]   default 10000 and 10 */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "vehicles.h"

#include "gateway/jt808_gateway.h"
#include "host/log.h"
#include "wire/jt808_body.h"

enum { JOINING_MAX = 100, TICK_US = 5000, HEARTBEAT_ROUNDS = 30, SERIALS = 8, WARM_S = 2 };

/* ---- the servers, each a process ---- */

static void serve_gateway(void *context)
{
    const uint16_t *centre = context;
    char url[64];
    struct error error = { .text = "" };
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", *centre);
    log_set_level(LOG_ERROR);
    const struct jt808_gateway_setup setup = { .url = url,
                                               .token = "bench",
                                               .address = "127.0.0.1",
                                               .connections_max = terminal_count + 100,
                                               .idle_s = 300,
                                               .frames_per_s = 20,
                                               .figures_s = 3600,
                                               .say = say };
    if (jt808_gateway_run(&setup, &error) != STATUS_OK) {
        fprintf(stderr, "bench_jt808: %s\n", error.text);
        _exit(1);
    }
    _exit(0);
}

static void echo(evutil_socket_t fd, short what, void *context)
{
    uint8_t bytes[4096];
    struct event **event = context;
    (void)what;
    ssize_t length = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (length > 0) {
        (void)!send(fd, bytes, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else if (length == 0 || errno != EAGAIN) {
        event_free(*event);
        free(event);
        (void)close(fd);
    }
}

static void accept_echo(evutil_socket_t listener, short what, void *base)
{
    int fd, on = 1;
    (void)what;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct event **event = malloc(sizeof(struct event *));
        CHECK(event != NULL);
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        *event = event_new(base, fd, EV_READ | EV_PERSIST, echo, event);
        CHECK(*event != NULL && event_add(*event, NULL) == 0);
    }
}

static void serve_echo(void *context)
{
    uint16_t port;
    char line[32];
    (void)context;
    struct event_base *base = event_base_new();
    int listener = listen_here(&port);
    struct event *event = event_new(base, listener, EV_READ | EV_PERSIST, accept_echo, base);
    CHECK(event != NULL && event_add(event, NULL) == 0);
    (void)snprintf(line, sizeof line, "port %u", port);
    say(line);
    (void)event_base_dispatch(base);
    _exit(0);
}

/* ---- the terminals ---- */

struct terminal {
    struct load *load;
    struct event *event;
    int fd;
    uint32_t number;
    bool has_joined;
    uint16_t serial;
    double sent_s[SERIALS];
    bool is_heartbeat[SERIALS];
    struct jt808_splitter splitter;
};

struct load {
    struct event_base *base;
    struct event *ticker;
    struct terminal *terminals;
    bool is_gateway, is_measuring;
    uint16_t port;
    uint32_t begun, joined;
    uint64_t sent, replies;
    double begun_s, end_s;
    struct samples positions, heartbeats;
};

static void send_message(struct terminal *terminal, uint16_t id, const uint8_t *body, size_t length)
{
    uint8_t frame[JT808_WIRE_MAX];
    uint32_t number = terminal->number;
    struct jt808_header header = { .id = id, .serial = ++terminal->serial, .phone = { 0x01, 0x38 } };
    for (int i = 5; i >= 2; i--, number /= 100) {
        header.phone[i] = (uint8_t)(number / 10 % 10 << 4 | number % 10);
    }
    terminal->sent_s[terminal->serial % SERIALS] = now_s(CLOCK_MONOTONIC);
    terminal->is_heartbeat[terminal->serial % SERIALS] = id == JT808_HEARTBEAT;
    size_t size = jt808_write(&header, body, length, 1, frame);
    CHECK(send(terminal->fd, frame, size, MSG_NOSIGNAL) == (ssize_t)size);
}

static void send_position(struct terminal *terminal)
{
    uint8_t body[28 + 6 + 3] = {
        [7] = 3, [8] = 0x01, [9] = 0xD9, [10] = 0xC5, [11] = 0x11, [12] = 0x07, [13] = 0x3E, [14] = 0xA9
    };
    time_t now = time(NULL) + 8 * 3600;
    struct tm tm;
    CHECK(gmtime_r(&now, &tm) != NULL);
    const int parts[] = { tm.tm_year % 100, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec };
    for (int i = 0; i < 6; i++) {
        body[22 + i] = (uint8_t)(parts[i] / 10 << 4 | parts[i] % 10);
    }
    memcpy(body + 28, "\x01\x04\x00\x00\x01\x00\x31\x01\x0b", 9);
    send_message(terminal, JT808_POSITION, body, sizeof body);
}

static void take_reply(struct terminal *terminal, uint16_t serial)
{
    struct load *load = terminal->load;
    double took = now_s(CLOCK_MONOTONIC) - terminal->sent_s[serial % SERIALS];
    if (load->is_measuring) {
        load->replies += 1;
        add_sample(terminal->is_heartbeat[serial % SERIALS] ? &load->heartbeats : &load->positions, took);
    }
}

static void join_next(struct load *load);

static void take_message(struct terminal *terminal, const struct jt808_message *message)
{
    struct jt808_reply reply;
    if (!terminal->load->is_gateway) {
        take_reply(terminal, message->header.serial);
    } else if (message->header.id == JT808_REGISTER_REPLY) {
        CHECK(message->length > 3 && message->body[2] == 0);
        send_message(terminal, JT808_AUTHENTICATE, message->body + 3, message->length - 3);
    } else if (jt808_read_reply(message, &reply) && reply.id == JT808_AUTHENTICATE) {
        CHECK(reply.result == JT808_SUCCESS && !terminal->has_joined);
        terminal->has_joined = true;
        terminal->load->joined += 1;
        join_next(terminal->load);
    } else if (reply.result == JT808_SUCCESS) {
        take_reply(terminal, reply.serial);
    }
}

static void on_bytes(evutil_socket_t fd, short what, void *context)
{
    struct terminal *terminal = context;
    uint8_t bytes[4096];
    (void)what;
    ssize_t length = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    CHECK(length != 0);
    for (ssize_t at = 0; at < length;) {
        bool is_frame;
        struct jt808_message message;
        at += (ssize_t)jt808_split(&terminal->splitter, bytes + at, (size_t)(length - at), &is_frame);
        if (is_frame && jt808_read(terminal->splitter.bytes, terminal->splitter.length, &message) == JT808_READ) {
            take_message(terminal, &message);
        }
    }
}

static void join_next(struct load *load)
{
    static const uint8_t registration[45] = { 0, 11, 0, 100 };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(load->port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int on = 1;
    if (load->begun == terminal_count) {
        return;
    }
    struct terminal *terminal = &load->terminals[load->begun++];
    *terminal = (struct terminal){ .load = load, .number = load->begun, .fd = socket(AF_INET, SOCK_STREAM, 0) };
    CHECK(terminal->fd >= 0 && connect(terminal->fd, (struct sockaddr *)&address, sizeof address) == 0);
    (void)setsockopt(terminal->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    terminal->event = event_new(load->base, terminal->fd, EV_READ | EV_PERSIST, on_bytes, terminal);
    CHECK(terminal->event != NULL && event_add(terminal->event, NULL) == 0);
    if (load->is_gateway) {
        send_message(terminal, JT808_REGISTER, registration, sizeof registration);
    } else {
        load->joined += 1;
    }
}

/* As many positions as are due by now, over all terminals in turn. */
static void tick(evutil_socket_t fd, short what, void *context)
{
    struct load *load = context;
    double now = now_s(CLOCK_MONOTONIC);
    uint64_t due = (uint64_t)((now - load->begun_s) * terminal_count);
    (void)fd, (void)what;
    for (; load->sent < due; load->sent++) {
        struct terminal *terminal = &load->terminals[load->sent % terminal_count];
        send_position(terminal);
        if ((load->sent / terminal_count + terminal->number) % HEARTBEAT_ROUNDS == 0) {
            send_message(terminal, JT808_HEARTBEAT, NULL, 0);
        }
    }
    if (now >= load->end_s) {
        (void)event_base_loopbreak(load->base);
    }
}

static void run_for(struct load *load, double seconds)
{
    load->end_s = now_s(CLOCK_MONOTONIC) + seconds;
    (void)event_base_dispatch(load->base);
}

/* ---- a measurement ---- */

struct result {
    double frames_s, core, us_a_frame, p50_ms, p99_ms, heartbeat_p99_ms, memory_mb;
};

/* The gateway answers nobody before it knows who is who. */
static void join_all(struct load *load)
{
    struct timeval until_it_knows = { WARM_S, 0 };
    CHECK(event_base_loopexit(load->base, &until_it_knows) == 0);
    (void)event_base_dispatch(load->base);
    for (int i = 0; i < JOINING_MAX; i++) {
        join_next(load);
    }
    while (load->joined < terminal_count) {
        if (load->is_gateway) {
            CHECK(event_base_loop(load->base, EVLOOP_ONCE) == 0);
        } else {
            join_next(load);
        }
    }
}

static struct result measure(struct event_base *base, bool is_gateway, uint16_t centre, double seconds)
{
    struct load load = { .base = base, .is_gateway = is_gateway };
    struct timeval interval = { 0, TICK_US };
    clockid_t clock;
    load.positions.room = load.heartbeats.room = (size_t)(terminal_count * (seconds + 5));
    load.positions.us = calloc(load.positions.room, sizeof(uint32_t));
    load.heartbeats.us = calloc(load.heartbeats.room, sizeof(uint32_t));
    load.terminals = calloc(terminal_count, sizeof *load.terminals);
    CHECK(load.positions.us != NULL && load.heartbeats.us != NULL && load.terminals != NULL);
    pid_t server = start(is_gateway ? serve_gateway : serve_echo, &centre, true, &load.port);
    join_all(&load);
    load.ticker = event_new(base, -1, EV_PERSIST, tick, &load);
    CHECK(load.ticker != NULL && event_add(load.ticker, &interval) == 0 && clock_getcpuclockid(server, &clock) == 0);
    load.begun_s = now_s(CLOCK_MONOTONIC);
    run_for(&load, WARM_S);
    double cpu = now_s(clock), wall = now_s(CLOCK_MONOTONIC);
    load.is_measuring = true;
    run_for(&load, seconds);
    load.is_measuring = false;
    cpu = now_s(clock) - cpu;
    wall = now_s(CLOCK_MONOTONIC) - wall;
    double frames = (double)load.replies;
    struct result result = { .frames_s = frames / wall,
                             .core = cpu / wall,
                             .us_a_frame = cpu / frames * 1e6,
                             .p50_ms = share_ms(&load.positions, 0.5),
                             .p99_ms = share_ms(&load.positions, 0.99),
                             .heartbeat_p99_ms = share_ms(&load.heartbeats, 0.99),
                             .memory_mb = memory_of(server) };
    event_free(load.ticker);
    for (uint32_t i = 0; i < terminal_count; i++) {
        event_free(load.terminals[i].event);
        (void)close(load.terminals[i].fd);
    }
    CHECK(kill(server, SIGTERM) == 0 && waitpid(server, NULL, 0) == server);
    free(load.terminals);
    free(load.positions.us);
    free(load.heartbeats.us);
    return result;
}

static void print_row(const char *name, const struct result *r)
{
    printf("%-22s %9.0f %10.1f %9.2f %9.2f %9.2f %12.2f %9.1f\n", name, r->frames_s, 100 * r->core, r->us_a_frame, r->p50_ms,
           r->p99_ms, r->heartbeat_p99_ms, r->memory_mb);
}

int main(int argc, char **argv)
{
    uint16_t port;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 10;
    terminal_count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000;
    rlim_t files = terminal_count + 200;
    struct rlimit limit = { files, files };
    CHECK(terminal_count > 0 && terminal_count <= 50000 && seconds >= 1);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        printf("bench_jt808: %u terminals need %llu open files: skipped\n", terminal_count, (unsigned long long)files);
        return 0;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    terminal_kind = "jt808";
    pid_t centre = start(serve_centre, NULL, false, &port);
    struct event_base *base = event_base_new();
    CHECK(base != NULL);
    printf("JT/T 808: %u terminals, a position a second each, a heartbeat every %d s; %.0f s\n", terminal_count, HEARTBEAT_ROUNDS,
           seconds);
    printf("%-22s %9s %10s %9s %9s %9s %12s %9s\n", "", "replies/s", "% of core", "us/frame", "p50 ms", "p99 ms", "heartb. p99",
           "MB");
    struct result echoed = measure(base, false, port, seconds), gateway = measure(base, true, port, seconds);
    print_row("echo", &echoed);
    print_row("gateway", &gateway);
    printf("gateway / echo: processor time a frame %.2f, p99 of heartbeats %.2f\n", gateway.us_a_frame / echoed.us_a_frame,
           gateway.heartbeat_p99_ms / (echoed.heartbeat_p99_ms > 0 ? echoed.heartbeat_p99_ms : 1));
    printf("aim: %u terminals on one core: %s: %.2f of a core for %.2f of the positions\n", terminal_count,
           gateway.core < 1 && gateway.frames_s > 0.99 * terminal_count ? "met" : "missed", gateway.core,
           gateway.frames_s / terminal_count);
    CHECK(kill(centre, SIGTERM) == 0 && waitpid(centre, NULL, 0) == centre);
    event_base_free(base);
    return 0;
}
