/* Who is asking, and what is shown of people. The rest is in people_sign_in.c, people_change.c and people_rows.c. */
#include "host/people.h"

#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "host/clock.h"
#include "host/log.h"
#include "host/people_private.h"
#include "wire/form.h"

enum { SEEN_EVERY_US = 60000000, LIST_MAX = 500 };

struct instant people_now(const struct people *people)
{
    return people->setup.now != NULL ? people->setup.now(people->setup.now_context) : clock_wall();
}

/* ---- start and end ---- */

static void derive_keys(struct people *people, const unsigned char *master_key)
{
    static const char purpose[] = "mingdi second factor";
    secret_hash(purpose, sizeof purpose - 1, master_key, people->totp_key);
    people_mark_key(master_key, people->mark_key);
}

enum status people_create(const struct people_setup *setup, struct people **people, struct error *error)
{
    TRY(secret_start(error));
    struct people *made = calloc(1, sizeof *made);
    CHECK(made != NULL && setup->failures_before_lock > 0);
    made->setup = *setup;
    made->setup.master_key = NULL;
    made->setup.hash_memory_kib = setup->hash_memory_kib != 0 ? setup->hash_memory_kib : PASSWORD_MEMORY_KIB;
    made->setup.hash_passes = setup->hash_passes != 0 ? setup->hash_passes : PASSWORD_PASSES;
    made->sessions = sessions_create(SESSIONS_MAX, duration_seconds((int64_t)setup->session_idle_minutes * 60));
    made->limits = people_limits_create();
    made->seldom = seldom_create();
    CHECK(made->seldom != NULL);
    made->totp_key = sodium_malloc(SECRET_KEY_SIZE);
    made->mark_key = sodium_malloc(SECRET_KEY_SIZE);
    CHECK(made->totp_key != NULL && made->mark_key != NULL);
    derive_keys(made, setup->master_key);
    char nobody[SECRET_TEXT_SIZE];
    secret_text(nobody);
    struct password_cost cost = { made->setup.hash_memory_kib, made->setup.hash_passes };
    enum status status;
    TRY_GOTO(password_hash(nobody, cost, made->dummy_hash, error), fail);
    TRY_GOTO(people_load_all(made, error), fail);
    *people = made;
    return STATUS_OK;
fail:
    people_destroy(made);
    return status;
}

static void free_lists(struct people *people)
{
    sessions_destroy(people->sessions);
    people_limits_destroy(people->limits);
    vec_free(&people->persons);
    vec_free(&people->tokens);
    vec_free(&people->passkeys);
}

void people_destroy(struct people *people)
{
    if (people != NULL) {
        free_lists(people);
        seldom_destroy(people->seldom);
        sodium_free(people->totp_key);
        sodium_free(people->mark_key);
        free(people);
    }
}

/* How many sign-ins are being tried right now, and when a token was last written down, is not in the tables. */
static void keep_attempts(struct people *fresh, const struct people *people)
{
    for (size_t i = 0; i < fresh->persons.count; i++) {
        const struct person *before = people_find(people, fresh->persons.items[i].id);
        fresh->persons.items[i].attempts = before != NULL ? before->attempts : 0;
    }
    for (size_t i = 0; i < fresh->tokens.count; i++) {
        const struct token *before = people_find_token(people, fresh->tokens.items[i].id);
        fresh->tokens.items[i].used_day = before != NULL ? before->used_day : 0;
    }
    for (size_t i = 0; i < fresh->passkeys.count; i++) { /* a counter runs ahead of the tables */
        const struct passkey *before = people_find_passkey(people, fresh->passkeys.items[i].id);
        uint32_t *counter = &fresh->passkeys.items[i].key.counter;
        *counter = before != NULL && before->key.counter > *counter ? before->key.counter : *counter;
    }
}

enum status people_reload(struct people *people, struct sql *sql, struct error *error)
{
    struct people fresh = { .setup = people->setup };
    fresh.setup.sql = sql;
    fresh.sessions = sessions_create(SESSIONS_MAX, duration_seconds((int64_t)people->setup.session_idle_minutes * 60));
    fresh.limits = people_limits_create();
    enum status status = people_load_all(&fresh, error);
    if (status == STATUS_OK) {
        keep_attempts(&fresh, people);
        struct people before = *people;
        people->sessions = fresh.sessions;
        people->limits = fresh.limits;
        people->persons = fresh.persons;
        people->tokens = fresh.tokens;
        people->passkeys = fresh.passkeys;
        fresh = before;
    }
    free_lists(&fresh);
    return status;
}

void people_set_rules(struct people *people, const struct people_setup *setup)
{
    CHECK(setup->failures_before_lock > 0);
    people->setup.session_hours = setup->session_hours;
    people->setup.session_idle_minutes = setup->session_idle_minutes;
    people->setup.failures_before_lock = setup->failures_before_lock;
    people->setup.lock_minutes = setup->lock_minutes;
    people->setup.attempts_per_minute = setup->attempts_per_minute;
    people->setup.totp_for_all = setup->totp_for_all;
    people->setup.first_password_days = setup->first_password_days;
    people->setup.ask_again_minutes = setup->ask_again_minutes;
    people->setup.token_days = setup->token_days;
    sessions_set_idle(people->sessions, duration_seconds((int64_t)setup->session_idle_minutes * 60));
}

/* ---- when the time of given passwords begins ---- */

struct count_job {
    struct sql *sql;
    int64_t given_at;
};

static void write_counts(void *memory)
{
    static const char begin[] = "UPDATE person SET password_given_at = $1 WHERE password_given_at = $2",
                      end[] = "UPDATE person SET password_given_at = $1 WHERE password_given_at > $2";
    struct count_job *job = memory;
    struct error error = { 0 };
    if (sql_run(job->sql, job->given_at == PASSWORD_NOT_COUNTED ? end : begin,
                SQL_PARAMETERS(sql_int(job->given_at), sql_int(PASSWORD_NOT_COUNTED)), NULL, &error) != STATUS_OK) {
        LOG(LOG_ERROR, "people", "since when given passwords count could not be written", LOG_TEXT("why", error.text));
    }
}

static bool recount(struct person *person, int64_t given_at)
{
    bool counts = person->password_given_at > PASSWORD_NOT_COUNTED;
    bool changes = person->password_given_at != 0 && counts == (given_at == PASSWORD_NOT_COUNTED);
    if (changes) {
        person->password_given_at = given_at;
    }
    return changes;
}

void people_count_given(struct people *people)
{
    int64_t given_at = people->setup.first_password_days != 0 ? people_now(people).us : PASSWORD_NOT_COUNTED;
    bool changed = false;
    for (size_t i = 0; i < people->persons.count; i++) {
        changed |= recount(&people->persons.items[i], given_at);
    }
    struct count_job *job = changed ? malloc(sizeof *job) : NULL;
    if (job == NULL) {
        return;
    }
    *job = (struct count_job){ people->setup.sql, given_at };
    if (!workers_give(people->setup.clerk, write_counts, free, job)) {
        LOG(LOG_ERROR, "people", "since when given passwords count could not be written",
            LOG_TEXT("why", "the clerk has too much to do"));
        free(job);
    }
}

/* ---- in memory ---- */

struct person *people_find(const struct people *people, uint32_t id)
{
    size_t low = 0, high = people->persons.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (people->persons.items[middle].id == id) {
            return &people->persons.items[middle];
        }
        if (people->persons.items[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

struct person *people_find_name(const struct people *people, const char *name)
{
    for (size_t i = 0; i < people->persons.count; i++) {
        if (strcmp(people->persons.items[i].name, name) == 0) {
            return &people->persons.items[i];
        }
    }
    return NULL;
}

struct token *people_find_token(const struct people *people, uint32_t id)
{
    for (size_t i = 0; i < people->tokens.count; i++) {
        if (people->tokens.items[i].id == id) {
            return &people->tokens.items[i];
        }
    }
    return NULL;
}

bool people_put(struct people *people, const struct person *person)
{
    struct person *there = people_find(people, person->id);
    if (there != NULL) {
        struct person before = *there;
        *there = *person;
        there->attempts = before.attempts;
        there->new_totp_at = before.new_totp_at;
        memcpy(there->new_totp, before.new_totp, sizeof there->new_totp);
        /* These run ahead of the tables. */
        there->failed = before.failed;
        there->locked_until = before.locked_until;
        if (before.totp_size == person->totp_size && memcmp(before.totp, person->totp, before.totp_size) == 0 &&
            before.totp_step > person->totp_step) {
            there->totp_step = before.totp_step;
        }
        return true;
    }
    if (people->persons.count >= PEOPLE_MAX || !vec_push(&people->persons, *person)) {
        return false;
    }
    for (size_t i = people->persons.count - 1; i > 0 && people->persons.items[i - 1].id > person->id; i--) {
        people->persons.items[i] = people->persons.items[i - 1];
        people->persons.items[i - 1] = *person;
    }
    return true;
}

static bool token_lives(const struct people *people, const struct token *token)
{
    return token->revoked_at == 0 && (token->expires_at == 0 || people_now(people).us < token->expires_at);
}

/* The first token that is revoked or has expired; the count of tokens where all live. */
static size_t find_dead_token(const struct people *people)
{
    size_t i = 0;
    while (i < people->tokens.count && token_lives(people, &people->tokens.items[i])) {
        i++;
    }
    return i;
}

bool people_has_room_for_token(const struct people *people)
{
    return people->tokens.count < TOKENS_MAX || find_dead_token(people) < people->tokens.count;
}

/* Where there is no room, one that gives nothing any more goes: the tables keep it. */
static void make_room_for_token(struct people *people)
{
    size_t dead = people->tokens.count < TOKENS_MAX ? people->tokens.count : find_dead_token(people);
    if (dead < people->tokens.count) {
        struct token *items = people->tokens.items;
        memmove(&items[dead], &items[dead + 1], (people->tokens.count - dead - 1) * sizeof *items);
        people->tokens.count -= 1;
    }
}

bool people_put_token(struct people *people, const struct token *token)
{
    struct token *there = people_find_token(people, token->id);
    if (there != NULL) {
        int64_t used_day = there->used_day;
        *there = *token;
        there->used_day = used_day;
        return true;
    }
    make_room_for_token(people);
    if (people->tokens.count >= TOKENS_MAX) {
        return !token_lives(people, token);
    }
    if (!vec_push(&people->tokens, *token)) {
        return false;
    }
    for (size_t i = people->tokens.count - 1; i > 0 && people->tokens.items[i - 1].id > token->id; i--) {
        people->tokens.items[i] = people->tokens.items[i - 1];
        people->tokens.items[i - 1] = *token;
    }
    return true;
}

/* ---- who is asking ---- */

bool people_needs_totp(const struct people *people, const struct person *person)
{
    return person->totp_size == 0 && (person->totp_required || people->setup.totp_for_all);
}

bool people_password_is_given(const struct people *people, const struct person *person)
{
    return people->setup.first_password_days != 0 && person->password_given_at != 0;
}

bool people_password_is_over(const struct people *people, const struct person *person)
{
    return people_password_is_given(people, person) && person->password_given_at != PASSWORD_NOT_COUNTED &&
           people_now(people).us - person->password_given_at >= people->setup.first_password_days * US_PER_DAY;
}

static bool is_fresh(const struct people *people, const struct session *session)
{
    uint32_t minutes = people->setup.ask_again_minutes;
    return minutes == 0 || people_now(people).us - session->shown_at.us < minutes * US_PER_MINUTE;
}

/* Without codes a passkey is the second factor, once there is one: the password alone is then not enough. */
static bool has_only_passkeys(const struct people *people, const struct person *person)
{
    return person->totp_size == 0 && people_count_passkeys(people, person->id) > 0;
}

uint8_t people_owed(const struct people *people, const struct person *person, enum session_way way)
{
    bool password = way == WAY_PASSWORD && people_password_is_given(people, person);
    bool needed = people_needs_totp(people, person) || (way == WAY_PASSWORD && has_only_passkeys(people, person));
    bool factor = way != WAY_PROVIDER_FACTOR && way != WAY_PASSKEY && needed;
    return (uint8_t)((password ? OWES_PASSWORD : 0) | (factor ? OWES_SECOND_FACTOR : 0));
}

/* What is asked for since the sign-in waits for the next one: nobody is stopped at work. What was done since is not owed. */
static uint8_t owed_still(const struct people *people, const struct person *person, const struct session *session)
{
    enum session_way way = (enum session_way)(session->way & SESSION_WAY_MASK);
    uint8_t then = (uint8_t)(session->way >> SESSION_OWES_SHIFT);
    return then != 0 ? (uint8_t)(then & people_owed(people, person, way)) : 0;
}

void people_identity_of(const struct people *people, const struct person *person, const struct session *session,
                        struct identity *identity)
{
    *identity = (struct identity){ .actor = person->id,
                                   .session = sessions_number(people->sessions, session),
                                   .fresh = is_fresh(people, session),
                                   .owes = owed_still(people, person, session) };
    for (unsigned i = 0; i < person->grant_count; i++) {
        if (people_grant_fits(&person->grants[i], people->setup.drill)) {
            identity->grants[identity->grant_count++] = person->grants[i];
        }
    }
    snprintf(identity->name, sizeof identity->name, "%s", person->display);
}

const char *people_cookie_name(const struct people *people)
{
    bool prefixed = people->setup.tls_in_front;
    return people->setup.drill ? (prefixed ? "__Host-mingdi_drill_session" : "mingdi_drill_session")
                               : (prefixed ? "__Host-mingdi_session" : "mingdi_session");
}

/* The value of the cookie, if it has the length of a token. */
void people_read_cookie(const struct people *people, const char *cookie, char token[SECRET_TEXT_SIZE])
{
    const char *name = people_cookie_name(people);
    size_t before = strlen(name) + 1; /* the name and its = */
    token[0] = '\0';
    while (cookie != NULL && *cookie != '\0') {
        cookie += strspn(cookie, " ;\t");
        size_t length = strcspn(cookie, ";");
        if (length == before + SECRET_TEXT_SIZE - 1 && strncmp(cookie, name, before - 1) == 0 && cookie[before - 1] == '=') {
            memcpy(token, cookie + before, SECRET_TEXT_SIZE - 1);
            token[SECRET_TEXT_SIZE - 1] = '\0';
            return;
        }
        cookie += length;
    }
}

static struct session *find_session(const struct people *people, const char *token)
{
    unsigned char hash[SECRET_HASH_SIZE];
    if (token[0] == '\0') {
        return NULL;
    }
    secret_hash(token, strlen(token), NULL, hash);
    return sessions_find(people->sessions, hash, people_now(people));
}

/* A hash of the session's token with a key that says what for: whoever has the cookie can be told it again, whoever has the
 * tables cannot make it. */
void people_csrf_of(const char *token, char csrf[65])
{
    static const unsigned char purpose[SECRET_KEY_SIZE] = "mingdi cross-site request token";
    unsigned char hash[SECRET_HASH_SIZE];
    secret_hash(token, strlen(token), purpose, hash);
    sodium_bin2hex(csrf, 65, hash, sizeof hash);
    secret_wipe(hash, sizeof hash);
}

static bool csrf_right(const char *token, const char *given)
{
    char right[65];
    people_csrf_of(token, right);
    bool same = given != NULL && strlen(given) == 64 && secret_equal(right, given, 64);
    secret_wipe(right, sizeof right);
    return same;
}

struct seen_job {
    struct sql *sql;
    unsigned char hash[SECRET_HASH_SIZE];
    int64_t seen_at;
};

static void write_seen(void *memory)
{
    struct seen_job *job = memory;
    struct error error;
    if (sql_run(job->sql, "UPDATE session SET seen_at = $2 WHERE token_hash = $1",
                SQL_PARAMETERS(sql_blob(job->hash, sizeof job->hash), sql_int(job->seen_at)), NULL, &error) != STATUS_OK) {
        LOG(LOG_WARNING, "people", "when a session was last used could not be written", LOG_TEXT("why", error.text));
    }
}

/* The table is told once a minute at most: a restart may take a minute off the idle time. */
static void see(struct people *people, struct session *session)
{
    struct instant now = people_now(people);
    session->seen_at = instant_max(session->seen_at, now);
    if (instant_since(now, session->seen_stored_at).us < SEEN_EVERY_US) {
        return;
    }
    struct seen_job *job = malloc(sizeof *job);
    CHECK(job != NULL);
    *job = (struct seen_job){ .sql = people->setup.sql, .seen_at = now.us };
    memcpy(job->hash, session->hash, sizeof job->hash);
    if (workers_give(people->setup.clerk, write_seen, free, job)) {
        session->seen_stored_at = now;
    } else {
        free(job);
    }
}

static enum people_identified identify_machine(const struct people *people, const char *authorization, struct identity *identity)
{
    static const char scheme[] = "Bearer ";
    unsigned char hash[SECRET_HASH_SIZE];
    if (strncasecmp(authorization, scheme, sizeof scheme - 1) != 0 || strlen(authorization) > 200) {
        return IDENTIFIED_NOT;
    }
    secret_hash(authorization + sizeof scheme - 1, strlen(authorization) - (sizeof scheme - 1), NULL, hash);
    for (size_t i = 0; i < people->tokens.count; i++) {
        const struct token *token = &people->tokens.items[i];
        if (secret_equal(token->hash, hash, sizeof hash)) {
            if (!token_lives(people, token)) {
                return IDENTIFIED_NOT;
            }
            *identity = (struct identity){ .actor = TOKEN_ACTOR_BASE + token->id, .machine = true };
            if (people_grant_fits(&token->grant, people->setup.drill)) {
                identity->grants[identity->grant_count++] = token->grant;
            }
            snprintf(identity->name, sizeof identity->name, "%s", token->name);
            return IDENTIFIED;
        }
    }
    return IDENTIFIED_NOT;
}

enum people_identified people_identify(struct people *people, const char *cookie, const char *authorization, const char *csrf,
                                       bool changes, struct identity *identity)
{
    if (authorization != NULL) {
        return identify_machine(people, authorization, identity);
    }
    char token[SECRET_TEXT_SIZE];
    people_read_cookie(people, cookie, token);
    struct session *session = find_session(people, token);
    enum people_identified outcome = IDENTIFIED_NOT;
    const struct person *person = session != NULL ? people_find(people, session->person) : NULL;
    if (person != NULL && !person->disabled) {
        outcome = changes && !csrf_right(token, csrf) ? IDENTIFIED_NO_CSRF : IDENTIFIED;
        people_identity_of(people, person, session, identity);
        see(people, session);
    }
    secret_wipe(token, sizeof token);
    return outcome;
}

bool people_still_valid(const struct people *people, const struct identity *identity)
{
    if (identity->machine) {
        const struct token *token = people_find_token(people, identity->actor - TOKEN_ACTOR_BASE);
        return token != NULL && token_lives(people, token);
    }
    return sessions_lives(people->sessions, identity->session, identity->actor, people_now(people));
}

bool people_csrf(const struct people *people, const char *cookie, char csrf[65])
{
    char token[SECRET_TEXT_SIZE];
    people_read_cookie(people, cookie, token);
    bool known = find_session(people, token) != NULL;
    csrf[0] = '\0';
    if (known) {
        people_csrf_of(token, csrf);
    }
    secret_wipe(token, sizeof token);
    return known;
}

const char *people_name(const struct people *people, uint32_t actor)
{
    if (actor > TOKEN_ACTOR_BASE) {
        const struct token *token = people_find_token(people, actor - TOKEN_ACTOR_BASE);
        return token != NULL ? token->name : "";
    }
    const struct person *person = people_find(people, actor);
    return person != NULL ? person->display : "";
}

const char *people_sign_in_name(const struct people *people, uint32_t person)
{
    const struct person *found = people_find(people, person);
    return found != NULL ? found->name : NULL;
}

bool people_has_totp(const struct people *people, uint32_t person)
{
    const struct person *found = people_find(people, person);
    return found != NULL && found->totp_size != 0;
}

void people_note_token(struct people *people, const struct identity *identity, const char *address)
{
    char detail[AUDIT_DETAIL_MAX];
    struct token *token = people_find_token(people, identity->actor - TOKEN_ACTOR_BASE);
    int64_t day = people_now(people).us / US_PER_DAY;
    if (token == NULL || token->used_day == day) {
        return;
    }
    token->used_day = day;
    snprintf(detail, sizeof detail, "the first time today, from %s", address);
    const struct audit_entry entry = { .actor = identity->actor,
                                       .machine = true,
                                       .what = "token used",
                                       .subject = "token",
                                       .subject_id = token->id,
                                       .detail = detail };
    audit_write(people->setup.audit, &entry, NULL, NULL);
}

/* ---- lists ---- */

static void instant_or_none(struct json *json, const char *name, int64_t us)
{
    form_instant(json, name, us == 0 ? INSTANT_NONE : (struct instant){ us });
}

static void write_grant(struct json *json, const char *name, const struct grant *grant)
{
    json_object_begin(json, name);
    json_text(json, "role", grant->role < ROLE_COUNT ? ROLE_NAMES[grant->role] : "unknown");
    json_text(json, "scope", grant->scope < SCOPE_COUNT ? SCOPE_NAMES[grant->scope] : "unknown");
    json_int(json, "id", grant->id);
    json_object_end(json);
}

static void write_person(const struct people *people, struct json *json, const char *name, const struct person *person)
{
    json_object_begin(json, name);
    json_int(json, "id", person->id);
    json_int(json, "revision", person->revision);
    json_text(json, "name", person->name);
    json_text(json, "display", person->display);
    json_array_begin(json, "grants");
    for (unsigned i = 0; i < person->grant_count; i++) {
        write_grant(json, NULL, &person->grants[i]);
    }
    json_array_end(json);
    json_bool(json, "disabled", person->disabled);
    json_bool(json, "totp_required", person->totp_required);
    json_bool(json, "totp", person->totp_size != 0);
    json_int(json, "passkeys", people_kept_passkeys(people, person->id)); /* to be removed, also while they are off */
    json_bool(json, "password_given", person->password_given_at != 0);
    json_bool(json, "provider", person->has_provider_mark || person->has_left_mark);
    instant_or_none(json, "locked_until", person->locked_until > people_now(people).us ? person->locked_until : 0);
    instant_or_none(json, "created_at", person->created_at);
    instant_or_none(json, "changed_at", person->changed_at);
    json_object_end(json);
}

uint32_t people_list(const struct people *people, struct json *json, const char *name, uint32_t after, uint32_t limit)
{
    uint32_t written = 0, last = 0;
    bool more = false;
    limit = limit < LIST_MAX ? limit : LIST_MAX;
    json_array_begin(json, name);
    for (size_t i = 0; i < people->persons.count && !more; i++) {
        const struct person *person = &people->persons.items[i];
        if (person->id <= after) {
            continue;
        }
        more = written == limit;
        if (!more) {
            write_person(people, json, NULL, person);
            last = person->id;
            written += 1;
        }
    }
    json_array_end(json);
    return more ? last : 0;
}

bool people_show(const struct people *people, uint32_t id, struct json *json, const char *name)
{
    const struct person *person = people_find(people, id);
    if (person != NULL) {
        write_person(people, json, name, person);
    }
    return person != NULL;
}

static void write_account(struct json *json, const struct person *person)
{
    json_object_begin(json, NULL);
    json_text(json, "name", person->name);
    json_text(json, "display", person->display);
    json_array_begin(json, "roles");
    for (unsigned i = 0; i < person->grant_count; i++) {
        bool told = false;
        for (unsigned k = 0; k < i; k++) {
            told = told || person->grants[k].role == person->grants[i].role;
        }
        if (!told && person->grants[i].role < ROLE_COUNT) {
            json_text(json, NULL, ROLE_NAMES[person->grants[i].role]);
        }
    }
    json_array_end(json);
    json_object_end(json);
}

void people_write_accounts(const struct people *people, struct json *json)
{
    uint32_t written = 0;
    for (size_t i = 0; i < people->persons.count && written < LIST_MAX; i++) {
        const struct person *person = &people->persons.items[i];
        if (!person->disabled) {
            write_account(json, person);
            written += 1;
        }
    }
}

static void write_token(struct json *json, const struct token *token)
{
    json_object_begin(json, NULL);
    json_int(json, "id", token->id);
    json_int(json, "actor", TOKEN_ACTOR_BASE + (int64_t)token->id);
    json_text(json, "name", token->name);
    write_grant(json, "grant", &token->grant);
    json_int(json, "created_by", token->created_by);
    instant_or_none(json, "created_at", token->created_at);
    instant_or_none(json, "expires_at", token->expires_at);
    instant_or_none(json, "revoked_at", token->revoked_at);
    json_object_end(json);
}

uint32_t people_list_tokens(const struct people *people, struct json *json, const char *name, uint32_t after, uint32_t limit)
{
    uint32_t written = 0, last = 0;
    bool more = false;
    limit = limit < LIST_MAX ? limit : LIST_MAX;
    json_array_begin(json, name);
    for (size_t i = 0; i < people->tokens.count && !more; i++) {
        const struct token *token = &people->tokens.items[i];
        if (token->id <= after) {
            continue;
        }
        more = written == limit;
        if (!more) {
            write_token(json, token);
            last = token->id;
            written += 1;
        }
    }
    json_array_end(json);
    return more ? last : 0;
}

static uint64_t tokens_ending(const struct people *people)
{
    uint64_t count = 0;
    int64_t by_us = people_now(people).us + TOKEN_ENDING_DAYS * US_PER_DAY;
    for (size_t i = 0; i < people->tokens.count; i++) {
        const struct token *token = &people->tokens.items[i];
        count += token_lives(people, token) && token->expires_at != 0 && token->expires_at < by_us;
    }
    return count;
}

void people_figures(const struct people *people, struct people_figures *figures)
{
    *figures = (struct people_figures){ .sign_ins = people->sign_ins,
                                        .refused = people->refused,
                                        .locked = people->locked,
                                        .sessions = sessions_count(people->sessions),
                                        .tokens = people->tokens.count,
                                        .tokens_ending = tokens_ending(people),
                                        .people = people->persons.count };
}
