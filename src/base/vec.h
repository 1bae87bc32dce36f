/* A growable array of one type, for readers and builders of files (never in the core, which allocates at start only).
 *
 *   struct { VEC(uint32_t) } -> VEC_TYPE(node_vec, uint32_t);   struct node_vec nodes = { 0 };
 *   if (!vec_push(&nodes, 7)) ... out of memory;  nodes.items[0], nodes.count;  vec_free(&nodes);
 *
 * Growth is by half, so that a large array wastes at most a third. Capacity is size_t; nothing shrinks by itself. */
#ifndef MINGDI_BASE_VEC_H
#define MINGDI_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define VEC_TYPE(name, type)    \
    struct name {               \
        type *items;            \
        size_t count, capacity; \
    }

/* False, and the array unchanged, when memory is refused. */
bool vec_reserve_bytes(void **items, size_t *capacity, size_t count_wanted, size_t item_size);

#define vec_reserve(vec, wanted)    \
    ((wanted) <= (vec)->capacity || \
     vec_reserve_bytes((void **)(void *)&(vec)->items, &(vec)->capacity, (wanted), sizeof *(vec)->items))
#define vec_push(vec, ...) (vec_reserve((vec), (vec)->count + 1) ? ((vec)->items[(vec)->count++] = (__VA_ARGS__), true) : false)
#define vec_free(vec) (free((vec)->items), (vec)->items = NULL, (vec)->count = (vec)->capacity = 0)

#endif
