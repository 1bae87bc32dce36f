#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { RED_ZONE_SIZE = 16, RED_ZONE_BYTE = 0xA5, ALIGNMENT = 8, BLOCK_ALIGNMENT = 16 };

enum status arena_create(struct arena *arena, size_t size, struct error *error)
{
    CHECK(size > 0 && size < SIZE_MAX / 2);
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    unsigned char *bytes = aligned_alloc(BLOCK_ALIGNMENT,
                                         (rounded + RED_ZONE_SIZE + BLOCK_ALIGNMENT - 1) / BLOCK_ALIGNMENT * BLOCK_ALIGNMENT);
    if (bytes == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for an arena of %zu bytes", size);
    }
    memset(bytes + rounded, RED_ZONE_BYTE, RED_ZONE_SIZE);
    *arena = (struct arena){ .bytes = bytes, .size = rounded };
    return STATUS_OK;
}

static void check_red_zone(const struct arena *arena)
{
    for (size_t i = 0; i < RED_ZONE_SIZE; i++) {
        CHECK(arena->bytes[arena->size + i] == RED_ZONE_BYTE);
    }
}

void arena_destroy(struct arena *arena)
{
    if (arena->bytes != NULL) {
        check_red_zone(arena);
        free(arena->bytes);
    }
    *arena = (struct arena){ 0 };
}

void *arena_take(struct arena *arena, size_t size)
{
    if (size > arena->size - arena->used) {
        arena->overflowed = true;
        return NULL;
    }
    void *taken = arena->bytes + arena->used;
    size_t next = arena->used + (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    arena->used = next < arena->size ? next : arena->size;
    return taken;
}

void arena_reset(struct arena *arena)
{
    check_red_zone(arena);
    arena->used = 0;
    arena->overflowed = false;
}
