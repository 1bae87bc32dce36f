/* Lines with fewer points that look the same: D. H. Douglas, T. K. Peucker, "Algorithms for the reduction of the number of points
 * required to represent a digitized line", 1973.
 *
 * Works in runs of GEO_SIMPLIFY_RUN points, whose ends stay: the method's worst case is the square of a run, so a hostile line
 * costs no more than an honest one. No memory is asked for. */
#ifndef MINGDI_GEO_SIMPLIFY_H
#define MINGDI_GEO_SIMPLIFY_H

#include <stdint.h>

enum { GEO_SIMPLIFY_RUN = 256 };

struct geo_plane_point {
    double x, y;
};

/* keep[i] is 1 for the points to keep, else 0: both ends, and what is further than the tolerance from the line between kept
 * neighbours. A ring is given with its first point again at the end. */
void geo_simplify(const struct geo_plane_point *points, uint32_t count, double tolerance, uint8_t *keep);

#endif
