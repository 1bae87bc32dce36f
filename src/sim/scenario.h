/* A scenario: one service as a planner writes it down in a folder of plain files (docs/scenario.md), read once, checked with
 * file and line, then never changed. The simulator's world and the reports read these arrays directly.
 *
 * Workload: up to 5,000,000 demand cells, 10,000 units, stations and facilities each; loading takes about 0.2 us a cell.
 *
 * Every thing is known by its place in its array, from 0, in the order of its file; the planner's own id and the line are kept
 * for messages and output. Times are seconds where they are parameters, places are degrees of 1e-7. */
#ifndef MINGDI_SIM_SCENARIO_H
#define MINGDI_SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "core/schema.h"
#include "geo/point.h"
#include "road/city.h"
#include "sim/distribution.h"

/* Priorities and tiers are the core's (schema/types.toml). Arrays by priority have PRIORITY_COUNT entries; a priority that the
 * scenario does not use has used = false and share 0. */

/* What care a patient needs beyond an emergency department: the five centres. */
enum { CARE_NONE, CARE_CHEST_PAIN, CARE_STROKE, CARE_TRAUMA, CARE_MATERNITY, CARE_NEWBORN, CARE_COUNT };

enum { SKILL_BLS, SKILL_ALS, SKILL_COUNT };
enum { REPLICATIONS_MAX = 10000 };
enum { VEHICLE_AMBULANCE, VEHICLE_MOTORCYCLE, VEHICLE_CAR, VEHICLE_HELICOPTER, VEHICLE_COUNT };

enum destination_rule {
    DESTINATION_NEED_THEN_NEAREST, /* among the facilities that have the capability (all, if none has), the nearest in time */
    DESTINATION_NEAREST,           /* the nearest in time from the call's place, in the profile trips to facilities are made in */
};

enum {
    SCENARIO_ID_SIZE = 40,    /* with the terminator */
    SCENARIO_NAME_SIZE = 128, /* likewise */
    SCENARIO_ATTRIBUTION_SIZE = 512,
    HOURS_A_WEEK = 168,
    BEDS_UNLIMITED = -1,
};

struct scenario_station {
    char id[SCENARIO_ID_SIZE], name[SCENARIO_NAME_SIZE];
    struct geo_point point;
    int32_t capacity;  /* vehicles; information only */
    uint32_t district; /* index */
    int32_t line;      /* of stations.csv */
};

struct scenario_unit {
    char id[SCENARIO_ID_SIZE], name[SCENARIO_NAME_SIZE];
    uint32_t station;                   /* index */
    uint8_t skill, vehicle;             /* SKILL_, VEHICLE_ */
    int32_t shift_start_s, shift_end_s; /* second of the local day, 0 .. 86,400; both 0: round the clock. End before start: over
                                            midnight */
    int32_t line;
};

struct scenario_facility {
    char id[SCENARIO_ID_SIZE], name[SCENARIO_NAME_SIZE];
    struct geo_point point;
    uint8_t tier;          /* TIER_ */
    uint32_t capabilities; /* bit CARE_x set: has that centre; bit 0 is always set */
    int32_t beds;          /* that calls of this scenario may take, or BEDS_UNLIMITED */
    uint32_t district;
    int32_t line;
};

struct scenario_district {
    char id[SCENARIO_ID_SIZE], name[SCENARIO_NAME_SIZE];
    uint32_t ring_first, ring_count; /* rings of its polygons in scenario.ring_start; 0 when it has none */
    struct geo_point box_low, box_high;
};

struct scenario_cell {
    struct geo_point point; /* centre */
    float weight;           /* above 0, any unit: only shares count */
    uint32_t district;
    int32_t line;
};

struct scenario_priority {
    bool used;
    char code[SCENARIO_ID_SIZE]; /* how CALLS.csv and the output name it: the planner's own ("1"), or the glossary's name */
    double share;                /* of all calls, summing to 1; where rate.csv tells rates by priority, what follows from them */
    double target_s;             /* response within this counts as in time; 0: no target */
    enum road_profile profile;   /* of the trip to the call: ROAD_EMERGENCY (lights and sirens) or ROAD_NORMAL */
    bool needs_als;
    double need_chance[CARE_COUNT]; /* summing to 1; need_chance[CARE_NONE] = 1 when there is no needs.csv */
    /* What a call of this priority takes, in seconds; transport is bernoulli. */
    struct distribution delay, mobilisation, patient_access, on_scene, transport, handover, bed_stay;
    int32_t line;
};

struct scenario_policy {
    bool dispatch_returning; /* units on their way back may be sent */
    bool may_divert[PRIORITY_COUNT]
                   [PRIORITY_COUNT]; /* [from][to]: a unit going to a call of priority from may be sent to one of to */
    enum destination_rule destination_rule;
    enum road_profile facility_profile, return_profile; /* of trips to a facility, and back to the own station */
    double divert_gain_s; /* a diverted unit must be sooner than the best free one by more than this; 0 in JEMSS */
};

struct scenario {
    char *folder;    /* as given */
    char *city_path; /* of the city file: found from the folder */
    char name[SCENARIO_NAME_SIZE];
    char attribution[SCENARIO_ATTRIBUTION_SIZE]; /* origin and licence of the data, as reports must tell it; "" none */
    uint64_t seed;                               /* default of --seed */
    int32_t start_hour_of_week;                  /* of the scenario's zero instant, local: 0 = Monday 00:00 .. 167 */
    double days, warmup_days;                    /* defaults of --days and --warmup-days */
    int32_t replications;                        /* default of --replications */
    double snap_limit_m;                         /* a station, facility, cell or call farther from any usable road is an error */
    char policy_name[SCENARIO_ID_SIZE];          /* default of --policy: a name that policy/policies.h knows */

    uint32_t station_count, unit_count, facility_count, district_count, cell_count; /* district_count is at least 1 */
    struct scenario_station *stations;
    struct scenario_unit *units;
    struct scenario_facility *facilities;
    struct scenario_district *districts;
    struct scenario_cell *cells;
    uint32_t *cells_by_latitude;            /* only with several districts and no polygons: cells from south to north */
    char *cells_file;                       /* "demand.csv.gz", for messages */
    double cell_width_deg, cell_height_deg; /* 0: calls fall on the centres */
    uint32_t ring_count;                    /* polygons of districts: ring r is ring_point[ring_start[r] .. ring_start[r+1]) */
    uint32_t *ring_start;
    struct geo_point *ring_point;

    struct scenario_priority priorities[PRIORITY_COUNT];
    double calls_per_day[HOURS_A_WEEK][PRIORITY_COUNT]; /* rate in each local hour of the week, by priority */
    double calls_per_day_mean;                          /* over the week, all priorities */
    struct scenario_policy policy;
};

/* Read and check the folder. On failure *scenario is untouched and the error begins with file:line where one is at fault. */
enum status scenario_load(const char *folder, struct scenario **scenario, struct error *error) MUST_USE;
/* The static part alone, as far as the given table, in this order: what a live centre is made of (docs/setup.md). priorities.csv,
 * service.csv and what follows are not read; all four priorities count as used, by the glossary's names. */
enum scenario_part {
    SCENARIO_SETTINGS,
    SCENARIO_DISTRICTS,
    SCENARIO_STATIONS,
    SCENARIO_UNITS,
    SCENARIO_FACILITIES,
    SCENARIO_RULES, /* policy.csv and diversion.csv, where they are */
};
enum status scenario_load_static(const char *folder, enum scenario_part last, struct scenario **scenario, struct error *error)
    MUST_USE;
void scenario_free(struct scenario *scenario);

/* Hold every station, facility and demand cell against the city's roads: STATUS_BAD_INPUT with file, line and distance for the
 * first that lies farther than snap_limit_m from a road of the profiles used. The world calls this once at start. */
enum status scenario_check_places(const struct scenario *scenario, const struct city *city, struct error *error) MUST_USE;

/* The district whose polygon holds the point; where districts have no polygons, or none holds it, that of the nearest cell;
 * 0 when there are no cells. */
uint32_t scenario_district_of(const struct scenario *scenario, struct geo_point point);

/* The priority that the text means in CALLS.csv: its code in this scenario, or the glossary's name; -1 if neither. */
int scenario_priority_of(const struct scenario *scenario, const char *text, size_t length);

#endif
