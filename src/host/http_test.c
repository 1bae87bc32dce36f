/* What the server takes and what it refuses, by raw bytes. */
#include "host/http_test.h"

static struct test_server server;

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

#define HOST "Host: 127.0.0.1\r\n"
#define LAST "Connection: close\r\n\r\n"

/* ---- refusals ---- */

struct refused {
    const char *bytes;
    size_t length;
    unsigned status;
    const char *name; /* of the problem; NULL: libmicrohttpd refuses by itself, without a problem document */
};

#define REFUSED(bytes_, status_, name_)                                                       \
    {                                                                                         \
        .bytes = (bytes_), .length = sizeof(bytes_) - 1, .status = (status_), .name = (name_) \
    }

static const struct refused refused_requests[] = {
    /* framing */
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
            "bad_framing"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400,
            "bad_framing"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400, "bad_framing"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: 5\r\ncontent-length: 6\r\n\r\nhello", 400, "bad_framing"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
            "bad_framing"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, "unknown_transfer_coding"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n", 501, "unknown_transfer_coding"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, "bad_head"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding:\x0b"
            "chunked\r\n\r\n0\r\n\r\n",
            400, "bad_head"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\nhello", 400, NULL),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\nhello", 400, NULL),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\nhello", 400, NULL),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\nhello", 400, NULL),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\nhello", 400, NULL),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999999\r\n\r\nhello", 413, NULL),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775807\r\n\r\nhello", 413, "body_too_large"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\nhello", 413, "body_too_large"),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, NULL),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", 400, NULL),
    /* the head */
    REFUSED("GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400, "bad_host"),
    REFUSED("GET / HTTP/1.1\r\nAccept: a\r\n\r\n", 400, "bad_host"),
    REFUSED("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "bad_host"),
    REFUSED("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "bad_host"),
    REFUSED("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "bad_host"),
    REFUSED("GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\nHost: a\n\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\nHost: a\nA: b\r\n\r\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\nA: b\r\nHost: a\0b\r\n\r\n", 400, "bad_head"),
    REFUSED("GET /a\0b HTTP/1.1\r\n" HOST "\r\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\n" HOST "A: b\rc\r\n\r\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\n" HOST "A(b: c\r\n\r\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", 400, "bad_head"),
    REFUSED("GET  / HTTP/1.1\r\n" HOST "\r\n", 400, "bad_head"),
    REFUSED("GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400, NULL),
    REFUSED("GET / HTTP/1.1\r\n" HOST "A\0: b\r\n\r\n", 400, NULL),
    REFUSED("GET / HTTP/2.0\r\n" HOST "\r\n", 505, NULL),
    REFUSED("GET /\r\n\r\n", 400, NULL),
    REFUSED("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, NULL),
    REFUSED("POST /body HTTP/1.1\r\n" HOST "Expect: miracles\r\nContent-Length: 5\r\n\r\nhello", 417, "unknown_expectation"),
    /* methods and targets */
    REFUSED("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 405, "method_not_allowed"),
    REFUSED("TRACE / HTTP/1.1\r\n" HOST "\r\n", 405, "method_not_allowed"),
    REFUSED("CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n", 405, "method_not_allowed"),
    REFUSED("BREW /pot HTTP/1.1\r\n" HOST "\r\n", 501, "method_unknown"),
    REFUSED("get / HTTP/1.1\r\n" HOST "\r\n", 501, "method_unknown"),
    REFUSED("GET http://127.0.0.1/ HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET * HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET a HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /a b HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /% HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /%2 HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /%zz HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /a%2Fb HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /a%00 HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /a%0d%0aA:b HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /%ff HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /\xff HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /%c0%af HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /../a HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /a/%2e%2e HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /?a=%00 HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /?a=%f HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /?a=%ff HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
    REFUSED("GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400, "bad_target"),
};

static void ask(struct test_client *client, const char *bytes) { test_exchange(&server, client, bytes, strlen(bytes)); }

static void expect_refusal(const char *bytes, size_t length, unsigned status, const char *name)
{
    struct test_client client;
    char expected[64];
    test_exchange(&server, &client, bytes, length);
    (void)snprintf(expected, sizeof expected, "HTTP/1.1 %u ", status);
    if (client.in.length == 0 || memcmp(client.in.bytes, expected, strlen(expected)) != 0) {
        fail_msg("%s expected for %.80s, got %.200s", expected, bytes, client.in.bytes != NULL ? client.in.bytes : "nothing");
    }
    if (name != NULL) {
        (void)snprintf(expected, sizeof expected, "\"type\":\"/problems/%s\"", name);
        if (!test_has(&client, expected) || !test_has(&client, "Content-Type: application/problem+json")) {
            fail_msg("%s expected for %.80s, got %s", expected, bytes, client.in.bytes);
        }
        assert_int_equal(test_count(&client, "HTTP/1.1 "), 1);
        assert_true(test_has(&client, "X-Content-Type-Options: nosniff\r\n"));
    }
    assert_false(client.reset);
    assert_int_equal(test_count(&client, "200 OK"), 0);
    test_hang_up(&client);
}

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(refused_requests); i++) {
        const struct refused *refused = &refused_requests[i];
        expect_refusal(refused->bytes, refused->length, refused->status, refused->name);
    }
    assert_int_equal(server.handled, 0);
    struct http_figures figures;
    http_figures(server.http, &figures);
    assert_int_equal(figures.requests[2], 0);
    assert_true(figures.refused_early > 40);
}

/* A request of which a part is repeated. */
static char *repeated(const char *before, const char *part, int count, const char *after, size_t *length)
{
    struct text text;
    text_init(&text, 8 << 20);
    text_puts(&text, before);
    for (int i = 0; i < count; i++) {
        text_puts(&text, part);
    }
    text_puts(&text, after);
    assert_false(text.failed);
    *length = text.length;
    return text.bytes;
}

static void expect_refusal_of(const char *before, const char *part, int count, const char *after, unsigned status,
                              const char *name)
{
    size_t length;
    char *bytes = repeated(before, part, count, after, &length);
    expect_refusal(bytes, length, status, name);
    free(bytes);
}

static void too_much(void **state)
{
    (void)state;
    const char *end = " HTTP/1.1\r\n" HOST "\r\n";
    expect_refusal_of("GET /", "a", 4096, end, 414, "target_too_long");
    expect_refusal_of("GET /", "a", 100000, end, 414, NULL);
    expect_refusal_of("GET /?", "&", 33, end, 400, "too_many_parameters");
    expect_refusal_of("GET /?", "&", 4000, end, 400, "too_many_parameters");
    expect_refusal_of("GET /?", "a&", 2000, end, 400, "too_many_parameters");
    expect_refusal_of("GET / HTTP/1.1\r\n" HOST, "A: b\r\n", 64, "\r\n", 431, "head_too_large");
    expect_refusal_of("GET / HTTP/1.1\r\n" HOST, "A: b\r\n", 5000, "\r\n", 431, NULL);
    expect_refusal_of("GET / HTTP/1.1\r\n" HOST "A: ", "b", 8192, "\r\n\r\n", 431, "head_too_large");
    expect_refusal_of("GET / HTTP/1.1\r\n" HOST "A: ", "b", 1000000, "\r\n\r\n", 431, NULL);
    expect_refusal_of("POST / HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\n", "b", 1000000, "", 413, "body_too_large");
    expect_refusal_of("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", "2\r\nab\r\n", 100000, "0\r\n\r\n", 413,
                      "body_too_large");
    expect_refusal_of("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nfffff\r\n", "ab", 500000, "\r\n0\r\n\r\n",
                      413, "body_too_large");
    assert_int_equal(server.handled, 0);
}

static void the_most_is_taken(void **state)
{
    (void)state;
    struct test_client client;
    size_t length;
    char *bytes = repeated("GET /", "a", 4095, " HTTP/1.1\r\n" HOST LAST, &length);
    test_exchange(&server, &client, bytes, length);
    assert_true(test_has(&client, "200 OK"));
    test_hang_up(&client);
    free(bytes);
    bytes = repeated("GET / HTTP/1.1\r\n" HOST, "A: b\r\n", 62, LAST, &length);
    test_exchange(&server, &client, bytes, length);
    assert_true(test_has(&client, "200 OK"));
    test_hang_up(&client);
    free(bytes);
    bytes = repeated("POST /body HTTP/1.1\r\n" HOST "Content-Length: 65536\r\nConnection: close\r\n\r\n", "0123456789abcdef",
                     4096, "", &length);
    test_exchange(&server, &client, bytes, length);
    assert_true(test_has(&client, "200 OK"));
    assert_true(client.in.length > 65536);
    assert_int_equal(test_count(&client, "0123456789abcdef"), 4096);
    test_hang_up(&client);
    free(bytes);
}

static void the_bound_of_bodies_may_change(void **state)
{
    (void)state;
    http_set_body_bytes_max(server.http, 4);
    expect_refusal_of("POST /body HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n", "a", 5, "", 413, "body_too_large");
    http_set_body_bytes_max(server.http, 5);
    struct test_client client;
    ask(&client, "POST /body HTTP/1.1\r\n" HOST "Content-Length: 5\r\n" LAST "hello");
    assert_true(test_has(&client, "200 OK"));
    test_hang_up(&client);
}

/* ---- what is taken ---- */

static void answers_have_their_headers(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "HTTP/1.1 200 OK\r\n",
        "Content-Length: 5\r\n",
        "Content-Type: text/plain\r\n",
        "Date: ",
        "ETag: \"7\"\r\n",
        "Cache-Control: no-store\r\n",
        "Content-Security-Policy: default-src 'self'; ",
        "X-Content-Type-Options: nosniff\r\n",
        "Referrer-Policy: no-referrer\r\n",
        "X-Frame-Options: DENY\r\n",
        "Cross-Origin-Opener-Policy: same-origin\r\n",
        "Cross-Origin-Resource-Policy: same-origin\r\n",
        "Permissions-Policy: ",
        "\r\n\r\nhello",
    };
    struct test_client client;
    ask(&client, "GET / HTTP/1.1\r\n" HOST LAST);
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        if (!test_has(&client, expected[i])) {
            fail_msg("%s expected in %s", expected[i], client.in.bytes);
        }
    }
    assert_false(test_has(&client, "Server:"));
    assert_false(test_has(&client, "unsafe-inline"));
    assert_false(test_has(&client, "Mingdi-Drill"));
    assert_int_equal(server.answered, 1);
    assert_int_equal(server.last_status, 200);
    test_hang_up(&client);
    ask(&client, "HEAD / HTTP/1.1\r\n" HOST LAST);
    assert_true(test_has(&client, "Content-Length: 5\r\n"));
    assert_false(test_has(&client, "hello"));
    test_hang_up(&client);
}

static void bodies_come_whole(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "POST /body HTTP/1.1\r\n" HOST "Content-Length: 5\r\n" LAST "hello",
        "POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" LAST "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n" LAST "5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
        "POST /body HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 5\r\n" LAST "hello",
        "PUT /body HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(requests); i++) {
        struct test_client client;
        ask(&client, requests[i]);
        if (!test_has(&client, "200 OK") || !test_has(&client, "\r\n\r\nhello")) {
            fail_msg("%s: %s", requests[i], client.in.bytes != NULL ? client.in.bytes : "nothing");
        }
        test_hang_up(&client);
    }
}

static void pipelines_are_answered_in_order(void **state)
{
    (void)state;
    struct test_client client;
    ask(&client, "POST /body HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\none"
                 "POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
                 "GET / HTTP/1.1\r\n" HOST "\r\n"
                 "POST /body HTTP/1.1\r\n" HOST "Content-Length: 4\r\n" LAST "four");
    assert_int_equal(test_count(&client, "HTTP/1.1 200 OK"), 4);
    const char *one = strstr(client.in.bytes, "\r\n\r\none");
    const char *two = one != NULL ? strstr(one, "\r\n\r\ntwo") : NULL;
    const char *three = two != NULL ? strstr(two, "\r\n\r\nhello") : NULL;
    assert_non_null(three);
    assert_non_null(strstr(three, "\r\n\r\nfour"));
    test_hang_up(&client);
}

/* ---- what the handler sees ---- */

static void look(void *context, struct http_request *request)
{
    struct test_server *looking = context;
    looking->handled++;
    assert_string_equal(http_path(request), "/\xe9\xb8\xa3 \xe7\xac\x9b");
    assert_string_equal(http_parameter(request, "a"), "1 2+3");
    assert_string_equal(http_parameter(request, "empty"), "");
    assert_string_equal(http_parameter(request, "bare"), "");
    assert_null(http_parameter(request, "missing"));
    assert_string_equal(http_header(request, "x-one"), "first");
    assert_string_equal(http_header(request, "Cookie"), "sid=abc=; b=;c=d");
    assert_false(http_is_ambiguous(request));
    assert_null(http_header(request, "X-Two"));
    assert_true(http_is_ambiguous(request));
    assert_string_equal(http_address(request), "127.0.0.1");
    assert_int_equal(http_method(request), HTTP_DELETE);
    http_name_route(request, "test");
    http_answer(request, 204, NULL, "", 0);
}

static void look_again(void *context, struct http_request *request)
{
    (void)context;
    assert_null(http_parameter(request, "a"));
    assert_true(http_is_ambiguous(request));
    assert_null(http_header(request, "Cookie"));
    http_name_route(request, "test");
    http_answer(request, 204, NULL, "", 0);
}

static void the_handler_sees_it_decoded(void **state)
{
    (void)state;
    struct test_server looking;
    struct http_setup setup = test_setup();
    struct test_client client;
    setup.handle = look;
    test_begin(&looking, setup);
    const char request[] = "DELETE /%E9%b8%A3%20\xe7\xac\x9b?a=1+2%2B3&empty=&bare HTTP/1.1\r\n" HOST
                           "X-One: first\r\nX-Two: 1\r\n"
                           "X-Two: 2\r\nCookie: sid=abc=; b=;c=d\r\n" LAST;
    test_exchange(&looking, &client, request, sizeof request - 1);
    assert_true(test_has(&client, "204 No Content"));
    assert_int_equal(looking.handled, 1);
    test_hang_up(&client);
    test_end(&looking);
    setup.handle = look_again;
    test_begin(&looking, setup);
    const char twice[] = "GET /?a=1&a=1 HTTP/1.1\r\n" HOST "Cookie: c=1\r\nCookie: c=2\r\n" LAST;
    test_exchange(&looking, &client, twice, sizeof twice - 1);
    assert_true(test_has(&client, "204 No Content"));
    test_hang_up(&client);
    test_end(&looking);
}

static void address_is(bool behind_proxy, const char *headers, const char *expected)
{
    struct test_server asked;
    struct http_setup setup = test_setup();
    struct test_client client;
    char request[512];
    setup.behind_proxy = behind_proxy;
    test_begin(&asked, setup);
    int length = snprintf(request, sizeof request, "GET /address HTTP/1.1\r\n" HOST "%s" LAST, headers);
    test_exchange(&asked, &client, request, (size_t)length);
    const char *body = strstr(client.in.bytes, "\r\n\r\n");
    assert_non_null(body);
    assert_string_equal(body + 4, expected);
    test_hang_up(&client);
    test_end(&asked);
}

static void the_address_is_believed_from_a_proxy_only(void **state)
{
    (void)state;
    address_is(false, "X-Forwarded-For: 192.0.2.7\r\n", "127.0.0.1");
    address_is(true, "", "127.0.0.1");
    address_is(true, "X-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7");
    address_is(true, "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n", "192.0.2.7");
    address_is(true, "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 2001:DB8:0:0::7\r\n", "2001:db8::7");
    address_is(true, "X-Forwarded-For: nonsense\r\n", "127.0.0.1");
    address_is(true, "X-Forwarded-For: 192.0.2.7,\r\n", "127.0.0.1");
}

static bool is_loopback(const char *address)
{
    struct sockaddr_in four = { .sin_family = AF_INET };
    struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
    bool is_four = inet_pton(AF_INET, address, &four.sin_addr) == 1;
    assert_true(is_four || inet_pton(AF_INET6, address, &six.sin6_addr) == 1);
    return http_is_loopback(is_four ? (const struct sockaddr *)&four : (const struct sockaddr *)&six);
}

static void only_this_machine_is_a_proxy(void **state)
{
    (void)state;
    static const char *const here[] = { "127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1" };
    static const char *const elsewhere[] = { "126.255.255.255", "128.0.0.1", "10.0.0.127",      "0.0.0.0", "::", "::2",
                                             "fe80::1",         "::7f00:1",  "::ffff:192.0.2.7" };
    for (size_t i = 0; i < ARRAY_LENGTH(here); i++) {
        assert_true(is_loopback(here[i]));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(elsewhere); i++) {
        assert_false(is_loopback(elsewhere[i]));
    }
}

static void a_drill_says_so(void **state)
{
    (void)state;
    struct test_server drill;
    struct http_setup setup = test_setup();
    struct test_client client;
    setup.drill = true;
    test_begin(&drill, setup);
    const char *request = "GET / HTTP/1.1\r\n" HOST LAST;
    test_exchange(&drill, &client, request, strlen(request));
    assert_true(test_has(&client, "Mingdi-Drill: 1\r\n"));
    test_hang_up(&client);
    request = "BREW / HTTP/1.1\r\n" HOST "\r\n";
    test_exchange(&drill, &client, request, strlen(request));
    assert_true(test_has(&client, "Mingdi-Drill: 1\r\n"));
    assert_true(test_has(&client, "\"drill\":true}"));
    test_hang_up(&client);
    test_end(&drill);
}

/* ---- time and number ---- */

static void begin_impatient(struct test_server *impatient)
{
    struct http_setup setup = test_setup();
    setup.idle_timeout_s = 1;
    test_begin(impatient, setup);
}

/* Sends the bytes again and again, one at a time, until the server closes: bytes alone must not keep a connection. */
static void trickle(struct test_server *impatient, const char *head, const char *more, const char *expected)
{
    struct test_client client = test_connect(impatient);
    test_send(impatient, &client, head);
    int64_t next_us = 0;
    int64_t until_us = http_now_us() + TEST_WAIT_SECONDS * INT64_C(1000000);
    for (size_t i = 0; !test_ended(&client); test_turn(impatient)) {
        assert_true(http_now_us() < until_us);
        if (http_now_us() >= next_us) {
            next_us = http_now_us() + 100000;
            test_send_bytes(impatient, &client, &more[i++ % strlen(more)], 1);
        }
    }
    if (expected != NULL) {
        assert_true(test_has(&client, expected));
    }
    test_hang_up(&client);
}

static void the_slow_are_closed(void **state)
{
    (void)state;
    struct test_server impatient;
    begin_impatient(&impatient);
    trickle(&impatient, "GET /", "a", NULL);
    trickle(&impatient, "GET / HTTP/1.1\r\n" HOST, "A: b\r\n", NULL);
    trickle(&impatient, "POST /body HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n", "a", "HTTP/1.1 408 Request Timeout\r\n");
    trickle(&impatient, "POST /body HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n",
            "\"name\":\"body_slow\"");
    assert_int_equal(impatient.handled, 0);
    test_end(&impatient);
}

static void the_silent_are_closed(void **state)
{
    (void)state;
    struct test_server impatient;
    begin_impatient(&impatient);
    struct test_client mute = test_connect(&impatient);
    struct test_client kept = test_connect(&impatient);
    struct test_client half = test_connect(&impatient);
    test_send(&impatient, &kept, "GET / HTTP/1.1\r\n" HOST "\r\n");
    test_send(&impatient, &half, "GET / HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(shutdown(half.fd, SHUT_WR), 0);
    TEST_UNTIL(&impatient, test_ended(&mute) && test_ended(&kept) && test_ended(&half));
    assert_int_equal(mute.in.length, 0);
    assert_int_equal(test_count(&kept, "200 OK"), 1);
    assert_int_equal(test_count(&half, "200 OK"), 1);
    struct http_figures figures;
    TEST_UNTIL(&impatient, (http_figures(impatient.http, &figures), figures.connections_open == 0));
    test_hang_up(&mute);
    test_hang_up(&kept);
    test_hang_up(&half);
    test_end(&impatient);
}

/* A handler may take longer than any client may. */
static void a_waiting_request_is_not_timed_out(void **state)
{
    (void)state;
    struct test_server impatient;
    begin_impatient(&impatient);
    struct test_client mute = test_connect(&impatient);
    struct test_client late = test_connect(&impatient);
    test_send(&impatient, &late, "GET /late?n=1 HTTP/1.1\r\n" HOST "\r\n");
    TEST_UNTIL(&impatient, impatient.pending_count == 1);
    TEST_UNTIL(&impatient, test_ended(&mute));
    struct test_client second = test_connect(&impatient);
    TEST_UNTIL(&impatient, test_ended(&second)); /* two time limits have passed */
    assert_false(test_ended(&late));
    test_answer_late(impatient.pending[0]);
    TEST_UNTIL(&impatient, test_has(&late, "n=1"));
    test_hang_up(&mute);
    test_hang_up(&second);
    test_hang_up(&late);
    test_end(&impatient);
}

static void connections_are_bounded(void **state)
{
    (void)state;
    struct test_server small;
    struct http_setup setup = test_setup();
    setup.connections_per_address_max = 3;
    test_begin(&small, setup);
    struct test_client clients[4];
    for (int i = 0; i < 4; i++) {
        clients[i] = test_connect(&small);
        test_turn(&small);
    }
    TEST_UNTIL(&small, test_ended(&clients[3]));
    test_send(&small, &clients[0], "GET / HTTP/1.1\r\n" HOST "\r\n");
    TEST_UNTIL(&small, test_has(&clients[0], "hello"));
    test_hang_up(&clients[0]);
    struct http_figures figures;
    TEST_UNTIL(&small, (http_figures(small.http, &figures), figures.connections_open == 2));
    clients[0] = test_connect(&small);
    test_send(&small, &clients[0], "GET / HTTP/1.1\r\n" HOST "\r\n");
    TEST_UNTIL(&small, test_has(&clients[0], "hello"));
    for (int i = 0; i < 4; i++) {
        test_hang_up(&clients[i]);
    }
    test_end(&small);
}

/* At the limit others wait in the queue of the system, and are served when there is room. */
static void the_full_house_lets_others_wait(void **state)
{
    (void)state;
    struct test_server small;
    struct http_setup setup = test_setup();
    setup.connections_max = 2;
    test_begin(&small, setup);
    struct test_client clients[3];
    for (int i = 0; i < 3; i++) {
        clients[i] = test_connect(&small);
        test_send(&small, &clients[i], "GET / HTTP/1.1\r\n" HOST "\r\n");
    }
    TEST_UNTIL(&small, small.handled == 2);
    int open = test_has(&clients[0], "hello") ? 0 : 1;
    TEST_UNTIL(&small, test_has(&clients[open], "hello"));
    test_hang_up(&clients[0]);
    test_hang_up(&clients[1]);
    TEST_UNTIL(&small, test_has(&clients[2], "hello"));
    test_hang_up(&clients[2]);
    test_end(&small);
}

static void addresses_to_listen_on(void **state)
{
    (void)state;
    struct http_setup setup = test_setup();
    struct http_server *made = NULL;
    struct error error;
    setup.address = "localhost";
    assert_int_equal(http_create(server.base, &setup, &made, &error), STATUS_BAD_INPUT);
    setup.address = "127.0.0.1";
    setup.port = http_port(server.http);
    assert_int_equal(http_create(server.base, &setup, &made, &error), STATUS_IO);
    setup.address = "::1";
    setup.port = 0;
    if (http_create(server.base, &setup, &made, &error) != STATUS_OK) {
        print_message("skipped: no IPv6 here: %s\n", error.text);
        skip();
    }
    assert_int_not_equal(http_port(made), 0);
    http_destroy(made);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(refusals),
        CASE(too_much),
        CASE(the_most_is_taken),
        CASE(the_bound_of_bodies_may_change),
        CASE(answers_have_their_headers),
        CASE(bodies_come_whole),
        CASE(pipelines_are_answered_in_order),
        CASE(the_handler_sees_it_decoded),
        CASE(the_address_is_believed_from_a_proxy_only),
        CASE(only_this_machine_is_a_proxy),
        CASE(a_drill_says_so),
        CASE(the_slow_are_closed),
        CASE(the_silent_are_closed),
        CASE(a_waiting_request_is_not_timed_out),
        CASE(connections_are_bounded),
        CASE(the_full_house_lets_others_wait),
        CASE(addresses_to_listen_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
