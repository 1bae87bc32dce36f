/* Vector tiles of a city: the map that the console draws, cut from the city file. Web Mercator, tiles by zoom, column and row as
 * OpenStreetMap numbers them (https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames), in the form of mvt.h.
 *
 *   areas        kind ("water", "green", "built")
 *   roads        class ("motorway" ... "steps"), structure ("bridge", "tunnel" or none): all lines of one kind are one feature
 *   road_labels  name, name_en, name_zh, class: lines as long as the name goes on
 *   places       name, name_en, name_zh, kind, rank: points
 *
 * What is drawn when: roads by class, places by rank, areas by size, so that a tile is 5 to 100 kB at every zoom. The same city
 * gives the same bytes.
 *
 * Workload: made once when a city is opened (20 to 500 ms, 10 bytes a point); a tile takes 0.1 to 20 ms. */
#ifndef MINGDI_ROAD_TILE_H
#define MINGDI_ROAD_TILE_H

#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "road/city.h"

enum { TILE_ZOOM_MIN = 5, TILE_ZOOM_MAX = 15, TILE_BYTES_MAX = 8 << 20, TILE_VERSION = 1 };

struct tiles;

/* The city outlives it. */
enum status tiles_create(const struct city *city, struct tiles **tiles, struct error *error) MUST_USE;
void tiles_destroy(struct tiles *tiles);

/* Appends the tile to an empty text whose maximum is TILE_BYTES_MAX; nothing where nothing is to be drawn. From any number of
 * threads. zoom is TILE_ZOOM_MIN .. TILE_ZOOM_MAX, x and y are below 2^zoom. */
enum status tiles_draw(const struct tiles *tiles, uint32_t zoom, uint32_t x, uint32_t y, struct text *tile, struct error *error)
    MUST_USE;

#endif
