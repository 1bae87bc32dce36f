/* The schema at run time: commands and events as bytes, checked, named and written as text. The structs themselves are in the
 * generated core/schema_types.h, which this header includes. */
#ifndef MINGDI_CORE_SCHEMA_H
#define MINGDI_CORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "core/schema_types.h"

enum schema_field_type {
    FIELD_U8,
    FIELD_U16,
    FIELD_U32,
    FIELD_U64,
    FIELD_I64,
    FIELD_INSTANT,
    FIELD_DURATION,
    FIELD_POINT,
    FIELD_ID,
    FIELD_ENUM,
    FIELD_SET, /* uint32_t; labels by bit */
};

/* Of an enumeration: labels by code. Of a set: labels by bit, NULL for a bit that means nothing and must be 0. */
struct schema_enum {
    const char *name;
    uint32_t count; /* of codes; of bits, up to the highest that has a label */
    uint32_t bits;  /* of a set: those that have a label */
    const char *labels[32];
};

struct schema_field {
    const char *name; /* NULL ends a list of fields */
    enum schema_field_type type;
    size_t offset;
    int64_t minimum, maximum;         /* checked if they differ */
    const struct schema_enum *labels; /* of FIELD_ENUM and FIELD_SET */
};

struct schema_kind {
    const char *name; /* NULL: no such code */
    uint16_t version;
    uint32_t size;          /* without the list */
    uint32_t reserved_from; /* reserved bytes begin here and end at size; they are zero */
    uint32_t actors;        /* bit set of enum actor_kind that may send it; commands only */
    const struct schema_field *fields;
    uint32_t item_size; /* 0: no list */
    const struct schema_field *item_fields;
    const char *item_name;
    uint32_t count_offset;
};

/* NULL for a code that does not exist. */
const struct schema_kind *command_kind(uint16_t code);
const struct schema_kind *event_kind(uint16_t code);
const char *refusal_name(enum refusal refusal);
const char *priority_name(enum priority priority);
const char *actor_kind_name(enum actor_kind kind);
const char *alarm_kind_name(enum alarm_kind kind);

/* Whether size bytes at head are one whole command (event) of a known kind and version: exact size, list count that fits,
 * enumerations and limits in range, reserved bytes zero. Safe on any bytes that are 8-byte aligned. */
bool command_is_well_formed(const struct command_head *head, size_t size);
bool event_is_well_formed(const struct event_head *head, size_t size);

/* One JSON object: the kind's name as "command" or "event", fields by name (enumerations by label, sets as arrays of labels,
 * instants as microseconds), list. The bytes are well-formed. */
void command_write_json(struct json *json, const char *name, const struct command_head *head);
void event_write_json(struct json *json, const char *name, const struct event_head *head);

/* Fill the head of a command on the stack: struct command_call_answer c; COMMAND_BEGIN(&c, CALL_ANSWER, ACTOR_KIND_SEAT); clears
 * all else. */
#define COMMAND_BEGIN(command, NAME, ACTOR_KIND)                                           \
    (*(command) = (__typeof__(*(command))){ .head = { .kind = COMMAND_##NAME,              \
                                                      .version = COMMAND_##NAME##_VERSION, \
                                                      .actor_kind = (ACTOR_KIND),          \
                                                      .size = sizeof *(command),           \
                                                      .occurred_at = INSTANT_NONE } })

#endif
