#include "base/vec.h"

#include <stdint.h>

bool vec_reserve_bytes(void **items, size_t *capacity, size_t count_wanted, size_t item_size)
{
    size_t grown = *capacity + *capacity / 2 + 8;
    if (grown < count_wanted) {
        grown = count_wanted;
    }
    if (grown > SIZE_MAX / 2 / item_size) {
        return false;
    }
    void *moved = realloc(*items, grown * item_size);
    if (moved == NULL) {
        return false;
    }
    *items = moved;
    *capacity = grown;
    return true;
}
