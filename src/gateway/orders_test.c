/* What the stream tells becomes what units are told. Where nobody answers on the line, what needs a question waits, and the rest
 * is ready at once; where a played centre does, texts are asked for until they have come. */
#include "gateway/orders.h"

#include "gateway/played_test.h"
#include "wire/form.h"

struct scene {
    struct event_base *base;
    struct gateway_link *link;
    struct gateway_orders *orders;
    int due;
    uint32_t last_due;
};

static void due(void *context, uint32_t unit)
{
    struct scene *scene = context;
    scene->due += 1;
    scene->last_due = unit;
}

static void heard(void *context, const json_t *message) { (void)context, (void)message; }

static void begin(struct scene *scene, enum order_language language)
{
    struct error error;
    *scene = (struct scene){ .base = event_base_new() };
    const struct gateway_link_setup setup = { scene->base, "http://127.0.0.1:9", "x", heard, NULL };
    assert_int_equal(gateway_link_create(&setup, &scene->link, &error), STATUS_OK);
    assert_int_equal(gateway_orders_create(scene->base, scene->link, language, due, scene, &scene->orders, &error), STATUS_OK);
}

/* The line goes first: what waits on it is told as silent. */
static void end(struct scene *scene)
{
    gateway_link_destroy(scene->link);
    gateway_orders_destroy(scene->orders);
    event_base_free(scene->base);
}

static void hear(struct scene *scene, const char *text)
{
    json_t *message = json_loads(text, 0, NULL);
    assert_non_null(message);
    gateway_orders_hear(scene->orders, message);
    json_decref(message);
}

#define MISSION(id, unit, state, more)                                                                   \
    "{\"id\":" id ",\"unit\":" unit ",\"state\":\"" state "\",\"incident\":4,\"priority\":\"critical\"," \
    "\"point\":{\"lon\":121.47,\"lat\":31.23},\"assigned_at\":\"2026-11-22T08:00:00Z\"" more "}"
#define CHANGE(mission) "{\"type\":\"change\",\"missions\":[" mission "]}"

static uint32_t mission_of(const struct scene *scene, uint32_t unit)
{
    struct instant at;
    return gateway_orders_mission(scene->orders, unit, &at);
}

static void a_mission_from_its_order_to_its_end(void **state)
{
    (void)state;
    struct scene scene;
    struct instant at = INSTANT_NONE;
    char text[FORM_INSTANT_SIZE];
    begin(&scene, ORDER_CHINESE);
    hear(&scene, CHANGE(MISSION("7", "3", "assigned", "")));
    hear(&scene, CHANGE(MISSION("7", "3", "assigned", "")));
    assert_int_equal(gateway_orders_mission(scene.orders, 3, &at), 7);
    assert_true(form_instant_text(at, text));
    assert_string_equal(text, "2026-11-22T08:00:00.000000Z");
    assert_int_equal(gateway_orders_waiting(scene.orders), 1);
    assert_null(gateway_orders_next(scene.orders, 3, 0)); /* its place is being asked for */
    hear(&scene, CHANGE(MISSION("7", "3", "acknowledged", "")));
    assert_int_equal(gateway_orders_waiting(scene.orders), 0); /* somebody has told the crew */
    hear(&scene, CHANGE(MISSION("7", "3", "ended", ",\"end_reason\":\"completed\"")));
    assert_int_equal(mission_of(&scene, 3), 0);
    assert_int_equal(gateway_orders_waiting(scene.orders), 0);
    assert_int_equal(scene.due, 0);
    end(&scene);
}

static void a_mission_that_is_taken_back(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, ORDER_ENGLISH);
    hear(&scene, CHANGE(MISSION("8", "3", "departed", "")));
    hear(&scene, CHANGE(MISSION("8", "3", "ended", ",\"end_reason\":\"cancelled\"")));
    const struct gateway_order *order = gateway_orders_next(scene.orders, 3, 0);
    assert_non_null(order);
    assert_string_equal(order->text, "[Mission 8] cancelled");
    assert_true(order->is_urgent);
    assert_int_equal(scene.last_due, 3);
    assert_null(gateway_orders_next(scene.orders, 2, 0));
    assert_null(gateway_orders_next(scene.orders, 3, order->number));
    gateway_orders_delivered(scene.orders, order->number);
    assert_null(gateway_orders_next(scene.orders, 3, 0));
    end(&scene);
}

/* Diverted: the new mission comes in the same change. */
static void a_unit_that_is_diverted(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, ORDER_CHINESE);
    hear(&scene, CHANGE(MISSION("8", "3", "departed", "")));
    hear(&scene, CHANGE(MISSION("8", "3", "ended", ",\"end_reason\":\"diverted\"") "," MISSION("9", "3", "assigned", "")));
    assert_int_equal(mission_of(&scene, 3), 9);
    assert_string_equal(gateway_orders_next(scene.orders, 3, 0)->text, "【任务8】已取消");
    assert_int_equal(gateway_orders_waiting(scene.orders), 2);
    end(&scene);
}

static void what_ended_while_nobody_listened(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, ORDER_CHINESE);
    hear(&scene, "{\"type\":\"snapshot\",\"state\":{\"missions\":[" MISSION("5", "1", "departed",
                                                                            "") "," MISSION("6", "2", "departed", "") "]}}");
    hear(&scene, "{\"type\":\"snapshot\",\"state\":{\"missions\":[" MISSION("6", "2", "on_scene", "") "]}}");
    assert_int_equal(mission_of(&scene, 1), 0);
    assert_int_equal(mission_of(&scene, 2), 6);
    assert_string_equal(gateway_orders_next(scene.orders, 1, 0)->text, "【任务5】已结束");
    assert_null(gateway_orders_next(scene.orders, 2, 0));
    end(&scene);
}

/* The centre has lost the first mission 7 and the message 3, and has given both numbers again; mission 6 it still has. */
static void what_the_centre_has_lost(void **state)
{
    (void)state;
    struct scene scene;
    char text[2000], sent_at[FORM_INSTANT_SIZE];
    const struct gateway_order *order;
    begin(&scene, ORDER_ENGLISH);
    assert_true(form_instant_text(clock_wall(), sent_at));
    for (int turn = 0; turn < 2; turn++) {
        (void)snprintf(
            text, sizeof text,
            "{\"type\":\"snapshot\"%s,\"state\":{\"missions\":[" MISSION(
                "6", "2", "departed",
                "") ","
                    "{\"id\":7,\"unit\":3,\"state\":\"assigned\",\"incident\":4,\"assigned_at\":\"2026-11-22T09:00:0%dZ\"}],"
                    "\"messages\":[{\"id\":3,\"unit\":3,\"to_crew\":true,\"sent_at\":\"%s\",\"read_at\":null}]}}",
            turn == 0 ? "" : ",\"reset\":true", turn, sent_at);
        hear(&scene, text);
        assert_int_equal(mission_of(&scene, 3), 7);
        assert_int_equal(gateway_orders_unread(scene.orders, 3), 3);
        assert_int_equal(gateway_orders_waiting(scene.orders), 2 + turn);
    }
    order = gateway_orders_next(scene.orders, 3, 0);
    assert_string_equal(order->text, "[Mission 7] has ended");
    assert_null(gateway_orders_next(scene.orders, 2, 0));
    end(&scene);
}

#define MISSION_7(time, state, more)                                                         \
    "{\"id\":7,\"unit\":3,\"state\":\"" state "\",\"incident\":4,\"priority\":\"critical\"," \
    "\"assigned_at\":\"2026-11-22T" time "Z\"" more "}"
#define CANCELLED ",\"end_reason\":\"cancelled\""
#define COMPLETED ",\"end_reason\":\"completed\""
#define SNAPSHOT(missions) "{\"type\":\"snapshot\",\"state\":{\"missions\":[" missions "]}}"
#define RESET(missions) "{\"type\":\"snapshot\",\"reset\":true,\"state\":{\"missions\":[" missions "]}}"

/* What the unit 3 waits to be told as the only thing; its place is being asked for, so a mission is not given out yet. */
static void waits_for_a_mission(const struct scene *scene, bool wanted)
{
    assert_int_equal(gateway_orders_waiting(scene->orders), wanted ? 1 : 0);
    assert_null(gateway_orders_next(scene->orders, 3, 0));
}

static void tell_and_cancel(struct scene *scene, bool is_delivered)
{
    hear(scene, CHANGE(MISSION_7("08:00:00", "assigned", "")));
    hear(scene, CHANGE(MISSION_7("08:00:00", "departed", "")));
    hear(scene, CHANGE(MISSION_7("08:00:00", "ended", CANCELLED)));
    const struct gateway_order *order = gateway_orders_next(scene->orders, 3, 0);
    assert_string_equal(order->text, "[Mission 7] cancelled");
    if (is_delivered) {
        gateway_orders_delivered(scene->orders, order->number);
    }
}

/* A crew that was told to stop must hear that its mission is open again, whatever its state; of one that has not heard it yet the
 * order to stop is taken away. Also where nobody says that something was lost. */
static void a_cancellation_that_the_centre_has_lost(void **state)
{
    (void)state;
    static const char *const snapshots[] = { RESET(MISSION_7("08:00:00", "departed", "")),
                                             SNAPSHOT(MISSION_7("08:00:00", "departed", "")) };
    for (int turn = 0; turn < 4; turn++) {
        struct scene scene;
        begin(&scene, ORDER_ENGLISH);
        tell_and_cancel(&scene, turn / 2 == 0);
        hear(&scene, snapshots[turn % 2]);
        waits_for_a_mission(&scene, true);
        assert_int_equal(mission_of(&scene, 3), 7);
        hear(&scene, snapshots[turn % 2]);
        hear(&scene, CHANGE(MISSION_7("08:00:00", "departed", "")));
        waits_for_a_mission(&scene, true); /* once */
        hear(&scene, CHANGE(MISSION_7("08:00:00", "on_scene", "")));
        waits_for_a_mission(&scene, false);
        end(&scene);
    }
}

/* Diverted from 7 to 8, and the centre has lost both: the crew drives for 7, which it was told is over. */
static void a_diversion_that_the_centre_has_lost(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, ORDER_ENGLISH);
    tell_and_cancel(&scene, true);
    hear(&scene, CHANGE(MISSION("8", "3", "departed", "")));
    hear(&scene, RESET(MISSION_7("08:00:00", "departed", "")));
    const struct gateway_order *order = gateway_orders_next(scene.orders, 3, 0);
    assert_string_equal(order->text, "[Mission 8] has ended");
    gateway_orders_delivered(scene.orders, order->number);
    waits_for_a_mission(&scene, true);
    assert_int_equal(mission_of(&scene, 3), 7);
    end(&scene);
}

/* Assigned and over within what was lost; then the number is given again to the same unit. */
static void a_number_that_is_given_again(void **state)
{
    (void)state;
    static const char *const snapshots[] = { RESET(MISSION_7("09:00:00", "assigned", "")),
                                             SNAPSHOT(MISSION_7("09:00:00", "assigned", "")) };
    for (int turn = 0; turn < 2; turn++) {
        struct scene scene;
        begin(&scene, ORDER_ENGLISH);
        hear(&scene, CHANGE(MISSION_7("08:00:00", "assigned", "")));
        hear(&scene, CHANGE(MISSION_7("08:00:00", "departed", "")));
        hear(&scene, CHANGE(MISSION_7("08:00:00", "ended", COMPLETED)));
        waits_for_a_mission(&scene, false);
        hear(&scene, snapshots[turn]);
        waits_for_a_mission(&scene, true);
        end(&scene);
    }
}

/* One that another way has told, and a unit that was told of no end: nothing to be said. */
static void a_mission_that_the_crew_knows(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, ORDER_ENGLISH);
    hear(&scene, RESET(MISSION_7("08:00:00", "departed", "")));
    waits_for_a_mission(&scene, false);
    hear(&scene, RESET(MISSION_7("08:00:00", "on_scene", "")));
    waits_for_a_mission(&scene, false);
    end(&scene);
}

static void hear_message(struct scene *scene, const char *id, const char *to_crew, struct instant sent_at, const char *read_at)
{
    char text[400], at[FORM_INSTANT_SIZE] = "";
    assert_true(form_instant_text(sent_at, at));
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"change\",\"messages\":[{\"id\":%s,\"unit\":3,\"to_crew\":%s,\"sent_at\":\"%s\",\"read_at\":%s}]}",
                   id, to_crew, at, read_at);
    hear(scene, text);
}

/* Nobody says that anything was lost, yet it is another message. */
static void a_number_of_a_message_that_is_given_again(void **state)
{
    (void)state;
    struct scene scene;
    struct instant now = clock_wall(), before = { now.us - US_PER_MINUTE };
    begin(&scene, ORDER_ENGLISH);
    hear_message(&scene, "3", "true", before, "null");
    hear_message(&scene, "3", "true", now, "null");
    assert_int_equal(gateway_orders_waiting(scene.orders), 1);
    hear_message(&scene, "3", "true", now, "\"2026-11-22T08:00:00Z\"");
    assert_int_equal(gateway_orders_waiting(scene.orders), 0);
    hear_message(&scene, "3", "true", now, "null");
    assert_int_equal(gateway_orders_waiting(scene.orders), 0);
    hear_message(&scene, "3", "true", before, "null");
    assert_int_equal(gateway_orders_waiting(scene.orders), 1);
    end(&scene);
}

static void messages_to_a_crew(void **state)
{
    (void)state;
    struct scene scene;
    struct instant now = clock_wall(), long_ago = { now.us - 2 * US_PER_HOUR };
    begin(&scene, ORDER_CHINESE);
    hear_message(&scene, "1", "false", now, "null");
    hear_message(&scene, "2", "true", long_ago, "null");
    assert_int_equal(gateway_orders_waiting(scene.orders), 0);
    assert_int_equal(gateway_orders_unread(scene.orders, 3), 2);
    hear_message(&scene, "3", "true", now, "null");
    hear_message(&scene, "3", "true", now, "null");
    assert_int_equal(gateway_orders_waiting(scene.orders), 1);
    assert_int_equal(gateway_orders_unread(scene.orders, 3), 3);
    hear_message(&scene, "3", "true", now, "\"2026-11-22T08:00:00Z\"");
    assert_int_equal(gateway_orders_waiting(scene.orders), 0);
    assert_int_equal(gateway_orders_unread(scene.orders, 3), 0);
    end(&scene);
}

/* ---- with a centre that answers ---- */

struct asked {
    struct played played;
    struct scene scene;
    const char *answers[4]; /* to each question for a text in turn; the last one from then on */
    int texts, notices;
};

static const char *answer(void *context, const char *request, const char *body)
{
    struct asked *asked = context;
    if (strncmp(request, "POST /api/v1/commands/mission_report ", 37) == 0) {
        assert_non_null(strstr(request, "Idempotency-Key: notify-7\r\n"));
        assert_string_equal(body, "{\"mission\":7,\"stage\":\"notify\"}");
        asked->notices += 1;
        return PLAYED("200 OK", "{}");
    }
    if (strncmp(request, "GET /api/v1/messages/", 21) != 0) {
        return PLAYED("404 No", "{\"name\":\"unknown_entity\"}"); /* no needs, no name of the place */
    }
    const char *said = asked->answers[asked->texts < 3 ? asked->texts : 3];
    asked->texts += 1;
    assert_non_null(said);
    return said;
}

static void begin_asked(struct asked *asked, const char *const answers[4])
{
    struct error error;
    *asked = (struct asked){ .texts = 0 };
    memcpy(asked->answers, answers, sizeof asked->answers);
    played_begin(&asked->played, answer, asked);
    struct scene *scene = &asked->scene;
    scene->base = asked->played.base;
    scene->link = played_link(&asked->played);
    assert_int_equal(gateway_orders_create(scene->base, scene->link, ORDER_CHINESE, due, scene, &scene->orders, &error),
                     STATUS_OK);
}

static void end_asked(struct asked *asked)
{
    gateway_link_destroy(asked->scene.link);
    gateway_orders_destroy(asked->scene.orders);
    played_end(&asked->played);
}

static bool is_due(const void *context) { return ((const struct asked *)context)->scene.due > 0; }
static bool was_asked_thrice(const void *context) { return ((const struct asked *)context)->texts >= 3; }
static bool waits_no_more(const void *context)
{
    return gateway_orders_waiting(((const struct asked *)context)->scene.orders) == 0;
}
static bool is_told(const void *context) { return ((const struct asked *)context)->notices == 1; }

static void ignore(void *context, const struct gateway_answer *answer) { (void)context, (void)answer; }

#define REFUSED PLAYED("403 No", "{\"name\":\"not_allowed\"}")
#define BROKEN PLAYED("500 Broken", "")
#define TEXT PLAYED("200 OK", "{\"message\":3,\"text\":\"请从东门进入\"}")

static void a_text_is_asked_for_until_it_comes(void **state)
{
    (void)state;
    struct asked asked;
    begin_asked(&asked, (const char *const[4]){ REFUSED, BROKEN, TEXT, NULL });
    hear_message(&asked.scene, "3", "true", clock_wall(), "null");
    assert_int_equal(gateway_orders_waiting(asked.scene.orders), 1);
    played_until(&asked.played, is_due, &asked);
    assert_int_equal(asked.texts, 3);
    assert_string_equal(gateway_orders_next(asked.scene.orders, 3, 0)->text, "【消息】请从东门进入");
    end_asked(&asked);
}

/* A yes without the text that was asked for is no text: not the end of the message. */
static void a_text_that_is_missing_is_asked_for_again(void **state)
{
    (void)state;
    struct asked asked;
    begin_asked(&asked, (const char *const[4]){ PLAYED("200 OK", ""), PLAYED("200 OK", "<html>"), TEXT, NULL });
    hear_message(&asked.scene, "3", "true", clock_wall(), "null");
    played_until(&asked.played, is_due, &asked);
    assert_int_equal(asked.texts, 3);
    assert_string_equal(gateway_orders_next(asked.scene.orders, 3, 0)->text, "【消息】请从东门进入");
    end_asked(&asked);
}

/* The line has no room at first. */
static void a_text_that_could_not_be_asked_for(void **state)
{
    (void)state;
    struct asked asked;
    static char body[] = "{}";
    begin_asked(&asked, (const char *const[4]){ TEXT, TEXT, TEXT, TEXT });
    const struct gateway_request other = { "/places/at", body, 2, NULL, 60000, ignore, NULL };
    for (int i = 0; i < LINK_WAITING_MAX; i++) {
        assert_true(gateway_link_ask(asked.scene.link, &other));
    }
    hear_message(&asked.scene, "3", "true", clock_wall(), "null");
    assert_int_equal(gateway_orders_waiting(asked.scene.orders), 1);
    played_until(&asked.played, is_due, &asked);
    assert_int_equal(gateway_orders_waiting(asked.scene.orders), 1);
    end_asked(&asked);
}

static void a_text_that_was_erased_or_read_is_not_asked_for(void **state)
{
    (void)state;
    struct asked asked;
    begin_asked(&asked, (const char *const[4]){ PLAYED("404 No", "{\"name\":\"erased\"}"), NULL, NULL, NULL });
    hear_message(&asked.scene, "3", "true", clock_wall(), "null");
    played_until(&asked.played, waits_no_more, &asked);
    assert_int_equal(asked.texts, 1);
    end_asked(&asked);
    begin_asked(&asked, (const char *const[4]){ REFUSED, REFUSED, REFUSED, REFUSED });
    hear_message(&asked.scene, "3", "true", clock_wall(), "null");
    played_until(&asked.played, was_asked_thrice, &asked);
    assert_int_equal(gateway_orders_waiting(asked.scene.orders), 1);
    hear_message(&asked.scene, "3", "true", clock_wall(), "\"2026-11-22T08:00:00Z\"");
    assert_int_equal(gateway_orders_waiting(asked.scene.orders), 0);
    assert_int_equal(asked.scene.due, 0);
    end_asked(&asked);
}

/* In a centre's table the newest stands where the oldest was, so a snapshot may have it first. */
static void messages_in_any_order(void **state)
{
    (void)state;
    struct scene scene;
    struct instant now = clock_wall();
    begin(&scene, ORDER_CHINESE);
    hear_message(&scene, "257", "true", now, "null");
    hear_message(&scene, "255", "true", now, "null");
    hear_message(&scene, "256", "true", now, "null");
    hear_message(&scene, "257", "true", now, "null");
    assert_int_equal(gateway_orders_waiting(scene.orders), 3);
    assert_int_equal(gateway_orders_unread(scene.orders, 3), 257);
    end(&scene);
}

static void a_mission_without_the_name_of_its_place(void **state)
{
    (void)state;
    struct asked asked;
    begin_asked(&asked, (const char *const[4]){ NULL });
    hear(&asked.scene, CHANGE(MISSION("7", "3", "assigned", "")));
    played_until(&asked.played, is_due, &asked);
    const struct gateway_order *order = gateway_orders_next(asked.scene.orders, 3, 0);
    assert_string_equal(order->text, "【任务7】濒危。地点: 东经121.47000 北纬31.23000");
    gateway_orders_delivered(asked.scene.orders, order->number);
    played_until(&asked.played, is_told, &asked);
    end_asked(&asked);
}

static void what_makes_no_sense(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, ORDER_CHINESE);
    hear(&scene, "{}");
    hear(&scene, "[]");
    hear(&scene,
         "{\"type\":\"change\",\"missions\":[{},{\"id\":1},{\"id\":1,\"unit\":99999,\"state\":\"assigned\"}],\"messages\":[{}]}");
    hear(&scene, "{\"type\":\"snapshot\",\"state\":{\"missions\":[{\"id\":-1,\"unit\":-1}]}}");
    assert_int_equal(gateway_orders_waiting(scene.orders), 0);
    assert_int_equal(mission_of(&scene, 99999), 0);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mission_from_its_order_to_its_end),
        cmocka_unit_test(a_mission_that_is_taken_back),
        cmocka_unit_test(a_unit_that_is_diverted),
        cmocka_unit_test(what_ended_while_nobody_listened),
        cmocka_unit_test(what_the_centre_has_lost),
        cmocka_unit_test(a_cancellation_that_the_centre_has_lost),
        cmocka_unit_test(a_diversion_that_the_centre_has_lost),
        cmocka_unit_test(a_number_that_is_given_again),
        cmocka_unit_test(a_mission_that_the_crew_knows),
        cmocka_unit_test(messages_to_a_crew),
        cmocka_unit_test(a_number_of_a_message_that_is_given_again),
        cmocka_unit_test(messages_in_any_order),
        cmocka_unit_test(a_text_is_asked_for_until_it_comes),
        cmocka_unit_test(a_text_that_is_missing_is_asked_for_again),
        cmocka_unit_test(a_text_that_could_not_be_asked_for),
        cmocka_unit_test(a_text_that_was_erased_or_read_is_not_asked_for),
        cmocka_unit_test(a_mission_without_the_name_of_its_place),
        cmocka_unit_test(what_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
