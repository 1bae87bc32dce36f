/* The policies inside the real engine: random stories of a centre under each of them, decided again to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/policies.h"

static const struct policy *policy_under_test(void);
#define TEST_POLICY policy_under_test()
#include "core/test_random.h"

enum { SEEDS = 12, STEPS = 1500 };

static uint32_t policy_index; /* of the policy under test */

static const struct policy *policy_under_test(void) { return policy_at(policy_index, NULL); }

/* What the last entry recommended must be able to go, in an order that names the rule of each place. */
static void check_recommendation(const struct centre *centre)
{
    const struct event_units_recommended *event = centre_event(centre, EVENT_UNITS_RECOMMENDED);
    if (event == NULL) {
        return;
    }
    const struct incident *incident = core_incident(centre->core, event->incident);
    assert_true(event->count >= 1 && event->count <= RECOMMENDED_MAX && event->count <= event->fit);
    uint32_t retired = 0;
    for (uint32_t id = 1; id <= core_unit_count(centre->core); id++) {
        retired += core_unit(centre->core, (struct unit_id){ id })->retired;
    }
    assert_int_equal(event->fit + retired + event->excluded_off_duty + event->excluded_out_of_service +
                         event->excluded_committed + event->excluded_unfit + event->excluded_no_way + event->excluded_unasked,
                     core_unit_count(centre->core));
    for (uint32_t i = 0; i < event->count; i++) {
        const struct candidate *candidate = &event->items[i];
        const struct unit *unit = core_unit(centre->core, candidate->unit);
        const struct incident *left = core_unit_heading_to(centre->core, unit);
        assert_int_equal(core_unit_exclusion(centre->core, incident, unit), EXCLUSION_COUNT);
        assert_int_equal(candidate->diverts_from.v, left == NULL ? 0 : left->id);
        assert_int_equal(candidate->lost_by_rule == 0, i == 0);
    }
}

static void run_seed(uint64_t seed, uint32_t *recommended)
{
    struct centre centre;
    struct error error;
    centre_begin(&centre, 10, 5);
    for (int step = 0; step < STEPS; step++) {
        _Alignas(8) unsigned char bytes[RANDOM_COMMAND_SIZE];
        centre.now.us += (int64_t)random_below(&seed, 20) * US_PER_SECOND;
        struct command_head *head = random_below(&seed, 5) == 0 ? random_command(&seed, centre.core, random_kind(&seed), bytes)
                                                                : random_sensible(&seed, centre.core, bytes);
        if (centre_send(&centre, head, head->size) == REFUSED_NONE) {
            check_recommendation(&centre);
            *recommended += centre_events(&centre, EVENT_UNITS_RECOMMENDED);
        }
    }
    struct engine *again = test_engine(&centre.limits, NULL);
    for (size_t at = 0; at < centre.log.size;) {
        const struct entry_head *entry = (const struct entry_head *)(const void *)(centre.log.bytes + at);
        const struct entry_head *decided;
        bool same = false;
        engine_decide_again(again, entry, &same, &decided);
        assert_true(same);
        assert_int_equal(engine_apply_entry(again, entry, &error), STATUS_OK);
        at += entry->size;
    }
    assert_true(engine_state_hash(again) == engine_state_hash(centre.engine));
    engine_destroy(again);
    centre_destroy(&centre);
}

static void each_policy_serves_a_centre(void **state)
{
    (void)state;
    for (policy_index = 0; policy_under_test() != NULL; policy_index++) {
        uint32_t recommended = 0;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            run_seed(seed * 104729, &recommended);
        }
        print_message("%s: %u recommendations\n", policy_under_test()->name, recommended);
        assert_true(recommended > 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_policy_serves_a_centre),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
