/* Writing the files of a scenario from a JEMSS model. Workload: tables of some lines; a raster of up to millions of cells, 25
 * bytes each before compression. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "sim/import_jemss.h"
#include "sim/scenario_private.h"

enum { TABLE_BYTES_MAX = 8 << 20 };

/* A field as CSV needs it: quoted when it holds a comma, a quote, or a # at the beginning of a line. */
static void put_field(struct text *out, const char *field)
{
    if (strpbrk(field, ",\"\n\r#") == NULL) {
        text_puts(out, field);
        return;
    }
    text_puts(out, "\"");
    for (const char *at = field; *at != '\0'; at++) {
        text_append(out, at, 1);
        if (*at == '"') {
            text_puts(out, "\"");
        }
    }
    text_puts(out, "\"");
}

/* Twelve digits at most: what days times 86,400 adds beyond them is rounding. */
static double tidy(double value)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.12g", value);
    return strtod(digits, NULL);
}

static void put_number(struct text *out, double value) { text_printf(out, "%.12g", value); }

static void put_setting(struct text *out, const char *key, double value, const char *comment)
{
    text_printf(out, "%s,", key);
    put_number(out, value);
    text_puts(out, ",");
    put_field(out, comment);
    text_puts(out, "\n");
}

static enum status save(const char *folder, const char *file, struct text *out, struct error *error)
{
    enum status status = STATUS_OK;
    char *path = file_join(folder, file);
    if (out->failed) {
        status = ERROR(error, STATUS_NO_MEMORY, "%s: no memory, or more than %d bytes", path, TABLE_BYTES_MAX);
    } else {
        status = file_write_whole(path, out->bytes, out->length, error);
    }
    free(path);
    text_clear(out);
    return status;
}

static void write_settings(const struct jemss_model *model, const char *name, struct text *out)
{
    text_puts(out, "key,value,comment\nname,");
    put_field(out, name);
    text_puts(out, ",\ncity,city.mingdi,\n");
    put_setting(out, "days", model->days, "of stats_control.csv, after the warm-up");
    put_setting(out, "warmup_days", model->warmup_days, "");
    put_setting(out, "snap_limit_m", model->snap_limit_m, "JEMSS has no limit; this is four times what 99 of 100 cells keep");
    text_puts(
        out,
        "attribution,\"City model: JEMSS.jl (Apache-2.0); roads (c) OpenStreetMap contributors, ODbL 1.0; population: national "
        "census\",\n");
    text_puts(out, "policy,nearest,the nearest ambulance in time goes; ties: the lowest number\n");
    if (model->cells.count > 0) {
        put_setting(out, "cell_width_deg", model->cell_width_deg, "from the spacing of the cells' centres");
        put_setting(out, "cell_height_deg", model->cell_height_deg, "");
    }
}

static void write_places(const struct jemss_places *places, bool stations, struct text *out)
{
    text_puts(out, stations ? "id,lon,lat,name,capacity\n" : "id,lon,lat,name,tier,capabilities,beds\n");
    for (size_t i = 0; i < places->count; i++) {
        const struct jemss_place *place = &places->items[i];
        text_printf(out, "%lld,", (long long)place->index);
        put_number(out, place->lon);
        text_puts(out, ",");
        put_number(out, place->lat);
        text_puts(out, ",");
        put_field(out, place->name);
        if (stations) {
            text_printf(out, ",%lld\n", (long long)place->capacity);
        } else {
            text_puts(out, ",3,chest_pain stroke trauma maternity newborn,unlimited\n");
        }
    }
}

static void write_units(const struct jemss_model *model, struct text *out)
{
    text_puts(out, "id,station,skill\n");
    for (size_t i = 0; i < model->ambulances.count; i++) {
        const struct jemss_ambulance *ambulance = &model->ambulances.items[i];
        text_printf(out, "%lld,%lld,%s\n", (long long)ambulance->index, (long long)ambulance->station_index,
                    ambulance->skill == SKILL_ALS ? "ALS" : "BLS");
    }
}

/* Mode 1 of two is lights and sirens; a model of one mode has lights only. */
static const char *travel_of(unsigned mode) { return TRAVEL_NAMES[mode]; }

static void write_priorities(const struct jemss_model *model, struct text *out)
{
    text_puts(out, "priority,share,target_s,travel,code,comment\n");
    for (unsigned i = 0; i < model->priority_count; i++) {
        double share = model->has_config ? (i < model->config.priority_count ? model->config.priority_share[i] : 0) : 1;
        text_printf(out, "%s,", PRIORITY_NAMES[i]);
        put_number(out, share);
        text_puts(out, ",");
        put_number(out, model->priorities[i].target_s);
        text_printf(out, ",%s,%u,", travel_of(model->priorities[i].mode), i + 1);
        put_field(out, model->priorities[i].name);
        text_puts(out, "\n");
    }
}

static void write_service(const struct jemss_model *model, struct text *out)
{
    const struct distribution zero = distribution_constant(0);
    const struct jemss_config *config = &model->config;
    const struct {
        const char *quantity;
        struct distribution distribution;
    } rows[] = { { "delay", model->has_config ? config->delay : zero },
                 { "on_scene", model->has_config ? config->on_scene : zero },
                 { "transport", model->has_config ? config->transport : distribution_bernoulli(1) },
                 { "handover", model->has_config ? config->handover : zero } };
    text_puts(out, "quantity,priority,distribution\n");
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct text form;
        struct distribution tidied = rows[i].distribution;
        tidied.a = tidy(tidied.a);
        tidied.b = tidy(tidied.b);
        tidied.c = tidy(tidied.c);
        text_init(&form, 2048);
        distribution_format(&tidied, &form);
        text_printf(out, "%s,*,", rows[i].quantity);
        put_field(out, form.bytes == NULL ? "" : form.bytes);
        text_puts(out, "\n");
        text_free(&form);
    }
}

static void write_policy(const struct jemss_model *model, struct text *out)
{
    const char *travel = travel_of(model->priorities[model->priority_count - 1].mode);
    text_printf(out,
                "key,value,comment\n"
                "dispatch_returning,yes,\n"
                "destination,nearest,\n"
                "facility_travel,%s,trips to hospital are in the mode of the lowest priority\n"
                "return_travel,%s,so are trips back to the station\n"
                "divert_gain_s,0,\n",
                travel, travel);
}

static void write_diversion(const struct jemss_model *model, struct text *out)
{
    text_puts(out, "from_priority,to_priority\n");
    for (unsigned from = 0; from < model->priority_count; from++) {
        for (unsigned to = 0; to < model->priority_count; to++) {
            if (model->may_divert[from][to]) {
                text_printf(out, "%s,%s\n", PRIORITY_NAMES[from], PRIORITY_NAMES[to]);
            }
        }
    }
}

/* ---- demand ---- */

static enum status write_cells(gzFile file, const char *path, const struct jemss_model *model, struct error *error)
{
    bool failed = gzputs(file, "lon,lat,weight\n") <= 0;
    for (size_t i = 0; i < model->cells.count && !failed; i++) {
        const struct jemss_cell *cell = &model->cells.items[i];
        failed = gzprintf(file, "%.10g,%.10g,%.9g\n", cell->lon, cell->lat, cell->weight) <= 0;
    }
    return failed ? ERROR(error, STATUS_IO, "%s: cannot write: %s", path, strerror(errno)) : STATUS_OK;
}

static enum status write_demand(const struct jemss_model *model, const char *folder, struct error *error)
{
    char *path = file_join(folder, "demand.csv.gz");
    gzFile file = gzopen(path, "wb3");
    enum status status;
    if (file == NULL) {
        status = ERROR(error, STATUS_IO, "%s: cannot create: %s", path, strerror(errno));
    } else {
        status = write_cells(file, path, model, error);
        if (gzclose(file) != Z_OK && status == STATUS_OK) {
            status = ERROR(error, STATUS_IO, "%s: cannot write: %s", path, strerror(errno));
        }
        if (status != STATUS_OK) {
            unlink(path);
        }
    }
    free(path);
    return status;
}

enum status import_jemss_write(const struct jemss_model *model, const char *name, const char *scenario_folder,
                               struct error *error)
{
    struct text out;
    text_init(&out, TABLE_BYTES_MAX);
    enum status status;
    write_settings(model, name, &out);
    TRY_GOTO(save(scenario_folder, "scenario.csv", &out, error), done);
    write_places(&model->stations, true, &out);
    TRY_GOTO(save(scenario_folder, "stations.csv", &out, error), done);
    write_places(&model->hospitals, false, &out);
    TRY_GOTO(save(scenario_folder, "facilities.csv", &out, error), done);
    write_units(model, &out);
    TRY_GOTO(save(scenario_folder, "units.csv", &out, error), done);
    write_priorities(model, &out);
    TRY_GOTO(save(scenario_folder, "priorities.csv", &out, error), done);
    write_service(model, &out);
    TRY_GOTO(save(scenario_folder, "service.csv", &out, error), done);
    write_policy(model, &out);
    TRY_GOTO(save(scenario_folder, "policy.csv", &out, error), done);
    write_diversion(model, &out);
    TRY_GOTO(save(scenario_folder, "diversion.csv", &out, error), done);
    if (model->cells.count > 0 && model->has_config) {
        text_puts(&out, "day,hour,priority,calls_per_day\n*,*,*,");
        put_number(&out, model->config.calls_per_day);
        text_puts(&out, "\n");
        TRY_GOTO(save(scenario_folder, "rate.csv", &out, error), done);
    }
    if (model->cells.count > 0) {
        status = write_demand(model, scenario_folder, error);
    }
done:
    text_free(&out);
    return status;
}
