/* The few statistics that figures need: quantiles of samples, running mean and variance, Student's t. Deterministic: only the
 * four operations and the square root, which IEEE 754 defines to the last bit. */
#ifndef MINGDI_MEASURE_STATISTICS_H
#define MINGDI_MEASURE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Quantile of count sorted values (rising), linear between order statistics (Hyndman and Fan 1996, type 7, the default of R):
 * with h = (count - 1) x share, between the values number floor(h) and floor(h) + 1. NaN without values. */
double quantile_sorted(const uint32_t *sorted, size_t count, double share);

/* Mean and variance one value at a time (Welford 1962). NaN values are left out: "not defined in this replication". */
struct running {
    uint32_t count;
    double mean, m2;
};
void running_add(struct running *running, double value);
/* NaN when count < 2. */
double running_variance(const struct running *running);
/* Half width of the 95 % confidence interval of the mean: t(0.975, count - 1) x sqrt(variance / count). NaN when count < 2. */
double running_half_width_95(const struct running *running);

/* The 0.975 quantile of Student's t with that many degrees of freedom (>= 1), error below 1e-6. */
double student_t_975(uint32_t degrees);

static inline double not_a_number(void) { return __builtin_nan(""); }
static inline bool is_number(double value) { return value == value; }

#endif
