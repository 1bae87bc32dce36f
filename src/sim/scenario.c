/* Loading a scenario: the settings, the order of the tables, and the whole given back. */
#include "sim/scenario.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/file.h"
#include "policy/policies.h"
#include "sim/scenario_private.h"

const char *const PRIORITY_NAMES[] = { "critical", "severe", "urgent", "non_urgent", NULL };
const char *const NEED_NAMES[] = { "none", "chest_pain", "stroke", "trauma", "maternity", "newborn", NULL };
const char *const TRAVEL_NAMES[] = { "lights", "normal", NULL };
const char *const YES_NO_NAMES[] = { "no", "yes", NULL };
const char *const DAY_NAMES[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };

int scenario_priority_of(const struct scenario *scenario, const char *text, size_t length)
{
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < PRIORITY_COUNT; i++) {
            const char *name = pass == 0 ? scenario->priorities[i].code : PRIORITY_NAMES[i];
            if (scenario->priorities[i].used && strlen(name) == length && memcmp(name, text, length) == 0) {
                return i;
            }
        }
    }
    return -1;
}

/* ---- settings ---- */

enum setting {
    SETTING_NAME,
    SETTING_ATTRIBUTION,
    SETTING_CITY,
    SETTING_SEED,
    SETTING_START_WEEKDAY,
    SETTING_START_HOUR,
    SETTING_DAYS,
    SETTING_WARMUP_DAYS,
    SETTING_REPLICATIONS,
    SETTING_SNAP_LIMIT_M,
    SETTING_POLICY,
    SETTING_CELL_WIDTH_DEG,
    SETTING_CELL_HEIGHT_DEG,
    SETTING_COUNT,
};

static const char *const SETTING_NAMES[] = {
    "name",        "attribution",  "city",         "seed",   "start_weekday",  "start_hour",      "days",
    "warmup_days", "replications", "snap_limit_m", "policy", "cell_width_deg", "cell_height_deg", NULL
};

static enum status read_city_path(struct scenario *scenario, const struct sheet *sheet, struct error *error)
{
    char path[1024];
    TRY(sheet_text(sheet, 1, path, sizeof path, error));
    if (path[0] == '\0') {
        return sheet_error(sheet, error, "the city file has no name");
    }
    free(scenario->city_path);
    scenario->city_path = path[0] == '/' ? strdup(path) : file_join(scenario->folder, path);
    return scenario->city_path != NULL ? STATUS_OK : ERROR(error, STATUS_NO_MEMORY, "%s: no memory", sheet->path);
}

static enum status read_name(struct scenario *scenario, const struct sheet *sheet, struct error *error)
{
    TRY(sheet_text(sheet, 1, scenario->name, sizeof scenario->name, error));
    return scenario->name[0] != '\0' ? STATUS_OK : sheet_error(sheet, error, "the name is empty");
}

static enum status read_policy_name(struct scenario *scenario, const struct sheet *sheet, struct error *error)
{
    TRY(sheet_text(sheet, 1, scenario->policy_name, sizeof scenario->policy_name, error));
    return policy_find(scenario->policy_name) != NULL
               ? STATUS_OK
               : sheet_error(sheet, error, "there is no policy \"%s\"; there are: %s", scenario->policy_name, policy_names());
}

static enum status read_number_setting(struct scenario *scenario, const struct sheet *sheet, enum setting setting,
                                       int32_t *start_hour, struct error *error)
{
    int64_t whole = 0;
    switch (setting) {
    case SETTING_SEED:
        TRY(sheet_int(sheet, 1, 0, INT64_MAX, &whole, error));
        scenario->seed = (uint64_t)whole;
        return STATUS_OK;
    case SETTING_START_HOUR:
        TRY(sheet_int(sheet, 1, 0, 23, &whole, error));
        *start_hour = (int32_t)whole;
        return STATUS_OK;
    case SETTING_REPLICATIONS:
        TRY(sheet_int(sheet, 1, 1, REPLICATIONS_MAX, &whole, error));
        scenario->replications = (int32_t)whole;
        return STATUS_OK;
    case SETTING_DAYS: return sheet_double(sheet, 1, 0.01, 100000, &scenario->days, error);
    case SETTING_WARMUP_DAYS: return sheet_double(sheet, 1, 0, 10000, &scenario->warmup_days, error);
    case SETTING_SNAP_LIMIT_M: return sheet_double(sheet, 1, 1, 1000000, &scenario->snap_limit_m, error);
    case SETTING_CELL_WIDTH_DEG: return sheet_double(sheet, 1, 0, 1, &scenario->cell_width_deg, error);
    case SETTING_CELL_HEIGHT_DEG: return sheet_double(sheet, 1, 0, 1, &scenario->cell_height_deg, error);
    default: UNREACHABLE();
    }
}

static enum status read_choice_setting(const struct sheet *sheet, const char *const *names, unsigned *value, struct error *error)
{
    if (sheet_empty(sheet, 1)) {
        return sheet_error(sheet, error, "the value is empty");
    }
    return sheet_choice(sheet, 1, names, value, error);
}

static enum status read_setting_rows(struct scenario *scenario, struct sheet *sheet, struct error *error)
{
    bool seen[SETTING_COUNT] = { false };
    unsigned weekday = 0;
    int32_t start_hour = 0;
    for (;;) {
        bool row_read;
        unsigned setting = SETTING_COUNT;
        TRY(sheet_next(sheet, &row_read, error));
        if (!row_read) {
            break;
        }
        TRY(sheet_choice(sheet, 0, SETTING_NAMES, &setting, error));
        if (setting == SETTING_COUNT || seen[setting]) {
            return sheet_error(sheet, error, "%s", setting == SETTING_COUNT ? "no key" : "the key stands twice");
        }
        seen[setting] = true;
        if (setting == SETTING_NAME) {
            TRY(read_name(scenario, sheet, error));
        } else if (setting == SETTING_ATTRIBUTION) {
            TRY(sheet_text(sheet, 1, scenario->attribution, sizeof scenario->attribution, error));
        } else if (setting == SETTING_CITY) {
            TRY(read_city_path(scenario, sheet, error));
        } else if (setting == SETTING_START_WEEKDAY) {
            TRY(read_choice_setting(sheet, DAY_NAMES, &weekday, error));
        } else if (setting == SETTING_POLICY) {
            TRY(read_policy_name(scenario, sheet, error));
        } else {
            TRY(read_number_setting(scenario, sheet, (enum setting)setting, &start_hour, error));
        }
    }
    scenario->start_hour_of_week = (int32_t)weekday * 24 + start_hour;
    return STATUS_OK;
}

static void default_name(struct scenario *scenario)
{
    size_t end = strlen(scenario->folder);
    while (end > 1 && scenario->folder[end - 1] == '/') {
        end--;
    }
    size_t begin = end;
    while (begin > 0 && scenario->folder[begin - 1] != '/') {
        begin--;
    }
    size_t length = end - begin < sizeof scenario->name ? end - begin : sizeof scenario->name - 1;
    memcpy(scenario->name, scenario->folder + begin, length);
}

enum status scenario_read_settings(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "key", "value", "?comment", NULL };
    struct sheet sheet;
    scenario->seed = 1;
    memcpy(scenario->policy_name, "standard", sizeof "standard");
    scenario->days = 28;
    scenario->warmup_days = 1;
    scenario->replications = 1;
    scenario->snap_limit_m = 2000;
    default_name(scenario);
    scenario->city_path = file_join(scenario->folder, "city.mingdi");
    enum status status = sheet_open(&sheet, scenario->folder, "scenario.csv", columns, true, error);
    if (status == STATUS_NOT_FOUND) {
        return ERROR(error, STATUS_NOT_FOUND,
                     "%s: no scenario.csv there; docs/scenario.md and, for a live centre, docs/setup.md tell what there must be",
                     scenario->folder);
    }
    TRY(status);
    status = read_setting_rows(scenario, &sheet, error);
    sheet_close(&sheet);
    return status;
}

/* ---- the whole ---- */

static enum status read_all(struct scenario *scenario, struct error *error)
{
    TRY(scenario_read_settings(scenario, error));
    TRY(scenario_read_districts(scenario, error));
    TRY(scenario_read_stations(scenario, error));
    TRY(scenario_read_units(scenario, error));
    TRY(scenario_read_facilities(scenario, error));
    TRY(scenario_read_cells(scenario, error));
    TRY(scenario_read_priorities(scenario, error));
    TRY(scenario_read_rates(scenario, error));
    TRY(scenario_read_service(scenario, error));
    TRY(scenario_read_needs(scenario, error));
    TRY(scenario_read_policy(scenario, error));
    TRY(scenario_read_diversion(scenario, error));
    if (scenario->calls_per_day_mean > 0 && scenario->cell_count == 0) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s: rate.csv gives %g calls a day, but there is no demand.csv or demand.csv.gz to say "
                     "where they come from",
                     scenario->folder, scenario->calls_per_day_mean);
    }
    return scenario_index_cells(scenario, error);
}

static void use_all_priorities(struct scenario *scenario)
{
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        scenario->priorities[i].used = true;
        memcpy(scenario->priorities[i].code, PRIORITY_NAMES[i], strlen(PRIORITY_NAMES[i]) + 1);
        scenario->priorities[i].profile = ROAD_EMERGENCY;
    }
}

static enum status read_rules(struct scenario *scenario, struct error *error)
{
    use_all_priorities(scenario);
    TRY(scenario_read_policy(scenario, error));
    return scenario_read_diversion(scenario, error);
}

static enum status read_static(struct scenario *scenario, enum scenario_part last, struct error *error)
{
    static enum status (*const readers[])(struct scenario * scenario, struct error * error) = {
        [SCENARIO_SETTINGS] = scenario_read_settings,     [SCENARIO_DISTRICTS] = scenario_read_districts,
        [SCENARIO_STATIONS] = scenario_read_stations,     [SCENARIO_UNITS] = scenario_read_units,
        [SCENARIO_FACILITIES] = scenario_read_facilities, [SCENARIO_RULES] = read_rules,
    };
    for (unsigned part = 0; part <= (unsigned)last; part++) {
        TRY(readers[part](scenario, error));
    }
    return STATUS_OK;
}

static enum status begin_loading(const char *folder, struct scenario **loading, struct error *error)
{
    *loading = calloc(1, sizeof **loading);
    if (*loading == NULL || ((*loading)->folder = strdup(folder)) == NULL) {
        free(*loading);
        return ERROR(error, STATUS_NO_MEMORY, "%s: no memory for a scenario", folder);
    }
    return STATUS_OK;
}

enum status scenario_load(const char *folder, struct scenario **scenario, struct error *error)
{
    struct scenario *loading = NULL;
    TRY(begin_loading(folder, &loading, error));
    enum status status = read_all(loading, error);
    if (status != STATUS_OK) {
        scenario_free(loading);
        return status;
    }
    *scenario = loading;
    return STATUS_OK;
}

enum status scenario_load_static(const char *folder, enum scenario_part last, struct scenario **scenario, struct error *error)
{
    struct scenario *loading = NULL;
    TRY(begin_loading(folder, &loading, error));
    enum status status = read_static(loading, last, error);
    if (status != STATUS_OK) {
        scenario_free(loading);
        return status;
    }
    *scenario = loading;
    return STATUS_OK;
}

void scenario_free(struct scenario *scenario)
{
    if (scenario == NULL) {
        return;
    }
    free(scenario->folder);
    free(scenario->city_path);
    free(scenario->stations);
    free(scenario->units);
    free(scenario->facilities);
    free(scenario->districts);
    free(scenario->cells);
    free(scenario->cells_by_latitude);
    free(scenario->cells_file);
    free(scenario->ring_start);
    free(scenario->ring_point);
    free(scenario);
}
