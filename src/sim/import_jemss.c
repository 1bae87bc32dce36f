/* The whole import: model, roads, scenario, put in place at once. Workload: once a city, some seconds, nearly all for the roads. */
#include "sim/import_jemss.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "road/import.h"
#include "sim/import_jemss_files.h"
#include "sim/scenario.h"

/* Everything that a scenario folder may hold: what an import does not write is removed from a folder that it replaces. */
static const char *const SCENARIO_FILES[] = { "scenario.csv", "city.mingdi",   "stations.csv",  "units.csv",
                                              "facilities.csv", "priorities.csv", "service.csv", "rate.csv",
                                              "demand.csv",   "demand.csv.gz", "needs.csv",     "policy.csv",
                                              "diversion.csv", "districts.csv", "districts.geojson" };

static void remove_folder(const char *folder)
{
    for (size_t i = 0; i < ARRAY_LENGTH(SCENARIO_FILES); i++) {
        char *path = file_join(folder, SCENARIO_FILES[i]);
        unlink(path);
        free(path);
    }
    rmdir(folder);
}

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
        return rename(made, target) == 0 ? STATUS_OK
                                         : ERROR(error, STATUS_IO, "%s: cannot create: %s", target, strerror(errno));
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

static enum status make(const struct jemss_model *model, const char *name, const char *folder, struct error *error)
{
    char *city = file_join(folder, "city.mingdi");
    struct import_options roads = { .arcs = model->model, .name = name, .output = city };
    struct scenario *scenario = NULL;
    enum status status = import_jemss_write(model, name, folder, error);
    if (status == STATUS_OK) {
        status = scenario_load(folder, &scenario, error); /* what was written must be what can be read */
        scenario_free(status == STATUS_OK ? scenario : NULL);
    }
    if (status == STATUS_OK) {
        status = import_city(&roads, error);
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
    enum status status = file_make_folder(made, error);
    if (status == STATUS_OK) {
        status = make(&model, name, made, error);
    }
    if (status == STATUS_OK) {
        status = put_in_place(made, target, error);
    }
    if (status != STATUS_OK) {
        remove_folder(made);
    }
    jemss_model_free(&model);
    return status;
}
