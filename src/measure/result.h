/* The figures of one run, and their mean and confidence over replications.
 *
 * A result is one flat array of numbers; the functions below tell where each stands. NaN: not defined (no such call). So the
 * summary over replications is the same arithmetic for every figure, and the report asks by name. Percentiles are exact over
 * the samples of the replication; over replications they are averaged, as the mean is.
 *
 * Workload: 1,000 to 2,000,000 counted calls a replication; about 20 ms for 70,000 calls, by one radix sort for each interval. */
#ifndef MINGDI_MEASURE_RESULT_H
#define MINGDI_MEASURE_RESULT_H

#include "measure/indicators.h"
#include "measure/measure.h"
#include "measure/statistics.h"

/* Told for all calls and for each priority. Times in seconds, shares of 1. "Calls" of the figures by priority are incidents; for
 * all, calls_per_day counts those that became no incident too. Reached: a unit came, and is what the other figures speak of. */
enum figure {
    FIGURE_CALLS_PER_DAY,
    FIGURE_RESPONSE_MEAN_S, /* from the call's arrival to the unit's on the scene */
    FIGURE_RESPONSE_MEDIAN_S,
    FIGURE_RESPONSE_P90_S,
    FIGURE_WITHIN_TARGET,      /* response at or below the target of the priority; of those that have a target */
    FIGURE_QUEUE_ALL_S,        /* mean time in the queue over all */
    FIGURE_QUEUE_QUEUED_S,     /* ... over those that were queued at least once */
    FIGURE_QUEUED,             /* share queued at least once */
    FIGURE_LOST_UNIT,          /* share that lost its unit to another call at least once */
    FIGURE_DIVERSIONS_PER_100, /* units lost to other calls, for 100 calls */
    FIGURE_REACHED_FROM_POST,  /* share reached by a unit that was sent from its post */
    FIGURE_REACHED_RETURNING,  /* ... while it was returning */
    FIGURE_REACHED_FREED,      /* ... from the queue, on becoming free */
    FIGURE_REACHED_DIVERTED,   /* ... away from another call */
    FIGURE_TRIP_S,             /* mean trip of the unit that arrived: departure (order, if none is known) to on scene */
    FIGURE_TRANSPORT_TRIP_S,   /* mean trip to the facility, over those transported */
    FIGURE_SERVICE_S,          /* mean from the call's arrival to the unit's release */
    FIGURE_TRANSPORTED,        /* share transported */
    FIGURE_SATISFACTION,       /* needed dispatches that got a unit / needed dispatches */
    FIGURE_COUNT,
};
extern const char *const FIGURE_NAMES[FIGURE_COUNT];

/* Of the whole service, by the clock within the window. Shares are of the units' time on duty. */
enum system_figure {
    SYSTEM_BUSY, /* to the scene, there, to the facility, there */
    SYSTEM_RETURNING,
    SYSTEM_AT_POST,
    SYSTEM_TO_SCENE,
    SYSTEM_AT_SCENE,
    SYSTEM_TO_FACILITY,
    SYSTEM_AT_FACILITY,
    SYSTEM_OUT_OF_SERVICE,
    SYSTEM_UNITS_ON_DUTY, /* time mean */
    SYSTEM_DISPATCHES_PER_DAY,
    SYSTEM_DISPATCHES_FROM_POST, /* shares of the dispatches */
    SYSTEM_DISPATCHES_RETURNING,
    SYSTEM_DISPATCHES_FREED,
    SYSTEM_DISPATCHES_DIVERTED,
    SYSTEM_CALLS_IN_SYSTEM, /* time mean */
    SYSTEM_QUEUE_LENGTH,    /* time mean */
    SYSTEM_QUEUE_MOST,
    SYSTEM_DAYS, /* length of the window */
    SYSTEM_COUNT,
};
extern const char *const SYSTEM_NAMES[SYSTEM_COUNT];

/* Of each interval (indicators.h) and group. */
enum sample_statistic {
    SAMPLE_N,          /* with both times */
    SAMPLE_MISSING,    /* of the population, without one of them */
    SAMPLE_AFTERWARDS, /* of n: entered from paper */
    SAMPLE_MEAN_S,
    SAMPLE_P50_S,
    SAMPLE_P90_S,
    SAMPLE_P95_S,
    SAMPLE_P99_S,
    SAMPLE_COUNT,
};
extern const char *const SAMPLE_NAMES[SAMPLE_COUNT];

/* Of each indicator and group. */
enum indicator_statistic {
    INDICATOR_VALUE,
    INDICATOR_N, /* what it was computed over */
    INDICATOR_MISSING,
    INDICATOR_AFTERWARDS, /* of n: entered from paper */
    INDICATOR_STATISTIC_COUNT,
};

enum { HISTOGRAM_BIN_S = 15, HISTOGRAM_BINS = 241, GROUPS_BEFORE_DISTRICTS = 1 + PRIORITY_COUNT + 24 };
/* Bin i holds responses in [i, i + 1) x HISTOGRAM_BIN_S; the last one all above. */

struct measure_layout {
    uint32_t district_count, facility_count, unit_count; /* numbered from 1 */
    uint32_t group_count;
    size_t intervals, indicators, histogram, facilities, facility_hours, activity_hours, week_hours, units, results, total;
};
struct measure_layout measure_layout(uint32_t district_count, uint32_t facility_count, uint32_t unit_count);

/* Groups: all; a priority; a local hour of the day; a district (0: unknown); a district and priority. */
static inline uint32_t group_all(void) { return 0; }
static inline uint32_t group_priority(unsigned priority) { return 1 + priority; }
static inline uint32_t group_hour(unsigned hour) { return 1 + PRIORITY_COUNT + hour; }
static inline uint32_t group_district(uint32_t district) { return GROUPS_BEFORE_DISTRICTS + district * (1 + PRIORITY_COUNT); }
static inline uint32_t group_district_priority(uint32_t district, unsigned priority)
{
    return group_district(district) + 1 + priority;
}

/* Places in the array. group: of figures group_all or group_priority only. */
size_t place_figure(const struct measure_layout *layout, enum figure figure, uint32_t group);
size_t place_system(const struct measure_layout *layout, enum system_figure figure);
size_t place_sample(const struct measure_layout *layout, enum interval interval, uint32_t group, enum sample_statistic statistic);
size_t place_indicator(const struct measure_layout *layout, enum indicator indicator, uint32_t group,
                       enum indicator_statistic statistic);
/* Calls in that bin of the response, group_all or group_priority. */
size_t place_histogram(const struct measure_layout *layout, uint32_t group, unsigned bin);
/* Facilities are numbered from 1; 0 stands for patients taken to a place that was not recorded. */
enum facility_figure {
    FACILITY_SHARE,       /* of the transports */
    FACILITY_PER_DAY,     /* patients brought */
    FACILITY_UNITS_THERE, /* time mean */
    FACILITY_FIGURE_COUNT,
};
size_t place_facility(const struct measure_layout *layout, uint32_t facility, enum facility_figure figure);
size_t place_facility_hour(const struct measure_layout *layout, uint32_t facility,
                           unsigned hour); /* patients brought in an hour */
/* Units in that activity, time mean over the local hour of the day. */
size_t place_activity_hour(const struct measure_layout *layout, unsigned hour, enum activity activity);
enum week_figure { WEEK_CALLS_PER_HOUR, WEEK_QUEUE_LENGTH, WEEK_CALLS_IN_SYSTEM, WEEK_FIGURE_COUNT };
size_t place_week_hour(const struct measure_layout *layout, unsigned hour_of_week, enum week_figure figure);
/* Hours a day that the unit (from 1) spends in the activity. */
size_t place_unit(const struct measure_layout *layout, uint32_t unit, enum activity activity);
size_t place_call_result(const struct measure_layout *layout, enum call_result result); /* calls a day */

struct measure_result {
    struct measure_layout layout;
    double *values;  /* layout.total */
    uint64_t calls;  /* counted */
    uint64_t events; /* seen, counted or not */
};
/* The figures of a finished measure. The result is made by this call and freed with measure_result_free. */
enum status measure_compute(const struct measure *measure, const struct measure_layout *layout, struct measure_result *result,
                            struct error *error) MUST_USE;
void measure_result_free(struct measure_result *result);

/* Some counted calls, evenly over the run: for maps. */
struct sampled_call {
    struct geo_point point;
    float response_s;          /* NaN: not reached or not known */
    uint8_t priority, in_time; /* in_time 1: within the target of the priority */
};
/* Writes at most maximum, returns how many. */
uint32_t measure_sample_calls(const struct measure *measure, struct sampled_call *calls, uint32_t maximum);

/* Over replications, all of the same layout. */
struct measure_summary {
    struct measure_layout layout;
    struct running *running; /* layout.total */
    uint32_t replications;
    uint64_t calls, events; /* sums */
};
enum status measure_summary_create(const struct measure_layout *layout, struct measure_summary *summary, struct error *error)
    MUST_USE;
void measure_summary_free(struct measure_summary *summary);
/* In the order of the replications, so that the last digits do not depend on which thread was sooner. */
void measure_summary_add(struct measure_summary *summary, const struct measure_result *result);

struct estimate {
    double mean, half_width; /* NaN: not defined; half_width also with fewer than two replications */
    uint32_t replications;   /* in which it was defined */
};
struct estimate measure_estimate(const struct measure_summary *summary, size_t place);
/* Sum over replications: of counts. */
double measure_sum(const struct measure_summary *summary, size_t place);

#endif
