/* The whole state of a centre, as plain tables: what policies, the host and the simulator may look at (const), and what only
 * the apply functions of this layer change.
 *
 * One block of memory without pointers holds it all, so that a snapshot is a copy and the state hash is a hash of bytes.
 * Calls, incidents and missions are numbered upwards for ever; entity with id n sits in slot n & (size - 1) of its table until
 * that slot is needed again, so recent ones stay readable after they are over; so are alarms and messages. Units, posts and
 * facilities are dense from 1.
 *
 * Workload: every command reads one to three entities; the scans over all units (candidates) and over the queue are the only
 * loops. */
#ifndef MINGDI_CORE_STATE_H
#define MINGDI_CORE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/limits.h"
#include "core/schema.h"

/* The bytes are hashed, so none of them may be left to the compiler: a hole in one of these structs does not compile. */
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* Links of a timer or queue list; index 0 is the list's own end. */
struct link {
    uint32_t previous, next;
};

/* One waiting timer an entity: what must have happened by due. */
struct timer {
    struct instant due; /* INSTANT_NEVER: not waiting */
    struct link link;
    uint32_t raised; /* the alarm that stands because something did not happen, or 0; then nothing waits */
    uint8_t kind;    /* enum alarm_kind */
    uint8_t reserved[3];
};

/* The last command that changed an entity, so that one who comes second can be told who was first. */
struct change {
    uint64_t sequence; /* of the entry; 0: none */
    struct instant at; /* when it was entered */
    uint32_t actor;
    uint8_t actor_kind; /* enum actor_kind */
    uint8_t reserved[3];
};

/* What follows from the answers that a caller gave. */
struct proposal {
    uint32_t needs, marks;
    uint8_t priority;       /* enum priority */
    uint8_t priority_known; /* 1 once an answer has told it */
    uint8_t units_wanted;
    uint8_t ready; /* 1: enough is known to send */
};

/* Triage by protocols, of one call (core/triage.c). */
struct triage {
    struct instant begun_at, asked_at; /* the first protocol; the question that stands, or the last one */
    uint32_t protocol;                 /* number; 0: none was begun */
    uint32_t version;
    uint32_t load;        /* which loading of it: another one may have other steps under the same numbers */
    uint32_t last_answer; /* id of the answer that is undone first, 0 none */
    uint32_t answered;    /* answers that stand */
    struct proposal proposal;
    uint8_t step; /* the question that stands, 0 once it has ended */
    uint8_t reserved[7];
};

struct call {
    uint32_t id, revision;
    struct change last_change;
    struct timer timer;
    uint64_t caller;
    int64_t form; /* of the paper that it was entered from afterwards; 0: it was taken here */
    struct instant offered_at, answered_at, located_at, ended_at; /* as it happened; INSTANT_NONE until it has */
    struct triage triage;
    struct geo_point point;
    struct incident_id incident;
    uint32_t district, external, seat;
    uint8_t state;   /* enum call_state */
    uint8_t outcome; /* enum call_outcome once closed */
    uint8_t reserved[6];
};

/* The number of a paper form that a case was entered from. The newest limits.calls of them are kept. */
struct entered_form {
    int64_t form;
    struct change entered;
    uint32_t call;
    uint8_t reserved[4];
};

struct incident {
    uint32_t id, revision;
    struct change last_change;
    struct timer timer;
    struct link queue;   /* in its priority's queue while queued */
    struct call_id call; /* the first that told of it */
    uint32_t needs, district;
    struct geo_point point;
    uint32_t marks;            /* triage_mark: what its calls told */
    struct instant offered_at; /* when its first call rang: the order of the queue */
    struct instant opened_at;
    struct instant queued_since;     /* INSTANT_NONE unless queued */
    uint64_t recommended_sequence;   /* the entry that holds the newest recommendation; 0 none, or asked again since */
    struct unit_id asked_unit;       /* the only unit asked for, or none */
    struct mission_id first_mission; /* of those not ended, linked by mission.next_of_incident */
    struct unit_id recommended[RECOMMENDED_MAX];      /* of the standing recommendation, best first */
    struct duration recommended_eta[RECOMMENDED_MAX]; /* of each, from the recommendation on */
    uint32_t recommended_count;
    uint16_t units_wanted, units_assigned; /* wanted in all; on missions now or having completed theirs */
    uint16_t units_short;
    uint16_t transported, arrived; /* missions that have taken a patient, that have reached the scene */
    uint8_t state;                 /* enum incident_state */
    uint8_t priority;              /* enum priority */
    uint8_t outcome;               /* enum incident_outcome once closed */
    uint8_t queue_reason;          /* enum shortfall_reason: what was missing when it was last queued */
    uint8_t was_queued;            /* 1 once it has been */
    uint8_t is_set_by_person;      /* 1: somebody judged the priority himself */
    uint8_t priority_by_person;    /* enum priority: what he set last; the priority is this or more urgent */
    uint8_t reserved[3];
};

/* As the crew finds him: no name, nothing that tells who he is. */
struct patient {
    struct instant described_at;                 /* INSTANT_NONE: not yet */
    uint32_t main_problem;                       /* need_set */
    uint16_t pulse, systolic, spo2, respiration; /* 0: not measured */
    uint8_t age_years;                           /* PATIENT_AGE_UNKNOWN: not known */
    uint8_t sex, consciousness;                  /* enum of that name */
    uint8_t reserved;
};

struct mission {
    uint32_t id, revision;
    struct change ordered, last_change;
    struct timer timer;
    struct timer prealert_timer; /* waits for the destination's acknowledgement, beside the stage's */
    uint64_t
        recommended_sequence; /* the entry that holds the newest recommendation of facilities; 0 none, or asked again since */
    struct incident_id incident;
    struct unit_id unit;
    struct mission_id next_of_incident;
    struct facility_id facility; /* destination, or none */
    struct facility_id recommended[RECOMMENDED_MAX];
    uint32_t recommended_count;
    uint32_t needs;                                       /* of the patient, for the destination */
    struct instant assigned_at, departed_at, on_scene_at; /* as reported; INSTANT_NONE until then */
    struct instant at_facility_at, handed_over_at;        /* as reported; of a stage that was left out INSTANT_NONE for good */
    struct instant silent_since;                          /* from when silence on scene counts; INSTANT_NONE until there */
    struct instant
        expected_at; /* arrival at the scene, then at the facility, by the times of the recommendation; or INSTANT_NONE */
    struct duration recommended_eta[RECOMMENDED_MAX]; /* to each of recommended */
    struct duration facility_eta;                     /* from the scene to the destination; DURATION_UNREACHABLE: not known */
    struct instant prealert_at;                       /* the destination was told of the patient; INSTANT_NONE: none is chosen */
    struct instant prealert_acknowledged_at;          /* INSTANT_NONE until the destination has acknowledged */
    struct patient patient;
    uint8_t state; /* enum mission_state */
    uint8_t end_reason;
    uint8_t bed_kind;                        /* asked for */
    uint8_t bed_reserved, bed_kind_reserved; /* 1 if a bed of that kind waits at the facility */
    uint8_t tier_min;
    uint8_t facility_asked; /* 1 between the question and the answer, or until the patient has been brought */
    uint8_t answer_awaited; /* 1: the timer, or the alarm that it raised, is that question's and not the stage's */
};

struct unit {
    uint32_t id, revision;
    struct change last_change;
    struct timer timer; /* waits for a sign of life while it is on duty */
    struct post_id post;
    struct mission_id mission; /* or none */
    uint32_t external, skills;
    struct geo_point point;       /* last reported */
    struct instant positioned_at; /* INSTANT_NONE: never */
    struct instant changed_at;    /* of its status, as it happened */
    struct instant crew_since;    /* the crew before went off duty: what was written until then is not for this one; or NONE */
    uint8_t state;                /* enum unit_state */
    uint8_t shift_ends;           /* 1: off duty when the mission ends */
    uint8_t retired;              /* 1: it exists no more; it is off duty then */
    uint8_t reserved[5];
};

struct post {
    uint32_t id, revision;
    struct change last_change;
    struct geo_point point;
    uint32_t external;
    uint8_t reserved[4];
};

struct facility {
    uint32_t id, revision;
    struct change last_change;
    struct timer timer; /* waits for a count of beds, if it ever gave one and is not shut */
    uint32_t external, capabilities;
    struct geo_point point;
    struct instant diverting_until;
    struct instant counted_at[BED_KIND_COUNT]; /* INSTANT_NONE: does not report beds of this kind */
    uint16_t beds[BED_KIND_COUNT][BED_STATE_COUNT];
    uint8_t state; /* enum facility_state */
    uint8_t tier;
    uint8_t diverting_cause; /* enum diversion_cause */
    uint8_t reserved[3];
};

/* A short text between seats and a crew; the text is personal data and not here. */
struct message {
    uint32_t id, revision;
    struct change sent, read;        /* by whom; read.sequence 0: not yet */
    uint64_t reference;              /* of the text */
    struct instant sent_at, read_at; /* as it happened; INSTANT_NONE until it has */
    struct unit_id unit;
    struct incident_id incident; /* that it is about, or none */
    uint32_t district;           /* of that incident, 0 unknown or none */
    uint8_t to_crew;             /* 1: to the crew; 0: from it */
    uint8_t reserved[3];
};

struct alarm {
    uint32_t id, revision;
    struct change last_change;
    struct instant raised_at, acknowledged_at, cleared_at; /* INSTANT_NONE until then */
    uint32_t subject;                                      /* id */
    uint32_t district, seat;   /* of the subject: where, and the seat that answered the call; 0 unknown or none */
    uint32_t acknowledged_by;  /* actor */
    uint8_t acknowledged_kind; /* enum actor_kind of it */
    uint8_t kind;              /* enum alarm_kind */
    uint8_t subject_kind;      /* enum subject */
    uint8_t owner;             /* enum desk */
    uint8_t state;             /* enum alarm_state */
    uint8_t end;               /* enum alarm_end */
    uint8_t reserved[2];
};

/* A triage protocol: its answers lie one after another in core.protocol_answers, in order of step and answer. */
struct protocol {
    uint64_t fingerprint;
    uint32_t number, version;
    uint32_t load;         /* counted up with every loading of any protocol */
    uint32_t answer_first; /* index */
    uint16_t answer_count;
    uint8_t entry, step_count;
    uint8_t reserved[4];
};

/* An answer, or a change to another protocol, that can be undone. Numbered upwards through all calls; answer with id n sits in
 * slot n & (limits.calls - 1) until that slot is needed again: then it can be undone no more, nor can those before it. */
struct given_answer {
    uint32_t id, previous; /* the call's answer before it, 0 none */
    uint32_t call;
    uint32_t protocol, version, load; /* of the question */
    struct proposal before;           /* what was proposed until then */
    uint8_t step;
    uint8_t answer; /* 0: another protocol was gone to */
    uint8_t reserved[2];
};

struct idempotency {
    uint32_t key[3];
    uint32_t made; /* id that the command made, 0 none */
    uint64_t sequence;
};

struct policy_rules {
    struct duration divert_gain_min;
    struct duration response_target[PRIORITY_COUNT];
    uint32_t position_age_step_ms;
    uint32_t limit_s[ALARM_KIND_COUNT]; /* 0: no alarm; of queue_overdue unused, the response target counts */
    uint16_t divert_matrix;
    uint8_t queue_rule, destination_rule, returning_waits, beds_required;
    uint8_t reserved[6];
};

/* First in the block. */
struct core_head {
    uint64_t layout;           /* of this block: what another program version laid out otherwise is no state of ours */
    uint64_t sequence;         /* of the last entry applied */
    struct instant entered_at; /* of it */
    uint64_t city_fingerprint;
    struct limits limits;
    uint32_t policy_version;
    uint32_t next_call, next_incident, next_mission, next_alarm, next_message; /* the next id to give out */
    uint32_t unit_count, post_count, facility_count;
    uint32_t incidents_open, incidents_queued, calls_open, alarms_open; /* alarms_open: raised or acknowledged */
    uint32_t timer_lists;                                               /* bit enum alarm_kind is set where timers wait */
    uint32_t protocol_count, protocol_answer_count, protocols_loaded;   /* loaded: ever */
    uint32_t next_answer;                                               /* the next id of struct given_answer */
    uint32_t form_count;                                                /* cases entered from paper in all */
    uint32_t key_count; /* keys remembered in all, the newest limits.keys of them are kept */
    uint8_t opened, drill;
    uint8_t reserved[6];
    struct policy_rules rules;
    struct link timers[ALARM_KIND_COUNT]; /* heads */
    struct link queues[PRIORITY_COUNT];   /* heads, in order of offered_at then id */
};

#pragma GCC diagnostic pop

/* The tables inside the block; pointers of this process, not part of the state. */
struct core {
    struct core_head *head;
    struct call *calls;
    struct incident *incidents;
    struct mission *missions;
    struct unit *units; /* [id]; [0] unused, as in all dense tables */
    struct post *posts;
    struct facility *facilities;
    struct alarm *alarms;
    struct protocol *protocols; /* [0] to [protocol_count - 1], in the order of their loading */
    struct protocol_answer *protocol_answers;
    struct given_answer *given_answers;
    struct message *messages;
    struct entered_form *forms;
    struct idempotency *keys;
    uint32_t *key_slots; /* open addressing over keys: index + 1 */
    uint32_t mission_mask, message_mask;
    size_t size; /* of the block, which begins at head */
};

/* NULL if there is no such entity (never was, or its slot has been used again). */
const struct call *core_call(const struct core *core, struct call_id id);
/* Whether a command with this idempotency key was done already, as far as keys are remembered. */
bool core_knows_key(const struct core *core, const struct command_head *command);
const struct incident *core_incident(const struct core *core, struct incident_id id);
const struct mission *core_mission(const struct core *core, struct mission_id id);
const struct unit *core_unit(const struct core *core, struct unit_id id);
const struct post *core_post(const struct core *core, struct post_id id);
const struct facility *core_facility(const struct core *core, struct facility_id id);
const struct alarm *core_alarm(const struct core *core, struct alarm_id id);
/* The version of the protocol that is held, or NULL. */
const struct protocol *core_protocol(const struct core *core, uint32_t number);
const struct message *core_message(const struct core *core, struct message_id id);
/* Whether a message is the present crew's: of another shift of its unit only who commands reads it. */
bool core_message_is_of_crew(const struct core *core, const struct message *message);

static inline uint32_t core_unit_count(const struct core *core) { return core->head->unit_count; }
static inline uint32_t core_facility_count(const struct core *core) { return core->head->facility_count; }

/* Whether a unit on its way to a call of priority from may be sent to one of priority to. */
static inline bool core_may_divert(const struct core *core, enum priority from, enum priority to)
{
    return (core->head->rules.divert_matrix >> (PRIORITY_COUNT * (unsigned)from + (unsigned)to) & 1) != 0;
}

/* Why the unit cannot go to the incident, or EXCLUSION_COUNT if it can: free, or on its way to an incident from which it may be
 * diverted. Skill is judged here too; the way is not. */
enum exclusion core_unit_exclusion(const struct core *core, const struct incident *incident, const struct unit *unit);
/* The incident that the unit is on its way to (not yet on scene), or NULL. */
const struct incident *core_unit_heading_to(const struct core *core, const struct unit *unit);

/* Asserts what every state promises: lists and counts agree, no unit on two missions, open incidents have a unit, a queue
 * place or a question; beds are conserved; alarms stand where something is missed. Walks everything: for tests and recovery, not
 * for every command. */
void core_check(const struct core *core);

#endif
