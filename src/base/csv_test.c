#include "base/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Reads all rows and writes them as [a|b][c]; or the error's text. */
static const char *read_all(const char *bytes, size_t size, bool comments)
{
    static char out[4096];
    struct csv csv;
    struct error error;
    bool row_read = true;
    size_t used = 0;
    out[0] = '\0';
    csv_open(&csv, "f.csv", bytes, size, comments);
    while (row_read) {
        if (csv_next(&csv, &row_read, &error) != STATUS_OK) {
            snprintf(out, sizeof out, "%s", error.text);
            break;
        }
        for (size_t i = 0; row_read && i < csv.field_count; i++) {
            used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s%s", i == 0 ? "[" : "|", (int)csv.fields[i].length,
                                     csv.fields[i].bytes, i + 1 == csv.field_count ? "]" : "");
        }
    }
    csv_close(&csv);
    return out;
}

static const struct {
    const char *bytes, *rows;
} forms[] = {
    { "", "" },
    { "\n\r\n\n", "" },
    { "a,b\nc,d\n", "[a|b][c|d]" },
    { "a,b\r\nc,d", "[a|b][c|d]" },
    { "a,,b,\n,", "[a||b|][|]" },
    { "\xEF\xBB\xBF"
      "a\n",
      "[a]" },
    { "\"a,b\",\"c\"\"d\",\"\"\n", "[a,b|c\"d|]" },
    { "\"a\nb\",c\r\nd\n", "[a\nb|c][d]" },
    { "\"\"\"\"\n", "[\"]" },
    { "a\"b\n", "[a\"b]" },
    { " a , b \n", "[ a | b ]" },
    { "# no\na\n#no\n", "[a]" },
    { "\"a", "f.csv:1: a quoted field is never closed" },
    { "x\n\"a\n\n", "f.csv:2: a quoted field is never closed" },
    { "x\n\"a\nb\",c\ny,\"a\"b\n", "f.csv:4: text after the closing quote of a field" },
};

static void test_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        /* A copy of exactly the size, so that the sanitizer sees a read behind the end. */
        size_t size = strlen(forms[i].bytes);
        char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy + 1, forms[i].bytes, size);
        assert_string_equal(read_all(copy + 1, size, true), forms[i].rows);
        free(copy);
    }
    assert_string_equal(read_all("#a\n", 3, false), "[#a]");
}

static void test_limits_are_errors(void **state)
{
    (void)state;
    char commas[CSV_FIELDS_MAX + 1];
    memset(commas, ',', sizeof commas);
    assert_non_null(strstr(read_all(commas, CSV_FIELDS_MAX, false), "more than 256 columns"));
    assert_null(strstr(read_all(commas, CSV_FIELDS_MAX - 1, false), "more than"));
    size_t size = CSV_ROW_MAX + 10;
    char *row = malloc(size);
    assert_non_null(row);
    memset(row, 'x', size);
    assert_non_null(strstr(read_all(row, size, false), "a row of more than"));
    row[0] = '"';
    row[5] = row[6] = '"';
    row[size - 1] = '"';
    assert_non_null(strstr(read_all(row, size, false), "a row of more than"));
    free(row);
}

/* One row is opened under the name f.csv, and one typed access tried on its first column. */
static struct csv row_of(const char *bytes)
{
    struct csv csv;
    struct error error;
    bool row_read;
    csv_open(&csv, "f.csv", bytes, strlen(bytes), false);
    assert_int_equal(csv_next(&csv, &row_read, &error), STATUS_OK);
    assert_true(row_read);
    return csv;
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const not_numbers[] = { "a", "1 2", "1,", "0x10", "nan", "inf", "-INF", "1e999", "1.5.2", "--1", "," };
    double number = -1;
    int64_t whole = -1;
    struct error error;
    for (size_t i = 0; i < sizeof not_numbers / sizeof *not_numbers; i++) {
        struct csv csv = row_of(not_numbers[i]);
        bool first_is_one = strcmp(not_numbers[i], "1,") == 0;
        enum status expected = first_is_one ? STATUS_OK : STATUS_BAD_INPUT;
        assert_int_equal(csv_double(&csv, 0, "x", -1e300, 1e300, &number, &error), expected);
        assert_int_equal(csv_int(&csv, 0, "x", -100, 100, &whole, &error), expected);
        csv_close(&csv);
    }
    struct csv csv = row_of(" 17.0 , -2.5e1,99999999999999999999,5");
    assert_int_equal(csv_int(&csv, 0, "x", 0, 17, &whole, &error), STATUS_OK);
    assert_int_equal(whole, 17);
    assert_int_equal(csv_double(&csv, 1, "y", -25, 0, &number, &error), STATUS_OK);
    assert_true(number == -25);
    assert_int_equal(csv_int(&csv, 2, "z", INT64_MIN, INT64_MAX, &whole, &error), STATUS_BAD_INPUT);
    assert_int_equal(csv_int(&csv, 3, "z", 6, 9, &whole, &error), STATUS_BAD_INPUT);
    assert_string_equal(error.text, "f.csv:1: column \"z\" is \"5\", but must be a whole number from 6 to 9");
    assert_int_equal(csv_int(&csv, 4, "w", 0, 9, &whole, &error), STATUS_BAD_INPUT);
    assert_int_equal(whole, 17);
    csv_close(&csv);
}

static void test_text(void **state)
{
    (void)state;
    char target[6] = "keep";
    struct error error;
    struct csv csv = row_of("Göte,123456,a\x01,\xC3(");
    assert_int_equal(csv_text(&csv, 1, "x", target, sizeof target, &error), STATUS_BAD_INPUT);
    assert_int_equal(csv_text(&csv, 2, "x", target, sizeof target, &error), STATUS_BAD_INPUT);
    assert_int_equal(csv_text(&csv, 3, "x", target, sizeof target, &error), STATUS_BAD_INPUT);
    assert_string_equal(target, "keep");
    assert_int_equal(csv_text(&csv, 0, "x", target, sizeof target, &error), STATUS_OK);
    assert_string_equal(target, "Göte");
    assert_true(csv_equals(&csv, 1, "123456"));
    assert_false(csv_is_empty(&csv, 1));
    assert_true(csv_is_empty(&csv, 9));
    csv_close(&csv);
}

static void test_header(void **state)
{
    (void)state;
    static const char *const names[] = { "id", "lon", "?note", NULL };
    int column_of[3];
    struct error error;
    struct csv csv = row_of("lon, id ,extra");
    assert_int_equal(csv_header(&csv, names, column_of, false, &error), STATUS_OK);
    assert_int_equal(column_of[0], 1);
    assert_int_equal(column_of[1], 0);
    assert_int_equal(column_of[2], -1);
    assert_int_equal(csv_header(&csv, names, column_of, true, &error), STATUS_BAD_INPUT);
    assert_string_equal(error.text, "f.csv:1: unknown column \"extra\"; known are: id, lon, note");
    csv_close(&csv);
    csv = row_of("id,note");
    assert_int_equal(csv_header(&csv, names, column_of, false, &error), STATUS_BAD_INPUT);
    assert_string_equal(error.text, "f.csv:1: no column \"lon\"; the header has: id, note");
    csv_close(&csv);
    csv = row_of("id,lon,id");
    assert_int_equal(csv_header(&csv, names, column_of, false, &error), STATUS_BAD_INPUT);
    assert_string_equal(error.text, "f.csv:1: column \"id\" stands twice");
    csv_close(&csv);
}

static void test_rows_wider_than_the_header(void **state)
{
    (void)state;
    static const char *const names[] = { "id", "lon", NULL };
    static const char text[] = "id,lon\na,1\nb,2,\nc\nd,8,61\n";
    int column_of[2];
    struct error error;
    struct csv csv;
    bool row_read;
    csv_open(&csv, "f.csv", text, sizeof text - 1, false);
    assert_int_equal(csv_next(&csv, &row_read, &error), STATUS_OK);
    assert_int_equal(csv_header(&csv, names, column_of, true, &error), STATUS_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(csv_next(&csv, &row_read, &error), STATUS_OK);
        assert_true(row_read);
    }
    assert_int_equal(csv_next(&csv, &row_read, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "f.csv:5: has 3 fields, but the header 2"));
    assert_false(row_read);
    csv_close(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),   cmocka_unit_test(test_limits_are_errors),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_text),
        cmocka_unit_test(test_header),  cmocka_unit_test(test_rows_wider_than_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
