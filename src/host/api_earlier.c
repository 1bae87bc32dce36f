/* GET /calls/{id}/earlier: calls of the state from the same number, and what has happened at the same place. That a number was
 * looked for is in the audit trail, durable, before anything is shown. */
#include <stdlib.h>
#include <string.h>

#include "geo/point.h"
#include "host/api_private.h"
#include "host/secret.h"

enum { PLACE_METRES = 150, SHOWN_MAX = PERSONAL_EARLIER_MAX };

/* ---- the same number ---- */

static const struct call *call_of(const struct core *core, uint64_t reference)
{
    for (uint32_t i = 0; i < core->head->limits.calls; i++) {
        if (core->calls[i].id != 0 && core->calls[i].caller == reference) {
            return &core->calls[i];
        }
    }
    return NULL;
}

/* Newest first, as the references come; without the call itself. */
static void write_calls(struct exchange *exchange, struct json *json, const uint64_t *references, uint32_t count)
{
    const struct view view = exchange_view(exchange);
    json_array_begin(json, "number");
    for (uint32_t i = 0; i < count; i++) {
        const struct call *call = call_of(view.core, references[i]);
        if (call != NULL && call->id != exchange->id && rights_sees_call(&exchange->identity, view.core, call)) {
            view_call(&view, json, NULL, call);
        }
    }
    json_array_end(json);
}

/* ---- the same place ---- */

struct nearby {
    uint32_t ids[SHOWN_MAX]; /* falling: newest first */
    uint32_t count;
};

static void take_nearby(struct nearby *nearby, uint32_t id)
{
    uint32_t place = nearby->count;
    while (place > 0 && nearby->ids[place - 1] < id) {
        place--;
    }
    if (place == SHOWN_MAX) {
        return;
    }
    uint32_t moved = nearby->count - place - (nearby->count == SHOWN_MAX);
    memmove(&nearby->ids[place + 1], &nearby->ids[place], moved * sizeof nearby->ids[0]);
    nearby->ids[place] = id;
    nearby->count += nearby->count < SHOWN_MAX;
}

static void write_incidents(struct exchange *exchange, struct json *json, const struct call *call)
{
    const struct view view = exchange_view(exchange);
    struct nearby nearby = { .count = 0 };
    bool has_place = call != NULL && !instant_is_none(call->located_at);
    for (uint32_t i = 0; has_place && i < view.core->head->limits.incidents; i++) {
        const struct incident *incident = &view.core->incidents[i];
        if (incident->id != 0 && incident->id != call->incident.v &&
            geo_distance_m(incident->point, call->point) <= PLACE_METRES &&
            rights_sees_incident(&exchange->identity, view.core, incident)) {
            take_nearby(&nearby, incident->id);
        }
    }
    json_array_begin(json, "place");
    for (uint32_t i = 0; i < nearby.count; i++) {
        view_incident(&view, json, NULL, core_incident(view.core, (struct incident_id){ nearby.ids[i] }));
    }
    json_array_end(json);
}

/* ---- the way ---- */

static void answer(struct exchange *exchange, const uint64_t *references, uint32_t count)
{
    struct json *json = exchange_object(exchange);
    write_calls(exchange, json, references, count);
    write_incidents(exchange, json, core_call(exchange_core(exchange), (struct call_id){ exchange->id }));
    exchange_send(exchange, 200);
}

static void found(void *context, const uint64_t *references, uint32_t count) { answer(context, references, count); }

static void number_read(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    struct exchange *exchange = context;
    (void)reference;
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && data->number[0] == '\0')) {
        answer(exchange, NULL, 0);
    } else if (status != STATUS_OK) {
        exchange_problem_of(exchange, PROBLEM_NOT_STORED);
    } else {
        personal_earlier(exchange->api->setup.personal, data->number, found, exchange);
    }
}

static void looking_audited(void *context, bool stored)
{
    struct exchange *exchange = context;
    if (!stored) {
        exchange_problem_text(exchange, PROBLEM_NOT_STORED, "The audit trail could not be written, so nothing was shown.");
    } else {
        personal_read(exchange->api->setup.personal, exchange->reference, number_read, exchange);
    }
}

void api_list_earlier(struct exchange *exchange)
{
    const struct core *core = exchange_core(exchange);
    const struct call *call = core_call(core, (struct call_id){ exchange->id });
    if (call == NULL || !rights_sees_call(&exchange->identity, core, call)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return;
    }
    if (!rights_caller(&exchange->identity, core, RESOURCE_CALLER, call)) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED, "The right %s is missing for this call.",
                              RESOURCE_NAMES[RESOURCE_CALLER]);
        return;
    }
    exchange->reference = call->caller;
    if (call->caller == 0) {
        answer(exchange, NULL, 0);
        return;
    }
    const struct audit_entry entry = { .actor = exchange->identity.actor,
                                       .machine = exchange->identity.machine,
                                       .what = "earlier calls looked for",
                                       .subject = "call",
                                       .subject_id = exchange->id,
                                       .detail = "" };
    audit_write(exchange->api->setup.audit, &entry, looking_audited, exchange);
}
