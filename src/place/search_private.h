/* What the parts of the search share. */
#ifndef MINGDI_PLACE_SEARCH_PRIVATE_H
#define MINGDI_PLACE_SEARCH_PRIVATE_H

#include "place/index_private.h"
#include "place/search.h"

enum { PIECES_MAX = 8, HITS_MAX = 64 };

/* A query's words. */
struct search_words {
    struct match_piece pieces[PIECES_MAX];
    uint32_t count;
};

struct search_hit {
    uint32_t price; /* what separates it from a perfect answer */
    uint32_t name;  /* of the index */
};

/* The best hits, one an entry, by rising price, then by name. */
struct search_hits {
    struct search_hit hits[HITS_MAX];
    uint32_t count, limit;
};

struct search_wish {
    bool roads_only;
    bool has_near;
    struct geo_point near;
};

/* False where the text holds no word. Longer queries are cut off at PIECES_MAX words. */
bool search_words_read(const char *text, size_t length, struct search_words *words);
/* Adds to hits what fits. */
enum status search_names(const struct place_index *index, const struct search_words *words, enum match_effort effort,
                         const struct search_wish *wish, struct search_hits *hits, struct error *error) MUST_USE;

/* A crossing of two roads. */
struct junction {
    uint32_t price;
    const char *names[2]; /* the city's */
    struct geo_point point;
};
enum { JUNCTIONS_MAX = 32 };
struct junctions {
    struct junction items[JUNCTIONS_MAX];
    uint32_t count;
};
#define JUNCTION_MEET_M 60.0 /* roads that come so near meet, as those do whose carriageways the map has apart */

/* Those that the text may mean, best first. */
enum status search_junctions(const struct place_index *index, const char *text, size_t length, const struct search_wish *wish,
                             struct junctions *junctions, struct error *error) MUST_USE;

#endif
