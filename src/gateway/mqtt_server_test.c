/* Terminals of MQTT at the server, over a broker and before a centre that the test plays: what they say is put to the centre, and
 * answered when that has answered, as docs/mqtt.md tells. */
#include "gateway/mqtt_server.h"

#include "gateway/played_broker_test.h"

#include <math.h>

#include "base/check.h"
#include "wire/form.h"

enum { UNIT = 12, OTHER = 13, TOLD_MAX = 32 };

/* What the centre was told, as often as it came. */
struct told {
    char path[48], key[80], body[600];
};

struct scene {
    struct played played;
    struct broker *broker;
    struct mqtt_brokers brokers;
    struct gateway_link *link;
    struct gateway_terminals *terminals;
    struct gateway_positions *positions;
    struct mqtt_orders *orders;
    struct mqtt_line *line;
    struct mqtt_server *server;
    const char *answer, *positions_answer; /* to commands, to positions; "" breaks the connection: it is asked again */
    struct told told[TOLD_MAX];
    int told_count;
    int asked;          /* whose the mission 97 is */
    int replied_before; /* publications of replies when the centre was told last */
    bool is_known, is_connected;
    int64_t wanted; /* what is waited for */
    const char *wanted_topic;
};

/* ---- the centre ---- */

static int replies(const struct broker *broker)
{
    int count = 0;
    for (int i = 0; i < broker->count && i < BROKER_KEPT_MAX; i++) {
        count += strstr(broker->kept[i].topic, "/reply") != NULL;
    }
    return count;
}

static void keep_told(struct scene *scene, const char *request, const char *body)
{
    scene->replied_before = replies(scene->broker);
    struct told *told = &scene->told[scene->told_count++ % TOLD_MAX];
    const char *key = strstr(request, "Idempotency-Key: ");
    (void)snprintf(told->path, sizeof told->path, "%.*s", (int)strcspn(request + 12, " "), request + 12);
    (void)snprintf(told->key, sizeof told->key, "%.*s", key != NULL ? (int)strcspn(key + 17, "\r") : 0,
                   key != NULL ? key + 17 : "");
    (void)snprintf(told->body, sizeof told->body, "%s", body);
}

static const char *answer(void *context, const char *request, const char *body)
{
    struct scene *scene = context;
    if (strncmp(request, "GET /api/v1/terminals?", 22) == 0) {
        return PLAYED("200 OK", "{\"version\":1,\"next\":null,\"items\":["
                                "{\"id\":1,\"kind\":\"mqtt\",\"number\":\"phone-1\",\"unit\":12,\"device\":\"\"},"
                                "{\"id\":2,\"kind\":\"mqtt\",\"number\":\"phone-2\",\"unit\":13,\"device\":\"\"}]}");
    }
    if (strncmp(request, "GET /api/v1/missions/99 ", 24) == 0) {
        return PLAYED("200 OK", "{\"id\":99,\"unit\":13}");
    }
    if (strncmp(request, "GET /api/v1/missions/97 ", 24) == 0) {
        scene->asked += 1;
        return scene->asked == 1 ? PLAYED("200 OK", "") : PLAYED("200 OK", "{\"id\":97,\"unit\":12}");
    }
    if (strncmp(request, "GET /api/v1/messages/7 ", 23) == 0) {
        return PLAYED("200 OK", "{\"id\":7,\"unit\":12,\"to_crew\":true}");
    }
    if (strncmp(request, "GET /api/v1/messages/7/text ", 28) == 0) {
        return PLAYED("200 OK", "{\"message\":7,\"text\":\"请从东门进入\"}");
    }
    if (strncmp(request, "POST /api/v1/unknown_terminals ", 31) == 0 || strncmp(request, "POST ", 5) != 0) {
        return PLAYED("404 No", "{\"name\":\"unknown_entity\"}");
    }
    keep_told(scene, request, body);
    return strncmp(request, "POST /api/v1/positions ", 23) == 0 ? scene->positions_answer : scene->answer;
}

/* ---- the parts, joined as the process joins them ---- */

static void settled(void *context, uint64_t ticket, enum gateway_outcome outcome)
{
    mqtt_server_settled(((struct scene *)context)->server, ticket, outcome);
}
static void order_changed(void *context, uint32_t unit) { mqtt_server_order_changed(((struct scene *)context)->server, unit); }
static void is_due(void *context) { mqtt_server_push(((struct scene *)context)->server); }

static void changed(void *context)
{
    struct scene *scene = context;
    scene->is_known = true;
    mqtt_server_terminals_changed(scene->server);
}

static void connected(void *context)
{
    struct scene *scene = context;
    scene->is_connected = true;
    mqtt_server_connected(scene->server);
}

static void arrived(void *context, const struct mqtt_arrival *arrival)
{
    mqtt_server_take(((struct scene *)context)->server, arrival);
}

static void has_room(void *context)
{
    struct scene *scene = context;
    mqtt_orders_sweep(scene->orders);
    mqtt_server_push(scene->server);
}

static const char *will(void *context) { return mqtt_server_will(((struct scene *)context)->server); }

static bool is_there(const void *context)
{
    const struct scene *scene = context;
    return scene->is_known && scene->is_connected;
}

static void make_line(struct scene *scene, struct error *error)
{
    const struct mqtt_line_setup line = { .base = scene->played.base,
                                          .brokers = &scene->brokers,
                                          .client = "mingdi-centre",
                                          .filters = { "mingdi/centre/+/position" },
                                          .will_topic = "mingdi/centre/gateway/state",
                                          .will = will,
                                          .connected = connected,
                                          .arrived = arrived,
                                          .has_room = has_room,
                                          .context = scene };
    assert_int_equal(mqtt_line_create(&line, &scene->line, error), STATUS_OK);
}

static void begin(struct scene *scene, uint32_t messages_per_s)
{
    struct error error;
    *scene = (struct scene){ .answer = PLAYED("200 OK", "{\"made\":1}"),
                             .positions_answer = PLAYED("200 OK", "{\"refused\":[]}") };
    played_begin(&scene->played, answer, scene);
    scene->broker = broker_begin(&scene->played);
    broker_list(&scene->brokers, scene->broker, "broker");
    scene->link = played_link(&scene->played);
    struct event_base *base = scene->played.base;
    const struct mqtt_orders_setup orders = { scene->link, order_changed, is_due, scene };
    assert_int_equal(mqtt_orders_create(&orders, &scene->orders, &error), STATUS_OK);
    assert_int_equal(gateway_positions_create(base, scene->link, settled, scene, &scene->positions, &error), STATUS_OK);
    assert_int_equal(gateway_terminals_create(base, scene->link, "mqtt", changed, scene, &scene->terminals, &error), STATUS_OK);
    make_line(scene, &error);
    const struct mqtt_server_setup server = { .line = scene->line,
                                              .link = scene->link,
                                              .terminals = scene->terminals,
                                              .positions = scene->positions,
                                              .orders = scene->orders,
                                              .centre = "centre",
                                              .messages_per_s = messages_per_s };
    assert_int_equal(mqtt_server_create(&server, &scene->server, &error), STATUS_OK);
    mqtt_line_follow(scene->line);
    played_until(&scene->played, is_there, scene);
}

static void end(struct scene *scene)
{
    gateway_link_destroy(scene->link);
    mqtt_line_destroy(scene->line);
    mqtt_server_destroy(scene->server);
    gateway_terminals_destroy(scene->terminals);
    gateway_positions_destroy(scene->positions);
    mqtt_orders_destroy(scene->orders);
    broker_end(scene->broker);
    played_end(&scene->played);
}

/* ---- terminals ---- */

static const char *when(int64_t age_s)
{
    static char text[FORM_INSTANT_SIZE];
    assert_true(form_instant_text((struct instant){ clock_wall().us - age_s * US_PER_SECOND }, text));
    return text;
}

/* Under phone-1/leaf; members behind epoch and sequence. */
static void say(struct scene *scene, const char *leaf, int sequence, const char *members)
{
    char topic[128], text[BROKER_TEXT];
    (void)snprintf(topic, sizeof topic, "mingdi/centre/%s", leaf);
    (void)snprintf(text, sizeof text, "{\"epoch\":\"k3J9x\",\"sequence\":%d%s}", sequence, members);
    broker_gives(scene->broker, topic, text, 1, NULL, NULL, 0);
}

static const char *position(int64_t age_s)
{
    static char members[200];
    (void)snprintf(members, sizeof members, ",\"occurred_at\":\"%s\",\"lon\":121.47,\"lat\":31.23", when(age_s));
    return members;
}

static const char *press(const char *act, const char *more)
{
    static char members[200];
    (void)snprintf(members, sizeof members, ",\"occurred_at\":\"%s\",\"act\":\"%s\"%s", when(1), act, more);
    return members;
}

/* The reply with that sequence under the topic, the newest; NULL: none has come. To be let go. -1: of one without a number. */
static json_t *reply_of(const struct scene *scene, const char *topic, int64_t sequence)
{
    for (int i = scene->broker->count - 1; i >= 0 && i > scene->broker->count - BROKER_KEPT_MAX; i--) {
        const struct broker_publication *kept = &scene->broker->kept[i % BROKER_KEPT_MAX];
        json_t *reply = strcmp(kept->topic, topic) == 0 ? json_loads(kept->text, 0, NULL) : NULL;
        const json_t *number = json_object_get(reply, "sequence");
        if (reply != NULL && (sequence < 0 ? json_is_null(number) : json_integer_value(number) == sequence)) {
            return reply;
        }
        json_decref(reply);
    }
    return NULL;
}

static bool is_answered(const void *context)
{
    const struct scene *scene = context;
    json_t *reply = reply_of(scene, scene->wanted_topic, scene->wanted);
    json_decref(reply);
    return reply != NULL;
}

/* The reply is this object; what is published under the topic is no retained state. */
static void check_reply_at(struct scene *scene, const char *topic, int sequence, const char *outcome)
{
    char wanted[256];
    scene->wanted = sequence;
    scene->wanted_topic = topic;
    played_until(&scene->played, is_answered, scene);
    (void)snprintf(wanted, sizeof wanted, "{\"epoch\":\"k3J9x\",\"sequence\":%d,%s}", sequence, outcome);
    json_t *reply = reply_of(scene, topic, sequence), *right = json_loads(wanted, 0, NULL);
    assert_true(right != NULL && json_equal(reply, right));
    json_decref(reply);
    json_decref(right);
    assert_false(broker_newest(scene->broker, topic)->is_retained);
}

static void check_reply(struct scene *scene, int sequence, const char *outcome)
{
    check_reply_at(scene, "mingdi/centre/phone-1/reply", sequence, outcome);
}

/* Of one whose detail is for people. */
static void check_problem(struct scene *scene, const char *topic, int64_t sequence, const char *problem)
{
    scene->wanted = sequence;
    scene->wanted_topic = topic;
    played_until(&scene->played, is_answered, scene);
    json_t *reply = reply_of(scene, topic, sequence);
    assert_string_equal(json_string_value(json_object_get(reply, "outcome")), "refused");
    assert_string_equal(json_string_value(json_object_get(reply, "problem")), problem);
    assert_true(strlen(json_string_value(json_object_get(reply, "detail"))) > 0);
    json_decref(reply);
}

#define DONE "\"outcome\":\"done\""
#define REFUSED(problem) "\"outcome\":\"refused\",\"problem\":\"" problem "\""

static bool was_told(const void *context)
{
    const struct scene *scene = context;
    return scene->told_count >= scene->wanted;
}

static const struct told *last_told(const struct scene *scene) { return &scene->told[(scene->told_count - 1) % TOLD_MAX]; }

static void wait_for_told(struct scene *scene, int count)
{
    scene->wanted = count;
    played_until(&scene->played, was_told, scene);
}

static bool says(const struct told *told, const char *member, const char *text)
{
    json_t *body = json_loads(told->body, 0, NULL);
    const char *found = json_string_value(json_object_get(body, member));
    bool is_it = found != NULL && strcmp(found, text) == 0;
    json_decref(body);
    return is_it;
}

/* ---- positions ---- */

static void a_position_is_answered_when_the_centre_has_it(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 20);
    say(&scene, "phone-1/position", 17, position(3));
    check_reply(&scene, 17, DONE);
    assert_int_equal(scene.replied_before, 0);
    assert_int_equal(broker_newest(scene.broker, "mingdi/centre/phone-1/reply")->qos, 1);
    const struct told *told = last_told(&scene);
    assert_string_equal(told->path, "/positions");
    json_t *body = json_loads(told->body, 0, NULL);
    const json_t *fix = json_array_get(body, 0);
    assert_int_equal(json_array_size(body), 1);
    assert_int_equal(json_integer_value(json_object_get(fix, "unit")), UNIT);
    assert_true(fabs(json_number_value(json_object_get(fix, "lon")) - 121.47) < 1e-7);
    assert_true(fabs(json_number_value(json_object_get(fix, "lat")) - 31.23) < 1e-7);
    json_decref(body);
    scene.positions_answer = PLAYED("200 OK", "{\"refused\":[{\"unit\":12,\"problem\":\"x\"}]}");
    say(&scene, "phone-1/position", 18, position(2));
    check_reply(&scene, 18, REFUSED("position_refused"));
    end(&scene);
}

/* A position that is older than a week is left out of a batch; of none that is left nothing is told. */
static void a_batch(void **state)
{
    (void)state;
    struct scene scene;
    char members[600];
    begin(&scene, 20);
    const char *old = "{\"occurred_at\":\"2020-01-01T00:00:00Z\",\"lon\":1,\"lat\":2}";
    (void)snprintf(members, sizeof members, ",\"positions\":[{\"occurred_at\":\"%s\",\"lon\":1,\"lat\":2},%s]", when(60), old);
    say(&scene, "phone-1/batch", 1, members);
    check_reply(&scene, 1, DONE);
    json_t *body = json_loads(last_told(&scene)->body, 0, NULL);
    assert_int_equal(json_array_size(body), 1);
    json_decref(body);
    (void)snprintf(members, sizeof members, ",\"positions\":[%s]", old);
    say(&scene, "phone-1/batch", 2, members);
    check_problem(&scene, "mingdi/centre/phone-1/reply", 2, "bad_times");
    assert_int_equal(scene.told_count, 1);
    end(&scene);
}

static void who_is_not_entered_and_what_is_not_right(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 20);
    say(&scene, "stranger/position", 1, position(1));
    check_problem(&scene, "mingdi/centre/stranger/reply", 1, "unknown_terminal");
    broker_gives(scene.broker, "mingdi/centre/phone-1/position", "{", 1, NULL, NULL, 0);
    check_problem(&scene, "mingdi/centre/phone-1/reply", -1, "bad_payload");
    say(&scene, "phone-1/position", 2, ",\"occurred_at\":\"2026-11-22T08:30:00Z\",\"lon\":181,\"lat\":0");
    check_problem(&scene, "mingdi/centre/phone-1/reply", 2, "bad_payload");
    broker_gives(scene.broker, "mingdi/elsewhere/phone-1/position", "{}", 1, NULL, NULL, 0); /* of another centre */
    say(&scene, "phone-1/position", 3, position(1));
    check_reply(&scene, 3, DONE);
    assert_int_equal(replies(scene.broker), 4);
    assert_int_equal(scene.told_count, 1);
    assert_int_equal(mqtt_server_figures(scene.server).strangers, 1);
    end(&scene);
}

static void where_replies_go(void **state)
{
    (void)state;
    struct scene scene;
    char text[240];
    begin(&scene, 20);
    (void)snprintf(text, sizeof text, "{\"epoch\":\"k3J9x\",\"sequence\":1%s}", position(1));
    broker_gives(scene.broker, "mingdi/centre/phone-1/position", text, 1, "mingdi/centre/phone-1/reply/screen",
                 "\0\xff"
                 "7",
                 3);
    check_reply_at(&scene, "mingdi/centre/phone-1/reply/screen", 1, DONE);
    const struct broker_publication *told = broker_newest(scene.broker, "mingdi/centre/phone-1/reply/screen");
    assert_int_equal(told->properties.correlation_length, 3);
    assert_memory_equal(told->properties.correlation,
                        "\0\xff"
                        "7",
                        3);
    (void)snprintf(text, sizeof text, "{\"epoch\":\"k3J9x\",\"sequence\":2%s}", position(1));
    broker_gives(scene.broker, "mingdi/centre/phone-1/position", text, 0, "mingdi/centre/phone-2/reply", NULL, 0);
    check_reply(&scene, 2, DONE); /* nobody has an answer sent to another */
    assert_null(broker_newest(scene.broker, "mingdi/centre/phone-2/reply"));
    assert_int_equal(broker_newest(scene.broker, "mingdi/centre/phone-1/reply")->qos, 0); /* that of what it answers */
    end(&scene);
}

/* Ten seconds' messages at once; what is above is not answered. */
static void one_who_says_too_much(void **state)
{
    (void)state;
    enum { SAID = 200 };
    struct scene scene;
    begin(&scene, 1);
    for (int i = 0; i < SAID; i++) {
        say(&scene, "phone-1/status", i, press("dance", ""));
    }
    say(&scene, "phone-2/status", 1, press("dance", "")); /* another one is heard */
    check_problem(&scene, "mingdi/centre/phone-2/reply", 1, "unknown_act");
    struct mqtt_server_figures figures = mqtt_server_figures(scene.server);
    assert_true(figures.refused >= 10 + 1 && figures.slowed > 0);
    assert_int_equal(figures.refused + figures.slowed, SAID + 1);
    end(&scene);
}

/* ---- what crews press ---- */

static void hear(struct scene *scene, const char *text)
{
    json_t *message = json_loads(text, 0, NULL);
    assert_non_null(message);
    mqtt_orders_hear(scene->orders, message);
    json_decref(message);
}

#define MISSION(state)                                                        \
    "{\"id\":12,\"unit\":12,\"incident\":4,\"revision\":1,\"state\":\"" state \
    "\",\"priority\":\"critical\",\"point\":{\"lon\":1,"                      \
    "\"lat\":2},\"facility_name\":\"\",\"assigned_at\":\"2026-11-22T08:29:58Z\"}"

static void a_press_of_a_mission(void **state)
{
    (void)state;
    struct scene scene;
    char key[80];
    begin(&scene, 20);
    hear(&scene, "{\"type\":\"snapshot\",\"state\":{\"missions\":[" MISSION("assigned") "]}}");
    char pressed[200];
    (void)snprintf(pressed, sizeof pressed, "%s", press("depart", ",\"mission\":12"));
    say(&scene, "phone-1/status", 1, pressed);
    check_reply(&scene, 1, DONE);
    const struct told *told = last_told(&scene);
    assert_string_equal(told->path, "/commands/mission_report");
    assert_true(says(told, "stage", "depart") && strstr(told->body, "\"mission\":12,") != NULL);
    assert_true(strlen(told->key) > 32);
    (void)snprintf(key, sizeof key, "%s", told->key);
    say(&scene, "phone-1/status", 1, pressed); /* its reply was lost, say */
    wait_for_told(&scene, 2);
    assert_string_equal(last_told(&scene)->key, key);
    say(&scene, "phone-1/status", 2, pressed); /* pressed once more */
    wait_for_told(&scene, 3);
    assert_string_not_equal(last_told(&scene)->key, key);
    check_reply(&scene, 2, DONE);
    scene.answer = PLAYED("409 No", "{\"name\":\"transition\"}");
    say(&scene, "phone-1/status", 3, press("acknowledge", ",\"mission\":12"));
    check_reply(&scene, 3, REFUSED("transition"));
    end(&scene);
}

static void presses_that_are_not_taken(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 100);
    say(&scene, "phone-1/status", 1, press("depart", ",\"mission\":99")); /* of unit 13 */
    check_reply(&scene, 1, REFUSED("not_of_this_unit"));
    say(&scene, "phone-1/status", 2, press("depart", ",\"mission\":98"));
    check_reply(&scene, 2, REFUSED("unknown_mission"));
    say(&scene, "phone-1/status", 3, press("read", ",\"message\":8"));
    check_reply(&scene, 3, REFUSED("unknown_message"));
    say(&scene, "phone-2/status", 4, press("read", ",\"message\":7"));
    check_reply_at(&scene, "mingdi/centre/phone-2/reply", 4, REFUSED("not_of_this_unit"));
    say(&scene, "phone-1/status", 5, press("depart", ""));
    check_problem(&scene, "mingdi/centre/phone-1/reply", 5, "bad_payload");
    assert_int_equal(scene.told_count, 0);
    say(&scene, "phone-1/status", 6, press("read", ",\"message\":7"));
    check_reply(&scene, 6, DONE);
    assert_string_equal(last_told(&scene)->path, "/commands/message_read");
    say(&scene, "phone-1/status", 7, press("reach_post", ""));
    check_reply(&scene, 7, DONE);
    assert_string_equal(last_told(&scene)->path, "/commands/unit_report");
    assert_true(says(last_told(&scene), "what", "reach_post"));
    end(&scene);
}

static bool has_its_answer(const void *context)
{
    const struct scene *scene = context;
    return scene->asked == 1 && gateway_link_figures(scene->link).waiting == 0;
}

/* A yes that does not say whose the mission is is no refusal of the crew's: the terminal repeats the press, and it counts. */
static void a_press_about_which_nothing_was_said(void **state)
{
    (void)state;
    struct scene scene;
    char pressed[200];
    begin(&scene, 20);
    (void)snprintf(pressed, sizeof pressed, "%s", press("depart", ",\"mission\":97"));
    say(&scene, "phone-1/status", 1, pressed);
    played_until(&scene.played, has_its_answer, &scene);
    assert_int_equal(scene.told_count, 0);
    say(&scene, "phone-1/status", 1, pressed);
    check_reply(&scene, 1, DONE);
    assert_int_equal(scene.asked, 2);
    assert_string_equal(last_told(&scene)->path, "/commands/mission_report");
    end(&scene);
}

/* While the centre is silent only the first is told, over and over; then each in its turn. */
static void presses_keep_their_order(void **state)
{
    (void)state;
    static const char *const acts[] = { "start_shift", "break_down", "repair" };
    struct scene scene;
    begin(&scene, 20);
    scene.answer = "";
    for (int i = 0; i < 3; i++) {
        say(&scene, "phone-1/status", i + 1, press(acts[i], ""));
    }
    wait_for_told(&scene, 3);
    for (int i = 0; i < 3; i++) {
        assert_true(says(&scene.told[i], "what", acts[0]));
    }
    int before = scene.told_count;
    scene.answer = PLAYED("200 OK", "{\"made\":1}");
    check_reply(&scene, 3, DONE);
    assert_int_equal(scene.told_count, before + 3);
    for (int i = 0; i < 3; i++) {
        assert_true(says(&scene.told[(before + i) % TOLD_MAX], "what", acts[i]));
        check_reply(&scene, i + 1, DONE);
    }
    end(&scene);
}

static void an_emergency(void **state)
{
    (void)state;
    struct scene scene;
    char members[200], key[80];
    begin(&scene, 20);
    (void)snprintf(members, sizeof members, ",\"occurred_at\":\"%s\",\"text\":\"家属情绪激动\"", when(1));
    say(&scene, "phone-1/emergency", 1, members);
    check_reply(&scene, 1, DONE);
    const struct told *told = last_told(&scene);
    assert_string_equal(told->path, "/messages");
    assert_true(strstr(told->body, "\"unit\":12") != NULL && strstr(told->body, "家属情绪激动") != NULL);
    (void)snprintf(key, sizeof key, "%s", told->key);
    say(&scene, "phone-1/emergency", 1, members);
    wait_for_told(&scene, 2);
    assert_string_equal(last_told(&scene)->key, key);
    end(&scene);
}

/* ---- what is retained ---- */

static bool is_published(const void *context)
{
    const struct scene *scene = context;
    return broker_newest(scene->broker, scene->wanted_topic) != NULL;
}

static const struct broker_publication *wait_for_topic(struct scene *scene, const char *topic)
{
    scene->wanted_topic = topic;
    played_until(&scene->played, is_published, scene);
    const struct broker_publication *told = broker_newest(scene->broker, topic);
    assert_true(told->is_retained && told->qos == 1);
    return told;
}

static bool order_was_taken_away(const void *context)
{
    return broker_newest(((const struct scene *)context)->broker, "mingdi/centre/phone-1/order")->length == 0;
}

static bool message_was_taken_away(const void *context)
{
    return broker_newest(((const struct scene *)context)->broker, "mingdi/centre/phone-1/message/7")->length == 0;
}

static void the_gateway_s_state(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, 20);
    const struct broker_publication *told = wait_for_topic(&scene, "mingdi/centre/gateway/state");
    json_t *body = json_loads(told->text, 0, NULL), *of_will = json_loads(scene.broker->will, 0, NULL);
    assert_int_equal(told->properties.message_expiry, 60);
    assert_string_equal(json_string_value(json_object_get(body, "state")), "online");
    assert_string_equal(json_string_value(json_object_get(body, "centre")), "silent"); /* the stream is not followed here */
    assert_string_equal(json_string_value(json_object_get(of_will, "state")), "offline");
    assert_string_equal(json_string_value(json_object_get(of_will, "since")), json_string_value(json_object_get(body, "since")));
    json_decref(body);
    json_decref(of_will);
    end(&scene);
}

/* Its will stands where this one has told that it is there: it is told again, at once. */
static void another_gateway_leaves(void **state)
{
    (void)state;
    static const char offline[] = "{\"state\":\"offline\",\"since\":\"2026-11-22T08:00:00Z\"}";
    static const char online[] = "{\"state\":\"online\",\"since\":\"2026-11-22T08:00:00Z\"}";
    struct scene scene;
    begin(&scene, 20);
    struct mqtt_arrival arrival = {
        .topic = "mingdi/centre/gateway/state", .bytes = offline, .length = strlen(offline), .qos = 1
    };
    uint64_t before = mqtt_line_figures(scene.line).published;
    mqtt_server_take(scene.server, &arrival);
    assert_int_equal(mqtt_line_figures(scene.line).published, before + 1);
    arrival.bytes = online;
    arrival.length = strlen(online);
    mqtt_server_take(scene.server, &arrival);
    arrival.length = 3; /* no JSON */
    mqtt_server_take(scene.server, &arrival);
    assert_int_equal(mqtt_line_figures(scene.line).published, before + 1);
    assert_int_equal(mqtt_server_figures(scene.server).bad_payloads, 0);
    end(&scene);
}

static void orders_and_messages_are_retained(void **state)
{
    (void)state;
    struct scene scene;
    char text[300];
    begin(&scene, 20);
    assert_null(broker_newest(scene.broker, "mingdi/centre/phone-1/order")); /* what a broker has is the better knowledge */
    hear(&scene, "{\"type\":\"snapshot\",\"state\":{\"missions\":[" MISSION("assigned") "]}}");
    const struct broker_publication *told = wait_for_topic(&scene, "mingdi/centre/phone-1/order");
    assert_int_equal(told->properties.message_expiry, 7200);
    json_t *order = json_loads(told->text, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(order, "mission")), 12);
    json_decref(order);
    assert_int_equal(wait_for_topic(&scene, "mingdi/centre/phone-2/order")->length, 0); /* that unit has none */
    hear(&scene, "{\"type\":\"change\",\"missions\":[" MISSION("ended") "]}");
    played_until(&scene.played, order_was_taken_away, &scene);
    (void)snprintf(
        text, sizeof text,
        "{\"type\":\"change\",\"messages\":[{\"id\":7,\"unit\":12,\"to_crew\":true,\"sent_at\":\"%s\",\"read_at\":null}]}",
        when(5));
    hear(&scene, text);
    told = wait_for_topic(&scene, "mingdi/centre/phone-1/message/7");
    assert_true(told->properties.message_expiry > 0 && told->properties.message_expiry <= 3600);
    json_t *note = json_loads(told->text, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(note, "text")), "请从东门进入");
    assert_int_equal(json_integer_value(json_object_get(note, "message")), 7);
    json_decref(note);
    hear(&scene, "{\"type\":\"change\",\"messages\":[{\"id\":7,\"unit\":12,\"to_crew\":true,\"sent_at\":\"2026-11-22T08:00:00Z\","
                 "\"read_at\":\"2026-11-22T08:01:00Z\"}]}");
    played_until(&scene.played, message_was_taken_away, &scene);
    assert_null(broker_newest(scene.broker, "mingdi/centre/phone-2/message/7"));
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_is_answered_when_the_centre_has_it),
        cmocka_unit_test(a_batch),
        cmocka_unit_test(who_is_not_entered_and_what_is_not_right),
        cmocka_unit_test(where_replies_go),
        cmocka_unit_test(one_who_says_too_much),
        cmocka_unit_test(a_press_of_a_mission),
        cmocka_unit_test(presses_that_are_not_taken),
        cmocka_unit_test(a_press_about_which_nothing_was_said),
        cmocka_unit_test(presses_keep_their_order),
        cmocka_unit_test(an_emergency),
        cmocka_unit_test(the_gateway_s_state),
        cmocka_unit_test(another_gateway_leaves),
        cmocka_unit_test(orders_and_messages_are_retained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
