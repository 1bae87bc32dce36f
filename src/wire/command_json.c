#include "wire/command_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "core/limits.h"
#include "wire/form.h"
#include "wire/parse.h"

enum { PREFIX_SIZE = 32, MEMBERS_MAX = 40, KINDS_MAX = COMMAND_KIND_MAX + 2 };

/* A number of seconds beyond which nobody means it: 31 years; so that microseconds always fit and doubles are exact to one. */
#define SECONDS_MAX 1e9

/* One object of the body: the command itself, or an item. */
struct shape {
    const struct schema_field *fields;
    unsigned char *base;
    const char *prefix; /* "" or "items[3]." */
};

uint16_t command_find(const char *name)
{
    for (uint16_t code = 1; code <= COMMAND_KIND_MAX; code++) {
        const struct schema_kind *kind = command_kind(code);
        if (kind != NULL && strcmp(kind->name, name) == 0) {
            return code;
        }
    }
    return 0;
}

void command_member_name(const struct schema_field *field, char name[FIELD_NAME_SIZE])
{
    int length = snprintf(name, FIELD_NAME_SIZE, "%s%s", field->name, field->type == FIELD_DURATION ? "_s" : "");
    CHECK(length < FIELD_NAME_SIZE);
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool command_member_is_optional(const struct schema_field *field)
{
    static const char *const names[] = { "revision",
                                         "incident_revision",
                                         "unit_revision",
                                         "override",
                                         "district",
                                         "external",
                                         "caller",
                                         "cause",
                                         "place",
                                         "answered_by",
                                         "linked_to",
                                         "units_short",
                                         "shortfall_reason",
                                         "call_outcome",
                                         "taken_to",
                                         "end_reason" };
    return field->type == FIELD_INSTANT || is_among(field->name, names, ARRAY_LENGTH(names));
}

/* An instant that is not said has not happened; but an end that is not said does not come. */
static struct instant instant_unsaid(const struct schema_field *field)
{
    return strcmp(field->name, "until") == 0 ? INSTANT_NEVER : INSTANT_NONE;
}

static void number_range(const struct schema_field *field, int64_t *minimum, int64_t *maximum)
{
    *minimum = 0;
    switch (field->type) {
    case FIELD_U8: *maximum = UINT8_MAX; break;
    case FIELD_U16: *maximum = UINT16_MAX; break;
    case FIELD_ID:
        *minimum = 1;
        *maximum = UINT32_MAX;
        break;
    case FIELD_I64:
        *minimum = INT64_MIN;
        *maximum = INT64_MAX;
        break;
    default: *maximum = UINT32_MAX; break;
    }
    if (field->minimum != field->maximum) {
        *minimum = field->minimum;
        *maximum = field->maximum;
    }
}

static void store_number(const struct schema_field *field, unsigned char *base, int64_t value)
{
    uint8_t tiny = (uint8_t)value;
    uint16_t small = (uint16_t)value;
    uint32_t medium = (uint32_t)value;
    switch (field->type) {
    case FIELD_U8: memcpy(base + field->offset, &tiny, sizeof tiny); break;
    case FIELD_U16: memcpy(base + field->offset, &small, sizeof small); break;
    case FIELD_U32:
    case FIELD_ID: memcpy(base + field->offset, &medium, sizeof medium); break;
    default: memcpy(base + field->offset, &value, sizeof value); break;
    }
}

static enum status read_number(const struct shape *shape, const struct schema_field *field, json_t *value, struct error *error)
{
    int64_t minimum, maximum, number = json_integer_value(value);
    number_range(field, &minimum, &maximum);
    if (!json_is_integer(value) || number < minimum || number > maximum) {
        return ERROR(error, STATUS_BAD_INPUT, "%s%s must be a whole number from %" PRId64 " to %" PRId64, shape->prefix,
                     field->name, minimum, maximum);
    }
    store_number(field, shape->base, number);
    return STATUS_OK;
}

static enum status read_u64(const struct shape *shape, const struct schema_field *field, json_t *value, struct error *error)
{
    uint64_t number;
    if (!json_is_string(value) || !form_u64_read(json_string_value(value), json_string_length(value), &number)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s%s must be a text of 1 to 16 hexadecimal digits", shape->prefix, field->name);
    }
    memcpy(shape->base + field->offset, &number, sizeof number);
    return STATUS_OK;
}

static enum status read_instant(const struct shape *shape, const struct schema_field *field, json_t *value, struct error *error)
{
    struct instant at;
    if (!json_is_string(value) || !form_instant_read(json_string_value(value), json_string_length(value), &at)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s%s must be an instant as in RFC 3339: \"2026-11-22T08:30:00.123456Z\"",
                     shape->prefix, field->name);
    }
    memcpy(shape->base + field->offset, &at, sizeof at);
    return STATUS_OK;
}

/* Whole microseconds of a number of seconds; false if it is none or too large. */
static bool duration_of(json_t *value, struct duration *duration)
{
    double seconds = json_number_value(value);
    if (!json_is_number(value) || !(seconds >= -SECONDS_MAX && seconds <= SECONDS_MAX)) {
        return false;
    }
    *duration = json_is_integer(value) ? duration_seconds(json_integer_value(value)) : duration_us(llround(seconds * 1e6));
    return true;
}

static enum status read_duration(const struct shape *shape, const struct schema_field *field, json_t *value, struct error *error)
{
    bool ranged = field->minimum != field->maximum;
    struct duration duration;
    if (!duration_of(value, &duration) || (ranged && (duration.us < field->minimum || duration.us > field->maximum))) {
        return ERROR(error, STATUS_BAD_INPUT, "%s%s_s must be a number of seconds from %g to %g", shape->prefix, field->name,
                     ranged ? (double)field->minimum / 1e6 : -SECONDS_MAX, ranged ? (double)field->maximum / 1e6 : SECONDS_MAX);
    }
    memcpy(shape->base + field->offset, &duration, sizeof duration);
    return STATUS_OK;
}

static enum status read_point(const struct shape *shape, const struct schema_field *field, json_t *value, struct error *error)
{
    static const char *const names[] = { "lon", "lat", NULL };
    json_t *lon = json_object_get(value, "lon"), *lat = json_object_get(value, "lat");
    struct geo_point point;
    if (!json_is_number(lon) || !json_is_number(lat) ||
        !geo_point_from_degrees(json_number_value(lon), json_number_value(lat), &point)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s%s must be a place, in degrees: {\"lon\": -180 to 180, \"lat\": -90 to 90}",
                     shape->prefix, field->name);
    }
    char prefix[PREFIX_SIZE + FIELD_NAME_SIZE];
    snprintf(prefix, sizeof prefix, "%s%s.", shape->prefix, field->name);
    memcpy(shape->base + field->offset, &point, sizeof point);
    return wire_only_members(value, prefix, names, error);
}

static void list_labels(const struct schema_enum *labels, char *out, size_t size)
{
    out[0] = '\0';
    for (uint32_t i = 0, length = 0; i < labels->count && length < size; i++) {
        if (labels->labels[i] != NULL) {
            length += (uint32_t)snprintf(out + length, size - length, "%s%s", length == 0 ? "" : ", ", labels->labels[i]);
        }
    }
}

/* The place of the label, or -1. */
static int find_label(const struct schema_enum *labels, json_t *value)
{
    for (uint32_t i = 0; json_is_string(value) && i < labels->count; i++) {
        if (labels->labels[i] != NULL && strcmp(labels->labels[i], json_string_value(value)) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static enum status read_enum(const struct shape *shape, const struct schema_field *field, json_t *value, struct error *error)
{
    int label = find_label(field->labels, value);
    if (label < 0) {
        char labels[512];
        list_labels(field->labels, labels, sizeof labels);
        return ERROR(error, STATUS_BAD_INPUT, "%s%s must be one of: %s", shape->prefix, field->name, labels);
    }
    shape->base[field->offset] = (uint8_t)label;
    return STATUS_OK;
}

static enum status read_set(const struct shape *shape, const struct schema_field *field, json_t *value, struct error *error)
{
    uint32_t bits = 0;
    bool good = json_is_array(value);
    for (size_t i = 0; good && i < json_array_size(value); i++) {
        int label = find_label(field->labels, json_array_get(value, i));
        good = label >= 0;
        bits |= good ? 1u << label : 0;
    }
    if (!good) {
        char labels[512];
        list_labels(field->labels, labels, sizeof labels);
        return ERROR(error, STATUS_BAD_INPUT, "%s%s must be an array, of any of: %s", shape->prefix, field->name, labels);
    }
    memcpy(shape->base + field->offset, &bits, sizeof bits);
    return STATUS_OK;
}

static enum status read_unsaid(const struct shape *shape, const struct schema_field *field, bool is_null, struct error *error)
{
    if (command_member_is_optional(field)) {
        struct instant at = instant_unsaid(field);
        if (field->type == FIELD_INSTANT) {
            memcpy(shape->base + field->offset, &at, sizeof at);
        }
        return STATUS_OK;
    }
    if (is_null && field->type == FIELD_DURATION && field->minimum == field->maximum) {
        struct duration unreachable = DURATION_UNREACHABLE;
        memcpy(shape->base + field->offset, &unreachable, sizeof unreachable);
        return STATUS_OK;
    }
    char name[FIELD_NAME_SIZE];
    command_member_name(field, name);
    return ERROR(error, STATUS_BAD_INPUT, is_null ? "%s%s must not be null" : "%s%s is missing", shape->prefix, name);
}

static enum status read_field(const struct shape *shape, const struct schema_field *field, json_t *object, struct error *error)
{
    char name[FIELD_NAME_SIZE];
    command_member_name(field, name);
    json_t *value = json_object_get(object, name);
    if (value == NULL || json_is_null(value)) {
        return read_unsaid(shape, field, value != NULL, error);
    }
    switch (field->type) {
    case FIELD_U64: return read_u64(shape, field, value, error);
    case FIELD_INSTANT: return read_instant(shape, field, value, error);
    case FIELD_DURATION: return read_duration(shape, field, value, error);
    case FIELD_POINT: return read_point(shape, field, value, error);
    case FIELD_ENUM: return read_enum(shape, field, value, error);
    case FIELD_SET: return read_set(shape, field, value, error);
    default: return read_number(shape, field, value, error);
    }
}

/* No member but the fields and those of extra (NULL ends them). */
static enum status check_members(const struct shape *shape, json_t *object, const char *const *extra, struct error *error)
{
    char texts[MEMBERS_MAX][FIELD_NAME_SIZE];
    const char *names[MEMBERS_MAX + 1];
    size_t count = 0;
    for (const struct schema_field *field = shape->fields; field->name != NULL; field++, count++) {
        CHECK(count < MEMBERS_MAX);
        command_member_name(field, texts[count]);
        names[count] = texts[count];
    }
    for (; *extra != NULL; extra++) {
        CHECK(count < MEMBERS_MAX);
        names[count++] = *extra;
    }
    names[count] = NULL;
    return wire_only_members(object, shape->prefix, names, error);
}

static enum status read_object(const struct shape *shape, json_t *object, const char *const *extra, struct error *error)
{
    if (!json_is_object(object)) {
        return ERROR(error, STATUS_BAD_INPUT, "%.*s must be a JSON object", (int)strlen(shape->prefix) - 1, shape->prefix);
    }
    TRY(check_members(shape, object, extra, error));
    for (const struct schema_field *field = shape->fields; field->name != NULL; field++) {
        TRY(read_field(shape, field, object, error));
    }
    return STATUS_OK;
}

static enum status read_items(const struct schema_kind *kind, json_t *root, struct command_head *out, size_t capacity,
                              struct error *error)
{
    static const char *const none[] = { NULL };
    json_t *items = json_object_get(root, "items");
    if (!json_is_array(items)) {
        return ERROR(error, STATUS_BAD_INPUT, "items must be an array");
    }
    size_t count = json_array_size(items);
    if (count > (capacity - kind->size) / kind->item_size) {
        return ERROR(error, STATUS_FULL, "items are %zu, more than the %zu that one command may hold", count,
                     (capacity - kind->size) / kind->item_size);
    }
    unsigned char *base = (unsigned char *)out + kind->size;
    memset(base, 0, count * kind->item_size);
    for (size_t i = 0; i < count; i++) {
        char prefix[PREFIX_SIZE];
        snprintf(prefix, sizeof prefix, "items[%zu].", i);
        struct shape shape = { kind->item_fields, base + i * kind->item_size, prefix };
        TRY(read_object(&shape, json_array_get(items, i), none, error));
    }
    uint32_t number = (uint32_t)count;
    memcpy((unsigned char *)out + kind->count_offset, &number, sizeof number);
    out->size += number * kind->item_size;
    return STATUS_OK;
}

static enum status read_occurred_at(json_t *root, struct command_head *out, struct error *error)
{
    static const struct schema_field field = { .name = "occurred_at",
                                               .type = FIELD_INSTANT,
                                               .offset = offsetof(struct command_head, occurred_at) };
    struct shape shape = { &field, (unsigned char *)out, "" };
    return read_field(&shape, &field, root, error);
}

static enum status read_command(uint16_t code, json_t *root, struct command_head *out, size_t capacity, struct error *error)
{
    static const char *const head_members[] = { "occurred_at", NULL }, *const list_members[] = { "occurred_at", "items", NULL };
    const struct schema_kind *kind = command_kind(code);
    CHECK(kind->size <= capacity);
    memset(out, 0, kind->size);
    *out = (struct command_head){ .kind = code, .version = (uint8_t)kind->version, .size = kind->size };
    struct shape shape = { kind->fields, (unsigned char *)out, "" };
    TRY(read_object(&shape, root, kind->item_size != 0 ? list_members : head_members, error));
    TRY(read_occurred_at(root, out, error));
    return kind->item_size != 0 ? read_items(kind, root, out, capacity, error) : STATUS_OK;
}

static enum status unknown_command(const char *name, struct error *error)
{
    const char *names[KINDS_MAX];
    size_t count = 0;
    for (uint16_t code = 1; code <= COMMAND_KIND_MAX; code++) {
        if (command_kind(code) != NULL) {
            names[count++] = command_kind(code)->name;
        }
    }
    names[count] = NULL;
    const char *nearest = wire_nearest(name, names);
    return nearest != NULL ? ERROR(error, STATUS_NOT_FOUND, "there is no command of this name; is %s meant?", nearest)
                           : ERROR(error, STATUS_NOT_FOUND, "there is no command of this name");
}

enum status command_from_json(const char *name, const char *bytes, size_t length, struct command_head *out, size_t capacity,
                              struct error *error)
{
    uint16_t code = command_find(name);
    if (code == 0) {
        return unknown_command(name, error);
    }
    json_t *root;
    TRY(wire_parse_object(bytes, length, &root, error));
    enum status status = read_command(code, root, out, capacity, error);
    json_decref(root);
    CHECK(status != STATUS_OK || command_is_well_formed(out, out->size));
    return status;
}
