/* See isochrone.h.
 *
 * One search with Dijkstra up to the longest limit; then a field over a grid of corners: the earliest time at which each is
 * reached from a sampled road point, walking. Each cell is split into two triangles; on them the field is linear, so that its
 * level lines are closed, do not cross, and nest whatever the limits are: no repair is needed afterwards. Times are whole
 * milliseconds and levels lie between two of them, so that no corner lies on a line.
 *
 * Workload: one at a time, for a person to look at. Twelve minutes of a city: 10,000 nodes, a grid of 500 x 500, some tens of
 * milliseconds. */
#include "road/isochrone.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "road/dijkstra.h"

enum { CORNERS_MAX = 6 << 20, ARC_POINTS_MAX = 4096, NO_CROSSING = -1 };
#define MARGIN_CELLS 2.0    /* at least the diagonal of a cell and half a cell, the distance between samples */
#define HOLE_MIN_CELLS 12.0 /* smaller holes are filled; a hole only shrinks as the limit grows, so areas still nest */
#define BEYOND_MS \
    60000 /* after the longest limit: the time of corners that nothing reaches. A near one, so that lines between such a
                         * corner and a reached one run smoothly and apart for different limits. */

VEC_TYPE(ring_vec, struct isochrone_ring);
VEC_TYPE(point_vec, struct geo_point);

/* A point of the road in the plane, and when it is reached. */
struct sample {
    double x, y, ms;
};
VEC_TYPE(sample_vec, struct sample);

struct field {
    double cell_m, margin_m, reach_m;
    double west, south;      /* metres, of corner 0 */
    struct geo_point origin; /* of the plane */
    double lon_m, lat_m;     /* metres a unit of 1e-7 degree */
    int32_t columns, rows;   /* corners */
    int32_t *ms;             /* of each corner */
};

struct mapping {
    const struct city *city;
    const road_ticks *weights;
    enum road_profile profile;
    const struct isochrone_source *sources;
    uint32_t source_count;
    struct road_seeds *seeds; /* of the sources that reach something; their ticks count from the beginning */
    uint32_t seeds_count;
    struct field field;
    struct sample_vec samples;
    struct geo_point *arc_points;
    double limit_ms;
    double west, south, east, north; /* of the samples */
    bool failed;
};

static void to_plane(const struct field *field, struct geo_point point, double *x, double *y)
{
    *x = ((double)point.lon_e7 - field->origin.lon_e7) * field->lon_m;
    *y = ((double)point.lat_e7 - field->origin.lat_e7) * field->lat_m;
}

static struct geo_point from_plane(const struct field *field, double x, double y)
{
    return (struct geo_point){ field->origin.lon_e7 + (int32_t)lround(x / field->lon_m),
                               field->origin.lat_e7 + (int32_t)lround(y / field->lat_m) };
}

/* ---- sampling the roads ---- */

static void add_sample(struct mapping *mapping, double x, double y, double ms)
{
    if (mapping->samples.count == 0) {
        mapping->west = mapping->east = x;
        mapping->south = mapping->north = y;
    }
    mapping->west = fmin(mapping->west, x);
    mapping->east = fmax(mapping->east, x);
    mapping->south = fmin(mapping->south, y);
    mapping->north = fmax(mapping->north, y);
    mapping->failed |= !vec_push(&mapping->samples, (struct sample){ x, y, ms });
}

static double polyline_length(const struct mapping *mapping, uint32_t count)
{
    double total = 0;
    for (uint32_t i = 1; i < count; i++) {
        double ax, ay, bx, by;
        to_plane(&mapping->field, mapping->arc_points[i - 1], &ax, &ay);
        to_plane(&mapping->field, mapping->arc_points[i], &bx, &by);
        total += hypot(bx - ax, by - ay);
    }
    return total;
}

/* Samples of an arc from a fraction of it on, where one is at begin_ms, as far as the limit allows. */
static void sample_arc(struct mapping *mapping, uint32_t arc, double begin, double begin_ms, double arc_ms)
{
    uint32_t count = city_arc_points(mapping->city, arc, mapping->arc_points, ARC_POINTS_MAX);
    count = count < ARC_POINTS_MAX ? count : ARC_POINTS_MAX;
    double total = polyline_length(mapping, count), at = 0, step = mapping->field.cell_m / 2;
    for (uint32_t i = 1; i < count; i++) {
        double ax, ay, bx, by;
        to_plane(&mapping->field, mapping->arc_points[i - 1], &ax, &ay);
        to_plane(&mapping->field, mapping->arc_points[i], &bx, &by);
        double length = hypot(bx - ax, by - ay);
        uint32_t pieces = (uint32_t)ceil(length / step) + 1;
        for (uint32_t k = 0; k <= pieces; k++) {
            double share = (double)k / pieces, along = total > 0 ? (at + share * length) / total : 0;
            double ms = begin_ms + (along - begin) * arc_ms;
            if (along >= begin && ms <= mapping->limit_ms) {
                add_sample(mapping, ax + share * (bx - ax), ay + share * (by - ay), ms);
            }
        }
        at += length;
    }
}

static double ticks_to_ms(const struct mapping *mapping, double ticks)
{
    return ticks * 1000 / city_ticks_per_second(mapping->city);
}

static void sample_settled(struct mapping *mapping, const struct dijkstra *dijkstra)
{
    const struct road_graph *graph = city_graph(mapping->city);
    uint32_t count;
    const uint32_t *settled = dijkstra_settled(dijkstra, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = settled[i];
        double ms = ticks_to_ms(mapping, dijkstra_ticks(dijkstra, node)), x, y;
        to_plane(&mapping->field, graph->point[node], &x, &y);
        add_sample(mapping, x, y, ms);
        for (uint32_t arc = graph->first_out[node]; arc < graph->first_out[node + 1]; arc++) {
            if (mapping->weights[arc] < ROAD_INFINITY) {
                sample_arc(mapping, arc, 0, ms, ticks_to_ms(mapping, mapping->weights[arc]));
            }
        }
    }
}

/* Its delay, and the way to the road: ticks until the source is on the road. */
static double begin_ticks(const struct mapping *mapping, const struct isochrone_source *source)
{
    double delay = (double)source->delay.us * city_ticks_per_second(mapping->city) / (double)US_PER_SECOND;
    return delay + city_off_road_ticks(mapping->city, mapping->profile, &source->place);
}

/* The arcs that the source stands on, and its seeds. */
static void sample_source(struct mapping *mapping, const struct isochrone_source *source)
{
    const struct road_place *place = &source->place;
    double begin = begin_ticks(mapping, source), begin_ms = ticks_to_ms(mapping, begin), x, y;
    if (begin_ms > mapping->limit_ms) {
        return;
    }
    to_plane(&mapping->field, place->point, &x, &y);
    add_sample(mapping, x, y, begin_ms);
    for (int side = 0; side < 2 && place->node == ROAD_NONE; side++) {
        uint32_t arc = place->arc[side];
        if (arc != ROAD_NONE && mapping->weights[arc] < ROAD_INFINITY) {
            double fraction = side == 0 ? place->fraction : 1 - (double)place->fraction;
            sample_arc(mapping, arc, fraction, begin_ms, ticks_to_ms(mapping, mapping->weights[arc]));
        }
    }
    struct road_seeds *seeds = &mapping->seeds[mapping->seeds_count++];
    city_seeds_leaving(mapping->city, mapping->weights, place, seeds);
    for (uint32_t i = 0; i < seeds->count; i++) {
        double ticks = seeds->seed[i].ticks + begin;
        seeds->seed[i].ticks = ticks < ROAD_INFINITY ? (road_ticks)ticks : ROAD_INFINITY;
    }
}

/* The search itself, and the samples of all that it reached. */
static enum status sample_roads(struct mapping *mapping, struct dijkstra *dijkstra, struct error *error)
{
    for (uint32_t i = 0; i < mapping->source_count; i++) {
        sample_source(mapping, &mapping->sources[i]);
    }
    if (mapping->seeds_count > 0) {
        double limit = mapping->limit_ms * city_ticks_per_second(mapping->city) / 1000;
        struct dijkstra_search search = { .weights = mapping->weights,
                                          .from = mapping->seeds,
                                          .more_from = mapping->seeds_count - 1,
                                          .limit = limit < ROAD_INFINITY - 1 ? (road_ticks)limit : ROAD_INFINITY - 1 };
        TRY(dijkstra_run(dijkstra, &search, error));
        sample_settled(mapping, dijkstra);
    }
    return mapping->failed ? ERROR(error, STATUS_NO_MEMORY, "no memory for an isochrone") : STATUS_OK;
}

/* ---- the field ---- */

/* A grid around all samples, with room for the reach and a border that nothing reaches. */
static bool lay_grid(struct mapping *mapping)
{
    struct field *field = &mapping->field;
    double border = field->reach_m + 2 * field->cell_m;
    field->west = mapping->west - border;
    field->south = mapping->south - border;
    field->columns = (int32_t)((mapping->east - mapping->west + 2 * border) / field->cell_m) + 2;
    field->rows = (int32_t)((mapping->north - mapping->south + 2 * border) / field->cell_m) + 2;
    size_t corners = (size_t)field->columns * (size_t)field->rows;
    field->ms = calloc(corners, sizeof *field->ms);
    for (size_t i = 0; i < corners && field->ms != NULL; i++) {
        field->ms[i] = (int32_t)mapping->limit_ms + BEYOND_MS;
    }
    return field->ms != NULL;
}

static void spread_sample(struct field *field, const struct sample *sample)
{
    int32_t first_column = (int32_t)ceil((sample->x - field->reach_m - field->west) / field->cell_m);
    int32_t last_column = (int32_t)floor((sample->x + field->reach_m - field->west) / field->cell_m);
    int32_t first_row = (int32_t)ceil((sample->y - field->reach_m - field->south) / field->cell_m);
    int32_t last_row = (int32_t)floor((sample->y + field->reach_m - field->south) / field->cell_m);
    for (int32_t row = first_row; row <= last_row; row++) {
        for (int32_t column = first_column; column <= last_column; column++) {
            double dx = field->west + column * field->cell_m - sample->x, dy = field->south + row * field->cell_m - sample->y;
            double distance = sqrt(dx * dx + dy * dy);
            if (distance > field->reach_m) {
                continue;
            }
            double walked = distance > field->margin_m ? distance - field->margin_m : 0;
            int32_t ms = (int32_t)(sample->ms + walked / ISOCHRONE_WALK_M_PER_S * 1000);
            int32_t *target = &field->ms[(size_t)row * (size_t)field->columns + (size_t)column];
            *target = ms < *target ? ms : *target;
        }
    }
}

/* ---- level lines ---- */

/* Every edge of the triangulation belongs to its lower left corner: 0 eastward, 1 northward, 2 north-eastward (the diagonal). The
 * crossing of edge e is number 3 * corner + e; next[] joins the crossings of a triangle so that the area is on the left. */
struct lines {
    const struct field *field;
    double level;
    int32_t *next;      /* 3 * corners, NO_CROSSING where there is none */
    int32_t *component; /* corners: polygon of each corner inside, -1 outside */
    int32_t *stack;
};

static bool inside(const struct lines *lines, int32_t corner) { return lines->field->ms[corner] <= lines->level; }

static int32_t edge_between(const struct field *field, int32_t a, int32_t b)
{
    int32_t low = a < b ? a : b, step = a < b ? b - a : a - b;
    return 3 * low + (step == 1 ? 0 : step == field->columns ? 1 : 2);
}

/* A triangle with its corners counterclockwise: the line enters by the edge where the area ends and leaves where it begins. */
static void join_triangle(struct lines *lines, int32_t a, int32_t b, int32_t c)
{
    const int32_t corner[4] = { a, b, c, a };
    int32_t leaves = NO_CROSSING, enters = NO_CROSSING;
    for (int i = 0; i < 3; i++) {
        bool here = inside(lines, corner[i]), there = inside(lines, corner[i + 1]);
        if (here && !there) {
            enters = edge_between(lines->field, corner[i], corner[i + 1]);
        } else if (!here && there) {
            leaves = edge_between(lines->field, corner[i], corner[i + 1]);
        }
    }
    if (enters != NO_CROSSING) {
        lines->next[enters] = leaves;
    }
}

static void join_crossings(struct lines *lines)
{
    int32_t columns = lines->field->columns;
    for (int32_t row = 0; row + 1 < lines->field->rows; row++) {
        for (int32_t column = 0; column + 1 < columns; column++) {
            int32_t corner = row * columns + column;
            join_triangle(lines, corner, corner + 1, corner + columns + 1);
            join_triangle(lines, corner, corner + columns + 1, corner + columns);
        }
    }
}

/* Number the connected parts of the area; each gets one outer ring. */
static uint32_t number_components(struct lines *lines)
{
    const struct field *field = lines->field;
    int32_t corners = field->columns * field->rows, count = 0;
    const int32_t steps[6] = { 1, -1, field->columns, -field->columns, field->columns + 1, -field->columns - 1 };
    memset(lines->component, 0xFF, (size_t)corners * sizeof *lines->component);
    for (int32_t root = 0; root < corners; root++) {
        if (!inside(lines, root) || lines->component[root] >= 0) {
            continue;
        }
        int32_t depth = 0;
        lines->stack[depth++] = root;
        lines->component[root] = count;
        while (depth > 0) {
            int32_t corner = lines->stack[--depth];
            for (int i = 0; i < 6; i++) { /* inside corners are never on the border */
                int32_t neighbour = corner + steps[i];
                if (inside(lines, neighbour) && lines->component[neighbour] < 0) {
                    lines->component[neighbour] = count;
                    lines->stack[depth++] = neighbour;
                }
            }
        }
        count++;
    }
    return (uint32_t)count;
}

static void crossing_ends(const struct field *field, int32_t crossing, int32_t *low, int32_t *high)
{
    *low = crossing / 3;
    *high = *low + (crossing % 3 == 0 ? 1 : crossing % 3 == 1 ? field->columns : field->columns + 1);
}

/* Where the line crosses the edge. Kept off the corners, so that rings do not touch themselves there; the same for every level,
 * which keeps areas nested. */
static struct geo_point crossing_point(const struct lines *lines, int32_t crossing)
{
    const struct field *field = lines->field;
    int32_t a, b;
    crossing_ends(field, crossing, &a, &b);
    double share = (lines->level - field->ms[a]) / ((double)field->ms[b] - field->ms[a]);
    share = share < 0.02 ? 0.02 : share > 0.98 ? 0.98 : share;
    double ax = a % field->columns, ay = a / field->columns, bx = b % field->columns, by = b / field->columns;
    return from_plane(field, field->west + (ax + share * (bx - ax)) * field->cell_m,
                      field->south + (ay + share * (by - ay)) * field->cell_m);
}

static int64_t cross(struct geo_point a, struct geo_point b, struct geo_point c)
{
    return ((int64_t)b.lon_e7 - a.lon_e7) * ((int64_t)c.lat_e7 - a.lat_e7) -
           ((int64_t)b.lat_e7 - a.lat_e7) * ((int64_t)c.lon_e7 - a.lon_e7);
}

/* Append a point to the ring that begins at first, dropping the one before where it lies on the line between its neighbours. */
static bool append_point(struct point_vec *points, size_t first, struct geo_point point)
{
    size_t count = points->count - first;
    if (count >= 1) {
        struct geo_point last = points->items[points->count - 1];
        if (last.lon_e7 == point.lon_e7 && last.lat_e7 == point.lat_e7) {
            return true;
        }
    }
    if (count >= 2 && cross(points->items[points->count - 2], points->items[points->count - 1], point) == 0) {
        points->count--;
    }
    return vec_push(points, point);
}

/* Twice the area in square units of 1e-7 degree, positive if counterclockwise. */
static double ring_area(const struct geo_point *points, size_t count)
{
    double sum = 0;
    for (size_t i = 1; i + 1 < count; i++) {
        sum += (double)cross(points[0], points[i], points[i + 1]);
    }
    return sum;
}

struct tracing {
    struct ring_vec rings;
    struct point_vec points;
    double square_metres;
};

/* Follow the line from a crossing around, unlinking it on the way. */
static bool trace_ring(struct lines *lines, int32_t start, struct tracing *tracing)
{
    const struct field *field = lines->field;
    size_t first = tracing->points.count;
    int32_t crossing = start, a, b;
    bool fits = true;
    crossing_ends(field, start, &a, &b);
    uint32_t polygon = (uint32_t)lines->component[inside(lines, a) ? a : b];
    while (fits && lines->next[crossing] != NO_CROSSING) {
        fits = append_point(&tracing->points, first, crossing_point(lines, crossing));
        int32_t next = lines->next[crossing];
        lines->next[crossing] = NO_CROSSING;
        crossing = next;
    }
    CHECK(crossing == start);
    size_t count = tracing->points.count - first;
    double area = ring_area(tracing->points.items + first, count) / 2 * field->lon_m * field->lat_m;
    bool is_hole = area < 0;
    if (count < 3 || (is_hole && -area < HOLE_MIN_CELLS * field->cell_m * field->cell_m)) {
        tracing->points.count = first;
        return fits;
    }
    tracing->square_metres += area;
    return fits && vec_push(&tracing->points, tracing->points.items[first]) &&
           vec_push(&tracing->rings, (struct isochrone_ring){ (uint32_t)first, (uint32_t)count + 1, polygon, is_hole });
}

static int compare_rings(const void *left, const void *right)
{
    const struct isochrone_ring *a = left, *b = right;
    if (a->polygon != b->polygon) {
        return a->polygon < b->polygon ? -1 : 1;
    }
    if (a->is_hole != b->is_hole) {
        return a->is_hole ? 1 : -1;
    }
    return a->first_point < b->first_point ? -1 : a->first_point > b->first_point;
}

static enum status trace_area(const struct field *field, double limit_ms, struct lines *lines, struct isochrone_area *area,
                              struct error *error)
{
    size_t corners = (size_t)field->columns * (size_t)field->rows;
    struct tracing tracing = { 0 };
    lines->level = floor(limit_ms) + 0.5;
    memset(lines->next, 0xFF, 3 * corners * sizeof *lines->next);
    join_crossings(lines);
    area->polygon_count = number_components(lines);
    bool fits = true;
    for (int32_t crossing = 0; crossing < (int32_t)(3 * corners) && fits; crossing++) {
        if (lines->next[crossing] != NO_CROSSING) {
            fits = trace_ring(lines, crossing, &tracing);
        }
    }
    if (!fits) {
        vec_free(&tracing.rings);
        vec_free(&tracing.points);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for an isochrone");
    }
    if (tracing.rings.count > 0) {
        qsort(tracing.rings.items, tracing.rings.count, sizeof *tracing.rings.items, compare_rings);
    }
    area->rings = tracing.rings.items;
    area->ring_count = (uint32_t)tracing.rings.count;
    area->points = tracing.points.items;
    area->point_count = (uint32_t)tracing.points.count;
    area->square_metres = tracing.square_metres;
    return STATUS_OK;
}

static enum status trace_areas(const struct field *field, const double *limits_s, uint32_t limit_count,
                               struct isochrone_area *areas, struct error *error)
{
    size_t corners = (size_t)field->columns * (size_t)field->rows;
    struct lines lines = { .field = field,
                           .next = malloc(3 * corners * sizeof(int32_t)),
                           .component = malloc(corners * sizeof(int32_t)),
                           .stack = malloc(corners * sizeof(int32_t)) };
    enum status status = STATUS_OK;
    if (lines.next == NULL || lines.component == NULL || lines.stack == NULL) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for an isochrone of %zu cells", corners);
    }
    for (uint32_t i = 0; i < limit_count && status == STATUS_OK; i++) {
        status = trace_area(field, limits_s[i] * 1000, &lines, &areas[i], error);
    }
    free(lines.next);
    free(lines.component);
    free(lines.stack);
    return status;
}

/* ---- all together ---- */

static void count_reached(const struct mapping *mapping, const struct dijkstra *dijkstra, const double *limits_s,
                          uint32_t limit_count, struct isochrone_area *areas)
{
    uint32_t count;
    const uint32_t *settled = dijkstra_settled(dijkstra, &count);
    for (uint32_t i = 0; i < count; i++) {
        double ms = ticks_to_ms(mapping, dijkstra_ticks(dijkstra, settled[i]));
        for (uint32_t k = 0; k < limit_count; k++) {
            areas[k].nodes_reached += ms <= limits_s[k] * 1000;
        }
    }
}

static bool make_field(struct mapping *mapping)
{
    struct field *field = &mapping->field;
    double side = fmax(mapping->east - mapping->west, mapping->north - mapping->south) + 1000;
    while (side / field->cell_m * (side / field->cell_m) > CORNERS_MAX) {
        field->cell_m *= 1.25; /* the samples are finer than need be then */
    }
    field->margin_m = MARGIN_CELLS * field->cell_m;
    field->reach_m = field->margin_m + ISOCHRONE_WALK_M;
    if (!lay_grid(mapping)) {
        return false;
    }
    for (size_t i = 0; i < mapping->samples.count; i++) {
        spread_sample(field, &mapping->samples.items[i]);
    }
    return true;
}

static enum status map_and_trace(struct mapping *mapping, const double *limits_s, uint32_t limit_count,
                                 struct isochrone_area *areas, road_ticks *reached, struct error *error)
{
    const struct road_graph *graph = city_graph(mapping->city);
    struct dijkstra *dijkstra;
    TRY(dijkstra_create(graph, &dijkstra, error));
    enum status status = sample_roads(mapping, dijkstra, error);
    if (status == STATUS_OK && mapping->samples.count > 0) {
        status = make_field(mapping) ? trace_areas(&mapping->field, limits_s, limit_count, areas, error)
                                     : ERROR(error, STATUS_NO_MEMORY, "no memory for an isochrone");
    }
    if (status == STATUS_OK) {
        count_reached(mapping, dijkstra, limits_s, limit_count, areas);
    }
    for (uint32_t node = 0; node < graph->node_count && reached != NULL; node++) {
        reached[node] = mapping->seeds_count > 0 ? dijkstra_ticks(dijkstra, node) : ROAD_INFINITY;
    }
    dijkstra_destroy(dijkstra);
    return status;
}

enum status isochrone_find_from(const struct city *city, enum road_profile profile, const struct isochrone_source *sources,
                                uint32_t source_count, const double *limits_s, uint32_t limit_count, struct isochrone_area *areas,
                                road_ticks *reached, struct error *error)
{
    CHECK(limit_count >= 1 && limit_count <= ISOCHRONE_LIMITS_MAX);
    for (uint32_t i = 0; i < limit_count; i++) {
        CHECK(limits_s[i] > (i == 0 ? 0 : limits_s[i - 1]) && limits_s[i] <= ISOCHRONE_SECONDS_MAX);
        areas[i] = (struct isochrone_area){ 0 };
    }
    struct geo_point origin = source_count > 0 ? sources[0].place.point : (struct geo_point){ 0, 0 };
    struct mapping mapping = { .city = city,
                               .weights = city_weights(city, profile),
                               .profile = profile,
                               .sources = sources,
                               .source_count = source_count,
                               .seeds = malloc(((size_t)source_count + 1) * sizeof(struct road_seeds)),
                               .limit_ms = limits_s[limit_count - 1] * 1000,
                               .arc_points = malloc(ARC_POINTS_MAX * sizeof(struct geo_point)),
                               .field = { .cell_m = ISOCHRONE_CELL_M,
                                          .origin = origin,
                                          .lon_m = geo_metres_per_lon_degree(geo_lat(origin)) / 1e7,
                                          .lat_m = geo_metres_per_lat_degree() / 1e7 } };
    enum status status = mapping.arc_points == NULL || mapping.seeds == NULL
                             ? ERROR(error, STATUS_NO_MEMORY, "no memory for an isochrone")
                             : map_and_trace(&mapping, limits_s, limit_count, areas, reached, error);
    free(mapping.arc_points);
    free(mapping.seeds);
    vec_free(&mapping.samples);
    free(mapping.field.ms);
    if (status != STATUS_OK) {
        isochrone_free(areas, limit_count);
    }
    return status;
}

enum status isochrone_find(const struct city *city, enum road_profile profile, const struct road_place *place,
                           const double *limits_s, uint32_t limit_count, struct isochrone_area *areas, struct error *error)
{
    const struct isochrone_source source = { .place = *place };
    double off_road_s = city_off_road_ticks(city, profile, place) / (double)city_ticks_per_second(city);
    if (off_road_s > limits_s[limit_count - 1]) {
        return ERROR(error, STATUS_NOT_FOUND, "the nearest road is %.0f m away: nothing is reached within %.1f minutes",
                     place->off_road_m, limits_s[limit_count - 1] / 60);
    }
    return isochrone_find_from(city, profile, &source, 1, limits_s, limit_count, areas, NULL, error);
}

void isochrone_free(struct isochrone_area *areas, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        free(areas[i].rings);
        free(areas[i].points);
        areas[i] = (struct isochrone_area){ 0 };
    }
}
