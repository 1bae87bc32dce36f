/* For the fuzzers of map readers: hostile bytes go through the reader and then through the cutting and the turns, where a
 * network that no honest map has would show. */
#ifndef MINGDI_ROAD_IMPORT_FUZZ_MAP_H
#define MINGDI_ROAD_IMPORT_FUZZ_MAP_H

#include "road/import_map.h"

static inline void fuzz_map(map_reader read, bool coordinates_are_ids)
{
    struct network network;
    struct error error;
    network_init(&network);
    network.meta.ticks_per_second = 1000;
    struct map map = { .rules = PROFILES, .network = &network, .coordinates_are_ids = coordinates_are_ids };
    map_init(&map);
    enum status status = coordinates_are_ids ? STATUS_OK : map_read_multipolygons(&map, "fuzz", read, &error);
    status = status == STATUS_OK ? map_read_ways(&map, "fuzz", read, &error) : status;
    status = status == STATUS_OK ? map_read_nodes(&map, "fuzz", read, &error) : status;
    status = status == STATUS_OK ? map_cut_edges(&map, &error) : status;
    status = status == STATUS_OK ? map_find_turns(&map, &error) : status;
    status = status == STATUS_OK ? map_finish_shapes(&map, &error) : status;
    if (status == STATUS_OK) {
        (void)network_sort_nodes(&network);
    }
    map_free(&map);
    network_free(&network);
}

#endif
