/* A centre out of a backup: made in DIR/restore.partial, proved there, and moved into its place, the journal last. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "host/audit.h"
#include "host/backup_private.h"
#include "host/journal_state.h"
#include "host/personal.h"
#include "host/secret.h"
#include "store/postgres_tools.h"

#define STAGING "restore.partial"

struct restoring {
    const struct restore_options *options;
    struct restored *restored;
    char staging[BACKUP_PATH_MAX];
    struct store store; /* where journal and tables are while they are proved */
    bool loaded;        /* into PostgreSQL: to be dropped again on failure */
};

/* ---- what is there ---- */

static bool is_staging(const char *data)
{
    char *path = file_join(data, STAGING);
    bool there = file_exists(path);
    free(path);
    return there;
}

static enum status is_not_empty(const char *data, const char *name, struct error *error)
{
    return is_staging(data)
               ? ERROR(error, STATUS_BAD_INPUT,
                       "%s: is not empty (%s), and a restore was killed there or is at work: if none is, remove the folder", data,
                       name)
               : ERROR(error, STATUS_BAD_INPUT, "%s: is not empty (%s): a backup is restored into a folder of its own only", data,
                       name);
}

/* What may stand in an empty folder, and stays when a restore fails: the file system's own, and the password at the database
 * (setup.c). */
static bool is_not_ours(const char *name)
{
    static const char *const theirs[] = { ".", "..", "lost+found", ".pgpass" };
    for (size_t i = 0; i < ARRAY_LENGTH(theirs); i++) {
        if (strcmp(name, theirs[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* But for what a restore that was killed has left in its own folder. */
static enum status require_empty(const char *data, struct error *error)
{
    DIR *listing = opendir(data);
    if (listing == NULL) {
        return errno == ENOENT ? STATUS_OK : ERROR(error, STATUS_IO, "%s: %s", data, strerror(errno));
    }
    enum status status = STATUS_OK;
    for (const struct dirent *entry = readdir(listing); entry != NULL && status == STATUS_OK; entry = readdir(listing)) {
        if (!is_not_ours(entry->d_name) && strcmp(entry->d_name, STAGING) != 0) {
            status = is_not_empty(data, entry->d_name, error);
        }
    }
    closedir(listing);
    return status;
}

static enum status find_backup(struct restoring *restoring, struct error *error)
{
    const struct restore_options *options = restoring->options;
    struct restored *restored = restoring->restored;
    char *manifest = file_join(options->from, BACKUP_MANIFEST);
    bool is_one = file_exists(manifest);
    free(manifest);
    if (!is_one) {
        return backup_choose(options->from, options->centre, options->drill, restored->path, &restored->manifest,
                             &restored->skipped, error);
    }
    if ((size_t)snprintf(restored->path, sizeof restored->path, "%s", options->from) >= sizeof restored->path) {
        return ERROR(error, STATUS_USAGE, "%s: the name is too long", options->from);
    }
    TRY(backup_manifest_read(options->from, &restored->manifest, error));
    return backup_check_chosen(options->from, &restored->manifest, options->centre, options->drill, error);
}

/* Asked before anything is made. */
static enum status check_moment(const struct restoring *restoring, struct error *error)
{
    const struct backup_manifest *manifest = &restoring->restored->manifest;
    const struct restore_options *options = restoring->options;
    char wanted[INSTANT_TEXT_SIZE], reaches[INSTANT_TEXT_SIZE];
    if (options->sequence > manifest->sequence) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: reaches to entry %" PRIu64 ", and entry %" PRIu64 " was asked for",
                     restoring->restored->path, manifest->sequence, options->sequence);
    }
    if (!instant_is_none(options->at) && instant_before(manifest->added_at, options->at)) {
        instant_format(options->at, wanted);
        instant_format(manifest->added_at, reaches);
        return ERROR(error, STATUS_BAD_INPUT, "%s: reaches to %s, and %s was asked for", restoring->restored->path, reaches,
                     wanted);
    }
    return STATUS_OK;
}

static enum status check_store(const struct restoring *restoring, const struct store *target, struct error *error)
{
    const struct backup_manifest *manifest = &restoring->restored->manifest;
    if (manifest->kind != target->kind) {
        return ERROR(error, STATUS_USAGE, "%s: is a backup of a centre in %s: %s", restoring->restored->path,
                     manifest->kind == STORE_POSTGRES ? "PostgreSQL" : "a folder",
                     manifest->kind == STORE_POSTGRES ? "say --store URL" : "leave --store out");
    }
    if (manifest->kind == STORE_POSTGRES && strcmp(manifest->schema, target->schema) != 0) {
        return ERROR(error, STATUS_USAGE, "%s: its tables are in the schema %s, and go there again: name it in the URL",
                     restoring->restored->path, manifest->schema);
    }
    return STATUS_OK;
}

/* ---- journal and tables ---- */

static enum status stage_folder(struct restoring *restoring, struct error *error)
{
    const struct backup_manifest *manifest = &restoring->restored->manifest;
    char from[BACKUP_PATH_MAX], journal[BACKUP_PATH_MAX], tables[BACKUP_PATH_MAX];
    TRY(backup_join(journal, restoring->staging, "journal.db", error));
    TRY(backup_join(tables, restoring->staging, "centre.db", error));
    TRY(backup_join(from, restoring->restored->path, backup_manifest_find(manifest, BACKUP_JOURNAL)->name, error));
    TRY(backup_copy_file(from, journal, error));
    for (uint32_t i = 0; i < manifest->file_count; i++) {
        if (manifest->files[i].role == BACKUP_SEGMENT) {
            TRY(backup_join(from, restoring->restored->path, manifest->files[i].name, error));
            TRY(copy_groups_in(from, journal, error));
        }
    }
    TRY(backup_join(from, restoring->restored->path, backup_manifest_find(manifest, BACKUP_TABLES)->name, error));
    TRY(backup_copy_file(from, tables, error));
    backup_store_in(restoring->staging, manifest->drill, &restoring->store);
    return STATUS_OK;
}

static enum status take_count(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

static enum status require_no_schema(const struct store *store, struct error *error)
{
    struct sql *sql = NULL;
    int64_t count = 0;
    TRY(sql_open(store, SQL_CENTRE, true, &sql, error));
    enum status status = sql_query(sql, "SELECT count(*) FROM pg_namespace WHERE nspname = CAST($1 AS text)",
                                   SQL_PARAMETERS(sql_text(store->schema)), take_count, &count, NULL, error);
    sql_close(sql);
    TRY(status);
    return count == 0 ? STATUS_OK
                      : ERROR(error, STATUS_BAD_INPUT,
                              "%s: has a schema %s: a backup is restored into a database that has none of that name",
                              store->shown, store->schema);
}

static enum status stage_postgres(struct restoring *restoring, struct error *error)
{
    const struct backup_manifest *manifest = &restoring->restored->manifest;
    char from[BACKUP_PATH_MAX];
    TRY(require_no_schema(&restoring->store, error));
    TRY(backup_join(from, restoring->restored->path, backup_manifest_find(manifest, BACKUP_DUMP)->name, error));
    TRY(postgres_load(&restoring->store, from, error)); /* in one transaction: what failed has left nothing to undo */
    restoring->loaded = true;
    return STATUS_OK;
}

/* ---- proof ---- */

static enum status read_journal(const struct store *store, uint64_t last, struct journal_report *report,
                                struct journal_state *state, struct error *error)
{
    struct journal journal;
    TRY(store_journal_open(store, JOURNAL_READ, NULL, &journal, error));
    enum status status = store_journal_verify(&journal, report, error);
    if (status == STATUS_OK) {
        status = journal_state_read(&journal, last, false, 0, state, error);
    }
    journal.close(journal.context);
    return status;
}

static enum status is_not_what(const struct restoring *restoring, const char *what, struct error *error)
{
    return ERROR(error, STATUS_CORRUPT, "%s: %s not what its manifest says: take another backup", restoring->restored->path,
                 what);
}

static enum status prove(struct restoring *restoring, struct error *error)
{
    struct restored *restored = restoring->restored;
    const struct backup_manifest *manifest = &restored->manifest;
    struct journal_report report;
    struct journal_state state;
    char centre[COPY_HASH_TEXT];
    TRY(read_journal(&restoring->store, UINT64_MAX, &report, &state, error));
    TRY(copy_group_hash(&restoring->store, 0, centre, error));
    if (report.last_sequence != manifest->sequence || strcmp(report.chain, manifest->chain) != 0 ||
        strcmp(centre, manifest->centre) != 0) {
        return is_not_what(restoring, "the chain of its journal is", error);
    }
    restored->hash_compared = state.layout == manifest->state_layout;
    if (restored->hash_compared && state.hash != manifest->state_hash) {
        return is_not_what(restoring, "the state that its journal leads to is", error);
    }
    restored->sequence = state.sequence;
    restored->entered_at = state.entered_at;
    restored->state_hash = state.hash;
    memcpy(restored->chain, report.chain, sizeof restored->chain);
    return backup_verify_trail(&restoring->store, error);
}

/* ---- a moment ---- */

static enum status find_moment(const struct restoring *restoring, uint64_t *sequence, struct error *error)
{
    struct journal journal;
    *sequence = restoring->options->sequence;
    if (instant_is_none(restoring->options->at)) {
        return STATUS_OK;
    }
    TRY(store_journal_open(&restoring->store, JOURNAL_READ, NULL, &journal, error));
    enum status status = journal_state_find(&journal, restoring->options->at, sequence, error);
    journal.close(journal.context);
    TRY(status);
    return *sequence > 0 ? STATUS_OK
                         : ERROR(error, STATUS_BAD_INPUT, "%s: its journal begins later than what was asked for",
                                 restoring->restored->path);
}

static enum status cut(struct restoring *restoring, struct error *error)
{
    struct restored *restored = restoring->restored;
    struct journal_report report;
    struct journal_state state;
    uint64_t wanted = 0;
    uint64_t kept = 0;
    if (restoring->options->sequence == 0 && instant_is_none(restoring->options->at)) {
        return STATUS_OK;
    }
    TRY(find_moment(restoring, &wanted, error));
    if (wanted == restored->sequence) {
        return STATUS_OK;
    }
    TRY(copy_cut(&restoring->store, wanted, &kept, error));
    TRY(read_journal(&restoring->store, UINT64_MAX, &report, &state, error));
    CHECK(state.sequence == kept);
    restored->sequence = kept;
    restored->entered_at = state.entered_at;
    restored->state_hash = state.hash;
    memcpy(restored->chain, report.chain, sizeof restored->chain);
    return STATUS_OK;
}

/* ---- tables ---- */

/* Who was signed in then is not signed in now. */
static enum status change_tables(struct restoring *restoring, struct sql *sql, struct error *error)
{
    struct restored *restored = restoring->restored;
    char detail[AUDIT_DETAIL_MAX], made_at[INSTANT_TEXT_SIZE];
    int64_t sessions = 0;
    instant_format(restored->manifest.added_at, made_at);
    snprintf(detail, sizeof detail, "from a backup of %s, by %s", made_at, restoring->options->program);
    const struct audit_entry entry = {
        .what = "centre restored", .subject = "journal", .subject_id = restored->sequence, .detail = detail
    };
    TRY(sql_run(sql, "DELETE FROM session", SQL_NO_PARAMETERS, &sessions, error));
    restored->sessions = (uint64_t)sessions;
    return audit_append(sql, &entry, error);
}

/* The key must be the one that these records were sealed with. */
static enum status check_key(const struct restoring *restoring, struct sql *sql, struct error *error)
{
    unsigned char key[32];
    struct personal *personal = NULL;
    if (restoring->options->key == NULL) {
        return STATUS_OK;
    }
    TRY(master_key_load(restoring->options->key, false, key, error));
    enum status status = personal_create(sql, NULL, key, &personal, error);
    secret_wipe(key, sizeof key);
    TRY(status);
    personal_destroy(personal);
    return STATUS_OK;
}

static enum status finish_tables(struct restoring *restoring, struct error *error)
{
    struct sql *sql = NULL;
    enum status status;
    TRY(sql_open(&restoring->store, SQL_CENTRE, false, &sql, error));
    TRY_GOTO(check_key(restoring, sql, error), close);
    TRY_GOTO(sql_begin(sql, error), close);
    status = change_tables(restoring, sql, error);
    if (status == STATUS_OK) {
        status = sql_commit(sql, error);
    } else {
        sql_rollback(sql);
    }
close:
    sql_close(sql);
    TRY(status);
    return backup_verify_trail(&restoring->store, error);
}

/* ---- files beside them ---- */

static bool is_beside(const struct backup_file *file)
{
    return file->role == BACKUP_SETTINGS || file->role == BACKUP_CITY || file->role == BACKUP_PROTOCOL;
}

static enum status stage_files(const struct restoring *restoring, struct error *error)
{
    const struct backup_manifest *manifest = &restoring->restored->manifest;
    char from[BACKUP_PATH_MAX], to[BACKUP_PATH_MAX];
    for (uint32_t i = 0; i < manifest->file_count; i++) {
        if (is_beside(&manifest->files[i])) {
            TRY(backup_join(from, restoring->restored->path, manifest->files[i].name, error));
            TRY(backup_join(to, restoring->staging, manifest->files[i].name, error));
            TRY(backup_copy_file(from, to, error));
        }
    }
    if (restoring->options->key == NULL) {
        return STATUS_OK;
    }
    TRY(backup_join(to, restoring->staging, "master.key", error));
    return backup_copy_file(restoring->options->key, to, error);
}

static enum status move_to(const struct restoring *restoring, const char *name, const char *restored, struct error *error)
{
    char from[BACKUP_PATH_MAX], to[BACKUP_PATH_MAX], folder[BACKUP_PATH_MAX];
    TRY(backup_join(from, restoring->staging, name, error));
    TRY(backup_join(to, restoring->options->data, restored, error));
    snprintf(folder, sizeof folder, "%s", to);
    *strrchr(folder, '/') = '\0';
    bool made = false;
    TRY(backup_make_folder(folder, &made, error));
    return rename(from, to) == 0 ? STATUS_OK
                                 : ERROR(error, STATUS_IO, "%s: cannot be moved into place: %s", from, strerror(errno));
}

/* The journal makes a centre of it: last. */
static enum status move_all(const struct restoring *restoring, struct error *error)
{
    const struct backup_manifest *manifest = &restoring->restored->manifest;
    const char *drill = manifest->drill ? "drill/" : "";
    char name[64];
    for (uint32_t i = 0; i < manifest->file_count; i++) {
        const struct backup_file *file = &manifest->files[i];
        if (is_beside(file)) {
            TRY(move_to(restoring, file->name, file->restored[0] != '\0' ? file->restored : "mingdi.yaml", error));
        }
    }
    if (restoring->options->key != NULL) {
        TRY(move_to(restoring, "master.key", "master.key", error));
    }
    if (manifest->kind == STORE_FOLDER) {
        snprintf(name, sizeof name, "%scentre.db", drill);
        TRY(move_to(restoring, "centre.db", name, error));
        TRY(backup_sync_folder(restoring->options->data, error));
        snprintf(name, sizeof name, "%sjournal.db", drill);
        TRY(move_to(restoring, "journal.db", name, error));
    }
    return backup_sync_folder(restoring->options->data, error);
}

/* ---- the whole ---- */

static enum status make_centre(struct restoring *restoring, struct error *error)
{
    TRY(stage_files(restoring, error));
    TRY(restoring->store.kind == STORE_POSTGRES ? stage_postgres(restoring, error) : stage_folder(restoring, error));
    TRY(prove(restoring, error));
    TRY(cut(restoring, error));
    return finish_tables(restoring, error);
}

static void remove_tree(const char *folder)
{
    DIR *listing = opendir(folder);
    for (const struct dirent *entry = listing != NULL ? readdir(listing) : NULL; entry != NULL; entry = readdir(listing)) {
        if (!is_not_ours(entry->d_name)) {
            char *path = file_join(folder, entry->d_name);
            if (unlink(path) != 0) {
                (void)folder_remove(path);
            }
            free(path);
        }
    }
    if (listing != NULL) {
        closedir(listing);
    }
}

/* The folder was empty, and the schema was not there: whatever is there now is ours. */
static void undo(const struct restoring *restoring, struct error *error)
{
    struct error why = { .text = "" };
    if (restoring->loaded && postgres_unload(&restoring->store, &why) != STATUS_OK) {
        const struct error first = *error;
        (void)ERROR(error, STATUS_IO, "%.400s; and what was loaded is still there, remove the schema %s: %.200s", first.text,
                    restoring->store.schema, why.text);
    }
    remove_tree(restoring->options->data);
}

/* What was seen from outside is looked at again, now that nobody else works here; what a killed one has left is not built on. */
static enum status require_empty_again(const struct restoring *restoring, struct error *error)
{
    TRY(require_empty(restoring->options->data, error));
    return folder_remove(restoring->staging)
               ? STATUS_OK
               : ERROR(error, STATUS_IO, "%s: was left by a restore that was killed, and cannot be removed: %s",
                       restoring->staging, strerror(errno));
}

static enum status restore_locked(struct restoring *restoring, struct error *error)
{
    struct interrupt_guard *guard = NULL;
    bool made_staging = false;
    TRY(require_empty_again(restoring, error));
    enum status status = backup_make_folder(restoring->staging, &made_staging, error);
    if (status == STATUS_OK) {
        status = interrupt_guard_start(&guard, restoring->staging, error);
    }
    if (status == STATUS_OK) {
        status = make_centre(restoring, error);
    }
    if (status == STATUS_OK) {
        interrupt_guard_hold(guard); /* half of the files in their places would be neither a centre nor an empty folder */
        status = move_all(restoring, error);
    }
    if (status == STATUS_OK) {
        (void)folder_remove(restoring->staging);
    } else {
        undo(restoring, error);
    }
    interrupt_guard_end(guard);
    return status;
}

static enum status restore_into(struct restoring *restoring, struct error *error)
{
    bool made_folder = false;
    int lock = -1;
    TRY(backup_make_folder(restoring->options->data, &made_folder, error));
    enum status status = backup_lock(restoring->options->data, &lock, error);
    if (status == STATUS_OK) {
        status = restore_locked(restoring, error);
        close(lock);
    }
    if (status != STATUS_OK && made_folder) {
        (void)rmdir(restoring->options->data); /* stays if somebody else has put something there */
    }
    return status;
}

enum status backup_restore(const struct restore_options *options, struct restored *restored, struct error *error)
{
    struct restoring restoring = { .options = options, .restored = restored };
    TRY(find_backup(&restoring, error));
    TRY(store_parse(options->data, options->store_url, restored->manifest.drill, &restoring.store, error));
    TRY(check_store(&restoring, &restoring.store, error));
    TRY(check_moment(&restoring, error));
    TRY(require_empty(options->data, error));
    TRY(backup_join(restoring.staging, options->data, STAGING, error));
    TRY(backup_check(restored->path, &restored->manifest, error));
    return restore_into(&restoring, error);
}
