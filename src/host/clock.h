/* The time of the centre: the wall clock in a live centre, a clock of its own in a drill, which runs at 1x to 60x and goes on
 * after a restart from where the journal ended. May be read from any thread. */
#ifndef MINGDI_HOST_CLOCK_H
#define MINGDI_HOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

enum { CLOCK_SPEED_MIN = 1, CLOCK_SPEED_MAX = 60 };

struct clock;

/* begin: the instant at which a drill's clock starts (INSTANT_NONE: the wall clock's). A live clock ignores both. */
struct clock *clock_create(bool drill, struct instant begin, uint32_t speed);
void clock_destroy(struct clock *clock);
struct instant clock_now(const struct clock *clock);
/* How long to wait by the monotonic clock until the centre's time is at; DURATION_ZERO if it is past; used for poll timeouts. */
struct duration clock_until(const struct clock *clock, struct instant at);
uint32_t clock_speed(const struct clock *clock);
/* Drill only; clamped to the range. The time does not jump. */
void clock_set_speed(struct clock *clock, uint32_t speed);
/* Drill only: the time is not before last (what a journal ended with; INSTANT_NONE changes nothing): jumps there if it is behind.
 */
void clock_go_on_from(struct clock *clock, struct instant last);
bool clock_is_drill(const struct clock *clock);

/* The wall clock, and the monotonic one in microseconds: for sessions, limits, metrics. */
struct instant clock_wall(void);
int64_t clock_monotonic_us(void);

#endif
