#include "store/postgres.h"
#include "store/sparse.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "store/chain.h"
#include "store/journal_meta.h"
#include "store/migration.h"
#include "store/postgres_link.h"
#include "store/sql.h"

enum { STATEMENT_MS = 10000, WAIT_MS_DEFAULT = 2000, HOLDER_MAX = 160 };

/* Bytes of entries in one page of a reading, and how many rows are looked at for it. */
#define PAGE_BYTES "4194304"
#define PAGE_ROWS "1024"

struct postgres_journal {
    struct store store;
    struct postgres_link link;
    enum journal_access access;
    bool in_transaction;
    int64_t epoch; /* ours */
    uint32_t snapshot_span;
    struct chain_writer writer;
    struct journal_facts facts;
};

static enum status postgres_append(void *context, const struct entry_head *entry, struct error *error);

bool journal_is_postgres(const struct journal *journal) { return journal->append == postgres_append; }

static struct postgres_journal *journal_of(const struct journal *journal)
{
    CHECK(journal_is_postgres(journal));
    return journal->context;
}

/* ---- statements ---- */

enum statement { INSERT_GROUP, HOLD_EPOCH, PUT_META, PUT_SNAPSHOT, DROP_SNAPSHOTS, WRITING_COUNT };

/* Prepared by a writer. What adds a row locks the writer's row against a change of the epoch until the end of its transaction. */
static const struct {
    const char *name, *text;
    int count;
    Oid types[6];
} WRITING[WRITING_COUNT] = {
    /* Writes nothing if the epoch is not ours, or if the table does not end with the row that we take for the last. */
    [INSERT_GROUP] = { "insert_group",
                       "WITH held AS (SELECT epoch FROM journal_writer WHERE epoch = $6 FOR SHARE)"
                       " INSERT INTO journal_group(first_sequence, last_sequence, previous_hash, hash, entries)"
                       " SELECT $1, $2, $3, $4, $5 FROM held WHERE $3 = coalesce((SELECT hash FROM journal_group"
                       " ORDER BY first_sequence DESC LIMIT 1), decode(repeat('00', 32), 'hex'))",
                       6,
                       { POSTGRES_INT8, POSTGRES_INT8, POSTGRES_BYTEA, POSTGRES_BYTEA, POSTGRES_BYTEA, POSTGRES_INT8 } },
    [HOLD_EPOCH] = { "hold_epoch", "SELECT epoch FROM journal_writer WHERE epoch = $1 FOR SHARE", 1, { POSTGRES_INT8 } },
    [PUT_META] = { "put_meta",
                   "INSERT INTO journal_meta(name, value) VALUES($1, $2)"
                   " ON CONFLICT(name) DO UPDATE SET value = excluded.value WHERE journal_meta.value <> excluded.value",
                   2,
                   { POSTGRES_TEXT, POSTGRES_TEXT } },
    [PUT_SNAPSHOT] = { "put_snapshot",
                       "INSERT INTO journal_snapshot(sequence, digest, bytes) VALUES($1, $2, $3)"
                       " ON CONFLICT(sequence) DO UPDATE SET digest = excluded.digest, bytes = excluded.bytes",
                       3,
                       { POSTGRES_INT8, POSTGRES_BYTEA, POSTGRES_BYTEA } },
    [DROP_SNAPSHOTS] = { "drop_snapshots",
                         "DELETE FROM journal_snapshot WHERE sequence NOT IN"
                         " (SELECT sequence FROM journal_snapshot ORDER BY sequence DESC LIMIT $1) AND sequence NOT IN"
                         " (SELECT min(sequence) FROM journal_snapshot WHERE sequence >= $2 GROUP BY sequence / $2)",
                         2,
                         { POSTGRES_INT8, POSTGRES_INT8 } },
};

static struct postgres_value bytes_value(const void *bytes, size_t size)
{
    return (struct postgres_value){ .bytes = bytes, .size = (int)size };
}

static struct postgres_value number_value(const struct postgres_number *number)
{
    return (struct postgres_value){ .bytes = number->bytes, .size = sizeof number->bytes };
}

static enum status run_writing(struct postgres_journal *journal, enum statement which, const struct postgres_value *values,
                               PGresult **result, struct error *error)
{
    return postgres_run(&journal->link, WRITING[which].name, values, WRITING[which].count, result, "cannot write", error);
}

static enum status fenced(const struct postgres_journal *journal, struct error *error)
{
    return ERROR(error, STATUS_IO, "%s: cannot write: another process has taken over the journal, or has written to it",
                 journal->store.shown);
}

/* ---- reading ---- */

static enum status connect_link(struct postgres_journal *journal, struct error *error)
{
    char application[LEASE_APPLICATION_SIZE];
    bool writing = journal->access != JOURNAL_READ;
    lease_application(&journal->store, writing ? "journal" : "reader", application);
    TRY(postgres_link_open(&journal->link, &journal->store, application, writing, STATEMENT_MS, error));
    journal->link.lease = writing ? journal->store.lease : NULL;
    return STATUS_OK;
}

/* A reader that outlives its connection, as a projector does, makes it anew. A writer's is never made anew. */
static enum status ensure_readable(struct postgres_journal *journal, struct error *error)
{
    if (journal->access != JOURNAL_READ || !postgres_link_is_lost(&journal->link)) {
        return STATUS_OK;
    }
    postgres_link_close(&journal->link);
    return connect_link(journal, error);
}

#define COLUMNS "first_sequence, last_sequence, previous_hash, hash, entries"

/* A page: rows up to so many bytes of entries, but at least one. The lengths are known without fetching the entries. */
static const char READ_PAGE[] = "SELECT " COLUMNS " FROM (SELECT " COLUMNS
                                ", sum(octet_length(entries)) OVER (ORDER BY first_sequence) AS reached"
                                " FROM (SELECT " COLUMNS
                                " FROM journal_group WHERE first_sequence > $1 ORDER BY first_sequence LIMIT " PAGE_ROWS
                                ") looked)"
                                " counted WHERE reached - octet_length(entries) < " PAGE_BYTES " ORDER BY first_sequence";

struct walk {
    struct postgres_journal *journal;
    struct chain_walk chain;
    int64_t after; /* first sequence of the row before */
};

/* The row that holds from_sequence, or the first one after it, is the first to be read. */
static enum status walk_begin(struct walk *walk, struct postgres_journal *journal, uint64_t from_sequence, struct error *error)
{
    *walk = (struct walk){ .journal = journal, .after = -1 };
    chain_walk_begin(&walk->chain, journal->store.shown, "journal_group", from_sequence <= 1);
    TRY(ensure_readable(journal, error));
    if (from_sequence <= 1) {
        walk->after = INT64_MIN;
        return STATUS_OK;
    }
    static const Oid types[] = { POSTGRES_INT8 };
    struct postgres_number from = postgres_number(from_sequence > INT64_MAX ? INT64_MAX : (int64_t)from_sequence);
    PGresult *result = NULL;
    TRY(postgres_run_once(&journal->link, "SELECT coalesce(max(first_sequence), 0) FROM journal_group WHERE first_sequence <= $1",
                          (struct postgres_value[]){ number_value(&from) }, types, 1, &result, "cannot read", error));
    walk->after = postgres_integer(result, 0, 0) - 1;
    PQclear(result);
    return STATUS_OK;
}

static enum status take_row(struct walk *walk, const PGresult *page, int i, struct error *error)
{
    struct chain_row row = { .first_sequence = postgres_integer(page, i, 0),
                             .last_sequence = postgres_integer(page, i, 1),
                             .previous_hash = PQgetvalue(page, i, 2),
                             .previous_hash_size = (size_t)PQgetlength(page, i, 2),
                             .hash = PQgetvalue(page, i, 3),
                             .hash_size = (size_t)PQgetlength(page, i, 3),
                             .entries = PQgetvalue(page, i, 4),
                             .entries_size = (size_t)PQgetlength(page, i, 4) };
    walk->after = row.first_sequence;
    return chain_walk_take(&walk->chain, &row, error);
}

typedef enum status (*group_visit)(void *context, struct chain_walk *chain, struct error *error);

static enum status visit_page(struct walk *walk, const PGresult *page, group_visit visit, void *context, struct error *error)
{
    for (int i = 0; i < PQntuples(page); i++) {
        TRY(take_row(walk, page, i, error));
        TRY(visit(context, &walk->chain, error));
    }
    return STATUS_OK;
}

/* All groups from where the walk begins. */
static enum status walk_all(struct walk *walk, group_visit visit, void *context, struct error *error)
{
    static const Oid types[] = { POSTGRES_INT8 };
    int rows = 0;
    do {
        struct postgres_number after = postgres_number(walk->after);
        PGresult *page = NULL;
        TRY(postgres_run_once(&walk->journal->link, READ_PAGE, (struct postgres_value[]){ number_value(&after) }, types, 1, &page,
                              "cannot read", error));
        enum status status = visit_page(walk, page, visit, context, error);
        rows = PQntuples(page);
        PQclear(page);
        TRY(status);
    } while (rows > 0);
    return STATUS_OK;
}

static enum status check_final(const struct postgres_journal *journal, uint64_t last_sequence, struct error *error)
{
    return chain_check_final(&journal->facts, journal->store.shown, last_sequence, "was an older backup put back?", error);
}

struct reading {
    uint64_t from_sequence;
    entry_visit visit;
    void *visitor;
};

static enum status read_group(void *context, struct chain_walk *chain, struct error *error)
{
    const struct reading *reading = context;
    return group_buffer_visit(&chain->group, reading->from_sequence, reading->visit, reading->visitor, error);
}

static enum status postgres_read(void *context, uint64_t from_sequence, entry_visit visit, void *visitor, struct error *error)
{
    struct postgres_journal *journal = context;
    struct reading reading = { .from_sequence = from_sequence, .visit = visit, .visitor = visitor };
    struct walk walk;
    TRY(walk_begin(&walk, journal, from_sequence, error));
    enum status status = walk_all(&walk, read_group, &reading, error);
    if (status == STATUS_OK && walk.chain.cursor.next_sequence != 0) {
        status = check_final(journal, walk.chain.cursor.next_sequence - 1, error);
    }
    chain_walk_end(&walk.chain);
    TRY(status);
    /* Entries that are in no row yet, of a journal open for writing. */
    return group_buffer_visit(&journal->writer.open_group, from_sequence, visit, visitor, error);
}

/* ---- writing ---- */

static bool may_write(const struct postgres_journal *journal)
{
    return !journal->writer.failed && journal->access != JOURNAL_READ;
}

static enum status refuse_writing(const struct postgres_journal *journal, struct error *error)
{
    return chain_writer_refuse(&journal->writer, journal->access == JOURNAL_READ, journal->store.shown, error);
}

/* Remembers why. What was not committed goes with the transaction; the lock goes, so that another opening can take over. */
static enum status stop_writing(struct postgres_journal *journal, const struct error *error)
{
    struct error ignored;
    if (!journal->link.lost) {
        (void)!postgres_execute(&journal->link, "ROLLBACK; SELECT pg_advisory_unlock_all()", NULL, "cannot be rolled back",
                                &ignored);
    }
    journal->in_transaction = false;
    return chain_writer_stop(&journal->writer, error);
}

/* A transaction of several statements; the row of the writer is held from its begin on. */
static enum status begin(struct postgres_journal *journal, struct error *error)
{
    if (journal->in_transaction) {
        return STATUS_OK;
    }
    TRY(postgres_execute(&journal->link, "BEGIN", NULL, "cannot write", error));
    journal->in_transaction = true;
    struct postgres_number epoch = postgres_number(journal->epoch);
    PGresult *held = NULL;
    TRY(run_writing(journal, HOLD_EPOCH, (struct postgres_value[]){ number_value(&epoch) }, &held, error));
    bool is_ours = PQntuples(held) == 1;
    PQclear(held);
    return is_ours ? STATUS_OK : fenced(journal, error);
}

/* The open group becomes a row, of the transaction if there is one, else of its own, and then it is durable. */
static enum status flush(struct postgres_journal *journal, struct error *error)
{
    struct chain_row row;
    struct group_hash hash;
    if (!chain_writer_seal(&journal->writer, &hash, &row)) {
        return STATUS_OK;
    }
    struct postgres_number first = postgres_number(row.first_sequence);
    struct postgres_number last = postgres_number(row.last_sequence);
    struct postgres_number epoch = postgres_number(journal->epoch);
    const struct postgres_value values[] = { number_value(&first),
                                             number_value(&last),
                                             bytes_value(row.previous_hash, row.previous_hash_size),
                                             bytes_value(row.hash, row.hash_size),
                                             bytes_value(row.entries, row.entries_size),
                                             number_value(&epoch) };
    PGresult *result = NULL;
    TRY(run_writing(journal, INSERT_GROUP, values, &result, error));
    bool is_written = postgres_changed(result) == 1;
    PQclear(result);
    if (!is_written) {
        return fenced(journal, error);
    }
    chain_writer_wrote(&journal->writer, &hash);
    return STATUS_OK;
}

static enum status end(struct postgres_journal *journal, struct error *error)
{
    if (journal->in_transaction) {
        PGresult *result = NULL;
        TRY(postgres_execute(&journal->link, "COMMIT", &result, "cannot write", error));
        bool is_committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
        PQclear(result);
        if (!is_committed) {
            return ERROR(error, STATUS_IO, "%s: cannot write: the transaction was rolled back", journal->store.shown);
        }
        journal->in_transaction = false;
    }
    journal->writer.durable_sequence = journal->writer.tail.next_sequence - 1;
    return STATUS_OK;
}

static enum status postgres_append(void *context, const struct entry_head *entry, struct error *error)
{
    struct postgres_journal *journal = context;
    if (!may_write(journal)) {
        return refuse_writing(journal, error);
    }
    chain_writer_append(&journal->writer, entry);
    if (!chain_writer_is_full(&journal->writer)) {
        return STATUS_OK;
    }
    enum status status = begin(journal, error);
    if (status == STATUS_OK) {
        status = flush(journal, error);
    }
    return status == STATUS_OK ? STATUS_OK : stop_writing(journal, error);
}

static enum status postgres_commit(void *context, uint64_t *durable_sequence, struct error *error)
{
    struct postgres_journal *journal = context;
    if (!may_write(journal)) {
        return refuse_writing(journal, error);
    }
    enum status status = flush(journal, error);
    if (status == STATUS_OK) {
        status = end(journal, error);
    }
    if (status != STATUS_OK) {
        return stop_writing(journal, error);
    }
    *durable_sequence = journal->writer.durable_sequence;
    return STATUS_OK;
}

/* ---- snapshots ---- */

static enum status put_packed(struct postgres_journal *journal, uint64_t sequence, const void *packed, size_t size,
                              struct error *error)
{
    struct group_hash digest = group_digest(packed, size);
    struct postgres_number number = postgres_number((int64_t)sequence);
    struct postgres_number kept = postgres_number(SNAPSHOTS_KEPT);
    struct postgres_number span = postgres_number(journal->snapshot_span);
    const struct postgres_value values[] = { number_value(&number), bytes_value(&digest, GROUP_HASH_SIZE),
                                             bytes_value(packed, size) };
    TRY(run_writing(journal, PUT_SNAPSHOT, values, NULL, error));
    const struct postgres_value bounds[] = { number_value(&kept), number_value(&span) };
    return run_writing(journal, DROP_SNAPSHOTS, bounds, NULL, error);
}

static enum status put_snapshot(struct postgres_journal *journal, uint64_t sequence, const void *bytes, size_t size,
                                struct error *error)
{
    void *packed = NULL;
    size_t packed_size = 0;
    TRY(sparse_pack(bytes, size, &packed, &packed_size, error));
    enum status status = put_packed(journal, sequence, packed, packed_size, error);
    free(packed);
    return status;
}

/* In one transaction with the entries that it holds, so that it can never be newer than they are. */
static enum status postgres_snapshot_write(void *context, uint64_t sequence, const void *bytes, size_t size, struct error *error)
{
    struct postgres_journal *journal = context;
    if (!may_write(journal)) {
        return refuse_writing(journal, error);
    }
    CHECK(sequence < journal->writer.tail.next_sequence && size > 0);
    if (size > SQL_VALUE_SIZE_MAX * (size_t)8) {
        return ERROR(error, STATUS_FULL, "%s: a snapshot of %zu bytes is larger than PostgreSQL can hold", journal->store.shown,
                     size);
    }
    enum status status = begin(journal, error);
    if (status == STATUS_OK) {
        status = flush(journal, error);
    }
    if (status == STATUS_OK) {
        status = put_snapshot(journal, sequence, bytes, size, error);
    }
    if (status == STATUS_OK) {
        status = end(journal, error);
    }
    return status == STATUS_OK ? STATUS_OK : stop_writing(journal, error);
}

/* Row 0 of "SELECT sequence, digest, bytes", which may be empty. */
static bool snapshot_is_sound(const PGresult *row)
{
    return chain_snapshot_is_sound(postgres_integer(row, 0, 0), PQgetvalue(row, 0, 1), (size_t)PQgetlength(row, 0, 1),
                                   PQgetvalue(row, 0, 2), (size_t)PQgetlength(row, 0, 2));
}

/* The newest snapshot before a sequence; one at a time, for they are large. */
static enum status fetch_snapshot(struct postgres_journal *journal, int64_t before, PGresult **row, struct error *error)
{
    static const Oid types[] = { POSTGRES_INT8 };
    struct postgres_number number = postgres_number(before);
    return postgres_run_once(&journal->link,
                             "SELECT sequence, digest, bytes FROM journal_snapshot WHERE sequence < $1"
                             " ORDER BY sequence DESC LIMIT 1",
                             (struct postgres_value[]){ number_value(&number) }, types, 1, row, "cannot read a snapshot", error);
}

static enum status copy_snapshot(const struct postgres_journal *journal, const PGresult *row, uint64_t *sequence, void **bytes,
                                 size_t *size, struct error *error)
{
    enum status status = sparse_unpack(PQgetvalue(row, 0, 2), (size_t)PQgetlength(row, 0, 2), CHAIN_SNAPSHOT_SIZE_MAX, bytes,
                                       size, error);
    if (status != STATUS_OK) {
        return error_prefix(error, "%s: a snapshot cannot be read: ", journal->store.shown);
    }
    *sequence = (uint64_t)postgres_integer(row, 0, 0);
    return STATUS_OK;
}

/* A damaged snapshot is passed over, for it can be made again from the entries; verify tells of it. */
static enum status snapshot_before(struct postgres_journal *journal, int64_t before, uint64_t *sequence, void **bytes,
                                   size_t *size, struct error *error)
{
    bool looking = true;
    *sequence = 0;
    *bytes = NULL;
    *size = 0;
    TRY(ensure_readable(journal, error));
    while (looking) {
        PGresult *row = NULL;
        TRY(fetch_snapshot(journal, before, &row, error));
        bool found = PQntuples(row) == 1;
        bool sound = found && snapshot_is_sound(row);
        enum status status = sound ? copy_snapshot(journal, row, sequence, bytes, size, error) : STATUS_OK;
        before = found ? postgres_integer(row, 0, 0) : before;
        looking = found && !sound;
        PQclear(row);
        TRY(status);
    }
    return STATUS_OK;
}

static enum status postgres_snapshot_read(void *context, uint64_t *sequence, void **bytes, size_t *size, struct error *error)
{
    return snapshot_before(context, INT64_MAX, sequence, bytes, size, error);
}

/* ---- facts ---- */

static enum status put_meta(void *context, const char *name, const char *value, struct error *error)
{
    const struct postgres_value values[] = { bytes_value(name, strlen(name)), bytes_value(value, strlen(value)) };
    return run_writing(context, PUT_META, values, NULL, error);
}

/* *exists tells whether there is a journal: one that was created says its schema. */
static enum status read_meta(struct postgres_journal *journal, bool *exists, struct error *error)
{
    PGresult *rows = NULL;
    TRY(postgres_execute(&journal->link, "SELECT name, value FROM journal_meta", &rows, "cannot read", error));
    enum status status = STATUS_OK;
    *exists = false;
    for (int i = 0; status == STATUS_OK && i < PQntuples(rows); i++) {
        status = journal_meta_take(&journal->facts, journal->store.shown, PQgetvalue(rows, i, 0), PQgetvalue(rows, i, 1), exists,
                                   error);
    }
    PQclear(rows);
    return status;
}

void journal_postgres_facts(const struct journal *journal, struct journal_facts *facts)
{
    const struct postgres_journal *opened = journal_of(journal);
    *facts = opened->facts;
    facts->last_sequence = opened->writer.failed ? opened->writer.durable_sequence : opened->writer.tail.next_sequence - 1;
}

enum status journal_postgres_set_final(struct journal *journal, uint64_t state_hash, struct error *error)
{
    struct postgres_journal *opened = journal_of(journal);
    if (!may_write(opened)) {
        return refuse_writing(opened, error);
    }
    uint64_t sequence = opened->writer.tail.next_sequence - 1;
    enum status status = begin(opened, error);
    if (status == STATUS_OK) {
        status = flush(opened, error);
    }
    if (status == STATUS_OK) {
        status = journal_meta_put_final(sequence, state_hash, put_meta, opened, error);
    }
    if (status == STATUS_OK) {
        status = end(opened, error);
    }
    if (status != STATUS_OK) {
        return stop_writing(opened, error);
    }
    opened->facts.final_known = true;
    opened->facts.final_sequence = sequence;
    opened->facts.final_state_hash = state_hash;
    return STATUS_OK;
}

/* ---- verifying ---- */

static enum status count_group(void *context, struct chain_walk *chain, struct error *error)
{
    (void)context;
    (void)error;
    chain_walk_count(chain);
    return STATUS_OK;
}

static enum status verify_snapshots(struct postgres_journal *journal, struct journal_report *report, struct error *error)
{
    int64_t before = INT64_MAX;
    for (bool found = true; found;) {
        PGresult *row = NULL;
        TRY(fetch_snapshot(journal, before, &row, error));
        found = PQntuples(row) == 1;
        enum status status = STATUS_OK;
        if (found) {
            before = postgres_integer(row, 0, 0);
            status = chain_check_snapshot(report, journal->store.shown, before, snapshot_is_sound(row), error);
        }
        PQclear(row);
        TRY(status);
    }
    return STATUS_OK;
}

static enum status verify_all(struct walk *walk, struct postgres_journal *journal, struct error *error)
{
    TRY(walk_all(walk, count_group, NULL, error));
    TRY(check_final(journal, walk->chain.report.last_sequence, error));
    return verify_snapshots(journal, &walk->chain.report, error);
}

enum status journal_postgres_snapshot_before(const struct journal *journal, uint64_t before, uint64_t *sequence, void **bytes,
                                             size_t *size, struct error *error)
{
    int64_t bound = before > INT64_MAX ? INT64_MAX : (int64_t)before;
    return snapshot_before(journal_of(journal), bound, sequence, bytes, size, error);
}

/* A reader looks in one view of the tables: who writes meanwhile adds entries and snapshots of them. */
enum status journal_postgres_verify(const struct journal *journal, struct journal_report *report, struct error *error)
{
    struct postgres_journal *opened = journal_of(journal);
    struct walk walk;
    struct error ignored;
    TRY(walk_begin(&walk, opened, 1, error));
    enum status status = STATUS_OK;
    if (opened->access == JOURNAL_READ) {
        status = postgres_execute(&opened->link, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, "cannot read", error);
    }
    if (status == STATUS_OK) {
        status = verify_all(&walk, opened, error);
    }
    if (opened->access == JOURNAL_READ) { /* when it fails the connection is lost, and its view with it */
        enum status ended = postgres_execute(&opened->link, "ROLLBACK", NULL, "cannot read", &ignored);
        (void)ended;
    }
    *report = walk.chain.report;
    chain_walk_end(&walk.chain);
    return status;
}

/* ---- opening and closing ---- */

static void postgres_close(void *context)
{
    struct postgres_journal *journal = context;
    chain_writer_end(&journal->writer);
    postgres_link_close(&journal->link);                    /* the server rolls back, and lets go of the lock */
    explicit_bzero(&journal->store, sizeof journal->store); /* its URL holds the password */
    free(journal);
}

/* The tables, through the seam that knows how to make them. */
static enum status check_tables(const struct store *store, enum journal_access access, struct error *error)
{
    struct sql *sql = NULL;
    bool may_create = access == JOURNAL_CREATE || access == JOURNAL_WRITE_OR_CREATE;
    size_t applied = 0;
    TRY(sql_open(store, SQL_CENTRE, !may_create, &sql, error));
    enum status status = may_create ? migration_create(sql, &MIGRATION_JOURNAL, error) : STATUS_OK;
    if (status == STATUS_OK) {
        status = migration_applied(sql, &MIGRATION_JOURNAL, &applied, error);
    }
    if (status == STATUS_OK && applied == 0) {
        status = ERROR(error, STATUS_NOT_FOUND, "%s: there is no journal in its schema \"%s\"", store->shown, store->schema);
    }
    if (status == STATUS_OK) {
        status = migration_require(sql, &MIGRATION_JOURNAL, error);
    }
    sql_close(sql);
    return status;
}

/* Who writes, for the message to whom comes second. */
static enum status already_writes(struct postgres_journal *journal, struct error *error)
{
    PGresult *row = NULL;
    TRY(postgres_execute(&journal->link,
                         "SELECT holder, to_char(to_timestamp(since / 1000000), 'YYYY-MM-DD HH24:MI:SS'), EXISTS(SELECT 1 FROM"
                         " pg_stat_activity JOIN pg_locks USING (pid) WHERE wait_event = 'SyncRep' AND locktype = 'advisory'"
                         " AND granted AND application_name LIKE 'mingdi journal%') FROM journal_writer",
                         &row, "cannot be opened", error));
    bool known = PQntuples(row) == 1;
    if (known && strcmp(PQgetvalue(row, 0, 2), "t") == 0) {
        PQclear(row);
        return ERROR(error, STATUS_IO,
                     "%s: waits for a synchronous standby of the database, which is to confirm what was written last",
                     journal->store.shown);
    }
    enum status status = ERROR(error, STATUS_IO,
                               "%s: it is in use by another process: '%s' already writes since %s UTC; a journal has one writer",
                               journal->store.shown, known ? PQgetvalue(row, 0, 0) : "?", known ? PQgetvalue(row, 0, 1) : "?");
    PQclear(row);
    return status;
}

#define FORMER_OWNERS                                                                                             \
    " FROM pg_stat_activity WHERE application_name LIKE 'mingdi %' AND split_part(application_name, ' ', 4) = $2" \
    " AND split_part(application_name, ' ', 3) IN (SELECT owner FROM journal_tenure WHERE owner <> $1)"           \
    " AND EXISTS(SELECT 1 FROM journal_lease WHERE owner = $1 AND epoch = $3)"                                    \
    " AND split_part(application_name, ' ', 2) IN ('journal', 'tables')"

/* Of owners before: one that is frozen or cut off keeps its connections, and with them its locks, for as long as it likes. What
 * it was about to write and had not committed is gone with them. One that follows opens them again when it needs them. First all
 * are told to end, then those that are left are waited for, for the server looks ten times a second. */
static enum status end_former_owners(struct postgres_journal *journal, struct error *error)
{
    static const char *const texts[] = { "SELECT pg_terminate_backend(pid)" FORMER_OWNERS,
                                         "SELECT pg_terminate_backend(pid, 1000)" FORMER_OWNERS };
    static const Oid types[] = { POSTGRES_TEXT, POSTGRES_TEXT, POSTGRES_INT8 };
    const struct lease *lease = journal->store.lease;
    struct postgres_number epoch = postgres_number(atomic_load(&lease->epoch));
    char own[LEASE_APPLICATION_SIZE];
    lease_application(&journal->store, "journal", own);
    const char *sign = strrchr(own, ' ') + 1;
    const struct postgres_value values[] = { bytes_value(lease->id, strlen(lease->id)), bytes_value(sign, strlen(sign)),
                                             number_value(&epoch) };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        TRY(postgres_run_once(&journal->link, texts[i], values, types, 3, NULL,
                              "the connections of the owner before cannot be ended", error));
    }
    return STATUS_OK;
}

/* The lock of the session, waited for a moment: the server may not have noticed yet that the one before has died. */
static enum status take_lock(struct postgres_journal *journal, const struct store *store, uint32_t wait_ms, struct error *error)
{
    char text[128];
    snprintf(text, sizeof text, "SET lock_timeout = %u; SELECT pg_advisory_lock(%lld); SET lock_timeout = 5000",
             wait_ms != 0 ? wait_ms : WAIT_MS_DEFAULT, (long long)postgres_lock_key("journal writer", store->schema));
    enum status status = postgres_execute(&journal->link, text, NULL, "cannot be opened", error);
    if (status != STATUS_OK && strcmp(journal->link.sqlstate, "55P03") == 0) {
        return already_writes(journal, error);
    }
    return status;
}

#define RAISE "UPDATE journal_writer SET epoch = journal_writer.epoch + 1, holder = $1, since = $2"
static const char RAISE_ALONE[] = RAISE " RETURNING epoch";
/* Of several processes only who has the lease may: so who lost it cannot raise the epoch after who took it. */
static const char RAISE_AS_OWNER[] = RAISE " FROM (SELECT 1 FROM journal_lease WHERE owner = $3 AND epoch = $4 FOR SHARE) held"
                                           " RETURNING journal_writer.epoch";

/* From here on nobody who had the journal before can add to it. */
static enum status raise_epoch(struct postgres_journal *journal, struct error *error)
{
    static const Oid types[] = { POSTGRES_TEXT, POSTGRES_INT8, POSTGRES_TEXT, POSTGRES_INT8 };
    char host[64] = "";
    char holder[HOLDER_MAX];
    struct timespec now;
    (void)gethostname(host, sizeof host - 1);
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(holder, sizeof holder, "process %ld on %s", (long)getpid(), host);
    const struct lease *lease = journal->store.lease;
    struct postgres_number since = postgres_number((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    struct postgres_number held = postgres_number(lease != NULL ? atomic_load(&lease->epoch) : 0);
    const struct postgres_value values[] = { bytes_value(holder, strlen(holder)), number_value(&since),
                                             bytes_value(lease != NULL ? lease->id : "", lease != NULL ? strlen(lease->id) : 0),
                                             number_value(&held) };
    PGresult *result = NULL;
    TRY(postgres_run_once(&journal->link, lease != NULL ? RAISE_AS_OWNER : RAISE_ALONE, values, types, lease != NULL ? 4 : 2,
                          &result, "cannot be opened", error));
    bool is_one = PQntuples(result) == 1;
    journal->epoch = is_one ? postgres_integer(result, 0, 0) : 0;
    PQclear(result);
    if (!is_one && lease != NULL) {
        return ERROR(error, STATUS_IO, "%s: another process owns the centre by now", journal->store.shown);
    }
    return is_one ? STATUS_OK : ERROR(error, STATUS_CORRUPT, "%s: journal_writer must have one row", journal->store.shown);
}

static enum status prepare_writing(struct postgres_journal *journal, struct error *error)
{
    for (size_t i = 0; i < WRITING_COUNT; i++) {
        TRY(postgres_prepare(&journal->link, WRITING[i].name, WRITING[i].text, WRITING[i].count, WRITING[i].types,
                             "cannot be opened", error));
    }
    return STATUS_OK;
}

/* What a new journal says of itself, or of one that goes on the kinds of this program: ours may be more than it knew. */
static enum status write_meta(struct postgres_journal *journal, const struct store *store, bool exists,
                              const struct journal_options *options, struct error *error)
{
    enum status status = begin(journal, error);
    if (status == STATUS_OK) {
        status = exists ? journal_meta_put_schema(put_meta, journal, error)
                        : journal_meta_create(options, store->drill, put_meta, journal, error);
    }
    if (status == STATUS_OK) {
        status = end(journal, error);
    }
    return status;
}

static enum status find_meta(struct postgres_journal *journal, const struct store *store, const struct journal_options *options,
                             struct error *error)
{
    bool exists = false;
    TRY(read_meta(journal, &exists, error));
    if (exists && journal->access == JOURNAL_CREATE) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: there is a journal in its schema \"%s\" already", store->shown, store->schema);
    }
    bool must_exist = journal->access == JOURNAL_READ || journal->access == JOURNAL_WRITE;
    if (!exists && must_exist) {
        return ERROR(error, STATUS_NOT_FOUND, "%s: there is no journal in its schema \"%s\"", store->shown, store->schema);
    }
    if (journal->access != JOURNAL_READ) {
        TRY(write_meta(journal, store, exists, options, error));
    }
    return exists ? STATUS_OK : read_meta(journal, &exists, error);
}

/* A writer checks the last row, which it is about to build on. A reader leaves that to read and verify, which name the first
 * fault of all. */
static enum status take_tail(struct postgres_journal *journal, const PGresult *row, struct error *error)
{
    if (PQntuples(row) == 0) {
        return STATUS_OK;
    }
    if (journal->access == JOURNAL_READ) {
        journal->writer.tail.next_sequence = (uint64_t)postgres_integer(row, 0, 1) + 1;
        return STATUS_OK;
    }
    struct walk walk = { .journal = journal };
    chain_walk_begin(&walk.chain, journal->store.shown, "journal_group", false);
    enum status status = take_row(&walk, row, 0, error);
    journal->writer.tail = walk.chain.cursor;
    journal->writer.tail_hash = walk.chain.hash;
    chain_walk_end(&walk.chain);
    return status;
}

static enum status find_tail(struct postgres_journal *journal, struct error *error)
{
    PGresult *row = NULL;
    journal->writer.tail = (struct group_cursor){ .next_sequence = 1, .entered_at = INSTANT_NONE };
    TRY(postgres_run_once(&journal->link, "SELECT " COLUMNS " FROM journal_group ORDER BY first_sequence DESC LIMIT 1", NULL,
                          NULL, 0, &row, "cannot read", error));
    enum status status = take_tail(journal, row, error);
    PQclear(row);
    journal->writer.durable_sequence = journal->writer.tail.next_sequence - 1;
    return status == STATUS_OK && journal->access != JOURNAL_READ ? check_final(journal, journal->writer.durable_sequence, error)
                                                                  : status;
}

static enum status open_journal(struct postgres_journal *journal, const struct store *store,
                                const struct journal_options *options, struct error *error)
{
    TRY(connect_link(journal, error));
    if (journal->access != JOURNAL_READ && store->lease != NULL) {
        TRY(end_former_owners(journal, error));
    }
    if (journal->access != JOURNAL_READ) {
        TRY(take_lock(journal, store, options->wait_ms, error));
        TRY(raise_epoch(journal, error));
        TRY(prepare_writing(journal, error));
        TRY(chain_writer_begin(&journal->writer, options->flush_bytes, error));
    }
    TRY(find_meta(journal, store, options, error));
    return find_tail(journal, error);
}

enum status journal_postgres_open(struct journal *journal, const struct store *store, enum journal_access access,
                                  const struct journal_options *options, struct error *error)
{
    static const struct journal_options none = { 0 };
    TRY(check_tables(store, access, error));
    struct postgres_journal *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", store->shown);
    }
    opened->access = access;
    opened->store = *store;
    const struct journal_options *wanted = options != NULL ? options : &none;
    opened->snapshot_span = wanted->snapshot_span != 0 ? wanted->snapshot_span : SNAPSHOT_SPAN_DEFAULT;
    enum status status = open_journal(opened, store, wanted, error);
    if (status != STATUS_OK) {
        postgres_close(opened);
        return status;
    }
    if (store->lease != NULL && access != JOURNAL_READ) {
        atomic_store(&store->lease->fence, opened->epoch); /* the tables are written by the same epoch */
    }
    *journal = (struct journal){ .context = opened,
                                 .append = postgres_append,
                                 .commit = postgres_commit,
                                 .read = postgres_read,
                                 .snapshot_write = postgres_snapshot_write,
                                 .snapshot_read = postgres_snapshot_read,
                                 .close = postgres_close };
    return STATUS_OK;
}
