#include "gateway/jt808_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/hash.h"
#include "gateway/jt808_private.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/secret.h"

enum {
    READ_MAX = 4096, /* bytes of one connection in a turn */
    ACCEPTS_A_TURN = 64,
    STRANGERS_MAX = 2048,    /* connections that have not authenticated */
    STRANGERS_OF_ONE = 256,  /* of them, from one address: carriers put many terminals behind one */
    AUTHENTICATE_MS = 30000, /* then a stranger must go */
    FRAME_MS = 30000,        /* a frame that was begun must be whole */
    SWEEP_MS = 250,
    BURST_S = 10, /* of frames at once, after a time without */
};

int64_t jt808_now_ms(void) { return clock_monotonic_us() / 1000; }

/* ---- connections ---- */

struct connection *jt808_connection(struct jt808_server *server, uint16_t slot, uint16_t generation)
{
    struct connection *connection = slot < server->setup.connections_max ? server->slots[slot] : NULL;
    return connection != NULL && connection->generation == generation && !connection->is_over ? connection : NULL;
}

static void drop(struct connection *connection)
{
    struct jt808_server *server = connection->server;
    uint16_t slot = connection->slot;
    jt808_parts_forget(server->parts, slot);
    event_free(connection->reader);
    event_free(connection->writer);
    (void)close(connection->fd);
    free(connection->out);
    server->strangers -= !connection->is_authenticated;
    server->figures.authenticated -= connection->is_authenticated;
    server->places[slot] = (struct place){ .terminal = 0 };
    server->slots[slot] = NULL;
    server->used -= 1;
    free(connection);
}

void jt808_close(struct connection *connection)
{
    connection->is_over = true;
    event_active(connection->reader, EV_READ, 0); /* its own turn drops it */
}

void jt808_bind(struct connection *connection, const struct gateway_terminal *terminal)
{
    struct jt808_server *server = connection->server;
    for (uint32_t slot = 0; slot < server->setup.connections_max; slot++) {
        if (server->places[slot].terminal == terminal->id && slot != connection->slot) {
            jt808_close(server->slots[slot]);
        }
    }
    server->strangers -= !connection->is_authenticated;
    server->figures.authenticated += !connection->is_authenticated;
    connection->is_authenticated = true;
    connection->terminal = server->places[connection->slot].terminal = terminal->id;
    connection->unit = terminal->unit;
    connection->may_be_pressed = true;
}

/* ---- writing ---- */

static void on_writable(evutil_socket_t fd, short what, void *context)
{
    struct connection *connection = context;
    (void)fd, (void)what;
    ssize_t sent = send(connection->fd, connection->out, connection->pending, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        jt808_close(connection);
        return;
    }
    connection->pending -= sent > 0 ? (size_t)sent : 0;
    memmove(connection->out, connection->out + (sent > 0 ? sent : 0), connection->pending);
    if (connection->pending == 0) {
        (void)event_del(connection->writer);
    }
}

static void keep(struct connection *connection, const uint8_t *bytes, size_t length)
{
    if (connection->out == NULL) {
        connection->out = malloc(PENDING_MAX);
    }
    if (connection->out == NULL || connection->pending + length > PENDING_MAX || event_add(connection->writer, NULL) != 0) {
        jt808_close(connection); /* it does not read */
        return;
    }
    memcpy(connection->out + connection->pending, bytes, length);
    connection->pending += length;
}

static void write_bytes(struct connection *connection, const uint8_t *bytes, size_t length)
{
    ssize_t sent = 0;
    if (connection->is_over) {
        return;
    }
    if (connection->pending == 0) {
        sent = send(connection->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            jt808_close(connection);
            return;
        }
        sent = sent < 0 ? 0 : sent;
    }
    if ((size_t)sent < length) {
        keep(connection, bytes + sent, length - (size_t)sent);
    }
}

void jt808_send(struct connection *connection, uint16_t id, const uint8_t *body, size_t length)
{
    uint8_t frame[JT808_WIRE_MAX];
    struct jt808_header header = {
        .id = id, .serial = connection->serial, .is_2019 = connection->is_2019, .version = connection->version
    };
    uint16_t parts = jt808_parts_for(length);
    memcpy(header.phone, connection->phone, sizeof header.phone);
    CHECK(parts > 0);
    for (uint16_t part = 1; part <= parts; part++) {
        write_bytes(connection, frame, jt808_write(&header, body, length, part, frame));
    }
    connection->serial = (uint16_t)(connection->serial + parts);
}

void jt808_reply_to(struct connection *connection, uint16_t id, uint16_t serial, enum jt808_result result)
{
    uint8_t body[8];
    const struct jt808_reply reply = { serial, id, (uint8_t)result };
    jt808_send(connection, JT808_PLATFORM_REPLY, body, jt808_write_reply(&reply, body, sizeof body));
}

/* ---- reading ---- */

static void pause_reading(struct connection *connection)
{
    connection->is_paused = true;
    connection->server->figures.slowed += 1;
    (void)event_del(connection->reader);
}

static void fill_bucket(struct connection *connection, int64_t now_ms)
{
    int64_t rate = connection->server->setup.frames_per_s, most = rate * BURST_S * 1000;
    connection->frames_left += (now_ms - connection->filled_ms) * rate; /* in thousandths */
    connection->frames_left = connection->frames_left < most ? connection->frames_left : most;
    connection->filled_ms = now_ms;
}

static void take_frame(struct connection *connection)
{
    struct jt808_message message;
    const struct jt808_splitter *splitter = &connection->splitter;
    connection->frames_left -= 1000;
    if (jt808_read(splitter->bytes, splitter->length, &message) != JT808_READ) {
        connection->server->figures.bad_frames += 1;
        return;
    }
    connection->server->figures.frames += 1;
    jt808_take_message(connection, &message);
}

static void take_bytes(struct connection *connection, const uint8_t *bytes, size_t length)
{
    while (length > 0 && !connection->is_over) {
        bool is_frame;
        size_t taken = jt808_split(&connection->splitter, bytes, length, &is_frame);
        bytes += taken;
        length -= taken;
        if (is_frame) {
            take_frame(connection);
            connection->frame_begun_ms = connection->heard_ms;
        }
    }
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct connection *connection = context;
    uint8_t bytes[READ_MAX];
    (void)what;
    if (connection->is_over) {
        drop(connection);
        return;
    }
    ssize_t length = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (length <= 0) {
        drop(connection);
        return;
    }
    connection->heard_ms = jt808_now_ms();
    fill_bucket(connection, connection->heard_ms);
    if (connection->splitter.length == 0 || connection->splitter.is_told) {
        connection->frame_begun_ms = connection->heard_ms;
    }
    take_bytes(connection, bytes, (size_t)length);
    if (connection->is_over) {
        drop(connection);
    } else if (connection->frames_left < 0) {
        pause_reading(connection);
    }
}

/* ---- accepting ---- */

static uint32_t hash_of(const struct sockaddr_storage *address)
{
    const struct sockaddr_in *four = (const void *)address;
    const struct sockaddr_in6 *six = (const void *)address;
    uint64_t hash = address->ss_family == AF_INET6 ? hash64(&six->sin6_addr, sizeof six->sin6_addr, 0)
                                                   : hash64(&four->sin_addr, sizeof four->sin_addr, 0);
    return (uint32_t)hash | 1;
}

static bool is_welcome(const struct jt808_server *server, uint32_t address)
{
    uint32_t of_one = 0;
    if (server->used == server->setup.connections_max || server->strangers >= STRANGERS_MAX) {
        return false;
    }
    for (uint32_t slot = 0; slot < server->setup.connections_max; slot++) {
        of_one += server->places[slot].address == address && server->places[slot].terminal == 0;
    }
    return of_one < STRANGERS_OF_ONE;
}

static uint16_t free_slot(struct jt808_server *server)
{
    while (server->slots[server->next_free] != NULL) {
        server->next_free = (server->next_free + 1) % server->setup.connections_max;
    }
    return (uint16_t)server->next_free;
}

static bool welcome(struct jt808_server *server, int fd, uint32_t address)
{
    struct connection *connection = calloc(1, sizeof *connection);
    int on = 1;
    if (connection == NULL) {
        return false;
    }
    connection->server = server;
    connection->fd = fd;
    connection->reader = event_new(server->setup.base, fd, EV_READ | EV_PERSIST, on_readable, connection);
    connection->writer = event_new(server->setup.base, fd, EV_WRITE | EV_PERSIST, on_writable, connection);
    if (connection->reader == NULL || connection->writer == NULL || event_add(connection->reader, NULL) != 0) {
        if (connection->reader != NULL) {
            event_free(connection->reader);
        }
        if (connection->writer != NULL) {
            event_free(connection->writer);
        }
        free(connection);
        return false;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->slot = free_slot(server);
    connection->generation = ++server->generations[connection->slot];
    connection->opened_ms = connection->heard_ms = connection->filled_ms = connection->frame_begun_ms = jt808_now_ms();
    connection->frames_left = (int64_t)server->setup.frames_per_s * BURST_S * 1000;
    server->slots[connection->slot] = connection;
    server->places[connection->slot].address = address;
    server->used += 1;
    server->strangers += 1;
    return true;
}

static void on_connection(evutil_socket_t listener, short what, void *context)
{
    struct jt808_server *server = context;
    (void)what;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
        socklen_t size = sizeof address;
        int fd = accept4(listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        uint32_t hash = hash_of(&address);
        if (is_welcome(server, hash) && welcome(server, fd, hash)) {
            server->figures.accepted += 1;
        } else {
            server->figures.refused += 1;
            (void)close(fd);
        }
    }
}

/* ---- what time brings ---- */

static bool is_overdue(const struct connection *connection, int64_t now_ms)
{
    const struct jt808_splitter *splitter = &connection->splitter;
    bool is_in_frame = splitter->is_open && splitter->length > 0 && !splitter->is_told;
    return (!connection->is_authenticated && now_ms - connection->opened_ms > AUTHENTICATE_MS) ||
           (is_in_frame && !connection->is_paused && now_ms - connection->frame_begun_ms > FRAME_MS) ||
           now_ms - connection->heard_ms > (int64_t)connection->server->setup.idle_s * 1000;
}

static void sweep_one(struct connection *connection, int64_t now_ms)
{
    fill_bucket(connection, now_ms);
    if (connection->is_paused && connection->frames_left >= 0 && event_add(connection->reader, NULL) == 0) {
        connection->is_paused = false;
    }
    if (is_overdue(connection, now_ms)) {
        connection->server->figures.idle += 1;
        jt808_close(connection);
    } else if (connection->order != 0) {
        jt808_tell_orders(connection, false);
    }
}

static void ask_for_missing(struct jt808_server *server, int64_t now_ms)
{
    struct jt808_missing missing;
    uint8_t body[2 * JT808_PARTS_MAX + 8];
    while (jt808_parts_missing(server->parts, now_ms, &missing)) {
        struct connection *connection = server->slots[missing.owner];
        if (connection != NULL) {
            size_t length = jt808_write_resend(connection->is_2019, missing.serial, missing.parts, missing.count, body,
                                               sizeof body);
            jt808_send(connection, JT808_PLATFORM_RESEND, body, length);
        }
    }
}

static void on_sweep(evutil_socket_t fd, short what, void *context)
{
    struct jt808_server *server = context;
    int64_t now_ms = jt808_now_ms();
    (void)fd, (void)what;
    for (uint32_t slot = 0; slot < server->setup.connections_max; slot++) {
        if (server->places[slot].address != 0) {
            sweep_one(server->slots[slot], now_ms);
        }
    }
    ask_for_missing(server, now_ms);
    jt808_emergencies_sweep(server, now_ms);
}

/* ---- what the other parts tell ---- */

void jt808_server_settled(void *context, uint64_t ticket, enum gateway_outcome outcome)
{
    struct jt808_server *server = context;
    struct connection *connection = jt808_connection(server, (uint16_t)((ticket >> 48) - 1), (uint16_t)(ticket >> 32));
    if (connection != NULL && outcome != GATEWAY_SILENT) {
        jt808_reply_position(connection, (uint16_t)(ticket >> 16), (uint16_t)ticket,
                             outcome == GATEWAY_DONE ? JT808_SUCCESS : JT808_FAILURE);
    }
}

void jt808_server_due(void *context, uint32_t unit)
{
    struct jt808_server *server = context;
    for (uint32_t slot = 0; slot < server->setup.connections_max; slot++) {
        if (server->places[slot].terminal != 0 && server->slots[slot]->unit == unit) {
            jt808_tell_orders(server->slots[slot], true);
        }
    }
}

/* Who is not in the list any more goes; who has another unit now works for that one. */
void jt808_server_terminals_changed(void *context)
{
    struct jt808_server *server = context;
    for (uint32_t slot = 0; server != NULL && slot < server->setup.connections_max; slot++) {
        struct connection *connection = server->slots[slot];
        if (connection == NULL || !connection->is_authenticated) {
            continue;
        }
        const struct gateway_terminal *terminal = gateway_terminals_find(server->setup.terminals, connection->number);
        if (terminal == NULL || terminal->id != connection->terminal) {
            jt808_close(connection);
        } else {
            connection->unit = terminal->unit;
        }
    }
}

void jt808_code(const unsigned char key[JT808_KEY_SIZE], const struct gateway_terminal *terminal, char code[JT808_CODE_SIZE])
{
    unsigned char hash[SECRET_HASH_SIZE];
    char text[TERMINAL_NUMBER_BYTES + 32];
    int length = snprintf(text, sizeof text, "jt808 %u %s", (unsigned)terminal->id, terminal->number);
    secret_hash(text, (size_t)length, key, hash);
    for (int i = 0; i < (JT808_CODE_SIZE - 1) / 2; i++) {
        (void)snprintf(code + 2 * i, 3, "%02x", hash[i]);
    }
}

struct jt808_figures jt808_server_figures(const struct jt808_server *server)
{
    struct jt808_figures figures = server->figures;
    figures.connections = server->used;
    return figures;
}

/* ---- making ---- */

static enum status make_parts(struct jt808_server *server, struct error *error)
{
    struct timeval interval = { 0, SWEEP_MS * 1000 };
    uint32_t slots = server->setup.connections_max;
    server->slots = calloc(slots, sizeof(struct connection *));
    server->places = calloc(slots, sizeof *server->places);
    server->generations = calloc(slots, sizeof *server->generations);
    server->acceptor = event_new(server->setup.base, server->setup.listener, EV_READ | EV_PERSIST, on_connection, server);
    server->sweeper = event_new(server->setup.base, -1, EV_PERSIST, on_sweep, server);
    if (server->slots == NULL || server->places == NULL || server->generations == NULL || server->acceptor == NULL ||
        server->sweeper == NULL || event_add(server->acceptor, NULL) != 0 || event_add(server->sweeper, &interval) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for %u connections", (unsigned)slots);
    }
    TRY(jt808_parts_create(&server->parts, error));
    TRY(jt808_crew_create(server, error));
    TRY(jt808_emergencies_create(server, error));
    return gbk_open(&server->gbk, error);
}

enum status jt808_server_create(const struct jt808_server_setup *setup, struct jt808_server **server, struct error *error)
{
    struct jt808_server *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the gateway");
    }
    CHECK(setup->connections_max > 0 && setup->connections_max <= JT808_CONNECTIONS_CEILING);
    made->setup = *setup;
    enum status status = make_parts(made, error);
    if (status != STATUS_OK) {
        jt808_server_destroy(made);
        return status;
    }
    *server = made;
    return STATUS_OK;
}

void jt808_server_destroy(struct jt808_server *server)
{
    if (server == NULL) {
        return;
    }
    for (uint32_t slot = 0; server->slots != NULL && slot < server->setup.connections_max; slot++) {
        if (server->slots[slot] != NULL) {
            drop(server->slots[slot]);
        }
    }
    if (server->acceptor != NULL) {
        event_free(server->acceptor);
    }
    if (server->sweeper != NULL) {
        event_free(server->sweeper);
    }
    jt808_parts_destroy(server->parts);
    jt808_crew_destroy(server);
    jt808_emergencies_destroy(server);
    gbk_close(server->gbk);
    free(server->slots);
    free(server->places);
    free(server->generations);
    (void)close(server->setup.listener);
    secret_wipe(server->setup.key, sizeof server->setup.key);
    free(server);
}
