/* Reading the tables of a JEMSS model. Workload: tables of some lines, and a demand raster of up to millions of cells. */
#include "sim/import_jemss_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "base/file.h"
#include "base/table.h"
#include "sim/import_jemss_expression.h"
#include "sim/import_jemss_files.h"
#include "sim/import_jemss_redispatch.h"
#include "sim/scenario_private.h"

static const double DAY_S = 86400;

/* Goes to a table of a file that is found in model/sub. */
static enum status open_found(struct table_reader *reader, const struct jemss_model *model, const char *sub, struct error *error)
{
    char *path = NULL;
    TRY(jemss_find_table(model->model, sub, &path, error));
    enum status status = table_open(reader, path, error);
    free(path);
    return status;
}

/* ---- stations and hospitals ---- */

/* The column whose name begins or ends in "name", whatever the case: the files call it name, Name, NAME, "Facility name". Must
 * be called while the reader stands on the line of column names. */
static int name_column(const struct table_reader *reader)
{
    int last_word = -1;
    for (int i = 0; i < (int)reader->csv.field_count; i++) {
        struct csv_field field = csv_field(&reader->csv, i);
        if (field.length >= 4 && strncasecmp(field.bytes, "name", 4) == 0) {
            return i;
        }
        if (field.length > 4 && strncasecmp(field.bytes + field.length - 5, " name", 5) == 0) {
            last_word = i;
        }
    }
    return last_word;
}

static enum status read_place(const struct table_reader *reader, const int *column, int name, struct jemss_places *places,
                              struct error *error)
{
    struct jemss_place place = { .line = reader->csv.line };
    TRY(csv_int(&reader->csv, column[0], "index", 1, INT32_MAX, &place.index, error));
    TRY(csv_double(&reader->csv, column[1], "x", -180, 180, &place.lon, error));
    TRY(csv_double(&reader->csv, column[2], "y", -90, 90, &place.lat, error));
    if (!csv_is_empty(&reader->csv, column[3])) {
        TRY(csv_int(&reader->csv, column[3], "capacity", 0, 100000, &place.capacity, error));
    }
    struct csv_field field = csv_field(&reader->csv, name);
    if (field.length > 0 && field.length < sizeof place.name) {
        TRY(csv_text(&reader->csv, name, "name", place.name, sizeof place.name, error));
    }
    for (size_t i = 0; i < places->count; i++) {
        if (places->items[i].index == place.index) {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: index %lld stands twice", reader->csv.name, reader->csv.line,
                         (long long)place.index);
        }
    }
    return vec_push(places, place) ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "%s: no memory", reader->csv.name);
}

static enum status read_places(const struct jemss_model *model, const char *what, struct jemss_places *places, char **file,
                               struct error *error)
{
    static const char *const columns[] = { "index", "x", "y", "?capacity", NULL };
    struct table_reader reader;
    int column[4];
    bool row_read = true;
    TRY(jemss_find_table(model->model, what, file, error));
    TRY(table_open(&reader, *file, error));
    enum status status;
    TRY_GOTO(table_find(&reader, what, columns, column, error), done);
    int name = name_column(&reader);
    while ((status = table_next(&reader, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_place(&reader, column, name, places, error), done);
    }
    if (status == STATUS_OK && places->count == 0) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s: no %s", reader.csv.name, what);
    }
done:
    table_close(&reader);
    return status;
}

/* ---- ambulances ---- */

static bool station_exists(const struct jemss_model *model, int64_t index)
{
    for (size_t i = 0; i < model->stations.count; i++) {
        if (model->stations.items[i].index == index) {
            return true;
        }
    }
    return false;
}

static enum status read_ambulance(const struct table_reader *reader, const int *column, struct jemss_model *model,
                                  struct error *error)
{
    const struct csv *csv = &reader->csv;
    struct jemss_ambulance ambulance = { .skill = SKILL_ALS };
    TRY(csv_int(csv, column[0], "index", 1, INT32_MAX, &ambulance.index, error));
    TRY(csv_int(csv, column[1], "stationIndex", 1, INT32_MAX, &ambulance.station_index, error));
    if (csv_equals(csv, column[2], "2") || csv_equals(csv, column[2], "2.0") || csv_equals(csv, column[2], "bls")) {
        ambulance.skill = SKILL_BLS;
    }
    if (!station_exists(model, ambulance.station_index)) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: ambulance %lld is at station %lld, which does not exist", csv->name,
                     csv->line, (long long)ambulance.index, (long long)ambulance.station_index);
    }
    for (size_t i = 0; i < model->ambulances.count; i++) {
        if (model->ambulances.items[i].index == ambulance.index) {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: index %lld stands twice", csv->name, csv->line,
                         (long long)ambulance.index);
        }
    }
    return vec_push(&model->ambulances, ambulance) ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "%s: no memory", csv->name);
}

static int compare_ambulances(const void *a, const void *b)
{
    int64_t first = ((const struct jemss_ambulance *)a)->index, second = ((const struct jemss_ambulance *)b)->index;
    return first < second ? -1 : first > second;
}

static enum status read_ambulances(struct jemss_model *model, struct error *error)
{
    static const char *const columns[] = { "index", "stationIndex", "?class", NULL };
    struct table_reader reader;
    int column[3];
    bool row_read = true;
    TRY(open_found(&reader, model, "ambulances", error));
    enum status status;
    TRY_GOTO(table_find(&reader, "ambulances", columns, column, error), done);
    while ((status = table_next(&reader, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_ambulance(&reader, column, model, error), done);
    }
    if (status == STATUS_OK && model->ambulances.count == 0) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s: no ambulances", reader.csv.name);
    }
    if (status == STATUS_OK) { /* ties go to the lowest index, here to the first line */
        qsort(model->ambulances.items, model->ambulances.count, sizeof *model->ambulances.items, compare_ambulances);
    }
done:
    table_close(&reader);
    return status;
}

/* ---- priorities ---- */

int jemss_priority_named(const struct jemss_model *model, const struct csv *csv, int column)
{
    for (unsigned i = 0; i < model->priority_count; i++) {
        if (csv_equals(csv, column, model->priorities[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

enum status jemss_unknown_priority(const struct csv *csv, int column, struct error *error)
{
    struct csv_field field = csv_field(csv, column);
    return ERROR(error, STATUS_BAD_INPUT, "%s:%d: priority \"%.*s\" is not in misc/call priorities", csv->name, csv->line,
                 (int)(field.length < 40 ? field.length : 40), field.bytes);
}

static enum status read_priority(const struct table_reader *reader, const int *column, struct jemss_model *model,
                                 struct error *error)
{
    int64_t number;
    double target_days;
    unsigned next = model->priority_count;
    if (next == PRIORITY_COUNT) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: more than %d priorities", reader->csv.name, reader->csv.line,
                     PRIORITY_COUNT);
    }
    TRY(csv_int(&reader->csv, column[0], "priority", 1, PRIORITY_COUNT, &number, error));
    if (number != (int64_t)next + 1) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: priority %lld comes where %u should: they must be 1, 2, 3 in order",
                     reader->csv.name, reader->csv.line, (long long)number, next + 1);
    }
    TRY(csv_text(&reader->csv, column[1], "name", model->priorities[next].name, sizeof model->priorities[next].name, error));
    TRY(csv_double(&reader->csv, column[2], "targetResponseTime", 0, 10, &target_days, error));
    model->priorities[next].target_s = target_days * DAY_S;
    model->priorities[next].travel_priority = next;
    model->priority_count++;
    return STATUS_OK;
}

/* The optional column responseTravelPriority names the priority in whose mode the unit responds; names may come later in the
 * file, so it is read in a second pass. */
static enum status read_travel_priorities(struct table_reader *reader, const char *const *columns, int *column,
                                          struct jemss_model *model, struct error *error)
{
    bool row_read;
    TRY(table_find(reader, "priorities", columns, column, error));
    for (unsigned i = 0; i < model->priority_count && column[3] >= 0; i++) {
        TRY(table_next(reader, &row_read, error));
        int found = jemss_priority_named(model, &reader->csv, column[3]);
        if (found < 0) {
            return jemss_unknown_priority(&reader->csv, column[3], error);
        }
        model->priorities[i].travel_priority = (unsigned)found;
    }
    return STATUS_OK;
}

static enum status read_priorities(struct jemss_model *model, struct error *error)
{
    static const char *const columns[] = { "priority", "name", "targetResponseTime", "?responseTravelPriority", NULL };
    struct table_reader reader;
    int column[4];
    bool row_read = true;
    TRY(open_found(&reader, model, "misc/call priorities", error));
    enum status status;
    TRY_GOTO(table_find(&reader, "priorities", columns, column, error), done);
    while ((status = table_next(&reader, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_priority(&reader, column, model, error), done);
    }
    if (status == STATUS_OK) {
        status = model->priority_count == 0 ? ERROR(error, STATUS_BAD_INPUT, "%s: no priorities", reader.csv.name)
                                            : read_travel_priorities(&reader, columns, column, model, error);
    }
done:
    table_close(&reader);
    return status;
}

/* ---- travel and map ---- */

static enum status read_modes(struct table_reader *reader, struct jemss_model *model, struct error *error)
{
    static const char *const columns[] = { "travelModeIndex", "offRoadSpeed", NULL };
    int column[2];
    TRY(table_find(reader, "travelModes", columns, column, error));
    for (;;) {
        bool row_read;
        int64_t index;
        TRY(table_next(reader, &row_read, error));
        if (!row_read) {
            break;
        }
        TRY(csv_int(&reader->csv, column[0], "travelModeIndex", 1, 1000, &index, error));
        if (index != (int64_t)model->mode_count + 1 || index > JEMSS_MODES_MAX) {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: travel mode %lld: modes must be 1 (lights and sirens) and 2 (normal)",
                         reader->csv.name, reader->csv.line, (long long)index);
        }
        TRY(csv_double(&reader->csv, column[1], "offRoadSpeed", 0.001, 1e6, &model->off_road_km_per_day[index - 1], error));
        model->mode_count++;
    }
    return model->mode_count > 0 ? STATUS_OK : ERROR(error, STATUS_BAD_INPUT, "%s: no travel modes", reader->csv.name);
}

static enum status read_sets(struct table_reader *reader, struct jemss_model *model, unsigned *mode_of, struct error *error)
{
    static const char *const columns[] = { "travelSetIndex", "priority", "travelModeIndex", NULL };
    int column[3];
    TRY(table_find(reader, "travelSets", columns, column, error));
    for (;;) {
        bool row_read;
        int64_t set, mode;
        TRY(table_next(reader, &row_read, error));
        if (!row_read) {
            return STATUS_OK;
        }
        TRY(csv_int(&reader->csv, column[0], "travelSetIndex", 1, 1000, &set, error));
        TRY(csv_int(&reader->csv, column[2], "travelModeIndex", 1, model->mode_count, &mode, error));
        int priority = jemss_priority_named(model, &reader->csv, column[1]);
        if (priority < 0) {
            return jemss_unknown_priority(&reader->csv, column[1], error);
        }
        if (set == 1) {
            mode_of[priority] = (unsigned)mode; /* from 1: 0 is "not told" */
        }
    }
}

static enum status read_set_times(struct table_reader *reader, struct text *notes, struct error *error)
{
    static const char *const columns[] = { "startTime", "travelSetIndex", NULL };
    int column[2], sets = 0;
    bool row_read;
    TRY(table_find(reader, "travelSetsTiming", columns, column, error));
    do {
        TRY(table_next(reader, &row_read, error));
        sets += row_read;
    } while (row_read);
    if (sets > 1) {
        text_printf(notes, "%s: the travel modes change with time; only the first set is used\n", reader->csv.name);
    }
    return STATUS_OK;
}

static enum status read_travel(struct jemss_model *model, struct text *notes, struct error *error)
{
    struct table_reader reader;
    unsigned mode_of[PRIORITY_COUNT] = { 0 };
    TRY(jemss_find_table(model->model, "travel/travel", &model->travel_file, error));
    TRY(table_open(&reader, model->travel_file, error));
    enum status status;
    TRY_GOTO(read_modes(&reader, model, error), done);
    TRY_GOTO(read_sets(&reader, model, mode_of, error), done);
    TRY_GOTO(read_set_times(&reader, notes, error), done);
    for (unsigned i = 0; i < model->priority_count; i++) {
        unsigned mode = mode_of[model->priorities[i].travel_priority];
        if (mode == 0) {
            status = ERROR(error, STATUS_BAD_INPUT, "%s: travel set 1 has no mode for priority \"%s\"", reader.csv.name,
                           model->priorities[i].name);
            goto done;
        }
        model->priorities[i].mode = mode - 1;
    }
done:
    table_close(&reader);
    return status;
}

static enum status read_map(struct jemss_model *model, struct error *error)
{
    static const char *const columns[] = { "xMin", "xMax", "yMin", "yMax", "xScale", "yScale", NULL };
    static const double lowest[] = { -180, -180, -90, -90, 0.001, 0.001 }, highest[] = { 180, 180, 90, 90, 1000, 1000 };
    double *const values[] = { &model->box[0], &model->box[1],     &model->box[2],
                               &model->box[3], &model->x_scale_km, &model->y_scale_km };
    struct table_reader reader;
    int column[6];
    bool row_read;
    TRY(jemss_find_table(model->model, "maps", &model->map_file, error));
    TRY(table_open(&reader, model->map_file, error));
    enum status status;
    TRY_GOTO(table_find(&reader, "map", columns, column, error), done);
    TRY_GOTO(table_next(&reader, &row_read, error), done);
    if (!row_read) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s: the map has no row", reader.csv.name);
        goto done;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        TRY_GOTO(csv_double(&reader.csv, column[i], columns[i], lowest[i], highest[i], values[i], error), done);
    }
done:
    table_close(&reader);
    return status;
}

/* ---- calls ---- */

static char *find_config(const char *model)
{
    static const char *const places[] = { "calls/reps/test/gen_config.xml",     "calls/reps/train/gen_config.xml",
                                          "calls/reps/validate/gen_config.xml", "calls/single/test/gen_config.xml",
                                          "calls/single/train/gen_config.xml",  "calls/single/validate/gen_config.xml" };
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        char *path = file_join(model, places[i]);
        if (file_exists(path)) {
            return path;
        }
        free(path);
    }
    char *calls = file_join(model, "calls");
    char *found = jemss_find_below(calls, "gen_config", ".xml");
    free(calls);
    return found;
}

/* ".../data/cities/manhattan/data/..." tells the city's name. */
static void take_city_name(struct jemss_model *model)
{
    const char *at = strstr(model->config.raster, "/cities/");
    size_t length = at == NULL ? 0 : strcspn(at + 8, "/");
    if (length > 0 && length < sizeof model->city) {
        memcpy(model->city, at + 8, length);
        model->city[length] = '\0';
    }
}

static enum status read_config(struct jemss_model *model, struct text *notes, struct error *error)
{
    char *path = find_config(model->model);
    if (path == NULL) {
        text_printf(notes, "%s/calls: no gen_config.xml: service times are unknown and set to 0; give calls with --calls\n",
                    model->model);
        return STATUS_OK;
    }
    struct file_view view;
    enum status status = file_view_open(&view, path, error);
    if (status == STATUS_OK) {
        status = jemss_config_parse(path, (const char *)view.bytes, view.size, &model->config, error);
        file_view_close(&view);
    }
    if (status == STATUS_OK && model->config.priority_count > model->priority_count) {
        status = ERROR(error, STATUS_BAD_INPUT, "%s: <priority> has %u shares, but misc/call priorities has %u priorities", path,
                       model->config.priority_count, model->priority_count);
    }
    if (status == STATUS_OK) {
        model->has_config = true;
        take_city_name(model);
        text_printf(notes, "calls: %s\n", path);
    }
    free(path);
    return status;
}

/* "[250]" or "[14]": the first period. */
static double first_period(const struct csv *csv, int column, double fallback)
{
    char text[64];
    double days;
    struct error ignored;
    struct csv_field field = csv_field(csv, column);
    if (field.length < 3 || field.length >= sizeof text || field.bytes[0] != '[') {
        return fallback;
    }
    size_t length = strcspn(field.bytes + 1, ",;]");
    if (length >= field.length) {
        return fallback;
    }
    memcpy(text, field.bytes + 1, length);
    text[length] = '\0';
    return jemss_number(text, &days, &ignored) == STATUS_OK && days >= 0.01 && days <= 100000 ? days : fallback;
}

/* Only defaults for the run come from here, so whatever is amiss is passed over. */
static void read_stats_control(struct jemss_model *model)
{
    static const char *const columns[] = { "warmUpDuration", "periodDurations", NULL };
    struct table_reader reader;
    struct error ignored;
    int column[2];
    bool row_read = false;
    model->warmup_days = 1;
    model->days = 250;
    char *path = file_join(model->model, "calls/reps/test/stats_control.csv");
    if (table_open(&reader, path, &ignored) == STATUS_OK) {
        if (table_find(&reader, "params", columns, column, &ignored) == STATUS_OK &&
            table_next(&reader, &row_read, &ignored) == STATUS_OK && row_read) {
            double warmup;
            if (csv_double(&reader.csv, column[0], "warmUpDuration", 0, 10000, &warmup, &ignored) == STATUS_OK) {
                model->warmup_days = warmup;
            }
            model->days = first_period(&reader.csv, column[1], model->days);
        }
        table_close(&reader);
    }
    free(path);
}

/* ---- demand ---- */

double jemss_spacing(const double *sorted, size_t count)
{
    if (count < 2) {
        return 0;
    }
    double smallest = INFINITY;
    for (size_t i = 1; i < count; i++) {
        smallest = fmin(smallest, sorted[i] - sorted[i - 1]);
    }
    /* The smallest gap is one cell less up to 1e-6 of rounding; the mean of the gaps that are about as large is a better start.
     */
    double sum = 0;
    size_t gaps = 0;
    for (size_t i = 1; i < count; i++) {
        double gap = sorted[i] - sorted[i - 1];
        sum += gap < 1.5 * smallest ? gap : 0;
        gaps += gap < 1.5 * smallest;
    }
    double start = sum / (double)gaps;
    /* Least squares of the coordinate over the number of its column, both taken from the first. */
    double number = 0, sum_k = 0, sum_kk = 0, sum_x = 0, sum_kx = 0;
    for (size_t i = 1; i < count; i++) {
        number += round((sorted[i] - sorted[i - 1]) / start);
        double x = sorted[i] - sorted[0];
        sum_k += number;
        sum_kk += number * number;
        sum_x += x;
        sum_kx += number * x;
    }
    double n = (double)count;
    return (n * sum_kx - sum_k * sum_x) / (n * sum_kk - sum_k * sum_k);
}

static int compare_doubles(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

static double spacing_of(const struct jemss_cells *cells, bool of_lon, double *scratch)
{
    for (size_t i = 0; i < cells->count; i++) {
        scratch[i] = of_lon ? cells->items[i].lon : cells->items[i].lat;
    }
    qsort(scratch, cells->count, sizeof *scratch, compare_doubles);
    size_t distinct = 1;
    for (size_t i = 1; i < cells->count; i++) {
        if (scratch[i] - scratch[distinct - 1] > 1.5e-6) {
            scratch[distinct++] = scratch[i];
        }
    }
    return jemss_spacing(scratch, distinct);
}

static enum status read_cell_rows(struct sheet *sheet, struct jemss_model *model, struct error *error)
{
    for (;;) {
        bool row_read;
        struct jemss_cell cell = { .line = 0 };
        TRY(sheet_next(sheet, &row_read, error));
        if (!row_read) {
            return model->cells.count > 0 ? STATUS_OK : sheet_error(sheet, error, "no cell with a weight above 0");
        }
        TRY(sheet_double(sheet, 0, -180, 180, &cell.lon, error));
        TRY(sheet_double(sheet, 1, -90, 90, &cell.lat, error));
        TRY(sheet_double(sheet, 2, 0, 1e30, &cell.weight, error));
        if (model->cells.count == SCENARIO_CELLS_MAX) {
            return sheet_error(sheet, error, "more than %d cells", SCENARIO_CELLS_MAX);
        }
        cell.line = sheet->csv.line;
        if (cell.weight > 0 && !vec_push(&model->cells, cell)) {
            return ERROR(error, STATUS_NO_MEMORY, "%s: no memory", sheet->path);
        }
    }
}

static enum status read_demand(struct jemss_model *model, struct text *notes, struct error *error)
{
    static const char *const columns[] = { "lon", "lat", "weight", NULL };
    struct sheet sheet;
    const char *const folders[] = { model->folder, model->folder, model->model, model->model };
    static const char *const files[] = { "demand.csv.gz", "demand.csv", "demand.csv.gz", "demand.csv" };
    enum status status = STATUS_NOT_FOUND;
    for (size_t i = 0; i < ARRAY_LENGTH(files) && status == STATUS_NOT_FOUND; i++) {
        status = sheet_open(&sheet, folders[i], files[i], columns, false, error);
    }
    if (status == STATUS_NOT_FOUND) {
        text_printf(notes, "%s: no demand.csv.gz: no random calls, only lists (--calls)\n", model->folder);
        return STATUS_OK;
    }
    TRY(status);
    model->demand_file = strdup(sheet.path);
    CHECK(model->demand_file != NULL);
    status = read_cell_rows(&sheet, model, error);
    sheet_close(&sheet);
    TRY(status);
    CHECK(model->cells.count > 0);
    double *scratch = malloc(model->cells.count * sizeof *scratch);
    if (scratch == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for %zu cells", model->folder, model->cells.count);
    }
    model->cell_width_deg = spacing_of(&model->cells, true, scratch);
    model->cell_height_deg = spacing_of(&model->cells, false, scratch);
    free(scratch);
    if (model->cell_width_deg > 1 || model->cell_height_deg > 1) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: the cells are %g x %g degrees apart, which is no raster of a city",
                     model->demand_file, model->cell_width_deg, model->cell_height_deg);
    }
    return STATUS_OK;
}

/* ---- the whole ---- */

static enum status find_roads(struct jemss_model *model, struct error *error)
{
    static const char *const places[] = { "travel/roads", "travel/roads/1" };
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        char *folder = file_join(model->model, places[i]);
        char *nodes = file_join(folder, "nodes.csv"), *arcs = file_join(folder, "arcs.csv");
        bool there = file_exists(nodes) && file_exists(arcs);
        free(nodes);
        free(arcs);
        if (there) {
            model->roads = folder;
            return STATUS_OK;
        }
        free(folder);
    }
    return ERROR(error, STATUS_NOT_FOUND, "%s/travel/roads: no nodes.csv and arcs.csv there", model->model);
}

static enum status read_all(struct jemss_model *model, const char *redispatch, struct text *notes, struct error *error)
{
    if (!jemss_is_folder(model->folder)) {
        return ERROR(error, STATUS_NOT_FOUND, "%s: no such folder", model->folder);
    }
    model->model = file_join(model->folder, "model");
    if (!jemss_is_folder(model->model)) {
        free(model->model);
        model->model = strdup(model->folder);
        CHECK(model->model != NULL);
    }
    TRY(find_roads(model, error));
    TRY(read_places(model, "stations", &model->stations, &model->stations_file, error));
    TRY(read_places(model, "hospitals", &model->hospitals, &model->hospitals_file, error));
    TRY(read_ambulances(model, error));
    TRY(read_priorities(model, error));
    TRY(read_travel(model, notes, error));
    TRY(read_map(model, error));
    TRY(read_config(model, notes, error));
    read_stats_control(model);
    TRY(jemss_redispatch_read(model, redispatch, notes, error));
    return read_demand(model, notes, error);
}

enum status jemss_model_read(const char *folder, const char *redispatch, struct jemss_model *model, struct text *notes,
                             struct error *error)
{
    *model = (struct jemss_model){ .folder = strdup(folder), .snap_limit_m = 2000 };
    CHECK(model->folder != NULL);
    enum status status = read_all(model, redispatch, notes, error);
    if (status != STATUS_OK) {
        jemss_model_free(model);
    }
    return status;
}

void jemss_model_free(struct jemss_model *model)
{
    free(model->folder);
    free(model->model);
    free(model->roads);
    free(model->map_file);
    free(model->travel_file);
    free(model->stations_file);
    free(model->hospitals_file);
    free(model->demand_file);
    vec_free(&model->stations);
    vec_free(&model->hospitals);
    vec_free(&model->ambulances);
    vec_free(&model->cells);
    *model = (struct jemss_model){ 0 };
}
