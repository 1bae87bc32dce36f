#include "host/journal_state.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/engine.h"
#include "policy/policies.h"
#include "store/store.h"

struct walking {
    struct engine *engine;
    uint64_t last, mark;
    struct journal_state *state;
    bool enough;
};

static enum status apply(void *context, const struct entry_head *entry, struct error *error)
{
    struct walking *walking = context;
    if (entry->sequence > walking->last) {
        walking->enough = true;
        return ERROR(error, STATUS_FULL, "enough");
    }
    TRY(engine_apply_entry(walking->engine, entry, error));
    if (entry->sequence == walking->mark) {
        walking->state->mark_reached = true;
        walking->state->mark_hash = engine_state_hash(walking->engine);
    }
    return STATUS_OK;
}

/* A snapshot of another layout is passed over. */
static enum status from_snapshot(struct walking *walking, const struct journal *journal, struct error *error)
{
    uint64_t sequence = 0;
    void *bytes = NULL;
    size_t size = 0;
    struct limits limits;
    uint64_t before = walking->last == UINT64_MAX ? UINT64_MAX : walking->last + 1;
    TRY(store_journal_snapshot_before(journal, before, &sequence, &bytes, &size, error));
    if (size == 0) {
        return STATUS_OK;
    }
    enum status status = engine_snapshot_limits(bytes, size, &limits, error);
    if (status == STATUS_OK) {
        status = engine_create(&limits, policy_find("standard"), NULL, &walking->engine, error);
    }
    if (status == STATUS_OK) {
        status = engine_restore(walking->engine, bytes, size, error);
    }
    free(bytes);
    if (status != STATUS_OK) {
        engine_destroy(walking->engine);
        walking->engine = NULL;
    } else if (sequence == walking->mark) {
        walking->state->mark_reached = true;
        walking->state->mark_hash = engine_state_hash(walking->engine);
    }
    return status == STATUS_VERSION ? STATUS_OK : status;
}

static enum status walk(struct walking *walking, const struct journal *journal, struct error *error)
{
    static const struct limits fallback = LIMITS_DEFAULT;
    if (walking->engine == NULL) {
        struct journal_facts facts;
        store_journal_facts(journal, &facts);
        TRY(engine_create(facts.limits_known ? &facts.limits : &fallback, policy_find("standard"), NULL, &walking->engine,
                          error));
    }
    uint64_t next = engine_core(walking->engine)->head->sequence + 1;
    struct error reading = { .text = "" };
    enum status status = journal->read(journal->context, next, apply, walking, &reading);
    if (status != STATUS_OK && !walking->enough) {
        *error = reading;
        return status;
    }
    const struct core_head *head = engine_core(walking->engine)->head;
    walking->state->sequence = head->sequence;
    walking->state->entered_at = head->entered_at;
    walking->state->layout = head->layout;
    walking->state->hash = engine_state_hash(walking->engine);
    return head->sequence > 0 ? STATUS_OK : ERROR(error, STATUS_NOT_FOUND, "the journal is empty: there is no centre yet");
}

enum status journal_state_read(const struct journal *journal, uint64_t last, bool use_snapshot, uint64_t mark,
                               struct journal_state *state, struct error *error)
{
    struct walking walking = { .last = last, .mark = mark, .state = state };
    *state = (struct journal_state){ .sequence = 0 };
    enum status status = use_snapshot ? from_snapshot(&walking, journal, error) : STATUS_OK;
    if (status == STATUS_OK) {
        status = walk(&walking, journal, error);
    }
    engine_destroy(walking.engine);
    return status;
}

enum status journal_state_engine(const struct journal *journal, struct journal_state *state, struct engine **engine,
                                 struct error *error)
{
    struct walking walking = { .last = UINT64_MAX, .state = state };
    *state = (struct journal_state){ .sequence = 0 };
    enum status status = from_snapshot(&walking, journal, error);
    if (status == STATUS_OK) {
        status = walk(&walking, journal, error);
    }
    if (status != STATUS_OK) {
        engine_destroy(walking.engine);
        return status;
    }
    *engine = walking.engine;
    return STATUS_OK;
}

/* ---- moments ---- */

struct finding {
    struct instant at;
    uint64_t sequence;
    bool enough;
};

static enum status look(void *context, const struct entry_head *entry, struct error *error)
{
    struct finding *finding = context;
    if (instant_before(finding->at, entry->entered_at)) {
        finding->enough = true;
        return ERROR(error, STATUS_FULL, "enough");
    }
    finding->sequence = entry->sequence;
    return STATUS_OK;
}

enum status journal_state_find(const struct journal *journal, struct instant at, uint64_t *sequence, struct error *error)
{
    struct finding finding = { .at = at };
    struct error reading = { .text = "" };
    enum status status = journal->read(journal->context, 1, look, &finding, &reading);
    if (status != STATUS_OK && !finding.enough) {
        *error = reading;
        return status;
    }
    *sequence = finding.sequence;
    return STATUS_OK;
}
