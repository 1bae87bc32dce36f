/* Tables of places: what is read, and every refusal with file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "road/import.h"
#include "road/place_table.h"
#include "road/town_sample.h"

static const char NODES[] = "nodes,3,,\nindex,x,y,offRoadAccess\n10,0,0,1\n3,0.01,0,1\n7,0.02,0,1\n,\n";
static const char ARCS[] =
    "miscData,1,,\narcForm,numModes\ndirected,2\n,\narcs,4,,\nindex,fromNode,toNode,distance,mode_1,mode_2\n"
    "1,10,3,1.1,1e-3,2e-3\n2,3,7,1.1,1e-3,2e-3\n3,7,3,1.1,1e-3,2e-3\n4,3,10,1.1,1e-3,2e-3\n,\n";

static int make_city(void **state)
{
    struct error error;
    struct city *city;
    char *folder = sample_folder();
    char *nodes = file_join(folder, "nodes.csv"), *arcs = file_join(folder, "arcs.csv"), *output = file_join(folder, "x.city");
    bool made = file_write_whole(nodes, NODES, strlen(NODES), &error) == STATUS_OK &&
                file_write_whole(arcs, ARCS, strlen(ARCS), &error) == STATUS_OK &&
                import_city(&(struct import_options){ .arcs = folder, .name = "Three", .output = output }, &error) == STATUS_OK &&
                city_open(output, &city, &error) == STATUS_OK;
    free(nodes);
    free(arcs);
    free(output);
    sample_folder_remove(folder);
    *state = made ? city : NULL;
    return !made;
}

static int close_city(void **state)
{
    city_close(*state);
    return 0;
}

static void places_are_read(void **state)
{
    static const char *const tables[] = {
        "id,node\n医院,10\n\"a, \"\"b\"\"\",7\n",
        "\xEF\xBB\xBFlat,id,lon\r\n0,医院,0\r\n\r\n0.0001,\"a, \"\"b\"\"\",0.0201\r\n",
        "id,node,\n医院,10,\n\"a, \"\"b\"\"\",7,\n",
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct place_table table;
        struct error error;
        assert_int_equal(place_table_read_bytes("t.csv", tables[i], strlen(tables[i]), *state, ROAD_EMERGENCY, &table, &error),
                         STATUS_OK);
        assert_int_equal(table.count, 2);
        assert_string_equal(table.places[0].id, "医院");
        assert_string_equal(table.places[1].id, "a, \"b\"");
        place_table_free(&table);
    }
    struct place_table none;
    struct error error;
    assert_int_equal(place_table_read_bytes("t.csv", "id,node\n", 8, *state, ROAD_EMERGENCY, &none, &error), STATUS_OK);
    assert_int_equal(none.count, 0);
    place_table_free(&none);
}

static void refusals_name_file_and_line(void **state)
{
    static const struct {
        const char *bytes, *told;
    } cases[] = {
        { "", "t.csv:1: the file is empty" },
        { "id,lon\na,0\n", "t.csv:1: the columns must be" },
        { "id,node,height\na,3,1\n", "t.csv:1: unknown column \"height\"" },
        { "id,node\na,3\n\nb,4\n", "t.csv:4: column node: Three has no node 4" },
        { "id,node\na,-3\n", "t.csv:2: column \"node\" is \"-3\"" },
        { "id,node\na,1.5\n", "t.csv:2: column \"node\" is \"1.5\"" },
        { "id,node\n,3\n", "t.csv:2: column id: empty" },
        { "id,node\na,3\n\nb,7\na,10\n", "t.csv:5: column id: 'a' stands already in line 2" },
        { "id,lon,lat\na,0,01,0\n", "t.csv:2: has 4 fields, but the header 3" },
        { "id,lon,lat\na,10,50\n", "t.csv:2: 10,50 is more than 5000 m from every road" },
        { "id,lon,lat\na,0,nan\n", "t.csv:2: column \"lat\" is \"nan\"" },
        { "id,lon,lat\n\"a,0,0\n", "t.csv:2: a quoted field is never closed" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct place_table table;
        struct error error;
        assert_int_not_equal(
            place_table_read_bytes("t.csv", cases[i].bytes, strlen(cases[i].bytes), *state, ROAD_EMERGENCY, &table, &error),
            STATUS_OK);
        if (strncmp(error.text, cases[i].told, strlen(cases[i].told)) != 0) {
            fail_msg("%s: told as \"%s\"", cases[i].told, error.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_read),
        cmocka_unit_test(refusals_name_file_and_line),
    };
    return cmocka_run_group_tests(tests, make_city, close_city);
}
