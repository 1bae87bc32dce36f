/* The measurements of mingdi bench live. Each starts what it needs in the place, prints its part of the report and stops what it
 * started, also on failure. docs/benchmarks.md says what each figure means. */
#ifndef MINGDI_CLI_BENCH_LIVE_MEASURE_H
#define MINGDI_CLI_BENCH_LIVE_MEASURE_H

#include <stdbool.h>

#include "base/status.h"
#include "cli/bench_live_place.h"
#include "store/store.h"

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

/* What clients got out of servers. */
struct bench_figures {
    double a_second, p50_ms, p99_ms, commits_a_second, entries_a_commit, commit_ms;
};

/* So many clients at each server at once (or as many as it says), each of which offers, answers and closes calls, the next
 * command when the last was answered; the figures are of all servers together. */
enum status bench_drive(const struct bench *bench, const struct bench_server *servers, int server_count, int clients_each,
                        struct bench_figures *figures, struct error *error) MUST_USE;
/* The schema of a store and all in it; what fails is told on standard error. */
void bench_drop_schema(const struct store *store);

/* Asks over a connection of its own; a failure is loop's. */
struct bench_counters bench_read_counters(struct bench_loop *loop, int port);

#endif
