/* Header, claims and signature are each decoded once into memory of the token's own size. The signature is looked at before any
 * claim is; a set of keys is a plain array, looked through from its beginning. */
#include "host/oidc_token.h"

#include <math.h>
#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/oidc_key.h"
#include "host/secret.h"
#include "wire/parse.h"

enum { KID_SIZE = 128, NUMBER_BYTES_MAX = 1024, EXPONENT_MAX = 64, COORDINATE = 32 };

struct key {
    struct evp_pkey_st *key;
    enum oidc_algorithm algorithm; /* the one that it serves */
    char kid[KID_SIZE];            /* "": none */
};

struct oidc_keys {
    size_t count;
    struct key keys[OIDC_KEYS_MAX];
};

/* Of what is written in base64url without padding; 0: it is not, or does not fit. */
static size_t decode(const char *text, size_t length, unsigned char *bytes, size_t room)
{
    size_t size = 0;
    const char *end = NULL;
    bool whole = sodium_base642bin(bytes, room, text, length, NULL, &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    return whole && end == text + length ? size : 0;
}

static const char *text_of(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name)); /* NULL unless it is a text; jansson takes no zero bytes in it */
}

static bool is_text(json_t *object, const char *name, const char *wanted)
{
    const char *text = text_of(object, name);
    return text != NULL && strcmp(text, wanted) == 0;
}

/* ---- keys ---- */

static size_t decode_member(json_t *object, const char *name, unsigned char *bytes, size_t room)
{
    const char *text = text_of(object, name);
    return text != NULL ? decode(text, strlen(text), bytes, room) : 0;
}

static struct evp_pkey_st *read_rsa(json_t *object)
{
    unsigned char n[NUMBER_BYTES_MAX], e[EXPONENT_MAX];
    size_t n_size = decode_member(object, "n", n, sizeof n), e_size = decode_member(object, "e", e, sizeof e);
    return n_size != 0 && e_size != 0 ? oidc_key_rsa(n, n_size, e, e_size) : NULL;
}

/* 32 bytes (RFC 7518, section 6.2.1.2); some providers put a zero byte before them. */
static bool read_coordinate(json_t *object, const char *name, unsigned char coordinate[COORDINATE])
{
    unsigned char bytes[COORDINATE + 1];
    size_t size = decode_member(object, name, bytes, sizeof bytes);
    bool longer = size == sizeof bytes && bytes[0] == 0;
    if (size == COORDINATE || longer) {
        memcpy(coordinate, bytes + longer, COORDINATE);
    }
    return size == COORDINATE || longer;
}

static struct evp_pkey_st *read_p256(json_t *object)
{
    unsigned char x[COORDINATE], y[COORDINATE];
    bool whole = is_text(object, "crv", "P-256") && read_coordinate(object, "x", x) && read_coordinate(object, "y", y);
    return whole ? oidc_key_p256(x, y) : NULL;
}

/* One of use "enc", or of an algorithm that is not taken here, signs no ID token. */
static void read_key(json_t *object, struct oidc_keys *keys)
{
    struct key key = { .algorithm = is_text(object, "kty", "EC") ? OIDC_ES256 : OIDC_RS256 };
    const char *kid = text_of(object, "kid");
    bool is_kind = key.algorithm == OIDC_ES256 || is_text(object, "kty", "RSA");
    bool signs = json_object_get(object, "use") == NULL || is_text(object, "use", "sig");
    bool fits = json_object_get(object, "alg") == NULL || is_text(object, "alg", OIDC_ALGORITHM_NAMES[key.algorithm]);
    if (!is_kind || !signs || !fits || (kid != NULL && strlen(kid) >= sizeof key.kid)) {
        return;
    }
    key.key = key.algorithm == OIDC_ES256 ? read_p256(object) : read_rsa(object);
    if (key.key != NULL) {
        (void)snprintf(key.kid, sizeof key.kid, "%s", kid != NULL ? kid : "");
        keys->keys[keys->count++] = key;
    }
}

enum status oidc_keys_read(const char *bytes, size_t size, struct oidc_keys **keys, struct error *error)
{
    json_t *root;
    if (wire_parse_object(bytes, size, &root, error) != STATUS_OK) {
        return error_prefix(error, "the provider's keys: ");
    }
    json_t *list = json_object_get(root, "keys");
    if (!json_is_array(list)) {
        json_decref(root);
        return ERROR(error, STATUS_BAD_INPUT, "the provider's keys: there is no array keys in it");
    }
    struct oidc_keys *made = calloc(1, sizeof *made);
    CHECK(made != NULL);
    for (size_t i = 0; i < json_array_size(list) && made->count < OIDC_KEYS_MAX; i++) {
        read_key(json_array_get(list, i), made);
    }
    json_decref(root);
    *keys = made;
    return STATUS_OK;
}

void oidc_keys_free(struct oidc_keys *keys)
{
    for (size_t i = 0; keys != NULL && i < keys->count; i++) {
        oidc_key_free(keys->keys[i].key);
    }
    free(keys);
}

size_t oidc_keys_count(const struct oidc_keys *keys) { return keys->count; }

/* ---- the parts of a token ---- */

struct part {
    const char *text;
    size_t length;
};

/* Three parts between two full stops. */
static bool split(const char *token, struct part parts[3])
{
    for (int i = 0; i < 3; i++) {
        size_t length = strcspn(token, ".");
        parts[i] = (struct part){ token, length };
        token += length;
        bool stops = *token == '.';
        if (length == 0 || stops != (i < 2)) {
            return false;
        }
        token += stops;
    }
    return true;
}

/* An object in JSON; the caller frees it. */
static enum status read_part(struct part part, const char *what, json_t **root, struct error *error)
{
    unsigned char *bytes = malloc(part.length);
    CHECK(bytes != NULL);
    size_t size = decode(part.text, part.length, bytes, part.length);
    struct error inner = { .text = "" };
    enum status status = size != 0 ? wire_parse_object((const char *)bytes, size, root, &inner) : STATUS_CORRUPT;
    secret_wipe(bytes, part.length);
    free(bytes);
    return status == STATUS_OK ? STATUS_OK : ERROR(error, STATUS_BAD_INPUT, "its %s cannot be read", what);
}

/* ---- the signature ---- */

static int find_algorithm(const char *name)
{
    for (int i = 0; name != NULL && i < OIDC_ALGORITHM_COUNT; i++) {
        if (strcmp(name, OIDC_ALGORITHM_NAMES[i]) == 0) {
            return i;
        }
    }
    return -1;
}

/* The header chooses among the keys by kid; which algorithm a key serves, the key itself says. */
static enum status check_signature(json_t *header, const struct part parts[3], const struct oidc_keys *keys, struct error *error)
{
    unsigned char signature[NUMBER_BYTES_MAX];
    int algorithm = find_algorithm(text_of(header, "alg"));
    const char *kid = text_of(header, "kid");
    if (algorithm < 0 || json_object_get(header, "crit") != NULL) {
        return ERROR(error, STATUS_BAD_INPUT, "its header asks for what is not taken: RS256 and ES256 are");
    }
    size_t size = decode(parts[2].text, parts[2].length, signature, sizeof signature);
    size_t signed_size = (size_t)(parts[1].text + parts[1].length - parts[0].text);
    bool tried = false;
    for (size_t i = 0; size != 0 && i < keys->count; i++) {
        const struct key *key = &keys->keys[i];
        bool named = kid == NULL || strcmp(kid, key->kid) == 0;
        if (!named || key->algorithm != (enum oidc_algorithm)algorithm) {
            continue;
        }
        tried = true;
        if (oidc_key_verifies(key->key, key->algorithm, parts[0].text, signed_size, signature, size)) {
            return STATUS_OK;
        }
    }
    return tried || size == 0 ? ERROR(error, STATUS_BAD_INPUT, "its signature is not right")
                              : ERROR(error, STATUS_NOT_FOUND, "it is signed by a key that the provider does not publish");
}

/* ---- the claims ---- */

/* A NumericDate: seconds, perhaps with a fraction. */
static bool read_time(json_t *claims, const char *name, double *seconds)
{
    json_t *value = json_object_get(claims, name);
    *seconds = json_number_value(value);
    return json_is_number(value) && isfinite(*seconds);
}

static enum status check_times(json_t *claims, struct instant now, struct error *error)
{
    double now_s = (double)now.us / 1e6, expires, issued, begins = 0;
    if (!read_time(claims, "exp", &expires) || !read_time(claims, "iat", &issued) ||
        (json_object_get(claims, "nbf") != NULL && !read_time(claims, "nbf", &begins))) {
        return ERROR(error, STATUS_BAD_INPUT, "it does not say how long it holds");
    }
    if (expires + OIDC_SKEW_S <= now_s) {
        return ERROR(error, STATUS_BAD_INPUT, "it has expired: if it is fresh, the clocks of the two machines differ");
    }
    if (json_object_get(claims, "nbf") != NULL && begins - OIDC_SKEW_S > now_s) {
        return ERROR(error, STATUS_BAD_INPUT, "it does not hold yet: if it is fresh, the clocks of the two machines differ");
    }
    if (issued - OIDC_SKEW_S > now_s || issued + OIDC_AGE_MAX_S + OIDC_SKEW_S < now_s) {
        return ERROR(error, STATUS_BAD_INPUT, "it is from another time: if it is fresh, the clocks of the two machines differ");
    }
    return STATUS_OK;
}

static bool has_text(json_t *list, const char *wanted)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text != NULL && strcmp(text, wanted) == 0) {
            return true;
        }
    }
    return false;
}

/* For this centre; one that is for others too must say who asked for it. */
static bool is_for(json_t *claims, const char *client_id)
{
    json_t *audience = json_object_get(claims, "aud"), *party = json_object_get(claims, "azp");
    bool several = json_array_size(audience) > 1;
    bool named = json_is_string(audience) ? is_text(claims, "aud", client_id) : has_text(audience, client_id);
    return named && (party != NULL ? is_text(claims, "azp", client_id) : !several);
}

static enum status check_claims(json_t *claims, const struct oidc_expected *expected, struct error *error)
{
    const char *nonce = text_of(claims, "nonce"), *subject = text_of(claims, "sub");
    if (!is_text(claims, "iss", expected->issuer)) {
        return ERROR(error, STATUS_BAD_INPUT, "it is of another issuer");
    }
    if (!is_for(claims, expected->client_id)) {
        return ERROR(error, STATUS_BAD_INPUT, "it is not for this centre (aud, azp)");
    }
    TRY(check_times(claims, expected->now, error));
    size_t length = strlen(expected->nonce);
    if (nonce == NULL || strlen(nonce) != length || !secret_equal(nonce, expected->nonce, length)) {
        return ERROR(error, STATUS_BAD_INPUT, "it answers another attempt to sign in (nonce)");
    }
    if (subject == NULL || subject[0] == '\0' || strlen(subject) >= OIDC_SUBJECT_SIZE) {
        return ERROR(error, STATUS_BAD_INPUT, "it says nobody's name (sub), or one of more than 255 characters");
    }
    return STATUS_OK;
}

/* RFC 8176: several factors, a one-time code, or a key in hardware. */
static bool shows_second_factor(json_t *claims)
{
    static const char *const methods[] = { "mfa", "otp", "hwk", "sc" };
    json_t *list = json_object_get(claims, "amr");
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (has_text(list, methods[i])) {
            return true;
        }
    }
    return false;
}

static void take_group(const char *group, struct oidc_claims *claims)
{
    if (group != NULL && strlen(group) < OIDC_GROUP_SIZE && claims->group_count < OIDC_GROUPS_MAX) {
        (void)snprintf(claims->groups[claims->group_count++], OIDC_GROUP_SIZE, "%s", group);
    }
}

static void take_groups(json_t *groups, struct oidc_claims *claims)
{
    take_group(json_string_value(groups), claims);
    for (size_t i = 0; i < json_array_size(groups); i++) {
        take_group(json_string_value(json_array_get(groups, i)), claims);
    }
}

static enum status take_claims(json_t *root, const struct oidc_expected *expected, struct oidc_claims *claims,
                               struct error *error)
{
    const char *account = text_of(root, expected->account_claim);
    if (account == NULL || account[0] == '\0' || strlen(account) >= sizeof claims->account) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "it has no claim %s that names an account (oidc_claim): the provider must put it into the ID token",
                     expected->account_claim);
    }
    if (strcmp(expected->account_claim, "email") == 0 && !json_is_true(json_object_get(root, "email_verified"))) {
        return ERROR(error, STATUS_BAD_INPUT, "the provider has not verified the e-mail address that names the account");
    }
    *claims = (struct oidc_claims){ .second_factor = shows_second_factor(root) };
    (void)snprintf(claims->account, sizeof claims->account, "%s", account);
    (void)snprintf(claims->subject, sizeof claims->subject, "%s", text_of(root, "sub")); /* check_claims has found it */
    if (expected->groups_claim[0] != '\0') {
        take_groups(json_object_get(root, expected->groups_claim), claims);
    }
    return STATUS_OK;
}

static enum status verify_parts(const struct part parts[3], const struct oidc_keys *keys, const struct oidc_expected *expected,
                                struct oidc_claims *claims, struct error *error)
{
    json_t *header = NULL, *root = NULL;
    enum status status;
    TRY_GOTO(read_part(parts[0], "header", &header, error), out);
    TRY_GOTO(check_signature(header, parts, keys, error), out);
    TRY_GOTO(read_part(parts[1], "body", &root, error), out);
    TRY_GOTO(check_claims(root, expected, error), out);
    status = take_claims(root, expected, claims, error);
out:
    json_decref(header);
    json_decref(root);
    return status;
}

enum status oidc_token_verify(const char *token, const struct oidc_keys *keys, const struct oidc_expected *expected,
                              struct oidc_claims *claims, struct error *error)
{
    struct part parts[3];
    if (strnlen(token, OIDC_TOKEN_MAX + 1) > OIDC_TOKEN_MAX || !split(token, parts)) {
        return ERROR(error, STATUS_BAD_INPUT, "the provider's ID token is refused: it is not a signed token in three parts");
    }
    enum status status = verify_parts(parts, keys, expected, claims, error);
    return status == STATUS_OK ? STATUS_OK : error_prefix(error, "the provider's ID token is refused: ");
}
