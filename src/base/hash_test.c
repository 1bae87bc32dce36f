#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Every prefix of zeros, and every single bit of 64 bytes, gives a hash of its own. */
static void test_no_two_alike(void **state)
{
    (void)state;
    static uint64_t hashes[200 + 512 + 64];
    unsigned char bytes[200] = { 0 };
    size_t count = 0;
    for (size_t size = 0; size < 200; size++) {
        hashes[count++] = hash64(bytes, size, 0);
    }
    for (size_t bit = 0; bit < 512; bit++) {
        bytes[bit / 8] = (unsigned char)(1u << bit % 8);
        hashes[count++] = hash64(bytes, 64, 0);
        bytes[bit / 8] = 0;
    }
    for (unsigned seed = 0; seed < 64; seed++) {
        hashes[count++] = hash64(bytes, 64, UINT64_C(1) << seed);
    }
    qsort(hashes, count, sizeof *hashes, by_value);
    for (size_t i = 1; i < count; i++) {
        assert_true(hashes[i] != hashes[i - 1]);
    }
}

/* Flipping one bit of the input flips about half of the output's. */
static void test_avalanche(void **state)
{
    (void)state;
    unsigned char bytes[40];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 37);
    }
    uint64_t before = hash64(bytes, sizeof bytes, 9);
    int flipped = 0;
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        flipped += __builtin_popcountll(before ^ hash64(bytes, sizeof bytes, 9));
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    double mean = flipped / (8.0 * sizeof bytes);
    assert_true(mean > 30 && mean < 34);
}

/* Written into files: these values must not change. */
static void test_stable(void **state)
{
    (void)state;
    assert_true(hash64("", 0, 0) == UINT64_C(0x6930ddeb9681e043));
    assert_true(hash64("mingdi: sound the siren", 23, 7) == UINT64_C(0x7fd8729e0162b4db));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_two_alike),
        cmocka_unit_test(test_avalanche),
        cmocka_unit_test(test_stable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
