/* The centre under torture: core, journal on a disk that fails, mirror, policies and triage, with call-takers' consoles,
 * crews' phones, hospitals and gateways around it, in one process on a virtual clock. Everything that goes wrong is drawn from
 * a seed, so that a run can be repeated to the byte.
 *
 * First faults, for options.hours: killed processes, cut power, calls of the journal that fail, a disk that errs, fills up, dies
 * or is slow, messages lost, doubled and overtaken, clocks that are wrong, silent road workers, nonsense from broken clients.
 * Meanwhile, after every turn of the centre, what must hold is checked (torture_check.c). Then the faults stop, and within a
 * bounded time everything must have come to an end (docs/torture.md).
 *
 * Workload: a virtual hour is some 4,000 commands and takes about a second. */
#ifndef MINGDI_TORTURE_TORTURE_H
#define MINGDI_TORTURE_TORTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

struct torture_options {
    uint64_t seed;
    double hours;          /* of faults, by the virtual clock */
    uint32_t kill_every_s; /* the centre is killed so often beside all else; 0: only by the faults that are drawn */
    bool short_report;     /* one line where everything held */
};

/* Runs in a process of its own, so that a failed CHECK is told like anything else that does not hold: *held false, and the report
 * names the seed, the virtual time, what does not hold and the last events. The report depends on the options alone.
 * An error is of the machine: no folder, no process. */
enum status torture_run(const struct torture_options *options, FILE *report, bool *held, struct error *error) MUST_USE;

#endif
