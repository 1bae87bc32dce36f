#include "host/exercise_vehicle.h"

#include <stdlib.h>
#include <string.h>

#include "road/place_table.h"
#include "road/route.h"

static const double WALKING_M_S = 1.3;

static void drop_way(struct vehicle *vehicle)
{
    free(vehicle->points);
    free(vehicle->along_m);
    vehicle->points = NULL;
    vehicle->along_m = NULL;
    vehicle->point_count = 0;
}

void vehicle_free(struct vehicle *vehicle) { drop_way(vehicle); }

static struct geo_point between(struct geo_point a, struct geo_point b, double share)
{
    return (struct geo_point){ .lon_e7 = a.lon_e7 + (int32_t)((double)(b.lon_e7 - a.lon_e7) * share),
                               .lat_e7 = a.lat_e7 + (int32_t)((double)(b.lat_e7 - a.lat_e7) * share) };
}

struct geo_point vehicle_point(const struct vehicle *vehicle, struct instant now)
{
    if (!vehicle->moving || vehicle->point_count < 2 || !instant_before(now, vehicle->ends)) {
        return vehicle->at;
    }
    double whole_us = (double)instant_since(vehicle->ends, vehicle->begins).us;
    double share = now.us > vehicle->begins.us ? (double)instant_since(now, vehicle->begins).us / whole_us : 0;
    double along_m = share * vehicle->along_m[vehicle->point_count - 1];
    uint32_t low = 0, high = vehicle->point_count - 1;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        *(vehicle->along_m[middle] <= along_m ? &low : &high) = middle;
    }
    double piece_m = vehicle->along_m[high] - vehicle->along_m[low];
    return between(vehicle->points[low], vehicle->points[high], piece_m > 0 ? (along_m - vehicle->along_m[low]) / piece_m : 0);
}

/* Takes the points over. */
static enum status set_out(struct vehicle *vehicle, struct geo_point *points, uint32_t count, struct instant now, double seconds,
                           struct error *error)
{
    double *along_m = calloc(count, sizeof *along_m);
    if (along_m == NULL) {
        free(points);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a way of %u points", count);
    }
    for (uint32_t i = 1; i < count; i++) {
        along_m[i] = along_m[i - 1] + geo_distance_m(points[i - 1], points[i]);
    }
    drop_way(vehicle);
    vehicle->points = points;
    vehicle->along_m = along_m;
    vehicle->point_count = count;
    vehicle->at = points[count - 1];
    vehicle->begins = now;
    vehicle->ends = instant_add(now, duration_from_seconds(seconds < 1 ? 1 : seconds));
    vehicle->moving = true;
    return STATUS_OK;
}

static enum status find_way(const struct city *city, enum road_profile profile, struct geo_point from, struct geo_point to,
                            struct route *route)
{
    struct error unused;
    struct road_place leave, reach;
    TRY(city_snap(city, profile, from, PLACE_SNAP_M, &leave, &unused));
    TRY(city_snap(city, profile, to, PLACE_SNAP_M, &reach, &unused));
    return route_find(city, profile, &leave, &reach, route, &unused);
}

enum status vehicle_go(struct vehicle *vehicle, const struct city *city, enum road_profile profile, struct geo_point to,
                       struct instant now, struct error *error)
{
    struct geo_point from = vehicle_point(vehicle, now);
    struct route route;
    bool found = find_way(city, profile, from, to, &route) == STATUS_OK;
    uint32_t inner = found ? route.point_count : 0;
    struct geo_point *points = calloc(inner + 2, sizeof *points);
    double seconds = found ? trip_seconds(city, &route.trip) : geo_distance_m(from, to) / WALKING_M_S;
    if (points != NULL) {
        points[0] = from;
        memcpy(points + 1, found ? route.points : &from, inner * sizeof *points);
        points[inner + 1] = to;
    }
    if (found) {
        route_free(&route);
    }
    return points != NULL ? set_out(vehicle, points, inner + 2, now, seconds, error)
                          : ERROR(error, STATUS_NO_MEMORY, "no memory for a way");
}

void vehicle_arrive(struct vehicle *vehicle)
{
    vehicle->moving = false;
    drop_way(vehicle);
}
