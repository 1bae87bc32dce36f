/* Administration of people and of the tokens of machines. */
#include <string.h>

#include "host/api_private.h"
#include "wire/form.h"

enum { TEXT_MAX = 1025 };

static void changed(void *context, const struct people_change *change, unsigned status)
{
    struct exchange *exchange = context;
    switch (change->status) {
    case STATUS_OK: break;
    case STATUS_NOT_FOUND: exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY); return;
    case STATUS_BAD_INPUT:
        exchange_problem_text(exchange, change->weak_password ? PROBLEM_WEAK_PASSWORD : PROBLEM_UNPROCESSABLE, "%s",
                              change->text);
        return;
    case STATUS_VERSION:
    case STATUS_FULL: exchange_problem_text(exchange, PROBLEM_CONFLICT, "%s", change->text); return;
    default: exchange_problem_of(exchange, PROBLEM_NOT_STORED); return;
    }
    if (status == 204) {
        exchange_send_nothing(exchange, 204);
        return;
    }
    struct json *json = exchange_object(exchange);
    json_int(json, "id", change->id);
    if (change->secret[0] != '\0') {
        json_text(json, "secret", change->secret);
    }
    exchange_send(exchange, status);
}

static void made(void *context, const struct people_change *change) { changed(context, change, 201); }
static void amended(void *context, const struct people_change *change) { changed(context, change, 200); }
static void done_quietly(void *context, const struct people_change *change) { changed(context, change, 204); }

/* ---- lists ---- */

static void answer_list(struct exchange *exchange, uint32_t (*list)(const struct people *people, struct json *json,
                                                                    const char *name, uint32_t after, uint32_t limit))
{
    if (!exchange_page(exchange)) {
        return;
    }
    uint32_t after = exchange->after > UINT32_MAX ? UINT32_MAX : (uint32_t)exchange->after;
    struct json *json = exchange_object(exchange);
    uint32_t next = list(exchange->api->setup.people, json, "items", after, exchange->limit);
    exchange_write_page_end(exchange, json, next);
    exchange_send(exchange, 200);
}

void api_list_people(struct exchange *exchange) { answer_list(exchange, people_list); }
void api_list_tokens(struct exchange *exchange) { answer_list(exchange, people_list_tokens); }

void api_show_person(struct exchange *exchange)
{
    json_init(&exchange->json, &exchange->body, 0);
    if (!people_show(exchange->api->setup.people, exchange->id, &exchange->json, NULL)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return;
    }
    exchange_send_body(exchange, 200);
}

void api_list_roles(struct exchange *exchange)
{
    struct json *json = exchange_object(exchange);
    rights_write_roles(json, "items");
    exchange_send(exchange, 200);
}

/* ---- bodies ---- */

static enum status read_grant(json_t *object, struct grant *grant, struct error *error)
{
    static const char *const members[] = { "role", "scope", "id", NULL };
    const char *role = NULL, *scope = NULL;
    int64_t id = 0;
    if (!json_is_object(object)) {
        return ERROR(error, STATUS_BAD_INPUT, "a grant must be an object: {\"role\":...,\"scope\":...,\"id\":...}");
    }
    TRY(wire_only_members(object, "grant.", members, error));
    TRY(wire_text(object, (struct wire_member){ "role", false }, 64, &role, error));
    TRY(wire_text(object, (struct wire_member){ "scope", false }, 64, &scope, error));
    TRY(wire_int(object, (struct wire_member){ "id", true }, 0, UINT32_MAX, &id, error));
    if (role_find(role) < 0 || scope_find(scope) < 0) {
        return ERROR(error, STATUS_BAD_INPUT, "a grant's %s is not known", role_find(role) < 0 ? "role" : "scope");
    }
    *grant = (struct grant){ .role = (uint8_t)role_find(role), .scope = (uint8_t)scope_find(scope), .id = (uint32_t)id };
    return rights_grant_fits(grant)
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "the role %s cannot be granted with this scope and id", role);
}

static enum status read_grants(json_t *root, struct grant *grants, struct person_wanted *wanted, struct error *error)
{
    json_t *list = json_object_get(root, "grants");
    if (list == NULL) {
        return STATUS_OK;
    }
    if (!json_is_array(list) || json_array_size(list) > GRANTS_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "grants must be an array of at most %d", GRANTS_MAX);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        TRY(read_grant(json_array_get(list, i), &grants[i], error));
    }
    wanted->grants = grants;
    wanted->grant_count = (int)json_array_size(list);
    return STATUS_OK;
}

static enum status read_switch(json_t *root, const char *name, int *value, struct error *error)
{
    bool flag = false;
    TRY(wire_bool(root, (struct wire_member){ name, true }, &flag, error));
    *value = json_object_get(root, name) == NULL ? -1 : flag;
    return STATUS_OK;
}

static enum status read_person(json_t *root, bool is_new, struct grant *grants, struct person_wanted *wanted, struct error *error)
{
    TRY(wire_text(root, (struct wire_member){ "name", !is_new }, IDENTITY_NAME_SIZE, &wanted->name, error));
    TRY(wire_text(root, (struct wire_member){ "display", true }, IDENTITY_NAME_SIZE, &wanted->display, error));
    TRY(wire_text(root, (struct wire_member){ "password", !is_new }, TEXT_MAX, &wanted->password, error));
    TRY(read_switch(root, "totp_required", &wanted->totp_required, error));
    TRY(read_switch(root, "disabled", &wanted->disabled, error));
    TRY(read_grants(root, grants, wanted, error));
    if (is_new) {
        wanted->display = wanted->display != NULL ? wanted->display : wanted->name;
        wanted->grants = grants;
        wanted->totp_required = wanted->totp_required > 0;
        wanted->disabled = wanted->disabled > 0;
    }
    return STATUS_OK;
}

/* ---- people ---- */

void api_add_person(struct exchange *exchange)
{
    static const char *const members[] = { "name", "display", "password", "grants", "totp_required", "disabled", NULL };
    struct grant grants[GRANTS_MAX] = { { .id = 0 } };
    struct person_wanted wanted = { .name = NULL };
    struct error error = { .text = "" };
    json_t *root;
    if (!exchange_json(exchange, members, &root)) {
        return;
    }
    if (read_person(root, true, grants, &wanted, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else {
        people_add(exchange->api->setup.people, &exchange->identity, &wanted, made, exchange);
    }
    json_decref(root);
}

void api_amend_person(struct exchange *exchange)
{
    static const char *const members[] = { "name", "display", "password", "grants", "totp_required", "disabled", NULL };
    struct grant grants[GRANTS_MAX] = { { .id = 0 } };
    struct person_wanted wanted = { .name = NULL };
    struct error error = { .text = "" };
    json_t *root;
    if (!exchange_if_match(exchange, &wanted.revision) || !exchange_json(exchange, members, &root)) {
        return;
    }
    if (read_person(root, false, grants, &wanted, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else {
        people_amend(exchange->api->setup.people, &exchange->identity, exchange->id, &wanted, amended, exchange);
    }
    json_decref(root);
}

void api_disable_person(struct exchange *exchange)
{
    struct person_wanted wanted = { .totp_required = -1, .disabled = 1 };
    if (exchange_if_match(exchange, &wanted.revision)) {
        people_amend(exchange->api->setup.people, &exchange->identity, exchange->id, &wanted, done_quietly, exchange);
    }
}

void api_set_password(struct exchange *exchange)
{
    static const char *const members[] = { "password", NULL };
    struct person_wanted wanted = { .totp_required = -1, .disabled = -1 };
    struct error error = { .text = "" };
    json_t *root;
    if (!exchange_json(exchange, members, &root)) {
        return;
    }
    if (wire_text(root, (struct wire_member){ "password", false }, TEXT_MAX, &wanted.password, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else {
        people_amend(exchange->api->setup.people, &exchange->identity, exchange->id, &wanted, done_quietly, exchange);
    }
    json_decref(root);
}

void api_add_totp(struct exchange *exchange)
{
    people_set_totp(exchange->api->setup.people, &exchange->identity, exchange->id, true, made, exchange);
}

void api_remove_totp(struct exchange *exchange)
{
    people_set_totp(exchange->api->setup.people, &exchange->identity, exchange->id, false, done_quietly, exchange);
}

void api_forget_provider(struct exchange *exchange)
{
    people_forget_provider(exchange->api->setup.people, &exchange->identity, exchange->id, done_quietly, exchange);
}

/* ---- tokens ---- */

static enum status read_token(json_t *root, const char **name, struct grant *grant, struct instant *expires_at,
                              struct error *error)
{
    const char *at = NULL;
    if (json_is_null(json_object_get(root, "expires_at"))) { /* said, and not forgotten */
        *expires_at = INSTANT_NEVER;
    }
    TRY(wire_text(root, (struct wire_member){ "name", false }, IDENTITY_NAME_SIZE, name, error));
    TRY(wire_text(root, (struct wire_member){ "expires_at", true }, 64, &at, error));
    if (at != NULL && !form_instant_read(at, strlen(at), expires_at)) {
        return ERROR(error, STATUS_BAD_INPUT, "expires_at must be an instant as in RFC 3339");
    }
    json_t *wanted = json_object_get(root, "grant");
    return wanted != NULL ? read_grant(wanted, grant, error) : ERROR(error, STATUS_BAD_INPUT, "grant is missing");
}

void api_add_token(struct exchange *exchange)
{
    static const char *const members[] = { "name", "grant", "expires_at", NULL };
    const char *name = NULL;
    struct grant grant = { .id = 0 };
    struct instant expires_at = INSTANT_NONE;
    struct error error = { .text = "" };
    json_t *root;
    if (!exchange_json(exchange, members, &root)) {
        return;
    }
    if (read_token(root, &name, &grant, &expires_at, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else {
        people_add_token(exchange->api->setup.people, &exchange->identity, name, grant, expires_at, made, exchange);
    }
    json_decref(root);
}

void api_revoke_token(struct exchange *exchange)
{
    people_revoke_token(exchange->api->setup.people, &exchange->identity, exchange->id, done_quietly, exchange);
}
