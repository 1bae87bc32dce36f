/* What journals that outlive the process have in common, whatever keeps them: how they are opened, what is known of them. */
#ifndef MINGDI_STORE_JOURNAL_FACTS_H
#define MINGDI_STORE_JOURNAL_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "core/limits.h"

enum journal_access {
    JOURNAL_READ,            /* must exist; append, commit and snapshot_write are refused */
    JOURNAL_WRITE,           /* must exist */
    JOURNAL_CREATE,          /* must not exist, or be empty */
    JOURNAL_WRITE_OR_CREATE, /* what a server does at its start */
};

/* Of a new journal, and of writing to one. All zero is fine. */
struct journal_options {
    const char *created_by;      /* program and version, for people; NULL: "mingdi" */
    const struct limits *limits; /* kept in a new journal, so that a replay can make the same engine; NULL: not kept */
    const char *policy;          /* that decides, by name: a replay with --verify needs it; NULL: not kept */
    uint32_t flush_bytes;        /* a group is ended at this size, at most GROUP_FLUSH_MAX; 0: 256 KiB */
    uint32_t wait_ms;            /* for a moment's lock, or a writer that has just died; 0: 2000 */
    uint32_t snapshot_span;      /* entries, of which one snapshot is kept for good; 0: a million */
};

/* What is known of an open journal without reading it. */
struct journal_facts {
    char created_by[128], policy[64]; /* policy "": not kept */
    bool drill;                       /* of an exercise */
    bool limits_known, final_known;
    struct limits limits;
    uint64_t last_sequence;  /* durable or not; 0: empty */
    uint64_t final_sequence; /* where it was closed cleanly last, and the state hash there */
    uint64_t final_state_hash;
};

/* What a check of everything found. */
struct journal_report {
    uint64_t groups, entries, events, bytes, snapshots;
    uint64_t first_sequence, last_sequence;
    struct instant first_entered_at, last_entered_at; /* INSTANT_NONE where there are none */
    char chain[65]; /* hash of the last group, in hexadecimal: quote it elsewhere, and the journal cannot be rewritten unseen */
};

#endif
