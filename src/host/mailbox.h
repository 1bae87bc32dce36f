/* What waits between threads: bytes that many put and one takes, all at once.
 *
 * Two buffers of a fixed size: one is being filled while the taker works on the other; so memory is bounded, putting is a copy
 * under a lock held for that copy alone, and a taker that falls behind finds everything in one piece. A sender whose bytes do not
 * fit is refused, or waits. How records are told apart in the bytes is the users' affair; each put begins on a multiple of 8.
 *
 * Workload: 1 to 2,000 puts a second of 50 bytes to 200 kB, taken 1 to 2,000 times a second. */
#ifndef MINGDI_HOST_MAILBOX_H
#define MINGDI_HOST_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct mailbox;

enum mailbox_put {
    MAILBOX_PUT,
    MAILBOX_FULL,   /* nothing was put */
    MAILBOX_CLOSED, /* nothing was put */
};

/* bytes_max: of one buffer, a multiple of 8. */
enum status mailbox_create(size_t bytes_max, struct mailbox **mailbox, struct error *error) MUST_USE;
void mailbox_destroy(struct mailbox *mailbox);

/* ---- senders ---- */

/* head and body one behind the other (sizes multiples of 8; together at most bytes_max). With wait it is never MAILBOX_FULL:
 * waits until the taker has made room, or the mailbox is closed. */
enum mailbox_put mailbox_put(struct mailbox *mailbox, const void *head, size_t head_size, const void *body, size_t body_size,
                             bool wait) MUST_USE;

/* ---- the taker: one thread ---- */

/* All that was put since the last take; the bytes are the taker's until its next one. */
size_t mailbox_take(struct mailbox *mailbox, const void **bytes);
/* Until something has been put, mailbox_wake was called since the last wait, or so many microseconds have gone by. */
void mailbox_wait(struct mailbox *mailbox, int64_t timeout_us);
/* For a taker with an event loop: readable when something was put since the last take, or after mailbox_wake. */
int mailbox_fd(const struct mailbox *mailbox);

/* ---- anybody ---- */

void mailbox_wake(struct mailbox *mailbox);
/* Closed: puts are refused, those that wait too; what was put before is still taken. May be opened again. */
void mailbox_set_closed(struct mailbox *mailbox, bool closed);
size_t mailbox_waiting_bytes(const struct mailbox *mailbox); /* put and not taken */

#endif
