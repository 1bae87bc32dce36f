/* Fuzzes what a reader does with the bytes of a group: find the entries, check them, and write what is sound as text. The bytes
 * are tried as they are, and once more with every checksum made right, so that the checks behind it are reached. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "store/group.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { TEXT_MAX = 1 << 24 };

static void write_entry(struct json *json, const struct entry_head *entry)
{
    command_write_json(json, NULL, entry_command(entry));
    const struct event_head *event = entry_first_event(entry);
    for (uint32_t i = 0; i < entry->event_count; i++, event = event_next(event)) {
        event_write_json(json, NULL, event);
    }
}

/* A group that passes may be walked without a look at its bounds. */
static void look(const unsigned char *bytes, size_t size, uint64_t first, uint64_t last)
{
    struct group_cursor cursor = { .entered_at = INSTANT_NONE };
    struct group_fault fault;
    if (!group_check(bytes, size, first, last, &cursor, &fault)) {
        CHECK(fault.offset <= size && strlen(fault.what) > 0);
        CHECK(cursor.next_sequence == 0);
        return;
    }
    struct text text;
    struct json json;
    text_init(&text, TEXT_MAX);
    json_init(&json, &text, 0);
    json_array_begin(&json, NULL);
    uint64_t sequence = first;
    for (size_t at = 0; at < size; sequence++) {
        const struct entry_head *entry = (const struct entry_head *)(bytes + at);
        CHECK(entry->sequence == sequence);
        write_entry(&json, entry);
        at += entry->size;
    }
    json_array_end(&json);
    CHECK(sequence == last + 1);
    text_free(&text);
}

/* As far as sizes allow; counts the entries. */
static uint64_t seal_all(unsigned char *bytes, size_t size)
{
    uint64_t count = 0;
    for (size_t at = 0; size - at >= sizeof(struct entry_head);) {
        struct entry_head *entry = (struct entry_head *)(bytes + at);
        if (entry->size < sizeof *entry || entry->size > size - at || entry->size % 8 != 0) {
            break;
        }
        entry->sequence = ++count;
        entry->entered_at = (struct instant){ (int64_t)count };
        entry_seal(entry);
        at += entry->size;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    unsigned char *copy = calloc(1, size > 0 ? size : 1); /* aligned, and ends where the input does */
    CHECK(copy != NULL);
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    struct entry_head head = { 0 };
    memcpy(&head, copy, size < sizeof head ? size : sizeof head);
    look(copy, size, head.sequence, head.sequence + size % 5);
    uint64_t count = seal_all(copy, size);
    look(copy, size, 1, count);
    free(copy);
    return 0;
}
