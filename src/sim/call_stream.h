/* Random calls of a scenario: when, where, how urgent, and what each will take, drawn ahead so that every policy meets the same.
 *
 * Arrivals are a Poisson process whose rate is constant within each hour of the week; the place is a demand cell by weight
 * (Walker's alias method, Vose 1991: constant time) and a uniform place within the cell. Workload: up to 10^8 calls a run,
 * one after the other, about 200 ns each; half of it is waiting for the memory of the cells. */
#ifndef MINGDI_SIM_CALL_STREAM_H
#define MINGDI_SIM_CALL_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "base/time.h"
#include "sim/scenario.h"

/* What will be true of a call; hidden from the core, which learns each part when it happens. */
struct call_truth {
    uint64_t number; /* random calls: from 1 in order of arrival; CALLS.csv: its own number */
    struct geo_point point;
    struct instant arrival;         /* from the scenario's zero */
    struct duration delay;          /* from arrival until a unit is looked for (answering, triage, decision) */
    struct duration mobilisation;   /* of the unit that goes, if it stands at its station */
    struct duration patient_access; /* from the unit's arrival to the patient's side; counts in the time on scene */
    struct duration on_scene;       /* from the patient's side until it leaves or is free */
    struct duration handover;       /* at the facility; meaningful only with transport */
    struct duration bed_stay;       /* from the handover until the bed is free again; where the facility counts beds */
    uint32_t district;
    uint32_t line; /* of CALLS.csv, for messages; 0: a random call */
    uint8_t priority, need;
    bool transport;
};

/* Alias table over the cells: built once a scenario, shared read-only by all replications. */
struct call_places;
enum status call_places_create(const struct scenario *scenario, struct call_places **places, struct error *error) MUST_USE;
void call_places_destroy(struct call_places *places);

struct call_stream {
    const struct scenario *scenario;
    const struct call_places *places;
    struct random_stream interarrival, priority, cell, place, delay, mobilisation, patient_access, on_scene, transport, handover,
        need, bed_stay;
    double at_s;  /* of the last call */
    int64_t hour; /* since the scenario's zero, of at_s */
    double minimum_last_s;
    uint64_t number;
    bool constant_rate, ended;
    uint32_t fixed; /* bit of each quantity that is the same constant for all priorities, or always none: nothing is drawn */
    double rate_s[HOURS_A_WEEK];                         /* calls a second */
    double priority_below[HOURS_A_WEEK][PRIORITY_COUNT]; /* cumulative shares in that hour */
};

/* The stream ends with the first call at or after minimum_last_s, which is still given out (JEMSS: minLastCallArrivalTime; for a
 * run of W warm-up days and D days: (W + D + 0.1) * 86,400). Needs calls: cells and a rate above 0, else STATUS_BAD_INPUT. */
enum status call_stream_open(struct call_stream *stream, const struct scenario *scenario, const struct call_places *places,
                             uint64_t seed, uint32_t replication, double minimum_last_s, struct error *error) MUST_USE;
/* False at the end. */
bool call_stream_next(struct call_stream *stream, struct call_truth *call);

#endif
