/* A bump arena: memory of one command (or one file being read) that is given back all at once.
 *
 * Fixed size, allocated once. An allocation that does not fit returns NULL and sets the overflow flag, so that a caller that
 * makes several may check once at the end. A red zone after the end is checked at every reset. Not thread-safe. */
#ifndef MINGDI_BASE_ARENA_H
#define MINGDI_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct arena {
    unsigned char *bytes;
    size_t size, used;
    bool overflowed;
};

enum status arena_create(struct arena *arena, size_t size, struct error *error) MUST_USE;
void arena_destroy(struct arena *arena);
/* Aligned to 8 bytes, not zeroed, directly behind what was taken before (its size rounded up to 8). NULL when full. */
void *arena_take(struct arena *arena, size_t size);
/* Everything taken becomes invalid; the overflow flag is cleared. */
void arena_reset(struct arena *arena);

#endif
