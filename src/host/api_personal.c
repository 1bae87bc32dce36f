/* A caller's personal data: each reading is in the audit trail, durable, before anything is shown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/api_private.h"
#include "host/secret.h"

static enum status read_text(json_t *root, const char *name, char *out, size_t size, struct error *error)
{
    const char *text = "";
    TRY(wire_text(root, (struct wire_member){ name, true }, size, &text, error));
    snprintf(out, size, "%s", text);
    return STATUS_OK;
}

enum status api_read_personal(json_t *root, struct personal_data *data, struct error *error)
{
    TRY(read_text(root, "number", data->number, sizeof data->number, error));
    TRY(read_text(root, "name", data->name, sizeof data->name, error));
    TRY(read_text(root, "home", data->home, sizeof data->home, error));
    return read_text(root, "remarks", data->remarks, sizeof data->remarks, error);
}

static void audit(struct exchange *exchange, const char *what, const char *subject, void (*done)(void *context, bool stored))
{
    const struct audit_entry entry = { .actor = exchange->identity.actor,
                                       .machine = exchange->identity.machine,
                                       .what = what,
                                       .subject = subject,
                                       .subject_id = exchange->id,
                                       .detail = "" };
    audit_write(exchange->api->setup.audit, &entry, done, exchange);
}

/* False: answered. The call's reference goes into the exchange. */
static bool find_caller(struct exchange *exchange, enum resource resource)
{
    const struct core *core = exchange_core(exchange);
    const struct call *call = core_call(core, (struct call_id){ exchange->id });
    if (call == NULL || !rights_sees_call(&exchange->identity, core, call)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return false;
    }
    if (!rights_caller(&exchange->identity, core, resource, call)) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED, "The right %s is missing for this call.", RESOURCE_NAMES[resource]);
        return false;
    }
    if (call->caller == 0) {
        exchange_problem_of(exchange, PROBLEM_ERASED);
        return false;
    }
    exchange->reference = call->caller;
    return true;
}

/* False: answered. */
static bool is_audited(struct exchange *exchange, bool stored)
{
    if (!stored) {
        exchange_problem_text(exchange, PROBLEM_NOT_STORED,
                              "The audit trail could not be written, so nothing was shown or changed.");
    }
    return stored;
}

static void failed(struct exchange *exchange, enum status status)
{
    exchange_problem_of(exchange, status == STATUS_NOT_FOUND ? PROBLEM_ERASED : PROBLEM_NOT_STORED);
}

/* ---- GET /calls/{id}/caller ---- */

static void caller_read(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    struct exchange *exchange = context;
    (void)reference;
    if (status != STATUS_OK) {
        failed(exchange, status);
        return;
    }
    struct json *json = exchange_object(exchange);
    json_int(json, "call", exchange->id);
    json_text(json, "number", data->number);
    json_text(json, "name", data->name);
    json_text(json, "home", data->home);
    json_text(json, "remarks", data->remarks);
    exchange_send(exchange, 200);
}

static void reading_audited(void *context, bool stored)
{
    struct exchange *exchange = context;
    if (is_audited(exchange, stored)) {
        personal_read(exchange->api->setup.personal, exchange->reference, caller_read, exchange);
    }
}

void api_read_caller(struct exchange *exchange)
{
    if (find_caller(exchange, RESOURCE_CALLER)) {
        audit(exchange, "caller read", "call", reading_audited);
    }
}

/* ---- PUT /calls/{id}/caller ---- */

static void caller_amended(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    struct exchange *exchange = context;
    (void)reference;
    (void)data;
    if (status != STATUS_OK) {
        failed(exchange, status);
    } else {
        exchange_send_nothing(exchange, 204);
    }
}

/* The new data wait in kept, which is wiped as soon as they have been handed on: the exchange may be gone by then. */
static void amending_audited(void *context, bool stored)
{
    struct exchange *exchange = context;
    struct personal_data data = *(struct personal_data *)exchange->kept;
    secret_wipe(exchange->kept, sizeof data);
    if (is_audited(exchange, stored)) {
        personal_amend(exchange->api->setup.personal, exchange->reference, &data, caller_amended, exchange);
    }
    secret_wipe(&data, sizeof data);
}

void api_amend_caller(struct exchange *exchange)
{
    static const char *const members[] = { "number", "name", "home", "remarks", NULL };
    json_t *root;
    struct error error = { .text = "" };
    if (!find_caller(exchange, RESOURCE_CALLER_WRITE) || !exchange_json(exchange, members, &root)) {
        return;
    }
    struct personal_data *data = calloc(1, sizeof *data);
    exchange->kept = data;
    enum status status = data != NULL ? api_read_personal(root, data, &error) : STATUS_NO_MEMORY;
    json_decref(root);
    if (data == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
    } else if (status != STATUS_OK) {
        secret_wipe(data, sizeof *data);
        exchange_bad_body(exchange, &error);
    } else {
        audit(exchange, "caller amended", "call", amending_audited);
    }
}

/* ---- DELETE /incidents/{id}/personal ---- */

static void answer_erased(struct exchange *exchange)
{
    struct json *json = exchange_object(exchange);
    json_int(json, "incident", exchange->id);
    json_int(json, "calls", exchange->limit);
    exchange_send(exchange, 200);
}

/* One batch after the other; until counts those that are done. */
static void part_erased(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    struct exchange *exchange = context;
    (void)reference;
    (void)data;
    uint64_t left = exchange->limit - exchange->until;
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        exchange_problem_of(exchange, PROBLEM_NOT_STORED);
    } else if (left == 0) {
        answer_erased(exchange);
    } else {
        const uint64_t *next = (const uint64_t *)exchange->kept + exchange->until;
        uint32_t count = left < PERSONAL_ERASE_MAX ? (uint32_t)left : PERSONAL_ERASE_MAX;
        exchange->until += count;
        personal_erase(exchange->api->setup.personal, next, count, part_erased, exchange);
    }
}

/* First by what the records themselves know, which reaches back to incidents that the state no longer holds; then those of the
 * state, in case the process died before a record was told of its incident. */
static void erasing_audited(void *context, bool stored)
{
    struct exchange *exchange = context;
    if (is_audited(exchange, stored)) {
        personal_erase_incident(exchange->api->setup.personal, exchange->id, part_erased, exchange);
    }
}

/* References of the incident's calls; how many go into limit. */
static uint64_t *gather_references(struct exchange *exchange, const struct core *core)
{
    uint64_t *references = calloc(core->head->limits.calls, sizeof *references);
    exchange->limit = 0;
    for (uint32_t i = 0; references != NULL && i < core->head->limits.calls; i++) {
        const struct call *call = &core->calls[i];
        if (call->id != 0 && call->incident.v == exchange->id && call->caller != 0) {
            references[exchange->limit++] = call->caller;
        }
    }
    return references;
}

void api_erase_personal(struct exchange *exchange)
{
    const struct core *core = exchange_core(exchange);
    if (exchange->id >= core->head->next_incident) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return;
    }
    exchange->kept = gather_references(exchange, core);
    if (exchange->kept == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    audit(exchange, "personal data erased", "incident", erasing_audited);
}
