/* How many requests a person or an address may send: a bucket each that fills with time, in a table that never grows. Whoever
 * has not asked for longest gives up the place, so an attacker with many addresses can only make the limit forget, never the
 * memory grow.
 *
 * Workload: a look-up for each request, some thousand a second. */
#ifndef MINGDI_HOST_API_LIMIT_H
#define MINGDI_HOST_API_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct limiter;

struct limiter *limiter_create(void); /* NULL when memory is refused */
void limiter_destroy(struct limiter *limiter);
/* 0: go on. Else the seconds after which the next one will be let through. per_minute may be saved up for a minute. */
uint32_t limiter_ask(struct limiter *limiter, uint64_t who, int64_t per_minute, int64_t now_us);

/* Who has slow questions waiting in the queues that all share (ways, areas, what was): one person may have a few at a time, so
 * that the others are answered too. A table as large as those queues together, and searched whole: it is short. */
enum { SHARES_MAX = 128 };

struct shares {
    uint64_t holders[SHARES_MAX];
    uint32_t count;
};

/* False: that one has `most` already, or everything is taken. */
bool shares_take(struct shares *shares, uint64_t who, uint32_t most);
void shares_return(struct shares *shares, uint64_t who);

#endif
