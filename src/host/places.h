/* What the console finds places with: the index of the city's names, made once, and that of the centre's own posts and
 * facilities, made anew when one of them was added, moved or renamed. The threads that search are here too, so that the I/O
 * thread never does.
 *
 * Workload: 20 call-takers type, a search a key press, each under a millisecond: one thread. Routes and areas are for people
 * who look at a map, 50 to 500 ms each: two threads of their own. */
#ifndef MINGDI_HOST_PLACES_H
#define MINGDI_HOST_PLACES_H

#include "core/engine.h"
#include "host/directory.h"
#include "host/workers.h"
#include "place/search.h"
#include "road/city.h"

struct places;

/* The city outlives it. district: of a point, by the directory; asked for each piece of road, from here only. */
enum status places_create(const struct city *city, const struct directory *directory, struct places **places, struct error *error)
    MUST_USE;
void places_destroy(struct places *places); /* after the workers' threads have ended: places_stop */
void places_stop(struct places *places);

struct workers *places_searchers(const struct places *places);
struct workers *places_travellers(const struct places *places);
const struct city *places_city(const struct places *places);
const struct place_index *places_of_city(const struct places *places);
/* Of each edge its district, 0 unknown. Constant: any thread. */
const uint32_t *places_edge_districts(const struct places *places);

/* ---- the centre's own names ---- */

/* Those that a search holds while it is under way. */
struct own_names;

/* I/O thread: what is newest. Where names have changed since, what it takes to index them is in it, and the first search does
 * so. */
struct own_names *places_hold(struct places *places, const struct core *core, const struct directory *directory);
/* In a searching thread: the index, NULL where it could not be made. */
const struct place_index *own_names_index(struct own_names *names, struct error *error);
/* I/O thread. */
void places_release(struct own_names *names);

#endif
