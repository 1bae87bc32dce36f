/* What happened, as figures: follows calls, incidents, missions and units through the events of the journal and gives out one
 * record for each call that is over, and at the end the figures of the whole run (result.h).
 *
 * A pure function over events: the same entries give the same records and figures, whether they come from a simulation, a live
 * centre or a journal that is read again. Nothing here is known to the core.
 *
 * Workload: 200,000 calls a second in a simulation, about 20 events each, so some 20 ns an event: all tables are sized at
 * creation, an id finds its slot by masking as in the core; memory is asked for only when the rows of counted calls grow.
 *
 * Use: measure_create, measure_entry for every entry in order, measure_finish; then result.h. measure_reset for the next one. */
#ifndef MINGDI_MEASURE_MEASURE_H
#define MINGDI_MEASURE_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "core/journal.h"
#include "core/limits.h"

/* The times of the glossary, in their usual order. */
enum stage {
    STAGE_CALL_OFFERED,
    STAGE_CALL_ANSWERED,
    STAGE_PLACE_KNOWN,
    STAGE_TRIAGED,
    STAGE_INCIDENT_OPENED,
    STAGE_ARREST_RECOGNISED, /* these two as callers tell them in triage, before or after the incident was opened */
    STAGE_COMPRESSIONS_BEGUN,
    STAGE_UNIT_ASSIGNED,
    STAGE_UNIT_NOTIFIED,
    STAGE_UNIT_ACKNOWLEDGED,
    STAGE_UNIT_DEPARTED,
    STAGE_ON_SCENE,
    STAGE_AT_PATIENT,
    STAGE_LEFT_SCENE,
    STAGE_AT_FACILITY,
    STAGE_HANDED_OVER,
    STAGE_AVAILABLE,
    STAGE_BACK_AT_POST,
    STAGE_COUNT,
};
extern const char *const STAGE_NAMES[STAGE_COUNT]; /* "call_offered" ... */

/* Where a unit was when it was sent. */
enum dispatch_kind {
    DISPATCH_FROM_POST, /* stood at its post */
    DISPATCH_RETURNING, /* on its way back */
    DISPATCH_FREED,     /* took a waiting incident from the queue on becoming free */
    DISPATCH_DIVERTED,  /* was going to another incident */
    DISPATCH_KIND_COUNT,
};
extern const char *const DISPATCH_NAMES[DISPATCH_KIND_COUNT];

/* What a unit's time goes into. */
enum activity {
    ACTIVITY_OFF_DUTY,
    ACTIVITY_OUT_OF_SERVICE,
    ACTIVITY_AT_POST,
    ACTIVITY_RETURNING,
    ACTIVITY_TO_SCENE, /* from the order: mobilisation is part of it */
    ACTIVITY_AT_SCENE,
    ACTIVITY_TO_FACILITY,
    ACTIVITY_AT_FACILITY,
    ACTIVITY_COUNT,
};
extern const char *const ACTIVITY_NAMES[ACTIVITY_COUNT];

enum call_result {
    CALL_RESULT_SERVED,     /* a unit reached the scene (treated or transported) */
    CALL_RESULT_SHORTFALL,  /* needed a unit and got none */
    CALL_RESULT_CANCELLED,  /* the need went away before a unit arrived */
    CALL_RESULT_LINKED,     /* told of an incident that was open already */
    CALL_RESULT_NO_UNIT,    /* closed: advice, no emergency, referred */
    CALL_RESULT_LOST,       /* abandoned by the caller and never reached again */
    CALL_RESULT_UNFINISHED, /* still open when measuring ended */
    CALL_RESULT_COUNT,
};
extern const char *const CALL_RESULT_NAMES[CALL_RESULT_COUNT];

enum { MEASURE_NO_REASON = 0xFF };

/* One call that is over. The stages from the order on are those of one unit: the first that reached the scene (if none did: the
 * last one that was sent). INSTANT_NONE: not reported, or did not happen. */
struct call_record {
    struct instant at[STAGE_COUNT];
    struct duration queued; /* waiting for a unit, all spells together */
    struct geo_point point;
    uint32_t call, external;            /* id in the core; number at its source */
    uint32_t incident;                  /* 0: became none */
    uint32_t unit, facility;            /* ids in the core; 0: none */
    uint32_t mission;                   /* whose stages these are; 0: no unit was sent */
    uint32_t district;                  /* as located; 0 unknown */
    uint16_t units_needed, units_short; /* asked for in all; of them given up */
    uint16_t dispatches;                /* units sent, all together */
    uint16_t diversions;                /* of them taken away for a more urgent incident */
    uint8_t priority;                   /* enum priority, the last one given; PRIORITY_COUNT for a call that became no incident */
    uint8_t result;                     /* enum call_result */
    uint8_t reached_by;                 /* enum dispatch_kind of the unit; DISPATCH_KIND_COUNT: none */
    uint8_t shortfall_reason;           /* enum shortfall_reason, or MEASURE_NO_REASON */
    uint8_t was_queued, transported, counted; /* counted: offered within the window, so part of the figures */
    uint8_t protocol;                         /* number of the first protocol by which the caller was asked; 0: none */
    uint8_t proposed, opened;                 /* enum priority when the incident was opened: proposed by then, decided;
                                                PRIORITY_COUNT: none */
    uint8_t reprioritised;                    /* 1: changed after a unit had been sent */
    uint8_t reserved;
    int64_t form; /* number of the paper that it was entered from afterwards; 0: it was taken here */
};

/* One mission that was completed. The stages are those from STAGE_UNIT_ASSIGNED on. */
struct mission_record {
    struct instant at[STAGE_COUNT];
    struct instant offered_at;         /* of the incident's first call */
    uint32_t mission, call, incident;  /* ids in the core */
    uint32_t unit, facility, district; /* facility: where a patient was taken; 0 none. district: 0 unknown */
    uint8_t priority;                  /* of the incident when the mission was completed */
    uint8_t transported, counted;      /* as in struct call_record */
    uint8_t reserved;
    int64_t form; /* as in struct call_record */
};

static inline bool call_record_has(const struct call_record *record, enum stage stage)
{
    return !instant_is_none(record->at[stage]);
}
/* Seconds between two stages; NaN if either is missing. The response time is from STAGE_CALL_OFFERED to STAGE_ON_SCENE, the
 * service time from STAGE_CALL_OFFERED to STAGE_AVAILABLE. */
double call_record_seconds(const struct call_record *record, enum stage from, enum stage to);

struct measure_setup {
    struct limits limits;       /* as given to the core */
    uint32_t district_count;    /* districts are numbered from 1; 0 and those above count as unknown */
    struct instant begin, end;  /* counted: calls offered in [begin, end); units' time and dispatches by the clock in it.
                                  end may be INSTANT_NEVER: until measure_finish */
    int32_t start_hour_of_week; /* local hour of the week (0: Monday 00:00) at instant 0: 0 .. 167 */
    struct duration target[PRIORITY_COUNT]; /* response; 0: none */
    /* Called once for every call (counted or not) when it is over and its unit is back or on other work; may be NULL. The
     * record is valid during the call. Order: by end, not by arrival. */
    void (*finished)(void *context, const struct call_record *record);
    /* For those who cannot wait for the unit to come back; both may be NULL. closed: the incident of a call is over, and its
     * unit still on the way or at work; finished follows. completed: a mission is, and once more when its unit is back at its
     * post. */
    void (*closed)(void *context, const struct call_record *record);
    void (*completed)(void *context, const struct mission_record *record);
    void *context;
};

struct measure; /* opaque */

enum status measure_create(const struct measure_setup *setup, struct measure **measure, struct error *error) MUST_USE;
void measure_destroy(struct measure *measure);
/* Forgets everything but the setup and keeps the memory: for the next replication. */
void measure_reset(struct measure *measure);
/* All events of an entry that is well-formed. Never fails: refused memory is told by measure_finish. */
void measure_entry(struct measure *measure, const struct entry_head *entry);
void measure_event(struct measure *measure, const struct event_head *event, struct instant entered_at);
/* Instead of entries: records that were given out before, in any order. Those offered within the window are counted. The
 * figures by the clock (of units, queues and facilities' hours) stay empty. */
void measure_add_call(struct measure *measure, const struct call_record *record);
void measure_add_mission(struct measure *measure, const struct mission_record *record);
/* Of a measure whose window is empty: everything that it has seen and not given out yet, as bytes of this program on this
 * machine, to go on from later. bytes has room for measure_state_size, which only the limits decide; most of them are zero. */
size_t measure_state_size(const struct measure *measure);
void measure_state_save(const struct measure *measure, void *bytes);
/* Instead of what was seen. STATUS_VERSION for a state of other limits, or of a program that lays it out otherwise; then nothing
 * has changed. What is right in form is believed: hold the bytes against a digest first. */
enum status measure_state_load(struct measure *measure, const void *bytes, size_t size, struct error *error) MUST_USE;
/* No more events; the clock stands at now. Gives out what is still open as CALL_RESULT_UNFINISHED, closes the units' time.
 * STATUS_NO_MEMORY if rows were lost on the way. Then nothing but result.h, reset and destroy. */
enum status measure_finish(struct measure *measure, struct instant now, struct error *error) MUST_USE;

#endif
