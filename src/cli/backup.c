/* mingdi backup and mingdi restore: copies of a centre that goes on working, and the way back. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "host/backup.h"
#include "host/clock.h"
#include "host/config.h"

#define PROGRAM "mingdi " MINGDI_VERSION

enum { FOLLOW_S_MAX = 86400 };

/* ---- what is told ---- */

static void write_instant(struct json *json, const char *name, struct instant at)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(at, text);
    json_text(json, name, text);
}

static void write_hash(struct json *json, const char *name, uint64_t hash)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    json_text(json, name, text);
}

static enum status tell_made(const struct backup_made *made, uint64_t expired, int indent, struct error *error)
{
    const struct backup_manifest *manifest = &made->manifest;
    struct text out;
    struct json json;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < manifest->file_count; i++) {
        bytes += manifest->files[i].bytes;
    }
    text_init(&out, HELP_TEXT_MAX);
    json_init(&json, &out, indent);
    json_object_begin(&json, NULL);
    json_text(&json, "backup", made->path);
    json_bool(&json, "added", made->added);
    write_instant(&json, "at", manifest->added_at);
    json_int(&json, "sequence", (int64_t)manifest->sequence);
    write_instant(&json, "entered_at", manifest->entered_at);
    json_text(&json, "chain", manifest->chain);
    write_hash(&json, "state_hash", manifest->state_hash);
    json_int(&json, "files", manifest->file_count);
    json_int(&json, "bytes", (int64_t)bytes);
    json_int(&json, "expired", (int64_t)expired);
    json_object_end(&json);
    text_puts(&out, "\n");
    TRY(help_print(&out, error));
    (void)fflush(stdout);
    return STATUS_OK;
}

/* ---- backup ---- */

struct request {
    struct backup_options options;
    struct store store;
    struct config config;
    char *folder;
};

static enum status read_config(const char *data, struct config *config, struct error *error)
{
    char *path = file_join(data, "mingdi.yaml");
    config_defaults(config);
    enum status status = config_read_file(config, path, error);
    free(path);
    TRY(status);
    TRY(config_read_environment(config, environ, error));
    return config_check(config, error);
}

static enum status read_request(const struct arguments *arguments, struct request *request, struct error *error)
{
    const char *data = argument(arguments, "--data", NULL);
    if (data == NULL) {
        return ERROR(error, STATUS_USAGE, "backup needs --data DIR: the folder of the centre");
    }
    bool drill = argument_count(arguments, "--drill") > 0;
    TRY(store_parse(data, argument(arguments, "--store", NULL), drill, &request->store, error));
    TRY(read_config(data, &request->config, error));
    const char *named = argument(arguments, "--to", NULL);
    const char *set = request->config.backup_folder;
    if (named == NULL && set[0] == '\0') {
        return ERROR(error, STATUS_USAGE, "say --to FOLDER, or set backup_folder in mingdi.yaml: where do the backups go?");
    }
    request->folder = named != NULL ? strdup(named) : set[0] == '/' ? strdup(set) : file_join(data, set);
    if (request->folder == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a path");
    }
    request->options = (struct backup_options){
        .data = data, .store = &request->store, .config = &request->config, .folder = request->folder, .program = PROGRAM
    };
    return STATUS_OK;
}

/* One after the other until it is ended; a failure is told and tried again, for a disk may come back. */
static enum status follow(const struct request *request, struct backup_made *made, unsigned every_s, struct error *error)
{
    for (;;) {
        struct error why = { .text = "" };
        enum status status = backup_add(&request->options, made, &why);
        if (status == STATUS_USAGE) {
            *error = why;
            return status;
        }
        if (status == STATUS_OK) {
            TRY(tell_made(made, 0, 0, error));
        } else {
            fprintf(stderr, "mingdi: backup: %s; tried again in %u s\n", why.text, every_s);
        }
        (void)sleep(every_s);
    }
}

static void count_expired(void *context, const char *path, const struct backup_manifest *manifest)
{
    (void)path, (void)manifest;
    *(uint64_t *)context += 1;
}

/* A whole one has been made, so that those which have had their time may go. */
static enum status expire(const struct request *request, uint64_t *expired, struct error *error)
{
    int64_t days = request->config.backup_keep_days;
    struct instant before = instant_add(clock_wall(), duration_us(-days * US_PER_DAY));
    return days > 0 ? backup_expire(request->folder, before, false, count_expired, expired, error) : STATUS_OK;
}

static enum status make_wanted(const struct arguments *arguments, const struct request *request, struct backup_made *made,
                               struct error *error)
{
    long long every_s = 0;
    TRY(argument_int(arguments, "--follow", 1, FOLLOW_S_MAX, 0, &every_s, error));
    if (every_s > 0) {
        return follow(request, made, (unsigned)every_s, error);
    }
    if (argument_count(arguments, "--add") > 0) {
        TRY(backup_add(&request->options, made, error));
        return tell_made(made, 0, 2, error);
    }
    uint64_t expired = 0;
    TRY(backup_make(&request->options, made, error));
    TRY(expire(request, &expired, error));
    return tell_made(made, expired, 2, error);
}

static enum status run_backup(const struct arguments *arguments, struct error *error)
{
    struct request request = { .folder = NULL };
    struct backup_made *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a backup");
    }
    enum status status = read_request(arguments, &request, error);
    if (status == STATUS_OK) {
        status = make_wanted(arguments, &request, made, error);
    }
    free(request.folder);
    free(made);
    return status;
}

static const struct verb_option BACKUP_OPTIONS[] = {
    { "--data", "DIR", "the centre's folder", NULL },
    { "--store", "URL", "postgres://USER@HOST/DATABASE, where journal and tables are there", NULL },
    { "--drill", NULL, "of the drill, not of the centre", NULL },
    { "--to", "FOLDER", "folder of backups; default: the setting backup_folder", NULL },
    { "--add", NULL, "add what came since to the newest backup, if there is one", NULL },
    { "--follow", "S", "do so every S seconds until the program is ended", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_backup = {
    .name = "backup",
    .summary = "copy a centre that goes on working, and prove the copy",
    .synopsis = "backup --data DIR [--store URL] [--drill] [--to FOLDER] [--add | --follow S]",
    .details =
        "Makes FOLDER/backup-<time> with a manifest: which centre, up to which entry of the journal, the hash of the chain and "
        "of "
        "the state there, size and SHA-256 of each file. SQLite's online backup copies the databases of a folder, pg_dump those "
        "in PostgreSQL, while the centre works. Settings, city file and protocols go along; the master key never does, and "
        "without "
        "it nobody can read the personal data in a backup: keep it apart.\n\n"
        "With --add only what came since goes to the newest backup of this centre: new groups of the journal, and the tables as "
        "they are now. With --follow this is done again and again, so that a machine that dies takes seconds of work with it. "
        "In PostgreSQL the server archives its own log for that (docs/operations.md).\n\n"
        "What could not be finished leaves nothing. One backup at a time works in a folder.",
    .options = BACKUP_OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run_backup,
};

/* ---- restore ---- */

static enum status tell_restored(const struct restore_options *options, const struct restored *restored, struct error *error)
{
    struct text out;
    struct json json;
    text_init(&out, HELP_TEXT_MAX);
    json_init(&json, &out, 2);
    json_object_begin(&json, NULL);
    json_text(&json, "backup", restored->path);
    write_instant(&json, "backup_at", restored->manifest.added_at);
    json_text(&json, "data", options->data);
    json_bool(&json, "drill", restored->manifest.drill);
    json_int(&json, "sequence", (int64_t)restored->sequence);
    write_instant(&json, "entered_at", restored->entered_at);
    json_int(&json, "left_out", (int64_t)(restored->manifest.sequence - restored->sequence));
    json_text(&json, "chain", restored->chain);
    write_hash(&json, "state_hash", restored->state_hash);
    json_bool(&json, "state_proved", restored->hash_compared);
    json_int(&json, "sessions_ended", (int64_t)restored->sessions);
    json_bool(&json, "key_there", options->key != NULL);
    json_int(&json, "skipped", (int64_t)restored->skipped.count);
    json_array_begin(&json, "skipped_because");
    for (size_t i = 0; i < restored->skipped.count && i < BACKUP_SKIPPED_SHOWN; i++) {
        json_text(&json, NULL, restored->skipped.why[i]);
    }
    json_array_end(&json);
    json_object_end(&json);
    text_puts(&out, "\n");
    return help_print(&out, error);
}

static enum status read_options(const struct arguments *arguments, struct restore_options *options, struct error *error)
{
    long long sequence = 0;
    const char *time = argument(arguments, "--time", NULL);
    *options = (struct restore_options){ .from = argument(arguments, "--from", NULL),
                                         .data = argument(arguments, "--data", NULL),
                                         .store_url = argument(arguments, "--store", NULL),
                                         .key = argument(arguments, "--key", NULL),
                                         .centre = argument(arguments, "--centre", NULL),
                                         .drill = argument_count(arguments, "--drill") > 0,
                                         .at = INSTANT_NONE,
                                         .program = PROGRAM };
    if (options->from == NULL || options->data == NULL) {
        return ERROR(error, STATUS_USAGE, "restore needs --from BACKUP and --data DIR: a folder that is not there yet, or empty");
    }
    TRY(argument_int(arguments, "--sequence", 1, INT64_MAX, 0, &sequence, error));
    options->sequence = (uint64_t)sequence;
    if (time != NULL && sequence != 0) {
        return ERROR(error, STATUS_USAGE, "--sequence and --time are two ways to say the same: leave one out");
    }
    if (time != NULL && !instant_parse(time, &options->at)) {
        return ERROR(error, STATUS_USAGE, "--time: '%s' is no time: write it as 2026-11-22T14:30:00+08:00, or with Z for UTC",
                     time);
    }
    return STATUS_OK;
}

static enum status run_restore(const struct arguments *arguments, struct error *error)
{
    struct restore_options options;
    TRY(read_options(arguments, &options, error));
    struct restored *restored = calloc(1, sizeof *restored);
    if (restored == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to restore");
    }
    enum status status = backup_restore(&options, restored, error);
    if (status == STATUS_OK) {
        status = tell_restored(&options, restored, error);
    }
    free(restored);
    return status;
}

static const struct verb_option RESTORE_OPTIONS[] = {
    { "--from", "BACKUP", "a backup, or a folder of backups: then the newest in it of the centre", NULL },
    { "--centre", "NAME", "which centre, where the folder has several: its name, or how its hash in the manifest begins", NULL },
    { "--drill", NULL, "a drill's backup is meant; without it never is one taken", NULL },
    { "--data", "DIR", "the folder to make: not there yet, or empty", NULL },
    { "--store", "URL", "of a backup from PostgreSQL: the database, which has no schema of that name", NULL },
    { "--key", "FILE", "the master key, from where it is kept; without it put it to DIR/master.key later", NULL },
    { "--sequence", "N", "the journal up to this entry only", NULL },
    { "--time", "T", "the journal up to this moment only: 2026-11-22T14:30:00+08:00", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_restore = {
    .name = "restore",
    .summary = "make a centre out of a backup, up to its end or to a moment",
    .synopsis = "restore --from BACKUP --data DIR [--centre NAME] [--drill] [--store URL] [--key FILE] [--sequence N | --time T]",
    .details =
        "Nothing is ever overwritten. Each file is held against its sum in the manifest, the chains of the journal and of the "
        "audit trail are read, and the journal is replayed from its first entry: it must lead to the state whose hash the "
        "manifest tells. What is wrong is named, and nothing is left.\n\n"
        "A folder may hold backups of several centres, and of drills: which centre is meant must then be said, and a drill's "
        "backup "
        "becomes a drill again (DIR/drill), never a centre.\n\n"
        "With --sequence or --time the journal ends at the last group of entries that was complete by then; entries that one "
        "commit made durable stay together. The tables are those of the backup, so what was erased by then stays erased. All "
        "sessions are ended; the audit trail says that and from what the centre was restored. The report tables are made anew by "
        "the server.",
    .options = RESTORE_OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run_restore,
};
