/* Scenarios: what is written is what is read; each way to write it wrong is answered with file, line and reason. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/scenario.h"
#include "sim/scenario_sample.h"

static struct scenario *load(const struct sample_folder *folder)
{
    struct scenario *scenario = NULL;
    struct error error = { .text = "" };
    if (scenario_load(folder->path, &scenario, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return scenario;
}

static void check_things(const struct scenario *s)
{
    assert_int_equal(s->station_count, 2);
    assert_string_equal(s->stations[0].name, "North");
    assert_string_equal(s->stations[1].name, "B");
    assert_int_equal(s->stations[1].district, 1);
    assert_int_equal(s->stations[1].line, 3);
    assert_int_equal(s->unit_count, 3);
    assert_int_equal(s->units[1].skill, SKILL_BLS);
    assert_int_equal(s->units[1].shift_start_s, 7 * 3600);
    assert_int_equal(s->units[1].shift_end_s, 19 * 3600 + 1800);
    assert_int_equal(s->units[2].station, 1);
    assert_int_equal(s->facility_count, 2);
    assert_int_equal(s->facilities[0].capabilities, 1U << CARE_NONE | 1U << CARE_STROKE | 1U << CARE_TRAUMA);
    assert_int_equal(s->facilities[0].beds, BEDS_UNLIMITED);
    assert_int_equal(s->facilities[1].beds, 4);
    assert_int_equal(s->facilities[1].tier, TIER_COMMUNITY);
    assert_int_equal(s->cell_count, 4); /* the one of weight 0 is left out */
    assert_int_equal(s->cells[1].district, 1);
    assert_int_equal(s->district_count, 2);
}

static void check_rules(const struct scenario *s)
{
    const struct scenario_priority *critical = &s->priorities[PRIORITY_CRITICAL];
    assert_true(critical->used && s->priorities[PRIORITY_URGENT].used && !s->priorities[PRIORITY_NON_URGENT].used);
    assert_int_equal(critical->profile, ROAD_EMERGENCY);
    assert_int_equal(s->priorities[PRIORITY_SEVERE].profile, ROAD_NORMAL);
    assert_true(critical->needs_als && !s->priorities[PRIORITY_SEVERE].needs_als);
    assert_int_equal(critical->on_scene.kind, DISTRIBUTION_GAMMA);
    assert_int_equal(s->priorities[PRIORITY_SEVERE].on_scene.kind, DISTRIBUTION_EXPONENTIAL);
    assert_true(s->priorities[PRIORITY_URGENT].transport.a == 0.25);
    assert_true(s->priorities[PRIORITY_SEVERE].transport.a == 1);
    assert_true(fabs(critical->need_chance[CARE_NONE] - 0.65) < 1e-12);
    assert_true(critical->need_chance[CARE_TRAUMA] == 0.25);
    assert_true(s->policy.dispatch_returning);
    assert_int_equal(s->policy.facility_profile, ROAD_EMERGENCY);
    assert_int_equal(s->policy.return_profile, ROAD_NORMAL);
    assert_true(s->policy.may_divert[PRIORITY_URGENT][PRIORITY_CRITICAL]);
    assert_false(s->policy.may_divert[PRIORITY_URGENT][PRIORITY_SEVERE]);
    assert_int_equal(scenario_priority_of(s, "2", 1), PRIORITY_SEVERE);
    assert_int_equal(scenario_priority_of(s, "urgent", 6), PRIORITY_URGENT);
    assert_int_equal(scenario_priority_of(s, "non_urgent", 10), -1);
}

static void a_whole_scenario_is_read(void **state)
{
    (void)state;
    struct sample_folder folder;
    sample_make(&folder);
    struct scenario *s = load(&folder);
    assert_string_equal(s->name, "Sample");
    assert_int_equal(s->start_hour_of_week, 6 * 24 + 22);
    assert_true(s->days == 28 && s->warmup_days == 1 && s->snap_limit_m == 2000);
    check_things(s);
    check_rules(s);
    /* rate.csv: 240 a day split 1:2:1; none from 3 to 4; on Mondays 120 critical, the hour from 3 to 4 too. */
    assert_true(s->calls_per_day[24 + 5][PRIORITY_SEVERE] == 120 && s->calls_per_day[24 + 5][PRIORITY_CRITICAL] == 60);
    assert_true(s->calls_per_day[24 + 3][PRIORITY_SEVERE] == 0);
    assert_true(s->calls_per_day[3][PRIORITY_CRITICAL] == 120 && s->calls_per_day[3][PRIORITY_URGENT] == 0);
    double mean = (240.0 * 23 * 7 + 60.0 * 23 + 120) / HOURS_A_WEEK;
    assert_true(fabs(s->calls_per_day_mean - mean) < 1e-9);
    scenario_free(s);
    sample_remove(&folder);
}

static void optional_files_may_be_missing(void **state)
{
    (void)state;
    static const char *const optional[] = { "rate.csv", "demand.csv", "needs.csv", "policy.csv", "diversion.csv" };
    struct sample_folder folder;
    sample_make(&folder);
    for (size_t i = 0; i < ARRAY_LENGTH(optional); i++) {
        sample_write(&folder, optional[i], NULL);
    }
    sample_write(&folder, "districts.csv", NULL);
    sample_write(&folder, "stations.csv", "id,lon,lat\nA,10,50\nB,10.1,50\n");
    struct scenario *s = load(&folder);
    assert_true(s->cell_count == 0 && s->calls_per_day_mean == 0 && s->district_count == 1);
    assert_string_equal(s->districts[0].name, "all");
    assert_int_equal(s->policy.facility_profile, ROAD_NORMAL);
    assert_true(s->priorities[0].need_chance[CARE_NONE] == 1);
    scenario_free(s);
    sample_remove(&folder);
}

static void districts_are_found(void **state)
{
    (void)state;
    struct sample_folder folder;
    sample_make(&folder);
    struct scenario *s = load(&folder);
    struct geo_point near_south = { 101500000, 500100000 }, near_north = { 99000000, 500400000 };
    assert_int_equal(scenario_district_of(s, near_south), 1);
    assert_int_equal(scenario_district_of(s, near_north), 0);
    scenario_free(s);
    sample_write(&folder, "districts.geojson",
                 "{\"type\":\"FeatureCollection\",\"features\":["
                 "{\"properties\":{\"id\":\"s\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[9,49],[11,49],[11,51],[9,"
                 "51],[9,49]],"
                 "[[9.9,49.9],[10.05,49.9],[10.05,50.1],[9.9,50.1],[9.9,49.9]]]}},"
                 "{\"properties\":{\"id\":\"n\"},\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":"
                 "[[[[9.9,49.9],[10.05,49.9],[10.05,50.1],[9.9,50.1],[9.9,49.9]]]]}}]}");
    s = load(&folder);
    assert_int_equal(scenario_district_of(s, (struct geo_point){ 100000000, 500000000 }), 0); /* in the hole, which is n */
    assert_int_equal(scenario_district_of(s, (struct geo_point){ 105000000, 500000000 }), 1);
    assert_int_equal(scenario_district_of(s, (struct geo_point){ 99000000, 510000000 }), 1); /* on the border of s */
    scenario_free(s);
    sample_remove(&folder);
}

struct mistake {
    const char *file, *content, *line, *why;
};

static const struct mistake MISTAKES[] = {
    { "scenario.csv", NULL, "", "no scenario.csv" },
    { "scenario.csv", "key,value\nnmae,x\n", "scenario.csv:2:", "must be one of: name, " },
    { "scenario.csv", "key,value\ndays,1\ndays,2\n", "scenario.csv:3:", "stands twice" },
    { "scenario.csv", "key,value\ndays,0\n", "scenario.csv:2:", "from 0.01" },
    { "scenario.csv", "key,value\nreplications,10001\n", "scenario.csv:2:", "to 10000" },
    { "scenario.csv", "key,value,unit\n", "scenario.csv:1:", "unknown column \"unit\"" },
    { "stations.csv", NULL, "stations.csv:", "No such file" },
    { "stations.csv", "", "stations.csv:1:", "empty" },
    { "stations.csv", "id,lon,lat\n", "stations.csv:", "no stations" },
    { "stations.csv", "id,lon,lat,colour\nA,10,50,red\n", "stations.csv:1:", "unknown column \"colour\"" },
    { "stations.csv", "id,lon\nA,10\n", "stations.csv:1:", "no column \"lat\"" },
    { "stations.csv", "id,lon,lat\nA,190,50\nB,1,1\n", "stations.csv:2:", "\"lon\" is \"190\"" },
    { "stations.csv", "id,lon,lat\nA,10,50\n\n# note\nA,10,50\n", "stations.csv:5:", "stands twice" },
    { "stations.csv", "id,lon,lat\nA,10,50,7\nB,10,50\n", "stations.csv:2:", "4 fields" },
    { "stations.csv", "id,lon,lat,district\nA,10,50,west\nB,1,1,n\n", "stations.csv:2:", "not in districts.csv" },
    { "units.csv", "id,station\n1,A\n2,Z\n", "units.csv:3:", "station \"Z\", which is not in stations.csv" },
    { "units.csv", "id,station\n1,\n", "units.csv:2:", "not in stations.csv" },
    { "units.csv", "id,station,skill\n1,A,PLS\n", "units.csv:2:", "must be one of: BLS, ALS" },
    { "units.csv", "id,station,shift_start\n1,A,07:00\n", "units.csv:2:", "both" },
    { "units.csv", "id,station,shift_start,shift_end\n1,A,7h,8h\n", "units.csv:2:", "HH:MM" },
    { "units.csv", "id,station,shift_start,shift_end\n1,A,07:00,24:01\n", "units.csv:2:", "HH:MM" },
    { "facilities.csv", "id,lon,lat,beds\nH,10,50,-1\n", "facilities.csv:2:", "from 0" },
    { "facilities.csv", "id,lon,lat,capabilities\nH,10,50,stroke;burns\n", "facilities.csv:2:", "\"burns\" is not one of" },
    { "priorities.csv", "priority\ncritical\nsevere\nhigh\n", "priorities.csv:4:", "must be one of: critical" },
    { "priorities.csv", "priority,code\ncritical,1\nsevere,1\nurgent,3\n", "priorities.csv:3:", "already means" },
    { "priorities.csv", "priority,code\ncritical,severe\nsevere,2\nurgent,3\n", "priorities.csv:2:", "already means" },
    { "priorities.csv", "priority,share\ncritical,0\nsevere,0\nurgent,0\n", "priorities.csv:", "share above 0" },
    { "priorities.csv", "priority,target_s\ncritical,-1\nsevere,0\nurgent,0\n", "priorities.csv:2:", "from 0" },
    { "service.csv", "quantity,priority,distribution\ndelay,*,constant(60 s)\non_scene,*,exponential(mean -12 min)\n",
      "service.csv:3:", "a duration cannot be negative" },
    { "service.csv", "quantity,priority,distribution\ndelay,*,constant(60 s)\n",
      "service.csv:", "no line for on_scene of priority critical" },
    { "service.csv", "quantity,priority,distribution\ntransport,*,constant(1 s)\n", "service.csv:2:", "must be bernoulli" },
    { "service.csv", "quantity,priority,distribution\ndelay,*,bernoulli(1)\n", "service.csv:2:", "is a duration" },
    { "service.csv", "quantity,priority,distribution\ndelay,non_urgent,constant(1 s)\n",
      "service.csv:2:", "not in priorities.csv" },
    { "service.csv", "quantity,priority,distribution\ndelay,*,constant(1 s)\ndelay,*,constant(1 s)\n",
      "service.csv:3:", "stands twice" },
    { "rate.csv", "day,hour,priority,calls_per_day\n*,24,*,5\n", "rate.csv:2:", "from 0 to 23" },
    { "rate.csv", "day,hour,priority,calls_per_day\n*,*,*,-5\n", "rate.csv:2:", "from 0" },
    { "rate.csv", "day,hour,priority,calls_per_day\nfunday,*,*,5\n", "rate.csv:2:", "mon, tue" },
    { "demand.csv", "lon,lat,weight\n10,50,-1\n", "demand.csv:2:", "from 0" },
    { "demand.csv", "lon,lat,weight\n10,50,0\n", "demand.csv:", "no cell with a weight above 0" },
    { "demand.csv", NULL, "", "no demand.csv or demand.csv.gz" },
    { "needs.csv", "priority,need,share\n*,stroke,0.7\n*,trauma,0.7\n", "needs.csv:3:", "more than 1" },
    { "needs.csv", "priority,need,share\n*,none,0.7\n", "needs.csv:2:", "five centres" },
    { "policy.csv", "key,value\ndispatch,nearest\n", "policy.csv:2:", "must be one of: dispatch_returning" },
    { "policy.csv", "key,value\nfacility_travel,fast\n", "policy.csv:2:", "lights, normal" },
    { "diversion.csv", "from_priority,to_priority\nurgent,urgent\n", "diversion.csv:2:", "same priority" },
    { "diversion.csv", "from_priority,to_priority\nurgent,severe\nsevere,critical\ncritical,urgent\n",
      "diversion.csv:4:", "turned back and forth" },
    { "districts.csv", "id\n", "districts.csv:", "no districts" },
    { "districts.geojson", "{", "districts.geojson:1:", "not JSON" },
    { "districts.geojson", "{\"features\":[{\"properties\":{\"id\":\"x\"}}]}", "districts.geojson: feature 1:", "not an id" },
    { "districts.geojson",
      "{\"features\":[{\"properties\":{\"id\":\"n\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[0,0]]]}}]"
      "}",
      "districts.geojson: feature 1:", "fewer than four" },
    { "districts.geojson",
      "{\"features\":[{\"properties\":{\"id\":\"n\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[\"a\",5],["
      "0,0]]]}}]}",
      "districts.geojson: feature 1:", "not [longitude, latitude]" },
};

static void each_mistake_is_told_with_file_and_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(MISTAKES); i++) {
        const struct mistake *m = &MISTAKES[i];
        struct sample_folder folder;
        struct scenario *scenario = NULL;
        struct error error = { .text = "" };
        sample_make(&folder);
        sample_write(&folder, m->file, m->content);
        enum status status = scenario_load(folder.path, &scenario, &error);
        sample_remove(&folder);
        if (status == STATUS_OK || scenario != NULL || strstr(error.text, m->line) == NULL ||
            strstr(error.text, m->why) == NULL) {
            fail_msg("case %zu (%s, \"%s\"): status %d, \"%s\"", i, m->file, m->why, (int)status, error.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_scenario_is_read),
        cmocka_unit_test(optional_files_may_be_missing),
        cmocka_unit_test(districts_are_found),
        cmocka_unit_test(each_mistake_is_told_with_file_and_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
