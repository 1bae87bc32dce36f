/* What the parts of the tile maker share. World coordinates are Web Mercator in 2^-32 of the world's width, x east and y south
 * from the north-west corner: a tile is their upper bits. */
#ifndef MINGDI_ROAD_TILE_PRIVATE_H
#define MINGDI_ROAD_TILE_PRIVATE_H

#include "base/vec.h"
#include "geo/point.h"
#include "geo/simplify.h"
#include "road/city_map.h"
#include "road/mvt.h"
#include "road/tile.h"

enum { TILE_BUFFER = 64, STRAND_POINTS_MAX = 512, CELL_ZOOM_MAX = 14, CELLS_MAX = 1 << 16, ITEM_CELLS_MAX = 64 };

struct world_point {
    uint32_t x, y;
};

struct world_box {
    uint32_t west, north, east, south;
};

VEC_TYPE(world_vec, struct world_point);
VEC_TYPE(box_vec, struct world_box);
VEC_TYPE(tile_u32_vec, uint32_t);

/* Edges of one name, class and structure, one after the other: drawn as one line. */
struct strand {
    uint32_t first, count; /* in the points of the strands */
    uint32_t edge;         /* one of them, for its name and class */
};

VEC_TYPE(strand_vec, struct strand);

/* Which items may touch a cell, as tiles of one zoom over the city; those over many cells are in a list of their own. */
struct cells {
    const struct world_box *boxes; /* of the items */
    uint32_t zoom, column, row, columns, rows;
    uint32_t *first;   /* columns * rows + 1 */
    uint32_t *entries; /* items */
    struct tile_u32_vec wide;
};

struct tiles {
    const struct city *city;
    struct strand_vec strands;
    struct world_vec strand_points;
    struct box_vec strand_boxes, area_boxes, place_boxes;
    struct world_vec ring_points;   /* of all areas, one ring after the other */
    struct tile_u32_vec area_first; /* where an area's points begin; one more at the end */
    struct cells strand_cells, area_cells, place_cells;
};

struct world_point world_of(struct geo_point point);
/* For a box that is empty yet. */
struct world_box world_box_none(void);
void world_box_add(struct world_box *box, struct world_point point);

/* False when memory is refused. */
bool strands_make(const struct city *city, struct strand_vec *strands, struct world_vec *points, struct box_vec *boxes);

bool cells_make(struct cells *cells, const struct world_box *boxes, uint32_t count);
void cells_free(struct cells *cells);
/* Calls visit with each item whose box touches the box, once each, in the same order always. */
void cells_each(const struct cells *cells, struct world_box box, void (*visit)(void *context, uint32_t item), void *context);

/* A tile's frame in its own units, with the buffer around it. */
struct tile_frame {
    uint32_t zoom;
    int64_t west, north; /* world coordinates of its corner */
};

struct tile_vec {
    struct tile_point *items;
    size_t count, capacity;
};

struct tile_point frame_point(const struct tile_frame *frame, struct world_point point);
/* The box of the frame with its buffer. */
struct world_box frame_box(const struct tile_frame *frame);

/* Scratch memory of one drawing. */
struct tile_scratch {
    struct tile_vec points, clipped, other;
    VEC_TYPE(, struct geo_plane_point)
    plane;
    VEC_TYPE(, uint8_t)
    keep;
};
void tile_scratch_free(struct tile_scratch *scratch);

/* The points with fewer of them: what lies within the tolerance, in units of the tile, is left out. In place. */
bool tile_simplify(struct tile_scratch *scratch, struct tile_vec *points, double tolerance, bool is_ring);
/* Writes the parts of the line within the buffer. */
bool tile_clip_line(struct tile_scratch *scratch, const struct tile_vec *line, struct mvt_layer *layer);
/* The ring cut off at the buffer, in clipped; what repeats is left out. */
bool tile_clip_ring(struct tile_scratch *scratch, const struct tile_vec *ring);

#endif
