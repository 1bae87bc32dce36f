/* The folder that a simulation writes: all of it, or nothing. Files are made in a folder beside and moved in at the end, so that
 * a failed run, or one that is interrupted, leaves what was there before. */
#ifndef MINGDI_SIM_OUTPUT_H
#define MINGDI_SIM_OUTPUT_H

#include "base/interrupt.h"
#include "base/status.h"
#include "sim/scenario.h"
#include "sim/simulate.h"

struct output {
    char *folder, *working; /* working: where files are being made */
    struct interrupt_guard *guard;
};

/* STATUS_BAD_INPUT if folder is there and holds anything but an earlier simulation's files. Call it before threads are made. */
enum status output_open(struct output *output, const char *folder, struct error *error) MUST_USE;
/* Path of a file being made; the caller frees. */
char *output_path(const struct output *output, const char *name);
/* Moves everything in. Then, as after output_abandon, the output is closed. */
enum status output_commit(struct output *output, struct error *error) MUST_USE;
void output_abandon(struct output *output);

/* calls.csv: call,unit,facility,queued_s,response_s,service_s,diversions, by the planner's own ids; empty: did not happen. */
enum status output_write_calls(const struct output *output, const struct scenario *scenario,
                               const struct simulate_outcome *outcome, struct error *error) MUST_USE;

#endif
