/* Random streams for the simulator: one stream a quantity, so that changing a policy does not shift the other draws.
 *
 * Counter-based (Philox 4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, from the Random123
 * library): a stream is named by (seed, stream, replication) and needs no state but its position. The core and the policies
 * may not include this file; the layer check says so. */
#ifndef MINGDI_BASE_RANDOM_H
#define MINGDI_BASE_RANDOM_H

#include <stdint.h>

struct random_stream {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t buffer[4];
    uint32_t buffered; /* words of buffer not yet given out, taken from the end */
};

void random_open(struct random_stream *stream, uint64_t seed, uint32_t quantity, uint32_t replication);
uint64_t random_u64(struct random_stream *stream);
/* Uniform in [0, 1), 53 bits. */
double random_uniform(struct random_stream *stream);
/* Uniform in (0, 1]: safe to take the logarithm of. */
double random_uniform_open(struct random_stream *stream);
/* Exponential with the given mean. */
double random_exponential(struct random_stream *stream, double mean);

#endif
