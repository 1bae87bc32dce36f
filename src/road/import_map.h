/* The import of cities from maps, in three steps that share this struct: ways and restrictions are read (import_ways.c), then
 * the nodes that they need (import_ways.c, second reading), then cut into edges between junctions (import_edges.c), and
 * restrictions are found on them (import_turns.c). */
#ifndef MINGDI_ROAD_IMPORT_MAP_H
#define MINGDI_ROAD_IMPORT_MAP_H

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

VEC_TYPE(way_vec, struct map_way);
VEC_TYPE(id_vec, int64_t);
VEC_TYPE(map_member_vec, struct map_member);
VEC_TYPE(map_restriction_vec, struct map_restriction);
VEC_TYPE(node_costs_vec, struct map_node_costs);

struct map {
    const struct profile_rules *rules;
    struct network *network;
    bool coordinates_are_ids;    /* GeoJSON: a node is where it is */
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

/* What is not a node of any way has number ROAD_NONE. */
uint32_t map_node_of_id(const struct map *map, int64_t id);

enum status map_read_ways(struct map *map, const char *path, map_reader read, struct error *error) MUST_USE;
enum status map_read_nodes(struct map *map, const char *path, map_reader read, struct error *error) MUST_USE;
enum status map_cut_edges(struct map *map, struct error *error) MUST_USE;
enum status map_find_turns(struct map *map, struct error *error) MUST_USE;
void map_free(struct map *map);

#endif
