/* Turn restrictions found on the edges: members that are ways and nodes become sequences of sides (2 * edge + against). */
#include <stdlib.h>

#include "road/import_map.h"

enum { PATH_MAX_SIDES = 32, MEMBERS_MAX = 64 };

struct way_index {
    int64_t id;
    uint32_t way;
};

struct finder {
    struct map *map;
    struct way_index *ways; /* by rising id */
    size_t way_count;
    uint32_t *first, *sides; /* open sides that leave a node: sides[first[node] .. first[node + 1]) */
    bool no_memory;
};

struct path {
    uint32_t side[PATH_MAX_SIDES];
    uint32_t length;
};

/* The members of one restriction, by role. */
struct members {
    int64_t from[MEMBERS_MAX], via[MEMBERS_MAX], to[MEMBERS_MAX];
    uint32_t from_count, via_count, to_count;
    bool via_ways, via_nodes;
};

static int compare_ways(const void *a, const void *b)
{
    const struct way_index *left = a, *right = b;
    return left->id < right->id ? -1 : left->id > right->id;
}

static const struct network_edge *edge_of(const struct finder *finder, uint32_t side)
{
    return &finder->map->network->edges.items[side / 2];
}

static uint32_t tail_of(const struct finder *finder, uint32_t side)
{
    return side & 1 ? edge_of(finder, side)->to : edge_of(finder, side)->from;
}

static uint32_t head_of(const struct finder *finder, uint32_t side) { return tail_of(finder, side ^ 1); }

static bool side_is_open(const struct finder *finder, uint32_t side)
{
    const road_ticks *ticks = edge_of(finder, side)->ticks[side & 1];
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        if (ticks[profile] != ROAD_INFINITY) {
            return true;
        }
    }
    return false;
}

static bool index_ways(struct finder *finder)
{
    const struct map *map = finder->map;
    finder->way_count = map->ways.count - 1;
    finder->ways = malloc(finder->way_count * sizeof *finder->ways + 1);
    if (finder->ways == NULL) {
        return false;
    }
    for (size_t i = 0; i < finder->way_count; i++) {
        finder->ways[i] = (struct way_index){ map->ways.items[i].id, (uint32_t)i };
    }
    qsort(finder->ways, finder->way_count, sizeof *finder->ways, compare_ways);
    return true;
}

static bool index_sides(struct finder *finder)
{
    const struct network *network = finder->map->network;
    size_t nodes = network->nodes.count, sides = 2 * network->edges.count;
    finder->first = calloc(nodes + 2, sizeof *finder->first);
    finder->sides = malloc(sides * sizeof *finder->sides + 1);
    if (finder->first == NULL || finder->sides == NULL) {
        return false;
    }
    for (uint32_t side = 0; side < sides; side++) {
        finder->first[tail_of(finder, side) + 2] += side_is_open(finder, side);
    }
    for (size_t node = 1; node < nodes + 2; node++) {
        finder->first[node] += finder->first[node - 1];
    }
    for (uint32_t side = 0; side < sides; side++) { /* first[node + 1] runs from its begin to its end */
        if (side_is_open(finder, side)) {
            finder->sides[finder->first[tail_of(finder, side) + 1]++] = side;
        }
    }
    return true;
}

static const struct map_way *way_of_id(const struct finder *finder, int64_t id)
{
    struct way_index key = { .id = id };
    const struct way_index *found = bsearch(&key, finder->ways, finder->way_count, sizeof key, compare_ways);
    return found == NULL ? NULL : &finder->map->ways.items[found->way];
}

/* The open sides of a way that reach (or leave) a node: how many, and one of them. */
static uint32_t sides_at(const struct finder *finder, const struct map_way *way, uint32_t node, bool reaching, uint32_t *side)
{
    uint32_t count = 0;
    for (uint32_t candidate = 2 * way->edge_first; candidate < 2 * way[1].edge_first; candidate++) {
        uint32_t end = reaching ? head_of(finder, candidate) : tail_of(finder, candidate);
        if (end == node && side_is_open(finder, candidate)) {
            *side = candidate;
            count++;
        }
    }
    return count;
}

static uint32_t touches(const struct finder *finder, const struct map_way *way, uint32_t node)
{
    uint32_t count = 0;
    for (uint32_t side = 2 * way->edge_first; side < 2 * way[1].edge_first; side++) {
        count += tail_of(finder, side) == node;
    }
    return count;
}

/* The two ends of a way that is one line; false when it is a loop or in pieces. */
static bool way_ends(const struct finder *finder, const struct map_way *way, uint32_t ends[2])
{
    uint32_t count = 0;
    for (uint32_t side = 2 * way->edge_first; side < 2 * way[1].edge_first; side++) {
        if (touches(finder, way, tail_of(finder, side)) == 1) {
            if (count == 2) {
                return false;
            }
            ends[count++] = tail_of(finder, side);
        }
    }
    return count == 2;
}

/* Appends the sides of a way from one of its ends to the other. */
static enum import_drop walk_way(const struct finder *finder, const struct map_way *way, uint32_t *node, uint32_t goal,
                                 struct path *path)
{
    uint32_t last = ROAD_NONE;
    while (*node != goal) {
        uint32_t next = ROAD_NONE;
        for (uint32_t side = 2 * way->edge_first; side < 2 * way[1].edge_first; side++) {
            if (tail_of(finder, side) == *node && side != (last ^ 1)) {
                next = side;
            }
        }
        if (next == ROAD_NONE) {
            return DROP_RESTRICTION_UNCLEAR;
        }
        if (!side_is_open(finder, next)) {
            return DROP_RESTRICTION_OFF_ROAD;
        }
        if (path->length == PATH_MAX_SIDES - 1) {
            return DROP_RESTRICTION_TOO_LONG;
        }
        path->side[path->length++] = last = next;
        *node = head_of(finder, next);
    }
    return DROP_COUNT;
}

static enum import_drop begin_path(const struct finder *finder, const struct map_way *from, uint32_t node, struct path *path)
{
    uint32_t side = 0, count = sides_at(finder, from, node, true, &side);
    if (count != 1) {
        return count == 0 ? DROP_RESTRICTION_OFF_ROAD : DROP_RESTRICTION_UNCLEAR;
    }
    path->length = 1;
    path->side[0] = side;
    return DROP_COUNT;
}

/* From a way through via ways: leaves *node where the last of them ends. */
static enum import_drop through_ways(const struct finder *finder, const struct map_way *from, const struct members *members,
                                     struct path *path, uint32_t *node)
{
    for (uint32_t i = 0; i < members->via_count; i++) {
        const struct map_way *via = way_of_id(finder, members->via[i]);
        uint32_t ends[2];
        if (via == NULL) {
            return DROP_RESTRICTION_OFF_ROAD;
        }
        if (!way_ends(finder, via, ends)) {
            return DROP_RESTRICTION_UNCLEAR;
        }
        if (i == 0) {
            bool at[2] = { touches(finder, from, ends[0]) > 0, touches(finder, from, ends[1]) > 0 };
            if (at[0] == at[1]) {
                return DROP_RESTRICTION_UNCLEAR;
            }
            *node = at[0] ? ends[0] : ends[1];
            enum import_drop drop = begin_path(finder, from, *node, path);
            if (drop != DROP_COUNT) {
                return drop;
            }
        }
        if (*node != ends[0] && *node != ends[1]) {
            return DROP_RESTRICTION_UNCLEAR;
        }
        enum import_drop drop = walk_way(finder, via, node, *node == ends[0] ? ends[1] : ends[0], path);
        if (drop != DROP_COUNT) {
            return drop;
        }
    }
    return DROP_COUNT;
}

static enum import_drop through_node(const struct finder *finder, const struct map_way *from, int64_t via, struct path *path,
                                     uint32_t *node)
{
    const struct map *map = finder->map;
    uint32_t number = map_find_id(&map->ids, via);
    if (number == ROAD_NONE || map->uses[number] == 0) {
        return DROP_RESTRICTION_OFF_ROAD;
    }
    if (map->is_barrier[number]) {
        return DROP_RESTRICTION_AT_BARRIER;
    }
    *node = map->graph_node[number];
    return *node == ROAD_NONE ? DROP_RESTRICTION_UNCLEAR : begin_path(finder, from, *node, path);
}

static enum import_drop keep_path(struct finder *finder, struct path *path, const struct restriction_text *text, uint32_t node,
                                  uint32_t to)
{
    struct forbidden_paths *list = &finder->map->network->forbidden;
    if (!text->only) {
        path->side[path->length] = to;
        finder->no_memory |= !forbidden_paths_add(list, path->side, path->length + 1, text->profiles);
        return DROP_COUNT;
    }
    for (uint32_t i = finder->first[node]; i < finder->first[node + 1]; i++) {
        if (finder->sides[i] != to) {
            path->side[path->length] = finder->sides[i];
            finder->no_memory |= !forbidden_paths_add(list, path->side, path->length + 1, text->profiles);
        }
    }
    return DROP_COUNT;
}

static enum import_drop find_turn(struct finder *finder, const struct members *members, const struct restriction_text *text,
                                  int64_t from_id, int64_t to_id)
{
    const struct map_way *from = way_of_id(finder, from_id), *to = way_of_id(finder, to_id);
    struct path path = { .length = 0 };
    uint32_t node = ROAD_NONE, side = 0;
    if (from == NULL || to == NULL) {
        return DROP_RESTRICTION_OFF_ROAD;
    }
    enum import_drop drop = members->via_ways ? through_ways(finder, from, members, &path, &node)
                                              : through_node(finder, from, members->via[0], &path, &node);
    if (drop != DROP_COUNT) {
        return drop;
    }
    uint32_t count = sides_at(finder, to, node, false, &side);
    if (count != 1) {
        return count == 0 ? DROP_RESTRICTION_OFF_ROAD : DROP_RESTRICTION_UNCLEAR;
    }
    return keep_path(finder, &path, text, node, side);
}

static bool gather(const struct map *map, const struct map_restriction *restriction, struct members *members)
{
    *members = (struct members){ 0 };
    for (uint32_t i = 0; i < restriction->member_count; i++) {
        const struct map_member *member = &map->members.items[restriction->member_first + i];
        int64_t *list = member->role == MEMBER_FROM ? members->from : member->role == MEMBER_VIA ? members->via : members->to;
        uint32_t *count = member->role == MEMBER_FROM  ? &members->from_count
                          : member->role == MEMBER_VIA ? &members->via_count
                                                       : &members->to_count;
        if (*count == MEMBERS_MAX || (member->role != MEMBER_VIA && !member->is_way)) {
            return false;
        }
        list[(*count)++] = member->id;
        members->via_ways |= member->role == MEMBER_VIA && member->is_way;
        members->via_nodes |= member->role == MEMBER_VIA && !member->is_way;
    }
    return members->from_count > 0 && members->to_count > 0 && members->via_count > 0 &&
           members->via_ways != members->via_nodes && (members->via_ways || members->via_count == 1);
}

/* Several from (no_entry) or to members (no_exit) are so many restrictions; the relation counts once, as kept if any is. */
static void find_restriction(struct finder *finder, const struct map_restriction *restriction)
{
    struct network *network = finder->map->network;
    struct members members;
    enum import_drop drop = DROP_RESTRICTION_INCOMPLETE;
    bool kept = false;
    if (gather(finder->map, restriction, &members) && !(restriction->text.only && members.to_count > 1)) {
        for (uint32_t i = 0; i < members.from_count; i++) {
            for (uint32_t j = 0; j < members.to_count; j++) {
                enum import_drop result = find_turn(finder, &members, &restriction->text, members.from[i], members.to[j]);
                kept |= result == DROP_COUNT;
                drop = result == DROP_COUNT ? drop : result;
            }
        }
    }
    network->meta.restrictions_kept += kept;
    network->dropped[drop] += !kept;
}

enum status map_find_turns(struct map *map, struct error *error)
{
    struct finder finder = { .map = map };
    bool indexed = map->restrictions.count == 0 || (index_ways(&finder) && index_sides(&finder));
    for (size_t i = 0; indexed && i < map->restrictions.count; i++) {
        find_restriction(&finder, &map->restrictions.items[i]);
    }
    free(finder.ways);
    free(finder.first);
    free(finder.sides);
    return indexed && !finder.no_memory ? STATUS_OK : network_no_memory(map->network, error);
}
