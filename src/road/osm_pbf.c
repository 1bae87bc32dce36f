#include "road/osm_pbf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/vec.h"

enum { HEADER_MAX = 64 * 1024, BLOB_MAX = 32 * 1024 * 1024, BLOB_SLACK = 64 * 1024 };

/* ---- protocol buffers: a cursor that cannot leave its bytes ---- */

struct cursor {
    const unsigned char *at, *end;
};

enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

static bool read_varint(struct cursor *cursor, uint64_t *value)
{
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7) {
        unsigned char byte = *cursor->at++;
        result |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *value = result;
            return true;
        }
    }
    return false;
}

static int64_t zigzag(uint64_t value) { return (int64_t)(value >> 1) ^ -(int64_t)(value & 1); }

static bool read_bytes(struct cursor *cursor, struct cursor *bytes)
{
    uint64_t size;
    if (!read_varint(cursor, &size) || size > (uint64_t)(cursor->end - cursor->at)) {
        return false;
    }
    *bytes = (struct cursor){ cursor->at, cursor->at + size };
    cursor->at += size;
    return true;
}

/* One field of a message: its number, and its value as a number or as bytes. *more is false at the end of the message. */
struct field {
    uint32_t number;
    uint32_t wire;
    uint64_t value;
    struct cursor bytes;
};

static bool next_field(struct cursor *message, struct field *field, bool *more)
{
    *more = message->at < message->end;
    if (!*more) {
        return true;
    }
    uint64_t key;
    if (!read_varint(message, &key) || key >> 3 == 0 || key >> 3 > 0x1FFFFFFF) {
        return false;
    }
    *field = (struct field){ .number = (uint32_t)(key >> 3), .wire = (uint32_t)(key & 7) };
    size_t skip = 0;
    switch (field->wire) {
    case WIRE_VARINT: return read_varint(message, &field->value);
    case WIRE_BYTES: return read_bytes(message, &field->bytes);
    case WIRE_FIXED64: skip = 8; break;
    case WIRE_FIXED32: skip = 4; break;
    default: return false;
    }
    if ((size_t)(message->end - message->at) < skip) {
        return false;
    }
    message->at += skip;
    return true;
}

static bool is_bytes(const struct field *field, uint32_t number) { return field->number == number && field->wire == WIRE_BYTES; }

static bool is_number(const struct field *field, uint32_t number)
{
    return field->number == number && field->wire == WIRE_VARINT;
}

/* ---- the reader ---- */

VEC_TYPE(tag_vec, struct osm_tag);
VEC_TYPE(id_vec, int64_t);
VEC_TYPE(member_vec, struct osm_member);
VEC_TYPE(offset_vec, uint32_t);

struct reader {
    const char *name;
    const unsigned char *file;
    size_t size;
    size_t offset; /* of the block being read, for messages */
    const struct osm_handler *handler;
    struct error *error;
    unsigned char *block; /* inflated */
    size_t block_capacity;
    /* of the current block */
    char *strings; /* zero-terminated copies */
    size_t strings_capacity;
    struct offset_vec string_at;
    int64_t granularity, lat_offset, lon_offset; /* nanodegrees */
    /* of the current object */
    struct tag_vec tags;
    struct id_vec ids;
    struct member_vec members;
};

static enum status broken(struct reader *reader, const char *what)
{
    return ERROR(reader->error, STATUS_BAD_INPUT, "%s: byte %zu: broken OpenStreetMap PBF file: %s", reader->name, reader->offset,
                 what);
}

static enum status no_memory(struct reader *reader)
{
    return ERROR(reader->error, STATUS_NO_MEMORY, "%s: no memory for a block at byte %zu", reader->name, reader->offset);
}

static enum status cut_off(struct reader *reader, size_t wanted, size_t left)
{
    return ERROR(reader->error, STATUS_BAD_INPUT,
                 "%s: byte %zu: the file ends in the middle of a block (%zu bytes wanted, %zu left): is it a complete download?",
                 reader->name, reader->offset, wanted, left);
}

static enum status inflate_block(struct reader *reader, struct cursor packed, uint64_t raw_size, struct cursor *raw)
{
    if (raw_size > BLOB_MAX) {
        return broken(reader, "a block of more than 32 MiB");
    }
    if (raw_size / 1100 > (uint64_t)(packed.end - packed.at)) { /* deflate packs 1,032 bytes into one at best */
        return broken(reader, "a block that states a size which its bytes cannot unpack to");
    }
    if (raw_size + 1 > reader->block_capacity) {
        free(reader->block);
        reader->block_capacity = 0;
        reader->block = malloc((size_t)raw_size + 1);
        if (reader->block == NULL) {
            return no_memory(reader);
        }
        reader->block_capacity = (size_t)raw_size + 1;
    }
    uLongf inflated = (uLongf)raw_size;
    int result = uncompress(reader->block, &inflated, packed.at, (uLong)(packed.end - packed.at));
    if (result == Z_MEM_ERROR) {
        return no_memory(reader);
    }
    if (result != Z_OK || inflated != raw_size) {
        return broken(reader, "a block that does not unpack to the size that it states");
    }
    *raw = (struct cursor){ reader->block, reader->block + raw_size };
    return STATUS_OK;
}

static enum status unpack_blob(struct reader *reader, struct cursor blob, struct cursor *raw)
{
    struct field field;
    struct cursor packed = { 0 };
    uint64_t raw_size = 0;
    const char *foreign = NULL;
    *raw = (struct cursor){ 0 };
    for (bool more = true; more;) {
        if (!next_field(&blob, &field, &more)) {
            return broken(reader, "a malformed blob");
        }
        if (!more) {
            break;
        }
        if (is_bytes(&field, 1)) {
            *raw = field.bytes;
        } else if (is_number(&field, 2)) {
            raw_size = field.value;
        } else if (is_bytes(&field, 3)) {
            packed = field.bytes;
        } else if (field.number >= 4 && field.number <= 7) {
            foreign = field.number == 4 ? "lzma" : field.number == 5 ? "bzip2" : field.number == 6 ? "lz4" : "zstd";
        }
    }
    if (packed.at != NULL) {
        return inflate_block(reader, packed, raw_size, raw);
    }
    if (raw->at == NULL && foreign != NULL) {
        return ERROR(reader->error, STATUS_BAD_INPUT,
                     "%s: byte %zu: blocks packed with %s cannot be read; convert the file to zlib "
                     "blocks (osmium cat -f pbf,pbf_compression=zlib)",
                     reader->name, reader->offset, foreign);
    }
    return raw->at == NULL ? broken(reader, "a blob without data") : STATUS_OK;
}

static enum status read_header_block(struct reader *reader, struct cursor message)
{
    struct field field;
    for (bool more = true; more;) {
        if (!next_field(&message, &field, &more)) {
            return broken(reader, "a malformed header block");
        }
        if (!more || !is_bytes(&field, 4)) {
            continue;
        }
        size_t length = (size_t)(field.bytes.end - field.bytes.at);
        const char *feature = (const char *)field.bytes.at;
        bool known = (length == 14 && memcmp(feature, "OsmSchema-V0.6", 14) == 0) ||
                     (length == 10 && memcmp(feature, "DenseNodes", 10) == 0);
        if (!known) {
            return ERROR(reader->error, STATUS_BAD_INPUT, "%s: the file needs a reader with the feature \"%.*s\"", reader->name,
                         (int)(length < 60 ? length : 60), feature);
        }
    }
    return STATUS_OK;
}

static enum status read_strings(struct reader *reader, struct cursor table)
{
    reader->string_at.count = 0;
    size_t size = (size_t)(table.end - table.at);
    /* Every string needs at least its two bytes of key and length, so a terminator each fits in size + 1. */
    if (size + 1 > reader->strings_capacity) {
        char *grown = realloc(reader->strings, size + 1);
        if (grown == NULL) {
            return no_memory(reader);
        }
        reader->strings = grown;
        reader->strings_capacity = size + 1;
    }
    size_t used = 0;
    struct field field;
    for (bool more = true; more;) {
        if (!next_field(&table, &field, &more)) {
            return broken(reader, "a malformed string table");
        }
        if (!more || !is_bytes(&field, 1)) {
            continue;
        }
        size_t length = (size_t)(field.bytes.end - field.bytes.at);
        if (!vec_push(&reader->string_at, (uint32_t)used)) {
            return no_memory(reader);
        }
        memcpy(reader->strings + used, field.bytes.at, length);
        reader->strings[used + length] = '\0';
        used += length + 1;
    }
    return STATUS_OK;
}

static bool string_of(const struct reader *reader, uint64_t index, const char **string)
{
    if (index >= reader->string_at.count) {
        return false;
    }
    *string = reader->strings + reader->string_at.items[index];
    return true;
}

static enum status read_tags(struct reader *reader, struct cursor keys, struct cursor values)
{
    reader->tags.count = 0;
    while (keys.at < keys.end) {
        uint64_t key, value;
        struct osm_tag tag;
        if (!read_varint(&keys, &key) || !read_varint(&values, &value) || !string_of(reader, key, &tag.key) ||
            !string_of(reader, value, &tag.value)) {
            return broken(reader, "tags that point outside the string table");
        }
        if (reader->tags.count == OSM_TAGS_MAX) {
            return broken(reader, "an object with too many tags");
        }
        if (!vec_push(&reader->tags, tag)) {
            return no_memory(reader);
        }
    }
    return values.at == values.end ? STATUS_OK : broken(reader, "tags without a key");
}

static struct osm_tags tags_of(const struct reader *reader)
{
    return (struct osm_tags){ reader->tags.items, reader->tags.count };
}

static bool degrees_e7(int64_t value, int64_t granularity, int64_t offset, int64_t maximum, int32_t *degrees)
{
    if (value > INT64_C(1) << 40 || value < -(INT64_C(1) << 40)) {
        return false;
    }
    int64_t nano = value * granularity + offset;
    int64_t e7 = (nano >= 0 ? nano + 50 : nano - 50) / 100;
    *degrees = (int32_t)e7;
    return e7 >= -maximum && e7 <= maximum;
}

static enum status give_node(struct reader *reader, int64_t id, int64_t lat, int64_t lon)
{
    struct osm_node node = { .id = id, .tags = tags_of(reader) };
    if (!degrees_e7(lat, reader->granularity, reader->lat_offset, INT64_C(900000000), &node.point.lat_e7) ||
        !degrees_e7(lon, reader->granularity, reader->lon_offset, INT64_C(1800000000), &node.point.lon_e7)) {
        return ERROR(reader->error, STATUS_BAD_INPUT, "%s: byte %zu: node %lld lies outside the earth", reader->name,
                     reader->offset, (long long)id);
    }
    return reader->handler->node(reader->handler->context, &node, reader->error);
}

static enum status read_node(struct reader *reader, struct cursor message)
{
    struct field field;
    struct cursor keys = { 0 }, values = { 0 };
    int64_t id = 0, lat = 0, lon = 0;
    for (bool more = true; more;) {
        if (!next_field(&message, &field, &more)) {
            return broken(reader, "a malformed node");
        }
        if (!more) {
            break;
        }
        if (is_number(&field, 1)) {
            id = zigzag(field.value);
        } else if (is_bytes(&field, 2)) {
            keys = field.bytes;
        } else if (is_bytes(&field, 3)) {
            values = field.bytes;
        } else if (is_number(&field, 8)) {
            lat = zigzag(field.value);
        } else if (is_number(&field, 9)) {
            lon = zigzag(field.value);
        }
    }
    TRY(read_tags(reader, keys, values));
    return give_node(reader, id, lat, lon);
}

/* The tags of the next dense node: pairs of string numbers up to a zero. */
static enum status read_dense_tags(struct reader *reader, struct cursor *keys_values)
{
    reader->tags.count = 0;
    while (keys_values->at < keys_values->end) {
        uint64_t key, value;
        struct osm_tag tag;
        if (!read_varint(keys_values, &key)) {
            return broken(reader, "malformed tags of dense nodes");
        }
        if (key == 0) {
            return STATUS_OK;
        }
        if (!read_varint(keys_values, &value) || !string_of(reader, key, &tag.key) || !string_of(reader, value, &tag.value) ||
            reader->tags.count == OSM_TAGS_MAX) {
            return broken(reader, "malformed tags of dense nodes");
        }
        if (!vec_push(&reader->tags, tag)) {
            return no_memory(reader);
        }
    }
    return STATUS_OK;
}

static enum status read_dense(struct reader *reader, struct cursor message)
{
    struct field field;
    struct cursor ids = { 0 }, lats = { 0 }, lons = { 0 }, keys_values = { 0 };
    for (bool more = true; more;) {
        if (!next_field(&message, &field, &more)) {
            return broken(reader, "malformed dense nodes");
        }
        if (!more || field.wire != WIRE_BYTES) {
            continue;
        }
        switch (field.number) {
        case 1: ids = field.bytes; break;
        case 8: lats = field.bytes; break;
        case 9: lons = field.bytes; break;
        case 10: keys_values = field.bytes; break;
        default: break;
        }
    }
    uint64_t id = 0, lat = 0, lon = 0; /* unsigned, so that a hostile sum wraps instead of being undefined */
    while (ids.at < ids.end) {
        uint64_t id_step, lat_step, lon_step;
        if (!read_varint(&ids, &id_step) || !read_varint(&lats, &lat_step) || !read_varint(&lons, &lon_step)) {
            return broken(reader, "dense nodes without coordinates");
        }
        id += (uint64_t)zigzag(id_step);
        lat += (uint64_t)zigzag(lat_step);
        lon += (uint64_t)zigzag(lon_step);
        TRY(read_dense_tags(reader, &keys_values));
        TRY(give_node(reader, (int64_t)id, (int64_t)lat, (int64_t)lon));
    }
    return STATUS_OK;
}

static enum status read_ids(struct reader *reader, struct cursor packed, size_t maximum)
{
    reader->ids.count = 0;
    uint64_t id = 0;
    while (packed.at < packed.end) {
        uint64_t step;
        if (!read_varint(&packed, &step) || reader->ids.count == maximum) {
            return broken(reader, "a list of members that is malformed or too long");
        }
        id += (uint64_t)zigzag(step);
        if (!vec_push(&reader->ids, (int64_t)id)) {
            return no_memory(reader);
        }
    }
    return STATUS_OK;
}

static enum status read_way(struct reader *reader, struct cursor message)
{
    struct field field;
    struct cursor keys = { 0 }, values = { 0 }, nodes = { 0 };
    int64_t id = 0;
    for (bool more = true; more;) {
        if (!next_field(&message, &field, &more)) {
            return broken(reader, "a malformed way");
        }
        if (!more) {
            break;
        }
        if (is_number(&field, 1)) {
            id = (int64_t)field.value;
        } else if (is_bytes(&field, 2)) {
            keys = field.bytes;
        } else if (is_bytes(&field, 3)) {
            values = field.bytes;
        } else if (is_bytes(&field, 8)) {
            nodes = field.bytes;
        }
    }
    TRY(read_tags(reader, keys, values));
    TRY(read_ids(reader, nodes, OSM_WAY_NODES_MAX));
    struct osm_way way = { .id = id, .nodes = reader->ids.items, .node_count = reader->ids.count, .tags = tags_of(reader) };
    return reader->handler->way(reader->handler->context, &way, reader->error);
}

static enum status read_members(struct reader *reader, struct cursor roles, struct cursor kinds)
{
    reader->members.count = 0;
    for (size_t i = 0; i < reader->ids.count; i++) {
        uint64_t role, kind;
        struct osm_member member = { .id = reader->ids.items[i] };
        if (!read_varint(&roles, &role) || !read_varint(&kinds, &kind) || kind > OSM_RELATION ||
            !string_of(reader, role, &member.role)) {
            return broken(reader, "malformed members of a relation");
        }
        member.kind = (enum osm_kind)kind;
        if (!vec_push(&reader->members, member)) {
            return no_memory(reader);
        }
    }
    return STATUS_OK;
}

static enum status read_relation(struct reader *reader, struct cursor message)
{
    struct field field;
    struct cursor keys = { 0 }, values = { 0 }, roles = { 0 }, ids = { 0 }, kinds = { 0 };
    int64_t id = 0;
    for (bool more = true; more;) {
        if (!next_field(&message, &field, &more)) {
            return broken(reader, "a malformed relation");
        }
        if (!more) {
            break;
        }
        if (is_number(&field, 1)) {
            id = (int64_t)field.value;
        }
        if (field.wire != WIRE_BYTES) {
            continue;
        }
        switch (field.number) {
        case 2: keys = field.bytes; break;
        case 3: values = field.bytes; break;
        case 8: roles = field.bytes; break;
        case 9: ids = field.bytes; break;
        case 10: kinds = field.bytes; break;
        default: break;
        }
    }
    TRY(read_tags(reader, keys, values));
    TRY(read_ids(reader, ids, OSM_MEMBERS_MAX));
    TRY(read_members(reader, roles, kinds));
    struct osm_relation relation = {
        .id = id, .members = reader->members.items, .member_count = reader->members.count, .tags = tags_of(reader)
    };
    return reader->handler->relation(reader->handler->context, &relation, reader->error);
}

static enum status read_group(struct reader *reader, struct cursor message)
{
    const struct osm_handler *handler = reader->handler;
    struct field field;
    for (bool more = true; more;) {
        if (!next_field(&message, &field, &more)) {
            return broken(reader, "a malformed group of objects");
        }
        if (!more) {
            break;
        }
        if (is_bytes(&field, 1) && handler->node != NULL) {
            TRY(read_node(reader, field.bytes));
        } else if (is_bytes(&field, 2) && handler->node != NULL) {
            TRY(read_dense(reader, field.bytes));
        } else if (is_bytes(&field, 3) && handler->way != NULL) {
            TRY(read_way(reader, field.bytes));
        } else if (is_bytes(&field, 4) && handler->relation != NULL) {
            TRY(read_relation(reader, field.bytes));
        }
    }
    return STATUS_OK;
}

/* What the groups of a block refer to, wherever in the block it stands. */
static enum status read_block_head(struct reader *reader, struct cursor message)
{
    struct field field;
    reader->string_at.count = 0;
    reader->granularity = 100;
    reader->lat_offset = reader->lon_offset = 0;
    for (bool more = true; more;) {
        if (!next_field(&message, &field, &more)) {
            return broken(reader, "a malformed block of objects");
        }
        if (!more) {
            break;
        }
        if (is_bytes(&field, 1)) {
            TRY(read_strings(reader, field.bytes));
        } else if (is_number(&field, 17)) {
            reader->granularity = (int64_t)field.value;
        } else if (is_number(&field, 19)) {
            reader->lat_offset = (int64_t)field.value;
        } else if (is_number(&field, 20)) {
            reader->lon_offset = (int64_t)field.value;
        }
    }
    const int64_t limit = INT64_C(1) << 40;
    if (reader->granularity < 1 || reader->granularity > 1000000 || reader->lat_offset > limit || reader->lat_offset < -limit ||
        reader->lon_offset > limit || reader->lon_offset < -limit) {
        return broken(reader, "coordinates in an impossible unit");
    }
    return STATUS_OK;
}

static enum status read_data_block(struct reader *reader, struct cursor message)
{
    TRY(read_block_head(reader, message));
    struct field field;
    for (bool more = true; more;) {
        if (!next_field(&message, &field, &more)) {
            return broken(reader, "a malformed block of objects");
        }
        if (more && is_bytes(&field, 2)) {
            TRY(read_group(reader, field.bytes));
        }
    }
    return STATUS_OK;
}

struct blob_header {
    enum { BLOB_UNKNOWN, BLOB_HEADER, BLOB_DATA } kind;
    uint64_t size;
};

static enum status read_blob_header(struct reader *reader, struct cursor message, struct blob_header *header)
{
    struct field field;
    *header = (struct blob_header){ .kind = BLOB_UNKNOWN };
    bool sized = false, typed = false;
    for (bool more = true; more;) {
        if (!next_field(&message, &field, &more)) {
            return broken(reader, "a malformed blob header");
        }
        if (!more) {
            break;
        }
        if (is_bytes(&field, 1)) {
            size_t length = (size_t)(field.bytes.end - field.bytes.at);
            typed = true;
            header->kind = length == 9 && memcmp(field.bytes.at, "OSMHeader", 9) == 0 ? BLOB_HEADER
                           : length == 7 && memcmp(field.bytes.at, "OSMData", 7) == 0 ? BLOB_DATA
                                                                                      : BLOB_UNKNOWN;
        } else if (is_number(&field, 3)) {
            header->size = field.value;
            sized = true;
        }
    }
    if (!sized || !typed || header->size > BLOB_MAX + BLOB_SLACK) {
        return broken(reader, "a blob header without type or with an impossible size");
    }
    return STATUS_OK;
}

/* One block: four bytes of length (big end first), the header, the blob. */
static enum status read_blob(struct reader *reader, bool first)
{
    size_t left = reader->size - reader->offset;
    const unsigned char *at = reader->file + reader->offset;
    if (left < 4) {
        return cut_off(reader, 4, left);
    }
    size_t header_size = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    if (header_size == 0 || header_size > HEADER_MAX) {
        return first ? ERROR(reader->error, STATUS_BAD_INPUT,
                             "%s: neither an OpenStreetMap PBF file nor OpenStreetMap XML (GeoJSON: --geojson)", reader->name)
                     : broken(reader, "a block header of impossible size");
    }
    if (header_size > left - 4) {
        return cut_off(reader, header_size + 4, left);
    }
    struct blob_header header;
    TRY(read_blob_header(reader, (struct cursor){ at + 4, at + 4 + header_size }, &header));
    if (first && header.kind != BLOB_HEADER) {
        return ERROR(reader->error, STATUS_BAD_INPUT, "%s: not an OpenStreetMap PBF file: it does not begin with a header block",
                     reader->name);
    }
    size_t body = 4 + header_size;
    if (header.size > left - body) {
        return cut_off(reader, body + (size_t)header.size, left);
    }
    struct cursor raw;
    if (header.kind != BLOB_UNKNOWN) {
        TRY(unpack_blob(reader, (struct cursor){ at + body, at + body + header.size }, &raw));
        TRY(header.kind == BLOB_HEADER ? read_header_block(reader, raw) : read_data_block(reader, raw));
    }
    reader->offset += body + (size_t)header.size;
    return STATUS_OK;
}

enum status osm_pbf_read(const char *name, const unsigned char *bytes, size_t size, const struct osm_handler *handler,
                         struct error *error)
{
    struct reader reader = { .name = name, .file = bytes, .size = size, .handler = handler, .error = error };
    enum status status = STATUS_OK;
    for (bool first = true; status == STATUS_OK && (first || reader.offset < size); first = false) {
        status = read_blob(&reader, first);
    }
    free(reader.block);
    free(reader.strings);
    vec_free(&reader.string_at);
    vec_free(&reader.tags);
    vec_free(&reader.ids);
    vec_free(&reader.members);
    return status;
}
