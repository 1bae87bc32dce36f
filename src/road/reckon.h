/* Dead reckoning: where a vehicle is now that was on a road some seconds ago. It goes on along that road at the speed of the
 * weights, over nodes where there is one way on only, and stops short of the first at which it could have turned: what it did
 * there is not known. Estimated, never reported: whoever shows it says so. */
#ifndef MINGDI_ROAD_RECKON_H
#define MINGDI_ROAD_RECKON_H

#include <stdbool.h>

#include "base/time.h"
#include "road/city.h"

struct reckoned {
    uint32_t arc;
    double fraction;  /* of it, 0 .. 1 */
    double metres;    /* driven since */
    bool at_junction; /* it stands before one, although time is left */
};

/* weights: of the profile that it drives by; arc_count of the city, finite on arc. */
struct reckoned reckon_ahead(const struct city *city, const road_ticks *weights, uint32_t arc, double fraction,
                             struct duration elapsed);
/* The point of an arc at a fraction of its length. */
struct geo_point reckon_point(const struct city *city, uint32_t arc, double fraction);

#endif
