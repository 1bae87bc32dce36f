/* Hostile bytes as what a browser brings: the client data, a zero byte, and the authenticator's data, whose end is a signature
 * too. They are made to be of the right site and challenge, so that what lies behind is reached. No signature is ever right: the
 * keys' owners sign nothing here. */
#include <sodium/crypto_hash_sha256.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/passkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { HASH_SIZE = 32, SIGNATURE_SIZE = 72 };

/* The curve's own point (SEC 2, secp256r1), whose secret half is 1. */
static const struct passkey_key ES256 = {
    .algorithm = -7,
    .size = 64,
    .bytes = { 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
               0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
               0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
               0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5 },
};

static void look(const struct passkey_question *question, const struct passkey_answer *answer)
{
    struct passkey_key key;
    uint32_t counter = 0;
    if (passkey_made_fault(question, answer, &key) == NULL) {
        CHECK(key.id_size > 0 && key.id_size <= PASSKEY_ID_MAX && key.size > 0 && key.size <= PASSKEY_KEY_MAX);
        CHECK(passkey_shown_fault(question, &key, answer, &counter) != NULL);
    }
    CHECK(passkey_shown_fault(question, &ES256, answer, &counter) != NULL);
}

/* In memory that is exactly as long as it is. */
static unsigned char *copy_of(const uint8_t *bytes, size_t size)
{
    unsigned char *copy = malloc(size + (size == 0));
    CHECK(copy != NULL);
    memcpy(copy, bytes, size);
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *zero = size > 0 ? memchr(bytes, 0, size) : NULL;
    size_t first = zero != NULL ? (size_t)(zero - bytes) : size, second = zero != NULL ? size - first - 1 : 0;
    size_t tail = second < SIGNATURE_SIZE ? second : SIGNATURE_SIZE;
    struct passkey_site site;
    struct passkey_question question = { .site = &site };
    unsigned char *client_data = copy_of(bytes, first), *data = copy_of(zero != NULL ? zero + 1 : bytes, second),
                  *signature = copy_of(data + second - tail, tail);
    CHECK(passkey_site_of("https://example.org", &site) == NULL);
    if (second >= HASH_SIZE) {
        (void)crypto_hash_sha256(data, (const unsigned char *)site.id, strlen(site.id));
    }
    const struct passkey_answer answer = { { client_data, first }, { data, second }, { signature, tail } };
    if (passkey_challenge_of(answer.client_data, question.challenge)) {
        look(&question, &answer);
    }
    free(client_data);
    free(data);
    free(signature);
    return 0;
}
