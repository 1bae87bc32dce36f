/* What a point is called: the nearest road that has a name, the road that crosses it there, the named place that is near.
 *
 * Workload: a click on a map, or a call's place; some hundred microseconds in a city of 50,000 names. */
#ifndef MINGDI_PLACE_AROUND_H
#define MINGDI_PLACE_AROUND_H

#include "place/index.h"

#define AROUND_ROAD_M 500.0
#define AROUND_CROSS_M 500.0 /* along the straight line from the point to the crossing */
#define AROUND_PLACE_M 300.0

/* The texts are the index's; NULL where nothing is so near. */
struct place_around {
    const char *road, *cross, *place;
    double road_m; /* to the road */
};

/* Of an index of a city; of another nothing is near. */
void place_around_find(const struct place_index *index, struct geo_point at, struct place_around *around);

#endif
