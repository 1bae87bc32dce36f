/* Writes Mapbox Vector Tiles 2.1 (https://github.com/mapbox/vector-tile-spec/tree/master/2.1): one layer at a time, its features
 * as they come. Geometry is in whole units of the tile, TILE_EXTENT of them on a side, y down.
 *
 * Workload: a tile of 5 to 100 kB, 5 layers, 100 features; thousands of vertices. A layer that would make the tile larger than
 * its text may be is left out whole. */
#ifndef MINGDI_ROAD_MVT_H
#define MINGDI_ROAD_MVT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/vec.h"

enum { TILE_EXTENT = 4096 };

struct tile_point {
    int32_t x, y;
};

enum mvt_type { MVT_POINT = 1, MVT_LINE = 2, MVT_POLYGON = 3 };

VEC_TYPE(mvt_words, uint32_t);

/* Keys and values stand once a layer; open addressing finds them again. */
struct mvt_table {
    uint32_t *slots; /* number + 1; 0 empty */
    size_t slot_count;
    struct mvt_words begins; /* of each in bytes; one more at the end */
    struct text bytes;       /* each as it is written in the layer */
};

struct mvt_layer {
    struct text features;
    struct mvt_table keys, values;
    /* the feature at hand */
    enum mvt_type type;
    struct mvt_words tags, geometry;
    int32_t x, y; /* the cursor */
    bool failed;
};

void mvt_layer_init(struct mvt_layer *layer, size_t maximum);
void mvt_layer_free(struct mvt_layer *layer);
/* Appends the layer to the tile, if it has a feature, and empties it for the next. */
void mvt_layer_end(struct mvt_layer *layer, const char *name, struct text *tile);

void mvt_feature_begin(struct mvt_layer *layer, enum mvt_type type);
/* Empty texts are left out. */
void mvt_tag_text(struct mvt_layer *layer, const char *key, const char *value, size_t length);
void mvt_tag_number(struct mvt_layer *layer, const char *key, uint64_t value);
void mvt_point(struct mvt_layer *layer, struct tile_point point);
/* A line of at least two points; points that repeat the one before are left out, and a line that is one point then. */
void mvt_line(struct mvt_layer *layer, const struct tile_point *points, uint32_t count);
/* A ring, its first point not repeated; turned so that an outside runs clockwise on the screen and a hole against it, as the
 * specification wants. False, and nothing written, when it encloses nothing. */
bool mvt_ring(struct mvt_layer *layer, const struct tile_point *points, uint32_t count, bool is_hole);
/* Writes the feature unless it has no geometry. */
void mvt_feature_end(struct mvt_layer *layer);

#endif
