#include "geo/grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { LON_SPAN_MAX_E7 = 900000000, LAT_MAX_E7 = 850000000 };

struct geo_grid {
    struct geo_point low; /* south-west corner */
    int64_t cell_e7;      /* width and height of a cell */
    int64_t columns, rows;
    uint32_t *first; /* cells + 1: where each cell's points begin */
    uint32_t *index; /* in the order of the cells */
    struct geo_point *point;
};

static double radians(double degrees) { return degrees * (acos(-1.0) / 180); }

static enum status measure(const struct geo_point *points, uint32_t count, struct geo_grid *grid, struct error *error)
{
    struct geo_point low = points[0];
    struct geo_point high = points[0];
    for (uint32_t i = 1; i < count; i++) {
        low.lon_e7 = points[i].lon_e7 < low.lon_e7 ? points[i].lon_e7 : low.lon_e7;
        low.lat_e7 = points[i].lat_e7 < low.lat_e7 ? points[i].lat_e7 : low.lat_e7;
        high.lon_e7 = points[i].lon_e7 > high.lon_e7 ? points[i].lon_e7 : high.lon_e7;
        high.lat_e7 = points[i].lat_e7 > high.lat_e7 ? points[i].lat_e7 : high.lat_e7;
    }
    int64_t width = (int64_t)high.lon_e7 - low.lon_e7 + 1;
    int64_t height = (int64_t)high.lat_e7 - low.lat_e7 + 1;
    if (width > LON_SPAN_MAX_E7 || low.lat_e7 < -LAT_MAX_E7 || high.lat_e7 > LAT_MAX_E7) {
        return ERROR(error, STATUS_BAD_INPUT, "the points span more than 90 degrees of longitude or lie beyond 85 of latitude");
    }
    double cell = sqrt((double)width * (double)height * 2 / (double)count);
    double longest = (double)(width > height ? width : height);
    cell = fmax(cell, longest * 2 / (double)count); /* so that points in a line do not make a long row of empty cells */
    grid->low = low;
    grid->cell_e7 = cell < 1 ? 1 : (int64_t)cell + 1;
    grid->columns = (width + grid->cell_e7 - 1) / grid->cell_e7;
    grid->rows = (height + grid->cell_e7 - 1) / grid->cell_e7;
    return STATUS_OK;
}

static int64_t floor_divide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/* May lie outside the grid for a place asked about. */
static int64_t column_of(const struct geo_grid *grid, struct geo_point at)
{
    return floor_divide((int64_t)at.lon_e7 - grid->low.lon_e7, grid->cell_e7);
}

static int64_t row_of(const struct geo_grid *grid, struct geo_point at)
{
    return floor_divide((int64_t)at.lat_e7 - grid->low.lat_e7, grid->cell_e7);
}

static size_t cell_of(const struct geo_grid *grid, struct geo_point at)
{
    return (size_t)(row_of(grid, at) * grid->columns + column_of(grid, at));
}

/* Counting sort: equal cells keep the order of the points. */
static void fill(struct geo_grid *grid, const struct geo_point *points, uint32_t count, size_t cells)
{
    for (uint32_t i = 0; i < count; i++) {
        grid->first[cell_of(grid, points[i]) + 1]++;
    }
    for (size_t cell = 0; cell < cells; cell++) {
        grid->first[cell + 1] += grid->first[cell];
    }
    for (uint32_t i = count; i-- > 0;) {
        size_t cell = cell_of(grid, points[i]);
        uint32_t slot = --grid->first[cell + 1];
        grid->index[slot] = i;
        grid->point[slot] = points[i];
    }
    /* Each entry now holds where the cell before it begins, shifted by one: shift back. */
    memmove(grid->first, grid->first + 1, cells * sizeof *grid->first);
    grid->first[cells] = count;
}

enum status geo_grid_create(const struct geo_point *points, uint32_t count, struct geo_grid **grid, struct error *error)
{
    struct geo_grid *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for an index of %u points", count);
    }
    enum status status = count > 0 ? measure(points, count, made, error) : STATUS_OK;
    if (status != STATUS_OK) {
        free(made);
        return status;
    }
    size_t cells = (size_t)(made->columns * made->rows);
    made->first = calloc(cells + 2, sizeof *made->first);
    made->index = calloc((size_t)count + 1, sizeof *made->index);
    made->point = calloc((size_t)count + 1, sizeof *made->point);
    if (made->first == NULL || made->index == NULL || made->point == NULL) {
        geo_grid_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for an index of %u points", count);
    }
    fill(made, points, count, cells);
    *grid = made;
    return STATUS_OK;
}

void geo_grid_destroy(struct geo_grid *grid)
{
    if (grid != NULL) {
        free(grid->first);
        free(grid->index);
        free(grid->point);
        free(grid);
    }
}

/* The best hits so far as a heap whose root is the worst, so that it is the first to go. */
struct search {
    struct geo_point at;
    double maximum_m;
    uint32_t wanted, count;
    struct geo_hit *heap;
};

static bool worse(struct geo_hit a, struct geo_hit b)
{
    return a.distance_m > b.distance_m || (a.distance_m == b.distance_m && a.index > b.index);
}

static void sift_down(struct geo_hit *heap, uint32_t count, uint32_t at)
{
    for (;;) {
        uint32_t worst = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++) {
            worst = worse(heap[child], heap[worst]) ? child : worst;
        }
        if (worst == at) {
            return;
        }
        struct geo_hit moved = heap[at];
        heap[at] = heap[worst];
        heap[worst] = moved;
        at = worst;
    }
}

static void offer(struct search *search, struct geo_hit hit)
{
    struct geo_hit *heap = search->heap;
    if (hit.distance_m > search->maximum_m) {
        return;
    }
    if (search->count == search->wanted) {
        if (worse(heap[0], hit)) {
            heap[0] = hit;
            sift_down(heap, search->count, 0);
        }
        return;
    }
    uint32_t at = search->count++;
    for (; at > 0 && worse(hit, heap[(at - 1) / 2]); at = (at - 1) / 2) {
        heap[at] = heap[(at - 1) / 2];
    }
    heap[at] = hit;
}

static void offer_cell(const struct geo_grid *grid, int64_t column, int64_t row, struct search *search)
{
    if (column < 0 || row < 0 || column >= grid->columns || row >= grid->rows) {
        return;
    }
    size_t cell = (size_t)(row * grid->columns + column);
    for (uint32_t slot = grid->first[cell]; slot < grid->first[cell + 1]; slot++) {
        offer(search, (struct geo_hit){ grid->index[slot], geo_distance_m(search->at, grid->point[slot]) });
    }
}

/* The cells at distance ring (in cells, the longer way) from the middle; only those within the grid are touched. */
static void offer_ring(const struct geo_grid *grid, int64_t middle_column, int64_t middle_row, int64_t ring,
                       struct search *search)
{
    int64_t low_row = middle_row - ring > 0 ? middle_row - ring : 0;
    int64_t high_row = middle_row + ring < grid->rows - 1 ? middle_row + ring : grid->rows - 1;
    for (int64_t row = low_row; row <= high_row; row++) {
        if (row == middle_row - ring || row == middle_row + ring) {
            int64_t low = middle_column - ring > 0 ? middle_column - ring : 0;
            int64_t high = middle_column + ring < grid->columns - 1 ? middle_column + ring : grid->columns - 1;
            for (int64_t column = low; column <= high; column++) {
                offer_cell(grid, column, row, search);
            }
        } else {
            offer_cell(grid, middle_column - ring, row, search);
            if (ring > 0) {
                offer_cell(grid, middle_column + ring, row, search);
            }
        }
    }
}

/* No point outside the squares up to ring is nearer than this: it lies at least ring cells away in latitude, or beyond a
 * meridian ring cells away, whose distance is that of a great circle. A hair is taken off for rounding. */
static double bound_m(const struct geo_grid *grid, struct geo_point at, int64_t ring)
{
    double degrees = (double)ring * (double)grid->cell_e7 * 1e-7;
    double lat_m = degrees * geo_metres_per_lat_degree();
    double lon_angle = asin(sin(radians(fmin(degrees, 90))) * cos(radians(geo_lat(at))));
    double lon_m = lon_angle / radians(1) * geo_metres_per_lat_degree();
    return fmin(lat_m, lon_m) * (1 - 1e-9) - 1e-3;
}

/* The first ring that can touch the grid at all, and the last. */
static void ring_range(const struct geo_grid *grid, int64_t column, int64_t row, int64_t *first, int64_t *last)
{
    int64_t west = column, east = grid->columns - 1 - column, south = row, north = grid->rows - 1 - row;
    int64_t outside_lon = west < 0 ? -west : east < 0 ? -east : 0;
    int64_t outside_lat = south < 0 ? -south : north < 0 ? -north : 0;
    *first = outside_lon > outside_lat ? outside_lon : outside_lat;
    int64_t far_lon = llabs(west) > llabs(east) ? llabs(west) : llabs(east);
    int64_t far_lat = llabs(south) > llabs(north) ? llabs(south) : llabs(north);
    *last = far_lon > far_lat ? far_lon : far_lat;
}

uint32_t geo_grid_nearest(const struct geo_grid *grid, struct geo_point at, double maximum_m, uint32_t wanted,
                          struct geo_hit *hits)
{
    struct search search = { .at = at, .maximum_m = maximum_m, .wanted = wanted, .heap = hits };
    if (wanted == 0 || grid->columns == 0) {
        return 0;
    }
    int64_t column = column_of(grid, at);
    int64_t row = row_of(grid, at);
    int64_t first, last;
    ring_range(grid, column, row, &first, &last);
    for (int64_t ring = first; ring <= last; ring++) {
        double nearest_left_m = ring > 0 ? bound_m(grid, at, ring - 1) : 0;
        if (nearest_left_m > maximum_m || (search.count == wanted && nearest_left_m > hits[0].distance_m)) {
            break;
        }
        offer_ring(grid, column, row, ring, &search);
    }
    /* Take the worst off the heap again and again: what is left behind it is sorted. */
    for (uint32_t left = search.count; left > 1; left--) {
        struct geo_hit worst = hits[0];
        hits[0] = hits[left - 1];
        hits[left - 1] = worst;
        sift_down(hits, left - 1, 0);
    }
    return search.count;
}

void geo_grid_within(const struct geo_grid *grid, struct geo_point at, double radius_m,
                     void (*visit)(void *context, struct geo_hit hit), void *context)
{
    if (grid->columns == 0 || radius_m < 0) {
        return;
    }
    int64_t reach = 0;
    int64_t first, last;
    ring_range(grid, column_of(grid, at), row_of(grid, at), &first, &last);
    while (reach < last && bound_m(grid, at, reach) <= radius_m) {
        reach++;
    }
    int64_t low_row = row_of(grid, at) - reach, high_row = row_of(grid, at) + reach;
    int64_t low_column = column_of(grid, at) - reach, high_column = column_of(grid, at) + reach;
    for (int64_t row = low_row > 0 ? low_row : 0; row <= high_row && row < grid->rows; row++) {
        for (int64_t column = low_column > 0 ? low_column : 0; column <= high_column && column < grid->columns; column++) {
            size_t cell = (size_t)(row * grid->columns + column);
            for (uint32_t slot = grid->first[cell]; slot < grid->first[cell + 1]; slot++) {
                double distance_m = geo_distance_m(at, grid->point[slot]);
                if (distance_m <= radius_m) {
                    visit(context, (struct geo_hit){ grid->index[slot], distance_m });
                }
            }
        }
    }
}
