/* From the journal to a running engine: the newest snapshot, then the entries after it. At the start, and again after the journal
 * has failed; then entries that turned out durable, though nobody could be told so, are handed to the I/O thread. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/planted.h"
#include "host/centre_private.h"
#include "host/log.h"

struct recovery {
    struct centre *centre;
    struct journal_facts facts;
    bool again; /* the I/O thread is there and has had entries up to core.delivered */
    bool from_snapshot;
    uint64_t entries;
};

void centre_close_journal(struct centre *centre)
{
    struct core_side *core = &centre->core;
    if (core->engine != NULL) {
        engine_destroy(core->engine);
        core->engine = NULL;
    }
    if (core->journal_is_open) {
        core->journal.close(core->journal.context);
        core->journal_is_open = false;
    }
}

enum status centre_snapshot(struct centre *centre, struct error *error)
{
    struct core_side *core = &centre->core;
    uint64_t sequence = engine_core(core->engine)->head->sequence;
    if (sequence == core->snapshot_sequence) {
        return STATUS_OK;
    }
    const void *bytes;
    size_t size;
    int64_t began_us = clock_monotonic_us();
    engine_snapshot(core->engine, &bytes, &size);
    TRY(core->journal.snapshot_write(core->journal.context, sequence, bytes, size, error));
    core->snapshot_sequence = sequence;
    pthread_mutex_lock(&centre->lock);
    centre->figures.snapshots += 1;
    pthread_mutex_unlock(&centre->lock);
    LOG(LOG_INFO, "centre", "a snapshot was written", LOG_NUMBER("sequence", sequence), LOG_NUMBER("bytes", size),
        LOG_NUMBER("us", clock_monotonic_us() - began_us));
    return STATUS_OK;
}

/* ---- the engine ---- */

static enum status make_engine(struct recovery *recovery, const struct limits *limits, struct error *error)
{
    struct core_side *core = &recovery->centre->core;
    return engine_create(limits, recovery->centre->setup.policy, &core->journal, &core->engine, error);
}

/* A snapshot that cannot be used (made by a program that lays out its state otherwise) is left: the entries tell all. */
static enum status restore(struct recovery *recovery, const void *bytes, size_t size, struct error *error)
{
    struct core_side *core = &recovery->centre->core;
    struct limits limits;
    TRY(engine_snapshot_limits(bytes, size, &limits, error));
    TRY(make_engine(recovery, &limits, error));
    enum status status = engine_restore(core->engine, bytes, size, error);
    recovery->from_snapshot = status == STATUS_OK;
    if (status == STATUS_VERSION) {
        engine_destroy(core->engine);
        core->engine = NULL;
        LOG(LOG_WARNING, "centre", "the snapshot is of another version: the whole journal is read",
            LOG_TEXT("error", error->text));
    }
    return status == STATUS_VERSION ? STATUS_OK : status;
}

static enum status restore_newest(struct recovery *recovery, struct error *error)
{
    struct core_side *core = &recovery->centre->core;
    void *bytes = NULL;
    size_t size = 0;
    uint64_t sequence = 0;
    TRY(core->journal.snapshot_read(core->journal.context, &sequence, &bytes, &size, error));
    enum status status = size > 0 ? restore(recovery, bytes, size, error) : STATUS_OK;
    free(bytes);
    core->snapshot_sequence = recovery->from_snapshot ? sequence : 0;
    TRY(status);
    const struct journal_facts *facts = &recovery->facts;
    return core->engine != NULL
               ? STATUS_OK
               : make_engine(recovery, facts->limits_known ? &facts->limits : &recovery->centre->setup.limits, error);
}

/* ---- the entries ---- */

static void hand_over(struct core_side *core, struct centre *centre, const struct entry_head *entry)
{
    const struct delivery head = { .size = (uint32_t)sizeof head + entry->size, .kind = DELIVERY_ENTRY };
    centre_deliver_bytes(centre, &head, sizeof head, entry, entry->size);
    core->delivered = entry->sequence;
    core->delivered_fingerprint = entry_fingerprint(entry);
}

/* What the I/O thread has had cannot be taken back: clients have seen it. Its last entry stands for all before it: another
 * branch of the journal has another one there, of another moment. */
static enum status compare_delivered(struct core_side *core, const struct entry_head *entry, struct error *error)
{
    if (entry->sequence != core->delivered || entry_fingerprint(entry) == core->delivered_fingerprint) {
        return STATUS_OK;
    }
    core->parted = true;
    return ERROR(error, STATUS_CORRUPT,
                 "entry %" PRIu64 " of the journal is not the one that was written: this is another journal", entry->sequence);
}

static enum status miss_delivered(struct core_side *core, struct error *error)
{
    core->parted = true;
    return ERROR(error, STATUS_CORRUPT, "entry %" PRIu64 " was in the journal and is not any more: this is an older copy of it",
                 core->delivered);
}

static enum status take_entry(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct recovery *recovery = visitor;
    struct core_side *core = &recovery->centre->core;
    centre_beat(recovery->centre);
    if (recovery->again) {
        TRY(compare_delivered(core, entry, error));
    }
    if (entry->sequence > engine_core(core->engine)->head->sequence) {
        TRY(engine_apply_entry(core->engine, entry, error));
        recovery->entries += 1;
    }
    if (recovery->again && entry->sequence > core->delivered && !PLANTED(MIRROR_MISSES)) {
        hand_over(core, recovery->centre, entry);
    } else if (!recovery->again) {
        core->delivered_fingerprint = entry_fingerprint(entry);
    }
    return STATUS_OK;
}

struct reading_on {
    struct centre *centre;
    uint64_t from, last; /* the last entry that the I/O thread had before; the last that was visited, 0: none */
};

static enum status take_followed(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct reading_on *reading = visitor;
    struct core_side *core = &reading->centre->core;
    centre_beat(reading->centre);
    if (entry->sequence == reading->from) {
        reading->last = entry->sequence;
        return compare_delivered(core, entry, error);
    }
    if (reading->last < reading->from) {
        return miss_delivered(core, error);
    }
    TRY(engine_apply_entry(core->engine, entry, error));
    reading->last = entry->sequence;
    hand_over(core, reading->centre, entry);
    return STATUS_OK;
}

enum status centre_read_on(struct centre *centre, struct error *error)
{
    struct core_side *core = &centre->core;
    struct reading_on reading = { .centre = centre, .from = core->delivered };
    CHECK(core->delivered == engine_core(core->engine)->head->sequence);
    TRY(core->journal.read(core->journal.context, reading.from, take_followed, &reading, error));
    return reading.last < reading.from ? miss_delivered(core, error) : STATUS_OK;
}

/* The last entry that was handed over is read again if it may be compared. */
static enum status read_entries(struct recovery *recovery, struct error *error)
{
    struct core_side *core = &recovery->centre->core;
    uint64_t from = engine_core(core->engine)->head->sequence + 1;
    if (recovery->again && core->delivered > 0 && core->delivered < from) {
        from = core->delivered;
    } else if (!recovery->again && from > 1) {
        from -= 1; /* for its fingerprint */
    }
    TRY(core->journal.read(core->journal.context, from, take_entry, recovery, error));
    uint64_t last = engine_core(core->engine)->head->sequence;
    if (recovery->again && last < core->delivered) {
        return miss_delivered(core, error);
    }
    core->delivered = last;
    return STATUS_OK;
}

/* ---- whether it is ours ---- */

static enum status check_policy(const struct recovery *recovery, struct error *error)
{
    const char *recorded = recovery->facts.policy, *ours = recovery->centre->setup.policy->name;
    if (recorded[0] != '\0' && strcmp(recorded, ours) != 0) {
        return ERROR(error, STATUS_VERSION, "the journal is decided by the policy '%s', the settings name '%s': set it back",
                     recorded, ours);
    }
    return STATUS_OK;
}

static enum status check_opening(const struct recovery *recovery, struct error *error)
{
    const struct centre_setup *setup = &recovery->centre->setup;
    const struct core_head *head = engine_core(recovery->centre->core.engine)->head;
    if (head->opened == 0) {
        return STATUS_OK;
    }
    if ((head->drill != 0) != setup->drill) {
        return ERROR(error, STATUS_BAD_INPUT,
                     head->drill != 0 ? "the journal is that of an exercise: it is not served as the live centre"
                                      : "the journal is that of the live centre: it is not served as an exercise");
    }
    if (head->policy_version != setup->policy->version) {
        return ERROR(error, STATUS_VERSION,
                     "the journal was decided by version %u of the policy '%s', this program has version %u",
                     head->policy_version, setup->policy->name, setup->policy->version);
    }
    if (head->city_fingerprint != city_fingerprint(setup->city)) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "the journal belongs to the city file with the fingerprint %016" PRIx64 ", the one given has %016" PRIx64,
                     head->city_fingerprint, city_fingerprint(setup->city));
    }
    return STATUS_OK;
}

/* Only a state that was restored by this program's layout can be compared with a hash of it. */
static enum status check_final(const struct recovery *recovery, struct error *error)
{
    const struct journal_facts *facts = &recovery->facts;
    const struct engine *engine = recovery->centre->core.engine;
    bool comparable = recovery->from_snapshot && facts->final_known &&
                      facts->final_sequence == engine_core(engine)->head->sequence;
    if (comparable && engine_state_hash(engine) != facts->final_state_hash) {
        return ERROR(error, STATUS_CORRUPT,
                     "after entry %" PRIu64 " the state is not what it was when the journal was closed: hash %016" PRIx64
                     " instead of %016" PRIx64,
                     facts->final_sequence, engine_state_hash(engine), facts->final_state_hash);
    }
    return STATUS_OK;
}

static enum status build(struct recovery *recovery, struct error *error)
{
    TRY(check_policy(recovery, error));
    TRY(restore_newest(recovery, error));
    TRY(read_entries(recovery, error));
    TRY(check_opening(recovery, error));
    return check_final(recovery, error);
}

static void note_recovery(const struct recovery *recovery, int64_t us)
{
    struct centre *centre = recovery->centre;
    const struct core_head *head = engine_core(centre->core.engine)->head;
    pthread_mutex_lock(&centre->lock);
    centre->figures.recovery_us = us;
    centre->figures.recovered_entries = recovery->entries;
    centre->figures.last_sequence = centre->figures.durable_sequence = head->sequence;
    pthread_mutex_unlock(&centre->lock);
    LOG(LOG_INFO, "centre", "the journal has been read", LOG_NUMBER("sequence", head->sequence),
        LOG_NUMBER("snapshot", centre->core.snapshot_sequence), LOG_NUMBER("entries", recovery->entries),
        LOG_NUMBER("ms", us / 1000));
    bool live = !clock_is_drill(centre->setup.clock);
    if (live && head->sequence > 0 && instant_before(clock_wall(), head->entered_at)) {
        LOG(LOG_WARNING, "centre", "the wall clock is behind the journal: the centre's time goes on from there, a little slower",
            LOG_NUMBER("behind_ms", instant_since(head->entered_at, clock_wall()).us / 1000));
    }
}

void centre_resume(struct centre *centre)
{
    const struct core_head *head = engine_core(centre->core.engine)->head;
    if (head->sequence > 0) {
        clock_go_on_from(centre->setup.clock, head->entered_at);
    }
    engine_resume(centre->core.engine);
}

enum status centre_recover(struct centre *centre, enum journal_access access, struct error *error)
{
    struct core_side *core = &centre->core;
    struct recovery recovery = { .centre = centre, .again = centre->mirror.engine != NULL };
    const struct journal_options options = { .limits = &centre->setup.limits, .policy = centre->setup.policy->name };
    int64_t began_us = clock_monotonic_us();
    TRY(centre->source.open(centre->source.context, access, &options, &core->journal, &recovery.facts, error));
    core->journal_is_open = true;
    enum status status = build(&recovery, error);
    if (status != STATUS_OK) {
        centre_close_journal(centre);
        return status;
    }
    if (access != JOURNAL_READ) {
        centre_resume(centre);
    }
    note_recovery(&recovery, clock_monotonic_us() - began_us);
    return STATUS_OK;
}
