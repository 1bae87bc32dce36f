/* The clock: a live one is the system's, a drill's is a line without jumps. Bounds on time are those that the monotonic clock
 * gives around each reading, so that a slow machine passes too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <time.h>

#include "host/clock.h"

static const struct instant BEGIN = { INT64_C(1790000000000000) };

/* A moment passes, by the clock itself. */
static void let_pass_us(int64_t us)
{
    for (int64_t until = clock_monotonic_us() + us; clock_monotonic_us() < until;) {
    }
}

static void a_live_clock_is_the_wall(void **state)
{
    (void)state;
    struct clock *clock = clock_create(false, BEGIN, 60);
    struct timespec before, after;
    clock_gettime(CLOCK_REALTIME, &before);
    struct instant now = clock_now(clock);
    clock_gettime(CLOCK_REALTIME, &after);
    assert_true(now.us >= (int64_t)before.tv_sec * 1000000 + before.tv_nsec / 1000);
    assert_true(now.us <= (int64_t)after.tv_sec * 1000000 + after.tv_nsec / 1000);
    clock_set_speed(clock, 10);
    assert_int_equal(clock_speed(clock), 1);
    assert_true(clock_now(clock).us < now.us + US_PER_HOUR);
    assert_false(clock_is_drill(clock));
    clock_destroy(clock);
}

static void a_live_clock_goes_on_from_its_journal(void **state)
{
    (void)state;
    struct clock *clock = clock_create(false, INSTANT_NONE, 1);
    struct instant now = clock_now(clock), last = { now.us + US_PER_DAY };
    clock_go_on_from(clock, (struct instant){ now.us - US_PER_DAY });
    assert_true(clock_now(clock).us < now.us + US_PER_HOUR);
    clock_go_on_from(clock, last);
    for (int i = 0; i < 20; i++) {
        struct instant before = clock_now(clock);
        let_pass_us(500);
        assert_true(before.us >= last.us && clock_now(clock).us > before.us); /* it goes: timers come due */
    }
    clock_destroy(clock);
}

/* What the wall clock shows at each second of the machine, and what the centre does: for a minute it is wrong by an hour, then
 * right again. */
static void a_wall_clock_that_is_set_back_stops_no_timer(void **state)
{
    (void)state;
    struct clock_line line = { BEGIN, 0 };
    struct instant last = BEGIN;
    int64_t caught_up_s = 0;
    for (int64_t s = 0; s <= 10 * 3600; s++) {
        bool wrong = s >= 100 && s < 160;
        struct instant wall = { BEGIN.us + s * US_PER_SECOND + (wrong ? US_PER_HOUR : 0) };
        struct instant now = clock_follow(&line, wall, s * US_PER_SECOND);
        int64_t step_us = now.us - last.us;
        assert_true(s == 0 || s == 100 || (step_us >= 875000 && step_us <= US_PER_SECOND));
        assert_true(now.us >= wall.us);
        caught_up_s = now.us > wall.us ? s + 1 : caught_up_s;
        last = now;
    }
    assert_int_equal(caught_up_s, 159 + 8 * 3600); /* an hour, at an eighth of a second each second */
}

/* Reads the clock and says between which instants it must lie, when it was at origin at a monotonic time in [low, high]. */
static void assert_on_line(const struct clock *clock, struct instant origin, int64_t low_us, int64_t high_us, int64_t speed)
{
    int64_t before = clock_monotonic_us();
    struct instant now = clock_now(clock);
    int64_t after = clock_monotonic_us();
    assert_true(now.us >= origin.us + (before - high_us) * speed);
    assert_true(now.us <= origin.us + (after - low_us) * speed);
}

static void a_drill_runs_at_its_speed(void **state)
{
    (void)state;
    for (uint32_t speed = 1; speed <= 60; speed += 59) {
        int64_t low = clock_monotonic_us();
        struct clock *clock = clock_create(true, BEGIN, speed);
        int64_t high = clock_monotonic_us();
        for (int i = 0; i < 20; i++) {
            let_pass_us(500);
            assert_on_line(clock, BEGIN, low, high, speed);
        }
        assert_true(clock_is_drill(clock));
        clock_destroy(clock);
    }
}

static void a_change_of_speed_makes_no_jump(void **state)
{
    (void)state;
    struct clock *clock = clock_create(true, BEGIN, 1);
    struct instant last = clock_now(clock);
    int64_t read_us = clock_monotonic_us();
    for (uint32_t i = 0; i < 300; i++) {
        uint32_t fastest = i == 0 ? 60 : clock_speed(clock);
        clock_set_speed(clock, 1 + i * 7 % 60);
        fastest = fastest > clock_speed(clock) ? fastest : clock_speed(clock);
        struct instant now = clock_now(clock);
        int64_t after_us = clock_monotonic_us();
        assert_false(instant_before(now, last));
        assert_true(instant_since(now, last).us <= (after_us - read_us + 2) * (int64_t)fastest);
        last = clock_now(clock);
        read_us = clock_monotonic_us() - instant_since(clock_now(clock), last).us;
    }
    clock_destroy(clock);
}

static void speeds_are_clamped(void **state)
{
    (void)state;
    struct clock *clock = clock_create(true, INSTANT_NONE, 0);
    assert_int_equal(clock_speed(clock), 1);
    clock_set_speed(clock, 61);
    assert_int_equal(clock_speed(clock), 60);
    clock_set_speed(clock, 30);
    assert_int_equal(clock_speed(clock), 30);
    assert_true(instant_since(clock_wall(), clock_now(clock)).us < US_PER_DAY); /* none given: began at the wall's */
    clock_destroy(clock);
}

static void waiting_is_in_real_time(void **state)
{
    (void)state;
    struct clock *clock = clock_create(true, BEGIN, 60);
    struct instant goal = { clock_now(clock).us + US_PER_HOUR };
    struct duration wait = clock_until(clock, goal);
    assert_true(wait.us <= US_PER_MINUTE && wait.us > US_PER_MINUTE - 10 * US_PER_SECOND);
    assert_int_equal(clock_until(clock, BEGIN).us, 0);
    assert_int_equal(clock_until(clock, INSTANT_NONE).us, 0);
    assert_true(clock_until(clock, INSTANT_NEVER).us > US_PER_DAY);
    /* After the time that it says, the goal is reached: never a moment before. */
    goal = (struct instant){ clock_now(clock).us + 7 };
    let_pass_us(clock_until(clock, goal).us);
    assert_false(instant_before(clock_now(clock), goal));
    clock_destroy(clock);
}

static void a_drill_goes_on_from_its_journal(void **state)
{
    (void)state;
    struct clock *clock = clock_create(true, BEGIN, 10);
    clock_go_on_from(clock, (struct instant){ BEGIN.us - US_PER_HOUR });
    assert_true(clock_now(clock).us >= BEGIN.us);
    clock_go_on_from(clock, INSTANT_NONE);
    assert_true(clock_now(clock).us < BEGIN.us + US_PER_DAY);
    clock_go_on_from(clock, (struct instant){ BEGIN.us + US_PER_DAY });
    assert_true(clock_now(clock).us >= BEGIN.us + US_PER_DAY);
    clock_destroy(clock);
}

static void *read_often(void *context)
{
    const struct clock *clock = context;
    struct instant last = INSTANT_NONE;
    for (int i = 0; i < 20000; i++) {
        struct instant now = clock_now(clock);
        if (instant_before(now, last)) {
            return context;
        }
        last = now;
    }
    return NULL;
}

static void every_thread_sees_it_rise(void **state)
{
    (void)state;
    struct clock *clock = clock_create(true, BEGIN, 1);
    pthread_t readers[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&readers[i], NULL, read_often, clock), 0);
    }
    for (uint32_t i = 0; i < 2000; i++) {
        clock_set_speed(clock, 1 + i % 60);
    }
    for (int i = 0; i < 3; i++) {
        void *failed = NULL;
        pthread_join(readers[i], &failed);
        assert_null(failed);
    }
    clock_destroy(clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_live_clock_is_the_wall),
        cmocka_unit_test(a_drill_runs_at_its_speed),
        cmocka_unit_test(a_change_of_speed_makes_no_jump),
        cmocka_unit_test(speeds_are_clamped),
        cmocka_unit_test(waiting_is_in_real_time),
        cmocka_unit_test(a_drill_goes_on_from_its_journal),
        cmocka_unit_test(every_thread_sees_it_rise),
        cmocka_unit_test(a_live_clock_goes_on_from_its_journal),
        cmocka_unit_test(a_wall_clock_that_is_set_back_stops_no_timer),
    };
    return cmocka_run_group_tests_name("host/clock", tests, NULL, NULL);
}
