/* What the centres of one process share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "host/commons.h"

static struct commons *make(uint32_t centres)
{
    struct commons *commons = commons_create(centres);
    assert_non_null(commons);
    return commons;
}

/* A folder with a console of one page. */
static void make_console(char folder[64])
{
    struct error error;
    snprintf(folder, 64, "/tmp/mingdi-commons-XXXXXX");
    assert_non_null(mkdtemp(folder));
    char *page = file_join(folder, "index.html");
    assert_int_equal(file_write_whole(page, "<!doctype html>", 15, &error), STATUS_OK);
    free(page);
}

static void remove_console(const char *folder)
{
    char *page = file_join(folder, "index.html");
    assert_int_equal(unlink(page), 0);
    free(page);
    assert_int_equal(rmdir(folder), 0);
}

static void test_a_console_is_read_once(void **state)
{
    (void)state;
    struct commons *commons = make(2);
    struct error error;
    char folder[64], other[64];
    const struct console *first = NULL, *second = NULL, *third = NULL;
    make_console(folder);
    make_console(other);
    assert_int_equal(commons_console_open(commons, folder, &first, &error), STATUS_OK);
    assert_int_equal(commons_console_open(commons, folder, &second, &error), STATUS_OK);
    assert_int_equal(commons_console_open(commons, other, &third, &error), STATUS_OK);
    assert_ptr_equal(first, second);
    assert_ptr_not_equal(first, third);
    commons_console_close(commons, first);
    assert_int_equal(console_file_count(second), 1); /* who holds it still has it */
    commons_console_close(commons, second);
    commons_console_close(commons, third);
    commons_console_close(commons, NULL);
    commons_destroy(commons);
    remove_console(folder);
    remove_console(other);
}

static void test_what_cannot_be_opened_says_why(void **state)
{
    (void)state;
    struct commons *commons = make(1);
    struct error error;
    const struct city *city = NULL;
    const struct console *console = NULL;
    assert_int_not_equal(commons_city_open(commons, "/nowhere/city.mingdi", &city, &error), STATUS_OK);
    assert_non_null(strstr(error.text, "/nowhere/city.mingdi"));
    assert_int_equal(commons_console_open(commons, "/nowhere", &console, &error), STATUS_NOT_FOUND);
    commons_city_close(commons, city);
    commons_destroy(commons);
}

static void test_a_process_has_one_time_zone(void **state)
{
    (void)state;
    struct commons *commons = make(3);
    struct error error;
    struct tm local;
    const time_t noon = 1700000000; /* 2023-11-14T22:13:20Z */
    assert_int_equal(commons_take_zone(commons, "Asia/Shanghai", &error), STATUS_OK);
    assert_int_equal(commons_take_zone(commons, "Asia/Shanghai", &error), STATUS_OK);
    assert_int_equal(commons_take_zone(commons, "Europe/Stockholm", &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "Asia/Shanghai"));
    assert_non_null(localtime_r(&noon, &local));
    if (access("/usr/share/zoneinfo/Asia/Shanghai", R_OK) == 0) {
        assert_int_equal(local.tm_hour, 6);
    }
    commons_release_zone(commons); /* one still has it */
    assert_int_equal(commons_take_zone(commons, "Europe/Stockholm", &error), STATUS_BAD_INPUT);
    commons_release_zone(commons);
    assert_int_equal(commons_take_zone(commons, "Europe/Stockholm", &error), STATUS_OK);
    assert_int_equal(commons_take_zone(commons, "Asia/Shanghai", &error), STATUS_BAD_INPUT);
    assert_non_null(localtime_r(&noon, &local));
    if (access("/usr/share/zoneinfo/Europe/Stockholm", R_OK) == 0) {
        assert_int_equal(local.tm_hour, 23);
    }
    commons_release_zone(commons);
    commons_destroy(commons);
}

/* 5000 descriptors: 160 are the process's, of the rest each of ten centres keeps 96 for itself. */
static void test_centres_share_the_descriptors(void **state)
{
    (void)state;
    const struct rlimit few = { .rlim_cur = 5000, .rlim_max = 5000 };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct commons *alone = make(1), *ten = make(10);
    assert_int_equal(commons_connections(alone, 4000), 4000);
    assert_int_equal(commons_connections(alone, 4900), 4744);
    assert_int_equal(commons_connections(ten, 4000), 388);
    assert_int_equal(commons_connections(ten, 100), 100);
    commons_destroy(alone);
    commons_destroy(ten);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_console_is_read_once),
        cmocka_unit_test(test_what_cannot_be_opened_says_why),
        cmocka_unit_test(test_a_process_has_one_time_zone),
        cmocka_unit_test(test_centres_share_the_descriptors),
    };
    return cmocka_run_group_tests_name("host/commons", tests, NULL, NULL);
}
