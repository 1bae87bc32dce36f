/* PostgreSQL's own programs for copies: pg_dump and pg_restore, of the version that this machine has. The address goes to them by
 * their environment, so that nobody sees a password in the list of processes. */
#ifndef MINGDI_STORE_POSTGRES_TOOLS_H
#define MINGDI_STORE_POSTGRES_TOOLS_H

#include "base/status.h"
#include "store/store.h"

/* The store's schema as it stands in an exported snapshot, into a new file for its owner's eyes only; without the rows of the
 * report tables, which are made anew. On failure there is no file. */
enum status postgres_dump(const struct store *store, const char *snapshot, const char *path, struct error *error) MUST_USE;
/* A dump into the store's database, all or nothing. The schema must not be there: it comes with the dump. */
enum status postgres_load(const struct store *store, const char *path, struct error *error) MUST_USE;
/* What such a load has left, when it turned out to be no use: the schema with all that is in it. */
enum status postgres_unload(const struct store *store, struct error *error) MUST_USE;

#endif
