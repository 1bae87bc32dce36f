/* Learned speeds as a table beside the profiles: how many times as long a road of a class takes as the profile says, by band of
 * the week. 1 is the profile itself; a table that says nothing changes nothing.
 *
 * File: CSV with the columns profile, band, class, time_factor and, for readers only, trips and hours (what it was learned
 * from); a row that is missing is 1, except that a band without a row takes what the band "all" says.
 *
 * Workload: at most 600 rows, read at an import or a start; applied to some 100,000 arcs in a millisecond. */
#ifndef MINGDI_ROAD_SPEEDS_H
#define MINGDI_ROAD_SPEEDS_H

#include <stddef.h>

#include "base/status.h"
#include "base/text.h"
#include "base/time.h"
#include "road/city_map.h"

/* Of the week, in local time. Holidays are days like others. */
enum speed_band {
    SPEED_ALL,             /* of no particular hour */
    SPEED_NIGHT,           /* 22:00 to 07:00, each day */
    SPEED_WEEKDAY_MORNING, /* Monday to Friday 07:00 to 09:00 */
    SPEED_WEEKDAY_DAY,     /* 09:00 to 16:00 */
    SPEED_WEEKDAY_EVENING, /* 16:00 to 19:00 */
    SPEED_WEEKDAY_LATE,    /* 19:00 to 22:00 */
    SPEED_WEEKEND,         /* Saturday and Sunday 07:00 to 22:00 */
    SPEED_BAND_COUNT,
};
extern const char *const SPEED_BAND_NAMES[SPEED_BAND_COUNT];
/* The band of a name, or SPEED_BAND_COUNT. */
enum speed_band speed_band_of_name(const char *name);
/* By the process's time zone (TZ); never SPEED_ALL. */
enum speed_band speed_band_of(struct instant at);

#define SPEED_FACTOR_MIN 0.2
#define SPEED_FACTOR_MAX 5.0

struct speeds {
    double factor[ROAD_PROFILE_COUNT][SPEED_BAND_COUNT][ROAD_CLASS_COUNT];
    /* What a row was learned from, 0 where it is not known. */
    uint32_t trips[ROAD_PROFILE_COUNT][SPEED_BAND_COUNT][ROAD_CLASS_COUNT];
    double hours[ROAD_PROFILE_COUNT][SPEED_BAND_COUNT][ROAD_CLASS_COUNT];
};

/* All 1. */
void speeds_init(struct speeds *speeds);
enum status speeds_read(const char *path, struct speeds *speeds, struct error *error) MUST_USE;
enum status speeds_read_bytes(const char *name, const char *bytes, size_t size, struct speeds *speeds, struct error *error)
    MUST_USE;
/* Appends the file of what is learned of a profile: rows with trips. */
void speeds_write(const struct speeds *speeds, enum road_profile profile, struct text *text);

/* Ticks of a road that takes ticks by the profile. Never 0 where ticks is not, never ROAD_INFINITY where ticks is not. */
road_ticks speeds_ticks(const struct speeds *speeds, enum road_profile profile, enum speed_band band, enum road_class class,
                        road_ticks ticks);
/* The weights of a city so changed: arc_count of them. */
void speeds_weights(const struct speeds *speeds, const struct city *city, enum road_profile profile, enum speed_band band,
                    road_ticks *weights);

#endif
