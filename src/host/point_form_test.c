#include "host/point_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_points(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",     "1",    "1,",    ",1",    "1,2,3",  "1;2",   " 1,2",  "1, 2", "1,2 ", "+1,2",   "1e1,2",
        "1.,2", "1,.5", "--1,2", "181,0", "0,90.1", "nan,1", "0x1,2", "-,1",  "1,-",  "1..2,3", "1234567890123456,1"
    };
    struct geo_point point;
    assert_true(point_form_read("11.9746,57.7089", &point));
    assert_int_equal(point.lon_e7, 119746000);
    assert_int_equal(point.lat_e7, 577089000);
    assert_true(point_form_read("-180,-90", &point));
    assert_int_equal(point.lon_e7, -1800000000);
    assert_int_equal(point.lat_e7, -900000000);
    assert_true(point_form_read("0,-0.0000001", &point));
    assert_int_equal(point.lat_e7, -1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(point_form_read(bad[i], &point));
    }
}

static void test_rising(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "0", "-1", "4,", ",4", "4,4", "8,4", "241", "4 8", "1,2,3,4", "4;8" };
    double numbers[3];
    uint32_t count;
    assert_true(point_form_read_rising("0.5,8,240", 240, 3, numbers, &count));
    assert_int_equal(count, 3);
    assert_true(numbers[0] > 0.4999 && numbers[0] < 0.5001 && numbers[1] > 7.9 && numbers[1] < 8.1 && numbers[2] > 239.9);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(point_form_read_rising(bad[i], 240, 3, numbers, &count));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_rising),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
