/* A journal in PostgreSQL 15: the truth of a centre that has a database server.
 *
 * The same groups and the same chain as in a file (store/group.h, sqlite.h), in the tables of MIGRATION_JOURNAL: journal_group a
 * row a group, journal_snapshot the newest two, journal_meta what the journal says of itself, journal_writer who writes.
 *
 * One writer, kept by two means. A lock of the session refuses a second writer while the first one's connection lives. Each
 * opening for writing raises the epoch in journal_writer, and every transaction that adds something holds that row and looks for
 * the writer's own epoch in it: so one whose connection was cut, or that was frozen and thawed, can add nothing once another has
 * taken over.
 *
 * commit is one statement and one round trip. A commit whose answer is lost is a failure, though the server may have kept it;
 * reopening tells. After any failure the journal takes nothing more. A journal open for reading connects again by itself when its
 * connection was lost.
 *
 * Workload: as of sqlite.h, live; reading goes by pages of at most 4 MiB and one group. */
#ifndef MINGDI_STORE_POSTGRES_H
#define MINGDI_STORE_POSTGRES_H

#include <stdbool.h>

#include "core/journal.h"
#include "store/journal_facts.h"
#include "store/store.h"

/* As store_journal_open, for a store in PostgreSQL. A drill is not compared. */
enum status journal_postgres_open(struct journal *journal, const struct store *store, enum journal_access access,
                                  const struct journal_options *options, struct error *error) MUST_USE;
/* Whether the journal is one of these; the four below are for those only. */
bool journal_is_postgres(const struct journal *journal);
void journal_postgres_facts(const struct journal *journal, struct journal_facts *facts);
enum status journal_postgres_set_final(struct journal *journal, uint64_t state_hash, struct error *error) MUST_USE;
enum status journal_postgres_snapshot_before(const struct journal *journal, uint64_t before, uint64_t *sequence, void **bytes,
                                             size_t *size, struct error *error) MUST_USE;
enum status journal_postgres_verify(const struct journal *journal, struct journal_report *report, struct error *error) MUST_USE;

#endif
