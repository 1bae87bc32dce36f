/* The form in the middle of an import: places, pieces of road between them and forbidden sequences, whatever file they came
 * from. network_write turns it into the search graph with copies for turn restrictions, finds what is connected, makes the index
 * for snapping and the hierarchy, and writes the city file. */
#ifndef MINGDI_ROAD_IMPORT_NETWORK_H
#define MINGDI_ROAD_IMPORT_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/vec.h"
#include "geo/point.h"
#include "road/city_file.h"
#include "road/profile.h"
#include "road/restriction.h"

/* Everything that an import can leave out. */
enum import_drop {
    DROP_WAY_CLOSED,
    DROP_WAY_UNBUILT,
    DROP_WAY_UNKNOWN_CLASS,
    DROP_WAY_REVERSIBLE,
    DROP_FERRY_WITHOUT_DURATION,
    DROP_WAY_TOO_SHORT,
    DROP_NODE_MISSING,
    DROP_NODE_REPEATED,
    DROP_EDGE_TOO_LONG,
    DROP_FEATURE_NOT_A_LINE,
    DROP_AREA_INCOMPLETE,
    DROP_RESTRICTION_FOR_OTHERS,
    DROP_RESTRICTION_CONDITIONAL,
    DROP_RESTRICTION_UNKNOWN,
    DROP_RESTRICTION_INCOMPLETE,
    DROP_RESTRICTION_OFF_ROAD,
    DROP_RESTRICTION_UNCLEAR,
    DROP_RESTRICTION_AT_BARRIER,
    DROP_RESTRICTION_TOO_LONG,
    DROP_RESTRICTION_CROWDED,
    DROP_ARCS_NOT_CONNECTED_EMERGENCY, /* and one for each profile, in their order */
    DROP_ARCS_NOT_CONNECTED_NORMAL,
    DROP_ARCS_NOT_CONNECTED_FOOT,
    DROP_COUNT,
};

struct network_edge {
    uint32_t from, to;
    uint32_t point_first, point_count; /* of the polyline, both ends included */
    uint32_t name, alternatives;       /* offsets in texts */
    uint32_t length_dm;
    uint8_t class_byte; /* of CITY_EDGE_CLASS */
    road_ticks ticks[ROAD_DIRECTIONS][ROAD_PROFILE_COUNT];
    int32_t fraction[ROAD_PROFILE_COUNT]; /* in an arc CSV city: what ticks lack of the given time, in 2^-32 tick */
};

VEC_TYPE(point_vec, struct geo_point);
VEC_TYPE(edge_vec, struct network_edge);
VEC_TYPE(text_vec, char);
VEC_TYPE(number_vec, uint64_t);
VEC_TYPE(flag_vec, uint8_t);
VEC_TYPE(place_vec, struct city_place_entry);
VEC_TYPE(u32_vec, uint32_t);

/* Areas in the form of the city file. */
struct network_areas {
    struct flag_vec kinds;
    struct u32_vec ring_first;  /* of areas; with one more at the end */
    struct u32_vec point_first; /* of rings; with one more at the end */
    struct point_vec points;
};

struct network {
    struct city_meta meta; /* name, source, ticks, off-road speeds, scales, profiles present, phases so far */
    struct point_vec nodes;
    struct edge_vec edges;
    struct point_vec points;
    struct text_vec texts;
    struct number_vec numbers; /* of the nodes in an arc CSV city; else empty */
    struct flag_vec access;    /* likewise */
    struct place_vec places;
    struct network_areas areas;
    uint64_t dropped[DROP_COUNT];
    /* Arcs of the forbidden paths are sides (2 * edge + against) until the arcs are numbered. */
    struct forbidden_paths forbidden;
    double phase_began_s;
};

enum { NETWORK_NODES_MAX = 1 << 28, NETWORK_EDGES_MAX = 1 << 28 };

void network_init(struct network *network);
void network_free(struct network *network);
/* Books the seconds since the last call under a phase of CITY_PHASES. */
void network_phase(struct network *network, const char *phase);
enum status network_no_memory(const struct network *network, struct error *error);
/* The offset of a text in texts, which begins with the empty one; ROAD_NONE when memory is refused. Never looks for doubles. */
uint32_t network_text(struct network *network, const char *text);

/* Number the nodes along a space-filling curve, so that what is near on the map is near in memory. Not for arc CSV cities. */
bool network_sort_nodes(struct network *network);

enum status network_write(struct network *network, const char *path, struct error *error) MUST_USE;

#endif
