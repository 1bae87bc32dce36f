/* How points and limits stand in the query of an address: "11.9746,57.7089" (longitude first, as GeoJSON has it), "4,8,12".
 * Workload: one or two a request. */
#ifndef MINGDI_HOST_POINT_FORM_H
#define MINGDI_HOST_POINT_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "geo/point.h"

/* Two decimal numbers on the earth with a comma between, nothing else. */
bool point_form_read(const char *text, struct geo_point *point);
/* One to maximum numbers with commas between, rising, each above 0 and at most largest. */
bool point_form_read_rising(const char *text, double largest, uint32_t maximum, double *numbers, uint32_t *count);

#endif
