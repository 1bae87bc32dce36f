/* Names made searchable: the roads and named places of a city, or names that a centre gives (its posts and facilities).
 *
 * An index does not change once it is made, and any number of threads may search it (search.h). Workload: 5,000 to 200,000
 * names, made in a second at start; a few hundred names of a centre, made anew whenever one of them changes. */
#ifndef MINGDI_PLACE_INDEX_H
#define MINGDI_PLACE_INDEX_H

#include <stdint.h>

#include "base/status.h"
#include "road/city.h"

enum place_kind {
    PLACE_KIND_ROAD,
    PLACE_KIND_JUNCTION,
    PLACE_KIND_PLACE,
    PLACE_KIND_POST,
    PLACE_KIND_FACILITY,
    PLACE_KIND_COORDINATES,
    PLACE_KIND_COUNT
};
extern const char *const PLACE_KIND_NAMES[PLACE_KIND_COUNT]; /* "road" ... "coordinates" */

struct place_index;

/* What a centre calls a place. The texts are copied; name and code may be empty, and then are not found by it. */
struct place_name {
    enum place_kind kind;
    const char *name, *code;
    struct geo_point point;
};

/* The city outlives the index. */
enum status place_index_of_city(const struct city *city, struct place_index **index, struct error *error) MUST_USE;
enum status place_index_of_names(const struct place_name *names, uint32_t count, struct place_index **index, struct error *error)
    MUST_USE;
void place_index_free(struct place_index *index);
/* How many names it holds, other names included. */
uint32_t place_index_count(const struct place_index *index);

#endif
