/* See matrix.h.
 *
 * With the hierarchy: labels of just the nodes at the ends, block by block, and for each pair the least over their seeds; that
 * costs some 100 ns a pair and gives the lengths as well, which sweeps do not. With Dijkstra: one search a seed of each start.
 *
 * Workload: from 1 x 10 to 10,000 x 10,000. Memory: at most some 64 MB of trips, and labels of the ends of one block. */
#include "road/matrix.h"

#include <stdlib.h>

#include "base/check.h"
#include "road/cch.h"
#include "road/dijkstra.h"

enum { BLOCK_TRIPS = 4 << 20, BLOCK_TO = 8192, BLOCK_FROM = 4096 };

struct matrix_run {
    const struct city *city;
    const road_ticks *weights;
    const struct trip_end *from, *to;
    uint32_t from_count, to_count;
    matrix_row *row;
    void *context;
};

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* ---- with the hierarchy ---- */

static uint32_t list_nodes(const struct trip_end *ends, uint32_t count, uint32_t *nodes)
{
    uint32_t listed = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t s = 0; s < ends[i].seeds.count; s++) {
            nodes[listed++] = ends[i].seeds.seed[s].node;
        }
    }
    return listed;
}

static struct trip trip_by_labels(const struct matrix_run *run, const struct cch_labels *labels, const struct trip_end *from,
                                  const struct trip_end *to)
{
    struct trip best = trip_direct(run->city, run->weights, from, to);
    for (uint32_t i = 0; i < from->seeds.count; i++) {
        for (uint32_t j = 0; j < to->seeds.count; j++) {
            uint32_t length;
            road_ticks ticks = cch_labels_distance_and_length(labels, from->seeds.seed[i].node, to->seeds.seed[j].node, &length);
            best = trip_better(best, from, i, to, j, ticks, length);
        }
    }
    return best;
}

/* The trips of from_block x to_block into trips, whose rows are to_count long. */
static enum status fill_block(const struct matrix_run *run, const struct cch_metric *metric, uint32_t from_first,
                              uint32_t from_block, uint32_t to_first, uint32_t to_block, uint32_t *nodes, struct trip *trips,
                              struct error *error)
{
    struct cch_labels *labels;
    uint32_t count = list_nodes(run->from + from_first, from_block, nodes);
    count += list_nodes(run->to + to_first, to_block, nodes + count);
    TRY(cch_labels_create_for(metric, nodes, count, &labels, error));
    for (uint32_t i = 0; i < from_block; i++) {
        for (uint32_t j = to_first; j < to_first + to_block; j++) {
            trips[(size_t)i * run->to_count + j] = trip_by_labels(run, labels, &run->from[from_first + i], &run->to[j]);
        }
    }
    cch_labels_destroy(labels);
    return STATUS_OK;
}

static enum status run_blocks(const struct matrix_run *run, const struct cch_metric *metric, uint32_t rows, uint32_t *nodes,
                              struct trip *trips, struct error *error)
{
    for (uint32_t first = 0; first < run->from_count; first += rows) {
        uint32_t block = smaller(rows, run->from_count - first);
        for (uint32_t to = 0; to < run->to_count; to += BLOCK_TO) {
            TRY(fill_block(run, metric, first, block, to, smaller(BLOCK_TO, run->to_count - to), nodes, trips, error));
        }
        for (uint32_t i = 0; i < block; i++) {
            TRY(run->row(run->context, first + i, trips + (size_t)i * run->to_count, error));
        }
    }
    return STATUS_OK;
}

static enum status run_cch(const struct matrix_run *run, struct error *error)
{
    struct cch_metric *metric;
    uint32_t rows = run->to_count == 0 ? BLOCK_FROM : smaller(BLOCK_FROM, BLOCK_TRIPS / run->to_count);
    rows = smaller(rows == 0 ? 1 : rows, run->from_count == 0 ? 1 : run->from_count);
    TRY(cch_metric_create(city_cch(run->city), city_graph(run->city), run->weights, city_lengths_dm(run->city), &metric, error));
    struct trip *trips = malloc(((size_t)rows * run->to_count + 1) * sizeof *trips);
    uint32_t *nodes = malloc(((size_t)rows + BLOCK_TO) * ROAD_SEEDS_MAX * sizeof *nodes);
    enum status status = trips != NULL && nodes != NULL ? run_blocks(run, metric, rows, nodes, trips, error)
                                                        : ERROR(error, STATUS_NO_MEMORY, "no memory for a matrix of %u x %u",
                                                                run->from_count, run->to_count);
    free(trips);
    free(nodes);
    cch_metric_destroy(metric);
    return status;
}

/* ---- with Dijkstra ---- */

static enum status row_by_dijkstra(const struct matrix_run *run, struct dijkstra *dijkstra, const uint32_t *targets,
                                   uint32_t target_count, const struct trip_end *from, struct trip *trips, struct error *error)
{
    for (uint32_t j = 0; j < run->to_count; j++) {
        trips[j] = trip_direct(run->city, run->weights, from, &run->to[j]);
    }
    for (uint32_t i = 0; i < from->seeds.count; i++) {
        struct road_seeds start = { 1, { { from->seeds.seed[i].node, 0 } } };
        struct dijkstra_search search = {
            run->weights, city_lengths_dm(run->city), &start, ROAD_INFINITY, targets, target_count
        };
        TRY(dijkstra_run(dijkstra, &search, error));
        for (uint32_t j = 0; j < run->to_count; j++) {
            for (uint32_t s = 0; s < run->to[j].seeds.count; s++) {
                uint32_t node = run->to[j].seeds.seed[s].node;
                road_ticks ticks = dijkstra_ticks(dijkstra, node);
                uint32_t length = ticks < ROAD_INFINITY ? dijkstra_length_dm(dijkstra, node) : 0;
                trips[j] = trip_better(trips[j], from, i, &run->to[j], s, ticks, length);
            }
        }
    }
    return STATUS_OK;
}

static enum status run_dijkstra(const struct matrix_run *run, struct error *error)
{
    struct dijkstra *dijkstra;
    TRY(dijkstra_create(city_graph(run->city), &dijkstra, error));
    struct trip *trips = malloc(((size_t)run->to_count + 1) * sizeof *trips);
    uint32_t *targets = malloc(((size_t)run->to_count * ROAD_SEEDS_MAX + 1) * sizeof *targets);
    enum status status = STATUS_OK;
    if (trips == NULL || targets == NULL) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for a row of %u trips", run->to_count);
    }
    uint32_t target_count = status == STATUS_OK ? list_nodes(run->to, run->to_count, targets) : 0;
    for (uint32_t i = 0; i < run->from_count && status == STATUS_OK; i++) {
        status = row_by_dijkstra(run, dijkstra, targets, target_count, &run->from[i], trips, error);
        if (status == STATUS_OK) {
            status = run->row(run->context, i, trips, error);
        }
    }
    free(trips);
    free(targets);
    dijkstra_destroy(dijkstra);
    return status;
}

enum status matrix_compute(const struct city *city, enum road_profile profile, enum matrix_algorithm algorithm,
                           const struct trip_end *from, uint32_t from_count, const struct trip_end *to, uint32_t to_count,
                           matrix_row *row, void *context, struct error *error)
{
    struct matrix_run run = { city, city_weights(city, profile), from, to, from_count, to_count, row, context };
    return algorithm == MATRIX_CCH ? run_cch(&run, error) : run_dijkstra(&run, error);
}
