/* The tables that schema/ is made into, and the few functions that walk them.
 *
 * Workload: command_is_well_formed runs on every command of a live centre and of a simulated one (millions a second), so it
 * touches only fields that have something to check; the writers run for people and are rare. */
#include "core/schema.h"

#include <string.h>

#include "base/check.h"
#include "core/schema_tables.h"

const struct schema_kind *command_kind(uint16_t code)
{
    return code <= COMMAND_KIND_MAX && command_kinds[code].name != NULL ? &command_kinds[code] : NULL;
}

const struct schema_kind *event_kind(uint16_t code)
{
    return code <= EVENT_KIND_MAX && event_kinds[code].name != NULL ? &event_kinds[code] : NULL;
}

const char *refusal_name(enum refusal refusal)
{
    CHECK((size_t)refusal < ARRAY_LENGTH(refusal_names));
    return refusal_names[refusal];
}

const char *priority_name(enum priority priority)
{
    CHECK(priority < PRIORITY_COUNT);
    return enum_names_priority.labels[priority];
}

const char *actor_kind_name(enum actor_kind kind)
{
    CHECK(kind < ACTOR_KIND_COUNT);
    return enum_names_actor_kind.labels[kind];
}

const char *alarm_kind_name(enum alarm_kind kind)
{
    CHECK(kind < ALARM_KIND_COUNT);
    return enum_names_alarm_kind.labels[kind];
}

static int64_t read_number(const unsigned char *base, const struct schema_field *field)
{
    const unsigned char *at = base + field->offset;
    uint16_t small;
    uint32_t medium;
    int64_t large;
    switch (field->type) {
    case FIELD_U8:
    case FIELD_ENUM: return *at;
    case FIELD_U16: memcpy(&small, at, sizeof small); return small;
    case FIELD_U32:
    case FIELD_SET:
    case FIELD_ID: memcpy(&medium, at, sizeof medium); return medium;
    default: memcpy(&large, at, sizeof large); return large;
    }
}

static bool fields_in_range(const unsigned char *base, const struct schema_field *fields)
{
    for (const struct schema_field *field = fields; field->name != NULL; field++) {
        if (field->type == FIELD_ENUM) {
            if (base[field->offset] >= field->labels->count) {
                return false;
            }
        } else if (field->type == FIELD_SET) {
            if (((uint32_t)read_number(base, field) & ~field->labels->bits) != 0) {
                return false;
            }
        } else if (field->minimum != field->maximum) {
            int64_t value = read_number(base, field);
            if (value < field->minimum || value > field->maximum) {
                return false;
            }
        }
    }
    return true;
}

static bool is_well_formed(const unsigned char *base, size_t size, const struct schema_kind *kind, uint32_t stated_size)
{
    if (size < kind->size || stated_size != size) {
        return false;
    }
    for (uint32_t i = kind->reserved_from; i < kind->size; i++) {
        if (base[i] != 0) {
            return false;
        }
    }
    if (!fields_in_range(base, kind->fields)) {
        return false;
    }
    if (kind->item_size == 0) {
        return size == kind->size;
    }
    uint32_t count;
    memcpy(&count, base + kind->count_offset, sizeof count);
    if (count != (size - kind->size) / kind->item_size || (size - kind->size) % kind->item_size != 0) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!fields_in_range(base + kind->size + (size_t)i * kind->item_size, kind->item_fields)) {
            return false;
        }
    }
    return true;
}

bool command_is_well_formed(const struct command_head *head, size_t size)
{
    if (size < sizeof *head) {
        return false;
    }
    const struct schema_kind *kind = command_kind(head->kind);
    return kind != NULL && head->version == kind->version && head->actor_kind < ACTOR_KIND_COUNT &&
           is_well_formed((const unsigned char *)head, size, kind, head->size);
}

bool event_is_well_formed(const struct event_head *head, size_t size)
{
    if (size < sizeof *head) {
        return false;
    }
    const struct schema_kind *kind = event_kind(head->kind);
    return kind != NULL && head->version == kind->version && is_well_formed((const unsigned char *)head, size, kind, head->size);
}

static void write_point(struct json *json, const char *name, const unsigned char *at)
{
    struct geo_point point;
    memcpy(&point, at, sizeof point);
    json_array_begin(json, name);
    json_e7(json, NULL, point.lon_e7);
    json_e7(json, NULL, point.lat_e7);
    json_array_end(json);
}

static void write_set(struct json *json, const struct schema_field *field, uint32_t set)
{
    json_array_begin(json, field->name);
    for (uint32_t bit = 0; bit < field->labels->count; bit++) {
        if (set >> bit & 1) {
            json_text(json, NULL, field->labels->labels[bit]);
        }
    }
    json_array_end(json);
}

static void write_fields(struct json *json, const unsigned char *base, const struct schema_field *fields)
{
    for (const struct schema_field *field = fields; field->name != NULL; field++) {
        int64_t value = read_number(base, field);
        if (field->type == FIELD_ENUM) {
            json_text(json, field->name, field->labels->labels[value]);
        } else if (field->type == FIELD_SET) {
            write_set(json, field, (uint32_t)value);
        } else if (field->type == FIELD_POINT) {
            write_point(json, field->name, base + field->offset);
        } else if ((field->type == FIELD_INSTANT && value == INT64_MIN) ||
                   (field->type == FIELD_DURATION && value == INT64_MAX)) {
            json_none(json, field->name);
        } else {
            json_int(json, field->name, value);
        }
    }
}

/* label: under which the kind's name stands; "kind" is the name of a field of some. */
static void write_record(struct json *json, const char *name, const char *label, const unsigned char *base,
                         const struct schema_kind *kind)
{
    json_object_begin(json, name);
    json_text(json, label, kind->name);
    write_fields(json, base, kind->fields);
    if (kind->item_size != 0) {
        uint32_t count;
        memcpy(&count, base + kind->count_offset, sizeof count);
        json_array_begin(json, kind->item_name);
        for (uint32_t i = 0; i < count; i++) {
            json_object_begin(json, NULL);
            write_fields(json, base + kind->size + (size_t)i * kind->item_size, kind->item_fields);
            json_object_end(json);
        }
        json_array_end(json);
    }
    json_object_end(json);
}

void command_write_json(struct json *json, const char *name, const struct command_head *head)
{
    const struct schema_kind *kind = command_kind(head->kind);
    CHECK(kind != NULL);
    write_record(json, name, "command", (const unsigned char *)head, kind);
}

void event_write_json(struct json *json, const char *name, const struct event_head *head)
{
    const struct schema_kind *kind = event_kind(head->kind);
    CHECK(kind != NULL);
    write_record(json, name, "event", (const unsigned char *)head, kind);
}
