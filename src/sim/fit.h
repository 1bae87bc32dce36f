/* Distributions fitted to measured durations by maximum likelihood.
 *
 * Workload: some hundreds to some hundred thousand durations a fit; a handful of Newton steps, each one pass over them. */
#ifndef MINGDI_SIM_FIT_H
#define MINGDI_SIM_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/distribution.h"

/* The four candidates, in this order. */
enum { FIT_EXPONENTIAL, FIT_LOGNORMAL, FIT_WEIBULL, FIT_GAMMA, FIT_COUNT };

struct fit {
    bool possible; /* false: all durations equal, so that shapes grow without limit; only the exponential is fitted then */
    struct distribution distribution;
    double log_likelihood;
    double aic; /* Akaike: 2 parameters - 2 log-likelihood; smaller is better */
    double ks;  /* Kolmogorov-Smirnov: greatest distance between the cumulative of data and fit, 0 .. 1 */
};

/* sorted: count (at least 2) durations in seconds, rising, all above 0. */
void fit_all(const double *sorted, size_t count, struct fit fits[FIT_COUNT]);
/* The possible fit with the smallest AIC. */
int fit_best(const struct fit fits[FIT_COUNT]);
double fit_ks(const struct distribution *distribution, const double *sorted, size_t count);
/* Quantile of data: linear between order statistics (type 7 of Hyndman and Fan 1996). */
double fit_data_quantile(const double *sorted, size_t count, double p);
/* The data themselves as a distribution: quantiles at 21 points. */
struct distribution fit_empirical(const double *sorted, size_t count);

/* Derivatives of the logarithm of the gamma function, for x above 0, to about 1e-12. */
double fit_digamma(double x);
double fit_trigamma(double x);

#endif
