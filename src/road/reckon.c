#include "road/reckon.h"

#include <math.h>

#include "road/city_file.h"
#include "road/snap.h"

enum { ARCS_MAX = 1000 }; /* of a road without junctions; a ring of them would have no end */

/* The only arc that leads on where this one ends, or ROAD_NONE. Copies for turn restrictions count as the node that they are of:
 * a vehicle on a call is not bound by them all. */
static uint32_t only_way_on(const struct city *city, const road_ticks *weights, uint32_t arc)
{
    const struct road_graph *graph = city_graph(city);
    const uint32_t *sides = city_part_u32(city_parts_of(city), CITY_ARC_SIDE);
    uint32_t node = city_base_of_node(city, graph->head[arc]), only = ROAD_NONE;
    for (uint32_t next = graph->first_out[node]; next < graph->first_out[node + 1]; next++) {
        if (weights[next] >= ROAD_INFINITY || sides[next] == (sides[arc] ^ 1)) {
            continue;
        }
        if (only != ROAD_NONE) {
            return ROAD_NONE;
        }
        only = next;
    }
    return only;
}

struct reckoned reckon_ahead(const struct city *city, const road_ticks *weights, uint32_t arc, double fraction,
                             struct duration elapsed)
{
    const uint32_t *lengths_dm = city_lengths_dm(city);
    double ticks = (double)elapsed.us / US_PER_SECOND * city_ticks_per_second(city);
    struct reckoned here = { .arc = arc, .fraction = fraction };
    for (int i = 0; i < ARCS_MAX && ticks > 0; i++) {
        double left = (1 - here.fraction) * weights[here.arc], length_m = lengths_dm[here.arc] / 10.0;
        if (ticks < left) {
            double share = ticks / weights[here.arc];
            here.fraction += share;
            here.metres += share * length_m;
            return here;
        }
        here.metres += (1 - here.fraction) * length_m;
        here.fraction = 1;
        ticks -= left;
        uint32_t next = only_way_on(city, weights, here.arc);
        if (next == ROAD_NONE) {
            here.at_junction = true;
            return here;
        }
        here.arc = next;
        here.fraction = 0;
    }
    return here;
}

static int32_t between(int32_t a, int32_t b, double share) { return (int32_t)lround(a + ((double)b - a) * share); }

struct geo_point reckon_point(const struct city *city, uint32_t arc, double fraction)
{
    const struct city_parts *parts = city_parts_of(city);
    uint32_t side = city_part_u32(parts, CITY_ARC_SIDE)[arc];
    const uint32_t *first = city_part_u32(parts, CITY_EDGE_POINT_FIRST) + side / 2;
    const struct geo_point *line = (const struct geo_point *)parts->bytes[CITY_EDGE_POINT] + first[0];
    uint32_t count = first[1] - first[0];
    double east_m, north_m, total_m = 0, share = side & 1 ? 1 - fraction : fraction;
    snap_scale(parts->bytes[CITY_META], line[0], &east_m, &north_m);
    for (uint32_t i = 0; i + 1 < count; i++) {
        total_m += hypot(((double)line[i + 1].lon_e7 - line[i].lon_e7) * east_m,
                         ((double)line[i + 1].lat_e7 - line[i].lat_e7) * north_m);
    }
    double left_m = share * total_m;
    for (uint32_t i = 0; i + 1 < count; i++) {
        double metres = hypot(((double)line[i + 1].lon_e7 - line[i].lon_e7) * east_m,
                              ((double)line[i + 1].lat_e7 - line[i].lat_e7) * north_m);
        if (left_m < metres) {
            double along = left_m / metres;
            return (struct geo_point){ between(line[i].lon_e7, line[i + 1].lon_e7, along),
                                       between(line[i].lat_e7, line[i + 1].lat_e7, along) };
        }
        left_m -= metres;
    }
    return line[count - 1];
}
