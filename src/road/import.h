/* From a file of roads to a city file (city_file.h): OpenStreetMap PBF and XML, GeoJSON lines with OpenStreetMap tags, and
 * node/arc CSV with given travel times.
 *
 * Workload: once a city, a few seconds; memory grows with the roads of the area, never with the largest OpenStreetMap id. */
#ifndef MINGDI_ROAD_IMPORT_H
#define MINGDI_ROAD_IMPORT_H

#include "base/status.h"
#include "road/profile.h"
#include "road/speeds.h"

struct import_options {
    /* Exactly one of the three. */
    const char *osm; /* PBF or XML, the latter plain, gzip or bzip2 */
    const char *geojson;
    const char *arcs; /* folder with nodes.csv and arcs.csv, or the model folder above it */
    const char *name; /* of the city, or NULL: from the name of the file */
    const char *output;
    const struct profile_rules *rules; /* ROAD_PROFILE_COUNT of them, or NULL: PROFILES */
    /* Learned speeds of a band, or NULL: the profiles' own. Not for arc tables, whose roads have no classes. */
    const struct speeds *speeds;
    enum speed_band band;
};

/* On failure no file appears under the output's name, and one that was there stays as it was. */
enum status import_city(const struct import_options *options, struct error *error) MUST_USE;

#endif
