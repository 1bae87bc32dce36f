/* The database counts, so that rows need not leave it. A cell is a rectangle of degrees: its width is that of the calls' mean
 * latitude, right to a per cent within a city. */
#include "host/report_counts.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "geo/point.h"
#include "wire/form.h"

/* ---- hours ---- */

struct hour {
    int64_t calls, answered, answered_10s, incidents, missions;
};

struct hours {
    struct hour *items;
    int64_t count;
};

static struct hour *hour_of(struct hours *hours, const struct sql_row *row)
{
    int64_t index = sql_row_int(row, 0);
    return index >= 0 && index < hours->count ? &hours->items[index] : NULL;
}

static enum status take_calls(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct hour *hour = hour_of(context, row);
    if (hour != NULL) {
        hour->calls = sql_row_int(row, 1);
        hour->answered = sql_row_int(row, 2);
        hour->answered_10s = sql_row_int(row, 3);
        hour->incidents = sql_row_int(row, 4);
    }
    return STATUS_OK;
}

static enum status take_missions(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct hour *hour = hour_of(context, row);
    if (hour != NULL) {
        hour->missions = sql_row_int(row, 1);
    }
    return STATUS_OK;
}

static void put_hours(struct json *json, const struct report_period *period, const struct hours *hours)
{
    form_instant(json, "from", period->from);
    form_instant(json, "to", period->to);
    json_array_begin(json, "items");
    for (int64_t i = 0; i < hours->count; i++) {
        const struct hour *hour = &hours->items[i];
        json_object_begin(json, NULL);
        form_instant(json, "hour", instant_add(period->from, duration_us(i * US_PER_HOUR)));
        json_int(json, "calls", hour->calls);
        json_int(json, "answered", hour->answered);
        json_int(json, "answered_10s", hour->answered_10s);
        json_int(json, "incidents", hour->incidents);
        json_int(json, "missions", hour->missions);
        json_object_end(json);
    }
    json_array_end(json);
}

static enum status count_hours(struct sql *sql, const struct report_period *period, struct hours *hours, struct error *error)
{
    static const char calls[] =
        "SELECT (offered_at - $1) / 3600000000, COUNT(*), COUNT(t_call_answered),"
        " COUNT(CASE WHEN t_call_answered - t_call_offered <= 10000000 THEN 1 END),"
        " COUNT(DISTINCT CASE WHEN incident <> 0 THEN incident END)"
        " FROM report_call WHERE offered_at >= $1 AND offered_at < $2 AND (district = $3 OR $3 = 0) GROUP BY 1";
    static const char missions[] = "SELECT (offered_at - $1) / 3600000000, COUNT(*) FROM report_mission"
                                   " WHERE offered_at >= $1 AND offered_at < $2 AND (district = $3 OR $3 = 0) GROUP BY 1";
    const struct sql_value values[] = { sql_int(period->from.us), sql_int(period->to.us), sql_int(period->district) };
    TRY(sql_query(sql, calls, values, ARRAY_LENGTH(values), take_calls, hours, NULL, error));
    return sql_query(sql, missions, values, ARRAY_LENGTH(values), take_missions, hours, NULL, error);
}

static enum status check_period(const struct report_period *period, int64_t hours_max, struct error *error)
{
    if (!instant_before(period->from, period->to)) {
        return ERROR(error, STATUS_BAD_INPUT, "the period is empty: it begins where it ends, or later");
    }
    uint64_t length_us = (uint64_t)period->to.us - (uint64_t)period->from.us;
    return length_us <= (uint64_t)(hours_max * US_PER_HOUR)
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT, "the period is longer than %lld days", (long long)(hours_max / 24));
}

enum status report_hours(struct sql *sql, const struct report_period *period, struct json *json, struct error *error)
{
    TRY(check_period(period, REPORT_HOURS_MAX, error));
    struct hours hours = { .count = (instant_since(period->to, period->from).us + US_PER_HOUR - 1) / US_PER_HOUR };
    hours.items = calloc((size_t)hours.count, sizeof *hours.items);
    if (hours.items == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the hours of a period");
    }
    enum status status = count_hours(sql, period, &hours, error);
    if (status == STATUS_OK) {
        put_hours(json, period, &hours);
    }
    free(hours.items);
    return status;
}

/* ---- demand ---- */

/* Cells are counted from the south pole and the date line, so that a place is in the same row of cells in every answer. */
enum { LON_ZERO_E7 = 1800000000, LAT_ZERO_E7 = 900000000 };
static const double E7 = 1e7;

struct demand {
    struct json *json;
    int64_t lon_step_e7, lat_step_e7;
    uint32_t minimum;
    int64_t hidden, cells;
    int64_t mean_lat_e7;
    bool any;
};

static enum status take_mean(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct demand *demand = context;
    demand->any = !sql_row_is_null(row, 0);
    demand->mean_lat_e7 = demand->any ? sql_row_int(row, 0) : 0;
    return STATUS_OK;
}

static enum status put_cell(void *context, const struct sql_row *row, struct error *error)
{
    (void)error;
    struct demand *demand = context;
    int64_t calls = sql_row_int(row, 2);
    if (calls < demand->minimum || demand->cells == DEMAND_CELLS_MAX) {
        demand->hidden += calls;
        return STATUS_OK;
    }
    demand->cells += 1;
    json_array_begin(demand->json, NULL);
    json_e7(demand->json, NULL, sql_row_int(row, 0) * demand->lon_step_e7 + demand->lon_step_e7 / 2 - LON_ZERO_E7);
    json_e7(demand->json, NULL, sql_row_int(row, 1) * demand->lat_step_e7 + demand->lat_step_e7 / 2 - LAT_ZERO_E7);
    json_int(demand->json, NULL, calls - calls % demand->minimum);
    json_array_end(demand->json);
    return STATUS_OK;
}

#define WITH_PLACE \
    " FROM report_call WHERE offered_at >= $1 AND offered_at < $2 AND (district = $3 OR $3 = 0) AND t_place_known IS NOT NULL"

static enum status count_cells(struct sql *sql, const struct report_period *period, struct demand *demand, struct error *error)
{
    static const char mean[] = "SELECT CAST(AVG(lat_e7) AS bigint)" WITH_PLACE;
    static const char cells[] = "SELECT (lon_e7 + 1800000000) / $4 AS x, (lat_e7 + 900000000) / $5 AS y, COUNT(*) AS n" WITH_PLACE
                                " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2";
    struct sql_value values[] = { sql_int(period->from.us), sql_int(period->to.us), sql_int(period->district), sql_null(),
                                  sql_null() };
    TRY(sql_query(sql, mean, values, 3, take_mean, demand, NULL, error));
    double lat = (double)demand->mean_lat_e7 / E7;
    demand->lat_step_e7 = llround(DEMAND_CELL_M / geo_metres_per_lat_degree() * E7);
    demand->lon_step_e7 = llround(DEMAND_CELL_M / fmax(geo_metres_per_lon_degree(lat), 1) * E7);
    values[3] = sql_int(demand->lon_step_e7);
    values[4] = sql_int(demand->lat_step_e7);
    return demand->any ? sql_query(sql, cells, values, ARRAY_LENGTH(values), put_cell, demand, NULL, error) : STATUS_OK;
}

enum status report_demand(struct sql *sql, const struct report_period *period, uint32_t minimum, struct json *json,
                          struct error *error)
{
    TRY(check_period(period, INT64_C(24) * DEMAND_DAYS_MAX, error));
    struct demand demand = { .json = json, .minimum = minimum };
    form_instant(json, "from", period->from);
    form_instant(json, "to", period->to);
    json_int(json, "cell_m", DEMAND_CELL_M);
    json_int(json, "minimum", minimum);
    json_array_begin(json, "cells");
    TRY(count_cells(sql, period, &demand, error));
    json_array_end(json);
    json_int(json, "hidden", demand.hidden);
    return STATUS_OK;
}
