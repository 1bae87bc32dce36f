/* Secrets and what is done with them: random bytes, sealed boxes, hashes that a copy of the database does not undo. Thin
 * over libsodium. Buffers that held a plain secret are the caller's to wipe with secret_wipe. */
#ifndef MINGDI_HOST_SECRET_H
#define MINGDI_HOST_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    SECRET_KEY_SIZE = 32,
    SECRET_HASH_SIZE = 32,
    SECRET_NONCE_SIZE = 24,
    SECRET_TAG_SIZE = 16,
    SECRET_TEXT_SIZE = 44, /* 32 bytes as base64url without padding, and the terminator */
};

/* To be called before all else; any number of times. */
enum status secret_start(struct error *error) MUST_USE;
void secret_random(void *bytes, size_t size);
void secret_wipe(void *bytes, size_t size);
bool secret_equal(const void *a, const void *b, size_t size); /* in constant time */

/* 32 random bytes as text. */
void secret_text(char text[SECRET_TEXT_SIZE]);

/* BLAKE2b-256; key NULL: of the bytes alone, else keyed with 32 bytes. */
void secret_hash(const void *bytes, size_t size, const unsigned char *key, unsigned char hash[SECRET_HASH_SIZE]);

/* XChaCha20-Poly1305: box gets size + SECRET_TAG_SIZE bytes. The same associated bytes must be given to open it: they say
 * whose it is. */
void secret_seal(const unsigned char *key, const unsigned char nonce[SECRET_NONCE_SIZE], const void *associated,
                 size_t associated_size, const void *plain, size_t size, unsigned char *box);
/* plain gets size - SECRET_TAG_SIZE bytes; false (and plain all zero) if the box, the key or the associated bytes are not
 * those. */
bool secret_open(const unsigned char *key, const unsigned char nonce[SECRET_NONCE_SIZE], const void *associated,
                 size_t associated_size, const unsigned char *box, size_t size, void *plain) MUST_USE;

#endif
