/* A vehicle of the exercise: stands, or follows a route over the roads at an even pace along it. Workload: a route a trip (some
 * milliseconds), a position each few seconds. */
#ifndef MINGDI_HOST_EXERCISE_VEHICLE_H
#define MINGDI_HOST_EXERCISE_VEHICLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "geo/point.h"
#include "road/city.h"

struct vehicle {
    struct geo_point at; /* where it stands, or where its trip ends */
    bool moving;
    struct instant begins, ends; /* of the trip */
    struct geo_point *points;    /* of the trip's way */
    double *along_m;             /* of each point, from the first */
    uint32_t point_count;
};

void vehicle_free(struct vehicle *vehicle);
struct geo_point vehicle_point(const struct vehicle *vehicle, struct instant now);
/* It sets out from where it is at now. A place without a way is reached in a straight line at walking pace, so that nobody waits
 * for ever. */
enum status vehicle_go(struct vehicle *vehicle, const struct city *city, enum road_profile profile, struct geo_point to,
                       struct instant now, struct error *error) MUST_USE;
/* It stands where the trip led. */
void vehicle_arrive(struct vehicle *vehicle);

#endif
