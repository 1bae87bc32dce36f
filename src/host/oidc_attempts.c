/* Some tens at once, looked through one after the other: a sign-in is rare beside everything else. */
#include "host/oidc_attempts.h"

#include <stdlib.h>
#include <string.h>

struct oidc_attempts {
    uint32_t count;
    struct oidc_attempt places[];
};

struct oidc_attempts *oidc_attempts_create(uint32_t maximum)
{
    struct oidc_attempts *attempts = calloc(1, sizeof *attempts + maximum * sizeof attempts->places[0]);
    if (attempts != NULL) {
        attempts->count = maximum;
    }
    return attempts;
}

void oidc_attempts_end(struct oidc_attempt *attempt) { secret_wipe(attempt, sizeof *attempt); }

void oidc_attempts_destroy(struct oidc_attempts *attempts)
{
    if (attempts != NULL) {
        secret_wipe(attempts->places, attempts->count * sizeof attempts->places[0]);
    }
    free(attempts);
}

/* A free place, or one that is over, or that of the attempt which would be over first. */
static struct oidc_attempt *find_place(struct oidc_attempts *attempts, int64_t now_us)
{
    struct oidc_attempt *oldest = &attempts->places[0];
    for (uint32_t i = 0; i < attempts->count; i++) {
        struct oidc_attempt *attempt = &attempts->places[i];
        if (attempt->phase == OIDC_FREE || attempt->until_us <= now_us) {
            return attempt;
        }
        oldest = attempt->until_us < oldest->until_us ? attempt : oldest;
    }
    return oldest;
}

struct oidc_attempt *oidc_attempts_add(struct oidc_attempts *attempts, int64_t now_us, int64_t until_us,
                                       char state[SECRET_TEXT_SIZE], char browser[SECRET_TEXT_SIZE])
{
    struct oidc_attempt *attempt = find_place(attempts, now_us);
    oidc_attempts_end(attempt);
    secret_text(state);
    secret_text(browser);
    secret_text(attempt->nonce);
    secret_text(attempt->verifier);
    secret_hash(state, strlen(state), NULL, attempt->state_hash);
    secret_hash(browser, strlen(browser), NULL, attempt->browser_hash);
    attempt->phase = OIDC_AWAY;
    attempt->until_us = until_us;
    return attempt;
}

struct oidc_attempt *oidc_attempts_find(struct oidc_attempts *attempts, const char *state, const char *browser, int64_t now_us)
{
    unsigned char state_hash[SECRET_HASH_SIZE], browser_hash[SECRET_HASH_SIZE] = { 0 };
    secret_hash(state, strlen(state), NULL, state_hash);
    if (browser != NULL) {
        secret_hash(browser, strlen(browser), NULL, browser_hash);
    }
    for (uint32_t i = 0; i < attempts->count; i++) {
        struct oidc_attempt *attempt = &attempts->places[i];
        if (attempt->phase != OIDC_FREE && attempt->until_us > now_us &&
            secret_equal(attempt->state_hash, state_hash, sizeof state_hash)) {
            bool own = browser == NULL || secret_equal(attempt->browser_hash, browser_hash, sizeof browser_hash);
            return own ? attempt : NULL;
        }
    }
    return NULL;
}
