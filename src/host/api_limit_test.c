#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/api_limit.h"

enum { SECOND = 1000000 };

/* A minute's worth at once, then one each minute / per_minute. */
static void test_a_bucket(void **state)
{
    (void)state;
    struct limiter *limiter = limiter_create();
    assert_non_null(limiter);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(limiter_ask(limiter, 7, 30, 100 * SECOND), 0);
    }
    assert_int_equal(limiter_ask(limiter, 7, 30, 100 * SECOND), 3); /* the next one in 2 s, told a little late */
    assert_int_equal(limiter_ask(limiter, 7, 30, 101 * SECOND), 2);
    assert_int_equal(limiter_ask(limiter, 7, 30, 102 * SECOND), 0);
    assert_int_not_equal(limiter_ask(limiter, 7, 30, 102 * SECOND), 0);
    assert_int_equal(limiter_ask(limiter, 8, 30, 102 * SECOND), 0); /* somebody else has his own */
    for (int i = 0; i < 30; i++) {
        assert_int_equal(limiter_ask(limiter, 7, 30, 200 * SECOND), 0);
    }
    limiter_destroy(limiter);
}

/* Asking steadily below the rate is never refused; above it, the rate is what gets through. */
static void test_a_steady_rate(void **state)
{
    (void)state;
    struct limiter *limiter = limiter_create();
    int through = 0, asked = 0;
    for (int64_t at = 0; at < 600 * (int64_t)SECOND; at += SECOND) {
        assert_int_equal(limiter_ask(limiter, 1, 60, at), 0);
    }
    for (int64_t at = 0; at < 600 * (int64_t)SECOND; at += SECOND / 4, asked++) {
        through += limiter_ask(limiter, 2, 60, at) == 0;
    }
    assert_int_equal(asked, 2400);
    assert_in_range(through, 600 + 58, 600 + 61); /* ten minutes at 60, and the first minute's savings */
    limiter_destroy(limiter);
}

/* A million strangers: the table stays as it is, and the newest are limited all the same. */
static void test_strangers(void **state)
{
    (void)state;
    struct limiter *limiter = limiter_create();
    for (uint64_t who = 1; who <= 1000000; who++) {
        assert_int_equal(limiter_ask(limiter, who, 1, SECOND + (int64_t)who), 0);
    }
    assert_int_not_equal(limiter_ask(limiter, 1000000, 1, 3 * SECOND), 0);
    limiter_destroy(limiter);
}

/* One person's slow questions leave room for the others'; the table full, nobody gets in until somebody goes. */
static void test_shares(void **state)
{
    (void)state;
    struct shares shares = { .count = 0 };
    assert_true(shares_take(&shares, 7, 2));
    assert_true(shares_take(&shares, 7, 2));
    assert_false(shares_take(&shares, 7, 2));
    assert_true(shares_take(&shares, 8, 2));
    shares_return(&shares, 7);
    assert_true(shares_take(&shares, 7, 2));
    assert_false(shares_take(&shares, 7, 2));
    for (uint64_t who = 100; who < 100 + SHARES_MAX - 3; who++) {
        assert_true(shares_take(&shares, who, 1));
    }
    assert_false(shares_take(&shares, 9, 1));
    shares_return(&shares, 8);
    assert_true(shares_take(&shares, 9, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bucket),
        cmocka_unit_test(test_a_steady_rate),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
