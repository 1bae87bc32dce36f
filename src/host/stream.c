/* Ties the feeds (stream_feed.h) to the outlets of HTTP and to the loop.
 *
 * A flush happens in the loop's next turn after entries have come; under load no more often than costs a quarter of the thread,
 * and at least every FLUSH_EVERY_MAX_US: so one entry is told at once, and a burst of them together. What the outlets call back
 * is only noted while the hub sends, so that no feed goes while others are walked. */
#include "host/stream.h"
#include "host/log.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "host/control.h"
#include "host/hands.h"
#include "host/positions.h"
#include "host/stream_feed.h"
#include "host/stream_message.h"

enum {
    FLUSH_EVERY_MAX_US = 20000,
    FLUSH_REST = 3, /* times as long as the last flush took the next one waits */
    BEAT_MS_MAX = 200,
    BEAT_EARLY_US = 20000,
    CLOCK_EVERY_US = 5000000,
    VALID_EVERY_US = 10000000,
    HANDS_EVERY_US = 1000000,
    AUDIENCE_IDLE_US = 600000000,
    MESSAGE_SIZE_MAX = 1024,
    MESSAGES_BURST = 20,       /* a client may send so many at once ... */
    MESSAGE_EVERY_US = 200000, /* ... and one more each so often */
    PING_EVERY_S = 20,
    CLOSE_GOING_AWAY = 1001,
    CLOSE_POLICY = 1008,
    CLOSE_SIGNED_OUT = 4401,
};

struct client {
    struct stream *stream;
    struct stream_feed *feed;
    struct outlet *outlet;
    struct identity identity;
    uint32_t place;
    bool refused;        /* the outlet has too much waiting, and will say when it has drained */
    bool closing;        /* we have said good-bye */
    bool closed;         /* the outlet is gone */
    int64_t messages_us; /* allowance for messages that come in, in the time that earns them */
    int64_t message_at_us;
};

struct stream {
    struct stream_setup setup;
    struct stream_hub *hub;
    struct event *flush, *beat;
    struct client **clients;
    uint32_t client_count;
    bool sending; /* clients are walked: none may go */
    bool flush_waits;
    int64_t flushed_us, flush_took_us;
    int64_t positions_us, clock_us, valid_us, hands_us;
    uint32_t speed;
    uint64_t closed_by_us;
};

static void on_flush(evutil_socket_t fd, short what, void *context);
static void on_beat(evutil_socket_t fd, short what, void *context);

static bool set_beat(struct stream *stream)
{
    uint32_t beat_ms = stream->setup.positions_every_ms < BEAT_MS_MAX ? stream->setup.positions_every_ms : BEAT_MS_MAX;
    struct timeval every = { 0, (suseconds_t)(beat_ms < 10 ? 10 : beat_ms) * 1000 };
    return event_add(stream->beat, &every) == 0;
}

static enum status watch(struct stream *stream, struct error *error)
{
    stream->flush = event_new(stream->setup.base, -1, 0, on_flush, stream);
    stream->beat = event_new(stream->setup.base, -1, EV_PERSIST, on_beat, stream);
    if (stream->flush == NULL || stream->beat == NULL || !set_beat(stream)) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the stream's timers");
    }
    return STATUS_OK;
}

enum status stream_create(const struct stream_setup *setup, struct stream **stream, struct error *error)
{
    struct stream *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the stream");
    }
    made->setup = *setup;
    made->speed = clock_speed(setup->clock);
    struct stream_hub_setup hub = {
        .view = { .core = centre_core(setup->centre),
                  .directory = setup->directory,
                  .people = setup->people,
                  .positions = setup->positions,
                  .control = setup->control,
                  .hands = setup->hands },
        .clock = setup->clock,
        .fingerprint = centre_fingerprint(setup->centre),
        .ring_entries = setup->ring_entries,
        .feeds_max = setup->clients_max,
        .drill = setup->drill,
    };
    made->clients = calloc(setup->clients_max + 1, sizeof(struct client *));
    enum status status = made->clients == NULL ? ERROR(error, STATUS_NO_MEMORY, "no memory for the stream's clients") : STATUS_OK;
    if (status == STATUS_OK) {
        status = stream_hub_create(&hub, &made->hub, error);
    }
    if (status == STATUS_OK) {
        status = watch(made, error);
    }
    if (status != STATUS_OK) {
        stream_destroy(made);
        return status;
    }
    *stream = made;
    return STATUS_OK;
}

static void free_client(struct client *client)
{
    struct stream *stream = client->stream;
    if (client->feed != NULL) {
        stream_feed_close(client->feed);
    }
    stream->clients[client->place] = stream->clients[--stream->client_count];
    stream->clients[client->place]->place = client->place;
    stream->clients[stream->client_count] = NULL;
    free(client);
}

void stream_destroy(struct stream *stream)
{
    if (stream == NULL) {
        return;
    }
    CHECK(stream->client_count == 0 || stream->clients != NULL);
    while (stream->client_count > 0) {
        free_client(stream->clients[stream->client_count - 1]);
    }
    if (stream->flush != NULL) {
        event_free(stream->flush);
    }
    if (stream->beat != NULL) {
        event_free(stream->beat);
    }
    stream_hub_destroy(stream->hub);
    free(stream->clients);
    free(stream);
}

void stream_set_pace(struct stream *stream, size_t waiting_bytes_max, uint32_t positions_every_ms)
{
    stream->setup.waiting_bytes_max = waiting_bytes_max;
    stream->setup.positions_every_ms = positions_every_ms;
    if (!set_beat(stream)) {
        LOG(LOG_ERROR, "stream", "the pace could not be changed", LOG_TEXT("why", "no memory for a timer"));
    }
}

/* ---- sending ---- */

static void begin_sending(struct stream *stream)
{
    CHECK(!stream->sending);
    stream->sending = true;
    stream_hub_look(stream->hub, centre_core(stream->setup.centre));
}

/* Those who went meanwhile go now. */
static void end_sending(struct stream *stream)
{
    stream->sending = false;
    for (uint32_t i = stream->client_count; i-- > 0;) {
        if (stream->clients[i]->closed) {
            free_client(stream->clients[i]);
        }
    }
}

static bool send_frame(void *context, struct frame *frame)
{
    struct client *client = context;
    if (client->closed || client->closing || client->refused) {
        return false;
    }
    client->refused = !outlet_send(client->outlet, frame);
    return !client->refused;
}

static void say_good_bye(struct client *client, uint16_t code, const char *reason)
{
    if (!client->closing && !client->closed) {
        client->closing = true;
        client->stream->closed_by_us += 1;
        outlet_close(client->outlet, code, reason);
    }
}

static bool wants_more(const struct client *client)
{
    return client->feed != NULL && !client->refused && !client->closing && !client->closed && stream_feed_is_behind(client->feed);
}

static void on_flush(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct stream *stream = context;
    int64_t begin_us = clock_monotonic_us();
    stream->flush_waits = false;
    begin_sending(stream);
    stream_hub_flush(stream->hub);
    for (uint32_t i = 0; i < stream->client_count; i++) {
        if (wants_more(stream->clients[i])) {
            stream_feed_caught_up(stream->clients[i]->feed);
        }
    }
    end_sending(stream);
    stream->flushed_us = clock_monotonic_us();
    stream->flush_took_us = stream->flushed_us - begin_us;
}

static void ask_for_flush(struct stream *stream)
{
    if (stream->flush_waits) {
        return;
    }
    int64_t rest_us = stream->flush_took_us * FLUSH_REST;
    rest_us = rest_us < FLUSH_EVERY_MAX_US ? rest_us : FLUSH_EVERY_MAX_US;
    int64_t wait_us = stream->flushed_us + rest_us - clock_monotonic_us();
    struct timeval wait = { 0, (suseconds_t)(wait_us > 0 ? wait_us : 0) };
    stream->flush_waits = event_add(stream->flush, &wait) == 0;
}

void stream_entry(void *context, const struct entry_head *entry)
{
    struct stream *stream = context;
    stream_hub_look(stream->hub, centre_core(stream->setup.centre));
    stream_hub_entry(stream->hub, entry);
    if (stream->setup.positions != NULL) {
        positions_entry(stream->setup.positions, entry);
    }
    ask_for_flush(stream);
}

void stream_renew(struct stream *stream)
{
    begin_sending(stream);
    stream_hub_renew(stream->hub);
    end_sending(stream);
}

/* ---- the beat: what does not come with entries ---- */

/* A beat that follows a late one comes early: what is as good as due does not wait for another beat, a fifth of a second. */
static bool is_due(int64_t *last_us, int64_t now_us, int64_t every_us)
{
    if (now_us - *last_us < every_us - BEAT_EARLY_US) {
        return false;
    }
    *last_us = now_us;
    return true;
}

static void close_ended(struct stream *stream)
{
    for (uint32_t i = 0; i < stream->client_count; i++) {
        if (!people_still_valid(stream->setup.people, &stream->clients[i]->identity)) {
            say_good_bye(stream->clients[i], CLOSE_SIGNED_OUT, "the session or token has ended; sign in again");
        }
    }
}

static enum hand_presence look_for(void *context, const struct hand *hand)
{
    const struct stream *stream = context;
    const struct identity identity = { .actor = hand->person, .session = hand->session };
    if (!people_still_valid(stream->setup.people, &identity)) {
        return HAND_OVER;
    }
    for (uint32_t i = 0; i < stream->client_count; i++) {
        const struct client *client = stream->clients[i];
        bool same = client->identity.actor == hand->person && client->identity.session == hand->session;
        if (same && !client->closing && !client->closed) {
            return HAND_PRESENT;
        }
    }
    return HAND_ABSENT;
}

static bool has_stream(void *context, uint32_t actor)
{
    const struct stream *stream = context;
    for (uint32_t i = 0; i < stream->client_count; i++) {
        const struct client *client = stream->clients[i];
        if (client->identity.actor == actor && !client->closing && !client->closed) {
            return true;
        }
    }
    return false;
}

static void tell_control(struct stream *stream, int64_t now_us)
{
    if (stream->setup.control_absent_us > 0) {
        control_tidy(stream->setup.control, now_us, stream->setup.control_absent_us, has_stream, stream);
    }
    stream_hub_tell_control(stream->hub);
}

static void tell_hands(struct stream *stream, int64_t now_us)
{
    if (is_due(&stream->hands_us, now_us, HANDS_EVERY_US)) {
        hands_tidy(stream->setup.hands, now_us, look_for, stream);
    }
    stream_hub_tell_hands(stream->hub);
}

static void on_beat(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct stream *stream = context;
    int64_t now_us = clock_monotonic_us();
    uint32_t speed = clock_speed(stream->setup.clock);
    begin_sending(stream);
    if (is_due(&stream->positions_us, now_us, (int64_t)stream->setup.positions_every_ms * US_PER_MS)) {
        stream_hub_tell_positions(stream->hub);
    }
    tell_control(stream, now_us);
    if (stream->setup.hands != NULL) {
        tell_hands(stream, now_us);
    }
    if (is_due(&stream->clock_us, now_us, CLOCK_EVERY_US) || speed != stream->speed) {
        stream->speed = speed;
        stream->clock_us = now_us;
        stream_hub_tell_clock(stream->hub);
    }
    if (is_due(&stream->valid_us, now_us, VALID_EVERY_US)) {
        close_ended(stream);
        stream_hub_tidy(stream->hub, AUDIENCE_IDLE_US);
    }
    end_sending(stream);
    for (uint32_t i = 0; i < stream->client_count; i++) {
        if (wants_more(stream->clients[i])) {
            ask_for_flush(stream);
        }
    }
}

/* ---- clients ---- */

/* Whether the client may send one more message now. */
static bool may_send(struct client *client)
{
    int64_t now_us = clock_monotonic_us();
    client->messages_us += now_us - client->message_at_us;
    client->message_at_us = now_us;
    if (client->messages_us > (int64_t)MESSAGES_BURST * MESSAGE_EVERY_US) {
        client->messages_us = (int64_t)MESSAGES_BURST * MESSAGE_EVERY_US;
    }
    client->messages_us -= MESSAGE_EVERY_US;
    return client->messages_us >= 0;
}

static void on_message(void *context, const char *bytes, size_t length)
{
    struct client *client = context;
    if (client->closing || client->feed == NULL || client->stream->sending) {
        return;
    }
    if (!may_send(client)) {
        say_good_bye(client, CLOSE_POLICY, "too many messages");
        return;
    }
    begin_sending(client->stream);
    switch (stream_message_read(bytes, length)) {
    case STREAM_MESSAGE_PING: stream_feed_pong(client->feed); break;
    case STREAM_MESSAGE_UNKNOWN:
        stream_feed_problem(client->feed, "unknown message",
                            "the only message understood here is {\"type\":\"ping\"}; commands go by POST");
        break;
    case STREAM_MESSAGE_NOT_JSON: stream_feed_problem(client->feed, "malformed", "a message is one JSON object"); break;
    }
    end_sending(client->stream);
}

static void on_drained(void *context)
{
    struct client *client = context;
    client->refused = false;
    ask_for_flush(client->stream);
}

static void on_closed(void *context)
{
    struct client *client = context;
    client->closed = true;
    client->outlet = NULL;
    if (!client->stream->sending) {
        free_client(client);
    }
}

static void answer_full(struct stream *stream, struct http_request *request)
{
    char body[256];
    int length = snprintf(body, sizeof body,
                          "{\"type\":\"/problems/too_many_streams\",\"title\":\"Too many streams\",\"status\":503,"
                          "\"name\":\"too_many_streams\",\"detail\":\"%" PRIu32 " clients listen already; come again later\"%s}",
                          stream->client_count, stream->setup.drill ? ",\"drill\":true" : "");
    http_set_header(request, "Retry-After", "10");
    http_answer(request, 503, "application/problem+json", body, (size_t)length);
}

static struct client *add_client(struct stream *stream, const struct identity *identity)
{
    struct client *client = stream->client_count < stream->setup.clients_max ? calloc(1, sizeof *client) : NULL;
    if (client == NULL) {
        return NULL;
    }
    *client = (struct client){ .stream = stream, .identity = *identity, .place = stream->client_count };
    client->message_at_us = clock_monotonic_us();
    client->messages_us = (int64_t)MESSAGES_BURST * MESSAGE_EVERY_US;
    stream->clients[stream->client_count++] = client;
    return client;
}

void stream_open(struct stream *stream, struct http_request *request, const struct identity *identity, bool websocket,
                 const struct stream_resume *resume)
{
    struct client *client = add_client(stream, identity);
    if (client == NULL) {
        answer_full(stream, request);
        return;
    }
    struct outlet_setup setup = {
        .events = { .message = on_message, .drained = on_drained, .closed = on_closed },
        .context = client,
        .waiting_max = stream->setup.waiting_bytes_max,
        .message_size_max = MESSAGE_SIZE_MAX,
        .ping_every_s = PING_EVERY_S,
    };
    begin_sending(stream);
    client->outlet = websocket ? outlet_open_websocket(request, &setup) : outlet_open_events(request, &setup);
    if (client->outlet == NULL) {
        client->closed = true;
    } else {
        client->feed = stream_feed_open(stream->hub, identity, resume, send_frame, client);
        if (client->feed == NULL) {
            say_good_bye(client, CLOSE_GOING_AWAY, "no memory; come again");
        }
    }
    end_sending(stream);
}

void stream_close_all(struct stream *stream)
{
    bool nested = stream->sending;
    stream->sending = true;
    for (uint32_t i = 0; i < stream->client_count; i++) {
        say_good_bye(stream->clients[i], CLOSE_GOING_AWAY, "the server stops; come again in a moment");
    }
    if (!nested) {
        end_sending(stream);
    }
}

void stream_figures(const struct stream *stream, struct stream_figures *figures)
{
    struct stream_hub_figures hub;
    stream_hub_figures(stream->hub, &hub);
    *figures = (struct stream_figures){
        .clients = stream->client_count,
        .frames = hub.frames,
        .bytes = hub.bytes,
        .snapshots = hub.snapshots,
        .changes = hub.changes,
        .resumed = hub.resumed,
        .slowed = hub.slowed,
        .closed_by_us = stream->closed_by_us,
    };
}
