/* The files of an export. Each sheet has one table of columns: header, rows and dictionary follow it. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "host/directory.h"
#include "host/export_private.h"
#include "host/secret.h"

enum { PSEUDONYM_BYTES = 10, PSEUDONYM_SIZE = 2 * PSEUDONYM_BYTES + 1, ROW_MAX = 1 << 14 };

/* ---- columns ---- */

struct column {
    const char *name, *type, *meaning;
};

#define SECONDS "seconds"
#define SINCE "s since the ring, in steps of 10, at most 14400; empty: not reported, or it did not happen"
#define STAGE(label, what)                    \
    {                                         \
#label "_s", SECONDS, what ": " SINCE \
    }
#define UNIT_STAGES                                                                                                           \
    STAGE(unit_assigned, "a unit was assigned"), STAGE(unit_notified, "its crew was notified"),                               \
        STAGE(unit_acknowledged, "it acknowledged"), STAGE(unit_departed, "it departed"), STAGE(on_scene, "it was on scene"), \
        STAGE(at_patient, "it was at the patient"), STAGE(left_scene, "it left the scene"),                                   \
        STAGE(at_facility, "it was at the facility"), STAGE(handed_over, "the patient was handed over"),                      \
        STAGE(available, "it was available again"), STAGE(back_at_post, "it was back at its post")
#define QUASI_COLUMNS                                                                                                      \
    { "step", "integer", "of the ladder by which hours, age, district and complaint are told less exactly; report.json" }, \
        { "hours", "text", "local hours in which the first call rang; *: not told" },                                      \
        { "district", "code", "of the place; empty: not known; *: not told" },                                             \
        { "age", "band", "years of the patient whom the first crew described; unknown: nobody did; *: not told" },         \
    {                                                                                                                      \
        "complaint", "code", "number of the first triage protocol; 0: by hand; *: not told"                                \
    }

static const struct column INCIDENT_COLUMNS[] = {
    { "incident", "pseudonym", "of the incident" },
    QUASI_COLUMNS,
    { "priority", "label", "given last" },
    { "proposed", "label", "that triage proposed when the incident was opened" },
    { "result", "label", "of its first call" },
    { "outcome", "label", "how it ended" },
    { "units_needed", "integer", "asked for in all; 4: four or more" },
    { "units_short", "integer", "of them given up; 4: four or more" },
    { "dispatches", "integer", "units sent; 4: four or more" },
    { "queued_s", SECONDS, "waited for a unit, in steps of 10, at most 14400; empty: it did not" },
    { "reached_by", "label", "where the unit that came first had been" },
    { "shortfall_reason", "label", "why a unit that was needed was not given" },
    { "transported", "0 or 1", "a patient was taken to a facility" },
    STAGE(call_answered, "the call was answered"),
    STAGE(place_known, "the place was known"),
    STAGE(triaged, "the call was triaged"),
    STAGE(incident_opened, "the incident was opened"),
    STAGE(arrest_recognised, "a cardiac arrest was recognised (empty where the complaint is not told)"),
    STAGE(compressions_begun, "chest compressions were begun (empty where the complaint is not told)"),
    UNIT_STAGES,
};

/* Calls of an incident have what is told of it, no hours and places of their own. */
static const struct column CALL_COLUMNS[] = {
    { "call", "pseudonym", "of the call" },
    { "incident", "pseudonym", "that it belongs to; empty: it became none, and the next five columns tell of it" },
    QUASI_COLUMNS,
    { "result", "label", "what became of it" },
    STAGE(call_answered, "it was answered"),
    STAGE(place_known, "the place was known"),
    STAGE(triaged, "it was triaged"),
};

static const struct column MISSION_COLUMNS[] = {
    { "mission", "pseudonym", "of the mission" },
    { "incident", "pseudonym", "that it was for" },
    { "unit", "pseudonym", "that went; empty where the incident's district is not told" },
    { "facility", "pseudonym", "where a patient was taken; empty: none, or the incident's district is not told" },
    { "priority", "label", "of the incident when the mission was completed" },
    { "transported", "0 or 1", "a patient was taken to a facility" },
    UNIT_STAGES,
};

struct sheet_form {
    const char *name;
    const struct column *columns;
    size_t count;
};
enum sheet_kind { SHEET_INCIDENTS, SHEET_CALLS, SHEET_MISSIONS, SHEET_COUNT };
static const struct sheet_form SHEETS[SHEET_COUNT] = {
    [SHEET_INCIDENTS] = { "incidents", INCIDENT_COLUMNS, ARRAY_LENGTH(INCIDENT_COLUMNS) },
    [SHEET_CALLS] = { "calls", CALL_COLUMNS, ARRAY_LENGTH(CALL_COLUMNS) },
    [SHEET_MISSIONS] = { "missions", MISSION_COLUMNS, ARRAY_LENGTH(MISSION_COLUMNS) },
};

/* ---- a sheet ---- */

struct sheet {
    const struct sheet_form *form;
    bool lines;
    struct file_writer writer;
    struct text row;
    struct json json;
    size_t column;
    enum status status;
    struct error *error;
};

static void put_csv(struct text *row, const char *value)
{
    if (strpbrk(value, ",\"\r\n") == NULL) {
        text_puts(row, value);
        return;
    }
    text_puts(row, "\"");
    for (const char *letter = value; *letter != '\0'; letter++) {
        text_append(row, letter, 1);
        if (*letter == '"') {
            text_puts(row, "\"");
        }
    }
    text_puts(row, "\"");
}

static void sheet_flush(struct sheet *sheet)
{
    text_puts(&sheet->row, "\n");
    if (sheet->status == STATUS_OK && sheet->row.failed) {
        sheet->status = ERROR(sheet->error, STATUS_NO_MEMORY, "no memory for a row");
    }
    if (sheet->status == STATUS_OK) {
        sheet->status = file_writer_write(&sheet->writer, sheet->row.bytes, sheet->row.length, sheet->error);
    }
    text_clear(&sheet->row);
}

static void sheet_head(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->form->count; i++) {
        text_puts(&sheet->row, i > 0 ? "," : "");
        text_puts(&sheet->row, sheet->form->columns[i].name);
    }
    sheet_flush(sheet);
}

static enum status sheet_open(struct sheet *sheet, const struct sheet_form *form, bool lines, const char *folder,
                              struct error *error)
{
    char name[64];
    *sheet = (struct sheet){ .form = form, .lines = lines, .error = error };
    snprintf(name, sizeof name, "%s.%s", form->name, lines ? "jsonl" : "csv");
    char *path = file_join(folder, name);
    enum status status = file_writer_open(&sheet->writer, path, error);
    free(path);
    TRY(status);
    text_init(&sheet->row, ROW_MAX);
    if (!lines) {
        sheet_head(sheet);
    }
    return STATUS_OK;
}

static enum status sheet_close(struct sheet *sheet)
{
    text_free(&sheet->row);
    if (sheet->status != STATUS_OK) {
        file_writer_abandon(&sheet->writer);
        return sheet->status;
    }
    return file_writer_commit(&sheet->writer, sheet->error);
}

static const char *next_column(struct sheet *sheet)
{
    CHECK(sheet->column < sheet->form->count);
    if (sheet->column == 0 && sheet->lines) {
        json_init(&sheet->json, &sheet->row, 0);
        json_object_begin(&sheet->json, NULL);
    } else if (sheet->column > 0 && !sheet->lines) {
        text_puts(&sheet->row, ",");
    }
    return sheet->form->columns[sheet->column++].name;
}

/* NULL: nothing there. */
static void put_text(struct sheet *sheet, const char *value)
{
    const char *name = next_column(sheet);
    if (!sheet->lines) {
        put_csv(&sheet->row, value != NULL ? value : "");
    } else if (value != NULL) {
        json_text(&sheet->json, name, value);
    } else {
        json_none(&sheet->json, name);
    }
}

static void put_int(struct sheet *sheet, int64_t value)
{
    const char *name = next_column(sheet);
    if (sheet->lines) {
        json_int(&sheet->json, name, value);
    } else {
        text_printf(&sheet->row, "%" PRId64, value);
    }
}

static void put_steps(struct sheet *sheet, uint16_t steps)
{
    if (steps == EXPORT_NO_TIME) {
        put_text(sheet, NULL);
    } else {
        put_int(sheet, (int64_t)steps * EXPORT_STEP_S);
    }
}

static void put_label(struct sheet *sheet, const char *const *labels, unsigned count, unsigned code)
{
    put_text(sheet, code < count ? labels[code] : NULL);
}

static void end_row(struct sheet *sheet)
{
    CHECK(sheet->column == sheet->form->count);
    sheet->column = 0;
    if (sheet->lines) {
        json_object_end(&sheet->json);
    }
    sheet_flush(sheet);
}

/* ---- pseudonyms ---- */

struct writing {
    const struct export_options *options;
    const struct export_data *data;
    const unsigned char *key;
    const struct directory *directory;
    const char *folder;
};

/* The first 80 bits of a keyed hash of "incident 17". */
static void pseudonym(const struct writing *writing, const char *kind, uint32_t id, char text[PSEUDONYM_SIZE])
{
    char plain[48];
    unsigned char hash[SECRET_HASH_SIZE];
    int length = snprintf(plain, sizeof plain, "%s %" PRIu32, kind, id);
    secret_hash(plain, (size_t)length, writing->key, hash);
    for (int i = 0; i < PSEUDONYM_BYTES; i++) {
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
}

static void put_pseudonym(struct sheet *sheet, const struct writing *writing, const char *kind, uint32_t id)
{
    char text[PSEUDONYM_SIZE];
    if (id == 0) {
        put_text(sheet, NULL);
        return;
    }
    pseudonym(writing, kind, id, text);
    put_text(sheet, text);
}

/* Rows in the order of their pseudonyms: in that of the journal they would tell which came first. */
struct place_of_row {
    char text[PSEUDONYM_SIZE];
    const void *row;
};

static int by_pseudonym(const void *a, const void *b)
{
    return strcmp(((const struct place_of_row *)a)->text, ((const struct place_of_row *)b)->text);
}

/* ---- rows ---- */

static void put_quasi(struct sheet *sheet, const struct writing *writing, const struct export_call *call)
{
    struct quasi_shown shown;
    deidentify_show(&call->quasi, call->step, &shown);
    const struct directory_entry *district = directory_find(writing->directory, DIRECTORY_DISTRICT, call->quasi.district);
    put_int(sheet, call->step);
    put_text(sheet, shown.hours);
    put_text(sheet, !shown.district ? "*" : district != NULL ? district->code : NULL);
    put_text(sheet, shown.age);
    char complaint[8] = "*";
    if (shown.complaint) {
        snprintf(complaint, sizeof complaint, "%u", call->quasi.complaint);
    }
    put_text(sheet, complaint);
}

static void put_stages(struct sheet *sheet, const uint16_t at[STAGE_COUNT], enum stage from, enum stage to)
{
    for (unsigned stage = from; stage <= (unsigned)to; stage++) {
        put_steps(sheet, at[stage]);
    }
}

static void put_incident(struct sheet *sheet, const struct writing *writing, const void *row)
{
    const struct export_call *call = row;
    struct quasi_shown shown;
    deidentify_show(&call->quasi, call->step, &shown);
    put_pseudonym(sheet, writing, "incident", call->incident);
    put_quasi(sheet, writing, call);
    put_label(sheet, enum_names_priority.labels, PRIORITY_COUNT, call->priority);
    put_label(sheet, enum_names_priority.labels, PRIORITY_COUNT, call->proposed);
    put_label(sheet, CALL_RESULT_NAMES, CALL_RESULT_COUNT, call->result);
    put_label(sheet, enum_names_incident_outcome.labels, INCIDENT_OUTCOME_COUNT, call->outcome);
    put_int(sheet, call->units_needed);
    put_int(sheet, call->units_short);
    put_int(sheet, call->dispatches);
    put_steps(sheet, call->queued);
    put_label(sheet, DISPATCH_NAMES, DISPATCH_KIND_COUNT, call->reached_by);
    put_label(sheet, enum_names_shortfall_reason.labels, SHORTFALL_REASON_COUNT, call->shortfall_reason);
    put_int(sheet, call->transported);
    put_stages(sheet, call->at, STAGE_CALL_ANSWERED, STAGE_INCIDENT_OPENED);
    put_steps(sheet, shown.complaint ? call->at[STAGE_ARREST_RECOGNISED] : EXPORT_NO_TIME);
    put_steps(sheet, shown.complaint ? call->at[STAGE_COMPRESSIONS_BEGUN] : EXPORT_NO_TIME);
    put_stages(sheet, call->at, STAGE_UNIT_ASSIGNED, STAGE_BACK_AT_POST);
    end_row(sheet);
}

static void put_call(struct sheet *sheet, const struct writing *writing, const void *row)
{
    const struct export_call *call = row;
    put_pseudonym(sheet, writing, "call", call->call);
    put_pseudonym(sheet, writing, "incident", call->incident);
    if (call->incident == 0) {
        put_quasi(sheet, writing, call);
    } else {
        for (int i = 0; i < 5; i++) {
            put_text(sheet, NULL);
        }
    }
    put_label(sheet, CALL_RESULT_NAMES, CALL_RESULT_COUNT, call->result);
    put_stages(sheet, call->at, STAGE_CALL_ANSWERED, STAGE_TRIAGED);
    end_row(sheet);
}

static void put_mission(struct sheet *sheet, const struct writing *writing, const void *row)
{
    const struct export_mission *mission = row;
    const struct export_call *incident = export_incident(writing->data, mission->incident);
    struct quasi_shown shown;
    deidentify_show(&incident->quasi, incident->step, &shown);
    put_pseudonym(sheet, writing, "mission", mission->mission);
    put_pseudonym(sheet, writing, "incident", mission->incident);
    put_pseudonym(sheet, writing, "unit", shown.district ? mission->unit : 0);
    put_pseudonym(sheet, writing, "facility", shown.district ? mission->facility : 0);
    put_label(sheet, enum_names_priority.labels, PRIORITY_COUNT, mission->priority);
    put_int(sheet, mission->transported);
    put_stages(sheet, mission->at, STAGE_UNIT_ASSIGNED, STAGE_BACK_AT_POST);
    end_row(sheet);
}

/* ---- which rows ---- */

struct rows {
    struct place_of_row *items;
    size_t count;
};

static void add_row(const struct writing *writing, struct rows *rows, const char *kind, uint32_t id, const void *row)
{
    pseudonym(writing, kind, id, rows->items[rows->count].text);
    rows->items[rows->count++].row = row;
}

static bool is_told(const struct writing *writing, uint32_t incident)
{
    const struct export_call *found = export_incident(writing->data, incident);
    return found != NULL && found->step != DEIDENTIFY_WITHHELD;
}

static void gather_calls(const struct writing *writing, const struct export_calls *calls, const char *kind, struct rows *rows)
{
    for (size_t i = 0; i < calls->count; i++) {
        const struct export_call *call = &calls->items[i];
        if (call->incident == 0 ? call->step != DEIDENTIFY_WITHHELD : is_told(writing, call->incident)) {
            add_row(writing, rows, kind, strcmp(kind, "incident") == 0 ? call->incident : call->call, call);
        }
    }
}

static void gather(const struct writing *writing, enum sheet_kind kind, struct rows *rows)
{
    const struct export_data *data = writing->data;
    if (kind == SHEET_INCIDENTS) {
        gather_calls(writing, &data->incidents, "incident", rows);
    } else if (kind == SHEET_CALLS) {
        gather_calls(writing, &data->incidents, "call", rows);
        gather_calls(writing, &data->others, "call", rows);
        gather_calls(writing, &data->lone, "call", rows);
    }
    for (size_t i = 0; kind == SHEET_MISSIONS && i < data->missions.count; i++) {
        const struct export_mission *mission = &data->missions.items[i];
        if (is_told(writing, mission->incident)) {
            add_row(writing, rows, "mission", mission->mission, mission);
        }
    }
    qsort(rows->items, rows->count, sizeof *rows->items, by_pseudonym);
}

static enum status write_sheet(const struct writing *writing, enum sheet_kind kind, struct error *error)
{
    static void (*const puts[SHEET_COUNT])(struct sheet *, const struct writing *, const void *) = {
        [SHEET_INCIDENTS] = put_incident, [SHEET_CALLS] = put_call, [SHEET_MISSIONS] = put_mission
    };
    const struct export_data *data = writing->data;
    struct sheet sheet;
    struct rows rows = { .count = 0 };
    rows.items = calloc(data->incidents.count + data->others.count + data->lone.count + data->missions.count + 1,
                        sizeof *rows.items);
    if (rows.items == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the rows of the period");
    }
    enum status status = sheet_open(&sheet, &SHEETS[kind], writing->options->lines, writing->folder, error);
    if (status == STATUS_OK) {
        gather(writing, kind, &rows);
        for (size_t i = 0; i < rows.count; i++) {
            puts[kind](&sheet, writing, rows.items[i].row);
        }
        status = sheet_close(&sheet);
    }
    free(rows.items);
    return status;
}

/* ---- the dictionary ---- */

static const struct column DICTIONARY_COLUMNS[] = {
    { "file", "text", "which file" },
    { "column", "text", "which column of it" },
    { "value", "text", "empty: the column; else one of its values" },
    { "type", "text", "what kind of value" },
    { "meaning", "text", "what it means" },
};
static const struct sheet_form DICTIONARY = { "dictionary", DICTIONARY_COLUMNS, ARRAY_LENGTH(DICTIONARY_COLUMNS) };

static void put_word(struct sheet *sheet, const char *const words[5])
{
    for (int i = 0; i < 5; i++) {
        put_text(sheet, words[i]);
    }
    end_row(sheet);
}

static void put_values(struct sheet *sheet, const char *file, const char *column, const char *const *labels, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        put_word(sheet, (const char *const[]){ file, column, labels[i], "label", "" });
    }
}

static void put_all_labels(struct sheet *sheet)
{
    put_values(sheet, "incidents", "priority", enum_names_priority.labels, PRIORITY_COUNT);
    put_values(sheet, "incidents", "result", CALL_RESULT_NAMES, CALL_RESULT_COUNT);
    put_values(sheet, "incidents", "outcome", enum_names_incident_outcome.labels, INCIDENT_OUTCOME_COUNT);
    put_values(sheet, "incidents", "reached_by", DISPATCH_NAMES, DISPATCH_KIND_COUNT);
    put_values(sheet, "incidents", "shortfall_reason", enum_names_shortfall_reason.labels, SHORTFALL_REASON_COUNT);
}

static enum status take_protocol(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    char number[24];
    json_t *summary = json_loads(sql_row_text(row, 1), 0, NULL);
    const char *title = json_string_value(json_object_get(json_object_get(summary, "title"), "en"));
    snprintf(number, sizeof number, "%" PRId64, sql_row_int(row, 0));
    put_word(context, (const char *const[]){ "incidents", "complaint", number, "code", title != NULL ? title : "" });
    json_decref(summary);
    return STATUS_OK;
}

/* What complaints and districts are called: the newest version of each protocol. */
static enum status put_codes(struct sheet *sheet, const struct writing *writing, struct sql *sql, struct error *error)
{
    const struct directory *directory = writing->directory;
    for (uint32_t i = 0; i < directory_count(directory, DIRECTORY_DISTRICT); i++) {
        const struct directory_entry *district = directory_at(directory, DIRECTORY_DISTRICT, i);
        put_word(sheet, (const char *const[]){ "incidents", "district", district->code, "code", district->name });
    }
    return sql_query(sql,
                     "SELECT number, summary FROM protocol_texts AS one WHERE version = (SELECT max(version) FROM protocol_texts"
                     " AS other WHERE other.number = one.number) ORDER BY number",
                     SQL_NO_PARAMETERS, take_protocol, sheet, NULL, error);
}

static enum status write_dictionary(const struct writing *writing, struct sql *sql, struct error *error)
{
    struct sheet sheet;
    TRY(sheet_open(&sheet, &DICTIONARY, false, writing->folder, error));
    for (size_t i = 0; i < ARRAY_LENGTH(SHEETS); i++) {
        for (size_t j = 0; j < SHEETS[i].count; j++) {
            const struct column *column = &SHEETS[i].columns[j];
            put_word(&sheet, (const char *const[]){ SHEETS[i].name, column->name, "", column->type, column->meaning });
        }
    }
    put_all_labels(&sheet);
    enum status status = put_codes(&sheet, writing, sql, error);
    sheet.status = sheet.status == STATUS_OK ? status : sheet.status;
    return sheet_close(&sheet);
}

/* ---- the whole ---- */

enum status export_write(const struct export_options *options, const struct export_data *data, struct sql *sql,
                         const unsigned char *key, const char *folder, struct error *error)
{
    struct directory *directory = NULL;
    TRY(directory_load(sql, &directory, error));
    const struct writing writing = { .options = options, .data = data, .key = key, .directory = directory, .folder = folder };
    enum status status = write_dictionary(&writing, sql, error);
    for (enum sheet_kind kind = 0; kind < SHEET_COUNT && status == STATUS_OK; kind++) {
        status = write_sheet(&writing, kind, error);
    }
    directory_free(directory);
    return status;
}
