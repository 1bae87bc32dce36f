/* Between the files of the contraction order: separators of one piece of the network. */
#ifndef MINGDI_ROAD_ORDER_PRIVATE_H
#define MINGDI_ROAD_ORDER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

/* A connected undirected piece, nodes 0 .. count-1, neighbours of v at adjacent[first[v]] .. [first[v+1]). Plane coordinates in
 * any one unit; nodes may share a place. */
struct piece {
    uint32_t count;
    uint32_t *first, *adjacent;
    int32_t *x, *y;
};

struct separator_finder;

/* Scratch for pieces of up to count_max nodes; NULL when memory is refused. */
struct separator_finder *separator_finder_create(uint32_t count_max);
void separator_finder_destroy(struct separator_finder *finder);

/* A small set of nodes whose removal leaves no large component, written into separator (room for piece->count). Returns its
 * size, at least 1 and less than count; 0 when none was found (the piece is too dense to be cut). */
uint32_t find_separator(struct separator_finder *finder, const struct piece *piece, uint32_t *separator);

#endif
