/* What is kept for how long: settings ..._keep_days, applied by the server that owns the centre once an hour, and by hand (mingdi
 * retention). 0 days: kept. The journal is never changed: what it holds names nobody.
 *
 *   personal   personal_keep_days   numbers, names, homes, remarks of callers, older than that: key, box and index are erased
 *   leavers    leaver_keep_days     accounts that have been disabled for so long: names, password and second factor go; the
 *                                   number stays, because journal and audit trail refer to it
 *   audit      audit_keep_days      rows of the audit trail, from the first one on; the chain goes on from what is said in the
 *                                   row that tells of it (audit.h)
 *   backups    backup_keep_days     backups in backup_folder, except the newest; not by the server, which must not wait for
 *                                   another machine's disk, but after each whole backup
 *
 * Whatever goes from the tables is told by a row of the audit trail, in the same transaction. Workload: once an hour, mostly
 * nothing. */
#ifndef MINGDI_HOST_RETENTION_H
#define MINGDI_HOST_RETENTION_H

#include "base/json.h"
#include "host/config.h"
#include "store/sql.h"
#include "store/store.h"

enum retention_kind { RETENTION_PERSONAL, RETENTION_LEAVERS, RETENTION_AUDIT, RETENTION_BACKUPS, RETENTION_COUNT };
extern const char *const RETENTION_NAMES[RETENTION_COUNT];

struct retention {
    int64_t days[RETENTION_COUNT];          /* 0: kept */
    struct instant before[RETENTION_COUNT]; /* what is older goes */
    uint64_t counts[RETENTION_COUNT];       /* that would go, or went */
    char backup_folder[STORE_PATH_MAX];     /* "": none */
};

/* What the settings say, at this moment. data: the centre's folder. */
void retention_begin(const struct config *config, const char *data, struct instant now, struct retention *retention);
/* Counts what would go. Changes nothing; sql may be read-only. */
enum status retention_look(struct retention *retention, struct sql *sql, struct error *error) MUST_USE;
/* Lets it go: for good, also in the files of the database. On failure the kinds before are done, and counted. Of a leaver's name
 * a keyed hash stays (people_mark), so that the identity provider does not bring the leaver back. */
enum status retention_apply(struct retention *retention, const unsigned char *master_key, struct sql *sql, struct error *error)
    MUST_USE;

/* An array of what was counted. */
void retention_write(const struct retention *retention, struct json *json, const char *name);

#endif
