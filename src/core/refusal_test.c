/* Each refusal of each command, in the order of precedence that schema/commands.toml states: the first command has
 * everything wrong, each next one has one thing put right, the last is accepted. That a refusal changes nothing is checked
 * by the fixture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/test_random.h"

/* Which refusals this program has met. Filled by EXPECT. */
struct met {
    bool refusal[REFUSED_COUNT];
};

#define EXPECT(met, NAME, answer) expect((met), REFUSED_##NAME, (answer), __LINE__)

static void expect(struct met *met, enum refusal expected, enum refusal answer, int line)
{
    if (answer != expected) {
        print_error("line %d: %s instead of %s\n", line, refusal_name(answer), refusal_name(expected));
    }
    assert_int_equal(answer, expected);
    met->refusal[answer] = true;
}

static const struct geo_point nowhere = { 1800000001, 0 };

static void setting_up(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_create(&centre,
                  (struct limits){ .calls = 1, .incidents = 1, .units = 1, .posts = 1, .facilities = 1, .keys = 1, .alarms = 1 });
    EXPECT(met, CENTRE_NOT_OPEN, SEND(&centre, POLICY_SET, policy_set, ADMIN));
    EXPECT(met, CENTRE_NOT_OPEN, SEND(&centre, POST_ADD, post_add, ADMIN, .point = nowhere));
    EXPECT(met, CENTRE_NOT_OPEN, SEND(&centre, UNIT_ADD, unit_add, ADMIN, .post = { 9 }));
    EXPECT(met, CENTRE_NOT_OPEN, SEND(&centre, FACILITY_ADD, facility_add, ADMIN, .point = nowhere));
    EXPECT(met, CENTRE_NOT_OPEN, SEND(&centre, CALL_OFFER, call_offer, SYSTEM));
    EXPECT(met, NONE, SEND(&centre, CENTRE_OPEN, centre_open, ADMIN));
    EXPECT(met, CENTRE_ALREADY_OPEN, SEND(&centre, CENTRE_OPEN, centre_open, ADMIN));

    EXPECT(met, POINT_INVALID, SEND(&centre, POST_ADD, post_add, ADMIN, .point = nowhere));
    EXPECT(met, NONE, SEND(&centre, POST_ADD, post_add, ADMIN));
    EXPECT(met, TABLE_FULL, SEND(&centre, POST_ADD, post_add, ADMIN, .point = nowhere));
    EXPECT(met, UNKNOWN_POST, SEND(&centre, UNIT_ADD, unit_add, ADMIN, .post = { 2 }));
    EXPECT(met, NONE, SEND(&centre, UNIT_ADD, unit_add, ADMIN, .post = { 1 }));
    EXPECT(met, TABLE_FULL, SEND(&centre, UNIT_ADD, unit_add, ADMIN, .post = { 2 }));
    EXPECT(met, POINT_INVALID, SEND(&centre, FACILITY_ADD, facility_add, ADMIN, .point = nowhere));
    EXPECT(met, NONE, SEND(&centre, FACILITY_ADD, facility_add, ADMIN));
    EXPECT(met, TABLE_FULL, SEND(&centre, FACILITY_ADD, facility_add, ADMIN, .point = nowhere));
    EXPECT(met, NONE, SEND(&centre, CALL_OFFER, call_offer, SYSTEM));
    EXPECT(met, TABLE_FULL, SEND(&centre, CALL_OFFER, call_offer, SYSTEM));
    centre_destroy(&centre);
}

static void about_calls(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    EXPECT(met, UNKNOWN_CALL, SEND(&centre, CALL_BACK, call_back, SEAT, .call = { 9 }, .revision = 9));
    EXPECT(met, STALE_REVISION, SEND(&centre, CALL_BACK, call_back, SEAT, .call = { call }, .revision = 9));
    EXPECT(met, TRANSITION, SEND(&centre, CALL_BACK, call_back, SEAT, .call = { call }, .revision = 1));
    EXPECT(met, UNKNOWN_CALL, SEND(&centre, CALL_ANSWER, call_answer, SEAT, .call = { 0 }, .revision = 9));
    EXPECT(met, STALE_REVISION, SEND(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call }, .revision = 2));
    EXPECT(met, NONE, SEND(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call }, .revision = 1));
    EXPECT(met, STALE_REVISION, SEND(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call }, .revision = 1));
    EXPECT(met, TRANSITION, SEND(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call }, .revision = 2));
    EXPECT(met, UNKNOWN_CALL, SEND(&centre, CALL_ABANDON, call_abandon, SYSTEM, .call = { 9 }));
    EXPECT(met, TRANSITION, SEND(&centre, CALL_ABANDON, call_abandon, SYSTEM, .call = { call }));

    uint32_t ringing = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    EXPECT(met, UNKNOWN_CALL, SEND(&centre, CALL_LOCATE, call_locate, SEAT, .call = { 9 }, .revision = 9, .point = nowhere));
    EXPECT(met, STALE_REVISION,
           SEND(&centre, CALL_LOCATE, call_locate, SEAT, .call = { ringing }, .revision = 9, .point = nowhere));
    EXPECT(met, TRANSITION, SEND(&centre, CALL_LOCATE, call_locate, SEAT, .call = { ringing }, .point = nowhere));
    EXPECT(met, POINT_INVALID, SEND(&centre, CALL_LOCATE, call_locate, SEAT, .call = { call }, .point = nowhere));
    EXPECT(met, NONE, SEND(&centre, CALL_LOCATE, call_locate, SEAT, .call = { call }));

    EXPECT(met, UNKNOWN_CALL, SEND(&centre, CALL_CLOSE, call_close, SEAT, .call = { 9 }, .revision = 9));
    EXPECT(met, STALE_REVISION, SEND(&centre, CALL_CLOSE, call_close, SEAT, .call = { ringing }, .revision = 9));
    EXPECT(met, TRANSITION, SEND(&centre, CALL_CLOSE, call_close, SEAT, .call = { ringing }));
    centre_destroy(&centre);
}

static void linking_a_call(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t closed = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    DO(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { closed });
    uint32_t open = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    EXPECT(met, UNKNOWN_CALL, SEND(&centre, CALL_LINK, call_link, SEAT, .call = { 9 }, .incident = { 9 }, .revision = 9));
    EXPECT(met, UNKNOWN_INCIDENT, SEND(&centre, CALL_LINK, call_link, SEAT, .call = { call }, .incident = { 9 }, .revision = 9));
    EXPECT(met, STALE_REVISION,
           SEND(&centre, CALL_LINK, call_link, SEAT, .call = { call }, .incident = { closed }, .revision = 9));
    EXPECT(met, TRANSITION, SEND(&centre, CALL_LINK, call_link, SEAT, .call = { call }, .incident = { closed }));
    DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call });
    EXPECT(met, INCIDENT_CLOSED, SEND(&centre, CALL_LINK, call_link, SEAT, .call = { call }, .incident = { closed }));
    EXPECT(met, NONE, SEND(&centre, CALL_LINK, call_link, SEAT, .call = { call }, .incident = { open }));
    centre_destroy(&centre);
}

/* 64 incidents, 10 % of them kept for critical ones: 58 are for everybody. */
static void a_full_table_has_room_for_critical_incidents(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    for (int i = 0; i < 58; i++) {
        (void)centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    }
    uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    EXPECT(met, UNKNOWN_CALL,
           SEND(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { 9999 }, .revision = 9, .units_wanted = 1,
                .priority = PRIORITY_SEVERE));
    EXPECT(met, STALE_REVISION,
           SEND(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .revision = 9, .units_wanted = 1,
                .priority = PRIORITY_SEVERE));
    EXPECT(met, TRANSITION,
           SEND(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .units_wanted = 1, .priority = PRIORITY_SEVERE));
    DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call });
    DO(&centre, CALL_LOCATE, call_locate, SEAT, .call = { call });
    for (uint8_t priority = PRIORITY_SEVERE; priority < PRIORITY_COUNT; priority++) {
        EXPECT(met, TABLE_FULL,
               SEND(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .units_wanted = 1, .priority = priority));
    }
    EXPECT(met, NONE, SEND(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .units_wanted = 1));
    for (int i = 0; i < 5; i++) {
        (void)centre_incident(&centre, PRIORITY_CRITICAL, 0, 1);
    }
    assert_int_equal(centre.core->head->incidents_open, 64);
    call = centre_located_call(&centre);
    EXPECT(met, TABLE_FULL, SEND(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .units_wanted = 1));
    /* One that closes makes room, whatever its slot. */
    DO(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { 30 });
    EXPECT(met, NONE, SEND(&centre, CALL_TRIAGE, call_triage, SEAT, .call = { call }, .units_wanted = 1));
    centre_destroy(&centre);
}

static void answering_travel_times(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_URGENT, NEED_NEONATAL, 1);
    const uint32_t stranger = 2, known = 1;
    const int64_t eta_s = 60;
    EXPECT(met, UNKNOWN_INCIDENT, centre_times(&centre, 9, &stranger, &eta_s, 1));
    EXPECT(met, NOT_ASKED, centre_times(&centre, incident, &stranger, &eta_s, 1));
    incident = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    EXPECT(met, UNKNOWN_UNIT, centre_times(&centre, incident, &stranger, &eta_s, 1));
    EXPECT(met, NONE, centre_times(&centre, incident, &known, &eta_s, 1));
    EXPECT(met, NOT_ASKED, centre_times(&centre, incident, &known, &eta_s, 1));
    centre_destroy(&centre);
}

#define ASSIGN(centre, ...) SEND(centre, UNIT_ASSIGN, unit_assign, SEAT, __VA_ARGS__)

/* Units: 1 on its way to a severe incident, 2 on scene, 3 free, 4 free, 5 off duty. */
static void sending_a_unit(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 5, 0);
    uint32_t severe = centre_incident(&centre, PRIORITY_SEVERE, 0, 1);
    centre_assign(&centre, severe, 1);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_NON_URGENT, 0, 1), 2);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 5 }, .what = UNIT_EVENT_END_SHIFT);
    uint32_t closed = centre_incident(&centre, PRIORITY_CRITICAL, 0, 1);
    DO(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { closed });
    uint32_t open = centre_incident(&centre, PRIORITY_CRITICAL, 0, 1);
    MUST(&centre, centre_times_all(&centre, open));

    EXPECT(met, UNKNOWN_INCIDENT, ASSIGN(&centre, .incident = { 99 }, .unit = { 99 }, .unit_revision = 99));
    EXPECT(met, UNKNOWN_UNIT, ASSIGN(&centre, .incident = { closed }, .unit = { 99 }, .unit_revision = 99));
    EXPECT(met, STALE_REVISION, ASSIGN(&centre, .incident = { closed }, .unit = { 5 }, .unit_revision = 99));
    EXPECT(met, STALE_REVISION, ASSIGN(&centre, .incident = { closed }, .unit = { 5 }, .incident_revision = 99));
    EXPECT(met, INCIDENT_CLOSED, ASSIGN(&centre, .incident = { closed }, .unit = { 5 }));
    EXPECT(met, UNIT_NOT_AVAILABLE, ASSIGN(&centre, .incident = { severe }, .unit = { 5 })); /* though it has enough */
    EXPECT(met, UNIT_NOT_AVAILABLE, ASSIGN(&centre, .incident = { open }, .unit = { 2 }));
    EXPECT(met, DIVERT_NOT_ALLOWED, ASSIGN(&centre, .incident = { severe }, .unit = { 1 })); /* to where it goes already */
    EXPECT(met, DIVERT_NOT_ALLOWED, ASSIGN(&centre, .incident = { open }, .unit = { 1 }));
    EXPECT(met, ENOUGH_UNITS, ASSIGN(&centre, .incident = { severe }, .unit = { 4 }));
    EXPECT(met, OVERRIDE_NEEDS_REASON, ASSIGN(&centre, .incident = { open }, .unit = { 4 })); /* 3 was recommended */
    EXPECT(met, NONE, ASSIGN(&centre, .incident = { open }, .unit = { 4 }, .override = OVERRIDE_REASON_CREW_REQUEST));
    centre_destroy(&centre);
}

/* Two dispatchers reach for one unit: the second is told that it is the unit that has changed, and what it is now. */
static void two_hands_on_one_unit(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t first = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    uint32_t second = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    uint32_t seen = centre.core->units[1].revision;
    MUST(&centre, ASSIGN(&centre, .incident = { first }, .unit = { 1 }, .unit_revision = seen));
    assert_int_equal(centre.last.stale_subject, STALE_NOTHING);
    EXPECT(met, STALE_REVISION, ASSIGN(&centre, .incident = { second }, .unit = { 1 }, .unit_revision = seen));
    assert_int_equal(centre.last.stale_subject, STALE_UNIT);
    assert_int_equal(centre.last.revision_now, centre.core->units[1].revision);
    assert_int_equal(centre.core->units[1].state, UNIT_STATE_ON_MISSION);
    assert_int_equal(centre.last.first.sequence, centre.log.count);
    EXPECT(met, STALE_REVISION, ASSIGN(&centre, .incident = { first }, .unit = { 2 }, .incident_revision = 1));
    assert_int_equal(centre.last.stale_subject, STALE_INCIDENT);
    centre_destroy(&centre);
}

/* Li sends the unit; whoever comes second is told so, whatever the unit has reported since. */
static void the_second_is_told_who_was_first(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    uint32_t other = centre_incident(&centre, PRIORITY_NON_URGENT, 0, 1);
    struct command_unit_assign assign;
    COMMAND_BEGIN(&assign, UNIT_ASSIGN, ACTOR_KIND_SEAT);
    assign.head.actor = 44;
    assign.incident.v = incident;
    assign.unit.v = 1;
    MUST(&centre, centre_send(&centre, &assign.head, sizeof assign));
    const struct change li = { .sequence = centre.log.count, .at = centre.now, .actor = 44, .actor_kind = ACTOR_KIND_SEAT };
    assert_memory_equal(&mission_of(&centre, centre.last.made)->ordered, &li, sizeof li);
    uint32_t mission = centre.last.made;
    centre_wait(&centre, 5);
    EXPECT(met, DIVERT_NOT_ALLOWED, ASSIGN(&centre, .incident = { other }, .unit = { 1 }));
    assert_memory_equal(&centre.last.first, &li, sizeof li);
    EXPECT(met, ENOUGH_UNITS, ASSIGN(&centre, .incident = { incident }, .unit = { 2 }));
    assert_memory_equal(&centre.last.first, &li, sizeof li);
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    EXPECT(met, UNIT_NOT_AVAILABLE, ASSIGN(&centre, .incident = { other }, .unit = { 1 }));
    assert_memory_equal(&centre.last.first, &li, sizeof li);
    EXPECT(met, TRANSITION, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    assert_int_equal(centre.last.first.actor_kind, ACTOR_KIND_CREW);
    EXPECT(met, UNKNOWN_UNIT, ASSIGN(&centre, .incident = { other }, .unit = { 9 }));
    assert_int_equal(centre.last.first.sequence, 0);
    centre_destroy(&centre);
}

static void acknowledging_an_alarm(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    centre_wait(&centre, TEST_RING_S);
    DO(&centre, TIME_PASSED, time_passed, SYSTEM);
#define ACKNOWLEDGE(centre, ...) SEND(centre, ALARM_ACKNOWLEDGE, alarm_acknowledge, SEAT, __VA_ARGS__)
    EXPECT(met, UNKNOWN_ALARM, ACKNOWLEDGE(&centre, .alarm = { 0 }, .revision = 9));
    EXPECT(met, UNKNOWN_ALARM, ACKNOWLEDGE(&centre, .alarm = { 2 }, .revision = 9));
    EXPECT(met, STALE_REVISION, ACKNOWLEDGE(&centre, .alarm = { 1 }, .revision = 9));
    EXPECT(met, NONE, ACKNOWLEDGE(&centre, .alarm = { 1 }, .revision = 1));
    EXPECT(met, STALE_REVISION, ACKNOWLEDGE(&centre, .alarm = { 1 }, .revision = 1));
    EXPECT(met, TRANSITION, ACKNOWLEDGE(&centre, .alarm = { 1 }));
    centre_destroy(&centre);
}

static void positions_of_many_units(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    static struct fix many[POSITIONS_MAX + 1];
    for (uint32_t i = 0; i <= POSITIONS_MAX; i++) {
        many[i] = (struct fix){ .unit = { 1 }, .occurred_at = INSTANT_NONE };
    }
    EXPECT(met, MALFORMED, centre_fixes(&centre, many, POSITIONS_MAX + 1));
    struct fix fixes[2] = { { .unit = { 1 }, .occurred_at = centre.now }, { .unit = { 9 }, .point = nowhere } };
    EXPECT(met, UNKNOWN_UNIT, centre_fixes(&centre, fixes, 2));
    fixes[1].unit.v = 2;
    fixes[1].occurred_at.us = centre.now.us + (FUTURE_TOLERANCE_S + 1) * US_PER_SECOND;
    EXPECT(met, POINT_INVALID, centre_fixes(&centre, fixes, 2));
    fixes[1].point = (struct geo_point){ 1, 2 };
    EXPECT(met, OCCURRED_IN_FUTURE, centre_fixes(&centre, fixes, 2));
    fixes[1].occurred_at.us = INT64_MIN + 1;
    EXPECT(met, MALFORMED, centre_fixes(&centre, fixes, 2));
    assert_true(instant_is_none(unit_of(&centre, 1)->positioned_at)); /* all or nothing */
    fixes[1].occurred_at.us = centre.now.us + FUTURE_TOLERANCE_S * US_PER_SECOND;
    EXPECT(met, NONE, centre_fixes(&centre, fixes, 2));
    EXPECT(met, NONE, centre_fixes(&centre, many, POSITIONS_MAX));
    EXPECT(met, NONE, centre_fixes(&centre, many, 0));
    centre_destroy(&centre);
}

/* The reason that a dispatcher owes: none for the units that were recommended first, as many as are missing; none where nothing
 * was recommended; always one for a unit that lacks a skill. */
static void when_a_reason_is_owed(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 4, 0);
    uint32_t two = centre_incident(&centre, PRIORITY_URGENT, 0, 2);
    MUST(&centre, centre_times_all(&centre, two));
    EXPECT(met, OVERRIDE_NEEDS_REASON, ASSIGN(&centre, .incident = { two }, .unit = { 3 }));
    EXPECT(met, NONE, ASSIGN(&centre, .incident = { two }, .unit = { 2 }));
    EXPECT(met, OVERRIDE_NEEDS_REASON, ASSIGN(&centre, .incident = { two }, .unit = { 3 }));
    EXPECT(met, NONE, ASSIGN(&centre, .incident = { two }, .unit = { 1 }));
    uint32_t unfit = centre_incident(&centre, PRIORITY_URGENT, NEED_NEONATAL, 1);
    EXPECT(met, OVERRIDE_NEEDS_REASON, ASSIGN(&centre, .incident = { unfit }, .unit = { 3 }));
    uint32_t asking = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    EXPECT(met, NONE, ASSIGN(&centre, .incident = { asking }, .unit = { 3 }));
    centre_destroy(&centre);
}

static void changing_an_incident(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t closed = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    DO(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { closed });
    uint32_t served = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
    centre_assign(&centre, served, 1);
    EXPECT(met, UNKNOWN_INCIDENT,
           SEND(&centre, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { 9 }, .revision = 99));
    EXPECT(met, STALE_REVISION,
           SEND(&centre, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { closed }, .revision = 99));
    EXPECT(met, INCIDENT_CLOSED, SEND(&centre, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { closed }));
    EXPECT(met, NONE, SEND(&centre, INCIDENT_PRIORITISE, incident_prioritise, SEAT, .incident = { served }));

    EXPECT(met, UNKNOWN_INCIDENT, SEND(&centre, UNITS_REQUEST, units_request, CREW, .incident = { 9 }, .more = 64));
    EXPECT(met, INCIDENT_CLOSED, SEND(&centre, UNITS_REQUEST, units_request, CREW, .incident = { closed }, .more = 64));
    EXPECT(met, TOO_MANY_UNITS, SEND(&centre, UNITS_REQUEST, units_request, CREW, .incident = { served }, .more = 64));

    EXPECT(met, UNKNOWN_INCIDENT, SEND(&centre, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = { 9 }, .revision = 99));
    EXPECT(met, STALE_REVISION,
           SEND(&centre, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = { closed }, .revision = 99));
    EXPECT(met, INCIDENT_CLOSED, SEND(&centre, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = { closed }));
    EXPECT(met, NOTHING_MISSING, SEND(&centre, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = { served }));

    EXPECT(met, UNKNOWN_INCIDENT,
           SEND(&centre, INCIDENT_RECONSIDER, incident_reconsider, SEAT, .incident = { 9 }, .revision = 99));
    EXPECT(met, STALE_REVISION,
           SEND(&centre, INCIDENT_RECONSIDER, incident_reconsider, SEAT, .incident = { closed }, .revision = 99));
    EXPECT(met, INCIDENT_CLOSED, SEND(&centre, INCIDENT_RECONSIDER, incident_reconsider, SEAT, .incident = { closed }));
    EXPECT(met, ENOUGH_UNITS, SEND(&centre, INCIDENT_RECONSIDER, incident_reconsider, SEAT, .incident = { served }));

    EXPECT(met, NONE, SEND(&centre, UNITS_REQUEST, units_request, CREW, .incident = { served }, .more = 63));
    EXPECT(met, NONE, SEND(&centre, INCIDENT_RECONSIDER, incident_reconsider, SEAT, .incident = { served }));
    EXPECT(met, NONE, SEND(&centre, INCIDENT_SHORTFALL, incident_shortfall, SEAT, .incident = { served }));

    EXPECT(met, UNKNOWN_INCIDENT, SEND(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { 9 }, .revision = 99));
    EXPECT(met, STALE_REVISION, SEND(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { closed }, .revision = 99));
    EXPECT(met, INCIDENT_CLOSED, SEND(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { closed }));
    EXPECT(met, NONE, SEND(&centre, INCIDENT_CANCEL, incident_cancel, SEAT, .incident = { served }));
    centre_destroy(&centre);
}

static void working_on_a_mission(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    EXPECT(met, UNKNOWN_MISSION, centre_report(&centre, 9, MISSION_EVENT_DIVERT));
    EXPECT(met, NOT_A_REPORT, centre_report(&centre, mission, MISSION_EVENT_DIVERT));
    EXPECT(met, NOT_A_REPORT, centre_report(&centre, mission, MISSION_EVENT_CANCEL));
    EXPECT(met, TRANSITION, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE)); /* and it has no destination */
    EXPECT(met, UNKNOWN_MISSION, SEND(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { 9 }));
    EXPECT(met, NOT_AT_SCENE, SEND(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }));
    EXPECT(met, UNKNOWN_MISSION, centre_facility_times(&centre, 9));
    EXPECT(met, NOT_ASKED, centre_facility_times(&centre, mission));
    EXPECT(met, NONE, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    EXPECT(met, NO_DESTINATION, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    EXPECT(met, NOT_ASKED, centre_facility_times(&centre, mission));
    EXPECT(met, NONE, SEND(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }));
    _Alignas(8) unsigned char bytes[sizeof(struct command_facility_times) + sizeof(struct facility_time)] = { 0 };
    struct command_facility_times *times = (struct command_facility_times *)(void *)bytes;
    COMMAND_BEGIN(times, FACILITY_TIMES, ACTOR_KIND_ROAD);
    times->head.size = sizeof bytes;
    times->mission.v = mission;
    times->count = 1;
    times->items[0].facility.v = 2;
    EXPECT(met, UNKNOWN_FACILITY, centre_send(&centre, &times->head, sizeof bytes));
    times->estimated = 2;
    EXPECT(met, MALFORMED, centre_send(&centre, &times->head, sizeof bytes));
    EXPECT(met, NONE, centre_facility_times(&centre, mission));
    EXPECT(met, NOT_ASKED, centre_facility_times_as(&centre, mission, 1)); /* the estimate comes after the answer */
    EXPECT(met, NONE, SEND(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission }));
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    EXPECT(met, NONE, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    EXPECT(met, NONE, centre_report(&centre, mission, MISSION_EVENT_REACH_FACILITY));
    EXPECT(met, NOT_ASKED, centre_facility_times(&centre, mission)); /* too late to turn */
    EXPECT(met, UNKNOWN_MISSION, SEND(&centre, MISSION_CANCEL, mission_cancel, SEAT, .mission = { 9 }));
    EXPECT(met, NONE, centre_report(&centre, mission, MISSION_EVENT_END));
    EXPECT(met, TRANSITION, SEND(&centre, MISSION_CANCEL, mission_cancel, SEAT, .mission = { mission }));
    centre_destroy(&centre);
}

#define DESTINATION(centre, ...) SEND(centre, DESTINATION_SET, destination_set, CREW, __VA_ARGS__)

static void choosing_a_destination(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 3);
    DO(&centre, FACILITY_REPORT, facility_report, FACILITY, .facility = { 3 }, .what = FACILITY_EVENT_SHUT);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    EXPECT(met, UNKNOWN_MISSION, DESTINATION(&centre, .mission = { 9 }, .facility = { 9 }));
    EXPECT(met, UNKNOWN_FACILITY, DESTINATION(&centre, .mission = { mission }, .facility = { 9 }));
    EXPECT(met, NOT_AT_SCENE, DESTINATION(&centre, .mission = { mission }, .facility = { 3 }));
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    DO(&centre, TRANSPORT_REQUEST, transport_request, CREW, .mission = { mission });
    MUST(&centre, centre_facility_times(&centre, mission));
    EXPECT(met, FACILITY_SHUT, DESTINATION(&centre, .mission = { mission }, .facility = { 3 }));
    EXPECT(met, OVERRIDE_NEEDS_REASON, DESTINATION(&centre, .mission = { mission }, .facility = { 2 }));
    EXPECT(met, NONE, DESTINATION(&centre, .mission = { mission }, .facility = { 2 }, .override = OVERRIDE_REASON_OTHER));
    EXPECT(met, NONE, DESTINATION(&centre, .mission = { mission }, .facility = { 1 }));
    centre_destroy(&centre);
}

static void about_units(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    EXPECT(met, UNKNOWN_UNIT, SEND(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 9 }, .what = UNIT_EVENT_ASSIGN));
    EXPECT(met, NOT_A_REPORT, SEND(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_RELEASE));
    EXPECT(met, TRANSITION, SEND(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT));
    EXPECT(met, UNKNOWN_UNIT, SEND(&centre, UNIT_MOVE, unit_move, SEAT, .unit = { 9 }, .post = { 9 }, .revision = 99));
    EXPECT(met, UNKNOWN_POST, SEND(&centre, UNIT_MOVE, unit_move, SEAT, .unit = { 1 }, .post = { 9 }, .revision = 99));
    EXPECT(met, STALE_REVISION, SEND(&centre, UNIT_MOVE, unit_move, SEAT, .unit = { 1 }, .post = { 2 }, .revision = 99));
    EXPECT(met, NONE,
           SEND(&centre, UNIT_MOVE, unit_move, SEAT, .unit = { 1 }, .post = { 2 }, .revision = unit_of(&centre, 1)->revision));

    struct command_unit_position position;
    COMMAND_BEGIN(&position, UNIT_POSITION, ACTOR_KIND_CREW);
    position.unit.v = 1;
    EXPECT(met, NONE, centre_send(&centre, &position.head, sizeof position));
    position.unit.v = 9;
    position.point = nowhere;
    position.head.occurred_at = (struct instant){ centre.now.us - 1 };
    EXPECT(met, UNKNOWN_UNIT, centre_send(&centre, &position.head, sizeof position));
    position.unit.v = 1;
    EXPECT(met, POINT_INVALID, centre_send(&centre, &position.head, sizeof position));
    position.point = (struct geo_point){ 5, 6 };
    EXPECT(met, POSITION_OLDER, centre_send(&centre, &position.head, sizeof position));
    position.head.occurred_at = centre.now;
    EXPECT(met, NONE, centre_send(&centre, &position.head, sizeof position));
    assert_int_equal(unit_of(&centre, 1)->point.lon_e7, 5);
    centre_destroy(&centre);
}

static void about_patients(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 2);
#define DESCRIBE(...) SEND(&centre, PATIENT_DESCRIBE, patient_describe, CREW, __VA_ARGS__)
#define PREALERT(...) SEND(&centre, PREALERT_ACKNOWLEDGE, prealert_acknowledge, FACILITY, __VA_ARGS__)
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    EXPECT(met, UNKNOWN_MISSION, DESCRIBE(.mission = { 9 }, .age_years = 131));
    EXPECT(met, MALFORMED, DESCRIBE(.mission = { mission }, .age_years = 131));
    EXPECT(met, MALFORMED, DESCRIBE(.mission = { mission }, .age_years = 254));
    EXPECT(met, NO_PATIENT, DESCRIBE(.mission = { mission }, .age_years = 130));
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    EXPECT(met, NONE, DESCRIBE(.mission = { mission }, .age_years = 255));
    EXPECT(met, MALFORMED, DESCRIBE(.mission = { mission }, .spo2 = 101));
    EXPECT(met, UNKNOWN_MISSION, PREALERT(.mission = { 9 }, .facility = { 9 }));
    EXPECT(met, UNKNOWN_FACILITY, PREALERT(.mission = { mission }, .facility = { 9 }));
    EXPECT(met, NOT_THE_DESTINATION, PREALERT(.mission = { mission }, .facility = { 1 }));
    DO(&centre, DESTINATION_SET, destination_set, CREW, .mission = { mission }, .facility = { 1 });
    EXPECT(met, NOT_THE_DESTINATION, PREALERT(.mission = { mission }, .facility = { 2 }));
    EXPECT(met, NONE, PREALERT(.mission = { mission }, .facility = { 1 }));
    EXPECT(met, TRANSITION, PREALERT(.mission = { mission }, .facility = { 1 }));
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_LEAVE_SCENE));
    EXPECT(
        met, WRONG_ACTOR,
        SEND(&centre, MISSION_REPORT, mission_report, FACILITY, .mission = { mission }, .stage = MISSION_EVENT_REACH_FACILITY));
    EXPECT(met, NONE,
           SEND(&centre, MISSION_REPORT, mission_report, FACILITY, .mission = { mission }, .stage = MISSION_EVENT_HAND_OVER));
    EXPECT(met, NONE, DESCRIBE(.mission = { mission }, .age_years = 0)); /* the crew writes up what it did */
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_END));
    EXPECT(met, NO_PATIENT, DESCRIBE(.mission = { mission }, .age_years = 0));
    centre_destroy(&centre);
}

static void writing_and_reading(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 2, 0);
    uint32_t incident = centre_incident(&centre, PRIORITY_URGENT, 0, 1);
#define WRITE(ACTOR, ...) SEND(&centre, MESSAGE_SEND, message_send, ACTOR, __VA_ARGS__)
#define READ(ACTOR, id) SEND(&centre, MESSAGE_READ, message_read, ACTOR, .message = { id })
    EXPECT(met, UNKNOWN_UNIT, WRITE(SEAT, .unit = { 9 }, .incident = { 9 }));
    EXPECT(met, UNKNOWN_INCIDENT, WRITE(SEAT, .unit = { 1 }, .incident = { 9 }));
    EXPECT(met, WRONG_ACTOR, WRITE(SEAT, .unit = { 1 }, .incident = { incident }));
    EXPECT(met, WRONG_ACTOR, WRITE(CREW, .unit = { 1 }, .to_crew = 1));
    EXPECT(met, NONE, WRITE(SEAT, .unit = { 1 }, .incident = { incident }, .to_crew = 1));
    EXPECT(met, NONE, WRITE(CREW, .unit = { 1 }));
    EXPECT(met, UNKNOWN_MESSAGE, READ(SEAT, 3));
    EXPECT(met, WRONG_ACTOR, READ(SEAT, 1));
    EXPECT(met, WRONG_ACTOR, READ(CREW, 2));
    EXPECT(met, NONE, READ(CREW, 1));
    EXPECT(met, NONE, READ(SEAT, 2));
    EXPECT(met, TRANSITION, READ(SEAT, 2));
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 2 }, .what = UNIT_EVENT_END_SHIFT);
    DO(&centre, UNIT_CHANGE, unit_change, ADMIN, .unit = { 2 }, .post = { 1 }, .retired = 1);
    EXPECT(met, UNIT_RETIRED, WRITE(SEAT, .unit = { 2 }, .to_crew = 1));
    centre_destroy(&centre);
}

static void changing_what_was_entered(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
#define POST(...) SEND(&centre, POST_CHANGE, post_change, ADMIN, __VA_ARGS__)
#define UNIT(...) SEND(&centre, UNIT_CHANGE, unit_change, ADMIN, __VA_ARGS__)
#define FACILITY(...) SEND(&centre, FACILITY_CHANGE, facility_change, ADMIN, __VA_ARGS__)
    EXPECT(met, UNKNOWN_POST, POST(.post = { 9 }, .point = nowhere));
    EXPECT(met, STALE_REVISION, POST(.post = { 1 }, .point = nowhere, .revision = 99));
    assert_int_equal(centre.last.stale_subject, STALE_POST);
    EXPECT(met, POINT_INVALID, POST(.post = { 1 }, .point = nowhere));
    EXPECT(met, NONE, POST(.post = { 1 }, .point = { 7, 8 }));
    EXPECT(met, UNKNOWN_UNIT, UNIT(.unit = { 9 }, .post = { 9 }, .revision = 99));
    EXPECT(met, UNKNOWN_POST, UNIT(.unit = { 1 }, .post = { 9 }, .revision = 99));
    EXPECT(met, STALE_REVISION, UNIT(.unit = { 1 }, .post = { 1 }, .revision = 99, .retired = 1));
    EXPECT(met, UNIT_ON_DUTY, UNIT(.unit = { 1 }, .post = { 1 }, .retired = 1));
    DO(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_END_SHIFT);
    EXPECT(met, NONE, UNIT(.unit = { 1 }, .post = { 1 }, .retired = 1, .revision = unit_of(&centre, 1)->revision));
    EXPECT(met, TRANSITION, SEND(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_REPAIR));
    EXPECT(met, UNIT_RETIRED, SEND(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT));
    EXPECT(met, NONE, UNIT(.unit = { 1 }, .post = { 1 }));
    EXPECT(met, NONE, SEND(&centre, UNIT_REPORT, unit_report, CREW, .unit = { 1 }, .what = UNIT_EVENT_START_SHIFT));
    EXPECT(met, UNKNOWN_FACILITY, FACILITY(.facility = { 9 }, .revision = 99, .point = nowhere));
    EXPECT(met, STALE_REVISION, FACILITY(.facility = { 1 }, .revision = 99, .point = nowhere));
    EXPECT(met, POINT_INVALID, FACILITY(.facility = { 1 }, .point = nowhere));
    EXPECT(met, NONE, FACILITY(.facility = { 1 }, .revision = facility_of(&centre, 1)->revision));
    centre_destroy(&centre);
}

#define BED(centre, ...) SEND(centre, BED_CHANGE, bed_change, FACILITY, .kind = BED_KIND_ICU, __VA_ARGS__)

static void about_facilities(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 0, 1);
    EXPECT(met, UNKNOWN_FACILITY, SEND(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 9 }));
    EXPECT(met, UNKNOWN_FACILITY, SEND(&centre, FACILITY_REPORT, facility_report, FACILITY, .facility = { 9 }));
    EXPECT(met, TRANSITION,
           SEND(&centre, FACILITY_REPORT, facility_report, FACILITY, .facility = { 1 }, .what = FACILITY_EVENT_REOPEN));
    EXPECT(met, CAUSE_MISSING,
           SEND(&centre, FACILITY_REPORT, facility_report, FACILITY, .facility = { 1 }, .what = FACILITY_EVENT_DIVERT));
    EXPECT(met, UNKNOWN_FACILITY, BED(&centre, .facility = { 9 }, .what = BED_EVENT_RESERVE, .from = BED_STATE_BLOCKED));
    EXPECT(met, NOT_A_REPORT, BED(&centre, .facility = { 1 }, .what = BED_EVENT_RESERVE, .from = BED_STATE_BLOCKED));
    EXPECT(met, NOT_A_REPORT, BED(&centre, .facility = { 1 }, .what = BED_EVENT_OCCUPY, .from = BED_STATE_RESERVED));
    EXPECT(met, TRANSITION, BED(&centre, .facility = { 1 }, .what = BED_EVENT_VACATE, .from = BED_STATE_BLOCKED));
    EXPECT(met, NO_SUCH_BED, BED(&centre, .facility = { 1 }, .what = BED_EVENT_VACATE, .from = BED_STATE_OCCUPIED));
    DO(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 1 }, .kind = BED_KIND_ICU, .available = 1);
    EXPECT(met, NO_SUCH_BED, BED(&centre, .facility = { 1 }, .what = BED_EVENT_VACATE, .from = BED_STATE_OCCUPIED));
    EXPECT(met, NONE, BED(&centre, .facility = { 1 }, .what = BED_EVENT_OCCUPY, .from = BED_STATE_AVAILABLE));
    EXPECT(met, NO_SUCH_BED, BED(&centre, .facility = { 1 }, .what = BED_EVENT_OCCUPY, .from = BED_STATE_AVAILABLE));
    centre_destroy(&centre);
}

/* The largest counts that a facility may state leave room for every change: no count can run over. */
static void bed_counts_cannot_run_over(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    EXPECT(met, MALFORMED, SEND(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 1 }, .occupied = 65535));
    EXPECT(met, NONE,
           SEND(&centre, BEDS_SET, beds_set, FACILITY, .facility = { 1 }, .kind = BED_KIND_ICU, .available = 10000,
                .occupied = 10000, .blocked = 10000, .converting = 10000));
    for (int i = 0; i < 10000; i++) {
        EXPECT(met, NONE, BED(&centre, .facility = { 1 }, .what = BED_EVENT_OCCUPY, .from = BED_STATE_AVAILABLE));
    }
    assert_int_equal(facility_of(&centre, 1)->beds[BED_KIND_ICU][BED_STATE_OCCUPIED], 20000);
    centre_destroy(&centre);
}

/* ---- what every command can meet ---- */

static void malformed_and_unknown(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    struct command_call_triage good;
    COMMAND_BEGIN(&good, CALL_TRIAGE, ACTOR_KIND_SEAT);
    good.call.v = centre_located_call(&centre);
    good.units_wanted = 1;
    const struct command_head *head = &good.head;
    for (size_t size = 0; size < sizeof good; size++) {
        EXPECT(met, MALFORMED, centre_send(&centre, head, size));
    }
    static unsigned char long_one[COMMAND_SIZE_MAX + 8] __attribute__((aligned(8)));
    memcpy(long_one, &good, sizeof good);
    EXPECT(met, MALFORMED, centre_send(&centre, (const struct command_head *)(const void *)long_one, sizeof long_one));
    struct command_call_triage bad = good;
    bad.head.kind = 9;
    bad.head.actor_kind = 99;
    EXPECT(met, UNKNOWN_COMMAND, centre_send(&centre, &bad.head, sizeof bad));
    bad.head.kind = UINT16_MAX;
    EXPECT(met, UNKNOWN_COMMAND, centre_send(&centre, &bad.head, sizeof bad));
    bad.head.kind = COMMAND_CALL_TRIAGE;
    EXPECT(met, MALFORMED, centre_send(&centre, &bad.head, sizeof bad));
    static const size_t offsets[] = {
        offsetof(struct command_call_triage, priority),     offsetof(struct command_call_triage, reserved),
        offsetof(struct command_call_triage, reserved) + 1, offsetof(struct command_head, version),
        offsetof(struct command_call_triage, units_wanted), offsetof(struct command_head, size)
    };
    for (size_t i = 0; i < ARRAY_LENGTH(offsets); i++) {
        bad = good;
        ((unsigned char *)&bad)[offsets[i]] = 65;
        EXPECT(met, MALFORMED, centre_send(&centre, &bad.head, sizeof bad));
    }
    bad = good;
    bad.units_wanted = 0;
    EXPECT(met, MALFORMED, centre_send(&centre, &bad.head, sizeof bad));
    EXPECT(met, NONE, centre_send(&centre, head, sizeof good));
    centre_destroy(&centre);
}

/* Every command from every actor: refused as wrong_actor by exactly those that the schema does not name. */
static void every_command_from_every_actor(void **state)
{
    struct met *met = *state;
    uint64_t seed = 5;
    for (uint16_t code = 0; code <= COMMAND_KIND_MAX; code++) {
        const struct schema_kind *kind = command_kind(code);
        for (uint8_t actor = 0; kind != NULL && actor < ACTOR_KIND_COUNT; actor++) {
            struct centre centre;
            centre_begin(&centre, 1, 1);
            _Alignas(8) unsigned char bytes[RANDOM_COMMAND_SIZE];
            struct command_head *head;
            do {
                head = random_command(&seed, centre.core, code, bytes);
            } while (!command_is_well_formed(head, head->size));
            head->actor_kind = actor;
            if ((kind->actors >> actor & 1) == 0) {
                head->occurred_at = INSTANT_NEVER;
                EXPECT(met, WRONG_ACTOR, centre_send(&centre, head, head->size));
            } else {
                assert_int_not_equal(centre_send(&centre, head, head->size), REFUSED_WRONG_ACTOR);
                head->occurred_at = INSTANT_NEVER;
                EXPECT(met, OCCURRED_IN_FUTURE, centre_send(&centre, head, head->size));
            }
            centre_destroy(&centre);
        }
    }
}

static void a_clock_that_runs_ahead_is_borne_so_far(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    struct command_call_offer offer;
    COMMAND_BEGIN(&offer, CALL_OFFER, ACTOR_KIND_SYSTEM);
    offer.head.occurred_at = (struct instant){ centre.now.us + FUTURE_TOLERANCE_S * US_PER_SECOND + 1 };
    EXPECT(met, OCCURRED_IN_FUTURE, centre_send(&centre, &offer.head, sizeof offer));
    offer.head.occurred_at.us -= 1;
    EXPECT(met, NONE, centre_send(&centre, &offer.head, sizeof offer));
    assert_int_equal(call_of(&centre, centre.last.made)->offered_at.us, offer.head.occurred_at.us);
    offer.head.occurred_at = (struct instant){ centre.now.us - US_PER_DAY };
    EXPECT(met, NONE, centre_send(&centre, &offer.head, sizeof offer)); /* entered a day late, without lying about time */
    const struct entry_head *entry = test_journal_entry(&centre.log, centre.log.count);
    assert_int_equal(entry->entered_at.us, centre.now.us);
    assert_int_equal(((const struct event_call_offered *)entry_first_event(entry))->occurred_at.us, offer.head.occurred_at.us);
    /* The host's clock steps back: entries never do. */
    centre.now.us -= US_PER_HOUR;
    EXPECT(met, NONE, SEND(&centre, CALL_OFFER, call_offer, SYSTEM));
    assert_int_equal(test_journal_entry(&centre.log, centre.log.count)->entered_at.us, entry->entered_at.us);
    centre_destroy(&centre);
}

/* Effects that nobody fetches fill the outbox: refused by name, and taken again once they have left. */
static void an_outbox_that_nobody_empties(void **state)
{
    struct met *met = *state;
    struct centre centre;
    struct error error;
    struct effect effect;
    centre_begin(&centre, 1, 1);
    uint32_t mission = centre_assign(&centre, centre_incident(&centre, PRIORITY_URGENT, 0, 1), 1);
    MUST(&centre, centre_report(&centre, mission, MISSION_EVENT_ARRIVE));
    struct command_transport_request ask;
    COMMAND_BEGIN(&ask, TRANSPORT_REQUEST, ACTOR_KIND_CREW);
    ask.mission.v = mission;
    uint32_t asked = 0;
    do {
        assert_int_equal(engine_step(centre.engine, &ask.head, sizeof ask, centre.now, &centre.last, &error), STATUS_OK);
        asked++;
    } while (centre.last.refusal == REFUSED_NONE && asked <= EFFECTS_MAX);
    EXPECT(met, OUTBOX_FULL, SEND(&centre, TIME_PASSED, time_passed, SYSTEM));
    assert_int_equal(engine_commit(centre.engine, &error), STATUS_OK);
    while (engine_next_effect(centre.engine, &effect)) {
    }
    EXPECT(met, NONE, SEND(&centre, TIME_PASSED, time_passed, SYSTEM));
    centre_destroy(&centre);
}

/* ---- idempotency ---- */

static struct engine *replayed(const struct centre *centre)
{
    struct engine *engine = test_engine(&centre->limits, NULL);
    struct error error;
    for (uint64_t sequence = 1; sequence <= centre->log.count; sequence++) {
        CHECK(engine_apply_entry(engine, test_journal_entry(&centre->log, sequence), &error) == STATUS_OK);
    }
    return engine;
}

static void the_same_key_twice_is_done_once(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    EXPECT(met, NONE, SEND_KEYED(&centre, 1, CALL_OFFER, call_offer, SYSTEM, .external = 70));
    const struct step_result first = centre.last;
    assert_false(first.repeated);
    centre_wait(&centre, 100);
    EXPECT(met, NONE, SEND_KEYED(&centre, 1, CALL_OFFER, call_offer, SYSTEM, .external = 70));
    assert_true(centre.last.repeated && centre.last.made == first.made && centre.last.sequence == first.sequence);
    assert_int_equal(centre.core->head->calls_open, 1);

    /* A refused command leaves no key behind: put right, it is done. */
    EXPECT(met, UNKNOWN_CALL, SEND_KEYED(&centre, 2, CALL_ANSWER, call_answer, SEAT, .call = { 99 }));
    EXPECT(met, NONE, SEND_KEYED(&centre, 2, CALL_ANSWER, call_answer, SEAT, .call = { first.made }));
    assert_false(centre.last.repeated);
    /* What would be refused now was done then. */
    EXPECT(met, NONE, SEND_KEYED(&centre, 2, CALL_ANSWER, call_answer, SEAT, .call = { first.made }));
    assert_true(centre.last.repeated);
    /* A wrong sender learns nothing from a key. */
    EXPECT(met, WRONG_ACTOR, SEND_KEYED(&centre, 2, CALL_ANSWER, call_answer, CREW, .call = { first.made }));

    /* Another process that has read the journal answers the same. */
    struct engine *again = replayed(&centre);
    engine_destroy(centre.engine);
    centre.engine = again;
    centre.core = engine_core(again);
    EXPECT(met, NONE, SEND_KEYED(&centre, 1, CALL_OFFER, call_offer, SYSTEM, .external = 70));
    assert_true(centre.last.repeated && centre.last.made == first.made && centre.last.sequence == first.sequence);
    centre_destroy(&centre);
}

/* The newest limits.keys keys are remembered, older ones are not. */
static void old_keys_are_forgotten(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 0, 0);
    for (uint32_t key = 1; key <= 17; key++) {
        EXPECT(met, NONE, SEND_KEYED(&centre, key, CALL_OFFER, call_offer, SYSTEM));
        assert_false(centre.last.repeated);
    }
    for (uint32_t key = 2; key <= 17; key++) {
        EXPECT(met, NONE, SEND_KEYED(&centre, key, CALL_OFFER, call_offer, SYSTEM));
        assert_true(centre.last.repeated && centre.last.made == key);
    }
    EXPECT(met, NONE, SEND_KEYED(&centre, 1, CALL_OFFER, call_offer, SYSTEM));
    assert_false(centre.last.repeated);
    centre_destroy(&centre);
}

/* As many rules as a command may carry would not fit beside one another among the events of an entry. */
static void more_rules_than_priorities(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    const uint32_t counts[] = { PRIORITY_COUNT + 1,
                                (COMMAND_SIZE_MAX - sizeof(struct command_policy_set)) / sizeof(struct priority_rule) };
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        size_t size = sizeof(struct command_policy_set) + counts[i] * sizeof(struct priority_rule);
        struct command_policy_set *command = calloc(1, size);
        assert_non_null(command);
        COMMAND_BEGIN(command, POLICY_SET, ACTOR_KIND_ADMIN);
        command->head.size = (uint32_t)size;
        command->count = counts[i];
        EXPECT(met, MALFORMED, centre_send(&centre, &command->head, size));
        free(command);
    }
    centre_destroy(&centre);
}

/* Times so long ago that their distance from now has no number. */
static void before_there_were_telephones(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    struct command_call_offer offer;
    COMMAND_BEGIN(&offer, CALL_OFFER, ACTOR_KIND_SYSTEM);
    offer.head.occurred_at.us = INT64_MIN + 1;
    EXPECT(met, MALFORMED, centre_send(&centre, &offer.head, sizeof offer));
    offer.head.occurred_at.us = centre.now.us - PAST_TOLERANCE_S * US_PER_SECOND - 1;
    EXPECT(met, MALFORMED, centre_send(&centre, &offer.head, sizeof offer));
    offer.head.occurred_at.us += 1;
    EXPECT(met, NONE, centre_send(&centre, &offer.head, sizeof offer));
    centre_destroy(&centre);
}

/* Protocol 1: step 1 leads on, elsewhere, to a step that is not there, to the end; step 2 back to 1. */
static const struct protocol_answer FIRST[] = {
    { .step = 1, .answer = 1, .to_step = 2 },
    { .step = 1, .answer = 2, .to_protocol = 9 },
    { .step = 1, .answer = 3, .to_protocol = 2, .to_step = 2 },
    { .step = 1, .answer = 4 },
    { .step = 2, .answer = 1, .to_step = 1 },
};
static const struct protocol_answer SECOND[] = { { .step = 1, .answer = 1 } };

static void loading_protocols(void **state)
{
    struct met *met = *state;
    struct centre centre;
    struct protocol_answer answers[17] = { { .step = 1, .answer = 1 } };
    centre_create(&centre, TEST_LIMITS); /* 4 protocols, 16 answers */
    EXPECT(met, CENTRE_NOT_OPEN, centre_protocol(&centre, 1, 1, 1, answers, 0));
    DO(&centre, CENTRE_OPEN, centre_open, ADMIN);
    EXPECT(met, MALFORMED, centre_protocol(&centre, 0, 1, 1, answers, 1));
    EXPECT(met, MALFORMED, centre_protocol(&centre, 256, 1, 1, answers, 1));
    EXPECT(met, MALFORMED, centre_protocol(&centre, 1, 0, 1, answers, 1));
    EXPECT(met, MALFORMED, centre_protocol(&centre, 1, 1, 1, answers, 0)); /* nothing to ask */
    EXPECT(met, MALFORMED, centre_protocol(&centre, 1, 1, 0, answers, 1));
    EXPECT(met, MALFORMED, centre_protocol(&centre, 1, 1, 2, answers, 1)); /* begins at a step that is not there */
    const struct protocol_answer wrong[][2] = {
        { { .step = 2, .answer = 1 }, { .step = 2, .answer = 2 } }, /* no step 1 */
        { { .step = 1, .answer = 2 }, { .step = 1, .answer = 3 } }, /* no answer 1 */
        { { .step = 1, .answer = 1 }, { .step = 1, .answer = 1 } }, /* the same twice */
        { { .step = 1, .answer = 1 }, { .step = 1, .answer = 3 } }, /* a gap */
        { { .step = 1, .answer = 1 }, { .step = 2, .answer = 2 } },
        { { .step = 1, .answer = 1 }, { .step = 3, .answer = 1 } },
        { { .step = 2, .answer = 1 }, { .step = 1, .answer = 1 } },               /* out of order */
        { { .step = 1, .answer = 1 }, { .step = 2, .answer = 1, .to_step = 3 } }, /* leads nowhere */
        { { .step = 1, .answer = 1, .to_protocol = 1, .to_step = 3 }, { .step = 2, .answer = 1 } },
        { { .step = 1, .answer = 1, .needs = 1u << 31 }, { .step = 2, .answer = 1 } }, /* an unknown label */
        { { .step = 1, .answer = 1, .effect = PRIORITY_EFFECT_COUNT }, { .step = 2, .answer = 1 } },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        EXPECT(met, MALFORMED, centre_protocol(&centre, 1, 1, 1, wrong[i], 2));
    }
    for (uint32_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        answers[i] = (struct protocol_answer){ .step = (uint8_t)(1 + i), .answer = 1 };
    }
    EXPECT(met, TABLE_FULL, centre_protocol(&centre, 1, 1, 1, answers, 17));
    EXPECT(met, NONE, centre_protocol(&centre, 1, 1, 1, answers, 16));
    EXPECT(met, PROTOCOL_HELD, centre_protocol(&centre, 1, 1, 1, answers, 16));
    EXPECT(met, TABLE_FULL, centre_protocol(&centre, 2, 1, 1, answers, 1));
    EXPECT(met, NONE, centre_protocol(&centre, 1, 2, 16, answers, 16)); /* a new version needs no more room */
    EXPECT(met, NONE, centre_protocol(&centre, 1, 3, 1, answers, 1));
    EXPECT(met, PROTOCOL_OLDER, centre_protocol(&centre, 1, 2, 16, answers, 16));
    for (uint32_t number = 2; number <= 4; number++) {
        EXPECT(met, NONE, centre_protocol(&centre, number, 1, 1, answers, number));
    }
    EXPECT(met, TABLE_FULL, centre_protocol(&centre, 5, 1, 1, answers, 1));
    EXPECT(met, NONE, centre_protocol(&centre, 2, 2, 3, answers, 3)); /* in the middle of the others */
    assert_int_equal(core_protocol(centre.core, 4)->step_count, 4);
    centre_destroy(&centre);
}

#define BEGIN(met, REFUSAL, ...) EXPECT(met, REFUSAL, SEND(&centre, TRIAGE_BEGIN, triage_begin, SEAT, __VA_ARGS__))
#define ANSWER(met, REFUSAL, ...) EXPECT(met, REFUSAL, SEND(&centre, TRIAGE_ANSWER, triage_answer, SEAT, __VA_ARGS__))
#define BACK(met, REFUSAL, ...) EXPECT(met, REFUSAL, SEND(&centre, TRIAGE_BACK, triage_back, SEAT, __VA_ARGS__))

static void asking_by_protocols(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 0);
    MUST(&centre, centre_protocol(&centre, 1, 1, 1, FIRST, ARRAY_LENGTH(FIRST)));
    MUST(&centre, centre_protocol(&centre, 2, 1, 1, SECOND, ARRAY_LENGTH(SECOND)));
    uint32_t call = DO(&centre, CALL_OFFER, call_offer, SYSTEM);
    BEGIN(met, UNKNOWN_CALL, .call = { 9 }, .revision = 9, .protocol = 9, .step = 9);
    BEGIN(met, STALE_REVISION, .call = { call }, .revision = 9, .protocol = 9, .step = 9);
    BEGIN(met, TRANSITION, .call = { call }, .protocol = 9, .step = 9);
    ANSWER(met, UNKNOWN_CALL, .call = { 9 }, .protocol = 9, .step = 9, .answer = 9);
    ANSWER(met, TRANSITION, .call = { call }, .protocol = 9, .step = 9, .answer = 9);
    BACK(met, UNKNOWN_CALL, .call = { 9 }, .protocol = 9, .step = 9);
    BACK(met, TRANSITION, .call = { call }, .protocol = 9, .step = 9);
    DO(&centre, CALL_ANSWER, call_answer, SEAT, .call = { call });
    BEGIN(met, UNKNOWN_PROTOCOL, .call = { call }, .protocol = 9, .step = 9);
    BEGIN(met, UNKNOWN_STEP, .call = { call }, .protocol = 1, .step = 3);
    ANSWER(met, NOT_ASKED, .call = { call }, .protocol = 9, .step = 9, .answer = 9);
    BACK(met, NOT_ASKED, .call = { call }, .protocol = 9, .step = 9);
    BEGIN(met, NONE, .call = { call }, .protocol = 1);
    ANSWER(met, STEP_PASSED, .call = { call }, .protocol = 2, .step = 1, .answer = 9);
    ANSWER(met, STEP_PASSED, .call = { call }, .protocol = 1, .step = 2, .answer = 9);
    assert_int_equal(centre.last.first.sequence, centre.log.count); /* by whom */
    BACK(met, STEP_PASSED, .call = { call }, .protocol = 1, .step = 2);
    BACK(met, NOTHING_ANSWERED, .call = { call }, .protocol = 1, .step = 1);
    ANSWER(met, MALFORMED, .call = { call }, .protocol = 1, .step = 0, .answer = 1);
    ANSWER(met, UNKNOWN_ANSWER, .call = { call }, .protocol = 1, .step = 1, .answer = 5);
    ANSWER(met, UNKNOWN_PROTOCOL, .call = { call }, .protocol = 1, .step = 1, .answer = 2);
    ANSWER(met, UNKNOWN_STEP, .call = { call }, .protocol = 1, .step = 1, .answer = 3);
    ANSWER(met, NONE, .call = { call }, .protocol = 1, .step = 1, .answer = 1);
    MUST(&centre, centre_protocol(&centre, 1, 2, 1, FIRST, ARRAY_LENGTH(FIRST)));
    ANSWER(met, PROTOCOL_CHANGED, .call = { call }, .protocol = 1, .step = 2, .answer = 9);
    BACK(met, PROTOCOL_CHANGED, .call = { call }, .protocol = 1, .step = 2);
    BEGIN(met, NONE, .call = { call }, .protocol = 1);
    ANSWER(met, NONE, .call = { call }, .protocol = 1, .step = 1, .answer = 4);
    ANSWER(met, STEP_PASSED, .call = { call }, .protocol = 1, .step = 1, .answer = 4);
    BACK(met, STEP_PASSED, .call = { call }, .protocol = 1, .step = 1);
    BACK(met, NONE, .call = { call }, .protocol = 1, .step = 0);
    DO(&centre, CALL_CLOSE, call_close, SEAT, .call = { call });
    BEGIN(met, TRANSITION, .call = { call }, .protocol = 1);
    ANSWER(met, TRANSITION, .call = { call }, .protocol = 1, .step = 1, .answer = 1);
    BACK(met, TRANSITION, .call = { call }, .protocol = 1, .step = 1);
    centre_destroy(&centre);
}

/* A form, with one mission of unit u1 behind it where there is one; its fields may be changed before it is sent. Nothing
 * may stand behind a struct that ends in a list, hence a union. */
union paper_form {
    struct command_paper_enter command;
    struct {
        uint8_t before[sizeof(struct command_paper_enter)];
        struct paper_mission missions[PAPER_MISSIONS_MAX + 1];
    };
};

static struct instant before(const struct centre *centre, int64_t seconds)
{
    return instant_add(centre->now, duration_seconds(-seconds));
}

static union paper_form paper_form(const struct centre *centre, int64_t form)
{
    union paper_form paper;
    COMMAND_BEGIN(&paper.command, PAPER_ENTER, ACTOR_KIND_SEAT);
    memset(paper.missions, 0, sizeof paper.missions);
    paper.command.head.occurred_at = before(centre, 3000);
    paper.command.form = form;
    paper.command.outage_begun_at = before(centre, 3600);
    paper.command.outage_ended_at = before(centre, 60);
    paper.command.answered_at = before(centre, 2990);
    paper.command.located_at = before(centre, 2980);
    paper.command.triaged_at = before(centre, 2970);
    paper.command.recognised_at = paper.command.compressions_at = INSTANT_NONE;
    paper.command.place = (struct geo_point){ 70, 80 };
    paper.command.priority = PRIORITY_SEVERE;
    paper.command.units_wanted = 1;
    paper.command.count = 1;
    paper.missions[0] = (struct paper_mission){ .unit = { 1 },
                                                .taken_to = { 1 },
                                                .assigned_at = before(centre, 2900),
                                                .notified_at = INSTANT_NONE,
                                                .acknowledged_at = INSTANT_NONE,
                                                .departed_at = before(centre, 2880),
                                                .on_scene_at = before(centre, 2500),
                                                .at_patient_at = INSTANT_NONE,
                                                .left_scene_at = before(centre, 2000),
                                                .at_facility_at = before(centre, 1500),
                                                .handed_over_at = before(centre, 1200),
                                                .available_at = before(centre, 1000),
                                                .back_at_post_at = INSTANT_NONE };
    return paper;
}

static enum refusal send_paper(struct centre *centre, const union paper_form *paper)
{
    _Alignas(8) unsigned char bytes[sizeof *paper];
    size_t size = sizeof paper->command + paper->command.count * sizeof paper->missions[0];
    memcpy(bytes, &paper->command, sizeof paper->command);
    memcpy(bytes + sizeof paper->command, paper->missions, sizeof paper->missions);
    ((struct command_head *)(void *)bytes)->size = (uint32_t)size;
    return centre_send(centre, (const struct command_head *)(const void *)bytes, size);
}

static void papers_that_do_not_fit(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    centre_wait(&centre, 10000);
    union paper_form paper = paper_form(&centre, 97 * 5 + 1);
    paper.command.head.occurred_at = INSTANT_NONE;
    EXPECT(met, MALFORMED, send_paper(&centre, &paper));
    paper.command.head.occurred_at = before(&centre, 3000);
    paper.command.place = (struct geo_point){ 0, 0 };
    EXPECT(met, MALFORMED, send_paper(&centre, &paper));
    paper.command.place = (struct geo_point){ 70, 80 };
    paper.command.units_short = 2;
    EXPECT(met, MALFORMED, send_paper(&centre, &paper));
    paper.command.units_short = 0;
    paper.command.result = PAPER_RESULT_NO_UNIT;
    EXPECT(met, MALFORMED, send_paper(&centre, &paper));
    paper.command.result = PAPER_RESULT_INCIDENT;
    paper.command.linked_to.v = 1;
    EXPECT(met, MALFORMED, send_paper(&centre, &paper));
    paper.command.linked_to.v = 0;
    paper.command.count = PAPER_MISSIONS_MAX + 1;
    EXPECT(met, MALFORMED, send_paper(&centre, &paper));
    paper.command.count = 1;
    paper.command.form += 1;
    EXPECT(met, FORM_INVALID, send_paper(&centre, &paper));
    centre_destroy(&centre);
}

static void papers_in_their_order(void **state)
{
    struct met *met = *state;
    struct centre centre;
    centre_begin(&centre, 1, 1);
    centre_wait(&centre, 10000);
    union paper_form paper = paper_form(&centre, 97 * 5 + 1);
    paper.command.outage_ended_at = before(&centre, -1);
    paper.command.answered_at = before(&centre, -1);
    paper.command.triaged_at = before(&centre, 3010);
    paper.command.place = nowhere;
    paper.missions[0].unit.v = 9;
    paper.missions[0].taken_to.v = 9;
    EXPECT(met, OUTSIDE_OUTAGE, send_paper(&centre, &paper));
    paper.command.outage_ended_at = before(&centre, 3000); /* it rang when that was over */
    EXPECT(met, OUTSIDE_OUTAGE, send_paper(&centre, &paper));
    paper.command.outage_ended_at = centre.now;
    EXPECT(met, OCCURRED_IN_FUTURE, send_paper(&centre, &paper));
    paper.command.answered_at = before(&centre, 3005);
    EXPECT(met, TIMES_OUT_OF_ORDER, send_paper(&centre, &paper));
    paper.command.answered_at = paper.command.triaged_at = before(&centre, 2990);
    paper.missions[0].left_scene_at = before(&centre, 2600);
    EXPECT(met, TIMES_OUT_OF_ORDER, send_paper(&centre, &paper));
    paper.missions[0].left_scene_at = before(&centre, 2000);
    EXPECT(met, POINT_INVALID, send_paper(&centre, &paper));
    paper.command.place = (struct geo_point){ 70, 80 };
    EXPECT(met, UNKNOWN_UNIT, send_paper(&centre, &paper));
    paper.missions[0].unit.v = 1;
    EXPECT(met, UNKNOWN_FACILITY, send_paper(&centre, &paper));
    paper.missions[0].taken_to.v = 1;
    EXPECT(met, NONE, send_paper(&centre, &paper));
    uint64_t first = centre.last.sequence;
    EXPECT(met, FORM_ENTERED, send_paper(&centre, &paper));
    assert_int_equal(centre.last.first.sequence, first);
    paper.command.form += 97; /* another form, and the same unit at the same time */
    EXPECT(met, UNIT_WAS_ELSEWHERE, send_paper(&centre, &paper));
    paper.command.count = 0;
    paper.command.units_wanted = 0;
    paper.command.result = PAPER_RESULT_LINKED;
    paper.command.linked_to.v = 9;
    EXPECT(met, UNKNOWN_INCIDENT, send_paper(&centre, &paper));
    paper.command.linked_to.v = 1;
    EXPECT(met, NONE, send_paper(&centre, &paper));
    centre_destroy(&centre);
}

/* Runs last: the tests above met every refusal that exists. */
static void every_refusal_was_met(void **state)
{
    const struct met *met = *state;
    for (uint32_t i = 0; i < REFUSED_COUNT; i++) {
        if (!met->refusal[i]) {
            print_error("never met: %s\n", refusal_name((enum refusal)i));
        }
        assert_true(met->refusal[i]);
    }
}

int main(void)
{
    static struct met met;
#define TEST(function) cmocka_unit_test_prestate(function, &met)
    const struct CMUnitTest tests[] = {
        TEST(setting_up),
        TEST(about_calls),
        TEST(linking_a_call),
        TEST(a_full_table_has_room_for_critical_incidents),
        TEST(answering_travel_times),
        TEST(sending_a_unit),
        TEST(two_hands_on_one_unit),
        TEST(the_second_is_told_who_was_first),
        TEST(acknowledging_an_alarm),
        TEST(positions_of_many_units),
        TEST(when_a_reason_is_owed),
        TEST(changing_an_incident),
        TEST(working_on_a_mission),
        TEST(choosing_a_destination),
        TEST(about_units),
        TEST(about_patients),
        TEST(writing_and_reading),
        TEST(changing_what_was_entered),
        TEST(about_facilities),
        TEST(bed_counts_cannot_run_over),
        TEST(malformed_and_unknown),
        TEST(more_rules_than_priorities),
        TEST(before_there_were_telephones),
        TEST(every_command_from_every_actor),
        TEST(a_clock_that_runs_ahead_is_borne_so_far),
        TEST(an_outbox_that_nobody_empties),
        TEST(the_same_key_twice_is_done_once),
        TEST(old_keys_are_forgotten),
        TEST(loading_protocols),
        TEST(asking_by_protocols),
        TEST(papers_that_do_not_fit),
        TEST(papers_in_their_order),
        TEST(every_refusal_was_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
