/* What one gateway takes on one core: terminals of MQTT 5, each with a connection of its own to a real broker (mosquitto) and a
 * position every few seconds with QoS 1, answered with QoS 1. Beside it, at the same broker with the same terminals, a
 * subscriber on the gateway's library that sends back what comes. The centre is played by a process that answers at once, so the
 * figures are the gateway's own: payloads, batches to the centre, replies.
 *
 * usage: bench_mqtt [TERMINALS [SECONDS [EVERY]]]   default 10000, 10 and a position every 5 s; without a broker it is skipped */
#include <inttypes.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "vehicles.h"

#include "gateway/mqtt_gateway.h"
#include "host/clock.h"
#include "host/log.h"
#include "wire/form.h"

enum {
    JOINING_MAX = 50,
    TICK_US = 5000,
    SEQUENCES = 8,
    WARM_S = 5,
    DRAIN_MAX_S = 5,
    PACKET_MAX = 512,
    PATH_MAX_HERE = 256,
    WAIT_S = 60
};

static const char *const BROKERS[] = { "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto" };

/* ---- the broker ---- */

static char folder[] = "/tmp/mingdi-bench-mqtt-XXXXXX";

static const char *find_broker(void)
{
    for (size_t i = 0; i < ARRAY_LENGTH(BROKERS); i++) {
        if (access(BROKERS[i], X_OK) == 0) {
            return BROKERS[i];
        }
    }
    return NULL;
}

static bool answers(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_there = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    (void)close(fd);
    return is_there;
}

/* The bounds are those of deploy/mosquitto. */
static void write_settings(const char *path, uint16_t port)
{
    FILE *file = fopen(path, "we");
    CHECK(file != NULL);
    CHECK(fprintf(file,
                  "listener %u 127.0.0.1\nuser root\nallow_anonymous true\npersistence false\nlog_dest none\n"
                  "max_packet_size 70000\nmax_inflight_messages 1000\nmax_queued_messages 20000\nmax_queued_bytes 20000000\n",
                  port) > 0);
    CHECK(fclose(file) == 0);
}

static pid_t start_broker(const char *program, uint16_t *port)
{
    char path[PATH_MAX_HERE];
    struct timespec pause = { 0, 50000000 };
    (void)close(listen_here(port)); /* one that was free a moment ago */
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof path, "%s/mosquitto.conf", folder);
    write_settings(path, *port);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO); /* it warns of whoever starts it as root */
        (void)execl(program, program, "-c", path, (char *)NULL);
        _exit(1);
    }
    double end_s = now_s(CLOCK_MONOTONIC) + WAIT_S;
    while (!answers(*port)) {
        CHECK(now_s(CLOCK_MONOTONIC) < end_s && waitpid(child, NULL, WNOHANG) == 0);
        (void)nanosleep(&pause, NULL);
    }
    return child;
}

static void stop_broker(pid_t broker)
{
    char path[PATH_MAX_HERE];
    CHECK(kill(broker, SIGTERM) == 0 && waitpid(broker, NULL, 0) == broker);
    (void)snprintf(path, sizeof path, "%s/mosquitto.conf", folder);
    (void)unlink(path);
    (void)rmdir(folder);
}

/* ---- what is measured, each a process ---- */

struct ports {
    uint16_t broker, centre;
};

static void serve_gateway(void *context)
{
    const struct ports *ports = context;
    char url[64], brokers[64];
    struct error error = { .text = "" };
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", ports->centre);
    (void)snprintf(brokers, sizeof brokers, "mqtt://127.0.0.1:%u", ports->broker);
    log_set_level(LOG_ERROR);
    const struct mqtt_gateway_setup setup = { .url = url,
                                              .token = "bench",
                                              .brokers = brokers,
                                              .name = "bench",
                                              .client = "gateway",
                                              .messages_per_s = 20,
                                              .figures_s = 3600,
                                              .say = say };
    if (mqtt_gateway_run(&setup, &error) != STATUS_OK) {
        fprintf(stderr, "bench_mqtt: %s\n", error.text);
        _exit(1);
    }
    _exit(0);
}

static void on_connected(struct mosquitto *client, void *context, int code)
{
    (void)context;
    CHECK(code == 0 && mosquitto_subscribe(client, NULL, "mingdi/bench/+/position", 1) == MOSQ_ERR_SUCCESS);
}

static void send_back(struct mosquitto *client, void *context, const struct mosquitto_message *message)
{
    char topic[128];
    (void)context;
    (void)snprintf(topic, sizeof topic, "%.*sreply", (int)(strlen(message->topic) - strlen("position")), message->topic);
    CHECK(mosquitto_publish(client, NULL, topic, message->payloadlen, message->payload, message->qos, false) == MOSQ_ERR_SUCCESS);
}

static void serve_echo(void *context)
{
    const struct ports *ports = context;
    char line[32];
    struct mosquitto *client = mosquitto_lib_init() == MOSQ_ERR_SUCCESS ? mosquitto_new("echo", true, NULL) : NULL;
    CHECK(client != NULL && mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) == MOSQ_ERR_SUCCESS);
    CHECK(mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1) == MOSQ_ERR_SUCCESS);
    mosquitto_connect_callback_set(client, on_connected);
    mosquitto_message_callback_set(client, send_back);
    CHECK(mosquitto_connect(client, "127.0.0.1", ports->broker, 60) == MOSQ_ERR_SUCCESS);
    (void)snprintf(line, sizeof line, "port %u", ports->broker);
    say(line);
    (void)mosquitto_loop_forever(client, -1, 1);
}

/* ---- the terminals: MQTT 5.0 by hand, for 10,000 of them in one thread ---- */

struct terminal {
    struct load *load;
    struct event *event;
    int fd;
    uint32_t number, sequence, measured_after; /* the last sequence before the measurement */
    double sent_s[SEQUENCES];
    size_t length;
    uint8_t bytes[PACKET_MAX];
};

struct load {
    struct event_base *base;
    struct event *ticker;
    struct terminal *terminals;
    bool is_measuring, is_draining; /* what is sent counts; nothing is sent, and what was sent is awaited */
    uint16_t port;
    uint32_t begun, joined;
    double every_s;
    uint64_t sent, sent_while_measured, replies;
    double begun_s, end_s;
    struct samples positions;
};

/* First byte, remaining length (of at most two bytes here), the rest. */
static void send_packet(struct terminal *terminal, uint8_t first, const uint8_t *rest, size_t length)
{
    uint8_t packet[PACKET_MAX];
    size_t head = 0;
    CHECK(length < 1 << 14 && length + 3 <= sizeof packet);
    packet[head++] = first;
    packet[head++] = (uint8_t)(length < 128 ? length : length % 128 + 128);
    if (length >= 128) {
        packet[head++] = (uint8_t)(length / 128);
    }
    memcpy(packet + head, rest, length);
    CHECK(send(terminal->fd, packet, head + length, MSG_NOSIGNAL) == (ssize_t)(head + length));
}

static size_t put_text(uint8_t *out, const char *text)
{
    size_t length = strlen(text);
    out[0] = (uint8_t)(length >> 8);
    out[1] = (uint8_t)length;
    memcpy(out + 2, text, length);
    return length + 2;
}

static size_t put_topic(uint8_t *out, const struct terminal *terminal, const char *leaf)
{
    char topic[64];
    (void)snprintf(topic, sizeof topic, "mingdi/bench/138%08" PRIu32 "/%s", terminal->number, leaf);
    return put_text(out, topic);
}

static void send_connect(struct terminal *terminal)
{
    static const uint8_t head[] = { 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 2, 88, 0 }; /* clean start, 600 s, no properties */
    uint8_t packet[PACKET_MAX];
    char client[32];
    memcpy(packet, head, sizeof head);
    (void)snprintf(client, sizeof client, "138%08" PRIu32, terminal->number);
    send_packet(terminal, 0x10, packet, sizeof head + put_text(packet + sizeof head, client));
}

static void send_subscribe(struct terminal *terminal)
{
    uint8_t packet[PACKET_MAX] = { 0, 1, 0 };
    size_t length = 3 + put_topic(packet + 3, terminal, "reply");
    packet[length++] = 1;
    send_packet(terminal, 0x82, packet, length);
}

static void send_position(struct terminal *terminal)
{
    uint8_t packet[PACKET_MAX];
    char text[200], when[FORM_INSTANT_SIZE] = "";
    uint32_t sequence = ++terminal->sequence;
    size_t length = put_topic(packet, terminal, "position");
    uint16_t id = (uint16_t)(sequence % 60000 + 1);
    packet[length++] = (uint8_t)(id >> 8);
    packet[length++] = (uint8_t)id;
    packet[length++] = 0;
    (void)form_instant_text(clock_wall(), when);
    int size = snprintf(text, sizeof text,
                        "{\"epoch\":\"bench\",\"sequence\":%" PRIu32 ",\"occurred_at\":\"%s\",\"lon\":121.47,\"lat\":31.23}",
                        sequence, when);
    memcpy(packet + length, text, (size_t)size);
    terminal->sent_s[sequence % SEQUENCES] = now_s(CLOCK_MONOTONIC);
    send_packet(terminal, 0x32, packet, length + (size_t)size);
}

/* A publication to the terminal, which is the reply to a position. */
static void take_reply(struct terminal *terminal, uint8_t first, const uint8_t *rest, size_t length)
{
    struct load *load = terminal->load;
    size_t topic = (size_t)(rest[0] << 8 | rest[1]) + 2;
    const char *found = memmem(rest, length, "\"sequence\":", 11);
    const char *outcome = memmem(rest, length, "\"outcome\":", 10);
    CHECK(topic + 2 < length && found != NULL);
    CHECK(outcome == NULL || strncmp(outcome + 10, "\"done\"", 6) == 0);
    if ((first >> 1 & 3) == 1) {
        send_packet(terminal, 0x40, rest + topic, 2);
    }
    uint32_t sequence = (uint32_t)strtoul(found + 11, NULL, 10);
    if ((load->is_measuring || load->is_draining) && sequence > terminal->measured_after) {
        load->replies += 1;
        add_sample(&load->positions, now_s(CLOCK_MONOTONIC) - terminal->sent_s[sequence % SEQUENCES]);
    }
}

static void join_next(struct load *load);

static void take_packet(struct terminal *terminal, uint8_t first, const uint8_t *rest, size_t length)
{
    switch (first >> 4) {
    case 2: /* CONNACK */
        CHECK(length >= 2 && rest[1] == 0);
        send_subscribe(terminal);
        break;
    case 3: take_reply(terminal, first, rest, length); break;
    case 4: break; /* PUBACK */
    case 9:        /* SUBACK */
        terminal->load->joined += 1;
        join_next(terminal->load);
        break;
    default: CHECK(false);
    }
}

/* How many bytes the first packet has; 0: it is not whole. */
static size_t whole_packet(const struct terminal *terminal, size_t *head)
{
    const uint8_t *bytes = terminal->bytes;
    if (terminal->length < 2 || (bytes[1] >= 128 && terminal->length < 3)) {
        return 0;
    }
    *head = bytes[1] >= 128 ? 3 : 2;
    size_t length = bytes[1] >= 128 ? (size_t)(bytes[1] & 127) + (size_t)bytes[2] * 128 : bytes[1];
    CHECK(*head + length <= sizeof terminal->bytes);
    return terminal->length >= *head + length ? *head + length : 0;
}

static void on_bytes(evutil_socket_t fd, short what, void *context)
{
    struct terminal *terminal = context;
    size_t head, whole;
    (void)what;
    ssize_t got = recv(fd, terminal->bytes + terminal->length, sizeof terminal->bytes - terminal->length, MSG_DONTWAIT);
    CHECK(got != 0);
    terminal->length += got > 0 ? (size_t)got : 0;
    while ((whole = whole_packet(terminal, &head)) > 0) {
        take_packet(terminal, terminal->bytes[0], terminal->bytes + head, whole - head);
        terminal->length -= whole;
        memmove(terminal->bytes, terminal->bytes + whole, terminal->length);
    }
}

static void join_next(struct load *load)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(load->port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int on = 1;
    if (load->begun == terminal_count) {
        return;
    }
    struct terminal *terminal = &load->terminals[load->begun++];
    *terminal = (struct terminal){ .load = load, .number = load->begun, .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    CHECK(terminal->fd >= 0 && connect(terminal->fd, (struct sockaddr *)&address, sizeof address) == 0);
    (void)setsockopt(terminal->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    terminal->event = event_new(load->base, terminal->fd, EV_READ | EV_PERSIST, on_bytes, terminal);
    CHECK(terminal->event != NULL && event_add(terminal->event, NULL) == 0);
    send_connect(terminal);
}

/* As many positions as are due by now, over all terminals in turn. */
static void tick(evutil_socket_t fd, short what, void *context)
{
    struct load *load = context;
    double now = now_s(CLOCK_MONOTONIC);
    uint64_t due = (uint64_t)((now - load->begun_s) * terminal_count / load->every_s);
    (void)fd, (void)what;
    for (; load->sent < due && !load->is_draining; load->sent++) {
        send_position(&load->terminals[load->sent % terminal_count]);
        load->sent_while_measured += load->is_measuring;
    }
    if (now >= load->end_s || (load->is_draining && load->replies >= load->sent_while_measured)) {
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
    double replies_s, share, core, us_a_message, broker_core, p50_ms, p99_ms, memory_mb;
};

static void join_all(struct load *load)
{
    for (int i = 0; i < JOINING_MAX; i++) {
        join_next(load);
    }
    while (load->joined < terminal_count) {
        CHECK(event_base_loop(load->base, EVLOOP_ONCE) == 0);
    }
}

static void end_all(struct load *load)
{
    event_free(load->ticker);
    for (uint32_t i = 0; i < terminal_count; i++) {
        event_free(load->terminals[i].event);
        (void)close(load->terminals[i].fd);
    }
    free(load->terminals);
    free(load->positions.us);
}

static void make_load(struct load *load, struct event_base *base, uint16_t port, double every_s, double seconds)
{
    struct timeval interval = { 0, TICK_US };
    *load = (struct load){ .base = base, .port = port, .every_s = every_s };
    load->positions.room = (size_t)(terminal_count * (seconds + WARM_S) / every_s) + 1;
    load->positions.us = calloc(load->positions.room, sizeof(uint32_t));
    load->terminals = calloc(terminal_count, sizeof *load->terminals);
    CHECK(load->positions.us != NULL && load->terminals != NULL);
    join_all(load);
    load->ticker = event_new(base, -1, EV_PERSIST, tick, load);
    CHECK(load->ticker != NULL && event_add(load->ticker, &interval) == 0);
    load->begun_s = now_s(CLOCK_MONOTONIC);
}

static struct result measure(struct event_base *base, bool is_gateway, struct ports *ports, pid_t broker, double every_s,
                             double seconds)
{
    struct load load;
    clockid_t clock, of_broker;
    uint16_t port;
    pid_t server = start(is_gateway ? serve_gateway : serve_echo, ports, true, &port);
    CHECK(clock_getcpuclockid(server, &clock) == 0 && clock_getcpuclockid(broker, &of_broker) == 0);
    make_load(&load, base, ports->broker, every_s, seconds);
    run_for(&load, WARM_S);
    for (uint32_t k = 0; k < terminal_count; k++) {
        load.terminals[k].measured_after = load.terminals[k].sequence;
    }
    double cpu = now_s(clock), broker_cpu = now_s(of_broker), wall = now_s(CLOCK_MONOTONIC);
    load.is_measuring = true;
    run_for(&load, seconds);
    load.is_measuring = false;
    load.is_draining = true;
    run_for(&load, DRAIN_MAX_S);
    cpu = now_s(clock) - cpu;
    broker_cpu = now_s(of_broker) - broker_cpu;
    wall = now_s(CLOCK_MONOTONIC) - wall;
    struct result result = { .replies_s = (double)load.replies / wall,
                             .share = (double)load.replies / (double)load.sent_while_measured,
                             .core = cpu / wall,
                             .us_a_message = cpu / (double)load.replies * 1e6,
                             .broker_core = broker_cpu / wall,
                             .p50_ms = share_ms(&load.positions, 0.5),
                             .p99_ms = share_ms(&load.positions, 0.99),
                             .memory_mb = memory_of(server) };
    CHECK(kill(server, SIGTERM) == 0 && waitpid(server, NULL, 0) == server);
    end_all(&load);
    return result;
}

static void print_row(const char *name, const struct result *r)
{
    printf("%-10s %9.0f %9.2f %10.1f %11.2f %16.1f %9.2f %9.2f %8.1f\n", name, r->replies_s, r->share, 100 * r->core,
           r->us_a_message, 100 * r->broker_core, r->p50_ms, r->p99_ms, r->memory_mb);
}

static void run(const char *program, double seconds, double every_s)
{
    struct ports ports;
    terminal_kind = "mqtt";
    pid_t centre = start(serve_centre, NULL, false, &ports.centre), broker = start_broker(program, &ports.broker);
    struct event_base *base = event_base_new();
    CHECK(base != NULL);
    printf("MQTT 5 by %s: %" PRIu32 " terminals, a position every %.1f s each, QoS 1 both ways; %.0f s\n", program,
           terminal_count, every_s, seconds);
    printf("%-10s %9s %9s %10s %11s %16s %9s %9s %8s\n", "", "replies/s", "of sent", "% of core", "us/message",
           "broker % of core", "p50 ms", "p99 ms", "MB");
    struct result echoed = measure(base, false, &ports, broker, every_s, seconds);
    struct result gateway = measure(base, true, &ports, broker, every_s, seconds);
    print_row("echo", &echoed);
    print_row("gateway", &gateway);
    printf("gateway / echo: processor time a message %.2f; gateway / broker: %.2f\n", gateway.us_a_message / echoed.us_a_message,
           gateway.core / gateway.broker_core);
    printf("aim: %" PRIu32 " terminals on one core: %s: %.2f of a core for %.2f of the positions\n", terminal_count,
           gateway.core < 1 && gateway.share > 0.99 ? "met" : "missed", gateway.core, gateway.share);
    event_base_free(base);
    stop_broker(broker);
    CHECK(kill(centre, SIGTERM) == 0 && waitpid(centre, NULL, 0) == centre);
}

int main(int argc, char **argv)
{
    const char *program = find_broker();
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 10, every_s = argc > 3 ? strtod(argv[3], NULL) : 5;
    terminal_count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000;
    rlim_t files = terminal_count + 200;
    struct rlimit limit = { files, files };
    CHECK(terminal_count > 0 && terminal_count <= 50000 && seconds >= 1 && every_s > 0);
    if (program == NULL) {
        printf("bench_mqtt: there is no mosquitto here: skipped\n");
        return 0;
    }
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        printf("bench_mqtt: %" PRIu32 " terminals need %llu open files: skipped\n", terminal_count, (unsigned long long)files);
        return 0;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    run(program, seconds, every_s);
    return 0;
}
