/* Areas, named places, classes and other names: what a small map says is what the city tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "road/city_map.h"
#include "road/import.h"
#include "road/town_sample.h"

/* Nodes are named by column and row of a grid of 0.001 degree: 305 stands at (3, 5). */
struct object {
    const char *kind, *refs, *tags; /* "way" with node numbers; "relation" with "o12 i13": role and way; "node" */
};

static const struct object OBJECTS[] = {
    { "node", "101", "" },
    { "node", "901", "" },
    { "node", "303", "" },
    { "node", "703", "" },
    { "node", "707", "" },
    { "node", "307", "" },
    { "node", "404", "" },
    { "node", "604", "" },
    { "node", "606", "" },
    { "node", "406", "" },
    { "node", "1101", "" },
    { "node", "1501", "" },
    { "node", "1502", "" },
    { "node", "1301", "" }, /* on the line between its neighbours: left out */
    { "node", "202", "railway=tram_stop|name=Korsvägen|name:en=Cross Roads" },
    { "node", "203", "public_transport=platform|name=Korsvägen" },
    { "node", "804", "place=suburb|name=Östra|population=9000" },
    { "node", "805", "amenity=bench|name=Bench of Anna" },
    { "way10", "101 901", "highway=secondary|name=Main Street|alt_name=High Street;Old Road|name:zh=主街|ref=5|bridge=yes" },
    { "way11", "303 703 707", "" },
    { "way12", "707 307 303", "" },
    { "way13", "404 604 606 406 404", "" },
    { "way14", "1101 1301 1501 1502 1101", "leisure=park|name=Green" },
    { "way15", "303 703", "natural=water|name=not closed" },
    { "relation20", "o11 o12 i13", "type=multipolygon|natural=water|name=Lake" },
    { "relation21", "o11", "type=multipolygon|landuse=forest" }, /* does not close */
};

static void put_tags(struct text *xml, const char *tags)
{
    while (*tags != '\0') {
        size_t key = strcspn(tags, "="), value = strcspn(tags + key + 1, "|");
        text_printf(xml, "<tag k='%.*s' v='%.*s'/>", (int)key, tags, (int)value, tags + key + 1);
        tags += key + 1 + value;
        tags += *tags == '|';
    }
}

static void put_object(struct text *xml, const struct object *object)
{
    bool node = strcmp(object->kind, "node") == 0, way = strncmp(object->kind, "way", 3) == 0;
    int id = (int)strtol(node ? object->refs : object->kind + (way ? 3 : 8), NULL, 10);
    if (node) {
        text_printf(xml, "<node id='%d' lon='%.7f' lat='%.7f'>", id, id / 100 * 0.001, id % 100 * 0.001);
    } else {
        text_printf(xml, "<%s id='%d'>", way ? "way" : "relation", id);
    }
    for (const char *at = object->refs; !node && *at != '\0'; at += *at == ' ') {
        size_t length = strcspn(at, " ");
        if (way) {
            text_printf(xml, "<nd ref='%.*s'/>", (int)length, at);
        } else {
            text_printf(xml, "<member type='way' ref='%.*s' role='%s'/>", (int)length - 1, at + 1,
                        *at == 'i' ? "inner" : "outer");
        }
        at += length;
    }
    put_tags(xml, object->tags);
    text_printf(xml, "</%s>\n", node ? "node" : way ? "way" : "relation");
}

static struct city *make_city(char *folder)
{
    struct text xml;
    struct error error;
    struct city *city;
    char *map = file_join(folder, "map.osm"), *output = file_join(folder, "map.city");
    text_init(&xml, 1 << 16);
    text_puts(&xml, "<osm version='0.6'>\n");
    for (size_t i = 0; i < ARRAY_LENGTH(OBJECTS); i++) {
        put_object(&xml, &OBJECTS[i]);
    }
    text_puts(&xml, "</osm>\n");
    assert_int_equal(file_write_whole(map, xml.bytes, xml.length, &error), STATUS_OK);
    assert_int_equal(import_city(&(struct import_options){ .osm = map, .output = output }, &error), STATUS_OK);
    assert_int_equal(city_open(output, &city, &error), STATUS_OK);
    text_free(&xml);
    free(map);
    free(output);
    return city;
}

static void roads_have_class_and_names(void **state)
{
    char *folder = sample_folder();
    struct city *city = make_city(folder);
    (void)state;
    assert_int_equal(city_edge_count(city), 1);
    assert_string_equal(city_edge_name(city, 0), "Main Street");
    assert_string_equal(road_class_name(city_edge_class(city, 0)), "secondary");
    assert_true(city_edge_is_bridge(city, 0));
    assert_false(city_edge_is_tunnel(city, 0));
    static const char *const EXPECTED[][2] = {
        { "alt_name", "High Street" }, { "alt_name", "Old Road" }, { "name:zh", "主街" }, { "ref", "5" }
    };
    const char *at = city_edge_alternatives(city, 0);
    struct city_alternative other;
    for (size_t i = 0; i < ARRAY_LENGTH(EXPECTED); i++) {
        assert_true(city_next_alternative(&at, &other));
        assert_int_equal(other.key_length, strlen(EXPECTED[i][0]));
        assert_memory_equal(other.key, EXPECTED[i][0], other.key_length);
        assert_int_equal(other.name_length, strlen(EXPECTED[i][1]));
        assert_memory_equal(other.name, EXPECTED[i][1], other.name_length);
    }
    assert_false(city_next_alternative(&at, &other));
    uint32_t from, to, count;
    const struct geo_point *line = city_edge_points(city, 0, &count);
    city_edge_ends(city, 0, &from, &to);
    assert_int_equal(count, 2);
    assert_int_equal(city_graph(city)->point[from].lon_e7, line[0].lon_e7);
    assert_int_equal(city_graph(city)->point[to].lon_e7, line[1].lon_e7);
    assert_int_equal(city_edge_of_arc(city, 0), 0);
    city_close(city);
    sample_folder_remove(folder);
}

static void places_are_found_once_and_by_rank(void **state)
{
    char *folder = sample_folder();
    struct city *city = make_city(folder);
    (void)state;
    static const struct {
        const char *name, *kind;
        int32_t lon_e7, lat_e7;
    } EXPECTED[] = {
        { "Östra", "suburb", 80000, 40000 },
        { "Green", "park", 130000, 15000 },
        { "Lake", "water", 50000, 50000 },
        { "Korsvägen", "stop", 20000, 20000 },
    };
    assert_int_equal(city_place_count(city), ARRAY_LENGTH(EXPECTED));
    for (uint32_t i = 0; i < ARRAY_LENGTH(EXPECTED); i++) {
        bool found = false;
        for (uint32_t j = 0; j < city_place_count(city); j++) {
            struct city_named_place place = city_place_at(city, j);
            found |= strcmp(place.name, EXPECTED[i].name) == 0 &&
                     strcmp(city_place_kind_name(place.kind), EXPECTED[i].kind) == 0 &&
                     place.point.lon_e7 == EXPECTED[i].lon_e7 && place.point.lat_e7 == EXPECTED[i].lat_e7;
            assert_true(j == 0 || city_place_at(city, j - 1).rank <= place.rank);
        }
        assert_true(found);
    }
    assert_string_equal(city_place_at(city, 0).name, "Östra");
    city_close(city);
    sample_folder_remove(folder);
}

static void outlines_close_and_keep_their_holes(void **state)
{
    char *folder = sample_folder();
    struct city *city = make_city(folder);
    (void)state;
    assert_int_equal(city_area_count(city), 2);
    for (uint32_t area = 0; area < 2; area++) {
        bool lake = city_area_kind(city, area) == CITY_AREA_WATER;
        uint32_t count;
        const struct geo_point *ring = city_area_ring(city, area, 0, &count);
        assert_int_equal(city_area_ring_count(city, area), lake ? 2 : 1);
        assert_int_equal(count, lake ? 4 : 3);
        assert_int_equal(ring[0].lon_e7, lake ? 30000 : 110000);
        if (lake) {
            ring = city_area_ring(city, area, 1, &count);
            assert_int_equal(count, 4);
            assert_int_equal(ring[0].lat_e7, 40000);
        }
    }
    city_close(city);
    sample_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roads_have_class_and_names),
        cmocka_unit_test(places_are_found_once_and_by_rank),
        cmocka_unit_test(outlines_close_and_keep_their_holes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
