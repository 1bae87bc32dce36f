/* A streaming JSON writer into a struct text: commas, escapes and nesting are its work, not the caller's.
 *
 * Strings must be UTF-8; invalid bytes become U+FFFD, so that the output is always valid JSON. Numbers that are not finite
 * are written as null. Reading JSON is done with jansson where it is needed, never here; names that jansson has (json_string,
 * json_null ...) are not used, for the linker would mix them up. */
#ifndef MINGDI_BASE_JSON_H
#define MINGDI_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum { JSON_DEPTH_MAX = 32 };

struct json {
    struct text *out;
    int depth;
    bool needs_comma[JSON_DEPTH_MAX + 1];
    bool after_key;
    int indent; /* spaces a level, 0 for one line */
};

void json_init(struct json *json, struct text *out, int indent);
/* name is NULL for an element of an array and for the outermost value. */
void json_object_begin(struct json *json, const char *name);
void json_object_end(struct json *json);
void json_array_begin(struct json *json, const char *name);
void json_array_end(struct json *json);
void json_text(struct json *json, const char *name, const char *value);
void json_text_n(struct json *json, const char *name, const char *value, size_t length);
void json_int(struct json *json, const char *name, int64_t value);
/* With at most the given number of decimals, trailing zeros left out. */
void json_number(struct json *json, const char *name, double value, int decimals);
/* A whole number of 1e-7 units as a decimal: 85412345 is written 8.5412345. For coordinates, without floating point. */
void json_e7(struct json *json, const char *name, int64_t value);
void json_bool(struct json *json, const char *name, bool value);
void json_none(struct json *json, const char *name);
/* A value that is JSON already, as it stands. */
void json_raw(struct json *json, const char *name, const char *value, size_t length);

#endif
