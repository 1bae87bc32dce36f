/* Everything that reads a city file, as every verb would: for the test and the fuzzer of forged files. */
#ifndef MINGDI_ROAD_CITY_USE_TEST_H
#define MINGDI_ROAD_CITY_USE_TEST_H

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "road/cch.h"
#include "road/city_file.h"
#include "road/city_map.h"
#include "road/tile.h"

static inline void use_profile(const struct city *city, enum road_profile profile)
{
    const struct road_graph *graph = city_graph(city);
    const road_ticks *weights = city_weights(city, profile);
    struct error error;
    struct cch_metric *metric;
    struct cch_query *query;
    struct road_place place = city_place_at_node(city, graph->node_count - 1);
    struct road_seeds from, to;
    city_seeds_leaving(city, weights, &place, &from);
    for (int i = 0; i < 3; i++) {
        struct geo_point at = { i * 9000 - 3000, 3000 - i * 7000 };
        if (city_snap(city, profile, at, 1e6, &place, &error) == STATUS_OK) {
            city_seeds_leaving(city, weights, &place, &from);
            (void)city_off_road_ticks(city, profile, &place);
        }
    }
    city_seeds_reaching(city, weights, &place, &to);
    (void)city_direct_ticks(city, weights, &place, &place);
    if (cch_metric_create(city_cch(city), graph, weights, city_lengths_dm(city), &metric, &error) != STATUS_OK) {
        return;
    }
    if (cch_query_create(metric, &query, &error) == STATUS_OK) {
        (void)cch_query_distance(query, &from, &to);
        cch_query_destroy(query);
    }
    cch_metric_destroy(metric);
}

/* All that the map tells. */
static inline void use_map(const struct city *city)
{
    for (uint32_t edge = 0; edge < city_edge_count(city); edge++) {
        uint32_t from, to, count;
        struct city_alternative other;
        const char *at = city_edge_alternatives(city, edge);
        (void)road_class_name(city_edge_class(city, edge));
        (void)city_edge_points(city, edge, &count);
        city_edge_ends(city, edge, &from, &to);
        while (city_next_alternative(&at, &other)) {
            (void)memchr(other.name, ' ', other.name_length);
        }
    }
    for (uint32_t i = 0; i < city_place_count(city); i++) {
        struct city_named_place place = city_place_at(city, i);
        (void)(strlen(place.name) + strlen(place.alternatives) + strlen(city_place_kind_name(place.kind)));
    }
    for (uint32_t area = 0; area < city_area_count(city); area++) {
        (void)city_area_kind_name(city_area_kind(city, area));
        for (uint32_t ring = 0, count; ring < city_area_ring_count(city, area); ring++) {
            const struct geo_point *points = city_area_ring(city, area, ring, &count);
            (void)geo_distance_m(points[0], points[count - 1]);
        }
    }
}

/* The tile at the origin, where the samples lie, at three zooms. */
static inline void draw_map(const struct city *city)
{
    struct tiles *tiles;
    struct error error;
    if (tiles_create(city, &tiles, &error) != STATUS_OK) {
        return;
    }
    for (uint32_t zoom = TILE_ZOOM_MIN; zoom <= TILE_ZOOM_MAX; zoom += 5) {
        struct text tile;
        text_init(&tile, TILE_BYTES_MAX);
        (void)(tiles_draw(tiles, zoom, 1u << (zoom - 1), 1u << (zoom - 1), &tile, &error) == STATUS_OK);
        text_free(&tile);
    }
    tiles_destroy(tiles);
}

/* Under the address sanitizer a forged index that was let through shows. */
static inline void use_city(const struct city *city)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 20);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    city_describe(city, &json);
    json_object_end(&json);
    text_free(&text);
    for (uint32_t arc = 0; arc < city_graph(city)->arc_count; arc++) {
        struct geo_point points[3];
        (void)city_arc_points(city, arc, points, 3);
        (void)strlen(city_arc_name(city, arc));
    }
    use_map(city);
    draw_map(city);
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        if (city_has_profile(city, (enum road_profile)profile)) {
            use_profile(city, (enum road_profile)profile);
        }
    }
}

#endif
