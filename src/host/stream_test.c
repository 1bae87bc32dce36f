/* The stream from outside: real sockets, a real centre, real people; WebSocket and server-sent events. */
#include "host/stream.h"
#include "host/stream_feed.h"

#define test_send test_http_send
#define test_answered test_http_answered
#include "host/http_test.h"
#undef test_send
#undef test_answered

#include "host/centre_test.h"
#include "host/positions.h"
#include "host/stream_test.h"

enum { CLIENTS_MAX = 4, WAITING_MAX = 32 * 1024, BURST = 200, OPCODE_TEXT = 1, OPCODE_CLOSE = 8 };

struct world {
    struct test_server server;
    struct test_centre test;
    struct test_tables tables;
    struct positions *positions;
    struct stream *stream;
    struct event *centre_ready;
    struct identity dispatcher, crew, ended;
};

/* ---- the server ---- */

static void on_request(void *context, struct http_request *request)
{
    struct world *world = context;
    const char *as = http_parameter(request, "as"), *after = http_parameter(request, "after"),
               *fingerprint = http_parameter(request, "fingerprint");
    const struct stream_resume resume = { after != NULL, after == NULL ? 0 : strtoull(after, NULL, 10),
                                          fingerprint == NULL ? 0 : strtoull(fingerprint, NULL, 16) };
    const struct identity *identity = as == NULL ? &world->dispatcher : as[0] == 'c' ? &world->crew : &world->ended;
    http_name_route(request, "test");
    stream_open(world->stream, request, identity, strcmp(http_path(request), "/stream") == 0, &resume);
}

static void on_centre(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    centre_deliver(((struct world *)context)->test.centre);
}

static struct identity sign_in(struct world *world, const char *name, struct grant grant)
{
    char token[80], header[100];
    struct error error;
    struct identity identity;
    test_ok(people_store_token(world->tables.sql, name, grant, token, &error), &error);
    people_destroy(world->tables.people);
    test_people(&world->tables);
    snprintf(header, sizeof header, "Bearer %s", token);
    assert_int_equal(people_identify(world->tables.people, NULL, header, NULL, false, &identity), IDENTIFIED);
    return identity;
}

static void begin(struct world *world)
{
    struct error error;
    *world = (struct world){ .stream = NULL };
    test_centre_make(&world->test);
    test_centre_start(&world->test);
    test_open_centre(&world->test);
    test_tables_make(&world->tables, TEST_UNITS, 1);
    world->dispatcher = sign_in(world, "console", (struct grant){ ROLE_SIMULATION, SCOPE_CENTRE, 0 });
    world->crew = sign_in(world, "vehicle", (struct grant){ ROLE_CREW, SCOPE_UNIT, 2 });
    world->ended = world->dispatcher;
    world->ended.actor += 1000;
    struct http_setup http = test_setup();
    http.handle = on_request;
    http.answered = NULL;
    test_begin(&world->server, http);
    world->server.http->setup.context = world;
    test_ok(positions_create(world->server.base, world->test.centre, world->test.clock, 10, &world->positions, &error), &error);
    const struct stream_setup setup = { .base = world->server.base,
                                        .centre = world->test.centre,
                                        .directory = world->tables.directory,
                                        .people = world->tables.people,
                                        .positions = world->positions,
                                        .control = world->tables.control,
                                        .clock = world->test.clock,
                                        .waiting_bytes_max = WAITING_MAX,
                                        .ring_entries = 4096,
                                        .positions_every_ms = 20,
                                        .clients_max = CLIENTS_MAX,
                                        .control_absent_us = 1 };
    test_ok(stream_create(&setup, &world->stream, &error), &error);
    centre_observe(world->test.centre, stream_entry, world->stream);
    world->centre_ready = event_new(world->server.base, centre_fd(world->test.centre), EV_READ | EV_PERSIST, on_centre, world);
    assert_int_equal(event_add(world->centre_ready, NULL), 0);
}

static void end(struct world *world)
{
    http_destroy(world->server.http);
    stream_destroy(world->stream);
    event_free(world->centre_ready);
    test_centre_drain(&world->test);
    positions_destroy(world->positions);
    event_free(world->server.tick);
    event_base_free(world->server.base);
    test_tables_free(&world->tables);
    test_centre_free(&world->test);
}

/* ---- a client ---- */

struct listener {
    struct test_client client;
    struct test_client_state state;
    size_t at; /* what has been read of client.in */
    bool websocket;
    uint16_t close_code;
    char last[32]; /* type of the newest message but those of time and place */
};

static struct listener open_listener(struct world *world, const char *target)
{
    char request[512];
    struct listener listener = { .client = test_connect(&world->server), .websocket = strncmp(target, "/stream", 7) == 0 };
    test_client_forget(&listener.state);
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: centre\r\n%s\r\n", target,
             listener.websocket ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                : "");
    test_http_send(&world->server, &listener.client, request);
    TEST_UNTIL(&world->server, test_has(&listener.client, "\r\n\r\n"));
    listener.at = (size_t)(strstr(listener.client.in.bytes, "\r\n\r\n") + 4 - listener.client.in.bytes);
    return listener;
}

static void hang_up(struct listener *listener)
{
    test_hang_up(&listener->client);
    test_client_free(&listener->state);
}

static void hear_message(struct listener *listener, const char *bytes, size_t length)
{
    json_t *message = test_client_hear(&listener->state, bytes, length);
    const char *type = json_string_value(json_object_get(message, "type"));
    if (strcmp(type, "clock") != 0 && strcmp(type, "positions") != 0 && strcmp(type, "control") != 0) {
        snprintf(listener->last, sizeof listener->last, "%s", type);
    }
    json_decref(message);
}

/* One frame of RFC 6455 as a server sends it; false if it is not there yet. */
static bool hear_websocket(struct listener *listener)
{
    const unsigned char *bytes = (const unsigned char *)listener->client.in.bytes + listener->at;
    size_t left = listener->client.in.length - listener->at, head = 2;
    if (left < 2) {
        return false;
    }
    size_t length = bytes[1];
    assert_int_equal(bytes[1] & 0x80, 0);
    size_t wide = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (left < head + wide) {
        return false;
    }
    length = wide == 0 ? length : 0;
    for (size_t i = 0; i < wide; i++) {
        length = length << 8 | bytes[head + i];
    }
    head += wide;
    if (left < head + length) {
        return false;
    }
    if ((bytes[0] & 0x0F) == OPCODE_TEXT) {
        hear_message(listener, (const char *)bytes + head, length);
    } else if ((bytes[0] & 0x0F) == OPCODE_CLOSE && length >= 2) {
        listener->close_code = (uint16_t)(bytes[head] << 8 | bytes[head + 1]);
    }
    listener->at += head + length;
    return true;
}

static bool hear_event(struct listener *listener)
{
    const char *begin = listener->client.in.bytes + listener->at;
    size_t left = listener->client.in.length - listener->at;
    const char *over = memmem(begin, left, "\n\n", 2), *data = memmem(begin, left, "data: ", 6);
    if (over == NULL) {
        return false;
    }
    if (data != NULL && data < over) {
        hear_message(listener, data + 6, (size_t)(over - data - 6));
    }
    listener->at += (size_t)(over + 2 - begin);
    return true;
}

static bool hear(struct listener *listener)
{
    test_drain(&listener->client);
    while (listener->websocket ? hear_websocket(listener) : hear_event(listener)) {
    }
    return true;
}

static void say(struct world *world, struct listener *listener, const char *text)
{
    size_t length = strnlen(text, 126);
    char frame[160] = { (char)(0x80 | OPCODE_TEXT), (char)(0x80 | length) }; /* masked with zeros */
    assert_true(length < 126);
    memcpy(frame + 6, text, length);
    test_send_bytes(&world->server, &listener->client, frame, length + 6);
}

#define HEAR_UNTIL(world, listener, condition) TEST_UNTIL(&(world)->server, (hear(listener), (condition)))

static size_t seen(const struct listener *listener, const char *list)
{
    return json_object_size(json_object_get(listener->state.entities, list));
}

static uint64_t now_at(const struct world *world) { return centre_core(world->test.centre)->head->sequence; }

/* ---- stories ---- */

static void test_snapshot_and_changes(void **state)
{
    (void)state;
    static const char *const targets[] = { "/stream", "/events" };
    for (size_t i = 0; i < ARRAY_LENGTH(targets); i++) {
        struct world world;
        begin(&world);
        struct listener console = open_listener(&world, targets[i]);
        char target[80];
        snprintf(target, sizeof target, "%s?as=crew", targets[i]);
        struct listener crew = open_listener(&world, target);
        HEAR_UNTIL(&world, &console, console.state.snapshots == 1);
        HEAR_UNTIL(&world, &crew, crew.state.snapshots == 1);
        assert_int_equal(seen(&console, "units"), TEST_UNITS);
        assert_int_equal(seen(&console, "posts"), 2);
        assert_int_equal(seen(&crew, "units"), 1);
        uint32_t incident = test_incident(&world.test, TEST_NEAR_WEST, PRIORITY_CRITICAL);
        HEAR_UNTIL(&world, &console, seen(&console, "incidents") == 1 && console.state.sequence == now_at(&world));
        assert_true(console.state.changes > 0 && console.state.events >= 5);
        TEST_PUMP_UNTIL(&world.test, test_incident_of(&world.test, incident)->state == INCIDENT_STATE_RECOMMENDED);
        assert_int_equal(seen(&crew, "incidents"), 0);
        TEST_DO(&world.test, UNIT_ASSIGN, unit_assign, SEAT, .incident = { incident }, .unit = { 2 },
                .override = OVERRIDE_REASON_COVERAGE);
        HEAR_UNTIL(&world, &crew, seen(&crew, "missions") == 1 && seen(&crew, "incidents") == 1);
        TEST_DO(&world.test, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { incident });
        HEAR_UNTIL(&world, &crew, seen(&crew, "missions") == 0 && seen(&crew, "incidents") == 0);
        HEAR_UNTIL(&world, &console, seen(&console, "incidents") == 0);
        assert_int_equal(crew.state.snapshots, 1);
        hang_up(&console);
        hang_up(&crew);
        struct stream_figures figures;
        TEST_UNTIL(&world.server, (stream_figures(world.stream, &figures), figures.clients == 0));
        end(&world);
    }
}

static void test_cut_and_resumed(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    struct listener first = open_listener(&world, "/stream");
    HEAR_UNTIL(&world, &first, first.state.snapshots == 1);
    char target[80];
    snprintf(target, sizeof target, "/stream?after=%llu&fingerprint=%llx", (unsigned long long)first.state.sequence,
             (unsigned long long)first.state.fingerprint);
    uint64_t known = first.state.sequence;
    hang_up(&first);
    TEST_DO(&world.test, CALL_OFFER, call_offer, SYSTEM, .caller = 0);
    TEST_DO(&world.test, CALL_ANSWER, call_answer, SEAT, .call = { 1 }, .seat = 7);
    struct listener second = open_listener(&world, target);
    second.state.sequence = known;
    second.state.has_sequence = true;
    HEAR_UNTIL(&world, &second, second.state.changes == 1);
    assert_true(second.state.snapshots == 0 && seen(&second, "calls") == 1 && seen(&second, "units") == 0);
    hang_up(&second);
    struct listener third = open_listener(&world, "/events?after=99999");
    HEAR_UNTIL(&world, &third, third.state.snapshots == 1);
    assert_true(third.state.was_reset && seen(&third, "calls") == 1);
    hang_up(&third);
    end(&world);
}

/* Of server-sent events the head waits before the snapshot, which has no room behind it: what is told late is still a reset. */
static void test_a_large_snapshot_is_a_reset(void **state)
{
    (void)state;
    struct world world;
    struct stream_figures figures;
    begin(&world);
    stream_set_pace(world.stream, 64, 20);
    struct listener listener = open_listener(&world, "/events?after=99999");
    HEAR_UNTIL(&world, &listener, listener.state.snapshots == 1);
    assert_true(listener.state.was_reset);
    stream_figures(world.stream, &figures);
    assert_true(figures.slowed > 0);
    hang_up(&listener);
    end(&world);
}

/* A burst of commands that one flush tells, with all their events. */
static void burst(struct world *world, uint32_t call)
{
    uint64_t wanted = now_at(world) + BURST;
    for (int i = 0; i < BURST; i++) {
        assert_int_equal(centre_submit(world->test.centre,
                                       TEST_COMMAND(CALL_LOCATE, call_locate, SEAT, .call = { call }, .point = TEST_NEAR_WEST),
                                       NULL, NULL),
                         CENTRE_TAKEN);
    }
    TEST_PUMP_UNTIL(&world->test, now_at(world) == wanted);
    (void)event_base_loop(world->server.base, EVLOOP_ONCE);
}

/* A client who does not read costs no more than what may wait, and has everything when it reads again. */
static void test_slow(void **state)
{
    (void)state;
    struct world world;
    struct stream_figures figures;
    begin(&world);
    struct listener slow = open_listener(&world, "/stream"), quick = open_listener(&world, "/stream");
    HEAR_UNTIL(&world, &slow, slow.state.snapshots == 1);
    int small = 4096;
    assert_int_equal(setsockopt(slow.client.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    uint32_t call = TEST_DO(&world.test, CALL_OFFER, call_offer, SYSTEM, .caller = 0);
    TEST_DO(&world.test, CALL_ANSWER, call_answer, SEAT, .call = { call }, .seat = 7);
    for (stream_figures(world.stream, &figures); figures.slowed == 0; stream_figures(world.stream, &figures)) {
        assert_true(figures.bytes < 100 << 20);
        burst(&world, call);
        hear(&quick);
    }
    for (int i = 0; i < 5; i++) { /* while it is away */
        burst(&world, call);
        hear(&quick);
    }
    uint32_t revision = core_call(centre_core(world.test.centre), (struct call_id){ call })->revision;
    HEAR_UNTIL(&world, &quick, quick.state.sequence == now_at(&world));
    HEAR_UNTIL(&world, &slow, slow.state.sequence == now_at(&world));
    json_t *entity = json_object_get(json_object_get(slow.state.entities, "calls"), "1");
    assert_int_equal(json_integer_value(json_object_get(entity, "revision")), revision);
    assert_true(slow.state.changes < quick.state.changes);
    test_same_state(&slow.state, &quick.state, "slow");
    hang_up(&slow);
    hang_up(&quick);
    end(&world);
}

static void test_what_a_client_says(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    struct listener client = open_listener(&world, "/stream");
    HEAR_UNTIL(&world, &client, client.state.snapshots == 1);
    say(&world, &client, "{\"type\":\"ping\"}");
    HEAR_UNTIL(&world, &client, strcmp(client.last, "pong") == 0);
    say(&world, &client, "{\"type\":\"order\"}");
    HEAR_UNTIL(&world, &client, strcmp(client.last, "problem") == 0);
    say(&world, &client, "{\"type\":\"ping\"}");
    HEAR_UNTIL(&world, &client, strcmp(client.last, "pong") == 0);
    say(&world, &client, "ping");
    HEAR_UNTIL(&world, &client, strcmp(client.last, "problem") == 0);
    for (int i = 0; i < 200 && client.close_code == 0; i++) {
        say(&world, &client, "{\"type\":\"ping\"}");
        hear(&client);
    }
    HEAR_UNTIL(&world, &client, client.close_code != 0);
    assert_int_equal(client.close_code, 1008);
    hang_up(&client);
    end(&world);
}

static void test_ended_session_and_good_bye(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    struct listener ended = open_listener(&world, "/stream?as=ended"), stays = open_listener(&world, "/stream");
    HEAR_UNTIL(&world, &ended, ended.close_code != 0);
    assert_int_equal(ended.close_code, 4401);
    hear(&stays);
    assert_int_equal(stays.close_code, 0);
    stream_close_all(world.stream);
    HEAR_UNTIL(&world, &stays, stays.close_code != 0);
    assert_int_equal(stays.close_code, 1001);
    hang_up(&ended);
    hang_up(&stays);
    end(&world);
}

static void test_too_many(void **state)
{
    (void)state;
    struct world world;
    struct listener clients[CLIENTS_MAX + 1];
    begin(&world);
    for (int i = 0; i <= CLIENTS_MAX; i++) {
        clients[i] = open_listener(&world, i % 2 == 0 ? "/stream" : "/events");
    }
    assert_true(test_has(&clients[CLIENTS_MAX].client, "HTTP/1.1 503"));
    TEST_UNTIL(&world.server, test_has(&clients[CLIENTS_MAX].client, "\"name\":\"too_many_streams\""));
    assert_true(test_has(&clients[CLIENTS_MAX].client, "application/problem+json"));
    for (int i = 0; i <= CLIENTS_MAX; i++) {
        hang_up(&clients[i]);
    }
    struct stream_figures figures;
    TEST_UNTIL(&world.server, (stream_figures(world.stream, &figures), figures.clients == 0));
    struct listener again = open_listener(&world, "/stream");
    HEAR_UNTIL(&world, &again, again.state.snapshots == 1);
    hang_up(&again);
    end(&world);
}

static void silent(void *context, enum control_outcome outcome, uint32_t holder)
{
    (void)holder;
    *(int *)context += outcome == CONTROL_DONE;
}

static void test_positions_and_control(void **state)
{
    (void)state;
    struct world world;
    char why[160];
    struct text text;
    struct json json;
    int answers = 0;
    begin(&world);
    struct listener console = open_listener(&world, "/stream"), crew = open_listener(&world, "/stream?as=crew");
    HEAR_UNTIL(&world, &console, console.state.snapshots == 1);
    text_init(&text, 1000);
    json_init(&json, &text, 0);
    const char *body = "[{\"unit\":1,\"lon\":11.5,\"lat\":57.5},{\"unit\":2,\"lon\":12.5,\"lat\":58.5}]";
    assert_int_equal(positions_report(world.positions, &world.dispatcher, body, strlen(body), &json, why, sizeof why),
                     POSITIONS_TAKEN);
    control_take(world.tables.control, CONTROL_UNIT, 1, 7, clock_now(world.test.clock), silent, &answers);
    test_clerk_wait(&world.tables, &answers, 1);
    HEAR_UNTIL(&world, &console, json_object_size(console.state.positions) == 2 && json_array_size(console.state.control) == 1);
    HEAR_UNTIL(&world, &crew, json_object_size(crew.state.positions) == 1);
    assert_int_equal(json_array_size(crew.state.control), 0);
    text_free(&text);
    hang_up(&console);
    hang_up(&crew);
    end(&world);
}

/* Somebody closes his window in a drill: the seat goes back to the simulation, and the others see it. */
static void test_control_of_who_is_gone(void **state)
{
    (void)state;
    struct world world;
    int answers = 0;
    begin(&world);
    struct listener console = open_listener(&world, "/stream"), crew = open_listener(&world, "/stream?as=crew");
    HEAR_UNTIL(&world, &console, console.state.snapshots == 1);
    HEAR_UNTIL(&world, &crew, crew.state.snapshots == 1);
    struct instant now = clock_now(world.test.clock);
    control_take(world.tables.control, CONTROL_UNIT, 2, world.crew.actor, now, silent, &answers);
    test_clerk_wait(&world.tables, &answers, 1);
    HEAR_UNTIL(&world, &console, json_array_size(console.state.control) == 1);
    uint64_t version = control_version(world.tables.control);
    hang_up(&crew);
    TEST_UNTIL(&world.server, (workers_deliver(world.tables.clerk), hear(&console), json_array_size(console.state.control) == 0));
    assert_int_equal(control_holder(world.tables.control, CONTROL_UNIT, 2), 0);
    assert_int_equal(control_version(world.tables.control), version + 1);
    hang_up(&console);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_snapshot_and_changes),        cmocka_unit_test(test_cut_and_resumed),
        cmocka_unit_test(test_a_large_snapshot_is_a_reset), cmocka_unit_test(test_slow),
        cmocka_unit_test(test_what_a_client_says),          cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_ended_session_and_good_bye),  cmocka_unit_test(test_positions_and_control),
        cmocka_unit_test(test_control_of_who_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
