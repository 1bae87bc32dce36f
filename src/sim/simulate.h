/* A simulation: replications of a scenario's world through the core, on as many threads as asked, and what came of them.
 *
 * Replication r meets the same calls under every policy (common random numbers): its random streams are named by (seed, quantity,
 * r). The first replication's journal is kept in a file; those of the others live in memory and are dropped. */
#ifndef MINGDI_SIM_SIMULATE_H
#define MINGDI_SIM_SIMULATE_H

#include "measure/result.h"
#include "sim/world.h"

enum { JOBS_MAX = 256 };

struct simulate_options {
    double days, warmup_days;     /* of random calls */
    uint32_t replications;        /* 1 .. REPLICATIONS_MAX; 1 with a list */
    const struct call_list *list; /* NULL: random calls */
    uint64_t seed;
    uint32_t jobs;            /* threads, 1 .. JOBS_MAX */
    const char *created_by;   /* told in the journal: program and version */
    const char *journal_path; /* of the first replication; must not exist; NULL: in memory like the others */
    /* Called now and then from this thread with the share that is done, 0 .. 1; may be NULL. */
    void (*progress)(void *context, double done);
    void *context;
};

/* One call of the first replication, as calls.csv tells it. */
struct simulate_call {
    uint64_t number;                        /* of the list, or counted from 1 */
    uint32_t unit, facility;                /* from 1 in the scenario's order; 0: none */
    double queued_s, response_s, service_s; /* NaN: did not happen */
    uint32_t diversions;
};

struct simulate_outcome {
    struct measure_summary summary;
    struct simulate_call *calls; /* by number */
    size_t call_count;
    struct sampled_call *sampled; /* of the first replication, for the map */
    uint32_t sampled_count;
    uint64_t state_hash;                                     /* of the first replication's end */
    uint64_t entries, journal_bytes;                         /* of the first replication */
    uint64_t commands, alarms, calls_simulated, without_bed; /* of all */
    double simulated_s;                                      /* of the clock, all replications together */
    double wall_s, cpu_s;                                    /* of the replications alone; cpu_s is the sum over threads */
    double first_cpu_s, first_calls;                         /* of the first replication, whose journal is in the file */
};

enum status simulate(const struct world_setting *setting, const struct simulate_options *options,
                     struct simulate_outcome *outcome, struct error *error) MUST_USE;
void simulate_outcome_free(struct simulate_outcome *outcome);

#endif
