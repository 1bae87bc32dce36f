#include "gateway/mqtt_gateway.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/confine.h"
#include "gateway/mqtt_line.h"
#include "gateway/mqtt_server.h"
#include "gateway/process.h"
#include "host/log.h"
#include "host/secret.h"
#include "wire/mqtt.h"

enum { FILES = 128, FILTER_SIZE = 128 };

struct gateway {
    const struct mqtt_gateway_setup *setup;
    struct gateway_process process;
    struct mqtt_brokers brokers;
    char filters[MQTT_KIND_COUNT][FILTER_SIZE], state_topic[FILTER_SIZE];
    struct gateway_link *link;
    struct gateway_terminals *terminals;
    struct gateway_positions *positions;
    struct mqtt_orders *orders;
    struct mqtt_line *line;
    struct mqtt_server *server;
};

/* ---- what the parts tell one another ---- */

static void heard(void *context, const json_t *message)
{
    const struct gateway *gateway = context;
    mqtt_orders_hear(gateway->orders, message);
}

static void settled(void *context, uint64_t ticket, enum gateway_outcome outcome)
{
    const struct gateway *gateway = context;
    mqtt_server_settled(gateway->server, ticket, outcome);
}

static void order_changed(void *context, uint32_t unit)
{
    const struct gateway *gateway = context;
    mqtt_server_order_changed(gateway->server, unit);
}

static void is_due(void *context)
{
    const struct gateway *gateway = context;
    mqtt_server_push(gateway->server);
}

static void terminals_changed(void *context)
{
    const struct gateway *gateway = context;
    mqtt_server_terminals_changed(gateway->server);
}

static void connected(void *context)
{
    const struct gateway *gateway = context;
    mqtt_server_connected(gateway->server);
}

static void arrived(void *context, const struct mqtt_arrival *arrival)
{
    const struct gateway *gateway = context;
    mqtt_server_take(gateway->server, arrival);
}

static void has_room(void *context)
{
    const struct gateway *gateway = context;
    mqtt_orders_sweep(gateway->orders);
    mqtt_server_push(gateway->server);
}

static const char *will(void *context)
{
    const struct gateway *gateway = context;
    return mqtt_server_will(gateway->server);
}

/* ---- figures ---- */

static void tell_figures(void *context)
{
    const struct gateway *gateway = context;
    struct mqtt_server_figures f = mqtt_server_figures(gateway->server);
    struct mqtt_line_figures l = mqtt_line_figures(gateway->line);
    LOG(LOG_INFO, "gateway", "terminals so far", LOG_NUMBER("terminals", f.terminals), LOG_NUMBER("positions", f.positions),
        LOG_NUMBER("batches", f.batches), LOG_NUMBER("times_replaced", f.times_replaced), LOG_NUMBER("presses", f.presses),
        LOG_NUMBER("emergencies", f.emergencies), LOG_NUMBER("done", f.done), LOG_NUMBER("refused", f.refused),
        LOG_NUMBER("again", f.again), LOG_NUMBER("unanswered", f.unanswered), LOG_NUMBER("bad_payloads", f.bad_payloads),
        LOG_NUMBER("strangers", f.strangers), LOG_NUMBER("slowed", f.slowed), LOG_NUMBER("orders", f.orders),
        LOG_NUMBER("messages", f.notes), LOG_NUMBER("pending", f.pending));
    LOG(LOG_INFO, "gateway", "broker so far", LOG_TEXT("broker", l.broker), LOG_NUMBER("dialled", l.dialled),
        LOG_NUMBER("connected", l.connected), LOG_NUMBER("arrived", l.arrived), LOG_NUMBER("published", l.published),
        LOG_NUMBER("no_room", l.no_room), LOG_NUMBER("denied", l.denied), LOG_NUMBER("waiting", l.waiting));
    gateway_process_tell_centre(gateway->link, gateway->positions, mqtt_orders_notes(gateway->orders));
}

/* ---- making ---- */

static enum status make_line(struct gateway *gateway, struct error *error)
{
    const struct mqtt_gateway_setup *setup = gateway->setup;
    struct mqtt_line_setup line = { .base = gateway->process.base,
                                    .brokers = &gateway->brokers,
                                    .client = setup->client,
                                    .user = setup->broker_user,
                                    .password = setup->broker_password,
                                    .watched = gateway->state_topic,
                                    .will_topic = gateway->state_topic,
                                    .will = will,
                                    .connected = connected,
                                    .arrived = arrived,
                                    .has_room = has_room,
                                    .context = gateway };
    for (int kind = 0; kind < MQTT_KIND_COUNT; kind++) {
        (void)snprintf(gateway->filters[kind], FILTER_SIZE, "mingdi/%s/+/%s", setup->name, MQTT_KIND_NAMES[kind]);
        line.filters[kind] = gateway->filters[kind];
    }
    (void)snprintf(gateway->state_topic, FILTER_SIZE, "mingdi/%s/gateway/state", setup->name);
    return mqtt_line_create(&line, &gateway->line, error);
}

static enum status make_server(struct gateway *gateway, struct error *error)
{
    const struct mqtt_server_setup server = { .line = gateway->line,
                                              .link = gateway->link,
                                              .terminals = gateway->terminals,
                                              .positions = gateway->positions,
                                              .orders = gateway->orders,
                                              .centre = gateway->setup->name,
                                              .messages_per_s = gateway->setup->messages_per_s };
    return mqtt_server_create(&server, &gateway->server, error);
}

static enum status open_all(struct gateway *gateway, struct error *error)
{
    const struct mqtt_gateway_setup *setup = gateway->setup;
    struct event_base *base = gateway->process.base;
    if (!mqtt_name_is_sound(setup->name) || !mqtt_name_is_sound(setup->client)) {
        return ERROR(error, STATUS_USAGE, "--name and --client: expected 1 to 64 of the letters A-Z a-z 0-9 . _ -");
    }
    TRY(secret_start(error));
    TRY(confine_limits(FILES, error));
    TRY(mqtt_brokers_read(&gateway->brokers, setup->brokers, &setup->tls, error));
    const struct gateway_link_setup link = { base, setup->url, setup->token, heard, gateway };
    TRY(gateway_link_create(&link, &gateway->link, error));
    const struct mqtt_orders_setup orders = { gateway->link, order_changed, is_due, gateway };
    TRY(mqtt_orders_create(&orders, &gateway->orders, error));
    TRY(gateway_positions_create(base, gateway->link, settled, gateway, &gateway->positions, error));
    TRY(gateway_terminals_create(base, gateway->link, "mqtt", terminals_changed, gateway, &gateway->terminals, error));
    TRY(make_line(gateway, error));
    return make_server(gateway, error);
}

static void close_all(struct gateway *gateway)
{
    gateway_link_destroy(gateway->link);
    mqtt_line_destroy(gateway->line);
    mqtt_server_destroy(gateway->server);
    gateway_terminals_destroy(gateway->terminals);
    gateway_positions_destroy(gateway->positions);
    mqtt_orders_destroy(gateway->orders);
    mqtt_brokers_free(&gateway->brokers);
    gateway_process_end(&gateway->process);
    free(gateway);
}

static void serve(struct gateway *gateway)
{
    char line[512];
    (void)snprintf(line, sizeof line, "MQTT for mingdi/%s by %u brokers, the first is %s port %u", gateway->setup->name,
                   (unsigned)gateway->brokers.count, gateway->brokers.items[0].host, (unsigned)gateway->brokers.items[0].port);
    gateway->setup->say(line);
    gateway_link_follow(gateway->link);
    mqtt_line_follow(gateway->line);
    gateway_process_run(&gateway->process);
    mqtt_line_leave(gateway->line);
}

enum status mqtt_gateway_run(const struct mqtt_gateway_setup *setup, struct error *error)
{
    struct gateway *gateway = calloc(1, sizeof *gateway);
    if (gateway == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the gateway");
    }
    gateway->setup = setup;
    (void)signal(SIGPIPE, SIG_IGN); /* libmosquitto writes to sockets as to files */
    enum status status = gateway_process_begin(&gateway->process, setup->figures_s, tell_figures, gateway, error);
    status = status == STATUS_OK ? open_all(gateway, error) : status;
    status = status == STATUS_OK ? gateway_process_confine(setup->user, error) : status;
    if (status == STATUS_OK) {
        serve(gateway);
    }
    close_all(gateway);
    return status;
}
