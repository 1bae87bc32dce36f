#include "wire/parse.h"

#include <inttypes.h>
#include <string.h>

#include "base/word.h"

enum { NAME_SHOWN_MAX = 40 };

/* Brackets outside of strings; jansson itself allows 2,048, each a frame of its stack. */
static bool is_too_deep(const char *bytes, size_t length)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = bytes[i];
        if (in_string) {
            i += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth += 1;
        } else if (c == '}' || c == ']') {
            depth -= 1;
        }
        if (depth > WIRE_DEPTH_MAX) {
            return true;
        }
    }
    return false;
}

static const char *what_is_wrong(enum json_error_code code)
{
    switch (code) {
    case json_error_premature_end_of_input: return "it ends too early";
    case json_error_end_of_input_expected: return "something follows after its end";
    case json_error_invalid_utf8: return "this is not UTF-8";
    case json_error_duplicate_key: return "a member stands twice in one object";
    case json_error_null_character:
    case json_error_null_byte_in_key: return "a text holds a zero character";
    case json_error_numeric_overflow: return "a number is too large";
    default: return "this is not JSON";
    }
}

enum status wire_parse(const char *bytes, size_t length, json_t **root, struct error *error)
{
    if (length == 0) {
        return ERROR(error, STATUS_CORRUPT, "the body is empty; it must be JSON");
    }
    if (is_too_deep(bytes, length)) {
        return ERROR(error, STATUS_CORRUPT, "the body has more than %d objects or arrays in one another", WIRE_DEPTH_MAX);
    }
    json_error_t problem;
    json_t *parsed = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &problem);
    if (parsed == NULL) {
        return ERROR(error, STATUS_CORRUPT, "the body is not JSON that can be read: line %d, column %d: %s", problem.line,
                     problem.column, what_is_wrong(json_error_code(&problem)));
    }
    *root = parsed;
    return STATUS_OK;
}

enum status wire_parse_object(const char *bytes, size_t length, json_t **root, struct error *error)
{
    json_t *parsed;
    TRY(wire_parse(bytes, length, &parsed, error));
    if (!json_is_object(parsed)) {
        json_decref(parsed);
        return ERROR(error, STATUS_BAD_INPUT, "the body must be a JSON object, not an array");
    }
    *root = parsed;
    return STATUS_OK;
}

const char *wire_nearest(const char *name, const char *const *names)
{
    const char *nearest = NULL;
    int best = WORD_DISTANCE_MAX;
    for (; *names != NULL; names++) {
        int far = word_distance(name, *names);
        if (far < best) {
            best = far;
            nearest = *names;
        }
    }
    return (size_t)best <= 1 + strlen(name) / 3 ? nearest : NULL;
}

enum status wire_only_members(json_t *object, const char *prefix, const char *const *names, struct error *error)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        const char *const *known = names;
        while (*known != NULL && strcmp(*known, key) != 0) {
            known++;
        }
        if (*known != NULL) {
            continue;
        }
        const char *nearest = wire_nearest(key, names);
        return nearest != NULL ? ERROR(error, STATUS_BAD_INPUT, "%s%.*s is not known here; is %s meant?", prefix, NAME_SHOWN_MAX,
                                       key, nearest)
                               : ERROR(error, STATUS_BAD_INPUT, "%s%.*s is not known here", prefix, NAME_SHOWN_MAX, key);
    }
    return STATUS_OK;
}

/* NULL, with OK, when it is not there and need not be. */
static enum status find(json_t *object, struct wire_member member, json_t **value, struct error *error)
{
    *value = json_object_get(object, member.name);
    if (json_is_null(*value)) {
        *value = NULL;
    }
    return *value != NULL || member.optional ? STATUS_OK : ERROR(error, STATUS_BAD_INPUT, "%s is missing", member.name);
}

enum status wire_text(json_t *object, struct wire_member member, size_t size_max, const char **value, struct error *error)
{
    json_t *found;
    TRY(find(object, member, &found, error));
    if (found == NULL) {
        return STATUS_OK;
    }
    if (!json_is_string(found) || json_string_length(found) >= size_max) {
        return ERROR(error, STATUS_BAD_INPUT, "%s must be a text of at most %zu bytes", member.name, size_max - 1);
    }
    *value = json_string_value(found);
    return STATUS_OK;
}

enum status wire_int(json_t *object, struct wire_member member, int64_t minimum, int64_t maximum, int64_t *value,
                     struct error *error)
{
    json_t *found;
    TRY(find(object, member, &found, error));
    if (found == NULL) {
        return STATUS_OK;
    }
    int64_t number = json_integer_value(found);
    if (!json_is_integer(found) || number < minimum || number > maximum) {
        return ERROR(error, STATUS_BAD_INPUT, "%s must be a whole number from %" PRId64 " to %" PRId64, member.name, minimum,
                     maximum);
    }
    *value = number;
    return STATUS_OK;
}

enum status wire_bool(json_t *object, struct wire_member member, bool *value, struct error *error)
{
    json_t *found;
    TRY(find(object, member, &found, error));
    if (found == NULL) {
        return STATUS_OK;
    }
    if (!json_is_boolean(found)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s must be true or false", member.name);
    }
    *value = json_is_true(found);
    return STATUS_OK;
}
