/* mingdi journal verify and mingdi journal show: whether a journal is whole, and what stands in it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/entry_json.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "host/audit.h"
#include "host/projector.h"
#include "store/migration.h"
#include "store/store.h"

/* ---- verify ---- */

static void write_instant(struct json *json, const char *name, struct instant at)
{
    char text[INSTANT_TEXT_SIZE];
    instant_format(at, text);
    if (instant_is_none(at)) {
        json_none(json, name);
    } else {
        json_text(json, name, text);
    }
}

/* What stands beside the journal, where there is a centre: its audit trail, and the report tables that are made from it. */
struct beside {
    bool trail_there, report_there;
    uint64_t trail_rows, report_rows;
    char trail_chain[65];
};

/* A single file is a journal without a centre; a folder has tables once their file is there. */
static bool tables_may_be_there(const struct store *store, const char *file)
{
    if (store->kind != STORE_FOLDER) {
        return true;
    }
    char *path = file_join(store->folder, file);
    bool exists = file_exists(path);
    free(path);
    return exists;
}

static enum status open_tables(const struct store *store, enum sql_database database, const struct migration_part *part,
                               struct sql **sql, bool *there, struct error *error)
{
    size_t applied = 0;
    TRY(sql_open(store, database, true, sql, error));
    enum status status = migration_applied(*sql, part, &applied, error);
    *there = status == STATUS_OK && applied > 0;
    return status;
}

static enum status verify_trail(const struct store *store, struct beside *beside, struct error *error)
{
    struct sql *sql = NULL;
    if (!tables_may_be_there(store, "centre.db")) {
        return STATUS_OK;
    }
    enum status status = open_tables(store, SQL_CENTRE, &MIGRATION_CENTRE, &sql, &beside->trail_there, error);
    if (status == STATUS_OK && beside->trail_there) {
        status = audit_verify(sql, &beside->trail_rows, beside->trail_chain, error);
    }
    sql_close(sql);
    return status;
}

static enum status verify_report(const struct store *store, const struct limits *limits, struct beside *beside,
                                 struct error *error)
{
    struct sql *sql = NULL;
    if (!tables_may_be_there(store, "report.db")) {
        return STATUS_OK;
    }
    enum status status = open_tables(store, SQL_REPORT, &MIGRATION_REPORT, &sql, &beside->report_there, error);
    sql_close(sql);
    TRY(status);
    return beside->report_there ? projector_verify(store, limits, &beside->report_rows, error) : STATUS_OK;
}

static enum status verify_beside(const char *name, const struct journal_facts *facts, struct beside *beside, struct error *error)
{
    static const struct limits fallback = LIMITS_DEFAULT;
    struct store store;
    struct stat seen;
    bool is_url = store_is_url(name);
    if (!is_url && (stat(name, &seen) != 0 || !S_ISDIR(seen.st_mode))) {
        return STATUS_OK;
    }
    TRY(store_parse(is_url ? NULL : name, is_url ? name : NULL, false, &store, error));
    store.drill = facts->drill; /* the name is that of the drill's own folder or schema */
    TRY(verify_trail(&store, beside, error));
    return verify_report(&store, facts->limits_known ? &facts->limits : &fallback, beside, error);
}

static void write_report(struct text *out, const struct journal_facts *facts, const struct journal_report *report,
                         const struct beside *beside)
{
    struct json json;
    json_init(&json, out, 2);
    json_object_begin(&json, NULL);
    json_bool(&json, "sound", true);
    json_bool(&json, "drill", facts->drill);
    json_text(&json, "created_by", facts->created_by);
    json_int(&json, "entries", (int64_t)report->entries);
    json_int(&json, "events", (int64_t)report->events);
    json_int(&json, "groups", (int64_t)report->groups);
    json_int(&json, "bytes", (int64_t)report->bytes);
    json_int(&json, "snapshots", (int64_t)report->snapshots);
    json_int(&json, "last_sequence", (int64_t)report->last_sequence);
    write_instant(&json, "first_entered_at", report->first_entered_at);
    write_instant(&json, "last_entered_at", report->last_entered_at);
    json_bool(&json, "closed_cleanly", facts->final_known && facts->final_sequence == report->last_sequence);
    json_text(&json, "chain", report->chain);
    if (beside->trail_there) {
        json_object_begin(&json, "audit");
        json_int(&json, "rows", (int64_t)beside->trail_rows);
        json_text(&json, "chain", beside->trail_chain);
        json_object_end(&json);
    }
    if (beside->report_there) {
        json_object_begin(&json, "report");
        json_int(&json, "rows", (int64_t)beside->report_rows);
        json_object_end(&json);
    }
    json_object_end(&json);
    text_puts(out, "\n");
}

static enum status run_verify(const struct arguments *arguments, struct error *error)
{
    struct journal journal;
    struct journal_facts facts;
    struct journal_report report;
    TRY(store_journal_open_named(arguments->positionals[0], &journal, error));
    store_journal_facts(&journal, &facts);
    enum status status = store_journal_verify(&journal, &report, error);
    journal.close(journal.context);
    TRY(status);
    struct beside beside = { .trail_there = false };
    TRY(verify_beside(arguments->positionals[0], &facts, &beside, error));
    struct text out;
    text_init(&out, HELP_TEXT_MAX);
    write_report(&out, &facts, &report, &beside);
    return help_print(&out, error);
}

static const struct verb_option NO_OPTIONS[] = { { NULL, NULL, NULL, NULL } };

const struct verb verb_journal_verify = {
    .name = "journal verify",
    .summary = "check a journal's hash chain and every entry of it",
    .synopsis = "journal verify JOURNAL",
    .details =
        "JOURNAL is a file, the data folder of a centre, or postgres://USER@HOST/DATABASE. "
        "Reads the whole journal: each entry's checksum and form, that none is missing or out of order, the chain of SHA-256 "
        "hashes over the groups of entries, the snapshots' digests. A sound journal is described as JSON on stdout. Of one "
        "that is not, the first broken entry is named: its sequence, the row that should hold it, and what is wrong. "
        "Of a centre the audit trail is read too, row by row, and the report tables are held against what the journal tells, "
        "as far as they have followed it.\n\n"
        "The chains find whatever was changed, taken out or put in. They cannot tell that the newest entries or rows are "
        "missing, "
        "unless the journal was closed cleanly before. Who keeps each printed \"chain\" elsewhere can prove later that nothing "
        "up "
        "to there has been rewritten.",
    .options = NO_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_verify,
};

/* ---- show ---- */

struct show {
    struct text line;
    long long left;
    bool enough;
};

static enum status show_entry(void *visitor, const struct entry_head *entry, struct error *error)
{
    struct show *show = visitor;
    if (show->left == 0) {
        show->enough = true; /* a failure is how a visit ends the reading */
        return ERROR(error, STATUS_NOT_FOUND, "enough");
    }
    struct json json;
    text_clear(&show->line);
    json_init(&json, &show->line, 0);
    entry_write_json(&json, NULL, entry);
    text_puts(&show->line, "\n");
    if (show->line.failed) {
        return ERROR(error, STATUS_NO_MEMORY, "entry %llu: no memory for its text", (unsigned long long)entry->sequence);
    }
    if (fwrite(show->line.bytes, 1, show->line.length, stdout) != show->line.length) {
        return ERROR(error, STATUS_IO, "standard output: %s", strerror(errno));
    }
    show->left--;
    return STATUS_OK;
}

static enum status run_show(const struct arguments *arguments, struct error *error)
{
    long long from = 0;
    struct show show = { 0 };
    TRY(argument_int(arguments, "--from", 1, INT64_MAX, 1, &from, error));
    TRY(argument_int(arguments, "--count", 0, INT64_MAX, INT64_MAX, &show.left, error));
    struct journal journal;
    TRY(store_journal_open_named(arguments->positionals[0], &journal, error));
    text_init(&show.line, ENTRY_JSON_MAX);
    enum status status = journal.read(journal.context, (uint64_t)from, show_entry, &show, error);
    text_free(&show.line);
    journal.close(journal.context);
    return show.enough ? STATUS_OK : status;
}

static const struct verb_option SHOW_OPTIONS[] = {
    { "--from", "N", "begin with the entry of this sequence; default: the first", NULL },
    { "--count", "N", "show at most so many entries; default: all", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_journal_show = {
    .name = "journal show",
    .summary = "print the entries of a journal as JSON lines",
    .synopsis = "journal show JOURNAL [--from N] [--count N]",
    .details =
        "JOURNAL is a file, the data folder of a centre, or postgres://USER@HOST/DATABASE. "
        "One line an entry: its sequence, when it was entered, who sent the command, the command, and the events that it became. "
        "Instants and durations are microseconds. A journal that is being written may be shown.",
    .options = SHOW_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_show,
};
