/* The way of an attempt: begun in a worker's thread if the provider is to be asked for its addresses, away with the browser, then
 * redeemed in a worker's thread. What the worker needs is copied into its job. */
#include "host/oidc.h"

#include <sodium/crypto_hash_sha256.h>
#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/oidc_attempts.h"
#include "host/oidc_fetch.h"
#include "host/oidc_private.h"

enum { THREADS = 4, WAITING_MAX = 64 };

struct oidc {
    struct oidc_client client;
    struct oidc_provider provider;
    struct oidc_attempts *attempts;
    struct workers *workers;
};

/* ---- making ---- */

static enum status read_client(const struct config *config, const char *folder, struct oidc_client *client, struct error *error)
{
    size_t length = strlen(config->public_address);
    int origin = (int)(length - (config->public_address[length - 1] == '/'));
    (void)snprintf(client->issuer, sizeof client->issuer, "%s", config->oidc_issuer);
    (void)snprintf(client->id, sizeof client->id, "%s", config->oidc_client_id);
    (void)snprintf(client->scope, sizeof client->scope, "%s", config->oidc_scope);
    (void)snprintf(client->account_claim, sizeof client->account_claim, "%s", config->oidc_claim);
    (void)snprintf(client->groups_claim, sizeof client->groups_claim, "%s", config->oidc_groups_claim);
    (void)snprintf(client->return_address, sizeof client->return_address, "%.*s/console/sign-in", origin, config->public_address);
    (void)snprintf(client->farewell_address, sizeof client->farewell_address, "%.*s/", origin, config->public_address);
    client->has_secret = config->oidc_secret_file[0] != '\0';
    if (!client->has_secret) {
        return STATUS_OK;
    }
    bool absolute = config->oidc_secret_file[0] == '/';
    char *path = absolute ? strdup(config->oidc_secret_file) : file_join(folder, config->oidc_secret_file);
    CHECK(path != NULL);
    enum status status = oidc_secret_read(path, client->secret, error);
    free(path);
    return status;
}

enum status oidc_create(const struct config *config, const char *folder, struct oidc **oidc, struct error *error)
{
    struct oidc *made = calloc(1, sizeof *made);
    CHECK(made != NULL);
    enum status status = read_client(config, folder, &made->client, error);
    if (status == STATUS_OK) {
        status = oidc_provider_open(&made->provider, &made->client, error);
    }
    if (status != STATUS_OK) {
        secret_wipe(made, sizeof *made);
        free(made);
        return status;
    }
    made->attempts = oidc_attempts_create(OIDC_ATTEMPTS_MAX);
    CHECK(made->attempts != NULL);
    status = workers_create("provider", THREADS, WAITING_MAX, &made->workers, error);
    if (status != STATUS_OK) {
        oidc_destroy(made);
        return status;
    }
    *oidc = made;
    return STATUS_OK;
}

void oidc_destroy(struct oidc *oidc)
{
    if (oidc == NULL) {
        return;
    }
    oidc_provider_close(&oidc->provider);
    oidc_attempts_destroy(oidc->attempts);
    secret_wipe(oidc, sizeof *oidc);
    free(oidc);
}

struct workers *oidc_workers(struct oidc *oidc) { return oidc->workers; }

void oidc_stop(struct oidc *oidc) { atomic_store(&oidc->provider.stop, true); }

/* ---- beginning ---- */

struct begin_job {
    struct oidc *oidc;
    enum status status; /* FULL until the work was done */
    struct error error;
    struct oidc_discovery discovery;
    struct oidc_begun begun;
    void (*done)(void *context, const struct oidc_begun *begun);
    void *context;
};

static void begin_work(void *memory)
{
    struct begin_job *job = memory;
    job->status = oidc_provider_discover(&job->oidc->provider, &job->discovery, &job->error);
    if (job->status != STATUS_OK) {
        LOG(LOG_WARNING, "oidc", "nobody can sign in by the identity provider", LOG_TEXT("why", job->error.text));
    }
}

/* RFC 7636, section 4.2: S256. */
static void write_challenge(const char *verifier, char challenge[SECRET_TEXT_SIZE])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    (void)crypto_hash_sha256(hash, (const unsigned char *)verifier, strlen(verifier));
    (void)sodium_bin2base64(challenge, SECRET_TEXT_SIZE, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool copy_address(const struct text *from, char address[OIDC_ADDRESS_SIZE])
{
    bool fits = !from->failed && from->length < OIDC_ADDRESS_SIZE;
    if (fits) {
        memcpy(address, from->bytes, from->length + 1);
    }
    return fits;
}

static void begin_address(struct text *out, const char *endpoint)
{
    text_init(out, OIDC_ADDRESS_SIZE);
    text_puts(out, endpoint);
    text_puts(out, strchr(endpoint, '?') == NULL ? "?" : "");
}

static bool write_address(const struct begin_job *job, const struct oidc_attempt *attempt, const char *state,
                          char address[OIDC_ADDRESS_SIZE])
{
    const struct oidc_client *client = &job->oidc->client;
    char challenge[SECRET_TEXT_SIZE];
    struct text out;
    write_challenge(attempt->verifier, challenge);
    begin_address(&out, job->discovery.authorization_endpoint);
    oidc_form_put(&out, "response_type", "code");
    oidc_form_put(&out, "client_id", client->id);
    oidc_form_put(&out, "redirect_uri", client->return_address);
    oidc_form_put(&out, "scope", client->scope);
    oidc_form_put(&out, "state", state);
    oidc_form_put(&out, "nonce", attempt->nonce);
    oidc_form_put(&out, "code_challenge", challenge);
    oidc_form_put(&out, "code_challenge_method", "S256");
    bool fits = copy_address(&out, address);
    text_free(&out);
    return fits;
}

static void begin_done(void *memory)
{
    struct begin_job *job = memory;
    struct oidc *oidc = job->oidc;
    char state[SECRET_TEXT_SIZE];
    job->begun.outcome = job->status == STATUS_FULL ? OIDC_BUSY : OIDC_SILENT;
    if (job->status == STATUS_OK) {
        int64_t now_us = clock_monotonic_us();
        const struct oidc_attempt *attempt = oidc_attempts_add(oidc->attempts, now_us, now_us + OIDC_ATTEMPT_S * US_PER_SECOND,
                                                               state, job->begun.browser);
        job->begun.outcome = write_address(job, attempt, state, job->begun.address) ? OIDC_DONE : OIDC_SILENT;
        secret_wipe(state, sizeof state);
    }
    job->done(job->context, &job->begun);
    secret_wipe(job, sizeof *job);
    free(job);
}

void oidc_begin(struct oidc *oidc, void (*done)(void *context, const struct oidc_begun *begun), void *context)
{
    struct begin_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    job->oidc = oidc;
    job->status = STATUS_FULL;
    job->done = done;
    job->context = context;
    if (!workers_give(oidc->workers, begin_work, begin_done, job)) {
        begin_done(job);
    }
}

/* ---- finishing ---- */

struct finish_job {
    struct oidc *oidc;
    enum status status; /* FULL until the work was done */
    struct error error;
    char state[SECRET_TEXT_SIZE], nonce[SECRET_TEXT_SIZE], verifier[SECRET_TEXT_SIZE];
    char issuer[CONFIG_TEXT_MAX]; /* that the browser brought; "": none */
    char code[OIDC_CODE_MAX];
    struct oidc_finished finished;
    void (*done)(void *context, const struct oidc_finished *finished);
    void *context;
};

/* RFC 9207: another provider's answer is not taken for this one's. */
static enum status check_issuer(struct finish_job *job)
{
    struct oidc_discovery discovery;
    const char *issuer = job->oidc->client.issuer;
    TRY(oidc_provider_discover(&job->oidc->provider, &discovery, &job->error));
    bool named = job->issuer[0] != '\0';
    bool right = named ? strcmp(job->issuer, issuer) == 0 : !discovery.says_issuer;
    return right ? STATUS_OK : ERROR(&job->error, STATUS_BAD_INPUT, "what the browser brought back is of another provider (iss)");
}

static void finish_work(void *memory)
{
    struct finish_job *job = memory;
    const struct oidc_exchange exchange = { job->code, job->verifier, job->nonce };
    job->status = check_issuer(job);
    if (job->status == STATUS_OK) {
        job->status = oidc_provider_redeem(&job->oidc->provider, &exchange, &job->finished.claims, &job->error);
    }
    if (job->status != STATUS_OK) {
        LOG(LOG_WARNING, "oidc", "a sign-in by the identity provider came to nothing", LOG_TEXT("why", job->error.text));
    }
}

static void end_finish(struct finish_job *job, enum oidc_outcome outcome, const char *why)
{
    job->finished.outcome = outcome;
    (void)snprintf(job->finished.why, sizeof job->finished.why, "%.255s", why);
    job->done(job->context, &job->finished);
    secret_wipe(job, sizeof *job);
    free(job);
}

/* Whatever came of it, the code is used: only who owes a one-time code comes back to the attempt (oidc_keep). */
static void finish_done(void *memory)
{
    struct finish_job *job = memory;
    if (job->status == STATUS_OK) {
        end_finish(job, OIDC_DONE, "");
        return;
    }
    oidc_forget(job->oidc, job->state);
    if (job->status == STATUS_FULL) {
        end_finish(job, OIDC_BUSY, "there is too much to do");
    } else {
        bool silent = job->status == STATUS_IO || job->status == STATUS_NO_MEMORY;
        end_finish(job, silent ? OIDC_SILENT : OIDC_NOT_BELIEVED, job->error.text);
    }
}

/* What was kept of the person; the attempt goes on. */
static void finish_kept(struct finish_job *job, const struct oidc_attempt *attempt)
{
    memcpy(job->finished.claims.account, attempt->account, sizeof attempt->account);
    memcpy(job->finished.claims.subject, attempt->subject, sizeof attempt->subject);
    job->finished.claims.second_factor = attempt->second_factor;
    job->finished.kept = true;
    end_finish(job, OIDC_DONE, "");
}

static void ask_what_it_is_worth(struct finish_job *job, struct oidc_attempt *attempt, const struct oidc_return *came)
{
    attempt->phase = OIDC_ASKING;
    memcpy(job->nonce, attempt->nonce, sizeof job->nonce);
    memcpy(job->verifier, attempt->verifier, sizeof job->verifier);
    (void)snprintf(job->state, sizeof job->state, "%s", came->state);
    (void)snprintf(job->issuer, sizeof job->issuer, "%s", came->issuer != NULL ? came->issuer : "");
    (void)snprintf(job->code, sizeof job->code, "%s", came->code);
    if (!workers_give(job->oidc->workers, finish_work, finish_done, job)) {
        finish_done(job);
    }
}

void oidc_finish(struct oidc *oidc, const struct oidc_return *came,
                 void (*done)(void *context, const struct oidc_finished *finished), void *context)
{
    struct finish_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    job->oidc = oidc;
    job->status = STATUS_FULL;
    job->done = done;
    job->context = context;
    bool told = came->state != NULL && came->browser != NULL;
    struct oidc_attempt *attempt = told ? oidc_attempts_find(oidc->attempts, came->state, came->browser, clock_monotonic_us())
                                        : NULL;
    if (attempt != NULL && attempt->phase == OIDC_KEPT && came->code == NULL) {
        finish_kept(job, attempt);
    } else if (attempt == NULL || attempt->phase != OIDC_AWAY) {
        end_finish(job, OIDC_OVER, "the attempt is unknown, used, too old, or another browser's");
    } else if (came->code == NULL || strlen(came->code) >= sizeof job->code) {
        oidc_attempts_end(attempt);
        end_finish(job, OIDC_DECLINED, "the provider signed nobody in");
    } else {
        ask_what_it_is_worth(job, attempt, came);
    }
}

void oidc_keep(struct oidc *oidc, const char *state, const char *browser, const struct oidc_claims *claims)
{
    struct oidc_attempt *attempt = oidc_attempts_find(oidc->attempts, state, browser, clock_monotonic_us());
    if (attempt != NULL) {
        attempt->phase = OIDC_KEPT;
        attempt->second_factor = claims->second_factor;
        memcpy(attempt->account, claims->account, sizeof attempt->account);
        memcpy(attempt->subject, claims->subject, sizeof attempt->subject);
    }
}

void oidc_forget(struct oidc *oidc, const char *state)
{
    struct oidc_attempt *attempt = oidc_attempts_find(oidc->attempts, state, NULL, clock_monotonic_us());
    if (attempt != NULL) {
        oidc_attempts_end(attempt);
    }
}

/* ---- signing out ---- */

bool oidc_sign_out_address(struct oidc *oidc, char address[OIDC_ADDRESS_SIZE])
{
    struct oidc_discovery discovery;
    struct text out;
    if (!oidc_provider_known(&oidc->provider, &discovery) || discovery.end_session_endpoint[0] == '\0') {
        return false;
    }
    begin_address(&out, discovery.end_session_endpoint);
    oidc_form_put(&out, "client_id", oidc->client.id);
    oidc_form_put(&out, "post_logout_redirect_uri", oidc->client.farewell_address);
    bool fits = copy_address(&out, address);
    text_free(&out);
    return fits;
}
