/* Passkeys of people: an authenticator made here (Ed25519 of libsodium) answers, rightly and wrongly; what it opens and what
 * stops it. That signatures and flags are looked at as the specification has it is shown by passkey_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_sign.h>
#include <sodium/utils.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "host/people.h"
#include "host/secret.h"
#include "host/test_tables.h"

enum { FAILURES = 3, LOCK_MINUTES = 15, EDDSA = -8, UP = 1, UV = 4, DATA_SIZE = 37, FLAGS_AT = 32, TEXT_SIZE = 512 };

static const char PASSWORD[] = "correct horse battery", ADDRESS[] = "192.0.2.1";
static const unsigned char MASTER[32] = "a key for this test and no other";

struct fixture {
    struct test_tables tables;
    struct workers *workers[2]; /* hashing, clerk */
    struct audit *audit;
    struct people *people;
    struct people_setup setup;
    struct passkey_site site;
    struct instant now;
    const char *address; /* from which people come */
};

static struct instant test_now(void *context) { return ((struct fixture *)context)->now; }

static void begin(struct fixture *fixture)
{
    struct error error = { 0 };
    fixture->workers[0] = test_workers("hashing", 2);
    fixture->workers[1] = test_workers("clerk", 1);
    fixture->setup.hashing = fixture->workers[0];
    fixture->setup.clerk = fixture->workers[1];
    fixture->setup.sql = fixture->tables.sql;
    assert_int_equal(audit_create(fixture->tables.sql, fixture->setup.clerk, &fixture->audit, &error), STATUS_OK);
    fixture->setup.audit = fixture->audit;
    if (people_create(&fixture->setup, &fixture->people, &error) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
}

static void stop(struct fixture *fixture)
{
    workers_destroy(fixture->workers[0]);
    workers_destroy(fixture->workers[1]);
    people_destroy(fixture->people);
    audit_destroy(fixture->audit);
}

static void restart(struct fixture *fixture)
{
    stop(fixture);
    begin(fixture);
}

static int make(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ .now = { INT64_C(1795336200) * US_PER_SECOND }, .address = ADDRESS };
    fixture.setup = (struct people_setup){ .session_hours = 12,
                                           .session_idle_minutes = 60,
                                           .failures_before_lock = FAILURES,
                                           .lock_minutes = LOCK_MINUTES,
                                           .attempts_per_minute = 1000,
                                           .ask_again_minutes = 10,
                                           .passkeys = true,
                                           .master_key = MASTER,
                                           .hash_memory_kib = 8,
                                           .hash_passes = 1,
                                           .now = test_now,
                                           .now_context = &fixture };
    assert_null(passkey_site_of("https://120.city.example", &fixture.site));
    test_tables_make(&fixture.tables);
    begin(&fixture);
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    stop(fixture);
    test_tables_remove(&fixture->tables);
    return 0;
}

/* ---- asking ---- */

struct told {
    bool done;
    struct people_change change;
    struct sign_in sign_in;
};

static void tell_change(void *context, const struct people_change *change)
{
    struct told *told = context;
    assert_false(told->done);
    told->change = *change;
    told->done = true;
}

static void tell_sign_in(void *context, const struct sign_in *result)
{
    struct told *told = context;
    assert_false(told->done);
    told->sign_in = *result;
    told->done = true;
}

static const struct identity ADMINISTRATOR = { .actor = 42 };

static uint32_t add_person(struct fixture *fixture, const char *name, bool factor)
{
    struct told told = { 0 };
    const struct grant grant = { .role = ROLE_DISPATCHER, .scope = SCOPE_CENTRE };
    const struct person_wanted wanted = {
        .name = name, .password = PASSWORD, .grants = &grant, .grant_count = 1, .totp_required = factor
    };
    people_add(fixture->people, &ADMINISTRATOR, &wanted, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_OK);
    return told.change.id;
}

static enum status amend(struct fixture *fixture, uint32_t id, const char *password, int disabled)
{
    struct told told = { 0 };
    const struct person_wanted wanted = { .password = password, .totp_required = -1, .disabled = disabled };
    people_amend(fixture->people, &ADMINISTRATOR, id, &wanted, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.change.status;
}

static struct sign_in by_this_password(struct fixture *fixture, const char *name, const char *password)
{
    struct told told = { 0 };
    people_sign_in(fixture->people, name, password, NULL, fixture->address, tell_sign_in, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.sign_in;
}

static struct sign_in by_password(struct fixture *fixture, const char *name) { return by_this_password(fixture, name, PASSWORD); }

static struct sign_in by_provider(struct fixture *fixture, const char *name)
{
    struct told told = { 0 };
    const struct admission admission = {
        .name = name, .issuer = "https://id.city.example", .subject = "4711", .address = fixture->address
    };
    people_admit(fixture->people, &admission, tell_sign_in, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.sign_in;
}

static enum people_identified identify(struct fixture *fixture, const struct sign_in *session, struct identity *identity)
{
    char cookie[128];
    (void)snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(session->cookie, ";"), session->cookie);
    return people_identify(fixture->people, cookie, NULL, NULL, false, identity);
}

static struct identity identity_of(struct fixture *fixture, const struct sign_in *session)
{
    struct identity identity;
    assert_int_equal(identify(fixture, session, &identity), IDENTIFIED);
    return identity;
}

static bool lives(struct fixture *fixture, const struct sign_in *session)
{
    struct identity identity;
    return identify(fixture, session, &identity) == IDENTIFIED;
}

/* ---- an authenticator ---- */

struct authenticator {
    unsigned char id[16], secret[crypto_sign_SECRETKEYBYTES], user[32];
    uint32_t counter;
    bool says_user, lies; /* lies: it signs something else */
    struct passkey_key key;
};

static struct authenticator authenticator_of(const struct fixture *fixture, uint32_t person, unsigned char number)
{
    struct authenticator made = { .says_user = true, .key = { .algorithm = EDDSA, .size = 32, .id_size = sizeof made.id } };
    unsigned char seed[crypto_sign_SEEDBYTES] = { number };
    memset(made.id, number, sizeof made.id);
    memcpy(made.key.id, made.id, sizeof made.id);
    assert_int_equal(crypto_sign_seed_keypair(made.key.bytes, made.secret, seed), 0);
    people_passkey_user(fixture->people, person, made.user);
    return made;
}

struct answer {
    char client_data[TEXT_SIZE];
    unsigned char data[DATA_SIZE], signature[crypto_sign_BYTES];
};

static void write_data(const struct fixture *fixture, struct authenticator *from, unsigned char data[DATA_SIZE])
{
    from->counter += 1;
    assert_int_equal(crypto_hash_sha256(data, (const unsigned char *)fixture->site.id, strlen(fixture->site.id)), 0);
    data[FLAGS_AT] = UP | UV;
    for (unsigned i = 0; i < 4; i++) {
        data[FLAGS_AT + 1 + i] = (unsigned char)(from->counter >> (24 - 8 * i));
    }
}

static void write_answer(const struct fixture *fixture, struct authenticator *from, const struct passkey_question *question,
                         struct answer *answer)
{
    unsigned char whole[DATA_SIZE + crypto_hash_sha256_BYTES];
    char challenge[64];
    (void)sodium_bin2base64(challenge, sizeof challenge, question->challenge, sizeof question->challenge,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    (void)snprintf(answer->client_data, sizeof answer->client_data,
                   "{\"type\":\"webauthn.get\",\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":false}", challenge,
                   fixture->site.origin);
    write_data(fixture, from, answer->data);
    memcpy(whole, answer->data, DATA_SIZE);
    assert_int_equal(
        crypto_hash_sha256(whole + DATA_SIZE, (const unsigned char *)answer->client_data, strlen(answer->client_data)), 0);
    whole[0] ^= from->lies;
    assert_int_equal(crypto_sign_detached(answer->signature, NULL, whole, sizeof whole, from->secret), 0);
}

/* by NULL: signs in. */
static struct sign_in show(struct fixture *fixture, struct authenticator *from, const struct identity *by)
{
    struct told told = { 0 };
    struct answer made;
    struct passkey_question question = { .site = &fixture->site };
    secret_random(question.challenge, sizeof question.challenge);
    write_answer(fixture, from, &question, &made);
    const struct passkey_answer answer = { { (const unsigned char *)made.client_data, strlen(made.client_data) },
                                           { made.data, sizeof made.data },
                                           { made.signature, sizeof made.signature } };
    const struct passkey_shown shown = { { from->id, sizeof from->id },
                                         { from->user, from->says_user ? sizeof from->user : 0 },
                                         &question,
                                         &answer,
                                         fixture->address };
    people_show_passkey(fixture->people, by, &shown, tell_sign_in, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.sign_in;
}

static struct people_change add(struct fixture *fixture, const struct identity *by, const struct authenticator *one)
{
    struct told told = { 0 };
    people_add_passkey(fixture->people, by, "my phone", &one->key, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.change;
}

static struct people_change remove_of(struct fixture *fixture, const struct identity *by, uint32_t person, uint32_t id)
{
    struct told told = { 0 };
    people_remove_passkeys(fixture->people, by, person, id, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.change;
}

/* A person with a passkey; session is the one by password in which it was made. */
static struct authenticator register_one(struct fixture *fixture, const char *name, unsigned char number, uint32_t *person,
                                         struct sign_in *session)
{
    *person = add_person(fixture, name, false);
    *session = by_password(fixture, name);
    const struct identity by = identity_of(fixture, session);
    struct authenticator one = authenticator_of(fixture, *person, number);
    assert_int_equal(add(fixture, &by, &one).status, STATUS_OK);
    return one;
}

static enum status take_count(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

static int64_t count_rows(const struct fixture *fixture, const char *query, const char *text)
{
    struct sql *sql = test_tables_connect(&fixture->tables);
    struct error error = { 0 };
    int64_t count = -1;
    assert_int_equal(sql_query(sql, query, SQL_PARAMETERS(sql_text(text)), take_count, &count, NULL, &error), STATUS_OK);
    sql_close(sql);
    return count;
}

static int64_t audited(const struct fixture *fixture, const char *detail)
{
    return count_rows(fixture, "SELECT count(*) FROM audit WHERE what || ': ' || detail LIKE $1", detail);
}

/* ---- signing in ---- */

static void it_counts_for_both(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    struct sign_in result = show(fixture, &one, NULL);
    assert_int_equal(result.outcome, SIGN_IN_DONE);
    assert_int_equal(result.identity.actor, person);
    assert_int_equal(result.identity.owes, 0);
    assert_true(result.identity.fresh);
    assert_true(lives(fixture, &result));
    restart(fixture);
    assert_true(lives(fixture, &result));
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
    assert_int_equal(audited(fixture, "sign-in: by passkey, from 192.0.2.1"), 2);
    assert_int_equal(audited(fixture, "own passkey added: "), 1);
}

static void strangers_and_liars(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    struct authenticator unknown = authenticator_of(fixture, person, 2), silent = one, another = one;
    for (int i = 0; i < 2 * FAILURES; i++) { /* which locks nobody */
        assert_int_equal(show(fixture, &unknown, NULL).outcome, SIGN_IN_REFUSED);
    }
    silent.says_user = false;
    assert_int_equal(show(fixture, &silent, NULL).outcome, SIGN_IN_REFUSED);
    another.user[0] ^= 1;
    assert_int_equal(show(fixture, &another, NULL).outcome, SIGN_IN_REFUSED);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
}

static void failures_lock(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session), liar = one;
    liar.lies = true;
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(show(fixture, &liar, NULL).outcome, SIGN_IN_REFUSED);
    }
    struct sign_in locked = show(fixture, &liar, NULL);
    assert_int_equal(locked.outcome, SIGN_IN_LOCKED);
    assert_int_equal(locked.retry_after_s, LOCK_MINUTES * 60);
    assert_int_equal(by_password(fixture, "li").outcome, SIGN_IN_LOCKED);
    fixture->now.us += LOCK_MINUTES * US_PER_MINUTE;
    assert_int_equal(show(fixture, &liar, NULL).outcome, SIGN_IN_REFUSED);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
    assert_int_equal(audited(fixture, "sign-in refused: the signature is not%; locked now"), 1);
}

/* Wrong passwords of strangers lock the password, and it stays locked; who has the key comes in, and goes on. */
static void a_lock_keeps_no_key_out(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session), liar = one;
    liar.lies = true;
    fixture->address = "198.51.100.9";
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(by_this_password(fixture, "li", "wrong horse battery").outcome, SIGN_IN_REFUSED);
    }
    assert_int_equal(by_password(fixture, "li").outcome, SIGN_IN_LOCKED);
    fixture->address = "198.51.100.10";
    assert_int_equal(show(fixture, &liar, NULL).outcome, SIGN_IN_LOCKED);
    const struct sign_in entered = show(fixture, &one, NULL);
    assert_int_equal(entered.outcome, SIGN_IN_DONE);
    const struct identity by = identity_of(fixture, &entered);
    assert_int_equal(show(fixture, &one, &by).outcome, SIGN_IN_DONE);
    fixture->address = "198.51.100.11";
    assert_int_equal(by_password(fixture, "li").outcome, SIGN_IN_LOCKED);
    restart(fixture);
    assert_int_equal(by_password(fixture, "li").outcome, SIGN_IN_LOCKED);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
}

static void a_copy_is_told(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session), copy = one;
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
    assert_int_equal(show(fixture, &copy, NULL).outcome, SIGN_IN_PASSKEY_COPIED);
    restart(fixture); /* the table knows how far it had counted */
    copy.counter = 0;
    assert_int_equal(show(fixture, &copy, NULL).outcome, SIGN_IN_PASSKEY_COPIED);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
    assert_int_equal(audited(fixture, "sign-in refused: the counter of the passkey went back%"), 2);
}

static void where_a_provider_signs_in(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    fixture->setup.local_accounts = "root";
    restart(fixture);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_PROVIDER_ONLY);
    const struct identity by = identity_of(fixture, &session);
    assert_int_equal(show(fixture, &one, &by).outcome, SIGN_IN_DONE);
}

/* Whom it signs in it can put out, and then no passkey of before goes around it; but where the settings name somebody. */
static void whom_the_provider_signed_in(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person, other;
    struct sign_in session, others;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    struct authenticator two = register_one(fixture, "wang", 2, &other, &others);
    fixture->setup.provider = true;
    restart(fixture);
    const struct sign_in admitted = by_provider(fixture, "li");
    assert_int_equal(admitted.outcome, SIGN_IN_DONE);
    const struct identity by = identity_of(fixture, &admitted);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_PROVIDER_ONLY);
    assert_int_equal(show(fixture, &one, &by).outcome, SIGN_IN_DONE);
    assert_int_equal(show(fixture, &two, NULL).outcome, SIGN_IN_DONE);
    restart(fixture);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_PROVIDER_ONLY);
    fixture->setup.local_accounts = "root,li";
    restart(fixture);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
    fixture->setup.local_accounts = "";
    fixture->setup.provider = false;
    restart(fixture);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
}

/* ---- shown in place of the password ---- */

static void shown_again(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person, other;
    struct sign_in session, others;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    struct authenticator two = register_one(fixture, "wang", 2, &other, &others);
    fixture->now.us += 11 * US_PER_MINUTE;
    struct identity by = identity_of(fixture, &session);
    assert_false(by.fresh);
    assert_int_equal(show(fixture, &two, &by).outcome, SIGN_IN_REFUSED);
    by = identity_of(fixture, &session);
    assert_false(by.fresh);
    one.says_user = false; /* who asks is known already */
    assert_int_equal(show(fixture, &one, &by).outcome, SIGN_IN_DONE);
    by = identity_of(fixture, &session);
    assert_true(by.fresh);
    assert_int_equal(audited(fixture, "passkey shown: from%"), 1);
    assert_int_equal(audited(fixture, "own passkey refused: a passkey of somebody else%"), 1);
    struct authenticator unknown = authenticator_of(fixture, person, 3);
    assert_int_equal(show(fixture, &unknown, &by).outcome, SIGN_IN_REFUSED);
    assert_int_equal(audited(fixture, "own passkey refused: a passkey that nobody has%"), 1);
}

static void the_second_factor_that_is_owed(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person = add_person(fixture, "li", true);
    struct sign_in first = by_password(fixture, "li");
    struct identity by = identity_of(fixture, &first);
    assert_int_equal(by.owes, OWES_SECOND_FACTOR);
    assert_false(people_must_show_passkey(fixture->people, &by));
    struct authenticator one = authenticator_of(fixture, person, 1);
    assert_int_equal(add(fixture, &by, &one).status, STATUS_OK);
    by = identity_of(fixture, &first);
    assert_int_equal(by.owes, 0);

    struct sign_in second = by_password(fixture, "li");
    by = identity_of(fixture, &second);
    assert_int_equal(by.owes, OWES_SECOND_FACTOR);
    assert_true(people_must_show_passkey(fixture->people, &by));
    assert_int_equal(show(fixture, &one, &by).outcome, SIGN_IN_DONE);
    by = identity_of(fixture, &second);
    assert_int_equal(by.owes, 0);
    restart(fixture);
    by = identity_of(fixture, &second);
    assert_int_equal(by.owes, 0);
    assert_int_equal(show(fixture, &one, NULL).identity.owes, 0);
}

/* Required of nobody, but the account has one: the password alone gets nothing of its own, and nothing is asked of the session in
 * which the passkey was made. */
static void one_that_is_there_is_owed(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in first;
    struct told told = { 0 };
    struct authenticator one = register_one(fixture, "li", 1, &person, &first);
    assert_int_equal(identity_of(fixture, &first).owes, 0);
    struct sign_in second = by_password(fixture, "li");
    assert_int_equal(second.identity.owes, OWES_SECOND_FACTOR);
    struct identity by = identity_of(fixture, &second);
    assert_true(people_must_show_passkey(fixture->people, &by));
    assert_int_equal(show(fixture, &one, &by).outcome, SIGN_IN_DONE);
    restart(fixture);
    by = identity_of(fixture, &second);
    assert_int_equal(by.owes, 0);
    assert_int_equal(identity_of(fixture, &first).owes, 0);
    people_set_totp(fixture->people, &ADMINISTRATOR, person, true, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(by_password(fixture, "li").outcome, SIGN_IN_TOTP_NEEDED);
    fixture->setup.passkeys = false;
    restart(fixture);
    told = (struct told){ 0 };
    people_set_totp(fixture->people, &ADMINISTRATOR, person, false, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(by_password(fixture, "li").identity.owes, 0);
}

/* The passkey comes before the password that somebody else gave: else whoever was given it, or took it, would keep it. */
static void a_given_password_comes_after(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in first;
    struct told told = { 0 };
    fixture->setup.first_password_days = 14;
    restart(fixture);
    struct authenticator one = register_one(fixture, "li", 1, &person, &first);
    struct sign_in second = by_password(fixture, "li");
    struct identity by = identity_of(fixture, &second);
    assert_int_equal(by.owes, OWES_PASSWORD | OWES_SECOND_FACTOR);
    assert_true(people_must_show_passkey(fixture->people, &by));
    assert_int_equal(show(fixture, &one, &by).outcome, SIGN_IN_DONE);
    by = identity_of(fixture, &second);
    assert_int_equal(by.owes, OWES_PASSWORD);
    assert_false(people_must_show_passkey(fixture->people, &by));
    const struct own_password wanted = { PASSWORD, "another good horse", ADDRESS };
    people_change_own_password(fixture->people, &by, &wanted, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_OK);
    assert_int_equal(identity_of(fixture, &second).owes, 0);
}

/* What an administrator sees of a person. */
static int64_t listed(struct fixture *fixture, uint32_t person)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 16);
    json_init(&json, &text, 0);
    assert_true(people_show(fixture->people, person, &json, NULL));
    json_t *row = json_loads(text.bytes, JSON_REJECT_DUPLICATES, NULL);
    const int64_t count = json_integer_value(json_object_get(row, "passkeys"));
    json_decref(row);
    text_free(&text);
    return count;
}

/* They count for nothing then, and a code can be set up again; but they can be seen and removed. */
static void switched_off(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person = add_person(fixture, "li", true);
    struct sign_in session = by_password(fixture, "li");
    struct identity by = identity_of(fixture, &session);
    const struct authenticator one = authenticator_of(fixture, person, 1);
    assert_int_equal(add(fixture, &by, &one).status, STATUS_OK);
    fixture->setup.passkeys = false;
    restart(fixture);
    session = by_password(fixture, "li");
    by = identity_of(fixture, &session);
    assert_int_equal(by.owes, OWES_SECOND_FACTOR);
    assert_int_equal(people_count_passkeys(fixture->people, person), 0);
    assert_false(people_must_show_passkey(fixture->people, &by));
    assert_int_equal(listed(fixture, person), 1);
    assert_int_equal(remove_of(fixture, &ADMINISTRATOR, person, 0).status, STATUS_OK);
    assert_int_equal(listed(fixture, person), 0);
}

/* A row for many, whatever the attempt was made with. */
static void too_often(void **state)
{
    struct fixture *fixture = *state;
    fixture->setup.attempts_per_minute = 2;
    restart(fixture);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(people_attempt(fixture->people, ADDRESS), 0);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_not_equal(people_attempt(fixture->people, ADDRESS), 0);
    }
    (void)add_person(fixture, "li", false); /* the clerk does one after the other: the rows before this are written */
    assert_int_equal(audited(fixture, "sign-ins too often: from 192.0.2.1%"), 1);
}

/* ---- adding and removing ---- */

static void bounds(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person, other;
    struct sign_in session, others;
    const struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    (void)register_one(fixture, "wang", 2, &other, &others);
    const struct identity by = identity_of(fixture, &session), by_other = identity_of(fixture, &others);
    assert_int_equal(add(fixture, &by_other, &one).status, STATUS_BAD_INPUT); /* the id is another's */
    for (unsigned char number = 3; number < 3 + PASSKEYS_PER_PERSON - 1; number++) {
        const struct authenticator more = authenticator_of(fixture, person, number);
        assert_int_equal(add(fixture, &by, &more).status, STATUS_OK);
    }
    const struct authenticator last = authenticator_of(fixture, person, 99);
    assert_int_equal(add(fixture, &by, &last).status, STATUS_FULL);
    assert_int_equal(people_count_passkeys(fixture->people, person), PASSKEYS_PER_PERSON);
    assert_int_equal(people_count_passkeys(fixture->people, other), 1);
}

static void a_removed_one(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    struct sign_in elsewhere = show(fixture, &one, NULL);
    const struct identity by = identity_of(fixture, &session);
    struct authenticator two = authenticator_of(fixture, person, 2);
    const uint32_t second = add(fixture, &by, &two).id;
    assert_int_equal(remove_of(fixture, &by, person, second + 100).status, STATUS_NOT_FOUND);
    assert_int_equal(remove_of(fixture, &by, person + 1, second).status, STATUS_NOT_FOUND);
    assert_int_equal(remove_of(fixture, &by, person, second).status, STATUS_OK);
    assert_int_equal(show(fixture, &two, NULL).outcome, SIGN_IN_REFUSED);
    assert_true(lives(fixture, &session));
    assert_false(lives(fixture, &elsewhere));
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
    assert_int_equal(remove_of(fixture, &ADMINISTRATOR, person, 0).status, STATUS_OK);
    assert_false(lives(fixture, &session));
    restart(fixture);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_REFUSED);
    assert_int_equal(audited(fixture, "own passkey removed: "), 1);
    assert_int_equal(audited(fixture, "passkeys taken away: "), 1);
}

static void what_ends_them(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person, other;
    struct sign_in session, others;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    struct authenticator two = register_one(fixture, "wang", 2, &other, &others);
    assert_int_equal(amend(fixture, person, "another good horse", -1), STATUS_OK); /* it is no way around a second factor */
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
    assert_int_equal(amend(fixture, other, NULL, 1), STATUS_OK);
    assert_int_equal(show(fixture, &two, NULL).outcome, SIGN_IN_REFUSED);
    assert_int_equal(amend(fixture, other, NULL, 0), STATUS_OK); /* who comes back begins anew */
    assert_int_equal(show(fixture, &two, NULL).outcome, SIGN_IN_REFUSED);
    assert_int_equal(count_rows(fixture, "SELECT count(*) FROM passkey WHERE name = $1", "my phone"), 1);
}

static void ones_own_password_leaves_them(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct told told = { 0 };
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    const struct identity by = identity_of(fixture, &session);
    const struct own_password wanted = { PASSWORD, "another good horse", ADDRESS };
    people_change_own_password(fixture->people, &by, &wanted, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_OK);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_DONE);
}

/* A session that was ended gives nothing any more, though its request was under way. */
static void added_too_late(void **state)
{
    struct fixture *fixture = *state;
    struct told amended = { 0 }, added = { 0 };
    const uint32_t person = add_person(fixture, "li", false);
    const struct sign_in session = by_password(fixture, "li");
    const struct identity by = identity_of(fixture, &session);
    struct authenticator one = authenticator_of(fixture, person, 1);
    const struct person_wanted leaves = { .totp_required = -1, .disabled = 1 };
    people_amend(fixture->people, &ADMINISTRATOR, person, &leaves, tell_change, &amended);
    people_add_passkey(fixture->people, &by, "my phone", &one.key, tell_change, &added);
    test_wait(fixture->workers, 2, &added.done);
    assert_true(amended.done);
    assert_int_equal(added.change.status, STATUS_NOT_FOUND);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_REFUSED);
}

/* Removed while somebody signs in with it: whichever the clerk does first, nobody is in. */
static void removed_meanwhile(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct told told = { 0 }, removed = { 0 };
    struct answer made;
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    struct passkey_question question = { .site = &fixture->site, .challenge = { 7 } };
    write_answer(fixture, &one, &question, &made);
    const struct passkey_answer answer = { { (const unsigned char *)made.client_data, strlen(made.client_data) },
                                           { made.data, sizeof made.data },
                                           { made.signature, sizeof made.signature } };
    const struct passkey_shown shown = { { one.id, sizeof one.id }, { one.user, sizeof one.user }, &question, &answer, ADDRESS };
    people_show_passkey(fixture->people, NULL, &shown, tell_sign_in, &told);
    people_remove_passkeys(fixture->people, &ADMINISTRATOR, person, 0, tell_change, &removed);
    test_wait(fixture->workers, 2, &removed.done);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(removed.change.status, STATUS_OK);
    assert_int_equal(told.sign_in.outcome, SIGN_IN_REFUSED);
    assert_int_equal(count_rows(fixture, "SELECT count(*) FROM session WHERE address = $1", ADDRESS), 0);
}

/* The store refuses: what was removed opens nothing, and what was added is not told to be there. */
static void a_store_that_fails(void **state)
{
    struct fixture *fixture = *state;
    uint32_t person;
    struct sign_in session;
    struct error error = { 0 };
    struct authenticator one = register_one(fixture, "li", 1, &person, &session);
    const struct identity by = identity_of(fixture, &session);
    struct authenticator two = authenticator_of(fixture, person, 2);
    struct sql *sql = test_tables_connect(&fixture->tables);
    assert_int_equal(sql_run(sql, "ALTER TABLE passkey RENAME TO gone", SQL_NO_PARAMETERS, NULL, &error), STATUS_OK);
    assert_int_not_equal(add(fixture, &by, &two).status, STATUS_OK);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_FAILED);
    assert_int_not_equal(remove_of(fixture, &by, person, 0).status, STATUS_OK);
    assert_int_equal(sql_run(sql, "ALTER TABLE gone RENAME TO passkey", SQL_NO_PARAMETERS, NULL, &error), STATUS_OK);
    sql_close(sql);
    assert_int_equal(show(fixture, &one, NULL).outcome, SIGN_IN_REFUSED);
    assert_int_equal(show(fixture, &two, NULL).outcome, SIGN_IN_REFUSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_counts_for_both),
        TEST(strangers_and_liars),
        TEST(failures_lock),
        TEST(a_lock_keeps_no_key_out),
        TEST(a_copy_is_told),
        TEST(where_a_provider_signs_in),
        TEST(whom_the_provider_signed_in),
        TEST(shown_again),
        TEST(the_second_factor_that_is_owed),
        TEST(one_that_is_there_is_owed),
        TEST(a_given_password_comes_after),
        TEST(switched_off),
        TEST(too_often),
        TEST(bounds),
        TEST(a_removed_one),
        TEST(what_ends_them),
        TEST(ones_own_password_leaves_them),
        TEST(added_too_late),
        TEST(removed_meanwhile),
        TEST(a_store_that_fails),
    };
    return test_tables_run(tests, ARRAY_LENGTH(tests));
}
