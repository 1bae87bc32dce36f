#include "geo/polygon.h"

/* What a ray from the point to the east meets. */
struct crossings {
    uint32_t total;
    bool on_border;
};

/* Twice the area of the triangle a b c: above 0 when c lies left of a -> b. 66 bits are needed. */
static int side_of(struct geo_point a, struct geo_point b, struct geo_point c)
{
    __extension__ __int128 left = (__int128)((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)c.lat_e7 - a.lat_e7);
    __extension__ __int128 right = (__int128)((int64_t)c.lon_e7 - a.lon_e7) * ((int64_t)b.lat_e7 - a.lat_e7);
    return (left > right) - (left < right);
}

static bool between(int32_t value, int32_t a, int32_t b) { return a < b ? value >= a && value <= b : value >= b && value <= a; }

/* An edge counts for latitudes from its lower end, included, to its upper end, excluded: so a corner is met once. */
static void cross_edge(struct geo_point a, struct geo_point b, struct geo_point at, struct crossings *crossings)
{
    int side = side_of(a, b, at);
    if (side == 0 && between(at.lon_e7, a.lon_e7, b.lon_e7) && between(at.lat_e7, a.lat_e7, b.lat_e7)) {
        crossings->on_border = true;
    } else if ((a.lat_e7 <= at.lat_e7 && at.lat_e7 < b.lat_e7 && side > 0) ||
               (b.lat_e7 <= at.lat_e7 && at.lat_e7 < a.lat_e7 && side < 0)) {
        crossings->total++;
    }
}

static struct crossings count_crossings(const struct geo_polygon *polygon, struct geo_point at)
{
    struct crossings crossings = { 0 };
    for (uint32_t ring = 0; ring < polygon->ring_count && !crossings.on_border; ring++) {
        uint32_t begin = polygon->ring_start[ring];
        uint32_t end = polygon->ring_start[ring + 1];
        for (uint32_t i = begin; i < end; i++) {
            cross_edge(polygon->point[i], polygon->point[i + 1 < end ? i + 1 : begin], at, &crossings);
        }
    }
    return crossings;
}

bool geo_polygon_contains(const struct geo_polygon *polygon, struct geo_point at)
{
    struct crossings crossings = count_crossings(polygon, at);
    return crossings.on_border || crossings.total % 2 == 1;
}
