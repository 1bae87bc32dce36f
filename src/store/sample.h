/* Well-formed entries that no core decided: what the tests and benchmarks of the journals are fed with.
 *
 * An entry is a function of its sequence and a seed, so that a reader can make it again and compare byte by byte. */
#ifndef MINGDI_STORE_SAMPLE_H
#define MINGDI_STORE_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/journal.h"

enum { SAMPLE_WORDS = 128 };

/* Room for one sample. */
struct sample {
    uint64_t words[SAMPLE_WORDS];
};

/* An entry of 112 to 688 bytes. Valid until the sample is used again. */
const struct entry_head *sample_entry(struct sample *sample, uint64_t sequence, uint64_t seed);
/* One of 200 bytes: what a simulated city's entries measure on average. */
const struct entry_head *sample_entry_200(struct sample *sample, uint64_t sequence);
/* Whether the entry is the sample of its sequence. */
bool sample_equals(const struct entry_head *entry, uint64_t seed);

#endif
