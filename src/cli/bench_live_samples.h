/* How long things took: samples in nanoseconds and their quantiles. Workload: up to some million samples a measurement, looked at
 * a few times at its end. */
#ifndef MINGDI_CLI_BENCH_LIVE_SAMPLES_H
#define MINGDI_CLI_BENCH_LIVE_SAMPLES_H

#include <stdint.h>

#include "base/vec.h"

VEC_TYPE(bench_samples, int64_t);

/* The monotonic clock, in nanoseconds. */
int64_t bench_now_ns(void);
/* Aborts when memory is refused. */
void bench_samples_add(struct bench_samples *samples, int64_t ns);
void bench_samples_add_all(struct bench_samples *samples, const struct bench_samples *more);
/* The smallest sample that at least this share of all do not exceed (nearest rank), in milliseconds; 0 where there are none.
 * share is above 0 and at most 1. Sorts the samples. */
double bench_samples_ms(struct bench_samples *samples, double share);
double bench_samples_mean_ms(const struct bench_samples *samples);

#endif
