/* Names: what people call the stations, units, hospitals, districts and seats that the core knows by number. Read at start from
 * the centre's tables, then only changed by administration. I/O thread only. */
#ifndef MINGDI_HOST_DIRECTORY_H
#define MINGDI_HOST_DIRECTORY_H

#include <stdint.h>

#include "base/status.h"
#include "geo/point.h"
#include "host/identity.h"
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
    const char *desk;        /* of seats: a role's name, a constant; "" where it is not said, and for all others */
};

struct directory;

enum status directory_load(struct sql *centre, struct directory **directory, struct error *error) MUST_USE;
void directory_free(struct directory *directory);
/* What fresh holds takes the place of what directory held; fresh is freed. Whether any name was another. */
bool directory_replace(struct directory *directory, struct directory *fresh);
/* NULL if there is none. */
const struct directory_entry *directory_find(const struct directory *directory, enum directory_kind kind, uint32_t id);
uint32_t directory_count(const struct directory *directory, enum directory_kind kind);
const struct directory_entry *directory_at(const struct directory *directory, enum directory_kind kind, uint32_t index);
/* The entry with this code; NULL if there is none. Codes are unique within a kind. */
const struct directory_entry *directory_find_code(const struct directory *directory, enum directory_kind kind, const char *code);

/* ---- administration; what was found before is void after a change ---- */

enum { DIRECTORY_CODE_MAX = 32, DIRECTORY_NAME_MAX = 128 }; /* bytes of those that are given through the API */

/* Copies the entry in, or over the one of its id. False: memory is refused, or there is no room. */
bool directory_put(struct directory *directory, enum directory_kind kind, const struct directory_entry *entry) MUST_USE;
/* In the clerk, within a transaction: the same in the tables. STATUS_BAD_INPUT and sql_is_conflict: another has the code. */
enum status directory_write(struct sql *sql, enum directory_kind kind, const struct directory_entry *entry, struct error *error)
    MUST_USE;
enum status directory_erase(struct sql *sql, enum directory_kind kind, uint32_t id, struct error *error) MUST_USE;
/* At the start: what bears a number above last belongs to nothing. The process died between its name and itself. */
enum status directory_drop_beyond(struct sql *sql, struct directory *directory, enum directory_kind kind, uint32_t last,
                                  uint32_t *dropped, struct error *error) MUST_USE;

/* The shape of a district as GeoJSON geometry, NULL where it has none. */
const char *directory_shape(const struct directory *directory, uint32_t district);
/* The district whose shape holds the point; 0 where none does. */
uint32_t directory_district_of(const struct directory *directory, struct geo_point point);

#endif
