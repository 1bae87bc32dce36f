/* What the parts of the JT/T 808 server share. */
#ifndef MINGDI_GATEWAY_JT808_PRIVATE_H
#define MINGDI_GATEWAY_JT808_PRIVATE_H

#include "gateway/jt808_server.h"
#include "wire/gbk.h"
#include "wire/jt808_body.h"
#include "wire/jt808_parts.h"

struct event;
struct press;

enum { PENDING_MAX = 8192, FUTURE_MAX_S = 300 };

struct connection {
    struct jt808_server *server;
    struct event *reader, *writer; /* writer only while something waits to be written */
    int fd;
    uint16_t slot, generation; /* of the slot: so that a ticket of one who has gone reaches nobody */
    bool is_authenticated, is_paused, is_over;
    bool was_emergency;
    uint8_t version;
    bool is_2019;
    uint8_t phone[10];
    char number[JT808_PHONE_SIZE];
    uint32_t terminal, unit;
    uint16_t serial; /* of the next message down */
    int64_t opened_ms, heard_ms, frame_begun_ms;
    int64_t frames_left, filled_ms; /* the bucket of frames */
    /* the order that waits for the terminal's reply; order 0: none */
    uint64_t order;
    uint16_t order_serial;
    int64_t order_sent_ms, order_wait_ms;
    size_t pending; /* bytes in out */
    uint8_t *out;   /* PENDING_MAX, or NULL */
    struct jt808_splitter splitter;
};

/* What is looked through for every slot, so kept together. */
struct place {
    uint32_t terminal; /* 0: not authenticated */
    uint32_t address;  /* its hash; 0: the slot is free */
};

struct jt808_server {
    struct jt808_server_setup setup;
    struct event *acceptor, *sweeper;
    struct gbk *gbk;
    struct jt808_parts *parts;
    struct connection **slots; /* connections_max of them */
    struct place *places;
    uint16_t *generations;
    uint32_t used, strangers, next_free;
    struct press *presses;
    uint32_t press_count;
    struct jt808_figures figures;
};

/* ---- jt808_server.c ---- */

int64_t jt808_now_ms(void);
/* A message down, now or as soon as there is room. Whoever does not read is closed. */
void jt808_send(struct connection *connection, uint16_t id, const uint8_t *body, size_t length);
void jt808_reply_to(struct connection *connection, uint16_t id, uint16_t serial, enum jt808_result result);
/* Ends with the turn in which it was said. */
void jt808_close(struct connection *connection);
/* Who he is from now on; another connection of the same terminal ends. */
void jt808_bind(struct connection *connection, const struct gateway_terminal *terminal);
struct connection *jt808_connection(struct jt808_server *server, uint16_t slot, uint16_t generation);

/* ---- jt808_session.c ---- */

void jt808_take_message(struct connection *connection, const struct jt808_message *message);

/* ---- jt808_crew.c ---- */

void jt808_take_press(struct connection *connection, const struct jt808_message *message);
void jt808_take_reply(struct connection *connection, const struct jt808_message *message);
/* Sends the first order that waits, or the one under way again when its time has come. */
void jt808_tell_orders(struct connection *connection, bool is_asked);
void jt808_emergency(struct connection *connection, struct instant at);

#endif
