/* The cache against a plain list that does the same by searching. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "host/tile_cache.h"

enum { KEYS = 40, SIZE = 1000, BYTES_MAX = 10 * 1100 };

static void what_was_wanted_least_lately_goes_first(void **state)
{
    struct tile_cache *cache = tile_cache_create(BYTES_MAX);
    uint64_t order[KEYS] = { 0 }; /* the newest last */
    size_t count = 0;
    struct random_stream stream;
    char tile[SIZE];
    (void)state;
    assert_non_null(cache);
    random_open(&stream, 7, 1, 0);
    for (int round = 0; round < 5000; round++) {
        uint64_t key = random_u64(&stream) % KEYS;
        size_t at = 0, length;
        const char *bytes;
        while (at < count && order[at] != key) {
            at++;
        }
        assert_int_equal(tile_cache_find(cache, key, &bytes, &length), at < count);
        if (at < count) {
            assert_int_equal(length, SIZE);
            assert_int_equal(bytes[0], (char)key);
            memmove(&order[at], &order[at + 1], (count - at - 1) * sizeof *order);
            count--;
        } else {
            memset(tile, (char)key, SIZE);
            tile_cache_put(cache, key, tile, SIZE);
            if (count == 10) {
                memmove(order, order + 1, 9 * sizeof *order);
                count--;
            }
        }
        order[count++] = key;
        assert_true(tile_cache_bytes(cache) <= BYTES_MAX);
    }
    tile_cache_destroy(cache);
}

static void empty_and_oversized_tiles(void **state)
{
    struct tile_cache *cache = tile_cache_create(500);
    const char *bytes;
    size_t length = 1;
    char large[600] = "";
    (void)state;
    tile_cache_put(cache, 1, NULL, 0);
    assert_true(tile_cache_find(cache, 1, &bytes, &length));
    assert_int_equal(length, 0);
    tile_cache_put(cache, 2, large, sizeof large);
    assert_false(tile_cache_find(cache, 2, &bytes, &length));
    assert_true(tile_cache_find(cache, 1, &bytes, &length));
    tile_cache_destroy(cache);
    tile_cache_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_wanted_least_lately_goes_first),
        cmocka_unit_test(empty_and_oversized_tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
