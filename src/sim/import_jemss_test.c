/* The import: expressions and configurations; a made-up city with all the oddities of the form; Manhattan and Auckland, where the
 * data are there. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/file.h"
#include "base/test_data.h"
#include "road/city.h"
#include "sim/import_jemss.h"
#include "sim/import_jemss_expression.h"
#include "sim/import_jemss_files.h"
#include "sim/scenario_sheet.h"

static void numbers_are_computed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = { { "1 + 250 + 0.1", 251.1 },
                  { "1+14*30+0.1", 421.1 },
                  { "1/(18.8*24)", 1 / 451.2 },
                  { "2.5/60/24", 2.5 / 1440 },
                  { "-2^2", -4 },
                  { "2^-1", 0.5 },
                  { "2*-3", -6 },
                  { " ( ( 7 ) ) ", 7 },
                  { "8-5-2", 1 },
                  { "1e3", 1000 },
                  { ".5", 0.5 },
                  { "2^3^2", 512 } };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        double value = NAN;
        struct error error = { .text = "" };
        if (jemss_number(cases[i].text, &value, &error) != STATUS_OK || fabs(value - cases[i].value) > 1e-12 * fabs(value)) {
            fail_msg("%s gives %.17g (%s)", cases[i].text, value, error.text);
        }
    }
    static const char *const bad[] = {
        "",     "1+",  "(1",  "1)",  "1/0",
        "0x10", "1 2", "inf", "nan", "1e999",
        "pi",   "1,2", "--",  "+",   "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        double value = 77;
        struct error error = { .text = "" };
        assert_int_equal(jemss_number(bad[i], &value, &error), STATUS_BAD_INPUT);
        assert_true(value == 77 && error.text[0] != '\0');
    }
}

static void distributions_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum distribution_kind kind;
        double a, b, c;
    } cases[] = { { "Exponential(12/60/24)", DISTRIBUTION_EXPONENTIAL, 720, 0, 0 },
                  { "Normal(50/60/60/24, 0)", DISTRIBUTION_CONSTANT, 50, 0, 0 },
                  { "Normal(40/60/60/24,1/60/60/24)", DISTRIBUTION_NORMAL, 40, 1, 0 },
                  { "Weibull(2.5, 34.3/60/24)", DISTRIBUTION_WEIBULL, 2.5, 2058, 0 },
                  { "Gamma(2, 1/24)", DISTRIBUTION_GAMMA, 2, 3600, 0 },
                  { "Erlang(3, 1/24)", DISTRIBUTION_GAMMA, 3, 3600, 0 },
                  { "LogNormal(0, 0.5)", DISTRIBUTION_LOGNORMAL, 86400, 0.5, 0 },
                  { "Uniform(1/24, 2/24)", DISTRIBUTION_UNIFORM, 3600, 7200, 0 },
                  { "TriangularDist(0, 1, 0.25)", DISTRIBUTION_TRIANGULAR, 0, 21600, 86400 },
                  { " Bernoulli( 0.85 ) ", DISTRIBUTION_BERNOULLI, 0.85, 0, 0 } };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct distribution d;
        struct error error = { .text = "" };
        if (jemss_distribution(cases[i].text, 86400, &d, &error) != STATUS_OK) {
            fail_msg("%s", error.text);
        }
        assert_int_equal(d.kind, cases[i].kind);
        assert_true(fabs(d.a - cases[i].a) < 1e-9 && fabs(d.b - cases[i].b) < 1e-9 && fabs(d.c - cases[i].c) < 1e-9);
    }
    struct distribution d;
    struct error error;
    assert_int_equal(jemss_distribution("Categorical([0.42, 0, 0.58])", 86400, &d, &error), STATUS_OK);
    assert_true(d.point_count == 3 && d.value[0] == 0.42 && d.value[1] == 0 && d.value[2] == 0.58);
    static const char *const bad[] = { "Cauchy(1, 2)", "Exponential(-1)", "Exponential(1",           "Exponential()",
                                       "Normal(1)",    "Bernoulli(2)",    "Categorical([0.5, 0.6])", "Categorical([0.5, 0.5)",
                                       "run(`ls`)" };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_int_equal(jemss_distribution(bad[i], 86400, &d, &error), STATUS_BAD_INPUT);
    }
}

static void spacing_is_found_through_gaps_and_rounding(void **state)
{
    (void)state;
    static double x[3000];
    size_t count = 0;
    for (int i = 0; i < 3000; i++) {
        if (i % 7 != 3 && i % 11 != 5) {
            x[count++] = round((174.65 + i * 0.00039511934) * 1e6) / 1e6;
        }
    }
    assert_true(fabs(jemss_spacing(x, count) - 0.00039511934) < 1e-11);
    assert_true(jemss_spacing(x, 1) == 0);
}

/* ---- a made-up city ---- */

#define CONFIG(priority, transport)                                                                                           \
    "<?xml version=\"1.0\"?>\n<genConfig><sim><minLastCallArrivalTime>1 + 250 + 0.1</minLastCallArrivalTime>\n"               \
    "<callDistributions><interarrivalTime seed=\"1\">Exponential(1/(8*24))</interarrivalTime>\n<priority>" priority           \
    "</priority>\n<dispatchDelay>Normal(40/60/60/24,0)</dispatchDelay><onSceneDuration>Exponential(12/60/24)</"               \
    "onSceneDuration>\n"                                                                                                      \
    "<transport>" transport "</transport><handoverDuration>Weibull(2.5, 34.3/60/24)</handoverDuration></callDistributions>\n" \
    "</sim></genConfig>\n"

static const struct {
    const char *file, *content;
} TOWN[] = {
    { "model/stations/stations_7.csv",
      "stations,,,,\nindex,x,y,capacity,,name (of the station)\n1,10.001,50.001,5,,\"East, old\"\n2,10.009,50.009,3,,\n" },
    { "model/hospitals/hospitals_1.csv",
      "hospitals,,\nindex,x,y,,Facility name,address\n1,10.005,50.005,,General \"Hospital\",\n" },
    { "model/hospitals/hospitals_old.csv", "never read" },
    { "model/ambulances/ambulances_1.csv", "ambulances,,,remark\nindex,stationIndex,class,\n2,2,2,\n1,1,1,\n" },
    { "model/maps/map.csv", "map,1\nxMin,xMax,yMin,yMax,xScale,yScale\n10,10.01,50,50.01,71.7,111.32\n" },
    { "model/misc/call priorities/priorities_1.csv",
      "priorities,3,,\npriority,name,targetResponseTime,note\n1,high,0.005555556,\n2,middle,0.00625,\n3,low,0.0125,\n" },
    { "model/misc/redispatch/redispatch_off.csv", "miscData,,\nallowRedispatch,,\n0,,\n,,\nredispatchConditions,,"
                                                  "\nfromCallPriority,toCallPriority,allowRedispatch\nlow,high,1\n" },
    { "model/misc/redispatch/redispatch_low_to_higher.csv",
      "miscData,,\nallowRedispatch,,\n1,,\n,,\nredispatchConditions,,\nfromCallPriority,toCallPriority,allowRedispatch\nlow,high,"
      "1\nlow,middle,1\nmiddle,high,0\n" },
    { "model/travel/travel/travel_1.csv",
      "travelModes,,\ntravelModeIndex,offRoadSpeed,note\n1,1080,\n2,744,\n,,\ntravelSets,,\ntravelSetIndex,priority,"
      "travelModeIndex\n1,high,1\n1,middle,2\n1,low,2\n,,\ntravelSetsTiming,,\nstartTime,travelSetIndex,\n0,1,\n" },
    { "model/travel/roads/nodes.csv",
      "nodes,4,,\nindex,x,y,offRoadAccess\n1.0,10.0,50.0,1.0\n2.0,10.01,50.0,1.0\n3.0,10.01,50.01,1.0\n4.0,10.0,50.01,0.0\n" },
    { "model/travel/roads/arcs.csv",
      "miscData,1,,\narcForm,numModes,\ndirected,2\n,\narcs,8,,\nindex,fromNode,toNode,distance,mode_1,mode_2\n"
      "1,1,2,0.7,1e-4,2e-4\n2,2,1,0.7,1e-4,2e-4\n3,2,3,1.1,2e-4,3e-4\n4,3,2,1.1,2e-4,3e-4\n5,3,4,0.7,1e-4,2e-4\n6,4,3,0.7,1e-4,"
      "2e-4\n7,4,1,1.1,2e-4,3e-4\n8,1,4,1.1,2e-4,3e-4\n" },
    { "model/calls/reps/train/gen_config.xml", CONFIG("Categorical([0.75, 0, 0.25])", "Bernoulli(0.75)") },
    { "demand.csv", "lon,lat,weight\n10.001,50.001,1\n10.002,50.001,2\n10.004,50.001,0\n10.001,50.002,4\n10.004,50.003,1\n" },
};

static char town[64];

static void write_file(const char *file, const char *content)
{
    struct error error = { .text = "" };
    char *path = file_join(town, file);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(file_make_folder(path, &error), STATUS_OK);
    *slash = '/';
    if (content == NULL) {
        unlink(path);
    } else {
        assert_int_equal(file_write_whole(path, content, strlen(content), &error), STATUS_OK);
    }
    free(path);
}

static int make_town(void **state)
{
    (void)state;
    snprintf(town, sizeof town, "mingdi-town-XXXXXX");
    if (mkdtemp(town) == NULL) {
        return -1;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(TOWN); i++) {
        write_file(TOWN[i].file, TOWN[i].content);
    }
    return 0;
}

static int remove_town(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", town);
    return system(command);
}

static enum status import_town(const char *redispatch, struct text *notes, struct error *error)
{
    char *target = file_join(town, "scenario");
    const struct import_jemss_options options = { .redispatch = redispatch };
    text_init(notes, 10000);
    enum status status = import_jemss(town, target, &options, notes, error);
    free(target);
    return status;
}

static struct scenario *imported_town(const char *redispatch, const char *note)
{
    struct text notes;
    struct error error = { .text = "" };
    struct scenario *scenario = NULL;
    char *target = file_join(town, "scenario");
    if (import_town(redispatch, &notes, &error) != STATUS_OK || scenario_load(target, &scenario, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    if (strstr(notes.bytes, note) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", note, notes.bytes);
    }
    text_free(&notes);
    free(target);
    return scenario;
}

static void a_city_becomes_a_scenario(void **state)
{
    (void)state;
    struct scenario *s = imported_town("low_to_higher", "as asked for");
    assert_true(strncmp(s->name, "Mingdi-town", 11) == 0);
    assert_true(s->station_count == 2 && s->facility_count == 1 && s->unit_count == 2 && s->cell_count == 4);
    assert_string_equal(s->stations[0].name, "East, old");
    assert_string_equal(s->stations[1].name, "2");
    assert_string_equal(s->facilities[0].name, "General \"Hospital\"");
    assert_string_equal(s->units[0].id, "1"); /* sorted by index: ties go to the lowest */
    assert_true(s->units[0].station == 0 && s->units[0].skill == SKILL_ALS && s->units[1].skill == SKILL_BLS);
    assert_true(fabs(s->calls_per_day_mean - 192) < 1e-9 && strcmp(s->policy_name, "nearest") == 0);
    assert_true(s->policy.destination_rule == DESTINATION_NEAREST && s->policy.facility_profile == ROAD_NORMAL);
    assert_true(s->policy.may_divert[2][0] && s->policy.may_divert[2][1] && !s->policy.may_divert[1][0]);
    const struct scenario_priority *low = &s->priorities[PRIORITY_URGENT];
    assert_string_equal(low->code, "3");
    assert_true(low->target_s == 1080 && low->profile == ROAD_NORMAL && fabs(low->share - 0.25) < 1e-12);
    assert_true(s->priorities[PRIORITY_SEVERE].profile == ROAD_NORMAL &&
                s->priorities[PRIORITY_CRITICAL].profile == ROAD_EMERGENCY);
    assert_true(low->delay.kind == DISTRIBUTION_CONSTANT && low->delay.a == 40 && low->mobilisation.a == 0);
    assert_true(low->handover.kind == DISTRIBUTION_WEIBULL && low->handover.a == 2.5 && low->handover.b == 2058);
    assert_true(fabs(s->cell_width_deg - 0.001) < 1e-9 && fabs(s->cell_height_deg - 0.001) < 1e-9);
    assert_true(s->snap_limit_m == 2000);
    scenario_free(s);
}

static void the_redispatch_rule_is_chosen_in_order(void **state)
{
    (void)state;
    struct scenario *s = imported_town(NULL, "JEMSS's rule without a file"); /* two files, an unknown city */
    assert_true(s->policy.may_divert[1][0] && s->policy.may_divert[2][0] && !s->policy.may_divert[2][1]);
    scenario_free(s);
    s = imported_town("off", "off (as asked for)");
    assert_true(!s->policy.may_divert[1][0] && !s->policy.may_divert[2][0]);
    scenario_free(s);
    write_file("model/maps/map.csv",
               "map,1\nxMin,xMax,yMin,yMax,xScale,yScale\n-113.714,-113.271,53.3956,53.7161,66.13,111.32\n");
    s = imported_town(NULL, "JEMSS's example configuration"); /* known by its box: Edmonton */
    assert_true(s->policy.may_divert[2][0] && s->policy.may_divert[2][1] && !s->policy.may_divert[1][0]);
    scenario_free(s);
    write_file("configs/sim_config_1.xml",
               "<simConfig><simFiles><redispatch>misc/redispatch/redispatch_off.csv</redispatch></simFiles></simConfig>");
    s = imported_town(NULL, "named by a sim_config.xml");
    assert_true(!s->policy.may_divert[2][0]);
    scenario_free(s);
    write_file("configs/sim_config_1.xml", NULL);
    write_file("model/misc/redispatch/redispatch_low_to_higher.csv", NULL);
    s = imported_town(NULL, "the only file there");
    scenario_free(s);
    for (size_t i = 0; i < ARRAY_LENGTH(TOWN); i++) {
        write_file(TOWN[i].file, TOWN[i].content);
    }
}

/* After each mistake the scenario that was there before is still there, and no temporary folder is left. */
static void each_mistake_is_told_and_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *file, *content, *why;
    } cases[] = {
        { "model/ambulances/ambulances_1.csv", "ambulances\nindex,stationIndex,class\n1,3,1\n",
          "ambulances_1.csv:3: ambulance 1 is at station 3" },
        { "model/stations/stations_7.csv", "stations\nindex,x,y\n1,10,50\n1,10,50\n", "stations_7.csv:4: index 1 stands twice" },
        { "model/stations/stations_7.csv", NULL, "no .csv file there" },
        { "model/stations/stations_8.csv", "x", "which of these files? stations_7.csv, stations_8.csv" },
        { "model/misc/call priorities/priorities_1.csv", "priorities\npriority,name,targetResponseTime\n2,high,0.1\n",
          "priority 2 comes where 1 should" },
        { "model/travel/travel/travel_1.csv",
          "travelModes\ntravelModeIndex,offRoadSpeed\n1,1080\n,\ntravelSets\ntravelSetIndex,priority,travelModeIndex\n1,high,1\n,"
          "\ntravelSetsTiming\nstartTime,travelSetIndex\n0,1\n",
          "no mode for priority \"middle\"" },
        { "model/calls/reps/train/gen_config.xml", "<genConfig>", "not well-formed XML" },
        { "model/calls/reps/train/gen_config.xml", CONFIG("Normal(1, 0)", "Bernoulli(0.75)"),
          "gen_config.xml:4: <priority> must be Categorical" },
        { "model/calls/reps/train/gen_config.xml", CONFIG("Categorical([1])", "Bernoulli(1.75)"), "<transport>: expression" },
        { "model/misc/redispatch/redispatch_low_to_higher.csv",
          "miscData\nallowRedispatch\n1\n,\nredispatchConditions\nfromCallPriority,toCallPriority,allowRedispatch\nlow,medium,"
          "1\n",
          "priority \"medium\" is not in" },
        { "model/travel/roads/arcs.csv", NULL, "no nodes.csv and arcs.csv" },
        { "demand.csv", "lon,lat,weight\n10.001,50.001,-1\n", "demand.csv:2:" },
        { "demand.csv", "lon,lat,weight\n10.001,50.001,1\n10.002,50.001,0\n10.002,50.001,1\n11.5,50.001,1\n10.001,50.002,1\n",
          "/demand.csv:5: the demand cell is 1" },
        { "demand.csv", "lon,lat,weight\n10,50,1\n15,50,1\n", "no raster of a city" },
        { "model/hospitals/hospitals_1.csv", "hospitals\nindex,x,y\n1,50.005,10.005\n", "hospitals_1.csv:3: the hospital is" },
    };
    struct scenario *before = imported_town("off", "off");
    scenario_free(before);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct text notes;
        struct error error = { .text = "" };
        write_file(cases[i].file, cases[i].content);
        enum status status = import_town(strstr(cases[i].file, "redispatch") != NULL ? "low_to_higher" : "off", &notes, &error);
        text_free(&notes);
        if (status == STATUS_OK || strstr(error.text, cases[i].why) == NULL) {
            fail_msg("case %zu (%s): %d \"%s\"", i, cases[i].why, (int)status, error.text);
        }
        write_file("model/stations/stations_8.csv", NULL);
        for (size_t k = 0; k < ARRAY_LENGTH(TOWN); k++) {
            write_file(TOWN[k].file, TOWN[k].content);
        }
        assert_null(jemss_find_below(town, "scenario.part", ""));
        before = NULL;
        char *target = file_join(town, "scenario");
        assert_int_equal(scenario_load(target, &before, &error), STATUS_OK);
        scenario_free(before);
        char *left = file_join(town, "scenario.part-");
        char made[128];
        snprintf(made, sizeof made, "%s%ld", left, (long)getpid());
        assert_false(jemss_is_folder(made));
        free(left);
        free(target);
    }
}

static void nobodys_folder_is_overwritten(void **state)
{
    (void)state;
    const struct import_jemss_options options = { .redispatch = "off" };
    struct text notes;
    struct error error = { .text = "" };
    char *target = file_join(town, "model");
    text_init(&notes, 10000);
    assert_int_equal(import_jemss(town, target, &options, &notes, &error), STATUS_BAD_INPUT);
    assert_non_null(strstr(error.text, "is no scenario"));
    text_free(&notes);
    free(target);
}

/* ---- the real ones ---- */

static bool data_path(const char *file, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", test_data_folder(), file);
    return access(path, R_OK) == 0;
}

static struct scenario *import_real(const char *city, const char *target)
{
    char path[1024], name[64];
    struct text notes;
    struct error error = { .text = "" };
    struct scenario *scenario = NULL;
    const struct import_jemss_options options = { .redispatch = NULL };
    snprintf(name, sizeof name, "jemss/%s", city);
    if (!data_path(name, path, sizeof path)) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    text_init(&notes, 10000);
    if (import_jemss(path, target, &options, &notes, &error) != STATUS_OK ||
        scenario_load(target, &scenario, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    text_free(&notes);
    return scenario;
}

/* A call of the trace belongs to the node that the independent program gives. */
static void check_trace_nodes(const struct scenario *scenario)
{
    static const char *const columns[] = { "priority", "lon", "lat", "node", NULL };
    char path[1024];
    struct sheet sheet;
    struct city *city;
    struct error error = { .text = "" };
    bool row_read;
    if (!data_path("validation", path, sizeof path)) {
        return;
    }
    assert_int_equal(sheet_open(&sheet, path, "manhattan_trace.csv.gz", columns, false, &error), STATUS_OK);
    assert_int_equal(city_open(scenario->city_path, &city, &error), STATUS_OK);
    int rows = 0;
    while (sheet_next(&sheet, &row_read, &error) == STATUS_OK && row_read) {
        double lon, lat;
        int64_t node;
        struct geo_point point;
        struct road_place place;
        assert_int_equal(sheet_double(&sheet, 1, -180, 180, &lon, &error), STATUS_OK);
        assert_int_equal(sheet_double(&sheet, 2, -90, 90, &lat, &error), STATUS_OK);
        assert_int_equal(sheet_int(&sheet, 3, 1, INT32_MAX, &node, &error), STATUS_OK);
        assert_true(geo_point_from_degrees(lon, lat, &point));
        assert_int_equal(city_snap(city, ROAD_NORMAL, point, scenario->snap_limit_m, &place, &error), STATUS_OK);
        assert_int_equal(city_number_of_node(city, place.node), node);
        rows++;
    }
    assert_int_equal(rows, 2000);
    city_close(city);
    sheet_close(&sheet);
}

static void manhattan_is_as_its_readme_says(void **state)
{
    (void)state;
    char target[80];
    snprintf(target, sizeof target, "%s/manhattan", town);
    struct scenario *s = import_real("manhattan", target);
    assert_string_equal(s->name, "Manhattan");
    assert_true(s->unit_count == 12 && s->station_count == 8 && s->facility_count == 10);
    assert_true(fabs(s->calls_per_day_mean - 451.2) < 1e-9);
    assert_true(fabs(s->cell_width_deg - 0.0002377) < 5e-10 && fabs(s->cell_height_deg - 0.00018) < 5e-10);
    for (int from = 0; from < PRIORITY_COUNT; from++) {
        for (int to = 0; to < PRIORITY_COUNT; to++) {
            assert_false(s->policy.may_divert[from][to]); /* redispatch is off */
        }
    }
    assert_true(fabs(s->priorities[PRIORITY_CRITICAL].share - 0.42) < 1e-12 && s->priorities[PRIORITY_SEVERE].share == 0);
    assert_true(fabs(s->priorities[PRIORITY_URGENT].target_s - 630) < 0.001 && s->days == 250 && s->warmup_days == 1);
    check_trace_nodes(s);
    scenario_free(s);
}

static void auckland_is_as_its_readme_says(void **state)
{
    (void)state;
    char target[80];
    snprintf(target, sizeof target, "%s/auckland", town);
    struct scenario *s = import_real("auckland", target);
    assert_true(s->unit_count == 16 && s->station_count == 14 && s->facility_count == 4 &&
                fabs(s->calls_per_day_mean - 280) < 1e-9);
    assert_true(fabs(s->cell_width_deg - 0.000395119) < 1e-9 && fabs(s->cell_height_deg - 0.000395181) < 1.1e-9);
    assert_true(s->policy.may_divert[PRIORITY_URGENT][PRIORITY_CRITICAL] &&
                s->policy.may_divert[PRIORITY_SEVERE][PRIORITY_CRITICAL]);
    assert_false(s->policy.may_divert[PRIORITY_URGENT][PRIORITY_SEVERE]);
    assert_true(s->priorities[PRIORITY_SEVERE].profile == ROAD_EMERGENCY &&
                s->priorities[PRIORITY_URGENT].profile == ROAD_NORMAL);
    assert_string_equal(s->facilities[1].name, "Middlemore Hospital");
    scenario_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_computed),
        cmocka_unit_test(distributions_are_understood),
        cmocka_unit_test(spacing_is_found_through_gaps_and_rounding),
        cmocka_unit_test(a_city_becomes_a_scenario),
        cmocka_unit_test(the_redispatch_rule_is_chosen_in_order),
        cmocka_unit_test(each_mistake_is_told_and_leaves_nothing),
        cmocka_unit_test(nobodys_folder_is_overwritten),
        cmocka_unit_test(manhattan_is_as_its_readme_says),
        cmocka_unit_test(auckland_is_as_its_readme_says),
    };
    return cmocka_run_group_tests(tests, make_town, remove_town);
}
