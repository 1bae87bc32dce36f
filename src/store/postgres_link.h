/* A connection to PostgreSQL 15 with libpq: made as a centre needs it, and with a bound on every wait.
 *
 * The address is the store's URL; the tables are found by search_path, so that statements name no schema. A server that would
 * acknowledge what it has not kept (fsync, full_page_writes or synchronous_commit off) is refused to writers. A server that does
 * not answer in time counts as lost, and so does one whose wait for its synchronous standby was ended by somebody: what it has
 * then committed may be gone with it, so that nobody knows. Texts of failures are the server's own main sentence, which holds no
 * values of rows. */
#ifndef MINGDI_STORE_POSTGRES_LINK_H
#define MINGDI_STORE_POSTGRES_LINK_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "store/lease.h"
#include "store/store.h"

enum {
    POSTGRES_BOOL = 16,
    POSTGRES_BYTEA = 17,
    POSTGRES_NAME = 19,
    POSTGRES_INT8 = 20,
    POSTGRES_INT2 = 21,
    POSTGRES_INT4 = 23,
    POSTGRES_TEXT = 25,
    POSTGRES_FLOAT4 = 700,
    POSTGRES_FLOAT8 = 701,
    POSTGRES_VARCHAR = 1043,
    POSTGRES_NUMERIC = 1700,
    POSTGRES_VOID = 2278,
};

enum { POSTGRES_SQLSTATE_SIZE = 6 };

struct postgres_link {
    PGconn *connection; /* NULL: closed */
    bool lost;
    bool unconfirmed; /* of the last statement: committed on the server, but on no synchronous standby of it */
    char sqlstate[POSTGRES_SQLSTATE_SIZE]; /* of the last failure, "" where the server did not say */
    char shown[STORE_PATH_MAX + 16];       /* in messages */
    int statement_ms, grace_ms;            /* how long the server may work, and how much longer we wait */
    const struct lease *lease; /* of a writer that is one of several (lease.h): it waits no longer than it is the owner */
};

/* writing: the durability of the server is checked, and what it promises is held to. The server ends a statement after
 * statement_ms, and we the wait some seconds later. */
enum status postgres_link_open(struct postgres_link *link, const struct store *store, const char *application, bool writing,
                               int statement_ms, struct error *error) MUST_USE;
void postgres_link_close(struct postgres_link *link);
/* Whether the server has hung up, as far as it can be told without asking. */
bool postgres_link_is_lost(struct postgres_link *link);

/* A parameter in binary form. */
struct postgres_value {
    const void *bytes; /* NULL: a null */
    int size;
};
/* Integers and reals travel in network order: these make the bytes. */
struct postgres_number {
    unsigned char bytes[8];
};
struct postgres_number postgres_number(int64_t value);
int64_t postgres_number_read(const char *bytes, int size);             /* of 2, 4 or 8 bytes */
int64_t postgres_integer(const PGresult *result, int row, int column); /* of an integer column in a binary answer */

/* Commands without parameters, one or several; *result (may be NULL) is the last one's answer, in text. doing is what was being
 * done: "cannot be opened". */
enum status postgres_execute(struct postgres_link *link, const char *text, PGresult **result, const char *doing,
                             struct error *error) MUST_USE;
enum status postgres_prepare(struct postgres_link *link, const char *name, const char *text, int count, const Oid *types,
                             const char *doing, struct error *error) MUST_USE;
/* Runs what was prepared; the answer is in binary. */
enum status postgres_run(struct postgres_link *link, const char *name, const struct postgres_value *values, int count,
                         PGresult **result, const char *doing, struct error *error) MUST_USE;
/* The same for a text that is used once. */
enum status postgres_run_once(struct postgres_link *link, const char *text, const struct postgres_value *values, const Oid *types,
                              int count, PGresult **result, const char *doing, struct error *error) MUST_USE;
/* Rows that the last command touched, if it was one that writes. */
int64_t postgres_changed(PGresult *result);

/* A number of its own for each purpose and schema, for advisory locks. */
int64_t postgres_lock_key(const char *purpose, const char *schema);

#endif
