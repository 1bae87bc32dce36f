/* The folder of a centre comes into being: what is new is made in DIR/init.partial and moved into place, the journal last. */
#include "host/setup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "host/personal.h"
#include "host/secret.h"
#include "host/setup_private.h"

enum { YAML_MAX = 1 << 17 };

#define STAGING "init.partial"
#define JOURNAL "journal.db"

/* What stands in the data folder itself, in either of its two uses. */
static const char *const SHARED_FILES[] = { "mingdi.yaml", "city.mingdi", "master.key" };

enum status setup_stopped(const struct setup *setup, struct error *error)
{
    const volatile sig_atomic_t *stop = setup->options.stop;
    return stop == NULL || *stop == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "stopped; no centre was made");
}

/* ---- what is there ---- */

static enum status journal_has_entries(const struct store *store, bool *holds, struct error *error)
{
    struct journal journal;
    struct journal_facts facts;
    struct error why = { .text = "" };
    enum status status = store_journal_open(store, JOURNAL_READ, NULL, &journal, &why);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        *error = why;
        return status;
    }
    store_journal_facts(&journal, &facts);
    journal.close(journal.context);
    *holds = facts.last_sequence > 0;
    return STATUS_OK;
}

/* What may not be looked at is not taken for missing: somebody would make a second centre. */
static enum status journal_is_there(const char *folder, bool *there, struct error *error)
{
    struct stat file;
    char *path = file_join(folder, JOURNAL);
    *there = stat(path, &file) == 0;
    int reason = *there ? 0 : errno;
    enum status status = STATUS_OK;
    if (reason != 0 && reason != ENOENT && reason != ENOTDIR) {
        status = ERROR(error, STATUS_IO, "%s: %s", path, strerror(reason));
    }
    free(path);
    return status;
}

enum status setup_holds_centre(const struct store *store, bool *holds, struct error *error)
{
    *holds = false;
    if (store->kind == STORE_FOLDER) {
        bool there = false;
        TRY(journal_is_there(store->folder, &there, error));
        if (!there) {
            return STATUS_OK;
        }
    }
    return journal_has_entries(store, holds, error);
}

enum status setup_require(const char *data, const struct store *store, struct error *error)
{
    bool holds = false;
    TRY(setup_holds_centre(store, &holds, error));
    if (holds) {
        return STATUS_OK;
    }
    char *settings = file_join(data, "mingdi.yaml");
    bool elsewhere = store->kind == STORE_FOLDER && file_exists(settings);
    free(settings);
    return ERROR(error, STATUS_NOT_FOUND, "no %s in %s: make one with: mingdi init --data %s%s%s%s",
                 store->drill ? "drill" : "centre", store->shown, data, store->kind == STORE_POSTGRES ? " --store URL" : "",
                 store->drill ? " --drill" : "", elsewhere ? "; or say --store URL, if its tables are in PostgreSQL" : "");
}

/* True for what another attempt, or the other use of the folder, may have put there; and for the password at the database, which
 * libpq wants in the home of the server's user, who has no other one. */
static bool is_ours(const struct setup *setup, const char *name)
{
    static const char *const databases[] = { "centre.db", "report.db", JOURNAL };
    static const char *const fine[] = { STAGING, "lost+found", ".pgpass", ".", ".." };
    for (size_t i = 0; i < ARRAY_LENGTH(fine); i++) {
        if (strcmp(name, fine[i]) == 0) {
            return true;
        }
    }
    bool unfinished = file_exists(setup->staging);
    for (size_t i = 0; i < ARRAY_LENGTH(SHARED_FILES); i++) {
        if (strcmp(name, SHARED_FILES[i]) == 0) {
            return setup->beside || unfinished;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(databases); i++) {
        if (strncmp(name, databases[i], strlen(databases[i])) == 0) {
            return setup->beside || unfinished;
        }
    }
    return setup->beside || (unfinished && strcmp(name, "drill") == 0);
}

/* The folder must be empty but for what is known: nothing of anybody is mixed with a centre, or overwritten. */
static enum status check_folder(const struct setup *setup, struct error *error)
{
    DIR *listing = opendir(setup->options.data);
    if (listing == NULL) {
        return errno == ENOENT ? STATUS_OK : ERROR(error, STATUS_IO, "%s: %s", setup->options.data, strerror(errno));
    }
    enum status status = STATUS_OK;
    for (const struct dirent *entry = readdir(listing); entry != NULL && status == STATUS_OK; entry = readdir(listing)) {
        if (!is_ours(setup, entry->d_name)) {
            status = ERROR(error, STATUS_BAD_INPUT, "%s is not empty: it holds %s; name a folder that is new or empty",
                           setup->options.data, entry->d_name);
        }
    }
    closedir(listing);
    return status;
}

static enum status check_free(const struct setup *setup, struct error *error)
{
    bool holds = false;
    TRY(setup_holds_centre(&setup->store, &holds, error));
    if (holds) {
        return ERROR(error, STATUS_BAD_INPUT, "%s holds a %s already; nothing was changed", setup->store.shown,
                     setup->store.drill ? "drill" : "centre");
    }
    return check_folder(setup, error);
}

/* ---- clearing away ---- */

static void remove_in(const char *folder, const char *name)
{
    char *path = file_join(folder, name);
    (void)unlink(path);
    free(path);
}

/* What this attempt, or a killed one, made: never anything when the store holds a centre. */
static void clear_away(const struct setup *setup)
{
    static const char *const databases[] = { "centre.db",     "centre.db-wal", "centre.db-shm", "report.db",    "report.db-wal",
                                             "report.db-shm", JOURNAL,         JOURNAL "-wal",  JOURNAL "-shm", JOURNAL "-lock" };
    if (!file_exists(setup->staging)) {
        return;
    }
    for (size_t i = 0; setup->store.kind == STORE_FOLDER && i < ARRAY_LENGTH(databases); i++) {
        remove_in(setup->folder, databases[i]);
    }
    if (setup->store.kind == STORE_FOLDER && setup->store.drill) {
        (void)rmdir(setup->folder);
    }
    for (size_t i = 0; !setup->beside && i < ARRAY_LENGTH(SHARED_FILES); i++) {
        remove_in(setup->options.data, SHARED_FILES[i]);
    }
    (void)folder_remove(setup->staging);
}

/* ---- making ---- */

static enum status sync_folder(const char *folder, struct error *error)
{
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = descriptor >= 0 && fsync(descriptor) == 0;
    int why = errno;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return synced ? STATUS_OK : ERROR(error, STATUS_IO, "%s: cannot be synced: %s", folder, strerror(why));
}

/* For its owner only: personal data and keys will lie in it. */
static enum status make_folder(const char *folder, struct error *error)
{
    if (file_exists(folder)) {
        return STATUS_OK;
    }
    TRY(file_make_folder(folder, error));
    return chmod(folder, S_IRWXU) == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "%s: %s", folder, strerror(errno));
}

static enum status write_config(const struct setup *setup, struct error *error)
{
    struct text yaml;
    text_init(&yaml, YAML_MAX);
    config_write_yaml(&setup->config, &yaml);
    char *path = file_join(setup->staging, "mingdi.yaml");
    enum status status = yaml.failed ? ERROR(error, STATUS_NO_MEMORY, "no memory for mingdi.yaml")
                                     : file_write_whole(path, yaml.bytes, yaml.length, error);
    free(path);
    text_free(&yaml);
    return status;
}

static enum status copy_city(const struct setup *setup, struct error *error)
{
    enum { PIECE = 16 << 20 };
    struct file_view view;
    struct file_writer writer;
    TRY(file_view_open(&view, setup->city_path, error));
    char *path = file_join(setup->staging, "city.mingdi");
    enum status status = file_writer_open(&writer, path, error);
    free(path);
    if (status != STATUS_OK) {
        file_view_close(&view);
        return status;
    }
    for (size_t at = 0; at < view.size && status == STATUS_OK; at += PIECE) {
        size_t piece = view.size - at < PIECE ? view.size - at : PIECE;
        status = file_writer_write(&writer, view.bytes + at, piece, error);
        status = status == STATUS_OK ? setup_stopped(setup, error) : status;
    }
    file_view_close(&view);
    if (status != STATUS_OK) {
        file_writer_abandon(&writer);
        return status;
    }
    return file_writer_commit(&writer, error);
}

static enum status make_key(const struct setup *setup, struct error *error)
{
    unsigned char key[32];
    TRY(secret_start(error));
    const char *elsewhere = setup->config.master_key_file; /* one that is there is taken as it is */
    char *path = elsewhere[0] != '\0' ? strdup(elsewhere) : file_join(setup->staging, "master.key");
    enum status status = path != NULL ? master_key_load(path, true, key, error)
                                      : ERROR(error, STATUS_NO_MEMORY, "no memory for a path");
    secret_wipe(key, sizeof key);
    free(path);
    return status;
}

static enum status make_shared(const struct setup *setup, struct error *error)
{
    if (setup->beside) {
        return STATUS_OK;
    }
    TRY(write_config(setup, error));
    TRY(copy_city(setup, error));
    return make_key(setup, error);
}

static enum status move_file(const struct setup *setup, const char *name, const char *folder, struct error *error)
{
    char *from = file_join(setup->staging, name), *to = file_join(folder, name);
    enum status status = STATUS_OK;
    if (file_exists(from) && rename(from, to) != 0) {
        status = ERROR(error, STATUS_IO, "%s: cannot be moved into place: %s", from, strerror(errno));
    }
    free(from);
    free(to);
    return status;
}

/* Into place: what is shared, the tables, and last the journal, which makes a centre of it. */
static enum status move_files(const struct setup *setup, struct error *error)
{
    for (size_t i = 0; i < ARRAY_LENGTH(SHARED_FILES); i++) {
        TRY(move_file(setup, SHARED_FILES[i], setup->options.data, error));
    }
    TRY(sync_folder(setup->options.data, error));
    if (setup->store.kind != STORE_FOLDER) {
        return STATUS_OK;
    }
    TRY(make_folder(setup->folder, error));
    TRY(move_file(setup, "centre.db", setup->folder, error));
    TRY(move_file(setup, "report.db", setup->folder, error));
    TRY(sync_folder(setup->folder, error));
    TRY(move_file(setup, JOURNAL, setup->folder, error));
    return sync_folder(setup->folder, error);
}

/* In a folder the journal is made beside the rest and moved last; in a database server it is the last thing to be written. */
static enum status make_centre(const struct setup *setup, struct text *told, struct error *error)
{
    uint32_t administrator = 0;
    struct store store = setup->store;
    memcpy(store.folder, setup->staging, sizeof store.folder); /* its length is checked in prepare */
    TRY(make_shared(setup, error));
    TRY(setup_write_tables(setup, &store, &administrator, told, error));
    TRY(setup_stopped(setup, error));
    if (setup->store.kind == STORE_FOLDER) {
        TRY(setup_write_journal(setup, &store, administrator, error));
        return move_files(setup, error);
    }
    TRY(move_files(setup, error));
    return setup_write_journal(setup, &store, administrator, error);
}

static void tell(const struct setup *setup, struct text *told)
{
    const struct scenario *scenario = setup->scenario;
    text_printf(told, "%s: the %s \"%s\" is made\n", setup->store.shown, setup->store.drill ? "drill" : "centre",
                setup->config.name);
    text_printf(told, "  %u stations, %u units, %u facilities, %u districts, %u seats, %u people\n", scenario->station_count,
                scenario->unit_count, scenario->facility_count, scenario->district_count, setup->seat_count, setup->people_count);
    if (setup->config.totp_for_all && !setup->store.drill) {
        text_puts(told,
                  "  whoever signs in the first time changes the password that was given, and sets up a second factor with an "
                  "authenticator on the phone; the first administrator too\n");
    }
    if (setup->config.first_password_days > 0 && !setup->store.drill) {
        text_printf(told, "  sign in within %d days: a password that was given runs out then\n",
                    (int)setup->config.first_password_days);
    }
    if (setup->seats_made) {
        text_puts(told, "  no seats.csv: made C1, C2 (call-takers), D1 (dispatcher), K1 (duty commander)\n");
    }
    if (setup->drill_only_left_out > 0) {
        text_printf(told, "  %u accounts of people.csv are for drills only and were left out\n", setup->drill_only_left_out);
    }
}

/* One attempt at a time in a folder; held until the process ends or the setup is given back. */
static enum status lock_folder(struct setup *setup, struct error *error)
{
    const char *data = setup->options.data;
    setup->lock = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (setup->lock < 0) {
        return ERROR(error, STATUS_IO, "%s: %s", data, strerror(errno));
    }
    return flock(setup->lock, LOCK_EX | LOCK_NB) == 0 ? STATUS_OK
                                                      : ERROR(error, STATUS_IO, "%s: another mingdi init is at work there", data);
}

static enum status prepare(struct setup *setup, bool *made_folder, struct error *error)
{
    const char *data = setup->options.data;
    size_t length = strlen(data);
    int staged = snprintf(setup->staging, sizeof setup->staging, "%s/%s", data, STAGING);
    if (length == 0 || staged < 0 || (size_t)staged >= STORE_PATH_MAX - sizeof "/journal.db-journal") {
        return ERROR(error, STATUS_USAGE, "--data: the folder's name is too long");
    }
    (void)snprintf(setup->folder, sizeof setup->folder, "%s", setup->store.folder);
    *made_folder = !file_exists(data);
    TRY(make_folder(data, error));
    TRY(lock_folder(setup, error));
    return check_free(setup, error);
}

static enum status make_staged(struct setup *setup, struct text *told, struct error *error)
{
    clear_away(setup);
    TRY(make_folder(setup->staging, error));
    tell(setup, told);
    return make_centre(setup, told, error);
}

enum status setup_write(struct setup *setup, struct text *told, struct error *error)
{
    bool made_folder = false, holds = false;
    struct error looking = { .text = "" };
    enum status status = prepare(setup, &made_folder, error);
    bool begun = status == STATUS_OK;
    if (begun) {
        status = make_staged(setup, told, error);
    }
    if (status == STATUS_OK) {
        (void)folder_remove(setup->staging);
        return STATUS_OK;
    }
    text_clear(told);
    /* Only if it is certain that no centre came of it: a journal that a database took after all must not lose its key. */
    if (begun && setup_holds_centre(&setup->store, &holds, &looking) == STATUS_OK && !holds) {
        clear_away(setup);
    }
    if (made_folder) {
        (void)rmdir(setup->options.data);
    }
    return status;
}
