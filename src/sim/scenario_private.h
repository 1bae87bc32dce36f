/* The parts that scenario_load is made of; each fills its share of a scenario that is still being built. */
#ifndef MINGDI_SIM_SCENARIO_PRIVATE_H
#define MINGDI_SIM_SCENARIO_PRIVATE_H

#include "sim/scenario.h"
#include "sim/scenario_sheet.h"

enum {
    SCENARIO_UNITS_MAX = 10000, /* and stations, facilities, districts */
    SCENARIO_CELLS_MAX = 5000000,
};

extern const char *const PRIORITY_NAMES[]; /* these end with NULL */
extern const char *const NEED_NAMES[];
extern const char *const TRAVEL_NAMES[]; /* by road profile: lights, normal */
extern const char *const YES_NO_NAMES[]; /* no, yes */
extern const char *const DAY_NAMES[];

/* In the order in which they must be called. */
enum status scenario_read_settings(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_districts(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_stations(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_units(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_facilities(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_cells(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_priorities(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_rates(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_service(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_needs(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_policy(struct scenario *scenario, struct error *error) MUST_USE;
enum status scenario_read_diversion(struct scenario *scenario, struct error *error) MUST_USE;

enum status scenario_read_point(const struct sheet *sheet, int lon_column, int lat_column, struct geo_point *point,
                                struct error *error) MUST_USE;
/* Sorts the cells by latitude for scenario_district_of, where it needs that. */
enum status scenario_index_cells(struct scenario *scenario, struct error *error) MUST_USE;

#endif
