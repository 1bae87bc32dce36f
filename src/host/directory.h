/* Names: what people call the stations, units, hospitals, districts and seats that the core knows by number. Read at start from
 * the centre's tables, then only changed by administration. I/O thread only. */
#ifndef MINGDI_HOST_DIRECTORY_H
#define MINGDI_HOST_DIRECTORY_H

#include <stdint.h>

#include "base/status.h"
#include "geo/point.h"
#include "store/sql.h"

enum directory_kind {
    DIRECTORY_DISTRICT,
    DIRECTORY_POST,
    DIRECTORY_UNIT,
    DIRECTORY_FACILITY,
    DIRECTORY_SEAT,
    DIRECTORY_KIND_COUNT
};

extern const char *const DIRECTORY_KIND_NAMES[DIRECTORY_KIND_COUNT]; /* as in the table: "district" ... */

/* Column "detail" of the table: of a district its shape, a GeoJSON geometry (Polygon or MultiPolygon) or "" where it has none;
 * of the others a JSON object for clients that want more (a unit's vehicle and shift, a seat's desk). */
struct directory_entry {
    uint32_t id;             /* as in the core; districts and seats: from 1 */
    uint32_t district;       /* of posts, units and facilities; 0 unknown */
    const char *code, *name; /* the centre's own sign for it ("A12"), and what it is called; never NULL */
};

struct directory;

enum status directory_load(struct sql *centre, struct directory **directory, struct error *error) MUST_USE;
void directory_free(struct directory *directory);
/* NULL if there is none. */
const struct directory_entry *directory_find(const struct directory *directory, enum directory_kind kind, uint32_t id);
uint32_t directory_count(const struct directory *directory, enum directory_kind kind);
const struct directory_entry *directory_at(const struct directory *directory, enum directory_kind kind, uint32_t index);
/* The district whose shape holds the point; 0 where none does. */
uint32_t directory_district_of(const struct directory *directory, struct geo_point point);

#endif
