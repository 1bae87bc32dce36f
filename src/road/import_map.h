/* The import of cities from maps, in steps that share this struct: multipolygons are read (import_shapes.c), then ways and
 * restrictions (import_ways.c), then the nodes that they need (import_ways.c, third reading); ways are cut into edges between
 * junctions (import_edges.c), restrictions are found on them (import_turns.c), areas and named places are made of the other ways
 * and of nodes (import_shapes.c). */
#ifndef MINGDI_ROAD_IMPORT_MAP_H
#define MINGDI_ROAD_IMPORT_MAP_H

#include "base/text.h"
#include "road/import_network.h"

struct map_way {
    int64_t id;
    uint32_t first; /* in references; the next way's first ends it */
    uint32_t name, alternatives;
    uint8_t class_byte;  /* of CITY_EDGE_CLASS */
    uint32_t edge_first; /* edges of this way; the next way's first ends them */
    struct way_costs costs;
};

struct map_member {
    int64_t id;
    enum { MEMBER_FROM, MEMBER_VIA, MEMBER_TO } role;
    bool is_way;
};

struct map_restriction {
    uint32_t member_first, member_count;
    struct restriction_text text;
};

struct map_node_costs {
    uint32_t node; /* in ids */
    struct node_costs costs;
};

/* What an object is beside a road: an area to draw, a place to find, or both. */
struct map_meaning {
    uint32_t name, alternatives; /* offsets in texts */
    uint8_t area;                /* enum city_area_kind; CITY_AREA_KIND_COUNT: not drawn */
    uint8_t place, rank;         /* enum city_place_kind; CITY_PLACE_KIND_COUNT: not found */
};

struct map_shape_way {
    int64_t id;
    uint32_t first, count; /* in the references of the shapes */
    struct map_meaning meaning;
};

struct map_shape_member {
    int64_t way;
    bool is_inner;
};

struct map_shape_relation {
    uint32_t first, count; /* in members */
    struct map_meaning meaning;
};

VEC_TYPE(shape_way_vec, struct map_shape_way);
VEC_TYPE(shape_member_vec, struct map_shape_member);
VEC_TYPE(shape_relation_vec, struct map_shape_relation);
VEC_TYPE(way_vec, struct map_way);
VEC_TYPE(id_vec, int64_t);
VEC_TYPE(map_member_vec, struct map_member);
VEC_TYPE(map_restriction_vec, struct map_restriction);
VEC_TYPE(node_costs_vec, struct map_node_costs);

struct map_shapes {
    struct shape_way_vec ways; /* rising by id once all are read */
    struct shape_relation_vec relations;
    struct shape_member_vec members;
    struct id_vec wanted;     /* ways that are members, rising */
    struct id_vec references; /* node ids of the ways */
    struct id_vec ids;        /* of the nodes, rising */
    struct geo_point *points; /* of ids */
    uint8_t *is_there;        /* of ids: the file holds the node */
};

/* Names stand thousands of times on their objects but once in the file: open addressing on the offsets. */
struct map_names {
    uint32_t *slots; /* offset + 1; 0 empty */
    size_t slot_count, used;
    struct text alternatives; /* of the object at hand */
};

struct map {
    const struct profile_rules *rules;
    struct network *network;
    bool coordinates_are_ids; /* GeoJSON: a node is where it is */
    struct map_names names;
    struct map_shapes shapes;
    struct way_vec ways;         /* with one more at the end, so that the last way ends too */
    struct id_vec references;    /* node ids of the ways, until the nodes are numbered */
    uint32_t *nodes;             /* of the ways, as numbers in ids, thereafter */
    struct id_vec ids;           /* of the nodes that ways use, rising */
    struct geo_point *points;    /* of ids */
    uint8_t *uses;               /* of ids: how often ways use it (at most 250); ends of ways count twice; 0: not in the file */
    struct node_costs_vec costs; /* by rising node */
    struct map_restriction_vec restrictions;
    struct map_member_vec members;
    uint32_t *graph_node; /* of ids: the node of the network, or ROAD_NONE */
    uint8_t *is_barrier;  /* of ids: 1 if it closes the road to somebody, so that each arm has a node of its own */
};

typedef enum status (*map_reader)(const char *path, const struct osm_handler *handler, struct error *error);

void map_init(struct map *map);
/* Offsets of a name and of all the other names that the tags give. */
enum status map_name(struct map *map, const struct osm_tags *tags, const char *name, uint32_t *offset, uint32_t *alternatives,
                     struct error *error) MUST_USE;
/* The place of an id in a rising array, ROAD_NONE if it is not there. */
uint32_t map_find_id(const struct id_vec *ids, int64_t id);
/* Sorts and leaves out what stands twice. */
void map_sort_ids(struct id_vec *ids);

enum status map_read_multipolygons(struct map *map, const char *path, map_reader read, struct error *error) MUST_USE;
/* For every way and, once map_number_shapes has been called, for every node. */
enum status map_take_shape_way(struct map *map, const struct osm_way *way, struct error *error) MUST_USE;
enum status map_number_shapes(struct map *map, struct error *error) MUST_USE;
enum status map_take_shape_node(struct map *map, const struct osm_node *node, struct error *error) MUST_USE;
/* Makes the areas and places of the network. */
enum status map_finish_shapes(struct map *map, struct error *error) MUST_USE;
void map_free_shapes(struct map_shapes *shapes);

enum status map_read_ways(struct map *map, const char *path, map_reader read, struct error *error) MUST_USE;
enum status map_read_nodes(struct map *map, const char *path, map_reader read, struct error *error) MUST_USE;
enum status map_cut_edges(struct map *map, struct error *error) MUST_USE;
enum status map_find_turns(struct map *map, struct error *error) MUST_USE;
void map_free(struct map *map);

#endif
