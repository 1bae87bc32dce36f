/* Learning on made trips whose truth is known: another table of speeds must be found again, and where there is none to be found
 * it must be said. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/random.h"
#include "base/test_data.h"
#include "road/import.h"
#include "road/learn.h"
#include "road/town_sample.h"
#include "road/trace_made.h"

enum { TRIPS = 400, SEED = 3 };
static const struct learn_rules RULES = { .profile = ROAD_EMERGENCY, .seed = 11, .held_back = 0.3, .noise_m = 8 };

struct world {
    char *folder;
    struct city *city;
    struct match_fixes fixes[TRIPS];
    struct learn_trip trips[TRIPS];
};

/* A city of some size, if it is there. */
static bool begin(struct world *world)
{
    char *osm = file_join(test_data_folder(), "osm/malta.osm.pbf");
    struct error error;
    memset(world, 0, sizeof *world);
    world->folder = sample_folder();
    char *path = file_join(world->folder, "map.city");
    if (access(osm, R_OK) == 0) {
        struct import_options options = { .osm = osm, .output = path };
        assert_int_equal(import_city(&options, &error), STATUS_OK);
        assert_int_equal(city_open(path, &world->city, &error), STATUS_OK);
    }
    free(osm);
    free(path);
    return world->city != NULL;
}

static void end(struct world *world)
{
    for (int i = 0; i < TRIPS; i++) {
        vec_free(&world->fixes[i]);
    }
    city_close(world->city);
    sample_folder_remove(world->folder);
}

/* Trips at any hour of a week, each with the speeds of its hour. */
static void drive(struct world *world, const struct speeds *truth)
{
    struct trace_maker *maker;
    struct made_trip trip = { 0 };
    struct error error;
    uint32_t arcs = city_graph(world->city)->arc_count;
    road_ticks *weights = malloc(SPEED_BAND_COUNT * (size_t)arcs * sizeof *weights);
    assert_non_null(weights);
    for (int band = 0; band < SPEED_BAND_COUNT; band++) {
        speeds_weights(truth, world->city, ROAD_EMERGENCY, (enum speed_band)band, weights + (size_t)band * arcs);
    }
    assert_int_equal(trace_maker_create(world->city, ROAD_EMERGENCY, SEED, &maker, &error), STATUS_OK);
    for (uint32_t i = 0; i < TRIPS; i++) {
        struct random_stream stream;
        random_open(&stream, SEED, 77, i);
        struct instant start = { (int64_t)(1767571200.0 + random_uniform(&stream) * 7 * 86400) *
                                 US_PER_SECOND }; /* 2026-01-05, a Monday */
        struct made_rules rules = { .weights = weights + (size_t)speed_band_of(start) * arcs,
                                    .arc_spread = 0.4,
                                    .start = start,
                                    .interval_s = 10,
                                    .noise_m = 8 };
        assert_int_equal(trace_maker_trip(maker, i, &rules, &trip, &error), STATUS_OK);
        world->fixes[i] = trip.fixes;
        trip.fixes = (struct match_fixes){ 0 };
        world->trips[i] = (struct learn_trip){ world->fixes[i].items, (uint32_t)world->fixes[i].count };
    }
    made_trip_free(&trip);
    trace_maker_destroy(maker);
    free(weights);
}

static void print(const struct learned *learned)
{
    printf("%u trips, %u matched, %u held back, %u stretches; mean absolute error %.1f s -> %.1f s, bias %+.1f s -> %+.1f s, "
           "gain %.2f s +- %.2f\n",
           learned->trips, learned->trips_matched, learned->trips_held_back, learned->stretches, learned->all.before_mae_s,
           learned->all.after_mae_s, learned->all.before_bias_s, learned->all.after_bias_s, learned->gain_s,
           learned->gain_error_s);
}

/* Classes of which at least a quarter of an hour was driven in the band are found within a tenth. */
static void finds_other_speeds_again(void **state)
{
    (void)state;
    struct world world;
    struct speeds truth;
    struct learned learned;
    struct error error;
    if (!begin(&world)) {
        end(&world);
        skip();
    }
    speeds_init(&truth);
    for (int band = 0; band < SPEED_BAND_COUNT; band++) {
        bool busy = band == SPEED_WEEKDAY_MORNING || band == SPEED_WEEKDAY_EVENING;
        truth.factor[ROAD_EMERGENCY][band][ROAD_CLASS_PRIMARY] = busy ? 1.8 : 1.3;
        truth.factor[ROAD_EMERGENCY][band][ROAD_CLASS_SECONDARY] = busy ? 1.6 : 1.2;
        truth.factor[ROAD_EMERGENCY][band][ROAD_CLASS_TRUNK] = 0.8;
        truth.factor[ROAD_EMERGENCY][band][ROAD_CLASS_RESIDENTIAL] = 1.4;
    }
    drive(&world, &truth);
    assert_int_equal(learn_speeds(world.city, &RULES, world.trips, TRIPS, &learned, &error), STATUS_OK);
    print(&learned);
    uint32_t compared = 0;
    double worst = 0;
    for (int band = SPEED_ALL + 1; band < SPEED_BAND_COUNT; band++) {
        for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
            double expected = truth.factor[ROAD_EMERGENCY][band][class];
            if (learned.speeds.trips[ROAD_EMERGENCY][band][class] > 0) {
                double found = learned.speeds.factor[ROAD_EMERGENCY][band][class];
                printf("%s %s: %.2f, found %.2f from %.1f h\n", SPEED_BAND_NAMES[band], road_class_name((enum road_class) class),
                       expected, found, learned.speeds.hours[ROAD_EMERGENCY][band][class]);
                worst = fmax(worst, fabs(found / expected - 1));
                compared += 1;
            }
        }
    }
    printf("worst of %u: %.1f%%\n", compared, 100 * worst);
    assert_true(compared >= 12);
    assert_true(worst < 0.15);
    assert_true(learned.gains && learned.all.after_mae_s < 0.6 * learned.all.before_mae_s);
    end(&world);
}

static void says_that_there_is_no_gain(void **state)
{
    (void)state;
    struct world world;
    struct speeds truth;
    struct learned learned;
    struct error error;
    if (!begin(&world)) {
        end(&world);
        skip();
    }
    speeds_init(&truth);
    drive(&world, &truth);
    assert_int_equal(learn_speeds(world.city, &RULES, world.trips, TRIPS, &learned, &error), STATUS_OK);
    print(&learned);
    assert_false(learned.gains);
    end(&world);
}

static void needs_some_trips(void **state)
{
    (void)state;
    struct town town = { .map = "ab\n", .ways = { { "ab", "highway=primary" } } };
    char *folder = sample_folder();
    struct city *city = town_open(&town, folder);
    struct learned learned;
    struct error error;
    assert_int_equal(learn_speeds(city, &RULES, NULL, 0, &learned, &error), STATUS_BAD_INPUT);
    city_close(city);
    sample_folder_remove(folder);
}

int main(void)
{
    (void)setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_other_speeds_again),
        cmocka_unit_test(says_that_there_is_no_gain),
        cmocka_unit_test(needs_some_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
