/* Signing in: address and account are asked whether they may try, the password is hashed in a worker (a made-up one for
 * names that nobody has), the code is checked, the session is written with its audit row in one transaction, and only then
 * does it exist. Failures count before anything is written: a store that is down makes nobody safer to attack. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/log.h"
#include "host/people_private.h"

enum { ADDRESS_SIZE = SESSION_ADDRESS_SIZE, COME_AGAIN_S = 2 };

struct sign_in_job {
    struct people *people;
    char name[IDENTITY_NAME_SIZE], password[PASSWORD_BYTES_MAX + 1], totp[16], address[ADDRESS_SIZE];
    bool by_provider;   /* an identity provider has looked at who it is; there is no password */
    bool only_verifies; /* the password is looked at, and nobody signs in */
    bool shows_again;   /* and then the session of by is fresh */
    struct identity by;
    bool has_totp, malformed;  /* malformed: too long to be anybody's */
    bool known;                /* the person has signed in from this address before */
    uint32_t person, revision; /* as they were at the beginning; person 0: unknown */
    char hash[PASSWORD_HASH_SIZE];
    bool hashed, right;
    char new_hash[PASSWORD_HASH_SIZE]; /* "" unless the costs have changed */
    /* of the clerk */
    const char *why; /* of a refusal, for the audit trail */
    enum sign_in_outcome refusal;
    uint32_t failed; /* of the person, as the table shall have it */
    int64_t locked_until;
    bool locks; /* this refusal was the last that was allowed */
    struct session session;
    enum session_way way;
    bool has_mark; /* of whom the provider named, to be kept with the account */
    unsigned char mark[SECRET_HASH_SIZE];
    uint32_t passkey, counter; /* that was shown, 0: none; and what it has counted */
    unsigned char shown_hash[SECRET_HASH_SIZE];
    uint8_t shown_way; /* what the session of that hash is to be */
    int64_t idle_us;   /* after which others' sessions are over */
    bool has_victim;
    unsigned char victim[SECRET_HASH_SIZE], csrf_hash[SECRET_HASH_SIZE];
    uint64_t totp_step;
    enum status status;
    struct sign_in result;
    void (*done)(void *context, const struct sign_in *result);
    void *context;
};

/* ---- what counts failures: a name that nobody has, a person, and the person at an address that is known ---- */

struct counter {
    uint32_t *failed, *attempts;
    int64_t *locked_until;
};

static struct counter counter_apart(struct name_failures *failures)
{
    return (struct counter){ &failures->failed, &failures->attempts, &failures->locked_until.us };
}

static struct counter counter_of_person(struct person *person)
{
    return (struct counter){ &person->failed, &person->attempts, &person->locked_until };
}

/* By which the job is let in or not. */
static struct counter counter_of(const struct sign_in_job *job)
{
    struct people *people = job->people;
    struct person *person = people_find(people, job->person);
    if (person == NULL) {
        return counter_apart(people_limits_name(people->limits, job->name, people_now(people)));
    }
    const struct known_place place = { job->person, job->revision, job->address };
    return job->known ? counter_apart(people_limits_know(people->limits, &place, people_now(people))) : counter_of_person(person);
}

/* True when it was the last one allowed. */
static bool count_failure(const struct people *people, struct counter counter)
{
    *counter.failed += 1;
    bool locks = *counter.failed >= people->setup.failures_before_lock;
    if (locks) {
        *counter.failed = 0;
        *counter.locked_until = people_now(people).us + people->setup.lock_minutes * US_PER_MINUTE;
    }
    return locks;
}

/* What is not refused for a wrong answer leaves a row too; one for many, so that nobody fills the trail. */
static void write_down_attempt(struct people *people, uint32_t person, const char *address, enum sign_in_outcome outcome)
{
    static const char *const whats[] = { [SIGN_IN_TOTP_NEEDED] = "sign-in without its code",
                                         [SIGN_IN_LOCKED] = "sign-in while locked",
                                         [SIGN_IN_RATE] = "sign-ins too often" };
    const char *what = (size_t)outcome < ARRAY_LENGTH(whats) ? whats[outcome] : NULL;
    char detail[AUDIT_DETAIL_MAX], whose[AUDIT_DETAIL_MAX];
    uint32_t before = 0;
    if (what == NULL) {
        return;
    }
    snprintf(whose, sizeof whose, "%s %u %s", what, outcome == SIGN_IN_RATE ? 0 : person, address);
    if (!seldom_lets(people->seldom, whose, people_now(people), &before)) {
        return;
    }
    snprintf(detail, sizeof detail, "from %s", address);
    seldom_tell(before, detail, sizeof detail);
    const struct audit_entry entry = { .what = what, .subject = "person", .subject_id = person, .detail = detail };
    audit_write(people->setup.audit, &entry, NULL, NULL);
}

static void answer(struct sign_in_job *job, enum sign_in_outcome outcome, uint32_t retry_after_s)
{
    write_down_attempt(job->people, job->person, job->address, outcome);
    job->result.outcome = outcome;
    job->result.retry_after_s = retry_after_s;
    job->people->sign_ins += outcome == SIGN_IN_DONE && !job->only_verifies;
    job->people->refused += outcome == SIGN_IN_REFUSED || outcome == SIGN_IN_NO_ACCOUNT || outcome == SIGN_IN_PROVIDER_ONLY ||
                            outcome == SIGN_IN_PASSKEY_COPIED;
    job->people->locked += outcome == SIGN_IN_LOCKED;
    job->done(job->context, &job->result);
    secret_wipe(job, sizeof *job);
    free(job);
}

/* ---- a refusal ---- */

static enum status write_refusal(struct sign_in_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    char detail[AUDIT_DETAIL_MAX];
    snprintf(detail, sizeof detail, "%s, from %s%s", job->why, job->address, job->locks ? "; locked now" : "");
    const char *shown = job->way == WAY_PASSKEY ? "own passkey refused" : "own password refused";
    struct audit_entry entry = {
        .what = job->only_verifies ? shown : "sign-in refused", .subject = "person", .subject_id = job->person, .detail = detail
    };
    TRY(sql_begin(sql, error));
    TRY(audit_append(sql, &entry, error));
    TRY(sql_run(sql, "UPDATE person SET failed_count = $2, locked_until = $3 WHERE id = $1",
                SQL_PARAMETERS(sql_int(job->person), sql_int(job->failed),
                               job->locked_until != 0 ? sql_int(job->locked_until) : sql_null()),
                NULL, error));
    return sql_commit(sql, error);
}

static void refusal_work(void *memory)
{
    struct sign_in_job *job = memory;
    struct error error = { 0 };
    if (write_refusal(job, &error) != STATUS_OK) {
        sql_rollback(job->people->setup.sql);
        LOG(LOG_ERROR, "people", "a refused sign-in could not be written down", LOG_TEXT("why", error.text));
    }
}

static void refusal_done(void *memory)
{
    struct sign_in_job *job = memory;
    answer(job, job->refusal, 0);
}

/* What the table shall have of the person. */
static void note_failures(struct sign_in_job *job)
{
    const struct person *person = people_find(job->people, job->person);
    job->failed = person != NULL ? person->failed : 0;
    job->locked_until = person != NULL ? person->locked_until : 0;
}

static void write_down_refusal(struct sign_in_job *job, const char *why, enum sign_in_outcome outcome)
{
    note_failures(job);
    job->why = why;
    job->refusal = outcome;
    if (!workers_give(job->people->setup.clerk, refusal_work, refusal_done, job)) {
        LOG(LOG_ERROR, "people", "a refused sign-in could not be written down", LOG_TEXT("why", "the clerk has too much to do"));
        refusal_done(job);
    }
}

static void refuse(struct sign_in_job *job, const char *why)
{
    struct people *people = job->people;
    struct person *person = people_find(people, job->person);
    job->locks = count_failure(people, counter_of(job));
    if (person != NULL && job->known) {
        (void)count_failure(people, counter_of_person(person)); /* elsewhere it counts as well */
    }
    write_down_refusal(job, why, SIGN_IN_REFUSED);
}

/* ---- the session ---- */

static enum status find_unchanged(struct sql *sql, const struct sign_in_job *job, bool *unchanged, struct error *error)
{
    int64_t rows = 0;
    TRY(sql_query(sql, "SELECT id FROM person WHERE id = $1 AND revision = $2 AND disabled = 0",
                  SQL_PARAMETERS(sql_int(job->person), sql_int(job->revision)), NULL, NULL, &rows, error));
    *unchanged = rows == 1;
    return STATUS_OK;
}

static enum status make_room(struct sql *sql, const struct sign_in_job *job, struct error *error)
{
    int64_t now = job->session.created_at.us;
    TRY(sql_run(sql, "DELETE FROM session WHERE expires_at <= $1 OR seen_at <= $2",
                SQL_PARAMETERS(sql_int(now), sql_int(now - job->idle_us)), NULL, error));
    if (!job->has_victim) {
        return STATUS_OK;
    }
    return sql_run(sql, "DELETE FROM session WHERE token_hash = $1", SQL_PARAMETERS(sql_blob(job->victim, sizeof job->victim)),
                   NULL, error);
}

static enum status insert_session(struct sql *sql, const struct sign_in_job *job, struct error *error)
{
    const struct session *session = &job->session;
    return sql_run(sql,
                   "INSERT INTO session(token_hash, person, csrf_hash, created_at, seen_at, expires_at, address, way)"
                   " VALUES($1, $2, $3, $4, $4, $5, $6, $7)",
                   SQL_PARAMETERS(sql_blob(session->hash, sizeof session->hash), sql_int(job->person),
                                  sql_blob(job->csrf_hash, sizeof job->csrf_hash), sql_int(session->created_at.us),
                                  sql_int(session->expires_at.us), sql_text(job->address), sql_int(session->way)),
                   NULL, error);
}

/* STATUS_NOT_FOUND: it was removed meanwhile. */
static enum status note_passkey(struct sql *sql, const struct sign_in_job *job, struct error *error)
{
    int64_t rows = 0;
    TRY(sql_run(
        sql, "UPDATE passkey SET counter = $2, used_at = $3 WHERE id = $1 AND person = $4",
        SQL_PARAMETERS(sql_int(job->passkey), sql_int(job->counter), sql_int(job->session.created_at.us), sql_int(job->person)),
        &rows, error));
    return rows == 1 ? STATUS_OK : ERROR(error, STATUS_NOT_FOUND, "passkey %u was removed meanwhile", job->passkey);
}

static enum status note_success(struct sql *sql, const struct sign_in_job *job, struct error *error)
{
    char detail[AUDIT_DETAIL_MAX];
    snprintf(detail, sizeof detail, "%sfrom %s",
             job->by_provider    ? "by the identity provider, "
             : job->passkey != 0 ? "by passkey, "
                                 : "",
             job->address);
    struct audit_entry entry = {
        .actor = job->person, .what = "sign-in", .subject = "person", .subject_id = job->person, .detail = detail
    };
    TRY(sql_run(sql, "UPDATE person SET failed_count = $3, locked_until = $4, totp_step = $2 WHERE id = $1",
                SQL_PARAMETERS(sql_int(job->person), sql_int((int64_t)job->totp_step), sql_int(job->failed),
                               job->locked_until != 0 ? sql_int(job->locked_until) : sql_null()),
                NULL, error));
    if (job->has_mark) {
        TRY(sql_run(sql, "UPDATE person SET provider_mark = $2 WHERE id = $1",
                    SQL_PARAMETERS(sql_int(job->person), sql_blob(job->mark, sizeof job->mark)), NULL, error));
    }
    if (job->passkey != 0) {
        TRY(note_passkey(sql, job, error));
    }
    if (job->new_hash[0] != '\0') {
        TRY(sql_run(sql, "UPDATE person SET password_hash = $2 WHERE id = $1",
                    SQL_PARAMETERS(sql_int(job->person), sql_text(job->new_hash)), NULL, error));
    }
    return audit_append(sql, &entry, error);
}

/* STATUS_NOT_FOUND: the person was changed while the password was looked at. */
static enum status write_session(struct sign_in_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    bool unchanged = false;
    TRY(sql_begin(sql, error));
    TRY(find_unchanged(sql, job, &unchanged, error));
    if (!unchanged) {
        return ERROR(error, STATUS_NOT_FOUND, "person %u was changed while signing in", job->person);
    }
    TRY(make_room(sql, job, error));
    TRY(insert_session(sql, job, error));
    TRY(note_success(sql, job, error));
    return sql_commit(sql, error);
}

static void session_work(void *memory)
{
    struct sign_in_job *job = memory;
    struct error error = { 0 };
    job->status = write_session(job, &error);
    if (job->status != STATUS_OK) {
        sql_rollback(job->people->setup.sql);
        LOG(LOG_ERROR, "people", "a session could not be written", LOG_TEXT("why", error.text));
    }
}

/* NULL: no room. A reload in between has brought it already. */
static struct session *put_session(struct sign_in_job *job)
{
    struct sessions *sessions = job->people->sessions;
    struct session *oldest, *session = sessions_find(sessions, job->session.hash, people_now(job->people));
    if (session == NULL) {
        while (sessions_of(sessions, job->person, &oldest) >= SESSIONS_PER_PERSON) {
            sessions_end(sessions, oldest);
        }
        session = sessions_add(sessions, job->session.hash, job->person, job->session.created_at, job->session.created_at,
                               job->session.expires_at);
    }
    if (session != NULL) {
        session->way = job->session.way;
        session->shown_at = job->session.created_at;
        snprintf(session->address, sizeof session->address, "%s", job->address);
    }
    return session;
}

/* Whether the person's own lock stays: an address that is known has one of its own, and by a passkey one comes in spite of it.
 * Strangers get no new attempts by either. */
static bool leaves_lock(const struct sign_in_job *job) { return job->known || job->passkey != 0; }

/* What the table has of the person since this sign-in. */
static void note_in_memory(const struct sign_in_job *job, struct person *person)
{
    struct people *people = job->people;
    const struct known_place place = { job->person, job->revision, job->address };
    struct counter counter = counter_of(job);
    if (job->known || job->passkey == 0) {
        *counter.locked_until = 0; /* of the address, or of the person; elsewhere the person may stay locked */
    }
    *counter.failed = person->failed = 0;
    (void)people_limits_know(people->limits, &place, people_now(people));
    if (job->new_hash[0] != '\0') {
        memcpy(person->hash, job->new_hash, sizeof person->hash);
    }
    if (job->has_mark) {
        person->has_provider_mark = true;
        memcpy(person->provider_mark, job->mark, sizeof person->provider_mark);
    }
}

static void note_passkey_used(const struct sign_in_job *job)
{
    struct passkey *passkey = people_find_passkey(job->people, job->passkey);
    if (passkey != NULL) {
        passkey->used_at = people_now(job->people).us;
    }
}

static void session_done(void *memory)
{
    struct sign_in_job *job = memory;
    struct people *people = job->people;
    struct person *person = people_find(people, job->person);
    struct session *session = NULL;
    bool removed = job->passkey != 0 && people_find_passkey(people, job->passkey) == NULL;
    if (job->status == STATUS_NOT_FOUND || person == NULL || person->revision != job->revision || removed) {
        memset(&job->result, 0, sizeof job->result);
        answer(job, SIGN_IN_REFUSED, 0);
        return;
    }
    if (job->status == STATUS_OK) {
        session = put_session(job);
    }
    if (session == NULL) {
        secret_wipe(&job->result, sizeof job->result);
        answer(job, SIGN_IN_FAILED, COME_AGAIN_S);
        return;
    }
    note_in_memory(job, person);
    note_passkey_used(job);
    people_identity_of(people, person, session, &job->result.identity);
    answer(job, SIGN_IN_DONE, 0);
}

static void make_session(struct sign_in_job *job, const struct person *person)
{
    struct people *people = job->people;
    struct instant now = people_now(people);
    char token[SECRET_TEXT_SIZE];
    secret_text(token);
    secret_hash(token, strlen(token), NULL, job->session.hash);
    job->session.created_at = now;
    job->session.way = (uint8_t)((unsigned)job->way | (unsigned)people_owed(people, person, job->way) << SESSION_OWES_SHIFT);
    job->session.expires_at = instant_add(now, duration_seconds((int64_t)people->setup.session_hours * 3600));
    job->idle_us = people->setup.session_idle_minutes * US_PER_MINUTE;
    job->totp_step = person->totp_step;
    job->locked_until = leaves_lock(job) ? person->locked_until : 0;
    snprintf(job->result.cookie, sizeof job->result.cookie, "%s=%s; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=%u",
             people_cookie_name(people), token, people->setup.session_hours * 3600);
    people_csrf_of(token, job->result.csrf);
    secret_hash(job->result.csrf, strlen(job->result.csrf), NULL, job->csrf_hash);
    secret_wipe(token, sizeof token);
}

static void begin_session(struct sign_in_job *job, const struct person *person)
{
    struct people *people = job->people;
    struct session *oldest;
    sessions_sweep(people->sessions, people_now(people));
    if (sessions_of(people->sessions, person->id, &oldest) >= SESSIONS_PER_PERSON) {
        job->has_victim = true;
        memcpy(job->victim, oldest->hash, sizeof job->victim);
    } else if (sessions_count(people->sessions) >= SESSIONS_MAX) {
        answer(job, SIGN_IN_BUSY, COME_AGAIN_S);
        return;
    }
    make_session(job, person);
    job->status = STATUS_FULL;
    if (!workers_give(people->setup.clerk, session_work, session_done, job)) {
        secret_wipe(&job->result, sizeof job->result);
        answer(job, SIGN_IN_BUSY, COME_AGAIN_S);
    }
}

/* ---- the password, and the code ---- */

static void hash_work(void *memory)
{
    struct sign_in_job *job = memory;
    struct password_cost cost = { job->people->setup.hash_memory_kib, job->people->setup.hash_passes };
    struct error error;
    job->right = password_verify(job->password, job->hash) && job->person != 0 && !job->malformed;
    if (job->right && !job->only_verifies && password_outdated(job->hash, cost) &&
        password_hash(job->password, cost, job->new_hash, &error) != STATUS_OK) {
        job->new_hash[0] = '\0';
    }
    job->hashed = true;
}

/* True if it is right, and then it is used up. */
bool people_take_code(struct people *people, struct person *person, const char *code)
{
    unsigned char secret[TOTP_SECRET_SIZE];
    uint64_t step = 0;
    if (!totp_open(people->totp_key, person->id, person->totp, person->totp_size, secret)) {
        LOG(LOG_ERROR, "people", "a second factor does not open: it was made with another master key",
            LOG_NUMBER("person", person->id));
        return false;
    }
    bool right = totp_check(secret, code, people_now(people), person->totp_step, &step);
    secret_wipe(secret, sizeof secret);
    if (right) {
        person->totp_step = step;
    }
    return right;
}

/* Where the identity provider signs people in, a password is for those whom the settings name. */
static bool may_use_password(const struct people *people, const struct person *person)
{
    const char *names = people->setup.local_accounts != NULL ? people->setup.local_accounts : "";
    bool named = names[0] == '\0';
    while (*names != '\0' && !named) {
        size_t length;
        names += strspn(names, ", ");
        length = strcspn(names, ",");
        named = length > 0 && length == strlen(person->name) && memcmp(names, person->name, length) == 0;
        names += length;
    }
    return named;
}

/* Whom the provider signed in, it can also put out: a passkey is for those who are named, and those whom it never signed in. */
static bool may_use_passkey(const struct people *people, const struct person *person)
{
    const char *names = people->setup.local_accounts;
    bool names_some = names != NULL && names[0] != '\0';
    bool is_providers = people->setup.provider && person->has_provider_mark;
    return may_use_password(people, person) && (names_some || !is_providers);
}

static void ask_for_code(struct sign_in_job *job, struct person *person)
{
    struct people *people = job->people;
    if (person->totp_size != 0 && !job->has_totp) {
        answer(job, SIGN_IN_TOTP_NEEDED, 0);
    } else if (person->totp_size != 0 && !people_take_code(people, person, job->totp)) {
        refuse(job, "wrong or used code");
    } else {
        begin_session(job, person);
    }
}

/* The right one: the session, if it still lives, is fresh again. */
static void shown(struct sign_in_job *job)
{
    struct people *people = job->people;
    struct session *session = job->shows_again
                                  ? sessions_for_change(people->sessions, job->by.session, job->by.actor, people_now(people))
                                  : NULL;
    if (session != NULL) {
        session->shown_at = people_now(people);
    }
    *counter_of(job).failed = 0;
    answer(job, SIGN_IN_DONE, 0);
}

static void hash_done(void *memory)
{
    struct sign_in_job *job = memory;
    struct people *people = job->people;
    struct person *person = people_find(people, job->person);
    struct counter counter = counter_of(job);
    *counter.attempts -= *counter.attempts > 0;
    secret_wipe(job->password, sizeof job->password);
    if (!job->hashed) {
        answer(job, SIGN_IN_BUSY, COME_AGAIN_S);
    } else if (person == NULL) {
        refuse(job, "unknown name");
    } else if (!job->right) {
        refuse(job, "wrong password");
    } else if (person->disabled || person->revision != job->revision) {
        refuse(job, "disabled or just changed");
    } else if (job->only_verifies) {
        shown(job);
    } else if (people_password_is_over(people, person)) {
        write_down_refusal(job, "the password that was given has run out", SIGN_IN_PASSWORD_OVER);
    } else if (!may_use_password(people, person)) {
        write_down_refusal(job, "the account signs in by the identity provider", SIGN_IN_PROVIDER_ONLY);
    } else {
        ask_for_code(job, person);
    }
}

/* True if it fits; else text is "". */
static bool copy(char *text, size_t size, const char *from)
{
    size_t length = strnlen(from, size);
    bool fits = length < size;
    memcpy(text, from, fits ? length : 0);
    text[fits ? length : 0] = '\0';
    return fits;
}

static struct sign_in_job *make_job(struct people *people, const char *name, const char *password, const char *totp,
                                    const char *address)
{
    struct sign_in_job *job = calloc(1, sizeof *job);
    CHECK(job != NULL);
    job->people = people;
    job->malformed = !copy(job->name, sizeof job->name, name);
    job->malformed |= !copy(job->password, sizeof job->password, password);
    job->has_totp = totp != NULL;
    (void)copy(job->totp, sizeof job->totp, totp != NULL ? totp : "");
    snprintf(job->address, sizeof job->address, "%s", address);
    const struct person *person = people_find_name(people, job->name);
    job->person = person != NULL ? person->id : 0;
    job->revision = person != NULL ? person->revision : 0;
    const struct known_place place = { job->person, job->revision, job->address };
    job->known = person != NULL && people_limits_known(people->limits, &place, people_now(people)) != NULL;
    memcpy(job->hash, person != NULL ? person->hash : people->dummy_hash, sizeof job->hash);
    return job;
}

static void begin_attempt(struct sign_in_job *job)
{
    struct people *people = job->people;
    struct instant now = people_now(people);
    uint32_t wait_s = people_limits_attempt(people->limits, job->address, people->setup.attempts_per_minute, now);
    if (wait_s > 0) {
        answer(job, SIGN_IN_RATE, wait_s);
        return;
    }
    struct counter counter = counter_of(job);
    if (*counter.locked_until > now.us) {
        answer(job, SIGN_IN_LOCKED, (uint32_t)((*counter.locked_until - now.us + US_PER_SECOND - 1) / US_PER_SECOND));
        return;
    }
    /* Those under way may all turn out wrong: no more of them than may fail. */
    if (*counter.failed + *counter.attempts >= people->setup.failures_before_lock ||
        !workers_give(people->setup.hashing, hash_work, hash_done, job)) {
        answer(job, SIGN_IN_BUSY, COME_AGAIN_S);
        return;
    }
    *counter.attempts += 1;
}

void people_sign_in(struct people *people, const char *name, const char *password, const char *totp, const char *address,
                    void (*done)(void *context, const struct sign_in *result), void *context)
{
    struct sign_in_job *job = make_job(people, name, password, totp, address);
    job->done = done;
    job->context = context;
    begin_attempt(job);
}

/* ---- whom an identity provider has signed in ---- */

bool people_has_account(const struct people *people, const char *name) { return people_find_name(people, name) != NULL; }

uint32_t people_attempt(struct people *people, const char *address)
{
    uint32_t wait_s = people_limits_attempt(people->limits, address, people->setup.attempts_per_minute, people_now(people));
    if (wait_s > 0) {
        write_down_attempt(people, 0, address, SIGN_IN_RATE);
    }
    return wait_s;
}

/* Wrong passwords of strangers keep nobody out here; wrong codes do. */
static void admit_known(struct sign_in_job *job, struct person *person, bool second_factor)
{
    int64_t now_us = people_now(job->people).us, locked_until = *counter_of(job).locked_until;
    if (second_factor) {
        begin_session(job, person);
    } else if (person->totp_size != 0 && locked_until > now_us) {
        answer(job, SIGN_IN_LOCKED, (uint32_t)((locked_until - now_us + US_PER_SECOND - 1) / US_PER_SECOND));
    } else {
        ask_for_code(job, person);
    }
}

void people_admit(struct people *people, const struct admission *admission,
                  void (*done)(void *context, const struct sign_in *result), void *context)
{
    struct sign_in_job *job = make_job(people, admission->name, "", admission->totp, admission->address);
    struct person *person = people_find(people, job->person);
    job->by_provider = job->has_mark = true;
    job->way = admission->second_factor ? WAY_PROVIDER_FACTOR : WAY_PROVIDER;
    people_mark(people->mark_key, admission->issuer, admission->subject, job->mark);
    job->done = done;
    job->context = context;
    if (person == NULL || job->malformed) {
        write_down_refusal(job, "the identity provider names somebody who has no account", SIGN_IN_NO_ACCOUNT);
    } else if (person->disabled) {
        write_down_refusal(job, "the identity provider names somebody whose account is disabled", SIGN_IN_NO_ACCOUNT);
    } else if (people_mark_is_barred(people, job->mark)) {
        write_down_refusal(job, "the identity provider means somebody whose account, of another name, is disabled",
                           SIGN_IN_NO_ACCOUNT);
    } else if (people_mark_is_another(person, job->mark)) {
        write_down_refusal(job, "the identity provider gives the name to somebody else than before", SIGN_IN_NO_ACCOUNT);
    } else {
        admit_known(job, person, admission->second_factor);
    }
}

static void code_work(void *memory)
{
    struct sign_in_job *job = memory;
    struct error error = { 0 };
    job->status = sql_run(job->people->setup.sql, "UPDATE person SET totp_step = $2 WHERE id = $1 AND totp_step < $2",
                          SQL_PARAMETERS(sql_int(job->person), sql_int((int64_t)job->totp_step)), NULL, &error);
    if (job->status != STATUS_OK) {
        LOG(LOG_ERROR, "people", "that a code was used could not be written", LOG_TEXT("why", error.text));
    }
}

static void code_done(void *memory)
{
    struct sign_in_job *job = memory;
    if (job->status == STATUS_OK) {
        shown(job);
    } else {
        answer(job, SIGN_IN_FAILED, COME_AGAIN_S);
    }
}

/* It counts once, over a restart too: so it is written down before it counts. */
static void write_down_code(struct sign_in_job *job, const struct person *person)
{
    job->totp_step = person->totp_step;
    job->status = STATUS_IO; /* until it is written */
    if (!workers_give(job->people->setup.clerk, code_work, code_done, job)) {
        answer(job, SIGN_IN_BUSY, COME_AGAIN_S);
    }
}

/* A code alone shows it too: who came by the identity provider may have no password here. */
static void show_code(struct sign_in_job *job, struct person *person)
{
    int64_t now_us = people_now(job->people).us, locked_until = *counter_of(job).locked_until;
    if (locked_until > now_us) {
        answer(job, SIGN_IN_LOCKED, (uint32_t)((locked_until - now_us + US_PER_SECOND - 1) / US_PER_SECOND));
    } else if (person->totp_size == 0 || !people_take_code(job->people, person, job->totp)) {
        refuse(job, "wrong or used code");
    } else {
        write_down_code(job, person);
    }
}

void people_show_again(struct people *people, const struct identity *by, const struct shown *what,
                       void (*done)(void *context, const struct sign_in *result), void *context)
{
    struct person *person = by->machine ? NULL : people_find(people, by->actor);
    CHECK(person != NULL);
    struct sign_in_job *job = make_job(people, person->name, what->password != NULL ? what->password : "", what->totp,
                                       what->address);
    job->only_verifies = job->shows_again = true;
    job->by = *by;
    job->done = done;
    job->context = context;
    if (what->password != NULL) {
        begin_attempt(job);
    } else {
        show_code(job, person);
    }
}

/* ---- a passkey ---- */

static enum status write_shown(struct sign_in_job *job, struct error *error)
{
    struct sql *sql = job->people->setup.sql;
    char detail[AUDIT_DETAIL_MAX];
    snprintf(detail, sizeof detail, "from %s", job->address);
    const struct audit_entry entry = {
        .actor = job->person, .what = "passkey shown", .subject = "person", .subject_id = job->person, .detail = detail
    };
    TRY(sql_begin(sql, error));
    TRY(note_passkey(sql, job, error));
    TRY(sql_run(sql, "UPDATE session SET way = $2 WHERE token_hash = $1",
                SQL_PARAMETERS(sql_blob(job->shown_hash, sizeof job->shown_hash), sql_int(job->shown_way)), NULL, error));
    TRY(audit_append(sql, &entry, error));
    return sql_commit(sql, error);
}

static void shown_work(void *memory)
{
    struct sign_in_job *job = memory;
    struct error error = { 0 };
    job->status = write_shown(job, &error);
    if (job->status != STATUS_OK) {
        sql_rollback(job->people->setup.sql);
        LOG(LOG_ERROR, "people", "that a passkey was shown could not be written", LOG_TEXT("why", error.text));
    }
}

static void shown_done(void *memory)
{
    struct sign_in_job *job = memory;
    struct people *people = job->people;
    struct session *session = sessions_for_change(people->sessions, job->by.session, job->by.actor, people_now(people));
    if (job->status == STATUS_NOT_FOUND) {
        answer(job, SIGN_IN_REFUSED, 0);
    } else if (job->status != STATUS_OK) {
        answer(job, SIGN_IN_FAILED, COME_AGAIN_S);
    } else {
        note_passkey_used(job);
        if (session != NULL) {
            session->way = people_way_shown(session->way);
        }
        shown(job);
    }
}

static void take_shown_passkey(struct sign_in_job *job)
{
    struct people *people = job->people;
    const struct session *session = sessions_numbered(people->sessions, job->by.session, job->by.actor, people_now(people));
    if (session == NULL) {
        answer(job, SIGN_IN_REFUSED, 0);
        return;
    }
    memcpy(job->shown_hash, session->hash, sizeof job->shown_hash);
    job->session.created_at = people_now(people);
    job->shown_way = people_way_shown(session->way);
    job->status = STATUS_FULL;
    if (!workers_give(people->setup.clerk, shown_work, shown_done, job)) {
        answer(job, SIGN_IN_BUSY, COME_AGAIN_S);
    }
}

/* Where the identity provider signs people in, it does so for those with a passkey too: but to show one is enough to go on. A
 * lock keeps nobody out who has the key: no attempt can guess it, and strangers could lock by wrong passwords. */
static void take_passkey(struct sign_in_job *job, const struct person *person, const struct passkey_verdict *verdict)
{
    int64_t now_us = people_now(job->people).us, locked_until = *counter_of(job).locked_until;
    if (verdict->fault != NULL && locked_until > now_us) {
        answer(job, SIGN_IN_LOCKED, (uint32_t)((locked_until - now_us + US_PER_SECOND - 1) / US_PER_SECOND));
    } else if (verdict->fault != NULL) {
        refuse(job, verdict->fault);
    } else if (verdict->copied) {
        write_down_refusal(job, "the counter of the passkey went back: it may have been copied", SIGN_IN_PASSKEY_COPIED);
    } else if (job->shows_again) {
        take_shown_passkey(job);
    } else if (!may_use_passkey(job->people, person)) {
        write_down_refusal(job, "the account signs in by the identity provider", SIGN_IN_PROVIDER_ONLY);
    } else {
        begin_session(job, person);
    }
}

void people_admit_passkey(struct people *people, const struct identity *by, const struct passkey_verdict *verdict,
                          void (*done)(void *context, const struct sign_in *result), void *context)
{
    const struct person *person = people_find(people, verdict->person);
    struct sign_in_job *job = make_job(people, person != NULL ? person->name : "", "", NULL, verdict->address);
    job->way = WAY_PASSKEY;
    job->passkey = verdict->passkey;
    job->counter = verdict->counter;
    job->only_verifies = job->shows_again = by != NULL;
    job->by = by != NULL ? *by : (struct identity){ .actor = 0 };
    job->done = done;
    job->context = context;
    if (person == NULL) {
        write_down_refusal(job, "a passkey that nobody has", SIGN_IN_REFUSED);
    } else if (person->disabled) {
        write_down_refusal(job, "a passkey of an account that is disabled", SIGN_IN_REFUSED);
    } else {
        take_passkey(job, person, verdict);
    }
}

void people_verify(struct people *people, const struct person *person, const char *password, const char *address,
                   void (*done)(void *context, const struct sign_in *result), void *context)
{
    struct sign_in_job *job = make_job(people, person->name, password, NULL, address);
    job->only_verifies = true;
    job->done = done;
    job->context = context;
    begin_attempt(job);
}
