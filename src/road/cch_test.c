/* The contraction hierarchy against Dijkstra: every pair of many small graphs, samples of larger ones; partial updates against
 * full customizations; labels and matrices against single queries; damaged hierarchies. */
#include "road/cch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "road/cch_kernels.h"
#include "road/cch_private.h"
#include "road/cch_test_graphs.h"
#include "road/dijkstra.h"

static struct road_seeds at_node(uint32_t node) { return (struct road_seeds){ 1, { { node, 0 } } }; }

static void order_at_random(struct random_stream *stream, uint32_t count, uint32_t *rank_of)
{
    for (uint32_t v = 0; v < count; v++) {
        uint32_t other = draw(stream, v + 1);
        rank_of[v] = rank_of[other];
        rank_of[other] = v;
    }
}

static struct cch build(const struct road_graph *graph, struct random_stream *random_order)
{
    struct error error;
    uint32_t *rank_of = NULL;
    struct cch cch;
    if (random_order != NULL) {
        rank_of = malloc(((size_t)graph->node_count + 1) * sizeof *rank_of);
        assert_non_null(rank_of);
        order_at_random(random_order, graph->node_count, rank_of);
    } else {
        assert_int_equal(cch_order(graph, &rank_of, &error), STATUS_OK);
    }
    assert_int_equal(cch_build(graph, rank_of, &cch, &error), STATUS_OK);
    assert_int_equal(cch_check(&cch, graph, &error), STATUS_OK);
    free(rank_of);
    return cch;
}

static struct road_seeds random_seeds(struct random_stream *stream, uint32_t node_count)
{
    struct road_seeds seeds = { .count = draw(stream, 4) };
    for (uint32_t i = 0; i < seeds.count; i++) {
        seeds.seed[i] = (struct road_seed){ draw(stream, node_count), draw(stream, 20) == 0 ? ROAD_INFINITY : draw(stream, 25) };
    }
    return seeds;
}

static uint64_t seed_at(const struct road_seeds *seeds, uint32_t node)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < seeds->count; i++) {
        if (seeds->seed[i].node == node && seeds->seed[i].ticks < least) {
            least = seeds->seed[i].ticks;
        }
    }
    return least;
}

/* The path hangs together, and seeds and arcs add up to its ticks. */
static void check_path(struct cch_query *query, const struct test_graph *made, const struct road_seeds *from,
                       const struct road_seeds *to, road_ticks expected)
{
    struct error error;
    struct cch_path path;
    assert_int_equal(cch_query_path(query, from, to, &path, &error), STATUS_OK);
    assert_int_equal(path.ticks, expected);
    if (expected == ROAD_INFINITY) {
        assert_int_equal(path.arc_count, 0);
        return;
    }
    uint64_t sum = seed_at(from, path.from_node) + seed_at(to, path.to_node);
    uint32_t at = path.from_node;
    for (uint32_t i = 0; i < path.arc_count; i++) {
        assert_int_equal(made->graph.tail[path.arcs[i]], at);
        at = made->graph.head[path.arcs[i]];
        sum += made->weights[path.arcs[i]];
    }
    assert_int_equal(at, path.to_node);
    assert_int_equal(sum, expected);
}

/* Everything that one metric can be asked, from one node to all. */
static void check_from(struct cch_query *query, const struct cch_labels *labels, struct dijkstra *dijkstra,
                       const struct test_graph *made, uint32_t from, bool with_lengths)
{
    struct error error;
    uint32_t count = made->graph.node_count;
    struct road_seeds start = at_node(from);
    struct dijkstra_search search = { made->weights, with_lengths ? made->lengths : NULL, &start, ROAD_INFINITY, NULL, 0, 0 };
    road_ticks *all = malloc(count * sizeof *all);
    assert_int_equal(dijkstra_run(dijkstra, &search, &error), STATUS_OK);
    cch_from_one_to_all(query, &start, all);
    for (uint32_t to = 0; to < count; to++) {
        struct road_seeds end = at_node(to);
        road_ticks expected = dijkstra_ticks(dijkstra, to);
        assert_int_equal(all[to], expected);
        assert_int_equal(cch_query_distance(query, &start, &end), expected);
        assert_int_equal(cch_labels_distance(labels, from, to), expected);
        check_path(query, made, &start, &end, expected);
        if (with_lengths) {
            uint32_t length;
            assert_int_equal(cch_labels_distance_and_length(labels, from, to, &length), expected);
            assert_int_equal(length, expected == ROAD_INFINITY ? 0 : dijkstra_length_dm(dijkstra, to));
        }
    }
    free(all);
}

/* Random seeds on both sides; all matrix forms and labels agree with Dijkstra. */
static void check_matrix(struct cch_query *query, const struct cch_labels *labels, struct dijkstra *dijkstra,
                         const struct test_graph *made, struct random_stream *stream)
{
    enum { FROM = 19, TO = 11 };
    struct error error;
    struct road_seeds from[FROM], to[TO];
    road_ticks matrix[FROM * TO], row[TO], column[FROM], ticks[TO];
    uint32_t count = made->graph.node_count;
    for (int i = 0; i < FROM; i++) {
        from[i] = random_seeds(stream, count);
    }
    for (int j = 0; j < TO; j++) {
        to[j] = random_seeds(stream, count);
    }
    assert_int_equal(cch_many_to_many(query, from, FROM, to, TO, matrix, &error), STATUS_OK);
    for (int i = 0; i < FROM; i++) {
        struct dijkstra_search search = { made->weights, NULL, &from[i], ROAD_INFINITY, NULL, 0, 0 };
        assert_int_equal(dijkstra_run(dijkstra, &search, &error), STATUS_OK);
        cch_one_to_many(query, &from[i], to, TO, row);
        for (int j = 0; j < TO; j++) {
            ticks[j] = ROAD_INFINITY;
            for (uint32_t s = 0; s < to[j].count; s++) {
                uint64_t sum = (uint64_t)dijkstra_ticks(dijkstra, to[j].seed[s].node) + to[j].seed[s].ticks;
                ticks[j] = sum < ticks[j] ? (road_ticks)sum : ticks[j];
            }
            assert_int_equal(matrix[i * TO + j], ticks[j]);
            assert_int_equal(row[j], ticks[j]);
            assert_int_equal(cch_query_distance(query, &from[i], &to[j]), ticks[j]);
            assert_int_equal(cch_labels_seeds(labels, &from[i], &to[j]), ticks[j]);
            check_path(query, made, &from[i], &to[j], ticks[j]);
        }
    }
    for (int j = 0; j < TO; j++) {
        cch_many_to_one(query, from, FROM, &to[j], column);
        for (int i = 0; i < FROM; i++) {
            assert_int_equal(column[i], matrix[i * TO + j]);
        }
    }
}

static void check_graph(const struct test_graph *made, struct random_stream *stream, bool random_order, uint32_t starts)
{
    struct error error;
    struct cch cch = build(&made->graph, random_order ? stream : NULL);
    struct dijkstra *dijkstra;
    assert_int_equal(dijkstra_create(&made->graph, &dijkstra, &error), STATUS_OK);
    for (int with_lengths = 0; with_lengths < 2; with_lengths++) {
        struct cch_metric *metric;
        struct cch_query *query;
        struct cch_labels *labels;
        const uint32_t *lengths = with_lengths ? made->lengths : NULL;
        assert_int_equal(cch_metric_create(&cch, &made->graph, made->weights, lengths, &metric, &error), STATUS_OK);
        assert_int_equal(cch_query_create(metric, &query, &error), STATUS_OK);
        if (random_order) {
            uint32_t *nodes = malloc(made->graph.node_count * sizeof *nodes);
            for (uint32_t v = 0; v < made->graph.node_count; v++) {
                nodes[v] = v;
            }
            assert_int_equal(cch_labels_create_for(metric, nodes, made->graph.node_count, &labels, &error), STATUS_OK);
            free(nodes);
        } else {
            assert_int_equal(cch_labels_create(metric, &labels, &error), STATUS_OK);
        }
        for (uint32_t i = 0; i < starts; i++) {
            uint32_t from = starts >= made->graph.node_count ? i % made->graph.node_count : draw(stream, made->graph.node_count);
            check_from(query, labels, dijkstra, made, from, with_lengths);
        }
        check_matrix(query, labels, dijkstra, made, stream);
        cch_labels_destroy(labels);
        cch_query_destroy(query);
        cch_metric_destroy(metric);
    }
    dijkstra_destroy(dijkstra);
    cch_free(&cch);
}

static void all_pairs_of_small_graphs(void **state)
{
    (void)state;
    struct random_stream stream;
    random_open(&stream, 1, 0, 0);
    for (int i = 0; i < 300; i++) {
        uint32_t nodes = 1 + draw(&stream, i < 250 ? 12 : 120);
        struct test_graph made = random_graph(&stream, nodes, draw(&stream, nodes * 4));
        check_graph(&made, &stream, i % 2 == 0, nodes);
        test_graph_free(&made);
    }
}

static void pairs_of_grids(void **state)
{
    (void)state;
    struct random_stream stream;
    random_open(&stream, 2, 0, 0);
    for (uint32_t side = 3; side < 60; side += 14) {
        struct test_graph made = grid_graph(&stream, side, side + 5);
        check_graph(&made, &stream, false, 6);
        test_graph_free(&made);
    }
}

static void assert_same_metric(const struct cch_metric *a, const struct cch_metric *b)
{
    for (uint32_t u = 0; u < a->cch->up_arc_count; u++) {
        assert_int_equal(a->up[u], b->up[u]);
        assert_int_equal(a->down[u], b->down[u]);
        if (a->lengths != NULL) {
            assert_int_equal(a->up_length[u], b->up_length[u]);
            assert_int_equal(a->down_length[u], b->down_length[u]);
        }
    }
}

/* Closures, re-openings, changes up and down, whole streets at a time: after each the metric is that of a full customization. */
static void check_updates(const struct test_graph *made, struct random_stream *stream, bool with_lengths, int steps,
                          uint32_t most)
{
    struct error error;
    struct cch cch = build(&made->graph, NULL);
    struct cch_metric *partial, *full;
    const uint32_t *lengths = with_lengths ? made->lengths : NULL;
    assert_int_equal(cch_metric_create(&cch, &made->graph, made->weights, lengths, &partial, &error), STATUS_OK);
    assert_int_equal(cch_metric_create(&cch, &made->graph, made->weights, lengths, &full, &error), STATUS_OK);
    road_ticks *weights = malloc(made->graph.arc_count * sizeof *weights);
    memcpy(weights, made->weights, made->graph.arc_count * sizeof *weights);
    for (int step = 0; step < steps; step++) {
        uint32_t arcs[64], count = draw(stream, most);
        road_ticks changed[64];
        for (uint32_t i = 0; i < count; i++) {
            arcs[i] = draw(stream, made->graph.arc_count);
            switch (draw(stream, 4)) {
            case 0: changed[i] = ROAD_INFINITY; break;
            case 1: changed[i] = made->weights[arcs[i]]; break;
            case 2: changed[i] = weights[arcs[i]] / 2; break;
            default: changed[i] = test_weight(stream); break;
            }
            weights[arcs[i]] = changed[i];
        }
        cch_metric_update(partial, arcs, changed, count);
        cch_metric_customize(full, weights);
        assert_memory_equal(cch_metric_weights(partial), weights, made->graph.arc_count * sizeof *weights);
        assert_same_metric(partial, full);
    }
    free(weights);
    cch_metric_destroy(partial);
    cch_metric_destroy(full);
    cch_free(&cch);
}

static void partial_equals_full(void **state)
{
    (void)state;
    struct random_stream stream;
    random_open(&stream, 3, 0, 0);
    for (int i = 0; i < 20; i++) {
        struct test_graph made = i % 2 == 0 ? random_graph(&stream, 60, 170) : grid_graph(&stream, 15, 12);
        check_updates(&made, &stream, i % 4 >= 2, 40, 64);
        check_updates(&made, &stream, i % 4 >= 2, 200, 4); /* so few that most do not fall back on a full one */
        test_graph_free(&made);
    }
    struct test_graph large = grid_graph(&stream, 60, 50);
    check_updates(&large, &stream, false, 100, 30);
    check_updates(&large, &stream, true, 100, 30);
    test_graph_free(&large);
}

static void order_is_small_on_a_grid(void **state)
{
    (void)state;
    struct random_stream stream;
    random_open(&stream, 4, 0, 0);
    struct test_graph made = grid_graph(&stream, 60, 60);
    struct cch nested = build(&made.graph, NULL), random_one = build(&made.graph, &stream);
    /* A 60 x 60 grid has separators of 60 nodes: 31 n log2(n) / 4 up arcs bound George's dissection; a random order has many
     * times more than ours. */
    assert_true(nested.up_arc_count < 31 * 3600 * 12 / 4 / 6);
    assert_true(random_one.up_arc_count > 3 * nested.up_arc_count);
    cch_free(&nested);
    cch_free(&random_one);
    test_graph_free(&made);
}

static void order_is_the_same_each_time(void **state)
{
    (void)state;
    struct random_stream stream;
    struct error error;
    random_open(&stream, 5, 0, 0);
    struct test_graph made = grid_graph(&stream, 40, 30);
    uint32_t *first, *second;
    assert_int_equal(cch_order(&made.graph, &first, &error), STATUS_OK);
    assert_int_equal(cch_order(&made.graph, &second, &error), STATUS_OK);
    assert_memory_equal(first, second, made.graph.node_count * sizeof *first);
    free(first);
    free(second);
    test_graph_free(&made);
}

/* One random number of one array changed: the check refuses, or the hierarchy is as good as before (a mere relabelling cannot
 * happen with one change, so every change must be refused). */
static void check_refuses_damage(void **state)
{
    (void)state;
    struct random_stream stream;
    struct error error;
    random_open(&stream, 6, 0, 0);
    struct test_graph made = grid_graph(&stream, 9, 8);
    struct cch cch = build(&made.graph, NULL);
    struct {
        const uint32_t *array;
        uint32_t count;
    } arrays[] = { { cch.rank_of, cch.node_count },         { cch.node_at, cch.node_count },
                   { cch.up_first, cch.node_count + 1 },    { cch.up_head, cch.up_arc_count },
                   { cch.up_tail, cch.up_arc_count },       { cch.parent, cch.node_count },
                   { cch.arc_up, made.graph.arc_count },    { cch.input_first, cch.up_arc_count + 1 },
                   { cch.input_list, made.graph.arc_count } };
    for (int i = 0; i < 3000; i++) {
        uint32_t which = draw(&stream, 9);
        uint32_t used = which == 8 ? cch.input_first[cch.up_arc_count] : arrays[which].count;
        uint32_t *target = (uint32_t *)(uintptr_t)&arrays[which].array[draw(&stream, used)], before = *target;
        uint32_t values[] = { draw(&stream, cch.node_count), ROAD_NONE, before + 1, before - 1, (uint32_t)random_u64(&stream) };
        *target = values[draw(&stream, 5)];
        if (*target != before) {
            assert_int_equal(cch_check(&cch, &made.graph, &error), STATUS_CORRUPT);
        }
        *target = before;
    }
    uint8_t *direction = (uint8_t *)(uintptr_t)cch.arc_is_upward;
    for (uint32_t arc = 0; arc < made.graph.arc_count; arc += 7) {
        uint8_t before = direction[arc];
        direction[arc] = draw(&stream, 2) == 0 ? !before : 2;
        assert_int_equal(cch_check(&cch, &made.graph, &error), STATUS_CORRUPT);
        direction[arc] = before;
    }
    assert_int_equal(cch_check(&cch, &made.graph, &error), STATUS_OK);
    cch_free(&cch);
    test_graph_free(&made);
}

static void build_refuses_what_is_no_permutation(void **state)
{
    (void)state;
    struct random_stream stream;
    struct error error;
    struct cch cch;
    random_open(&stream, 7, 0, 0);
    struct test_graph made = random_graph(&stream, 5, 8);
    assert_int_equal(cch_build(&made.graph, (uint32_t[]){ 0, 1, 2, 2, 4 }, &cch, &error), STATUS_CORRUPT);
    assert_int_equal(cch_build(&made.graph, (uint32_t[]){ 0, 1, 2, 3, 5 }, &cch, &error), STATUS_CORRUPT);
    test_graph_free(&made);
}

static void empty_graph(void **state)
{
    (void)state;
    struct error error;
    struct test_graph made = test_graph_make(0, NULL, NULL, 0);
    struct cch cch = build(&made.graph, NULL);
    struct cch_metric *metric;
    struct cch_labels *labels;
    assert_int_equal(cch_metric_create(&cch, &made.graph, made.weights, NULL, &metric, &error), STATUS_OK);
    assert_int_equal(cch_labels_create(metric, &labels, &error), STATUS_OK);
    cch_metric_customize(metric, made.weights);
    cch_labels_destroy(labels);
    cch_metric_destroy(metric);
    cch_free(&cch);
    test_graph_free(&made);
}

/* A clique cannot be cut and a long path must not become a deep tree. */
static void awkward_shapes(void **state)
{
    (void)state;
    enum { CLIQUE = 70, PATH = 5000 };
    struct random_stream stream;
    random_open(&stream, 8, 0, 0);
    struct test_arc *arcs = malloc(PATH * 2 * sizeof *arcs);
    uint32_t used = 0;
    for (uint32_t a = 0; a < CLIQUE; a++) {
        for (uint32_t b = 0; b < a; b++) {
            arcs[used++] = (struct test_arc){ a, b, 1 + draw(&stream, 50), 1 };
        }
    }
    struct test_graph made = test_graph_make(CLIQUE, test_points(&stream, CLIQUE, false), arcs, used);
    check_graph(&made, &stream, false, 5);
    test_graph_free(&made);
    for (used = 0; used < PATH; used++) { /* a ring, so that nothing is a leaf */
        arcs[used] = (struct test_arc){ used, (used + 1) % PATH, 1 + draw(&stream, 50), 1 };
    }
    made = test_graph_make(PATH, test_points(&stream, PATH, true), arcs, used);
    struct cch cch = build(&made.graph, NULL);
    uint32_t depth = 0;
    for (uint32_t rank = 0; cch.parent[rank] != ROAD_NONE; rank = cch.parent[rank]) {
        depth++;
    }
    assert_true(depth < 40);
    cch_free(&cch);
    check_graph(&made, &stream, false, 1);
    test_graph_free(&made);
    free(arcs);
}

static void kernels_agree(void **state)
{
    (void)state;
    enum { COUNT = 64 };
    const struct cch_kernels *fast = cch_kernels(), *plain = cch_kernels_plain();
    struct random_stream stream;
    random_open(&stream, 9, 0, 0);
    for (int i = 0; i < 500; i++) {
        uint32_t a[COUNT], b[COUNT], c[COUNT], d[COUNT], other_c[COUNT], other_d[COUNT], count = draw(&stream, COUNT + 1);
        for (int j = 0; j < COUNT; j++) {
            a[j] = cch_min(test_weight(&stream), ROAD_INFINITY);
            c[j] = other_c[j] = test_weight(&stream);
            b[j] = draw(&stream, 30);
            d[j] = other_d[j] = draw(&stream, 30);
        }
        road_ticks weight = draw(&stream, 20);
        assert_int_equal(fast->min_sum(a, c, count), plain->min_sum(a, c, count));
        fast->relax_row_lengths(c, d, a, b, weight, 5, count);
        plain->relax_row_lengths(other_c, other_d, a, b, weight, 5, count);
        fast->relax_row(c, a, weight / 2, count);
        plain->relax_row(other_c, a, weight / 2, count);
        assert_memory_equal(c, other_c, sizeof c);
        assert_memory_equal(d, other_d, sizeof d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_pairs_of_small_graphs),
        cmocka_unit_test(pairs_of_grids),
        cmocka_unit_test(partial_equals_full),
        cmocka_unit_test(order_is_small_on_a_grid),
        cmocka_unit_test(order_is_the_same_each_time),
        cmocka_unit_test(check_refuses_damage),
        cmocka_unit_test(build_refuses_what_is_no_permutation),
        cmocka_unit_test(empty_graph),
        cmocka_unit_test(awkward_shapes),
        cmocka_unit_test(kernels_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
