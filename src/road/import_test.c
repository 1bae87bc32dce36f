/* The import as a whole: small towns with a question each, and what the file tells about itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/file.h"
#include "road/import.h"
#include "road/town_sample.h"

#define STREET "highway=residential"

struct question {
    enum road_profile profile;
    char from, to;
    const char *route; /* "" : none */
};

struct story {
    const char *name;
    struct town town;
    struct question questions[10]; /* end with from 0 */
};

/* A block with a way round it. */
#define BLOCK "abc\nd e\nfgh\n"

static const struct story STORIES[] = {
    { "one-ways bind vehicles, not walkers",
      { .map = "abc\ndef\n", .ways = { { "abc", STREET "|oneway=yes" }, { "cf", STREET }, { "fed", STREET }, { "da", STREET } } },
      { { ROAD_NORMAL, 'a', 'c', "abc" },
        { ROAD_NORMAL, 'c', 'a', "cfeda" },
        { ROAD_EMERGENCY, 'c', 'a', "cfeda" },
        { ROAD_FOOT, 'c', 'a', "cba" } } },
    { "against the drawing direction",
      { .map = "abc\ndef\n", .ways = { { "abc", STREET "|oneway=-1" }, { "cf", STREET }, { "fed", STREET }, { "da", STREET } } },
      { { ROAD_NORMAL, 'c', 'a', "cba" }, { ROAD_NORMAL, 'a', 'c', "adefc" } } },
    { "a roundabout turns one way only",
      { .map = "  e  \n  b  \nga ch\n  d  \n  f  \n",
        .ways = { { "adcba", STREET "|junction=roundabout" },
                  { "ga", STREET },
                  { "ch", STREET },
                  { "eb", STREET },
                  { "df", STREET } } },
      { { ROAD_NORMAL, 'g', 'e', "gadcbe" }, { ROAD_NORMAL, 'a', 'd', "ad" }, { ROAD_FOOT, 'a', 'b', "ab" } } },
    { "a contraflow bus lane serves an ambulance on a call",
      { .map = "abc\ndef\n",
        .ways = { { "abc", STREET "|oneway=yes|oneway:bus=no" }, { "cf", STREET }, { "fed", STREET }, { "da", STREET } } },
      { { ROAD_NORMAL, 'c', 'a', "cfeda" }, { ROAD_EMERGENCY, 'c', 'a', "cba" } } },
    { "a bollard stops cars, not walkers; both its sides can be reached",
      { .map = BLOCK,
        .ways = { { "abc", STREET }, { "ceh", STREET }, { "adf", STREET }, { "fgh", STREET } },
        .nodes = { { "b", "barrier=bollard" } } },
      { { ROAD_NORMAL, 'a', 'c', "adfghec" },
        { ROAD_EMERGENCY, 'a', 'c', "adfghec" },
        { ROAD_FOOT, 'a', 'c', "abc" },
        { ROAD_NORMAL, 'a', 'b', "ab" },
        { ROAD_NORMAL, 'c', 'b', "cb" } } },
    { "a bollard for emergency=yes opens for them",
      { .map = BLOCK,
        .ways = { { "abc", STREET }, { "ceh", STREET }, { "adf", STREET }, { "fgh", STREET } },
        .nodes = { { "b", "barrier=bollard|emergency=yes" } } },
      { { ROAD_NORMAL, 'a', 'c', "adfghec" }, { ROAD_EMERGENCY, 'a', 'c', "abc" } } },
    { "a private gate costs an ambulance time and stops the others",
      { .map = BLOCK,
        .ways = { { "abc", STREET }, { "ceh", STREET }, { "adf", STREET }, { "fgh", STREET } },
        .nodes = { { "b", "barrier=gate|access=private" } } },
      { { ROAD_NORMAL, 'a', 'c', "adfghec" }, { ROAD_EMERGENCY, 'a', 'c', "abc" }, { ROAD_FOOT, 'a', 'c', "adfghec" } } },
    { "a bollard where three streets meet parts them all",
      { .map = "abc\n d \n",
        .ways = { { "ab", STREET }, { "bc", STREET }, { "bd", STREET } },
        .nodes = { { "b", "barrier=block" } } },
      { { ROAD_NORMAL, 'a', 'c', "" },
        { ROAD_NORMAL, 'c', 'd', "" },
        { ROAD_NORMAL, 'd', 'b', "db" },
        { ROAD_FOOT, 'a', 'd', "abd" } } },
    { "a wall in the way parts even walkers",
      { .map = "abc\n", .ways = { { "abc", STREET } }, .nodes = { { "b", "barrier=wall" } } },
      { { ROAD_FOOT, 'a', 'c', "" }, { ROAD_FOOT, 'a', 'b', "ab" }, { ROAD_NORMAL, 'b', 'c', "bc" } } },
    { "private roads and pedestrian streets",
      { .map = BLOCK, .ways = { { "abc", STREET "|access=private" }, { "ceh", STREET }, { "adf", STREET }, { "fgh", STREET } } },
      { { ROAD_NORMAL, 'a', 'c', "adfghec" }, { ROAD_EMERGENCY, 'a', 'c', "abc" }, { ROAD_FOOT, 'a', 'c', "adfghec" } } },
    { "no left turn binds ordinary traffic only",
      { .map = "abc\n d \n e \n",
        .ways = { { "ab", STREET }, { "bc", STREET }, { "bde", STREET } },
        .restrictions = { { "ab", "b", "bde", "restriction=no_right_turn" } } },
      { { ROAD_NORMAL, 'a', 'e', "abcbde" },
        { ROAD_EMERGENCY, 'a', 'e', "abde" },
        { ROAD_FOOT, 'a', 'e', "abde" },
        { ROAD_NORMAL, 'c', 'e', "cbde" } } },
    { "exceptions free",
      { .map = "abc\n d \n e \n",
        .ways = { { "ab", STREET }, { "bc", STREET }, { "bde", STREET } },
        .restrictions = { { "ab", "b", "bde", "restriction=no_right_turn|except=motorcar" } } },
      { { ROAD_NORMAL, 'a', 'e', "abde" } } },
    { "restriction:emergency binds an ambulance on a call",
      { .map = "abc\n d \n e \n",
        .ways = { { "ab", STREET }, { "bc", STREET }, { "bde", STREET } },
        .restrictions = { { "ab", "b", "bde", "restriction:emergency=no_right_turn" } } },
      { { ROAD_NORMAL, 'a', 'e', "abde" }, { ROAD_EMERGENCY, 'a', 'e', "abcbde" } } },
    { "only straight on forbids all else, turning round too",
      { .map = "abc\n d \n e \n",
        .ways = { { "ab", STREET }, { "bc", STREET }, { "bde", STREET } },
        .restrictions = { { "ab", "b", "bc", "restriction=only_straight_on" } } },
      { { ROAD_NORMAL, 'a', 'e', "abcbde" }, { ROAD_NORMAL, 'a', 'c', "abc" }, { ROAD_EMERGENCY, 'a', 'e', "abde" } } },
    { "no turning round",
      { .map = "abc\n",
        .ways = { { "ab", STREET }, { "bc", STREET } },
        .restrictions = { { "ab", "b", "ab", "restriction=no_u_turn" } } },
      { { ROAD_NORMAL, 'a', 'c', "abc" } } },
    { "a restriction through a via way",
      { .map = "a f\nbcd\n  g\ne  \n",
        .ways = { { "ab", STREET }, { "be", STREET }, { "bcd", STREET }, { "df", STREET }, { "dg", STREET } },
        .restrictions = { { "ab", "bcd", "df", "restriction=no_u_turn" } } },
      { { ROAD_NORMAL, 'a', 'f', "abcdgdf" },
        { ROAD_NORMAL, 'a', 'g', "abcdg" },
        { ROAD_NORMAL, 'e', 'f', "ebcdf" },
        { ROAD_EMERGENCY, 'a', 'f', "abcdf" } } },
    { "signals and crossings slow down",
      { .map = BLOCK,
        .ways = { { "abc", STREET }, { "ceh", STREET }, { "adf", STREET }, { "fgh", STREET } },
        .nodes = { { "b", "highway=traffic_signals" } } },
      { { ROAD_NORMAL, 'a', 'c', "abc" } } },
    { "a way with a node that the file lacks is cut there",
      { .map = "abc\nde \n", .ways = { { "abzc", STREET }, { "ad", STREET }, { "dec", STREET } } },
      { { ROAD_NORMAL, 'a', 'c', "adec" }, { ROAD_NORMAL, 'a', 'b', "ab" } } },
    { "a loop street comes back to where it began",
      { .map = "ab\n c\nd \n", .ways = { { "ab", STREET }, { "bcdb", STREET "|oneway=yes" } } },
      { { ROAD_NORMAL, 'a', 'b', "ab" }, { ROAD_NORMAL, 'b', 'a', "ba" } } },
};

static void routes_are_as_the_stories_say(void **state)
{
    (void)state;
    char *folder = sample_folder();
    for (size_t i = 0; i < ARRAY_LENGTH(STORIES); i++) {
        const struct story *story = &STORIES[i];
        struct city *city = town_open(&story->town, folder);
        for (const struct question *question = story->questions; question->from != '\0'; question++) {
            char route[64];
            town_route(&story->town, city, question->profile, question->from, question->to, route, NULL);
            if (strcmp(route, question->route) != 0) {
                fail_msg("%s: profile %d, %c to %c: \"%s\" instead of \"%s\"", story->name, (int)question->profile,
                         question->from, question->to, route, question->route);
            }
        }
        city_close(city);
    }
    sample_folder_remove(folder);
}

static double seconds_of(const struct town *town, const char *folder, enum road_profile profile, char from, char to)
{
    char route[64];
    double seconds;
    struct city *city = town_open(town, folder);
    town_route(town, city, profile, from, to, route, &seconds);
    city_close(city);
    return seconds;
}

static void near(double value, double expected)
{
    if (value < expected - 0.02 || value > expected + 0.02) {
        fail_msg("%g instead of %g", value, expected);
    }
}

/* Two steps of 0.001 degree on the equator: 222.39 m. */
static void times_add_up(void **state)
{
    (void)state;
    char *folder = sample_folder();
    const double street_s = 222.39 / (40 / 3.6); /* the limit of 50 times 0.8 */
    struct town plain = { .map = "abc\n", .ways = { { "abc", STREET "|maxspeed=50" } } };
    near(seconds_of(&plain, folder, ROAD_NORMAL, 'a', 'c'), street_s);
    near(seconds_of(&plain, folder, ROAD_EMERGENCY, 'a', 'c'), street_s / 1.3);
    near(seconds_of(&plain, folder, ROAD_FOOT, 'a', 'c'), 222.39 / (5 / 3.6));
    struct town signals = plain;
    signals.nodes[0].node = "b";
    signals.nodes[0].tags = "highway=traffic_signals";
    near(seconds_of(&signals, folder, ROAD_NORMAL, 'a', 'c'), street_s + 8);
    near(seconds_of(&signals, folder, ROAD_EMERGENCY, 'c', 'a'), street_s / 1.3 + 3);
    signals.nodes[0].tags = "highway=traffic_signals|traffic_signals:direction=forward";
    near(seconds_of(&signals, folder, ROAD_NORMAL, 'a', 'c'), street_s + 8);
    near(seconds_of(&signals, folder, ROAD_NORMAL, 'c', 'a'), street_s);
    /* At a junction it is paid on arrival, so once a passage. */
    struct town junction = { .map = "abc\n d \n",
                             .ways = { { "abc", STREET "|maxspeed=50" }, { "bd", STREET } },
                             .nodes = { { "b", "highway=traffic_signals" } } };
    near(seconds_of(&junction, folder, ROAD_NORMAL, 'a', 'c'), street_s + 8);
    /* A closed barrier that lets us through: the gap between its arms carries the cost. */
    struct town gate = plain;
    gate.nodes[0].node = "b";
    gate.nodes[0].tags = "barrier=gate|access=private";
    near(seconds_of(&gate, folder, ROAD_EMERGENCY, 'a', 'c'), street_s / 1.3 + 18);
    struct town ferry = { .map = "abcd\n e  \n",
                          .ways = { { "abc", "route=ferry|duration=00:10" }, { "cd", STREET }, { "be", STREET } } };
    near(seconds_of(&ferry, folder, ROAD_NORMAL, 'a', 'b'), 300);
    near(seconds_of(&ferry, folder, ROAD_NORMAL, 'a', 'c'), 600);
    sample_folder_remove(folder);
}

static void info_counts_what_was_dropped(void **state)
{
    (void)state;
    static const struct town TOWN = {
        .map = "abc\ndef\n",
        .ways = { { "ab", STREET },
                  { "bc", STREET },
                  { "be", STREET },
                  { "de", STREET },
                  { "ef", "highway=proposed" },
                  { "da", "highway=raceway" },
                  { "cf", "route=ferry" },
                  { "bz", STREET },
                  { "aad", STREET } },
        .restrictions = { { "ab", "b", "bc", "restriction=no_straight_on" },
                          { "ab", "b", "nn", "restriction=no_straight_on" },
                          { "ab", "e", "bc", "restriction=no_straight_on" },
                          { "ab", "b", "bc", "restriction:hgv=no_straight_on" },
                          { "ab", "b", "bc", "restriction:conditional=no_straight_on @ (7-9)" } },
    };
    static const struct {
        const char *reason;
        int count;
    } EXPECTED[] = {
        { "ways_not_in_use", 1 },          { "ways_closed_to_all", 1 },
        { "ferries_without_duration", 1 }, { "ways_too_short", 1 },
        { "nodes_repeated", 1 },           { "restrictions_without_effect", 2 },
        { "restrictions_for_others", 1 },  { "restrictions_at_some_hours", 1 },
    };
    char *folder = sample_folder();
    struct city *city = town_open(&TOWN, folder);
    struct text text;
    struct json json;
    text_init(&text, 1 << 20);
    json_init(&json, &text, 0);
    json_object_begin(&json, NULL);
    city_describe(city, &json);
    json_object_end(&json);
    assert_false(text.failed);
    for (size_t i = 0; i < ARRAY_LENGTH(EXPECTED); i++) {
        char wanted[100];
        snprintf(wanted, sizeof wanted, "\"%s\":{\"count\":%d,", EXPECTED[i].reason, EXPECTED[i].count);
        if (strstr(text.bytes, wanted) == NULL) {
            fail_msg("no %s in %s", wanted, text.bytes);
        }
    }
    assert_non_null(strstr(text.bytes, "\"restrictions\":{\"found\":5,\"kept\":1}"));
    text_free(&text);
    city_close(city);
    sample_folder_remove(folder);
}

static void the_same_map_gives_the_same_fingerprint(void **state)
{
    (void)state;
    char *folder = sample_folder();
    struct town town = STORIES[0].town;
    struct city *city = town_open(&town, folder);
    uint64_t fingerprint = city_fingerprint(city);
    city_close(city);
    city = town_open(&town, folder);
    assert_true(city_fingerprint(city) == fingerprint);
    city_close(city);
    town.ways[1].tags = STREET "|maxspeed=30";
    city = town_open(&town, folder);
    assert_true(city_fingerprint(city) != fingerprint);
    city_close(city);
    sample_folder_remove(folder);
}

static void names_and_polylines_are_kept(void **state)
{
    (void)state;
    static const struct town TOWN = { .map = "abc\n",
                                      .ways = { { "abc", STREET "|name=High Street|oneway=yes" }, { "ca", STREET "|ref=B 7" } } };
    char *folder = sample_folder();
    struct city *city = town_open(&TOWN, folder);
    const struct road_graph *graph = city_graph(city);
    int high = 0, by_reference = 0;
    for (uint32_t arc = 0; arc < graph->arc_count; arc++) {
        struct geo_point points[3];
        high += strcmp(city_arc_name(city, arc), "High Street") == 0;
        by_reference += strcmp(city_arc_name(city, arc), "B 7") == 0;
        uint32_t count = city_arc_points(city, arc, points, 3), last = count - 1;
        assert_true(count == 2 || count == 3);
        assert_memory_equal(&points[0], &graph->point[graph->tail[arc]], sizeof points[0]);
        assert_memory_equal(&points[last], &graph->point[graph->head[arc]], sizeof points[0]);
    }
    assert_true(high == 2 && by_reference == 2); /* walkers have the other direction of the one-way street */
    assert_string_equal(city_name(city), "town");
    city_close(city);
    sample_folder_remove(folder);
}

static void bad_input_leaves_the_old_file(void **state)
{
    (void)state;
    char *folder = sample_folder();
    struct city *city = town_open(&STORIES[0].town, folder);
    city_close(city);
    char *map = file_join(folder, "town.osm"), *output = file_join(folder, "town.city"), *fresh = file_join(folder, "fresh.city");
    struct file_view view;
    struct error error;
    assert_int_equal(file_view_open(&view, map, &error), STATUS_OK);
    char *half = file_join(folder, "half.osm"), *empty = file_join(folder, "empty.osm");
    assert_int_equal(file_write_whole(half, view.bytes, view.size / 2, &error), STATUS_OK);
    assert_int_equal(file_write_whole(empty, "<osm/>", 6, &error), STATUS_OK);
    file_view_close(&view);
    assert_int_equal(import_city(&(struct import_options){ .osm = half, .output = output }, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "half.osm"));
    assert_int_equal(import_city(&(struct import_options){ .osm = half, .output = fresh }, &error), STATUS_BAD_INPUT);
    assert_false(file_exists(fresh));
    assert_int_equal(import_city(&(struct import_options){ .osm = empty, .output = fresh }, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "no road that a profile may use"));
    assert_int_equal(import_city(&(struct import_options){ .osm = folder, .output = fresh }, &error), STATUS_BAD_INPUT);
    assert_int_equal(import_city(&(struct import_options){ .osm = fresh, .output = fresh }, &error), STATUS_NOT_FOUND);
    assert_int_equal(city_open(output, &city, &error), STATUS_OK);
    city_close(city);
    free(map);
    free(output);
    free(fresh);
    free(half);
    free(empty);
    sample_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_are_as_the_stories_say), cmocka_unit_test(times_add_up),
        cmocka_unit_test(info_counts_what_was_dropped),  cmocka_unit_test(the_same_map_gives_the_same_fingerprint),
        cmocka_unit_test(names_and_polylines_are_kept),  cmocka_unit_test(bad_input_leaves_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
