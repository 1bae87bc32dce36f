/* What an identity provider says of a person: an ID token of OpenID Connect (Core 1.0, sections 2 and 3.1.3.7), a JWS in its
 * compact form (RFC 7515), held against the provider's public keys (a JWK set, RFC 7517). Bytes of both may be hostile.
 *
 * Taken: RS256 and ES256, each by a key of its own kind only; nothing else, "none" and HMAC least of all. A token that names
 * critical header members is refused, for none is known here. No text of a token is in an error.
 *
 * Workload: a token of 1 KB at each sign-in; a set of 1 to 4 keys. Any thread. */
#ifndef MINGDI_HOST_OIDC_TOKEN_H
#define MINGDI_HOST_OIDC_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "base/time.h"

enum {
    OIDC_TOKEN_MAX = 16 * 1024, /* bytes of a token */
    OIDC_KEYS_MAX = 32,         /* of a set; those beyond it are left out */
    OIDC_ACCOUNT_SIZE = 256,    /* of the claim that names the account */
    OIDC_SUBJECT_SIZE = 256,    /* of the claim sub */
    OIDC_GROUPS_MAX = 64,
    OIDC_GROUP_SIZE = 128,
    OIDC_SKEW_S = 60, /* by which the clocks of both may differ */
    OIDC_AGE_MAX_S = 600,
};

struct oidc_keys;

/* Keys that are of another kind, for encryption, too short or broken are left out; BAD_INPUT where no set can be read at all. */
enum status oidc_keys_read(const char *bytes, size_t size, struct oidc_keys **keys, struct error *error) MUST_USE;
void oidc_keys_free(struct oidc_keys *keys);
size_t oidc_keys_count(const struct oidc_keys *keys);

/* What a token is held against. */
struct oidc_expected {
    const char *issuer, *client_id, *nonce;
    const char *account_claim; /* "email" counts only with email_verified */
    const char *groups_claim;  /* "": none is read */
    struct instant now;
};

struct oidc_claims {
    char account[OIDC_ACCOUNT_SIZE];
    char subject[OIDC_SUBJECT_SIZE]; /* who it is with this issuer, whatever the account's name */
    bool second_factor;              /* amr has mfa, otp, hwk or sc (RFC 8176) */
    size_t group_count;
    char groups[OIDC_GROUPS_MAX][OIDC_GROUP_SIZE]; /* longer ones, and those beyond, are left out */
};

/* NOT_FOUND: signed by a key that is not in the set: fetched anew, it may be. BAD_INPUT: it is not to be believed. */
enum status oidc_token_verify(const char *token, const struct oidc_keys *keys, const struct oidc_expected *expected,
                              struct oidc_claims *claims, struct error *error) MUST_USE;

#endif
