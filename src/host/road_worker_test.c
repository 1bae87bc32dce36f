/* The road workers against Dijkstra's search on the same city, for both profiles and directions; what lies off the roads; the
 * bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "base/hash.h"
#include "host/centre_test.h"
#include "host/road_worker.h"
#include "road/dijkstra.h"

enum { ENDS = 40 };

struct mail {
    sem_t came;
    sem_t gate; /* an answer waits here first, if gated */
    bool gated;
    pthread_mutex_t lock;
    uint64_t command[COMMAND_SIZE_MAX / 8];
    uint32_t count;
};

static void keep_answer(void *context, const struct command_head *command)
{
    struct mail *mail = context;
    if (mail->gated) {
        sem_wait(&mail->gate);
    }
    pthread_mutex_lock(&mail->lock);
    memcpy(mail->command, command, command->size);
    mail->count += 1;
    pthread_mutex_unlock(&mail->lock);
    sem_post(&mail->came);
}

struct fixture {
    struct test_centre town;
    struct mail *mail;
    struct road_workers *workers;
};

static void open_fixture_with(struct fixture *fixture, bool gated, const struct speeds *speeds)
{
    struct error error;
    test_centre_make(&fixture->town);
    fixture->mail = calloc(1, sizeof *fixture->mail);
    assert_non_null(fixture->mail);
    fixture->mail->gated = gated;
    sem_init(&fixture->mail->came, 0, 0);
    sem_init(&fixture->mail->gate, 0, 0);
    pthread_mutex_init(&fixture->mail->lock, NULL);
    const struct road_setup setup = { .city = fixture->town.city,
                                      .threads = 2,
                                      .units_max = ENDS,
                                      .facilities_max = ENDS,
                                      .estimate_speed = { 90 * US_PER_SECOND },
                                      .speeds = speeds,
                                      .reckon_max = { 30 * US_PER_SECOND },
                                      .answer = keep_answer,
                                      .context = fixture->mail };
    test_must(road_workers_create(&setup, &fixture->workers, &error), &error);
}

static void open_fixture(struct fixture *fixture, bool gated) { open_fixture_with(fixture, gated, NULL); }

static void close_fixture(struct fixture *fixture)
{
    road_workers_destroy(fixture->workers);
    test_centre_free(&fixture->town);
    free(fixture->mail);
}

/* Somewhere in the town, by number. */
static struct geo_point place(uint64_t number)
{
    uint64_t draw = hash64(&number, sizeof number, 120);
    return test_point(119600000 + (int32_t)(draw % 160000), 577000000 + (int32_t)(draw / 160000 % 80000));
}

static void add_ticks(struct road_seeds *seeds, road_ticks ticks)
{
    for (uint32_t i = 0; i < seeds->count; i++) {
        seeds->seed[i].ticks += ticks;
    }
}

/* The same way by Dijkstra's search, from the city's own words. */
static struct duration searched(const struct city *city, enum road_profile profile, struct geo_point from, struct geo_point to)
{
    const road_ticks *weights = city_weights(city, profile);
    struct road_place a, b;
    struct road_seeds leaving, reaching;
    struct dijkstra *search = NULL;
    struct error error;
    test_must(city_snap(city, profile, from, 2000, &a, &error), &error);
    test_must(city_snap(city, profile, to, 2000, &b, &error), &error);
    road_ticks off_road = city_off_road_ticks(city, profile, &a) + city_off_road_ticks(city, profile, &b);
    city_seeds_leaving(city, weights, &a, &leaving);
    city_seeds_reaching(city, weights, &b, &reaching);
    add_ticks(&leaving, off_road);
    test_must(dijkstra_create(city_graph(city), &search, &error), &error);
    const struct dijkstra_search all = { .weights = weights, .from = &leaving, .limit = ROAD_INFINITY };
    test_must(dijkstra_run(search, &all, &error), &error);
    road_ticks ticks = ROAD_INFINITY;
    for (uint32_t i = 0; i < reaching.count; i++) {
        road_ticks way = dijkstra_ticks(search, reaching.seed[i].node);
        ticks = way < ROAD_INFINITY && way + reaching.seed[i].ticks < ticks ? way + reaching.seed[i].ticks : ticks;
    }
    dijkstra_destroy(search);
    road_ticks direct = city_direct_ticks(city, weights, &a, &b);
    direct = direct < ROAD_INFINITY ? direct + off_road : ROAD_INFINITY;
    return road_ticks_duration(ticks < direct ? ticks : direct, city_ticks_per_second(city));
}

static struct road_question question_about(enum road_question_kind kind, enum road_profile profile, struct geo_point point,
                                           struct road_end *ends)
{
    for (uint32_t i = 0; i < ENDS; i++) {
        ends[i] = (struct road_end){
            .id = i + 1, .position_age_ms = 10 * i, .point = place(i), .wait = { (int64_t)i * 1000000 }
        };
    }
    return (struct road_question){
        .kind = kind, .subject = 9, .asked = 77, .profile = profile, .point = point, .count = ENDS, .ends = ends
    };
}

static const struct command_head *ask(struct fixture *fixture, const struct road_question *question)
{
    assert_true(road_ask(fixture->workers, question));
    sem_wait(&fixture->mail->came);
    const struct command_head *command = (const struct command_head *)fixture->mail->command;
    assert_true(command_is_well_formed(command, command->size));
    return command;
}

static void as_quick_as_dijkstra(void **state)
{
    (void)state;
    struct fixture fixture;
    struct road_end ends[ENDS];
    open_fixture(&fixture, false);
    for (uint64_t round = 0; round < 4; round++) {
        enum road_profile profile = round % 2 == 0 ? ROAD_EMERGENCY : ROAD_NORMAL;
        struct geo_point point = place(1000 + round);
        struct road_question question = question_about(ROAD_ASK_UNITS, profile, point, ends);
        const struct command_travel_times *units = (const struct command_travel_times *)ask(&fixture, &question);
        assert_true(units->incident.v == 9 && units->count == ENDS && units->estimated == 0);
        for (uint32_t i = 0; i < ENDS; i++) {
            struct duration way = searched(fixture.town.city, profile, ends[i].point, point);
            assert_int_equal(units->items[i].unit.v, i + 1);
            assert_int_equal(units->items[i].position_age_ms, 10 * i);
            assert_int_equal(units->items[i].eta.us, way.us + (int64_t)i * 1000000);
        }
        question = question_about(ROAD_ASK_FACILITIES, profile, point, ends);
        const struct command_facility_times *facilities = (const struct command_facility_times *)ask(&fixture, &question);
        assert_true(facilities->mission.v == 9 && facilities->count == ENDS && facilities->estimated == 0);
        for (uint32_t i = 0; i < ENDS; i++) {
            struct duration way = searched(fixture.town.city, profile, point, ends[i].point);
            assert_int_equal(facilities->items[i].facility.v, i + 1);
            assert_int_equal(facilities->items[i].eta.us, way.us + (int64_t)i * 1000000);
        }
    }
    close_fixture(&fixture);
}

static int64_t reckoned_eta_us(struct fixture *fixture, uint32_t age_ms, uint32_t trail_count, struct geo_point point)
{
    struct road_end end = { .id = 1,
                            .position_age_ms = age_ms,
                            .point = test_point(119620000, 577040000),
                            .trail_count = trail_count,
                            .drives = ROAD_EMERGENCY };
    for (uint32_t i = 0; i < trail_count; i++) { /* 30 m a step on the middle street, eastward */
        end.trail[i] = (struct match_fix){ { (int64_t)i * 2 * US_PER_SECOND },
                                           test_point(119620000 - (int32_t)(trail_count - 1 - i) * 5000, 577040000) };
    }
    struct road_question question = {
        .kind = ROAD_ASK_UNITS, .subject = 9, .asked = 78, .profile = ROAD_EMERGENCY, .point = point, .count = 1, .ends = &end
    };
    const struct command_travel_times *units = (const struct command_travel_times *)ask(fixture, &question);
    assert_int_equal(units->items[0].position_age_ms, age_ms);
    return units->items[0].eta.us;
}

static void assert_as_from(struct fixture *fixture, int64_t eta_us, double lon, struct geo_point point)
{
    struct geo_point from = test_point((int32_t)(lon * 1e7), 577040000);
    int64_t expected_us = searched(fixture->town.city, ROAD_EMERGENCY, from, point).us;
    assert_true(llabs(eta_us - expected_us) < US_PER_SECOND / 5);
}

/* Eastward on the middle street, whose next junction is at 11.964: five seconds on, never past it, and not where the position is
 * fresh, too old, or alone. */
static void a_unit_that_drives_is_moved_on(void **state)
{
    (void)state;
    struct fixture fixture;
    open_fixture(&fixture, false);
    struct geo_point point = test_point(119750000, 577060000);
    double lon_per_s = 0.002 / duration_to_seconds(searched(fixture.town.city, ROAD_EMERGENCY, test_point(119610000, 577040000),
                                                            test_point(119630000, 577040000)));
    assert_true(5 * lon_per_s < 0.002 && 25 * lon_per_s > 0.002);
    assert_as_from(&fixture, reckoned_eta_us(&fixture, 5000, 3, point), 11.962 + 5 * lon_per_s, point);
    assert_as_from(&fixture, reckoned_eta_us(&fixture, 25000, 3, point), 11.964, point);
    assert_int_equal(road_workers_reckoned(fixture.workers), 2);
    assert_as_from(&fixture, reckoned_eta_us(&fixture, 1000, 3, point), 11.962, point);
    assert_as_from(&fixture, reckoned_eta_us(&fixture, 31000, 3, point), 11.962, point);
    assert_as_from(&fixture, reckoned_eta_us(&fixture, 5000, 1, point), 11.962, point);
    assert_int_equal(road_workers_reckoned(fixture.workers), 2);
    close_fixture(&fixture);
}

enum { ASKS_MAX = 1000000 };

/* Asks until the roads of the instant's band are there, and then once more. */
static int64_t eta_at_us(struct fixture *fixture, struct instant at, enum speed_band band)
{
    struct road_end end = { .id = 1, .point = test_point(119610000, 577000000) };
    struct road_question question = { .kind = ROAD_ASK_UNITS,
                                      .subject = 9,
                                      .profile = ROAD_EMERGENCY,
                                      .at = at,
                                      .point = test_point(119750000, 577000000),
                                      .count = 1,
                                      .ends = &end };
    for (question.asked = 1; question.asked < ASKS_MAX; question.asked++) {
        bool there = road_workers_band(fixture->workers) == band;
        const struct command_travel_times *units = (const struct command_travel_times *)ask(fixture, &question);
        if (there) {
            return units->items[0].eta.us;
        }
    }
    fail_msg("the roads of another band did not come");
    return 0;
}

/* The southernmost street, straight: by night half as long again, by day as the city has it. */
static void times_are_those_of_the_hour(void **state)
{
    (void)state;
    static struct speeds speeds;
    struct fixture fixture;
    struct instant night = { INT64_C(1767571200) * US_PER_SECOND }; /* 2026-01-05T00:00Z, a Monday */
    struct instant day = { night.us + 10 * 3600 * US_PER_SECOND };
    (void)setenv("TZ", "UTC", 1);
    tzset();
    speeds_init(&speeds);
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        speeds.factor[ROAD_EMERGENCY][SPEED_NIGHT][class] = 1.5;
    }
    open_fixture_with(&fixture, false, &speeds);
    int64_t by_night_us = eta_at_us(&fixture, night, SPEED_NIGHT);
    int64_t by_day_us = eta_at_us(&fixture, day, SPEED_WEEKDAY_DAY);
    struct duration expected = searched(fixture.town.city, ROAD_EMERGENCY, test_point(119610000, 577000000),
                                        test_point(119750000, 577000000));
    assert_int_equal(by_day_us, expected.us);
    assert_true(llabs(2 * by_night_us - 3 * by_day_us) < US_PER_SECOND / 10);
    assert_int_equal(eta_at_us(&fixture, night, SPEED_NIGHT), by_night_us);
    close_fixture(&fixture);
}

/* One end in the sea is unreachable; the fixed point there makes estimates of all. */
static void off_the_roads(void **state)
{
    (void)state;
    struct fixture fixture;
    struct road_end ends[ENDS];
    open_fixture(&fixture, false);
    struct geo_point sea = test_point(100000000, 577000000);
    struct road_question question = question_about(ROAD_ASK_UNITS, ROAD_EMERGENCY, TEST_WEST, ends);
    ends[3].point = sea;
    const struct command_travel_times *units = (const struct command_travel_times *)ask(&fixture, &question);
    for (uint32_t i = 0; i < ENDS; i++) {
        assert_int_equal(units->items[i].eta.us == DURATION_UNREACHABLE.us, i == 3);
    }
    question = question_about(ROAD_ASK_UNITS, ROAD_EMERGENCY, sea, ends);
    units = (const struct command_travel_times *)ask(&fixture, &question);
    assert_int_equal(units->estimated, 1);
    for (uint32_t i = 0; i < ENDS; i++) {
        double seconds = geo_distance_m(sea, ends[i].point) / 1000 * 90 + i;
        double told = duration_to_seconds(units->items[i].eta);
        assert_true(told > seconds - 1e-5 && told < seconds + 1e-5);
    }
    question = question_about(ROAD_ASK_FACILITIES, ROAD_EMERGENCY, sea, ends);
    const struct command_facility_times *facilities = (const struct command_facility_times *)ask(&fixture, &question);
    assert_int_equal(facilities->estimated, 1);
    for (uint32_t i = 0; i < ENDS; i++) {
        double seconds = geo_distance_m(sea, ends[i].point) / 1000 * 90 + i;
        double told = duration_to_seconds(facilities->items[i].eta);
        assert_true(told > seconds - 1e-5 && told < seconds + 1e-5);
    }
    close_fixture(&fixture);
}

/* Whoever answers a question does so under one key; another question has another. */
static void keys_tell_questions_apart(void **state)
{
    (void)state;
    struct fixture fixture;
    struct road_end ends[ENDS];
    uint64_t bytes[COMMAND_SIZE_MAX / 8];
    struct command_head *estimate = (struct command_head *)bytes;
    open_fixture(&fixture, false);
    struct road_question question = question_about(ROAD_ASK_UNITS, ROAD_EMERGENCY, TEST_WEST, ends);
    const struct command_head *answer = ask(&fixture, &question);
    road_estimate(&question, duration_seconds(60), estimate);
    assert_memory_equal(&answer->key_low, &estimate->key_low, 3 * sizeof(uint32_t));
    struct road_question others[4] = { question, question, question, question };
    others[0].asked += 1;
    others[1].subject += 1;
    others[2].kind = ROAD_ASK_FACILITIES;
    others[3].asked += UINT64_C(1) << 32;
    for (int i = 0; i < 4; i++) {
        road_estimate(&others[i], duration_seconds(60), estimate);
        assert_memory_not_equal(&answer->key_low, &estimate->key_low, 3 * sizeof(uint32_t));
    }
    close_fixture(&fixture);
}

/* Answers that nobody takes stop the asking, they do not pile up; and none is lost. */
static void too_many_questions(void **state)
{
    (void)state;
    struct fixture fixture;
    struct road_end ends[ENDS];
    open_fixture(&fixture, true);
    struct road_question question = question_about(ROAD_ASK_UNITS, ROAD_EMERGENCY, TEST_WEST, ends);
    uint32_t given = 0;
    while (given < 10000 && road_ask(fixture.workers, &question)) {
        given += 1;
    }
    assert_true(given >= 2 && given < 10000);
    for (uint32_t i = 0; i < given; i++) {
        sem_post(&fixture.mail->gate);
    }
    for (uint32_t i = 0; i < given; i++) {
        sem_wait(&fixture.mail->came);
    }
    sem_post(&fixture.mail->gate);
    while (!road_ask(fixture.workers, &question)) {
    }
    sem_wait(&fixture.mail->came);
    assert_int_equal(fixture.mail->count, given + 1);
    close_fixture(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_quick_as_dijkstra),        cmocka_unit_test(a_unit_that_drives_is_moved_on),
        cmocka_unit_test(times_are_those_of_the_hour), cmocka_unit_test(off_the_roads),
        cmocka_unit_test(keys_tell_questions_apart),   cmocka_unit_test(too_many_questions),
    };
    return cmocka_run_group_tests_name("host/road_worker", tests, NULL, NULL);
}
