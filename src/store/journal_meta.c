#include "store/journal_meta.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"
#include "core/schema.h"

enum { SCHEMA_TEXT_MAX = 1 << 20 };

/* ---- schema ---- */

static uint64_t fields_hash(const struct schema_field *fields, uint64_t hash)
{
    for (; fields != NULL && fields->name != NULL; fields++) {
        uint64_t place[2] = { (uint64_t)fields->type, fields->offset };
        hash = hash64(place, sizeof place, hash64(fields->name, strlen(fields->name), hash));
    }
    return hash;
}

static void write_kind(struct text *out, const char *group, unsigned code, const struct schema_kind *kind)
{
    if (kind != NULL) {
        uint64_t hash = fields_hash(kind->item_fields, fields_hash(kind->fields, 0));
        text_printf(out, "%s %u %u %u %u %016" PRIx64 " %s\n", group, code, kind->version, kind->size, kind->item_size, hash,
                    kind->name);
    }
}

/* One line a kind of command and event: code, version, sizes, a hash of where its fields lie, name. */
static void write_schema(struct text *out)
{
    text_init(out, SCHEMA_TEXT_MAX);
    for (unsigned code = 0; code <= COMMAND_KIND_MAX; code++) {
        write_kind(out, "command", code, command_kind((uint16_t)code));
    }
    for (unsigned code = 0; code <= EVENT_KIND_MAX; code++) {
        write_kind(out, "event", code, event_kind((uint16_t)code));
    }
    CHECK(!out->failed);
}

/* A line of the file's schema that this program does not have. */
static enum status refuse_kind(const char *shown, const char *line, int length, struct error *error)
{
    char group[8] = "";
    unsigned code = 0;
    unsigned version = 0;
    if (sscanf(line, "%7s %5u %5u", group, &code, &version) != 3) {
        return ERROR(error, STATUS_CORRUPT, "%s: the description of its schema cannot be read: '%.*s'", shown, length, line);
    }
    bool is_command = strcmp(group, "command") == 0;
    const struct schema_kind *ours = code > UINT16_MAX ? NULL
                                     : is_command      ? command_kind((uint16_t)code)
                                                       : event_kind((uint16_t)code);
    if (ours == NULL || version > ours->version) {
        return ERROR(error, STATUS_VERSION,
                     "%s: was written by a newer version: it may hold '%.*s', which this one does not know", shown, length, line);
    }
    return ERROR(error, STATUS_VERSION, "%s: was written by another version: '%.*s' means something else in this one", shown,
                 length, line);
}

/* Every kind that the file may hold must be one that we have, laid out alike. */
static enum status check_schema(const char *shown, const char *theirs, struct error *error)
{
    struct text ours;
    write_schema(&ours);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && *theirs != '\0') {
        size_t length = strcspn(theirs, "\n");
        const char *found = memmem(ours.bytes, ours.length, theirs, length + (theirs[length] == '\n'));
        bool is_line = found != NULL && theirs[length] == '\n' && (found == ours.bytes || found[-1] == '\n');
        if (!is_line) {
            status = refuse_kind(shown, theirs, length > 120 ? 120 : (int)length, error);
        }
        theirs += length + (theirs[length] == '\n');
    }
    text_free(&ours);
    return status;
}

/* ---- meta ---- */

static bool read_number(const char *text, const char *name, int base, uint64_t maximum, uint64_t *value)
{
    const char *at = strstr(text, name);
    if (at == NULL) {
        return false;
    }
    char *end = NULL;
    errno = 0;
    *value = strtoull(at + strlen(name), &end, base);
    return end != at + strlen(name) && (*end == ' ' || *end == '\0') && errno == 0 && *value <= maximum;
}

#define LIMITS_FORMAT                                                                              \
    "calls=%u incidents=%u units=%u posts=%u facilities=%u keys=%u alarms=%u reserved_percent=%u " \
    "protocols=%u protocol_answers=%u"

/* A journal from before there were protocols gets the room of a new one. */
static uint32_t limit_or(const char *text, const char *name, uint32_t otherwise)
{
    uint64_t value;
    return read_number(text, name, 10, UINT32_MAX, &value) ? (uint32_t)value : otherwise;
}

static bool read_limits(const char *text, struct limits *limits)
{
    static const char *const names[] = { "calls=",      "incidents=", "units=",  "posts=",
                                         "facilities=", "keys=",      "alarms=", "reserved_percent=" };
    uint64_t values[ARRAY_LENGTH(names)];
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (!read_number(text, names[i], 10, UINT32_MAX, &values[i])) {
            return false;
        }
    }
    *limits = (struct limits){ .calls = (uint32_t)values[0],
                               .incidents = (uint32_t)values[1],
                               .units = (uint32_t)values[2],
                               .posts = (uint32_t)values[3],
                               .facilities = (uint32_t)values[4],
                               .keys = (uint32_t)values[5],
                               .alarms = (uint32_t)values[6],
                               .reserved_percent = (uint32_t)values[7],
                               .protocols = limit_or(text, " protocols=", PROTOCOLS_DEFAULT),
                               .protocol_answers = limit_or(text, " protocol_answers=", PROTOCOL_ANSWERS_DEFAULT) };
    return true;
}

enum status journal_meta_take(struct journal_facts *facts, const char *shown, const char *name, const char *value,
                              bool *schema_seen, struct error *error)
{
    bool readable = true;
    if (strcmp(name, "schema") == 0) {
        *schema_seen = true;
        return check_schema(shown, value, error);
    }
    if (strcmp(name, "created_by") == 0) {
        snprintf(facts->created_by, sizeof facts->created_by, "%s", value);
    } else if (strcmp(name, "policy") == 0) {
        snprintf(facts->policy, sizeof facts->policy, "%s", value);
    } else if (strcmp(name, "drill") == 0) {
        facts->drill = strcmp(value, "1") == 0;
    } else if (strcmp(name, "limits") == 0) {
        facts->limits_known = readable = read_limits(value, &facts->limits);
    } else if (strcmp(name, "final") == 0) {
        readable = read_number(value, "sequence=", 10, INT64_MAX, &facts->final_sequence) &&
                   read_number(value, "state_hash=", 16, UINT64_MAX, &facts->final_state_hash);
        facts->final_known = readable;
    }
    return readable ? STATUS_OK : ERROR(error, STATUS_CORRUPT, "%s: '%s' in meta cannot be read", shown, name);
}

/* ---- writing ---- */

enum status journal_meta_put_schema(journal_meta_put put, void *context, struct error *error)
{
    struct text schema;
    write_schema(&schema);
    enum status status = put(context, "schema", schema.bytes, error);
    text_free(&schema);
    return status;
}

enum status journal_meta_create(const struct journal_options *options, bool drill, journal_meta_put put, void *context,
                                struct error *error)
{
    TRY(journal_meta_put_schema(put, context, error));
    TRY(put(context, "created_by", options->created_by != NULL ? options->created_by : "mingdi", error));
    if (drill) {
        TRY(put(context, "drill", "1", error));
    }
    if (options->policy != NULL) {
        TRY(put(context, "policy", options->policy, error));
    }
    if (options->limits != NULL) {
        const struct limits *l = options->limits;
        char limits[256];
        snprintf(limits, sizeof limits, LIMITS_FORMAT, l->calls, l->incidents, l->units, l->posts, l->facilities, l->keys,
                 l->alarms, l->reserved_percent, l->protocols, l->protocol_answers);
        TRY(put(context, "limits", limits, error));
    }
    return STATUS_OK;
}

enum status journal_meta_put_final(uint64_t sequence, uint64_t state_hash, journal_meta_put put, void *context,
                                   struct error *error)
{
    char value[96];
    snprintf(value, sizeof value, "sequence=%" PRIu64 " state_hash=%016" PRIx64, sequence, state_hash);
    return put(context, "final", value, error);
}
