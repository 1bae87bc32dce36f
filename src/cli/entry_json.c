#include "cli/entry_json.h"

#include <stdio.h>

#include "core/schema.h"

static void write_command_head(struct json *json, const struct command_head *command)
{
    json_text(json, "actor_kind", actor_kind_name((enum actor_kind)command->actor_kind));
    json_int(json, "actor", command->actor);
    if (instant_is_none(command->occurred_at)) {
        json_none(json, "occurred_at");
    } else {
        json_int(json, "occurred_at", command->occurred_at.us);
    }
    if ((command->key_low | command->key_middle | command->key_high) != 0) {
        char key[25];
        snprintf(key, sizeof key, "%08x%08x%08x", command->key_high, command->key_middle, command->key_low);
        json_text(json, "key", key);
    }
}

void entry_write_json(struct json *json, const char *name, const struct entry_head *entry)
{
    const struct command_head *command = entry_command(entry);
    char time[INSTANT_TEXT_SIZE];
    instant_format(entry->entered_at, time);
    json_object_begin(json, name);
    json_int(json, "sequence", (int64_t)entry->sequence);
    json_text(json, "time", time);
    json_int(json, "entered_at", entry->entered_at.us);
    write_command_head(json, command);
    command_write_json(json, "command", command);
    json_array_begin(json, "events");
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        event_write_json(json, NULL, event);
    }
    json_array_end(json);
    json_object_end(json);
}
