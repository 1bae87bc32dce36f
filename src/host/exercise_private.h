/* Inside the exercise: what its parts share. Each part is told of entities that the stream shows changed, plans its next act on
 * the agenda, and looks at the state again when the act is due: a plan that the state has outrun is dropped. */
#ifndef MINGDI_HOST_EXERCISE_PRIVATE_H
#define MINGDI_HOST_EXERCISE_PRIVATE_H

#include <jansson.h>

#include "base/random.h"
#include "host/exercise.h"
#include "host/exercise_link.h"
#include "host/exercise_vehicle.h"
#include "sim/agenda.h"
#include "sim/call_stream.h"
#include "sim/scenario.h"

enum seen { SEEN_CALLS, SEEN_INCIDENTS, SEEN_MISSIONS, SEEN_UNITS, SEEN_POSTS, SEEN_FACILITIES, SEEN_MESSAGES, SEEN_COUNT };

enum act {
    ACT_RING,      /* the next call of the stream */
    ACT_PERSON,    /* subject: seat that a person has in hand. Looks whether it is time for a call */
    ACT_EXTRA,     /* subject: enum call_kind. A call beside those of the stream */
    ACT_SEAT,      /* subject: call. What a seat does next: answer, locate, triage; a caller who gives up */
    ACT_DESK,      /* subject: incident. A desk decides on a recommendation */
    ACT_CREW,      /* subject: unit. Its next button */
    ACT_BED_FREE,  /* subject: facility. A patient leaves */
    ACT_BED_COUNT, /* subject: facility. The beds are counted anew */
    ACT_DESCRIBE,  /* subject: mission. The crew tells how it finds the patient */
    ACT_PREALERT,  /* subject: mission, for the facility of the generation: it says that it knows of the patient */
    ACT_READ,      /* subject: message. A crew reads it */
    ACT_SHIFTS,    /* who should be on duty now is */
    ACT_POSITIONS,
};

/* What a caller wants. All but the first come beside the calls of the scenario, which are those that need a unit. */
enum call_kind {
    CALL_NEEDS_UNIT,
    CALL_SECOND,   /* somebody else tells of an incident that is known */
    CALL_ADVICE,   /* advice is enough */
    CALL_GIVES_UP, /* hangs up before the answer, and needs no unit */
    CALL_UNKNOWN,  /* found as it was: made by a person, or before the exercise was started anew */
    CALL_KIND_COUNT,
};

/* A call of the exercise: what is true of it, until its incident is over. */
struct exercise_call {
    uint32_t call, incident; /* ids; incident 0 until it is known */
    uint32_t seat;           /* that it was dealt to, or that took it */
    uint32_t desk;           /* in a person's hands, that its incident was dealt to; 0: any that is played */
    uint32_t generation;     /* of the plan for it: an older one is void */
    enum call_kind kind;
    bool hangs_up; /* before it is answered */
    bool played;   /* the exercise answered it, and goes on though somebody takes the seat */
    struct call_truth truth;
    struct instant rang_at;
    struct instant dealt_at;  /* to that desk */
    struct duration patience; /* with nobody answering */
    const char *story;        /* protocol of what the caller tells; NULL: none that the centre has */
    const char *keys;         /* answers that have not been given yet */
    uint32_t protocol, step;  /* the question that stands; protocol 0: none was begun */
};

/* A seat in a person's hands. */
struct exercise_seat {
    uint32_t generation;    /* of its turns of ACT_PERSON: it was taken so often */
    uint32_t calls;         /* that rang for the person */
    struct instant next_at; /* not before */
    bool own_only;          /* a desk of who has answered calls as well */
    bool asleep;            /* a desk that let a recommendation pass */
};

struct exercise_unit {
    struct vehicle vehicle;
    bool placed;                /* the vehicle's place is known */
    uint32_t mission;           /* that it works on, 0 none */
    char state[16];             /* of the mission, or of the unit, for which the next act is planned; "": none */
    uint32_t target;            /* facility or post that it was planned with */
    uint32_t recommended;       /* facility, likewise */
    uint32_t asked;             /* mission whose facility was asked for */
    uint32_t describes;         /* mission whose patient it will describe, or has */
    uint32_t announced;         /* mission whose destination will say that it knows of the patient, or has ... */
    uint32_t announced_to;      /* ... that facility */
    uint32_t thought_of;        /* mission for which it has thought of more units */
    uint32_t generation;        /* of that plan */
    struct instant wheels_turn; /* a crew that is getting ready */
    struct geo_point reported;  /* position that was sent last */
    struct instant reported_at;
};

enum { EXERCISE_CALLS_MAX = 4096, EXERCISE_UNITS_MAX = 8192, FACILITY_COUNT_MAX = 4096, EXERCISE_SEATS_MAX = 1000 };

struct exercise {
    const struct exercise_setup *setup;
    struct exercise_link *link;
    struct scenario *scenario;
    struct city *city;
    struct call_places *places;
    struct call_stream stream;
    struct call_truth next;           /* call that will ring */
    struct call_stream people_stream; /* calls for people, beside those of the city */
    struct instant zero;              /* the centre's time of the scenario's zero */
    struct random_stream chance;
    struct agenda agenda;
    struct error error; /* of what went wrong while a message was heard */
    enum status status;

    json_t *seen[SEEN_COUNT]; /* objects by id as text */
    json_t *held;             /* "seat 3" -> actor */
    json_t *protocols;        /* array of those that the centre has */
    struct instant heard_now; /* the centre's time ... */
    int64_t heard_at_us;      /* ... at this monotonic time */
    double speed;

    struct exercise_call calls[EXERCISE_CALLS_MAX];
    uint32_t call_count;
    struct exercise_seat seats[EXERCISE_SEATS_MAX + 1]; /* by id */
    struct exercise_unit units[EXERCISE_UNITS_MAX + 1]; /* by id */
    uint32_t unit_max;
    uint32_t beds_leaving[FACILITY_COUNT_MAX + 1]; /* patients whose leaving is planned, by facility */
    uint64_t rung, commands, refused;
    uint32_t refusals_told; /* since the last line about how it goes */
};

/* ---- exercise.c ---- */
struct instant exercise_now(const struct exercise *exercise);
void exercise_plan(struct exercise *exercise, struct instant at, enum act act, uint32_t subject, uint32_t generation);
/* Uniform between two durations, for people who are not in the scenario. */
struct duration exercise_between(struct exercise *exercise, double low_s, double high_s);
/* Whether something happens whose chance at --surprises 1 is that. */
bool exercise_happens(struct exercise *exercise, double chance);
/* That many seconds of the centre's time, but long enough for an answer to come back: a centre at 60x is slow to hear. */
struct duration exercise_patience(const struct exercise *exercise, double seconds);
/* The hour of the scenario's clock counts from here: the centre's time with the offset of the setup. */
int64_t exercise_local_us(const struct exercise *exercise);
/* Sends the command (the body's reference is taken); what it made, or 0. A refusal is told in *done = false: the state has moved
 * on. */
uint32_t exercise_command(struct exercise *exercise, const char *name, json_t *body, bool *done);

/* ---- exercise_view.c: the state as the stream tells it ---- */
/* As the link calls it: context is the exercise. */
void exercise_hear(void *context, const json_t *message);
json_t *exercise_seen(const struct exercise *exercise, enum seen kind, uint32_t id);
bool exercise_is_held(const struct exercise *exercise, const char *kind, uint32_t id);
const json_t *exercise_holding(const struct exercise *exercise, const char *kind, uint32_t id); /* NULL: nobody has it */
uint32_t seen_number(const json_t *object, const char *name);                                   /* 0 where there is none */
const char *seen_text(const json_t *object, const char *name);
bool seen_is(const json_t *object, const char *name, const char *value);
/* Of a member with lon and lat: "point", "position". */
struct geo_point seen_place(const json_t *object, const char *name);
struct instant seen_instant(const json_t *object, const char *name, struct instant otherwise);
/* The first of the recommended units or facilities; 0 none. */
uint32_t seen_first_recommended(const json_t *object);

/* ---- exercise_callers.c: callers, seats and desks ---- */
void callers_begin(struct exercise *exercise);
void callers_ring(struct exercise *exercise);
/* A call for the person at the seat. The first one needs a unit, and is not far from one that could go. */
void callers_ring_for(struct exercise *exercise, uint32_t seat, bool first);
void callers_call_changed(struct exercise *exercise, uint32_t id);
void callers_extra(struct exercise *exercise, enum call_kind kind);
void callers_seat_act(struct exercise *exercise, uint32_t id, uint32_t generation); /* of the call */
void callers_incident_changed(struct exercise *exercise, uint32_t id);
void callers_desk_act(struct exercise *exercise, uint32_t id, uint32_t revision); /* of the incident */
/* The truth of the incident's call; one is drawn for a call that a person made up. NULL when memory is full. */
const struct call_truth *callers_truth(struct exercise *exercise, uint32_t incident);

/* ---- exercise_triage.c: questions of the protocols ---- */
void triage_fetch(struct exercise *exercise);
/* Which protocol the call will be asked by. */
void triage_prepare(const struct exercise *exercise, struct exercise_call *call);
/* How often triage_ask has something to do yet: beginning, and the answers. */
uint32_t triage_left(const struct exercise_call *call);
void triage_ask(struct exercise *exercise, struct exercise_call *call);
/* What the answers come to, whoever gave them: an object of priority, units_wanted and those needs that some unit here meets.
 * NULL: not enough to decide by. The caller's. */
json_t *triage_proposal(struct exercise *exercise, uint32_t call);

/* ---- exercise_dealing.c: who gets what ---- */
void dealing_taken(struct exercise *exercise, uint32_t seat);
void dealing_look(struct exercise *exercise, uint32_t seat, uint32_t generation);
/* Of a call that rings for the centre: by its number among the seats that are played; among all where none is. */
uint32_t dealing_seat(const struct exercise *exercise, uint32_t call);
/* To a desk in a person's hands, or to none in particular. */
void dealing_deal_incident(struct exercise *exercise, struct exercise_call *call);
/* call: of the incident; NULL: it is not known. */
bool dealing_waits_for_person(struct exercise *exercise, struct exercise_call *call);

/* ---- exercise_crews.c: crews, vehicles, hospitals ---- */
void crews_begin(struct exercise *exercise);
void crews_unit_changed(struct exercise *exercise, uint32_t unit);
void crews_act(struct exercise *exercise, uint32_t unit, uint32_t generation);
void crews_shifts(struct exercise *exercise);
void crews_positions(struct exercise *exercise);
void crews_bed_free(struct exercise *exercise, uint32_t facility);
void crews_bed_count(struct exercise *exercise, uint32_t facility);
/* What facilities would have to be able to treat: an array of labels, which the caller owns. */
json_t *crews_needs(const struct call_truth *truth);

/* ---- exercise_talk.c: what crews and hospitals tell one another ---- */
void talk_mission_changed(struct exercise *exercise, const json_t *mission);
void talk_message_changed(struct exercise *exercise, const json_t *message);
/* The mission, the mission, the message. */
void talk_describe(struct exercise *exercise, uint32_t id);
void talk_prealert(struct exercise *exercise, uint32_t id, uint32_t facility);
void talk_read(struct exercise *exercise, uint32_t id);

#endif
