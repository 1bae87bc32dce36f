/* What a terminal says, message by message. */
#include <string.h>

#include "base/check.h"
#include "gateway/jt808_private.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/secret.h"

enum { POSITION_AGE_MAX_S = 7 * 86400 };

static uint64_t ticket_of(const struct connection *connection, const struct jt808_message *message)
{
    return (uint64_t)(connection->slot + 1U) << 48 | (uint64_t)connection->generation << 32 | (uint64_t)message->header.id << 16 |
           message->header.serial;
}

static void reply(struct connection *connection, const struct jt808_message *message, enum jt808_result result)
{
    connection->server->figures.not_supported += result == JT808_NOT_SUPPORTED;
    jt808_reply_to(connection, message->header.id, message->header.serial, result);
}

/* ---- who it is ---- */

/* Until it is known who is who, nothing is answered: the terminal tries again. */
static bool list_is_there(const struct connection *connection)
{
    return gateway_terminals_are_known(connection->server->setup.terminals);
}

static bool is_device_of(const struct gateway_terminal *terminal, const char *device)
{
    return terminal->device[0] == '\0' || strcmp(terminal->device, device) == 0;
}

static void take_registration(struct connection *connection, const struct jt808_message *message)
{
    struct jt808_server *server = connection->server;
    struct jt808_registration registration;
    char code[JT808_CODE_SIZE] = "", plate[33];
    uint8_t body[64];
    if (!jt808_read_registration(message, &registration)) {
        reply(connection, message, JT808_WRONG);
        return;
    }
    if (!list_is_there(connection)) {
        return;
    }
    const struct gateway_terminal *terminal = gateway_terminals_find(server->setup.terminals, connection->number);
    bool is_known = terminal != NULL && is_device_of(terminal, registration.device);
    if (is_known) {
        jt808_code(server->setup.key, terminal, code);
        server->figures.registrations += 1;
    } else {
        gbk_to_utf8(server->gbk, registration.plate.bytes, registration.plate.length, plate, sizeof plate);
        gateway_terminals_unknown(server->setup.terminals, connection->number, registration.device, plate);
        server->figures.refused_registrations += 1;
    }
    size_t length = jt808_write_registered(message->header.serial, is_known ? JT808_REGISTERED : JT808_UNKNOWN_TERMINAL, code,
                                           body, sizeof body);
    jt808_send(connection, JT808_REGISTER_REPLY, body, length);
}

static void take_authentication(struct connection *connection, const struct jt808_message *message)
{
    struct jt808_server *server = connection->server;
    struct jt808_authentication authentication;
    char code[JT808_CODE_SIZE];
    if (!list_is_there(connection)) {
        return;
    }
    const struct gateway_terminal *terminal = gateway_terminals_find(server->setup.terminals, connection->number);
    bool is_right = false;
    if (terminal == NULL) {
        gateway_terminals_unknown(server->setup.terminals, connection->number, "", "");
    } else if (jt808_read_authentication(message, &authentication)) {
        jt808_code(server->setup.key, terminal, code);
        is_right = authentication.length == JT808_CODE_SIZE - 1 && secret_equal(authentication.code, code, JT808_CODE_SIZE - 1);
    }
    server->figures.authentications += is_right;
    server->figures.refused_authentications += !is_right;
    reply(connection, message, is_right ? JT808_SUCCESS : JT808_FAILURE);
    if (is_right) {
        connection->first_serial = message->header.serial;
        jt808_bind(connection, terminal);
        jt808_tell_orders(connection, true);
    }
}

/* ---- positions ---- */

/* A live position of a clock that is wrong gets the time of its receipt. */
static bool time_is_sane(struct instant at)
{
    struct instant now = clock_wall();
    return !instant_is_none(at) && at.us <= now.us + FUTURE_MAX_S * US_PER_SECOND &&
           at.us >= now.us - POSITION_AGE_MAX_S * US_PER_SECOND;
}

static void count_items(struct jt808_server *server, struct jt808_position position)
{
    struct jt808_item item;
    bool is_broken = false;
    while (jt808_next_item(&position, &item, &is_broken)) {
    }
    server->figures.broken_items += is_broken;
}

/* What of a position goes to the centre; false: nothing. */
static bool fix_of(struct connection *connection, const struct jt808_position *position, bool is_live, struct gateway_fix *fix)
{
    struct jt808_server *server = connection->server;
    bool is_sane = time_is_sane(position->at);
    count_items(server, *position);
    server->figures.positions += 1;
    server->figures.replayed += !is_live;
    server->figures.times_replaced += !is_sane && is_live;
    *fix = (struct gateway_fix){ .unit = connection->unit,
                                 .point = position->point,
                                 .at = is_sane ? position->at : clock_wall() };
    return position->has_fix && (is_sane || is_live);
}

static bool is_pressed(const struct jt808_position *position) { return (position->alarm & JT808_ALARM_EMERGENCY) != 0; }

static void take_position(struct connection *connection, const struct jt808_message *message)
{
    struct jt808_server *server = connection->server;
    struct jt808_position position;
    struct gateway_fix fix;
    uint16_t asked;
    bool is_answer = message->header.id == JT808_POSITION_ANSWER;
    bool is_read = is_answer ? jt808_read_position_answer(message, &asked, &position)
                             : jt808_read_position(message->body, message->length, &position);
    if (!is_read) {
        reply(connection, message, JT808_WRONG);
        return;
    }
    bool has_place = fix_of(connection, &position, true, &fix);
    if (!jt808_emergency_look(connection, fix.at, is_pressed(&position))) {
        return; /* not answered, so it comes again */
    }
    if (!has_place) { /* there is nothing to keep */
        jt808_reply_position(connection, message->header.id, message->header.serial, JT808_SUCCESS);
    } else {
        fix.ticket = ticket_of(connection, message);
        (void)gateway_positions_put(server->setup.positions, &fix); /* full: not answered, so it comes again */
    }
}

/* Each is put when the next one is there, so that it can say whether others follow. */
static void take_positions(struct connection *connection, const struct jt808_message *message)
{
    struct jt808_server *server = connection->server;
    struct jt808_positions positions;
    struct jt808_position position;
    struct gateway_fix fix, waiting = { .unit = 0 };
    uint32_t skipped = 0;
    if (!jt808_read_positions(message, &positions)) {
        reply(connection, message, JT808_WRONG);
        return;
    }
    while (jt808_next_position(&positions, &position, &skipped)) {
        bool has_place = fix_of(connection, &position, false, &fix);
        if (!jt808_emergency_look(connection, fix.at, is_pressed(&position))) {
            return;
        }
        if (!has_place) {
            continue;
        }
        if (waiting.unit != 0 && !gateway_positions_put(server->setup.positions, &waiting)) {
            return;
        }
        fix.ticket = ticket_of(connection, message);
        fix.is_part = true;
        waiting = fix;
    }
    server->figures.broken_items += skipped;
    if (waiting.unit == 0) {
        jt808_reply_position(connection, message->header.id, message->header.serial, JT808_SUCCESS);
        return;
    }
    waiting.is_part = false;
    (void)gateway_positions_put(server->setup.positions, &waiting);
}

/* ---- a message ---- */

static void take_known(struct connection *connection, const struct jt808_message *message)
{
    switch (message->header.id) {
    case JT808_TERMINAL_REPLY:
    case JT808_TERMINAL_RESEND: jt808_take_reply(connection, message); return;
    case JT808_HEARTBEAT: reply(connection, message, JT808_SUCCESS); return;
    case JT808_POSITION:
    case JT808_POSITION_ANSWER: take_position(connection, message); return;
    case JT808_POSITIONS: take_positions(connection, message); return;
    case JT808_DATA_UP:
    case JT808_EVENT: jt808_take_press(connection, message); return;
    case JT808_DEREGISTER:
        reply(connection, message, JT808_SUCCESS);
        jt808_close(connection);
        return;
    default: reply(connection, message, JT808_NOT_SUPPORTED); return;
    }
}

static void take_whole(struct connection *connection, const struct jt808_message *message)
{
    if (message->header.id == JT808_REGISTER) {
        take_registration(connection, message);
    } else if (message->header.id == JT808_AUTHENTICATE) {
        take_authentication(connection, message);
    } else if (!connection->is_authenticated) {
        reply(connection, message, JT808_FAILURE);
    } else {
        take_known(connection, message);
    }
}

/* The first message tells who speaks; a connection is one terminal's. */
static bool is_of_this_terminal(struct connection *connection, const struct jt808_header *header)
{
    char number[JT808_PHONE_SIZE];
    jt808_phone(header, number);
    if (connection->is_authenticated) {
        return strcmp(number, connection->number) == 0;
    }
    memcpy(connection->number, number, sizeof number);
    memcpy(connection->phone, header->phone, sizeof connection->phone);
    connection->is_2019 = header->is_2019;
    connection->version = header->version;
    return true;
}

void jt808_take_message(struct connection *connection, const struct jt808_message *message)
{
    struct jt808_message whole;
    if (!is_of_this_terminal(connection, &message->header)) {
        reply(connection, message, JT808_FAILURE);
        return;
    }
    if (message->header.is_encrypted) {
        reply(connection, message, JT808_NOT_SUPPORTED);
        return;
    }
    if (message->header.parts == 0) {
        take_whole(connection, message);
        return;
    }
    if (!connection->is_authenticated) {
        reply(connection, message, JT808_FAILURE);
        return;
    }
    switch (jt808_parts_take(connection->server->parts, connection->slot, message, jt808_now_ms(), &whole)) {
    case PARTS_MORE: reply(connection, message, JT808_SUCCESS); return;
    case PARTS_REFUSED: reply(connection, message, JT808_WRONG); return;
    case PARTS_NO_ROOM: return; /* not answered, so it comes again */
    case PARTS_WHOLE: take_whole(connection, &whole); return;
    }
    UNREACHABLE();
}
