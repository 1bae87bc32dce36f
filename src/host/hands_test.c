/* One hand a session; it moves, it is withdrawn, and it goes when nobody is there any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/hands.h"

enum { SECOND = 1000000 };

static const struct identity LI = { .actor = 7, .session = 70 };
static const struct identity LI_ELSEWHERE = { .actor = 7, .session = 71 };
static const struct identity WANG = { .actor = 8, .session = 70 }; /* a number of a session may come again, for another person */

static void put(struct hands *hands, const struct identity *who, enum hand_kind kind, uint32_t id, int64_t at_us)
{
    assert_true(hands_put(hands, who, kind, id, at_us));
}

static void test_one_a_session(void **state)
{
    (void)state;
    struct hands *hands = hands_create();
    put(hands, &LI, HAND_CALL, 5, SECOND);
    uint64_t version = hands_version(hands);
    put(hands, &LI, HAND_CALL, 5, 2 * SECOND);
    assert_int_equal(hands_version(hands), version); /* nothing to tell */
    put(hands, &LI, HAND_INCIDENT, 5, 2 * SECOND);
    assert_int_not_equal(hands_version(hands), version);
    assert_int_equal(hands_count(hands), 1);
    assert_int_equal(hands_at(hands, 0)->kind, HAND_INCIDENT);
    put(hands, &LI_ELSEWHERE, HAND_INCIDENT, 5, 2 * SECOND);
    put(hands, &WANG, HAND_UNIT, 1, 2 * SECOND);
    assert_int_equal(hands_count(hands), 3);
    version = hands_version(hands);
    hands_withdraw(hands, &LI, HAND_INCIDENT, 6);
    hands_withdraw(hands, &LI, HAND_CALL, 5);
    assert_int_equal(hands_version(hands), version);
    hands_withdraw(hands, &LI, HAND_INCIDENT, 5);
    assert_int_equal(hands_count(hands), 2);
    hands_withdraw(hands, &LI, HAND_INCIDENT, 5);
    assert_int_equal(hands_count(hands), 2);
    hands_destroy(hands);
}

static enum hand_presence look(void *context, const struct hand *hand)
{
    const enum hand_presence *of_person = context;
    return of_person[hand->person];
}

static void test_who_is_gone(void **state)
{
    (void)state;
    enum hand_presence of_person[] = { [7] = HAND_PRESENT, [8] = HAND_ABSENT };
    struct hands *hands = hands_create();
    put(hands, &LI, HAND_CALL, 5, SECOND);
    put(hands, &WANG, HAND_CALL, 6, SECOND);
    hands_tidy(hands, 10 * SECOND + 999999, look, of_person);
    assert_int_equal(hands_count(hands), 2);
    hands_tidy(hands, 11 * SECOND, look, of_person);
    assert_int_equal(hands_count(hands), 1); /* Wang had no stream from the beginning */
    assert_int_equal(hands_at(hands, 0)->person, 7);
    of_person[7] = HAND_ABSENT;
    hands_tidy(hands, 100 * SECOND, look, of_person); /* counts from when it was first seen */
    hands_tidy(hands, 105 * SECOND, look, of_person);
    of_person[7] = HAND_PRESENT;
    hands_tidy(hands, 109 * SECOND, look, of_person);
    of_person[7] = HAND_ABSENT;
    hands_tidy(hands, 112 * SECOND, look, of_person);
    hands_tidy(hands, 121 * SECOND, look, of_person);
    assert_int_equal(hands_count(hands), 1);
    hands_tidy(hands, 122 * SECOND, look, of_person);
    assert_int_equal(hands_count(hands), 0);
    put(hands, &LI, HAND_CALL, 5, 200 * SECOND);
    of_person[7] = HAND_OVER;
    hands_tidy(hands, 200 * SECOND, look, of_person);
    assert_int_equal(hands_count(hands), 0);
    hands_destroy(hands);
}

static void test_no_room(void **state)
{
    (void)state;
    struct hands *hands = hands_create();
    for (uint32_t i = 1; i <= HANDS_MAX; i++) {
        put(hands, &(struct identity){ .actor = i, .session = i }, HAND_UNIT, i, SECOND);
    }
    struct identity late = { .actor = HANDS_MAX + 1, .session = 1 }, early = { .actor = 1, .session = 1 };
    assert_false(hands_put(hands, &late, HAND_UNIT, 1, SECOND));
    put(hands, &early, HAND_UNIT, 2, SECOND);
    hands_withdraw(hands, &early, HAND_UNIT, 2);
    put(hands, &late, HAND_UNIT, 1, SECOND);
    hands_destroy(hands);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_a_session),
        cmocka_unit_test(test_who_is_gone),
        cmocka_unit_test(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
