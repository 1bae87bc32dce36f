#include "road/city_map.h"

#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "road/city_file.h"

static const char *const CLASS_NAMES[ROAD_CLASS_COUNT] = {
    [ROAD_CLASS_UNKNOWN] = "unknown",
    [ROAD_CLASS_MOTORWAY] = "motorway",
    [ROAD_CLASS_MOTORWAY_LINK] = "motorway_link",
    [ROAD_CLASS_TRUNK] = "trunk",
    [ROAD_CLASS_TRUNK_LINK] = "trunk_link",
    [ROAD_CLASS_PRIMARY] = "primary",
    [ROAD_CLASS_PRIMARY_LINK] = "primary_link",
    [ROAD_CLASS_SECONDARY] = "secondary",
    [ROAD_CLASS_SECONDARY_LINK] = "secondary_link",
    [ROAD_CLASS_TERTIARY] = "tertiary",
    [ROAD_CLASS_TERTIARY_LINK] = "tertiary_link",
    [ROAD_CLASS_UNCLASSIFIED] = "unclassified",
    [ROAD_CLASS_RESIDENTIAL] = "residential",
    [ROAD_CLASS_LIVING_STREET] = "living_street",
    [ROAD_CLASS_FERRY] = "ferry",
    [ROAD_CLASS_SERVICE] = "service",
    [ROAD_CLASS_TRACK] = "track",
    [ROAD_CLASS_PEDESTRIAN] = "pedestrian",
    [ROAD_CLASS_CYCLEWAY] = "cycleway",
    [ROAD_CLASS_FOOTWAY] = "footway",
    [ROAD_CLASS_STEPS] = "steps",
};

static const char *const PLACE_NAMES[CITY_PLACE_KIND_COUNT] = {
    [CITY_PLACE_CITY] = "city",
    [CITY_PLACE_TOWN] = "town",
    [CITY_PLACE_SUBURB] = "suburb",
    [CITY_PLACE_VILLAGE] = "village",
    [CITY_PLACE_NEIGHBOURHOOD] = "neighbourhood",
    [CITY_PLACE_ISLAND] = "island",
    [CITY_PLACE_SQUARE] = "square",
    [CITY_PLACE_HOSPITAL] = "hospital",
    [CITY_PLACE_STATION] = "station",
    [CITY_PLACE_STOP] = "stop",
    [CITY_PLACE_AIRPORT] = "airport",
    [CITY_PLACE_POLICE] = "police",
    [CITY_PLACE_FIRE_STATION] = "fire_station",
    [CITY_PLACE_SCHOOL] = "school",
    [CITY_PLACE_PUBLIC] = "public",
    [CITY_PLACE_CARE] = "care",
    [CITY_PLACE_WORSHIP] = "worship",
    [CITY_PLACE_SPORT] = "sport",
    [CITY_PLACE_CULTURE] = "culture",
    [CITY_PLACE_SHOP] = "shop",
    [CITY_PLACE_LODGING] = "lodging",
    [CITY_PLACE_RESTAURANT] = "restaurant",
    [CITY_PLACE_OFFICE] = "office",
    [CITY_PLACE_PARK] = "park",
    [CITY_PLACE_WATER] = "water",
    [CITY_PLACE_BRIDGE] = "bridge",
    [CITY_PLACE_BUILDING] = "building",
    [CITY_PLACE_OTHER] = "other",
};

static const char *const AREA_NAMES[CITY_AREA_KIND_COUNT] = {
    [CITY_AREA_WATER] = "water", [CITY_AREA_GREEN] = "green", [CITY_AREA_BUILT] = "built"
};

const char *road_class_name(enum road_class class)
{
    CHECK((unsigned)class < ROAD_CLASS_COUNT);
    return CLASS_NAMES[class];
}

const char *city_place_kind_name(enum city_place_kind kind)
{
    CHECK((unsigned)kind < CITY_PLACE_KIND_COUNT);
    return PLACE_NAMES[kind];
}

const char *city_area_kind_name(enum city_area_kind kind)
{
    CHECK((unsigned)kind < CITY_AREA_KIND_COUNT);
    return AREA_NAMES[kind];
}

/* ---- roads ---- */

static const char *text_at(const struct city_parts *parts, uint32_t offset)
{
    return (const char *)parts->bytes[CITY_TEXT] + offset;
}

uint32_t city_edge_count(const struct city *city) { return (uint32_t)city_parts_of(city)->count[CITY_EDGE_NAME]; }

static uint8_t class_byte(const struct city *city, uint32_t edge)
{
    CHECK(edge < city_edge_count(city));
    return ((const uint8_t *)city_parts_of(city)->bytes[CITY_EDGE_CLASS])[edge];
}

enum road_class city_edge_class(const struct city *city, uint32_t edge)
{
    return (enum road_class)(class_byte(city, edge) & CITY_CLASS_MASK);
}

bool city_edge_is_bridge(const struct city *city, uint32_t edge) { return (class_byte(city, edge) & CITY_CLASS_BRIDGE) != 0; }
bool city_edge_is_tunnel(const struct city *city, uint32_t edge) { return (class_byte(city, edge) & CITY_CLASS_TUNNEL) != 0; }

const char *city_edge_name(const struct city *city, uint32_t edge)
{
    CHECK(edge < city_edge_count(city));
    const struct city_parts *parts = city_parts_of(city);
    return text_at(parts, city_part_u32(parts, CITY_EDGE_NAME)[edge]);
}

const char *city_edge_alternatives(const struct city *city, uint32_t edge)
{
    CHECK(edge < city_edge_count(city));
    const struct city_parts *parts = city_parts_of(city);
    return text_at(parts, city_part_u32(parts, CITY_EDGE_ALTERNATIVES)[edge]);
}

const struct geo_point *city_edge_points(const struct city *city, uint32_t edge, uint32_t *count)
{
    CHECK(edge < city_edge_count(city));
    const struct city_parts *parts = city_parts_of(city);
    const uint32_t *first = city_part_u32(parts, CITY_EDGE_POINT_FIRST);
    *count = first[edge + 1] - first[edge];
    return (const struct geo_point *)parts->bytes[CITY_EDGE_POINT] + first[edge];
}

void city_edge_ends(const struct city *city, uint32_t edge, uint32_t *from, uint32_t *to)
{
    CHECK(edge < city_edge_count(city));
    const uint32_t *arcs = city_part_u32(city_parts_of(city), CITY_EDGE_ARCS) + 2 * (size_t)edge;
    const struct road_graph *graph = city_graph(city);
    bool along = arcs[0] != ROAD_NONE;
    uint32_t arc = along ? arcs[0] : arcs[1];
    uint32_t tail = graph->tail[arc], head = city_base_of_node(city, graph->head[arc]);
    *from = along ? tail : head;
    *to = along ? head : tail;
}

uint32_t city_edge_of_arc(const struct city *city, uint32_t arc)
{
    CHECK(arc < city_graph(city)->arc_count);
    return city_part_u32(city_parts_of(city), CITY_ARC_SIDE)[arc] / 2;
}

/* ---- other names: "key=name" lines ---- */

bool city_next_alternative(const char **at, struct city_alternative *alternative)
{
    while (**at != '\0') {
        const char *line = *at, *equals = strchr(line, '=');
        size_t length = strcspn(line, "\n");
        *at = line + length + (line[length] == '\n');
        if (equals != NULL && equals < line + length) {
            *alternative = (struct city_alternative){ line, (size_t)(equals - line), equals + 1,
                                                      (size_t)(line + length - equals - 1) };
            return true;
        }
    }
    return false;
}

/* ---- places and areas ---- */

uint32_t city_place_count(const struct city *city) { return (uint32_t)city_parts_of(city)->count[CITY_PLACE]; }

struct city_named_place city_place_at(const struct city *city, uint32_t place)
{
    const struct city_parts *parts = city_parts_of(city);
    CHECK(place < parts->count[CITY_PLACE]);
    const struct city_place_entry *entry = (const struct city_place_entry *)parts->bytes[CITY_PLACE] + place;
    return (struct city_named_place){
        .point = entry->point,
        .name = text_at(parts, entry->name),
        .alternatives = text_at(parts, entry->alternatives),
        .kind = (enum city_place_kind)entry->kind,
        .rank = entry->rank,
    };
}

uint32_t city_area_count(const struct city *city) { return (uint32_t)city_parts_of(city)->count[CITY_AREA_KIND]; }

enum city_area_kind city_area_kind(const struct city *city, uint32_t area)
{
    CHECK(area < city_area_count(city));
    return (enum city_area_kind)((const uint8_t *)city_parts_of(city)->bytes[CITY_AREA_KIND])[area];
}

uint32_t city_area_ring_count(const struct city *city, uint32_t area)
{
    CHECK(area < city_area_count(city));
    const uint32_t *first = city_part_u32(city_parts_of(city), CITY_AREA_RING_FIRST);
    return first[area + 1] - first[area];
}

const struct geo_point *city_area_ring(const struct city *city, uint32_t area, uint32_t ring, uint32_t *count)
{
    CHECK(ring < city_area_ring_count(city, area));
    const struct city_parts *parts = city_parts_of(city);
    uint32_t number = city_part_u32(parts, CITY_AREA_RING_FIRST)[area] + ring;
    const uint32_t *first = city_part_u32(parts, CITY_RING_POINT_FIRST);
    *count = first[number + 1] - first[number];
    return (const struct geo_point *)parts->bytes[CITY_RING_POINT] + first[number];
}

uint64_t city_map_fingerprint(const struct city *city)
{
    static const enum city_section DRAWN[] = { CITY_EDGE_POINT_FIRST,
                                               CITY_EDGE_POINT,
                                               CITY_EDGE_NAME,
                                               CITY_EDGE_ALTERNATIVES,
                                               CITY_EDGE_CLASS,
                                               CITY_TEXT,
                                               CITY_PLACE,
                                               CITY_AREA_KIND,
                                               CITY_AREA_RING_FIRST,
                                               CITY_RING_POINT_FIRST,
                                               CITY_RING_POINT };
    const struct city_parts *parts = city_parts_of(city);
    uint64_t hash = CITY_FORMAT_VERSION;
    for (size_t i = 0; i < ARRAY_LENGTH(DRAWN); i++) {
        hash = hash64(parts->bytes[DRAWN[i]], (size_t)parts->count[DRAWN[i]] * city_section_element(DRAWN[i]), hash);
    }
    return hash;
}
