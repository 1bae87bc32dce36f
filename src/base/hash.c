/* Two lanes of 64x64 -> 128 bit multiplication folded by xor, the construction known as "mum" or "wyhash" family; constants
 * are the fractional parts of square roots of primes (as in SHA-2), so there is nothing up our sleeve. */
#include "base/hash.h"

#include <string.h>

static const uint64_t K0 = UINT64_C(0x6a09e667f3bcc908), K1 = UINT64_C(0xbb67ae8584caa73b);

static uint64_t fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t read64(const unsigned char *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

uint64_t hash64(const void *data, size_t size, uint64_t seed)
{
    const unsigned char *bytes = data;
    uint64_t state = fold(seed ^ K0, K1); /* mixed, so that a seed is not just another word of input */
    size_t left = size;
    while (left >= 16) {
        state = fold(read64(bytes) ^ K1, read64(bytes + 8) ^ state);
        bytes += 16;
        left -= 16;
    }
    unsigned char tail[16] = { 0 };
    memcpy(tail, bytes, left);
    state = fold(read64(tail) ^ K1, read64(tail + 8) ^ state);
    return fold(state ^ K0, (uint64_t)size ^ K1);
}
