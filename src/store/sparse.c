#include "store/sparse.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_SIZE = 1024 };

static const char MAGIC[8] = { 'M', 'G', 'D', 'S', 'P', 'A', 'R', '1' };

struct sparse_head {
    char magic[8];
    uint64_t size;
};

static size_t page_count(size_t size) { return (size + PAGE_SIZE - 1) / PAGE_SIZE; }
static size_t map_size(size_t size) { return (page_count(size) + 63) / 64 * 8; }

static size_t page_length(size_t size, size_t page)
{
    size_t left = size - page * PAGE_SIZE;
    return left < PAGE_SIZE ? left : PAGE_SIZE;
}

static bool is_zero(const unsigned char *bytes, size_t length)
{
    static const unsigned char zeros[PAGE_SIZE];
    return memcmp(bytes, zeros, length) == 0;
}

enum status sparse_pack(const void *bytes, size_t size, void **packed, size_t *packed_size, struct error *error)
{
    size_t before = sizeof(struct sparse_head) + map_size(size), used = before;
    unsigned char *made = calloc(1, before + size);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to pack %zu bytes", size);
    }
    struct sparse_head head = { .size = size };
    memcpy(head.magic, MAGIC, sizeof MAGIC);
    memcpy(made, &head, sizeof head);
    unsigned char *map = made + sizeof head;
    for (size_t page = 0; page < page_count(size); page++) {
        const unsigned char *from = (const unsigned char *)bytes + page * PAGE_SIZE;
        size_t length = page_length(size, page);
        if (!is_zero(from, length)) {
            map[page / 8] = (unsigned char)(map[page / 8] | 1u << page % 8);
            memcpy(made + used, from, length);
            used += length;
        }
    }
    *packed = made;
    *packed_size = used;
    return STATUS_OK;
}

/* Every page kept is there, and nothing else. */
static bool is_sound(const unsigned char *map, size_t size, size_t kept_bytes)
{
    size_t needed = 0;
    for (size_t page = 0; page < page_count(size); page++) {
        needed += (map[page / 8] >> page % 8 & 1) != 0 ? page_length(size, page) : 0;
    }
    return needed == kept_bytes;
}

enum status sparse_unpack(const void *packed, size_t packed_size, size_t size_max, void **bytes, size_t *size,
                          struct error *error)
{
    struct sparse_head head;
    bool whole = packed_size >= sizeof head;
    if (whole) {
        memcpy(&head, packed, sizeof head);
        whole = memcmp(head.magic, MAGIC, sizeof MAGIC) == 0 && head.size <= size_max &&
                packed_size - sizeof head >= map_size(head.size);
    }
    const unsigned char *map = (const unsigned char *)packed + sizeof head;
    if (!whole || !is_sound(map, head.size, packed_size - sizeof head - map_size(head.size))) {
        return ERROR(error, STATUS_CORRUPT, "packed bytes are not in their form");
    }
    unsigned char *made = calloc(1, head.size > 0 ? head.size : 1);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to unpack %llu bytes", (unsigned long long)head.size);
    }
    const unsigned char *from = map + map_size(head.size);
    for (size_t page = 0; page < page_count(head.size); page++) {
        if ((map[page / 8] >> page % 8 & 1) != 0) {
            memcpy(made + page * PAGE_SIZE, from, page_length(head.size, page));
            from += page_length(head.size, page);
        }
    }
    *bytes = made;
    *size = head.size;
    return STATUS_OK;
}
