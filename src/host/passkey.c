/* The order of the steps: what the browser says, whose site, the signature, and only then the flags, which it covers. */
#include "host/passkey.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <sodium/crypto_hash_sha256.h>
#include <sodium/utils.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "host/passkey_cbor.h"
#include "wire/parse.h"

/* The authenticator's data: the hash of the site's id, the flags, the counter; of a new key more. */
enum { ID_HASH_SIZE = 32, FLAGS_AT = 32, HEAD_SIZE = 37 };
enum { MAKE_SIZE = 16, ID_SIZE_SIZE = 2 };
enum { FLAG_PRESENT = 1, FLAG_VERIFIED = 4, FLAG_MAY_BE_COPIED = 8, FLAG_IS_COPIED = 16, FLAG_HAS_KEY = 64, FLAG_EXTENDS = 128 };

const int PASSKEY_ALGORITHMS[] = { COSE_ES256, COSE_EDDSA, COSE_RS256, 0 };

/* ---- the site ---- */

const char *passkey_site_of(const char *public_address, struct passkey_site *site)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    const char *host = strstr(public_address, "://");
    if (host == NULL || strlen(public_address) >= sizeof site->origin) {
        return "public_address must say where browsers find the centre, such as https://120.city.example";
    }
    host += 3;
    size_t length = strspn(host, letters);
    const char *port = host + length;
    bool usual = strcmp(port, ":443") == 0 || strcmp(port, ":80") == 0;
    if (length == 0 || (port[0] != '\0' && port[0] != ':') || usual) {
        return "public_address must be as browsers say it: a name in small letters, and no :443";
    }
    if (strspn(host, "0123456789.") == length) {
        return "public_address must have a name: browsers take no passkeys for a number such as 127.0.0.1";
    }
    (void)snprintf(site->origin, sizeof site->origin, "%s", public_address);
    (void)snprintf(site->id, sizeof site->id, "%.*s", (int)length, host);
    bool local = strcmp(site->id, "localhost") == 0;
    return strncmp(public_address, "https://", 8) == 0 || local ? NULL
                                                                : "public_address must begin with https, as browsers want it";
}

/* ---- what the browser says ---- */

static json_t *read_client_data(struct passkey_bytes client_data)
{
    json_t *root = NULL;
    struct error error = { .text = "" };
    if (client_data.size > PASSKEY_CLIENT_DATA_MAX ||
        wire_parse_object((const char *)client_data.bytes, client_data.size, &root, &error) != STATUS_OK) {
        return NULL;
    }
    return root;
}

static bool read_challenge(json_t *root, unsigned char challenge[PASSKEY_CHALLENGE_SIZE])
{
    const char *text = json_string_value(json_object_get(root, "challenge")), *end = NULL;
    size_t size = 0, length = text != NULL ? strlen(text) : 0;
    return text != NULL &&
           sodium_base642bin(challenge, PASSKEY_CHALLENGE_SIZE, text, length, NULL, &size, &end,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           size == PASSKEY_CHALLENGE_SIZE && end == text + length;
}

bool passkey_challenge_of(struct passkey_bytes client_data, unsigned char challenge[PASSKEY_CHALLENGE_SIZE])
{
    json_t *root = read_client_data(client_data);
    bool has = root != NULL && read_challenge(root, challenge);
    json_decref(root);
    return has;
}

static bool is_text(json_t *root, const char *name, const char *wanted)
{
    const char *text = json_string_value(json_object_get(root, name));
    return text != NULL && strcmp(text, wanted) == 0;
}

/* The centre is never shown inside another's page. */
static bool is_inside_another(json_t *root)
{
    json_t *crossed = json_object_get(root, "crossOrigin");
    return (crossed != NULL && !json_is_false(crossed)) || json_object_get(root, "topOrigin") != NULL;
}

static const char *fault_of_root(const struct passkey_question *question, json_t *root, const char *type)
{
    unsigned char challenge[PASSKEY_CHALLENGE_SIZE];
    if (!is_text(root, "type", type)) {
        return "the client data are of another deed";
    }
    if (!read_challenge(root, challenge) || sodium_memcmp(challenge, question->challenge, sizeof challenge) != 0) {
        return "the client data are of another challenge";
    }
    if (!is_text(root, "origin", question->site->origin)) {
        return "the client data are of another origin";
    }
    return is_inside_another(root) ? "the client data are of a page inside another's" : NULL;
}

static const char *client_fault(const struct passkey_question *question, struct passkey_bytes client_data, const char *type)
{
    json_t *root = read_client_data(client_data);
    const char *fault = root != NULL ? fault_of_root(question, root, type) : "the client data are not JSON, or too long";
    json_decref(root);
    return fault;
}

/* ---- what the authenticator says ---- */

/* Behind the head: the make, the credential's id with its size, and the key. 0: they are not all there. */
static size_t size_with_key(struct passkey_bytes data)
{
    size_t at = HEAD_SIZE + MAKE_SIZE + ID_SIZE_SIZE;
    if (data.size < at) {
        return 0;
    }
    at += (size_t)data.bytes[at - 2] << 8 | data.bytes[at - 1];
    size_t key_size = at < data.size ? passkey_cbor_size(data.bytes + at, data.size - at) : 0;
    return key_size != 0 ? at + key_size : 0;
}

/* Neither less nor more than the flags say, so that libfido2 gets nothing that announces what is not there. */
static bool is_whole(struct passkey_bytes data)
{
    unsigned flags = data.bytes[FLAGS_AT];
    size_t at = (flags & FLAG_HAS_KEY) != 0 ? size_with_key(data) : HEAD_SIZE;
    if (at != 0 && (flags & FLAG_EXTENDS) != 0) {
        size_t more = passkey_cbor_size(data.bytes + at, data.size - at);
        at = more != 0 ? at + more : 0;
    }
    return at == data.size;
}

static const char *head_fault(const struct passkey_question *question, struct passkey_bytes data)
{
    unsigned char hash[ID_HASH_SIZE];
    if (data.size < HEAD_SIZE || data.size > PASSKEY_DATA_MAX) {
        return "the authenticator's data are too short or too long";
    }
    (void)crypto_hash_sha256(hash, (const unsigned char *)question->site->id, strlen(question->site->id));
    if (memcmp(hash, data.bytes, sizeof hash) != 0) {
        return "the authenticator's data are of another site";
    }
    return is_whole(data) ? NULL : "the authenticator's data are not what they say to be";
}

static const char *flags_fault(unsigned flags)
{
    if ((flags & FLAG_PRESENT) == 0) {
        return "nobody was present at the authenticator";
    }
    if ((flags & FLAG_VERIFIED) == 0) {
        return "the authenticator has not verified the person";
    }
    return (flags & FLAG_IS_COPIED) != 0 && (flags & FLAG_MAY_BE_COPIED) == 0 ? "the authenticator contradicts itself" : NULL;
}

/* ---- a new key ---- */

/* A key that libcrypto can be given: a point of the curve, an RSA key. */
static bool is_sound(const struct passkey_key *key)
{
    EVP_PKEY *whole = NULL;
    es256_pk_t *es256 = es256_pk_new();
    eddsa_pk_t *eddsa = eddsa_pk_new();
    rs256_pk_t *rs256 = rs256_pk_new();
    CHECK(es256 != NULL && eddsa != NULL && rs256 != NULL);
    if (key->algorithm == COSE_ES256 && es256_pk_from_ptr(es256, key->bytes, key->size) == FIDO_OK) {
        whole = es256_pk_to_EVP_PKEY(es256);
    } else if (key->algorithm == COSE_EDDSA && eddsa_pk_from_ptr(eddsa, key->bytes, key->size) == FIDO_OK) {
        whole = eddsa_pk_to_EVP_PKEY(eddsa);
    } else if (key->algorithm == COSE_RS256 && rs256_pk_from_ptr(rs256, key->bytes, key->size) == FIDO_OK) {
        whole = rs256_pk_to_EVP_PKEY(rs256);
    }
    es256_pk_free(&es256);
    eddsa_pk_free(&eddsa);
    rs256_pk_free(&rs256);
    EVP_PKEY_free(whole);
    return whole != NULL;
}

static bool take_key(const fido_cred_t *credential, struct passkey_key *key)
{
    key->id_size = fido_cred_id_len(credential);
    key->size = fido_cred_pubkey_len(credential);
    if (key->id_size == 0 || key->id_size > sizeof key->id || key->size == 0 || key->size > sizeof key->bytes) {
        return false;
    }
    memcpy(key->id, fido_cred_id_ptr(credential), key->id_size);
    memcpy(key->bytes, fido_cred_pubkey_ptr(credential), key->size);
    key->counter = fido_cred_sigcount(credential);
    return is_sound(key);
}

/* libfido2 reads a key of the algorithm that it is told, and refuses any other. */
static bool read_key(struct passkey_bytes data, struct passkey_key *key)
{
    bool taken = false;
    for (const int *algorithm = PASSKEY_ALGORITHMS; *algorithm != 0 && !taken; algorithm++) {
        fido_cred_t *credential = fido_cred_new();
        CHECK(credential != NULL);
        *key = (struct passkey_key){ .algorithm = *algorithm };
        taken = fido_cred_set_type(credential, *algorithm) == FIDO_OK &&
                fido_cred_set_authdata_raw(credential, data.bytes, data.size) == FIDO_OK && take_key(credential, key);
        fido_cred_free(&credential);
    }
    return taken;
}

const char *passkey_made_fault(const struct passkey_question *question, const struct passkey_answer *answer,
                               struct passkey_key *key)
{
    const char *fault = client_fault(question, answer->client_data, "webauthn.create");
    fault = fault != NULL ? fault : head_fault(question, answer->data);
    if (fault != NULL) {
        return fault;
    }
    unsigned flags = answer->data.bytes[FLAGS_AT];
    fault = flags_fault(flags);
    if (fault != NULL) {
        return fault;
    }
    if ((flags & FLAG_HAS_KEY) == 0 || !read_key(answer->data, key)) {
        return "there is no key, or none of an algorithm and size that is taken";
    }
    key->may_be_copied = (flags & FLAG_MAY_BE_COPIED) != 0;
    return NULL;
}

/* ---- a key that is shown ---- */

static bool verify(const fido_assert_t *assertion, const struct passkey_key *key)
{
    bool right = false;
    es256_pk_t *es256 = es256_pk_new();
    eddsa_pk_t *eddsa = eddsa_pk_new();
    rs256_pk_t *rs256 = rs256_pk_new();
    CHECK(es256 != NULL && eddsa != NULL && rs256 != NULL);
    switch (key->algorithm) {
    case COSE_ES256:
        right = es256_pk_from_ptr(es256, key->bytes, key->size) == FIDO_OK &&
                fido_assert_verify(assertion, 0, COSE_ES256, es256) == FIDO_OK;
        break;
    case COSE_EDDSA:
        right = eddsa_pk_from_ptr(eddsa, key->bytes, key->size) == FIDO_OK &&
                fido_assert_verify(assertion, 0, COSE_EDDSA, eddsa) == FIDO_OK;
        break;
    case COSE_RS256:
        right = rs256_pk_from_ptr(rs256, key->bytes, key->size) == FIDO_OK &&
                fido_assert_verify(assertion, 0, COSE_RS256, rs256) == FIDO_OK;
        break;
    default: break;
    }
    es256_pk_free(&es256);
    eddsa_pk_free(&eddsa);
    rs256_pk_free(&rs256);
    return right;
}

static bool is_signed(const struct passkey_question *question, const struct passkey_key *key, const struct passkey_answer *answer,
                      uint32_t *counter)
{
    fido_assert_t *assertion = fido_assert_new();
    CHECK(assertion != NULL);
    bool right = fido_assert_set_rp(assertion, question->site->id) == FIDO_OK && fido_assert_set_count(assertion, 1) == FIDO_OK &&
                 fido_assert_set_clientdata(assertion, answer->client_data.bytes, answer->client_data.size) == FIDO_OK &&
                 fido_assert_set_authdata_raw(assertion, 0, answer->data.bytes, answer->data.size) == FIDO_OK &&
                 fido_assert_set_sig(assertion, 0, answer->signature.bytes, answer->signature.size) == FIDO_OK &&
                 verify(assertion, key);
    *counter = right ? fido_assert_sigcount(assertion, 0) : 0;
    fido_assert_free(&assertion);
    return right;
}

const char *passkey_shown_fault(const struct passkey_question *question, const struct passkey_key *key,
                                const struct passkey_answer *answer, uint32_t *counter)
{
    const char *fault = client_fault(question, answer->client_data, "webauthn.get");
    fault = fault != NULL ? fault : head_fault(question, answer->data);
    if (fault != NULL) {
        return fault;
    }
    if ((answer->data.bytes[FLAGS_AT] & FLAG_HAS_KEY) != 0) {
        return "a new key came where one is shown";
    }
    if (answer->signature.size == 0 || answer->signature.size > PASSKEY_SIGNATURE_MAX ||
        !is_signed(question, key, answer, counter)) {
        return "the signature is not of the passkey's key";
    }
    unsigned flags = answer->data.bytes[FLAGS_AT];
    fault = flags_fault(flags);
    bool changed = ((flags & FLAG_MAY_BE_COPIED) != 0) != key->may_be_copied;
    return fault == NULL && changed ? "the authenticator says otherwise than before whether the key may be copied" : fault;
}
