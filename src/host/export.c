#include "host/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "host/audit.h"
#include "host/export_private.h"
#include "host/personal.h"
#include "host/rights.h"
#include "host/secret.h"
#include "wire/form.h"

enum { PERIOD_DAYS_MAX = 3653, REPORT_TEXT_MAX = 1 << 16 };

/* ---- who ---- */

struct asking {
    struct identity identity;
    bool found, disabled;
};

static enum status take_person(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct asking *asking = context;
    asking->found = true;
    asking->identity.actor = (uint32_t)sql_row_int(row, 0);
    asking->disabled = sql_row_int(row, 1) != 0;
    return STATUS_OK;
}

static enum status take_grant(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct identity *identity = &((struct asking *)context)->identity;
    int role = role_find(sql_row_text(row, 0)), scope = scope_find(sql_row_text(row, 1));
    if (role >= 0 && scope >= 0 && identity->grant_count < GRANTS_MAX) {
        identity->grants[identity->grant_count++] = (struct grant){ .role = (uint8_t)role,
                                                                    .scope = (uint8_t)scope,
                                                                    .id = (uint32_t)sql_row_int(row, 2) };
    }
    return STATUS_OK;
}

static enum status require_right(const struct export_options *options, struct sql *sql, uint32_t *actor, struct error *error)
{
    struct asking asking = { .found = false };
    TRY(sql_query(sql, "SELECT id, disabled FROM person WHERE name = $1", SQL_PARAMETERS(sql_text(options->by)), take_person,
                  &asking, NULL, error));
    TRY(sql_query(sql, "SELECT role, scope, scope_id FROM person_grant WHERE person = $1",
                  SQL_PARAMETERS(sql_int(asking.identity.actor)), take_grant, &asking, NULL, error));
    *actor = asking.identity.actor;
    if (!asking.found || asking.disabled) {
        return ERROR(error, STATUS_USAGE, "--by %s: there is no such account, or it is disabled", options->by);
    }
    return rights_resource(&asking.identity, RESOURCE_EXPORT)
               ? STATUS_OK
               : ERROR(error, STATUS_USAGE, "--by %s: has not the right to export (docs/rights.md: export)", options->by);
}

static enum status write_trail(const struct export_options *options, const struct export_report *report, struct sql *sql,
                               uint32_t actor, struct error *error)
{
    char detail[AUDIT_DETAIL_MAX], from[INSTANT_TEXT_SIZE], to[INSTANT_TEXT_SIZE];
    instant_format(options->from, from);
    instant_format(options->to, to);
    snprintf(detail, sizeof detail,
             "export %s: %s to %s, k %" PRIu32 ": %" PRIu64 " incidents, %" PRIu64 " other calls; withheld %" PRIu64
             " and %" PRIu64 "; key %s; by %s",
             report->id, from, to, options->k, report->incidents.rows - report->incidents.withheld,
             report->lone.rows - report->lone.withheld, report->incidents.withheld, report->lone.withheld,
             options->key_file != NULL ? "kept" : "thrown away", options->program);
    const struct audit_entry entry = { .actor = actor, .what = "de-identified export", .subject = "journal", .detail = detail };
    return audit_write_now(sql, &entry, error);
}

/* ---- what may be told ---- */

static enum status settle(struct export_calls *calls, uint32_t k, struct export_counts *counts, struct error *error)
{
    struct quasi *quasi = calloc(calls->count + 1, sizeof *quasi);
    uint8_t *steps = calloc(calls->count + 1, sizeof *steps);
    enum status status = quasi != NULL && steps != NULL ? STATUS_OK
                                                        : ERROR(error, STATUS_NO_MEMORY, "no memory for the rows of the period");
    for (size_t i = 0; status == STATUS_OK && i < calls->count; i++) {
        quasi[i] = calls->items[i].quasi;
    }
    if (status == STATUS_OK) {
        status = deidentify(quasi, calls->count, k, steps, error);
    }
    for (size_t i = 0; status == STATUS_OK && i < calls->count; i++) {
        calls->items[i].step = steps[i];
        counts->withheld += steps[i] == DEIDENTIFY_WITHHELD;
        if (steps[i] != DEIDENTIFY_WITHHELD) {
            counts->by_step[steps[i]] += 1;
        }
    }
    counts->rows = calls->count;
    free(quasi);
    free(steps);
    return status;
}

static void count_rest(const struct export_data *data, struct export_report *report)
{
    report->calls = data->incidents.count + data->others.count;
    report->missions = data->missions.count;
    report->calls_withheld = report->incidents.withheld;
    for (size_t i = 0; i < data->others.count; i++) {
        const struct export_call *incident = export_incident(data, data->others.items[i].incident);
        report->calls_elsewhere += incident == NULL;
        report->calls_withheld += incident != NULL && incident->step == DEIDENTIFY_WITHHELD;
    }
    for (size_t i = 0; i < data->missions.count; i++) {
        const struct export_call *incident = export_incident(data, data->missions.items[i].incident);
        report->missions_withheld += incident == NULL || incident->step == DEIDENTIFY_WITHHELD;
    }
}

/* ---- the report ---- */

static void write_counts(struct json *json, const char *name, const struct export_counts *counts)
{
    json_object_begin(json, name);
    json_int(json, "rows", (int64_t)counts->rows);
    json_int(json, "told", (int64_t)(counts->rows - counts->withheld));
    json_int(json, "withheld", (int64_t)counts->withheld);
    json_array_begin(json, "steps");
    for (uint8_t step = 0; step < DEIDENTIFY_STEPS; step++) {
        json_object_begin(json, NULL);
        deidentify_write_step(json, step);
        json_int(json, "rows", (int64_t)counts->by_step[step]);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_followers(struct json *json, const char *name, uint64_t rows, uint64_t withheld, uint64_t elsewhere)
{
    json_object_begin(json, name);
    json_int(json, "rows", (int64_t)rows);
    json_int(json, "told", (int64_t)(rows - withheld - elsewhere));
    json_int(json, "withheld", (int64_t)withheld);
    json_int(json, "elsewhere", (int64_t)elsewhere);
    json_object_end(json);
}

void export_write_report(const struct export_options *options, const struct export_report *report, struct json *json)
{
    json_text(json, "format", "mingdi de-identified export 1");
    if (report->id[0] != '\0') {
        json_text(json, "export", report->id);
    }
    json_text(json, "program", options->program);
    form_instant(json, "from", options->from);
    form_instant(json, "to", options->to);
    json_text(json, "time_zone", options->config->time_zone);
    json_int(json, "k", options->k);
    json_int(json, "step_s", EXPORT_STEP_S);
    json_int(json, "seconds_max", EXPORT_SECONDS_MAX);
    write_counts(json, "incidents", &report->incidents);
    write_counts(json, "calls_without_incident", &report->lone);
    write_followers(json, "calls_of_incidents", report->calls, report->calls_withheld, report->calls_elsewhere);
    write_followers(json, "missions", report->missions, report->missions_withheld, 0);
    json_text(json, "withheld_why",
              "fewer than k people with the same complaint, or with any, at the last step; calls and missions go with their "
              "incident");
    json_text(json, "elsewhere_why", "the incident's first call rang before the period");
    json_text(json, "notice",
              "De-identified, not anonymous: personal information still, under the law. Do not publish, do not join with other "
              "data, destroy when done.");
}

static enum status write_report_file(const struct export_options *options, const struct export_report *report, const char *folder,
                                     struct error *error)
{
    struct text out;
    struct json json;
    text_init(&out, REPORT_TEXT_MAX);
    json_init(&json, &out, 2);
    json_object_begin(&json, NULL);
    export_write_report(options, report, &json);
    json_object_end(&json);
    text_puts(&out, "\n");
    char *path = file_join(folder, "report.json");
    enum status status = out.failed ? ERROR(error, STATUS_NO_MEMORY, "no memory for the report")
                                    : file_write_whole(path, out.bytes, out.length, error);
    free(path);
    text_free(&out);
    return status;
}

/* ---- the folder ---- */

static enum status fill(const struct export_options *options, const struct export_data *data, const struct export_report *report,
                        struct sql *sql, const char *partial, struct error *error)
{
    unsigned char key[SECRET_KEY_SIZE];
    if (options->key_file != NULL) {
        TRY(master_key_load(options->key_file, true, key, error));
    } else {
        secret_random(key, sizeof key);
    }
    enum status status = export_write(options, data, sql, key, partial, error);
    secret_wipe(key, sizeof key);
    TRY(status);
    return write_report_file(options, report, partial, error);
}

static enum status make_folder(const char *partial, struct error *error)
{
    return folder_remove(partial) && mkdir(partial, S_IRWXU) == 0
               ? STATUS_OK
               : ERROR(error, STATUS_IO, "%s: cannot be made: %s", partial, strerror(errno));
}

/* The row of the audit trail comes before the name. */
static enum status make_files(const struct export_options *options, const struct export_data *data,
                              const struct export_report *report, struct sql *sql, uint32_t actor, struct error *error)
{
    char partial[STORE_PATH_MAX];
    struct interrupt_guard *guard = NULL;
    if ((size_t)snprintf(partial, sizeof partial, "%s.partial", options->folder) >= sizeof partial) {
        return ERROR(error, STATUS_USAGE, "%s: the name is too long", options->folder);
    }
    TRY(make_folder(partial, error));
    enum status status = interrupt_guard_start(&guard, partial, error);
    if (status == STATUS_OK) {
        status = fill(options, data, report, sql, partial, error);
    }
    if (status == STATUS_OK) {
        interrupt_guard_hold(guard);
        status = write_trail(options, report, sql, actor, error);
    }
    if (status == STATUS_OK && rename(partial, options->folder) != 0) {
        status = ERROR(error, STATUS_IO, "%s: cannot get its name: %s", partial, strerror(errno));
    }
    if (status != STATUS_OK) {
        (void)folder_remove(partial);
    }
    interrupt_guard_end(guard);
    return status;
}

/* ---- the whole ---- */

static enum status check_options(const struct export_options *options, struct error *error)
{
    if (!instant_before(options->from, options->to)) {
        return ERROR(error, STATUS_BAD_INPUT, "the period is empty: it begins where it ends, or later");
    }
    if ((uint64_t)options->to.us - (uint64_t)options->from.us > (uint64_t)PERIOD_DAYS_MAX * US_PER_DAY) {
        return ERROR(error, STATUS_BAD_INPUT, "the period is longer than ten years");
    }
    return options->dry_run || !file_exists(options->folder)
               ? STATUS_OK
               : ERROR(error, STATUS_USAGE, "%s: is there already: an export makes a folder of its own", options->folder);
}

static void name_export(struct export_report *report)
{
    unsigned char bytes[(EXPORT_ID_SIZE - 1) / 2];
    secret_random(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(report->id + 2 * i, 3, "%02x", bytes[i]);
    }
}

static enum status work(const struct export_options *options, struct sql *sql, struct export_report *report, struct error *error)
{
    struct export_data data;
    uint32_t actor = 0;
    TRY(options->dry_run ? STATUS_OK : require_right(options, sql, &actor, error));
    enum status status = export_read(options, sql, &data, error);
    if (status == STATUS_OK) {
        status = settle(&data.incidents, options->k, &report->incidents, error);
    }
    if (status == STATUS_OK) {
        status = settle(&data.lone, options->k, &report->lone, error);
    }
    if (status == STATUS_OK) {
        count_rest(&data, report);
    }
    if (status == STATUS_OK && !options->dry_run) {
        name_export(report);
        status = make_files(options, &data, report, sql, actor, error);
    }
    export_free(&data);
    return status;
}

enum status export_make(const struct export_options *options, struct export_report *report, struct error *error)
{
    struct sql *sql = NULL;
    *report = (struct export_report){ .id = "" };
    TRY(check_options(options, error));
    TRY(secret_start(error));
    TRY(store_tables_open(options->store, SQL_CENTRE, options->dry_run, &sql, error));
    enum status status = work(options, sql, report, error);
    sql_close(sql);
    return status;
}
