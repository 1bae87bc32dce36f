/* Reading a map: the ways that some profile may use and the restrictions, then the nodes that these ways need. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "road/geojson.h"
#include "road/import_map.h"
#include "road/import_tags.h"

enum { ROAD_NUMBER_SIZE = 64 };

static bool grow_names(const struct network *network, struct map_names *table)
{
    size_t count = table->slot_count == 0 ? 1024 : table->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < table->slot_count; i++) {
        if (table->slots[i] != 0) {
            const char *name = network->texts.items + table->slots[i] - 1;
            size_t slot = hash64(name, strlen(name), 0) & (count - 1);
            while (slots[slot] != 0) {
                slot = (slot + 1) & (count - 1);
            }
            slots[slot] = table->slots[i];
        }
    }
    free(table->slots);
    table->slots = slots;
    table->slot_count = count;
    return true;
}

static uint32_t intern(struct network *network, struct map_names *table, const char *name)
{
    if (*name == '\0') {
        return 0;
    }
    if (2 * table->used >= table->slot_count && !grow_names(network, table)) {
        return ROAD_NONE;
    }
    size_t slot = hash64(name, strlen(name), 0) & (table->slot_count - 1);
    while (table->slots[slot] != 0) {
        if (strcmp(network->texts.items + table->slots[slot] - 1, name) == 0) {
            return table->slots[slot] - 1;
        }
        slot = (slot + 1) & (table->slot_count - 1);
    }
    uint32_t offset = network_text(network, name);
    if (offset != ROAD_NONE) {
        table->slots[slot] = offset + 1;
        table->used += 1;
    }
    return offset;
}

void map_init(struct map *map) { text_init(&map->names.alternatives, TAGS_ALTERNATIVES_MAX); }

enum status map_name(struct map *map, const struct osm_tags *tags, const char *name, uint32_t *offset, uint32_t *alternatives,
                     struct error *error)
{
    struct text *list = &map->names.alternatives;
    text_clear(list);
    tags_alternatives(tags, name, list);
    *offset = intern(map->network, &map->names, name);
    *alternatives = intern(map->network, &map->names, list->length > 0 ? list->bytes : "");
    return *offset == ROAD_NONE || *alternatives == ROAD_NONE || list->failed ? network_no_memory(map->network, error)
                                                                              : STATUS_OK;
}

/* A road without a name has the first of its numbers ("E 6;E 20"); the others become other names. */
static const char *name_of(const struct osm_tags *tags, char number[ROAD_NUMBER_SIZE])
{
    const char *name = tags_name(tags), *ref = osm_tag(tags, "ref");
    size_t length = ref == NULL ? 0 : strcspn(ref, ";");
    bool usable = name == NULL && length > 0 && length < ROAD_NUMBER_SIZE && utf8_is_valid(ref, length);
    snprintf(number, ROAD_NUMBER_SIZE, "%.*s", usable ? (int)length : 0, usable ? ref : "");
    return name != NULL ? name : number;
}

static void count_verdict(struct network *network, enum way_verdict verdict)
{
    static const enum import_drop DROPS[WAY_VERDICT_COUNT] = {
        [WAY_CLOSED] = DROP_WAY_CLOSED,
        [WAY_UNDER_CONSTRUCTION] = DROP_WAY_UNBUILT,
        [WAY_UNKNOWN_CLASS] = DROP_WAY_UNKNOWN_CLASS,
        [WAY_REVERSIBLE] = DROP_WAY_REVERSIBLE,
        [WAY_FERRY_WITHOUT_DURATION] = DROP_FERRY_WITHOUT_DURATION,
    };
    if (verdict != WAY_USED && verdict != WAY_NOT_A_ROAD) {
        network->dropped[DROPS[verdict]] += 1;
    }
}

static enum status take_way(void *context, const struct osm_way *way, struct error *error)
{
    struct map *map = context;
    TRY(map_take_shape_way(map, way, error));
    char number[ROAD_NUMBER_SIZE];
    struct map_way kept = { .id = way->id, .first = (uint32_t)map->references.count };
    enum way_verdict verdict = profile_way(map->rules, &way->tags, &kept.costs);
    count_verdict(map->network, verdict);
    if (verdict != WAY_USED) {
        return STATUS_OK;
    }
    if (way->node_count < 2) {
        map->network->dropped[DROP_WAY_TOO_SHORT] += 1;
        return STATUS_OK;
    }
    if (map->references.count + way->node_count >= NETWORK_NODES_MAX) {
        return ERROR(error, STATUS_FULL, "more than %d nodes on roads: cut the map down to the area that is served",
                     NETWORK_NODES_MAX);
    }
    kept.class_byte = tags_class_byte(&way->tags);
    TRY(map_name(map, &way->tags, name_of(&way->tags, number), &kept.name, &kept.alternatives, error));
    if (!vec_reserve(&map->references, map->references.count + way->node_count) || !vec_push(&map->ways, kept)) {
        return network_no_memory(map->network, error);
    }
    memcpy(map->references.items + map->references.count, way->nodes, way->node_count * sizeof *way->nodes);
    map->references.count += way->node_count;
    return STATUS_OK;
}

static bool member_role(const char *role, struct map_member *member)
{
    static const char *const ROLES[] = { [MEMBER_FROM] = "from", [MEMBER_VIA] = "via", [MEMBER_TO] = "to" };
    for (unsigned i = 0; i < ARRAY_LENGTH(ROLES); i++) {
        if (strcmp(role, ROLES[i]) == 0) {
            member->role = i;
            return true;
        }
    }
    return false;
}

static enum status keep_restriction(struct map *map, const struct osm_relation *relation, struct restriction_text text,
                                    struct error *error)
{
    struct map_restriction kept = { .member_first = (uint32_t)map->members.count, .text = text };
    for (size_t i = 0; i < relation->member_count; i++) {
        const struct osm_member *member = &relation->members[i];
        struct map_member fresh = { .id = member->id, .is_way = member->kind == OSM_WAY };
        if (member->kind != OSM_RELATION && member_role(member->role, &fresh)) {
            if (!vec_push(&map->members, fresh)) {
                return network_no_memory(map->network, error);
            }
            kept.member_count += 1;
        }
    }
    return vec_push(&map->restrictions, kept) ? STATUS_OK : network_no_memory(map->network, error);
}

static enum status take_relation(void *context, const struct osm_relation *relation, struct error *error)
{
    struct map *map = context;
    struct restriction_text texts[ROAD_PROFILE_COUNT];
    int count;
    enum restriction_verdict verdict = restriction_read(map->rules, &relation->tags, texts, &count);
    if (verdict == RESTRICTION_NOT_ONE) {
        return STATUS_OK;
    }
    map->network->meta.restrictions_found += 1;
    if (verdict != RESTRICTION_KEPT) {
        map->network->dropped[verdict == RESTRICTION_FOR_OTHERS    ? DROP_RESTRICTION_FOR_OTHERS
                              : verdict == RESTRICTION_CONDITIONAL ? DROP_RESTRICTION_CONDITIONAL
                                                                   : DROP_RESTRICTION_UNKNOWN] += 1;
        return STATUS_OK;
    }
    for (int i = 0; i < count; i++) {
        TRY(keep_restriction(map, relation, texts[i], error));
    }
    return STATUS_OK;
}

enum status map_read_ways(struct map *map, const char *path, map_reader read, struct error *error)
{
    const struct osm_handler handler = {
        .context = map, .way = take_way, .relation = take_relation, .skipped = &map->network->dropped[DROP_FEATURE_NOT_A_LINE]
    };
    TRY(read(path, &handler, error));
    if (map->ways.count == 0) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: no road that a profile may use (ways with highway=*)", path);
    }
    struct map_way end = { .first = (uint32_t)map->references.count };
    return vec_push(&map->ways, end) ? STATUS_OK : network_no_memory(map->network, error);
}

/* ---- nodes ---- */

static int compare_ids(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

uint32_t map_find_id(const struct id_vec *ids, int64_t id)
{
    size_t low = 0, high = ids->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ids->items[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ids->count && ids->items[low] == id ? (uint32_t)low : ROAD_NONE;
}

void map_sort_ids(struct id_vec *ids)
{
    size_t kept = 0;
    if (ids->count > 0) {
        qsort(ids->items, ids->count, sizeof(int64_t), compare_ids);
    }
    for (size_t i = 0; i < ids->count; i++) {
        if (kept == 0 || ids->items[kept - 1] != ids->items[i]) {
            ids->items[kept++] = ids->items[i];
        }
    }
    ids->count = kept;
}

static bool number_nodes(struct map *map)
{
    size_t count = map->references.count;
    if (!vec_reserve(&map->ids, count)) {
        return false;
    }
    memcpy(map->ids.items, map->references.items, count * sizeof(int64_t));
    map->ids.count = count;
    map_sort_ids(&map->ids);
    int64_t *trimmed = realloc(map->ids.items, map->ids.count * sizeof(int64_t));
    if (trimmed != NULL) {
        map->ids.items = trimmed;
        map->ids.capacity = map->ids.count;
    }
    map->nodes = malloc(count * sizeof *map->nodes);
    map->points = malloc(map->ids.count * sizeof *map->points);
    map->uses = calloc(map->ids.count, 1);
    if (map->nodes == NULL || map->points == NULL || map->uses == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        map->nodes[i] = map_find_id(&map->ids, map->references.items[i]);
    }
    vec_free(&map->references);
    return true;
}

static enum status take_node(void *context, const struct osm_node *node, struct error *error)
{
    struct map *map = context;
    TRY(map_take_shape_node(map, node, error));
    uint32_t number = map_find_id(&map->ids, node->id);
    if (number == ROAD_NONE) {
        return STATUS_OK;
    }
    map->points[number] = node->point;
    map->uses[number] = 1; /* there; uses are counted when all are known */
    struct map_node_costs costs = { .node = number };
    if (node->tags.count > 0 && profile_node(map->rules, &node->tags, &costs.costs) && !vec_push(&map->costs, costs)) {
        return network_no_memory(map->network, error);
    }
    return STATUS_OK;
}

static int compare_costs(const void *a, const void *b)
{
    const struct map_node_costs *left = a, *right = b;
    return left->node < right->node ? -1 : left->node > right->node;
}

enum status map_read_nodes(struct map *map, const char *path, map_reader read, struct error *error)
{
    if (!number_nodes(map)) {
        return network_no_memory(map->network, error);
    }
    TRY(map_number_shapes(map, error));
    for (size_t i = 0; i < map->ids.count && map->coordinates_are_ids; i++) {
        map->points[i] = geojson_point_of_id(map->ids.items[i]);
        map->uses[i] = 1;
    }
    const struct osm_handler handler = { .context = map, .node = take_node };
    TRY(read(path, &handler, error));
    if (map->costs.count > 0) {
        qsort(map->costs.items, map->costs.count, sizeof *map->costs.items, compare_costs);
    }
    return STATUS_OK;
}

void map_free(struct map *map)
{
    vec_free(&map->ways);
    vec_free(&map->references);
    vec_free(&map->ids);
    vec_free(&map->costs);
    vec_free(&map->restrictions);
    vec_free(&map->members);
    free(map->nodes);
    free(map->points);
    free(map->uses);
    free(map->graph_node);
    free(map->is_barrier);
    free(map->names.slots);
    text_free(&map->names.alternatives);
    map_free_shapes(&map->shapes);
}
