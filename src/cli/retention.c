/* mingdi retention: what has been kept long enough, by the settings of the centre. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "host/clock.h"
#include "host/personal.h"
#include "host/retention.h"
#include "host/secret.h"
#include "host/settings.h"

/* In a folder two processes must not write the tables at once: the server's journal tells whether it is there. In PostgreSQL they
 * take turns. */
static enum status require_stopped(const struct store *store, struct error *error)
{
    struct journal journal;
    struct error why = { .text = "" };
    if (store->kind == STORE_POSTGRES) {
        return STATUS_OK;
    }
    enum status status = store_journal_open(store, JOURNAL_WRITE, NULL, &journal, &why);
    if (status == STATUS_OK) {
        journal.close(journal.context);
        return STATUS_OK;
    }
    return ERROR(error, status,
                 "%s; while the centre works, it does this itself each hour, and at once on SIGHUP: use --dry-run to look",
                 why.text);
}

/* By the key of the centre, as its server would. */
static enum status apply(const struct config *config, const char *data, struct retention *retention, struct sql *sql,
                         struct error *error)
{
    unsigned char master_key[SECRET_KEY_SIZE];
    char *path = config->master_key_file[0] != '\0' ? strdup(config->master_key_file) : file_join(data, "master.key");
    enum status status = path != NULL ? secret_start(error) : ERROR(error, STATUS_NO_MEMORY, "no memory for a path");
    if (status == STATUS_OK) {
        status = master_key_load(path, false, master_key, error);
    }
    if (status == STATUS_OK) {
        status = retention_apply(retention, master_key, sql, error);
    }
    free(path);
    secret_wipe(master_key, sizeof master_key);
    return status;
}

static enum status keep(const struct arguments *arguments, const struct store *store, struct retention *retention,
                        struct error *error)
{
    bool dry = argument_count(arguments, "--dry-run") > 0;
    const char *data = argument(arguments, "--data", NULL);
    struct sql *sql = NULL;
    struct config config;
    TRY(dry ? STATUS_OK : require_stopped(store, error));
    TRY(store_tables_open(store, SQL_CENTRE, dry, &sql, error));
    char *path = file_join(data, "mingdi.yaml");
    const struct settings_sources sources = { .path = path, .environment = environ };
    enum status status = settings_read(&sources, sql, &config, error);
    if (status == STATUS_OK) {
        retention_begin(&config, data, clock_wall(), retention);
        status = dry ? retention_look(retention, sql, error) : apply(&config, data, retention, sql, error);
    }
    free(path);
    sql_close(sql);
    return status;
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    struct store store;
    struct retention retention;
    struct text out;
    struct json json;
    const char *data = argument(arguments, "--data", NULL);
    bool drill = argument_count(arguments, "--drill") > 0;
    if (data == NULL) {
        return ERROR(error, STATUS_USAGE, "retention needs --data DIR: the folder of the centre");
    }
    TRY(store_parse(data, argument(arguments, "--store", NULL), drill, &store, error));
    TRY(keep(arguments, &store, &retention, error));
    text_init(&out, HELP_TEXT_MAX);
    json_init(&json, &out, 2);
    json_object_begin(&json, NULL);
    json_text(&json, "store", store.shown);
    json_bool(&json, "dry_run", argument_count(arguments, "--dry-run") > 0);
    retention_write(&retention, &json, "kinds");
    json_object_end(&json);
    text_puts(&out, "\n");
    return help_print(&out, error);
}

static const struct verb_option OPTIONS[] = {
    { "--data", "DIR", "the centre's folder", NULL },
    { "--store", "URL", "postgres://USER@HOST/DATABASE, where the tables are there", NULL },
    { "--drill", NULL, "of the drill, not of the centre", NULL },
    { "--dry-run", NULL, "count what would go, and change nothing; also while the centre works", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_retention = {
    .name = "retention",
    .summary = "let go what has been kept long enough, or say what would go",
    .synopsis = "retention --data DIR [--store URL] [--drill] [--dry-run]",
    .details =
        "The settings personal_keep_days, leaver_keep_days, audit_keep_days and backup_keep_days say how long personal data of "
        "callers, names of accounts that were disabled, rows of the audit trail, and backups are kept; 0: for ever. A server "
        "applies them itself once an hour, and at once when it gets SIGHUP. What goes is told by a row of the audit trail. The "
        "journal never changes: it names nobody.\n\n"
        "Prints as JSON what went, or with --dry-run what would: for each kind the setting, the moment before which, and how "
        "many.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
