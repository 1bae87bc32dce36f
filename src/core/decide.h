/* Inside the core: what the entity files share with the engine. Not for other layers. */
#ifndef MINGDI_CORE_DECIDE_H
#define MINGDI_CORE_DECIDE_H

#include "base/arena.h"
#include "base/check.h"
#include "core/engine.h"
#include "core/journal.h"
#include "core/need.h"
#include "core/policy.h"
#include "core/state.h"

/* One command being decided. decide functions read core, emit events and return a refusal; on a refusal what was emitted is
 * thrown away. */
struct decision {
    const struct core *core;
    const struct policy *policy;
    struct instant now;         /* entered_at of the entry */
    struct instant occurred_at; /* of the command, now if it named none */
    struct arena *arena;        /* of this command: events are taken from it, one behind the other */
    uint32_t event_count;
    /* Of a refusal for a stale revision: whose, and what it is now. */
    enum stale_subject stale_subject;
    uint32_t revision_now;
    struct change first; /* of a refusal because another was first: the command that was */
};

/* A zeroed event with its head filled. The room is sized so that no command can fill it. */
void *decision_emit(struct decision *decision, uint16_t kind, uint32_t size, uint32_t list_size);
#define EMIT(decision, NAME, name) \
    ((struct event_##name *)decision_emit((decision), EVENT_##NAME, sizeof(struct event_##name), 0))

/* Whether the sender saw an older state of the entity than the present one (0: it did not look); then what it is now is noted,
 * and the change that made it so. */
static inline bool revision_is_stale(struct decision *decision, enum stale_subject subject, uint32_t seen, uint32_t now,
                                     const struct change *last_change)
{
    if (seen == 0 || seen == now) {
        return false;
    }
    decision->stale_subject = subject;
    decision->revision_now = now;
    decision->first = *last_change;
    return true;
}

/* A refusal because of what somebody did before. */
static inline enum refusal refused_after(struct decision *decision, const struct change *change, enum refusal refusal)
{
    decision->first = *change;
    return refusal;
}

/* Every change that a sender could conflict with goes through here. */
static inline void note_change(const struct entry_head *entry, uint32_t *revision, struct change *last_change)
{
    const struct command_head *command = entry_command(entry);
    *revision += 1;
    *last_change = (struct change){
        .sequence = entry->sequence, .at = entry->entered_at, .actor = command->actor, .actor_kind = command->actor_kind
    };
}

/* Whether something can have happened then: within a hundred years, and no further ahead than clocks may differ. */
static inline enum refusal core_check_occurred(struct instant occurred_at, struct instant now)
{
    if (instant_before(occurred_at, instant_add(now, duration_seconds(-PAST_TOLERANCE_S)))) {
        return REFUSED_MALFORMED;
    }
    return instant_before(instant_add(now, duration_seconds(FUTURE_TOLERANCE_S)), occurred_at) ? REFUSED_OCCURRED_IN_FUTURE
                                                                                               : REFUSED_NONE;
}

static inline bool point_is_valid(struct geo_point point)
{
    return point.lon_e7 >= -1800000000 && point.lon_e7 <= 1800000000 && point.lat_e7 >= -900000000 && point.lat_e7 <= 900000000;
}

/* When one arrives who sets off now; INSTANT_NONE where the estimate is none that could be believed. */
static inline struct instant arrival_after(struct instant from, struct duration eta)
{
    return eta.us >= 0 && eta.us <= ETA_MAX_S * US_PER_SECOND ? instant_add(from, eta) : INSTANT_NONE;
}

/* Mutable lookups, for apply functions: the entity must exist. */
struct call *call_at(struct core *core, struct call_id id);
struct incident *incident_at(struct core *core, struct incident_id id);
struct mission *mission_at(struct core *core, struct mission_id id);
struct unit *unit_at(struct core *core, struct unit_id id);
struct facility *facility_at(struct core *core, struct facility_id id);
struct alarm *alarm_at(struct core *core, struct alarm_id id);

/* ---- state.c ---- */
enum status core_create(const struct limits *limits, struct core *core, struct error *error) MUST_USE;
void core_destroy(struct core *core);
/* Tells states apart that are laid out otherwise. */
uint64_t state_layout(void);
/* Ids are given upwards, skipping those whose slot is still in use; 0 when the table is full. */
uint32_t core_next_call(const struct core *core);
uint32_t core_next_incident(const struct core *core);
uint32_t core_next_mission(const struct core *core);
/* The first of so many in a row, at least one. */
uint32_t core_next_missions(const struct core *core, uint32_t count);

/* ---- lists.c: timers and the queue ---- */
/* What the alarm is about, of which id, must happen within limit_s of from; 0: nothing is waited for. A timer that waited for the
 * same subject is gone; the alarm that stands for it goes by the event alarm_cleared. */
void timer_set(struct core *core, enum alarm_kind kind, uint32_t id, struct instant from, uint32_t limit_s);
void timer_clear(struct core *core, enum subject subject, uint32_t id);
void timer_stop(struct core *core, struct timer *timer);
struct instant core_next_timer(const struct core *core);
struct timer *timer_at(struct core *core, enum subject subject, uint32_t id);
/* NULL if there is no such subject. */
const struct timer *timer_of(const struct core *core, enum subject subject, uint32_t id);
/* The timer that an alarm of that kind runs on: the subject's, but for the pre-alert, which waits beside the mission's stages. */
struct timer *alarm_timer_at(struct core *core, enum alarm_kind kind, uint32_t id);
const struct timer *alarm_timer_of(const struct core *core, enum alarm_kind kind, uint32_t id);
void queue_insert(struct core *core, struct incident *incident);
void queue_remove(struct core *core, struct incident *incident);
/* The waiting incidents in the order in which they will be served; none after the last. */
struct incident_id queue_first(const struct core *core);
struct incident_id queue_after(const struct core *core, struct incident_id id);

/* ---- keys.c: idempotency ---- */
bool key_is_none(const struct command_head *command);
const struct idempotency *key_find(const struct core *core, const struct command_head *command);
void key_remember(struct core *core, const struct command_head *command, uint64_t sequence, uint32_t made);

/* ---- alarm.c ---- */
/* The last part of every decision: what its events made happen is missed no more, so the alarms about it are cleared. */
void decide_alarms_cleared(struct decision *decision, const struct event_head *first_event);

/* ---- unit.c, mission.c, facility.c: what is waited for ---- */
/* The unit has given a sign of life; or it is off duty and owes none. */
void unit_heard(struct core *core, struct unit_id id, struct instant now);
bool unit_owes_signs(enum unit_state state);
/* The crew has said something at the scene: its silence counts from here. */
void mission_heard(struct core *core, struct mission *mission, struct instant now);
/* The facility has counted or changed a bed; or it is shut and owes no count. */
void facility_heard(struct core *core, struct facility_id id, struct instant now);
/* It has ever counted its beds: so it has a terminal, and somebody at it. */
bool facility_takes_part(const struct facility *facility);
/* Beds of patients on the way are reserved, given back and occupied by the centre; every other change is the facility's word. */
static inline bool bed_change_is_reported(const struct event_bed_changed *event)
{
    return event->from != BED_STATE_RESERVED && event->to != BED_STATE_RESERVED;
}

/* ---- patient.c ---- */
/* The mission's destination is another one now: it is told that a patient is coming, and is expected to say that it knows. */
void prealert_begin(struct core *core, struct mission *mission, struct instant now);
/* Nobody waits for the acknowledgement any more. */
void prealert_stop(struct core *core, struct mission *mission);

/* ---- unit.c ---- */
/* The checks that commands which give a unit a home share, in their order of precedence. */
enum refusal unit_check_home(struct decision *decision, const struct unit *unit, struct post_id post, uint32_t revision_seen);
/* The unit's home is that post from now on; a unit that waited at the old one is on its way. */
void unit_take_post(struct unit *unit, struct post_id post);

/* ---- shared decisions (incident.c) ---- */
/* The incident still misses units: ask for the times of those that could go, or queue it. except: a unit that must not count
 * as one that could go, because the same decision sends it elsewhere. */
void decide_consider(struct decision *decision, const struct incident *incident, uint32_t needs, enum priority priority,
                     struct unit_id except);
/* A unit has become free: the first waiting incident that it can serve is considered. claimed holds incidents that the same
 * decision has given to other units already. */
struct incident_id decide_next_waiting(struct decision *decision, const struct unit *unit, const struct incident_id *claimed,
                                       uint32_t claimed_count);
/* Units missing: wanted, neither assigned nor given up. */
static inline int incident_missing(const struct incident *incident)
{
    return (int)incident->units_wanted - incident->units_assigned - incident->units_short;
}
enum incident_outcome incident_outcome_now(const struct incident *incident);
/* triage.c: the call comes to the incident now; what its caller told until then raises it, and never lowers it. */
void decide_linked(struct decision *decision, const struct call *call, const struct incident *incident);
/* call.c: the call's own part of incident_opened. */
void call_became_incident(struct core *core, const struct entry_head *entry, const struct event_incident_opened *event);
/* mission.c: events that end a mission: its end, its bed given back, the shift's end if it was waiting for this. */
void decide_mission_end(struct decision *decision, const struct mission *mission, enum mission_end_reason reason,
                        bool still_needed);
/* What follows for the incident when a mission ends without having been completed and needs no other in its place. */
void decide_one_unit_less(struct decision *decision, const struct incident *incident, const struct mission *ending);

#endif
