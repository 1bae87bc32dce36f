/* Hostile bytes as what a terminal says: the first byte chooses the kind; to the first zero a topic, then the payload. Read or
 * refused with a sentence; what is read is in range, and the number by which it is answered holds nothing that JSON or a topic
 * could trip over. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "wire/form.h"
#include "wire/mqtt.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_topic(const char *topic)
{
    struct mqtt_topic read;
    char again[MQTT_TOPIC_SIZE];
    if (mqtt_topic_read(topic, "centre", &read)) {
        CHECK(mqtt_name_is_sound(read.device) && read.kind < MQTT_KIND_COUNT);
        (void)snprintf(again, sizeof again, "mingdi/centre/%s/%s", read.device, MQTT_KIND_NAMES[read.kind]);
        CHECK(strcmp(again, topic) == 0);
    }
    if (mqtt_topic_is_reply(topic, "centre", "d1")) {
        CHECK(strncmp(topic, "mingdi/centre/d1/reply", 22) == 0 && strpbrk(topic, "+#$") == NULL);
    }
}

static void check_fix(const struct mqtt_fix *fix)
{
    char text[FORM_INSTANT_SIZE];
    CHECK(fix->point.lat_e7 >= -900000000 && fix->point.lat_e7 <= 900000000);
    CHECK(fix->point.lon_e7 >= -1800000000 && fix->point.lon_e7 <= 1800000000);
    CHECK(form_instant_text(fix->at, text));
}

static void check_message(enum mqtt_kind kind, const struct mqtt_message *message)
{
    CHECK(message->is_numbered && message->count <= MQTT_FIXES_MAX);
    CHECK((message->count > 0) == (kind == MQTT_POSITION || kind == MQTT_BATCH));
    for (uint32_t i = 0; i < message->count; i++) {
        check_fix(&message->fixes[i]);
    }
    CHECK(strlen(message->act) < sizeof message->act && strlen(message->text) < sizeof message->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct mqtt_message message;
    struct error error = { .text = "" };
    if (size == 0) {
        return 0;
    }
    enum mqtt_kind kind = (enum mqtt_kind)(bytes[0] % MQTT_KIND_COUNT);
    const uint8_t *end = memchr(bytes + 1, 0, size - 1);
    char *topic = strndup((const char *)bytes + 1, end != NULL ? (size_t)(end - bytes) - 1 : 0);
    CHECK(topic != NULL);
    check_topic(topic);
    free(topic);
    const uint8_t *payload = end != NULL ? end + 1 : bytes + 1;
    if (mqtt_message_read(kind, payload, size - (size_t)(payload - bytes), &message, &error) == STATUS_OK) {
        check_message(kind, &message);
    } else {
        CHECK(error.text[0] != '\0');
    }
    CHECK(!message.is_numbered || mqtt_name_is_sound(message.epoch));
    return 0;
}
