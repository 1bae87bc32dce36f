/* How tables come to be what this program expects: numbered steps, each applied once, in order, forward only.
 *
 * The table mingdi_migration keeps what was applied: part, number, name, checksum (SHA-256 of the name and the statements as
 * they stand in the program) and when. Each step is one transaction: a process that is killed leaves whole steps, and the next
 * one goes on. A step that was changed after it was applied is refused by its name, and so is a database that has steps which
 * this program lacks.
 *
 * Statements are written once for both databases, with these words in them:
 *   {bigint} 64-bit integer   {blob} bytes   {double} floating point
 *   {id}     primary key, given by the database where the row names none
 *   {strict} after the closing bracket of every CREATE TABLE */
#ifndef MINGDI_STORE_MIGRATION_H
#define MINGDI_STORE_MIGRATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "store/sql.h"

enum { MIGRATION_STEPS_MAX = 1000, MIGRATION_STATEMENT_MAX = 8192 };

struct migration_step {
    const char *name;              /* a few words; number n stands at place n - 1 */
    const char *const *statements; /* ends with NULL */
};

/* All steps of one part of a store: "centre", "report", "journal". */
struct migration_part {
    const char *name;
    const struct migration_step *steps;
    size_t count;
};

/* migrations.c; the journal's are PostgreSQL's only. */
extern const struct migration_part MIGRATION_CENTRE, MIGRATION_REPORT, MIGRATION_JOURNAL;

/* How many steps are applied; 0 where there is nothing yet. Changes nothing. STATUS_VERSION: newer than the program, or a step
 * changed after it was applied; STATUS_CORRUPT: the list has a gap. */
enum status migration_applied(struct sql *sql, const struct migration_part *part, size_t *applied, struct error *error) MUST_USE;
/* Applies the next step, if there is one; *applied counts as above, after it. */
enum status migration_next(struct sql *sql, const struct migration_part *part, size_t *applied, struct error *error) MUST_USE;
/* All steps in one transaction, if there is nothing yet; else nothing. */
enum status migration_create(struct sql *sql, const struct migration_part *part, struct error *error) MUST_USE;
/* STATUS_VERSION, with the advice to run mingdi migrate, unless every step is applied. */
enum status migration_require(struct sql *sql, const struct migration_part *part, struct error *error) MUST_USE;

#endif
