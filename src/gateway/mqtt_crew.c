/* What the crew presses. A stage is about a mission that the terminal names, so that a press which comes late, or again after
 * the mission has ended, is of that mission and of no other. Whether it is the unit's own the stream tells; else the centre is
 * asked.
 *
 * After a later stage the centre refuses an earlier one. So of a unit one press is told at a time, in the order in which they
 * came, and one that was not told takes with it those behind it. Emergencies wait for nothing. */
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
    JSON_BYTE_MAX = 6, /* a byte of text becomes at most \u0001 */
};

/* To the seats it is a message of the crew's. */
static const char EMERGENCY_TITLE[] = "【紧急】终端紧急报警 / EMERGENCY";

enum { BODY_MAX = sizeof EMERGENCY_TITLE + 2 + JSON_BYTE_MAX * MQTT_TEXT_SIZE + 128 };

/* One that the centre was told of and has not answered yet. */
struct mqtt_press {
    struct mqtt_press *next;
    struct mqtt_server *server;
    struct mqtt_address to;
    uint32_t unit, mission; /* 0: of none */
    bool is_emergency;
    bool is_message; /* what is asked about first: a message, not a mission */
    char key[KEY_TEXT_SIZE], path[48], body[BODY_MAX];
    char question[48]; /* the path that tells whose it is; "": the unit's own */
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

static void drop_press(struct mqtt_press *press)
{
    struct mqtt_press **at = &press->server->presses;
    while (*at != press) {
        at = &(*at)->next;
    }
    *at = press->next;
    press->server->press_count -= 1;
    free(press);
}

/* The one that is told now; the others of the unit wait. */
static struct mqtt_press *oldest_of(const struct mqtt_server *server, uint32_t unit)
{
    struct mqtt_press *press = server->presses;
    while (press != NULL && (press->is_emergency || press->unit != unit)) {
        press = press->next;
    }
    return press;
}

static void start(struct mqtt_press *press);

/* The centre has spoken about it: it is the next one's turn. */
static void end_press(struct mqtt_press *press)
{
    struct mqtt_server *server = press->server;
    uint32_t unit = press->unit;
    bool is_emergency = press->is_emergency;
    drop_press(press);
    struct mqtt_press *next = is_emergency ? NULL : oldest_of(server, unit);
    if (next != NULL) {
        start(next);
    }
}

/* It was not told, so none behind it may be; the terminal repeats them all. */
static void give_up(struct mqtt_press *press, bool has_room)
{
    struct mqtt_server *server = press->server;
    uint32_t unit = press->unit;
    bool is_emergency = press->is_emergency;
    do {
        if (!has_room) {
            mqtt_reply(server, &press->to, MQTT_AGAIN, "no_room", NULL);
        }
        drop_press(press);
        press = is_emergency ? NULL : oldest_of(server, unit);
    } while (press != NULL);
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
    if (answer->outcome == GATEWAY_SILENT) {
        give_up(press, true);
        return;
    }
    if (button_counts(answer)) {
        mqtt_reply(press->server, &press->to, MQTT_DONE, NULL, NULL);
    } else {
        const char *problem = gateway_problem(answer);
        refuse(press, problem[0] != '\0' ? problem : "refused");
    }
    end_press(press);
}

static bool ask(struct mqtt_press *press, const char *path, const char *body, gateway_answered *answered)
{
    const struct gateway_request request = {
        path, body, body != NULL ? strlen(body) : 0, body != NULL ? press->key : NULL, PATIENCE_MS, answered, press
    };
    return gateway_link_ask(press->server->setup.link, &request);
}

static void tell(struct mqtt_press *press)
{
    if (!ask(press, press->path, press->body, told)) {
        give_up(press, false);
    }
}

/* The mission or message as the centre has it: of this unit? */
static void shown(void *context, const struct gateway_answer *answer)
{
    struct mqtt_press *press = context;
    bool is_to_crew = !press->is_message || json_is_true(json_object_get(answer->body, "to_crew"));
    bool is_empty = answer->outcome == GATEWAY_DONE && !json_is_object(answer->body);
    if (answer->outcome == GATEWAY_SILENT || is_empty) {
        give_up(press, true);
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

static void start(struct mqtt_press *press)
{
    bool is_own = press->question[0] == '\0' ||
                  (press->mission != 0 && mqtt_orders_mission(press->server->setup.orders, press->unit) == press->mission);
    if (is_own) {
        tell(press);
    } else if (!ask(press, press->question, NULL, shown)) {
        give_up(press, false);
    }
}

/* In the order in which they came. */
static void append(struct mqtt_server *server, struct mqtt_press *press)
{
    struct mqtt_press **at = &server->presses;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = press;
    server->press_count += 1;
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
    *press = (struct mqtt_press){ .server = server, .to = *from, .unit = device->unit };
    memcpy(press->key, key, sizeof key);
    append(server, press);
    return press;
}

/* ---- buttons ---- */

static void write_of_mission(struct mqtt_press *press, const struct mqtt_message *message, const char *when)
{
    press->mission = message->mission;
    (void)snprintf(press->path, sizeof press->path, "/commands/mission_report");
    (void)snprintf(press->body, sizeof press->body, "{\"mission\":%" PRIu32 ",\"stage\":\"%s\",\"occurred_at\":\"%s\"}",
                   message->mission, message->act, when);
    (void)snprintf(press->question, sizeof press->question, "/missions/%" PRIu32, message->mission);
}

static void write_of_message(struct mqtt_press *press, const struct mqtt_message *message, const char *when)
{
    press->is_message = true;
    (void)snprintf(press->path, sizeof press->path, "/commands/message_read");
    (void)snprintf(press->body, sizeof press->body, "{\"message\":%" PRIu32 ",\"occurred_at\":\"%s\"}", message->message, when);
    (void)snprintf(press->question, sizeof press->question, "/messages/%" PRIu32, message->message);
}

static void write_of_unit(struct mqtt_press *press, const struct mqtt_message *message, const char *when)
{
    (void)snprintf(press->path, sizeof press->path, "/commands/unit_report");
    (void)snprintf(press->body, sizeof press->body, "{\"unit\":%" PRIu32 ",\"what\":\"%s\",\"occurred_at\":\"%s\"}", press->unit,
                   message->act, when);
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
    case BUTTON_ABOUT_MISSION: write_of_mission(press, message, when); break;
    case BUTTON_ABOUT_MESSAGE: write_of_message(press, message, when); break;
    case BUTTON_ABOUT_UNIT: write_of_unit(press, message, when); break;
    case BUTTON_ABOUT_NOTHING: UNREACHABLE();
    }
    if (oldest_of(server, press->unit) == press) {
        start(press);
    }
}

/* ---- the emergency button ---- */

/* False: no memory. */
static bool write_emergency(struct mqtt_press *press, const struct mqtt_message *message, const char *when)
{
    char text[sizeof EMERGENCY_TITLE + MQTT_TEXT_SIZE + 2];
    struct text body;
    struct json json;
    (void)snprintf(text, sizeof text, "%s%s%s", EMERGENCY_TITLE, message->text[0] != '\0' ? ": " : "", message->text);
    text_init(&body, sizeof press->body - 1);
    json_init(&json, &body, 0);
    json_object_begin(&json, NULL);
    json_int(&json, "unit", press->unit);
    json_text(&json, "text", text);
    json_text(&json, "occurred_at", when);
    json_object_end(&json);
    (void)snprintf(press->path, sizeof press->path, "/messages");
    bool is_written = !body.failed;
    (void)snprintf(press->body, sizeof press->body, "%s", is_written ? body.bytes : "");
    text_free(&body);
    return is_written;
}

void mqtt_take_emergency(struct mqtt_server *server, const struct mqtt_device *device, const struct mqtt_address *from)
{
    char when[FORM_INSTANT_SIZE] = "";
    struct mqtt_press *press = begin(server, device, from, "emergency");
    if (press == NULL) {
        return;
    }
    press->is_emergency = true;
    server->figures.emergencies += 1;
    LOG(LOG_WARNING, "gateway", "a crew has pressed the emergency button", LOG_NUMBER("unit", device->unit));
    (void)form_instant_text(mqtt_time(server, server->message.at, PRESS_AGE_MAX_S), when);
    if (write_emergency(press, &server->message, when)) {
        tell(press);
    } else {
        give_up(press, false);
    }
}
