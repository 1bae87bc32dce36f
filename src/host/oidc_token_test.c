/* Keys and tokens: the examples of RFC 7515, and tokens that libcrypto signs here, each wrong in one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <sodium/utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/oidc_key.h"
#include "host/oidc_token.h"

enum { TEXT = 8192, NOW_S = 1800000000 };

static const char ISSUER[] = "https://id.city.example", CLIENT[] = "mingdi-120", NONCE[] = "a-nonce-of-this-attempt";

static void encode(const void *bytes, size_t size, char *text, size_t room)
{
    assert_non_null(sodium_bin2base64(text, room, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

/* ---- RFC 7515, appendices A.2 and A.3 ---- */

static const char RFC_PAYLOAD[] =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
static const char RFC_RSA[] =
    "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
    "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs"
    "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs9"
    "1kzk2PAcDTW9gb54h4FRWyuXpoQ\"}]}";
static const char RFC_RSA_SIGNATURE[] =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKB"
    "YNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6Bf"
    "I7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
static const char RFC_EC[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                             "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
static const char RFC_EC_SIGNATURE[] = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

static struct oidc_keys *read_keys(const char *text)
{
    struct oidc_keys *keys = NULL;
    struct error error = { .text = "" };
    assert_int_equal(oidc_keys_read(text, strlen(text), &keys, &error), STATUS_OK);
    return keys;
}

/* A signature that is right lets the claims be looked at: those of the RFC name another issuer. */
static void expect_of_rfc(const char *set, const char *header, const char *signature, const char *wanted)
{
    char token[TEXT], head[256];
    struct error error = { .text = "" };
    struct oidc_claims claims;
    const struct oidc_expected expected = { ISSUER, CLIENT, NONCE, "sub", "", { 0 } };
    struct oidc_keys *keys = read_keys(set);
    assert_int_equal(oidc_keys_count(keys), 1);
    encode(header, strlen(header), head, sizeof head);
    (void)snprintf(token, sizeof token, "%s.%s.%s", head, RFC_PAYLOAD, signature);
    assert_int_equal(oidc_token_verify(token, keys, &expected, &claims, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, wanted));
    oidc_keys_free(keys);
}

static void examples_of_the_rfc(void **state)
{
    (void)state;
    expect_of_rfc(RFC_RSA, "{\"alg\":\"RS256\"}", RFC_RSA_SIGNATURE, "another issuer");
    expect_of_rfc(RFC_EC, "{\"alg\":\"ES256\"}", RFC_EC_SIGNATURE, "another issuer");
    expect_of_rfc(RFC_RSA, "{\"alg\": \"RS256\"}", RFC_RSA_SIGNATURE, "signature");
    expect_of_rfc(RFC_EC, "{\"alg\": \"ES256\"}", RFC_EC_SIGNATURE, "signature");
}

/* ---- a provider of our own ---- */

struct provider {
    EVP_PKEY *key;
    bool is_rsa;
    char set[TEXT];
    struct oidc_keys *keys;
};

static void number_of(EVP_PKEY *key, const char *name, char *text, size_t room)
{
    BIGNUM *number = NULL;
    unsigned char bytes[1024];
    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
    bool coordinate = strcmp(name, OSSL_PKEY_PARAM_RSA_N) != 0 && strcmp(name, OSSL_PKEY_PARAM_RSA_E) != 0;
    int size = coordinate ? BN_bn2binpad(number, bytes, 32) : BN_bn2bin(number, bytes);
    BN_free(number);
    encode(bytes, (size_t)size, text, room);
}

static void open_provider(struct provider *provider, bool is_rsa, const char *kid)
{
    char first[TEXT / 4], second[TEXT / 4];
    provider->is_rsa = is_rsa;
    provider->key = is_rsa ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    assert_non_null(provider->key);
    number_of(provider->key, is_rsa ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X, first, sizeof first);
    number_of(provider->key, is_rsa ? OSSL_PKEY_PARAM_RSA_E : OSSL_PKEY_PARAM_EC_PUB_Y, second, sizeof second);
    (void)snprintf(provider->set, sizeof provider->set,
                   is_rsa ? "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"%s\",\"use\":\"sig\",\"n\":\"%s\",\"e\":\"%s\"}]}"
                          : "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}]}",
                   kid, first, second);
    provider->keys = read_keys(provider->set);
    assert_int_equal(oidc_keys_count(provider->keys), 1);
}

static void close_provider(struct provider *provider)
{
    EVP_PKEY_free(provider->key);
    oidc_keys_free(provider->keys);
}

/* r and s of an ECDSA signature in DER, 32 bytes each. */
static size_t pair_of(const unsigned char *der, size_t size, unsigned char pair[64])
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)size);
    assert_non_null(signature);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(signature), pair, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(signature), pair + 32, 32), 32);
    ECDSA_SIG_free(signature);
    return 64;
}

static void sign(const struct provider *provider, const char *header, const char *claims, char token[TEXT])
{
    char head[512], body[TEXT / 2], tail[1024];
    unsigned char signature[512];
    size_t size = sizeof signature;
    encode(header, strlen(header), head, sizeof head);
    encode(claims, strlen(claims), body, sizeof body);
    (void)snprintf(token, TEXT, "%s.%s", head, body);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, provider->key), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &size, (const unsigned char *)token, strlen(token)), 1);
    EVP_MD_CTX_free(context);
    unsigned char pair[64];
    size = provider->is_rsa ? size : pair_of(signature, size, pair);
    encode(provider->is_rsa ? signature : pair, size, tail, sizeof tail);
    (void)snprintf(token, TEXT, "%s.%s.%s", head, body, tail);
}

static enum status verify(const struct provider *provider, const char *token, const char *claim, struct oidc_claims *claims,
                          struct error *error)
{
    const struct oidc_expected expected = { ISSUER, CLIENT, NONCE, claim, "groups", { NOW_S * INT64_C(1000000) } };
    return oidc_token_verify(token, provider->keys, &expected, claims, error);
}

#define COMMON "\"iss\":\"https://id.city.example\",\"sub\":\"u-1\",\"nonce\":\"a-nonce-of-this-attempt\","
#define TIMES "\"exp\":1800000300,\"iat\":1800000000,"
#define FOR_US "\"aud\":\"mingdi-120\","

static void a_right_token(void **state)
{
    (void)state;
    for (int is_rsa = 0; is_rsa < 2; is_rsa++) {
        struct provider provider;
        struct oidc_claims claims;
        struct error error = { .text = "" };
        char token[TEXT];
        open_provider(&provider, is_rsa == 1, "one");
        sign(&provider, is_rsa == 1 ? "{\"alg\":\"RS256\",\"kid\":\"one\"}" : "{\"alg\":\"ES256\"}",
             "{" COMMON TIMES FOR_US
             "\"preferred_username\":\"wang\",\"amr\":[\"pwd\",\"otp\"],\"groups\":[\"desk\",7,\"chiefs\"]}",
             token);
        assert_int_equal(verify(&provider, token, "preferred_username", &claims, &error), STATUS_OK);
        assert_string_equal(claims.account, "wang");
        assert_true(claims.second_factor);
        assert_int_equal(claims.group_count, 2);
        assert_string_equal(claims.groups[1], "chiefs");
        close_provider(&provider);
    }
}

static void each_claim_is_looked_at(void **state)
{
    static const struct {
        const char *claims, *wanted; /* NULL: it is taken */
    } cases[] = {
        { "{" COMMON TIMES FOR_US "\"name\":\"wang\"}", NULL },
        { "{" COMMON TIMES "\"aud\":[\"mingdi-120\"],\"name\":\"wang\"}", NULL },
        { "{" COMMON TIMES "\"aud\":[\"mingdi-120\",\"other\"],\"azp\":\"mingdi-120\",\"name\":\"wang\"}", NULL },
        { "{" COMMON TIMES "\"aud\":[\"mingdi-120\",\"other\"],\"name\":\"wang\"}", "not for this centre" },
        { "{" COMMON TIMES FOR_US "\"azp\":\"other\",\"name\":\"wang\"}", "not for this centre" },
        { "{" COMMON TIMES "\"aud\":\"mingdi-1200\",\"name\":\"wang\"}", "not for this centre" },
        { "{" COMMON TIMES "\"aud\":[],\"name\":\"wang\"}", "not for this centre" },
        { "{" COMMON TIMES "\"name\":\"wang\"}", "not for this centre" },
        { "{" COMMON FOR_US "\"exp\":1799999941,\"iat\":1799999900,\"name\":\"wang\"}", NULL },
        { "{" COMMON FOR_US "\"exp\":1799999940,\"iat\":1799999900,\"name\":\"wang\"}", "has expired" },
        { "{" COMMON FOR_US "\"exp\":1800000300,\"iat\":1800000061,\"name\":\"wang\"}", "another time" },
        { "{" COMMON FOR_US "\"exp\":1800000300,\"iat\":1799999339,\"name\":\"wang\"}", "another time" },
        { "{" COMMON FOR_US "\"exp\":1800000300,\"name\":\"wang\"}", "how long" },
        { "{" COMMON FOR_US "\"iat\":1800000000,\"name\":\"wang\"}", "how long" },
        { "{" COMMON FOR_US "\"exp\":\"1800000300\",\"iat\":1800000000,\"name\":\"wang\"}", "how long" },
        { "{" COMMON TIMES FOR_US "\"nbf\":1800000060,\"name\":\"wang\"}", NULL },
        { "{" COMMON TIMES FOR_US "\"nbf\":1800000061,\"name\":\"wang\"}", "not hold yet" },
        { "{" COMMON TIMES FOR_US "\"nbf\":null,\"name\":\"wang\"}", "how long" },
        { "{" COMMON TIMES FOR_US "\"name\":\"\"}", "no claim name" },
        { "{" COMMON TIMES FOR_US "\"name\":7}", "no claim name" },
        { "{" COMMON TIMES FOR_US "\"other\":\"wang\"}", "no claim name" },
        { "{\"iss\":\"https://id.city.example\",\"sub\":\"u-1\"," TIMES FOR_US "\"name\":\"wang\"}", "nonce" },
        { "{\"iss\":\"https://id.city.example\",\"sub\":\"u-1\",\"nonce\":\"a-nonce-of-that-attempt\"," TIMES FOR_US
          "\"name\":\"wang\"}",
          "nonce" },
        { "{\"iss\":\"https://id.city.example/\",\"sub\":\"u-1\",\"nonce\":\"a-nonce-of-this-attempt\"," TIMES FOR_US
          "\"name\":\"wang\"}",
          "another issuer" },
        { "{\"iss\":\"https://id.city.example\",\"nonce\":\"a-nonce-of-this-attempt\"," TIMES FOR_US "\"name\":\"wang\"}",
          "sub" },
        { "{" COMMON TIMES FOR_US "\"name\":\"wang\",\"name\":\"li\"}", "cannot be read" },
        { "[]", "cannot be read" },
    };
    (void)state;
    struct provider provider;
    char token[TEXT];
    open_provider(&provider, false, "one");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct oidc_claims claims;
        struct error error = { .text = "" };
        sign(&provider, "{\"alg\":\"ES256\",\"kid\":\"one\"}", cases[i].claims, token);
        enum status status = verify(&provider, token, "name", &claims, &error);
        assert_int_equal(status, cases[i].wanted == NULL ? STATUS_OK : STATUS_BAD_INPUT);
        if (cases[i].wanted != NULL && strstr(error.text, cases[i].wanted) == NULL) {
            fail_msg("%s: %s", cases[i].claims, error.text);
        }
    }
    close_provider(&provider);
}

static void an_address_counts_only_verified(void **state)
{
    (void)state;
    struct provider provider;
    struct oidc_claims claims;
    struct error error = { .text = "" };
    char token[TEXT];
    open_provider(&provider, false, "one");
    sign(&provider, "{\"alg\":\"ES256\"}", "{" COMMON TIMES FOR_US "\"email\":\"wang@city.example\"}", token);
    assert_int_equal(verify(&provider, token, "email", &claims, &error), STATUS_BAD_INPUT);
    sign(&provider, "{\"alg\":\"ES256\"}", "{" COMMON TIMES FOR_US "\"email\":\"wang@city.example\",\"email_verified\":true}",
         token);
    assert_int_equal(verify(&provider, token, "email", &claims, &error), STATUS_OK);
    assert_false(claims.second_factor);
    close_provider(&provider);
}

/* The public key as the secret of an HMAC: what a library that trusts alg would take. */
static void hmac_by_the_public_key(const char *set, char token[TEXT])
{
    static const char claims[] = "{" COMMON TIMES FOR_US "\"name\":\"wang\"}";
    char head[256], body[1024], tail[64];
    unsigned char mac[32];
    unsigned int size = sizeof mac;
    encode("{\"alg\":\"HS256\",\"kid\":\"one\"}", strlen("{\"alg\":\"HS256\",\"kid\":\"one\"}"), head, sizeof head);
    encode(claims, strlen(claims), body, sizeof body);
    (void)snprintf(token, TEXT, "%s.%s", head, body);
    assert_non_null(HMAC(EVP_sha256(), set, (int)strlen(set), (const unsigned char *)token, strlen(token), mac, &size));
    encode(mac, sizeof mac, tail, sizeof tail);
    (void)snprintf(token, TEXT, "%s.%s.%s", head, body, tail);
}

static void expect(const struct provider *provider, const char *token, enum status wanted)
{
    struct oidc_claims claims;
    struct error error = { .text = "" };
    assert_int_equal(verify(provider, token, "name", &claims, &error), wanted);
}

static void forged_signatures(void **state)
{
    static const char claims[] = "{" COMMON TIMES FOR_US "\"name\":\"wang\"}";
    (void)state;
    struct provider provider, rsa, stranger;
    char token[TEXT], none[TEXT];
    open_provider(&provider, false, "one");
    open_provider(&rsa, true, "one");
    open_provider(&stranger, false, "one");
    sign(&provider, "{\"alg\":\"ES256\",\"kid\":\"one\"}", claims, token);
    expect(&provider, token, STATUS_OK);
    expect(&stranger, token, STATUS_BAD_INPUT);
    expect(&rsa, token, STATUS_NOT_FOUND); /* its key of that name serves another algorithm */
    sign(&provider, "{\"alg\":\"RS256\",\"kid\":\"one\"}", claims, token);
    expect(&rsa, token, STATUS_BAD_INPUT);
    sign(&provider, "{\"alg\":\"ES256\",\"kid\":\"two\"}", claims, token);
    expect(&provider, token, STATUS_NOT_FOUND);
    sign(&provider, "{\"alg\":\"ES256\",\"kid\":\"one\",\"crit\":[\"b64\"],\"b64\":false}", claims, token);
    expect(&provider, token, STATUS_BAD_INPUT);
    sign(&provider, "{\"alg\":\"none\"}", claims, token);
    expect(&provider, token, STATUS_BAD_INPUT);
    (void)snprintf(none, sizeof none, "%.*s", (int)(strrchr(token, '.') + 1 - token), token);
    expect(&provider, none, STATUS_BAD_INPUT);
    hmac_by_the_public_key(provider.set, token);
    expect(&provider, token, STATUS_BAD_INPUT);
    close_provider(&provider);
    close_provider(&rsa);
    close_provider(&stranger);
}

/* Whatever byte is changed: the token is not taken. */
static void a_changed_byte(void **state)
{
    (void)state;
    struct provider provider;
    char token[TEXT];
    open_provider(&provider, false, "one");
    sign(&provider, "{\"alg\":\"ES256\",\"kid\":\"one\"}", "{" COMMON TIMES FOR_US "\"name\":\"wang\"}", token);
    expect(&provider, token, STATUS_OK);
    for (size_t i = 0; token[i] != '\0'; i++) {
        struct oidc_claims claims;
        struct error error = { .text = "" };
        char before = token[i];
        token[i] = before == 'A' ? 'B' : 'A';
        assert_int_not_equal(verify(&provider, token, "name", &claims, &error), STATUS_OK);
        token[i] = before;
    }
    close_provider(&provider);
}

static void keys_that_are_left_out(void **state)
{
    static const char *const sets[] = {
        "{\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"},7,{}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", /* 17 bits */
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}]}", /* not on the curve */
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"enc\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        struct oidc_keys *keys = read_keys(sets[i]);
        assert_int_equal(oidc_keys_count(keys), 0);
        oidc_keys_free(keys);
    }
    struct oidc_keys *keys = read_keys("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
                                       "\"AH_Nzidw9sRdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF\",\"y\":"
                                       "\"AMfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\"}]}"); /* a zero byte before each */
    assert_int_equal(oidc_keys_count(keys), 1);
    oidc_keys_free(keys);
    struct error error = { .text = "" };
    assert_int_equal(oidc_keys_read("{}", 2, &keys, &error), STATUS_BAD_INPUT);
    assert_int_equal(oidc_keys_read("{", 1, &keys, &error), STATUS_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_rfc),     cmocka_unit_test(a_right_token),
        cmocka_unit_test(each_claim_is_looked_at), cmocka_unit_test(an_address_counts_only_verified),
        cmocka_unit_test(forged_signatures),       cmocka_unit_test(a_changed_byte),
        cmocka_unit_test(keys_that_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
