/* See trip.h. */
#include "road/trip.h"

#include <math.h>

#include "base/check.h"

static uint32_t piece_dm(uint32_t length_dm, double share)
{
    return (uint32_t)lround(length_dm * (share < 0 ? 0 : share > 1 ? 1 : share));
}

/* A seed lies at one end of the arc that the place is on: told by where its node is, since nodes may have copies. */
static uint32_t length_to_seed(const struct city *city, const road_ticks *weights, const struct road_place *place,
                               const struct road_seed *seed)
{
    const struct road_graph *graph = city_graph(city);
    if (place->node != ROAD_NONE) {
        return 0;
    }
    bool along = place->arc[0] != ROAD_NONE;
    uint32_t arc = along ? place->arc[0] : place->arc[1];
    CHECK(arc != ROAD_NONE);
    uint32_t length = city_lengths_dm(city)[arc];
    double from_tail = along ? place->fraction : 1 - (double)place->fraction;
    struct geo_point head = graph->point[graph->head[arc]], tail = graph->point[graph->tail[arc]], at = graph->point[seed->node];
    bool at_head = at.lon_e7 == head.lon_e7 && at.lat_e7 == head.lat_e7;
    bool at_tail = at.lon_e7 == tail.lon_e7 && at.lat_e7 == tail.lat_e7;
    if (at_head && at_tail) { /* a loop: only the time tells which way round */
        return piece_dm(length, weights[arc] == 0 || weights[arc] >= ROAD_INFINITY ? 0 : (double)seed->ticks / weights[arc]);
    }
    return piece_dm(length, at_head ? 1 - from_tail : from_tail);
}

double trip_seconds(const struct city *city, const struct trip *trip)
{
    return (double)trip->fine / 4294967296.0 / city_ticks_per_second(city);
}

void trip_end_make(const struct city *city, enum road_profile profile, const road_ticks *weights, const struct road_place *place,
                   bool leaving, struct trip_end *end)
{
    *end = (struct trip_end){ .place = *place, .leaving = leaving };
    end->off_road = city_off_road_ticks(city, profile, place);
    end->off_road_dm = (uint32_t)lround(place->off_road_m * 10);
    if (leaving) {
        city_seeds_leaving(city, weights, place, &end->seeds);
    } else {
        city_seeds_reaching(city, weights, place, &end->seeds);
    }
    for (uint32_t i = 0; i < end->seeds.count; i++) {
        end->seed_dm[i] = length_to_seed(city, weights, place, &end->seeds.seed[i]);
    }
}

static struct trip trip_of(uint64_t ticks, uint64_t length_dm)
{
    return ticks >= ROAD_INFINITY ? TRIP_NONE : (struct trip){ (road_ticks)ticks, length_dm, ticks << 32 };
}

struct trip trip_direct(const struct city *city, const road_ticks *weights, const struct trip_end *from,
                        const struct trip_end *to)
{
    road_ticks ticks = city_direct_ticks(city, weights, &from->place, &to->place);
    if (ticks >= ROAD_INFINITY) {
        return TRIP_NONE;
    }
    uint32_t length = 0;
    if (from->place.node == ROAD_NONE && to->place.node == ROAD_NONE) {
        bool along = from->place.arc[0] != ROAD_NONE;
        uint32_t arc = along ? from->place.arc[0] : from->place.arc[1];
        bool same_way = to->place.arc[0] == from->place.arc[0] && to->place.arc[1] == from->place.arc[1];
        double to_fraction = same_way ? to->place.fraction : 1 - (double)to->place.fraction;
        length = piece_dm(city_lengths_dm(city)[arc], fabs(to_fraction - from->place.fraction));
    }
    return trip_of((uint64_t)from->off_road + ticks + to->off_road, (uint64_t)from->off_road_dm + length + to->off_road_dm);
}

struct trip trip_better(struct trip trip, const struct trip_end *from, uint32_t from_seed, const struct trip_end *to,
                        uint32_t to_seed, road_ticks ticks, uint32_t length_dm)
{
    if (ticks >= ROAD_INFINITY) {
        return trip;
    }
    struct trip other = trip_of(
        (uint64_t)from->off_road + from->seeds.seed[from_seed].ticks + ticks + to->seeds.seed[to_seed].ticks + to->off_road,
        (uint64_t)from->off_road_dm + from->seed_dm[from_seed] + length_dm + to->seed_dm[to_seed] + to->off_road_dm);
    bool better = other.ticks < trip.ticks || (other.ticks == trip.ticks && other.length_dm < trip.length_dm);
    return better ? other : trip;
}
