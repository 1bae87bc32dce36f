/* Small statistics, called once a figure and replication. */
#include "measure/statistics.h"

#include "base/check.h"

double quantile_sorted(const uint32_t *sorted, size_t count, double share)
{
    if (count == 0) {
        return not_a_number();
    }
    double h = (double)(count - 1) * share;
    size_t low = (size_t)h;
    if (low + 1 >= count) {
        return (double)sorted[count - 1];
    }
    double below = (double)sorted[low], above = (double)sorted[low + 1];
    return below + (h - (double)low) * (above - below);
}

void running_add(struct running *running, double value)
{
    if (!is_number(value)) {
        return;
    }
    running->count++;
    double step = value - running->mean;
    running->mean += step / running->count;
    running->m2 += step * (value - running->mean);
}

double running_variance(const struct running *running)
{
    return running->count < 2 ? not_a_number() : running->m2 / (running->count - 1);
}

double running_half_width_95(const struct running *running)
{
    if (running->count < 2) {
        return not_a_number();
    }
    return student_t_975(running->count - 1) * __builtin_sqrt(running_variance(running) / running->count);
}

/* To 30 degrees from tables; beyond, the expansion around the normal quantile z in powers of 1/degrees (Abramowitz and Stegun
 * 26.7.5), whose first term left out is below 1e-7 there. */
double student_t_975(uint32_t degrees)
{
    static const double table[] = {
        12.7062047362, 4.3026527297, 3.1824463053, 2.7764451052, 2.5705818356, 2.4469118511, 2.3646242516, 2.3060041352,
        2.2621571628,  2.2281388520, 2.2009851601, 2.1788128297, 2.1603686565, 2.1447866879, 2.1314495456, 2.1199052992,
        2.1098155778,  2.1009220402, 2.0930240544, 2.0859634473, 2.0796138447, 2.0738730679, 2.0686576104, 2.0638985616,
        2.0595385528,  2.0555294386, 2.0518305165, 2.0484071418, 2.0452296421, 2.0422724563,
    };
    CHECK(degrees >= 1);
    if (degrees <= ARRAY_LENGTH(table)) {
        return table[degrees - 1];
    }
    const double z = 1.959963984540054, z2 = z * z, n = degrees;
    double g1 = z * (z2 + 1) / 4;
    double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + (g1 + (g2 + (g3 + g4 / n) / n) / n) / n;
}
