#include "gateway/orders.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "core/limits.h"
#include "host/clock.h"
#include "host/log.h"
#include "wire/form.h"

enum {
    PATIENCE_MS = 600000,
    NAMES_PATIENCE_MS = 10000, /* while the centre is silent an order does not wait longer for what its place is called */
    MESSAGE_AGE_MAX_S = 3600,
    TELLS_AT_ONCE = 65536, /* messages whose telling is remembered: as many as a centre of UNITS_CEILING units keeps */
    LOOK_MS = 500,
    AGAIN_FIRST_MS = 500, /* a text that was not given is asked for again so soon, and then ever more slowly */
    AGAIN_MAX_MS = 60000,
};

struct held {
    struct gateway_orders *orders;
    uint32_t notice, telling; /* the mission that a vehicle has and the centre does not know of; the one it is being told of */
    uint32_t id;              /* 0: none */
    uint32_t told;            /* that mission, if it was made an order: once, whatever else changes of it */
    bool is_told_of_end;      /* it was made an order that a mission is over, and nothing was heard of another since */
    bool is_open;             /* in the snapshot that is being read */
    struct instant assigned_at;
};

/* An order, and how far its text is. */
struct entry {
    bool is_used, is_ready;
    int64_t made_ms;
    int64_t ask_ms, wait_ms; /* of a message: when its text is asked for again; 0: an answer is awaited */
    struct gateway_orders *orders;
    struct gateway_order order;
    double lon, lat;
    uint32_t incident;
    char priority[24], needs[200];
    char state[24];         /* of the mission, when it was made an order */
    struct instant sent_at; /* of a message */
};

struct told {
    uint32_t id;
    struct instant sent_at; /* another message may have the same number, where the centre has lost the first */
};

struct gateway_orders {
    struct gateway_link *link;
    struct event *timer;
    enum order_language language;
    void (*due)(void *context, uint32_t unit);
    void *context;
    uint64_t last_number;
    uint32_t count, notices;
    bool is_reset; /* what is being read says that the centre has lost its newest entries */
    struct held missions[UNITS_CEILING + 1];
    uint32_t unread[UNITS_CEILING + 1];
    struct told told[TELLS_AT_ONCE]; /* messages that were made orders: at their number, for a snapshot has them in any order */
    struct entry entries[ORDERS_MAX];
};

/* ---- words ---- */

static const char *const WORDS[][3] = {
    { "critical", "濒危", "CRITICAL" },
    { "severe", "危重", "severe" },
    { "urgent", "急症", "urgent" },
    { "non_urgent", "非急症", "non-urgent" },
    { "cancelled", "已取消", "cancelled" },
    { "ended", "已结束", "has ended" },
    { "basic", "基础生命支持", "basic life support" },
    { "advanced", "高级生命支持", "advanced life support" },
    { "physician", "随车医生", "physician" },
    { "neonatal", "新生儿转运暖箱", "incubator" },
    { "ventilator", "呼吸机", "ventilator" },
    { "bariatric", "肥胖患者搬运", "heavy lifting" },
    { "isolation", "隔离防护", "isolation" },
    { "defibrillator", "除颤器", "defibrillator" },
    { "chest_pain", "胸痛", "chest pain" },
    { "stroke", "卒中", "stroke" },
    { "trauma", "创伤", "trauma" },
    { "maternity", "孕产", "maternity" },
    { "newborn", "新生儿", "newborn" },
    { "paediatric", "儿童", "child" },
    { "burn", "烧伤", "burns" },
    { "poison", "中毒", "poisoning" },
};

static const char *word(enum order_language language, const char *label)
{
    for (size_t i = 0; i < ARRAY_LENGTH(WORDS); i++) {
        if (strcmp(WORDS[i][0], label) == 0) {
            return WORDS[i][language == ORDER_CHINESE ? 1 : 2];
        }
    }
    return label;
}

/* ---- reading ---- */

static uint32_t number_of(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));
    return value > 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static struct instant instant_of(const json_t *object, const char *name)
{
    struct instant at = INSTANT_NONE;
    const char *text = text_of(object, name);
    (void)form_instant_read(text, strlen(text), &at);
    return at;
}

/* ---- the list ---- */

static void on_timer(evutil_socket_t fd, short what, void *context);

enum status gateway_orders_create(struct event_base *base, struct gateway_link *link, enum order_language language,
                                  void (*due)(void *context, uint32_t unit), void *context, struct gateway_orders **orders,
                                  struct error *error)
{
    const struct timeval interval = { 0, LOOK_MS * 1000 };
    struct gateway_orders *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->timer = event_new(base, -1, EV_PERSIST, on_timer, made);
    }
    if (made == NULL || made->timer == NULL || event_add(made->timer, &interval) != 0) {
        gateway_orders_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for orders");
    }
    made->link = link;
    made->language = language;
    made->due = due;
    made->context = context;
    for (uint32_t unit = 0; unit <= UNITS_CEILING; unit++) {
        made->missions[unit].orders = made;
    }
    *orders = made;
    return STATUS_OK;
}

void gateway_orders_destroy(struct gateway_orders *orders)
{
    if (orders != NULL && orders->timer != NULL) {
        event_free(orders->timer);
    }
    free(orders);
}

static struct entry *find(struct gateway_orders *orders, enum order_kind kind, uint32_t id)
{
    for (int i = 0; i < ORDERS_MAX; i++) {
        struct entry *entry = &orders->entries[i];
        if (entry->is_used && entry->order.kind == kind && entry->order.id == id) {
            return entry;
        }
    }
    return NULL;
}

static void drop(struct entry *entry)
{
    entry->orders->count -= 1;
    entry->is_used = false;
}

/* Messages to units that have no terminal, or whose crews do not read. */
static void drop_old_messages(struct gateway_orders *orders, int64_t now_ms)
{
    for (int i = 0; i < ORDERS_MAX; i++) {
        struct entry *entry = &orders->entries[i];
        if (entry->is_used && entry->order.kind != ORDER_MISSION && now_ms - entry->made_ms > MESSAGE_AGE_MAX_S * 1000) {
            drop(entry);
        }
    }
}

static struct entry *add(struct gateway_orders *orders, enum order_kind kind, uint32_t id, uint32_t unit)
{
    int64_t now_ms = clock_monotonic_us() / 1000;
    drop_old_messages(orders, now_ms);
    for (int i = 0; i < ORDERS_MAX; i++) {
        struct entry *entry = &orders->entries[i];
        if (!entry->is_used) {
            *entry = (struct entry){ .is_used = true, .orders = orders, .made_ms = now_ms };
            entry->order = (struct gateway_order){ .number = ++orders->last_number, .kind = kind, .id = id, .unit = unit };
            orders->count += 1;
            return entry;
        }
    }
    LOG(LOG_ERROR, "gateway", "too many orders wait for vehicles; one is left out", LOG_NUMBER("unit", unit),
        LOG_NUMBER("id", id));
    return NULL;
}

static void ready(struct entry *entry)
{
    entry->is_ready = true;
    entry->orders->due(entry->orders->context, entry->order.unit);
}

/* Which entry an answer belongs to: by its number, for the entry may be gone or another's by then. */
struct question {
    struct gateway_orders *orders;
    uint64_t number;
};

static struct entry *asked_for(void *context)
{
    struct question *question = context;
    struct entry *found = NULL;
    for (int i = 0; i < ORDERS_MAX && found == NULL; i++) {
        struct entry *entry = &question->orders->entries[i];
        found = entry->is_used && entry->order.number == question->number ? entry : NULL;
    }
    free(question);
    return found;
}

static bool ask(const struct entry *entry, const char *path, int64_t patience_ms, gateway_answered *answered)
{
    struct question *question = malloc(sizeof *question);
    if (question == NULL) {
        return false;
    }
    *question = (struct question){ entry->orders, entry->order.number };
    const struct gateway_request request = { path, NULL, 0, NULL, patience_ms, answered, question };
    bool is_asked = gateway_link_ask(entry->orders->link, &request);
    if (!is_asked) {
        free(question);
    }
    return is_asked;
}

/* ---- missions ---- */

/* "人民路/建设路 第一医院附近": what the place is called, as far as the map knows. */
static void write_place(const struct entry *entry, const json_t *around, char *out, size_t size)
{
    const char *road = text_of(around, "road"), *cross = text_of(around, "cross"), *place = text_of(around, "place");
    bool is_chinese = entry->orders->language == ORDER_CHINESE;
    (void)snprintf(out, size, "%s%s%s%s%s%s", road, cross[0] != '\0' ? "/" : "", cross, place[0] != '\0' ? " " : "", place,
                   place[0] != '\0' && is_chinese ? "附近" : "");
}

static void write_mission(struct entry *entry, const json_t *around)
{
    char place[300];
    struct gateway_order *order = &entry->order;
    write_place(entry, around, place, sizeof place);
    const char *priority = word(entry->orders->language, entry->priority);
    if (entry->orders->language == ORDER_CHINESE) {
        (void)snprintf(order->text, sizeof order->text, "【任务%" PRIu32 "】%s%s%s。地点:%s 东经%.5f 北纬%.5f", order->id,
                       priority, entry->needs[0] != '\0' ? ",需要:" : "", entry->needs, place, entry->lon, entry->lat);
    } else {
        (void)snprintf(order->text, sizeof order->text, "[Mission %" PRIu32 "] %s%s%s. Place: %s, lon %.5f lat %.5f", order->id,
                       priority, entry->needs[0] != '\0' ? ", needs: " : "", entry->needs, place, entry->lon, entry->lat);
    }
    ready(entry);
}

/* Without an answer the coordinates must do. */
static void place_named(void *context, const struct gateway_answer *answer)
{
    struct entry *entry = asked_for(context);
    if (entry != NULL) {
        write_mission(entry, answer->outcome == GATEWAY_DONE ? answer->body : NULL);
    }
}

static void take_needs(struct entry *entry, const json_t *needs)
{
    size_t length = 0;
    const char *between = entry->orders->language == ORDER_CHINESE ? "、" : ", ";
    for (size_t i = 0; i < json_array_size(needs); i++) {
        const char *label = json_string_value(json_array_get(needs, i));
        if (label == NULL || strcmp(label, "basic") == 0) {
            continue; /* every ambulance has it */
        }
        int written = snprintf(entry->needs + length, sizeof entry->needs - length, "%s%s", length > 0 ? between : "",
                               word(entry->orders->language, label));
        if (written < 0 || (size_t)written >= sizeof entry->needs - length) {
            entry->needs[length] = '\0';
            return;
        }
        length += (size_t)written;
    }
}

static void incident_shown(void *context, const struct gateway_answer *answer)
{
    struct entry *entry = asked_for(context);
    char path[96];
    if (entry == NULL) {
        return;
    }
    if (answer->outcome == GATEWAY_DONE) {
        take_needs(entry, json_object_get(answer->body, "needs"));
    }
    (void)snprintf(path, sizeof path, "/places/at?lon=%.7f&lat=%.7f", entry->lon, entry->lat);
    if (!ask(entry, path, NAMES_PATIENCE_MS, place_named)) {
        write_mission(entry, NULL);
    }
}

static void order_mission(struct gateway_orders *orders, uint32_t unit, const json_t *mission)
{
    char path[64];
    uint32_t id = number_of(mission, "id");
    struct entry *entry = orders->missions[unit].told != id ? add(orders, ORDER_MISSION, id, unit) : NULL;
    const json_t *point = json_object_get(mission, "point");
    if (entry == NULL) {
        return;
    }
    orders->missions[unit].told = id;
    entry->order.is_urgent = true;
    entry->incident = number_of(mission, "incident");
    entry->lon = json_number_value(json_object_get(point, "lon"));
    entry->lat = json_number_value(json_object_get(point, "lat"));
    (void)snprintf(entry->priority, sizeof entry->priority, "%s", text_of(mission, "priority"));
    (void)snprintf(entry->state, sizeof entry->state, "%s", text_of(mission, "state"));
    (void)snprintf(path, sizeof path, "/incidents/%" PRIu32, entry->incident);
    if (!ask(entry, path, NAMES_PATIENCE_MS, incident_shown)) {
        write_mission(entry, NULL);
    }
}

/* how: a label of WORDS. */
static void order_withdrawal(struct gateway_orders *orders, uint32_t unit, uint32_t id, const char *how)
{
    struct entry *entry = add(orders, ORDER_WITHDRAWN, id, unit);
    if (entry == NULL) {
        return;
    }
    orders->missions[unit].is_told_of_end = true;
    entry->order.is_urgent = true;
    (void)snprintf(entry->order.text, sizeof entry->order.text,
                   orders->language == ORDER_CHINESE ? "【任务%" PRIu32 "】%s" : "[Mission %" PRIu32 "] %s", id,
                   word(orders->language, how));
    ready(entry);
}

/* The centre has lost the end that the unit was told of: the crew, which has stopped, must hear that it is to go on. */
static bool is_given_back(const struct held *held, struct instant assigned_at)
{
    return held->id == 0 && held->is_told_of_end && (held->orders->is_reset || held->assigned_at.us == assigned_at.us);
}

static void hear_open_mission(struct gateway_orders *orders, uint32_t unit, const json_t *mission)
{
    struct held *held = &orders->missions[unit];
    struct instant assigned_at = instant_of(mission, "assigned_at");
    bool is_to_be_told = strcmp(text_of(mission, "state"), "assigned") == 0 || is_given_back(held, assigned_at);
    held->id = number_of(mission, "id");
    held->assigned_at = assigned_at;
    held->is_told_of_end = false;
    if (is_to_be_told) {
        order_mission(orders, unit, mission);
    }
}

static void hear_mission(struct gateway_orders *orders, const json_t *mission)
{
    uint32_t id = number_of(mission, "id"), unit = number_of(mission, "unit");
    const char *state = text_of(mission, "state"), *reason = text_of(mission, "end_reason");
    if (id == 0 || unit == 0 || unit > UNITS_CEILING) {
        return;
    }
    struct held *held = &orders->missions[unit];
    struct entry *told = find(orders, ORDER_MISSION, id);
    if (told != NULL && strcmp(state, told->state) != 0) {
        drop(told); /* the vehicle knows, by whatever way */
    }
    if (strcmp(state, "ended") != 0) {
        hear_open_mission(orders, unit, mission);
        return;
    }
    bool was_held = held->id == id;
    if (was_held) {
        held->id = held->told = 0;
    }
    if (was_held && (strcmp(reason, "cancelled") == 0 || strcmp(reason, "diverted") == 0)) {
        order_withdrawal(orders, unit, id, "cancelled");
    }
}

/* ---- messages ---- */

static void ask_later(struct entry *entry)
{
    int64_t longer = 2 * entry->wait_ms < AGAIN_MAX_MS ? 2 * entry->wait_ms : AGAIN_MAX_MS;
    entry->wait_ms = entry->wait_ms == 0 ? AGAIN_FIRST_MS : longer;
    entry->ask_ms = clock_monotonic_us() / 1000 + entry->wait_ms;
}

static void text_read(void *context, const struct gateway_answer *answer)
{
    struct entry *entry = asked_for(context);
    bool is_erased = strcmp(gateway_problem(answer), "erased") == 0;
    if (entry == NULL) {
        return;
    }
    const char *text = json_string_value(json_object_get(answer->body, "text"));
    if (!is_erased && (answer->outcome != GATEWAY_DONE || text == NULL)) {
        ask_later(entry);
        return;
    }
    if (is_erased || text[0] == '\0') {
        drop(entry); /* there is nothing to be told any more */
        return;
    }
    (void)snprintf(entry->order.text, sizeof entry->order.text, "%s%s",
                   entry->orders->language == ORDER_CHINESE ? "【消息】" : "[Message] ", text);
    ready(entry);
}

static void ask_for_text(struct entry *entry)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/messages/%" PRIu32 "/text", entry->order.id);
    entry->ask_ms = 0;
    if (!ask(entry, path, PATIENCE_MS, text_read)) {
        ask_later(entry);
    }
}

/* Without an answer it stays, and the timer tells it again. */
static void notified(void *context, const struct gateway_answer *answer)
{
    struct held *held = context;
    if (answer->outcome != GATEWAY_SILENT && held->notice == held->telling) {
        held->notice = 0;
        held->orders->notices -= 1;
    }
    held->telling = 0;
}

static void tell_notice(struct held *held)
{
    char key[64], body[96];
    (void)snprintf(key, sizeof key, "notify-%" PRIu32, held->notice);
    int length = snprintf(body, sizeof body, "{\"mission\":%" PRIu32 ",\"stage\":\"notify\"}", held->notice);
    const struct gateway_request request = { "/commands/mission_report", body, (size_t)length, key, PATIENCE_MS, notified, held };
    held->telling = gateway_link_ask(held->orders->link, &request) ? held->notice : 0;
}

/* As long as the mission is the unit's: else an alarm would say that a crew does not know, which does. */
static void tell_notices(struct gateway_orders *orders)
{
    for (uint32_t unit = 1; unit <= UNITS_CEILING && orders->notices > 0; unit++) {
        struct held *held = &orders->missions[unit];
        if (held->notice == 0 || held->telling != 0) {
            continue;
        }
        if (held->notice == held->id) {
            tell_notice(held);
        } else {
            held->notice = 0;
            orders->notices -= 1;
        }
    }
}

static void notify(struct gateway_orders *orders, uint32_t unit, uint32_t mission)
{
    struct held *held = &orders->missions[unit];
    orders->notices += held->notice == 0;
    held->notice = mission;
    if (held->telling == 0) {
        tell_notice(held);
    }
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct gateway_orders *orders = context;
    int64_t now_ms = clock_monotonic_us() / 1000;
    (void)fd, (void)what;
    tell_notices(orders);
    drop_old_messages(orders, now_ms);
    for (int i = 0; i < ORDERS_MAX && orders->count > 0; i++) {
        struct entry *entry = &orders->entries[i];
        if (entry->is_used && entry->ask_ms != 0 && entry->ask_ms <= now_ms) {
            ask_for_text(entry);
        }
    }
}

static void order_message(struct gateway_orders *orders, uint32_t unit, uint32_t id, struct instant sent_at)
{
    struct entry *entry = add(orders, ORDER_MESSAGE, id, unit);
    if (entry != NULL) {
        orders->told[id % TELLS_AT_ONCE] = (struct told){ id, sent_at };
        entry->sent_at = sent_at;
        ask_for_text(entry);
    }
}

static void hear_message(struct gateway_orders *orders, const json_t *message)
{
    uint32_t id = number_of(message, "id"), unit = number_of(message, "unit");
    struct instant sent_at = instant_of(message, "sent_at");
    struct entry *waiting = find(orders, ORDER_MESSAGE, id);
    if (id == 0 || unit == 0 || unit > UNITS_CEILING || !json_is_true(json_object_get(message, "to_crew"))) {
        return;
    }
    if (waiting != NULL && waiting->sent_at.us != sent_at.us) {
        drop(waiting); /* of a message that the centre has lost */
        waiting = NULL;
    }
    if (!json_is_null(json_object_get(message, "read_at"))) {
        orders->unread[unit] = orders->unread[unit] == id ? 0 : orders->unread[unit];
        if (waiting != NULL) {
            drop(waiting);
        }
        return;
    }
    orders->unread[unit] = id > orders->unread[unit] ? id : orders->unread[unit];
    bool is_old = clock_wall().us - sent_at.us > MESSAGE_AGE_MAX_S * US_PER_SECOND;
    const struct told *told = &orders->told[id % TELLS_AT_ONCE];
    if ((told->id != id || told->sent_at.us != sent_at.us) && !is_old) {
        order_message(orders, unit, id, sent_at);
    }
}

/* ---- the stream ---- */

static void hear_all(struct gateway_orders *orders, const json_t *list, void (*hear)(struct gateway_orders *, const json_t *))
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        hear(orders, json_array_get(list, i));
    }
}

/* Also of what nobody has told the centre yet. */
static void forget_mission(struct held *held)
{
    struct entry *waiting = find(held->orders, ORDER_MISSION, held->id);
    if (waiting != NULL) {
        drop(waiting);
    }
    if (held->notice == held->id) {
        held->notice = 0;
        held->orders->notices -= 1;
    }
    held->id = held->told = 0;
}

/* A snapshot holds what is open: a mission that is not in it has ended while nobody listened, and the vehicle is told so. One
 * that was assigned at another moment is another one: the centre has lost the first, and its number with it. */
static void forget_ended(struct gateway_orders *orders, const json_t *missions)
{
    for (size_t i = 0; i < json_array_size(missions); i++) {
        const json_t *mission = json_array_get(missions, i);
        uint32_t unit = number_of(mission, "unit");
        struct held *held = &orders->missions[unit <= UNITS_CEILING ? unit : 0];
        held->is_open = held->is_open ||
                        (held->id == number_of(mission, "id") && held->assigned_at.us == instant_of(mission, "assigned_at").us);
    }
    for (uint32_t unit = 1; unit <= UNITS_CEILING; unit++) {
        struct held *held = &orders->missions[unit];
        if (held->id != 0 && !held->is_open) {
            order_withdrawal(orders, unit, held->id, "ended");
            forget_mission(held);
        }
        held->is_open = false;
    }
}

/* An end never passes in a centre that has lost nothing. A vehicle that has not heard of it yet need not. */
static void forget_withdrawals(struct gateway_orders *orders, const json_t *missions)
{
    for (size_t i = 0; i < json_array_size(missions); i++) {
        const json_t *mission = json_array_get(missions, i);
        struct entry *waiting = find(orders, ORDER_WITHDRAWN, number_of(mission, "id"));
        if (waiting != NULL && waiting->order.unit == number_of(mission, "unit")) {
            drop(waiting);
        }
    }
}

/* The centre has lost its newest entries: a message may have the number of one that is gone. Better told twice than never. */
static void forget_messages(struct gateway_orders *orders)
{
    for (int i = 0; i < ORDERS_MAX; i++) {
        if (orders->entries[i].is_used && orders->entries[i].order.kind == ORDER_MESSAGE) {
            drop(&orders->entries[i]);
        }
    }
    memset(orders->told, 0, sizeof orders->told);
    memset(orders->unread, 0, sizeof orders->unread);
}

void gateway_orders_hear(struct gateway_orders *orders, const json_t *message)
{
    bool is_snapshot = strcmp(text_of(message, "type"), "snapshot") == 0;
    const json_t *state = is_snapshot ? json_object_get(message, "state") : message;
    const json_t *missions = json_object_get(state, "missions");
    orders->is_reset = is_snapshot && json_is_true(json_object_get(message, "reset"));
    if (is_snapshot) {
        forget_withdrawals(orders, missions);
        forget_ended(orders, missions);
    }
    if (orders->is_reset) {
        forget_messages(orders);
    }
    hear_all(orders, missions, hear_mission);
    hear_all(orders, json_object_get(state, "messages"), hear_message);
}

/* ---- who asks ---- */

const struct gateway_order *gateway_orders_next(const struct gateway_orders *orders, uint32_t unit, uint64_t after)
{
    const struct gateway_order *found = NULL;
    for (int i = 0; i < ORDERS_MAX && orders->count > 0; i++) {
        const struct entry *entry = &orders->entries[i];
        bool is_fit = entry->is_used && entry->is_ready && entry->order.unit == unit && entry->order.number > after;
        if (is_fit && (found == NULL || entry->order.number < found->number)) {
            found = &entry->order;
        }
    }
    return found;
}

void gateway_orders_delivered(struct gateway_orders *orders, uint64_t number)
{
    for (int i = 0; i < ORDERS_MAX; i++) {
        struct entry *entry = &orders->entries[i];
        if (!entry->is_used || entry->order.number != number) {
            continue;
        }
        if (entry->order.kind == ORDER_MISSION) {
            notify(orders, entry->order.unit, entry->order.id);
        }
        drop(entry);
        return;
    }
}

uint32_t gateway_orders_mission(const struct gateway_orders *orders, uint32_t unit, struct instant *assigned_at)
{
    if (unit == 0 || unit > UNITS_CEILING) {
        return 0;
    }
    *assigned_at = orders->missions[unit].assigned_at;
    return orders->missions[unit].id;
}

uint32_t gateway_orders_unread(const struct gateway_orders *orders, uint32_t unit)
{
    return unit <= UNITS_CEILING ? orders->unread[unit] : 0;
}

uint32_t gateway_orders_waiting(const struct gateway_orders *orders) { return orders->count; }
