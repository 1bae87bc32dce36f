/* The line to brokers that the test plays: what it says to them is held against the standard (OASIS MQTT 5.0; its sections are
 * named) and docs/mqtt.md. */
#include "gateway/mqtt_line.h"

#include "gateway/played_broker_test.h"

#include "base/check.h"

enum { ARRIVALS_MAX = 8, DAY_S = 86400, PAYLOAD_MAX = 64 * 1024 };

struct arrived {
    char topic[256], text[256], response[256];
    int qos;
    bool has_response, has_correlation;
    uint8_t correlation[MQTT_CORRELATION_MAX];
    size_t correlation_length;
};

struct scene {
    struct played played;
    struct broker *broker, *other;
    struct mqtt_brokers brokers;
    struct mqtt_line *line;
    struct arrived arrivals[ARRIVALS_MAX];
    int arrival_count, connected, wills, rooms;
    int wanted; /* of what is waited for */
};

static const char *no_centre(void *context, const char *request, const char *body)
{
    (void)context, (void)request, (void)body;
    return "";
}

static void connected(void *context) { ((struct scene *)context)->connected += 1; }
static void has_room(void *context) { ((struct scene *)context)->rooms += 1; }

static const char *will(void *context)
{
    ((struct scene *)context)->wills += 1;
    return "{\"state\":\"offline\"}";
}

static void arrived(void *context, const struct mqtt_arrival *arrival)
{
    struct scene *scene = context;
    assert_true(scene->arrival_count < ARRIVALS_MAX);
    struct arrived *kept = &scene->arrivals[scene->arrival_count++];
    *kept = (struct arrived){ .qos = arrival->qos,
                              .has_response = arrival->response_topic != NULL,
                              .has_correlation = arrival->correlation != NULL,
                              .correlation_length = arrival->correlation_length };
    (void)snprintf(kept->topic, sizeof kept->topic, "%s", arrival->topic);
    (void)snprintf(kept->text, sizeof kept->text, "%.*s", (int)arrival->length, (const char *)arrival->bytes);
    (void)snprintf(kept->response, sizeof kept->response, "%s", kept->has_response ? arrival->response_topic : "");
    if (kept->has_correlation) {
        memcpy(kept->correlation, arrival->correlation, arrival->correlation_length);
    }
}

/* So many of two brokers are in the list. */
static void begin(struct scene *scene, uint32_t count)
{
    struct error error;
    *scene = (struct scene){ .wanted = 0 };
    played_begin(&scene->played, no_centre, scene);
    scene->broker = broker_begin(&scene->played);
    scene->other = broker_begin(&scene->played);
    broker_list(&scene->brokers, scene->broker, "first");
    broker_list(&scene->brokers, scene->other, "second");
    scene->brokers.count = count;
    const struct mqtt_line_setup setup = { .base = scene->played.base,
                                           .brokers = &scene->brokers,
                                           .client = "mingdi-centre",
                                           .user = "mingdi-gateway",
                                           .password = "secret",
                                           .filters = { "mingdi/centre/+/position", "mingdi/centre/+/status" },
                                           .watched = "mingdi/centre/gateway/state",
                                           .will_topic = "mingdi/centre/gateway/state",
                                           .will = will,
                                           .connected = connected,
                                           .arrived = arrived,
                                           .has_room = has_room,
                                           .context = scene };
    assert_int_equal(mqtt_line_create(&setup, &scene->line, &error), STATUS_OK);
    assert_false(mqtt_line_is_up(scene->line));
    mqtt_line_follow(scene->line);
}

static void end(struct scene *scene)
{
    mqtt_line_destroy(scene->line);
    broker_end(scene->broker);
    broker_end(scene->other);
    played_end(&scene->played);
}

static bool is_connected(const void *context)
{
    const struct scene *scene = context;
    return scene->connected >= scene->wanted;
}

static bool has_published(const void *context)
{
    const struct scene *scene = context;
    return scene->broker->count >= scene->wanted;
}

static bool has_arrived(const void *context)
{
    const struct scene *scene = context;
    return scene->arrival_count >= scene->wanted && scene->broker->pubacks >= 2;
}

static bool is_down(const void *context) { return !mqtt_line_is_up(((const struct scene *)context)->line); }
static bool none_waits(const void *context) { return mqtt_line_figures(((const struct scene *)context)->line).waiting == 0; }
static bool was_told_of_room(const void *context) { return ((const struct scene *)context)->rooms > 0; }
static bool has_left(const void *context) { return ((const struct scene *)context)->broker->disconnects > 0; }

static void wait_for(struct scene *scene, bool (*holds)(const void *context), int wanted)
{
    scene->wanted = wanted;
    played_until(&scene->played, holds, scene);
}

static bool publish(struct scene *scene, const char *topic, const char *text, int qos)
{
    const struct mqtt_outgoing outgoing = { .topic = topic, .bytes = text, .length = strlen(text), .qos = qos };
    return mqtt_line_publish(scene->line, &outgoing);
}

/* 3.1: version 5, a session that outlasts the line by a day, a will that is retained; 3.8.3.1: QoS 1, nothing that was retained
 * before. */
static void how_a_broker_is_reached(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 1);
    assert_false(publish(&scene, "t", "before", 0));
    wait_for(&scene, is_connected, 1);
    const struct broker *broker = scene.broker;
    assert_true(mqtt_line_is_up(scene.line));
    assert_string_equal(mqtt_line_figures(scene.line).broker, "first");
    assert_string_equal(broker->protocol, "MQTT");
    assert_int_equal(broker->version, 5);
    assert_int_equal(broker->flags,
                     128 | 64 | 32 | 1 << 3 | 4); /* user, password, will: retained, QoS 1, there; no clean start */
    assert_true(broker->keep_alive > 0 && broker->keep_alive <= 60); /* a state older than a minute is none */
    assert_int_equal(broker->connect_properties.session_expiry, DAY_S);
    assert_true(broker->connect_properties.packet_max > PAYLOAD_MAX);
    assert_true(broker->connect_properties.is_there[0x21] && broker->connect_properties.receive_max > 0);
    assert_string_equal(broker->client, "mingdi-centre");
    assert_string_equal(broker->user, "mingdi-gateway");
    assert_string_equal(broker->password, "secret");
    assert_string_equal(broker->will_topic, "mingdi/centre/gateway/state");
    assert_string_equal(broker->will, "{\"state\":\"offline\"}");
    assert_int_equal(broker->filter_count, 3);
    assert_string_equal(broker->filters[0], "mingdi/centre/+/position");
    assert_string_equal(broker->filters[1], "mingdi/centre/+/status");
    assert_string_equal(broker->filters[2], "mingdi/centre/gateway/state");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(broker->filter_options[i], 1 | 1 << 2 | 2 << 4); /* and nothing of one's own */
    }
    end(&scene);
}

static void what_is_published(void **state)
{
    (void)state;
    static const uint8_t correlation[] = { 0, 255, '7' };
    struct scene scene;
    begin(&scene, 1);
    wait_for(&scene, is_connected, 1);
    struct mqtt_outgoing order = { .topic = "a/order", .bytes = "{}", .length = 2, .qos = 1, .is_retained = true };
    order.expires_s = 7200;
    assert_true(mqtt_line_publish(scene.line, &order));
    const struct mqtt_outgoing none = { .topic = "a/none", .qos = 1, .is_retained = true };
    assert_true(mqtt_line_publish(scene.line, &none));
    const struct mqtt_outgoing reply = {
        .topic = "a/reply", .bytes = "yes", .length = 3, .correlation = correlation, .correlation_length = sizeof correlation
    };
    assert_true(mqtt_line_publish(scene.line, &reply));
    wait_for(&scene, has_published, 3);
    wait_for(&scene, none_waits, 0);
    const struct broker_publication *told = broker_newest(scene.broker, "a/order");
    assert_true(told->qos == 1 && told->is_retained && told->properties.is_there[0x02] && told->properties.is_there[0x03]);
    assert_int_equal(told->properties.message_expiry, 7200);
    assert_string_equal(told->properties.content_type, "application/json");
    assert_string_equal(told->text, "{}");
    told = broker_newest(scene.broker, "a/none"); /* 3.3.1.3: an empty payload takes away what was retained */
    assert_true(told->length == 0 && told->is_retained && !told->properties.is_there[0x02] && !told->properties.is_there[0x03]);
    told = broker_newest(scene.broker, "a/reply");
    assert_true(told->qos == 0 && !told->is_retained && !told->properties.is_there[0x02]);
    assert_int_equal(told->properties.correlation_length, sizeof correlation);
    assert_memory_equal(told->properties.correlation, correlation, sizeof correlation);
    assert_int_equal(mqtt_line_figures(scene.line).published, 3);
    assert_int_equal(mqtt_line_figures(scene.line).denied, 0);
    scene.broker->puback = 0x87; /* not authorized, 3.4.2.1 */
    assert_true(publish(&scene, "b", "x", 1));
    wait_for(&scene, has_published, 4);
    wait_for(&scene, none_waits, 0);
    assert_int_equal(mqtt_line_figures(scene.line).denied, 1);
    assert_true(mqtt_line_is_up(scene.line));
    end(&scene);
}

static void what_arrives(void **state)
{
    (void)state;
    struct scene scene;
    char longer[MQTT_CORRELATION_MAX + 1];
    begin(&scene, 1);
    wait_for(&scene, is_connected, 1);
    memset(longer, 'c', sizeof longer);
    broker_gives(scene.broker, "mingdi/centre/p/position", "{\"a\":1}", 0, NULL, NULL, 0);
    broker_gives(scene.broker, "mingdi/centre/p/status", "second", 7, "mingdi/centre/p/reply/x", longer, MQTT_CORRELATION_MAX);
    broker_gives(scene.broker, "mingdi/centre/p/status", "", 8, NULL, longer, sizeof longer);
    wait_for(&scene, has_arrived, 3);
    const struct arrived *first = &scene.arrivals[0], *second = &scene.arrivals[1], *third = &scene.arrivals[2];
    assert_string_equal(first->topic, "mingdi/centre/p/position");
    assert_string_equal(first->text, "{\"a\":1}");
    assert_true(first->qos == 0 && !first->has_response && !first->has_correlation);
    assert_string_equal(second->text, "second");
    assert_string_equal(second->response, "mingdi/centre/p/reply/x");
    assert_true(second->qos == 1 && second->has_correlation);
    assert_int_equal(second->correlation_length, MQTT_CORRELATION_MAX);
    assert_memory_equal(second->correlation, longer, MQTT_CORRELATION_MAX);
    assert_string_equal(third->text, "");
    assert_true(!third->has_correlation && third->correlation_length == 0);
    assert_int_equal(scene.broker->pubacks, 2); /* of QoS 1, 4.3.2 */
    assert_int_equal(scene.broker->last_puback, 8);
    assert_int_equal(mqtt_line_figures(scene.line).arrived, 3);
    end(&scene);
}

/* 3.2.2.2, 3.9.3: reasons from 0x80 on are refusals. */
static void a_broker_that_refuses_is_passed_over(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 2);
    scene.broker->connack = 0x87;
    wait_for(&scene, is_connected, 1);
    assert_string_equal(mqtt_line_figures(scene.line).broker, "second");
    assert_int_equal(scene.broker->subscribes, 0);
    end(&scene);
    begin(&scene, 2);
    scene.broker->suback = 0x87;
    wait_for(&scene, is_connected, 1);
    assert_string_equal(mqtt_line_figures(scene.line).broker, "second");
    assert_int_equal(scene.broker->subscribes, 1);
    end(&scene);
    begin(&scene, 1);
    scene.broker->watched = 0x87; /* without that one the broker is of use */
    wait_for(&scene, is_connected, 1);
    end(&scene);
}

static void a_line_that_breaks_is_dialled_anew(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 2);
    wait_for(&scene, is_connected, 1);
    scene.broker->is_mute = true;
    assert_true(publish(&scene, "a", "lost", 1));
    wait_for(&scene, has_published, 1);
    broker_cut(scene.broker);
    wait_for(&scene, is_down, 0);
    assert_false(publish(&scene, "a", "nobody is there", 1));
    wait_for(&scene, is_connected, 2);
    assert_string_equal(mqtt_line_figures(scene.line).broker, "second");
    assert_int_equal(mqtt_line_figures(scene.line).waiting,
                     0); /* what the first one did not take is the publisher's to say again */
    assert_int_equal(scene.other->count, 0);
    assert_true(scene.wills >= 2);
    assert_int_equal(scene.other->flags & 2, 0); /* its session goes on there too */
    end(&scene);
}

static void no_more_than_there_is_room_for(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 1);
    wait_for(&scene, is_connected, 1);
    scene.broker->is_mute = true;
    for (int i = 0; i < MQTT_LINE_OUT_MAX; i++) {
        assert_true(publish(&scene, "a", "x", 1));
    }
    assert_false(publish(&scene, "a", "one more", 1));
    assert_int_equal(mqtt_line_figures(scene.line).waiting, MQTT_LINE_OUT_MAX);
    assert_int_equal(mqtt_line_figures(scene.line).no_room, 1);
    wait_for(&scene, has_published, 1000); /* at once: a reply does not wait for those before it */
    broker_acknowledge_all(scene.broker);
    wait_for(&scene, has_published, MQTT_LINE_OUT_MAX);
    wait_for(&scene, none_waits, 0);
    wait_for(&scene, was_told_of_room, 0);
    assert_int_equal(scene.broker->count, MQTT_LINE_OUT_MAX);
    assert_true(publish(&scene, "a", "x", 1));
    end(&scene);
}

/* 3.3.4: who has as many that are not acknowledged as it takes is given no more. */
static void what_a_broker_takes_at_once(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 1);
    scene.broker->receive_max = 3;
    wait_for(&scene, is_connected, 1);
    scene.broker->is_mute = true;
    for (int i = 0; i < 10; i++) {
        assert_true(publish(&scene, "a", "x", 1));
    }
    assert_true(publish(&scene, "b", "x", 0)); /* behind what was sent of them */
    wait_for(&scene, has_published, 4);
    assert_int_equal(scene.broker->owed_count, 3);
    broker_acknowledge_all(scene.broker);
    wait_for(&scene, has_published, 11);
    wait_for(&scene, none_waits, 0);
    end(&scene);
}

/* 3.14.2.1: with 0x04 the broker publishes the will. */
static void leave_is_taken(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 1);
    wait_for(&scene, is_connected, 1);
    mqtt_line_leave(scene.line);
    wait_for(&scene, has_left, 0);
    assert_int_equal(scene.broker->disconnect_reason, 0x04);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_a_broker_is_reached),
        cmocka_unit_test(what_is_published),
        cmocka_unit_test(what_arrives),
        cmocka_unit_test(a_broker_that_refuses_is_passed_over),
        cmocka_unit_test(a_line_that_breaks_is_dialled_anew),
        cmocka_unit_test(no_more_than_there_is_room_for),
        cmocka_unit_test(what_a_broker_takes_at_once),
        cmocka_unit_test(leave_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
