/* One row for many: how often the same is told, how many kinds at once, and that the count is not lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "host/seldom.h"

static struct instant at_minute(int64_t minute) { return (struct instant){ (INT64_C(1000000) + minute) * US_PER_MINUTE }; }

static void the_same_is_told_once(void **state)
{
    (void)state;
    struct seldom *seldom = seldom_create();
    uint32_t before = 7;
    char detail[64] = "from 192.0.2.1";
    assert_true(seldom_lets(seldom, "a", at_minute(0), &before));
    assert_int_equal(before, 0);
    seldom_tell(before, detail, sizeof detail);
    assert_string_equal(detail, "from 192.0.2.1");
    for (int minute = 0; minute < 10; minute++) {
        assert_false(seldom_lets(seldom, "a", at_minute(minute), &before));
    }
    assert_true(seldom_lets(seldom, "b", at_minute(9), &before));
    assert_true(seldom_lets(seldom, "a", at_minute(10), &before));
    assert_int_equal(before, 10);
    seldom_tell(before, detail, sizeof detail);
    assert_string_equal(detail, "from 192.0.2.1; 10 more since the last row of this kind");
    assert_true(seldom_lets(seldom, "a", at_minute(5), &before)); /* the clock was put back */
    seldom_destroy(seldom);
}

/* Who makes up ever new names, as fast as he can, gets so many rows and no more. */
static void a_flood_is_bounded(void **state)
{
    (void)state;
    struct seldom *seldom = seldom_create();
    uint32_t before, told = 0;
    for (int i = 0; i < 100000; i++) {
        char what[32];
        (void)snprintf(what, sizeof what, "name %d", i);
        told += seldom_lets(seldom, what, at_minute(0), &before);
    }
    assert_int_equal(told, SELDOM_MOST);
    assert_false(seldom_lets(seldom, "another", at_minute(9), &before));
    assert_true(seldom_lets(seldom, "another", at_minute(10), &before));
    seldom_destroy(seldom);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_same_is_told_once), cmocka_unit_test(a_flood_is_bounded) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
