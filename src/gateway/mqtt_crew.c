/* What the crew presses. A stage is about a mission that the terminal names, so that a press which comes late, or again after
 * the mission has ended, is of that mission and of no other. Whether it is the unit's own the stream tells; else the centre is
 * asked. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "gateway/buttons.h"
#include "gateway/mqtt_private.h"
#include "host/log.h"
#include "host/secret.h"
#include "wire/form.h"

enum {
    PRESSES_MAX = 1024, /* under way */
    PRESS_AGE_MAX_S = 12 * 3600,
    PATIENCE_MS = 600000,
    KEY_BYTES = 24,
    KEY_TEXT_SIZE = 2 * KEY_BYTES + 4,
};

/* One that the centre was told of and has not answered yet. */
struct mqtt_press {
    struct mqtt_press *next;
    struct mqtt_server *server;
    struct mqtt_address to;
    uint32_t unit;
    bool is_message; /* what is asked about first: a message, not a mission */
    char key[KEY_TEXT_SIZE], path[48], body[1024];
};

/* ---- keys ---- */

/* The same press again has the same key, by whatever way it comes. A cryptographic hash, because parts of it are the terminal's
 * to choose, and no one may choose the key of another's press. */
static void write_key(const struct mqtt_server *server, const struct mqtt_device *device, const char *what, char *key)
{
    char text[256];
    unsigned char hash[SECRET_HASH_SIZE];
    const struct mqtt_message *message = &server->message;
    int length = snprintf(text, sizeof text, "mqtt %" PRIu32 " %" PRIu32 " %s %" PRIu32 " %" PRIu32 " %s %" PRIu64,
                          device->terminal, device->unit, what, message->mission, message->message, message->epoch,
                          message->sequence);
    CHECK(length > 0 && (size_t)length < sizeof text);
    secret_hash(text, (size_t)length, NULL, hash);
    (void)snprintf(key, KEY_TEXT_SIZE, "mq-");
    for (size_t i = 0; i < KEY_BYTES; i++) {
        (void)snprintf(key + 3 + 2 * i, 3, "%02x", hash[i]);
    }
}

/* ---- a press under way ---- */

/* The same that came again meanwhile: its answer goes to where it came from last. */
static bool joins(struct mqtt_server *server, const char *key, const struct mqtt_address *from)
{
    for (struct mqtt_press *press = server->presses; press != NULL; press = press->next) {
        if (strcmp(press->key, key) == 0) {
            press->to = *from;
            return true;
        }
    }
    return false;
}

static void end_press(struct mqtt_press *press)
{
    struct mqtt_press **at = &press->server->presses;
    while (*at != press) {
        at = &(*at)->next;
    }
    *at = press->next;
    press->server->press_count -= 1;
    free(press);
}

static void refuse(struct mqtt_press *press, const char *problem)
{
    LOG(LOG_WARNING, "gateway", "what a crew has pressed is refused", LOG_NUMBER("unit", press->unit),
        LOG_TEXT("problem", problem));
    mqtt_reply(press->server, &press->to, MQTT_REFUSED, problem, NULL);
}

static void told(void *context, const struct gateway_answer *answer)
{
    struct mqtt_press *press = context;
    if (button_counts(answer)) {
        mqtt_reply(press->server, &press->to, MQTT_DONE, NULL, NULL);
    } else if (answer->outcome == GATEWAY_REFUSED) {
        const char *problem = gateway_problem(answer);
        refuse(press, problem[0] != '\0' ? problem : "refused");
    }
    end_press(press); /* silent: the terminal repeats it */
}

static bool ask(struct mqtt_press *press, const char *path, const char *body, gateway_answered *answered)
{
    const struct gateway_request request = {
        path, body, body != NULL ? strlen(body) : 0, body != NULL ? press->key : NULL, PATIENCE_MS, answered, press
    };
    return gateway_link_ask(press->server->setup.link, &request);
}

static void no_room(struct mqtt_press *press)
{
    mqtt_reply(press->server, &press->to, MQTT_AGAIN, "no_room", NULL);
    end_press(press);
}

static void tell(struct mqtt_press *press)
{
    if (!ask(press, press->path, press->body, told)) {
        no_room(press);
    }
}

/* The mission or message as the centre has it: of this unit? */
static void shown(void *context, const struct gateway_answer *answer)
{
    struct mqtt_press *press = context;
    bool is_to_crew = !press->is_message || json_is_true(json_object_get(answer->body, "to_crew"));
    if (answer->outcome == GATEWAY_SILENT) {
        end_press(press);
    } else if (answer->outcome == GATEWAY_REFUSED) {
        refuse(press, press->is_message ? "unknown_message" : "unknown_mission");
        end_press(press);
    } else if (!is_to_crew || json_integer_value(json_object_get(answer->body, "unit")) != press->unit) {
        refuse(press, "not_of_this_unit");
        end_press(press);
    } else {
        tell(press);
    }
}

static struct mqtt_press *begin(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_address *from,
                                const char *what)
{
    char key[KEY_TEXT_SIZE];
    write_key(server, device, what, key);
    if (joins(server, key, from)) {
        return NULL;
    }
    struct mqtt_press *press = server->press_count < PRESSES_MAX ? malloc(sizeof *press) : NULL;
    if (press == NULL) {
        mqtt_reply(server, from, MQTT_AGAIN, "no_room", NULL);
        return NULL;
    }
    *press = (struct mqtt_press){ .next = server->presses, .server = server, .to = *from, .unit = device->unit };
    memcpy(press->key, key, sizeof key);
    server->presses = press;
    server->press_count += 1;
    return press;
}

/* ---- buttons ---- */

static void tell_of_mission(struct mqtt_press *press, const struct mqtt_message *message, const char *when)
{
    char path[48];
    (void)snprintf(press->path, sizeof press->path, "/commands/mission_report");
    (void)snprintf(press->body, sizeof press->body, "{\"mission\":%" PRIu32 ",\"stage\":\"%s\",\"occurred_at\":\"%s\"}",
                   message->mission, message->act, when);
    if (mqtt_orders_mission(press->server->setup.orders, press->unit) == message->mission) {
        tell(press);
        return;
    }
    (void)snprintf(path, sizeof path, "/missions/%" PRIu32, message->mission);
    if (!ask(press, path, NULL, shown)) {
        no_room(press);
    }
}

static void tell_of_message(struct mqtt_press *press, const struct mqtt_message *message, const char *when)
{
    char path[48];
    press->is_message = true;
    (void)snprintf(press->path, sizeof press->path, "/commands/message_read");
    (void)snprintf(press->body, sizeof press->body, "{\"message\":%" PRIu32 ",\"occurred_at\":\"%s\"}", message->message, when);
    (void)snprintf(path, sizeof path, "/messages/%" PRIu32, message->message);
    if (!ask(press, path, NULL, shown)) {
        no_room(press);
    }
}

static void tell_of_unit(struct mqtt_press *press, const struct mqtt_message *message, const char *when)
{
    (void)snprintf(press->path, sizeof press->path, "/commands/unit_report");
    (void)snprintf(press->body, sizeof press->body, "{\"unit\":%" PRIu32 ",\"what\":\"%s\",\"occurred_at\":\"%s\"}", press->unit,
                   message->act, when);
    tell(press);
}

/* That its order was shown is a stage too, though no button. */
static enum button_about subject_of(const char *act)
{
    return strcmp(act, "notify") == 0 ? BUTTON_ABOUT_MISSION : button_is_about(act);
}

void mqtt_take_status(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_address *from)
{
    const struct mqtt_message *message = &server->message;
    enum button_about subject = subject_of(message->act);
    char when[FORM_INSTANT_SIZE] = "";
    if (subject == BUTTON_ABOUT_NOTHING) {
        mqtt_reply(server, from, MQTT_REFUSED, "unknown_act", "docs/mqtt.md lists the acts");
        return;
    }
    if ((subject == BUTTON_ABOUT_MISSION && message->mission == 0) ||
        (subject == BUTTON_ABOUT_MESSAGE && message->message == 0)) {
        server->figures.bad_payloads += 1;
        mqtt_reply(server, from, MQTT_REFUSED, "bad_payload",
                   subject == BUTTON_ABOUT_MISSION ? "mission is missing: this act is of one"
                                                   : "message is missing: which was read?");
        return;
    }
    struct mqtt_press *press = begin(server, device, from, message->act);
    if (press == NULL) {
        return;
    }
    server->figures.presses += 1;
    (void)form_instant_text(mqtt_time(server, message->at, PRESS_AGE_MAX_S), when);
    switch (subject) {
    case BUTTON_ABOUT_MISSION: tell_of_mission(press, message, when); return;
    case BUTTON_ABOUT_MESSAGE: tell_of_message(press, message, when); return;
    case BUTTON_ABOUT_UNIT: tell_of_unit(press, message, when); return;
    case BUTTON_ABOUT_NOTHING: break;
    }
    UNREACHABLE();
}

/* ---- the emergency button ---- */

/* To the seats it is a message of the crew's. */
static void write_emergency(struct mqtt_press *press, const struct mqtt_message *message, const char *when)
{
    static const char title[] = "【紧急】终端紧急报警 / EMERGENCY";
    char text[sizeof title + MQTT_TEXT_SIZE + 2];
    struct text body;
    struct json json;
    (void)snprintf(text, sizeof text, "%s%s%s", title, message->text[0] != '\0' ? ": " : "", message->text);
    text_init(&body, sizeof press->body - 1);
    json_init(&json, &body, 0);
    json_object_begin(&json, NULL);
    json_int(&json, "unit", press->unit);
    json_text(&json, "text", text);
    json_text(&json, "occurred_at", when);
    json_object_end(&json);
    (void)snprintf(press->path, sizeof press->path, "/messages");
    (void)snprintf(press->body, sizeof press->body, "%s", body.failed ? "{}" : body.bytes);
    text_free(&body);
}

void mqtt_take_emergency(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_address *from)
{
    char when[FORM_INSTANT_SIZE] = "";
    struct mqtt_press *press = begin(server, device, from, "emergency");
    if (press == NULL) {
        return;
    }
    server->figures.emergencies += 1;
    LOG(LOG_WARNING, "gateway", "a crew has pressed the emergency button", LOG_NUMBER("unit", device->unit));
    (void)form_instant_text(mqtt_time(server, server->message.at, PRESS_AGE_MAX_S), when);
    write_emergency(press, &server->message, when);
    tell(press);
}
