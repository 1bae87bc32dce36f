#include "base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_error_says_what_and_where(void **state)
{
    (void)state;
    struct error error;
    int line = __LINE__ + 1;
    assert_int_equal(ERROR(&error, STATUS_IO, "%s: %d", "disk", 5), STATUS_IO);
    assert_int_equal(error.status, STATUS_IO);
    assert_string_equal(error.text, "disk: 5");
    assert_int_equal(error.source_line, line);
    assert_non_null(strstr(error.source_file, "status_test.c"));
}

static void test_prefix_keeps_the_text(void **state)
{
    (void)state;
    struct error error;
    enum status status = ERROR(&error, STATUS_BAD_INPUT, "a negative duration");
    assert_int_equal(error_prefix(&error, "%s:%d: ", "shifts.csv", 12), status);
    assert_string_equal(error.text, "shifts.csv:12: a negative duration");
}

static void test_long_texts_end_in_dots(void **state)
{
    (void)state;
    char longest[ERROR_TEXT_MAX + 100];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    struct error error;
    (void)ERROR(&error, STATUS_IO, "%s", longest);
    assert_int_equal(strlen(error.text), ERROR_TEXT_MAX - 1);
    assert_string_equal(error.text + ERROR_TEXT_MAX - 5, "x...");
    (void)ERROR(&error, STATUS_IO, "%.*s", ERROR_TEXT_MAX - 2, longest);
    assert_null(strstr(error.text, "..."));
    error_prefix(&error, "file: ");
    assert_memory_equal(error.text, "file: xxx", 9);
    assert_string_equal(error.text + ERROR_TEXT_MAX - 5, "x...");
    error_prefix(&error, "%s", longest);
    assert_string_equal(error.text + ERROR_TEXT_MAX - 5, "x...");
}

static enum status try_it(enum status first, int *reached)
{
    TRY(first);
    *reached += 1;
    return STATUS_FULL;
}

static enum status try_goto(enum status first, int *released)
{
    enum status status = STATUS_OK;
    TRY_GOTO(first, out);
    status = STATUS_FULL;
out:
    *released += 1;
    return status;
}

static void test_try_leaves_on_failure_only(void **state)
{
    (void)state;
    int reached = 0, released = 0;
    assert_int_equal(try_it(STATUS_CORRUPT, &reached), STATUS_CORRUPT);
    assert_int_equal(reached, 0);
    assert_int_equal(try_it(STATUS_OK, &reached), STATUS_FULL);
    assert_int_equal(reached, 1);
    assert_int_equal(try_goto(STATUS_CORRUPT, &released), STATUS_CORRUPT);
    assert_int_equal(try_goto(STATUS_OK, &released), STATUS_FULL);
    assert_int_equal(released, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_says_what_and_where),
        cmocka_unit_test(test_prefix_keeps_the_text),
        cmocka_unit_test(test_long_texts_end_in_dots),
        cmocka_unit_test(test_try_leaves_on_failure_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
