/* A city file that does not fit is refused with its reason, and one that is forged to fit its checksum does no harm. */
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
#include "base/random.h"
#include "road/cch.h"
#include "road/city_file.h"
#include "road/city_map.h"
#include "road/tile.h"
#include "road/town_sample.h"

static const struct town TOWN = {
    .map = "abcd\nefgh\nijkl\n",
    .ways = { { "abcd", "highway=primary|name=North" },
              { "efgh", "highway=residential" },
              { "ijkl", "highway=secondary|oneway=yes" },
              { "aei", "highway=residential" },
              { "bfj", "highway=residential" },
              { "dhl", "highway=footway" },
              { "cgk", "highway=tertiary|ref=5|name=Third" },
              { "abfea", "natural=water|name=Lake" },
              { "cdhgc", "leisure=park" } },
    .nodes = { { "g", "barrier=bollard" }, { "k", "amenity=school|name=School|name:en=First School" } },
    .restrictions = { { "aei", "e", "efgh", "restriction=no_left_turn" }, { "abcd", "b", "bfj", "restriction=only_right_turn" } },
};

struct sample {
    unsigned char *bytes; /* aligned to 64 */
    size_t size;
};

static struct sample make_sample(void)
{
    char *folder = sample_folder();
    city_close(town_open(&TOWN, folder));
    char *path = file_join(folder, "town.city");
    struct file_view view;
    struct error error;
    assert_int_equal(file_view_open(&view, path, &error), STATUS_OK);
    struct sample sample = { .bytes = aligned_alloc(64, (view.size + 63) / 64 * 64), .size = view.size };
    assert_non_null(sample.bytes);
    memcpy(sample.bytes, view.bytes, view.size);
    file_view_close(&view);
    free(path);
    sample_folder_remove(folder);
    return sample;
}

static enum status open_and_close(const struct sample *sample, size_t size, struct error *error)
{
    struct city *city;
    enum status status = city_open_bytes("x.city", sample->bytes, size, &city, error);
    if (status == STATUS_OK) {
        city_close(city);
    }
    return status;
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct sample sample = make_sample();
    struct error error;
    for (size_t size = 0; size < sample.size; size++) {
        enum status status = open_and_close(&sample, size, &error);
        assert_int_equal(status, size < 8 ? STATUS_BAD_INPUT : STATUS_CORRUPT);
        assert_non_null(strstr(error.text, size < 8 ? "not a city file" : "truncated city file"));
    }
    assert_int_equal(open_and_close(&sample, sample.size, &error), STATUS_OK);
    free(sample.bytes);
}

static void every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    struct sample sample = make_sample();
    struct error error;
    for (size_t at = 0; at < sample.size; at++) {
        unsigned char bit = (unsigned char)(1u << at % 8);
        sample.bytes[at] ^= bit;
        if (open_and_close(&sample, sample.size, &error) == STATUS_OK) {
            fail_msg("a flipped bit in byte %zu of %zu is not noticed", at, sample.size);
        }
        sample.bytes[at] ^= bit;
    }
    free(sample.bytes);
}

static void refusals_give_their_reason(void **state)
{
    (void)state;
    struct sample sample = make_sample();
    struct error error;
    static const struct {
        size_t at;
        uint32_t value;
        enum status status;
        const char *says;
    } CASES[] = {
        { 0, 0x31415926, STATUS_BAD_INPUT, "x.city: not a city file" },
        { 8, 0x04030201, STATUS_VERSION, "made on a machine of the other byte order" },
        { 8, 7, STATUS_CORRUPT, "byte order mark" },
        { 12, 99, STATUS_VERSION, "a city file of format 99, but this program reads format 2" },
        { 16, 12345, STATUS_CORRUPT, "must have 12345" },
        { 24, 1, STATUS_CORRUPT, "its checksum does not fit" },
        { 40, 3, STATUS_CORRUPT, "3 sections instead of" },
        { 48, 5, STATUS_CORRUPT, "section meta has an impossible place or size" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        uint32_t kept;
        memcpy(&kept, sample.bytes + CASES[i].at, sizeof kept);
        memcpy(sample.bytes + CASES[i].at, &CASES[i].value, sizeof kept);
        assert_int_equal(open_and_close(&sample, sample.size, &error), CASES[i].status);
        if (strstr(error.text, CASES[i].says) == NULL) {
            fail_msg("\"%s\" instead of \"%s\"", error.text, CASES[i].says);
        }
        memcpy(sample.bytes + CASES[i].at, &kept, sizeof kept);
    }
    free(sample.bytes);
}

/* All that the map tells. */
static void use_map(const struct city *city)
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
static void draw_map(const struct city *city)
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

/* Everything that reads the file: a forged index that was let through would show under the address sanitizer. */
static void use(const struct city *city)
{
    struct json json;
    struct text text;
    text_init(&text, 1 << 20);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    city_describe(city, &json);
    json_object_end(&json);
    text_free(&text);
    const struct road_graph *graph = city_graph(city);
    for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
        struct geo_point points[4];
        (void)city_arc_points(city, arc, points, 4);
        (void)strlen(city_arc_name(city, arc));
    }
    use_map(city);
    draw_map(city);
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        if (!city_has_profile(city, (enum road_profile)profile)) {
            continue;
        }
        const road_ticks *weights = city_weights(city, (enum road_profile)profile);
        struct error error;
        struct cch_metric *metric;
        assert_int_equal(cch_metric_create(city_cch(city), graph, weights, NULL, &metric, &error), STATUS_OK);
        cch_metric_destroy(metric);
        for (int i = 0; i < 4; i++) {
            struct road_place place;
            struct road_seeds seeds;
            struct geo_point at = { i * 9000 - 3000, -i * 7000 + 3000 };
            if (city_snap(city, (enum road_profile)profile, at, 1e6, &place, &error) == STATUS_OK) {
                city_seeds_leaving(city, weights, &place, &seeds);
                city_seeds_reaching(city, weights, &place, &seeds);
                (void)city_off_road_ticks(city, (enum road_profile)profile, &place);
                (void)city_direct_ticks(city, weights, &place, &place);
            }
        }
    }
}

static void a_forged_file_does_no_harm(void **state)
{
    (void)state;
    struct sample sample = make_sample();
    struct sample forged = { .bytes = aligned_alloc(64, (sample.size + 63) / 64 * 64), .size = sample.size };
    struct random_stream stream;
    struct error error;
    int refused = 0, accepted = 0;
    assert_non_null(forged.bytes);
    random_open(&stream, 3, 1, 0);
    for (int round = 0; round < 20000; round++) {
        static const uint32_t VALUES[] = { 0, 1, 2, 100, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF };
        memcpy(forged.bytes, sample.bytes, sample.size);
        size_t at = 48 + random_u64(&stream) % (sample.size / 4 - 12) * 4;
        uint32_t value = VALUES[random_u64(&stream) % ARRAY_LENGTH(VALUES)];
        if (random_u64(&stream) % 3 == 0) {
            memcpy(&value, forged.bytes + at, sizeof value);
            value += (uint32_t)(random_u64(&stream) % 5) - 2;
        }
        memcpy(forged.bytes + at, &value, sizeof value);
        struct city *city;
        if (!city_file_seal(forged.bytes, forged.size)) {
            continue;
        }
        if (city_open_bytes("x.city", forged.bytes, forged.size, &city, &error) == STATUS_OK) {
            accepted++;
            use(city);
            city_close(city);
        } else {
            assert_int_equal(error.status, STATUS_CORRUPT);
            refused++;
        }
    }
    assert_true(refused > 2000 && accepted > 200);
    free(sample.bytes);
    free(forged.bytes);
}

static void what_is_not_a_city_is_refused(void **state)
{
    (void)state;
    char *folder = sample_folder();
    char *path = file_join(folder, "a.city");
    struct city *city;
    struct error error;
    assert_int_equal(city_open(path, &city, &error), STATUS_NOT_FOUND);
    assert_int_equal(city_open(folder, &city, &error), STATUS_BAD_INPUT);
    assert_int_equal(file_write_whole(path, "", 0, &error), STATUS_OK);
    assert_int_equal(city_open(path, &city, &error), STATUS_BAD_INPUT);
    assert_int_equal(file_write_whole(path, "hello, world", 12, &error), STATUS_OK);
    assert_int_equal(city_open(path, &city, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "a.city: not a city file"));
    free(path);
    sample_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_is_refused),   cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(refusals_give_their_reason),    cmocka_unit_test(a_forged_file_does_no_harm),
        cmocka_unit_test(what_is_not_a_city_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
