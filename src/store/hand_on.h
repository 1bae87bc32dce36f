/* To ask whoever owns a centre on PostgreSQL (lease.h) to give it to a process that stands by; from outside, as a person
 * wishes.
 *
 * The wish is a notification on the channel on which owner and standbys listen already: it is heard at once or never, so none
 * lies about that somebody heeds later; and it names the tenure that it means, so that a second one does not send the centre
 * back. */
#ifndef MINGDI_STORE_HAND_ON_H
#define MINGDI_STORE_HAND_ON_H

#include <stdbool.h>
#include <stdint.h>

#include "store/lease.h"

struct hand_on; /* opaque: one connection */

struct hand_on_facts {
    int64_t tenure;                 /* rises with each owner */
    int64_t writer;                 /* epoch of journal_writer: rises when an owner opens the journal */
    bool is_owned;                  /* the lease has not run out */
    char id[LEASE_ID_SIZE];         /* of the owner's process: another one, where another process has it */
    char owner[LEASE_ADDRESS_SIZE]; /* its address, which two processes may share */
    uint32_t warm; /* processes that stand by: connected, seen within one lease, with nearly all of the journal */
};

/* STATUS_USAGE where the store is not on PostgreSQL, STATUS_NOT_FOUND where no centre is there, STATUS_VERSION where its tables
 * are another program's. */
enum status hand_on_open(const struct store *store, struct hand_on **hand_on, struct error *error) MUST_USE;
void hand_on_close(struct hand_on *hand_on); /* NULL is fine */
enum status hand_on_look(struct hand_on *hand_on, struct hand_on_facts *facts, struct error *error) MUST_USE;
/* Says to the owner of that tenure that it should hand the centre on. */
enum status hand_on_ask(struct hand_on *hand_on, int64_t tenure, struct error *error) MUST_USE;

#endif
