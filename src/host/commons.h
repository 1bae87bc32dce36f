/* What the centres of one process have in common: what would cost memory for each of them, and what a process has only once. A
 * process of one centre has it too, alone.
 *
 * Any thread. Workload: some centres start and stop; between that nothing but the hashing of passwords. */
#ifndef MINGDI_HOST_COMMONS_H
#define MINGDI_HOST_COMMONS_H

#include <semaphore.h>
#include <stdint.h>

#include "base/status.h"
#include "host/console.h"
#include "road/city.h"

struct commons;

enum {
    COMMONS_HASHES_AT_ONCE = 4, /* 64 MiB each: a change of shift in a whole province takes no more */
    COMMONS_STARTS_AT_ONCE = 4, /* centres that read their journals and bring up their roads */
};

/* centres: how many there will be. NULL when memory is refused. */
struct commons *commons_create(uint32_t centres);
/* Everything was closed. NULL is fine. */
void commons_destroy(struct commons *commons);

/* How many there will be. */
uint32_t commons_centres(const struct commons *commons);

/* A city file is mapped once however many centres use it, and so are the console's files read once. */
enum status commons_city_open(struct commons *commons, const char *path, const struct city **city, struct error *error) MUST_USE;
void commons_city_close(struct commons *commons, const struct city *city); /* NULL is fine */
enum status commons_console_open(struct commons *commons, const char *folder, const struct console **console, struct error *error)
    MUST_USE;
void commons_console_close(struct commons *commons, const struct console *console); /* NULL is fine */

/* Taken by each job of hashing in the process; by each start of a centre. */
sem_t *commons_hashing(struct commons *commons);
sem_t *commons_starting(struct commons *commons);

/* The process reckons local time by this zone from now on. BAD_INPUT when a centre has taken another one: a process has one. */
enum status commons_take_zone(struct commons *commons, const char *zone, struct error *error) MUST_USE;
/* By each that has taken it: whoever comes after the last one may take another. */
void commons_release_zone(struct commons *commons);

/* How many connections one centre may take, of those that it wants: clients must never have the last descriptor of the process,
 * for a journal needs one to come back. Where the system gives fewer, that is logged. */
uint32_t commons_connections(struct commons *commons, uint32_t wanted);

#endif
