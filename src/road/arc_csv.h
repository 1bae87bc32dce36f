/* Cities given as nodes and arcs with their travel times, in the form of the JEMSS models: nodes.csv (index, x, y, offRoadAccess)
 * and arcs.csv (arcForm directed or undirected; index, fromNode, toNode, distance in km if known, mode_1 and mode_2 in days, with
 * lights and sirens and without).
 *
 * The times are taken as they are, to 1/100,000 of a second; no node and no arc is left out. Beside the roads folder, maps/
 * map_1.csv gives the scales by which the nearest node is chosen (xScale, yScale in km a degree), and travel/travel_1.csv the
 * speed off the road (km a day); without them, great circles and 30 km/h.
 *
 * Workload: 10,000 to 1,000,000 nodes, read once. */
#ifndef MINGDI_ROAD_ARC_CSV_H
#define MINGDI_ROAD_ARC_CSV_H

#include "road/import_network.h"

enum { ARC_CSV_TICKS_PER_SECOND = 100000 };

/* folder: the roads folder itself, the model folder above, or the city folder above that. */
enum status arc_csv_read(const char *folder, struct network *network, struct error *error) MUST_USE;

/* The parts of it, on bytes. names of files are for messages. */
struct arc_csv_file {
    const char *name;
    const char *bytes;
    size_t size;
};
enum status arc_csv_read_bytes(const struct arc_csv_file *nodes, const struct arc_csv_file *arcs, struct network *network,
                               struct error *error) MUST_USE;

#endif
