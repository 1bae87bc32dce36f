/* A JEMSS city ships several files of redispatch rules; which one counts stands in the configuration of a simulation
 * (sim_config.xml), which is not part of the model folder. So: what the user says, else a sim_config.xml in the folder, else the
 * only file there is, else what JEMSS's own example configuration for that city names, else JEMSS's rule without a file. */
#include "sim/import_jemss_redispatch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "base/table.h"
#include "sim/import_jemss_files.h"

/* JEMSS.jl, example/cities/<city>/1/reps/input/sim_config.xml, element redispatch. A city is known by the path of its density
 * raster (data/cities/<city>/), else by the box of its map. */
struct example {
    const char *city;
    double box[4]; /* xMin, xMax, yMin, yMax of maps/map_1.csv */
    const char *file;
};

static const struct example EXAMPLES[] = {
    { "auckland", { 174.24405, 175.38357, -37.34747, -36.41008 }, "redispatch_lower_to_high.csv" },
    { "edmonton", { -113.714, -113.271, 53.3956, 53.7161 }, "redispatch_low_to_higher.csv" },
    { "manhattan", { -74.0472, -73.906, 40.6795, 40.8821 }, "redispatch_off.csv" },
    { "utrecht", { 4.6605, 5.7559, 51.9217, 52.3146 }, "redispatch_off.csv" },
};

static enum status read_allowed(struct table_reader *reader, bool *allowed, struct error *error)
{
    static const char *const columns[] = { "allowRedispatch", NULL };
    int column;
    bool row_read;
    int64_t value = 0;
    TRY(table_find(reader, "miscData", columns, &column, error));
    TRY(table_next(reader, &row_read, error));
    if (!row_read) {
        return ERROR(error, STATUS_BAD_INPUT, "%s: table miscData has no row", reader->csv.name);
    }
    TRY(csv_int(&reader->csv, column, "allowRedispatch", 0, 1, &value, error));
    *allowed = value == 1;
    return STATUS_OK;
}

static enum status read_conditions(struct table_reader *reader, struct jemss_model *model, struct error *error)
{
    static const char *const columns[] = { "fromCallPriority", "toCallPriority", "allowRedispatch", NULL };
    int column[3];
    TRY(table_find(reader, "redispatchConditions", columns, column, error));
    for (;;) {
        bool row_read;
        int64_t value;
        TRY(table_next(reader, &row_read, error));
        if (!row_read) {
            return STATUS_OK;
        }
        int from = jemss_priority_named(model, &reader->csv, column[0]),
            to = jemss_priority_named(model, &reader->csv, column[1]);
        if (from < 0 || to < 0) {
            return jemss_unknown_priority(&reader->csv, column[from < 0 ? 0 : 1], error);
        }
        TRY(csv_int(&reader->csv, column[2], "allowRedispatch", 0, 1, &value, error));
        if (value == 1 && from == to) {
            return ERROR(error, STATUS_BAD_INPUT, "%s:%d: a unit cannot be diverted to a call of the same priority",
                         reader->csv.name, reader->csv.line);
        }
        model->may_divert[from][to] = value == 1;
    }
}

static enum status read_file(struct jemss_model *model, const char *path, struct error *error)
{
    struct table_reader reader;
    bool allowed = false;
    TRY(table_open(&reader, path, error));
    enum status status = read_allowed(&reader, &allowed, error);
    if (status == STATUS_OK && allowed) {
        status = read_conditions(&reader, model, error);
    }
    table_close(&reader);
    return status;
}

/* The file that the user names: "off" is no file; a path; or "lower_to_high" for redispatch_lower_to_high.csv. */
static enum status chosen_file(const struct jemss_model *model, const char *folder, const char *choice, char **path,
                               struct error *error)
{
    *path = NULL;
    if (strcmp(choice, "off") == 0) {
        return STATUS_OK;
    }
    if (file_exists(choice)) {
        *path = strdup(choice);
        CHECK(*path != NULL);
        return STATUS_OK;
    }
    char name[160];
    snprintf(name, sizeof name, "redispatch_%.100s.csv", choice);
    *path = file_join(folder, name);
    if (!file_exists(*path)) {
        free(*path);
        *path = file_join(folder, choice);
    }
    if (file_exists(*path)) {
        return STATUS_OK;
    }
    free(*path);
    *path = NULL;
    return ERROR(error, STATUS_NOT_FOUND, "redispatch \"%s\" is neither off, nor a file, nor the name of one in %s of %s", choice,
                 folder, model->folder);
}

/* The file that a sim_config.xml somewhere in the folder names; NULL when none does or it is not there. */
static enum status configured_file(const struct jemss_model *model, const char *folder, char **path, struct error *error)
{
    char text[JEMSS_TEXT_SIZE] = "";
    struct file_view view;
    *path = NULL;
    char *config = jemss_find_below(model->folder, "sim_config", ".xml");
    if (config == NULL) {
        return STATUS_OK;
    }
    enum status status = file_view_open(&view, config, error);
    if (status == STATUS_OK) {
        status = jemss_config_element(config, (const char *)view.bytes, view.size, "redispatch", text, error);
        file_view_close(&view);
    }
    free(config);
    TRY(status);
    const char *slash = strrchr(text, '/');
    const char *name = slash != NULL ? slash + 1 : text;
    char *candidate = file_join(folder, name);
    if (name[0] != '\0' && file_exists(candidate)) {
        *path = candidate;
        return STATUS_OK;
    }
    free(candidate);
    return STATUS_OK;
}

static char *example_file(const struct jemss_model *model, const char *folder)
{
    const struct example *found = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(EXAMPLES); i++) {
        bool same_box = true;
        for (size_t k = 0; k < ARRAY_LENGTH(EXAMPLES[i].box); k++) {
            same_box &= fabs(model->box[k] - EXAMPLES[i].box[k]) < 1e-6;
        }
        bool same = model->city[0] != '\0' ? strcmp(model->city, EXAMPLES[i].city) == 0 : same_box;
        found = same ? &EXAMPLES[i] : found;
    }
    char *path = found != NULL ? file_join(folder, found->file) : NULL;
    if (path != NULL && !file_exists(path)) {
        free(path);
        path = NULL;
    }
    return path;
}

/* JEMSS without a file: every lower priority gives way to the first. */
static void set_default(struct jemss_model *model)
{
    for (unsigned from = 1; from < model->priority_count; from++) {
        model->may_divert[from][0] = true;
    }
}

static enum status automatic_file(const struct jemss_model *model, const char *folder, char **path, const char **why,
                                  struct error *error)
{
    TRY(configured_file(model, folder, path, error));
    *why = "named by a sim_config.xml";
    if (*path != NULL) {
        return STATUS_OK;
    }
    if (jemss_count_tables(folder, path) == 1) {
        *why = "the only file there";
        return STATUS_OK;
    }
    free(*path);
    *path = example_file(model, folder);
    *why = "as JEMSS's example configuration for this city has it";
    return STATUS_OK;
}

enum status jemss_redispatch_read(struct jemss_model *model, const char *choice, struct text *notes, struct error *error)
{
    char *folder = file_join(model->model, "misc/redispatch"), *path = NULL;
    const char *why = "as asked for";
    enum status status = choice != NULL ? chosen_file(model, folder, choice, &path, error)
                                        : automatic_file(model, folder, &path, &why, error);
    if (status == STATUS_OK && path != NULL) {
        text_printf(notes, "redispatch: %s (%s; another with --redispatch)\n", path, why);
        status = read_file(model, path, error);
    } else if (status == STATUS_OK && choice == NULL) {
        set_default(model);
        text_puts(notes, "redispatch: lower priorities give way to the highest (JEMSS's rule without a file; another with "
                         "--redispatch)\n");
    } else if (status == STATUS_OK) {
        text_puts(notes, "redispatch: off (as asked for)\n");
    }
    free(path);
    free(folder);
    return status;
}
