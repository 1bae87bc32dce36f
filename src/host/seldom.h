/* One row for many of the same, for what a stranger can make happen as often as he likes: so that the audit trail tells of it and
 * is not filled by it. A table that never grows. I/O thread.
 *
 * Workload: refusals; some a day, or thousands a second. */
#ifndef MINGDI_HOST_SELDOM_H
#define MINGDI_HOST_SELDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/* The same is told once in so long, and no more than so many of all kinds. */
enum { SELDOM_MINUTES = 10, SELDOM_MOST = 120 };

struct seldom;

struct seldom *seldom_create(void); /* NULL when memory is refused */
void seldom_destroy(struct seldom *seldom);
/* True: this one is told. *before: how many of the same were not, since the one that was told last. */
bool seldom_lets(struct seldom *seldom, const char *what, struct instant now, uint32_t *before);
/* Puts behind a detail how many there were. */
void seldom_tell(uint32_t before, char *detail, size_t size);

#endif
