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
#include "road/city_file.h"
#include "road/city_use_test.h"
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
            use_city(city);
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
