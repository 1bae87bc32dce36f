/* A fast 64-bit hash for fingerprints and state comparison. Not cryptographic: the journal's chain uses SHA-256 (store).
 * Stable across machines of the same byte order and across releases: it is written into files. */
#ifndef MINGDI_BASE_HASH_H
#define MINGDI_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Hash of the data, continued from seed (0 to begin): hash64(b, nb, hash64(a, na, 0)). */
uint64_t hash64(const void *data, size_t size, uint64_t seed);

#endif
