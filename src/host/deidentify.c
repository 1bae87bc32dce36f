#include "host/deidentify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

/* ---- the ladder ---- */

enum hours { HOURS_ONE, HOURS_BLOCK, HOURS_DAY_BLOCK, HOURS_HALF, HOURS_ANY, HOURS_COUNT };
static const char *const HOURS_NAMES[HOURS_COUNT] = { "hour of the week", "day of the week, 4 hours",
                                                      "workday or weekend, 4 hours", "workday or weekend, half day", "*" };
enum { DAY_HOURS = 24, BLOCK_HOURS = 4, WORKDAYS = 5, DAY_BEGIN = 8, DAY_END = 20 };

/* An age from years[i] on, up to the next one, is in band i. */
struct bands {
    const char *what;
    int count;
    uint8_t years[5];
    const char *names[5];
};
static const struct bands FINE = {
    "0-17, 18-39, 40-64, 65-79, 80+", 5, { 0, 18, 40, 65, 80 }, { "0-17", "18-39", "40-64", "65-79", "80+" }
};
static const struct bands COARSE = { "0-17, 18-64, 65+", 3, { 0, 18, 65 }, { "0-17", "18-64", "65+" } };

struct rung {
    enum hours hours;
    const struct bands *bands; /* NULL: the age is not told */
    bool district, complaint;
};
static const struct rung LADDER[DEIDENTIFY_STEPS] = {
    { HOURS_ONE, &FINE, true, true },    { HOURS_BLOCK, &FINE, true, true }, { HOURS_DAY_BLOCK, &FINE, true, true },
    { HOURS_HALF, &COARSE, true, true }, { HOURS_ANY, &COARSE, true, true }, { HOURS_ANY, &COARSE, false, true },
    { HOURS_ANY, NULL, false, true },    { HOURS_ANY, NULL, false, false },
};

static bool is_workday(uint8_t hour) { return hour / DAY_HOURS < WORKDAYS; }
static bool is_daytime(uint8_t hour) { return hour % DAY_HOURS >= DAY_BEGIN && hour % DAY_HOURS < DAY_END; }

static uint64_t hours_key(enum hours hours, uint8_t hour)
{
    switch (hours) {
    case HOURS_ONE: return hour;
    case HOURS_BLOCK: return hour / BLOCK_HOURS;
    case HOURS_DAY_BLOCK: return (uint64_t)(hour % DAY_HOURS / BLOCK_HOURS * 2 + is_workday(hour));
    case HOURS_HALF: return (uint64_t)(is_daytime(hour) * 2 + is_workday(hour));
    default: return 0;
    }
}

static int band_of(const struct bands *bands, uint8_t age)
{
    int band = bands->count - 1;
    while (band > 0 && age < bands->years[band]) {
        band--;
    }
    return age == DEIDENTIFY_AGE_UNKNOWN ? bands->count : band;
}

/* Rows look alike at a step when their keys are the same. */
static uint64_t key_of(const struct quasi *row, const struct rung *rung)
{
    uint64_t key = rung->district ? row->district : 0;
    key = key << 8 | hours_key(rung->hours, row->hour_of_week);
    key = key << 8 | (uint64_t)(rung->bands != NULL ? band_of(rung->bands, row->age_years) : 0);
    return key << 8 | (rung->complaint ? row->complaint : 0);
}

/* ---- classes ---- */

struct member {
    uint64_t key, person;
    size_t row;
};

static int by_class(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = (x->key > y->key) - (x->key < y->key);
    order = order != 0 ? order : (x->person > y->person) - (x->person < y->person);
    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

/* Of the same key, from first on: where they end, and of how many people they are. */
static size_t class_end(const struct member *members, size_t count, size_t first, size_t *people)
{
    size_t end = first;
    for (*people = 0; end < count && members[end].key == members[first].key; end++) {
        bool is_same = end > first && members[end].person != 0 && members[end].person == members[end - 1].person;
        *people += !is_same;
    }
    return end;
}

/* Gives the step to all who are enough, and keeps the others; returns how many these are. */
static size_t settle(struct member *members, size_t count, uint32_t k, uint8_t step, uint8_t *steps)
{
    size_t left = 0;
    for (size_t first = 0; first < count;) {
        size_t people = 0;
        size_t end = class_end(members, count, first, &people);
        for (size_t i = first; i < end; i++) {
            if (people >= k) {
                steps[members[i].row] = step;
            } else {
                members[left++] = members[i];
            }
        }
        first = end;
    }
    return left;
}

enum status deidentify(const struct quasi *rows, size_t count, uint32_t k, uint8_t *steps, struct error *error)
{
    CHECK(k >= DEIDENTIFY_K_MIN && k <= DEIDENTIFY_K_MAX);
    struct member *members = calloc(count + 1, sizeof *members);
    if (members == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory to compare %zu rows", count);
    }
    for (size_t i = 0; i < count; i++) {
        members[i] = (struct member){ .person = rows[i].person, .row = i };
        steps[i] = DEIDENTIFY_WITHHELD;
    }
    for (uint8_t step = 0; step < DEIDENTIFY_STEPS && count > 0; step++) {
        for (size_t i = 0; i < count; i++) {
            members[i].key = key_of(&rows[members[i].row], &LADDER[step]);
        }
        qsort(members, count, sizeof *members, by_class);
        count = settle(members, count, k, step, steps);
    }
    free(members);
    return STATUS_OK;
}

/* ---- what is told ---- */

static void show_hours(enum hours hours, uint8_t hour, char *text, size_t size)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    unsigned of_day = hour % DAY_HOURS;
    unsigned block = of_day / BLOCK_HOURS * BLOCK_HOURS;
    const char *part = is_workday(hour) ? "Mon-Fri" : "Sat-Sun";
    const char *day = days[hour / DAY_HOURS % 7];
    switch (hours) {
    case HOURS_ONE: snprintf(text, size, "%s %02u-%02u", day, of_day, of_day + 1); return;
    case HOURS_BLOCK: snprintf(text, size, "%s %02u-%02u", day, block, block + BLOCK_HOURS); return;
    case HOURS_DAY_BLOCK: snprintf(text, size, "%s %02u-%02u", part, block, block + BLOCK_HOURS); return;
    case HOURS_HALF: snprintf(text, size, "%s %s", part, is_daytime(hour) ? "08-20" : "20-08"); return;
    default: snprintf(text, size, "*"); return;
    }
}

void deidentify_show(const struct quasi *row, uint8_t step, struct quasi_shown *shown)
{
    CHECK(step < DEIDENTIFY_STEPS);
    const struct rung *rung = &LADDER[step];
    int band = rung->bands != NULL ? band_of(rung->bands, row->age_years) : 0;
    *shown = (struct quasi_shown){ .district = rung->district, .complaint = rung->complaint };
    show_hours(rung->hours, row->hour_of_week, shown->hours, sizeof shown->hours);
    snprintf(shown->age, sizeof shown->age, "%s",
             rung->bands == NULL          ? "*"
             : band == rung->bands->count ? "unknown"
                                          : rung->bands->names[band]);
}

void deidentify_write_step(struct json *json, uint8_t step)
{
    CHECK(step < DEIDENTIFY_STEPS);
    const struct rung *rung = &LADDER[step];
    json_int(json, "step", step);
    json_text(json, "hours", HOURS_NAMES[rung->hours]);
    json_text(json, "age", rung->bands != NULL ? rung->bands->what : "*");
    json_bool(json, "district", rung->district);
    json_bool(json, "complaint", rung->complaint);
}
