/* People and tokens as the tables have them. */
#include <string.h>

#include "base/text.h"
#include "host/log.h"
#include "host/people_private.h"
#include "host/rights.h"

/* ---- what may be written ---- */

/* 1 to 63 bytes of UTF-8 without control characters; without spaces too where that is asked for. */
static bool is_plain(const char *text, bool spaces)
{
    size_t length = strnlen(text, IDENTITY_NAME_SIZE);
    if (length == 0 || length >= IDENTITY_NAME_SIZE || !utf8_is_valid(text, length)) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < ' ' || c == 0x7F || (c == ' ' && !spaces)) {
            return false;
        }
    }
    return true;
}

const char *people_name_fault(const char *name)
{
    return is_plain(name, true) ? NULL : "a name has 1 to 63 bytes of UTF-8 without control characters";
}

bool people_grant_fits(const struct grant *grant, bool drill)
{
    return rights_grant_fits(grant) && (grant->role != ROLE_SIMULATION || drill);
}

static bool same_grant(struct grant a, struct grant b) { return a.role == b.role && a.scope == b.scope && a.id == b.id; }

static const char *grants_fault(const struct person_wanted *wanted, bool drill)
{
    if (wanted->grant_count < 0 || wanted->grant_count > GRANTS_MAX) {
        return "a person has at most 8 grants";
    }
    for (int i = 0; i < wanted->grant_count; i++) {
        if (!people_grant_fits(&wanted->grants[i], drill)) {
            return "a grant has a role that cannot be given with that scope (docs/rights.md), or lacks its id";
        }
        for (int j = 0; j < i; j++) {
            if (same_grant(wanted->grants[i], wanted->grants[j])) {
                return "a grant is there twice";
            }
        }
    }
    return NULL;
}

const char *people_wanted_fault(const struct person_wanted *wanted, bool creating, bool drill)
{
    if (creating && (wanted->name == NULL || wanted->password == NULL)) {
        return "a new person needs a name and a password";
    }
    if (wanted->name != NULL && !is_plain(wanted->name, false)) {
        return "a name to sign in with has 1 to 63 bytes of UTF-8 without spaces and control characters";
    }
    if (wanted->display != NULL && !is_plain(wanted->display, true)) {
        return "a name to show has 1 to 63 bytes of UTF-8 without control characters";
    }
    if (wanted->password != NULL && wanted->name != NULL && people_password_fault(wanted->name, wanted->password) != NULL) {
        return people_password_fault(wanted->name, wanted->password);
    }
    return wanted->grants != NULL ? grants_fault(wanted, drill) : NULL;
}

/* ---- writing ---- */

enum status people_write_grants(struct sql *sql, uint32_t person, const struct grant *grants, int count, struct error *error)
{
    TRY(sql_run(sql, "DELETE FROM person_grant WHERE person = $1", SQL_PARAMETERS(sql_int(person)), NULL, error));
    for (int i = 0; i < count; i++) {
        TRY(sql_run(sql, "INSERT INTO person_grant(person, role, scope, scope_id) VALUES($1, $2, $3, $4)",
                    SQL_PARAMETERS(sql_int(person), sql_text(ROLE_NAMES[grants[i].role]), sql_text(SCOPE_NAMES[grants[i].scope]),
                                   sql_int(grants[i].id)),
                    NULL, error));
    }
    return STATUS_OK;
}

static enum status take_id(void *context, const struct sql_row *row, struct error *error)
{
    int64_t id = sql_row_int(row, 0);
    if (id < 1 || id >= TOKEN_ACTOR_BASE) {
        return ERROR(error, STATUS_FULL, "ids of people and tokens go up to %d", TOKEN_ACTOR_BASE - 1);
    }
    *(uint32_t *)context = (uint32_t)id;
    return STATUS_OK;
}

enum status people_insert(struct sql *sql, const struct person_wanted *wanted, const char *hash, int64_t now, int64_t given_at,
                          uint32_t *id, struct error *error)
{
    TRY(sql_query(sql,
                  "INSERT INTO person(name, display, password_hash, totp_required, disabled, created_at, changed_at,"
                  " password_given_at) VALUES($1, $2, $3, $4, $5, $6, $6, $7) RETURNING id",
                  SQL_PARAMETERS(sql_text(wanted->name), sql_text(wanted->display != NULL ? wanted->display : wanted->name),
                                 sql_text(hash), sql_int(wanted->totp_required > 0), sql_int(wanted->disabled > 0), sql_int(now),
                                 sql_int(given_at)),
                  take_id, id, NULL, error));
    return people_write_grants(sql, *id, wanted->grants, wanted->grants != NULL ? wanted->grant_count : 0, error);
}

static struct sql_value instant_or_null(int64_t us) { return us == 0 ? sql_null() : sql_int(us); }

enum status people_insert_token(struct sql *sql, const struct token *token, uint32_t *id, struct error *error)
{
    return sql_query(sql,
                     "INSERT INTO token(token_hash, name, role, scope, scope_id, created_by, created_at, expires_at)"
                     " VALUES($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                     SQL_PARAMETERS(sql_blob(token->hash, sizeof token->hash), sql_text(token->name),
                                    sql_text(ROLE_NAMES[token->grant.role]), sql_text(SCOPE_NAMES[token->grant.scope]),
                                    sql_int(token->grant.id), sql_int(token->created_by), sql_int(token->created_at),
                                    instant_or_null(token->expires_at)),
                     take_id, id, NULL, error);
}

/* ---- reading ---- */

static void read_text(const struct sql_row *row, int column, char *text, size_t size)
{
    snprintf(text, size, "%s", sql_row_text(row, column));
}

#define SELECT_PERSON                                                                                                       \
    "SELECT id, name, display, password_hash, totp_secret, totp_required, disabled, totp_step, failed_count, locked_until," \
    " created_at, changed_at, revision, provider_mark, left_mark, password_given_at FROM person "

static bool read_mark(const struct sql_row *row, int column, unsigned char mark[SECRET_HASH_SIZE])
{
    size_t size;
    const void *bytes = sql_row_blob(row, column, &size);
    if (size == SECRET_HASH_SIZE) {
        memcpy(mark, bytes, size);
    }
    return size == SECRET_HASH_SIZE;
}

static void read_person(const struct sql_row *row, struct person *person)
{
    size_t size;
    *person = (struct person){
        .id = (uint32_t)sql_row_int(row, 0),
        .totp_required = sql_row_int(row, 5) != 0,
        .disabled = sql_row_int(row, 6) != 0,
        .totp_step = (uint64_t)sql_row_int(row, 7),
        .failed = (uint32_t)sql_row_int(row, 8),
        .locked_until = sql_row_int(row, 9),
        .created_at = sql_row_int(row, 10),
        .changed_at = sql_row_int(row, 11),
        .revision = (uint32_t)sql_row_int(row, 12),
        .password_given_at = sql_row_int(row, 15),
    };
    person->has_provider_mark = read_mark(row, 13, person->provider_mark);
    person->has_left_mark = read_mark(row, 14, person->left_mark);
    read_text(row, 1, person->name, sizeof person->name);
    read_text(row, 2, person->display, sizeof person->display);
    read_text(row, 3, person->hash, sizeof person->hash);
    const void *box = sql_row_blob(row, 4, &size);
    if (size == TOTP_BOX_SIZE) {
        memcpy(person->totp, box, size);
        person->totp_size = size;
    }
}

static enum status take_person(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    read_person(row, context);
    return STATUS_OK;
}

/* A role or scope that this program does not know gives nothing. */
static bool read_grant(const struct sql_row *row, int column, struct grant *grant)
{
    int role = role_find(sql_row_text(row, column)), scope = scope_find(sql_row_text(row, column + 1));
    *grant = (struct grant){ .role = (uint8_t)(role < 0 ? ROLE_COUNT : role),
                             .scope = (uint8_t)(scope < 0 ? SCOPE_COUNT : scope),
                             .id = (uint32_t)sql_row_int(row, column + 2) };
    return role >= 0 && scope >= 0;
}

static enum status take_grant(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct person *person = context;
    struct grant grant;
    if (read_grant(row, 0, &grant) && person->grant_count < GRANTS_MAX) {
        person->grants[person->grant_count++] = grant;
    }
    return STATUS_OK;
}

static enum status load_grants(struct sql *sql, struct person *person, struct error *error)
{
    return sql_query(sql, "SELECT role, scope, scope_id FROM person_grant WHERE person = $1 ORDER BY role, scope, scope_id",
                     SQL_PARAMETERS(sql_int(person->id)), take_grant, person, NULL, error);
}

enum status people_load_person(struct sql *sql, uint32_t id, struct person *person, bool *found, struct error *error)
{
    int64_t rows = 0;
    TRY(sql_query(sql, SELECT_PERSON "WHERE id = $1", SQL_PARAMETERS(sql_int(id)), take_person, person, &rows, error));
    *found = rows > 0;
    return *found ? load_grants(sql, person, error) : STATUS_OK;
}

#define SELECT_TOKEN \
    "SELECT id, token_hash, name, role, scope, scope_id, created_by, created_at, expires_at, revoked_at FROM token "

static void read_token(const struct sql_row *row, struct token *token)
{
    size_t size;
    const void *hash = sql_row_blob(row, 1, &size);
    *token = (struct token){
        .id = (uint32_t)sql_row_int(row, 0),
        .created_by = (uint32_t)sql_row_int(row, 6),
        .created_at = sql_row_int(row, 7),
        .expires_at = sql_row_int(row, 8),
        .revoked_at = sql_row_int(row, 9),
    };
    read_text(row, 2, token->name, sizeof token->name);
    (void)read_grant(row, 3, &token->grant);
    if (size == sizeof token->hash) {
        memcpy(token->hash, hash, size);
    } else {
        secret_random(token->hash, sizeof token->hash); /* nobody's */
    }
}

static enum status take_token(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    read_token(row, context);
    return STATUS_OK;
}

enum status people_load_token(struct sql *sql, uint32_t id, struct token *token, bool *found, struct error *error)
{
    int64_t rows = 0;
    TRY(sql_query(sql, SELECT_TOKEN "WHERE id = $1", SQL_PARAMETERS(sql_int(id)), take_token, token, &rows, error));
    *found = rows > 0;
    return STATUS_OK;
}

/* ---- all of it, at the start ---- */

static enum status full(struct error *error) { return ERROR(error, STATUS_FULL, "more people or tokens than there is room for"); }

static enum status add_person(void *context, const struct sql_row *row, struct error *error)
{
    struct person person;
    read_person(row, &person);
    return people_put(context, &person) ? STATUS_OK : full(error);
}

static enum status add_grant(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct people *people = context;
    struct person *person = people_find(people, (uint32_t)sql_row_int(row, 3));
    if (person == NULL || take_grant(person, row, error) != STATUS_OK) {
        LOG(LOG_WARNING, "people", "a grant in the tables belongs to nobody", LOG_NUMBER("person", sql_row_int(row, 3)));
    }
    return STATUS_OK;
}

static enum status add_token(void *context, const struct sql_row *row, struct error *error)
{
    struct token token;
    read_token(row, &token);
    return people_put_token(context, &token) ? STATUS_OK : full(error);
}

static void read_passkey(const struct sql_row *row, struct passkey *passkey)
{
    size_t id_size, size;
    const void *id = sql_row_blob(row, 2, &id_size), *bytes = sql_row_blob(row, 4, &size);
    *passkey = (struct passkey){ .id = (uint32_t)sql_row_int(row, 0),
                                 .person = (uint32_t)sql_row_int(row, 1),
                                 .key = { .algorithm = (int)sql_row_int(row, 3),
                                          .may_be_copied = sql_row_int(row, 5) != 0,
                                          .counter = (uint32_t)sql_row_int(row, 6) },
                                 .created_at = sql_row_int(row, 8),
                                 .used_at = sql_row_int(row, 9) };
    read_text(row, 7, passkey->name, sizeof passkey->name);
    if (id_size > 0 && id_size <= sizeof passkey->key.id && size > 0 && size <= sizeof passkey->key.bytes) {
        memcpy(passkey->key.id, id, id_size);
        memcpy(passkey->key.bytes, bytes, size);
        passkey->key.id_size = id_size;
        passkey->key.size = size;
    }
}

static enum status add_passkey(void *context, const struct sql_row *row, struct error *error)
{
    struct passkey passkey;
    read_passkey(row, &passkey);
    return people_put_passkey(context, &passkey) ? STATUS_OK : ERROR(error, STATUS_FULL, "more passkeys than there is room for");
}

/* Where a session was begun its person is known; whose failures they were is not, so that all of them count there too. */
static void know_place(struct people *people, const struct person *person, const char *address)
{
    const struct known_place place = { person->id, person->revision, address };
    struct name_failures *known = people_limits_know(people->limits, &place, people_now(people));
    known->failed = person->failed;
    known->locked_until.us = person->locked_until;
}

/* Newest first, so that those beyond a person's share are the ones left behind. */
static enum status add_session(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct people *people = context;
    struct session *oldest;
    size_t size;
    const void *hash = sql_row_blob(row, 0, &size);
    const struct person *person = people_find(people, (uint32_t)sql_row_int(row, 1));
    if (size == SECRET_HASH_SIZE && person != NULL && sessions_of(people->sessions, person->id, &oldest) < SESSIONS_PER_PERSON) {
        struct session *session = sessions_add(people->sessions, hash, person->id, (struct instant){ sql_row_int(row, 2) },
                                               (struct instant){ sql_row_int(row, 3) }, (struct instant){ sql_row_int(row, 4) });
        if (session != NULL) {
            session->way = (uint8_t)sql_row_int(row, 6);
            read_text(row, 5, session->address, sizeof session->address);
        }
        know_place(people, person, sql_row_text(row, 5));
    }
    return STATUS_OK;
}

enum status people_load_all(struct people *people, struct error *error)
{
    struct sql *sql = people->setup.sql;
    TRY(sql_query(sql, SELECT_PERSON "ORDER BY id", SQL_NO_PARAMETERS, add_person, people, NULL, error));
    TRY(sql_query(sql, "SELECT role, scope, scope_id, person FROM person_grant ORDER BY person, role, scope, scope_id",
                  SQL_NO_PARAMETERS, add_grant, people, NULL, error));
    TRY(sql_query(sql, SELECT_TOKEN "ORDER BY id", SQL_NO_PARAMETERS, add_token, people, NULL, error));
    TRY(sql_query(sql,
                  "SELECT id, person, credential, algorithm, public_key, copied, counter, name, created_at, used_at FROM passkey"
                  " ORDER BY id",
                  SQL_NO_PARAMETERS, add_passkey, people, NULL, error));
    return sql_query(sql,
                     "SELECT token_hash, person, created_at, seen_at, expires_at, address, way FROM session WHERE expires_at > "
                     "$1 AND seen_at > $2"
                     " ORDER BY seen_at DESC LIMIT $3",
                     SQL_PARAMETERS(sql_int(people_now(people).us),
                                    sql_int(people_now(people).us - people->setup.session_idle_minutes * US_PER_MINUTE),
                                    sql_int(SESSIONS_MAX)),
                     add_session, people, NULL, error);
}
