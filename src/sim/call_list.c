/* Reading CALLS.csv. Workload: 2,000 to some millions of rows, read once at about 1 us each. */
#include "sim/call_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/vec.h"
#include "sim/scenario_private.h"

enum column { CALL, PRIORITY, LON, LAT, ARRIVAL, DELAY, ON_SCENE, TRANSPORT, HANDOVER, MOBILISATION, PATIENT_ACCESS, NEED };

static const char *const COLUMNS[] = { "call",
                                       "priority",
                                       "lon",
                                       "lat",
                                       "arrival_s",
                                       "delay_s",
                                       "on_scene_s",
                                       "transport",
                                       "handover_s",
                                       "?mobilisation_s",
                                       "?patient_access_s",
                                       "?need",
                                       NULL };

static const double ARRIVAL_MAX_S = 3.2e9; /* a hundred years */
static const double STAGE_MAX_S = 1e7;     /* 115 days */

VEC_TYPE(call_vec, struct call_truth);

static enum status read_seconds(const struct sheet *sheet, int column, double maximum, struct duration *duration,
                                struct error *error)
{
    double seconds = 0;
    if (column < MOBILISATION || !sheet_empty(sheet, column)) { /* those after it are optional */
        TRY(sheet_double(sheet, column, 0, maximum, &seconds, error));
    }
    *duration = duration_from_seconds(seconds);
    return STATUS_OK;
}

static enum status read_priority(const struct sheet *sheet, const struct scenario *scenario, uint8_t *priority,
                                 struct error *error)
{
    struct csv_field field = csv_field(&sheet->csv, sheet->column_of[PRIORITY]);
    int found = scenario_priority_of(scenario, field.bytes, field.length);
    if (found >= 0) {
        *priority = (uint8_t)found;
        return STATUS_OK;
    }
    char known[PRIORITY_COUNT * (SCENARIO_ID_SIZE + 2)] = "";
    size_t length = 0;
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        if (scenario->priorities[i].used) {
            length += (size_t)snprintf(known + length, sizeof known - length, "%s%s", length > 0 ? ", " : "",
                                       scenario->priorities[i].code);
        }
    }
    return sheet_error(sheet, error, "priority \"%.*s\" is not one of the scenario's: %s",
                       (int)(field.length < 40 ? field.length : 40), field.bytes, known);
}

static enum status read_row(const struct sheet *sheet, const struct scenario *scenario, struct call_truth *call,
                            struct error *error)
{
    struct duration arrival;
    int64_t number, transport;
    unsigned need = CARE_NONE;
    *call = (struct call_truth){ 0 };
    TRY(sheet_int(sheet, CALL, 0, UINT32_MAX, &number, error)); /* as the centre keeps it */
    TRY(read_priority(sheet, scenario, &call->priority, error));
    TRY(scenario_read_point(sheet, LON, LAT, &call->point, error));
    TRY(read_seconds(sheet, ARRIVAL, ARRIVAL_MAX_S, &arrival, error));
    TRY(read_seconds(sheet, DELAY, STAGE_MAX_S, &call->delay, error));
    TRY(read_seconds(sheet, ON_SCENE, STAGE_MAX_S, &call->on_scene, error));
    TRY(sheet_int(sheet, TRANSPORT, 0, 1, &transport, error));
    if (transport == 1 || !sheet_empty(sheet, HANDOVER)) {
        TRY(read_seconds(sheet, HANDOVER, STAGE_MAX_S, &call->handover, error));
    }
    TRY(read_seconds(sheet, MOBILISATION, STAGE_MAX_S, &call->mobilisation, error));
    TRY(read_seconds(sheet, PATIENT_ACCESS, STAGE_MAX_S, &call->patient_access, error));
    TRY(sheet_choice(sheet, NEED, NEED_NAMES, &need, error));
    call->bed_stay = duration_from_seconds(distribution_mean(&scenario->priorities[call->priority].bed_stay));
    call->number = (uint64_t)number;
    call->line = (uint32_t)sheet->csv.line;
    call->transport = transport == 1;
    call->need = (uint8_t)need;
    call->arrival.us = arrival.us;
    call->district = scenario_district_of(scenario, call->point);
    return STATUS_OK;
}

/* For sorting: by number to find doubles, by arrival (then place in the file) for the result. */
struct sort_key {
    uint64_t value;
    uint32_t row;
    int32_t line;
};

VEC_TYPE(key_vec, struct sort_key);

static int compare_keys(const void *a, const void *b)
{
    const struct sort_key *first = a, *second = b;
    if (first->value != second->value) {
        return first->value < second->value ? -1 : 1;
    }
    return first->row < second->row ? -1 : first->row > second->row;
}

static enum status check_numbers(const char *name, struct key_vec *keys, struct error *error)
{
    if (keys->count > 0) {
        qsort(keys->items, keys->count, sizeof *keys->items, compare_keys);
    }
    for (size_t i = 1; i < keys->count; i++) {
        if (keys->items[i].value == keys->items[i - 1].value) {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: call number %llu stands already in line %d", name, keys->items[i].line,
                         (unsigned long long)keys->items[i].value, keys->items[i - 1].line);
        }
    }
    return STATUS_OK;
}

static enum status sort_calls(const char *name, struct call_vec *calls, struct key_vec *keys, struct call_list *list,
                              struct error *error)
{
    int64_t latest = INT64_MIN;
    list->out_of_order = 0;
    for (size_t i = 0; i < calls->count; i++) {
        int64_t arrival = calls->items[i].arrival.us;
        list->out_of_order += arrival < latest;
        latest = arrival > latest ? arrival : latest;
        keys->items[i] = (struct sort_key){ (uint64_t)arrival, (uint32_t)i, 0 };
    }
    list->count = (uint32_t)calls->count;
    if (list->out_of_order == 0) {
        list->calls = calls->items;
        calls->items = NULL;
        return STATUS_OK;
    }
    list->calls = malloc(calls->count * sizeof *list->calls);
    if (list->calls == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for %zu calls", name, calls->count);
    }
    qsort(keys->items, keys->count, sizeof *keys->items, compare_keys);
    for (size_t i = 0; i < calls->count; i++) {
        list->calls[i] = calls->items[keys->items[i].row];
    }
    return STATUS_OK;
}

static enum status read_rows(struct sheet *sheet, const struct scenario *scenario, struct call_vec *calls, struct key_vec *keys,
                             struct error *error)
{
    for (;;) {
        bool row_read;
        struct call_truth call;
        TRY(sheet_next(sheet, &row_read, error));
        if (!row_read) {
            break;
        }
        if (calls->count == CALL_LIST_MAX) {
            return sheet_error(sheet, error, "more than %d calls", CALL_LIST_MAX);
        }
        TRY(read_row(sheet, scenario, &call, error));
        struct sort_key key = { call.number, (uint32_t)calls->count, sheet->csv.line };
        if (!vec_push(calls, call) || !vec_push(keys, key)) {
            return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for %zu calls", sheet->path, calls->count);
        }
    }
    return calls->count > 0 ? STATUS_OK : sheet_error(sheet, error, "no calls");
}

enum status call_list_parse(const char *name, const char *bytes, size_t size, const struct scenario *scenario,
                            struct call_list *list, struct error *error)
{
    struct sheet sheet;
    struct call_vec calls = { 0 };
    struct key_vec keys = { 0 };
    struct call_list made = { .name = name };
    TRY(sheet_open_bytes(&sheet, name, bytes, size, COLUMNS, false, error));
    enum status status = read_rows(&sheet, scenario, &calls, &keys, error);
    if (status == STATUS_OK) {
        status = check_numbers(name, &keys, error);
    }
    if (status == STATUS_OK) {
        status = sort_calls(name, &calls, &keys, &made, error);
    }
    sheet_close(&sheet);
    vec_free(&calls);
    vec_free(&keys);
    if (status == STATUS_OK) {
        *list = made;
    }
    return status;
}

enum status call_list_load(const char *path, const struct scenario *scenario, struct call_list *list, struct error *error)
{
    char *bytes;
    size_t size;
    TRY(sheet_read_file(path, &bytes, &size, error));
    enum status status = call_list_parse(path, bytes, size, scenario, list, error);
    free(bytes);
    return status;
}

void call_list_free(struct call_list *list)
{
    free(list->calls);
    *list = (struct call_list){ 0 };
}
