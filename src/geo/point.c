#include "geo/point.h"

#include <math.h>

static const double EARTH_RADIUS_M = 6371008.8;
static const double RADIANS = 3.14159265358979323846 / 180.0;

bool geo_point_from_degrees(double lon, double lat, struct geo_point *point)
{
    if (!(lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90)) {
        return false;
    }
    *point = (struct geo_point){ (int32_t)lround(lon * 1e7), (int32_t)lround(lat * 1e7) };
    return true;
}

double geo_lon(struct geo_point point) { return point.lon_e7 / 1e7; }
double geo_lat(struct geo_point point) { return point.lat_e7 / 1e7; }

double geo_distance_m(struct geo_point a, struct geo_point b)
{
    double lat_a = geo_lat(a) * RADIANS, lat_b = geo_lat(b) * RADIANS;
    double half_lat = (lat_b - lat_a) / 2;
    double half_lon = (geo_lon(b) - geo_lon(a)) * RADIANS / 2;
    double h = sin(half_lat) * sin(half_lat) + cos(lat_a) * cos(lat_b) * sin(half_lon) * sin(half_lon);
    return 2 * EARTH_RADIUS_M * asin(sqrt(h < 1 ? h : 1));
}

double geo_metres_per_lat_degree(void) { return EARTH_RADIUS_M * RADIANS; }
double geo_metres_per_lon_degree(double lat) { return EARTH_RADIUS_M * RADIANS * cos(lat * RADIANS); }
