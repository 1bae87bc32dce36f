/* What a terminal says over MQTT, and under which topic (docs/mqtt.md): names to structs, with a reason for what is not right.
 *
 *   mingdi/CENTRE/DEVICE/position | batch | status | emergency
 *
 * Workload: 150 bytes a position, 10,000 a second at most; batches of up to 500. Any bytes are safe. */
#ifndef MINGDI_WIRE_MQTT_H
#define MINGDI_WIRE_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "geo/point.h"

enum {
    MQTT_NAME_SIZE = 65,  /* of a centre or a device in a topic, with the terminator */
    MQTT_EPOCH_SIZE = 33, /* with the terminator */
    MQTT_ACT_SIZE = 32,
    MQTT_TEXT_SIZE = 401,
    MQTT_FIXES_MAX = 500,
    MQTT_PAYLOAD_MAX = 1 << 16,
    MQTT_TOPIC_SIZE = 256, /* of the longest that is read or written here */
};

enum mqtt_kind { MQTT_POSITION, MQTT_BATCH, MQTT_STATUS, MQTT_EMERGENCY, MQTT_KIND_COUNT };
extern const char *const MQTT_KIND_NAMES[MQTT_KIND_COUNT]; /* as in topics */

/* 1 to 64 of A-Z a-z 0-9 . _ - : neither a separator nor a wildcard of topics. */
bool mqtt_name_is_sound(const char *name);

struct mqtt_topic {
    enum mqtt_kind kind;
    char device[MQTT_NAME_SIZE];
};
/* False: it is not one of this centre's. */
bool mqtt_topic_read(const char *topic, const char *centre, struct mqtt_topic *read);
/* Whether a device may be answered there: its own reply topic, or one below it. So nobody has an answer sent to another. */
bool mqtt_topic_is_reply(const char *topic, const char *centre, const char *device);

struct mqtt_fix {
    struct geo_point point;
    struct instant at;
};

struct mqtt_message {
    bool is_numbered;            /* epoch and sequence could be read, whatever else is wrong */
    uint64_t sequence;           /* 0 to 2^53 - 1 */
    char epoch[MQTT_EPOCH_SIZE]; /* of the counter: another one after each beginning */
    struct instant at;           /* of a status and an emergency */
    char act[MQTT_ACT_SIZE];     /* of a status: not judged here */
    uint32_t mission, message;   /* that a status is about; 0: not said */
    char text[MQTT_TEXT_SIZE];   /* of an emergency; "" */
    uint32_t count;              /* 1 of a position */
    struct mqtt_fix fixes[MQTT_FIXES_MAX];
};

/* BAD_INPUT or CORRUPT with a sentence for the terminal's maker, which holds nothing of the payload. Members of other names are
 * passed over. */
enum status mqtt_message_read(enum mqtt_kind kind, const void *bytes, size_t length, struct mqtt_message *message,
                              struct error *error) MUST_USE;

#endif
