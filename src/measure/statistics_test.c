/* Statistics against values from R 4 and from Python's statistics module. */
#include "measure/statistics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"

static void assert_near(double is, double should_be, double tolerance)
{
    if (!(fabs(is - should_be) <= tolerance)) {
        fail_msg("%.10f is not within %g of %.10f", is, tolerance, should_be);
    }
}

static void quantile_is_type_7(void **state)
{
    (void)state;
    /* R: quantile(c(15, 20, 35, 40, 50), c(.5, .9, .05, .4)); python: statistics.quantiles(..., method='inclusive') agrees. */
    static const uint32_t five[] = { 15, 20, 35, 40, 50 };
    assert_near(quantile_sorted(five, 5, 0.50), 35, 0);
    assert_near(quantile_sorted(five, 5, 0.90), 46, 1e-12);
    assert_near(quantile_sorted(five, 5, 0.05), 16, 1e-12);
    assert_near(quantile_sorted(five, 5, 0.40), 29, 1e-12);
    assert_near(quantile_sorted(five, 5, 1.00), 50, 0);
    assert_near(quantile_sorted(five, 1, 0.90), 15, 0);
    assert_false(is_number(quantile_sorted(five, 0, 0.5)));
}

static void student_t_is_that_of_tables(void **state)
{
    (void)state;
    static const struct {
        uint32_t degrees;
        double quantile;
    } known[] = { { 1, 12.7062047 },  { 2, 4.3026527 },   { 9, 2.2621572 },    { 19, 2.0930241 },     { 29, 2.0452296 },
                  { 30, 2.0422725 },  { 31, 2.0395134 },  { 40, 2.0210754 },   { 60, 2.0002978 },     { 99, 1.9842170 },
                  { 120, 1.9799304 }, { 399, 1.9659273 }, { 1000, 1.9623390 }, { 1000000, 1.9599664 } };
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        assert_near(student_t_975(known[i].degrees), known[i].quantile, 1e-6);
    }
    for (uint32_t degrees = 1; degrees < 2000; degrees++) {
        assert_true(student_t_975(degrees) > student_t_975(degrees + 1));
    }
}

static void running_gives_mean_and_confidence(void **state)
{
    (void)state;
    /* python: statistics.mean 614.1, stdev 2.183269719175042; t(9) = 2.2621571628 */
    static const double values[] = { 611, 613, 612.5, 617, 616, 615, 612, 613.5, 617.5, 613.5 };
    struct running running = { 0 };
    running_add(&running, not_a_number());
    assert_false(is_number(running_half_width_95(&running)));
    running_add(&running, values[0]);
    assert_near(running.mean, 611, 0);
    assert_false(is_number(running_half_width_95(&running)));
    for (size_t i = 1; i < ARRAY_LENGTH(values); i++) {
        running_add(&running, values[i]);
    }
    assert_int_equal(running.count, 10);
    assert_near(running.mean, 614.1, 1e-10);
    assert_near(sqrt(running_variance(&running)), 2.183269719175042, 1e-10);
    assert_near(running_half_width_95(&running), 2.2621571628 * 2.183269719175042 / sqrt(10), 1e-8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantile_is_type_7),
        cmocka_unit_test(student_t_is_that_of_tables),
        cmocka_unit_test(running_gives_mean_and_confidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
