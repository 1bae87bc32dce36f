/* What is under way, copied out and in: the tables stand behind a head that says which program and limits they are of. */
#include <string.h>

#include "base/check.h"
#include "measure/measure_private.h"

/* Raised when a slot comes to mean something else without changing its size. */
enum { STATE_VERSION = 1 };

struct state_head {
    uint32_t version;
    uint32_t call_size, incident_size, mission_size, unit_size; /* bytes of one slot */
    uint32_t calls, incidents, missions, units;
    uint32_t queue_now;
    uint64_t events, entries;
};
_Static_assert(sizeof(struct state_head) == 56, "no hidden padding");

static struct state_head head_of(const struct measure *measure)
{
    return (struct state_head){ .version = STATE_VERSION,
                                .call_size = sizeof *measure->calls,
                                .incident_size = sizeof *measure->incidents,
                                .mission_size = sizeof *measure->missions,
                                .unit_size = sizeof *measure->units,
                                .calls = measure->setup.limits.calls,
                                .incidents = measure->setup.limits.incidents,
                                .missions = measure->mission_mask + 1,
                                .units = measure->setup.limits.units + 1,
                                .queue_now = measure->queue_now,
                                .events = measure->events,
                                .entries = measure->entries };
}

enum { TABLES = 4 };

struct table {
    void *slots;
    size_t size; /* bytes */
};

static void list_tables(const struct measure *measure, struct table tables[TABLES])
{
    const struct state_head head = head_of(measure);
    tables[0] = (struct table){ measure->calls, (size_t)head.calls * head.call_size };
    tables[1] = (struct table){ measure->incidents, (size_t)head.incidents * head.incident_size };
    tables[2] = (struct table){ measure->missions, (size_t)head.missions * head.mission_size };
    tables[3] = (struct table){ measure->units, (size_t)head.units * head.unit_size };
}

size_t measure_state_size(const struct measure *measure)
{
    struct table tables[TABLES];
    size_t size = sizeof(struct state_head);
    list_tables(measure, tables);
    for (int i = 0; i < TABLES; i++) {
        size += tables[i].size;
    }
    return size;
}

/* What is counted within a window is not part of the state. */
static void check_window_is_empty(const struct measure *measure)
{
    CHECK(measure->setup.begin.us == measure->setup.end.us);
    CHECK(measure->call_rows.count == 0 && measure->mission_rows.count == 0);
}

void measure_state_save(const struct measure *measure, void *bytes)
{
    struct table tables[TABLES];
    unsigned char *at = bytes;
    const struct state_head head = head_of(measure);
    check_window_is_empty(measure);
    list_tables(measure, tables);
    memcpy(at, &head, sizeof head);
    at += sizeof head;
    for (int i = 0; i < TABLES; i++) {
        memcpy(at, tables[i].slots, tables[i].size);
        at += tables[i].size;
    }
}

enum status measure_state_load(struct measure *measure, const void *bytes, size_t size, struct error *error)
{
    struct state_head stored = { 0 };
    struct state_head ours = head_of(measure);
    struct table tables[TABLES];
    check_window_is_empty(measure);
    if (size >= sizeof stored) {
        memcpy(&stored, bytes, sizeof stored);
    }
    ours.queue_now = stored.queue_now;
    ours.events = stored.events;
    ours.entries = stored.entries;
    if (size != measure_state_size(measure) || memcmp(&stored, &ours, sizeof ours) != 0) {
        return ERROR(error, STATUS_VERSION, "what was under way is of other limits, or of another version of this program");
    }
    measure_reset(measure);
    list_tables(measure, tables);
    const unsigned char *at = (const unsigned char *)bytes + sizeof stored;
    for (int i = 0; i < TABLES; i++) {
        memcpy(tables[i].slots, at, tables[i].size);
        at += tables[i].size;
    }
    measure->queue_now = stored.queue_now;
    measure->events = stored.events;
    measure->entries = stored.entries;
    return STATUS_OK;
}
