/* One thread: read a batch of the journal, feed measure, write the rows that it gives out. After any failure everything is
 * closed and begun again from what is stored, a little later each time, so nothing else needs to be remembered. */
#include "host/projector.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/vec.h"
#include "host/log.h"
#include "host/report_rows.h"
#include "host/thread.h"
#include "store/group.h"
#include "store/lease.h"
#include "store/sparse.h"

enum {
    BATCH_ENTRIES = 1024,    /* read at once: the rows of these are one transaction */
    ADVANCE_ENTRIES = 16384, /* without a row: then the sequence is stored all the same */
    PAUSE_MS = 50,           /* between transactions, so that the journal has the disk */
    RETRY_MS_MIN = 500,
    RETRY_MS_MAX = 30000,
    PAGE_ROWS = 5000,
    ROWS_VERSION = 3, /* of what the rows mean; another one makes them anew */
};

/* ---- from entries to rows ---- */

struct follower {
    struct measure *measure;
    uint64_t applied;  /* the last entry that measure has seen */
    uint32_t checksum; /* of that entry */
    bool unproven;     /* taken up from what is stored, and the journal's entry has not been held against it yet */
    uint64_t read;     /* entries, since it was created */
    void (*take)(void *context, enum report_kind kind, const struct report_row *row);
    void *context;
};

static void take_call(void *context, const struct call_record *record)
{
    struct follower *follower = context;
    struct report_row row;
    report_row_of_call(record, follower->applied, &row);
    follower->take(follower->context, REPORT_CALL, &row);
}

static void take_mission(void *context, const struct mission_record *record)
{
    struct follower *follower = context;
    struct report_row row;
    report_row_of_mission(record, follower->applied, &row);
    follower->take(follower->context, REPORT_MISSION, &row);
}

static enum status follower_create(struct follower *follower, const struct limits *limits, struct error *error)
{
    /* An empty window: records are given out, and none is kept. */
    struct measure_setup setup = {
        .limits = *limits, .finished = take_call, .closed = take_call, .completed = take_mission, .context = follower
    };
    return measure_create(&setup, &follower->measure, error);
}

static void follower_reset(struct follower *follower)
{
    measure_reset(follower->measure);
    follower->applied = 0;
    follower->checksum = 0;
    follower->unproven = false;
}

static enum status follower_entry(struct follower *follower, const struct entry_head *entry, struct error *error)
{
    if (entry->sequence != follower->applied + 1) {
        return ERROR(error, STATUS_CORRUPT, "the journal jumps: entry %" PRIu64 " after %" PRIu64, entry->sequence,
                     follower->applied);
    }
    follower->applied = entry->sequence;
    follower->checksum = entry->checksum;
    follower->read += 1;
    measure_entry(follower->measure, entry);
    return STATUS_OK;
}

/* ---- how far the tables are ---- */

/* One row of the table projection. The checksum tells whose journal it was. */
struct progress {
    bool found;
    uint64_t sequence;
    int64_t version;
    char checksum[16];
};

static void checksum_text(uint32_t checksum, char text[16]) { snprintf(text, 16, "%08" PRIx32, checksum); }

static enum status take_progress(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct progress *progress = context;
    progress->found = true;
    progress->sequence = (uint64_t)sql_row_int(row, 0);
    progress->version = sql_row_int(row, 1);
    snprintf(progress->checksum, sizeof progress->checksum, "%s", sql_row_text(row, 2));
    return STATUS_OK;
}

static enum status progress_load(struct sql *sql, struct progress *progress, struct error *error)
{
    *progress = (struct progress){ .found = false };
    return sql_query(sql, "SELECT sequence, version, detail FROM projection WHERE name = 'report'", SQL_NO_PARAMETERS,
                     take_progress, progress, NULL, error);
}

static enum status progress_put(struct sql *sql, uint64_t sequence, uint32_t checksum, struct error *error)
{
    char text[16];
    checksum_text(checksum, text);
    return sql_run(sql,
                   "INSERT INTO projection(name, sequence, version, detail) VALUES('report', $1, $2, $3) ON CONFLICT(name) DO "
                   "UPDATE SET sequence = excluded.sequence, version = excluded.version, detail = excluded.detail",
                   SQL_PARAMETERS(sql_int((int64_t)sequence), sql_int(ROWS_VERSION), sql_text(text)), NULL, error);
}

/* ---- what is under way, stored ---- */

static enum status take_state(void *context, const struct sql_row *row, struct error *error)
{
    struct follower *follower = context;
    size_t digest_size = 0;
    size_t packed_size = 0;
    size_t size = 0;
    void *bytes = NULL;
    const void *digest = sql_row_blob(row, 3, &digest_size);
    const void *packed = sql_row_blob(row, 4, &packed_size);
    struct group_hash found = group_digest(packed, packed_size);
    if (sql_row_int(row, 2) != ROWS_VERSION) {
        return ERROR(error, STATUS_VERSION, "another version stored it");
    }
    if (digest_size != GROUP_HASH_SIZE || !group_hash_equals(&found, digest)) {
        return ERROR(error, STATUS_CORRUPT, "its digest is another one");
    }
    TRY(sparse_unpack(packed, packed_size, measure_state_size(follower->measure), &bytes, &size, error));
    enum status status = measure_state_load(follower->measure, bytes, size, error);
    free(bytes);
    TRY(status);
    follower->applied = (uint64_t)sql_row_int(row, 0);
    follower->checksum = (uint32_t)sql_row_int(row, 1);
    follower->unproven = true;
    return STATUS_OK;
}

/* It can be made again from the journal: what is no use is passed over. */
static enum status state_load(struct sql *sql, struct follower *follower, struct error *error)
{
    struct error why = { .text = "" };
    enum status status = sql_query(
        sql, "SELECT sequence, checksum, version, digest, bytes FROM projection_state WHERE name = 'report'", SQL_NO_PARAMETERS,
        take_state, follower, NULL, &why);
    if (status == STATUS_VERSION || status == STATUS_CORRUPT) {
        LOG(LOG_WARNING, "report", "the journal is read from its first entry: what was under way is no use",
            LOG_TEXT("why", why.text));
        follower_reset(follower);
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        *error = why;
    }
    return status;
}

static enum status state_put(struct sql *sql, const struct follower *follower, const void *packed, size_t size,
                             struct error *error)
{
    const struct group_hash digest = group_digest(packed, size);
    return sql_run(
        sql,
        "INSERT INTO projection_state(name, sequence, checksum, version, digest, bytes) VALUES('report', $1, $2, $3, $4,"
        " $5) ON CONFLICT(name) DO UPDATE SET sequence = excluded.sequence, checksum = excluded.checksum,"
        " version = excluded.version, digest = excluded.digest, bytes = excluded.bytes",
        SQL_PARAMETERS(sql_int((int64_t)follower->applied), sql_int(follower->checksum), sql_int(ROWS_VERSION),
                       sql_blob(&digest, sizeof digest), sql_blob(packed, size)),
        NULL, error);
}

/* Within the transaction that stores how far the rows are. One that is too large for a value is left out: then the next start
 * takes longer. */
static enum status state_save(struct sql *sql, const struct follower *follower, struct error *error)
{
    size_t size = measure_state_size(follower->measure);
    size_t packed_size = 0;
    void *packed = NULL;
    void *bytes = malloc(size);
    if (bytes == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for what is under way");
    }
    measure_state_save(follower->measure, bytes);
    enum status status = sparse_pack(bytes, size, &packed, &packed_size, error);
    free(bytes);
    TRY(status);
    if (packed_size < SQL_VALUE_SIZE_MAX) {
        status = state_put(sql, follower, packed, packed_size, error);
    }
    free(packed);
    return status;
}

/* ---- the projector ---- */

struct change {
    enum report_kind kind;
    struct report_row row;
};

VEC_TYPE(changes, struct change);

struct projector {
    struct store store;
    struct limits limits;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* under the mutex */
    bool stopping, held, resting;
    uint64_t wanted, reached, read;
    char trouble[PROJECTOR_TROUBLE_SIZE];
    /* of the thread */
    struct follower follower;
    struct journal journal;
    bool journal_open;
    struct sql *sql;
    struct progress stored;
    uint64_t state_sequence; /* of what was stored as under way; 0 none */
    struct changes changes;
    bool memory_refused;
};

/* What is stored already is not written again. */
static void note_change(void *context, enum report_kind kind, const struct report_row *row)
{
    struct projector *projector = context;
    if (projector->follower.applied <= projector->stored.sequence) {
        return;
    }
    if (!vec_push(&projector->changes, (struct change){ .kind = kind, .row = *row })) {
        projector->memory_refused = true;
    }
}

static void close_all(struct projector *projector)
{
    if (projector->journal_open) {
        projector->journal.close(projector->journal.context);
        projector->journal_open = false;
    }
    sql_close(projector->sql);
    projector->sql = NULL;
    projector->changes.count = 0;
    projector->memory_refused = false;
    follower_reset(&projector->follower);
}

static enum status make_anew(struct projector *projector, const char *why, struct error *error)
{
    LOG(projector->stored.found ? LOG_WARNING : LOG_INFO, "report", "the report tables are made anew", LOG_TEXT("why", why));
    TRY(sql_begin(projector->sql, error));
    for (int kind = 0; kind < REPORT_KIND_COUNT; kind++) {
        TRY(sql_run(projector->sql, REPORT_TABLES[kind].remove, SQL_NO_PARAMETERS, NULL, error));
    }
    TRY(sql_run(projector->sql, "DELETE FROM projection_state", SQL_NO_PARAMETERS, NULL, error));
    TRY(progress_put(projector->sql, 0, 0, error));
    TRY(sql_commit(projector->sql, error));
    projector->changes.count = 0;
    projector->state_sequence = 0;
    follower_reset(&projector->follower);
    return progress_load(projector->sql, &projector->stored, error);
}

static enum status open_all(struct projector *projector, struct error *error)
{
    struct journal_facts facts;
    TRY(store_journal_open(&projector->store, JOURNAL_READ, NULL, &projector->journal, error));
    projector->journal_open = true;
    store_journal_facts(&projector->journal, &facts);
    pthread_mutex_lock(&projector->mutex);
    projector->wanted = facts.last_sequence > projector->wanted ? facts.last_sequence : projector->wanted;
    pthread_mutex_unlock(&projector->mutex);
    TRY(store_tables_open(&projector->store, SQL_REPORT, false, &projector->sql, error));
    TRY(progress_load(projector->sql, &projector->stored, error));
    if (!projector->stored.found) {
        return make_anew(projector, "there are none", error);
    }
    if (projector->stored.version != ROWS_VERSION) {
        return make_anew(projector, "another version wrote them", error);
    }
    TRY(state_load(projector->sql, &projector->follower, error));
    projector->state_sequence = projector->follower.applied;
    return STATUS_OK;
}

/* ---- one batch ---- */

struct batch {
    struct projector *projector;
    uint64_t wanted;
    uint32_t entries;
    bool enough;  /* the visit ended the reading itself */
    bool foreign; /* the stored rows are those of another journal */
};

static enum status visit(void *context, const struct entry_head *entry, struct error *error)
{
    struct batch *batch = context;
    struct projector *projector = batch->projector;
    if (batch->entries == BATCH_ENTRIES || entry->sequence > batch->wanted || batch->foreign) {
        batch->enough = true;
        return ERROR(error, STATUS_NOT_FOUND, "enough");
    }
    if (projector->follower.unproven) { /* the entry that the stored state ends with */
        projector->follower.unproven = false;
        batch->foreign = entry->sequence != projector->follower.applied || entry->checksum != projector->follower.checksum;
        return STATUS_OK;
    }
    batch->entries += 1;
    TRY(follower_entry(&projector->follower, entry, error));
    if (entry->sequence == projector->stored.sequence) {
        char checksum[16];
        checksum_text(entry->checksum, checksum);
        batch->foreign = strcmp(checksum, projector->stored.checksum) != 0;
    }
    return STATUS_OK;
}

static enum status write_rows(struct projector *projector, struct error *error)
{
    for (size_t i = 0; i < projector->changes.count; i++) {
        const struct change *change = &projector->changes.items[i];
        const struct report_table *table = &REPORT_TABLES[change->kind];
        TRY(sql_run(projector->sql, table->put, change->row.values, (size_t)table->columns, NULL, error));
    }
    return progress_put(projector->sql, projector->follower.applied, projector->follower.checksum, error);
}

/* While entries are read again whose rows are stored, only what is under way is news. */
static enum status store_batch(struct projector *projector, bool with_state, struct error *error)
{
    const struct follower *follower = &projector->follower;
    bool has_rows = follower->applied > projector->stored.sequence;
    TRY(sql_begin(projector->sql, error));
    TRY(has_rows ? write_rows(projector, error) : STATUS_OK);
    TRY(with_state ? state_save(projector->sql, follower, error) : STATUS_OK);
    TRY(sql_commit(projector->sql, error));
    projector->changes.count = 0;
    projector->state_sequence = with_state ? follower->applied : projector->state_sequence;
    if (has_rows) {
        projector->stored.sequence = follower->applied;
        checksum_text(follower->checksum, projector->stored.checksum);
    }
    return STATUS_OK;
}

static enum status write_batch(struct projector *projector, struct error *error)
{
    const struct follower *follower = &projector->follower;
    if (projector->memory_refused) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the rows of %d entries", BATCH_ENTRIES);
    }
    bool is_behind = follower->applied > projector->stored.sequence + ADVANCE_ENTRIES;
    bool is_due = follower->applied > projector->state_sequence + PROJECTOR_STATE_ENTRIES;
    if (projector->changes.count == 0 && !is_behind && !is_due) {
        return STATUS_OK;
    }
    return store_batch(projector, is_due, error);
}

/* *more: there is something to do at once. */
static enum status step(struct projector *projector, bool *more, struct error *error)
{
    if (projector->sql == NULL) {
        TRY(open_all(projector, error));
    }
    struct batch batch = { .projector = projector };
    pthread_mutex_lock(&projector->mutex);
    batch.wanted = projector->wanted;
    pthread_mutex_unlock(&projector->mutex);
    uint64_t from = projector->follower.applied + (projector->follower.unproven ? 0 : 1);
    enum status status = projector->journal.read(projector->journal.context, from, visit, &batch, error);
    if (!batch.enough) {
        TRY(status);
    }
    *more = batch.entries == BATCH_ENTRIES;
    bool is_short = projector->follower.applied < projector->stored.sequence || projector->follower.unproven;
    bool cut_off = !batch.enough && is_short;
    if (batch.foreign || cut_off) {
        *more = true;
        return make_anew(projector, "they are of another journal", error);
    }
    TRY(write_batch(projector, error));
    pthread_mutex_lock(&projector->mutex);
    uint64_t applied = projector->follower.applied;
    projector->reached = applied > projector->stored.sequence ? applied : projector->stored.sequence;
    projector->read = projector->follower.read;
    pthread_mutex_unlock(&projector->mutex);
    return STATUS_OK;
}

/* ---- the thread ---- */

/* Waits for the time to pass, or until it is to end or to be held. The mutex is held. */
static void rest(struct projector *projector, uint32_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!projector->stopping && !projector->held &&
           pthread_cond_timedwait(&projector->changed, &projector->mutex, &until) == 0) {
    }
}

static void wait_for_entries(struct projector *projector)
{
    while (!projector->stopping && !projector->held && projector->wanted <= projector->follower.applied) {
        pthread_cond_wait(&projector->changed, &projector->mutex);
    }
    rest(projector, PAUSE_MS);
}

static void tell_trouble(struct projector *projector, const struct error *error)
{
    LOG(LOG_ERROR, "report", "the report tables cannot be kept up", LOG_TEXT("why", error->text));
    snprintf(projector->trouble, sizeof projector->trouble, "%.*s", PROJECTOR_TROUBLE_SIZE - 1, error->text);
}

/* At the end, so that the next start has nothing to read again. What fails here is done again then. */
static void store_at_end(struct projector *projector)
{
    struct error error = { .text = "" };
    const struct follower *follower = &projector->follower;
    bool is_news = follower->applied > projector->state_sequence && follower->applied >= projector->stored.sequence;
    if (projector->store.lease != NULL && !lease_is_good(projector->store.lease)) {
        return; /* another process writes them by now */
    }
    if (projector->sql != NULL && !projector->memory_refused && is_news && store_batch(projector, true, &error) != STATUS_OK) {
        LOG(LOG_WARNING, "report", "what is under way was not stored: the next start takes longer", LOG_TEXT("why", error.text));
    }
}

/* The mutex is held; what was read is begun anew afterwards, for another process has gone on with the tables. */
static void wait_while_held(struct projector *projector)
{
    pthread_mutex_unlock(&projector->mutex);
    store_at_end(projector);
    close_all(projector);
    pthread_mutex_lock(&projector->mutex);
    projector->trouble[0] = '\0';
    projector->resting = true;
    while (!projector->stopping && projector->held) {
        pthread_cond_wait(&projector->changed, &projector->mutex);
    }
    projector->resting = false;
}

static void *run(void *context)
{
    struct projector *projector = context;
    uint32_t retry_ms = RETRY_MS_MIN;
    pthread_mutex_lock(&projector->mutex);
    while (!projector->stopping) {
        struct error error = { 0 };
        bool more = false;
        if (projector->held) {
            wait_while_held(projector);
            continue;
        }
        pthread_mutex_unlock(&projector->mutex);
        enum status status = step(projector, &more, &error);
        if (status != STATUS_OK) {
            close_all(projector);
        }
        pthread_mutex_lock(&projector->mutex);
        if (status != STATUS_OK && !projector->held) {
            tell_trouble(projector, &error);
            rest(projector, retry_ms);
            retry_ms = 2 * retry_ms < RETRY_MS_MAX ? 2 * retry_ms : RETRY_MS_MAX;
            continue;
        }
        projector->trouble[0] = '\0';
        retry_ms = RETRY_MS_MIN;
        if (!more) {
            wait_for_entries(projector);
        }
    }
    pthread_mutex_unlock(&projector->mutex);
    store_at_end(projector);
    return NULL;
}

/* ---- from outside ---- */

static void free_all(struct projector *projector)
{
    close_all(projector);
    measure_destroy(projector->follower.measure);
    vec_free(&projector->changes);
    pthread_cond_destroy(&projector->changed);
    pthread_mutex_destroy(&projector->mutex);
    free(projector);
}

enum status projector_create(const struct store *store, const struct limits *limits, struct projector **projector,
                             struct error *error)
{
    struct projector *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the projector");
    }
    made->store = *store;
    made->limits = *limits;
    made->held = store->lease != NULL;
    made->follower.take = note_change;
    made->follower.context = made;
    enum status status = follower_create(&made->follower, limits, error);
    if (status != STATUS_OK) {
        free(made);
        return status;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&made->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&made->mutex, NULL);
    if (!thread_start(&made->thread, "projector", run, made)) {
        free_all(made);
        return ERROR(error, STATUS_NO_MEMORY, "the projector's thread cannot be started");
    }
    *projector = made;
    return STATUS_OK;
}

void projector_destroy(struct projector *projector)
{
    if (projector == NULL) {
        return;
    }
    pthread_mutex_lock(&projector->mutex);
    projector->stopping = true;
    pthread_cond_broadcast(&projector->changed);
    pthread_mutex_unlock(&projector->mutex);
    pthread_join(projector->thread, NULL);
    free_all(projector);
}

void projector_hold(struct projector *projector, bool held)
{
    pthread_mutex_lock(&projector->mutex);
    projector->held = held;
    pthread_cond_broadcast(&projector->changed);
    pthread_mutex_unlock(&projector->mutex);
}

bool projector_rests(struct projector *projector)
{
    pthread_mutex_lock(&projector->mutex);
    bool rests = projector->resting;
    pthread_mutex_unlock(&projector->mutex);
    return rests;
}

void projector_wake(struct projector *projector, uint64_t sequence)
{
    pthread_mutex_lock(&projector->mutex);
    if (sequence > projector->wanted) {
        projector->wanted = sequence;
        pthread_cond_signal(&projector->changed);
    }
    pthread_mutex_unlock(&projector->mutex);
}

uint64_t projector_reached(struct projector *projector, char *trouble, size_t size)
{
    CHECK(size >= PROJECTOR_TROUBLE_SIZE);
    pthread_mutex_lock(&projector->mutex);
    uint64_t reached = projector->reached;
    memcpy(trouble, projector->trouble, sizeof projector->trouble);
    pthread_mutex_unlock(&projector->mutex);
    return reached;
}

uint64_t projector_entries_read(struct projector *projector)
{
    pthread_mutex_lock(&projector->mutex);
    uint64_t read = projector->read;
    pthread_mutex_unlock(&projector->mutex);
    return read;
}

/* ---- proof ---- */

VEC_TYPE(hashes, uint64_t);

/* The hash of each row that a replay makes, by id; 0: no row. */
struct expected {
    struct hashes hashes[REPORT_KIND_COUNT];
    uint64_t until; /* where the tables are */
    bool enough, memory_refused;
    struct follower follower;
};

static void expect_row(void *context, enum report_kind kind, const struct report_row *row)
{
    struct expected *expected = context;
    struct hashes *hashes = &expected->hashes[kind];
    size_t id = (size_t)row->values[0].integer;
    while (hashes->count <= id) {
        if (!vec_push(hashes, 0)) {
            expected->memory_refused = true;
            return;
        }
    }
    hashes->items[id] = report_row_hash(kind, row);
}

static enum status expect_entry(void *context, const struct entry_head *entry, struct error *error)
{
    struct expected *expected = context;
    if (entry->sequence > expected->until) {
        expected->enough = true;
        return ERROR(error, STATUS_NOT_FOUND, "enough");
    }
    return follower_entry(&expected->follower, entry, error);
}

static enum status replay(const struct store *store, struct expected *expected, struct error *error)
{
    struct journal journal;
    TRY(store_journal_open(store, JOURNAL_READ, NULL, &journal, error));
    enum status status = journal.read(journal.context, 1, expect_entry, expected, error);
    journal.close(journal.context);
    if (!expected->enough) {
        TRY(status);
    }
    if (expected->memory_refused) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to compare the report with the journal");
    }
    return expected->follower.applied == expected->until
               ? STATUS_OK
               : ERROR(error, STATUS_CORRUPT, "the report tables stand at entry %" PRIu64 ", the journal ends at %" PRIu64,
                       expected->until, expected->follower.applied);
}

/* The stored rows of one table, in order of their ids. */
struct comparing {
    const struct hashes *expected;
    enum report_kind kind;
    uint64_t next, rows; /* next: the first id that has not been seen */
    int64_t last;
};

#define REMEDY "; delete the row 'report' of the table projection, and the report is made anew"

/* Ids below end that a replay has a row of, and the table has not. */
static enum status compare_gap(struct comparing *comparing, uint64_t end, struct error *error)
{
    for (; comparing->next < end && comparing->next < comparing->expected->count; comparing->next++) {
        if (comparing->expected->items[comparing->next] != 0) {
            return ERROR(error, STATUS_CORRUPT, "the report lacks the row of %s %" PRIu64 REMEDY,
                         REPORT_TABLES[comparing->kind].name, comparing->next);
        }
    }
    return STATUS_OK;
}

static enum status compare_row(void *context, const struct sql_row *from, struct error *error)
{
    struct comparing *comparing = context;
    struct report_row row;
    report_row_read(comparing->kind, from, &row);
    comparing->last = row.values[0].integer;
    uint64_t id = (uint64_t)comparing->last;
    TRY(compare_gap(comparing, id, error));
    bool known = id < comparing->expected->count && comparing->expected->items[id] != 0;
    if (!known || comparing->expected->items[id] != report_row_hash(comparing->kind, &row)) {
        return ERROR(error, STATUS_CORRUPT, "the report's row of %s %" PRIu64 " is not %s" REMEDY,
                     REPORT_TABLES[comparing->kind].name, id, known ? "what the journal tells" : "in the journal");
    }
    comparing->next = id + 1;
    comparing->rows += 1;
    return STATUS_OK;
}

static enum status compare_table(struct sql *sql, enum report_kind kind, const struct hashes *expected, uint64_t *rows,
                                 struct error *error)
{
    struct comparing comparing = { .expected = expected, .kind = kind };
    int64_t count = PAGE_ROWS;
    while (count == PAGE_ROWS) {
        TRY(sql_query(sql, REPORT_TABLES[kind].by_id, SQL_PARAMETERS(sql_int(comparing.last), sql_int(PAGE_ROWS)), compare_row,
                      &comparing, &count, error));
    }
    TRY(compare_gap(&comparing, UINT64_MAX, error));
    *rows += comparing.rows;
    return STATUS_OK;
}

static enum status verify(const struct store *store, struct sql *sql, struct expected *expected, uint64_t *rows,
                          struct error *error)
{
    struct progress progress;
    TRY(sql_begin(sql, error)); /* one view of all tables, whoever writes meanwhile */
    TRY(progress_load(sql, &progress, error));
    if (progress.found && progress.version != ROWS_VERSION) {
        return ERROR(error, STATUS_VERSION, "the report tables are of version %" PRId64 "; the server makes them anew",
                     progress.version);
    }
    expected->until = progress.sequence;
    TRY(replay(store, expected, error));
    *rows = 0;
    for (int kind = 0; kind < REPORT_KIND_COUNT; kind++) {
        TRY(compare_table(sql, (enum report_kind)kind, &expected->hashes[kind], rows, error));
    }
    return STATUS_OK;
}

enum status projector_verify(const struct store *store, const struct limits *limits, uint64_t *rows, struct error *error)
{
    struct sql *sql = NULL;
    struct expected expected = { .follower = { .take = expect_row, .context = &expected } };
    TRY(store_tables_open(store, SQL_REPORT, true, &sql, error));
    enum status status = follower_create(&expected.follower, limits, error);
    if (status == STATUS_OK) {
        status = verify(store, sql, &expected, rows, error);
        measure_destroy(expected.follower.measure);
    }
    for (int kind = 0; kind < REPORT_KIND_COUNT; kind++) {
        vec_free(&expected.hashes[kind]);
    }
    sql_close(sql);
    return status;
}
