/* Terminals of vehicles: which is whose, and those that are nobody's. */
#include <stdio.h>
#include <string.h>

#include "host/api_private.h"

/* ---- GET ---- */

void api_list_terminals(struct exchange *exchange)
{
    const struct terminals *terminals = exchange->api->setup.terminals;
    if (!exchange_page(exchange)) {
        return;
    }
    struct json *json = exchange_object(exchange);
    uint32_t after = exchange->after > UINT32_MAX ? UINT32_MAX : (uint32_t)exchange->after;
    terminals_write_json(terminals, json, after, exchange->limit);
    json_int(json, "version", terminals_version(terminals));
    exchange_send(exchange, 200);
}

void api_list_unknown_terminals(struct exchange *exchange)
{
    terminals_write_unknown(exchange->api->setup.terminals, exchange_object(exchange));
    exchange_send(exchange, 200);
}

/* ---- changes ---- */

static void changed(struct exchange *exchange, enum terminals_outcome outcome, uint32_t id, bool added)
{
    switch (outcome) {
    case TERMINALS_DONE: break;
    case TERMINALS_NUMBER_TAKEN:
        exchange_problem_text(exchange, PROBLEM_CODE_TAKEN, "Another terminal bears this number: remove that one first.");
        return;
    case TERMINALS_NOT_THERE: exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY); return;
    case TERMINALS_FULL:
        exchange_problem_text(exchange, PROBLEM_CONFLICT, "There is no room for more than %d terminals.", TERMINALS_MAX);
        return;
    case TERMINALS_NOT_STORED: exchange_problem_of(exchange, PROBLEM_NOT_STORED); return;
    }
    if (!added) {
        exchange_send_nothing(exchange, 204);
        return;
    }
    struct json *json = exchange_object(exchange);
    json_int(json, "id", id);
    exchange_send(exchange, 201);
}

static void added(void *context, enum terminals_outcome outcome, uint32_t id) { changed(context, outcome, id, true); }
static void removed(void *context, enum terminals_outcome outcome, uint32_t id) { changed(context, outcome, id, false); }

struct names {
    enum terminal_kind kind;
    const char *number, *device, *plate;
};

/* What names a terminal, in a body; they point into it. */
static enum status read_names(json_t *root, bool has_plate, struct names *names, struct error *error)
{
    const char *kind = NULL;
    names->device = names->plate = "";
    TRY(wire_text(root, (struct wire_member){ "kind", false }, 32, &kind, error));
    TRY(wire_text(root, (struct wire_member){ "number", false }, TERMINAL_NUMBER_SIZE, &names->number, error));
    TRY(wire_text(root, (struct wire_member){ "device", true }, TERMINAL_DEVICE_SIZE, &names->device, error));
    if (has_plate) {
        TRY(wire_text(root, (struct wire_member){ "plate", true }, TERMINAL_PLATE_SIZE, &names->plate, error));
    }
    int found = terminal_kind_find(kind);
    names->kind = (enum terminal_kind)found;
    return found >= 0 ? STATUS_OK : ERROR(error, STATUS_BAD_INPUT, "kind must be jt808 or mqtt");
}

/* In the form in which it is kept. */
static enum status take_names(const struct names *names, struct terminal *terminal, struct error *error)
{
    terminal->kind = names->kind;
    (void)snprintf(terminal->number, sizeof terminal->number, "%s", names->number);
    (void)snprintf(terminal->device, sizeof terminal->device, "%s", names->device);
    return terminal_is_sound(terminal)
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT,
                       terminal->kind == TERMINAL_JT808
                           ? "number must be 1 to 20 digits, device visible ASCII characters"
                           : "number must be 1 to 64 of A-Z a-z 0-9 . _ - and not gateway; a terminal of MQTT has no device");
}

static enum status read_terminal(const struct exchange *exchange, json_t *root, struct terminal *terminal, struct error *error)
{
    int64_t unit = 0;
    struct names names;
    TRY(read_names(root, false, &names, error));
    TRY(wire_int(root, (struct wire_member){ "unit", false }, 1, UINT32_MAX, &unit, error));
    terminal->unit = (uint32_t)unit;
    if (core_unit(exchange_core(exchange), (struct unit_id){ terminal->unit }) == NULL) {
        return ERROR(error, STATUS_BAD_INPUT, "unit %u is not known", (unsigned)terminal->unit);
    }
    return take_names(&names, terminal, error);
}

void api_add_terminal(struct exchange *exchange)
{
    static const char *const members[] = { "kind", "number", "device", "unit", NULL };
    const struct api_setup *setup = &exchange->api->setup;
    struct terminal terminal = { .added_at = clock_now(setup->clock) };
    struct error error = { .text = "" };
    json_t *root;
    if (!exchange_json(exchange, members, &root)) {
        return;
    }
    enum status status = read_terminal(exchange, root, &terminal, &error);
    json_decref(root);
    if (status != STATUS_OK) {
        exchange_bad_body(exchange, &error);
        return;
    }
    terminals_add(setup->terminals, &terminal, exchange->identity.actor, exchange->identity.machine, added, exchange);
}

void api_remove_terminal(struct exchange *exchange)
{
    terminals_remove(exchange->api->setup.terminals, exchange->id, exchange->identity.actor, exchange->identity.machine, removed,
                     exchange);
}

/* ---- POST /unknown_terminals ---- */

static enum status read_unknown(json_t *root, struct terminal_unknown *unknown, struct error *error)
{
    struct names names;
    struct terminal terminal = { .id = 0 };
    TRY(read_names(root, true, &names, error));
    TRY(take_names(&names, &terminal, error));
    unknown->kind = terminal.kind;
    (void)snprintf(unknown->number, sizeof unknown->number, "%s", terminal.number);
    (void)snprintf(unknown->device, sizeof unknown->device, "%s", terminal.device);
    (void)snprintf(unknown->plate, sizeof unknown->plate, "%s", names.plate);
    return STATUS_OK;
}

void api_note_unknown_terminal(struct exchange *exchange)
{
    static const char *const members[] = { "kind", "number", "device", "plate", NULL };
    const struct api_setup *setup = &exchange->api->setup;
    struct terminal_unknown unknown = { .seen_at = clock_now(setup->clock) };
    struct error error = { .text = "" };
    json_t *root;
    if (!exchange_json(exchange, members, &root)) {
        return;
    }
    enum status status = read_unknown(root, &unknown, &error);
    json_decref(root);
    if (status != STATUS_OK) {
        exchange_bad_body(exchange, &error);
        return;
    }
    terminals_note_unknown(setup->terminals, &unknown);
    exchange_send_nothing(exchange, 204);
}
