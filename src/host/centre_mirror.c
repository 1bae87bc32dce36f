/* The I/O thread's side: what is durable arrives here, is applied to a second engine, and is shown to observers and senders.
 * Beside the state the mirror keeps the evidence of the standing recommendations: their events, as they were when they were
 * decided. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/centre_private.h"

enum { EVIDENCE_READ_MAX = 4096, NEAR_ENTRIES = 256 };

/* ---- evidence ---- */

static void keep_evidence(struct mirror *mirror, const struct entry_head *entry)
{
    const struct core *core = engine_core(mirror->engine);
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        if (event->kind == EVENT_UNITS_RECOMMENDED) {
            uint32_t id = ((const struct event_units_recommended *)event)->incident.v;
            struct unit_evidence *kept = &mirror->units[id & (core->head->limits.incidents - 1)];
            CHECK(event->size <= sizeof kept->event);
            kept->sequence = entry->sequence;
            memcpy(kept->event, event, event->size);
        } else if (event->kind == EVENT_DESTINATION_RECOMMENDED) {
            uint32_t id = ((const struct event_destination_recommended *)event)->mission.v;
            struct destination_evidence *kept = &mirror->destinations[id & core->mission_mask];
            CHECK(event->size <= sizeof kept->event);
            kept->sequence = entry->sequence;
            memcpy(kept->event, event, event->size);
        }
    }
}

const struct event_units_recommended *centre_recommendation(const struct centre *centre, struct incident_id id)
{
    const struct core *core = centre_core(centre);
    const struct incident *incident = core_incident(core, id);
    if (incident == NULL || incident->recommended_sequence == 0) {
        return NULL;
    }
    const struct unit_evidence *kept = &centre->mirror.units[id.v & (core->head->limits.incidents - 1)];
    const struct event_units_recommended *event = (const struct event_units_recommended *)kept->event;
    return kept->sequence == incident->recommended_sequence && event->incident.v == id.v ? event : NULL;
}

const struct event_destination_recommended *centre_destination_recommendation(const struct centre *centre, struct mission_id id)
{
    const struct core *core = centre_core(centre);
    const struct mission *mission = core_mission(core, id);
    if (mission == NULL || mission->recommended_sequence == 0) {
        return NULL;
    }
    const struct destination_evidence *kept = &centre->mirror.destinations[id.v & core->mission_mask];
    const struct event_destination_recommended *event = (const struct event_destination_recommended *)kept->event;
    return kept->sequence == mission->recommended_sequence && event->mission.v == id.v ? event : NULL;
}

/* ---- at the start ---- */

/* The entries that hold the standing recommendations, rising. */
struct wanted {
    struct mirror *mirror;
    uint64_t *sequences;
    uint32_t count, found;
    bool far; /* the next one lies so far on that it is read for itself */
};

static int compare_sequences(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The newest ones, should there be too many. */
static void list_wanted(struct wanted *wanted)
{
    const struct core *core = engine_core(wanted->mirror->engine);
    for (uint32_t slot = 0; slot < core->head->limits.incidents; slot++) {
        uint64_t sequence = core->incidents[slot].recommended_sequence;
        bool standing = sequence != 0 && core->incidents[slot].state != INCIDENT_STATE_CLOSED;
        wanted->sequences[wanted->count] = sequence;
        wanted->count += standing;
    }
    for (uint32_t slot = 0; slot <= core->mission_mask; slot++) {
        uint64_t sequence = core->missions[slot].recommended_sequence;
        bool standing = sequence != 0 && core->missions[slot].state != MISSION_STATE_ENDED;
        wanted->sequences[wanted->count] = sequence;
        wanted->count += standing;
    }
    qsort(wanted->sequences, wanted->count, sizeof wanted->sequences[0], compare_sequences);
    wanted->found = wanted->count > EVIDENCE_READ_MAX ? wanted->count - EVIDENCE_READ_MAX : 0;
}

static enum status look_for_wanted(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct wanted *wanted = visitor;
    bool hit = false;
    while (wanted->found < wanted->count && wanted->sequences[wanted->found] <= entry->sequence) {
        hit = true;
        wanted->found += 1;
    }
    if (hit) {
        keep_evidence(wanted->mirror, entry);
    }
    wanted->far = wanted->found == wanted->count || wanted->sequences[wanted->found] > entry->sequence + NEAR_ENTRIES;
    return wanted->far ? ERROR(error, STATUS_NOT_FOUND, "enough was read here") : STATUS_OK;
}

static enum status read_evidence(struct centre *centre, struct error *error)
{
    const struct journal *journal = &centre->core.journal;
    const struct core *core = engine_core(centre->mirror.engine);
    struct wanted wanted = { .mirror = &centre->mirror };
    wanted.sequences = calloc((size_t)core->head->limits.incidents + core->mission_mask + 2, sizeof *wanted.sequences);
    CHECK(wanted.sequences != NULL);
    list_wanted(&wanted);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && wanted.found < wanted.count) {
        uint32_t before = wanted.found;
        wanted.far = false;
        status = journal->read(journal->context, wanted.sequences[before], look_for_wanted, &wanted, error);
        CHECK(status != STATUS_OK || wanted.found > before || wanted.found == wanted.count);
        status = wanted.far ? STATUS_OK : status;
    }
    free(wanted.sequences);
    return status;
}

enum status centre_mirror_create(struct centre *centre, struct error *error)
{
    struct mirror *mirror = &centre->mirror;
    const struct core *core = engine_core(centre->core.engine);
    const void *bytes;
    size_t size;
    TRY(engine_create(&core->head->limits, centre->setup.policy, NULL, &mirror->engine, error));
    engine_snapshot(centre->core.engine, &bytes, &size);
    TRY(engine_restore(mirror->engine, bytes, size, error));
    mirror->units = calloc(core->head->limits.incidents, sizeof *mirror->units);
    mirror->destinations = calloc((size_t)core->mission_mask + 1, sizeof *mirror->destinations);
    CHECK(mirror->units != NULL && mirror->destinations != NULL);
    mirror->fingerprint = centre->core.delivered_fingerprint;
    return read_evidence(centre, error);
}

void centre_mirror_free(struct centre *centre)
{
    if (centre->mirror.engine != NULL) {
        engine_destroy(centre->mirror.engine);
    }
    free(centre->mirror.units);
    free(centre->mirror.destinations);
}

/* ---- the I/O thread ---- */

int centre_fd(const struct centre *centre) { return mailbox_fd(centre->outbox); }

const struct core *centre_core(const struct centre *centre) { return engine_core(centre->mirror.engine); }

uint64_t centre_fingerprint(const struct centre *centre) { return centre->mirror.fingerprint; }

void centre_observe(struct centre *centre, void (*entry)(void *observer, const struct entry_head *entry), void *observer)
{
    centre->mirror.entry = entry;
    centre->mirror.entry_observer = observer;
}

void centre_observe_effects(struct centre *centre, void (*effect)(void *observer, const struct effect *effect), void *observer)
{
    centre->mirror.effect = effect;
    centre->mirror.effect_observer = observer;
}

static void deliver_entry(struct mirror *mirror, const struct entry_head *entry)
{
    struct error error;
    CHECK(engine_apply_entry(mirror->engine, entry, &error) == STATUS_OK);
    keep_evidence(mirror, entry);
    mirror->fingerprint = entry_fingerprint(entry);
    if (mirror->entry != NULL) {
        mirror->entry(mirror->entry_observer, entry);
    }
}

static void deliver(struct mirror *mirror, const struct delivery *delivery)
{
    const void *body = delivery + 1;
    switch ((enum delivery_kind)delivery->kind) {
    case DELIVERY_ENTRY: deliver_entry(mirror, body); return;
    case DELIVERY_ANSWER: {
        const struct delivery_answer *answer = body;
        answer->answered(answer->context, &answer->answer);
        return;
    }
    case DELIVERY_EFFECT:
        if (mirror->effect != NULL) {
            mirror->effect(mirror->effect_observer, body);
        }
        return;
    }
    UNREACHABLE();
}

void centre_deliver(struct centre *centre)
{
    const void *bytes;
    CHECK(!centre->mirror.delivering); /* what is told here must not come back here */
    centre->mirror.delivering = true;
    size_t size = mailbox_take(centre->outbox, &bytes);
    for (size_t at = 0; at < size;) {
        const struct delivery *delivery = (const struct delivery *)((const unsigned char *)bytes + at);
        at += delivery->size;
        deliver(&centre->mirror, delivery);
    }
    centre->mirror.delivering = false;
}
