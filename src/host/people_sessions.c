/* Sessions from outside: signing out, and seeing and ending those of other browsers. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/log.h"
#include "host/people_private.h"
#include "wire/form.h"

/* ---- signing out ---- */

struct sign_out_job {
    struct people *people;
    unsigned char hash[SECRET_HASH_SIZE];
    uint32_t person;
    const char *detail; /* constant */
    bool stored;
    void (*done)(void *context, bool stored);
    void *context;
};

static enum status write_sign_out(const struct sign_out_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    struct audit_entry entry = {
        .actor = job->person, .what = "sign-out", .subject = "person", .subject_id = job->person, .detail = job->detail
    };
    TRY(sql_begin(sql, error));
    TRY(sql_run(sql, "DELETE FROM session WHERE token_hash = $1", SQL_PARAMETERS(sql_blob(job->hash, sizeof job->hash)), NULL,
                error));
    TRY(audit_append(sql, &entry, error));
    return sql_commit(sql, error);
}

static void sign_out_work(void *memory)
{
    struct sign_out_job *job = memory;
    struct error error = { 0 };
    job->stored = write_sign_out(job, &error) == STATUS_OK;
    if (!job->stored) {
        sql_rollback(job->people->setup.sql);
        LOG(LOG_ERROR, "people", "the end of a session could not be written", LOG_TEXT("why", error.text));
    }
}

static void sign_out_done(void *memory)
{
    struct sign_out_job *job = memory;
    job->done(job->context, job->stored);
    free(job);
}

/* The session ends in memory first: whatever the store says, this terminal is out. */
static void end_here(struct sign_out_job *job, bool shown)
{
    struct people *people = job->people;
    struct session *session = shown ? sessions_find(people->sessions, job->hash, people_now(people)) : NULL;
    if (session == NULL) {
        job->stored = true;
        sign_out_done(job);
        return;
    }
    job->person = session->person;
    sessions_end(people->sessions, session);
    if (!workers_give(people->setup.clerk, sign_out_work, sign_out_done, job)) {
        sign_out_done(job);
    }
}

void people_sign_out(struct people *people, const char *cookie, char clear[128], void (*done)(void *context, bool stored),
                     void *context)
{
    char token[SECRET_TEXT_SIZE];
    struct sign_out_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    *job = (struct sign_out_job){ .people = people, .detail = "", .done = done, .context = context };
    snprintf(clear, 128, "%s=; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=0", people_cookie_name(people));
    people_read_cookie(people, cookie, token);
    secret_hash(token, strlen(token), NULL, job->hash);
    end_here(job, token[0] != '\0');
    secret_wipe(token, sizeof token);
}

static void nobody_waits(void *context, bool stored) { (void)context, (void)stored; }

void people_leave_former(struct people *people, const char *cookie)
{
    char token[SECRET_TEXT_SIZE];
    struct sign_out_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    *job = (struct sign_out_job){ .people = people,
                                  .detail = "somebody signed in anew in the same browser",
                                  .done = nobody_waits };
    people_read_cookie(people, cookie, token);
    secret_hash(token, strlen(token), NULL, job->hash);
    end_here(job, token[0] != '\0');
    secret_wipe(token, sizeof token);
}

/* ---- seeing them ---- */

void people_list_sessions(struct people *people, uint32_t person, uint64_t current, struct json *json, const char *name)
{
    static const char *const ways[] = { "password", "provider", "provider", "passkey" };
    sessions_sweep(people->sessions, people_now(people));
    json_array_begin(json, name);
    for (struct session *session = NULL; (session = sessions_next(people->sessions, person, session)) != NULL;) {
        json_object_begin(json, NULL);
        json_int(json, "id", session_id(session));
        json_bool(json, "current", sessions_number(people->sessions, session) == current);
        unsigned way = session->way & SESSION_WAY_MASK;
        json_text(json, "way", way < ARRAY_LENGTH(ways) ? ways[way] : ways[0]);
        json_text(json, "address", session->address);
        form_instant(json, "created_at", session->created_at);
        form_instant(json, "seen_at", session->seen_at);
        form_instant(json, "expires_at", session->expires_at);
        json_object_end(json);
    }
    json_array_end(json);
}

/* ---- ending them ---- */

struct end_job {
    struct people *people;
    struct identity by;
    uint32_t person;
    bool all;
    unsigned char hash[SECRET_HASH_SIZE]; /* of the one, where not all of them end */
    struct people_change result;
    people_done *done;
    void *context;
};

static enum status write_end(const struct end_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    const struct audit_entry entry = { .actor = job->by.actor,
                                       .machine = job->by.machine,
                                       .what = job->all ? "sessions ended" : "session ended",
                                       .subject = "person",
                                       .subject_id = job->person,
                                       .detail = "" };
    TRY(sql_begin(sql, error));
    TRY(sql_run(sql, "DELETE FROM session WHERE person = $1 AND ($2 = 1 OR token_hash = $3)",
                SQL_PARAMETERS(sql_int(job->person), sql_int(job->all), sql_blob(job->hash, sizeof job->hash)), NULL, error));
    TRY(audit_append(sql, &entry, error));
    return sql_commit(sql, error);
}

static void end_work(void *memory)
{
    struct end_job *job = memory;
    struct error error = { 0 };
    job->result.status = write_end(job, &error);
    if (job->result.status != STATUS_OK) {
        sql_rollback(job->people->setup.sql);
        LOG(LOG_ERROR, "people", "the end of a session could not be written", LOG_TEXT("why", error.text));
    }
}

static void end_done(void *memory)
{
    struct end_job *job = memory;
    job->done(job->context, &job->result);
    free(job);
}

/* As with signing out: they end in memory first, whatever the store says. */
void people_end_session(struct people *people, const struct identity *by, uint32_t person, uint32_t id, people_done *done,
                        void *context)
{
    static const unsigned char none[SECRET_HASH_SIZE];
    struct session *session = NULL;
    struct end_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    *job = (struct end_job){ .people = people, .by = *by, .person = person, .all = id == 0, .done = done, .context = context };
    while ((session = sessions_next(people->sessions, person, session)) != NULL && session_id(session) != id) {
    }
    job->result = (struct people_change){ .status = STATUS_FULL, .id = person };
    if (people_find(people, person) == NULL || (id != 0 && session == NULL)) {
        job->result.status = STATUS_NOT_FOUND;
        end_done(job);
        return;
    }
    if (session != NULL) {
        memcpy(job->hash, session->hash, sizeof job->hash);
        sessions_end(people->sessions, session);
    } else {
        sessions_end_person(people->sessions, person, none);
    }
    if (!workers_give(people->setup.clerk, end_work, end_done, job)) {
        end_done(job);
    }
}
