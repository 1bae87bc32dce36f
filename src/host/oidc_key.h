/* Inside oidc_token.c: public keys of JWK members, and signatures by them. Thin over libcrypto. */
#ifndef MINGDI_HOST_OIDC_KEY_H
#define MINGDI_HOST_OIDC_KEY_H

#include <stdbool.h>
#include <stddef.h>

enum oidc_algorithm { OIDC_RS256, OIDC_ES256, OIDC_ALGORITHM_COUNT };
extern const char *const OIDC_ALGORITHM_NAMES[OIDC_ALGORITHM_COUNT];

struct evp_pkey_st; /* EVP_PKEY of libcrypto */

/* Big-endian numbers. NULL: not a key that is taken: RSA of 2048 to 8192 bits, a point of the curve P-256. */
struct evp_pkey_st *oidc_key_rsa(const unsigned char *n, size_t n_size, const unsigned char *e, size_t e_size);
struct evp_pkey_st *oidc_key_p256(const unsigned char x[32], const unsigned char y[32]);
void oidc_key_free(struct evp_pkey_st *key);
/* The signature as JWS has it: of ES256 r and s, 32 bytes each. */
bool oidc_key_verifies(struct evp_pkey_st *key, enum oidc_algorithm algorithm, const void *signed_bytes, size_t size,
                       const unsigned char *signature, size_t signature_size);

#endif
