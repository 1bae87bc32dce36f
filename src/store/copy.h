/* Copies of a centre's files by SQLite's own means, while others write to them: whole databases by its online backup, and of a
 * journal the groups that came since. What is copied is one moment's view, in one file, synced, for its owner's eyes only.
 *
 * A segment is a file with a table like the journal's own: the groups of some sequences. On failure nothing is left under the new
 * name. Workload: some GB once a day; some groups each minute. */
#ifndef MINGDI_STORE_COPY_H
#define MINGDI_STORE_COPY_H

#include <stdint.h>

#include "base/status.h"
#include "store/group.h"
#include "store/store.h"

enum { COPY_HASH_TEXT = 2 * GROUP_HASH_SIZE + 1 };

/* to must not exist. STATUS_NOT_FOUND: from does not. */
enum status copy_database(const char *from, const char *to, struct error *error) MUST_USE;

/* The hash of the first group (last_sequence 0) or of the one that ends with a sequence, in hexadecimal. STATUS_NOT_FOUND: there
 * is none. Of a journal in a folder or in PostgreSQL. */
enum status copy_group_hash(const struct store *store, uint64_t last_sequence, char hash[COPY_HASH_TEXT], struct error *error)
    MUST_USE;

/* The groups of a journal that lie within (after, last]; to must not exist. */
enum status copy_groups_out(const char *journal, uint64_t after, uint64_t last, const char *to, struct error *error) MUST_USE;
/* Adds a segment's groups to a journal that nobody else uses. Whether they follow, verifying the journal tells. */
enum status copy_groups_in(const char *segment, const char *journal, struct error *error) MUST_USE;
/* Takes from a journal that nobody else uses all groups that do not end at or before a sequence, with the snapshots and the
 * closing mark that go with them. *kept: the last sequence that is left. STATUS_BAD_INPUT when none would be. */
enum status copy_cut(const struct store *store, uint64_t sequence, uint64_t *kept, struct error *error) MUST_USE;

/* A file's SHA-256, in hexadecimal, and its size. */
enum status copy_digest(const char *path, char hash[COPY_HASH_TEXT], uint64_t *bytes, struct error *error) MUST_USE;

#endif
