#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/table.h"

static const char TWO_TABLES[] = "miscData,1,,\r\n"
                                 "arcForm,numModes,\r\n"
                                 "directed,2\n"
                                 ",\r\n"
                                 "arcs,2,,\r\n"
                                 "index,fromNode,toNode,mode_1,\r\n"
                                 "1.0,5.0,6.0,1e-5\n"
                                 "2.0,6.0,5.0,\"2.5e-5\"\n"
                                 ",\r\n";

static void finds_tables_in_any_order(void **state)
{
    (void)state;
    struct table_reader reader;
    struct error error;
    int columns[3];
    bool row_read;
    table_open_bytes(&reader, "arcs.csv", TWO_TABLES, sizeof TWO_TABLES - 1);
    assert_int_equal(table_find(&reader, "arcs", (const char *const[]){ "index", "mode_1", "?distance", NULL }, columns, &error),
                     STATUS_OK);
    assert_int_equal(columns[2], -1);
    int64_t index;
    double days;
    assert_int_equal(table_next(&reader, &row_read, &error), STATUS_OK);
    assert_true(row_read);
    assert_int_equal(table_next(&reader, &row_read, &error), STATUS_OK);
    assert_int_equal(csv_int(&reader.csv, columns[0], "index", 1, 9, &index, &error), STATUS_OK);
    assert_int_equal(index, 2);
    assert_int_equal(csv_double(&reader.csv, columns[1], "mode_1", 0, 1, &days, &error), STATUS_OK);
    assert_true(days > 2.4e-5 && days < 2.6e-5);
    assert_int_equal(table_next(&reader, &row_read, &error), STATUS_OK);
    assert_false(row_read);
    assert_int_equal(table_next(&reader, &row_read, &error), STATUS_OK);
    assert_false(row_read);
    assert_int_equal(table_find(&reader, "miscData", (const char *const[]){ "arcForm", NULL }, columns, &error), STATUS_OK);
    assert_int_equal(table_next(&reader, &row_read, &error), STATUS_OK);
    assert_true(row_read && csv_equals(&reader.csv, columns[0], "directed"));
    table_close(&reader);
}

static void a_blank_line_ends_a_table(void **state)
{
    (void)state;
    static const char BYTES[] = "a\nx\n1\n\nb\nx\n2\n3\n";
    struct table_reader reader;
    struct error error;
    int column;
    bool row_read;
    int rows = 0;
    table_open_bytes(&reader, "t.csv", BYTES, sizeof BYTES - 1);
    assert_int_equal(table_find(&reader, "b", (const char *const[]){ "x", NULL }, &column, &error), STATUS_OK);
    do {
        assert_int_equal(table_next(&reader, &row_read, &error), STATUS_OK);
        rows += row_read;
    } while (row_read);
    assert_int_equal(rows, 2);
    assert_int_equal(table_find(&reader, "a", (const char *const[]){ "x", NULL }, &column, &error), STATUS_OK);
    for (rows = 0, row_read = true; row_read; rows += row_read) {
        assert_int_equal(table_next(&reader, &row_read, &error), STATUS_OK);
    }
    assert_int_equal(rows, 1);
    table_close(&reader);
}

static void refuses_with_file_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *says;
        enum status status;
    } CASES[] = {
        { "nodes,3\nindex\n1\n2\n", "t.csv:1: table \"nodes\" says that it has 3 rows, but has 2", STATUS_BAD_INPUT },
        { "nodes\nx,y\n1,2\n", "t.csv:2: no column \"index\"", STATUS_BAD_INPUT },
        { "nodes,3\n", "t.csv:1: table \"nodes\" has no line of column names", STATUS_BAD_INPUT },
        { "other\nindex\n1\n,\nmore\nx\n", "t.csv: no table \"nodes\"; the file has: other, more", STATUS_NOT_FOUND },
        { "", "t.csv: no table \"nodes\"; the file has: none", STATUS_NOT_FOUND },
        { "nodes\nindex\n\"1\n", "t.csv:3: a quoted field is never closed", STATUS_BAD_INPUT },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        struct table_reader reader;
        struct error error;
        int column;
        bool row_read = true;
        table_open_bytes(&reader, "t.csv", CASES[i].bytes, strlen(CASES[i].bytes));
        enum status status = table_find(&reader, "nodes", (const char *const[]){ "index", NULL }, &column, &error);
        while (status == STATUS_OK && row_read) {
            status = table_next(&reader, &row_read, &error);
        }
        assert_int_equal(status, CASES[i].status);
        assert_non_null(strstr(error.text, CASES[i].says));
        table_close(&reader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_tables_in_any_order),
        cmocka_unit_test(a_blank_line_ends_a_table),
        cmocka_unit_test(refuses_with_file_and_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
