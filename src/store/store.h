/* Where a centre lives: its journal and its tables, in a folder (SQLite) or in a schema of a PostgreSQL 15 server.
 *
 *   folder      DIR/journal.db DIR/centre.db DIR/report.db; a drill in DIR/drill
 *   PostgreSQL  the same tables in the schema "mingdi"; a drill in "mingdi_drill"; ?schema=NAME in the URL names another one
 *
 * A drill never shares a table with the centre, and its journal says what it is: neither is opened as the other. */
#ifndef MINGDI_STORE_STORE_H
#define MINGDI_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "core/journal.h"
#include "store/journal_facts.h"
#include "store/sql.h"

struct lease;

enum store_kind { STORE_FOLDER, STORE_POSTGRES };

enum { STORE_PATH_MAX = 1024, STORE_URL_MAX = 1024, STORE_SCHEMA_MAX = 48 };

struct store {
    enum store_kind kind;
    bool drill;
    char folder[STORE_PATH_MAX];   /* without "/" at the end; a drill's own; "" where none was given */
    char url[STORE_URL_MAX];       /* as libpq takes it; holds the password: never shown */
    char schema[STORE_SCHEMA_MAX]; /* small letters, digits and _ */
    char shown[STORE_PATH_MAX];    /* what people may read: the folder, or the URL without password and options */
    /* Of a PostgreSQL store that several processes may serve: what is opened for writing writes only while this one owns the
     * centre (lease.h). NULL, as store_parse leaves it: whoever opens it writes. Outlives everything opened with it. */
    struct lease *lease;
};

/* folder (--data) or url (--store postgres://...); with both the tables are in PostgreSQL. Makes nothing and asks nobody.
 * STATUS_USAGE for what cannot be a store. */
enum status store_parse(const char *folder, const char *url, bool drill, struct store *store, struct error *error) MUST_USE;
bool store_is_url(const char *text);

/* The journal. A folder is made (for its owner only) and the journal created if access says so. Refusals as in sqlite.h; of
 * PostgreSQL also IO "... already writes" (one writer), and BAD_INPUT for a server that does not keep what it acknowledges. A
 * journal of a drill is refused as live, and the reverse. */
enum status store_journal_open(const struct store *store, enum journal_access access, const struct journal_options *options,
                               struct journal *journal, struct error *error) MUST_USE;
/* For reading, by what a person names: a journal file, a centre's data folder, or a postgres:// URL. Of a drill or not. */
enum status store_journal_open_named(const char *name, struct journal *journal, struct error *error) MUST_USE;

/* Of a journal opened by one of the above or by journal_sqlite_open. */
void store_journal_facts(const struct journal *journal, struct journal_facts *facts);
/* Writes, with everything appended, that the state after the last entry has this hash: the last act before a clean close. */
enum status store_journal_set_final(struct journal *journal, uint64_t state_hash, struct error *error) MUST_USE;
/* The newest sound snapshot before a sequence; *size 0 where there is none; the caller frees *bytes. Beside the newest two one of
 * each million entries is kept, so that any past state is near. */
enum status store_journal_snapshot_before(const struct journal *journal, uint64_t before, uint64_t *sequence, void **bytes,
                                          size_t *size, struct error *error) MUST_USE;
/* Reads it all: chain, entries, snapshots' digests, final. STATUS_CORRUPT names the first broken entry: its sequence, the row
 * that should hold it, and what is wrong. */
enum status store_journal_verify(const struct journal *journal, struct journal_report *report, struct error *error) MUST_USE;

/* Tables, of the newest version: an older one is STATUS_VERSION with the advice to run mingdi migrate, and so is one of a newer
 * program. Tables that are not there at all are created, all or nothing, unless read_only. */
enum status store_tables_open(const struct store *store, enum sql_database database, bool read_only, struct sql **sql,
                              struct error *error) MUST_USE;

#endif
