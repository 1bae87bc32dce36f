/* The roads as the simulator asks them: places of both driving profiles, travel times between them, and where on its way a unit
 * is. One for a scenario, shared read-only by all replications.
 *
 * Workload: per simulated call some 20 travel times (labels: tens of nanoseconds each), one snap, and now and then a place on the
 * way. */
#ifndef MINGDI_SIM_ROADS_H
#define MINGDI_SIM_ROADS_H

#include "base/status.h"
#include "road/cch.h"
#include "road/city.h"
#include "road/speeds.h"

enum { DRIVING_PROFILES = 2 }; /* ROAD_EMERGENCY, ROAD_NORMAL */

/* A place that units leave and reach. The off-road part is in the seeds' ticks. */
struct spot {
    struct road_place place[DRIVING_PROFILES];
    struct road_seeds leaving[DRIVING_PROFILES], reaching[DRIVING_PROFILES];
    road_ticks off_road[DRIVING_PROFILES];
};

struct roads;

/* The city outlives it. Builds a metric and labels for each profile: 0.1 to 2 s and 10 to 500 MB, by the size of the city. */
enum status roads_create(const struct city *city, struct roads **roads, struct error *error) MUST_USE;
/* The same with learned speeds, as they are in a band of the week; speeds are read now and not kept. */
enum status roads_create_learned(const struct city *city, const struct speeds *speeds, enum speed_band band, struct roads **roads,
                                 struct error *error) MUST_USE;
void roads_destroy(struct roads *roads);
const struct city *roads_city(const struct roads *roads);
/* Microseconds a tick: whole, because a city's ticks a second divide a million. */
int64_t roads_tick_us(const struct roads *roads);
/* STATUS_NOT_FOUND when no road of a driving profile lies within limit_m. */
enum status roads_spot(const struct roads *roads, struct geo_point at, double limit_m, struct spot *spot, struct error *error)
    MUST_USE;

/* Ticks between seeds; ROAD_INFINITY when there is no way. */
road_ticks roads_ticks(const struct roads *roads, enum road_profile profile, const struct road_seeds *from,
                       const struct road_seeds *to);
/* Along one arc without passing a node, where both spots lie on it in that order; else ROAD_INFINITY. */
road_ticks roads_direct_ticks(const struct roads *roads, enum road_profile profile, const struct spot *from,
                              const struct spot *to);
/* From one spot to another, with the case that both lie on one arc. */
road_ticks roads_spot_ticks(const struct roads *roads, enum road_profile profile, const struct spot *from, const struct spot *to);

/* Of a trip between seeds: the node that comes next when elapsed ticks have gone by (road/cch.h says what exactly). */
void roads_ahead(const struct roads *roads, enum road_profile profile, const struct road_seeds *from, const struct road_seeds *to,
                 road_ticks elapsed, struct cch_ahead *ahead);

#endif
