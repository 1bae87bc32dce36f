#include "cli/trace_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/vec.h"
#include "road/profile.h"
#include "wire/form.h"

enum { COLUMN_UNIT, COLUMN_AT, COLUMN_LON, COLUMN_LAT, COLUMN_TRIP, COLUMN_PROFILE, COLUMN_COUNT };
static const char *const COLUMNS[] = { "unit", "at", "lon", "lat", "?trip", "?profile", NULL };

struct trace_row {
    struct match_fix fix;
    uint64_t trip;
    uint32_t unit;
};
VEC_TYPE(trace_rows, struct trace_row);
VEC_TYPE(trace_trips, struct trace_trip);

static enum status read_instant(const struct csv *csv, int column, struct instant *at, struct error *error)
{
    char text[64];
    TRY(csv_text(csv, column, "at", text, sizeof text, error));
    if (!form_instant_read(text, strlen(text), at)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column at: expected a time such as 2026-11-22T08:30:05Z", csv->name,
                     csv->line);
    }
    return STATUS_OK;
}

static enum status read_point(const struct csv *csv, const int *column, struct geo_point *point, struct error *error)
{
    double lon, lat;
    TRY(csv_double(csv, column[COLUMN_LON], "lon", -180, 180, &lon, error));
    TRY(csv_double(csv, column[COLUMN_LAT], "lat", -90, 90, &lat, error));
    return geo_point_from_degrees(lon, lat, point)
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "%s:%d: columns lon, lat: not a place on the earth", csv->name, csv->line);
}

/* Whether the row is of the profile, or tells none. */
static enum status read_profile(const struct csv *csv, int column, enum road_profile wanted, bool *fits, struct error *error)
{
    char word[32];
    *fits = true;
    if (column < 0 || csv_is_empty(csv, column)) {
        return STATUS_OK;
    }
    TRY(csv_text(csv, column, "profile", word, sizeof word, error));
    enum road_profile profile = profile_of_name(word);
    if (profile >= ROAD_PROFILE_COUNT) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column profile: expected emergency or normal", csv->name, csv->line);
    }
    *fits = profile == wanted;
    return STATUS_OK;
}

static enum status read_row(const struct csv *csv, const int *column, enum road_profile profile, struct trace_row *row,
                            bool *kept, struct error *error)
{
    int64_t unit, trip = 0;
    bool in_trip = column[COLUMN_TRIP] < 0 || !csv_is_empty(csv, column[COLUMN_TRIP]), fits;
    TRY(csv_int(csv, column[COLUMN_UNIT], "unit", 0, UINT32_MAX, &unit, error));
    TRY(read_instant(csv, column[COLUMN_AT], &row->fix.at, error));
    TRY(read_point(csv, column, &row->fix.point, error));
    if (in_trip && column[COLUMN_TRIP] >= 0) {
        TRY(csv_int(csv, column[COLUMN_TRIP], "trip", 0, INT64_MAX, &trip, error));
    }
    TRY(read_profile(csv, column[COLUMN_PROFILE], profile, &fits, error));
    row->unit = (uint32_t)unit;
    row->trip = (uint64_t)trip;
    *kept = in_trip && fits;
    return STATUS_OK;
}

static enum status read_rows(struct csv *csv, enum road_profile profile, struct trace_rows *rows, struct trace_table *table,
                             struct error *error)
{
    int column[COLUMN_COUNT];
    bool there, kept;
    TRY(csv_next(csv, &there, error));
    if (!there) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:1: the file is empty; its first line must be unit,at,lon,lat", csv->name);
    }
    TRY(csv_header(csv, COLUMNS, column, true, error));
    for (;;) {
        struct trace_row row;
        TRY(csv_next(csv, &there, error));
        if (!there) {
            return STATUS_OK;
        }
        TRY(read_row(csv, column, profile, &row, &kept, error));
        table->rows += 1;
        table->left_out += !kept;
        if (rows->count >= TRACE_ROWS_MAX) {
            return ERROR(error, STATUS_FULL, "%s:%d: more than %d positions", csv->name, csv->line, TRACE_ROWS_MAX);
        }
        if (kept && !vec_push(rows, row)) {
            return ERROR(error, STATUS_NO_MEMORY, "%s:%d: no memory for so many positions", csv->name, csv->line);
        }
    }
}

static int by_trip(const void *left, const void *right)
{
    const struct trace_row *a = left, *b = right;
    if (a->unit != b->unit) {
        return a->unit < b->unit ? -1 : 1;
    }
    if (a->trip != b->trip) {
        return a->trip < b->trip ? -1 : 1;
    }
    return (a->fix.at.us > b->fix.at.us) - (a->fix.at.us < b->fix.at.us);
}

static bool begins_trip(const struct trace_row *row, const struct trace_row *before)
{
    return row->unit != before->unit || row->trip != before->trip ||
           row->fix.at.us - before->fix.at.us > TRACE_GAP_S * US_PER_SECOND;
}

static enum status cut_into_trips(const char *name, struct trace_rows *rows, struct trace_table *table, struct error *error)
{
    struct trace_trips trips = { 0 };
    table->fixes = malloc((rows->count + 1) * sizeof *table->fixes);
    bool good = table->fixes != NULL;
    if (rows->count > 0) {
        qsort(rows->items, rows->count, sizeof *rows->items, by_trip);
    }
    for (size_t i = 0; i < rows->count && good; i++) {
        const struct trace_row *row = &rows->items[i];
        if (i == 0 || begins_trip(row, row - 1)) {
            good = vec_push(&trips, (struct trace_trip){ row->unit, (uint32_t)i, 0 });
        }
        if (good) {
            trips.items[trips.count - 1].count += 1;
            table->fixes[i] = row->fix;
        }
    }
    table->trips = trips.items;
    table->trip_count = (uint32_t)trips.count;
    table->fix_count = (uint32_t)rows->count;
    return good ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "%s: no memory for its trips", name);
}

enum status trace_table_read_bytes(const char *name, const char *bytes, size_t size, enum road_profile profile,
                                   struct trace_table *table, struct error *error)
{
    struct csv csv;
    struct trace_rows rows = { 0 };
    *table = (struct trace_table){ 0 };
    csv_open(&csv, name, bytes, size, false);
    enum status status = read_rows(&csv, profile, &rows, table, error);
    csv_close(&csv);
    if (status == STATUS_OK) {
        status = cut_into_trips(name, &rows, table, error);
    }
    vec_free(&rows);
    if (status != STATUS_OK) {
        trace_table_free(table);
    }
    return status;
}

enum status trace_table_read(const char *path, enum road_profile profile, struct trace_table *table, struct error *error)
{
    struct file_view view;
    TRY(file_view_open(&view, path, error));
    enum status status = trace_table_read_bytes(path, (const char *)view.bytes, view.size, profile, table, error);
    file_view_close(&view);
    return status;
}

void trace_table_free(struct trace_table *table)
{
    free(table->fixes);
    free(table->trips);
    *table = (struct trace_table){ 0 };
}
