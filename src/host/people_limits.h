/* Against guessing: a token bucket for each client address, and a count of failures for names that nobody has (names that
 * somebody has carry theirs in the table of people), so that both are locked alike. Bounded: the entry used longest ago
 * makes room. I/O thread only. */
#ifndef MINGDI_HOST_PEOPLE_LIMITS_H
#define MINGDI_HOST_PEOPLE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

enum { LIMITS_MAX = 4096 };

struct people_limits;

struct people_limits *people_limits_create(void);
void people_limits_destroy(struct people_limits *limits);

/* Takes one attempt of per_minute; 0, or after how many seconds to come again. IPv6 addresses count by their first 64 bits. */
uint32_t people_limits_attempt(struct people_limits *limits, const char *address, uint32_t per_minute, struct instant now);

/* Of an unknown name. */
struct name_failures {
    uint64_t name; /* its hash */
    struct instant used_at, locked_until;
    uint32_t failed, attempts; /* as in struct person */
};
struct name_failures *people_limits_name(struct people_limits *limits, const char *name, struct instant now);

/* Of a person at an address (IPv6: a network) where that person has signed in, as the person was at that revision. It has a
 * count of its own, by which that address is locked: otherwise whoever knows the names could keep a whole centre out by failing
 * on purpose. */
struct known_place {
    uint32_t person, revision;
    const char *address;
};
/* There from now on. */
struct name_failures *people_limits_know(struct people_limits *limits, const struct known_place *place, struct instant now);
/* NULL: not known, or so long ago that others took its room. */
struct name_failures *people_limits_known(struct people_limits *limits, const struct known_place *place, struct instant now);

#endif
