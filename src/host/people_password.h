/* Passwords: argon2id in the form "$argon2id$v=19$m=..,t=..,p=1$salt$hash". Slow on purpose: in the hashing workers only. */
#ifndef MINGDI_HOST_PEOPLE_PASSWORD_H
#define MINGDI_HOST_PEOPLE_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { PASSWORD_HASH_SIZE = 128, PASSWORD_CHARACTERS_MIN = 10, PASSWORD_MEMORY_KIB = 64 << 10, PASSWORD_PASSES = 2 };

struct password_cost {
    uint32_t memory_kib, passes;
};

enum status password_hash(const char *password, struct password_cost cost, char hash[PASSWORD_HASH_SIZE], struct error *error)
    MUST_USE;
/* In constant time. False also when memory is refused. */
bool password_verify(const char *password, const char *hash);
/* Made with other costs than these. */
bool password_outdated(const char *hash, struct password_cost cost);

#endif
