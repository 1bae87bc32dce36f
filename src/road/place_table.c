/* See place_table.h. Workload: up to some 100,000 rows, each snapped in microseconds. */
#include "road/place_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/vec.h"

VEC_TYPE(table_place_vec, struct table_place);

enum { COLUMN_ID, COLUMN_LON, COLUMN_LAT, COLUMN_NODE, COLUMN_COUNT };
static const char *const COLUMNS[] = { "id", "?lon", "?lat", "?node", NULL };

static bool in_bounds(const struct city *city, double lon, double lat)
{
    struct geo_point south_west, north_east;
    city_bounds(city, &south_west, &north_east);
    return lon >= geo_lon(south_west) && lon <= geo_lon(north_east) && lat >= geo_lat(south_west) && lat <= geo_lat(north_east);
}

enum status place_snap(const struct city *city, enum road_profile profile, double lon, double lat, struct road_place *place,
                       struct error *error)
{
    struct geo_point at, south_west, north_east;
    bool exchanged = !in_bounds(city, lon, lat) && in_bounds(city, lat, lon);
    if (!geo_point_from_degrees(lon, lat, &at)) {
        return ERROR(error, STATUS_BAD_INPUT, "%.7g,%.7g is not on the earth: longitude -180 to 180, then latitude -90 to 90%s",
                     lon, lat, exchanged ? " (here they seem to be exchanged)" : "");
    }
    if (city_snap(city, profile, at, PLACE_SNAP_M, place, error) == STATUS_OK) {
        return STATUS_OK;
    }
    if (error->status != STATUS_NOT_FOUND || !city_has_profile(city, profile)) {
        return error->status;
    }
    if (exchanged) {
        return ERROR(error, STATUS_BAD_INPUT, "%.7g,%.7g is not in %s, but %.7g,%.7g is: longitude comes first, then latitude",
                     lon, lat, city_name(city), lat, lon);
    }
    city_bounds(city, &south_west, &north_east);
    return ERROR(
        error, STATUS_BAD_INPUT,
        "%.7g,%.7g is more than %.0f m from every road of %s that this profile uses (its roads lie between %.5f,%.5f and "
        "%.5f,%.5f)",
        lon, lat, PLACE_SNAP_M, city_name(city), geo_lon(south_west), geo_lat(south_west), geo_lon(north_east),
        geo_lat(north_east));
}

static enum status check_columns(const struct csv *csv, const struct city *city, const int *column, struct error *error)
{
    bool by_degrees = column[COLUMN_LON] >= 0 && column[COLUMN_LAT] >= 0;
    bool any_degrees = column[COLUMN_LON] >= 0 || column[COLUMN_LAT] >= 0;
    if (column[COLUMN_NODE] >= 0 ? any_degrees : !by_degrees) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: the columns must be id,lon,lat or id,node", csv->name, csv->line);
    }
    if (column[COLUMN_NODE] >= 0 && !city_is_from_arcs(city)) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s:%d: column node needs a city made from arc tables; %s has no node numbers: give lon and lat", csv->name,
                     csv->line, city_name(city));
    }
    return STATUS_OK;
}

static enum status read_place(const struct csv *csv, const struct city *city, enum road_profile profile, const int *column,
                              struct road_place *place, struct error *error)
{
    if (column[COLUMN_NODE] >= 0) {
        int64_t number;
        TRY(csv_int(csv, column[COLUMN_NODE], "node", 0, INT64_MAX, &number, error));
        uint32_t node = city_node_of_number(city, (uint64_t)number);
        if (node == ROAD_NONE) {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column node: %s has no node %lld", csv->name, csv->line,
                         city_name(city), (long long)number);
        }
        *place = city_place_at_node(city, node);
        return STATUS_OK;
    }
    double lon, lat;
    TRY(csv_double(csv, column[COLUMN_LON], "lon", -180, 180, &lon, error));
    TRY(csv_double(csv, column[COLUMN_LAT], "lat", -180, 180, &lat,
                   error)); /* the wider range lets exchanged ones be explained */
    if (place_snap(city, profile, lon, lat, place, error) != STATUS_OK) {
        return error_prefix(error, "%s:%d: ", csv->name, csv->line);
    }
    return STATUS_OK;
}

static int compare_ids(const void *left, const void *right)
{
    const struct table_place *const *a = left, *const *b = right;
    int by_id = strcmp((*a)->id, (*b)->id);
    return by_id != 0 ? by_id : (*a > *b) - (*a < *b);
}

static enum status refuse_doubles(const char *name, const struct table_place_vec *places, struct error *error)
{
    const struct table_place **sorted = malloc((places->count + 1) * sizeof *sorted);
    if (sorted == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for %zu places", name, places->count);
    }
    for (size_t i = 0; i < places->count; i++) {
        sorted[i] = &places->items[i];
    }
    qsort(sorted, places->count, sizeof *sorted, compare_ids);
    enum status status = STATUS_OK;
    for (size_t i = 1; i < places->count && status == STATUS_OK; i++) {
        if (strcmp(sorted[i - 1]->id, sorted[i]->id) == 0) {
            status = ERROR(error, STATUS_BAD_INPUT, "%s:%d: column id: '%s' stands already in line %d", name, sorted[i]->line,
                           sorted[i]->id, sorted[i - 1]->line);
        }
    }
    free(sorted);
    return status;
}

static enum status read_rows(struct csv *csv, const struct city *city, enum road_profile profile, struct table_place_vec *places,
                             struct error *error)
{
    int column[COLUMN_COUNT];
    bool row;
    TRY(csv_next(csv, &row, error));
    if (!row) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:1: the file is empty; its first line must be id,lon,lat or id,node", csv->name);
    }
    TRY(csv_header(csv, COLUMNS, column, true, error));
    TRY(check_columns(csv, city, column, error));
    for (;;) {
        struct table_place place;
        TRY(csv_next(csv, &row, error));
        if (!row) {
            return STATUS_OK;
        }
        TRY(csv_text(csv, column[COLUMN_ID], "id", place.id, sizeof place.id, error));
        if (place.id[0] == '\0') {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column id: empty", csv->name, csv->line);
        }
        place.line = csv->line;
        TRY(read_place(csv, city, profile, column, &place.place, error));
        if (places->count >= UINT32_MAX - 1 || !vec_push(places, place)) {
            return ERROR(error, STATUS_NO_MEMORY, "%s:%d: no memory for so many places", csv->name, csv->line);
        }
    }
}

enum status place_table_read_bytes(const char *name, const char *bytes, size_t size, const struct city *city,
                                   enum road_profile profile, struct place_table *table, struct error *error)
{
    struct csv csv;
    struct table_place_vec places = { 0 };
    csv_open(&csv, name, bytes, size, false);
    enum status status = read_rows(&csv, city, profile, &places, error);
    csv_close(&csv);
    if (status == STATUS_OK) {
        status = refuse_doubles(name, &places, error);
    }
    if (status != STATUS_OK) {
        vec_free(&places);
        return status;
    }
    *table = (struct place_table){ places.items, (uint32_t)places.count };
    return STATUS_OK;
}

enum status place_table_read(const char *path, const struct city *city, enum road_profile profile, struct place_table *table,
                             struct error *error)
{
    struct file_view view;
    TRY(file_view_open(&view, path, error));
    enum status status = place_table_read_bytes(path, (const char *)view.bytes, view.size, city, profile, table, error);
    file_view_close(&view);
    return status;
}

void place_table_free(struct place_table *table)
{
    free(table->places);
    *table = (struct place_table){ 0 };
}
