#include "place/roads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "road/city_map.h"

VEC_TYPE(piece_vec, struct road_piece);
VEC_TYPE(number_vec, uint32_t);

struct named_edge {
    const char *name;
    uint32_t edge;
};

/* Where a node of one name stands among the others of it. */
struct meeting_node {
    uint32_t node;
    uint32_t leader; /* of its piece: union-find */
    struct geo_point point;
};

/* One name at a time. */
struct maker {
    struct road_pieces *roads;
    struct piece_vec pieces;
    struct number_vec edges, nodes;
    struct meeting_node *meeting; /* sorted by node */
    uint32_t *by_lon;
    uint32_t meeting_count;
};

static int by_name_and_edge(const void *a, const void *b)
{
    const struct named_edge *left = a, *right = b;
    if (left->name != right->name) {
        return (uintptr_t)left->name < (uintptr_t)right->name ? -1 : 1;
    }
    return left->edge < right->edge ? -1 : left->edge > right->edge;
}

static int by_node(const void *a, const void *b)
{
    const struct meeting_node *left = a, *right = b;
    return left->node < right->node ? -1 : left->node > right->node;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

static int by_longitude(const void *a, const void *b, void *context)
{
    const struct meeting_node *meeting = context;
    int32_t left = meeting[*(const uint32_t *)a].point.lon_e7, right = meeting[*(const uint32_t *)b].point.lon_e7;
    return left < right ? -1 : left > right;
}

static uint32_t leader_of(struct meeting_node *meeting, uint32_t i)
{
    while (meeting[i].leader != i) {
        meeting[i].leader = meeting[meeting[i].leader].leader;
        i = meeting[i].leader;
    }
    return i;
}

/* The lower one leads, so that the result does not depend on the order of joining. */
static void join(struct meeting_node *meeting, uint32_t a, uint32_t b)
{
    a = leader_of(meeting, a);
    b = leader_of(meeting, b);
    meeting[a < b ? b : a].leader = a < b ? a : b;
}

static uint32_t index_of(const struct maker *maker, uint32_t node)
{
    const struct meeting_node key = { .node = node };
    const struct meeting_node *found = bsearch(&key, maker->meeting, maker->meeting_count, sizeof key, by_node);
    CHECK(found != NULL);
    return (uint32_t)(found - maker->meeting);
}

static void gather_nodes(struct maker *maker, const struct named_edge *edges, uint32_t count)
{
    const struct city *city = maker->roads->city;
    const struct road_graph *graph = city_graph(city);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t ends[2];
        city_edge_ends(city, edges[i].edge, &ends[0], &ends[1]);
        for (int side = 0; side < 2; side++) {
            maker->meeting[2 * i + (uint32_t)side] = (struct meeting_node){ .node = ends[side],
                                                                            .point = graph->point[ends[side]] };
        }
    }
    qsort(maker->meeting, 2 * (size_t)count, sizeof *maker->meeting, by_node);
    for (uint32_t i = 0; i < 2 * count; i++) {
        if (kept == 0 || maker->meeting[kept - 1].node != maker->meeting[i].node) {
            maker->meeting[kept] = maker->meeting[i];
            maker->meeting[kept].leader = kept;
            maker->by_lon[kept] = kept;
            kept++;
        }
    }
    maker->meeting_count = kept;
}

/* Nodes that lie close together belong together; edges join what they connect. */
static void join_nodes(struct maker *maker, const struct named_edge *edges, uint32_t count)
{
    struct meeting_node *meeting = maker->meeting;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from, to;
        city_edge_ends(maker->roads->city, edges[i].edge, &from, &to);
        join(meeting, index_of(maker, from), index_of(maker, to));
    }
    qsort_r(maker->by_lon, maker->meeting_count, sizeof *maker->by_lon, by_longitude, meeting);
    for (uint32_t i = 0; i < maker->meeting_count; i++) {
        const struct meeting_node *a = &meeting[maker->by_lon[i]];
        double metres = geo_metres_per_lon_degree(geo_lat(a->point)) / 1e7;
        for (uint32_t j = i + 1; j < maker->meeting_count; j++) {
            const struct meeting_node *b = &meeting[maker->by_lon[j]];
            if (((double)b->point.lon_e7 - a->point.lon_e7) * metres > ROAD_PIECES_MEET_M) {
                break;
            }
            double north_m = fabs(((double)b->point.lat_e7 - a->point.lat_e7) * geo_metres_per_lat_degree() / 1e7);
            if (north_m <= ROAD_PIECES_MEET_M && geo_distance_m(a->point, b->point) <= ROAD_PIECES_MEET_M) {
                join(meeting, maker->by_lon[i], maker->by_lon[j]);
            }
        }
    }
}

static void widen(struct road_piece *piece, struct geo_point point)
{
    piece->south_west.lon_e7 = point.lon_e7 < piece->south_west.lon_e7 ? point.lon_e7 : piece->south_west.lon_e7;
    piece->south_west.lat_e7 = point.lat_e7 < piece->south_west.lat_e7 ? point.lat_e7 : piece->south_west.lat_e7;
    piece->north_east.lon_e7 = point.lon_e7 > piece->north_east.lon_e7 ? point.lon_e7 : piece->north_east.lon_e7;
    piece->north_east.lat_e7 = point.lat_e7 > piece->north_east.lat_e7 ? point.lat_e7 : piece->north_east.lat_e7;
}

/* The edges and nodes that follow this leader become a piece. */
static bool take_piece(struct maker *maker, const struct named_edge *edges, uint32_t count, uint32_t leader)
{
    const struct city *city = maker->roads->city;
    struct road_piece piece = { .name = edges[0].name,
                                .alternatives = "",
                                .first_edge = (uint32_t)maker->edges.count,
                                .first_node = (uint32_t)maker->nodes.count,
                                .south_west = { INT32_MAX, INT32_MAX },
                                .north_east = { INT32_MIN, INT32_MIN } };
    bool taken = true;
    for (uint32_t i = 0; i < count && taken; i++) {
        uint32_t from, to, point_count;
        city_edge_ends(city, edges[i].edge, &from, &to);
        if (leader_of(maker->meeting, index_of(maker, from)) != leader) {
            continue;
        }
        const struct geo_point *points = city_edge_points(city, edges[i].edge, &point_count);
        for (uint32_t p = 0; p < point_count; p++) {
            widen(&piece, points[p]);
        }
        piece.alternatives = piece.alternatives[0] == '\0' ? city_edge_alternatives(city, edges[i].edge) : piece.alternatives;
        maker->roads->piece_of_edge[edges[i].edge] = (uint32_t)maker->pieces.count;
        taken = vec_push(&maker->edges, edges[i].edge) && vec_push(&maker->nodes, from) && vec_push(&maker->nodes, to);
    }
    if (!taken) {
        return false;
    }
    qsort(maker->nodes.items + piece.first_node, maker->nodes.count - piece.first_node, sizeof(uint32_t), by_number);
    uint32_t kept = piece.first_node;
    for (uint32_t i = piece.first_node; i < maker->nodes.count; i++) {
        if (kept == piece.first_node || maker->nodes.items[kept - 1] != maker->nodes.items[i]) {
            maker->nodes.items[kept++] = maker->nodes.items[i];
        }
    }
    maker->nodes.count = kept;
    piece.node_count = kept - piece.first_node;
    piece.edge_count = (uint32_t)maker->edges.count - piece.first_edge;
    return vec_push(&maker->pieces, piece);
}

/* A name has few pieces, so that its edges are gone through once a piece. */
static bool take_name(struct maker *maker, const struct named_edge *edges, uint32_t count)
{
    gather_nodes(maker, edges, count);
    join_nodes(maker, edges, count);
    bool taken = true;
    for (uint32_t i = 0; i < maker->meeting_count && taken; i++) {
        if (leader_of(maker->meeting, i) == i) {
            taken = take_piece(maker, edges, count, i);
        }
    }
    return taken;
}

static bool take_all(struct maker *maker, struct named_edge *edges, uint32_t count)
{
    uint32_t most = 0;
    for (uint32_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && edges[end].name == edges[first].name;) {
            end++;
        }
        most = end - first > most ? end - first : most;
    }
    maker->meeting = malloc((2 * (size_t)most + 1) * sizeof *maker->meeting);
    maker->by_lon = malloc((2 * (size_t)most + 1) * sizeof *maker->by_lon);
    bool taken = maker->meeting != NULL && maker->by_lon != NULL;
    for (uint32_t first = 0, end; first < count && taken; first = end) {
        for (end = first; end < count && edges[end].name == edges[first].name;) {
            end++;
        }
        taken = take_name(maker, edges + first, end - first);
    }
    free(maker->meeting);
    free(maker->by_lon);
    return taken;
}

static struct named_edge *sorted_edges(const struct city *city, uint32_t *count)
{
    uint32_t edge_count = city_edge_count(city);
    struct named_edge *edges = malloc(((size_t)edge_count + 1) * sizeof *edges);
    *count = 0;
    for (uint32_t edge = 0; edge < edge_count && edges != NULL; edge++) {
        const char *name = city_edge_name(city, edge);
        if (name[0] != '\0') {
            edges[(*count)++] = (struct named_edge){ name, edge };
        }
    }
    if (edges != NULL) {
        qsort(edges, *count, sizeof *edges, by_name_and_edge);
    }
    return edges;
}

/* Turns the lists of nodes by piece into lists of pieces by node. */
static bool list_pieces_by_node(struct road_pieces *roads, uint32_t node_total)
{
    uint32_t base_count = city_base_count(roads->city);
    roads->pieces_first = calloc((size_t)base_count + 2, sizeof(uint32_t));
    roads->pieces_at = malloc(((size_t)node_total + 1) * sizeof(uint32_t));
    if (roads->pieces_first == NULL || roads->pieces_at == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < node_total; i++) {
        roads->pieces_first[roads->nodes[i] + 2]++;
    }
    for (uint32_t node = 0; node < base_count; node++) {
        roads->pieces_first[node + 2] += roads->pieces_first[node + 1];
    }
    for (uint32_t p = 0; p < roads->piece_count; p++) {
        const struct road_piece *piece = &roads->pieces[p];
        for (uint32_t i = 0; i < piece->node_count; i++) {
            roads->pieces_at[roads->pieces_first[roads->nodes[piece->first_node + i] + 1]++] = p;
        }
    }
    return true;
}

static void find_middles(struct road_pieces *roads)
{
    for (uint32_t p = 0; p < roads->piece_count; p++) {
        struct road_piece *piece = &roads->pieces[p];
        double distance_m;
        struct geo_point centre = { (int32_t)(((int64_t)piece->south_west.lon_e7 + piece->north_east.lon_e7) / 2),
                                    (int32_t)(((int64_t)piece->south_west.lat_e7 + piece->north_east.lat_e7) / 2) };
        piece->middle = road_piece_nearest(roads, piece, centre, &distance_m);
    }
}

enum status road_pieces_make(const struct city *city, struct road_pieces *roads, struct error *error)
{
    uint32_t count = 0, edge_count = city_edge_count(city);
    *roads = (struct road_pieces){ .city = city, .piece_of_edge = malloc(((size_t)edge_count + 1) * sizeof(uint32_t)) };
    struct named_edge *edges = sorted_edges(city, &count);
    struct maker maker = { .roads = roads };
    bool made = edges != NULL && roads->piece_of_edge != NULL;
    if (made) {
        memset(roads->piece_of_edge, 0xFF, (size_t)edge_count * sizeof(uint32_t));
        made = take_all(&maker, edges, count);
    }
    free(edges);
    roads->pieces = maker.pieces.items;
    roads->piece_count = (uint32_t)maker.pieces.count;
    roads->edges = maker.edges.items;
    roads->nodes = maker.nodes.items;
    if (!made || !list_pieces_by_node(roads, (uint32_t)maker.nodes.count)) {
        road_pieces_free(roads);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the names of %u roads", edge_count);
    }
    find_middles(roads);
    return STATUS_OK;
}

void road_pieces_free(struct road_pieces *roads)
{
    free(roads->pieces);
    free(roads->edges);
    free(roads->nodes);
    free(roads->piece_of_edge);
    free(roads->pieces_first);
    free(roads->pieces_at);
    *roads = (struct road_pieces){ .city = NULL };
}

/* In the plane that touches the earth at the place asked from: exact enough within a city. */
struct geo_point road_piece_nearest(const struct road_pieces *roads, const struct road_piece *piece, struct geo_point at,
                                    double *distance_m)
{
    double east_m = geo_metres_per_lon_degree(geo_lat(at)) / 1e7, north_m = geo_metres_per_lat_degree() / 1e7;
    double best = INFINITY;
    struct geo_point nearest = piece->south_west;
    for (uint32_t e = 0; e < piece->edge_count; e++) {
        uint32_t count;
        const struct geo_point *points = city_edge_points(roads->city, roads->edges[piece->first_edge + e], &count);
        for (uint32_t i = 1; i < count; i++) {
            double ax = ((double)points[i - 1].lon_e7 - at.lon_e7) * east_m,
                   ay = ((double)points[i - 1].lat_e7 - at.lat_e7) * north_m;
            double bx = ((double)points[i].lon_e7 - at.lon_e7) * east_m, by = ((double)points[i].lat_e7 - at.lat_e7) * north_m;
            double dx = bx - ax, dy = by - ay, length2 = dx * dx + dy * dy;
            double share = length2 > 0 ? -(ax * dx + ay * dy) / length2 : 0;
            share = share < 0 ? 0 : share > 1 ? 1 : share;
            double x = ax + share * dx, y = ay + share * dy, distance2 = x * x + y * y;
            if (distance2 < best) {
                best = distance2;
                nearest = (struct geo_point){ at.lon_e7 + (int32_t)lround(x / east_m), at.lat_e7 + (int32_t)lround(y / north_m) };
            }
        }
    }
    *distance_m = sqrt(best);
    return nearest;
}

double road_piece_box_m(const struct road_piece *piece, struct geo_point at)
{
    struct geo_point in_box = { at.lon_e7 < piece->south_west.lon_e7   ? piece->south_west.lon_e7
                                : at.lon_e7 > piece->north_east.lon_e7 ? piece->north_east.lon_e7
                                                                       : at.lon_e7,
                                at.lat_e7 < piece->south_west.lat_e7   ? piece->south_west.lat_e7
                                : at.lat_e7 > piece->north_east.lat_e7 ? piece->north_east.lat_e7
                                                                       : at.lat_e7 };
    double east_m = ((double)in_box.lon_e7 - at.lon_e7) * geo_metres_per_lon_degree(geo_lat(at)) / 1e7;
    double north_m = ((double)in_box.lat_e7 - at.lat_e7) * geo_metres_per_lat_degree() / 1e7;
    return sqrt(east_m * east_m + north_m * north_m);
}
