/* Distributions: draws have the moments of the formulas, quantiles invert the cumulative, text reads back, bad text is refused
 * with a sentence that says why. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/distribution.h"

static const char *const FORMS[] = {
    "constant(50 s)",
    "exponential(mean 720 s)",
    "normal(mean 60 s, deviation 10 s)",
    "normal(mean 60 s, deviation 80 s)", /* a quarter of the draws is cut at 0 */
    "lognormal(median 300 s, sigma 0.5)",
    "weibull(shape 2.5, scale 2058 s)",
    "weibull(shape 0.7, scale 100 s)",
    "gamma(shape 2, scale 300 s)",
    "gamma(shape 0.4, scale 100 s)",
    "gamma(shape 150, scale 2 s)",
    "uniform(60 s, 120 s)",
    "triangular(60 s, 90 s, 180 s)",
    "bernoulli(0.8)",
    "categorical(0.57, 0.245, 0.185)",
    "empirical(0: 10 s, 0.5: 60 s, 0.9: 200 s, 1: 600 s)",
};

static struct distribution parse(const char *text)
{
    struct distribution d;
    struct error error = { .text = "" };
    if (distribution_parse(text, 1, &d, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return d;
}

static void draws_have_the_moments_of_the_formulas(void **state)
{
    (void)state;
    enum { DRAWS = 200000 };
    for (size_t i = 0; i < ARRAY_LENGTH(FORMS); i++) {
        struct distribution d = parse(FORMS[i]);
        struct random_stream stream;
        random_open(&stream, 7, (uint32_t)i, 0);
        double sum = 0, squares = 0, mean = distribution_mean(&d), variance = distribution_variance(&d);
        for (int k = 0; k < DRAWS; k++) {
            double x = distribution_sample(&d, &stream);
            assert_true(x >= 0);
            sum += x - mean;
            squares += (x - mean) * (x - mean);
        }
        double error_of_mean = 5 * sqrt(variance / DRAWS);
        assert_true(fabs(sum / DRAWS) <= error_of_mean + 1e-9);
        assert_true(fabs(squares / DRAWS - variance) <= 0.08 * variance + 1e-9);
    }
}

static void quantile_inverts_the_cumulative(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(FORMS); i++) {
        struct distribution d = parse(FORMS[i]);
        bool stepped = d.kind == DISTRIBUTION_CONSTANT || d.kind == DISTRIBUTION_BERNOULLI || d.kind == DISTRIBUTION_CATEGORICAL;
        for (double p = 0.001; p < 1; p += 0.0137) {
            double x = distribution_quantile(&d, p);
            if (stepped || x == 0) {
                assert_true(distribution_cumulative(&d, x) >= p - 1e-12);
            } else {
                assert_true(fabs(distribution_cumulative(&d, x) - p) < 1e-9);
            }
        }
    }
}

/* Reference values by SciPy 1.10: norm.ppf, gamma.cdf, gamma.ppf. */
static void special_functions_match_tables(void **state)
{
    (void)state;
    assert_true(fabs(distribution_normal_quantile(0.975) - 1.959963984540054) < 1e-12);
    assert_true(fabs(distribution_normal_quantile(1e-10) + 6.361340902404056) < 1e-9);
    assert_true(fabs(distribution_normal_cumulative(-1) - 0.15865525393145707) < 1e-15);
    assert_true(fabs(distribution_gamma_cumulative(1, 2) - (1 - exp(-2))) < 1e-14);
    assert_true(fabs(distribution_gamma_cumulative(2, 3) - (1 - 4 * exp(-3))) < 1e-14);
    assert_true(fabs(distribution_gamma_cumulative(0.5, 0.5) - erf(sqrt(0.5))) < 1e-13);
    assert_true(fabs(distribution_gamma_cumulative(100, 90) - 0.15822098918643018) < 1e-11);
}

static void text_reads_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(FORMS); i++) {
        struct distribution d = parse(FORMS[i]);
        struct text text;
        text_init(&text, 1000);
        distribution_format(&d, &text);
        assert_string_equal(text.bytes, FORMS[i]);
        text_free(&text);
    }
    struct distribution third = distribution_exponential(1.0 / 3);
    struct text text;
    text_init(&text, 1000);
    distribution_format(&third, &text);
    struct distribution back = parse(text.bytes);
    assert_true(back.a == third.a);
    text_free(&text);
}

static void units_and_names_are_understood(void **state)
{
    (void)state;
    assert_true(parse("exponential(mean 12 min)").a == 720);
    assert_true(parse("exponential( 12min )").a == 720);
    assert_true(parse("exponential(mean=0.2 h)").a == 720);
    struct distribution swapped = parse("weibull(scale 1 h, shape 2)");
    assert_true(swapped.a == 2 && swapped.b == 3600);
    struct distribution days;
    struct error error;
    assert_int_equal(distribution_parse("gamma(2, 0.5)", 86400, &days, &error), STATUS_OK);
    assert_true(days.a == 2 && days.b == 43200);
}

static void bad_text_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "exponential(mean -5 s)", "a duration cannot be negative" },
        { "constant(-0.1)", "a duration cannot be negative" },
        { "uniform(-1 s, 2 s)", "a duration cannot be negative" },
        { "poisson(3)", "is not one of constant, exponential" },
        { "exponential", "\"(\" expected" },
        { "exponential(mean 5 s", "\",\" or \")\" expected" },
        { "exponential(mean 5 s) x", "the end expected" },
        { "exponential(mean 5 parsecs)", "a unit (s, min, h) expected" },
        { "exponential(median 5 s)", "no mean" },
        { "exponential(5, 6)", "takes 1 value(s), not 2" },
        { "weibull(shape 2 s, scale 5 s)", "shape has no unit" },
        { "weibull(shape 0, scale 5 s)", "shape is 0" },
        { "gamma(shape nan, scale 5 s)", "expected" },
        { "exponential(mean inf)", "expected" },
        { "exponential(mean 0x10)", "a number expected" },
        { "exponential(mean 1e99 s)", "not a number of seconds" },
        { "uniform(5 s, 2 s)", "must not fall" },
        { "triangular(1, 5, 3)", "must not fall" },
        { "bernoulli(1.5)", "from 0 to 1" },
        { "categorical(0.5, 0.6)", "must sum to 1" },
        { "categorical(1: 2)", "plain chances" },
        { "empirical(0: 1 s, 0.5: 2 s)", "end with" },
        { "empirical(0: 1 s, 0.5: 3 s, 1: 2 s)", "must rise" },
        { "empirical(1 s, 2 s)", "share: duration" },
        { "", "is not one of" },
        { "lognormal(median 5 s, sigma 99)", "sigma is 99" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct distribution d = { .kind = DISTRIBUTION_KIND_COUNT };
        struct error error = { .text = "" };
        assert_int_equal(distribution_parse(cases[i].text, 1, &d, &error), STATUS_BAD_INPUT);
        if (strstr(error.text, cases[i].why) == NULL) {
            fail_msg("\"%s\" is refused with \"%s\"", cases[i].text, error.text);
        }
        assert_int_equal(d.kind, DISTRIBUTION_KIND_COUNT);
    }
}

static void each_draw_takes_one_uniform(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(FORMS); i++) {
        struct distribution d = parse(FORMS[i]);
        struct random_stream stream, plain;
        random_open(&stream, 3, 1, 0);
        random_open(&plain, 3, 1, 0);
        for (int k = 0; k < 5; k++) {
            (void)distribution_sample(&d, &stream);
            (void)random_uniform(&plain);
        }
        assert_true(random_u64(&stream) == random_u64(&plain));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_have_the_moments_of_the_formulas),
        cmocka_unit_test(quantile_inverts_the_cumulative),
        cmocka_unit_test(special_functions_match_tables),
        cmocka_unit_test(text_reads_back),
        cmocka_unit_test(units_and_names_are_understood),
        cmocka_unit_test(bad_text_is_refused),
        cmocka_unit_test(each_draw_takes_one_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
