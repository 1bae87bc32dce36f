/* The audit trail of what the journal does not hold: reads of personal data, sign-ins, changes of people, tokens, settings,
 * erasures. A chain of SHA-256 hashes over its rows, kept in the centre's tables; mingdi journal verify checks it too and
 * names the first broken row.
 *
 * A row that was changed, taken out or put in is found. That rows at the very end were cut off can be told only by who knows
 * how far the chain went: its last hash is printed for that, to be kept elsewhere. Workload: a row for each sign-in and each
 * look at a caller. */
#ifndef MINGDI_HOST_AUDIT_H
#define MINGDI_HOST_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "base/status.h"
#include "base/time.h"
#include "host/identity.h"
#include "host/workers.h"
#include "store/sql.h"

struct audit;

enum { AUDIT_WHAT_MAX = 64, AUDIT_SUBJECT_MAX = 32, AUDIT_DETAIL_MAX = 512 }; /* bytes; longer texts are cut */

struct audit_entry {
    uint32_t actor; /* 0: nobody signed in */
    bool machine;
    const char *what;    /* "caller read", "sign-in refused" ... */
    const char *subject; /* "call", "incident", "person", "setting" ... */
    uint64_t subject_id;
    const char *detail; /* never a secret, never a personal datum; "" */
};

/* sql is used in the clerk only, after audit_create. */
enum status audit_create(struct sql *sql, struct workers *clerk, struct audit **audit, struct error *error) MUST_USE;
void audit_destroy(struct audit *audit);
/* The entry is copied. done (may be NULL) is called in the I/O thread, once (perhaps before this returns), when the row is
 * durable, or with false when it could not be written: what was to be shown must then not be shown. */
void audit_write(struct audit *audit, const struct audit_entry *entry, void (*done)(void *context, bool stored), void *context);
/* In the clerk (or at setup), within the caller's transaction: a change and its row are both there or neither. */
enum status audit_append(struct sql *sql, const struct audit_entry *entry, struct error *error) MUST_USE;
/* The same in a transaction of its own. */
enum status audit_write_now(struct sql *sql, const struct audit_entry *entry, struct error *error) MUST_USE;
/* In the clerk: rows after a sequence, or backward: those before it, newest first (before 0: the newest of all), as a JSON array
 * with the names of today. *last: ask again from there; 0 when no more follow. */
struct audit_page {
    uint64_t from;
    uint32_t limit;
    bool backward;
};
enum status audit_read(struct sql *sql, struct audit_page page, struct json *json, const char *name, uint64_t *last,
                       struct error *error) MUST_USE;
/* In the clerk: rows about one subject, newest first, among the newest AUDIT_HISTORY_ROWS of the trail. */
enum { AUDIT_HISTORY_ROWS = 200000 };
enum status audit_history(struct sql *sql, const char *subject, uint64_t subject_id, uint32_t limit, struct json *json,
                          const char *name, struct error *error) MUST_USE;
/* Takes away the rows from the first one on that are older than before, but never the newest; a new row says up to which, and
 * keeps the hash that the chain goes on from. *removed: how many. */
enum status audit_shorten(struct sql *sql, struct instant before, uint64_t *removed, struct error *error) MUST_USE;
/* How many that would be. */
enum status audit_count_older(struct sql *sql, struct instant before, uint64_t *count, struct error *error) MUST_USE;
/* Reads it all. STATUS_CORRUPT names the first row that is broken or missing; rows at the beginning may be missing where a row
 * of audit_shorten says so, and *rows counts those that are there. */
enum status audit_verify(struct sql *sql, uint64_t *rows, char chain[65], struct error *error) MUST_USE;

#endif
