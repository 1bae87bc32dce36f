/* A journal entry as JSON, for people and their tools. */
#ifndef MINGDI_CLI_ENTRY_JSON_H
#define MINGDI_CLI_ENTRY_JSON_H

#include "base/json.h"
#include "core/journal.h"

/* No entry is larger as text; an entry of 8,192 travel times takes 700 kB. */
enum { ENTRY_JSON_MAX = 16 << 20 };

/* {"sequence", "time", "entered_at", "actor", "actor_kind", "occurred_at", "key", "command": {}, "events": []}; instants in
 * microseconds since 1970, time being entered_at as text. The entry is sound. */
void entry_write_json(struct json *json, const char *name, const struct entry_head *entry);

#endif
