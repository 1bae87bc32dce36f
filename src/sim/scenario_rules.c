/* The tables of rules: priorities, rates, service times, needs, policy, diversion. A few dozen lines each. */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "sim/scenario_private.h"

/* Opens an optional table. *there is false, and the status fine, when the file does not exist. */
static enum status open_optional(struct sheet *sheet, const struct scenario *scenario, const char *file,
                                 const char *const *columns, bool *there, struct error *error)
{
    enum status status = sheet_open(sheet, scenario->folder, file, columns, true, error);
    *there = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* A used priority in the column, or -1 for "*" where that is allowed. */
static enum status read_priority(const struct sheet *sheet, int column, const struct scenario *scenario, bool star, int *priority,
                                 struct error *error)
{
    unsigned found = PRIORITY_COUNT;
    if (star && csv_equals(&sheet->csv, sheet->column_of[column], "*")) {
        *priority = -1;
        return STATUS_OK;
    }
    TRY(sheet_choice(sheet, column, PRIORITY_NAMES, &found, error));
    if (found == PRIORITY_COUNT) {
        return sheet_error(sheet, error, "column \"%s\" is empty", sheet_column(sheet, column));
    }
    if (!scenario->priorities[found].used) {
        return sheet_error(sheet, error, "priority \"%s\" is not in priorities.csv", PRIORITY_NAMES[found]);
    }
    *priority = (int)found;
    return STATUS_OK;
}

/* ---- priorities ---- */

static enum status check_code(const struct sheet *sheet, const struct scenario *scenario, unsigned priority, struct error *error)
{
    const char *code = scenario->priorities[priority].code;
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        bool other = i != priority;
        if ((other && scenario->priorities[i].used && strcmp(code, scenario->priorities[i].code) == 0) ||
            (other && strcmp(code, PRIORITY_NAMES[i]) == 0)) {
            return sheet_error(sheet, error, "code \"%s\" already means priority \"%s\"", code, PRIORITY_NAMES[i]);
        }
    }
    return STATUS_OK;
}

static enum status read_priority_row(struct scenario *scenario, const struct sheet *sheet, struct error *error)
{
    unsigned index = PRIORITY_COUNT, travel, needs_als = 0;
    TRY(sheet_choice(sheet, 0, PRIORITY_NAMES, &index, error));
    if (index == PRIORITY_COUNT || scenario->priorities[index].used) {
        return sheet_error(sheet, error, "%s",
                           index == PRIORITY_COUNT ? "column \"priority\" is empty" : "the priority stands twice");
    }
    struct scenario_priority *priority = &scenario->priorities[index];
    priority->used = true;
    priority->line = sheet->csv.line;
    priority->share = 1;
    if (sheet_has(sheet, 1)) {
        TRY(sheet_double(sheet, 1, 0, 1e9, &priority->share, error));
    }
    if (!sheet_empty(sheet, 2)) {
        TRY(sheet_double(sheet, 2, 0, 1e6, &priority->target_s, error));
    }
    travel = index <= PRIORITY_SEVERE ? ROAD_EMERGENCY : ROAD_NORMAL;
    TRY(sheet_choice(sheet, 3, TRAVEL_NAMES, &travel, error));
    priority->profile = (enum road_profile)travel;
    TRY(sheet_text(sheet, 4, priority->code, sizeof priority->code, error));
    if (priority->code[0] == '\0') {
        memcpy(priority->code, PRIORITY_NAMES[index], strlen(PRIORITY_NAMES[index]) + 1);
    }
    TRY(sheet_choice(sheet, 5, YES_NO_NAMES, &needs_als, error));
    priority->needs_als = needs_als == 1;
    return check_code(sheet, scenario, index, error);
}

static enum status normalise_shares(struct scenario *scenario, const struct sheet *sheet, struct error *error)
{
    double sum = 0;
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        sum += scenario->priorities[i].share;
    }
    if (!(sum > 0)) {
        return sheet_error(sheet, error, "%s", "no priority with a share above 0");
    }
    for (unsigned i = 0; i < PRIORITY_COUNT; i++) {
        scenario->priorities[i].share /= sum;
        scenario->priorities[i].need_chance[CARE_NONE] = 1;
    }
    return STATUS_OK;
}

enum status scenario_read_priorities(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = {
        "priority", "?share", "?target_s", "?travel", "?code", "?needs_als", "?comment", NULL
    };
    struct sheet sheet;
    bool row_read = true;
    TRY(sheet_open(&sheet, scenario->folder, "priorities.csv", columns, true, error));
    enum status status;
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_priority_row(scenario, &sheet, error), done);
    }
    if (status == STATUS_OK) {
        status = normalise_shares(scenario, &sheet, error);
    }
done:
    sheet_close(&sheet);
    return status;
}

/* ---- rates ---- */

static enum status read_hours(const struct sheet *sheet, unsigned *day, int64_t *hour, struct error *error)
{
    *day = 7; /* every */
    *hour = -1;
    if (!sheet_empty(sheet, 0) && !csv_equals(&sheet->csv, sheet->column_of[0], "*")) {
        TRY(sheet_choice(sheet, 0, DAY_NAMES, day, error));
    }
    if (!sheet_empty(sheet, 1) && !csv_equals(&sheet->csv, sheet->column_of[1], "*")) {
        TRY(sheet_int(sheet, 1, 0, 23, hour, error));
    }
    return STATUS_OK;
}

static enum status read_rate_row(struct scenario *scenario, const struct sheet *sheet, struct error *error)
{
    unsigned day;
    int64_t hour;
    int priority = -1;
    double rate;
    TRY(read_hours(sheet, &day, &hour, error));
    if (!sheet_empty(sheet, 2)) {
        TRY(read_priority(sheet, 2, scenario, true, &priority, error));
    }
    TRY(sheet_double(sheet, 3, 0, 1e7, &rate, error));
    for (unsigned h = 0; h < HOURS_A_WEEK; h++) {
        if ((day != 7 && h / 24 != day) || (hour >= 0 && h % 24 != (unsigned)hour)) {
            continue;
        }
        for (int p = 0; p < PRIORITY_COUNT; p++) {
            if (priority == -1) {
                scenario->calls_per_day[h][p] = rate * scenario->priorities[p].share;
            } else if (priority == p) {
                scenario->calls_per_day[h][p] = rate;
            }
        }
    }
    return STATUS_OK;
}

/* What the rates say about the shares takes the place of what priorities.csv said. */
static void sum_rates(struct scenario *scenario)
{
    double by_priority[PRIORITY_COUNT] = { 0 }, sum = 0;
    for (unsigned h = 0; h < HOURS_A_WEEK; h++) {
        for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
            by_priority[p] += scenario->calls_per_day[h][p] / HOURS_A_WEEK;
        }
    }
    for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
        sum += by_priority[p];
    }
    scenario->calls_per_day_mean = sum;
    for (unsigned p = 0; p < PRIORITY_COUNT && sum > 0; p++) {
        scenario->priorities[p].share = by_priority[p] / sum;
    }
}

enum status scenario_read_rates(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "?day", "?hour", "?priority", "calls_per_day", "?comment", NULL };
    struct sheet sheet;
    bool there, row_read = true;
    TRY(open_optional(&sheet, scenario, "rate.csv", columns, &there, error));
    if (!there) {
        return STATUS_OK;
    }
    enum status status;
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_rate_row(scenario, &sheet, error), done);
    }
    sum_rates(scenario);
    if (status == STATUS_OK && !(scenario->calls_per_day_mean > 0)) {
        status = sheet_error(&sheet, error, "no rate above 0; remove the file if there are no random calls");
    }
done:
    sheet_close(&sheet);
    return status;
}

/* ---- service times ---- */

enum { BED_STAY_DEFAULT_S = 4 * 3600 };

enum service_quantity {
    SERVICE_DELAY,
    SERVICE_MOBILISATION,
    SERVICE_PATIENT_ACCESS,
    SERVICE_ON_SCENE,
    SERVICE_TRANSPORT,
    SERVICE_HANDOVER,
    SERVICE_BED_STAY,
    SERVICE_COUNT,
};

static const char *const SERVICE_NAMES[] = { "delay",     "mobilisation", "patient_access", "on_scene",
                                             "transport", "handover",     "bed_stay",       NULL };

static struct distribution *service_of(struct scenario_priority *priority, unsigned quantity)
{
    struct distribution *const all[SERVICE_COUNT] = { &priority->delay,    &priority->mobilisation, &priority->patient_access,
                                                      &priority->on_scene, &priority->transport,    &priority->handover,
                                                      &priority->bed_stay };
    CHECK(quantity < SERVICE_COUNT);
    return all[quantity];
}

/* Which lines have spoken: of the priority itself, or of "*". */
struct service_seen {
    bool own[SERVICE_COUNT][PRIORITY_COUNT], star[SERVICE_COUNT];
};

static enum status check_kind(const struct sheet *sheet, unsigned quantity, enum distribution_kind kind, struct error *error)
{
    bool chance = kind == DISTRIBUTION_BERNOULLI, choice = kind == DISTRIBUTION_CATEGORICAL;
    if (quantity == SERVICE_TRANSPORT && !chance) {
        return sheet_error(sheet, error, "transport is a chance: it must be bernoulli(share), such as bernoulli(0.8)");
    }
    if (quantity != SERVICE_TRANSPORT && (chance || choice)) {
        return sheet_error(sheet, error, "%s is a duration: it cannot be %s", SERVICE_NAMES[quantity],
                           distribution_kind_name(kind));
    }
    return STATUS_OK;
}

static enum status read_service_row(struct scenario *scenario, const struct sheet *sheet, struct service_seen *seen,
                                    struct error *error)
{
    unsigned quantity = SERVICE_COUNT;
    int priority = -1;
    char text[1024];
    struct distribution distribution;
    TRY(sheet_choice(sheet, 0, SERVICE_NAMES, &quantity, error));
    if (quantity == SERVICE_COUNT) {
        return sheet_error(sheet, error, "column \"quantity\" is empty");
    }
    TRY(read_priority(sheet, 1, scenario, true, &priority, error));
    TRY(sheet_text(sheet, 2, text, sizeof text, error));
    if (distribution_parse(text, 1, &distribution, error) != STATUS_OK) {
        return error_prefix(error, "%s:%d: ", sheet->path, sheet->csv.line);
    }
    TRY(check_kind(sheet, quantity, distribution.kind, error));
    bool *seen_before = priority < 0 ? &seen->star[quantity] : &seen->own[quantity][priority];
    if (*seen_before) {
        return sheet_error(sheet, error, "%s of this priority stands twice", SERVICE_NAMES[quantity]);
    }
    *seen_before = true;
    for (int p = 0; p < PRIORITY_COUNT; p++) {
        if (p == priority || (priority < 0 && !seen->own[quantity][p])) {
            *service_of(&scenario->priorities[p], quantity) = distribution;
        }
    }
    return STATUS_OK;
}

static enum status check_service(const struct scenario *scenario, const struct sheet *sheet, const struct service_seen *seen,
                                 struct error *error)
{
    static const unsigned needed[] = { SERVICE_DELAY, SERVICE_ON_SCENE, SERVICE_HANDOVER };
    for (size_t i = 0; i < ARRAY_LENGTH(needed); i++) {
        for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
            if (scenario->priorities[p].used && !seen->star[needed[i]] && !seen->own[needed[i]][p]) {
                return sheet_error(sheet, error, "no line for %s of priority %s (or *)", SERVICE_NAMES[needed[i]],
                                   PRIORITY_NAMES[p]);
            }
        }
    }
    return STATUS_OK;
}

enum status scenario_read_service(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "quantity", "priority", "distribution", "?comment", NULL };
    struct sheet sheet;
    struct service_seen seen = { 0 };
    bool row_read = true;
    TRY(sheet_open(&sheet, scenario->folder, "service.csv", columns, true, error));
    for (unsigned p = 0; p < PRIORITY_COUNT; p++) {
        scenario->priorities[p].transport = distribution_bernoulli(1);
        scenario->priorities[p].bed_stay = distribution_constant(BED_STAY_DEFAULT_S);
    }
    enum status status;
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_service_row(scenario, &sheet, &seen, error), done);
    }
    if (status == STATUS_OK) {
        status = check_service(scenario, &sheet, &seen, error);
    }
done:
    sheet_close(&sheet);
    return status;
}

/* ---- needs ---- */

static enum status read_need_row(struct scenario *scenario, const struct sheet *sheet, struct error *error)
{
    int priority;
    unsigned need = CARE_COUNT;
    double share;
    TRY(read_priority(sheet, 0, scenario, true, &priority, error));
    TRY(sheet_choice(sheet, 1, NEED_NAMES, &need, error));
    if (need == CARE_COUNT || need == CARE_NONE) {
        return sheet_error(sheet, error, "column \"need\" must name one of the five centres' care");
    }
    TRY(sheet_double(sheet, 2, 0, 1, &share, error));
    for (int p = 0; p < PRIORITY_COUNT; p++) {
        if (priority >= 0 && p != priority) {
            continue;
        }
        double *chance = scenario->priorities[p].need_chance;
        chance[CARE_NONE] += chance[need] - share;
        chance[need] = share;
        if (chance[CARE_NONE] < -1e-9) {
            return sheet_error(sheet, error, "the shares of priority %s sum to more than 1", PRIORITY_NAMES[p]);
        }
        chance[CARE_NONE] = fmax(0, chance[CARE_NONE]);
    }
    return STATUS_OK;
}

enum status scenario_read_needs(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "priority", "need", "share", "?comment", NULL };
    struct sheet sheet;
    bool there, row_read = true;
    TRY(open_optional(&sheet, scenario, "needs.csv", columns, &there, error));
    if (!there) {
        return STATUS_OK;
    }
    enum status status;
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_need_row(scenario, &sheet, error), done);
    }
done:
    sheet_close(&sheet);
    return status;
}

/* ---- policy ---- */

enum policy_key {
    POLICY_DISPATCH_RETURNING,
    POLICY_DESTINATION,
    POLICY_FACILITY_TRAVEL,
    POLICY_RETURN_TRAVEL,
    POLICY_DIVERT_GAIN_S,
    POLICY_KEY_COUNT
};

static const char *const POLICY_NAMES[] = { "dispatch_returning", "destination",   "facility_travel",
                                            "return_travel",      "divert_gain_s", NULL };
static const char *const DESTINATION_NAMES[] = { "need_then_nearest", "nearest", NULL };

static enum status read_policy_row(struct scenario_policy *policy, const struct sheet *sheet, bool *seen, struct error *error)
{
    static const char *const *const choices[POLICY_KEY_COUNT] = { YES_NO_NAMES, DESTINATION_NAMES, TRAVEL_NAMES, TRAVEL_NAMES,
                                                                  NULL };
    unsigned key = POLICY_KEY_COUNT, value = 0;
    TRY(sheet_choice(sheet, 0, POLICY_NAMES, &key, error));
    if (key == POLICY_KEY_COUNT || seen[key] || sheet_empty(sheet, 1)) {
        return sheet_error(sheet, error, "%s",
                           key == POLICY_KEY_COUNT ? "no key"
                           : seen[key]             ? "the key stands twice"
                                                   : "no value");
    }
    seen[key] = true;
    if (key == POLICY_DIVERT_GAIN_S) {
        return sheet_double(sheet, 1, 0, 86400, &policy->divert_gain_s, error);
    }
    TRY(sheet_choice(sheet, 1, choices[key], &value, error));
    policy->dispatch_returning = key == POLICY_DISPATCH_RETURNING ? value == 1 : policy->dispatch_returning;
    policy->destination_rule = key == POLICY_DESTINATION ? (enum destination_rule)value : policy->destination_rule;
    policy->facility_profile = key == POLICY_FACILITY_TRAVEL ? (enum road_profile)value : policy->facility_profile;
    policy->return_profile = key == POLICY_RETURN_TRAVEL ? (enum road_profile)value : policy->return_profile;
    return STATUS_OK;
}

enum status scenario_read_policy(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "key", "value", "?comment", NULL };
    struct sheet sheet;
    bool there, row_read = true, seen[POLICY_KEY_COUNT] = { false };
    scenario->policy = (struct scenario_policy){ .dispatch_returning = true,
                                                 .facility_profile = ROAD_NORMAL,
                                                 .return_profile = ROAD_NORMAL };
    TRY(open_optional(&sheet, scenario, "policy.csv", columns, &there, error));
    if (!there) {
        return STATUS_OK;
    }
    enum status status;
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_policy_row(&scenario->policy, &sheet, seen, error), done);
    }
done:
    sheet_close(&sheet);
    return status;
}

/* Whether a unit could, by one diversion after another, come to serve a call of priority to. */
static bool diversions_lead(const struct scenario_policy *policy, int from, int to)
{
    bool reached[PRIORITY_COUNT] = { false };
    reached[from] = true;
    for (int round = 0; round < PRIORITY_COUNT; round++) {
        for (int a = 0; a < PRIORITY_COUNT; a++) {
            for (int b = 0; b < PRIORITY_COUNT; b++) {
                reached[b] = reached[b] || (reached[a] && policy->may_divert[a][b]);
            }
        }
    }
    return reached[to];
}

enum status scenario_read_diversion(struct scenario *scenario, struct error *error)
{
    static const char *const columns[] = { "from_priority", "to_priority", "?comment", NULL };
    struct sheet sheet;
    bool there, row_read = true;
    int from = 0, to = 0;
    TRY(open_optional(&sheet, scenario, "diversion.csv", columns, &there, error));
    if (!there) {
        return STATUS_OK;
    }
    enum status status;
    while ((status = sheet_next(&sheet, &row_read, error)) == STATUS_OK && row_read) {
        TRY_GOTO(read_priority(&sheet, 0, scenario, false, &from, error), done);
        TRY_GOTO(read_priority(&sheet, 1, scenario, false, &to, error), done);
        if (from == to) {
            status = sheet_error(&sheet, error, "a unit cannot be diverted to a call of the same priority");
            goto done;
        }
        if (diversions_lead(&scenario->policy, to, from)) {
            status = sheet_error(&sheet, error,
                                 "with the lines before, a unit could be turned back and forth without end; leave this one out");
            goto done;
        }
        scenario->policy.may_divert[from][to] = true;
    }
done:
    sheet_close(&sheet);
    return status;
}
