/* The whole import: model, roads, scenario, put in place at once. Workload: once a city, some seconds, nearly all for the roads.
 */
#include "sim/import_jemss.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "road/city.h"
#include "road/import.h"
#include "sim/import_jemss_files.h"
#include "sim/scenario.h"

/* Everything that a scenario folder may hold: what an import does not write is removed from a folder that it replaces. */
static const char *const SCENARIO_FILES[] = { "scenario.csv",   "city.mingdi",    "stations.csv",     "units.csv",
                                              "facilities.csv", "priorities.csv", "service.csv",      "rate.csv",
                                              "demand.csv",     "demand.csv.gz",  "needs.csv",        "policy.csv",
                                              "diversion.csv",  "districts.csv",  "districts.geojson" };

static enum status move_file(const char *from_folder, const char *to_folder, const char *file, struct error *error)
{
    char *from = file_join(from_folder, file), *to = file_join(to_folder, file);
    enum status status = STATUS_OK;
    if (!file_exists(from)) {
        unlink(to);
    } else if (rename(from, to) != 0) {
        status = ERROR(error, STATUS_IO, "%s: cannot replace: %s", to, strerror(errno));
    }
    free(from);
    free(to);
    return status;
}

static enum status put_in_place(const char *made, const char *target, struct error *error)
{
    if (!jemss_is_folder(target)) {
        return rename(made, target) == 0 ? STATUS_OK : ERROR(error, STATUS_IO, "%s: cannot create: %s", target, strerror(errno));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(SCENARIO_FILES); i++) {
        TRY(move_file(made, target, SCENARIO_FILES[i], error));
    }
    rmdir(made);
    return STATUS_OK;
}

/* A folder that stands in the way must be empty or a scenario: nobody's files are replaced by mistake. */
static enum status check_target(const char *target, struct error *error)
{
    char *settings = file_join(target, "scenario.csv");
    bool is_scenario = file_exists(settings);
    free(settings);
    DIR *folder = is_scenario ? NULL : opendir(target);
    if (folder == NULL) {
        return is_scenario || errno == ENOENT ? STATUS_OK : ERROR(error, STATUS_IO, "%s: %s", target, strerror(errno));
    }
    enum status status = STATUS_OK;
    for (const struct dirent *entry; status == STATUS_OK && (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.') {
            status = ERROR(error, STATUS_BAD_INPUT, "%s: holds files but is no scenario; give a new or an empty folder", target);
        }
    }
    closedir(folder);
    return status;
}

/* "manhattan" becomes "Manhattan". */
static void choose_name(const struct jemss_model *model, const char *wanted, char name[SCENARIO_NAME_SIZE])
{
    char folder[SCENARIO_NAME_SIZE];
    const char *source = wanted != NULL ? wanted : model->city;
    if (source[0] == '\0') {
        size_t end = strlen(model->folder);
        while (end > 1 && model->folder[end - 1] == '/') {
            end--;
        }
        size_t begin = end;
        while (begin > 0 && model->folder[begin - 1] != '/') {
            begin--;
        }
        snprintf(folder, sizeof folder, "%.*s", (int)(end - begin), model->folder + begin);
        source = folder;
    }
    snprintf(name, SCENARIO_NAME_SIZE, "%s", source);
    if (wanted == NULL && name[0] >= 'a' && name[0] <= 'z') {
        name[0] = (char)(name[0] - 'a' + 'A');
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

/* JEMSS has no limit on how far a place may lie from its node. So that a cell in the sea is found out all the same, the limit is
 * taken from the raster itself: four times what 99 of 100 cells keep (in the models known the farthest is below twice that),
 * 2 km at least. */
static enum status choose_snap_limit(struct jemss_model *model, const double *distance_m, struct error *error)
{
    size_t count = model->cells.count;
    double *sorted = malloc((count + 1) * sizeof *sorted);
    if (sorted == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for %zu cells", count);
    }
    memcpy(sorted, distance_m, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    double usual = count > 0 ? sorted[(size_t)(0.99 * (double)(count - 1))] : 0;
    model->snap_limit_m = fmin(fmax(2000, 1000 * ceil(usual * 4 / 1000)), 1000000);
    free(sorted);
    return STATUS_OK;
}

static enum status distance_to_road(const struct city *city, double lon, double lat, double *distance_m, struct error *error)
{
    struct geo_point point;
    struct road_place place;
    CHECK(geo_point_from_degrees(lon, lat, &point));
    TRY(city_snap(city, ROAD_EMERGENCY, point, 3e7, &place, error));
    *distance_m = place.off_road_m;
    return STATUS_OK;
}

static enum status too_far(const struct jemss_model *model, const char *file, int line, const char *what, double distance_m,
                           struct error *error)
{
    return ERROR(
        error, STATUS_BAD_INPUT,
        "%s:%d: the %s is %.0f m from the nearest node of the roads, at most %.0f m are believed (four times what 99 of 100 "
        "cells keep, 2000 m at least); is it in the sea, or are longitude and latitude exchanged?",
        file, line, what, distance_m, model->snap_limit_m);
}

static enum status check_cells(struct jemss_model *model, const struct city *city, struct error *error)
{
    size_t count = model->cells.count;
    double *distance_m = malloc((count + 1) * sizeof *distance_m);
    if (distance_m == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for %zu cells", count);
    }
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = distance_to_road(city, model->cells.items[i].lon, model->cells.items[i].lat, &distance_m[i], error);
    }
    if (status == STATUS_OK) {
        status = choose_snap_limit(model, distance_m, error);
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (distance_m[i] > model->snap_limit_m) {
            status = too_far(model, model->demand_file, model->cells.items[i].line, "demand cell", distance_m[i], error);
        }
    }
    free(distance_m);
    return status;
}

static enum status check_fixed_places(const struct jemss_model *model, const struct city *city, const struct jemss_places *places,
                                      const char *file, const char *what, struct error *error)
{
    for (size_t i = 0; i < places->count; i++) {
        double distance_m = 0;
        TRY(distance_to_road(city, places->items[i].lon, places->items[i].lat, &distance_m, error));
        if (distance_m > model->snap_limit_m) {
            return too_far(model, file, places->items[i].line, what, distance_m, error);
        }
    }
    return STATUS_OK;
}

static enum status check_places(struct jemss_model *model, const struct city *city, struct error *error)
{
    TRY(check_cells(model, city, error));
    TRY(check_fixed_places(model, city, &model->stations, model->stations_file, "station", error));
    return check_fixed_places(model, city, &model->hospitals, model->hospitals_file, "hospital", error);
}

/* The files, and the proof that they can be read and that their places lie near the roads. */
static enum status write_and_check(struct jemss_model *model, const char *name, const char *folder, const char *city_path,
                                   struct error *error)
{
    struct city *city;
    struct scenario *scenario = NULL;
    TRY(city_open(city_path, &city, error));
    enum status status = check_places(model, city, error);
    if (status == STATUS_OK) {
        status = import_jemss_write(model, name, folder, error);
    }
    if (status == STATUS_OK && (status = scenario_load(folder, &scenario, error)) == STATUS_OK) {
        status = scenario_check_places(scenario, city, error);
        scenario_free(scenario);
    }
    city_close(city);
    return status;
}

static enum status make(struct jemss_model *model, const char *name, const char *folder, struct error *error)
{
    char *city = file_join(folder, "city.mingdi");
    struct import_options roads = { .arcs = model->roads, .name = name, .output = city };
    enum status status = import_city(&roads, error);
    if (status == STATUS_OK) {
        status = write_and_check(model, name, folder, city, error);
    }
    free(city);
    return status;
}

enum status import_jemss(const char *folder, const char *scenario_folder, const struct import_jemss_options *options,
                         struct text *notes, struct error *error)
{
    char target[4096], made[4096 + 32], name[SCENARIO_NAME_SIZE];
    struct jemss_model model;
    size_t length = strlen(scenario_folder);
    while (length > 1 && scenario_folder[length - 1] == '/') {
        length--;
    }
    if (length == 0 || length >= sizeof target) {
        return ERROR(error, STATUS_BAD_INPUT, "the name of the scenario's folder is %s", length == 0 ? "empty" : "too long");
    }
    memcpy(target, scenario_folder, length);
    target[length] = '\0';
    snprintf(made, sizeof made, "%s.part-%ld", target, (long)getpid());
    TRY(check_target(target, error));
    TRY(jemss_model_read(folder, options->redispatch, &model, notes, error));
    choose_name(&model, options->name, name);
    struct interrupt_guard *guard = NULL;
    enum status status = file_make_folder(made, error);
    if (status == STATUS_OK) {
        status = interrupt_guard_start(&guard, made, error);
    }
    if (status == STATUS_OK) {
        status = make(&model, name, made, error);
    }
    if (status == STATUS_OK) {
        interrupt_guard_hold(guard);
        status = put_in_place(made, target, error);
    }
    if (status != STATUS_OK) {
        (void)folder_remove(made);
    }
    interrupt_guard_end(guard);
    jemss_model_free(&model);
    return status;
}
