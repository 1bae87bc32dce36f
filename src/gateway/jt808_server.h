/* Vehicles' terminals by JT/T 808 over TCP: connections, who is who, what they report and what they are told. Hostile bytes end
 * here: everything has a bound, and a bad frame costs itself and nothing else.
 *
 * A terminal is told that something was taken only when the centre has said so; as long as the centre is silent, nothing is
 * answered, and the terminal keeps what it has and repeats it.
 *
 * Workload: 10,000 terminals, each a position a second. 2 KB a connection. */
#ifndef MINGDI_GATEWAY_JT808_SERVER_H
#define MINGDI_GATEWAY_JT808_SERVER_H

#include <stdint.h>

#include "gateway/buttons.h"
#include "gateway/orders.h"
#include "gateway/positions.h"
#include "gateway/terminals.h"

enum { JT808_KEY_SIZE = 32, JT808_CODE_SIZE = 21, JT808_CONNECTIONS_CEILING = 60000 };

struct jt808_server;

/* All of it outlives the server. */
struct jt808_server_setup {
    struct event_base *base;
    int listener; /* a socket that listens; closed with the server */
    struct gateway_link *link;
    struct gateway_terminals *terminals;
    struct gateway_positions *positions;
    struct gateway_orders *orders;
    const struct buttons *buttons;
    unsigned char key[JT808_KEY_SIZE]; /* of which the codes of authentication are made */
    uint32_t connections_max;          /* at most JT808_CONNECTIONS_CEILING */
    uint32_t idle_s;                   /* how long a terminal may say nothing */
    uint32_t frames_per_s;             /* of one terminal; who sends more is read more slowly */
};

/* Opens what GBK needs, and no file afterwards. */
enum status jt808_server_create(const struct jt808_server_setup *setup, struct jt808_server **server, struct error *error)
    MUST_USE;
void jt808_server_destroy(struct jt808_server *server);

/* For the callbacks of the parts above; the context is the server. */
void jt808_server_settled(void *context, uint64_t ticket, enum gateway_outcome outcome);
void jt808_server_due(void *context, uint32_t unit);
void jt808_server_terminals_changed(void *context);

/* The code by which a terminal authenticates itself: of its number and its entry in the list, so that it holds across restarts,
 * and not any more when the terminal was removed. */
void jt808_code(const unsigned char key[JT808_KEY_SIZE], const struct gateway_terminal *terminal, char code[JT808_CODE_SIZE]);

struct jt808_figures {
    uint32_t connections, authenticated;
    uint64_t accepted, refused, frames, bad_frames, registrations, refused_registrations, authentications,
        refused_authentications, positions, replayed, times_replaced, broken_items, presses, orders_sent, orders_delivered,
        not_supported, slowed, idle;
};
struct jt808_figures jt808_server_figures(const struct jt808_server *server);

#endif
