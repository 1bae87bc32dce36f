/* Entries of the journal in the form of the API: the command with who sent it, and the events that it became. Generic over the
 * tables of schema/: what command_json.h reads, this writes.
 *
 *   {"sequence":7,"entered_at":"...","occurred_at":null,"actor_kind":"seat","actor":12,
 *    "command":{"command":"call_answer","call":3,"revision":1,"seat":2},
 *    "events":[{"event":"call_answered","call":3,...}]}
 *
 * A list is "items". Any thread. */
#ifndef MINGDI_WIRE_ENTRY_JSON_H
#define MINGDI_WIRE_ENTRY_JSON_H

#include "base/json.h"
#include "core/journal.h"

/* One object each; the bytes are well-formed; name is NULL for an element of an array. */
void command_write_form(struct json *json, const char *name, const struct command_head *command);
/* sequence of its entry, where the events of several stand in one list; 0: left out. */
void event_write_form(struct json *json, const char *name, const struct event_head *event, uint64_t sequence);
void entry_write_form(struct json *json, const char *name, const struct entry_head *entry);

#endif
