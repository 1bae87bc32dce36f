/* Who the terminals are, and what is retained for each: its order, the messages to its crew; and for all whether the gateway is
 * there. Each is published when it changed, and all of it to a broker that was just reached. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "gateway/mqtt_private.h"
#include "host/clock.h"
#include "host/log.h"
#include "wire/form.h"

enum {
    STATE_EVERY_MS = 20000,
    STATE_EXPIRES_S = 60,
    ORDER_EVERY_MS = 1800000,
    ORDER_EXPIRES_S = 7200,
    LEAVERS_MAX = 16384,
};

static int64_t now_ms(void) { return clock_monotonic_us() / 1000; }

bool mqtt_publish(struct mqtt_server *server, const char *device, const char *leaf, struct mqtt_outgoing outgoing)
{
    char topic[MQTT_TOPIC_SIZE];
    (void)snprintf(topic, sizeof topic, "mingdi/%s/%s/%s", server->setup.centre, device, leaf);
    outgoing.topic = topic;
    return mqtt_line_publish(server->setup.line, &outgoing);
}

static bool retain(struct mqtt_server *server, const char *device, const char *leaf, const struct text *body, uint32_t expires_s)
{
    return mqtt_publish(server, device, leaf,
                        (struct mqtt_outgoing){ .bytes = body != NULL ? body->bytes : NULL,
                                                .length = body != NULL ? body->length : 0,
                                                .qos = 1,
                                                .is_retained = true,
                                                .expires_s = expires_s });
}

/* ---- the terminals ---- */

static int by_number(const void *a, const void *b)
{
    return strcmp(((const struct mqtt_device *)a)->number, ((const struct mqtt_device *)b)->number);
}

struct mqtt_device *mqtt_device_find(struct mqtt_server *server, const char *number)
{
    struct mqtt_device wanted = { .unit = 0 };
    (void)snprintf(wanted.number, sizeof wanted.number, "%s", number);
    return server->device_count == 0
               ? NULL
               : bsearch(&wanted, server->devices, server->device_count, sizeof *server->devices, by_number);
}

static void note_leaver(struct mqtt_server *server, const struct mqtt_device *device)
{
    if (server->leaver_count == LEAVERS_MAX) {
        return; /* what is retained for it expires */
    }
    struct mqtt_leaver *grown = realloc(server->leavers, (server->leaver_count + 1) * sizeof *grown);
    if (grown != NULL) {
        server->leavers = grown;
        struct mqtt_leaver *leaver = &grown[server->leaver_count++];
        memcpy(leaver->number, device->number, sizeof leaver->number);
        leaver->unit = device->unit;
    }
}

static void take_over(struct mqtt_server *server, struct mqtt_device *devices, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct mqtt_device *before = mqtt_device_find(server, devices[i].number);
        if (before != NULL && before->terminal == devices[i].terminal && before->unit == devices[i].unit) {
            devices[i] = *before;
            before->unit = 0; /* it stays */
        }
    }
    for (uint32_t i = 0; i < server->device_count; i++) {
        if (server->devices[i].unit != 0) {
            note_leaver(server, &server->devices[i]);
        }
    }
    free(server->devices);
    server->devices = devices;
    server->device_count = count;
}

/* Without memory for it the list stays as it was, until the next push. */
static void read_list(struct mqtt_server *server)
{
    uint32_t count = 0;
    const struct gateway_terminal *terminal;
    while (gateway_terminals_at(server->setup.terminals, count) != NULL) {
        count++;
    }
    struct mqtt_device *devices = calloc(count + 1, sizeof *devices);
    server->is_list_old = devices == NULL;
    if (devices == NULL) {
        LOG(LOG_ERROR, "gateway", "no memory for the list of terminals; it is read again");
        return;
    }
    for (uint32_t i = 0; (terminal = gateway_terminals_at(server->setup.terminals, i)) != NULL; i++) {
        devices[i] = (struct mqtt_device){ .terminal = terminal->id, .unit = terminal->unit, .is_due = true };
        memcpy(devices[i].number, terminal->number, sizeof devices[i].number);
    }
    take_over(server, devices, count);
    mqtt_orders_tell_again(server->setup.orders);
}

void mqtt_server_terminals_changed(struct mqtt_server *server)
{
    read_list(server);
    mqtt_server_push(server);
}

/* ---- the gateway's state ---- */

const char *mqtt_server_will(struct mqtt_server *server)
{
    char since[FORM_INSTANT_SIZE] = "";
    server->line_since = clock_wall();
    (void)form_instant_text(server->line_since, since);
    (void)snprintf(server->will, sizeof server->will, "{\"state\":\"offline\",\"since\":\"%s\"}", since);
    return server->will;
}

static bool tell_state(struct mqtt_server *server)
{
    struct json json;
    bool follows = gateway_link_follows(server->setup.link);
    if (server->state_told_ms != 0 && follows == server->told_follows && now_ms() - server->state_told_ms < STATE_EVERY_MS) {
        return true;
    }
    text_clear(&server->body);
    json_init(&json, &server->body, 0);
    json_object_begin(&json, NULL);
    json_text(&json, "state", "online");
    form_instant(&json, "since", server->line_since);
    form_instant(&json, "at", clock_wall());
    json_text(&json, "centre", follows ? "answers" : "silent");
    json_object_end(&json);
    if (!retain(server, "gateway", "state", &server->body, STATE_EXPIRES_S)) {
        return false;
    }
    server->state_told_ms = now_ms();
    server->told_follows = follows;
    return true;
}

/* Another gateway at this broker has gone, and its will stands where ours has told that there is one. */
bool mqtt_hear_state(struct mqtt_server *server, const struct mqtt_arrival *arrival)
{
    char topic[MQTT_TOPIC_SIZE];
    (void)snprintf(topic, sizeof topic, "mingdi/%s/gateway/state", server->setup.centre);
    if (strcmp(arrival->topic, topic) != 0) {
        return false;
    }
    json_t *said = json_loadb(arrival->bytes, arrival->length, 0, NULL);
    const char *state = json_string_value(json_object_get(said, "state"));
    if (state != NULL && strcmp(state, "offline") == 0) {
        server->state_told_ms = 0;
        mqtt_server_push(server);
    }
    json_decref(said);
    return true;
}

/* ---- orders and messages ---- */

static bool tell_order(struct mqtt_server *server, struct mqtt_device *device)
{
    text_clear(&server->body);
    enum mqtt_order order = mqtt_orders_write(server->setup.orders, device->unit, &server->body);
    if (order == MQTT_ORDER_COMING) {
        device->is_due = false; /* it will be again */
        return true;
    }
    bool has_order = order == MQTT_ORDER_WRITTEN && !server->body.failed;
    if (!retain(server, device->number, "order", has_order ? &server->body : NULL, has_order ? ORDER_EXPIRES_S : 0)) {
        return false;
    }
    device->is_due = false;
    device->has_order = has_order;
    device->published_ms = now_ms();
    server->figures.orders += 1;
    return true;
}

static bool tell_orders(struct mqtt_server *server)
{
    int64_t old_ms = now_ms() - ORDER_EVERY_MS;
    for (uint32_t i = 0; i < server->device_count; i++) {
        struct mqtt_device *device = &server->devices[i];
        bool is_due = device->is_due || (device->has_order && device->published_ms < old_ms);
        if (is_due && !tell_order(server, device)) {
            return false;
        }
    }
    return true;
}

static void write_note(struct mqtt_server *server, const struct mqtt_note *note)
{
    struct json json;
    text_clear(&server->body);
    json_init(&json, &server->body, 0);
    json_object_begin(&json, NULL);
    json_int(&json, "message", note->id);
    form_instant(&json, "sent_at", (struct instant){ note->sent_at_us });
    json_text(&json, "text", note->text);
    json_object_end(&json);
}

static bool retain_note(struct mqtt_server *server, const char *device, const struct mqtt_note *note, bool is_over)
{
    char leaf[32];
    int64_t left_s = MQTT_NOTE_KEPT_S - (clock_wall().us - note->sent_at_us) / US_PER_SECOND;
    (void)snprintf(leaf, sizeof leaf, "message/%" PRIu32, note->id);
    if (is_over) {
        return retain(server, device, leaf, NULL, 0);
    }
    write_note(server, note);
    return retain(server, device, leaf, &server->body, left_s > 1 ? (uint32_t)left_s : 1);
}

static bool tell_note(struct mqtt_server *server, const struct mqtt_note *note)
{
    for (uint32_t i = 0; i < server->device_count; i++) {
        const struct mqtt_device *device = &server->devices[i];
        if (device->unit == note->unit && !retain_note(server, device->number, note, note->is_over)) {
            return false;
        }
    }
    server->figures.notes += 1;
    mqtt_orders_note_told(server->setup.orders, note);
    return true;
}

static bool tell_notes(struct mqtt_server *server)
{
    const struct mqtt_note *note;
    while ((note = mqtt_orders_next_note(server->setup.orders)) != NULL) {
        if (!tell_note(server, note)) {
            return false;
        }
    }
    return true;
}

/* ---- those who left, or belong to another unit ---- */

static bool clear_leaver(struct mqtt_server *server, const struct mqtt_leaver *leaver)
{
    const struct mqtt_device *still = mqtt_device_find(server, leaver->number);
    for (uint32_t i = 0; i < MQTT_NOTES_MAX; i++) {
        const struct mqtt_note *note = mqtt_orders_note_at(server->setup.orders, i);
        bool is_his = note != NULL && note->unit == leaver->unit && (still == NULL || still->unit != leaver->unit);
        if (is_his && !retain_note(server, leaver->number, note, true)) {
            return false;
        }
    }
    return still != NULL || retain(server, leaver->number, "order", NULL, 0);
}

static bool clear_leavers(struct mqtt_server *server)
{
    while (server->leaver_count > 0) {
        if (!clear_leaver(server, &server->leavers[server->leaver_count - 1])) {
            return false;
        }
        server->leaver_count -= 1;
    }
    return true;
}

/* ---- all of it ---- */

void mqtt_server_push(struct mqtt_server *server)
{
    if (server->is_list_old) {
        read_list(server);
    }
    if (!mqtt_line_is_up(server->setup.line) || !tell_state(server) || !clear_leavers(server)) {
        return;
    }
    if (mqtt_orders_are_known(server->setup.orders)) { /* before, what a broker has retained is the better knowledge */
        (void)(tell_orders(server) && tell_notes(server));
    }
}

void mqtt_server_order_changed(struct mqtt_server *server, uint32_t unit)
{
    for (uint32_t i = 0; i < server->device_count; i++) {
        server->devices[i].is_due = server->devices[i].is_due || server->devices[i].unit == unit;
    }
    mqtt_server_push(server);
}

void mqtt_server_connected(struct mqtt_server *server)
{
    server->state_told_ms = 0;
    for (uint32_t i = 0; i < server->device_count; i++) {
        server->devices[i].is_due = true;
    }
    mqtt_orders_tell_again(server->setup.orders);
    mqtt_server_push(server);
}
