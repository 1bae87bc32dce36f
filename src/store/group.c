#include "store/group.h"

#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

_Static_assert(sizeof(struct entry_head) == 32, "ENTRY_SIZE_MAX counts on it");

struct group_hash group_digest(const void *bytes, size_t size)
{
    struct group_hash hash;
    CHECK(SHA256(bytes, size, hash.bytes) != NULL); /* fails only in a library without the algorithm */
    return hash;
}

struct group_hash group_hash(const struct group_head *head, size_t size) { return group_digest(head, sizeof *head + size); }

void group_hash_write(const struct group_hash *hash, char text[2 * GROUP_HASH_SIZE + 1])
{
    for (int i = 0; i < GROUP_HASH_SIZE; i++) {
        snprintf(text + 2 * i, 3, "%02x", hash->bytes[i]);
    }
}

bool group_hash_equals(const struct group_hash *a, const void *bytes) { return memcmp(a->bytes, bytes, sizeof a->bytes) == 0; }

static bool fault_at(struct group_fault *fault, uint64_t sequence, size_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool fault_at(struct group_fault *fault, uint64_t sequence, size_t offset, const char *format, ...)
{
    fault->sequence = sequence;
    fault->offset = offset;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault->what, sizeof fault->what, format, arguments);
    va_end(arguments);
    return false;
}

/* One entry at offset, of which the bytes before have been checked. */
static bool check_entry(const unsigned char *bytes, size_t size, size_t offset, const struct group_cursor *cursor,
                        struct group_fault *fault)
{
    size_t left = size - offset;
    uint64_t wanted = cursor->next_sequence;
    const struct entry_head *entry = (const struct entry_head *)(bytes + offset);
    if (left < sizeof *entry) {
        return fault_at(fault, wanted, offset, "%zu bytes are left where an entry should begin", left);
    }
    if (entry->size < sizeof *entry || entry->size > left || entry->size > ENTRY_SIZE_MAX || entry->size % 8 != 0) {
        return fault_at(fault, wanted, offset, "its size of %u bytes cannot be, %zu are left", entry->size, left);
    }
    if (!entry_is_sound(entry, entry->size)) {
        return fault_at(fault, wanted, offset, "its checksum is wrong, or its command or an event is not well-formed");
    }
    if (wanted != 0 && entry->sequence != wanted) {
        return fault_at(fault, wanted, offset, "entry %llu stands in its place", (unsigned long long)entry->sequence);
    }
    if (instant_before(entry->entered_at, cursor->entered_at)) {
        return fault_at(fault, entry->sequence, offset, "it was entered before the entry that it follows");
    }
    return true;
}

bool group_check(const void *entries, size_t size, uint64_t first_sequence, uint64_t last_sequence, struct group_cursor *cursor,
                 struct group_fault *fault)
{
    struct group_cursor at = *cursor;
    if (at.next_sequence != 0 && first_sequence != at.next_sequence) {
        return fault_at(fault, at.next_sequence, 0, "the group that should hold it begins at %llu",
                        (unsigned long long)first_sequence);
    }
    if (first_sequence == 0 || last_sequence < first_sequence) {
        return fault_at(fault, first_sequence, 0, "its group is said to reach from %llu to %llu",
                        (unsigned long long)first_sequence, (unsigned long long)last_sequence);
    }
    at.next_sequence = first_sequence;
    for (size_t offset = 0; offset < size;) {
        if (!check_entry(entries, size, offset, &at, fault)) {
            return false;
        }
        const struct entry_head *entry = (const struct entry_head *)((const unsigned char *)entries + offset);
        at.next_sequence++;
        at.entered_at = entry->entered_at;
        offset += entry->size;
    }
    if (at.next_sequence != last_sequence + 1) {
        return fault_at(fault, at.next_sequence, size, "its group ends before it, and is said to reach to %llu",
                        (unsigned long long)last_sequence);
    }
    *cursor = at;
    return true;
}
