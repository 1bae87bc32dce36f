/* What a person does about the own account: password, second factor, sessions; and showing the password once more. */
#include <stdio.h>
#include <string.h>

#include "host/api_private.h"
#include "host/people.h"

enum { SECRET_MAX = 1025, CODE_MAX = 17 };

/* False: a machine asks, and the exchange is over. */
static bool is_person(struct exchange *exchange)
{
    bool machine = exchange->identity.machine;
    if (machine) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST, "A machine has no password, no second factor and no sessions.");
    }
    return !machine;
}

/* ---- one's own password ---- */

static void password_changed(void *context, const struct people_change *change)
{
    struct exchange *exchange = context;
    struct problem problem = problem_of(PROBLEM_WRONG_PASSWORD);
    if (change->old_password == SIGN_IN_REFUSED) {
        exchange_problem(exchange, &problem);
    } else if (change->old_password != SIGN_IN_DONE) {
        const struct sign_in refused = { .outcome = change->old_password, .retry_after_s = change->retry_after_s };
        api_refuse_sign_in(exchange, &refused);
    } else if (change->status == STATUS_OK) {
        exchange_send_nothing(exchange, 204);
    } else if (change->weak_password) {
        exchange_problem_text(exchange, PROBLEM_WEAK_PASSWORD, "%s", change->text);
    } else if (change->status == STATUS_BAD_INPUT) {
        exchange_problem_text(exchange, PROBLEM_UNPROCESSABLE, "%s", change->text);
    } else if (change->status == STATUS_VERSION) {
        exchange_problem_text(exchange, PROBLEM_CONFLICT, "Your account was changed meanwhile: look at it, and try again.");
    } else {
        exchange_problem_of(exchange, change->status == STATUS_FULL ? PROBLEM_BUSY : PROBLEM_NOT_STORED);
    }
}

void api_change_own_password(struct exchange *exchange)
{
    static const char *const members[] = { "old", "new", NULL };
    struct own_password wanted = { .address = http_address(exchange->request) };
    struct error error = { .text = "" };
    json_t *root;
    if (exchange->identity.machine) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST, "A machine has no password: make it a new token instead.");
        return;
    }
    if (people_must_show_passkey(exchange->api->setup.people, &exchange->identity)) {
        exchange_problem_of(exchange, PROBLEM_PASSKEY_NEEDED);
        return;
    }
    if (!exchange_json(exchange, members, &root)) {
        return;
    }
    if (wire_text(root, (struct wire_member){ "old", false }, 1025, &wanted.old_password, &error) != STATUS_OK ||
        wire_text(root, (struct wire_member){ "new", false }, 1025, &wanted.new_password, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else {
        people_change_own_password(exchange->api->setup.people, &exchange->identity, &wanted, password_changed, exchange);
    }
    json_decref(root);
}

/* ---- the password once more ---- */

static void shown_again(void *context, const struct sign_in *result)
{
    struct exchange *exchange = context;
    if (result->outcome == SIGN_IN_DONE) {
        exchange_send_nothing(exchange, 204);
    } else if (result->outcome == SIGN_IN_REFUSED) {
        exchange_problem_of(exchange, PROBLEM_WRONG_PASSWORD);
    } else {
        api_refuse_sign_in(exchange, result);
    }
}

void api_show_password(struct exchange *exchange)
{
    static const char *const members[] = { "password", "totp", NULL };
    struct shown shown = { .address = http_address(exchange->request) };
    struct error error = { .text = "" };
    json_t *root;
    if (!is_person(exchange) || !exchange_json(exchange, members, &root)) {
        return;
    }
    if (wire_text(root, (struct wire_member){ "password", true }, SECRET_MAX, &shown.password, &error) != STATUS_OK ||
        wire_text(root, (struct wire_member){ "totp", true }, CODE_MAX, &shown.totp, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else if (shown.password == NULL && shown.totp == NULL) {
        exchange_problem_text(exchange, PROBLEM_UNPROCESSABLE, "Send password, or totp.");
    } else {
        people_show_again(exchange->api->setup.people, &exchange->identity, &shown, shown_again, exchange);
    }
    json_decref(root);
}

/* ---- the second factor ---- */

void api_begin_own_totp(struct exchange *exchange)
{
    char url[160];
    struct people *people = exchange->api->setup.people;
    if (!is_person(exchange)) {
        return;
    }
    if (!exchange->identity.fresh) {
        exchange_problem_of(exchange, PROBLEM_PASSWORD_NEEDED);
    } else if (people_must_show_passkey(people, &exchange->identity)) {
        exchange_problem_of(exchange, PROBLEM_PASSKEY_NEEDED);
    } else if (!people_begin_own_totp(people, &exchange->identity, url)) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
    } else {
        struct json *json = exchange_object(exchange);
        json_int(json, "id", exchange->identity.actor);
        json_text(json, "secret", url);
        exchange_send(exchange, 201);
    }
}

static void factor_set(void *context, const struct people_change *change)
{
    struct exchange *exchange = context;
    switch (change->status) {
    case STATUS_OK: exchange_send_nothing(exchange, 204); break;
    case STATUS_BAD_INPUT: exchange_problem_of(exchange, PROBLEM_WRONG_CODE); break;
    case STATUS_FULL: exchange_problem_of(exchange, PROBLEM_BUSY); break;
    default: exchange_problem_of(exchange, PROBLEM_NOT_STORED); break;
    }
}

void api_set_own_totp(struct exchange *exchange)
{
    static const char *const members[] = { "totp", NULL };
    const char *code = NULL;
    struct error error = { .text = "" };
    json_t *root;
    if (!is_person(exchange) || !exchange_json(exchange, members, &root)) {
        return;
    }
    if (wire_text(root, (struct wire_member){ "totp", false }, CODE_MAX, &code, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else if (people_must_show_passkey(exchange->api->setup.people, &exchange->identity)) {
        exchange_problem_of(exchange, PROBLEM_PASSKEY_NEEDED);
    } else {
        people_set_own_totp(exchange->api->setup.people, &exchange->identity, code, factor_set, exchange);
    }
    json_decref(root);
}

/* ---- sessions ---- */

static void answer_sessions(struct exchange *exchange, uint32_t person)
{
    const struct identity *by = &exchange->identity;
    struct json *json = exchange_object(exchange);
    people_list_sessions(exchange->api->setup.people, person, by->session, json, "items");
    exchange_send(exchange, 200);
}

static void session_ended(void *context, const struct people_change *change)
{
    struct exchange *exchange = context;
    switch (change->status) {
    case STATUS_OK: exchange_send_nothing(exchange, 204); break;
    case STATUS_NOT_FOUND: exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY); break;
    default:
        exchange_problem_text(exchange, PROBLEM_NOT_STORED,
                              "It is ended, but a restart of the server would not know it: come again.");
        break;
    }
}

void api_list_own_sessions(struct exchange *exchange)
{
    if (is_person(exchange)) {
        answer_sessions(exchange, exchange->identity.actor);
    }
}

void api_end_own_session(struct exchange *exchange)
{
    if (is_person(exchange)) {
        people_end_session(exchange->api->setup.people, &exchange->identity, exchange->identity.actor, exchange->id,
                           session_ended, exchange);
    }
}

void api_list_sessions(struct exchange *exchange)
{
    if (people_sign_in_name(exchange->api->setup.people, exchange->id) == NULL) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
    } else {
        answer_sessions(exchange, exchange->id);
    }
}

void api_end_sessions(struct exchange *exchange)
{
    people_end_session(exchange->api->setup.people, &exchange->identity, exchange->id, 0, session_ended, exchange);
}
