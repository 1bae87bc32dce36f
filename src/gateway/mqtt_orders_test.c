/* Orders and messages as the stream tells of them, before a centre that the test plays. docs/mqtt.md has the form of an order. */
#include "gateway/mqtt_orders.h"

#include "gateway/played_test.h"

#include "base/check.h"
#include "wire/form.h"

enum { UNIT = 12, OTHER = 13, UNITS_HEARD = 16 };

struct scene {
    struct played played;
    struct gateway_link *link;
    struct mqtt_orders *orders;
    const char *incident, *place, *text; /* what the centre answers; "" keeps the question waiting */
    int asked_text;
    int changed[UNITS_HEARD], due;
    int wanted;
    struct instant now; /* what ages are counted from */
};

static const char *answer(void *context, const char *request, const char *body)
{
    struct scene *scene = context;
    (void)body;
    if (strncmp(request, "GET /api/v1/incidents/4 ", 24) == 0) {
        return scene->incident;
    }
    if (strncmp(request, "GET /api/v1/places/at?lon=121.4700000&lat=31.2300000 ", 53) == 0) {
        return scene->place;
    }
    if (strncmp(request, "GET /api/v1/messages/", 21) == 0) {
        scene->asked_text += 1;
        return scene->text;
    }
    return PLAYED("404 No", "{\"name\":\"unknown_entity\"}");
}

static void changed(void *context, uint32_t unit)
{
    assert_true(unit < UNITS_HEARD);
    ((struct scene *)context)->changed[unit] += 1;
}

static void due(void *context) { ((struct scene *)context)->due += 1; }

static void begin(struct scene *scene)
{
    struct error error;
    *scene = (struct scene){ .incident = PLAYED("200 OK", "{\"id\":4,\"needs\":[\"advanced\",\"chest_pain\"]}"),
                             .place = PLAYED("200 OK", "{\"road\":\"人民路\",\"cross\":\"\",\"place\":\"第一医院\"}"),
                             .text = PLAYED("200 OK", "{\"message\":7,\"text\":\"请从东门进入\"}"),
                             .now = clock_wall() };
    played_begin(&scene->played, answer, scene);
    scene->link = played_link(&scene->played);
    const struct mqtt_orders_setup setup = { scene->link, changed, due, scene };
    assert_int_equal(mqtt_orders_create(&setup, &scene->orders, &error), STATUS_OK);
}

static void end(struct scene *scene)
{
    gateway_link_destroy(scene->link);
    mqtt_orders_destroy(scene->orders);
    played_end(&scene->played);
}

static void hear(struct scene *scene, const char *text)
{
    json_t *message = json_loads(text, 0, NULL);
    assert_non_null(message);
    mqtt_orders_hear(scene->orders, message);
    json_decref(message);
}

#define MISSION(id, unit, revision, state)                                                         \
    "{\"id\":" id ",\"unit\":" unit ",\"incident\":4,\"revision\":" revision ",\"state\":\"" state \
    "\",\"priority\":\"critical\","                                                                \
    "\"point\":{\"lon\":121.47,\"lat\":31.23},\"facility_name\":\"\",\"assigned_at\":\"2026-11-22T08:29:58.120000Z\"}"
#define SNAPSHOT(missions, messages) "{\"type\":\"snapshot\",\"state\":{\"missions\":[" missions "],\"messages\":[" messages "]}}"
#define CHANGE(missions, messages) "{\"type\":\"change\",\"missions\":[" missions "],\"messages\":[" messages "]}"

static bool has_order(const void *context)
{
    const struct scene *scene = context;
    struct text out;
    text_init(&out, 4096);
    enum mqtt_order order = mqtt_orders_write(scene->orders, UNIT, &out);
    text_free(&out);
    return order == MQTT_ORDER_WRITTEN;
}

static bool has_note(const void *context) { return mqtt_orders_next_note(((const struct scene *)context)->orders) != NULL; }
static bool text_was_asked(const void *context)
{
    const struct scene *scene = context;
    return scene->asked_text >= scene->wanted;
}
static bool none_is_kept(const void *context) { return mqtt_orders_notes(((const struct scene *)context)->orders) == 0; }

static void wait_for(struct scene *scene, bool (*holds)(const void *context)) { played_until(&scene->played, holds, scene); }

/* The order is this object, whatever the order of its members. */
static void check_order(struct scene *scene, const char *wanted)
{
    struct text out;
    text_init(&out, 4096);
    assert_int_equal(mqtt_orders_write(scene->orders, UNIT, &out), MQTT_ORDER_WRITTEN);
    json_t *told = json_loads(out.bytes, 0, NULL), *right = json_loads(wanted, 0, NULL);
    assert_true(told != NULL && right != NULL && json_equal(told, right));
    json_decref(told);
    json_decref(right);
    text_free(&out);
}

static enum mqtt_order order_of(struct scene *scene, uint32_t unit)
{
    struct text out;
    text_init(&out, 4096);
    enum mqtt_order order = mqtt_orders_write(scene->orders, unit, &out);
    text_free(&out);
    return order;
}

static void an_order_is_told_with_its_place(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_false(mqtt_orders_are_known(scene.orders));
    hear(&scene, SNAPSHOT(MISSION("12", "12", "7", "notified"), ""));
    assert_true(mqtt_orders_are_known(scene.orders));
    assert_int_equal(mqtt_orders_mission(scene.orders, UNIT), 12);
    assert_int_equal(order_of(&scene, UNIT), MQTT_ORDER_COMING);
    assert_int_equal(order_of(&scene, OTHER), MQTT_ORDER_NONE);
    wait_for(&scene, has_order);
    assert_true(scene.changed[UNIT] > 0 && scene.changed[OTHER] == 0);
    check_order(&scene, "{\"mission\":12,\"version\":7,\"state\":\"notified\",\"priority\":\"critical\",\"needs\":[\"advanced\","
                        "\"chest_pain\"],\"point\":{\"lon\":121.47,\"lat\":31.23},\"place\":{\"road\":\"人民路\",\"cross\":null,"
                        "\"near\":\"第一医院\"},\"facility\":null,\"assigned_at\":\"2026-11-22T08:29:58.120000Z\"}");
    end(&scene);
}

/* Nobody waits for names: without them the order is told all the same. */
static void an_order_without_names(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    scene.incident = scene.place = PLAYED("404 No", "{\"name\":\"unknown_entity\"}");
    hear(&scene, SNAPSHOT(MISSION("12", "12", "1", "assigned"), ""));
    wait_for(&scene, has_order);
    check_order(&scene, "{\"mission\":12,\"version\":1,\"state\":\"assigned\",\"priority\":\"critical\",\"needs\":[],"
                        "\"point\":{\"lon\":121.47,\"lat\":31.23},\"place\":{\"road\":null,\"cross\":null,\"near\":null},"
                        "\"facility\":null,\"assigned_at\":\"2026-11-22T08:29:58.120000Z\"}");
    end(&scene);
}

static void an_order_changes_and_ends(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    hear(&scene, SNAPSHOT(MISSION("12", "12", "1", "assigned"), ""));
    wait_for(&scene, has_order);
    int before = scene.changed[UNIT];
    hear(&scene, CHANGE(MISSION("12", "12", "1", "assigned"), ""));
    assert_int_equal(scene.changed[UNIT], before); /* the same once more */
    hear(&scene, CHANGE(MISSION("12", "12", "2", "departed"), ""));
    assert_int_equal(scene.changed[UNIT], before + 1);
    assert_int_equal(order_of(&scene, UNIT), MQTT_ORDER_WRITTEN);
    hear(&scene, CHANGE(MISSION("11", "12", "9", "ended"), "")); /* another one, of before */
    assert_int_equal(mqtt_orders_mission(scene.orders, UNIT), 12);
    hear(&scene, CHANGE(MISSION("14", "12", "1", "assigned"), "")); /* the unit has another one now */
    assert_int_equal(mqtt_orders_mission(scene.orders, UNIT), 14);
    wait_for(&scene, has_order);
    before = scene.changed[UNIT];
    hear(&scene, CHANGE(MISSION("14", "12", "2", "ended"), ""));
    assert_int_equal(scene.changed[UNIT], before + 1);
    assert_int_equal(mqtt_orders_mission(scene.orders, UNIT), 0);
    assert_int_equal(order_of(&scene, UNIT), MQTT_ORDER_NONE);
    end(&scene);
}

/* What is not in a snapshot has ended while nobody listened. */
static void a_snapshot_is_all_there_is(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    hear(&scene, SNAPSHOT(MISSION("12", "12", "1", "assigned") "," MISSION("13", "13", "1", "assigned"), ""));
    wait_for(&scene, has_order);
    int before = scene.changed[UNIT];
    hear(&scene, SNAPSHOT(MISSION("13", "13", "1", "assigned"), ""));
    assert_int_equal(scene.changed[UNIT], before + 1);
    assert_int_equal(mqtt_orders_mission(scene.orders, UNIT), 0);
    assert_int_equal(mqtt_orders_mission(scene.orders, OTHER), 13);
    end(&scene);
}

static void what_is_no_order_of_a_unit(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    hear(&scene,
         CHANGE("{},{\"id\":5},{\"id\":5,\"unit\":0},{\"id\":5,\"unit\":100000},{\"id\":-1,\"unit\":12},7,null", "{},8,null"));
    assert_int_equal(mqtt_orders_mission(scene.orders, UNIT), 0);
    assert_int_equal(mqtt_orders_mission(scene.orders, 0), 0);
    assert_int_equal(mqtt_orders_mission(scene.orders, UINT32_MAX), 0);
    assert_int_equal(order_of(&scene, UINT32_MAX), MQTT_ORDER_NONE);
    assert_int_equal(mqtt_orders_notes(scene.orders), 0);
    assert_false(mqtt_orders_are_known(scene.orders)); /* no snapshot yet */
    end(&scene);
}

/* ---- messages to a crew ---- */

/* Sent so long ago. */
static void hear_message(struct scene *scene, int64_t age_s, bool is_to_crew, bool is_read)
{
    char when[FORM_INSTANT_SIZE] = "", text[400];
    (void)form_instant_text((struct instant){ scene->now.us - age_s * US_PER_SECOND }, when);
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"change\",\"messages\":[{\"id\":7,\"unit\":12,\"to_crew\":%s,\"sent_at\":\"%s\",\"read_at\":%s}]}",
                   is_to_crew ? "true" : "false", when, is_read ? "\"2026-11-22T08:29:58Z\"" : "null");
    hear(scene, text);
}

static void a_message_is_told_until_it_was_read(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    hear_message(&scene, 60, true, false);
    assert_null(mqtt_orders_next_note(scene.orders)); /* its text is not known yet */
    wait_for(&scene, has_note);
    const struct mqtt_note *note = mqtt_orders_next_note(scene.orders);
    assert_true(note->id == 7 && note->unit == UNIT && !note->is_over);
    assert_string_equal(note->text, "请从东门进入");
    mqtt_orders_note_told(scene.orders, note);
    assert_null(mqtt_orders_next_note(scene.orders));
    assert_int_equal(mqtt_orders_notes(scene.orders), 1);
    hear_message(&scene, 60, true, false); /* the same once more */
    assert_null(mqtt_orders_next_note(scene.orders));
    mqtt_orders_tell_again(scene.orders); /* another broker */
    assert_ptr_equal(mqtt_orders_next_note(scene.orders), note);
    mqtt_orders_note_told(scene.orders, note);
    hear_message(&scene, 60, true, true);
    note = mqtt_orders_next_note(scene.orders);
    assert_true(note != NULL && note->is_over); /* to be taken from where it is shown */
    mqtt_orders_note_told(scene.orders, note);
    assert_int_equal(mqtt_orders_notes(scene.orders), 0);
    assert_int_equal(scene.asked_text, 1);
    end(&scene);
}

/* docs/mqtt.md: at most an hour. */
static void which_messages_are_not_told(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    hear_message(&scene, 3700, true, false); /* too old */
    hear_message(&scene, 60, false, false);  /* of the crew's own */
    hear_message(&scene, 60, true, true);    /* read already */
    assert_int_equal(mqtt_orders_notes(scene.orders), 0);
    scene.text = PLAYED("410 Gone", "{\"name\":\"erased\"}");
    hear_message(&scene, 60, true, false);
    assert_int_equal(mqtt_orders_notes(scene.orders), 1);
    wait_for(&scene, none_is_kept);
    assert_null(mqtt_orders_next_note(scene.orders));
    end(&scene);
}

static void a_text_that_was_not_told_is_asked_again(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    scene.text = PLAYED("500 Trouble", "{\"name\":\"trouble\"}");
    hear_message(&scene, 60, true, false);
    scene.wanted = 1;
    wait_for(&scene, text_was_asked);
    scene.text = PLAYED("200 OK", "{\"message\":7,\"text\":\"现在有了\"}");
    while (!has_note(&scene)) { /* the answer to the first question is still to come */
        mqtt_orders_sweep(scene.orders);
        assert_int_equal(event_base_loop(scene.played.base, EVLOOP_ONCE), 0);
    }
    assert_string_equal(mqtt_orders_next_note(scene.orders)->text, "现在有了");
    assert_int_equal(scene.asked_text, 2);
    end(&scene);
}

/* ---- a centre that has lost what it told ---- */

/* A snapshot with the mission 7 of unit 3, which was assigned in that second, and the message 5, sent then. */
static void hear_again(struct scene *scene, int second, int note_unit)
{
    char text[1000], sent_at[FORM_INSTANT_SIZE];
    assert_true(form_instant_text((struct instant){ clock_wall().us - (100 - second) * US_PER_SECOND }, sent_at));
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"snapshot\",\"state\":{\"missions\":[{\"id\":7,\"unit\":3,\"state\":\"assigned\",\"incident\":4,"
                   "\"assigned_at\":\"2026-11-22T09:00:0%dZ\"}],\"messages\":[{\"id\":5,\"unit\":%d,\"to_crew\":true,"
                   "\"sent_at\":\"%s\",\"read_at\":null}]}}",
                   second, note_unit, sent_at);
    json_t *message = json_loads(text, 0, NULL);
    assert_non_null(message);
    mqtt_orders_hear(scene->orders, message);
    json_decref(message);
}

static bool is_written(const void *context)
{
    struct text out;
    text_init(&out, 10000);
    enum mqtt_order order = mqtt_orders_write(((const struct scene *)context)->orders, 3, &out);
    text_free(&out);
    return order == MQTT_ORDER_WRITTEN;
}

static const struct mqtt_note *next_note(struct scene *scene)
{
    played_until(&scene->played, has_note, scene);
    return mqtt_orders_next_note(scene->orders);
}

/* The centre has lost a mission and a message, and has given their numbers again. */
static void what_the_centre_has_lost(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    scene.text = PLAYED("200 OK", "{\"text\":\"first\"}");
    hear_again(&scene, 1, 3);
    played_until(&scene.played, is_written, &scene);
    const struct mqtt_note *note = next_note(&scene);
    assert_string_equal(note->text, "first");
    mqtt_orders_note_told(scene.orders, note);

    scene.text = PLAYED("200 OK", "{\"text\":\"second\"}");
    hear_again(&scene, 2, 3);
    assert_false(is_written(&scene)); /* where it is is asked anew */
    assert_int_equal(mqtt_orders_mission(scene.orders, 3), 7);
    played_until(&scene.played, is_written, &scene);
    note = next_note(&scene);
    assert_string_equal(note->text, "second");
    assert_false(note->is_over);
    mqtt_orders_note_told(scene.orders, note);
    assert_int_equal(mqtt_orders_notes(scene.orders), 1);

    scene.text = PLAYED("200 OK", "{\"text\":\"third\"}");
    hear_again(&scene, 3, 4); /* to another crew: the first one's goes */
    note = next_note(&scene);
    assert_true(note->is_over && note->unit == 3);
    mqtt_orders_note_told(scene.orders, note);
    note = next_note(&scene);
    assert_true(!note->is_over && note->unit == 4);
    assert_string_equal(note->text, "third");
    end(&scene);
}

/* The same again changes nothing. */
static void what_is_heard_twice(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    scene.text = PLAYED("200 OK", "{\"text\":\"once\"}");
    hear_again(&scene, 1, 3);
    mqtt_orders_note_told(scene.orders, next_note(&scene));
    played_until(&scene.played, is_written, &scene);
    const struct mqtt_note told = *mqtt_orders_note_at(scene.orders, 0);
    char text[1000], sent_at[FORM_INSTANT_SIZE];
    assert_true(form_instant_text((struct instant){ told.sent_at_us }, sent_at));
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"change\",\"missions\":[{\"id\":7,\"unit\":3,\"state\":\"departed\",\"assigned_at\":"
                   "\"2026-11-22T09:00:01Z\"}],\"messages\":[{\"id\":5,\"unit\":3,\"to_crew\":true,\"sent_at\":\"%s\","
                   "\"read_at\":null}]}",
                   sent_at);
    json_t *message = json_loads(text, 0, NULL);
    mqtt_orders_hear(scene.orders, message);
    json_decref(message);
    assert_true(is_written(&scene));
    assert_false(has_note(&scene));
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_told_with_its_place), cmocka_unit_test(an_order_without_names),
        cmocka_unit_test(an_order_changes_and_ends),       cmocka_unit_test(a_snapshot_is_all_there_is),
        cmocka_unit_test(what_is_no_order_of_a_unit),      cmocka_unit_test(a_message_is_told_until_it_was_read),
        cmocka_unit_test(which_messages_are_not_told),     cmocka_unit_test(a_text_that_was_not_told_is_asked_again),
        cmocka_unit_test(what_the_centre_has_lost),        cmocka_unit_test(what_is_heard_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
