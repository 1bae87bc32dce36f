#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

VEC_TYPE(number_vec, uint32_t);

static void test_grows_and_keeps_what_it_holds(void **state)
{
    (void)state;
    struct number_vec numbers = { 0 };
    for (uint32_t i = 0; i < 10000; i++) {
        assert_true(vec_push(&numbers, i * 3));
    }
    assert_int_equal(numbers.count, 10000);
    assert_true(numbers.capacity < 16000);
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(numbers.items[i], i * 3);
    }
    vec_free(&numbers);
    assert_null(numbers.items);
    assert_int_equal(numbers.capacity, 0);
}

static void test_refuses_what_no_machine_has(void **state)
{
    (void)state;
    struct number_vec numbers = { 0 };
    assert_true(vec_push(&numbers, 1));
    uint32_t *items = numbers.items;
    assert_false(vec_reserve(&numbers, SIZE_MAX / 2));
    assert_ptr_equal(numbers.items, items);
    assert_int_equal(numbers.items[0], 1);
    vec_free(&numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_and_keeps_what_it_holds),
        cmocka_unit_test(test_refuses_what_no_machine_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
