/* The disk and the journal on it: SQLite on a layer that fails and forgets (store/fault_vfs.h), a journal that fails by plan
 * around it (store/failing.h), and around that a witness, which knows what is durable, makes commits take their time, and is
 * where the process dies in the middle of one. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "store/group.h"
#include "torture/torture_private.h"

#define VFS_NAME "mingdi-torture"

/* ---- making ---- */

enum status torture_store_create(struct torture *torture, struct error *error)
{
    struct torture_store *store = &torture->store;
    const char *base = getenv("TMPDIR");
    int length = snprintf(store->folder, sizeof store->folder, "%s/mingdi-torture-XXXXXX",
                          base != NULL && base[0] != '\0' ? base : "/tmp");
    if (length >= (int)sizeof store->folder || mkdtemp(store->folder) == NULL) {
        return ERROR(error, STATUS_IO, "cannot make a folder like %s: is TMPDIR right?", store->folder);
    }
    snprintf(torture->record->folder, sizeof torture->record->folder, "%s", store->folder);
    store->path = file_join(store->folder, "journal.db");
    TRY(fault_vfs_create(&store->vfs, VFS_NAME, FAULT_IO, 0, error));
    store->vfs_made = true;
    return STATUS_OK;
}

static void close_all(struct torture_store *store)
{
    if (store->failing_open) {
        store->failing.close(store->failing.context);
    }
    if (store->inner_open) {
        store->inner.close(store->inner.context);
    }
    store->failing_open = store->inner_open = false;
}

void torture_store_destroy(struct torture *torture)
{
    struct torture_store *store = &torture->store;
    close_all(store);
    if (store->vfs_made) {
        fault_vfs_destroy(store->vfs);
    }
    free(store->path);
}

void torture_store_remove(const char *folder)
{
    static const char *const names[] = { "journal.db",      "journal.db-wal", "journal.db-shm", "journal.db-journal",
                                         "journal.db-lock", "roads.geojson",  "city.mingdi" };
    if (folder[0] == '\0') {
        return;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        char *path = file_join(folder, names[i]);
        (void)unlink(path);
        free(path);
    }
    (void)rmdir(folder);
}

/* ---- the witness ---- */

/* The process dies here: nothing reaches the disk any more, nobody hears of it. */
static bool dies(struct torture *torture, enum kill_point point)
{
    struct torture_store *store = &torture->store;
    if (store->kill_point == point) {
        store->kill_point = KILL_NOWHERE;
        store->killed = true;
        torture_count(torture, point == KILL_AFTER_COMMIT ? FIGURE_KILLED_AFTER_DISK : FIGURE_KILLED_BEFORE_DISK);
        torture_note(torture, "the centre is killed in the middle of a %s",
                     point == KILL_AT_SNAPSHOT ? "snapshot"
                     : point == KILL_AT_APPEND ? "group"
                                               : "commit");
    }
    return store->killed;
}

static enum status dead(struct error *error) { return ERROR(error, STATUS_IO, "the process has been killed"); }

static void note_plan(struct torture *torture)
{
    struct torture_store *store = &torture->store;
    if (store->failing_open && journal_failing_injected(&store->failing) && !store->plan_counted) {
        store->plan_counted = true;
        torture_count(torture, store->plan.carried_out ? FIGURE_ANSWER_OF_JOURNAL_LOST : FIGURE_JOURNAL_FAILED);
        torture_note(torture, store->plan.carried_out ? "a call of the journal is carried out, its answer lost"
                                                      : "a call of the journal fails");
    }
    bool strikes = store->is_broken && !store->strike_counted && fault_vfs_injected(store->vfs);
    if (strikes) {
        static const enum torture_figure figures[] = {
            [FAULT_IO] = FIGURE_DISK_ERROR, [FAULT_FULL] = FIGURE_DISK_FULL, [FAULT_DEAD] = FIGURE_DISK_DEAD
        };
        static const char *const words[] = { [FAULT_IO] = "errs", [FAULT_FULL] = "is full", [FAULT_DEAD] = "is dead" };
        store->strike_counted = true;
        torture_count(torture, figures[store->broken]);
        torture_note(torture, "the disk %s", words[store->broken]);
    }
}

static enum status witness_append(void *context, const struct entry_head *entry, struct error *error)
{
    struct torture *torture = context;
    struct torture_store *store = &torture->store;
    if (dies(torture, KILL_AT_APPEND)) {
        return dead(error);
    }
    enum status status = store->failing.append(store->failing.context, entry, error);
    note_plan(torture);
    store->appended = status == STATUS_OK ? entry->sequence : store->appended;
    return status;
}

/* A commit takes some milliseconds; on a slow disk seconds, in which messages pile up. */
static void take_time(struct torture *torture)
{
    struct torture_store *store = &torture->store;
    bool slow = torture->now_us < store->slow_until_us;
    torture_advance(torture, torture_between_us(&torture->streams[STREAM_DISK], slow ? 0.3 : 0.001, slow ? 3 : 0.03));
    if (slow) {
        torture_count(torture, FIGURE_DISK_SLOW);
    }
}

static enum status witness_commit(void *context, uint64_t *durable_sequence, struct error *error)
{
    struct torture *torture = context;
    struct torture_store *store = &torture->store;
    if (dies(torture, KILL_BEFORE_COMMIT)) {
        return dead(error);
    }
    take_time(torture);
    enum status status = store->failing.commit(store->failing.context, durable_sequence, error);
    note_plan(torture);
    if (status == STATUS_OK) {
        store->durable = *durable_sequence;
        torture_count(torture, FIGURE_COMMITS);
        return dies(torture, KILL_AFTER_COMMIT) ? dead(error) : STATUS_OK;
    }
    return status;
}

static enum status witness_read(void *context, uint64_t from_sequence, entry_visit visit, void *visitor, struct error *error)
{
    struct torture *torture = context;
    enum status status = torture->store.failing.read(torture->store.failing.context, from_sequence, visit, visitor, error);
    note_plan(torture);
    return status;
}

static enum status witness_snapshot_write(void *context, uint64_t sequence, const void *bytes, size_t size, struct error *error)
{
    struct torture *torture = context;
    struct torture_store *store = &torture->store;
    if (dies(torture, KILL_AT_SNAPSHOT)) {
        return dead(error);
    }
    take_time(torture);
    enum status status = store->failing.snapshot_write(store->failing.context, sequence, bytes, size, error);
    note_plan(torture);
    if (status == STATUS_OK) {
        store->durable = store->appended > store->durable ? store->appended : store->durable;
        torture_count(torture, FIGURE_SNAPSHOTS);
    }
    return status;
}

static enum status witness_snapshot_read(void *context, uint64_t *sequence, void **bytes, size_t *size, struct error *error)
{
    struct torture *torture = context;
    enum status status = torture->store.failing.snapshot_read(torture->store.failing.context, sequence, bytes, size, error);
    note_plan(torture);
    return status;
}

static void witness_close(void *context) { close_all(&((struct torture *)context)->store); }

/* ---- opening ---- */

static struct journal_failing_plan draw_plan(struct torture *torture)
{
    struct random_stream *stream = &torture->streams[STREAM_DISK];
    bool at_start = torture->store.fails_at_start;
    torture->store.fails_at_start = false;
    if (torture->calm || (torture_chance(stream, 0.5) && !at_start)) {
        return (struct journal_failing_plan){ .fail_at = 0 };
    }
    uint32_t span = at_start ? 2 : 500; /* of a start: reading the snapshot, reading the entries */
    return (struct journal_failing_plan){ .fail_at = 1 + torture_below(stream, span),
                                          .carried_out = torture_chance(stream, 0.5) };
}

enum status torture_store_open(void *context, enum journal_access access, const struct journal_options *options,
                               struct journal *journal, struct journal_facts *facts, struct error *error)
{
    struct torture *torture = context;
    struct torture_store *store = &torture->store;
    const struct journal_sqlite_options own = {
        .access = access, .limits = options->limits, .policy = options->policy, .wait_ms = 1, .vfs = VFS_NAME
    };
    enum status status = journal_sqlite_open(&store->inner, store->path, &own, error);
    note_plan(torture);
    TRY(status);
    store->inner_open = true;
    journal_sqlite_facts(&store->inner, facts);
    store->plan = draw_plan(torture);
    store->plan_counted = false;
    status = journal_failing_create(&store->failing, &store->inner, store->plan, error);
    if (status != STATUS_OK) {
        close_all(store);
        return status;
    }
    store->failing_open = true;
    store->appended = store->durable = facts->last_sequence;
    *journal = (struct journal){ .context = torture,
                                 .append = witness_append,
                                 .commit = witness_commit,
                                 .read = witness_read,
                                 .snapshot_write = witness_snapshot_write,
                                 .snapshot_read = witness_snapshot_read,
                                 .close = witness_close };
    return STATUS_OK;
}

enum status torture_store_set_final(void *context, struct journal *journal, uint64_t state_hash, struct error *error)
{
    struct torture *torture = context;
    (void)journal;
    return journal_sqlite_set_final(&torture->store.inner, state_hash, error);
}

/* ---- dying and breaking ---- */

void torture_store_let_die(struct torture *torture)
{
    struct torture_store *store = &torture->store;
    store->killed = true;
    fault_vfs_arm(store->vfs, FAULT_DEAD, 1);
}

void torture_store_cut_power(struct torture *torture)
{
    struct torture_store *store = &torture->store;
    struct error error;
    close_all(store);
    CHECK(fault_vfs_power_cut(store->vfs, random_u64(&torture->streams[STREAM_DISK]), &error) == STATUS_OK);
    torture_count(torture, FIGURE_POWER_CUT);
    torture_note(torture, "the power is cut: what was not synced may be there, or not, or half");
}

void torture_store_be_reborn(struct torture *torture)
{
    struct torture_store *store = &torture->store;
    bool stays = store->is_broken && (store->broken != FAULT_IO || !store->strike_counted);
    store->killed = false;
    store->kill_point = KILL_NOWHERE;
    fault_vfs_arm(store->vfs, store->broken, stays ? 1 : 0);
}

void torture_store_break(struct torture *torture, enum fault_kind kind, uint32_t after)
{
    struct torture_store *store = &torture->store;
    store->vfs_fault += 1;
    store->broken = kind;
    store->is_broken = true;
    store->strike_counted = false;
    fault_vfs_arm(store->vfs, kind, after);
    int64_t repair_us = torture_between_us(&torture->streams[STREAM_DISK], 2, 90);
    torture_plan(torture, torture->now_us + repair_us, HAPPENS_DISK_REPAIR, 0, store->vfs_fault);
}

void torture_store_repair(struct torture *torture)
{
    torture->store.is_broken = false;
    fault_vfs_arm(torture->store.vfs, FAULT_IO, 0);
}
