/* Messages up and their replies. What waits for the centre is one list, each with the address where it is to be answered. */
#include "gateway/mqtt_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "gateway/mqtt_private.h"
#include "host/clock.h"
#include "host/log.h"

enum {
    BODY_MAX = 4096,
    REPLY_EXPIRES_S = 600,
    POSITION_AGE_MAX_S = 7 * 86400,
    BURST = 10, /* so many seconds' messages at once */
    STRANGERS_PER_S = 10,
    AGAIN_AFTER_S = 10,
};

static int64_t now_ms(void) { return clock_monotonic_us() / 1000; }

/* ---- replies ---- */

static void write_reply(struct mqtt_server *server, const struct mqtt_address *to, enum mqtt_outcome outcome, const char *problem,
                        const char *detail)
{
    static const char *const names[] = { [MQTT_DONE] = "done", [MQTT_REFUSED] = "refused", [MQTT_AGAIN] = "again" };
    struct json json;
    text_clear(&server->body);
    json_init(&json, &server->body, 0);
    json_object_begin(&json, NULL);
    if (to->is_numbered) {
        json_text(&json, "epoch", to->epoch);
        json_int(&json, "sequence", (int64_t)to->sequence);
    } else {
        json_none(&json, "epoch");
        json_none(&json, "sequence");
    }
    json_text(&json, "outcome", names[outcome]);
    if (outcome != MQTT_DONE) {
        json_text(&json, "problem", problem);
    }
    if (outcome == MQTT_AGAIN) {
        json_int(&json, "after_s", AGAIN_AFTER_S);
    }
    if (detail != NULL) {
        json_text(&json, "detail", detail);
    }
    json_object_end(&json);
}

static bool send_reply(struct mqtt_server *server, const struct mqtt_address *to)
{
    struct mqtt_outgoing outgoing = { .topic = to->response,
                                      .bytes = server->body.bytes,
                                      .length = server->body.length,
                                      .qos = to->qos,
                                      .expires_s = REPLY_EXPIRES_S,
                                      .correlation = to->correlation_length > 0 ? to->correlation : NULL,
                                      .correlation_length = to->correlation_length };
    return to->response[0] != '\0' ? mqtt_line_publish(server->setup.line, &outgoing)
                                   : mqtt_publish(server, to->device, "reply", outgoing);
}

void mqtt_reply(struct mqtt_server *server, const struct mqtt_address *to, enum mqtt_outcome outcome, const char *problem,
                const char *detail)
{
    write_reply(server, to, outcome, problem, detail);
    server->figures.done += outcome == MQTT_DONE;
    server->figures.refused += outcome == MQTT_REFUSED;
    server->figures.again += outcome == MQTT_AGAIN;
    server->figures.unanswered += !send_reply(server, to); /* then it comes again */
}

static struct mqtt_address address_of(const struct mqtt_server *server, const char *device, const struct mqtt_arrival *arrival)
{
    struct mqtt_address address = { .is_numbered = server->message.is_numbered,
                                    .sequence = server->message.sequence,
                                    .qos = arrival->qos > 0,
                                    .correlation_length = (uint8_t)arrival->correlation_length };
    bool has_response = arrival->response_topic != NULL &&
                        mqtt_topic_is_reply(arrival->response_topic, server->setup.centre, device);
    (void)snprintf(address.device, sizeof address.device, "%s", device);
    (void)snprintf(address.epoch, sizeof address.epoch, "%s", server->message.epoch);
    (void)snprintf(address.response, sizeof address.response, "%s", has_response ? arrival->response_topic : "");
    if (arrival->correlation != NULL) {
        memcpy(address.correlation, arrival->correlation, arrival->correlation_length);
    }
    return address;
}

/* ---- what waits for the centre ---- */

static struct mqtt_pending *keep(struct mqtt_server *server, const struct mqtt_address *to)
{
    struct mqtt_pending *pending = server->pending_count < MQTT_PENDING_MAX ? malloc(sizeof *pending) : NULL;
    if (pending != NULL) {
        *pending = (struct mqtt_pending){ .previous = server->last_pending, .ticket = ++server->tickets, .to = *to };
        *(pending->previous != NULL ? &pending->previous->next : &server->pending) = pending;
        server->last_pending = pending;
        server->pending_count += 1;
    }
    return pending;
}

static void let_go(struct mqtt_server *server, struct mqtt_pending *pending)
{
    *(pending->previous != NULL ? &pending->previous->next : &server->pending) = pending->next;
    *(pending->next != NULL ? &pending->next->previous : &server->last_pending) = pending->previous;
    server->pending_count -= 1;
    free(pending);
}

/* Positions are settled in the order in which they were put, so it is among the first. */
static struct mqtt_pending *pending_of(const struct mqtt_server *server, uint64_t ticket)
{
    struct mqtt_pending *pending = server->pending;
    while (pending != NULL && pending->ticket != ticket) {
        pending = pending->next;
    }
    CHECK(pending != NULL);
    return pending;
}

void mqtt_server_settled(struct mqtt_server *server, uint64_t ticket, enum gateway_outcome outcome)
{
    struct mqtt_pending *pending = pending_of(server, ticket);
    switch (outcome) {
    case GATEWAY_DONE: mqtt_reply(server, &pending->to, MQTT_DONE, NULL, NULL); break;
    case GATEWAY_REFUSED: mqtt_reply(server, &pending->to, MQTT_REFUSED, "position_refused", NULL); break;
    case GATEWAY_SILENT: break; /* the terminal repeats it */
    }
    let_go(server, pending);
}

/* ---- positions ---- */

static bool is_sane(struct instant at, int64_t age_max_s)
{
    struct instant now = clock_wall();
    return at.us <= now.us + MQTT_FUTURE_MAX_S * US_PER_SECOND && at.us >= now.us - age_max_s * US_PER_SECOND;
}

struct instant mqtt_time(struct mqtt_server *server, struct instant at, int64_t age_max_s)
{
    bool is_right = is_sane(at, age_max_s);
    server->figures.times_replaced += !is_right;
    return is_right ? at : clock_wall();
}

static bool put(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_fix *fix, uint64_t ticket,
                bool is_part)
{
    const struct gateway_fix wanted = { device->unit, fix->point, fix->at, ticket, is_part };
    return gateway_positions_put(server->setup.positions, &wanted);
}

/* All of one message bear one ticket. */
static void put_all(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_address *from, uint32_t count)
{
    const struct mqtt_fix *fixes = server->message.fixes;
    struct mqtt_pending *pending = keep(server, from);
    bool has_room = pending != NULL;
    for (uint32_t i = 0; i < count && has_room; i++) {
        has_room = put(server, device, &fixes[i], pending->ticket, i + 1 < count);
    }
    if (!has_room) {
        if (pending != NULL) {
            let_go(server, pending);
        }
        mqtt_reply(server, from, MQTT_AGAIN, "no_room", NULL);
    }
}

static void take_position(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_address *from)
{
    struct mqtt_fix *fix = &server->message.fixes[0];
    server->figures.positions += 1;
    fix->at = mqtt_time(server, fix->at, POSITION_AGE_MAX_S);
    put_all(server, device, from, 1);
}

/* What was kept with a clock that is plainly wrong is of no use later. */
static void take_batch(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_address *from)
{
    struct mqtt_message *message = &server->message;
    uint32_t count = 0;
    for (uint32_t i = 0; i < message->count; i++) {
        if (is_sane(message->fixes[i].at, POSITION_AGE_MAX_S)) {
            message->fixes[count++] = message->fixes[i];
        }
    }
    server->figures.batches += 1;
    server->figures.positions += count;
    server->figures.times_replaced += message->count - count;
    if (count == 0) {
        mqtt_reply(server, from, MQTT_REFUSED, "bad_times", "no position is of the last 7 days: is the clock right?");
    } else {
        put_all(server, device, from, count);
    }
}

/* ---- a message ---- */

/* A thousandth of a message is a unit of the bucket. */
static bool may_speak(int64_t *left_milli, int64_t *filled_ms, uint32_t per_s)
{
    int64_t now = now_ms(), most = (int64_t)BURST * per_s * 1000;
    int64_t filled = *left_milli + (now - *filled_ms) * per_s;
    *left_milli = *filled_ms == 0 || filled > most ? most : filled;
    *filled_ms = now;
    if (*left_milli < 1000) {
        return false;
    }
    *left_milli -= 1000;
    return true;
}

static void take_stranger(struct mqtt_server *server, const struct mqtt_topic *topic, const struct mqtt_arrival *arrival)
{
    struct error error = { .text = "" };
    bool is_known_list = gateway_terminals_are_known(server->setup.terminals) && !server->is_list_old;
    server->figures.strangers += 1;
    if (!is_known_list || strcmp(topic->device, "gateway") == 0) {
        return;
    }
    gateway_terminals_unknown(server->setup.terminals, topic->device, "", "");
    if (may_speak(&server->strangers_left_milli, &server->strangers_filled_ms, STRANGERS_PER_S)) {
        bool is_read = mqtt_message_read(topic->kind, arrival->bytes, arrival->length, &server->message, &error) == STATUS_OK;
        server->figures.bad_payloads += !is_read;
        const struct mqtt_address from = address_of(server, topic->device, arrival);
        mqtt_reply(server, &from, MQTT_REFUSED, "unknown_terminal", "the centre's administration has not entered this terminal");
    }
}

static void take_known(struct mqtt_server *server, enum mqtt_kind kind, const struct mqtt_device *device,
                       const struct mqtt_address *from)
{
    switch (kind) {
    case MQTT_POSITION: take_position(server, device, from); return;
    case MQTT_BATCH: take_batch(server, device, from); return;
    case MQTT_STATUS: mqtt_take_status(server, device, from); return;
    case MQTT_EMERGENCY: mqtt_take_emergency(server, device, from); return;
    case MQTT_KIND_COUNT: break;
    }
    UNREACHABLE();
}

void mqtt_server_take(struct mqtt_server *server, const struct mqtt_arrival *arrival)
{
    struct mqtt_topic topic;
    struct error error = { .text = "" };
    if (mqtt_hear_state(server, arrival)) {
        return;
    }
    if (!mqtt_topic_read(arrival->topic, server->setup.centre, &topic)) {
        server->figures.bad_payloads += 1;
        return;
    }
    struct mqtt_device *device = mqtt_device_find(server, topic.device);
    if (device == NULL) {
        take_stranger(server, &topic, arrival);
        return;
    }
    if (!may_speak(&device->left_milli, &device->filled_ms, server->setup.messages_per_s)) {
        server->figures.slowed += 1; /* not answered, so it comes again, later */
        return;
    }
    enum status status = mqtt_message_read(topic.kind, arrival->bytes, arrival->length, &server->message, &error);
    const struct mqtt_address from = address_of(server, topic.device, arrival);
    if (status != STATUS_OK) {
        server->figures.bad_payloads += 1;
        mqtt_reply(server, &from, MQTT_REFUSED, "bad_payload", error.text);
        return;
    }
    take_known(server, topic.kind, device, &from);
}

/* ---- making ---- */

enum status mqtt_server_create(const struct mqtt_server_setup *setup, struct mqtt_server **server, struct error *error)
{
    struct mqtt_server *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the terminals");
    }
    made->setup = *setup;
    text_init(&made->body, BODY_MAX);
    text_printf(&made->body, "%*s", BODY_MAX, "");
    if (made->body.failed) {
        mqtt_server_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the terminals");
    }
    *server = made;
    return STATUS_OK;
}

void mqtt_server_destroy(struct mqtt_server *server)
{
    if (server == NULL) {
        return;
    }
    for (struct mqtt_pending *pending = server->pending, *next; pending != NULL; pending = next) {
        next = pending->next;
        free(pending);
    }
    CHECK(server->presses == NULL);
    text_free(&server->body);
    free(server->devices);
    free(server->leavers);
    free(server);
}

struct mqtt_server_figures mqtt_server_figures(const struct mqtt_server *server)
{
    struct mqtt_server_figures figures = server->figures;
    figures.terminals = server->device_count;
    figures.pending = server->pending_count + server->press_count;
    return figures;
}
