/* mingdi migrate: the tables of a centre brought to what this program expects, step by step, or only looked at. */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "store/migration.h"
#include "store/store.h"

struct migrate {
    const struct store *store;
    bool only_check;
    struct json json;
    size_t missing; /* steps that are still to be applied, of all parts */
};

/* Each step is durable by itself: what is killed goes on at the next call. */
static enum status apply_all(struct sql *sql, const struct migration_part *part, size_t *applied, struct error *error)
{
    size_t before = 0;
    do {
        before = *applied;
        TRY(migration_next(sql, part, applied, error));
    } while (*applied > before);
    return STATUS_OK;
}

static void write_part(struct migrate *migrate, const struct migration_part *part, size_t before, size_t applied)
{
    struct json *json = &migrate->json;
    json_object_begin(json, NULL);
    json_text(json, "part", part->name);
    json_int(json, "steps", (int64_t)part->count);
    json_int(json, "applied", (int64_t)applied);
    json_int(json, "applied_now", (int64_t)(applied - before));
    json_array_begin(json, "missing");
    for (size_t i = applied; i < part->count; i++) {
        json_text(json, NULL, part->steps[i].name);
    }
    json_array_end(json);
    json_object_end(json);
    migrate->missing += part->count - applied;
}

/* A file that is not there yet has no step applied; it is made by migrating. */
static enum status migrate_part(struct migrate *migrate, enum sql_database database, const struct migration_part *part,
                                struct error *error)
{
    struct sql *sql = NULL;
    size_t before = 0;
    enum status status = sql_open(migrate->store, database, migrate->only_check, &sql, error);
    if (status == STATUS_NOT_FOUND && migrate->only_check) {
        write_part(migrate, part, 0, 0);
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = migration_applied(sql, part, &before, error);
    }
    size_t applied = before;
    if (status == STATUS_OK && !migrate->only_check) {
        status = apply_all(sql, part, &applied, error);
    }
    sql_close(sql);
    TRY(status);
    write_part(migrate, part, before, applied);
    return STATUS_OK;
}

static enum status migrate_all(struct migrate *migrate, struct error *error)
{
    TRY(migrate_part(migrate, SQL_CENTRE, &MIGRATION_CENTRE, error));
    TRY(migrate_part(migrate, SQL_REPORT, &MIGRATION_REPORT, error));
    if (migrate->store->kind == STORE_POSTGRES) { /* a journal in a file has one format, which it tells itself */
        TRY(migrate_part(migrate, SQL_CENTRE, &MIGRATION_JOURNAL, error));
    }
    return STATUS_OK;
}

/* A mistyped folder, or a disk that is not mounted, must not get tables: a centre's folder has its journal. */
static enum status check_there(const struct store *store, struct error *error)
{
    if (store->kind != STORE_FOLDER) {
        return STATUS_OK;
    }
    char *journal = file_join(store->folder, "journal.db");
    bool there = file_exists(journal);
    free(journal);
    return there ? STATUS_OK
                 : ERROR(error, STATUS_NOT_FOUND, "no %s in %s: nothing was changed", store->drill ? "drill" : "centre",
                         store->shown);
}

/* What was done before a failure is told all the same. */
static enum status run_migrate(const struct arguments *arguments, struct error *error)
{
    struct store store;
    struct text out;
    bool drill = argument_count(arguments, "--drill") > 0;
    TRY(store_parse(argument(arguments, "--data", NULL), argument(arguments, "--store", NULL), drill, &store, error));
    TRY(check_there(&store, error));
    struct migrate migrate = { .store = &store, .only_check = argument_count(arguments, "--check") > 0 };
    text_init(&out, HELP_TEXT_MAX);
    json_init(&migrate.json, &out, 2);
    json_object_begin(&migrate.json, NULL);
    json_text(&migrate.json, "store", store.shown);
    json_bool(&migrate.json, "drill", drill);
    json_array_begin(&migrate.json, "parts");
    enum status status = migrate_all(&migrate, error);
    json_array_end(&migrate.json);
    json_bool(&migrate.json, "newest", status == STATUS_OK && migrate.missing == 0);
    json_object_end(&migrate.json);
    text_puts(&out, "\n");
    struct error not_printed;
    enum status printed = help_print(&out, &not_printed);
    TRY(status);
    if (printed != STATUS_OK) {
        *error = not_printed;
        return printed;
    }
    if (migrate.missing > 0) {
        return ERROR(error, STATUS_VERSION, "%s: %zu steps are still to be applied; run 'mingdi migrate' without --check",
                     store.shown, migrate.missing);
    }
    return STATUS_OK;
}

static const struct verb_option OPTIONS[] = {
    { "--data", "DIR", "data folder of the centre", NULL },
    { "--store", "URL", "postgres://USER@HOST/DATABASE, where the centre's tables are there", NULL },
    { "--drill", NULL, "the tables of the drill, not of the centre", NULL },
    { "--check", NULL, "change nothing; exit status 1 if there are steps to be applied", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_migrate = {
    .name = "migrate",
    .summary = "bring a centre's tables to what this program expects",
    .synopsis = "migrate --data DIR [--store URL] [--drill] [--check]",
    .details =
        "Applies the steps that are missing, in order, each in a transaction of its own, and prints as JSON what there was and "
        "what "
        "was done. There is no way back: keep a copy first. When it is killed, call it again, and it goes on where it was.\n\n"
        "A step that was changed after it was applied is refused by its name, and so are tables of a newer program. A server "
        "applies nothing by itself to tables that exist: it refuses to start until this verb has been run.",
    .options = OPTIONS,
    .positionals_min = 0,
    .positionals_max = 0,
    .run = run_migrate,
};
