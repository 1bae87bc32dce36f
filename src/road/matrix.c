/* See matrix.h.
 *
 * With the hierarchy: labels of just the nodes at the ends, block by block, and for each pair the least over their seeds; that
 * costs some 100 ns a pair and gives the lengths as well, which sweeps do not. With Dijkstra: one search a seed of each start.
 *
 * Workload: from 1 x 10 to 10,000 x 10,000. Memory: at most some 64 MB of trips, and labels of the ends of one block. */
#include "road/matrix.h"

#include <stdlib.h>

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
    /* In an arc CSV city the exact times, whole ticks and 2^-32 ticks; the latter take the place of lengths, with which they make
     * one 64-bit number in searches and labels alike. NULL elsewhere. */
    road_ticks *fine_ticks;
    uint32_t *fine_parts;
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

/* The exact time of a trip between seeds that lie fine apart, if better. */
static void improve_fine(struct trip *trip, const struct trip_end *from, uint32_t from_seed, const struct trip_end *to,
                         uint32_t to_seed, road_ticks ticks, uint32_t parts)
{
    uint64_t whole = (uint64_t)from->off_road + from->seeds.seed[from_seed].ticks + ticks + to->seeds.seed[to_seed].ticks +
                     to->off_road;
    if (ticks < ROAD_INFINITY && whole < ROAD_INFINITY && (whole << 32) + parts < trip->fine) {
        trip->fine = (whole << 32) + parts;
    }
}

static void fine_by_labels(const struct matrix_run *run, const struct cch_labels *labels, const struct trip_end *from,
                           const struct trip_end *to, struct trip *trip)
{
    trip->fine = trip_direct(run->city, run->weights, from, to).fine;
    for (uint32_t i = 0; i < from->seeds.count; i++) {
        for (uint32_t j = 0; j < to->seeds.count; j++) {
            uint32_t parts;
            road_ticks ticks = cch_labels_distance_and_length(labels, from->seeds.seed[i].node, to->seeds.seed[j].node, &parts);
            improve_fine(trip, from, i, to, j, ticks, parts);
        }
    }
}

/* A part of the matrix: rows of from, columns of to. */
struct block {
    uint32_t from_first, from_count, to_first, to_count;
};

/* The trips of the block into trips, whose rows are run->to_count long; fine: their exact times, to trips that are there. */
static enum status fill_block(const struct matrix_run *run, const struct cch_metric *metric, bool fine, const struct block *block,
                              uint32_t *nodes, struct trip *trips, struct error *error)
{
    struct cch_labels *labels;
    uint32_t count = list_nodes(run->from + block->from_first, block->from_count, nodes);
    count += list_nodes(run->to + block->to_first, block->to_count, nodes + count);
    TRY(cch_labels_create_for(metric, nodes, count, &labels, error));
    for (uint32_t i = 0; i < block->from_count; i++) {
        const struct trip_end *from = &run->from[block->from_first + i];
        for (uint32_t j = block->to_first; j < block->to_first + block->to_count; j++) {
            struct trip *trip = &trips[(size_t)i * run->to_count + j];
            if (!fine) {
                *trip = trip_by_labels(run, labels, from, &run->to[j]);
            } else if (trip->ticks < ROAD_INFINITY) {
                fine_by_labels(run, labels, from, &run->to[j], trip);
            }
        }
    }
    cch_labels_destroy(labels);
    return STATUS_OK;
}

static enum status run_blocks(const struct matrix_run *run, const struct cch_metric *metric, const struct cch_metric *fine,
                              uint32_t rows, uint32_t *nodes, struct trip *trips, struct error *error)
{
    for (uint32_t first = 0; first < run->from_count; first += rows) {
        struct block block = { .from_first = first, .from_count = smaller(rows, run->from_count - first) };
        for (; block.to_first < run->to_count; block.to_first += BLOCK_TO) {
            block.to_count = smaller(BLOCK_TO, run->to_count - block.to_first);
            TRY(fill_block(run, metric, false, &block, nodes, trips, error));
            if (fine != NULL) {
                TRY(fill_block(run, fine, true, &block, nodes, trips, error));
            }
        }
        for (uint32_t i = 0; i < block.from_count; i++) {
            TRY(run->row(run->context, first + i, trips + (size_t)i * run->to_count, error));
        }
    }
    return STATUS_OK;
}

static enum status create_metrics(const struct matrix_run *run, struct cch_metric **metric, struct cch_metric **fine,
                                  struct error *error)
{
    const struct cch *cch = city_cch(run->city);
    const struct road_graph *graph = city_graph(run->city);
    *fine = NULL;
    TRY(cch_metric_create(cch, graph, run->weights, city_lengths_dm(run->city), metric, error));
    if (run->fine_ticks != NULL && cch_metric_create(cch, graph, run->fine_ticks, run->fine_parts, fine, error) != STATUS_OK) {
        cch_metric_destroy(*metric);
        return error->status;
    }
    return STATUS_OK;
}

static enum status run_cch(const struct matrix_run *run, struct error *error)
{
    struct cch_metric *metric, *fine;
    uint32_t rows = run->to_count == 0 ? BLOCK_FROM : smaller(BLOCK_FROM, BLOCK_TRIPS / run->to_count);
    rows = smaller(rows == 0 ? 1 : rows, run->from_count == 0 ? 1 : run->from_count);
    TRY(create_metrics(run, &metric, &fine, error));
    struct trip *trips = malloc(((size_t)rows * run->to_count + 1) * sizeof *trips);
    uint32_t *nodes = malloc(((size_t)rows + BLOCK_TO) * ROAD_SEEDS_MAX * sizeof *nodes);
    enum status status = trips != NULL && nodes != NULL ? run_blocks(run, metric, fine, rows, nodes, trips, error)
                                                        : ERROR(error, STATUS_NO_MEMORY, "no memory for a matrix of %u x %u",
                                                                run->from_count, run->to_count);
    free(trips);
    free(nodes);
    cch_metric_destroy(metric);
    cch_metric_destroy(fine);
    return status;
}

/* ---- with Dijkstra ---- */

static enum status row_by_dijkstra(const struct matrix_run *run, struct dijkstra *dijkstra, bool fine, const uint32_t *targets,
                                   uint32_t target_count, const struct trip_end *from, struct trip *trips, struct error *error)
{
    for (uint32_t j = 0; j < run->to_count; j++) {
        struct trip direct = trip_direct(run->city, run->weights, from, &run->to[j]);
        if (fine && trips[j].ticks < ROAD_INFINITY) {
            trips[j].fine = direct.fine;
        } else if (!fine) {
            trips[j] = direct;
        }
    }
    for (uint32_t i = 0; i < from->seeds.count; i++) {
        struct road_seeds start = { 1, { { from->seeds.seed[i].node, 0 } } };
        struct dijkstra_search search = { fine ? run->fine_ticks : run->weights,
                                          fine ? run->fine_parts : city_lengths_dm(run->city),
                                          &start,
                                          ROAD_INFINITY,
                                          targets,
                                          target_count,
                                          0 };
        TRY(dijkstra_run(dijkstra, &search, error));
        for (uint32_t j = 0; j < run->to_count; j++) {
            for (uint32_t s = 0; s < run->to[j].seeds.count; s++) {
                uint32_t node = run->to[j].seeds.seed[s].node;
                road_ticks ticks = dijkstra_ticks(dijkstra, node);
                uint32_t length = ticks < ROAD_INFINITY ? dijkstra_length_dm(dijkstra, node) : 0;
                if (fine) {
                    improve_fine(&trips[j], from, i, &run->to[j], s, ticks, length);
                } else {
                    trips[j] = trip_better(trips[j], from, i, &run->to[j], s, ticks, length);
                }
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
        status = row_by_dijkstra(run, dijkstra, false, targets, target_count, &run->from[i], trips, error);
        if (status == STATUS_OK && run->fine_ticks != NULL) {
            status = row_by_dijkstra(run, dijkstra, true, targets, target_count, &run->from[i], trips, error);
        }
        if (status == STATUS_OK) {
            status = run->row(run->context, i, trips, error);
        }
    }
    free(trips);
    free(targets);
    dijkstra_destroy(dijkstra);
    return status;
}

/* The exact times of the arcs, where the city has them. */
static enum status read_fine_weights(struct matrix_run *run, enum road_profile profile, struct error *error)
{
    const int32_t *fractions = city_weight_fractions(run->city, profile);
    size_t count = city_graph(run->city)->arc_count;
    if (fractions == NULL) {
        return STATUS_OK;
    }
    run->fine_ticks = malloc((count + 1) * sizeof *run->fine_ticks);
    run->fine_parts = malloc((count + 1) * sizeof *run->fine_parts);
    if (run->fine_ticks == NULL || run->fine_parts == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the times of %zu arcs", count);
    }
    for (size_t arc = 0; arc < count; arc++) {
        bool open = run->weights[arc] < ROAD_INFINITY;
        int64_t exact = ((int64_t)run->weights[arc] << 32) + (open ? fractions[arc] : 0);
        run->fine_ticks[arc] = (road_ticks)(exact >> 32);
        run->fine_parts[arc] = (uint32_t)exact;
    }
    return STATUS_OK;
}

enum status matrix_compute(const struct city *city, enum road_profile profile, enum matrix_algorithm algorithm,
                           const struct trip_end *from, uint32_t from_count, const struct trip_end *to, uint32_t to_count,
                           matrix_row *row, void *context, struct error *error)
{
    struct matrix_run run = { .city = city,
                              .weights = city_weights(city, profile),
                              .from = from,
                              .to = to,
                              .from_count = from_count,
                              .to_count = to_count,
                              .row = row,
                              .context = context };
    enum status status = read_fine_weights(&run, profile, error);
    if (status == STATUS_OK) {
        status = algorithm == MATRIX_CCH ? run_cch(&run, error) : run_dijkstra(&run, error);
    }
    free(run.fine_ticks);
    free(run.fine_parts);
    return status;
}
