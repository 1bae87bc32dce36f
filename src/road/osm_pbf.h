/* Reader of OpenStreetMap PBF files (https://wiki.openstreetmap.org/wiki/PBF_Format), in bounded memory.
 *
 * Written here rather than taken from libreadosm because a truncated or hostile file must be told with its byte offset and must
 * never be trusted about a size: a cursor that knows its end reads every length. Raw and zlib blocks (what all extract servers
 * publish) are read; lzma, lz4 and zstd are refused by name. Memory: one block, at most 32 MiB as the format demands, besides
 * what the handler keeps. A file that is cut exactly between two blocks cannot be told from a shorter one: the format has no end
 * mark. */
#ifndef MINGDI_ROAD_OSM_PBF_H
#define MINGDI_ROAD_OSM_PBF_H

#include "road/osm_source.h"

enum status osm_pbf_read(const char *name, const unsigned char *bytes, size_t size, const struct osm_handler *handler,
                         struct error *error) MUST_USE;

#endif
