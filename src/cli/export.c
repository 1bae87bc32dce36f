/* mingdi export: what happened in a period, de-identified, for research and quality control. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "host/export.h"
#include "host/settings.h"

static enum status read_moment(const struct arguments *arguments, const char *name, struct instant *at, struct error *error)
{
    const char *text = argument(arguments, name, NULL);
    if (text == NULL) {
        return ERROR(error, STATUS_USAGE, "export needs --from T and --to T: which period?");
    }
    return instant_parse(text, at)
               ? STATUS_OK
               : ERROR(error, STATUS_USAGE, "%s: '%s' is no time: write it as 2026-01-01T00:00:00+08:00, or with Z for UTC", name,
                       text);
}

/* The setting is the least that the centre allows. */
static enum status read_k(const struct arguments *arguments, const struct config *config, uint32_t *k, struct error *error)
{
    long long wanted = 0;
    TRY(argument_int(arguments, "--k", DEIDENTIFY_K_MIN, DEIDENTIFY_K_MAX, config->export_k, &wanted, error));
    *k = (uint32_t)wanted;
    return wanted >= config->export_k ? STATUS_OK
                                      : ERROR(error, STATUS_USAGE, "--k %lld: the centre asks for %lld at least (export_k)",
                                              wanted, (long long)config->export_k);
}

static enum status read_options(const struct arguments *arguments, struct export_options *options, struct error *error)
{
    options->dry_run = argument_count(arguments, "--dry-run") > 0;
    options->lines = strcmp(argument(arguments, "--format", "csv"), "jsonl") == 0;
    options->folder = argument(arguments, "-o", NULL);
    options->by = argument(arguments, "--by", NULL);
    options->key_file = argument(arguments, "--key", NULL);
    options->program = "mingdi " MINGDI_VERSION;
    TRY(read_moment(arguments, "--from", &options->from, error));
    TRY(read_moment(arguments, "--to", &options->to, error));
    if (!options->dry_run && (options->folder == NULL || options->by == NULL)) {
        return ERROR(error, STATUS_USAGE,
                     "export needs -o FOLDER and --by NAME, or --dry-run: where to, and who answers for it?");
    }
    return STATUS_OK;
}

static enum status read_config(const struct store *store, const char *data, struct config *config, struct error *error)
{
    struct sql *sql = NULL;
    TRY(store_tables_open(store, SQL_CENTRE, true, &sql, error));
    char *path = file_join(data, "mingdi.yaml");
    const struct settings_sources sources = { .path = path, .environment = environ };
    enum status status = settings_read(&sources, sql, config, error);
    free(path);
    sql_close(sql);
    TRY(status);
    if (setenv("TZ", config->time_zone, 1) != 0) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the time zone");
    }
    tzset();
    return STATUS_OK;
}

static enum status tell(const struct export_options *options, const struct export_report *report, struct error *error)
{
    struct text out;
    struct json json;
    text_init(&out, HELP_TEXT_MAX);
    json_init(&json, &out, 2);
    json_object_begin(&json, NULL);
    json_bool(&json, "dry_run", options->dry_run);
    if (!options->dry_run) {
        json_text(&json, "folder", options->folder);
    }
    export_write_report(options, report, &json);
    json_object_end(&json);
    text_puts(&out, "\n");
    return help_print(&out, error);
}

static enum status run(const struct arguments *arguments, struct error *error)
{
    struct store store;
    struct config config;
    struct export_report report;
    struct export_options options = { .store = &store, .config = &config };
    const char *data = argument(arguments, "--data", NULL);
    if (data == NULL) {
        return ERROR(error, STATUS_USAGE, "export needs --data DIR: the folder of the centre");
    }
    TRY(read_options(arguments, &options, error));
    TRY(store_parse(data, argument(arguments, "--store", NULL), argument_count(arguments, "--drill") > 0, &store, error));
    TRY(read_config(&store, data, &config, error));
    TRY(read_k(arguments, &config, &options.k, error));
    TRY(export_make(&options, &report, error));
    return tell(&options, &report, error);
}

static const struct verb_option OPTIONS[] = {
    { "--data", "DIR", "the centre's folder", NULL },
    { "--store", "URL", "postgres://USER@HOST/DATABASE, where the tables are there", NULL },
    { "--drill", NULL, "of the drill, not of the centre", NULL },
    { "--from", "T", "incidents and calls that rang at or after this moment: 2026-01-01T00:00:00+08:00", NULL },
    { "--to", "T", "and before this one", NULL },
    { "-o", "FOLDER", "is made, with the files in it", NULL },
    { "--by", "NAME", "account of who answers for it, and has the right export; the audit trail says so", NULL },
    { "--k", "N", "people who must look alike; default and least: the setting export_k", NULL },
    { "--format", "F", "of incidents, calls and missions; default: csv", "csv|jsonl" },
    { "--key", "FILE", "of the pseudonyms: used, or made if it is not there; without it nobody keeps the key", NULL },
    { "--dry-run", NULL, "say what would be told less exactly or withheld, and write nothing", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_export = {
    .name = "export",
    .summary = "what happened in a period, de-identified, for research",
    .synopsis =
        "export --data DIR [--store URL] [--drill] --from T --to T {-o FOLDER --by NAME | --dry-run} [--k N] [--format F] "
        "[--key FILE]",
    .details =
        "Writes incidents, calls and missions that are over, a dictionary of the columns, and a report. Numbers, names, free "
        "text, "
        "coordinates and moments in time are never in it: times are seconds since the ring, ids are pseudonyms under a key that "
        "is thrown away. Hours, district, age and complaint are told less exactly, step by step, until at least k people look "
        "alike; what stays too rare is withheld, and the report says how many and why.\n\n"
        "De-identified is not anonymous: what it still is under the law, and what to do with it, is in docs/export.md. The "
        "centre "
        "may work meanwhile. Each export is a row of the audit trail.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run,
};
