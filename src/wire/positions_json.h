/* A batch of positions as it comes from vehicles: a JSON array of {"unit":12,"lon":11.97,"lat":57.7,"at":"2026-11-22T08:30:00Z"},
 * read with a cursor and without a tree. at may be left out or null: now.
 *
 * RFC 8259 strictly, but for what has no place here: members of other names, a member twice and escapes in a string are refused.
 * Coordinates are rounded to 1e-7 degrees; they are not judged, beyond that they fit.
 *
 * Workload: batches of 100 to 1,000, 20,000 positions a second on a part of one core. Any bytes are safe. */
#ifndef MINGDI_WIRE_POSITIONS_JSON_H
#define MINGDI_WIRE_POSITIONS_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "geo/point.h"

struct position_report {
    struct geo_point point;
    struct instant at; /* INSTANT_NONE: not said */
    uint32_t unit;
};

/* *count of them into items. BAD_INPUT with "position 17, byte 1204: ..." for what is not such an array; FULL for more than
 * maximum. Then *count is 0. */
enum status positions_json_read(const char *bytes, size_t length, struct position_report *items, uint32_t maximum,
                                uint32_t *count, struct error *error) MUST_USE;

#endif
