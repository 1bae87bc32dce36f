/* Administration: each change is hashed if it has a password, written with its audit row in one transaction, read back, put
 * into memory, and then answered. When a commit fails nobody knows: what the tables hold decides. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/clock.h"
#include "host/people_private.h"

enum change_kind { CHANGE_ADD, CHANGE_AMEND, CHANGE_TOTP, CHANGE_PROVIDER, CHANGE_ADD_TOKEN, CHANGE_REVOKE_TOKEN };

struct change_job {
    struct people *people;
    enum change_kind kind;
    uint32_t by;
    bool by_machine;
    struct person_wanted wanted; /* its texts and grants are those below */
    char name[IDENTITY_NAME_SIZE], display[IDENTITY_NAME_SIZE], password[PASSWORD_BYTES_MAX + 1];
    struct grant grants[GRANTS_MAX];
    char hash[PASSWORD_HASH_SIZE];
    bool totp_on;
    unsigned char totp[TOTP_BOX_SIZE];
    uint64_t totp_step; /* of the code that was shown of it */
    struct token token;
    int64_t now, given_at;                /* given_at: of a password that somebody else gives */
    bool found;                           /* what is in person or token was read back */
    struct person person;                 /* as it is now in the tables */
    bool drops_passkeys;                  /* of a leaver: who comes back makes new ones */
    bool ends_sessions, own;              /* own: by the person, whose session of this hash is kept */
    unsigned char kept[SECRET_HASH_SIZE]; /* else zeros */
    struct people_change result;
    people_done *done;
    void *context;
};

static const char ADMINISTRATORS[] =
    "SELECT count(*) FROM person WHERE disabled = 0 AND EXISTS"
    " (SELECT 1 FROM person_grant WHERE person_grant.person = person.id AND role = 'administrator' AND scope = 'centre')";

static bool is_administrator(const struct person *person)
{
    for (unsigned i = 0; i < person->grant_count; i++) {
        if (person->grants[i].role == ROLE_ADMINISTRATOR && person->grants[i].scope == SCOPE_CENTRE) {
            return !person->disabled;
        }
    }
    return false;
}

static enum status take_count(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

/* In the transaction, after the change: somebody must be left who can undo it. */
static enum status keep_administrator(struct sql *sql, const struct person *before, struct error *error)
{
    int64_t count = 1;
    if (is_administrator(before)) {
        TRY(sql_query(sql, ADMINISTRATORS, SQL_NO_PARAMETERS, take_count, &count, NULL, error));
    }
    return count > 0 ? STATUS_OK
                     : ERROR(error, STATUS_BAD_INPUT, "this is the last administrator who can sign in: make another one first");
}

static enum status audit_change(const struct change_job *job, const char *what, const char *subject, uint32_t id,
                                const char *detail, struct error *error)
{
    struct audit_entry entry = {
        .actor = job->by, .machine = job->by_machine, .what = what, .subject = subject, .subject_id = id, .detail = detail
    };
    return audit_append(job->people->setup.sql, &entry, error);
}

/* "password, grants: dispatcher district 3, crew unit 12". */
static void describe(const struct person_wanted *wanted, char *detail, size_t size)
{
    int length = snprintf(detail, size, "%s%s%s%s%s%s", wanted->name != NULL ? "name " : "",
                          wanted->display != NULL ? "display " : "", wanted->password != NULL ? "password " : "",
                          wanted->totp_required < 0    ? ""
                          : wanted->totp_required == 0 ? "second factor not required "
                                                       : "second factor required ",
                          wanted->disabled < 0    ? ""
                          : wanted->disabled == 0 ? "enabled "
                                                  : "disabled ",
                          wanted->grants != NULL ? "grants:" : "");
    for (int i = 0; wanted->grants != NULL && i < wanted->grant_count && length >= 0 && (size_t)length < size; i++) {
        const struct grant *grant = &wanted->grants[i];
        length += snprintf(detail + length, size - (size_t)length, "%s %s %s %u", i > 0 ? "," : "", ROLE_NAMES[grant->role],
                           SCOPE_NAMES[grant->scope], grant->id);
    }
}

static enum status name_taken(struct sql *sql, enum status status, struct error *error)
{
    if (status == STATUS_BAD_INPUT && sql_is_conflict(sql)) {
        return ERROR(error, STATUS_BAD_INPUT, "somebody has this name already");
    }
    return status;
}

/* ---- in the clerk, within a transaction ---- */

static enum status write_added(struct change_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    char detail[AUDIT_DETAIL_MAX];
    enum status status = people_insert(sql, &job->wanted, job->hash, job->now, job->given_at, &job->result.id, error);
    if (status != STATUS_OK) {
        return name_taken(sql, status, error);
    }
    describe(&job->wanted, detail, sizeof detail);
    return audit_change(job, "person added", "person", job->result.id, detail, error);
}

/* The person as the tables have it, before a change. */
static enum status load_before(const struct change_job *job, struct person *person, struct error *error)
{
    bool found = false;
    TRY(people_load_person(job->people->setup.sql, job->result.id, person, &found, error));
    if (!found) {
        return ERROR(error, STATUS_NOT_FOUND, "there is no person %u", job->result.id);
    }
    if (job->wanted.revision != 0 && job->wanted.revision != person->revision) {
        return ERROR(error, STATUS_VERSION, "person %u was changed since: the revision is %u now", person->id, person->revision);
    }
    return STATUS_OK;
}

static enum status update_person(struct change_job *job, const struct person *before, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    const struct person_wanted *wanted = &job->wanted;
    bool new_password = wanted->password != NULL;
    int64_t given_at = !new_password ? before->password_given_at : job->own ? 0 : job->given_at;
    enum status status = sql_run(
        sql,
        "UPDATE person SET name = $2, display = $3, password_hash = $4, totp_required = $5, disabled = $6, failed_count = $7,"
        " locked_until = $8, changed_at = $9, password_given_at = $10, revision = revision + 1 WHERE id = $1",
        SQL_PARAMETERS(sql_int(before->id), sql_text(wanted->name != NULL ? wanted->name : before->name),
                       sql_text(wanted->display != NULL ? wanted->display : before->display),
                       sql_text(new_password ? job->hash : before->hash),
                       sql_int(wanted->totp_required < 0 ? before->totp_required : wanted->totp_required > 0),
                       sql_int(wanted->disabled < 0 ? before->disabled : wanted->disabled > 0),
                       sql_int(new_password ? 0 : before->failed),
                       new_password || before->locked_until == 0 ? sql_null() : sql_int(before->locked_until), sql_int(job->now),
                       given_at != 0 ? sql_int(given_at) : sql_null()),
        NULL, error);
    if (status != STATUS_OK) {
        return name_taken(sql, status, error);
    }
    return wanted->grants != NULL ? people_write_grants(sql, before->id, wanted->grants, wanted->grant_count, error) : STATUS_OK;
}

/* In the transaction; those in memory end when it is done. */
static enum status end_sessions(struct change_job *job, uint32_t person, struct error *error)
{
    job->ends_sessions = true;
    return sql_run(job->people->setup.sql, "DELETE FROM session WHERE person = $1 AND token_hash <> $2",
                   SQL_PARAMETERS(sql_int(person), sql_blob(job->kept, sizeof job->kept)), NULL, error);
}

static enum status write_amended(struct change_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    struct person before;
    char detail[AUDIT_DETAIL_MAX];
    TRY(load_before(job, &before, error));
    TRY(update_person(job, &before, error));
    TRY(keep_administrator(sql, &before, error));
    if (job->wanted.password != NULL || job->wanted.grants != NULL || job->wanted.disabled > 0) {
        TRY(end_sessions(job, before.id, error));
    }
    if (job->wanted.disabled > 0) {
        job->drops_passkeys = true;
        TRY(sql_run(sql, "DELETE FROM passkey WHERE person = $1", SQL_PARAMETERS(sql_int(before.id)), NULL, error));
    }
    describe(&job->wanted, detail, sizeof detail);
    return audit_change(job, job->own ? "own password changed" : "person changed", "person", before.id, job->own ? "" : detail,
                        error);
}

static enum status write_totp(struct change_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    struct person before;
    TRY(load_before(job, &before, error));
    TRY(sql_run(sql, "UPDATE person SET totp_secret = $2, totp_step = $4, changed_at = $3, revision = revision + 1 WHERE id = $1",
                SQL_PARAMETERS(sql_int(before.id), sql_blob(job->totp_on ? job->totp : NULL, sizeof job->totp), sql_int(job->now),
                               sql_int((int64_t)job->totp_step)),
                NULL, error));
    TRY(end_sessions(job, before.id, error));
    return audit_change(job,
                        job->own       ? "own second factor set"
                        : job->totp_on ? "second factor set"
                                       : "second factor taken away",
                        "person", before.id, "", error);
}

static enum status write_forgotten(struct change_job *job, struct error *error)
{
    struct person before;
    TRY(load_before(job, &before, error));
    TRY(sql_run(
        job->people->setup.sql,
        "UPDATE person SET provider_mark = NULL, left_mark = NULL, changed_at = $2, revision = revision + 1 WHERE id = $1",
        SQL_PARAMETERS(sql_int(before.id), sql_int(job->now)), NULL, error));
    return audit_change(job, "identity at the provider let go", "person", before.id, "", error);
}

static enum status write_new_token(struct change_job *job, struct error *error)
{
    char detail[AUDIT_DETAIL_MAX];
    TRY(people_insert_token(job->people->setup.sql, &job->token, &job->result.id, error));
    snprintf(detail, sizeof detail, "%s %s %u", ROLE_NAMES[job->token.grant.role], SCOPE_NAMES[job->token.grant.scope],
             job->token.grant.id);
    return audit_change(job, "token added", "token", job->result.id, detail, error);
}

static enum status write_revoked(struct change_job *job, struct error *error)
{
    int64_t changed = 0;
    TRY(sql_run(job->people->setup.sql, "UPDATE token SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1",
                SQL_PARAMETERS(sql_int(job->result.id), sql_int(job->now)), &changed, error));
    if (changed == 0) {
        return ERROR(error, STATUS_NOT_FOUND, "there is no token %u", job->result.id);
    }
    return audit_change(job, "token revoked", "token", job->result.id, "", error);
}

static enum status write_change(struct change_job *job, struct error *error)
{
    switch (job->kind) {
    case CHANGE_ADD: return write_added(job, error);
    case CHANGE_AMEND: return write_amended(job, error);
    case CHANGE_TOTP: return write_totp(job, error);
    case CHANGE_PROVIDER: return write_forgotten(job, error);
    case CHANGE_ADD_TOKEN: return write_new_token(job, error);
    case CHANGE_REVOKE_TOKEN: return write_revoked(job, error);
    default: UNREACHABLE();
    }
}

/* ---- around it ---- */

static enum status read_back(struct change_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    if (job->kind == CHANGE_ADD_TOKEN || job->kind == CHANGE_REVOKE_TOKEN) {
        return people_load_token(sql, job->result.id, &job->token, &job->found, error);
    }
    return people_load_person(sql, job->result.id, &job->person, &job->found, error);
}

/* Whether what was read back is what was to be written. */
static bool arrived(const struct change_job *job)
{
    switch (job->kind) {
    case CHANGE_ADD: return strcmp(job->person.name, job->wanted.name) == 0 && job->person.created_at == job->now;
    case CHANGE_AMEND:
    case CHANGE_PROVIDER:
    case CHANGE_TOTP: return job->person.changed_at == job->now;
    case CHANGE_ADD_TOKEN: return true; /* found by an id that was this token's alone */
    case CHANGE_REVOKE_TOKEN: return job->token.revoked_at != 0;
    default: UNREACHABLE();
    }
}

static enum status change_all(struct change_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    TRY(sql_begin(sql, error));
    enum status status = write_change(job, error);
    bool committing = status == STATUS_OK;
    if (committing) {
        status = sql_commit(sql, error);
    }
    if (status != STATUS_OK) {
        sql_rollback(sql);
    }
    struct error lost;
    if (committing && read_back(job, &lost) == STATUS_OK && job->found && arrived(job)) {
        return STATUS_OK;
    }
    job->found = false;
    return status != STATUS_OK || !committing ? status
                                              : ERROR(error, STATUS_IO, "the change cannot be read back: look at it again");
}

static void set_result(struct change_job *job, enum status status, const char *text)
{
    job->result.status = status;
    snprintf(job->result.text, sizeof job->result.text, "%.*s", (int)sizeof job->result.text - 1, text);
}

static void change_work(void *memory)
{
    struct change_job *job = memory;
    struct error error = { 0 };
    enum status status = change_all(job, &error);
    set_result(job, status, status == STATUS_OK ? "" : error.text);
}

static void answer(struct change_job *job)
{
    if (job->result.status != STATUS_OK) {
        secret_wipe(job->result.secret, sizeof job->result.secret);
    }
    job->done(job->context, &job->result);
    secret_wipe(job, sizeof *job);
    free(job);
}

static void change_done(void *memory)
{
    struct change_job *job = memory;
    struct people *people = job->people;
    if (job->result.status == STATUS_OK && job->found) {
        bool token = job->kind == CHANGE_ADD_TOKEN || job->kind == CHANGE_REVOKE_TOKEN;
        if (!(token ? people_put_token(people, &job->token) : people_put(people, &job->person))) {
            set_result(job, STATUS_FULL, "there is no room for more people or tokens until the server starts again");
        }
    }
    if (job->result.status == STATUS_OK && job->drops_passkeys) {
        people_drop_passkeys(people, job->result.id, 0);
    }
    if (job->result.status == STATUS_OK && job->ends_sessions) {
        sessions_end_person(people->sessions, job->result.id, job->kept);
    }
    struct person *person = people_find(people, job->result.id);
    if (job->result.status == STATUS_OK && job->kind == CHANGE_AMEND && job->wanted.password != NULL && person != NULL) {
        person->failed = 0;
        person->locked_until = 0;
    }
    answer(job);
}

static void give_to_clerk(struct change_job *job)
{
    set_result(job, STATUS_FULL, "the server has too much to do or stops: come again");
    if (!workers_give(job->people->setup.clerk, change_work, change_done, job)) {
        answer(job);
    }
}

static void hash_work(void *memory)
{
    struct change_job *job = memory;
    struct password_cost cost = { job->people->setup.hash_memory_kib, job->people->setup.hash_passes };
    struct error error = { 0 };
    enum status status = password_hash(job->password, cost, job->hash, &error);
    set_result(job, status, status == STATUS_OK ? "" : error.text);
}

static void hash_done(void *memory)
{
    struct change_job *job = memory;
    secret_wipe(job->password, sizeof job->password);
    if (job->result.status == STATUS_OK) {
        give_to_clerk(job);
    } else {
        answer(job);
    }
}

static struct change_job *make_job(struct people *people, const struct identity *by, enum change_kind kind, uint32_t id,
                                   people_done *done, void *context)
{
    struct change_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    job->people = people;
    job->kind = kind;
    job->by = by->actor;
    job->by_machine = by->machine;
    job->now = people_now(people).us;
    job->given_at = people->setup.first_password_days != 0 ? job->now : PASSWORD_NOT_COUNTED;
    job->result.id = id;
    job->done = done;
    job->context = context;
    return job;
}

/* NULL, or why the password that is wanted would be guessed; in a drill it may. */
static const char *weakness_of(struct change_job *job, const char *name, const char *password)
{
    const char *words = job->people->setup.known_words;
    const char *weakness = words != NULL && password != NULL ? people_password_weakness(words, name, password) : NULL;
    job->result.weak_password = weakness != NULL;
    return weakness;
}

static void refuse(struct change_job *job, enum status status, const char *text)
{
    set_result(job, status, text);
    answer(job);
}

/* The texts were found to fit. */
static void copy_wanted(struct change_job *job, const struct person_wanted *wanted)
{
    job->wanted = *wanted;
    if (wanted->name != NULL) {
        snprintf(job->name, sizeof job->name, "%s", wanted->name);
        job->wanted.name = job->name;
    }
    if (wanted->display != NULL) {
        snprintf(job->display, sizeof job->display, "%s", wanted->display);
        job->wanted.display = job->display;
    }
    if (wanted->password != NULL) {
        snprintf(job->password, sizeof job->password, "%s", wanted->password);
        job->wanted.password = job->password;
    }
    if (wanted->grants != NULL) {
        memcpy(job->grants, wanted->grants, (size_t)wanted->grant_count * sizeof *job->grants);
        job->wanted.grants = job->grants;
    }
}

static void begin(struct change_job *job, const struct person_wanted *wanted)
{
    copy_wanted(job, wanted);
    if (wanted->password == NULL) {
        give_to_clerk(job);
        return;
    }
    set_result(job, STATUS_FULL, "the server has too much to do or stops: come again");
    if (!workers_give(job->people->setup.hashing, hash_work, hash_done, job)) {
        answer(job);
    }
}

void people_add(struct people *people, const struct identity *by, const struct person_wanted *wanted, people_done *done,
                void *context)
{
    struct change_job *job = make_job(people, by, CHANGE_ADD, 0, done, context);
    const char *fault = people_wanted_fault(wanted, true, people->setup.drill);
    fault = fault != NULL ? fault : weakness_of(job, wanted->name, wanted->password);
    if (fault != NULL) {
        refuse(job, STATUS_BAD_INPUT, fault);
    } else if (people_find_name(people, wanted->name) != NULL) {
        refuse(job, STATUS_BAD_INPUT, "somebody has this name already");
    } else if (people->persons.count >= PEOPLE_MAX) {
        refuse(job, STATUS_FULL, "there is no room for more people");
    } else {
        begin(job, wanted);
    }
}

void people_amend(struct people *people, const struct identity *by, uint32_t id, const struct person_wanted *wanted,
                  people_done *done, void *context)
{
    struct change_job *job = make_job(people, by, CHANGE_AMEND, id, done, context);
    const struct person *person = people_find(people, id);
    if (person == NULL) {
        refuse(job, STATUS_NOT_FOUND, "there is no such person");
        return;
    }
    const char *fault = people_wanted_fault(wanted, false, people->setup.drill);
    if (fault == NULL && wanted->password != NULL) {
        const char *name = wanted->name != NULL ? wanted->name : person->name;
        fault = people_password_fault(name, wanted->password);
        fault = fault != NULL ? fault : weakness_of(job, name, wanted->password);
    }
    if (fault != NULL) {
        refuse(job, STATUS_BAD_INPUT, fault);
        return;
    }
    begin(job, wanted);
}

/* Who changes what is his own stays in where he sits. */
static void keep_session(struct change_job *job, const struct identity *by)
{
    struct people *people = job->people;
    const struct session *session = by->machine || by->actor != job->result.id
                                        ? NULL
                                        : sessions_numbered(people->sessions, by->session, by->actor, people_now(people));
    if (session != NULL) { /* else it ended meanwhile, and ends for good */
        memcpy(job->kept, session->hash, sizeof job->kept);
    }
}

void people_amend_own(struct people *people, const struct identity *by, uint32_t revision, const char *password,
                      people_done *done, void *context)
{
    struct change_job *job = make_job(people, by, CHANGE_AMEND, by->actor, done, context);
    const struct person_wanted wanted = { .password = password, .totp_required = -1, .disabled = -1, .revision = revision };
    job->own = true;
    keep_session(job, by);
    begin(job, &wanted);
}

void people_put_own_totp(struct people *people, const struct identity *by, const unsigned char box[TOTP_BOX_SIZE], uint64_t step,
                         people_done *done, void *context)
{
    struct change_job *job = make_job(people, by, CHANGE_TOTP, by->actor, done, context);
    job->own = job->totp_on = true;
    job->totp_step = step;
    memcpy(job->totp, box, sizeof job->totp);
    keep_session(job, by);
    give_to_clerk(job);
}

void people_set_totp(struct people *people, const struct identity *by, uint32_t id, bool on, people_done *done, void *context)
{
    struct change_job *job = make_job(people, by, CHANGE_TOTP, id, done, context);
    const struct person *person = people_find(people, id);
    if (person == NULL) {
        refuse(job, STATUS_NOT_FOUND, "there is no such person");
        return;
    }
    job->totp_on = on;
    keep_session(job, by);
    if (on) {
        CHECK(totp_make(people->totp_key, id, person->name, job->totp, job->result.secret, sizeof job->result.secret));
    }
    give_to_clerk(job);
}

void people_forget_provider(struct people *people, const struct identity *by, uint32_t id, people_done *done, void *context)
{
    struct change_job *job = make_job(people, by, CHANGE_PROVIDER, id, done, context);
    if (people_find(people, id) == NULL) {
        refuse(job, STATUS_NOT_FOUND, "there is no such person");
        return;
    }
    give_to_clerk(job);
}

static void new_token(struct token *token, const char *name, struct grant grant, int64_t now, char *text, size_t size)
{
    char secret[SECRET_TEXT_SIZE];
    secret_text(secret);
    snprintf(text, size, "mgd_%s", secret);
    secret_wipe(secret, sizeof secret);
    *token = (struct token){ .grant = grant, .created_at = now };
    secret_hash(text, strlen(text), NULL, token->hash);
    snprintf(token->name, sizeof token->name, "%s", name);
}

void people_add_token(struct people *people, const struct identity *by, const char *name, struct grant grant,
                      struct instant expires_at, people_done *done, void *context)
{
    struct change_job *job = make_job(people, by, CHANGE_ADD_TOKEN, 0, done, context);
    if (people_name_fault(name) != NULL) {
        refuse(job, STATUS_BAD_INPUT, people_name_fault(name));
    } else if (!people_grant_fits(&grant, people->setup.drill)) {
        refuse(job, STATUS_BAD_INPUT, "this role cannot be given with that scope (docs/rights.md), or the scope lacks its id");
    } else if (!people_has_room_for_token(people)) {
        refuse(job, STATUS_FULL, "there is no room for more tokens");
    } else if (expires_at.us <= job->now && !instant_is_none(expires_at)) {
        refuse(job, STATUS_BAD_INPUT, "the token would have expired already");
    } else {
        new_token(&job->token, name, grant, job->now, job->result.secret, sizeof job->result.secret);
        job->token.created_by = by->actor;
        int64_t usual = people->setup.token_days != 0 ? job->now + people->setup.token_days * US_PER_DAY : 0;
        job->token.expires_at = instant_is_none(expires_at) ? usual : expires_at.us == INSTANT_NEVER.us ? 0 : expires_at.us;
        give_to_clerk(job);
    }
}

void people_revoke_token(struct people *people, const struct identity *by, uint32_t id, people_done *done, void *context)
{
    struct change_job *job = make_job(people, by, CHANGE_REVOKE_TOKEN, id, done, context);
    give_to_clerk(job);
}

/* ---- at setup ---- */

static enum status finish(struct sql *sql, enum status status, const struct audit_entry *entry, struct error *error)
{
    if (status == STATUS_OK) {
        status = audit_append(sql, entry, error);
    }
    if (status == STATUS_OK) {
        status = sql_commit(sql, error);
    }
    if (status != STATUS_OK) {
        sql_rollback(sql);
    }
    return status;
}

enum status people_store(struct sql *sql, const struct person_wanted *wanted, uint32_t *id, struct error *error)
{
    TRY(secret_start(error));
    char hash[PASSWORD_HASH_SIZE], detail[AUDIT_DETAIL_MAX];
    const char *fault = people_wanted_fault(wanted, true, true);
    if (fault != NULL) {
        return ERROR(error, STATUS_BAD_INPUT, "%s", fault);
    }
    TRY(password_hash(wanted->password, (struct password_cost){ PASSWORD_MEMORY_KIB, PASSWORD_PASSES }, hash, error));
    describe(wanted, detail, sizeof detail);
    TRY(sql_begin(sql, error));
    int64_t now = clock_wall().us;
    enum status status = name_taken(sql, people_insert(sql, wanted, hash, now, now, id, error), error);
    struct audit_entry entry = { .what = "person added", .subject = "person", .subject_id = *id, .detail = detail };
    return finish(sql, status, &entry, error);
}

enum status people_store_token(struct sql *sql, const char *name, struct grant grant, char token_text[80], struct error *error)
{
    TRY(secret_start(error));
    struct token token;
    uint32_t id = 0;
    if (people_name_fault(name) != NULL || !people_grant_fits(&grant, true)) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "a token needs a name of 1 to 63 bytes, and a role with a scope that it takes (docs/rights.md)");
    }
    new_token(&token, name, grant, clock_wall().us, token_text, 80);
    TRY(sql_begin(sql, error));
    enum status status = people_insert_token(sql, &token, &id, error);
    struct audit_entry entry = { .what = "token added", .subject = "token", .subject_id = id, .detail = ROLE_NAMES[grant.role] };
    return finish(sql, status, &entry, error);
}
