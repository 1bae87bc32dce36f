#include "host/map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "road/city_map.h"

enum status map_create(const struct city *city, struct map **map, struct error *error)
{
    struct map *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->city = city;
        made->cache = tile_cache_create(MAP_CACHE_BYTES);
    }
    enum status status = made == NULL || made->cache == NULL ? ERROR(error, STATUS_NO_MEMORY, "the map: memory was refused")
                                                             : tiles_create(city, &made->tiles, error);
    if (status == STATUS_OK) {
        status = workers_create("map", MAP_THREADS, MAP_WAITING_MAX, &made->workers, error);
    }
    if (status != STATUS_OK) {
        map_destroy(made);
        return status;
    }
    const uint64_t parts[] = { city_map_fingerprint(city), TILE_VERSION };
    snprintf(made->version, sizeof made->version, "%016" PRIx64, hash64(parts, sizeof parts, 0));
    *map = made;
    return STATUS_OK;
}

void map_stop(struct map *map)
{
    if (map != NULL) {
        workers_destroy(map->workers);
        map->workers = NULL;
    }
}

void map_destroy(struct map *map)
{
    if (map == NULL) {
        return;
    }
    map_stop(map);
    tile_cache_destroy(map->cache);
    tiles_destroy(map->tiles);
    free(map);
}
