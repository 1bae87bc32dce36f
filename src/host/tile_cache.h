/* Tiles of the map that were drawn lately, the least lately wanted forgotten first. Bounded in bytes, what it needs for itself
 * included. I/O thread only.
 *
 * Workload: a console asks for 20 to 60 tiles when the map is moved, nearly always ones that another has asked for before. */
#ifndef MINGDI_HOST_TILE_CACHE_H
#define MINGDI_HOST_TILE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tile_cache;

/* NULL when memory is refused. */
struct tile_cache *tile_cache_create(size_t bytes_max);
void tile_cache_destroy(struct tile_cache *cache);
/* The bytes live until the next put. An empty tile is a tile too. */
bool tile_cache_find(struct tile_cache *cache, uint64_t key, const char **bytes, size_t *length);
/* Takes a copy; a tile that is there already stays. Without memory, or when it is larger than all may be, nothing happens. */
void tile_cache_put(struct tile_cache *cache, uint64_t key, const char *bytes, size_t length);
size_t tile_cache_bytes(const struct tile_cache *cache);

#endif
