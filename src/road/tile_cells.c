/* What may touch a tile: a grid over the city, its cells the tiles of one zoom. */
#include <math.h>
#include <stdlib.h>

#include "road/tile_private.h"

static const double LATITUDE_MAX = 85.05112877980659; /* where the Mercator map is cut to a square */

struct world_point world_of(struct geo_point point)
{
    double lat = geo_lat(point), scale = 4294967296.0;
    lat = lat > LATITUDE_MAX ? LATITUDE_MAX : lat < -LATITUDE_MAX ? -LATITUDE_MAX : lat;
    double x = (geo_lon(point) + 180) / 360 * scale;
    double y = (1 - asinh(tan(lat * M_PI / 180)) / M_PI) / 2 * scale;
    return (struct world_point){ x < 0            ? 0
                                 : x > UINT32_MAX ? UINT32_MAX
                                                  : (uint32_t)x,
                                 y < 0            ? 0
                                 : y > UINT32_MAX ? UINT32_MAX
                                                  : (uint32_t)y };
}

struct world_box world_box_none(void) { return (struct world_box){ UINT32_MAX, UINT32_MAX, 0, 0 }; }

void world_box_add(struct world_box *box, struct world_point point)
{
    box->west = point.x < box->west ? point.x : box->west;
    box->east = point.x > box->east ? point.x : box->east;
    box->north = point.y < box->north ? point.y : box->north;
    box->south = point.y > box->south ? point.y : box->south;
}

/* Columns and rows of the cells that a box touches, both ends included. */
struct range {
    uint32_t west, north, east, south;
};

static struct range range_of(const struct cells *cells, struct world_box box)
{
    uint32_t shift = 32 - cells->zoom;
    return (struct range){ box.west >> shift, box.north >> shift, box.east >> shift, box.south >> shift };
}

static uint64_t range_size(struct range range)
{
    return ((uint64_t)range.east - range.west + 1) * ((uint64_t)range.south - range.north + 1);
}

static uint32_t *cell_at(const struct cells *cells, uint32_t *counts, uint32_t column, uint32_t row)
{
    return &counts[(size_t)(row - cells->row) * cells->columns + (column - cells->column)];
}

static void choose_grid(struct cells *cells, const struct world_box *boxes, uint32_t count)
{
    struct world_box all = world_box_none();
    for (uint32_t i = 0; i < count; i++) {
        world_box_add(&all, (struct world_point){ boxes[i].west, boxes[i].north });
        world_box_add(&all, (struct world_point){ boxes[i].east, boxes[i].south });
    }
    all = count == 0 ? (struct world_box){ 0, 0, 0, 0 } : all;
    cells->zoom = CELL_ZOOM_MAX;
    while (cells->zoom > 1 && range_size(range_of(cells, all)) > CELLS_MAX) {
        cells->zoom--;
    }
    struct range range = range_of(cells, all);
    cells->column = range.west;
    cells->row = range.north;
    cells->columns = range.east - range.west + 1;
    cells->rows = range.south - range.north + 1;
}

/* Counts the entries of each cell behind its place in first, or with places writes them. */
static bool enter(struct cells *cells, uint32_t item, bool write)
{
    struct range range = range_of(cells, cells->boxes[item]);
    if (range_size(range) > ITEM_CELLS_MAX) {
        return write || vec_push(&cells->wide, item);
    }
    for (uint32_t row = range.north; row <= range.south; row++) {
        for (uint32_t column = range.west; column <= range.east; column++) {
            uint32_t *first = cell_at(cells, cells->first, column, row);
            if (write) {
                cells->entries[--first[1]] = item;
            } else {
                first[1] += 1;
            }
        }
    }
    return true;
}

bool cells_make(struct cells *cells, const struct world_box *boxes, uint32_t count)
{
    *cells = (struct cells){ .boxes = boxes };
    if (count > UINT32_MAX / ITEM_CELLS_MAX) {
        return false;
    }
    choose_grid(cells, boxes, count);
    size_t size = (size_t)cells->columns * cells->rows;
    cells->first = calloc(size + 2, sizeof *cells->first);
    if (cells->first == NULL) {
        return false;
    }
    for (uint32_t item = 0; item < count; item++) {
        if (!enter(cells, item, false)) {
            return false;
        }
    }
    for (size_t i = 1; i <= size; i++) {
        cells->first[i] += cells->first[i - 1];
    }
    uint32_t total = cells->first[size];
    cells->entries = calloc((size_t)total + 1, sizeof *cells->entries);
    if (cells->entries == NULL) {
        return false;
    }
    for (uint32_t item = count; item-- > 0;) { /* backwards: the ends come down to the begins */
        (void)enter(cells, item, true);
    }
    for (size_t i = 0; i < size; i++) { /* first[i + 1] is the begin of i now */
        cells->first[i] = cells->first[i + 1];
    }
    cells->first[size] = total;
    return true;
}

void cells_free(struct cells *cells)
{
    free(cells->first);
    free(cells->entries);
    vec_free(&cells->wide);
}

static bool touches(struct world_box a, struct world_box b)
{
    return a.west <= b.east && b.west <= a.east && a.north <= b.south && b.north <= a.south;
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }
static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

void cells_each(const struct cells *cells, struct world_box box, void (*visit)(void *context, uint32_t item), void *context)
{
    struct range range = range_of(cells, box);
    range.west = larger(range.west, cells->column);
    range.north = larger(range.north, cells->row);
    range.east = smaller(range.east, cells->column + cells->columns - 1);
    range.south = smaller(range.south, cells->row + cells->rows - 1);
    for (size_t i = 0; i < cells->wide.count; i++) {
        if (touches(cells->boxes[cells->wide.items[i]], box)) {
            visit(context, cells->wide.items[i]);
        }
    }
    for (uint32_t row = range.north; row <= range.south && range.north <= range.south; row++) {
        for (uint32_t column = range.west; column <= range.east && range.west <= range.east; column++) {
            const uint32_t *first = cell_at(cells, cells->first, column, row);
            for (uint32_t i = first[0]; i < first[1]; i++) {
                uint32_t item = cells->entries[i];
                struct range own = range_of(cells, cells->boxes[item]);
                bool here = column == larger(own.west, range.west) && row == larger(own.north, range.north);
                if (here && touches(cells->boxes[item], box)) { /* in the first cell that both have, so once */
                    visit(context, item);
                }
            }
        }
    }
}
