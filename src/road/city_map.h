/* What a city file tells beside the network: classes and names of roads, named places, areas. For drawing (tile.h) and for
 * finding places by name. All of it is borrowed from the city and lives as long.
 *
 * Workload: 20,000 to 1,000,000 edges, 500 to 100,000 named places, 1,000 to 100,000 areas of 20 points; any number of threads.
 * Cities from GeoJSON have the places and areas of their file; arc CSV cities have edges without class and name. */
#ifndef MINGDI_ROAD_CITY_MAP_H
#define MINGDI_ROAD_CITY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "geo/point.h"
#include "road/city.h"

/* ---- roads by edge: a piece of road between two nodes, both directions in one ---- */

/* In order of importance, the ways of walkers last; the words are those of OpenStreetMap's highway=*. */
enum road_class {
    ROAD_CLASS_UNKNOWN, /* arc CSV cities */
    ROAD_CLASS_MOTORWAY,
    ROAD_CLASS_MOTORWAY_LINK,
    ROAD_CLASS_TRUNK,
    ROAD_CLASS_TRUNK_LINK,
    ROAD_CLASS_PRIMARY,
    ROAD_CLASS_PRIMARY_LINK,
    ROAD_CLASS_SECONDARY,
    ROAD_CLASS_SECONDARY_LINK,
    ROAD_CLASS_TERTIARY,
    ROAD_CLASS_TERTIARY_LINK,
    ROAD_CLASS_UNCLASSIFIED,
    ROAD_CLASS_RESIDENTIAL,
    ROAD_CLASS_LIVING_STREET,
    ROAD_CLASS_FERRY,
    ROAD_CLASS_SERVICE,
    ROAD_CLASS_TRACK,
    ROAD_CLASS_PEDESTRIAN,
    ROAD_CLASS_CYCLEWAY,
    ROAD_CLASS_FOOTWAY, /* and path, bridleway, platform, corridor ... */
    ROAD_CLASS_STEPS,
    ROAD_CLASS_COUNT,
};
const char *road_class_name(enum road_class class); /* "motorway" ... "steps"; "unknown" */

uint32_t city_edge_count(const struct city *city);
enum road_class city_edge_class(const struct city *city, uint32_t edge);
bool city_edge_is_bridge(const struct city *city, uint32_t edge);
bool city_edge_is_tunnel(const struct city *city, uint32_t edge);
/* Name of the way, its ref where it has no name, "" if neither. Equal names of a city are one pointer. */
const char *city_edge_name(const struct city *city, uint32_t edge);
/* Its other names, "" if none: see city_next_alternative. Equal lists are one pointer. */
const char *city_edge_alternatives(const struct city *city, uint32_t edge);
/* The polyline, at least two points. */
const struct geo_point *city_edge_points(const struct city *city, uint32_t edge, uint32_t *count);
/* The base nodes at its two ends, in the order of the polyline. */
void city_edge_ends(const struct city *city, uint32_t edge, uint32_t *from, uint32_t *to);
/* The edge that an arc runs along. */
uint32_t city_edge_of_arc(const struct city *city, uint32_t arc);

/* ---- other names ---- */

/* One of the other names of a road or place. Neither text is zero-terminated. */
struct city_alternative {
    const char *key; /* "name:en", "name:zh", "alt_name", "old_name", "short_name", "ref" ... as OpenStreetMap has them */
    size_t key_length;
    const char *name; /* never empty, never the name itself; values with ";" are told one by one */
    size_t name_length;
};

/* Walks a list of other names: begin with *at = the list; false at its end. */
bool city_next_alternative(const char **at, struct city_alternative *alternative);

/* ---- named places ---- */

enum city_place_kind {
    CITY_PLACE_CITY,
    CITY_PLACE_TOWN,
    CITY_PLACE_SUBURB, /* and borough, quarter, city district */
    CITY_PLACE_VILLAGE,
    CITY_PLACE_NEIGHBOURHOOD, /* and hamlet, locality, residential compound */
    CITY_PLACE_ISLAND,
    CITY_PLACE_SQUARE,
    CITY_PLACE_HOSPITAL, /* and clinic */
    CITY_PLACE_STATION,  /* railway, metro, bus, ferry */
    CITY_PLACE_STOP,     /* of a bus or tram */
    CITY_PLACE_AIRPORT,
    CITY_PLACE_POLICE,
    CITY_PLACE_FIRE_STATION,
    CITY_PLACE_SCHOOL, /* kindergarten to university */
    CITY_PLACE_PUBLIC, /* town hall, court, library, post office */
    CITY_PLACE_CARE,   /* nursing home, doctors, pharmacy */
    CITY_PLACE_WORSHIP,
    CITY_PLACE_SPORT,   /* stadium, swimming pool */
    CITY_PLACE_CULTURE, /* theatre, cinema, museum, attraction */
    CITY_PLACE_SHOP,    /* mall, supermarket, market */
    CITY_PLACE_LODGING,
    CITY_PLACE_RESTAURANT,
    CITY_PLACE_OFFICE, /* and bank, factory, named industrial estate */
    CITY_PLACE_PARK,   /* and cemetery, wood */
    CITY_PLACE_WATER,
    CITY_PLACE_BRIDGE,
    CITY_PLACE_BUILDING,
    CITY_PLACE_OTHER,
    CITY_PLACE_KIND_COUNT,
};
const char *city_place_kind_name(enum city_place_kind kind); /* "city" ... "other" */

struct city_named_place {
    struct geo_point point; /* of an area its middle */
    const char *name;
    const char *alternatives; /* see city_next_alternative */
    enum city_place_kind kind;
    uint8_t rank; /* 0 the most important .. 255; by kind, population and size */
};

/* Places by rising rank, equal ranks in the order of the file. */
uint32_t city_place_count(const struct city *city);
struct city_named_place city_place_at(const struct city *city, uint32_t place);

/* ---- areas ---- */

enum city_area_kind { CITY_AREA_WATER, CITY_AREA_GREEN, CITY_AREA_BUILT, CITY_AREA_KIND_COUNT };
const char *city_area_kind_name(enum city_area_kind kind); /* "water", "green", "built" */

/* Ring 0 is the outside, the others are holes in it. A ring has at least three points, the first is not repeated. */
uint32_t city_area_count(const struct city *city);
enum city_area_kind city_area_kind(const struct city *city, uint32_t area);
uint32_t city_area_ring_count(const struct city *city, uint32_t area);
const struct geo_point *city_area_ring(const struct city *city, uint32_t area, uint32_t ring, uint32_t *count);

/* Of all that this header tells, the polylines and the names: changes when a drawing would. */
uint64_t city_map_fingerprint(const struct city *city);

#endif
