#include "base/random.h"

#include <math.h>

#include <Random123/philox.h>

void random_open(struct random_stream *stream, uint64_t seed, uint32_t quantity, uint32_t replication)
{
    *stream = (struct random_stream){ .key = { (uint32_t)seed, (uint32_t)(seed >> 32) },
                                      .counter = { 0, 0, quantity, replication } };
}

static void refill(struct random_stream *stream)
{
    philox4x32_ctr_t counter = { { stream->counter[0], stream->counter[1], stream->counter[2], stream->counter[3] } };
    philox4x32_key_t key = { { stream->key[0], stream->key[1] } };
    philox4x32_ctr_t block = philox4x32(counter, key);
    for (int i = 0; i < 4; i++) {
        stream->buffer[i] = block.v[i];
    }
    stream->buffered = 4;
    stream->counter[0] += 1;
    stream->counter[1] += stream->counter[0] == 0;
}

uint64_t random_u64(struct random_stream *stream)
{
    if (stream->buffered < 2) {
        refill(stream);
    }
    stream->buffered -= 2;
    return (uint64_t)stream->buffer[stream->buffered] << 32 | stream->buffer[stream->buffered + 1];
}

double random_uniform(struct random_stream *stream) { return (double)(random_u64(stream) >> 11) * 0x1p-53; }

double random_uniform_open(struct random_stream *stream) { return (double)((random_u64(stream) >> 11) + 1) * 0x1p-53; }

double random_exponential(struct random_stream *stream, double mean) { return -mean * log(random_uniform_open(stream)); }

/* Rational approximation of the inverse normal distribution function: P. J. Acklam, 2003; relative error below 1.15e-9. */
double random_normal(struct random_stream *stream)
{
    static const double a[] = { -3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                                1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00 };
    static const double b[] = { -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
                                -1.328068155288572e+01 };
    static const double c[] = { -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                                -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00 };
    static const double d[] = { 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00 };
    static const double tail = 0.02425;
    double p = ((double)(random_u64(stream) >> 11) + 0.5) * 0x1p-53;
    if (p < tail || p > 1 - tail) {
        double sign = p < tail ? 1 : -1;
        double q = sqrt(-2 * log(p < tail ? p : 1 - p));
        return sign * (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
               ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    }
    double q = p - 0.5;
    double r = q * q;
    return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
           (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}
