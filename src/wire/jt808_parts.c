#include "wire/jt808_parts.h"

#include <stdlib.h>
#include <string.h>

struct assembly {
    bool is_used;
    bool is_asked; /* for what is missing */
    uint32_t owner;
    struct jt808_header header; /* of the last part that came */
    uint16_t first_serial;      /* of part 1, if they count up */
    uint16_t serial, part;      /* of what came first */
    uint16_t have;
    int64_t begun_ms, heard_ms;
    uint16_t lengths[JT808_PARTS_MAX];
    bool there[JT808_PARTS_MAX];
    uint8_t *bytes; /* JT808_BODY_MAX for each part */
};

struct jt808_parts {
    struct assembly assemblies[PARTS_MESSAGES_MAX];
    uint8_t *whole;
};

enum status jt808_parts_create(struct jt808_parts **parts, struct error *error)
{
    struct jt808_parts *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->whole = malloc((size_t)JT808_PARTS_MAX * JT808_BODY_MAX);
    }
    if (made == NULL || made->whole == NULL) {
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for messages in parts");
    }
    *parts = made;
    return STATUS_OK;
}

static void drop(struct assembly *assembly)
{
    free(assembly->bytes);
    *assembly = (struct assembly){ .is_used = false };
}

void jt808_parts_destroy(struct jt808_parts *parts)
{
    for (int i = 0; parts != NULL && i < PARTS_MESSAGES_MAX; i++) {
        drop(&parts->assemblies[i]);
    }
    if (parts != NULL) {
        free(parts->whole);
        free(parts);
    }
}

/* The owner's, or one that is free; NULL: there is no room. */
static struct assembly *find(struct jt808_parts *parts, uint32_t owner)
{
    struct assembly *empty = NULL;
    for (int i = 0; i < PARTS_MESSAGES_MAX; i++) {
        struct assembly *assembly = &parts->assemblies[i];
        if (assembly->is_used && assembly->owner == owner) {
            return assembly;
        }
        empty = empty == NULL && !assembly->is_used ? assembly : empty;
    }
    return empty;
}

static uint16_t first_serial_of(const struct jt808_header *header) { return (uint16_t)(header->serial - (header->part - 1)); }

static bool is_of(const struct assembly *assembly, const struct jt808_header *header)
{
    if (!assembly->is_used || assembly->header.id != header->id || assembly->header.parts != header->parts) {
        return false;
    }
    bool is_in_row = first_serial_of(header) == assembly->first_serial;
    bool is_same_for_all = header->serial == assembly->serial;
    bool is_sent_again = assembly->is_asked && header->part > 1 && !assembly->there[header->part - 1];
    return is_in_row || is_same_for_all || is_sent_again;
}

static bool begin(struct assembly *assembly, uint32_t owner, const struct jt808_header *header, int64_t now_ms)
{
    drop(assembly);
    assembly->bytes = malloc((size_t)header->parts * JT808_BODY_MAX);
    assembly->is_used = assembly->bytes != NULL;
    assembly->owner = owner;
    assembly->serial = header->serial;
    assembly->part = header->part;
    assembly->first_serial = first_serial_of(header);
    assembly->begun_ms = now_ms;
    return assembly->is_used;
}

static void put_together(struct jt808_parts *parts, struct assembly *assembly, struct jt808_message *whole)
{
    size_t length = 0;
    for (uint16_t i = 0; i < assembly->header.parts; i++) {
        memcpy(parts->whole + length, assembly->bytes + (size_t)i * JT808_BODY_MAX, assembly->lengths[i]);
        length += assembly->lengths[i];
    }
    *whole = (struct jt808_message){ .header = assembly->header, .body = parts->whole, .length = length };
    whole->header.parts = whole->header.part = 0;
    drop(assembly);
}

enum parts_verdict jt808_parts_take(struct jt808_parts *parts, uint32_t owner, const struct jt808_message *part, int64_t now_ms,
                                    struct jt808_message *whole)
{
    const struct jt808_header *header = &part->header;
    if (header->part == 0 || header->part > header->parts || header->parts > JT808_PARTS_MAX || part->length > JT808_BODY_MAX) {
        return PARTS_REFUSED;
    }
    struct assembly *assembly = find(parts, owner);
    if (assembly == NULL || (!is_of(assembly, header) && !begin(assembly, owner, header, now_ms))) {
        return PARTS_NO_ROOM;
    }
    if (header->serial == assembly->serial && header->part != assembly->part) {
        assembly->first_serial = header->serial; /* all are the same, also that of the first part */
    }
    size_t index = header->part - 1U;
    memcpy(assembly->bytes + index * JT808_BODY_MAX, part->body, part->length);
    assembly->lengths[index] = (uint16_t)part->length;
    assembly->have = (uint16_t)(assembly->have + !assembly->there[index]);
    assembly->there[index] = true;
    assembly->header = *header;
    assembly->heard_ms = now_ms;
    if (assembly->have < header->parts) {
        return PARTS_MORE;
    }
    put_together(parts, assembly, whole);
    return PARTS_WHOLE;
}

void jt808_parts_forget(struct jt808_parts *parts, uint32_t owner)
{
    struct assembly *assembly = find(parts, owner);
    if (assembly != NULL && assembly->is_used) {
        drop(assembly);
    }
}

bool jt808_parts_missing(struct jt808_parts *parts, int64_t now_ms, struct jt808_missing *missing)
{
    for (int i = 0; i < PARTS_MESSAGES_MAX; i++) {
        struct assembly *assembly = &parts->assemblies[i];
        if (assembly->is_used && now_ms - assembly->begun_ms > PARTS_LIFE_MS) {
            drop(assembly);
        }
        if (!assembly->is_used || now_ms - assembly->heard_ms < PARTS_QUIET_MS) {
            continue;
        }
        assembly->heard_ms = now_ms;
        assembly->is_asked = true;
        *missing = (struct jt808_missing){ .owner = assembly->owner, .serial = assembly->first_serial };
        for (uint16_t part = 1; part <= assembly->header.parts; part++) {
            if (!assembly->there[part - 1]) {
                missing->parts[missing->count++] = part;
            }
        }
        return true;
    }
    return false;
}
