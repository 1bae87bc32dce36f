/* Tiles against what is known of them: where a place lies by the formula of the tile numbers' own page, the same bytes twice,
 * nothing outside, and what is drawn at which zoom. tests/tiles reads whole cities with another program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "road/tile_private.h"
#include "road/town_sample.h"

static const struct town TOWN = {
    .map = "abcd\nefgh\nijkl\n",
    .ways = { { "abcd", "highway=primary|name=North" },
              { "efgh", "highway=residential|name=Middle" },
              { "ijkl", "highway=footway" },
              { "aei", "highway=residential" },
              { "dhl", "highway=residential" },
              { "abfea", "natural=water" } },
    .nodes = { { "k", "place=suburb|name=Södra|name:en=South" } },
};

static void draw(const struct tiles *tiles, uint32_t zoom, uint32_t x, uint32_t y, struct text *tile)
{
    struct error error;
    text_init(tile, TILE_BYTES_MAX);
    assert_int_equal(tiles_draw(tiles, zoom, x, y, tile, &error), STATUS_OK);
}

static bool holds(const struct text *tile, const char *word)
{
    return tile->length > 0 && memmem(tile->bytes, tile->length, word, strlen(word)) != NULL;
}

static void points_lie_where_the_formula_says(void **state)
{
    /* lon2tile and lat2tile of https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames for 11.9746 E 57.7089 N at zoom 15 and
     * for 121.4737 E 31.2304 N at zoom 12, computed there with Python. */
    static const struct {
        int32_t lon_e7, lat_e7;
        uint32_t zoom, x, y;
    } KNOWN[] = { { 119746000, 577089000, 15, 17473, 9919 }, { 1214737000, 312304000, 12, 3430, 1673 } };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(KNOWN); i++) {
        struct world_point point = world_of((struct geo_point){ KNOWN[i].lon_e7, KNOWN[i].lat_e7 });
        assert_int_equal(point.x >> (32 - KNOWN[i].zoom), KNOWN[i].x);
        assert_int_equal(point.y >> (32 - KNOWN[i].zoom), KNOWN[i].y);
    }
}

static void what_is_drawn_depends_on_the_zoom(void **state)
{
    char *folder = sample_folder();
    struct city *city = town_open(&TOWN, folder);
    struct tiles *tiles;
    struct error error;
    static const struct {
        uint32_t zoom;
        const char *there, *missing;
    } CASES[] = {
        { 8, "primary", "residential" }, { 9, "primary", "Södra" }, { 11, "residential", "footway" },
        { 11, "Södra", "Middle" },       { 12, "North", "Middle" }, { 14, "footway", "bridge" },
        { 14, "Middle", "tunnel" },      { 14, "water", "green" },  { 15, "South", "built" },
    };
    (void)state;
    assert_int_equal(tiles_create(city, &tiles, &error), STATUS_OK);
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        struct text tile, again;
        uint32_t middle = 1u << (CASES[i].zoom - 1);
        draw(tiles, CASES[i].zoom, middle, middle, &tile);
        draw(tiles, CASES[i].zoom, middle, middle, &again);
        assert_true(holds(&tile, CASES[i].there));
        assert_false(holds(&tile, CASES[i].missing));
        assert_int_equal(tile.length, again.length);
        assert_memory_equal(tile.bytes, again.bytes, tile.length);
        text_free(&tile);
        text_free(&again);
    }
    tiles_destroy(tiles);
    city_close(city);
    sample_folder_remove(folder);
}

static void outside_the_city_is_nothing(void **state)
{
    char *folder = sample_folder();
    struct city *city = town_open(&TOWN, folder);
    struct tiles *tiles;
    struct error error;
    (void)state;
    assert_int_equal(tiles_create(city, &tiles, &error), STATUS_OK);
    for (uint32_t zoom = TILE_ZOOM_MIN; zoom <= TILE_ZOOM_MAX; zoom++) {
        struct text tile;
        draw(tiles, zoom, 0, 0, &tile);
        assert_int_equal(tile.length, 0);
        draw(tiles, zoom, (1u << zoom) - 1, (1u << zoom) - 1, &tile);
        assert_int_equal(tile.length, 0);
        text_free(&tile);
    }
    tiles_destroy(tiles);
    city_close(city);
    sample_folder_remove(folder);
}

/* Edges of one name become one line: the four ways of the grid that meet at forks do not. */
static void edges_of_one_name_are_joined(void **state)
{
    char *folder = sample_folder();
    struct city *city = town_open(&TOWN, folder);
    struct strand_vec strands = { 0 };
    struct world_vec points = { 0 };
    struct box_vec boxes = { 0 };
    uint32_t named = 0, edge_points = 0;
    (void)state;
    assert_true(strands_make(city, &strands, &points, &boxes));
    for (size_t i = 0; i < strands.count; i++) {
        named += strcmp(city_edge_name(city, strands.items[i].edge), "Middle") == 0;
        edge_points += strands.items[i].count;
    }
    assert_int_equal(named, 1);
    assert_int_equal(edge_points, points.count);
    assert_int_equal(strands.count, boxes.count);
    assert_true(strands.count < city_edge_count(city));
    vec_free(&strands);
    vec_free(&points);
    vec_free(&boxes);
    city_close(city);
    sample_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_lie_where_the_formula_says),
        cmocka_unit_test(what_is_drawn_depends_on_the_zoom),
        cmocka_unit_test(outside_the_city_is_nothing),
        cmocka_unit_test(edges_of_one_name_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
