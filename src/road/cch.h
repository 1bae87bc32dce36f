/* Customizable contraction hierarchy (Dibbelt, Strasser, Wagner: "Customizable Contraction Hierarchies", ACM JEA 2016).
 *
 * Four objects by how often they change:
 *   cch          order and topology, from the graph alone, once a city; flat arrays that the city file holds as they are
 *   cch_metric   a weight set customized on it: emergency, normal, foot, tonight's closures; partial updates
 *   cch_labels   for a metric that many questions are asked of: each node's distances to its ancestors in the elimination
 *                tree, so that a pair costs one pass over two short arrays
 *   cch_query    scratch memory of one thread
 * A cch outlives its metrics, a metric its labels. Metrics and labels may be read by many threads; updates need quiet.
 *
 * Everything is exact: equal to Dijkstra (dijkstra.h) on the same weights, for every pair. */
#ifndef MINGDI_ROAD_CCH_H
#define MINGDI_ROAD_CCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "road/graph.h"

/* Flat arrays, borrowed: from cch_build (then cch_free releases them) or from a city file's map.
 * "Rank space": nodes renumbered by contraction order; rank node_count-1 is the top. */
struct cch {
    uint32_t node_count, up_arc_count;
    const uint32_t *rank_of;  /* node_count: node -> rank */
    const uint32_t *node_at;  /* node_count: rank -> node */
    const uint32_t *up_first; /* node_count + 1: upward arcs of each rank, sorted by head */
    const uint32_t *up_head;  /* up_arc_count: rank of the higher end */
    const uint32_t *up_tail;  /* up_arc_count: rank of the lower end */
    /* Ranks are in post-order of the elimination tree: each subtree is a run of ranks that ends in its root. */
    const uint32_t *parent;       /* node_count: lowest higher neighbour in the elimination tree, ROAD_NONE for a root */
    const uint32_t *arc_up;       /* graph arc_count: the up arc that graph arc a projects to (self-loops: ROAD_NONE) */
    const uint8_t *arc_is_upward; /* graph arc_count: 1 if tail has the lower rank */
    /* input arcs of each up arc, for partial updates: list[first[u] .. first[u+1]) */
    const uint32_t *input_first; /* up_arc_count + 1 */
    const uint32_t *input_list;
    void *owned; /* NULL when borrowed */
};

/* A nested-dissection order from the geometry and the graph (order.c): rank_of[node], freshly allocated; caller frees. The cch
 * built from it renumbers the ranks into post-order, which gives the same hierarchy. */
enum status cch_order(const struct road_graph *graph, uint32_t **rank_of, struct error *error) MUST_USE;
enum status cch_build(const struct road_graph *graph, const uint32_t *rank_of, struct cch *cch, struct error *error) MUST_USE;
void cch_free(struct cch *cch);
/* A cch read from a file is checked before use: sizes, ranges, permutation, sortedness. */
enum status cch_check(const struct cch *cch, const struct road_graph *graph, struct error *error) MUST_USE;

/* ---- metric ---- */
struct cch_metric; /* keeps its own copy of the weights */
/* lengths_dm may be NULL; with it, every path answer can also tell its length. */
enum status cch_metric_create(const struct cch *cch, const struct road_graph *graph, const road_ticks *weights,
                              const uint32_t *lengths_dm, struct cch_metric **metric, struct error *error) MUST_USE;
void cch_metric_destroy(struct cch_metric *metric);
/* All weights anew. */
void cch_metric_customize(struct cch_metric *metric, const road_ticks *weights);
/* The listed arcs get new weights (closures: ROAD_INFINITY); result equals a full customization, weight for weight. */
void cch_metric_update(struct cch_metric *metric, const uint32_t *arcs, const road_ticks *weights, uint32_t count);
const road_ticks *cch_metric_weights(const struct cch_metric *metric); /* of the graph arcs, as they are now */
uint64_t cch_metric_bytes(const struct cch_metric *metric);

/* ---- queries: one thread each ---- */
struct cch_query;
enum status cch_query_create(const struct cch_metric *metric, struct cch_query **query, struct error *error) MUST_USE;
void cch_query_destroy(struct cch_query *query);
road_ticks cch_query_distance(struct cch_query *query, const struct road_seeds *from, const struct road_seeds *to);
/* The quickest path itself. Of several equally quick ones the shortest if the metric has lengths. */
struct cch_path {
    road_ticks ticks;            /* ROAD_INFINITY when unreachable; then there is nothing else */
    uint32_t from_node, to_node; /* nodes of the two seeds that were used */
    uint32_t arc_count;          /* 0 when one node is both */
    const uint32_t *arcs;        /* graph arcs in driving order; the query's, until its next path */
};
/* The weights of the arcs and the ticks of the two seeds add up to path->ticks exactly. Fails only for want of memory. */
enum status cch_query_path(struct cch_query *query, const struct road_seeds *from, const struct road_seeds *to,
                           struct cch_path *path, struct error *error) MUST_USE;

/* One end fixed: ticks[to_count], ticks[from_count]. No allocation. */
void cch_one_to_many(struct cch_query *query, const struct road_seeds *from, const struct road_seeds *to, uint32_t to_count,
                     road_ticks *ticks);
void cch_many_to_one(struct cch_query *query, const struct road_seeds *from, uint32_t from_count, const struct road_seeds *to,
                     road_ticks *ticks);
/* ticks is row-major [from][to]. Sweeps carry 16 starts at a time. */
enum status cch_many_to_many(struct cch_query *query, const struct road_seeds *from, uint32_t from_count,
                             const struct road_seeds *to, uint32_t to_count, road_ticks *ticks, struct error *error) MUST_USE;
/* To (or from) every node of the graph: ticks[node_count]. */
void cch_from_one_to_all(struct cch_query *query, const struct road_seeds *from, road_ticks *ticks);
void cch_from_all_to_one(struct cch_query *query, const struct road_seeds *to, road_ticks *ticks);

/* ---- labels ---- */
struct cch_labels;
enum status cch_labels_create(const struct cch_metric *metric, struct cch_labels **labels, struct error *error) MUST_USE;
/* Labels of the given graph nodes only (doubles allowed); no others may be asked about. For a matrix between known places. */
enum status cch_labels_create_for(const struct cch_metric *metric, const uint32_t *nodes, uint32_t count,
                                  struct cch_labels **labels, struct error *error) MUST_USE;
void cch_labels_destroy(struct cch_labels *labels);
uint64_t cch_labels_bytes(const struct cch_labels *labels);
road_ticks cch_labels_distance(const struct cch_labels *labels, uint32_t from, uint32_t to); /* graph nodes */
/* From count nodes to one, ticks[count]. */
void cch_labels_to(const struct cch_labels *labels, const uint32_t *from, uint32_t count, uint32_t to, road_ticks *ticks);
/* Between places. */
road_ticks cch_labels_seeds(const struct cch_labels *labels, const struct road_seeds *from, const struct road_seeds *to);
/* *length_dm: length of the quickest path in decimetres (of several equally quick ones, the shortest; 0 when unreachable); needs
 * a metric made with lengths. */
road_ticks cch_labels_distance_and_length(const struct cch_labels *labels, uint32_t from, uint32_t to, uint32_t *length_dm);

/* A quickest path, asked for one moment: the node that comes next when elapsed ticks have gone by since the start, counted with
 * the seed's. A node that is reached just then counts as next. Beyond the last node it is the last node. Far cheaper than the
 * path. The metric is the one that the labels were made of, unchanged, and they cover all nodes. */
struct cch_ahead {
    road_ticks ticks; /* of the whole path; ROAD_INFINITY when unreachable; then there is nothing else */
    uint32_t node;
    road_ticks at; /* when it is reached, since the start; below elapsed only for the last node */
};
void cch_labels_ahead(const struct cch_labels *labels, const struct cch_metric *metric, const struct road_seeds *from,
                      const struct road_seeds *to, road_ticks elapsed, struct cch_ahead *ahead);

#endif
