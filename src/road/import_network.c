#include "road/import_network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/check.h"
#include "road/cch.h"
#include "road/snap.h"

static const struct {
    const char *reason, *explanation;
} DROPS[DROP_COUNT] = {
    [DROP_WAY_CLOSED] = { "ways_closed_to_all",
                          "roads and paths that no profile may use: private ways on foot, raceways, guided busways" },
    [DROP_WAY_UNBUILT] = { "ways_not_in_use", "roads under construction, proposed, abandoned or demolished" },
    [DROP_WAY_UNKNOWN_CLASS] = { "ways_of_unknown_class", "highway=* with a value that the profile table does not know" },
    [DROP_WAY_REVERSIBLE] = { "ways_reversible",
                              "oneway=reversible: the direction changes by the hour, which the map does not tell" },
    [DROP_FERRY_WITHOUT_DURATION] = { "ferries_without_duration", "ferries whose crossing time (duration=*) is not tagged" },
    [DROP_WAY_TOO_SHORT] = { "ways_too_short", "ways, or pieces of ways cut at the border, with fewer than two different nodes" },
    [DROP_NODE_MISSING] = { "way_gaps_at_missing_nodes", "places where a way refers to nodes that the file does not hold, as at "
                                                         "the border of an extract; the way is cut there" },
    [DROP_NODE_REPEATED] = { "nodes_repeated", "the same node twice running in a way; the second is ignored" },
    [DROP_EDGE_TOO_LONG] = { "pieces_too_long", "pieces of road longer than 1,000 km or slower than a week" },
    [DROP_FEATURE_NOT_A_LINE] = { "features_not_a_line", "GeoJSON features that are neither lines, polygons nor points" },
    [DROP_AREA_INCOMPLETE] = { "areas_incomplete",
                               "outlines of water, green or built-up land that do not close, as at the border "
                               "of an extract; they are not drawn" },
    [DROP_RESTRICTION_FOR_OTHERS] = { "restrictions_for_others", "turn restrictions for lorries, buses or bicycles only, or from "
                                                                 "which all our profiles are excepted" },
    [DROP_RESTRICTION_CONDITIONAL] = { "restrictions_at_some_hours",
                                       "turn restrictions that hold at some hours only; travel times here have no hour" },
    [DROP_RESTRICTION_UNKNOWN] = { "restrictions_of_unknown_kind", "turn restrictions that are neither no_* nor only_*" },
    [DROP_RESTRICTION_INCOMPLETE] = { "restrictions_incomplete",
                                      "turn restrictions without from, via and to of the right kind and number" },
    [DROP_RESTRICTION_OFF_ROAD] = { "restrictions_without_effect", "turns that no profile could make anyway: a member is not in "
                                                                   "the file, closed, or one-way the other way" },
    [DROP_RESTRICTION_UNCLEAR] = { "restrictions_unclear", "turn restrictions whose ways do not meet at the via, or pass through "
                                                           "it instead of ending there" },
    [DROP_RESTRICTION_AT_BARRIER] = { "restrictions_at_barriers", "turn restrictions at a node that is itself a closed barrier" },
    [DROP_RESTRICTION_TOO_LONG] = { "restrictions_too_long", "turn restrictions through more than 30 pieces of road" },
    [DROP_RESTRICTION_CROWDED] = { "turns_crowded", "forbidden turns beyond seven restricted ways of arriving at one node" },
    [DROP_ARCS_NOT_CONNECTED_EMERGENCY] = { "arcs_not_connected_emergency",
                                            "arcs outside any large enough part within which the emergency profile can come and "
                                            "go; kept, but nothing is snapped to them" },
    [DROP_ARCS_NOT_CONNECTED_NORMAL] = { "arcs_not_connected_normal",
                                         "arcs outside any large enough part within which the normal profile can come and go; "
                                         "kept, but nothing is snapped to them" },
    [DROP_ARCS_NOT_CONNECTED_FOOT] = { "arcs_not_connected_foot",
                                       "arcs outside any large enough part within which the foot profile can come and go; kept, "
                                       "but nothing is snapped to them" },
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void network_init(struct network *network)
{
    *network = (struct network){ .phase_began_s = now_s() };
    CHECK(network_text(network, "") == 0 && vec_push(&network->areas.ring_first, 0) && vec_push(&network->areas.point_first, 0));
}

void network_free(struct network *network)
{
    vec_free(&network->nodes);
    vec_free(&network->edges);
    vec_free(&network->points);
    vec_free(&network->texts);
    vec_free(&network->numbers);
    vec_free(&network->access);
    vec_free(&network->places);
    vec_free(&network->areas.kinds);
    vec_free(&network->areas.ring_first);
    vec_free(&network->areas.point_first);
    vec_free(&network->areas.points);
    forbidden_paths_free(&network->forbidden);
}

void network_phase(struct network *network, const char *phase)
{
    double now = now_s();
    for (int i = 0; i < CITY_PHASES_MAX; i++) {
        if (CITY_PHASES[i] != NULL && strcmp(CITY_PHASES[i], phase) == 0) {
            network->meta.phase_seconds[i] += now - network->phase_began_s;
            network->phase_began_s = now;
            return;
        }
    }
    UNREACHABLE();
}

enum status network_no_memory(const struct network *network, struct error *error)
{
    return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for its roads (%zu nodes, %zu pieces so far)", network->meta.source,
                 network->nodes.count, network->edges.count);
}

uint32_t network_text(struct network *network, const char *text)
{
    size_t size = strlen(text) + 1, offset = network->texts.count;
    if (offset + size >= UINT32_MAX / 2 || !vec_reserve(&network->texts, offset + size)) {
        return ROAD_NONE;
    }
    memcpy(network->texts.items + offset, text, size);
    network->texts.count += size;
    return (uint32_t)offset;
}

/* ---- the order of nodes ---- */

struct place {
    uint64_t key;
    uint32_t node;
};

static uint64_t spread(uint32_t value)
{
    uint64_t bits = value;
    bits = (bits | bits << 16) & UINT64_C(0x0000FFFF0000FFFF);
    bits = (bits | bits << 8) & UINT64_C(0x00FF00FF00FF00FF);
    bits = (bits | bits << 4) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    bits = (bits | bits << 2) & UINT64_C(0x3333333333333333);
    return (bits | bits << 1) & UINT64_C(0x5555555555555555);
}

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    return left->key != right->key ? (left->key < right->key ? -1 : 1) : left->node < right->node ? -1 : left->node > right->node;
}

bool network_sort_nodes(struct network *network)
{
    size_t count = network->nodes.count;
    struct place *places = malloc(count * sizeof *places + 1);
    uint32_t *number = malloc(count * sizeof *number + 1);
    struct geo_point *sorted = malloc(count * sizeof *sorted + 1);
    bool made = places != NULL && number != NULL && sorted != NULL;
    for (uint32_t i = 0; made && i < count; i++) {
        struct geo_point point = network->nodes.items[i];
        places[i] = (struct place){ spread((uint32_t)point.lon_e7 ^ 0x80000000u) | spread((uint32_t)point.lat_e7 ^ 0x80000000u)
                                                                                       << 1,
                                    i };
    }
    if (made) {
        qsort(places, count, sizeof *places, compare_places);
        for (uint32_t i = 0; i < count; i++) {
            number[places[i].node] = i;
            sorted[i] = network->nodes.items[places[i].node];
        }
        memcpy(network->nodes.items, sorted, count * sizeof *sorted);
        for (size_t i = 0; i < network->edges.count; i++) {
            network->edges.items[i].from = number[network->edges.items[i].from];
            network->edges.items[i].to = number[network->edges.items[i].to];
        }
    }
    free(places);
    free(number);
    free(sorted);
    return made;
}

/* ---- the search graph ---- */

/* What the city file is made of, while it is being made; everything here is freed by builder_free. */
struct builder {
    struct network *network;
    uint32_t base_count, base_arc_count;
    uint32_t *base_first, *base_tail, *base_head;
    uint32_t *edge_arcs; /* 2 * edges */
    uint32_t *base_side;
    struct expansion expansion;
    uint32_t *tail, *arc_side, *arc_length, *edge_point_first, *edge_name, *edge_alternatives, *number_order;
    struct geo_point *node_points;
    uint8_t *use, *edge_class;
    road_ticks *weights;
    int32_t *fractions; /* as weights */
    struct snap_grid grid;
    uint32_t *rank_of;
    struct cch cch;
    bool has_cch;
    struct city_dropped *dropped;
};

static void builder_free(struct builder *builder)
{
    void *const owned[] = {
        builder->base_first,   builder->base_tail,    builder->base_head,
        builder->edge_arcs,    builder->base_side,    builder->tail,
        builder->arc_side,     builder->arc_length,   builder->edge_point_first,
        builder->edge_name,    builder->number_order, builder->node_points,
        builder->use,          builder->weights,      builder->grid.first,
        builder->grid.entries, builder->rank_of,      builder->dropped,
        builder->fractions,    builder->edge_class,   builder->edge_alternatives,
    };
    for (size_t i = 0; i < ARRAY_LENGTH(owned); i++) {
        free(owned[i]);
    }
    expansion_free(&builder->expansion);
    if (builder->has_cch) {
        cch_free(&builder->cch);
    }
}

static void *take(size_t count, size_t size) { return calloc(count + 1, size); /* never of size 0, so that NULL means refused */ }

static bool side_is_open(const struct network *network, uint32_t side)
{
    const road_ticks *ticks = network->edges.items[side / 2].ticks[side & 1];
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        if (network->meta.profile[profile].present && ticks[profile] != ROAD_INFINITY) {
            return true;
        }
    }
    return false;
}

static uint32_t side_tail(const struct network *network, uint32_t side)
{
    const struct network_edge *edge = &network->edges.items[side / 2];
    return side & 1 ? edge->to : edge->from;
}

static bool number_arcs(struct builder *builder)
{
    const struct network *network = builder->network;
    uint32_t sides = (uint32_t)(2 * network->edges.count), nodes = builder->base_count;
    builder->base_first = take((size_t)nodes + 1, sizeof(uint32_t));
    builder->edge_arcs = take(sides, sizeof(uint32_t));
    if (builder->base_first == NULL || builder->edge_arcs == NULL) {
        return false;
    }
    for (uint32_t side = 0; side < sides; side++) {
        builder->base_first[side_tail(network, side) + 1] += side_is_open(network, side);
    }
    for (uint32_t node = 0; node < nodes; node++) {
        builder->base_first[node + 1] += builder->base_first[node];
    }
    builder->base_arc_count = builder->base_first[nodes];
    builder->base_tail = take(builder->base_arc_count, sizeof(uint32_t));
    builder->base_head = take(builder->base_arc_count, sizeof(uint32_t));
    builder->base_side = take(builder->base_arc_count, sizeof(uint32_t));
    if (builder->base_tail == NULL || builder->base_head == NULL || builder->base_side == NULL) {
        return false;
    }
    for (uint32_t side = sides; side-- > 0;) { /* backwards, so that the begins come back to where they were */
        builder->edge_arcs[side] = ROAD_NONE;
        if (side_is_open(network, side)) {
            uint32_t tail = side_tail(network, side), arc = --builder->base_first[tail + 1];
            builder->base_tail[arc] = tail;
            builder->base_head[arc] = side_tail(network, side ^ 1);
            builder->base_side[arc] = side;
            builder->edge_arcs[side] = arc;
        }
    }
    /* first[v + 1] is now the begin of v: shift by one. */
    memmove(builder->base_first, builder->base_first + 1, nodes * sizeof(uint32_t));
    builder->base_first[nodes] = builder->base_arc_count;
    return true;
}

/* Sides become arcs; a path with a side that nobody can use forbids nothing. */
static void forbidden_sides_to_arcs(struct builder *builder)
{
    struct forbidden_paths *list = &builder->network->forbidden;
    size_t kept = 0;
    for (size_t i = 0; i < list->paths.count; i++) {
        struct forbidden_path path = list->paths.items[i];
        bool possible = true;
        for (uint32_t j = 0; j < path.length; j++) {
            uint32_t *arc = &list->arcs.items[path.first + j];
            *arc = builder->edge_arcs[*arc];
            possible &= *arc != ROAD_NONE;
        }
        if (possible) {
            list->paths.items[kept++] = path;
        }
    }
    list->paths.count = kept;
}

static bool fill_arcs(struct builder *builder)
{
    const struct network *network = builder->network;
    const struct expansion *expansion = &builder->expansion;
    uint32_t profiles = 0;
    for (int i = 0; i < ROAD_PROFILE_COUNT; i++) {
        profiles += network->meta.profile[i].present;
    }
    builder->tail = take(expansion->arc_count, sizeof(uint32_t));
    builder->arc_side = take(expansion->arc_count, sizeof(uint32_t));
    builder->arc_length = take(expansion->arc_count, sizeof(uint32_t));
    builder->weights = take((size_t)profiles * expansion->arc_count, sizeof(road_ticks));
    builder->fractions = take((size_t)profiles * expansion->arc_count, sizeof(int32_t));
    builder->use = take(expansion->arc_count, 1);
    if (builder->tail == NULL || builder->arc_side == NULL || builder->arc_length == NULL || builder->weights == NULL ||
        builder->fractions == NULL || builder->use == NULL) {
        return false;
    }
    for (uint32_t node = 0; node < expansion->node_count; node++) {
        for (uint32_t arc = expansion->first_out[node]; arc < expansion->first_out[node + 1]; arc++) {
            uint32_t side = builder->base_side[expansion->base_arc[arc]];
            const struct network_edge *edge = &network->edges.items[side / 2];
            builder->tail[arc] = node;
            builder->arc_side[arc] = side;
            builder->arc_length[arc] = edge->length_dm;
            road_ticks *weight = builder->weights + arc;
            int32_t *fraction = builder->fractions + arc;
            for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
                if (network->meta.profile[profile].present) {
                    bool forbidden = (expansion->forbidden[arc] >> profile & 1) != 0;
                    *weight = forbidden ? ROAD_INFINITY : edge->ticks[side & 1][profile];
                    *fraction = forbidden ? 0 : edge->fraction[profile];
                    weight += expansion->arc_count;
                    fraction += expansion->arc_count;
                }
            }
        }
    }
    return true;
}

static bool fill_nodes_and_edges(struct builder *builder)
{
    const struct network *network = builder->network;
    const struct expansion *expansion = &builder->expansion;
    size_t edges = network->edges.count;
    builder->node_points = take(expansion->node_count, sizeof *builder->node_points);
    builder->edge_point_first = take(edges + 1, sizeof(uint32_t));
    builder->edge_name = take(edges, sizeof(uint32_t));
    builder->edge_alternatives = take(edges, sizeof(uint32_t));
    builder->edge_class = take(edges, 1);
    if (builder->node_points == NULL || builder->edge_point_first == NULL || builder->edge_name == NULL ||
        builder->edge_alternatives == NULL || builder->edge_class == NULL) {
        return false;
    }
    for (uint32_t node = 0; node < builder->base_count; node++) {
        builder->node_points[node] = network->nodes.items[node];
        for (uint32_t i = expansion->copy_first[node]; i < expansion->copy_first[node + 1]; i++) {
            builder->node_points[builder->base_count + i] = network->nodes.items[node];
        }
    }
    for (size_t edge = 0; edge < edges; edge++) {
        builder->edge_name[edge] = network->edges.items[edge].name;
        builder->edge_alternatives[edge] = network->edges.items[edge].alternatives;
        builder->edge_class[edge] = network->edges.items[edge].class_byte;
    }
    return true;
}

/* Polylines were drawn in the order of reading, with those of barriers in between: put them in the order of the edges. */
static bool order_polylines(struct builder *builder)
{
    struct network *network = builder->network;
    struct point_vec ordered = { 0 };
    if (!vec_reserve(&ordered, network->points.count)) {
        return false;
    }
    for (size_t i = 0; i < network->edges.count; i++) {
        const struct network_edge *edge = &network->edges.items[i];
        CHECK(edge->point_count <= ordered.capacity - ordered.count);
        if (edge->point_count > 0) { /* without any point in the network there are no items either */
            memcpy(ordered.items + ordered.count, network->points.items + edge->point_first,
                   edge->point_count * sizeof *ordered.items);
        }
        ordered.count += edge->point_count;
        builder->edge_point_first[i + 1] = (uint32_t)ordered.count;
    }
    vec_free(&network->points);
    network->points = ordered;
    return true;
}

static enum status build_graph(struct builder *builder, struct error *error)
{
    struct network *network = builder->network;
    builder->base_count = (uint32_t)network->nodes.count;
    if (!number_arcs(builder)) {
        return network_no_memory(network, error);
    }
    forbidden_sides_to_arcs(builder);
    const struct road_graph base = {
        .node_count = builder->base_count,
        .arc_count = builder->base_arc_count,
        .first_out = builder->base_first,
        .tail = builder->base_tail,
        .head = builder->base_head,
        .point = network->nodes.items,
    };
    TRY(restriction_expand(&base, &network->forbidden, &builder->expansion, error));
    network->dropped[DROP_RESTRICTION_CROWDED] = builder->expansion.refused;
    forbidden_paths_free(&network->forbidden);
    if (!fill_arcs(builder) || !fill_nodes_and_edges(builder) || !order_polylines(builder)) {
        return network_no_memory(network, error);
    }
    return STATUS_OK;
}

static struct road_graph graph_of(const struct builder *builder)
{
    return (struct road_graph){
        .node_count = builder->expansion.node_count,
        .arc_count = builder->expansion.arc_count,
        .first_out = builder->expansion.first_out,
        .tail = builder->tail,
        .head = builder->expansion.head,
        .point = builder->node_points,
    };
}

/* ---- what is connected: Tarjan's strongly connected components, with a stack of its own ---- */

struct tarjan {
    uint32_t *index, *low, *stack, *path, *next_arc, *component;
    uint32_t stack_count, path_count, counter, component_count;
};

enum { UNSEEN = 0 };

static bool tarjan_create(struct tarjan *tarjan, uint32_t nodes)
{
    *tarjan = (struct tarjan){ .index = take(nodes, 4),
                               .low = take(nodes, 4),
                               .stack = take(nodes, 4),
                               .path = take(nodes, 4),
                               .next_arc = take(nodes, 4),
                               .component = take(nodes, 4) };
    return tarjan->index != NULL && tarjan->low != NULL && tarjan->stack != NULL && tarjan->path != NULL &&
           tarjan->next_arc != NULL && tarjan->component != NULL;
}

static void tarjan_free(struct tarjan *tarjan)
{
    free(tarjan->index);
    free(tarjan->low);
    free(tarjan->stack);
    free(tarjan->path);
    free(tarjan->next_arc);
    free(tarjan->component);
}

static void discover(struct tarjan *tarjan, const struct road_graph *graph, uint32_t node)
{
    tarjan->index[node] = tarjan->low[node] = ++tarjan->counter;
    tarjan->next_arc[node] = graph->first_out[node];
    tarjan->component[node] = ROAD_NONE; /* on the stack */
    tarjan->stack[tarjan->stack_count++] = node;
    tarjan->path[tarjan->path_count++] = node;
}

static void close_component(struct tarjan *tarjan, uint32_t root)
{
    uint32_t node;
    do {
        node = tarjan->stack[--tarjan->stack_count];
        tarjan->component[node] = tarjan->component_count;
    } while (node != root);
    tarjan->component_count += 1;
}

static void explore(struct tarjan *tarjan, const struct road_graph *graph, const road_ticks *weights, uint32_t root)
{
    discover(tarjan, graph, root);
    while (tarjan->path_count > 0) {
        uint32_t node = tarjan->path[tarjan->path_count - 1];
        if (tarjan->next_arc[node] < graph->first_out[node + 1]) {
            uint32_t arc = tarjan->next_arc[node]++, head = graph->head[arc];
            if (weights[arc] == ROAD_INFINITY) {
                continue;
            }
            if (tarjan->index[head] == UNSEEN) {
                discover(tarjan, graph, head);
            } else if (tarjan->component[head] == ROAD_NONE && tarjan->index[head] < tarjan->low[node]) {
                tarjan->low[node] = tarjan->index[head];
            }
            continue;
        }
        tarjan->path_count -= 1;
        if (tarjan->low[node] == tarjan->index[node]) {
            close_component(tarjan, node);
        }
        if (tarjan->path_count > 0) {
            uint32_t above = tarjan->path[tarjan->path_count - 1];
            tarjan->low[above] = tarjan->low[node] < tarjan->low[above] ? tarjan->low[node] : tarjan->low[above];
        }
    }
}

static uint32_t largest_component(const struct tarjan *tarjan, uint32_t nodes, uint32_t *sizes)
{
    uint32_t best = 0;
    for (uint32_t node = 0; node < nodes; node++) {
        sizes[tarjan->component[node]] += 1;
    }
    for (uint32_t i = 1; i < tarjan->component_count; i++) {
        best = sizes[i] > sizes[best] ? i : best;
    }
    return best;
}

/* An arc is served if it lies in a part that is large enough, from any copy of its tail; its base arc then carries the bit. */
static void mark_use(struct builder *builder, const struct tarjan *tarjan, const uint32_t *sizes, uint32_t best,
                     const road_ticks *weights, int profile)
{
    struct road_graph graph = graph_of(builder);
    struct city_profile_facts *facts = &builder->network->meta.profile[profile];
    const double enough = CITY_PART_SHARE * sizes[best];
    facts->connected_nodes = sizes[best];
    for (uint32_t i = 0; i < tarjan->component_count; i++) {
        facts->served_parts += sizes[i] >= enough;
    }
    for (uint32_t arc = 0; arc < graph.arc_count; arc++) {
        if (weights[arc] == ROAD_INFINITY) {
            continue;
        }
        uint32_t part = tarjan->component[graph.tail[arc]];
        facts->usable_arcs += 1;
        if (part == tarjan->component[graph.head[arc]] && sizes[part] >= enough) {
            facts->connected_arcs += part == best;
            facts->served_arcs += 1;
            uint32_t base_arc = builder->edge_arcs[builder->arc_side[arc]];
            builder->use[arc] = (uint8_t)(builder->use[arc] | 1u << profile);
            builder->use[base_arc] = (uint8_t)(builder->use[base_arc] | 1u << profile);
        }
    }
    if (!builder->network->meta.from_arcs) {
        builder->network->dropped[DROP_ARCS_NOT_CONNECTED_EMERGENCY + profile] = facts->usable_arcs - facts->served_arcs;
    }
}

static bool connect_profile(struct builder *builder, int profile, const road_ticks *weights)
{
    struct road_graph graph = graph_of(builder);
    struct tarjan tarjan;
    uint32_t *sizes = take(graph.node_count, sizeof *sizes);
    bool made = tarjan_create(&tarjan, graph.node_count) && sizes != NULL;
    for (uint32_t node = 0; made && node < graph.node_count; node++) {
        if (tarjan.index[node] == UNSEEN) {
            explore(&tarjan, &graph, weights, node);
        }
    }
    if (made) {
        uint32_t best = largest_component(&tarjan, graph.node_count, sizes);
        mark_use(builder, &tarjan, sizes, best, weights, profile);
    }
    tarjan_free(&tarjan);
    free(sizes);
    return made;
}

/* The analyzer loses the arrays of the builder here; builder_free frees them. NOLINTBEGIN(clang-analyzer-unix.Malloc) */
static bool connect(struct builder *builder)
{
    size_t row = 0;
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        if (builder->network->meta.profile[profile].present) {
            if (!connect_profile(builder, profile, builder->weights + row * builder->expansion.arc_count)) {
                return false;
            }
            row++;
        }
    }
    return true;
}
/* NOLINTEND(clang-analyzer-unix.Malloc) */

/* ---- the file ---- */

static void set(struct city_parts *parts, enum city_section section, const void *bytes, uint64_t count)
{
    parts->bytes[section] = bytes;
    parts->count[section] = count;
}

static void set_parts(const struct builder *builder, struct city_parts *parts)
{
    const struct network *network = builder->network;
    const struct expansion *expansion = &builder->expansion;
    uint64_t edges = network->edges.count, arcs = expansion->arc_count;
    uint64_t profiles = 0;
    for (int i = 0; i < ROAD_PROFILE_COUNT; i++) {
        profiles += network->meta.profile[i].present;
    }
    set(parts, CITY_META, &network->meta, 1);
    set(parts, CITY_FIRST_OUT, expansion->first_out, (uint64_t)expansion->node_count + 1);
    set(parts, CITY_TAIL, builder->tail, arcs);
    set(parts, CITY_HEAD, expansion->head, arcs);
    set(parts, CITY_POINT, builder->node_points, expansion->node_count);
    set(parts, CITY_COPY_FIRST, expansion->copy_first, (uint64_t)builder->base_count + 1);
    set(parts, CITY_ARC_SIDE, builder->arc_side, arcs);
    set(parts, CITY_ARC_LENGTH, builder->arc_length, arcs);
    set(parts, CITY_ARC_USE, builder->use, arcs);
    set(parts, CITY_WEIGHTS, builder->weights, profiles * arcs);
    set(parts, CITY_WEIGHT_FRACTION, builder->fractions, network->meta.from_arcs ? profiles * arcs : 0);
    set(parts, CITY_EDGE_ARCS, builder->edge_arcs, 2 * edges);
    set(parts, CITY_EDGE_POINT_FIRST, builder->edge_point_first, edges + 1);
    set(parts, CITY_EDGE_POINT, network->points.items, network->points.count);
    set(parts, CITY_EDGE_NAME, builder->edge_name, edges);
    set(parts, CITY_EDGE_CLASS, builder->edge_class, edges);
    set(parts, CITY_EDGE_ALTERNATIVES, builder->edge_alternatives, edges);
    set(parts, CITY_TEXT, network->texts.items, network->texts.count);
    set(parts, CITY_PLACE, network->places.items, network->places.count);
    set(parts, CITY_AREA_KIND, network->areas.kinds.items, network->areas.kinds.count);
    set(parts, CITY_AREA_RING_FIRST, network->areas.ring_first.items, network->areas.ring_first.count);
    set(parts, CITY_RING_POINT_FIRST, network->areas.point_first.items, network->areas.point_first.count);
    set(parts, CITY_RING_POINT, network->areas.points.items, network->areas.points.count);
    set(parts, CITY_NODE_ACCESS, network->access.items, network->access.count);
    set(parts, CITY_NUMBER, network->numbers.items, network->numbers.count);
    set(parts, CITY_NUMBER_ORDER, builder->number_order, network->numbers.count);
}

struct numbered {
    uint64_t number;
    uint32_t node;
};

static int compare_numbers(const void *a, const void *b)
{
    const struct numbered *left = a, *right = b;
    return left->number < right->number ? -1 : left->number > right->number;
}

static bool order_numbers(struct builder *builder)
{
    size_t count = builder->network->numbers.count;
    struct numbered *list = take(count, sizeof *list);
    builder->number_order = take(count, sizeof(uint32_t));
    bool made = list != NULL && builder->number_order != NULL;
    for (uint32_t i = 0; made && i < count; i++) {
        list[i] = (struct numbered){ builder->network->numbers.items[i], i };
    }
    if (made) {
        qsort(list, count, sizeof *list, compare_numbers);
    }
    for (size_t i = 0; made && i < count; i++) {
        builder->number_order[i] = list[i].node;
    }
    free(list);
    return made;
}

static bool list_dropped(struct builder *builder, struct city_parts *parts)
{
    builder->dropped = take(DROP_COUNT, sizeof *builder->dropped);
    if (builder->dropped == NULL) {
        return false;
    }
    uint64_t count = 0;
    for (int i = 0; i < DROP_COUNT; i++) {
        if (builder->network->dropped[i] > 0) {
            struct city_dropped *entry = &builder->dropped[count++];
            entry->count = builder->network->dropped[i];
            snprintf(entry->reason, sizeof entry->reason, "%s", DROPS[i].reason);
            snprintf(entry->explanation, sizeof entry->explanation, "%s", DROPS[i].explanation);
        }
    }
    set(parts, CITY_DROPPED, builder->dropped, count);
    return true;
}

static enum status build_hierarchy(struct builder *builder, struct error *error)
{
    struct road_graph graph = graph_of(builder);
    TRY(cch_order(&graph, &builder->rank_of, error));
    network_phase(builder->network, "order");
    TRY(cch_build(&graph, builder->rank_of, &builder->cch, error));
    builder->has_cch = true;
    network_phase(builder->network, "hierarchy");
    return STATUS_OK;
}

static uint64_t peak_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

static enum status build_and_write(struct builder *builder, const char *path, struct error *error)
{
    struct network *network = builder->network;
    struct city_parts parts = { 0 };
    TRY(build_graph(builder, error));
    network->meta.base_count = builder->base_count;
    network_phase(network, "build");
    if (!connect(builder) || !order_numbers(builder) || !list_dropped(builder, &parts)) {
        return network_no_memory(network, error);
    }
    vec_free(&network->nodes);
    network_phase(network, "connect");
    set_parts(builder, &parts);
    if (!snap_build(&parts, &network->meta, &builder->grid)) {
        return network_no_memory(network, error);
    }
    set(&parts, CITY_GRID_FIRST, builder->grid.first, builder->grid.first_count);
    set(&parts, CITY_GRID_ENTRY, builder->grid.entries, builder->grid.entry_count);
    vec_free(&network->edges);
    network_phase(network, "snap_index");
    TRY(build_hierarchy(builder, error));
    city_parts_set_cch(&parts, &builder->cch, builder->expansion.arc_count);
    network->meta.peak_bytes = peak_bytes();
    return city_file_write(path, &parts, error);
}

enum status network_write(struct network *network, const char *path, struct error *error)
{
    struct builder builder = { .network = network };
    enum status status = build_and_write(&builder, path, error);
    builder_free(&builder);
    return status;
}
