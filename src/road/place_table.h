/* A table of places as CSV: id,lon,lat or, for an arc CSV city, id,node (the node's number in nodes.csv). */
#ifndef MINGDI_ROAD_PLACE_TABLE_H
#define MINGDI_ROAD_PLACE_TABLE_H

#include "base/status.h"
#include "road/city.h"

enum { PLACE_ID_MAX = 128 };
#define PLACE_SNAP_M 5000.0 /* a place farther from any road than this is a mistake */

struct table_place {
    char id[PLACE_ID_MAX]; /* text of the field, UTF-8 */
    int line;              /* of the table */
    struct road_place place;
};

struct place_table {
    struct table_place *places;
    uint32_t count;
};

/* Every error names file and line: columns missing or unknown, ids empty or given twice, numbers out of range, places that are
 * not near a road of the city (longitude and latitude exchanged is said so), nodes that do not exist. */
enum status place_table_read(const char *path, const struct city *city, enum road_profile profile, struct place_table *table,
                             struct error *error) MUST_USE;
enum status place_table_read_bytes(const char *name, const char *bytes, size_t size, const struct city *city,
                                   enum road_profile profile, struct place_table *table, struct error *error) MUST_USE;
void place_table_free(struct place_table *table);

/* The nearest place on a road within PLACE_SNAP_M; the error says what may be wrong with the numbers. */
enum status place_snap(const struct city *city, enum road_profile profile, double lon, double lat, struct road_place *place,
                       struct error *error) MUST_USE;

#endif
