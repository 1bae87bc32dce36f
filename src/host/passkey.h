/* What a browser brings from an authenticator (WebAuthn, Level 3): the client data, the authenticator's data and the signature
 * are looked at, and nothing is kept. libfido2 reads the CBOR and verifies the signature; all other steps of sections 7.1 and
 * 7.2 are done here. Which authenticator it is, is not asked for (attestation none): then nothing signs a registration, and what
 * counts is that the key answers later.
 *
 * Workload: tens of sign-ins a minute at a change of shift; 0.1 to 0.3 ms for a signature, 20 microseconds for a registration. */
#ifndef MINGDI_HOST_PASSKEY_H
#define MINGDI_HOST_PASSKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PASSKEY_CHALLENGE_SIZE = 32,
    PASSKEY_ID_MAX = 1023, /* of a credential, in bytes */
    PASSKEY_KEY_MAX = 259, /* of RS256: the modulus of 2,048 bits and the exponent */
    PASSKEY_CLIENT_DATA_MAX = 2048,
    PASSKEY_DATA_MAX = 2048, /* of the authenticator */
    PASSKEY_SIGNATURE_MAX = 512,
    PASSKEY_SITE_SIZE = 256,
};

/* COSE's numbers of the algorithms that are taken, the one that is liked best first; 0 ends them. */
extern const int PASSKEY_ALGORITHMS[];

/* Where browsers find the centre: a passkey belongs to the id (its host), and answers to the origin alone. */
struct passkey_site {
    char origin[PASSKEY_SITE_SIZE], id[PASSKEY_SITE_SIZE];
};
/* NULL, or why browsers would take no passkey there: a sentence about the setting public_address. */
const char *passkey_site_of(const char *public_address, struct passkey_site *site);

struct passkey_bytes {
    const unsigned char *bytes;
    size_t size;
};

struct passkey_key {
    int algorithm;
    bool may_be_copied; /* the authenticator says that it may keep it elsewhere too (backup eligible) */
    uint32_t counter;
    size_t id_size, size;
    unsigned char id[PASSKEY_ID_MAX], bytes[PASSKEY_KEY_MAX];
};

/* What was asked: the challenge was given out for this. */
struct passkey_question {
    const struct passkey_site *site;
    unsigned char challenge[PASSKEY_CHALLENGE_SIZE];
};

struct passkey_answer {
    struct passkey_bytes client_data, data, signature; /* signature: none of a registration */
};

/* The challenge that the client data speak of; false: they have none. Nothing else of them is looked at. */
bool passkey_challenge_of(struct passkey_bytes client_data, unsigned char challenge[PASSKEY_CHALLENGE_SIZE]);
/* NULL, and *key is the new key; or why not: a sentence for the audit trail, with nothing of the bytes in it. */
const char *passkey_made_fault(const struct passkey_question *question, const struct passkey_answer *answer,
                               struct passkey_key *key);
/* NULL, and *counter is what the authenticator has counted; or why not. The counter of the key is not looked at. */
const char *passkey_shown_fault(const struct passkey_question *question, const struct passkey_key *key,
                                const struct passkey_answer *answer, uint32_t *counter);
/* Two authenticators have the key: one was copied. Those that do not count say 0. */
static inline bool passkey_went_back(uint32_t before, uint32_t now) { return (before != 0 || now != 0) && now <= before; }

#endif
