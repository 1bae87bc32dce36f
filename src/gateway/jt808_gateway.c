#include "gateway/jt808_gateway.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/confine.h"
#include "gateway/jt808_server.h"
#include "gateway/process.h"
#include "host/log.h"
#include "host/secret.h"

enum { FILES_BESIDE = 64, BACKLOG = 1024 };

struct gateway {
    const struct jt808_gateway_setup *setup;
    struct gateway_process process;
    int listener;
    struct gateway_link *link;
    struct gateway_terminals *terminals;
    struct gateway_positions *positions;
    struct gateway_orders *orders;
    struct jt808_server *server;
    struct buttons buttons;
};

/* ---- what the parts tell one another ---- */

static void heard(void *context, const json_t *message)
{
    const struct gateway *gateway = context;
    gateway_orders_hear(gateway->orders, message);
}

static void settled(void *context, uint64_t ticket, enum gateway_outcome outcome)
{
    const struct gateway *gateway = context;
    jt808_server_settled(gateway->server, ticket, outcome);
}

static void due(void *context, uint32_t unit)
{
    const struct gateway *gateway = context;
    jt808_server_due(gateway->server, unit);
}

static void changed(void *context)
{
    const struct gateway *gateway = context;
    jt808_server_terminals_changed(gateway->server);
}

/* ---- figures ---- */

static void tell_figures(void *context)
{
    const struct gateway *gateway = context;
    struct jt808_figures f = jt808_server_figures(gateway->server);
    LOG(LOG_INFO, "gateway", "terminals so far", LOG_NUMBER("connections", f.connections),
        LOG_NUMBER("authenticated", f.authenticated), LOG_NUMBER("accepted", f.accepted), LOG_NUMBER("refused", f.refused),
        LOG_NUMBER("registrations", f.registrations), LOG_NUMBER("refused_registrations", f.refused_registrations),
        LOG_NUMBER("authentications", f.authentications), LOG_NUMBER("refused_authentications", f.refused_authentications),
        LOG_NUMBER("frames", f.frames), LOG_NUMBER("bad_frames", f.bad_frames), LOG_NUMBER("positions", f.positions),
        LOG_NUMBER("replayed", f.replayed), LOG_NUMBER("times_replaced", f.times_replaced),
        LOG_NUMBER("broken_items", f.broken_items), LOG_NUMBER("presses", f.presses), LOG_NUMBER("orders_sent", f.orders_sent),
        LOG_NUMBER("orders_delivered", f.orders_delivered), LOG_NUMBER("not_supported", f.not_supported),
        LOG_NUMBER("slowed", f.slowed), LOG_NUMBER("idle", f.idle));
    gateway_process_tell_centre(gateway->link, gateway->positions, gateway_orders_waiting(gateway->orders));
}

/* ---- making ---- */

static enum status listen_on(struct gateway *gateway, struct error *error)
{
    const struct jt808_gateway_setup *setup = gateway->setup;
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(setup->port) };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(setup->port) };
    bool is_four = inet_pton(AF_INET, setup->address, &four.sin_addr) == 1;
    int on = 1;
    if (!is_four && inet_pton(AF_INET6, setup->address, &six.sin6_addr) != 1) {
        return ERROR(error, STATUS_USAGE, "--address %s: expected a numeric address such as 0.0.0.0", setup->address);
    }
    gateway->listener = socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const struct sockaddr *address = is_four ? (const void *)&four : (const void *)&six;
    if (gateway->listener < 0 || setsockopt(gateway->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(gateway->listener, address, is_four ? sizeof four : sizeof six) != 0 || listen(gateway->listener, BACKLOG) != 0) {
        return ERROR(error, STATUS_IO, "cannot listen on %s port %u: %s", setup->address, (unsigned)setup->port, strerror(errno));
    }
    return STATUS_OK;
}

static void say_where(const struct gateway *gateway)
{
    char line[128];
    struct sockaddr_in6 address = { 0 }; /* the port stands at the same place in both families */
    socklen_t size = sizeof address;
    (void)getsockname(gateway->listener, (struct sockaddr *)&address, &size);
    (void)snprintf(line, sizeof line, "JT/T 808 on %s port %u", gateway->setup->address, (unsigned)ntohs(address.sin6_port));
    gateway->setup->say(line);
}

/* A key of its own out of the token: so codes hold across restarts, and there is no second secret to keep. */
static void make_key(const char *token, unsigned char key[JT808_KEY_SIZE])
{
    static const char purpose[] = "mingdi jt808 authentication codes";
    unsigned char of_token[SECRET_HASH_SIZE];
    secret_hash(token, strlen(token), NULL, of_token);
    secret_hash(purpose, sizeof purpose, of_token, key);
    secret_wipe(of_token, sizeof of_token);
}

static enum status make_server(struct gateway *gateway, struct error *error)
{
    const struct jt808_gateway_setup *setup = gateway->setup;
    struct jt808_server_setup server = {
        .base = gateway->process.base,
        .listener = gateway->listener,
        .link = gateway->link,
        .terminals = gateway->terminals,
        .positions = gateway->positions,
        .orders = gateway->orders,
        .buttons = &gateway->buttons,
        .connections_max = setup->connections_max,
        .idle_s = setup->idle_s,
        .frames_per_s = setup->frames_per_s,
    };
    make_key(setup->token, server.key);
    enum status status = jt808_server_create(&server, &gateway->server, error);
    secret_wipe(server.key, sizeof server.key);
    return status;
}

static enum status open_all(struct gateway *gateway, struct error *error)
{
    const struct jt808_gateway_setup *setup = gateway->setup;
    TRY(secret_start(error));
    TRY(confine_limits(setup->connections_max + FILES_BESIDE, error));
    if (setup->buttons != NULL) {
        TRY(buttons_read(&gateway->buttons, setup->buttons, error));
    } else {
        buttons_default(&gateway->buttons);
    }
    TRY(gateway_process_begin(&gateway->process, setup->figures_s, tell_figures, gateway, error));
    TRY(listen_on(gateway, error));
    const struct gateway_link_setup link = { gateway->process.base, setup->url, setup->token, heard, gateway };
    TRY(gateway_link_create(&link, &gateway->link, error));
    TRY(gateway_orders_create(gateway->process.base, gateway->link, setup->language, due, gateway, &gateway->orders, error));
    TRY(gateway_positions_create(gateway->process.base, gateway->link, settled, gateway, &gateway->positions, error));
    TRY(gateway_terminals_create(gateway->process.base, gateway->link, "jt808", changed, gateway, &gateway->terminals, error));
    return make_server(gateway, error);
}

static void close_all(struct gateway *gateway)
{
    gateway_link_destroy(gateway->link);
    if (gateway->server != NULL) {
        jt808_server_destroy(gateway->server);
    } else if (gateway->listener >= 0) {
        (void)close(gateway->listener);
    }
    gateway_terminals_destroy(gateway->terminals);
    gateway_positions_destroy(gateway->positions);
    gateway_orders_destroy(gateway->orders);
    gateway_process_end(&gateway->process);
    free(gateway);
}

enum status jt808_gateway_run(const struct jt808_gateway_setup *setup, struct error *error)
{
    struct gateway *gateway = calloc(1, sizeof *gateway);
    if (gateway == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the gateway");
    }
    gateway->setup = setup;
    gateway->listener = -1;
    enum status status = open_all(gateway, error);
    status = status == STATUS_OK ? gateway_process_confine(setup->user, error) : status;
    if (status == STATUS_OK) {
        say_where(gateway);
        gateway_link_follow(gateway->link);
        gateway_process_run(&gateway->process);
    }
    close_all(gateway);
    return status;
}
