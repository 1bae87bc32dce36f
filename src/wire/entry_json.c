#include "wire/entry_json.h"

#include <string.h>

#include "base/check.h"
#include "wire/command_json.h"
#include "wire/form.h"

static void write_number(struct json *json, const char *name, const struct schema_field *field, const unsigned char *at)
{
    uint16_t small;
    uint32_t medium;
    int64_t large;
    switch (field->type) {
    case FIELD_U8: json_int(json, name, *at); return;
    case FIELD_U16:
        memcpy(&small, at, sizeof small);
        json_int(json, name, small);
        return;
    case FIELD_I64:
        memcpy(&large, at, sizeof large);
        json_int(json, name, large);
        return;
    default:
        memcpy(&medium, at, sizeof medium);
        json_int(json, name, medium);
        return;
    }
}

static void write_large(struct json *json, const char *name, const struct schema_field *field, const unsigned char *at)
{
    int64_t value;
    memcpy(&value, at, sizeof value);
    switch (field->type) {
    case FIELD_U64: form_u64(json, name, (uint64_t)value); return;
    case FIELD_INSTANT: form_instant(json, name, (struct instant){ value }); return;
    default: form_duration(json, name, duration_us(value)); return;
    }
}

static void write_field(struct json *json, const struct schema_field *field, const unsigned char *base)
{
    const unsigned char *at = base + field->offset;
    char name[FIELD_NAME_SIZE];
    struct geo_point point;
    uint32_t bits;
    command_member_name(field, name);
    switch (field->type) {
    case FIELD_U64:
    case FIELD_INSTANT:
    case FIELD_DURATION: write_large(json, name, field, at); return;
    case FIELD_ENUM: json_text(json, name, field->labels->labels[*at]); return;
    case FIELD_POINT:
        memcpy(&point, at, sizeof point);
        form_point(json, name, point);
        return;
    case FIELD_SET:
        memcpy(&bits, at, sizeof bits);
        form_set(json, name, field->labels, bits);
        return;
    default: write_number(json, name, field, at); return;
    }
}

static void write_fields(struct json *json, const struct schema_field *fields, const unsigned char *base)
{
    for (; fields->name != NULL; fields++) {
        write_field(json, fields, base);
    }
}

/* What follows the name of the kind: fields and list. */
static void write_body(struct json *json, const struct schema_kind *kind, const unsigned char *base)
{
    write_fields(json, kind->fields, base);
    if (kind->item_size == 0) {
        return;
    }
    uint32_t count;
    memcpy(&count, base + kind->count_offset, sizeof count);
    json_array_begin(json, "items");
    for (uint32_t i = 0; i < count; i++) {
        json_object_begin(json, NULL);
        write_fields(json, kind->item_fields, base + kind->size + (size_t)i * kind->item_size);
        json_object_end(json);
    }
    json_array_end(json);
}

void command_write_form(struct json *json, const char *name, const struct command_head *command)
{
    const struct schema_kind *kind = command_kind(command->kind);
    CHECK(kind != NULL);
    json_object_begin(json, name);
    json_text(json, "command", kind->name);
    write_body(json, kind, (const unsigned char *)command);
    json_object_end(json);
}

void event_write_form(struct json *json, const char *name, const struct event_head *event, uint64_t sequence)
{
    const struct schema_kind *kind = event_kind(event->kind);
    CHECK(kind != NULL);
    json_object_begin(json, name);
    json_text(json, "event", kind->name);
    if (sequence != 0) {
        json_int(json, "sequence", (int64_t)sequence);
    }
    write_body(json, kind, (const unsigned char *)event);
    json_object_end(json);
}

void entry_write_form(struct json *json, const char *name, const struct entry_head *entry)
{
    const struct command_head *command = entry_command(entry);
    json_object_begin(json, name);
    json_int(json, "sequence", (int64_t)entry->sequence);
    form_instant(json, "entered_at", entry->entered_at);
    form_instant(json, "occurred_at", command->occurred_at);
    json_text(json, "actor_kind", actor_kind_name((enum actor_kind)command->actor_kind));
    json_int(json, "actor", command->actor);
    command_write_form(json, "command", command);
    json_array_begin(json, "events");
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        event_write_form(json, NULL, event, 0);
    }
    json_array_end(json);
    json_object_end(json);
}
