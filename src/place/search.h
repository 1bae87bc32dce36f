/* Finding a place by what is typed: roads, crossings of two roads, named places, the centre's own posts and facilities,
 * coordinates.
 *
 * The words of a query may stand in any order, be begun only, be spelled in pinyin or by its initials, and hold typing errors
 * (match.h); crossings are written "A / B", "A and B", "A与B", "A路B路口". What fits best comes first, then by kind and nearness.
 * Errors are forgiven only where too little fits without.
 *
 * Workload: one search a key press of 20 call-takers, each under a millisecond in a city of 50,000 names (bench/places.c). */
#ifndef MINGDI_PLACE_SEARCH_H
#define MINGDI_PLACE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "place/index.h"

enum { PLACE_QUERY_MAX = 200, PLACE_FOUND_MAX = 50, PLACE_NAME_SIZE = 320, PLACE_INDEXES_MAX = 4 };

struct place_query {
    const char *text; /* UTF-8, at most PLACE_QUERY_MAX bytes */
    size_t length;
    bool has_near;
    struct geo_point near;
    bool is_gcj02;  /* coordinates in the text are GCJ-02 */
    uint32_t limit; /* 1 .. PLACE_FOUND_MAX */
};

struct place_found {
    enum place_kind kind;
    char name[PLACE_NAME_SIZE];    /* cut at a character where it is longer */
    char matched[PLACE_NAME_SIZE]; /* the name by which it was found, where that is another one; else "" */
    char detail[PLACE_NAME_SIZE];  /* class of a road, kind of a place, code of a post or facility */
    struct geo_point point;        /* of a road: the nearest to near, else its middle */
    double distance_m;             /* from near; 0 without one */
};

/* Several indexes are searched as one. found has query->limit places. STATUS_BAD_INPUT for a text that is no UTF-8 or too long;
 * one that names nothing gives *count 0. */
enum status place_search(const struct place_index *const *indexes, uint32_t index_count, const struct place_query *query,
                         struct place_found *found, uint32_t *count, struct error *error) MUST_USE;

#endif
