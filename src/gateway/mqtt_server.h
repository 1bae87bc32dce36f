/* What terminals of MQTT are given and asked, over a line to a broker: messages up become positions, reports and emergencies of
 * the unit that the terminal belongs to, and are answered when the centre has answered; down go its order, the messages to its
 * crew, and whether the gateway is there. Topics and payloads: docs/mqtt.md.
 *
 * Workload: some thousand terminals, each a message every few seconds. */
#ifndef MINGDI_GATEWAY_MQTT_SERVER_H
#define MINGDI_GATEWAY_MQTT_SERVER_H

#include <stdint.h>

#include "base/status.h"
#include "gateway/mqtt_line.h"
#include "gateway/mqtt_orders.h"
#include "gateway/positions.h"
#include "gateway/terminals.h"

struct mqtt_server;

struct mqtt_server_setup {
    struct mqtt_line *line;
    struct gateway_link *link;
    struct gateway_terminals *terminals;
    struct gateway_positions *positions;
    struct mqtt_orders *orders;
    const char *centre;      /* in topics; outlasts the server */
    uint32_t messages_per_s; /* from one terminal; ten times as many at once */
};

enum status mqtt_server_create(const struct mqtt_server_setup *setup, struct mqtt_server **server, struct error *error) MUST_USE;
/* After the link: who is told that his request is over still asks here. */
void mqtt_server_destroy(struct mqtt_server *server);

/* What others tell it. */
void mqtt_server_take(struct mqtt_server *server, const struct mqtt_arrival *arrival);
void mqtt_server_settled(struct mqtt_server *server, uint64_t ticket, enum gateway_outcome outcome);
void mqtt_server_terminals_changed(struct mqtt_server *server);
void mqtt_server_order_changed(struct mqtt_server *server, uint32_t unit);
void mqtt_server_connected(struct mqtt_server *server); /* a broker: all that is retained is published anew */
void mqtt_server_push(struct mqtt_server *server);      /* publishes what is due, as far as there is room */
/* What the broker says for the gateway when the line breaks; lasts until the next call. */
const char *mqtt_server_will(struct mqtt_server *server);

struct mqtt_server_figures {
    uint64_t positions, batches, times_replaced, presses, emergencies, done, refused, again, unanswered, bad_payloads, strangers,
        slowed, orders, notes;
    uint32_t terminals, pending;
};
struct mqtt_server_figures mqtt_server_figures(const struct mqtt_server *server);

#endif
