/* A city: the road network of an area with its profiles, ready to be asked. Made by the importer (import.h), kept in one file
 * that is mapped into memory, shared read-only by any number of threads. */
#ifndef MINGDI_ROAD_CITY_H
#define MINGDI_ROAD_CITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/status.h"
#include "road/graph.h"

/* The way a traveller moves; the rules of each are data (profile.c). An arc CSV city has only the first two. */
enum road_profile { ROAD_EMERGENCY, ROAD_NORMAL, ROAD_FOOT, ROAD_PROFILE_COUNT };

struct cch; /* order and topology of the contraction hierarchy: cch.h */

struct city; /* opaque */

enum status city_open(const char *path, struct city **city, struct error *error) MUST_USE;
void city_close(struct city *city);

const char *city_name(const struct city *city);
uint64_t city_fingerprint(const struct city *city); /* of the network and its weights: what journals refer to */
const struct road_graph *city_graph(const struct city *city);
uint32_t city_ticks_per_second(const struct city *city);
bool city_has_profile(const struct city *city, enum road_profile profile);
/* arc_count weights of the profile as imported. */
const road_ticks *city_weights(const struct city *city, enum road_profile profile);
/* In an arc CSV city, what each weight lacks of the given time, in 2^-32 tick: weight + fraction is exact far below a
 * microsecond. NULL in other cities. */
const int32_t *city_weight_fractions(const struct city *city, enum road_profile profile);
/* Length of each arc in decimetres. */
const uint32_t *city_lengths_dm(const struct city *city);
const struct cch *city_cch(const struct city *city);
/* For arc CSV cities: the node whose number in nodes.csv is given, or ROAD_NONE; and back (0 where there is none). */
uint32_t city_node_of_number(const struct city *city, uint64_t number);
uint64_t city_number_of_node(const struct city *city, uint32_t node);
/* The points of an arc from tail to head, both ends included. Returns how many; at most maximum are written. */
uint32_t city_arc_points(const struct city *city, uint32_t arc, struct geo_point *points, uint32_t maximum);
/* Name of the way the arc belongs to, "" if it has none. Owned by the city. */
const char *city_arc_name(const struct city *city, uint32_t arc);

/* A place held against the roads. In cities from maps it lies on an arc; in an arc CSV city it lies on a node (the nearest
 * with off-road access), as the node/arc models have it. */
struct road_place {
    uint32_t node;          /* if it lies on a node, else ROAD_NONE */
    uint32_t arc[2];        /* the arc that it lies on and its opposite, ROAD_NONE where there is none */
    float fraction;         /* of arc[0], from its tail: 0 .. 1 */
    struct geo_point point; /* on the road */
    double off_road_m;      /* straight distance from the place asked for to that point */
};

/* The nearest place that the profile can use. STATUS_NOT_FOUND when nothing lies within maximum_m metres. */
enum status city_snap(const struct city *city, enum road_profile profile, struct geo_point at, double maximum_m,
                      struct road_place *place, struct error *error) MUST_USE;
struct road_place city_place_at_node(const struct city *city, uint32_t node);
/* Ticks for the off-road distance of a place: driven or walked at the speed that the city states for the profile. */
road_ticks city_off_road_ticks(const struct city *city, enum road_profile profile, const struct road_place *place);
/* Seeds for leaving and for reaching the place on the road (off-road time not included), under the given weights. */
void city_seeds_leaving(const struct city *city, const road_ticks *weights, const struct road_place *place,
                        struct road_seeds *seeds);
void city_seeds_reaching(const struct city *city, const road_ticks *weights, const struct road_place *place,
                         struct road_seeds *seeds);
/* Ticks from one place to another without passing a node, where both lie on one arc in that order; else ROAD_INFINITY. */
road_ticks city_direct_ticks(const struct city *city, const road_ticks *weights, const struct road_place *from,
                             const struct road_place *to);

/* Base nodes are 0 .. city_base_count-1; nodes above are copies of them for turn restrictions. */
uint32_t city_base_count(const struct city *city);
/* The base node that a node is (a copy of). */
uint32_t city_base_of_node(const struct city *city, uint32_t node);
/* The place of the file: west, south, east, north corners of all roads. */
void city_bounds(const struct city *city, struct geo_point *south_west, struct geo_point *north_east);
/* True for an arc CSV city, whose places lie on nodes. */
bool city_is_from_arcs(const struct city *city);
/* All that the file tells of itself, as the members of one JSON object: what mingdi city info prints. */
void city_describe(const struct city *city, struct json *json);

#endif
