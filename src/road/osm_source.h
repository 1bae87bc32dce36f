/* OpenStreetMap objects as the readers hand them over, one at a time: PBF (osm_pbf.c), XML plain, gzip and bzip2
 * (osm_xml.c) and GeoJSON lines (geojson.c) all speak to the same handler, so the importer knows one form only.
 *
 * Workload: a city has 50,000 to 1,000,000 nodes and 10,000 to 200,000 ways; a file is read twice (ways, then the nodes that
 * they need), so a handler that wants no nodes costs no time for them. Objects and their texts are valid during the call only. */
#ifndef MINGDI_ROAD_OSM_SOURCE_H
#define MINGDI_ROAD_OSM_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "geo/point.h"

struct osm_tag {
    const char *key, *value; /* zero-terminated, as the file has them */
};

struct osm_tags {
    const struct osm_tag *items;
    size_t count;
};

struct osm_node {
    int64_t id;
    struct geo_point point;
    struct osm_tags tags;
};

struct osm_way {
    int64_t id;
    const int64_t *nodes;
    size_t node_count;
    struct osm_tags tags;
};

enum osm_kind { OSM_NODE, OSM_WAY, OSM_RELATION };

struct osm_member {
    enum osm_kind kind;
    int64_t id;
    const char *role;
};

struct osm_relation {
    int64_t id;
    const struct osm_member *members;
    size_t member_count;
    struct osm_tags tags;
};

/* A function that is NULL: objects of that kind are not wanted. A status other than STATUS_OK ends the reading with it. */
struct osm_handler {
    void *context;
    enum status (*node)(void *context, const struct osm_node *node, struct error *error);
    enum status (*way)(void *context, const struct osm_way *way, struct error *error);
    enum status (*relation)(void *context, const struct osm_relation *relation, struct error *error);
    uint64_t *skipped; /* if not NULL: counts objects of a form that the reader does not know (GeoJSON only) */
};

/* Limits: more is an error that says so. OpenStreetMap itself allows 2,000 nodes a way and 32,000 members a relation. */
enum { OSM_TAGS_MAX = 4096, OSM_WAY_NODES_MAX = 1 << 20, OSM_MEMBERS_MAX = 1 << 18, OSM_TEXT_MAX = 1 << 16 };

/* The value of a key, NULL if there is none. */
const char *osm_tag(const struct osm_tags *tags, const char *key);

/* Read a whole file, PBF or XML by its first bytes. Errors name the file, and the byte or line where it went wrong. */
enum status osm_read(const char *path, const struct osm_handler *handler, struct error *error) MUST_USE;
/* The same on bytes in memory; name is for messages. */
enum status osm_read_bytes(const char *name, const unsigned char *bytes, size_t size, const struct osm_handler *handler,
                           struct error *error) MUST_USE;

#endif
