/* Commands as JSON, in the form of the API: a body becomes the bytes that the core takes, by the tables of schema/, so that a
 * command added there is known here.
 *
 * Members are the command's fields by name; a duration's name gets "_s" and its value is in seconds; the list, where there is
 * one, is "items". Any command may carry "occurred_at". May be left out, or null: revisions (did not look), override,
 * district, external, caller, instants (not known; until: for ever). A duration that has no range may be null: unreachable.
 * Everything else is required.
 *
 * Workload: some hundred bodies a second of 50 to 500 bytes; travel times of a whole city 100 KB. Hostile bytes are safe. */
#ifndef MINGDI_WIRE_COMMAND_JSON_H
#define MINGDI_WIRE_COMMAND_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "core/schema.h"

/* The kind of that name, or 0. */
uint16_t command_find(const char *name);

enum { FIELD_NAME_SIZE = 64 };
/* What the member of a field is called in the API's form. */
void command_member_name(const struct schema_field *field, char name[FIELD_NAME_SIZE]);
bool command_member_is_optional(const struct schema_field *field);

/* Fills out (8-byte aligned, capacity bytes) with one well-formed command; actor, kind of actor and key are zero.
 *   NOT_FOUND  no such command: the nearest known name is in the text
 *   CORRUPT    the bytes are not JSON
 *   BAD_INPUT  the text names the member and what it must be: "items[3].unit must be a whole number from 1 to 4294967295"
 *   FULL       more items than out has room for */
enum status command_from_json(const char *name, const char *bytes, size_t length, struct command_head *out, size_t capacity,
                              struct error *error) MUST_USE;

#endif
