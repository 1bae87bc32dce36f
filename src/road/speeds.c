#include "road/speeds.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/csv.h"
#include "base/file.h"
#include "road/profile.h"

const char *const SPEED_BAND_NAMES[SPEED_BAND_COUNT] = {
    [SPEED_ALL] = "all",
    [SPEED_NIGHT] = "night",
    [SPEED_WEEKDAY_MORNING] = "weekday_morning",
    [SPEED_WEEKDAY_DAY] = "weekday_day",
    [SPEED_WEEKDAY_EVENING] = "weekday_evening",
    [SPEED_WEEKDAY_LATE] = "weekday_late",
    [SPEED_WEEKEND] = "weekend",
};

enum speed_band speed_band_of_name(const char *name)
{
    enum speed_band band = 0;
    while (band < SPEED_BAND_COUNT && strcmp(SPEED_BAND_NAMES[band], name) != 0) {
        band++;
    }
    return band;
}

enum speed_band speed_band_of(struct instant at)
{
    int64_t whole = at.us / US_PER_SECOND - (at.us % US_PER_SECOND < 0);
    time_t seconds = (time_t)whole;
    struct tm local;
    if (localtime_r(&seconds, &local) == NULL || local.tm_hour < 7 || local.tm_hour >= 22) {
        return SPEED_NIGHT;
    }
    if (local.tm_wday == 0 || local.tm_wday == 6) {
        return SPEED_WEEKEND;
    }
    return local.tm_hour < 9    ? SPEED_WEEKDAY_MORNING
           : local.tm_hour < 16 ? SPEED_WEEKDAY_DAY
           : local.tm_hour < 19 ? SPEED_WEEKDAY_EVENING
                                : SPEED_WEEKDAY_LATE;
}

void speeds_init(struct speeds *speeds)
{
    memset(speeds, 0, sizeof *speeds);
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        for (int band = 0; band < SPEED_BAND_COUNT; band++) {
            for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
                speeds->factor[profile][band][class] = 1;
            }
        }
    }
}

/* ---- reading ---- */

enum { COLUMN_PROFILE, COLUMN_BAND, COLUMN_CLASS, COLUMN_FACTOR, COLUMN_TRIPS, COLUMN_HOURS, COLUMN_COUNT };
static const char *const COLUMNS[] = { "profile", "band", "class", "time_factor", "?trips", "?hours", NULL };

typedef bool seen_rows[ROAD_PROFILE_COUNT][SPEED_BAND_COUNT][ROAD_CLASS_COUNT];

static enum road_class class_of_name(const char *name)
{
    enum road_class class = 0;
    while (class < ROAD_CLASS_COUNT && strcmp(road_class_name(class), name) != 0) {
        class ++;
    }
    return class;
}

struct row {
    enum road_profile profile;
    enum speed_band band;
    enum road_class class;
};

static enum status read_word(const struct csv *csv, int column, const char *name, char word[32], struct error *error)
{
    return csv_text(csv, column, name, word, 32, error);
}

static enum status read_names(const struct csv *csv, const int *column, struct row *row, struct error *error)
{
    char profile[32], band[32], class[32];
    TRY(read_word(csv, column[COLUMN_PROFILE], "profile", profile, error));
    TRY(read_word(csv, column[COLUMN_BAND], "band", band, error));
    TRY(read_word(csv, column[COLUMN_CLASS], "class", class, error));
    *row = (struct row){ profile_of_name(profile), speed_band_of_name(band), class_of_name(class) };
    if (row->profile >= ROAD_PROFILE_COUNT) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column profile: expected emergency, normal or foot", csv->name, csv->line);
    }
    if (row->band >= SPEED_BAND_COUNT) {
        return ERROR(error, STATUS_BAD_INPUT,
                     "%s:%d: column band: expected all, night, weekday_morning, weekday_day, "
                     "weekday_evening, weekday_late or weekend",
                     csv->name, csv->line);
    }
    if (row->class >= ROAD_CLASS_COUNT) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: column class: expected a class of roads, such as primary or residential",
                     csv->name, csv->line);
    }
    return STATUS_OK;
}

static enum status read_row(const struct csv *csv, const int *column, struct speeds *speeds, seen_rows seen, struct error *error)
{
    struct row row;
    int64_t trips = 0;
    TRY(read_names(csv, column, &row, error));
    if (seen[row.profile][row.band][row.class]) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:%d: profile, band and class of this row stand already in another", csv->name,
                     csv->line);
    }
    seen[row.profile][row.band][row.class] = true;
    TRY(csv_double(csv, column[COLUMN_FACTOR], "time_factor", SPEED_FACTOR_MIN, SPEED_FACTOR_MAX,
                   &speeds->factor[row.profile][row.band][row.class], error));
    if (column[COLUMN_TRIPS] >= 0) {
        TRY(csv_int(csv, column[COLUMN_TRIPS], "trips", 0, UINT32_MAX, &trips, error));
    }
    if (column[COLUMN_HOURS] >= 0) {
        TRY(csv_double(csv, column[COLUMN_HOURS], "hours", 0, 1e9, &speeds->hours[row.profile][row.band][row.class], error));
    }
    speeds->trips[row.profile][row.band][row.class] = (uint32_t)trips;
    return STATUS_OK;
}

static void fill_from_all(struct speeds *speeds, seen_rows seen)
{
    for (int profile = 0; profile < ROAD_PROFILE_COUNT; profile++) {
        for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
            for (int band = SPEED_ALL + 1; band < SPEED_BAND_COUNT; band++) {
                if (!seen[profile][band][class]) {
                    speeds->factor[profile][band][class] = speeds->factor[profile][SPEED_ALL][class];
                }
            }
        }
    }
}

static enum status read_rows(struct csv *csv, struct speeds *speeds, struct error *error)
{
    int column[COLUMN_COUNT];
    seen_rows seen = { { { false } } };
    bool row;
    TRY(csv_next(csv, &row, error));
    if (!row) {
        return ERROR(error, STATUS_BAD_INPUT, "%s:1: the file is empty; its first line must be profile,band,class,time_factor",
                     csv->name);
    }
    TRY(csv_header(csv, COLUMNS, column, true, error));
    for (;;) {
        TRY(csv_next(csv, &row, error));
        if (!row) {
            fill_from_all(speeds, seen);
            return STATUS_OK;
        }
        TRY(read_row(csv, column, speeds, seen, error));
    }
}

enum status speeds_read_bytes(const char *name, const char *bytes, size_t size, struct speeds *speeds, struct error *error)
{
    struct csv csv;
    csv_open(&csv, name, bytes, size, false);
    speeds_init(speeds);
    enum status status = read_rows(&csv, speeds, error);
    csv_close(&csv);
    if (status != STATUS_OK) {
        speeds_init(speeds);
    }
    return status;
}

enum status speeds_read(const char *path, struct speeds *speeds, struct error *error)
{
    struct file_view view;
    TRY(file_view_open(&view, path, error));
    enum status status = speeds_read_bytes(path, (const char *)view.bytes, view.size, speeds, error);
    file_view_close(&view);
    return status;
}

void speeds_write(const struct speeds *speeds, enum road_profile profile, struct text *text)
{
    text_puts(text, "profile,band,class,time_factor,trips,hours\n");
    for (int band = 0; band < SPEED_BAND_COUNT; band++) {
        for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
            if (speeds->trips[profile][band][class] > 0) {
                text_printf(text, "%s,%s,%s,%.3f,%u,%.2f\n", PROFILES[profile].name, SPEED_BAND_NAMES[band],
                            road_class_name((enum road_class) class), speeds->factor[profile][band][class],
                            speeds->trips[profile][band][class], speeds->hours[profile][band][class]);
            }
        }
    }
}

/* ---- applying ---- */

road_ticks speeds_ticks(const struct speeds *speeds, enum road_profile profile, enum speed_band band, enum road_class class,
                        road_ticks ticks)
{
    if (ticks == 0 || ticks >= ROAD_INFINITY) {
        return ticks;
    }
    double changed = nearbyint(ticks * speeds->factor[profile][band][class]);
    return (road_ticks)fmin(fmax(changed, 1), ROAD_INFINITY - 1);
}

void speeds_weights(const struct speeds *speeds, const struct city *city, enum road_profile profile, enum speed_band band,
                    road_ticks *weights)
{
    const road_ticks *given = city_weights(city, profile);
    for (uint32_t arc = 0; arc < city_graph(city)->arc_count; arc++) {
        enum road_class class = city_edge_class(city, city_edge_of_arc(city, arc));
        weights[arc] = speeds_ticks(speeds, profile, band, class, given[arc]);
    }
}
