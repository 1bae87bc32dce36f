/* Who owns a centre on PostgreSQL that several processes could serve: one at a time, by a lease in the database.
 *
 * The row of journal_lease tells the owner, until when, and a number that rises with each owner. The clock of the database
 * counts, so that the machines need not agree on the time. An owner renews; another process claims it when it has run out, or
 * sooner when the owner's connection is gone and it has missed a renewal: its process has died.
 *
 * The lease only says who should write. What keeps a former owner out is the epoch in journal_writer (postgres.h): the new owner
 * raises it when it opens the journal, which only the holder of the lease can, and every transaction that writes, of the journal
 * or of the centre's tables, holds that row and looks for its own epoch in it. So a process that was frozen or cut off writes
 * nothing once another has begun, whatever it believes.
 *
 * struct lease is what the threads of a process share; struct lease_keeper is one thread's connection.
 *
 * Workload: a turn every 0.3 s of each process, three small statements at most; a claim now and then. */
#ifndef MINGDI_STORE_LEASE_H
#define MINGDI_STORE_LEASE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "store/store.h"

enum { LEASE_ID_SIZE = 17, LEASE_ADDRESS_SIZE = 256, LEASE_TURNS = 5, LEASE_MS_DEFAULT = 1500, LEASE_TELL_MS = 50 };

/* Of one process; all zero but id, lease_ms and tell_every_ms, which are set before anything is opened with it. */
struct lease {
    char id[LEASE_ID_SIZE];           /* 16 hexadecimal digits at random: a process that starts again is another one */
    char address[LEASE_ADDRESS_SIZE]; /* lease_set_address */
    atomic_bool has_address;          /* address is whole, and stays as it is */
    uint32_t lease_ms;                /* it runs out so long after a renewal; renewed LEASE_TURNS times in it */
    uint32_t tell_every_ms;        /* those that follow are told of entries at most so often; they look each turn all the same */
    _Atomic int64_t epoch;         /* of the lease that this process has; 0: another has it, or nobody */
    _Atomic int64_t held_until_us; /* of CLOCK_BOOTTIME, counted from before the renewal was sent */
    _Atomic int64_t fence;         /* epoch of journal_writer by which this process may write; 0: it may not */
    _Atomic uint32_t others;       /* processes that could take over, as far as is known */
    _Atomic uint32_t host;         /* of the store's URL: the one that was the primary last; asked first */
};

/* Where others are told to find this process; once, by any thread, before the lease is wanted. Until then they are told "". */
void lease_set_address(struct lease *lease, const char *address);
/* Whether it may still count on being the owner. One that could not renew in time may not, where others could have taken over;
 * a process that is alone goes on, for the epoch protects the journal in any case. */
bool lease_is_good(const struct lease *lease);
/* Until it runs out by this process's own count; 0: it has, or was never had. */
int64_t lease_left_us(const struct lease *lease);
/* As the server knows the process's connections: "mingdi WHAT ID SCHEMA"; without a lease "mingdi WHAT". */
enum { LEASE_APPLICATION_SIZE = 64 };
void lease_application(const struct store *store, const char *what, char name[LEASE_APPLICATION_SIZE]);
/* On which all processes of the store listen; a note without a word says that there is more in the journal. */
enum { LEASE_CHANNEL_SIZE = LEASE_ID_SIZE + 8 };
void lease_channel(const struct store *store, char channel[LEASE_CHANNEL_SIZE]);
/* Sixteen digits that stand for the store's schema. */
void lease_sign(const struct store *store, char sign[LEASE_ID_SIZE]);
/* In SQL, of a row of journal_standby: its process is connected. */
#define LEASE_STANDBY_CONNECTED(sign)                                                                      \
    "EXISTS(SELECT 1 FROM pg_stat_activity WHERE application_name = 'mingdi lease ' || journal_standby.id" \
    " || ' ' || " sign ")"
/* With the epoch behind it: a note by which somebody asks that owner to hand the centre on (hand_on.h). */
#define LEASE_WISH "hand on "

/* ---- the keeper: one thread ---- */

struct lease_keeper; /* opaque */

/* store->lease must be set. STATUS_VERSION where the tables are of an older program. */
enum status lease_open(const struct store *store, struct lease_keeper **keeper, struct error *error) MUST_USE;
/* Closes the connection; releases nothing, but others may now claim the lease as soon as a renewal is missing: so it is good no
 * longer than that. NULL is fine. */
void lease_close(struct lease_keeper *keeper);

enum lease_holder {
    LEASE_OURS,
    LEASE_OTHERS, /* another process has it, and lives as far as is known */
    LEASE_DYING,  /* another has it, but its connection is gone: it will be free in a moment */
    LEASE_FREE,   /* nobody has it, and it was not wanted */
};

struct lease_view {
    enum lease_holder holder;
    char owner[LEASE_ADDRESS_SIZE]; /* its address; "" nobody */
    int64_t free_in_us;             /* LEASE_OTHERS, LEASE_DYING: until it runs out, unless it is renewed */
    uint64_t last_sequence;         /* of the journal, durable */
    bool expected;                  /* the owner has renewed since it could know of this process, which may follow it at once */
    bool names_us;                  /* not LEASE_OURS: the row names this process as its last owner */
    bool replica_awaited; /* LEASE_OURS: what we wrote waits (for seconds already) for a synchronous standby of the server */
};

/* One turn: renews what this process has; else looks, claims where it is wanted and free, and tells the others that this process
 * is there, whose engine holds everything up to sequence. Fills lease->epoch, held_until_us and others. */
enum status lease_turn(struct lease_keeper *keeper, bool wanted, uint64_t sequence, struct lease_view *view, struct error *error)
    MUST_USE;
/* Gives it up, so that another may have it at once, and tells the others. lease->epoch and fence become 0 in any case. */
enum status lease_release(struct lease_keeper *keeper, struct error *error) MUST_USE;
/* How many others could take it at once. More is asked of them than of lease->others, by which we write beside nobody: a process
 * that was killed has no connection, and a machine that has lost its power keeps its own for minutes, but says nothing; so both
 * count, within one lease. */
enum status lease_heirs(struct lease_keeper *keeper, uint32_t *count, struct error *error) MUST_USE;
/* Wakes those that follow: there is more in the journal. */
enum status lease_tell(struct lease_keeper *keeper, struct error *error) MUST_USE;
/* Until somebody has told something, fd (-1: none) can be read, or the time is over. */
enum status lease_wait(struct lease_keeper *keeper, int fd, int timeout_ms, bool *told, struct error *error) MUST_USE;
/* Whether somebody has asked for the lease that this process has now (hand_on.h), since the last call. */
bool lease_is_asked_back(struct lease_keeper *keeper);

#endif
