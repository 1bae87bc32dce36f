#include "road/arc_csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/table.h"

static const double SECONDS_A_DAY = 86400;

/* ---- nodes ---- */

static enum status read_node(struct table_reader *reader, const int columns[4], struct network *network, struct error *error)
{
    int64_t number;
    double x, y, access = 1;
    struct geo_point point;
    TRY(csv_int(&reader->csv, columns[0], "index", 0, INT64_MAX / 2, &number, error));
    TRY(csv_double(&reader->csv, columns[1], "x", -180, 180, &x, error));
    TRY(csv_double(&reader->csv, columns[2], "y", -90, 90, &y, error));
    if (columns[3] >= 0) {
        TRY(csv_double(&reader->csv, columns[3], "offRoadAccess", 0, 1, &access, error));
    }
    if (!geo_point_from_degrees(x, y, &point)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: x, y is not a place on the earth", reader->csv.name, reader->csv.line);
    }
    if (network->nodes.count == NETWORK_NODES_MAX) {
        return ERROR(error, STATUS_FULL, "%s:%d: more than %d nodes", reader->csv.name, reader->csv.line, NETWORK_NODES_MAX);
    }
    if (!vec_push(&network->nodes, point) || !vec_push(&network->numbers, (uint64_t)number) ||
        !vec_push(&network->access, (uint8_t)(access >= 0.5))) {
        return network_no_memory(network, error);
    }
    return STATUS_OK;
}

static enum status read_nodes(struct table_reader *reader, struct network *network, struct error *error)
{
    int columns[4];
    TRY(table_find(reader, "nodes", (const char *const[]){ "index", "x", "y", "?offRoadAccess", NULL }, columns, error));
    for (;;) {
        bool row_read;
        TRY(table_next(reader, &row_read, error));
        if (!row_read) {
            break;
        }
        TRY(read_node(reader, columns, network, error));
    }
    bool any_access = false;
    for (size_t i = 0; i < network->access.count; i++) {
        any_access |= network->access.items[i] != 0;
    }
    if (!any_access) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: no node with offRoadAccess 1: no place could be reached", reader->csv.name);
    }
    return STATUS_OK;
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

static enum status index_numbers(const struct network *network, const char *name, struct numbered **index, struct error *error)
{
    size_t count = network->numbers.count;
    *index = malloc(count * sizeof **index);
    if (*index == NULL) {
        return network_no_memory(network, error);
    }
    for (uint32_t i = 0; i < count; i++) {
        (*index)[i] = (struct numbered){ network->numbers.items[i], i };
    }
    qsort(*index, count, sizeof **index, compare_numbers);
    for (size_t i = 1; i < count; i++) {
        if ((*index)[i - 1].number == (*index)[i].number) {
            return ERROR(error, STATUS_BAD_INPUT, "%s: node %llu stands twice", name, (unsigned long long)(*index)[i].number);
        }
    }
    return STATUS_OK;
}

/* ---- arcs ---- */

enum { COLUMN_FROM, COLUMN_TO, COLUMN_MODE_1, COLUMN_MODE_2, COLUMN_DISTANCE, COLUMN_COUNT };
static const char *const COLUMNS[] = { "fromNode", "toNode", "mode_1", "?mode_2", "?distance", NULL };

struct arc_reader {
    struct table_reader *reader;
    struct network *network;
    const struct numbered *index;
    int columns[COLUMN_COUNT];
    bool undirected;
};

static enum status read_end(const struct arc_reader *arcs, int column, const char *column_name, uint32_t *node,
                            struct error *error)
{
    const struct csv *csv = &arcs->reader->csv;
    int64_t number;
    TRY(csv_int(csv, column, column_name, 0, INT64_MAX / 2, &number, error));
    struct numbered key = { .number = (uint64_t)number };
    const struct numbered *found = bsearch(&key, arcs->index, arcs->network->numbers.count, sizeof key, compare_numbers);
    if (found == NULL) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column \"%s\": there is no node %lld in nodes.csv", csv->name, csv->line,
                     column_name, (long long)number);
    }
    *node = found->node;
    return STATUS_OK;
}

/* Whole ticks and what they lack of the given time, in 2^-32 tick, so that sums can be told exactly. */
static enum status read_ticks(const struct arc_reader *arcs, int column, const char *column_name, road_ticks *ticks,
                              int32_t *fraction, struct error *error)
{
    double days;
    const double longest = (double)(ROAD_INFINITY / 4) / ARC_CSV_TICKS_PER_SECOND / SECONDS_A_DAY;
    TRY(csv_double(&arcs->reader->csv, column, column_name, 0, longest, &days, error));
    double exact = days * SECONDS_A_DAY * ARC_CSV_TICKS_PER_SECOND;
    *ticks = (road_ticks)llround(exact);
    *fraction = (int32_t)fmin(fmax(round((exact - *ticks) * 4294967296.0), INT32_MIN), INT32_MAX);
    return STATUS_OK;
}

static double straight_m(const struct network *network, struct geo_point a, struct geo_point b)
{
    const struct city_meta *meta = &network->meta;
    if (meta->metres_per_lon_degree <= 0) {
        return geo_distance_m(a, b);
    }
    return hypot((geo_lon(b) - geo_lon(a)) * meta->metres_per_lon_degree,
                 (geo_lat(b) - geo_lat(a)) * meta->metres_per_lat_degree);
}

static enum status read_arc(struct arc_reader *arcs, struct error *error)
{
    struct network *network = arcs->network;
    struct network_edge edge = { .point_first = (uint32_t)network->points.count, .point_count = 2 };
    const int *columns = arcs->columns;
    road_ticks ticks[2];
    int32_t fraction[2];
    TRY(read_end(arcs, columns[COLUMN_FROM], "fromNode", &edge.from, error));
    TRY(read_end(arcs, columns[COLUMN_TO], "toNode", &edge.to, error));
    TRY(read_ticks(arcs, columns[COLUMN_MODE_1], "mode_1", &ticks[0], &fraction[0], error));
    ticks[1] = ticks[0];
    fraction[1] = fraction[0];
    if (columns[COLUMN_MODE_2] >= 0) {
        TRY(read_ticks(arcs, columns[COLUMN_MODE_2], "mode_2", &ticks[1], &fraction[1], error));
    }
    edge.fraction[ROAD_EMERGENCY] = fraction[0];
    edge.fraction[ROAD_NORMAL] = fraction[1];
    struct geo_point from = network->nodes.items[edge.from], to = network->nodes.items[edge.to];
    double km = straight_m(network, from, to) / 1000;
    if (columns[COLUMN_DISTANCE] >= 0) {
        TRY(csv_double(&arcs->reader->csv, columns[COLUMN_DISTANCE], "distance", 0, 10000, &km, error));
    }
    edge.length_dm = (uint32_t)lround(fmin(km, 20000) * 10000);
    for (int direction = 0; direction < ROAD_DIRECTIONS; direction++) {
        bool open = direction == ROAD_FORWARD || arcs->undirected;
        edge.ticks[direction][ROAD_EMERGENCY] = open ? ticks[0] : ROAD_INFINITY;
        edge.ticks[direction][ROAD_NORMAL] = open ? ticks[1] : ROAD_INFINITY;
        edge.ticks[direction][ROAD_FOOT] = ROAD_INFINITY;
    }
    if (network->edges.count == NETWORK_EDGES_MAX / 2) {
        return ERROR(error, STATUS_FULL, "%s:%d: more than %d arcs", arcs->reader->csv.name, arcs->reader->csv.line,
                     NETWORK_EDGES_MAX / 2);
    }
    bool kept = vec_push(&network->points, from) && vec_push(&network->points, to) && vec_push(&network->edges, edge);
    return kept ? STATUS_OK : network_no_memory(network, error);
}

static enum status read_form(struct table_reader *reader, bool *undirected, struct error *error)
{
    int column;
    bool row_read;
    TRY(table_find(reader, "miscData", (const char *const[]){ "arcForm", NULL }, &column, error));
    TRY(table_next(reader, &row_read, error));
    if (row_read && (csv_equals(&reader->csv, column, "directed") || csv_equals(&reader->csv, column, "undirected"))) {
        *undirected = csv_equals(&reader->csv, column, "undirected");
        return STATUS_OK;
    }
    return ERROR(error, STATUS_BAD_INPUT, "%s:%d: arcForm must be \"directed\" or \"undirected\"", reader->csv.name,
                 reader->csv.line);
}

static enum status read_arcs(struct table_reader *reader, struct network *network, const struct numbered *index,
                             struct error *error)
{
    struct arc_reader arcs = { .reader = reader, .network = network, .index = index };
    TRY(read_form(reader, &arcs.undirected, error));
    TRY(table_find(reader, "arcs", COLUMNS, arcs.columns, error));
    for (;;) {
        bool row_read;
        TRY(table_next(reader, &row_read, error));
        if (!row_read) {
            break;
        }
        TRY(read_arc(&arcs, error));
    }
    return network->edges.count > 0 ? STATUS_OK : ERROR(error, STATUS_BAD_INPUT, "%s: no arcs", reader->csv.name);
}

static enum status read_tables(struct table_reader *nodes, struct table_reader *arcs, struct network *network,
                               struct error *error)
{
    network->meta.from_arcs = 1;
    network->meta.ticks_per_second = ARC_CSV_TICKS_PER_SECOND;
    network->meta.profile[ROAD_EMERGENCY].present = network->meta.profile[ROAD_NORMAL].present = 1;
    TRY(read_nodes(nodes, network, error));
    struct numbered *index = NULL;
    enum status status = index_numbers(network, nodes->csv.name, &index, error);
    if (status == STATUS_OK) {
        status = read_arcs(arcs, network, index, error);
    }
    free(index);
    return status;
}

enum status arc_csv_read_bytes(const struct arc_csv_file *nodes, const struct arc_csv_file *arcs, struct network *network,
                               struct error *error)
{
    struct table_reader node_reader, arc_reader;
    table_open_bytes(&node_reader, nodes->name, nodes->bytes, nodes->size);
    table_open_bytes(&arc_reader, arcs->name, arcs->bytes, arcs->size);
    enum status status = read_tables(&node_reader, &arc_reader, network, error);
    table_close(&node_reader);
    table_close(&arc_reader);
    return status;
}

/* ---- the folder, and what stands beside it ---- */

static char *find_roads(const char *folder)
{
    static const char *const PLACES[] = { ".", "travel/roads", "model/travel/roads" };
    for (size_t i = 0; i < ARRAY_LENGTH(PLACES); i++) {
        char *roads = i == 0 ? strdup(folder) : file_join(folder, PLACES[i]);
        CHECK(roads != NULL);
        char *nodes = file_join(roads, "nodes.csv");
        bool found = file_exists(nodes);
        free(nodes);
        if (found) {
            return roads;
        }
        free(roads);
    }
    return NULL;
}

static enum status read_scales(const char *path, struct network *network, struct error *error)
{
    struct table_reader reader;
    int columns[2];
    bool row_read = false;
    double x_km = 0, y_km = 0;
    TRY(table_open(&reader, path, error));
    enum status status = table_find(&reader, "map", (const char *const[]){ "xScale", "yScale", NULL }, columns, error);
    status = status == STATUS_OK ? table_next(&reader, &row_read, error) : status;
    if (status == STATUS_OK && !row_read) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s: table \"map\" has no row", path);
    }
    status = status == STATUS_OK ? csv_double(&reader.csv, columns[0], "xScale", 0.001, 200, &x_km, error) : status;
    status = status == STATUS_OK ? csv_double(&reader.csv, columns[1], "yScale", 0.001, 200, &y_km, error) : status;
    table_close(&reader);
    if (status == STATUS_OK) {
        network->meta.metres_per_lon_degree = x_km * 1000;
        network->meta.metres_per_lat_degree = y_km * 1000;
    }
    return status;
}

static enum status read_speeds(const char *path, struct network *network, struct error *error)
{
    static const enum road_profile PROFILE_OF_MODE[] = { ROAD_EMERGENCY, ROAD_NORMAL };
    struct table_reader reader;
    int columns[2];
    bool row_read = true;
    TRY(table_open(&reader, path, error));
    enum status status = table_find(&reader, "travelModes", (const char *const[]){ "travelModeIndex", "offRoadSpeed", NULL },
                                    columns, error);
    while (status == STATUS_OK && row_read) {
        int64_t mode;
        double km_a_day;
        status = table_next(&reader, &row_read, error);
        if (status != STATUS_OK || !row_read) {
            break;
        }
        status = csv_int(&reader.csv, columns[0], "travelModeIndex", 1, 1000, &mode, error);
        status = status == STATUS_OK ? csv_double(&reader.csv, columns[1], "offRoadSpeed", 0.1, 50000, &km_a_day, error) : status;
        if (status == STATUS_OK && mode <= (int64_t)ARRAY_LENGTH(PROFILE_OF_MODE)) {
            network->meta.off_road_m_per_s[PROFILE_OF_MODE[mode - 1]] = km_a_day * 1000 / SECONDS_A_DAY;
        }
    }
    table_close(&reader);
    return status;
}

static enum status read_beside(const char *roads, const char *relative,
                               enum status (*read)(const char *, struct network *, struct error *), struct network *network,
                               struct error *error)
{
    char *path = file_join(roads, relative);
    enum status status = file_exists(path) ? read(path, network, error) : STATUS_OK;
    free(path);
    return status;
}

static enum status read_roads(const char *roads, struct network *network, struct error *error)
{
    struct table_reader nodes, arcs;
    char *nodes_path = file_join(roads, "nodes.csv"), *arcs_path = file_join(roads, "arcs.csv");
    enum status status = table_open(&nodes, nodes_path, error);
    if (status == STATUS_OK) {
        status = table_open(&arcs, arcs_path, error);
        if (status == STATUS_OK) {
            status = read_tables(&nodes, &arcs, network, error);
            table_close(&arcs);
        }
        table_close(&nodes);
    }
    free(nodes_path);
    free(arcs_path);
    return status;
}

enum status arc_csv_read(const char *folder, struct network *network, struct error *error)
{
    char *roads = find_roads(folder);
    if (roads == NULL) {
        return ERROR(error, STATUS_NOT_FOUND, "%s: no nodes.csv in it, nor in its travel/roads or model/travel/roads", folder);
    }
    enum status status = read_beside(roads, "../../maps/map_1.csv", read_scales, network, error);
    if (status == STATUS_OK) {
        status = read_beside(roads, "../travel/travel_1.csv", read_speeds, network, error);
    }
    if (status == STATUS_OK) {
        status = read_roads(roads, network, error);
    }
    free(roads);
    return status;
}
