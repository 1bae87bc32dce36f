#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "host/directory.h"
#include "store/store.h"

struct tables {
    char folder[64];
    struct sql *sql;
};

static struct tables tables;
static struct error error;

static void must(enum status status)
{
    if (status != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

static int begin(void **state)
{
    (void)state;
    struct store store;
    (void)snprintf(tables.folder, sizeof tables.folder, "%s", "/tmp/mingdi-directory-XXXXXX");
    assert_non_null(mkdtemp(tables.folder));
    must(store_parse(tables.folder, NULL, false, &store, &error));
    must(store_tables_open(&store, SQL_CENTRE, false, &tables.sql, &error));
    return 0;
}

static int end(void **state)
{
    (void)state;
    sql_close(tables.sql);
    return folder_remove(tables.folder) ? 0 : -1;
}

static void add(const char *kind, int64_t id, const char *code, const char *name, int64_t district, const char *detail)
{
    must(sql_run(tables.sql, "INSERT INTO directory(kind, id, code, name, district, detail) VALUES($1, $2, $3, $4, $5, $6)",
                 SQL_PARAMETERS(sql_text(kind), sql_int(id), sql_text(code), sql_text(name), sql_int(district), sql_text(detail)),
                 NULL, &error));
}

static struct geo_point at(double lon, double lat)
{
    struct geo_point point;
    assert_true(geo_point_from_degrees(lon, lat, &point));
    return point;
}

/* Two squares side by side, the second with a hole; a third district in two parts; a fourth without a shape. */
static void add_districts(void)
{
    add("district", 1, "w", "西", 0, "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[10,0],[10,10],[0,10],[0,0]]]}");
    add("district", 2, "e", "东", 0,
        "{\"type\":\"Polygon\",\"coordinates\":[[[10,0],[20,0],[20,10],[10,10],[10,0]],[[14,4],[16,4],[16,6],[14,6],[14,4]]]}");
    add("district", 3, "i", "Islands", 0,
        "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[30,0],[31,0],[31,1],[30,1],[30,0]]],[[[40,0],[41,0],[41,1],[40,1],[40,0]]"
        "]]}");
    add("district", 4, "n", "No shape", 0, "");
}

static void test_names_and_order(void **state)
{
    (void)state;
    struct directory *directory = NULL;
    add("unit", 30, "A30", "Thirty", 2, "{}");
    add("unit", 2, "A2", "急救二号", 1, "{}");
    add("unit", 7, "A7", "Seven", 0, "{}");
    add("seat", 1, "C1", "Call-taker 1", 0, "{\"desk\":\"call_taker\"}");
    add("something newer", 1, "x", "x", 0, "");
    must(directory_load(tables.sql, &directory, &error));
    assert_int_equal(directory_count(directory, DIRECTORY_UNIT), 3);
    assert_int_equal(directory_count(directory, DIRECTORY_POST), 0);
    assert_string_equal(directory_find(directory, DIRECTORY_UNIT, 2)->name, "急救二号");
    assert_string_equal(directory_find(directory, DIRECTORY_UNIT, 30)->code, "A30");
    assert_int_equal(directory_find(directory, DIRECTORY_UNIT, 30)->district, 2);
    assert_null(directory_find(directory, DIRECTORY_UNIT, 0));
    assert_null(directory_find(directory, DIRECTORY_UNIT, 3));
    assert_null(directory_find(directory, DIRECTORY_UNIT, 31));
    assert_null(directory_find(directory, DIRECTORY_POST, 2));
    assert_int_equal(directory_at(directory, DIRECTORY_UNIT, 1)->id, 7);
    assert_null(directory_at(directory, DIRECTORY_UNIT, 3));
    assert_int_equal(directory_district_of(directory, at(5, 5)), 0);
    directory_free(directory);
}

static void test_districts_by_place(void **state)
{
    (void)state;
    struct directory *directory = NULL;
    add_districts();
    must(directory_load(tables.sql, &directory, &error));
    assert_int_equal(directory_district_of(directory, at(5, 5)), 1);
    assert_int_equal(directory_district_of(directory, at(10, 5)), 1); /* the border: the first */
    assert_int_equal(directory_district_of(directory, at(12, 5)), 2);
    assert_int_equal(directory_district_of(directory, at(15, 5)), 0); /* the hole */
    assert_int_equal(directory_district_of(directory, at(30.5, 0.5)), 3);
    assert_int_equal(directory_district_of(directory, at(40.5, 0.5)), 3);
    assert_int_equal(directory_district_of(directory, at(35, 0.5)), 0);
    directory_free(directory);
}

static void test_broken_rows_are_told(void **state)
{
    (void)state;
    static const char *const shapes[] = { "{",
                                          "[]",
                                          "{\"type\":\"Point\",\"coordinates\":[1,2]}",
                                          "{\"type\":\"Polygon\"}",
                                          "{\"type\":\"Polygon\",\"coordinates\":[[[1,\"a\"]]]}",
                                          "{\"type\":\"Polygon\",\"coordinates\":[[[500,1]]]}" };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct directory *directory = NULL;
        add("district", 9, "b", "Broken", 0, shapes[i]);
        assert_int_equal(directory_load(tables.sql, &directory, &error), STATUS_CORRUPT);
        assert_non_null(strstr(error.text, "district 9"));
        must(sql_run(tables.sql, "DELETE FROM directory", SQL_NO_PARAMETERS, NULL, &error));
    }
    struct directory *directory = NULL;
    add("unit", -4, "b", "Broken", 0, "");
    assert_int_equal(directory_load(tables.sql, &directory, &error), STATUS_CORRUPT);
}

/* What is put in is found in memory, and after a new start. */
static void test_administration(void **state)
{
    (void)state;
    struct directory *directory;
    add("unit", 1, "u1", "One", 1, "{\"vehicle\":\"car\"}");
    add("unit", 7, "u7", "Seven", 1, "");
    must(directory_load(tables.sql, &directory, &error));
    struct directory_entry entry = { .id = 3, .district = 2, .code = "u3", .name = "三", .desk = "" };
    assert_true(directory_put(directory, DIRECTORY_UNIT, &entry));
    must(directory_write(tables.sql, DIRECTORY_UNIT, &entry, &error));
    entry = (struct directory_entry){ .id = 1, .district = 3, .code = "u1b", .name = "One more", .desk = "" };
    assert_true(directory_put(directory, DIRECTORY_UNIT, &entry));
    must(directory_write(tables.sql, DIRECTORY_UNIT, &entry, &error));
    entry = (struct directory_entry){ .id = 2, .code = "s2", .name = "Seat", .desk = "dispatcher" };
    assert_true(directory_put(directory, DIRECTORY_SEAT, &entry));
    must(directory_write(tables.sql, DIRECTORY_SEAT, &entry, &error));
    for (int round = 0; round < 2; round++) {
        assert_int_equal(directory_count(directory, DIRECTORY_UNIT), 3);
        assert_int_equal(directory_at(directory, DIRECTORY_UNIT, 1)->id, 3);
        assert_string_equal(directory_find(directory, DIRECTORY_UNIT, 1)->name, "One more");
        assert_int_equal(directory_find(directory, DIRECTORY_UNIT, 1)->district, 3);
        assert_int_equal(directory_find_code(directory, DIRECTORY_UNIT, "u3")->id, 3);
        assert_null(directory_find_code(directory, DIRECTORY_UNIT, "u1"));
        assert_null(directory_find_code(directory, DIRECTORY_POST, "u3"));
        assert_string_equal(directory_find(directory, DIRECTORY_SEAT, 2)->desk, "dispatcher");
        directory_free(directory);
        must(directory_load(tables.sql, &directory, &error));
    }
    entry = (struct directory_entry){ .id = 4, .code = "u7", .name = "Four", .desk = "" };
    assert_int_equal(directory_write(tables.sql, DIRECTORY_UNIT, &entry, &error), STATUS_BAD_INPUT);
    assert_true(sql_is_conflict(tables.sql));
    directory_free(directory);
}

static enum status take_text(void *context, const struct sql_row *row, struct error *ignored)
{
    (void)ignored;
    (void)snprintf(context, 64, "%s", sql_row_text(row, 0));
    return STATUS_OK;
}

static void test_names_of_nothing(void **state)
{
    (void)state;
    struct directory *directory;
    uint32_t dropped;
    char detail[64] = "";
    add("unit", 1, "u1", "One", 1, "{\"vehicle\":\"car\"}");
    add("unit", 2, "u2", "Two", 1, "");
    add("unit", 3, "u3", "Three", 1, "");
    add("post", 3, "p3", "Three", 1, "");
    must(directory_load(tables.sql, &directory, &error));
    must(directory_drop_beyond(tables.sql, directory, DIRECTORY_UNIT, 3, &dropped, &error));
    assert_int_equal(dropped, 0);
    must(directory_drop_beyond(tables.sql, directory, DIRECTORY_UNIT, 1, &dropped, &error));
    assert_int_equal(dropped, 2);
    assert_int_equal(directory_count(directory, DIRECTORY_UNIT), 1);
    directory_free(directory);
    must(directory_load(tables.sql, &directory, &error));
    assert_int_equal(directory_count(directory, DIRECTORY_UNIT), 1);
    assert_int_equal(directory_count(directory, DIRECTORY_POST), 1);
    struct directory_entry entry = { .id = 1, .code = "u1", .name = "One", .desk = "" };
    must(directory_write(tables.sql, DIRECTORY_UNIT, &entry, &error));
    must(sql_query(tables.sql, "SELECT detail FROM directory WHERE kind = 'unit' AND id = 1", SQL_NO_PARAMETERS, take_text,
                   detail, NULL, &error));
    assert_string_equal(detail, "{\"vehicle\":\"car\"}"); /* a new name leaves it */
    must(directory_erase(tables.sql, DIRECTORY_UNIT, 1, &error));
    directory_free(directory);
    must(directory_load(tables.sql, &directory, &error));
    assert_int_equal(directory_count(directory, DIRECTORY_UNIT), 0);
    directory_free(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_and_order, begin, end),
        cmocka_unit_test_setup_teardown(test_districts_by_place, begin, end),
        cmocka_unit_test_setup_teardown(test_broken_rows_are_told, begin, end),
        cmocka_unit_test_setup_teardown(test_administration, begin, end),
        cmocka_unit_test_setup_teardown(test_names_of_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
