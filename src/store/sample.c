#include "store/sample.h"

#include <string.h>

#include "base/check.h"
#include "base/hash.h"

/* Bytes of an entry being put together in a sample. */
struct maker {
    unsigned char *bytes;
    uint32_t size;
};

static void *take(struct maker *maker, uint32_t size)
{
    CHECK(maker->size + size <= SAMPLE_WORDS * sizeof(uint64_t));
    void *at = maker->bytes + maker->size;
    memset(at, 0, size);
    maker->size += size;
    return at;
}

static struct entry_head *begin(struct maker *maker, struct sample *sample, uint64_t sequence)
{
    *maker = (struct maker){ .bytes = (unsigned char *)sample->words };
    struct entry_head *entry = take(maker, sizeof *entry);
    entry->sequence = sequence;
    entry->entered_at = (struct instant){ (int64_t)sequence * 1000 };
    return entry;
}

static struct command_head head_of(enum command_kind kind, uint8_t actor_kind, uint32_t size, struct instant occurred_at)
{
    return (struct command_head){
        .kind = (uint16_t)kind, .version = 1, .actor_kind = actor_kind, .size = size, .occurred_at = occurred_at
    };
}

static void add_travel_times(struct maker *maker, struct entry_head *entry, uint32_t count, uint64_t draw)
{
    uint32_t size = (uint32_t)(sizeof(struct command_travel_times) + count * sizeof(struct travel_time));
    struct command_travel_times *command = take(maker, size);
    command->head = head_of(COMMAND_TRAVEL_TIMES, ACTOR_KIND_ROAD, size, entry->entered_at);
    command->incident.v = (uint32_t)(draw >> 8);
    command->count = count;
    for (uint32_t i = 0; i < count; i++) {
        draw = hash64(&i, sizeof i, draw);
        command->items[i] = (struct travel_time){ .unit = { i + 1 }, .eta = { (int64_t)(draw >> 32) } };
    }
    entry->command_size = size;
}

static void add_locate(struct maker *maker, struct entry_head *entry)
{
    struct command_call_locate *command = take(maker, sizeof *command);
    command->head = head_of(COMMAND_CALL_LOCATE, ACTOR_KIND_SEAT, sizeof *command, entry->entered_at);
    command->call.v = (uint32_t)entry->sequence;
    entry->command_size = sizeof *command;
}

static void add_offered(struct maker *maker, struct entry_head *entry, uint64_t draw)
{
    struct event_call_offered *event = take(maker, sizeof *event);
    event->head = (struct event_head){ .kind = EVENT_CALL_OFFERED, .version = 1, .size = sizeof *event };
    event->caller = draw;
    event->occurred_at = entry->entered_at;
    event->call.v = (uint32_t)entry->sequence;
    entry->event_count++;
}

static void add_unit(struct maker *maker, struct entry_head *entry)
{
    struct event_unit_added *event = take(maker, sizeof *event);
    event->head = (struct event_head){ .kind = EVENT_UNIT_ADDED, .version = 1, .size = sizeof *event };
    event->unit.v = (uint32_t)entry->sequence;
    entry->event_count++;
}

static const struct entry_head *end(const struct maker *maker, struct entry_head *entry)
{
    entry->size = maker->size;
    entry_seal(entry);
    return entry;
}

const struct entry_head *sample_entry(struct sample *sample, uint64_t sequence, uint64_t seed)
{
    struct maker maker;
    struct entry_head *entry = begin(&maker, sample, sequence);
    uint64_t draw = hash64(&sequence, sizeof sequence, seed);
    add_travel_times(&maker, entry, (uint32_t)(draw & 15), draw);
    for (uint64_t i = 0; i < 1 + (draw >> 4 & 7) + (draw >> 7 & 3); i++) {
        add_offered(&maker, entry, draw + i);
    }
    return end(&maker, entry);
}

const struct entry_head *sample_entry_200(struct sample *sample, uint64_t sequence)
{
    struct maker maker;
    struct entry_head *entry = begin(&maker, sample, sequence);
    add_locate(&maker, entry);
    add_offered(&maker, entry, sequence);
    add_offered(&maker, entry, sequence + 1);
    add_unit(&maker, entry);
    add_unit(&maker, entry);
    CHECK(maker.size == 200);
    return end(&maker, entry);
}

bool sample_equals(const struct entry_head *entry, uint64_t seed)
{
    struct sample sample;
    const struct entry_head *wanted = sample_entry(&sample, entry->sequence, seed);
    return entry->size == wanted->size && memcmp(entry, wanted, entry->size) == 0;
}
