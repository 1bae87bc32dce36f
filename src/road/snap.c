#include "road/snap.h"

#include <math.h>
#include <stdlib.h>

enum { CELLS_MAX = 1 << 26 };

void snap_scale(const struct city_meta *meta, struct geo_point at, double *east_m, double *north_m)
{
    bool own = meta->metres_per_lon_degree > 0 && meta->metres_per_lat_degree > 0;
    *east_m = (own ? meta->metres_per_lon_degree : geo_metres_per_lon_degree(geo_lat(at))) * 1e-7;
    *north_m = (own ? meta->metres_per_lat_degree : geo_metres_per_lat_degree()) * 1e-7;
}

double snap_project(struct geo_point at, struct geo_point a, struct geo_point b, double east_m, double north_m,
                    double *distance_m)
{
    double ax = ((double)a.lon_e7 - at.lon_e7) * east_m, ay = ((double)a.lat_e7 - at.lat_e7) * north_m;
    double dx = ((double)b.lon_e7 - a.lon_e7) * east_m, dy = ((double)b.lat_e7 - a.lat_e7) * north_m;
    double squared = dx * dx + dy * dy;
    double along = squared > 0 ? -(ax * dx + ay * dy) / squared : 0;
    along = along < 0 ? 0 : along > 1 ? 1 : along;
    double x = ax + along * dx, y = ay + along * dy;
    *distance_m = sqrt(x * x + y * y);
    return along;
}

/* ---- building ---- */

static int64_t column_of(const struct city_meta *meta, int32_t lon_e7)
{
    int64_t offset = (int64_t)lon_e7 - meta->grid_west_e7;
    return offset >= 0 ? offset / meta->grid_cell_lon_e7 : -((-offset + meta->grid_cell_lon_e7 - 1) / meta->grid_cell_lon_e7);
}

static int64_t row_of(const struct city_meta *meta, int32_t lat_e7)
{
    int64_t offset = (int64_t)lat_e7 - meta->grid_south_e7;
    return offset >= 0 ? offset / meta->grid_cell_lat_e7 : -((-offset + meta->grid_cell_lat_e7 - 1) / meta->grid_cell_lat_e7);
}

/* About as many cells as pieces, nearly square on the ground. */
static void lay_out(struct city_meta *meta, uint64_t pieces)
{
    struct geo_point middle = { meta->west_e7, (int32_t)(((int64_t)meta->south_e7 + meta->north_e7) / 2) };
    double east_m, north_m;
    snap_scale(meta, middle, &east_m, &north_m);
    double width_m = ((double)meta->east_e7 - meta->west_e7) * east_m + 1,
           height_m = ((double)meta->north_e7 - meta->south_e7) * north_m + 1;
    double cells = pieces < 16 ? 16 : pieces > CELLS_MAX ? CELLS_MAX : (double)pieces;
    double cell_m = fmax(sqrt(width_m * height_m / cells), fmax(width_m, height_m) / 30000);
    meta->grid_west_e7 = meta->west_e7;
    meta->grid_south_e7 = meta->south_e7;
    meta->grid_cell_lon_e7 = (int32_t)fmin(fmax(cell_m / fmax(east_m, 1e-4), 100), 1e9);
    meta->grid_cell_lat_e7 = (int32_t)fmin(fmax(cell_m / north_m, 100), 1e9);
    meta->columns = (uint32_t)(column_of(meta, meta->east_e7) + 1);
    meta->rows = (uint32_t)(row_of(meta, meta->north_e7) + 1);
}

struct sink {
    const struct city_meta *meta;
    uint32_t *first;                 /* counting: of the cell after next; filling: where the next entry goes */
    struct city_grid_entry *entries; /* NULL while counting */
};

static void put(struct sink *sink, int64_t column, int64_t row, uint32_t edge, uint32_t point)
{
    size_t cell = (size_t)row * sink->meta->columns + (size_t)column;
    if (sink->entries == NULL) {
        sink->first[cell + 1] += 1;
    } else {
        sink->entries[sink->first[cell]++] = (struct city_grid_entry){ edge, point };
    }
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) { return value < low ? low : value > high ? high : value; }

/* The cells that a piece crosses, row by row: within a row it spans the columns between where it enters and leaves, with one
 * unit of slack for rounding. */
static void put_piece(struct sink *sink, struct geo_point a, struct geo_point b, uint32_t edge, uint32_t point)
{
    const struct city_meta *meta = sink->meta;
    if (a.lat_e7 > b.lat_e7) {
        struct geo_point swap = a;
        a = b;
        b = swap;
    }
    int64_t low = row_of(meta, a.lat_e7), high = row_of(meta, b.lat_e7);
    double slope = b.lat_e7 > a.lat_e7 ? ((double)b.lon_e7 - a.lon_e7) / ((double)b.lat_e7 - a.lat_e7) : 0;
    double west = fmin(a.lon_e7, b.lon_e7), east = fmax(a.lon_e7, b.lon_e7);
    for (int64_t row = low; row <= high; row++) {
        double from = west, to = east;
        if (high > low) {
            double bottom = fmax((double)(meta->grid_south_e7 + row * meta->grid_cell_lat_e7), a.lat_e7);
            double top = fmin((double)(meta->grid_south_e7 + (row + 1) * meta->grid_cell_lat_e7), b.lat_e7);
            double x = a.lon_e7 + slope * (bottom - a.lat_e7), y = a.lon_e7 + slope * (top - a.lat_e7);
            from = fmax(fmin(x, y) - 1, west);
            to = fmin(fmax(x, y) + 1, east);
        }
        int64_t first = clamp(column_of(meta, (int32_t)floor(from)), 0, meta->columns - 1);
        int64_t last = clamp(column_of(meta, (int32_t)ceil(to)), 0, meta->columns - 1);
        for (int64_t column = first; column <= last; column++) {
            put(sink, column, clamp(row, 0, meta->rows - 1), edge, point);
        }
    }
}

static bool edge_is_used(const struct city_parts *parts, uint32_t edge)
{
    const uint32_t *arcs = city_part_u32(parts, CITY_EDGE_ARCS);
    const uint8_t *use = parts->bytes[CITY_ARC_USE];
    for (uint32_t side = 2 * edge; side < 2 * edge + 2; side++) {
        if (arcs[side] != ROAD_NONE && use[arcs[side]] != 0) {
            return true;
        }
    }
    return false;
}

static void put_all(struct sink *sink, const struct city_parts *parts)
{
    if (sink->meta->from_arcs) {
        const struct geo_point *nodes = parts->bytes[CITY_POINT];
        const uint8_t *access = parts->bytes[CITY_NODE_ACCESS];
        for (uint32_t node = 0; node < parts->count[CITY_POINT]; node++) {
            if (access[node]) {
                put(sink, column_of(sink->meta, nodes[node].lon_e7), row_of(sink->meta, nodes[node].lat_e7), ROAD_NONE, node);
            }
        }
        return;
    }
    const struct geo_point *points = parts->bytes[CITY_EDGE_POINT];
    const uint32_t *first = city_part_u32(parts, CITY_EDGE_POINT_FIRST);
    for (uint32_t edge = 0; edge < parts->count[CITY_EDGE_NAME]; edge++) {
        bool has_length = first[edge + 1] - first[edge] > 2 || points[first[edge]].lon_e7 != points[first[edge] + 1].lon_e7 ||
                          points[first[edge]].lat_e7 != points[first[edge] + 1].lat_e7;
        for (uint32_t point = first[edge]; point + 1 < first[edge + 1] && has_length && edge_is_used(parts, edge); point++) {
            put_piece(sink, points[point], points[point + 1], edge, point);
        }
    }
}

static void bound(const struct geo_point *points, uint64_t count, struct city_meta *meta)
{
    for (uint64_t i = 0; i < count; i++) {
        meta->west_e7 = points[i].lon_e7 < meta->west_e7 ? points[i].lon_e7 : meta->west_e7;
        meta->east_e7 = points[i].lon_e7 > meta->east_e7 ? points[i].lon_e7 : meta->east_e7;
        meta->south_e7 = points[i].lat_e7 < meta->south_e7 ? points[i].lat_e7 : meta->south_e7;
        meta->north_e7 = points[i].lat_e7 > meta->north_e7 ? points[i].lat_e7 : meta->north_e7;
    }
}

bool snap_build(const struct city_parts *parts, struct city_meta *meta, struct snap_grid *grid)
{
    uint64_t pieces = meta->from_arcs ? parts->count[CITY_POINT] : parts->count[CITY_EDGE_POINT] - parts->count[CITY_EDGE_NAME];
    meta->west_e7 = meta->south_e7 = INT32_MAX;
    meta->east_e7 = meta->north_e7 = INT32_MIN;
    bound(parts->bytes[CITY_POINT], parts->count[CITY_POINT], meta);
    bound(parts->bytes[CITY_EDGE_POINT], parts->count[CITY_EDGE_POINT], meta);
    lay_out(meta, pieces);
    size_t cells = (size_t)meta->columns * meta->rows;
    *grid = (struct snap_grid){ .first = calloc(cells + 1, sizeof(uint32_t)), .first_count = cells + 1 };
    struct sink sink = { .meta = meta, .first = grid->first };
    if (grid->first == NULL) {
        return false;
    }
    put_all(&sink, parts);
    for (size_t cell = 1; cell <= cells; cell++) {
        grid->first[cell] += grid->first[cell - 1];
    }
    grid->entry_count = grid->first[cells];
    sink.entries = grid->entries = malloc((size_t)grid->entry_count * sizeof *grid->entries + 1);
    if (grid->entries == NULL) {
        free(grid->first);
        *grid = (struct snap_grid){ .first = NULL }; /* whoever owns it frees what is in it */
        return false;
    }
    put_all(&sink, parts);
    for (size_t cell = cells; cell > 0; cell--) { /* filling moved each begin to its end */
        grid->first[cell] = grid->first[cell - 1];
    }
    grid->first[0] = 0;
    return true;
}

/* ---- searching ---- */

struct search {
    const struct city_parts *parts;
    const struct city_meta *meta;
    struct geo_point at;
    uint8_t bit;
    double east_m, north_m;
    struct snap_hit *hit; /* the best so far; distance_m is the limit until one is found */
    double hit_squared;   /* its square, while nodes are looked at: no root for those that are farther */
    bool found;
};

static bool edge_serves(const struct search *search, uint32_t edge)
{
    const uint32_t *arcs = city_part_u32(search->parts, CITY_EDGE_ARCS) + 2 * (size_t)edge;
    const uint8_t *use = search->parts->bytes[CITY_ARC_USE];
    return (arcs[0] != ROAD_NONE && (use[arcs[0]] & search->bit) != 0) ||
           (arcs[1] != ROAD_NONE && (use[arcs[1]] & search->bit) != 0);
}

static void consider_node(struct search *search, uint32_t node)
{
    struct geo_point point = ((const struct geo_point *)search->parts->bytes[CITY_POINT])[node];
    double x = ((double)point.lon_e7 - search->at.lon_e7) * search->east_m;
    double y = ((double)point.lat_e7 - search->at.lat_e7) * search->north_m;
    double squared = x * x + y * y;
    bool equal_and_lower = squared == search->hit_squared && (!search->found || node < search->hit->point);
    if (squared < search->hit_squared || equal_and_lower) {
        *search->hit = (struct snap_hit){ .edge = ROAD_NONE, .point = node, .distance_m = sqrt(squared) };
        search->hit_squared = squared;
        search->found = true;
    }
}

static void consider(struct search *search, const struct city_grid_entry *entry)
{
    if (search->meta->from_arcs) {
        consider_node(search, entry->point);
        return;
    }
    struct snap_hit hit = { .edge = entry->edge, .point = entry->point };
    const struct geo_point *points = (const struct geo_point *)search->parts->bytes[CITY_EDGE_POINT] + entry->point;
    hit.along = snap_project(search->at, points[0], points[1], search->east_m, search->north_m, &hit.distance_m);
    bool nearer = hit.distance_m < search->hit->distance_m;
    bool equal = !nearer && hit.distance_m <= search->hit->distance_m;
    bool lower = !search->found || hit.edge < search->hit->edge ||
                 (hit.edge == search->hit->edge && hit.point < search->hit->point);
    if ((nearer || (equal && lower)) && edge_serves(search, hit.edge)) {
        *search->hit = hit;
        search->found = true;
    }
}

static void visit(struct search *search, int64_t column, int64_t row)
{
    const struct city_meta *meta = search->meta;
    if (column < 0 || column >= meta->columns || row < 0 || row >= meta->rows) {
        return;
    }
    const uint32_t *first = city_part_u32(search->parts, CITY_GRID_FIRST) + (size_t)row * meta->columns + (size_t)column;
    const struct city_grid_entry *entries = search->parts->bytes[CITY_GRID_ENTRY];
    for (uint32_t i = first[0]; i < first[1]; i++) {
        consider(search, &entries[i]);
    }
}

/* The cells at Chebyshev distance radius, cut to the grid. */
static void visit_ring(struct search *search, int64_t column, int64_t row, int64_t radius)
{
    int64_t west = clamp(column - radius, 0, search->meta->columns), east = clamp(column + radius, -1, search->meta->columns - 1);
    for (int64_t x = west; x <= east; x++) {
        visit(search, x, row - radius);
        if (radius > 0) {
            visit(search, x, row + radius);
        }
    }
    int64_t south = clamp(row - radius + 1, 0, search->meta->rows), north = clamp(row + radius - 1, -1, search->meta->rows - 1);
    for (int64_t y = south; y <= north && radius > 0; y++) {
        visit(search, column - radius, y);
        visit(search, column + radius, y);
    }
}

/* Nothing outside the rings up to radius is nearer than this. A cell's width stays what it is in degrees, so it is exact. */
static double beyond_m(const struct search *search, int64_t column, int64_t row, int64_t radius)
{
    const struct city_meta *meta = search->meta;
    double west = (double)search->at.lon_e7 - (double)(meta->grid_west_e7 + (column - radius) * meta->grid_cell_lon_e7);
    double east = (double)(meta->grid_west_e7 + (column + radius + 1) * meta->grid_cell_lon_e7) - search->at.lon_e7;
    double south = (double)search->at.lat_e7 - (double)(meta->grid_south_e7 + (row - radius) * meta->grid_cell_lat_e7);
    double north = (double)(meta->grid_south_e7 + (row + radius + 1) * meta->grid_cell_lat_e7) - search->at.lat_e7;
    return fmin(fmin(west, east) * search->east_m, fmin(south, north) * search->north_m);
}

static int64_t outside(int64_t value, int64_t count) { return value < 0 ? -value : value >= count ? value - count + 1 : 0; }

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

bool snap_find(const struct city_parts *parts, enum road_profile profile, struct geo_point at, double maximum_m,
               struct snap_hit *hit)
{
    const struct city_meta *meta = parts->bytes[CITY_META];
    struct search search = {
        .parts = parts, .meta = meta, .at = at, .bit = (uint8_t)(1u << profile), .hit = hit, .hit_squared = maximum_m * maximum_m
    };
    snap_scale(meta, at, &search.east_m, &search.north_m);
    *hit = (struct snap_hit){ .edge = ROAD_NONE, .distance_m = maximum_m };
    int64_t column = column_of(meta, at.lon_e7), row = row_of(meta, at.lat_e7);
    int64_t radius = larger(outside(column, meta->columns), outside(row, meta->rows));
    int64_t last = larger(larger(column, meta->columns - 1 - column), larger(row, meta->rows - 1 - row));
    for (; radius <= last; radius++) {
        if (radius > 0 && beyond_m(&search, column, row, radius - 1) > hit->distance_m) {
            break;
        }
        visit_ring(&search, column, row, radius);
    }
    return search.found;
}

/* ---- all that is near ---- */

struct near {
    struct snap_hit *hits; /* the nearest first */
    uint32_t count, maximum;
};

/* One hit an edge, its nearest; a full list loses its farthest. Equally near ones stand by rising edge. */
static void keep_near(struct near *near, const struct snap_hit *hit)
{
    uint32_t at = 0;
    while (at < near->count && near->hits[at].edge != hit->edge) {
        at++;
    }
    if (at < near->count && near->hits[at].distance_m <= hit->distance_m) {
        return;
    }
    if (at == near->count) {
        if (near->count == near->maximum && near->hits[at - 1].distance_m <= hit->distance_m) {
            return;
        }
        at = near->count < near->maximum ? near->count++ : at - 1;
    }
    for (; at > 0 && near->hits[at - 1].distance_m > hit->distance_m; at--) {
        near->hits[at] = near->hits[at - 1];
    }
    near->hits[at] = *hit;
}

static void near_in_cell(const struct search *search, size_t cell, double within_m, struct near *near)
{
    const uint32_t *first = city_part_u32(search->parts, CITY_GRID_FIRST);
    const struct city_grid_entry *entries = search->parts->bytes[CITY_GRID_ENTRY];
    for (uint32_t i = first[cell]; i < first[cell + 1]; i++) {
        struct snap_hit hit = { .edge = entries[i].edge, .point = entries[i].point };
        const struct geo_point *points = (const struct geo_point *)search->parts->bytes[CITY_EDGE_POINT] + hit.point;
        hit.along = snap_project(search->at, points[0], points[1], search->east_m, search->north_m, &hit.distance_m);
        if (hit.distance_m <= within_m && edge_serves(search, hit.edge)) {
            keep_near(near, &hit);
        }
    }
}

uint32_t snap_near(const struct city_parts *parts, enum road_profile profile, struct geo_point at, double within_m,
                   struct snap_hit *hits, uint32_t maximum)
{
    const struct city_meta *meta = parts->bytes[CITY_META];
    struct search search = { .parts = parts, .meta = meta, .at = at, .bit = (uint8_t)(1u << profile) };
    struct near near = { .hits = hits, .maximum = maximum };
    snap_scale(meta, at, &search.east_m, &search.north_m);
    double wide = fmin(within_m / fmax(search.east_m, 1e-4), 1e9), high = fmin(within_m / search.north_m, 1e9);
    int64_t west = column_of(meta, (int32_t)fmax(at.lon_e7 - wide, INT32_MIN)),
            east = column_of(meta, (int32_t)fmin(at.lon_e7 + wide, INT32_MAX)),
            south = row_of(meta, (int32_t)fmax(at.lat_e7 - high, INT32_MIN)),
            north = row_of(meta, (int32_t)fmin(at.lat_e7 + high, INT32_MAX));
    for (int64_t row = larger(south, 0); row <= north && row < meta->rows; row++) {
        for (int64_t column = larger(west, 0); column <= east && column < meta->columns; column++) {
            near_in_cell(&search, (size_t)row * meta->columns + (size_t)column, within_m, &near);
        }
    }
    return near.count;
}
