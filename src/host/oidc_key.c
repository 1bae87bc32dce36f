/* Keys are made from their numbers by EVP_PKEY_fromdata, so that no PEM or DER of a stranger is ever read. A few microseconds
 * a key, 50 to 100 a signature. */
#include "host/oidc_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192, EXPONENT_BYTES_MAX = 8, P256_BYTES = 32, POINT_BYTES = 1 + 2 * P256_BYTES };

const char *const OIDC_ALGORITHM_NAMES[OIDC_ALGORITHM_COUNT] = { "RS256", "ES256" };

static EVP_PKEY *key_of(const char *kind, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (parameters == NULL || context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

/* A key whose numbers do not fit together is none. */
static EVP_PKEY *sound(EVP_PKEY *key)
{
    EVP_PKEY_CTX *context = key != NULL ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool is_sound = context != NULL && EVP_PKEY_public_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    if (!is_sound) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

EVP_PKEY *oidc_key_rsa(const unsigned char *n, size_t n_size, const unsigned char *e, size_t e_size)
{
    EVP_PKEY *key = NULL;
    if (n_size > RSA_BITS_MAX / 8 || e_size > EXPONENT_BYTES_MAX) {
        return NULL;
    }
    BIGNUM *modulus = BN_bin2bn(n, (int)n_size, NULL), *exponent = BN_bin2bn(e, (int)e_size, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (modulus != NULL && exponent != NULL && builder != NULL && BN_num_bits(modulus) >= RSA_BITS_MIN &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1) {
        key = sound(key_of("RSA", builder));
    }
    OSSL_PARAM_BLD_free(builder);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

EVP_PKEY *oidc_key_p256(const unsigned char x[P256_BYTES], const unsigned char y[P256_BYTES])
{
    EVP_PKEY *key = NULL;
    unsigned char point[POINT_BYTES] = { 4 }; /* not compressed */
    memcpy(point + 1, x, P256_BYTES);
    memcpy(point + 1 + P256_BYTES, y, P256_BYTES);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder != NULL && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1) {
        key = sound(key_of("EC", builder));
    }
    OSSL_PARAM_BLD_free(builder);
    return key;
}

void oidc_key_free(EVP_PKEY *key) { EVP_PKEY_free(key); }

static bool verifies(EVP_PKEY *key, const void *bytes, size_t size, const unsigned char *signature, size_t signature_size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool right = context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                 EVP_DigestVerify(context, signature, signature_size, bytes, size) == 1;
    EVP_MD_CTX_free(context);
    return right;
}

/* libcrypto wants r and s in DER. */
static bool verifies_pair(EVP_PKEY *key, const void *bytes, size_t size, const unsigned char *pair)
{
    bool right = false;
    unsigned char *der = NULL;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(pair, P256_BYTES, NULL), *s = BN_bin2bn(pair + P256_BYTES, P256_BYTES, NULL);
    if (signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1) {
        r = s = NULL; /* the signature's now */
        int length = i2d_ECDSA_SIG(signature, &der);
        right = length > 0 && verifies(key, bytes, size, der, (size_t)length);
    }
    OPENSSL_free(der);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return right;
}

bool oidc_key_verifies(EVP_PKEY *key, enum oidc_algorithm algorithm, const void *signed_bytes, size_t size,
                       const unsigned char *signature, size_t signature_size)
{
    if (algorithm == OIDC_ES256) {
        return signature_size == 2 * P256_BYTES && verifies_pair(key, signed_bytes, size, signature);
    }
    return signature_size == (size_t)EVP_PKEY_get_size(key) && verifies(key, signed_bytes, size, signature, signature_size);
}
