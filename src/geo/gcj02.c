#include "geo/gcj02.h"

#include <math.h>

#define PI 3.14159265358979323846

struct degrees {
    double lon, lat;
};

/* The Krasovsky 1940 ellipsoid, on which the shift is defined: semi-major axis in metres, squared eccentricity. */
static const double AXIS_M = 6378245.0;
static const double ECCENTRICITY2 = 0.00669342162296594323;

static bool is_in_box(struct degrees at)
{
    return at.lon >= 72.004 && at.lon <= 137.8347 && at.lat >= 0.8293 && at.lat <= 55.8271;
}

/* The part of both shifts that is the same: x, y are degrees from 105 E, 35 N. */
static double common_wave(double x) { return (20.0 * sin(6.0 * x * PI) + 20.0 * sin(2.0 * x * PI)) * 2.0 / 3.0; }

static double lat_shift_m(double x, double y)
{
    double shift = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x));
    shift += common_wave(x);
    shift += (20.0 * sin(y * PI) + 40.0 * sin(y / 3.0 * PI)) * 2.0 / 3.0;
    return shift + (160.0 * sin(y / 12.0 * PI) + 320.0 * sin(y * PI / 30.0)) * 2.0 / 3.0;
}

static double lon_shift_m(double x, double y)
{
    double shift = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x));
    shift += common_wave(x);
    shift += (20.0 * sin(x * PI) + 40.0 * sin(x / 3.0 * PI)) * 2.0 / 3.0;
    return shift + (150.0 * sin(x / 12.0 * PI) + 300.0 * sin(x / 30.0 * PI)) * 2.0 / 3.0;
}

/* Without asking for the box: the inverse iterates over places near its border. */
static struct degrees shifted(struct degrees at)
{
    double x = at.lon - 105.0;
    double y = at.lat - 35.0;
    double lat_radians = at.lat * PI / 180.0;
    double magic = 1 - ECCENTRICITY2 * sin(lat_radians) * sin(lat_radians);
    double lat = lat_shift_m(x, y) * 180.0 / ((AXIS_M * (1 - ECCENTRICITY2)) / (magic * sqrt(magic)) * PI);
    double lon = lon_shift_m(x, y) * 180.0 / (AXIS_M / sqrt(magic) * cos(lat_radians) * PI);
    return (struct degrees){ at.lon + lon, at.lat + lat };
}

/* The place that is shifted to the one given: the shift changes by less than 1 % of the way between two places, so correcting by
 * what is missing gains two digits a round; 12 rounds reach the end of a double. */
struct geo_point geo_wgs84_from_gcj02(struct geo_point gcj02)
{
    const struct degrees target = { geo_lon(gcj02), geo_lat(gcj02) };
    struct degrees guess = target;
    if (target.lon < 71 || target.lon > 139 || target.lat < 0 || target.lat > 57) {
        return gcj02;
    }
    for (int round = 0; round < 12; round++) {
        struct degrees there = shifted(guess);
        guess.lon += target.lon - there.lon;
        guess.lat += target.lat - there.lat;
    }
    struct geo_point found;
    return is_in_box(guess) && geo_point_from_degrees(guess.lon, guess.lat, &found) ? found : gcj02;
}
