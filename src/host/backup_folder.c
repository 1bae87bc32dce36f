/* The folder of backups: its lock, which backups are in it, which have had their time. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "host/audit.h"
#include "host/backup_private.h"

enum { BACKUPS_MAX = 10000, BACKUP_FOLDER_NAME_MAX = 64 };

/* ---- files ---- */

enum status backup_join(char path[BACKUP_PATH_MAX], const char *folder, const char *name, struct error *error)
{
    int length = snprintf(path, BACKUP_PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < BACKUP_PATH_MAX ? STATUS_OK
                                                  : ERROR(error, STATUS_USAGE, "%s/%s: the name is too long", folder, name);
}

enum status backup_copy_file(const char *from, const char *to, struct error *error)
{
    struct file_view view;
    struct file_writer writer;
    TRY(file_view_open(&view, from, error));
    enum status status = file_writer_open(&writer, to, error);
    if (status == STATUS_OK) {
        status = fchmod(fileno(writer.stream), S_IRUSR | S_IWUSR) == 0 ? file_writer_write(&writer, view.bytes, view.size, error)
                                                                       : ERROR(error, STATUS_IO, "%s: %s", to, strerror(errno));
        if (status == STATUS_OK) {
            status = file_writer_commit(&writer, error);
        } else {
            file_writer_abandon(&writer);
        }
    }
    file_view_close(&view);
    return status;
}

bool backup_is_file(const char *folder, const char *name)
{
    struct stat facts;
    char *path = file_join(folder, name);
    bool is_file = lstat(path, &facts) == 0 && S_ISREG(facts.st_mode);
    free(path);
    return is_file;
}

enum status backup_sync_folder(const char *folder, struct error *error)
{
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = descriptor >= 0 && fsync(descriptor) == 0;
    int why = errno;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return synced ? STATUS_OK : ERROR(error, STATUS_IO, "%s: cannot be synced: %s", folder, strerror(why));
}

enum status backup_make_folder(const char *folder, bool *made, struct error *error)
{
    *made = !file_exists(folder);
    if (!*made) {
        return STATUS_OK;
    }
    TRY(file_make_folder(folder, error));
    return chmod(folder, S_IRWXU) == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "%s: %s", folder, strerror(errno));
}

/* ---- a centre in a folder ---- */

void backup_store_in(const char *folder, bool drill, struct store *store)
{
    *store = (struct store){ .kind = STORE_FOLDER, .drill = drill };
    CHECK((size_t)snprintf(store->folder, sizeof store->folder, "%s", folder) < sizeof store->folder);
    snprintf(store->shown, sizeof store->shown, "%s", folder);
}

enum status backup_verify_trail(const struct store *store, struct error *error)
{
    struct sql *sql = NULL;
    uint64_t rows = 0;
    char chain[65];
    TRY(sql_open(store, SQL_CENTRE, true, &sql, error));
    enum status status = audit_verify(sql, &rows, chain, error);
    sql_close(sql);
    return status;
}

/* ---- who works here ---- */

enum status backup_lock(const char *folder, int *lock, struct error *error)
{
    bool made = false;
    TRY(backup_make_folder(folder, &made, error));
    *lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*lock < 0) {
        return ERROR(error, STATUS_IO, "%s: %s", folder, strerror(errno));
    }
    if (flock(*lock, LOCK_EX | LOCK_NB) != 0) {
        close(*lock);
        return ERROR(error, STATUS_IO, "%s: another backup or restore is at work there", folder);
    }
    return STATUS_OK;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

static bool is_backup_name(const char *name)
{
    return strncmp(name, BACKUP_PREFIX, strlen(BACKUP_PREFIX)) == 0 && strlen(name) < BACKUP_FOLDER_NAME_MAX;
}

void backup_clear_partial(const char *folder)
{
    DIR *listing = opendir(folder);
    if (listing == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        if (is_backup_name(entry->d_name) && ends_with(entry->d_name, BACKUP_PARTIAL)) {
            char *path = file_join(folder, entry->d_name);
            (void)folder_remove(path);
            free(path);
        }
    }
    closedir(listing);
}

/* ---- which there are ---- */

struct backup_names {
    char (*names)[BACKUP_FOLDER_NAME_MAX];
    size_t count;
};

static int newest_first(const void *a, const void *b) { return strcmp(b, a); }

/* Their names begin with the time at which they were made. */
static enum status list_backups(const char *folder, struct backup_names *list, struct error *error)
{
    list->count = 0;
    list->names = calloc(BACKUPS_MAX, sizeof *list->names);
    if (list->names == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to list the backups in %s", folder);
    }
    DIR *listing = opendir(folder);
    if (listing == NULL) {
        int why = errno;
        free(list->names);
        return ERROR(error, why == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "%s: %s", folder, strerror(why));
    }
    for (const struct dirent *entry = readdir(listing); entry != NULL && list->count < BACKUPS_MAX; entry = readdir(listing)) {
        if (is_backup_name(entry->d_name) && !ends_with(entry->d_name, BACKUP_PARTIAL)) {
            snprintf(list->names[list->count++], BACKUP_FOLDER_NAME_MAX, "%s", entry->d_name);
        }
    }
    closedir(listing);
    qsort(list->names, list->count, sizeof *list->names, newest_first);
    return STATUS_OK;
}

enum status backup_newest(const char *folder, const char *centre, char path[BACKUP_PATH_MAX], struct backup_manifest *manifest,
                          struct error *error)
{
    struct backup_names list;
    TRY(list_backups(folder, &list, error));
    enum status status = ERROR(error, STATUS_NOT_FOUND, "%s: there is no backup%s", folder,
                               centre != NULL ? " of this centre" : "");
    for (size_t i = 0; i < list.count; i++) {
        status = backup_join(path, folder, list.names[i], error);
        if (status == STATUS_OK) {
            status = backup_manifest_read(path, manifest, error);
        }
        if (status != STATUS_OK || centre == NULL || strcmp(manifest->centre, centre) == 0) {
            break;
        }
        status = ERROR(error, STATUS_NOT_FOUND, "%s: there is no backup of this centre", folder);
    }
    free(list.names);
    return status;
}

/* ---- which is meant ---- */

enum { CENTRES_MAX = 512, CENTRE_HASH_MIN = 8, CENTRES_SHOWN_MAX = 4 };

/* A centre of which there are backups in the folder: its newest one. */
struct centre_seen {
    char centre[COPY_HASH_TEXT];
    char name[256];
    char backup[BACKUP_FOLDER_NAME_MAX];
    bool drill;
};

/* A process serves 256 at most, and those that are gone by now may have theirs here. */
struct centres_seen {
    struct centre_seen items[CENTRES_MAX];
    size_t count;
    struct backup_skipped skipped;
};

static bool is_meant(const char *hash, const char *name, const char *centre)
{
    size_t length = centre != NULL ? strlen(centre) : 0;
    return centre == NULL || strcmp(name, centre) == 0 ||
           (length >= CENTRE_HASH_MIN && length < COPY_HASH_TEXT && strncmp(hash, centre, length) == 0);
}

static enum status see(struct centres_seen *seen, const struct backup_manifest *manifest, const char *backup, const char *folder,
                       struct error *error)
{
    for (size_t i = 0; i < seen->count; i++) {
        if (strcmp(seen->items[i].centre, manifest->centre) == 0) {
            return STATUS_OK;
        }
    }
    if (seen->count == CENTRES_MAX) {
        return ERROR(error, STATUS_FULL, "%s: has backups of more than %d centres: name a certain backup", folder, CENTRES_MAX);
    }
    struct centre_seen *one = &seen->items[seen->count++];
    memcpy(one->centre, manifest->centre, sizeof one->centre);
    memcpy(one->name, manifest->name, sizeof one->name);
    snprintf(one->backup, sizeof one->backup, "%s", backup);
    one->drill = manifest->drill;
    return STATUS_OK;
}

static bool a_meant_one_is_seen(const struct centres_seen *seen, const char *centre, bool drill)
{
    bool is_seen = false;
    for (size_t i = 0; i < seen->count && !is_seen; i++) {
        const struct centre_seen *one = &seen->items[i];
        is_seen = one->drill == drill && is_meant(one->centre, one->name, centre);
    }
    return is_seen;
}

static void pass_over(struct backup_skipped *skipped, const struct error *why)
{
    if (skipped->count < BACKUP_SKIPPED_SHOWN) {
        snprintf(skipped->why[skipped->count], sizeof skipped->why[0], "%s", why->text);
    }
    skipped->count++;
}

/* A manifest that cannot be read may be of any centre. One that is older than a good one of what is meant is passed over; a newer
 * one may be the very one that is meant, so a person has to look. */
static enum status see_all(const char *folder, const struct backup_names *list, const char *centre, bool drill,
                           struct backup_manifest *manifest, struct centres_seen *seen, struct error *error)
{
    for (size_t i = 0; i < list->count; i++) { /* newest first */
        char path[BACKUP_PATH_MAX];
        TRY(backup_join(path, folder, list->names[i], error));
        enum status status = backup_manifest_read(path, manifest, error);
        if (status == STATUS_OK) {
            TRY(see(seen, manifest, list->names[i], folder, error));
        } else if (status != STATUS_NO_MEMORY && a_meant_one_is_seen(seen, centre, drill)) {
            pass_over(&seen->skipped, error);
        } else {
            return status;
        }
    }
    return STATUS_OK;
}

/* "North (1f0a33b2c4d5, backup-...), ..." */
static void tell_seen(const struct centres_seen *seen, bool drill, const char *centre, char *text, size_t size)
{
    size_t used = 0, told = 0;
    text[0] = '\0';
    for (size_t i = 0; i < seen->count && used < size; i++) {
        const struct centre_seen *one = &seen->items[i];
        if (one->drill == drill && is_meant(one->centre, one->name, centre) && told++ < CENTRES_SHOWN_MAX) {
            used += (size_t)snprintf(text + used, size - used, "%s%.40s (%.12s, %s)", used > 0 ? ", " : "", one->name,
                                     one->centre, one->backup);
        }
    }
    if (told > CENTRES_SHOWN_MAX && used < size) {
        snprintf(text + used, size - used, " and %zu others", told - CENTRES_SHOWN_MAX);
    }
}

static enum status none_is_meant(const char *folder, const struct centres_seen *seen, const char *centre, bool drill,
                                 struct error *error)
{
    char others[ERROR_TEXT_MAX / 2];
    tell_seen(seen, !drill, centre, others, sizeof others);
    if (others[0] != '\0') {
        return ERROR(error, STATUS_USAGE, "%s: has backups of %s only: %s: %s", folder, drill ? "centres" : "drills", others,
                     drill ? "leave --drill out" : "say --drill if one of these is meant");
    }
    return seen->count == 0 ? ERROR(error, STATUS_NOT_FOUND, "%s: there is no backup", folder)
                            : ERROR(error, STATUS_NOT_FOUND,
                                    "%s: there is no backup of '%s': --centre is a name, or the first %d letters or more of what "
                                    "the manifest calls centre",
                                    folder, centre, CENTRE_HASH_MIN);
}

static enum status choose(const char *folder, const struct centres_seen *seen, const char *centre, bool drill,
                          const struct centre_seen **chosen, struct error *error)
{
    size_t count = 0;
    for (size_t i = 0; i < seen->count; i++) {
        const struct centre_seen *one = &seen->items[i];
        if (one->drill == drill && is_meant(one->centre, one->name, centre)) {
            *chosen = one;
            count++;
        }
    }
    if (count == 1) {
        return STATUS_OK;
    }
    if (count == 0) {
        return none_is_meant(folder, seen, centre, drill, error);
    }
    char which[ERROR_TEXT_MAX / 2];
    tell_seen(seen, drill, centre, which, sizeof which);
    return ERROR(error, STATUS_USAGE, "%s: has backups of several centres: say --centre with the name or hash of one: %s", folder,
                 which);
}

enum status backup_choose(const char *folder, const char *centre, bool drill, char path[BACKUP_PATH_MAX],
                          struct backup_manifest *manifest, struct backup_skipped *skipped, struct error *error)
{
    struct backup_names list;
    const struct centre_seen *chosen = NULL;
    TRY(list_backups(folder, &list, error));
    struct centres_seen *seen = calloc(1, sizeof *seen);
    enum status status = seen != NULL ? see_all(folder, &list, centre, drill, manifest, seen, error)
                                      : ERROR(error, STATUS_NO_MEMORY, "no memory to look at the backups in %s", folder);
    if (status == STATUS_OK) {
        status = choose(folder, seen, centre, drill, &chosen, error);
    }
    if (status == STATUS_OK) {
        status = backup_join(path, folder, chosen->backup, error);
        *skipped = seen->skipped;
    }
    free(seen);
    free(list.names);
    TRY(status);
    return backup_manifest_read(path, manifest, error);
}

enum status backup_check_chosen(const char *path, const struct backup_manifest *manifest, const char *centre, bool drill,
                                struct error *error)
{
    if (manifest->drill != drill) {
        return ERROR(error, STATUS_USAGE, "%s: is a backup of a %s: %s", path, drill ? "centre, not of a drill" : "drill",
                     drill ? "leave --drill out" : "say --drill if it is meant");
    }
    return is_meant(manifest->centre, manifest->name, centre)
               ? STATUS_OK
               : ERROR(error, STATUS_USAGE, "%s: is a backup of %s (%.12s), not of '%s'", path, manifest->name, manifest->centre,
                       centre);
}

/* ---- whether they are whole ---- */

static enum status check_file(const char *path, const struct backup_file *file, struct error *error)
{
    char name[BACKUP_PATH_MAX];
    char sha256[COPY_HASH_TEXT];
    uint64_t bytes = 0;
    TRY(backup_join(name, path, file->name, error));
    if (!file_exists(name)) {
        return ERROR(error, STATUS_CORRUPT, "%s: is missing, and the manifest names it; take another backup", name);
    }
    TRY(copy_digest(name, sha256, &bytes, error));
    if (bytes != file->bytes) {
        return ERROR(error, STATUS_CORRUPT, "%s: is damaged: it has %llu bytes, and the manifest says %llu; take another backup",
                     name, (unsigned long long)bytes, (unsigned long long)file->bytes);
    }
    return strcmp(sha256, file->sha256) == 0
               ? STATUS_OK
               : ERROR(error, STATUS_CORRUPT, "%s: is damaged: its SHA-256 is not that of the manifest; take another backup",
                       name);
}

enum status backup_check(const char *path, const struct backup_manifest *manifest, struct error *error)
{
    for (uint32_t i = 0; i < manifest->file_count; i++) {
        TRY(check_file(path, &manifest->files[i], error));
    }
    return STATUS_OK;
}

/* ---- which have had their time ---- */

/* Under another name first: what is half removed is no backup. */
static enum status remove_backup(const char *path, struct error *error)
{
    char going[BACKUP_PATH_MAX];
    int length = snprintf(going, sizeof going, "%s" BACKUP_PARTIAL, path);
    if (length <= 0 || (size_t)length >= sizeof going) {
        return ERROR(error, STATUS_USAGE, "%s: the name is too long", path);
    }
    if (rename(path, going) != 0) {
        return ERROR(error, STATUS_IO, "%s: cannot be removed: %s", path, strerror(errno));
    }
    return folder_remove(going) ? STATUS_OK : ERROR(error, STATUS_IO, "%s: cannot be removed: %s", going, strerror(errno));
}

/* A folder may hold backups of several centres, a drill's for one: of each the newest that can be read stays, however old. */
static bool is_newest_of_its_centre(char (*kept)[COPY_HASH_TEXT], size_t *kept_count, const struct backup_manifest *manifest)
{
    for (size_t i = 0; i < *kept_count; i++) {
        if (strcmp(kept[i], manifest->centre) == 0) {
            return false;
        }
    }
    memcpy(kept[(*kept_count)++], manifest->centre, COPY_HASH_TEXT);
    return true;
}

static enum status expire_listed(const char *folder, const struct backup_names *list, struct instant before, bool only_look,
                                 void (*visit)(void *context, const char *path, const struct backup_manifest *manifest),
                                 void *context, struct error *error)
{
    struct backup_manifest *manifest = calloc(1, sizeof *manifest);
    char(*kept)[COPY_HASH_TEXT] = calloc(list->count + 1, sizeof *kept);
    size_t kept_count = 0;
    enum status status = manifest != NULL && kept != NULL ? STATUS_OK
                                                          : ERROR(error, STATUS_NO_MEMORY, "no memory to look at backups");
    for (size_t i = 0; i < list->count && status == STATUS_OK; i++) { /* newest first */
        char path[BACKUP_PATH_MAX];
        struct error unreadable;
        TRY_GOTO(backup_join(path, folder, list->names[i], error), done);
        if (backup_manifest_read(path, manifest, &unreadable) != STATUS_OK ||
            is_newest_of_its_centre(kept, &kept_count, manifest) || !instant_before(manifest->added_at, before)) {
            continue;
        }
        visit(context, path, manifest);
        status = only_look ? STATUS_OK : remove_backup(path, error);
    }
done:
    free(kept);
    free(manifest);
    return status;
}

enum status backup_expire(const char *folder, struct instant before, bool only_look,
                          void (*visit)(void *context, const char *path, const struct backup_manifest *manifest), void *context,
                          struct error *error)
{
    struct backup_names list;
    int lock = -1;
    if (!file_exists(folder)) {
        return STATUS_OK;
    }
    if (!only_look) {
        TRY(backup_lock(folder, &lock, error));
    }
    enum status status = list_backups(folder, &list, error);
    if (status == STATUS_OK) {
        status = expire_listed(folder, &list, before, only_look, visit, context, error);
        free(list.names);
    }
    if (lock >= 0) {
        close(lock);
    }
    return status;
}
