/* Passkeys: signing in with one, showing one in place of the password, and those that one has. A challenge goes out, the browser
 * asks an authenticator, and what comes back is looked at once (passkey.h, people_passkeys.c). */
#include <sodium/utils.h>
#include <stdio.h>
#include <string.h>

#include "host/api_private.h"
#include "host/passkey_attempts.h"
#include "host/people.h"

#define TEXT_MAX(bytes) sodium_base64_ENCODED_LEN(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING)

/* ---- what all of them need ---- */

/* False: there are none here, or a machine asks, and the exchange is over. */
static bool is_on(struct exchange *exchange)
{
    if (exchange->api->setup.passkeys == NULL) {
        exchange_problem_of(exchange, PROBLEM_NO_PASSKEYS);
        return false;
    }
    if (exchange->identity.machine) {
        exchange_problem_text(exchange, PROBLEM_BAD_REQUEST, "A machine has no passkeys.");
        return false;
    }
    return true;
}

/* The same where the address came too often. */
static bool may_try(struct exchange *exchange)
{
    struct problem problem = problem_of(PROBLEM_TOO_MANY_REQUESTS);
    if (!is_on(exchange)) {
        return false;
    }
    problem.retry_after_s = people_attempt(exchange->api->setup.people, http_address(exchange->request));
    if (problem.retry_after_s != 0) {
        exchange_problem(exchange, &problem);
    }
    return problem.retry_after_s == 0;
}

/* Who came with the password alone changes nothing about the ways in. */
static bool may_register(struct exchange *exchange)
{
    if (!is_on(exchange)) {
        return false;
    }
    bool owes_password = (exchange->identity.owes & OWES_PASSWORD) != 0;
    bool must_show = people_must_show_passkey(exchange->api->setup.people, &exchange->identity);
    if (owes_password || must_show) {
        exchange_problem_of(exchange, must_show ? PROBLEM_PASSKEY_NEEDED : PROBLEM_PASSWORD_CHANGE_NEEDED);
    }
    return !owes_password && !must_show;
}

static struct passkey_asker asker_of(const struct exchange *exchange, enum passkey_deed deed)
{
    char browser[SECRET_TEXT_SIZE];
    if (deed != PASSKEY_SIGN_IN) {
        return passkey_asker_of_session(deed, exchange->identity.actor, exchange->identity.session);
    }
    api_read_cookie(exchange, COOKIE_PASSKEY, browser);
    return passkey_asker_of_browser(browser);
}

/* Begins the answer with the challenge. */
static struct json *write_challenge(struct exchange *exchange, const struct passkey_asker *asker)
{
    struct passkey_attempts *attempts = exchange->api->setup.passkeys;
    unsigned char challenge[PASSKEY_CHALLENGE_SIZE];
    char text[TEXT_MAX(PASSKEY_CHALLENGE_SIZE)];
    passkey_attempts_begin(attempts, asker, clock_monotonic_us(), challenge);
    (void)sodium_bin2base64(text, sizeof text, challenge, sizeof challenge, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    struct json *json = exchange_object(exchange);
    if (!exchange->api->setup.drill) {
        json_bool(json, "drill", false); /* of a drill it stands in every answer */
    }
    json_text(json, "challenge", text);
    json_text(json, "site", passkey_attempts_site(attempts)->id);
    json_int(json, "timeout_s", PASSKEY_ATTEMPT_S);
    return json;
}

/* ---- bodies ---- */

struct body {
    struct passkey_bytes id, user;
    struct passkey_answer answer;
    unsigned char id_bytes[PASSKEY_ID_MAX], user_bytes[SECRET_HASH_SIZE], client_data[PASSKEY_CLIENT_DATA_MAX],
        data[PASSKEY_DATA_MAX], signature[PASSKEY_SIGNATURE_MAX];
};

struct room {
    unsigned char *bytes;
    size_t size;
};

static enum status read_bytes(json_t *root, struct wire_member member, struct room room, struct passkey_bytes *bytes,
                              struct error *error)
{
    const char *text = NULL, *end = NULL;
    size_t size = 0;
    TRY(wire_text(root, member, TEXT_MAX(room.size), &text, error));
    if (text == NULL) {
        return STATUS_OK;
    }
    size_t length = strlen(text);
    if (sodium_base642bin(room.bytes, room.size, text, length, NULL, &size, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) !=
            0 ||
        end != text + length) {
        return ERROR(error, STATUS_BAD_INPUT, "%s must be base64url without padding", member.name);
    }
    *bytes = (struct passkey_bytes){ room.bytes, size };
    return STATUS_OK;
}

#define ROOM(array) ((struct room){ (array), sizeof(array) })

static enum status read_shown(json_t *root, struct body *body, struct error *error)
{
    TRY(read_bytes(root, (struct wire_member){ "id", false }, ROOM(body->id_bytes), &body->id, error));
    TRY(read_bytes(root, (struct wire_member){ "user", true }, ROOM(body->user_bytes), &body->user, error));
    TRY(read_bytes(root, (struct wire_member){ "client_data", false }, ROOM(body->client_data), &body->answer.client_data,
                   error));
    TRY(read_bytes(root, (struct wire_member){ "data", false }, ROOM(body->data), &body->answer.data, error));
    return read_bytes(root, (struct wire_member){ "signature", false }, ROOM(body->signature), &body->answer.signature, error);
}

static enum status read_made(json_t *root, struct body *body, const char **name, struct error *error)
{
    TRY(wire_text(root, (struct wire_member){ "name", false }, IDENTITY_NAME_SIZE, name, error));
    TRY(read_bytes(root, (struct wire_member){ "client_data", false }, ROOM(body->client_data), &body->answer.client_data,
                   error));
    return read_bytes(root, (struct wire_member){ "data", false }, ROOM(body->data), &body->answer.data, error);
}

static void write_down(const struct exchange *exchange, const char *what, const char *why)
{
    char detail[AUDIT_DETAIL_MAX];
    uint32_t person = exchange->identity.actor;
    (void)snprintf(detail, sizeof detail, "by passkey: %s, from %s", why, http_address(exchange->request));
    const struct audit_entry entry = {
        .actor = person, .what = what, .subject = "person", .subject_id = person, .detail = detail
    };
    audit_write(exchange->api->setup.audit, &entry, NULL, NULL);
}

/* The challenge that came back is used up. False: it was not given out for this, or too long ago, and the exchange is over. */
static bool take_challenge(struct exchange *exchange, enum passkey_deed deed, const struct body *body,
                           struct passkey_question *question)
{
    struct passkey_attempts *attempts = exchange->api->setup.passkeys;
    const struct passkey_asker asker = asker_of(exchange, deed);
    question->site = passkey_attempts_site(attempts);
    bool right = passkey_challenge_of(body->answer.client_data, question->challenge) &&
                 passkey_attempts_take(attempts, &asker, clock_monotonic_us(), question->challenge);
    if (!right) {
        write_down(exchange, deed == PASSKEY_SIGN_IN ? "sign-in refused" : "own passkey refused",
                   "a challenge that is not out, or not of this browser or session");
        exchange_problem_of(exchange, PROBLEM_ATTEMPT_OVER);
    }
    return right;
}

/* ---- signing in ---- */

void api_begin_passkey(struct exchange *exchange)
{
    char browser[SECRET_TEXT_SIZE];
    if (!may_try(exchange)) {
        return;
    }
    secret_text(browser);
    api_set_cookie(exchange, COOKIE_PASSKEY, browser);
    const struct passkey_asker asker = passkey_asker_of_browser(browser);
    struct json *json = write_challenge(exchange, &asker);
    json_array_begin(json, "ids"); /* the authenticator knows which it has: nobody is asked for a name */
    json_array_end(json);
    exchange_send(exchange, 201);
}

static void signed_in(void *context, const struct sign_in *result)
{
    struct exchange *exchange = context;
    if (result->outcome == SIGN_IN_REFUSED) {
        exchange_problem_of(exchange, PROBLEM_PASSKEY_REFUSED);
    } else {
        api_signed_in(exchange, result);
    }
}

static void shown_again(void *context, const struct sign_in *result)
{
    struct exchange *exchange = context;
    if (result->outcome == SIGN_IN_DONE) {
        exchange_send_nothing(exchange, 204);
    } else if (result->outcome == SIGN_IN_REFUSED) {
        exchange_problem_of(exchange, PROBLEM_PASSKEY_REFUSED);
    } else {
        api_refuse_sign_in(exchange, result);
    }
}

static void take_shown(struct exchange *exchange, enum passkey_deed deed)
{
    static const char *const members[] = { "id", "user", "client_data", "data", "signature", NULL };
    struct body body = { .id = { NULL, 0 } };
    struct passkey_question question;
    struct error error = { .text = "" };
    json_t *root;
    if (!may_try(exchange) || !exchange_json(exchange, members, &root)) {
        return;
    }
    if (read_shown(root, &body, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else if (take_challenge(exchange, deed, &body, &question)) {
        const struct passkey_shown shown = { body.id, body.user, &question, &body.answer, http_address(exchange->request) };
        bool again = deed == PASSKEY_SHOW;
        people_show_passkey(exchange->api->setup.people, again ? &exchange->identity : NULL, &shown,
                            again ? shown_again : signed_in, exchange);
    }
    json_decref(root);
}

void api_finish_passkey(struct exchange *exchange) { take_shown(exchange, PASSKEY_SIGN_IN); }

/* ---- in place of the password ---- */

void api_ask_passkey(struct exchange *exchange)
{
    struct people *people = exchange->api->setup.people;
    if (!is_on(exchange)) {
        return;
    }
    if (people_count_passkeys(people, exchange->identity.actor) == 0) {
        exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY);
        return;
    }
    const struct passkey_asker asker = asker_of(exchange, PASSKEY_SHOW);
    people_list_passkey_ids(people, exchange->identity.actor, write_challenge(exchange, &asker), "ids");
    exchange_send(exchange, 201);
}

void api_show_passkey(struct exchange *exchange) { take_shown(exchange, PASSKEY_SHOW); }

/* ---- one's own ---- */

void api_list_own_passkeys(struct exchange *exchange)
{
    if (is_on(exchange)) {
        people_list_passkeys(exchange->api->setup.people, exchange->identity.actor, exchange_object(exchange), "items");
        exchange_send(exchange, 200);
    }
}

static void write_making(struct exchange *exchange)
{
    const struct api_setup *setup = &exchange->api->setup;
    uint32_t person = exchange->identity.actor;
    unsigned char user[SECRET_HASH_SIZE];
    char text[TEXT_MAX(SECRET_HASH_SIZE)];
    const struct passkey_asker asker = asker_of(exchange, PASSKEY_REGISTER);
    struct json *json = write_challenge(exchange, &asker);
    people_passkey_user(setup->people, person, user);
    (void)sodium_bin2base64(text, sizeof text, user, sizeof user, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    json_text(json, "user", text);
    json_text(json, "sign_in", people_sign_in_name(setup->people, person));
    json_array_begin(json, "algorithms");
    for (const int *algorithm = PASSKEY_ALGORITHMS; *algorithm != 0; algorithm++) {
        json_int(json, NULL, *algorithm);
    }
    json_array_end(json);
    people_list_passkey_ids(setup->people, person, json, "ids");
    exchange_send(exchange, 201);
}

void api_begin_own_passkey(struct exchange *exchange)
{
    if (!may_register(exchange)) {
        return;
    }
    if (!exchange->identity.fresh) {
        exchange_problem_of(exchange, PROBLEM_PASSWORD_NEEDED);
    } else if (people_count_passkeys(exchange->api->setup.people, exchange->identity.actor) >= PASSKEYS_PER_PERSON) {
        exchange_problem_text(exchange, PROBLEM_CONFLICT, "You have %d passkeys already: remove one first.", PASSKEYS_PER_PERSON);
    } else {
        write_making(exchange);
    }
}

static void added(void *context, const struct people_change *change)
{
    struct exchange *exchange = context;
    switch (change->status) {
    case STATUS_OK:
        json_int(exchange_object(exchange), "id", change->id);
        exchange_send(exchange, 201);
        break;
    case STATUS_BAD_INPUT: exchange_problem_text(exchange, PROBLEM_CONFLICT, "%s", change->text); break;
    case STATUS_NOT_FOUND: exchange_problem_of(exchange, PROBLEM_NOT_SIGNED_IN); break;
    case STATUS_FULL: exchange_problem_text(exchange, PROBLEM_BUSY, "%s", change->text); break;
    default: exchange_problem_of(exchange, PROBLEM_NOT_STORED); break;
    }
}

static void add(struct exchange *exchange, const struct body *body, const char *name)
{
    struct passkey_question question;
    struct passkey_key key;
    if (!take_challenge(exchange, PASSKEY_REGISTER, body, &question)) {
        return;
    }
    const char *fault = passkey_made_fault(&question, &body->answer, &key);
    if (fault != NULL) {
        write_down(exchange, "own passkey refused", fault);
        exchange_problem_text(exchange, PROBLEM_UNPROCESSABLE, "The passkey is not taken: %s.", fault);
        return;
    }
    people_add_passkey(exchange->api->setup.people, &exchange->identity, name, &key, added, exchange);
}

void api_add_own_passkey(struct exchange *exchange)
{
    static const char *const members[] = { "name", "client_data", "data", NULL };
    struct body body = { .id = { NULL, 0 } };
    struct error error = { .text = "" };
    const char *name = NULL;
    json_t *root;
    if (!may_register(exchange) || !exchange_json(exchange, members, &root)) {
        return;
    }
    if (read_made(root, &body, &name, &error) != STATUS_OK) {
        exchange_bad_body(exchange, &error);
    } else {
        add(exchange, &body, name);
    }
    json_decref(root);
}

/* ---- removing ---- */

static void removed(void *context, const struct people_change *change)
{
    struct exchange *exchange = context;
    switch (change->status) {
    case STATUS_OK: exchange_send_nothing(exchange, 204); break;
    case STATUS_NOT_FOUND: exchange_problem_of(exchange, PROBLEM_UNKNOWN_ENTITY); break;
    default:
        exchange_problem_text(exchange, PROBLEM_NOT_STORED,
                              "It works no more, but a restart of the server would not know it: come again.");
        break;
    }
}

void api_remove_own_passkey(struct exchange *exchange)
{
    if (is_on(exchange)) {
        people_remove_passkeys(exchange->api->setup.people, &exchange->identity, exchange->identity.actor, exchange->id, removed,
                               exchange);
    }
}

/* Of another, also while they are switched off: they would come back with the setting. */
void api_remove_passkeys(struct exchange *exchange)
{
    people_remove_passkeys(exchange->api->setup.people, &exchange->identity, exchange->id, 0, removed, exchange);
}
