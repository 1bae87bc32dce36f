/* A journal that fails on purpose, around any other one: for fault loops (the 1st, 2nd, 3rd ... call fails until a run met none)
 * and for crashes, after which only what was committed is left.
 *
 * Entries are held back until commit, so that a crash loses them whatever the journal inside does with an append. */
#ifndef MINGDI_STORE_FAILING_H
#define MINGDI_STORE_FAILING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "core/journal.h"

struct journal_failing_plan {
    uint64_t
        fail_at; /* the call that fails, counted from 1 over append, commit, read, snapshot_write and snapshot_read; 0: none */
    bool carried_out; /* the call does its work all the same: the disk had it, and the answer got lost */
};

/* inner stays the caller's: it must outlive the journal and is not closed with it. After the failed call appends, commits and
 * snapshot_writes are refused. */
enum status journal_failing_create(struct journal *journal, const struct journal *inner, struct journal_failing_plan plan,
                                   struct error *error) MUST_USE;
/* Calls made so far, and whether one of them was failed. */
uint64_t journal_failing_calls(const struct journal *journal);
bool journal_failing_injected(const struct journal *journal);
/* The last sequence whose commit was answered with STATUS_OK: what must be found again. */
uint64_t journal_failing_acknowledged(const struct journal *journal);

#endif
