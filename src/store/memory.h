/* A journal in memory: the simulator's, and the fastest there is.
 *
 * Workload: 4 million entries of about 200 bytes a second, read once or never, thrown away all at once before the next
 * replication. So entries lie one after another in chunks of 4 MiB that are kept over a reset, and an append is one copy.
 * Everything appended counts as durable at the next commit; nothing outlives the process. One thread. */
#ifndef MINGDI_STORE_MEMORY_H
#define MINGDI_STORE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "core/journal.h"

enum { JOURNAL_MEMORY_CHUNK_SIZE = 4 << 20 };

/* An empty journal that takes at most bytes_max bytes of entries, then answers STATUS_FULL (and has changed nothing, so that
 * the core may still be read). Memory is taken from the system a chunk at a time as entries come. */
enum status journal_memory_create(struct journal *journal, uint64_t bytes_max, struct error *error) MUST_USE;
/* Empty again, as just created; chunks are kept for what comes next. */
void journal_memory_reset(struct journal *journal);

/* Bytes of the entries held, and how many there are. */
uint64_t journal_memory_bytes(const struct journal *journal);
uint64_t journal_memory_count(const struct journal *journal);

#endif
