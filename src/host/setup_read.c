/* Reading a setup: the tables of a scenario's static part, the shapes of districts, the configuration, the city file; all
 * checked against each other before anything is written. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "host/setup_private.h"

enum { SHAPE_DIGITS = 10 };

/* ---- shapes ---- */

static int64_t district_of_feature(const struct scenario *scenario, const json_t *feature)
{
    const char *id = json_string_value(json_object_get(json_object_get(feature, "properties"), "id"));
    for (uint32_t i = 0; id != NULL && i < scenario->district_count; i++) {
        if (strcmp(scenario->districts[i].id, id) == 0) {
            return i;
        }
    }
    return -1;
}

/* The file has been read and checked with the scenario: what is missing here is a bug, or the file has changed meanwhile. */
enum status setup_read_shapes(struct setup *setup, struct error *error)
{
    const struct scenario *scenario = setup->scenario;
    setup->shapes = calloc(scenario->district_count + 1, sizeof *setup->shapes);
    if (setup->shapes == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for the shapes of districts");
    }
    if (scenario->ring_count == 0) {
        return STATUS_OK;
    }
    char *path = file_join(scenario->folder, "districts.geojson");
    json_t *collection = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    const json_t *features = json_object_get(collection, "features");
    enum status status = STATUS_OK;
    for (size_t i = 0; i < json_array_size(features) && status == STATUS_OK; i++) {
        const json_t *feature = json_array_get(features, i);
        int64_t district = district_of_feature(scenario, feature);
        if (district >= 0 && setup->shapes[district] == NULL) {
            setup->shapes[district] = json_dumps(json_object_get(feature, "geometry"),
                                                 JSON_COMPACT | JSON_REAL_PRECISION(SHAPE_DIGITS));
        }
        if (district < 0 || setup->shapes[district] == NULL) {
            status = ERROR(error, STATUS_BAD_INPUT, "%s: feature %zu cannot be read again", path, i + 1);
        }
    }
    json_decref(collection);
    free(path);
    return status;
}

/* ---- configuration ---- */

/* What the setup's own file does not say comes from its tables. */
static void name_from_scenario(struct config *config, const struct scenario *scenario)
{
    struct config defaults;
    config_defaults(&defaults);
    if (strcmp(config->name, defaults.name) == 0) {
        (void)snprintf(config->name, sizeof config->name, "%s", scenario->name);
    }
    if (strcmp(config->policy, defaults.policy) == 0) {
        (void)snprintf(config->policy, sizeof config->policy, "%s", scenario->policy_name);
    }
}

enum { FIRST_PASSWORD_DAYS = 14 };

static enum status read_config(struct setup *setup, struct error *error)
{
    char *path = file_join(setup->beside ? setup->options.data : setup->options.from, "mingdi.yaml");
    config_defaults(&setup->config);
    setup->config.totp_for_all = true; /* of what begins; its own file may say otherwise, and a drill does not heed it */
    setup->config.first_password_days = FIRST_PASSWORD_DAYS;
    enum status status = STATUS_OK;
    if (setup->beside || file_exists(path)) {
        status = config_read_file(&setup->config, path, error);
    }
    free(path);
    TRY(status);
    if (!setup->beside) {
        name_from_scenario(&setup->config, setup->scenario);
        (void)snprintf(setup->config.city_file, sizeof setup->config.city_file, "city.mingdi");
    }
    return config_check(&setup->config, error);
}

static enum status check_limit(const struct setup *setup, const char *file, uint32_t count, const char *limit, int64_t maximum,
                               struct error *error)
{
    return count <= maximum ? STATUS_OK
                            : ERROR(error, STATUS_BAD_INPUT, "%s/%s: %" PRIu32 " lines, but the setting %s allows %" PRId64,
                                    setup->options.from, file, count, limit, maximum);
}

static enum status check_limits(const struct setup *setup, struct error *error)
{
    const struct scenario *scenario = setup->scenario;
    const struct config *config = &setup->config;
    TRY(check_limit(setup, "stations.csv", scenario->station_count, "limit_posts", config->limit_posts, error));
    TRY(check_limit(setup, "units.csv", scenario->unit_count, "limit_units", config->limit_units, error));
    return check_limit(setup, "facilities.csv", scenario->facility_count, "limit_facilities", config->limit_facilities, error);
}

/* ---- the city ---- */

static char *city_path(const struct setup *setup)
{
    const char *file = setup->config.city_file;
    if (setup->beside) {
        return file[0] == '/' ? strdup(file) : file_join(setup->options.data, file);
    }
    return strdup(setup->options.city != NULL ? setup->options.city : setup->scenario->city_path);
}

static enum status open_city(struct setup *setup, struct error *error)
{
    setup->city_path = city_path(setup);
    if (setup->city_path == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a path");
    }
    if (!file_exists(setup->city_path)) {
        return ERROR(
            error, STATUS_NOT_FOUND,
            "%s: there is no city file; make one with: mingdi city import --osm MAP.osm.pbf -o %s, or name one with --city",
            setup->city_path, setup->city_path);
    }
    TRY(city_open(setup->city_path, &setup->city, error));
    return scenario_check_places(setup->scenario, setup->city, error);
}

/* ---- the whole ---- */

static enum status look_beside(struct setup *setup, struct error *error)
{
    const struct setup_options *options = &setup->options;
    TRY(store_parse(options->data, options->store_url, options->drill, &setup->store, error));
    TRY(store_parse(options->data, options->store_url, !options->drill, &setup->other, error));
    char *path = file_join(options->data, "mingdi.yaml");
    bool configured = file_exists(path);
    free(path);
    if (configured) {
        TRY(setup_holds_centre(&setup->other, &setup->beside, error));
    }
    if (setup->beside && options->city != NULL) {
        return ERROR(error, STATUS_USAGE, "--city: %s holds a %s already, with a city of its own", options->data,
                     setup->other.drill ? "drill" : "centre");
    }
    return STATUS_OK;
}

static enum status read_all(struct setup *setup, struct error *error)
{
    TRY(look_beside(setup, error));
    TRY(scenario_load_static(setup->options.from, SCENARIO_RULES, &setup->scenario, error));
    TRY(read_config(setup, error));
    TRY(check_limits(setup, error));
    TRY(setup_read_shapes(setup, error));
    TRY(setup_read_seats(setup, error));
    TRY(open_city(setup, error)); /* whose name is in nobody's password */
    TRY(setup_read_people(setup, error));
    return setup_add_named(setup, error);
}

enum status setup_read(const struct setup_options *options, struct setup **setup, struct error *error)
{
    struct setup *reading = calloc(1, sizeof *reading);
    if (reading == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a setup");
    }
    reading->options = *options;
    reading->lock = -1;
    enum status status = read_all(reading, error);
    if (status != STATUS_OK) {
        setup_free(reading);
        return status;
    }
    *setup = reading;
    return STATUS_OK;
}

void setup_free(struct setup *setup)
{
    if (setup == NULL) {
        return;
    }
    for (uint32_t i = 0; setup->shapes != NULL && i < setup->scenario->district_count; i++) {
        free(setup->shapes[i]);
    }
    free(setup->shapes);
    scenario_free(setup->scenario);
    if (setup->city != NULL) {
        city_close(setup->city);
    }
    free(setup->city_path);
    free(setup->seats);
    if (setup->people != NULL) {
        explicit_bzero(setup->people, setup->people_count * sizeof *setup->people);
    }
    free(setup->people);
    if (setup->lock >= 0) {
        close(setup->lock);
    }
    free(setup);
}

static enum status check_places(const struct scenario *scenario, struct error *error)
{
    struct city *city = NULL;
    TRY(city_open(scenario->city_path, &city, error));
    enum status status = scenario_check_places(scenario, city, error);
    city_close(city);
    return status;
}

enum status setup_check_part(const char *folder, enum setup_part last, struct error *error)
{
    static const enum scenario_part parts[] = {
        [SETUP_SCENARIO] = SCENARIO_SETTINGS, [SETUP_DISTRICTS] = SCENARIO_DISTRICTS,   [SETUP_STATIONS] = SCENARIO_STATIONS,
        [SETUP_UNITS] = SCENARIO_UNITS,       [SETUP_FACILITIES] = SCENARIO_FACILITIES, [SETUP_SEATS] = SCENARIO_FACILITIES,
        [SETUP_PEOPLE] = SCENARIO_FACILITIES
    };
    struct setup *setup = calloc(1, sizeof *setup);
    if (setup == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for a setup");
    }
    setup->options.from = folder;
    setup->lock = -1;
    enum status status = scenario_load_static(folder, parts[last], &setup->scenario, error);
    bool has_places = last == SETUP_STATIONS || last == SETUP_FACILITIES;
    if (status == STATUS_OK && (last == SETUP_SCENARIO || has_places)) {
        status = check_places(setup->scenario, error);
    }
    if (status == STATUS_OK && last == SETUP_SEATS) {
        status = setup_read_seats(setup, error);
    }
    if (status == STATUS_OK && last == SETUP_PEOPLE) {
        status = setup_read_people(setup, error);
    }
    setup_free(setup);
    return status;
}
