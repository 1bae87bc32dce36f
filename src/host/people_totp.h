/* The second factor: codes by time (RFC 6238: SHA-1, 6 digits, 30 seconds), from the step before to the step after, each once. */
#ifndef MINGDI_HOST_PEOPLE_TOTP_H
#define MINGDI_HOST_PEOPLE_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

enum { TOTP_SECRET_SIZE = 20, TOTP_STEP_S = 30, TOTP_DIGITS = 6 };
enum { TOTP_BOX_SIZE = 24 + TOTP_SECRET_SIZE + 16 }; /* nonce, secret, tag */

/* False, or the step that the code is of, which is later than last_step. In constant time. */
bool totp_check(const unsigned char secret[TOTP_SECRET_SIZE], const char *code, struct instant now, uint64_t last_step,
                uint64_t *step);
/* A new secret, sealed with the key for that person, and as otpauth:// URL to be shown once. False if the URL does not fit. */
bool totp_make(const unsigned char *key, uint32_t person, const char *name, unsigned char box[TOTP_BOX_SIZE], char *url,
               size_t url_size);
bool totp_open(const unsigned char *key, uint32_t person, const unsigned char *box, size_t size,
               unsigned char secret[TOTP_SECRET_SIZE]);

#endif
