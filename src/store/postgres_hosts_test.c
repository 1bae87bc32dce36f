/* Lists of hosts, turned and looked into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/postgres_hosts.h"

static void members_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        uint32_t count;
    } cases[] = { { "", 1 }, { "db", 1 }, { "a,b", 2 }, { "10.0.0.1,10.0.0.2,10.0.0.3", 3 }, { ",", 2 }, { "a,,b,", 4 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(postgres_hosts_count(cases[i].list), cases[i].count);
    }
}

static void the_wanted_one_comes_first(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        uint32_t first;
        const char *rotated;
    } cases[] = {
        { "a,bb,ccc", 0, "a,bb,ccc" }, { "a,bb,ccc", 1, "bb,ccc,a" }, { "a,bb,ccc", 2, "ccc,a,bb" },
        { "a,bb,ccc", 3, "a,bb,ccc" }, { "5432", 2, "5432" },         { "", 1, "" },
        { "a,,c", 1, ",c,a" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char rotated[9]; /* the longest list, and its end */
        postgres_hosts_rotate(cases[i].list, cases[i].first, rotated, sizeof rotated);
        assert_string_equal(rotated, cases[i].rotated);
    }
}

static void the_one_that_answered_is_found(void **state)
{
    (void)state;
    assert_int_equal(postgres_hosts_find("a,b,c", "1,2,3", "b", "2"), 1);
    assert_int_equal(postgres_hosts_find("h,h,h", "1,2,3", "h", "3"), 2); /* one machine, several ports */
    assert_int_equal(postgres_hosts_find("a,b,c", "5432", "c", "5432"), 2);
    assert_int_equal(postgres_hosts_find("a,b,c", "", "c", "5432"), 2);
    assert_int_equal(postgres_hosts_find("a,bb,c", "5432", "b", "5432"), 0); /* not a part of a name */
    assert_int_equal(postgres_hosts_find("a,b", "1,2", "b", "1"), 0);
    assert_int_equal(postgres_hosts_find("", "", "", ""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_counted),
        cmocka_unit_test(the_wanted_one_comes_first),
        cmocka_unit_test(the_one_that_answered_is_found),
    };
    return cmocka_run_group_tests_name("store/postgres_hosts", tests, NULL, NULL);
}
