/* Lines and rings in the units of a tile: fewer points, and nothing far outside. */
#include <math.h>

#include "road/tile_private.h"

enum { LOW = -TILE_BUFFER, HIGH = TILE_EXTENT + TILE_BUFFER };

struct tile_point frame_point(const struct tile_frame *frame, struct world_point point)
{
    /* A tile is 2^(32 - zoom) wide, and 2^12 units: the shift is 5 at zoom 15, and never below 0. */
    uint32_t shift = 20 - frame->zoom;
    int64_t half = shift > 0 ? (int64_t)1 << (shift - 1) : 0;
    int64_t x = ((int64_t)point.x - frame->west + half) >> shift, y = ((int64_t)point.y - frame->north + half) >> shift;
    return (struct tile_point){ (int32_t)x, (int32_t)y }; /* below 2^32 / 2^5 */
}

struct world_box frame_box(const struct tile_frame *frame)
{
    int64_t side = (int64_t)1 << (32 - frame->zoom), buffer = side * TILE_BUFFER / TILE_EXTENT;
    int64_t west = frame->west - buffer, north = frame->north - buffer;
    int64_t east = frame->west + side + buffer, south = frame->north + side + buffer;
    return (struct world_box){ west < 0 ? 0 : (uint32_t)west, north < 0 ? 0 : (uint32_t)north,
                               east > UINT32_MAX ? UINT32_MAX : (uint32_t)east,
                               south > UINT32_MAX ? UINT32_MAX : (uint32_t)south };
}

void tile_scratch_free(struct tile_scratch *scratch)
{
    vec_free(&scratch->points);
    vec_free(&scratch->clipped);
    vec_free(&scratch->other);
    vec_free(&scratch->plane);
    vec_free(&scratch->keep);
}

bool tile_simplify(struct tile_scratch *scratch, struct tile_vec *points, double tolerance, bool is_ring)
{
    uint32_t count = (uint32_t)points->count, given = count + (is_ring ? 1u : 0u), kept = 0;
    if (count < 3) {
        return true;
    }
    if (!vec_reserve(&scratch->plane, given) || !vec_reserve(&scratch->keep, given)) {
        return false;
    }
    for (uint32_t i = 0; i < given; i++) {
        struct tile_point point = points->items[i < count ? i : 0];
        scratch->plane.items[i] = (struct geo_plane_point){ point.x, point.y };
    }
    geo_simplify(scratch->plane.items, given, tolerance, scratch->keep.items);
    for (uint32_t i = 0; i < count; i++) {
        if (scratch->keep.items[i]) {
            points->items[kept++] = points->items[i];
        }
    }
    points->count = kept;
    return true;
}

/* ---- lines: Liang and Barsky's cut of each piece ---- */

static bool cut(double step, double room, double *from, double *to)
{
    if (step == 0) { // NOLINT: whole numbers
        return room >= 0;
    }
    double at = room / step;
    if (step < 0) {
        *from = at > *from ? at : *from;
    } else {
        *to = at < *to ? at : *to;
    }
    return *from <= *to;
}

static struct tile_point between(struct tile_point a, struct tile_point b, double share)
{
    return (struct tile_point){ (int32_t)lround(a.x + share * ((double)b.x - a.x)),
                                (int32_t)lround(a.y + share * ((double)b.y - a.y)) };
}

static bool cut_piece(struct tile_point a, struct tile_point b, double *from, double *to)
{
    double dx = (double)b.x - a.x, dy = (double)b.y - a.y;
    *from = 0;
    *to = 1;
    return cut(-dx, (double)a.x - LOW, from, to) && cut(dx, (double)HIGH - a.x, from, to) &&
           cut(-dy, (double)a.y - LOW, from, to) && cut(dy, (double)HIGH - a.y, from, to);
}

static void end_line(struct tile_scratch *scratch, struct mvt_layer *layer)
{
    if (scratch->clipped.count > 1) {
        mvt_line(layer, scratch->clipped.items, (uint32_t)scratch->clipped.count);
    }
    scratch->clipped.count = 0;
}

bool tile_clip_line(struct tile_scratch *scratch, const struct tile_vec *line, struct mvt_layer *layer)
{
    scratch->clipped.count = 0;
    for (size_t i = 0; i + 1 < line->count; i++) {
        struct tile_point a = line->items[i], b = line->items[i + 1];
        double from, to;
        if (!cut_piece(a, b, &from, &to)) {
            end_line(scratch, layer);
            continue;
        }
        if (from > 0) {
            end_line(scratch, layer);
        }
        if (scratch->clipped.count == 0 && !vec_push(&scratch->clipped, between(a, b, from))) {
            return false;
        }
        if (!vec_push(&scratch->clipped, between(a, b, to))) {
            return false;
        }
        if (to < 1) {
            end_line(scratch, layer);
        }
    }
    end_line(scratch, layer);
    return true;
}

/* ---- rings: Sutherland and Hodgman's, one side of the square after the other ---- */

enum side { WEST, NORTH, EAST, SOUTH, SIDE_COUNT };

static bool is_inside(struct tile_point point, enum side side)
{
    return side == WEST ? point.x >= LOW : side == EAST ? point.x <= HIGH : side == NORTH ? point.y >= LOW : point.y <= HIGH;
}

static struct tile_point at_side(struct tile_point a, struct tile_point b, enum side side)
{
    int32_t limit = side == WEST || side == NORTH ? LOW : HIGH;
    if (side == WEST || side == EAST) {
        double share = ((double)limit - a.x) / ((double)b.x - a.x);
        return (struct tile_point){ limit, (int32_t)lround(a.y + share * ((double)b.y - a.y)) };
    }
    double share = ((double)limit - a.y) / ((double)b.y - a.y);
    return (struct tile_point){ (int32_t)lround(a.x + share * ((double)b.x - a.x)), limit };
}

static bool clip_side(const struct tile_vec *from, struct tile_vec *to, enum side side)
{
    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        struct tile_point a = from->items[i > 0 ? i - 1 : from->count - 1], b = from->items[i];
        bool a_inside = is_inside(a, side), b_inside = is_inside(b, side);
        if (a_inside != b_inside && !vec_push(to, at_side(a, b, side))) {
            return false;
        }
        if (b_inside && !vec_push(to, b)) {
            return false;
        }
    }
    return true;
}

static void leave_out_repeats(struct tile_vec *ring)
{
    size_t kept = 0;
    for (size_t i = 0; i < ring->count; i++) {
        struct tile_point point = ring->items[i];
        if (kept == 0 || ring->items[kept - 1].x != point.x || ring->items[kept - 1].y != point.y) {
            ring->items[kept++] = point;
        }
    }
    while (kept > 1 && ring->items[kept - 1].x == ring->items[0].x && ring->items[kept - 1].y == ring->items[0].y) {
        kept--;
    }
    ring->count = kept;
}

bool tile_clip_ring(struct tile_scratch *scratch, const struct tile_vec *ring)
{
    if (!clip_side(ring, &scratch->other, WEST) || !clip_side(&scratch->other, &scratch->clipped, NORTH) ||
        !clip_side(&scratch->clipped, &scratch->other, EAST) || !clip_side(&scratch->other, &scratch->clipped, SOUTH)) {
        return false;
    }
    leave_out_repeats(&scratch->clipped);
    return true;
}
