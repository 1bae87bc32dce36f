/* POST /paper: a case that was worked on paper is entered, with the caller's data kept apart from the journal. The body is that
 * of the command paper_enter, and caller_data. Some hundred after an outage, typed by people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/api_private.h"
#include "host/secret.h"
#include "wire/command_json.h"

enum { PAPER_COMMAND_MAX = sizeof(struct command_paper_enter) + PAPER_MISSIONS_MAX * sizeof(struct paper_mission) };

/* Kept with the exchange. */
union paper_command {
    struct command_paper_enter paper;
    unsigned char bytes[PAPER_COMMAND_MAX];
};

static void paper_answered(void *context, const struct centre_answer *answer)
{
    struct exchange *exchange = context;
    const struct step_result *result = &answer->result;
    api_note_command(exchange, answer);
    if (answer->outcome == CENTRE_NOT_DURABLE) {
        exchange_problem_of(exchange, PROBLEM_NOT_DURABLE);
        return;
    }
    bool is_new = result->refusal == REFUSED_NONE && !result->repeated;
    if (exchange->reference != 0 && !is_new) {
        api_drop_record(exchange);
    }
    if (result->refusal != REFUSED_NONE) {
        api_answer_refusal(exchange, result);
        return;
    }
    const struct call *call = core_call(exchange_core(exchange), (struct call_id){ result->made });
    if (exchange->reference != 0 && is_new) {
        personal_attach(exchange->api->setup.personal, exchange->reference, result->made, call != NULL ? call->incident.v : 0);
    }
    char location[64];
    snprintf(location, sizeof location, "/api/v1/calls/%u", result->made);
    http_set_header(exchange->request, "Location", location);
    api_answer_done(exchange, result, 201);
}

static void submit_paper(struct exchange *exchange)
{
    union paper_command *command = exchange->kept;
    command->paper.caller = exchange->reference;
    enum centre_submit submitted = centre_submit(exchange->api->setup.centre, &command->paper.head, paper_answered, exchange);
    if (submitted != CENTRE_TAKEN && exchange->reference != 0) {
        api_drop_record(exchange);
    }
    (void)api_is_taken(exchange, submitted);
}

static void caller_stored(void *context, enum status status, uint64_t reference, const struct personal_data *data)
{
    struct exchange *exchange = context;
    (void)data;
    if (status != STATUS_OK) {
        exchange_problem_text(exchange, PROBLEM_NOT_STORED, "The caller's data could not be stored, so nothing was entered.");
        return;
    }
    exchange->reference = reference;
    submit_paper(exchange);
}

/* What is left of the body when the caller's data are taken out is the command's own. */
static enum status read_command(json_t *root, union paper_command *command, struct error *error)
{
    (void)json_object_del(root, "caller_data");
    char *bytes = json_dumps(root, JSON_COMPACT);
    if (bytes == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the body");
    }
    enum status status = command_from_json("paper_enter", bytes, strlen(bytes), &command->paper.head, sizeof *command, error);
    free(bytes);
    return status;
}

static enum status read_caller(json_t *root, struct personal_data *data, struct error *error)
{
    static const char *const members[] = { "number", "name", "home", "remarks", NULL };
    json_t *caller = json_object_get(root, "caller_data");
    if (caller == NULL || json_is_null(caller)) {
        return STATUS_OK;
    }
    if (!json_is_object(caller)) {
        return ERROR(error, STATUS_BAD_INPUT, "caller_data must be an object");
    }
    TRY(wire_only_members(caller, "caller_data.", members, error));
    return api_read_personal(caller, data, error);
}

/* False: answered. */
static bool read_body(struct exchange *exchange, union paper_command *command, struct personal_data *data)
{
    json_t *root;
    size_t length;
    struct error error = { .text = "" };
    const char *bytes = http_body(exchange->request, &length);
    if (wire_parse_object(bytes, length, &root, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
        return false;
    }
    enum status status = read_caller(root, data, &error);
    status = status == STATUS_OK ? read_command(root, command, &error) : status;
    json_decref(root);
    if (status != STATUS_OK) {
        api_bad_command(exchange, &error);
    }
    return status == STATUS_OK;
}

void api_enter_paper(struct exchange *exchange)
{
    union paper_command *command = calloc(1, sizeof *command);
    struct personal_data data = { .number = "" };
    exchange->kept = command;
    exchange->command_name = "paper_enter";
    if (command == NULL) {
        exchange_problem_of(exchange, PROBLEM_BUSY);
        return;
    }
    bool is_read = read_body(exchange, command, &data);
    bool has_caller = data.number[0] != '\0' || data.name[0] != '\0' || data.home[0] != '\0' || data.remarks[0] != '\0';
    if (is_read) {
        api_put_district(exchange, &command->paper.head);
    }
    if (!is_read || !api_has_own_reference(exchange, &command->paper.head) || !api_put_actor(exchange, &command->paper.head) ||
        !api_put_key(exchange, &command->paper.head)) {
        secret_wipe(&data, sizeof data);
        return;
    }
    if (has_caller && !rights_resource(&exchange->identity, RESOURCE_CALLER_WRITE)) {
        exchange_problem_text(exchange, PROBLEM_NOT_ALLOWED,
                              "The right caller_write is missing: send the case without the caller's data.");
    } else if (has_caller) {
        personal_store(exchange->api->setup.personal, &data, caller_stored, exchange);
    } else {
        submit_paper(exchange);
    }
    secret_wipe(&data, sizeof data);
}
