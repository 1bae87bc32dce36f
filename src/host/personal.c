/* A record in the table: reference, call, incident; key_wrapped: its own key, sealed by the wrapping key; nonce: two, of the
 * wrapped key and of the box; box: the data, sealed by its own key; number_index. The reference is associated with both
 * seals, so that boxes and keys cannot be exchanged between rows. Row 0 is no record: its box tells whether the master key
 * is the right one. */
#include "host/personal.h"

#include <inttypes.h>
#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/audit.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/secret.h"

enum { FIELDS = 4, PAD = 64 };
/* Each text with its length in two bytes in front; and at least one byte of padding. */
enum { PLAIN_MAX = (FIELDS * 2 + (int)sizeof(struct personal_data) + PAD) / PAD * PAD, BOX_MAX = PLAIN_MAX + SECRET_TAG_SIZE };
enum { WRAPPED_SIZE = SECRET_KEY_SIZE + SECRET_TAG_SIZE, NONCES_SIZE = 2 * SECRET_NONCE_SIZE };

/* Made from the master key, one for each purpose; in memory that is locked and guarded. */
struct personal_keys {
    unsigned char wrap[SECRET_KEY_SIZE], index[SECRET_KEY_SIZE];
};

struct personal {
    struct sql *sql;
    struct workers *clerk;
    struct personal_keys *keys;
};

/* A record as the table has it. */
struct sealed {
    unsigned char nonces[NONCES_SIZE], wrapped[WRAPPED_SIZE], box[BOX_MAX];
    size_t box_size;
};

/* ---- data as bytes ---- */

static size_t pack_text(unsigned char *to, const char *text, size_t size)
{
    size_t length = strnlen(text, size - 1);
    to[0] = (unsigned char)length;
    to[1] = (unsigned char)(length >> 8);
    memcpy(to + 2, text, length);
    return length + 2;
}

static size_t pack(const struct personal_data *data, unsigned char plain[PLAIN_MAX])
{
    size_t size = pack_text(plain, data->number, sizeof data->number), padded;
    size += pack_text(plain + size, data->name, sizeof data->name);
    size += pack_text(plain + size, data->home, sizeof data->home);
    size += pack_text(plain + size, data->remarks, sizeof data->remarks);
    CHECK(sodium_pad(&padded, plain, size, PAD, PLAIN_MAX) == 0);
    return padded;
}

static bool unpack_text(const unsigned char **from, size_t *left, char *text, size_t size)
{
    if (*left < 2) {
        return false;
    }
    size_t length = (size_t)(*from)[0] | (size_t)(*from)[1] << 8;
    if (length > *left - 2 || length >= size) {
        return false;
    }
    memcpy(text, *from + 2, length);
    text[length] = '\0';
    *from += length + 2;
    *left -= length + 2;
    return true;
}

static bool unpack(const unsigned char *plain, size_t padded, struct personal_data *data)
{
    size_t left;
    return sodium_unpad(&left, plain, padded, PAD) == 0 && unpack_text(&plain, &left, data->number, sizeof data->number) &&
           unpack_text(&plain, &left, data->name, sizeof data->name) &&
           unpack_text(&plain, &left, data->home, sizeof data->home) &&
           unpack_text(&plain, &left, data->remarks, sizeof data->remarks) && left == 0;
}

/* ---- seals ---- */

static void seal(const struct personal_keys *keys, uint64_t reference, const struct personal_data *data, struct sealed *sealed)
{
    unsigned char key[SECRET_KEY_SIZE], plain[PLAIN_MAX];
    secret_random(key, sizeof key);
    secret_random(sealed->nonces, sizeof sealed->nonces);
    size_t size = pack(data, plain);
    secret_seal(keys->wrap, sealed->nonces, &reference, sizeof reference, key, sizeof key, sealed->wrapped);
    secret_seal(key, sealed->nonces + SECRET_NONCE_SIZE, &reference, sizeof reference, plain, size, sealed->box);
    sealed->box_size = size + SECRET_TAG_SIZE;
    secret_wipe(key, sizeof key);
    secret_wipe(plain, sizeof plain);
}

static bool unseal(const struct personal_keys *keys, uint64_t reference, const struct sealed *sealed, struct personal_data *data)
{
    unsigned char key[SECRET_KEY_SIZE], plain[PLAIN_MAX];
    bool opened = secret_open(keys->wrap, sealed->nonces, &reference, sizeof reference, sealed->wrapped, WRAPPED_SIZE, key) &&
                  secret_open(key, sealed->nonces + SECRET_NONCE_SIZE, &reference, sizeof reference, sealed->box,
                              sealed->box_size, plain) &&
                  unpack(plain, sealed->box_size - SECRET_TAG_SIZE, data);
    secret_wipe(key, sizeof key);
    secret_wipe(plain, sizeof plain);
    return opened;
}

/* Digits, with "+" in front where the number came with + or 00; false where there are too few to be a number. */
static bool number_index(const struct personal_keys *keys, const char *number, unsigned char index[SECRET_HASH_SIZE])
{
    char normal[sizeof((struct personal_data *)0)->number];
    size_t length = 0, digits = 0;
    for (const char *c = number; *c != '\0' && length < sizeof normal - 1; c++) {
        if ((*c >= '0' && *c <= '9') || (*c == '+' && length == 0)) {
            normal[length++] = *c;
            digits += *c != '+';
        }
    }
    if (length > 2 && memcmp(normal, "00", 2) == 0) {
        normal[0] = '+';
        memmove(normal + 1, normal + 2, --length - 1);
    }
    secret_hash(normal, length, keys->index, index);
    secret_wipe(normal, sizeof normal);
    return digits >= 3;
}

/* ---- the start ---- */

static const char CHECK_TEXT[] = "mingdi master key";

struct check_row {
    bool there, right;
    const struct personal_keys *keys;
};

static enum status look_at_check(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct check_row *check = context;
    unsigned char plain[sizeof CHECK_TEXT];
    size_t nonce_size, box_size;
    const unsigned char *nonce = sql_row_blob(row, 0, &nonce_size), *box = sql_row_blob(row, 1, &box_size);
    check->there = true;
    check->right = nonce_size == SECRET_NONCE_SIZE && box_size == sizeof plain + SECRET_TAG_SIZE &&
                   secret_open(check->keys->wrap, nonce, CHECK_TEXT, sizeof CHECK_TEXT, box, box_size, plain);
    return STATUS_OK;
}

static enum status write_check(struct sql *sql, const struct personal_keys *keys, struct error *error)
{
    unsigned char nonce[SECRET_NONCE_SIZE], box[sizeof CHECK_TEXT + SECRET_TAG_SIZE];
    secret_random(nonce, sizeof nonce);
    secret_seal(keys->wrap, nonce, CHECK_TEXT, sizeof CHECK_TEXT, CHECK_TEXT, sizeof CHECK_TEXT, box);
    return sql_run(sql, "INSERT INTO personal(reference, nonce, box, created_at) VALUES(0, $1, $2, $3)",
                   SQL_PARAMETERS(sql_blob(nonce, sizeof nonce), sql_blob(box, sizeof box), sql_int(clock_wall().us)), NULL,
                   error);
}

static enum status check_key(struct sql *sql, const struct personal_keys *keys, struct error *error)
{
    struct check_row check = { .keys = keys };
    TRY(sql_query(sql, "SELECT nonce, box FROM personal WHERE reference = 0", SQL_NO_PARAMETERS, look_at_check, &check, NULL,
                  error));
    if (!check.there) {
        return write_check(sql, keys, error);
    }
    return check.right ? STATUS_OK
                       : ERROR(error, STATUS_BAD_INPUT,
                               "the master key is not the one that this centre's personal data was sealed with: "
                               "put the right master.key back from its backup");
}

static void derive(const unsigned char *master, const char *purpose, unsigned char key[SECRET_KEY_SIZE])
{
    secret_hash(purpose, strlen(purpose), master, key);
}

enum status personal_check_key(struct sql *sql, const unsigned char *master_key, struct error *error)
{
    struct personal_keys keys;
    TRY(secret_start(error));
    derive(master_key, "mingdi personal wrap", keys.wrap);
    enum status status = check_key(sql, &keys, error);
    secret_wipe(&keys, sizeof keys);
    return status;
}

enum status personal_create(struct sql *sql, struct workers *clerk, const unsigned char *master_key, struct personal **personal,
                            struct error *error)
{
    TRY(secret_start(error));
    struct personal *made = calloc(1, sizeof *made);
    struct personal_keys *keys = sodium_malloc(sizeof *keys);
    if (made == NULL || keys == NULL) {
        sodium_free(keys);
        free(made);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for personal data");
    }
    *made = (struct personal){ sql, clerk, keys };
    derive(master_key, "mingdi personal wrap", keys->wrap);
    derive(master_key, "mingdi number index", keys->index);
    enum status status = check_key(sql, keys, error);
    if (status != STATUS_OK) {
        personal_destroy(made);
        return status;
    }
    *personal = made;
    return STATUS_OK;
}

void personal_destroy(struct personal *personal)
{
    if (personal != NULL) {
        sodium_free(personal->keys);
        free(personal);
    }
}

/* ---- jobs of the clerk ---- */

/* One for all questions; what holds plain data is wiped with it. */
struct personal_job {
    struct personal *personal;
    uint64_t reference;
    uint32_t call, incident;
    uint64_t references[PERSONAL_ERASE_MAX];
    uint32_t count;
    struct personal_data data;
    enum status status; /* STATUS_FULL until the work was done */
    personal_done *done;
    void (*done_earlier)(void *context, const uint64_t *references, uint32_t count);
    void *context;
};

static void log_failure(const char *message, const struct error *error)
{
    LOG(LOG_ERROR, "personal", message, LOG_TEXT("why", error->text));
}

static void tell(void *memory)
{
    struct personal_job *job = memory;
    if (job->done_earlier != NULL) {
        job->done_earlier(job->context, job->references, job->count);
    } else if (job->done != NULL) {
        job->done(job->context, job->status, job->reference, &job->data);
    } else if (job->status != STATUS_OK) {
        LOG(LOG_ERROR, "personal", "a record could not be attached to its call", LOG_NUMBER("call", job->call),
            LOG_NUMBER("incident", job->incident));
    }
    secret_wipe(job, sizeof *job);
    free(job);
}

static void give(const struct personal_job *wanted, void (*work)(void *job))
{
    struct personal_job *job = malloc(sizeof *job);
    CHECK(job != NULL);
    *job = *wanted;
    job->status = STATUS_FULL;
    if (!workers_give(job->personal->clerk, work, tell, job)) {
        tell(job);
    }
}

static void store_record(void *memory)
{
    struct personal_job *job = memory;
    const struct personal_keys *keys = job->personal->keys;
    struct sealed sealed;
    struct error error = { 0 };
    unsigned char index[SECRET_HASH_SIZE];
    bool indexed = number_index(keys, job->data.number, index);
    seal(keys, job->reference, &job->data, &sealed);
    job->status = sql_run(job->personal->sql,
                          "INSERT INTO personal(reference, key_wrapped, nonce, box, number_index, created_at)"
                          " VALUES($1, $2, $3, $4, $5, $6)",
                          SQL_PARAMETERS(sql_int((int64_t)job->reference), sql_blob(sealed.wrapped, WRAPPED_SIZE),
                                         sql_blob(sealed.nonces, NONCES_SIZE), sql_blob(sealed.box, sealed.box_size),
                                         sql_blob(indexed ? index : NULL, sizeof index), sql_int(clock_wall().us)),
                          NULL, &error);
    if (job->status != STATUS_OK) {
        log_failure("a record could not be stored", &error);
    }
}

/* 63 bits, for the tables' integers have a sign. */
static uint64_t new_reference(void)
{
    uint64_t reference = 0;
    while (reference == 0) {
        secret_random(&reference, sizeof reference);
        reference &= INT64_MAX;
    }
    return reference;
}

void personal_store(struct personal *personal, const struct personal_data *data, personal_done *done, void *context)
{
    struct personal_job job = {
        .personal = personal, .reference = new_reference(), .data = *data, .done = done, .context = context
    };
    give(&job, store_record);
    secret_wipe(&job, sizeof job);
}

static void attach_record(void *memory)
{
    struct personal_job *job = memory;
    struct error error = { 0 };
    job->status = sql_run(job->personal->sql,
                          "UPDATE personal SET call = $2, incident = CASE WHEN CAST($3 AS bigint) = 0 THEN incident ELSE"
                          " CAST($3 AS bigint) END WHERE reference = $1 AND reference <> 0",
                          SQL_PARAMETERS(sql_int((int64_t)job->reference), sql_int(job->call), sql_int(job->incident)), NULL,
                          &error);
}

void personal_attach(struct personal *personal, uint64_t reference, uint32_t call, uint32_t incident)
{
    give(&(struct personal_job){ .personal = personal, .reference = reference, .call = call, .incident = incident },
         attach_record);
}

static void amend_record(void *memory)
{
    struct personal_job *job = memory;
    const struct personal_keys *keys = job->personal->keys;
    struct sealed sealed;
    struct error error = { 0 };
    int64_t changed = 0;
    unsigned char index[SECRET_HASH_SIZE];
    bool indexed = number_index(keys, job->data.number, index);
    seal(keys, job->reference, &job->data, &sealed);
    job->status = sql_run(job->personal->sql,
                          "UPDATE personal SET key_wrapped = $2, nonce = $3, box = $4, number_index = $5"
                          " WHERE reference = $1 AND reference <> 0 AND erased_at IS NULL",
                          SQL_PARAMETERS(sql_int((int64_t)job->reference), sql_blob(sealed.wrapped, WRAPPED_SIZE),
                                         sql_blob(sealed.nonces, NONCES_SIZE), sql_blob(sealed.box, sealed.box_size),
                                         sql_blob(indexed ? index : NULL, sizeof index)),
                          &changed, &error);
    if (job->status != STATUS_OK) {
        log_failure("a record could not be amended", &error);
    } else if (changed == 0) {
        job->status = STATUS_NOT_FOUND;
    }
}

void personal_amend(struct personal *personal, uint64_t reference, const struct personal_data *data, personal_done *done,
                    void *context)
{
    struct personal_job job = { .personal = personal, .reference = reference, .data = *data, .done = done, .context = context };
    give(&job, amend_record);
    secret_wipe(&job, sizeof job);
}

static enum status open_row(void *context, const struct sql_row *row, struct error *error)
{
    struct personal_job *job = context;
    struct sealed sealed;
    size_t wrapped_size, nonces_size;
    const void *wrapped = sql_row_blob(row, 0, &wrapped_size), *nonces = sql_row_blob(row, 1, &nonces_size);
    const void *box = sql_row_blob(row, 2, &sealed.box_size);
    bool sound = wrapped_size == WRAPPED_SIZE && nonces_size == NONCES_SIZE && sealed.box_size > SECRET_TAG_SIZE &&
                 sealed.box_size <= BOX_MAX;
    if (sound) {
        memcpy(sealed.wrapped, wrapped, WRAPPED_SIZE);
        memcpy(sealed.nonces, nonces, NONCES_SIZE);
        memcpy(sealed.box, box, sealed.box_size);
        sound = unseal(job->personal->keys, job->reference, &sealed, &job->data);
    }
    if (!sound) {
        memset(&job->data, 0, sizeof job->data);
        return ERROR(error, STATUS_CORRUPT,
                     "a record of personal data does not open: it was changed, or sealed with another master key");
    }
    return STATUS_OK;
}

static void read_record(void *memory)
{
    struct personal_job *job = memory;
    struct error error = { 0 };
    int64_t rows = 0;
    job->status = sql_query(
        job->personal->sql,
        "SELECT key_wrapped, nonce, box FROM personal WHERE reference = $1 AND reference <> 0 AND erased_at IS NULL",
        SQL_PARAMETERS(sql_int((int64_t)job->reference)), open_row, job, &rows, &error);
    if (job->status != STATUS_OK) {
        log_failure("a record could not be read", &error);
    } else if (rows == 0) {
        job->status = STATUS_NOT_FOUND;
    }
}

void personal_read(struct personal *personal, uint64_t reference, personal_done *done, void *context)
{
    give(&(struct personal_job){ .personal = personal, .reference = reference, .done = done, .context = context }, read_record);
}

enum status personal_read_now(struct personal *personal, uint64_t reference, struct personal_data *data)
{
    struct personal_job job = { .personal = personal, .reference = reference };
    read_record(&job);
    enum status status = job.status;
    *data = job.data;
    secret_wipe(&job, sizeof job);
    return status;
}

/* ---- erasing ---- */

#define ERASE                                                                                                                   \
    "UPDATE personal SET key_wrapped = NULL, nonce = NULL, box = NULL, number_index = NULL, erased_at = $1 WHERE reference <> " \
    "0 AND"                                                                                                                     \
    " erased_at IS NULL AND "

/* Within a transaction; adds to *erased. */
static enum status erase_listed(struct sql *sql, const struct personal_job *job, int64_t *erased, struct error *error)
{
    for (uint32_t i = 0; i < job->count; i++) {
        int64_t changed = 0;
        TRY(sql_run(sql, ERASE "reference = $2", SQL_PARAMETERS(sql_int(clock_wall().us), sql_int((int64_t)job->references[i])),
                    &changed, error));
        *erased += changed;
    }
    return STATUS_OK;
}

static enum status erase_job(struct sql *sql, const struct personal_job *job, int64_t *erased, struct error *error)
{
    if (job->incident != 0) {
        return sql_run(sql, ERASE "incident = $2", SQL_PARAMETERS(sql_int(clock_wall().us), sql_int(job->incident)), erased,
                       error);
    }
    enum status status;
    TRY(sql_begin(sql, error));
    TRY_GOTO(erase_listed(sql, job, erased, error), undo);
    TRY_GOTO(sql_commit(sql, error), undo);
    return STATUS_OK;
undo:
    sql_rollback(sql);
    return status;
}

static void erase_records(void *memory)
{
    struct personal_job *job = memory;
    struct error error = { 0 };
    int64_t erased = 0;
    job->status = erase_job(job->personal->sql, job, &erased, &error);
    if (job->status == STATUS_OK && erased == 0) {
        job->status = STATUS_NOT_FOUND;
    } else if (job->status == STATUS_OK) {
        job->status = sql_forget(job->personal->sql, "personal", &error);
    }
    if (job->status != STATUS_OK && job->status != STATUS_NOT_FOUND) {
        log_failure("records could not be erased", &error);
    }
}

void personal_erase(struct personal *personal, const uint64_t *references, uint32_t count, personal_done *done, void *context)
{
    CHECK(count <= PERSONAL_ERASE_MAX);
    struct personal_job job = { .personal = personal, .count = count, .done = done, .context = context };
    memcpy(job.references, references, count * sizeof *references);
    give(&job, erase_records);
}

void personal_erase_incident(struct personal *personal, uint32_t incident, personal_done *done, void *context)
{
    give(&(struct personal_job){ .personal = personal, .incident = incident, .done = done, .context = context }, erase_records);
}

/* Within a transaction. */
static enum status erase_older(struct sql *sql, struct instant before, int64_t *changed, struct error *error)
{
    char detail[128], text[INSTANT_TEXT_SIZE];
    TRY(sql_run(sql, ERASE "created_at < $2", SQL_PARAMETERS(sql_int(clock_wall().us), sql_int(before.us)), changed, error));
    instant_format(before, text);
    snprintf(detail, sizeof detail, "%" PRId64 " records of before %s: personal_keep_days", *changed, text);
    const struct audit_entry entry = { .what = "personal data erased by age", .subject = "personal", .detail = detail };
    return *changed > 0 ? audit_append(sql, &entry, error) : STATUS_OK;
}

enum status personal_erase_older(struct sql *sql, struct instant before, uint64_t *erased, struct error *error)
{
    int64_t changed = 0;
    TRY(sql_begin(sql, error));
    enum status status = erase_older(sql, before, &changed, error);
    if (status == STATUS_OK) {
        status = sql_commit(sql, error);
    }
    if (status != STATUS_OK) {
        sql_rollback(sql);
        return status;
    }
    *erased = (uint64_t)changed;
    return changed > 0 ? sql_forget(sql, "personal", error) : STATUS_OK;
}

static enum status take_count(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(uint64_t *)context = (uint64_t)sql_row_int(row, 0);
    return STATUS_OK;
}

enum status personal_count_older(struct sql *sql, struct instant before, uint64_t *count, struct error *error)
{
    return sql_query(sql, "SELECT count(*) FROM personal WHERE reference <> 0 AND erased_at IS NULL AND created_at < $1",
                     SQL_PARAMETERS(sql_int(before.us)), take_count, count, NULL, error);
}

/* ---- earlier calls ---- */

static enum status take_reference(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct personal_job *job = context;
    job->references[job->count++] = (uint64_t)sql_row_int(row, 0);
    return STATUS_OK;
}

static void find_earlier(void *memory)
{
    struct personal_job *job = memory;
    struct error error = { 0 };
    unsigned char index[SECRET_HASH_SIZE];
    if (!number_index(job->personal->keys, job->data.number, index)) {
        return;
    }
    job->status = sql_query(
        job->personal->sql, "SELECT reference FROM personal WHERE number_index = $1 ORDER BY created_at DESC, reference LIMIT $2",
        SQL_PARAMETERS(sql_blob(index, sizeof index), sql_int(PERSONAL_EARLIER_MAX)), take_reference, job, NULL, &error);
    if (job->status != STATUS_OK) {
        job->count = 0;
        log_failure("earlier calls could not be looked for", &error);
    }
}

void personal_earlier(struct personal *personal, const char *number,
                      void (*done)(void *context, const uint64_t *references, uint32_t count), void *context)
{
    struct personal_job job = { .personal = personal, .done_earlier = done, .context = context };
    snprintf(job.data.number, sizeof job.data.number, "%s", number);
    give(&job, find_earlier);
    secret_wipe(&job, sizeof job);
}
