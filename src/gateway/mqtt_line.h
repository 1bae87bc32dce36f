/* A gateway's line to one broker of MQTT 5 out of a list: dialled in turn with back-off, kept, and dialled anew when it breaks.
 * Over libmosquitto, in the gateway's loop, without a thread. Knows nothing of what topics mean.
 *
 * The session at the broker outlasts the line (a client's name that stays, clean start never), so what was published with QoS 1
 * while the gateway was away comes later. What the gateway publishes itself it gives to no memory: what a broker has not taken
 * when the line breaks is forgotten, and whoever published makes it good after connected.
 *
 * Workload: some thousand messages a second each way, of 150 bytes to 64 KB. */
#ifndef MINGDI_GATEWAY_MQTT_LINE_H
#define MINGDI_GATEWAY_MQTT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "gateway/mqtt_brokers.h"

struct event_base;
struct mqtt_line;

enum {
    MQTT_LINE_FILTERS_MAX = 8,
    MQTT_LINE_OUT_MAX = 8192, /* published and not yet taken by the broker: replies to two batches of positions */
    MQTT_CORRELATION_MAX = 64,
};

/* Lasts as long as the call. */
struct mqtt_arrival {
    const char *topic;
    const void *bytes;
    size_t length;
    int qos;
    const char *response_topic; /* NULL: none was given */
    const uint8_t *correlation; /* NULL: none, or a longer one than MQTT_CORRELATION_MAX */
    size_t correlation_length;
};

struct mqtt_outgoing {
    const char *topic;
    const void *bytes;
    size_t length; /* 0 of a retained one: none is retained any more */
    int qos;
    bool is_retained;
    uint32_t expires_s; /* 0: never */
    const uint8_t *correlation;
    size_t correlation_length;
};

struct mqtt_line_setup {
    struct event_base *base;
    const struct mqtt_brokers *brokers;         /* outlast the line */
    const char *client, *user, *password;       /* user NULL: none; password NULL: none. Outlast the line. */
    const char *filters[MQTT_LINE_FILTERS_MAX]; /* what is subscribed to, with QoS 1; NULL ends them. Outlast the line. */
    const char *watched;                        /* so too, if the broker allows it, what others publish there; NULL: nothing */
    const char *will_topic;                     /* retained when the line breaks */
    const char *(*will)(void *context);         /* what it says then; asked when a broker is dialled */
    void (*connected)(void *context);           /* and subscribed */
    void (*arrived)(void *context, const struct mqtt_arrival *arrival);
    void (*has_room)(void *context); /* after mqtt_line_publish told that there is none, and from time to time */
    void *context;
};

enum status mqtt_line_create(const struct mqtt_line_setup *setup, struct mqtt_line **line, struct error *error) MUST_USE;
/* What was published is given to the system, not awaited. */
void mqtt_line_destroy(struct mqtt_line *line);
/* Begins to dial, and keeps doing so. */
void mqtt_line_follow(struct mqtt_line *line);
bool mqtt_line_is_up(const struct mqtt_line *line);
/* False: there is no broker, or too much waits; nothing was published. May be called in arrived. */
bool mqtt_line_publish(struct mqtt_line *line, const struct mqtt_outgoing *outgoing) MUST_USE;
/* Takes leave of the broker, which publishes the will. */
void mqtt_line_leave(struct mqtt_line *line);

struct mqtt_line_figures {
    uint64_t dialled, connected, arrived, published, no_room;
    uint64_t denied; /* published with QoS 1, and not taken by the broker */
    uint32_t waiting;
    const char *broker; /* "" while the line is not up */
};
struct mqtt_line_figures mqtt_line_figures(const struct mqtt_line *line);

#endif
