/* The engine: the one function to read first is engine_step.
 *
 *   1 check    sizes, ranges, known ids, right of the sender        -> a refusal by name; nothing changed
 *   2 stamp    sequence + 1; entered_at = max(now given, last)      the only clock that the core sees
 *   3 decide   reads state, writes events after the command         a file an entity: call.c incident.c alarm.c ...
 *   4 append   command and events to the journal
 *   5 apply    each event changes state; the only code that does    the same files
 *   6 release  effects leave once the journal says durable          engine_commit, engine_next_effect
 *
 * One thread. No allocation after engine_create, no I/O but through the journal, no clock, no randomness, no floating point. */
#ifndef MINGDI_CORE_ENGINE_H
#define MINGDI_CORE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "core/journal.h"
#include "core/policy.h"
#include "core/state.h"

/* What the outside must do once an entry is durable. The details are read from the state. */
enum effect_kind {
    EFFECT_ASK_TRAVEL,              /* subject: incident. Answer with the command travel_times */
    EFFECT_RECOMMENDED,             /* subject: incident. A dispatcher decides */
    EFFECT_ORDER_UNIT,              /* subject: mission. Tell the crew */
    EFFECT_STAND_DOWN,              /* subject: mission. Tell the crew that it is over: cancelled or diverted */
    EFFECT_ASK_FACILITIES,          /* subject: mission. Answer with the command facility_times */
    EFFECT_DESTINATION_RECOMMENDED, /* subject: mission. Crew or dispatcher decide */
    EFFECT_RING,                    /* subject: call */
    EFFECT_ALARM,                   /* subject: alarm, detail: enum alarm_kind */
};

struct effect {
    uint64_t sequence; /* of the entry that it follows from */
    uint32_t kind, subject, detail, reserved;
};

/* Which entity has changed since the sender looked. */
enum stale_subject { STALE_NOTHING, STALE_CALL, STALE_INCIDENT, STALE_UNIT, STALE_POST, STALE_FACILITY, STALE_ALARM };

struct step_result {
    enum refusal refusal;
    uint64_t sequence; /* of the entry; of the first one if the key was known */
    uint32_t made;     /* id of the call, incident, mission, unit, post or facility that the command made; 0 none */
    enum stale_subject stale_subject; /* of REFUSED_STALE_REVISION: whose, and ... */
    uint32_t revision_now;            /* ... its revision now; the state tells the rest */
    /* Of a refusal because somebody was first (stale_revision, transition, incident_closed, enough_units, unit_not_available,
     * divert_not_allowed, step_passed): the command that was. Its sequence is 0 where there is none. */
    struct change first;
    bool repeated; /* the key was known: this is the answer given before, nothing was done again */
};

struct engine;

/* journal may be NULL: nothing is kept (recovery tools). The journal and the policy outlive the engine. */
enum status engine_create(const struct limits *limits, const struct policy *policy, const struct journal *journal,
                          struct engine **engine, struct error *error) MUST_USE;
void engine_destroy(struct engine *engine);

/* STATUS_OK, with the answer in *result, unless the journal failed: then the engine takes no more commands, and what was not
 * committed must be taken as not done. command is 8-byte aligned; size is what the sender sent. */
enum status engine_step(struct engine *engine, const struct command_head *command, size_t size, struct instant now,
                        struct step_result *result, struct error *error) MUST_USE;
/* Makes everything durable, so that its effects may leave. */
enum status engine_commit(struct engine *engine, struct error *error) MUST_USE;
/* The next effect whose entry is durable; false when there is none. */
bool engine_next_effect(struct engine *engine, struct effect *effect);
/* When the command time_passed is next due; INSTANT_NEVER if no timer waits. */
struct instant engine_next_timer(const struct engine *engine);
const struct core *engine_core(const struct engine *engine);
/* Called for every entry, after it was applied: for indicators and projections. Not journal: may be changed at any time. */
void engine_observe(struct engine *engine, void (*observe)(void *observer, const struct entry_head *entry), void *observer);

/* ---- recovery and proof ---- */
uint64_t engine_state_hash(const struct engine *engine);
/* Applies a stored entry (already known to be sound). STATUS_CORRUPT when it does not follow the last one. No effects. */
enum status engine_apply_entry(struct engine *engine, const struct entry_head *entry, struct error *error) MUST_USE;
/* Decides the entry's command again in the present state and compares the events byte by byte, without applying: *same.
 * *decided (owned by the engine until its next call) is the entry as it would be now; a refusal gives NULL. */
void engine_decide_again(struct engine *engine, const struct entry_head *entry, bool *same, const struct entry_head **decided);
/* After recovery: rings, questions, orders, recommendations that nobody decided on and alarms that nobody acknowledged are
 * released once more, for they may have been on their way when the process died. */
void engine_resume(struct engine *engine);
/* The state as bytes (owned by the engine, valid until it changes), and back into a fresh engine of the same limits. */
void engine_snapshot(const struct engine *engine, const void **bytes, size_t *size);
/* STATUS_VERSION for a snapshot of other limits, or of a program that lays out its state otherwise. */
enum status engine_restore(struct engine *engine, const void *bytes, size_t size, struct error *error) MUST_USE;

/* The limits that a snapshot was made with: to create the engine that will hold it. */
enum status engine_snapshot_limits(const void *bytes, size_t size, struct limits *limits, struct error *error) MUST_USE;

#endif
