#include "road/tile.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "road/tile_private.h"

/* ---- the index ---- */

static bool index_areas(struct tiles *tiles)
{
    const struct city *city = tiles->city;
    uint32_t areas = city_area_count(city);
    for (uint32_t area = 0; area < areas; area++) {
        struct world_box box = world_box_none();
        if (!vec_push(&tiles->area_first, (uint32_t)tiles->ring_points.count)) {
            return false;
        }
        for (uint32_t ring = 0; ring < city_area_ring_count(city, area); ring++) {
            uint32_t count;
            const struct geo_point *points = city_area_ring(city, area, ring, &count);
            for (uint32_t i = 0; i < count; i++) {
                struct world_point point = world_of(points[i]);
                world_box_add(&box, point);
                if (!vec_push(&tiles->ring_points, point)) {
                    return false;
                }
            }
        }
        if (!vec_push(&tiles->area_boxes, box)) {
            return false;
        }
    }
    return cells_make(&tiles->area_cells, tiles->area_boxes.items, areas);
}

static bool index_places(struct tiles *tiles)
{
    uint32_t places = city_place_count(tiles->city);
    for (uint32_t i = 0; i < places; i++) {
        struct world_point at = world_of(city_place_at(tiles->city, i).point);
        if (!vec_push(&tiles->place_boxes, (struct world_box){ at.x, at.y, at.x, at.y })) {
            return false;
        }
    }
    return cells_make(&tiles->place_cells, tiles->place_boxes.items, places);
}

static bool index_roads(struct tiles *tiles)
{
    return strands_make(tiles->city, &tiles->strands, &tiles->strand_points, &tiles->strand_boxes) &&
           cells_make(&tiles->strand_cells, tiles->strand_boxes.items, (uint32_t)tiles->strand_boxes.count);
}

enum status tiles_create(const struct city *city, struct tiles **tiles, struct error *error)
{
    struct tiles *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->city = city;
    }
    if (made == NULL || !index_roads(made) || !index_areas(made) || !index_places(made)) {
        tiles_destroy(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the map of %s", city_name(city));
    }
    *tiles = made;
    return STATUS_OK;
}

void tiles_destroy(struct tiles *tiles)
{
    if (tiles == NULL) {
        return;
    }
    vec_free(&tiles->strands);
    vec_free(&tiles->strand_points);
    vec_free(&tiles->strand_boxes);
    vec_free(&tiles->area_boxes);
    vec_free(&tiles->place_boxes);
    vec_free(&tiles->ring_points);
    vec_free(&tiles->area_first);
    cells_free(&tiles->strand_cells);
    cells_free(&tiles->area_cells);
    cells_free(&tiles->place_cells);
    free(tiles);
}

/* ---- what is drawn at which zoom ---- */

static const struct {
    uint8_t line_zoom, name_zoom;
} ROAD_ZOOMS[ROAD_CLASS_COUNT] = {
    [ROAD_CLASS_UNKNOWN] = { 10, 14 },      [ROAD_CLASS_MOTORWAY] = { 5, 11 },       [ROAD_CLASS_MOTORWAY_LINK] = { 10, 15 },
    [ROAD_CLASS_TRUNK] = { 6, 11 },         [ROAD_CLASS_TRUNK_LINK] = { 10, 15 },    [ROAD_CLASS_PRIMARY] = { 8, 12 },
    [ROAD_CLASS_PRIMARY_LINK] = { 11, 15 }, [ROAD_CLASS_SECONDARY] = { 8, 12 },      [ROAD_CLASS_SECONDARY_LINK] = { 11, 15 },
    [ROAD_CLASS_TERTIARY] = { 9, 13 },      [ROAD_CLASS_TERTIARY_LINK] = { 12, 15 }, [ROAD_CLASS_UNCLASSIFIED] = { 10, 14 },
    [ROAD_CLASS_RESIDENTIAL] = { 10, 14 },  [ROAD_CLASS_LIVING_STREET] = { 11, 14 }, [ROAD_CLASS_FERRY] = { 9, 13 },
    [ROAD_CLASS_SERVICE] = { 12, 15 },      [ROAD_CLASS_TRACK] = { 13, 15 },         [ROAD_CLASS_PEDESTRIAN] = { 12, 15 },
    [ROAD_CLASS_CYCLEWAY] = { 13, 15 },     [ROAD_CLASS_FOOTWAY] = { 13, 15 },       [ROAD_CLASS_STEPS] = { 14, 15 },
};

/* Places of this rank and below. */
static const uint8_t RANK_AT_ZOOM[TILE_ZOOM_MAX + 1] = {
    [5] = 12, [6] = 20, [7] = 28, [8] = 34, [9] = 44, [10] = 54, [11] = 70, [12] = 95, [13] = 118, [14] = 142, [15] = UINT8_MAX
};

enum { AREA_SIDE_MINIMUM = 12 }; /* units of the tile, 16 of which are two points of a screen */

/* Half a point of a screen; the last zoom is drawn enlarged, so it is finer. */
static double tolerance_at(uint32_t zoom) { return zoom < TILE_ZOOM_MAX ? 4 : 1; }

/* ---- drawing ---- */

struct drawing {
    const struct tiles *tiles;
    struct tile_frame frame;
    struct mvt_layer layer;
    struct tile_scratch scratch;
    struct tile_u32_vec visited;
    bool failed;
};

static void collect(void *context, uint32_t item)
{
    struct drawing *drawing = context;
    drawing->failed |= !vec_push(&drawing->visited, item);
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* Items that touch the tile, rising. */
static void visit(struct drawing *drawing, const struct cells *cells)
{
    drawing->visited.count = 0;
    cells_each(cells, frame_box(&drawing->frame), collect, drawing);
    if (drawing->visited.count > 1) {
        qsort(drawing->visited.items, drawing->visited.count, sizeof *drawing->visited.items, compare_numbers);
    }
}

static bool load(struct drawing *drawing, const struct world_point *points, uint32_t count)
{
    struct tile_vec *loaded = &drawing->scratch.points;
    loaded->count = 0;
    if (!vec_reserve(loaded, count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct tile_point point = frame_point(&drawing->frame, points[i]);
        bool repeats = loaded->count > 0 && loaded->items[loaded->count - 1].x == point.x &&
                       loaded->items[loaded->count - 1].y == point.y;
        if (!repeats) {
            loaded->items[loaded->count++] = point;
        }
    }
    return true;
}

static void draw_line(struct drawing *drawing, const struct strand *strand)
{
    const struct world_point *points = drawing->tiles->strand_points.items + strand->first;
    struct tile_scratch *scratch = &drawing->scratch;
    bool drawn = load(drawing, points, strand->count) &&
                 tile_simplify(scratch, &scratch->points, tolerance_at(drawing->frame.zoom), false) &&
                 tile_clip_line(scratch, &scratch->points, &drawing->layer);
    drawing->failed |= !drawn;
}

/* name, and the names that English and Chinese readers know. */
static void tag_names(struct drawing *drawing, const char *name, const char *alternatives)
{
    struct city_alternative other;
    mvt_tag_text(&drawing->layer, "name", name, strlen(name));
    bool english = false, chinese = false;
    while (city_next_alternative(&alternatives, &other)) {
        if (!english && other.key_length == 7 && memcmp(other.key, "name:en", 7) == 0) {
            mvt_tag_text(&drawing->layer, "name_en", other.name, other.name_length);
            english = true;
        } else if (!chinese && (other.key_length == 7 || other.key_length == 12) &&
                   memcmp(other.key, other.key_length == 7 ? "name:zh" : "name:zh-Hans", other.key_length) == 0) {
            mvt_tag_text(&drawing->layer, "name_zh", other.name, other.name_length);
            chinese = true;
        }
    }
}

static void tag_class(struct drawing *drawing, const struct city *city, uint32_t edge)
{
    const char *class = road_class_name(city_edge_class(city, edge));
    mvt_tag_text(&drawing->layer, "class", class, strlen(class));
}

static void begin_road(struct drawing *drawing, uint32_t edge)
{
    const struct city *city = drawing->tiles->city;
    const char *structure = city_edge_is_bridge(city, edge) ? "bridge" : city_edge_is_tunnel(city, edge) ? "tunnel" : "";
    mvt_feature_begin(&drawing->layer, MVT_LINE);
    tag_class(drawing, city, edge);
    mvt_tag_text(&drawing->layer, "structure", structure, strlen(structure));
}

static bool same_look(const struct city *city, uint32_t a, uint32_t b)
{
    return city_edge_class(city, a) == city_edge_class(city, b) && city_edge_is_bridge(city, a) == city_edge_is_bridge(city, b) &&
           city_edge_is_tunnel(city, a) == city_edge_is_tunnel(city, b);
}

/* Strands come by look, so those of one look are one feature. */
static void draw_roads(struct drawing *drawing, struct text *tile)
{
    const struct tiles *tiles = drawing->tiles;
    bool open = false;
    uint32_t before = 0;
    for (size_t i = 0; i < drawing->visited.count; i++) {
        const struct strand *strand = &tiles->strands.items[drawing->visited.items[i]];
        if (drawing->frame.zoom < ROAD_ZOOMS[city_edge_class(tiles->city, strand->edge)].line_zoom) {
            continue;
        }
        if (!open || !same_look(tiles->city, before, strand->edge)) {
            if (open) {
                mvt_feature_end(&drawing->layer);
            }
            begin_road(drawing, strand->edge);
            open = true;
        }
        before = strand->edge;
        draw_line(drawing, strand);
    }
    if (open) {
        mvt_feature_end(&drawing->layer);
    }
    mvt_layer_end(&drawing->layer, "roads", tile);
}

static void draw_road_labels(struct drawing *drawing, struct text *tile)
{
    const struct tiles *tiles = drawing->tiles;
    for (size_t i = 0; i < drawing->visited.count; i++) {
        const struct strand *strand = &tiles->strands.items[drawing->visited.items[i]];
        const char *name = city_edge_name(tiles->city, strand->edge);
        if (*name == '\0' || drawing->frame.zoom < ROAD_ZOOMS[city_edge_class(tiles->city, strand->edge)].name_zoom) {
            continue;
        }
        mvt_feature_begin(&drawing->layer, MVT_LINE);
        tag_names(drawing, name, city_edge_alternatives(tiles->city, strand->edge));
        tag_class(drawing, tiles->city, strand->edge);
        draw_line(drawing, strand);
        mvt_feature_end(&drawing->layer);
    }
    mvt_layer_end(&drawing->layer, "road_labels", tile);
}

static bool is_visible(const struct drawing *drawing, struct world_box box)
{
    uint32_t side = (uint32_t)AREA_SIDE_MINIMUM << (20 - drawing->frame.zoom);
    return box.east - box.west >= side || box.south - box.north >= side;
}

/* False: the outside encloses nothing here, so that its holes are not wanted. */
static bool draw_ring(struct drawing *drawing, const struct world_point *points, uint32_t count, bool is_hole)
{
    struct tile_scratch *scratch = &drawing->scratch;
    if (!load(drawing, points, count) || !tile_simplify(scratch, &scratch->points, tolerance_at(drawing->frame.zoom), true) ||
        !tile_clip_ring(scratch, &scratch->points)) {
        drawing->failed = true;
        return false;
    }
    uint32_t clipped = (uint32_t)scratch->clipped.count;
    return clipped >= 3 && mvt_ring(&drawing->layer, scratch->clipped.items, clipped, is_hole);
}

static void draw_area(struct drawing *drawing, uint32_t area)
{
    const struct tiles *tiles = drawing->tiles;
    const struct world_point *points = tiles->ring_points.items + tiles->area_first.items[area];
    const char *kind = city_area_kind_name(city_area_kind(tiles->city, area));
    mvt_feature_begin(&drawing->layer, MVT_POLYGON);
    mvt_tag_text(&drawing->layer, "kind", kind, strlen(kind));
    for (uint32_t ring = 0; ring < city_area_ring_count(tiles->city, area); ring++) {
        uint32_t count;
        (void)city_area_ring(tiles->city, area, ring, &count);
        if (!draw_ring(drawing, points, count, ring > 0) && ring == 0) {
            return;
        }
        points += count;
    }
    mvt_feature_end(&drawing->layer);
}

static void draw_areas(struct drawing *drawing, struct text *tile)
{
    for (size_t i = 0; i < drawing->visited.count; i++) {
        uint32_t area = drawing->visited.items[i];
        if (is_visible(drawing, drawing->tiles->area_boxes.items[area])) {
            draw_area(drawing, area);
        }
    }
    mvt_layer_end(&drawing->layer, "areas", tile);
}

static void draw_place(struct drawing *drawing, uint32_t number)
{
    struct city_named_place place = city_place_at(drawing->tiles->city, number);
    struct world_box at = drawing->tiles->place_boxes.items[number];
    if (place.rank > RANK_AT_ZOOM[drawing->frame.zoom]) {
        return;
    }
    const char *kind = city_place_kind_name(place.kind);
    mvt_feature_begin(&drawing->layer, MVT_POINT);
    tag_names(drawing, place.name, place.alternatives);
    mvt_tag_text(&drawing->layer, "kind", kind, strlen(kind));
    mvt_tag_number(&drawing->layer, "rank", place.rank);
    mvt_point(&drawing->layer, frame_point(&drawing->frame, (struct world_point){ at.west, at.north }));
    mvt_feature_end(&drawing->layer);
}

static void draw_places(struct drawing *drawing, struct text *tile)
{
    for (size_t i = 0; i < drawing->visited.count; i++) {
        draw_place(drawing, drawing->visited.items[i]);
    }
    mvt_layer_end(&drawing->layer, "places", tile);
}

enum status tiles_draw(const struct tiles *tiles, uint32_t zoom, uint32_t x, uint32_t y, struct text *tile, struct error *error)
{
    CHECK(zoom >= TILE_ZOOM_MIN && zoom <= TILE_ZOOM_MAX && x >> zoom == 0 && y >> zoom == 0);
    struct drawing drawing = { .tiles = tiles, .frame = { zoom, (int64_t)x << (32 - zoom), (int64_t)y << (32 - zoom) } };
    mvt_layer_init(&drawing.layer, tile->maximum);
    visit(&drawing, &tiles->area_cells);
    draw_areas(&drawing, tile);
    visit(&drawing, &tiles->strand_cells);
    draw_roads(&drawing, tile);
    draw_road_labels(&drawing, tile);
    visit(&drawing, &tiles->place_cells);
    draw_places(&drawing, tile);
    mvt_layer_free(&drawing.layer);
    tile_scratch_free(&drawing.scratch);
    vec_free(&drawing.visited);
    return drawing.failed ? ERROR(error, STATUS_NO_MEMORY, "no memory to draw tile %u/%u/%u", zoom, x, y) : STATUS_OK;
}
