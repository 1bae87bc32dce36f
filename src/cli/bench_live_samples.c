#include "cli/bench_live_samples.h"

#include <math.h>
#include <time.h>

#include "base/check.h"

int64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void bench_samples_add(struct bench_samples *samples, int64_t ns)
{
    bool added = vec_push(samples, ns);
    CHECK(added);
}

void bench_samples_add_all(struct bench_samples *samples, const struct bench_samples *more)
{
    for (size_t i = 0; i < more->count; i++) {
        bench_samples_add(samples, more->items[i]);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

double bench_samples_ms(struct bench_samples *samples, double share)
{
    if (samples->count == 0) {
        return 0;
    }
    qsort(samples->items, samples->count, sizeof *samples->items, compare);
    size_t rank = (size_t)ceil(share * (double)samples->count);
    return (double)samples->items[rank > 0 ? rank - 1 : 0] / 1e6;
}

double bench_samples_mean_ms(const struct bench_samples *samples)
{
    double sum = 0;
    for (size_t i = 0; i < samples->count; i++) {
        sum += (double)samples->items[i] / 1e6;
    }
    return samples->count > 0 ? sum / (double)samples->count : 0;
}
