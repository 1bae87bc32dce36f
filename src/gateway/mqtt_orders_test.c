/* What the stream tells becomes what terminals see, with a played centre that answers what is asked about it. */
#include "gateway/mqtt_orders.h"

#include "gateway/played_test.h"
#include "wire/form.h"

struct scene {
    struct played played;
    struct gateway_link *link;
    struct mqtt_orders *orders;
    const char *text; /* of each message */
    int due;
};

static const char *answer(void *context, const char *request, const char *body)
{
    const struct scene *scene = context;
    (void)body;
    if (strncmp(request, "GET /api/v1/messages/", 21) == 0) {
        return scene->text;
    }
    return PLAYED("200 OK", "{\"needs\":[\"basic\"],\"road\":\"Renmin Lu\"}");
}

static void due(void *context) { ((struct scene *)context)->due += 1; }
static void changed(void *context, uint32_t unit) { (void)context, (void)unit; }

static void begin(struct scene *scene)
{
    struct error error;
    *scene = (struct scene){ .due = 0 };
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

/* A snapshot with the mission 7 of unit 3, which was assigned in that second, and the message 5, sent then. */
static void hear(struct scene *scene, int second, int note_unit)
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

static bool has_note(const void *context) { return mqtt_orders_next_note(((const struct scene *)context)->orders) != NULL; }

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
    hear(&scene, 1, 3);
    played_until(&scene.played, is_written, &scene);
    const struct mqtt_note *note = next_note(&scene);
    assert_string_equal(note->text, "first");
    mqtt_orders_note_told(scene.orders, note);

    scene.text = PLAYED("200 OK", "{\"text\":\"second\"}");
    hear(&scene, 2, 3);
    assert_false(is_written(&scene)); /* where it is is asked anew */
    assert_int_equal(mqtt_orders_mission(scene.orders, 3), 7);
    played_until(&scene.played, is_written, &scene);
    note = next_note(&scene);
    assert_string_equal(note->text, "second");
    assert_false(note->is_over);
    mqtt_orders_note_told(scene.orders, note);
    assert_int_equal(mqtt_orders_notes(scene.orders), 1);

    scene.text = PLAYED("200 OK", "{\"text\":\"third\"}");
    hear(&scene, 3, 4); /* to another crew: the first one's goes */
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
    hear(&scene, 1, 3);
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
        cmocka_unit_test(what_the_centre_has_lost),
        cmocka_unit_test(what_is_heard_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
