/* A folder of protocols as a signed package: DIR/package.json lists the files with their SHA-256, a version and who signed;
 * DIR/package.sig is the Ed25519 signature (RFC 8032) of package.json's bytes, as 128 hexadecimal digits.
 *
 * All files are read once, so that what was verified is what is used. Keys are files of one line: FILE holds "secret " and the
 * seed, readable by its owner only, FILE.pub the public key, both as 64 hexadecimal digits. */
#ifndef MINGDI_PROTOCOL_PACKAGE_H
#define MINGDI_PROTOCOL_PACKAGE_H

#include "base/time.h"
#include "protocol/protocol.h"

enum {
    PACKAGE_NAME_MAX = 48, /* of a file, with the terminator */
    PACKAGE_SIGNER_MAX = 64,
    PACKAGE_WHY_MAX = 512,
    PACKAGE_JSON_MAX = 64 * 1024,
    PACKAGE_KEY_SIZE = 32, /* seed and public key */
    PACKAGE_KEY_TEXT_SIZE = 2 * PACKAGE_KEY_SIZE + 1,
    PACKAGE_HASH_SIZE = 32,
};

enum package_signature {
    PACKAGE_VALID,    /* signed by the key that was given, and nothing was changed since */
    PACKAGE_UNSIGNED, /* no package.json, or no key to hold it against */
    PACKAGE_REFUSED,  /* there is one, and it does not hold: why tells */
    PACKAGE_SIGNATURE_COUNT,
};
extern const char *const PACKAGE_SIGNATURES[PACKAGE_SIGNATURE_COUNT]; /* "valid", "unsigned", "refused" */

struct package_entry {
    char name[PACKAGE_NAME_MAX];
    unsigned char hash[PACKAGE_HASH_SIZE];
    uint32_t number, version; /* of the protocol in it */
};

/* What package.json says. */
struct package_list {
    uint64_t version; /* a date and a serial: 2026112201 */
    char signed_by[PACKAGE_SIGNER_MAX], signed_at[INSTANT_TEXT_SIZE];
    uint32_t count;
    struct package_entry entries[PROTOCOLS_MAX];
};

struct package {
    struct package_list list; /* empty where there is no package.json */
    enum package_signature signature;
    char why[PACKAGE_WHY_MAX]; /* a sentence where the signature is not valid, else "" */
    struct protocol_set set;   /* every *.yaml of the folder; validated */
};

/* Reads and validates the folder; findings tell what is wrong with protocols, package->signature whether the signature holds:
 * neither is a failure. public_key: NULL for none. Files that cannot be read as protocols at all become findings too. The
 * caller frees the package in any case of success. */
enum status package_read(const char *folder, const unsigned char *public_key, struct package *package,
                         struct protocol_findings *findings, struct error *error) MUST_USE;
void package_free(struct package *package);

/* Signs what stands in the folder. version 0: the day and a serial, above the one that stands there. Refuses protocols with
 * findings, and a protocol that was changed since it was signed last without a higher version. On success *package is what was
 * signed. */
enum status package_sign(const char *folder, const unsigned char seed[PACKAGE_KEY_SIZE], const char *signer, uint64_t version,
                         struct instant now, struct package *package, struct protocol_findings *findings, struct error *error)
    MUST_USE;

/* The bytes of a package.json; hostile. */
enum status package_list_read(const char *name, const void *bytes, size_t size, struct package_list *list, struct error *error)
    MUST_USE;

/* ---- keys ---- */

/* Makes FILE and FILE.pub; neither may exist. public_key is what FILE.pub holds. */
enum status package_key_make(const char *path, char public_key[PACKAGE_KEY_TEXT_SIZE], struct error *error) MUST_USE;
/* Refuses a file that others can read. The caller wipes the seed (sodium_memzero). */
enum status package_key_read_secret(const char *path, unsigned char seed[PACKAGE_KEY_SIZE], struct error *error) MUST_USE;
enum status package_key_read_public(const char *path, unsigned char key[PACKAGE_KEY_SIZE], struct error *error) MUST_USE;
/* 64 hexadecimal digits. */
bool package_key_parse(const char *text, unsigned char key[PACKAGE_KEY_SIZE]) MUST_USE;

#endif
