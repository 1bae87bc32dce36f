/* Profiles as data: what each traveller may use, how fast, and what a barrier or a signal costs him.
 *
 *   emergency  an ambulance on a call, lights and sirens
 *   normal     the same ambulance in ordinary traffic
 *   foot       a crew or a first responder on foot
 *
 * The rules are the tables of profile.c and the struct below; the importer applies them to the tags of OpenStreetMap
 * (https://wiki.openstreetmap.org/wiki/Map_features) while reading and keeps the times only.
 *
 * What "on a call" means here, and why:
 * - Law. China's Road Traffic Safety Law, article 53: ambulances on an urgent task may use sirens and, where safety is ensured,
 *   are not bound by route, direction, speed or signals. Other countries say the same with other words (Germany StVO 35 and 38,
 *   UK Road Traffic Regulation Act 1984 s. 87). So legal limits of access, turns and speed do not bind; physical ones do.
 * - access=no or private, motor_vehicle=no and the like do not close a road that a car can physically drive; emergency=no does.
 *   emergency=yes (or designated, official, permissive) opens anything, a footway too, at walking-near speed
 *   (https://wiki.openstreetmap.org/wiki/Key:emergency). service=emergency_access is open to it alone.
 * - Bus roads are open; contraflow bus lanes (oneway:bus=no, oneway:psv=no, busway=opposite_lane) open the other direction.
 * - Against a one-way street: not by default, although the law allows it, because a route that relies on it is dangerous and not
 *   reliably quick; wrong_way_factor is the switch (a share of the speed; 0 closes).
 * - Turn restrictions bind only where tagged restriction:emergency.
 * - Gates and lift gates cost time, bollards and blocks close, unless the node says emergency=yes.
 * - Pedestrian streets are used slowly.
 * Dimensions (maxheight, maxwidth, width, maxweight) bind both vehicle profiles. */
#ifndef MINGDI_ROAD_PROFILE_H
#define MINGDI_ROAD_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "road/city.h"
#include "road/osm_source.h"

enum { ROAD_FORWARD, ROAD_BACKWARD, ROAD_DIRECTIONS };

struct profile_rules {
    const char *name;
    bool on_foot;
    bool on_call;              /* legal access does not bind, physical access does */
    double limit_factor;       /* free-flow speed as a share of the signed limit */
    double speed_factor;       /* over that: what lights and sirens gain */
    double rough_factor;       /* over the caps of surface, smoothness and track type */
    double destination_factor; /* speed on roads for destination or customers only, so that they are no short cuts */
    double wrong_way_factor;   /* speed against a one-way street; 0: closed */
    double narrow_factor;      /* speed on a two-way street of one lane */
    double height_m, width_m, weight_t;
    double off_road_kmh;             /* from a place to the road and back */
    const char *access_keys[6];      /* the most specific first; ends with NULL */
    const char *oneway_keys[5];      /* likewise */
    const char *restriction_keys[5]; /* likewise; turn restrictions that bind */
    const char *except_words[4];     /* words of except=* that free it; ends with NULL */
};

/* By enum road_profile. */
extern const struct profile_rules PROFILES[ROAD_PROFILE_COUNT];

/* The profile of a name, or ROAD_PROFILE_COUNT. */
enum road_profile profile_of_name(const char *name);

/* What a way costs. */
struct way_costs {
    float seconds_per_m[ROAD_PROFILE_COUNT][ROAD_DIRECTIONS]; /* 0: closed */
    float ferry_s; /* 0, or how long the whole way takes; seconds_per_m is then 1 where open */
};

enum way_verdict {
    WAY_USED,
    WAY_NOT_A_ROAD,         /* a building, a river: not counted */
    WAY_CLOSED,             /* a road or path that no profile may use */
    WAY_UNDER_CONSTRUCTION, /* and planned, abandoned, demolished ones */
    WAY_UNKNOWN_CLASS,      /* a highway value that is not in the table */
    WAY_REVERSIBLE,         /* its direction changes by the hour */
    WAY_FERRY_WITHOUT_DURATION,
    WAY_VERDICT_COUNT,
};
enum way_verdict profile_way(const struct profile_rules rules[ROAD_PROFILE_COUNT], const struct osm_tags *tags,
                             struct way_costs *costs);

/* What passing a node costs: a signal, a crossing, a gate. */
struct node_costs {
    uint16_t penalty_ds[ROAD_PROFILE_COUNT]; /* tenths of a second */
    uint8_t closed;                          /* bit of each profile that cannot pass */
    uint8_t direction;                       /* 0: both; 1: only along the way; 2: only against it */
};
/* False when the node costs nobody anything. */
bool profile_node(const struct profile_rules rules[ROAD_PROFILE_COUNT], const struct osm_tags *tags, struct node_costs *costs);

/* ---- the values of tags ---- */

/* km/h of a maxspeed value: "50", "30 mph", "20 knots", "walk", "none", "DE:urban", "zone:30"; 0 when it says nothing usable
 * ("signals", "variable", nonsense). */
double profile_speed_kmh(const char *value);
/* Seconds of a duration: "00:45", "1:30:00", "45" (minutes), "PT1H30M"; 0 when it is none. */
double profile_duration_s(const char *value);
/* Metres of a height or width: "2.7", "2.7 m", "9'6\"", "2,5"; 0 when it is none. */
double profile_metres(const char *value);
/* Tonnes of a weight: "3.5", "7.5 t", "3500 kg"; 0 when it is none. */
double profile_tonnes(const char *value);

#endif
