/* Reading logs: rows become units, units of one incident give its arrival. */
#include "sim/fit_log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "sim/scenario_private.h"

static const int64_t NO_TIME = INT64_MIN;

const char *fit_stage_name(enum fit_stage stage)
{
    static const char *const names[STAGE_COUNT] = { "delay", "mobilisation", "on_scene", "handover", "trip", "transport" };
    CHECK(stage < STAGE_COUNT);
    return names[stage];
}

const char *fit_reason_text(enum fit_reason reason)
{
    static const char *const texts[REASON_COUNT] = {
        "rows of incidents that are not medical",
        "rows of units that do not transport (engines, chiefs, support)",
        "rows whose priority is none of the known ones",
        "rows with a time that cannot be read, or without the time of the call",
        "rows of a unit and incident that stand there already",
        "stages that end before they begin",
        "stages of more than six hours",
    };
    CHECK(reason < REASON_COUNT);
    return texts[reason];
}

/* ---- times ---- */

/* Days since 1970-01-01 of a date of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms", 2013). */
static int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (int64_t)(month + (month > 2 ? -3U : 9U)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool valid_date(unsigned year, unsigned month, unsigned day)
{
    static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year >= 1970 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

/* "04/07/2020 11:53:08 PM" or "2020-04-07T23:53:08"; *seconds is NO_TIME for an empty field. False when it is neither. */
static bool read_time(struct csv_field field, enum fit_format format, int64_t *seconds)
{
    char text[32], half = '\0', meridiem[2] = "", rest;
    unsigned year, month, day, hour, minute, second;
    *seconds = NO_TIME;
    if (field.length == 0) {
        return true;
    }
    if (field.length >= sizeof text) {
        return false;
    }
    memcpy(text, field.bytes, field.length);
    text[field.length] = '\0';
    if (format == FIT_FORMAT_SFFD) {
        if (sscanf(text, "%2u/%2u/%4u %2u:%2u:%2u %c%1[M]%c", &month, &day, &year, &hour, &minute, &second, &half, meridiem,
                   &rest) != 8 ||
            (half != 'A' && half != 'P') || hour < 1 || hour > 12) {
            return false;
        }
        hour = hour % 12 + (half == 'P' ? 12 : 0);
    } else if (sscanf(text, "%4u-%2u-%2u%1[ T]%2u:%2u:%2u%c", &year, &month, &day, meridiem, &hour, &minute, &second, &rest) !=
               7) {
        return false;
    }
    if (!valid_date(year, month, day) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    *seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

/* ---- rows ---- */

enum { RECEIVED, ASSIGNED, DEPARTED, ON_SCENE, LEFT, AT_FACILITY, AVAILABLE, TIME_COUNT };

struct unit_row {
    uint64_t incident, key; /* hashes: of the incident, of incident and unit */
    int64_t times[TIME_COUNT];
    double lon, lat;
    bool placed;
    uint8_t priority;
    uint32_t order; /* in the file */
};

VEC_TYPE(unit_rows, struct unit_row);

static const char *const SFFD_COLUMNS[] = { "Incident Number", "Unit ID",        "Final Priority",
                                            "Received DtTm",   "Dispatch DtTm",  "Response DtTm",
                                            "On Scene DtTm",   "Transport DtTm", "Hospital DtTm",
                                            "Available DtTm",  "Call Type",      "Unit Type",
                                            "Priority",        "?Location",      NULL };
static const char *const MINGDI_COLUMNS[] = { "incident",      "unit",     "priority",   "call_offered", "unit_assigned",
                                              "unit_departed", "on_scene", "left_scene", "at_facility",  "available",
                                              "?lon",          "?lat",     NULL };

/* Which rows count, by format. REASON_COUNT: it counts. */
static enum fit_reason judge_sffd(const struct sheet *sheet, struct unit_row *row)
{
    const struct csv *csv = &sheet->csv;
    if (!csv_equals(csv, sheet->column_of[10], "Medical Incident")) {
        return REASON_NOT_MEDICAL;
    }
    if (!csv_equals(csv, sheet->column_of[11], "MEDIC") && !csv_equals(csv, sheet->column_of[11], "PRIVATE")) {
        return REASON_NOT_AMBULANCE;
    }
    if (csv_equals(csv, sheet->column_of[12], "E")) {
        row->priority = PRIORITY_CRITICAL;
    } else if (csv_equals(csv, sheet->column_of[2], "3")) {
        row->priority = PRIORITY_SEVERE;
    } else if (csv_equals(csv, sheet->column_of[2], "2")) {
        row->priority = PRIORITY_URGENT;
    } else {
        return REASON_NO_PRIORITY;
    }
    struct csv_field place = csv_field(csv, sheet->column_of[13]);
    char text[96];
    if (place.length > 0 && place.length < sizeof text) { /* "(latitude, longitude)" */
        memcpy(text, place.bytes, place.length);
        text[place.length] = '\0';
        row->placed = sscanf(text, "(%lf, %lf)", &row->lat, &row->lon) == 2;
    }
    return REASON_COUNT;
}

static enum fit_reason judge_mingdi(const struct sheet *sheet, struct unit_row *row)
{
    for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
        if (csv_equals(&sheet->csv, sheet->column_of[2], PRIORITY_NAMES[p])) {
            struct error ignored;
            row->priority = (uint8_t)p;
            row->placed = sheet_has(sheet, 10) && sheet_has(sheet, 11) &&
                          sheet_double(sheet, 10, -180, 180, &row->lon, &ignored) == STATUS_OK &&
                          sheet_double(sheet, 11, -90, 90, &row->lat, &ignored) == STATUS_OK;
            return REASON_COUNT;
        }
    }
    return REASON_NO_PRIORITY;
}

static enum fit_reason read_row(const struct sheet *sheet, enum fit_format format, struct unit_row *row)
{
    enum fit_reason reason = format == FIT_FORMAT_SFFD ? judge_sffd(sheet, row) : judge_mingdi(sheet, row);
    if (reason != REASON_COUNT) {
        return reason;
    }
    for (int i = 0; i < TIME_COUNT; i++) {
        if (!read_time(csv_field(&sheet->csv, sheet->column_of[3 + i]), format, &row->times[i])) {
            return REASON_BAD_TIME;
        }
    }
    if (row->times[RECEIVED] == NO_TIME) {
        return REASON_BAD_TIME;
    }
    struct csv_field incident = csv_field(&sheet->csv, sheet->column_of[0]), unit = csv_field(&sheet->csv, sheet->column_of[1]);
    row->incident = hash64(incident.bytes, incident.length, 0);
    row->key = hash64(unit.bytes, unit.length, row->incident);
    if (row->placed && !(fabs(row->lon) <= 180 && fabs(row->lat) <= 90)) {
        row->placed = false;
    }
    return REASON_COUNT;
}

/* ---- stages ---- */

static enum status add_stage(struct fit_log *log, const struct unit_row *row, enum fit_stage stage, int64_t begin, int64_t end,
                             struct error *error)
{
    if (begin == NO_TIME || end == NO_TIME) {
        return STATUS_OK;
    }
    if (end < begin || end - begin > FIT_STAGE_MAX_S) {
        log->dropped[end < begin ? REASON_BACKWARDS : REASON_IMPLAUSIBLE]++;
        return STATUS_OK;
    }
    struct fit_duration duration = { end > begin ? (double)(end - begin) : 0.5, row->priority,
                                     (uint8_t)(row->times[RECEIVED] % 86400 / 3600) };
    return vec_push(&log->stages[stage], duration) ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for durations");
}

static enum status add_unit(struct fit_log *log, const struct unit_row *row, struct error *error)
{
    const int64_t *t = row->times;
    TRY(add_stage(log, row, STAGE_MOBILISATION, t[ASSIGNED], t[DEPARTED], error));
    TRY(add_stage(log, row, STAGE_TRIP, t[DEPARTED], t[ON_SCENE], error));
    TRY(add_stage(log, row, STAGE_ON_SCENE, t[ON_SCENE], t[LEFT] != NO_TIME ? t[LEFT] : t[AVAILABLE], error));
    TRY(add_stage(log, row, STAGE_TRANSPORT, t[LEFT], t[AT_FACILITY], error));
    TRY(add_stage(log, row, STAGE_HANDOVER, t[AT_FACILITY], t[AVAILABLE], error));
    log->arrived[row->priority] += t[ON_SCENE] != NO_TIME;
    log->transported[row->priority] += t[ON_SCENE] != NO_TIME && t[LEFT] != NO_TIME;
    log->used++;
    return STATUS_OK;
}

/* rows first..end are the units of one incident: the most urgent priority any of them had, the first call, the first order. */
static enum status add_incident(struct fit_log *log, const struct unit_row *rows, size_t count, struct error *error)
{
    struct unit_row first = rows[0];
    for (size_t i = 1; i < count; i++) {
        const struct unit_row *row = &rows[i];
        first.priority = row->priority < first.priority ? row->priority : first.priority;
        first.times[RECEIVED] = row->times[RECEIVED] < first.times[RECEIVED] ? row->times[RECEIVED] : first.times[RECEIVED];
        int64_t assigned = row->times[ASSIGNED];
        if (assigned != NO_TIME && (first.times[ASSIGNED] == NO_TIME || assigned < first.times[ASSIGNED])) {
            first.times[ASSIGNED] = assigned;
        }
        if (!first.placed && row->placed) {
            first.placed = true;
            first.lon = row->lon;
            first.lat = row->lat;
        }
    }
    TRY(add_stage(log, &first, STAGE_DELAY, first.times[RECEIVED], first.times[ASSIGNED], error));
    struct fit_arrival arrival = { first.times[RECEIVED], first.lon, first.lat, first.placed, first.priority };
    return vec_push(&log->incidents, arrival) ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for incidents");
}

static int compare_rows(const void *a, const void *b)
{
    const struct unit_row *first = a, *second = b;
    if (first->incident != second->incident) {
        return first->incident < second->incident ? -1 : 1;
    }
    if (first->key != second->key) {
        return first->key < second->key ? -1 : 1;
    }
    return first->order < second->order ? -1 : first->order > second->order;
}

static int compare_arrivals(const void *a, const void *b)
{
    int64_t first = ((const struct fit_arrival *)a)->received_s, second = ((const struct fit_arrival *)b)->received_s;
    return first < second ? -1 : first > second;
}

static enum status add_all(struct fit_log *log, struct unit_rows *rows, struct error *error)
{
    CHECK(rows->count > 0);
    qsort(rows->items, rows->count, sizeof *rows->items, compare_rows);
    for (size_t begin = 0; begin < rows->count;) {
        size_t end = begin, kept = begin;
        while (end < rows->count && rows->items[end].incident == rows->items[begin].incident) {
            if (end > begin && rows->items[end].key == rows->items[end - 1].key) {
                log->dropped[REASON_DOUBLED]++;
                end++;
                continue;
            }
            TRY(add_unit(log, &rows->items[end], error));
            rows->items[kept++] = rows->items[end++];
        }
        TRY(add_incident(log, &rows->items[begin], kept - begin, error));
        begin = end;
    }
    CHECK(log->incidents.count > 0); /* each row belongs to one */
    qsort(log->incidents.items, log->incidents.count, sizeof *log->incidents.items, compare_arrivals);
    log->first_day = log->incidents.items[0].received_s / 86400;
    log->days = log->incidents.items[log->incidents.count - 1].received_s / 86400 - log->first_day + 1;
    return STATUS_OK;
}

static enum status read_rows(struct sheet *sheet, enum fit_format format, struct fit_log *log, struct unit_rows *rows,
                             struct error *error)
{
    for (;;) {
        bool row_read;
        struct unit_row row = { .priority = 0 };
        TRY(sheet_next(sheet, &row_read, error));
        if (!row_read) {
            break;
        }
        if (log->rows++ == FIT_ROWS_MAX) {
            return sheet_error(sheet, error, "more than %d rows", FIT_ROWS_MAX);
        }
        enum fit_reason reason = read_row(sheet, format, &row);
        if (reason != REASON_COUNT) {
            log->dropped[reason]++;
            continue;
        }
        row.order = (uint32_t)rows->count;
        if (!vec_push(rows, row)) {
            return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", sheet->path);
        }
    }
    return rows->count > 0 ? STATUS_OK
                           : sheet_error(sheet, error, "no row that counts among %llu", (unsigned long long)log->rows);
}

static enum fit_format guess_format(const char *bytes, size_t size)
{
    const char *end = memchr(bytes, '\n', size);
    size_t length = end != NULL ? (size_t)(end - bytes) : size;
    return memmem(bytes, length, "Received DtTm", 13) != NULL ? FIT_FORMAT_SFFD : FIT_FORMAT_MINGDI;
}

enum status fit_log_parse(const char *name, const char *bytes, size_t size, enum fit_format format, struct fit_log *log,
                          struct error *error)
{
    struct sheet sheet;
    struct unit_rows rows = { 0 };
    struct fit_log made = { 0 };
    format = format == FIT_FORMAT_GUESS ? guess_format(bytes, size) : format;
    TRY(sheet_open_bytes(&sheet, name, bytes, size, format == FIT_FORMAT_SFFD ? SFFD_COLUMNS : MINGDI_COLUMNS, false, error));
    enum status status = read_rows(&sheet, format, &made, &rows, error);
    if (status == STATUS_OK) {
        status = add_all(&made, &rows, error);
    }
    sheet_close(&sheet);
    vec_free(&rows);
    if (status != STATUS_OK) {
        fit_log_free(&made);
        return status;
    }
    *log = made;
    return STATUS_OK;
}

enum status fit_log_load(const char *path, enum fit_format format, struct fit_log *log, struct error *error)
{
    char *bytes;
    size_t size;
    TRY(sheet_read_file(path, &bytes, &size, error));
    enum status status = fit_log_parse(path, bytes, size, format, log, error);
    free(bytes);
    return status;
}

void fit_log_free(struct fit_log *log)
{
    for (int i = 0; i < STAGE_COUNT; i++) {
        vec_free(&log->stages[i]);
    }
    vec_free(&log->incidents);
}
