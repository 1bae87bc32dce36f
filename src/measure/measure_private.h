/* What measure.c (follows events) and result.c (makes figures) share and nobody else may see. */
#ifndef MINGDI_MEASURE_MEASURE_PRIVATE_H
#define MINGDI_MEASURE_MEASURE_PRIVATE_H

#include "base/vec.h"
#include "measure/measure.h"

enum { HOURS_OF_WEEK = 168, HOURS_OF_DAY = 24 };

/* Times in rows: tenths of a millisecond after the call was offered, so that a row stays small; up to 4.9 days, longer ones are
 * cut there. */
#define ROW_MISSING UINT32_MAX
#define ROW_TICK_US 100

/* One counted call. */
struct call_row {
    uint32_t at[STAGE_COUNT]; /* ticks after offered_at, ROW_MISSING */
    uint32_t queued;          /* ticks */
    uint32_t external, unit, facility;
    struct geo_point point;
    uint16_t district; /* 0 unknown */
    uint16_t units_needed, units_short, diversions;
    uint8_t hour_of_week, priority, result, reached_by, was_queued, transported, in_incident;
    uint8_t protocol, proposed, opened, reprioritised; /* as in struct call_record */
    uint8_t afterwards;                                /* 1: entered from paper */
};

/* One mission that was completed for a counted call. */
struct mission_row {
    uint32_t at[STAGE_COUNT - STAGE_UNIT_ASSIGNED]; /* ticks after the call was offered */
    uint32_t facility;
    uint16_t district;
    uint8_t hour_of_week, priority, transported, afterwards, reserved[2];
};

VEC_TYPE(call_rows, struct call_row);
VEC_TYPE(mission_rows, struct mission_row);

struct call_slot {
    uint32_t id; /* 0: empty */
    uint32_t external, district;
    struct geo_point point;
    struct instant offered_at, answered_at, located_at, recognised_at, compressions_at;
    bool abandoned;
    uint8_t protocol, proposed;   /* as in struct call_record */
    uint32_t opened_id, incident; /* the call that was here and has become an incident, and which; 0 none */
};

struct incident_slot {
    struct call_record record;
    uint32_t id;                 /* 0: empty, or given out already */
    struct instant queued_since; /* INSTANT_NONE unless waiting */
    bool closed, reached;        /* over; the record's unit has reached the scene */
    bool unit_busy;              /* the record's mission has not ended, or its unit is not back yet */
};

struct mission_slot {
    struct instant at[STAGE_COUNT]; /* from STAGE_UNIT_ASSIGNED on */
    uint32_t id, incident, unit, facility;
    uint8_t kind; /* enum dispatch_kind */
    bool left_scene;
};

struct unit_slot {
    struct instant since;                 /* in activity */
    struct instant available_at;          /* end of its last mission */
    uint32_t mission;                     /* now, 0 none */
    uint32_t last_incident, last_mission; /* whose return to the post is awaited, 0 none */
    uint32_t last_row;                    /* mission row + 1 of it, 0 none */
    struct mission_record last;           /* of last_mission, where somebody listens */
    uint8_t activity, exists;
};

struct measure {
    struct measure_setup setup;
    uint32_t call_mask, incident_mask, mission_mask;
    struct call_slot *calls;
    struct incident_slot *incidents;
    struct mission_slot *missions;
    struct unit_slot *units; /* [limits.units + 1], from 1 */
    /* accumulated over the window */
    int64_t activity_us[HOURS_OF_WEEK][ACTIVITY_COUNT];
    int64_t queued_us[HOURS_OF_WEEK];    /* incidents waiting x time */
    int64_t in_system_us[HOURS_OF_WEEK]; /* calls between their arrival and their end x time */
    int64_t *unit_activity_us;           /* [limits.units + 1][ACTIVITY_COUNT] */
    int64_t *facility_us;                /* [limits.facilities + 1]: units standing there x time */
    uint64_t dispatches[DISPATCH_KIND_COUNT];
    uint64_t events, entries;
    uint32_t queue_now, queue_most; /* most at once within the window */
    struct call_rows call_rows;
    struct mission_rows mission_rows;
    struct instant finished_at; /* INSTANT_NONE while running */
    bool memory_refused;
};

/* Hour of the local week, 0 .. 167, in which the instant lies. */
uint32_t measure_hour_of_week(const struct measure *measure, struct instant at);
/* The part of [from, to) within the window, split at full hours: amount[hour of the week * stride] grows by it. */
void measure_add_span(const struct measure *measure, int64_t *amount, uint32_t stride, struct instant from, struct instant to);

#endif
