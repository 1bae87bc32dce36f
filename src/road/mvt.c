#include "road/mvt.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { COMMAND_MOVE = 1, COMMAND_LINE = 2, COMMAND_CLOSE = 7, VERSION = 2 };
/* Fields of the messages, as number and wire type. */
enum {
    TILE_LAYER = 3 << 3 | 2,
    LAYER_NAME = 1 << 3 | 2,
    LAYER_FEATURE = 2 << 3 | 2,
    LAYER_KEY = 3 << 3 | 2,
    LAYER_VALUE = 4 << 3 | 2,
    LAYER_EXTENT = 5 << 3,
    LAYER_VERSION = 15 << 3,
    FEATURE_TAGS = 2 << 3 | 2,
    FEATURE_TYPE = 3 << 3,
    FEATURE_GEOMETRY = 4 << 3 | 2,
    VALUE_TEXT = 1 << 3 | 2,
    VALUE_NUMBER = 5 << 3,
};

static size_t write_varint(char bytes[10], uint64_t value)
{
    size_t length = 0;
    do {
        bytes[length++] = (char)(unsigned char)((value & 0x7F) | (value > 0x7F ? 0x80u : 0u));
        value >>= 7;
    } while (value > 0);
    return length;
}

static size_t varint_length(uint64_t value)
{
    char bytes[10];
    return write_varint(bytes, value);
}

static void put_varint(struct text *text, uint64_t value)
{
    char bytes[10];
    text_append(text, bytes, write_varint(bytes, value));
}

static void put_bytes(struct text *text, unsigned field, const char *bytes, size_t length)
{
    put_varint(text, field);
    put_varint(text, length);
    text_append(text, bytes, length);
}

/* ---- keys and values ---- */

static bool grow(struct mvt_table *table)
{
    size_t count = table->slot_count == 0 ? 64 : table->slot_count * 2;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i + 1 < table->begins.count; i++) {
        uint32_t begin = table->begins.items[i];
        size_t slot = hash64(table->bytes.bytes + begin, table->begins.items[i + 1] - begin, 0) & (count - 1);
        while (slots[slot] != 0) {
            slot = (slot + 1) & (count - 1);
        }
        slots[slot] = i + 1;
    }
    free(table->slots);
    table->slots = slots;
    table->slot_count = count;
    return true;
}

/* The number of what stands at the end of bytes from the last begin on: it is kept if it is new, and cut off again if not. */
static bool number_of_last(struct mvt_table *table, uint32_t *number)
{
    uint32_t begin = table->begins.items[table->begins.count - 1];
    size_t length = table->bytes.length - begin;
    if (table->bytes.failed || (2 * table->begins.count >= table->slot_count && !grow(table))) {
        return false;
    }
    const char *bytes = table->bytes.bytes;
    size_t slot = hash64(bytes + begin, length, 0) & (table->slot_count - 1);
    for (; table->slots[slot] != 0; slot = (slot + 1) & (table->slot_count - 1)) {
        uint32_t at = table->slots[slot] - 1;
        uint32_t other = table->begins.items[at];
        if (table->begins.items[at + 1] - other == length && memcmp(bytes + other, bytes + begin, length) == 0) {
            *number = at;
            table->bytes.length = begin;
            return true;
        }
    }
    *number = (uint32_t)table->begins.count - 1;
    table->slots[slot] = *number + 1;
    return vec_push(&table->begins, (uint32_t)table->bytes.length);
}

static void init_table(struct mvt_table *table, size_t maximum)
{
    *table = (struct mvt_table){ 0 };
    text_init(&table->bytes, maximum);
}

static bool empty_table(struct mvt_table *table)
{
    if (table->slot_count > 0) {
        memset(table->slots, 0, table->slot_count * sizeof *table->slots);
    }
    text_clear(&table->bytes);
    table->begins.count = 0;
    return vec_push(&table->begins, 0);
}

static void free_table(struct mvt_table *table)
{
    free(table->slots);
    vec_free(&table->begins);
    text_free(&table->bytes);
}

/* ---- layers ---- */

static void empty_layer(struct mvt_layer *layer)
{
    text_clear(&layer->features);
    bool keys = empty_table(&layer->keys), values = empty_table(&layer->values);
    layer->failed = !keys || !values;
}

void mvt_layer_init(struct mvt_layer *layer, size_t maximum)
{
    *layer = (struct mvt_layer){ .type = MVT_POINT };
    text_init(&layer->features, maximum);
    init_table(&layer->keys, maximum);
    init_table(&layer->values, maximum);
    empty_layer(layer);
}

void mvt_layer_free(struct mvt_layer *layer)
{
    text_free(&layer->features);
    free_table(&layer->keys);
    free_table(&layer->values);
    vec_free(&layer->tags);
    vec_free(&layer->geometry);
}

static size_t table_size(const struct mvt_table *table)
{
    size_t size = 0;
    for (size_t i = 0; i + 1 < table->begins.count; i++) {
        size_t length = table->begins.items[i + 1] - table->begins.items[i];
        size += 1 + varint_length(length) + length;
    }
    return size;
}

static void put_table(struct text *tile, unsigned field, const struct mvt_table *table)
{
    for (size_t i = 0; i + 1 < table->begins.count; i++) {
        uint32_t begin = table->begins.items[i];
        put_bytes(tile, field, table->bytes.bytes + begin, table->begins.items[i + 1] - begin);
    }
}

void mvt_layer_end(struct mvt_layer *layer, const char *name, struct text *tile)
{
    bool good = !layer->failed && !layer->features.failed && layer->features.length > 0;
    size_t name_length = strlen(name), before = tile->length;
    if (good) {
        size_t size = 1 + varint_length(name_length) + name_length + layer->features.length + table_size(&layer->keys) +
                      table_size(&layer->values) + 1 + varint_length(TILE_EXTENT) + 2;
        put_varint(tile, TILE_LAYER);
        put_varint(tile, size);
        put_bytes(tile, LAYER_NAME, name, name_length);
        text_append(tile, layer->features.bytes, layer->features.length);
        put_table(tile, LAYER_KEY, &layer->keys);
        put_table(tile, LAYER_VALUE, &layer->values);
        put_varint(tile, LAYER_EXTENT);
        put_varint(tile, TILE_EXTENT);
        put_varint(tile, LAYER_VERSION);
        put_varint(tile, VERSION);
    }
    if (tile->failed) {
        tile->length = before;
        tile->failed = false;
    }
    empty_layer(layer);
}

/* ---- features ---- */

void mvt_feature_begin(struct mvt_layer *layer, enum mvt_type type)
{
    layer->type = type;
    layer->tags.count = layer->geometry.count = 0;
    layer->x = layer->y = 0;
}

static void push_tag(struct mvt_layer *layer, const char *key)
{
    uint32_t key_number = 0, value_number = 0;
    text_puts(&layer->keys.bytes, key);
    if (!number_of_last(&layer->values, &value_number) || !number_of_last(&layer->keys, &key_number) ||
        !vec_push(&layer->tags, key_number) || !vec_push(&layer->tags, value_number)) {
        layer->failed = true;
    }
}

void mvt_tag_text(struct mvt_layer *layer, const char *key, const char *value, size_t length)
{
    if (length > 0 && !layer->failed) {
        put_bytes(&layer->values.bytes, VALUE_TEXT, value, length);
        push_tag(layer, key);
    }
}

void mvt_tag_number(struct mvt_layer *layer, const char *key, uint64_t value)
{
    if (!layer->failed) {
        put_varint(&layer->values.bytes, VALUE_NUMBER);
        put_varint(&layer->values.bytes, value);
        push_tag(layer, key);
    }
}

static void push_word(struct mvt_layer *layer, uint32_t word) { layer->failed |= !vec_push(&layer->geometry, word); }

static void push_command(struct mvt_layer *layer, unsigned command, uint32_t count) { push_word(layer, count << 3 | command); }

static uint32_t zigzag(int32_t value) { return (uint32_t)value << 1 ^ (value < 0 ? UINT32_MAX : 0u); }

static void push_move(struct mvt_layer *layer, struct tile_point to)
{
    push_word(layer, zigzag(to.x - layer->x));
    push_word(layer, zigzag(to.y - layer->y));
    layer->x = to.x;
    layer->y = to.y;
}

static bool same(struct tile_point a, struct tile_point b) { return a.x == b.x && a.y == b.y; }

void mvt_point(struct mvt_layer *layer, struct tile_point point)
{
    push_command(layer, COMMAND_MOVE, 1);
    push_move(layer, point);
}

void mvt_line(struct mvt_layer *layer, const struct tile_point *points, uint32_t count)
{
    uint32_t steps = 0;
    for (uint32_t i = 1; i < count; i++) {
        steps += !same(points[i], points[i - 1]);
    }
    if (steps == 0) {
        return;
    }
    push_command(layer, COMMAND_MOVE, 1);
    push_move(layer, points[0]);
    push_command(layer, COMMAND_LINE, steps);
    for (uint32_t i = 1; i < count; i++) {
        if (!same(points[i], points[i - 1])) {
            push_move(layer, points[i]);
        }
    }
}

static int64_t twice_area(const struct tile_point *points, uint32_t count)
{
    int64_t twice = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct tile_point a = points[i], b = points[i + 1 < count ? i + 1 : 0];
        twice += (int64_t)a.x * b.y - (int64_t)b.x * a.y;
    }
    return twice;
}

bool mvt_ring(struct mvt_layer *layer, const struct tile_point *points, uint32_t count, bool is_hole)
{
    int64_t twice = twice_area(points, count);
    bool backwards = is_hole ? twice > 0 : twice < 0;
    uint32_t steps = 0;
    for (uint32_t i = 1; i < count; i++) {
        steps += !same(points[i], points[i - 1]);
    }
    if (twice == 0) {
        return false;
    }
    push_command(layer, COMMAND_MOVE, 1);
    push_move(layer, points[backwards ? count - 1 : 0]);
    push_command(layer, COMMAND_LINE, steps);
    for (uint32_t i = 1; i < count; i++) {
        uint32_t at = backwards ? count - 1 - i : i, before = backwards ? at + 1 : at - 1;
        if (!same(points[at], points[before])) {
            push_move(layer, points[at]);
        }
    }
    push_command(layer, COMMAND_CLOSE, 1);
    return true;
}

static size_t words_size(const struct mvt_words *words)
{
    size_t size = 0;
    for (size_t i = 0; i < words->count; i++) {
        size += varint_length(words->items[i]);
    }
    return size;
}

static void put_words(struct text *text, unsigned field, const struct mvt_words *words, size_t size)
{
    put_varint(text, field);
    put_varint(text, size);
    for (size_t i = 0; i < words->count; i++) {
        put_varint(text, words->items[i]);
    }
}

void mvt_feature_end(struct mvt_layer *layer)
{
    if (layer->geometry.count == 0 || layer->failed) {
        return;
    }
    size_t tags = words_size(&layer->tags), geometry = words_size(&layer->geometry);
    size_t size = (tags > 0 ? 1 + varint_length(tags) + tags : 0) + 2 + 1 + varint_length(geometry) + geometry;
    put_varint(&layer->features, LAYER_FEATURE);
    put_varint(&layer->features, size);
    if (tags > 0) {
        put_words(&layer->features, FEATURE_TAGS, &layer->tags, tags);
    }
    put_varint(&layer->features, FEATURE_TYPE);
    put_varint(&layer->features, layer->type);
    put_words(&layer->features, FEATURE_GEOMETRY, &layer->geometry, geometry);
}
