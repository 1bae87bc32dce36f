#include "road/osm_xml.h"

#include <bzlib.h>
#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/vec.h"

enum { CHUNK = 64 * 1024, DEPTH_MAX = 16 };

VEC_TYPE(id_vec, int64_t);
VEC_TYPE(byte_vec, char);
VEC_TYPE(offset_vec, size_t); /* of texts in byte_vec, which may move while it grows */
VEC_TYPE(tag_vec, struct osm_tag);
VEC_TYPE(member_vec, struct osm_member);

struct reader {
    const char *name;
    const struct osm_handler *handler;
    struct error *error;
    enum status status;
    XML_Parser parser;
    int depth;
    bool in_object, deleted;
    enum osm_kind kind;
    int64_t id;
    struct geo_point point;
    struct byte_vec texts;
    struct offset_vec tag_at;  /* key, value, key, value ... */
    struct offset_vec role_at; /* one a member */
    struct tag_vec tags;
    struct member_vec members;
    struct id_vec nodes;
};

/* Records the first failure and stops the parser; expat then returns and the status is given on. */
static void fail(struct reader *reader, enum status status, const char *what)
{
    if (reader->status == STATUS_OK) {
        reader->status = ERROR(reader->error, status, "%s:%lu: %s", reader->name, XML_GetCurrentLineNumber(reader->parser), what);
        XML_StopParser(reader->parser, XML_FALSE);
    }
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(attributes[i], name) == 0) {
            return attributes[i + 1];
        }
    }
    return NULL;
}

static bool parse_id(const char *text, int64_t *id)
{
    if (text == NULL || *text == '\0' || strlen(text) > 20) {
        return false;
    }
    char *end;
    errno = 0;
    *id = strtoll(text, &end, 10);
    return *end == '\0' && errno == 0;
}

static bool parse_degrees(const char *text, double *degrees)
{
    if (text == NULL || *text == '\0' || strlen(text) > 40 || strspn(text, "+-.0123456789eE") != strlen(text)) {
        return false;
    }
    char *end;
    *degrees = strtod(text, &end);
    return *end == '\0';
}

static bool keep_text(struct reader *reader, struct offset_vec *offsets, const char *text)
{
    size_t size = strlen(text) + 1;
    if (size > OSM_TEXT_MAX) {
        fail(reader, STATUS_BAD_INPUT, "a text that is too long");
        return false;
    }
    if (!vec_reserve(&reader->texts, reader->texts.count + size) || !vec_push(offsets, reader->texts.count)) {
        fail(reader, STATUS_NO_MEMORY, "no memory for an object");
        return false;
    }
    memcpy(reader->texts.items + reader->texts.count, text, size);
    reader->texts.count += size;
    return true;
}

static void begin_object(struct reader *reader, enum osm_kind kind, const XML_Char **attributes)
{
    reader->in_object = true;
    reader->kind = kind;
    reader->texts.count = reader->tag_at.count = reader->role_at.count = reader->members.count = reader->nodes.count = 0;
    const char *action = attribute(attributes, "action"), *visible = attribute(attributes, "visible");
    reader->deleted = (action != NULL && strcmp(action, "delete") == 0) || (visible != NULL && strcmp(visible, "false") == 0);
    if (!parse_id(attribute(attributes, "id"), &reader->id)) {
        fail(reader, STATUS_BAD_INPUT, "an object without a whole number as its id");
        return;
    }
    double lat, lon;
    if (kind == OSM_NODE && !reader->deleted &&
        !(parse_degrees(attribute(attributes, "lat"), &lat) && parse_degrees(attribute(attributes, "lon"), &lon) &&
          geo_point_from_degrees(lon, lat, &reader->point))) {
        fail(reader, STATUS_BAD_INPUT, "a node without a lat and lon on the earth");
    }
}

static void add_node_reference(struct reader *reader, const XML_Char **attributes)
{
    int64_t id;
    if (!parse_id(attribute(attributes, "ref"), &id)) {
        fail(reader, STATUS_BAD_INPUT, "a reference to a node (nd) that is not a whole number");
    } else if (reader->nodes.count == OSM_WAY_NODES_MAX) {
        fail(reader, STATUS_BAD_INPUT, "a way with too many nodes");
    } else if (!vec_push(&reader->nodes, id)) {
        fail(reader, STATUS_NO_MEMORY, "no memory for a way");
    }
}

static void add_tag(struct reader *reader, const XML_Char **attributes)
{
    const char *key = attribute(attributes, "k"), *value = attribute(attributes, "v");
    if (key == NULL || value == NULL) {
        fail(reader, STATUS_BAD_INPUT, "a tag without k and v");
    } else if (reader->tag_at.count == 2 * OSM_TAGS_MAX) {
        fail(reader, STATUS_BAD_INPUT, "an object with too many tags");
    } else if (keep_text(reader, &reader->tag_at, key)) {
        (void)keep_text(reader, &reader->tag_at, value);
    }
}

static void add_member(struct reader *reader, const XML_Char **attributes)
{
    const char *type = attribute(attributes, "type"), *role = attribute(attributes, "role");
    struct osm_member member = { .kind = OSM_RELATION };
    if (type != NULL && strcmp(type, "node") == 0) {
        member.kind = OSM_NODE;
    } else if (type != NULL && strcmp(type, "way") == 0) {
        member.kind = OSM_WAY;
    } else if (type == NULL || strcmp(type, "relation") != 0) {
        fail(reader, STATUS_BAD_INPUT, "a member that is neither node, way nor relation");
        return;
    }
    if (!parse_id(attribute(attributes, "ref"), &member.id)) {
        fail(reader, STATUS_BAD_INPUT, "a member without a whole number as its ref");
    } else if (reader->members.count == OSM_MEMBERS_MAX) {
        fail(reader, STATUS_BAD_INPUT, "a relation with too many members");
    } else if (keep_text(reader, &reader->role_at, role == NULL ? "" : role) && !vec_push(&reader->members, member)) {
        fail(reader, STATUS_NO_MEMORY, "no memory for a relation");
    }
}

static bool wanted(const struct reader *reader, enum osm_kind kind)
{
    return kind == OSM_NODE  ? reader->handler->node != NULL
           : kind == OSM_WAY ? reader->handler->way != NULL
                             : reader->handler->relation != NULL;
}

static void start_element(void *context, const XML_Char *element, const XML_Char **attributes)
{
    struct reader *reader = context;
    reader->depth += 1;
    if (reader->depth > DEPTH_MAX) {
        fail(reader, STATUS_BAD_INPUT, "elements nested too deeply");
    } else if (reader->depth == 1) {
        if (strcmp(element, "osm") != 0) {
            fail(reader, STATUS_BAD_INPUT, "not OpenStreetMap XML: the outermost element must be <osm>");
        }
    } else if (reader->depth == 2) {
        bool is_node = strcmp(element, "node") == 0, is_way = strcmp(element, "way") == 0;
        enum osm_kind kind = is_node ? OSM_NODE : is_way ? OSM_WAY : OSM_RELATION;
        if ((is_node || is_way || strcmp(element, "relation") == 0) && wanted(reader, kind)) {
            begin_object(reader, kind, attributes);
        }
    } else if (reader->depth == 3 && reader->in_object) {
        if (strcmp(element, "tag") == 0) {
            add_tag(reader, attributes);
        } else if (strcmp(element, "nd") == 0 && reader->kind == OSM_WAY) {
            add_node_reference(reader, attributes);
        } else if (strcmp(element, "member") == 0 && reader->kind == OSM_RELATION) {
            add_member(reader, attributes);
        }
    }
}

/* Texts have stopped moving: offsets become pointers. */
static bool settle_texts(struct reader *reader)
{
    reader->tags.count = 0;
    for (size_t i = 0; i + 1 < reader->tag_at.count; i += 2) {
        const char *texts = reader->texts.items;
        struct osm_tag tag = { texts + reader->tag_at.items[i], texts + reader->tag_at.items[i + 1] };
        if (!vec_push(&reader->tags, tag)) {
            fail(reader, STATUS_NO_MEMORY, "no memory for an object");
            return false;
        }
    }
    for (size_t i = 0; i < reader->members.count; i++) {
        reader->members.items[i].role = reader->texts.items + reader->role_at.items[i];
    }
    return true;
}

static enum status give_object(struct reader *reader)
{
    const struct osm_handler *handler = reader->handler;
    struct osm_tags tags = { reader->tags.items, reader->tags.count };
    if (reader->kind == OSM_NODE) {
        return handler->node(handler->context, &(struct osm_node){ reader->id, reader->point, tags }, reader->error);
    }
    if (reader->kind == OSM_WAY) {
        return handler->way(handler->context, &(struct osm_way){ reader->id, reader->nodes.items, reader->nodes.count, tags },
                            reader->error);
    }
    return handler->relation(handler->context,
                             &(struct osm_relation){ reader->id, reader->members.items, reader->members.count, tags },
                             reader->error);
}

static void end_element(void *context, const XML_Char *element)
{
    (void)element;
    struct reader *reader = context;
    reader->depth -= 1;
    if (reader->depth != 1 || !reader->in_object) {
        return;
    }
    reader->in_object = false;
    if (reader->status != STATUS_OK || reader->deleted || !settle_texts(reader)) {
        return;
    }
    reader->status = give_object(reader);
    if (reader->status != STATUS_OK) {
        XML_StopParser(reader->parser, XML_FALSE);
    }
}

static void refuse_document_type(void *context, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                                 int has_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    fail(context, STATUS_BAD_INPUT, "a document type declaration, which OpenStreetMap XML never has, is refused");
}

static enum status parse_text(struct reader *reader, const char *text, size_t size, bool last)
{
    if (XML_Parse(reader->parser, text, (int)size, last) == XML_STATUS_ERROR && reader->status == STATUS_OK) {
        reader->status = ERROR(reader->error, STATUS_BAD_INPUT, "%s:%lu: broken XML: %s%s", reader->name,
                               XML_GetCurrentLineNumber(reader->parser), XML_ErrorString(XML_GetErrorCode(reader->parser)),
                               last ? " (is the file complete?)" : "");
    }
    return reader->status;
}

static enum status packed_error(struct reader *reader, const char *form, size_t at, bool ended)
{
    return ERROR(reader->error, STATUS_BAD_INPUT, "%s: byte %zu: %s", reader->name, at,
                 ended ? (form[0] == 'g' ? "the gzip file ends early: is it a complete download?"
                                         : "the bzip2 file ends early: is it a complete download?")
                       : (form[0] == 'g' ? "broken gzip data" : "broken bzip2 data"));
}

static enum status read_gzip(struct reader *reader, const unsigned char *bytes, size_t size)
{
    char *text = malloc(CHUNK);
    z_stream stream = { 0 };
    if (text == NULL || inflateInit2(&stream, 15 + 16) != Z_OK) {
        free(text);
        return ERROR(reader->error, STATUS_NO_MEMORY, "%s: no memory to unpack it", reader->name);
    }
    enum status status = STATUS_OK;
    size_t at = 0;
    bool ended = false;
    while (status == STATUS_OK && !(ended && at == size)) {
        if (ended) { /* another member follows, as parallel packers write */
            inflateReset(&stream);
        }
        size_t step = size - at < CHUNK ? size - at : CHUNK;
        stream.next_in = (Bytef *)(uintptr_t)(bytes + at);
        stream.avail_in = (uInt)step;
        stream.next_out = (Bytef *)text;
        stream.avail_out = CHUNK;
        int result = inflate(&stream, Z_NO_FLUSH);
        at += step - stream.avail_in;
        size_t produced = CHUNK - stream.avail_out;
        ended = result == Z_STREAM_END;
        if (result != Z_OK && result != Z_STREAM_END) {
            status = packed_error(reader, "gzip", at, result == Z_BUF_ERROR && at == size);
        } else if (produced > 0) {
            status = parse_text(reader, text, produced, false);
        }
    }
    inflateEnd(&stream);
    free(text);
    return status;
}

static enum status read_bzip2(struct reader *reader, const unsigned char *bytes, size_t size)
{
    char *text = malloc(CHUNK);
    bz_stream stream = { 0 };
    if (text == NULL || BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) {
        free(text);
        return ERROR(reader->error, STATUS_NO_MEMORY, "%s: no memory to unpack it", reader->name);
    }
    enum status status = STATUS_OK;
    size_t at = 0;
    bool ended = false;
    while (status == STATUS_OK && !(ended && at == size)) {
        if (ended) {
            BZ2_bzDecompressEnd(&stream);
            stream = (bz_stream){ 0 };
            if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) {
                status = ERROR(reader->error, STATUS_NO_MEMORY, "%s: no memory to unpack it", reader->name);
                break;
            }
        }
        size_t step = size - at < CHUNK ? size - at : CHUNK;
        stream.next_in = (char *)(uintptr_t)(bytes + at);
        stream.avail_in = (unsigned)step;
        stream.next_out = text;
        stream.avail_out = CHUNK;
        int result = BZ2_bzDecompress(&stream);
        at += step - stream.avail_in;
        size_t produced = CHUNK - stream.avail_out;
        bool stuck = result == BZ_OK && produced == 0 && at == size;
        ended = result == BZ_STREAM_END;
        if ((result != BZ_OK && result != BZ_STREAM_END) || stuck) {
            status = packed_error(reader, "bzip2", at, stuck);
        } else if (produced > 0) {
            status = parse_text(reader, text, produced, false);
        }
    }
    BZ2_bzDecompressEnd(&stream);
    free(text);
    return status;
}

static enum status read_plain(struct reader *reader, const unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += CHUNK) {
        TRY(parse_text(reader, (const char *)bytes + at, size - at < CHUNK ? size - at : CHUNK, false));
    }
    return STATUS_OK;
}

static bool is_gzip(const unsigned char *bytes, size_t size) { return size >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B; }

static bool is_bzip2(const unsigned char *bytes, size_t size) { return size >= 3 && memcmp(bytes, "BZh", 3) == 0; }

bool osm_xml_recognised(const unsigned char *bytes, size_t size)
{
    if (is_gzip(bytes, size) || is_bzip2(bytes, size)) {
        return true;
    }
    size_t at = size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < size && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
        at++;
    }
    return at < size && bytes[at] == '<';
}

enum status osm_xml_read(const char *name, const unsigned char *bytes, size_t size, const struct osm_handler *handler,
                         struct error *error)
{
    struct reader reader = { .name = name, .handler = handler, .error = error, .parser = XML_ParserCreate(NULL) };
    if (reader.parser == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for the XML reader", name);
    }
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, start_element, end_element);
    XML_SetStartDoctypeDeclHandler(reader.parser, refuse_document_type);
    enum status status = is_gzip(bytes, size)    ? read_gzip(&reader, bytes, size)
                         : is_bzip2(bytes, size) ? read_bzip2(&reader, bytes, size)
                                                 : read_plain(&reader, bytes, size);
    if (status == STATUS_OK) {
        status = parse_text(&reader, "", 0, true);
    }
    XML_ParserFree(reader.parser);
    vec_free(&reader.texts);
    vec_free(&reader.tag_at);
    vec_free(&reader.role_at);
    vec_free(&reader.tags);
    vec_free(&reader.members);
    vec_free(&reader.nodes);
    return status;
}
