/* The report tables: follows the journal in a thread of its own, by its own connections, and writes one row for each call that
 * is over and one for each mission that is completed (again when its unit is back). Rows and the sequence that they reach are
 * one transaction, so that after any crash the rows equal those of a replay from the first entry.
 *
 * What a row needs may lie long before it, so what is under way is stored as well, now and then and at the end: at the start it
 * is taken up from there, and rows that are stored already are not written again. Where nothing of the kind is stored, or it is
 * damaged or of another version, the journal is read from its first entry. Tables of another journal, or of another version of
 * this program, are emptied and made anew.
 *
 * Workload: some ten rows a second at most; at a start after a crash PROJECTOR_STATE_ENTRIES entries at most. */
#ifndef MINGDI_HOST_PROJECTOR_H
#define MINGDI_HOST_PROJECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "core/limits.h"
#include "store/store.h"

enum {
    PROJECTOR_TROUBLE_SIZE = 160,
    PROJECTOR_STATE_ENTRIES = 50000, /* after so many entries what is under way is stored again */
};

struct projector;

/* The thread begins to read at once; held, where several processes share the store. limits: of the journal, which must exist. */
enum status projector_create(const struct store *store, const struct limits *limits, struct projector **projector,
                             struct error *error) MUST_USE;
/* Ends after the batch that is under way. NULL is fine. */
void projector_destroy(struct projector *projector);
/* From any thread. Held, it lets go of journal and tables, and writes nothing until it is let go: another process owns the
 * centre. */
void projector_hold(struct projector *projector, bool held);
/* Whether it was held and has let go. */
bool projector_rests(struct projector *projector);
/* From any thread: there is something durable up to sequence. */
void projector_wake(struct projector *projector, uint64_t sequence);
/* Up to which entry the tables are; trouble (size >= PROJECTOR_TROUBLE_SIZE) says what is wrong, "" if nothing: then it tries
 * again by itself. */
uint64_t projector_reached(struct projector *projector, char *trouble, size_t size);
/* How many entries it has read of the journal since it was made. */
uint64_t projector_entries_read(struct projector *projector);
/* Replays the journal from its first entry up to where the tables are, and compares: STATUS_CORRUPT names the first row that
 * differs. *rows: how many were compared. */
enum status projector_verify(const struct store *store, const struct limits *limits, uint64_t *rows, struct error *error)
    MUST_USE;

#endif
