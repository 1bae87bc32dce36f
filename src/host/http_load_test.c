/* Many connections at once: answers that come late, in any order, from inside and outside the library's run; clients that die
 * meanwhile; memory that stays flat. */
#include "host/http_test.h"

#include <malloc.h>

enum { MANY = 1000, DYING = 200, ROUNDS = 3 };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void shuffle(struct http_request **requests, int count, uint32_t seed)
{
    for (int i = count - 1; i > 0; i--) {
        int j = (int)(next_random(&seed) % (uint32_t)(i + 1));
        struct http_request *moved = requests[i];
        requests[i] = requests[j];
        requests[j] = moved;
    }
}

static void ask_late(struct test_server *server, struct test_client *client, int number)
{
    char request[128];
    (void)snprintf(request, sizeof request, "GET /late?n=%d HTTP/1.1\r\nHost: a\r\n\r\n", number);
    text_clear(&client->in);
    test_send(server, client, request);
}

static bool has_own_answer(struct test_client *client, int number)
{
    char expected[64];
    (void)snprintf(expected, sizeof expected, "\r\n\r\nn=%d", number);
    size_t length = strlen(expected);
    test_drain(client);
    return client->in.length >= length && memcmp(client->in.bytes + client->in.length - length, expected, length) == 0;
}

static void answer_outside(struct test_server *server, int count)
{
    for (int i = 0; i < count; i++) {
        test_answer_late(server->pending[--server->pending_count]);
    }
}

static void release_inside(struct test_server *server)
{
    struct test_client client = test_connect(server);
    test_send(server, &client, "GET /release HTTP/1.1\r\nHost: a\r\n\r\n");
    TEST_UNTIL(server, test_has(&client, "204 No Content"));
    test_hang_up(&client);
}

static void late_answers_reach_their_clients(void **state)
{
    (void)state;
    static struct test_server server;
    static struct test_client clients[MANY];
    test_raise_file_limit();
    test_begin(&server, test_setup());
    for (int i = 0; i < MANY; i++) {
        clients[i] = test_connect(&server);
        if (i % 100 == 99) {
            test_turn(&server);
        }
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < MANY; i++) {
            ask_late(&server, &clients[i], i);
        }
        TEST_UNTIL(&server, server.pending_count == MANY);
        assert_int_equal(http_requests_open(server.http), MANY);
        int64_t begun_us = http_now_us();
        shuffle(server.pending, MANY, (uint32_t)round);
        answer_outside(&server, MANY / 2);
        release_inside(&server);
        for (int i = 0; i < MANY; i++) {
            TEST_UNTIL(&server, has_own_answer(&clients[i], i));
        }
        print_message("%d suspended requests answered in %.1f ms\n", MANY, (double)(http_now_us() - begun_us) / 1000);
        TEST_UNTIL(&server, http_requests_open(server.http) == 0);
    }
    for (int i = 0; i < MANY; i++) {
        test_hang_up(&clients[i]);
    }
    struct http_figures figures;
    TEST_UNTIL(&server, (http_figures(server.http, &figures), figures.connections_open == 0));
    assert_int_equal(figures.requests[2], ROUNDS * (MANY + 1));
    test_end(&server);
}

static void the_dead_are_answered_without_harm(void **state)
{
    (void)state;
    static struct test_server server;
    static struct test_client clients[DYING];
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    test_begin(&server, test_setup());
    for (int i = 0; i < DYING; i++) {
        clients[i] = test_connect(&server);
        ask_late(&server, &clients[i], i);
    }
    TEST_UNTIL(&server, server.pending_count == DYING);
    for (int i = 0; i < DYING; i++) { /* a third resets, a third closes, a third stays */
        if (i % 3 == 0) {
            assert_int_equal(setsockopt(clients[i].fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
        }
        if (i % 3 != 2) {
            test_hang_up(&clients[i]);
        }
    }
    test_turn(&server);
    shuffle(server.pending, DYING, 7);
    answer_outside(&server, DYING / 2);
    release_inside(&server);
    for (int i = 2; i < DYING; i += 3) {
        TEST_UNTIL(&server, has_own_answer(&clients[i], i));
        test_hang_up(&clients[i]);
    }
    struct http_figures figures;
    TEST_UNTIL(&server, (http_figures(server.http, &figures), figures.connections_open == 0));
    assert_int_equal(http_requests_open(server.http), 0);
    test_end(&server);
}

static void stopping_answers_what_is_open(void **state)
{
    (void)state;
    static struct test_server server;
    test_begin(&server, test_setup());
    struct test_client waiting = test_connect(&server);
    struct test_client idle = test_connect(&server);
    ask_late(&server, &waiting, 1);
    TEST_UNTIL(&server, server.pending_count == 1);
    http_quiesce(server.http);
    test_send(&server, &idle, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    TEST_UNTIL(&server, test_ended(&idle));
    assert_true(test_has(&idle, "Connection: close"));
    assert_true(test_has(&idle, "hello"));
    assert_int_equal(http_requests_open(server.http), 1);
    http_destroy(server.http);
    while (!test_ended(&waiting)) {
        (void)poll(&(struct pollfd){ .fd = waiting.fd, .events = POLLIN }, 1, 1000);
    }
    assert_true(test_has(&waiting, "503 Service Unavailable"));
    test_hang_up(&waiting);
    test_hang_up(&idle);
    event_free(server.tick);
    event_base_free(server.base);
}

/* Keeps the connection; reads the answer to each before the next. */
static void ask_many(struct test_server *server, int count)
{
    struct test_client client = test_connect(server);
    for (int i = 0; i < count; i++) {
        text_clear(&client.in);
        test_send(server, &client, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nCookie: a=b\r\n\r\nabc");
        TEST_UNTIL(server, test_has(&client, "\r\n\r\nabc"));
    }
    test_hang_up(&client);
}

static void memory_stays_flat(void **state)
{
    (void)state;
    static struct test_server server;
    test_begin(&server, test_setup());
    ask_many(&server, 1000);
    for (int i = 0; i < 100; i++) {
        ask_many(&server, 2);
    }
    size_t before = mallinfo2().uordblks;
    ask_many(&server, 20000);
    for (int i = 0; i < 1000; i++) {
        ask_many(&server, 2);
    }
    size_t after = mallinfo2().uordblks;
    print_message("memory in use %zu -> %zu bytes over 22,000 requests\n", before, after);
    assert_true(after < before + 200000);
    test_end(&server);
}

static void five_hundred_clients_stay(void **state)
{
    (void)state;
    enum { CLIENTS = 500 };
    static struct test_server server;
    static struct test_client clients[CLIENTS];
    test_raise_file_limit();
    test_begin(&server, test_setup());
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = test_connect(&server);
        if (i % 100 == 99) {
            test_turn(&server);
        }
    }
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            text_clear(&clients[i].in);
            test_send(&server, &clients[i], "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        for (int i = 0; i < CLIENTS; i++) {
            TEST_UNTIL(&server, test_has(&clients[i], "\r\n\r\nhello"));
        }
    }
    struct http_figures figures;
    http_figures(server.http, &figures);
    assert_int_equal(figures.connections_total, CLIENTS);
    assert_int_equal(figures.connections_open, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        test_hang_up(&clients[i]);
    }
    test_end(&server);
}

/* Idle connections, and one whose answer nobody reads, must not keep the loop turning. */
static void waiting_costs_nothing(void **state)
{
    (void)state;
    static struct test_server server;
    test_begin(&server, test_setup());
    struct test_client idle = test_connect(&server);
    struct test_client slow = test_connect(&server);
    struct test_client late = test_connect(&server);
    test_send(&server, &slow, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    ask_late(&server, &late, 1);
    TEST_UNTIL(&server, server.pending_count == 1 && server.handled == 2);
    for (int i = 0; i < 50; i++) {
        test_turn(&server);
    }
    int64_t until_us = http_now_us() + 200000;
    int turns = 0;
    while (http_now_us() < until_us) {
        test_turn(&server);
        turns++;
    }
    print_message("%d turns of the loop in 200 ms with ticks of 2 ms\n", turns);
    assert_true(turns < 500);
    answer_outside(&server, 1);
    TEST_UNTIL(&server, has_own_answer(&late, 1));
    test_hang_up(&idle);
    test_hang_up(&slow);
    test_hang_up(&late);
    test_end(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_answers_reach_their_clients),
        cmocka_unit_test(the_dead_are_answered_without_harm),
        cmocka_unit_test(stopping_answers_what_is_open),
        cmocka_unit_test(five_hundred_clients_stay),
        cmocka_unit_test(waiting_costs_nothing),
        cmocka_unit_test(memory_stays_flat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
