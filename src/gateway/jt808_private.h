/* What the parts of the JT/T 808 server share. */
#ifndef MINGDI_GATEWAY_JT808_PRIVATE_H
#define MINGDI_GATEWAY_JT808_PRIVATE_H

#include "gateway/jt808_server.h"
#include "wire/gbk.h"
#include "wire/jt808_body.h"
#include "wire/jt808_parts.h"

struct event;
struct press;
struct emergency;

enum { PENDING_MAX = 8192, FUTURE_MAX_S = 300, PRESS_KEY_SIZE = 40 };

struct connection {
    struct jt808_server *server;
    struct event *reader, *writer; /* writer only while something waits to be written */
    int fd;
    uint16_t slot, generation; /* of the slot: so that a ticket of one who has gone reaches nobody */
    bool is_authenticated, is_paused, is_over;
    bool may_be_pressed;   /* the emergency button of this terminal, by what is known of it */
    uint16_t first_serial; /* of its authentication: what bears an older one was first said on another connection */
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
    uint64_t last_press;
    struct emergency *emergencies;
    uint32_t emergencies_unanswered;
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

enum status jt808_crew_create(struct jt808_server *server, struct error *error) MUST_USE;
void jt808_crew_destroy(struct jt808_server *server);
void jt808_take_press(struct connection *connection, const struct jt808_message *message);
void jt808_take_reply(struct connection *connection, const struct jt808_message *message);
/* Sends the first order that waits, or the one under way again when its time has come. */
void jt808_tell_orders(struct connection *connection, bool is_asked);
/* What makes a press the same press, for the centre. Serials begin anew when a terminal restarts, so where the content has no
 * time of its own the hour is part of it, what the press is about (button_subject), and how many others had the same name
 * before. */
struct press_name {
    const char *number;
    uint16_t id, serial;
    const uint8_t *content;
    size_t length;
    uint64_t hour; /* 0: the content has its time */
    uint32_t subject, turn;
};
void jt808_press_key(const struct press_name *name, char key[PRESS_KEY_SIZE]);

/* ---- jt808_emergency.c ---- */

enum status jt808_emergencies_create(struct jt808_server *server, struct error *error) MUST_USE;
void jt808_emergencies_destroy(struct jt808_server *server);
/* The emergency button in a position of that time. A press is told to the centre once, until it has answered. False: there is no
 * room to remember one; the message must not be answered, so that it comes again. */
bool jt808_emergency_look(struct connection *connection, struct instant at, bool is_pressed) MUST_USE;
/* The reply to a position: a terminal takes its button back when it comes, so it waits for the centre's answer to a press. */
void jt808_reply_position(struct connection *connection, uint16_t id, uint16_t serial, enum jt808_result result);
/* Tells again what the centre did not take. */
void jt808_emergencies_sweep(struct jt808_server *server, int64_t now_ms);

#endif
