/* The rules of the profiles, a table of tags and what each profile may do with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "road/profile.h"

enum { TAGS_MAX = 16 };

struct tag_list {
    char text[512];
    struct osm_tag items[TAGS_MAX];
    struct osm_tags tags;
};

/* "highway=primary|oneway=yes" */
static const struct osm_tags *parse(struct tag_list *list, const char *text)
{
    snprintf(list->text, sizeof list->text, "%s", text);
    list->tags = (struct osm_tags){ list->items, 0 };
    for (char *at = list->text; at != NULL && *at != '\0';) {
        char *end = strchr(at, '|'), *equals = strchr(at, '=');
        assert_non_null(equals);
        *equals = '\0';
        if (end != NULL) {
            *end++ = '\0';
        }
        list->items[list->tags.count++] = (struct osm_tag){ at, equals + 1 };
        at = end;
    }
    return &list->tags;
}

/* One letter a profile: '=' both directions, '>' along, '<' against, 'x' closed. */
static void directions(const struct way_costs *costs, char text[ROAD_PROFILE_COUNT + 1])
{
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        bool along = costs->seconds_per_m[profile][ROAD_FORWARD] > 0, against = costs->seconds_per_m[profile][ROAD_BACKWARD] > 0;
        text[profile] = along && against ? '=' : along ? '>' : against ? '<' : 'x';
    }
    text[ROAD_PROFILE_COUNT] = '\0';
}

static const struct {
    const char *tags;
    const char *open; /* emergency, normal, foot */
} WAYS[] = {
    { "highway=residential", "===" },
    { "highway=motorway", ">>x" },
    { "highway=motorway|oneway=no", "==x" },
    { "highway=motorway_link", "==x" },
    { "highway=trunk", "==x" },
    { "highway=trunk|foot=yes", "===" },
    { "highway=pedestrian", "=x=" },
    { "highway=pedestrian|motor_vehicle=yes", "===" },
    { "highway=footway", "xx=" },
    { "highway=footway|emergency=yes", "=x=" },
    { "highway=footway|emergency=designated|access=no", "=xx" },
    { "highway=footway|access=yes", "xx=" },
    { "highway=path|motor_vehicle=private", "=x=" },
    { "highway=cycleway|motorcar=yes", "===" },
    { "highway=steps|emergency=yes", "xx=" },
    { "highway=platform", "xx=" },
    { "man_made=pier", "xx=" },
    { "highway=track", "===" },
    { "highway=track|motor_vehicle=agricultural", "=x=" },
    { "highway=busway", "=xx" },
    { "highway=busway|motor_vehicle=yes", "==x" },
    { "highway=service|service=emergency_access", "=x=" },
    { "highway=service|service=emergency_access|motor_vehicle=yes", "===" },
    /* access */
    { "highway=service|access=private", "=xx" },
    { "highway=service|access=no", "=xx" },
    { "highway=service|access=no|emergency=no", "xxx" },
    { "highway=residential|emergency=no", "x==" },
    { "highway=residential|emergency=fire_hydrant", "===" },
    { "highway=residential|access=destination", "===" },
    { "highway=residential|access=no|foot=yes", "=x=" },
    { "highway=residential|access=no|motor_vehicle=yes", "==x" },
    { "highway=residential|motor_vehicle=no", "=x=" },
    { "highway=residential|vehicle=no|motorcar=yes", "===" },
    { "highway=service|access=no|bus=yes", "=xx" },
    { "highway=residential|foot=no", "==x" },
    { "highway=residential|foot=use_sidepath", "==x" },
    { "highway=residential|access=unknown", "===" },
    /* one-ways */
    { "highway=residential|oneway=yes", ">>=" },
    { "highway=residential|oneway=1", ">>=" },
    { "highway=residential|oneway=-1", "<<=" },
    { "highway=residential|oneway=no", "===" },
    { "highway=residential|oneway=reversible", "xx=" },
    { "highway=residential|oneway=alternating", "===" },
    { "highway=trunk|oneway=reversible", "xxx" },
    { "highway=residential|junction=roundabout", ">>=" },
    { "highway=residential|junction=circular", ">>=" },
    { "highway=residential|junction=roundabout|oneway=-1", "<<=" },
    { "highway=residential|oneway=yes|oneway:emergency=no", "=>=" },
    { "highway=residential|oneway=yes|oneway:motor_vehicle=no", "===" },
    { "highway=residential|oneway=yes|oneway:bus=no", "=>=" },
    { "highway=residential|oneway=yes|oneway:psv=no", "=>=" },
    { "highway=residential|oneway=yes|busway=opposite_lane", "=>=" },
    { "highway=residential|oneway=yes|oneway:bicycle=no", ">>=" },
    { "highway=residential|oneway=yes|oneway:foot=yes", ">>>" },
    { "highway=footway|oneway=yes", "xx=" },
    { "highway=steps|conveying=forward", "xx>" },
    { "highway=residential|motor_vehicle:backward=no", "=>=" },
    { "highway=residential|emergency:backward=no", ">==" },
    { "highway=residential|vehicle:forward=no", "=<=" },
    /* what an ambulance fits through */
    { "highway=residential|maxheight=2.5", "xx=" },
    { "highway=residential|maxheight=3", "===" },
    { "highway=residential|maxheight=8'6\"", "xx=" },
    { "highway=residential|maxheight=default", "===" },
    { "highway=residential|maxwidth=2", "xx=" },
    { "highway=residential|width=1.5", "xx=" },
    { "highway=residential|maxweight=2", "xx=" },
    { "highway=residential|maxweight=7.5", "===" },
    { "highway=track|smoothness=impassable", "xx=" },
    /* ferries */
    { "route=ferry|duration=00:20", "===" },
    { "route=ferry|duration=00:20|motor_vehicle=no", "xx=" },
    { "route=ferry|duration=00:20|foot=yes", "xx=" },
    { "route=ferry|duration=00:20|foot=yes|motorcar=yes", "===" },
    { "route=ferry|duration=20|foot=no", "==x" },
};

static void ways_are_open_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(WAYS); i++) {
        struct tag_list list;
        struct way_costs costs;
        char open[ROAD_PROFILE_COUNT + 1];
        (void)profile_way(PROFILES, parse(&list, WAYS[i].tags), &costs);
        directions(&costs, open);
        if (strcmp(open, WAYS[i].open) != 0) {
            fail_msg("%s: %s instead of %s", WAYS[i].tags, open, WAYS[i].open);
        }
    }
}

static void what_is_dropped_has_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *tags;
        enum way_verdict verdict;
    } CASES[] = {
        { "building=yes", WAY_NOT_A_ROAD },
        { "highway=residential", WAY_USED },
        { "highway=raceway", WAY_CLOSED },
        { "highway=motorway|access=no|emergency=no", WAY_CLOSED },
        { "highway=construction|construction=primary", WAY_UNDER_CONSTRUCTION },
        { "highway=proposed", WAY_UNDER_CONSTRUCTION },
        { "highway=carriageway_of_dreams", WAY_UNKNOWN_CLASS },
        { "highway=trunk|oneway=reversible", WAY_REVERSIBLE },
        { "route=ferry", WAY_FERRY_WITHOUT_DURATION },
        { "route=ferry|duration=soon", WAY_FERRY_WITHOUT_DURATION },
        { "man_made=pier|access=no", WAY_NOT_A_ROAD },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        struct tag_list list;
        struct way_costs costs;
        enum way_verdict verdict = profile_way(PROFILES, parse(&list, CASES[i].tags), &costs);
        if (verdict != CASES[i].verdict) {
            fail_msg("%s: verdict %d instead of %d", CASES[i].tags, (int)verdict, (int)CASES[i].verdict);
        }
    }
}

static double kmh(const char *tags, enum road_profile profile, int direction)
{
    struct tag_list list;
    struct way_costs costs;
    (void)profile_way(PROFILES, parse(&list, tags), &costs);
    double seconds = costs.seconds_per_m[profile][direction];
    return seconds > 0 ? 3.6 / seconds : 0;
}

static void speeds_follow_limits_surfaces_and_lanes(void **state)
{
    (void)state;
    static const struct {
        const char *tags;
        double emergency, normal;
    } CASES[] = {
        { "highway=secondary|maxspeed=50", 52, 40 },
        { "highway=secondary|maxspeed=30 mph", 50.212, 38.624 },
        { "highway=secondary|maxspeed=DE:urban", 52, 40 },
        { "highway=secondary|maxspeed=signals|maxspeed:type=DE:rural", 90, 80 },
        { "highway=secondary|maxspeed=100", 90, 80 },
        { "highway=secondary", 65, 50 },
        { "highway=motorway|maxspeed=none", 140, 112 },
        { "highway=secondary|maxspeed=50|maxspeed:emergency=80", 80, 40 },
        { "highway=residential|surface=sett", 39, 30 },
        { "highway=secondary|surface=cobblestone", 36, 30 },
        { "highway=secondary|surface=sand", 24, 20 },
        { "highway=secondary|lanes=1", 52, 37.5 },
        { "highway=secondary|lanes=1|oneway=yes", 65, 50 },
        { "highway=secondary|junction=roundabout", 42, 35 },
        { "highway=service|service=parking_aisle", 15.6, 12 },
        { "highway=track|tracktype=grade5", 23.4, 18 },
        { "highway=track|smoothness=very_bad|maxspeed=50", 24, 20 },
        { "highway=residential|access=destination", 39, 15 },
        { "highway=living_street", 15.6, 12 },
        { "highway=pedestrian", 13, 0 },
        { "highway=footway|emergency=yes", 13, 0 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        double emergency = kmh(CASES[i].tags, ROAD_EMERGENCY, ROAD_FORWARD),
               normal = kmh(CASES[i].tags, ROAD_NORMAL, ROAD_FORWARD);
        if (emergency < CASES[i].emergency - 0.01 || emergency > CASES[i].emergency + 0.01 || normal < CASES[i].normal - 0.01 ||
            normal > CASES[i].normal + 0.01) {
            fail_msg("%s: %.2f and %.2f km/h instead of %.2f and %.2f", CASES[i].tags, emergency, normal, CASES[i].emergency,
                     CASES[i].normal);
        }
    }
    const char *two_limits = "highway=secondary|maxspeed:forward=30|maxspeed:backward=70";
    assert_true(kmh(two_limits, ROAD_NORMAL, ROAD_FORWARD) < 24.1 && kmh(two_limits, ROAD_NORMAL, ROAD_BACKWARD) > 55.9);
    assert_true(kmh("highway=steps", ROAD_FOOT, ROAD_FORWARD) < 2.6);
    assert_true(kmh("highway=secondary|maxspeed=50", ROAD_FOOT, ROAD_FORWARD) < 5.1);
}

static void values_are_read(void **state)
{
    (void)state;
    static const struct {
        double (*read)(const char *value);
        const char *value;
        double expected;
    } CASES[] = {
        { profile_speed_kmh, "50", 50 },
        { profile_speed_kmh, "50 km/h", 50 },
        { profile_speed_kmh, "50kmh", 50 },
        { profile_speed_kmh, "30 mph", 48.28 },
        { profile_speed_kmh, "30mph", 48.28 },
        { profile_speed_kmh, "10 knots", 18.52 },
        { profile_speed_kmh, "walk", 7 },
        { profile_speed_kmh, "none", 140 },
        { profile_speed_kmh, "999", 0 },
        { profile_speed_kmh, "0", 0 },
        { profile_speed_kmh, "-50", 0 },
        { profile_speed_kmh, "nan", 0 },
        { profile_speed_kmh, "", 0 },
        { profile_speed_kmh, "50;70", 50 },
        { profile_speed_kmh, "50 furlongs", 0 },
        { profile_speed_kmh, "signals", 0 },
        { profile_speed_kmh, "DE:urban", 50 },
        { profile_speed_kmh, "DE:rural", 100 },
        { profile_speed_kmh, "RO:rural", 90 },
        { profile_speed_kmh, "GB:nsl_single", 96.56 },
        { profile_speed_kmh, "DE:zone:30", 30 },
        { profile_speed_kmh, "DE:zone30", 30 },
        { profile_speed_kmh, "zone:20", 20 },
        { profile_speed_kmh, "DE:living_street", 15 },
        { profile_speed_kmh, "DE:nonsense", 0 },
        { profile_duration_s, "00:45", 2700 },
        { profile_duration_s, "1:30:05", 5405 },
        { profile_duration_s, "45", 2700 },
        { profile_duration_s, "PT1H30M", 5400 },
        { profile_duration_s, "PT90S", 90 },
        { profile_duration_s, "P1D", 86400 },
        { profile_duration_s, "P", 0 },
        { profile_duration_s, "1:2:3:4", 0 },
        { profile_duration_s, "an hour", 0 },
        { profile_duration_s, "45 min", 0 },
        { profile_duration_s, "999999:00", 0 },
        { profile_metres, "2.7", 2.7 },
        { profile_metres, "2,7 m", 2.7 },
        { profile_metres, "9'6\"", 2.8956 },
        { profile_metres, "250 cm", 2.5 },
        { profile_metres, "default", 0 },
        { profile_metres, "3 miles", 0 },
        { profile_tonnes, "3.5", 3.5 },
        { profile_tonnes, "7.5 t", 7.5 },
        { profile_tonnes, "3500 kg", 3.5 },
        { profile_tonnes, "heavy", 0 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
        double value = CASES[i].read(CASES[i].value);
        if (value < CASES[i].expected - 0.01 || value > CASES[i].expected + 0.01) {
            fail_msg("\"%s\" is read as %g instead of %g", CASES[i].value, value, CASES[i].expected);
        }
    }
}

/* Tenths of a second by profile; -1 closed. */
static const struct {
    const char *tags;
    int costs[ROAD_PROFILE_COUNT];
} NODES[] = {
    { "highway=traffic_signals", { 30, 80, 0 } },
    { "highway=stop", { 10, 40, 0 } },
    { "highway=crossing", { 5, 10, 0 } },
    { "traffic_calming=hump", { 20, 25, 0 } },
    { "traffic_calming=no", { 0, 0, 0 } },
    { "railway=level_crossing", { 50, 50, 10 } },
    { "barrier=gate", { 80, 100, 20 } },
    { "barrier=gate|access=private", { 180, -1, -1 } },
    { "barrier=gate|access=private|foot=yes", { 180, -1, 20 } },
    { "barrier=gate|locked=yes", { 180, -1, -1 } },
    { "barrier=gate|emergency=yes|access=no", { 80, -1, -1 } },
    { "barrier=gate|emergency=no", { -1, 100, 20 } },
    { "barrier=lift_gate", { 50, 80, 0 } },
    { "barrier=bollard", { -1, -1, 0 } },
    { "barrier=bollard|emergency=yes", { 30, -1, 0 } },
    { "barrier=bollard|motor_vehicle=yes", { -1, 30, 0 } },
    { "barrier=block", { -1, -1, 0 } },
    { "barrier=stile", { -1, -1, 50 } },
    { "barrier=wall", { -1, -1, -1 } },
    { "barrier=entrance", { 0, 0, 0 } },
    { "barrier=height_restrictor|maxheight=2", { -1, -1, 0 } },
    { "barrier=height_restrictor|maxheight=3.5", { 10, 10, 0 } },
    { "barrier=something_new", { -1, -1, 0 } },
    { "barrier=lift_gate|highway=stop", { 60, 120, 0 } },
    { "highway=bus_stop", { 0, 0, 0 } },
};

static void nodes_cost_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(NODES); i++) {
        struct tag_list list;
        struct node_costs costs;
        bool any = profile_node(PROFILES, parse(&list, NODES[i].tags), &costs), expected = false;
        for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
            int cost = costs.closed >> profile & 1 ? -1 : costs.penalty_ds[profile];
            expected |= cost != 0;
            if (cost != NODES[i].costs[profile]) {
                fail_msg("%s: %s pays %d instead of %d", NODES[i].tags, PROFILES[profile].name, cost, NODES[i].costs[profile]);
            }
        }
        assert_int_equal(any, expected);
    }
    struct tag_list list;
    struct node_costs costs;
    assert_true(profile_node(PROFILES, parse(&list, "highway=traffic_signals|traffic_signals:direction=backward"), &costs));
    assert_int_equal(costs.direction, 2);
}

static void the_wrong_way_is_a_switch(void **state)
{
    (void)state;
    struct profile_rules rules[ROAD_PROFILE_COUNT];
    memcpy(rules, PROFILES, sizeof rules);
    rules[ROAD_EMERGENCY].wrong_way_factor = 0.5;
    struct tag_list list;
    struct way_costs costs;
    char open[ROAD_PROFILE_COUNT + 1];
    assert_int_equal(profile_way(rules, parse(&list, "highway=residential|oneway=yes"), &costs), WAY_USED);
    directions(&costs, open);
    assert_string_equal(open, "=>=");
    assert_true(costs.seconds_per_m[ROAD_EMERGENCY][ROAD_BACKWARD] > 1.9f * costs.seconds_per_m[ROAD_EMERGENCY][ROAD_FORWARD]);
}

static void profiles_have_names(void **state)
{
    (void)state;
    assert_int_equal(profile_of_name("emergency"), ROAD_EMERGENCY);
    assert_int_equal(profile_of_name("foot"), ROAD_FOOT);
    assert_int_equal(profile_of_name("bicycle"), ROAD_PROFILE_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ways_are_open_as_the_table_says),
        cmocka_unit_test(what_is_dropped_has_its_reason),
        cmocka_unit_test(speeds_follow_limits_surfaces_and_lanes),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(nodes_cost_what_the_table_says),
        cmocka_unit_test(the_wrong_way_is_a_switch),
        cmocka_unit_test(profiles_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
