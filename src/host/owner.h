/* Keeps the lease of a centre on PostgreSQL (store/lease.h) in a thread of its own: renews it while this process owns the centre,
 * claims it when it is free, and tells the core thread of every change, which then takes over or steps down (centre_follow.c).
 *
 * Workload: a turn every 0.3 s; more often where the lease is about to be free. */
#ifndef MINGDI_HOST_OWNER_H
#define MINGDI_HOST_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "store/lease.h"

struct owner;

enum { OWNER_TROUBLE_SIZE = 400 };

struct owner_facts {
    bool known;                       /* the database has answered at least once */
    enum lease_holder holder;         /* as it said last */
    char address[LEASE_ADDRESS_SIZE]; /* of the owner, as it said last; "" nobody */
    uint64_t last_sequence;           /* of the journal, while another owns it */
    bool expected;                    /* this standby may follow as soon as the lease runs out: the owner knows of it */
    uint32_t standbys;                /* of this owner: others that could take over */
    int64_t left_us;                  /* of our own lease; 0: not ours, or run out */
    uint64_t turns, failures;         /* failures: turns in which the database did not answer */
    bool replica_awaited; /* of this owner: nothing becomes durable before a synchronous standby of the database is there */
    char trouble[OWNER_TROUBLE_SIZE]; /* why, of the last turn; "" it answered */
};

/* store->lease is set and outlives it. Claims once owner_campaign was called. changed is called in its thread after each turn
 * that tells something new, and when there is more in the journal. */
enum status owner_create(const struct store *store, void (*changed)(void *context), void *context, struct owner **owner,
                         struct error *error) MUST_USE;
/* Any thread. From now on it claims the lease where it is free. */
void owner_campaign(struct owner *owner);
/* Any thread: this process's engine holds everything up to sequence, durable. Of the owner: the others are told, a moment later
 * for many at once. */
void owner_note(struct owner *owner, uint64_t sequence);
/* Any thread: whether somebody has asked, a moment ago, that the owner hands the centre on to a process that stands by. Then
 * owner_yield, once all is settled: the lease is this process's no more, and given back; nor is it claimed for a while, unless
 * nobody is left who could take it (lease_heirs). */
bool owner_is_asked_back(const struct owner *owner);
void owner_yield(struct owner *owner);
/* Any thread: the lease is given back as soon as may be, and not claimed again. */
void owner_resign(struct owner *owner);
/* Gives the lease back if that was not done, and ends the thread. NULL is fine. */
void owner_destroy(struct owner *owner);
void owner_facts(struct owner *owner, struct owner_facts *facts);

#endif
