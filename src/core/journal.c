#include "core/journal.h"

#include "base/hash.h"

const struct command_head *entry_command(const struct entry_head *entry) { return (const struct command_head *)(entry + 1); }

const struct event_head *entry_first_event(const struct entry_head *entry)
{
    return (const struct event_head *)((const unsigned char *)(entry + 1) + entry->command_size);
}

const struct event_head *event_next(const struct event_head *event)
{
    return (const struct event_head *)((const unsigned char *)event + event->size);
}

/* The checksum covers the head up to the checksum itself, and everything after the head. */
static uint32_t entry_checksum(const struct entry_head *entry)
{
    uint64_t hash = hash64(entry, offsetof(struct entry_head, checksum), 0);
    return (uint32_t)hash64(entry + 1, entry->size - sizeof *entry, hash);
}

void entry_seal(struct entry_head *entry) { entry->checksum = entry_checksum(entry); }

uint64_t entry_fingerprint(const struct entry_head *entry)
{
    uint64_t hash = hash64(entry, sizeof *entry, 0);
    return hash != 0 ? hash : 1;
}

bool entry_is_sound(const struct entry_head *entry, size_t size)
{
    if (size < sizeof *entry || entry->size != size || size % 8 != 0 || entry->command_size > size - sizeof *entry ||
        entry->command_size % 8 != 0 || entry_checksum(entry) != entry->checksum ||
        !command_is_well_formed(entry_command(entry), entry->command_size)) {
        return false;
    }
    size_t left = size - sizeof *entry - entry->command_size;
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++) {
        if (left < sizeof *event || event->size > left || event->size < sizeof *event || event->size % 8 != 0 ||
            !event_is_well_formed(event, event->size)) {
            return false;
        }
        left -= event->size;
        event = event_next(event);
    }
    return left == 0;
}
