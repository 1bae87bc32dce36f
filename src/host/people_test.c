/* People through their public face: signing in and what stops it, sessions and what ends them, administration and what it
 * may not do, tokens, and a store that fails. The clock is the test's; argon2id is cheap where its cost is not the matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <liboath/oath.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "host/people.h"
#include "host/retention.h"
#include "host/test_tables.h"

enum { FAILURES = 4, LOCK_MINUTES = 15, IDLE_MINUTES = 60, HOURS = 12, ATTEMPTS = 1000 };

static const char PASSWORD[] = "correct horse battery";
static const unsigned char MASTER[32] = "a key for this test and no other";

struct fixture {
    struct test_tables tables;
    struct workers *workers[2]; /* hashing, clerk */
    struct audit *audit;
    struct people *people;
    struct people_setup setup;
    struct instant now;
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
    fixture = (struct fixture){ .now = { INT64_C(1795336200) * US_PER_SECOND } };
    fixture.setup = (struct people_setup){ .session_hours = HOURS,
                                           .session_idle_minutes = IDLE_MINUTES,
                                           .failures_before_lock = FAILURES,
                                           .lock_minutes = LOCK_MINUTES,
                                           .attempts_per_minute = ATTEMPTS,
                                           .master_key = MASTER,
                                           .hash_memory_kib = 8,
                                           .hash_passes = 1,
                                           .now = test_now,
                                           .now_context = &fixture };
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

static void wait_minutes(struct fixture *fixture, int64_t minutes) { fixture->now.us += minutes * US_PER_MINUTE; }

/* ---- asking ---- */

struct told {
    bool done;
    struct people_change change;
    struct sign_in sign_in;
    bool stored;
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

static void tell_stored(void *context, bool stored)
{
    struct told *told = context;
    told->stored = stored;
    told->done = true;
}

static const struct identity NOBODY = { .actor = 42 };

/* The clerk has done all that it was given. */
static void settle(struct fixture *fixture)
{
    struct told told = { 0 };
    people_revoke_token(fixture->people, &NOBODY, 999, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_NOT_FOUND);
}

static struct people_change add(struct fixture *fixture, const char *name, const char *password, const struct grant *grants,
                                int count)
{
    struct told told = { 0 };
    struct person_wanted wanted = { .name = name, .password = password, .grants = grants, .grant_count = count };
    people_add(fixture->people, &NOBODY, &wanted, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.change;
}

static uint32_t must_add(struct fixture *fixture, const char *name, enum role role)
{
    struct grant grant = { .role = (uint8_t)role, .scope = SCOPE_CENTRE };
    struct people_change change = add(fixture, name, PASSWORD, &grant, 1);
    if (change.status != STATUS_OK) {
        fail_msg("%s", change.text);
    }
    return change.id;
}

static struct people_change amend(struct fixture *fixture, uint32_t id, struct person_wanted wanted)
{
    struct told told = { 0 };
    people_amend(fixture->people, &NOBODY, id, &wanted, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.change;
}

#define WANTED(...) ((struct person_wanted){ .totp_required = -1, .disabled = -1, __VA_ARGS__ })

static struct person_wanted turned_off(int disabled)
{
    struct person_wanted wanted = WANTED(.name = NULL);
    wanted.disabled = disabled;
    return wanted;
}

static struct person_wanted factor_required(int required)
{
    struct person_wanted wanted = WANTED(.name = NULL);
    wanted.totp_required = required;
    return wanted;
}

static struct sign_in sign_in_from(struct fixture *fixture, const char *name, const char *password, const char *totp,
                                   const char *address)
{
    struct told told = { 0 };
    people_sign_in(fixture->people, name, password, totp, address, tell_sign_in, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.sign_in;
}

static struct sign_in sign_in(struct fixture *fixture, const char *name, const char *password)
{
    return sign_in_from(fixture, name, password, NULL, "192.0.2.1");
}

/* A session; cookie gets what the browser would send. */
static struct sign_in must_sign_in(struct fixture *fixture, const char *name, char cookie[128])
{
    struct sign_in result = sign_in(fixture, name, PASSWORD);
    assert_int_equal(result.outcome, SIGN_IN_DONE);
    snprintf(cookie, 128, "%.*s", (int)strcspn(result.cookie, ";"), result.cookie);
    return result;
}

static enum people_identified identify(struct fixture *fixture, const char *cookie, const char *csrf, bool changes)
{
    struct identity identity;
    return people_identify(fixture->people, cookie, NULL, csrf, changes, &identity);
}

static bool is_signed_in(struct fixture *fixture, const char *cookie)
{
    return identify(fixture, cookie, NULL, false) == IDENTIFIED;
}

static void expect_audit(struct fixture *fixture, const char *what, int64_t count)
{
    char text[200];
    uint64_t rows;
    char chain[65];
    struct error error;
    settle(fixture); /* it has the connection while it works */
    snprintf(text, sizeof text, "SELECT count(*) FROM audit WHERE what = '%s'", what);
    assert_int_equal(test_int(fixture->tables.sql, text), count);
    assert_int_equal(audit_verify(fixture->tables.sql, &rows, chain, &error), STATUS_OK);
}

/* ---- signing in ---- */

static void a_session(void **state)
{
    struct fixture *fixture = *state;
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    char cookie[128], header[300], csrf[65];
    struct sign_in result = must_sign_in(fixture, "li.wei", cookie);
    assert_int_equal(result.identity.actor, id);
    assert_int_equal(result.identity.grant_count, 1);
    assert_int_equal(result.identity.grants[0].role, ROLE_DISPATCHER);
    assert_int_equal(strlen(cookie), strlen("mingdi_session=") + 43);
    assert_string_equal(strchr(result.cookie, ';'), "; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=43200");
    assert_int_equal(strlen(result.csrf), 64);
    assert_true(people_csrf(fixture->people, cookie, csrf));
    assert_string_equal(csrf, result.csrf);
    assert_int_equal(identify(fixture, cookie, NULL, false), IDENTIFIED);
    assert_int_equal(identify(fixture, cookie, csrf, true), IDENTIFIED);
    assert_int_equal(identify(fixture, cookie, NULL, true), IDENTIFIED_NO_CSRF);
    csrf[63] ^= 1;
    assert_int_equal(identify(fixture, cookie, csrf, true), IDENTIFIED_NO_CSRF);
    snprintf(header, sizeof header, "theme=dark; %s; other=1", cookie);
    assert_int_equal(identify(fixture, header, NULL, false), IDENTIFIED);
    cookie[strlen(cookie) - 2] ^= 1;
    assert_int_equal(identify(fixture, cookie, NULL, false), IDENTIFIED_NOT);
    assert_int_equal(identify(fixture, NULL, NULL, false), IDENTIFIED_NOT);
    assert_int_equal(identify(fixture, "mingdi_session=", NULL, false), IDENTIFIED_NOT);
    assert_int_equal(identify(fixture, ";;; ;=;mingdi_session", NULL, false), IDENTIFIED_NOT);
    expect_audit(fixture, "sign-in", 1);
}

/* Whoever has a copy of the tables has no session, no token, no password and no second factor. */
static void a_copy_of_the_tables_signs_nobody_in(void **state)
{
    struct fixture *fixture = *state;
    struct file_view view;
    struct error error = { 0 };
    struct told told = { 0 };
    char cookie[128];
    if (!test_tables_are_files(&fixture->tables)) {
        skip();
    }
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    struct sign_in result = must_sign_in(fixture, "li.wei", cookie);
    people_set_totp(fixture->people, &NOBODY, id, true, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    struct error ignored;
    assert_int_equal(sql_forget(fixture->tables.sql, "personal", &ignored), STATUS_OK); /* the log is in the file */
    char *path = file_join(fixture->tables.store.folder, "centre.db");
    assert_int_equal(file_view_open(&view, path, &error), STATUS_OK);
    assert_non_null(memmem(view.bytes, view.size, "li.wei", 6));
    assert_null(memmem(view.bytes, view.size, strchr(cookie, '=') + 1, 43));
    assert_null(memmem(view.bytes, view.size, result.csrf, 64));
    assert_null(memmem(view.bytes, view.size, PASSWORD, strlen(PASSWORD)));
    assert_null(memmem(view.bytes, view.size, strstr(told.change.secret, "secret=") + 7, 32));
    file_view_close(&view);
    free(path);
}

static void refused_and_locked(void **state)
{
    struct fixture *fixture = *state;
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    for (int i = 0; i < FAILURES - 1; i++) {
        assert_int_equal(sign_in(fixture, "li.wei", "wrong password").outcome, SIGN_IN_REFUSED);
    }
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_DONE); /* counts from anew */
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(sign_in(fixture, "li.wei", "wrong password").outcome, SIGN_IN_REFUSED);
    }
    struct sign_in locked = sign_in(fixture, "li.wei", PASSWORD);
    assert_int_equal(locked.outcome, SIGN_IN_LOCKED);
    assert_int_equal(locked.retry_after_s, LOCK_MINUTES * 60);
    restart(fixture); /* does not help */
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_LOCKED);
    wait_minutes(fixture, LOCK_MINUTES);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_DONE);
    expect_audit(fixture, "sign-in refused", 2 * FAILURES - 1);
    /* A new password from the administrator unlocks. */
    for (int i = 0; i < FAILURES; i++) {
        (void)sign_in(fixture, "li.wei", "wrong password");
    }
    assert_int_equal(amend(fixture, id, WANTED(.password = PASSWORD)).status, STATUS_OK);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_DONE);
}

/* Who fails on purpose, from wherever, does not keep out those who work here; and their work does not help him. */
static void strangers_lock_nobody_out(void **state)
{
    struct fixture *fixture = *state;
    const char *desk = "192.0.2.1", *stranger = "203.0.113.9", *network = "2001:db8:1:2::3", *same_network = "2001:db8:1:2::4";
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, desk).outcome, SIGN_IN_DONE);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, network).outcome, SIGN_IN_DONE);
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(sign_in_from(fixture, "li.wei", "wrong password", NULL, stranger).outcome, SIGN_IN_REFUSED);
    }
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, desk).outcome, SIGN_IN_DONE);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, same_network).outcome, SIGN_IN_DONE);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, stranger).outcome, SIGN_IN_LOCKED);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "198.51.100.7").outcome, SIGN_IN_LOCKED);
    /* At a desk that is known as many failures lock as elsewhere. */
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(sign_in_from(fixture, "li.wei", "wrong password", NULL, desk).outcome, SIGN_IN_REFUSED);
    }
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, desk).outcome, SIGN_IN_LOCKED);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, network).outcome, SIGN_IN_DONE);
    wait_minutes(fixture, LOCK_MINUTES);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, desk).outcome, SIGN_IN_DONE);
}

/* Also after a restart, where a session is left; and a new password makes all addresses strange. */
static void where_one_is_known(void **state)
{
    struct fixture *fixture = *state;
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "192.0.2.1").outcome, SIGN_IN_DONE);
    restart(fixture);
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(sign_in_from(fixture, "li.wei", "wrong password", NULL, "203.0.113.9").outcome, SIGN_IN_REFUSED);
    }
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "192.0.2.1").outcome, SIGN_IN_DONE);
    assert_int_equal(amend(fixture, id, WANTED(.password = PASSWORD)).status, STATUS_OK); /* unlocks */
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(sign_in_from(fixture, "li.wei", "wrong password", NULL, "203.0.113.9").outcome, SIGN_IN_REFUSED);
    }
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "192.0.2.1").outcome, SIGN_IN_LOCKED);
}

/* Nobody can tell a name that is not there from one that is. */
static void unknown_names_are_treated_alike(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(sign_in(fixture, "nobody", PASSWORD).outcome, SIGN_IN_REFUSED);
    }
    assert_int_equal(sign_in(fixture, "nobody", PASSWORD).outcome, SIGN_IN_LOCKED);
    wait_minutes(fixture, LOCK_MINUTES);
    assert_int_equal(sign_in(fixture, "nobody", PASSWORD).outcome, SIGN_IN_REFUSED);
    char huge[1000];
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_int_equal(sign_in(fixture, huge, PASSWORD).outcome, SIGN_IN_REFUSED);
    assert_int_equal(sign_in(fixture, "", "").outcome, SIGN_IN_REFUSED);
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    assert_int_equal(sign_in(fixture, "li.wei", huge).outcome, SIGN_IN_REFUSED);
    assert_int_equal(sign_in(fixture, "li.wei", "").outcome, SIGN_IN_REFUSED);
    assert_int_equal(sign_in(fixture, "LI.WEI", PASSWORD).outcome, SIGN_IN_REFUSED);
}

/* Many at once are no way around the lock: not more are looked at than may fail. */
static void attempts_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct told told[20] = { 0 };
    int refused = 0, busy = 0;
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    for (int i = 0; i < 20; i++) {
        people_sign_in(fixture->people, "li.wei", "wrong password", NULL, "192.0.2.1", tell_sign_in, &told[i]);
    }
    for (int i = 0; i < 20; i++) {
        test_wait(fixture->workers, 2, &told[i].done);
        refused += told[i].sign_in.outcome == SIGN_IN_REFUSED;
        busy += told[i].sign_in.outcome == SIGN_IN_BUSY;
    }
    assert_int_equal(refused, FAILURES);
    assert_int_equal(busy, 20 - FAILURES);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_LOCKED);
}

static void attempts_from_an_address(void **state)
{
    struct fixture *fixture = *state;
    fixture->setup.attempts_per_minute = 3;
    restart(fixture);
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "192.0.2.1").outcome, SIGN_IN_DONE);
    }
    struct sign_in result = sign_in_from(fixture, "li.wei", PASSWORD, NULL, "::ffff:192.0.2.1");
    assert_int_equal(result.outcome, SIGN_IN_RATE);
    assert_int_equal(result.retry_after_s, 20);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "192.0.2.2").outcome, SIGN_IN_DONE);
    fixture->now.us += 20 * US_PER_SECOND;
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "192.0.2.1").outcome, SIGN_IN_DONE);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "192.0.2.1").outcome, SIGN_IN_RATE);
    for (int i = 0; i < 3; i++) {
        char address[64];
        snprintf(address, sizeof address, "2001:db8:1:2::%d", i + 1);
        assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, address).outcome, SIGN_IN_DONE);
    }
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "2001:db8:1:2:ffff::9").outcome, SIGN_IN_RATE);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, NULL, "2001:db8:1:3::1").outcome, SIGN_IN_DONE);
    for (int i = 0; i < 20000; i++) { /* the table is bounded */
        char address[64];
        snprintf(address, sizeof address, "10.%d.%d.1", i / 250, i % 250);
        struct told told = { 0 };
        fixture->now.us += 1;
        people_sign_in(fixture->people, "", "", NULL, address, tell_sign_in, &told);
        test_wait(fixture->workers, 2, &told.done);
    }
}

/* The reference implementation's own test: argon2id, 64 MiB, 2 passes, "password", "somesalt". Its costs are not ours here,
 * so that the sign-in makes a new hash of it. */
static void a_hash_made_elsewhere_and_with_other_costs(void **state)
{
    struct fixture *fixture = *state;
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    test_run(fixture->tables.sql, "UPDATE person SET password_hash = "
                                  "'$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'");
    restart(fixture);
    assert_int_equal(sign_in(fixture, "li.wei", "Password").outcome, SIGN_IN_REFUSED);
    assert_int_equal(sign_in(fixture, "li.wei", "password").outcome, SIGN_IN_DONE);
    assert_int_equal(
        test_int(fixture->tables.sql, "SELECT count(*) FROM person WHERE password_hash LIKE '$argon2id$v=19$m=8,t=1,p=1$%'"), 1);
    assert_int_equal(sign_in(fixture, "li.wei", "password").outcome, SIGN_IN_DONE);
    restart(fixture);
    assert_int_equal(sign_in(fixture, "li.wei", "password").outcome, SIGN_IN_DONE);
}

static void passwords_cost_what_they_should(void **state)
{
    struct fixture *fixture = *state;
    struct person_wanted wanted = { .name = "boss", .password = PASSWORD };
    struct error error = { 0 };
    uint32_t id;
    assert_int_equal(people_store(fixture->tables.sql, &wanted, &id, &error), STATUS_OK);
    assert_int_equal(
        test_int(fixture->tables.sql, "SELECT count(*) FROM person WHERE password_hash LIKE '$argon2id$v=19$m=65536,t=2,p=1$%'"),
        1);
    assert_int_equal(people_store(fixture->tables.sql, &wanted, &id, &error), STATUS_BAD_INPUT);
    assert_string_equal(error.text, "somebody has this name already");
    wanted.password = "short";
    assert_int_equal(people_store(fixture->tables.sql, &wanted, &id, &error), STATUS_BAD_INPUT);
}

/* ---- the second factor ---- */

/* What an authenticator would show. */
static void code_at(const char *url, struct instant now, char code[7])
{
    char *secret;
    size_t size;
    assert_int_equal(oath_base32_decode(strstr(url, "secret=") + 7, 32, &secret, &size), OATH_OK);
    assert_int_equal(oath_totp_generate(secret, size, now.us / US_PER_SECOND, 30, 0, 6, code), OATH_OK);
    free(secret);
}

static void rules_change_while_it_runs(void **state)
{
    struct fixture *fixture = *state;
    char cookie[128];
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    struct sign_in result = must_sign_in(fixture, "li.wei", cookie);
    struct people_setup rules = fixture->setup;
    rules.session_idle_minutes = 2;
    rules.attempts_per_minute = 1;
    people_set_rules(fixture->people, &rules);
    wait_minutes(fixture, 2);
    assert_false(people_still_valid(fixture->people, &result.identity));
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_DONE);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_RATE);
    rules.attempts_per_minute = ATTEMPTS;
    rules.totp_for_all = true;
    people_set_rules(fixture->people, &rules);
    wait_minutes(fixture, 1);
    result = sign_in(fixture, "li.wei", PASSWORD);
    assert_int_equal(result.outcome, SIGN_IN_DONE);
    assert_int_equal(result.identity.owes, OWES_SECOND_FACTOR);
    assert_int_equal(sign_in(fixture, "li.wei", "wrong password").outcome, SIGN_IN_REFUSED);
}

static void a_second_factor(void **state)
{
    struct fixture *fixture = *state;
    struct told told = { 0 };
    char code[7], later[7];
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    people_set_totp(fixture->people, &NOBODY, id, true, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_OK);
    code_at(told.change.secret, fixture->now, code);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_TOTP_NEEDED);
    assert_int_equal(sign_in_from(fixture, "li.wei", "wrong password", code, "a").outcome, SIGN_IN_REFUSED);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, code, "a").outcome, SIGN_IN_DONE);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, code, "a").outcome, SIGN_IN_REFUSED); /* once */
    restart(fixture);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, code, "a").outcome, SIGN_IN_REFUSED);
    wait_minutes(fixture, 1);
    code_at(told.change.secret, fixture->now, later);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, later, "a").outcome, SIGN_IN_DONE);
    /* Guessing codes with the right password locks, also with questions in between. */
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_TOTP_NEEDED);
        assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, "not it", "a").outcome, SIGN_IN_REFUSED);
    }
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_LOCKED);
    wait_minutes(fixture, LOCK_MINUTES);
    told = (struct told){ 0 };
    people_set_totp(fixture->people, &NOBODY, id, false, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    struct sign_in result = sign_in(fixture, "li.wei", PASSWORD);
    assert_int_equal(result.outcome, SIGN_IN_DONE);
    assert_int_equal(result.identity.owes, 0);
    assert_int_equal(amend(fixture, id, factor_required(1)).status, STATUS_OK);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).identity.owes, OWES_SECOND_FACTOR);
    expect_audit(fixture, "sign-in without its code", 2); /* one for many: at the desk before the lock, and after ten minutes */
}

static struct identity identity_of(struct fixture *fixture, const char *cookie)
{
    struct identity identity = { .actor = 0 };
    assert_int_equal(people_identify(fixture->people, cookie, NULL, NULL, false, &identity), IDENTIFIED);
    return identity;
}

static enum status set_own(struct fixture *fixture, const struct identity *by, const char *code)
{
    struct told told = { 0 };
    people_set_own_totp(fixture->people, by, code, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.change.status;
}

/* What is asked for now waits for the next sign-in, over a restart too; what a session owes, it owes until it is done. */
static void nobody_is_stopped_at_work(void **state)
{
    struct fixture *fixture = *state;
    char before[128], after[128], required[128];
    uint32_t wang = must_add(fixture, "wang", ROLE_DISPATCHER);
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    (void)must_sign_in(fixture, "li.wei", before);
    (void)must_sign_in(fixture, "wang", required);
    assert_int_equal(amend(fixture, wang, factor_required(1)).status, STATUS_OK);
    assert_int_equal(identity_of(fixture, required).owes, 0);
    assert_int_equal(sign_in(fixture, "wang", PASSWORD).identity.owes, OWES_SECOND_FACTOR);
    fixture->setup.totp_for_all = true;
    fixture->setup.first_password_days = 14;
    people_set_rules(fixture->people, &fixture->setup);
    assert_int_equal(identity_of(fixture, before).owes, 0);
    assert_int_equal(must_sign_in(fixture, "li.wei", after).identity.owes, OWES_PASSWORD | OWES_SECOND_FACTOR);
    assert_int_equal(identity_of(fixture, after).owes, OWES_PASSWORD | OWES_SECOND_FACTOR);
    restart(fixture);
    assert_int_equal(identity_of(fixture, before).owes, 0);
    assert_int_equal(identity_of(fixture, after).owes, OWES_PASSWORD | OWES_SECOND_FACTOR);
    fixture->setup.first_password_days = 0;
    people_set_rules(fixture->people, &fixture->setup);
    assert_int_equal(identity_of(fixture, after).owes, OWES_SECOND_FACTOR);
}

/* Who has none where one is asked for sets it up, and nothing else, when he next signs in. */
static void ones_own_second_factor(void **state)
{
    struct fixture *fixture = *state;
    char here[128], elsewhere[128], url[160], again[160], code[7];
    struct people_setup rules = fixture->setup;
    struct identity machine = { .actor = 7, .machine = true };
    rules.totp_for_all = true;
    people_set_rules(fixture->people, &rules);
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    struct identity by = must_sign_in(fixture, "li.wei", here).identity;
    (void)must_sign_in(fixture, "li.wei", elsewhere);
    assert_int_equal(identity_of(fixture, here).owes, OWES_SECOND_FACTOR);
    assert_int_equal(set_own(fixture, &by, "123456"), STATUS_BAD_INPUT); /* none was begun */
    assert_false(people_begin_own_totp(fixture->people, &machine, url));
    assert_true(people_begin_own_totp(fixture->people, &by, again));
    assert_true(people_begin_own_totp(fixture->people, &by, url));
    code_at(again, fixture->now, code);
    assert_int_equal(set_own(fixture, &by, code), STATUS_BAD_INPUT); /* of a secret that the second one has replaced */
    assert_false(people_has_totp(fixture->people, by.actor));
    code_at(url, fixture->now, code);
    wait_minutes(fixture, 15);
    assert_int_equal(set_own(fixture, &by, code), STATUS_BAD_INPUT);
    assert_true(people_begin_own_totp(fixture->people, &by, url));
    code_at(url, fixture->now, code);
    assert_int_equal(set_own(fixture, &by, code), STATUS_OK);
    assert_int_equal(set_own(fixture, &by, code), STATUS_BAD_INPUT); /* once */
    assert_int_equal(identity_of(fixture, here).owes, 0);
    assert_false(is_signed_in(fixture, elsewhere));
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_TOTP_NEEDED);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, code, "a").outcome, SIGN_IN_REFUSED); /* used up */
    wait_minutes(fixture, 1);
    code_at(url, fixture->now, code);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, code, "a").outcome, SIGN_IN_DONE);
    restart(fixture);
    assert_true(is_signed_in(fixture, here));
    assert_false(is_signed_in(fixture, elsewhere));
    expect_audit(fixture, "own second factor set", 1);
}

static enum sign_in_outcome show_again(struct fixture *fixture, const struct identity *by, const char *password, const char *totp)
{
    struct told told = { 0 };
    const struct shown shown = { password, totp, "192.0.2.1" };
    people_show_again(fixture->people, by, &shown, tell_sign_in, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.sign_in.outcome;
}

/* A session that was left open makes no accounts: password or code are asked for again, and not more often than at signing in. */
static void the_password_once_more(void **state)
{
    struct fixture *fixture = *state;
    char cookie[128], other[128], code[7];
    struct told told = { 0 };
    struct people_setup rules = fixture->setup;
    rules.ask_again_minutes = 10;
    people_set_rules(fixture->people, &rules);
    uint32_t id = must_add(fixture, "li.wei", ROLE_ADMINISTRATOR);
    struct identity by = must_sign_in(fixture, "li.wei", cookie).identity;
    (void)must_sign_in(fixture, "li.wei", other);
    assert_true(by.fresh);
    wait_minutes(fixture, 9);
    assert_true(identity_of(fixture, cookie).fresh);
    wait_minutes(fixture, 1);
    assert_false(identity_of(fixture, cookie).fresh);
    assert_int_equal(show_again(fixture, &by, "wrong password", NULL), SIGN_IN_REFUSED);
    assert_false(identity_of(fixture, cookie).fresh);
    assert_int_equal(show_again(fixture, &by, PASSWORD, NULL), SIGN_IN_DONE);
    assert_true(identity_of(fixture, cookie).fresh);
    assert_false(identity_of(fixture, other).fresh);
    wait_minutes(fixture, 10);
    assert_int_equal(show_again(fixture, &by, NULL, "123456"), SIGN_IN_REFUSED); /* there is no second factor */
    people_set_totp(fixture->people, &by, id, true, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_true(is_signed_in(fixture, cookie)); /* who changes it stays in */
    assert_false(is_signed_in(fixture, other));
    code_at(told.change.secret, fixture->now, code);
    assert_int_equal(show_again(fixture, &by, NULL, code), SIGN_IN_DONE);
    assert_true(identity_of(fixture, cookie).fresh);
    for (int i = 0; i < FAILURES; i++) {
        assert_int_equal(show_again(fixture, &by, NULL, code), SIGN_IN_REFUSED); /* used up */
    }
    assert_int_equal(show_again(fixture, &by, PASSWORD, NULL), SIGN_IN_LOCKED);
    expect_audit(fixture, "sign-in while locked", 1);
    fixture->setup.ask_again_minutes = 10;
    restart(fixture);
    assert_false(identity_of(fixture, cookie).fresh); /* nobody knows whether it was */
    wait_minutes(fixture, LOCK_MINUTES);
    code_at(told.change.secret, fixture->now, code);
    by = identity_of(fixture, cookie);
    assert_int_equal(show_again(fixture, &by, NULL, code), SIGN_IN_DONE);
    restart(fixture);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, code, "a").outcome, SIGN_IN_REFUSED); /* used up all the same */
    wait_minutes(fixture, 1);
    code_at(told.change.secret, fixture->now, code);
    assert_int_equal(sign_in_from(fixture, "li.wei", PASSWORD, code, "a").outcome, SIGN_IN_DONE);
}

/* What somebody else gave is changed first, and runs out. */
static void first_passwords(void **state)
{
    static const char own[] = "a newer horse, and better", given[] = "given by an administrator";
    struct fixture *fixture = *state;
    char cookie[128];
    struct told told = { 0 };
    struct people_setup rules = fixture->setup;
    rules.first_password_days = 14;
    people_set_rules(fixture->people, &rules);
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER), late = must_add(fixture, "late", ROLE_DISPATCHER);
    struct identity by = must_sign_in(fixture, "li.wei", cookie).identity;
    assert_int_equal(by.owes, OWES_PASSWORD);
    const struct own_password wanted = { PASSWORD, own, "192.0.2.1" };
    people_change_own_password(fixture->people, &by, &wanted, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_OK);
    assert_int_equal(identity_of(fixture, cookie).owes, 0);
    wait_minutes(fixture, 14 * 24 * 60 - 1);
    assert_int_equal(sign_in(fixture, "late", PASSWORD).identity.owes, OWES_PASSWORD);
    wait_minutes(fixture, 1);
    assert_int_equal(sign_in(fixture, "late", "wrong password").outcome, SIGN_IN_REFUSED); /* nothing is told of it */
    assert_int_equal(sign_in(fixture, "late", PASSWORD).outcome, SIGN_IN_PASSWORD_OVER);
    assert_int_equal(sign_in(fixture, "li.wei", own).identity.owes, 0);
    assert_int_equal(amend(fixture, late, WANTED(.password = given)).status, STATUS_OK);
    assert_int_equal(sign_in(fixture, "late", given).identity.owes, OWES_PASSWORD);
    assert_int_equal(amend(fixture, id, WANTED(.display = "Li Wei")).status, STATUS_OK);
    assert_int_equal(sign_in(fixture, "li.wei", own).identity.owes, 0);
    restart(fixture);
    people_set_rules(fixture->people, &rules);
    assert_int_equal(sign_in(fixture, "li.wei", own).identity.owes, 0);
    assert_int_equal(sign_in(fixture, "late", given).identity.owes, OWES_PASSWORD);
}

/* A rule that begins later gives everybody its whole time, whatever was given when; a restart in between changes nothing. */
static void a_rule_that_begins_locks_nobody_out(void **state)
{
    enum { DAY = 24 * 60 };
    struct fixture *fixture = *state;
    fixture->setup.first_password_days = 14;
    people_set_rules(fixture->people, &fixture->setup);
    (void)must_add(fixture, "first", ROLE_DISPATCHER);
    wait_minutes(fixture, 13 * DAY);
    fixture->setup.first_password_days = 0;
    people_set_rules(fixture->people, &fixture->setup);
    people_count_given(fixture->people);
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    wait_minutes(fixture, 30 * DAY);
    restart(fixture);
    assert_int_equal(sign_in(fixture, "first", PASSWORD).identity.owes, 0);
    fixture->setup.first_password_days = 14;
    restart(fixture); /* the setting was changed while nothing ran */
    people_count_given(fixture->people);
    wait_minutes(fixture, 13 * DAY);
    assert_int_equal(sign_in(fixture, "first", PASSWORD).identity.owes, OWES_PASSWORD);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).identity.owes, OWES_PASSWORD);
    restart(fixture);
    people_count_given(fixture->people); /* counts on */
    wait_minutes(fixture, DAY);
    assert_int_equal(sign_in(fixture, "first", PASSWORD).outcome, SIGN_IN_PASSWORD_OVER);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_PASSWORD_OVER);
    fixture->setup.first_password_days = 0;
    people_set_rules(fixture->people, &fixture->setup);
    people_count_given(fixture->people); /* the way out */
    assert_int_equal(sign_in(fixture, "first", PASSWORD).outcome, SIGN_IN_DONE);
}

/* ---- sessions from outside ---- */

static json_t *sessions_of_person(struct fixture *fixture, uint32_t person, uint64_t current)
{
    struct text text;
    struct json json;
    text_init(&text, 1 << 16);
    json_init(&json, &text, 0);
    people_list_sessions(fixture->people, person, current, &json, NULL);
    json_t *list = json_loads(text.bytes, JSON_REJECT_DUPLICATES, NULL);
    text_free(&text);
    assert_non_null(list);
    return list;
}

static enum status end_session(struct fixture *fixture, uint32_t person, uint32_t id)
{
    struct told told = { 0 };
    people_end_session(fixture->people, &NOBODY, person, id, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.change.status;
}

static void sessions_are_seen_and_ended(void **state)
{
    struct fixture *fixture = *state;
    char first[128], second[128], other[128];
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER), wang = must_add(fixture, "wang", ROLE_DISPATCHER);
    struct identity by = must_sign_in(fixture, "li.wei", first).identity;
    (void)must_sign_in(fixture, "wang", other);
    struct sign_in result = sign_in_from(fixture, "li.wei", PASSWORD, NULL, "203.0.113.5");
    snprintf(second, sizeof second, "%.*s", (int)strcspn(result.cookie, ";"), result.cookie);
    restart(fixture);
    by = identity_of(fixture, first);
    json_t *list = sessions_of_person(fixture, id, by.session), *row, *far = NULL;
    size_t at;
    assert_int_equal(json_array_size(list), 2);
    json_array_foreach(list, at, row)
    {
        bool is_far = strcmp(json_string_value(json_object_get(row, "address")), "203.0.113.5") == 0;
        assert_int_equal(json_is_true(json_object_get(row, "current")), !is_far);
        far = is_far ? row : far;
    }
    assert_non_null(far);
    uint32_t far_id = (uint32_t)json_integer_value(json_object_get(far, "id"));
    assert_int_equal(end_session(fixture, wang, far_id), STATUS_NOT_FOUND); /* it is not wang's */
    assert_int_equal(end_session(fixture, 99, 0), STATUS_NOT_FOUND);
    assert_int_equal(end_session(fixture, id, far_id), STATUS_OK);
    assert_int_equal(end_session(fixture, id, far_id), STATUS_NOT_FOUND);
    assert_true(is_signed_in(fixture, first));
    assert_false(is_signed_in(fixture, second));
    assert_int_equal(end_session(fixture, id, 0), STATUS_OK);
    assert_false(is_signed_in(fixture, first));
    restart(fixture);
    assert_false(is_signed_in(fixture, first));
    assert_false(is_signed_in(fixture, second));
    assert_true(is_signed_in(fixture, other));
    expect_audit(fixture, "session ended", 1);
    expect_audit(fixture, "sessions ended", 1);
    json_decref(list);
}

/* A browser that signs in anew forgets its cookie, so the session behind it ends. */
static void the_former_session_ends(void **state)
{
    struct fixture *fixture = *state;
    char first[128], second[128];
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    (void)must_sign_in(fixture, "li.wei", first);
    (void)must_sign_in(fixture, "li.wei", second);
    people_leave_former(fixture->people, first);
    assert_false(is_signed_in(fixture, first));
    people_leave_former(fixture->people, first);
    people_leave_former(fixture->people, "theme=dark");
    assert_true(is_signed_in(fixture, second));
    settle(fixture);
    assert_int_equal(test_int(fixture->tables.sql, "SELECT count(*) FROM session"), 1);
    expect_audit(fixture, "sign-out", 1);
}

/* Behind TLS the cookie has the prefix that no other host and no plain line can set, and the plain name is nobody's. */
static void the_prefix_of_the_cookie(void **state)
{
    struct fixture *fixture = *state;
    char cookie[128], clear[128];
    struct told told = { 0 };
    fixture->setup.tls_in_front = true;
    restart(fixture);
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    (void)must_sign_in(fixture, "li.wei", cookie);
    assert_memory_equal(cookie, "__Host-mingdi_session=", strlen("__Host-mingdi_session="));
    assert_true(is_signed_in(fixture, cookie));
    assert_false(is_signed_in(fixture, cookie + strlen("__Host-")));
    people_sign_out(fixture->people, cookie, clear, tell_stored, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_string_equal(clear, "__Host-mingdi_session=; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=0");
}

/* ---- the end of sessions ---- */

static void sessions_run_out(void **state)
{
    struct fixture *fixture = *state;
    char cookie[128];
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    struct sign_in result = must_sign_in(fixture, "li.wei", cookie);
    wait_minutes(fixture, IDLE_MINUTES - 1);
    assert_true(people_still_valid(fixture->people, &result.identity));
    assert_true(is_signed_in(fixture, cookie));
    wait_minutes(fixture, IDLE_MINUTES - 1);
    settle(fixture);
    restart(fixture); /* they survive it */
    assert_true(is_signed_in(fixture, cookie));
    wait_minutes(fixture, IDLE_MINUTES);
    assert_false(is_signed_in(fixture, cookie));
    result = must_sign_in(fixture, "li.wei", cookie);
    for (int i = 0; i < HOURS * 60 / 30 - 1; i++) {
        wait_minutes(fixture, 30);
        assert_true(is_signed_in(fixture, cookie));
    }
    wait_minutes(fixture, 30);
    assert_false(people_still_valid(fixture->people, &result.identity));
    assert_false(is_signed_in(fixture, cookie));
    (void)must_sign_in(fixture, "li.wei", cookie);
    assert_int_equal(test_int(fixture->tables.sql, "SELECT count(*) FROM session"), 1); /* those that are over have gone */
}

static void what_ends_sessions(void **state)
{
    struct fixture *fixture = *state;
    char cookie[128], other[128], clear[128];
    struct grant grant = { .role = ROLE_CALL_TAKER, .scope = SCOPE_CENTRE };
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    (void)must_add(fixture, "other", ROLE_DISPATCHER);
    (void)must_sign_in(fixture, "other", other);
    struct person_wanted ends[] = { WANTED(.password = PASSWORD), WANTED(.grants = &grant, .grant_count = 1), turned_off(1) };
    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++) {
        struct sign_in result = must_sign_in(fixture, "li.wei", cookie);
        assert_int_equal(amend(fixture, id, WANTED(.display = "Li Wei")).status, STATUS_OK);
        assert_true(is_signed_in(fixture, cookie));
        assert_int_equal(amend(fixture, id, ends[i]).status, STATUS_OK);
        assert_false(is_signed_in(fixture, cookie));
        assert_false(people_still_valid(fixture->people, &result.identity));
        restart(fixture);
        assert_false(is_signed_in(fixture, cookie));
    }
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_REFUSED); /* disabled */
    assert_true(is_signed_in(fixture, other));
    struct told told = { 0 };
    people_sign_out(fixture->people, other, clear, tell_stored, &told);
    assert_false(is_signed_in(fixture, other));
    test_wait(fixture->workers, 2, &told.done);
    assert_true(told.stored);
    assert_string_equal(clear, "mingdi_session=; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=0");
    assert_int_equal(test_int(fixture->tables.sql, "SELECT count(*) FROM session"), 0);
    expect_audit(fixture, "sign-out", 1);
}

static void at_most_so_many_a_person(void **state)
{
    struct fixture *fixture = *state;
    char cookies[SESSIONS_PER_PERSON + 2][128];
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    for (int i = 0; i < SESSIONS_PER_PERSON + 2; i++) {
        fixture->now.us += US_PER_SECOND;
        (void)must_sign_in(fixture, "li.wei", cookies[i]);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < SESSIONS_PER_PERSON + 2; i++) {
            assert_int_equal(is_signed_in(fixture, cookies[i]), i >= 2);
        }
        assert_int_equal(test_int(fixture->tables.sql, "SELECT count(*) FROM session"), SESSIONS_PER_PERSON);
        settle(fixture);
        restart(fixture);
    }
}

/* When a session was last used goes to the table once a minute at most. */
static void seen_is_written_seldom(void **state)
{
    struct fixture *fixture = *state;
    char cookie[128];
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    (void)must_sign_in(fixture, "li.wei", cookie);
    int64_t first = fixture->now.us;
    for (int i = 0; i < 90; i++) {
        fixture->now.us += US_PER_SECOND;
        assert_true(is_signed_in(fixture, cookie));
    }
    settle(fixture);
    assert_int_equal(test_int(fixture->tables.sql, "SELECT seen_at FROM session"), first + US_PER_MINUTE);
}

/* Whoever is disabled while the password is looked at does not come in, whatever comes first. */
static void a_change_in_the_middle(void **state)
{
    struct fixture *fixture = *state;
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    struct person_wanted off = turned_off(1), on = turned_off(0);
    struct told first = { 0 }, second = { 0 };
    people_sign_in(fixture->people, "li.wei", PASSWORD, NULL, "a", tell_sign_in, &first);
    people_amend(fixture->people, &NOBODY, id, &off, tell_change, &second);
    test_wait(&fixture->workers[1], 1, &second.done); /* the change is there before the hash is looked at */
    test_wait(fixture->workers, 2, &first.done);
    assert_int_equal(first.sign_in.outcome, SIGN_IN_REFUSED);
    assert_int_equal(amend(fixture, id, on).status, STATUS_OK);
    first = second = (struct told){ 0 };
    people_sign_in(fixture->people, "li.wei", PASSWORD, NULL, "a", tell_sign_in, &first);
    people_amend(fixture->people, &NOBODY, id, &off, tell_change, &second);
    struct pollfd hashed = { .fd = workers_fd(fixture->workers[0]), .events = POLLIN };
    assert_int_equal(poll(&hashed, 1, 60000), 1);
    workers_deliver(fixture->workers[0]); /* memory knows of no change yet; the session waits behind it at the clerk */
    test_wait(fixture->workers, 2, &first.done);
    assert_int_equal(first.sign_in.outcome, SIGN_IN_REFUSED);
    assert_string_equal(first.sign_in.cookie, "");
    assert_int_equal(test_int(fixture->tables.sql, "SELECT count(*) FROM session"), 0);
}

/* ---- administration ---- */

static void expect_refused(struct people_change change, enum status status, const char *text)
{
    assert_int_equal(change.status, status);
    if (strstr(change.text, text) == NULL) {
        fail_msg("'%s' is not in: %s", text, change.text);
    }
}

static void what_a_person_may_be(void **state)
{
    struct fixture *fixture = *state;
    struct grant good = { ROLE_CREW, SCOPE_UNIT, 7 }, bad = { ROLE_CREW, SCOPE_CENTRE, 0 },
                 drill = { ROLE_SIMULATION, SCOPE_CENTRE, 0 };
    struct grant twice[2] = { good, good };
    char huge[300];
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    huge[0] = 'y';
    expect_refused(add(fixture, "li wei", PASSWORD, NULL, 0), STATUS_BAD_INPUT, "without spaces");
    expect_refused(add(fixture, "", PASSWORD, NULL, 0), STATUS_BAD_INPUT, "1 to 63 bytes");
    expect_refused(add(fixture, huge, PASSWORD, NULL, 0), STATUS_BAD_INPUT, "1 to 63 bytes");
    expect_refused(add(fixture, "\xff", PASSWORD, NULL, 0), STATUS_BAD_INPUT, "UTF-8");
    expect_refused(add(fixture, "li.wei", "123456789", NULL, 0), STATUS_BAD_INPUT, "fewer than 10");
    expect_refused(add(fixture, "li.wei", "急救指挥中心九字呀", NULL, 0), STATUS_BAD_INPUT, "fewer than 10");
    expect_refused(add(fixture, "li.wei", huge, NULL, 0), STATUS_BAD_INPUT, "longer than 256");
    expect_refused(add(fixture, "li.wei.the.first", "Li.Wei.The.First", NULL, 0), STATUS_BAD_INPUT, "is the name");
    expect_refused(add(fixture, "li.wei", "aaaaaaaaaaaaaa", NULL, 0), STATUS_BAD_INPUT, "over and over");
    expect_refused(add(fixture, "li.wei", PASSWORD, &bad, 1), STATUS_BAD_INPUT, "scope");
    expect_refused(add(fixture, "li.wei", PASSWORD, &drill, 1), STATUS_BAD_INPUT, "scope");
    expect_refused(add(fixture, "li.wei", PASSWORD, twice, 2), STATUS_BAD_INPUT, "twice");
    assert_int_equal(add(fixture, "李伟", "急救指挥中心的十个字", &good, 1).status, STATUS_OK);
    expect_refused(add(fixture, "李伟", PASSWORD, &good, 1), STATUS_BAD_INPUT, "has this name");
    uint32_t other = must_add(fixture, "other", ROLE_PLANNER);
    expect_refused(amend(fixture, other, WANTED(.name = "李伟")), STATUS_BAD_INPUT, "has this name");
    expect_refused(amend(fixture, other, WANTED(.display = "x", .revision = 9)), STATUS_VERSION, "revision is 1");
    expect_refused(amend(fixture, 99, WANTED(.display = "x")), STATUS_NOT_FOUND, "no such");
    assert_int_equal(amend(fixture, other, WANTED(.display = "x", .revision = 1)).status, STATUS_OK);
    expect_audit(fixture, "person added", 2);
    expect_audit(fixture, "person changed", 1);
}

/* What is tried first, by who guesses, is not taken: words with digits behind them, runs of keys, names of this place. */
static void passwords_that_would_be_guessed(void **state)
{
    static const char *const weak[] = { "password123",   "Passw0rd!2026", "qwertyuiop12",    "1q2w3e4r5t",
                                        "1234567890",    "woaini1314520", "iloveyou2026",    "football2026",
                                        "li.wei-2026-x", "jinan120-desk", "the Centre desk", "济南急救中心一二〇号台",
                                        "basketball" };
    static const char *const fine[] = { "correct horse battery", "夜班第三杯浓茶配桂花糕", "vier Kraniche im Nebel" };
    struct fixture *fixture = *state;
    fixture->setup.known_words = "济南 Jinan Centre";
    restart(fixture);
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    for (size_t i = 0; i < ARRAY_LENGTH(weak); i++) {
        struct people_change change = amend(fixture, id, WANTED(.password = weak[i]));
        if (change.status != STATUS_BAD_INPUT || !change.weak_password) {
            fail_msg("%s was taken", weak[i]);
        }
    }
    assert_true(add(fixture, "other", weak[0], NULL, 0).weak_password);
    for (size_t i = 0; i < ARRAY_LENGTH(fine); i++) {
        assert_int_equal(amend(fixture, id, WANTED(.password = fine[i])).status, STATUS_OK);
    }
    fixture->setup.known_words = NULL; /* a drill's may be weak */
    restart(fixture);
    assert_int_equal(amend(fixture, id, WANTED(.password = "password123")).status, STATUS_OK);
}

/* There is always somebody left who can undo it. */
static void the_last_administrator_stays(void **state)
{
    struct fixture *fixture = *state;
    struct grant planner = { ROLE_PLANNER, SCOPE_CENTRE, 0 };
    struct told told = { 0 };
    uint32_t first = must_add(fixture, "first", ROLE_ADMINISTRATOR), second = must_add(fixture, "second", ROLE_ADMINISTRATOR);
    assert_int_equal(amend(fixture, second, turned_off(1)).status, STATUS_OK);
    expect_refused(amend(fixture, first, turned_off(1)), STATUS_BAD_INPUT, "last administrator");
    expect_refused(amend(fixture, first, WANTED(.grants = &planner, .grant_count = 1)), STATUS_BAD_INPUT, "last administrator");
    /* A second factor that is asked for and not there is set up at the next sign-in: it locks nobody out. */
    assert_int_equal(amend(fixture, first, factor_required(1)).status, STATUS_OK);
    people_set_totp(fixture->people, &NOBODY, first, true, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    told = (struct told){ 0 };
    people_set_totp(fixture->people, &NOBODY, first, false, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_OK);
    assert_int_equal(sign_in(fixture, "first", PASSWORD).identity.owes, OWES_SECOND_FACTOR);
    assert_int_equal(amend(fixture, second, turned_off(0)).status, STATUS_OK);
    /* Both at once: one of the two is refused. */
    struct told one = { 0 }, two = { 0 };
    struct person_wanted off = turned_off(1);
    people_amend(fixture->people, &NOBODY, first, &off, tell_change, &one);
    people_amend(fixture->people, &NOBODY, second, &off, tell_change, &two);
    test_wait(fixture->workers, 2, &two.done);
    assert_true(one.done);
    assert_int_equal(one.change.status, STATUS_OK);
    expect_refused(two.change, STATUS_BAD_INPUT, "last administrator");
}

static void lists_tell_no_secret(void **state)
{
    struct fixture *fixture = *state;
    struct text text;
    struct json json;
    uint32_t after = 0, seen = 0;
    text_init(&text, 1 << 20);
    for (int i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "person%d", i);
        (void)must_add(fixture, name, ROLE_PLANNER);
    }
    do {
        text_clear(&text);
        json_init(&json, &text, 0);
        after = people_list(fixture->people, &json, NULL, after, 2);
        json_t *page = json_loads(text.bytes, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(page);
        seen += (uint32_t)json_array_size(page);
        assert_null(strstr(text.bytes, "argon2"));
        json_decref(page);
    } while (after != 0);
    assert_int_equal(seen, 5);
    text_clear(&text);
    json_init(&json, &text, 0);
    assert_true(people_show(fixture->people, 1, &json, NULL));
    assert_non_null(strstr(text.bytes, "\"name\":\"person0\""));
    assert_false(people_show(fixture->people, 77, &json, NULL));
    assert_string_equal(people_name(fixture->people, 1), "person0");
    assert_string_equal(people_name(fixture->people, 77), "");
    text_free(&text);
}

/* ---- machines ---- */

static enum people_identified present(struct fixture *fixture, const char *token, struct identity *identity)
{
    char header[300];
    snprintf(header, sizeof header, "Bearer %s", token);
    return people_identify(fixture->people, NULL, header, NULL, true, identity);
}

static void tokens(void **state)
{
    struct fixture *fixture = *state;
    struct told told = { 0 };
    struct identity identity;
    struct grant grant = { ROLE_HOSPITAL, SCOPE_FACILITY, 3 };
    struct instant tomorrow = instant_add(fixture->now, duration_us(US_PER_DAY));
    people_add_token(fixture->people, &NOBODY, "Sahlgrenska", grant, tomorrow, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_OK);
    assert_int_equal(strlen(told.change.secret), 47);
    assert_memory_equal(told.change.secret, "mgd_", 4);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(present(fixture, told.change.secret, &identity), IDENTIFIED);
        assert_int_equal(identity.actor, TOKEN_ACTOR_BASE + told.change.id);
        assert_true(identity.machine);
        assert_int_equal(identity.grants[0].id, 3);
        assert_string_equal(people_name(fixture->people, identity.actor), "Sahlgrenska");
        assert_true(people_still_valid(fixture->people, &identity));
        restart(fixture);
    }
    assert_int_equal(present(fixture, "mgd_", &identity), IDENTIFIED_NOT);
    assert_int_equal(people_identify(fixture->people, NULL, told.change.secret, NULL, false, &identity), IDENTIFIED_NOT);
    assert_int_equal(people_identify(fixture->people, NULL, "Basic eDp5", NULL, false, &identity), IDENTIFIED_NOT);
    fixture->now = tomorrow;
    assert_int_equal(present(fixture, told.change.secret, &identity), IDENTIFIED_NOT);
    struct told second = { 0 }, revoked = { 0 };
    people_add_token(fixture->people, &NOBODY, "for ever", grant, INSTANT_NONE, tell_change, &second);
    test_wait(fixture->workers, 2, &second.done);
    assert_int_equal(present(fixture, second.change.secret, &identity), IDENTIFIED);
    people_revoke_token(fixture->people, &NOBODY, second.change.id, tell_change, &revoked);
    test_wait(fixture->workers, 2, &revoked.done);
    assert_int_equal(revoked.change.status, STATUS_OK);
    assert_false(people_still_valid(fixture->people, &identity));
    assert_int_equal(present(fixture, second.change.secret, &identity), IDENTIFIED_NOT);
    restart(fixture);
    assert_int_equal(present(fixture, second.change.secret, &identity), IDENTIFIED_NOT);
    revoked = (struct told){ 0 };
    people_revoke_token(fixture->people, &NOBODY, 99, tell_change, &revoked);
    test_wait(fixture->workers, 2, &revoked.done);
    assert_int_equal(revoked.change.status, STATUS_NOT_FOUND);
}

static struct people_change add_token_until(struct fixture *fixture, struct instant until)
{
    struct told told = { 0 };
    people_add_token(fixture->people, &NOBODY, "exchange", (struct grant){ ROLE_GATEWAY, SCOPE_CENTRE, 0 }, until, tell_change,
                     &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_OK);
    return told.change;
}

static void expect_tokens_ending(const struct fixture *fixture, uint64_t count)
{
    struct people_figures figures;
    people_figures(fixture->people, &figures);
    assert_int_equal(figures.tokens_ending, count);
}

/* A token ends after the time that is usual here unless something else is said; its use is written down once a day. */
static void token_ends_and_uses(void **state)
{
    struct fixture *fixture = *state;
    struct identity identity, kept;
    struct people_setup rules = fixture->setup;
    rules.token_days = 30;
    people_set_rules(fixture->people, &rules);
    struct people_change usual = add_token_until(fixture, INSTANT_NONE), ever = add_token_until(fixture, INSTANT_NEVER);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(present(fixture, usual.secret, &identity), IDENTIFIED);
        people_note_token(fixture->people, &identity, "192.0.2.7");
    }
    assert_int_equal(present(fixture, ever.secret, &kept), IDENTIFIED);
    people_note_token(fixture->people, &kept, "192.0.2.7");
    settle(fixture);
    expect_audit(fixture, "token used", 2);
    expect_tokens_ending(fixture, 0);
    wait_minutes(fixture, 24 * 60);
    expect_tokens_ending(fixture, 1);
    people_note_token(fixture->people, &identity, "192.0.2.7");
    settle(fixture);
    expect_audit(fixture, "token used", 3);
    wait_minutes(fixture, 29 * 24 * 60);
    assert_int_equal(present(fixture, usual.secret, &identity), IDENTIFIED_NOT);
    assert_int_equal(present(fixture, ever.secret, &identity), IDENTIFIED);
    expect_tokens_ending(fixture, 0); /* it has ended */
}

/* A simulation that finds its way into a live centre's tables has no rights there. */
static void the_simulation_belongs_to_drills(void **state)
{
    struct fixture *fixture = *state;
    struct told told = { 0 };
    struct identity identity;
    struct error error = { 0 };
    char token[80];
    struct grant grant = { ROLE_SIMULATION, SCOPE_CENTRE, 0 };
    people_add_token(fixture->people, &NOBODY, "world", grant, INSTANT_NONE, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_BAD_INPUT);
    assert_int_equal(people_store_token(fixture->tables.sql, "world", grant, token, &error), STATUS_OK);
    restart(fixture);
    assert_int_equal(present(fixture, token, &identity), IDENTIFIED);
    assert_int_equal(identity.grant_count, 0);
    fixture->setup.drill = true;
    restart(fixture);
    assert_int_equal(present(fixture, token, &identity), IDENTIFIED);
    assert_int_equal(identity.grant_count, 1);
}

/* As many tokens as there is room for. */
static void fill_tokens(struct fixture *fixture, int64_t expires_at)
{
    struct error error = { 0 };
    struct sql *sql = fixture->tables.sql;
    assert_int_equal(sql_begin(sql, &error), STATUS_OK);
    for (uint32_t i = 0; i < TOKENS_MAX; i++) {
        unsigned char hash[32] = { 0 };
        memcpy(hash, &i, sizeof i);
        memcpy(hash + sizeof i, &expires_at, sizeof expires_at);
        assert_int_equal(sql_run(sql,
                                 "INSERT INTO token(token_hash, name, role, scope, created_by, created_at, expires_at)"
                                 " VALUES($1, 'old', 'gateway', 'centre', 1, 1, $2)",
                                 SQL_PARAMETERS(sql_blob(hash, sizeof hash), sql_int(expires_at)), NULL, &error),
                         STATUS_OK);
    }
    assert_int_equal(sql_commit(sql, &error), STATUS_OK);
}

static struct people_change add_token(struct fixture *fixture)
{
    struct told told = { 0 };
    people_add_token(fixture->people, &NOBODY, "new", (struct grant){ ROLE_GATEWAY, SCOPE_CENTRE, 0 }, INSTANT_NONE, tell_change,
                     &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.change;
}

/* Tokens are made anew every few months, for years: those of the past take no room from those that live. */
static void dead_tokens_make_room(void **state)
{
    struct fixture *fixture = *state;
    struct identity identity;
    stop(fixture);
    fill_tokens(fixture, fixture->now.us - 1);
    fill_tokens(fixture, fixture->now.us - 2 + US_PER_HOUR); /* these live for an hour */
    begin(fixture);
    assert_int_equal(add_token(fixture).status, STATUS_FULL);
    wait_minutes(fixture, 60);
    struct people_change added = add_token(fixture);
    assert_int_equal(added.status, STATUS_OK);
    assert_int_equal(present(fixture, added.secret, &identity), IDENTIFIED);
    restart(fixture);
    assert_int_equal(present(fixture, added.secret, &identity), IDENTIFIED);
    /* One of the past can still be told to be revoked. */
    struct told told = { 0 };
    people_revoke_token(fixture->people, &NOBODY, 1, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, STATUS_OK);
}

/* ---- an identity provider ---- */

static enum sign_in_outcome admit(struct fixture *fixture, const char *name, const char *issuer, const char *subject)
{
    struct told told = { 0 };
    const struct admission admission = { .name = name, .issuer = issuer, .subject = subject, .address = "192.0.2.1" };
    people_admit(fixture->people, &admission, tell_sign_in, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.sign_in.outcome;
}

static bool is_barred(struct fixture *fixture, const char *name, const char *issuer, const char *subject)
{
    const struct admission admission = { .name = name, .issuer = issuer, .subject = subject };
    return people_is_barred(fixture->people, &admission);
}

static void let_go(struct fixture *fixture, uint32_t id, enum status expected)
{
    struct told told = { 0 };
    people_forget_provider(fixture->people, &NOBODY, id, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.change.status, expected);
}

static void a_leaver_stays_out(void **state)
{
    struct fixture *fixture = *state;
    const char *here = "https://id.city.example", *elsewhere = "https://id.other.example";
    struct error error = { 0 };
    struct retention retention = { .days = { [RETENTION_LEAVERS] = 30 } };
    uint32_t li = must_add(fixture, "li.wei", ROLE_DISPATCHER), plain = must_add(fixture, "sun", ROLE_DISPATCHER);
    assert_int_equal(admit(fixture, "li.wei", here, "77"), SIGN_IN_DONE);
    assert_false(is_barred(fixture, "li.wei", here, "77"));
    assert_int_equal(amend(fixture, li, turned_off(1)).status, STATUS_OK);
    assert_int_equal(amend(fixture, plain, turned_off(1)).status, STATUS_OK);
    assert_true(is_barred(fixture, "another.name", here, "77"));
    retention.before[RETENTION_LEAVERS] = instant_add(fixture->now, duration_us(US_PER_DAY));
    assert_int_equal(retention_apply(&retention, MASTER, fixture->tables.sql, &error), STATUS_OK);
    assert_int_equal(retention.counts[RETENTION_LEAVERS], 2);
    restart(fixture);
    assert_false(people_has_account(fixture->people, "li.wei"));
    assert_true(is_barred(fixture, "li.wei", elsewhere, "1")); /* by the name, as one who never came by the provider */
    assert_true(is_barred(fixture, "sun", here, "78"));
    assert_true(is_barred(fixture, "another.name", here, "77"));
    assert_false(is_barred(fixture, "another.name", elsewhere, "77"));
    (void)must_add(fixture, "another.name", ROLE_DISPATCHER);
    assert_int_equal(admit(fixture, "another.name", here, "77"), SIGN_IN_NO_ACCOUNT);
    let_go(fixture, 999, STATUS_NOT_FOUND);
    let_go(fixture, li, STATUS_OK);
    assert_false(is_barred(fixture, "li.wei", here, "77"));
    assert_int_equal(admit(fixture, "another.name", here, "77"), SIGN_IN_DONE);
    expect_audit(fixture, "identity at the provider let go", 1);
}

/* A name that goes to somebody else at the provider does not take the account along. */
static void an_account_belongs_to_one_person_there(void **state)
{
    struct fixture *fixture = *state;
    const char *here = "https://id.city.example", *elsewhere = "https://id.other.example";
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    assert_int_equal(admit(fixture, "li.wei", here, "77"), SIGN_IN_DONE);
    assert_int_equal(admit(fixture, "li.wei", here, "78"), SIGN_IN_NO_ACCOUNT);
    restart(fixture);
    assert_int_equal(admit(fixture, "li.wei", here, "78"), SIGN_IN_NO_ACCOUNT);
    assert_int_equal(admit(fixture, "li.wei", here, "77"), SIGN_IN_DONE);
    let_go(fixture, id, STATUS_OK);
    assert_int_equal(admit(fixture, "li.wei", here, "78"), SIGN_IN_DONE);
    assert_int_equal(admit(fixture, "li.wei", here, "77"), SIGN_IN_NO_ACCOUNT);
    assert_int_equal(admit(fixture, "li.wei", elsewhere, "5"), SIGN_IN_DONE); /* the centre has another provider now */
    assert_int_equal(admit(fixture, "li.wei", elsewhere, "6"), SIGN_IN_NO_ACCOUNT);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_DONE);
}

/* ---- a store that fails ---- */

static void nothing_half(void **state)
{
    struct fixture *fixture = *state;
    char cookie[128];
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    (void)must_sign_in(fixture, "li.wei", cookie);
    test_run(fixture->tables.sql, "ALTER TABLE audit RENAME TO audit_away"); /* the last of each transaction fails */
    assert_int_not_equal(add(fixture, "other", PASSWORD, NULL, 0).status, STATUS_OK);
    assert_int_not_equal(amend(fixture, id, turned_off(1)).status, STATUS_OK);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_FAILED);
    assert_int_equal(sign_in(fixture, "li.wei", "wrong password").outcome, SIGN_IN_REFUSED);
    assert_true(is_signed_in(fixture, cookie));
    assert_int_equal(test_int(fixture->tables.sql, "SELECT count(*) FROM person"), 1);
    assert_int_equal(test_int(fixture->tables.sql, "SELECT count(*) FROM session"), 1);
    assert_int_equal(test_int(fixture->tables.sql, "SELECT disabled FROM person"), 0);
    test_run(fixture->tables.sql, "ALTER TABLE audit_away RENAME TO audit");
    assert_int_equal(add(fixture, "other", PASSWORD, NULL, 0).status, STATUS_OK);
    assert_int_equal(sign_in(fixture, "other", PASSWORD).outcome, SIGN_IN_DONE);
}

/* Everything is read anew while the session is in the tables and not yet in memory: it is there once all the same. */
static void a_reload_in_the_middle(void **state)
{
    struct fixture *fixture = *state;
    struct told told = { 0 };
    struct error error = { 0 };
    struct sql *look = test_tables_connect(&fixture->tables);
    struct pollfd hashed = { .fd = workers_fd(fixture->workers[0]), .events = POLLIN };
    struct people_figures figures;
    char cookie[128];
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    people_sign_in(fixture->people, "li.wei", PASSWORD, NULL, "192.0.2.1", tell_sign_in, &told);
    assert_int_equal(poll(&hashed, 1, 60000), 1);
    workers_deliver(fixture->workers[0]); /* the clerk writes it now, and nobody hears of it */
    struct pollfd written = { .fd = workers_fd(fixture->workers[1]), .events = POLLIN };
    assert_int_equal(poll(&written, 1, 60000), 1);
    assert_int_equal(test_int(look, "SELECT count(*) FROM session"), 1);
    assert_int_equal(people_reload(fixture->people, look, &error), STATUS_OK);
    assert_false(told.done);
    test_wait(fixture->workers, 2, &told.done);
    assert_int_equal(told.sign_in.outcome, SIGN_IN_DONE);
    people_figures(fixture->people, &figures);
    assert_int_equal(figures.sessions, 1);
    snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(told.sign_in.cookie, ";"), told.sign_in.cookie);
    assert_true(is_signed_in(fixture, cookie));
    assert_true(people_still_valid(fixture->people, &told.sign_in.identity));
    sql_close(look);
}

/* Every question is answered, also those that are dropped at the end. */
static void the_end_answers_all(void **state)
{
    struct fixture *fixture = *state;
    struct told told[30] = { 0 };
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    for (int i = 0; i < 30; i += 2) {
        char name[16];
        snprintf(name, sizeof name, "person%d", i);
        struct person_wanted wanted = { .name = name, .password = PASSWORD };
        people_add(fixture->people, &NOBODY, &wanted, tell_change, &told[i]);
        people_sign_in(fixture->people, "li.wei", PASSWORD, NULL, "a", tell_sign_in, &told[i + 1]);
    }
    stop(fixture);
    for (int i = 0; i < 30; i++) {
        assert_true(told[i].done);
    }
    begin(fixture);
}

/* ---- one's own password ---- */

static struct people_change replace(struct fixture *fixture, const struct identity *by, const char *old_password,
                                    const char *new_password)
{
    struct told told = { 0 };
    const struct own_password wanted = { old_password, new_password, "192.0.2.1" };
    people_change_own_password(fixture->people, by, &wanted, tell_change, &told);
    test_wait(fixture->workers, 2, &told.done);
    return told.change;
}

static const char NEWER[] = "a newer horse, and better";

static void ones_own_password(void **state)
{
    struct fixture *fixture = *state;
    char here[128], elsewhere[128], other[128];
    (void)must_add(fixture, "wang", ROLE_CALL_TAKER);
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    struct identity by = must_sign_in(fixture, "li.wei", here).identity;
    (void)must_sign_in(fixture, "li.wei", elsewhere);
    (void)must_sign_in(fixture, "wang", other);
    struct people_change change = replace(fixture, &by, PASSWORD, NEWER);
    assert_int_equal(change.status, STATUS_OK);
    assert_int_equal(change.id, id);
    assert_true(is_signed_in(fixture, here));
    assert_false(is_signed_in(fixture, elsewhere));
    assert_true(is_signed_in(fixture, other));
    restart(fixture);
    assert_true(is_signed_in(fixture, here));
    assert_false(is_signed_in(fixture, elsewhere));
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_REFUSED);
    assert_int_equal(sign_in(fixture, "li.wei", NEWER).outcome, SIGN_IN_DONE);
    expect_audit(fixture, "own password changed", 1);
    expect_audit(fixture, "person changed", 0);
}

static void an_own_password_that_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char cookie[128];
    (void)must_add(fixture, "li.wei", ROLE_DISPATCHER);
    struct identity by = must_sign_in(fixture, "li.wei", cookie).identity, machine = by;
    machine.machine = true;
    assert_int_equal(replace(fixture, &machine, PASSWORD, NEWER).status, STATUS_NOT_FOUND);
    struct people_change change = replace(fixture, &by, PASSWORD, "short");
    assert_int_equal(change.status, STATUS_BAD_INPUT);
    assert_int_equal(change.old_password, SIGN_IN_DONE);
    assert_string_equal(replace(fixture, &by, PASSWORD, PASSWORD).text, "the new password is the old one");
    for (int i = 0; i < FAILURES; i++) {
        change = replace(fixture, &by, "wrong password", NEWER);
        assert_int_equal(change.status, STATUS_BAD_INPUT);
        assert_int_equal(change.old_password, SIGN_IN_REFUSED);
    }
    change = replace(fixture, &by, PASSWORD, NEWER); /* who guesses from a desk that was left open is locked as elsewhere */
    assert_int_equal(change.old_password, SIGN_IN_LOCKED);
    assert_int_equal(change.retry_after_s, LOCK_MINUTES * 60);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_LOCKED);
    wait_minutes(fixture, LOCK_MINUTES);
    assert_true(is_signed_in(fixture, cookie));
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_DONE);
    expect_audit(fixture, "own password refused", FAILURES);
    expect_audit(fixture, "own password changed", 0);
}

/* An administrator gives a new one while the old one is being looked at: the later does not undo it. */
static void an_own_password_against_the_administrator(void **state)
{
    struct fixture *fixture = *state;
    struct told own = { 0 }, given = { 0 };
    char cookie[128];
    uint32_t id = must_add(fixture, "li.wei", ROLE_DISPATCHER);
    struct identity by = must_sign_in(fixture, "li.wei", cookie).identity;
    const struct own_password wanted = { PASSWORD, NEWER, "192.0.2.1" };
    struct person_wanted amended = WANTED(.display = "Li Wei");
    people_amend(fixture->people, &NOBODY, id, &amended, tell_change, &given); /* no hashing: it is first in the clerk */
    people_change_own_password(fixture->people, &by, &wanted, tell_change, &own);
    test_wait(fixture->workers, 2, &own.done);
    assert_true(given.done);
    assert_int_equal(given.change.status, STATUS_OK);
    assert_int_not_equal(own.change.status, STATUS_OK);
    assert_int_equal(sign_in(fixture, "li.wei", PASSWORD).outcome, SIGN_IN_DONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, end)
    const struct CMUnitTest tests[] = {
        TEST(a_session),
        TEST(a_copy_of_the_tables_signs_nobody_in),
        TEST(refused_and_locked),
        TEST(strangers_lock_nobody_out),
        TEST(where_one_is_known),
        TEST(unknown_names_are_treated_alike),
        TEST(attempts_at_once),
        TEST(attempts_from_an_address),
        TEST(a_hash_made_elsewhere_and_with_other_costs),
        TEST(passwords_cost_what_they_should),
        TEST(rules_change_while_it_runs),
        TEST(a_second_factor),
        TEST(nobody_is_stopped_at_work),
        TEST(ones_own_second_factor),
        TEST(the_password_once_more),
        TEST(first_passwords),
        TEST(a_rule_that_begins_locks_nobody_out),
        TEST(sessions_are_seen_and_ended),
        TEST(the_former_session_ends),
        TEST(the_prefix_of_the_cookie),
        TEST(token_ends_and_uses),
        TEST(sessions_run_out),
        TEST(what_ends_sessions),
        TEST(ones_own_password),
        TEST(an_own_password_that_is_refused),
        TEST(an_own_password_against_the_administrator),
        TEST(at_most_so_many_a_person),
        TEST(seen_is_written_seldom),
        TEST(a_change_in_the_middle),
        TEST(what_a_person_may_be),
        TEST(passwords_that_would_be_guessed),
        TEST(the_last_administrator_stays),
        TEST(lists_tell_no_secret),
        TEST(tokens),
        TEST(dead_tokens_make_room),
        TEST(the_simulation_belongs_to_drills),
        TEST(a_leaver_stays_out),
        TEST(an_account_belongs_to_one_person_there),
        TEST(a_reload_in_the_middle),
        TEST(nothing_half),
        TEST(the_end_answers_all),
    };
    return test_tables_run(tests, ARRAY_LENGTH(tests));
}
