/* Instants and durations, as one-field structs so that one is never taken for the other or for a plain number.
 *
 * Unit: microseconds, signed 64 bit. An instant counts from 1970-01-01T00:00:00Z (leap seconds ignored, as POSIX does); a
 * simulation that has no calendar starts at its own zero. Range: +-292,000 years; sums of values read from input are
 * checked where they are read, so that arithmetic here never overflows. */
#ifndef MINGDI_BASE_TIME_H
#define MINGDI_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct instant {
    int64_t us;
};

struct duration {
    int64_t us;
};

#define INSTANT_NEVER ((struct instant){ INT64_MAX }) /* later than every other: an empty timer */
#define INSTANT_NONE ((struct instant){ INT64_MIN })  /* "did not happen": a stage that has no time yet */
#define DURATION_ZERO ((struct duration){ 0 })

#define US_PER_MS INT64_C(1000)
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

static inline struct duration duration_seconds(int64_t seconds) { return (struct duration){ seconds * US_PER_SECOND }; }
static inline struct duration duration_us(int64_t us) { return (struct duration){ us }; }
/* Rounded to the nearest microsecond; the caller has checked that seconds is finite and below 2^43. */
static inline struct duration duration_from_seconds(double seconds)
{
    return (struct duration){ (int64_t)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5)) };
}
static inline double duration_to_seconds(struct duration duration) { return (double)duration.us / 1e6; }
static inline struct duration duration_add(struct duration a, struct duration b) { return duration_us(a.us + b.us); }
static inline struct instant instant_add(struct instant at, struct duration by) { return (struct instant){ at.us + by.us }; }
static inline struct duration instant_since(struct instant later, struct instant earlier)
{
    return duration_us(later.us - earlier.us);
}
static inline bool instant_before(struct instant a, struct instant b) { return a.us < b.us; }
static inline struct instant instant_max(struct instant a, struct instant b) { return a.us < b.us ? b : a; }
static inline bool instant_is_none(struct instant at) { return at.us == INT64_MIN; }

/* "2026-11-21T21:30:05.123Z" (24 characters and the terminator), UTC, milliseconds rounded down. Years 0000 to 9999; outside
 * it writes "?" . */
enum { INSTANT_TEXT_SIZE = 25 };
void instant_format(struct instant at, char text[INSTANT_TEXT_SIZE]);
/* "2026-11-21T21:30:05Z", with up to six decimals of a second, or with an offset such as +08:00 in the place of Z. False, and
 * *at unchanged, for anything else. */
bool instant_parse(const char *text, struct instant *at);

#endif
