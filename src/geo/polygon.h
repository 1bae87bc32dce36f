/* Polygons on the map: which points lie inside, and how large they are.
 *
 * A polygon is a set of rings; each is closed by itself (its last point may repeat the first). By the even-odd rule a ring
 * within a ring is a hole and a ring within that an island, whichever way each runs; by the non-zero rule the directions
 * count. Edges are straight in longitude and latitude, as GeoJSON has it, and do not cross the 180th meridian.
 *
 * The border belongs to the polygon, in both rules; so a point on the border of two districts lies in both, and the caller
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
bool geo_polygon_contains_nonzero(const struct geo_polygon *polygon, struct geo_point at);

/* Square metres on the sphere of geo_distance_m, positive when the ring runs counter-clockwise. Exact for edges along
 * parallels and meridians, otherwise of edges straight in longitude and sine of latitude: R. G. Chamberlain, W. H. Duquette,
 * "Some algorithms for polygons on a sphere", JPL 2007; error below 1e-4 for edges under 100 km between latitudes of +-70. */
double geo_ring_area_m2(const struct geo_point *point, uint32_t count);
/* The rings' signed areas added up, without sign: holes must run the other way round than the ring that they lie in. */
double geo_polygon_area_m2(const struct geo_polygon *polygon);

#endif
