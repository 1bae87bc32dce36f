/* A journal in an SQLite file: the truth of a centre on one machine, and the record of a simulation.
 *
 * Tables (format 1, application_id "MGDI"):
 *   entry_group  one row a group of entries, with the hash chain of store/group.h
 *   snapshot     the newest two and one of each million entries, each with its SHA-256
 *   meta         name and value: schema, created_by, policy, limits, final
 *
 * A live centre writes in WAL mode with full sync: commit puts everything appended since the last one into one row, and returns
 * when the disk has it. Others may read the file meanwhile. A bulk writer (a simulation) uses a rollback journal instead: groups
 * go into the file as they fill, nothing counts until commit, and a process that dies leaves the file as the last commit did.
 *
 * What is found out: any changed, missing, doubled or foreign entry, by the chain. What is not, by the chain alone: that the
 * newest groups are gone, as when the -wal file of a live journal was left behind in a copy, or an older copy was put back; a
 * journal that was closed cleanly says at which sequence (meta final), and a shorter one is refused.
 *
 * One thread a journal. Workload: live, 1 to 100 entries a commit, some hundred commits a second; bulk, 4 million entries a
 * second between commits; reading, from the first or a snapshot's sequence to the end. */
#ifndef MINGDI_STORE_SQLITE_H
#define MINGDI_STORE_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "core/journal.h"
#include "core/limits.h"
#include "store/journal_facts.h"

struct journal_sqlite_options {
    enum journal_access access;
    bool bulk;
    bool drill;                  /* a new file says that it is of an exercise */
    uint32_t flush_bytes;        /* a group is ended at this size, at most GROUP_FLUSH_MAX; 0: 256 KiB */
    const char *created_by;      /* program and version, for people; NULL: "mingdi" */
    const struct limits *limits; /* kept in a new file, so that a replay can make the same engine; NULL: not kept */
    const char *policy;          /* that decides, by name: a replay with --verify needs it; NULL: not kept */
    uint32_t wait_ms;            /* for a moment's lock of SQLite's, such as a reader's at its start; 0: 2000 */
    uint32_t snapshot_span;      /* entries, of which one snapshot is kept for good; 0: a million */
    const char *vfs;             /* of SQLite, for tests; NULL: the system's */
};

/* The journal that is open after STATUS_OK; journal->close drops what was not committed. Refusals:
 *   NOT_FOUND   no such file                          BAD_INPUT  exists already, or is no journal
 *   VERSION     another format or a newer schema      CORRUPT    SQLite or the last group is damaged
 *   IO          "in use by another process": one writer at a time, kept out by a lock on the file PATH-lock; or the disk
 * After a failed append, commit or snapshot_write the journal takes nothing more, as then nobody knows what the disk holds;
 * reopening tells. */
enum status journal_sqlite_open(struct journal *journal, const char *path, const struct journal_sqlite_options *options,
                                struct error *error) MUST_USE;

void journal_sqlite_facts(const struct journal *journal, struct journal_facts *facts);

/* Writes, with everything appended, that the state after the last entry has this hash: the last act before a clean close. */
enum status journal_sqlite_set_final(struct journal *journal, uint64_t state_hash, struct error *error) MUST_USE;

/* The newest sound snapshot before a sequence; *size 0 where there is none; the caller frees *bytes. */
enum status journal_sqlite_snapshot_before(const struct journal *journal, uint64_t before, uint64_t *sequence, void **bytes,
                                           size_t *size, struct error *error) MUST_USE;

/* Reads it all: chain, entries, snapshots' digests, final. STATUS_CORRUPT names the first broken entry: its sequence, the row
 * that should hold it, and what is wrong. */
enum status journal_sqlite_verify(const struct journal *journal, struct journal_report *report, struct error *error) MUST_USE;

#endif
