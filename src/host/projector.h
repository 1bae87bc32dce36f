/* The report tables: follows the journal in a thread of its own, by its own connections, and writes one row for each call that is over. Rows
 * and the sequence that they reach are one transaction, so that after any crash the rows equal those of a replay from the first entry. */
#ifndef MINGDI_HOST_PROJECTOR_H
#define MINGDI_HOST_PROJECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "core/limits.h"
#include "store/store.h"

struct projector;

/* The thread begins to read at once. limits: of the journal. */
enum status projector_create(const struct store *store, const struct limits *limits, uint32_t district_count,
                             struct projector **projector, struct error *error) MUST_USE;
/* Ends after the batch that is under way. */
void projector_destroy(struct projector *projector);
/* From any thread: there is something durable up to sequence. */
void projector_wake(struct projector *projector, uint64_t sequence);
/* Up to which entry the tables are; trouble (size >= 160) says what is wrong, "" if nothing. */
uint64_t projector_reached(const struct projector *projector, char *trouble, size_t size);
/* Replays the journal from its first entry and compares: STATUS_CORRUPT names the first row that differs. */
enum status projector_verify(const struct store *store, const struct limits *limits, uint32_t district_count, uint64_t *rows,
                             struct error *error) MUST_USE;

#endif
