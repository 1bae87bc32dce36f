/* What is asked of the provider. A question is asked without the lock: two threads may ask the same, and the later answer
 * stays. */
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/oidc_fetch.h"
#include "host/oidc_private.h"
#include "host/secret.h"

enum { FORM_MAX = 16 * 1024 };
#define KEPT_US (3600 * US_PER_SECOND)

enum status oidc_provider_open(struct oidc_provider *provider, const struct oidc_client *client, struct error *error)
{
    memset(provider, 0, sizeof *provider);
    provider->client = client;
    atomic_init(&provider->stop, false);
    TRY(oidc_fetch_start(error));
    if (pthread_mutex_init(&provider->lock, NULL) != 0) {
        oidc_fetch_stop();
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a lock");
    }
    return STATUS_OK;
}

void oidc_provider_close(struct oidc_provider *provider)
{
    oidc_keys_free(provider->keys);
    (void)pthread_mutex_destroy(&provider->lock);
    oidc_fetch_stop();
}

static enum status ask(struct oidc_provider *provider, const char *url, struct text *answer, struct error *error)
{
    const struct oidc_question question = { .url = url, .stop = &provider->stop };
    text_init(answer, OIDC_ANSWER_MAX);
    return oidc_fetch(&question, answer, error);
}

/* ---- the discovery document ---- */

static bool take_kept(struct oidc_provider *provider, struct oidc_discovery *discovery, int64_t age_max_us)
{
    (void)pthread_mutex_lock(&provider->lock);
    bool kept = provider->discovered && clock_monotonic_us() - provider->discovered_us < age_max_us;
    if (kept) {
        *discovery = provider->discovery;
    }
    (void)pthread_mutex_unlock(&provider->lock);
    return kept;
}

bool oidc_provider_known(struct oidc_provider *provider, struct oidc_discovery *discovery)
{
    return take_kept(provider, discovery, INT64_MAX);
}

static enum status ask_discovery(struct oidc_provider *provider, struct oidc_discovery *discovery, struct error *error)
{
    char url[CONFIG_TEXT_MAX + 64];
    struct text answer;
    const char *issuer = provider->client->issuer;
    size_t length = strlen(issuer);
    (void)snprintf(url, sizeof url, "%.*s/.well-known/openid-configuration", (int)(length - (issuer[length - 1] == '/')), issuer);
    enum status status = ask(provider, url, &answer, error);
    if (status == STATUS_OK) {
        status = oidc_discovery_read(answer.bytes != NULL ? answer.bytes : "", answer.length, issuer, discovery, error);
    }
    text_free(&answer);
    return status;
}

enum status oidc_provider_discover(struct oidc_provider *provider, struct oidc_discovery *discovery, struct error *error)
{
    if (take_kept(provider, discovery, KEPT_US)) {
        return STATUS_OK;
    }
    TRY(ask_discovery(provider, discovery, error));
    (void)pthread_mutex_lock(&provider->lock);
    provider->discovery = *discovery;
    provider->discovered = true;
    provider->discovered_us = clock_monotonic_us();
    (void)pthread_mutex_unlock(&provider->lock);
    return STATUS_OK;
}

/* ---- its keys ---- */

static enum status ask_keys(struct oidc_provider *provider, const char *url, struct error *error)
{
    struct text answer;
    struct oidc_keys *keys = NULL;
    enum status status = ask(provider, url, &answer, error);
    if (status == STATUS_OK) {
        status = oidc_keys_read(answer.bytes != NULL ? answer.bytes : "", answer.length, &keys, error);
    }
    text_free(&answer);
    TRY(status);
    (void)pthread_mutex_lock(&provider->lock);
    oidc_keys_free(provider->keys);
    provider->keys = keys;
    provider->keys_us = clock_monotonic_us();
    (void)pthread_mutex_unlock(&provider->lock);
    return STATUS_OK;
}

/* NOT_FOUND: none of the keys that are known, or they are old. */
static enum status verify(struct oidc_provider *provider, const char *token, const struct oidc_expected *expected,
                          struct oidc_claims *claims, struct error *error)
{
    (void)pthread_mutex_lock(&provider->lock);
    bool usable = provider->keys != NULL && clock_monotonic_us() - provider->keys_us < KEPT_US;
    enum status status = usable ? oidc_token_verify(token, provider->keys, expected, claims, error)
                                : ERROR(error, STATUS_NOT_FOUND, "the provider's keys are not known");
    (void)pthread_mutex_unlock(&provider->lock);
    return status;
}

/* A key that is not known may be new: the keys are fetched anew, once. */
static enum status believe(struct oidc_provider *provider, const char *jwks_uri, const char *token, const char *nonce,
                           struct oidc_claims *claims, struct error *error)
{
    const struct oidc_client *client = provider->client;
    const struct oidc_expected expected = { .issuer = client->issuer,
                                            .client_id = client->id,
                                            .nonce = nonce,
                                            .account_claim = client->account_claim,
                                            .groups_claim = client->groups_claim,
                                            .now = clock_wall() };
    struct error first;
    enum status status = verify(provider, token, &expected, claims, &first);
    if (status == STATUS_NOT_FOUND) {
        TRY(ask_keys(provider, jwks_uri, error));
        return verify(provider, token, &expected, claims, error);
    }
    return status == STATUS_OK ? STATUS_OK : ERROR(error, status, "%s", first.text);
}

/* ---- the code ---- */

static void write_form(const struct oidc_provider *provider, const struct oidc_discovery *discovery,
                       const struct oidc_exchange *exchange, struct text *form)
{
    const struct oidc_client *client = provider->client;
    oidc_form_put(form, "grant_type", "authorization_code");
    oidc_form_put(form, "code", exchange->code);
    oidc_form_put(form, "redirect_uri", client->return_address);
    oidc_form_put(form, "code_verifier", exchange->verifier);
    if (!client->has_secret || discovery->secret_in_body) {
        oidc_form_put(form, "client_id", client->id);
    }
    if (client->has_secret && discovery->secret_in_body) {
        oidc_form_put(form, "client_secret", client->secret);
    }
}

static void wipe_text(struct text *text)
{
    if (text->length > 0) {
        secret_wipe(text->bytes, text->length);
    }
    text_free(text);
}

static enum status ask_token(struct oidc_provider *provider, const struct oidc_discovery *discovery,
                             const struct oidc_exchange *exchange, char **token, struct error *error)
{
    const struct oidc_client *client = provider->client;
    struct text form, answer;
    text_init(&form, FORM_MAX);
    text_init(&answer, OIDC_ANSWER_MAX);
    write_form(provider, discovery, exchange, &form);
    const struct oidc_question question = { .url = discovery->token_endpoint,
                                            .form = form.bytes,
                                            .client_id = client->id,
                                            .client_secret = client->has_secret && !discovery->secret_in_body ? client->secret
                                                                                                              : NULL,
                                            .stop = &provider->stop };
    enum status status = form.failed ? ERROR(error, STATUS_BAD_INPUT, "the code is too long")
                                     : oidc_fetch(&question, &answer, error);
    if (status == STATUS_OK) {
        status = oidc_answer_read(answer.bytes != NULL ? answer.bytes : "", answer.length, token, error);
    }
    wipe_text(&form);
    wipe_text(&answer);
    return status;
}

enum status oidc_provider_redeem(struct oidc_provider *provider, const struct oidc_exchange *exchange, struct oidc_claims *claims,
                                 struct error *error)
{
    struct oidc_discovery discovery;
    char *token = NULL;
    TRY(oidc_provider_discover(provider, &discovery, error));
    TRY(ask_token(provider, &discovery, exchange, &token, error));
    enum status status = believe(provider, discovery.jwks_uri, token, exchange->nonce, claims, error);
    secret_wipe(token, strlen(token));
    free(token);
    return status;
}
