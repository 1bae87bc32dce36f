/* Hostile bytes as a provider's keys and as a token: the input is a set of keys, a zero byte, and a token. Nothing that is not
 * signed by a key of the set is taken, and what is taken names an account. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/oidc_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The token ends in a zero byte, in memory that is exactly as long as it is. */
static void try_token(const struct oidc_keys *keys, const uint8_t *bytes, size_t size)
{
    static const struct oidc_expected expected = {
        "https://id.city.example", "mingdi-120", "a-nonce-of-this-attempt", "name", "groups", { 1800000000 * INT64_C(1000000) }
    };
    struct oidc_claims claims;
    struct error error = { .text = "" };
    char *token = malloc(size + 1);
    CHECK(token != NULL);
    memcpy(token, bytes, size);
    token[size] = '\0';
    if (oidc_token_verify(token, keys, &expected, &claims, &error) == STATUS_OK) {
        CHECK(oidc_keys_count(keys) > 0 && claims.account[0] != '\0' && claims.group_count <= OIDC_GROUPS_MAX);
    }
    free(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct oidc_keys *keys = NULL;
    struct error error = { .text = "" };
    const uint8_t *zero = size > 0 ? memchr(bytes, 0, size) : NULL;
    size_t length = zero != NULL ? (size_t)(zero - bytes) : size;
    char *set = malloc(length + 1);
    CHECK(set != NULL);
    memcpy(set, bytes, length);
    if (oidc_keys_read(set, length, &keys, &error) == STATUS_OK) {
        CHECK(oidc_keys_count(keys) <= OIDC_KEYS_MAX);
        try_token(keys, zero != NULL ? zero + 1 : bytes, zero != NULL ? size - length - 1 : size);
        oidc_keys_free(keys);
    }
    free(set);
    return 0;
}
