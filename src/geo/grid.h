/* An index over points: the nearest few, or all within a distance. Exact in geo_distance_m, equal distances by index.
 *
 * A grid of longitude and latitude with about two points a cell, searched in growing squares until nothing outside can be
 * nearer. Workload: 100 to 5,000,000 points, built once, asked often, by any number of threads. The points must span less than
 * 90 degrees of longitude, not across the 180th meridian, and lie between latitudes of +-85: one service area. */
#ifndef MINGDI_GEO_GRID_H
#define MINGDI_GEO_GRID_H

#include <stdint.h>

#include "base/status.h"
#include "geo/point.h"

struct geo_grid;

struct geo_hit {
    uint32_t index; /* in the points given at creation */
    double distance_m;
};

/* Copies the points. STATUS_BAD_INPUT when they span more than is said above. count may be 0. */
enum status geo_grid_create(const struct geo_point *points, uint32_t count, struct geo_grid **grid, struct error *error) MUST_USE;
void geo_grid_destroy(struct geo_grid *grid);

/* The nearest wanted points within maximum_m (included; may be infinite), nearest first. Returns how many were written. The
 * place asked about must lie within 90 degrees of longitude of every point. */
uint32_t geo_grid_nearest(const struct geo_grid *grid, struct geo_point at, double maximum_m, uint32_t wanted,
                          struct geo_hit *hits);

/* Calls visit for every point within radius_m (included), in no particular order. */
void geo_grid_within(const struct geo_grid *grid, struct geo_point at, double radius_m,
                     void (*visit)(void *context, struct geo_hit hit), void *context);

#endif
