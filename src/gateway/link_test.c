/* The line to a centre that this test plays itself, in the same loop. */
#include "gateway/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

enum { ANSWERS_MAX = 32, REQUESTS_MAX = 64, HTTP_SIZE = 2048 };

/* What the played centre says to each request in turn; "" closes the connection without a word. */
struct play {
    struct event_base *base;
    struct evconnlistener *listener;
    struct gateway_link *link;
    const char *answers[ANSWERS_MAX];
    int answer_count, said;
    char heard[REQUESTS_MAX][HTTP_SIZE];
    int heard_count;
    struct gateway_answer given[REQUESTS_MAX];
    char problems[REQUESTS_MAX][64];
    int given_count;
    int messages;
    int64_t last_sequence;
};

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"made\":1}\n"
#define BUSY_ANSWER "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
#define REFUSAL "HTTP/1.1 409 No\r\nContent-Length: 21\r\n\r\n{\"name\":\"transition\"}"
#define STREAM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

static size_t whole_request(struct evbuffer *in)
{
    size_t length = evbuffer_get_length(in);
    const char *bytes = (const char *)evbuffer_pullup(in, -1);
    const char *end = length > 0 ? memmem(bytes, length, "\r\n\r\n", 4) : NULL;
    if (end == NULL) {
        return 0;
    }
    const char *field = memmem(bytes, (size_t)(end - bytes), "Content-Length: ", 16);
    size_t body = field != NULL ? strtoul(field + 16, NULL, 10) : 0, head = (size_t)(end - bytes) + 4;
    return head + body <= length ? head + body : 0;
}

static void on_bytes(struct bufferevent *connection, void *context)
{
    struct play *play = context;
    struct evbuffer *in = bufferevent_get_input(connection);
    size_t length;
    while ((length = whole_request(in)) > 0) {
        assert_true(play->heard_count < REQUESTS_MAX && length < HTTP_SIZE);
        (void)evbuffer_remove(in, play->heard[play->heard_count++], length);
        assert_true(play->said < play->answer_count);
        const char *answer = play->answers[play->said++];
        if (answer[0] == '\0') {
            bufferevent_free(connection);
            return;
        }
        assert_int_equal(send(bufferevent_getfd(connection), answer, strlen(answer), MSG_NOSIGNAL), strlen(answer));
        if (strstr(answer, "Connection: close") != NULL) {
            bufferevent_free(connection);
            return;
        }
    }
}

static void on_end(struct bufferevent *connection, short what, void *context)
{
    (void)what, (void)context;
    bufferevent_free(connection);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
                          void *context)
{
    struct play *play = context;
    (void)listener, (void)address, (void)length;
    struct bufferevent *connection = bufferevent_socket_new(play->base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(connection, on_bytes, NULL, on_end, play);
    bufferevent_enable(connection, EV_READ | EV_WRITE);
}

static void heard(void *context, const json_t *message)
{
    struct play *play = context;
    play->messages += 1;
    assert_true(gateway_link_follows(play->link));
    play->last_sequence = json_integer_value(json_object_get(message, "sequence"));
}

static void begin_with(struct play *play, void (*hear)(void *context, const json_t *message))
{
    *play = (struct play){ .base = event_base_new() };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof address;
    char url[64];
    struct error error;
    play->listener = evconnlistener_new_bind(play->base, on_connection, play, LEV_OPT_CLOSE_ON_FREE, 16,
                                             (struct sockaddr *)&address, sizeof address);
    assert_non_null(play->listener);
    assert_int_equal(getsockname(evconnlistener_get_fd(play->listener), (struct sockaddr *)&address, &size), 0);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    const struct gateway_link_setup setup = { play->base, url, "mgd_secret", hear, play };
    assert_int_equal(gateway_link_create(&setup, &play->link, &error), STATUS_OK);
}

static void begin(struct play *play) { begin_with(play, heard); }

static void end(struct play *play)
{
    gateway_link_destroy(play->link);
    evconnlistener_free(play->listener);
    event_base_loop(play->base, EVLOOP_NONBLOCK); /* the played side sees that its connections have ended */
    event_base_free(play->base);
}

static void will_say(struct play *play, const char *answer) { play->answers[play->answer_count++] = answer; }

static void answered(void *context, const struct gateway_answer *answer)
{
    struct play *play = context;
    (void)snprintf(play->problems[play->given_count], sizeof play->problems[0], "%s", gateway_problem(answer));
    play->given[play->given_count++] = *answer;
}

static void ask(struct play *play, const char *body, const char *key, int64_t patience_ms)
{
    const struct gateway_request request = { body != NULL ? "/commands/unit_report" : "/terminals",
                                             body,
                                             body != NULL ? strlen(body) : 0,
                                             key,
                                             patience_ms,
                                             answered,
                                             play };
    assert_true(gateway_link_ask(play->link, &request));
}

static void run_until(struct play *play, const int *count, int wanted)
{
    while (*count < wanted) {
        assert_true(event_base_loop(play->base, EVLOOP_ONCE) == 0);
    }
}

static void what_is_asked_and_answered(void **state)
{
    (void)state;
    struct play play;
    begin(&play);
    will_say(&play, OK_ANSWER);
    ask(&play, "{\"unit\":3}", "t1-7", 1000);
    run_until(&play, &play.given_count, 1);
    assert_int_equal(play.given[0].outcome, GATEWAY_DONE);
    assert_int_equal(play.given[0].http, 200);
    assert_non_null(strstr(play.heard[0], "POST /api/v1/commands/unit_report HTTP/1.1\r\n"));
    assert_non_null(strstr(play.heard[0], "\r\nAuthorization: Bearer mgd_secret\r\n"));
    assert_non_null(strstr(play.heard[0], "\r\nIdempotency-Key: t1-7\r\n"));
    assert_non_null(strstr(play.heard[0], "\r\n\r\n{\"unit\":3}"));
    will_say(&play, REFUSAL);
    ask(&play, NULL, NULL, 1000);
    run_until(&play, &play.given_count, 2);
    assert_non_null(strstr(play.heard[1], "GET /api/v1/terminals HTTP/1.1\r\n"));
    assert_null(strstr(play.heard[1], "Idempotency-Key"));
    assert_int_equal(play.given[1].outcome, GATEWAY_REFUSED);
    assert_string_equal(play.problems[1], "transition");
    end(&play);
}

/* Busy, then a connection that breaks, then done: the same request with the same key, and the one behind it after it. */
static void repeated_until_answered(void **state)
{
    (void)state;
    struct play play;
    begin(&play);
    will_say(&play, BUSY_ANSWER);
    will_say(&play, "");
    will_say(&play, OK_ANSWER);
    ask(&play, "{\"unit\":1}", "first", 60000);
    run_until(&play, &play.heard_count, 1);
    run_until(&play, &play.heard_count, 2);
    will_say(&play, OK_ANSWER);
    ask(&play, "{\"unit\":2}", "second", 60000);
    run_until(&play, &play.given_count, 2);
    assert_int_equal(play.heard_count, 4);
    for (int i = 0; i < 3; i++) {
        assert_non_null(strstr(play.heard[i], "Idempotency-Key: first\r\n"));
    }
    assert_non_null(strstr(play.heard[3], "Idempotency-Key: second\r\n"));
    assert_int_equal(play.given[0].outcome, GATEWAY_DONE);
    assert_int_equal(play.given[1].outcome, GATEWAY_DONE);
    assert_true(gateway_link_figures(play.link).repeated >= 1);
    assert_int_equal(gateway_link_figures(play.link).waiting, 0);
    end(&play);
}

/* All of them under way at once, and all fail: the first is the first again. */
static void asked_again_in_their_order(void **state)
{
    (void)state;
    struct play play;
    static const char *const keys[] = { "first", "second", "third", "fourth" };
    const int count = (int)ARRAY_LENGTH(keys);
    begin(&play);
    for (int i = 0; i < 2 * count; i++) {
        will_say(&play, i < count ? BUSY_ANSWER : OK_ANSWER);
    }
    for (int i = 0; i < count; i++) {
        ask(&play, "{\"unit\":1}", keys[i], 60000);
    }
    run_until(&play, &play.given_count, count);
    assert_int_equal(play.heard_count, 2 * count);
    assert_non_null(strstr(play.heard[count], "Idempotency-Key: first\r\n"));
    assert_int_equal(gateway_link_figures(play.link).repeated, count);
    end(&play);
}

static void patience_has_an_end(void **state)
{
    (void)state;
    struct play play;
    begin(&play);
    will_say(&play, BUSY_ANSWER);
    ask(&play, "{\"unit\":1}", "first", 0);
    run_until(&play, &play.given_count, 1);
    assert_int_equal(play.given[0].outcome, GATEWAY_SILENT);
    assert_int_equal(play.given[0].http, 0);
    assert_int_equal(play.heard_count, 1);
    end(&play);
}

static void the_stream_is_followed(void **state)
{
    (void)state;
    struct play play;
    begin(&play);
    will_say(&play, STREAM_HEAD "id: 120\ndata: {\"type\":\"snapshot\",\"sequence\":120,\"fingerprint\":\"09f86d081884c7d6\"}\n\n"
                                "data: {\"type\":\"positions\"}\n\n"
                                "data: {\"type\":\"cha");
    will_say(&play, STREAM_HEAD "data: {\"type\":\"change\",\"sequence\":121}\n\n");
    will_say(&play, "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    gateway_link_follow(play.link);
    assert_false(gateway_link_follows(play.link));
    run_until(&play, &play.messages, 1);
    assert_int_equal(play.last_sequence, 120);
    run_until(&play, &play.messages, 2);
    assert_int_equal(play.last_sequence, 121);
    assert_non_null(strstr(play.heard[0], "GET /api/v1/events HTTP/1.1\r\n"));
    assert_non_null(strstr(play.heard[1], "GET /api/v1/events?after=120&fingerprint=09f86d081884c7d6 HTTP/1.1\r\n"));
    end(&play);
}

static int refusals; /* of jansson's next allocations */

static void *refusing(size_t size)
{
    bool is_refused = refusals > 0;
    refusals -= is_refused;
    return is_refused ? NULL : malloc(size);
}

static void heard_before_memory_ends(void *context, const json_t *message)
{
    struct play *play = context;
    heard(context, message);
    assert_int_equal(play->last_sequence, 119 + play->messages); /* none was passed over */
    refusals = play->messages == 1;
}

/* Nothing of the centre's is passed over: the connection ends, and the next one begins where the last message was heard. */
static void what_there_is_no_memory_for_is_asked_again(void **state)
{
    (void)state;
    struct play play;
    begin_with(&play, heard_before_memory_ends);
    json_set_alloc_funcs(refusing, free);
    will_say(&play, STREAM_HEAD "data: {\"sequence\":120,\"fingerprint\":\"09f86d081884c7d6\"}\n\ndata: "
                                "{\"sequence\":121}\n\ndata: {\"sequence\":122}\n\n");
    will_say(&play, STREAM_HEAD "data: {\"sequence\":121}\n\ndata: {\"sequence\":122}\n\n");
    will_say(&play, "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    gateway_link_follow(play.link);
    run_until(&play, &play.messages, 3);
    assert_non_null(strstr(play.heard[1], "GET /api/v1/events?after=120&fingerprint=09f86d081884c7d6 HTTP/1.1\r\n"));
    end(&play);
    json_set_alloc_funcs(malloc, free);
}

/* What is written on standard error until it is given back. */
static FILE *catch_log(int *standard)
{
    FILE *caught = tmpfile();
    assert_non_null(caught);
    *standard = dup(STDERR_FILENO);
    assert_true(*standard >= 0 && dup2(fileno(caught), STDERR_FILENO) >= 0);
    return caught;
}

static void read_log(FILE *caught, int standard, char *text, size_t size)
{
    assert_true(dup2(standard, STDERR_FILENO) >= 0);
    (void)close(standard);
    rewind(caught);
    text[fread(text, 1, size - 1, caught)] = '\0';
    (void)fclose(caught);
}

/* A snapshot that there is no memory for, again and again: it is asked for less and less often, and each time it is said. */
static void what_is_never_heard_is_asked_for_less_often(void **state)
{
    (void)state;
    struct play play;
    char log[8000];
    int standard;
    begin(&play);
    json_set_alloc_funcs(refusing, free);
    for (int i = 0; i < 4; i++) {
        will_say(&play, STREAM_HEAD "data: {\"sequence\":120}\n\n");
    }
    will_say(&play, "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    refusals = 3;
    FILE *caught = catch_log(&standard);
    gateway_link_follow(play.link);
    run_until(&play, &play.messages, 1);
    read_log(caught, standard, log, sizeof log);
    assert_int_equal(play.heard_count, 4);
    const char *at = log;
    static const char *const waits[] = { "\"in_ms\":100}", "\"in_ms\":200}", "\"in_ms\":400}" };
    for (size_t i = 0; i < ARRAY_LENGTH(waits); i++) {
        at = strstr(at, "a message of the centre could not be heard");
        assert_non_null(at);
        at = strstr(at, waits[i]);
        assert_non_null(at);
    }
    end(&play);
    json_set_alloc_funcs(malloc, free);
}

/* An answer that cannot be read is not a yes. */
static void what_cannot_be_read_is_not_done(void **state)
{
    (void)state;
    struct play play;
    begin(&play);
    json_set_alloc_funcs(refusing, free);
    refusals = 1;
    will_say(&play, OK_ANSWER);
    will_say(&play, OK_ANSWER);
    ask(&play, "{\"unit\":1}", "first", 60000);
    run_until(&play, &play.given_count, 1);
    assert_int_equal(play.heard_count, 2);
    assert_int_equal(play.given[0].outcome, GATEWAY_DONE);
    assert_non_null(play.given[0].body);
    json_set_alloc_funcs(malloc, free);
    will_say(&play, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>");
    ask(&play, "{\"unit\":1}", "second", 60000);
    run_until(&play, &play.given_count, 2);
    assert_int_equal(play.given[1].outcome, GATEWAY_SILENT);
    will_say(&play, "HTTP/1.1 204 No Content\r\n\r\n");
    ask(&play, "{\"unit\":1}", "third", 60000);
    run_until(&play, &play.given_count, 3);
    assert_int_equal(play.given[2].outcome, GATEWAY_DONE);
    assert_int_equal(play.heard_count, 4);
    end(&play);
}

static void count(void *context, const struct gateway_answer *answer) { *(int *)context += answer->outcome == GATEWAY_SILENT; }

static void no_more_than_there_is_room_for(void **state)
{
    (void)state;
    struct play play;
    int silent = 0;
    begin(&play);
    const struct gateway_request request = { "/terminals", NULL, 0, NULL, 1000, count, &silent };
    for (int i = 0; i < LINK_WAITING_MAX; i++) {
        assert_true(gateway_link_ask(play.link, &request));
    }
    assert_false(gateway_link_ask(play.link, &request));
    end(&play);
    assert_int_equal(silent, LINK_WAITING_MAX);
}

static void what_is_no_address(void **state)
{
    (void)state;
    struct event_base *base = event_base_new();
    static const char *const wrong[] = { "", "127.0.0.1:8120", "https://127.0.0.1", "http://", "ftp://127.0.0.1" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct gateway_link *link;
        struct error error;
        const struct gateway_link_setup setup = { base, wrong[i], "x", heard, NULL };
        assert_int_equal(gateway_link_create(&setup, &link, &error), STATUS_USAGE);
    }
    event_base_free(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_and_answered),
        cmocka_unit_test(repeated_until_answered),
        cmocka_unit_test(asked_again_in_their_order),
        cmocka_unit_test(patience_has_an_end),
        cmocka_unit_test(the_stream_is_followed),
        cmocka_unit_test(no_more_than_there_is_room_for),
        cmocka_unit_test(what_is_no_address),
        cmocka_unit_test(what_there_is_no_memory_for_is_asked_again),
        cmocka_unit_test(what_is_never_heard_is_asked_for_less_often),
        cmocka_unit_test(what_cannot_be_read_is_not_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
