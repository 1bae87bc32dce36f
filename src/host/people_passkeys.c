/* A person's passkeys: kept in memory as the table has them, added, listed, removed, and looked at when one is shown. */
#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/log.h"
#include "host/people_private.h"
#include "wire/form.h"

enum { ID_TEXT_SIZE = sodium_base64_ENCODED_LEN(PASSKEY_ID_MAX, sodium_base64_VARIANT_URLSAFE_NO_PADDING) };

/* ---- in memory ---- */

struct passkey *people_find_passkey(const struct people *people, uint32_t id)
{
    for (size_t i = 0; i < people->passkeys.count && id != 0; i++) {
        if (people->passkeys.items[i].id == id) {
            return &people->passkeys.items[i];
        }
    }
    return NULL;
}

static struct passkey *find_credential(const struct people *people, struct passkey_bytes id)
{
    for (size_t i = 0; i < people->passkeys.count && id.size > 0; i++) {
        struct passkey *passkey = &people->passkeys.items[i];
        if (passkey->key.id_size == id.size && memcmp(passkey->key.id, id.bytes, id.size) == 0) {
            return passkey;
        }
    }
    return NULL;
}

bool people_put_passkey(struct people *people, const struct passkey *passkey)
{
    return people_find_passkey(people, passkey->id) != NULL ||
           (people->passkeys.count < PASSKEYS_MAX && vec_push(&people->passkeys, *passkey));
}

void people_drop_passkeys(struct people *people, uint32_t person, uint32_t id)
{
    size_t kept = 0;
    for (size_t i = 0; i < people->passkeys.count; i++) {
        const struct passkey *passkey = &people->passkeys.items[i];
        if (passkey->person != person || (id != 0 && passkey->id != id)) {
            people->passkeys.items[kept++] = *passkey;
        }
    }
    people->passkeys.count = kept;
}

uint32_t people_kept_passkeys(const struct people *people, uint32_t person)
{
    uint32_t count = 0;
    for (size_t i = 0; i < people->passkeys.count; i++) {
        count += people->passkeys.items[i].person == person;
    }
    return count;
}

/* ---- asked from outside ---- */

uint32_t people_count_passkeys(const struct people *people, uint32_t person)
{
    return people->setup.passkeys ? people_kept_passkeys(people, person) : 0;
}

bool people_must_show_passkey(const struct people *people, const struct identity *by)
{
    return !by->machine && (by->owes & OWES_SECOND_FACTOR) != 0 && people_count_passkeys(people, by->actor) > 0;
}

/* No provider is called so: theirs are addresses. */
void people_passkey_user(const struct people *people, uint32_t person, unsigned char user[SECRET_HASH_SIZE])
{
    char number[16];
    (void)snprintf(number, sizeof number, "%u", person);
    people_mark(people->mark_key, "passkey", number, user);
}

static void write_or_never(struct json *json, const char *name, int64_t us)
{
    if (us != 0) {
        form_instant(json, name, (struct instant){ us });
    } else {
        json_none(json, name);
    }
}

void people_list_passkeys(const struct people *people, uint32_t person, struct json *json, const char *name)
{
    json_array_begin(json, name);
    for (size_t i = 0; i < people->passkeys.count; i++) {
        const struct passkey *passkey = &people->passkeys.items[i];
        if (passkey->person == person) {
            json_object_begin(json, NULL);
            json_int(json, "id", passkey->id);
            json_text(json, "name", passkey->name);
            form_instant(json, "created_at", (struct instant){ passkey->created_at });
            write_or_never(json, "used_at", passkey->used_at);
            json_object_end(json);
        }
    }
    json_array_end(json);
}

void people_list_passkey_ids(const struct people *people, uint32_t person, struct json *json, const char *name)
{
    char text[ID_TEXT_SIZE];
    json_array_begin(json, name);
    for (size_t i = 0; i < people->passkeys.count; i++) {
        const struct passkey *passkey = &people->passkeys.items[i];
        if (passkey->person == person) {
            (void)sodium_bin2base64(text, sizeof text, passkey->key.id, passkey->key.id_size,
                                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
            json_text(json, NULL, text);
        }
    }
    json_array_end(json);
}

/* ---- showing one ---- */

/* Whose it is was said by the authenticator too, where nobody had said it before. */
static const char *owner_fault(const struct people *people, const struct identity *by, const struct passkey *passkey,
                               struct passkey_bytes user)
{
    unsigned char own[SECRET_HASH_SIZE];
    if (by != NULL && by->actor != passkey->person) {
        return "a passkey of somebody else";
    }
    if (by != NULL && user.size == 0) {
        return NULL;
    }
    people_passkey_user(people, passkey->person, own);
    bool same = user.size == sizeof own && secret_equal(user.bytes, own, sizeof own);
    return same ? NULL : "the authenticator means another person";
}

void people_show_passkey(struct people *people, const struct identity *by, const struct passkey_shown *shown,
                         void (*done)(void *context, const struct sign_in *result), void *context)
{
    struct passkey *passkey = find_credential(people, shown->id);
    struct passkey_verdict verdict = { .address = shown->address };
    if (passkey != NULL) {
        verdict.person = by != NULL ? by->actor : passkey->person;
        verdict.passkey = passkey->id;
        verdict.fault = owner_fault(people, by, passkey, shown->user);
    } else if (by != NULL) {
        verdict.person = by->actor;
        verdict.fault = "a passkey that nobody has";
    }
    if (passkey != NULL && verdict.fault == NULL) {
        verdict.fault = passkey_shown_fault(shown->question, &passkey->key, shown->answer, &verdict.counter);
    }
    if (passkey != NULL && verdict.fault == NULL) {
        verdict.copied = passkey_went_back(passkey->key.counter, verdict.counter);
        passkey->key.counter = verdict.copied ? passkey->key.counter : verdict.counter; /* before it is written: it counts once */
    }
    people_admit_passkey(people, by, &verdict, done, context);
}

/* ---- adding one ---- */

struct add_job {
    struct people *people;
    struct identity by;
    struct passkey passkey;
    unsigned char session[SECRET_HASH_SIZE]; /* of by, and what its way is to be */
    uint8_t way;
    bool committing;
    struct people_change result;
    people_done *done;
    void *context;
};

static void end_add(struct add_job *job, enum status status, const char *text)
{
    job->result.status = status;
    (void)snprintf(job->result.text, sizeof job->result.text, "%.*s", (int)sizeof job->result.text - 1, text);
    job->done(job->context, &job->result);
    free(job);
}

static enum status take_int(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

/* Whatever ends the account's sessions meanwhile, a new password or a leave, is stronger. */
static enum status may_add(const struct add_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    int64_t rows = 0, count = 0;
    TRY(sql_query(sql, "SELECT person FROM session WHERE token_hash = $1 AND person = $2",
                  SQL_PARAMETERS(sql_blob(job->session, sizeof job->session), sql_int(job->passkey.person)), NULL, NULL, &rows,
                  error));
    if (rows == 0) {
        return ERROR(error, STATUS_NOT_FOUND, "the session has ended meanwhile");
    }
    TRY(sql_query(sql, "SELECT count(*) FROM passkey WHERE person = $1", SQL_PARAMETERS(sql_int(job->passkey.person)), take_int,
                  &count, NULL, error));
    return count < PASSKEYS_PER_PERSON
               ? STATUS_OK
               : ERROR(error, STATUS_FULL, "a person has at most %d passkeys: remove one first", PASSKEYS_PER_PERSON);
}

static enum status insert_passkey(struct add_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    const struct passkey *passkey = &job->passkey;
    int64_t id = 0;
    enum status status = sql_query(
        sql,
        "INSERT INTO passkey(person, credential, algorithm, public_key, copied, counter, name, created_at)"
        " VALUES($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        SQL_PARAMETERS(sql_int(passkey->person), sql_blob(passkey->key.id, passkey->key.id_size), sql_int(passkey->key.algorithm),
                       sql_blob(passkey->key.bytes, passkey->key.size), sql_int(passkey->key.may_be_copied),
                       sql_int(passkey->key.counter), sql_text(passkey->name), sql_int(passkey->created_at)),
        take_int, &id, NULL, error);
    if (status == STATUS_BAD_INPUT && sql_is_conflict(sql)) {
        return ERROR(error, STATUS_BAD_INPUT, "this passkey is registered already");
    }
    TRY(status);
    job->passkey.id = job->result.id = (uint32_t)id;
    return STATUS_OK;
}

static enum status write_add(struct add_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    TRY(sql_begin(sql, error));
    TRY(may_add(job, error));
    TRY(insert_passkey(job, error));
    TRY(sql_run(sql, "UPDATE session SET way = $2 WHERE token_hash = $1",
                SQL_PARAMETERS(sql_blob(job->session, sizeof job->session), sql_int(job->way)), NULL, error));
    const struct audit_entry entry = {
        .actor = job->by.actor, .what = "own passkey added", .subject = "person", .subject_id = job->passkey.person, .detail = ""
    };
    TRY(audit_append(sql, &entry, error));
    job->committing = true;
    return sql_commit(sql, error);
}

/* When a commit fails nobody knows: what the table holds decides. */
static enum status find_again(struct add_job *job, struct error *error)
{
    int64_t id = 0;
    TRY(sql_query(job->people->setup.sql, "SELECT id FROM passkey WHERE credential = $1 AND created_at = $2",
                  SQL_PARAMETERS(sql_blob(job->passkey.key.id, job->passkey.key.id_size), sql_int(job->passkey.created_at)),
                  take_int, &id, NULL, error));
    job->passkey.id = job->result.id = (uint32_t)id;
    return id != 0 ? STATUS_OK : ERROR(error, STATUS_IO, "the passkey could not be stored");
}

static void add_work(void *memory)
{
    struct add_job *job = memory;
    struct error error = { .text = "" };
    job->result.status = write_add(job, &error);
    if (job->result.status != STATUS_OK) {
        sql_rollback(job->people->setup.sql);
    }
    if (job->result.status != STATUS_OK && job->committing) {
        LOG(LOG_ERROR, "people", "a passkey could not be written", LOG_TEXT("why", error.text));
        job->result.status = find_again(job, &error);
    }
    (void)snprintf(job->result.text, sizeof job->result.text, "%.*s", (int)sizeof job->result.text - 1, error.text);
}

static void add_done(void *memory)
{
    struct add_job *job = memory;
    struct people *people = job->people;
    struct session *session = sessions_for_change(people->sessions, job->by.session, job->by.actor, people_now(people));
    if (job->result.status == STATUS_OK && !people_put_passkey(people, &job->passkey)) {
        end_add(job, STATUS_FULL, "there is no room for more passkeys until the server starts again");
        return;
    }
    if (job->result.status == STATUS_OK && session != NULL) {
        session->way = people_way_shown(session->way);
    }
    job->done(job->context, &job->result);
    free(job);
}

void people_add_passkey(struct people *people, const struct identity *by, const char *name, const struct passkey_key *key,
                        people_done *done, void *context)
{
    const struct session *session = sessions_numbered(people->sessions, by->session, by->actor, people_now(people));
    const char *fault = people_name_fault(name);
    struct add_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL && !by->machine);
    *job = (struct add_job){ .people = people, .by = *by, .done = done, .context = context };
    if (fault != NULL || session == NULL) {
        end_add(job, fault != NULL ? STATUS_BAD_INPUT : STATUS_NOT_FOUND, fault != NULL ? fault : "the session has ended");
        return;
    }
    if (people->passkeys.count >= PASSKEYS_MAX) {
        end_add(job, STATUS_FULL, "there is no room for more passkeys");
        return;
    }
    job->passkey = (struct passkey){ .person = by->actor, .created_at = people_now(people).us, .key = *key };
    (void)snprintf(job->passkey.name, sizeof job->passkey.name, "%s", name);
    memcpy(job->session, session->hash, sizeof job->session);
    job->way = people_way_shown(session->way);
    if (!workers_give(people->setup.clerk, add_work, add_done, job)) {
        end_add(job, STATUS_FULL, "the server has too much to do or stops: come again");
    }
}

/* ---- removing them ---- */

struct remove_job {
    struct people *people;
    struct identity by;
    uint32_t person, id;
    unsigned char kept[SECRET_HASH_SIZE]; /* the session of by, where it is the person's own; else zeros */
    struct people_change result;
    people_done *done;
    void *context;
};

static enum status write_remove(const struct remove_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    const char *what = job->by.actor == job->person && !job->by.machine ? "own passkey removed" : "passkeys taken away";
    const struct audit_entry entry = { .actor = job->by.actor,
                                       .machine = job->by.machine,
                                       .what = what,
                                       .subject = "person",
                                       .subject_id = job->person,
                                       .detail = "" };
    TRY(sql_begin(sql, error));
    TRY(sql_run(sql, "DELETE FROM passkey WHERE person = $1 AND ($2 = 0 OR id = $3)",
                SQL_PARAMETERS(sql_int(job->person), sql_int(job->id), sql_int(job->id)), NULL, error));
    TRY(sql_run(sql, "DELETE FROM session WHERE person = $1 AND token_hash <> $2",
                SQL_PARAMETERS(sql_int(job->person), sql_blob(job->kept, sizeof job->kept)), NULL, error));
    TRY(audit_append(sql, &entry, error));
    return sql_commit(sql, error);
}

static void remove_work(void *memory)
{
    struct remove_job *job = memory;
    struct error error = { .text = "" };
    job->result.status = write_remove(job, &error);
    if (job->result.status != STATUS_OK) {
        sql_rollback(job->people->setup.sql);
        LOG(LOG_ERROR, "people", "the end of a passkey could not be written", LOG_TEXT("why", error.text));
    }
}

/* Once more: one of them may have been added in between. */
static void remove_done(void *memory)
{
    struct remove_job *job = memory;
    people_drop_passkeys(job->people, job->person, job->id);
    job->done(job->context, &job->result);
    free(job);
}

static bool has(const struct people *people, uint32_t person, uint32_t id)
{
    const struct passkey *passkey = people_find_passkey(people, id);
    return id == 0 ? people_kept_passkeys(people, person) > 0 : passkey != NULL && passkey->person == person;
}

void people_remove_passkeys(struct people *people, const struct identity *by, uint32_t person, uint32_t id, people_done *done,
                            void *context)
{
    bool own = !by->machine && by->actor == person;
    const struct session *session = own ? sessions_numbered(people->sessions, by->session, by->actor, people_now(people)) : NULL;
    struct remove_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    *job = (struct remove_job){ .people = people, .by = *by, .person = person, .id = id, .done = done, .context = context };
    job->result = (struct people_change){ .status = STATUS_FULL, .id = person };
    if (!has(people, person, id)) {
        job->result.status = STATUS_NOT_FOUND;
        done(context, &job->result);
        free(job);
        return;
    }
    if (session != NULL) {
        memcpy(job->kept, session->hash, sizeof job->kept);
    }
    people_drop_passkeys(people, person, id);
    sessions_end_person(people->sessions, person, job->kept);
    if (!workers_give(people->setup.clerk, remove_work, remove_done, job)) {
        remove_done(job);
    }
}
