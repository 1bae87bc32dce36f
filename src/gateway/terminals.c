/* Workload: some thousand terminals, a look-up for each connection; some unknown ones a day, or thousands a second from somebody
 * who tries numbers. */
#include "gateway/terminals.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/text.h"
#include "base/vec.h"
#include "host/clock.h"
#include "host/log.h"

enum { LOOK_MS = 2000, LOOK_SOON_MS = 500, PAGE = 500, PATIENCE_MS = 10000, TOLD_MAX = 64, TOLD_AGAIN_MS = 60000 };

VEC_TYPE(terminal_vec, struct gateway_terminal);

struct told {
    char number[TERMINAL_NUMBER_BYTES];
    int64_t at_ms;
};

struct gateway_terminals {
    struct gateway_link *link;
    struct event *timer;
    const char *kind;
    void (*changed)(void *context);
    void *context;
    bool is_known, is_asking;
    int64_t version, coming_version;
    struct terminal_vec list, coming; /* by number; coming in the order of the pages */
    struct told told[TOLD_MAX];
};

static void look(struct gateway_terminals *terminals, uint64_t after);

static void look_in(struct gateway_terminals *terminals, int ms)
{
    struct timeval interval = { ms / 1000, ms % 1000 * 1000 };
    CHECK(event_add(terminals->timer, &interval) == 0);
}

static int by_number(const void *a, const void *b)
{
    return strcmp(((const struct gateway_terminal *)a)->number, ((const struct gateway_terminal *)b)->number);
}

static void take_over(struct gateway_terminals *terminals)
{
    struct terminal_vec old = terminals->list;
    terminals->list = terminals->coming;
    terminals->coming = (struct terminal_vec){ .items = NULL };
    if (terminals->list.count > 0) {
        qsort(terminals->list.items, terminals->list.count, sizeof *terminals->list.items, by_number);
    }
    terminals->version = terminals->coming_version;
    terminals->is_known = true;
    LOG(LOG_INFO, "gateway", "the list of terminals has come", LOG_NUMBER("terminals", terminals->list.count));
    terminals->changed(terminals->context);
    vec_free(&old);
}

static bool take_item(struct gateway_terminals *terminals, const json_t *item)
{
    const char *kind = json_string_value(json_object_get(item, "kind"));
    const char *number = json_string_value(json_object_get(item, "number"));
    const char *device = json_string_value(json_object_get(item, "device"));
    struct gateway_terminal terminal = { .id = (uint32_t)json_integer_value(json_object_get(item, "id")),
                                         .unit = (uint32_t)json_integer_value(json_object_get(item, "unit")) };
    if (kind == NULL || number == NULL || device == NULL || strcmp(kind, terminals->kind) != 0) {
        return true;
    }
    (void)snprintf(terminal.number, sizeof terminal.number, "%s", number);
    (void)snprintf(terminal.device, sizeof terminal.device, "%s", device);
    return vec_push(&terminals->coming, terminal);
}

/* A page; the first one may tell that nothing has changed. */
static void take_page(struct gateway_terminals *terminals, const json_t *page)
{
    const json_t *items = json_object_get(page, "items"), *next = json_object_get(page, "next");
    int64_t version = json_integer_value(json_object_get(page, "version"));
    bool is_same = terminals->is_known && version == terminals->version;
    bool is_torn = terminals->coming.count > 0 && version != terminals->coming_version;
    terminals->coming_version = version;
    for (size_t i = 0; i < json_array_size(items) && !is_same && !is_torn; i++) {
        if (!take_item(terminals, json_array_get(items, i))) {
            LOG(LOG_ERROR, "gateway", "no memory for the list of terminals");
            is_torn = true;
        }
    }
    if (is_same || is_torn) {
        vec_free(&terminals->coming);
    } else if (json_is_integer(next)) {
        look(terminals, (uint64_t)json_integer_value(next));
        return;
    } else {
        take_over(terminals);
    }
    look_in(terminals, is_torn ? LOOK_SOON_MS : LOOK_MS);
}

static void answered(void *context, const struct gateway_answer *answer)
{
    struct gateway_terminals *terminals = context;
    terminals->is_asking = false;
    if (answer->outcome == GATEWAY_DONE && json_is_object(answer->body)) {
        take_page(terminals, answer->body);
        return;
    }
    if (answer->outcome == GATEWAY_REFUSED) {
        LOG(LOG_ERROR, "gateway", "the centre refuses the list of terminals: the token needs the role vehicle_gateway",
            LOG_NUMBER("http", answer->http), LOG_TEXT("problem", gateway_problem(answer)));
    }
    vec_free(&terminals->coming);
    look_in(terminals, LOOK_MS);
}

static void look(struct gateway_terminals *terminals, uint64_t after)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/terminals?limit=%d&after=%" PRIu64, PAGE, after);
    const struct gateway_request request = { path, NULL, 0, NULL, PATIENCE_MS, answered, terminals };
    terminals->is_asking = gateway_link_ask(terminals->link, &request);
    if (!terminals->is_asking) {
        vec_free(&terminals->coming);
        look_in(terminals, LOOK_MS);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct gateway_terminals *terminals = context;
    (void)fd, (void)what;
    if (!terminals->is_asking) {
        look(terminals, 0);
    }
}

enum status gateway_terminals_create(struct event_base *base, struct gateway_link *link, const char *kind,
                                     void (*changed)(void *context), void *context, struct gateway_terminals **terminals,
                                     struct error *error)
{
    struct gateway_terminals *made = calloc(1, sizeof *made);
    if (made != NULL) {
        *made = (struct gateway_terminals){ .link = link, .kind = kind, .changed = changed, .context = context };
        made->timer = event_new(base, -1, 0, on_timer, made);
    }
    if (made == NULL || made->timer == NULL) {
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the list of terminals");
    }
    look_in(made, 0);
    *terminals = made;
    return STATUS_OK;
}

void gateway_terminals_destroy(struct gateway_terminals *terminals)
{
    if (terminals != NULL) {
        event_free(terminals->timer);
        vec_free(&terminals->list);
        vec_free(&terminals->coming);
        free(terminals);
    }
}

bool gateway_terminals_are_known(const struct gateway_terminals *terminals) { return terminals->is_known; }

const struct gateway_terminal *gateway_terminals_find(const struct gateway_terminals *terminals, const char *number)
{
    struct gateway_terminal wanted = { .id = 0 };
    (void)snprintf(wanted.number, sizeof wanted.number, "%s", number);
    return terminals->list.count == 0 ? NULL
                                      : bsearch(&wanted, terminals->list.items, terminals->list.count, sizeof wanted, by_number);
}

const struct gateway_terminal *gateway_terminals_at(const struct gateway_terminals *terminals, uint32_t index)
{
    return index < terminals->list.count ? &terminals->list.items[index] : NULL;
}

/* ---- those that belong to nobody ---- */

/* Each once in a while, and no more of them in that time than there is room: whoever tries numbers does not fill the centre's
 * list. */
static bool may_tell(struct gateway_terminals *terminals, const char *number)
{
    int64_t now_ms = clock_monotonic_us() / 1000;
    struct told *oldest = &terminals->told[0];
    for (int i = 0; i < TOLD_MAX; i++) {
        struct told *told = &terminals->told[i];
        if (strcmp(told->number, number) == 0 && told->at_ms != 0) {
            oldest = told;
            break;
        }
        oldest = told->at_ms < oldest->at_ms ? told : oldest;
    }
    if (oldest->at_ms != 0 && now_ms - oldest->at_ms < TOLD_AGAIN_MS) {
        return false;
    }
    oldest->at_ms = now_ms;
    (void)snprintf(oldest->number, sizeof oldest->number, "%s", number);
    return true;
}

static void told(void *context, const struct gateway_answer *answer) { (void)context, (void)answer; }

void gateway_terminals_unknown(struct gateway_terminals *terminals, const char *number, const char *device, const char *plate)
{
    struct text body;
    struct json json;
    struct timeval due;
    bool is_due_soon = event_pending(terminals->timer, EV_TIMEOUT, &due) != 0;
    if (!may_tell(terminals, number)) {
        return;
    }
    if (is_due_soon) {
        look_in(terminals, LOOK_SOON_MS);
    }
    text_init(&body, 1024);
    json_init(&json, &body, 0);
    json_object_begin(&json, NULL);
    json_text(&json, "kind", terminals->kind);
    json_text(&json, "number", number);
    json_text(&json, "device", device);
    json_text(&json, "plate", plate);
    json_object_end(&json);
    const struct gateway_request request = { "/unknown_terminals", body.bytes, body.length, NULL, PATIENCE_MS, told, NULL };
    if (!body.failed && gateway_link_ask(terminals->link, &request)) {
        LOG(LOG_WARNING, "gateway", "a terminal came that belongs to no unit", LOG_TEXT("kind", terminals->kind),
            LOG_TEXT("number", number));
    }
    text_free(&body);
}
