/* Signing in by the city's identity provider: the attempt, what the browser brings back, whose account it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/api_private.h"
#include "host/oidc.h"
#include "host/oidc_roles.h"
#include "host/people.h"

enum { TOTP_SIZE = 17 };

/* What an exchange remembers while others work for it; freed with it. */
struct visit {
    char state[SECRET_TEXT_SIZE], browser[SECRET_TEXT_SIZE], totp[TOTP_SIZE];
    bool has_totp, kept;
    struct oidc_claims claims;
    struct grant grants[GRANTS_MAX]; /* that the person's groups stand for */
    int grant_count;
};

const char *api_provider_name(const struct api *api)
{
    const struct config *config = api->setup.config;
    if (api->setup.oidc == NULL) {
        return NULL;
    }
    return config->oidc_name[0] != '\0' ? config->oidc_name : config->oidc_issuer;
}

/* ---- refusals ---- */

/* False: there is no provider, or its address came too often; and the exchange is over. */
static bool may_try(struct exchange *exchange)
{
    struct problem problem = problem_of(PROBLEM_TOO_MANY_REQUESTS);
    if (exchange->api->setup.oidc == NULL) {
        exchange_problem_of(exchange, PROBLEM_NO_PROVIDER);
        return false;
    }
    problem.retry_after_s = people_attempt(exchange->api->setup.people, http_address(exchange->request));
    if (problem.retry_after_s != 0) {
        exchange_problem(exchange, &problem);
        return false;
    }
    return true;
}

static void write_down(const struct exchange *exchange, const char *why)
{
    char detail[AUDIT_DETAIL_MAX];
    (void)snprintf(detail, sizeof detail, "by the identity provider: %s, from %s", why, http_address(exchange->request));
    const struct audit_entry entry = { .what = "sign-in refused", .subject = "person", .detail = detail };
    audit_write(exchange->api->setup.audit, &entry, NULL, NULL);
}

static enum problem_kind problem_kind_of(enum oidc_outcome outcome)
{
    static const enum problem_kind kinds[] = {
        [OIDC_SILENT] = PROBLEM_PROVIDER_SILENT,
        [OIDC_OVER] = PROBLEM_ATTEMPT_OVER,
        [OIDC_DECLINED] = PROBLEM_PROVIDER_DECLINED,
        [OIDC_NOT_BELIEVED] = PROBLEM_PROVIDER_NOT_BELIEVED,
        [OIDC_BUSY] = PROBLEM_BUSY,
    };
    return kinds[outcome];
}

/* The browser's attempt is over; why is for administrators: it stands in the audit trail and in the log. */
static void refuse(struct exchange *exchange, enum problem_kind kind, const char *why)
{
    write_down(exchange, why);
    api_set_cookie(exchange, COOKIE_PROVIDER, "");
    exchange_problem_of(exchange, kind);
}

/* ---- beginning ---- */

static void begun(void *context, const struct oidc_begun *result)
{
    struct exchange *exchange = context;
    if (result->outcome != OIDC_DONE) {
        exchange_problem_of(exchange, problem_kind_of(result->outcome));
        return;
    }
    api_set_cookie(exchange, COOKIE_PROVIDER, result->browser);
    struct json *json = exchange_object(exchange);
    if (!exchange->api->setup.drill) {
        json_bool(json, "drill", false); /* of a drill it stands in every answer */
    }
    json_text(json, "address", result->address);
    exchange_send(exchange, 201);
}

void api_begin_provider(struct exchange *exchange)
{
    if (may_try(exchange)) {
        oidc_begin(exchange->api->setup.oidc, begun, exchange);
    }
}

/* ---- the account ---- */

static void admitted(void *context, const struct sign_in *result)
{
    struct exchange *exchange = context;
    const struct visit *visit = exchange->kept;
    struct oidc *oidc = exchange->api->setup.oidc;
    bool comes_again = result->outcome == SIGN_IN_TOTP_NEEDED || (visit->kept && result->outcome != SIGN_IN_DONE);
    if (comes_again) {
        oidc_keep(oidc, visit->state, visit->browser, &visit->claims);
    } else {
        oidc_forget(oidc, visit->state);
    }
    api_signed_in(exchange, result);
}

static struct admission admission_of(const struct exchange *exchange)
{
    const struct visit *visit = exchange->kept;
    const struct config *config = exchange->api->setup.config;
    return (struct admission){ .name = visit->claims.account,
                               .issuer = config->oidc_issuer,
                               .subject = visit->claims.subject,
                               .second_factor = visit->claims.second_factor && config->oidc_second_factor,
                               .totp = visit->has_totp ? visit->totp : NULL,
                               .address = http_address(exchange->request) };
}

static void admit(struct exchange *exchange)
{
    const struct admission admission = admission_of(exchange);
    people_admit(exchange->api->setup.people, &admission, admitted, exchange);
}

static void person_added(void *context, const struct people_change *change)
{
    struct exchange *exchange = context;
    const struct visit *visit = exchange->kept;
    if (change->status == STATUS_OK || people_has_account(exchange->api->setup.people, visit->claims.account)) {
        admit(exchange);
        return;
    }
    oidc_forget(exchange->api->setup.oidc, visit->state);
    if (change->status == STATUS_BAD_INPUT) {
        refuse(exchange, PROBLEM_NO_ACCOUNT, "an account cannot be made of the name that it gives");
    } else {
        exchange_problem_of(exchange, change->status == STATUS_FULL ? PROBLEM_BUSY : PROBLEM_NOT_STORED);
    }
}

/* With a password that nobody knows: only the provider signs this person in, until an administrator gives another one. A leaver
 * gets no new account so. */
static void add_person(struct exchange *exchange)
{
    static const struct identity nobody = { .actor = 0 };
    const struct visit *visit = exchange->kept;
    const struct admission admission = admission_of(exchange);
    char password[SECRET_TEXT_SIZE];
    if (people_is_barred(exchange->api->setup.people, &admission)) {
        oidc_forget(exchange->api->setup.oidc, visit->state);
        refuse(exchange, PROBLEM_NO_ACCOUNT, "it names somebody who has left: an administrator may let go of that account");
        return;
    }
    secret_text(password);
    const struct person_wanted wanted = { .name = visit->claims.account,
                                          .display = visit->claims.account,
                                          .password = password,
                                          .grants = visit->grants,
                                          .grant_count = visit->grant_count,
                                          .disabled = -1 };
    people_add(exchange->api->setup.people, &nobody, &wanted, person_added, exchange);
    secret_wipe(password, sizeof password);
}

/* ---- coming back ---- */

static void finished(void *context, const struct oidc_finished *result)
{
    struct exchange *exchange = context;
    struct visit *visit = exchange->kept;
    const struct api_setup *setup = &exchange->api->setup;
    const char *roles = setup->config->oidc_roles;
    if (result->outcome != OIDC_DONE) {
        refuse(exchange, problem_kind_of(result->outcome), result->why);
        return;
    }
    visit->claims = result->claims;
    visit->kept = result->kept;
    visit->grant_count = result->kept ? 0 : oidc_roles_of(roles, &visit->claims, visit->grants);
    if (!result->kept && roles[0] != '\0' && visit->grant_count == 0) {
        oidc_forget(setup->oidc, visit->state);
        refuse(exchange, PROBLEM_NO_ACCOUNT, "none of the person's groups has a role here");
    } else if (visit->grant_count > 0 && !people_has_account(setup->people, visit->claims.account)) {
        add_person(exchange);
    } else {
        admit(exchange);
    }
}

struct body {
    const char *state, *code, *issuer, *error, *totp;
};

static enum status read_body(json_t *root, struct body *body, struct error *error)
{
    TRY(wire_text(root, (struct wire_member){ "state", false }, OIDC_CODE_MAX, &body->state, error));
    TRY(wire_text(root, (struct wire_member){ "code", true }, OIDC_CODE_MAX, &body->code, error));
    TRY(wire_text(root, (struct wire_member){ "iss", true }, OIDC_URL_SIZE, &body->issuer, error));
    TRY(wire_text(root, (struct wire_member){ "error", true }, OIDC_CODE_MAX, &body->error, error));
    return wire_text(root, (struct wire_member){ "totp", true }, TOTP_SIZE, &body->totp, error);
}

static void finish(struct exchange *exchange, const struct body *body)
{
    struct visit *visit = calloc(1, sizeof *visit);
    CHECK(visit != NULL);
    exchange->kept = visit;
    api_read_cookie(exchange, COOKIE_PROVIDER, visit->browser);
    (void)snprintf(visit->state, sizeof visit->state, "%s", strlen(body->state) < sizeof visit->state ? body->state : "");
    (void)snprintf(visit->totp, sizeof visit->totp, "%s", body->totp != NULL ? body->totp : "");
    visit->has_totp = body->totp != NULL;
    const struct oidc_return came = {
        .state = visit->state, .code = body->error == NULL ? body->code : NULL, .issuer = body->issuer, .browser = visit->browser
    };
    oidc_finish(exchange->api->setup.oidc, &came, finished, exchange);
}

void api_finish_provider(struct exchange *exchange)
{
    static const char *const members[] = { "state", "code", "iss", "error", "totp", NULL };
    struct body body = { .state = NULL };
    struct error error = { .text = "" };
    json_t *root;
    if (!may_try(exchange) || !exchange_json(exchange, members, &root)) {
        return;
    }
    if (read_body(root, &body, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else {
        finish(exchange, &body);
    }
    json_decref(root);
}

/* ---- signing out ---- */

void api_show_provider(struct exchange *exchange)
{
    char address[OIDC_ADDRESS_SIZE];
    struct oidc *oidc = exchange->api->setup.oidc;
    bool known = oidc != NULL && !exchange->identity.machine && oidc_sign_out_address(oidc, address);
    struct json *json = exchange_object(exchange);
    if (!exchange->api->setup.drill) {
        json_bool(json, "drill", false); /* of a drill it stands in every answer */
    }
    if (known) {
        json_text(json, "address", address);
    } else {
        json_none(json, "address");
    }
    exchange_send(exchange, 200);
}
