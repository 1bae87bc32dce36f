/* Polygons on the map: which points lie inside.
 *
 * A polygon is a set of rings; each is closed by itself (its last point may repeat the first). By the even-odd rule a ring
 * within a ring is a hole and a ring within that an island, whichever way each runs. Edges are straight in longitude and
 * latitude, as GeoJSON has it, and do not cross the 180th meridian.
 *
 * The border belongs to the polygon; so a point on the border of two districts lies in both, and the caller
 * takes the first. All tests are in whole numbers, thus exact: no point is lost between neighbours. */
#ifndef MINGDI_GEO_POLYGON_H
#define MINGDI_GEO_POLYGON_H

#include <stdbool.h>
#include <stdint.h>

#include "geo/point.h"

/* Ring r is point[ring_start[r]] .. point[ring_start[r + 1] - 1]; ring_start has ring_count + 1 entries. Borrowed. */
struct geo_polygon {
    const struct geo_point *point;
    const uint32_t *ring_start;
    uint32_t ring_count;
};

bool geo_polygon_contains(const struct geo_polygon *polygon, struct geo_point at);

#endif
