/* How much of the demand the posts reach in time, when every unit is at home: the driving time with lights from the nearest post
 * that has a unit, without call handling, mobilisation or busy units. The best that the sites allow, not what patients got.
 *
 * Workload: once a run; one sweep over the network for each 16 posts, one snap a demand cell. */
#ifndef MINGDI_SIM_COVERAGE_H
#define MINGDI_SIM_COVERAGE_H

#include "base/status.h"
#include "road/city.h"
#include "sim/scenario.h"

enum { COVERAGE_STEPS = 3, COVERAGE_CELLS_MAX = 100000 };
extern const int COVERAGE_MINUTES[COVERAGE_STEPS]; /* 4, 8, 12 */

/* A place that counts: a demand cell, or a call where the scenario has no cells. */
struct coverage_place {
    struct geo_point point;
    double weight;
    uint32_t district; /* index, or district_count for unknown */
};

struct coverage {
    uint32_t node_count;
    float *node_s;        /* seconds from the nearest post, INFINITY where none can come; INFINITY throughout without units */
    uint32_t post_count;  /* posts with a unit */
    uint32_t place_count; /* demand places looked at (of more than COVERAGE_CELLS_MAX, every n-th) */
    double within[COVERAGE_STEPS]; /* share of the demand, by weight; NaN without demand */
    double mean_s;                 /* of the demand that can be reached; NaN without */
    double unreachable;            /* share of the demand without a way from any post */
    uint32_t district_count;
    double *district_within; /* [district_count][COVERAGE_STEPS], NaN for a district without demand */
};

/* places: used where the scenario has no demand cells; may be NULL with place_count 0. */
enum status coverage_compute(const struct scenario *scenario, const struct city *city, const struct coverage_place *places,
                             uint32_t place_count, struct coverage *coverage, struct error *error) MUST_USE;
void coverage_free(struct coverage *coverage);

#endif
