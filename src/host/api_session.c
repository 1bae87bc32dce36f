/* Signing in and out. */
#include <stdio.h>
#include <string.h>

#include "host/api_private.h"
#include "host/people.h"

void api_write_grants(struct json *json, const char *name, const struct identity *identity)
{
    json_array_begin(json, name);
    for (int i = 0; i < identity->grant_count; i++) {
        json_object_begin(json, NULL);
        json_text(json, "role", ROLE_NAMES[identity->grants[i].role]);
        json_text(json, "scope", SCOPE_NAMES[identity->grants[i].scope]);
        json_int(json, "id", identity->grants[i].id);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_or_none(struct json *json, const char *name, const char *text)
{
    if (text != NULL) {
        json_text(json, name, text);
    } else {
        json_none(json, name);
    }
}

/* csrf NULL: a machine, which needs none. */
static void answer_session(struct exchange *exchange, const struct identity *identity, const char *csrf, unsigned status)
{
    struct json *json = exchange_object(exchange);
    if (!exchange->api->setup.drill) {
        json_bool(json, "drill", false); /* of a drill it stands in every answer */
    }
    json_object_begin(json, "person");
    json_int(json, "id", identity->actor);
    json_text(json, "name", identity->name);
    json_text(json, "display", identity->name);
    write_or_none(json, "sign_in", identity->machine ? NULL : people_sign_in_name(exchange->api->setup.people, identity->actor));
    json_bool(json, "machine", identity->machine);
    api_write_grants(json, "grants", identity);
    json_object_end(json);
    write_or_none(json, "csrf", csrf);
    json_array_begin(json, "owes");
    if ((identity->owes & OWES_PASSWORD) != 0) {
        json_text(json, NULL, "password");
    }
    if ((identity->owes & OWES_SECOND_FACTOR) != 0) {
        json_text(json, NULL, "second_factor");
    }
    json_array_end(json);
    if (identity->machine || exchange->api->setup.passkeys == NULL) {
        json_none(json, "passkeys");
    } else {
        json_int(json, "passkeys", people_count_passkeys(exchange->api->setup.people, identity->actor));
    }
    exchange_send(exchange, status);
}

/* Before anybody has signed in: of a live centre its name and nothing more. */
void api_show_welcome(struct exchange *exchange)
{
    const struct api_setup *setup = &exchange->api->setup;
    const struct config *config = setup->config;
    bool shows = setup->drill && config->drill_accounts;
    struct json *json = exchange_object(exchange);
    if (!setup->drill) {
        json_bool(json, "drill", false); /* of a drill it stands in every answer */
    }
    json_text(json, "name", config->name);
    json_text(json, "time_zone", config->time_zone);
    json_array_begin(json, "accounts");
    if (shows) {
        people_write_accounts(setup->people, json);
    }
    json_array_end(json);
    write_or_none(json, "password", shows && config->drill_password_hint[0] != '\0' ? config->drill_password_hint : NULL);
    write_or_none(json, "provider", api_provider_name(exchange->api));
    json_bool(json, "passkeys", setup->passkeys != NULL);
    exchange_send(exchange, 200);
}

void api_refuse_sign_in(struct exchange *exchange, const struct sign_in *result)
{
    static const enum problem_kind kinds[] = {
        [SIGN_IN_REFUSED] = PROBLEM_SIGN_IN_REFUSED,
        [SIGN_IN_TOTP_NEEDED] = PROBLEM_TOTP_NEEDED,
        [SIGN_IN_LOCKED] = PROBLEM_LOCKED,
        [SIGN_IN_RATE] = PROBLEM_TOO_MANY_REQUESTS,
        [SIGN_IN_BUSY] = PROBLEM_BUSY,
        [SIGN_IN_FAILED] = PROBLEM_NOT_STORED,
        [SIGN_IN_NO_ACCOUNT] = PROBLEM_NO_ACCOUNT,
        [SIGN_IN_PROVIDER_ONLY] = PROBLEM_PROVIDER_ONLY,
        [SIGN_IN_PASSWORD_OVER] = PROBLEM_PASSWORD_OVER,
        [SIGN_IN_PASSKEY_COPIED] = PROBLEM_PASSKEY_COPIED,
    };
    struct problem problem = problem_of(kinds[result->outcome]);
    problem.retry_after_s = result->retry_after_s != 0 ? result->retry_after_s : problem.retry_after_s;
    exchange_problem(exchange, &problem);
}

void api_signed_in(struct exchange *exchange, const struct sign_in *result)
{
    if (result->outcome != SIGN_IN_DONE) {
        api_refuse_sign_in(exchange, result);
        return;
    }
    const char *former = http_header(exchange->request, "Cookie");
    if (former != NULL) { /* the browser forgets that session, and so does the centre */
        people_leave_former(exchange->api->setup.people, former);
    }
    http_set_header(exchange->request, "Set-Cookie", result->cookie);
    answer_session(exchange, &result->identity, result->csrf, 201);
}

static void signed_in(void *context, const struct sign_in *result) { api_signed_in(context, result); }

void api_sign_in(struct exchange *exchange)
{
    static const char *const members[] = { "name", "password", "totp", NULL };
    json_t *root;
    struct error error = { .text = "" };
    const char *name = NULL, *password = NULL, *totp = NULL;
    if (!exchange_json(exchange, members, &root)) {
        return;
    }
    if (wire_text(root, (struct wire_member){ "name", false }, 257, &name, &error) != STATUS_OK ||
        wire_text(root, (struct wire_member){ "password", false }, 1025, &password, &error) != STATUS_OK ||
        wire_text(root, (struct wire_member){ "totp", true }, 17, &totp, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else {
        people_sign_in(exchange->api->setup.people, name, password, totp, http_address(exchange->request), signed_in, exchange);
    }
    json_decref(root);
}

void api_show_session(struct exchange *exchange)
{
    char csrf[65];
    const char *cookie = http_header(exchange->request, "Cookie");
    bool known = !exchange->identity.machine && cookie != NULL && people_csrf(exchange->api->setup.people, cookie, csrf);
    answer_session(exchange, &exchange->identity, known ? csrf : NULL, 200);
}

/* ---- signing out ---- */

static void signed_out(void *context, bool stored)
{
    struct exchange *exchange = context;
    http_set_header(exchange->request, "Set-Cookie", exchange->why);
    if (stored) {
        exchange_send_nothing(exchange, 204);
    } else {
        exchange_problem_text(exchange, PROBLEM_NOT_STORED,
                              "You are signed out, but a restart of the server would not know it: come again.");
    }
}

void api_sign_out(struct exchange *exchange)
{
    const char *cookie = http_header(exchange->request, "Cookie");
    if (cookie == NULL || exchange->identity.machine) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST, "A machine has no session: revoke its token instead.");
        return;
    }
    people_sign_out(exchange->api->setup.people, cookie, exchange->why, signed_out, exchange);
}
