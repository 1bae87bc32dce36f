#include "protocol/protocol.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *const PROTOCOL_LANGUAGES[PROTOCOL_LANGUAGE_COUNT] = { "en", "zh" };
const char *const PROTOCOL_KINDS[PROTOCOL_KIND_COUNT] = { "question", "instruction" };

enum { FINDINGS_BYTES_MAX = 256 * 1024, FINDING_MAX = 1024 };

void protocol_free(struct protocol_file *protocol)
{
    if (protocol != NULL) {
        arena_destroy(&protocol->strings);
        free(protocol);
    }
}

void protocol_set_free(struct protocol_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        protocol_free(set->items[i]);
    }
    *set = (struct protocol_set){ 0 };
}

const struct protocol_file *protocol_find(const struct protocol_set *set, const char *id)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i]->id != NULL && strcmp(set->items[i]->id, id) == 0) {
            return set->items[i];
        }
    }
    return NULL;
}

const struct protocol_file *protocol_numbered(const struct protocol_set *set, uint8_t number)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i]->number == number) {
            return set->items[i];
        }
    }
    return NULL;
}

uint8_t protocol_step_find(const struct protocol_file *protocol, const char *name)
{
    for (uint32_t i = 0; i < protocol->step_count; i++) {
        if (strcmp(protocol->steps[i].name, name) == 0) {
            return (uint8_t)(i + 1);
        }
    }
    return 0;
}

void protocol_findings_init(struct protocol_findings *findings)
{
    findings->count = 0;
    text_init(&findings->lines, FINDINGS_BYTES_MAX);
}

void protocol_findings_free(struct protocol_findings *findings) { text_free(&findings->lines); }

void protocol_finding(struct protocol_findings *findings, const char *file, uint32_t line, const char *format, ...)
{
    char what[FINDING_MAX];
    va_list values;
    if (++findings->count > PROTOCOL_FINDINGS_SHOWN) {
        return;
    }
    va_start(values, format);
    (void)vsnprintf(what, sizeof what, format, values);
    va_end(values);
    if (file == NULL) {
        text_printf(&findings->lines, "%s\n", what);
    } else if (line > 0) {
        text_printf(&findings->lines, "%s:%u: %s\n", file, line, what);
    } else {
        text_printf(&findings->lines, "%s: %s\n", file, what);
    }
}
