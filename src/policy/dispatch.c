#include "policy/dispatch.h"

#include <string.h>

#include "base/check.h"
#include "core/need.h"

typedef int compare_function(const struct dispatch_contender *a, const struct dispatch_contender *b);

/* By priority. One step is what the rules below "soonest" may cost the patient. */
static const struct duration step_of[PRIORITY_COUNT] = {
    { US_PER_SECOND }, { 10 * US_PER_SECOND }, { 10 * US_PER_SECOND }, { 10 * US_PER_SECOND }
};
static const struct duration spare_of[PRIORITY_COUNT] = {
    { 0 }, { 15 * US_PER_SECOND }, { 45 * US_PER_SECOND }, { 60 * US_PER_SECOND }
};

/* The units that could go and whose time has not been met yet: one bit for each id. */
struct able {
    uint64_t words[UNITS_CEILING / 64 + 1];
    uint32_t count;
};

static int order(int64_t a, int64_t b) { return (a > b) - (a < b); }

static bool diverts(const struct dispatch_contender *contender) { return contender->candidate.diverts_from.v != 0; }

/* Rules 2 to 4: the last sum decides, and the rule that gets the credit is the one whose share brought the order about. */
static int compare_arrival(const struct dispatch_contender *a, const struct dispatch_contender *b)
{
    int spare = order(a->spare_step, b->spare_step);
    if (spare == 0) {
        return 0;
    }
    int diversion = order(a->diversion_step, b->diversion_step);
    if (diversion != spare) {
        return spare * DISPATCH_SPARE;
    }
    return spare * (order(a->soonest_step, b->soonest_step) == spare ? DISPATCH_SOONEST : DISPATCH_DIVERSION);
}

int dispatch_compare_standard(const struct dispatch_contender *a, const struct dispatch_contender *b)
{
    int result = compare_arrival(a, b);
    if (result != 0) {
        return result;
    }
    if ((result = order(diverts(a), diverts(b))) != 0) {
        return result * DISPATCH_DIVERSION;
    }
    if ((result = order(a->surplus, b->surplus)) != 0) {
        return result * DISPATCH_SPARE;
    }
    if ((result = order(a->age_step, b->age_step)) != 0) {
        return result * DISPATCH_AGE;
    }
    if ((result = order(a->candidate.eta.us, b->candidate.eta.us)) != 0) {
        return result * DISPATCH_EARLIER;
    }
    if ((result = order(a->since.us, b->since.us)) != 0) {
        return result * DISPATCH_RESTED;
    }
    return order(a->candidate.unit.v, b->candidate.unit.v) * DISPATCH_ID;
}

int dispatch_compare_nearest(const struct dispatch_contender *a, const struct dispatch_contender *b)
{
    int result = order(a->candidate.eta.us, b->candidate.eta.us);
    return result != 0 ? result * NEAREST_SOONEST : order(a->candidate.unit.v, b->candidate.unit.v) * NEAREST_ID;
}

static uint8_t surplus_of(const struct incident *incident, const struct unit *unit)
{
    uint32_t more = incident->priority == PRIORITY_CRITICAL ? 0 : unit->skills & ~incident->needs;
    return (uint8_t)(((more & NEED_ADVANCED) != 0) + ((more & NEED_PHYSICIAN) != 0));
}

static struct dispatch_contender contender_of(const struct core *core, const struct incident *incident,
                                              const struct travel_time *time)
{
    const struct unit *unit = core_unit(core, time->unit);
    const struct incident *left = core_unit_heading_to(core, unit);
    const struct policy_rules *rules = &core->head->rules;
    struct dispatch_contender contender = {
        .candidate = { .unit = time->unit, .position_age_ms = time->position_age_ms, .eta = time->eta },
        .since = unit->changed_at,
        .age_step = rules->position_age_step_ms == 0 ? 0 : time->position_age_ms / rules->position_age_step_ms,
        .surplus = surplus_of(incident, unit),
    };
    int64_t step = step_of[incident->priority].us, arrival = time->eta.us;
    contender.soonest_step = arrival / step;
    if (left != NULL) {
        contender.candidate.diverts_from.v = left->id;
        arrival += rules->divert_gain_min.us;
    }
    contender.diversion_step = arrival / step;
    contender.spare_step = (arrival + contender.surplus * spare_of[incident->priority].us) / step;
    return contender;
}

/* Marks the units that could go and counts the others by their reason. */
static void gate(const struct core *core, const struct incident *incident, struct able *able, uint32_t *excluded)
{
    uint32_t unit_count = core_unit_count(core);
    CHECK(unit_count <= UNITS_CEILING);
    memset(able->words, 0, (unit_count / 64 + 1) * sizeof able->words[0]);
    able->count = 0;
    for (uint32_t id = 1; id <= unit_count; id++) {
        if (core->units[id].retired) {
            continue;
        }
        enum exclusion exclusion = core_unit_exclusion(core, incident, &core->units[id]);
        if (exclusion == EXCLUSION_COUNT) {
            able->words[id / 64] |= UINT64_C(1) << id % 64;
            able->count++;
        } else {
            excluded[exclusion]++;
        }
    }
}

/* Takes the unit out of the able ones; false if it was not among them. */
static bool take(struct able *able, uint32_t unit_count, struct unit_id unit)
{
    if (unit.v == 0 || unit.v > unit_count) {
        return false;
    }
    uint64_t bit = UINT64_C(1) << unit.v % 64;
    if ((able->words[unit.v / 64] & bit) == 0) {
        return false;
    }
    able->words[unit.v / 64] &= ~bit;
    able->count--;
    return true;
}

/* Keeps the best RECOMMENDED_MAX in order. */
static void insert(struct dispatch_contender *best, uint32_t *count, const struct dispatch_contender *contender,
                   compare_function *compare)
{
    if (*count == RECOMMENDED_MAX) {
        if (compare(contender, &best[*count - 1]) > 0) {
            return;
        }
        --*count;
    }
    uint32_t place = (*count)++;
    for (; place > 0 && compare(contender, &best[place - 1]) < 0; place--) {
        best[place] = best[place - 1];
    }
    best[place] = *contender;
}

static void rank(const struct core *core, const struct incident *incident, const struct travel_time *times, uint32_t count,
                 struct unit_ranking *ranking, compare_function *compare)
{
    struct able able;
    struct dispatch_contender best[RECOMMENDED_MAX];
    uint32_t best_count = 0;
    memset(ranking, 0, sizeof *ranking);
    gate(core, incident, &able, ranking->excluded);
    for (uint32_t i = 0; i < count; i++) {
        if (!take(&able, core_unit_count(core), times[i].unit)) {
            continue;
        }
        if (times[i].eta.us < 0 || times[i].eta.us > DISPATCH_ETA_MAX.us) {
            ranking->excluded[EXCLUSION_NO_WAY]++;
            continue;
        }
        struct dispatch_contender contender = contender_of(core, incident, &times[i]);
        insert(best, &best_count, &contender, compare);
        ranking->fit++;
    }
    ranking->excluded[EXCLUSION_UNASKED] += able.count;
    ranking->count = best_count;
    for (uint32_t i = 0; i < best_count; i++) {
        ranking->candidates[i] = best[i].candidate;
        ranking->candidates[i].lost_by_rule = i == 0 ? 0 : (uint32_t)compare(&best[i], &best[i - 1]);
    }
}

void dispatch_rank_standard(const struct core *core, const struct incident *incident, const struct travel_time *times,
                            uint32_t count, struct instant now, struct unit_ranking *ranking)
{
    (void)now;
    rank(core, incident, times, count, ranking, dispatch_compare_standard);
}

void dispatch_rank_nearest(const struct core *core, const struct incident *incident, const struct travel_time *times,
                           uint32_t count, struct instant now, struct unit_ranking *ranking)
{
    (void)now;
    rank(core, incident, times, count, ranking, dispatch_compare_nearest);
}
