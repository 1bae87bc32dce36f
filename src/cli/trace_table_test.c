/* Tables of positions and of speeds, against what stands in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cli/trace_table.h"

static enum status read(const char *text, struct trace_table *table, struct error *error)
{
    return trace_table_read_bytes("t.csv", text, strlen(text), ROAD_EMERGENCY, table, error);
}

static void sorts_rows_into_trips(void **state)
{
    (void)state;
    struct trace_table table;
    struct error error;
    assert_int_equal(read("lat,lon,at,unit,trip,profile\n"
                          "35.2,14.2,2026-01-05T08:00:10Z,7,1,emergency\n"
                          "35.1,14.1,2026-01-05T08:00:00Z,7,1,emergency\n"
                          "35.3,14.3,2026-01-05T08:06:00Z,7,1,emergency\n" /* 350 s later: another trip */
                          "35.4,14.4,2026-01-05T08:06:05Z,7,2,emergency\n"
                          "35.5,14.5,2026-01-05T08:06:05Z,3,2,\n"
                          "35.6,14.6,2026-01-05T08:06:05Z,7,,emergency\n"
                          "35.7,14.7,2026-01-05T08:06:05Z,7,2,normal\n",
                          &table, &error),
                     STATUS_OK);
    assert_int_equal(table.rows, 7);
    assert_int_equal(table.left_out, 2);
    assert_int_equal(table.trip_count, 4);
    static const struct trace_trip expected[] = { { 3, 0, 1 }, { 7, 1, 2 }, { 7, 3, 1 }, { 7, 4, 1 } };
    assert_memory_equal(table.trips, expected, sizeof expected);
    assert_int_equal(table.fixes[1].point.lon_e7, 141000000);
    assert_int_equal(table.fixes[2].point.lat_e7, 352000000);
    assert_int_equal(table.fixes[2].at.us - table.fixes[1].at.us, 10000000);
    trace_table_free(&table);
}

static void names_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "", "empty" },
        { "unit,at,lon\n", "lat" },
        { "unit,at,lon,lat\n1,yesterday,14,35\n", "t.csv:2: column at" },
        { "unit,at,lon,lat\n1,2026-01-05T08:00:00Z,200,35\n", "t.csv:2" },
        { "unit,at,lon,lat,profile\n1,2026-01-05T08:00:00Z,14,35,fast\n", "column profile" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trace_table table;
        struct error error;
        assert_int_equal(read(cases[i].text, &table, &error), STATUS_BAD_INPUT);
        assert_non_null(strstr(error.text, cases[i].says));
    }
}

/* ---- speeds ---- */

static void a_band_without_a_row_takes_all(void **state)
{
    (void)state;
    const char *text = "profile,band,class,time_factor\nemergency,all,primary,1.5\nemergency,night,primary,0.5\n";
    struct speeds speeds;
    struct error error;
    assert_int_equal(speeds_read_bytes("s.csv", text, strlen(text), &speeds, &error), STATUS_OK);
    assert_int_equal(speeds_ticks(&speeds, ROAD_EMERGENCY, SPEED_ALL, ROAD_CLASS_PRIMARY, 1000), 1500);
    assert_int_equal(speeds_ticks(&speeds, ROAD_EMERGENCY, SPEED_NIGHT, ROAD_CLASS_PRIMARY, 1000), 500);
    assert_int_equal(speeds_ticks(&speeds, ROAD_EMERGENCY, SPEED_WEEKEND, ROAD_CLASS_PRIMARY, 1000), 1500);
    assert_int_equal(speeds_ticks(&speeds, ROAD_EMERGENCY, SPEED_NIGHT, ROAD_CLASS_SECONDARY, 1000), 1000);
    assert_int_equal(speeds_ticks(&speeds, ROAD_NORMAL, SPEED_NIGHT, ROAD_CLASS_PRIMARY, 1000), 1000);
    assert_int_equal(speeds_ticks(&speeds, ROAD_EMERGENCY, SPEED_NIGHT, ROAD_CLASS_PRIMARY, ROAD_INFINITY), ROAD_INFINITY);
    assert_int_equal(speeds_ticks(&speeds, ROAD_EMERGENCY, SPEED_NIGHT, ROAD_CLASS_PRIMARY, 1), 1);
}

static void refuses_what_is_no_table_of_speeds(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "", "empty" },
        { "profile,band,class,time_factor\ncar,all,primary,1\n", "column profile" },
        { "profile,band,class,time_factor\nnormal,noon,primary,1\n", "column band" },
        { "profile,band,class,time_factor\nnormal,all,alley,1\n", "column class" },
        { "profile,band,class,time_factor\nnormal,all,primary,9\n", "time_factor" },
        { "profile,band,class,time_factor\nnormal,all,primary,1\nnormal,all,primary,1\n", "s.csv:3" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct speeds speeds;
        struct error error;
        assert_int_equal(speeds_read_bytes("s.csv", cases[i].text, strlen(cases[i].text), &speeds, &error), STATUS_BAD_INPUT);
        assert_non_null(strstr(error.text, cases[i].says));
    }
}

/* 2026-01-05 is a Monday; 08:00 in Shanghai is 00:00 UTC. */
static void bands_are_of_local_time(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t hour; /* since Monday 00:00 UTC */
        enum speed_band band;
    } cases[] = {
        { "UTC", 0, SPEED_NIGHT },
        { "UTC", 7, SPEED_WEEKDAY_MORNING },
        { "UTC", 9, SPEED_WEEKDAY_DAY },
        { "UTC", 16, SPEED_WEEKDAY_EVENING },
        { "UTC", 19, SPEED_WEEKDAY_LATE },
        { "UTC", 22, SPEED_NIGHT },
        { "UTC", 5 * 24 + 8, SPEED_WEEKEND },
        { "UTC", 6 * 24 + 21, SPEED_WEEKEND },
        { "UTC", 6 * 24 + 22, SPEED_NIGHT },
        { "UTC-8", 0, SPEED_WEEKDAY_MORNING },
        { "UTC-8", 4 * 24 + 23, SPEED_WEEKEND },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)setenv("TZ", cases[i].zone, 1);
        tzset();
        assert_int_equal(speed_band_of((struct instant){ (1767571200 + cases[i].hour * 3600) * US_PER_SECOND }), cases[i].band);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_rows_into_trips),          cmocka_unit_test(names_what_is_wrong),
        cmocka_unit_test(a_band_without_a_row_takes_all), cmocka_unit_test(refuses_what_is_no_table_of_speeds),
        cmocka_unit_test(bands_are_of_local_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
