#include "host/api_limit.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"

enum { SETS = 2048, WAYS = 4, US_A_MINUTE = 60000000 };

/* spent_us: how much of a minute's allowance is used, as time: each request costs a minute / per_minute. */
struct bucket {
    uint64_t who; /* 0: free */
    int64_t seen_us, spent_us;
};

struct limiter {
    struct bucket buckets[SETS][WAYS];
};

struct limiter *limiter_create(void) { return calloc(1, sizeof(struct limiter)); }

void limiter_destroy(struct limiter *limiter) { free(limiter); }

static struct bucket *find(struct limiter *limiter, uint64_t who, int64_t now_us)
{
    struct bucket *set = limiter->buckets[hash64(&who, sizeof who, 0) % SETS];
    struct bucket *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].who == who) {
            return &set[i];
        }
        oldest = set[i].seen_us < oldest->seen_us ? &set[i] : oldest;
    }
    *oldest = (struct bucket){ .who = who, .seen_us = now_us };
    return oldest;
}

uint32_t limiter_ask(struct limiter *limiter, uint64_t who, int64_t per_minute, int64_t now_us)
{
    struct bucket *bucket = find(limiter, who, now_us);
    int64_t passed_us = now_us - bucket->seen_us, cost_us = US_A_MINUTE / per_minute;
    bucket->spent_us = passed_us < bucket->spent_us ? bucket->spent_us - passed_us : 0;
    bucket->seen_us = now_us;
    int64_t over_us = bucket->spent_us + cost_us - US_A_MINUTE;
    if (over_us > 0) {
        return (uint32_t)(over_us / 1000000) + 1;
    }
    bucket->spent_us += cost_us;
    return 0;
}

bool shares_take(struct shares *shares, uint64_t who, uint32_t most)
{
    uint32_t held = 0;
    for (uint32_t i = 0; i < shares->count; i++) {
        held += shares->holders[i] == who;
    }
    if (held >= most || shares->count == SHARES_MAX) {
        return false;
    }
    shares->holders[shares->count++] = who;
    return true;
}

void shares_return(struct shares *shares, uint64_t who)
{
    uint32_t i = 0;
    while (i < shares->count && shares->holders[i] != who) {
        i++;
    }
    CHECK(i < shares->count);
    shares->holders[i] = shares->holders[--shares->count];
}
