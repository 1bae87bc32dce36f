/* Messages from the sending to the reading, and what becomes of old ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/test_engine.h"

static const struct message *message_of(const struct centre *centre, uint32_t id)
{
    return core_message(centre->core, (struct message_id){ id });
}

static void a_seat_writes_and_the_crew_reads(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    uint32_t id = DO(&centre, MESSAGE_SEND, message_send, SEAT, .unit = { 1 }, .incident = { incident }, .to_crew = 1,
                     .reference = UINT64_C(0xABCDEF0123456789));
    assert_int_equal(id, 1);
    const struct message *message = message_of(&centre, id);
    assert_true(message->reference == UINT64_C(0xABCDEF0123456789) && message->unit.v == 1 && message->incident.v == incident);
    assert_int_equal(message->district, 3); /* of the incident */
    assert_true(message->sent_at.us == centre.now.us && instant_is_none(message->read_at) && message->read.sequence == 0);
    assert_int_equal(message->sent.actor_kind, ACTOR_KIND_SEAT);
    int64_t sent_us = centre.now.us;
    centre_wait(&centre, 20);
    DO(&centre, MESSAGE_READ, message_read, CREW, .message = { id });
    assert_true(message->sent_at.us == sent_us && message->read_at.us == centre.now.us && message->revision == 2);
    assert_int_equal(message->read.actor_kind, ACTOR_KIND_CREW);
    centre_destroy(&centre);
}

/* What a crew writes or reads is a sign of life; what is written to it is not. */
static void who_writes_is_alive(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    centre_rules_with(&centre, 0, TEST_UNIT_SILENT_S, 0);
    const struct timer *timer = &unit_of(&centre, 1)->timer;
    int64_t due_us = centre.now.us + TEST_UNIT_SILENT_S * US_PER_SECOND;
    centre_wait(&centre, 10);
    uint32_t id = DO(&centre, MESSAGE_SEND, message_send, SEAT, .unit = { 1 }, .to_crew = 1);
    assert_int_equal(timer->due.us, due_us);
    DO(&centre, MESSAGE_READ, message_read, CREW, .message = { id });
    assert_int_equal(timer->due.us, centre.now.us + TEST_UNIT_SILENT_S * US_PER_SECOND);
    centre_wait(&centre, TEST_UNIT_SILENT_S);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
    uint32_t alarm = timer->raised;
    assert_int_not_equal(alarm, 0);
    id = DO(&centre, MESSAGE_SEND, message_send, CREW, .unit = { 1 });
    assert_int_equal(alarm_of(&centre, alarm)->end, ALARM_END_HAPPENED);
    due_us = timer->due.us;
    centre_wait(&centre, 5);
    DO(&centre, MESSAGE_READ, message_read, SEAT, .message = { id }); /* that a seat reads says nothing of the crew */
    assert_int_equal(timer->due.us, due_us);
    centre_destroy(&centre);
}

static void the_oldest_makes_room(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t room = centre.core->message_mask + 1;
    for (uint32_t i = 1; i <= room; i++) {
        assert_int_equal(DO(&centre, MESSAGE_SEND, message_send, SEAT, .unit = { 1 }, .to_crew = 1, .reference = i), i);
    }
    assert_int_equal(message_of(&centre, 1)->reference, 1);
    assert_int_equal(DO(&centre, MESSAGE_SEND, message_send, SEAT, .unit = { 1 }, .to_crew = 1), room + 1);
    assert_null(message_of(&centre, 1));
    assert_int_equal(message_of(&centre, 2)->reference, 2);
    assert_int_equal(SEND(&centre, MESSAGE_READ, message_read, CREW, .message = { 1 }), REFUSED_UNKNOWN_MESSAGE);
    centre_destroy(&centre);
}

/* Of the shift before nothing is the crew's of now; what was written while nobody was there is. */
static void a_shift_has_its_own_messages(void **state)
{
    (void)state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t early = DO(&centre, MESSAGE_SEND, message_send, SEAT, .unit = { 1 }, .to_crew = 1);
    uint32_t own = DO(&centre, MESSAGE_SEND, message_send, CREW, .unit = { 1 });
    assert_true(core_message_is_of_crew(centre.core, message_of(&centre, early)));
    centre_wait(&centre, 60);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT);
    assert_false(core_message_is_of_crew(centre.core, message_of(&centre, early)));
    assert_false(core_message_is_of_crew(centre.core, message_of(&centre, own)));
    centre_wait(&centre, 60);
    uint32_t between = DO(&centre, MESSAGE_SEND, message_send, SEAT, .unit = { 1 }, .to_crew = 1);
    centre_wait(&centre, 60);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT);
    uint32_t late = DO(&centre, MESSAGE_SEND, message_send, SEAT, .unit = { 1 }, .to_crew = 1);
    assert_true(core_message_is_of_crew(centre.core, message_of(&centre, between)));
    assert_true(core_message_is_of_crew(centre.core, message_of(&centre, late)));
    assert_false(core_message_is_of_crew(centre.core, message_of(&centre, early)));
    centre_destroy(&centre);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seat_writes_and_the_crew_reads),
        cmocka_unit_test(who_writes_is_alive),
        cmocka_unit_test(the_oldest_makes_room),
        cmocka_unit_test(a_shift_has_its_own_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
