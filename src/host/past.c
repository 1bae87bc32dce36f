/* Entries are entered in order of time, so an instant is found by halving: some twenty reads of one group each. */
#include "host/past.h"

#include <inttypes.h>
#include <stdlib.h>

#include "host/past_private.h"

enum { LOOK_EVERY = 4096 }; /* entries between two looks whether somebody still waits */

enum status past_create(const struct store *store, const struct limits *limits, const struct policy *policy, struct past **past,
                        struct error *error)
{
    *past = calloc(1, sizeof **past);
    if (*past == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for what reads the past");
    }
    (*past)->store = store;
    (*past)->limits = *limits;
    (*past)->policy = policy;
    return STATUS_OK;
}

void past_close(struct past *past)
{
    if (past->journal_open) {
        past->journal.close(past->journal.context);
        past->journal_open = false;
    }
    sql_close(past->sql);
    past->sql = NULL;
}

void past_destroy(struct past *past)
{
    if (past != NULL) {
        past_close(past);
        free(past->kept.bytes);
        free(past);
    }
}

enum status past_open(struct past *past, struct error *error)
{
    static const struct journal_options options = { .created_by = NULL };
    if (!past->journal_open) {
        TRY(store_journal_open(past->store, JOURNAL_READ, &options, &past->journal, error));
        past->journal_open = true;
    }
    return past->sql != NULL ? STATUS_OK : store_tables_open(past->store, SQL_REPORT, true, &past->sql, error);
}

/* ---- reading ---- */

struct reading {
    uint64_t to, count;
    const struct past_patience *patience;
    past_visit visit;
    void *visitor;
    bool ended; /* by the reading itself: nothing has failed */
};

static enum status visit_entry(void *context, const struct entry_head *entry, struct error *error)
{
    struct reading *reading = context;
    if (entry->sequence > reading->to) {
        reading->ended = true;
        return ERROR(error, STATUS_FULL, "enough");
    }
    reading->count += 1;
    if (reading->count % LOOK_EVERY == 0 && reading->patience->is_over(reading->patience->context)) {
        return ERROR(error, STATUS_IO, "nobody waits for it any more");
    }
    TRY(reading->visit(reading->visitor, entry, error));
    reading->ended = entry->sequence == reading->to;
    return reading->ended ? ERROR(error, STATUS_FULL, "enough") : STATUS_OK;
}

enum status past_read(struct past *past, uint64_t from, uint64_t to, const struct past_patience *patience, past_visit visit,
                      void *visitor, struct error *error)
{
    if (from > to) {
        return STATUS_OK;
    }
    if (to - from >= PAST_ENTRIES_MAX) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%" PRIu64 " entries of the journal would have to be read, more than %d: ask for something newer",
                     to - from + 1, PAST_ENTRIES_MAX);
    }
    struct reading reading = { .to = to, .patience = patience, .visit = visit, .visitor = visitor };
    enum status status = past->journal.read(past->journal.context, from, visit_entry, &reading, error);
    return reading.ended ? STATUS_OK : status;
}

/* ---- finding ---- */

static enum status take_time(void *context, const struct entry_head *entry, struct error *error)
{
    struct instant *at = context;
    *at = entry->entered_at;
    return ERROR(error, STATUS_FULL, "one is enough");
}

static enum status time_of(struct past *past, uint64_t sequence, struct instant *at, struct error *error)
{
    *at = INSTANT_NONE;
    enum status status = past->journal.read(past->journal.context, sequence, take_time, at, error);
    if (!instant_is_none(*at)) {
        return STATUS_OK;
    }
    TRY(status);
    return ERROR(error, STATUS_CORRUPT, "the journal has no entry %" PRIu64, sequence);
}

enum status past_find(struct past *past, uint64_t last, struct instant at, uint64_t *sequence, struct error *error)
{
    uint64_t low = 1, high = last + 1; /* what is sought lies in [low, high] */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct instant entered_at;
        TRY(time_of(past, middle, &entered_at, error));
        if (instant_before(entered_at, at)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *sequence = low;
    return STATUS_OK;
}
