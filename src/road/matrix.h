/* Travel times and lengths from many places to many, on a city, in pieces that fit in memory. */
#ifndef MINGDI_ROAD_MATRIX_H
#define MINGDI_ROAD_MATRIX_H

#include <stdint.h>

#include "base/status.h"
#include "road/city.h"
#include "road/trip.h"

enum matrix_algorithm { MATRIX_CCH, MATRIX_DIJKSTRA }; /* the same answers; the second is there to check the first */

/* In an arc CSV city the arcs' times are given to more digits than ticks have. The way is chosen by ticks (and, of equal ones, by
 * length); trip.fine is the least sum of the exact times, so that seconds are right to the last of three decimals. */

/* Takes the trips from one place to all others. Called in order of from. A status other than OK ends the matrix. */
typedef enum status matrix_row(void *context, uint32_t from, const struct trip *trips, struct error *error);

enum status matrix_compute(const struct city *city, enum road_profile profile, enum matrix_algorithm algorithm,
                           const struct trip_end *from, uint32_t from_count, const struct trip_end *to, uint32_t to_count,
                           matrix_row *row, void *context, struct error *error) MUST_USE;

#endif
