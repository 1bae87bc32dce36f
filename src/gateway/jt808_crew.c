/* What the crew presses, and what it is told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "gateway/jt808_private.h"
#include "host/clock.h"
#include "host/log.h"

enum {
    PRESSES_MAX = 2048, /* remembered; those that are not under way make room */
    PRESS_AGE_MAX_S = 12 * 3600,
    ORDER_WAIT_FIRST_MS = 10000,
    ORDER_WAIT_MAX_MS = 60000,
};

enum press_state { PRESS_OPEN, PRESS_UNDER_WAY, PRESS_DONE };

/* One that came, and what became of it: terminals repeat what was not confirmed, also on another connection, and by then the unit
 * may have another mission, which the press is not about. */
struct press {
    struct jt808_server *server; /* NULL: free */
    enum press_state state;
    uint64_t name, number; /* number: in the order in which they came */
    uint32_t subject, turn;
    struct instant at;
    uint16_t slot, generation, id, serial; /* where the answer goes: to where it came from last */
    uint8_t type, code;
    char key[PRESS_KEY_SIZE];
};

enum status jt808_crew_create(struct jt808_server *server, struct error *error)
{
    server->presses = calloc(PRESSES_MAX, sizeof *server->presses);
    return server->presses != NULL ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for what crews press");
}

void jt808_crew_destroy(struct jt808_server *server) { free(server->presses); }

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

static void answered(void *context, const struct gateway_answer *answer)
{
    struct press *press = context;
    press->state = button_counts(answer) ? PRESS_DONE : PRESS_OPEN;
    if (answer->outcome != GATEWAY_SILENT) {
        tell_outcome(press->server, press, press->state == PRESS_DONE);
    }
    if (answer->outcome == GATEWAY_REFUSED && press->state != PRESS_DONE) {
        LOG(LOG_WARNING, "gateway", "the centre refuses what a crew has pressed", LOG_TEXT("problem", gateway_problem(answer)));
    }
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

void jt808_press_key(const struct press_name *name, char key[PRESS_KEY_SIZE])
{
    uint64_t seed = (uint64_t)name->id << 16 | name->serial | name->hour << 32;
    uint64_t content = hash64(name->content, name->length, seed);
    uint64_t who = hash64(name->number, strlen(name->number), content);
    const uint64_t about[3] = { who, content, (uint64_t)name->subject << 32 | name->turn };
    (void)snprintf(key, PRESS_KEY_SIZE, "jt-%016" PRIx64 "%016" PRIx64, hash64(about, sizeof about, 1),
                   hash64(about, sizeof about, 2));
}

/* What the terminal says of it, without what the gateway knows. */
static uint64_t name_of(const struct connection *connection, const struct jt808_message *message)
{
    uint64_t seed = (uint64_t)message->header.id << 16 | message->header.serial;
    return hash64(connection->number, strlen(connection->number), hash64(message->body, message->length, seed));
}

/* The newest of that name. */
static struct press *find_press(struct jt808_server *server, uint64_t name)
{
    struct press *found = NULL;
    for (int i = 0; i < PRESSES_MAX; i++) {
        struct press *press = &server->presses[i];
        bool is_it = press->server != NULL && press->name == name;
        found = is_it && (found == NULL || press->number > found->number) ? press : found;
    }
    return found;
}

/* One that is free, or the oldest that is not under way; NULL: all are. */
static struct press *make_room(struct jt808_server *server)
{
    struct press *found = NULL;
    for (int i = 0; i < PRESSES_MAX; i++) {
        struct press *press = &server->presses[i];
        bool is_older = found == NULL || press->number < found->number;
        found = press->state != PRESS_UNDER_WAY && is_older ? press : found; /* the number of a free one is 0 */
    }
    return found;
}

/* Whether the message is one that came before, and not a new one of a terminal that has restarted: then its serial is not older
 * than that of the authentication of another connection. */
static bool is_repeated(const struct connection *connection, const struct press *press, uint16_t serial, bool has_time)
{
    bool is_same_line = press->slot == connection->slot && press->generation == connection->generation;
    return has_time || is_same_line || (int16_t)(uint16_t)(serial - connection->first_serial) < 0;
}

static void tell_centre(struct connection *connection, const struct button *button, struct press *press)
{
    struct jt808_server *server = connection->server;
    if (button_press(server->setup.link, server->setup.orders, connection->unit, button->act, press->at, press->key, answered,
                     press)) {
        server->figures.presses += 1;
        press->state = PRESS_UNDER_WAY;
        return;
    }
    press->state = PRESS_OPEN;
    if (gateway_link_follows(server->setup.link)) {
        tell_outcome(server, press, false);
    } else {
        *press = (struct press){ .server = NULL }; /* nobody knows which mission the unit has: not answered, so it comes again */
    }
}

/* It is told about what it was about when it was pressed, or not at all. */
static void press_again(struct connection *connection, const struct button *button, uint16_t serial, struct press *press)
{
    bool is_about_it = button_subject(connection->server->setup.orders, connection->unit, button->act) == press->subject;
    press->slot = connection->slot;
    press->generation = connection->generation;
    press->serial = serial;
    if (press->state == PRESS_DONE || (press->state == PRESS_OPEN && !is_about_it)) {
        tell_outcome(connection->server, press, press->state == PRESS_DONE);
    } else if (press->state == PRESS_OPEN) {
        tell_centre(connection, button, press);
    }
}

static void press_first(struct connection *connection, const struct jt808_message *message, const struct jt808_data *data,
                        const struct button *button, const struct press *before)
{
    struct jt808_server *server = connection->server;
    struct press *press = make_room(server);
    bool has_time;
    if (press == NULL) {
        return; /* not answered, so it comes again */
    }
    uint32_t turn = before == NULL ? 0 : before->turn + 1; /* before may be what makes room */
    *press = (struct press){ .server = server,
                             .name = name_of(connection, message),
                             .number = ++server->last_press,
                             .subject = button_subject(server->setup.orders, connection->unit, button->act),
                             .turn = turn,
                             .at = time_of(data, button, &has_time),
                             .slot = connection->slot,
                             .generation = connection->generation,
                             .id = message->header.id,
                             .serial = message->header.serial,
                             .type = data->type,
                             .code = data->bytes[button->length - 1] };
    const struct press_name name = { .number = connection->number,
                                     .id = press->id,
                                     .serial = press->serial,
                                     .content = message->body,
                                     .length = message->length,
                                     .hour = has_time ? 0 : (uint64_t)(clock_wall().us / US_PER_HOUR),
                                     .subject = has_time ? 0 : press->subject,
                                     .turn = turn };
    jt808_press_key(&name, press->key);
    tell_centre(connection, button, press);
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
    (void)time_of(&data, button, &has_time);
    struct press *before = find_press(server, name_of(connection, message));
    if (before != NULL && is_repeated(connection, before, message->header.serial, has_time)) {
        press_again(connection, button, message->header.serial, before);
    } else {
        press_first(connection, message, &data, button, before);
    }
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
