#include "host/backup.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "host/backup_private.h"
#include "host/clock.h"
#include "host/journal_state.h"
#include "store/postgres_tools.h"

/* A segment below this size is replaced by one that goes on from its beginning, so that adding each minute leaves few files. */
enum { SEGMENT_BYTES_MIN = 4 << 20 };

struct making {
    const struct backup_options *options;
    struct backup_made *made;
    char partial[BACKUP_PATH_MAX];
};

/* ---- files ---- */

static enum status add_file(struct backup_manifest *manifest, const char *folder, struct backup_file file, struct error *error)
{
    char path[BACKUP_PATH_MAX];
    if (manifest->file_count == BACKUP_FILES_MAX) {
        return ERROR(error, STATUS_FULL, "%s: a backup has at most %d files; make a whole one anew", folder, BACKUP_FILES_MAX);
    }
    TRY(backup_join(path, folder, file.name, error));
    TRY(copy_digest(path, file.sha256, &file.bytes, error));
    manifest->files[manifest->file_count++] = file;
    return STATUS_OK;
}

static enum status take_file(struct making *making, const char *from, struct backup_file file, struct error *error)
{
    char to[BACKUP_PATH_MAX];
    TRY(backup_join(to, making->partial, file.name, error));
    TRY(backup_copy_file(from, to, error));
    return add_file(&making->made->manifest, making->partial, file, error);
}

/* A name within the data folder: what lies elsewhere is not the centre's own. */
static bool is_inside(const char *setting) { return setting[0] != '\0' && setting[0] != '.' && strchr(setting, '/') == NULL; }

static enum status take_city(struct making *making, struct error *error)
{
    const struct backup_options *options = making->options;
    struct backup_file file = { .role = BACKUP_CITY, .name = "city.mingdi" };
    if (!is_inside(options->config->city_file)) {
        return STATUS_OK;
    }
    if (snprintf(file.restored, sizeof file.restored, "%s", options->config->city_file) >= BACKUP_NAME_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: the name of the city file is too long for a backup", options->data);
    }
    char *from = file_join(options->data, options->config->city_file);
    enum status status = take_file(making, from, file, error);
    free(from);
    return status;
}

static enum status take_protocol(struct making *making, const char *folder, const char *name, struct error *error)
{
    struct backup_file file = { .role = BACKUP_PROTOCOL };
    int length = snprintf(file.name, sizeof file.name, "protocol-%s", name);
    int restored = snprintf(file.restored, sizeof file.restored, "%s/%s", making->options->config->protocols, name);
    if (length >= BACKUP_NAME_MAX || restored >= BACKUP_NAME_MAX) {
        return ERROR(error, STATUS_BAD_INPUT, "%s/%s: the name is too long for a backup", folder, name);
    }
    char *from = file_join(folder, name);
    enum status status = take_file(making, from, file, error);
    free(from);
    return status;
}

static enum status take_protocols(struct making *making, struct error *error)
{
    const struct backup_options *options = making->options;
    if (!is_inside(options->config->protocols)) {
        return STATUS_OK;
    }
    char *folder = file_join(options->data, options->config->protocols);
    DIR *listing = opendir(folder);
    enum status status = STATUS_OK;
    for (const struct dirent *entry = listing != NULL ? readdir(listing) : NULL; entry != NULL && status == STATUS_OK;
         entry = readdir(listing)) {
        if (entry->d_name[0] != '.' && backup_is_file(folder, entry->d_name)) {
            status = take_protocol(making, folder, entry->d_name, error);
        }
    }
    if (listing != NULL) {
        closedir(listing);
    }
    free(folder);
    return status;
}

static enum status take_settings(struct making *making, struct error *error)
{
    char *from = file_join(making->options->data, "mingdi.yaml");
    enum status status = take_file(making, from, (struct backup_file){ .role = BACKUP_SETTINGS, .name = "mingdi.yaml" }, error);
    free(from);
    return status;
}

/* ---- the journal's place and state ---- */

static void note_state(struct backup_manifest *manifest, const struct journal_state *state)
{
    manifest->sequence = state->sequence;
    manifest->entered_at = state->entered_at;
    manifest->state_hash = state->hash;
    manifest->state_layout = state->layout;
}

static enum status prove_open(struct backup_manifest *manifest, const struct journal *journal, uint64_t last, struct error *error)
{
    struct journal_report report;
    struct journal_state state;
    TRY(store_journal_verify(journal, &report, error));
    TRY(journal_state_read(journal, last, true, 0, &state, error));
    note_state(manifest, &state);
    return STATUS_OK;
}

/* The chain of the whole, and the state at last. */
static enum status prove_journal(struct backup_manifest *manifest, const struct store *store, uint64_t last, struct error *error)
{
    struct journal journal;
    TRY(store_journal_open(store, JOURNAL_READ, NULL, &journal, error));
    enum status status = prove_open(manifest, &journal, last, error);
    journal.close(journal.context);
    TRY(status);
    TRY(copy_group_hash(store, 0, manifest->centre, error));
    return copy_group_hash(store, manifest->sequence, manifest->chain, error);
}

/* ---- of a folder ---- */

static enum status copy_tables(const struct store *store, const char *folder, const char *name, struct error *error)
{
    char from[BACKUP_PATH_MAX], to[BACKUP_PATH_MAX];
    TRY(backup_join(from, store->folder, "centre.db", error));
    TRY(backup_join(to, folder, name, error));
    return copy_database(from, to, error);
}

static enum status take_folder(struct making *making, struct error *error)
{
    struct backup_manifest *manifest = &making->made->manifest;
    char from[BACKUP_PATH_MAX], to[BACKUP_PATH_MAX];
    struct store copy;
    TRY(backup_join(from, making->options->store->folder, "journal.db", error));
    TRY(backup_join(to, making->partial, "journal.db", error));
    TRY(copy_database(from, to, error));
    TRY(copy_tables(making->options->store, making->partial, "centre.db", error));
    backup_store_in(making->partial, manifest->drill, &copy);
    TRY(prove_journal(manifest, &copy, UINT64_MAX, error));
    TRY(backup_verify_trail(&copy, error));
    TRY(add_file(manifest, making->partial, (struct backup_file){ .role = BACKUP_JOURNAL, .name = "journal.db" }, error));
    return add_file(manifest, making->partial, (struct backup_file){ .role = BACKUP_TABLES, .name = "centre.db" }, error);
}

/* ---- of PostgreSQL ---- */

struct snapshot {
    char name[64];
    uint64_t sequence;
};

static enum status take_snapshot_name(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct snapshot *snapshot = context;
    snprintf(snapshot->name, sizeof snapshot->name, "%s", sql_row_text(row, 0));
    return STATUS_OK;
}

static enum status take_snapshot_sequence(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    ((struct snapshot *)context)->sequence = (uint64_t)sql_row_int(row, 0);
    return STATUS_OK;
}

/* pg_dump sees what this transaction sees, so that the sequence is that of the dump. */
static enum status dump_in_snapshot(const struct store *store, struct sql *sql, const char *to, struct snapshot *snapshot,
                                    struct error *error)
{
    TRY(sql_query(sql, "SELECT pg_export_snapshot()", SQL_NO_PARAMETERS, take_snapshot_name, snapshot, NULL, error));
    TRY(sql_query(sql, "SELECT coalesce(max(last_sequence), 0) FROM journal_group", SQL_NO_PARAMETERS, take_snapshot_sequence,
                  snapshot, NULL, error));
    return postgres_dump(store, snapshot->name, to, error);
}

static enum status take_postgres(struct making *making, struct error *error)
{
    const struct store *store = making->options->store;
    struct backup_manifest *manifest = &making->made->manifest;
    struct snapshot snapshot = { .sequence = 0 };
    struct sql *sql = NULL;
    char to[BACKUP_PATH_MAX];
    TRY(backup_join(to, making->partial, "centre.dump", error));
    TRY(sql_open(store, SQL_CENTRE, true, &sql, error));
    enum status status = sql_begin(sql, error);
    if (status == STATUS_OK) {
        status = dump_in_snapshot(store, sql, to, &snapshot, error);
        sql_rollback(sql);
    }
    sql_close(sql);
    TRY(status);
    snprintf(manifest->schema, sizeof manifest->schema, "%s", store->schema);
    TRY(prove_journal(manifest, store, snapshot.sequence, error));
    TRY(backup_verify_trail(store, error));
    return add_file(manifest, making->partial, (struct backup_file){ .role = BACKUP_DUMP, .name = "centre.dump" }, error);
}

/* ---- a whole one ---- */

static enum status fill(struct making *making, struct error *error)
{
    const struct backup_options *options = making->options;
    struct backup_manifest *manifest = &making->made->manifest;
    *manifest = (struct backup_manifest){ .kind = options->store->kind, .drill = options->store->drill, .made_at = clock_wall() };
    snprintf(manifest->name, sizeof manifest->name, "%s", options->config->name);
    snprintf(manifest->program, sizeof manifest->program, "%s", options->program);
    TRY(manifest->kind == STORE_POSTGRES ? take_postgres(making, error) : take_folder(making, error));
    TRY(take_settings(making, error));
    TRY(take_city(making, error));
    TRY(take_protocols(making, error));
    manifest->added_at = manifest->made_at;
    TRY(backup_manifest_write(manifest, making->partial, error));
    return backup_sync_folder(making->partial, error);
}

/* "backup-20261122T063000.123Z": the time without its separators. */
static enum status name_backup(struct making *making, struct error *error)
{
    char at[INSTANT_TEXT_SIZE];
    char name[64] = BACKUP_PREFIX;
    size_t used = strlen(name);
    instant_format(clock_wall(), at);
    for (const char *letter = at; *letter != '\0'; letter++) {
        if (*letter != '-' && *letter != ':') {
            name[used++] = *letter;
        }
    }
    name[used] = '\0';
    TRY(backup_join(making->made->path, making->options->folder, name, error));
    int length = snprintf(making->partial, sizeof making->partial, "%s" BACKUP_PARTIAL, making->made->path);
    return length > 0 && (size_t)length < sizeof making->partial - 64
               ? STATUS_OK
               : ERROR(error, STATUS_USAGE, "%s: the folder's name is too long", making->options->folder);
}

/* A name of which it is not sure that it outlives the machine's end is taken back: what failed leaves no backup. */
static enum status give_name(const struct making *making, struct error *error)
{
    if (rename(making->partial, making->made->path) != 0) {
        return ERROR(error, STATUS_IO, "%s: cannot get its name: %s", making->partial, strerror(errno));
    }
    enum status status = backup_sync_folder(making->options->folder, error);
    if (status != STATUS_OK) {
        (void)rename(making->made->path, making->partial);
    }
    return status;
}

static enum status make_locked(struct making *making, struct error *error)
{
    struct interrupt_guard *guard = NULL;
    bool made = false;
    TRY(name_backup(making, error));
    TRY(backup_make_folder(making->partial, &made, error));
    enum status status = interrupt_guard_start(&guard, making->partial, error);
    if (status == STATUS_OK) {
        status = fill(making, error);
    }
    if (status == STATUS_OK) {
        interrupt_guard_hold(guard);
        status = give_name(making, error);
    }
    if (status != STATUS_OK) {
        (void)folder_remove(making->partial);
    }
    interrupt_guard_end(guard);
    return status;
}

enum status backup_make(const struct backup_options *options, struct backup_made *made, struct error *error)
{
    struct making making = { .options = options, .made = made };
    int lock = -1;
    TRY(backup_lock(options->folder, &lock, error));
    made->added = false;
    backup_clear_partial(options->folder);
    enum status status = make_locked(&making, error);
    close(lock);
    return status;
}

/* ---- adding ---- */

struct adding {
    const struct backup_options *options;
    const char *path;
    struct backup_manifest *manifest;
    char dropped[2][BACKUP_NAME_MAX]; /* files that the new manifest does not name any more */
    size_t dropped_count;
    bool named; /* the new files are: those before are wanted only if the machine's end takes the new manifest back */
};

static bool is_named(const struct backup_manifest *manifest, const char *name)
{
    for (uint32_t i = 0; i < manifest->file_count; i++) {
        if (strcmp(manifest->files[i].name, name) == 0) {
            return true;
        }
    }
    return strcmp(name, BACKUP_MANIFEST) == 0;
}

/* What a process that was killed had added and not named. */
static void clear_unnamed(const struct adding *adding)
{
    DIR *listing = opendir(adding->path);
    for (const struct dirent *entry = listing != NULL ? readdir(listing) : NULL; entry != NULL; entry = readdir(listing)) {
        if (backup_is_file(adding->path, entry->d_name) && !is_named(adding->manifest, entry->d_name)) {
            char *path = file_join(adding->path, entry->d_name);
            (void)unlink(path);
            free(path);
        }
    }
    if (listing != NULL) {
        closedir(listing);
    }
}

static void drop(struct adding *adding, uint32_t at)
{
    struct backup_manifest *manifest = adding->manifest;
    CHECK(adding->dropped_count < ARRAY_LENGTH(adding->dropped));
    memcpy(adding->dropped[adding->dropped_count++], manifest->files[at].name, BACKUP_NAME_MAX);
    manifest->file_count -= 1;
    memmove(&manifest->files[at], &manifest->files[at + 1], (manifest->file_count - at) * sizeof manifest->files[0]);
}

/* Where the new segment begins: behind the backup's end, or with the last segment, if that is small. */
static uint64_t segment_begin(struct adding *adding)
{
    struct backup_manifest *manifest = adding->manifest;
    uint64_t after = manifest->sequence;
    for (uint32_t i = manifest->file_count; i > 0; i--) {
        const struct backup_file *file = &manifest->files[i - 1];
        if (file->role != BACKUP_SEGMENT) {
            continue;
        }
        const char *number = file->name + strcspn(file->name, "0123456789");
        if (file->bytes < SEGMENT_BYTES_MIN && *number != '\0') {
            after = strtoull(number, NULL, 10) - 1;
            drop(adding, i - 1);
        }
        break;
    }
    return after;
}

static enum status add_segment(struct adding *adding, uint64_t last, struct error *error)
{
    char from[BACKUP_PATH_MAX], to[BACKUP_PATH_MAX];
    struct backup_file file = { .role = BACKUP_SEGMENT };
    uint64_t after = segment_begin(adding);
    snprintf(file.name, sizeof file.name, "segment-%" PRIu64 "-%" PRIu64 ".db", after + 1, last);
    TRY(backup_join(from, adding->options->store->folder, "journal.db", error));
    TRY(backup_join(to, adding->path, file.name, error));
    TRY(copy_groups_out(from, after, last, to, error));
    return add_file(adding->manifest, adding->path, file, error);
}

/* As they are now, in the place of those before; the same bytes are not kept twice. */
static enum status add_tables(struct adding *adding, struct error *error)
{
    struct backup_manifest *manifest = adding->manifest;
    struct backup_file file = { .role = BACKUP_TABLES };
    snprintf(file.name, sizeof file.name, "centre-%" PRId64 ".db", clock_wall().us);
    TRY(copy_tables(adding->options->store, adding->path, file.name, error));
    TRY(add_file(manifest, adding->path, file, error));
    for (uint32_t i = 0; i + 1 < manifest->file_count; i++) {
        if (manifest->files[i].role == BACKUP_TABLES) {
            bool same = strcmp(manifest->files[i].sha256, manifest->files[manifest->file_count - 1].sha256) == 0;
            drop(adding, same ? manifest->file_count - 1 : i);
            break;
        }
    }
    return STATUS_OK;
}

static enum status same_journal(const struct adding *adding, struct error *error)
{
    const struct store *store = adding->options->store;
    char hash[COPY_HASH_TEXT] = "";
    struct error why;
    enum status status = copy_group_hash(store, adding->manifest->sequence, hash, &why);
    if (status == STATUS_OK && strcmp(hash, adding->manifest->chain) == 0) {
        return STATUS_OK;
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        *error = why;
        return status;
    }
    return ERROR(error, STATUS_CORRUPT,
                 "%s: its journal is not the one that %s was made of, up to entry %" PRIu64
                 ": find out why (mingdi journal verify), then make a whole backup",
                 store->shown, adding->path, adding->manifest->sequence);
}

/* The new manifest is what makes the new files count; those before go after it. */
static enum status add_all(struct adding *adding, struct error *error)
{
    struct backup_manifest *manifest = adding->manifest;
    struct journal journal;
    struct journal_state state;
    TRY(store_journal_open(adding->options->store, JOURNAL_READ, NULL, &journal, error));
    enum status status = journal_state_read(&journal, UINT64_MAX, true, 0, &state, error);
    journal.close(journal.context);
    TRY(status);
    if (state.sequence > manifest->sequence) {
        TRY(add_segment(adding, state.sequence, error));
        note_state(manifest, &state);
        TRY(copy_group_hash(adding->options->store, state.sequence, manifest->chain, error));
    }
    TRY(add_tables(adding, error));
    manifest->added_at = clock_wall();
    TRY(backup_sync_folder(adding->path, error));
    TRY(backup_manifest_write(manifest, adding->path, error));
    adding->named = true;
    return backup_sync_folder(adding->path, error);
}

static enum status add_to(const struct backup_options *options, struct backup_made *made, struct error *error)
{
    struct adding adding = { .options = options, .path = made->path, .manifest = &made->manifest };
    TRY(same_journal(&adding, error));
    clear_unnamed(&adding);
    enum status status = add_all(&adding, error);
    struct error ignored;
    if (status != STATUS_OK && !adding.named && backup_manifest_read(made->path, &made->manifest, &ignored) == STATUS_OK) {
        clear_unnamed(&adding); /* nothing is left of it */
    }
    TRY(status);
    for (size_t i = 0; i < adding.dropped_count; i++) {
        char *path = file_join(made->path, adding.dropped[i]);
        (void)unlink(path);
        free(path);
    }
    made->added = true;
    return STATUS_OK;
}

static enum status add_or_make(const struct backup_options *options, struct backup_made *made, struct error *error)
{
    struct making making = { .options = options, .made = made };
    struct error why = { .text = "" };
    char centre[COPY_HASH_TEXT];
    backup_clear_partial(options->folder);
    TRY(copy_group_hash(options->store, 0, centre, error));
    enum status status = backup_newest(options->folder, centre, made->path, &made->manifest, &why);
    if (status == STATUS_NOT_FOUND) {
        return make_locked(&making, error);
    }
    if (status != STATUS_OK) {
        *error = why;
        return status;
    }
    return add_to(options, made, error);
}

enum status backup_add(const struct backup_options *options, struct backup_made *made, struct error *error)
{
    int lock = -1;
    if (options->store->kind == STORE_POSTGRES) {
        return ERROR(error, STATUS_USAGE,
                     "adding to a backup is for a centre in a folder: PostgreSQL archives its log itself (docs/operations.md)");
    }
    TRY(backup_lock(options->folder, &lock, error));
    made->added = false;
    enum status status = add_or_make(options, made, error);
    close(lock);
    return status;
}
