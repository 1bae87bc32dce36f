/* The measurements of mingdi bench live. Each starts what it needs in the place, prints its part of the report and stops what it
 * started, also on failure. docs/benchmarks.md says what each figure means. */
#ifndef MINGDI_CLI_BENCH_LIVE_MEASURE_H
#define MINGDI_CLI_BENCH_LIVE_MEASURE_H

#include <stdbool.h>

#include "base/status.h"
#include "cli/bench_live_place.h"

enum { BENCH_COUNTS_MAX = 8 };

struct bench {
    struct bench_place place;
    double seconds;                            /* of one measurement */
    int counts[BENCH_COUNTS_MAX], count_count; /* of clients */
    const char *store_url;                     /* of a PostgreSQL server, or NULL */
};

enum status bench_commands(const struct bench *bench, struct error *error) MUST_USE;
enum status bench_call(const struct bench *bench, struct error *error) MUST_USE;
enum status bench_consoles(const struct bench *bench, struct error *error) MUST_USE;
enum status bench_positions(const struct bench *bench, struct error *error) MUST_USE;

/* "   aim: WHAT: met" or "missed". */
void bench_tell_aim(bool met, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Counters of the server's, from its /metrics. */
struct bench_counters {
    double commits, entries, commit_s;
};

/* Asks over a connection of its own; a failure is loop's. */
struct bench_counters bench_read_counters(struct bench_loop *loop, int port);

#endif
