#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "core/need.h"
#include "policy/dispatch.h"
#include "policy/policies.h"
#include "policy/test_orders.h"

enum { UNITS = 40, SLOTS = 64, NOW_S = 100000, GAIN_S = 120 };

/* A state of units, missions and incidents without an engine: the policies only read. Incident 1 is the one to be served. */
struct world {
    struct core core;
    struct core_head head;
    struct incident incidents[SLOTS];
    struct mission missions[SLOTS];
    struct unit units[UNITS + 1];
    struct travel_time times[UNITS];
    uint32_t time_count;
};

/* What a rule compares of one candidate. */
struct spec {
    int64_t eta_us;
    uint32_t age_ms, skills;
    bool diverted;
    int64_t since_s;
};

static void world_begin(struct world *world, enum priority priority, uint32_t needs)
{
    *world = (struct world){ .head = { .limits = { .calls = SLOTS, .incidents = SLOTS, .units = UNITS }, .unit_count = 0 } };
    world->core = (struct core){ .head = &world->head,
                                 .incidents = world->incidents,
                                 .missions = world->missions,
                                 .units = world->units,
                                 .mission_mask = SLOTS - 1 };
    world->head.rules = (struct policy_rules){ .divert_gain_min = duration_seconds(GAIN_S),
                                               .position_age_step_ms = 60000,
                                               .divert_matrix = 0xFFFF };
    world->incidents[1] = (struct incident){ .id = 1, .priority = (uint8_t)priority, .needs = needs };
}

static struct unit *world_unit(struct world *world, enum unit_state state, uint32_t skills)
{
    uint32_t id = ++world->head.unit_count;
    world->units[id] = (struct unit){ .id = id, .skills = skills, .state = (uint8_t)state };
    return &world->units[id];
}

/* Sends the unit to an incident of its own. */
static void world_mission(struct world *world, struct unit *unit, enum mission_state state, enum priority priority)
{
    uint32_t id = unit->id + 1;
    world->incidents[id] = (struct incident){
        .id = id, .priority = (uint8_t)priority, .first_mission = { id }, .state = INCIDENT_STATE_SERVED
    };
    world->missions[id] = (struct mission){ .id = id, .incident = { id }, .unit = { unit->id }, .state = (uint8_t)state };
    unit->state = UNIT_STATE_ON_MISSION;
    unit->mission.v = id;
}

static void world_time(struct world *world, uint32_t unit, int64_t eta_us, uint32_t age_ms)
{
    world->times[world->time_count++] = (struct travel_time){ .unit = { unit },
                                                              .eta = duration_us(eta_us),
                                                              .position_age_ms = age_ms };
}

static uint32_t world_candidate(struct world *world, const struct spec *spec)
{
    struct unit *unit = world_unit(world, UNIT_STATE_AT_POST, NEED_BASIC | spec->skills);
    unit->changed_at = (struct instant){ spec->since_s * US_PER_SECOND };
    if (spec->diverted) {
        world_mission(world, unit, MISSION_STATE_DEPARTED, PRIORITY_NON_URGENT);
    }
    world_time(world, unit->id, spec->eta_us, spec->age_ms);
    return unit->id;
}

static struct unit_ranking rank(const struct world *world, const char *policy)
{
    struct unit_ranking ranking;
    memset(&ranking, 0xA5, sizeof ranking);
    policy_find(policy)->rank_units(&world->core, &world->incidents[1], world->times, world->time_count,
                                    (struct instant){ NOW_S * US_PER_SECOND }, &ranking);
    return ranking;
}

#define S US_PER_SECOND

/* One pair for each rule, the winner first. */
struct pair {
    const char *policy;
    enum priority priority;
    uint32_t rule;
    struct spec winner, loser;
};

static const struct pair pairs[] = {
    { "standard", PRIORITY_CRITICAL, DISPATCH_SOONEST, { .eta_us = 59 * S, .age_ms = 900000 }, { .eta_us = 60 * S } },
    { "standard", PRIORITY_URGENT, DISPATCH_SOONEST, { .eta_us = 60 * S - 1, .since_s = 9 }, { .eta_us = 60 * S } },
    /* Diverted, it would be there first, but not by enough. */
    { "standard", PRIORITY_CRITICAL, DISPATCH_DIVERSION, { .eta_us = 219 * S }, { .eta_us = 100 * S, .diverted = true } },
    /* It saves more than enough. */
    { "standard", PRIORITY_CRITICAL, DISPATCH_SOONEST, { .eta_us = 100 * S, .diverted = true }, { .eta_us = 221 * S } },
    /* The same step with the gain added: the free unit goes, whatever the later rules say. */
    { "standard",
      PRIORITY_CRITICAL,
      DISPATCH_DIVERSION,
      { .eta_us = 220 * S, .age_ms = 900000, .since_s = 50 },
      { .eta_us = 100 * S, .diverted = true } },
    { "standard", PRIORITY_URGENT, DISPATCH_SPARE, { .eta_us = 140 * S }, { .eta_us = 100 * S, .skills = NEED_ADVANCED } },
    { "standard",
      PRIORITY_NON_URGENT,
      DISPATCH_SPARE,
      { .eta_us = 210 * S, .skills = 0 },
      { .eta_us = 100 * S, .skills = NEED_ADVANCED | NEED_PHYSICIAN } },
    { "standard",
      PRIORITY_SEVERE,
      DISPATCH_SPARE,
      { .eta_us = 115 * S, .age_ms = 900000 },
      { .eta_us = 101 * S, .skills = NEED_PHYSICIAN } },
    /* Sparing is worth no more than that. */
    { "standard", PRIORITY_URGENT, DISPATCH_SOONEST, { .eta_us = 100 * S, .skills = NEED_ADVANCED }, { .eta_us = 150 * S } },
    /* For critical incidents nothing is spared. */
    { "standard", PRIORITY_CRITICAL, DISPATCH_SOONEST, { .eta_us = 100 * S, .skills = NEED_ADVANCED }, { .eta_us = 101 * S } },
    { "standard",
      PRIORITY_URGENT,
      DISPATCH_AGE,
      { .eta_us = 109 * S, .age_ms = 59999, .since_s = 9 },
      { .eta_us = 100 * S, .age_ms = 60000 } },
    { "standard",
      PRIORITY_URGENT,
      DISPATCH_EARLIER,
      { .eta_us = 100 * S, .age_ms = 59999, .since_s = 9 },
      { .eta_us = 100 * S + 1, .age_ms = 0 } },
    { "standard", PRIORITY_CRITICAL, DISPATCH_RESTED, { .eta_us = 100 * S, .since_s = 8 }, { .eta_us = 100 * S, .since_s = 9 } },
    { "nearest",
      PRIORITY_CRITICAL,
      NEAREST_SOONEST,
      { .eta_us = 100 * S, .diverted = true, .age_ms = 900000, .since_s = 9 },
      { .eta_us = 100 * S + 1 } },
    { "nearest",
      PRIORITY_NON_URGENT,
      NEAREST_SOONEST,
      { .eta_us = 100 * S, .skills = NEED_ADVANCED | NEED_PHYSICIAN },
      { .eta_us = 100 * S + 1 } },
};

/* The winner has the lower or the higher id and is told first or last: four ways to one answer. */
static void check_pair(const struct pair *pair, bool winner_is_lower, bool winner_is_first)
{
    struct world world;
    world_begin(&world, pair->priority, NEED_BASIC);
    const struct spec *lower = winner_is_lower ? &pair->winner : &pair->loser;
    const struct spec *higher = winner_is_lower ? &pair->loser : &pair->winner;
    world_candidate(&world, lower);
    world_candidate(&world, higher);
    if (winner_is_lower != winner_is_first) {
        struct travel_time first = world.times[0];
        world.times[0] = world.times[1];
        world.times[1] = first;
    }
    struct unit_ranking ranking = rank(&world, pair->policy);
    assert_int_equal(ranking.count, 2);
    assert_int_equal(ranking.fit, 2);
    assert_int_equal(ranking.candidates[0].unit.v, winner_is_lower ? 1 : 2);
    assert_int_equal(ranking.candidates[0].lost_by_rule, 0);
    assert_int_equal(ranking.candidates[1].unit.v, winner_is_lower ? 2 : 1);
    assert_int_equal(ranking.candidates[1].lost_by_rule, pair->rule);
    assert_int_equal(ranking.candidates[0].eta.us, pair->winner.eta_us);
    assert_int_equal(ranking.candidates[0].position_age_ms, pair->winner.age_ms);
    assert_int_equal(ranking.candidates[0].diverts_from.v != 0, pair->winner.diverted);
}

static void each_rule_decides_its_pair(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        print_message("pair %zu: %s, rule %u\n", i, pairs[i].policy, pairs[i].rule);
        for (int way = 0; way < 4; way++) {
            check_pair(&pairs[i], (way & 1) != 0, (way & 2) != 0);
        }
    }
}

static void equal_in_all_the_lowest_id_goes(void **state)
{
    (void)state;
    const struct {
        const char *policy;
        uint32_t rule;
    } sets[] = { { "standard", DISPATCH_ID }, { "nearest", NEAREST_ID } };
    for (size_t i = 0; i < ARRAY_LENGTH(sets); i++) {
        struct world world;
        world_begin(&world, PRIORITY_SEVERE, NEED_BASIC);
        world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC);
        world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC);
        world_time(&world, 2, 77 * S, 5);
        world_time(&world, 1, 77 * S, 5);
        struct unit_ranking ranking = rank(&world, sets[i].policy);
        assert_int_equal(ranking.candidates[0].unit.v, 1);
        assert_int_equal(ranking.candidates[1].lost_by_rule, sets[i].rule);
    }
}

/* Fit is the gate: a unit that lacks one of the needs does not appear, however near. */
static void unfit_units_never_go(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, PRIORITY_CRITICAL, NEED_BASIC | NEED_ADVANCED | NEED_VENTILATOR);
    world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC | NEED_ADVANCED);
    world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC | NEED_ADVANCED | NEED_VENTILATOR | NEED_PHYSICIAN);
    world_time(&world, 1, 1 * S, 0);
    world_time(&world, 2, 3000 * S, 0);
    struct unit_ranking ranking = rank(&world, "standard");
    assert_int_equal(ranking.count, 1);
    assert_int_equal(ranking.candidates[0].unit.v, 2);
    assert_int_equal(ranking.excluded[EXCLUSION_UNFIT], 1);
}

/* Eight candidates of which each loses to the one before by another rule. */
static const struct spec ladder[] = {
    { .eta_us = 50 * S, .since_s = 99 },
    { .eta_us = 100 * S, .since_s = 98 },
    { .eta_us = 70 * S, .diverted = true },
    { .eta_us = 150 * S, .skills = NEED_ADVANCED | NEED_PHYSICIAN, .since_s = 97 },
    { .eta_us = 150 * S, .skills = NEED_ADVANCED | NEED_PHYSICIAN, .age_ms = 60000, .since_s = 96 },
    { .eta_us = 152 * S, .skills = NEED_ADVANCED | NEED_PHYSICIAN, .age_ms = 60000, .since_s = 10 },
    { .eta_us = 152 * S, .skills = NEED_ADVANCED | NEED_PHYSICIAN, .age_ms = 61000, .since_s = 20 },
    { .eta_us = 152 * S, .skills = NEED_ADVANCED | NEED_PHYSICIAN, .age_ms = 60000, .since_s = 20 },
};
static const uint32_t ladder_rules[] = {
    0, DISPATCH_SOONEST, DISPATCH_DIVERSION, DISPATCH_SPARE, DISPATCH_AGE, DISPATCH_EARLIER, DISPATCH_RESTED, DISPATCH_ID
};
/* In order of id, so that ids do not follow the order expected (the last two do: rule 8). */
static const uint32_t ladder_place[] = { 5, 2, 4, 6, 0, 3, 7, 1 };

static void check_ladder(struct world *world, const uint32_t *order, const uint32_t *unit_at_place)
{
    struct travel_time told[ARRAY_LENGTH(ladder)];
    memcpy(told, world->times, sizeof told);
    for (uint32_t i = 0; i < ARRAY_LENGTH(ladder); i++) {
        world->times[i] = told[order[i]];
    }
    struct unit_ranking ranking = rank(world, "standard");
    assert_int_equal(ranking.count, ARRAY_LENGTH(ladder));
    for (uint32_t i = 0; i < ARRAY_LENGTH(ladder); i++) {
        assert_int_equal(ranking.candidates[i].unit.v, unit_at_place[i]);
        assert_int_equal(ranking.candidates[i].lost_by_rule, ladder_rules[i]);
    }
    memcpy(world->times, told, sizeof told);
}

static void every_order_of_arrival_gives_one_order(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, PRIORITY_URGENT, NEED_BASIC);
    uint32_t unit_at_place[ARRAY_LENGTH(ladder)], order[ARRAY_LENGTH(ladder)];
    for (uint32_t i = 0; i < ARRAY_LENGTH(ladder); i++) {
        unit_at_place[ladder_place[i]] = world_candidate(&world, &ladder[ladder_place[i]]);
        order[i] = i;
    }
    uint32_t orders = 0;
    do {
        check_ladder(&world, order, unit_at_place);
        orders++;
    } while (next_order(order, ARRAY_LENGTH(ladder)));
    assert_int_equal(orders, 40320);
}

static void nearest_in_every_order_of_arrival(void **state)
{
    (void)state;
    static const int64_t etas[] = { 300, 100, 200, 100, 300, 50 };
    static const uint32_t expected[] = { 6, 2, 4, 3, 1, 5 };
    uint32_t order[] = { 0, 1, 2, 3, 4, 5 }, orders = 0;
    struct world world;
    world_begin(&world, PRIORITY_SEVERE, 0);
    for (uint32_t i = 0; i < 6; i++) {
        world_unit(&world, i % 2 == 0 ? UNIT_STATE_AT_POST : UNIT_STATE_RETURNING, NEED_BASIC);
    }
    do {
        world.time_count = 0;
        for (uint32_t i = 0; i < 6; i++) {
            world_time(&world, order[i] + 1, etas[order[i]] * S, order[i]);
        }
        struct unit_ranking ranking = rank(&world, "nearest");
        for (uint32_t i = 0; i < 6; i++) {
            assert_int_equal(ranking.candidates[i].unit.v, expected[i]);
        }
        orders++;
    } while (next_order(order, 6));
    assert_int_equal(orders, 720);
}

static struct dispatch_contender random_contender(uint64_t *seed, uint32_t id, enum priority priority)
{
    /* Few values of each, so that ties are common; the sums are made as the ranking makes them. */
    int64_t arrival = 5 * small_number(seed, 12), step = priority == PRIORITY_CRITICAL ? 1 : 10;
    bool diverted = small_number(seed, 2) != 0;
    uint8_t surplus = (uint8_t)(priority == PRIORITY_CRITICAL ? 0 : small_number(seed, 3));
    int64_t diverted_arrival = arrival + (diverted ? 20 : 0);
    return (struct dispatch_contender){
        .candidate = { .unit = { id }, .eta = duration_seconds(arrival), .diverts_from = { diverted } },
        .soonest_step = arrival / step,
        .diversion_step = diverted_arrival / step,
        .spare_step = (diverted_arrival + 15 * surplus) / step,
        .since = { small_number(seed, 2) },
        .age_step = small_number(seed, 3),
        .surplus = surplus,
    };
}

/* Every pair has one winner whichever way round, and every triple has an order: no circle. */
static void the_order_is_total_and_transitive(void **state)
{
    (void)state;
    enum { CONTENDERS = 48, ROUNDS = 12 };
    int (*const compare[])(const struct dispatch_contender *, const struct dispatch_contender *) = { dispatch_compare_standard,
                                                                                                     dispatch_compare_nearest };
    bool decided[2][DISPATCH_RULE_END] = { { false } };
    uint64_t seed = 20240229;
    for (int round = 0; round < ROUNDS; round++) {
        struct dispatch_contender some[CONTENDERS];
        for (uint32_t i = 0; i < CONTENDERS; i++) {
            some[i] = random_contender(&seed, i + 1, (enum priority)(round % 2));
        }
        for (int c = 0; c < 2; c++) {
            for (uint32_t i = 0; i < CONTENDERS; i++) {
                for (uint32_t j = 0; j < CONTENDERS; j++) {
                    int first = compare[c](&some[i], &some[j]);
                    assert_int_equal(first, -compare[c](&some[j], &some[i]));
                    assert_int_equal(first == 0, i == j);
                    decided[c][first < 0 ? -first : first] = true;
                    for (uint32_t k = 0; first < 0 && k < CONTENDERS; k++) {
                        assert_true(compare[c](&some[j], &some[k]) >= 0 || compare[c](&some[i], &some[k]) < 0);
                    }
                }
            }
        }
    }
    for (int rule = DISPATCH_SOONEST; rule < DISPATCH_RULE_END; rule++) {
        assert_true(decided[0][rule]); /* the trial met every rule */
    }
    assert_true(decided[1][NEAREST_SOONEST] && decided[1][NEAREST_ID]);
}

static void world_random(struct world *world, uint64_t *seed, enum priority priority)
{
    world_begin(world, priority, NEED_BASIC);
    for (uint32_t i = 0; i < UNITS; i++) {
        struct spec spec = { .eta_us = (int64_t)small_number(seed, 400) * S,
                             .age_ms = small_number(seed, 200000),
                             .skills = small_number(seed, 8),
                             .diverted = small_number(seed, 3) == 0,
                             .since_s = small_number(seed, 5) };
        world_candidate(world, &spec);
    }
}

/* The list holds the best of all: whoever is in it loses to as many as stand before it, counted pair by pair. */
static void the_list_is_the_best_of_all_pairs(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int round = 0; round < 8; round++) {
        struct world world;
        world_random(&world, &seed, (enum priority)(round % PRIORITY_COUNT));
        struct unit_ranking all = rank(&world, round % 3 == 0 ? "nearest" : "standard");
        assert_int_equal(all.count, RECOMMENDED_MAX);
        assert_int_equal(all.fit, UNITS);
        for (uint32_t place = 0; place < all.count; place++) {
            struct world two = world;
            two.core.head = &two.head;
            uint32_t before = 0;
            for (uint32_t other = 0; other < UNITS; other++) {
                if (world.times[other].unit.v != all.candidates[place].unit.v) {
                    two.times[0] = world.times[other];
                    two.times[1] = world.times[all.candidates[place].unit.v - 1];
                    two.time_count = 2;
                    before += rank(&two, round % 3 == 0 ? "nearest" : "standard").candidates[0].unit.v == two.times[0].unit.v;
                }
            }
            assert_int_equal(before, place);
        }
    }
}

/* What the header promises of rules 3 and 4, against all units at once: a diversion that goes first saves divert_gain_min
 * against every free unit, unless it is chosen for its skills, and nothing costs the patient more than the bounds add up to. */
static void trades_stay_within_their_bounds(void **state)
{
    (void)state;
    static const int64_t bound_s[] = { GAIN_S + 1, GAIN_S + 30 + 10, GAIN_S + 90 + 10, GAIN_S + 120 + 10 };
    uint64_t seed = 99;
    uint32_t diversions = 0;
    for (int round = 0; round < 4000; round++) {
        struct world world;
        enum priority priority = (enum priority)(round % PRIORITY_COUNT);
        world_random(&world, &seed, priority);
        world.head.unit_count = 2 + small_number(&seed, 6);
        world.time_count = world.head.unit_count;
        struct unit_ranking ranking = rank(&world, "standard");
        int64_t first = ranking.candidates[0].eta.us;
        bool diverted = ranking.candidates[0].diverts_from.v != 0;
        for (uint32_t i = 1; i < ranking.count; i++) {
            const struct candidate *other = &ranking.candidates[i];
            assert_true(first - other->eta.us <= bound_s[priority] * S);
            if (diverted && other->diverts_from.v == 0 && priority == PRIORITY_CRITICAL) {
                assert_true(other->eta.us - first >= GAIN_S * S);
                diversions++;
            }
        }
    }
    assert_true(diversions > 0);
}

static void age_counts_only_where_a_step_is_set(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, PRIORITY_URGENT, 0);
    world_candidate(&world, &(struct spec){ .eta_us = 100 * S, .age_ms = UINT32_MAX });
    world_candidate(&world, &(struct spec){ .eta_us = 101 * S });
    assert_int_equal(rank(&world, "standard").candidates[0].unit.v, 2);
    world.head.rules.position_age_step_ms = 0;
    struct unit_ranking ranking = rank(&world, "standard");
    assert_int_equal(ranking.candidates[0].unit.v, 1);
    assert_int_equal(ranking.candidates[1].lost_by_rule, DISPATCH_EARLIER);
}

static void those_left_out_are_counted_by_reason(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, PRIORITY_SEVERE, NEED_BASIC);
    /* Severe may take from urgent and non-urgent only. */
    world.head.rules.divert_matrix = 1u << (PRIORITY_COUNT * PRIORITY_URGENT + PRIORITY_SEVERE) |
                                     1u << (PRIORITY_COUNT * PRIORITY_NON_URGENT + PRIORITY_SEVERE);
    for (uint32_t i = 0; i < 2; i++) {
        world_unit(&world, UNIT_STATE_OFF_DUTY, NEED_BASIC);
    }
    for (uint32_t i = 0; i < 3; i++) {
        world_unit(&world, UNIT_STATE_OUT_OF_SERVICE, NEED_BASIC);
    }
    for (uint32_t s = MISSION_STATE_ON_SCENE; s <= MISSION_STATE_HANDED_OVER; s++) {
        world_mission(&world, world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC), (enum mission_state)s, PRIORITY_NON_URGENT);
    }
    world_mission(&world, world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC), MISSION_STATE_ASSIGNED, PRIORITY_CRITICAL);
    world_unit(&world, UNIT_STATE_AT_POST, NEED_DEFIBRILLATOR);
    for (uint32_t i = 1; i <= world.head.unit_count; i++) {
        world_time(&world, i, (int64_t)i * S, 0); /* a time does not make them able */
    }
    static const int64_t no_way[] = { INT64_MAX, -1, INT64_MIN, 30 * US_PER_DAY + 1 };
    for (uint32_t i = 0; i < ARRAY_LENGTH(no_way); i++) {
        world_time(&world, world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC)->id, no_way[i], 0);
    }
    world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC);
    struct unit *going = world_unit(&world, UNIT_STATE_RETURNING, NEED_BASIC);
    world_mission(&world, going, MISSION_STATE_NOTIFIED, PRIORITY_URGENT);
    world_time(&world, going->id, 30 * US_PER_DAY, 0);
    static const char *const names[] = { "standard", "nearest" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct unit_ranking ranking = rank(&world, names[i]);
        assert_int_equal(ranking.excluded[EXCLUSION_OFF_DUTY], 2);
        assert_int_equal(ranking.excluded[EXCLUSION_OUT_OF_SERVICE], 3);
        assert_int_equal(ranking.excluded[EXCLUSION_COMMITTED], 6);
        assert_int_equal(ranking.excluded[EXCLUSION_UNFIT], 1);
        assert_int_equal(ranking.excluded[EXCLUSION_NO_WAY], 4);
        assert_int_equal(ranking.excluded[EXCLUSION_UNASKED], 1);
        assert_int_equal(ranking.count, 1);
        assert_int_equal(ranking.fit, 1);
        assert_int_equal(ranking.candidates[0].unit.v, going->id);
        assert_int_equal(ranking.candidates[0].diverts_from.v, going->mission.v);
    }
}

static void a_unit_on_its_way_to_this_incident_is_committed(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, PRIORITY_CRITICAL, 0);
    struct unit *unit = world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC);
    world_mission(&world, unit, MISSION_STATE_DEPARTED, PRIORITY_CRITICAL);
    world.missions[unit->mission.v].incident.v = 1;
    world_time(&world, unit->id, S, 0);
    struct unit_ranking ranking = rank(&world, "nearest");
    assert_int_equal(ranking.count, 0);
    assert_int_equal(ranking.excluded[EXCLUSION_COMMITTED], 1);
}

static void strange_lists_of_times_do_no_harm(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world, PRIORITY_CRITICAL, 0);
    world_unit(&world, UNIT_STATE_AT_POST, NEED_BASIC);
    world_time(&world, 0, 1 * S, 0);
    world_time(&world, UINT32_MAX, 1 * S, 0);
    world_time(&world, 2, 1 * S, 0);
    world_time(&world, 1, 9 * S, 0);
    world_time(&world, 1, 3 * S, 0);
    struct unit_ranking ranking = rank(&world, "standard");
    assert_int_equal(ranking.count, 1);
    assert_int_equal(ranking.fit, 1);
    assert_int_equal(ranking.candidates[0].eta.us, 9 * S);
    world.time_count = 0;
    ranking = rank(&world, "standard");
    assert_int_equal(ranking.count, 0);
    assert_int_equal(ranking.excluded[EXCLUSION_UNASKED], 1);
}

static void policies_are_found_by_name(void **state)
{
    (void)state;
    assert_null(policy_find("Nearest"));
    assert_null(policy_find(""));
    uint32_t count = 0;
    const char *summary = NULL;
    for (const struct policy *policy; (policy = policy_at(count, &summary)) != NULL; count++) {
        assert_ptr_equal(policy, policy_find(policy->name));
        assert_non_null(strstr(policy_names(), policy->name));
        assert_true(policy->version >= 1 && summary[0] != '\0');
    }
    assert_int_equal(count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_decides_its_pair),
        cmocka_unit_test(equal_in_all_the_lowest_id_goes),
        cmocka_unit_test(unfit_units_never_go),
        cmocka_unit_test(every_order_of_arrival_gives_one_order),
        cmocka_unit_test(nearest_in_every_order_of_arrival),
        cmocka_unit_test(the_order_is_total_and_transitive),
        cmocka_unit_test(the_list_is_the_best_of_all_pairs),
        cmocka_unit_test(trades_stay_within_their_bounds),
        cmocka_unit_test(age_counts_only_where_a_step_is_set),
        cmocka_unit_test(those_left_out_are_counted_by_reason),
        cmocka_unit_test(a_unit_on_its_way_to_this_incident_is_committed),
        cmocka_unit_test(strange_lists_of_times_do_no_harm),
        cmocka_unit_test(policies_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
