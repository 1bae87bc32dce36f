/* Workload: read some thousand times a second by every thread, set by hand now and then: so a lock, held for nanoseconds.
 *
 * A drill's time is a straight line: at the monotonic time of origin_us it was origin, and goes on speed times as fast. A change
 * of the speed begins a new line where the old one has just arrived. */
#include "host/clock.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"

struct clock {
    bool drill;
    const struct clock_hands *hands; /* NULL: the system's clocks */
    pthread_mutex_t lock;            /* of what follows */
    struct clock_line line;
    uint32_t speed;
};

static int64_t read_clock_us(clockid_t which)
{
    struct timespec now;
    CHECK(clock_gettime(which, &now) == 0);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

struct instant clock_wall(void) { return (struct instant){ read_clock_us(CLOCK_REALTIME) }; }

int64_t clock_monotonic_us(void) { return read_clock_us(CLOCK_MONOTONIC); }

static struct instant wall_of(const struct clock *clock) { return clock->hands != NULL ? clock->hands->wall : clock_wall(); }

static int64_t monotonic_us_of(const struct clock *clock)
{
    return clock->hands != NULL ? clock->hands->monotonic_us : clock_monotonic_us();
}

static uint32_t clamp_speed(uint32_t speed)
{
    uint32_t least = speed < CLOCK_SPEED_MIN ? (uint32_t)CLOCK_SPEED_MIN : speed;
    return least > CLOCK_SPEED_MAX ? (uint32_t)CLOCK_SPEED_MAX : least;
}

static struct clock *create(bool drill, struct instant begin, uint32_t speed, const struct clock_hands *hands)
{
    struct clock *clock = calloc(1, sizeof *clock);
    CHECK(clock != NULL);
    CHECK(pthread_mutex_init(&clock->lock, NULL) == 0);
    clock->drill = drill;
    clock->hands = hands;
    clock->speed = drill ? clamp_speed(speed) : CLOCK_SPEED_MIN;
    clock->line.at = !drill || instant_is_none(begin) ? wall_of(clock) : begin;
    clock->line.monotonic_us = monotonic_us_of(clock);
    return clock;
}

struct clock *clock_create(bool drill, struct instant begin, uint32_t speed) { return create(drill, begin, speed, NULL); }

struct clock *clock_create_by_hand(const struct clock_hands *hands) { return create(false, INSTANT_NONE, 1, hands); }

void clock_destroy(struct clock *clock)
{
    if (clock != NULL) {
        pthread_mutex_destroy(&clock->lock);
        free(clock);
    }
}

struct instant clock_follow(struct clock_line *line, struct instant wall, int64_t monotonic_us)
{
    struct instant slow = instant_add(line->at, duration_us((monotonic_us - line->monotonic_us) * 7 / 8));
    if (instant_before(wall, slow)) {
        return slow;
    }
    *line = (struct clock_line){ wall, monotonic_us };
    return wall;
}

/* Under the lock. */
static struct instant now_locked(struct clock *clock)
{
    struct clock_line *line = &clock->line;
    if (!clock->drill) {
        return clock_follow(line, wall_of(clock), monotonic_us_of(clock));
    }
    return instant_add(line->at, duration_us((monotonic_us_of(clock) - line->monotonic_us) * clock->speed));
}

struct instant clock_now(const struct clock *clock)
{
    struct clock *locked = (struct clock *)clock; /* only its lock and what it remembers change */
    pthread_mutex_lock(&locked->lock);
    struct instant now = now_locked(locked);
    pthread_mutex_unlock(&locked->lock);
    return now;
}

struct duration clock_until(const struct clock *clock, struct instant at)
{
    struct instant now = clock_now(clock);
    if (!instant_before(now, at)) {
        return DURATION_ZERO;
    }
    int64_t left_us = instant_since(at, now).us;
    int64_t speed = clock_speed(clock);
    return duration_us(left_us / speed + (left_us % speed != 0));
}

uint32_t clock_speed(const struct clock *clock)
{
    struct clock *locked = (struct clock *)clock; /* only its lock changes */
    pthread_mutex_lock(&locked->lock);
    uint32_t speed = clock->speed;
    pthread_mutex_unlock(&locked->lock);
    return speed;
}

void clock_set_speed(struct clock *clock, uint32_t speed)
{
    if (!clock->drill) {
        return;
    }
    pthread_mutex_lock(&clock->lock);
    int64_t monotonic_us = monotonic_us_of(clock);
    clock->line.at = instant_add(clock->line.at, duration_us((monotonic_us - clock->line.monotonic_us) * clock->speed));
    clock->line.monotonic_us = monotonic_us;
    clock->speed = clamp_speed(speed);
    pthread_mutex_unlock(&clock->lock);
}

void clock_go_on_from(struct clock *clock, struct instant last)
{
    if (instant_is_none(last)) {
        return;
    }
    pthread_mutex_lock(&clock->lock);
    struct instant now = now_locked(clock);
    if (instant_before(now, last)) {
        clock->line = (struct clock_line){ last, monotonic_us_of(clock) };
    }
    pthread_mutex_unlock(&clock->lock);
}

bool clock_is_drill(const struct clock *clock) { return clock->drill; }
