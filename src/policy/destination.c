#include "policy/destination.h"

#include <string.h>

#include "base/check.h"

typedef int compare_function(const struct destination_contender *a, const struct destination_contender *b);

/* The facilities that pass the gate and whose time has not been met yet: one bit for each id. */
struct able {
    uint64_t words[FACILITIES_CEILING / 64 + 1];
    uint32_t count;
};

/* The best so far of one kind: of those that are open, or of those that ask to be spared. */
struct shortlist {
    uint32_t count, met; /* kept, met in all */
    struct destination_contender best[RECOMMENDED_MAX];
};

static int order(int64_t a, int64_t b) { return (a > b) - (a < b); }

int destination_compare_standard(const struct destination_contender *a, const struct destination_contender *b)
{
    int result = order(a->treatment.us, b->treatment.us);
    if (result != 0) {
        return result * DESTINATION_SOONEST;
    }
    if ((result = order(a->candidate.eta.us, b->candidate.eta.us)) != 0) {
        return result * DESTINATION_NEARER;
    }
    if ((result = order(b->tier, a->tier)) != 0) {
        return result * DESTINATION_TIER;
    }
    return order(a->candidate.facility.v, b->candidate.facility.v) * DESTINATION_ID;
}

int destination_compare_nearest(const struct destination_contender *a, const struct destination_contender *b)
{
    int result = order(a->candidate.eta.us, b->candidate.eta.us);
    return result != 0 ? result * NEAREST_FACILITY_NEAREST
                       : order(a->candidate.facility.v, b->candidate.facility.v) * NEAREST_FACILITY_ID;
}

static bool is_diverting(const struct facility *facility, struct instant now)
{
    return facility->state == FACILITY_STATE_DIVERTING && instant_before(now, facility->diverting_until);
}

/* The bed that waits for this very patient counts as free. */
static bool is_full(const struct core *core, const struct mission *mission, const struct facility *facility)
{
    uint8_t bed_kind = mission->bed_kind;
    if (mission->bed_reserved && mission->facility.v == facility->id && mission->bed_kind_reserved == bed_kind) {
        return false;
    }
    return core->head->rules.beds_required != 0 && !instant_is_none(facility->counted_at[bed_kind]) &&
           facility->beds[bed_kind][BED_STATE_AVAILABLE] == 0;
}

/* FACILITY_EXCLUSION_COUNT if it passes; the way is not judged here. */
static enum facility_exclusion exclusion_of(const struct core *core, const struct mission *mission,
                                            const struct facility *facility)
{
    if (facility->state == FACILITY_STATE_SHUT) {
        return FACILITY_EXCLUSION_SHUT;
    }
    if ((mission->needs & ~facility->capabilities) != 0) {
        return FACILITY_EXCLUSION_INCAPABLE;
    }
    if (facility->tier < mission->tier_min) {
        return FACILITY_EXCLUSION_BELOW_TIER;
    }
    return is_full(core, mission, facility) ? FACILITY_EXCLUSION_FULL : FACILITY_EXCLUSION_COUNT;
}

static void gate(const struct core *core, const struct mission *mission, struct able *able, uint32_t *excluded)
{
    uint32_t facility_count = core_facility_count(core);
    CHECK(facility_count <= FACILITIES_CEILING);
    memset(able->words, 0, (facility_count / 64 + 1) * sizeof able->words[0]);
    able->count = 0;
    for (uint32_t id = 1; id <= facility_count; id++) {
        enum facility_exclusion exclusion = exclusion_of(core, mission, &core->facilities[id]);
        if (exclusion == FACILITY_EXCLUSION_COUNT) {
            able->words[id / 64] |= UINT64_C(1) << id % 64;
            able->count++;
        } else {
            excluded[exclusion]++;
        }
    }
}

/* Takes the facility out of the able ones; false if it was not among them. */
static bool take(struct able *able, uint32_t facility_count, struct facility_id facility)
{
    if (facility.v == 0 || facility.v > facility_count) {
        return false;
    }
    uint64_t bit = UINT64_C(1) << facility.v % 64;
    if ((able->words[facility.v / 64] & bit) == 0) {
        return false;
    }
    able->words[facility.v / 64] &= ~bit;
    able->count--;
    return true;
}

static void insert(struct shortlist *list, const struct destination_contender *contender, compare_function *compare)
{
    list->met++;
    if (list->count == RECOMMENDED_MAX) {
        if (compare(contender, &list->best[list->count - 1]) > 0) {
            return;
        }
        list->count--;
    }
    uint32_t place = list->count++;
    for (; place > 0 && compare(contender, &list->best[place - 1]) < 0; place--) {
        list->best[place] = list->best[place - 1];
    }
    list->best[place] = *contender;
}

static struct destination_contender contender_of(const struct core *core, const struct facility_time *time)
{
    struct duration wait = duration_seconds(core->head->rules.destination_rule == 0 ? 0 : time->queue_s);
    return (struct destination_contender){
        .candidate = { .facility = time->facility, .eta = time->eta },
        .treatment = duration_add(time->eta, wait),
        .tier = core->facilities[time->facility.v].tier,
    };
}

static void rank(const struct core *core, const struct mission *mission, const struct facility_time *times, uint32_t count,
                 struct instant now, struct facility_ranking *ranking, compare_function *compare)
{
    struct able able;
    struct shortlist open = { .count = 0 }, diverting = { .count = 0 };
    memset(ranking, 0, sizeof *ranking);
    gate(core, mission, &able, ranking->excluded);
    for (uint32_t i = 0; i < count; i++) {
        if (!take(&able, core_facility_count(core), times[i].facility)) {
            continue;
        }
        if (times[i].eta.us < 0 || times[i].eta.us > DESTINATION_ETA_MAX.us) {
            ranking->excluded[FACILITY_EXCLUSION_NO_WAY]++;
            continue;
        }
        struct destination_contender contender = contender_of(core, &times[i]);
        insert(is_diverting(&core->facilities[times[i].facility.v], now) ? &diverting : &open, &contender, compare);
    }
    ranking->excluded[FACILITY_EXCLUSION_NO_WAY] += able.count;
    const struct shortlist *list = open.count > 0 ? &open : &diverting;
    ranking->excluded[FACILITY_EXCLUSION_DIVERTING] += open.count > 0 ? diverting.met : 0;
    ranking->count = list->count;
    for (uint32_t i = 0; i < list->count; i++) {
        ranking->candidates[i] = list->best[i].candidate;
        ranking->candidates[i].lost_by_rule = i == 0 ? 0 : (uint32_t)compare(&list->best[i], &list->best[i - 1]);
    }
}

void destination_rank_standard(const struct core *core, const struct mission *mission, const struct facility_time *times,
                               uint32_t count, struct instant now, struct facility_ranking *ranking)
{
    rank(core, mission, times, count, now, ranking, destination_compare_standard);
}

void destination_rank_nearest(const struct core *core, const struct mission *mission, const struct facility_time *times,
                              uint32_t count, struct instant now, struct facility_ranking *ranking)
{
    rank(core, mission, times, count, now, ranking, destination_compare_nearest);
}
