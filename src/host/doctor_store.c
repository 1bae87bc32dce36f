/* What the databases hold: are they there, of this version, whole at their end; how far the report is; who follows; what is
 * kept. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "host/backup.h"
#include "host/doctor_private.h"
#include "store/migration.h"

enum { TAIL_ENTRIES = 2000, REPORT_LAG_MAX = 20000, PERSONAL_DAYS_MIN = 731 };

/* ---- does a server work on it ---- */

static enum status take_number(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

static enum status take_text(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    snprintf(context, DOCTOR_TEXT_MAX, "%s", sql_row_text(row, 0));
    return STATUS_OK;
}

/* The writer of a journal in a folder holds a lock on a file beside it. */
static bool journal_is_locked(const char *folder)
{
    char *path = file_join(folder, "journal.db-lock");
    struct flock facts = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool locked = file >= 0 && fcntl(file, F_OFD_GETLK, &facts) == 0 && facts.l_type != F_UNLCK;
    if (file >= 0) {
        close(file);
    }
    free(path);
    return locked;
}

/* ---- tables ---- */

static bool examine_part(const struct doctor *doctor, struct sql *sql, const struct migration_part *part)
{
    size_t applied = 0;
    struct error error = { .text = "" };
    if (migration_applied(sql, part, &applied, &error) != STATUS_OK) {
        doctor_say_error(doctor, DOCTOR_FAIL, "tables", &error, "use the program of their version, or 'mingdi migrate'");
        return false;
    }
    if (applied < part->count) {
        doctor_say(doctor, DOCTOR_FAIL, "tables", "stop the server, make a backup, run 'mingdi migrate'",
                   "the tables of %s are at step %zu of %zu", part->name, applied, part->count);
        return false;
    }
    doctor_say(doctor, DOCTOR_OK, "tables", "", "the tables of %s are at step %zu, the newest", part->name, applied);
    return true;
}

static struct sql *open_tables(const struct doctor *doctor, enum sql_database database)
{
    struct sql *sql = NULL;
    struct error error = { .text = "" };
    if (sql_open(doctor->options->store, database, true, &sql, &error) != STATUS_OK) {
        doctor_say_error(doctor, DOCTOR_FAIL, "tables", &error,
                         doctor->options->store->kind == STORE_POSTGRES
                             ? "is PostgreSQL running, and does it let this user in?"
                             : "is the disk mounted? a file that is missing comes from a backup (mingdi restore)");
        return NULL;
    }
    return sql;
}

/* ---- PostgreSQL ---- */

static void examine_followers(const struct doctor *doctor, struct sql *sql, const char *names)
{
    int64_t streaming = 0;
    struct error error = { .text = "" };
    if (sql_query(sql, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", SQL_NO_PARAMETERS, take_number,
                  &streaming, NULL, &error) != STATUS_OK) {
        doctor_say_error(doctor, DOCTOR_WARN, "replication", &error, "give the user the role pg_monitor to see it");
    } else if (names[0] != '\0' && streaming == 0) {
        doctor_say(doctor, DOCTOR_FAIL, "replication", "bring a standby back: until then every command waits",
                   "synchronous_standby_names is '%s', and no standby follows", names);
    } else if (names[0] == '\0' && streaming > 0) {
        doctor_say(doctor, DOCTOR_WARN, "replication",
                   "set synchronous_standby_names: else a failover loses what was acknowledged",
                   "%" PRId64 " standbys follow, none of them synchronously", streaming);
    } else {
        doctor_say(doctor, DOCTOR_OK, "replication", "", "%" PRId64 " standbys follow%s", streaming,
                   streaming == 0 ? ", and none is asked for" : "");
    }
}

static void examine_postgres(struct doctor *doctor, struct sql *sql)
{
    char version[DOCTOR_TEXT_MAX] = "", names[DOCTOR_TEXT_MAX] = "";
    int64_t recovering = 0;
    int64_t failed = 0;
    int64_t writers = 0;
    struct error error = { .text = "" };
    enum status status = sql_query(sql, "SELECT current_setting('server_version')", SQL_NO_PARAMETERS, take_text, version, NULL,
                                   &error);
    if (status == STATUS_OK) {
        status = sql_query(sql, "SELECT current_setting('synchronous_standby_names')", SQL_NO_PARAMETERS, take_text, names, NULL,
                           &error);
    }
    if (status == STATUS_OK) {
        status = sql_query(sql, "SELECT CAST(pg_is_in_recovery() AS int)", SQL_NO_PARAMETERS, take_number, &recovering, NULL,
                           &error);
    }
    if (status == STATUS_OK) {
        status = sql_query(sql,
                           "SELECT count(*) FROM pg_stat_archiver WHERE last_failed_time > coalesce(last_archived_time,"
                           " '-infinity')",
                           SQL_NO_PARAMETERS, take_number, &failed, NULL, &error);
    }
    if (status == STATUS_OK) {
        status = sql_query(sql, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'mingdi journal%'",
                           SQL_NO_PARAMETERS, take_number, &writers, NULL, &error);
    }
    if (status != STATUS_OK) {
        doctor_say_error(doctor, DOCTOR_FAIL, "database", &error, "look at the server's log");
        return;
    }
    doctor->server_runs = writers > 0;
    doctor_say(doctor, recovering != 0 ? DOCTOR_FAIL : DOCTOR_OK, "database",
               recovering != 0 ? "name the primary in --store: this one is a standby" : "", "PostgreSQL %s at %s", version,
               doctor->options->store->shown);
    if (failed > 0) {
        doctor_say(doctor, DOCTOR_FAIL, "archive",
                   "look at archive_command and its disk: without it nothing newer can be restored",
                   "the server's log is not archived: the last attempt failed");
    }
    examine_followers(doctor, sql, names);
}

/* ---- the journal ---- */

static enum status pass(void *context, const struct entry_head *entry, struct error *error)
{
    (void)error;
    *(struct instant *)context = entry->entered_at;
    return STATUS_OK;
}

static void examine_tail(const struct doctor *doctor, const struct journal *journal, const struct journal_facts *facts)
{
    struct error error = { .text = "" };
    struct instant last_at = INSTANT_NONE;
    char text[INSTANT_TEXT_SIZE];
    uint64_t from = facts->last_sequence > TAIL_ENTRIES ? facts->last_sequence - TAIL_ENTRIES : 1;
    if (facts->last_sequence == 0) {
        doctor_say(doctor, DOCTOR_FAIL, "journal", "make a centre with 'mingdi init', or restore one", "it is empty");
    } else if (journal->read(journal->context, from, pass, &last_at, &error) != STATUS_OK) {
        doctor_say_error(doctor, DOCTOR_FAIL, "journal", &error,
                         "stop the server, keep the file as it is, restore the newest backup (mingdi restore)");
    } else {
        instant_format(last_at, text);
        bool ahead = instant_before(doctor->options->now, last_at) && !doctor->options->store->drill;
        doctor_say(doctor, ahead ? DOCTOR_WARN : DOCTOR_OK, "journal",
                   ahead ? "the clock was set back, or was wrong before: look at the time server" : "",
                   "%" PRIu64 " entries; the chain holds over the last %d; the newest is of %s", facts->last_sequence,
                   TAIL_ENTRIES, text);
    }
}

static uint64_t examine_journal(const struct doctor *doctor)
{
    struct journal journal;
    struct journal_facts facts = { .last_sequence = 0 };
    struct error error = { .text = "" };
    if (store_journal_open(doctor->options->store, JOURNAL_READ, NULL, &journal, &error) != STATUS_OK) {
        doctor_say_error(doctor, DOCTOR_FAIL, "journal", &error, "is the disk mounted? else restore the newest backup");
        return 0;
    }
    store_journal_facts(&journal, &facts);
    examine_tail(doctor, &journal, &facts);
    journal.close(journal.context);
    return facts.last_sequence;
}

static void examine_report(const struct doctor *doctor, struct sql *sql, uint64_t last)
{
    int64_t reached = 0;
    struct error error = { .text = "" };
    if (sql_query(sql, "SELECT sequence FROM projection WHERE name = 'report'", SQL_NO_PARAMETERS, take_number, &reached, NULL,
                  &error) != STATUS_OK) {
        doctor_say_error(doctor, DOCTOR_WARN, "report", &error, "start the server: it makes them anew");
        return;
    }
    uint64_t behind = last > (uint64_t)reached ? last - (uint64_t)reached : 0;
    bool is_late = behind > REPORT_LAG_MAX && doctor->server_runs;
    doctor_say(doctor, is_late ? DOCTOR_WARN : DOCTOR_OK, "report",
               is_late ? "the server works on it; if it does not come nearer, its log says why" : "",
               "the report tables are %" PRIu64 " entries behind the journal", behind);
}

void doctor_store(struct doctor *doctor)
{
    const struct store *store = doctor->options->store;
    struct sql *sql = open_tables(doctor, SQL_CENTRE);
    if (sql != NULL) {
        if (store->kind == STORE_POSTGRES) {
            examine_postgres(doctor, sql);
        }
        if (examine_part(doctor, sql, &MIGRATION_CENTRE)) {
            doctor_access(doctor, sql);
        }
        sql_close(sql);
    }
    if (store->kind == STORE_FOLDER) {
        doctor->server_runs = journal_is_locked(store->folder);
    }
    uint64_t last = examine_journal(doctor);
    char *report = file_join(store->folder, "report.db");
    bool is_there = store->kind == STORE_POSTGRES || file_exists(report);
    free(report);
    sql = is_there ? open_tables(doctor, SQL_REPORT) : NULL;
    if (sql != NULL && examine_part(doctor, sql, &MIGRATION_REPORT)) {
        examine_report(doctor, sql, last);
    }
    sql_close(sql);
}

/* ---- what is kept ---- */

static void say_age(const struct doctor *doctor, const char *path, const struct backup_manifest *manifest)
{
    int64_t hours = instant_since(doctor->options->now, manifest->added_at).us / US_PER_HOUR;
    bool is_old = hours >= doctor->config.backup_warn_hours;
    doctor_say(doctor, is_old ? DOCTOR_WARN : DOCTOR_OK, "backup",
               is_old ? "run 'mingdi backup', and see why nobody else did (a timer, its disk)" : "",
               "%s: %" PRId64 " hours old, up to entry %" PRIu64, path, hours, manifest->sequence);
}

static void examine_backup(const struct doctor *doctor)
{
    const struct doctor_options *options = doctor->options;
    const char *set = doctor->config.backup_folder;
    char path[BACKUP_PATH_MAX], centre[COPY_HASH_TEXT];
    struct error error = { .text = "" };
    if (set[0] == '\0') {
        doctor_say(doctor, DOCTOR_WARN, "backup", "set backup_folder, and run 'mingdi backup' each night (docs/operations.md)",
                   "no folder of backups is set");
        return;
    }
    struct backup_manifest *manifest = calloc(1, sizeof *manifest);
    char *folder = set[0] == '/' ? strdup(set) : file_join(options->data, set);
    CHECK(manifest != NULL && folder != NULL);
    bool known = copy_group_hash(options->store, 0, centre, &error) == STATUS_OK;
    enum status status = backup_newest(folder, known ? centre : NULL, path, manifest, &error);
    if (status == STATUS_OK) {
        status = backup_check(path, manifest, &error);
    }
    if (status == STATUS_OK) {
        say_age(doctor, path, manifest);
    } else {
        doctor_say_error(doctor, DOCTOR_FAIL, "backup", &error, "run 'mingdi backup'; is its disk mounted?");
    }
    free(folder);
    free(manifest);
}

static void examine_retention(const struct doctor *doctor)
{
    int64_t days = doctor->config.personal_keep_days;
    bool is_short = days > 0 && days < PERSONAL_DAYS_MIN;
    doctor_say(doctor, days == 0 || is_short ? DOCTOR_WARN : DOCTOR_OK, "retention",
               days == 0  ? "decide how long, and set personal_keep_days (docs/operations.md)"
               : is_short ? "two years are asked for in China: ask whether fewer are right here"
                          : "",
               days == 0 ? "callers' personal data are kept for ever (personal_keep_days: %" PRId64 ")"
                         : "callers' personal data are kept for %" PRId64 " days",
               days);
}

void doctor_keeping(const struct doctor *doctor)
{
    if (doctor->options->store->drill) {
        return;
    }
    examine_backup(doctor);
    examine_retention(doctor);
}
