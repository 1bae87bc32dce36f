/* Workload: tens of attempts a minute, thousands under attack: a hash table of sets of eight places, the oldest of a set
 * makes room. */
#include "host/people_limits.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "host/secret.h"

enum { SET = 8, SETS = LIMITS_MAX / SET };

struct bucket {
    uint64_t address; /* its hash */
    struct instant used_at;
    int64_t left_us; /* attempts in hand, in time: an attempt costs a minute / per_minute */
};

struct people_limits {
    uint64_t seed; /* so that nobody outside can aim at a set */
    struct bucket buckets[SETS][SET];
    struct name_failures names[SETS][SET], known[SETS][SET];
};

struct people_limits *people_limits_create(void)
{
    struct people_limits *limits = calloc(1, sizeof *limits);
    CHECK(limits != NULL);
    secret_random(&limits->seed, sizeof limits->seed);
    return limits;
}

void people_limits_destroy(struct people_limits *limits) { free(limits); }

/* An IPv4 address, also in the clothes of IPv6, counts whole; of IPv6 the network, for a client has all of it. */
static uint64_t address_hash(const struct people_limits *limits, const char *address)
{
    struct in6_addr six;
    if (inet_pton(AF_INET6, address, &six) != 1) {
        return hash64(address, strlen(address), limits->seed);
    }
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        char four[INET_ADDRSTRLEN];
        CHECK(inet_ntop(AF_INET, &six.s6_addr[12], four, sizeof four) != NULL);
        return hash64(four, strlen(four), limits->seed);
    }
    return hash64(&six, 8, limits->seed);
}

static struct bucket *find_bucket(struct people_limits *limits, uint64_t address, int64_t full_us)
{
    struct bucket *set = limits->buckets[address % SETS], *oldest = &set[0];
    for (unsigned i = 0; i < SET; i++) {
        if (set[i].used_at.us != 0 && set[i].address == address) {
            return &set[i];
        }
        oldest = instant_before(set[i].used_at, oldest->used_at) ? &set[i] : oldest;
    }
    *oldest = (struct bucket){ .address = address, .left_us = full_us };
    return oldest;
}

uint32_t people_limits_attempt(struct people_limits *limits, const char *address, uint32_t per_minute, struct instant now)
{
    int64_t cost_us = US_PER_MINUTE / (per_minute > 0 ? per_minute : 1);
    struct bucket *bucket = find_bucket(limits, address_hash(limits, address), US_PER_MINUTE);
    int64_t passed_us = bucket->used_at.us == 0 ? 0 : now.us - bucket->used_at.us;
    passed_us = passed_us < 0 ? 0 : passed_us > US_PER_MINUTE ? US_PER_MINUTE : passed_us;
    bucket->left_us = bucket->left_us + passed_us > US_PER_MINUTE ? US_PER_MINUTE : bucket->left_us + passed_us;
    bucket->used_at = now;
    if (bucket->left_us < cost_us) {
        return (uint32_t)((cost_us - bucket->left_us + US_PER_SECOND - 1) / US_PER_SECOND);
    }
    bucket->left_us -= cost_us;
    return 0;
}

/* The room of the name in its set; where it has none: NULL, and *oldest is the one that it would be given. */
static struct name_failures *find_room(struct name_failures *set, uint64_t name, struct instant now,
                                       struct name_failures **oldest)
{
    *oldest = &set[0];
    for (unsigned i = 0; i < SET; i++) {
        if (set[i].used_at.us != 0 && set[i].name == name) {
            set[i].used_at = now;
            return &set[i];
        }
        *oldest = instant_before(set[i].used_at, (*oldest)->used_at) ? &set[i] : *oldest;
    }
    return NULL;
}

static struct name_failures *take_room(struct name_failures *set, uint64_t name, struct instant now)
{
    struct name_failures *oldest, *room = find_room(set, name, now, &oldest);
    if (room == NULL) {
        room = oldest;
        *room = (struct name_failures){ .name = name, .used_at = now };
    }
    return room;
}

struct name_failures *people_limits_name(struct people_limits *limits, const char *name, struct instant now)
{
    uint64_t hash = hash64(name, strlen(name), limits->seed);
    return take_room(limits->names[hash % SETS], hash, now);
}

static uint64_t place_hash(const struct people_limits *limits, const struct known_place *place)
{
    const uint32_t who[2] = { place->person, place->revision };
    return hash64(who, sizeof who, address_hash(limits, place->address));
}

struct name_failures *people_limits_know(struct people_limits *limits, const struct known_place *place, struct instant now)
{
    uint64_t hash = place_hash(limits, place);
    return take_room(limits->known[hash % SETS], hash, now);
}

struct name_failures *people_limits_known(struct people_limits *limits, const struct known_place *place, struct instant now)
{
    uint64_t hash = place_hash(limits, place);
    struct name_failures *oldest;
    return find_room(limits->known[hash % SETS], hash, now, &oldest);
}
