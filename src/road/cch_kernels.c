/* See cch_kernels.h. The bodies are written once over eight lanes and instantiated for each instruction set. */
#include "road/cch_kernels.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL(name) name##_avx2
#define KERNEL_TARGET __attribute__((target("avx2")))
#define LANES __m256i
#define LOAD(at) _mm256_loadu_si256((const __m256i *)(const void *)(at))
#define STORE(at, lanes) _mm256_storeu_si256((__m256i *)(void *)(at), lanes)
#define SPREAD(value) _mm256_set1_epi32((int)(value))
#define ADD(a, b) _mm256_add_epi32(a, b)
#define MIN(a, b) _mm256_min_epu32(a, b)
#define SAME(a, b) _mm256_cmpeq_epi32(a, b)
#define CHOOSE(mask, yes, no) _mm256_blendv_epi8(no, yes, mask)
#define PAIR __m128i
#define PAIR_LOAD(at) _mm_loadl_epi64((const __m128i *)(const void *)(at))
#define PAIR_STORE(at, lanes) _mm_storel_epi64((__m128i *)(void *)(at), lanes)
#define PAIR_SPREAD(value) _mm_cvtsi64_si128((long long)(value))
#define PAIR_ADD(a, b) _mm_add_epi32(a, b)
#define PAIR_MIN(a, b) _mm_min_epu32(a, b)
#include "road/cch_kernels_body.h"
#endif

struct plain_lanes {
    uint32_t lane[8];
};

static inline struct plain_lanes plain_load(const uint32_t *at)
{
    struct plain_lanes lanes;
    for (int i = 0; i < 8; i++) {
        lanes.lane[i] = at[i];
    }
    return lanes;
}

static inline void plain_store(uint32_t *at, struct plain_lanes lanes)
{
    for (int i = 0; i < 8; i++) {
        at[i] = lanes.lane[i];
    }
}

static inline struct plain_lanes plain_spread(uint32_t value)
{
    struct plain_lanes lanes;
    for (int i = 0; i < 8; i++) {
        lanes.lane[i] = value;
    }
    return lanes;
}

static inline struct plain_lanes plain_add(struct plain_lanes a, struct plain_lanes b)
{
    for (int i = 0; i < 8; i++) {
        a.lane[i] += b.lane[i];
    }
    return a;
}

static inline struct plain_lanes plain_min(struct plain_lanes a, struct plain_lanes b)
{
    for (int i = 0; i < 8; i++) {
        a.lane[i] = a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i];
    }
    return a;
}

static inline struct plain_lanes plain_same(struct plain_lanes a, struct plain_lanes b)
{
    for (int i = 0; i < 8; i++) {
        a.lane[i] = a.lane[i] == b.lane[i] ? UINT32_MAX : 0;
    }
    return a;
}

static inline struct plain_lanes plain_choose(struct plain_lanes mask, struct plain_lanes yes, struct plain_lanes no)
{
    for (int i = 0; i < 8; i++) {
        no.lane[i] = (yes.lane[i] & mask.lane[i]) | (no.lane[i] & ~mask.lane[i]);
    }
    return no;
}

static inline uint64_t plain_pair_add(uint64_t a, uint64_t b)
{
    return ((a >> 32) + (b >> 32)) << 32 | (uint32_t)((uint32_t)a + (uint32_t)b);
}

static inline uint64_t plain_pair_min(uint64_t a, uint64_t b)
{
    uint64_t low = (uint32_t)a < (uint32_t)b ? (uint32_t)a : (uint32_t)b, high = a >> 32 < b >> 32 ? a >> 32 : b >> 32;
    return high << 32 | low;
}

#define KERNEL(name) name##_plain
#define KERNEL_TARGET
#define LANES struct plain_lanes
#define LOAD(at) plain_load(at)
#define STORE(at, lanes) plain_store(at, lanes)
#define SPREAD(value) plain_spread(value)
#define ADD(a, b) plain_add(a, b)
#define MIN(a, b) plain_min(a, b)
#define SAME(a, b) plain_same(a, b)
#define CHOOSE(mask, yes, no) plain_choose(mask, yes, no)
#define PAIR uint64_t
#define PAIR_LOAD(at) (*(at))
#define PAIR_STORE(at, lanes) (*(at) = (lanes))
#define PAIR_SPREAD(value) (value)
#define PAIR_ADD(a, b) plain_pair_add(a, b)
#define PAIR_MIN(a, b) plain_pair_min(a, b)
#include "road/cch_kernels_body.h"

const struct cch_kernels *cch_kernels(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        return &kernels_avx2;
    }
#endif
    return &kernels_plain;
}

const struct cch_kernels *cch_kernels_plain(void) { return &kernels_plain; }
