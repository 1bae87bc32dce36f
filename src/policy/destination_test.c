#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "core/need.h"
#include "policy/destination.h"
#include "policy/policies.h"
#include "policy/test_orders.h"

enum { FACILITIES = 40, NOW_S = 100000 };

/* A state of facilities and one mission without an engine: the policies only read. */
struct world {
    struct core core;
    struct core_head head;
    struct mission mission;
    struct facility facilities[FACILITIES + 1];
    struct facility_time times[FACILITIES + 8];
    uint32_t time_count;
};

/* The bed kind asked for is ICU, the lowest tier 1, the need stroke. */
static void world_begin(struct world *world, uint8_t destination_rule, uint8_t beds_required)
{
    *world = (struct world){ .head = { .limits = { .facilities = FACILITIES } } };
    world->core = (struct core){ .head = &world->head, .facilities = world->facilities };
    world->head.rules = (struct policy_rules){ .destination_rule = destination_rule, .beds_required = beds_required };
    world->mission = (struct mission){
        .id = 1, .needs = NEED_STROKE, .bed_kind = BED_KIND_ICU, .tier_min = TIER_TIER_1, .facility_asked = 1
    };
}

/* Open, capable, of tier 1, reports no beds. */
static struct facility *world_facility(struct world *world, int64_t eta_us, uint32_t queue_s)
{
    uint32_t id = ++world->head.facility_count;
    struct facility *facility = &world->facilities[id];
    *facility = (struct facility){ .id = id, .capabilities = NEED_STROKE | NEED_TRAUMA, .tier = TIER_TIER_1 };
    for (uint32_t kind = 0; kind < BED_KIND_COUNT; kind++) {
        facility->counted_at[kind] = INSTANT_NONE;
    }
    world->times[world->time_count++] = (struct facility_time){ .facility = { id },
                                                                .eta = duration_us(eta_us),
                                                                .queue_s = queue_s };
    return facility;
}

static void report_beds(struct facility *facility, enum bed_kind kind, uint16_t available)
{
    facility->counted_at[kind] = (struct instant){ 1 };
    facility->beds[kind][BED_STATE_AVAILABLE] = available;
    facility->beds[kind][BED_STATE_RESERVED] = 3;
}

static struct facility_ranking rank(const struct world *world, const char *policy)
{
    struct facility_ranking ranking;
    memset(&ranking, 0xA5, sizeof ranking);
    policy_find(policy)->rank_facilities(&world->core, &world->mission, world->times, world->time_count,
                                         (struct instant){ NOW_S * US_PER_SECOND }, &ranking);
    return ranking;
}

#define S US_PER_SECOND

struct spec {
    int64_t eta_us;
    uint32_t queue_s;
    uint8_t tier;
};

/* One pair for each rule, the winner first. */
struct pair {
    const char *policy;
    uint8_t destination_rule;
    uint32_t rule;
    struct spec winner, loser;
};

static const struct pair pairs[] = {
    { "standard", 0, DESTINATION_SOONEST, { 300 * S, 9000, TIER_TIER_1 }, { 300 * S + 1, 0, TIER_TIER_3 } },
    { "standard", 1, DESTINATION_SOONEST, { 900 * S, 0, TIER_TIER_1 }, { 300 * S, 601, TIER_TIER_3 } },
    { "standard", 1, DESTINATION_NEARER, { 300 * S, 600, TIER_TIER_1 }, { 900 * S, 0, TIER_TIER_3 } },
    { "standard", 0, DESTINATION_TIER, { 300 * S, 9000, TIER_TIER_3 }, { 300 * S, 0, TIER_TIER_2 } },
    { "standard", 1, DESTINATION_TIER, { 300 * S, 60, TIER_TIER_3 }, { 300 * S, 60, TIER_TIER_2 } },
    { "nearest", 0, NEAREST_FACILITY_NEAREST, { 300 * S, 9000, TIER_TIER_1 }, { 300 * S + 1, 0, TIER_TIER_3 } },
    { "nearest", 1, NEAREST_FACILITY_NEAREST, { 300 * S, 9000, TIER_TIER_1 }, { 300 * S + 1, 0, TIER_TIER_3 } },
};

static void swap_times(struct world *world, uint32_t a, uint32_t b)
{
    struct facility_time kept = world->times[a];
    world->times[a] = world->times[b];
    world->times[b] = kept;
}

static void check_pair(const struct pair *pair, bool winner_is_lower, bool winner_is_first)
{
    struct world world;
    world_begin(&world, pair->destination_rule, 0);
    const struct spec *specs[] = { winner_is_lower ? &pair->winner : &pair->loser,
                                   winner_is_lower ? &pair->loser : &pair->winner };
    for (int i = 0; i < 2; i++) {
        world_facility(&world, specs[i]->eta_us, specs[i]->queue_s)->tier = specs[i]->tier;
    }
    if (winner_is_lower != winner_is_first) {
        swap_times(&world, 0, 1);
    }
    struct facility_ranking ranking = rank(&world, pair->policy);
    assert_int_equal(ranking.count, 2);
    assert_int_equal(ranking.candidates[0].facility.v, winner_is_lower ? 1 : 2);
    assert_int_equal(ranking.candidates[0].lost_by_rule, 0);
    assert_int_equal(ranking.candidates[0].eta.us, pair->winner.eta_us);
    assert_int_equal(ranking.candidates[1].facility.v, winner_is_lower ? 2 : 1);
    assert_int_equal(ranking.candidates[1].lost_by_rule, pair->rule);
}

static void each_rule_decides_its_pair(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        for (int way = 0; way < 4; way++) {
            check_pair(&pairs[i], (way & 1) != 0, (way & 2) != 0);
        }
    }
}

static void equal_in_all_the_lowest_id_is_first(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 0);
    world_facility(&world, 300 * S, 5);
    world_facility(&world, 300 * S, 5);
    swap_times(&world, 0, 1);
    assert_int_equal(rank(&world, "standard").candidates[0].facility.v, 1);
    assert_int_equal(rank(&world, "standard").candidates[1].lost_by_rule, DESTINATION_ID);
    assert_int_equal(rank(&world, "nearest").candidates[0].facility.v, 1);
    assert_int_equal(rank(&world, "nearest").candidates[1].lost_by_rule, NEAREST_FACILITY_ID);
}

/* Each facility loses to the one before by another rule; in every order of arrival. */
static void every_order_of_arrival_gives_one_order(void **state)
{
    (void)state;
    static const struct spec specs[] = {
        { 400 * S, 0, TIER_TIER_2 },   { 300 * S, 0, TIER_TIER_1 }, { 400 * S, 0, TIER_TIER_3 },
        { 100 * S, 300, TIER_TIER_1 }, { 400 * S, 0, TIER_TIER_2 }, { 50 * S, 351, TIER_TIER_3 }
    };
    static const uint32_t expected[] = { 2, 4, 3, 1, 5, 6 };
    static const uint32_t rules[] = {
        0, DESTINATION_SOONEST, DESTINATION_NEARER, DESTINATION_TIER, DESTINATION_ID, DESTINATION_SOONEST
    };
    struct world world;
    world_begin(&world, 1, 0);
    for (uint32_t i = 0; i < 6; i++) {
        world_facility(&world, specs[i].eta_us, specs[i].queue_s)->tier = specs[i].tier;
    }
    struct facility_time told[6];
    memcpy(told, world.times, sizeof told);
    uint32_t order[] = { 0, 1, 2, 3, 4, 5 }, orders = 0;
    do {
        for (uint32_t i = 0; i < 6; i++) {
            world.times[i] = told[order[i]];
        }
        struct facility_ranking ranking = rank(&world, "standard");
        assert_int_equal(ranking.count, 6);
        for (uint32_t i = 0; i < 6; i++) {
            assert_int_equal(ranking.candidates[i].facility.v, expected[i]);
            assert_int_equal(ranking.candidates[i].lost_by_rule, rules[i]);
        }
        orders++;
    } while (next_order(order, 6));
    assert_int_equal(orders, 720);
}

static void the_order_is_total_and_transitive(void **state)
{
    (void)state;
    enum { CONTENDERS = 60 };
    struct destination_contender some[CONTENDERS];
    int (*const compare[])(const struct destination_contender *,
                           const struct destination_contender *) = { destination_compare_standard, destination_compare_nearest };
    uint64_t seed = 11;
    for (uint32_t i = 0; i < CONTENDERS; i++) {
        int64_t eta = small_number(&seed, 4);
        some[i] = (struct destination_contender){ .candidate = { .facility = { i + 1 }, .eta = { eta } },
                                                  .treatment = { eta + small_number(&seed, 4) },
                                                  .tier = (uint8_t)small_number(&seed, 3) };
    }
    for (int c = 0; c < 2; c++) {
        for (uint32_t i = 0; i < CONTENDERS; i++) {
            for (uint32_t j = 0; j < CONTENDERS; j++) {
                int first = compare[c](&some[i], &some[j]);
                assert_int_equal(first, -compare[c](&some[j], &some[i]));
                assert_int_equal(first == 0, i == j);
                for (uint32_t k = 0; first < 0 && k < CONTENDERS; k++) {
                    assert_true(compare[c](&some[j], &some[k]) >= 0 || compare[c](&some[i], &some[k]) < 0);
                }
            }
        }
    }
}

static void the_list_holds_the_best(void **state)
{
    (void)state;
    uint64_t seed = 3;
    struct world world;
    world_begin(&world, 0, 0);
    for (uint32_t i = 0; i < FACILITIES; i++) {
        world_facility(&world, small_number(&seed, 50) * S, 0);
    }
    struct facility_ranking ranking = rank(&world, "nearest");
    assert_int_equal(ranking.count, RECOMMENDED_MAX);
    for (uint32_t place = 0; place < RECOMMENDED_MAX; place++) {
        const struct facility_candidate *here = &ranking.candidates[place];
        uint32_t before = 0;
        for (uint32_t i = 0; i < FACILITIES; i++) {
            before += world.times[i].eta.us < here->eta.us || (world.times[i].eta.us == here->eta.us && i + 1 < here->facility.v);
        }
        assert_int_equal(before, place);
    }
}

static void those_left_out_are_counted_by_the_first_reason(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 0, 1);
    struct facility *shut = world_facility(&world, 1 * S, 0);
    shut->state = FACILITY_STATE_SHUT;
    shut->capabilities = 0;
    struct facility *incapable = world_facility(&world, 2 * S, 0);
    incapable->capabilities = NEED_TRAUMA;
    incapable->tier = TIER_COMMUNITY;
    for (int i = 0; i < 2; i++) {
        struct facility *below = world_facility(&world, 3 * S, 0);
        below->tier = TIER_COMMUNITY;
        report_beds(below, BED_KIND_ICU, 0);
    }
    for (int i = 0; i < 3; i++) {
        struct facility *full = world_facility(&world, 4 * S, 0);
        report_beds(full, BED_KIND_ICU, 0);
        full->state = i == 0 ? FACILITY_STATE_DIVERTING : FACILITY_STATE_OPEN;
        full->diverting_until = INSTANT_NEVER;
    }
    static const int64_t no_way[] = { INT64_MAX, -1, 30 * US_PER_DAY + 1 };
    for (size_t i = 0; i < ARRAY_LENGTH(no_way); i++) {
        world_facility(&world, no_way[i], 0);
    }
    world_facility(&world, 5 * S, 0); /* no time is answered for this one */
    world.time_count--;
    struct facility *diverting = world_facility(&world, 6 * S, 0);
    diverting->state = FACILITY_STATE_DIVERTING;
    diverting->diverting_until = INSTANT_NEVER;
    struct facility *fit = world_facility(&world, 30 * US_PER_DAY, UINT32_MAX);
    report_beds(fit, BED_KIND_ICU, 1);
    struct facility *fit_unreported = world_facility(&world, 900 * S, 0);
    report_beds(fit_unreported, BED_KIND_WARD, 0); /* says nothing of the kind asked for */
    struct facility_ranking ranking = rank(&world, "standard");
    assert_int_equal(ranking.excluded[FACILITY_EXCLUSION_SHUT], 1);
    assert_int_equal(ranking.excluded[FACILITY_EXCLUSION_INCAPABLE], 1);
    assert_int_equal(ranking.excluded[FACILITY_EXCLUSION_BELOW_TIER], 2);
    assert_int_equal(ranking.excluded[FACILITY_EXCLUSION_FULL], 3);
    assert_int_equal(ranking.excluded[FACILITY_EXCLUSION_NO_WAY], 4);
    assert_int_equal(ranking.excluded[FACILITY_EXCLUSION_DIVERTING], 1);
    assert_int_equal(ranking.count, 2);
    assert_int_equal(ranking.candidates[0].facility.v, fit_unreported->id);
    assert_int_equal(ranking.candidates[1].facility.v, fit->id);
}

static void beds_count_only_where_the_rules_require_them(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 0, 0);
    report_beds(world_facility(&world, 60 * S, 0), BED_KIND_ICU, 0);
    world_facility(&world, 61 * S, 0);
    assert_int_equal(rank(&world, "standard").candidates[0].facility.v, 1);
    world.head.rules.beds_required = 1;
    assert_int_equal(rank(&world, "standard").candidates[0].facility.v, 2);
    assert_int_equal(rank(&world, "standard").excluded[FACILITY_EXCLUSION_FULL], 1);
    /* The last bed is the one that waits for this patient. */
    world.mission.bed_reserved = 1;
    world.mission.bed_kind_reserved = BED_KIND_ICU;
    world.mission.facility.v = 1;
    assert_int_equal(rank(&world, "standard").candidates[0].facility.v, 1);
    world.mission.bed_kind_reserved = BED_KIND_WARD;
    assert_int_equal(rank(&world, "standard").candidates[0].facility.v, 2);
}

static void those_that_ask_to_be_spared_are_the_last_resort(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 0, 0);
    for (int i = 0; i < 3; i++) {
        struct facility *diverting = world_facility(&world, (100 - i) * S, 0);
        diverting->state = FACILITY_STATE_DIVERTING;
        diverting->diverting_until = (struct instant){ (NOW_S + 1) * S };
    }
    struct facility *open = world_facility(&world, 5000 * S, 0);
    struct facility_ranking ranking = rank(&world, "standard");
    assert_int_equal(ranking.count, 1);
    assert_int_equal(ranking.candidates[0].facility.v, open->id);
    assert_int_equal(ranking.excluded[FACILITY_EXCLUSION_DIVERTING], 3);

    open->state = FACILITY_STATE_SHUT;
    ranking = rank(&world, "standard");
    assert_int_equal(ranking.count, 3);
    assert_int_equal(ranking.candidates[0].facility.v, 3);
    assert_int_equal(ranking.candidates[2].facility.v, 1);
    assert_int_equal(ranking.excluded[FACILITY_EXCLUSION_DIVERTING], 0);

    /* The stated time is over for one of them, to the instant. */
    world.facilities[2].diverting_until = (struct instant){ NOW_S * S };
    ranking = rank(&world, "standard");
    assert_int_equal(ranking.count, 1);
    assert_int_equal(ranking.candidates[0].facility.v, 2);
    assert_int_equal(ranking.excluded[FACILITY_EXCLUSION_DIVERTING], 2);
}

static void strange_lists_of_times_do_no_harm(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, 1, 1);
    world_facility(&world, 60 * S, UINT32_MAX);
    for (uint32_t i = 0; i < 3; i++) {
        static const uint32_t ids[] = { 0, 2, UINT32_MAX };
        world.times[world.time_count++] = (struct facility_time){ .facility = { ids[i] }, .eta = { 1 } };
    }
    world.times[world.time_count++] = (struct facility_time){ .facility = { 1 }, .eta = { 1 } };
    struct facility_ranking ranking = rank(&world, "standard");
    assert_int_equal(ranking.count, 1);
    assert_int_equal(ranking.candidates[0].eta.us, 60 * S);
    world.time_count = 0;
    assert_int_equal(rank(&world, "standard").count, 0);
    assert_int_equal(rank(&world, "standard").excluded[FACILITY_EXCLUSION_NO_WAY], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_decides_its_pair),
        cmocka_unit_test(equal_in_all_the_lowest_id_is_first),
        cmocka_unit_test(every_order_of_arrival_gives_one_order),
        cmocka_unit_test(the_order_is_total_and_transitive),
        cmocka_unit_test(the_list_holds_the_best),
        cmocka_unit_test(those_left_out_are_counted_by_the_first_reason),
        cmocka_unit_test(beds_count_only_where_the_rules_require_them),
        cmocka_unit_test(those_that_ask_to_be_spared_are_the_last_resort),
        cmocka_unit_test(strange_lists_of_times_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
