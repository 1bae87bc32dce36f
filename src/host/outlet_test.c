/* WebSocket and server-sent events, spoken byte by byte as a client would, well and badly. */
#include "host/http_test.h"

#define HANDSHAKE(path)                                                                                          \
    "GET " path " HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

enum { TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10, FIN = 0x80, MASK = 0x80 };

static struct test_server server;

static struct test_client open_socket(const char *request)
{
    struct test_client client = test_connect(&server);
    test_send(&server, &client, request);
    TEST_UNTIL(&server, test_has(&client, "\r\n\r\n"));
    assert_true(test_has(&client, "HTTP/1.1 101 Switching Protocols\r\n"));
    /* The key and its proof are the example of RFC 6455, section 1.3. */
    assert_true(test_has(&client, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    text_clear(&client.in);
    return client;
}

/* A frame from the client, masked unless told otherwise. */
static void send_frame_as(struct test_client *client, int head, const char *payload, size_t length, bool masked)
{
    static const unsigned char mask[4] = { 0x12, 0x34, 0x56, 0x78 };
    unsigned char *frame = malloc(length + 14);
    assert_non_null(frame);
    size_t at = 0;
    frame[at++] = (unsigned char)head;
    unsigned char bit = masked ? MASK : 0;
    if (length < 126) {
        frame[at++] = (unsigned char)(bit | length);
    } else {
        int wide = length < 65536 ? 2 : 8;
        frame[at++] = (unsigned char)(bit | (wide == 2 ? 126 : 127));
        for (int i = wide - 1; i >= 0; i--) {
            frame[at++] = (unsigned char)((uint64_t)length >> 8 * i);
        }
    }
    if (masked) {
        memcpy(frame + at, mask, 4);
        at += 4;
    }
    for (size_t i = 0; i < length; i++) {
        frame[at + i] = (unsigned char)(payload[i] ^ (masked ? mask[i % 4] : 0));
    }
    test_send_bytes(&server, client, (const char *)frame, at + length);
    free(frame);
}

static void send_frame(struct test_client *client, int head, const char *payload)
{
    send_frame_as(client, head, payload, strlen(payload), true);
}

/* The first frame that has come whole: its first byte, and its payload; -1 if none yet. */
static int take_frame(struct test_client *client, char *payload, size_t size, size_t *length)
{
    test_drain(client);
    const unsigned char *in = (const unsigned char *)client->in.bytes;
    if (client->in.length < 2) {
        return -1;
    }
    assert_int_equal(in[1] & MASK, 0); /* a server never masks */
    size_t head = 2;
    uint64_t told = in[1];
    size_t wide = told == 126 ? 2 : told == 127 ? 8 : 0;
    if (client->in.length < head + wide) {
        return -1;
    }
    for (size_t i = 0; i < wide; i++) {
        told = (i == 0 ? 0 : told << 8) | in[head + i];
    }
    head += wide;
    if (client->in.length < head + told) {
        return -1;
    }
    assert_true(told < size);
    memcpy(payload, in + head, told);
    payload[told] = '\0';
    *length = told;
    int first = in[0];
    memmove(client->in.bytes, client->in.bytes + head + told, client->in.length - head - told);
    client->in.length -= head + told;
    return first;
}

static char received[TEST_REPLY_MAX];
static size_t received_length;

static int await_frame(struct test_client *client)
{
    int first = -1;
    TEST_UNTIL(&server, (first = take_frame(client, received, sizeof received, &received_length)) >= 0 || client->ended);
    return first;
}

static void expect_close(struct test_client *client, int code)
{
    if (await_frame(client) != (FIN | CLOSE)) {
        fail_msg("the end came without a close frame; %d was expected", code);
    }
    int told = received_length < 2 ? 1005 : (unsigned char)received[0] << 8 | (unsigned char)received[1];
    assert_int_equal(told, code);
    TEST_UNTIL(&server, test_ended(client));
    assert_false(client->reset);
    test_hang_up(client);
    TEST_UNTIL(&server, server.outlet.closed == 1);
}

static void end_politely(struct test_client *client)
{
    send_frame_as(client, FIN | CLOSE, "\x03\xe8", 2, true);
    expect_close(client, 1000);
}

static void push(const char *bytes, size_t length, uint64_t sequence, bool expected)
{
    struct frame *frame = frame_create(bytes, length);
    assert_non_null(frame);
    frame->sequence = sequence;
    frame->fingerprint = 0x9f86d081884c7d65;
    assert_int_equal(outlet_send(server.outlet.outlet, frame), expected);
    frame_release(frame);
}

static int set_up(void **state)
{
    (void)state;
    test_begin(&server, test_setup());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_end(&server);
    return 0;
}

/* ---- handshake ---- */

static void refuses(const char *request, const char *expected)
{
    struct test_client client = test_connect(&server);
    test_send(&server, &client, request);
    TEST_UNTIL(&server, test_has(&client, "\r\n\r\n"));
    if (!test_has(&client, expected)) {
        fail_msg("expected %s, got %s for %s", expected, client.in.bytes, request);
    }
    assert_true(test_has(&client, "application/problem+json"));
    assert_int_equal(server.outlet.closed, 0);
    test_hang_up(&client);
}

#define PLAIN "GET /socket HTTP/1.1\r\nHost: a:1\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void handshakes_are_checked(void **state)
{
    (void)state;
    refuses(PLAIN "\r\n", "426 Upgrade Required");
    refuses(PLAIN "Upgrade: websocket\r\nConnection: Upgrade\r\n" KEY "Sec-WebSocket-Version: 8\r\n\r\n",
            "Sec-WebSocket-Version: 13");
    refuses(PLAIN "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" KEY "\r\n", "426 Upgrade Required");
    refuses(PLAIN "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" KEY "\r\n", "426 Upgrade Required");
    refuses("POST /socket HTTP/1.1\r\nHost: a:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" KEY
            "\r\n",
            "426 Upgrade Required");
    refuses(PLAIN "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n", "400 Bad Request");
    refuses(PLAIN "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=\r\n\r\n",
            "400 Bad Request");
    refuses(PLAIN "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" KEY KEY "\r\n", "400 Bad Request");
    refuses(HANDSHAKE("/socket") "Origin: http://elsewhere.example\r\n\r\n", "403 Forbidden");
    refuses(HANDSHAKE("/socket") "Origin: null\r\n\r\n", "403 Forbidden");
    refuses(HANDSHAKE("/socket") "Origin: http://127.0.0.1:80801\r\n\r\n", "403 Forbidden");
}

static void own_origin_is_taken(void **state)
{
    (void)state;
    struct test_client client = open_socket(HANDSHAKE("/echo") "Origin: https://127.0.0.1:8080\r\n\r\n");
    assert_int_equal(http_requests_open(server.http), 0);
    end_politely(&client);
}

/* ---- messages ---- */

static void echo_of(struct test_client *client, const char *payload, size_t length)
{
    send_frame_as(client, FIN | TEXT, payload, length, true);
    assert_int_equal(await_frame(client), FIN | TEXT);
    assert_int_equal(received_length, length);
    assert_memory_equal(received, payload, length);
}

static void messages_of_all_lengths(void **state)
{
    (void)state;
    static const size_t lengths[] = { 0, 1, 125, 126, 127, 4096, 65535, 65536 };
    static char payload[65537];
    memset(payload, 'x', sizeof payload - 1);
    struct test_client client = open_socket(HANDSHAKE("/echo") "\r\n");
    for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
        echo_of(&client, payload, lengths[i]);
    }
    echo_of(&client, "\xe9\xb8\xa3\xe7\xac\x9b", 6);
    end_politely(&client);
}

static void fragments_are_joined(void **state)
{
    (void)state;
    struct test_client client = open_socket(HANDSHAKE("/echo") "\r\n");
    send_frame(&client, TEXT, "one \xe9");
    send_frame(&client, FIN | PING, "between");
    send_frame(&client, 0, "\xb8");
    send_frame(&client, 0, "");
    send_frame(&client, FIN | 0, "\xa3 two");
    assert_int_equal(await_frame(&client), FIN | PONG);
    assert_string_equal(received, "between");
    assert_int_equal(await_frame(&client), FIN | TEXT);
    assert_string_equal(received, "one \xe9\xb8\xa3 two");
    echo_of(&client, "again", 5);
    end_politely(&client);
}

static void byte_by_byte(void **state)
{
    (void)state;
    static const unsigned char frame[] = { 0x81, 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2 };
    struct test_client client = open_socket(HANDSHAKE("/echo") "\r\n");
    for (size_t i = 0; i < sizeof frame; i++) {
        test_send_bytes(&server, &client, (const char *)frame + i, 1);
        test_turn(&server);
    }
    assert_int_equal(await_frame(&client), FIN | TEXT);
    assert_string_equal(received, "hi");
    end_politely(&client);
}

/* A frame that comes in one write with the handshake, before its answer. */
static void early_bytes_are_kept(void **state)
{
    (void)state;
    static const char request[] = HANDSHAKE("/echo") "\r\n\x81\x82\x01\x02\x03\x04ik";
    struct test_client client = test_connect(&server);
    test_send_bytes(&server, &client, request, sizeof request - 1);
    TEST_UNTIL(&server, test_has(&client, "\x81\x02hi"));
    test_hang_up(&client);
    TEST_UNTIL(&server, server.outlet.closed == 1);
}

static void breaks(int head, const char *payload, size_t length, bool masked, int code)
{
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    send_frame_as(&client, head, payload, length, masked);
    expect_close(&client, code);
    assert_int_equal(server.outlet.messages, 0);
}

static void bad_frames_end_it(void **state)
{
    (void)state;
    static char large[65538];
    memset(large, 'x', sizeof large);
    breaks(FIN | TEXT, "unmasked", 8, false, 1002);
    breaks(FIN | BINARY, "binary", 6, true, 1003);
    breaks(FIN | TEXT, "\xff\xfe", 2, true, 1007);
    breaks(FIN | TEXT, "\xe9\xb8", 2, true, 1007);     /* cut within a character */
    breaks(FIN | TEXT, "\xed\xa0\x80", 3, true, 1007); /* a surrogate */
    breaks(FIN | TEXT, "\xc0\xaf", 2, true, 1007);     /* overlong */
    breaks(FIN | TEXT, large, sizeof large - 1, true, 1009);
    breaks(FIN | 0, "continues nothing", 17, true, 1002);
    breaks(FIN | 3, "reserved opcode", 15, true, 1002);
    breaks(FIN | 11, "reserved control", 16, true, 1002);
    breaks(FIN | 0x40 | TEXT, "reserved bit", 12, true, 1002);
    breaks(PING, "a fragment", 10, true, 1002);
    breaks(FIN | PING, large, 126, true, 1002);
    breaks(FIN | CLOSE, "\x03", 1, true, 1005); /* half a code counts as none, and is answered with none */
    breaks(FIN | CLOSE, "\x03\xe8\xff", 3, true, 1007);
}

static void bad_close_codes(void **state)
{
    (void)state;
    breaks(FIN | CLOSE, "\x03\xed", 2, true, 1002); /* 1005 may not be sent */
    breaks(FIN | CLOSE, "\x00\x01", 2, true, 1002);
}

static void fragments_have_one_bound(void **state)
{
    (void)state;
    static char part[30001];
    memset(part, 'x', sizeof part - 1);
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    send_frame(&client, TEXT, part);
    send_frame(&client, 0, part);
    send_frame(&client, 0, part);
    expect_close(&client, 1009);
    assert_int_equal(server.outlet.messages, 0);
}

static void text_within_text_is_refused(void **state)
{
    (void)state;
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    send_frame(&client, TEXT, "a");
    send_frame(&client, FIN | TEXT, "b");
    expect_close(&client, 1002);
    assert_int_equal(server.outlet.messages, 0);
}

/* ---- output ---- */

static void frames_keep_their_order(void **state)
{
    (void)state;
    static char payload[70000];
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    for (int i = 0; i < 300; i++) {
        size_t length = (size_t)(i * 233 % 70000);
        memset(payload, 'a' + i % 26, length);
        while (outlet_waiting(server.outlet.outlet) > 500000) {
            test_turn(&server);
            test_drain(&client);
        }
        push(payload, length, 0, true);
    }
    for (int i = 0; i < 300; i++) {
        size_t length = (size_t)(i * 233 % 70000);
        assert_int_equal(await_frame(&client), FIN | TEXT);
        assert_int_equal(received_length, length);
        for (size_t at = 0; at < length; at++) {
            assert_int_equal(received[at], 'a' + i % 26);
        }
    }
    assert_int_equal(outlet_waiting(server.outlet.outlet), 0);
    assert_int_equal(server.outlet.drained, 0);
    end_politely(&client);
}

/* Fills the outlet until it refuses; gives how many frames it took. */
static int fill(struct frame *frame)
{
    int taken = 0;
    for (int quiet = 0; quiet < 20;) {
        if (outlet_send(server.outlet.outlet, frame)) {
            taken++;
            quiet = 0;
        } else {
            quiet++;
            test_turn(&server);
        }
        assert_true(outlet_waiting(server.outlet.outlet) <= server.outlet_setup.waiting_max);
    }
    return taken;
}

static void a_slow_reader_is_refused_then_drained(void **state)
{
    (void)state;
    static char payload[10000];
    memset(payload, 'x', sizeof payload);
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    struct frame *frame = frame_create(payload, sizeof payload);
    int taken = fill(frame);
    assert_true(taken > 100);
    assert_int_equal(server.outlet.drained, 0);
    for (int i = 0; i < taken; i++) {
        assert_int_equal(await_frame(&client), FIN | TEXT);
        assert_int_equal(received_length, sizeof payload);
    }
    TEST_UNTIL(&server, server.outlet.drained == 1);
    assert_int_equal(outlet_waiting(server.outlet.outlet), 0);
    assert_int_equal(frame->references, 1);
    push("fresh", 5, 0, true);
    assert_int_equal(await_frame(&client), FIN | TEXT);
    assert_string_equal(received, "fresh");
    frame_release(frame);
    end_politely(&client);
}

static void a_frame_larger_than_the_bound_goes_alone(void **state)
{
    (void)state;
    size_t length = 3 << 20;
    char *payload = malloc(length);
    assert_non_null(payload);
    memset(payload, 'y', length);
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    push(payload, length, 0, true);
    push("more", 4, 0, false);
    assert_int_equal(await_frame(&client), FIN | TEXT);
    assert_int_equal(received_length, length);
    TEST_UNTIL(&server, server.outlet.drained == 1);
    free(payload);
    end_politely(&client);
}

static void pings_of_a_client_that_does_not_read_cost_nothing(void **state)
{
    (void)state;
    static char payload[10000];
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    struct frame *frame = frame_create(payload, sizeof payload);
    memset(frame->bytes, 'x', frame->length);
    (void)fill(frame);
    size_t sent = 0;
    static const unsigned char ping[] = { FIN | PING, MASK | 1, 0, 0, 0, 0, 'p' };
    for (int quiet = 0; quiet < 50 && sent < (16 << 20);) { /* until nobody takes them */
        ssize_t wrote = send(client.fd, ping, sizeof ping, MSG_NOSIGNAL);
        sent += wrote > 0 ? (size_t)wrote : 0;
        quiet = wrote > 0 ? 0 : quiet + 1;
        if (wrote <= 0) {
            test_turn(&server);
        }
    }
    assert_true(sent < (16 << 20));
    frame_release(frame);
    test_hang_up(&client);
    TEST_UNTIL(&server, server.outlet.closed == 1);
}

/* ---- ends ---- */

static void server_closes(void **state)
{
    (void)state;
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    push("last words", 10, 0, true);
    outlet_close(server.outlet.outlet, 1001, "come again");
    push("too late", 8, 0, true); /* taken and dropped: the end is on its way */
    assert_int_equal(await_frame(&client), FIN | TEXT);
    assert_string_equal(received, "last words");
    assert_int_equal(await_frame(&client), FIN | CLOSE);
    assert_int_equal((unsigned char)received[0] << 8 | (unsigned char)received[1], 1001);
    assert_string_equal(received + 2, "come again");
    send_frame_as(&client, FIN | CLOSE, "\x03\xe9", 2, true);
    TEST_UNTIL(&server, test_ended(&client));
    assert_false(client.reset);
    test_hang_up(&client);
    TEST_UNTIL(&server, server.outlet.closed == 1);
}

/* The client never answers the close frame: the deadline ends it. */
static void a_deaf_client_is_closed(void **state)
{
    (void)state;
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    outlet_close(server.outlet.outlet, 1000, "");
    TEST_UNTIL(&server, server.outlet.closed == 1);
    test_hang_up(&client);
}

static void silence_is_noticed(void **state)
{
    (void)state;
    server.outlet_setup.ping_every_s = 1;
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    assert_int_equal(await_frame(&client), FIN | PING);
    send_frame(&client, FIN | PONG, "");
    assert_int_equal(await_frame(&client), FIN | PING);
    assert_int_equal(server.outlet.closed, 0);
    TEST_UNTIL(&server, server.outlet.closed == 1); /* no pong any more */
    assert_true(test_ended(&client) || (test_turn(&server), test_ended(&client)));
    test_hang_up(&client);
}

static void hang_ups_are_noticed(void **state)
{
    (void)state;
    const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    for (int i = 0; i < 2; i++) {
        struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
        push("hello", 5, 0, true);
        if (i == 1) {
            assert_int_equal(setsockopt(client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
        }
        test_hang_up(&client);
        TEST_UNTIL(&server, server.outlet.closed == 1);
    }
    struct http_figures figures;
    TEST_UNTIL(&server, (http_figures(server.http, &figures), figures.connections_open == 0));
}

static void stopping_ends_outlets(void **state)
{
    (void)state;
    struct test_client client = open_socket(HANDSHAKE("/socket") "\r\n");
    struct test_client events = test_connect(&server);
    http_destroy(server.http);
    server.http = NULL;
    assert_int_equal(server.outlet.closed, 1);
    test_hang_up(&client);
    test_hang_up(&events);
}

/* ---- server-sent events ---- */

static struct test_client open_events(void)
{
    struct test_client client = test_connect(&server);
    test_send(&server, &client, "GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n");
    TEST_UNTIL(&server, test_has(&client, "\r\n\r\nretry: 2000\n\n"));
    assert_true(test_has(&client, "HTTP/1.1 200 OK\r\n"));
    assert_true(test_has(&client, "Content-Type: text/event-stream\r\n"));
    assert_true(test_has(&client, "Cache-Control: no-store\r\n"));
    assert_true(test_has(&client, "X-Content-Type-Options: nosniff\r\n"));
    text_clear(&client.in);
    return client;
}

static void events_have_their_form(void **state)
{
    (void)state;
    struct test_client client = open_events();
    assert_string_equal(outlet_kind(server.outlet.outlet), "events");
    assert_int_equal(http_requests_open(server.http), 0);
    push("{\"a\":1}", 7, 42, true);
    push("{}", 2, 0, true);
    static const char expected[] = "id: 42-9f86d081884c7d65\nevent: message\ndata: {\"a\":1}\n\nevent: message\ndata: {}\n\n";
    TEST_UNTIL(&server, (test_drain(&client), client.in.length >= sizeof expected - 1));
    assert_string_equal(client.in.bytes, expected);
    push("last", 4, 43, true);
    outlet_close(server.outlet.outlet, 1001, "");
    TEST_UNTIL(&server, test_ended(&client));
    assert_true(test_has(&client, "id: 43-9f86d081884c7d65\nevent: message\ndata: last\n\n"));
    assert_null(memmem(client.in.bytes, client.in.length, "HTTP/1.1", 8)); /* nothing of libmicrohttpd's own */
    test_hang_up(&client);
    TEST_UNTIL(&server, server.outlet.closed == 1);
    struct http_figures figures;
    TEST_UNTIL(&server, (http_figures(server.http, &figures), figures.connections_open == 0));
}

static void events_live_and_end(void **state)
{
    (void)state;
    server.outlet_setup.ping_every_s = 1;
    struct test_client client = open_events();
    TEST_UNTIL(&server, test_has(&client, ":\n\n"));
    test_hang_up(&client);
    TEST_UNTIL(&server, server.outlet.closed == 1);
    refuses("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n", "405 Method Not Allowed");
    refuses("POST /events HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "405 Method Not Allowed");
}

static void a_slow_reader_of_events_is_refused_then_drained(void **state)
{
    (void)state;
    static char payload[10000];
    memset(payload, 'x', sizeof payload);
    struct test_client client = open_events();
    struct frame *frame = frame_create(payload, sizeof payload);
    size_t taken = (size_t)fill(frame);
    size_t expected = taken * (sizeof payload + strlen("event: message\ndata: \n\n"));
    frame_release(frame);
    TEST_UNTIL(&server, (test_drain(&client), client.in.length >= expected));
    assert_int_equal(client.in.length, expected);
    TEST_UNTIL(&server, server.outlet.drained == 1);
    test_hang_up(&client);
    TEST_UNTIL(&server, server.outlet.closed == 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(handshakes_are_checked),
        CASE(own_origin_is_taken),
        CASE(messages_of_all_lengths),
        CASE(fragments_are_joined),
        CASE(byte_by_byte),
        CASE(early_bytes_are_kept),
        CASE(bad_frames_end_it),
        CASE(bad_close_codes),
        CASE(fragments_have_one_bound),
        CASE(text_within_text_is_refused),
        CASE(frames_keep_their_order),
        CASE(a_slow_reader_is_refused_then_drained),
        CASE(a_frame_larger_than_the_bound_goes_alone),
        CASE(pings_of_a_client_that_does_not_read_cost_nothing),
        CASE(server_closes),
        CASE(a_deaf_client_is_closed),
        CASE(silence_is_noticed),
        CASE(hang_ups_are_noticed),
        CASE(stopping_ends_outlets),
        CASE(events_have_their_form),
        CASE(events_live_and_end),
        CASE(a_slow_reader_of_events_is_refused_then_drained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
