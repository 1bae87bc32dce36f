/* See route.h. Workload: one at a time, for a person to look at; the weight set is customized for each (tens of milliseconds). */
#include "road/route.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "road/cch.h"

VEC_TYPE(point_vec, struct geo_point);
VEC_TYPE(step_vec, struct route_step);

enum { ARC_POINTS_MAX = 4096 };

struct drawing {
    const struct city *city;
    const road_ticks *weights;
    struct point_vec points;
    struct step_vec steps;
    struct geo_point *arc_points; /* ARC_POINTS_MAX */
    bool failed;
};

static void add_point(struct drawing *drawing, struct geo_point point)
{
    if (drawing->points.count > 0) {
        const struct geo_point *last = &drawing->points.items[drawing->points.count - 1];
        if (last->lon_e7 == point.lon_e7 && last->lat_e7 == point.lat_e7) {
            return;
        }
    }
    drawing->failed |= !vec_push(&drawing->points, point);
}

static void add_to_step(struct drawing *drawing, uint32_t arc, double share)
{
    const char *street = city_arc_name(drawing->city, arc);
    double seconds = drawing->weights[arc] * share / city_ticks_per_second(drawing->city);
    double metres = city_lengths_dm(drawing->city)[arc] * share / 10;
    if (drawing->steps.count > 0) {
        struct route_step *last = &drawing->steps.items[drawing->steps.count - 1];
        if (strcmp(last->street, street) == 0) {
            last->seconds += seconds;
            last->metres += metres;
            return;
        }
    }
    uint32_t first = drawing->points.count > 0 ? (uint32_t)drawing->points.count - 1 : 0;
    drawing->failed |= !vec_push(&drawing->steps, (struct route_step){ street, seconds, metres, first });
}

static struct geo_point between(struct geo_point a, struct geo_point b, double share)
{
    return (struct geo_point){ a.lon_e7 + (int32_t)lround(((double)b.lon_e7 - a.lon_e7) * share),
                               a.lat_e7 + (int32_t)lround(((double)b.lat_e7 - a.lat_e7) * share) };
}

/* The part of an arc between two fractions of its length. */
static void draw_arc(struct drawing *drawing, uint32_t arc, double begin, double end)
{
    uint32_t count = city_arc_points(drawing->city, arc, drawing->arc_points, ARC_POINTS_MAX);
    count = count < ARC_POINTS_MAX ? count : ARC_POINTS_MAX;
    double total = 0, at = 0;
    add_to_step(drawing, arc, end - begin);
    for (uint32_t i = 1; i < count; i++) {
        total += geo_distance_m(drawing->arc_points[i - 1], drawing->arc_points[i]);
    }
    for (uint32_t i = 1; i < count; i++) {
        struct geo_point a = drawing->arc_points[i - 1], b = drawing->arc_points[i];
        double length = geo_distance_m(a, b), first = begin * total - at, last = end * total - at;
        if (last >= 0 && first <= length) {
            add_point(drawing, length > 0 && first > 0 ? between(a, b, first / length) : a);
            add_point(drawing, length > 0 && last < length ? between(a, b, last / length) : b);
        }
        at += length;
    }
}

/* From the place to the node that the trip leaves by (or the other way round). */
static void draw_end(struct drawing *drawing, const struct trip_end *end, uint32_t node)
{
    const struct road_graph *graph = city_graph(drawing->city);
    const struct road_place *place = &end->place;
    struct geo_point at = graph->point[node];
    for (int side = 0; side < 2 && place->node == ROAD_NONE; side++) {
        uint32_t arc = place->arc[side];
        if (arc == ROAD_NONE || drawing->weights[arc] >= ROAD_INFINITY) {
            continue;
        }
        struct geo_point passed = graph->point[end->leaving ? graph->head[arc] : graph->tail[arc]];
        double fraction = side == 0 ? place->fraction : 1 - (double)place->fraction;
        if (passed.lon_e7 == at.lon_e7 && passed.lat_e7 == at.lat_e7) {
            draw_arc(drawing, arc, end->leaving ? fraction : 0, end->leaving ? 1 : fraction);
            return;
        }
    }
}

static void draw_direct(struct drawing *drawing, const struct road_place *from, const struct road_place *to)
{
    for (int side = 0; side < 2 && from->node == ROAD_NONE && to->node == ROAD_NONE; side++) {
        uint32_t arc = from->arc[side];
        double begin = side == 0 ? from->fraction : 1 - (double)from->fraction;
        bool same_way = to->arc[side] == arc;
        double end = (side == 0) == same_way ? to->fraction : 1 - (double)to->fraction;
        if (arc != ROAD_NONE && drawing->weights[arc] < ROAD_INFINITY && begin <= end) {
            draw_arc(drawing, arc, begin, end);
            return;
        }
    }
}

static uint32_t seed_of(const struct trip_end *end, uint32_t node)
{
    uint32_t best = ROAD_NONE;
    for (uint32_t i = 0; i < end->seeds.count; i++) {
        bool here = end->seeds.seed[i].node == node;
        if (here && (best == ROAD_NONE || end->seeds.seed[i].ticks < end->seeds.seed[best].ticks)) {
            best = i;
        }
    }
    CHECK(best != ROAD_NONE);
    return best;
}

static enum status draw(struct drawing *drawing, struct cch_query *query, const struct trip_end *from, const struct trip_end *to,
                        struct trip *trip, struct error *error)
{
    struct cch_path path;
    TRY(cch_query_path(query, &from->seeds, &to->seeds, &path, error));
    *trip = trip_direct(drawing->city, drawing->weights, from, to);
    struct trip over = TRIP_NONE;
    if (path.ticks < ROAD_INFINITY) {
        uint32_t i = seed_of(from, path.from_node), j = seed_of(to, path.to_node), length = 0;
        for (uint32_t a = 0; a < path.arc_count; a++) {
            length += city_lengths_dm(drawing->city)[path.arcs[a]];
        }
        over = trip_better(TRIP_NONE, from, i, to, j, path.ticks - from->seeds.seed[i].ticks - to->seeds.seed[j].ticks, length);
    }
    if (trip->ticks >= ROAD_INFINITY && over.ticks >= ROAD_INFINITY) {
        return ERROR(error, STATUS_NOT_FOUND, "there is no way from the one place to the other for this profile");
    }
    add_point(drawing, from->place.point);
    if (trip->ticks <= over.ticks) {
        draw_direct(drawing, &from->place, &to->place);
    } else {
        *trip = over;
        draw_end(drawing, from, path.from_node);
        for (uint32_t a = 0; a < path.arc_count; a++) {
            draw_arc(drawing, path.arcs[a], 0, 1);
        }
        draw_end(drawing, to, path.to_node);
    }
    add_point(drawing, to->place.point);
    return drawing->failed ? ERROR(error, STATUS_NO_MEMORY, "no memory for a route") : STATUS_OK;
}

enum status route_find(const struct city *city, enum road_profile profile, const struct road_place *from,
                       const struct road_place *to, struct route *route, struct error *error)
{
    const road_ticks *weights = city_weights(city, profile);
    struct cch_metric *metric;
    struct cch_query *query = NULL;
    struct trip_end ends[2];
    struct drawing drawing = { .city = city,
                               .weights = weights,
                               .arc_points = malloc(ARC_POINTS_MAX * sizeof(struct geo_point)) };
    if (drawing.arc_points == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a route");
    }
    *route = (struct route){ .trip = TRIP_NONE };
    trip_end_make(city, profile, weights, from, true, &ends[0]);
    trip_end_make(city, profile, weights, to, false, &ends[1]);
    enum status status = cch_metric_create(city_cch(city), city_graph(city), weights, city_lengths_dm(city), &metric, error);
    if (status == STATUS_OK) {
        status = cch_query_create(metric, &query, error);
        if (status == STATUS_OK) {
            status = draw(&drawing, query, &ends[0], &ends[1], &route->trip, error);
        }
        cch_query_destroy(query);
        cch_metric_destroy(metric);
    }
    free(drawing.arc_points);
    if (status != STATUS_OK) {
        vec_free(&drawing.points);
        vec_free(&drawing.steps);
        return status;
    }
    route->points = drawing.points.items;
    route->point_count = (uint32_t)drawing.points.count;
    route->steps = drawing.steps.items;
    route->step_count = (uint32_t)drawing.steps.count;
    return STATUS_OK;
}

void route_free(struct route *route)
{
    free(route->points);
    free(route->steps);
    *route = (struct route){ .trip = TRIP_NONE };
}
