/* What a journal says of itself, as names and values for any store to keep: schema, created_by, drill, policy, limits, final. */
#ifndef MINGDI_STORE_JOURNAL_META_H
#define MINGDI_STORE_JOURNAL_META_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "store/journal_facts.h"

/* Keeps a value under a name, in the place of the one before. */
typedef enum status (*journal_meta_put)(void *context, const char *name, const char *value, struct error *error);

/* Everything that a new journal says. */
enum status journal_meta_create(const struct journal_options *options, bool drill, journal_meta_put put, void *context,
                                struct error *error) MUST_USE;
/* The kinds of this program, for a journal that is going to be written to. */
enum status journal_meta_put_schema(journal_meta_put put, void *context, struct error *error) MUST_USE;
enum status journal_meta_put_final(uint64_t sequence, uint64_t state_hash, journal_meta_put put, void *context,
                                   struct error *error) MUST_USE;

/* Takes one of them into the facts; unknown names are passed over. A schema that this program cannot read is STATUS_VERSION.
 * shown is the journal's name in messages. */
enum status journal_meta_take(struct journal_facts *facts, const char *shown, const char *name, const char *value,
                              bool *schema_seen, struct error *error) MUST_USE;

#endif
