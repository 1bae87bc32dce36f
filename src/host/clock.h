/* The time of the centre, which never runs back: the wall clock in a live centre, a clock of its own in a drill, which runs at
 * 1x to 60x. Both go on after a restart from where the journal ended. May be read from any thread.
 *
 * A wall clock can be set back, by hours where it was wrong at the start of the machine. Timers that wait for it would stand
 * still for as long, and no alarm would come: so a live clock goes on from where it was, at 7/8 of the speed, until the wall
 * clock has caught up. */
#ifndef MINGDI_HOST_CLOCK_H
#define MINGDI_HOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

enum { CLOCK_SPEED_MIN = 1, CLOCK_SPEED_MAX = 60 };

struct clock;

/* begin: the instant at which a drill's clock starts (INSTANT_NONE: the wall clock's). A live clock ignores both. */
struct clock *clock_create(bool drill, struct instant begin, uint32_t speed);
/* What a live clock reads where time is virtual: the hands, which outlive it and are moved by who owns them. */
struct clock_hands {
    struct instant wall;
    int64_t monotonic_us;
};
struct clock *clock_create_by_hand(const struct clock_hands *hands);
void clock_destroy(struct clock *clock);
struct instant clock_now(const struct clock *clock);
/* How long to wait by the monotonic clock until the centre's time is at; DURATION_ZERO if it is past; used for poll timeouts. */
struct duration clock_until(const struct clock *clock, struct instant at);
uint32_t clock_speed(const struct clock *clock);
/* Drill only; clamped to the range. The time does not jump. */
void clock_set_speed(struct clock *clock, uint32_t speed);
/* The time is not before last (what a journal ended with; INSTANT_NONE changes nothing): jumps there if it is behind. */
void clock_go_on_from(struct clock *clock, struct instant last);
bool clock_is_drill(const struct clock *clock);

/* What a live clock has shown last, and when by the monotonic clock. */
struct clock_line {
    struct instant at;
    int64_t monotonic_us;
};
/* What it shows now, and remembers for the next time. */
struct instant clock_follow(struct clock_line *line, struct instant wall, int64_t monotonic_us);

/* The wall clock, and the monotonic one in microseconds: for sessions, limits, metrics. */
struct instant clock_wall(void);
int64_t clock_monotonic_us(void);

#endif
