/* The headers of libsodium one by one: sodium.h declares a function named as one that base/banned.h forbids. */
#include "host/secret.h"

#include <sodium/core.h>
#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <sodium/crypto_generichash.h>
#include <sodium/utils.h>
#include <string.h>
#include <sys/random.h>

#include "base/check.h"

_Static_assert(SECRET_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(SECRET_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(SECRET_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(SECRET_HASH_SIZE == crypto_generichash_BYTES, "hash");

enum status secret_start(struct error *error)
{
    unsigned char probe;
    if (sodium_init() < 0 || getrandom(&probe, sizeof probe, 0) != (ssize_t)sizeof probe) {
        return ERROR(error, STATUS_IO, "the library of cryptography does not start: the system gives no random bytes");
    }
    return STATUS_OK;
}

void secret_random(void *bytes, size_t size)
{
    /* Up to 256 bytes are never cut short once the system's source has been filled. */
    CHECK(size <= 256 && getrandom(bytes, size, 0) == (ssize_t)size);
}

void secret_wipe(void *bytes, size_t size) { sodium_memzero(bytes, size); }

bool secret_equal(const void *a, const void *b, size_t size) { return sodium_memcmp(a, b, size) == 0; }

void secret_text(char text[SECRET_TEXT_SIZE])
{
    unsigned char bytes[SECRET_KEY_SIZE];
    secret_random(bytes, sizeof bytes);
    sodium_bin2base64(text, SECRET_TEXT_SIZE, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    secret_wipe(bytes, sizeof bytes);
}

void secret_hash(const void *bytes, size_t size, const unsigned char *key, unsigned char hash[SECRET_HASH_SIZE])
{
    CHECK(crypto_generichash(hash, SECRET_HASH_SIZE, bytes, size, key, key != NULL ? SECRET_KEY_SIZE : 0) == 0);
}

void secret_seal(const unsigned char *key, const unsigned char nonce[SECRET_NONCE_SIZE], const void *associated,
                 size_t associated_size, const void *plain, size_t size, unsigned char *box)
{
    CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(box, NULL, plain, size, associated, associated_size, NULL, nonce, key) == 0);
}

bool secret_open(const unsigned char *key, const unsigned char nonce[SECRET_NONCE_SIZE], const void *associated,
                 size_t associated_size, const unsigned char *box, size_t size, void *plain)
{
    if (size < SECRET_TAG_SIZE) {
        return false;
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, box, size, associated, associated_size, nonce, key) != 0) {
        memset(plain, 0, size - SECRET_TAG_SIZE);
        return false;
    }
    return true;
}
