/* People and machines: accounts, passwords (argon2id), TOTP, sessions, API tokens, lock-out. The tables are read at the
 * start and kept in memory; each change is durable before it is answered. I/O thread only; slow work goes to the workers.
 * Every done is called once, in the I/O thread, perhaps before the function returns. The end: workers_destroy(hashing),
 * workers_destroy(clerk), people_destroy, in this order.
 *
 * Sessions: a random 256-bit token in the cookie "mingdi_session", in a drill "mingdi_drill_session" (HttpOnly, Secure,
 * SameSite=Strict, Path=/), kept as a BLAKE2b hash, so that a copy of the database signs nobody in; they survive a restart. A
 * CSRF token of its own goes with each session and must come in the header X-CSRF-Token with every method but GET. Tokens of
 * machines come as "Authorization: Bearer ...".
 *
 * Workload: some hundred people, tens of sign-ins a minute at a change of shift, a look-up for each request (hash table). */
#ifndef MINGDI_HOST_PEOPLE_H
#define MINGDI_HOST_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/status.h"
#include "base/time.h"
#include "host/audit.h"
#include "host/identity.h"
#include "host/passkey.h"
#include "host/workers.h"
#include "store/sql.h"

struct people;

struct people_setup {
    struct sql *sql;         /* used in the clerk only, after people_create has returned */
    struct workers *clerk;   /* one thread: SQL */
    struct workers *hashing; /* argon2id, two at a time */
    struct audit *audit;
    bool drill; /* allows role simulation */
    uint32_t session_hours, session_idle_minutes;
    uint32_t failures_before_lock, lock_minutes; /* of an account; where its person has signed in before, of that address */
    uint32_t attempts_per_minute;                /* of a client address */
    bool totp_for_all;                           /* who has no second factor sets one before anything else */
    uint32_t first_password_days;          /* what somebody else gave runs out, and is changed at the first sign-in; 0: not */
    uint32_t ask_again_minutes;            /* after this time the password is asked for again before deeds of weight; 0: never */
    uint32_t token_days;                   /* a token for which no end is said; 0: it has none */
    bool passkeys;                         /* people may sign in with one */
    bool tls_in_front;                     /* the cookie has the prefix __Host- */
    bool provider;                         /* an identity provider signs people in: where it does, no passkey goes around it */
    const char *local_accounts;            /* names with commas between who may use a password; "" or NULL: everybody */
    const char *known_words;               /* of which none may be in a password; NULL: passwords may be weak */
    const unsigned char *master_key;       /* 32 bytes: wraps TOTP secrets; copied */
    uint32_t hash_memory_kib, hash_passes; /* of argon2id; 0: 64 MiB, 2 passes */
    struct instant (*now)(void *context);  /* NULL: the wall clock */
    void *now_context;
};

/* Of tokens those that live; as long as there is room, those of the past too. */
enum {
    PEOPLE_MAX = 10000,
    TOKENS_MAX = 2000,
    SESSIONS_MAX = 16384,
    SESSIONS_PER_PERSON = 10,
    PASSWORD_BYTES_MAX = 256,
    TOKEN_ENDING_DAYS = 30
};
enum { PASSKEYS_MAX = 20000, PASSKEYS_PER_PERSON = 10 };

enum status people_create(const struct people_setup *setup, struct people **people, struct error *error) MUST_USE;
void people_destroy(struct people *people);
/* Reads everything anew by a connection of the caller's own, after another process has changed it. On failure nothing has
 * changed. */
enum status people_reload(struct people *people, struct sql *sql, struct error *error) MUST_USE;
/* Takes the numbers from session_hours to token_days of the setup anew; what is under way goes on as it began. */
void people_set_rules(struct people *people, const struct people_setup *setup);
/* After the rules have changed, and when serving begins, by whoever owns the tables: while no given password runs out, none is
 * counted, and once they do, the time begins anew for those of before. So nobody is locked out by a setting. */
void people_count_given(struct people *people);

/* ---- who is asking ---- */

enum people_identified {
    IDENTIFIED,
    IDENTIFIED_NOT,     /* nothing was shown, or what was shown is unknown, expired or revoked */
    IDENTIFIED_NO_CSRF, /* a session without its CSRF token on a method that changes something */
};
/* cookie, bearer, csrf: as they came, NULL if not given. */
enum people_identified people_identify(struct people *people, const char *cookie, const char *authorization, const char *csrf,
                                       bool changes, struct identity *identity);
/* Writes down that a token was used, the first time of each day. */
void people_note_token(struct people *people, const struct identity *identity, const char *address);
/* False once the session or token has ended: long-lived outputs ask now and then. To look on is no sign of life. */
bool people_still_valid(const struct people *people, const struct identity *identity);
/* Name to show for an actor number of the journal; "" if unknown. */
const char *people_name(const struct people *people, uint32_t actor);
/* The name that the person signs in with; NULL if there is no such person. */
const char *people_sign_in_name(const struct people *people, uint32_t person);

/* ---- signing in and out ---- */

enum sign_in_outcome {
    SIGN_IN_DONE,
    SIGN_IN_REFUSED, /* name or password or code is wrong: never said which */
    SIGN_IN_TOTP_NEEDED,
    SIGN_IN_LOCKED, /* too many failures: retry_after_s */
    SIGN_IN_RATE,   /* too many attempts from the address */
    SIGN_IN_BUSY,
    SIGN_IN_FAILED,         /* the store refused */
    SIGN_IN_NO_ACCOUNT,     /* the identity provider knows the person; nobody here has that name, or the account is disabled */
    SIGN_IN_PROVIDER_ONLY,  /* name and password are right, but this account signs in by the identity provider */
    SIGN_IN_PASSWORD_OVER,  /* name and password are right, but it was a given one, and has run out */
    SIGN_IN_PASSKEY_COPIED, /* the signature is right, but the authenticator counts less than before: another has the key too */
};
struct sign_in {
    enum sign_in_outcome outcome;
    uint32_t retry_after_s;
    struct identity identity;
    char cookie[128]; /* value of Set-Cookie, whole */
    char csrf[65];
};
/* Unknown names take as long as known ones. totp NULL: none was given. */
void people_sign_in(struct people *people, const char *name, const char *password, const char *totp, const char *address,
                    void (*done)(void *context, const struct sign_in *result), void *context);
/* Whom an identity provider has signed in. A second factor of the account is asked for all the same, unless the provider's counts
 * (second_factor); without one of its own the account is as one that needs none there. */
struct admission {
    const char *name;
    const char *issuer, *subject; /* who it is there, whatever the name */
    bool second_factor;
    const char *totp; /* NULL: none was given */
    const char *address;
};
void people_admit(struct people *people, const struct admission *admission,
                  void (*done)(void *context, const struct sign_in *result), void *context);
bool people_has_account(const struct people *people, const char *name);
/* Whether the provider's person, or that name, is one of an account that was disabled: also after its name was erased, until an
 * administrator lets go of it (people_forget_provider). */
bool people_is_barred(const struct people *people, const struct admission *admission);
/* A keyed hash of whom a provider names (issuer, subject), or of a name (issuer ""). */
void people_mark(const unsigned char *mark_key, const char *issuer, const char *subject, unsigned char mark[32]);
void people_mark_key(const unsigned char *master_key, unsigned char mark_key[32]);
/* Takes one attempt to sign in from the address; 0, or after how many seconds to come again: then it is written down. */
uint32_t people_attempt(struct people *people, const char *address);
/* The CSRF token of the session anew, for a page that was reloaded; false if there is no such session. */
bool people_csrf(const struct people *people, const char *cookie, char csrf[65]);
/* Ends it at once; the value of Set-Cookie that takes the cookie back. stored false: the table still has it, and a restart
 * brings it back. */
void people_sign_out(struct people *people, const char *cookie, char clear[128], void (*done)(void *context, bool stored),
                     void *context);

/* Ends the session of a browser in which somebody has signed in anew; nothing where there was none. */
void people_leave_former(struct people *people, const char *cookie);
/* Password or code (either NULL) once more, from who is signed in: by the limits of signing in; then the session is fresh. */
struct shown {
    const char *password, *totp, *address;
};
void people_show_again(struct people *people, const struct identity *by, const struct shown *what,
                       void (*done)(void *context, const struct sign_in *result), void *context);
/* A passkey that a browser brought, to the question that it was asked: by NULL signs its person in, for password and second
 * factor both; else it is by's own, shown as people_show_again has it, and then the second factor is no longer owed. */
struct passkey_shown {
    struct passkey_bytes id, user; /* user: people_passkey_user as the authenticator kept it; size 0: it said none */
    const struct passkey_question *question;
    const struct passkey_answer *answer;
    const char *address;
};
void people_show_passkey(struct people *people, const struct identity *by, const struct passkey_shown *shown,
                         void (*done)(void *context, const struct sign_in *result), void *context);
/* A person's sessions as a JSON array; current: of them the one of this number is marked. */
void people_list_sessions(struct people *people, uint32_t person, uint64_t current, struct json *json, const char *name);

/* ---- administration: each answers through done, in the I/O thread, after it is durable ---- */

struct people_change {
    /* OK; NOT_FOUND; BAD_INPUT (text says what); VERSION: changed since the revision that the sender saw; FULL: no room, or
     * too much to do, come again; IO: the store refused, nothing was done or nobody knows: look. */
    enum status status;
    char text[160];
    uint32_t id;
    char secret[160];   /* shown once: a new token, a TOTP secret as otpauth:// URL */
    bool weak_password; /* BAD_INPUT: it would be guessed */
    /* Of people_change_own_password: why the old password was not taken, and when to come again; else SIGN_IN_DONE. */
    enum sign_in_outcome old_password;
    uint32_t retry_after_s;
};
typedef void people_done(void *context, const struct people_change *change);

struct person_wanted {
    const char *name, *display, *password; /* NULL: unchanged (people_amend) */
    const struct grant *grants;            /* NULL: unchanged */
    int grant_count;
    int totp_required, disabled; /* -1: unchanged. Who must have a second factor and has none sets one before anything else */
    uint32_t revision;           /* of the person that the sender saw; 0: did not look */
};
/* New grants, a new password or disabling end all sessions of the person. The last administrator stays one: BAD_INPUT. */
void people_add(struct people *people, const struct identity *by, const struct person_wanted *wanted, people_done *done,
                void *context);
void people_amend(struct people *people, const struct identity *by, uint32_t id, const struct person_wanted *wanted,
                  people_done *done, void *context);
/* A person's own: the old password is held against the same limits as signing in; all sessions of the person but the one of by
 * end. BAD_INPUT with old_password: it was not taken. NOT_FOUND: a machine, which has none. */
struct own_password {
    const char *old_password, *new_password, *address;
};
void people_change_own_password(struct people *people, const struct identity *by, const struct own_password *wanted,
                                people_done *done, void *context);
/* Ends the session of that id (people_list_sessions) of a person, 0: all; by that person, or by an administrator. NOT_FOUND. */
void people_end_session(struct people *people, const struct identity *by, uint32_t person, uint32_t id, people_done *done,
                        void *context);
/* A person's own second factor: a secret that counts only once a code of it has been shown. The first: false, a machine. */
bool people_begin_own_totp(struct people *people, const struct identity *by, char url[160]);
/* BAD_INPUT: the code is not one of the secret that was begun, or that was longer ago than 15 minutes. Other sessions end. */
void people_set_own_totp(struct people *people, const struct identity *by, const char *code, people_done *done, void *context);
/* By what an authenticator knows a person: says nothing to others, and is the same for ever. */
void people_passkey_user(const struct people *people, uint32_t person, unsigned char user[32]);
/* How many a person has; 0 where they are switched off. */
uint32_t people_count_passkeys(const struct people *people, uint32_t person);
/* Whether by owes a second factor and has a passkey, which then comes first: whoever has only the password gets no factor and no
 * password of his own. */
bool people_must_show_passkey(const struct people *people, const struct identity *by);
/* A person's passkeys as a JSON array; and of all of them the credential's ids alone, in base64url. */
void people_list_passkeys(const struct people *people, uint32_t person, struct json *json, const char *name);
void people_list_passkey_ids(const struct people *people, uint32_t person, struct json *json, const char *name);
/* By's own, of this name. The second factor is no longer owed. BAD_INPUT: the name cannot be, or somebody has the key; FULL: no
 * more of them; NOT_FOUND: the session has ended meanwhile. */
void people_add_passkey(struct people *people, const struct identity *by, const char *name, const struct passkey_key *key,
                        people_done *done, void *context);
/* That of a person, or all (id 0); with it go the person's sessions, but for the one of by. NOT_FOUND. It works no more at once,
 * whatever the store says; IO, FULL: a restart would bring it back. */
void people_remove_passkeys(struct people *people, const struct identity *by, uint32_t person, uint32_t id, people_done *done,
                            void *context);
bool people_has_totp(const struct people *people, uint32_t person);
/* Ends the person's sessions, but for the one of by. */
void people_set_totp(struct people *people, const struct identity *by, uint32_t id, bool on, people_done *done, void *context);
/* Lets go of whom the provider signed in on this account: of a leaver, so that he may come back; of others, so that the name may
 * be another person's there. */
void people_forget_provider(struct people *people, const struct identity *by, uint32_t id, people_done *done, void *context);
/* expires_at INSTANT_NONE: as token_days says; INSTANT_NEVER: never. */
void people_add_token(struct people *people, const struct identity *by, const char *name, struct grant grant,
                      struct instant expires_at, people_done *done, void *context);
void people_revoke_token(struct people *people, const struct identity *by, uint32_t id, people_done *done, void *context);

/* Lists as JSON arrays, without secrets; after: id to begin behind, limit at most 500. Returns the last id written, 0 when
 * no more follow. */
uint32_t people_list(const struct people *people, struct json *json, const char *name, uint32_t after, uint32_t limit);
bool people_show(const struct people *people, uint32_t id, struct json *json, const char *name);
uint32_t people_list_tokens(const struct people *people, struct json *json, const char *name, uint32_t after, uint32_t limit);

/* {name, display, roles} of who can sign in, at most 500, as elements of an array: for a drill that shows its accounts. */
void people_write_accounts(const struct people *people, struct json *json);

/* NULL, or why this cannot be the password of that name: a sentence. */
const char *people_password_fault(const char *name, const char *password);
/* NULL, or why it would be guessed: a sentence. known_words, with blanks between: names of the centre and the city. Takes
 * milliseconds. */
const char *people_password_weakness(const char *known_words, const char *name, const char *password);

/* For setup, before a server runs: writes a person (a token) straight into the tables. *token_text gets the token, shown once. */
enum status people_store(struct sql *sql, const struct person_wanted *wanted, uint32_t *id, struct error *error) MUST_USE;
enum status people_store_token(struct sql *sql, const char *name, struct grant grant, char token_text[80], struct error *error)
    MUST_USE;

struct people_figures {
    uint64_t sign_ins, refused, locked, sessions, tokens, people;
    uint64_t tokens_ending; /* live ones that end within TOKEN_ENDING_DAYS */
};
void people_figures(const struct people *people, struct people_figures *figures);

#endif
