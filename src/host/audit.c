/* Each row's hash is SHA-256 over the hash of the row before and the row's canonical bytes (hash_row), so that no row can be
 * changed, taken out or put in without all later hashes being wrong. */
#include "host/audit.h"

#include <inttypes.h>
#include <sodium/crypto_hash_sha256.h>
#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/secret.h"
#include "wire/form.h"

enum { HASH_SIZE = crypto_hash_sha256_BYTES, PAGE_ROWS = 500 };
enum { ACTOR_NOBODY, ACTOR_PERSON, ACTOR_MACHINE };

struct audit {
    struct sql *sql;
    struct workers *clerk;
};

/* A row as it stands in the table. */
struct row {
    uint64_t sequence;
    int64_t at;
    uint32_t actor_kind, actor;
    const char *what, *subject, *detail;
    uint64_t subject_id;
};

/* ---- the chain ---- */

static void hash_u64(crypto_hash_sha256_state *state, uint64_t value)
{
    unsigned char bytes[8];
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(value >> (8 * i));
    }
    crypto_hash_sha256_update(state, bytes, sizeof bytes);
}

static void hash_text(crypto_hash_sha256_state *state, const char *text)
{
    size_t length = strlen(text);
    hash_u64(state, length);
    crypto_hash_sha256_update(state, (const unsigned char *)text, length);
}

/* Canonical bytes: hash of the row before, numbers as 64 bits little-endian, texts with their length in front. */
static void hash_row(const struct row *row, const unsigned char previous[HASH_SIZE], unsigned char hash[HASH_SIZE])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, previous, HASH_SIZE);
    hash_u64(&state, row->sequence);
    hash_u64(&state, (uint64_t)row->at);
    hash_u64(&state, row->actor_kind);
    hash_u64(&state, row->actor);
    hash_text(&state, row->what);
    hash_text(&state, row->subject);
    hash_u64(&state, row->subject_id);
    hash_text(&state, row->detail);
    crypto_hash_sha256_final(&state, hash);
}

struct last_row {
    uint64_t sequence;
    unsigned char hash[HASH_SIZE];
};

static enum status read_last(void *context, const struct sql_row *row, struct error *error)
{
    struct last_row *last = context;
    size_t size;
    const void *hash = sql_row_blob(row, 1, &size);
    last->sequence = (uint64_t)sql_row_int(row, 0);
    if (size != HASH_SIZE) {
        return ERROR(error, STATUS_CORRUPT, "audit row %" PRIu64 ": its hash has %zu bytes instead of %d", last->sequence, size,
                     HASH_SIZE);
    }
    memcpy(last->hash, hash, HASH_SIZE);
    return STATUS_OK;
}

/* At most size - 1 bytes, never half a character. */
static void copy_text(char *to, const char *from, size_t size)
{
    size_t length = 0, left = strlen(from);
    while (left > 0) {
        size_t sequence = utf8_sequence(from + length, left);
        if (sequence == 0 || length + sequence >= size) {
            break;
        }
        length += sequence;
        left -= sequence;
    }
    memcpy(to, from, length);
    to[length] = '\0';
}

enum status audit_append(struct sql *sql, const struct audit_entry *entry, struct error *error)
{
    char what[AUDIT_WHAT_MAX], subject[AUDIT_SUBJECT_MAX], detail[AUDIT_DETAIL_MAX];
    copy_text(what, entry->what, sizeof what);
    copy_text(subject, entry->subject, sizeof subject);
    copy_text(detail, entry->detail, sizeof detail);
    struct last_row last = { 0 };
    TRY(sql_query(sql, "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1", SQL_NO_PARAMETERS, read_last, &last,
                  NULL, error));
    struct row row = {
        .sequence = last.sequence + 1,
        .at = clock_wall().us,
        .actor_kind = entry->actor == 0 ? ACTOR_NOBODY
                      : entry->machine  ? ACTOR_MACHINE
                                        : ACTOR_PERSON,
        .actor = entry->actor,
        .what = what,
        .subject = subject,
        .detail = detail,
        .subject_id = entry->subject_id,
    };
    unsigned char hash[HASH_SIZE];
    hash_row(&row, last.hash, hash);
    return sql_run(sql,
                   "INSERT INTO audit(sequence, at, actor_kind, actor, what, subject_kind, subject_id, detail, previous, hash)"
                   " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                   SQL_PARAMETERS(sql_int((int64_t)row.sequence), sql_int(row.at), sql_int(row.actor_kind), sql_int(row.actor),
                                  sql_text(what), sql_text(subject), sql_int((int64_t)row.subject_id), sql_text(detail),
                                  sql_blob(last.hash, HASH_SIZE), sql_blob(hash, HASH_SIZE)),
                   NULL, error);
}

enum status audit_write_now(struct sql *sql, const struct audit_entry *entry, struct error *error)
{
    TRY(sql_begin(sql, error));
    enum status status = audit_append(sql, entry, error);
    if (status == STATUS_OK) {
        status = sql_commit(sql, error);
    }
    if (status != STATUS_OK) {
        sql_rollback(sql);
    }
    return status;
}

/* ---- from the I/O thread ---- */

enum status audit_create(struct sql *sql, struct workers *clerk, struct audit **audit, struct error *error)
{
    TRY(secret_start(error));
    struct audit *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the audit trail");
    }
    *made = (struct audit){ sql, clerk };
    *audit = made;
    return STATUS_OK;
}

void audit_destroy(struct audit *audit) { free(audit); }

struct audit_job {
    struct sql *sql;
    struct audit_entry entry;
    char what[AUDIT_WHAT_MAX], subject[AUDIT_SUBJECT_MAX], detail[AUDIT_DETAIL_MAX];
    bool stored;
    void (*done)(void *context, bool stored);
    void *context;
};

static void write_row(void *memory)
{
    struct audit_job *job = memory;
    struct error error = { 0 };
    job->stored = audit_write_now(job->sql, &job->entry, &error) == STATUS_OK;
    if (!job->stored) {
        LOG(LOG_ERROR, "audit", "a row of the audit trail could not be written", LOG_TEXT("why", error.text));
    }
}

static void tell_written(void *memory)
{
    struct audit_job *job = memory;
    if (job->done != NULL) {
        job->done(job->context, job->stored);
    }
    free(job);
}

void audit_write(struct audit *audit, const struct audit_entry *entry, void (*done)(void *context, bool stored), void *context)
{
    struct audit_job *job = calloc(1, sizeof *job);
    if (job != NULL) {
        *job = (struct audit_job){ .sql = audit->sql, .entry = *entry, .done = done, .context = context };
        copy_text(job->what, entry->what, sizeof job->what);
        copy_text(job->subject, entry->subject, sizeof job->subject);
        copy_text(job->detail, entry->detail, sizeof job->detail);
        job->entry.what = job->what;
        job->entry.subject = job->subject;
        job->entry.detail = job->detail;
        if (workers_give(audit->clerk, write_row, tell_written, job)) {
            return;
        }
        free(job);
    }
    LOG(LOG_ERROR, "audit", "a row of the audit trail could not be written", LOG_TEXT("why", "the clerk has too much to do"));
    if (done != NULL) {
        done(context, false);
    }
}

/* ---- reading ---- */

static const char SELECT_ROWS[] = "SELECT sequence, at, actor_kind, actor, what, subject_kind, subject_id, detail, previous, hash"
                                  " FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT $2";

/* As they are called today; an actor from TOKEN_ACTOR_BASE on is a token. */
#define NAMED_COLUMNS                                                                                  \
    "SELECT sequence, at, actor_kind, actor, what, subject_kind, subject_id, detail, previous, hash,"  \
    " COALESCE((SELECT display FROM person WHERE person.id = audit.actor),"                            \
    " (SELECT name FROM token WHERE token.id = audit.actor - 1000000), ''),"                           \
    " COALESCE((SELECT display FROM person WHERE subject_kind = 'person' AND person.id = subject_id)," \
    " (SELECT name FROM token WHERE subject_kind = 'token' AND token.id = subject_id),"                \
    " (SELECT code FROM directory WHERE directory.kind = subject_kind AND directory.id = subject_id), '') FROM audit"
_Static_assert(TOKEN_ACTOR_BASE == 1000000, "as in NAMED_COLUMNS");

static struct row row_of(const struct sql_row *from)
{
    return (struct row){
        .sequence = (uint64_t)sql_row_int(from, 0),
        .at = sql_row_int(from, 1),
        .actor_kind = (uint32_t)sql_row_int(from, 2),
        .actor = (uint32_t)sql_row_int(from, 3),
        .what = sql_row_text(from, 4),
        .subject = sql_row_text(from, 5),
        .subject_id = (uint64_t)sql_row_int(from, 6),
        .detail = sql_row_text(from, 7),
    };
}

struct listing {
    struct json *json;
    uint32_t limit, written;
    uint64_t last;
    bool more;
};

static enum status list_row(void *context, const struct sql_row *from, struct error *error)
{
    (void)error;
    struct listing *listing = context;
    if (listing->written == listing->limit) {
        listing->more = true;
        return STATUS_OK;
    }
    struct row row = row_of(from);
    size_t size;
    const unsigned char *hash = sql_row_blob(from, 9, &size);
    char hex[2 * HASH_SIZE + 1] = "";
    struct json *json = listing->json;
    json_object_begin(json, NULL);
    json_int(json, "sequence", (int64_t)row.sequence);
    form_instant(json, "at", (struct instant){ row.at });
    json_int(json, "actor", row.actor);
    json_text(json, "actor_name", sql_row_text(from, 10));
    json_bool(json, "machine", row.actor_kind == ACTOR_MACHINE);
    json_text(json, "what", row.what);
    json_text(json, "subject", row.subject);
    json_int(json, "subject_id", (int64_t)row.subject_id);
    json_text(json, "subject_name", sql_row_text(from, 11));
    json_text(json, "detail", row.detail);
    json_text(json, "hash", size == HASH_SIZE ? sodium_bin2hex(hex, sizeof hex, hash, size) : "");
    json_object_end(json);
    listing->written += 1;
    listing->last = row.sequence;
    return STATUS_OK;
}

enum status audit_read(struct sql *sql, struct audit_page page, struct json *json, const char *name, uint64_t *last,
                       struct error *error)
{
    static const char onward[] = NAMED_COLUMNS " WHERE sequence > $1 ORDER BY sequence LIMIT $2";
    static const char backward[] = NAMED_COLUMNS " WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2";
    struct listing listing = { .json = json, .limit = page.limit < PAGE_ROWS ? page.limit : PAGE_ROWS };
    uint64_t from = page.backward && page.from == 0 ? INT64_MAX : page.from;
    json_array_begin(json, name);
    enum status status = sql_query(sql, page.backward ? backward : onward,
                                   SQL_PARAMETERS(sql_int((int64_t)from), sql_int(listing.limit + 1)), list_row, &listing, NULL,
                                   error);
    json_array_end(json);
    *last = listing.more ? listing.last : 0;
    return status;
}

enum status audit_history(struct sql *sql, const char *subject, uint64_t subject_id, uint32_t limit, struct json *json,
                          const char *name, struct error *error)
{
    static const char text[] = NAMED_COLUMNS
        " WHERE sequence > (SELECT COALESCE(max(sequence), 0) FROM audit) - $4 AND subject_kind = $1 AND subject_id ="
        " $2 ORDER BY sequence DESC LIMIT $3";
    struct listing listing = { .json = json, .limit = limit };
    json_array_begin(json, name);
    enum status status = sql_query(
        sql, text, SQL_PARAMETERS(sql_text(subject), sql_int((int64_t)subject_id), sql_int(limit), sql_int(AUDIT_HISTORY_ROWS)),
        list_row, &listing, NULL, error);
    json_array_end(json);
    return status;
}

static bool same_hash(const struct sql_row *from, int column, const unsigned char expected[HASH_SIZE])
{
    size_t size;
    const void *hash = sql_row_blob(from, column, &size);
    return size == HASH_SIZE && memcmp(hash, expected, HASH_SIZE) == 0;
}

/* ---- the beginning that was taken away ---- */

#define SHORTENED "audit trail shortened"

/* The end of what is older, from the first row on; rows behind a newer one stay, whatever their clock said. */
#define LAST_OLDER \
    "SELECT coalesce((SELECT min(sequence) FROM audit WHERE at >= $1), (SELECT max(sequence) FROM audit)) - 1 AS last"

struct cut {
    uint64_t last, count;
    char hash[2 * HASH_SIZE + 1];
};

static enum status take_cut(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct cut *cut = context;
    cut->last = (uint64_t)sql_row_int(row, 0);
    cut->count = (uint64_t)sql_row_int(row, 1);
    return STATUS_OK;
}

static enum status take_cut_hash(void *context, const struct sql_row *row, struct error *error)
{
    struct cut *cut = context;
    size_t size;
    const void *hash = sql_row_blob(row, 0, &size);
    if (size != HASH_SIZE) {
        return ERROR(error, STATUS_CORRUPT, "audit trail: row %" PRIu64 " has no hash", cut->last);
    }
    sodium_bin2hex(cut->hash, sizeof cut->hash, hash, HASH_SIZE);
    return STATUS_OK;
}

static enum status find_cut(struct sql *sql, struct instant before, struct cut *cut, struct error *error)
{
    return sql_query(sql,
                     "SELECT last, (SELECT count(*) FROM audit WHERE sequence <= last) FROM (" LAST_OLDER
                     ") AS found WHERE last IS NOT NULL",
                     SQL_PARAMETERS(sql_int(before.us)), take_cut, cut, NULL, error);
}

static enum status cut_off(struct sql *sql, struct instant before, struct cut *cut, struct error *error)
{
    TRY(find_cut(sql, before, cut, error));
    if (cut->count == 0) {
        return STATUS_OK;
    }
    TRY(sql_query(sql, "SELECT hash FROM audit WHERE sequence = $1", SQL_PARAMETERS(sql_int((int64_t)cut->last)), take_cut_hash,
                  cut, NULL, error));
    TRY(sql_run(sql, "DELETE FROM audit WHERE sequence <= $1", SQL_PARAMETERS(sql_int((int64_t)cut->last)), NULL, error));
    const struct audit_entry entry = { .what = SHORTENED, .subject = "audit", .subject_id = cut->last, .detail = cut->hash };
    return audit_append(sql, &entry, error);
}

enum status audit_shorten(struct sql *sql, struct instant before, uint64_t *removed, struct error *error)
{
    struct cut cut = { .last = 0 };
    TRY(sql_begin(sql, error));
    enum status status = cut_off(sql, before, &cut, error);
    if (status == STATUS_OK) {
        status = sql_commit(sql, error);
    }
    if (status != STATUS_OK) {
        sql_rollback(sql);
        return status;
    }
    *removed = cut.count;
    return cut.count > 0 ? sql_forget(sql, "audit", error) : STATUS_OK;
}

enum status audit_count_older(struct sql *sql, struct instant before, uint64_t *count, struct error *error)
{
    struct cut cut = { .last = 0 };
    TRY(find_cut(sql, before, &cut, error));
    *count = cut.count;
    return STATUS_OK;
}

/* ---- the whole chain ---- */

struct verifying {
    struct last_row last;
    uint64_t rows;
    uint64_t begin;                     /* the rows before it were taken away; 0: none */
    char begin_hash[2 * HASH_SIZE + 1]; /* that the first row there follows */
    bool begin_told;                    /* by a row that was written then */
};

/* The first row that is there: what it follows is believed until a row tells that it was so. */
static void begin_later(struct verifying *verifying, const struct row *row, const struct sql_row *from)
{
    size_t size;
    const void *previous = sql_row_blob(from, 8, &size);
    if (row->sequence > 1 && size == HASH_SIZE) {
        verifying->begin = row->sequence;
        verifying->last.sequence = row->sequence - 1;
        memcpy(verifying->last.hash, previous, HASH_SIZE);
        sodium_bin2hex(verifying->begin_hash, sizeof verifying->begin_hash, previous, HASH_SIZE);
    }
}

static enum status verify_row(void *context, const struct sql_row *from, struct error *error)
{
    struct verifying *verifying = context;
    struct last_row *last = &verifying->last;
    struct row row = row_of(from);
    unsigned char hash[HASH_SIZE];
    if (verifying->rows == 0) {
        begin_later(verifying, &row, from);
    }
    if (row.sequence != last->sequence + 1) {
        return ERROR(error, STATUS_CORRUPT, "audit trail: row %" PRIu64 " is missing; the next one there is %" PRIu64,
                     last->sequence + 1, row.sequence);
    }
    if (!same_hash(from, 8, last->hash)) {
        return ERROR(error, STATUS_CORRUPT, "audit trail: row %" PRIu64 " does not follow the row before it", row.sequence);
    }
    hash_row(&row, last->hash, hash);
    if (!same_hash(from, 9, hash)) {
        return ERROR(error, STATUS_CORRUPT, "audit trail: row %" PRIu64 " is not what was written: its hash differs",
                     row.sequence);
    }
    verifying->begin_told = verifying->begin_told ||
                            (strcmp(row.what, SHORTENED) == 0 && row.subject_id + 1 == verifying->begin &&
                             strcmp(row.detail, verifying->begin_hash) == 0);
    last->sequence = row.sequence;
    memcpy(last->hash, hash, HASH_SIZE);
    verifying->rows += 1;
    return STATUS_OK;
}

enum status audit_verify(struct sql *sql, uint64_t *rows, char chain[65], struct error *error)
{
    struct verifying verifying = { .rows = 0 };
    int64_t count = PAGE_ROWS;
    while (count == PAGE_ROWS) {
        /* The position is copied: last moves while the answer is read. */
        int64_t after = (int64_t)verifying.last.sequence;
        TRY(sql_query(sql, SELECT_ROWS, SQL_PARAMETERS(sql_int(after), sql_int(PAGE_ROWS)), verify_row, &verifying, &count,
                      error));
    }
    if (verifying.begin != 0 && !verifying.begin_told) {
        return ERROR(error, STATUS_CORRUPT, "audit trail: row %" PRIu64 " is missing; the next one there is %" PRIu64,
                     verifying.begin - 1, verifying.begin);
    }
    *rows = verifying.rows;
    sodium_bin2hex(chain, 65, verifying.last.hash, HASH_SIZE);
    return STATUS_OK;
}
