/* The documents of an identity provider but for its tokens and keys: what it publishes of itself (OpenID Connect Discovery 1.0,
 * RFC 8414), and what its token endpoint answers (RFC 6749, section 5). Bytes of both may be hostile. Any thread.
 *
 * Addresses must be https; http is taken only where the issuer is http on the loopback itself. */
#ifndef MINGDI_HOST_OIDC_DOCUMENT_H
#define MINGDI_HOST_OIDC_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

enum { OIDC_URL_SIZE = 512 };

struct oidc_discovery {
    char authorization_endpoint[OIDC_URL_SIZE], token_endpoint[OIDC_URL_SIZE], jwks_uri[OIDC_URL_SIZE];
    char end_session_endpoint[OIDC_URL_SIZE]; /* "": it has none */
    bool secret_in_body;                      /* the token endpoint takes the client's secret in the body only */
    bool says_issuer;                         /* what a browser brings back names the issuer (RFC 9207) */
};

/* Whether the address may be asked: https, or http on the loopback; without user, fragment, blanks and control characters. */
bool oidc_url_is_fine(const char *url);
bool oidc_url_is_local(const char *url); /* http://127.0.0.1, http://localhost or http://[::1] */

/* Of a document that names this very issuer; on failure *discovery is unchanged. */
enum status oidc_discovery_read(const char *bytes, size_t size, const char *issuer, struct oidc_discovery *discovery,
                                struct error *error) MUST_USE;
/* The ID token of an answer with status 200; the caller wipes and frees it. */
enum status oidc_answer_read(const char *bytes, size_t size, char **id_token, struct error *error) MUST_USE;

#endif
