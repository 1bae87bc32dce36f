/* Places on the earth: WGS-84, in units of 1e-7 degree (about 1.1 cm), as OpenStreetMap stores them. */
#ifndef MINGDI_GEO_POINT_H
#define MINGDI_GEO_POINT_H

#include <stdbool.h>
#include <stdint.h>

struct geo_point {
    int32_t lon_e7; /* -1,800,000,000 .. 1,800,000,000, east positive */
    int32_t lat_e7; /*   -900,000,000 ..   900,000,000, north positive */
};

/* False, and nothing written, when the degrees are outside the earth or not numbers. Rounded to the nearest unit. */
bool geo_point_from_degrees(double lon, double lat, struct geo_point *point);
double geo_lon(struct geo_point point); /* degrees */
double geo_lat(struct geo_point point); /* degrees */

/* Great-circle distance on a sphere of radius 6,371,008.8 m (IUGG mean radius), haversine form; error against the ellipsoid up
 * to 0.6 %. Metres. */
double geo_distance_m(struct geo_point a, struct geo_point b);

/* Metres a degree on the same sphere at a latitude: for short plane computations around a reference. */
double geo_metres_per_lat_degree(void);
double geo_metres_per_lon_degree(double lat);

#endif
