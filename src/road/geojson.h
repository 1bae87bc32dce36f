/* Reader of GeoJSON (RFC 7946) feature collections of lines with OpenStreetMap tags, in the properties themselves or in an
 * object "tags" (or "@tags") there, as overpass-turbo, osmtogeojson and ogr2ogr write them.
 *
 * LineString, MultiLineString and the rings of Polygon (squares and pedestrian areas: one walks along their edge) become ways;
 * Point features become nodes, so that barriers and signals count. Lines meet where they share a coordinate (to 1e-7 degree):
 * a coordinate is the node's id. Turn restrictions cannot be said in this form.
 *
 * One feature at a time is in memory besides the mapped file. Errors name the file and the byte or the feature. */
#ifndef MINGDI_ROAD_GEOJSON_H
#define MINGDI_ROAD_GEOJSON_H

#include "road/osm_source.h"

/* The id that a coordinate has, and back. */
int64_t geojson_id_of_point(struct geo_point point);
struct geo_point geojson_point_of_id(int64_t id);

enum status geojson_read_bytes(const char *name, const unsigned char *bytes, size_t size, const struct osm_handler *handler,
                               struct error *error) MUST_USE;
enum status geojson_read(const char *path, const struct osm_handler *handler, struct error *error) MUST_USE;

#endif
