/* mingdi road match and mingdi road learn: what positions tell of the roads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/help.h"
#include "cli/trace_table.h"
#include "cli/verb.h"
#include "road/profile.h"
#include "road/reckon.h"
#include "wire/form.h"

enum { WRITE_AT = 1 << 16, TEXT_MAX = 1 << 22, LAG_MAX = 64, ZONE_PATH_MAX = 256 };

#define DRIVING_CHOICES "emergency|normal"

/* What both verbs begin with. */
struct input {
    struct city *city;
    enum road_profile profile;
    struct trace_table table;
    double noise_m;
};

static enum status open_input(const struct arguments *arguments, struct input *input, struct error *error)
{
    const char *path = argument(arguments, "--traces", NULL);
    *input = (struct input){ .profile = profile_of_name(argument(arguments, "--profile", "emergency")) };
    if (path == NULL) {
        return ERROR(error, STATUS_USAGE, "%s: --traces FILE.csv is missing", arguments->verb->name);
    }
    TRY(argument_double(arguments, "--noise", 1, 100, MATCH_NOISE_M, &input->noise_m, error));
    TRY(city_open(arguments->positionals[0], &input->city, error));
    enum status status = trace_table_read(path, input->profile, &input->table, error);
    if (status != STATUS_OK) {
        city_close(input->city);
    }
    return status;
}

static void close_input(struct input *input)
{
    trace_table_free(&input->table);
    city_close(input->city);
}

/* ---- match ---- */

struct match_output {
    const struct input *input;
    struct file_writer writer;
    struct text text;
    uint64_t matched, pieces;
};

static enum status flush_text(struct match_output *output, struct error *error)
{
    if (output->text.failed) {
        return ERROR(error, STATUS_NO_MEMORY, "road match: no memory for the output");
    }
    TRY(file_writer_write(&output->writer, output->text.bytes, output->text.length, error));
    text_clear(&output->text);
    return STATUS_OK;
}

static void put_street(struct text *text, const char *street)
{
    text_puts(text, "\"");
    for (const char *at = street; *at != '\0'; at++) {
        text_append(text, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    }
    text_puts(text, "\"");
}

static void put_match(struct match_output *output, const struct trace_trip *trip, const struct match_point *match)
{
    const struct city *city = output->input->city;
    const struct match_fix *fix = &output->input->table.fixes[trip->first + match->fix];
    struct geo_point point = reckon_point(city, match->arc, (double)match->fraction);
    uint32_t side = match_side_of_arc(city, match->arc);
    char at[FORM_INSTANT_SIZE] = "";
    (void)form_instant_text(fix->at, at);
    output->matched += 1;
    output->pieces += match->begins;
    text_printf(&output->text, "%u,%s,%.7f,%.7f,%.1f,%u,%s,%s,", trip->unit, at, geo_lon(point), geo_lat(point),
                (double)match->off_m, side / 2, side & 1 ? "against" : "along", road_class_name(city_edge_class(city, side / 2)));
    put_street(&output->text, city_arc_name(city, match->arc));
    text_printf(&output->text, ",%d\n", match->begins);
}

static enum status match_trip(struct match_output *output, struct matcher *matcher, const struct trace_trip *trip,
                              struct match_points *points, struct error *error)
{
    matcher_reset(matcher);
    points->count = 0;
    for (uint32_t i = 0; i < trip->count; i++) {
        TRY(matcher_add(matcher, &output->input->table.fixes[trip->first + i], points, error));
    }
    TRY(matcher_finish(matcher, points, error));
    for (size_t i = 0; i < points->count; i++) {
        put_match(output, trip, &points->items[i]);
        if (output->text.length >= WRITE_AT) {
            TRY(flush_text(output, error));
        }
    }
    return STATUS_OK;
}

static enum status match_all(struct match_output *output, const struct match_rules *rules, struct error *error)
{
    struct match_net *net;
    struct matcher *matcher = NULL;
    struct match_points points = { 0 };
    TRY(match_net_create(output->input->city, output->input->profile, &net, error));
    enum status status = matcher_create(net, rules, &matcher, error);
    for (uint32_t i = 0; i < output->input->table.trip_count && status == STATUS_OK; i++) {
        status = match_trip(output, matcher, &output->input->table.trips[i], &points, error);
    }
    vec_free(&points);
    matcher_destroy(matcher);
    match_net_destroy(net);
    return status;
}

static enum status write_matches(const struct input *input, const struct match_rules *rules, const char *path,
                                 struct error *error)
{
    struct match_output output = { .input = input };
    TRY(file_writer_open(&output.writer, path, error));
    text_init(&output.text, TEXT_MAX);
    text_puts(&output.text, "unit,at,lon,lat,off_road_m,edge,direction,class,street,begins\n");
    enum status status = match_all(&output, rules, error);
    if (status == STATUS_OK) {
        status = flush_text(&output, error);
    }
    text_free(&output.text);
    if (status != STATUS_OK) {
        file_writer_abandon(&output.writer);
        return status;
    }
    TRY(file_writer_commit(&output.writer, error));
    printf("%u positions in %u trips; %llu put on a road, in %llu pieces\n", input->table.fix_count, input->table.trip_count,
           (unsigned long long)output.matched, (unsigned long long)output.pieces);
    return STATUS_OK;
}

static enum status run_match(const struct arguments *arguments, struct error *error)
{
    const char *path = argument(arguments, "-o", NULL);
    long long lag;
    struct input input;
    if (path == NULL) {
        return ERROR(error, STATUS_USAGE, "road match: -o OUT.csv is missing");
    }
    TRY(argument_int(arguments, "--lag", 1, LAG_MAX, MATCH_WHOLE, &lag, error));
    TRY(open_input(arguments, &input, error));
    const struct match_rules rules = { .noise_m = input.noise_m, .lag = (uint32_t)lag };
    enum status status = write_matches(&input, &rules, path, error);
    close_input(&input);
    return status;
}

/* ---- learn ---- */

/* A zone that glibc does not know would be taken for UTC in silence. */
static enum status set_zone(const struct arguments *arguments, struct error *error)
{
    const char *zone = argument(arguments, "--zone", NULL);
    char path[ZONE_PATH_MAX];
    if (zone == NULL) {
        return STATUS_OK;
    }
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
    bool known = strcmp(zone, "UTC") == 0 || (zone[0] != '\0' && strstr(zone, "..") == NULL && file_exists(path));
    if (!known || setenv("TZ", zone, 1) != 0) {
        return ERROR(error, STATUS_USAGE, "--zone %s: this machine knows no such time zone; expected one such as Asia/Shanghai",
                     zone);
    }
    tzset();
    return STATUS_OK;
}

static void put_error(struct json *json, const char *name, const struct learn_error *sums)
{
    json_object_begin(json, name);
    json_int(json, "trips", sums->parts);
    json_number(json, "driven_s", sums->driven_s, 1);
    json_number(json, "mean_absolute_error_before_s", sums->before_mae_s, 1);
    json_number(json, "mean_absolute_error_after_s", sums->after_mae_s, 1);
    json_number(json, "bias_before_s", sums->before_bias_s, 1);
    json_number(json, "bias_after_s", sums->after_bias_s, 1);
    json_object_end(json);
}

static void put_factors(struct json *json, const struct speeds *speeds, enum road_profile profile)
{
    json_object_begin(json, "time_factors");
    for (int band = 0; band < SPEED_BAND_COUNT; band++) {
        json_object_begin(json, SPEED_BAND_NAMES[band]);
        for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
            if (speeds->trips[profile][band][class] > 0) {
                json_number(json, road_class_name((enum road_class) class), speeds->factor[profile][band][class], 3);
            }
        }
        json_object_end(json);
    }
    json_object_end(json);
}

static enum status print_report(const struct input *input, const struct learned *learned, bool written, struct error *error)
{
    struct text out;
    struct json json;
    text_init(&out, TEXT_MAX);
    json_init(&json, &out, 2);
    json_object_begin(&json, NULL);
    json_text(&json, "city", city_name(input->city));
    json_text(&json, "profile", PROFILES[input->profile].name);
    json_int(&json, "positions", input->table.fix_count);
    json_int(&json, "trips", learned->trips);
    json_int(&json, "trips_matched", learned->trips_matched);
    json_int(&json, "trips_held_back", learned->trips_held_back);
    json_int(&json, "stretches", learned->stretches);
    json_bool(&json, "gain", learned->gains);
    json_number(&json, "gain_s", learned->gain_s, 2);
    json_number(&json, "gain_standard_error_s", learned->gain_error_s, 2);
    json_bool(&json, "written", written);
    put_error(&json, "held_back", &learned->all);
    json_object_begin(&json, "held_back_by_band");
    for (int band = SPEED_ALL + 1; band < SPEED_BAND_COUNT; band++) {
        put_error(&json, SPEED_BAND_NAMES[band], &learned->band[band]);
    }
    json_object_end(&json);
    json_object_begin(&json, "held_back_by_class");
    for (int class = 0; class < ROAD_CLASS_COUNT; class ++) {
        if (learned->class[class].parts > 0) {
            put_error(&json, road_class_name((enum road_class) class), &learned->class[class]);
        }
    }
    json_object_end(&json);
    put_factors(&json, &learned->speeds, input->profile);
    json_object_end(&json);
    text_puts(&out, "\n");
    return help_print(&out, error);
}

static enum status write_speeds(const struct input *input, const struct learned *learned, const char *path, struct error *error)
{
    struct text text;
    text_init(&text, TEXT_MAX);
    speeds_write(&learned->speeds, input->profile, &text);
    enum status status = text.failed ? ERROR(error, STATUS_NO_MEMORY, "road learn: no memory for the table")
                                     : file_write_whole(path, text.bytes, text.length, error);
    text_free(&text);
    return status;
}

static enum status learn(const struct arguments *arguments, const struct input *input, struct learn_rules *rules,
                         struct error *error)
{
    const char *path = argument(arguments, "-o", NULL);
    struct learn_trip *trips = malloc(((size_t)input->table.trip_count + 1) * sizeof *trips);
    struct learned *learned = malloc(sizeof *learned);
    enum status status = STATUS_OK;
    if (trips == NULL || learned == NULL) {
        status = ERROR(error, STATUS_NO_MEMORY, "road learn: no memory for %u trips", input->table.trip_count);
    }
    for (uint32_t i = 0; i < input->table.trip_count && status == STATUS_OK; i++) {
        trips[i] = (struct learn_trip){ input->table.fixes + input->table.trips[i].first, input->table.trips[i].count };
    }
    if (status == STATUS_OK) {
        status = learn_speeds(input->city, rules, trips, input->table.trip_count, learned, error);
    }
    if (status == STATUS_OK) {
        bool writes = path != NULL && (learned->gains || argument_count(arguments, "--force") > 0);
        status = writes ? write_speeds(input, learned, path, error) : STATUS_OK;
        if (status == STATUS_OK) {
            status = print_report(input, learned, writes, error);
        }
    }
    if (status == STATUS_OK && path != NULL && !learned->gains) {
        fprintf(stderr, "mingdi: road learn: held-back trips are not predicted better with what was learned: %s\n",
                argument_count(arguments, "--force") > 0 ? "written all the same, as told" : "nothing was written");
    }
    free(trips);
    free(learned);
    return status;
}

static enum status run_learn(const struct arguments *arguments, struct error *error)
{
    struct learn_rules rules = { 0 };
    struct input input;
    long long seed;
    TRY(argument_int(arguments, "--seed", 0, INT64_MAX, 1, &seed, error));
    TRY(argument_double(arguments, "--held-back", 0.05, 0.95, 0.3, &rules.held_back, error));
    TRY(set_zone(arguments, error));
    TRY(open_input(arguments, &input, error));
    rules.profile = input.profile;
    rules.seed = (uint64_t)seed;
    rules.noise_m = input.noise_m;
    enum status status = learn(arguments, &input, &rules, error);
    close_input(&input);
    return status;
}

/* ---- the table's rows ---- */

static const struct verb_option MATCH_OPTIONS[] = {
    { "--traces", "FILE.csv", "positions: unit,at,lon,lat and, if known, trip and profile", NULL },
    { "--profile", "P", "emergency (default) or normal: whose roads, and whose rows where the table tells", DRIVING_CHOICES },
    { "--noise", "M", "standard deviation of a position in metres, 1 to 100; default: 8", NULL },
    { "--lag", "N", "decide each position N positions later, as live; default: when the trip is over", NULL },
    { "-o", "OUT.csv", "file to write", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_road_match = {
    .name = "road match",
    .summary = "which roads a trace of positions was driven on",
    .synopsis = "road match CITY --traces FILE.csv [--profile P] [--noise M] [--lag N] -o OUT.csv",
    .details = "Finds the likeliest roads of each trip by a hidden Markov model over its positions (Newson and Krumm 2009) and "
               "writes unit,at,lon,lat,off_road_m,edge,direction,class,street,begins: the place on the road for each position "
               "that says something new. begins is 1 where no way leads there from the row before. A city made from arc tables "
               "cannot be matched to.",
    .options = MATCH_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_match,
};

static const struct verb_option LEARN_OPTIONS[] = {
    { "--traces", "FILE.csv", "positions: unit,at,lon,lat and, if known, trip and profile", NULL },
    { "--profile", "P", "emergency (default) or normal", DRIVING_CHOICES },
    { "--zone", "ZONE", "time zone of the hours, such as Asia/Shanghai; default: this machine's", NULL },
    { "--held-back", "SHARE", "of the trips, to be predicted and not learned from, 0.05 to 0.95; default: 0.3", NULL },
    { "--seed", "N", "that draws which ones; default: 1", NULL },
    { "--noise", "M", "standard deviation of a position in metres, 1 to 100; default: 8", NULL },
    { "--force", NULL, "write the table where there is no gain, too", NULL },
    { "-o", "SPEEDS.csv", "table to write if there is a gain; default: only the report", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct verb verb_road_learn = {
    .name = "road learn",
    .summary = "learn from positions how long roads take, by class and hour, and whether that helps",
    .synopsis = "road learn CITY --traces FILE.csv [--profile P] [--zone ZONE] [--held-back SHARE] [--seed N] [--noise M] "
                "[--force] [-o SPEEDS.csv]",
    .details =
        "Matches the trips to the roads, learns for each class of road and band of the week how many times as long it takes "
        "as the profile says, and predicts trips that it has not seen, with and without. Prints the errors of both as "
        "JSON, by band and by class, and writes the table for city import --speeds only where the mean error falls by more "
        "than twice its standard error and by one part in a hundred.",
    .options = LEARN_OPTIONS,
    .positionals_min = 1,
    .positionals_max = 1,
    .run = run_learn,
};
