/* What a map has beside roads: areas to draw and named places to find, from nodes, closed ways and multipolygons
 * (https://wiki.openstreetmap.org/wiki/Relation:multipolygon). Outlines are simplified by a metre and a half, which nobody sees
 * on a screen; small ones are left out.
 *
 * Workload: 5,000 to 200,000 ways of 10 points, 100 to 5,000 multipolygons of 1 to 500 members. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "geo/simplify.h"
#include "road/geojson.h"
#include "road/import_map.h"
#include "road/import_tags.h"

enum { SHAPE_NODES_MAX = 1 << 27, PLACES_MAX = 1 << 22, MEMBERS_MAX = 16384 };
static const double TOLERANCE_M = 1.5, AREA_MINIMUM_M2 = 300;

/* ---- reading ---- */

static enum status read_meaning(struct map *map, const struct osm_tags *tags, bool is_closed, struct map_meaning *meaning,
                                struct error *error)
{
    enum city_place_kind place;
    uint8_t rank;
    *meaning = (struct map_meaning){ .area = CITY_AREA_KIND_COUNT, .place = CITY_PLACE_KIND_COUNT };
    if (tags->count == 0) {
        return STATUS_OK;
    }
    const char *name = tags_name(tags);
    meaning->area = is_closed ? (uint8_t)tags_area_kind(tags) : CITY_AREA_KIND_COUNT;
    if (name == NULL || !tags_place(tags, &place, &rank) || (!is_closed && place != CITY_PLACE_STOP)) {
        return STATUS_OK;
    }
    meaning->place = (uint8_t)place;
    meaning->rank = rank;
    return map_name(map, tags, name, &meaning->name, &meaning->alternatives, error);
}

static bool means_something(const struct map_meaning *meaning)
{
    return meaning->area != CITY_AREA_KIND_COUNT || meaning->place != CITY_PLACE_KIND_COUNT;
}

static bool is_multipolygon(const struct osm_tags *tags)
{
    const char *type = osm_tag(tags, "type");
    return type != NULL && strcmp(type, "multipolygon") == 0;
}

static enum status take_multipolygon(void *context, const struct osm_relation *relation, struct error *error)
{
    struct map *map = context;
    struct map_shapes *shapes = &map->shapes;
    struct map_shape_relation kept = { .first = (uint32_t)shapes->members.count };
    if (!is_multipolygon(&relation->tags) || relation->member_count > MEMBERS_MAX) {
        return STATUS_OK;
    }
    TRY(read_meaning(map, &relation->tags, true, &kept.meaning, error));
    if (!means_something(&kept.meaning)) {
        return STATUS_OK;
    }
    for (size_t i = 0; i < relation->member_count; i++) {
        const struct osm_member *member = &relation->members[i];
        struct map_shape_member fresh = { member->id, strcmp(member->role, "inner") == 0 };
        if (member->kind == OSM_WAY && (!vec_push(&shapes->members, fresh) || !vec_push(&shapes->wanted, member->id))) {
            return network_no_memory(map->network, error);
        }
    }
    kept.count = (uint32_t)shapes->members.count - kept.first;
    return shapes->members.count < SHAPE_NODES_MAX && vec_push(&shapes->relations, kept) ? STATUS_OK
                                                                                         : network_no_memory(map->network, error);
}

enum status map_read_multipolygons(struct map *map, const char *path, map_reader read, struct error *error)
{
    const struct osm_handler handler = { .context = map, .relation = take_multipolygon };
    TRY(read(path, &handler, error));
    map_sort_ids(&map->shapes.wanted);
    return STATUS_OK;
}

enum status map_take_shape_way(struct map *map, const struct osm_way *way, struct error *error)
{
    struct map_shapes *shapes = &map->shapes;
    size_t count = way->node_count;
    struct map_shape_way kept = { .id = way->id, .first = (uint32_t)shapes->references.count, .count = (uint32_t)count };
    if (count == 0) {
        return STATUS_OK;
    }
    TRY(read_meaning(map, &way->tags, count >= 4 && way->nodes[0] == way->nodes[count - 1], &kept.meaning, error));
    if (!means_something(&kept.meaning) && map_find_id(&shapes->wanted, way->id) == ROAD_NONE) {
        return STATUS_OK;
    }
    if (shapes->references.count + count >= SHAPE_NODES_MAX) {
        return ERROR(error, STATUS_FULL, "more than %d nodes on areas: cut the map down to the area that is served",
                     SHAPE_NODES_MAX);
    }
    if (!vec_reserve(&shapes->references, shapes->references.count + count) || !vec_push(&shapes->ways, kept)) {
        return network_no_memory(map->network, error);
    }
    memcpy(shapes->references.items + kept.first, way->nodes, count * sizeof *way->nodes);
    shapes->references.count += count;
    return STATUS_OK;
}

static int compare_ways(const void *a, const void *b)
{
    const struct map_shape_way *left = a, *right = b;
    return left->id != right->id ? (left->id < right->id ? -1 : 1)
                                 : (left->first < right->first ? -1 : left->first > right->first);
}

enum status map_number_shapes(struct map *map, struct error *error)
{
    struct map_shapes *shapes = &map->shapes;
    size_t count = shapes->references.count;
    if (shapes->ways.count > 0) {
        qsort(shapes->ways.items, shapes->ways.count, sizeof *shapes->ways.items, compare_ways);
    }
    if (!vec_reserve(&shapes->ids, count)) {
        return network_no_memory(map->network, error);
    }
    if (count > 0) {
        memcpy(shapes->ids.items, shapes->references.items, count * sizeof(int64_t));
    }
    shapes->ids.count = count;
    map_sort_ids(&shapes->ids);
    shapes->points = calloc(shapes->ids.count + 1, sizeof *shapes->points);
    shapes->is_there = calloc(shapes->ids.count + 1, 1);
    if (shapes->points == NULL || shapes->is_there == NULL) {
        return network_no_memory(map->network, error);
    }
    for (size_t i = 0; i < shapes->ids.count && map->coordinates_are_ids; i++) {
        shapes->points[i] = geojson_point_of_id(shapes->ids.items[i]);
        shapes->is_there[i] = 1;
    }
    return STATUS_OK;
}

static enum status add_place(struct map *map, const struct map_meaning *meaning, struct geo_point at, struct error *error)
{
    const struct city_place_entry place = { at, meaning->name, meaning->alternatives, meaning->place, meaning->rank, 0 };
    if (map->network->places.count >= PLACES_MAX) {
        return ERROR(error, STATUS_FULL, "more than %d named places: cut the map down to the area that is served", PLACES_MAX);
    }
    return vec_push(&map->network->places, place) ? STATUS_OK : network_no_memory(map->network, error);
}

enum status map_take_shape_node(struct map *map, const struct osm_node *node, struct error *error)
{
    struct map_shapes *shapes = &map->shapes;
    uint32_t number = map_find_id(&shapes->ids, node->id);
    if (number != ROAD_NONE) {
        shapes->points[number] = node->point;
        shapes->is_there[number] = 1;
    }
    struct map_meaning meaning;
    TRY(read_meaning(map, &node->tags, true, &meaning, error));
    return meaning.place != CITY_PLACE_KIND_COUNT ? add_place(map, &meaning, node->point, error) : STATUS_OK;
}

/* ---- rings ---- */

VEC_TYPE(plane_vec, struct geo_plane_point);

/* Rings of one object while it is assembled. */
struct rings {
    struct map *map;
    struct point_vec points;
    struct u32_vec first; /* with one more at the end */
    struct flag_vec is_inner;
    struct plane_vec plane; /* of the ring at hand */
    struct flag_vec keep;   /* likewise */
};

static void free_rings(struct rings *rings)
{
    vec_free(&rings->points);
    vec_free(&rings->first);
    vec_free(&rings->is_inner);
    vec_free(&rings->plane);
    vec_free(&rings->keep);
}

static bool clear_rings(struct rings *rings)
{
    rings->points.count = rings->first.count = rings->is_inner.count = 0;
    return vec_push(&rings->first, 0);
}

static bool same_point(struct geo_point a, struct geo_point b) { return a.lon_e7 == b.lon_e7 && a.lat_e7 == b.lat_e7; }

/* A node that the file lacks, as at the border of an extract, is left out: the outline runs straight past it. */
static bool push_nodes(struct rings *rings, const int64_t *nodes, size_t count, bool backwards)
{
    const struct map_shapes *shapes = &rings->map->shapes;
    uint32_t begin = rings->first.items[rings->first.count - 1];
    for (size_t i = 0; i < count; i++) {
        uint32_t number = map_find_id(&shapes->ids, nodes[backwards ? count - 1 - i : i]);
        CHECK(number != ROAD_NONE);
        bool repeats = rings->points.count > begin &&
                       same_point(rings->points.items[rings->points.count - 1], shapes->points[number]);
        if (shapes->is_there[number] && !repeats && !vec_push(&rings->points, shapes->points[number])) {
            return false;
        }
    }
    return true;
}

/* Ends the ring that was pushed; one of fewer than three points is forgotten. */
static bool end_ring(struct rings *rings, bool is_inner)
{
    uint32_t begin = rings->first.items[rings->first.count - 1];
    size_t count = rings->points.count - begin;
    if (count > 1 && same_point(rings->points.items[begin], rings->points.items[rings->points.count - 1])) {
        rings->points.count -= 1;
        count -= 1;
    }
    if (count < 3) {
        rings->points.count = begin;
        return true;
    }
    return vec_push(&rings->first, (uint32_t)rings->points.count) && vec_push(&rings->is_inner, is_inner);
}

/* Pieces of outlines, found by the nodes at their ends. */
struct piece_end {
    int64_t node;
    uint32_t way; /* in the ways of the shapes */
};

VEC_TYPE(end_vec, struct piece_end);

static int compare_ends(const void *a, const void *b)
{
    const struct piece_end *left = a, *right = b;
    return left->node != right->node ? (left->node < right->node ? -1 : 1)
                                     : (left->way < right->way ? -1 : left->way > right->way);
}

struct assembly {
    struct rings *rings;
    struct end_vec ends;
    uint8_t *used; /* of ways */
    bool is_inner;
};

static const int64_t *nodes_of(const struct map_shapes *shapes, uint32_t way)
{
    return shapes->references.items + shapes->ways.items[way].first;
}

static uint32_t way_at(const struct assembly *assembly, int64_t node)
{
    size_t low = 0, high = assembly->ends.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (assembly->ends.items[middle].node < node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < assembly->ends.count && assembly->ends.items[low].node == node; low++) {
        if (!assembly->used[assembly->ends.items[low].way]) {
            return assembly->ends.items[low].way;
        }
    }
    return ROAD_NONE;
}

/* From one piece on to the next until the ring closes; a chain that does not is counted and left out. */
static bool follow(struct assembly *assembly, uint32_t way)
{
    struct rings *rings = assembly->rings;
    struct map *map = rings->map;
    const struct map_shapes *shapes = &map->shapes;
    uint32_t count = shapes->ways.items[way].count;
    int64_t start = nodes_of(shapes, way)[0], end = nodes_of(shapes, way)[count - 1];
    bool pushed = push_nodes(rings, nodes_of(shapes, way), count, false);
    assembly->used[way] = 1;
    while (pushed && end != start) {
        uint32_t next = way_at(assembly, end);
        if (next == ROAD_NONE) {
            map->network->dropped[DROP_AREA_INCOMPLETE] += 1;
            rings->points.count = rings->first.items[rings->first.count - 1];
            return true;
        }
        const int64_t *nodes = nodes_of(shapes, next);
        bool backwards = nodes[0] != end;
        count = shapes->ways.items[next].count;
        pushed = push_nodes(rings, nodes, count, backwards);
        assembly->used[next] = 1;
        end = backwards ? nodes[0] : nodes[count - 1];
    }
    return pushed && end_ring(rings, assembly->is_inner);
}

static uint32_t shape_way_of_id(const struct map_shapes *shapes, int64_t id)
{
    size_t low = 0, high = shapes->ways.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (shapes->ways.items[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < shapes->ways.count && shapes->ways.items[low].id == id ? (uint32_t)low : ROAD_NONE;
}

static bool assemble_role(struct assembly *assembly, const struct map_shape_relation *relation, bool is_inner)
{
    const struct map_shapes *shapes = &assembly->rings->map->shapes;
    assembly->ends.count = 0;
    assembly->is_inner = is_inner;
    for (uint32_t i = 0; i < relation->count; i++) {
        const struct map_shape_member *member = &shapes->members.items[relation->first + i];
        uint32_t way = member->is_inner == is_inner ? shape_way_of_id(shapes, member->way) : ROAD_NONE;
        if (way == ROAD_NONE) {
            continue;
        }
        assembly->used[way] = 0;
        const int64_t *nodes = nodes_of(shapes, way);
        if (!vec_push(&assembly->ends, (struct piece_end){ nodes[0], way }) ||
            !vec_push(&assembly->ends, (struct piece_end){ nodes[shapes->ways.items[way].count - 1], way })) {
            return false;
        }
    }
    if (assembly->ends.count > 0) {
        qsort(assembly->ends.items, assembly->ends.count, sizeof *assembly->ends.items, compare_ends);
    }
    for (size_t i = 0; i < assembly->ends.count; i++) {
        uint32_t way = assembly->ends.items[i].way;
        if (!assembly->used[way] && !follow(assembly, way)) {
            return false;
        }
    }
    return true;
}

/* ---- simpler outlines ---- */

static bool to_plane(struct rings *rings, const struct geo_point *points, uint32_t count)
{
    double per_lat = geo_metres_per_lat_degree() / 1e7, per_lon = geo_metres_per_lon_degree(geo_lat(points[0])) / 1e7;
    if (!vec_reserve(&rings->plane, count + 1u) || !vec_reserve(&rings->keep, count + 1u)) {
        return false;
    }
    for (uint32_t i = 0; i <= count; i++) { /* the first again at the end */
        struct geo_point point = points[i < count ? i : 0];
        rings->plane.items[i] = (struct geo_plane_point){ ((double)point.lon_e7 - points[0].lon_e7) * per_lon,
                                                          ((double)point.lat_e7 - points[0].lat_e7) * per_lat };
    }
    return true;
}

static double plane_area_m2(const struct rings *rings, uint32_t count)
{
    double twice = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct geo_plane_point a = rings->plane.items[i], b = rings->plane.items[i + 1];
        twice += a.x * b.y - b.x * a.y;
    }
    return fabs(twice) / 2;
}

/* Needs the plane points; at least three stay. */
static void choose_points(struct rings *rings, uint32_t count)
{
    geo_simplify(rings->plane.items, count + 1, TOLERANCE_M, rings->keep.items);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        kept += rings->keep.items[i];
    }
    if (kept < 3) { /* a sliver */
        rings->keep.items[count / 3] = rings->keep.items[2 * count / 3] = 1;
    }
}

static bool append_ring(struct rings *rings, const struct geo_point *points, uint32_t count)
{
    struct network_areas *areas = &rings->map->network->areas;
    choose_points(rings, count);
    for (uint32_t i = 0; i < count; i++) {
        if (rings->keep.items[i] && !vec_push(&areas->points, points[i])) {
            return false;
        }
    }
    return vec_push(&areas->point_first, (uint32_t)areas->points.count);
}

/* ---- areas ---- */

struct box {
    struct geo_point low, high;
};

static struct box box_of(const struct geo_point *points, uint32_t count)
{
    struct box box = { points[0], points[0] };
    for (uint32_t i = 1; i < count; i++) {
        box.low.lon_e7 = points[i].lon_e7 < box.low.lon_e7 ? points[i].lon_e7 : box.low.lon_e7;
        box.low.lat_e7 = points[i].lat_e7 < box.low.lat_e7 ? points[i].lat_e7 : box.low.lat_e7;
        box.high.lon_e7 = points[i].lon_e7 > box.high.lon_e7 ? points[i].lon_e7 : box.high.lon_e7;
        box.high.lat_e7 = points[i].lat_e7 > box.high.lat_e7 ? points[i].lat_e7 : box.high.lat_e7;
    }
    return box;
}

static struct geo_point middle_of(const struct geo_point *points, uint32_t count)
{
    struct box box = box_of(points, count);
    return (struct geo_point){ (int32_t)(((int64_t)box.low.lon_e7 + box.high.lon_e7) / 2),
                               (int32_t)(((int64_t)box.low.lat_e7 + box.high.lat_e7) / 2) };
}

static bool within(struct box inner, struct box outer)
{
    return inner.low.lon_e7 >= outer.low.lon_e7 && inner.low.lat_e7 >= outer.low.lat_e7 &&
           inner.high.lon_e7 <= outer.high.lon_e7 && inner.high.lat_e7 <= outer.high.lat_e7;
}

/* By the crossings of a ray to the east; for telling which outline a hole belongs to, where borders do not matter. */
static bool encloses(const struct geo_point *points, uint32_t count, struct geo_point at)
{
    bool inside = false;
    for (uint32_t i = 0, before = count - 1; i < count; before = i++) {
        struct geo_point a = points[before], b = points[i];
        if ((a.lat_e7 > at.lat_e7) != (b.lat_e7 > at.lat_e7)) {
            double cross = a.lon_e7 +
                           ((double)at.lat_e7 - a.lat_e7) / ((double)b.lat_e7 - a.lat_e7) * ((double)b.lon_e7 - a.lon_e7);
            inside ^= at.lon_e7 < cross;
        }
    }
    return inside;
}

static bool append_holes(struct rings *rings, uint32_t outer)
{
    const struct geo_point *outline = rings->points.items + rings->first.items[outer];
    uint32_t outline_count = rings->first.items[outer + 1] - rings->first.items[outer];
    struct box outline_box = box_of(outline, outline_count);
    for (uint32_t i = 0; i < rings->is_inner.count; i++) {
        const struct geo_point *points = rings->points.items + rings->first.items[i];
        uint32_t count = rings->first.items[i + 1] - rings->first.items[i];
        if (!rings->is_inner.items[i] || !within(box_of(points, count), outline_box) ||
            !encloses(outline, outline_count, points[0])) {
            continue;
        }
        if (!to_plane(rings, points, count)) {
            return false;
        }
        if (plane_area_m2(rings, count) >= AREA_MINIMUM_M2 && !append_ring(rings, points, count)) {
            return false;
        }
    }
    return true;
}

/* A larger park is named before a smaller one: a step for each doubling above a hectare, 30 at most. */
static uint8_t rank_by_size(const struct map_meaning *meaning, double area_m2)
{
    int bonus = 0;
    for (double size = area_m2; size > 10000 && bonus < 30; size /= 2) {
        bonus += 3;
    }
    bool grows = meaning->place == CITY_PLACE_PARK || meaning->place == CITY_PLACE_WATER;
    return (uint8_t)(meaning->rank - (grows && bonus < meaning->rank ? bonus : 0));
}

static enum status make_area(struct rings *rings, const struct map_meaning *meaning, struct error *error)
{
    struct map *map = rings->map;
    struct network_areas *areas = &map->network->areas;
    double largest_m2 = -1;
    struct geo_point middle = { 0, 0 };
    for (uint32_t i = 0; i < rings->is_inner.count; i++) {
        const struct geo_point *points = rings->points.items + rings->first.items[i];
        uint32_t count = rings->first.items[i + 1] - rings->first.items[i];
        if (rings->is_inner.items[i]) {
            continue;
        }
        if (!to_plane(rings, points, count)) {
            return network_no_memory(map->network, error);
        }
        double area_m2 = plane_area_m2(rings, count);
        if (area_m2 > largest_m2) {
            largest_m2 = area_m2;
            middle = middle_of(points, count);
        }
        if (meaning->area == CITY_AREA_KIND_COUNT || area_m2 < AREA_MINIMUM_M2) {
            continue;
        }
        if (!append_ring(rings, points, count) || !append_holes(rings, i) || !vec_push(&areas->kinds, meaning->area) ||
            !vec_push(&areas->ring_first, (uint32_t)areas->point_first.count - 1)) {
            return network_no_memory(map->network, error);
        }
    }
    if (meaning->place == CITY_PLACE_KIND_COUNT || largest_m2 < 0) {
        return STATUS_OK;
    }
    struct map_meaning ranked = *meaning;
    ranked.rank = rank_by_size(meaning, largest_m2);
    return add_place(map, &ranked, middle, error);
}

/* A platform drawn as a line. */
static enum status make_line_place(struct rings *rings, const struct map_meaning *meaning, struct error *error)
{
    return rings->points.count == 0 ? STATUS_OK
                                    : add_place(rings->map, meaning, rings->points.items[rings->points.count / 2], error);
}

static enum status make_way_shapes(struct rings *rings, struct error *error)
{
    struct map *map = rings->map;
    for (size_t i = 0; i < map->shapes.ways.count; i++) {
        const struct map_shape_way *way = &map->shapes.ways.items[i];
        const int64_t *nodes = nodes_of(&map->shapes, (uint32_t)i);
        bool is_closed = way->count >= 4 && nodes[0] == nodes[way->count - 1];
        if (!means_something(&way->meaning)) {
            continue;
        }
        if (!clear_rings(rings) || !push_nodes(rings, nodes, way->count, false)) {
            return network_no_memory(map->network, error);
        }
        if (!is_closed) {
            TRY(make_line_place(rings, &way->meaning, error));
        } else if (!end_ring(rings, false)) {
            return network_no_memory(map->network, error);
        } else {
            TRY(make_area(rings, &way->meaning, error));
        }
    }
    return STATUS_OK;
}

static enum status make_relation_shapes(struct rings *rings, struct error *error)
{
    struct map *map = rings->map;
    struct assembly assembly = { .rings = rings, .used = calloc(map->shapes.ways.count + 1, 1) };
    enum status status = assembly.used == NULL ? network_no_memory(map->network, error) : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < map->shapes.relations.count; i++) {
        const struct map_shape_relation *relation = &map->shapes.relations.items[i];
        bool made = clear_rings(rings) && assemble_role(&assembly, relation, false) && assemble_role(&assembly, relation, true);
        status = made ? make_area(rings, &relation->meaning, error) : network_no_memory(map->network, error);
    }
    vec_free(&assembly.ends);
    free(assembly.used);
    return status;
}

/* ---- one place once ---- */

/* Several objects of one name are one place to a caller: the platforms of a stop, a school and its building. */
static const double SAME_PLACE_M = 150, SAME_STOP_M = 500;
enum { COMPARED_MAX = 64 };

static bool is_stop(const struct city_place_entry *place)
{
    return place->kind == CITY_PLACE_STOP || place->kind == CITY_PLACE_STATION;
}

static int compare_points(struct geo_point a, struct geo_point b)
{
    return a.lon_e7 != b.lon_e7 ? (a.lon_e7 < b.lon_e7 ? -1 : 1) : a.lat_e7 < b.lat_e7 ? -1 : a.lat_e7 > b.lat_e7;
}

static int compare_by_name(const void *a, const void *b)
{
    const struct city_place_entry *left = a, *right = b;
    return left->name != right->name   ? (left->name < right->name ? -1 : 1)
           : left->rank != right->rank ? (left->rank < right->rank ? -1 : 1)
                                       : compare_points(left->point, right->point);
}

static int compare_by_rank(const void *a, const void *b)
{
    const struct city_place_entry *left = a, *right = b;
    return left->rank != right->rank ? (left->rank < right->rank ? -1 : 1) : compare_by_name(a, b);
}

static bool is_known(const struct city_place_entry *kept, size_t first, size_t count, const struct city_place_entry *place)
{
    size_t begin = count - first > COMPARED_MAX ? count - COMPARED_MAX : first;
    for (size_t i = begin; i < count; i++) {
        double limit_m = is_stop(&kept[i]) && is_stop(place) ? SAME_STOP_M : SAME_PLACE_M;
        if (geo_distance_m(kept[i].point, place->point) <= limit_m) {
            return true;
        }
    }
    return false;
}

static void merge_places(struct place_vec *places)
{
    struct city_place_entry *items = places->items;
    size_t kept = 0, first = 0;
    if (places->count == 0) {
        return;
    }
    qsort(items, places->count, sizeof *items, compare_by_name);
    for (size_t i = 0; i < places->count; i++) {
        first = kept > 0 && items[kept - 1].name == items[i].name ? first : kept;
        if (!is_known(items, first, kept, &items[i])) {
            items[kept++] = items[i];
        }
    }
    places->count = kept;
    qsort(items, kept, sizeof *items, compare_by_rank);
}

enum status map_finish_shapes(struct map *map, struct error *error)
{
    struct rings rings = { .map = map };
    enum status status = make_way_shapes(&rings, error);
    if (status == STATUS_OK) {
        status = make_relation_shapes(&rings, error);
    }
    free_rings(&rings);
    merge_places(&map->network->places);
    return status;
}

void map_free_shapes(struct map_shapes *shapes)
{
    vec_free(&shapes->ways);
    vec_free(&shapes->relations);
    vec_free(&shapes->members);
    vec_free(&shapes->wanted);
    vec_free(&shapes->references);
    vec_free(&shapes->ids);
    free(shapes->points);
    free(shapes->is_there);
}
