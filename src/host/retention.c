#include "host/retention.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/audit.h"
#include "host/backup.h"
#include "host/people.h"
#include "host/personal.h"
#include "host/secret.h"

const char *const RETENTION_NAMES[RETENTION_COUNT] = { [RETENTION_PERSONAL] = "personal",
                                                       [RETENTION_LEAVERS] = "leavers",
                                                       [RETENTION_AUDIT] = "audit",
                                                       [RETENTION_BACKUPS] = "backups" };

static const char *const SETTING_NAMES[RETENTION_COUNT] = { [RETENTION_PERSONAL] = "personal_keep_days",
                                                            [RETENTION_LEAVERS] = "leaver_keep_days",
                                                            [RETENTION_AUDIT] = "audit_keep_days",
                                                            [RETENTION_BACKUPS] = "backup_keep_days" };

void retention_begin(const struct config *config, const char *data, struct instant now, struct retention *retention)
{
    *retention = (struct retention){ .days = { [RETENTION_PERSONAL] = config->personal_keep_days,
                                               [RETENTION_LEAVERS] = config->leaver_keep_days,
                                               [RETENTION_AUDIT] = config->audit_keep_days,
                                               [RETENTION_BACKUPS] = config->backup_keep_days } };
    for (int kind = 0; kind < RETENTION_COUNT; kind++) {
        retention->before[kind] = instant_add(now, duration_us(-retention->days[kind] * US_PER_DAY));
    }
    const char *folder = config->backup_folder;
    if (folder[0] == '/') {
        snprintf(retention->backup_folder, sizeof retention->backup_folder, "%s", folder);
    } else if (folder[0] != '\0') {
        snprintf(retention->backup_folder, sizeof retention->backup_folder, "%s/%s", data, folder);
    }
}

static bool is_wanted(const struct retention *retention, enum retention_kind kind)
{
    return retention->days[kind] > 0 && (kind != RETENTION_BACKUPS || retention->backup_folder[0] != '\0');
}

static enum status take_count(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    *(int64_t *)context = sql_row_int(row, 0);
    return STATUS_OK;
}

/* ---- accounts ---- */

#define LEAVER " WHERE disabled <> 0 AND changed_at < $1 AND name <> 'left-' || CAST(id AS text)"

static enum status count_leavers(struct sql *sql, struct instant before, uint64_t *count, struct error *error)
{
    int64_t found = 0;
    TRY(sql_query(sql, "SELECT count(*) FROM person" LEAVER, SQL_PARAMETERS(sql_int(before.us)), take_count, &found, NULL,
                  error));
    *count = (uint64_t)found;
    return STATUS_OK;
}

enum { LEAVERS_AT_ONCE = 64 };

struct leavers {
    unsigned char key[SECRET_KEY_SIZE];
    struct {
        uint32_t id;
        unsigned char mark[SECRET_HASH_SIZE];
    } marked[LEAVERS_AT_ONCE];
    size_t count;
};

static enum status take_leaver(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct leavers *leavers = context;
    leavers->marked[leavers->count].id = (uint32_t)sql_row_int(row, 0);
    people_mark(leavers->key, "", sql_row_text(row, 1), leavers->marked[leavers->count].mark);
    leavers->count += 1;
    return STATUS_OK;
}

/* Within a transaction, a few at a time: the hash by which a name is known when it is gone. */
static enum status mark_leavers(struct sql *sql, const unsigned char *master_key, struct instant before, struct error *error)
{
    struct leavers leavers = { .count = LEAVERS_AT_ONCE };
    enum status status = STATUS_OK;
    people_mark_key(master_key, leavers.key);
    while (status == STATUS_OK && leavers.count == LEAVERS_AT_ONCE) {
        leavers.count = 0;
        status = sql_query(sql, "SELECT id, name FROM person" LEAVER " AND left_mark IS NULL LIMIT $2",
                           SQL_PARAMETERS(sql_int(before.us), sql_int(LEAVERS_AT_ONCE)), take_leaver, &leavers, NULL, error);
        for (size_t i = 0; i < leavers.count && status == STATUS_OK; i++) {
            status = sql_run(sql, "UPDATE person SET left_mark = $2 WHERE id = $1",
                             SQL_PARAMETERS(sql_int(leavers.marked[i].id), sql_blob(leavers.marked[i].mark, SECRET_HASH_SIZE)),
                             NULL, error);
        }
    }
    secret_wipe(leavers.key, sizeof leavers.key);
    return status;
}

/* Within a transaction. They stay disabled, and what they did stays theirs, by their number. */
static enum status forget_leavers(struct sql *sql, const unsigned char *master_key, struct instant before, uint64_t *count,
                                  struct error *error)
{
    char detail[128], text[INSTANT_TEXT_SIZE];
    int64_t changed = 0;
    TRY(mark_leavers(sql, master_key, before, error));
    TRY(sql_run(sql,
                "UPDATE person SET name = 'left-' || CAST(id AS text), display = 'left-' || CAST(id AS text), password_hash = '',"
                " totp_secret = NULL, revision = revision + 1" LEAVER,
                SQL_PARAMETERS(sql_int(before.us)), &changed, error));
    *count = (uint64_t)changed;
    instant_format(before, text);
    snprintf(detail, sizeof detail, "%" PRIu64 " accounts disabled since before %s: leaver_keep_days", *count, text);
    const struct audit_entry entry = { .what = "names of leavers erased", .subject = "person", .detail = detail };
    return changed > 0 ? audit_append(sql, &entry, error) : STATUS_OK;
}

static enum status apply_leavers(struct sql *sql, const unsigned char *master_key, struct instant before, uint64_t *count,
                                 struct error *error)
{
    TRY(sql_begin(sql, error));
    enum status status = forget_leavers(sql, master_key, before, count, error);
    if (status == STATUS_OK) {
        status = sql_commit(sql, error);
    }
    if (status != STATUS_OK) {
        sql_rollback(sql);
        return status;
    }
    return *count > 0 ? sql_forget(sql, "person", error) : STATUS_OK;
}

/* ---- backups ---- */

static void count_backup(void *context, const char *path, const struct backup_manifest *manifest)
{
    (void)path, (void)manifest;
    *(uint64_t *)context += 1;
}

/* ---- all ---- */

enum status retention_look(struct retention *retention, struct sql *sql, struct error *error)
{
    const struct instant *before = retention->before;
    uint64_t *counts = retention->counts;
    if (is_wanted(retention, RETENTION_PERSONAL)) {
        TRY(personal_count_older(sql, before[RETENTION_PERSONAL], &counts[RETENTION_PERSONAL], error));
    }
    if (is_wanted(retention, RETENTION_LEAVERS)) {
        TRY(count_leavers(sql, before[RETENTION_LEAVERS], &counts[RETENTION_LEAVERS], error));
    }
    if (is_wanted(retention, RETENTION_AUDIT)) {
        TRY(audit_count_older(sql, before[RETENTION_AUDIT], &counts[RETENTION_AUDIT], error));
    }
    if (is_wanted(retention, RETENTION_BACKUPS)) {
        TRY(backup_expire(retention->backup_folder, before[RETENTION_BACKUPS], true, count_backup, &counts[RETENTION_BACKUPS],
                          error));
    }
    return STATUS_OK;
}

enum status retention_apply(struct retention *retention, const unsigned char *master_key, struct sql *sql, struct error *error)
{
    const struct instant *before = retention->before;
    uint64_t *counts = retention->counts;
    if (is_wanted(retention, RETENTION_PERSONAL)) {
        TRY(personal_erase_older(sql, before[RETENTION_PERSONAL], &counts[RETENTION_PERSONAL], error));
    }
    if (is_wanted(retention, RETENTION_LEAVERS)) {
        TRY(apply_leavers(sql, master_key, before[RETENTION_LEAVERS], &counts[RETENTION_LEAVERS], error));
    }
    if (is_wanted(retention, RETENTION_AUDIT)) {
        TRY(audit_shorten(sql, before[RETENTION_AUDIT], &counts[RETENTION_AUDIT], error));
    }
    return is_wanted(retention, RETENTION_BACKUPS) ? backup_expire(retention->backup_folder, before[RETENTION_BACKUPS], false,
                                                                   count_backup, &counts[RETENTION_BACKUPS], error)
                                                   : STATUS_OK;
}

void retention_write(const struct retention *retention, struct json *json, const char *name)
{
    json_array_begin(json, name);
    for (int kind = 0; kind < RETENTION_COUNT; kind++) {
        char before[INSTANT_TEXT_SIZE];
        instant_format(retention->before[kind], before);
        json_object_begin(json, NULL);
        json_text(json, "kind", RETENTION_NAMES[kind]);
        json_text(json, "setting", SETTING_NAMES[kind]);
        json_int(json, "days", retention->days[kind]);
        if (is_wanted(retention, (enum retention_kind)kind)) {
            json_text(json, "before", before);
        } else {
            json_none(json, "before");
        }
        json_int(json, "count", (int64_t)retention->counts[kind]);
        json_object_end(json);
    }
    json_array_end(json);
}
