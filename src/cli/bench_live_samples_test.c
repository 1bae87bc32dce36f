#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/bench_live_samples.h"

/* The definition, counted out: how many samples do not exceed the answer, and how many are below it. */
static void test_quantiles_by_counting(void **state)
{
    (void)state;
    static const double shares[] = { 0.01, 0.5, 0.9, 0.99, 1 };
    struct bench_samples samples = { 0 };
    for (size_t n = 1; n <= 300; n++) {
        bench_samples_add(&samples, (int64_t)(n * 7919 % 101) * 1000000);
        for (size_t k = 0; k < sizeof shares / sizeof shares[0]; k++) {
            double answer = bench_samples_ms(&samples, shares[k]);
            size_t below = 0, not_above = 0;
            for (size_t i = 0; i < samples.count; i++) {
                below += (double)samples.items[i] / 1e6 < answer;
                not_above += (double)samples.items[i] / 1e6 <= answer;
            }
            assert_true((double)not_above >= shares[k] * (double)n);
            assert_true((double)below < shares[k] * (double)n);
        }
    }
    vec_free(&samples);
}

static void test_none_and_joined(void **state)
{
    (void)state;
    struct bench_samples none = { 0 }, one = { 0 };
    assert_true(bench_samples_ms(&none, 0.5) <= 0);
    assert_true(bench_samples_mean_ms(&none) <= 0);
    bench_samples_add(&one, 1000000);
    bench_samples_add(&one, 3000000);
    bench_samples_add_all(&none, &one);
    assert_int_equal(none.count, 2);
    assert_int_equal((int)(bench_samples_mean_ms(&none) * 1000), 2000);
    vec_free(&none);
    vec_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantiles_by_counting),
        cmocka_unit_test(test_none_and_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
