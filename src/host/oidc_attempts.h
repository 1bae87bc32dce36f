/* The attempts to sign in by an identity provider that are under way. Bounded: the oldest makes room. I/O thread only. */
#ifndef MINGDI_HOST_OIDC_ATTEMPTS_H
#define MINGDI_HOST_OIDC_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/oidc_token.h"
#include "host/secret.h"

enum oidc_phase {
    OIDC_FREE,
    OIDC_AWAY,   /* the browser is with the provider */
    OIDC_ASKING, /* the provider is asked what the code is worth */
    OIDC_KEPT,   /* the person is known and owes a one-time code */
};

struct oidc_attempt {
    enum oidc_phase phase;
    unsigned char state_hash[SECRET_HASH_SIZE], browser_hash[SECRET_HASH_SIZE];
    char nonce[SECRET_TEXT_SIZE], verifier[SECRET_TEXT_SIZE];
    int64_t until_us; /* monotonic */
    char account[OIDC_ACCOUNT_SIZE], subject[OIDC_SUBJECT_SIZE];
    bool second_factor;
};

struct oidc_attempts;

struct oidc_attempts *oidc_attempts_create(uint32_t maximum);
void oidc_attempts_destroy(struct oidc_attempts *attempts);
/* A new one; state and browser are its secrets, told once. */
struct oidc_attempt *oidc_attempts_add(struct oidc_attempts *attempts, int64_t now_us, int64_t until_us,
                                       char state[SECRET_TEXT_SIZE], char browser[SECRET_TEXT_SIZE]);
/* NULL: unknown, over, or of another browser. browser NULL: not looked at. */
struct oidc_attempt *oidc_attempts_find(struct oidc_attempts *attempts, const char *state, const char *browser, int64_t now_us);
void oidc_attempts_end(struct oidc_attempt *attempt);

#endif
