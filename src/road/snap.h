/* The index for snapping: a grid of cells with the pieces of road that cross them (in an arc CSV city: the nodes that lie in
 * them), and the exact search for the nearest.
 *
 * Workload: asked once a call, a few microseconds; 1 to 4 pieces a cell in a town. Distances are straight, in the plane that
 * touches the earth at the latitude asked from (error below 0.1 % within 50 km); an arc CSV city may bring scales of its own.
 * Of equally near ones the lowest edge (or node) wins. */
#ifndef MINGDI_ROAD_SNAP_H
#define MINGDI_ROAD_SNAP_H

#include <stdbool.h>

#include "road/city_file.h"

struct snap_grid {
    uint32_t *first;
    struct city_grid_entry *entries;
    uint64_t first_count, entry_count;
};

/* Fills the grid's fields of meta. parts holds nodes, edges, their polylines and arc_use already; an edge that no profile uses is
 * left out. False when memory is refused; caller frees both arrays. */
bool snap_build(const struct city_parts *parts, struct city_meta *meta, struct snap_grid *grid);

struct snap_hit {
    uint32_t edge;  /* or ROAD_NONE */
    uint32_t point; /* where on its polyline the piece begins; in an arc CSV city the node */
    double along;   /* of the piece, 0 .. 1 */
    double distance_m;
};

/* False when nothing that the profile uses lies within maximum_m. */
bool snap_find(const struct city_parts *parts, enum road_profile profile, struct geo_point at, double maximum_m,
               struct snap_hit *hit);

/* The nearest place on each edge that the profile uses within within_m, the nearest first, at most maximum of them. Returns how
 * many. Not for an arc CSV city, whose places lie on nodes. */
uint32_t snap_near(const struct city_parts *parts, enum road_profile profile, struct geo_point at, double within_m,
                   struct snap_hit *hits, uint32_t maximum);
/* Of a hit on an edge, found from a place: the same as a place of the city. */
struct road_place city_place_on_edge(const struct city *city, const struct snap_hit *hit, struct geo_point at);

/* Metres a 1e-7 degree at a place, east and north, as snap_find takes them. */
void snap_scale(const struct city_meta *meta, struct geo_point at, double *east_m, double *north_m);
/* The nearest point of the piece from a to b: its share of the way from a, and the distance from at. */
double snap_project(struct geo_point at, struct geo_point a, struct geo_point b, double east_m, double north_m,
                    double *distance_m);

#endif
