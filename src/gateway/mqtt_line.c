/* A handle of libmosquitto lives for one connection: what it had not got rid of goes with it. Its callbacks may not destroy it,
 * so they leave a mark, which is looked at when the library has returned. */
#include "gateway/mqtt_line.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "host/clock.h"
#include "host/log.h"

enum {
    KEEPALIVE_S = 15,
    SESSION_KEPT_S = 24 * 3600,
    PACKET_MAX = 1 << 17,
    RECEIVE_MAX = 1000,
    SEND_MAX = 1000, /* QoS 1, not acknowledged: with the library's 20 a broker that gathers bytes for 40 ms takes 500 a second */
    PUMP_MS = 20,    /* until the broker has answered: libmosquitto does not say what it waits for meanwhile */
    TICK_MS = 1000,
    CONNECT_MAX_MS = 10000,
    RETRY_FIRST_MS = 100,
    RETRY_MAX_MS = 10000,
    STOOD_MS = 10000, /* a line that stood so long was a good one */
    BAD_GRANT = 128,  /* reasons from here on are refusals */
};

enum line_state { LINE_DOWN, LINE_DIALLING, LINE_UP };

struct mqtt_line {
    struct mqtt_line_setup setup;
    enum line_state state;
    bool is_accepted; /* the broker takes what is published, and gives what the session kept */
    bool is_lost;     /* a callback has found that the line is of no use */
    bool is_leaving;  /* by one's own will */
    bool was_denied;  /* what was published on this connection */
    int needed;       /* subscriptions without which a broker is of no use */
    uint32_t next;    /* the broker to be dialled */
    const struct mqtt_broker *broker;
    struct mosquitto *client;
    struct event *reader, *writer, *timer;
    int nowhere; /* a port of our own where nobody listens */
    uint16_t nowhere_port;
    int64_t since_ms;
    int retry_ms;
    bool was_full;
    struct mqtt_line_figures figures;
};

static int64_t now_ms(void) { return clock_monotonic_us() / 1000; }

static void wake_in(struct mqtt_line *line, int ms)
{
    struct timeval interval = { ms / 1000, ms % 1000 * 1000 };
    CHECK(event_add(line->timer, &interval) == 0);
}

/* ---- what the library tells ---- */

static void on_connect(struct mosquitto *client, void *context, int code, int flags, const mosquitto_property *properties)
{
    struct mqtt_line *line = context;
    char *filters[MQTT_LINE_FILTERS_MAX + 1];
    int count = 0;
    (void)flags, (void)properties;
    if (code != 0) {
        LOG(LOG_ERROR, "gateway", "a broker refuses the gateway", LOG_TEXT("broker", line->broker->host),
            LOG_TEXT("why", mosquitto_reason_string(code)));
        line->is_lost = true;
        return;
    }
    for (; count < MQTT_LINE_FILTERS_MAX && line->setup.filters[count] != NULL; count++) {
        filters[count] = (char *)(uintptr_t)line->setup.filters[count]; /* which the library only reads */
    }
    line->needed = count;
    if (line->setup.watched != NULL) {
        filters[count++] = (char *)(uintptr_t)line->setup.watched;
    }
    line->is_accepted = true;
    line->is_lost = mosquitto_subscribe_multiple(client, NULL, count, filters, 1,
                                                 MQTT_SUB_OPT_SEND_RETAIN_NEVER | MQTT_SUB_OPT_NO_LOCAL, NULL) != 0;
}

static void on_subscribe(struct mosquitto *client, void *context, int id, int count, const int *granted,
                         const mosquitto_property *properties)
{
    struct mqtt_line *line = context;
    (void)client, (void)id, (void)properties;
    for (int i = 0; i < count; i++) {
        if (i < line->needed && granted[i] >= BAD_GRANT) {
            LOG(LOG_ERROR, "gateway", "a broker does not let the gateway subscribe to what terminals say",
                LOG_TEXT("broker", line->broker->host), LOG_TEXT("why", mosquitto_reason_string(granted[i])));
            line->is_lost = true;
            return;
        }
    }
    line->state = LINE_UP;
    line->since_ms = now_ms();
    line->figures.connected += 1;
    LOG(LOG_INFO, "gateway", "the line to a broker stands", LOG_TEXT("broker", line->broker->host),
        LOG_NUMBER("port", line->broker->port));
    line->setup.connected(line->setup.context);
}

static void on_disconnect(struct mosquitto *client, void *context, int code, const mosquitto_property *properties)
{
    struct mqtt_line *line = context;
    (void)client, (void)code, (void)properties;
    line->is_lost = true;
}

static void on_publish(struct mosquitto *client, void *context, int id, int code, const mosquitto_property *properties)
{
    struct mqtt_line *line = context;
    (void)client, (void)id, (void)properties;
    line->figures.waiting -= line->figures.waiting > 0;
    if (code < BAD_GRANT) {
        return;
    }
    line->figures.denied += 1;
    if (!line->was_denied) {
        LOG(LOG_ERROR, "gateway", "a broker refuses what the gateway publishes: does its list of rights name this centre?",
            LOG_TEXT("broker", line->broker != NULL ? line->broker->host : ""), LOG_TEXT("why", mosquitto_reason_string(code)));
    }
    line->was_denied = true;
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    struct mqtt_line *line = context;
    char *response = NULL;
    void *correlation = NULL;
    uint16_t length = 0;
    (void)client;
    (void)mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, &response, false);
    (void)mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &correlation, &length, false);
    bool is_short = correlation != NULL && length <= MQTT_CORRELATION_MAX;
    const struct mqtt_arrival arrival = { .topic = message->topic,
                                          .bytes = message->payload,
                                          .length = (size_t)message->payloadlen,
                                          .qos = message->qos,
                                          .response_topic = response,
                                          .correlation = is_short ? correlation : NULL,
                                          .correlation_length = is_short ? length : 0 };
    line->figures.arrived += 1;
    line->setup.arrived(line->setup.context, &arrival);
    free(response);
    free(correlation);
}

static void on_log(struct mosquitto *client, void *context, int level, const char *text)
{
    const struct mqtt_line *line = context;
    (void)client;
    if ((level == MOSQ_LOG_ERR || level == MOSQ_LOG_WARNING) && line->broker != NULL) {
        LOG(LOG_WARNING, "gateway", "the line to a broker has trouble", LOG_TEXT("broker", line->broker->host),
            LOG_TEXT("why", text));
    }
}

/* ---- one connection ---- */

static void drop(struct event **event)
{
    if (*event != NULL) {
        event_free(*event);
        *event = NULL;
    }
}

static void hang_up(struct mqtt_line *line)
{
    drop(&line->reader);
    drop(&line->writer);
    if (line->client != NULL) {
        mosquitto_destroy(line->client);
        line->client = NULL;
    }
    line->state = LINE_DOWN;
    line->is_accepted = false;
    line->broker = NULL;
    line->figures.waiting = 0;
}

/* The next broker, at once if this one was good, else ever more slowly. */
static void lose(struct mqtt_line *line)
{
    bool was_good = line->state == LINE_UP && now_ms() - line->since_ms >= STOOD_MS;
    LOG(LOG_WARNING, "gateway", line->state == LINE_UP ? "the line to a broker broke" : "a broker could not be reached",
        LOG_TEXT("broker", line->broker != NULL ? line->broker->host : ""));
    hang_up(line);
    line->retry_ms = was_good ? RETRY_FIRST_MS : line->retry_ms;
    wake_in(line, line->retry_ms);
    line->retry_ms = line->retry_ms < RETRY_MAX_MS / 2 ? 2 * line->retry_ms : RETRY_MAX_MS;
}

/* After each call of the library that may have called back. */
static void look(struct mqtt_line *line, int code)
{
    if (line->client == NULL) {
        return;
    }
    if (code != MOSQ_ERR_SUCCESS || line->is_lost || mosquitto_socket(line->client) < 0) {
        if (!line->is_leaving) {
            lose(line);
        }
        return;
    }
    if (line->state == LINE_UP && mosquitto_want_write(line->client)) {
        CHECK(event_add(line->writer, NULL) == 0);
    }
}

static void pump(struct mqtt_line *line, bool reads, bool writes)
{
    int code = reads ? mosquitto_loop_read(line->client, 1) : MOSQ_ERR_SUCCESS;
    if (code == MOSQ_ERR_SUCCESS && !line->is_lost && mosquitto_socket(line->client) >= 0 &&
        (writes || mosquitto_want_write(line->client))) {
        code = mosquitto_loop_write(line->client, 1);
    }
    look(line, code);
    if (line->was_full && line->state == LINE_UP && line->figures.waiting < MQTT_LINE_OUT_MAX / 2) {
        line->was_full = false;
        line->setup.has_room(line->setup.context);
        look(line, MOSQ_ERR_SUCCESS);
    }
}

static void on_socket(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    pump(context, (what & EV_READ) != 0, (what & EV_WRITE) != 0);
}

static mosquitto_property *connect_properties(void)
{
    mosquitto_property *properties = NULL;
    bool made = mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, SESSION_KEPT_S) == 0 &&
                mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, PACKET_MAX) == 0;
    if (!made) {
        mosquitto_property_free_all(&properties);
    }
    return properties;
}

/* The library takes properties only with the form of connecting that blocks, and keeps them for the one that does not: so the
 * first goes nowhere, and is refused at once. */
static bool give_properties(struct mqtt_line *line)
{
    mosquitto_property *properties = connect_properties();
    if (properties == NULL) {
        return false;
    }
    int code = mosquitto_connect_bind_v5(line->client, "127.0.0.1", line->nowhere_port, KEEPALIVE_S, NULL, properties);
    mosquitto_property_free_all(&properties);
    return code == MOSQ_ERR_ERRNO;
}

static bool prepare(struct mqtt_line *line)
{
    const struct mqtt_line_setup *setup = &line->setup;
    struct mosquitto *client = line->client;
    const char *will = setup->will(setup->context);
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_subscribe_v5_callback_set(client, on_subscribe);
    mosquitto_disconnect_v5_callback_set(client, on_disconnect);
    mosquitto_publish_v5_callback_set(client, on_publish);
    mosquitto_message_v5_callback_set(client, on_message);
    return mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) == 0 &&
           mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, RECEIVE_MAX) == 0 &&
           mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, SEND_MAX) == 0 &&
           mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1) == 0 &&
           mosquitto_username_pw_set(client, setup->user, setup->password) == 0 &&
           mosquitto_will_set_v5(client, setup->will_topic, (int)strlen(will), will, 1, true, NULL) == 0 &&
           give_properties(line) &&
           (line->broker->tls == NULL || (mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0) == 0 &&
                                          mosquitto_void_option(client, MOSQ_OPT_SSL_CTX, line->broker->tls) == 0));
}

static bool connect_now(struct mqtt_line *line)
{
    line->client = mosquitto_new(line->setup.client, false, line);
    if (line->client == NULL || !prepare(line)) {
        return false;
    }
    mosquitto_log_callback_set(line->client, on_log);
    return mosquitto_connect_async(line->client, line->broker->address, line->broker->port, KEEPALIVE_S) <= 0 &&
           mosquitto_socket(line->client) >= 0;
}

static void dial(struct mqtt_line *line)
{
    line->broker = &line->setup.brokers->items[line->next];
    line->next = (line->next + 1) % line->setup.brokers->count;
    line->is_lost = line->was_denied = false;
    line->state = LINE_DIALLING;
    line->since_ms = now_ms();
    line->figures.dialled += 1;
    if (!connect_now(line)) {
        lose(line);
        return;
    }
    int fd = mosquitto_socket(line->client);
    line->reader = event_new(line->setup.base, fd, EV_READ | EV_PERSIST, on_socket, line);
    line->writer = event_new(line->setup.base, fd, EV_WRITE, on_socket, line);
    CHECK(line->reader != NULL && line->writer != NULL && event_add(line->reader, NULL) == 0);
    wake_in(line, PUMP_MS);
}

/* ---- time ---- */

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct mqtt_line *line = context;
    (void)fd, (void)what;
    if (line->state == LINE_DOWN) {
        dial(line);
        return;
    }
    if (line->state == LINE_DIALLING) {
        if (now_ms() - line->since_ms > CONNECT_MAX_MS) {
            lose(line);
            return;
        }
        pump(line, true, true);
    } else {
        line->retry_ms = now_ms() - line->since_ms >= STOOD_MS ? RETRY_FIRST_MS : line->retry_ms;
        look(line, mosquitto_loop_misc(line->client));
    }
    if (line->state == LINE_UP) {
        line->was_full = false;
        line->setup.has_room(line->setup.context);
        look(line, MOSQ_ERR_SUCCESS);
    }
    if (line->state != LINE_DOWN) {
        wake_in(line, line->state == LINE_UP ? TICK_MS : PUMP_MS);
    }
}

void mqtt_line_follow(struct mqtt_line *line) { wake_in(line, 0); }
bool mqtt_line_is_up(const struct mqtt_line *line) { return line->state == LINE_UP && !line->is_lost; }

/* ---- publishing ---- */

static bool write_properties(const struct mqtt_outgoing *outgoing, mosquitto_property **properties)
{
    bool made = outgoing->expires_s == 0 ||
                mosquitto_property_add_int32(properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, outgoing->expires_s) == 0;
    made = made &&
           (outgoing->length == 0 || mosquitto_property_add_string(properties, MQTT_PROP_CONTENT_TYPE, "application/json") == 0);
    return made && (outgoing->correlation == NULL ||
                    mosquitto_property_add_binary(properties, MQTT_PROP_CORRELATION_DATA, outgoing->correlation,
                                                  (uint16_t)outgoing->correlation_length) == 0);
}

bool mqtt_line_publish(struct mqtt_line *line, const struct mqtt_outgoing *outgoing)
{
    mosquitto_property *properties = NULL;
    if (!line->is_accepted || line->is_lost) {
        return false;
    }
    if (line->figures.waiting >= MQTT_LINE_OUT_MAX) {
        line->was_full = true;
        line->figures.no_room += 1;
        return false;
    }
    line->figures.waiting += 1; /* the library may call back before it returns */
    bool is_sent = write_properties(outgoing, &properties) &&
                   mosquitto_publish_v5(line->client, NULL, outgoing->topic, (int)outgoing->length, outgoing->bytes,
                                        outgoing->qos, outgoing->is_retained, properties) == MOSQ_ERR_SUCCESS;
    mosquitto_property_free_all(&properties);
    line->figures.published += is_sent;
    line->figures.waiting -= !is_sent && line->figures.waiting > 0;
    if (mosquitto_want_write(line->client)) {
        CHECK(event_add(line->writer, NULL) == 0);
    }
    return is_sent;
}

void mqtt_line_leave(struct mqtt_line *line)
{
    line->is_leaving = true;
    if (line->state == LINE_UP) {
        (void)mosquitto_disconnect_v5(line->client, MQTT_RC_DISCONNECT_WITH_WILL_MSG, NULL);
    }
}

/* ---- making ---- */

static enum status find_nowhere(struct mqtt_line *line, struct error *error)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    line->nowhere = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (line->nowhere < 0 || bind(line->nowhere, (struct sockaddr *)&address, size) != 0 ||
        getsockname(line->nowhere, (struct sockaddr *)&address, &size) != 0) {
        return ERROR(error, STATUS_IO, "this machine has no loopback address 127.0.0.1");
    }
    line->nowhere_port = ntohs(address.sin_port);
    return STATUS_OK;
}

enum status mqtt_line_create(const struct mqtt_line_setup *setup, struct mqtt_line **line, struct error *error)
{
    struct mqtt_line *made = calloc(1, sizeof *made);
    if (made == NULL || mosquitto_lib_init() != MOSQ_ERR_SUCCESS) {
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the line to the brokers");
    }
    made->setup = *setup;
    made->nowhere = -1;
    made->retry_ms = RETRY_FIRST_MS;
    made->timer = event_new(setup->base, -1, 0, on_timer, made);
    enum status status = made->timer != NULL ? find_nowhere(made, error)
                                             : ERROR(error, STATUS_NO_MEMORY, "no memory for the line to the brokers");
    if (status != STATUS_OK) {
        mqtt_line_destroy(made);
        return status;
    }
    *line = made;
    return STATUS_OK;
}

void mqtt_line_destroy(struct mqtt_line *line)
{
    if (line == NULL) {
        return;
    }
    hang_up(line);
    drop(&line->timer);
    if (line->nowhere >= 0) {
        (void)close(line->nowhere);
    }
    free(line);
    (void)mosquitto_lib_cleanup();
}

struct mqtt_line_figures mqtt_line_figures(const struct mqtt_line *line)
{
    struct mqtt_line_figures figures = line->figures;
    figures.broker = line->state == LINE_UP ? line->broker->host : "";
    return figures;
}
