/* Workload: some codes a minute. */
#include "host/people_totp.h"

#include <liboath/oath.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "host/secret.h"

bool totp_check(const unsigned char secret[TOTP_SECRET_SIZE], const char *code, struct instant now, uint64_t last_step,
                uint64_t *step)
{
    char given[TOTP_DIGITS + 1] = "", right[TOTP_DIGITS + 1];
    bool found = false;
    bool shaped = strlen(code) == TOTP_DIGITS;
    memcpy(given, shaped ? code : "000000", TOTP_DIGITS);
    uint64_t middle = (uint64_t)(now.us / US_PER_SECOND) / TOTP_STEP_S;
    for (uint64_t at = middle > 0 ? middle - 1 : 0; at <= middle + 1; at++) {
        CHECK(oath_hotp_generate((const char *)secret, TOTP_SECRET_SIZE, at, TOTP_DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION,
                                 right) == OATH_OK);
        if (secret_equal(given, right, TOTP_DIGITS) && shaped && at > last_step && !found) {
            found = true;
            *step = at;
        }
    }
    secret_wipe(right, sizeof right);
    return found;
}

/* RFC 4648; 20 bytes are 32 letters without padding. */
static void base32(const unsigned char bytes[TOTP_SECRET_SIZE], char text[33])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    for (size_t i = 0; i < 32; i++) {
        size_t bit = 5 * i, byte = bit / 8;
        unsigned window = (unsigned)bytes[byte] << 8 | (byte + 1 < TOTP_SECRET_SIZE ? bytes[byte + 1] : 0u);
        text[i] = letters[window >> (11 - bit % 8) & 31];
    }
    text[32] = '\0';
}

/* The name, percent-encoded where it is not plain. */
static bool append_name(char *url, size_t size, const char *name)
{
    size_t length = strlen(url);
    for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '.' ||
                     *c == '_';
        if (length + 4 > size) {
            return false;
        }
        length += (size_t)snprintf(url + length, size - length, plain ? "%c" : "%%%02X", *c);
    }
    return true;
}

bool totp_make(const unsigned char *key, uint32_t person, const char *name, unsigned char box[TOTP_BOX_SIZE], char *url,
               size_t url_size)
{
    unsigned char secret[TOTP_SECRET_SIZE];
    char text[33];
    secret_random(secret, sizeof secret);
    secret_random(box, SECRET_NONCE_SIZE);
    secret_seal(key, box, &person, sizeof person, secret, sizeof secret, box + SECRET_NONCE_SIZE);
    base32(secret, text);
    snprintf(url, url_size, "otpauth://totp/Mingdi:");
    /* A name of which the encoding is long is left out: an authenticator needs the secret only. */
    char label[100] = "";
    (void)append_name(label, sizeof label, name);
    size_t length = strlen(url);
    int written = snprintf(url + length, url_size - length, "%s?secret=%s&issuer=Mingdi",
                           strlen(label) + length + 32 + 30 < url_size ? label : "account", text);
    secret_wipe(secret, sizeof secret);
    secret_wipe(text, sizeof text);
    return written >= 0 && length + (size_t)written < url_size;
}

bool totp_open(const unsigned char *key, uint32_t person, const unsigned char *box, size_t size,
               unsigned char secret[TOTP_SECRET_SIZE])
{
    return size == TOTP_BOX_SIZE &&
           secret_open(key, box, &person, sizeof person, box + SECRET_NONCE_SIZE, size - SECRET_NONCE_SIZE, secret);
}
