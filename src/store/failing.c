#include "store/failing.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "store/group.h"

VEC_TYPE(word_vec, uint64_t);

struct failing {
    const struct journal *inner;
    struct journal_failing_plan plan;
    uint64_t calls, acknowledged;
    bool injected;
    struct word_vec held; /* entries not committed */
};

static enum status failing_append(void *context, const struct entry_head *entry, struct error *error);

static struct failing *failing_of(const struct journal *journal)
{
    CHECK(journal->append == failing_append);
    return journal->context;
}

/* Whether this call is the one. */
static bool strikes(struct failing *failing)
{
    failing->calls++;
    bool now = failing->calls == failing->plan.fail_at;
    failing->injected = failing->injected || now;
    return now;
}

static enum status failed(const struct failing *failing, const char *what, struct error *error)
{
    return ERROR(error, STATUS_IO, "%s failed on purpose, at call %llu", what, (unsigned long long)failing->calls);
}

static enum status refused(struct error *error)
{
    return ERROR(error, STATUS_IO, "the journal takes nothing more after a failure");
}

static enum status hold(struct failing *failing, const struct entry_head *entry, struct error *error)
{
    size_t words = entry->size / sizeof(uint64_t);
    if (!vec_reserve(&failing->held, failing->held.count + words)) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory");
    }
    memcpy(failing->held.items + failing->held.count, entry, entry->size);
    failing->held.count += words;
    return STATUS_OK;
}

static enum status failing_append(void *context, const struct entry_head *entry, struct error *error)
{
    struct failing *failing = context;
    if (failing->injected) {
        return refused(error);
    }
    return strikes(failing) ? failed(failing, "an append", error) : hold(failing, entry, error);
}

/* Hands on what was held back, and commits it. */
static enum status hand_on(struct failing *failing, uint64_t *durable_sequence, struct error *error)
{
    for (size_t at = 0; at < failing->held.count;) {
        const struct entry_head *entry = (const struct entry_head *)(failing->held.items + at);
        TRY(failing->inner->append(failing->inner->context, entry, error));
        at += entry->size / sizeof(uint64_t);
    }
    failing->held.count = 0;
    return failing->inner->commit(failing->inner->context, durable_sequence, error);
}

static enum status failing_commit(void *context, uint64_t *durable_sequence, struct error *error)
{
    struct failing *failing = context;
    if (failing->injected) {
        return refused(error);
    }
    bool now = strikes(failing);
    uint64_t durable = 0;
    if (!now || failing->plan.carried_out) {
        TRY(hand_on(failing, &durable, error));
    }
    if (now) {
        return failed(failing, "a commit", error);
    }
    *durable_sequence = failing->acknowledged = durable;
    return STATUS_OK;
}

/* A read that fails has shown the visitor everything before it does: the worst time to fail. */
static enum status failing_read(void *context, uint64_t from_sequence, entry_visit visit, void *visitor, struct error *error)
{
    struct failing *failing = context;
    bool now = strikes(failing);
    TRY(failing->inner->read(failing->inner->context, from_sequence, visit, visitor, error));
    for (size_t at = 0; at < failing->held.count;) {
        const struct entry_head *entry = (const struct entry_head *)(failing->held.items + at);
        at += entry->size / sizeof(uint64_t);
        if (entry->sequence >= from_sequence) {
            TRY(visit(visitor, entry, error));
        }
    }
    return now ? failed(failing, "a read", error) : STATUS_OK;
}

static enum status failing_snapshot_write(void *context, uint64_t sequence, const void *bytes, size_t size, struct error *error)
{
    struct failing *failing = context;
    if (failing->injected) {
        return refused(error);
    }
    bool now = strikes(failing);
    if (!now || failing->plan.carried_out) {
        uint64_t durable = 0;
        TRY(hand_on(failing, &durable, error));
        TRY(failing->inner->snapshot_write(failing->inner->context, sequence, bytes, size, error));
    }
    return now ? failed(failing, "a snapshot", error) : STATUS_OK;
}

static enum status failing_snapshot_read(void *context, uint64_t *sequence, void **bytes, size_t *size, struct error *error)
{
    struct failing *failing = context;
    if (strikes(failing)) {
        return failed(failing, "reading a snapshot", error);
    }
    return failing->inner->snapshot_read(failing->inner->context, sequence, bytes, size, error);
}

static void failing_close(void *context)
{
    struct failing *failing = context;
    vec_free(&failing->held);
    free(failing);
}

enum status journal_failing_create(struct journal *journal, const struct journal *inner, struct journal_failing_plan plan,
                                   struct error *error)
{
    struct failing *failing = malloc(sizeof *failing);
    if (failing == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory");
    }
    *failing = (struct failing){ .inner = inner, .plan = plan };
    *journal = (struct journal){ .context = failing,
                                 .append = failing_append,
                                 .commit = failing_commit,
                                 .read = failing_read,
                                 .snapshot_write = failing_snapshot_write,
                                 .snapshot_read = failing_snapshot_read,
                                 .close = failing_close };
    return STATUS_OK;
}

uint64_t journal_failing_calls(const struct journal *journal) { return failing_of(journal)->calls; }

bool journal_failing_injected(const struct journal *journal) { return failing_of(journal)->injected; }

uint64_t journal_failing_acknowledged(const struct journal *journal) { return failing_of(journal)->acknowledged; }
