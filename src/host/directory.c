/* The directory in memory: a list a kind, sorted by id, and the shapes of districts. Workload: some thousand entries, read
 * once; a look-up for each entity shown (binary search), a point in a district for each incident. */
#include "host/directory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "base/vec.h"
#include "geo/polygon.h"
#include "host/identity.h"

enum { ENTRIES_MAX = 1 << 17, RING_POINTS_MAX = 5000000 };

VEC_TYPE(entry_vec, struct directory_entry);
VEC_TYPE(point_vec, struct geo_point);
VEC_TYPE(start_vec, uint32_t);

struct shape {
    uint32_t district;
    uint32_t first_ring, ring_count; /* in the directory's rings */
    char *geometry;                  /* as JSON */
};
VEC_TYPE(shape_vec, struct shape);

struct directory {
    struct entry_vec entries[DIRECTORY_KIND_COUNT];
    struct shape_vec shapes;
    struct point_vec points;
    struct start_vec starts; /* of each ring, and one past the last once loading is done */
};

const char *const DIRECTORY_KIND_NAMES[DIRECTORY_KIND_COUNT] = { [DIRECTORY_DISTRICT] = "district",
                                                                 [DIRECTORY_POST] = "post",
                                                                 [DIRECTORY_UNIT] = "unit",
                                                                 [DIRECTORY_FACILITY] = "facility",
                                                                 [DIRECTORY_SEAT] = "seat" };

/* The texts of an entry are its own. */
static void free_entry(const struct directory_entry *entry)
{
    free((char *)(uintptr_t)entry->code);
    free((char *)(uintptr_t)entry->name);
}

/* ---- shapes ---- */

static enum status bad_shape(uint32_t district, struct error *error)
{
    return ERROR(error, STATUS_CORRUPT, "the centre's tables hold no shape of district %u that can be read", district);
}

static enum status read_ring(struct directory *directory, uint32_t district, const json_t *ring, struct error *error)
{
    bool taken = vec_push(&directory->starts, (uint32_t)directory->points.count);
    for (size_t i = 0; taken && i < json_array_size(ring); i++) {
        const json_t *pair = json_array_get(ring, i);
        const json_t *lon = json_array_get(pair, 0), *lat = json_array_get(pair, 1);
        struct geo_point point;
        if (!json_is_number(lon) || !json_is_number(lat) || directory->points.count >= RING_POINTS_MAX ||
            !geo_point_from_degrees(json_number_value(lon), json_number_value(lat), &point)) {
            return bad_shape(district, error);
        }
        taken = vec_push(&directory->points, point);
    }
    return taken ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "no memory for the shapes of districts");
}

static enum status read_rings(struct directory *directory, uint32_t district, const json_t *rings, struct error *error)
{
    for (size_t i = 0; i < json_array_size(rings); i++) {
        TRY(read_ring(directory, district, json_array_get(rings, i), error));
    }
    return STATUS_OK;
}

static enum status read_geometry(struct directory *directory, uint32_t district, const json_t *geometry, struct error *error)
{
    const char *type = json_string_value(json_object_get(geometry, "type"));
    const json_t *coordinates = json_object_get(geometry, "coordinates");
    if (type == NULL || !json_is_array(coordinates)) {
        return bad_shape(district, error);
    }
    if (strcmp(type, "Polygon") == 0) {
        return read_rings(directory, district, coordinates, error);
    }
    if (strcmp(type, "MultiPolygon") != 0) {
        return bad_shape(district, error);
    }
    for (size_t i = 0; i < json_array_size(coordinates); i++) {
        TRY(read_rings(directory, district, json_array_get(coordinates, i), error));
    }
    return STATUS_OK;
}

/* detail is a GeoJSON geometry, or empty. */
static enum status read_shape(struct directory *directory, uint32_t district, const char *detail, struct error *error)
{
    if (detail[0] == '\0') {
        return STATUS_OK;
    }
    struct shape shape = { .district = district, .first_ring = (uint32_t)directory->starts.count };
    json_t *geometry = json_loads(detail, JSON_REJECT_DUPLICATES, NULL);
    enum status status = read_geometry(directory, district, geometry, error);
    json_decref(geometry);
    shape.ring_count = (uint32_t)directory->starts.count - shape.first_ring;
    shape.geometry = status == STATUS_OK ? strdup(detail) : NULL;
    if (status == STATUS_OK && (shape.geometry == NULL || !vec_push(&directory->shapes, shape))) {
        free(shape.geometry);
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for the shapes of districts");
    }
    return status;
}

/* ---- loading ---- */

static int kind_named(const char *name)
{
    for (int kind = 0; kind < DIRECTORY_KIND_COUNT; kind++) {
        if (strcmp(DIRECTORY_KIND_NAMES[kind], name) == 0) {
            return kind;
        }
    }
    return -1;
}

/* A constant, so that entries need not own it. */
static const char *desk_of(enum directory_kind kind, const char *detail)
{
    json_t *object = kind == DIRECTORY_SEAT && detail[0] != '\0' ? json_loads(detail, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const char *desk = json_string_value(json_object_get(object, "desk"));
    int role = desk != NULL ? role_find(desk) : -1;
    json_decref(object);
    return role >= 0 ? ROLE_NAMES[role] : "";
}

/* Columns: kind, id, code, name, district, detail. A kind of a later program is passed over. */
static enum status take_row(void *context, const struct sql_row *row, struct error *error)
{
    struct directory *directory = context;
    int kind = kind_named(sql_row_text(row, 0));
    int64_t id = sql_row_int(row, 1), district = sql_row_int(row, 4);
    const char *code = sql_row_text(row, 2), *name = sql_row_text(row, 3);
    if (kind < 0) {
        return STATUS_OK;
    }
    struct entry_vec *entries = &directory->entries[kind];
    bool is_sound = id >= 1 && id <= UINT32_MAX && district >= 0 && district <= UINT32_MAX && entries->count < ENTRIES_MAX &&
                    utf8_is_valid(code, strlen(code)) && utf8_is_valid(name, strlen(name));
    if (!is_sound) {
        return ERROR(error, STATUS_CORRUPT, "the centre's tables hold a %s %lld that cannot be read", DIRECTORY_KIND_NAMES[kind],
                     (long long)id);
    }
    struct directory_entry entry = { .id = (uint32_t)id,
                                     .district = (uint32_t)district,
                                     .code = strdup(code),
                                     .name = strdup(name),
                                     .desk = desk_of((enum directory_kind)kind, sql_row_text(row, 5)) };
    if (entry.code == NULL || entry.name == NULL || !vec_push(entries, entry)) {
        free_entry(&entry);
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the directory");
    }
    return kind == DIRECTORY_DISTRICT ? read_shape(directory, entry.id, sql_row_text(row, 5), error) : STATUS_OK;
}

enum status directory_load(struct sql *centre, struct directory **directory, struct error *error)
{
    struct directory *loading = calloc(1, sizeof *loading);
    if (loading == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the directory");
    }
    enum status status = sql_query(centre, "SELECT kind, id, code, name, district, detail FROM directory ORDER BY kind, id",
                                   SQL_NO_PARAMETERS, take_row, loading, NULL, error);
    if (status == STATUS_OK && !vec_push(&loading->starts, (uint32_t)loading->points.count)) {
        status = ERROR(error, STATUS_NO_MEMORY, "no memory for the directory");
    }
    if (status != STATUS_OK) {
        directory_free(loading);
        return status;
    }
    *directory = loading;
    return STATUS_OK;
}

void directory_free(struct directory *directory)
{
    if (directory == NULL) {
        return;
    }
    for (int kind = 0; kind < DIRECTORY_KIND_COUNT; kind++) {
        for (size_t i = 0; i < directory->entries[kind].count; i++) {
            free_entry(&directory->entries[kind].items[i]);
        }
        vec_free(&directory->entries[kind]);
    }
    for (size_t i = 0; i < directory->shapes.count; i++) {
        free(directory->shapes.items[i].geometry);
    }
    vec_free(&directory->shapes);
    vec_free(&directory->points);
    vec_free(&directory->starts);
    free(directory);
}

static bool same_entries(const struct entry_vec *a, const struct entry_vec *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; i < a->count && same; i++) {
        const struct directory_entry *x = &a->items[i], *y = &b->items[i];
        same = x->id == y->id && x->district == y->district && strcmp(x->code, y->code) == 0 && strcmp(x->name, y->name) == 0 &&
               strcmp(x->desk, y->desk) == 0;
    }
    return same;
}

bool directory_replace(struct directory *directory, struct directory *fresh)
{
    bool same = true;
    for (int kind = 0; kind < DIRECTORY_KIND_COUNT; kind++) {
        same = same && same_entries(&directory->entries[kind], &fresh->entries[kind]);
    }
    struct directory before = *directory;
    *directory = *fresh;
    *fresh = before;
    directory_free(fresh);
    return !same;
}

/* ---- asking ---- */

const struct directory_entry *directory_find(const struct directory *directory, enum directory_kind kind, uint32_t id)
{
    const struct entry_vec *entries = &directory->entries[kind];
    size_t low = 0, high = entries->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entries->items[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < entries->count && entries->items[low].id == id ? &entries->items[low] : NULL;
}

const struct directory_entry *directory_find_code(const struct directory *directory, enum directory_kind kind, const char *code)
{
    const struct entry_vec *entries = &directory->entries[kind];
    for (size_t i = 0; i < entries->count; i++) {
        if (strcmp(entries->items[i].code, code) == 0) {
            return &entries->items[i];
        }
    }
    return NULL;
}

uint32_t directory_count(const struct directory *directory, enum directory_kind kind)
{
    return (uint32_t)directory->entries[kind].count;
}

const struct directory_entry *directory_at(const struct directory *directory, enum directory_kind kind, uint32_t index)
{
    return index < directory->entries[kind].count ? &directory->entries[kind].items[index] : NULL;
}

const char *directory_shape(const struct directory *directory, uint32_t district)
{
    for (size_t i = 0; i < directory->shapes.count; i++) {
        if (directory->shapes.items[i].district == district) {
            return directory->shapes.items[i].geometry;
        }
    }
    return NULL;
}

uint32_t directory_district_of(const struct directory *directory, struct geo_point point)
{
    for (size_t i = 0; i < directory->shapes.count; i++) {
        const struct shape *shape = &directory->shapes.items[i];
        const struct geo_polygon polygon = { .point = directory->points.items,
                                             .ring_start = directory->starts.items + shape->first_ring,
                                             .ring_count = shape->ring_count };
        if (geo_polygon_contains(&polygon, point)) {
            return shape->district;
        }
    }
    return 0;
}

/* ---- administration ---- */

bool directory_put(struct directory *directory, enum directory_kind kind, const struct directory_entry *entry)
{
    struct entry_vec *entries = &directory->entries[kind];
    struct directory_entry copy = *entry;
    copy.code = strdup(entry->code);
    copy.name = strdup(entry->name);
    struct directory_entry *there = (struct directory_entry *)(uintptr_t)directory_find(directory, kind, entry->id);
    bool has_room = there != NULL || (entries->count < ENTRIES_MAX && vec_reserve(entries, entries->count + 1));
    if (copy.code == NULL || copy.name == NULL || !has_room) {
        free_entry(&copy);
        return false;
    }
    if (there != NULL) {
        free_entry(there);
        *there = copy;
        return true;
    }
    size_t place = entries->count;
    while (place > 0 && entries->items[place - 1].id > entry->id) {
        place--;
    }
    memmove(&entries->items[place + 1], &entries->items[place], (entries->count - place) * sizeof copy);
    entries->items[place] = copy;
    entries->count += 1;
    return true;
}

/* What else the tables hold of it (a unit's vehicle, a district's shape) stays. */
enum status directory_write(struct sql *sql, enum directory_kind kind, const struct directory_entry *entry, struct error *error)
{
    char detail[64] = "";
    if (kind == DIRECTORY_SEAT && entry->desk[0] != '\0') {
        (void)snprintf(detail, sizeof detail, "{\"desk\":\"%s\"}", entry->desk);
    }
    return sql_run(
        sql,
        "INSERT INTO directory(kind, id, code, name, district, detail) VALUES($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT(kind, id) DO UPDATE SET code = excluded.code, name = excluded.name, district = excluded.district,"
        " detail = CASE WHEN excluded.detail <> '' THEN excluded.detail ELSE directory.detail END",
        SQL_PARAMETERS(sql_text(DIRECTORY_KIND_NAMES[kind]), sql_int(entry->id), sql_text(entry->code), sql_text(entry->name),
                       sql_int(entry->district), sql_text(detail)),
        NULL, error);
}

enum status directory_erase(struct sql *sql, enum directory_kind kind, uint32_t id, struct error *error)
{
    return sql_run(sql, "DELETE FROM directory WHERE kind = $1 AND id = $2",
                   SQL_PARAMETERS(sql_text(DIRECTORY_KIND_NAMES[kind]), sql_int(id)), NULL, error);
}

enum status directory_drop_beyond(struct sql *sql, struct directory *directory, enum directory_kind kind, uint32_t last,
                                  uint32_t *dropped, struct error *error)
{
    struct entry_vec *entries = &directory->entries[kind];
    *dropped = 0;
    if (entries->count == 0 || entries->items[entries->count - 1].id <= last) {
        return STATUS_OK;
    }
    TRY(sql_run(sql, "DELETE FROM directory WHERE kind = $1 AND id > $2",
                SQL_PARAMETERS(sql_text(DIRECTORY_KIND_NAMES[kind]), sql_int(last)), NULL, error));
    while (entries->count > 0 && entries->items[entries->count - 1].id > last) {
        free_entry(&entries->items[--entries->count]);
        *dropped += 1;
    }
    return STATUS_OK;
}
