/* What the two kinds of outlets share: a queue of frames, written by sendmsg straight from the shared bytes.
 *
 * Nothing is written, called back or freed within a call of the owner: outlet_send and outlet_close only note and let the
 * loop do it, so that the owner may call them from its own callbacks. An outlet that has failed is dead: its end comes from
 * the loop as well.
 *
 * Both kinds use the socket that libmicrohttpd accepted. A WebSocket gets it by an upgrade. Server-sent events write to it
 * while the connection stays suspended; at the end the socket is shut down and the connection given back to be closed. */
#ifndef MINGDI_HOST_OUTLET_PRIVATE_H
#define MINGDI_HOST_OUTLET_PRIVATE_H

#include <wslay/wslay.h>

#include "host/http_private.h"

enum {
    OUTLET_AROUND_MAX = 96,      /* bytes written before and after a frame's own */
    OUTLET_ITEM_COST = 64,       /* counted for each frame that waits beside its bytes */
    OUTLET_CLOSE_SECONDS = 5,    /* for what waits to leave and the client to agree */
    OUTLET_SEND_BUFFER = 131072, /* of the kernel, a client: what waits there is not seen by waiting_max */
    OUTLET_CONTROL_MAX = 16,     /* pongs that wait; then reading waits for writing */
    OUTLET_TURN_BYTES = 1 << 20  /* written before others get their turn */
};

struct outlet_item {
    struct frame *frame;
    bool raw; /* as it is, without anything around */
};

struct outlet_kind {
    const char *name;
    /* What stands before and after a frame; returns the lengths. */
    size_t (*before)(const struct frame *frame, char bytes[OUTLET_AROUND_MAX]);
    const char *after;
    /* Sends what is not in the queue (control frames), at a boundary of frames. False: the socket takes no more, or it failed
     * (dead). */
    bool (*send_control)(struct outlet *outlet);
    bool (*wants_control)(const struct outlet *outlet);
    bool (*may_read)(const struct outlet *outlet);
    void (*readable)(struct outlet *outlet);
    void (*sign_of_life)(struct outlet *outlet);
    /* All has been said: false if there is nothing more to send for it. */
    bool (*good_bye)(struct outlet *outlet);
    void (*release)(struct outlet *outlet); /* gives the socket back */
};

struct outlet {
    struct outlet *next, **link; /* of the server's list */
    struct http_server *server;
    struct http_request *request;
    const struct outlet_kind *kind;
    struct outlet_setup setup;
    int fd; /* -1 until it is there */
    struct event *readable, *writable, *tick, *deadline, *end;
    struct outlet_item *items; /* a ring */
    size_t first, count, capacity;
    size_t waiting; /* bytes and costs */
    size_t sent;    /* bytes of the first item that have left */
    bool refused;   /* outlet_send said false, and drained was not called since */
    bool blocked;   /* the socket took no more when last tried */
    bool closing;   /* no more frames are taken */
    bool said_good_bye, finished /* our side is shut, the client's is awaited */, dead;
    int silent_ticks;
    uint16_t close_code;
    char close_reason[124];
    wslay_event_context_ptr wslay;
    struct MHD_UpgradeResponseHandle *upgrade;
    struct text early, message; /* bytes that came with the handshake; the message that is coming */
    size_t early_read;
    size_t turn_bytes;           /* read in this turn */
    bool frame_is_data, hung_up; /* hung_up: the socket has failed or ended */
};

/* ---- outlet.c ---- */

struct outlet *outlet_create(struct http_request *request, const struct outlet_setup *setup, const struct outlet_kind *kind);
/* Before it is given to the owner: nothing is called. */
void outlet_free(struct outlet *outlet);
/* The socket is there. */
void outlet_start(struct outlet *outlet, int fd);
void outlet_die(struct outlet *outlet);
bool outlet_queue(struct outlet *outlet, struct frame *frame, bool raw);
/* Drops what waits, but for a frame that has begun to leave. */
void outlet_drop_waiting(struct outlet *outlet);
void outlet_begin_deadline(struct outlet *outlet);
/* Writes soon, and asks anew what is to be waited for. */
void outlet_stir(struct outlet *outlet);
/* Reads and drops: for an outlet that only waits for the end of the stream. */
void outlet_read_to_end(struct outlet *outlet);

#endif
