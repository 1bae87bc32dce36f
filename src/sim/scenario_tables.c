/* The tables of things with places: districts, stations, units, facilities, demand cells. Workload: some hundred lines each,
 * but up to millions of cells, whose lines are read at about 0.2 us. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/vec.h"
#include "sim/scenario_private.h"

enum status scenario_read_point(const struct sheet *sheet, int lon_column, int lat_column, struct geo_point *point,
                                struct error *error)
{
    double lon, lat;
    TRY(sheet_double(sheet, lon_column, -180, 180, &lon, error));
    TRY(sheet_double(sheet, lat_column, -90, 90, &lat, error));
    CHECK(geo_point_from_degrees(lon, lat, point));
    return STATUS_OK;
}

static enum status no_memory(const struct sheet *sheet, struct error *error)
{
    return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", sheet->path);
}

static enum status check_count(const struct sheet *sheet, size_t count, size_t maximum, struct error *error)
{
    return count < maximum ? STATUS_OK : sheet_error(sheet, error, "more than %zu lines", maximum);
}

/* Ids stand at the beginning of every struct of these tables, so that one search serves them all. Tables are small (10,000 at
 * most) and read once: a scan is quick enough, 50 ms in the worst case. */
static int64_t find_id(const void *items, size_t item_size, size_t count, const char *id)
{
    const char *at = items;
    for (size_t i = 0; i < count; i++, at += item_size) {
        if (strcmp(at, id) == 0) {
            return (int64_t)i;
        }
    }
    return -1;
}

/* id in column 0 and name in name_column, "" becomes the id. */
static enum status read_id(const struct sheet *sheet, int name_column, char *id, char *name, const void *items, size_t item_size,
                           size_t count, struct error *error)
{
    TRY(sheet_text(sheet, 0, id, SCENARIO_ID_SIZE, error));
    TRY(sheet_text(sheet, name_column, name, SCENARIO_NAME_SIZE, error));
    if (id[0] == '\0') {
        return sheet_error(sheet, error, "column \"id\" is empty");
    }
    if (find_id(items, item_size, count, id) >= 0) {
        return sheet_error(sheet, error, "id \"%s\" stands twice", id);
    }
    if (name[0] == '\0') {
        memcpy(name, id, SCENARIO_ID_SIZE);
    }
    return STATUS_OK;
}

static enum status read_district(const struct sheet *sheet, int column, const struct scenario *scenario, uint32_t *district,
                                 struct error *error)
{
    char id[SCENARIO_ID_SIZE];
    *district = 0;
    TRY(sheet_text(sheet, column, id, sizeof id, error));
    if (id[0] == '\0') {
        return STATUS_OK;
    }
    int64_t found = find_id(scenario->districts, sizeof *scenario->districts, scenario->district_count, id);
    if (found < 0) {
        return sheet_error(sheet, error, "district \"%s\" is not in districts.csv", id);
    }
    *district = (uint32_t)found;
    return STATUS_OK;
}

/* ---- stations ---- */

VEC_TYPE(station_vec, struct scenario_station);

static enum status read_station(struct sheet *sheet, const struct scenario *scenario, struct station_vec *stations,
                                struct error *error)
{
    struct scenario_station station = { .line = sheet->csv.line };
    int64_t capacity = 0;
    TRY(check_count(sheet, stations->count, SCENARIO_UNITS_MAX, error));
    TRY(read_id(sheet, 3, station.id, station.name, stations->items, sizeof station, stations->count, error));
    TRY(scenario_read_point(sheet, 1, 2, &station.point, error));
    if (!sheet_empty(sheet, 4)) {
        TRY(sheet_int(sheet, 4, 0, 100000, &capacity, error));
    }
    station.capacity = (int32_t)capacity;
    TRY(read_district(sheet, 5, scenario, &station.district, error));
    return vec_push(stations, station) ? STATUS_OK : no_memory(sheet, error);
}

enum status scenario_read_stations(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "id", "lon", "lat", "?name", "?capacity", "?district", NULL };
    struct sheet sheet;
    struct station_vec stations = { 0 };
    bool row_read = true;
    TRY(sheet_open(&sheet, scenario->folder, "stations.csv", columns, true, error));
    enum status status;
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_station(&sheet, scenario, &stations, error), done);
    }
    if (status == STATUS_OK && stations.count == 0) {
        status = sheet_error(&sheet, error, "no stations");
    }
done:
    scenario->stations = stations.items;
    scenario->station_count = (uint32_t)stations.count;
    sheet_close(&sheet);
    return status;
}

/* ---- units ---- */

VEC_TYPE(unit_vec, struct scenario_unit);

/* "07:30" to seconds of the day. */
static enum status read_clock(const struct sheet *sheet, int column, int32_t *seconds, struct error *error)
{
    char text[16];
    unsigned hour, minute;
    char rest;
    TRY(sheet_text(sheet, column, text, sizeof text, error));
    if (sscanf(text, "%2u:%2u%c", &hour, &minute, &rest) != 2 || minute > 59 || hour * 60 + minute > 24 * 60) {
        return sheet_error(sheet, error, "column \"%s\" is \"%s\", but must be a time HH:MM", sheet_column(sheet, column), text);
    }
    *seconds = (int32_t)(hour * 3600 + minute * 60);
    return STATUS_OK;
}

static enum status read_shift(const struct sheet *sheet, struct scenario_unit *unit, struct error *error)
{
    if (sheet_empty(sheet, 5) && sheet_empty(sheet, 6)) {
        return STATUS_OK;
    }
    if (sheet_empty(sheet, 5) || sheet_empty(sheet, 6)) {
        return sheet_error(sheet, error, "shift_start and shift_end must both be given, or neither");
    }
    TRY(read_clock(sheet, 5, &unit->shift_start_s, error));
    TRY(read_clock(sheet, 6, &unit->shift_end_s, error));
    if (unit->shift_start_s == unit->shift_end_s) {
        return sheet_error(sheet, error, "the shift has no length; leave both empty for round the clock");
    }
    if (unit->shift_start_s == 0 && unit->shift_end_s == 24 * 3600) {
        unit->shift_end_s = 0; /* the whole day is round the clock */
    }
    return STATUS_OK;
}

static enum status read_unit(struct sheet *sheet, const struct scenario *scenario, struct unit_vec *units, struct error *error)
{
    static const char *const skills[] = { "BLS", "ALS", NULL };
    static const char *const vehicles[] = { "ambulance", "motorcycle", "car", "helicopter", NULL };
    struct scenario_unit unit = { .line = sheet->csv.line };
    char station[SCENARIO_ID_SIZE];
    unsigned skill = SKILL_ALS, vehicle = VEHICLE_AMBULANCE;
    TRY(check_count(sheet, units->count, SCENARIO_UNITS_MAX, error));
    TRY(read_id(sheet, 2, unit.id, unit.name, units->items, sizeof unit, units->count, error));
    TRY(sheet_text(sheet, 1, station, sizeof station, error));
    int64_t found = find_id(scenario->stations, sizeof *scenario->stations, scenario->station_count, station);
    if (found < 0) {
        return sheet_error(sheet, error, "unit \"%s\" is at station \"%s\", which is not in stations.csv", unit.id, station);
    }
    unit.station = (uint32_t)found;
    TRY(sheet_choice(sheet, 3, skills, &skill, error));
    TRY(sheet_choice(sheet, 4, vehicles, &vehicle, error));
    unit.skill = (uint8_t)skill;
    unit.vehicle = (uint8_t)vehicle;
    TRY(read_shift(sheet, &unit, error));
    return vec_push(units, unit) ? STATUS_OK : no_memory(sheet, error);
}

enum status scenario_read_units(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "id", "station", "?name", "?skill", "?vehicle", "?shift_start", "?shift_end", NULL };
    struct sheet sheet;
    struct unit_vec units = { 0 };
    bool row_read = true;
    TRY(sheet_open(&sheet, scenario->folder, "units.csv", columns, true, error));
    enum status status;
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_unit(&sheet, scenario, &units, error), done);
    }
    if (status == STATUS_OK && units.count == 0) {
        status = sheet_error(&sheet, error, "no units");
    }
done:
    scenario->units = units.items;
    scenario->unit_count = (uint32_t)units.count;
    sheet_close(&sheet);
    return status;
}

/* ---- facilities ---- */

VEC_TYPE(facility_vec, struct scenario_facility);

static enum status read_capabilities(const struct sheet *sheet, int column, uint32_t *bits, struct error *error)
{
    char text[128], *rest = text;
    TRY(sheet_text(sheet, column, text, sizeof text, error));
    for (char *word; (word = strsep(&rest, " ;")) != NULL;) {
        unsigned need = 1;
        while (NEED_NAMES[need] != NULL && strcmp(word, NEED_NAMES[need]) != 0) {
            need++;
        }
        if (word[0] != '\0' && need == CARE_COUNT) {
            return sheet_error(sheet, error, "capability \"%s\" is not one of: chest_pain, stroke, trauma, maternity, newborn",
                               word);
        }
        *bits |= word[0] != '\0' ? 1U << need : 0;
    }
    return STATUS_OK;
}

static enum status read_beds(const struct sheet *sheet, int column, int32_t *beds, struct error *error)
{
    int64_t count;
    *beds = BEDS_UNLIMITED;
    if (sheet_empty(sheet, column) || csv_equals(&sheet->csv, sheet->column_of[column], "unlimited")) {
        return STATUS_OK;
    }
    TRY(sheet_int(sheet, column, 0, 1000000, &count, error));
    *beds = (int32_t)count;
    return STATUS_OK;
}

static enum status read_facility(struct sheet *sheet, const struct scenario *scenario, struct facility_vec *facilities,
                                 struct error *error)
{
    static const char *const tiers[] = { "community", "1", "2", "3", NULL };
    struct scenario_facility facility = { .line = sheet->csv.line, .capabilities = 1U << CARE_NONE };
    unsigned tier = TIER_TIER_3;
    TRY(check_count(sheet, facilities->count, SCENARIO_UNITS_MAX, error));
    TRY(read_id(sheet, 3, facility.id, facility.name, facilities->items, sizeof facility, facilities->count, error));
    TRY(scenario_read_point(sheet, 1, 2, &facility.point, error));
    TRY(sheet_choice(sheet, 4, tiers, &tier, error));
    facility.tier = (uint8_t)tier;
    TRY(read_capabilities(sheet, 5, &facility.capabilities, error));
    TRY(read_beds(sheet, 6, &facility.beds, error));
    TRY(read_district(sheet, 7, scenario, &facility.district, error));
    return vec_push(facilities, facility) ? STATUS_OK : no_memory(sheet, error);
}

enum status scenario_read_facilities(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "id", "lon", "lat", "?name", "?tier", "?capabilities", "?beds", "?district", NULL };
    struct sheet sheet;
    struct facility_vec facilities = { 0 };
    bool row_read = true;
    TRY(sheet_open(&sheet, scenario->folder, "facilities.csv", columns, true, error));
    enum status status;
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_facility(&sheet, scenario, &facilities, error), done);
    }
    if (status == STATUS_OK && facilities.count == 0) {
        status = sheet_error(&sheet, error, "no facilities");
    }
done:
    scenario->facilities = facilities.items;
    scenario->facility_count = (uint32_t)facilities.count;
    sheet_close(&sheet);
    return status;
}

/* ---- demand cells ---- */

VEC_TYPE(cell_vec, struct scenario_cell);

static enum status read_cell(struct sheet *sheet, const struct scenario *scenario, struct cell_vec *cells, struct error *error)
{
    struct scenario_cell cell = { .line = sheet->csv.line };
    double weight;
    TRY(check_count(sheet, cells->count, SCENARIO_CELLS_MAX, error));
    TRY(scenario_read_point(sheet, 0, 1, &cell.point, error));
    TRY(sheet_double(sheet, 2, 0, 1e30, &weight, error));
    TRY(read_district(sheet, 3, scenario, &cell.district, error));
    cell.weight = (float)weight;
    if (!(cell.weight > 0)) {
        return STATUS_OK;
    }
    return vec_push(cells, cell) ? STATUS_OK : no_memory(sheet, error);
}

/* Cells whose district is not told in the file get it from the polygons. */
static void place_cells_in_districts(struct scenario *scenario, bool told)
{
    if (told || scenario->ring_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < scenario->cell_count; i++) {
        scenario->cells[i].district = scenario_district_of(scenario, scenario->cells[i].point);
    }
}

static enum status read_cell_rows(struct scenario *scenario, struct sheet *sheet, struct error *error)
{
    struct cell_vec cells = { 0 };
    bool row_read = true;
    enum status status;
    while ((status = sheet_next(sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_cell(sheet, scenario, &cells, error), done);
    }
    if (status == STATUS_OK && cells.count == 0) {
        status = sheet_error(sheet, error, "no cell with a weight above 0");
    }
done:
    if (status != STATUS_OK) {
        vec_free(&cells);
        return status;
    }
    scenario->cells = cells.items;
    scenario->cell_count = (uint32_t)cells.count;
    place_cells_in_districts(scenario, sheet_has(sheet, 3));
    return STATUS_OK;
}

enum status scenario_read_cells(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "lon", "lat", "weight", "?district", NULL };
    static const char *const files[] = { "demand.csv", "demand.csv.gz" };
    struct sheet sheet;
    enum status status = STATUS_NOT_FOUND;
    for (size_t i = 0; i < ARRAY_LENGTH(files) && status == STATUS_NOT_FOUND; i++) {
        status = sheet_open(&sheet, scenario->folder, files[i], columns, true, error);
    }
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    scenario->cells_file = strdup(sheet.path);
    status = scenario->cells_file == NULL ? no_memory(&sheet, error) : read_cell_rows(scenario, &sheet, error);
    sheet_close(&sheet);
    return status;
}
