/* What the centre said of a mission is kept as it came, a tree for each unit that has one: some kilobytes. The place for it is
 * made at the start, so that no order is lost for want of memory. */
#include "gateway/mqtt_orders.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "core/limits.h"
#include "host/clock.h"
#include "host/log.h"
#include "wire/form.h"

enum { NAMES_PATIENCE_MS = 5000, TEXT_PATIENCE_MS = 60000, HTTP_FORBIDDEN = 403, HTTP_NOT_FOUND = 404, HTTP_GONE = 410 };

struct held {
    uint32_t mission; /* 0: the unit has none */
    uint32_t number;  /* of its own: another mission may have the same one, where the centre has lost the first */
    bool is_ready;    /* what is asked for has come, or will not */
    bool is_open;     /* in the snapshot that is being read */
    json_t *said, *needs, *place;
};

enum note_state { NOTE_FREE, NOTE_ASKS, NOTE_SILENT, NOTE_THERE };

struct entry {
    enum note_state state;
    bool is_due, is_open;
    struct mqtt_note note;
};

struct mqtt_orders {
    struct mqtt_orders_setup setup;
    bool is_known;
    struct held units[UNITS_CEILING + 1];
    uint32_t numbers; /* of what was held so far */
    uint32_t count;   /* of entries in use */
    struct entry entries[MQTT_NOTES_MAX];
};

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

static bool is_unit(uint32_t unit) { return unit > 0 && unit <= UNITS_CEILING; }

/* ---- making ---- */

enum status mqtt_orders_create(const struct mqtt_orders_setup *setup, struct mqtt_orders **orders, struct error *error)
{
    struct mqtt_orders *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for orders");
    }
    made->setup = *setup;
    *orders = made;
    return STATUS_OK;
}

static void forget(struct held *held)
{
    json_decref(held->said);
    json_decref(held->needs);
    json_decref(held->place);
    *held = (struct held){ .mission = 0 };
}

void mqtt_orders_destroy(struct mqtt_orders *orders)
{
    if (orders == NULL) {
        return;
    }
    for (uint32_t unit = 0; unit <= UNITS_CEILING; unit++) {
        forget(&orders->units[unit]);
    }
    free(orders);
}

/* ---- questions about a mission ---- */

struct question {
    struct mqtt_orders *orders;
    uint32_t unit, id; /* number of what is held, id of the message */
};

static bool ask(struct mqtt_orders *orders, uint32_t unit, uint32_t id, const char *path, int patience_ms,
                gateway_answered *answered)
{
    struct question *question = malloc(sizeof *question);
    if (question == NULL) {
        return false;
    }
    *question = (struct question){ orders, unit, id };
    const struct gateway_request request = { path, NULL, 0, NULL, patience_ms, answered, question };
    bool is_asked = gateway_link_ask(orders->setup.link, &request);
    if (!is_asked) {
        free(question);
    }
    return is_asked;
}

/* Whom an answer is about, if that still is so. */
static struct held *asked_for(struct question *question)
{
    struct held *held = &question->orders->units[question->unit];
    return held->number == question->id ? held : NULL;
}

static void ready(struct mqtt_orders *orders, uint32_t unit, struct held *held)
{
    held->is_ready = true;
    orders->setup.changed(orders->setup.context, unit);
}

static void place_named(void *context, const struct gateway_answer *answer)
{
    struct question *question = context;
    struct held *held = asked_for(question);
    if (held != NULL) {
        held->place = answer->outcome == GATEWAY_DONE ? json_deep_copy(answer->body) : NULL;
        ready(question->orders, question->unit, held);
    }
    free(question);
}

static void incident_shown(void *context, const struct gateway_answer *answer)
{
    struct question *question = context;
    struct held *held = asked_for(question);
    char path[96];
    if (held != NULL) {
        const json_t *point = json_object_get(held->said, "point");
        held->needs = answer->outcome == GATEWAY_DONE ? json_incref(json_object_get(answer->body, "needs")) : NULL;
        (void)snprintf(path, sizeof path, "/places/at?lon=%.7f&lat=%.7f", json_number_value(json_object_get(point, "lon")),
                       json_number_value(json_object_get(point, "lat")));
        if (!ask(question->orders, question->unit, held->number, path, NAMES_PATIENCE_MS, place_named)) {
            ready(question->orders, question->unit, held);
        }
    }
    free(question);
}

/* ---- missions ---- */

static void take_away(struct mqtt_orders *orders, uint32_t unit)
{
    forget(&orders->units[unit]);
    orders->setup.changed(orders->setup.context, unit);
}

static void begin(struct mqtt_orders *orders, uint32_t unit, uint32_t mission, json_t *said)
{
    char path[64];
    struct held *held = &orders->units[unit];
    forget(held);
    *held = (struct held){ .mission = mission, .number = ++orders->numbers, .said = json_incref(said) };
    (void)snprintf(path, sizeof path, "/incidents/%" PRIu32, number_of(said, "incident"));
    if (!ask(orders, unit, held->number, path, NAMES_PATIENCE_MS, incident_shown)) {
        ready(orders, unit, held);
    }
}

static void hear_mission(struct mqtt_orders *orders, json_t *said)
{
    uint32_t mission = number_of(said, "id"), unit = number_of(said, "unit");
    if (mission == 0 || !is_unit(unit)) {
        return;
    }
    struct held *held = &orders->units[unit];
    /* One that was assigned at another moment is another one: the centre has lost the first, and its number with it. */
    bool is_same = held->mission == mission && strcmp(text_of(held->said, "assigned_at"), text_of(said, "assigned_at")) == 0;
    if (strcmp(text_of(said, "state"), "ended") == 0) {
        if (is_same) {
            take_away(orders, unit);
        }
        return;
    }
    if (!is_same) {
        begin(orders, unit, mission, said);
    } else if (!json_equal(held->said, said)) {
        json_decref(held->said);
        held->said = json_incref(said);
        orders->setup.changed(orders->setup.context, unit);
    }
    held->is_open = true;
}

bool mqtt_orders_are_known(const struct mqtt_orders *orders) { return orders->is_known; }

uint32_t mqtt_orders_mission(const struct mqtt_orders *orders, uint32_t unit)
{
    return is_unit(unit) ? orders->units[unit].mission : 0;
}

/* ---- an order as JSON ---- */

static void write_list(struct json *json, const char *name, const json_t *list)
{
    json_array_begin(json, name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_text(json, NULL,
                  json_string_value(json_array_get(list, i)) != NULL ? json_string_value(json_array_get(list, i)) : "");
    }
    json_array_end(json);
}

static void write_text(struct json *json, const char *name, const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    if (text != NULL && text[0] != '\0') {
        json_text(json, name, text);
    } else {
        json_none(json, name);
    }
}

static void write_order(const struct held *held, struct json *json)
{
    const json_t *point = json_object_get(held->said, "point");
    json_object_begin(json, NULL);
    json_int(json, "mission", held->mission);
    json_int(json, "version", json_integer_value(json_object_get(held->said, "revision")));
    json_text(json, "state", text_of(held->said, "state"));
    write_text(json, "priority", held->said, "priority");
    write_list(json, "needs", held->needs);
    json_object_begin(json, "point");
    json_number(json, "lon", json_number_value(json_object_get(point, "lon")), 7);
    json_number(json, "lat", json_number_value(json_object_get(point, "lat")), 7);
    json_object_end(json);
    json_object_begin(json, "place");
    write_text(json, "road", held->place, "road");
    write_text(json, "cross", held->place, "cross");
    write_text(json, "near", held->place, "place");
    json_object_end(json);
    write_text(json, "facility", held->said, "facility_name");
    write_text(json, "assigned_at", held->said, "assigned_at");
    json_object_end(json);
}

enum mqtt_order mqtt_orders_write(const struct mqtt_orders *orders, uint32_t unit, struct text *out)
{
    struct json json;
    const struct held *held = is_unit(unit) ? &orders->units[unit] : NULL;
    if (held == NULL || held->mission == 0) {
        return MQTT_ORDER_NONE;
    }
    if (!held->is_ready) {
        return MQTT_ORDER_COMING;
    }
    json_init(&json, out, 0);
    write_order(held, &json);
    return MQTT_ORDER_WRITTEN;
}

/* ---- messages ---- */

/* One that is to be shown, or is shown. */
static struct entry *find(struct mqtt_orders *orders, uint32_t id)
{
    for (int i = 0; i < MQTT_NOTES_MAX; i++) {
        struct entry *entry = &orders->entries[i];
        if (entry->state != NOTE_FREE && !entry->note.is_over && entry->note.id == id) {
            return entry;
        }
    }
    return NULL;
}

static void let_go(struct mqtt_orders *orders, struct entry *entry)
{
    entry->state = NOTE_FREE;
    orders->count -= 1;
}

/* What nobody has been shown goes at once, else it is to be taken from where it is shown. */
static void end_note(struct mqtt_orders *orders, struct entry *entry)
{
    if (entry->state != NOTE_THERE) {
        let_go(orders, entry);
    } else if (!entry->note.is_over) {
        entry->note.is_over = entry->is_due = true;
        orders->setup.due(orders->setup.context);
    }
}

/* Refused for good: erased, or not for us. */
static bool is_final(long http) { return http == HTTP_FORBIDDEN || http == HTTP_NOT_FOUND || http == HTTP_GONE; }

static void text_read(void *context, const struct gateway_answer *answer)
{
    struct question *question = context;
    struct mqtt_orders *orders = question->orders;
    struct entry *entry = find(orders, question->id);
    const char *text = answer->outcome == GATEWAY_DONE ? text_of(answer->body, "text") : "";
    free(question);
    if (entry == NULL || entry->state != NOTE_ASKS) {
        return;
    }
    if (text[0] != '\0') {
        (void)snprintf(entry->note.text, sizeof entry->note.text, "%s", text);
        entry->state = NOTE_THERE;
        entry->is_due = true;
        orders->setup.due(orders->setup.context);
    } else if (answer->outcome == GATEWAY_REFUSED && is_final(answer->http)) {
        let_go(orders, entry);
    } else {
        entry->state = NOTE_SILENT;
    }
}

static void ask_text(struct mqtt_orders *orders, struct entry *entry)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/messages/%" PRIu32 "/text", entry->note.id);
    entry->state = ask(orders, entry->note.unit, entry->note.id, path, TEXT_PATIENCE_MS, text_read) ? NOTE_ASKS : NOTE_SILENT;
}

static struct entry *add(struct mqtt_orders *orders, const struct mqtt_note *note)
{
    for (int i = 0; i < MQTT_NOTES_MAX; i++) {
        struct entry *entry = &orders->entries[i];
        if (entry->state == NOTE_FREE) {
            *entry = (struct entry){ .note = *note };
            orders->count += 1;
            ask_text(orders, entry);
            return entry;
        }
    }
    LOG(LOG_ERROR, "gateway", "too many messages to crews are not read; one is left out", LOG_NUMBER("unit", note->unit));
    return NULL;
}

static bool is_old(int64_t sent_at_us) { return clock_wall().us - sent_at_us > MQTT_NOTE_KEPT_S * US_PER_SECOND; }

/* A message that the centre has lost leaves its number to another one. */
static struct entry *replace(struct mqtt_orders *orders, struct entry *entry, const struct mqtt_note *note)
{
    if (entry->note.unit != note->unit) {
        end_note(orders, entry);
        return NULL;
    }
    entry->note = *note;
    entry->is_due = false;
    ask_text(orders, entry);
    return entry;
}

static void hear_message(struct mqtt_orders *orders, json_t *said)
{
    struct mqtt_note note = { .id = number_of(said, "id"), .unit = number_of(said, "unit") };
    struct instant sent_at = INSTANT_NONE;
    const char *sent = text_of(said, "sent_at");
    if (note.id == 0 || !is_unit(note.unit) || !json_is_true(json_object_get(said, "to_crew")) ||
        !form_instant_read(sent, strlen(sent), &sent_at)) {
        return;
    }
    note.sent_at_us = sent_at.us;
    struct entry *entry = find(orders, note.id);
    if (!json_is_null(json_object_get(said, "read_at"))) {
        if (entry != NULL) {
            end_note(orders, entry);
        }
        return;
    }
    if (entry != NULL && entry->note.sent_at_us != note.sent_at_us) {
        entry = replace(orders, entry, &note);
    }
    entry = entry == NULL && !is_old(note.sent_at_us) ? add(orders, &note) : entry;
    if (entry != NULL) {
        entry->is_open = true;
    }
}

const struct mqtt_note *mqtt_orders_next_note(const struct mqtt_orders *orders)
{
    for (int i = 0; i < MQTT_NOTES_MAX && orders->count > 0; i++) {
        if (orders->entries[i].state == NOTE_THERE && orders->entries[i].is_due) {
            return &orders->entries[i].note;
        }
    }
    return NULL;
}

void mqtt_orders_note_told(struct mqtt_orders *orders, const struct mqtt_note *note)
{
    size_t index = (size_t)((const char *)note - (const char *)&orders->entries[0].note) / sizeof orders->entries[0];
    struct entry *entry = &orders->entries[index];
    CHECK(note == &entry->note && entry->state == NOTE_THERE);
    entry->is_due = false;
    if (entry->note.is_over) {
        let_go(orders, entry);
    }
}

void mqtt_orders_tell_again(struct mqtt_orders *orders)
{
    for (int i = 0; i < MQTT_NOTES_MAX; i++) {
        orders->entries[i].is_due = orders->entries[i].state == NOTE_THERE;
    }
}

uint32_t mqtt_orders_notes(const struct mqtt_orders *orders) { return orders->count; }

const struct mqtt_note *mqtt_orders_note_at(const struct mqtt_orders *orders, uint32_t index)
{
    return orders->entries[index].state == NOTE_THERE ? &orders->entries[index].note : NULL;
}

void mqtt_orders_sweep(struct mqtt_orders *orders)
{
    for (int i = 0; i < MQTT_NOTES_MAX && orders->count > 0; i++) {
        struct entry *entry = &orders->entries[i];
        if (entry->state != NOTE_FREE && is_old(entry->note.sent_at_us)) {
            end_note(orders, entry);
        } else if (entry->state == NOTE_SILENT) {
            ask_text(orders, entry);
        }
    }
}

/* ---- the stream ---- */

static void hear_all(struct mqtt_orders *orders, const json_t *list, void (*hear)(struct mqtt_orders *, json_t *))
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        hear(orders, json_array_get(list, i));
    }
}

/* A snapshot holds what is open: what is not in it has ended while nobody listened. */
static void close_all(struct mqtt_orders *orders)
{
    for (uint32_t unit = 1; unit <= UNITS_CEILING; unit++) {
        orders->units[unit].is_open = false;
    }
    for (int i = 0; i < MQTT_NOTES_MAX; i++) {
        orders->entries[i].is_open = false;
    }
}

static void end_closed(struct mqtt_orders *orders)
{
    for (uint32_t unit = 1; unit <= UNITS_CEILING; unit++) {
        if (orders->units[unit].mission != 0 && !orders->units[unit].is_open) {
            take_away(orders, unit);
        }
    }
    for (int i = 0; i < MQTT_NOTES_MAX; i++) {
        if (orders->entries[i].state != NOTE_FREE && !orders->entries[i].is_open) {
            end_note(orders, &orders->entries[i]);
        }
    }
}

void mqtt_orders_hear(struct mqtt_orders *orders, const json_t *message)
{
    bool is_snapshot = strcmp(text_of(message, "type"), "snapshot") == 0;
    const json_t *state = is_snapshot ? json_object_get(message, "state") : message;
    if (is_snapshot) {
        close_all(orders);
    }
    hear_all(orders, json_object_get(state, "missions"), hear_mission);
    hear_all(orders, json_object_get(state, "messages"), hear_message);
    if (is_snapshot) {
        end_closed(orders);
        orders->is_known = true;
        orders->setup.due(orders->setup.context);
    }
}
