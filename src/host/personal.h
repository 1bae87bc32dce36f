/* Personal data (caller's number, name, home, remarks), apart from the journal: each record is encrypted with a key of its
 * own (XChaCha20-Poly1305), which is kept wrapped by the centre's master key. To erase is to destroy the key, the box and
 * the index: the journal, which holds only an opaque reference, stays whole.
 *
 * A record belongs to a call and, through it, to an incident: erasing an incident erases those of all its calls. The number
 * is findable by a keyed hash of its digits, as they came, with + or 00 in front or without (for "earlier calls from this
 * number"), until it is erased. Lengths are hidden in steps of 64 bytes. Every done is called once in the I/O thread,
 * perhaps before the function returns: with STATUS_FULL when the clerk has too much to do. Workload: one write a call, a few
 * reads. All through the clerk. */
#ifndef MINGDI_HOST_PERSONAL_H
#define MINGDI_HOST_PERSONAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/time.h"
#include "host/workers.h"
#include "store/sql.h"

enum { PERSONAL_TEXT_MAX = 512, PERSONAL_ERASE_MAX = 256, PERSONAL_EARLIER_MAX = 20 };

struct personal_data {
    char number[64], name[PERSONAL_TEXT_MAX], home[PERSONAL_TEXT_MAX], remarks[PERSONAL_TEXT_MAX]; /* UTF-8, "" unknown */
};

struct personal;

/* At the start, before anything is stored: by which key the records are made is noted where it was not, by any of the processes
 * that serve the centre. STATUS_BAD_INPUT when it is not the key that they were made with. */
enum status personal_check_key(struct sql *sql, const unsigned char *master_key, struct error *error) MUST_USE;
/* master_key: 32 bytes, copied and locked in memory. STATUS_BAD_INPUT as above. */
enum status personal_create(struct sql *sql, struct workers *clerk, const unsigned char *master_key, struct personal **personal,
                            struct error *error) MUST_USE;
void personal_destroy(struct personal *personal);

typedef void personal_done(void *context, enum status status, uint64_t reference, const struct personal_data *data);

/* A new reference, never 0, unguessable; the record is durable when done is called, before the call is offered to the core. */
void personal_store(struct personal *personal, const struct personal_data *data, personal_done *done, void *context);
/* Tells to which call and incident (0: none yet) a record belongs. */
void personal_attach(struct personal *personal, uint64_t reference, uint32_t call, uint32_t incident);
void personal_amend(struct personal *personal, uint64_t reference, const struct personal_data *data, personal_done *done,
                    void *context);
/* STATUS_NOT_FOUND: never there, or erased. */
void personal_read(struct personal *personal, uint64_t reference, personal_done *done, void *context);
/* The same at once, in the thread that asks, where no clerk works (mingdi paper): personal_create was given none. *data is the
 * caller's to wipe; all zero unless STATUS_OK. */
enum status personal_read_now(struct personal *personal, uint64_t reference, struct personal_data *data) MUST_USE;
/* Destroys the records of these references, at most PERSONAL_ERASE_MAX, for good: also in the files of the database.
 * STATUS_NOT_FOUND when none was left to destroy. */
void personal_erase(struct personal *personal, const uint64_t *references, uint32_t count, personal_done *done, void *context);
/* Destroys all records that were attached to the incident. */
void personal_erase_incident(struct personal *personal, uint32_t incident, personal_done *done, void *context);
/* References of calls from the same number, newest first; for the call-taker. */
void personal_earlier(struct personal *personal, const char *number,
                      void (*done)(void *context, const uint64_t *references, uint32_t count), void *context);
/* In the clerk: destroys what is older than before: the policy of keeping. *erased says how many, and so does the audit trail. */
enum status personal_erase_older(struct sql *sql, struct instant before, uint64_t *erased, struct error *error) MUST_USE;
/* How many that would be. */
enum status personal_count_older(struct sql *sql, struct instant before, uint64_t *count, struct error *error) MUST_USE;

/* The master key: 64 hexadecimal digits, read from DIR/master.key (for its owner's eyes only, or refused; created where
 * may_create) or from the file that the setting names. Whoever loses it loses all personal data and the second factors of
 * all people. */
enum status master_key_load(const char *path, bool may_create, unsigned char key[32], struct error *error) MUST_USE;

#endif
