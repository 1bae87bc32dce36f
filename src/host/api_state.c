/* Reads of the live state, all from the mirror: lists by id with filters, single entities, recommendations.
 *
 * A list looks at every slot of a table (16,384 calls at most), keeps the ids that pass, and shows the first of them in order. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/api_private.h"

/* ---- filters ---- */

#define FORM_MAX INT64_C(999999999999999)

struct query {
    int64_t state, district, unit, facility, incident, form; /* -1, or 0: any */
    bool open, retired, afterwards;
};

struct collection {
    uint32_t (*slots)(const struct exchange *exchange);
    /* The id in the slot if it exists, may be seen and passes; else 0. */
    uint32_t (*look)(const struct exchange *exchange, const struct query *query, uint32_t slot);
    void (*write)(const struct view *view, struct json *json, uint32_t id);
    const struct schema_enum *states; /* NULL: has none */
};

static bool read_flag(struct exchange *exchange, const char *name, bool *value)
{
    const char *text = http_parameter(exchange->request, name);
    bool yes = text != NULL && strcmp(text, "true") == 0, no = text == NULL || strcmp(text, "false") == 0;
    if (!yes && !no) {
        exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "%s must be true or false.", name);
        return false;
    }
    *value = yes;
    return true;
}

static bool read_state(struct exchange *exchange, const struct schema_enum *states, int64_t *state)
{
    const char *text = http_parameter(exchange->request, "state");
    *state = -1;
    if (text == NULL) {
        return true;
    }
    char known[256] = "";
    size_t length = 0;
    for (uint32_t i = 0; i < states->count; i++) {
        if (strcmp(text, states->labels[i]) == 0) {
            *state = i;
            return true;
        }
        length += (size_t)snprintf(known + length, sizeof known - length, "%s%s", i == 0 ? "" : ", ", states->labels[i]);
        CHECK(length < sizeof known);
    }
    exchange_problem_text(exchange, PROBLEM_UNKNOWN_PARAMETER, "state must be one of: %s.", known);
    return false;
}

static bool read_query(struct exchange *exchange, const struct collection *collection, struct query *query)
{
    *query = (struct query){ .state = -1 };
    return exchange_page(exchange) && read_flag(exchange, "open", &query->open) &&
           read_flag(exchange, "retired", &query->retired) && read_flag(exchange, "afterwards", &query->afterwards) &&
           (collection->states == NULL || read_state(exchange, collection->states, &query->state)) &&
           exchange_number(exchange, "district", 1, UINT32_MAX, &query->district) &&
           exchange_number(exchange, "unit", 1, UINT32_MAX, &query->unit) &&
           exchange_number(exchange, "facility", 1, UINT32_MAX, &query->facility) &&
           exchange_number(exchange, "incident", 1, UINT32_MAX, &query->incident) &&
           exchange_number(exchange, "form", 1, FORM_MAX, &query->form);
}

static bool passes(int64_t wanted, uint32_t value) { return wanted == 0 || wanted == value; }
static bool state_passes(const struct query *query, uint8_t state) { return query->state < 0 || query->state == state; }

static uint32_t district_of(const struct exchange *exchange, enum directory_kind kind, uint32_t id)
{
    const struct directory_entry *entry = directory_find(exchange->api->setup.directory, kind, id);
    return entry != NULL ? entry->district : 0;
}

/* ---- lists ---- */

static int by_id(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* The ids that pass, in order; how many in *count. NULL when memory is refused. */
static uint32_t *gather(const struct exchange *exchange, const struct collection *collection, const struct query *query,
                        size_t *count)
{
    uint32_t slots = collection->slots(exchange);
    uint32_t *ids = malloc((slots + 1) * sizeof *ids);
    *count = 0;
    for (uint32_t slot = 0; ids != NULL && slot < slots; slot++) {
        uint32_t id = collection->look(exchange, query, slot);
        if (id > exchange->after) {
            ids[(*count)++] = id;
        }
    }
    if (ids != NULL) {
        qsort(ids, *count, sizeof *ids, by_id);
    }
    return ids;
}

static void answer_list(struct exchange *exchange, const struct collection *collection)
{
    struct query query;
    size_t count;
    if (!read_query(exchange, collection, &query)) {
        return;
    }
    uint32_t *ids = gather(exchange, collection, &query, &count);
    if (ids == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    struct view view = exchange_view(exchange);
    struct json *json = exchange_object(exchange);
    size_t shown = count < exchange->limit ? count : exchange->limit;
    json_array_begin(json, "items");
    for (size_t i = 0; i < shown; i++) {
        collection->write(&view, json, ids[i]);
    }
    json_array_end(json);
    exchange_write_page_end(exchange, json, shown < count ? ids[shown - 1] : 0);
    free(ids);
    exchange_send(exchange, 200);
}

/* ---- single entities ---- */

/* view has been written into body, or there is nothing (found false). */
static void answer_single(struct exchange *exchange, uint32_t revision)
{
    char tag[16];
    if (revision != 0) {
        snprintf(tag, sizeof tag, "\"%u\"", revision);
        http_set_header(exchange->request, "ETag", tag);
    }
    exchange->with_sequence = true;
    exchange_send_body(exchange, 200);
}

/* What differs by kind of entity: where it is kept, who sees it, what a filter asks of it. */
#define COLLECTION(kind, states_)                                                                               \
    static void write_##kind(const struct view *view, struct json *json, uint32_t id)                           \
    {                                                                                                           \
        view_##kind(view, json, NULL, core_##kind(view->core, (struct kind##_id){ id }));                       \
    }                                                                                                           \
    static const struct collection kind##_collection = { kind##_slots, look_at_##kind, write_##kind, states_ }; \
    static void show_##kind(struct exchange *exchange)                                                          \
    {                                                                                                           \
        const struct kind *found = core_##kind(exchange_core(exchange), (struct kind##_id){ exchange->id });    \
        if (found == NULL || !sees_##kind(exchange, found)) {                                                   \
            exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);                                              \
            return;                                                                                             \
        }                                                                                                       \
        struct view view = exchange_view(exchange);                                                             \
        json_init(&exchange->json, &exchange->body, 0);                                                         \
        view_##kind(&view, &exchange->json, NULL, found);                                                       \
        answer_single(exchange, revision_of_##kind(found));                                                     \
    }

static uint32_t call_slots(const struct exchange *exchange) { return exchange_core(exchange)->head->limits.calls; }
static uint32_t revision_of_call(const struct call *call) { return call->revision; }
static bool sees_call(const struct exchange *exchange, const struct call *call)
{
    return rights_sees_call(&exchange->identity, exchange_core(exchange), call);
}
static bool call_is_open(const struct call *call)
{
    return call->state != CALL_STATE_CLOSED && call->state != CALL_STATE_TRIAGED && call->state != CALL_STATE_LINKED;
}
static uint32_t look_at_call(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    const struct call *call = &exchange_core(exchange)->calls[slot];
    bool fits = call->id != 0 && (!query->open || call_is_open(call)) && state_passes(query, call->state) &&
                passes(query->district, call->district) && passes(query->incident, call->incident.v) &&
                (query->form == 0 || query->form == call->form) && (!query->afterwards || call->form != 0) &&
                sees_call(exchange, call);
    return fits ? call->id : 0;
}
COLLECTION(call, &enum_names_call_state)

static uint32_t incident_slots(const struct exchange *exchange) { return exchange_core(exchange)->head->limits.incidents; }
static uint32_t revision_of_incident(const struct incident *incident) { return incident->revision; }
static bool sees_incident(const struct exchange *exchange, const struct incident *incident)
{
    return rights_sees_incident(&exchange->identity, exchange_core(exchange), incident);
}
static uint32_t look_at_incident(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    const struct incident *incident = &exchange_core(exchange)->incidents[slot];
    bool fits = incident->id != 0 && (!query->open || incident->state != INCIDENT_STATE_CLOSED) &&
                state_passes(query, incident->state) && passes(query->district, incident->district) &&
                sees_incident(exchange, incident);
    return fits ? incident->id : 0;
}
COLLECTION(incident, &enum_names_incident_state)

static uint32_t mission_slots(const struct exchange *exchange) { return exchange_core(exchange)->mission_mask + 1; }
static uint32_t revision_of_mission(const struct mission *mission) { return mission->revision; }
static bool sees_mission(const struct exchange *exchange, const struct mission *mission)
{
    return rights_sees_mission(&exchange->identity, exchange_core(exchange), mission);
}
static bool mission_in_district(const struct exchange *exchange, const struct mission *mission, int64_t district)
{
    const struct incident *incident = core_incident(exchange_core(exchange), mission->incident);
    return district == 0 || (incident != NULL && incident->district == district);
}
static uint32_t look_at_mission(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    const struct mission *mission = &exchange_core(exchange)->missions[slot];
    bool fits = mission->id != 0 && (!query->open || mission->state != MISSION_STATE_ENDED) &&
                state_passes(query, mission->state) && passes(query->unit, mission->unit.v) &&
                passes(query->facility, mission->facility.v) && passes(query->incident, mission->incident.v) &&
                mission_in_district(exchange, mission, query->district) && sees_mission(exchange, mission);
    return fits ? mission->id : 0;
}
COLLECTION(mission, &enum_names_mission_state)

static uint32_t unit_slots(const struct exchange *exchange) { return exchange_core(exchange)->head->unit_count + 1; }
static uint32_t revision_of_unit(const struct unit *unit) { return unit->revision; }
static bool sees_unit(const struct exchange *exchange, const struct unit *unit)
{
    return rights_sees_unit(&exchange->identity, exchange_core(exchange), exchange->api->setup.directory, unit);
}
static uint32_t look_at_unit(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    const struct unit *unit = core_unit(exchange_core(exchange), (struct unit_id){ slot });
    bool fits = unit != NULL && (!query->open || unit->state != UNIT_STATE_OFF_DUTY) && (!unit->retired || query->retired) &&
                state_passes(query, unit->state) && passes(query->district, district_of(exchange, DIRECTORY_UNIT, slot)) &&
                sees_unit(exchange, unit);
    return fits ? slot : 0;
}
COLLECTION(unit, &enum_names_unit_state)

static uint32_t post_slots(const struct exchange *exchange) { return exchange_core(exchange)->head->post_count + 1; }
static uint32_t revision_of_post(const struct post *post) { return post->revision; }
static bool sees_post(const struct exchange *exchange, const struct post *post)
{
    (void)exchange;
    (void)post;
    return true;
}
static uint32_t look_at_post(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    const struct post *post = core_post(exchange_core(exchange), (struct post_id){ slot });
    return post != NULL && passes(query->district, district_of(exchange, DIRECTORY_POST, slot)) ? slot : 0;
}
COLLECTION(post, NULL)

static uint32_t facility_slots(const struct exchange *exchange) { return exchange_core(exchange)->head->facility_count + 1; }
static uint32_t revision_of_facility(const struct facility *facility) { return facility->revision; }
static bool sees_facility(const struct exchange *exchange, const struct facility *facility)
{
    return rights_sees_facility(&exchange->identity, exchange_core(exchange), exchange->api->setup.directory, facility);
}
static uint32_t look_at_facility(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    const struct facility *facility = core_facility(exchange_core(exchange), (struct facility_id){ slot });
    bool fits = facility != NULL && (!query->open || facility->state != FACILITY_STATE_SHUT) &&
                state_passes(query, facility->state) &&
                passes(query->district, district_of(exchange, DIRECTORY_FACILITY, slot)) && sees_facility(exchange, facility);
    return fits ? slot : 0;
}
COLLECTION(facility, &enum_names_facility_state)

static uint32_t alarm_slots(const struct exchange *exchange) { return exchange_core(exchange)->head->limits.alarms; }
static uint32_t revision_of_alarm(const struct alarm *alarm) { return alarm->revision; }
static bool sees_alarm(const struct exchange *exchange, const struct alarm *alarm)
{
    return rights_sees_alarm(&exchange->identity, exchange_core(exchange), exchange->api->setup.directory, alarm);
}
static uint32_t look_at_alarm(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    const struct alarm *alarm = &exchange_core(exchange)->alarms[slot];
    bool fits = alarm->id != 0 && (!query->open || alarm->state != ALARM_STATE_CLEARED) && state_passes(query, alarm->state) &&
                passes(query->district, alarm->district) && sees_alarm(exchange, alarm);
    return fits ? alarm->id : 0;
}
COLLECTION(alarm, &enum_names_alarm_state)

static uint32_t message_slots(const struct exchange *exchange) { return exchange_core(exchange)->message_mask + 1; }
static uint32_t revision_of_message(const struct message *message) { return message->revision; }
static bool sees_message(const struct exchange *exchange, const struct message *message)
{
    return rights_sees_message(&exchange->identity, exchange->api->setup.directory, message);
}
static uint32_t look_at_message(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    const struct message *message = &exchange_core(exchange)->messages[slot];
    bool fits = message->id != 0 && (!query->open || message->read.sequence == 0) && passes(query->unit, message->unit.v) &&
                passes(query->incident, message->incident.v) && sees_message(exchange, message);
    return fits ? message->id : 0;
}
COLLECTION(message, NULL)

void api_list_calls(struct exchange *exchange) { answer_list(exchange, &call_collection); }
void api_list_incidents(struct exchange *exchange) { answer_list(exchange, &incident_collection); }
void api_list_missions(struct exchange *exchange) { answer_list(exchange, &mission_collection); }
void api_list_units(struct exchange *exchange) { answer_list(exchange, &unit_collection); }
void api_list_posts(struct exchange *exchange) { answer_list(exchange, &post_collection); }
void api_list_facilities(struct exchange *exchange) { answer_list(exchange, &facility_collection); }
void api_list_alarms(struct exchange *exchange) { answer_list(exchange, &alarm_collection); }
void api_list_messages(struct exchange *exchange) { answer_list(exchange, &message_collection); }
void api_show_call(struct exchange *exchange) { show_call(exchange); }
void api_show_incident(struct exchange *exchange) { show_incident(exchange); }
void api_show_mission(struct exchange *exchange) { show_mission(exchange); }
void api_show_unit(struct exchange *exchange) { show_unit(exchange); }
void api_show_post(struct exchange *exchange) { show_post(exchange); }
void api_show_facility(struct exchange *exchange) { show_facility(exchange); }
void api_show_alarm(struct exchange *exchange) { show_alarm(exchange); }
void api_show_message(struct exchange *exchange) { show_message(exchange); }

void api_list_answers(struct exchange *exchange)
{
    const struct call *call = core_call(exchange_core(exchange), (struct call_id){ exchange->id });
    if (call == NULL || !rights_sees_call(&exchange->identity, exchange_core(exchange), call)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return;
    }
    const struct view view = exchange_view(exchange);
    struct json *json = exchange_object(exchange);
    json_int(json, "call", call->id);
    view_answers(&view, json, call);
    exchange_send(exchange, 200);
}

/* ---- districts and positions ---- */

static uint32_t district_slots(const struct exchange *exchange)
{
    return directory_count(exchange->api->setup.directory, DIRECTORY_DISTRICT);
}
static uint32_t look_at_district(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    (void)query;
    return directory_at(exchange->api->setup.directory, DIRECTORY_DISTRICT, slot)->id;
}
static void write_district(const struct view *view, struct json *json, uint32_t id)
{
    view_district(view, json, NULL, directory_find(view->directory, DIRECTORY_DISTRICT, id));
}

void api_list_districts(struct exchange *exchange)
{
    static const struct collection collection = { district_slots, look_at_district, write_district, NULL };
    answer_list(exchange, &collection);
}

static uint32_t look_at_position(const struct exchange *exchange, const struct query *query, uint32_t slot)
{
    uint32_t id = look_at_unit(exchange, query, slot);
    return id != 0 && !instant_is_none(positions_of(exchange->api->setup.positions, id).at) ? id : 0;
}

void api_list_positions(struct exchange *exchange)
{
    static const struct collection collection = { unit_slots, look_at_position, view_position, NULL };
    answer_list(exchange, &collection);
}

/* ---- recommendations ---- */

void api_show_units_recommended(struct exchange *exchange)
{
    const struct incident *incident = core_incident(exchange_core(exchange), (struct incident_id){ exchange->id });
    if (incident == NULL || !sees_incident(exchange, incident)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return;
    }
    const struct event_units_recommended *event = centre_recommendation(exchange->api->setup.centre,
                                                                        (struct incident_id){ incident->id });
    if (event == NULL) {
        exchange_problem_of(exchange, PROBLEM_NO_RECOMMENDATION);
        return;
    }
    struct view view = exchange_view(exchange);
    json_init(&exchange->json, &exchange->body, 0);
    view_units_recommended(&view, &exchange->json, NULL, incident, event);
    answer_single(exchange, incident->revision);
}

void api_show_destination_recommended(struct exchange *exchange)
{
    const struct mission *mission = core_mission(exchange_core(exchange), (struct mission_id){ exchange->id });
    if (mission == NULL || !sees_mission(exchange, mission)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return;
    }
    const struct event_destination_recommended *event = centre_destination_recommendation(exchange->api->setup.centre,
                                                                                          (struct mission_id){ mission->id });
    if (event == NULL) {
        exchange_problem_of(exchange, PROBLEM_NO_RECOMMENDATION);
        return;
    }
    struct view view = exchange_view(exchange);
    json_init(&exchange->json, &exchange->body, 0);
    view_destination_recommended(&view, &exchange->json, NULL, mission, event);
    answer_single(exchange, mission->revision);
}
