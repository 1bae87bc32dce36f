/* Messages between seats and crews. The text becomes personal data first, then the core is told that there is a message; as with
 * the caller of a call, a record whose message did not come about is destroyed. A few a mission. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/api_private.h"
#include "host/secret.h"
#include "wire/form.h"

enum { MESSAGE_TEXT_MAX = 500 + 1 };

/* ---- POST /messages ---- */

static void message_sent(void *context, const struct centre_answer *answer)
{
    struct exchange *exchange = context;
    const struct step_result *result = &answer->result;
    const struct command_message_send *message = exchange->kept;
    api_note_command(exchange, answer);
    if (answer->outcome == CENTRE_NOT_DURABLE) {
        exchange_problem_of(exchange, PROBLEM_NOT_DURABLE);
        return;
    }
    if (result->refusal != REFUSED_NONE || result->repeated) {
        api_drop_record(exchange);
    }
    if (result->refusal != REFUSED_NONE) {
        api_answer_refusal(exchange, result);
        return;
    }
    if (!result->repeated) {
        personal_attach(exchange->api->setup.personal, exchange->reference, 0, message->incident.v);
    }
    char location[64];
    snprintf(location, sizeof location, "/api/v1/messages/%u", result->made);
    http_set_header(exchange->request, "Location", location);
    api_answer_done(exchange, result, 201);
}

static void text_stored(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    struct exchange *exchange = context;
    struct command_message_send *message = exchange->kept;
    (void)data;
    if (status != STATUS_OK) {
        exchange_problem_text(exchange, PROBLEM_NOT_STORED, "The text could not be stored, so nothing was sent.");
        return;
    }
    exchange->reference = message->reference = reference;
    enum centre_submit submitted = centre_submit(exchange->api->setup.centre, &message->head, message_sent, exchange);
    if (submitted != CENTRE_TAKEN) {
        api_drop_record(exchange);
    }
    (void)api_is_taken(exchange, submitted);
}

static enum status read_members(json_t *root, struct command_message_send *message, struct personal_data *data,
                                struct error *error)
{
    int64_t unit = 0, incident = 0;
    const char *text = NULL, *at = NULL;
    TRY(wire_int(root, (struct wire_member){ "unit", false }, 1, UINT32_MAX, &unit, error));
    TRY(wire_int(root, (struct wire_member){ "incident", true }, 1, UINT32_MAX, &incident, error));
    TRY(wire_text(root, (struct wire_member){ "text", false }, MESSAGE_TEXT_MAX, &text, error));
    TRY(wire_text(root, (struct wire_member){ "occurred_at", true }, 64, &at, error));
    if (text[0] == '\0') {
        return ERROR(error, STATUS_BAD_INPUT, "text must say something");
    }
    if (at != NULL && !form_instant_read(at, strlen(at), &message->head.occurred_at)) {
        return ERROR(error, STATUS_BAD_INPUT, "occurred_at must be an instant as in RFC 3339");
    }
    message->unit.v = (uint32_t)unit;
    message->incident.v = (uint32_t)incident;
    snprintf(data->remarks, sizeof data->remarks, "%s", text);
    return STATUS_OK;
}

/* False: answered. */
static bool read_message(struct exchange *exchange, struct command_message_send *message, struct personal_data *data)
{
    static const char *const members[] = { "unit", "incident", "text", "occurred_at", NULL };
    json_t *root;
    struct error error = { .text = "" };
    if (!exchange_json(exchange, members, &root)) {
        return false;
    }
    enum status status = read_members(root, message, data, &error);
    json_decref(root);
    if (status != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    }
    return status == STATUS_OK;
}

/* An incident that is named must be one that the sender sees; one that is not named is what the unit works on. False:
 * answered. */
static bool put_incident(struct exchange *exchange, struct command_message_send *message)
{
    const struct core *core = exchange_core(exchange);
    const struct incident *incident = core_incident(core, message->incident);
    const struct unit *unit = core_unit(core, message->unit);
    const struct mission *mission = unit == NULL ? NULL : core_mission(core, unit->mission);
    if (message->incident.v == 0) {
        message->incident.v = mission == NULL ? 0 : mission->incident.v;
        return true;
    }
    if (incident != NULL && !rights_sees_incident(&exchange->identity, core, incident)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return false;
    }
    return true;
}

void api_send_message(struct exchange *exchange)
{
    struct command_message_send *message = malloc(sizeof *message);
    struct personal_data data = { .number = "" };
    if (message == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    exchange->kept = message;
    exchange->command_name = "message_send";
    COMMAND_BEGIN(message, MESSAGE_SEND, ACTOR_KIND_SEAT);
    if (read_message(exchange, message, &data) && put_incident(exchange, message) && api_put_actor(exchange, &message->head) &&
        api_put_key(exchange, &message->head)) {
        message->to_crew = message->head.actor_kind == ACTOR_KIND_SEAT;
        personal_store(exchange->api->setup.personal, &data, text_stored, exchange);
    }
    secret_wipe(&data, sizeof data);
}

/* ---- GET /messages/{id}/text ---- */

static void text_read(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    struct exchange *exchange = context;
    (void)reference;
    if (status != STATUS_OK) {
        exchange_problem_of(exchange, status == STATUS_NOT_FOUND ? PROBLEM_ERASED : PROBLEM_NOT_STORED);
        return;
    }
    struct json *json = exchange_object(exchange);
    json_int(json, "message", exchange->id);
    json_text(json, "text", data->remarks);
    exchange_send(exchange, 200);
}

/* The row is there before anything is shown. */
static void reading_audited(void *context, bool stored)
{
    struct exchange *exchange = context;
    if (stored) {
        personal_read(exchange->api->setup.personal, exchange->reference, text_read, exchange);
    } else {
        exchange_problem_of(exchange, PROBLEM_NOT_STORED);
    }
}

void api_read_message(struct exchange *exchange)
{
    const struct directory *directory = exchange->api->setup.directory;
    const struct message *message = core_message(exchange_core(exchange), (struct message_id){ exchange->id });
    if (message == NULL || !rights_sees_message(&exchange->identity, directory, message)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
    } else if (!rights_message_text(&exchange->identity, exchange_core(exchange), directory, message)) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED, "The right messages is missing for this message.");
    } else if (rights_is_party(&exchange->identity, directory, message)) {
        personal_read(exchange->api->setup.personal, message->reference, text_read, exchange);
    } else {
        const struct audit_entry entry = { .actor = exchange->identity.actor,
                                           .machine = exchange->identity.machine,
                                           .what = "message read",
                                           .subject = "message",
                                           .subject_id = exchange->id,
                                           .detail = "" };
        exchange->reference = message->reference;
        audit_write(exchange->api->setup.audit, &entry, reading_audited, exchange);
    }
}
