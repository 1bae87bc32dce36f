/* Counts from the report tables, made by the database: calls hour by hour, and where they come from.
 *
 * Workload: a wall's trend, some times a minute; a map of demand now and then. A month of a large city is a hundred thousand
 * rows, some ten milliseconds; a year seconds, so this belongs into a worker. */
#ifndef MINGDI_HOST_REPORT_COUNTS_H
#define MINGDI_HOST_REPORT_COUNTS_H

#include "base/json.h"
#include "base/time.h"
#include "store/sql.h"

enum {
    REPORT_HOURS_MAX = 24 * 93,
    DEMAND_DAYS_MAX = 3660,
    DEMAND_CELL_M = 500,
    DEMAND_CELLS_MAX = 20000,
    DEMAND_MINIMUM = 3, /* calls of a cell that is shown: one or two would say where somebody lives who was ill */
};

/* Calls that rang in [from, to) and are over; of one district, or of all (0). */
struct report_period {
    struct instant from, to;
    uint32_t district;
};

/* Members from, to, items ({hour, calls, answered, answered_10s, incidents, missions}: each hour counted from `from`, whole hours
 * of a zone when from is one; those without a call too) into an object that is open. incidents: that calls of the hour told of.
 * STATUS_BAD_INPUT: empty, or more than REPORT_HOURS_MAX hours. */
enum status report_hours(struct sql *sql, const struct report_period *period, struct json *json, struct error *error) MUST_USE;
/* Members from, to, cell_m, minimum, hidden and cells ([lon, lat, n] of the middle, the fullest first, at most DEMAND_CELLS_MAX)
 * into an object that is open. hidden: how many calls lie in cells with fewer than minimum; calls without a place are in none.
 * n is rounded down to a multiple of minimum: the difference of two answers tells no single call either. */
enum status report_demand(struct sql *sql, const struct report_period *period, uint32_t minimum, struct json *json,
                          struct error *error) MUST_USE;

#endif
