/* Topics and payloads as docs/mqtt.md has them. */
#include "wire/mqtt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/form.h"

static struct mqtt_message message;
static struct error error;

static enum status read_text(enum mqtt_kind kind, const char *text)
{
    error.text[0] = '\0';
    return mqtt_message_read(kind, text, strlen(text), &message, &error);
}

static void refuse(enum mqtt_kind kind, const char *text, const char *why)
{
    assert_int_not_equal(read_text(kind, text), STATUS_OK);
    if (strstr(error.text, why) == NULL) {
        fail_msg("%s: \"%s\" is not in \"%s\"", text, why, error.text);
    }
}

static void assert_instant(struct instant at, const char *expected)
{
    char text[FORM_INSTANT_SIZE];
    assert_true(form_instant_text(at, text));
    assert_string_equal(text, expected);
}

#define NUMBERED "\"epoch\":\"k3J9x\",\"sequence\":17,"
#define AT "\"occurred_at\":\"2026-11-22T16:30:00.5+08:00\""

static void topics_of_this_centre(void **state)
{
    (void)state;
    struct mqtt_topic topic;
    assert_true(mqtt_topic_read("mingdi/wuhan/phone-12/status", "wuhan", &topic));
    assert_int_equal(topic.kind, MQTT_STATUS);
    assert_string_equal(topic.device, "phone-12");
    static const char *const others[] = { "",
                                          "mingdi",
                                          "mingdi/wuhan",
                                          "mingdi/wuhan/",
                                          "mingdi/wuhan/p",
                                          "mingdi/wuhan//status",
                                          "mingdi/wuhan/p/order",
                                          "mingdi/wuhan/p/status/x",
                                          "mingdi/wuhan/p/",
                                          "mingdi/wuhan2/p/status",
                                          "mingdi/wuha/p/status",
                                          "Mingdi/wuhan/p/status",
                                          "mingdi/wuhan/a b/status",
                                          "mingdi/wuhan/é/status" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(mqtt_topic_read(others[i], "wuhan", &topic));
    }
}

static void names_of_64_letters(void **state)
{
    (void)state;
    char topic[MQTT_TOPIC_SIZE], name[MQTT_NAME_SIZE + 1];
    struct mqtt_topic read;
    memset(name, 'x', sizeof name);
    name[64] = '\0';
    assert_true(mqtt_name_is_sound(name));
    (void)snprintf(topic, sizeof topic, "mingdi/c/%s/batch", name);
    assert_true(mqtt_topic_read(topic, "c", &read));
    name[64] = 'x';
    name[65] = '\0';
    assert_false(mqtt_name_is_sound(name));
    (void)snprintf(topic, sizeof topic, "mingdi/c/%s/batch", name);
    assert_false(mqtt_topic_read(topic, "c", &read));
    assert_false(mqtt_name_is_sound(""));
    assert_false(mqtt_name_is_sound("a+"));
    assert_false(mqtt_name_is_sound("#"));
    assert_true(mqtt_name_is_sound("A.z_0-9"));
}

static void replies_stay_with_who_asked(void **state)
{
    (void)state;
    assert_true(mqtt_topic_is_reply("mingdi/c/p/reply", "c", "p"));
    assert_true(mqtt_topic_is_reply("mingdi/c/p/reply/a/b", "c", "p"));
    static const char *const others[] = { "mingdi/c/p",
                                          "mingdi/c/p/order",
                                          "mingdi/c/q/reply",
                                          "mingdi/c/pp/reply",
                                          "mingdi/c/p/replyx",
                                          "mingdi/c/p/reply/",
                                          "mingdi/c/p/reply//a",
                                          "mingdi/c/p/reply/+",
                                          "mingdi/c/p/reply/a/#",
                                          "mingdi/d/p/reply",
                                          "mingdi/c/p/reply/../../q/order",
                                          "x" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bool goes_up = strstr(others[i], "..") != NULL; /* ".." is a name like any other: it is below the device's own */
        assert_int_equal(mqtt_topic_is_reply(others[i], "c", "p"), goes_up);
    }
    char topic[2 * MQTT_TOPIC_SIZE] = "mingdi/c/p/reply/";
    memset(topic + strlen(topic), 'x', MQTT_TOPIC_SIZE);
    assert_false(mqtt_topic_is_reply(topic, "c", "p"));
}

static void a_position(void **state)
{
    (void)state;
    assert_int_equal(read_text(MQTT_POSITION, "{" NUMBERED AT ",\"lon\":-121.4700001,\"lat\":31,\"speed_kmh\":40}"), STATUS_OK);
    assert_true(message.is_numbered);
    assert_string_equal(message.epoch, "k3J9x");
    assert_int_equal(message.sequence, 17);
    assert_int_equal(message.count, 1);
    assert_int_equal(message.fixes[0].point.lon_e7, -1214700001);
    assert_int_equal(message.fixes[0].point.lat_e7, 310000000);
    assert_instant(message.fixes[0].at, "2026-11-22T08:30:00.500000Z");
    assert_int_equal(read_text(MQTT_POSITION, "{\"epoch\":\"e\",\"sequence\":9007199254740991," AT ",\"lon\":180,\"lat\":-90}"),
                     STATUS_OK);
    assert_int_equal(message.sequence, 9007199254740991);
}

static void a_batch(void **state)
{
    (void)state;
    assert_int_equal(
        read_text(MQTT_BATCH, "{" NUMBERED "\"positions\":[{" AT ",\"lon\":1,\"lat\":2},{" AT ",\"lon\":3,\"lat\":4}]}"),
        STATUS_OK);
    assert_int_equal(message.count, 2);
    assert_int_equal(message.fixes[1].point.lon_e7, 30000000);
    refuse(MQTT_BATCH, "{" NUMBERED "\"positions\":[]}", "1 to 500");
    refuse(MQTT_BATCH, "{" NUMBERED "\"positions\":{}}", "1 to 500");
    refuse(MQTT_BATCH, "{" NUMBERED "\"positions\":[{" AT ",\"lon\":1,\"lat\":2},{" AT ",\"lon\":1}]}",
           "position 2: lon and lat");
    assert_int_equal(message.count, 0);
}

/* As many as there may be, and one more. */
static void a_batch_of_the_greatest_length(void **state)
{
    (void)state;
    for (int count = MQTT_FIXES_MAX; count <= MQTT_FIXES_MAX + 1; count++) {
        char *text = malloc(MQTT_PAYLOAD_MAX);
        assert_non_null(text);
        int length = snprintf(text, MQTT_PAYLOAD_MAX, "{" NUMBERED "\"positions\":[");
        for (int i = 0; i < count; i++) {
            length += snprintf(text + length, MQTT_PAYLOAD_MAX - (size_t)length, "%s{" AT ",\"lon\":1,\"lat\":2}",
                               i > 0 ? "," : "");
        }
        length += snprintf(text + length, MQTT_PAYLOAD_MAX - (size_t)length, "]}");
        assert_true(length < MQTT_PAYLOAD_MAX);
        assert_int_equal(read_text(MQTT_BATCH, text) == STATUS_OK, count == MQTT_FIXES_MAX);
        free(text);
    }
}

static void a_press_and_an_emergency(void **state)
{
    (void)state;
    assert_int_equal(read_text(MQTT_STATUS, "{" NUMBERED AT ",\"act\":\"depart\",\"mission\":4294967295}"), STATUS_OK);
    assert_string_equal(message.act, "depart");
    assert_int_equal(message.mission, UINT32_MAX);
    assert_int_equal(message.message, 0);
    assert_instant(message.at, "2026-11-22T08:30:00.500000Z");
    assert_int_equal(read_text(MQTT_EMERGENCY, "{" NUMBERED AT ",\"text\":\"\\u5bb6\"}"), STATUS_OK);
    assert_string_equal(message.text, "家");
    assert_string_equal(message.act, "");
    assert_int_equal(read_text(MQTT_EMERGENCY, "{" NUMBERED AT "}"), STATUS_OK);
    assert_string_equal(message.text, "");
    refuse(MQTT_STATUS, "{" NUMBERED AT "}", "act is missing");
    refuse(MQTT_STATUS, "{" NUMBERED AT ",\"act\":\"depart\",\"mission\":0}", "mission");
    refuse(MQTT_STATUS, "{" NUMBERED AT ",\"act\":\"depart\",\"mission\":4294967296}", "mission");
    refuse(MQTT_STATUS, "{" NUMBERED AT ",\"act\":\"a word that is longer than thirty-one bytes\"}", "act must be");
    refuse(MQTT_STATUS, "{" NUMBERED "\"act\":\"depart\",\"mission\":1}", "occurred_at is missing");
}

static void what_is_wrong_is_told_with_the_number_where_there_is_one(void **state)
{
    (void)state;
    refuse(MQTT_POSITION, "{" NUMBERED AT ",\"lon\":181,\"lat\":2}", "lon and lat");
    assert_true(message.is_numbered && message.sequence == 17);
    refuse(MQTT_POSITION, "{" NUMBERED AT ",\"lon\":\"1\",\"lat\":2}", "lon and lat");
    refuse(MQTT_POSITION, "{" NUMBERED AT ",\"lon\":0,\"lat\":0}", "no position");
    refuse(MQTT_POSITION, "{" NUMBERED "\"occurred_at\":\"yesterday\",\"lon\":1,\"lat\":2}", "occurred_at must be");
    refuse(MQTT_POSITION, "{\"epoch\":\"e\",\"sequence\":-1}", "sequence");
    assert_false(message.is_numbered);
    refuse(MQTT_POSITION, "{\"epoch\":\"e\",\"sequence\":9007199254740992}", "sequence");
    refuse(MQTT_POSITION, "{\"epoch\":\"e\",\"sequence\":1.5}", "sequence");
    refuse(MQTT_POSITION, "{\"epoch\":\"e f\",\"sequence\":1}", "epoch must be");
    refuse(MQTT_POSITION, "{\"epoch\":\"\",\"sequence\":1}", "epoch must be");
    refuse(MQTT_POSITION, "{\"epoch\":\"123456789012345678901234567890123\",\"sequence\":1}", "epoch");
    refuse(MQTT_POSITION, "{\"sequence\":1}", "epoch is missing");
    refuse(MQTT_POSITION, "[]", "object");
    refuse(MQTT_POSITION, "", "empty");
    refuse(MQTT_POSITION, "{", "JSON");
    refuse(MQTT_POSITION, "{\"epoch\":\"a\",\"epoch\":\"b\"}", "twice");
}

static void a_payload_that_is_too_large(void **state)
{
    (void)state;
    char *text = malloc(MQTT_PAYLOAD_MAX + 2);
    assert_non_null(text);
    memset(text, ' ', MQTT_PAYLOAD_MAX + 1);
    text[MQTT_PAYLOAD_MAX + 1] = '\0';
    refuse(MQTT_POSITION, text, "at most 65536 bytes");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topics_of_this_centre),
        cmocka_unit_test(names_of_64_letters),
        cmocka_unit_test(replies_stay_with_who_asked),
        cmocka_unit_test(a_position),
        cmocka_unit_test(a_batch),
        cmocka_unit_test(a_batch_of_the_greatest_length),
        cmocka_unit_test(a_press_and_an_emergency),
        cmocka_unit_test(what_is_wrong_is_told_with_the_number_where_there_is_one),
        cmocka_unit_test(a_payload_that_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
