/* What the parts of the MQTT server share. */
#ifndef MINGDI_GATEWAY_MQTT_PRIVATE_H
#define MINGDI_GATEWAY_MQTT_PRIVATE_H

#include "gateway/mqtt_server.h"
#include "wire/mqtt.h"

struct mqtt_press;

enum { MQTT_PENDING_MAX = 1 << 15, MQTT_FUTURE_MAX_S = 300 };

/* Where a message is answered, and by which number. */
struct mqtt_address {
    char device[MQTT_NAME_SIZE], epoch[MQTT_EPOCH_SIZE], response[MQTT_TOPIC_SIZE]; /* response "": the device's reply topic */
    bool is_numbered;
    uint8_t qos, correlation_length, correlation[MQTT_CORRELATION_MAX];
    uint64_t sequence;
};

struct mqtt_device {
    char number[TERMINAL_NUMBER_BYTES];
    uint32_t terminal, unit;
    bool is_due, has_order; /* its order is to be published; one is retained */
    int64_t published_ms;
    int64_t left_milli, filled_ms; /* the bucket of messages */
};

/* Whose retained messages are to be taken away. */
struct mqtt_leaver {
    char number[TERMINAL_NUMBER_BYTES];
    uint32_t unit;
};

struct mqtt_pending {
    struct mqtt_pending *next, *previous;
    uint64_t ticket; /* never given twice: parts without a last one may still wait when it has gone */
    struct mqtt_address to;
};

struct mqtt_server {
    struct mqtt_server_setup setup;
    char will[96];
    struct instant line_since;
    int64_t state_told_ms; /* 0: to be told now */
    bool told_follows;
    uint32_t device_count, leaver_count;
    struct mqtt_device *devices; /* by number */
    bool is_list_old;            /* the devices are not those of the centre's list, for want of memory */
    struct mqtt_leaver *leavers;
    int64_t strangers_left_milli, strangers_filled_ms;
    struct mqtt_pending *pending, *last_pending; /* the oldest first */
    uint64_t tickets;
    uint32_t pending_count;
    struct mqtt_press *presses; /* the oldest first */
    uint32_t press_count;
    struct text body;            /* with room for all that is said, made at the start */
    struct mqtt_message message; /* the one that is being taken */
    struct mqtt_server_figures figures;
};

enum mqtt_outcome { MQTT_DONE, MQTT_REFUSED, MQTT_AGAIN };

/* ---- mqtt_server.c ---- */

void mqtt_reply(struct mqtt_server *server, const struct mqtt_address *to, enum mqtt_outcome outcome, const char *problem,
                const char *detail);
/* Its own, or that of receipt where a clock is plainly wrong. */
struct instant mqtt_time(struct mqtt_server *server, struct instant at, int64_t age_max_s);

/* ---- mqtt_retained.c ---- */

bool mqtt_publish(struct mqtt_server *server, const char *device, const char *leaf, struct mqtt_outgoing outgoing);
struct mqtt_device *mqtt_device_find(struct mqtt_server *server, const char *number);
/* What a gateway has said under the topic of the state; false: the topic is another one. */
bool mqtt_hear_state(struct mqtt_server *server, const struct mqtt_arrival *arrival);

/* ---- mqtt_crew.c ---- */

void mqtt_take_status(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_address *from);
void mqtt_take_emergency(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_address *from);

#endif
