/* A few threads that do slow work for the I/O loop, which must never wait: SQL, password hashing, questions to the roads.
 *
 * A job is the caller's memory. work runs in one of the threads; then done runs in the I/O thread, from workers_deliver. Jobs
 * begin in the order in which they were given; with one thread they also end so. The queue is bounded (finished jobs that nobody
 * has delivered count): when it is full a job is refused, and the caller tells its client to come again.
 *
 * Workload: 1 to 100 jobs waiting, 10 us to 200 ms each. */
#ifndef MINGDI_HOST_WORKERS_H
#define MINGDI_HOST_WORKERS_H

#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct workers;

/* The name is for the threads (at most 15 letters) and for metrics. */
enum status workers_create(const char *name, uint32_t threads, uint32_t queue_max, struct workers **workers, struct error *error)
    MUST_USE;
/* Before the first job: each job waits until it has one of at_once, which other pools may share; it outlives them all. */
void workers_bound(struct workers *workers, sem_t *at_once);
/* Finishes what was begun, drops what was not (their done is called all the same, from here, so that memory is freed). */
void workers_destroy(struct workers *workers);

/* From any thread. done may be NULL: the work itself passes its result on. False when the queue is full or closing. */
bool workers_give(struct workers *workers, void (*work)(void *job), void (*done)(void *job), void *job) MUST_USE;

/* Readable when finished jobs wait; watched by the I/O loop, which then calls workers_deliver. */
int workers_fd(const struct workers *workers);
void workers_deliver(struct workers *workers);
uint32_t workers_waiting(const struct workers *workers); /* in the queue, for metrics */
/* Whether nothing waits, is at work, or is finished and not delivered. */
bool workers_rest(const struct workers *workers);

#endif
