/* Expected numbers were computed by another program: int(digits) % 97 in Python. */
#include "host/paper_number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void known_numbers(void **state)
{
    (void)state;
    char run[PAPER_RUN_SIZE], text[PAPER_NUMBER_SIZE];
    paper_run_name(26, 11, 22, 407, run);
    assert_string_equal(run, "261122-407");
    uint64_t number = paper_number(run, 17);
    assert_int_equal(number, INT64_C(261122407001787));
    paper_number_text(number, text);
    assert_string_equal(text, "261122-407-0017-87");
    paper_run_name(5, 1, 2, 3, run);
    paper_number_text(paper_number(run, 9999), text);
    assert_string_equal(text, "050102-003-9999-39");
    assert_true(paper_number_is_valid(number));
}

static void what_is_typed(void **state)
{
    (void)state;
    uint64_t number = 0;
    assert_true(paper_number_read("261122-407-0017-87", &number));
    assert_int_equal(number, INT64_C(261122407001787));
    assert_false(paper_number_read("", &number));
    assert_false(paper_number_read("261122-407-0017", &number));
    assert_false(paper_number_read("261122-407-0017-5x", &number));
    assert_false(paper_number_read("0000000000000000000000000000000001", &number));
    assert_false(paper_number_read("000000-000-0000-01", &number));
}

/* Each single wrong digit, and each two that changed places, is found. */
static void mistakes_are_found(void **state)
{
    (void)state;
    uint64_t number = 0;
    char digits[16] = "261122407001787";
    for (size_t i = 0; i < 15; i++) {
        char right = digits[i];
        for (char wrong = '0'; wrong <= '9'; wrong++) {
            digits[i] = wrong;
            assert_int_equal(paper_number_read(digits, &number), wrong == right);
        }
        digits[i] = right;
        for (size_t j = i + 1; j < 15; j++) {
            digits[i] = digits[j];
            digits[j] = right;
            assert_int_equal(paper_number_read(digits, &number), digits[i] == digits[j]);
            digits[j] = digits[i];
            digits[i] = right;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_numbers),
        cmocka_unit_test(what_is_typed),
        cmocka_unit_test(mistakes_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
