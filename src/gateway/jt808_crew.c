/* What the crew presses, and what it is told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/jt808_private.h"
#include "host/clock.h"
#include "host/log.h"
#include "wire/form.h"

enum {
    PRESSES_MAX = 1024, /* under way */
    PRESS_AGE_MAX_S = 12 * 3600,
    ORDER_WAIT_FIRST_MS = 10000,
    ORDER_WAIT_MAX_MS = 60000,
    EMERGENCY_PATIENCE_MS = 600000,
};

/* One that the centre was told of and has not answered yet. The terminal may have gone and come back meanwhile, and repeated it:
 * then the answer goes to where it came from last. */
struct press {
    struct press *next;
    struct jt808_server *server;
    uint16_t slot, generation, id, serial;
    uint8_t type, code;
    char key[40];
};

/* ---- replies to a press ---- */

/* A lamp beside the button: what was pressed, and 0 where it was taken, 1 where it was refused. */
static void light(struct connection *connection, const struct press *press, bool is_taken)
{
    const uint8_t content[2] = { press->code, is_taken ? 0 : 1 };
    const struct jt808_data data = { press->type, content, sizeof content };
    uint8_t body[8];
    if (press->id == JT808_DATA_UP) {
        jt808_send(connection, JT808_DATA_DOWN, body, jt808_write_data(&data, body, sizeof body));
    }
}

static void tell_outcome(struct jt808_server *server, const struct press *press, bool is_taken)
{
    struct connection *connection = jt808_connection(server, press->slot, press->generation);
    if (connection != NULL) {
        jt808_reply_to(connection, press->id, press->serial, is_taken ? JT808_SUCCESS : JT808_FAILURE);
        light(connection, press, is_taken);
    }
}

static void unlist(struct jt808_server *server, const struct press *press)
{
    struct press **at = &server->presses;
    while (*at != press) {
        at = &(*at)->next;
    }
    *at = press->next;
    server->press_count -= 1;
}

static void answered(void *context, const struct gateway_answer *answer)
{
    struct press *press = context;
    unlist(press->server, press);
    if (answer->outcome != GATEWAY_SILENT) {
        tell_outcome(press->server, press, button_counts(answer));
    }
    if (answer->outcome == GATEWAY_REFUSED && !button_counts(answer)) {
        LOG(LOG_WARNING, "gateway", "the centre refuses what a crew has pressed", LOG_TEXT("problem", gateway_problem(answer)));
    }
    free(press);
}

/* ---- a press ---- */

/* The time behind the code, where there is a sane one; else that of its receipt. */
static struct instant time_of(const struct jt808_data *data, const struct button *button, bool *is_told)
{
    struct instant now = clock_wall(), at = INSTANT_NONE;
    if (data->length >= button->length + JT808_TIME_SIZE) {
        at = jt808_time(data->bytes + button->length);
    }
    *is_told = !instant_is_none(at) && at.us <= now.us + FUTURE_MAX_S * US_PER_SECOND &&
               at.us >= now.us - PRESS_AGE_MAX_S * US_PER_SECOND;
    return *is_told ? at : now;
}

/* The same press again has the same key: terminal, message, serial and content. Serials begin anew when a terminal restarts, so
 * where the content has no time of its own the hour is put to it. */
static void write_key(const struct connection *connection, const struct jt808_message *message, bool has_time, char *key,
                      size_t size)
{
    uint64_t hour = has_time ? 0 : (uint64_t)(clock_wall().us / US_PER_HOUR);
    uint64_t seed = (uint64_t)message->header.id << 16 | message->header.serial | hour << 32;
    uint64_t content = hash64(message->body, message->length, seed);
    uint64_t who = hash64(connection->number, strlen(connection->number), content);
    (void)snprintf(key, size, "jt-%016" PRIx64 "%016" PRIx64, who, content);
}

/* One that is under way already: its answer goes here. */
static bool joins(struct connection *connection, const struct jt808_message *message, const char *key)
{
    for (struct press *press = connection->server->presses; press != NULL; press = press->next) {
        if (strcmp(press->key, key) == 0) {
            press->slot = connection->slot;
            press->generation = connection->generation;
            press->serial = message->header.serial;
            return true;
        }
    }
    return false;
}

static void tell_centre(struct connection *connection, const struct button *button, struct instant at, const struct press *wanted)
{
    struct jt808_server *server = connection->server;
    struct press *press = server->press_count < PRESSES_MAX ? malloc(sizeof *press) : NULL;
    if (press == NULL) {
        return; /* not answered, so it comes again */
    }
    *press = *wanted;
    if (!button_press(server->setup.link, server->setup.orders, connection->unit, button->act, at, press->key, answered, press)) {
        free(press);
        if (gateway_link_follows(server->setup.link)) { /* else nobody knows which mission the unit has */
            tell_outcome(server, wanted, false);
        }
        return;
    }
    server->figures.presses += 1;
    press->next = server->presses;
    server->presses = press;
    server->press_count += 1;
}

void jt808_take_press(struct connection *connection, const struct jt808_message *message)
{
    struct jt808_server *server = connection->server;
    struct jt808_data data;
    bool is_event = message->header.id == JT808_EVENT, has_time;
    if (!jt808_read_data(message, &data)) {
        jt808_reply_to(connection, message->header.id, message->header.serial, JT808_WRONG);
        return;
    }
    const struct button *button = buttons_find(server->setup.buttons, is_event ? BUTTON_EVENT : BUTTON_DATA, data.type,
                                               data.bytes, data.length);
    if (button == NULL) {
        server->figures.not_supported += 1;
        jt808_reply_to(connection, message->header.id, message->header.serial, JT808_NOT_SUPPORTED);
        return;
    }
    struct instant at = time_of(&data, button, &has_time);
    struct press press = { .server = server,
                           .slot = connection->slot,
                           .generation = connection->generation,
                           .id = message->header.id,
                           .serial = message->header.serial,
                           .type = data.type,
                           .code = data.bytes[button->length - 1] };
    write_key(connection, message, has_time, press.key, sizeof press.key);
    if (!joins(connection, message, press.key)) {
        tell_centre(connection, button, at, &press);
    }
}

/* ---- the emergency button ---- */

static void emergency_told(void *context, const struct gateway_answer *answer)
{
    (void)context;
    if (answer->outcome != GATEWAY_DONE) {
        LOG(LOG_ERROR, "gateway", "the centre did not take an emergency", LOG_NUMBER("http", answer->http),
            LOG_TEXT("problem", gateway_problem(answer)));
    }
}

/* To the seats it is a message of the crew's. */
void jt808_emergency(struct connection *connection, struct instant at)
{
    char key[64], when[FORM_INSTANT_SIZE] = "";
    struct text body;
    struct json json;
    (void)form_instant_text(at, when);
    (void)snprintf(key, sizeof key, "sos-%" PRIu32 "-%" PRId64, connection->terminal, at.us);
    text_init(&body, 512);
    json_init(&json, &body, 0);
    json_object_begin(&json, NULL);
    json_int(&json, "unit", connection->unit);
    json_text(&json, "text", "【紧急】车载终端紧急报警按钮 / EMERGENCY button of the vehicle");
    json_text(&json, "occurred_at", when);
    json_object_end(&json);
    const struct gateway_request request = { "/messages",           body.bytes,     body.length, key,
                                             EMERGENCY_PATIENCE_MS, emergency_told, NULL };
    LOG(LOG_WARNING, "gateway", "a crew has pressed the emergency button", LOG_NUMBER("unit", connection->unit));
    if (body.failed || !gateway_link_ask(connection->server->setup.link, &request)) {
        emergency_told(NULL, &(struct gateway_answer){ .outcome = GATEWAY_SILENT });
    }
    text_free(&body);
}

/* ---- orders ---- */

static uint8_t flags_of(const struct connection *connection, const struct gateway_order *order)
{
    uint8_t urgent = connection->is_2019 ? JT808_TEXT_URGENT_2019 : JT808_TEXT_URGENT;
    uint8_t plain = connection->is_2019 ? JT808_TEXT_NOTICE_2019 : 0;
    return (uint8_t)((order->is_urgent ? urgent : plain) | JT808_TEXT_DISPLAY | JT808_TEXT_ALOUD);
}

static void send_order(struct connection *connection, const struct gateway_order *order)
{
    uint8_t text[JT808_BODY_MAX - 2], body[JT808_BODY_MAX];
    size_t length = gbk_from_utf8(connection->server->gbk, order->text, text, sizeof text);
    bool is_again = connection->order == order->number;
    int64_t longer = 2 * connection->order_wait_ms < ORDER_WAIT_MAX_MS ? 2 * connection->order_wait_ms : ORDER_WAIT_MAX_MS;
    length = jt808_write_text(connection->is_2019, flags_of(connection, order), text, length, body, sizeof body);
    connection->order = order->number;
    connection->order_serial = connection->serial;
    connection->order_sent_ms = jt808_now_ms();
    connection->order_wait_ms = is_again ? longer : ORDER_WAIT_FIRST_MS;
    connection->server->figures.orders_sent += 1;
    jt808_send(connection, JT808_TEXT, body, length);
}

void jt808_tell_orders(struct connection *connection, bool is_asked)
{
    const struct gateway_orders *orders = connection->server->setup.orders;
    const struct gateway_order *first = gateway_orders_next(orders, connection->unit, 0);
    bool is_under_way = first != NULL && first->number == connection->order;
    bool is_due = jt808_now_ms() - connection->order_sent_ms >= connection->order_wait_ms;
    if (first == NULL) {
        connection->order = 0; /* delivered by another terminal, or of no interest any more */
    } else if (!is_under_way || (!is_asked && is_due)) {
        send_order(connection, first);
    }
}

/* The terminal's reply to an order, or that it asks for parts of it again. */
void jt808_take_reply(struct connection *connection, const struct jt808_message *message)
{
    struct jt808_reply told = { .id = JT808_TEXT, .result = JT808_FAILURE };
    bool is_resend = message->header.id == JT808_TERMINAL_RESEND;
    bool is_read = is_resend ? jt808_read_resend(message, &told.serial) : jt808_read_reply(message, &told);
    if (!is_read || connection->order == 0 || told.id != JT808_TEXT || told.serial != connection->order_serial) {
        return;
    }
    if (is_resend) {
        connection->order_wait_ms = 0;
        jt808_tell_orders(connection, false);
    } else if (told.result == JT808_SUCCESS) {
        uint64_t number = connection->order;
        connection->order = 0;
        connection->server->figures.orders_delivered += 1;
        gateway_orders_delivered(connection->server->setup.orders, number);
        jt808_tell_orders(connection, true);
    }
}
