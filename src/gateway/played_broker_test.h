/* A broker of MQTT 5 that a test plays, in the loop of what it tests. Written from the standard (OASIS MQTT 5.0; its sections are
 * named), apart from the library under the gateway. It keeps what it was told, and says what the test wants. */
#ifndef MINGDI_GATEWAY_PLAYED_BROKER_TEST_H
#define MINGDI_GATEWAY_PLAYED_BROKER_TEST_H

#include "gateway/played_test.h"

#include "gateway/mqtt_brokers.h"

enum { BROKER_KEPT_MAX = 256, BROKER_TEXT = 2048, BROKER_PACKET_MAX = 1 << 17 };

/* 2.1.2 */
enum { CONNECT = 1, CONNACK = 2, PUBLISH = 3, PUBACK = 4, SUBSCRIBE = 8, SUBACK = 9, PINGREQ = 12, DISCONNECT = 14 };

/* The properties that are looked at, 2.2.2.2; is_there by their number. */
struct broker_properties {
    bool is_there[64];
    uint32_t session_expiry, packet_max, message_expiry;
    uint16_t receive_max;
    char content_type[64], response_topic[256];
    uint8_t correlation[128];
    uint16_t correlation_length;
};

struct broker_publication {
    char topic[256], text[BROKER_TEXT]; /* of a longer payload the beginning */
    size_t length;
    int qos;
    bool is_retained;
    struct broker_properties properties;
};

struct broker {
    struct played *played;
    struct evconnlistener *listener;
    struct bufferevent *line; /* NULL: nobody is connected */
    uint16_t port;
    /* what it says */
    uint8_t connack, suback, puback; /* reasons */
    uint8_t watched;                 /* of the third subscription, and those behind it */
    uint8_t receive_max;             /* 3.2.2.3.3; 0: not said */
    bool is_mute;                    /* takes what is published, and does not say so */
    uint16_t owed[BROKER_PACKET_MAX / 16];
    int owed_count;
    /* what it was told */
    int connects, subscribes, pubacks, disconnects;
    uint8_t version, flags, will_flags, disconnect_reason;
    uint16_t keep_alive, last_puback;
    char protocol[16], client[128], user[64], password[64], will_topic[256], will[256];
    struct broker_properties connect_properties;
    char filters[8][128];
    uint8_t filter_options[8];
    int filter_count;
    struct broker_publication kept[BROKER_KEPT_MAX]; /* of many the last ones */
    int count;
};

/* ---- bytes ---- */

struct broker_cursor {
    const uint8_t *at, *end;
};

static inline uint8_t broker_byte(struct broker_cursor *cursor)
{
    assert_true(cursor->at < cursor->end);
    return *cursor->at++;
}

static inline uint16_t broker_two(struct broker_cursor *cursor)
{
    uint8_t high = broker_byte(cursor);
    return (uint16_t)(high << 8 | broker_byte(cursor));
}

static inline uint32_t broker_four(struct broker_cursor *cursor)
{
    uint16_t high = broker_two(cursor);
    return (uint32_t)high << 16 | broker_two(cursor);
}

/* 1.5.5 */
static inline uint32_t broker_variable(struct broker_cursor *cursor)
{
    uint32_t value = 0;
    for (int shift = 0; shift < 28; shift += 7) {
        uint8_t byte = broker_byte(cursor);
        value |= (uint32_t)(byte & 127) << shift;
        if ((byte & 128) == 0) {
            return value;
        }
    }
    fail();
    return 0;
}

static inline uint16_t broker_bytes(struct broker_cursor *cursor, void *out, size_t size)
{
    uint16_t length = broker_two(cursor);
    assert_true(length <= (size_t)(cursor->end - cursor->at) && length < size);
    memcpy(out, cursor->at, length);
    cursor->at += length;
    return length;
}

static inline void broker_text(struct broker_cursor *cursor, char *out, size_t size)
{
    out[broker_bytes(cursor, out, size)] = '\0';
}

static inline void broker_property(struct broker_cursor *cursor, struct broker_properties *properties)
{
    uint8_t which = broker_byte(cursor);
    assert_true(which < 64);
    properties->is_there[which] = true;
    switch (which) {
    case 0x02: properties->message_expiry = broker_four(cursor); break;
    case 0x03: broker_text(cursor, properties->content_type, sizeof properties->content_type); break;
    case 0x08: broker_text(cursor, properties->response_topic, sizeof properties->response_topic); break;
    case 0x09:
        properties->correlation_length = broker_bytes(cursor, properties->correlation, sizeof properties->correlation);
        break;
    case 0x11: properties->session_expiry = broker_four(cursor); break;
    case 0x21: properties->receive_max = broker_two(cursor); break;
    case 0x27: properties->packet_max = broker_four(cursor); break;
    default: fail();
    }
}

static inline void broker_read_properties(struct broker_cursor *cursor, struct broker_properties *properties)
{
    uint32_t length = broker_variable(cursor);
    assert_true(length <= (size_t)(cursor->end - cursor->at));
    struct broker_cursor inner = { cursor->at, cursor->at + length };
    *properties = (struct broker_properties){ .session_expiry = 0 };
    while (inner.at < inner.end) {
        broker_property(&inner, properties);
    }
    cursor->at += length;
}

/* ---- what it says ---- */

static inline void broker_say(struct broker *broker, uint8_t first, const uint8_t *bytes, size_t length)
{
    uint8_t head[5] = { first };
    size_t size = 1, left = length;
    do {
        head[size] = (uint8_t)(left % 128);
        left /= 128;
        head[size] = (uint8_t)(head[size] | (left > 0 ? 128 : 0));
        size++;
    } while (left > 0);
    assert_non_null(broker->line);
    assert_int_equal(bufferevent_write(broker->line, head, size), 0);
    assert_int_equal(length > 0 ? bufferevent_write(broker->line, bytes, length) : 0, 0);
}

static inline void broker_acknowledge(struct broker *broker, uint16_t id)
{
    const uint8_t bytes[] = { (uint8_t)(id >> 8), (uint8_t)id, broker->puback, 0 };
    broker_say(broker, PUBACK << 4, bytes, sizeof bytes); /* 3.4 */
}

/* Those that were held back while it was mute. */
static inline void broker_acknowledge_all(struct broker *broker)
{
    broker->is_mute = false;
    for (int i = 0; i < broker->owed_count; i++) {
        broker_acknowledge(broker, broker->owed[i]);
    }
    broker->owed_count = 0;
}

static inline size_t broker_put_text(uint8_t *out, const void *bytes, size_t length)
{
    out[0] = (uint8_t)(length >> 8);
    out[1] = (uint8_t)length;
    memcpy(out + 2, bytes, length);
    return length + 2;
}

/* A terminal's message. response, correlation: NULL: none. 3.3 */
static inline void broker_gives(struct broker *broker, const char *topic, const char *text, uint16_t id, const char *response,
                                const void *correlation, size_t correlation_length)
{
    static uint8_t bytes[BROKER_PACKET_MAX];
    uint8_t properties[512];
    size_t properties_length = 0, length = broker_put_text(bytes, topic, strlen(topic)), text_length = strlen(text);
    if (id != 0) { /* QoS 1 */
        bytes[length++] = (uint8_t)(id >> 8);
        bytes[length++] = (uint8_t)id;
    }
    if (response != NULL) {
        properties[properties_length++] = 0x08;
        properties_length += broker_put_text(properties + properties_length, response, strlen(response));
    }
    if (correlation != NULL) {
        properties[properties_length++] = 0x09;
        properties_length += broker_put_text(properties + properties_length, correlation, correlation_length);
    }
    if (properties_length >= 128) {
        bytes[length++] = (uint8_t)(properties_length % 128 | 128);
    }
    bytes[length++] = (uint8_t)(properties_length >= 128 ? properties_length / 128 : properties_length);
    memcpy(bytes + length, properties, properties_length);
    length += properties_length;
    assert_true(length + text_length <= sizeof bytes);
    memcpy(bytes + length, text, text_length);
    broker_say(broker, (uint8_t)(PUBLISH << 4 | (id != 0 ? 2 : 0)), bytes, length + text_length);
}

/* Its machine dies. */
static inline void broker_cut(struct broker *broker)
{
    if (broker->line != NULL) {
        bufferevent_free(broker->line);
        broker->line = NULL;
    }
}

/* ---- what it is told ---- */

/* 3.1 */
static inline void broker_hear_connect(struct broker *broker, struct broker_cursor *cursor)
{
    struct broker_properties of_will;
    const uint8_t plain[] = { 0, broker->connack, 0 };
    const uint8_t bounded[] = { 0, broker->connack, 3, 0x21, 0, broker->receive_max };
    broker->connects += 1;
    broker_text(cursor, broker->protocol, sizeof broker->protocol);
    broker->version = broker_byte(cursor);
    broker->flags = broker_byte(cursor);
    broker->keep_alive = broker_two(cursor);
    broker_read_properties(cursor, &broker->connect_properties);
    broker_text(cursor, broker->client, sizeof broker->client);
    if ((broker->flags & 4) != 0) {
        broker_read_properties(cursor, &of_will);
        broker_text(cursor, broker->will_topic, sizeof broker->will_topic);
        broker_text(cursor, broker->will, sizeof broker->will);
    }
    if ((broker->flags & 128) != 0) {
        broker_text(cursor, broker->user, sizeof broker->user);
    }
    if ((broker->flags & 64) != 0) {
        broker_text(cursor, broker->password, sizeof broker->password);
    }
    assert_true(cursor->at == cursor->end);
    if (broker->receive_max > 0) {
        broker_say(broker, CONNACK << 4, bounded, sizeof bounded);
    } else {
        broker_say(broker, CONNACK << 4, plain, sizeof plain);
    }
}

/* 3.8, 3.9 */
static inline void broker_hear_subscribe(struct broker *broker, struct broker_cursor *cursor)
{
    struct broker_properties properties;
    uint16_t id = broker_two(cursor);
    uint8_t answer[16] = { (uint8_t)(id >> 8), (uint8_t)id, 0 };
    size_t length = 3;
    broker->subscribes += 1;
    broker_read_properties(cursor, &properties);
    for (broker->filter_count = 0; cursor->at < cursor->end; broker->filter_count++) {
        assert_true(broker->filter_count < 8);
        broker_text(cursor, broker->filters[broker->filter_count], sizeof broker->filters[0]);
        broker->filter_options[broker->filter_count] = broker_byte(cursor);
        answer[length++] = broker->filter_count < 2 ? broker->suback : broker->watched;
    }
    broker_say(broker, SUBACK << 4, answer, length);
}

/* 3.3 */
static inline void broker_hear_publish(struct broker *broker, uint8_t first, struct broker_cursor *cursor)
{
    struct broker_publication *kept = &broker->kept[broker->count++ % BROKER_KEPT_MAX];
    *kept = (struct broker_publication){ .qos = first >> 1 & 3, .is_retained = (first & 1) != 0 };
    broker_text(cursor, kept->topic, sizeof kept->topic);
    uint16_t id = kept->qos > 0 ? broker_two(cursor) : 0;
    broker_read_properties(cursor, &kept->properties);
    kept->length = (size_t)(cursor->end - cursor->at);
    (void)snprintf(kept->text, sizeof kept->text, "%.*s", (int)kept->length, (const char *)cursor->at);
    if (kept->qos > 0 && broker->is_mute) {
        assert_true(broker->owed_count < (int)(sizeof broker->owed / sizeof *broker->owed));
        broker->owed[broker->owed_count++] = id;
    } else if (kept->qos > 0) {
        broker_acknowledge(broker, id);
    }
}

static inline void broker_hear(struct broker *broker, uint8_t first, struct broker_cursor cursor)
{
    switch (first >> 4) {
    case CONNECT: broker_hear_connect(broker, &cursor); break;
    case SUBSCRIBE: broker_hear_subscribe(broker, &cursor); break;
    case PUBLISH: broker_hear_publish(broker, first, &cursor); break;
    case PUBACK:
        broker->pubacks += 1;
        broker->last_puback = broker_two(&cursor);
        break;
    case PINGREQ: broker_say(broker, 13 << 4, NULL, 0); break;
    case DISCONNECT:
        broker->disconnects += 1;
        broker->disconnect_reason = cursor.at < cursor.end ? broker_byte(&cursor) : 0; /* 3.14.2.1 */
        break;
    default: fail();
    }
}

/* One packet; false: it is not whole yet. 2.1 */
static inline bool broker_take(struct broker *broker, struct evbuffer *in)
{
    size_t there = evbuffer_get_length(in), head = 1;
    const uint8_t *bytes = there > 0 ? evbuffer_pullup(in, -1) : NULL;
    while (head < there && head < 5 && (bytes[head] & 128) != 0) {
        head++;
    }
    if (there < 2 || head >= there) {
        return false;
    }
    struct broker_cursor cursor = { bytes + 1, bytes + there };
    uint32_t length = broker_variable(&cursor);
    if (length > (size_t)(cursor.end - cursor.at)) {
        return false;
    }
    broker_hear(broker, bytes[0], (struct broker_cursor){ cursor.at, cursor.at + length });
    assert_int_equal(evbuffer_drain(in, head + 1 + length), 0);
    return true;
}

static inline void broker_readable(struct bufferevent *line, void *context)
{
    struct broker *broker = context;
    while (broker->line == line && broker_take(broker, bufferevent_get_input(line))) {
    }
}

static inline void broker_line_ended(struct bufferevent *line, short what, void *context)
{
    struct broker *broker = context;
    (void)line, (void)what;
    broker_cut(broker);
}

static inline void broker_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
                                 void *context)
{
    struct broker *broker = context;
    (void)listener, (void)address, (void)length;
    broker_cut(broker); /* one gateway has one line */
    broker->line = bufferevent_socket_new(broker->played->base, fd, BEV_OPT_CLOSE_ON_FREE);
    assert_non_null(broker->line);
    bufferevent_setcb(broker->line, broker_readable, NULL, broker_line_ended, broker);
    bufferevent_enable(broker->line, EV_READ | EV_WRITE);
}

/* ---- making ---- */

static inline struct broker *broker_begin(struct played *played)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    struct broker *broker = calloc(1, sizeof *broker);
    assert_non_null(broker);
    broker->played = played;
    broker->suback = broker->watched = 1; /* granted: QoS 1 */
    broker->listener = evconnlistener_new_bind(played->base, broker_accept, broker, LEV_OPT_CLOSE_ON_FREE, 16,
                                               (struct sockaddr *)&address, sizeof address);
    assert_non_null(broker->listener);
    assert_int_equal(getsockname(evconnlistener_get_fd(broker->listener), (struct sockaddr *)&address, &size), 0);
    broker->port = ntohs(address.sin_port);
    return broker;
}

static inline void broker_end(struct broker *broker)
{
    broker_cut(broker);
    evconnlistener_free(broker->listener);
    free(broker);
}

/* As the gateway's list has it. */
static inline void broker_list(struct mqtt_brokers *brokers, const struct broker *broker, const char *host)
{
    struct mqtt_broker *item = &brokers->items[brokers->count++];
    *item = (struct mqtt_broker){ .address = "127.0.0.1", .port = broker->port };
    (void)snprintf(item->host, sizeof item->host, "%s", host);
}

/* The newest publication under a topic; NULL: none. */
static inline const struct broker_publication *broker_newest(const struct broker *broker, const char *topic)
{
    for (int i = broker->count - 1; i >= 0 && i > broker->count - BROKER_KEPT_MAX; i--) {
        if (strcmp(broker->kept[i % BROKER_KEPT_MAX].topic, topic) == 0) {
            return &broker->kept[i % BROKER_KEPT_MAX];
        }
    }
    return NULL;
}

#endif
