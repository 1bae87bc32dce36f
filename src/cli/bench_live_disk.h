/* What the device and the databases can do by themselves, for the server's figures to stand beside. */
#ifndef MINGDI_CLI_BENCH_LIVE_DISK_H
#define MINGDI_CLI_BENCH_LIVE_DISK_H

#include <signal.h>

#include "base/status.h"
#include "cli/bench_live_place.h"
#include "cli/bench_live_samples.h"
#include "store/store.h"

enum { BENCH_CONNECTIONS_MAX = 16 };

/* For so long: write 4 KiB over what stands in a file in the place's folder, fdatasync, again. The file keeps its size, as a log
 * does that is used again, so that nothing but the data has to reach the device. Adds one sample a turn. */
enum status bench_disk_sync(const struct bench_place *place, double seconds, struct bench_samples *samples, struct error *error)
    MUST_USE;

/* For so long: transactions that insert one row of 256 bytes, each durable before the next, over so many connections.
 * *a_second is how many all of them did. The table is made in the store. */
enum status bench_disk_insert(const struct bench_place *place, const struct store *store, int connections, double seconds,
                              struct bench_samples *samples, double *a_second, struct error *error) MUST_USE;

/* For so long: commits of the journal, with so many entries of 200 bytes in each, and nothing around it. The journal is made in
 * the store, or goes on. One sample a commit. */
enum status bench_disk_journal(const struct bench_place *place, const struct store *store, int entries, double seconds,
                               struct bench_samples *samples, double *a_second, struct error *error) MUST_USE;

#endif
