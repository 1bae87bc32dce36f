/* Where things lie: districts and their polygons, which district a place is in, and whether places lie near a road.
 * Workload: up to millions of cells; a cell within the limit of the road point found for the cell before it needs no search of
 * its own, which in a raster is nearly every one. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/vec.h"
#include "geo/polygon.h"
#include "sim/scenario_private.h"

VEC_TYPE(district_vec, struct scenario_district);
VEC_TYPE(start_vec, uint32_t);
VEC_TYPE(point_vec, struct geo_point);

enum { RING_POINTS_MAX = 5000000, DISTRICT_FILE_MAX = 1 << 28 };

/* ---- districts.csv ---- */

static enum status read_district_row(struct sheet *sheet, struct district_vec *districts, struct error *error)
{
    struct scenario_district district = { .id = "" };
    TRY(sheet_text(sheet, 0, district.id, sizeof district.id, error));
    TRY(sheet_text(sheet, 1, district.name, sizeof district.name, error));
    if (district.id[0] == '\0' || districts->count == SCENARIO_UNITS_MAX) {
        return sheet_error(sheet, error, "%s", district.id[0] == '\0' ? "column \"id\" is empty" : "more than 10,000 districts");
    }
    for (size_t i = 0; i < districts->count; i++) {
        if (strcmp(districts->items[i].id, district.id) == 0) {
            return sheet_error(sheet, error, "id \"%s\" stands twice", district.id);
        }
    }
    if (district.name[0] == '\0') {
        memcpy(district.name, district.id, sizeof district.id);
    }
    return vec_push(districts, district) ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "%s: no memory", sheet->path);
}

static enum status read_district_table(struct scenario *scenario, bool *there, struct error *error)
{
    static const char *const columns[] = { "id", "?name", NULL };
    struct sheet sheet;
    struct district_vec districts = { 0 };
    bool row_read = true;
    enum status status = sheet_open(&sheet, scenario->folder, "districts.csv", columns, true, error);
    *there = status == STATUS_OK;
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_district_row(&sheet, &districts, error), done);
    }
    if (status == STATUS_OK && districts.count == 0) {
        status = sheet_error(&sheet, error, "no districts; remove the file if there are none");
    }
done:
    scenario->districts = districts.items;
    scenario->district_count = (uint32_t)districts.count;
    sheet_close(&sheet);
    return status;
}

/* ---- districts.geojson ---- */

struct polygon_reader {
    struct scenario *scenario;
    const char *path;
    struct start_vec starts;
    struct point_vec points;
    struct error *error;
};

static enum status bad_polygon(const struct polygon_reader *reader, size_t feature, const char *what)
{
    return ERROR(reader->error, STATUS_BAD_INPUT, "%s: feature %zu: %s", reader->path, feature + 1, what);
}

static enum status read_ring(struct polygon_reader *reader, size_t feature, const json_t *ring,
                             struct scenario_district *district)
{
    size_t count = json_array_size(ring);
    if (count < 4 || reader->points.count + count > RING_POINTS_MAX) {
        return bad_polygon(reader, feature, count < 4 ? "a ring of fewer than four points" : "too many points");
    }
    if (!vec_push(&reader->starts, (uint32_t)reader->points.count)) {
        return ERROR(reader->error, STATUS_NO_MEMORY, "%s: no memory", reader->path);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(ring, i);
        const json_t *lon = json_array_get(pair, 0), *lat = json_array_get(pair, 1);
        struct geo_point point;
        if (!json_is_number(lon) || !json_is_number(lat) ||
            !geo_point_from_degrees(json_number_value(lon), json_number_value(lat), &point)) {
            return bad_polygon(reader, feature, "a point that is not [longitude, latitude]");
        }
        if (!vec_push(&reader->points, point)) {
            return ERROR(reader->error, STATUS_NO_MEMORY, "%s: no memory", reader->path);
        }
        bool first = district->ring_count == 0 && i == 0;
        struct geo_point *low = &district->box_low, *high = &district->box_high;
        low->lon_e7 = first || point.lon_e7 < low->lon_e7 ? point.lon_e7 : low->lon_e7;
        low->lat_e7 = first || point.lat_e7 < low->lat_e7 ? point.lat_e7 : low->lat_e7;
        high->lon_e7 = first || point.lon_e7 > high->lon_e7 ? point.lon_e7 : high->lon_e7;
        high->lat_e7 = first || point.lat_e7 > high->lat_e7 ? point.lat_e7 : high->lat_e7;
    }
    district->ring_count++;
    return STATUS_OK;
}

static enum status read_polygon(struct polygon_reader *reader, size_t feature, const json_t *rings,
                                struct scenario_district *district)
{
    for (size_t i = 0; i < json_array_size(rings); i++) {
        TRY(read_ring(reader, feature, json_array_get(rings, i), district));
    }
    return STATUS_OK;
}

static struct scenario_district *district_named(struct scenario *scenario, const json_t *feature)
{
    const char *id = json_string_value(json_object_get(json_object_get(feature, "properties"), "id"));
    for (uint32_t i = 0; id != NULL && i < scenario->district_count; i++) {
        if (strcmp(scenario->districts[i].id, id) == 0) {
            return &scenario->districts[i];
        }
    }
    return NULL;
}

static enum status read_feature(struct polygon_reader *reader, size_t index, const json_t *feature)
{
    struct scenario_district *district = district_named(reader->scenario, feature);
    if (district == NULL || district->ring_count > 0) {
        return bad_polygon(reader, index,
                           district == NULL ? "property \"id\" is not an id of districts.csv"
                                            : "the district has a polygon already");
    }
    const json_t *geometry = json_object_get(feature, "geometry");
    const char *type = json_string_value(json_object_get(geometry, "type"));
    const json_t *coordinates = json_object_get(geometry, "coordinates");
    district->ring_first = (uint32_t)reader->starts.count;
    if (type != NULL && strcmp(type, "Polygon") == 0) {
        TRY(read_polygon(reader, index, coordinates, district));
    } else if (type != NULL && strcmp(type, "MultiPolygon") == 0) {
        for (size_t i = 0; i < json_array_size(coordinates); i++) {
            TRY(read_polygon(reader, index, json_array_get(coordinates, i), district));
        }
    }
    return district->ring_count > 0 ? STATUS_OK
                                    : bad_polygon(reader, index, "the geometry is not a Polygon or MultiPolygon with rings");
}

static enum status read_features(struct polygon_reader *reader, const json_t *root)
{
    const json_t *features = json_object_get(root, "features");
    if (!json_is_array(features)) {
        return ERROR(reader->error, STATUS_BAD_INPUT, "%s: not a FeatureCollection: no array \"features\"", reader->path);
    }
    for (size_t i = 0; i < json_array_size(features); i++) {
        TRY(read_feature(reader, i, json_array_get(features, i)));
    }
    if (!vec_push(&reader->starts, (uint32_t)reader->points.count)) {
        return ERROR(reader->error, STATUS_NO_MEMORY, "%s: no memory", reader->path);
    }
    return STATUS_OK;
}

static enum status read_polygons(struct scenario *scenario, const char *path, struct error *error)
{
    struct polygon_reader reader = { .scenario = scenario, .path = path, .error = error };
    struct file_view view;
    json_error_t why;
    TRY(file_view_open(&view, path, error));
    if (view.size > DISTRICT_FILE_MAX) {
        file_view_close(&view);
        return ERROR(error, STATUS_BAD_INPUT, "%s: more than %d bytes", path, DISTRICT_FILE_MAX);
    }
    json_t *root = json_loadb((const char *)view.bytes, view.size, JSON_REJECT_DUPLICATES, &why);
    file_view_close(&view);
    if (root == NULL) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: not JSON: %s", path, why.line, why.text);
    }
    enum status status = read_features(&reader, root);
    json_decref(root);
    scenario->ring_start = reader.starts.items;
    scenario->ring_point = reader.points.items;
    scenario->ring_count = status == STATUS_OK ? (uint32_t)reader.starts.count - 1 : 0;
    return status;
}

enum status scenario_read_districts(struct scenario *scenario, struct error *error)
{
    bool there;
    TRY(read_district_table(scenario, &there, error));
    char *path = file_join(scenario->folder, "districts.geojson");
    enum status status = STATUS_OK;
    if (file_exists(path)) {
        status = there ? read_polygons(scenario, path, error)
                       : ERROR(error, STATUS_BAD_INPUT, "%s: there is no districts.csv beside it", path);
    }
    free(path);
    if (status == STATUS_OK && !there) {
        scenario->districts = calloc(1, sizeof *scenario->districts);
        if (scenario->districts == NULL) {
            return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", scenario->folder);
        }
        scenario->district_count = 1;
        memcpy(scenario->districts[0].id, "all", 4);
        memcpy(scenario->districts[0].name, "all", 4);
    }
    return status;
}

/* ---- which district ---- */

static bool district_holds(const struct scenario *scenario, const struct scenario_district *district, struct geo_point p)
{
    if (district->ring_count == 0 || p.lon_e7 < district->box_low.lon_e7 || p.lon_e7 > district->box_high.lon_e7 ||
        p.lat_e7 < district->box_low.lat_e7 || p.lat_e7 > district->box_high.lat_e7) {
        return false;
    }
    const struct geo_polygon polygon = { .point = scenario->ring_point,
                                         .ring_start = scenario->ring_start + district->ring_first,
                                         .ring_count = district->ring_count };
    return geo_polygon_contains(&polygon, p);
}

static int compare_latitudes(const void *a, const void *b, void *cells)
{
    const struct scenario_cell *all = cells;
    int32_t first = all[*(const uint32_t *)a].point.lat_e7, second = all[*(const uint32_t *)b].point.lat_e7;
    return first < second ? -1 : first > second;
}

enum status scenario_index_cells(struct scenario *scenario, struct error *error)
{
    if (scenario->district_count < 2 || scenario->cell_count == 0) {
        return STATUS_OK;
    }
    scenario->cells_by_latitude = calloc(scenario->cell_count, sizeof *scenario->cells_by_latitude);
    if (scenario->cells_by_latitude == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for an index of the cells", scenario->folder);
    }
    for (uint32_t i = 0; i < scenario->cell_count; i++) {
        scenario->cells_by_latitude[i] = i;
    }
    qsort_r(scenario->cells_by_latitude, scenario->cell_count, sizeof(uint32_t), compare_latitudes, scenario->cells);
    return STATUS_OK;
}

struct nearest_cell {
    struct geo_point point;
    double lon_scale; /* of a unit of longitude, in units of latitude */
    double squared;
    uint32_t cell;
};

/* False when the cell is too far north or south for it and all beyond it to be nearer. */
static bool consider_cell(const struct scenario *scenario, struct nearest_cell *nearest, uint32_t position)
{
    uint32_t index = scenario->cells_by_latitude[position];
    double north = (double)scenario->cells[index].point.lat_e7 - nearest->point.lat_e7;
    double east = ((double)scenario->cells[index].point.lon_e7 - nearest->point.lon_e7) * nearest->lon_scale;
    if (north * north > nearest->squared) {
        return false;
    }
    double squared = north * north + east * east;
    if (squared < nearest->squared || (squared == nearest->squared && index < nearest->cell)) {
        nearest->squared = squared;
        nearest->cell = index;
    }
    return true;
}

static uint32_t district_of_nearest_cell(const struct scenario *scenario, struct geo_point point)
{
    struct nearest_cell nearest = { point, cos(geo_lat(point) * 0.017453292519943295), INFINITY, 0 };
    uint32_t low = 0, high = scenario->cell_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        bool south = scenario->cells[scenario->cells_by_latitude[middle]].point.lat_e7 < point.lat_e7;
        *(south ? &low : &high) = south ? middle + 1 : middle;
    }
    for (uint32_t up = low; up < scenario->cell_count && consider_cell(scenario, &nearest, up); up++) {
    }
    for (uint32_t down = low; down > 0 && consider_cell(scenario, &nearest, down - 1); down--) {
    }
    return scenario->cells[nearest.cell].district;
}

uint32_t scenario_district_of(const struct scenario *scenario, struct geo_point point)
{
    if (scenario->district_count < 2) {
        return 0;
    }
    for (uint32_t i = 0; i < scenario->district_count; i++) {
        if (district_holds(scenario, &scenario->districts[i], point)) {
            return i;
        }
    }
    return scenario->cells_by_latitude != NULL ? district_of_nearest_cell(scenario, point) : 0;
}

/* ---- near a road ---- */

struct place_checker {
    const struct scenario *scenario;
    const struct city *city;
    enum road_profile profile;
    bool has_last;
    struct geo_point last; /* a point on a road that the profile may use */
    struct error *error;
};

static enum status far_from_roads(struct place_checker *checker, const char *file, int line, const char *what,
                                  struct geo_point point)
{
    struct road_place place;
    struct error ignored;
    double limit = checker->scenario->snap_limit_m;
    bool found = city_snap(checker->city, checker->profile, point, 1e7, &place, &ignored) == STATUS_OK;
    char distance[64] = "no road at all is near";
    if (found) {
        snprintf(distance, sizeof distance, "the nearest road is %.0f m away", place.off_road_m);
    }
    return ERROR(
        checker->error, STATUS_BAD_INPUT,
        "%s:%d: %s at %.6f,%.6f: %s, at most %.0f m are allowed (snap_limit_m in scenario.csv); is it in the sea, or are lon "
        "and lat exchanged, or is it another city?",
        file, line, what, geo_lon(point), geo_lat(point), distance, limit);
}

static enum status check_place(struct place_checker *checker, const char *file, int line, const char *what,
                               struct geo_point point)
{
    double limit = checker->scenario->snap_limit_m;
    if (checker->has_last && geo_distance_m(point, checker->last) <= limit) {
        return STATUS_OK;
    }
    struct road_place place;
    enum status status = city_snap(checker->city, checker->profile, point, limit, &place, checker->error);
    if (status == STATUS_NOT_FOUND) {
        return far_from_roads(checker, file, line, what, point);
    }
    TRY(status);
    checker->last = place.point;
    checker->has_last = true;
    return STATUS_OK;
}

static enum status check_all(struct place_checker *checker)
{
    const struct scenario *s = checker->scenario;
    char *stations = file_join(s->folder, "stations.csv"), *facilities = file_join(s->folder, "facilities.csv");
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < s->station_count && status == STATUS_OK; i++) {
        status = check_place(checker, stations, s->stations[i].line, "the station", s->stations[i].point);
    }
    for (uint32_t i = 0; i < s->facility_count && status == STATUS_OK; i++) {
        status = check_place(checker, facilities, s->facilities[i].line, "the facility", s->facilities[i].point);
    }
    for (uint32_t i = 0; i < s->cell_count && status == STATUS_OK; i++) {
        status = check_place(checker, s->cells_file, s->cells[i].line, "the demand cell", s->cells[i].point);
    }
    free(stations);
    free(facilities);
    return status;
}

enum status scenario_check_places(const struct scenario *scenario, const struct city *city, struct error *error)
{
    bool used[ROAD_PROFILE_COUNT] = { false };
    used[scenario->policy.facility_profile] = used[scenario->policy.return_profile] = true;
    for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
        used[scenario->priorities[p].profile] |= scenario->priorities[p].used;
    }
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        struct place_checker checker = {
            .scenario = scenario, .city = city, .profile = (enum road_profile)profile, .error = error
        };
        if (used[profile]) {
            TRY(check_all(&checker));
        }
    }
    return STATUS_OK;
}
