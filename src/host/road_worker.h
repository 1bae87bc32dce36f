/* The road workers: threads that answer the core's questions for travel times. A question is a copy of all that it needs, made by
 * the core thread; the answer is a command (travel_times, facility_times), passed on from the worker's thread.
 *
 * A unit's time is the wait before its wheels turn and the quickest way from its newest position. A unit that drives is put where
 * it should be by now: on along the road that its last positions lead along, at the speed of the profile that it drives by, up to
 * the next junction (road/reckon.h); its age in the answer stays that of the position. Where a unit's or a facility's
 * point lies off all roads the answer is DURATION_UNREACHABLE for it alone; where the fixed point does (the incident's, the
 * patient's) every time is estimated along a straight line, and the answer is marked so.
 * Nobody tells here how long a facility lets patients wait: queue_s is 0 in every answer.
 *
 * Workload: 20 questions a second of 1,000 units, many of which have not moved since the last one, so that each thread remembers
 * where on the roads an id stood. */
#ifndef MINGDI_HOST_ROAD_WORKER_H
#define MINGDI_HOST_ROAD_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "core/schema.h"
#include "road/match.h"

enum road_question_kind {
    ROAD_ASK_UNITS,      /* from each end to the point: travel_times of the incident */
    ROAD_ASK_FACILITIES, /* from the point to each end: facility_times of the mission */
};

enum { ROAD_TRAIL_MAX = 4, ROAD_TRAIL_STEP_M = 25 };

/* A unit or a facility. */
struct road_end {
    uint32_t id;
    uint32_t position_age_ms;
    struct geo_point point;
    struct duration wait; /* before it drives */
    /* Of a unit that drives: its last positions, at least ROAD_TRAIL_STEP_M apart, the oldest first, and how it drives. */
    uint32_t trail_count; /* below 2: nothing is reckoned */
    enum road_profile drives;
    struct match_fix trail[ROAD_TRAIL_MAX];
};

struct road_question {
    enum road_question_kind kind;
    uint32_t subject; /* incident or mission */
    uint64_t asked;   /* the entry that asked: with the subject it makes the idempotency key of the answer */
    enum road_profile profile;
    struct geo_point point;
    struct instant at; /* the centre's time: learned speeds are those of its hour */
    uint32_t count;
    struct road_end *ends; /* copied by road_ask */
};

struct road_workers;

struct road_setup {
    const struct city *city; /* outlives the workers */
    uint32_t threads;
    uint32_t units_max, facilities_max; /* ids are up to these */
    struct duration estimate_speed;     /* time per kilometre of straight line */
    const struct speeds *speeds;        /* learned; outlives the workers; NULL: the city's times count at every hour */
    struct duration reckon_max;         /* positions older are taken as they are; zero: all are */
    /* Called in a worker's thread with each answer; may wait. */
    void (*answer)(void *context, const struct command_head *command);
    void *context;
};

/* Where speeds are learned, the roads are made anew when a band of the week begins, in a thread of its own: a second or so in
 * which questions are still answered with the band before. */

/* With lights and siren for critical, severe and urgent, with the traffic for non-urgent: of units and of facilities. */
enum road_profile road_profile_of(enum priority priority);

/* Makes the metrics of the city: seconds, and the memory that sim/roads.h says. */
enum status road_workers_create(const struct road_setup *setup, struct road_workers **workers, struct error *error) MUST_USE;
/* Ends when each thread has finished what it has begun. */
void road_workers_destroy(struct road_workers *workers);
/* From one thread only. False when too many questions wait: then whoever asks had better estimate. */
bool road_ask(struct road_workers *workers, const struct road_question *question) MUST_USE;

/* The band of the answers that are given now; SPEED_ALL without learned speeds. */
enum speed_band road_workers_band(struct road_workers *workers);
/* Of the units' places in answers so far, how many were reckoned. */
uint64_t road_workers_reckoned(struct road_workers *workers);

/* The answer along straight lines, at once: for a worker that is silent. command has COMMAND_SIZE_MAX bytes, 8-byte aligned. */
void road_estimate(const struct road_question *question, struct duration per_kilometre, struct command_head *command);

#endif
