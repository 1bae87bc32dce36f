#include "road/geojson.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/vec.h"

VEC_TYPE(tag_vec, struct osm_tag);
VEC_TYPE(id_vec, int64_t);
VEC_TYPE(text_vec, char);
VEC_TYPE(offset_vec, size_t);

enum { DEPTH_MAX = 8 };

struct reader {
    const char *name;
    const char *bytes;
    size_t size, at;
    const struct osm_handler *handler;
    struct error *error;
    uint64_t feature; /* from 1 */
    int64_t id;
    struct tag_vec tags;
    struct text_vec numbers;       /* texts of tags whose value is a number */
    struct offset_vec number_tags; /* which tags, and where their text begins */
    struct id_vec ids;
};

int64_t geojson_id_of_point(struct geo_point point)
{
    return (int64_t)((uint64_t)(uint32_t)point.lon_e7 << 32 | (uint32_t)point.lat_e7);
}

struct geo_point geojson_point_of_id(int64_t id)
{
    return (struct geo_point){ (int32_t)(uint32_t)((uint64_t)id >> 32), (int32_t)(uint32_t)((uint64_t)id & UINT32_MAX) };
}

/* ---- the outermost object, by hand: jansson reads one value at a time from where we stand ---- */

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->size && strchr(" \t\r\n", reader->bytes[reader->at]) != NULL &&
           reader->bytes[reader->at] != '\0') {
        reader->at++;
    }
}

static bool eat(struct reader *reader, char wanted)
{
    skip_space(reader);
    if (reader->at < reader->size && reader->bytes[reader->at] == wanted) {
        reader->at++;
        return true;
    }
    return false;
}

static enum status bad(struct reader *reader, const char *what)
{
    bool ended = reader->at >= reader->size;
    return ERROR(reader->error, STATUS_BAD_INPUT, "%s: byte %zu: %s%s", reader->name, reader->at, what,
                 ended ? ": the file ends early; is it a complete download?" : "");
}

static enum status read_value(struct reader *reader, json_t **value)
{
    json_error_t problem;
    skip_space(reader);
    *value = json_loadb(reader->bytes + reader->at, reader->size - reader->at,
                        JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &problem);
    if (*value == NULL) {
        size_t where = reader->at + (problem.position > 0 ? (size_t)problem.position : 0);
        bool ended = json_error_code(&problem) == json_error_premature_end_of_input || where >= reader->size;
        return ERROR(reader->error, STATUS_BAD_INPUT, "%s: byte %zu: broken JSON: %s%s", reader->name, where, problem.text,
                     ended ? "; is it a complete download?" : "");
    }
    reader->at += (size_t)problem.position;
    return STATUS_OK;
}

/* ---- one feature ---- */

static enum status bad_feature(struct reader *reader, const char *what)
{
    return ERROR(reader->error, STATUS_BAD_INPUT, "%s: feature %llu (before byte %zu): %s", reader->name,
                 (unsigned long long)reader->feature, reader->at, what);
}

static enum status no_memory(struct reader *reader)
{
    return ERROR(reader->error, STATUS_NO_MEMORY, "%s: no memory for feature %llu", reader->name,
                 (unsigned long long)reader->feature);
}

/* A tag whose value is a number or a truth ("lanes": 2, "bridge": true) becomes the text that OpenStreetMap would have. */
static enum status add_number_tag(struct reader *reader, const char *key, const json_t *value)
{
    char text[40];
    if (json_is_integer(value)) {
        snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    } else if (json_is_real(value)) {
        snprintf(text, sizeof text, "%.10g", json_real_value(value));
    } else {
        snprintf(text, sizeof text, "%s", json_is_true(value) ? "yes" : "no");
    }
    size_t size = strlen(text) + 1;
    if (!vec_reserve(&reader->numbers, reader->numbers.count + size) || !vec_push(&reader->number_tags, reader->tags.count) ||
        !vec_push(&reader->number_tags, reader->numbers.count) || !vec_push(&reader->tags, (struct osm_tag){ key, "" })) {
        return no_memory(reader);
    }
    memcpy(reader->numbers.items + reader->numbers.count, text, size);
    reader->numbers.count += size;
    return STATUS_OK;
}

static enum status add_tags(struct reader *reader, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (reader->tags.count >= OSM_TAGS_MAX) {
            return bad_feature(reader, "too many properties");
        }
        if (json_is_string(value)) {
            if (!vec_push(&reader->tags, (struct osm_tag){ key, json_string_value(value) })) {
                return no_memory(reader);
            }
        } else if (json_is_number(value) || json_is_boolean(value)) {
            TRY(add_number_tag(reader, key, value));
        }
    }
    return STATUS_OK;
}

static enum status read_tags(struct reader *reader, json_t *properties)
{
    reader->tags.count = reader->numbers.count = reader->number_tags.count = 0;
    if (!json_is_object(properties)) {
        return STATUS_OK; /* null is allowed */
    }
    static const char *const NESTED[] = { "tags", "@tags" };
    for (size_t i = 0; i < sizeof NESTED / sizeof *NESTED; i++) {
        json_t *tags = json_object_get(properties, NESTED[i]);
        if (json_is_object(tags)) {
            TRY(add_tags(reader, tags));
        }
    }
    TRY(add_tags(reader, properties));
    for (size_t i = 0; i < reader->number_tags.count; i += 2) {
        reader->tags.items[reader->number_tags.items[i]].value = reader->numbers.items + reader->number_tags.items[i + 1];
    }
    return STATUS_OK;
}

/* "way/123", "123" or 123; else the number of the feature. */
static int64_t id_of(const struct reader *reader, json_t *feature)
{
    json_t *properties = json_object_get(feature, "properties");
    json_t *const places[] = { json_object_get(feature, "id"), json_object_get(properties, "@id"),
                               json_object_get(properties, "id") };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (json_is_integer(places[i])) {
            return json_integer_value(places[i]);
        }
        if (json_is_string(places[i])) {
            const char *text = json_string_value(places[i]), *slash = strrchr(text, '/');
            char *end;
            long long id = strtoll(slash == NULL ? text : slash + 1, &end, 10);
            if (*end == '\0' && id > 0) {
                return id;
            }
        }
    }
    return (int64_t)reader->feature;
}

static enum status read_position(struct reader *reader, json_t *position, struct geo_point *point)
{
    json_t *lon = json_array_get(position, 0), *lat = json_array_get(position, 1);
    if (!json_is_number(lon) || !json_is_number(lat) ||
        !geo_point_from_degrees(json_number_value(lon), json_number_value(lat), point)) {
        return bad_feature(reader, "a position must be [longitude, latitude] in degrees");
    }
    return STATUS_OK;
}

static enum status give_line(struct reader *reader, json_t *line)
{
    size_t count = json_array_size(line);
    if (!json_is_array(line) || count > OSM_WAY_NODES_MAX) {
        return bad_feature(reader, "a line must be an array of positions, at most a million");
    }
    reader->ids.count = 0;
    for (size_t i = 0; i < count; i++) {
        struct geo_point point;
        TRY(read_position(reader, json_array_get(line, i), &point));
        if (!vec_push(&reader->ids, geojson_id_of_point(point))) {
            return no_memory(reader);
        }
    }
    if (reader->handler->way == NULL) {
        return STATUS_OK;
    }
    struct osm_way way = { reader->id, reader->ids.items, reader->ids.count, { reader->tags.items, reader->tags.count } };
    return reader->handler->way(reader->handler->context, &way, reader->error);
}

static enum status give_lines(struct reader *reader, json_t *lines)
{
    if (!json_is_array(lines)) {
        return bad_feature(reader, "coordinates must be an array of lines");
    }
    for (size_t i = 0; i < json_array_size(lines); i++) {
        TRY(give_line(reader, json_array_get(lines, i)));
    }
    return STATUS_OK;
}

static enum status give_point(struct reader *reader, json_t *position)
{
    struct osm_node node = { .tags = { reader->tags.items, reader->tags.count } };
    TRY(read_position(reader, position, &node.point));
    node.id = geojson_id_of_point(node.point);
    return reader->handler->node == NULL ? STATUS_OK : reader->handler->node(reader->handler->context, &node, reader->error);
}

static void skip_feature(struct reader *reader)
{
    if (reader->handler->skipped != NULL) {
        *reader->handler->skipped += 1;
    }
}

static enum status give_geometry(struct reader *reader, json_t *geometry)
{
    const char *type = json_string_value(json_object_get(geometry, "type"));
    json_t *coordinates = json_object_get(geometry, "coordinates");
    if (json_is_null(geometry) || type == NULL) {
        skip_feature(reader);
        return STATUS_OK;
    }
    if (strcmp(type, "LineString") == 0) {
        return give_line(reader, coordinates);
    }
    if (strcmp(type, "MultiLineString") == 0 || strcmp(type, "Polygon") == 0) {
        return give_lines(reader, coordinates);
    }
    if (strcmp(type, "Point") == 0) {
        return give_point(reader, coordinates);
    }
    skip_feature(reader);
    return STATUS_OK;
}

static enum status give_feature(struct reader *reader, json_t *feature)
{
    const char *type = json_string_value(json_object_get(feature, "type"));
    if (type == NULL || strcmp(type, "Feature") != 0) {
        return bad_feature(reader, "an element of \"features\" must be an object of type Feature");
    }
    TRY(read_tags(reader, json_object_get(feature, "properties")));
    reader->id = id_of(reader, feature);
    return give_geometry(reader, json_object_get(feature, "geometry"));
}

static enum status read_features(struct reader *reader)
{
    if (!eat(reader, '[')) {
        return bad(reader, "\"features\" must be an array");
    }
    if (eat(reader, ']')) {
        return STATUS_OK;
    }
    do {
        json_t *feature;
        reader->feature += 1;
        TRY(read_value(reader, &feature));
        enum status status = give_feature(reader, feature);
        json_decref(feature);
        TRY(status);
    } while (eat(reader, ','));
    return eat(reader, ']') ? STATUS_OK : bad(reader, "a comma or ] is missing after a feature");
}

static enum status read_member(struct reader *reader, bool *has_features)
{
    json_t *key, *value;
    TRY(read_value(reader, &key));
    bool is_features = json_is_string(key) && strcmp(json_string_value(key), "features") == 0;
    bool is_type = json_is_string(key) && strcmp(json_string_value(key), "type") == 0;
    bool is_key = json_is_string(key);
    json_decref(key);
    if (!is_key || !eat(reader, ':')) {
        return bad(reader, "not GeoJSON: an object must have text keys, each with a colon and a value");
    }
    if (is_features) {
        *has_features = true;
        return read_features(reader);
    }
    TRY(read_value(reader, &value));
    bool wrong_type = is_type && (!json_is_string(value) || strcmp(json_string_value(value), "FeatureCollection") != 0);
    json_decref(value);
    return wrong_type ? bad(reader, "not a GeoJSON FeatureCollection") : STATUS_OK;
}

static enum status read_collection(struct reader *reader)
{
    bool has_features = false;
    if (!eat(reader, '{')) {
        return bad(reader, "not GeoJSON: it does not begin with {");
    }
    do {
        TRY(read_member(reader, &has_features));
    } while (eat(reader, ','));
    if (!eat(reader, '}')) {
        return bad(reader, "a comma or } is missing");
    }
    skip_space(reader);
    if (reader->at < reader->size) {
        return bad(reader, "text after the end of the collection");
    }
    return has_features ? STATUS_OK : bad(reader, "a collection without \"features\"");
}

enum status geojson_read_bytes(const char *name, const unsigned char *bytes, size_t size, const struct osm_handler *handler,
                               struct error *error)
{
    struct reader reader = { .name = name, .bytes = (const char *)bytes, .size = size, .handler = handler, .error = error };
    reader.at = size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    enum status status = read_collection(&reader);
    vec_free(&reader.tags);
    vec_free(&reader.numbers);
    vec_free(&reader.number_tags);
    vec_free(&reader.ids);
    return status;
}

enum status geojson_read(const char *path, const struct osm_handler *handler, struct error *error)
{
    struct file_view file;
    TRY(file_view_open(&file, path, error));
    enum status status = geojson_read_bytes(path, file.bytes, file.size, handler, error);
    file_view_close(&file);
    return status;
}
