/* The brokers of MQTT that a gateway may use, read from "mqtts://a.example:8883,mqtt://127.0.0.1:1883": their addresses looked
 * up and what TLS needs read from files, once and for all, so that a confined process can dial them again and again. */
#ifndef MINGDI_GATEWAY_MQTT_BROKERS_H
#define MINGDI_GATEWAY_MQTT_BROKERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct ssl_ctx_st;

enum { MQTT_BROKERS_MAX = 8, MQTT_HOST_SIZE = 254, MQTT_ADDRESS_SIZE = 64 };

struct mqtt_broker {
    char host[MQTT_HOST_SIZE];       /* as it was given: what its certificate must bear */
    char address[MQTT_ADDRESS_SIZE]; /* numeric */
    uint16_t port;
    struct ssl_ctx_st *tls; /* NULL: in clear */
};

struct mqtt_brokers {
    uint32_t count;
    struct mqtt_broker items[MQTT_BROKERS_MAX];
};

/* Files in PEM; NULL: the system's authorities, and no certificate of one's own. */
struct mqtt_tls {
    const char *authority, *certificate, *key;
};

/* One whose name is not known now is left out with a warning, and is an error when none is left. */
enum status mqtt_brokers_read(struct mqtt_brokers *brokers, const char *list, const struct mqtt_tls *tls, struct error *error)
    MUST_USE;
void mqtt_brokers_free(struct mqtt_brokers *brokers);

#endif
