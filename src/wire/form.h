/* The forms that values take in the API's JSON, one place for reading and writing each: instants as RFC 3339 in UTC with
 * microseconds, durations as seconds with at most six decimals, points as {"lon":..,"lat":..}, sets as arrays of labels,
 * 64-bit numbers as 16 hexadecimal digits (a JSON number of that size does not survive JavaScript). What is not there is null. */
#ifndef MINGDI_WIRE_FORM_H
#define MINGDI_WIRE_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/time.h"
#include "core/schema.h"
#include "geo/point.h"

enum { FORM_INSTANT_SIZE = 28 }; /* "2026-11-22T08:30:00.123456Z" and the terminator */

/* False for what has no such text: INSTANT_NONE, INSTANT_NEVER, and years outside 0001 to 9999. */
bool form_instant_text(struct instant at, char text[FORM_INSTANT_SIZE]);
/* Any RFC 3339 date-time: fraction of any length (cut to microseconds), offset or Z; a leap second is the second after. False,
 * and nothing written, for what is not one. */
bool form_instant_read(const char *text, size_t length, struct instant *at);

void form_instant(struct json *json, const char *name, struct instant at);
/* name already ends in _s. Unreachable (and any INT64_MAX) is null. */
void form_duration(struct json *json, const char *name, struct duration duration);
void form_point(struct json *json, const char *name, struct geo_point point);
/* labels->labels[bit] of each bit that is set; bits without a label are left out. */
void form_set(struct json *json, const char *name, const struct schema_enum *labels, uint32_t bits);
void form_u64(struct json *json, const char *name, uint64_t value);
bool form_u64_read(const char *text, size_t length, uint64_t *value);

#endif
