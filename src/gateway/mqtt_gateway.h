/* The whole process behind mingdi gateway mqtt: the parts put together, rights given up, the loop, the log of what it counts. */
#ifndef MINGDI_GATEWAY_MQTT_GATEWAY_H
#define MINGDI_GATEWAY_MQTT_GATEWAY_H

#include <stdint.h>

#include "base/status.h"
#include "gateway/mqtt_brokers.h"

struct mqtt_gateway_setup {
    const char *url, *token;
    const char *brokers; /* a list: mqtt_brokers.h */
    struct mqtt_tls tls;
    const char *broker_user, *broker_password; /* NULL: none */
    const char *name;                          /* of the centre, in topics */
    const char *client;                        /* of the gateway, at the brokers */
    const char *user;                          /* to become; NULL: stays who it is */
    uint32_t messages_per_s;                   /* from one terminal */
    uint32_t figures_s;                        /* the log tells what was counted this often */
    /* The line that says what it serves. */
    void (*say)(const char *line);
};

/* Runs until SIGTERM or SIGINT. */
enum status mqtt_gateway_run(const struct mqtt_gateway_setup *setup, struct error *error) MUST_USE;

#endif
