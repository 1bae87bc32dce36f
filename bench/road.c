/* What the road engine costs, on real cities (MINGDI_DATA), one thread: each figure in milliseconds and in units of one plain
 * Dijkstra from one node to all, measured in the same run on the same graph, beside what is aimed at and what RoutingKit needs
 * in the same unit on Porto (its contraction hierarchy; measured elsewhere, so a proportion). Then ratios of our own: one-to-many
 * and many-to-many against Dijkstra with early stop, customization against the whole of order and build.
 *
 * The graph is the largest strongly connected part under the profile emergency. Times are processor time of the one thread, the
 * least of some runs where a run is short.
 *
 * usage: bench_road [CITY ...]   names of MINGDI_DATA below, or city files; default: all that are there */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/random.h"
#include "base/test_data.h"
#include "road/cch.h"
#include "road/city.h"
#include "road/dijkstra.h"
#include "road/import.h"

enum { MANY = 1000, CHANGED = 100, PAIRS = 2000, LABEL_PAIRS = 500000 };

static const struct source {
    const char *name, *path;
    bool arcs;
} SOURCES[] = {
    { "porto", "osm/porto.osm.pbf", false }, { "malta", "osm/malta.osm.pbf", false },  { "monaco", "osm/monaco.osm.pbf", false },
    { "auckland", "jemss/auckland", true },  { "manhattan", "jemss/manhattan", true },
};

struct bench {
    struct road_graph graph;
    uint32_t *first_out, *tail, *head;
    struct geo_point *point;
    road_ticks *weights;
    uint32_t *lengths;
    uint32_t ticks_per_second;
    double unit_ms;
    struct random_stream stream;
    struct cch cch;
    struct cch_metric *metric;
    struct cch_query *query;
    struct dijkstra *dijkstra;
    struct road_seeds from[MANY], to[MANY];
    uint32_t to_nodes[MANY];
    road_ticks *ticks; /* MANY x MANY */
    uint64_t sum;      /* of answers, so that none is left out */
};

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void must(enum status status, const struct error *error)
{
    if (status != STATUS_OK) {
        fprintf(stderr, "bench_road: %s\n", error->text);
        exit(EXIT_FAILURE);
    }
}

static void *take(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL) {
        fprintf(stderr, "bench_road: no memory\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

static uint32_t draw(struct bench *bench, uint32_t below) { return (uint32_t)(random_u64(&bench->stream) % below); }

static struct road_seeds at_node(uint32_t node) { return (struct road_seeds){ 1, { { node, 0 } } }; }

/* ---- the graph ---- */

/* in_part[v]: v is in the strongly connected part of the node that reaches most of some tries. */
static void find_part(const struct city *city, const road_ticks *weights, uint8_t *in_part)
{
    const struct road_graph *graph = city_graph(city);
    struct error error;
    struct cch_metric *metric;
    struct cch_query *query;
    road_ticks *out = take(graph->node_count, sizeof *out), *in = take(graph->node_count, sizeof *in);
    uint32_t best = 0;
    must(cch_metric_create(city_cch(city), graph, weights, NULL, &metric, &error), &error);
    must(cch_query_create(metric, &query, &error), &error);
    for (uint32_t attempt = 0; attempt < 20; attempt++) {
        struct road_seeds seeds = at_node((uint32_t)((uint64_t)graph->node_count * attempt / 20));
        uint32_t count = 0;
        cch_from_one_to_all(query, &seeds, out);
        cch_from_all_to_one(query, &seeds, in);
        for (uint32_t v = 0; v < graph->node_count; v++) {
            count += out[v] < ROAD_INFINITY && in[v] < ROAD_INFINITY;
        }
        for (uint32_t v = 0; v < graph->node_count && count > best; v++) {
            in_part[v] = out[v] < ROAD_INFINITY && in[v] < ROAD_INFINITY;
        }
        best = count > best ? count : best;
    }
    cch_query_destroy(query);
    cch_metric_destroy(metric);
    free(out);
    free(in);
}

static void cut_part_out(struct bench *bench, const struct city *city, const road_ticks *weights, const uint8_t *in_part)
{
    const struct road_graph *graph = city_graph(city);
    uint32_t *number = take(graph->node_count, sizeof *number), nodes = 0, arcs = 0;
    for (uint32_t v = 0; v < graph->node_count; v++) {
        number[v] = nodes;
        nodes += in_part[v];
    }
    bench->first_out = take((size_t)nodes + 1, sizeof(uint32_t));
    bench->tail = take(graph->arc_count, sizeof(uint32_t));
    bench->head = take(graph->arc_count, sizeof(uint32_t));
    bench->weights = take(graph->arc_count, sizeof(road_ticks));
    bench->lengths = take(graph->arc_count, sizeof(uint32_t));
    bench->point = take(nodes, sizeof(struct geo_point));
    for (uint32_t v = 0; v < graph->node_count; v++) {
        if (!in_part[v]) {
            continue;
        }
        bench->point[number[v]] = graph->point[v];
        bench->first_out[number[v]] = arcs;
        for (uint32_t arc = graph->first_out[v]; arc < graph->first_out[v + 1]; arc++) {
            if (weights[arc] < ROAD_INFINITY && in_part[graph->head[arc]]) {
                bench->tail[arcs] = number[v];
                bench->head[arcs] = number[graph->head[arc]];
                bench->weights[arcs] = weights[arc];
                bench->lengths[arcs++] = city_lengths_dm(city)[arc];
            }
        }
    }
    bench->first_out[nodes] = arcs;
    bench->graph = (struct road_graph){ nodes, arcs, bench->first_out, bench->tail, bench->head, bench->point };
    bench->ticks_per_second = city_ticks_per_second(city);
    free(number);
}

/* ---- printing ---- */

static void figure(const struct bench *bench, const char *what, double ms, const char *aim, const char *elsewhere)
{
    printf("  %-38s %11.4f ms %11.5f units   aim %-6s RoutingKit %s\n", what, ms, ms / bench->unit_ms, aim, elsewhere);
}

static void print_shape(const struct bench *bench, uint64_t metric_bytes)
{
    const struct cch *cch = &bench->cch;
    uint64_t triangles = 0, depth_sum = 0, climbed = 0;
    uint32_t deepest = 0, *depth = take(cch->node_count, sizeof *depth);
    uint64_t *arcs_above = take(cch->node_count, sizeof *arcs_above);
    for (uint32_t rank = cch->node_count; rank-- > 0;) {
        uint64_t degree = cch->up_first[rank + 1] - cch->up_first[rank];
        bool root = cch->parent[rank] == ROAD_NONE;
        triangles += degree * (degree - 1) / 2;
        depth[rank] = root ? 1 : depth[cch->parent[rank]] + 1;
        arcs_above[rank] = degree + (root ? 0 : arcs_above[cch->parent[rank]]);
        deepest = depth[rank] > deepest ? depth[rank] : deepest;
        depth_sum += depth[rank];
        climbed += arcs_above[rank];
    }
    double nodes = cch->node_count;
    uint64_t topology = 4 * (4 * (uint64_t)cch->node_count + 3 * (uint64_t)cch->up_arc_count) +
                        9 * (uint64_t)bench->graph.arc_count;
    printf("  up arcs %u (%.2f a node), triangles %llu (%.1f a node), tree depth %u (mean %.1f), a climb relaxes %.0f arcs\n",
           cch->up_arc_count, cch->up_arc_count / nodes, (unsigned long long)triangles, (double)triangles / nodes, deepest,
           (double)depth_sum / nodes, (double)climbed / nodes);
    printf("  bytes a node: hierarchy %.0f, one weight set %.0f\n", (double)topology / nodes, (double)metric_bytes / nodes);
    free(depth);
    free(arcs_above);
}

/* ---- figures ---- */

static void measure_unit(struct bench *bench)
{
    struct error error;
    double least = 1e300;
    must(dijkstra_create(&bench->graph, &bench->dijkstra, &error), &error);
    for (int round = 0; round < 4; round++) { /* the mean of several starts, the least of some rounds */
        struct random_stream again;
        random_open(&again, 1, 1, 0);
        double begin = now_ms();
        for (int i = 0; i < 8; i++) {
            struct road_seeds seeds = at_node((uint32_t)(random_u64(&again) % bench->graph.node_count));
            struct dijkstra_search search = { .weights = bench->weights, .from = &seeds, .limit = ROAD_INFINITY };
            must(dijkstra_run(bench->dijkstra, &search, &error), &error);
        }
        double ms = (now_ms() - begin) / 8;
        least = ms < least ? ms : least;
    }
    bench->unit_ms = least;
    printf("  one plain Dijkstra to all: %.3f ms (the unit)\n", least);
}

static double measure_preprocessing(struct bench *bench)
{
    struct error error;
    uint32_t *rank_of;
    double begin = now_ms();
    must(cch_order(&bench->graph, &rank_of, &error), &error);
    double ordered = now_ms();
    must(cch_build(&bench->graph, rank_of, &bench->cch, &error), &error);
    double built = now_ms();
    free(rank_of);
    must(cch_metric_create(&bench->cch, &bench->graph, bench->weights, NULL, &bench->metric, &error), &error);
    must(cch_query_create(bench->metric, &bench->query, &error), &error);
    print_shape(bench, cch_metric_bytes(bench->metric));
    figure(bench, "order", ordered - begin, "-", "-");
    figure(bench, "order + build", built - begin, "170", "275");
    return built - begin;
}

static double measure_customization(struct bench *bench)
{
    double least = 1e300;
    for (int i = 0; i < 10; i++) {
        double begin = now_ms();
        cch_metric_customize(bench->metric, bench->weights);
        double ms = now_ms() - begin;
        least = ms < least ? ms : least;
    }
    figure(bench, "full re-weight", least, "0.7", "1.4");
    struct error error;
    struct cch_metric *with_lengths;
    double with_ms = 1e300;
    must(cch_metric_create(&bench->cch, &bench->graph, bench->weights, bench->lengths, &with_lengths, &error), &error);
    for (int i = 0; i < 5; i++) {
        double begin = now_ms();
        cch_metric_customize(with_lengths, bench->weights);
        double ms = now_ms() - begin;
        with_ms = ms < with_ms ? ms : with_ms;
    }
    cch_metric_destroy(with_lengths);
    figure(bench, "full re-weight with lengths", with_ms, "-", "-");
    return least;
}

/* A hundred arcs anywhere become slower, are closed, or go back; the metric is as imported afterwards. */
static void measure_update(struct bench *bench)
{
    enum { ROUNDS = 20 };
    double total = 0;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t arcs[CHANGED];
        road_ticks weights[CHANGED], back[CHANGED];
        for (int i = 0; i < CHANGED; i++) {
            arcs[i] = draw(bench, bench->graph.arc_count);
            back[i] = bench->weights[arcs[i]];
            weights[i] = i % 4 == 0 ? ROAD_INFINITY : back[i] / 2 * (1 + draw(bench, 6));
        }
        double begin = now_ms();
        cch_metric_update(bench->metric, arcs, weights, CHANGED);
        cch_metric_update(bench->metric, arcs, back, CHANGED);
        total += (now_ms() - begin) / 2;
    }
    figure(bench, "100 changed arcs", total / ROUNDS, "0.3", "0.3");
}

static void measure_pairs(struct bench *bench)
{
    double begin = now_ms();
    for (int i = 0; i < PAIRS; i++) {
        bench->sum += cch_query_distance(bench->query, &bench->from[i % MANY], &bench->to[i * 7 % MANY]);
    }
    figure(bench, "one pair", (now_ms() - begin) / PAIRS, "0.002", "0.002");
    struct error error;
    struct cch_path path;
    begin = now_ms();
    for (int i = 0; i < PAIRS; i++) {
        must(cch_query_path(bench->query, &bench->from[i % MANY], &bench->to[i * 7 % MANY], &path, &error), &error);
        bench->sum += path.arc_count;
    }
    figure(bench, "one pair with its path", (now_ms() - begin) / PAIRS, "-", "-");
    struct road_seeds start = bench->from[0];
    begin = now_ms();
    for (int i = 0; i < 20; i++) {
        cch_from_one_to_all(bench->query, &start, bench->ticks);
    }
    figure(bench, "one to all", (now_ms() - begin) / 20, "-", "-");
}

static double early_stop_ms(struct bench *bench, uint32_t starts, uint32_t targets)
{
    struct error error;
    double begin = now_ms();
    for (uint32_t i = 0; i < starts; i++) {
        struct dijkstra_search search = { bench->weights, NULL, &bench->from[i], ROAD_INFINITY, bench->to_nodes, targets, 0 };
        must(dijkstra_run(bench->dijkstra, &search, &error), &error);
        bench->sum += dijkstra_ticks(bench->dijkstra, bench->to_nodes[0]);
    }
    return now_ms() - begin;
}

static void measure_many(struct bench *bench)
{
    enum { ROUNDS = 20 };
    struct error error;
    double begin = now_ms();
    for (int i = 0; i < ROUNDS; i++) {
        cch_many_to_one(bench->query, bench->from, MANY, &bench->to[i], bench->ticks);
    }
    double one_ms = (now_ms() - begin) / ROUNDS;
    double least[2] = { 1e300, 1e300 };
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2; i++) {
            uint32_t count = i == 0 ? 100 : MANY;
            begin = now_ms();
            must(cch_many_to_many(bench->query, bench->from, count, bench->to, count, bench->ticks, &error), &error);
            double ms = now_ms() - begin;
            least[i] = ms < least[i] ? ms : least[i];
        }
    }
    figure(bench, "1,000 units to one call", one_ms, "0.05", "0.09");
    figure(bench, "100 x 100", least[0], "0.35", "0.67");
    figure(bench, "1,000 x 1,000", least[1], "5", "21");
    printf("  ratios to Dijkstra with early stop: 1 x 1,000 %.1f, 100 x 100 %.0f, 1,000 x 1,000 %.0f (from 50 of its rows)\n",
           early_stop_ms(bench, 10, MANY) / 10 / one_ms, early_stop_ms(bench, 100, 100) / least[0],
           early_stop_ms(bench, 50, MANY) * (MANY / 50) / least[1]);
}

static void measure_isochrone(struct bench *bench)
{
    struct error error;
    double begin = now_ms();
    for (int i = 0; i < 20; i++) {
        struct dijkstra_search search = { .weights = bench->weights,
                                          .from = &bench->from[i],
                                          .limit = 480 * bench->ticks_per_second };
        must(dijkstra_run(bench->dijkstra, &search, &error), &error);
    }
    figure(bench, "8-minute isochrone search", (now_ms() - begin) / 20, "0.04", "0.04");
}

static void measure_labels(struct bench *bench)
{
    struct error error;
    struct cch_labels *labels;
    uint32_t nodes = bench->graph.node_count;
    uint32_t *ends = take(2 * LABEL_PAIRS, sizeof *ends);
    double begin = now_ms();
    must(cch_labels_create(bench->metric, &labels, &error), &error);
    figure(bench, "labels of all nodes", now_ms() - begin, "-", "-");
    for (int i = 0; i < 2 * LABEL_PAIRS; i++) {
        ends[i] = draw(bench, nodes);
    }
    begin = now_ms();
    for (int i = 0; i < LABEL_PAIRS; i++) {
        bench->sum += cch_labels_distance(labels, ends[2 * i], ends[2 * i + 1]);
    }
    double pair_ms = (now_ms() - begin) / LABEL_PAIRS;
    begin = now_ms();
    for (int i = 0; i + MANY <= LABEL_PAIRS; i += MANY) {
        cch_labels_to(labels, ends + i, MANY, ends[2 * LABEL_PAIRS - 1 - i], bench->ticks);
    }
    double fixed_ms = (now_ms() - begin) / (LABEL_PAIRS / MANY * MANY);
    figure(bench, "one pair by labels", pair_ms, "-", "-");
    printf("  labels: %.0f ns a random pair, %.0f ns with one end fixed, %.1f MB (%.0f bytes a node)\n", pair_ms * 1e6,
           fixed_ms * 1e6, (double)cch_labels_bytes(labels) / 1e6, (double)cch_labels_bytes(labels) / nodes);
    cch_labels_destroy(labels);
    free(ends);
}

static void bench_city(const char *name, const struct city *city)
{
    struct bench *bench = take(1, sizeof *bench);
    uint8_t *in_part = take(city_graph(city)->node_count, 1);
    random_open(&bench->stream, 1, 0, 0);
    find_part(city, city_weights(city, ROAD_EMERGENCY), in_part);
    cut_part_out(bench, city, city_weights(city, ROAD_EMERGENCY), in_part);
    bench->ticks = take((size_t)MANY * MANY > bench->graph.node_count ? (size_t)MANY * MANY : bench->graph.node_count,
                        sizeof(road_ticks));
    for (int i = 0; i < MANY; i++) {
        bench->from[i] = at_node(draw(bench, bench->graph.node_count));
        bench->to_nodes[i] = draw(bench, bench->graph.node_count);
        bench->to[i] = at_node(bench->to_nodes[i]);
    }
    printf("%s: %u nodes, %u arcs\n", name, bench->graph.node_count, bench->graph.arc_count);
    measure_unit(bench);
    double preprocessing_ms = measure_preprocessing(bench);
    double customize_ms = measure_customization(bench);
    measure_update(bench);
    measure_pairs(bench);
    measure_many(bench);
    measure_isochrone(bench);
    measure_labels(bench);
    printf("  ratio of order + build to a full re-weight: %.0f   (sum of answers %llx)\n\n", preprocessing_ms / customize_ms,
           (unsigned long long)bench->sum);
    cch_query_destroy(bench->query);
    cch_metric_destroy(bench->metric);
    cch_free(&bench->cch);
    dijkstra_destroy(bench->dijkstra);
    void *arrays[] = { bench->first_out, bench->tail,  bench->head, bench->point, bench->weights,
                       bench->lengths,   bench->ticks, in_part,     bench };
    for (size_t i = 0; i < ARRAY_LENGTH(arrays); i++) {
        free(arrays[i]);
    }
}

/* ---- cities ---- */

static void bench_file(const char *name, const char *path)
{
    struct error error;
    struct city *city;
    must(city_open(path, &city, &error), &error);
    bench_city(name, city);
    city_close(city);
}

/* False when the data is not there. */
static bool bench_source(const struct source *source)
{
    struct error error;
    char folder[] = "/tmp/mingdi-bench-XXXXXX";
    char *from = file_join(test_data_folder(), source->path);
    bool there = file_exists(from);
    if (there && mkdtemp(folder) != NULL) {
        char *target = file_join(folder, "bench.city");
        const struct import_options options = { .osm = source->arcs ? NULL : from,
                                                .arcs = source->arcs ? from : NULL,
                                                .output = target };
        must(import_city(&options, &error), &error);
        bench_file(source->name, target);
        unlink(target);
        rmdir(folder);
        free(target);
    }
    free(from);
    return there;
}

int main(int count, char **names)
{
    bool any = false;
    for (int i = 1; i < count; i++) {
        size_t s = 0;
        while (s < ARRAY_LENGTH(SOURCES) && strcmp(SOURCES[s].name, names[i]) != 0) {
            s++;
        }
        if (s == ARRAY_LENGTH(SOURCES)) {
            bench_file(names[i], names[i]);
        } else if (!bench_source(&SOURCES[s])) {
            fprintf(stderr, "bench_road: %s is not in %s\n", names[i], test_data_folder());
            return EXIT_FAILURE;
        }
    }
    for (size_t s = 0; s < ARRAY_LENGTH(SOURCES) && count == 1; s++) {
        any |= bench_source(&SOURCES[s]);
    }
    if (count == 1 && !any) {
        printf("bench_road: skipped, no cities in MINGDI_DATA\n");
    }
    return EXIT_SUCCESS;
}
