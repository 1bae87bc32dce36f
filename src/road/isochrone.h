/* The area that can be reached from a place within some minutes, as polygons.
 *
 * Along the roads as far as the time goes, also part of the way along an arc, and from any point of them off the road on foot
 * (ISOCHRONE_WALK_M_PER_S, at most ISOCHRONE_WALK_M beyond a margin of two cells to either side of the road). Every point of a
 * road that is reached in time lies inside; the area for a shorter time lies inside that for a longer one; polygons do not cross
 * themselves or each other. */
#ifndef MINGDI_ROAD_ISOCHRONE_H
#define MINGDI_ROAD_ISOCHRONE_H

#include <stdint.h>

#include "base/status.h"
#include "road/city.h"

#define ISOCHRONE_CELL_M 30.0 /* of the raster, larger for areas that would have too many cells */
#define ISOCHRONE_WALK_M 100.0
#define ISOCHRONE_WALK_M_PER_S 1.4
enum { ISOCHRONE_LIMITS_MAX = 16, ISOCHRONE_SECONDS_MAX = 4 * 3600 };

/* A closed ring: the first point stands again at the end. Outer rings run counterclockwise, holes clockwise (RFC 7946). */
struct isochrone_ring {
    uint32_t first_point, point_count; /* at least 4 */
    uint32_t polygon;                  /* numbered from 0 within the area */
    bool is_hole;
};

/* Rings are sorted by polygon, the outer one first. */
struct isochrone_area {
    uint32_t polygon_count, ring_count, point_count;
    struct isochrone_ring *rings;
    struct geo_point *points;
    double square_metres;
    uint32_t nodes_reached;
};

/* areas[limit_count], for rising limits in seconds (more than 0, at most ISOCHRONE_SECONDS_MAX). The time off the road at the
 * place itself counts. */
enum status isochrone_find(const struct city *city, enum road_profile profile, const struct road_place *place,
                           const double *limits_s, uint32_t limit_count, struct isochrone_area *areas, struct error *error)
    MUST_USE;

/* One of several places that are left at once. */
struct isochrone_source {
    struct road_place place;
    struct duration delay; /* before it is left */
};

/* What at least one of the sources reaches: one search from all of them. Those that reach nothing in time are passed over; from
 * no source that reaches anything the areas are empty. reached: NULL, or of each node of the graph the ticks until the first is
 * there, ROAD_INFINITY beyond the last limit. */
enum status isochrone_find_from(const struct city *city, enum road_profile profile, const struct isochrone_source *sources,
                                uint32_t source_count, const double *limits_s, uint32_t limit_count, struct isochrone_area *areas,
                                road_ticks *reached, struct error *error) MUST_USE;
void isochrone_free(struct isochrone_area *areas, uint32_t count);

#endif
