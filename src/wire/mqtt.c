#include "wire/mqtt.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "wire/form.h"
#include "wire/parse.h"

const char *const MQTT_KIND_NAMES[MQTT_KIND_COUNT] = {
    [MQTT_POSITION] = "position", [MQTT_BATCH] = "batch", [MQTT_STATUS] = "status", [MQTT_EMERGENCY] = "emergency"
};

static const char PREFIX[] = "mingdi/";
static const int64_t SEQUENCE_MAX = (1LL << 53) - 1; /* what a number of JSON holds everywhere */

/* ---- topics ---- */

static bool is_name_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '.' || letter == '_' || letter == '-';
}

static size_t name_length(const char *name)
{
    size_t length = 0;
    while (is_name_letter(name[length])) {
        length++;
    }
    return length;
}

bool mqtt_name_is_sound(const char *name)
{
    size_t length = name_length(name);
    return length > 0 && length < MQTT_NAME_SIZE && name[length] == '\0';
}

/* What follows "mingdi/CENTRE/"; NULL: it does not begin so. */
static const char *behind_centre(const char *topic, const char *centre)
{
    size_t prefix = sizeof PREFIX - 1, length = strlen(centre);
    bool is_ours = strncmp(topic, PREFIX, prefix) == 0 && strncmp(topic + prefix, centre, length) == 0 &&
                   topic[prefix + length] == '/';
    return is_ours ? topic + prefix + length + 1 : NULL;
}

bool mqtt_topic_read(const char *topic, const char *centre, struct mqtt_topic *read)
{
    const char *device = behind_centre(topic, centre);
    size_t length = device != NULL ? name_length(device) : 0;
    if (length == 0 || length >= MQTT_NAME_SIZE || device[length] != '/') {
        return false;
    }
    for (int kind = 0; kind < MQTT_KIND_COUNT; kind++) {
        if (strcmp(device + length + 1, MQTT_KIND_NAMES[kind]) == 0) {
            read->kind = (enum mqtt_kind)kind;
            memcpy(read->device, device, length);
            read->device[length] = '\0';
            return true;
        }
    }
    return false;
}

bool mqtt_topic_is_reply(const char *topic, const char *centre, const char *device)
{
    static const char reply[] = "/reply";
    const char *at = behind_centre(topic, centre);
    size_t length = strlen(device);
    if (at == NULL || strlen(topic) >= MQTT_TOPIC_SIZE || strncmp(at, device, length) != 0 ||
        strncmp(at + length, reply, sizeof reply - 1) != 0) {
        return false;
    }
    for (at += length + sizeof reply - 1; *at != '\0'; at += name_length(at + 1) + 1) {
        if (*at != '/' || name_length(at + 1) == 0) {
            return false;
        }
    }
    return true;
}

/* ---- payloads ---- */

static enum status read_number(json_t *root, struct mqtt_message *message, struct error *error)
{
    const char *epoch = NULL;
    int64_t sequence = 0;
    TRY(wire_text(root, (struct wire_member){ "epoch", false }, MQTT_EPOCH_SIZE, &epoch, error));
    TRY(wire_int(root, (struct wire_member){ "sequence", false }, 0, SEQUENCE_MAX, &sequence, error));
    if (!mqtt_name_is_sound(epoch)) {
        return ERROR(error, STATUS_BAD_INPUT, "epoch must be 1 to 32 of the letters A-Z a-z 0-9 . _ -");
    }
    (void)snprintf(message->epoch, sizeof message->epoch, "%s", epoch);
    message->sequence = (uint64_t)sequence;
    message->is_numbered = true;
    return STATUS_OK;
}

static enum status read_instant(json_t *object, struct instant *at, struct error *error)
{
    const char *text = NULL;
    TRY(wire_text(object, (struct wire_member){ "occurred_at", false }, 64, &text, error));
    return form_instant_read(text, strlen(text), at)
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "occurred_at must be a date and time like 2026-11-22T08:30:00Z");
}

static enum status read_fix(json_t *object, struct mqtt_fix *fix, struct error *error)
{
    const json_t *lon = json_object_get(object, "lon"), *lat = json_object_get(object, "lat");
    if (!json_is_number(lon) || !json_is_number(lat) ||
        !geo_point_from_degrees(json_number_value(lon), json_number_value(lat), &fix->point)) {
        return ERROR(error, STATUS_BAD_INPUT, "lon and lat must be degrees of WGS-84");
    }
    if (fix->point.lon_e7 == 0 && fix->point.lat_e7 == 0) {
        return ERROR(error, STATUS_BAD_INPUT, "lon 0, lat 0 is no position but a receiver without one");
    }
    return read_instant(object, &fix->at, error);
}

static enum status read_batch(json_t *root, struct mqtt_message *message, struct error *error)
{
    json_t *positions = json_object_get(root, "positions");
    size_t count = json_array_size(positions);
    if (count == 0 || count > MQTT_FIXES_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "positions must be an array of 1 to %d", MQTT_FIXES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        struct error inner = { .text = "" };
        if (read_fix(json_array_get(positions, i), &message->fixes[i], &inner) != STATUS_OK) {
            return ERROR(error, STATUS_BAD_INPUT, "position %zu: %s", i + 1, inner.text);
        }
    }
    message->count = (uint32_t)count;
    return STATUS_OK;
}

static enum status read_id(json_t *root, const char *name, uint32_t *id, struct error *error)
{
    int64_t value = 0;
    TRY(wire_int(root, (struct wire_member){ name, true }, 1, UINT32_MAX, &value, error));
    *id = (uint32_t)value;
    return STATUS_OK;
}

static enum status read_status(json_t *root, struct mqtt_message *message, struct error *error)
{
    const char *act = NULL;
    TRY(wire_text(root, (struct wire_member){ "act", false }, MQTT_ACT_SIZE, &act, error));
    TRY(read_id(root, "mission", &message->mission, error));
    TRY(read_id(root, "message", &message->message, error));
    (void)snprintf(message->act, sizeof message->act, "%s", act);
    return read_instant(root, &message->at, error);
}

static enum status read_emergency(json_t *root, struct mqtt_message *message, struct error *error)
{
    const char *text = "";
    TRY(wire_text(root, (struct wire_member){ "text", true }, MQTT_TEXT_SIZE, &text, error));
    (void)snprintf(message->text, sizeof message->text, "%s", text);
    return read_instant(root, &message->at, error);
}

static enum status read_members(enum mqtt_kind kind, json_t *root, struct mqtt_message *message, struct error *error)
{
    TRY(read_number(root, message, error));
    switch (kind) {
    case MQTT_POSITION: message->count = 1; return read_fix(root, &message->fixes[0], error);
    case MQTT_BATCH: return read_batch(root, message, error);
    case MQTT_STATUS: return read_status(root, message, error);
    case MQTT_EMERGENCY: return read_emergency(root, message, error);
    case MQTT_KIND_COUNT: break;
    }
    return ERROR(error, STATUS_BAD_INPUT, "such a message is not known");
}

enum status mqtt_message_read(enum mqtt_kind kind, const void *bytes, size_t length, struct mqtt_message *message,
                              struct error *error)
{
    json_t *root;
    message->is_numbered = false;
    message->sequence = 0;
    message->epoch[0] = message->act[0] = message->text[0] = '\0';
    message->at = INSTANT_NONE;
    message->mission = message->message = message->count = 0;
    if (length > MQTT_PAYLOAD_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "a payload has at most %d bytes", MQTT_PAYLOAD_MAX);
    }
    TRY(wire_parse_object(bytes, length, &root, error));
    enum status status = read_members(kind, root, message, error);
    json_decref(root);
    return status;
}
