/* The coordinates of Chinese maps: GCJ-02 (Amap, Tencent, mobile networks) and BD-09 (Baidu), to and from WGS-84.
 *
 * GCJ-02 shifts WGS-84 by 100 to 700 m within China; BD-09 shifts GCJ-02 once more. The forward formulas are those that
 * are publicly known and used by every converter; the inverses are found by iteration, so that going there and back
 * differs by less than 1e-7 degree (1 cm). GCJ-02 leaves places outside the box 72.004 to 137.8347 E, 0.8293 to 55.8271 N
 * as they are; the box contains parts of the neighbours too, as in all converters. */
#ifndef MINGDI_GEO_PROJECTION_H
#define MINGDI_GEO_PROJECTION_H

#include <stdbool.h>

struct geo_degrees {
    double lon, lat;
};

/* True if GCJ-02 differs from WGS-84 at this place. */
bool geo_in_gcj02_box(struct geo_degrees wgs84);

struct geo_degrees geo_gcj02_from_wgs84(struct geo_degrees wgs84);
struct geo_degrees geo_wgs84_from_gcj02(struct geo_degrees gcj02);
struct geo_degrees geo_bd09_from_gcj02(struct geo_degrees gcj02);
struct geo_degrees geo_gcj02_from_bd09(struct geo_degrees bd09);
struct geo_degrees geo_bd09_from_wgs84(struct geo_degrees wgs84);
struct geo_degrees geo_wgs84_from_bd09(struct geo_degrees bd09);

#endif
