/* For the tests of this layer: every order of arrival of a few candidates, and small numbers from a seed. */
#ifndef MINGDI_POLICY_TEST_ORDERS_H
#define MINGDI_POLICY_TEST_ORDERS_H

#include <stdbool.h>
#include <stdint.h>

/* The next permutation of order[0..count) in lexicographic order; false after the last. Begin with 0, 1, 2 ... */
static inline bool next_order(uint32_t *order, uint32_t count)
{
    uint32_t left = count - 1;
    while (left > 0 && order[left - 1] >= order[left]) {
        left--;
    }
    if (left == 0) {
        return false;
    }
    uint32_t right = count - 1, kept = order[left - 1];
    while (order[right] <= kept) {
        right--;
    }
    order[left - 1] = order[right];
    order[right] = kept;
    for (uint32_t i = left, j = count - 1; i < j; i++, j--) {
        uint32_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
    return true;
}

/* Uniform enough in [0, limit); xorshift64* of Vigna, "An experimental exploration of Marsaglia's xorshift generators". */
static inline uint32_t small_number(uint64_t *seed, uint32_t limit)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (uint32_t)((*seed * UINT64_C(2685821657736338717) >> 33) % limit);
}

#endif
