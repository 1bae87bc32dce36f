/* Maximum likelihood with Newton's method in the shape alone; the scale follows from it in closed form. */
#include "sim/fit.h"

#include <math.h>

#include "base/check.h"

/* Recurrence up to 6, then the asymptotic series (Abramowitz and Stegun 6.3.18, 6.4.12). */
double fit_digamma(double x)
{
    double result = 0;
    for (; x < 10; x += 1) {
        result -= 1 / x;
    }
    double y = 1 / (x * x);
    return result + log(x) - 0.5 / x -
           y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132 - y * 691.0 / 32760)))));
}

double fit_trigamma(double x)
{
    double result = 0;
    for (; x < 10; x += 1) {
        result += 1 / (x * x);
    }
    double y = 1 / (x * x);
    return result + 1 / x + y / 2 + y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y * (1.0 / 30 - y * 5.0 / 66))));
}

struct moments {
    double count, mean, mean_log, variance_log;
};

static struct moments moments_of(const double *x, size_t count)
{
    struct moments m = { .count = (double)count };
    for (size_t i = 0; i < count; i++) {
        m.mean += x[i];
        m.mean_log += log(x[i]);
    }
    m.mean /= m.count;
    m.mean_log /= m.count;
    for (size_t i = 0; i < count; i++) {
        double d = log(x[i]) - m.mean_log;
        m.variance_log += d * d;
    }
    m.variance_log /= m.count;
    return m;
}

static void fit_exponential(const struct moments *m, struct fit *fit)
{
    fit->possible = true;
    fit->distribution = distribution_exponential(m->mean);
    fit->log_likelihood = -m->count * (log(m->mean) + 1);
}

static void fit_lognormal(const struct moments *m, struct fit *fit)
{
    fit->possible = true;
    fit->distribution = (struct distribution){ .kind = DISTRIBUTION_LOGNORMAL,
                                               .a = exp(m->mean_log),
                                               .b = sqrt(m->variance_log) };
    fit->log_likelihood = -m->count * (m->mean_log + 0.5 * log(2 * M_PI * m->variance_log) + 0.5);
}

/* Root of g(k) = sum x^k ln x / sum x^k - 1/k - mean ln x, which rises in k; x is divided by the greatest so that no power
 * overflows. Newton from the method of moments of ln x (Gumbel: variance pi^2 / 6 k^2); a step may at most halve or double k. */
static void fit_weibull(const double *x, size_t count, const struct moments *m, struct fit *fit)
{
    double largest = x[count - 1], k = M_PI / sqrt(6 * m->variance_log), sum = 0;
    double mean_log = m->mean_log - log(largest);
    for (int step = 0; step < 100; step++) {
        double s0 = 0, s1 = 0, s2 = 0;
        for (size_t i = 0; i < count; i++) {
            double l = log(x[i] / largest), p = exp(k * l);
            s0 += p;
            s1 += p * l;
            s2 += p * l * l;
        }
        sum = s0;
        double value = s1 / s0 - 1 / k - mean_log;
        double slope = s2 / s0 - (s1 / s0) * (s1 / s0) + 1 / (k * k);
        double next = fmin(fmax(k - value / slope, k / 2), 2 * k);
        bool done = fabs(next - k) <= 1e-12 * k;
        k = next;
        if (done) {
            break;
        }
    }
    double scale = largest * pow(sum / m->count, 1 / k);
    fit->possible = k <= 10000;
    fit->distribution = (struct distribution){ .kind = DISTRIBUTION_WEIBULL, .a = k, .b = scale };
    fit->log_likelihood = m->count * (log(k) - k * log(scale) + (k - 1) * m->mean_log - 1);
}

/* Root of ln a - digamma(a) = ln mean - mean ln; start and generalised Newton step in 1/a: Minka, "Estimating a Gamma
 * distribution", 2002. */
static void fit_gamma(const struct moments *m, struct fit *fit)
{
    double gap = log(m->mean) - m->mean_log;
    double a = (3 - gap + sqrt((gap - 3) * (gap - 3) + 24 * gap)) / (12 * gap);
    for (int step = 0; step < 100; step++) {
        double next = 1 / (1 / a + (log(a) - fit_digamma(a) - gap) / (a * a * (1 / a - fit_trigamma(a))));
        bool done = fabs(next - a) <= 1e-12 * a;
        a = next > 0 ? next : a / 2;
        if (done) {
            break;
        }
    }
    double scale = m->mean / a;
    fit->possible = a <= 10000;
    fit->distribution = (struct distribution){ .kind = DISTRIBUTION_GAMMA, .a = a, .b = scale };
    fit->log_likelihood = m->count * ((a - 1) * m->mean_log - a - a * log(scale) - lgamma(a));
}

double fit_ks(const struct distribution *distribution, const double *sorted, size_t count)
{
    double worst = 0;
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && sorted[end] == sorted[i]) {
            end++;
        }
        double fitted = distribution_cumulative(distribution, sorted[i]);
        worst = fmax(worst, fmax(fabs(fitted - (double)i / (double)count), fabs(fitted - (double)end / (double)count)));
        i = end;
    }
    return worst;
}

void fit_all(const double *sorted, size_t count, struct fit fits[FIT_COUNT])
{
    CHECK(count >= 2 && sorted[0] > 0);
    struct moments m = moments_of(sorted, count);
    for (int i = 0; i < FIT_COUNT; i++) {
        fits[i] = (struct fit){ .possible = false };
    }
    fit_exponential(&m, &fits[FIT_EXPONENTIAL]);
    if (m.variance_log > 1e-12) {
        fit_lognormal(&m, &fits[FIT_LOGNORMAL]);
        fit_weibull(sorted, count, &m, &fits[FIT_WEIBULL]);
        fit_gamma(&m, &fits[FIT_GAMMA]);
    }
    for (int i = 0; i < FIT_COUNT; i++) {
        if (fits[i].possible) {
            fits[i].aic = 2 * (i == FIT_EXPONENTIAL ? 1 : 2) - 2 * fits[i].log_likelihood;
            fits[i].ks = fit_ks(&fits[i].distribution, sorted, count);
        }
    }
}

int fit_best(const struct fit fits[FIT_COUNT])
{
    int best = FIT_EXPONENTIAL;
    for (int i = 0; i < FIT_COUNT; i++) {
        best = fits[i].possible && fits[i].aic < fits[best].aic ? i : best;
    }
    return best;
}

double fit_data_quantile(const double *sorted, size_t count, double p)
{
    CHECK(count > 0);
    double at = p * (double)(count - 1);
    size_t low = (size_t)at;
    if (low + 1 >= count) {
        return sorted[count - 1];
    }
    return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}

struct distribution fit_empirical(const double *sorted, size_t count)
{
    struct distribution d = { .kind = DISTRIBUTION_EMPIRICAL, .point_count = 21 };
    for (unsigned i = 0; i < d.point_count; i++) {
        d.chance[i] = i / 20.0;
        d.value[i] = fit_data_quantile(sorted, count, d.chance[i]);
    }
    return d;
}
