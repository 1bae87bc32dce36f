/* Workload: tens of hashes a minute at a change of shift, 64 MiB and 0.13 s each, two at a time. */
#include "host/people_password.h"

#include <sodium/crypto_pwhash.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "base/text.h"
#include "host/people.h"

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "hash");

enum status password_hash(const char *password, struct password_cost cost, char hash[PASSWORD_HASH_SIZE], struct error *error)
{
    memset(hash, 0, PASSWORD_HASH_SIZE);
    if (crypto_pwhash_str_alg(hash, password, strlen(password), cost.passes, (size_t)cost.memory_kib << 10,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to hash a password (%u KiB are needed)", cost.memory_kib);
    }
    return STATUS_OK;
}

bool password_verify(const char *password, const char *hash)
{
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

bool password_outdated(const char *hash, struct password_cost cost)
{
    return crypto_pwhash_str_needs_rehash(hash, cost.passes, (size_t)cost.memory_kib << 10) != 0;
}

static bool all_the_same(const char *password)
{
    size_t length = strlen(password);
    return length > 0 && strspn(password, (char[]){ password[0], '\0' }) == length;
}

const char *people_password_fault(const char *name, const char *password)
{
    size_t length = strlen(password), characters = 0;
    if (length > PASSWORD_BYTES_MAX) {
        return "the password is longer than 256 bytes";
    }
    if (!utf8_is_valid(password, length)) {
        return "the password is not valid UTF-8";
    }
    for (size_t i = 0; i < length; i++) {
        characters += ((unsigned char)password[i] & 0xC0) != 0x80;
    }
    if (characters < PASSWORD_CHARACTERS_MIN) {
        return "the password has fewer than 10 characters";
    }
    if (strcasecmp(name, password) == 0) {
        return "the password is the name";
    }
    return all_the_same(password) ? "the password is one character over and over" : NULL;
}
