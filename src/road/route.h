/* One trip with its way: the line on the map and the streets along it. */
#ifndef MINGDI_ROAD_ROUTE_H
#define MINGDI_ROAD_ROUTE_H

#include <stdint.h>

#include "base/status.h"
#include "road/city.h"
#include "road/trip.h"

/* A stretch along one street. */
struct route_step {
    const char *street; /* "" where it has no name; the city's */
    double seconds, metres;
    uint32_t first_point; /* of the route's points */
};

struct route {
    struct trip trip;
    struct geo_point *points; /* on the road, both ends included; route_free releases */
    uint32_t point_count;
    struct route_step *steps;
    uint32_t step_count;
};

/* STATUS_NOT_FOUND when there is no way. */
enum status route_find(const struct city *city, enum road_profile profile, const struct road_place *from,
                       const struct road_place *to, struct route *route, struct error *error) MUST_USE;
void route_free(struct route *route);

#endif
