/* The map that consoles draw: tiles of the city file, drawn in threads of their own and kept for a while. */
#ifndef MINGDI_HOST_MAP_H
#define MINGDI_HOST_MAP_H

#include "host/tile_cache.h"
#include "host/workers.h"
#include "road/city.h"
#include "road/tile.h"

enum { MAP_THREADS = 2, MAP_WAITING_MAX = 512, MAP_CACHE_BYTES = 64 << 20 };

struct map {
    const struct city *city;
    struct tiles *tiles;
    struct tile_cache *cache;
    struct workers *workers;
    char version[17]; /* changes when any tile may: hexadecimal */
};

/* The city outlives it. 20 to 500 ms. */
enum status map_create(const struct city *city, struct map **map, struct error *error) MUST_USE;
/* Ends the threads; who waits for a tile is told that the server stops. */
void map_stop(struct map *map);
void map_destroy(struct map *map);

#endif
