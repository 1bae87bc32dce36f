/* Probability distributions of durations and choices: read from text, drawn from a random stream, described in reports.
 *
 * Text form, as in service.csv and in messages; durations carry their unit (s, min, h) at each number or once in the column:
 *   constant(50 s)                     exponential(mean 720 s)
 *   normal(mean 60 s, deviation 10 s)  a negative draw counts as 0; deviation 0 is a constant
 *   lognormal(median 300 s, sigma 0.5) sigma: deviation of the logarithm
 *   weibull(shape 2.5, scale 2058 s)   gamma(shape 2, scale 300 s)
 *   uniform(60 s, 120 s)               triangular(60 s, 90 s, 180 s)      lowest, [most likely,] highest
 *   bernoulli(0.8)                     categorical(0.57, 0.245, 0.185)
 *   empirical(0: 10 s, 0.5: 60 s, 0.9: 200 s, 1: 600 s)   quantiles, straight lines between them; must begin at 0 and end at 1
 *
 * Every draw takes exactly one uniform from the stream (by inversion), so that streams stay in step whatever the parameters. */
#ifndef MINGDI_SIM_DISTRIBUTION_H
#define MINGDI_SIM_DISTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"
#include "base/status.h"
#include "base/text.h"

enum distribution_kind {
    DISTRIBUTION_CONSTANT,
    DISTRIBUTION_EXPONENTIAL,
    DISTRIBUTION_NORMAL,
    DISTRIBUTION_LOGNORMAL,
    DISTRIBUTION_WEIBULL,
    DISTRIBUTION_GAMMA,
    DISTRIBUTION_UNIFORM,
    DISTRIBUTION_TRIANGULAR,
    DISTRIBUTION_BERNOULLI,
    DISTRIBUTION_CATEGORICAL,
    DISTRIBUTION_EMPIRICAL,
    DISTRIBUTION_KIND_COUNT,
};

enum { DISTRIBUTION_POINTS_MAX = 32 };

/* Plain data, freely copied. What a and b mean by kind: constant a; exponential mean a; normal mean a, deviation b; lognormal
 * median a, deviation of the logarithm b; weibull and gamma shape a, scale b; uniform lowest a, highest b; triangular lowest a,
 * likeliest b, highest c; bernoulli chance a. Durations in seconds. */
struct distribution {
    enum distribution_kind kind;
    double a, b, c;
    unsigned point_count; /* categorical: chances (value[i], summing to 1); empirical: quantile value[i] at chance[i] */
    double chance[DISTRIBUTION_POINTS_MAX], value[DISTRIBUTION_POINTS_MAX];
};

struct distribution distribution_constant(double seconds);
struct distribution distribution_exponential(double mean_s);
struct distribution distribution_bernoulli(double chance);
/* Parameters within their ranges: finite, deviations and durations not negative, shapes and scales above 0, chances in 0 .. 1. */
enum status distribution_check(const struct distribution *distribution, struct error *error) MUST_USE;
/* The text form above. unit_s: seconds a number without a unit means (1 for a column in seconds). The error says what is wrong
 * and where in the text, without file and line. */
enum status distribution_parse(const char *text, double unit_s, struct distribution *distribution, struct error *error) MUST_USE;
/* The text form that distribution_parse reads back to the same distribution (17 significant digits where needed). */
void distribution_format(const struct distribution *distribution, struct text *out);
const char *distribution_kind_name(enum distribution_kind kind);

/* Seconds (never negative for durations), 0 or 1 for bernoulli, the index from 0 for categorical. */
double distribution_sample(const struct distribution *distribution, struct random_stream *stream);
/* The value that a share p (0 .. 1) of draws does not exceed; distribution_sample is this at a uniform p. May be infinite at 1.
 */
double distribution_quantile(const struct distribution *distribution, double p);
double distribution_mean(const struct distribution *distribution);
double distribution_variance(const struct distribution *distribution);
/* Share of draws not above x. */
double distribution_cumulative(const struct distribution *distribution, double x);

/* Special functions, exact to about 1e-12 relative, shared with the fits. */
double distribution_normal_cumulative(double z);
double distribution_normal_quantile(double p);
double distribution_gamma_cumulative(double shape, double x); /* regularised lower incomplete gamma */

#endif
