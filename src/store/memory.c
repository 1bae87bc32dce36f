#include "store/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/check.h"
#include "base/vec.h"
#include "store/group.h"

enum { HUGE_PAGE_SIZE = 2 << 20 };

struct chunk {
    unsigned char *bytes;
    size_t used;
    uint64_t first_sequence;
};

VEC_TYPE(chunk_vec, struct chunk);

struct memory {
    unsigned char *next, *end; /* free room of the chunk in use; both NULL before the first */
    uint64_t last_sequence, bytes, bytes_max;
    struct chunk_vec chunks; /* those in use first, then those kept from before a reset */
    size_t chunks_used;
    uint64_t snapshot_sequence;
    void *snapshot;
    size_t snapshot_size;
};

static enum status memory_append(void *context, const struct entry_head *entry, struct error *error);

static struct memory *memory_of(const struct journal *journal)
{
    CHECK(journal->append == memory_append);
    return journal->context;
}

/* Where the chunk in use ends is kept in next while it is in use, and in the chunk once it is left. */
static void leave_chunk(struct memory *memory)
{
    if (memory->chunks_used > 0) {
        struct chunk *chunk = &memory->chunks.items[memory->chunks_used - 1];
        chunk->used = (size_t)(memory->next - chunk->bytes);
    }
}

/* Large pages where the system gives them: a first touch costs a fault a page. */
static unsigned char *take_chunk_bytes(void)
{
    unsigned char *bytes = aligned_alloc(HUGE_PAGE_SIZE, JOURNAL_MEMORY_CHUNK_SIZE);
    if (bytes != NULL) {
        (void)madvise(bytes, JOURNAL_MEMORY_CHUNK_SIZE, MADV_HUGEPAGE);
    }
    return bytes;
}

static enum status next_chunk(struct memory *memory, uint64_t first_sequence, struct error *error)
{
    if (memory->chunks_used == memory->chunks.count) {
        if (!vec_reserve(&memory->chunks, memory->chunks.count + 1)) {
            return ERROR(error, STATUS_NO_MEMORY, "journal in memory: no memory after %llu bytes",
                         (unsigned long long)memory->bytes);
        }
        unsigned char *bytes = take_chunk_bytes();
        if (bytes == NULL) {
            return ERROR(error, STATUS_NO_MEMORY, "journal in memory: no memory after %llu bytes",
                         (unsigned long long)memory->bytes);
        }
        memory->chunks.items[memory->chunks.count++] = (struct chunk){ .bytes = bytes };
    }
    leave_chunk(memory);
    struct chunk *chunk = &memory->chunks.items[memory->chunks_used++];
    chunk->first_sequence = first_sequence;
    memory->next = chunk->bytes;
    memory->end = chunk->bytes + JOURNAL_MEMORY_CHUNK_SIZE;
    return STATUS_OK;
}

static enum status memory_append(void *context, const struct entry_head *entry, struct error *error)
{
    struct memory *memory = context;
    size_t size = entry->size;
    CHECK(entry->sequence == memory->last_sequence + 1);
    CHECK(size >= sizeof *entry && size <= ENTRY_SIZE_MAX);
    if (size > memory->bytes_max - memory->bytes) {
        return ERROR(error, STATUS_FULL, "journal in memory: entry %llu does not fit: the limit is %llu bytes and %llu are used",
                     (unsigned long long)entry->sequence, (unsigned long long)memory->bytes_max,
                     (unsigned long long)memory->bytes);
    }
    if (size > (size_t)(memory->end - memory->next)) {
        TRY(next_chunk(memory, entry->sequence, error));
    }
    memcpy(memory->next, entry, size);
    memory->next += size;
    memory->bytes += size;
    memory->last_sequence = entry->sequence;
    return STATUS_OK;
}

static enum status memory_commit(void *context, uint64_t *durable_sequence, struct error *error)
{
    (void)error;
    *durable_sequence = ((struct memory *)context)->last_sequence;
    return STATUS_OK;
}

static enum status read_chunk(const struct chunk *chunk, size_t used, uint64_t from_sequence, entry_visit visit, void *visitor,
                              struct error *error)
{
    for (size_t at = 0; at < used;) {
        const struct entry_head *entry = (const struct entry_head *)(chunk->bytes + at);
        at += entry->size;
        if (entry->sequence >= from_sequence) {
            TRY(visit(visitor, entry, error));
        }
    }
    return STATUS_OK;
}

static enum status memory_read(void *context, uint64_t from_sequence, entry_visit visit, void *visitor, struct error *error)
{
    const struct memory *memory = context;
    for (size_t i = 0; i < memory->chunks_used; i++) {
        const struct chunk *chunk = &memory->chunks.items[i];
        bool is_last = i + 1 == memory->chunks_used;
        if (!is_last && memory->chunks.items[i + 1].first_sequence <= from_sequence) {
            continue; /* the whole chunk is before */
        }
        size_t used = is_last ? (size_t)(memory->next - chunk->bytes) : chunk->used;
        TRY(read_chunk(chunk, used, from_sequence, visit, visitor, error));
    }
    return STATUS_OK;
}

static enum status memory_snapshot_write(void *context, uint64_t sequence, const void *bytes, size_t size, struct error *error)
{
    struct memory *memory = context;
    CHECK(sequence <= memory->last_sequence && size > 0);
    void *copy = malloc(size);
    if (copy == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "journal in memory: no memory for a snapshot of %zu bytes", size);
    }
    memcpy(copy, bytes, size);
    free(memory->snapshot);
    memory->snapshot = copy;
    memory->snapshot_size = size;
    memory->snapshot_sequence = sequence;
    return STATUS_OK;
}

static enum status memory_snapshot_read(void *context, uint64_t *sequence, void **bytes, size_t *size, struct error *error)
{
    const struct memory *memory = context;
    void *copy = NULL;
    if (memory->snapshot != NULL) {
        copy = malloc(memory->snapshot_size);
        if (copy == NULL) {
            return ERROR(error, STATUS_NO_MEMORY, "journal in memory: no memory for a snapshot of %zu bytes",
                         memory->snapshot_size);
        }
        memcpy(copy, memory->snapshot, memory->snapshot_size);
    }
    *bytes = copy;
    *size = copy != NULL ? memory->snapshot_size : 0;
    *sequence = copy != NULL ? memory->snapshot_sequence : 0;
    return STATUS_OK;
}

static void memory_close(void *context)
{
    struct memory *memory = context;
    for (size_t i = 0; i < memory->chunks.count; i++) {
        free(memory->chunks.items[i].bytes);
    }
    vec_free(&memory->chunks);
    free(memory->snapshot);
    free(memory);
}

enum status journal_memory_create(struct journal *journal, uint64_t bytes_max, struct error *error)
{
    struct memory *memory = malloc(sizeof *memory);
    if (memory == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "journal in memory: no memory");
    }
    *memory = (struct memory){ .bytes_max = bytes_max };
    *journal = (struct journal){ .context = memory,
                                 .append = memory_append,
                                 .commit = memory_commit,
                                 .read = memory_read,
                                 .snapshot_write = memory_snapshot_write,
                                 .snapshot_read = memory_snapshot_read,
                                 .close = memory_close };
    return STATUS_OK;
}

void journal_memory_reset(struct journal *journal)
{
    struct memory *memory = memory_of(journal);
    free(memory->snapshot);
    *memory = (struct memory){ .bytes_max = memory->bytes_max, .chunks = memory->chunks };
}

uint64_t journal_memory_bytes(const struct journal *journal) { return memory_of(journal)->bytes; }

uint64_t journal_memory_count(const struct journal *journal) { return memory_of(journal)->last_sequence; }
