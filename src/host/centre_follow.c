/* A standby: the engine follows the journal that another process writes, entry by entry, so that to take over is to open the
 * journal for writing and to apply the last few entries, however long the journal is. */
#include <string.h>

#include "base/check.h"
#include "host/centre_private.h"
#include "host/log.h"

enum {
    LOOK_EVERY_US = 200 * 1000, /* without being told */
    TRY_AGAIN_US = 200 * 1000,
    SAY_AGAIN_US = 5 * 1000 * 1000,
};

/* ---- following ---- */

static void note_followed(struct centre *centre, uint64_t before)
{
    uint64_t sequence = engine_core(centre->core.engine)->head->sequence;
    pthread_mutex_lock(&centre->lock);
    centre->figures.followed += sequence - before;
    centre->figures.last_sequence = centre->figures.durable_sequence = sequence;
    pthread_mutex_unlock(&centre->lock);
}

static enum status read_on(struct centre *centre, struct error *error)
{
    struct core_side *core = &centre->core;
    uint64_t before = engine_core(core->engine)->head->sequence;
    enum status status = centre_read_on(centre, error);
    note_followed(centre, before);
    owner_note(centre->owner, engine_core(core->engine)->head->sequence);
    return status;
}

/* The engine stays when only the connection has gone: what it holds is durable. */
static enum status open_to_read(struct centre *centre, struct error *error)
{
    struct core_side *core = &centre->core;
    struct journal_facts facts;
    const struct journal_options options = { .limits = &centre->setup.limits };
    if (core->engine == NULL) {
        TRY(centre_recover(centre, JOURNAL_READ, error));
        mailbox_wake(centre->outbox); /* what it handed over */
        return STATUS_OK;
    }
    if (!core->journal_is_open) {
        TRY(centre->source.open(centre->source.context, JOURNAL_READ, &options, &core->journal, &facts, error));
        core->journal_is_open = true;
    }
    return STATUS_OK;
}

static void close_reading(struct centre *centre)
{
    struct core_side *core = &centre->core;
    if (core->journal_is_open) {
        core->journal.close(core->journal.context);
        core->journal_is_open = false;
    }
}

/* What memory holds, clients have seen: it cannot become the journal's state of an hour ago while they look. So the centre ends
 * here, its clients begin anew with the next one, and the lease is free for one that holds what the journal holds. A centre that
 * is the only process of its store waits for a person instead, who put that copy there. */
bool centre_part(struct centre *centre, const struct error *error)
{
    if (!centre->core.parted || centre->setup.store.lease == NULL) {
        return false;
    }
    LOG(LOG_ERROR, "centre", "the database has lost what this process has seen of the journal: it begins anew with what there is",
        LOG_TEXT("why", error->text), LOG_TEXT("store", centre->setup.store.shown));
    mailbox_set_closed(centre->inbox, true);
    centre_resign(centre);
    centre_set_state(centre, CENTRE_STOPPED, error->text);
    atomic_store(&centre->stop, true);
    return true;
}

/* The next attempt is from what is warm; or from the journal alone, where the two do not fit. A database may be away for long. */
static void stumble(struct centre *centre, enum status status, const char *what, const struct error *error)
{
    int64_t now_us = clock_monotonic_us();
    if (centre->core.stumbled_us == 0 || now_us - centre->core.stumbled_us > SAY_AGAIN_US) {
        LOG(LOG_WARNING, "centre", what, LOG_TEXT("error", error->text));
        centre->core.stumbled_us = now_us;
    }
    close_reading(centre);
    if (centre_part(centre, error)) {
        return;
    }
    if (status == STATUS_CORRUPT) {
        centre_close_journal(centre);
    }
    mailbox_wait(centre->inbox, TRY_AGAIN_US);
}

static enum status follow(struct centre *centre, const struct owner_facts *facts, struct error *error)
{
    TRY(open_to_read(centre, error));
    bool is_other = facts->last_sequence != engine_core(centre->core.engine)->head->sequence; /* less: it has lost something */
    return is_other ? read_on(centre, error) : STATUS_OK;
}

/* ---- taking over ---- */

/* From what is warm, where there is something warm. */
static enum status open_to_write(struct centre *centre, struct error *error)
{
    struct core_side *core = &centre->core;
    struct journal_facts facts;
    const struct journal_options options = { .limits = &centre->setup.limits, .policy = centre->setup.policy->name };
    if (core->engine == NULL) {
        return centre_recover(centre, JOURNAL_WRITE, error);
    }
    close_reading(centre);
    TRY(centre->source.open(centre->source.context, JOURNAL_WRITE, &options, &core->journal, &facts, error));
    core->journal_is_open = true;
    TRY(read_on(centre, error));
    centre_resume(centre);
    return STATUS_OK;
}

static void take_over(struct centre *centre)
{
    struct core_side *core = &centre->core;
    struct error error;
    int64_t began_us = clock_monotonic_us();
    uint64_t warm = core->engine != NULL ? engine_core(core->engine)->head->sequence : 0;
    enum status status = open_to_write(centre, &error);
    if (status != STATUS_OK) {
        stumble(centre, status, "the centre cannot be taken over yet", &error);
        return;
    }
    core->following = false;
    pthread_mutex_lock(&centre->lock);
    centre->figures.takeovers += 1;
    centre->figures.takeover_us = clock_monotonic_us() - began_us;
    pthread_mutex_unlock(&centre->lock);
    LOG(LOG_INFO, "centre", "this process has taken the centre over",
        LOG_NUMBER("sequence", engine_core(core->engine)->head->sequence), LOG_NUMBER("warm", warm),
        LOG_NUMBER("us", clock_monotonic_us() - began_us));
    centre_begin_to_write(centre);
}

void centre_follow(struct centre *centre)
{
    struct owner_facts facts = { .last_sequence = 0 };
    struct error error;
    if (!centre_owner_facts(centre, &facts)) {
        mailbox_wait(centre->inbox, LOOK_EVERY_US); /* at the start, for a moment */
        return;
    }
    if (lease_is_good(centre->setup.store.lease)) {
        take_over(centre);
        return;
    }
    enum status status = follow(centre, &facts, &error);
    if (status != STATUS_OK) {
        stumble(centre, status, "the journal cannot be followed", &error);
    } else {
        mailbox_wait(centre->inbox, LOOK_EVERY_US);
    }
}

bool centre_must_step_down(const struct centre *centre)
{
    return centre->setup.store.lease != NULL && !lease_is_good(centre->setup.store.lease);
}
