#include "host/certificate.h"

#include <sodium/utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- DER (X.690): tag, length, contents ---- */

enum { DER_SEQUENCE = 0x30, DER_UTC_TIME = 0x17, DER_GENERALIZED_TIME = 0x18, DER_VERSION = 0xA0 };

struct der {
    const unsigned char *at, *end;
};

/* The next element's contents; the cursor moves behind it. */
static bool der_take(struct der *cursor, unsigned *tag, struct der *contents)
{
    if (cursor->end - cursor->at < 2) {
        return false;
    }
    *tag = cursor->at[0];
    size_t length = cursor->at[1];
    const unsigned char *at = cursor->at + 2;
    if (length >= 0x80) {
        size_t octets = length & 0x7F;
        if (octets == 0 || octets > 4 || (size_t)(cursor->end - at) < octets) {
            return false;
        }
        length = 0;
        for (size_t i = 0; i < octets; i++) {
            length = length << 8 | *at++;
        }
    }
    if ((size_t)(cursor->end - at) < length) {
        return false;
    }
    *contents = (struct der){ at, at + length };
    cursor->at = at + length;
    return true;
}

static bool der_enter(struct der *cursor, struct der *contents)
{
    unsigned tag = 0;
    return der_take(cursor, &tag, contents) && tag == DER_SEQUENCE;
}

/* "271122063000Z" or "20271122063000Z", as a time that instant_parse reads. Years 50 to 99 are of the century before. */
static bool read_time(unsigned tag, const struct der *time, struct instant *at)
{
    char text[32];
    size_t length = (size_t)(time->end - time->at);
    const char *digits = (const char *)time->at;
    size_t year = tag == DER_UTC_TIME ? 2 : 4;
    if ((tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME) || length != year + 11) {
        return false;
    }
    const char *century = year == 4 ? "" : digits[0] >= '5' ? "19" : "20";
    const char *rest = digits + year;
    snprintf(text, sizeof text, "%s%.*s-%.2s-%.2sT%.2s:%.2s:%.2s%.1s", century, (int)year, digits, rest, rest + 2, rest + 4,
             rest + 6, rest + 8, rest + 10);
    return instant_parse(text, at);
}

static bool read_certificate(const unsigned char *bytes, size_t size, struct instant *at)
{
    struct der file = { bytes, bytes + size };
    struct der certificate, body, part, validity, time;
    unsigned tag = 0;
    if (!der_enter(&file, &certificate) || !der_enter(&certificate, &body)) {
        return false;
    }
    struct der look = body;
    if (der_take(&look, &tag, &part) && tag == DER_VERSION) {
        body = look;
    }
    bool is_read = der_take(&body, &tag, &part) && der_enter(&body, &part) &&
                   der_enter(&body, &part) && /* number, algorithm, issuer */
                   der_enter(&body, &validity) && der_take(&validity, &tag, &time) && der_take(&validity, &tag, &time);
    return is_read && read_time(tag, &time, at);
}

/* ---- PEM ---- */

bool certificate_ends(const char *pem, size_t size, struct instant *at)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    static const char end[] = "-----END CERTIFICATE-----";
    const char *first = size <= CERTIFICATE_SIZE_MAX ? memmem(pem, size, begin, sizeof begin - 1) : NULL;
    if (first == NULL) {
        return false;
    }
    first += sizeof begin - 1;
    const char *last = memmem(first, size - (size_t)(first - pem), end, sizeof end - 1);
    unsigned char *bytes = last != NULL ? malloc(size) : NULL;
    size_t length = 0;
    bool is_read = bytes != NULL &&
                   sodium_base642bin(bytes, size, first, (size_t)(last - first), " \t\r\n", &length, NULL,
                                     sodium_base64_VARIANT_ORIGINAL) == 0 &&
                   read_certificate(bytes, length, at);
    free(bytes);
    return is_read;
}
