/* GeoJSON as a source of roads: the same objects as from a map, and refusals that name the place. */
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
#include "road/geojson.h"
#include "road/import.h"
#include "road/town_sample.h"

static void put_tags(struct text *text, const struct osm_tags *tags)
{
    for (size_t i = 0; i < tags->count; i++) {
        text_printf(text, " %s=%s", tags->items[i].key, tags->items[i].value);
    }
    text_puts(text, "\n");
}

static enum status put_way(void *context, const struct osm_way *way, struct error *error)
{
    (void)error;
    text_printf(context, "way %lld", (long long)way->id);
    for (size_t i = 0; i < way->node_count; i++) {
        struct geo_point point = geojson_point_of_id(way->nodes[i]);
        text_printf(context, " %d,%d", point.lon_e7, point.lat_e7);
    }
    put_tags(context, &way->tags);
    return STATUS_OK;
}

static enum status put_node(void *context, const struct osm_node *node, struct error *error)
{
    (void)error;
    struct geo_point point = geojson_point_of_id(node->id);
    assert_memory_equal(&point, &node->point, sizeof point);
    text_printf(context, "node %d,%d", point.lon_e7, point.lat_e7);
    put_tags(context, &node->tags);
    return STATUS_OK;
}

static enum status read_to_text(const char *json, struct text *text, uint64_t *skipped, struct error *error)
{
    const struct osm_handler handler = { .context = text, .node = put_node, .way = put_way, .skipped = skipped };
    text_init(text, 1 << 16);
    *skipped = 0;
    return geojson_read_bytes("x.geojson", (const unsigned char *)json, strlen(json), &handler, error);
}

#define LINE "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[1,2],[-3.5,4.0000001]]}"

static void features_become_ways_and_nodes(void **state)
{
    (void)state;
    static const struct {
        const char *features, *expected;
        unsigned skipped;
    } CASES[] = {
        { "{\"type\":\"Feature\",\"id\":\"way/"
          "7\",\"properties\":{\"highway\":\"primary\",\"lanes\":2,\"bridge\":true,\"n\":null}," LINE "}",
          "way 7 10000000,20000000 -35000000,40000001 highway=primary lanes=2 bridge=yes\n", 0 },
        { "{\"type\":\"Feature\",\"properties\":{\"id\":9,\"tags\":{\"highway\":\"service\",\"maxspeed\":30.5}}," LINE "}",
          "way 9 10000000,20000000 -35000000,40000001 highway=service maxspeed=30.5 id=9\n", 0 },
        { "{\"type\":\"Feature\",\"properties\":null," LINE "}", "way 1 10000000,20000000 -35000000,40000001\n", 0 },
        { "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"MultiLineString\",\"coordinates\":"
          "[[[0,0],[1,0]],[[2,0],[3,0,55]]]}}",
          "way 1 0,0 10000000,0\nway 1 20000000,0 30000000,0\n", 0 },
        { "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[0,0]]]}}",
          "way 1 0,0 10000000,0 0,0\n", 0 },
        { "{\"type\":\"Feature\",\"properties\":{\"barrier\":\"gate\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[5,-6]}}",
          "node 50000000,-60000000 barrier=gate\n", 0 },
        { "{\"type\":\"Feature\",\"properties\":{},\"geometry\":null}", "", 1 },
        { "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"GeometryCollection\",\"geometries\":[]}}", "", 1 },
        { "", "", 0 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        char json[1024];
        struct text text;
        struct error error;
        uint64_t skipped;
        snprintf(json, sizeof json,
                 " {\"type\": \"FeatureCollection\", \"crs\": {\"a\": [1, 2]}, \"features\": [%s], \"more\": 1}\n",
                 CASES[i].features);
        if (read_to_text(json, &text, &skipped, &error) != STATUS_OK) {
            fail_msg("%s", error.text);
        }
        assert_string_equal(text.bytes == NULL ? "" : text.bytes, CASES[i].expected);
        assert_int_equal(skipped, CASES[i].skipped);
        text_free(&text);
    }
}

static void refusals_name_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *json, *says;
    } CASES[] = {
        { "", "x.geojson: byte 0: not GeoJSON: it does not begin with {: the file ends early" },
        { "[1]", "byte 0: not GeoJSON" },
        { "{\"type\":\"Topology\"}", "not a GeoJSON FeatureCollection" },
        { "{\"type\":\"FeatureCollection\"}", "without \"features\"" },
        { "{\"features\":{}}", "\"features\" must be an array" },
        { "{\"features\":[]} x", "text after the end" },
        { "{\"features\":[7]}", "feature 1 (before byte 14): an element of \"features\" must be" },
        { "{\"features\":[{\"type\":\"Feature\",\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[1,91]]}}]}",
          "feature 1 (before byte 87): a position must be [longitude, latitude]" },
        { "{\"features\":[{\"type\":\"Feature\",\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[1,\"2\"]]}}]}",
          "a position must be" },
        { "{\"features\":[{\"type\":\"Feature\",\"geometry\":{\"type\":\"LineString\"}}]}", "a line must be an array" },
        { "{\"features\":[{\"type\":\"Feature\"}", "a comma or ] is missing after a feature: the file ends early" },
        { "{\"features\":[{\"type\":\"Fea", "is it a complete download?" },
        { "{\"features\":[{\"a\":1,\"a\":2}]}", "duplicate" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        struct text text;
        struct error error = { .text = "" };
        uint64_t skipped;
        assert_int_equal(read_to_text(CASES[i].json, &text, &skipped, &error), STATUS_BAD_INPUT);
        if (strstr(error.text, CASES[i].says) == NULL) {
            fail_msg("\"%s\" instead of \"%s\"", error.text, CASES[i].says);
        }
        text_free(&text);
    }
}

/* Two streets that cross at a shared coordinate, a bollard on one of them. */
static const char CROSSING[] =
    "{\"type\":\"FeatureCollection\",\"features\":["
    "{\"type\":\"Feature\",\"properties\":{\"highway\":\"residential\"},"
    "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[0,0],[0.001,0],[0.002,0]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"highway\":\"residential\"},"
    "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[0.001,0],[0.001,-0.001],[0.001,-0.002]]}},"
    "{\"type\":\"Feature\",\"properties\":{\"barrier\":\"bollard\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[0.001,-0."
    "001]}}]}";

static void lines_meet_where_they_share_a_coordinate(void **state)
{
    (void)state;
    static const struct town MAP = { .map = "abc\n d \n e \n" };
    char *folder = sample_folder();
    char *path = file_join(folder, "x.geojson"), *output = file_join(folder, "x.city"), route[64];
    struct error error;
    struct city *city;
    assert_int_equal(file_write_whole(path, CROSSING, sizeof CROSSING - 1, &error), STATUS_OK);
    assert_int_equal(import_city(&(struct import_options){ .geojson = path, .output = output, .name = "Cross" }, &error),
                     STATUS_OK);
    assert_int_equal(city_open(output, &city, &error), STATUS_OK);
    assert_string_equal(city_name(city), "Cross");
    town_route(&MAP, city, ROAD_NORMAL, 'a', 'd', route, NULL);
    assert_string_equal(route, "abd");
    town_route(&MAP, city, ROAD_NORMAL, 'a', 'e', route, NULL);
    assert_string_equal(route, "");
    town_route(&MAP, city, ROAD_FOOT, 'a', 'e', route, NULL);
    assert_string_equal(route, "abde");
    city_close(city);
    free(path);
    free(output);
    sample_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_become_ways_and_nodes),
        cmocka_unit_test(refusals_name_the_place),
        cmocka_unit_test(lines_meet_where_they_share_a_coordinate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
