/* The emergency button of a vehicle, a bit in each position. A terminal holds it up until a position with it was confirmed, and
 * kept positions with it may come much later, or twice: so a press is known by its time, and remembered.
 *
 * To the seats it is a message of the crew's. Kept in memory until the centre has answered, and repeated; meanwhile none of the
 * terminal's positions is confirmed, so that it is told anew if this process dies. Then, and only then, it may be told twice.
 *
 * Workload: none for days; a switch with a bad contact, several a minute. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "gateway/jt808_private.h"
#include "host/log.h"
#include "wire/form.h"

enum {
    EMERGENCIES_MAX = 1024, /* remembered; those that were told make room */
    OF_ONE_MAX = 8,         /* untold, of one terminal */
    BEFORE_S = 600,         /* a position so much older than the first one of a press, and pressed, is of the same press */
    AFTER_S = 10,           /* pressed again so soon after the last one, it is the same press */
    PATIENCE_MS = 600000,
    AGAIN_MS = 1000,
    REFUSED_AGAIN_MS = 5000,
    REFUSED_LIFE_MS = 3600000,
};

struct emergency {
    struct jt808_server *server; /* NULL: free */
    uint32_t terminal, unit;
    struct instant from, to; /* the first and the last position with it */
    bool is_up, is_asking;
    bool is_told;     /* taken, or refused for too long */
    bool is_answered; /* taken, or refused once */
    int64_t made_ms, again_ms;
    /* the reply to a position that waits for the answer */
    bool is_awaited;
    uint16_t slot, generation, id, serial;
    enum jt808_result result;
};

enum status jt808_emergencies_create(struct jt808_server *server, struct error *error)
{
    server->emergencies = calloc(EMERGENCIES_MAX, sizeof *server->emergencies);
    return server->emergencies != NULL ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for emergencies");
}

void jt808_emergencies_destroy(struct jt808_server *server) { free(server->emergencies); }

/* ---- telling ---- */

static void release_reply(struct emergency *emergency)
{
    struct jt808_server *server = emergency->server;
    if (emergency->is_answered) {
        return;
    }
    emergency->is_answered = true;
    server->emergencies_unanswered -= 1;
    struct connection *connection = emergency->is_awaited ? jt808_connection(server, emergency->slot, emergency->generation)
                                                          : NULL;
    if (connection != NULL) {
        jt808_reply_position(connection, emergency->id, emergency->serial, emergency->result);
    }
}

static void told(void *context, const struct gateway_answer *answer)
{
    struct emergency *emergency = context;
    int64_t now_ms = jt808_now_ms();
    bool is_refused = answer->outcome == GATEWAY_REFUSED;
    emergency->is_asking = false;
    emergency->again_ms = now_ms + (is_refused ? REFUSED_AGAIN_MS : AGAIN_MS);
    emergency->is_told = answer->outcome == GATEWAY_DONE || (is_refused && now_ms - emergency->made_ms > REFUSED_LIFE_MS);
    if (answer->outcome != GATEWAY_DONE) {
        LOG(LOG_ERROR, "gateway",
            emergency->is_told ? "the centre refuses an emergency; it is given up" : "the centre did not take an emergency",
            LOG_NUMBER("unit", emergency->unit), LOG_NUMBER("http", answer->http), LOG_TEXT("problem", gateway_problem(answer)));
    }
    if (answer->outcome != GATEWAY_SILENT) {
        release_reply(emergency);
    }
}

static void write_message(struct text *body, const struct emergency *emergency)
{
    char when[FORM_INSTANT_SIZE] = "";
    struct json json;
    (void)form_instant_text(emergency->from, when);
    json_init(&json, body, 0);
    json_object_begin(&json, NULL);
    json_int(&json, "unit", emergency->unit);
    json_text(&json, "text", "【紧急】车载终端紧急报警按钮 / EMERGENCY button of the vehicle");
    json_text(&json, "occurred_at", when);
    json_object_end(&json);
}

static void tell(struct emergency *emergency)
{
    char key[64];
    struct text body;
    (void)snprintf(key, sizeof key, "sos-%" PRIu32 "-%" PRId64, emergency->terminal, emergency->from.us);
    text_init(&body, 512);
    write_message(&body, emergency);
    const struct gateway_request request = { "/messages", body.bytes, body.length, key, PATIENCE_MS, told, emergency };
    emergency->is_asking = !body.failed && gateway_link_ask(emergency->server->setup.link, &request);
    emergency->again_ms = jt808_now_ms() + AGAIN_MS;
    text_free(&body);
}

void jt808_emergencies_sweep(struct jt808_server *server, int64_t now_ms)
{
    for (int i = 0; i < EMERGENCIES_MAX; i++) {
        struct emergency *emergency = &server->emergencies[i];
        if (emergency->server != NULL && !emergency->is_told && !emergency->is_asking && emergency->again_ms <= now_ms) {
            tell(emergency);
        }
    }
}

/* ---- presses ---- */

static bool is_within(const struct emergency *emergency, struct instant at)
{
    return at.us >= emergency->from.us - BEFORE_S * US_PER_SECOND &&
           (emergency->is_up || at.us <= emergency->to.us + AFTER_S * US_PER_SECOND);
}

/* The press that this position is of, or NULL; *untold counts those of the terminal that still have to be told. */
static struct emergency *find(struct jt808_server *server, uint32_t terminal, struct instant at, int *untold)
{
    struct emergency *found = NULL;
    *untold = 0;
    for (int i = 0; i < EMERGENCIES_MAX; i++) {
        struct emergency *emergency = &server->emergencies[i];
        if (emergency->server != NULL && emergency->terminal == terminal) {
            *untold += !emergency->is_told;
            found = is_within(emergency, at) ? emergency : found;
        }
    }
    return found;
}

/* One that is free, or the oldest of those that were told. */
static struct emergency *make_room(struct jt808_server *server)
{
    struct emergency *found = NULL;
    for (int i = 0; i < EMERGENCIES_MAX; i++) {
        struct emergency *emergency = &server->emergencies[i];
        if (emergency->server == NULL) {
            return emergency;
        }
        if (emergency->is_told && (found == NULL || emergency->made_ms < found->made_ms)) {
            found = emergency;
        }
    }
    return found;
}

/* Whether one of the terminal's is up still: an old position takes nothing back that came after it. */
static bool take_back(struct jt808_server *server, uint32_t terminal, struct instant at)
{
    bool is_up = false;
    for (int i = 0; i < EMERGENCIES_MAX; i++) {
        struct emergency *emergency = &server->emergencies[i];
        if (emergency->server != NULL && emergency->terminal == terminal) {
            emergency->is_up = emergency->is_up && at.us <= emergency->to.us;
            is_up = is_up || emergency->is_up;
        }
    }
    return is_up;
}

bool jt808_emergency_look(struct connection *connection, struct instant at, bool is_pressed)
{
    struct jt808_server *server = connection->server;
    int untold;
    if (!is_pressed) {
        connection->may_be_pressed = connection->may_be_pressed && take_back(server, connection->terminal, at);
        return true;
    }
    connection->may_be_pressed = true;
    struct emergency *emergency = find(server, connection->terminal, at, &untold);
    if (emergency != NULL) {
        emergency->is_up = emergency->is_up || at.us > emergency->to.us;
        emergency->to.us = at.us > emergency->to.us ? at.us : emergency->to.us;
        return true;
    }
    emergency = untold < OF_ONE_MAX ? make_room(server) : NULL;
    if (emergency == NULL) {
        return false;
    }
    *emergency = (struct emergency){ .server = server,
                                     .terminal = connection->terminal,
                                     .unit = connection->unit,
                                     .from = at,
                                     .to = at,
                                     .is_up = true,
                                     .made_ms = jt808_now_ms() };
    server->emergencies_unanswered += 1;
    LOG(LOG_WARNING, "gateway", "a crew has pressed the emergency button", LOG_NUMBER("unit", connection->unit));
    tell(emergency);
    return true;
}

void jt808_reply_position(struct connection *connection, uint16_t id, uint16_t serial, enum jt808_result result)
{
    struct jt808_server *server = connection->server;
    for (int i = 0; i < EMERGENCIES_MAX && server->emergencies_unanswered > 0; i++) {
        struct emergency *emergency = &server->emergencies[i];
        if (emergency->server == NULL || emergency->terminal != connection->terminal || emergency->is_answered) {
            continue;
        }
        emergency->is_awaited = true;
        emergency->slot = connection->slot;
        emergency->generation = connection->generation;
        emergency->id = id;
        emergency->serial = serial;
        emergency->result = result;
        return;
    }
    jt808_reply_to(connection, id, serial, result);
}
