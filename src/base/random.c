#include "base/random.h"

#include <math.h>

#include <Random123/philox.h>

void random_open(struct random_stream *stream, uint64_t seed, uint32_t quantity, uint32_t replication)
{
    *stream = (struct random_stream){ .key = { (uint32_t)seed, (uint32_t)(seed >> 32) },
                                      .counter = { 0, 0, quantity, replication } };
}

static void refill(struct random_stream *stream)
{
    philox4x32_ctr_t counter = { { stream->counter[0], stream->counter[1], stream->counter[2], stream->counter[3] } };
    philox4x32_key_t key = { { stream->key[0], stream->key[1] } };
    philox4x32_ctr_t block = philox4x32(counter, key);
    for (int i = 0; i < 4; i++) {
        stream->buffer[i] = block.v[i];
    }
    stream->buffered = 4;
    stream->counter[0] += 1;
    stream->counter[1] += stream->counter[0] == 0;
}

uint64_t random_u64(struct random_stream *stream)
{
    if (stream->buffered < 2) {
        refill(stream);
    }
    stream->buffered -= 2;
    return (uint64_t)stream->buffer[stream->buffered] << 32 | stream->buffer[stream->buffered + 1];
}

double random_uniform(struct random_stream *stream) { return (double)(random_u64(stream) >> 11) * 0x1p-53; }

double random_uniform_open(struct random_stream *stream) { return (double)((random_u64(stream) >> 11) + 1) * 0x1p-53; }

double random_exponential(struct random_stream *stream, double mean) { return -mean * log(random_uniform_open(stream)); }
