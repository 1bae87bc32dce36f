/* Dijkstra's algorithm on the search graph: the yardstick that every faster answer is held against, and the search behind
 * isochrones and `--algorithm dijkstra`. Nothing is prepared; one search settles nodes in rising order of time.
 *
 * Sums at or above ROAD_INFINITY count as unreachable, as in the contraction hierarchy. */
#ifndef MINGDI_ROAD_DIJKSTRA_H
#define MINGDI_ROAD_DIJKSTRA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "road/graph.h"

struct dijkstra; /* scratch of one thread: 20 bytes a node and the heap */

enum status dijkstra_create(const struct road_graph *graph, struct dijkstra **dijkstra, struct error *error) MUST_USE;
void dijkstra_destroy(struct dijkstra *dijkstra);

/* What to search. The graph is searched along its arcs. */
struct dijkstra_search {
    const road_ticks *weights;  /* arc_count */
    const uint32_t *lengths_dm; /* arc_count, or NULL: then of equally quick paths any may be found, and lengths read 0 */
    const struct road_seeds *from;
    road_ticks limit;        /* nodes beyond are not settled; ROAD_INFINITY for none */
    const uint32_t *targets; /* stop when all of these are settled; NULL: none */
    uint32_t target_count;
    uint32_t more_from; /* so many more sets of seeds stand behind from: the search begins at all of them at once */
};

/* Runs one search; its results stay readable until the next. Fails only for want of memory. */
enum status dijkstra_run(struct dijkstra *dijkstra, const struct dijkstra_search *search, struct error *error) MUST_USE;
/* Ticks to a node that was settled; ROAD_INFINITY for one that was not (out of reach, beyond the limit, or not needed). */
road_ticks dijkstra_ticks(const struct dijkstra *dijkstra, uint32_t node);
uint32_t dijkstra_length_dm(const struct dijkstra *dijkstra, uint32_t node); /* of a settled node, from the seed's node */
/* The arc that the quickest path to a settled node ends with; ROAD_NONE at a seed. */
uint32_t dijkstra_arc_to(const struct dijkstra *dijkstra, uint32_t node);
/* The settled nodes in the order in which they were. */
const uint32_t *dijkstra_settled(const struct dijkstra *dijkstra, uint32_t *count);

#endif
