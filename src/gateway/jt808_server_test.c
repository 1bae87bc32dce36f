/* A terminal at the server, and a centre that answers what the test wants: emergencies and presses must reach it, once each. */
#include "gateway/jt808_server.h"

#include "gateway/played_test.h"

#include <unistd.h>

#include "base/check.h"
#include "wire/jt808_body.h"

enum { UNIT = 3, REPLIES_MAX = 64, TOLD_MAX = 16, KEY_TEXT = 80 };

/* What the centre was told: the key and the body of each message or report, as often as it came. */
struct told {
    char key[KEY_TEXT], body[300];
};

struct scene {
    struct played played;
    struct gateway_link *link;
    struct gateway_terminals *terminals;
    struct gateway_positions *positions;
    struct gateway_orders *orders;
    struct jt808_server *server;
    struct buttons buttons;
    uint16_t port;
    const char *answer; /* to messages and reports; "" keeps them waiting */
    struct told told[TOLD_MAX];
    int told_count, wanted_told;
    bool is_known;
    /* the terminal */
    int line;
    uint16_t serial, awaited;
    struct jt808_splitter splitter;
    struct jt808_reply replies[REPLIES_MAX];
    int reply_count;
    char code[JT808_CODE_SIZE];
};

static const char *answer(void *context, const char *request, const char *body)
{
    struct scene *scene = context;
    if (strncmp(request, "GET /api/v1/terminals?", 22) == 0) {
        return PLAYED("200 OK", "{\"version\":1,\"next\":null,\"items\":[{\"id\":1,\"kind\":\"jt808\",\"number\":\"1380\","
                                "\"unit\":3,\"device\":\"\"}]}");
    }
    if (strncmp(request, "POST /api/v1/positions ", 23) == 0) {
        return PLAYED("200 OK", "{\"refused\":[]}");
    }
    const char *key = strstr(request, "Idempotency-Key: ");
    if (strncmp(request, "POST ", 5) == 0 && key != NULL) {
        struct told *told = &scene->told[scene->told_count % TOLD_MAX]; /* of many repetitions the last ones */
        scene->told_count += 1;
        (void)snprintf(told->key, sizeof told->key, "%.*s", (int)strcspn(key + 17, "\r"), key + 17);
        (void)snprintf(told->body, sizeof told->body, "%s", body);
        return scene->answer;
    }
    return PLAYED("404 No", "{\"name\":\"unknown_entity\"}");
}

static void settled(void *context, uint64_t ticket, enum gateway_outcome outcome)
{
    const struct scene *scene = context;
    jt808_server_settled(scene->server, ticket, outcome);
}

static void due(void *context, uint32_t unit) { (void)context, (void)unit; }
static void changed(void *context) { ((struct scene *)context)->is_known = true; }

static bool is_known(const void *context) { return ((const struct scene *)context)->is_known; }

static int listen_here(uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    assert_true(listen(listener, 16) == 0 && getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    return listener;
}

static void begin(struct scene *scene)
{
    struct error error;
    *scene = (struct scene){ .line = -1, .answer = PLAYED("200 OK", "{\"made\":1}") };
    played_begin(&scene->played, answer, scene);
    struct event_base *base = scene->played.base;
    scene->link = played_link(&scene->played);
    buttons_default(&scene->buttons);
    assert_int_equal(gateway_orders_create(base, scene->link, ORDER_CHINESE, due, scene, &scene->orders, &error), STATUS_OK);
    assert_int_equal(gateway_positions_create(base, scene->link, settled, scene, &scene->positions, &error), STATUS_OK);
    assert_int_equal(gateway_terminals_create(base, scene->link, "jt808", changed, scene, &scene->terminals, &error), STATUS_OK);
    const struct jt808_server_setup setup = { .base = base,
                                              .listener = listen_here(&scene->port),
                                              .link = scene->link,
                                              .terminals = scene->terminals,
                                              .positions = scene->positions,
                                              .orders = scene->orders,
                                              .buttons = &scene->buttons,
                                              .connections_max = 4,
                                              .idle_s = 3600,
                                              .frames_per_s = 1000 };
    assert_int_equal(jt808_server_create(&setup, &scene->server, &error), STATUS_OK);
    jt808_code(setup.key, &(struct gateway_terminal){ .id = 1, .unit = UNIT, .number = "1380" }, scene->code);
    played_until(&scene->played, is_known, scene);
}

static void end(struct scene *scene)
{
    gateway_link_destroy(scene->link);
    jt808_server_destroy(scene->server);
    gateway_terminals_destroy(scene->terminals);
    gateway_positions_destroy(scene->positions);
    gateway_orders_destroy(scene->orders);
    (void)close(scene->line);
    played_end(&scene->played);
}

/* ---- the terminal ---- */

static void send_message(struct scene *scene, uint16_t id, uint16_t serial, const void *body, size_t length)
{
    uint8_t frame[JT808_WIRE_MAX];
    const struct jt808_header header = { .id = id, .serial = serial, .phone = { 0, 0, 0, 0, 0x13, 0x80 } };
    size_t size = jt808_write(&header, body, length, 1, frame);
    assert_int_equal(send(scene->line, frame, size, MSG_NOSIGNAL), size);
}

static void read_line(struct scene *scene)
{
    uint8_t bytes[4096];
    ssize_t length = recv(scene->line, bytes, sizeof bytes, MSG_DONTWAIT);
    for (size_t at = 0; length > 0 && at < (size_t)length;) {
        struct jt808_message message;
        bool is_frame;
        at += jt808_split(&scene->splitter, bytes + at, (size_t)length - at, &is_frame);
        bool is_message = is_frame && jt808_read(scene->splitter.bytes, scene->splitter.length, &message) == JT808_READ;
        if (is_message && message.header.id == JT808_PLATFORM_REPLY) {
            assert_true(scene->reply_count < REPLIES_MAX);
            assert_true(jt808_read_reply(&message, &scene->replies[scene->reply_count++]));
        }
    }
}

/* The result of the reply to that serial; -1: none has come. */
static int result_of(const struct scene *scene, uint16_t serial)
{
    for (int i = scene->reply_count - 1; i >= 0; i--) {
        if (scene->replies[i].serial == serial) {
            return scene->replies[i].result;
        }
    }
    return -1;
}

static bool is_answered(const void *context)
{
    struct scene *scene = (struct scene *)(uintptr_t)context; /* what has come is read here */
    read_line(scene);
    return result_of(scene, scene->awaited) >= 0;
}

static bool was_told(const void *context)
{
    const struct scene *scene = context;
    return scene->told_count >= scene->wanted_told;
}

static int await_reply(struct scene *scene, uint16_t serial)
{
    scene->awaited = serial;
    played_until(&scene->played, is_answered, scene);
    return result_of(scene, serial);
}

static void await_told(struct scene *scene, int count)
{
    scene->wanted_told = count;
    played_until(&scene->played, was_told, scene);
    assert_int_equal(scene->told_count, count);
}

/* Everything that was said before a heartbeat has been looked at when it is answered. */
static void settle_down(struct scene *scene)
{
    uint16_t serial = scene->serial++;
    send_message(scene, JT808_HEARTBEAT, serial, NULL, 0);
    assert_int_equal(await_reply(scene, serial), JT808_SUCCESS);
}

/* A new connection; the serial goes on unless the terminal has restarted. */
static void join(struct scene *scene, bool has_restarted)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons(scene->port),
                                         .sin_addr = { htonl(INADDR_LOOPBACK) } };
    if (scene->line >= 0) {
        (void)close(scene->line);
    }
    scene->serial = has_restarted ? 0 : scene->serial;
    scene->splitter = (struct jt808_splitter){ .is_open = false };
    scene->reply_count = 0;
    scene->line = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(scene->line >= 0 && connect(scene->line, (const struct sockaddr *)&address, sizeof address) == 0);
    uint16_t serial = scene->serial++;
    send_message(scene, JT808_AUTHENTICATE, serial, scene->code, strlen(scene->code));
    assert_int_equal(await_reply(scene, serial), JT808_SUCCESS);
}

static void put_time(uint8_t out[JT808_TIME_SIZE], int back_s)
{
    struct instant at = clock_wall();
    char text[16];
    time_t seconds = (time_t)(at.us / US_PER_SECOND) - back_s + 8 * 3600; /* GMT+8 */
    struct tm parts;
    assert_non_null(gmtime_r(&seconds, &parts));
    assert_int_equal(strftime(text, sizeof text, "%y%m%d%H%M%S", &parts), 12);
    for (int i = 0; i < JT808_TIME_SIZE; i++) {
        out[i] = (uint8_t)((text[2 * i] - '0') << 4 | (text[2 * i + 1] - '0'));
    }
}

enum { POSITION_SIZE = 28 };

/* At 121.47 E, 31.23 N, so many seconds ago. */
static void put_position(uint8_t out[POSITION_SIZE], bool is_pressed, int back_s)
{
    static const uint8_t place[] = { 0, 0, 0, 3, 0x01, 0xDC, 0x87, 0xB0, 0x07, 0x3D, 0x83, 0x70, 0, 0, 0, 0, 0, 0 };
    memset(out, 0, POSITION_SIZE);
    out[3] = is_pressed;
    memcpy(out + 4, place, sizeof place);
    put_time(out + 22, back_s);
}

static uint16_t say_position(struct scene *scene, bool is_pressed, int back_s)
{
    uint8_t body[POSITION_SIZE];
    uint16_t serial = scene->serial++;
    put_position(body, is_pressed, back_s);
    send_message(scene, JT808_POSITION, serial, body, sizeof body);
    return serial;
}

/* Two positions in a 0x0704 of that type; the second one is pressed. */
static void say_batch(struct scene *scene, uint16_t serial, uint8_t type, int back_s)
{
    uint8_t body[3 + 2 * (2 + POSITION_SIZE)] = { 0, 2, type };
    for (int i = 0; i < 2; i++) {
        uint8_t *at = body + 3 + i * (2 + POSITION_SIZE);
        at[1] = POSITION_SIZE;
        put_position(at + 2, i == 1, back_s - i);
    }
    send_message(scene, JT808_POSITIONS, serial, body, sizeof body);
}

/* ---- the emergency button ---- */

static void an_emergency_is_told_once_a_press(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    join(&scene, true);
    assert_int_equal(await_reply(&scene, say_position(&scene, false, 100)), JT808_SUCCESS);
    assert_int_equal(scene.told_count, 0);
    assert_int_equal(await_reply(&scene, say_position(&scene, true, 90)), JT808_SUCCESS);
    assert_int_equal(scene.told_count, 1);
    assert_non_null(strstr(scene.told[0].body, "\"unit\":3"));
    assert_non_null(strstr(scene.told[0].body, "紧急"));
    assert_int_equal(await_reply(&scene, say_position(&scene, true, 60)), JT808_SUCCESS);
    join(&scene, false); /* still up on another connection */
    assert_int_equal(await_reply(&scene, say_position(&scene, true, 50)), JT808_SUCCESS);
    assert_int_equal(await_reply(&scene, say_position(&scene, false, 40)), JT808_SUCCESS);
    assert_int_equal(scene.told_count, 1);
    assert_int_equal(await_reply(&scene, say_position(&scene, true, 20)), JT808_SUCCESS);
    assert_int_equal(scene.told_count, 2);
    assert_string_not_equal(scene.told[0].key, scene.told[1].key);
    end(&scene);
}

/* The terminal takes its button back when the position is confirmed: not before the centre has answered. */
static void an_emergency_is_repeated_until_the_centre_answers(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    join(&scene, true);
    scene.answer = PLAYED("503 Busy", "");
    uint16_t first = say_position(&scene, true, 20);
    await_told(&scene, 2);
    uint16_t second = say_position(&scene, true, 10);
    settle_down(&scene);
    assert_int_equal(result_of(&scene, first), -1);
    scene.answer = PLAYED("200 OK", "{\"made\":1}");
    assert_int_equal(await_reply(&scene, second), JT808_SUCCESS);
    for (int i = 1; i < scene.told_count && i < TOLD_MAX; i++) {
        assert_string_equal(scene.told[i].key, scene.told[0].key);
    }
    end(&scene);
}

static void an_emergency_that_was_refused_is_told_again(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    join(&scene, true);
    scene.answer = PLAYED("403 No", "{\"name\":\"not_allowed\"}");
    assert_int_equal(await_reply(&scene, say_position(&scene, true, 10)), JT808_SUCCESS);
    assert_int_equal(scene.told_count, 1);
    scene.answer = PLAYED("200 OK", "{\"made\":1}");
    await_told(&scene, 2);
    assert_string_equal(scene.told[0].key, scene.told[1].key);
    end(&scene);
}

static void an_emergency_in_a_batch(void **state)
{
    (void)state;
    struct scene scene;
    for (uint8_t type = 0; type < 2; type++) { /* gathered; kept without a connection */
        begin(&scene);
        join(&scene, true);
        uint16_t serial = scene.serial++;
        say_batch(&scene, serial, type, 3600);
        assert_int_equal(await_reply(&scene, serial), JT808_SUCCESS);
        assert_int_equal(scene.told_count, 1);
        scene.reply_count = 0;
        say_batch(&scene, serial, type, 3600); /* once more: the reply was lost */
        assert_int_equal(await_reply(&scene, serial), JT808_SUCCESS);
        assert_int_equal(await_reply(&scene, say_position(&scene, false, 30)), JT808_SUCCESS);
        assert_int_equal(scene.told_count, 1);
        assert_int_equal(await_reply(&scene, say_position(&scene, true, 15)), JT808_SUCCESS);
        assert_int_equal(scene.told_count, 2);
        end(&scene);
    }
}

/* The newest is told first, then what was kept comes: one press. */
static void an_emergency_whose_first_positions_come_late(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    join(&scene, true);
    assert_int_equal(await_reply(&scene, say_position(&scene, true, 5)), JT808_SUCCESS);
    uint16_t serial = scene.serial++;
    say_batch(&scene, serial, 1, 60);
    assert_int_equal(await_reply(&scene, serial), JT808_SUCCESS);
    assert_int_equal(scene.told_count, 1);
    end(&scene);
}

/* ---- presses ---- */

static void give_mission(struct scene *scene, const char *id, const char *state)
{
    char text[300];
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"change\",\"missions\":[{\"id\":%s,\"unit\":3,\"state\":\"%s\",\"incident\":4,\"priority\":"
                   "\"critical\",\"end_reason\":\"completed\",\"assigned_at\":\"2026-11-22T08:00:00Z\"}]}",
                   id, state);
    json_t *message = json_loads(text, 0, NULL);
    gateway_orders_hear(scene->orders, message);
    json_decref(message);
}

static void press(struct scene *scene, uint8_t button, uint16_t serial)
{
    const uint8_t body[] = { 0xF0, button };
    scene->reply_count = 0;
    send_message(scene, JT808_DATA_UP, serial, body, sizeof body);
}

enum { ACKNOWLEDGE = 1, DEPART = 2 };

/* The same serial and the same button in the same hour, of another mission: another press. */
static void a_terminal_that_has_restarted(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    join(&scene, true);
    give_mission(&scene, "7", "departed");
    press(&scene, ACKNOWLEDGE, 1);
    assert_int_equal(await_reply(&scene, 1), JT808_SUCCESS);
    give_mission(&scene, "7", "ended");
    give_mission(&scene, "8", "departed");
    join(&scene, true);
    press(&scene, ACKNOWLEDGE, 1);
    assert_int_equal(await_reply(&scene, 1), JT808_SUCCESS);
    assert_int_equal(scene.told_count, 2);
    assert_non_null(strstr(scene.told[0].body, "\"mission\":7"));
    assert_non_null(strstr(scene.told[1].body, "\"mission\":8"));
    assert_string_not_equal(scene.told[0].key, scene.told[1].key);
    /* and of the same mission */
    join(&scene, true);
    press(&scene, ACKNOWLEDGE, 1);
    assert_int_equal(await_reply(&scene, 1), JT808_SUCCESS);
    assert_int_equal(scene.told_count, 3);
    assert_string_not_equal(scene.told[1].key, scene.told[2].key);
    end(&scene);
}

/* What was pressed for one mission is never told about the next one. */
static void a_press_that_is_repeated_after_the_mission_has_changed(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    join(&scene, true);
    give_mission(&scene, "7", "departed");
    uint16_t serial = scene.serial++;
    press(&scene, DEPART, serial);
    assert_int_equal(await_reply(&scene, serial), JT808_SUCCESS);
    give_mission(&scene, "7", "ended");
    give_mission(&scene, "8", "departed");
    press(&scene, DEPART, serial); /* the reply was lost */
    assert_int_equal(await_reply(&scene, serial), JT808_SUCCESS);
    join(&scene, false);
    press(&scene, DEPART, serial);
    assert_int_equal(await_reply(&scene, serial), JT808_SUCCESS);
    assert_int_equal(scene.told_count, 1);
    end(&scene);
}

static void a_press_that_was_refused_before_the_mission_changed(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    join(&scene, true);
    give_mission(&scene, "7", "departed");
    scene.answer = PLAYED("409 No", "{\"name\":\"transition\"}");
    uint16_t serial = scene.serial++;
    press(&scene, DEPART, serial);
    assert_int_equal(await_reply(&scene, serial), JT808_FAILURE);
    press(&scene, DEPART, serial); /* about the same mission: asked once more, by the same key */
    assert_int_equal(await_reply(&scene, serial), JT808_FAILURE);
    assert_int_equal(scene.told_count, 2);
    assert_string_equal(scene.told[0].key, scene.told[1].key);
    scene.answer = PLAYED("200 OK", "{}");
    give_mission(&scene, "7", "ended");
    give_mission(&scene, "8", "departed");
    press(&scene, DEPART, serial);
    assert_int_equal(await_reply(&scene, serial), JT808_FAILURE);
    assert_int_equal(scene.told_count, 2);
    end(&scene);
}

/* Two at once from two connections: the answer goes to the later one. */
static void a_press_that_is_repeated_while_the_centre_is_silent(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    join(&scene, true);
    give_mission(&scene, "7", "departed");
    scene.answer = "";
    uint16_t serial = scene.serial++;
    press(&scene, DEPART, serial);
    await_told(&scene, 1);
    join(&scene, false);
    press(&scene, DEPART, serial);
    settle_down(&scene);
    assert_int_equal(result_of(&scene, serial), -1);
    scene.answer = PLAYED("200 OK", "{}");
    assert_int_equal(await_reply(&scene, serial), JT808_SUCCESS);
    for (int i = 1; i < scene.told_count && i < TOLD_MAX; i++) {
        assert_string_equal(scene.told[i].key, scene.told[0].key);
    }
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_emergency_is_told_once_a_press),
        cmocka_unit_test(an_emergency_is_repeated_until_the_centre_answers),
        cmocka_unit_test(an_emergency_that_was_refused_is_told_again),
        cmocka_unit_test(an_emergency_in_a_batch),
        cmocka_unit_test(an_emergency_whose_first_positions_come_late),
        cmocka_unit_test(a_terminal_that_has_restarted),
        cmocka_unit_test(a_press_that_is_repeated_after_the_mission_has_changed),
        cmocka_unit_test(a_press_that_was_refused_before_the_mission_changed),
        cmocka_unit_test(a_press_that_is_repeated_while_the_centre_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
