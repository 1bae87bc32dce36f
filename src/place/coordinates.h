/* Coordinates as people write and paste them: decimal degrees, degrees and minutes, degrees, minutes and seconds; with signs or
 * the letters and words of hemispheres (N S E W, 北纬 东经 ...), before or behind; with a decimal point or comma; geo: addresses.
 *
 *   39.9087, 116.3975    116.3975 39.9087    41,1496; -8,6109    39°54'31"N 116°23'51"E    N39 54.52 E116 23.85    北纬39.9087度
 * 东经116.3975度
 *
 * Workload: each query once, before names are looked for; most are none. */
#ifndef MINGDI_PLACE_COORDINATES_H
#define MINGDI_PLACE_COORDINATES_H

#include <stdbool.h>
#include <stddef.h>

#include "geo/point.h"

struct coordinates {
    struct geo_point point;
    /* Where nothing says which of the two numbers is the latitude, point takes the first for it, as is usual, and this is the
     * other way. */
    bool is_ambiguous;
    struct geo_point exchanged;
};

/* False where the text is something else, or lies off the earth. */
bool coordinates_read(const char *text, size_t length, struct coordinates *coordinates);

#endif
