/* The city file: a header, a table of sections, the sections. Written once by the importer, mapped read-only by everybody else.
 *
 *   header     magic, byte order, format version, size, checksum, fingerprint, number of sections
 *   sections   each at a multiple of 64 bytes: an array of one fixed element type, as it lies in memory
 *
 * Everything in it is checked before use, in one pass: the checksum finds damage, and because a checksum can be forged, every
 * count, offset and index is checked as well, so that no later code has to. 10 to 400 bytes a node; a city of 100,000 nodes has
 * about 30 MB and is opened in tens of milliseconds.
 *
 * Two kinds of city share the form. In a city from a map, nodes 0 .. base_count-1 are places and the rest are copies that turn
 * restrictions need: copies of base node b are base_count + copy_first[b] .. , each with the same arcs in the same order as b
 * has. An edge is a piece of road between two nodes with its polyline; side = 2 * edge + (1 if against the polyline). In an arc
 * CSV city every arc is an edge of its own. */
#ifndef MINGDI_ROAD_CITY_FILE_H
#define MINGDI_ROAD_CITY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/file.h"
#include "base/status.h"
#include "road/cch.h"
#include "road/city.h"

enum { CITY_FORMAT_VERSION = 2 };

enum city_section {
    CITY_META,              /* struct city_meta, one */
    CITY_FIRST_OUT,         /* uint32_t, node_count + 1 */
    CITY_TAIL,              /* uint32_t, arc_count */
    CITY_HEAD,              /* uint32_t, arc_count */
    CITY_POINT,             /* struct geo_point, node_count */
    CITY_COPY_FIRST,        /* uint32_t, base_count + 1 */
    CITY_ARC_SIDE,          /* uint32_t, arc_count: 2 * edge + against */
    CITY_ARC_LENGTH,        /* uint32_t, arc_count: decimetres */
    CITY_ARC_USE,           /* uint8_t, arc_count: bit of each profile for which the arc lies in a connected part large enough */
    CITY_WEIGHTS,           /* road_ticks, profiles * arc_count: one array after the other */
    CITY_EDGE_ARCS,         /* uint32_t, 2 * edge_count: the base arc along and against, or ROAD_NONE */
    CITY_EDGE_POINT_FIRST,  /* uint32_t, edge_count + 1 */
    CITY_EDGE_POINT,        /* struct geo_point: polylines, both ends included */
    CITY_EDGE_NAME,         /* uint32_t, edge_count: offset in CITY_TEXT */
    CITY_EDGE_CLASS,        /* uint8_t, edge_count: enum road_class and the bits of enum city_class_bits */
    CITY_EDGE_ALTERNATIVES, /* uint32_t, edge_count: offset in CITY_TEXT of lines "key=name" */
    CITY_TEXT,              /* char: zero-terminated strings, the first of them empty */
    CITY_PLACE,             /* struct city_place_entry, by rising rank */
    CITY_AREA_KIND,         /* uint8_t, area_count: enum city_area_kind */
    CITY_AREA_RING_FIRST,   /* uint32_t, area_count + 1: the first ring is the outside, the others are holes */
    CITY_RING_POINT_FIRST,  /* uint32_t, ring_count + 1 */
    CITY_RING_POINT,        /* struct geo_point: at least three a ring, the first not repeated */
    CITY_NODE_ACCESS,       /* uint8_t, node_count in an arc CSV city: 1 if places are held against it; else none */
    CITY_NUMBER,            /* uint64_t, node_count in an arc CSV city: the number in nodes.csv; else none */
    CITY_NUMBER_ORDER,      /* uint32_t, likewise: nodes by rising number */
    CITY_WEIGHT_FRACTION,   /* int32_t, as CITY_WEIGHTS, in an arc CSV city: what the weights lack, in 2^-32 tick; else none */
    CITY_GRID_FIRST,        /* uint32_t, columns * rows + 1 */
    CITY_GRID_ENTRY,        /* struct city_grid_entry */
    CITY_DROPPED,           /* struct city_dropped */
    CITY_CCH_RANK_OF,
    CITY_CCH_NODE_AT,
    CITY_CCH_UP_FIRST,
    CITY_CCH_UP_HEAD,
    CITY_CCH_UP_TAIL,
    CITY_CCH_PARENT,
    CITY_CCH_ARC_UP,
    CITY_CCH_ARC_IS_UPWARD, /* uint8_t */
    CITY_CCH_INPUT_FIRST,
    CITY_CCH_INPUT_LIST,
    CITY_SECTION_COUNT,
};

/* What lies in or touches a cell of the grid: a piece of an edge from a point of CITY_EDGE_POINT to the next; in an arc CSV city
 * a node (edge is ROAD_NONE then). */
struct city_grid_entry {
    uint32_t edge;
    uint32_t point;
};

/* What CITY_EDGE_CLASS holds beside the class. */
enum city_class_bits { CITY_CLASS_MASK = 0x1F, CITY_CLASS_BRIDGE = 0x20, CITY_CLASS_TUNNEL = 0x40 };

struct city_place_entry {
    struct geo_point point;
    uint32_t name, alternatives; /* offsets in CITY_TEXT; the name is not empty */
    uint8_t kind, rank;          /* enum city_place_kind */
    uint16_t reserved;           /* 0 */
};

enum { CITY_NAME_MAX = 128, CITY_SOURCE_MAX = 256, CITY_PHASES_MAX = 8 };

struct city_profile_facts {
    uint32_t present;
    uint32_t usable_arcs;     /* with a finite weight */
    uint32_t connected_nodes; /* of the largest strongly connected part */
    uint32_t connected_arcs;
    uint32_t served_parts; /* parts large enough to be served: CITY_PART_SHARE of the largest; an island has its own */
    uint32_t served_arcs;  /* arcs within them: places are snapped to these only */
};
#define CITY_PART_SHARE 0.05

struct city_meta {
    uint32_t ticks_per_second;
    uint32_t from_arcs; /* 1 for an arc CSV city */
    uint32_t base_count;
    uint32_t columns, rows;
    int32_t grid_west_e7, grid_south_e7, grid_cell_lon_e7, grid_cell_lat_e7;
    int32_t west_e7, south_e7, east_e7, north_e7;
    uint32_t reserved;
    double metres_per_lon_degree, metres_per_lat_degree; /* for nearest nodes of an arc CSV city; 0: great circle */
    double off_road_m_per_s[ROAD_PROFILE_COUNT];
    struct city_profile_facts profile[ROAD_PROFILE_COUNT];
    uint32_t restrictions_kept;
    uint32_t restrictions_found;
    uint64_t peak_bytes;                   /* of the process that imported */
    double phase_seconds[CITY_PHASES_MAX]; /* by CITY_PHASES */
    char name[CITY_NAME_MAX];
    char source[CITY_SOURCE_MAX];
};

extern const char *const CITY_PHASES[CITY_PHASES_MAX]; /* names; NULL where unused */

/* Something that the import left out, and why. */
struct city_dropped {
    uint64_t count;
    char reason[56];
    char explanation[192];
};

/* The sections, borrowed from whoever holds the memory. */
struct city_parts {
    const void *bytes[CITY_SECTION_COUNT];
    uint64_t count[CITY_SECTION_COUNT]; /* elements */
    uint64_t fingerprint;
};

static inline const uint32_t *city_part_u32(const struct city_parts *parts, enum city_section section)
{
    return (const uint32_t *)parts->bytes[section];
}

/* Those of an open city. */
const struct city_parts *city_parts_of(const struct city *city);

const char *city_section_name(enum city_section section);
size_t city_section_element(enum city_section section); /* bytes */

/* Views of the sections as the structs that the algorithms take. */
struct road_graph city_parts_graph(const struct city_parts *parts);
struct cch city_parts_cch(const struct city_parts *parts);
void city_parts_set_cch(struct city_parts *parts, const struct cch *cch, uint32_t arc_count);

/* Computes the fingerprint (into parts) and writes the file; nothing is left under its name on failure. */
enum status city_file_write(const char *path, struct city_parts *parts, struct error *error) MUST_USE;
/* The parts of a file's bytes, after every check; name is for messages. The bytes must be aligned to 64 and outlive the parts. */
enum status city_file_read(const char *name, const unsigned char *bytes, size_t size, struct city_parts *parts,
                           struct error *error) MUST_USE;
/* For tests and fuzzing: makes checksum and fingerprint of changed bytes fit again, so that the checks behind them are reached.
 * False when the header or the table of sections is past that. */
bool city_file_seal(unsigned char *bytes, size_t size);
/* A city over bytes that the caller keeps, aligned to 64. */
enum status city_open_bytes(const char *name, const unsigned char *bytes, size_t size, struct city **city, struct error *error)
    MUST_USE;

#endif
