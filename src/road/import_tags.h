/* What the tags of OpenStreetMap objects say for drawing and for finding places: class of a road, kind of an area, kind and rank
 * of a named place, other names. Tables in import_tags.c; https://wiki.openstreetmap.org/wiki/Map_features. */
#ifndef MINGDI_ROAD_IMPORT_TAGS_H
#define MINGDI_ROAD_IMPORT_TAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "road/city_map.h"
#include "road/osm_source.h"

/* The byte of CITY_EDGE_CLASS for a way that a profile may use. */
uint8_t tags_class_byte(const struct osm_tags *tags);

/* The name in the language of the place, NULL if there is none or it is not UTF-8 of one line. */
const char *tags_name(const struct osm_tags *tags);
/* Appends all names but the given one as lines "key=name", the last without a line end: the form that city_next_alternative
 * walks. Names twice are left out, and what is beyond TAGS_ALTERNATIVES_MAX bytes. */
enum { TAGS_ALTERNATIVES_MAX = 4096 };
void tags_alternatives(const struct osm_tags *tags, const char *name, struct text *list);

/* CITY_AREA_KIND_COUNT for what is not drawn. */
enum city_area_kind tags_area_kind(const struct osm_tags *tags);

/* False for what is not a place that somebody would name to a call taker. */
bool tags_place(const struct osm_tags *tags, enum city_place_kind *kind, uint8_t *rank);

#endif
