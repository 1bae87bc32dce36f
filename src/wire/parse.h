/* JSON bodies from strangers: parsed by jansson, after the depth was looked at, with texts that name what is wrong and where,
 * but never what was in it (it may be personal).
 *
 * Workload: bodies of 50 bytes to some 100 KB, bounded by the HTTP server; a tree of about 40 times their size for a moment. */
#ifndef MINGDI_WIRE_PARSE_H
#define MINGDI_WIRE_PARSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { WIRE_DEPTH_MAX = 32 }; /* of arrays and objects in one another */

/* An object or an array. CORRUPT when the bytes are not JSON (RFC 8259, UTF-8), say a member twice, or nest deeper than
 * WIRE_DEPTH_MAX. The caller frees *root with json_decref; on failure it is unchanged. */
enum status wire_parse(const char *bytes, size_t length, json_t **root, struct error *error) MUST_USE;
/* The same, and it must be an object: BAD_INPUT if it is not. */
enum status wire_parse_object(const char *bytes, size_t length, json_t **root, struct error *error) MUST_USE;

/* BAD_INPUT if the object has a member that is not among names (NULL ends them): the text tells the nearest one that is. */
enum status wire_only_members(json_t *object, const char *prefix, const char *const *names, struct error *error) MUST_USE;
/* The one of names that is the fewest changes of a letter away from name; NULL when none is near. */
const char *wire_nearest(const char *name, const char *const *names);

/* A member of an object that is not one of the core's commands. Missing or null: *value is left as it is if optional, else
 * BAD_INPUT. */
struct wire_member {
    const char *name;
    bool optional;
};
/* *value points into the tree; size_max in bytes with the terminator. */
enum status wire_text(json_t *object, struct wire_member member, size_t size_max, const char **value, struct error *error)
    MUST_USE;
enum status wire_int(json_t *object, struct wire_member member, int64_t minimum, int64_t maximum, int64_t *value,
                     struct error *error) MUST_USE;
enum status wire_bool(json_t *object, struct wire_member member, bool *value, struct error *error) MUST_USE;

#endif
