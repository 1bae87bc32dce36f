/* Inside people*.c: what is kept in memory of each person and token, and the parts that work on it. */
#ifndef MINGDI_HOST_PEOPLE_PRIVATE_H
#define MINGDI_HOST_PEOPLE_PRIVATE_H

#include "base/vec.h"
#include "host/people.h"
#include "host/people_limits.h"
#include "host/people_password.h"
#include "host/people_totp.h"
#include "host/secret.h"
#include "host/seldom.h"
#include "host/session.h"

struct person {
    uint32_t id, revision;
    uint32_t failed;                              /* wrong attempts since the last right one */
    uint32_t attempts;                            /* being hashed now; in memory only */
    int64_t locked_until, created_at, changed_at; /* microseconds; 0 not locked */
    uint64_t totp_step;                           /* of the last code that was taken */
    bool totp_required, disabled;
    uint8_t grant_count;
    struct grant grants[GRANTS_MAX];
    char name[IDENTITY_NAME_SIZE], display[IDENTITY_NAME_SIZE];
    char hash[PASSWORD_HASH_SIZE];
    unsigned char totp[TOTP_BOX_SIZE];     /* sealed */
    size_t totp_size;                      /* 0: none */
    unsigned char new_totp[TOTP_BOX_SIZE]; /* begun by the person, until a code of it was shown; in memory only */
    int64_t new_totp_at;                   /* 0: none */
    int64_t password_given_at;             /* by somebody else, or PASSWORD_NOT_COUNTED; 0: the password is the person's own */
    /* Keyed hashes (people_mark): whom the identity provider signed in on this account; the name before it was erased. */
    bool has_provider_mark, has_left_mark;
    unsigned char provider_mark[SECRET_HASH_SIZE], left_mark[SECRET_HASH_SIZE];
};

/* In place of when a password was given, where no given password runs out: its time begins when the rule does. */
enum { PASSWORD_NOT_COUNTED = 1 };

struct token {
    uint32_t id, created_by;
    unsigned char hash[SECRET_HASH_SIZE];
    char name[IDENTITY_NAME_SIZE];
    struct grant grant;
    int64_t created_at, expires_at, revoked_at; /* microseconds; 0: never, not */
    int64_t used_day;                           /* since 1970, of which it was written down; in memory only */
};

struct passkey {
    uint32_t id, person;
    int64_t created_at, used_at; /* microseconds; 0: never */
    char name[IDENTITY_NAME_SIZE];
    struct passkey_key key;
};

/* How a session began: also what the table has, and above it what was owed then (OWES_PASSWORD ...). */
enum session_way { WAY_PASSWORD, WAY_PROVIDER, WAY_PROVIDER_FACTOR, WAY_PASSKEY };
enum { SESSION_WAY_MASK = 15, SESSION_OWES_SHIFT = 4 };

VEC_TYPE(person_vec, struct person);
VEC_TYPE(token_vec, struct token);
VEC_TYPE(passkey_vec, struct passkey);

struct people {
    struct people_setup setup;
    struct person_vec persons; /* by rising id */
    struct token_vec tokens;   /* by rising id */
    struct passkey_vec passkeys;
    struct sessions *sessions;
    struct people_limits *limits;
    struct seldom *seldom;               /* refusals that are written down one for many */
    char dummy_hash[PASSWORD_HASH_SIZE]; /* what unknown names are measured against */
    unsigned char *totp_key, *mark_key;  /* locked memory */
    uint64_t sign_ins, refused, locked;
};

struct instant people_now(const struct people *people);
struct person *people_find(const struct people *people, uint32_t id);
struct person *people_find_name(const struct people *people, const char *name);
struct token *people_find_token(const struct people *people, uint32_t id);
void people_identity_of(const struct people *people, const struct person *person, const struct session *session,
                        struct identity *identity);
/* What whoever signs in that way now has to do before all else. */
uint8_t people_owed(const struct people *people, const struct person *person, enum session_way way);
/* Puts what the tables hold in place of what memory holds. False when there is no room. */
bool people_put(struct people *people, const struct person *person);
bool people_put_token(struct people *people, const struct token *token);
bool people_has_room_for_token(const struct people *people);
/* Whether the grant can be given here: known, in a scope that the role takes, simulation in a drill only. */
bool people_grant_fits(const struct grant *grant, bool drill);
/* Whether the second factor, or the password, has to be set before all else; and whether a given password has run out. */
bool people_needs_totp(const struct people *people, const struct person *person);
bool people_password_is_given(const struct people *people, const struct person *person);
bool people_password_is_over(const struct people *people, const struct person *person);
/* A drill beside a live centre on one host has a cookie of its own: browsers tell hosts apart, not ports. */
const char *people_cookie_name(const struct people *people);
void people_read_cookie(const struct people *people, const char *cookie, char token[SECRET_TEXT_SIZE]); /* "" if there is none */
void people_csrf_of(const char *token, char csrf[65]);

/* ---- people_rows.c: the tables, in the clerk or at the start ---- */

enum status people_load_person(struct sql *sql, uint32_t id, struct person *person, bool *found, struct error *error) MUST_USE;
enum status people_load_token(struct sql *sql, uint32_t id, struct token *token, bool *found, struct error *error) MUST_USE;
/* Everything, at the start. */
enum status people_load_all(struct people *people, struct error *error) MUST_USE;
/* In a transaction: replaces the grants. */
enum status people_write_grants(struct sql *sql, uint32_t person, const struct grant *grants, int count, struct error *error)
    MUST_USE;
enum status people_insert(struct sql *sql, const struct person_wanted *wanted, const char *hash, int64_t now, int64_t given_at,
                          uint32_t *id, struct error *error) MUST_USE;
enum status people_insert_token(struct sql *sql, const struct token *token, uint32_t *id, struct error *error) MUST_USE;

/* people_sign_in.c: looks at the person's password by the rules and limits of signing in, and signs nobody in. */
void people_verify(struct people *people, const struct person *person, const char *password, const char *address,
                   void (*done)(void *context, const struct sign_in *result), void *context);
/* people_sign_in.c: takes a code, which counts once; false: it is wrong or used. */
bool people_take_code(struct people *people, struct person *person, const char *code);
/* people_change.c: the person's own second factor, of which that code was shown. */
void people_put_own_totp(struct people *people, const struct identity *by, const unsigned char box[TOTP_BOX_SIZE], uint64_t step,
                         people_done *done, void *context);
/* people_provider.c: whether it is that of an account that was disabled. */
bool people_mark_is_barred(const struct people *people, const unsigned char mark[SECRET_HASH_SIZE]);
/* Whether the same provider meant another person by this account before. */
bool people_mark_is_another(const struct person *person, const unsigned char mark[SECRET_HASH_SIZE]);
/* people_change.c: gives by a new password if the person is still at that revision, and ends their other sessions. */
void people_amend_own(struct people *people, const struct identity *by, uint32_t revision, const char *password,
                      people_done *done, void *context);

/* people_passkeys.c */
struct passkey *people_find_passkey(const struct people *people, uint32_t id);
/* How many are kept of a person, also while they are switched off. */
uint32_t people_kept_passkeys(const struct people *people, uint32_t person);
/* False when there is no room. One that is there already stays as it is. */
bool people_put_passkey(struct people *people, const struct passkey *passkey);
/* In memory: that of the person, or all (id 0). */
void people_drop_passkeys(struct people *people, uint32_t person, uint32_t id);
/* What is left of a session's way when a passkey was shown. */
static inline uint8_t people_way_shown(uint8_t way) { return (uint8_t)(way & ~(OWES_SECOND_FACTOR << SESSION_OWES_SHIFT)); }
/* people_sign_in.c: of a passkey that was looked at. */
struct passkey_verdict {
    uint32_t person, passkey; /* 0: nobody has it */
    const char *fault;        /* constant; NULL: it is right */
    bool copied;
    uint32_t counter;
    const char *address;
};
void people_admit_passkey(struct people *people, const struct identity *by, const struct passkey_verdict *verdict,
                          void (*done)(void *context, const struct sign_in *result), void *context);

/* NULL, or why it cannot be: a sentence. creating: name and password must be there. */
const char *people_wanted_fault(const struct person_wanted *wanted, bool creating, bool drill);
const char *people_name_fault(const char *name);

#endif
