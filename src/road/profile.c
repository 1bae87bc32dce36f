#include "road/profile.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

#define BIT(profile) (1u << (profile))
enum { E = 1 << ROAD_EMERGENCY, N = 1 << ROAD_NORMAL, F = 1 << ROAD_FOOT };

const struct profile_rules PROFILES[ROAD_PROFILE_COUNT] = {
    [ROAD_EMERGENCY] = {
        .name = "emergency",
        .on_call = true,
        /* Free-flow speed is about 0.8 of the limit on urban roads (the figure OSRM's car profile uses). Lights and sirens save
         * a quarter to a third of the time: the two JEMSS city models put the ratio at 1.33 and 1.42; 1.3 is careful. */
        .limit_factor = 0.8,
        .speed_factor = 1.3,
        .rough_factor = 1.2,
        .destination_factor = 1,
        .wrong_way_factor = 0,
        .narrow_factor = 0.8,
        .height_m = 2.7,
        .width_m = 2.1,
        .weight_t = 3.5,
        .off_road_kmh = 30,
        .access_keys = { "emergency", "motorcar", "motor_vehicle", "vehicle", "access", NULL },
        .oneway_keys = { "oneway:emergency", "oneway:motor_vehicle", "oneway:vehicle", "oneway", NULL },
        .restriction_keys = { "restriction:emergency", NULL },
        .except_words = { "emergency", NULL },
    },
    [ROAD_NORMAL] = {
        .name = "normal",
        .limit_factor = 0.8,
        .speed_factor = 1,
        .rough_factor = 1,
        .destination_factor = 0.5,
        .wrong_way_factor = 0,
        .narrow_factor = 0.75,
        .height_m = 2.7,
        .width_m = 2.1,
        .weight_t = 3.5,
        .off_road_kmh = 30,
        .access_keys = { "motorcar", "motor_vehicle", "vehicle", "access", NULL },
        .oneway_keys = { "oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway", NULL },
        .restriction_keys = { "restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction", NULL },
        .except_words = { "motorcar", "motor_vehicle", "vehicle", NULL },
    },
    [ROAD_FOOT] = {
        .name = "foot",
        .on_foot = true,
        .limit_factor = 1,
        .speed_factor = 1,
        .rough_factor = 1,
        .destination_factor = 1,
        .wrong_way_factor = 0,
        .narrow_factor = 1,
        .off_road_kmh = 5,
        .access_keys = { "foot", "access", NULL },
        .oneway_keys = { "oneway:foot", NULL },
        .restriction_keys = { "restriction:foot", NULL },
        .except_words = { "foot", NULL },
    },
};

/* ---- road classes ---- */

/* default_kmh: free flow in ordinary traffic where no limit is tagged. cap_kmh: what an ambulance on a call does at most.
 * foot_kmh: on foot. open: who may use it if no tag says otherwise; possible: who may where a tag allows it. */
struct class_rule {
    const char *highway;
    double default_kmh, cap_kmh, foot_kmh;
    unsigned open, possible;
    bool one_way;
};

static const struct class_rule CLASSES[] = {
    { "motorway", 95, 140, 0, E | N, E | N, true },
    { "motorway_link", 50, 80, 0, E | N, E | N, false },
    { "trunk", 80, 120, 5, E | N, E | N | F, false },
    { "trunk_link", 40, 70, 5, E | N, E | N | F, false },
    { "primary", 60, 100, 5, E | N | F, E | N | F, false },
    { "primary_link", 35, 60, 5, E | N | F, E | N | F, false },
    { "secondary", 50, 90, 5, E | N | F, E | N | F, false },
    { "secondary_link", 30, 60, 5, E | N | F, E | N | F, false },
    { "tertiary", 42, 80, 5, E | N | F, E | N | F, false },
    { "tertiary_link", 25, 60, 5, E | N | F, E | N | F, false },
    { "unclassified", 35, 70, 5, E | N | F, E | N | F, false },
    { "residential", 30, 60, 5, E | N | F, E | N | F, false },
    { "living_street", 12, 25, 5, E | N | F, E | N | F, false },
    { "service", 18, 35, 5, E | N | F, E | N | F, false },
    { "road", 30, 60, 5, E | N | F, E | N | F, false },
    { "track", 18, 35, 5, E | N | F, E | N | F, false },
    { "busway", 35, 60, 5, E, E | N | F, false },
    { "pedestrian", 10, 15, 5, E | F, E | N | F, false },
    { "footway", 10, 15, 5, F, E | N | F, false },
    { "path", 10, 15, 5, F, E | N | F, false },
    { "cycleway", 10, 15, 5, F, E | N | F, false },
    { "bridleway", 10, 15, 5, F, E | N | F, false },
    { "steps", 0, 0, 2.5, F, F, false },
    { "corridor", 0, 0, 4, F, F, false },
    { "elevator", 0, 0, 1, F, F, false },
    { "platform", 0, 0, 4, F, F, false },
    { "crossing", 0, 0, 5, F, F, false },
    { "via_ferrata", 0, 0, 0, 0, 0, false },
    { "bus_guideway", 0, 0, 0, 0, 0, false },
    { "raceway", 0, 0, 0, 0, 0, false },
    { "escape", 0, 0, 0, 0, 0, false },
    { "emergency_bay", 0, 0, 0, 0, 0, false },
    { "services", 0, 0, 0, 0, 0, false },
    { "rest_area", 0, 0, 0, 0, 0, false },
    { "bus_stop", 0, 0, 0, 0, 0, false },
};

static const char *const UNBUILT[] = { "construction", "proposed", "planned",    "abandoned",
                                       "disused",      "razed",    "demolished", "dismantled" };
static const struct class_rule FERRY = { "ferry", 0, 0, 0, 0, E | N | F, false };
static const struct class_rule WALKWAY = { "walkway", 0, 0, 5, F, F, false };

struct cap {
    const char *value;
    double kmh;
};

/* The figures of OSRM's car profile, which has been in use for a decade. */
static const struct cap SURFACES[] = {
    { "cement", 80 },        { "compacted", 80 },   { "fine_gravel", 80 },
    { "paving_stones", 60 }, { "metal", 60 },       { "bricks", 60 },
    { "grass", 40 },         { "wood", 40 },        { "sett", 40 },
    { "grass_paver", 40 },   { "gravel", 40 },      { "unpaved", 40 },
    { "ground", 40 },        { "dirt", 40 },        { "pebblestone", 40 },
    { "tartan", 40 },        { "cobblestone", 30 }, { "unhewn_cobblestone", 20 },
    { "clay", 30 },          { "earth", 20 },       { "stone", 20 },
    { "rocky", 20 },         { "sand", 20 },        { "mud", 10 },
};
static const struct cap TRACK_TYPES[] = {
    { "grade1", 60 }, { "grade2", 40 }, { "grade3", 30 }, { "grade4", 25 }, { "grade5", 20 }
};
/* A speed of 0 closes the way for vehicles. */
static const struct cap SMOOTHNESS[] = { { "intermediate", 80 }, { "bad", 40 },          { "very_bad", 20 },
                                         { "horrible", 10 },     { "very_horrible", 5 }, { "impassable", 0 } };
static const struct cap SERVICES[] = { { "parking_aisle", 12 }, { "driveway", 15 }, { "alley", 15 }, { "drive-through", 8 } };
static const struct cap JUNCTIONS[] = { { "roundabout", 35 }, { "circular", 40 }, { "mini_roundabout", 30 } };

enum access { ACCESS_SILENT, ACCESS_YES, ACCESS_DESTINATION, ACCESS_NO };

static const struct {
    const char *value;
    enum access access;
} ACCESS_VALUES[] = {
    { "yes", ACCESS_YES },
    { "designated", ACCESS_YES },
    { "permissive", ACCESS_YES },
    { "official", ACCESS_YES },
    { "true", ACCESS_YES },
    { "1", ACCESS_YES },
    { "permit", ACCESS_DESTINATION },
    { "destination", ACCESS_DESTINATION },
    { "customers", ACCESS_DESTINATION },
    { "delivery", ACCESS_DESTINATION },
    { "residents", ACCESS_DESTINATION },
    { "dismount", ACCESS_YES },
    { "no", ACCESS_NO },
    { "private", ACCESS_NO },
    { "agricultural", ACCESS_NO },
    { "forestry", ACCESS_NO },
    { "military", ACCESS_NO },
    { "emergency", ACCESS_NO },
    { "use_sidepath", ACCESS_NO },
    { "discouraged", ACCESS_DESTINATION },
    { "false", ACCESS_NO },
    { "restricted", ACCESS_NO },
    { "psv", ACCESS_NO },
    { "bus", ACCESS_NO },
    { "employees", ACCESS_NO },
    { "staff", ACCESS_NO },
};

/* ---- nodes ---- */

/* Seconds to pass, by profile; CLOSED: impassable unless a tag of the node allows it. locked_by_access: a tag access=no or
 * private on it closes it for ordinary traffic. */
#define CLOSED (-1.0)
static const struct barrier_rule {
    const char *barrier;
    double pass_s[ROAD_PROFILE_COUNT];
} BARRIERS[] = {
    { "gate", { 8, 10, 2 } },
    { "lift_gate", { 5, 8, 0 } },
    { "swing_gate", { 8, 15, 0 } },
    { "sliding_gate", { 8, 12, 2 } },
    { "hampshire_gate", { 30, CLOSED, 5 } },
    { "wicket_gate", { CLOSED, CLOSED, 1 } },
    { "bump_gate", { 5, 10, 5 } },
    { "barrier_board", { CLOSED, CLOSED, 0 } },
    { "chain", { 20, CLOSED, 1 } },
    { "rope", { 15, CLOSED, 1 } },
    { "toll_booth", { 3, 15, 0 } },
    { "border_control", { 10, 60, 60 } },
    { "sally_port", { 5, 10, 1 } },
    { "entrance", { 0, 0, 0 } },
    { "cattle_grid", { 1, 1, 0 } },
    { "height_restrictor", { 1, 1, 0 } },
    { "arch", { 0, 0, 0 } },
    { "kerb", { 1, 0, 0 } },
    { "no", { 0, 0, 0 } },
    { "bollard", { CLOSED, CLOSED, 0 } },
    { "block", { CLOSED, CLOSED, 0 } },
    { "jersey_barrier", { CLOSED, CLOSED, 0 } },
    { "planter", { CLOSED, CLOSED, 0 } },
    { "log", { CLOSED, CLOSED, 1 } },
    { "debris", { CLOSED, CLOSED, 3 } },
    { "bus_trap", { CLOSED, CLOSED, 0 } },
    { "sump_buster", { CLOSED, CLOSED, 0 } },
    { "spikes", { CLOSED, CLOSED, 0 } },
    { "cycle_barrier", { CLOSED, CLOSED, 1 } },
    { "motorcycle_barrier", { CLOSED, CLOSED, 1 } },
    { "horse_stile", { CLOSED, CLOSED, 2 } },
    { "stile", { CLOSED, CLOSED, 5 } },
    { "kissing_gate", { CLOSED, CLOSED, 3 } },
    { "turnstile", { CLOSED, CLOSED, 3 } },
    { "full-height_turnstile", { CLOSED, CLOSED, 5 } },
    { "wall", { CLOSED, CLOSED, CLOSED } },
    { "fence", { CLOSED, CLOSED, CLOSED } },
    { "hedge", { CLOSED, CLOSED, CLOSED } },
    { "ditch", { CLOSED, CLOSED, CLOSED } },
};
/* A barrier that is not in the table. */
static const struct barrier_rule UNKNOWN_BARRIER = { "", { CLOSED, CLOSED, 0 } };

/* Mean delay, waiting and slowing down together, in seconds. An ambulance on a call still slows down before a red signal. */
static const struct delay_rule {
    const char *key, *value;
    double pass_s[ROAD_PROFILE_COUNT];
} DELAYS[] = {
    { "highway", "traffic_signals", { 3, 8, 0 } },
    { "highway", "stop", { 1, 4, 0 } },
    { "highway", "give_way", { 0.5, 1.5, 0 } },
    { "highway", "mini_roundabout", { 1, 2, 0 } },
    { "highway", "crossing", { 0.5, 1, 0 } },
    { "railway", "level_crossing", { 5, 5, 1 } },
    { "traffic_calming", NULL, { 2, 2.5, 0 } },
    { "highway", "toll_gantry", { 0, 0, 0 } },
    { "ford", "yes", { 5, 8, 5 } },
};

/* ---- reading values ---- */

static bool in_list(const char *const *list, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], value) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_any(const char *value, const char *a, const char *b, const char *c)
{
    return value != NULL &&
           (strcmp(value, a) == 0 || (b != NULL && strcmp(value, b) == 0) || (c != NULL && strcmp(value, c) == 0));
}

/* The number that a text begins with, and where it ends; false when there is none or it is absurd. A decimal comma counts. */
static bool leading_number(const char *text, double *number, const char **rest)
{
    char digits[24];
    size_t length = 0;
    while (*text == ' ') {
        text++;
    }
    while (length < sizeof digits - 1 && (isdigit((unsigned char)text[length]) || text[length] == '.' || text[length] == ',')) {
        digits[length] = text[length] == ',' ? '.' : text[length];
        length++;
    }
    digits[length] = '\0';
    char *end;
    *number = strtod(digits, &end);
    *rest = text + length;
    while (**rest == ' ') {
        (*rest)++;
    }
    return end != digits && isfinite(*number) && *number >= 0 && *number < 1e6;
}

/* Limits that a value names instead of telling: by zone, and where a country differs from most, by country. */
static const struct {
    const char *value;
    double kmh;
} IMPLICIT_LIMITS[] = {
    { "DE:rural", 100 },       { "DE:motorway", 130 },    { "AT:rural", 100 },
    { "CH:rural", 80 },        { "CH:motorway", 120 },    { "GB:nsl_single", 96.56 },
    { "GB:nsl_dual", 112.65 }, { "GB:motorway", 112.65 }, { "GB:nsl_restricted", 48.28 },
    { "GB:urban", 48.28 },     { "FR:rural", 80 },        { "BE-VLG:rural", 70 },
    { "NL:rural", 80 },        { "DK:rural", 80 },        { "SE:rural", 70 },
    { "NO:rural", 80 },        { "FI:rural", 80 },        { "CN:rural", 70 },
    { "CN:motorway", 120 },    { "RU:urban", 60 },        { "UA:urban", 50 },
    { "JP:urban", 40 },        { "JP:rural", 60 },        { "AU:rural", 100 },
    { "NZ:rural", 100 },       { "IT:motorway", 130 },    { "PT:motorway", 120 },
    { "ES:motorway", 120 },
};
static const struct {
    const char *zone;
    double kmh;
} ZONE_LIMITS[] = {
    { "urban", 50 },        { "rural", 90 },          { "motorway", 120 }, { "trunk", 100 }, { "living_street", 15 },
    { "bicycle_road", 30 }, { "pedestrian_zone", 7 }, { "walk", 7 },       { "school", 30 },
};

static double implicit_limit_kmh(const char *value)
{
    for (size_t i = 0; i < ARRAY_LENGTH(IMPLICIT_LIMITS); i++) {
        if (strcmp(value, IMPLICIT_LIMITS[i].value) == 0) {
            return IMPLICIT_LIMITS[i].kmh;
        }
    }
    const char *zone = strchr(value, ':');
    zone = zone == NULL ? value : zone + 1;
    if (strncmp(value, "zone", 4) == 0) {
        zone = value;
    }
    if (strncmp(zone, "zone", 4) == 0) {
        double number;
        const char *digits = zone + 4 + (zone[4] == ':'), *rest;
        return leading_number(digits, &number, &rest) && *rest == '\0' && number >= 5 && number <= 140 ? number : 0;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(ZONE_LIMITS); i++) {
        if (strcmp(zone, ZONE_LIMITS[i].zone) == 0) {
            return ZONE_LIMITS[i].kmh;
        }
    }
    return 0;
}

double profile_speed_kmh(const char *value)
{
    double number;
    const char *rest;
    if (is_any(value, "none", "unlimited", NULL)) {
        return 140;
    }
    if (is_any(value, "walk", "walking", NULL)) {
        return 7;
    }
    if (!leading_number(value, &number, &rest)) {
        return implicit_limit_kmh(value);
    }
    if (strncmp(rest, "mph", 3) == 0) {
        number *= 1.609344;
    } else if (strncmp(rest, "knots", 5) == 0) {
        number *= 1.852;
    } else if (*rest != '\0' && *rest != ';' && *rest != '|' && strncmp(rest, "km", 2) != 0 && strncmp(rest, "kph", 3) != 0) {
        return 0;
    }
    return number >= 3 && number <= 300 ? fmin(number, 140) : 0;
}

static double iso_duration_s(const char *value)
{
    double total = 0, number;
    const char *rest = value + 1; /* after the P */
    bool in_time = false;
    while (*rest != '\0') {
        if (*rest == 'T' && !in_time) {
            in_time = true;
            rest++;
            continue;
        }
        if (!leading_number(rest, &number, &rest)) {
            return 0;
        }
        double unit = *rest == 'D' && !in_time  ? 86400
                      : *rest == 'H' && in_time ? 3600
                      : *rest == 'M' && in_time ? 60
                      : *rest == 'S' && in_time ? 1
                                                : 0;
        if (unit <= 0) {
            return 0;
        }
        total += number * unit;
        rest++;
    }
    return total < 7 * 86400 ? total : 0;
}

double profile_duration_s(const char *value)
{
    if (value[0] == 'P') {
        return iso_duration_s(value);
    }
    double parts[3];
    int count = 0;
    const char *rest = value;
    do {
        if (count == 3 || !leading_number(rest, &parts[count], &rest)) {
            return 0;
        }
        count++;
    } while (*rest++ == ':');
    if (rest[-1] != '\0') {
        return 0;
    }
    double seconds = count == 1   ? parts[0] * 60
                     : count == 2 ? parts[0] * 3600 + parts[1] * 60
                                  : parts[0] * 3600 + parts[1] * 60 + parts[2];
    return seconds < 7 * 86400 ? seconds : 0;
}

double profile_metres(const char *value)
{
    double number, inches = 0;
    const char *rest;
    if (!leading_number(value, &number, &rest)) {
        return 0;
    }
    if (*rest == '\'' || strncmp(rest, "ft", 2) == 0) {
        const char *after = rest + (*rest == '\'' ? 1 : 2);
        if (!leading_number(after, &inches, &after)) {
            inches = 0;
        }
        return number * 0.3048 + inches * 0.0254;
    }
    if (*rest == '\0' || (*rest == 'm' && rest[1] != 'i')) {
        return number;
    }
    return strncmp(rest, "cm", 2) == 0 ? number / 100 : 0;
}

double profile_tonnes(const char *value)
{
    double number;
    const char *rest;
    if (!leading_number(value, &number, &rest)) {
        return 0;
    }
    if (*rest == '\0' || *rest == 't') {
        return number;
    }
    return strncmp(rest, "kg", 2) == 0    ? number / 1000
           : strncmp(rest, "st", 2) == 0  ? number * 0.90718474
           : strncmp(rest, "lbs", 3) == 0 ? number * 0.00045359237
                                          : 0;
}

enum road_profile profile_of_name(const char *name)
{
    for (int i = 0; i < ROAD_PROFILE_COUNT; i++) {
        if (strcmp(PROFILES[i].name, name) == 0) {
            return (enum road_profile)i;
        }
    }
    return ROAD_PROFILE_COUNT;
}

/* ---- access ---- */

static enum access access_value(const char *value)
{
    for (size_t i = 0; i < ARRAY_LENGTH(ACCESS_VALUES); i++) {
        if (strcmp(value, ACCESS_VALUES[i].value) == 0) {
            return ACCESS_VALUES[i].access;
        }
    }
    return ACCESS_SILENT; /* "unknown", "variable", and emergency=* that names a hydrant or a telephone */
}

/* What the most specific key that says something says; *key is that key. */
static enum access access_of(const struct profile_rules *rules, const struct osm_tags *tags, const char **key)
{
    for (size_t i = 0; rules->access_keys[i] != NULL; i++) {
        const char *value = osm_tag(tags, rules->access_keys[i]);
        enum access access = value == NULL ? ACCESS_SILENT : access_value(value);
        if (access != ACCESS_SILENT) {
            *key = rules->access_keys[i];
            return access;
        }
    }
    *key = "";
    return ACCESS_SILENT;
}

static bool too_small(const struct profile_rules *rules, const struct osm_tags *tags)
{
    if (rules->on_foot) {
        return false;
    }
    const struct {
        const char *key;
        double needed;
        double (*parse)(const char *value);
    } limits[] = {
        { "maxheight", rules->height_m, profile_metres }, { "maxheight:physical", rules->height_m, profile_metres },
        { "maxwidth", rules->width_m, profile_metres },   { "maxwidth:physical", rules->width_m, profile_metres },
        { "width", rules->width_m, profile_metres },      { "maxweight", rules->weight_t, profile_tonnes },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(limits); i++) {
        const char *value = osm_tag(tags, limits[i].key);
        double limit = value == NULL ? 0 : limits[i].parse(value);
        if (limit > 0 && limit < limits[i].needed) {
            return true;
        }
    }
    return false;
}

/* Vehicle tags that name a permission narrower than the public's still show that a vehicle fits through. */
static bool a_vehicle_fits(const struct osm_tags *tags)
{
    static const char *const KEYS[] = { "motorcar", "motor_vehicle", "vehicle", "service_vehicle", "hgv", "agricultural" };
    for (size_t i = 0; i < ARRAY_LENGTH(KEYS); i++) {
        const char *value = osm_tag(tags, KEYS[i]);
        if (value != NULL && strcmp(value, "no") != 0 && strcmp(value, "unknown") != 0) {
            return true;
        }
    }
    return false;
}

static bool is_open(const struct profile_rules *rules, unsigned bit, const struct class_rule *class, const struct osm_tags *tags,
                    bool *slow)
{
    const char *key;
    enum access access = access_of(rules, tags, &key);
    bool by_class = (class->open & bit) != 0, possible = (class->possible & bit) != 0;
    *slow = access == ACCESS_DESTINATION;
    if (!possible || too_small(rules, tags)) {
        return false;
    }
    if (rules->on_call) {
        bool own_key = strcmp(key, "emergency") == 0;
        if (own_key) {
            return access != ACCESS_NO;
        }
        return by_class || a_vehicle_fits(tags);
    }
    if (access == ACCESS_NO) {
        return false;
    }
    if (!rules->on_foot && access == ACCESS_SILENT && is_any(osm_tag(tags, "service"), "emergency_access", NULL, NULL)) {
        return false;
    }
    /* access=yes alone does not turn a footway into a road for cars: a key of the vehicle must say so. */
    return by_class || (access != ACCESS_SILENT && (rules->on_foot || strcmp(key, "access") != 0));
}

/* ---- direction ---- */

static bool opens_contraflow(const struct osm_tags *tags)
{
    return is_any(osm_tag(tags, "oneway:bus"), "no", NULL, NULL) || is_any(osm_tag(tags, "oneway:psv"), "no", NULL, NULL) ||
           is_any(osm_tag(tags, "busway"), "opposite_lane", "opposite", NULL) ||
           is_any(osm_tag(tags, "busway:left"), "opposite_lane", NULL, NULL) ||
           is_any(osm_tag(tags, "busway:right"), "opposite_lane", NULL, NULL);
}

enum oneway { ONEWAY_NO, ONEWAY_FORWARD, ONEWAY_BACKWARD, ONEWAY_REVERSIBLE };

static enum oneway oneway_of(const struct profile_rules *rules, const struct class_rule *class, const struct osm_tags *tags)
{
    for (size_t i = 0; rules->oneway_keys[i] != NULL; i++) {
        const char *value = osm_tag(tags, rules->oneway_keys[i]);
        if (is_any(value, "yes", "true", "1")) {
            return ONEWAY_FORWARD;
        }
        if (is_any(value, "-1", "reverse", NULL)) {
            return ONEWAY_BACKWARD;
        }
        if (is_any(value, "reversible", NULL, NULL)) {
            return ONEWAY_REVERSIBLE;
        }
        if (is_any(value, "no", "false", "0") || is_any(value, "alternating", NULL, NULL)) {
            return ONEWAY_NO;
        }
    }
    const char *conveying = osm_tag(tags, "conveying");
    if (rules->on_foot) {
        return is_any(conveying, "forward", NULL, NULL)    ? ONEWAY_FORWARD
               : is_any(conveying, "backward", NULL, NULL) ? ONEWAY_BACKWARD
                                                           : ONEWAY_NO;
    }
    bool implied = class->one_way || is_any(osm_tag(tags, "junction"), "roundabout", "circular", NULL);
    return implied ? ONEWAY_FORWARD : ONEWAY_NO;
}

/* vehicle:backward=no and its like. */
static bool direction_denied(const struct profile_rules *rules, const struct osm_tags *tags, const char *suffix)
{
    for (size_t i = 0; rules->access_keys[i] != NULL; i++) {
        char key[48];
        snprintf(key, sizeof key, "%s:%s", rules->access_keys[i], suffix);
        const char *value = osm_tag(tags, key);
        if (value != NULL && access_value(value) != ACCESS_SILENT) {
            return access_value(value) == ACCESS_NO && (!rules->on_call || i == 0);
        }
    }
    return false;
}

/* ---- speed ---- */

static double cap_of(const struct cap *caps, size_t count, const char *value)
{
    for (size_t i = 0; value != NULL && i < count; i++) {
        if (strcmp(caps[i].value, value) == 0) {
            return caps[i].kmh;
        }
    }
    return HUGE_VAL;
}

static double limit_kmh(const struct osm_tags *tags, int direction)
{
    const char *const keys[] = {
        direction == ROAD_FORWARD ? "maxspeed:forward" : "maxspeed:backward",
        "maxspeed",
        "maxspeed:type",
        "source:maxspeed",
        "zone:maxspeed",
        "zone:traffic",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        const char *value = osm_tag(tags, keys[i]);
        double kmh = value == NULL ? 0 : profile_speed_kmh(value);
        if (kmh > 0) {
            return kmh;
        }
    }
    return 0;
}

static double rough_cap_kmh(const struct osm_tags *tags)
{
    double cap = cap_of(SURFACES, ARRAY_LENGTH(SURFACES), osm_tag(tags, "surface"));
    /* "concrete:plates" and the like go by what stands before the colon, which no cap names; cobblestone:flattened is a sett. */
    if (is_any(osm_tag(tags, "surface"), "cobblestone:flattened", NULL, NULL)) {
        cap = 40;
    }
    cap = fmin(cap, cap_of(TRACK_TYPES, ARRAY_LENGTH(TRACK_TYPES), osm_tag(tags, "tracktype")));
    return fmin(cap, cap_of(SMOOTHNESS, ARRAY_LENGTH(SMOOTHNESS), osm_tag(tags, "smoothness")));
}

static double vehicle_kmh(const struct profile_rules *rules, const struct class_rule *class, const struct osm_tags *tags,
                          int direction, bool two_way, bool slow)
{
    double limit = limit_kmh(tags, direction);
    double kmh = limit > 0 ? limit * rules->limit_factor : class->default_kmh;
    kmh *= rules->speed_factor;
    const char *own_limit = rules->on_call ? osm_tag(tags, "maxspeed:emergency") : NULL;
    if (own_limit != NULL && profile_speed_kmh(own_limit) > 0) {
        kmh = profile_speed_kmh(own_limit);
    } else if (rules->on_call || limit <= 0) {
        kmh = fmin(kmh, class->cap_kmh);
    }
    if (two_way && is_any(osm_tag(tags, "lanes"), "1", "1.5", NULL)) {
        kmh *= rules->narrow_factor;
    }
    kmh = fmin(kmh, cap_of(SERVICES, ARRAY_LENGTH(SERVICES), osm_tag(tags, "service")) * rules->speed_factor);
    kmh = fmin(kmh, cap_of(JUNCTIONS, ARRAY_LENGTH(JUNCTIONS), osm_tag(tags, "junction")) * rules->rough_factor);
    kmh = fmin(kmh, rough_cap_kmh(tags) * rules->rough_factor);
    return slow ? kmh * rules->destination_factor : kmh;
}

static void evaluate(const struct profile_rules *rules, unsigned bit, const struct class_rule *class, const struct osm_tags *tags,
                     float seconds_per_m[ROAD_DIRECTIONS])
{
    bool slow;
    if (!is_open(rules, bit, class, tags, &slow)) {
        return;
    }
    enum oneway oneway = oneway_of(rules, class, tags);
    static const char *const SUFFIXES[] = { "forward", "backward" };
    for (int direction = 0; direction < ROAD_DIRECTIONS; direction++) {
        bool against = (oneway == ONEWAY_FORWARD && direction == ROAD_BACKWARD) ||
                       (oneway == ONEWAY_BACKWARD && direction == ROAD_FORWARD);
        bool contraflow = against && rules->on_call && opens_contraflow(tags);
        if (oneway == ONEWAY_REVERSIBLE || direction_denied(rules, tags, SUFFIXES[direction]) ||
            (against && !contraflow && rules->wrong_way_factor <= 0)) {
            continue;
        }
        double kmh = rules->on_foot ? class->foot_kmh : vehicle_kmh(rules, class, tags, direction, oneway == ONEWAY_NO, slow);
        kmh *= against && !contraflow ? rules->wrong_way_factor : 1;
        if (class == &FERRY) {
            seconds_per_m[direction] = 1;
        } else if (kmh > 0) {
            seconds_per_m[direction] = (float)(3.6 / fmax(kmh, 1));
        }
    }
}

/* A passenger ferry rarely says motor_vehicle=no; one that names only walkers or bicycles takes no cars. */
static bool ferry_takes_vehicles(const struct osm_tags *tags)
{
    const char *key;
    enum access access = access_of(&PROFILES[ROAD_NORMAL], tags, &key);
    if (access != ACCESS_SILENT && strcmp(key, "access") != 0) {
        return access != ACCESS_NO;
    }
    const char *foot = osm_tag(tags, "foot"), *bicycle = osm_tag(tags, "bicycle");
    bool for_walkers = (foot != NULL && strcmp(foot, "no") != 0) || (bicycle != NULL && strcmp(bicycle, "no") != 0);
    return access != ACCESS_NO && !for_walkers;
}

static enum way_verdict evaluate_ferry(const struct profile_rules *rules, const struct osm_tags *tags, struct way_costs *costs)
{
    struct class_rule ferry = FERRY;
    const char *duration = osm_tag(tags, "duration");
    double seconds = duration == NULL ? 0 : profile_duration_s(duration);
    if (seconds <= 0) {
        return WAY_FERRY_WITHOUT_DURATION;
    }
    costs->ferry_s = (float)seconds;
    ferry.open = F | (ferry_takes_vehicles(tags) ? E | N : 0u);
    bool any = false;
    for (unsigned i = 0; i < ROAD_PROFILE_COUNT; i++) {
        bool slow;
        bool open = (ferry.open & BIT(i)) != 0 && is_open(&rules[i], BIT(i), &ferry, tags, &slow);
        enum oneway oneway = oneway_of(&rules[i], &ferry, tags);
        costs->seconds_per_m[i][ROAD_FORWARD] = open && oneway != ONEWAY_BACKWARD && oneway != ONEWAY_REVERSIBLE;
        costs->seconds_per_m[i][ROAD_BACKWARD] = open && oneway != ONEWAY_FORWARD && oneway != ONEWAY_REVERSIBLE;
        any |= open;
    }
    return any ? WAY_USED : WAY_CLOSED;
}

static const struct class_rule *class_of(const struct osm_tags *tags, enum way_verdict *verdict)
{
    const char *highway = osm_tag(tags, "highway");
    *verdict = WAY_NOT_A_ROAD;
    if (highway == NULL) {
        bool walkway = is_any(osm_tag(tags, "man_made"), "pier", NULL, NULL) ||
                       is_any(osm_tag(tags, "railway"), "platform", NULL, NULL) ||
                       is_any(osm_tag(tags, "public_transport"), "platform", NULL, NULL);
        return walkway ? &WALKWAY : NULL;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(CLASSES); i++) {
        if (strcmp(CLASSES[i].highway, highway) == 0) {
            return &CLASSES[i];
        }
    }
    *verdict = in_list(UNBUILT, ARRAY_LENGTH(UNBUILT), highway) ? WAY_UNDER_CONSTRUCTION : WAY_UNKNOWN_CLASS;
    return NULL;
}

enum way_verdict profile_way(const struct profile_rules rules[ROAD_PROFILE_COUNT], const struct osm_tags *tags,
                             struct way_costs *costs)
{
    *costs = (struct way_costs){ 0 };
    if (is_any(osm_tag(tags, "route"), "ferry", NULL, NULL) && osm_tag(tags, "highway") == NULL) {
        return evaluate_ferry(rules, tags, costs);
    }
    enum way_verdict verdict;
    const struct class_rule *class = class_of(tags, &verdict);
    if (class == NULL) {
        return verdict;
    }
    bool any = false;
    for (unsigned i = 0; i < ROAD_PROFILE_COUNT; i++) {
        evaluate(&rules[i], BIT(i), class, tags, costs->seconds_per_m[i]);
        any |= costs->seconds_per_m[i][ROAD_FORWARD] > 0 || costs->seconds_per_m[i][ROAD_BACKWARD] > 0;
    }
    if (any) {
        return WAY_USED;
    }
    return is_any(osm_tag(tags, "oneway"), "reversible", NULL, NULL) ? WAY_REVERSIBLE
           : class == &WALKWAY                                       ? WAY_NOT_A_ROAD
                                                                     : WAY_CLOSED;
}

/* ---- nodes ---- */

static const struct barrier_rule *barrier_of(const char *barrier)
{
    for (size_t i = 0; i < ARRAY_LENGTH(BARRIERS); i++) {
        if (strcmp(BARRIERS[i].barrier, barrier) == 0) {
            return &BARRIERS[i];
        }
    }
    return &UNKNOWN_BARRIER;
}

static double barrier_s(const struct profile_rules *rules, enum road_profile profile, const struct barrier_rule *barrier,
                        const struct osm_tags *tags)
{
    const char *key;
    enum access access = access_of(rules, tags, &key);
    double pass_s = barrier->pass_s[profile];
    if (too_small(rules, tags)) {
        return CLOSED;
    }
    if (rules->on_call) {
        bool own_key = strcmp(key, "emergency") == 0;
        if (own_key) {
            return access == ACCESS_NO ? CLOSED : fmax(pass_s, 3);
        }
        /* Somebody with a key or a button must let it through. */
        bool locked = is_any(osm_tag(tags, "locked"), "yes", NULL, NULL) || access == ACCESS_NO;
        return pass_s < 0 ? CLOSED : pass_s + (locked && pass_s > 0 ? 10 : 0);
    }
    if (access == ACCESS_NO || (access == ACCESS_SILENT && is_any(osm_tag(tags, "locked"), "yes", NULL, NULL))) {
        return CLOSED;
    }
    bool allowed = access != ACCESS_SILENT && (rules->on_foot || strcmp(key, "access") != 0);
    return pass_s < 0 && allowed ? 3 : pass_s;
}

static bool delay_applies(const struct delay_rule *rule, const struct osm_tags *tags)
{
    const char *value = osm_tag(tags, rule->key);
    return value != NULL && strcmp(value, "no") != 0 && (rule->value == NULL || strcmp(rule->value, value) == 0);
}

bool profile_node(const struct profile_rules rules[ROAD_PROFILE_COUNT], const struct osm_tags *tags, struct node_costs *costs)
{
    *costs = (struct node_costs){ 0 };
    double total_s[ROAD_PROFILE_COUNT] = { 0 };
    for (size_t i = 0; i < ARRAY_LENGTH(DELAYS); i++) {
        for (int profile = 0; profile < ROAD_PROFILE_COUNT && delay_applies(&DELAYS[i], tags); profile++) {
            total_s[profile] += DELAYS[i].pass_s[profile];
        }
    }
    const char *direction = osm_tag(tags, "traffic_signals:direction");
    direction = direction == NULL ? osm_tag(tags, "direction") : direction;
    const char *barrier = osm_tag(tags, "barrier");
    if (barrier == NULL) {
        costs->direction = is_any(direction, "forward", NULL, NULL) ? 1 : is_any(direction, "backward", NULL, NULL) ? 2 : 0;
    }
    bool any = false;
    for (unsigned i = 0; i < ROAD_PROFILE_COUNT; i++) {
        double pass_s = barrier == NULL ? 0 : barrier_s(&rules[i], (enum road_profile)i, barrier_of(barrier), tags);
        if (pass_s < 0) {
            costs->closed |= (uint8_t)BIT(i);
        } else {
            costs->penalty_ds[i] = (uint16_t)lround((total_s[i] + pass_s) * 10);
        }
        any |= pass_s < 0 || costs->penalty_ds[i] > 0;
    }
    return any;
}
