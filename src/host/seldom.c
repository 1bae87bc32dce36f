#include "host/seldom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { PLACES = 1024 };

struct place {
    uint64_t what; /* its hash; 0: free */
    int64_t told_us;
    uint32_t untold;
};

struct seldom {
    struct place places[PLACES];
    int64_t began_us; /* of the stretch in which told counts */
    uint32_t told;
};

struct seldom *seldom_create(void) { return calloc(1, sizeof(struct seldom)); }

void seldom_destroy(struct seldom *seldom) { free(seldom); }

/* That of what, or the one told longest ago, emptied. */
static struct place *find_place(struct seldom *seldom, uint64_t what)
{
    struct place *oldest = &seldom->places[0];
    for (size_t i = 0; i < PLACES; i++) {
        struct place *place = &seldom->places[i];
        if (place->what == what) {
            return place;
        }
        oldest = place->told_us < oldest->told_us ? place : oldest;
    }
    *oldest = (struct place){ .what = what };
    return oldest;
}

bool seldom_lets(struct seldom *seldom, const char *what, struct instant now, uint32_t *before)
{
    const int64_t stretch_us = SELDOM_MINUTES * US_PER_MINUTE;
    struct place *place = find_place(seldom, hash64(what, strlen(what), 1) | 1);
    *before = place->untold;
    if (now.us - seldom->began_us >= stretch_us || now.us < seldom->began_us) {
        seldom->began_us = now.us;
        seldom->told = 0;
    }
    bool again = place->told_us != 0 && now.us - place->told_us < stretch_us && now.us >= place->told_us;
    if (again || seldom->told >= SELDOM_MOST) {
        place->untold += place->untold < UINT32_MAX;
        return false;
    }
    *place = (struct place){ .what = place->what, .told_us = now.us };
    seldom->told += 1;
    return true;
}

void seldom_tell(uint32_t before, char *detail, size_t size)
{
    size_t length = strlen(detail);
    if (before > 0 && length < size) {
        (void)snprintf(detail + length, size - length, "; %u more since the last row of this kind", before);
    }
}
