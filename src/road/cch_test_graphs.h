/* Graphs for the tests of the contraction hierarchy: random ones, grids, and the arc CSV models of MINGDI_DATA. Test code only.
 */
#ifndef MINGDI_ROAD_CCH_TEST_GRAPHS_H
#define MINGDI_ROAD_CCH_TEST_GRAPHS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/random.h"
#include "road/graph.h"

struct test_graph {
    struct road_graph graph;
    road_ticks *weights;
    uint32_t *lengths;
    void *owned[4];
};

struct test_arc {
    uint32_t tail, head;
    road_ticks weight;
    uint32_t length;
};

static inline uint32_t draw(struct random_stream *stream, uint32_t below) { return (uint32_t)(random_u64(stream) % below); }

/* Takes over points; the arcs may come in any order. */
static inline struct test_graph test_graph_make(uint32_t node_count, struct geo_point *points, const struct test_arc *arcs,
                                                uint32_t arc_count)
{
    uint32_t *first = calloc((size_t)node_count + 2, sizeof *first);
    uint32_t *tail = malloc(((size_t)arc_count + 1) * sizeof *tail), *head = malloc(((size_t)arc_count + 1) * sizeof *head);
    struct test_graph made = { .weights = malloc(((size_t)arc_count + 1) * sizeof *made.weights),
                               .lengths = malloc(((size_t)arc_count + 1) * sizeof *made.lengths) };
    if (first == NULL || tail == NULL || head == NULL || made.weights == NULL || made.lengths == NULL) {
        abort();
    }
    for (uint32_t a = 0; a < arc_count; a++) {
        first[arcs[a].tail + 2]++;
    }
    for (uint32_t v = 0; v < node_count; v++) {
        first[v + 2] += first[v + 1];
    }
    for (uint32_t a = 0; a < arc_count; a++) {
        uint32_t at = first[arcs[a].tail + 1]++;
        tail[at] = arcs[a].tail;
        head[at] = arcs[a].head;
        made.weights[at] = arcs[a].weight;
        made.lengths[at] = arcs[a].length;
    }
    made.graph = (struct road_graph){ node_count, arc_count, first, tail, head, points };
    made.owned[0] = first;
    made.owned[1] = tail;
    made.owned[2] = head;
    made.owned[3] = points;
    return made;
}

static inline void test_graph_free(struct test_graph *made)
{
    for (int i = 0; i < 4; i++) {
        free(made->owned[i]);
    }
    free(made->weights);
    free(made->lengths);
}

static inline struct geo_point *test_points(struct random_stream *stream, uint32_t count, bool all_equal)
{
    struct geo_point *points = malloc(((size_t)count + 1) * sizeof *points);
    if (points == NULL) {
        abort();
    }
    for (uint32_t v = 0; v < count; v++) {
        points[v] = all_equal ? (struct geo_point){ 10, 20 }
                              : (struct geo_point){ (int32_t)draw(stream, 1000000), (int32_t)draw(stream, 1000000) };
    }
    return points;
}

static inline road_ticks test_weight(struct random_stream *stream)
{
    switch (draw(stream, 8)) {
    case 0: return 0;
    case 1: return ROAD_INFINITY;
    case 2: return draw(stream, 100) == 0 ? ROAD_INFINITY - 1 : draw(stream, 1000000);
    default: return draw(stream, 20); /* many ties */
    }
}

/* Any directed multigraph: parallel arcs, self-loops, separate parts. */
static inline struct test_graph random_graph(struct random_stream *stream, uint32_t node_count, uint32_t arc_count)
{
    struct test_arc *arcs = malloc(((size_t)arc_count + 1) * sizeof *arcs);
    for (uint32_t a = 0; arcs != NULL && a < arc_count; a++) {
        arcs[a] = (struct test_arc){ draw(stream, node_count), draw(stream, node_count), test_weight(stream), draw(stream, 50) };
    }
    struct test_graph made = test_graph_make(node_count, test_points(stream, node_count, draw(stream, 3) == 0), arcs, arc_count);
    free(arcs);
    return made;
}

/* A grid of streets, some of them one-way or missing, with cul-de-sacs hung on it. */
static inline struct test_graph grid_graph(struct random_stream *stream, uint32_t columns, uint32_t rows)
{
    uint32_t crossings = columns * rows, count = crossings + crossings / 2, used = 0;
    struct geo_point *points = malloc(count * sizeof *points);
    struct test_arc *arcs = malloc((size_t)count * 5 * sizeof *arcs);
    if (points == NULL || arcs == NULL) {
        abort();
    }
    for (uint32_t v = 0; v < count; v++) {
        uint32_t column = v % columns, row = v / columns;
        points[v] = (struct geo_point){ (int32_t)(9000 * column - 4500 * row), (int32_t)(4500 * column + 9000 * row) };
        uint32_t others[2] = { v + 1, v + columns };
        for (int i = 0; i < 2 && v < crossings; i++) {
            bool there = i == 0 ? column + 1 < columns : row + 1 < rows;
            if (there && draw(stream, 10) != 0) {
                arcs[used++] = (struct test_arc){ v, others[i], draw(stream, 30), draw(stream, 30) };
                if (draw(stream, 4) != 0) {
                    arcs[used++] = (struct test_arc){ others[i], v, draw(stream, 30), draw(stream, 30) };
                }
            }
        }
        if (v >= crossings) {
            uint32_t at = draw(stream, v);
            points[v] = (struct geo_point){ points[at].lon_e7 + 100, points[at].lat_e7 + 50 };
            arcs[used++] = (struct test_arc){ v, at, draw(stream, 30), draw(stream, 30) };
            arcs[used++] = (struct test_arc){ at, v, draw(stream, 30), draw(stream, 30) };
        }
    }
    struct test_graph made = test_graph_make(count, points, arcs, used);
    free(arcs);
    return made;
}

#endif
