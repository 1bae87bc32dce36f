/* A ring; its first part is the batch under way. Workload: 10,000 a second in batches of some hundred. */
#include "gateway/positions.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/json.h"
#include "base/text.h"
#include "host/log.h"
#include "wire/form.h"

enum {
    BATCH_MAX = 4000,   /* what the centre takes at most is 4,096 */
    GATHER_MS = 50,     /* how long the first one waits for others */
    PATIENCE_MS = 2000, /* then the senders know better what is newest */
    BATCH_BYTES_MAX = 1 << 19,
};

struct gateway_positions {
    struct gateway_link *link;
    struct event *timer;
    gateway_settled *settled;
    void *context;
    uint32_t first, count, under_way;
    uint64_t part_ticket; /* the ticket whose parts are being answered for; a request may end between two of them */
    enum gateway_outcome part_outcome;
    struct gateway_fix *ring; /* POSITIONS_WAITING_MAX of them */
    struct text body;
    struct gateway_positions_figures figures;
};

static void on_timer(evutil_socket_t fd, short what, void *context);

enum status gateway_positions_create(struct event_base *base, struct gateway_link *link, gateway_settled *settled, void *context,
                                     struct gateway_positions **positions, struct error *error)
{
    struct gateway_positions *made = calloc(1, sizeof *made);
    if (made != NULL) {
        *made = (struct gateway_positions){ .link = link, .settled = settled, .context = context };
        made->ring = calloc(POSITIONS_WAITING_MAX, sizeof *made->ring);
        made->timer = event_new(base, -1, 0, on_timer, made);
        text_init(&made->body, BATCH_BYTES_MAX);
    }
    if (made == NULL || made->ring == NULL || made->timer == NULL) {
        gateway_positions_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for positions");
    }
    *positions = made;
    return STATUS_OK;
}

void gateway_positions_destroy(struct gateway_positions *positions)
{
    if (positions == NULL) {
        return;
    }
    if (positions->timer != NULL) {
        event_free(positions->timer);
    }
    text_free(&positions->body);
    free(positions->ring);
    free(positions);
}

static const struct gateway_fix *fix_at(const struct gateway_positions *positions, uint32_t index)
{
    return &positions->ring[(positions->first + index) % POSITIONS_WAITING_MAX];
}

static void write_batch(struct gateway_positions *positions)
{
    struct json json;
    text_clear(&positions->body);
    json_init(&json, &positions->body, 0);
    json_array_begin(&json, NULL);
    for (uint32_t i = 0; i < positions->under_way; i++) {
        const struct gateway_fix *fix = fix_at(positions, i);
        json_object_begin(&json, NULL);
        json_int(&json, "unit", fix->unit);
        json_e7(&json, "lon", fix->point.lon_e7);
        json_e7(&json, "lat", fix->point.lat_e7);
        form_instant(&json, "at", fix->at);
        json_object_end(&json);
    }
    json_array_end(&json);
    CHECK(!positions->body.failed);
}

static bool is_refused(const json_t *refused, uint32_t unit)
{
    for (size_t i = 0; i < json_array_size(refused); i++) {
        if (json_integer_value(json_object_get(json_array_get(refused, i), "unit")) == unit) {
            return true;
        }
    }
    return false;
}

static void note(struct gateway_positions *positions, enum gateway_outcome outcome)
{
    positions->figures.sent += outcome == GATEWAY_DONE;
    positions->figures.refused += outcome == GATEWAY_REFUSED;
    positions->figures.silent += outcome == GATEWAY_SILENT;
}

static enum gateway_outcome worse(enum gateway_outcome a, enum gateway_outcome b)
{
    bool is_silent = a == GATEWAY_SILENT || b == GATEWAY_SILENT;
    return is_silent ? GATEWAY_SILENT : a == GATEWAY_REFUSED ? a : b;
}

/* A sender that found no room after some parts never put the last one: what was noted of them ends with another ticket. */
static void settle(struct gateway_positions *positions, const struct gateway_fix *fix, enum gateway_outcome outcome)
{
    bool goes_on = positions->part_ticket == fix->ticket;
    outcome = goes_on ? worse(positions->part_outcome, outcome) : outcome;
    positions->part_ticket = fix->is_part ? fix->ticket : 0;
    positions->part_outcome = outcome;
    if (fix->ticket != 0 && !fix->is_part) {
        positions->settled(positions->context, fix->ticket, outcome);
    }
}

static void send_batch(struct gateway_positions *positions);

static void answered(void *context, const struct gateway_answer *answer)
{
    struct gateway_positions *positions = context;
    const json_t *refused = json_object_get(answer->body, "refused");
    if (answer->outcome == GATEWAY_REFUSED) {
        LOG(LOG_ERROR, "gateway", "the centre refuses positions", LOG_NUMBER("http", answer->http),
            LOG_TEXT("problem", gateway_problem(answer)));
    }
    for (uint32_t i = 0; i < positions->under_way; i++) {
        const struct gateway_fix *fix = fix_at(positions, i);
        bool is_single = answer->outcome == GATEWAY_DONE && is_refused(refused, fix->unit);
        enum gateway_outcome outcome = is_single ? GATEWAY_REFUSED : answer->outcome;
        note(positions, outcome);
        settle(positions, fix, outcome);
    }
    positions->first = (positions->first + positions->under_way) % POSITIONS_WAITING_MAX;
    positions->count -= positions->under_way;
    positions->under_way = 0;
    if (positions->count > 0) {
        send_batch(positions);
    }
}

static void wait_for_others(struct gateway_positions *positions)
{
    struct timeval interval = { 0, GATHER_MS * 1000 };
    CHECK(event_add(positions->timer, &interval) == 0);
}

static void send_batch(struct gateway_positions *positions)
{
    positions->under_way = positions->count < BATCH_MAX ? positions->count : BATCH_MAX;
    write_batch(positions);
    const struct gateway_request request = { "/positions", positions->body.bytes, positions->body.length,
                                             NULL,         PATIENCE_MS,           answered,
                                             positions };
    positions->figures.batches += 1;
    if (!gateway_link_ask(positions->link, &request)) {
        positions->under_way = 0;
        wait_for_others(positions);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct gateway_positions *positions = context;
    (void)fd, (void)what;
    if (positions->under_way == 0 && positions->count > 0) {
        send_batch(positions);
    }
}

bool gateway_positions_put(struct gateway_positions *positions, const struct gateway_fix *fix)
{
    if (positions->count == POSITIONS_WAITING_MAX) {
        positions->figures.no_room += 1;
        return false;
    }
    positions->ring[(positions->first + positions->count) % POSITIONS_WAITING_MAX] = *fix;
    positions->count += 1;
    if (positions->count == 1) {
        wait_for_others(positions);
    }
    return true;
}

struct gateway_positions_figures gateway_positions_figures(const struct gateway_positions *positions)
{
    struct gateway_positions_figures figures = positions->figures;
    figures.waiting = positions->count;
    return figures;
}
