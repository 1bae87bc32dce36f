/* What the parts of the API share: one request under way, and how it is answered. A handler is a function of the table of routes
 * (schema/api.toml); it answers its exchange exactly once, now or later, and must not touch it afterwards.
 *
 * I/O thread, but for what is marked otherwise. */
#ifndef MINGDI_HOST_API_PRIVATE_H
#define MINGDI_HOST_API_PRIVATE_H

#include "host/api.h"
#include "host/api_limit.h"
#include "host/problem.h"
#include "host/rights.h"
#include "host/seldom.h"
#include "host/view.h"
#include "wire/parse.h"

enum { ANSWER_MAX = 32 << 20, WORD_SIZE = 41, PAGE_MAX = 500, PAGE_DEFAULT = 100 };

/* What was sent with a key that the core remembers, as far as there was room: who sends another body with it meant something
 * else. Lost at a restart; then the answer of before is given, as always. */
enum { KEY_BODIES = 1 << 15 };
struct key_body {
    uint32_t key[3];
    uint64_t body; /* its hash */
};

struct exchange;
struct naming;
struct naming_gate;

/* access: one of these, or enum resource. */
enum { ACCESS_OPEN = -2, ACCESS_SIGNED_IN = -1 };

/* WHILE_OWING: also for who has to change a password or set a second factor first. WEIGHTY: the password is asked for again. */
enum route_manner { ROUTE_PLAIN, ROUTE_WHILE_OWING, ROUTE_WEIGHTY };

struct route {
    enum http_method method;
    const char *path; /* "/api/v1/calls/{id}" */
    const char *name; /* of the handler: for metrics */
    void (*handle)(struct exchange *exchange);
    int access;
    const char *parameters; /* allowed in the query, with spaces between */
    bool has_body;          /* JSON is required */
    enum route_manner manner;
};

#define ROUTE(method, path, handler, access, parameters, has_body, manner) void api_##handler(struct exchange *exchange);
#include "host/api_routes.h"
#undef ROUTE

struct api {
    struct api_setup setup;
    struct limiter *limiter;
    struct shares shares;
    struct naming *naming;
    struct seldom *seldom;        /* refusals that are written down one for many */
    struct key_body *key_bodies;  /* of the newest commands with a key: KEY_BODIES places */
    struct command_head *command; /* COMMAND_SIZE_MAX bytes: one body at a time becomes a command here */
    struct journal journal;       /* in the reports worker only: its own reading connection, opened when first asked for */
    bool journal_open;
    bool config_changing; /* a change of settings is being stored: the next one is held against what comes of it */
    int64_t started_us;
};

struct exchange {
    struct api *api;
    struct http_request *request;
    const struct route *route;
    struct identity identity;
    uint32_t unproven;    /* whose session came without its CSRF token: for the audit trail only, it allows nothing */
    uint32_t id;          /* of {id} */
    char word[WORD_SIZE]; /* of {name} or {kind} */
    uint32_t numbers[3];  /* of {z}, {x} and {y}: what has one letter is a number, in its order */
    bool with_sequence;   /* a state answer of one entity: the journal's sequence is put in front */
    struct text body;     /* of the answer */
    struct json json;     /* writes into it */

    /* What a handler that answers later keeps. */
    uint64_t reference; /* of personal data */
    uint64_t after, until;
    uint32_t limit;
    bool backward;            /* newest first, before until */
    const char *command_name; /* constant */
    struct key_body key_body; /* of a command; key all zero: none was given */
    bool has_share;           /* of the slow questions */
    struct naming_gate *gate; /* that a command which adds something holds; NULL: none */
    enum status status;       /* of work in a thread */
    char why[256];
    void *kept; /* freed with the exchange */
};

/* ---- answers: each sends, and ends the exchange ---- */

/* Begins the object that exchange_send ends. */
struct json *exchange_object(struct exchange *exchange);
void exchange_send(struct exchange *exchange, unsigned status);
/* What stands in body already, a whole JSON object. */
void exchange_send_body(struct exchange *exchange, unsigned status);
/* What stands in body, as it is. */
void exchange_send_text(struct exchange *exchange, const char *content_type);
/* A copy of bytes that may be the body. */
void exchange_send_bytes(struct exchange *exchange, const char *content_type, const char *bytes, size_t size);
/* Bytes that live as long as the program. */
void exchange_send_static(struct exchange *exchange, unsigned status, const char *content_type, const void *bytes, size_t size);
void exchange_send_nothing(struct exchange *exchange, unsigned status);
void exchange_problem(struct exchange *exchange, const struct problem *problem);
void exchange_problem_of(struct exchange *exchange, enum problem_kind kind);
void exchange_problem_text(struct exchange *exchange, enum problem_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Trouble inside: 503 with that it is so; why, as far as it is known, goes to the log only, for it may name files and servers. */
void exchange_failed(struct exchange *exchange, const char *what);
/* Of wire/parse.h: CORRUPT is 400, else 422. */
void exchange_bad_body(struct exchange *exchange, const struct error *error);

/* For a slow question, before it is given to its thread: false when its asker has `most` of them waiting already, and answered
 * so. The share goes back with the exchange. */
bool exchange_take_share(struct exchange *exchange, uint32_t most);

/* ---- questions ---- */

static inline const struct core *exchange_core(const struct exchange *exchange)
{
    return centre_core(exchange->api->setup.centre);
}
struct view exchange_view(const struct exchange *exchange);
/* A query parameter as a number; false: it was refused, and the exchange is over. */
bool exchange_number(struct exchange *exchange, const char *name, int64_t minimum, int64_t maximum, int64_t *value) MUST_USE;
/* A query parameter as an instant; without it fallback. False: the same. */
bool exchange_instant(struct exchange *exchange, const char *name, struct instant fallback, struct instant *at) MUST_USE;
/* A whole number without sign or leading zeros, at most maximum. */
bool exchange_read_number(const char *text, int64_t maximum, int64_t *value) MUST_USE;
/* The parameters after and limit of a page, into the exchange; the same. */
bool exchange_page(struct exchange *exchange) MUST_USE;
/* The body as an object of these members only; false: it was refused, and the exchange is over. The caller frees *root. */
bool exchange_json(struct exchange *exchange, const char *const *members, json_t **root) MUST_USE;
/* The page's end: next and sequence. next 0: no more. */
void exchange_write_page_end(struct exchange *exchange, struct json *json, uint64_t next);
/* If-Match: "7". 0 where it is not given or is *; false: it is not a revision, and the exchange is over. */
bool exchange_if_match(struct exchange *exchange, uint32_t *revision) MUST_USE;

/* api_session.c, for others too: {role,scope,id} of each. */
void api_write_grants(struct json *json, const char *name, const struct identity *identity);
/* Ends the exchange with the session, its cookie and its CSRF token, or with why there is none. */
void api_signed_in(struct exchange *exchange, const struct sign_in *result);
/* Ends the exchange with why somebody was not signed in, or a password was not taken. */
void api_refuse_sign_in(struct exchange *exchange, const struct sign_in *result);
/* api_cookie.c: what ties an attempt to sign in to the browser that began it. */
enum api_cookie { COOKIE_PROVIDER, COOKIE_PASSKEY };
/* value "": the browser forgets it. */
void api_set_cookie(struct exchange *exchange, enum api_cookie which, const char *value);
/* "" if it is not there, or not as long as one is. */
void api_read_cookie(const struct exchange *exchange, enum api_cookie which, char value[SECRET_TEXT_SIZE]);
/* api_metrics.c: whether somebody on the machine itself asks, and no proxy for another. */
bool api_is_from_here(const struct exchange *exchange);
/* api_provider.c: what the identity provider is called; NULL: there is none. */
const char *api_provider_name(const struct api *api);
/* api_commands.c: 96 bits of Idempotency-Key and actor into the head; false: the key is not one, or came with another body
 * before, and the exchange is over. */
bool api_put_key(struct exchange *exchange, struct command_head *head) MUST_USE;
/* api_commands.c: a place without a district gets the one whose shape holds it. */
void api_put_district(const struct exchange *exchange, struct command_head *head);
/* api_commands.c: false: it names a record of personal data that was not given out for it, and the exchange is over. */
bool api_has_own_reference(struct exchange *exchange, const struct command_head *head);
/* api_commands.c: who sends it, if one of his roles may; false: none may, and the exchange is over. */
bool api_put_actor(struct exchange *exchange, struct command_head *head) MUST_USE;
/* False: it was not taken, and the exchange is over. */
bool api_is_taken(struct exchange *exchange, enum centre_submit submitted);
/* For the metrics, by command_name of the exchange. */
void api_note_command(const struct exchange *exchange, const struct centre_answer *answer);
/* These end the exchange. until holds the id of what the command is about, for a refusal that tells it. */
void api_answer_refusal(struct exchange *exchange, const struct step_result *result);
void api_answer_done(struct exchange *exchange, const struct step_result *result, unsigned status);
/* api_commands.c: gives the command that kept holds, one that makes a call, with what is known of the caller, which is stored
 * first, apart from the journal. Ends the exchange; data is wiped. */
void api_make_call(struct exchange *exchange, struct personal_data *data);
/* The record of reference belongs to nobody: what it was stored for did not come about, or had come about before. */
void api_drop_record(const struct exchange *exchange);
/* What command_from_json said of a body. */
void api_bad_command(struct exchange *exchange, const struct error *error);
/* api_personal.c: number, name, home and remarks of a body, each of which may be left out or null. */
enum status api_read_personal(json_t *root, struct personal_data *data, struct error *error) MUST_USE;
/* api_naming.c: things are added one at a time of a kind, because the name is stored before the thing, under the number that it
 * will have. */
struct naming *naming_create(void);
void naming_destroy(struct naming *naming);
/* NULL: the command adds nothing that has a name. */
struct naming_gate *naming_gate(struct naming *naming, uint16_t command_kind);
bool naming_enter(struct naming_gate *gate) MUST_USE; /* true for NULL */
void naming_leave(struct naming_gate *gate);
/* What a journal that failed left open is asked anew, when it is there again. */
void naming_settle(struct api *api);
/* Another process has owned the centre meanwhile: what is open is nobody's any more. */
void naming_forget(struct naming *naming);
/* api_console.c: whether the console has an answer to the path, which then was given. */
bool api_answer_console(struct exchange *exchange) MUST_USE;
/* api_system.c: what a process answers that does not own the centre; and that it does not. */
static inline bool api_serves(const struct api *api) { return api->setup.serves(api->setup.context); }
static inline bool api_is_sure(const struct api *api) { return api->setup.is_sure(api->setup.context); }
bool api_is_for_standbys(const struct route *route);
void api_answer_standby(struct exchange *exchange);
struct api_file {
    const char *name, *content_type;
    size_t size;
    const char *bytes;
};
const struct api_file *api_file_find(const char *name);

#endif
