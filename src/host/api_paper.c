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
    if (read_body(exchange, command, &data)) {
        api_put_district(exchange, &command->paper.head);
        if (api_has_own_reference(exchange, &command->paper.head)) {
            api_make_call(exchange, &data);
        }
    }
    secret_wipe(&data, sizeof data);
}
