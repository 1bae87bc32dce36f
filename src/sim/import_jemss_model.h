/* A JEMSS city model in memory, read from its folder as JEMSS.jl lays it out (versions of 2018 to 2021):
 *   model/ambulances, hospitals, stations, maps, misc/call priorities, misc/redispatch, travel/roads, travel/travel, calls,
 *   and demand.csv.gz (lon, lat, weight of each raster cell) beside model/.
 * In each folder the file whose name ends in _1.csv counts, else the only one; else it is an error that lists them. */
#ifndef MINGDI_SIM_IMPORT_JEMSS_MODEL_H
#define MINGDI_SIM_IMPORT_JEMSS_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "base/vec.h"
#include "sim/import_jemss_config.h"
#include "sim/scenario.h"

enum { JEMSS_MODES_MAX = 2 };

struct jemss_place { /* a station or a hospital */
    int64_t index, capacity;
    double lon, lat;
    int line; /* of its file */
    char name[SCENARIO_NAME_SIZE];
};

struct jemss_ambulance {
    int64_t index, station_index;
    unsigned skill; /* SKILL_ALS unless the class says 2 or bls */
};

struct jemss_cell {
    double lon, lat, weight;
    int line;
};

VEC_TYPE(jemss_places, struct jemss_place);
VEC_TYPE(jemss_ambulances, struct jemss_ambulance);
VEC_TYPE(jemss_cells, struct jemss_cell);

struct jemss_model {
    char *folder; /* that holds demand.csv.gz */
    char *model;  /* folder/model, or folder itself */
    char *roads;  /* that holds nodes.csv and arcs.csv */
    char *map_file, *travel_file, *stations_file, *hospitals_file;
    char *demand_file; /* NULL when there is none */
    char city[64];     /* from the raster's path, "" when it does not tell */
    struct jemss_places stations, hospitals;
    struct jemss_ambulances ambulances;
    unsigned priority_count;
    struct {
        char name[SCENARIO_NAME_SIZE];
        double target_s;
        unsigned travel_priority; /* whose travel mode it responds in */
        unsigned mode;            /* from 0 */
    } priorities[PRIORITY_COUNT];
    unsigned mode_count;
    double off_road_km_per_day[JEMSS_MODES_MAX];
    double box[4], x_scale_km, y_scale_km; /* xMin, xMax, yMin, yMax; km a degree */
    bool may_divert[PRIORITY_COUNT][PRIORITY_COUNT];
    bool has_config;
    struct jemss_config config;
    double warmup_days, days; /* of stats_control.csv, else 1 and 250 */
    struct jemss_cells cells; /* none when there is no demand file */
    double cell_width_deg, cell_height_deg;
    double snap_limit_m; /* set by the import, from the cells and the roads */
};

/* Reads everything but the roads. redispatch: NULL to decide as docs/scenario.md tells, "off", a file, or the name of one in
 * misc/redispatch without "redispatch_" and ".csv". What was chosen and left out is told in notes, a line each. */
enum status jemss_model_read(const char *folder, const char *redispatch, struct jemss_model *model, struct text *notes,
                             struct error *error) MUST_USE;
void jemss_model_free(struct jemss_model *model);

/* The spacing of a raster of which some cells are missing, from the sorted distinct coordinates of those that are there, each
 * rounded to six decimals: least squares over the numbers of the columns. 0 for fewer than two. */
double jemss_spacing(const double *sorted, size_t count);

#endif
