/* Ways and areas by road as the members of a JSON object: what GET /routes, /isochrones and /coverage answer.
 *
 * Workload: for people who look at a map, 50 to 500 ms each, in a thread of their own; all that is needed is copied into the
 * question. */
#ifndef MINGDI_HOST_JOURNEY_H
#define MINGDI_HOST_JOURNEY_H

#include "base/json.h"
#include "base/status.h"
#include "road/city.h"
#include "road/isochrone.h"

/* A unit that can be sent, and how long until it drives. */
struct covering_unit {
    struct geo_point point;
    struct duration delay;
};

struct district_cover {
    double road_m, covered_m;
};

struct journey {
    const struct city *city;
    enum road_profile profile;
    struct geo_point from, to;
    double limits_s[ISOCHRONE_LIMITS_MAX];
    uint32_t limit_count;

    /* Of coverage. */
    const uint32_t *edge_districts; /* of each edge, 0: in none */
    uint32_t unit_count;
    struct covering_unit *units;      /* owned */
    uint32_t district_count;          /* one more than there are districts */
    struct district_cover *districts; /* owned; all zero before */
};

void journey_free(struct journey *journey);

/* STATUS_NOT_FOUND where from or to lies off all roads, or no way leads there. */
enum status journey_route(struct journey *journey, struct json *json, struct error *error) MUST_USE;
/* Of from: STATUS_NOT_FOUND where it lies off all roads, or the time ends before one is reached. */
enum status journey_isochrones(struct journey *journey, struct json *json, struct error *error) MUST_USE;
/* What the units reach within the first limit; a unit off all roads reaches nothing. */
enum status journey_coverage(struct journey *journey, struct json *json, struct error *error) MUST_USE;

#endif
