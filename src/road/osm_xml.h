/* Reader of OpenStreetMap XML (https://wiki.openstreetmap.org/wiki/OSM_XML), plain, gzip or bzip2, streamed through expat.
 *
 * No document type, no entities of its own, so no expansion attack. Memory: one object and 64 KiB of unpacked text. Errors name
 * the line; a packed file that ends early names the byte. */
#ifndef MINGDI_ROAD_OSM_XML_H
#define MINGDI_ROAD_OSM_XML_H

#include <stdbool.h>

#include "road/osm_source.h"

/* Whether the first bytes are those of XML, gzip or bzip2. */
bool osm_xml_recognised(const unsigned char *bytes, size_t size);
enum status osm_xml_read(const char *name, const unsigned char *bytes, size_t size, const struct osm_handler *handler,
                         struct error *error) MUST_USE;

#endif
