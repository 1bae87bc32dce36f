/* The coordinates of Chinese maps (GCJ-02: Amap, Tencent, mobile networks) as WGS-84.
 *
 * GCJ-02 shifts WGS-84 by 100 to 700 m within China. The forward formula is the publicly known one that every converter uses; the
 * inverse is found by iteration, so that it is exact to 1e-7 degree (1 cm). Places outside the box 72.004 to 137.8347 E, 0.8293
 * to 55.8271 N are left as they are; the box contains parts of the neighbours too, as in all converters.
 *
 * Workload: a point now and then, that a person typed. */
#ifndef MINGDI_GEO_GCJ02_H
#define MINGDI_GEO_GCJ02_H

#include "geo/point.h"

struct geo_point geo_wgs84_from_gcj02(struct geo_point gcj02);

#endif
