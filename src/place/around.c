#include "place/around.h"

#include "place/index_private.h"

static const struct road_piece *nearest_piece(const struct road_pieces *roads, struct geo_point at, double *nearest_m)
{
    const struct road_piece *nearest = NULL;
    *nearest_m = AROUND_ROAD_M;
    for (uint32_t p = 0; p < roads->piece_count; p++) {
        if (road_piece_box_m(&roads->pieces[p], at) < *nearest_m) {
            double distance_m;
            (void)road_piece_nearest(roads, &roads->pieces[p], at, &distance_m);
            if (distance_m < *nearest_m) {
                *nearest_m = distance_m;
                nearest = &roads->pieces[p];
            }
        }
    }
    return nearest;
}

/* Of another name, at the node of the piece that is nearest to the point. */
static const char *nearest_cross(const struct road_pieces *roads, const struct road_piece *piece, struct geo_point at)
{
    const struct geo_point *points = city_graph(roads->city)->point;
    const char *cross = NULL;
    double nearest_m = AROUND_CROSS_M;
    for (uint32_t i = 0; i < piece->node_count; i++) {
        uint32_t node = roads->nodes[piece->first_node + i];
        double distance_m = geo_distance_m(points[node], at);
        for (uint32_t k = roads->pieces_first[node]; k < roads->pieces_first[node + 1] && distance_m < nearest_m; k++) {
            const struct road_piece *other = &roads->pieces[roads->pieces_at[k]];
            if (other->name != piece->name) {
                cross = other->name;
                nearest_m = distance_m;
            }
        }
    }
    return cross;
}

static const char *nearest_place(const struct place_index *index, struct geo_point at)
{
    const char *place = NULL;
    double nearest_m = AROUND_PLACE_M;
    for (size_t i = 0; i < index->entries.count; i++) {
        const struct place_entry *entry = &index->entries.items[i];
        int64_t lat_e7 = (int64_t)entry->point.lat_e7 - at.lat_e7;
        if (entry->kind == PLACE_KIND_PLACE && !entry->is_bay && lat_e7 < 30000 && lat_e7 > -30000) {
            double distance_m = geo_distance_m(entry->point, at);
            if (distance_m < nearest_m) {
                nearest_m = distance_m;
                place = entry->name;
            }
        }
    }
    return place;
}

void place_around_find(const struct place_index *index, struct geo_point at, struct place_around *around)
{
    *around = (struct place_around){ .road = NULL };
    if (index->roads.city != NULL) {
        const struct road_piece *piece = nearest_piece(&index->roads, at, &around->road_m);
        around->road = piece != NULL ? piece->name : NULL;
        around->cross = piece != NULL ? nearest_cross(&index->roads, piece, at) : NULL;
    }
    around->place = nearest_place(index, at);
}
