/* The core thread and its mirror: the only place where commands become entries.
 *
 * Any thread submits; the core thread steps all that waits, commits once, and passes durable entries and answers to the I/O
 * thread, which applies them to the mirror in centre_deliver. Everything said here about entries is about durable ones.
 *
 * When the journal fails the core thread answers what waits with CENTRE_NOT_DURABLE, tries to open the journal again (after
 * 0.2 s, then doubling up to 5 s), rebuilds the engine from it and goes on; meanwhile new commands are refused as
 * CENTRE_NOT_READY.
 *
 * Where the store is one of several processes (store.lease), the centre begins as a standby: it follows the journal warm, the I/O
 * thread's mirror too, and takes no commands. Once it has the lease it opens the journal for writing, goes on from what it has,
 * and is ready; when it loses the lease it is a standby again.
 *
 * Workload: 1 to 1,000 commands a second from 100 clients; group commits of 1 to 100 commands. The queue holds at most
 * setup.queue_bytes_max (not less than some 500 kB); a full queue refuses. What the I/O thread has not taken is bounded too: then
 * the core thread waits. */
#ifndef MINGDI_HOST_CENTRE_H
#define MINGDI_HOST_CENTRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "core/engine.h"
#include "host/clock.h"
#include "host/owner.h"
#include "host/workers.h"
#include "road/city.h"
#include "store/store.h"

struct centre;

struct centre_setup {
    struct store store;          /* a copy is kept */
    struct limits limits;        /* of a new journal; one that exists brings its own */
    const struct policy *policy; /* must be that of the journal, by name and version */
    const struct city *city;     /* outlives the centre; its fingerprint must be that of centre_open */
    struct clock *clock;         /* outlives it */
    uint32_t road_threads;
    uint32_t snapshot_every;  /* entries between snapshots of the state; 0: only at a clean stop */
    uint32_t queue_bytes_max; /* of commands that wait */
    uint32_t group_commands_max;
    struct duration mobilisation[PRIORITY_COUNT]; /* expected from order to wheels turning, of a unit at its post */
    const struct speeds *speeds;                  /* the same */
    struct duration reckon_max;                   /* road_worker.h */
    struct duration estimate_speed;               /* time per kilometre of straight line when no road worker answers */
    bool drill;
    bool may_create; /* a store without a journal gets one: mingdi init */
};

enum centre_state {
    CENTRE_RECOVERING, /* reads the journal: nothing is known yet */
    CENTRE_READY,
    CENTRE_JOURNAL_FAILED, /* reads go on from the mirror, commands are refused, opening is tried again */
    CENTRE_STANDBY,        /* follows: another process owns the centre, or nobody does yet */
    CENTRE_DRAINING,       /* no new commands; what waits is done */
    CENTRE_STOPPED,        /* drained, or failed for good: centre_trouble tells */
};

/* Starts the core thread and the road workers; returns when the journal has been read and the mirror stands (printed through
 * log.h: entries, seconds), or with the failure. */
enum status centre_create(const struct centre_setup *setup, struct centre **centre, struct error *error) MUST_USE;
/* Ends the core thread, after centre_drain or without: nothing that was answered is lost either way. In the I/O thread: answers
 * that are still due are called from here (CENTRE_NOT_DURABLE for what was not begun), observers are not called any more. From
 * then on commands are refused as CENTRE_NOT_READY; reads go on. NULL is fine. */
void centre_stop(struct centre *centre);
/* Stops it, if that was not done, and frees it. */
void centre_destroy(struct centre *centre);
/* No new commands; snapshot, final hash, journal closed cleanly; then the state is CENTRE_STOPPED and the fd becomes readable.
 * The I/O thread goes on delivering meanwhile. */
void centre_drain(struct centre *centre);

/* ---- one of several processes; nothing happens where it is not ---- */

/* From now on it becomes the owner when nobody is. */
void centre_campaign(struct centre *centre);
/* Gives the lease back, so that another may go on at once: after the state is CENTRE_STOPPED. */
void centre_resign(struct centre *centre);
/* A centre that is handed on, as somebody has asked, is so by core and I/O thread in turns: the core thread must not give up its
 * right to write while the I/O thread has something to write because of the last answers. */
enum centre_hand_on {
    CENTRE_HAND_ON_NOT,
    CENTRE_HAND_ON_ASKED,     /* the I/O thread takes no more commands, and submits what it holds back */
    CENTRE_HAND_ON_SUBMITTED, /* the core thread does all that waits */
    CENTRE_HAND_ON_SETTLED,   /* the I/O thread delivers it, and lets be done what comes of it */
    CENTRE_HAND_ON_DONE,      /* the core thread gives the lease back */
};
/* In the I/O thread, which is woken for each stage that is its own, and again and again while it lasts, though not for ever. */
enum centre_hand_on centre_hand_on(const struct centre *centre);
/* Its part of that stage is done. Nothing happens where the core thread has waited too long, and gone on. */
void centre_hand_on_next(struct centre *centre, enum centre_hand_on done);
/* False: the store is not one of several processes. Any thread. */
bool centre_owner_facts(const struct centre *centre, struct owner_facts *facts);

/* ---- commands ---- */

enum centre_outcome {
    CENTRE_DONE,        /* result holds: accepted and durable, or refused by the core */
    CENTRE_NOT_DURABLE, /* the journal failed: it may or may not be done. With the same idempotency key the sender learns which */
};

struct centre_answer {
    enum centre_outcome outcome;
    struct step_result result;
    struct instant entered_at; /* of the batch */
};

enum centre_submit {
    CENTRE_TAKEN,
    CENTRE_BUSY,      /* the queue is full: come again */
    CENTRE_NOT_READY, /* the journal is not there, or the centre stops */
};

/* From any thread; the bytes are copied. answered (may be NULL) is called in the I/O thread, from centre_deliver, after the
 * mirror holds the entry: always exactly once if CENTRE_TAKEN was returned. */
enum centre_submit centre_submit(struct centre *centre, const struct command_head *command,
                                 void (*answered)(void *context, const struct centre_answer *answer), void *context) MUST_USE;

/* ---- the I/O thread's side ---- */

/* Readable when there is something to deliver, and after each change of the state. What is called from centre_deliver may submit,
 * but not deliver. */
int centre_fd(const struct centre *centre);
void centre_deliver(struct centre *centre);
/* The mirror: everything durable that has been delivered. I/O thread only. */
const struct core *centre_core(const struct centre *centre);
/* Of its last entry (core/journal.h); 0: there is none. I/O thread only. */
uint64_t centre_fingerprint(const struct centre *centre);
/* Called in the I/O thread for each delivered entry, after the mirror has applied it, in order. One observer each. */
void centre_observe(struct centre *centre, void (*entry)(void *observer, const struct entry_head *entry), void *observer);
/* Called in the I/O thread for effects that concern people: order, stand down, ring, recommendation, alarm. */
void centre_observe_effects(struct centre *centre, void (*effect)(void *observer, const struct effect *effect), void *observer);

/* The evidence of the standing recommendation: the event units_recommended of an incident, destination_recommended of a mission;
 * NULL where there is none or it is older than what was read at the start. Valid until the next centre_deliver. */
const struct event_units_recommended *centre_recommendation(const struct centre *centre, struct incident_id id);
const struct event_destination_recommended *centre_destination_recommendation(const struct centre *centre, struct mission_id id);

/* Newest positions for the road workers, fresher than what the journal keeps; from the I/O thread. at: by the centre's clock,
 * checked not to lie in its future; an older one than is known changes nothing. */
void centre_note_position(struct centre *centre, struct unit_id unit, struct geo_point point, struct instant at);

/* ---- any thread ---- */

enum centre_state centre_state(const struct centre *centre);
/* What is wrong while the journal is failed, for people: one sentence. */
void centre_trouble(const struct centre *centre, char *text, size_t size);

/* Rises while the core thread works: with each turn of its loop, several times a second when idle, and with each entry that it
 * reads. What stands still for long hangs. Any thread. */
uint64_t centre_beats(const struct centre *centre);

struct centre_figures {
    uint64_t commands, refused, repeated, commits, entries, journal_failures, questions, estimates, snapshots,
        reckoned; /* of units' places in answers about the roads */
    uint64_t queue_bytes, last_sequence, durable_sequence;
    int64_t commit_us_last, commit_us_total, recovery_us;
    uint64_t recovered_entries;
    uint64_t takeovers, followed; /* times that it became the owner; entries of other owners that it has applied */
    int64_t takeover_us;          /* the last one, from the lease to being ready */
};
void centre_figures(const struct centre *centre, struct centre_figures *figures);

#endif
