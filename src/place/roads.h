/* The roads of a city as people name them: each connected piece of road of one name is one thing, though the network has it in a
 * hundred edges; pieces of one name that nearly meet (across a square, the two carriageways) are one too.
 *
 * Workload: built once, 20,000 to 1,000,000 edges in well under a second; then read by any number of threads. */
#ifndef MINGDI_PLACE_ROADS_H
#define MINGDI_PLACE_ROADS_H

#include <stdint.h>

#include "base/status.h"
#include "road/city.h"

#define ROAD_PIECES_MEET_M 200.0

struct road_piece {
    const char *name;         /* the city's; equal names are one pointer */
    const char *alternatives; /* of its first edge that has some, "" if none: city_next_alternative */
    uint32_t first_edge, edge_count;
    uint32_t first_node, node_count;
    struct geo_point south_west, north_east, middle; /* the middle lies on it */
};

struct road_pieces {
    const struct city *city; /* outlives it */
    struct road_piece *pieces;
    uint32_t piece_count;
    uint32_t *edges;         /* by piece */
    uint32_t *nodes;         /* by piece, base nodes, rising */
    uint32_t *piece_of_edge; /* ROAD_NONE where an edge has no name */
    uint32_t *pieces_first;  /* base nodes + 1: of each node its pieces */
    uint32_t *pieces_at;
};

enum status road_pieces_make(const struct city *city, struct road_pieces *roads, struct error *error) MUST_USE;
void road_pieces_free(struct road_pieces *roads);

/* The nearest point of the piece, and how far it is in a straight line. */
struct geo_point road_piece_nearest(const struct road_pieces *roads, const struct road_piece *piece, struct geo_point at,
                                    double *distance_m);
/* A lower bound of that distance: to the box around the piece. */
double road_piece_box_m(const struct road_piece *piece, struct geo_point at);

#endif
