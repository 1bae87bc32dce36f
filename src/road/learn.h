/* Learned speeds: from trips that were driven (positions), how long roads of each class take in each band of the week, and
 * whether knowing it predicts other trips better.
 *
 * A trip is matched to the roads (match.h). Stretches of at least LEARN_STRETCH_S give an equation each: the seconds it took =
 * the sum over classes of factor x seconds by the profile. The factors of all bands together ("all") and of each band are the
 * robust least-squares solution (Huber's loss, by reweighting), drawn towards 1 and towards "all" as if LEARN_PRIOR_MINUTES
 * more minutes had been driven with them; a class with less than LEARN_SUPPORT_S driven or LEARN_SUPPORT_TRIPS trips stays
 * there altogether. Stretches that took more than LEARN_STOP_FACTOR times and LEARN_STOP_S longer than the profile says are
 * stops: they end a trip, and what follows is another part of it.
 *
 * Which trips are held back is drawn from the seed, trip by trip, so that nothing of a trip is on both sides. Of each held-back
 * part the time of the quickest way between its ends is predicted, with the profile's weights and with the learned ones, as a
 * dispatcher would have been told. There is a gain when the mean absolute error falls by more than twice its standard error
 * (of the paired differences) and by LEARN_GAIN_MIN of itself.
 *
 * Workload: 100 to 100,000 trips of 20 to 200 fixes; a minute at most. */
#ifndef MINGDI_ROAD_LEARN_H
#define MINGDI_ROAD_LEARN_H

#include <stdbool.h>
#include <stdint.h>

#include "road/match.h"
#include "road/speeds.h"

enum {
    LEARN_STRETCH_S = 20,
    LEARN_SUPPORT_S = 1200,
    LEARN_SUPPORT_TRIPS = 10,
    LEARN_PRIOR_MINUTES = 10,
    LEARN_STOP_FACTOR = 4,
    LEARN_STOP_S = 60,
    LEARN_PART_S = 60,    /* shorter parts are not predicted */
    LEARN_TRIPS_MIN = 20, /* on either side, or there is nothing to learn from */
};
#define LEARN_GAIN_MIN 0.01

struct learn_trip {
    const struct match_fix *fixes; /* by rising time */
    uint32_t count;
};

struct learn_rules {
    enum road_profile profile;
    uint64_t seed;
    double held_back; /* share of the trips, 0.05 .. 0.95 */
    double noise_m;   /* match_rules */
};

/* How well some held-back parts were predicted, seconds; bias: predicted minus driven. */
struct learn_error {
    uint32_t parts;
    double driven_s; /* mean */
    double before_mae_s, before_bias_s, after_mae_s, after_bias_s;
};

struct learned {
    struct speeds speeds;
    uint32_t trips, trips_matched, trips_held_back, stretches;
    struct learn_error all, band[SPEED_BAND_COUNT], class[ROAD_CLASS_COUNT]; /* class: of most of the part's metres */
    double gain_s, gain_error_s; /* of the mean absolute error, and its standard error */
    bool gains;
};

/* STATUS_BAD_INPUT when too few trips can be matched. */
enum status learn_speeds(const struct city *city, const struct learn_rules *rules, const struct learn_trip *trips, uint32_t count,
                         struct learned *learned, struct error *error) MUST_USE;

#endif
